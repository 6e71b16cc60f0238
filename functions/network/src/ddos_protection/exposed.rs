//! Resources that face the internet and that Shield Advanced can protect.

use std::collections::BTreeSet;

use fisc_shared::item::{Fields, ItemError};
use fisc_shared::parameter::ParameterError;
use fisc_shared::{ConfigurationItem, ResourceType, Run};

use super::declared::PROTECTED_RESOURCE_TYPES;

/// What is known of the addresses of a Region.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    /// The allocation ids of NAT gateways' addresses.
    nat: BTreeSet<String>,
}

impl Addresses {
    /// Reads recorded NAT gateways.
    pub(super) fn read(gateways: &[ConfigurationItem]) -> Result<Self, ItemError> {
        let mut nat = BTreeSet::new();
        for item in gateways {
            let fields = item.configuration()?;
            for address in fields.list("natGatewayAddresses")?.unwrap_or_default() {
                nat.extend(address.text("allocationId")?.map(str::to_owned));
            }
        }
        Ok(Self { nat })
    }
}

type Exposed = fn(&ConfigurationItem, &Addresses) -> Result<bool, ItemError>;

/// A kind of resources.
pub(super) struct Kind {
    /// Its name in the parameter.
    name: &'static str,
    pub(super) resource: ResourceType,
    /// Whether the internet reaches a resource.
    pub(super) exposed: Exposed,
}

const KINDS: [Kind; 6] = [
    Kind { name: "ALB", resource: ResourceType::ELBV2_LOAD_BALANCER, exposed: alb },
    Kind { name: "CLB", resource: ResourceType::ELB_LOAD_BALANCER, exposed: clb },
    Kind {
        name: "CLOUDFRONT",
        resource: ResourceType::CLOUDFRONT_DISTRIBUTION,
        exposed: distribution,
    },
    Kind {
        name: "GLOBAL_ACCELERATOR",
        resource: ResourceType::GLOBAL_ACCELERATOR_ACCELERATOR,
        exposed: accelerator,
    },
    Kind { name: "HOSTED_ZONE", resource: ResourceType::ROUTE53_HOSTED_ZONE, exposed: zone },
    Kind { name: "EIP", resource: ResourceType::EC2_EIP, exposed: address },
];

/// The kinds that are asked for.
pub(super) fn kinds(run: &Run<'_>) -> Result<Vec<&'static Kind>, ParameterError> {
    let given = run.parameters.get(&PROTECTED_RESOURCE_TYPES);
    given
        .iter()
        .map(|name| {
            const { &KINDS }.iter().find(|kind| kind.name == name).ok_or_else(|| {
                let known: Vec<&str> = KINDS.iter().map(|kind| kind.name).collect();
                PROTECTED_RESOURCE_TYPES.spec.refuse(
                    format!("takes kinds of resources, which are {}", known.join(", ")),
                    name,
                )
            })
        })
        .collect()
}

fn faces_internet(fields: &Fields<'_>) -> Result<bool, ItemError> {
    Ok(fields.text("scheme")?.ok_or_else(|| fields.missing("scheme"))? == "internet-facing")
}

fn alb(item: &ConfigurationItem, _: &Addresses) -> Result<bool, ItemError> {
    let fields = item.configuration()?;
    // A Network Load Balancer is protected by its addresses.
    let application = fields.text("type")?.ok_or_else(|| fields.missing("type"))? == "application";
    Ok(application && faces_internet(&fields)?)
}

fn clb(item: &ConfigurationItem, _: &Addresses) -> Result<bool, ItemError> {
    faces_internet(&item.configuration()?)
}

fn distribution(item: &ConfigurationItem, _: &Addresses) -> Result<bool, ItemError> {
    let fields = item.configuration()?;
    let config =
        fields.at("distributionConfig")?.ok_or_else(|| fields.missing("distributionConfig"))?;
    config.flag("enabled")?.ok_or_else(|| config.missing("enabled"))
}

fn accelerator(item: &ConfigurationItem, _: &Addresses) -> Result<bool, ItemError> {
    let fields = item.configuration()?;
    fields.flag("Enabled")?.ok_or_else(|| fields.missing("Enabled"))
}

/// A private hosted zone is one with VPCs.
fn zone(item: &ConfigurationItem, _: &Addresses) -> Result<bool, ItemError> {
    Ok(item.configuration()?.list("VPCs")?.unwrap_or_default().is_empty())
}

fn address(item: &ConfigurationItem, addresses: &Addresses) -> Result<bool, ItemError> {
    let fields = item.configuration()?;
    let used = fields.text("associationId")?.is_some() || fields.text("instanceId")?.is_some();
    Ok(used && !addresses.nat.contains(&item.resource_id))
}

/// Whether one of the protected ARNs is that of the resource.
pub(super) fn is_protected(
    kind: &Kind,
    item: &ConfigurationItem,
    protected: &BTreeSet<String>,
) -> bool {
    let id = &item.resource_id;
    // Shield and EC2 name the ARN of an address differently; its id is unique.
    if kind.resource == ResourceType::EC2_EIP {
        return protected.iter().any(|arn| {
            arn.ends_with(&format!(":eip-allocation/{id}"))
                || arn.ends_with(&format!(":elastic-ip/{id}"))
        });
    }
    let own = item.arn.as_ref().is_some_and(|arn| protected.contains(arn));
    let by_id = kind.resource.arn_of(id, &item.account_id, &item.region);
    own || protected.contains(id) || by_id.is_some_and(|arn| protected.contains(&arn))
}
