//! The secrets domain: passwords, keys and tokens of applications.

pub mod plaintext_secrets;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[&plaintext_secrets::CONTROL];
