//! `patch-compliance`: EC2 instances are managed by Systems Manager, inventoried, and patched by a
//! schedule.
//!
//! A server that nobody manages is a server that nobody patches, and most intrusions use holes for
//! which a patch existed. Systems Manager tells what it reaches, what is installed, what is
//! missing and whether its associations are in effect; baselines say how long a patch may wait.
//!
//! Instances and their tags are known from AWS Config, what Systems Manager knows of them is asked
//! for, on a change and on the schedule. The compliance of patches and associations has items of
//! its own; they stay when their node is gone, so that the schedule takes those back.
//!
//! The service answers only the last patch operation, which is mostly a scan: that patches are
//! installed is judged by the schedule and by what is missing. The baseline that a patch policy of
//! Quick Setup brings along is in S3 and is not read.
//!
//! Criteria: 実15, 実48, 実48 10, 実99, 実100 4 ask for it. To fix an instance, give it the agent,
//! a role and the endpoints of Systems Manager, and set a patch policy with Quick Setup.

mod baselines;
mod compliance;
mod instance;
mod parameters;
mod requirements;
mod schedule;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ssm::Client;
use aws_types::SdkConfig;
use fisc_shared::config_service::ConfigService;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remedy, Resource, ResourceType, Run, ServiceCheck, Severity, Text, Trigger, Verdict,
    inventory,
};
use futures::try_join;

use crate::machines::{self, Machine};
use crate::nodes::{self, Node, Nodes};
use compliance::Kind;
use instance::Facts;
use parameters::{
    APPROVE_AFTER_DAYS_MAX, Bars, IMMUTABLE_TAG_KEY, LAUNCH_GRACE_MINUTES, MAX_INVENTORY_AGE_HOURS,
    MAX_PATCH_INTERVAL_DAYS, MAX_PING_AGE_HOURS, MAX_SCAN_AGE_DAYS, PATCH_DOCUMENTS,
    PATCH_SEVERITIES, SSM_EXEMPT_TAG_KEY,
};
use requirements::{
    ASSOCIATION_NON_COMPLIANT, IMMUTABLE_FLEET, INSTANCE_NOT_RUNNING, INSTANCE_STARTING,
    INSTANCE_TERMINATED, INVENTORY_MISSING, LESSER_PATCHES_MISSING, NO_COMPLIANCE_DATA,
    NO_MANAGED_NODE, NODE_NOT_REGISTERED, NOT_MANAGED, PATCH_BASELINE_WEAK, PATCH_NON_COMPLIANT,
    PATCH_SCAN_STALE, PATCH_SCHEDULE_MISSING, SCHEDULE_NOT_DECIDED, SSM_EXEMPT, SYSTEM_NOT_KNOWN,
};
use schedule::Schedules;

const BASELINES: &str = "arn:${AWS::Partition}:ssm:${AWS::Region}:*:patchbaseline/*";
const WINDOWS: &str =
    "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:maintenancewindow/*";

