//! Which resources are judged, by their tags.

use std::collections::BTreeMap;

use fisc_shared::item::ItemError;
use fisc_shared::{ConfigurationItem, Remark, Run, Verdict};

use super::declared::{NON_PRODUCTION_TAG, SCOPE_TAG};
use super::remarks::{NOT_PRODUCTION, OUTSIDE_SCOPE_TAG};
use fisc_shared::item::{has_tag, in_scope};

/// Whether a parameter makes the tags of resources matter.
pub(super) fn matters(run: &Run<'_>) -> bool {
    !run.parameters.get(&SCOPE_TAG).is_empty()
        || !run.parameters.get(&NON_PRODUCTION_TAG).is_empty()
}

/// Why a resource with these tags is not judged, if it is not.
pub(super) fn left_out(tags: &BTreeMap<String, String>, run: &Run<'_>) -> Option<&'static Remark> {
    let scope = run.parameters.get(&SCOPE_TAG);
    if !in_scope(tags, &scope) {
        return Some(&OUTSIDE_SCOPE_TAG);
    }
    has_tag(tags, &run.parameters.get(&NON_PRODUCTION_TAG)).then_some(&NOT_PRODUCTION)
}

/// The verdict on an item that its tags leave out.
pub(super) fn outside(
    item: &ConfigurationItem,
    run: &Run<'_>,
) -> Result<Option<Verdict>, ItemError> {
    if !matters(run) {
        return Ok(None);
    }
    Ok(left_out(&item.all_tags()?, run).map(Verdict::not_applicable))
}
