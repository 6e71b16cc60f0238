//! EC2 instances: whether the logs of the operating system leave the machine.
//!
//! Nothing in the item tells. The instance's streams in the log groups for such logs do, or an
//! agent that forwards logs elsewhere, in the inventory of Systems Manager. Both change without
//! the instance: the schedule asks too.

use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_services::PerRun;
use fisc_shared::config_service::ConfigService;
use fisc_shared::error::Call;
use fisc_shared::parameter::Param;
use fisc_shared::verdict::Reason;
use fisc_shared::{
    ConfigurationItem, Error, Remark, Requirement, ResourceType, Run, Text, Verdict, message,
};
use jiff::{SignedDuration, Timestamp};

use super::services::{Answer, Ask};
use super::{lists, part, text};

pub(super) const DESCRIBE_LOG_GROUPS: &str = "logs:DescribeLogGroups";
pub(super) const DESCRIBE_LOG_STREAMS: &str = "logs:DescribeLogStreams";
pub(super) const LIST_INVENTORY_ENTRIES: &str = "ssm:ListInventoryEntries";

pub(super) const OS_LOG_GROUP_PATTERNS: Param<Vec<String>> = Param::list(
    "osLogGroupPatterns",
    &["/var/log/*", "/aws/ec2/*"],
    Text::new(
        "Log groups that hold operating-system logs; * at the end stands for anything",
        "OS のログを保持するロググループ(末尾の * は任意の文字列)",
    ),
);

pub(super) const OS_LOG_AGENTS: Param<Vec<String>> = Param::list(
    "osLogAgents",
    &["amazon-cloudwatch-agent", "Amazon CloudWatch Agent", "aws-kinesis-agent", "AWSKinesisTap"],
    Text::new(
        "Applications in the inventory that forward logs of an instance",
        "インスタンスのログを転送するアプリケーション(インベントリ上の名前)",
    ),
);

pub(super) const OS_MAX_SILENCE_HOURS: Param<i64> = Param::integer(
    "osMaxSilenceHours",
    24,
    2,
    24 * 31,
    Text::new(
        "Oldest accepted latest event of an instance in hours",
        "インスタンスの最新のログの経過時間の上限(時間)",
    ),
);

pub(super) const OS_LOGS_NOT_DELIVERED: Requirement = Requirement {
    code: "OS_LOGS_NOT_DELIVERED",
    wave: 1,
    resources: &[ResourceType::EC2_INSTANCE],
    title: Text::new(
        "Logs of the instance's operating system are not delivered",
        "インスタンスの OS のログが転送されていません",
    ),
    rule: Text::new(
        "Fails when a running instance has no stream with events of the last osMaxSilenceHours \
         in the log groups of osLogGroupPatterns (DescribeLogStreams), and no agent of osLogAgents \
         in its inventory (ListInventoryEntries).",
        "実行中のインスタンスについて、osLogGroupPatterns のロググループに直近 osMaxSilenceHours 時間\
         以内に受信したログストリームがなく(DescribeLogStreams)、インベントリに osLogAgents の\
         エージェントもない(ListInventoryEntries)とき不適合です。",
    ),
};

pub(super) const INSTANCE_NOT_RUNNING: Remark = Remark::new(
    "INSTANCE_NOT_RUNNING",
    "The instance is not running",
    "インスタンスは実行中ではありません",
);

pub(super) const INSTANCE_JUST_LAUNCHED: Remark = Remark::new(
    "INSTANCE_JUST_LAUNCHED",
    "The instance was launched within the last two hours; a later run judges it",
    "起動から 2 時間以内のインスタンスです。次回以降の実行で評価します",
);

/// An agent needs some time to start, and CloudWatch Logs to tell.
const SETTLED: SignedDuration = SignedDuration::from_hours(2);

/// What the item tells: whether there is something to ask at all.
pub(super) fn instance(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    const LAUNCHED: &str = "launchTime";
    let instance = item.configuration()?;
    if text(&part(&instance, "state")?, "name")? != "running" {
        return Ok(Verdict::not_applicable(&INSTANCE_NOT_RUNNING));
    }
    let launched = instance.time(LAUNCHED)?.ok_or_else(|| instance.missing(LAUNCHED))?;
    if run.now.duration_since(launched) < SETTLED {
        return Ok(Verdict::not_applicable(&INSTANCE_JUST_LAUNCHED));
    }
    Ok(Verdict::compliant())
}

pub(super) fn asks(item: &ConfigurationItem, run: &Run<'_>) -> Result<bool, Error> {
    Ok(item.resource_type == ResourceType::EC2_INSTANCE.name
        && matches!(instance(item, run)?, Verdict::Compliant(_)))
}

pub(super) fn connect(sdk: &SdkConfig) -> Arc<dyn Ask> {
    Arc::new(Instances {
        logs: aws_sdk_cloudwatchlogs::Client::new(sdk),
        ssm: aws_sdk_ssm::Client::new(sdk),
        config: ConfigService::new(sdk),
        groups: PerRun::default(),
    })
}

