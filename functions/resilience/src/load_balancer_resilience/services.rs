//! What is asked of Elastic Load Balancing, EC2, Route 53, Global Accelerator and the inventory.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_elasticloadbalancingv2::types::TargetHealthDescription;
use aws_sdk_globalaccelerator::types::EndpointGroup;
use aws_sdk_route53::types::ResourceRecordSet;
use aws_types::SdkConfig;
use fisc_services::regions::in_region;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::config_service::ConfigService;
use fisc_shared::ec2::Ec2;
use fisc_shared::error::{Call, ServiceError};
use fisc_shared::item::required::{flag, part, text};
use fisc_shared::verdict::Failures;
use fisc_shared::verdict::remarks::RESOURCE_GONE;
use fisc_shared::{
    ConfigurationItem, Error, Evaluated, Message, Resource, ResourceType, Run, ServiceCheck,
    Verdict, message,
};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::balancers::{self, Balancer};
use super::declared::{
    ACCELERATOR_DISABLED, CROSS_ZONE_OFF, DR_TAG, LB_SUBNET_NEARLY_FULL, MIN_FREE_ADDRESSES,
    SURGE_CAPACITY_NOT_RESERVED,
};
use super::targets::{self, Group, Zones};
use super::{accelerators, records};
use fisc_shared::item::has_tag;

pub(super) const DESCRIBE_TARGET_GROUPS: &str = "elasticloadbalancing:DescribeTargetGroups";
pub(super) const DESCRIBE_TARGET_HEALTH: &str = "elasticloadbalancing:DescribeTargetHealth";
pub(super) const DESCRIBE_CAPACITY_RESERVATION: &str =
    "elasticloadbalancing:DescribeCapacityReservation";
pub(super) const LIST_RECORDS: &str = "route53:ListResourceRecordSets";
pub(super) const LIST_HEALTH_CHECKS: &str = "route53:ListHealthChecks";
pub(super) const LIST_LISTENERS: &str = "globalaccelerator:ListListeners";
pub(super) const LIST_ENDPOINT_GROUPS: &str = "globalaccelerator:ListEndpointGroups";

/// Where Global Accelerator answers.
const HOME_OF_ACCELERATORS: &str = "us-west-2";

/// What changes without a change of the item.
pub(super) const SWEPT: &[ResourceType] = &[
    ResourceType::ELBV2_LOAD_BALANCER,
    ResourceType::ROUTE53_HOSTED_ZONE,
    ResourceType::GLOBAL_ACCELERATOR_ACCELERATOR,
    ResourceType::ACCOUNT,
];

fn of(item: &ConfigurationItem, resource_type: ResourceType) -> bool {
    item.resource_type == resource_type.name
}

pub(super) fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if of(item, ResourceType::ELB_LOAD_BALANCER) {
        return balancers::classic(item, run).map(Some);
    }
    if of(item, ResourceType::CLOUDFRONT_DISTRIBUTION) {
        return balancers::distribution(item, run).map(Some);
    }
    let accelerator = of(item, ResourceType::GLOBAL_ACCELERATOR_ACCELERATOR);
    if accelerator && !flag(&item.configuration()?, "Enabled")? {
        return Ok(Some(Verdict::not_applicable(&ACCELERATOR_DISABLED)));
    }
    Ok(None)
}

pub(super) fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    let accelerators = in_region(sdk, HOME_OF_ACCELERATORS);
    Arc::new(Services {
        config: ConfigService::new(sdk),
        ec2: Ec2::new(sdk),
        balancers: aws_sdk_elasticloadbalancingv2::Client::new(sdk),
        names: aws_sdk_route53::Client::new(sdk),
        accelerators: aws_sdk_globalaccelerator::Client::new(&accelerators),
    })
}

struct Services {
    config: ConfigService,
    ec2: Ec2,
    balancers: aws_sdk_elasticloadbalancingv2::Client,
    names: aws_sdk_route53::Client,
    accelerators: aws_sdk_globalaccelerator::Client,
}

