//! `access-analyzer`: IAM Access Analyzer watches the Region, and what it finds is handled in
//! time.
//!
//! An external access analyzer tells of every resource that somebody outside of the account (or
//! the organization) can reach. It helps only where it runs, in each Region, and when its findings
//! are resolved or archived. An organization may run one analyzer for all of its accounts, in the
//! management or the delegated administrator account: the members cannot see it, so a parameter
//! names that account, and there the findings of all members are judged.
//!
//! Criteria: 実16 2, 実27, 実27 4 ask for it. To fix an account, create an analyzer in the Region
//! and resolve or archive its findings.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_accessanalyzer::Client;
use aws_sdk_accessanalyzer::types::{AnalyzerSummary, Criterion};
use aws_types::SdkConfig;
use fisc_shared::config_service::from_sdk;
use fisc_shared::control::{AccountCheck, OfAccount};
use fisc_shared::error::{Call, ServiceError};
use fisc_shared::parameter::{Param, ParameterError};
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Action, Check, Control, Criteria, Domain, Error, Limits, Placement, Remark, Requirement,
    ResourceType, Run, ServiceCheck, Severity, Text, Trigger, Verdict, message, no_item_tells,
};
use jiff::{SignedDuration, Timestamp};

use crate::accounts::account_id;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "access-analyzer",
    domain: Domain::Identity,
    severity: Severity::Medium,
    title: Text::new(
        "IAM Access Analyzer is active and its findings are handled in time",
        "IAM Access Analyzer を有効にし、検出結果を期限内に処置する",
    ),
    why: Text::new(
        "A bucket, key or role that was opened to another account by mistake stays open until \
         somebody notices. Access Analyzer notices within minutes; it helps only if it runs in \
         every Region and somebody acts on what it finds.",
        "誤って他のアカウントに公開されたバケット、キー、ロールは、誰かが気付くまで公開されたままです。\
         Access Analyzer はそれを数分で検出しますが、すべてのリージョンで動作し、検出結果が処置されて\
         初めて効果があります。",
    ),
    fix: Text::new(
        "Create an analyzer in every Region: aws accessanalyzer create-analyzer --analyzer-name \
         external --type ACCOUNT (or ORGANIZATION, from the delegated administrator account). \
         Remove access that is not intended, and archive findings of access that is.",
        "すべてのリージョンでアナライザーを作成します: aws accessanalyzer create-analyzer \
         --analyzer-name external --type ACCOUNT(委任管理者アカウントでは ORGANIZATION)。意図しない\
         アクセスは取り除き、意図したアクセスの検出結果はアーカイブします。",
    ),
    reference: "https://docs.aws.amazon.com/IAM/latest/UserGuide/what-is-access-analyzer.html",
    criteria: Criteria {
        explicit: &["実16 2", "実27", "実27 4"],
        implied: &["統24 6", "統24 8", "実5 3", "実25 3", "実42 4", "実100 4"],
    },
    resources: &[ResourceType::ACCOUNT],
    trigger: Trigger::Periodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(LIST_ANALYZERS),
        Action::on(GET_ANALYZER, ANALYZERS),
        Action::on(LIST_FINDINGS, ANALYZERS),
    ],
    parameters: &[
        ORGANIZATION_ANALYZER_ACCOUNT_ID.spec,
        REQUIRE_UNUSED_ACCESS_ANALYZER.spec,
        MAX_UNUSED_ACCESS_AGE_DAYS.spec,
        MAX_FINDING_AGE_DAYS.spec,
        FINDING_TYPES.spec,
    ],
    requirements: &[&EXTERNAL_ANALYZER_MISSING, &UNUSED_ANALYZER_MISSING, &FINDING_OVERDUE],
    remarks: &[&COVERED_BY_ORGANIZATION],
    limits: Limits::SWEEP,
    check: Check::Service { preview: no_item_tells, connect, swept: &[ResourceType::ACCOUNT] },
};

const LIST_ANALYZERS: &str = "access-analyzer:ListAnalyzers";
const GET_ANALYZER: &str = "access-analyzer:GetAnalyzer";
/// IAM's name for ListFindingsV2 too.
const LIST_FINDINGS: &str = "access-analyzer:ListFindings";
const ANALYZERS: &str =
    "arn:${AWS::Partition}:access-analyzer:${AWS::Region}:${AWS::AccountId}:analyzer/*";
/// Findings that one page may hold.
const PAGE: i32 = 100;

const ORGANIZATION_ANALYZER_ACCOUNT_ID: Param<Vec<String>> = Param::list(
    "organizationAnalyzerAccountId",
    &[],
    Text::new(
        "Account that runs an organization analyzer; other accounts then rely on it, and the \
         findings of all accounts are judged there",
        "組織のアナライザーを実行するアカウントの ID。他のアカウントはそれに依拠し、全アカウントの\
         検出結果はそのアカウントで評価する",
    ),
);

