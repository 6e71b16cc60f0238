//! `service-quotas`: quotas and storage have headroom and are watched, and APIs are throttled.
//!
//! When a quota is used up, scaling out fails just when it is needed; a full volume stops a
//! database; an API without limits lets one caller take the capacity of all.
//!
//! The peak use of a quota is read from its usage metric, of the services in `serviceCodes` only:
//! CloudWatch bills each metric that is asked for. For some services Service Quotas lists only the
//! values that were changed, so that the defaults are read too. Trusted Advisor needs a support
//! plan and answers in us-east-1; without one, a note says so. It does not tell since when a check
//! is red, so that a red check fails at once; exclude resources there that are accepted.
//!
//! Criteria: 実47, 実47 3, 実101 3 ask for it. To fix a resource, see the rule of the requirement
//! that it fails.

use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_services::alarms::DESCRIBE_ALARMS;
use fisc_services::alerts::{self, Alerts};
use fisc_shared::config_service::ConfigService;
use fisc_shared::inventory;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remedy, Resource, ResourceType, Run, ServiceCheck, Severity, Text, Trigger, Verdict,
};

mod advisor;
mod apis;
mod parameters;
mod quotas;
mod requirements;
mod storage;
mod usage;

use advisor::{DESCRIBE_CHECKS, DESCRIBE_RESULT, DESCRIBE_SUMMARIES};
use parameters::*;
use quotas::{GET_AUTO_MANAGEMENT, LIST_DEFAULTS, LIST_QUOTAS};
use requirements::*;
use usage::GET_METRIC_DATA;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "service-quotas",
    domain: Domain::Operations,
    severity: Severity::Medium,
    title: Text::new(
        "Quotas and storage have headroom and are watched, and APIs are throttled",
        "サービスクォータと容量に余裕があり監視され、API の流量が制御されている",
    ),
    why: Text::new(
        "A quota that is used up stops scaling out, recovery and deployments just when they are \
         needed; raising it takes days. A full volume stops a database. Without throttling, one \
         caller can take the capacity of all.",
        "クォータの上限に達すると、必要なときにスケールアウト・復旧・デプロイができなくなり、引き上げには\
         日数がかかります。ボリュームが満杯になるとデータベースは停止します。スロットリングがなければ、\
         一つの呼び出し元が全体の容量を占有するおそれがあります。",
    ),
    fix: Text::new(
        "In Service Quotas request increases before quotas run short, and create alarms with \
         SERVICE_QUOTA() in CloudWatch or switch automatic management on. Follow or exclude what \
         Trusted Advisor flags. Set throttling in usage plans and stages (API Gateway), and storage \
         autoscaling of databases (RDS > Modify).",
        "「Service Quotas」でクォータが逼迫する前に引き上げを申請し、CloudWatch で SERVICE_QUOTA() \
         を用いたアラームを作成するか、自動管理を有効にします。Trusted Advisor の指摘に対応するか、\
         除外します。API Gateway の使用量プランとステージにスロットリングを、データベースに\
         ストレージの自動スケーリング(RDS >「変更」)を設定します。",
    ),
    remedy: Remedy::new(
        include_str!("service_quotas/remedy.sh"),
        include_str!("service_quotas/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Quotas-Visualize-Alarms.html",
    criteria: Criteria { explicit: &["実47", "実47 3", "実101 3"], implied: &["実74 4"] },
    resources: &[
        ResourceType::ACCOUNT,
        ResourceType::API_GATEWAY_STAGE,
        ResourceType::API_GATEWAY_V2_STAGE,
        ResourceType::RDS_DB_INSTANCE,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        inventory::SELECT_ACTION,
        Action::any(LIST_QUOTAS),
        Action::any(LIST_DEFAULTS),
        Action::any(GET_AUTO_MANAGEMENT),
        Action::any(GET_METRIC_DATA),
        Action::any(DESCRIBE_ALARMS),
        alerts::ACTIONS[0],
        alerts::ACTIONS[1],
        alerts::ACTIONS[2],
        alerts::ACTIONS[3],
        Action::any(DESCRIBE_CHECKS),
        Action::any(DESCRIBE_SUMMARIES),
        Action::any(DESCRIBE_RESULT),
        Action::on(apis::GET, "arn:${AWS::Partition}:apigateway:${AWS::Region}::/*"),
    ],
    parameters: &[
        MAX_UTILIZATION_PERCENT.spec,
        SERVICE_CODES.spec,
        WINDOW_HOURS.spec,
        REQUIRE_QUOTA_ALARM.spec,
        ADVISOR_CATEGORIES.spec,
        ADVISOR_FAIL_ON_YELLOW.spec,
        STORAGE_HEADROOM_PERCENT.spec,
        MIN_FREE_STORAGE_PERCENT.spec,
        DR_REGION.spec,
    ],
    requirements: &[
        &QUOTA_NEARLY_USED,
        &QUOTA_ALARM_MISSING,
        &ADVISOR_LIMIT_FLAGGED,
        &ADVISOR_RED_CHECK,
        &USAGE_PLAN_UNTHROTTLED,
        &STAGE_UNTHROTTLED,
        &STORAGE_AUTOSCALING_OFF,
        &FREE_STORAGE_LOW,
        &DR_QUOTA_LOWER,
    ],
    remarks: &[
        &ADVISOR_NOT_AVAILABLE,
        &QUOTAS_WITHOUT_METRIC,
        &STORAGE_GROWS_BY_ITSELF,
        &CLUSTER_STORAGE,
        &MAGNETIC_STORAGE,
        &NOTHING_REQUIRED,
    ],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview,
        connect,
        swept: &[
            ResourceType::ACCOUNT,
            ResourceType::API_GATEWAY_STAGE,
            ResourceType::RDS_DB_INSTANCE,
        ],
    },
};

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if item.resource_type == ResourceType::API_GATEWAY_V2_STAGE.name {
        return Ok(Some(apis::judge_v2(item)?));
    }
    if item.resource_type == ResourceType::RDS_DB_INSTANCE.name {
        return Ok(match storage::read(item)? {
            Ok(database) => storage::preview(&database, run),
            Err(verdict) => Some(verdict),
        });
    }
    Ok(None)
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services {
        sdk: sdk.clone(),
        alerts: Alerts::new(sdk),
        apis: aws_sdk_apigateway::Client::new(sdk),
        cloudwatch: aws_sdk_cloudwatch::Client::new(sdk),
        config: ConfigService::new(sdk),
    })
}

