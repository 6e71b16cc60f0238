use super::*;
use fisc_shared::{Parameters, runner};
use serde_json::{Value, json};

use super::types::KINDS;

mod fixtures;

use fixtures::{ARN, fixtures, item};

fn with_run<T>(parameters: Value, offline: bool, act: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, &parameters).unwrap();
    act(&Run {
        parameters: &parameters,
        now: "2026-11-01T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        home: true,
        deadline: None,
        offline,
    })
}

/// What the item alone decides: the codes; `None` when KMS must be asked.
fn judged(item: &Value, parameters: Value) -> Option<Vec<&'static str>> {
    let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
    with_run(parameters, false, |run| runner::preview(&CONTROL, &item, run))
        .unwrap_or_else(|error| panic!("{error} in {item:?}"))
        .map(|verdict| verdict.reasons().iter().map(|reason| reason.code).collect())
}

fn error(item: &Value, parameters: Value) -> String {
    let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
    match with_run(parameters, false, |run| runner::preview(&CONTROL, &item, run)) {
        Err(error) => error.to_string(),
        Ok(verdict) => panic!("{verdict:?} for {item:?}"),
    }
}

fn strict() -> Value {
    json!({"requireCustomerManagedKey": "true"})
}

/// The item with a value at a path replaced; null takes it away.
fn with(item: &Value, path: &str, value: Value) -> Value {
    let mut item = item.clone();
    let (parent, name) = path.rsplit_once('/').unwrap();
    let object = item.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value.is_null() {
        object.remove(name);
    } else {
        object.insert(name.to_owned(), value);
    }
    item
}

const NONE: Option<Vec<&str>> = Some(Vec::new());

#[test]
fn every_type_of_the_table_has_fixtures_and_is_declared() {
    let table: Vec<ResourceType> = KINDS.iter().map(|kind| kind.resource).collect();
    let declared: Vec<ResourceType> =
        CONTROL.resources.iter().copied().filter(|one| *one != ResourceType::ACCOUNT).collect();
    assert_eq!(table, declared);
    assert_eq!(table, CUSTOMER_KEY_REQUIRED.resources);
    let fixtures = fixtures();
    let with_fixtures: Vec<ResourceType> = fixtures.iter().map(|one| one.resource).collect();
    assert_eq!(table, with_fixtures);
    let may_fail: Vec<ResourceType> =
        fixtures.iter().filter(|one| !one.bad.is_empty()).map(|one| one.resource).collect();
    assert_eq!(may_fail, NOT_ENCRYPTED.resources);
}

#[test]
fn encrypted_stores_pass_and_others_fail() {
    for one in fixtures() {
        let good = one.good();
        assert_eq!(judged(&good, json!({})), NONE, "{}", one.resource.name);
        // A key of the account must be looked up, where one is demanded.
        assert_eq!(judged(&good, strict()), None, "{}", one.resource.name);
        for changes in &one.bad {
            let bad = one.changed(changes);
            assert_eq!(judged(&bad, json!({})), Some(vec!["NOT_ENCRYPTED"]), "{bad}");
            // Every failed requirement is told.
            let codes = vec!["NOT_ENCRYPTED", "CUSTOMER_KEY_REQUIRED"];
            assert_eq!(judged(&bad, strict()), Some(codes), "{bad}");
        }
    }
}

#[test]
fn what_an_item_must_tell_is_an_error_when_missing() {
    for one in fixtures() {
        for path in &one.needed {
            let message = error(&with(&one.good(), path, Value::Null), json!({}));
            let field = path.rsplit_once('/').unwrap().1;
            assert!(message.contains(&format!("{field} is missing")), "{message}");
        }
        // The key counts only where one is demanded.
        if one.key_needed {
            let keyless = with(&one.good(), one.key, Value::Null);
            assert_eq!(judged(&keyless, json!({})), NONE, "{keyless}");
            let message = error(&keyless, strict());
            let field = one.key.rsplit_once('/').unwrap().1;
            assert!(message.contains(&format!("{field} is missing")), "{message}");
        }
        let bare = item(one.resource, Value::Null, Value::Null);
        error(&bare, json!({}));
    }
}

#[test]
fn resources_on_their_way_out_are_not_judged() {
    for one in fixtures() {
        for (path, value, code) in &one.not_judged {
            let item = with(&one.good(), path, value.clone());
            assert_eq!(judged(&item, strict()), Some(vec![*code]), "{item}");
        }
    }
}

