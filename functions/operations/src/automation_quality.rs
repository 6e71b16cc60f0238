//! `automation-quality`: workflows handle their errors, runbooks exist, and rules deliver. Off
//! until `enabled` turns it on.
//!
//! Automation that stops half-way without a word is worse than a person who does the work. A
//! state machine catches the errors of its tasks (in the state itself, or in a Parallel or Map
//! state around it); a rule of EventBridge is on, has a target, and keeps or tries again what its
//! target refuses. A Catch that ends in success hides an error all the same: this is a heuristic,
//! no proof. Express state machines are not judged: their caller handles their errors.
//!
//! Tracing of state machines is the business of `workload-tracing`, their logs and the script logs
//! of Automation of `access-logging`. The definition of a state machine is not in its item: Step
//! Functions is asked for it, on changes and on the schedule, since a new definition alone makes no
//! item.
//!
//! Criteria: 実48, 実99, 実99 3 ask for it. To fix a resource, see the rule of the requirement that
//! it fails.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ssm::types::DocumentKeyValuesFilter;
use aws_types::SdkConfig;
use fisc_shared::config_service::ConfigService;
use fisc_shared::error::Call;
use fisc_shared::inventory::{self, sweep_recorded};
use fisc_shared::item::required::{text, unknown};
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::parameter::Param;
use fisc_shared::verdict::{Failures, remarks};
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits, Message,
    Placement, Remark, Remedy, Requirement, Resource, ResourceType, Run, ServiceCheck, Severity,
    Text, Trigger, Verdict, message,
};

mod definition;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "automation-quality",
    domain: Domain::Operations,
    severity: Severity::Low,
    title: Text::new(
        "Workflows handle errors, runbooks exist and event rules deliver (opt-in)",
        "ワークフローのエラー処理・ランブック・イベントルールの配信が整備されている(任意)",
    ),
    why: Text::new(
        "Operations that run by themselves fail by themselves. A workflow that catches nothing \
         stops in the middle, a rule without a dead-letter queue loses the event, and without \
         runbooks an incident is handled from memory.",
        "自動化された運用は、失敗も人の目に触れずに起こります。エラーを捕捉しないワークフローは途中で止まり、\
         デッドレターキューのないルールはイベントを失い、ランブックがなければ障害対応は担当者の記憶頼みに\
         なります。",
    ),
    fix: Text::new(
        "In Step Functions > the state machine > Edit give Task, Parallel and Map states a Catch \
         (and a Retry). Write Automation runbooks under Systems Manager > Documents. In EventBridge \
         > Rules enable rules or delete them, give each a target, and each target a dead-letter \
         queue or a retry policy.",
        "Step Functions のステートマシンの「編集」で、Task・Parallel・Map ステートに Catch(と \
         Retry)を設定します。Systems Manager の「ドキュメント」で Automation ランブックを\
         作成します。EventBridge の「ルール」は有効化するか削除し、ターゲットと、ターゲットごとの\
         デッドレターキューまたは再試行ポリシーを設定します。",
    ),
    remedy: Remedy::new(
        include_str!("automation_quality/remedy.sh"),
        include_str!("automation_quality/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html",
    criteria: Criteria { explicit: &["実48", "実99", "実99 3"], implied: &["実102 3"] },
    resources: &[
        ResourceType::STEP_FUNCTIONS_STATE_MACHINE,
        ResourceType::EVENTS_RULE,
        ResourceType::ACCOUNT,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::on(
            DESCRIBE_STATE_MACHINE,
            "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:*",
        ),
        Action::on(
            DESCRIBE_RULE,
            "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/*",
        ),
        Action::any(LIST_DOCUMENTS),
        inventory::ACTIONS[0],
        inventory::ACTIONS[1],
    ],
    parameters: &[ENABLED.spec, REQUIRE_RETRY.spec, MIN_RUNBOOKS.spec, REQUIRE_DLQ.spec],
    requirements: &[&STATE_MACHINE_NO_ERROR_HANDLING, &RUNBOOK_MISSING, &RULE_NOT_DELIVERABLE],
    remarks: &[&NOT_ENABLED, &EXPRESS_STATE_MACHINE, &RULE_OF_SERVICE],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview,
        connect,
        swept: &[ResourceType::ACCOUNT, ResourceType::STEP_FUNCTIONS_STATE_MACHINE],
    },
};

const DESCRIBE_STATE_MACHINE: &str = "states:DescribeStateMachine";
const DESCRIBE_RULE: &str = "events:DescribeRule";
const LIST_DOCUMENTS: &str = "ssm:ListDocuments";

const ENABLED: Param<bool> =
    Param::flag("enabled", false, Text::new("Turns the control on", "本コントロールを有効にする"));
