//! `vpc-flow-logs`: every VPC has an active flow log of the required traffic, and what flow logs
//! record arrives.
//!
//! Flow logs are the only record of who talked to whom in a VPC. A VPC passes when its own active
//! flow logs, together, record the required traffic (an ACCEPT log and a REJECT log make ALL) and
//! those that record it are delivered. Logs of single subnets or interfaces do not count for the
//! VPC: a subnet that is added tomorrow would not be in them. A flow log, whatever it logs, passes
//! when it is active, its last delivery did not fail, it goes to an approved kind of destination,
//! and its log group still exists. Buckets and streams are often in another account and are not
//! looked for.
//!
//! A flow log comes and goes without an item of its VPC, and a delivery fails without an item of
//! the flow log, so both are judged daily too.
//!
//! Criteria: 実14 8, 実14 9, 実16, 実16 2, 実19, 実22 3, 実72 ask for it. To fix a VPC, create a
//! flow log of it; to fix a flow log, repair its role, or the policy of its destination.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_cloudwatchlogs::Client;
use aws_types::SdkConfig;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::ec2::{Ec2, Filter, FlowLog, Vpc, action};
use fisc_shared::error::Call;
use fisc_shared::parameter::Param;
use fisc_shared::verdict::remarks;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remedy, Requirement, Resource, ResourceType, Run, ServiceCheck, Severity, Text,
    Trigger, Verdict,
};
use futures::stream::{self, StreamExt, TryStreamExt};

use crate::vpcs::{self, SHARED_VPC, UNUSED_VPC};

mod decide;

use decide::{Traffic, flow_log_verdict, of_item, own_log_group, vpc_verdict};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "vpc-flow-logs",
    domain: Domain::Network,
    severity: Severity::Medium,
    title: Text::new(
        "Every VPC has an active flow log of the required traffic, and flow logs are delivered",
        "すべての VPC で必要な通信のフローログが有効であり、フローログが正常に配信されている",
    ),
    why: Text::new(
        "Flow logs are the only record of who talked to whom in a VPC. Without them, or when they \
         do not arrive, an intrusion can be neither noticed nor reconstructed.",
        "フローログは、VPC の中の通信相手を示す唯一の記録です。フローログがない、または届いていない場合、\
         侵入の検知も事後の調査もできません。",
    ),
    fix: Text::new(
        "In VPC > Your VPCs > the VPC > Flow logs > Create flow log choose the filter All and send \
         it to a log group or to the bucket of the log archive. Where the delivery fails, check the \
         role of the flow log (log group) or the policy of the bucket and of its key.",
        "VPC の「お使いの VPC」>「フローログ」>「フローログを作成」で、フィルターに「すべて」を\
         選び、ロググループまたはログ保管用バケットに送信します。配信に失敗している場合は、\
         フローログのロール(ロググループ)、またはバケットとそのキーのポリシーを確認します。",
    ),
    remedy: Remedy::new(
        include_str!("vpc_flow_logs/remedy.sh"),
        include_str!("vpc_flow_logs/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html",
    criteria: Criteria {
        explicit: &["実14 8", "実14 9", "実16", "実16 2", "実19", "実22 3", "実72"],
        implied: &["統20 3-(3)", "実21", "実22"],
    },
    resources: &[ResourceType::EC2_VPC, ResourceType::EC2_FLOW_LOG],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(action::DESCRIBE_VPCS),
        Action::any(action::DESCRIBE_FLOW_LOGS),
        Action::any(action::DESCRIBE_NETWORK_INTERFACES),
        Action::on(DESCRIBE_LOG_GROUPS, LOG_GROUPS),
    ],
    parameters: &[TRAFFIC_TYPES.spec, IGNORE_EMPTY_VPC.spec, ALLOWED_DESTINATIONS.spec],
    requirements: &[
        &FLOW_LOG_MISSING,
        &TRAFFIC_TYPE_INSUFFICIENT,
        &ALL_DELIVERIES_FAILING,
        &DELIVERY_FAILED,
        &DESTINATION_MISSING,
        &DESTINATION_TYPE_NOT_ALLOWED,
    ],
    remarks: &[&SHARED_VPC, &UNUSED_VPC],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview,
        connect,
        swept: &[ResourceType::EC2_VPC, ResourceType::EC2_FLOW_LOG],
    },
};

const DESCRIBE_LOG_GROUPS: &str = "logs:DescribeLogGroups";
const LOG_GROUPS: &str = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*";