#[test]
fn the_name_of_the_key_decides_where_it_can() {
    for one in fixtures() {
        let name = one.resource.name;
        let of = |key: &str| judged(&with(&one.good(), one.key, json!(key)), strict());
        let refused = Some(vec!["CUSTOMER_KEY_REQUIRED"]);
        assert_eq!(of("alias/aws/some-service"), refused, "{name}");
        assert_eq!(of("arn:aws:kms:ap-northeast-1:111122223333:alias/aws/ebs"), refused, "{name}");
        let other =
            "arn:aws:kms:ap-northeast-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        assert_eq!(of(other), Some(vec!["OTHER_ACCOUNT_KEY"]), "{name}");
        for asked in ["alias/core", "1234abcd-12ab-34cd-56ef-1234567890ab"] {
            assert_eq!(of(asked), None, "{name}");
        }
        for (path, value) in &one.without_own_key {
            let item = with(&one.good(), path, value.clone());
            assert_eq!(judged(&item, json!({})), NONE, "{item}");
            assert_eq!(judged(&item, strict()), refused, "{item}");
        }
    }
}

#[test]
fn customer_keys_are_demanded_by_parameter_tag_and_type() {
    let managed = |tags: Value| {
        let volume = with(&fixtures()[0].good(), "/tags", tags);
        with(&volume, "/configuration/kmsKeyId", json!("alias/aws/ebs"))
    };
    let refused = Some(vec!["CUSTOMER_KEY_REQUIRED"]);
    let confidential = managed(json!({"fisc:data-class": "confidential"}));
    assert_eq!(judged(&managed(json!({})), json!({})), NONE);
    assert_eq!(judged(&confidential, json!({})), refused);
    for class in ["restricted", "personal", " Personal "] {
        assert_eq!(judged(&managed(json!({ "fisc:data-class": class })), json!({})), refused);
    }
    for tags in [
        json!({"fisc:data-class": "internal"}),
        json!({"fisc:data-class": ""}),
        json!({"data-class": "confidential"}),
        json!({"confidential": "fisc:data-class"}),
    ] {
        assert_eq!(judged(&managed(tags), json!({})), NONE);
    }
    let own = json!({"dataClassTagKey": "データ分類", "customerKeyDataClasses": "顧客情報,社外秘"});
    assert_eq!(judged(&managed(json!({"データ分類": "顧客情報"})), own.clone()), refused);
    assert_eq!(judged(&confidential, own), NONE);
    // The list of types limits the demand of both.
    for (types, codes) in [("AWS::EC2::Volume,AWS::S3::Bucket", refused), ("AWS::S3::Bucket", NONE)]
    {
        let parameters = json!({"customerKeyResourceTypes": types});
        assert_eq!(judged(&confidential, parameters), codes.clone());
        let parameters =
            json!({"customerKeyResourceTypes": types, "requireCustomerManagedKey": true});
        assert_eq!(judged(&managed(json!({})), parameters), codes);
    }
    // A misspelt type would silently demand nothing.
    let message = error(&confidential, json!({"customerKeyResourceTypes": "AWS::EC2::Volumes"}));
    assert!(message.contains("customerKeyResourceTypes"), "{message}");
}

#[test]
fn only_allowed_keys_pass() {
    let volume = fixtures()[0].good();
    let allow = |arns: &str| json!({"requireCustomerManagedKey": true, "allowedKmsKeyArns": arns});
    let other = "arn:aws:kms:ap-northeast-1:111122223333:key/99999999-12ab-34cd-56ef-1234567890ab";
    assert_eq!(judged(&volume, allow(other)), Some(vec!["CUSTOMER_KEY_REQUIRED"]));
    assert_eq!(judged(&volume, allow(ARN)), None);
    // The list alone demands nothing.
    assert_eq!(judged(&volume, json!({ "allowedKmsKeyArns": other })), NONE);
    error(&volume, allow("alias/core"));
}

fn bucket(rules: Value) -> Value {
    item(
        ResourceType::S3_BUCKET,
        json!({"name": "some-bucket"}),
        json!({"ServerSideEncryptionConfiguration": {"rules": rules}}),
    )
}

fn sse(algorithm: &str, key: Value) -> Value {
    let default = json!({"sseAlgorithm": algorithm, "kmsMasterKeyID": key});
    bucket(json!([{"applyServerSideEncryptionByDefault": default, "bucketKeyEnabled": false}]))
}

