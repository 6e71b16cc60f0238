//! End-to-end: the real `identity` binary, in one program: each test program links the SDK anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod credentials;
mod evaluations;
mod policies;
mod services;
mod sources;
#[path = "../support.rs"]
mod support;
