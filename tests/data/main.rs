//! End-to-end: the real `data` binary, in one program: each test program links the SDK anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod buckets;
mod evaluations;
mod exposure;
mod stubs;
#[path = "../support.rs"]
mod support;