#[test]
fn buckets_need_default_encryption_of_an_accepted_kind() {
    let failed = Some(vec!["NOT_ENCRYPTED"]);
    for algorithm in ["AES256", "aws:kms", "aws:kms:dsse"] {
        assert_eq!(judged(&sse(algorithm, Value::Null), json!({})), NONE);
    }
    for rules in [json!([]), json!([{"bucketKeyEnabled": true}])] {
        assert_eq!(judged(&bucket(rules), json!({})), failed);
    }
    let kms_only = json!({"allowedS3Algorithms": "aws:kms,aws:kms:dsse"});
    assert_eq!(judged(&sse("AES256", Value::Null), kms_only.clone()), failed);
    assert_eq!(judged(&sse("aws:kms:dsse", Value::Null), kms_only), NONE);
    // Items of before 2023 lack the part; the answer of a query that did not ask for it lacks all.
    let old =
        item(ResourceType::S3_BUCKET, json!({}), json!({"BucketPolicy": {"policyText": null}}));
    assert_eq!(judged(&old, json!({})), failed);
    let message = error(&item(ResourceType::S3_BUCKET, json!({}), Value::Null), json!({}));
    assert!(message.contains("supplementaryConfiguration is missing"), "{message}");
    // As the API sends it: JSON in a string.
    let mut text = sse("AES256", Value::Null);
    let part = &mut text["supplementaryConfiguration"]["ServerSideEncryptionConfiguration"];
    *part = json!(part.to_string());
    assert_eq!(judged(&text, json!({})), NONE);
}

#[test]
fn backup_and_log_buckets_need_sse_kms() {
    let failed = Some(vec!["KMS_ENCRYPTION_REQUIRED"]);
    let tagged =
        |role: &str, bucket: Value| with(&bucket, "/tags", json!({"fisc:data-role": role}));
    for role in ["backup", "log", "Log"] {
        assert_eq!(judged(&tagged(role, sse("AES256", Value::Null)), json!({})), failed);
        for algorithm in ["aws:kms", "aws:kms:dsse"] {
            assert_eq!(judged(&tagged(role, sse(algorithm, Value::Null)), json!({})), NONE);
        }
    }
    assert_eq!(judged(&tagged("export", sse("AES256", Value::Null)), json!({})), NONE);
    let named = json!({"logBucketNames": "some-bucket"});
    assert_eq!(judged(&sse("AES256", Value::Null), named.clone()), failed);
    assert_eq!(judged(&sse("AES256", Value::Null), json!({"logBucketNames": "some"})), NONE);
    assert_eq!(
        judged(&tagged("log", bucket(json!([]))), json!({})),
        Some(vec!["NOT_ENCRYPTED", "KMS_ENCRYPTION_REQUIRED"])
    );
    // Targets of load balancer logs cannot have more than SSE-S3: no key is demanded of them.
    let only = json!({"logBucketNames": "some-bucket", "sseS3OnlyBuckets": "some-bucket",
                      "requireCustomerManagedKey": true});
    assert_eq!(judged(&sse("AES256", Value::Null), only.clone()), Some(vec!["SSE_S3_ONLY"]));
    assert_eq!(judged(&bucket(json!([])), only), Some(vec!["NOT_ENCRYPTED"]));
    // Names of buckets say nothing of other types.
    let topic = fixtures().into_iter().find(|one| one.resource == ResourceType::SNS_TOPIC).unwrap();
    let topic = with(&topic.changed(&topic.bad[0]), "/resourceId", json!("some-bucket"));
    assert_eq!(judged(&topic, named), Some(vec!["NOT_ENCRYPTED"]));
}

#[test]
fn values_that_are_not_known_are_no_verdict() {
    for (resource, path) in [
        (ResourceType::KINESIS_STREAM, "/configuration/StreamEncryption/EncryptionType"),
        (ResourceType::DYNAMODB_TABLE, "/configuration/ssedescription/status"),
    ] {
        let fixture = fixtures().into_iter().find(|one| one.resource == resource).unwrap();
        let message = error(&with(&fixture.good(), path, json!("QUANTUM")), strict());
        assert!(message.contains("unknown value \"QUANTUM\""), "{message}");
    }
}

#[test]
fn the_item_tells_its_account_and_region() {
    // A snapshot file of another account: its own key is not one of another account.
    let mut volume = fixtures()[0].good();
    volume["awsAccountId"] = json!("444455556666");
    assert_eq!(judged(&volume, strict()), Some(vec!["OTHER_ACCOUNT_KEY"]));
    let key = "arn:aws:kms:ap-northeast-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    volume["configuration"]["kmsKeyId"] = json!(key);
    assert_eq!(judged(&volume, strict()), None);
}

#[test]
fn without_kms_to_ask_failures_count_and_passes_do_not() {
    let offline = |algorithm: &str| {
        let item = sse(algorithm, json!(ARN));
        let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
        let parameters =
            json!({"requireCustomerManagedKey": true, "allowedS3Algorithms": "aws:kms:dsse"});
        let verdict = with_run(parameters, true, |run| runner::preview(&CONTROL, &item, run));
        verdict.unwrap().map(|verdict| verdict.reasons()[0].code)
    };
    assert_eq!(offline("aws:kms"), Some("NOT_ENCRYPTED"));
    assert_eq!(offline("aws:kms:dsse"), None);
}
