//! The governance domain: accounts, their owners and what stands ready for an incident or an audit.

use fisc_shared::Control;

pub mod account_governance;
pub mod audit_evidence;
pub mod cost_visibility;
pub mod incident_response;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[
    &account_governance::CONTROL,
    &audit_evidence::CONTROL,
    &cost_visibility::CONTROL,
    &incident_response::CONTROL,
];
