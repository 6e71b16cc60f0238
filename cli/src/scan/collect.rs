//! Judges items and keeps, of every resource, the newest state.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use fisc_shared::item::ItemError;
use fisc_shared::runner::preview;
use fisc_shared::verdict::Compliance;
use fisc_shared::{ConfigurationItem, Error, Resource, Run, Verdict};
use serde_json::Value;

use super::record::{Key, Outcome, Record, Verdicts, number, put};
use super::room::Room;
use super::stored::ProblemRow;
use crate::plan::Plan;
use crate::report::{Evaluation, Problem, Report, Subject, TypeRead, Undecided};
use crate::spill::{Runs, SpillError};

/// Where an item came from: the file by its number, and the offset in it. A later item wins over
/// an earlier one of the same time.
pub(super) type Position = (usize, u64);

/// The results of one worker.
pub(super) struct Collector<'p> {
    plan: &'p Plan,
    /// Accounts, Regions and types, of which there are few, with their numbers.
    pub(super) words: HashMap<Arc<str>, u32>,
    pub(super) verdicts: Verdicts,
    /// The codes of verdicts that were written whole, with their numbers.
    pub(super) codes: HashMap<&'static str, u32>,
    records: HashMap<Key, Record>,
    unreadable: Vec<(Position, Problem)>,
    /// About how many bytes `records` and `unreadable` take, and may take.
    weight: usize,
    most: usize,
    pub(super) spilled: Spilled,
    pub(super) seen: Seen,
}

/// What a worker had no room for, sorted by resource and by position.
pub(super) struct Spilled {
    pub(super) records: Runs,
    pub(super) problems: Runs,
}

/// What was read, in numbers.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) types: HashMap<Arc<str>, TypeRead>,
    pub(super) accounts: BTreeSet<Arc<str>>,
    items: HashMap<usize, u64>,
}

impl Seen {
    /// Takes over what another worker read.
    pub(super) fn merge(&mut self, other: Self) {
        for (name, read) in other.types {
            let sum = self.types.entry(name).or_default();
            sum.items += read.items;
            sum.judged |= read.judged;
        }
        self.accounts.extend(other.accounts);
        for (file, items) in other.items {
            *self.items.entry(file).or_default() += items;
        }
    }

    /// How many items a file held.
    pub(super) fn items_of(&self, file: usize) -> u64 {
        self.items.get(&file).copied().unwrap_or_default()
    }
}

/// About how many bytes a problem takes.
pub(super) fn weight_of(problem: &Problem) -> usize {
    let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let Problem { resource_type, resource_id, region, message, .. } = problem;
    let texts = text(resource_type) + text(resource_id) + text(region) + message.len();
    size_of::<(Position, Problem)>() + texts + 64
}

impl<'p> Collector<'p> {
    /// Keeps up to `most` bytes in memory, and the rest where there is room.
    pub(super) fn new(plan: &'p Plan, most: usize, room: &Room) -> Self {
        Self {
            plan,
            words: HashMap::new(),
            verdicts: Verdicts::default(),
            codes: HashMap::new(),
            records: HashMap::new(),
            unreadable: Vec::new(),
            weight: 0,
            most,
            spilled: Spilled {
                records: Runs::new(&room.folder),
                problems: Runs::new(&room.folder),
            },
            seen: Seen::default(),
        }
    }

    /// Judges an element of a document.
    ///
    /// # Errors
    /// When the results so far do not fit into memory and cannot be kept on disk.
    pub(super) fn add(&mut self, position: Position, element: &[u8]) -> Result<(), SpillError> {
        self.take(position, element);
        if self.weight > self.most { self.spill() } else { Ok(()) }
    }

