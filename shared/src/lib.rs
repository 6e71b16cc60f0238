//! What every control shares.
//!
//! A control is declared as a [`Control`] and decides with a pure function over a
//! [`ConfigurationItem`] (or over facts that it gathered from a service). Everything else is
//! here: reading the events that AWS Config sends ([`event`]), the dialects of configuration
//! items ([`item`]), parameters ([`parameter`]), the policy language ([`policy`]), what rules of
//! networks let through ([`network`]), what patterns of events match ([`pattern`]), reporting
//! ([`reporter`]) and the Lambda entry point ([`lambda`]).

pub mod aggregator;
pub mod annotation;
pub mod asff;
pub mod aws;
pub mod bucket;
pub mod config_service;
pub mod control;
pub mod ec2;
pub mod error;
pub mod event;
pub mod exemption;
pub mod grant;
#[cfg(any(test, fuzzing))]
pub mod hostile;
pub mod inventory;
pub mod item;
pub mod lambda;
pub mod network;
pub mod parameter;
pub mod pattern;
pub mod policy;
pub mod reporter;
pub mod resource;
pub mod runner;
pub mod text;
pub mod verdict;

pub use control::{
    AccountCheck, Action, Check, Control, Criteria, Domain, Limits, OfAccount, Placement, Remedy,
    Requirement, ServiceCheck, Severity, Trigger, no_item_tells,
};
pub use error::Error;
pub use item::ConfigurationItem;
pub use parameter::Parameters;
pub use resource::{Resource, ResourceType};
pub use runner::Run;
pub use text::{Language, Message, Text};
pub use verdict::{Evaluated, Reason, Remark, Verdict};
