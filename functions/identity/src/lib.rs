//! The identity domain: who may act, and with what credentials.

pub mod access_analyzer;
mod account_details;
mod age;
pub mod cognito_authentication;
mod credential_report;
pub mod federation;
pub mod iam_access_keys;
pub mod iam_least_privilege;
pub mod iam_password_policy;
pub mod iam_permissions_boundary;
pub mod iam_source_restriction;
pub mod iam_trust_policy;
pub mod iam_unused_access;
pub mod iam_user_mfa;
mod managed_policies;
mod rights;
pub mod root_mfa;
pub mod root_usage;
mod root_user;
#[cfg(test)]
mod testing;
mod users;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[
    &root_mfa::CONTROL,
    &root_usage::CONTROL,
    &iam_user_mfa::CONTROL,
    &iam_access_keys::CONTROL,
    &iam_unused_access::CONTROL,
    &iam_password_policy::CONTROL,
    &iam_least_privilege::CONTROL,
    &iam_trust_policy::CONTROL,
    &iam_permissions_boundary::CONTROL,
    &iam_source_restriction::CONTROL,
    &access_analyzer::CONTROL,
    &federation::CONTROL,
    &cognito_authentication::CONTROL,
];