    fn take(&mut self, position: Position, element: &[u8]) {
        *self.seen.items.entry(position.0).or_default() += 1;
        let item = text_of(element).and_then(|text| ConfigurationItem::from_json(&text));
        match item {
            Ok(item) => self.judge(position, &item),
            Err(error) => {
                let problem = unreadable(element, &error);
                if let Some(name) = &problem.resource_type {
                    let name = self.word(name);
                    let judged = self.plan.judges(&name);
                    let read = self.seen.types.entry(name).or_default();
                    read.items += 1;
                    read.judged = judged;
                    // Whatever is wrong with it, it could not have changed a verdict.
                    if !judged {
                        return;
                    }
                }
                self.weight += weight_of(&problem);
                self.unreadable.push((position, problem));
            }
        }
    }

    fn judge(&mut self, position: Position, item: &ConfigurationItem) {
        let resource_type = self.word(&item.resource_type);
        let account_id = self.word(&item.account_id);
        if !account_id.is_empty() && !self.seen.accounts.contains(&account_id) {
            self.seen.accounts.insert(Arc::clone(&account_id));
        }
        let judged = self.plan.judges(&resource_type);
        let read = self.seen.types.entry(Arc::clone(&resource_type)).or_default();
        read.items += 1;
        read.judged = judged;
        if !judged {
            return;
        }
        let region = self.word(&item.region);
        let id = item.resource_id.as_str().into();
        let arn = item.arn.as_deref().map(Into::into);
        let subject = Arc::new(Subject { resource_type, id, region, account_id, arn });
        let known = self.records.entry(Key(Arc::clone(&subject)));
        if let Entry::Occupied(known) = &known
            && known.get().captured > item.captured
        {
            return;
        }
        // Only what fails is looked up among the exemptions.
        let told = LazyCell::new(|| (Resource::from(item), item.known_tags()));
        let outcomes = self
            .plan
            .judging(&item.resource_type)
            .map(|(_, planned)| {
                let run = Run {
                    parameters: &planned.parameters,
                    now: self.plan.now,
                    account_id: &item.account_id,
                    region: &item.region,
                    deadline: None,
                    home: true,
                    offline: true,
                };
                match preview(planned.control, item, &run) {
                    Ok(Some(failing @ Verdict::NonCompliant(_))) => {
                        let (resource, tags) = &*told;
                        let verdict = self.plan.exemptions.apply(
                            planned.control,
                            resource,
                            tags,
                            failing,
                            self.plan.now,
                        );
                        self.verdicts.share(verdict)
                    }
                    Ok(Some(verdict)) => self.verdicts.share(verdict),
                    Ok(None) => Outcome::Undecided,
                    Err(error) => Outcome::Failed(advise(&error).into()),
                }
            })
            .collect();
        let record = Record {
            subject,
            captured: item.captured,
            position,
            tagged: !item.tags.is_empty(),
            outcomes,
        };
        let (more, less) = put(known, record);
        self.weight = (self.weight + more).saturating_sub(less);
    }

    fn word(&mut self, text: &str) -> Arc<str> {
        if let Some((known, _)) = self.words.get_key_value(text) {
            return Arc::clone(known);
        }
        let word: Arc<str> = text.into();
        number(&mut self.words, Arc::clone(&word));
        word
    }

