//! Readers of AWS services that controls of several domains ask.
//!
//! They are not part of `fisc-shared` so that a domain which needs none of them does not wait
//! for their SDK crates.

pub mod account_block;
pub mod alarms;
pub mod alerts;
pub mod buckets;
pub mod direct_connect;
pub mod global;
pub mod metric_filters;
pub mod organization;
pub mod parameter_groups;
pub mod per_run;
pub mod policies;
pub mod recorder;
pub mod regions;

pub use account_block::AccountBlock;
pub use alerts::Alerts;
pub use buckets::Buckets;
pub use direct_connect::DirectConnect;
pub use organization::{Organization, Organizations};
pub use per_run::PerRun;
pub use policies::Policies;
pub use recorder::Recorders;
pub use regions::Regions;
