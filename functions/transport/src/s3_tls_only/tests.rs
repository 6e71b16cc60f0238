use super::*;
use fisc_shared::Parameters;
use proptest::prelude::*;
use serde_json::{Value, json};

const BUCKET: &str = "arn:aws:s3:::ib-customer-documents";
const OBJECTS: &str = "arn:aws:s3:::ib-customer-documents/*";

/// A bucket as Config records it, with this policy.
fn bucket(policy: &Value) -> String {
    let text = if policy.is_null() { Value::Null } else { json!(policy.to_string()) };
    json!({
        "configurationItemVersion": "1.3", "configurationItemCaptureTime": "2026-10-01T00:00:00Z",
        "configurationItemStatus": "OK", "configurationStateId": 1_549_956_556_288_u64,
        "awsAccountId": "111122223333", "awsRegion": "ap-northeast-1",
        "resourceType": "AWS::S3::Bucket", "resourceId": "ib-customer-documents",
        "resourceName": "ib-customer-documents", "ARN": BUCKET, "tags": {},
        "configuration": {"name": "ib-customer-documents"},
        "supplementaryConfiguration": {
            "BucketVersioningConfiguration": {"status": "Enabled", "isMfaDeleteEnabled": null},
            "BucketPolicy": {"policyText": text},
        },
    })
    .to_string()
}

fn judge(item: &str, parameters: &Value) -> Result<Vec<&'static str>, Error> {
    let item = ConfigurationItem::from_json(item)?;
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters)?;
    let run = Run {
        parameters: &parameters,
        now: "2026-11-01T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline: false,
    };
    let verdict = evaluate(&item, &run)?;
    let codes: Vec<_> = verdict.reasons().iter().map(|reason| reason.code).collect();
    assert_eq!(matches!(verdict, Verdict::Compliant(_)), codes.is_empty());
    Ok(codes)
}

fn codes(statements: Value) -> Vec<&'static str> {
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    judge(&bucket(&policy), &json!({})).unwrap()
}

fn deny(principal: Value, action: Value, resource: Value, condition: Value) -> Value {
    json!({"Sid": "Tls", "Effect": "Deny", "Principal": principal, "Action": action,
           "Resource": resource, "Condition": condition})
}

fn plain() -> Value {
    json!({"Bool": {"aws:SecureTransport": "false"}})
}

fn good() -> Value {
    deny(json!("*"), json!("s3:*"), json!([BUCKET, OBJECTS]), plain())
}

const NONE: [&str; 0] = [];