/// The free addresses of subnets, by id.
type Free = BTreeMap<String, i64>;

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let verdict = if of(item, ResourceType::ELBV2_LOAD_BALANCER) {
            let balancer = Balancer::read(item, run)?;
            let free = self.free(balancer.subnets.iter()).await?;
            Some(self.balancer(&balancer, &free, run).await?)
        } else if of(item, ResourceType::ROUTE53_HOSTED_ZONE) {
            self.zone(item, &self.disabled_checks().await?, run).await?
        } else {
            self.accelerator(item, run).await?
        };
        Ok(verdict.unwrap_or_else(|| Verdict::not_applicable(&RESOURCE_GONE)))
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let of = |item: &ConfigurationItem, verdict: Verdict| Evaluated {
            resource: Resource::from(item),
            verdict,
            at: run.now,
        };
        let mut evaluated = Vec::new();
        let items = self.config.recorded_with_tags(ResourceType::ELBV2_LOAD_BALANCER).await?;
        let mut found = Vec::new();
        for item in &items {
            found.push((item, Balancer::read(item, run)?));
        }
        let free = self.free(found.iter().flat_map(|(_, balancer)| &balancer.subnets)).await?;
        for (item, balancer) in &found {
            evaluated.push(of(item, self.balancer(balancer, &free, run).await?));
        }

        let items = self.config.recorded_with_tags(ResourceType::ROUTE53_HOSTED_ZONE).await?;
        if !items.is_empty() {
            let disabled = self.disabled_checks().await?;
            for item in &items {
                let verdict = self.zone(item, &disabled, run).await?;
                evaluated.extend(verdict.map(|verdict| of(item, verdict)));
            }
        }

        let accelerators = ResourceType::GLOBAL_ACCELERATOR_ACCELERATOR;
        for item in &self.config.recorded_with_tags(accelerators).await? {
            let verdict = match preview(item, run)? {
                Some(verdict) => Some(verdict),
                None => self.accelerator(item, run).await?,
            };
            evaluated.extend(verdict.map(|verdict| of(item, verdict)));
        }

        evaluated.push(Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict: self.target_groups(run).await?,
            at: run.now,
        });
        Ok(evaluated)
    }
}

impl Services {
    async fn balancer(
        &self,
        balancer: &Balancer,
        free: &Free,
        run: &Run<'_>,
    ) -> Result<Verdict, Error> {
        let mut failures = Failures::new();
        if balancer.cross_zone_off {
            failures.add(&CROSS_ZONE_OFF);
        }
        let wanted = run.parameters.get(&MIN_FREE_ADDRESSES);
        let full = |id: &String| free.get(id).filter(|free| **free < wanted);
        let full = balancer.subnets.iter().filter_map(|id| Some(format!("{id} ({})", full(id)?)));
        let full: Vec<String> = full.collect();
        if !full.is_empty() {
            let Message { en, ja } = Message::named(&full);
            failures.because(
                &LB_SUBNET_NEARLY_FULL,
                message!(
                    "Free addresses below {wanted}: {en}",
                    "空き IP アドレスが {wanted} 未満のサブネット: {ja}"
                ),
            );
        }
        if balancer.surge && !self.is_reserved(&balancer.arn).await? {
            failures.add(&SURGE_CAPACITY_NOT_RESERVED);
        }
        Ok(failures.into_verdict())
    }

    async fn is_reserved(&self, arn: &str) -> Result<bool, Error> {
        let call = self.balancers.describe_capacity_reservation().load_balancer_arn(arn);
        let answer = call.send().await.call(DESCRIBE_CAPACITY_RESERVATION)?;
        Ok(balancers::is_reserved(&answer))
    }

