//! Results before they are put together by criterion, wherever they come from.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use fisc_shared::{Control, Message, Verdict, message};
use jiff::Timestamp;

use super::finding::{Finding, Reason, State};
use crate::report::{Evaluation, FileRead, Problem, Report, Subject, Undecided};
use crate::spill::SpillError;

/// Where results come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Evaluated from files of configuration items.
    Items,
    /// Evaluated in the account.
    Live,
    /// Read from the JSON of scans or reports.
    Results,
    /// Read from an aggregator of AWS Config with this name.
    Aggregator(String),
}

impl Origin {
    /// The word in JSON.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Items => "items",
            Self::Live => "live",
            Self::Results => "results",
            Self::Aggregator(_) => "aggregator",
        }
    }
}

/// Results and what must be known about them.
#[derive(Debug)]
pub struct Gathered {
    /// Every result.
    pub findings: Vec<Finding>,
    /// What could not be evaluated; those with a control are findings too.
    pub problems: Vec<Problem>,
    /// What a reader must know.
    pub notes: Vec<Message>,
    /// The controls that were asked.
    pub controls: Vec<&'static Control>,
    /// The accounts that were looked at.
    pub accounts: BTreeSet<String>,
    /// The Regions that were looked at; `global` is none.
    pub regions: BTreeSet<String>,
    /// Files that were read.
    pub files: Vec<FileRead>,
    /// Types that were read and that no control judges, with the number of items.
    pub types_left: BTreeMap<String, u64>,
    /// Where the results come from.
    pub origin: Origin,
    /// The clock by which ages and expiries were judged.
    pub at: Timestamp,
    /// The version that judged; the version of this program unless a file says otherwise.
    pub version: String,
}

impl Gathered {
    /// Nothing yet.
    #[must_use]
    pub fn new(origin: Origin, at: Timestamp) -> Self {
        Self {
            findings: Vec::new(),
            problems: Vec::new(),
            notes: Vec::new(),
            controls: Vec::new(),
            accounts: BTreeSet::new(),
            regions: BTreeSet::new(),
            files: Vec::new(),
            types_left: BTreeMap::new(),
            origin,
            at,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// What a scan found.
    ///
    /// # Errors
    /// When results cannot be read back from disk.
    pub fn of_scan(report: Report, origin: Origin) -> Result<Self, SpillError> {
        let mut gathered = Self::new(origin, report.at);
        let mut reasons = Reasons::default();
        let evaluations = report.evaluations.into_vec()?;
        gathered.findings = evaluations.into_iter().map(|one| reasons.finding(one)).collect();
        let open = report.not_evaluated.into_vec()?;
        gathered.findings.extend(open.into_iter().map(|one| reasons.open(one)));
        gathered.notes = report.warnings.into_iter().map(alike).collect();
        gathered.controls = report.controls;
        gathered.accounts = report.accounts.into_iter().collect();
        gathered.files = report.files;
        let left = report.types.into_iter().filter(|(_, read)| !read.judged);
        gathered.types_left = left.map(|(name, read)| (name, read.items)).collect();
        gathered.add_problems(report.errors.into_vec()?);
        gathered.find_places();
        Ok(gathered)
    }

    /// Takes problems; those of a control become findings of it too.
    pub fn add_problems(&mut self, problems: Vec<Problem>) {
        for problem in &problems {
            let control = problem.control.and_then(crate::registry::find);
            if let Some(control) = control {
                self.findings.push(error(control, problem));
            }
        }
        self.problems.extend(problems);
    }

    /// Keeps what is of these controls only; of the others then nothing is said.
    pub fn keep(&mut self, controls: &[&'static Control]) {
        let kept = |id: &str| controls.iter().any(|control| control.id == id);
        self.findings.retain(|finding| kept(finding.control.id));
        self.problems.retain(|problem| problem.control.is_none_or(kept));
        self.controls.retain(|control| kept(control.id));
    }

    /// Learns accounts and Regions from the findings.
    pub fn find_places(&mut self) {
        let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
        for finding in &self.findings {
            seen.insert((&finding.subject.account_id, &finding.subject.region));
        }
        for (account, region) in seen {
            if !account.is_empty() {
                self.accounts.insert(account.to_owned());
            }
            if !matches!(region, "" | "global") {
                self.regions.insert(region.to_owned());
            }
        }
    }
}

/// A text that is the same in both languages.
pub(super) fn alike(text: String) -> Message {
    Message { ja: text.clone(), en: text }
}

/// The finding of a control that could not judge.
fn error(control: &'static Control, problem: &Problem) -> Finding {
    let text = |field: &Option<String>| field.clone().unwrap_or_default();
    let subject = Subject {
        resource_type: text(&problem.resource_type).into(),
        id: text(&problem.resource_id).into(),
        region: text(&problem.region).into(),
        account_id: "".into(),
        arn: None,
    };
    Finding {
        control,
        subject: subject.into(),
        state: State::Error,
        reasons: [Reason::plain(alike(problem.message.clone()))].into(),
        exemption: None,
    }
}

/// The reasons of verdicts, made once for every shared verdict.
#[derive(Default)]
struct Reasons {
    known: HashMap<*const Verdict, (Arc<Verdict>, Arc<[Reason]>)>,
    open: HashMap<&'static str, Arc<[Reason]>>,
}

impl Reasons {
    fn finding(&mut self, one: Evaluation) -> Finding {
        // The verdict is kept with its reasons: its address stays its own.
        let (_, reasons) = self.known.entry(Arc::as_ptr(&one.verdict)).or_insert_with(|| {
            let reasons = one
                .verdict
                .reasons()
                .iter()
                .map(|reason| Reason { code: reason.code.into(), message: reason.message.clone() });
            (Arc::clone(&one.verdict), reasons.collect())
        });
        Finding {
            control: one.control,
            subject: one.subject,
            state: one.verdict.as_ref().into(),
            reasons: Arc::clone(reasons),
            exemption: one.verdict.exemption().map(|granted| Arc::new(granted.into())),
        }
    }

    fn open(&mut self, one: Undecided) -> Finding {
        let reasons = self.open.entry(one.control.id).or_insert_with(|| must_ask(one.control));
        Finding {
            control: one.control,
            subject: one.subject,
            state: State::NotEvaluated,
            reasons: Arc::clone(reasons),
            exemption: None,
        }
    }
}

/// Why files do not decide.
pub(super) fn must_ask(control: &Control) -> Arc<[Reason]> {
    let actions: Vec<&str> = control.actions.iter().map(|action| action.name).collect();
    let actions = actions.join(", ");
    [Reason::plain(message!(
        "Files do not decide it, AWS must be asked: {actions}",
        "ファイルだけでは判定できず、AWS への問い合わせが必要です: {actions}"
    ))]
    .into()
}
