//! `fisc report --format html`: one page that needs nothing else, filters and sorts without a
//! network, and prints on A4.
//!
//! A page with everything would be too long to open: what passes is counted, what fails is
//! listed once, by control, [`LISTED`] of each at most; a criterion names the first few and
//! points there.

use std::collections::{BTreeMap, HashSet};
use std::io::Write;

use askama::Template;
use fisc_shared::{Control, Language};
use jiff::Timestamp;

use super::compare::{Change, Changed, Changes, CriterionChange};
use super::finding::{Counts, Exemption, Finding, State};
use super::head;
use super::model::{Conclusion, ControlLine, CriterionLine, Evidence, Silence, resource_name};
use super::svg::{self, Chart};
use crate::criteria::{Disposition, Part};
use crate::output::OutputError;
use crate::output::text::Words;

/// The most findings of one control that the page lists.
pub const LISTED: usize = 500;
/// The most failing resources that a criterion names.
const NAMED: usize = 5;
/// The most controls of the chart of failures.
const CHARTED: usize = 10;

/// Writes the report as a page.
///
/// # Errors
/// When it cannot be made or written.
pub fn write(
    out: &mut dyn Write,
    evidence: &Evidence,
    changes: Option<&Changes>,
    language: Language,
    made: Timestamp,
) -> Result<(), OutputError> {
    let page = Page::of(evidence, changes, language, made);
    let mut out = out;
    page.write_into(&mut out)?;
    Ok(())
}

#[derive(Template)]
#[template(path = "evidence.html")]
struct Page<'a> {
    lang: &'static str,
    language: Language,
    words: Words,
    version: &'static str,
    head: Vec<(&'static str, String)>,
    notes: Vec<&'a str>,
    problems: Vec<String>,
    total: Counts,
    tiles: Vec<Tile>,
    parts: Chart,
    severities: Chart,
    controls: Chart,
    dispositions: &'static [Disposition],
    criteria: Vec<CriterionView<'a>>,
    failing: Vec<ControlView<'a>>,
    exempt: Vec<FindingView<'a>>,
    exempt_more: usize,
    open: Vec<OpenView<'a>>,
    silent: Vec<(&'static str, Vec<&'static str>)>,
    types_left: Vec<(&'a str, u64)>,
    changes: Option<ChangesView<'a>>,
}

struct Tile {
    conclusion: Conclusion,
    count: usize,
}

struct CriterionView<'a> {
    index: usize,
    line: &'a CriterionLine,
    shown: Vec<Named<'a>>,
    more: usize,
    change: Option<&'a CriterionChange>,
}

struct Named<'a> {
    /// The row in the list of failures, where the finding is listed.
    anchor: Option<usize>,
    name: &'a str,
    codes: String,
}

struct ControlView<'a> {
    control: &'static Control,
    counts: Counts,
    rows: Vec<FindingView<'a>>,
    more: usize,
}

struct FindingView<'a> {
    index: usize,
    finding: &'a Finding,
    exemption: Option<&'a Exemption>,
}

struct OpenView<'a> {
    control: &'static Control,
    state: State,
    resources: usize,
    reason: &'a str,
}

struct ChangesView<'a> {
    changes: &'a Changes,
    rows: Vec<(Change, Vec<&'a Changed>, usize)>,
}

impl<'a> Page<'a> {
    fn of(
        evidence: &'a Evidence,
        changes: Option<&'a Changes>,
        language: Language,
        made: Timestamp,
    ) -> Self {
        let failing = failing(evidence);
        let anchors: HashSet<usize> =
            failing.iter().flat_map(|control| &control.rows).map(|row| row.index).collect();
        let exempt = evidence.in_state(State::Exempt).take(LISTED);
        let open = evidence.open();
        Self {
            lang: language.as_str(),
            language,
            words: Words(language),
            version: env!("CARGO_PKG_VERSION"),
            head: head::lines(evidence, changes, language, made),
            notes: evidence.source.notes.iter().map(|note| note.get(language)).collect(),
            problems: evidence.file_problems().map(ToString::to_string).collect(),
            total: evidence.total,
            tiles: Conclusion::ALL
                .map(|conclusion| Tile { conclusion, count: evidence.criteria_with(conclusion) })
                .into(),
            parts: parts(evidence, language),
            severities: severities(evidence, language),
            controls: most_failing(evidence, language),
            dispositions: Disposition::ALL,
            criteria: evidence
                .criteria
                .iter()
                .enumerate()
                .map(|(index, line)| criterion(evidence, changes, &anchors, index, line))
                .collect(),
            exempt: exempt.map(|(index, finding)| FindingView::of(index, finding)).collect(),
            exempt_more: evidence.total.exempt.saturating_sub(LISTED),
            open: open
                .into_iter()
                .map(|one| OpenView {
                    control: one.control,
                    state: one.state,
                    resources: one.resources,
                    reason: one.first.messages(language).next().unwrap_or_default(),
                })
                .collect(),
            silent: silent(evidence, language),
            types_left: evidence
                .source
                .types_left
                .iter()
                .map(|(name, items)| (name.as_str(), *items))
                .collect(),
            changes: changes.map(ChangesView::of),
            failing,
        }
    }
}

