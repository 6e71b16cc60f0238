//! End-to-end: the real `transport` binary, in one program: each test program links the SDK anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod evaluations;
mod links;
mod services;
#[path = "../support.rs"]
mod support;
