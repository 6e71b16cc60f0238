//! The JSON of a scan or of an earlier report, read back.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fisc_shared::text::json_problem;
use fisc_shared::{Control, message};
use jiff::Timestamp;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::finding::{Exemption, Finding, Reason, State};
use super::gathered::{Gathered, Origin, alike, must_ask};
use crate::input::gzip;
use crate::registry;
use crate::report::{FileRead, Problem, Subject};

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Configuration items of AWS Config, or something that a scan will complain of.
    Items,
    /// Results: the JSON of a scan or of a report.
    Results,
}

/// Why results cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    /// The file cannot be opened or decompressed.
    #[error("{file}: cannot be read: {source}")]
    Read {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// It is not what a scan or a report writes.
    #[error(
        "{file}: not the JSON of fisc: {}; write it with `fisc scan --format json` or \
         `fisc report --format json`",
        json_problem(source)
    )]
    Damaged {
        /// The file.
        file: String,
        /// Why.
        source: serde_json::Error,
    },
    /// Items and results at once.
    #[error(
        "{results} holds results and {items} configuration items: give files of one kind, results \
         or items"
    )]
    Mixed {
        /// A file of results.
        results: String,
        /// A file of items.
        items: String,
    },
}

/// What all files are.
///
/// # Errors
/// When they are of both kinds.
pub fn kind_of(files: &[PathBuf]) -> Result<Kind, ResultsError> {
    let mut first: Option<(&Path, Kind)> = None;
    for file in files {
        let kind = kind(file);
        match first {
            None => first = Some((file, kind)),
            Some((other, known)) if known != kind => {
                let (results, items) = if kind == Kind::Results {
                    (file.as_path(), other)
                } else {
                    (other, file.as_path())
                };
                return Err(ResultsError::Mixed {
                    results: results.display().to_string(),
                    items: items.display().to_string(),
                });
            }
            Some(_) => {}
        }
    }
    Ok(first.map_or(Kind::Items, |(_, kind)| kind))
}

/// A file that cannot be opened counts as items: the scan tells what is wrong with it.
fn kind(file: &Path) -> Kind {
    if is_stdin(file) {
        // A look at what is buffered takes nothing away from whoever reads later.
        let mut stdin = io::stdin().lock();
        let head = stdin.fill_buf().map(<[u8]>::to_vec).unwrap_or_default();
        return gzip::decode(io::Cursor::new(head)).map_or(Kind::Items, recognise);
    }
    File::open(file)
        .and_then(gzip::decode)
        .map_or(Kind::Items, |decoded| recognise(BufReader::new(decoded)))
}

fn is_stdin(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// What a document is, by the members of its top level; it is read only as far as is needed.
#[must_use]
pub fn recognise(document: impl Read) -> Kind {
    struct Members<'k>(&'k mut Kind);

    impl<'de> Visitor<'de> for Members<'_> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
            while let Some(name) = map.next_key::<String>()? {
                match name.as_str() {
                    "evaluations" | "fiscReport" => {
                        *self.0 = Kind::Results;
                        return Ok(());
                    }
                    "configurationItems"
                    | "baseConfigurationItems"
                    | "Results"
                    | "resourceType" => return Ok(()),
                    _ => drop(map.next_value::<IgnoredAny>()?),
                }
            }
            Ok(())
        }
    }

    let mut kind = Kind::Items;
    // Whatever is wrong with the document is told by whoever reads all of it.
    let _ = serde_json::Deserializer::from_reader(document).deserialize_map(Members(&mut kind));
    kind
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    evaluations: Vec<Row>,
    #[serde(default)]
    not_evaluated: Vec<Row>,
    #[serde(default)]
    errors: Vec<ErrorRow>,
    summary: Summary,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    control: String,
    resource_type: String,
    resource_id: Option<String>,
    resource_arn: Option<String>,
    account_id: Option<String>,
    region: Option<String>,
    compliance: Option<RowState>,
    #[serde(default)]
    reasons: Vec<RowReason>,
    exemption: Option<Exemption>,
}

