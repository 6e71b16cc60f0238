//! What a scan found: the model that every output format writes.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::process::ExitCode;
use std::sync::Arc;

use fisc_shared::verdict::Compliance;
use fisc_shared::{Check, Control, Resource, ResourceType, Severity, Verdict};
use jiff::Timestamp;

use crate::plan::Plan;
use crate::results::Results;

/// A resource; type, account and Region are shared by very many.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    /// Type as AWS Config names it.
    pub resource_type: Arc<str>,
    /// Id as AWS Config records it; empty where it is not known.
    pub id: Box<str>,
    /// Region; `global` for global resources, empty where it is not known.
    pub region: Arc<str>,
    /// Account; empty where the file does not tell.
    pub account_id: Arc<str>,
    /// ARN where it is known.
    pub arn: Option<Box<str>>,
}

impl From<Resource> for Subject {
    fn from(resource: Resource) -> Self {
        Self {
            resource_type: resource.resource_type.into(),
            id: resource.id.into(),
            region: resource.region.into(),
            account_id: resource.account_id.into(),
            arn: resource.arn.map(Into::into),
        }
    }
}

/// What one control says of one resource.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// The control.
    pub control: &'static Control,
    /// The resource.
    pub subject: Arc<Subject>,
    /// The verdict; shared, because very many resources fail or pass for the same reason.
    pub verdict: Arc<Verdict>,
    /// The state that was judged.
    pub at: Timestamp,
}

/// A resource that a control could not judge by what was at hand: a service must be asked.
#[derive(Debug, Clone)]
pub struct Undecided {
    /// The control.
    pub control: &'static Control,
    /// The resource, or the account.
    pub subject: Arc<Subject>,
}

/// Something that could not be evaluated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problem {
    /// The file, where it came from one.
    pub file: Option<String>,
    /// Where in the file, after decompression.
    pub offset: Option<u64>,
    /// The control, where only one could not decide.
    pub control: Option<&'static str>,
    /// The resource's type, where it is known.
    pub resource_type: Option<String>,
    /// The resource's id, where it is known.
    pub resource_id: Option<String>,
    /// The resource's Region, where it is known.
    pub region: Option<String>,
    /// What happened, and what to do.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        let mut part = |f: &mut fmt::Formatter<'_>, text: &dyn fmt::Display| {
            write!(f, "{separator}{text}")?;
            separator = ": ";
            Ok(())
        };
        if let Some(file) = &self.file {
            match self.offset {
                Some(offset) => part(f, &format_args!("{file}, byte {offset}"))?,
                None => part(f, file)?,
            }
        }
        if let Some(control) = self.control {
            part(f, &control)?;
        }
        if let Some(resource_type) = &self.resource_type {
            let id = self.resource_id.as_deref().unwrap_or("?");
            match self.region.as_deref().filter(|region| !region.is_empty()) {
                Some(region) => part(f, &format_args!("{resource_type} {id} ({region})"))?,
                None => part(f, &format_args!("{resource_type} {id}"))?,
            }
        }
        part(f, &self.message)
    }
}

/// How often a control came to which result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Resources that fail.
    pub non_compliant: usize,
    /// Resources that pass.
    pub compliant: usize,
    /// Resources that the control does not apply to.
    pub not_applicable: usize,
    /// Resources for which a service must be asked.
    pub not_evaluated: usize,
    /// Resources that could not be judged.
    pub errors: usize,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRead {
    /// Its name.
    pub name: String,
    /// How many items it held.
    pub items: u64,
}

/// How many items of a type were read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TypeRead {
    /// Items.
    pub items: u64,
    /// Whether a control of the scan judges the type.
    pub judged: bool,
}

/// Everything that a scan found.
#[derive(Debug)]
pub struct Report {
    /// The verdicts: failures first, then by control and resource.
    pub evaluations: Results<Evaluation>,
    /// What a service must be asked for.
    pub not_evaluated: Results<Undecided>,
    /// What could not be evaluated.
    pub errors: Results<Problem>,
    /// What a reader of the result must know.
    pub warnings: Vec<String>,
    /// The controls of the scan.
    pub controls: Vec<&'static Control>,
    /// The files that were read; none of a live scan.
    pub files: Vec<FileRead>,
    /// How many items were read.
    pub items: u64,
    /// The resource types that were read.
    pub types: BTreeMap<String, TypeRead>,
    /// The accounts that were seen.
    pub accounts: Vec<String>,
    /// The clock of the scan.
    pub at: Timestamp,
}

