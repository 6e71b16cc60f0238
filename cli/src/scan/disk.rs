//! Puts a report together from what workers wrote to disk, without ever holding all of it.
//!
//! Workers leave lists of judged resources, each sorted by resource. Merging them brings all
//! states of a resource together, of which the newest stays. Outputs want results by verdict,
//! control and resource: as resources now come in order, every verdict of every control gets a
//! list of its own, which is in order by itself.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use fisc_shared::Control;
use fisc_shared::verdict::Compliance;
use itertools::Itertools;
use serde::Serialize;

use super::collect::{Collector, Position, Spilled, weight_of};
use super::room::Room;
use super::stored::{
    EvaluationRow, Moment, Numbers, OutcomeRow, Pools, ProblemRow, RecordRow, SubjectRow,
    VerdictRow,
};
use crate::plan::Plan;
use crate::report::{Evaluation, Problem, Report, Undecided};
use crate::results::{OnDisk, Results};
use crate::spill::{Reader, Runs, SpillError, Store, Writing, Written, merged};

/// What is said of a row that names what is not there.
const NO_SUCH: &str = "a row names what is not there";

/// Writes everything into the report, in the order of the outputs. `problems` are those of files,
/// `files` the names of files by their numbers; the report knows its accounts.
pub(super) fn finish(
    collectors: Vec<Collector<'_>>,
    plan: &Plan,
    room: &Room,
    problems: &[(Position, Problem)],
    files: Vec<String>,
    report: &mut Report,
) -> Result<(), SpillError> {
    let (pools, workers) = pooled(collectors);
    let mut sorting = Sorting::new(room);
    sorting.add_of_files(problems)?;
    let mut evaluations = Classes::new(room)?;
    let mut open = Classes::new(room)?;
    for record in records(&workers, room) {
        let RecordRow { subject, captured, position, outcomes, .. } = record?;
        let at = captured.unwrap_or_else(|| Moment::from(plan.now));
        let damaged = || room.damaged(NO_SUCH);
        let word = |number| pools.word(number).ok_or_else(damaged);
        let resource_type = word(subject.resource_type)?;
        for ((place, planned), outcome) in plan.judging(resource_type).zip(outcomes) {
            match outcome {
                OutcomeRow::Judged(verdict) => {
                    let compliance = verdict.compliance(&pools).ok_or_else(damaged)?;
                    let row = EvaluationRow { subject: subject.borrowed(), verdict: &verdict, at };
                    evaluations.push((compliance, place), &row)?;
                }
                OutcomeRow::Undecided => open.push(place, &subject)?,
                OutcomeRow::Failed(message) => {
                    let problem = Problem {
                        control: Some(planned.control.id),
                        resource_type: Some(resource_type.as_ref().into()),
                        resource_id: Some(subject.id.as_ref().into()),
                        region: Some(word(subject.region)?.as_ref().into()),
                        message: message.into(),
                        ..Problem::default()
                    };
                    sorting.add(position, problem)?;
                }
            }
        }
    }
    // The lists of records are gone from here on; those of problems are read by the report.
    let lists = workers.into_iter().map(|(spilled, _)| spilled.problems).collect();
    let controls = report.controls.clone();
    let mut extra = report.account_level();
    report.sort_open(&mut extra);
    report.errors = Results::Disk(Box::new(sorting.finish(lists, files, &controls)?));
    let pools = Arc::new(pools);
    let (store, lists) = evaluations.close()?;
    let evaluations =
        Evaluations { store, lists, controls: controls.clone(), pools: Arc::clone(&pools) };
    report.evaluations = Results::Disk(Box::new(evaluations));
    let (store, lists) = open.close()?;
    report.not_evaluated = Results::Disk(Box::new(Open { store, lists, extra, controls, pools }));
    Ok(())
}

/// Puts what the workers named by number together, and says what their numbers are in it.
fn pooled(collectors: Vec<Collector<'_>>) -> (Pools, Vec<(Spilled, Numbers)>) {
    let mut pools = Pools::default();
    let words: BTreeSet<Arc<str>> =
        collectors.iter().flat_map(|one| one.words.keys().cloned()).collect();
    pools.words = words.into_iter().collect();
    let mut codes: HashMap<&'static str, u32> = HashMap::new();
    let workers = collectors
        .into_iter()
        .map(|Collector { words, verdicts, codes: own, spilled, .. }| {
            let words = numbered(words.into_iter().map(|(word, number)| {
                let place = pools.words.binary_search(&word).unwrap_or(usize::MAX);
                (number, u32::try_from(place).unwrap_or(u32::MAX))
            }));
            let own = numbered(own.into_iter().map(|(code, number)| {
                let next = u32::try_from(pools.codes.len()).unwrap_or(u32::MAX);
                let place = *codes.entry(code).or_insert_with(|| {
                    pools.codes.push(code);
                    next
                });
                (number, place)
            }));
            let first = u32::try_from(pools.verdicts.len()).unwrap_or(u32::MAX);
            pools.verdicts.extend(verdicts.into_numbered());
            (spilled, Numbers { words, verdicts: first, codes: own })
        })
        .collect();
    (pools, workers)
}