#[test]
fn every_spelling_of_a_complete_deny_passes() {
    for (name, statements) in [
        ("the usual one", json!([good()])),
        ("a single statement, not in a list", good()),
        (
            "AWS star",
            json!([deny(json!({"AWS": "*"}), json!("s3:*"), json!([BUCKET, OBJECTS]), plain())]),
        ),
        ("AWS list", json!([deny(json!({"AWS": ["*"]}), json!(["s3:*"]), json!(["*"]), plain())])),
        ("all actions", json!([deny(json!("*"), json!("*"), json!([BUCKET, OBJECTS]), plain())])),
        (
            "case of the action",
            json!([deny(json!("*"), json!("S3:*"), json!([BUCKET, OBJECTS]), plain())]),
        ),
        (
            "one pattern for both",
            json!([deny(json!("*"), json!("s3:*"), json!(format!("{BUCKET}*")), plain())]),
        ),
        (
            "other partition",
            json!([deny(
                json!("*"),
                json!("s3:*"),
                json!([
                    "arn:aws-us-gov:s3:::ib-customer-documents",
                    "arn:aws-cn:s3:::ib-customer-documents/*"
                ]),
                plain()
            )]),
        ),
        (
            "any partition",
            json!([deny(
                json!("*"),
                json!("s3:*"),
                json!(["arn:*:s3:::ib-customer-documents", "arn:*:s3:::ib-customer-documents/*"]),
                plain()
            )]),
        ),
        (
            "boolean",
            json!([deny(
                json!("*"),
                json!("s3:*"),
                json!("*"),
                json!({"Bool": {"aws:SecureTransport": false}})
            )]),
        ),
        (
            "list",
            json!([deny(
                json!("*"),
                json!("s3:*"),
                json!("*"),
                json!({"Bool": {"aws:SecureTransport": ["false"]}})
            )]),
        ),
        (
            "if exists",
            json!([deny(
                json!("*"),
                json!("s3:*"),
                json!("*"),
                json!({"BoolIfExists": {"aws:SecureTransport": "false"}})
            )]),
        ),
        (
            "case of the key",
            json!([deny(
                json!("*"),
                json!("s3:*"),
                json!("*"),
                json!({"Bool": {"AWS:securetransport": "false"}})
            )]),
        ),
        (
            "split by resource",
            json!([
                deny(json!("*"), json!("s3:*"), json!(BUCKET), plain()),
                deny(json!("*"), json!("s3:*"), json!(OBJECTS), plain())
            ]),
        ),
        (
            "split by action",
            json!([
            deny(json!("*"), json!("s3:Get*"), json!("*"), plain()),
            {"Effect": "Deny", "Principal": "*", "NotAction": "s3:Get*", "Resource": "*", "Condition": plain()}]),
        ),
        (
            "NotAction without a hole in S3",
            json!([
            {"Effect": "Deny", "Principal": "*", "NotAction": "iam:*", "Resource": "*", "Condition": plain()}]),
        ),
        (
            "NotResource without a hole in the bucket",
            json!([
            {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "NotResource": "arn:aws:s3:::other/*", "Condition": plain()}]),
        ),
        (
            "among other statements",
            json!([
            {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "s3:GetObject", "Resource": OBJECTS},
            good(),
            {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": BUCKET}]),
        ),
        (
            "everything is denied, TLS or not",
            json!([
            {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}]),
        ),
    ] {
        assert_eq!(codes(statements), NONE, "{name}");
    }
}

#[test]
fn no_policy_fails() {
    assert_eq!(judge(&bucket(&Value::Null), &json!({})).unwrap(), ["NO_BUCKET_POLICY"]);
    let empty = bucket(&Value::Null).replace("\"policyText\":null", "\"policyText\":\"\"");
    assert_eq!(judge(&empty, &json!({})).unwrap(), ["NO_BUCKET_POLICY"]);
}

#[test]
fn what_only_looks_like_a_tls_deny_fails() {
    for (name, statements) in [
        (
            "only allows",
            json!([{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]),
        ),
        (
            "inverted",
            json!([deny(
                json!("*"),
                json!("s3:*"),
                json!("*"),
                json!({"Bool": {"aws:SecureTransport": "true"}})
            )]),
        ),
        (
            "inverted with another key",
            json!([deny(
                json!("*"),
                json!("s3:*"),
                json!("*"),
                json!({"Bool": {"aws:SecureTransport": "true"}, "StringNotEquals": {"aws:PrincipalOrgID": "o-1"}})
            )]),
        ),
        (
            "TLS version alone",
            json!([deny(
                json!("*"),
                json!("s3:*"),
                json!("*"),
                json!({"NumericLessThan": {"s3:TlsVersion": 1.2}})
            )]),
        ),
        (
            "TLS version alone, if it exists",
            json!([deny(
                json!("*"),
                json!("s3:*"),
                json!("*"),
                json!({"NumericLessThanIfExists": {"s3:TlsVersion": 1.2}})
            )]),
        ),
        (
            "the key in a Sid",
            json!([{"Sid": "aws:SecureTransport", "Effect": "Deny", "Principal": "*",
            "Action": "s3:DeleteBucket", "Resource": BUCKET}]),
        ),
        ("no statements", json!([])),
    ] {
        assert_eq!(codes(statements), ["NO_TLS_DENY"], "{name}");
    }
}

#[test]
fn a_deny_for_some_principals_fails() {
    for principal in [
        json!({"AWS": "arn:aws:iam::111122223333:role/app"}),
        json!({"AWS": ["111122223333", "444455556666"]}),
        json!({"Service": "*"}),
    ] {
        let statement = deny(principal.clone(), json!("s3:*"), json!("*"), plain());
        assert_eq!(codes(json!([statement])), ["TLS_DENY_NOT_ALL_PRINCIPALS"], "{principal}");
    }
    let hole = json!([{"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": "s3:*", "Resource": "*", "Condition": plain()}]);
    assert_eq!(codes(hole), ["TLS_DENY_NOT_ALL_PRINCIPALS"]);
}

#[test]
fn a_deny_of_some_actions_fails() {
    for element in [
        json!({"Action": "s3:GetObject"}),
        json!({"Action": ["s3:Get*", "s3:Put*", "s3:List*", "s3:Delete*"]}),
        json!({"NotAction": "s3:GetObject"}),
        json!({"Action": "iam:*"}),
    ] {
        let mut statement =
            json!({"Effect": "Deny", "Principal": "*", "Resource": "*", "Condition": plain()});
        for (key, value) in element.as_object().unwrap() {
            statement[key] = value.clone();
        }
        assert_eq!(codes(json!([statement])), ["TLS_DENY_NOT_ALL_ACTIONS"], "{element}");
    }
}

#[test]
fn a_deny_on_some_resources_fails_and_says_which() {
    for (resource, accepted_with_objects_only) in [
        (json!(BUCKET), false),
        (json!(OBJECTS), true),
        (json!([BUCKET, "arn:aws:s3:::ib-customer-documents/private/*"]), false),
        (json!("arn:aws:s3:::ib-customer-documents-2*"), false),
        (json!([BUCKET, "arn:aws:s3:::ib-customer-documents/${aws:username}/*"]), false),
    ] {
        let policy =
            json!({"Statement": [deny(json!("*"), json!("s3:*"), resource.clone(), plain())]});
        let item = bucket(&policy);
        assert_eq!(judge(&item, &json!({})).unwrap(), ["TLS_DENY_NOT_ALL_RESOURCES"], "{resource}");
        let relaxed = judge(&item, &json!({"acceptObjectsOnly": "true"})).unwrap();
        assert_eq!(relaxed.is_empty(), accepted_with_objects_only, "{resource}");
    }
    let hole = json!([{"Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "NotResource": "arn:aws:s3:::ib-customer-documents/public/*", "Condition": plain()}]);
    assert_eq!(codes(hole), ["TLS_DENY_NOT_ALL_RESOURCES"]);
}

#[test]
fn several_holes_are_all_named() {
    let narrow =
        deny(json!({"AWS": "111122223333"}), json!("s3:GetObject"), json!(OBJECTS), plain());
    assert_eq!(
        codes(json!([narrow])),
        ["TLS_DENY_NOT_ALL_PRINCIPALS", "TLS_DENY_NOT_ALL_ACTIONS", "TLS_DENY_NOT_ALL_RESOURCES"]
    );
    // Actions and resources are each complete, but not together.
    let crossed = json!([
        deny(json!("*"), json!("s3:Get*"), json!(BUCKET), plain()),
        {"Effect": "Deny", "Principal": "*", "NotAction": "s3:Get*", "Resource": OBJECTS, "Condition": plain()}
    ]);
    assert_eq!(codes(crossed), ["TLS_DENY_NOT_ALL_ACTIONS", "TLS_DENY_NOT_ALL_RESOURCES"]);
}

#[test]
fn a_further_condition_weakens() {
    for further in [
        json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
        json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}),
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        json!({"NumericLessThan": {"s3:TlsVersion": 1.2}}),
    ] {
        let mut condition = plain();
        for (operator, keys) in further.as_object().unwrap() {
            condition[operator] = keys.clone();
        }
        let statement = deny(json!("*"), json!("s3:*"), json!("*"), condition);
        assert_eq!(codes(json!([statement.clone()])), ["TLS_DENY_WEAKENED"], "{further}");
        assert_eq!(codes(json!([statement, good()])), NONE, "{further}");
    }
    // Two keys under one operator are both needed, too.
    let both = json!({"Bool": {"aws:SecureTransport": "false", "aws:ViaAWSService": "false"}});
    assert_eq!(
        codes(json!([deny(json!("*"), json!("s3:*"), json!("*"), both)])),
        ["TLS_DENY_WEAKENED"]
    );
}

#[test]
fn old_tls_is_judged_only_when_asked_for() {
    let version = |limit: Value| {
        deny(
            json!("*"),
            json!("s3:*"),
            json!("*"),
            json!({"NumericLessThan": {"s3:TlsVersion": limit}}),
        )
    };
    let judged = |statements: Value, floor: &str| {
        judge(&bucket(&json!({"Statement": statements})), &json!({"minTlsVersion": floor})).unwrap()
    };
    assert_eq!(judged(json!([good()]), ""), NONE);
    assert_eq!(judged(json!([good()]), "1.2"), ["OLD_TLS_NOT_DENIED"]);
    assert_eq!(judged(json!([good(), version(json!("1.2"))]), "1.2"), NONE);
    assert_eq!(judged(json!([good(), version(json!(1.2))]), "1.3"), ["OLD_TLS_NOT_DENIED"]);
    assert_eq!(judged(json!([good(), version(json!(1.3))]), "1.3"), NONE);
    assert_eq!(judged(json!([version(json!(1.2))]), "1.2"), ["NO_TLS_DENY"]);
}

#[test]
fn an_item_that_does_not_tell_is_an_error() {
    let policy = json!({"Statement": [good()]});
    let without = |key: &str| {
        let mut item: Value = serde_json::from_str(&bucket(&policy)).unwrap();
        item.as_object_mut().unwrap().remove(key);
        judge(&item.to_string(), &json!({})).unwrap_err().to_string()
    };
    assert_eq!(
        without("supplementaryConfiguration"),
        "the configuration item cannot be judged: supplementaryConfiguration is missing"
    );
    let mut item: Value = serde_json::from_str(&bucket(&policy)).unwrap();
    item["supplementaryConfiguration"] = json!({"IsRequesterPaysEnabled": false});
    assert_eq!(
        judge(&item.to_string(), &json!({})).unwrap_err().to_string(),
        "the configuration item cannot be judged: supplementaryConfiguration.BucketPolicy is missing"
    );
    item["supplementaryConfiguration"] = json!({"BucketPolicy": {"policyText": "not a policy"}});
    let error = judge(&item.to_string(), &json!({})).unwrap_err().to_string();
    assert!(error.starts_with("the policy cannot be judged: it is not JSON"), "{error}");
}

#[test]
fn a_policy_in_strings_in_strings_reads_the_same() {
    let policy = json!({"Statement": [good()]});
    let mut item: Value = serde_json::from_str(&bucket(&policy)).unwrap();
    let text = json!({"policyText": policy.to_string()}).to_string();
    item["supplementaryConfiguration"] = json!({ "BucketPolicy": text });
    assert_eq!(judge(&item.to_string(), &json!({})).unwrap(), NONE);
}

/// Writes a statement in another way that means the same.
fn rewrite(statement: &Value, wrap: bool, upper: bool) -> Value {
    let mut statement = statement.clone();
    for key in ["Action", "NotAction", "Resource", "NotResource"] {
        if let Some(value) = statement.get_mut(key) {
            if wrap && value.is_string() {
                *value = json!([value.clone()]);
            }
            if upper && key.ends_with("Action") {
                *value = serde_json::from_str(&value.to_string().to_uppercase()).unwrap();
            }
        }
    }
    statement
}

fn any_statement() -> impl Strategy<Value = Value> {
    let principal =
        prop::sample::select(vec![json!("*"), json!({"AWS": "*"}), json!({"AWS": "111122223333"})]);
    let action = prop::sample::select(vec![
        ("Action", json!("s3:*")),
        ("Action", json!(["s3:Get*", "s3:Put*"])),
        ("NotAction", json!("s3:Get*")),
        ("Action", json!("*")),
    ]);
    let resource = prop::sample::select(vec![
        ("Resource", json!("*")),
        ("Resource", json!(BUCKET)),
        ("Resource", json!(OBJECTS)),
        ("Resource", json!([BUCKET, OBJECTS])),
        ("NotResource", json!("arn:aws:s3:::ib-customer-documents/a/*")),
    ]);
    let condition = prop::sample::select(vec![
        plain(),
        json!({}),
        json!({"Bool": {"aws:SecureTransport": "true"}}),
        json!({"Bool": {"aws:SecureTransport": "false"}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
    ]);
    let effect = prop::sample::select(vec!["Deny", "Deny", "Deny", "Allow"]);
    (effect, principal, action, resource, condition).prop_map(
        |(effect, principal, (action, actions), (resource, resources), condition)| {
            json!({"Effect": effect, "Principal": principal, action: actions, resource: resources,
                   "Condition": condition})
        },
    )
}

proptest! {
    /// Order, lists of one, and the case of actions never change a verdict; neither does writing
    /// a list of resources or actions as several statements.
    #[test]
    fn the_way_of_writing_does_not_matter(
        statements in prop::collection::vec(any_statement(), 1..5),
        wrap: bool, upper: bool, seed in 0_usize..24,
    ) {
        let expected = codes(json!(statements));
        let mut other: Vec<Value> = statements.iter().map(|one| rewrite(one, wrap, upper)).collect();
        let places = other.len();
        other.rotate_left(seed % places);
        prop_assert_eq!(&codes(json!(other)), &expected);

        let split: Vec<Value> = statements
            .iter()
            .flat_map(|statement| match statement.get("Resource") {
                Some(Value::Array(list)) => list
                    .iter()
                    .map(|resource| {
                        let mut one = statement.clone();
                        one["Resource"] = resource.clone();
                        one
                    })
                    .collect(),
                _ => vec![statement.clone()],
            })
            .collect();
        prop_assert_eq!(&codes(json!(split)), &expected);
    }

    /// Another Deny never makes a bucket fail that passed.
    #[test]
    fn one_more_deny_never_hurts(statements in prop::collection::vec(any_statement(), 1..4), more in any_statement()) {
        let mut more = more;
        more["Effect"] = json!("Deny");
        let before = codes(json!(statements));
        let mut with_more = statements;
        with_more.push(more);
        if before.is_empty() {
            prop_assert_eq!(codes(json!(with_more)), NONE);
        }
    }
}
