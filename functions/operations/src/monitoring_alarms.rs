//! `monitoring-alarms`: critical resources are watched, and alarms reach somebody.
//!
//! An alarm whose actions are off, whose topic has no confirmed subscription or which has had no
//! data for weeks looks like monitoring until the day of the failure. Alarms are therefore
//! followed to their end, by their own actions and by EventBridge rules on their events; metrics
//! of critical resources must have such an alarm, instances a reporting agent, public endpoints a
//! running canary.
//!
//! Alarms are asked of CloudWatch: AWS Config's item of an alarm has neither metric math nor its
//! state nor composite alarms. A metric counts as watched wherever it stands: in a plain alarm, in
//! metric math, in a query of Metrics Insights, for the resource's Auto Scaling group or cluster,
//! or below a composite alarm that it raises alone. Alarms on status checks of instances are
//! judged by instance-recovery, alarms on security events by security-alerting.
//!
//! Not seen: alarms of a monitoring account on metrics of this one, dashboards and alarms of other
//! products, and whether subscribers read what they get.
//!
//! Criteria: 実14 9, 実46, 実47, 実72, 実101, 実101 3, 実102, 実102 3, 実103, 実104, 実106 ask for it.
//! To fix a resource, see the rule of the requirement that it fails.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_eks::types::AddonStatus;
use aws_types::SdkConfig;
use fisc_services::PerRun;
use fisc_services::alarms::{Alarm, DESCRIBE_ALARMS, Teller, alarms};
use fisc_services::alerts::{self, Alerts};
use fisc_services::metric_filters::DESCRIBE_METRIC_FILTERS;
use fisc_services::regions::{LIST_REGIONS, Regions};
use fisc_shared::config_service::ConfigService;
use fisc_shared::error::Call;
use fisc_shared::inventory;
use fisc_shared::item::required::text;
use fisc_shared::verdict::{Failures, remarks};
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remedy, Resource, ResourceType, Run, ServiceCheck, Severity, Text, Trigger, Verdict,
};
use tokio::sync::OnceCell;

mod account;
mod agents;
mod alarm;
mod detail;
mod parameters;
mod requirements;
mod subjects;

use account::{DESCRIBE_CANARIES, DESCRIBE_LOG_GROUPS, LIST_DASHBOARDS};
use agents::{Agent, Agents, LIST_INVENTORY_ENTRIES, LIST_METRICS};
use fisc_shared::item::has_tag;
use parameters::*;
use requirements::*;

const LIST_ADDONS: &str = "eks:ListAddons";
const DESCRIBE_ADDON: &str = "eks:DescribeAddon";

