//! End-to-end: the real `resilience` binary, in one program: each test program links the SDK anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod backup;
mod balancers;
mod recovery;
mod regions;
mod restore;
#[path = "../support.rs"]
mod support;
mod zones;
