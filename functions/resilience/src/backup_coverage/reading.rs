//! What the configuration items tell of resources that hold data.

use fisc_shared::bucket::Versioning;
use fisc_shared::item::required::{part, text};
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::{ConfigurationItem, Remark, ResourceType};
use jiff::Timestamp;

use super::remarks::{CLUSTER_MEMBER, NO_VOLUME, NOT_AVAILABLE, READ_REPLICA, VOLUME_NOT_ATTACHED};
use crate::backups::selection::Service;

/// What an item tells.
#[derive(Debug)]
pub(super) enum Reading {
    /// The control does not apply.
    NotJudged(&'static Remark),
    /// The resource is judged.
    Data(Data),
}

/// A resource that holds data.
#[derive(Debug, Clone)]
pub(super) struct Data {
    pub(super) service: Service,
    pub(super) arn: String,
    /// As far as it is known.
    pub(super) created: Option<Timestamp>,
    pub(super) own: Own,
}

/// What matters of one type only.
#[derive(Debug, Clone)]
pub(super) enum Own {
    Instance {
        volumes: Vec<String>,
    },
    Volume {
        id: String,
        instances: Vec<String>,
        kind: String,
        boot: bool,
    },
    /// `sources`: the replicas and members that it could be rebuilt from.
    Database {
        retention: i64,
        sources: Vec<String>,
    },
    /// `recorded`: point-in-time recovery is on, as Config recorded it.
    Table {
        name: String,
        recorded: Option<bool>,
    },
    FileSystem {
        automatic: bool,
    },
    Bucket {
        versioned: bool,
    },
    Warehouse {
        retention: i64,
    },
}

type Read = fn(&ConfigurationItem) -> Result<Reading, ItemError>;

/// How each type is read.
const TYPES: &[(ResourceType, Read)] = &[
    (ResourceType::EC2_INSTANCE, instance),
    (ResourceType::EC2_VOLUME, volume),
    (ResourceType::RDS_DB_INSTANCE, db_instance),
    (ResourceType::RDS_DB_CLUSTER, db_cluster),
    (ResourceType::DYNAMODB_TABLE, table),
    (ResourceType::EFS_FILE_SYSTEM, file_system),
    (ResourceType::S3_BUCKET, bucket),
    (ResourceType::REDSHIFT_CLUSTER, warehouse),
];

/// The states of databases in which their backups say nothing.
const DATABASE_AT_REST: &[&str] = &["creating", "deleting", "stopped", "stopping", "starting"];

/// Whether a database in this state is in service.
pub(super) fn in_service(status: &str) -> bool {
    !DATABASE_AT_REST.contains(&status)
}

pub(super) fn read(item: &ConfigurationItem) -> Result<Reading, ItemError> {
    let kind = TYPES.iter().find(|(kind, _)| kind.name == item.resource_type);
    let (_, read) = kind.ok_or_else(|| ItemError::Unreadable {
        field: "resourceType".to_owned(),
        problem: format!("unknown type {:?}", item.resource_type),
    })?;
    read(item)
}

/// A resource, with its creation by the first of the places that tells it.
fn data(
    item: &ConfigurationItem,
    service: Service,
    created: Option<Timestamp>,
    own: Own,
) -> Result<Reading, ItemError> {
    let arn = item.arn.clone().ok_or_else(|| ItemError::Missing { field: "ARN".to_owned() })?;
    Ok(Reading::Data(Data { service, arn, created: created.or(item.created), own }))
}

fn instance(item: &ConfigurationItem) -> Result<Reading, ItemError> {
    let fields = item.configuration()?;
    match text(&part(&fields, "state")?, "name")? {
        "running" | "stopped" | "stopping" => {}
        _ => return Ok(Reading::NotJudged(&NOT_AVAILABLE)),
    }
    // A start moves launchTime, so that an instance which stops every night would never come of
    // age: its oldest volume is as old as the instance.
    let mut created = fields.time("launchTime")?;
    let mut volumes = Vec::new();
    const DEVICES: &str = "blockDeviceMappings";
    for device in fields.list(DEVICES)?.ok_or_else(|| fields.missing(DEVICES))? {
        let Some(ebs) = device.at("ebs")? else { continue };
        volumes.push(text(&ebs, "volumeId")?.to_owned());
        created = [created, ebs.time("attachTime")?].into_iter().flatten().min();
    }
    if volumes.is_empty() {
        return Ok(Reading::NotJudged(&NO_VOLUME));
    }
    let created = [created, item.created].into_iter().flatten().min();
    data(item, Service::Ec2, created, Own::Instance { volumes })
}

/// A state: text in older items, an object with its value in newer ones.
fn state<'a>(fields: &Fields<'a>) -> Result<&'a str, ItemError> {
    let state = part(fields, "state")?;
    if state.value().is_string() { state.as_text() } else { text(&state, "value") }
}

fn volume(item: &ConfigurationItem) -> Result<Reading, ItemError> {
    let fields = item.configuration()?;
    match state(&fields)? {
        "in-use" => {}
        // Whether these are judged is up to a parameter.
        "available" => {}
        _ => return Ok(Reading::NotJudged(&NOT_AVAILABLE)),
    }
    let attachments = fields.list("attachments")?.unwrap_or_default();
    let mut instances = Vec::new();
    let mut boot = false;
    for attachment in &attachments {
        instances.push(text(attachment, "instanceId")?.to_owned());
        // The names of root devices by Linux and Windows images.
        boot |= matches!(attachment.text("device")?, Some("/dev/xvda" | "/dev/sda1"));
    }
    let own = Own::Volume {
        id: item.resource_id.clone(),
        instances,
        kind: text(&fields, "volumeType")?.to_owned(),
        boot,
    };
    data(item, Service::Ebs, fields.time("createTime")?, own)
}