/// The declaration.
pub const CONTROL: Control = Control {
    id: "monitoring-alarms",
    domain: Domain::Operations,
    severity: Severity::Medium,
    title: Text::new(
        "Critical resources are monitored and their alarms reach somebody",
        "重要リソースを監視し、アラームが通知先に届く",
    ),
    why: Text::new(
        "A failure that nobody is told of lasts until customers call. Alarms decay silently: \
         actions are switched off for maintenance, subscriptions never confirmed, metrics renamed.",
        "誰にも通知されない障害は、顧客から連絡があるまで続きます。アラームは、メンテナンス時のアクション\
         無効化、未確認のサブスクリプション、メトリクス名の変更などで、気付かないうちに機能しなくなります。",
    ),
    fix: Text::new(
        "In CloudWatch > Alarms give alarms an SNS topic with a confirmed subscription, switch \
         their actions on, and create alarms for the metrics that are named, per resource, group or \
         cluster. Install the CloudWatch agent (InstanceId as appended dimension), run a canary \
         with an alarm against each public endpoint (Synthetics Canaries), and switch detailed \
         monitoring on for critical resources.",
        "CloudWatch の「アラーム」で、確認済みサブスクリプションのある SNS トピックを設定して\
         アクションを有効にし、示されたメトリクスのアラームをリソース・グループ・\
         クラスターのいずれかの単位で作成します。CloudWatch エージェントを導入し(InstanceId を\
         ディメンションに追加)、公開エンドポイントにはアラーム付きの Canary を設定し、\
         重要リソースの詳細な監視を有効にします。",
    ),
    remedy: Remedy::new(
        include_str!("monitoring_alarms/remedy.sh"),
        include_str!("monitoring_alarms/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html",
    criteria: Criteria {
        explicit: &[
            "実14 9", "実46", "実47", "実72", "実101", "実101 3", "実102", "実102 3", "実103",
            "実104", "実106",
        ],
        implied: &[],
    },
    resources: &[
        ResourceType::CLOUDWATCH_ALARM,
        ResourceType::EC2_INSTANCE,
        ResourceType::RDS_DB_INSTANCE,
        ResourceType::RDS_DB_CLUSTER,
        ResourceType::ELBV2_LOAD_BALANCER,
        ResourceType::LAMBDA_FUNCTION,
        ResourceType::DYNAMODB_TABLE,
        ResourceType::ECS_SERVICE,
        ResourceType::SQS_QUEUE,
        ResourceType::ECS_CLUSTER,
        ResourceType::EKS_CLUSTER,
        ResourceType::AUTO_SCALING_AUTO_SCALING_GROUP,
        ResourceType::ACCOUNT,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        inventory::SELECT_ACTION,
        Action::any(DESCRIBE_ALARMS),
        alerts::ACTIONS[0],
        alerts::ACTIONS[1],
        alerts::ACTIONS[2],
        alerts::ACTIONS[3],
        Action::any(LIST_METRICS),
        Action::any(LIST_INVENTORY_ENTRIES),
        Action::any(LIST_DASHBOARDS),
        Action::any(DESCRIBE_LOG_GROUPS),
        Action::on(DESCRIBE_METRIC_FILTERS, fisc_shared::grant::LOG_GROUPS),
        Action::any(DESCRIBE_CANARIES),
        Action::on(LIST_REGIONS, fisc_shared::grant::OWN_ACCOUNT),
        Action::on(LIST_ADDONS, "arn:${AWS::Partition}:eks:*:${AWS::AccountId}:cluster/*"),
        Action::on(DESCRIBE_ADDON, "arn:${AWS::Partition}:eks:*:${AWS::AccountId}:addon/*"),
    ],
    parameters: &[
        CRITICAL_TAG.spec,
        ALARM_MATRIX.spec,
        PERSON_PROTOCOLS.spec,
        MAX_INSUFFICIENT_DATA_HOURS.spec,
        AGENT_NAMESPACE.spec,
        AGENT_METRICS.spec,
        ACCEPTED_AGENTS.spec,
        REQUIRE_CANARY.spec,
        MONITORED_LOG_GROUP_PREFIXES.spec,
        TRAFFIC_METRICS.spec,
        REQUIRE_INSIGHTS.spec,
        MIN_DASHBOARDS.spec,
    ],
    requirements: &[
        &ALARM_WITHOUT_ACTION,
        &ALARM_REACHES_NOBODY,
        &ALARM_INSUFFICIENT_DATA,
        &METRIC_ALARM_MISSING,
        &AGENT_NOT_REPORTING,
        &SCALED_OUT_INSTANCE_UNMONITORED,
        &PROCESS_UNMONITORED,
        &CANARY_NOT_RUNNING,
        &CANARY_WITHOUT_ALARM,
        &LOG_FILTER_ALARM_MISSING,
        &NETWORK_TRAFFIC_ALARM_MISSING,
        &DETAILED_MONITORING_OFF,
        &CONTAINER_INSIGHTS_OFF,
        &EKS_OBSERVABILITY_ADDON_MISSING,
        &RDS_ENHANCED_MONITORING_OFF,
        &RDS_INSIGHTS_OFF,
        &DASHBOARD_MISSING,
    ],
    remarks: &[
        &NOT_CRITICAL,
        &NOT_RUNNING,
        &JUST_STARTED,
        &SCALING_ALARM,
        &FEEDS_COMPOSITE,
        &ACTS_ONLY,
        &ALARM_NOT_LISTED,
        &ALERTED_CENTRALLY,
        &QUERY_NOT_READ,
        &NO_METRIC_NEEDED,
        &NO_MEMBERS,
        &NOTHING_PUBLIC,
    ],
    limits: Limits::SWEEP,
    check: Check::Service { preview, connect, swept: SWEPT },
};

/// What alarms, agents and add-ons decide, no change of the resource tells.
const SWEPT: &[ResourceType] = &[
    ResourceType::CLOUDWATCH_ALARM,
    ResourceType::EC2_INSTANCE,
    ResourceType::RDS_DB_INSTANCE,
    ResourceType::RDS_DB_CLUSTER,
    ResourceType::ELBV2_LOAD_BALANCER,
    ResourceType::LAMBDA_FUNCTION,
    ResourceType::DYNAMODB_TABLE,
    ResourceType::ECS_SERVICE,
    ResourceType::SQS_QUEUE,
    ResourceType::EKS_CLUSTER,
    ResourceType::AUTO_SCALING_AUTO_SCALING_GROUP,
    ResourceType::ACCOUNT,
];

/// The tag of instances whose processes must be watched.
const PROCESS_TAG: &str = "fisc:process-monitoring";

/// The add-ons of EKS that count.
const OBSERVABILITY: [&str; 2] = ["amazon-cloudwatch-observability", "adot"];

fn is(item: &ConfigurationItem, kind: ResourceType) -> bool {
    item.resource_type == kind.name
}

fn critical(item: &ConfigurationItem, run: &Run<'_>) -> Result<bool, Error> {
    let tag = run.parameters.get(&CRITICAL_TAG);
    Ok(tag.is_empty() || has_tag(&item.all_tags()?, &tag))
}

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if is(item, ResourceType::CLOUDWATCH_ALARM) {
        return alarm::preview(item, run);
    }
    let instance = is(item, ResourceType::EC2_INSTANCE);
    if instance && !agents::runs(item)? {
        return Ok(Some(Verdict::not_applicable(&NOT_RUNNING)));
    }
    if is(item, ResourceType::AUTO_SCALING_AUTO_SCALING_GROUP) {
        let none = run.parameters.get(&AGENT_METRICS).is_empty() || members(item)?.is_empty();
        return Ok(none.then(|| Verdict::not_applicable(&NO_MEMBERS)));
    }
    let critical = critical(item, run)?;
    if !critical {
        // Agents and processes are judged of every instance.
        return Ok((!instance).then(|| Verdict::not_applicable(&NOT_CRITICAL)));
    }
    let mut failures = Failures::new();
    detail::detail(item, run, &mut failures)?;
    if is(item, ResourceType::ECS_CLUSTER) {
        return Ok(Some(failures.into_verdict()));
    }
    // Where nobody can be asked, a failure is sure.
    let verdict = failures.into_verdict();
    Ok((run.offline && matches!(verdict, Verdict::NonCompliant(_))).then_some(verdict))
}

/// The instances of a group that are in service.
fn members(item: &ConfigurationItem) -> Result<Vec<String>, Error> {
    let mut members = Vec::new();
    for one in item.configuration()?.list("instances")?.unwrap_or_default() {
        if text(&one, "lifecycleState")? == "InService" {
            members.push(text(&one, "instanceId")?.to_owned());
        }
    }
    Ok(members)
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services {
        sdk: sdk.clone(),
        alerts: Alerts::new(sdk),
        config: ConfigService::new(sdk),
        cloudwatch: aws_sdk_cloudwatch::Client::new(sdk),
        eks: aws_sdk_eks::Client::new(sdk),
        logs: aws_sdk_cloudwatchlogs::Client::new(sdk),
        regions: Regions::new(sdk),
        ssm: aws_sdk_ssm::Client::new(sdk),
    })
}

