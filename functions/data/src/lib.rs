//! The data domain: where data is, who can reach it, and how long it stays.

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[];