    async fn free<'a>(&self, ids: impl Iterator<Item = &'a String>) -> Result<Free, Error> {
        let ids: BTreeSet<&str> = ids.map(String::as_str).collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        let places = self.ec2.subnet_places(&ids).await?;
        Ok(places.into_iter().map(|place| (place.id, place.free_addresses)).collect())
    }

    async fn target_groups(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        let mut pages = self.balancers.describe_target_groups().into_paginator().items().send();
        let mut groups = Vec::new();
        while let Some(group) = pages.next().await {
            groups.extend(Group::read(&group.call(DESCRIBE_TARGET_GROUPS)?)?);
        }
        let zones = match groups.iter().any(|group| group.instances) {
            true => self.instances().await?,
            false => Zones::new(),
        };
        let judged: Vec<Option<(Group, bool)>> = stream::iter(groups)
            .map(|group| self.target_group(group, &zones, run))
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        let judged: Vec<(Group, bool)> = judged.into_iter().flatten().collect();
        Ok(targets::decide(&judged))
    }

    /// A group with whether it is unhealthy; `None` when it was deleted since it was listed.
    async fn target_group(
        &self,
        group: Group,
        zones: &Zones,
        run: &Run<'_>,
    ) -> Result<Option<(Group, bool)>, Error> {
        let call = self.balancers.describe_target_health().target_group_arn(&group.arn);
        let health: Vec<TargetHealthDescription> =
            match call.send().await.call(DESCRIBE_TARGET_HEALTH) {
                Ok(answer) => answer.target_health_descriptions.unwrap_or_default(),
                Err(error) if is(&error, "TargetGroupNotFound") => return Ok(None),
                Err(error) => return Err(error.into()),
            };
        let unhealthy = targets::is_unhealthy(&group, &health, zones, run)?;
        Ok(Some((group, unhealthy)))
    }

    /// The zones of the instances of the inventory.
    async fn instances(&self) -> Result<Zones, Error> {
        let items = self.config.recorded_with_tags(ResourceType::EC2_INSTANCE).await?;
        let zone = |item: &ConfigurationItem| {
            let place = part(&item.configuration()?, "placement")?;
            Ok((item.resource_id.clone(), text(&place, "availabilityZone")?.to_owned()))
        };
        items.iter().map(zone).collect()
    }

    /// The verdict on a hosted zone; `None` when there is none any more.
    async fn zone(
        &self,
        item: &ConfigurationItem,
        disabled: &BTreeSet<String>,
        run: &Run<'_>,
    ) -> Result<Option<Verdict>, Error> {
        let Some(found) = self.records(&item.resource_id).await? else { return Ok(None) };
        let wanted = run.parameters.get(&DR_TAG);
        let marked = has_tag(&item.all_tags()?, &wanted);
        Ok(Some(records::judge(&found, marked, disabled, run)))
    }

    /// The records of a zone. The SDK has no paginator for them.
    async fn records(&self, zone: &str) -> Result<Option<Vec<ResourceRecordSet>>, Error> {
        let mut records = Vec::new();
        let mut next = (None, None, None);
        loop {
            let request = self
                .names
                .list_resource_record_sets()
                .hosted_zone_id(zone)
                .set_start_record_name(next.0)
                .set_start_record_type(next.1)
                .set_start_record_identifier(next.2);
            let page = match request.send().await.call(LIST_RECORDS) {
                Ok(page) => page,
                Err(error) if error.is("NoSuchHostedZone") => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            records.extend(page.resource_record_sets);
            if !page.is_truncated {
                return Ok(Some(records));
            }
            if page.next_record_name.is_none() {
                return Err(Error::Answer {
                    action: LIST_RECORDS,
                    field: "NextRecordName".to_owned(),
                });
            }
            next = (page.next_record_name, page.next_record_type, page.next_record_identifier);
        }
    }

    async fn disabled_checks(&self) -> Result<BTreeSet<String>, Error> {
        let mut pages = self.names.list_health_checks().into_paginator().items().send();
        let mut disabled = BTreeSet::new();
        while let Some(check) = pages.next().await {
            let check = check.call(LIST_HEALTH_CHECKS)?;
            if check.health_check_config.and_then(|config| config.disabled) == Some(true) {
                disabled.insert(check.id);
            }
        }
        Ok(disabled)
    }

    /// The verdict on an accelerator; `None` when there is none any more.
    async fn accelerator(
        &self,
        item: &ConfigurationItem,
        run: &Run<'_>,
    ) -> Result<Option<Verdict>, Error> {
        let fields = item.configuration()?;
        let arn = text(&fields, "AcceleratorArn")?;
        let call = self.accelerators.list_listeners().accelerator_arn(arn);
        let mut pages = call.into_paginator().items().send();
        let mut listeners = Vec::new();
        while let Some(listener) = pages.next().await {
            let listener = match listener.call(LIST_LISTENERS) {
                Ok(listener) => listener,
                Err(error) if is(&error, "AcceleratorNotFound") => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            let arn = listener.listener_arn.ok_or_else(|| Error::Answer {
                action: LIST_LISTENERS,
                field: "Listeners[].ListenerArn".to_owned(),
            })?;
            listeners.push(self.endpoint_groups(&arn).await?);
        }
        accelerators::judge(&listeners, run).map(Some)
    }

    async fn endpoint_groups(&self, listener: &str) -> Result<Vec<EndpointGroup>, Error> {
        let call = self.accelerators.list_endpoint_groups().listener_arn(listener);
        let mut pages = call.into_paginator().items().send();
        let mut groups = Vec::new();
        while let Some(group) = pages.next().await {
            groups.push(group.call(LIST_ENDPOINT_GROUPS)?);
        }
        Ok(groups)
    }
}

/// Whether an error has a name, with or without the ending that some protocols drop.
fn is(error: &ServiceError, name: &str) -> bool {
    error.is(name) || error.is(&format!("{name}Exception"))
}
