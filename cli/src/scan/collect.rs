//! Judges items and keeps, of every resource, the newest state.

use std::borrow::Cow;
use std::cell::LazyCell;
use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use fisc_shared::item::ItemError;
use fisc_shared::runner::preview;
use fisc_shared::verdict::Compliance;
use fisc_shared::{ConfigurationItem, Error, Resource, Run, Verdict};
use jiff::Timestamp;
use serde_json::Value;

use crate::plan::Plan;
use crate::report::{Evaluation, Problem, Report, Subject, TypeRead, Undecided};

/// Where an item came from: the file by its number, and the offset in it. A later item wins over
/// an earlier one of the same time.
pub(super) type Position = (usize, u64);

/// The results of one worker.
pub(super) struct Collector<'p> {
    plan: &'p Plan,
    /// Accounts, Regions and types, of which there are few.
    words: HashSet<Arc<str>>,
    verdicts: Verdicts,
    records: HashMap<Key, Record>,
    unreadable: Vec<(Position, Problem)>,
    types: HashMap<Arc<str>, TypeRead>,
    accounts: BTreeSet<Arc<str>>,
    items: HashMap<usize, u64>,
}

/// A resource. The same id in two Regions is two resources: replicas of multi-Region keys. The
/// ARN is no part of what it is: some dialects leave it out.
struct Key(Arc<Subject>);

impl Key {
    fn parts(&self) -> (&str, &str, &str, &str) {
        let Subject { id, resource_type, region, account_id, arn: _ } = &*self.0;
        (id, resource_type, region, account_id)
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

/// The newest state of a resource, judged.
struct Record {
    /// The resource with the ARN that this state tells.
    subject: Arc<Subject>,
    captured: Option<Timestamp>,
    position: Position,
    /// Some API answers leave tags out, which decide on scopes.
    tagged: bool,
    /// By the controls that judge the type, in the plan's order.
    outcomes: Box<[Outcome]>,
}

enum Outcome {
    Judged(Arc<Verdict>),
    Undecided,
    Failed(Box<str>),
}

/// Verdicts that were given before. A million resources have a handful of different ones, as
/// long as the messages hold no values of the case.
#[derive(Default)]
struct Verdicts(HashSet<Given>);

/// A verdict by what it says.
#[derive(PartialEq, Eq)]
struct Given(Arc<Verdict>);

impl Hash for Given {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.compliance().hash(state);
        for reason in self.0.reasons() {
            (reason.code, &reason.message.en).hash(state);
        }
    }
}

impl Verdicts {
    /// Beyond this the messages obviously differ from resource to resource.
    const MOST: usize = 10_000;

    fn share(&mut self, verdict: Verdict) -> Arc<Verdict> {
        let given = Given(Arc::new(verdict));
        if let Some(known) = self.0.get(&given) {
            return Arc::clone(&known.0);
        }
        let verdict = Arc::clone(&given.0);
        if self.0.len() < Self::MOST {
            self.0.insert(given);
        }
        verdict
    }
}

impl Record {
    /// Whether this state replaces `other`: it is newer, or of the same time and tells more.
    fn replaces(&self, other: &Self) -> bool {
        self.rank() > other.rank()
    }

    fn rank(&self) -> (Option<Timestamp>, Reverse<usize>, Reverse<usize>, bool, Position) {
        let count = |of: fn(&Outcome) -> bool| {
            Reverse(self.outcomes.iter().filter(|outcome| of(outcome)).count())
        };
        let failed = count(|outcome| matches!(outcome, Outcome::Failed(_)));
        let undecided = count(|outcome| matches!(outcome, Outcome::Undecided));
        (self.captured, failed, undecided, self.tagged, self.position)
    }
}

impl<'p> Collector<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        Self {
            plan,
            words: HashSet::new(),
            verdicts: Verdicts::default(),
            records: HashMap::new(),
            unreadable: Vec::new(),
            types: HashMap::new(),
            accounts: BTreeSet::new(),
            items: HashMap::new(),
        }
    }

    /// Judges an element of a document.
    pub(super) fn add(&mut self, position: Position, element: &[u8]) {
        *self.items.entry(position.0).or_default() += 1;
        let item = text_of(element).and_then(|text| ConfigurationItem::from_json(&text));
        match item {
            Ok(item) => self.judge(position, &item),
            Err(error) => {
                let problem = unreadable(element, &error);
                if let Some(name) = &problem.resource_type {
                    let name = self.word(name);
                    let judged = self.plan.judges(&name);
                    let read = self.types.entry(name).or_default();
                    read.items += 1;
                    read.judged = judged;
                    // Whatever is wrong with it, it could not have changed a verdict.
                    if !judged {
                        return;
                    }
                }
                self.unreadable.push((position, problem));
            }
        }
    }

    fn judge(&mut self, position: Position, item: &ConfigurationItem) {
        let resource_type = self.word(&item.resource_type);
        let account_id = self.word(&item.account_id);
        if !account_id.is_empty() && !self.accounts.contains(&account_id) {
            self.accounts.insert(Arc::clone(&account_id));
        }
        let judged = self.plan.judges(&resource_type);
        let read = self.types.entry(Arc::clone(&resource_type)).or_default();
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
                        Outcome::Judged(self.verdicts.share(verdict))
                    }
                    Ok(Some(verdict)) => Outcome::Judged(self.verdicts.share(verdict)),
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
        put(known, record);
    }

    fn word(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.words.get(text) {
            return Arc::clone(known);
        }
        let word: Arc<str> = text.into();
        self.words.insert(Arc::clone(&word));
        word
    }

    /// Takes over what another worker collected.
    pub(super) fn merge(&mut self, other: Self) {
        for (key, record) in other.records {
            put(self.records.entry(key), record);
        }
        self.unreadable.extend(other.unreadable);
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

    /// Writes everything into the report, in the order of the outputs; errors come with their
    /// position.
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
                    Outcome::Judged(verdict) => {
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
        let all = judged.values().map(Vec::len).sum();
        report.evaluations.reserve_exact(all);
        for (_, alike) in judged {
            report.evaluations.extend(alike);
        }
        report.not_evaluated.extend(open.into_values().flatten());
        for (name, read) in self.types {
            report.types.insert(name.as_ref().to_owned(), read);
        }
        report.accounts = self.accounts.iter().map(|account| account.as_ref().into()).collect();
        problems
    }
}

fn put(entry: Entry<'_, Key, Record>, record: Record) {
    match entry {
        Entry::Vacant(entry) => {
            entry.insert(record);
        }
        Entry::Occupied(mut known) => {
            if record.replaces(known.get()) {
                known.insert(record);
            }
        }
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