const REQUIRE_UNUSED_ACCESS_ANALYZER: Param<bool> = Param::flag(
    "requireUnusedAccessAnalyzer",
    false,
    Text::new(
        "An unused access analyzer must run too; it sees all Regions and is charged per principal, \
         so set this in the stack of the home Region only",
        "未使用アクセスのアナライザーも必須とする。1 つで全リージョンを対象とし、プリンシパルごとに課金\
         されるため、ホームリージョンのスタックでのみ設定する",
    ),
);

const MAX_UNUSED_ACCESS_AGE_DAYS: Param<i64> = Param::integer(
    "maxUnusedAccessAgeDays",
    90,
    1,
    365,
    Text::new(
        "Longest accepted tracking period of the unused access analyzer in days",
        "未使用アクセスのアナライザーに認める追跡期間の上限(日)",
    ),
);

const MAX_FINDING_AGE_DAYS: Param<i64> = Param::integer(
    "maxFindingAgeDays",
    30,
    1,
    3650,
    Text::new(
        "Age in days that an active finding may reach",
        "アクティブな検出結果に認める経過日数の上限",
    ),
);

const EXTERNAL_ACCESS: &str = "ExternalAccess";

const FINDING_TYPES: Param<Vec<String>> = Param::list(
    "findingTypes",
    &[EXTERNAL_ACCESS],
    Text::new(
        "Finding types that are judged: ExternalAccess, InternalAccess, UnusedIAMRole, \
         UnusedIAMUserAccessKey, UnusedIAMUserPassword, UnusedPermission",
        "評価する検出結果のタイプ: ExternalAccess、InternalAccess、UnusedIAMRole、\
         UnusedIAMUserAccessKey、UnusedIAMUserPassword、UnusedPermission",
    ),
);

const EXTERNAL_ANALYZER_MISSING: Requirement = Requirement {
    code: "EXTERNAL_ANALYZER_MISSING",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "No external access analyzer is active in the Region",
        "このリージョンに有効な外部アクセスのアナライザーがありません",
    ),
    rule: Text::new(
        "Fails when no analyzer of type ACCOUNT or ORGANIZATION has the status ACTIVE \
         (ListAnalyzers); in the account of organizationAnalyzerAccountId it must be an \
         ORGANIZATION analyzer. Accounts that rely on that one need none of their own.",
        "タイプが ACCOUNT または ORGANIZATION で状態が ACTIVE のアナライザーがないとき不適合です\
         (ListAnalyzers)。organizationAnalyzerAccountId のアカウントでは ORGANIZATION である\
         必要があります。そのアナライザーに依拠するアカウントでは不要です。",
    ),
};

const UNUSED_ANALYZER_MISSING: Requirement = Requirement {
    code: "UNUSED_ANALYZER_MISSING",
    wave: 3,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "No unused access analyzer with a short enough tracking period is active",
        "追跡期間が上限以内の有効な未使用アクセスのアナライザーがありません",
    ),
    rule: Text::new(
        "With requireUnusedAccessAnalyzer: fails when no ACTIVE analyzer of an unused access type \
         has a tracking period of at most maxUnusedAccessAgeDays (ListAnalyzers, GetAnalyzer).",
        "requireUnusedAccessAnalyzer を指定した場合: 状態が ACTIVE で、追跡期間が \
         maxUnusedAccessAgeDays 以内の未使用アクセスのアナライザーがないとき不適合です\
         (ListAnalyzers、GetAnalyzer)。",
    ),
};

const FINDING_OVERDUE: Requirement = Requirement {
    code: "FINDING_OVERDUE",
    wave: 2,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "Active findings are older than accepted",
        "期限を過ぎたアクティブな検出結果があります",
    ),
    rule: Text::new(
        "Fails when a finding of the judged types about a resource of this account is ACTIVE and \
         was made more than maxFindingAgeDays ago (ListFindingsV2). In the account of \
         organizationAnalyzerAccountId the findings about all accounts are judged.",
        "このアカウントのリソースについて、評価するタイプの検出結果が ACTIVE のまま作成から \
         maxFindingAgeDays を超えたとき不適合です(ListFindingsV2)。organizationAnalyzerAccountId \
         のアカウントでは全アカウントの検出結果を評価します。",
    ),
};

const COVERED_BY_ORGANIZATION: Remark = Remark::new(
    "COVERED_BY_ORGANIZATION",
    "The organization analyzer of another account covers this account; its findings are judged there",
    "他のアカウントの組織アナライザーの対象です(検出結果はそのアカウントで評価)",
);

/// What an analyzer looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
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
struct Analyzer {
    arn: String,
    name: String,
    class: Class,
    /// It covers the organization, not only the account.
    organization: bool,
    status: String,
}

impl Analyzer {
    fn new(summary: AnalyzerSummary) -> Self {
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

    fn is_active(&self) -> bool {
        self.status == "ACTIVE"
    }
}

/// The parameters of a run, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Bars {
    /// The account with the organization analyzer, when it is another one.
    relied_on: Option<String>,
    /// Other accounts rely on this one.
    for_organization: bool,
    unused_required: bool,
    max_unused_age: i64,
    max_finding_age: i64,
    finding_types: Vec<String>,
}

