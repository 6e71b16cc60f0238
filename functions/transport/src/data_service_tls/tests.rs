//! The table of types: every type has its fixtures, in the shape that AWS Config records.

use super::*;
use fisc_shared::Parameters;
use fisc_shared::policy::PolicyDocument;
use serde_json::{Value, json};

const ACCOUNT: &str = "111122223333";

/// An item as Config records it.
pub(super) fn item_of(kind: ResourceType, id: &str, arn: &str, configuration: &Value) -> Value {
    json!({
        "configurationItemVersion": "1.3", "configurationItemStatus": "OK",
        "configurationItemCaptureTime": "2026-11-01T00:00:00.000Z",
        "awsAccountId": ACCOUNT, "awsRegion": "ap-northeast-1",
        "resourceType": kind.name, "resourceId": id, "resourceName": id, "ARN": arn,
        "tags": {}, "relationships": [], "supplementaryConfiguration": {},
        "configuration": configuration,
    })
}

pub(super) fn read_item(item: &Value) -> ConfigurationItem {
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

pub(super) fn parameters(given: &Value) -> Parameters {
    Parameters::from_value(CONTROL.id, CONTROL.parameters, given).unwrap()
}

pub(super) const fn run_with(parameters: &Parameters, offline: bool) -> Run<'_> {
    Run {
        parameters,
        now: jiff::Timestamp::UNIX_EPOCH,
        account_id: ACCOUNT,
        region: "ap-northeast-1",
        home: true,
        deadline: None,
        offline,
    }
}

fn previewed(item: &Value, given: &Value) -> Result<Option<Verdict>, Error> {
    let parameters = parameters(given);
    preview(&read_item(item), &run_with(&parameters, false))
}

/// `CODE: message` of every reason.
pub(super) fn told(verdict: &Verdict) -> Vec<String> {
    let reasons = verdict.reasons().iter();
    reasons.map(|reason| format!("{}: {}", reason.code, reason.message.en)).collect()
}

fn by_item(item: &Value, given: &Value) -> Vec<String> {
    told(&previewed(item, given).unwrap().expect("the item decides"))
}

/// What shows that a type is judged: a good and a bad item, what the bad one fails, and a field
/// without which nothing can be said.
struct Fixture {
    kind: ResourceType,
    good: Value,
    bad: Value,
    codes: &'static [&'static str],
    missing: &'static [&'static str],
    parameters: Value,
    /// How the item is judged where a service is asked: by the answer in the item's `_answer`.
    judge: fn(&Value, &Value) -> Verdict,
}

fn decided(item: &Value, given: &Value) -> Verdict {
    previewed(item, given).unwrap().expect("the item decides")
}

fn by_setting(item: &Value, _: &Value) -> Verdict {
    assert_eq!(previewed(item, &json!({})).unwrap(), None, "RDS is asked");
    databases::tests::judged(item, item["_answer"].as_str()).unwrap()
}

fn by_policy(item: &Value, _: &Value) -> Verdict {
    assert_eq!(previewed(item, &json!({})).unwrap(), None, "EFS is asked");
    efs::tests::judged(&item["_answer"])
}

fn instance() -> Value {
    let arn = "arn:aws:rds:ap-northeast-1:111122223333:db:core-if";
    let mut item = item_of(
        ResourceType::RDS_DB_INSTANCE,
        "db-NY3QOWGUOZ2M32XTD4JWJAX47A",
        arn,
        &json!({
            "dBInstanceIdentifier": "core-if", "dBInstanceClass": "db.m6g.large",
            "engine": "postgres", "engineVersion": "14.12", "dBInstanceStatus": "available",
            "dBSecurityGroups": [],
            "dBParameterGroups": [
                {"dBParameterGroupName": "core-if", "parameterApplyStatus": "in-sync"}
            ],
            "optionGroupMemberships": [
                {"optionGroupName": "default:postgres-14", "status": "in-sync"}
            ],
            "dbInstancePort": 0, "dbiResourceId": "db-NY3QOWGUOZ2M32XTD4JWJAX47A",
        }),
    );
    item["_answer"] = json!("1");
    item
}

fn cluster() -> Value {
    let arn = "arn:aws:rds:ap-northeast-1:111122223333:cluster:ib";
    let mut item = item_of(
        ResourceType::RDS_DB_CLUSTER,
        "cluster-3JC4HGZSSPOVTKQUCXDHKC63M4",
        arn,
        &json!({
            "engine": "aurora-mysql", "engineVersion": "8.0.mysql_aurora.3.07.1",
            "engineMode": "provisioned", "dbclusterIdentifier": "ib",
            "dbclusterParameterGroup": "ib-aurora", "dbclusterArn": arn,
            "dbclusterMembers": [{
                "isClusterWriter": true, "promotionTier": 1, "dbinstanceIdentifier": "ib-1",
                "clusterWriter": true, "dbclusterParameterGroupStatus": "in-sync",
            }],
        }),
    );
    item["_answer"] = json!("ON");
    item
}

