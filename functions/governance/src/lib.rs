//! The governance domain: accounts, their owners and what stands ready for an incident or an audit.

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[];
