//! `incident-response`: a response starts by itself, an isolated network is prepared, and so are a
//! role, runbooks and the work list.
//!
//! Minutes count when a credential or an instance is taken over: what has to be invented then
//! comes too late. Of GuardDuty's findings those of the severity in `maxSeverityThreshold` must
//! start a function, a workflow or an automation that exists; what only notifies does not count,
//! and neither does a rule for findings above that severity. Rules that forward to another bus of
//! the account are followed; those that hand findings to another account pass with a note. A
//! security group isolates an instance only without inbound rules and without the rule to
//! 0.0.0.0/0 that every new group has; connections that are tracked survive a change of groups.
//! That a runbook exists does not prove that people have exercised it.
//!
//! Criteria: 実22 3 asks for it. To fix a failure, add an EventBridge rule for GuardDuty findings
//! with an automation as target, and a tagged security group without rules to each VPC.

use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_services::alerts;
use fisc_services::regions::offered;
use fisc_shared::ec2::{Ec2, action};
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Reason, Remark, Remedy, Requirement, Resource, ResourceType, Run, ServiceCheck,
    Severity, Text, Trigger, Verdict, message, no_item_tells,
};

use self::parameters::{
    CENTRALISED, FORENSIC_CIDRS, MAX_SEVERITY_THRESHOLD, OPS_ITEM_MAX_DAYS, QUARANTINE_TAG_KEY,
    RESPONSE_ROLE_NAME, RUNBOOK_MAX_AGE_DAYS, RUNBOOK_TAGS, SECURITY_ACCOUNT_ID,
};
use self::quarantine::{checked, gap, groups};
use self::readiness::{DESCRIBE_OPS_ITEMS, GET_ROLE, LIST_DOCUMENTS, Readiness, is_older, tag};
use self::response::{
    DESCRIBE_DOCUMENT, DESCRIBE_STATE_MACHINE, GET_DETECTOR, LIST_DETECTORS, Response, Responses,
    findings,
};

mod parameters;
mod quarantine;
mod readiness;
mod response;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "incident-response",
    domain: Domain::Governance,
    severity: Severity::High,
    title: Text::new(
        "Automatic response, containment, a response role and runbooks are prepared",
        "インシデント対応の準備(自動対応、隔離用グループ、対応ロール、手順書)ができている",
    ),
    why: Text::new(
        "Between the first finding and the loss there are often minutes. A rule that isolates the \
         instance or revokes the session acts in seconds and at night; a security group that has \
         to be written first, or a role that nobody may use, costs the time in which data leaves.",
        "最初の検出から被害までは数分しかないことがあります。インスタンスの隔離やセッションの無効化を行うルールがあれば、夜間でも数秒で\
         対応できます。隔離用のセキュリティグループや対応用のロールをその場で用意していると、その間にデータが流出します。",
    ),
    fix: Text::new(
        "In EventBridge > Rules create a rule for GuardDuty findings of severity 7 and above with \
         a Lambda function, a Step Functions workflow or an SSM Automation runbook as target. In \
         each VPC create a security group without any rule (EC2 > Security Groups) and tag it \
         fisc:quarantine. Close or work on old OpsItems in Systems Manager > OpsCenter.",
        "EventBridge の「ルール」で、重要度 7 以上の GuardDuty の検出結果に対するルールを作成し、\
         Lambda 関数、Step Functions のワークフロー、または SSM Automation のランブックを\
         ターゲットにします。各 VPC にルールのないセキュリティグループを作成し(EC2 >\
         「セキュリティグループ」)、fisc:quarantine タグを付けます。古い OpsItem は Systems Manager \
         の「OpsCenter」で対応します。",
    ),
    remedy: Remedy::new(
        include_str!("incident_response/remedy.sh"),
        include_str!("incident_response/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html",
    criteria: Criteria { explicit: &["実22 3"], implied: &["実22", "実32", "実48"] },
    resources: &[ResourceType::EC2_VPC, ResourceType::ACCOUNT],
    trigger: Trigger::Periodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(LIST_DETECTORS),
        Action::on(GET_DETECTOR, "arn:${AWS::Partition}:guardduty:*:${AWS::AccountId}:detector/*"),
        alerts::ACTIONS[0],
        alerts::ACTIONS[1],
        alerts::ACTIONS[3],
        Action::on(
            DESCRIBE_STATE_MACHINE,
            "arn:${AWS::Partition}:states:*:${AWS::AccountId}:stateMachine:*",
        ),
        // Documents of AWS belong to no account.
        Action::on(DESCRIBE_DOCUMENT, "arn:${AWS::Partition}:ssm:*:*:document/*"),
        Action::any(action::DESCRIBE_VPCS),
        Action::any(action::DESCRIBE_INSTANCES),
        Action::any(action::DESCRIBE_SECURITY_GROUPS),
        Action::on(GET_ROLE, "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*"),
        Action::any(LIST_DOCUMENTS),
        Action::any(DESCRIBE_OPS_ITEMS),
    ],
    parameters: &[
        QUARANTINE_TAG_KEY.spec,
        FORENSIC_CIDRS.spec,
        RESPONSE_ROLE_NAME.spec,
        SECURITY_ACCOUNT_ID.spec,
        MAX_SEVERITY_THRESHOLD.spec,
        CENTRALISED.spec,
        RUNBOOK_TAGS.spec,
        RUNBOOK_MAX_AGE_DAYS.spec,
        OPS_ITEM_MAX_DAYS.spec,
    ],
    requirements: &[
        &AUTO_RESPONSE_MISSING,
        &QUARANTINE_GROUP_MISSING,
        &RESPONSE_ROLE_MISSING,
        &RESPONSE_RUNBOOK_MISSING,
        &OPSITEM_OVERDUE,
    ],
    remarks: &[&GUARDDUTY_OFF, &RESPONSE_CENTRALISED, &RESPONSE_ELSEWHERE, &NO_INSTANCES],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview: no_item_tells,
        connect,
        swept: &[ResourceType::EC2_VPC, ResourceType::ACCOUNT],
    },
};