/// The clients.
struct Services {
    sdk: SdkConfig,
    alerts: Alerts,
    apis: aws_sdk_apigateway::Client,
    cloudwatch: aws_sdk_cloudwatch::Client,
    config: ConfigService,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        if item.resource_type == ResourceType::API_GATEWAY_STAGE.name {
            let plans = apis::usage_plans(&self.apis).await?;
            return apis::judge_stage(&self.apis, item, &plans).await;
        }
        match storage::read(item)? {
            Ok(database) => {
                let judged = storage::judge(&self.cloudwatch, &[database], run).await?;
                Ok(judged.into_iter().next().unwrap_or_else(Verdict::compliant))
            }
            Err(verdict) => Ok(verdict),
        }
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let plans = apis::usage_plans(&self.apis).await?;
        let (mut failures, mut notes) = (Failures::new(), Vec::new());
        let mut judged = apis::judge_plans(&plans, &mut failures);
        if !run.parameters.get(&SERVICE_CODES).is_empty() {
            judged = true;
            quotas::judge(self, run, &mut failures, &mut notes).await?;
        }
        judged |= advisor::judge(&self.sdk, run, &mut failures, &mut notes).await?;
        let verdict = match (judged, notes.first()) {
            (true, _) => failures.into_verdict_with(notes),
            (false, Some(note)) => Verdict::NotApplicable(note.clone()),
            (false, None) => Verdict::not_applicable(&NOTHING_REQUIRED),
        };
        let resource = Resource::account(run.account_id, run.region);
        let mut evaluated = vec![Evaluated { resource, verdict, at: run.now }];
        for item in self.config.recorded_with_tags(ResourceType::API_GATEWAY_STAGE).await? {
            let verdict = apis::judge_stage(&self.apis, &item, &plans).await?;
            evaluated.push(Evaluated { resource: Resource::from(&item), verdict, at: run.now });
        }
        let items = self.config.recorded_with_tags(ResourceType::RDS_DB_INSTANCE).await?;
        let (mut resources, mut databases) = (Vec::new(), Vec::new());
        for item in &items {
            let resource = Resource::from(item);
            match storage::read(item)? {
                Ok(database) => {
                    resources.push(resource);
                    databases.push(database);
                }
                Err(verdict) => evaluated.push(Evaluated { resource, verdict, at: run.now }),
            }
        }
        let verdicts = storage::judge(&self.cloudwatch, &databases, run).await?;
        let judged = resources.into_iter().zip(verdicts);
        evaluated.extend(judged.map(|(resource, verdict)| Evaluated {
            resource,
            verdict,
            at: run.now,
        }));
        Ok(evaluated)
    }
}
