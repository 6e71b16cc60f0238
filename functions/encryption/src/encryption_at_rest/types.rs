//! How each resource type tells of its encryption at rest: one row a type.
//!
//! Field names are those of AWS's configuration item schemas. Types that Config has recorded for
//! long write `encrypted`, those of the CloudFormation registry `Encrypted`.

use fisc_shared::bucket::default_encryption;
use fisc_shared::item::required::{part, unknown};
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::{ConfigurationItem, Remark, ResourceType};

use super::{BEING_DELETED, CLIENT_SIDE_ENCRYPTED, CLUSTER_MEMBER};

/// The tag of buckets whose objects are encrypted before they are uploaded.
const CLIENT_SIDE_TAG: &str = "fisc:client-side-encryption";

/// A row of the table.
pub(super) struct Kind {
    pub(super) resource: ResourceType,
    /// Reads the item.
    pub(super) read: for<'a> fn(&'a ConfigurationItem) -> Result<Reading<'a>, ItemError>,
}

/// What an item tells.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading<'a> {
    /// The resource is not judged.
    NotJudged(&'static Remark),
    /// How the resource keeps its data.
    Store { encryption: Encryption<'a>, key: Key<'a> },
}

/// Whether data is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encryption<'a> {
    Off,
    On,
    /// By this algorithm of S3, unless a request says otherwise.
    Default(&'a str),
}

/// The key that encrypts it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Key<'a> {
    /// None: the data is not encrypted.
    None,
    /// One that AWS owns and nobody sees: SSE-S3, SSE-SQS, the default of DynamoDB.
    AwsOwned,
    /// The AWS managed key of the service, which an absent name stands for.
    AwsManaged,
    /// A key by id, ARN, alias or alias ARN.
    Named(&'a str),
    /// The item does not tell although it must.
    Unrecorded(ItemError),
}

/// The table.
pub(super) const KINDS: &[Kind] = &[
    Kind { resource: ResourceType::EC2_VOLUME, read: volume },
    Kind { resource: ResourceType::RDS_DB_INSTANCE, read: db_instance },
    Kind {
        resource: ResourceType::RDS_DB_CLUSTER,
        read: |item| plain(item, "status", "storageEncrypted", "kmsKeyId"),
    },
    Kind {
        resource: ResourceType::RDS_DB_SNAPSHOT,
        read: |item| plain(item, "status", "encrypted", "kmsKeyId"),
    },
    Kind {
        resource: ResourceType::RDS_DB_CLUSTER_SNAPSHOT,
        read: |item| plain(item, "status", "storageEncrypted", "kmsKeyId"),
    },
    Kind {
        resource: ResourceType::EFS_FILE_SYSTEM,
        read: |item| flagged(&item.configuration()?, "Encrypted", "KmsKeyId"),
    },
    Kind { resource: ResourceType::S3_BUCKET, read: bucket },
    Kind { resource: ResourceType::DYNAMODB_TABLE, read: table },
    Kind {
        resource: ResourceType::REDSHIFT_CLUSTER,
        read: |item| plain(item, "clusterStatus", "encrypted", "kmsKeyId"),
    },
    Kind {
        resource: ResourceType::REDSHIFT_CLUSTER_SNAPSHOT,
        read: |item| plain(item, "status", "encrypted", "kmsKeyId"),
    },
    Kind {
        resource: ResourceType::OPENSEARCH_DOMAIN,
        read: |item| {
            let options = part(&item.configuration()?, "EncryptionAtRestOptions")?;
            flagged(&options, "Enabled", "KmsKeyId")
        },
    },
    Kind { resource: ResourceType::ELASTICSEARCH_DOMAIN, read: elasticsearch },
    Kind { resource: ResourceType::SNS_TOPIC, read: topic },
    Kind { resource: ResourceType::SQS_QUEUE, read: queue },
    Kind { resource: ResourceType::KINESIS_STREAM, read: stream },
    Kind { resource: ResourceType::SECRETS_MANAGER_SECRET, read: secret },
];

/// The row of a type.
pub(super) fn kind(resource_type: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.resource.name == resource_type)
}

const fn encrypted(key: Key<'_>) -> Reading<'_> {
    Reading::Store { encryption: Encryption::On, key }
}

const NOT_ENCRYPTED: Reading<'_> = Reading::Store { encryption: Encryption::Off, key: Key::None };

/// A flag, and the key beside it that is there whenever the flag is set.
fn flagged<'a>(fields: &Fields<'a>, flag: &str, key: &str) -> Result<Reading<'a>, ItemError> {
    if !fields.flag(flag)?.ok_or_else(|| fields.missing(flag))? {
        return Ok(NOT_ENCRYPTED);
    }
    let named = name(fields, key)?.map(Key::Named);
    Ok(encrypted(named.unwrap_or_else(|| Key::Unrecorded(fields.missing(key)))))
}

/// A resource with a status, a flag and a key at the top.
fn plain<'a>(
    item: &'a ConfigurationItem,
    status: &str,
    flag: &str,
    key: &str,
) -> Result<Reading<'a>, ItemError> {
    let fields = item.configuration()?;
    if is_leaving(fields.text(status)?) {
        return Ok(Reading::NotJudged(&BEING_DELETED));
    }
    flagged(&fields, flag, key)
}

fn is_leaving(status: Option<&str>) -> bool {
    status.is_some_and(|status| {
        ["deleting", "deleted"].iter().any(|word| status.eq_ignore_ascii_case(word))
    })
}

