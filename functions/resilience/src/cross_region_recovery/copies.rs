//! What a configuration item tells of live copies: one reader for each type.
//!
//! Source of the field names: the published item schemas of AWS Config and sample items, November
//! 2026. An absent list means that there is no such copy: the services leave empty lists out.

use fisc_shared::bucket::{Destination, replication_destinations};
use fisc_shared::item::required::text;
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::{ConfigurationItem, Remark};

use super::{CLUSTER_MEMBER, COPY_ITSELF, own_region};

/// What is known of the live copies of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Live {
    /// They are in these Regions; the resource's own may be among them.
    In(Vec<String>),
    /// They are in buckets; where these are, S3 tells.
    Buckets(Vec<Destination>),
    /// EFS is asked.
    FileSystem,
    /// RDS is asked for global databases.
    Global,
    /// DynamoDB is asked for a global table of the first version.
    OldGlobalTable,
    /// Secrets Manager is asked.
    Secret,
    /// Elastic Disaster Recovery is asked.
    Server,
    /// The control does not apply.
    Exempt(&'static Remark),
}

/// The buckets that the enabled replication rules of a bucket lead to.
pub(super) fn bucket(item: &ConfigurationItem) -> Result<Live, ItemError> {
    let destinations = replication_destinations(item)?;
    Ok(if destinations.is_empty() { Live::In(Vec::new()) } else { Live::Buckets(destinations) })
}

/// The replicas of a table that take part.
pub(super) fn table(item: &ConfigurationItem) -> Result<Live, ItemError> {
    let fields = item.configuration()?;
    let Some(replicas) = fields.list("replicas")? else {
        // Of a global table of the first version, DescribeTable does not tell the replicas.
        return Ok(match fields.text("globalTableVersion")? {
            Some("2017.11.29") => Live::OldGlobalTable,
            _ => Live::In(Vec::new()),
        });
    };
    let mut regions = Vec::new();
    for replica in replicas {
        if matches!(text(&replica, "replicaStatus")?, "ACTIVE" | "UPDATING") {
            regions.push(text(&replica, "regionName")?.to_owned());
        }
    }
    Ok(Live::In(regions))
}

/// Read replicas and replicated automated backups of a DB instance.
pub(super) fn db_instance(item: &ConfigurationItem) -> Result<Live, ItemError> {
    const BACKUPS: &str = "dBInstanceAutomatedBackupsArn";
    let fields = item.configuration()?;
    if fields.text("dBClusterIdentifier")?.is_some_and(|name| !name.is_empty()) {
        return Ok(Live::Exempt(&CLUSTER_MEMBER));
    }
    if is_copy(item, &fields, "readReplicaSourceDBInstanceIdentifier")? {
        return Ok(Live::Exempt(&COPY_ITSELF));
    }
    let mut regions = read_replicas(&fields, "readReplicaDBInstanceIdentifiers")?;
    regions.extend(read_replicas(&fields, "readReplicaDBClusterIdentifiers")?);
    for one in fields.list("dBInstanceAutomatedBackupsReplications")?.unwrap_or_default() {
        regions.push(region_of(&format!("{}.{BACKUPS}", one.path()), text(&one, BACKUPS)?)?);
    }
    Ok(Live::In(regions))
}

/// Read replicas of a DB cluster; RDS knows its global database.
pub(super) fn db_cluster(item: &ConfigurationItem) -> Result<Live, ItemError> {
    let fields = item.configuration()?;
    if is_copy(item, &fields, "replicationSourceIdentifier")? {
        return Ok(Live::Exempt(&COPY_ITSELF));
    }
    let own = own_region(item)?;
    let regions = read_replicas(&fields, "readReplicaIdentifiers")?;
    Ok(if regions.iter().any(|one| one != own) { Live::In(regions) } else { Live::Global })
}

/// Whether the field names a source in another Region.
fn is_copy(item: &ConfigurationItem, fields: &Fields<'_>, key: &str) -> Result<bool, ItemError> {
    // A source in the same Region has its bare name, or an ARN of it.
    match fields.text(key)?.filter(|source| source.starts_with("arn:")) {
        Some(source) => {
            Ok(region_of(&format!("{}.{key}", fields.path()), source)? != own_region(item)?)
        }
        None => Ok(false),
    }
}

/// The Regions of read replicas that are named by their ARN; one in the same Region has its bare
/// name.
fn read_replicas(fields: &Fields<'_>, key: &str) -> Result<Vec<String>, ItemError> {
    let mut regions = Vec::new();
    for replica in fields.list(key)?.unwrap_or_default() {
        let name = replica.as_text()?;
        if name.starts_with("arn:") {
            regions.push(region_of(replica.path(), name)?);
        }
    }
    Ok(regions)
}

/// Where the snapshots of a Redshift cluster are copied to.
pub(super) fn redshift(item: &ConfigurationItem) -> Result<Live, ItemError> {
    Ok(Live::In(match item.configuration()?.at("clusterSnapshotCopyStatus")? {
        Some(status) => vec![text(&status, "destinationRegion")?.to_owned()],
        None => Vec::new(),
    }))
}

/// The Region in an ARN.
pub(super) fn region_of(path: &str, arn: &str) -> Result<String, ItemError> {
    let mut parts = arn.split(':');
    let region = (parts.next() == Some("arn")).then(|| parts.nth(2)).flatten();
    region.filter(|region| !region.is_empty()).map(str::to_owned).ok_or_else(|| {
        let problem = format!("{arn:?} is no ARN with a Region");
        ItemError::Unreadable { field: path.to_owned(), problem }
    })
}
