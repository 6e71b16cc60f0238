//! `audit-evidence`: contracts, third-party reports and attestations that support an audit.
//!
//! Opt-in: every requirement is off until its parameter is set. AWS Artifact is looked at only in
//! the accounts of `artifactAccounts`. Most of this shows that a document was fetched or accepted,
//! never that somebody read it. Names of agreements are given as words in the parameters, since
//! AWS changes them; what `scopeServices` lists are the names that Cost Explorer uses. Each of
//! the two scopes costs a call of Cost Explorer ($0.01) a run.
//!
//! Access records of personal data are judged by `access-logging`.
//!
//! Criteria: 統20 3-(14), 統22 1, 統22 3, 統22 4, 統23 1, 2, 統23 3, 統24 1, 統24 2, 統24 4, 統24 5,
//! 統24 6, 監1 1 ask for it. To fix a failure, accept the agreement or fetch the report in AWS
//! Artifact, or record the audit in the parameter.

use std::sync::Arc;

use aws_types::SdkConfig;
use fisc_services::alerts;
use fisc_shared::control::OfAccount;
use fisc_shared::{
    Action, Check, Control, Criteria, Domain, Limits, Placement, Remark, Remedy, ResourceType,
    ServiceCheck, Severity, Text, Trigger, no_item_tells,
};

use self::parameters::{
    ARTIFACT_ACCOUNTS, ATTESTATION_PARAMETER, AUDIT_MAX_AGE_DAYS, GOVERNING_LAW_NAMES,
    MAX_REVIEW_AGE_DAYS, NDA_NAMES, REQUIRE_AUDITOR_ACCESS, REQUIRE_REPORT_NOTIFICATION,
    REQUIRED_SERIES, SCOPE_REGIONS, SCOPE_SERVICES,
};
use self::requirements::{
    AUDITOR_ACCESS_MISSING, GOVERNING_LAW_NOT_CONFIRMED, NDA_NOT_ACCEPTED,
    REGION_OUTSIDE_REPORT_SCOPE, REPORT_NOT_REVIEWED, REPORT_NOTIFICATION_OFF,
    SECURITY_AUDIT_OVERDUE, SERVICE_OUTSIDE_REPORT_SCOPE,
};
use self::services::{
    GET_COST_AND_USAGE, GET_PARAMETER, GET_SETTINGS, LIST_AGREEMENTS, LIST_ENTITIES, LIST_REPORTS,
    LOOKUP_EVENTS,
};