fn open_search() -> Value {
    let arn = "arn:aws:es:ap-northeast-1:111122223333:domain/logs";
    item_of(
        ResourceType::OPENSEARCH_DOMAIN,
        "logs",
        arn,
        &json!({
            "Id": "111122223333/logs", "DomainName": "logs", "Arn": arn,
            "EngineVersion": "OpenSearch_2.17",
            "DomainEndpointOptions": {
                "EnforceHTTPS": true, "TLSSecurityPolicy": "Policy-Min-TLS-1-2-PFS-2023-10",
                "CustomEndpointEnabled": false,
            },
            "EncryptionAtRestOptions": {"Enabled": true},
            "NodeToNodeEncryptionOptions": {"Enabled": true},
        }),
    )
}

fn elasticsearch() -> Value {
    let arn = "arn:aws:es:ap-northeast-1:111122223333:domain/old-logs";
    item_of(
        ResourceType::ELASTICSEARCH_DOMAIN,
        "111122223333/old-logs",
        arn,
        &json!({
            "domainId": "111122223333/old-logs", "domainName": "old-logs", "arn": arn,
            "created": true, "deleted": false, "elasticsearchVersion": "7.10",
            "domainEndpointOptions": {
                "enforceHTTPS": true, "tlssecurityPolicy": "Policy-Min-TLS-1-2-2019-07",
                "customEndpointEnabled": false,
            },
            "encryptionAtRestOptions": {"enabled": true},
            "nodeToNodeEncryptionOptions": {"enabled": true},
        }),
    )
}

fn file_system() -> Value {
    let arn = "arn:aws:elasticfilesystem:ap-northeast-1:111122223333:file-system/fs-1";
    let configuration = json!({
        "FileSystemId": "fs-1", "Arn": arn, "Encrypted": true,
        "PerformanceMode": "generalPurpose", "FileSystemPolicy": {},
    });
    item_of(ResourceType::EFS_FILE_SYSTEM, "fs-1", arn, &configuration)
}

fn tls_policy(actions: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": actions, "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }]})
}

fn topic(actions: &Value) -> Value {
    let arn = "arn:aws:sns:ap-northeast-1:111122223333:alerts";
    let configuration = json!({
        "Policy": tls_policy(actions).to_string(), "Owner": ACCOUNT, "TopicArn": arn,
        "DisplayName": "",
    });
    item_of(ResourceType::SNS_TOPIC, arn, arn, &configuration)
}

fn queue(actions: &Value) -> Value {
    let arn = "arn:aws:sqs:ap-northeast-1:111122223333:intake";
    let url = "https://sqs.ap-northeast-1.amazonaws.com/111122223333/intake";
    let configuration = json!({
        "QueueArn": arn, "QueueName": "intake", "QueueUrl": url, "VisibilityTimeout": 60,
        "Policy": tls_policy(actions).to_string(),
    });
    item_of(ResourceType::SQS_QUEUE, url, arn, &configuration)
}

fn endpoint(engine: &str, mode: &str) -> Value {
    let arn = "arn:aws:dms:ap-northeast-1:111122223333:endpoint:CORE";
    let configuration = json!({
        "EndpointIdentifier": "core", "EndpointType": "SOURCE", "EngineName": engine,
        "SslMode": mode, "DatabaseName": "core", "Id": "CORE",
    });
    item_of(ResourceType::DMS_ENDPOINT, arn, arn, &configuration)
}

fn kafka(clients: &str, nodes: bool) -> Value {
    let arn = "arn:aws:kafka:ap-northeast-1:111122223333:cluster/txn/5e4b5b6c-1";
    let configuration = json!({
        "ClusterName": "txn", "Arn": arn,
        "EncryptionInfo": {
            "EncryptionAtRest": {"DataVolumeKMSKeyId": "alias/aws/kafka"},
            "EncryptionInTransit": {"ClientBroker": clients, "InCluster": nodes},
        },
    });
    item_of(ResourceType::MSK_CLUSTER, arn, arn, &configuration)
}

/// The item with other values at these paths.
fn with(mut item: Value, changes: &[(&str, Value)]) -> Value {
    for (path, value) in changes {
        *item.pointer_mut(path).expect("the path is there") = value.clone();
    }
    item
}

