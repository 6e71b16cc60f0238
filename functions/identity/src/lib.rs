//! The identity domain: who may act, and with what credentials.

mod credential_report;
pub mod iam_least_privilege;
pub mod iam_trust_policy;
pub mod iam_user_mfa;
mod managed_policies;
pub mod root_mfa;
pub mod root_usage;
mod root_user;
mod users;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[
    &root_mfa::CONTROL,
    &root_usage::CONTROL,
    &iam_user_mfa::CONTROL,
    &iam_least_privilege::CONTROL,
    &iam_trust_policy::CONTROL,
];
