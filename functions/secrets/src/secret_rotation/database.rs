//! What RDS tells of a database's master credential, where tags say that it is kept, and the
//! verdict on it.

use std::collections::BTreeSet;

use aws_sdk_rds::types::{DbCluster, DbInstance, MasterUserSecret, Tag, WriteForwardingStatus};
use aws_sdk_ssm::types::{ParameterMetadata, ParameterType};
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Remark, ResourceType, Run, Verdict, message};

use super::secret::Secret;
use super::{
    ACCEPT_IAM_AUTHENTICATION, CANNOT_BE_MANAGED, CLUSTER_MEMBER, DESCRIBE_CLUSTERS,
    DESCRIBE_INSTANCES, EVIDENCE_FOUND, IAM_AUTHENTICATION, MASTER_CREDENTIAL_NOT_MANAGED,
    READ_REPLICA,
};

/// Whether a database has a master credential of its own that RDS could keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It has.
    Own,
    /// A part of a cluster has that of the cluster.
    Member,
    /// A read replica has that of its source.
    Replica,
    /// RDS keeps no secrets for its kind; a tag may name a store.
    Unmanageable,
}

/// A database, an instance or a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Database {
    pub(super) kind: ResourceType,
    /// The id by which Config knows it: RDS's resource id, which outlives renaming.
    pub(super) id: String,
    pub(super) arn: Option<String>,
    pub(super) standing: Standing,
    /// The status of the secret that RDS manages for the master user.
    pub(super) secret: Option<String>,
    /// Whether IAM database authentication is on.
    pub(super) iam: bool,
    /// What its tags name as the store of its credential.
    pub(super) stores: Vec<String>,
}

/// Engines whose clusters RDS lists too, and whose passwords it does not manage.
const FOREIGN_ENGINES: [&str; 2] = ["docdb", "neptune"];

fn given(text: Option<&str>) -> bool {
    text.is_some_and(|text| !text.is_empty())
}

fn stores(tags: &[Tag], keys: &[String]) -> Vec<String> {
    let named = tags.iter().filter(|tag| keys.iter().any(|key| Some(key.as_str()) == tag.key()));
    named.map(|tag| tag.value().unwrap_or_default().trim().to_owned()).collect()
}

fn status(
    secret: Option<&MasterUserSecret>,
    action: &'static str,
) -> Result<Option<String>, Error> {
    let Some(secret) = secret else { return Ok(None) };
    let status = secret.secret_status().ok_or_else(|| Error::Answer {
        action,
        field: "MasterUserSecret.SecretStatus".to_owned(),
    })?;
    Ok(Some(status.to_owned()))
}

impl Database {
    pub(super) fn of_instance(instance: &DbInstance, keys: &[String]) -> Result<Self, Error> {
        let id = instance.dbi_resource_id().ok_or_else(|| Error::Answer {
            action: DESCRIBE_INSTANCES,
            field: "DBInstances[].DbiResourceId".to_owned(),
        })?;
        let standing = if given(instance.db_cluster_identifier()) {
            Standing::Member
        } else if given(instance.read_replica_source_db_instance_identifier())
            || given(instance.read_replica_source_db_cluster_identifier())
        {
            Standing::Replica
        } else if instance.engine().is_some_and(|engine| engine.starts_with("custom-")) {
            Standing::Unmanageable
        } else {
            Standing::Own
        };
        Ok(Self {
            kind: ResourceType::RDS_DB_INSTANCE,
            id: id.to_owned(),
            arn: instance.db_instance_arn().map(str::to_owned),
            standing,
            secret: status(instance.master_user_secret(), DESCRIBE_INSTANCES)?,
            iam: instance.iam_database_authentication_enabled().unwrap_or(false),
            stores: stores(instance.tag_list(), keys),
        })
    }

    pub(super) fn of_cluster(cluster: &DbCluster, keys: &[String]) -> Result<Self, Error> {
        let id = cluster.db_cluster_resource_id().ok_or_else(|| Error::Answer {
            action: DESCRIBE_CLUSTERS,
            field: "DBClusters[].DbClusterResourceId".to_owned(),
        })?;
        let forwarding =
            cluster.global_write_forwarding_status().map(WriteForwardingStatus::as_str);
        let global = given(cluster.global_cluster_identifier())
            || matches!(forwarding, Some("enabled" | "enabling" | "disabling"));
        let foreign = cluster.engine().is_some_and(|engine| FOREIGN_ENGINES.contains(&engine));
        let standing = if given(cluster.replication_source_identifier()) {
            Standing::Replica
        } else if global || foreign || cluster.engine_mode() == Some("serverless") {
            Standing::Unmanageable
        } else {
            Standing::Own
        };
        Ok(Self {
            kind: ResourceType::RDS_DB_CLUSTER,
            id: id.to_owned(),
            arn: cluster.db_cluster_arn().map(str::to_owned),
            standing,
            secret: status(cluster.master_user_secret(), DESCRIBE_CLUSTERS)?,
            iam: cluster.iam_database_authentication_enabled().unwrap_or(false),
            stores: stores(cluster.tag_list(), keys),
        })
    }