const REQUIRE_RETRY: Param<bool> = Param::flag(
    "requireRetry",
    false,
    Text::new("Tasks need a Retry too", "Task ステートに Retry も求める"),
);
const MIN_RUNBOOKS: Param<i64> = Param::integer(
    "minRunbooks",
    1,
    0,
    1000,
    Text::new(
        "Automation documents that the account must have of its own",
        "自アカウントが持つべき Automation ドキュメントの数",
    ),
);
const REQUIRE_DLQ: Param<bool> = Param::flag(
    "requireDlq",
    true,
    Text::new(
        "Targets of rules need a dead-letter queue or a retry policy",
        "ルールのターゲットにデッドレターキューまたは再試行ポリシーを求める",
    ),
);

const STATE_MACHINE_NO_ERROR_HANDLING: Requirement = Requirement {
    code: "STATE_MACHINE_NO_ERROR_HANDLING",
    wave: 3,
    resources: &[ResourceType::STEP_FUNCTIONS_STATE_MACHINE],
    title: Text::new("States do not handle their errors", "エラー処理のないステートがあります"),
    rule: Text::new(
        "Fails when neither a Task, Parallel or Map state nor one around it has a Catch, or, with \
         requireRetry, a Task has no Retry (DescribeStateMachine: definition). Express state \
         machines are left out.",
        "Task・Parallel・Map ステートとそれを囲むステートのいずれにも Catch がないとき、または \
         requireRetry を指定した場合に Task に Retry がないとき不適合です(DescribeStateMachine の \
         definition)。Express ワークフローは対象外です。",
    ),
};

const RUNBOOK_MISSING: Requirement = Requirement::of_account(
    "RUNBOOK_MISSING",
    3,
    Text::new("The account has too few runbooks of its own", "独自のランブックが不足しています"),
    Text::new(
        "Fails when the account has fewer Automation documents of its own than minRunbooks \
         (ListDocuments).",
        "自アカウントの Automation ドキュメントが minRunbooks 未満のとき不適合です(ListDocuments)。",
    ),
);

const RULE_NOT_DELIVERABLE: Requirement = Requirement {
    code: "RULE_NOT_DELIVERABLE",
    wave: 3,
    resources: &[ResourceType::EVENTS_RULE],
    title: Text::new("The rule does not deliver its events", "ルールがイベントを配信できません"),
    rule: Text::new(
        "Fails when the rule is off or has no target, or, with requireDlq, a target has neither a \
         dead-letter queue nor a retry policy (configuration.State, Targets[]). Rules of AWS \
         services are left out (DescribeRule: ManagedBy).",
        "ルールが無効、またはターゲットがないとき、requireDlq の場合はデッドレターキューも再試行ポリシーも\
         ないターゲットがあるとき不適合です(configuration.State、Targets[])。AWS サービスが管理する\
         ルールは対象外です(DescribeRule の ManagedBy)。",
    ),
};

const NOT_ENABLED: Remark = Remark::new(
    "NOT_ENABLED",
    "The control is off; the parameter enabled turns it on",
    "本コントロールは無効です(パラメータ enabled で有効化)",
);
const EXPRESS_STATE_MACHINE: Remark = Remark::new(
    "EXPRESS_STATE_MACHINE",
    "The caller of an Express state machine handles its errors",
    "Express ワークフローのエラーは呼び出し元が処理します",
);
const RULE_OF_SERVICE: Remark = Remark::new(
    "RULE_OF_SERVICE",
    "An AWS service manages the rule",
    "AWS サービスが管理するルールです",
);

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if !run.parameters.get(&ENABLED) {
        return Ok(Some(Verdict::not_applicable(&NOT_ENABLED)));
    }
    if item.resource_type == ResourceType::EVENTS_RULE.name {
        // Whose a rule is that fails, the item does not tell.
        return Ok(undelivered(item, run)?.is_none().then(Verdict::compliant));
    }
    Ok(is_express(item)?.then(|| Verdict::not_applicable(&EXPRESS_STATE_MACHINE)))
}