/// The clients.
struct Services {
    sdk: SdkConfig,
    alerts: Alerts,
    config: ConfigService,
    cloudwatch: aws_sdk_cloudwatch::Client,
    eks: aws_sdk_eks::Client,
    logs: aws_sdk_cloudwatchlogs::Client,
    regions: Regions,
    ssm: aws_sdk_ssm::Client,
}

/// What AWS Config has recorded, by resource type.
struct Recorded<'a> {
    config: &'a ConfigService,
    known: PerRun<&'static str, Arc<Vec<ConfigurationItem>>>,
}

impl Recorded<'_> {
    async fn of(
        &self,
        kind: ResourceType,
        run: &Run<'_>,
    ) -> Result<Arc<Vec<ConfigurationItem>>, Error> {
        let ask = || async { self.config.recorded_with_tags(kind).await.map(Arc::new) };
        self.known.get(run, kind.name, ask).await
    }
}

/// What is asked once for all resources of a run.
struct Facts<'a> {
    services: &'a Services,
    alarms: OnceCell<Vec<Alarm>>,
    recorded: Recorded<'a>,
    teller: Teller,
    matrix: Vec<Needed>,
    agents: Agents<'a>,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        if is(item, ResourceType::EKS_CLUSTER) {
            return self.cluster(item).await;
        }
        self.facts(run)?.judge(item, run).await
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let facts = self.facts(run)?;
        let mut evaluated = vec![Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict: account::judge(&facts, run).await?,
            at: run.now,
        }];
        for kind in SWEPT.iter().filter(|kind| **kind != ResourceType::ACCOUNT) {
            for item in facts.recorded.of(*kind, run).await?.iter() {
                let verdict = match preview(item, run)? {
                    // A change said so already, and each evaluation costs.
                    Some(Verdict::NotApplicable(reason))
                        if [NOT_CRITICAL.code, SCALING_ALARM.code].contains(&reason.code) =>
                    {
                        continue;
                    }
                    Some(verdict) => verdict,
                    None if *kind == ResourceType::EKS_CLUSTER => self.cluster(item).await?,
                    None => facts.judge(item, run).await?,
                };
                evaluated.push(Evaluated { resource: Resource::from(item), verdict, at: run.now });
            }
        }
        Ok(evaluated)
    }
}

