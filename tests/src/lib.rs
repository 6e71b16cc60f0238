//! The test kit: an emulated AWS and a Lambda Runtime API, strict as the real ones.
//!
//! The tests run the real binaries against it, so everything from the event's parsing to the
//! SDK's retries is under test.

// A test fails by panicking; an error type of the kit's own would only hide where.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stderr
)]

pub mod aws;
pub mod digests;
pub mod events;
pub mod queue;
pub mod runtime;