const TRAFFIC_TYPES: Param<Vec<String>> = Param::list(
    "trafficTypes",
    &["ALL"],
    Text::new(
        "Accepted traffic types: ALL, ACCEPT or REJECT; a log of ALL satisfies each",
        "認めるトラフィックタイプ(ALL・ACCEPT・REJECT)。ALL のログはいずれも満たす",
    ),
);

const IGNORE_EMPTY_VPC: Param<bool> = Param::flag(
    "ignoreEmptyVpc",
    false,
    Text::new(
        "VPCs without network interfaces need no flow log",
        "ネットワークインターフェイスのない VPC は評価しない",
    ),
);

const ALLOWED_DESTINATIONS: Param<Vec<String>> = Param::list(
    "allowedDestinations",
    &["cloud-watch-logs", "s3", "kinesis-data-firehose"],
    Text::new("Accepted types of destination", "認める送信先の種類"),
);

const FLOW_LOG_MISSING: Requirement = Requirement {
    code: "FLOW_LOG_MISSING",
    wave: 1,
    resources: &[ResourceType::EC2_VPC],
    title: Text::new("The VPC has no active flow log", "VPC に有効なフローログがありません"),
    rule: Text::new(
        "Fails when no flow log of the VPC itself is ACTIVE (DescribeFlowLogs). Flow logs of \
         subnets and network interfaces do not count.",
        "VPC 自体に ACTIVE のフローログがないとき不適合です(DescribeFlowLogs)。サブネットや\
         ネットワークインターフェイスのフローログは数えません。",
    ),
};

const TRAFFIC_TYPE_INSUFFICIENT: Requirement = Requirement {
    code: "TRAFFIC_TYPE_INSUFFICIENT",
    wave: 1,
    resources: &[ResourceType::EC2_VPC],
    title: Text::new(
        "The flow logs of the VPC do not record the required traffic",
        "VPC のフローログが必要な通信を記録していません",
    ),
    rule: Text::new(
        "Fails when the active flow logs of the VPC record none of trafficTypes; an ACCEPT and a \
         REJECT log together record ALL.",
        "VPC の有効なフローログが、trafficTypes のいずれも記録しないとき不適合です。ACCEPT と REJECT \
         のログが両方あれば ALL とみなします。",
    ),
};

const ALL_DELIVERIES_FAILING: Requirement = Requirement {
    code: "ALL_DELIVERIES_FAILING",
    wave: 1,
    resources: &[ResourceType::EC2_VPC],
    title: Text::new(
        "The required flow logs of the VPC are not delivered",
        "VPC の必要なフローログが配信されていません",
    ),
    rule: Text::new(
        "Fails when all active flow logs of the VPC report a failed delivery (deliverLogsStatus \
         FAILED), or when those that are delivered record none of trafficTypes although all \
         together would.",
        "VPC の有効なフローログがすべて配信に失敗しているとき(deliverLogsStatus が FAILED)、または\
         配信に失敗したものを除くと trafficTypes を記録できないとき不適合です。",
    ),
};

const DELIVERY_FAILED: Requirement = Requirement {
    code: "DELIVERY_FAILED",
    wave: 1,
    resources: &[ResourceType::EC2_FLOW_LOG],
    title: Text::new(
        "The flow log is not active, or its delivery fails",
        "フローログが有効でないか、配信に失敗しています",
    ),
    rule: Text::new(
        "Fails when flowLogStatus is not ACTIVE, or deliverLogsStatus is FAILED. A new flow log \
         has no deliverLogsStatus yet, and passes.",
        "flowLogStatus が ACTIVE でないか、deliverLogsStatus が FAILED のとき不適合です。作成直後で \
         deliverLogsStatus がまだないものは適合です。",
    ),
};

const DESTINATION_MISSING: Requirement = Requirement {
    code: "DESTINATION_MISSING",
    wave: 2,
    resources: &[ResourceType::EC2_FLOW_LOG],
    title: Text::new(
        "The log group of the flow log no longer exists",
        "フローログの送信先ロググループが存在しません",
    ),
    rule: Text::new(
        "Fails when the flow log goes to a log group of this account and Region that does not \
         exist (DescribeLogGroups).",
        "送信先がこのアカウントとリージョンのロググループで、それが存在しないとき不適合です\
         (DescribeLogGroups)。",
    ),
};

