//! End-to-end: the real `secrets` binary, in one program: each test program links the SDK anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod evaluations;
mod rotation;
#[path = "../support.rs"]
mod support;
