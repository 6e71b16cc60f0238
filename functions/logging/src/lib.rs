//! The logging domain.

pub mod digest;
