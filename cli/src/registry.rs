//! All controls.

use fisc_shared::Control;

/// The controls of every domain, by domain and in the order of the domain's list.
#[must_use]
pub fn all() -> Vec<&'static Control> {
    [
        fisc_identity::CONTROLS,
        fisc_secrets::CONTROLS,
        fisc_encryption::CONTROLS,
        fisc_transport::CONTROLS,
        fisc_data::CONTROLS,
        fisc_network::CONTROLS,
        fisc_logging::CONTROLS,
        fisc_detection::CONTROLS,
        fisc_operations::CONTROLS,
        fisc_governance::CONTROLS,
        fisc_resilience::CONTROLS,
    ]
    .concat()
}

/// The control with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Control> {
    all().into_iter().find(|control| control.id == id)
}

/// The ids of all controls.
#[must_use]
pub fn ids() -> Vec<&'static str> {
    all().into_iter().map(|control| control.id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn ids_are_unique_and_found() {
        let unique: BTreeSet<_> = ids().into_iter().collect();
        assert_eq!(unique.len(), all().len());
        for id in unique {
            assert_eq!(find(id).unwrap().id, id);
        }
        assert!(find("no-such-control").is_none());
    }
}
