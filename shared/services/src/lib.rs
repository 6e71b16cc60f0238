//! Readers of AWS services that controls of several domains ask.
//!
//! They are not part of `fisc-shared` so that a domain which needs none of them does not wait
//! for their SDK crates.

pub mod alerts;
pub mod account_block;
mod global;
pub mod organization;
pub mod parameter_groups;
pub mod regions;

pub use alerts::Alerts;
pub use account_block::AccountBlock;
pub use organization::{Organization, Organizations};
pub use regions::Regions;