/// The declaration.
pub const CONTROL: Control = Control {
    id: "patch-compliance",
    domain: Domain::Operations,
    severity: Severity::High,
    title: Text::new(
        "EC2 instances are managed by Systems Manager, inventoried, and patched by a schedule",
        "EC2 インスタンスを Systems Manager で管理し、インベントリの収集と定期的なパッチ適用を行っている",
    ),
    why: Text::new(
        "Most intrusions use holes for which a patch existed. A server that Systems Manager does \
         not reach is not patched, not inventoried and not known when the next hole is published.",
        "侵入の多くは、パッチが公開済みの脆弱性を悪用します。Systems Manager の管理外にあるサーバーは\
         パッチもインベントリもなく、次の脆弱性が公表されたときに影響の有無も分かりません。",
    ),
    fix: Text::new(
        "Give instances the agent, a role with AmazonSSMManagedInstanceCore (or Default Host \
         Management Configuration under Fleet Manager > Settings) and a path to Systems Manager. \
         Create a patch policy with Quick Setup, or a maintenance window that runs \
         AWS-RunPatchBaseline with operation Install, and an inventory association. Keep the \
         approval delay of baselines (Patch Manager) within two weeks. Tag appliances and fleets \
         that are replaced instead.",
        "インスタンスにエージェント、AmazonSSMManagedInstanceCore を含むロール(または\
         「フリートマネージャー」の設定にあるデフォルトホスト管理設定)、Systems Manager への経路を\
         用意します。高速セットアップのパッチポリシー、または AWS-RunPatchBaseline を Install で\
         実行するメンテナンスウィンドウと、インベントリの関連付けを作成します。「Patch Manager」の\
         ベースラインの承認は 2 週間以内とします。アプライアンスと置き換えで更新するものにはタグを\
         付けます。",
    ),
    remedy: Remedy::new(
        include_str!("patch_compliance/remedy.sh"),
        include_str!("patch_compliance/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/systems-manager/latest/userguide/patch-manager.html",
    criteria: Criteria {
        explicit: &["実15", "実48", "実48 10", "実99", "実100 4"],
        implied: &["実10 9", "実19", "実34", "実37", "実51"],
    },
    resources: &[
        ResourceType::EC2_INSTANCE,
        ResourceType::SSM_PATCH_COMPLIANCE,
        ResourceType::SSM_ASSOCIATION_COMPLIANCE,
        ResourceType::ACCOUNT,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        inventory::SELECT_ACTION,
        Action::any(nodes::DESCRIBE_INSTANCE_INFORMATION),
        Action::any(nodes::LIST_INVENTORY_ENTRIES),
        Action::any(instance::DESCRIBE_PATCH_STATES),
        Action::any(compliance::LIST_COMPLIANCE_ITEMS),
        Action::any(schedule::LIST_ASSOCIATIONS),
        Action::any(schedule::DESCRIBE_ASSOCIATION),
        Action::any(schedule::DESCRIBE_WINDOWS),
        Action::on(schedule::DESCRIBE_TASKS, WINDOWS),
        Action::on(schedule::DESCRIBE_TARGETS, WINDOWS),
        Action::on(schedule::GET_TASK, WINDOWS),
        Action::any(baselines::DESCRIBE_GROUPS),
        Action::on(baselines::GET_DEFAULT, BASELINES),
        Action::on(baselines::GET_BASELINE, BASELINES),
    ],
    parameters: &[
        MAX_PING_AGE_HOURS.spec,
        LAUNCH_GRACE_MINUTES.spec,
        PATCH_SEVERITIES.spec,
        MAX_SCAN_AGE_DAYS.spec,
        MAX_PATCH_INTERVAL_DAYS.spec,
        APPROVE_AFTER_DAYS_MAX.spec,
        MAX_INVENTORY_AGE_HOURS.spec,
        PATCH_DOCUMENTS.spec,
        IMMUTABLE_TAG_KEY.spec,
        SSM_EXEMPT_TAG_KEY.spec,
    ],
    requirements: &[
        &NOT_MANAGED,
        &PATCH_NON_COMPLIANT,
        &ASSOCIATION_NON_COMPLIANT,
        &INVENTORY_MISSING,
        &PATCH_SCHEDULE_MISSING,
        &PATCH_SCAN_STALE,
        &PATCH_BASELINE_WEAK,
    ],
    remarks: &[
        &INSTANCE_TERMINATED,
        &INSTANCE_NOT_RUNNING,
        &INSTANCE_STARTING,
        &SSM_EXEMPT,
        &IMMUTABLE_FLEET,
        &SCHEDULE_NOT_DECIDED,
        &LESSER_PATCHES_MISSING,
        &NODE_NOT_REGISTERED,
        &NO_COMPLIANCE_DATA,
        &NO_MANAGED_NODE,
        &SYSTEM_NOT_KNOWN,
    ],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview,
        connect,
        // The items of compliance change whenever a node reports.
        swept: &[ResourceType::EC2_INSTANCE, ResourceType::ACCOUNT],
    },
};

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let bars = Bars::of(run)?;
    let Some(kind) = Kind::of(item) else {
        if machines::is_terminated(item)? {
            return Ok(Some(Verdict::not_applicable(&INSTANCE_TERMINATED)));
        }
        let remark = instance::left_out(&Machine::read(item)?, &bars);
        return Ok(remark.map(Verdict::not_applicable));
    };
    let counts = compliance::recorded(item, kind);
    let verdict = counts.map(|counts| compliance::judge(&counts, kind, &bars));
    // Before a node fails, it is asked whether it still exists and is meant.
    let settled = |verdict: &Verdict| run.offline || !matches!(verdict, Verdict::NonCompliant(_));
    Ok(verdict.filter(settled))
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services {
        ssm: Client::new(sdk),
        nodes: Nodes::new(sdk),
        config: ConfigService::new(sdk),
    })
}