struct Instances {
    logs: aws_sdk_cloudwatchlogs::Client,
    ssm: aws_sdk_ssm::Client,
    config: ConfigService,
    /// The log groups of operating systems.
    groups: PerRun<(), Arc<Vec<String>>>,
}

#[async_trait]
impl Ask for Instances {
    async fn resource(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Answer, Error> {
        let mut answer = Answer::default();
        let id = &item.resource_id;
        if !self.writes(id, run).await? && !self.has_agent(id, run).await? {
            let hours = run.parameters.get(&OS_MAX_SILENCE_HOURS);
            answer.failures.push(Reason {
                code: OS_LOGS_NOT_DELIVERED.code,
                message: message!(
                    "No log stream of the instance within {hours} hours, and no agent that \
                     forwards logs in its inventory",
                    "{hours} 時間以内にログを受信したログストリームがなく、インベントリにログを転送する\
                     エージェントもありません"
                ),
            });
        }
        Ok(answer)
    }

    async fn scheduled(&self, run: &Run<'_>) -> Result<Vec<ConfigurationItem>, Error> {
        let mut items = Vec::new();
        for item in self.config.recorded_with_tags(ResourceType::EC2_INSTANCE).await? {
            if asks(&item, run)? {
                items.push(item);
            }
        }
        Ok(items)
    }
}

impl Instances {
    /// Whether a stream of the instance got events of late.
    async fn writes(&self, id: &str, run: &Run<'_>) -> Result<bool, Error> {
        let groups = self.groups.get(run, (), || self.log_groups(run)).await?;
        let oldest = SignedDuration::from_hours(run.parameters.get(&OS_MAX_SILENCE_HOURS));
        for group in groups.iter() {
            let mut streams = self
                .logs
                .describe_log_streams()
                .log_group_name(group)
                .log_stream_name_prefix(id)
                .into_paginator()
                .items()
                .send();
            while let Some(stream) = streams.next().await {
                let stream = match stream.call(DESCRIBE_LOG_STREAMS) {
                    // Deleted since it was listed.
                    Err(error) if error.is("ResourceNotFoundException") => break,
                    other => other?,
                };
                let name = stream.log_stream_name().unwrap_or_default();
                // A stream that never got an event has no time.
                let latest = stream
                    .last_ingestion_time()
                    .and_then(|ms| Timestamp::from_millisecond(ms).ok());
                let recent = latest.is_some_and(|at| run.now.duration_since(at) <= oldest);
                if recent && is_of(id, name) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    async fn log_groups(&self, run: &Run<'_>) -> Result<Arc<Vec<String>>, Error> {
        let patterns = run.parameters.get(&OS_LOG_GROUP_PATTERNS);
        let mut names = Vec::new();
        for pattern in &patterns {
            let prefix = pattern.trim().trim_end_matches('*');
            let prefix = (!prefix.is_empty()).then(|| prefix.to_owned());
            let mut groups = self
                .logs
                .describe_log_groups()
                .set_log_group_name_prefix(prefix)
                .into_paginator()
                .items()
                .send();
            while let Some(group) = groups.next().await {
                names.extend(group.call(DESCRIBE_LOG_GROUPS)?.log_group_name);
            }
        }
        names.retain(|name| lists(&patterns, name));
        names.sort_unstable();
        names.dedup();
        Ok(Arc::new(names))
    }

    /// Whether the inventory has an agent that forwards logs.
    async fn has_agent(&self, id: &str, run: &Run<'_>) -> Result<bool, Error> {
        let agents = run.parameters.get(&OS_LOG_AGENTS);
        let mut token = None;
        // The SDK has no paginator for it.
        loop {
            let answer = self
                .ssm
                .list_inventory_entries()
                .instance_id(id)
                .type_name("AWS:Application")
                .set_next_token(token)
                .send()
                .await;
            let answer = match answer.call(LIST_INVENTORY_ENTRIES) {
                // Systems Manager does not know it: nothing is in its inventory.
                Err(error) if error.is("InvalidInstanceId") => return Ok(false),
                other => other?,
            };
            let names = answer.entries().iter().filter_map(|entry| entry.get("Name"));
            for name in names {
                if agents.iter().any(|agent| agent.trim().eq_ignore_ascii_case(name)) {
                    return Ok(true);
                }
            }
            token = answer.next_token;
            if token.is_none() {
                return Ok(false);
            }
        }
    }
}

/// Whether a stream is the instance's: named by its id, perhaps with something behind it.
fn is_of(id: &str, stream: &str) -> bool {
    let rest = stream.strip_prefix(id);
    rest.is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::is_of;

    #[test]
    fn streams_are_named_by_the_whole_id() {
        for (stream, expected) in [
            ("i-0a1b2c3d", true),
            ("i-0a1b2c3d/messages", true),
            ("i-0a1b2c3d-secure", true),
            ("i-0a1b2c3d4e5f60718", false),
            ("x-i-0a1b2c3d", false),
        ] {
            assert_eq!(is_of("i-0a1b2c3d", stream), expected, "{stream}");
        }
    }
}
