//! Whether zones are enough.

use std::collections::BTreeSet;

use fisc_shared::verdict::{Failures, Reason};
use fisc_shared::{Message, Requirement, Run, Verdict, message};

use super::declared::MIN_AVAILABILITY_ZONES;

/// Distinct zones.
pub(super) type Zones = BTreeSet<String>;

/// Whether there are at least as many zones as asked for.
pub(super) fn suffices(zones: usize, run: &Run<'_>) -> bool {
    i64::try_from(zones).is_ok_and(|zones| zones >= run.parameters.get(&MIN_AVAILABILITY_ZONES))
}

/// Fails `requirement` when there are too few zones.
pub(super) fn require(
    failures: &mut Failures,
    requirement: &Requirement,
    zones: &Zones,
    run: &Run<'_>,
) {
    if !suffices(zones.len(), run) {
        failures.because(requirement, too_few(zones, run));
    }
}

/// The verdict that zones alone decide.
pub(super) fn verdict(
    requirement: &Requirement,
    zones: &Zones,
    notes: Vec<Reason>,
    run: &Run<'_>,
) -> Verdict {
    let mut failures = Failures::new();
    require(&mut failures, requirement, zones, run);
    failures.into_verdict_with(notes)
}

fn too_few(zones: &Zones, run: &Run<'_>) -> Message {
    let wanted = run.parameters.get(&MIN_AVAILABILITY_ZONES);
    let names: Vec<&str> = zones.iter().map(String::as_str).collect();
    if names.is_empty() {
        return message!(
            "In no Availability Zone; {wanted} are asked for",
            "アベイラビリティゾーンに配置されていません(必要数 {wanted})"
        );
    }
    let names = names.join(", ");
    message!(
        "Only in {names}; {wanted} Availability Zones are asked for",
        "{names} だけに配置されています(必要なアベイラビリティゾーン数 {wanted})"
    )
}