impl Bars {
    fn new(run: &Run<'_>) -> Result<Self, Error> {
        let account = account_id(run, &ORGANIZATION_ANALYZER_ACCOUNT_ID)?;
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
            unused_required: run.parameters.get(&REQUIRE_UNUSED_ACCESS_ANALYZER),
            max_unused_age: run.parameters.get(&MAX_UNUSED_ACCESS_AGE_DAYS),
            max_finding_age: run.parameters.get(&MAX_FINDING_AGE_DAYS),
            finding_types,
        })
    }

    /// Whether findings of this analyzer are judged.
    fn judges(&self, analyzer: &Analyzer) -> bool {
        let judged = |name: &String| Class::of_finding(name) == Some(analyzer.class);
        analyzer.is_active() && self.finding_types.iter().any(judged)
    }
}

/// The findings that waited too long.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Overdue {
    count: usize,
    oldest_days: i64,
}

impl Overdue {
    /// Counts a finding by when it was made.
    fn add(&mut self, created: Timestamp, now: Timestamp, limit: i64) {
        let age = now.duration_since(created);
        if age > SignedDuration::from_hours(limit * 24) {
            self.count += 1;
            self.oldest_days = self.oldest_days.max(age.as_hours() / 24);
        }
    }
}

/// What the service told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Facts {
    analyzers: Vec<Analyzer>,
    /// The tracking periods of the active unused access analyzers, when they are asked for.
    unused_ages: Vec<Option<i32>>,
    overdue: Overdue,
}

fn decide(facts: &Facts, bars: &Bars, region: &str) -> Result<Verdict, Error> {
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

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(OfAccount(AccessAnalyzer { client: Client::new(sdk) }))
}

struct AccessAnalyzer {
    client: Client,
}

#[async_trait]
impl AccountCheck for AccessAnalyzer {
    async fn account(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        let bars = Bars::new(run)?;
        let mut facts = Facts { analyzers: self.analyzers().await?, ..Facts::default() };
        for analyzer in facts.analyzers.iter().filter(|one| one.is_active()) {
            if bars.unused_required && analyzer.class == Class::Unused {
                facts.unused_ages.push(self.unused_age(analyzer).await?);
            }
            if bars.judges(analyzer) {
                self.findings(analyzer, &bars, run, &mut facts.overdue).await?;
            }
        }
        decide(&facts, &bars, run.region)
    }
}

impl AccessAnalyzer {
    async fn analyzers(&self) -> Result<Vec<Analyzer>, ServiceError> {
        let mut pages = self.client.list_analyzers().into_paginator().items().send();
        let mut analyzers = Vec::new();
        while let Some(analyzer) = pages.next().await {
            analyzers.push(Analyzer::new(analyzer.call(LIST_ANALYZERS)?));
        }
        Ok(analyzers)
    }

    /// The tracking period, which the listing leaves out.
    async fn unused_age(&self, analyzer: &Analyzer) -> Result<Option<i32>, ServiceError> {
        let request = self.client.get_analyzer().analyzer_name(&analyzer.name);
        let answer = request.send().await.call(GET_ANALYZER)?;
        let configuration = answer.analyzer.and_then(|analyzer| analyzer.configuration);
        let unused = configuration.as_ref().and_then(|one| one.as_unused_access().ok());
        Ok(unused.and_then(|unused| unused.unused_access_age))
    }

    async fn findings(
        &self,
        analyzer: &Analyzer,
        bars: &Bars,
        run: &Run<'_>,
        overdue: &mut Overdue,
    ) -> Result<(), Error> {
        let equals = |value: &str| Criterion::builder().eq(value).build();
        let mut request = self
            .client
            .list_findings_v2()
            .analyzer_arn(&analyzer.arn)
            .filter("status", equals("ACTIVE"));
        // An organization analyzer tells of all accounts. Each answers for its own, unless they
        // all rely on this one.
        if !(bars.for_organization && analyzer.organization) {
            request = request.filter("resourceOwnerAccount", equals(run.account_id));
        }
        let mut pages = request.into_paginator().page_size(PAGE).items().send();
        let missing = |field: &str| Error::Answer {
            action: LIST_FINDINGS,
            field: format!("findings[].{field}"),
        };
        while let Some(finding) = pages.next().await {
            let finding = finding.call(LIST_FINDINGS)?;
            // Only those of unused access can be filtered by type in the request.
            let judged = match &finding.finding_type {
                Some(kind) => bars.finding_types.iter().any(|name| name == kind.as_str()),
                // An analyzer of these classes makes findings of one type only.
                None if analyzer.class != Class::Unused => true,
                None => return Err(missing("findingType")),
            };
            if judged {
                let created = from_sdk(&finding.created_at).ok_or_else(|| missing("createdAt"))?;
                overdue.add(created, run.now, bars.max_finding_age);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