/// Values in the order of their numbers, which are all those from zero on.
fn numbered(pairs: impl Iterator<Item = (u32, u32)>) -> Vec<u32> {
    pairs.sorted_unstable().map(|(_, value)| value).collect()
}

/// The newest state of every resource, in the order of resources.
#[expect(clippy::result_large_err, reason = "coalesce goes on with both rows, as an error")]
fn records(
    workers: &[(Spilled, Numbers)],
    room: &Room,
) -> impl Iterator<Item = Result<RecordRow<Box<str>>, SpillError>> {
    let lists = workers.iter().flat_map(move |(spilled, numbers)| {
        spilled.records.readers().map(move |reader| {
            reader
                .owned::<RecordRow<Box<str>>>()
                .map(move |row| row?.adopt(numbers).ok_or_else(|| room.damaged(NO_SUCH)))
        })
    });
    merged(lists, |a, b| a.subject.key() < b.subject.key()).coalesce(|a, b| match (a, b) {
        (Ok(a), Ok(b)) if a.subject.key() == b.subject.key() => Ok(Ok(a.newer(b))),
        (a, b) => Err((a, b)),
    })
}

/// Lists of rows by class, in one file.
struct Classes<K> {
    store: Store,
    lists: BTreeMap<K, Writing>,
}

impl<K: Ord> Classes<K> {
    fn new(room: &Room) -> Result<Self, SpillError> {
        Ok(Self { store: Store::create(&room.folder)?, lists: BTreeMap::new() })
    }

    fn push(&mut self, class: K, row: &impl Serialize) -> Result<(), SpillError> {
        self.lists.entry(class).or_default().push(&mut self.store, row)
    }

    fn close(self) -> Result<(Store, BTreeMap<K, Written>), SpillError> {
        let Self { mut store, lists } = self;
        let close = |(class, list): (K, Writing)| Ok((class, list.close(&mut store)?));
        let lists = lists.into_iter().map(close).collect::<Result<_, SpillError>>()?;
        Ok((store, lists))
    }
}

/// Sorts problems by where they are.
struct Sorting {
    some: Vec<(Position, Problem)>,
    weight: usize,
    most: usize,
    runs: Runs,
    counts: BTreeMap<Option<&'static str>, usize>,
}

impl Sorting {
    fn new(room: &Room) -> Self {
        let runs = Runs::new(&room.folder);
        Self { some: Vec::new(), weight: 0, most: room.bytes / 4, runs, counts: BTreeMap::new() }
    }

    fn add_of_files(&mut self, problems: &[(Position, Problem)]) -> Result<(), SpillError> {
        if problems.is_empty() {
            return Ok(());
        }
        self.counts.insert(None, problems.len());
        let turns = problems.iter().enumerate();
        let rows =
            turns.map(|(turn, (position, problem))| ProblemRow::of(*position, turn, problem));
        self.runs.add(rows.sorted_unstable())
    }