impl Services {
    fn facts(&self, run: &Run<'_>) -> Result<Facts<'_>, Error> {
        let alerts = self.alerts.clone().through(run.parameters.get(&PERSON_PROTOCOLS));
        Ok(Facts {
            services: self,
            matrix: matrix(run)?,
            alarms: OnceCell::new(),
            recorded: Recorded { config: &self.config, known: PerRun::default() },
            teller: Teller::new(&alerts, run.account_id, true),
            agents: Agents { cloudwatch: &self.cloudwatch, ssm: &self.ssm, seen: OnceCell::new() },
        })
    }

    async fn cluster(&self, item: &ConfigurationItem) -> Result<Verdict, Error> {
        let fields = item.configuration()?;
        let cluster = text(&fields, "Name")?;
        let mut pages =
            self.eks.list_addons().cluster_name(cluster).into_paginator().items().send();
        let mut failures = Failures::new();
        let mut active = false;
        while let Some(addon) = pages.next().await {
            let addon = match addon.call(LIST_ADDONS) {
                Err(error) if error.is("ResourceNotFoundException") => {
                    return Ok(Verdict::not_applicable(&remarks::RESOURCE_GONE));
                }
                addon => addon?,
            };
            if !OBSERVABILITY.contains(&addon.as_str()) {
                continue;
            }
            let answer =
                self.eks.describe_addon().cluster_name(cluster).addon_name(&addon).send().await;
            match answer.call(DESCRIBE_ADDON) {
                Err(error) if error.is("ResourceNotFoundException") => {}
                answer => {
                    let status = answer?.addon.and_then(|addon| addon.status);
                    active |= status == Some(AddonStatus::Active);
                }
            }
        }
        if !active {
            failures.add(&EKS_OBSERVABILITY_ADDON_MISSING);
        }
        Ok(failures.into_verdict())
    }
}

impl Facts<'_> {
    async fn alarms(&self) -> Result<&Vec<Alarm>, Error> {
        self.alarms.get_or_try_init(|| alarms(&self.services.sdk)).await
    }

