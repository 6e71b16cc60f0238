//! The identity domain: who may act, and with what credentials.

mod account_details;
mod age;
mod credential_report;
pub mod iam_access_keys;
pub mod iam_password_policy;
pub mod iam_unused_access;
pub mod iam_user_mfa;
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
];