impl<'a> FindingView<'a> {
    fn of(index: usize, finding: &'a Finding) -> Self {
        Self { index, finding, exemption: finding.exemption.as_deref() }
    }

    /// The reasons: code and message.
    fn reasons(&self, language: &Language) -> Vec<(&'a str, &'a str)> {
        let finding = self.finding;
        let reasons = finding.reasons.iter();
        reasons.map(|reason| (reason.code.as_ref(), reason.message.get(*language))).collect()
    }
}

impl<'a> ChangesView<'a> {
    fn of(changes: &'a Changes) -> Self {
        let rows = Change::ALL.into_iter().filter_map(|change| {
            let all = changes.findings.iter().filter(move |one| one.change == change);
            let listed: Vec<&Changed> = all.take(LISTED).collect();
            let more = changes.counts.of(change).saturating_sub(LISTED);
            (!listed.is_empty()).then_some((change, listed, more))
        });
        Self { changes, rows: rows.collect() }
    }
}

fn failing(evidence: &Evidence) -> Vec<ControlView<'_>> {
    let mut by_control: BTreeMap<&str, Vec<FindingView<'_>>> = BTreeMap::new();
    for (index, finding) in evidence.in_state(State::Failing) {
        let rows = by_control.entry(finding.control.id).or_default();
        if rows.len() < LISTED {
            rows.push(FindingView::of(index, finding));
        }
    }
    let mut views: Vec<ControlView<'_>> = evidence
        .controls
        .iter()
        .filter_map(|line| {
            let rows = by_control.remove(line.control.id)?;
            let more = line.counts.failing.saturating_sub(rows.len());
            Some(ControlView { control: line.control, counts: line.counts, rows, more })
        })
        .collect();
    // The gravest first; of equals in the order of the registry.
    views.sort_by_key(|view| std::cmp::Reverse(view.control.severity));
    views
}

fn criterion<'a>(
    evidence: &'a Evidence,
    changes: Option<&'a Changes>,
    anchors: &HashSet<usize>,
    index: usize,
    line: &'a CriterionLine,
) -> CriterionView<'a> {
    let shown = line.failing.iter().take(NAMED).filter_map(|at| {
        let finding = evidence.findings.get(*at)?;
        Some(Named {
            anchor: anchors.contains(at).then_some(*at),
            name: resource_name(&finding.subject),
            codes: finding.codes().collect::<Vec<_>>().join(", "),
        })
    });
    CriterionView {
        index,
        line,
        shown: shown.collect(),
        more: line.failing.len().saturating_sub(NAMED),
        change: changes
            .and_then(|changes| changes.criteria.get(index))
            .filter(|change| change.is_change()),
    }
}

/// Controls without results, by why.
fn silent(evidence: &Evidence, language: Language) -> Vec<(&'static str, Vec<&'static str>)> {
    let groups = [Silence::NothingSeen, Silence::NotAsked].map(|silence| {
        let lines = evidence.controls.iter().filter(|line| line.silence == Some(silence));
        (silence.label(language), lines.map(|line| line.control.id).collect::<Vec<_>>())
    });
    groups.into_iter().filter(|(_, ids)| !ids.is_empty()).collect()
}

fn parts(evidence: &Evidence, language: Language) -> Chart {
    let bars = Part::ALL.iter().map(|&part| {
        let of = |conclusion: Conclusion| {
            let lines = evidence.criteria.iter();
            lines
                .filter(|line| {
                    line.coverage.criterion.part == part && line.conclusion == conclusion
                })
                .count()
        };
        let pieces = Conclusion::ALL.map(|one| (one.as_str(), one.label(language), of(one)));
        (part.label(language).to_owned(), pieces.into())
    });
    svg::chart(bars.collect())
}

fn severities(evidence: &Evidence, language: Language) -> Chart {
    let mut by_severity = BTreeMap::new();
    for ControlLine { control, counts, .. } in &evidence.controls {
        *by_severity.entry(control.severity).or_insert(0) += counts.failing;
    }
    let bars = by_severity.into_iter().rev().map(|(severity, failing)| {
        let label = severity.as_str().to_owned();
        (label, vec![("failing", State::Failing.label(language), failing)])
    });
    svg::chart(bars.collect())
}

fn most_failing(evidence: &Evidence, language: Language) -> Chart {
    let mut lines: Vec<&ControlLine> =
        evidence.controls.iter().filter(|line| line.counts.failing > 0).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.counts.failing));
    let bars = lines.into_iter().take(CHARTED).map(|line| {
        let pieces = vec![("failing", State::Failing.label(language), line.counts.failing)];
        (line.control.id.to_owned(), pieces)
    });
    svg::chart(bars.collect())
}