    /// Judges an Auto Scaling group by its instances that AWS Config has recorded already.
    async fn group(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let instances = self.recorded.of(ResourceType::EC2_INSTANCE, run).await?;
        let instances: BTreeMap<&str, &ConfigurationItem> =
            instances.iter().map(|one| (one.resource_id.as_str(), one)).collect();
        let mut silent = Vec::new();
        for member in members(item)? {
            let Some(instance) = instances.get(member.as_str()) else { continue };
            if agents::runs(instance)? && self.agents.of(instance, run).await? == Agent::Silent {
                silent.push(member);
            }
        }
        let mut failures = Failures::new();
        if !silent.is_empty() {
            let why = SCALED_OUT_INSTANCE_UNMONITORED.naming(&silent);
            failures.because(&SCALED_OUT_INSTANCE_UNMONITORED, why);
        }
        Ok(failures.into_verdict())
    }

    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        if is(item, ResourceType::CLOUDWATCH_ALARM) {
            let fields = item.configuration()?;
            let arn = text(&fields, "alarmArn")?;
            return alarm::judge(arn, self.alarms().await?, &self.teller, run).await;
        }
        if is(item, ResourceType::AUTO_SCALING_AUTO_SCALING_GROUP) {
            return self.group(item, run).await;
        }
        let (mut failures, mut notes) = (Failures::new(), Vec::new());
        let mut needed = false;
        if critical(item, run)? {
            detail::detail(item, run, &mut failures)?;
            if let Some(subject) = subjects::subject(item)? {
                let missing =
                    subjects::missing(&subject, &self.matrix, self.alarms().await?, &self.teller)
                        .await?;
                needed = missing.needed;
                if !missing.metrics.is_empty() {
                    let why = METRIC_ALARM_MISSING.naming(&missing.metrics);
                    failures.because(&METRIC_ALARM_MISSING, why);
                }
                notes.extend(missing.central.then(|| ALERTED_CENTRALLY.reason()));
                notes.extend(missing.unread.then(|| QUERY_NOT_READ.reason()));
            }
        }
        if is(item, ResourceType::EC2_INSTANCE) {
            needed = true;
            if !run.parameters.get(&AGENT_METRICS).is_empty() {
                match self.agents.of(item, run).await? {
                    Agent::Reports => {}
                    Agent::Starting => notes.push(JUST_STARTED.reason()),
                    Agent::Silent => failures.add(&AGENT_NOT_REPORTING),
                }
            }
            if has_tag(&item.all_tags()?, PROCESS_TAG) && !self.processes(item, run).await? {
                failures.add(&PROCESS_UNMONITORED);
            }
        }
        // Databases are judged by more than their metrics.
        needed |= is(item, ResourceType::RDS_DB_INSTANCE) || is(item, ResourceType::RDS_DB_CLUSTER);
        if !needed {
            return Ok(Verdict::not_applicable(&NO_METRIC_NEEDED));
        }
        Ok(failures.into_verdict_with(notes))
    }

    /// Whether somebody is told of the instance's processes.
    async fn processes(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<bool, Error> {
        let namespace = run.parameters.get(&AGENT_NAMESPACE);
        let on = |metric: &fisc_services::alarms::Metric| {
            metric.namespace == namespace
                && metric.name.starts_with("procstat")
                && metric.has("InstanceId", &item.resource_id)
        };
        let watching: Vec<_> =
            self.alarms().await?.iter().filter(|alarm| alarm.metrics.iter().any(on)).collect();
        Ok(subjects::decided(self.teller.best(&watching).await?)?.alerts())
    }
}

#[cfg(test)]
mod tests;
