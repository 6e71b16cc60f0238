//! The encryption domain: keys and what they protect.

pub mod kms_key_policy;
pub mod kms_key_rotation;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[&kms_key_rotation::CONTROL, &kms_key_policy::CONTROL];
