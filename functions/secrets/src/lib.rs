//! The secrets domain: passwords, keys and tokens of applications.

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[];
