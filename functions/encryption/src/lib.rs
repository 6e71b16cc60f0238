//! The encryption domain: keys and what they protect.

mod customer_key;
pub mod ebs_default_encryption;
pub mod encryption_at_rest;
pub mod kms_key_lifecycle;
pub mod kms_key_policy;
pub mod kms_key_rotation;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[
    &kms_key_rotation::CONTROL,
    &kms_key_lifecycle::CONTROL,
    &kms_key_policy::CONTROL,
    &encryption_at_rest::CONTROL,
    &ebs_default_encryption::CONTROL,
];
