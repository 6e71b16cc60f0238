//! End-to-end: the real `logging` binary, in one program: each test program links the SDK anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod access;
mod archive;
mod classified;
mod digests;
mod dns;
mod sessions;
#[path = "../support.rs"]
mod support;
mod time;
mod trail;
