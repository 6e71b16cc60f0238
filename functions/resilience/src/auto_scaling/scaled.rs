//! What Application Auto Scaling scales: services of ECS, tables of DynamoDB, readers of Aurora.
//!
//! Source of the field names: the published item schemas and sample items, November 2026.

use std::collections::BTreeSet;

use aws_sdk_applicationautoscaling::types::ServiceNamespace;
use fisc_shared::item::required::{part, text};
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Requirement, ResourceType, Verdict, message};

use super::policies::number;
use super::{
    AURORA_REPLICAS_NOT_SCALING, CAPACITY_PROVIDER_UNMANAGED, DYNAMODB_NOT_SCALING,
    ECS_SERVICE_NOT_SCALING, FARGATE_PROVIDER, NO_INSTANCE, NOT_AURORA, NOT_REPLICATED_SERVICE,
    ON_DEMAND_TABLE, SERVERLESS_CLUSTER,
};

/// One thing that scales: the id of a resource and a dimension, in the words of Application Auto
/// Scaling.
pub(super) type Dimension = (String, &'static str);

/// What must scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scaled {
    /// The item says it all.
    Settled(Verdict),
    /// All of these.
    By { namespace: ServiceNamespace, wanted: Vec<Dimension>, missing: &'static Requirement },
}

impl Scaled {
    /// What must scale of a resource.
    pub(super) fn of(item: &ConfigurationItem) -> Result<Self, ItemError> {
        let fields = item.configuration()?;
        match item.resource_type.as_str() {
            name if name == ResourceType::ECS_SERVICE.name => service(&fields),
            name if name == ResourceType::DYNAMODB_TABLE.name => table(&fields),
            _ => cluster(&fields),
        }
    }

    /// The verdict, if the item says it all.
    pub(super) fn settled(self) -> Option<Verdict> {
        match self {
            Self::Settled(verdict) => Some(verdict),
            Self::By { .. } => None,
        }
    }

    /// The verdict, when these scale.
    pub(super) fn decide(self, scaling: &BTreeSet<(String, String)>) -> Verdict {
        let (wanted, missing) = match self {
            Self::Settled(verdict) => return verdict,
            Self::By { wanted, missing, .. } => (wanted, missing),
        };
        let lacking: Vec<String> = wanted
            .into_iter()
            .filter(|(id, dimension)| !scaling.contains(&(id.clone(), (*dimension).to_owned())))
            .map(|(id, dimension)| {
                let dimension = dimension.rsplit(':').next().unwrap_or_default();
                format!("{id} ({dimension})")
            })
            .collect();
        let mut failures = Failures::new();
        if !lacking.is_empty() {
            failures.because(missing, missing.naming(&lacking));
        }
        failures.into_verdict()
    }
}

fn service(fields: &Fields<'_>) -> Result<Scaled, ItemError> {
    // Without a strategy it is REPLICA.
    if fields.text("SchedulingStrategy")? == Some("DAEMON")
        || fields.integer("DesiredCount")? == Some(0)
    {
        return Ok(Scaled::Settled(Verdict::not_applicable(&NOT_REPLICATED_SERVICE)));
    }
    let arn = text(fields, "ServiceArn")?;
    let (_, path) = arn.split_once(":service/").ok_or_else(|| ItemError::Unreadable {
        field: format!("{}.ServiceArn", fields.path()),
        problem: format!("{arn:?} is no ARN of a service"),
    })?;
    // ARNs of before 2018 do not have the cluster.
    let id = if path.contains('/') {
        format!("service/{path}")
    } else {
        let cluster = text(fields, "Cluster")?;
        format!("service/{}/{path}", cluster.rsplit('/').next().unwrap_or_default())
    };
    Ok(Scaled::By {
        namespace: ServiceNamespace::Ecs,
        wanted: vec![(id, "ecs:service:DesiredCount")],
        missing: &ECS_SERVICE_NOT_SCALING,
    })
}

fn table(fields: &Fields<'_>) -> Result<Scaled, ItemError> {
    // A table that was never on demand has no summary.
    if let Some(mode) = fields.at("billingModeSummary")?
        && text(&mode, "billingMode")? == "PAY_PER_REQUEST"
    {
        return Ok(Scaled::Settled(Verdict::not_applicable(&ON_DEMAND_TABLE)));
    }
    let table = format!("table/{}", text(fields, "tableName")?);
    let mut wanted = vec![
        (table.clone(), "dynamodb:table:ReadCapacityUnits"),
        (table.clone(), "dynamodb:table:WriteCapacityUnits"),
    ];
    for index in fields.list("globalSecondaryIndexes")?.unwrap_or_default() {
        let index = format!("{table}/index/{}", text(&index, "indexName")?);
        wanted.push((index.clone(), "dynamodb:index:ReadCapacityUnits"));
        wanted.push((index, "dynamodb:index:WriteCapacityUnits"));
    }
    let namespace = ServiceNamespace::Dynamodb;
    Ok(Scaled::By { namespace, wanted, missing: &DYNAMODB_NOT_SCALING })
}

fn cluster(fields: &Fields<'_>) -> Result<Scaled, ItemError> {
    if !text(fields, "engine")?.starts_with("aurora") {
        return Ok(Scaled::Settled(Verdict::not_applicable(&NOT_AURORA)));
    }
    let serverless = || Scaled::Settled(Verdict::Compliant(vec![SERVERLESS_CLUSTER.reason()]));
    if fields.text("engineMode")? == Some("serverless") {
        return Ok(serverless());
    }
    let members =
        fields.list("dbclusterMembers")?.ok_or_else(|| fields.missing("dbclusterMembers"))?;
    if members.is_empty() {
        return Ok(Scaled::Settled(Verdict::not_applicable(&NO_INSTANCE)));
    }
    if let Some(range) = fields.at("serverlessV2ScalingConfiguration")?
        && number(&range, "maxCapacity")? > number(&range, "minCapacity")?
    {
        return Ok(serverless());
    }
    let id = format!("cluster:{}", text(fields, "dbclusterIdentifier")?);
    Ok(Scaled::By {
        namespace: ServiceNamespace::Rds,
        wanted: vec![(id, "rds:cluster:ReadReplicaCount")],
        missing: &AURORA_REPLICAS_NOT_SCALING,
    })
}

/// The verdict on a capacity provider.
pub(super) fn capacity_provider(item: &ConfigurationItem) -> Result<Verdict, ItemError> {
    let fields = item.configuration()?;
    let Some(provider) = fields.at("AutoScalingGroupProvider")? else {
        return Ok(Verdict::not_applicable(&FARGATE_PROVIDER));
    };
    let status = text(&part(&provider, "ManagedScaling")?, "Status")?;
    let mut failures = Failures::new();
    if status != "ENABLED" {
        failures.because(
            &CAPACITY_PROVIDER_UNMANAGED,
            message!("Managed scaling is {status}", "マネージドスケーリングが {status} です"),
        );
    }
    Ok(failures.into_verdict())
}
