//! What is decided of an account from what Access Analyzer told.

use aws_sdk_accessanalyzer::types::AnalyzerSummary;
use fisc_shared::parameter::ParameterError;
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Run, Verdict, message};
use jiff::{SignedDuration, Timestamp};

use super::{
    COVERED_BY_ORGANIZATION, EXTERNAL_ACCESS, EXTERNAL_ANALYZER_MISSING, FINDING_OVERDUE,
    FINDING_TYPES, GET_ANALYZER, MAX_FINDING_AGE_DAYS, MAX_UNUSED_ACCESS_AGE_DAYS,
    ORGANIZATION_ANALYZER_ACCOUNT_ID, REQUIRE_UNUSED_ACCESS_ANALYZER, UNUSED_ANALYZER_MISSING,
};

/// What an analyzer looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    External,
    Internal,
    Unused,
    /// A type that AWS added since.
    Unknown,
}

impl Class {
    /// The class of analyzer that makes findings of a type; `None` for an unknown type.
    fn of_finding(name: &str) -> Option<Self> {
        match name {
            EXTERNAL_ACCESS => Some(Self::External),
            "InternalAccess" => Some(Self::Internal),
            "UnusedIAMRole"
            | "UnusedIAMUserAccessKey"
            | "UnusedIAMUserPassword"
            | "UnusedPermission" => Some(Self::Unused),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Analyzer {
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) class: Class,
    /// It covers the organization, not only the account.
    pub(super) organization: bool,
    pub(super) status: String,
}

impl Analyzer {
    pub(super) fn new(summary: AnalyzerSummary) -> Self {
        let (class, organization) = match summary.r#type.as_str() {
            "ACCOUNT" => (Class::External, false),
            "ORGANIZATION" => (Class::External, true),
            "ACCOUNT_INTERNAL_ACCESS" => (Class::Internal, false),
            "ORGANIZATION_INTERNAL_ACCESS" => (Class::Internal, true),
            "ACCOUNT_UNUSED_ACCESS" => (Class::Unused, false),
            "ORGANIZATION_UNUSED_ACCESS" => (Class::Unused, true),
            _ => (Class::Unknown, false),
        };
        let status = summary.status.as_str().to_owned();
        Self { arn: summary.arn, name: summary.name, class, organization, status }
    }

    pub(super) fn is_active(&self) -> bool {
        self.status == "ACTIVE"
    }
}

/// The parameters of a run, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bars {
    /// The account with the organization analyzer, when it is another one.
    pub(super) relied_on: Option<String>,
    /// Other accounts rely on this one.
    pub(super) for_organization: bool,
    /// In the home Region: one analyzer sees all Regions.
    pub(super) unused_required: bool,
    pub(super) max_unused_age: i64,
    pub(super) max_finding_age: i64,
    pub(super) finding_types: Vec<String>,
}

impl Bars {
    pub(super) fn new(run: &Run<'_>) -> Result<Self, Error> {
        let account = run.parameters.account_id(&ORGANIZATION_ANALYZER_ACCOUNT_ID)?;
        let for_organization = account.as_deref() == Some(run.account_id);
        let finding_types = run.parameters.get(&FINDING_TYPES);
        if let Some(unknown) = finding_types.iter().find(|name| Class::of_finding(name).is_none()) {
            let problem = "takes finding types such as ExternalAccess or UnusedIAMRole";
            return Err(ParameterError::Invalid {
                name: FINDING_TYPES.spec.name,
                problem: problem.to_owned(),
                got: format!("{:?}", unknown.chars().take(40).collect::<String>()),
            }
            .into());
        }
        Ok(Self {
            relied_on: account.filter(|_| !for_organization),
            for_organization,
            unused_required: run.home && run.parameters.get(&REQUIRE_UNUSED_ACCESS_ANALYZER),
            max_unused_age: run.parameters.get(&MAX_UNUSED_ACCESS_AGE_DAYS),
            max_finding_age: run.parameters.get(&MAX_FINDING_AGE_DAYS),
            finding_types,
        })
    }

    /// Whether findings of this analyzer are judged.
    pub(super) fn judges(&self, analyzer: &Analyzer) -> bool {
        let judged = |name: &String| Class::of_finding(name) == Some(analyzer.class);
        analyzer.is_active() && self.finding_types.iter().any(judged)
    }
}

