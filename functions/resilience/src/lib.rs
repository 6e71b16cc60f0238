//! The resilience domain: staying up, and coming back.

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[];
