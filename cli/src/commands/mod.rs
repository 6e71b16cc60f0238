//! The commands beside `scan`.

pub mod controls;
pub mod coverage;
pub mod explain;
pub mod invoke;
pub mod report;