impl Report {
    /// A report on which nothing is written yet.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        Self {
            evaluations: Results::default(),
            not_evaluated: Results::default(),
            errors: Results::default(),
            warnings: Vec::new(),
            controls: plan.controls.iter().map(|planned| planned.control).collect(),
            files: Vec::new(),
            items: 0,
            types: BTreeMap::new(),
            accounts: Vec::new(),
            at: plan.now,
        }
    }

    /// Takes results, in the order of the outputs: failures first, then by control and resource.
    #[must_use]
    pub fn with(mut self, mut evaluations: Vec<Evaluation>, errors: Vec<Problem>) -> Self {
        let order = Order::of(&self.controls);
        let place = |control: &Control| order.place(control.id);
        evaluations.sort_by(|a, b| {
            let (one, two) = (a.verdict.compliance(), b.verdict.compliance());
            one.cmp(&two)
                .then_with(|| place(a.control).cmp(&place(b.control)))
                .then_with(|| a.subject.cmp(&b.subject))
        });
        self.evaluations = evaluations.into();
        self.errors = errors.into();
        self
    }

    /// Puts what a service must be asked for in the order of the outputs.
    pub fn sort_open(&self, open: &mut [Undecided]) {
        let order = Order::of(&self.controls);
        let place = |control: &Control| order.place(control.id);
        open.sort_by(|a, b| {
            place(a.control).cmp(&place(b.control)).then_with(|| a.subject.cmp(&b.subject))
        });
    }

    /// The tallies of every control of the scan, in its order.
    #[must_use]
    pub fn tallies(&self) -> Vec<(&'static Control, Tally)> {
        let order = Order::of(&self.controls);
        let mut tallies: Vec<_> =
            self.controls.iter().map(|&control| (control, Tally::default())).collect();
        let mut count = |id: &str, add: &dyn Fn(&mut Tally)| {
            if let Some((_, tally)) = order.place(id).and_then(|place| tallies.get_mut(place)) {
                add(tally);
            }
        };
        for ((compliance, id), many) in self.evaluations.counts() {
            count(id, &|tally| tally.count_many(compliance, many));
        }
        for (id, many) in self.not_evaluated.counts() {
            count(id, &|tally| tally.not_evaluated += many);
        }
        for (id, many) in self.errors.counts() {
            if let Some(id) = id {
                count(id, &|tally| tally.errors += many);
            }
        }
        tallies
    }

    /// The tally of the whole scan.
    #[must_use]
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        for ((compliance, _), many) in self.evaluations.counts() {
            total.count_many(compliance, many);
        }
        total.not_evaluated = self.not_evaluated.len();
        total.errors = self.errors.len();
        total
    }

    /// The tallies by severity, the gravest first; severities without any control are left out.
    #[must_use]
    pub fn by_severity(&self) -> Vec<(Severity, Tally)> {
        let mut severities: BTreeMap<Severity, Tally> = BTreeMap::new();
        for (control, tally) in self.tallies() {
            severities.entry(control.severity).or_default().add(tally);
        }
        severities.into_iter().rev().collect()
    }

    /// 0: no failure; 1: at least one; 2: something could not be evaluated.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        let counts = self.evaluations.counts();
        let failed = counts.keys().any(|(compliance, _)| *compliance == Compliance::NonCompliant);
        ExitCode::from(match (self.errors.is_empty(), failed) {
            (false, _) => 2,
            (true, true) => 1,
            (true, false) => 0,
        })
    }

    /// The controls that judge the accounts as such: no item tells of them.
    #[must_use]
    pub fn account_level(&self) -> Vec<Undecided> {
        let mut open = Vec::new();
        for &control in &self.controls {
            let asks = matches!(control.check, Check::Service { .. });
            if !asks || !control.judges(ResourceType::ACCOUNT.name) {
                continue;
            }
            let accounts: &[String] =
                if self.accounts.is_empty() { &[String::new()] } else { &self.accounts };
            for account in accounts {
                let resource = Resource::account(account, "");
                let arn = resource.arn.clone().filter(|_| !account.is_empty());
                let subject = Arc::new(Subject::from(Resource { arn, ..resource }));
                open.push(Undecided { control, subject });
            }
        }
        open
    }
}

/// Where the controls of a scan stand in its order, by their ids.
struct Order(HashMap<&'static str, usize>);

impl Order {
    fn of(controls: &[&'static Control]) -> Self {
        let places = controls.iter().enumerate();
        Self(places.map(|(place, control)| (control.id, place)).collect())
    }

    fn place(&self, id: &str) -> Option<usize> {
        self.0.get(id).copied()
    }
}

impl Tally {
    /// Counts one verdict.
    pub const fn count(&mut self, compliance: Compliance) {
        self.count_many(compliance, 1);
    }

    /// Counts verdicts that are alike.
    pub const fn count_many(&mut self, compliance: Compliance, many: usize) {
        match compliance {
            Compliance::NonCompliant => self.non_compliant += many,
            Compliance::Compliant => self.compliant += many,
            Compliance::NotApplicable => self.not_applicable += many,
        }
    }

    const fn add(&mut self, other: Self) {
        self.non_compliant += other.non_compliant;
        self.compliant += other.compliant;
        self.not_applicable += other.not_applicable;
        self.not_evaluated += other.not_evaluated;
        self.errors += other.errors;
    }
}