#[derive(Deserialize, Clone, Copy)]
enum RowState {
    #[serde(rename = "COMPLIANT")]
    Compliant,
    #[serde(rename = "NON_COMPLIANT")]
    NonCompliant,
    #[serde(rename = "NOT_APPLICABLE")]
    NotApplicable,
}

#[derive(Deserialize, PartialEq, Eq, Hash)]
struct RowReason {
    code: String,
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorRow {
    file: Option<String>,
    offset: Option<u64>,
    control: Option<String>,
    resource_type: Option<String>,
    resource_id: Option<String>,
    region: Option<String>,
    message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Summary {
    evaluated_at: Timestamp,
    #[serde(default)]
    version: String,
    #[serde(default)]
    controls: Vec<Named>,
    #[serde(default)]
    files: Vec<FileRow>,
    #[serde(default)]
    types: Vec<TypeRow>,
    #[serde(default)]
    accounts: Vec<String>,
    #[serde(default)]
    regions: Vec<String>,
    #[serde(default)]
    warnings: Vec<String>,
}

#[derive(Deserialize)]
struct Named {
    control: String,
}

#[derive(Deserialize)]
struct FileRow {
    file: String,
    items: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TypeRow {
    resource_type: String,
    items: u64,
    judged: bool,
}

/// Reads results. Of a result that several files have the one judged last counts.
///
/// # Errors
/// When a file cannot be read or is not what fisc writes.
pub fn read(files: &[PathBuf]) -> Result<Gathered, ResultsError> {
    let mut documents = Vec::with_capacity(files.len());
    for file in files {
        documents.push((file, document(file)?));
    }
    documents.sort_by_key(|(_, document)| document.summary.evaluated_at);
    let at = documents.first().map_or(Timestamp::UNIX_EPOCH, |(_, one)| one.summary.evaluated_at);
    let latest = documents.last().map_or(at, |(_, one)| one.summary.evaluated_at);
    let mut gathered = Gathered::new(Origin::Results, at);
    if latest != at {
        gathered.notes.push(message!(
            "The results were judged at different times, from {at} to {latest}",
            "結果の評価基準時刻はファイルごとに異なります ({at} から {latest} まで)"
        ));
    }
    let mut reader = Reader::default();
    let several = documents.len() > 1;
    for (file, document) in documents {
        let count = document.evaluations.len() + document.not_evaluated.len();
        reader.read(document, &mut gathered);
        gathered.files.push(FileRead { name: file.display().to_string(), items: count as u64 });
    }
    if several {
        keep_last(&mut gathered.findings);
    }
    for (control, count) in reader.strangers {
        gathered.notes.push(message!(
            "This version knows no control {control}: its {count} results are left out",
            "このバージョンにはコントロール {control} がないため、その結果 {count} 件は含まれていません"
        ));
    }
    let version: Vec<String> = reader.versions;
    gathered.version = version.join(", ");
    gathered.find_places();
    Ok(gathered)
}

fn document(file: &Path) -> Result<Document, ResultsError> {
    let name = || file.display().to_string();
    let unreadable = |source| ResultsError::Read { file: name(), source };
    let mut decoded = if is_stdin(file) {
        gzip::decode(io::stdin())
    } else {
        File::open(file).and_then(gzip::decode)
    }
    .map_err(unreadable)?;
    let mut text = Vec::new();
    decoded.read_to_end(&mut text).map_err(unreadable)?;
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&text);
    serde_json::from_slice(text).map_err(|source| ResultsError::Damaged { file: name(), source })
}

/// Of findings of the same control and resource the last one stays.
fn keep_last(findings: &mut Vec<Finding>) {
    let last: HashMap<_, usize> =
        findings.iter().enumerate().map(|(index, one)| (one.key(), index)).collect();
    let kept: HashSet<usize> = last.into_values().collect();
    let mut index = 0;
    findings.retain(|_| {
        index += 1;
        kept.contains(&(index - 1))
    });
}

#[derive(Default)]
struct Reader {
    words: HashSet<Arc<str>>,
    reasons: HashMap<Vec<RowReason>, Arc<[Reason]>>,
    controls: HashMap<String, Option<&'static Control>>,
    strangers: HashMap<String, usize>,
    versions: Vec<String>,
}

impl Reader {
    fn read(&mut self, document: Document, gathered: &mut Gathered) {
        let Document { evaluations, not_evaluated, errors, summary } = document;
        for row in evaluations {
            // A row without a state is one that was not evaluated.
            let state = match (row.compliance, &row.exemption) {
                (Some(RowState::NonCompliant), _) => State::Failing,
                (Some(RowState::Compliant), _) => State::Passing,
                (Some(RowState::NotApplicable), Some(_)) => State::Exempt,
                (Some(RowState::NotApplicable), None) => State::NotApplicable,
                (None, _) => State::NotEvaluated,
            };
            gathered.findings.extend(self.finding(row, state));
        }
        for row in not_evaluated {
            gathered.findings.extend(self.finding(row, State::NotEvaluated));
        }
        let problems = errors.into_iter().map(|row| Problem {
            control: row.control.and_then(|id| self.control(&id)).map(|control| control.id),
            file: row.file,
            offset: row.offset,
            resource_type: row.resource_type,
            resource_id: row.resource_id,
            region: row.region,
            message: row.message,
        });
        let problems: Vec<Problem> = problems.collect();
        gathered.add_problems(problems);
        for Named { control } in summary.controls {
            let known = self.control(&control);
            gathered.controls.extend(
                known.filter(|known| !gathered.controls.iter().any(|one| one.id == known.id)),
            );
        }
        for TypeRow { resource_type, items, .. } in
            summary.types.into_iter().filter(|one| !one.judged)
        {
            *gathered.types_left.entry(resource_type).or_default() += items;
        }
        gathered.accounts.extend(summary.accounts);
        gathered.regions.extend(summary.regions);
        gathered.notes.extend(summary.warnings.into_iter().map(alike));
        for FileRow { file, items } in summary.files {
            gathered.files.push(FileRead { name: file, items });
        }
        if !self.versions.contains(&summary.version) {
            self.versions.push(summary.version);
        }
    }

    fn finding(&mut self, row: Row, state: State) -> Option<Finding> {
        let Some(control) = self.control(&row.control) else {
            *self.strangers.entry(row.control).or_default() += 1;
            return None;
        };
        let subject = Subject {
            resource_type: self.word(&row.resource_type),
            id: row.resource_id.unwrap_or_default().into(),
            region: self.word(&row.region.unwrap_or_default()),
            account_id: self.word(&row.account_id.unwrap_or_default()),
            arn: row.resource_arn.map(Into::into),
        };
        let reasons = if state == State::NotEvaluated && row.reasons.is_empty() {
            must_ask(control)
        } else {
            self.reasons(row.reasons)
        };
        Some(Finding {
            control,
            subject: subject.into(),
            state,
            reasons,
            exemption: row.exemption.map(Arc::new),
        })
    }

    fn control(&mut self, id: &str) -> Option<&'static Control> {
        if let Some(known) = self.controls.get(id) {
            return *known;
        }
        let found = registry::find(id);
        self.controls.insert(id.to_owned(), found);
        found
    }

    fn word(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.words.get(text) {
            return Arc::clone(known);
        }
        let word: Arc<str> = text.into();
        self.words.insert(Arc::clone(&word));
        word
    }

    fn reasons(&mut self, rows: Vec<RowReason>) -> Arc<[Reason]> {
        let made = self.reasons.entry(rows);
        let reasons = made.key().iter().map(|row| Reason {
            code: row.code.clone().into(),
            message: alike(row.message.clone()),
        });
        let reasons: Arc<[Reason]> = reasons.collect();
        Arc::clone(made.or_insert(reasons))
    }
}

#[cfg(test)]
#[path = "results_tests.rs"]
mod tests;