    /// Writes what is in memory to disk, and forgets it.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn spill(&mut self) -> Result<(), SpillError> {
        if !self.records.is_empty() {
            let mut records: Vec<Record> = self.records.drain().map(|(_, record)| record).collect();
            records.sort_unstable_by(|a, b| a.subject.cmp(&b.subject));
            let (words, codes) = (&self.words, &mut self.codes);
            self.spilled.records.add(records.iter().map(|record| record.row(words, codes)))?;
        }
        if !self.unreadable.is_empty() {
            self.unreadable.sort_by_key(|(position, _)| *position);
            let rows = self.unreadable.iter();
            let rows = rows.map(|(position, problem)| ProblemRow::of_item(*position, problem));
            self.spilled.problems.add(rows)?;
            self.unreadable.clear();
        }
        self.weight = 0;
        Ok(())
    }

    /// Whether something of it is on disk.
    pub(super) const fn has_spilled(&self) -> bool {
        !(self.spilled.records.is_empty() && self.spilled.problems.is_empty())
    }

    /// Takes over what another worker collected.
    pub(super) fn merge(&mut self, other: Self) {
        for (key, record) in other.records {
            put(self.records.entry(key), record);
        }
        self.unreadable.extend(other.unreadable);
        self.seen.merge(other.seen);
    }

    /// Writes everything into the report, in the order of the outputs; errors come with their
    /// position. For what is all in memory.
    pub(super) fn finish(self, report: &mut Report) -> Vec<(Position, Problem)> {
        let mut problems = self.unreadable;
        let mut records: Vec<Record> = self.records.into_values().collect();
        // Resources are sorted, not results, of which there are several times as many: those of
        // one control that came to the same are then in order as they come.
        records.sort_unstable_by(|a, b| a.subject.cmp(&b.subject));
        let mut judged: BTreeMap<(Compliance, usize), Vec<Evaluation>> = BTreeMap::new();
        let mut open: BTreeMap<usize, Vec<Undecided>> = BTreeMap::new();
        for record in records {
            let Record { subject, captured, position, outcomes, .. } = record;
            let at = captured.unwrap_or(self.plan.now);
            let controls = self.plan.judging(&subject.resource_type);
            for ((place, planned), outcome) in controls.zip(outcomes) {
                let control = planned.control;
                match outcome {
                    Outcome::Judged(verdict, _) => {
                        let subject = Arc::clone(&subject);
                        let alike = judged.entry((verdict.compliance(), place)).or_default();
                        alike.push(Evaluation { control, subject, verdict, at });
                    }
                    Outcome::Undecided => {
                        let subject = Arc::clone(&subject);
                        open.entry(place).or_default().push(Undecided { control, subject });
                    }
                    Outcome::Failed(message) => problems.push((
                        position,
                        Problem {
                            control: Some(control.id),
                            resource_type: Some(subject.resource_type.as_ref().into()),
                            resource_id: Some(subject.id.as_ref().into()),
                            region: Some(subject.region.as_ref().into()),
                            message: message.into(),
                            ..Problem::default()
                        },
                    )),
                }
            }
        }
        let mut evaluations = Vec::new();
        evaluations.reserve_exact(judged.values().map(Vec::len).sum());
        for (_, alike) in judged {
            evaluations.extend(alike);
        }
        report.evaluations = evaluations.into();
        let mut open: Vec<Undecided> = open.into_values().flatten().collect();
        open.extend(report.account_level());
        report.sort_open(&mut open);
        report.not_evaluated = open.into();
        problems
    }
}

/// The text of an item: as it stands, or out of the string that SelectResourceConfig wraps it in.
fn text_of(element: &[u8]) -> Result<Cow<'_, str>, ItemError> {
    if element.starts_with(b"\"") {
        return serde_json::from_slice(element)
            .map(Cow::Owned)
            .map_err(|error| ItemError::Malformed(error.to_string()));
    }
    std::str::from_utf8(element).map(Cow::Borrowed).map_err(|error| {
        ItemError::Malformed(format!("not UTF-8, {} bytes into the item", error.valid_up_to()))
    })
}

/// What can be said of an element that is no item: which resource it seems to be.
fn unreadable(element: &[u8], error: &ItemError) -> Problem {
    let text = text_of(element).unwrap_or_default();
    let value: Value = serde_json::from_str(&text).unwrap_or_default();
    let field = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    Problem {
        resource_type: field("resourceType"),
        resource_id: field("resourceId"),
        region: field("awsRegion"),
        message: advice(error, error.to_string()),
        ..Problem::default()
    }
}

fn advise(error: &Error) -> String {
    match error {
        Error::Item(item) => advice(item, error.to_string()),
        _ => error.to_string(),
    }
}

/// Says what to do, where a file can be made to hold what it lacks.
fn advice(error: &ItemError, message: String) -> String {
    match error {
        ItemError::Missing { .. } => {
            format!("{message}; if the file is the result of a query, select this field too")
        }
        _ => message,
    }
}
