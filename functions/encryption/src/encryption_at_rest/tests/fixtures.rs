//! One resource of each type as AWS Config records it, and how it changes.

use fisc_shared::ResourceType;
use serde_json::{Value, json};

pub(super) const ARN: &str =
    "arn:aws:kms:ap-northeast-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

pub(super) struct Fixture {
    pub(super) resource: ResourceType,
    configuration: Value,
    supplementary: Value,
    /// Changes after which the data is not encrypted; null takes a field away.
    pub(super) bad: Vec<Vec<(&'static str, Value)>>,
    /// Fields without which nothing can be said.
    pub(super) needed: Vec<&'static str>,
    /// The field of the key.
    pub(super) key: &'static str,
    /// Whether the key is there whenever the data is encrypted.
    pub(super) key_needed: bool,
    /// Changes after which the data is encrypted, with a key that is not the customer's.
    pub(super) without_own_key: Vec<(&'static str, Value)>,
    /// Changes after which the resource is not judged, and the remark.
    pub(super) not_judged: Vec<(&'static str, Value, &'static str)>,
}

impl Fixture {
    fn new(resource: ResourceType, key: &'static str, configuration: Value) -> Self {
        Self {
            resource,
            configuration,
            supplementary: json!({}),
            bad: Vec::new(),
            needed: Vec::new(),
            key,
            key_needed: true,
            without_own_key: Vec::new(),
            not_judged: Vec::new(),
        }
    }

    /// A type with a flag that must be there, and false when the data is not encrypted.
    fn flag(self, flag: &'static str) -> Self {
        let key = self.key;
        Self {
            bad: vec![vec![(flag, json!(false)), (key, Value::Null)], vec![(flag, json!("false"))]],
            needed: vec![flag],
            ..self
        }
    }

    fn leaving(mut self, path: &'static str, value: Value) -> Self {
        self.not_judged.push((path, value, "BEING_DELETED"));
        self
    }

    /// The resource encrypted with a key of its account.
    pub(super) fn good(&self) -> Value {
        item(self.resource, self.configuration.clone(), self.supplementary.clone())
    }

    pub(super) fn changed(&self, changes: &[(&'static str, Value)]) -> Value {
        changes
            .iter()
            .fold(self.good(), |item, (path, value)| super::with(&item, path, value.clone()))
    }
}

/// An item; null parts are left out.
pub(super) fn item(resource: ResourceType, configuration: Value, supplementary: Value) -> Value {
    let mut item = json!({
        "configurationItemVersion": "1.3",
        "configurationItemCaptureTime": "2026-10-01T00:00:00.000Z",
        "configurationItemStatus": "OK", "awsAccountId": "111122223333",
        "awsRegion": "ap-northeast-1", "resourceType": resource.name,
        "resourceId": "some-bucket", "tags": {}, "relationships": [],
    });
    for (name, part) in
        [("configuration", configuration), ("supplementaryConfiguration", supplementary)]
    {
        if !part.is_null() {
            item[name] = part;
        }
    }
    item
}

pub(super) fn fixtures() -> Vec<Fixture> {
    let mut all = disks_and_databases();
    all.extend(buckets_and_tables());
    all.extend(search_and_messages());
    all.extend(secrets());
    all
}

fn disks_and_databases() -> Vec<Fixture> {
    let volume = Fixture::new(
        ResourceType::EC2_VOLUME,
        "/configuration/kmsKeyId",
        json!({
            "volumeId": "vol-0123456789abcdef0", "size": 50, "snapshotId": "",
            "availabilityZone": "ap-northeast-1a", "state": "in-use",
            "createTime": "2024-03-02T01:00:00.000Z", "attachments": [], "tags": [],
            "volumeType": "gp3", "iops": 3000, "encrypted": true, "kmsKeyId": ARN,
        }),
    )
    .flag("/configuration/encrypted")
    .leaving("/configuration/state", json!("deleting"))
    .leaving("/configuration/state", json!({"value": "deleting"}));
    let mut instance = Fixture::new(
        ResourceType::RDS_DB_INSTANCE,
        "/configuration/kmsKeyId",
        json!({
            "dBInstanceIdentifier": "core-db", "dBInstanceClass": "db.r7g.large",
            "engine": "postgres", "dBInstanceStatus": "available", "storageEncrypted": true,
            "kmsKeyId": ARN, "dbiResourceId": "db-NY3QOWGUOZ2M32XTD4JWJAX47A",
        }),
    )
    .flag("/configuration/storageEncrypted")
    .leaving("/configuration/dBInstanceStatus", json!("deleting"));
    let member = ("/configuration/dBClusterIdentifier", json!("core-cluster"), "CLUSTER_MEMBER");
    instance.not_judged.push(member);
    let cluster = Fixture::new(
        ResourceType::RDS_DB_CLUSTER,
        "/configuration/kmsKeyId",
        json!({
            "dbclusterIdentifier": "ib", "engine": "aurora-mysql", "status": "available",
            "storageEncrypted": true, "kmsKeyId": ARN,
        }),
    )
    .flag("/configuration/storageEncrypted")
    .leaving("/configuration/status", json!("deleting"));
    let snapshot = Fixture::new(
        ResourceType::RDS_DB_SNAPSHOT,
        "/configuration/kmsKeyId",
        json!({
            "dBSnapshotIdentifier": "core-db-2026-10", "dBInstanceIdentifier": "core-db",
            "status": "available", "snapshotType": "manual", "encrypted": true, "kmsKeyId": ARN,
        }),
    )
    .flag("/configuration/encrypted")
    .leaving("/configuration/status", json!("deleting"));
    let cluster_snapshot = Fixture::new(
        ResourceType::RDS_DB_CLUSTER_SNAPSHOT,
        "/configuration/kmsKeyId",
        json!({
            "dbclusterSnapshotIdentifier": "ib-2026-10", "dbclusterIdentifier": "ib",
            "status": "available", "snapshotType": "manual", "storageEncrypted": true,
            "kmsKeyId": ARN,
        }),
    )
    .flag("/configuration/storageEncrypted")
    .leaving("/configuration/status", json!("deleting"));
    let file_system = Fixture::new(
        ResourceType::EFS_FILE_SYSTEM,
        "/configuration/KmsKeyId",
        json!({
            "FileSystemId": "fs-38331f7a94282b6cf", "Encrypted": true, "KmsKeyId": ARN,
            "PerformanceMode": "generalPurpose", "BackupPolicy": {"Status": "ENABLED"},
        }),
    )
    .flag("/configuration/Encrypted");
    vec![volume, instance, cluster, snapshot, cluster_snapshot, file_system]
}

fn buckets_and_tables() -> Vec<Fixture> {
    const RULES: &str = "/supplementaryConfiguration/ServerSideEncryptionConfiguration/rules";
    const KEY: &str = "/supplementaryConfiguration/ServerSideEncryptionConfiguration/rules/0/applyServerSideEncryptionByDefault/kmsMasterKeyID";
    const ALGORITHM: &str = "/supplementaryConfiguration/ServerSideEncryptionConfiguration/rules/0/applyServerSideEncryptionByDefault/sseAlgorithm";
    let bucket = Fixture {
        supplementary: json!({"ServerSideEncryptionConfiguration": {"rules": [{
            "applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyID": ARN},
            "bucketKeyEnabled": true,
        }]}}),
        bad: vec![
            vec![(RULES, json!([]))],
            vec![("/supplementaryConfiguration/ServerSideEncryptionConfiguration", Value::Null)],
        ],
        needed: vec![ALGORITHM],
        key_needed: false,
        // SSE-S3 leaves a key id behind unread; SSE-KMS without one uses aws/s3.
        without_own_key: vec![(KEY, Value::Null), (ALGORITHM, json!("AES256"))],
        not_judged: vec![(
            "/tags",
            json!({"fisc:client-side-encryption": "true"}),
            "CLIENT_SIDE_ENCRYPTED",
        )],
        ..Fixture::new(
            ResourceType::S3_BUCKET,
            KEY,
            json!({"name": "some-bucket", "owner": {"id": "8ac813"}}),
        )
    };
    let table = Fixture {
        without_own_key: vec![
            ("/configuration/ssedescription", Value::Null),
            ("/configuration/ssedescription", json!({"status": "DISABLED"})),
        ],
        ..Fixture::new(
            ResourceType::DYNAMODB_TABLE,
            "/configuration/ssedescription/kmsmasterKeyArn",
            json!({
                "tableName": "ib-session", "tableStatus": "ACTIVE",
                "ssedescription": {"status": "ENABLED", "ssetype": "KMS", "kmsmasterKeyArn": ARN},
            }),
        )
    }
    .leaving("/configuration/tableStatus", json!("DELETING"));
    let cluster = Fixture::new(
        ResourceType::REDSHIFT_CLUSTER,
        "/configuration/kmsKeyId",
        json!({
            "clusterIdentifier": "dwh", "clusterStatus": "available", "encrypted": true,
            "kmsKeyId": ARN,
        }),
    )
    .flag("/configuration/encrypted")
    .leaving("/configuration/clusterStatus", json!("deleting"));
    let snapshot = Fixture::new(
        ResourceType::REDSHIFT_CLUSTER_SNAPSHOT,
        "/configuration/kmsKeyId",
        json!({
            "snapshotIdentifier": "dwh-2026-10", "clusterIdentifier": "dwh",
            "status": "available", "snapshotType": "manual", "encrypted": true,
            "encryptedWithHSM": false, "kmsKeyId": ARN,
        }),
    )
    .flag("/configuration/encrypted")
    .leaving("/configuration/status", json!("deleted"));
    vec![bucket, table, cluster, snapshot]
}

fn search_and_messages() -> Vec<Fixture> {
    let opensearch = Fixture::new(
        ResourceType::OPENSEARCH_DOMAIN,
        "/configuration/EncryptionAtRestOptions/KmsKeyId",
        json!({
            "DomainName": "logs", "EngineVersion": "OpenSearch_2.19",
            "EncryptionAtRestOptions": {"Enabled": true, "KmsKeyId": ARN},
        }),
    )
    .flag("/configuration/EncryptionAtRestOptions/Enabled");
    let elasticsearch = Fixture::new(
        ResourceType::ELASTICSEARCH_DOMAIN,
        "/configuration/encryptionAtRestOptions/kmsKeyId",
        json!({
            "domainName": "old-logs", "created": true, "deleted": false,
            "encryptionAtRestOptions": {"enabled": true, "kmsKeyId": ARN},
        }),
    )
    .flag("/configuration/encryptionAtRestOptions/enabled")
    .leaving("/configuration/deleted", json!(true));
    const TOPIC_KEY: &str = "/configuration/KmsMasterKeyId";
    let topic = Fixture {
        bad: vec![vec![(TOPIC_KEY, Value::Null)], vec![(TOPIC_KEY, json!(""))]],
        key_needed: false,
        ..Fixture::new(
            ResourceType::SNS_TOPIC,
            TOPIC_KEY,
            json!({
                "TopicArn": "arn:aws:sns:ap-northeast-1:111122223333:alert", "DisplayName": "",
                "Owner": "111122223333", "KmsMasterKeyId": ARN,
            }),
        )
    };
    const BY_SQS: &str = "/configuration/SqsManagedSseEnabled";
    let queue = Fixture {
        bad: vec![
            // Queues of before 2022 record neither.
            vec![(TOPIC_KEY, Value::Null)],
            vec![(TOPIC_KEY, json!("")), (BY_SQS, json!("false"))],
            vec![(TOPIC_KEY, Value::Null), (BY_SQS, json!(false))],
        ],
        key_needed: false,
        without_own_key: vec![
            ("/configuration", json!({"QueueName": "intake", "SqsManagedSseEnabled": "true"})),
            ("/configuration", json!({"QueueName": "intake", "SqsManagedSseEnabled": true})),
        ],
        ..Fixture::new(
            ResourceType::SQS_QUEUE,
            TOPIC_KEY,
            json!({
                "QueueName": "intake", "KmsMasterKeyId": ARN,
                "KmsDataKeyReusePeriodSeconds": 300,
            }),
        )
    };
    const STREAM: &str = "/configuration/StreamEncryption";
    let stream = Fixture {
        bad: vec![vec![(STREAM, Value::Null)], vec![(STREAM, json!({"EncryptionType": "NONE"}))]],
        needed: vec!["/configuration/StreamEncryption/EncryptionType"],
        ..Fixture::new(
            ResourceType::KINESIS_STREAM,
            "/configuration/StreamEncryption/KeyId",
            json!({
                "Name": "clicks", "ShardCount": 2, "RetentionPeriodHours": 24,
                "StreamEncryption": {"EncryptionType": "KMS", "KeyId": ARN},
            }),
        )
    };
    vec![opensearch, elasticsearch, topic, queue, stream]
}

fn secrets() -> Vec<Fixture> {
    let secret = Fixture {
        key_needed: false,
        without_own_key: vec![("/configuration/KMSKeyId", Value::Null)],
        ..Fixture::new(
            ResourceType::SECRETS_MANAGER_SECRET,
            "/configuration/KMSKeyId",
            json!({"Name": "core/db", "RotationEnabled": true, "Deleted": false, "KMSKeyId": ARN}),
        )
    }
    .leaving("/configuration/Deleted", json!(true));
    vec![secret]
}
