//! End-to-end: the real `encryption` binary, in one program: each test program links the SDK anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod at_rest;
mod ebs_default;
mod evaluations;
mod exemptions;
mod key_lifecycle;
mod key_policy;
#[path = "../support.rs"]
mod support;