    fn exclusion(&self) -> Option<&'static Remark> {
        match self.standing {
            Standing::Member => Some(&CLUSTER_MEMBER),
            Standing::Replica => Some(&READ_REPLICA),
            Standing::Own | Standing::Unmanageable => None,
        }
    }

    /// Whether RDS keeps a secret that works: an impaired one cannot be rotated any more.
    fn managed(&self) -> bool {
        matches!(self.secret.as_deref(), Some("active" | "creating" | "rotating"))
    }

    /// Whether it matters what its tags name.
    pub(super) fn needs_evidence(&self) -> bool {
        self.exclusion().is_none() && !self.managed() && !self.stores.is_empty()
    }

    pub(super) fn verdict(&self, known: &Stores, run: &Run<'_>) -> Verdict {
        if let Some(remark) = self.exclusion() {
            return Verdict::not_applicable(remark);
        }
        if self.managed() {
            return Verdict::compliant();
        }
        if self.stores.iter().any(|store| known.has(store, run)) {
            return Verdict::Compliant(vec![EVIDENCE_FOUND.reason()]);
        }
        if self.iam && run.parameters.get(&ACCEPT_IAM_AUTHENTICATION) {
            return Verdict::Compliant(vec![IAM_AUTHENTICATION.reason()]);
        }
        if self.standing == Standing::Unmanageable && self.stores.is_empty() {
            return Verdict::not_applicable(&CANNOT_BE_MANAGED);
        }
        let mut failures = Failures::new();
        if !self.stores.is_empty() {
            // Not what the tag says: somebody may have written the password into it.
            failures.because(
                &MASTER_CREDENTIAL_NOT_MANAGED,
                message!(
                    "The tag names no secret or SecureString parameter that exists here",
                    "タグの示すシークレットまたは SecureString パラメータが存在しません"
                ),
            );
        } else if let Some(status) = &self.secret {
            failures.because(
                &MASTER_CREDENTIAL_NOT_MANAGED,
                message!(
                    "The secret that RDS manages is in status {status}",
                    "RDS が管理するシークレットの状態が {status} です"
                ),
            );
        } else {
            failures.add(&MASTER_CREDENTIAL_NOT_MANAGED);
        }
        failures.into_verdict()
    }
}

/// The stores that exist in the account and Region.
#[derive(Debug, Default)]
pub(super) struct Stores {
    /// Names and ARNs of secrets.
    secrets: BTreeSet<String>,
    /// Names of SecureString parameters.
    parameters: BTreeSet<String>,
}

impl Stores {
    pub(super) fn of(secrets: &[Secret]) -> Self {
        let usable = secrets.iter().filter(|secret| !secret.deleted);
        // Many write a secret's ARN without the six characters that Secrets Manager adds.
        let partial = |arn: &str| arn.rsplit_once('-').map(|(start, _)| start.to_owned());
        let names = usable.flat_map(|secret| {
            [Some(secret.arn.clone()), partial(&secret.arn), Some(secret.name.clone())]
        });
        Self { secrets: names.flatten().collect(), parameters: BTreeSet::new() }
    }

    /// The names of parameters that tags may mean: what they name and is no secret.
    pub(super) fn parameters_named(&self, tagged: &[&Database], run: &Run<'_>) -> Vec<String> {
        let named = tagged.iter().filter(|one| one.needs_evidence()).flat_map(|one| &one.stores);
        let unknown = named.filter(|store| !self.secrets.contains(*store));
        let names: BTreeSet<String> =
            unknown.filter_map(|store| parameter_name(store, run)).collect();
        names.into_iter().collect()
    }

    pub(super) fn add(&mut self, parameter: &ParameterMetadata) {
        if parameter.r#type() == Some(&ParameterType::SecureString) {
            self.parameters.extend(parameter.name().map(str::to_owned));
        }
    }

    fn has(&self, store: &str, run: &Run<'_>) -> bool {
        self.secrets.contains(store)
            || parameter_name(store, run).is_some_and(|name| self.parameters.contains(&name))
    }
}

/// The name of the parameter that a tag names, by its name or its ARN; `None` where it cannot be
/// one of this account and Region, which Systems Manager would refuse to look for.
pub(super) fn parameter_name(store: &str, run: &Run<'_>) -> Option<String> {
    let name = match store.strip_prefix("arn:") {
        None => store.to_owned(),
        Some(rest) => {
            let (_, rest) = rest.split_once(':')?;
            let here = format!("ssm:{}:{}:parameter/", run.region, run.account_id);
            let name = rest.strip_prefix(&here)?;
            // Only the ARN of a name without levels hides whether it starts with a slash.
            if name.contains('/') { format!("/{name}") } else { name.to_owned() }
        }
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
    (!name.is_empty() && name.len() <= 1011 && name.chars().all(allowed)).then_some(name)
}
