//! The result as one JSON object.

use std::io::{self, Write};

use fisc_logging::digest::{Report, Request, Tally};
use fisc_shared::Language;
use serde::Serialize;

use super::text;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Output<'a> {
    trail_arn: &'a str,
    account_id: &'a str,
    region: &'a str,
    bucket: &'a str,
    prefix: Option<&'a str>,
    organization_id: Option<&'a str>,
    requested: Range,
    found: Option<Range>,
    valid: bool,
    digests: Counts,
    backfill_digests: Counts,
    logs: Counts,
    problems: Vec<Entry<'a>>,
    gaps: Vec<Gap>,
    unverifiable_digests: Vec<&'a str>,
    bytes: u64,
}

#[derive(Serialize)]
struct Range {
    start: String,
    end: String,
}

#[derive(Serialize)]
struct Gap {
    from: String,
    to: String,
    /// Validation or logging was off; otherwise digests are missing.
    restart: bool,
}

#[derive(Serialize)]
struct Counts {
    valid: u64,
    invalid: u64,
    unverifiable: u64,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'static str,
    bucket: &'a str,
    key: Option<&'a str>,
    message: String,
}

impl From<Tally> for Counts {
    fn from(tally: Tally) -> Self {
        let Tally { valid, invalid, unverifiable } = tally;
        Self { valid, invalid, unverifiable }
    }
}

pub(super) fn write(
    out: &mut impl Write,
    request: &Request,
    report: &Report,
    language: Language,
) -> io::Result<()> {
    let problems = report.problems().map(|problem| Entry {
        code: problem.code.as_str(),
        bucket: &problem.bucket,
        key: problem.key.as_deref(),
        message: problem.cause.message().get(language).to_owned(),
    });
    let gaps = report.chains().into_iter().flat_map(|chain| &chain.gaps).map(|gap| Gap {
        from: text::time(gap.from),
        to: text::time(gap.to),
        restart: gap.restart,
    });
    let chains = report.chains();
    let unverifiable = chains.iter().flat_map(|chain| &chain.unverifiable_digests);
    let range = |(start, end)| Range { start: text::time(start), end: text::time(end) };
    let output = Output {
        trail_arn: request.trail.as_str(),
        account_id: &request.account_id,
        region: &request.source_region,
        bucket: &request.bucket,
        prefix: request.prefix.as_deref(),
        organization_id: request.organization_id.as_deref(),
        requested: range((report.start, report.end)),
        found: report.found().map(range),
        valid: report.is_valid() && report.digests().valid > 0,
        digests: report.standard.digests.into(),
        backfill_digests: report.backfill.digests.into(),
        logs: report.logs().into(),
        problems: problems.collect(),
        gaps: gaps.collect(),
        unverifiable_digests: unverifiable.map(String::as_str).collect(),
        bytes: report.bytes,
    };
    serde_json::to_writer_pretty(&mut *out, &output)?;
    writeln!(out)
}
