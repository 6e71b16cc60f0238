//! The readers that live in crates with many SDKs, compiled by themselves: a fuzzer needs a reader
//! instrumented, not seventy clients of AWS.

#![allow(dead_code, reason = "only the readers of these modules are run here")]

#[path = "../../functions/identity/src/credential_report.rs"]
mod credential_report;
pub mod digest;
#[path = "../../functions/findings/src/error.rs"]
pub mod error;
#[path = "../../cli/src/input/mod.rs"]
pub mod input;
#[path = "../../functions/findings/src/message.rs"]
pub mod message;

/// See the module of the same name in the identity domain.
pub fn credential_report(data: &[u8]) {
    credential_report::hostile::credential_report(data);
}
