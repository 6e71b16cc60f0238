//! What the configuration item alone decides: one predicate for each type.

use fisc_shared::control::ItemCheck;
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::policy::{Party, PolicyDocument, PolicyError, Universe};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, ResourceType, Run, Verdict, message};
use serde_json::json;

use super::requirements::*;
use super::snapshots;

/// The types of which the item tells all.
const JUDGES: &[(ResourceType, ItemCheck)] = &[
    (ResourceType::RDS_DB_INSTANCE, |item, _| public_flag(item, "publiclyAccessible")),
    (ResourceType::RDS_DB_CLUSTER, |item, _| database_cluster(item)),
    (ResourceType::RDS_DB_SNAPSHOT, snapshots::judge),
    (ResourceType::RDS_DB_CLUSTER_SNAPSHOT, snapshots::judge),
    (ResourceType::REDSHIFT_CLUSTER, |item, _| public_flag(item, "publiclyAccessible")),
    (ResourceType::DMS_REPLICATION_INSTANCE, |item, _| public_flag(item, "PubliclyAccessible")),
    (ResourceType::MQ_BROKER, |item, _| public_flag(item, "PubliclyAccessible")),
    (ResourceType::OPENSEARCH_DOMAIN, |item, _| in_vpc(item, "VPCOptions", "SubnetIds")),
    (ResourceType::ELASTICSEARCH_DOMAIN, |item, _| in_vpc(item, "vpcoptions", "subnetIds")),
    (ResourceType::EKS_CLUSTER, kubernetes_endpoint),
    (ResourceType::MSK_CLUSTER, |item, _| brokers(item)),
    (ResourceType::SAGEMAKER_NOTEBOOK_INSTANCE, |item, _| notebook(item)),
];

/// How the items of a type are judged, if they tell all.
pub(super) fn judge_of(resource_type: &str) -> Option<ItemCheck> {
    JUDGES.iter().find(|(known, _)| known.name == resource_type).map(|(_, judge)| *judge)
}

fn required_flag(fields: &Fields<'_>, key: &str) -> Result<bool, ItemError> {
    fields.flag(key)?.ok_or_else(|| fields.missing(key))
}

fn publicly_accessible(public: bool) -> Verdict {
    let mut failures = Failures::new();
    if public {
        failures.add(&PUBLICLY_ACCESSIBLE);
    }
    failures.into_verdict()
}

fn public_flag(item: &ConfigurationItem, key: &str) -> Result<Verdict, Error> {
    Ok(publicly_accessible(required_flag(&item.configuration()?, key)?))
}

/// Engines whose clusters have no such setting: their instances have it.
const BY_INSTANCES: [&str; 5] = ["aurora", "aurora-mysql", "aurora-postgresql", "docdb", "neptune"];

/// Only Multi-AZ DB clusters have the setting.
fn database_cluster(item: &ConfigurationItem) -> Result<Verdict, Error> {
    const KEY: &str = "publiclyAccessible";
    let fields = item.configuration()?;
    if let Some(public) = fields.flag(KEY)? {
        return Ok(publicly_accessible(public));
    }
    let engine = fields.text("engine")?.ok_or_else(|| fields.missing("engine"))?;
    if BY_INSTANCES.contains(&engine) {
        return Ok(Verdict::not_applicable(&JUDGED_BY_INSTANCES));
    }
    Err(fields.missing(KEY).into())
}

/// A domain without VPC options is one with a public endpoint.
fn in_vpc(item: &ConfigurationItem, options: &str, subnets: &str) -> Result<Verdict, Error> {
    let options = item.configuration()?.at(options)?;
    let subnets = options.map(|options| options.list(subnets)).transpose()?.flatten();
    let mut failures = Failures::new();
    if subnets.is_none_or(|subnets| subnets.is_empty()) {
        failures.add(&NOT_IN_VPC);
    }
    Ok(failures.into_verdict())
}

fn kubernetes_endpoint(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    const NETWORK: &str = "ResourcesVpcConfig";
    let fields = item.configuration()?;
    let network = fields.at(NETWORK)?.ok_or_else(|| fields.missing(NETWORK))?;
    let mut failures = Failures::new();
    if required_flag(&network, "EndpointPublicAccess")? {
        // An endpoint without a list is open to 0.0.0.0/0.
        let ranges = network.list("PublicAccessCidrs")?.unwrap_or_default();
        let ranges: Vec<&str> =
            ranges.iter().map(Fields::as_text).collect::<Result<_, ItemError>>()?;
        if ranges.is_empty() {
            failures.add(&PUBLIC_ENDPOINT);
        } else if !run.parameters.get(&EKS_ALLOW_RESTRICTED_CIDRS) || is_internet(&ranges)? {
            let Message { en, ja } = Message::named(&ranges);
            failures.because(
                &PUBLIC_ENDPOINT,
                message!(
                    "The endpoint is public to {en}",
                    "エンドポイントが {ja} に公開されています"
                ),
            );
        }
    }
    Ok(failures.into_verdict())
}

/// Whether address ranges, taken together, let about everybody in: by the bar that holds for the
/// same list in the condition of a policy.
fn is_internet(ranges: &[&str]) -> Result<bool, PolicyError> {
    let policy = PolicyDocument::from_value(&json!({"Statement": {
        "Effect": "Allow", "Principal": "*", "Action": "eks:Connect", "Resource": "*",
        "Condition": {"IpAddress": {"aws:SourceIp": ranges}},
    }}))?;
    policy.admits(&Party::Stranger, &Universe::new("*", "*"))
}

/// Brokers are private unless public access was turned on.
fn brokers(item: &ConfigurationItem) -> Result<Verdict, Error> {
    const BROKERS: &str = "BrokerNodeGroupInfo";
    let fields = item.configuration()?;
    let nodes = fields.at(BROKERS)?.ok_or_else(|| fields.missing(BROKERS))?;
    let connectivity = nodes.at("ConnectivityInfo")?;
    let access = connectivity.map(|one| one.at("PublicAccess")).transpose()?.flatten();
    let kind = access.map(|access| access.text("Type")).transpose()?.flatten();
    let mut failures = Failures::new();
    if let Some(kind) = kind.filter(|kind| *kind != "DISABLED") {
        failures.because(
            &PUBLIC_ENDPOINT,
            message!(
                "The public access of the brokers is {kind}",
                "ブローカーのパブリックアクセスが {kind} です"
            ),
        );
    }
    Ok(failures.into_verdict())
}

fn notebook(item: &ConfigurationItem) -> Result<Verdict, Error> {
    const KEY: &str = "DirectInternetAccess";
    let fields = item.configuration()?;
    let access = fields.text(KEY)?.ok_or_else(|| fields.missing(KEY))?;
    let mut failures = Failures::new();
    if access != "Disabled" {
        failures.add(&DIRECT_INTERNET_ACCESS);
    }
    Ok(failures.into_verdict())
}
