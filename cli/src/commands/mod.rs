//! The commands beside `scan`.

pub mod controls;
pub mod explain;
pub mod invoke;