struct Services {
    ssm: Client,
    nodes: Nodes,
    config: ConfigService,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let bars = Bars::of(run)?;
        match Kind::of(item) {
            Some(kind) => self.compliance(item, kind, &bars).await,
            None => {
                let machine = Machine::read(item)?;
                let node = self.nodes.one(&machine.id).await?;
                let known = node.into_iter().map(|node| (node.id.clone(), node)).collect();
                let facts = self.facts(known, std::slice::from_ref(&machine), run).await?;
                instance::decide(&machine, &facts, &bars, run.now)
            }
        }
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let bars = Bars::of(run)?;
        let (machines, known, items) =
            try_join!(machines::recorded(&self.config), self.nodes.all(), self.compliance_items())?;
        let ids: BTreeSet<&str> = machines.iter().map(|machine| machine.id.as_str()).collect();
        // The list keeps nodes for a while after their instance is terminated.
        let present = |node: &&Node| node.is_online() || ids.contains(node.id.as_str());
        let present: Vec<&Node> = known.values().filter(present).collect();
        let account = Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict: baselines::judge(&self.ssm, &present, run).await?,
            at: run.now,
        };
        let mut evaluated = vec![account];
        for item in &items {
            let id = compliance::node_id(item)?;
            if !known.contains_key(id) && !ids.contains(id) {
                evaluated.push(Evaluated {
                    resource: Resource::from(item),
                    verdict: Verdict::not_applicable(&NODE_NOT_REGISTERED),
                    at: run.now,
                });
            }
        }
        let asked: Vec<Machine> = machines
            .iter()
            .filter(|machine| instance::left_out(machine, &bars).is_none())
            .cloned()
            .collect();
        let facts = self.facts(known, &asked, run).await?;
        for machine in &machines {
            evaluated.push(Evaluated {
                resource: Resource::of(
                    ResourceType::EC2_INSTANCE,
                    &machine.id,
                    run.account_id,
                    run.region,
                ),
                verdict: instance::decide(machine, &facts, &bars, run.now)?,
                at: run.now,
            });
        }
        Ok(evaluated)
    }
}

impl Services {
    /// What is known of those of these instances that are among the nodes.
    async fn facts(
        &self,
        nodes: BTreeMap<String, Node>,
        machines: &[Machine],
        run: &Run<'_>,
    ) -> Result<Facts, Error> {
        let ids: Vec<String> = machines
            .iter()
            .filter(|machine| nodes.contains_key(&machine.id))
            .map(|machine| machine.id.clone())
            .collect();
        if ids.is_empty() {
            return Ok(Facts { nodes, ..Facts::default() });
        }
        let documents = run.parameters.get(&PATCH_DOCUMENTS);
        let (inventories, patched, schedules) = try_join!(
            self.nodes.captured(&ids),
            instance::operations(&self.ssm, &ids),
            Schedules::load(&self.ssm, &documents, run.now)
        )?;
        Ok(Facts { nodes, inventories, patched, schedules })
    }

    async fn compliance(
        &self,
        item: &ConfigurationItem,
        kind: Kind,
        bars: &Bars,
    ) -> Result<Verdict, Error> {
        let id = compliance::node_id(item)?;
        let counts = match compliance::recorded(item, kind) {
            Some(counts) => Some(counts),
            None => compliance::asked(&self.ssm, id, kind).await?,
        };
        let Some(counts) = counts else {
            return Ok(Verdict::not_applicable(&NO_COMPLIANCE_DATA));
        };
        let verdict = compliance::judge(&counts, kind, bars);
        if !matches!(verdict, Verdict::NonCompliant(_)) {
            return Ok(verdict);
        }
        if self.nodes.one(id).await?.is_none() {
            return Ok(Verdict::not_applicable(&NODE_NOT_REGISTERED));
        }
        let Some(machine) = self.machine(id).await? else { return Ok(verdict) };
        let remark = instance::left_out(&machine, bars).or_else(|| {
            (kind == Kind::Patch && machine.has_tag(&bars.immutable_tag))
                .then_some(&IMMUTABLE_FLEET)
        });
        Ok(remark.map_or(verdict, Verdict::not_applicable))
    }

    /// The recorded instance of a node; machines elsewhere are none. `id` holds letters, digits
    /// and hyphens only.
    async fn machine(&self, id: &str) -> Result<Option<Machine>, Error> {
        let query = format!(
            "SELECT accountId, awsRegion, arn, resourceType, resourceId, tags, \
             configurationItemStatus, configuration WHERE resourceType = '{}' AND resourceId = \
             '{id}'",
            ResourceType::EC2_INSTANCE.name
        );
        let Some(answer) = self.config.select(&query).await?.into_iter().next() else {
            return Ok(None);
        };
        Ok(Some(Machine::read(&ConfigurationItem::from_json(&answer.to_string())?)?))
    }

    /// The recorded items of compliance, without what is in them.
    async fn compliance_items(&self) -> Result<Vec<ConfigurationItem>, Error> {
        let query = format!(
            "SELECT accountId, awsRegion, arn, resourceType, resourceId, configurationItemStatus \
             WHERE resourceType IN ('{}', '{}')",
            ResourceType::SSM_PATCH_COMPLIANCE.name,
            ResourceType::SSM_ASSOCIATION_COMPLIANCE.name
        );
        let answers = self.config.select(&query).await?;
        answers.iter().map(|one| Ok(ConfigurationItem::from_json(&one.to_string())?)).collect()
    }
}

#[cfg(test)]
mod tests;