    fn add(&mut self, position: Position, problem: Problem) -> Result<(), SpillError> {
        *self.counts.entry(problem.control).or_default() += 1;
        self.weight += weight_of(&problem);
        self.some.push((position, problem));
        if self.weight > self.most { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), SpillError> {
        if !self.some.is_empty() {
            let rows = self.some.iter();
            let rows = rows.map(|(position, problem)| ProblemRow::of_item(*position, problem));
            self.runs.add(rows.sorted_unstable())?;
            self.some.clear();
            self.weight = 0;
        }
        Ok(())
    }

    /// All problems; `lists` are those of the workers.
    fn finish(
        mut self,
        mut lists: Vec<Runs>,
        files: Vec<String>,
        controls: &[&'static Control],
    ) -> Result<Problems, SpillError> {
        self.flush()?;
        let unreadable: usize = lists.iter().map(Runs::rows).sum();
        if unreadable > 0 {
            *self.counts.entry(None).or_default() += unreadable;
        }
        lists.push(self.runs);
        let controls = controls.iter().map(|control| control.id).collect();
        Ok(Problems { lists, files, controls, counts: self.counts })
    }
}

/// Verdicts, a list for every verdict of every control.
struct Evaluations {
    store: Store,
    lists: BTreeMap<(Compliance, usize), Written>,
    controls: Vec<&'static Control>,
    pools: Arc<Pools>,
}

impl Evaluations {
    fn lists(&self) -> impl Iterator<Item = (Compliance, &'static Control, &Written)> {
        self.lists.iter().filter_map(|((compliance, place), list)| {
            Some((*compliance, *self.controls.get(*place)?, list))
        })
    }

    fn next(
        &self,
        reader: &mut Reader<'_>,
        control: &'static Control,
    ) -> Result<Option<Evaluation>, SpillError> {
        let row: Option<EvaluationRow<'_, VerdictRow<&str>>> = reader.next_row()?;
        let Some(EvaluationRow { subject, verdict, at }) = row else { return Ok(None) };
        let revived = || {
            let subject = self.pools.subject(subject)?.into();
            let verdict = self.pools.verdict(verdict)?;
            Some(Evaluation { control, subject, verdict, at: at.timestamp()? })
        };
        Ok(Some(revived().ok_or_else(|| self.store.damaged(NO_SUCH))?))
    }
}

impl OnDisk<Evaluation> for Evaluations {
    fn counts(&self) -> BTreeMap<(Compliance, &'static str), usize> {
        self.lists()
            .map(|(compliance, control, list)| ((compliance, control.id), list.rows()))
            .collect()
    }

    fn rows(&self) -> Box<dyn Iterator<Item = Result<Evaluation, SpillError>> + '_> {
        Box::new(self.lists().flat_map(move |(_, control, list)| {
            let mut reader = list.read(&self.store);
            std::iter::from_fn(move || self.next(&mut reader, control).transpose())
        }))
    }
}

/// What a service must be asked for, a list for every control.
struct Open {
    store: Store,
    lists: BTreeMap<usize, Written>,
    /// What no item tells of.
    extra: Vec<Undecided>,
    controls: Vec<&'static Control>,
    pools: Arc<Pools>,
}

impl Open {
    fn next(
        &self,
        reader: &mut Reader<'_>,
        control: &'static Control,
    ) -> Result<Option<Undecided>, SpillError> {
        let row: Option<SubjectRow<&str>> = reader.next_row()?;
        let Some(row) = row else { return Ok(None) };
        let subject = self.pools.subject(row).ok_or_else(|| self.store.damaged(NO_SUCH))?;
        Ok(Some(Undecided { control, subject: subject.into() }))
    }

    fn extra(&self, control: &'static Control) -> impl Iterator<Item = &Undecided> {
        self.extra.iter().filter(|one| one.control.id == control.id)
    }
}

impl OnDisk<Undecided> for Open {
    fn counts(&self) -> BTreeMap<&'static str, usize> {
        let all = self.controls.iter().enumerate().map(|(place, control)| {
            let listed = self.lists.get(&place).map_or(0, Written::rows);
            (control.id, listed + self.extra(control).count())
        });
        all.filter(|(_, many)| *many > 0).collect()
    }

    fn rows(&self) -> Box<dyn Iterator<Item = Result<Undecided, SpillError>> + '_> {
        Box::new(self.controls.iter().enumerate().flat_map(move |(place, &control)| {
            let listed = self.lists.get(&place).into_iter().flat_map(move |list| {
                let mut reader = list.read(&self.store);
                std::iter::from_fn(move || self.next(&mut reader, control).transpose())
            });
            let extra = self.extra(control).cloned().map(Ok);
            listed.merge_by(extra, |a: &Result<Undecided, SpillError>, b| match (a, b) {
                (Ok(a), Ok(b)) => a.subject <= b.subject,
                (one, _) => one.is_err(),
            })
        }))
    }
}

/// What could not be evaluated, in sorted lists.
struct Problems {
    lists: Vec<Runs>,
    files: Vec<String>,
    controls: HashSet<&'static str>,
    counts: BTreeMap<Option<&'static str>, usize>,
}

impl OnDisk<Problem> for Problems {
    fn counts(&self) -> BTreeMap<Option<&'static str>, usize> {
        self.counts.clone()
    }

    fn rows(&self) -> Box<dyn Iterator<Item = Result<Problem, SpillError>> + '_> {
        let lists = self.lists.iter().flat_map(Runs::readers);
        let rows = merged(lists.map(Reader::owned::<ProblemRow<String>>), |a, b| a < b);
        let control = |id: &str| self.controls.get(id).copied();
        Box::new(rows.map(move |row| Ok(row?.problem(&self.files, control))))
    }
}

/// Says how much there is, not all of it.
macro_rules! debug {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let rows: usize = self.counts().values().sum();
                write!(f, concat!(stringify!($name), " on disk ({})"), rows)
            }
        }
    )*};
}

debug!(Evaluations, Open, Problems);
