//! End-to-end: the real `network` binary, in one program: each test program links the SDK anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod evaluations;
mod instances;
mod protection;
#[path = "../support.rs"]
mod support;
mod vpc;
mod waf;
