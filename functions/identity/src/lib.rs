//! The identity domain: who may act, and with what credentials.

mod credential_report;
pub mod root_mfa;
pub mod root_usage;
mod root_user;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[&root_mfa::CONTROL, &root_usage::CONTROL];