const AUTO_RESPONSE_MISSING: Requirement = Requirement::of_account(
    "AUTO_RESPONSE_MISSING",
    1,
    Text::new(
        "No response to GuardDuty findings starts by itself",
        "GuardDuty の検出結果に対する自動対応がありません",
    ),
    Text::new(
        "Fails when GuardDuty is on and no enabled EventBridge rule that catches a finding of \
         severity maxSeverityThreshold has a Lambda function, a state machine or an SSM \
         Automation as target that exists (ListRules, ListTargetsByRule, and the target itself). \
         A rule for some finding types only counts.",
        "GuardDuty が有効で、重要度 maxSeverityThreshold の検出結果に一致する有効な EventBridge ルールに、実在する Lambda 関数、ステート\
         マシン、SSM Automation のターゲットがないとき不適合です(ListRules、ListTargetsByRule、ターゲット自体)。一部の検出結果タイプだけを\
         対象とするルールも有効とみなします。",
    ),
);

const QUARANTINE_GROUP_MISSING: Requirement = Requirement {
    code: "QUARANTINE_GROUP_MISSING",
    wave: 2,
    resources: &[ResourceType::EC2_VPC],
    title: Text::new(
        "The VPC has no security group that isolates an instance",
        "VPC にインスタンスを隔離できるセキュリティグループがありません",
    ),
    rule: Text::new(
        "Fails when a VPC of the account has instances, but no security group with the tag \
         quarantineTagKey that has no inbound rule and lets out to forensicCidrs at most \
         (DescribeVpcs, DescribeInstances, DescribeSecurityGroups).",
        "アカウントの VPC にインスタンスがあり、quarantineTagKey のタグを持つセキュリティグループのうち、インバウンドルールがなくアウトバウンドが \
         forensicCidrs の範囲に限られるものがないとき不適合です(DescribeVpcs、DescribeInstances、DescribeSecurityGroups)。",
    ),
};

const RESPONSE_ROLE_MISSING: Requirement = Requirement::of_account(
    "RESPONSE_ROLE_MISSING",
    3,
    Text::new(
        "The role of those who respond is missing or open to others",
        "インシデント対応用のロールがないか、対象外のプリンシパルを信頼しています",
    ),
    Text::new(
        "In the home Region, with responseRoleName: fails when the role does not exist or, with \
         securityAccountId, trusts a principal outside that account (GetRole).",
        "ホームリージョンで responseRoleName を指定した場合: ロールが存在しないとき、または securityAccountId を指定した場合にその\
         アカウント以外のプリンシパルを信頼しているとき不適合です(GetRole)。",
    ),
);