#[expect(clippy::too_many_lines, reason = "one entry for each type")]
fn fixtures() -> Vec<Fixture> {
    let nothing = || json!({});
    let judged = || json!({"requirePolicyTls": true});
    let mount = || efs::tests::console(true);
    vec![
        Fixture {
            kind: ResourceType::RDS_DB_INSTANCE,
            good: instance(),
            bad: with(instance(), &[("/_answer", json!("0"))]),
            codes: &["DB_TLS_NOT_FORCED"],
            missing: &[
                "configuration.engine",
                "configuration.dBParameterGroups",
                "configuration.dBParameterGroups.0.dBParameterGroupName",
            ],
            parameters: nothing(),
            judge: by_setting,
        },
        Fixture {
            kind: ResourceType::RDS_DB_CLUSTER,
            good: cluster(),
            bad: with(cluster(), &[("/_answer", json!("OFF"))]),
            codes: &["DB_TLS_NOT_FORCED"],
            missing: &["configuration.engine", "configuration.dbclusterParameterGroup"],
            parameters: nothing(),
            judge: by_setting,
        },
        Fixture {
            kind: ResourceType::OPENSEARCH_DOMAIN,
            good: open_search(),
            bad: with(
                open_search(),
                &[
                    ("/configuration/DomainEndpointOptions/EnforceHTTPS", json!(false)),
                    (
                        "/configuration/DomainEndpointOptions/TLSSecurityPolicy",
                        json!("Policy-Min-TLS-1-0-2019-07"),
                    ),
                    ("/configuration/NodeToNodeEncryptionOptions/Enabled", json!(false)),
                ],
            ),
            codes: &["HTTPS_NOT_ENFORCED", "WEAK_TLS_POLICY", "NODE_ENCRYPTION_OFF"],
            missing: &[
                "configuration.DomainEndpointOptions",
                "configuration.DomainEndpointOptions.EnforceHTTPS",
                "configuration.DomainEndpointOptions.TLSSecurityPolicy",
                "configuration.NodeToNodeEncryptionOptions",
                "configuration.NodeToNodeEncryptionOptions.Enabled",
            ],
            parameters: nothing(),
            judge: decided,
        },
        Fixture {
            kind: ResourceType::ELASTICSEARCH_DOMAIN,
            good: elasticsearch(),
            bad: with(
                elasticsearch(),
                &[
                    ("/configuration/domainEndpointOptions/enforceHTTPS", json!(false)),
                    (
                        "/configuration/domainEndpointOptions/tlssecurityPolicy",
                        json!("Policy-Min-TLS-1-0-2019-07"),
                    ),
                    ("/configuration/nodeToNodeEncryptionOptions/enabled", json!(false)),
                ],
            ),
            codes: &["HTTPS_NOT_ENFORCED", "WEAK_TLS_POLICY", "NODE_ENCRYPTION_OFF"],
            missing: &[
                "configuration.domainEndpointOptions",
                "configuration.domainEndpointOptions.enforceHTTPS",
                "configuration.domainEndpointOptions.tlssecurityPolicy",
                "configuration.nodeToNodeEncryptionOptions.enabled",
            ],
            parameters: nothing(),
            judge: decided,
        },
        Fixture {
            kind: ResourceType::EFS_FILE_SYSTEM,
            good: {
                let mut item = file_system();
                item["_answer"] = mount();
                item
            },
            bad: {
                let mut item = file_system();
                item["_answer"] = efs::tests::console(false);
                item
            },
            codes: &["EFS_TLS_NOT_ENFORCED"],
            missing: &[],
            parameters: nothing(),
            judge: by_policy,
        },
        Fixture {
            kind: ResourceType::SQS_QUEUE,
            good: queue(&json!("SQS:*")),
            bad: queue(&json!("sqs:SendMessage")),
            codes: &["POLICY_TLS_NOT_ENFORCED"],
            missing: &[],
            parameters: judged(),
            judge: decided,
        },
        Fixture {
            kind: ResourceType::SNS_TOPIC,
            good: topic(&json!("SNS:Publish")),
            bad: topic(&json!("SNS:Subscribe")),
            codes: &["POLICY_TLS_NOT_ENFORCED"],
            missing: &["configuration.Policy"],
            parameters: judged(),
            judge: decided,
        },
        Fixture {
            kind: ResourceType::DMS_ENDPOINT,
            good: endpoint("postgres", "verify-full"),
            bad: endpoint("postgres", "none"),
            codes: &["DMS_SSL_OFF"],
            missing: &["configuration.EngineName", "configuration.SslMode"],
            parameters: nothing(),
            judge: decided,
        },
        Fixture {
            kind: ResourceType::MSK_CLUSTER,
            good: kafka("TLS", true),
            bad: kafka("TLS_PLAINTEXT", false),
            codes: &["MSK_PLAINTEXT_ALLOWED", "MSK_PLAINTEXT_ALLOWED"],
            missing: &[
                "configuration.EncryptionInfo",
                "configuration.EncryptionInfo.EncryptionInTransit",
                "configuration.EncryptionInfo.EncryptionInTransit.ClientBroker",
                "configuration.EncryptionInfo.EncryptionInTransit.InCluster",
            ],
            parameters: nothing(),
            judge: decided,
        },
    ]
}