/// Why an unattached volume is not judged, unless a parameter asks for it.
pub(super) fn set_aside(own: &Own, only_attached: bool) -> Option<&'static Remark> {
    match own {
        Own::Volume { instances, .. } if instances.is_empty() && only_attached => {
            Some(&VOLUME_NOT_ATTACHED)
        }
        _ => None,
    }
}

fn retention(fields: &Fields<'_>, key: &str) -> Result<i64, ItemError> {
    fields.integer(key)?.ok_or_else(|| fields.missing(key))
}

/// The texts of a list that may be absent.
fn texts(fields: &Fields<'_>, key: &str) -> Result<Vec<String>, ItemError> {
    let list = fields.list(key)?.unwrap_or_default();
    list.iter().map(|one| one.as_text().map(str::to_owned)).collect()
}

fn is_set(fields: &Fields<'_>, key: &str) -> Result<bool, ItemError> {
    Ok(fields.text(key)?.is_some_and(|text| !text.is_empty()))
}

fn db_instance(item: &ConfigurationItem) -> Result<Reading, ItemError> {
    let fields = item.configuration()?;
    if is_set(&fields, "dBClusterIdentifier")? {
        return Ok(Reading::NotJudged(&CLUSTER_MEMBER));
    }
    if is_set(&fields, "readReplicaSourceDBInstanceIdentifier")? {
        return Ok(Reading::NotJudged(&READ_REPLICA));
    }
    if !in_service(text(&fields, "dBInstanceStatus")?) {
        return Ok(Reading::NotJudged(&NOT_AVAILABLE));
    }
    let own = Own::Database {
        retention: retention(&fields, "backupRetentionPeriod")?,
        sources: texts(&fields, "readReplicaDBInstanceIdentifiers")?,
    };
    data(item, Service::Rds, fields.time("instanceCreateTime")?, own)
}

fn db_cluster(item: &ConfigurationItem) -> Result<Reading, ItemError> {
    let fields = item.configuration()?;
    if is_set(&fields, "replicationSourceIdentifier")? {
        return Ok(Reading::NotJudged(&READ_REPLICA));
    }
    if !in_service(text(&fields, "status")?) {
        return Ok(Reading::NotJudged(&NOT_AVAILABLE));
    }
    // The members of a cluster share one storage, but catalogues of sources name them.
    let mut sources = texts(&fields, "readReplicaIdentifiers")?;
    for member in fields.list("dbclusterMembers")?.unwrap_or_default() {
        if member.flag("isClusterWriter")? != Some(true) {
            sources.extend(member.text("dbinstanceIdentifier")?.map(str::to_owned));
        }
    }
    let service = Service::of_cluster(text(&fields, "engine")?);
    let retention = retention(&fields, "backupRetentionPeriod")?;
    let created = fields.time("clusterCreateTime")?;
    data(item, service, created, Own::Database { retention, sources })
}

fn table(item: &ConfigurationItem) -> Result<Reading, ItemError> {
    let fields = item.configuration()?;
    if matches!(text(&fields, "tableStatus")?, "CREATING" | "DELETING" | "ARCHIVING" | "ARCHIVED") {
        return Ok(Reading::NotJudged(&NOT_AVAILABLE));
    }
    // The state is not everything: without it the service tells all.
    let recorded = match item.supplementary("ContinuousBackupsDescription") {
        Ok(Some(backups)) => match backups.at("pointInTimeRecoveryDescription")? {
            Some(description) => description.text("pointInTimeRecoveryStatus")?,
            None => None,
        },
        Ok(None) | Err(ItemError::Missing { .. }) => None,
        Err(error) => return Err(error),
    };
    let own = Own::Table {
        name: text(&fields, "tableName")?.to_owned(),
        recorded: recorded.map(|status| status == "ENABLED"),
    };
    data(item, Service::DynamoDb, fields.time("creationDateTime")?, own)
}

fn file_system(item: &ConfigurationItem) -> Result<Reading, ItemError> {
    let fields = item.configuration()?;
    // Without a policy, automatic backups are off: EFS answers that there is none.
    let policy = fields.at("BackupPolicy")?;
    let status = policy.map(|policy| policy.text("Status")).transpose()?.flatten();
    let automatic = matches!(status, Some("ENABLED" | "ENABLING"));
    data(item, Service::Efs, None, Own::FileSystem { automatic })
}

fn bucket(item: &ConfigurationItem) -> Result<Reading, ItemError> {
    const PART: &str = "supplementaryConfiguration.BucketVersioningConfiguration";
    let versioning = Versioning::of_bucket(item)?
        .ok_or_else(|| ItemError::Missing { field: PART.to_owned() })?;
    let created = item.configuration()?.time("creationDate")?;
    data(item, Service::S3, created, Own::Bucket { versioned: versioning.enabled })
}

fn warehouse(item: &ConfigurationItem) -> Result<Reading, ItemError> {
    let fields = item.configuration()?;
    if matches!(text(&fields, "clusterStatus")?, "creating" | "deleting" | "final-snapshot") {
        return Ok(Reading::NotJudged(&NOT_AVAILABLE));
    }
    let own = Own::Warehouse { retention: retention(&fields, "automatedSnapshotRetentionPeriod")? };
    data(item, Service::Redshift, fields.time("clusterCreateTime")?, own)
}