/// The findings that waited too long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Overdue {
    pub(super) count: usize,
    pub(super) oldest_days: i64,
}

impl Overdue {
    /// Counts a finding by when it was made.
    pub(super) fn add(&mut self, created: Timestamp, now: Timestamp, limit: i64) {
        let age = now.duration_since(created);
        if age > SignedDuration::from_hours(limit * 24) {
            self.count += 1;
            self.oldest_days = self.oldest_days.max(age.as_hours() / 24);
        }
    }
}

/// What the service told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) analyzers: Vec<Analyzer>,
    /// The tracking periods of the active unused access analyzers, when they are asked for.
    pub(super) unused_ages: Vec<Option<i32>>,
    pub(super) overdue: Overdue,
}

pub(super) fn decide(facts: &Facts, bars: &Bars, region: &str) -> Result<Verdict, Error> {
    let mut failures = Failures::new();
    if bars.relied_on.is_none() {
        external(&facts.analyzers, bars, region, &mut failures);
    }
    if bars.unused_required {
        unused(&facts.unused_ages, bars.max_unused_age, &mut failures)?;
    }
    let Overdue { count, oldest_days } = facts.overdue;
    if count > 0 {
        let limit = bars.max_finding_age;
        failures.because(
            &FINDING_OVERDUE,
            message!(
                "{count} active finding(s) are older than {limit} days, the oldest {oldest_days} days",
                "{limit} 日を超えたアクティブな検出結果が {count} 件あります(最長 {oldest_days} 日)"
            ),
        );
    }
    let Some(account) = &bars.relied_on else { return Ok(failures.into_verdict()) };
    let note = COVERED_BY_ORGANIZATION.because(message!(
        "The organization analyzer of account {account} covers this account; its findings are judged there",
        "アカウント {account} の組織アナライザーの対象です(検出結果はそのアカウントで評価)"
    ));
    let judged = bars.unused_required || facts.analyzers.iter().any(|one| bars.judges(one));
    Ok(if judged { failures.into_verdict_with(vec![note]) } else { Verdict::NotApplicable(note) })
}

fn external(analyzers: &[Analyzer], bars: &Bars, region: &str, failures: &mut Failures) {
    let external = || analyzers.iter().filter(|one| one.class == Class::External);
    let fits = |one: &Analyzer| one.organization || !bars.for_organization;
    if external().any(|one| one.is_active() && fits(one)) {
        return;
    }
    let message = match external().find(|one| fits(one)) {
        Some(Analyzer { name, status, .. }) => message!(
            "Analyzer {name} in {region} is not active ({status})",
            "{region} のアナライザー {name} は有効ではありません({status})"
        ),
        None if bars.for_organization => message!(
            "There is no organization analyzer in {region}, on which other accounts rely",
            "他のアカウントが依拠する組織アナライザーが {region} にありません"
        ),
        None => message!(
            "There is no external access analyzer in {region}",
            "{region} に外部アクセスのアナライザーがありません"
        ),
    };
    failures.because(&EXTERNAL_ANALYZER_MISSING, message);
}

fn unused(ages: &[Option<i32>], limit: i64, failures: &mut Failures) -> Result<(), Error> {
    let known: Vec<i64> = ages.iter().flatten().map(|age| i64::from(*age)).collect();
    if known.iter().any(|age| *age <= limit) {
        return Ok(());
    }
    // One whose period is not told may be the one that fits.
    if known.len() < ages.len() {
        let field = "analyzer.configuration.unusedAccess.unusedAccessAge".to_owned();
        return Err(Error::Answer { action: GET_ANALYZER, field });
    }
    match known.iter().min() {
        Some(days) => failures.because(
            &UNUSED_ANALYZER_MISSING,
            message!(
                "The unused access analyzer tracks {days} days; at most {limit} are accepted",
                "未使用アクセスのアナライザーの追跡期間が {days} 日です(上限 {limit} 日)"
            ),
        ),
        None => failures.because(
            &UNUSED_ANALYZER_MISSING,
            message!(
                "No unused access analyzer is active",
                "有効な未使用アクセスのアナライザーがありません"
            ),
        ),
    }
    Ok(())
}