const DESTINATION_TYPE_NOT_ALLOWED: Requirement = Requirement {
    code: "DESTINATION_TYPE_NOT_ALLOWED",
    wave: 2,
    resources: &[ResourceType::EC2_FLOW_LOG],
    title: Text::new(
        "The flow log goes to a type of destination that is not accepted",
        "フローログの送信先の種類が認められていません",
    ),
    rule: Text::new(
        "Fails when logDestinationType is not in allowedDestinations.",
        "logDestinationType が allowedDestinations にないとき不適合です。",
    ),
};

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    Traffic::wanted(run)?;
    if item.resource_type == ResourceType::EC2_FLOW_LOG.name {
        let log = of_item(item)?;
        return Ok(match own_log_group(&log, run)? {
            Some(_) => None,
            None => Some(flow_log_verdict(&log, &BTreeSet::new(), run)?),
        });
    }
    Ok(vpcs::is_shared(item)?.then(|| Verdict::not_applicable(&SHARED_VPC)))
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(FlowLogs { ec2: Ec2::new(sdk), logs: Client::new(sdk) })
}

struct FlowLogs {
    ec2: Ec2,
    logs: Client,
}

#[async_trait]
impl ServiceCheck for FlowLogs {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        if item.resource_type == ResourceType::EC2_FLOW_LOG.name {
            let log = of_item(item)?;
            let groups = self.existing_groups(std::slice::from_ref(&log), run).await?;
            return flow_log_verdict(&log, &groups, run);
        }
        let Some(vpc) = vpcs::of_item(item, &self.ec2).await? else {
            return Ok(Verdict::not_applicable(&remarks::RESOURCE_GONE));
        };
        let id = vpc.id.as_str();
        let used = self.used(&[("vpc-id", &[id])], run).await?;
        let logs = self.ec2.flow_logs(&[("resource-id", &[id])]).await?;
        judge_vpc(&vpc, &logs, used.as_ref(), run)
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        Traffic::wanted(run)?;
        // In this order: the flow log of a VPC that is made just now is not missed.
        let vpcs = self.ec2.vpcs(&[]).await?;
        let used = self.used(&[], run).await?;
        let logs = self.ec2.flow_logs(&[]).await?;
        let groups = self.existing_groups(&logs, run).await?;
        let of = |kind: ResourceType, id: &str, verdict: Verdict| Evaluated {
            resource: Resource::of(kind, id, run.account_id, run.region),
            verdict,
            at: run.now,
        };
        let of_vpcs = vpcs.iter().map(|vpc| {
            let verdict = judge_vpc(vpc, &logs, used.as_ref(), run)?;
            Ok(of(ResourceType::EC2_VPC, &vpc.id, verdict))
        });
        let of_logs = logs.iter().map(|log| {
            let verdict = flow_log_verdict(log, &groups, run)?;
            Ok(of(ResourceType::EC2_FLOW_LOG, &log.id, verdict))
        });
        of_vpcs.chain(of_logs).collect()
    }
}

fn judge_vpc(
    vpc: &Vpc,
    logs: &[FlowLog],
    used: Option<&BTreeSet<String>>,
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    match vpcs::left_out(vpc, used, run)? {
        Some(verdict) => Ok(verdict),
        None => vpc_verdict(&vpc.id, logs, run),
    }
}

impl FlowLogs {
    /// The VPCs in use, where that matters.
    async fn used(
        &self,
        filters: &[Filter<'_>],
        run: &Run<'_>,
    ) -> Result<Option<BTreeSet<String>>, Error> {
        if !run.parameters.get(&IGNORE_EMPTY_VPC) {
            return Ok(None);
        }
        self.ec2.vpcs_in_use(filters).await.map(Some)
    }

    /// Those of the log groups of flow logs that exist.
    async fn existing_groups(
        &self,
        logs: &[FlowLog],
        run: &Run<'_>,
    ) -> Result<BTreeSet<String>, Error> {
        let mut groups = BTreeSet::new();
        for log in logs {
            groups.extend(own_log_group(log, run)?.map(str::to_owned));
        }
        stream::iter(groups)
            .map(|group| async move {
                let exists = self.exists(&group).await?;
                Ok::<_, Error>(exists.then_some(group))
            })
            .buffered(CONCURRENCY)
            .try_filter_map(|group| async move { Ok(group) })
            .try_collect()
            .await
    }

    async fn exists(&self, group: &str) -> Result<bool, Error> {
        let request = self.logs.describe_log_groups().log_group_name_prefix(group);
        let mut groups = request.into_paginator().items().send();
        while let Some(found) = groups.next().await {
            if found.call(DESCRIBE_LOG_GROUPS)?.log_group_name() == Some(group) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests;