const RESPONSE_RUNBOOK_MISSING: Requirement = Requirement::of_account(
    "RESPONSE_RUNBOOK_MISSING",
    3,
    Text::new(
        "There is no current runbook for response and recovery",
        "インシデント対応と復旧の最新のランブックがありません",
    ),
    Text::new(
        "In the home Region, with runbookTags: fails when no Automation document of the account \
         carries one of the tags, or the newest version of any was made more than \
         runbookMaxAgeDays ago (ListDocuments, DescribeDocument).",
        "ホームリージョンで runbookTags を指定した場合: いずれかのタグを持つアカウントの Automation ドキュメントがないとき、または最も新しい\
         バージョンの作成が runbookMaxAgeDays より前のとき不適合です(ListDocuments、DescribeDocument)。",
    ),
);

const OPSITEM_OVERDUE: Requirement = Requirement::of_account(
    "OPSITEM_OVERDUE",
    3,
    Text::new(
        "OpsItems of severity 1 or 2 have been open for too long",
        "重要度 1 または 2 の OpsItem が長期間未解決です",
    ),
    Text::new(
        "With opsItemMaxDays: fails when an OpsItem of severity 1 or 2 that is open or in progress \
         was created more days ago (DescribeOpsItems).",
        "opsItemMaxDays を指定した場合: 未解決または対応中の重要度 1 または 2 の OpsItem の作成がその日数より前のとき不適合です\
         (DescribeOpsItems)。",
    ),
);

const GUARDDUTY_OFF: Remark = Remark::new(
    "GUARDDUTY_OFF",
    "GuardDuty is off in the Region: there is no finding to respond to",
    "このリージョンで GuardDuty が有効でないため、対応すべき検出結果がありません",
);
const RESPONSE_CENTRALISED: Remark = Remark::new(
    "RESPONSE_CENTRALISED",
    "Findings are responded to in another account (centralised)",
    "検出結果への対応は別のアカウントで行われます(centralised)",
);
const RESPONSE_ELSEWHERE: Remark = Remark::new(
    "RESPONSE_ELSEWHERE",
    "A rule hands findings to another account, which alone can tell what responds there",
    "検出結果は別のアカウントに送られており、自動対応の有無はそのアカウントでのみ確認できます",
);
const NO_INSTANCES: Remark = Remark::new(
    "NO_INSTANCES",
    "The VPC has no instance to isolate",
    "VPC に隔離の対象となるインスタンスがありません",
);

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services {
        ec2: Ec2::new(sdk),
        responses: Responses::new(sdk),
        readiness: Readiness::new(sdk),
    })
}

struct Services {
    ec2: Ec2,
    responses: Responses,
    readiness: Readiness,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, _: &ConfigurationItem, _: &Run<'_>) -> Result<Verdict, Error> {
        Err(Error::Control("the control runs on a schedule only".to_owned()))
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let mut evaluated = vec![Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict: self.account(run).await?,
            at: run.now,
        }];
        evaluated.extend(self.vpcs(run).await?);
        Ok(evaluated)
    }
}

impl Services {
    async fn account(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        let mut failures = Failures::new();
        let security = run.parameters.account_id(&SECURITY_ACCOUNT_ID)?;
        let unanswered = self.response(run, security.as_deref(), &mut failures).await?;
        let asked = self.prepared(run, security.as_deref(), &mut failures).await?;
        Ok(match (failures.into_verdict_with(unanswered.iter().cloned().collect()), unanswered) {
            (Verdict::Compliant(_), Some(why)) if !asked && why.code != RESPONSE_ELSEWHERE.code => {
                Verdict::NotApplicable(why)
            }
            (verdict, _) => verdict,
        })
    }

