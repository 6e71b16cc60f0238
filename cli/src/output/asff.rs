//! `--format asff`: findings as Security Hub takes them, one for each verdict.

use std::collections::BTreeMap;
use std::io::{self, Write};

use fisc_shared::Language;
use fisc_shared::annotation::annotation;
use fisc_shared::asff::{Facts, Judged, finding};
use serde::Serializer;
use serde::ser::SerializeSeq;

use crate::report::Report;

/// Stands in for `global` where the report knows no other Region.
const FALLBACK: &str = "ap-northeast-1";

/// Writes the findings as a JSON list, as `aws securityhub batch-import-findings --findings`
/// reads it (100 at a time).
///
/// # Errors
/// When it cannot be written.
pub fn write(out: &mut impl Write, report: &Report, language: Language) -> io::Result<()> {
    let facts: BTreeMap<&str, Facts> =
        report.controls.iter().map(|control| (control.id, Facts::from(*control))).collect();
    let home = home_region(report);
    let mut serializer = serde_json::Serializer::new(&mut *out);
    let mut list = serializer.serialize_seq(None)?;
    for one in &report.evaluations {
        // A finding belongs to an account; a query that did not select it has none.
        let (Some(facts), false) = (facts.get(one.control.id), one.subject.account_id.is_empty())
        else {
            continue;
        };
        let annotation = annotation(&one.verdict, language);
        let judged = Judged {
            account_id: &one.subject.account_id,
            region: match one.subject.region.as_ref() {
                "" | "global" => home,
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
        list.serialize_element(&finding(facts, &judged, language))?;
    }
    list.end()?;
    writeln!(out)
}

/// The Region that most resources are in: findings on global resources go there.
fn home_region(report: &Report) -> &str {
    let mut regions: BTreeMap<&str, usize> = BTreeMap::new();
    for one in &report.evaluations {
        let region = one.subject.region.as_ref();
        if !matches!(region, "" | "global") {
            *regions.entry(region).or_default() += 1;
        }
    }
    regions.into_iter().max_by_key(|(_, count)| *count).map_or(FALLBACK, |(region, _)| region)
}
