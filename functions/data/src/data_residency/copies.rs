//! What a configuration item tells of copies: one reader for each type.
//!
//! Source of the field names: the published item schemas of AWS Config and sample items,
//! November 2026. A list that is absent means that there is no such copy: the services leave
//! empty lists out.

use std::fmt;

use fisc_shared::ConfigurationItem;
use fisc_shared::bucket::replication_destinations;
use fisc_shared::item::required::{part, text};
use fisc_shared::item::{Fields, ItemError};

/// What is known of the copies of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Copies {
    /// All of them, with their Regions.
    Known(Vec<Copy>),
    /// The buckets that they go to; where these are, S3 tells.
    Buckets(Vec<String>),
    /// EFS is asked.
    FileSystemReplicas,
    /// RDS is asked.
    GlobalMembers,
}

/// A copy, or where copies go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Copy {
    /// What people know it by; empty where there is only the Region.
    pub(super) name: String,
    /// Where it is.
    pub(super) place: Place,
}

/// Where a copy is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// In this Region.
    Region(String),
    /// Nobody can tell: there is no such bucket, so that anybody may create it anywhere.
    NoBucket,
    /// Nobody can tell, and the institution answers for it.
    Vouched,
}

impl Copy {
    pub(super) fn in_region(name: impl Into<String>, region: impl Into<String>) -> Self {
        Self { name: name.into(), place: Place::Region(region.into()) }
    }

    /// Whether the copy is where the approval reaches.
    pub(super) fn stays_in(&self, approved: impl Fn(&str) -> bool) -> bool {
        match &self.place {
            Place::Region(region) => approved(region),
            Place::NoBucket => false,
            Place::Vouched => true,
        }
    }
}

impl fmt::Display for Copy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.place, self.name.as_str()) {
            (Place::Region(region), "") => f.write_str(region),
            (Place::Region(region), name) => write!(f, "{name} ({region})"),
            (Place::NoBucket, name) => write!(f, "{name} (Region unreadable: NoSuchBucket)"),
            (Place::Vouched, name) => write!(f, "{name} (?)"),
        }
    }
}

/// Of a type of which no item tells copies.
pub(super) fn none(_: &ConfigurationItem) -> Result<Copies, ItemError> {
    Ok(Copies::Known(Vec::new()))
}

/// The vaults that a backup plan copies to.
pub(super) fn backup_plan(item: &ConfigurationItem) -> Result<Copies, ItemError> {
    const VAULT: &str = "DestinationBackupVaultArn";
    let configuration = item.configuration()?;
    let plan = part(&configuration, "BackupPlan")?;
    let rules = plan.list("BackupPlanRule")?.ok_or_else(|| plan.missing("BackupPlanRule"))?;
    let mut copies = Vec::new();
    for rule in rules {
        for action in rule.list("CopyActions")?.unwrap_or_default() {
            copies.push(at_arn(&format!("{}.{VAULT}", action.path()), text(&action, VAULT)?)?);
        }
    }
    Ok(Copies::Known(copies))
}

/// The buckets that the enabled replication rules of a bucket lead to, each once.
pub(super) fn bucket(item: &ConfigurationItem) -> Result<Copies, ItemError> {
    let mut buckets = Vec::new();
    for destination in replication_destinations(item)? {
        if !buckets.contains(&destination.bucket) {
            buckets.push(destination.bucket);
        }
    }
    if buckets.is_empty() { none(item) } else { Ok(Copies::Buckets(buckets)) }
}

/// Cross-Region read replicas and automated backups of a DB instance.
pub(super) fn db_instance(item: &ConfigurationItem) -> Result<Copies, ItemError> {
    const BACKUPS: &str = "dBInstanceAutomatedBackupsArn";
    let fields = item.configuration()?;
    let mut copies = read_replicas(&fields, "readReplicaDBInstanceIdentifiers")?;
    copies.extend(read_replicas(&fields, "readReplicaDBClusterIdentifiers")?);
    for one in fields.list("dBInstanceAutomatedBackupsReplications")?.unwrap_or_default() {
        copies.push(at_arn(&format!("{}.{BACKUPS}", one.path()), text(&one, BACKUPS)?)?);
    }
    Ok(Copies::Known(copies))
}

/// Cross-Region read replicas of a DB cluster.
pub(super) fn db_cluster(item: &ConfigurationItem) -> Result<Copies, ItemError> {
    let fields = item.configuration()?;
    Ok(Copies::Known(read_replicas(&fields, "readReplicaIdentifiers")?))
}

/// Read replicas that are named by their ARN; one in the same Region has its bare name.
fn read_replicas(fields: &Fields<'_>, key: &str) -> Result<Vec<Copy>, ItemError> {
    let mut copies = Vec::new();
    for replica in fields.list(key)?.unwrap_or_default() {
        let name = replica.as_text()?;
        if name.starts_with("arn:") {
            copies.push(at_arn(replica.path(), name)?);
        }
    }
    Ok(copies)
}

/// The replicas of a DynamoDB table.
pub(super) fn table(item: &ConfigurationItem) -> Result<Copies, ItemError> {
    let fields = item.configuration()?;
    let Some(replicas) = fields.list("replicas")? else {
        // Of a global table of the first version, DescribeTable does not tell the replicas.
        if fields.text("globalTableVersion")? == Some("2017.11.29") {
            return Err(fields.missing("replicas"));
        }
        return none(item);
    };
    let region = |replica: &Fields<'_>| Ok(Copy::in_region("", text(replica, "regionName")?));
    Ok(Copies::Known(replicas.iter().map(region).collect::<Result<_, ItemError>>()?))
}

/// Where the snapshots of a Redshift cluster are copied to.
pub(super) fn redshift(item: &ConfigurationItem) -> Result<Copies, ItemError> {
    let Some(status) = item.configuration()?.at("clusterSnapshotCopyStatus")? else {
        return none(item);
    };
    let region = text(&status, "destinationRegion")?;
    Ok(Copies::Known(vec![Copy::in_region("snapshot copy", region)]))
}

/// The primary and the replicas of a multi-Region key.
pub(super) fn key(item: &ConfigurationItem) -> Result<Copies, ItemError> {
    const CONFIGURATION: &str = "multiRegionConfiguration";
    const FLAG: &str = "multiRegion";
    let fields = item.configuration()?;
    let Some(configuration) = fields.at(CONFIGURATION)? else {
        return match fields.flag(FLAG)? {
            Some(false) => none(item),
            Some(true) => Err(fields.missing(CONFIGURATION)),
            None => Err(fields.missing(FLAG)),
        };
    };
    let region = |kind: &str, key: &Fields<'_>| Ok(Copy::in_region(kind, text(key, "region")?));
    let mut copies = vec![region("primary key", &part(&configuration, "primaryKey")?)?];
    for replica in configuration.list("replicaKeys")?.unwrap_or_default() {
        copies.push(region("replica key", &replica)?);
    }
    Ok(Copies::Known(copies))
}

/// A copy by its ARN, which tells the Region.
pub(super) fn at_arn(path: &str, arn: &str) -> Result<Copy, ItemError> {
    let mut parts = arn.split(':');
    let region = (parts.next() == Some("arn")).then(|| parts.nth(2)).flatten();
    let region = region.filter(|region| !region.is_empty()).ok_or_else(|| {
        let problem = format!("{arn:?} is no ARN with a Region");
        ItemError::Unreadable { field: path.to_owned(), problem }
    })?;
    let name = parts.next_back().unwrap_or_default();
    Ok(Copy::in_region(name, region))
}