    /// Judges the response to findings, or says why it is not judged here.
    async fn response(
        &self,
        run: &Run<'_>,
        security: Option<&str>,
        failures: &mut Failures,
    ) -> Result<Option<Reason>, Error> {
        if run.parameters.get(&CENTRALISED) && security != Some(run.account_id) {
            return Ok(Some(RESPONSE_CENTRALISED.reason()));
        }
        // GuardDuty is not in every Region.
        if !offered(self.responses.is_watched().await)?.unwrap_or_default() {
            return Ok(Some(GUARDDUTY_OFF.reason()));
        }
        let severity = run.parameters.get(&MAX_SEVERITY_THRESHOLD);
        match self.responses.to(&findings(run, severity), run.account_id).await? {
            Response::Started { .. } => Ok(None),
            Response::Elsewhere { rule, account } => {
                Ok(Some(RESPONSE_ELSEWHERE.because(message!(
                    "Rule {rule} hands findings to account {account}",
                    "ルール {rule} が検出結果をアカウント {account} に送っています"
                ))))
            }
            Response::NotStarted { rule } => {
                failures.because(
                    &AUTO_RESPONSE_MISSING,
                    message!(
                        "Rule {rule} catches GuardDuty findings, but starts nothing that responds",
                        "ルール {rule} は GuardDuty の検出結果に一致しますが、対応を行うターゲットがありません"
                    ),
                );
                Ok(None)
            }
            Response::Uncaught => {
                failures.because(
                    &AUTO_RESPONSE_MISSING,
                    message!(
                        "No rule catches GuardDuty findings of severity {severity}",
                        "重要度 {severity} の GuardDuty の検出結果に一致するルールがありません"
                    ),
                );
                Ok(None)
            }
        }
    }

    /// Judges what else is prepared; tells whether anything was asked for.
    async fn prepared(
        &self,
        run: &Run<'_>,
        security: Option<&str>,
        failures: &mut Failures,
    ) -> Result<bool, Error> {
        let role = run.parameters.get(&RESPONSE_ROLE_NAME);
        let tags = run.parameters.get(&RUNBOOK_TAGS);
        let tags = tags.iter().map(|text| tag(text)).collect::<Result<Vec<_>, _>>()?;
        let days = run.parameters.get(&OPS_ITEM_MAX_DAYS);
        let mut asked = false;
        if run.home && !role.is_empty() {
            asked = true;
            if let Some(problem) = self.readiness.role(&role, security).await? {
                failures.because(&RESPONSE_ROLE_MISSING, problem);
            }
        }
        if run.home && !tags.is_empty() {
            asked = true;
            let max = run.parameters.get(&RUNBOOK_MAX_AGE_DAYS);
            match self.readiness.newest_runbook(&tags).await? {
                None => failures.because(
                    &RESPONSE_RUNBOOK_MISSING,
                    message!(
                        "No Automation document carries a tag of runbookTags",
                        "runbookTags のタグを持つ Automation ドキュメントがありません"
                    ),
                ),
                Some(updated) if is_older(updated, max, run.now) => failures.because(
                    &RESPONSE_RUNBOOK_MISSING,
                    message!(
                        "No runbook was updated within {max} days",
                        "{max} 日以内に更新されたランブックがありません"
                    ),
                ),
                Some(_) => {}
            }
        }
        if days > 0 {
            asked = true;
            let overdue = self.readiness.overdue(days, run.now).await?;
            if !overdue.is_empty() {
                failures.because(&OPSITEM_OVERDUE, OPSITEM_OVERDUE.naming(&overdue));
            }
        }
        Ok(asked)
    }

    async fn vpcs(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let key = run.parameters.get(&QUARANTINE_TAG_KEY);
        let forensic = checked(run.parameters.get(&FORENSIC_CIDRS))?;
        if key.is_empty() {
            return Ok(Vec::new());
        }
        let vpcs = self.ec2.vpcs(&[]).await?;
        let instances = self.ec2.instances(&[]).await?;
        let groups = groups(&self.ec2, &key).await?;
        let evaluated = vpcs
            .iter()
            // A VPC that another account shares is judged there.
            .filter(|vpc| vpc.owner_id.as_deref().is_none_or(|owner| owner == run.account_id))
            .map(|vpc| {
                let used = instances.iter().any(|instance| {
                    instance.vpc_id.as_deref() == Some(&vpc.id)
                        && !matches!(instance.state.as_str(), "terminated" | "shutting-down")
                });
                let mut failures = Failures::new();
                let verdict = if used {
                    if let Some(gap) = gap(&vpc.id, &groups, &forensic) {
                        failures.because(&QUARANTINE_GROUP_MISSING, gap);
                    }
                    failures.into_verdict()
                } else {
                    Verdict::not_applicable(&NO_INSTANCES)
                };
                let id = &vpc.id;
                Evaluated {
                    resource: Resource::of(ResourceType::EC2_VPC, id, run.account_id, run.region),
                    verdict,
                    at: run.now,
                }
            });
        Ok(evaluated.collect())
    }
}