mod judge;
mod parameters;
mod requirements;
mod services;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "audit-evidence",
    domain: Domain::Governance,
    severity: Severity::Low,
    title: Text::new(
        "Contracts, third-party reports and attestations support the audit",
        "契約、第三者報告書、監査実施の記録が監査の証跡として揃っている",
    ),
    why: Text::new(
        "An institution cannot inspect a data center of AWS; it relies on contracts and on what \
         independent auditors report. An examiner asks who fetched the report of this year, under \
         which law the contract is, and whether all that is used is inside of its scope.",
        "金融機関は AWS のデータセンターを直接検査できないため、契約と独立した監査人の報告書に依拠します。監査では、今年の報告書を取得した記録、\
         契約に適用される法律、使用中のサービスやリージョンが報告書の対象に含まれているかが問われます。",
    ),
    fix: Text::new(
        "In AWS Artifact accept the agreement (Agreements), download the current reports (Reports) \
         and subscribe to notifications (Notification settings); give auditors a role with \
         AWSArtifactReportsReadOnlyAccess. After an audit, write its day into the parameter \
         (Systems Manager > Parameter Store). Stop using services and Regions outside of the \
         reports, or add them after review.",
        "AWS Artifact の「契約」で契約に同意し、「レポート」で最新のレポートをダウンロードして、\
         「通知設定」で通知を購読します。監査担当者には AWSArtifactReportsReadOnlyAccess を持つ\
         ロールを用意し、監査の完了後は Systems Manager のパラメータストアに実施日を記録します。\
         レポートの対象外のサービスやリージョンは、使用をやめるか、確認のうえで対象に追加します。",
    ),
    remedy: Remedy::new(
        include_str!("audit_evidence/remedy.sh"),
        include_str!("audit_evidence/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/artifact/latest/ug/what-is-aws-artifact.html",
    criteria: Criteria {
        explicit: &[
            "統20 3-(14)",
            "統22 1",
            "統22 3",
            "統22 4",
            "統23 1, 2",
            "統23 3",
            "統24 1",
            "統24 2",
            "統24 4",
            "統24 5",
            "統24 6",
            "監1 1",
        ],
        implied: &[
            "統1 参考",
            "統20 3-(1)",
            "統20 3-(2)",
            "統20 3-(4)",
            "統20 3-(6)",
            "統20 3-(7)",
            "統21 1, 2",
            "統21 1-(6)",
            "統21 1-(12)",
            "統21 1-(13)",
            "統21 1-(14)",
            "統24 3",
            "統24 7",
            "監1 3",
            "監1 4",
            "監1 5",
        ],
    },
    resources: &[ResourceType::ACCOUNT],
    trigger: Trigger::Periodic,
    placement: Placement::HomeRegion,
    actions: &[
        Action::any(LIST_AGREEMENTS),
        Action::any(LIST_REPORTS),
        Action::any(GET_SETTINGS),
        Action::any(LOOKUP_EVENTS),
        Action::any(GET_COST_AND_USAGE),
        Action::on(LIST_ENTITIES, "arn:${AWS::Partition}:iam::aws:policy/*"),
        // The values of other parameters are no business of this control.
        Action::on(GET_PARAMETER, "arn:${AWS::Partition}:ssm:*:${AWS::AccountId}:parameter/fisc/*"),
        alerts::ACTIONS[0],
        alerts::ACTIONS[1],
        alerts::ACTIONS[2],
        alerts::ACTIONS[3],
    ],
    parameters: &[
        ARTIFACT_ACCOUNTS.spec,
        GOVERNING_LAW_NAMES.spec,
        NDA_NAMES.spec,
        REQUIRED_SERIES.spec,
        MAX_REVIEW_AGE_DAYS.spec,
        SCOPE_SERVICES.spec,
        SCOPE_REGIONS.spec,
        ATTESTATION_PARAMETER.spec,
        AUDIT_MAX_AGE_DAYS.spec,
        REQUIRE_AUDITOR_ACCESS.spec,
        REQUIRE_REPORT_NOTIFICATION.spec,
    ],
    requirements: &[
        &GOVERNING_LAW_NOT_CONFIRMED,
        &NDA_NOT_ACCEPTED,
        &REPORT_NOT_REVIEWED,
        &SERVICE_OUTSIDE_REPORT_SCOPE,
        &REGION_OUTSIDE_REPORT_SCOPE,
        &SECURITY_AUDIT_OVERDUE,
        &AUDITOR_ACCESS_MISSING,
        &REPORT_NOTIFICATION_OFF,
    ],
    remarks: &[&EVIDENCE_NOT_ASKED, &ARTIFACT_ELSEWHERE, &USAGE_NOT_AVAILABLE],
    limits: Limits::SWEEP,
    check: Check::Service { preview: no_item_tells, connect, swept: &[ResourceType::ACCOUNT] },
};

const EVIDENCE_NOT_ASKED: Remark = Remark::new(
    "EVIDENCE_NOT_ASKED",
    "The control is opt-in and none of its requirements is switched on",
    "任意のコントロールで、有効な要件がありません",
);
const ARTIFACT_ELSEWHERE: Remark = Remark::new(
    "ARTIFACT_ELSEWHERE",
    "AWS Artifact is judged in the accounts of artifactAccounts",
    "AWS Artifact は artifactAccounts のアカウントで評価されます",
);
const USAGE_NOT_AVAILABLE: Remark = Remark::new(
    "USAGE_NOT_AVAILABLE",
    "Cost Explorer has no data of the account: what it uses is not compared with the reports",
    "Cost Explorer にアカウントのデータがないため、レポートの対象との比較は対象外です",
);

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(OfAccount(services::Services::new(sdk)))
}