fn volume(item: &ConfigurationItem) -> Result<Reading<'_>, ItemError> {
    let fields = item.configuration()?;
    // Text in delivered items, an object in answers of the API.
    let state = match fields.at("state")? {
        Some(state) if state.value().is_object() => state.text("value")?,
        Some(state) => Some(state.as_text()?),
        None => None,
    };
    if is_leaving(state) {
        return Ok(Reading::NotJudged(&BEING_DELETED));
    }
    flagged(&fields, "encrypted", "kmsKeyId")
}

fn db_instance(item: &ConfigurationItem) -> Result<Reading<'_>, ItemError> {
    // The volume of an Aurora instance is its cluster's.
    if name(&item.configuration()?, "dBClusterIdentifier")?.is_some() {
        return Ok(Reading::NotJudged(&CLUSTER_MEMBER));
    }
    plain(item, "dBInstanceStatus", "storageEncrypted", "kmsKeyId")
}

fn bucket(item: &ConfigurationItem) -> Result<Reading<'_>, ItemError> {
    if item.tags.contains_key(CLIENT_SIDE_TAG) {
        return Ok(Reading::NotJudged(&CLIENT_SIDE_ENCRYPTED));
    }
    let Some(default) = default_encryption(item)? else { return Ok(NOT_ENCRYPTED) };
    let key = match default.key {
        _ if !default.algorithm.starts_with("aws:kms") => Key::AwsOwned,
        Some(key) => Key::Named(key),
        None => Key::AwsManaged,
    };
    Ok(Reading::Store { encryption: Encryption::Default(default.algorithm), key })
}

/// Tables are always encrypted; without a description, with a key that AWS owns.
fn table(item: &ConfigurationItem) -> Result<Reading<'_>, ItemError> {
    let fields = item.configuration()?;
    if is_leaving(fields.text("tableStatus")?) {
        return Ok(Reading::NotJudged(&BEING_DELETED));
    }
    let Some(sse) = fields.at("ssedescription")? else { return Ok(encrypted(Key::AwsOwned)) };
    Ok(encrypted(match sse.text("status")? {
        Some("ENABLED" | "ENABLING" | "UPDATING") => {
            const KEY: &str = "kmsmasterKeyArn";
            name(&sse, KEY)?.map_or_else(|| Key::Unrecorded(sse.missing(KEY)), Key::Named)
        }
        Some("DISABLED" | "DISABLING") => Key::AwsOwned,
        Some(other) => Key::Unrecorded(unknown(&sse, "status", other)),
        None => Key::Unrecorded(sse.missing("status")),
    }))
}

fn elasticsearch(item: &ConfigurationItem) -> Result<Reading<'_>, ItemError> {
    let fields = item.configuration()?;
    if fields.flag("deleted")? == Some(true) {
        return Ok(Reading::NotJudged(&BEING_DELETED));
    }
    flagged(&part(&fields, "encryptionAtRestOptions")?, "enabled", "kmsKeyId")
}

/// A topic without a key is not encrypted: GetTopicAttributes leaves the key out then.
fn topic(item: &ConfigurationItem) -> Result<Reading<'_>, ItemError> {
    let key = name(&item.configuration()?, "KmsMasterKeyId")?;
    Ok(key.map_or(NOT_ENCRYPTED, |key| encrypted(Key::Named(key))))
}

/// A queue is encrypted by a KMS key, or by SQS itself; older queues record neither.
fn queue(item: &ConfigurationItem) -> Result<Reading<'_>, ItemError> {
    let fields = item.configuration()?;
    if let Some(key) = name(&fields, "KmsMasterKeyId")? {
        return Ok(encrypted(Key::Named(key)));
    }
    let by_sqs = fields.flag("SqsManagedSseEnabled")? == Some(true);
    Ok(if by_sqs { encrypted(Key::AwsOwned) } else { NOT_ENCRYPTED })
}

/// A stream without StreamEncryption is not encrypted, as CloudFormation documents.
fn stream(item: &ConfigurationItem) -> Result<Reading<'_>, ItemError> {
    const TYPE: &str = "EncryptionType";
    let Some(encryption) = item.configuration()?.at("StreamEncryption")? else {
        return Ok(NOT_ENCRYPTED);
    };
    match encryption.text(TYPE)?.ok_or_else(|| encryption.missing(TYPE))? {
        "KMS" => {
            let key = name(&encryption, "KeyId")?;
            let missing = || Key::Unrecorded(encryption.missing("KeyId"));
            Ok(encrypted(key.map_or_else(missing, Key::Named)))
        }
        "NONE" => Ok(NOT_ENCRYPTED),
        other => Err(unknown(&encryption, TYPE, other)),
    }
}

/// A secret is always encrypted; without a key, with `aws/secretsmanager`.
fn secret(item: &ConfigurationItem) -> Result<Reading<'_>, ItemError> {
    let fields = item.configuration()?;
    if fields.flag("Deleted")? == Some(true) {
        return Ok(Reading::NotJudged(&BEING_DELETED));
    }
    Ok(encrypted(name(&fields, "KMSKeyId")?.map_or(Key::AwsManaged, Key::Named)))
}

/// A text that is not empty.
fn name<'a>(fields: &Fields<'a>, key: &str) -> Result<Option<&'a str>, ItemError> {
    Ok(fields.text(key)?.filter(|text| !text.is_empty()))
}
