//! fisc.

pub mod verify_logs;
