//! End-to-end: the real `operations` binary, in one program: each test program links the SDK anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod alarms;
mod change;
mod evaluations;
mod nodes;
#[path = "../support.rs"]
mod support;
mod versions;
