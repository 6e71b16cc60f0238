//! `--format asff`: findings as Security Hub takes them, one for each verdict.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use fisc_shared::Language;
use fisc_shared::annotation::annotation;
use fisc_shared::asff::{Facts, Judged, finding};
use serde::Serializer;
use serde::ser::SerializeSeq;

use super::OutputError;
use crate::report::Report;
use crate::spill::SpillError;

/// Stands in for `global` where the report knows no other Region.
const FALLBACK: &str = "ap-northeast-1";

/// Writes the findings as a JSON list, as `aws securityhub batch-import-findings --findings`
/// reads it (100 at a time).
///
/// # Errors
/// When it cannot be written, or results cannot be read back from disk.
pub fn write(out: &mut impl Write, report: &Report, language: Language) -> Result<(), OutputError> {
    let facts: BTreeMap<&str, Facts> =
        report.controls.iter().map(|control| (control.id, Facts::from(*control))).collect();
    let home = home_region(report)?;
    let mut serializer = serde_json::Serializer::new(&mut *out);
    let mut list = serializer.serialize_seq(None).map_err(io::Error::from)?;
    for one in report.evaluations.iter() {
        let one = one?;
        // A finding belongs to an account; a query that did not select it has none.
        let (Some(facts), false) = (facts.get(one.control.id), one.subject.account_id.is_empty())
        else {
            continue;
        };
        let annotation = annotation(&one.verdict, language);
        let judged = Judged {
            account_id: &one.subject.account_id,
            region: match one.subject.region.as_ref() {
                "" | "global" => &home,
                region => region,
            },
            resource_type: &one.subject.resource_type,
            resource_id: &one.subject.id,
            arn: one.subject.arn.as_deref(),
            compliance: one.verdict.compliance(),
            annotation: annotation.as_deref(),
            rule_name: None,
            at: report.at,
        };
        list.serialize_element(&finding(facts, &judged, language)).map_err(io::Error::from)?;
    }
    list.end().map_err(io::Error::from)?;
    Ok(writeln!(out)?)
}

/// The Region that most resources are in: findings on global resources go there.
fn home_region(report: &Report) -> Result<Arc<str>, SpillError> {
    let mut regions: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    for one in report.evaluations.iter() {
        let one = one?;
        let region = &one.subject.region;
        if matches!(region.as_ref(), "" | "global") {
            continue;
        }
        match regions.get_mut(region) {
            Some(count) => *count += 1,
            None => drop(regions.insert(Arc::clone(region), 1)),
        }
    }
    let most = regions.into_iter().max_by_key(|(_, count)| *count);
    Ok(most.map_or_else(|| FALLBACK.into(), |(region, _)| region))
}
