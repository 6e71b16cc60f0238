//! The detection domain: who looks at the records, and whom an alarm reaches.

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[];