/// Why a rule does not deliver, if it does not.
fn undelivered(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Message>, ItemError> {
    let fields = item.configuration()?;
    match text(&fields, "State")? {
        "ENABLED" | "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS" => {}
        "DISABLED" => return Ok(Some(message!("The rule is off", "ルールが無効です"))),
        other => return Err(unknown(&fields, "State", other)),
    }
    // A rule without targets has no such list.
    let targets = fields.list("Targets")?.unwrap_or_default();
    if targets.is_empty() {
        return Ok(Some(message!("The rule has no target", "ルールにターゲットがありません")));
    }
    let mut unsafe_ones = Vec::new();
    for target in &targets {
        if !is_safe(target)? {
            unsafe_ones.push(text(target, "Id")?);
        }
    }
    if unsafe_ones.is_empty() || !run.parameters.get(&REQUIRE_DLQ) {
        return Ok(None);
    }
    let Message { en, ja } = Message::named(&unsafe_ones);
    Ok(Some(message!(
        "Targets without dead-letter queue or retry policy: {en}",
        "デッドレターキューも再試行ポリシーもないターゲット: {ja}"
    )))
}

/// Whether what a target refuses is kept or tried again.
fn is_safe(target: &Fields<'_>) -> Result<bool, ItemError> {
    let queue = target.at("DeadLetterConfig")?.map(|queue| queue.text("Arn")).transpose()?;
    Ok(queue.flatten().is_some_and(|arn| !arn.is_empty()) || target.at("RetryPolicy")?.is_some())
}

fn is_express(item: &ConfigurationItem) -> Result<bool, ItemError> {
    Ok(item.configuration()?.text("StateMachineType")? == Some("EXPRESS"))
}

struct Services {
    states: aws_sdk_sfn::Client,
    events: aws_sdk_eventbridge::Client,
    ssm: aws_sdk_ssm::Client,
    config: ConfigService,
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services {
        states: aws_sdk_sfn::Client::new(sdk),
        events: aws_sdk_eventbridge::Client::new(sdk),
        ssm: aws_sdk_ssm::Client::new(sdk),
        config: ConfigService::new(sdk),
    })
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        if item.resource_type == ResourceType::EVENTS_RULE.name {
            self.rule(item, run).await
        } else {
            self.state_machine(item, run).await
        }
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let account = |verdict: Verdict| Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict,
            at: run.now,
        };
        if !run.parameters.get(&ENABLED) {
            return Ok(vec![account(Verdict::not_applicable(&NOT_ENABLED))]);
        }
        let types = [ResourceType::STEP_FUNCTIONS_STATE_MACHINE];
        let mut evaluated = sweep_recorded(&self.config, &types, &CONTROL, self, run).await?;
        evaluated.push(account(self.runbooks(run).await?));
        Ok(evaluated)
    }
}

impl Services {
    async fn rule(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let Some(message) = undelivered(item, run)? else { return Ok(Verdict::compliant()) };
        let fields = item.configuration()?;
        let answer = self
            .events
            .describe_rule()
            .name(text(&fields, "Name")?)
            .set_event_bus_name(fields.text("EventBusName")?.map(str::to_owned))
            .send()
            .await;
        let rule = match answer.call(DESCRIBE_RULE) {
            Err(error) if error.is("ResourceNotFoundException") => {
                return Ok(Verdict::not_applicable(&remarks::RESOURCE_GONE));
            }
            other => other?,
        };
        if rule.managed_by.is_some() {
            return Ok(Verdict::not_applicable(&RULE_OF_SERVICE));
        }
        let mut failures = Failures::new();
        failures.because(&RULE_NOT_DELIVERABLE, message);
        Ok(failures.into_verdict())
    }

    async fn state_machine(
        &self,
        item: &ConfigurationItem,
        run: &Run<'_>,
    ) -> Result<Verdict, Error> {
        let mut failures = Failures::new();
        let answer =
            self.states.describe_state_machine().state_machine_arn(&item.resource_id).send().await;
        let machine = match answer.call(DESCRIBE_STATE_MACHINE) {
            Err(error) if error.is("StateMachineDoesNotExist") => {
                return Ok(Verdict::not_applicable(&remarks::RESOURCE_GONE));
            }
            other => other?,
        };
        let found = definition::states(&machine.definition)?;
        let retry = run.parameters.get(&REQUIRE_RETRY);
        let bare = found.iter().filter(|state| !state.caught || retry && state.lacks_retry);
        let bare: Vec<&str> = bare.map(|state| state.name.as_str()).collect();
        if !bare.is_empty() {
            let message = STATE_MACHINE_NO_ERROR_HANDLING.naming(&bare);
            failures.because(&STATE_MACHINE_NO_ERROR_HANDLING, message);
        }
        Ok(failures.into_verdict())
    }

    async fn runbooks(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        let filter = |key: &str, value: &str| {
            DocumentKeyValuesFilter::builder().key(key).values(value).build()
        };
        let mut pages = self
            .ssm
            .list_documents()
            .filters(filter("DocumentType", "Automation"))
            .filters(filter("Owner", "Self"))
            .into_paginator()
            .items()
            .send();
        let mut count = 0_i64;
        while let Some(document) = pages.next().await {
            document.call(LIST_DOCUMENTS)?;
            count += 1;
        }
        let least = run.parameters.get(&MIN_RUNBOOKS);
        let mut failures = Failures::new();
        if count < least {
            failures.because(
                &RUNBOOK_MISSING,
                message!(
                    "The account has {count} runbooks of its own; {least} are asked for",
                    "独自のランブックが {count} 件です(下限 {least} 件)"
                ),
            );
        }
        Ok(failures.into_verdict())
    }
}

#[cfg(test)]
mod tests;