#[test]
fn every_type_of_the_table_is_judged_by_its_fixtures() {
    let fixtures = fixtures();
    for (kind, _) in TYPES {
        let fixture = fixtures.iter().find(|one| one.kind == kind);
        let Fixture { good, bad, codes, missing, parameters, judge, .. } =
            fixture.unwrap_or_else(|| panic!("{} has no fixtures", kind.name));
        let verdict = judge(good, parameters);
        assert!(matches!(verdict, Verdict::Compliant(_)), "{}: {verdict:?}", kind.name);
        let verdict = judge(bad, parameters);
        let found: Vec<_> = verdict.reasons().iter().map(|reason| reason.code).collect();
        assert_eq!(found, *codes, "{}", kind.name);
        assert!(matches!(verdict, Verdict::NonCompliant(_)), "{}", kind.name);
        for field in *missing {
            let pointer = format!("/{}", field.replace('.', "/"));
            let bare = with(good.clone(), &[(&pointer, Value::Null)]);
            let error = previewed(&bare, parameters).unwrap_err().to_string();
            let field = field.replace(".0.", "[0].");
            assert!(error.ends_with(&format!("{field} is missing")), "{}: {error}", kind.name);
        }
        let mut nothing = good.clone();
        nothing["configuration"] = json!({});
        if !missing.is_empty() {
            assert!(previewed(&nothing, parameters).is_err(), "{}", kind.name);
        }
    }
}

#[test]
fn the_declaration_follows_the_table() {
    let mut declared: Vec<_> = TYPES.iter().map(|(kind, _)| *kind).collect();
    declared.push(ResourceType::ACCOUNT);
    assert_eq!(declared, CONTROL.resources);
    assert_eq!(CONTROL.swept(), SWEPT);
    for requirement in CONTROL.requirements {
        assert!(requirement.resources.iter().all(|kind| declared.contains(kind)));
    }
}

#[test]
fn each_setting_of_a_search_domain_fails_by_itself() {
    for (pointer, value, expected) in [
        (
            "/configuration/DomainEndpointOptions/EnforceHTTPS",
            json!("false"),
            "HTTPS_NOT_ENFORCED: The domain accepts plain HTTP",
        ),
        (
            "/configuration/DomainEndpointOptions/TLSSecurityPolicy",
            json!("Policy-Min-TLS-1-0-2019-07"),
            "WEAK_TLS_POLICY: The TLS policy is Policy-Min-TLS-1-0-2019-07",
        ),
        (
            "/configuration/NodeToNodeEncryptionOptions/Enabled",
            json!(false),
            "NODE_ENCRYPTION_OFF: Nodes of the domain talk to each other in plaintext",
        ),
    ] {
        let item = with(open_search(), &[(pointer, value)]);
        assert_eq!(by_item(&item, &json!({})), [expected]);
    }
    // The names of the other dialect tell nothing.
    let mut mixed = open_search();
    mixed["configuration"] = elasticsearch()["configuration"].clone();
    assert!(previewed(&mixed, &json!({})).is_err());
    let only = json!({"allowedOpenSearchTlsPolicies": "Policy-Min-TLS-1-2-2019-07"});
    assert_eq!(by_item(&open_search(), &only).len(), 1);
    assert_eq!(by_item(&elasticsearch(), &only).len(), 0);
}

