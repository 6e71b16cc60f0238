//! Records of hosted zones: those that fail over, and those that should.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_route53::types::{ResourceRecordSet, ResourceRecordSetFailover, RrType};
use fisc_shared::verdict::Failures;
use fisc_shared::{Run, Verdict};

use super::declared::{
    FAILOVER_RECORD_NAMES, FAILOVER_RECORD_UNCHECKED, FAILOVER_ROUTING_MISSING, NO_FAILOVER_RECORD,
};

/// What fails over by itself: CloudFront and Global Accelerator.
const GLOBAL: [&str; 2] = [".cloudfront.net", ".awsglobalaccelerator.com"];

/// A name as people write it: without the last dot, in small letters.
fn plain(name: &str) -> String {
    name.trim_end_matches('.').replace("\\052", "*").to_ascii_lowercase()
}

/// The verdict on the records of a zone; `marked`: all of them must fail over. `disabled`: the
/// health checks of the account that are.
pub(super) fn judge(
    records: &[ResourceRecordSet],
    marked: bool,
    disabled: &BTreeSet<String>,
    run: &Run<'_>,
) -> Verdict {
    let names: BTreeSet<String> =
        run.parameters.get(&FAILOVER_RECORD_NAMES).iter().map(|name| plain(name)).collect();
    let failing = unchecked(records, disabled);
    let routed: BTreeSet<String> = records
        .iter()
        .filter(|record| record.set_identifier().is_some())
        .map(|record| plain(record.name()))
        .collect();
    let mut in_scope = false;
    let mut simple = BTreeSet::new();
    for record in records {
        let name = plain(record.name());
        let leads = matches!(record.r#type(), RrType::A | RrType::Aaaa | RrType::Cname);
        // Names with an underscore validate domains, and lead nobody anywhere.
        let of_zone = marked && !name.starts_with('_');
        if !leads || !(of_zone || names.contains(&name)) {
            continue;
        }
        in_scope = true;
        if record.set_identifier().is_none() && !leads_on(record, &routed) {
            simple.insert(name);
        }
    }
    if !in_scope && !records.iter().any(|record| record.failover().is_some()) {
        return Verdict::not_applicable(&NO_FAILOVER_RECORD);
    }
    let mut failures = Failures::new();
    let simple: Vec<String> = simple.into_iter().collect();
    for (requirement, names) in
        [(&FAILOVER_RECORD_UNCHECKED, failing), (&FAILOVER_ROUTING_MISSING, simple)]
    {
        if !names.is_empty() {
            failures.because(requirement, requirement.naming(&names));
        }
    }
    failures.into_verdict()
}

/// Whether a simple record is an alias of what fails over.
fn leads_on(record: &ResourceRecordSet, routed: &BTreeSet<String>) -> bool {
    record.alias_target().is_some_and(|alias| {
        let target = plain(alias.dns_name());
        GLOBAL.iter().any(|end| target.ends_with(end)) || routed.contains(&target)
    })
}

/// The names whose failover records do not work.
fn unchecked(records: &[ResourceRecordSet], disabled: &BTreeSet<String>) -> Vec<String> {
    #[derive(Default)]
    struct Pair {
        primary: Option<bool>,
        secondary: bool,
    }
    let mut pairs: BTreeMap<(String, &str), Pair> = BTreeMap::new();
    for record in records {
        let Some(role) = record.failover() else { continue };
        let pair = pairs.entry((plain(record.name()), record.r#type().as_str())).or_default();
        match role {
            ResourceRecordSetFailover::Primary => pair.primary = Some(is_checked(record, disabled)),
            _ => pair.secondary = true,
        }
    }
    let failing =
        pairs.into_iter().filter(|(_, pair)| pair.primary != Some(true) || !pair.secondary);
    let names: BTreeSet<String> = failing.map(|((name, _), _)| name).collect();
    names.into_iter().collect()
}

/// Whether Route 53 notices when what a record leads to fails. A check that is disabled counts as
/// healthy for ever.
fn is_checked(record: &ResourceRecordSet, disabled: &BTreeSet<String>) -> bool {
    record.health_check_id().is_some_and(|id| !disabled.contains(id))
        || record.alias_target().is_some_and(|alias| alias.evaluate_target_health())
}
