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
use aws_sdk_accessanalyzer::types::Criterion;
use aws_types::SdkConfig;
use fisc_shared::config_service::from_sdk;
use fisc_shared::control::{AccountCheck, OfAccount};
use fisc_shared::error::{Call, ServiceError};
use fisc_shared::parameter::Param;
use fisc_shared::{
    Action, Check, Control, Criteria, Domain, Error, Limits, Placement, Remark, Remedy,
    Requirement, ResourceType, Run, ServiceCheck, Severity, Text, Trigger, Verdict, no_item_tells,
};

use self::judge::{Analyzer, Bars, Class, Facts, Overdue, decide};

mod judge;

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
        "In the IAM console open Access Analyzer > Analyzer settings > Create analyzer in every \
         Region, for external access of this account or, from the delegated administrator account, \
         of the organization. Under Findings remove access that is not intended, and archive \
         findings of access that is.",
        "IAM コンソールの「アクセスアナライザー」>「アナライザーの設定」>「アナライザーを\
         作成」で、すべてのリージョンに外部アクセスのアナライザーを作成します\
         (委任管理者アカウントでは組織を対象とします)。検出結果では、意図しないアクセスを取り除き、\
         意図したアクセスはアーカイブします。",
    ),
    remedy: Remedy::new(
        include_str!("access_analyzer/remedy.sh"),
        include_str!("access_analyzer/remedy.yaml"),
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

const ORGANIZATION_ANALYZER_ACCOUNT_ID: Param<String> = Param::text(
    "organizationAnalyzerAccountId",
    "",
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
        "An unused access analyzer must run in the home Region too; one sees all Regions and is \
         charged per principal",
        "ホームリージョンでは未使用アクセスのアナライザーも必須とする(1 つで全リージョンを対象とし、\
         プリンシパルごとに課金される)",
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
        "With requireUnusedAccessAnalyzer, in the home Region: fails when no ACTIVE analyzer of an \
         unused access type has a tracking period of at most maxUnusedAccessAgeDays \
         (ListAnalyzers, GetAnalyzer).",
        "requireUnusedAccessAnalyzer を指定した場合のホームリージョン: 状態が ACTIVE で、追跡期間が \
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
