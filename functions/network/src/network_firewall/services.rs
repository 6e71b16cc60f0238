//! What the items do not tell, asked of Network Firewall and of Config's inventory.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_networkfirewall::Client;
use aws_types::SdkConfig;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::config_service::ConfigService;
use fisc_shared::error::Call;
use fisc_shared::item::ItemError;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    ConfigurationItem, Error, Evaluated, Message, Resource, ResourceType, Run, ServiceCheck,
    Verdict, message,
};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::declared::{FIREWALL_LOGGING_INCOMPLETE, REQUIRE_INSPECTION, REQUIRED_LOG_TYPES};
use super::inspection::{self, Surroundings};
use super::policy;

pub(super) const DESCRIBE_LOGGING_CONFIGURATION: &str =
    "network-firewall:DescribeLoggingConfiguration";
const LOG_TYPES: [&str; 3] = ["ALERT", "FLOW", "TLS"];

pub(super) fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    Ok(if of(item, ResourceType::NETWORK_FIREWALL_FIREWALL_POLICY) {
        Some(policy::judge(item, run)?)
    } else if of(item, ResourceType::EC2_VPC) {
        inspection::preview(item, run)?
    } else {
        None
    })
}

fn of(item: &ConfigurationItem, resource_type: ResourceType) -> bool {
    item.resource_type == resource_type.name
}

pub(super) fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services { firewalls: Client::new(sdk), config: ConfigService::new(sdk) })
}

struct Services {
    firewalls: Client,
    config: ConfigService,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        if of(item, ResourceType::EC2_VPC) {
            return Ok(self.surroundings().await?.judge(&item.resource_id, run));
        }
        self.logs(item, run).await
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let judged = |item: &ConfigurationItem, verdict: Verdict| Evaluated {
            resource: Resource::from(item),
            verdict,
            at: run.now,
        };
        let firewalls =
            self.config.recorded_with_tags(ResourceType::NETWORK_FIREWALL_FIREWALL).await?;
        let found: Vec<Option<Evaluated>> = stream::iter(firewalls)
            .map(|item| async move {
                match self.logs(&item, run).await {
                    Ok(verdict) => Ok(Some(judged(&item, verdict))),
                    // Deleted since it was recorded.
                    Err(Error::Service(error)) if error.is("ResourceNotFoundException") => Ok(None),
                    Err(error) => Err(error),
                }
            })
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        let mut evaluated: Vec<Evaluated> = found.into_iter().flatten().collect();
        // Without the opt-in, every evaluation of a VPC would only cost.
        if run.parameters.get(&REQUIRE_INSPECTION) {
            let vpcs = self.config.recorded_with_tags(ResourceType::EC2_VPC).await?;
            let surroundings = self.surroundings().await?;
            for item in &vpcs {
                let verdict = match inspection::preview(item, run)? {
                    Some(verdict) => verdict,
                    None => surroundings.judge(&item.resource_id, run),
                };
                evaluated.push(judged(item, verdict));
            }
        }
        Ok(evaluated)
    }
}

impl Services {
    async fn surroundings(&self) -> Result<Surroundings, Error> {
        let gateways = self.config.recorded_with_tags(ResourceType::EC2_INTERNET_GATEWAY).await?;
        let endpoints = self.config.recorded_with_tags(ResourceType::EC2_VPC_ENDPOINT).await?;
        let tables = self.config.recorded_with_tags(ResourceType::EC2_ROUTE_TABLE).await?;
        Ok(Surroundings::read(&gateways, &endpoints, &tables)?)
    }

    /// Judges the logging of a firewall.
    async fn logs(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let required = run.parameters.words(&REQUIRED_LOG_TYPES, &LOG_TYPES)?;
        let arn = firewall_arn(item)?;
        let answer = self
            .firewalls
            .describe_logging_configuration()
            .firewall_arn(arn)
            .send()
            .await
            .call(DESCRIBE_LOGGING_CONFIGURATION)?;
        let logging = answer.logging_configuration();
        let destinations = logging.map(|one| one.log_destination_configs()).unwrap_or_default();
        let delivered = |name: &&String| {
            destinations.iter().any(|one| {
                one.log_type.as_str() == name.as_str() && !one.log_destination.is_empty()
            })
        };
        let missing: Vec<&String> = required.iter().filter(|name| !delivered(name)).collect();
        let mut failures = Failures::new();
        if !missing.is_empty() {
            let Message { en, ja } = Message::named(&missing);
            failures.because(
                &FIREWALL_LOGGING_INCOMPLETE,
                message!("Logs that are not delivered: {en}", "取得されていないログ: {ja}"),
            );
        }
        Ok(failures.into_verdict())
    }
}

fn firewall_arn(item: &ConfigurationItem) -> Result<&str, ItemError> {
    if let Some(arn) = item.arn.as_deref() {
        return Ok(arn);
    }
    let fields = item.configuration()?;
    let firewall = fields.at("firewall")?.ok_or_else(|| fields.missing("firewall"))?;
    firewall.text("firewallArn")?.ok_or_else(|| firewall.missing("firewallArn"))
}
