//! The newest state of every resource, judged.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use fisc_shared::Verdict;
use fisc_shared::verdict::Reason;
use jiff::Timestamp;

use super::collect::Position;
use super::stored::{OutcomeRow, RecordRow, SubjectRow, VerdictRow};
use crate::report::Subject;

/// A resource. The same id in two Regions is two resources: replicas of multi-Region keys. The
/// ARN is no part of what it is: some dialects leave it out.
pub(super) struct Key(pub(super) Arc<Subject>);

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
pub(super) struct Record {
    /// The resource with the ARN that this state tells.
    pub(super) subject: Arc<Subject>,
    pub(super) captured: Option<Timestamp>,
    pub(super) position: Position,
    /// Some API answers leave tags out, which decide on scopes.
    pub(super) tagged: bool,
    /// By the controls that judge the type, in the plan's order.
    pub(super) outcomes: Box<[Outcome]>,
}

pub(super) enum Outcome {
    /// With its number, if the verdict is shared.
    Judged(Arc<Verdict>, Option<u32>),
    Undecided,
    Failed(Box<str>),
}

/// Verdicts that were given before. A million resources have a handful of different ones, as
/// long as the messages hold no values of the case.
#[derive(Default)]
pub(super) struct Verdicts(HashMap<Given, u32>);

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
    const MOST: usize = if cfg!(test) { 4 } else { 10_000 };

    pub(super) fn share(&mut self, verdict: Verdict) -> Outcome {
        let given = Given(Arc::new(verdict));
        if let Some((known, number)) = self.0.get_key_value(&given) {
            return Outcome::Judged(Arc::clone(&known.0), Some(*number));
        }
        let verdict = Arc::clone(&given.0);
        let number =
            if self.0.len() < Self::MOST { u32::try_from(self.0.len()).ok() } else { None };
        if let Some(number) = number {
            self.0.insert(given, number);
        }
        Outcome::Judged(verdict, number)
    }

    /// All shared ones, by their numbers.
    pub(super) fn into_numbered(self) -> Vec<Arc<Verdict>> {
        let mut all: Vec<(u32, Arc<Verdict>)> =
            self.0.into_iter().map(|(given, number)| (number, given.0)).collect();
        all.sort_unstable_by_key(|(number, _)| *number);
        all.into_iter().map(|(_, verdict)| verdict).collect()
    }
}

/// The number of a word; a new one for a new word.
pub(super) fn number<K: Eq + Hash>(numbers: &mut HashMap<K, u32>, word: K) -> u32 {
    let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
    *numbers.entry(word).or_insert(next)
}

impl Record {
    /// Whether this state replaces `other`: it is newer, or of the same time and tells more.
    pub(super) fn replaces(&self, other: &Self) -> bool {
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

    /// About how many bytes it takes, with its place in a table.
    pub(super) fn weight(&self) -> usize {
        let subject = size_of::<Subject>() + self.subject.id.len();
        let arn = self.subject.arn.as_deref().map_or(0, str::len);
        let outcomes: usize = self.outcomes.iter().map(Outcome::weight).sum();
        // Tables are half full, and allocations have heads.
        2 * size_of::<(Key, Self)>() + subject + arn + outcomes + 64
    }

    /// As it is kept on disk.
    pub(super) fn row<'a>(
        &'a self,
        words: &HashMap<Arc<str>, u32>,
        codes: &mut HashMap<&'static str, u32>,
    ) -> RecordRow<&'a str> {
        // Every word of a worker's records is among its words.
        let word = |word: &Arc<str>| words.get(word).copied().unwrap_or(u32::MAX);
        let Subject { resource_type, id, region, account_id, arn } = &*self.subject;
        RecordRow {
            subject: SubjectRow {
                resource_type: word(resource_type),
                id,
                region: word(region),
                account_id: word(account_id),
                arn: arn.as_deref(),
            },
            captured: self.captured.map(Into::into),
            position: self.position,
            tagged: self.tagged,
            outcomes: self
                .outcomes
                .iter()
                .map(|outcome| match outcome {
                    Outcome::Judged(_, Some(number)) => {
                        OutcomeRow::Judged(VerdictRow::Known(*number))
                    }
                    Outcome::Judged(verdict, None) => {
                        OutcomeRow::Judged(VerdictRow::whole(verdict, |code| number(codes, code)))
                    }
                    Outcome::Undecided => OutcomeRow::Undecided,
                    Outcome::Failed(message) => OutcomeRow::Failed(message.as_ref()),
                })
                .collect(),
        }
    }
}

impl Outcome {
    fn weight(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Judged(_, Some(_)) | Self::Undecided => 0,
                Self::Judged(verdict, None) => {
                    let reason = |reason: &Reason| {
                        size_of::<Reason>() + reason.message.en.len() + reason.message.ja.len()
                    };
                    size_of::<Verdict>() + verdict.reasons().iter().map(reason).sum::<usize>()
                }
                Self::Failed(message) => message.len(),
            }
    }
}

/// Keeps the newer state. Gives what the table grew and shrank by.
pub(super) fn put(entry: Entry<'_, Key, Record>, record: Record) -> (usize, usize) {
    let more = record.weight();
    match entry {
        Entry::Vacant(entry) => {
            entry.insert(record);
            (more, 0)
        }
        Entry::Occupied(mut known) => {
            if record.replaces(known.get()) {
                let old = known.insert(record);
                (more, old.weight())
            } else {
                (0, 0)
            }
        }
    }
}