#[test]
fn dms_engines_without_an_ssl_mode_are_left_alone() {
    for engine in ["s3", "dynamodb", "kinesis", "neptune", "opensearch", "kafka", "redis", "S3"] {
        let expected = ["NO_SSL_MODE: Endpoints of this engine have no SSL mode"];
        let item = endpoint(engine, "none");
        assert_eq!(by_item(&item, &json!({})), expected, "{engine}");
        // Some of their items have no mode at all.
        let bare = with(item, &[("/configuration/SslMode", Value::Null)]);
        assert_eq!(by_item(&bare, &json!({})), expected, "{engine}");
    }
    for engine in ["oracle", "sqlserver", "docdb", "mongodb", "db2", "sybase", "Aurora"] {
        assert_eq!(
            by_item(&endpoint(engine, "none"), &json!({})),
            [format!(
                "DMS_SSL_OFF: SslMode of the {} endpoint is none",
                engine.to_ascii_lowercase()
            )]
        );
        for mode in ["require", "verify-ca", "verify-full"] {
            assert!(by_item(&endpoint(engine, mode), &json!({})).is_empty(), "{engine} {mode}");
        }
    }
    // An engine that is not known here may have no mode: none is no verdict, TLS is.
    let error = previewed(&endpoint("novadb", "none"), &json!({})).unwrap_err().to_string();
    assert!(error.contains("configuration.EngineName"), "{error}");
    assert!(by_item(&endpoint("novadb", "require"), &json!({})).is_empty());
    assert!(previewed(&endpoint("mysql", "maybe"), &json!({})).is_err());
}

#[test]
fn both_ways_of_msk_count() {
    let clients = "MSK_PLAINTEXT_ALLOWED: Between clients and brokers: ";
    let brokers = "MSK_PLAINTEXT_ALLOWED: The brokers talk to each other in plaintext";
    assert_eq!(
        by_item(&kafka("TLS_PLAINTEXT", true), &json!({})),
        [format!("{clients}TLS_PLAINTEXT")]
    );
    assert_eq!(by_item(&kafka("PLAINTEXT", true), &json!({})), [format!("{clients}PLAINTEXT")]);
    assert_eq!(by_item(&kafka("TLS", false), &json!({})), [brokers]);
    assert!(previewed(&kafka("SASL", true), &json!({})).is_err());
}

#[test]
fn resource_policies_are_judged_when_it_is_asked_for() {
    let asked = json!({"requirePolicyTls": "true"});
    let off = ["POLICY_NOT_JUDGED: Resource policies are not judged (requirePolicyTls is false)"];
    assert_eq!(by_item(&topic(&json!("SNS:Subscribe")), &json!({})), off);
    assert_eq!(by_item(&queue(&json!("sqs:SendMessage")), &json!({})), off);

    let open = "POLICY_TLS_NOT_ENFORCED: Not denied to everybody without TLS: ";
    assert_eq!(by_item(&topic(&json!("SNS:Subscribe")), &asked), [format!("{open}sns:Publish")]);
    let half = queue(&json!("sqs:SendMessage"));
    assert_eq!(by_item(&half, &asked), [format!("{open}sqs:ReceiveMessage")]);
    let both = queue(&json!(["sqs:SendMessage", "sqs:Receive*"]));
    assert!(by_item(&both, &asked).is_empty());

    // Some items hold the policy as an object.
    let object = with(both, &[("/configuration/Policy", tls_policy(&json!("sqs:*")))]);
    assert!(by_item(&object, &asked).is_empty());
    // A queue without a recorded policy: whether it has none is not known.
    for absent in [Value::Null, json!("")] {
        let item = with(object.clone(), &[("/configuration/Policy", absent)]);
        let expected = ["POLICY_NOT_RECORDED: The configuration item carries no policy"];
        assert_eq!(by_item(&item, &asked), expected);
    }
    // Weaker statements.
    for (key, value) in [
        ("Principal", json!({"AWS": "arn:aws:iam::111122223333:role/app"})),
        ("Resource", json!("arn:aws:sns:ap-northeast-1:111122223333:other")),
        ("Effect", json!("Allow")),
        ("Condition", json!({"Bool": {"aws:SecureTransport": "true"}})),
        (
            "Condition",
            json!({"Bool": {"aws:SecureTransport": "false"},
                   "StringEquals": {"aws:SourceVpc": "vpc-1"}}),
        ),
    ] {
        let mut policy = tls_policy(&json!("SNS:Publish"));
        policy["Statement"][0][key] = value;
        assert!(PolicyDocument::from_value(&policy).is_ok());
        let item = with(
            topic(&json!("SNS:Publish")),
            &[("/configuration/Policy", json!(policy.to_string()))],
        );
        assert_eq!(by_item(&item, &asked), [format!("{open}sns:Publish")], "{key}");
    }
}

#[test]
fn a_tag_that_says_false_is_no_tag() {
    let keys = ["a".to_owned(), "b".to_owned()];
    let tagged = |pairs: &[(&str, &str)]| {
        let tags: std::collections::HashMap<String, String> =
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        is_tagged(&keys, |key| tags.get(key))
    };
    assert!(!tagged(&[]) && !tagged(&[("c", "true")]) && !tagged(&[("a", " False ")]));
    assert!(tagged(&[("a", "")]) && tagged(&[("a", "false"), ("b", "yes")]));
}
