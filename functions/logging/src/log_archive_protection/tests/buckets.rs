use super::*;

const OWNER: &str = "94822b8db52de59639cf5646d215c2b308373678aae695d9ca3ab0bf5e892b2f";

fn block(on: bool) -> Value {
    json!({"blockPublicAcls": on, "ignorePublicAcls": on, "blockPublicPolicy": on,
           "restrictPublicBuckets": on})
}

fn acl(grantee: &Value) -> Value {
    let list = json!({
        "grantSet": null, "isRequesterCharged": false,
        "grantList": [{"grantee": grantee, "permission": "FullControl"}],
        "owner": {"displayName": null, "id": OWNER},
    });
    list.to_string().into()
}

fn policy(statements: &Value) -> Value {
    json!({"policyText": json!({"Version": "2012-10-17", "Statement": statements}).to_string()})
}

/// What CloudTrail needs to deliver.
fn delivery() -> Value {
    json!({"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
           "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/trail/AWSLogs/111122223333/*",
           "Condition": {"StringEquals": {
               "s3:x-amz-acl": "bucket-owner-full-control",
               "aws:SourceArn": "arn:aws:cloudtrail:ap-northeast-1:999988887777:trail/org"}}})
}

fn rule(changes: &Value) -> Value {
    let mut rule = json!({
        "id": "r", "prefix": null, "status": "Enabled", "filter": {"predicate": null},
        "expirationInDays": -1, "expiredObjectDeleteMarker": false,
        "noncurrentVersionExpirationInDays": -1, "transitions": null,
        "noncurrentVersionTransitions": null, "abortIncompleteMultipartUpload": null,
    });
    for (name, value) in changes.as_object().unwrap() {
        rule[name] = value.clone();
    }
    rule
}

fn lifecycle(rules: &[Value]) -> Value {
    let rules: Vec<Value> = rules.iter().map(rule).collect();
    json!({"BucketLifecycleConfiguration": {"rules": rules}})
}

/// A log bucket with everything in order; `parts` replace parts, null takes one away.
fn bucket(parts: &Value) -> Value {
    tagged(parts, &json!({}))
}

fn tagged(parts: &Value, tags: &Value) -> Value {
    let mut supplementary = json!({
        "AccessControlList": acl(&json!({"id": OWNER, "displayName": null})),
        "BucketLoggingConfiguration": {"destinationBucketName": "access-logs", "logFilePrefix": ""},
        "BucketPolicy": policy(&json!([delivery()])),
        "BucketVersioningConfiguration": {"status": "Enabled", "isMfaDeleteEnabled": null},
        "ObjectLockConfiguration": {"objectLockEnabled": "Enabled", "rule": {"defaultRetention":
            {"mode": "COMPLIANCE", "days": 365, "years": null}}},
        "PublicAccessBlockConfiguration": block(true),
        "ServerSideEncryptionConfiguration": {"rules": [{"applyServerSideEncryptionByDefault":
            {"sseAlgorithm": "aws:kms", "kmsMasterKeyID": "arn:aws:kms:ap-northeast-1:111122223333:key/1"},
            "bucketKeyEnabled": true}]},
    });
    for (name, value) in parts.as_object().unwrap() {
        match value {
            Value::Null => drop(supplementary.as_object_mut().unwrap().remove(name)),
            value => supplementary[name] = value.clone(),
        }
    }
    json!({
        "resourceType": "AWS::S3::Bucket", "resourceId": "logs", "awsAccountId": ACCOUNT,
        "awsRegion": "ap-northeast-1", "configurationItemStatus": "OK",
        "configurationItemCaptureTime": "2026-11-01T00:00:00Z", "ARN": "arn:aws:s3:::logs",
        "configuration": {"name": "logs"}, "supplementaryConfiguration": supplementary, "tags": tags,
    })
}

fn found(parts: &Value) -> Vec<&'static str> {
    codes(&bucket(parts), &json!({}))
}

/// A policy that says that it is a log bucket, and these statements.
fn with_statements(statements: &[Value]) -> Value {
    let mut all = vec![delivery()];
    all.extend_from_slice(statements);
    json!({"BucketPolicy": policy(&json!(all))})
}

#[test]
fn a_bucket_in_order_passes() {
    assert_eq!(decided(&bucket(&json!({})), &json!({})), Verdict::compliant());
}

#[test]
fn a_bucket_holds_logs_when_its_policy_its_tag_or_a_parameter_says_so() {
    let no_policy = json!({"BucketPolicy": {"policyText": null}});
    let plain = bucket(&no_policy);
    assert_eq!(previewed(&plain, &json!({})).unwrap(), None);
    let role = json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/r"},
                      "Action": "s3:*", "Resource": "*"});
    let reader = json!({"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
                        "Action": "s3:GetBucketAcl", "Resource": "arn:aws:s3:::logs"});
    let flow_logs = json!({"Effect": "Allow", "Principal": {"Service": "delivery.logs.amazonaws.com"},
                           "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/*"});
    for statement in [role, reader, flow_logs] {
        let other = bucket(&json!({"BucketPolicy": policy(&json!([statement]))}));
        assert_eq!(previewed(&other, &json!({})).unwrap(), None, "{statement}");
    }
    // Everything else is in order: all of them pass.
    for name in ["logs", "lo*"] {
        assert_eq!(codes(&plain, &json!({"logBucketNames": name})), NONE);
    }
    assert_eq!(previewed(&plain, &json!({"logBucketNames": "log"})).unwrap(), None);
    let covered = json!({"BucketPolicy": {"policyText": null}, "BucketLifecycleConfiguration":
        {"rules": [rule(&json!({"expirationInDays": 2557}))]}});
    let by_tag = |tags: Value, parameters: Value| {
        previewed(&tagged(&covered, &tags), &parameters).unwrap().map(|verdict| codes_of(&verdict))
    };
    let role = json!({"fisc:data-role": "log"});
    assert_eq!(by_tag(role.clone(), json!({})), Some(vec![]));
    assert_eq!(by_tag(json!({"fisc:data-role": "backup"}), json!({})), None);
    assert_eq!(by_tag(role.clone(), json!({"logBucketTag": "fisc:data-role"})), Some(vec![]));
    assert_eq!(by_tag(role.clone(), json!({"logBucketTag": ""})), None);
    assert_eq!(by_tag(role, json!({"logBucketTag": "purpose=audit"})), None);
    // AWS Config's policy.
    let config = json!({"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"},
        "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/AWSLogs/111122223333/Config/*",
        "Condition": {"StringEquals": {"AWS:SourceAccount": "111122223333"}}});
    assert_eq!(found(&json!({"BucketPolicy": policy(&json!([config]))})), NONE);
}

#[test]
fn a_log_bucket_is_closed() {
    assert_eq!(
        previewed(&bucket(&json!({"PublicAccessBlockConfiguration": null})), &json!({})).unwrap(),
        None,
        "the account's block decides"
    );
    let everybody = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                           "Resource": "arn:aws:s3:::logs/*"});
    // A block makes them void, and yet they have no business there.
    assert_eq!(found(&with_statements(&[everybody])), ["BUCKET_PUBLIC"]);
    for group in ["AllUsers", "AuthenticatedUsers"] {
        assert_eq!(found(&json!({"AccessControlList": acl(&json!(group))})), ["BUCKET_PUBLIC"]);
    }
    assert_eq!(found(&json!({"AccessControlList": acl(&json!("LogDelivery"))})), NONE);
    let open = item(&bucket(&json!({"PublicAccessBlockConfiguration": {"blockPublicAcls": true}})));
    let with_account = |block| {
        with_run(&json!({}), |run| {
            codes_of(&crate::log_archive_protection::buckets::decide(&open, block, run).unwrap())
        })
    };
    let account = |on| PublicAccessBlock {
        block_acls: false,
        ignore_acls: on,
        block_policy: on,
        restrict_buckets: on,
    };
    assert_eq!(with_account(account(true)), NONE);
    assert_eq!(with_account(account(false)), ["BUCKET_PUBLIC"]);
}

#[test]
fn versions_are_kept() {
    for status in [json!("Suspended"), json!("Off"), Value::Null] {
        let part = json!({"BucketVersioningConfiguration": {"status": status, "isMfaDeleteEnabled": null}});
        assert_eq!(found(&part), ["VERSIONING_OFF"]);
    }
}

#[test]
fn one_accepted_protection_is_enough() {
    let lock = |mode: &str, days: Value, years: Value| {
        json!({"ObjectLockConfiguration": {"objectLockEnabled": "Enabled", "rule":
            {"defaultRetention": {"mode": mode, "days": days, "years": years}}}})
    };
    let unprotected = ["NOT_WRITE_PROTECTED"];
    assert_eq!(found(&lock("GOVERNANCE", Value::Null, json!(1))), NONE);
    assert_eq!(found(&lock("COMPLIANCE", json!(364), Value::Null)), unprotected);
    assert_eq!(found(&json!({"ObjectLockConfiguration": null})), unprotected);
    // Object lock without a default locks nothing by itself.
    let no_default =
        json!({"ObjectLockConfiguration": {"objectLockEnabled": "Enabled", "rule": null}});
    assert_eq!(found(&no_default), unprotected);
    let governance = bucket(&lock("GOVERNANCE", json!(365), Value::Null));
    assert_eq!(codes(&governance, &json!({"allowedLockModes": "COMPLIANCE"})), unprotected);
    let mfa = bucket(&json!({"ObjectLockConfiguration": null,
        "BucketVersioningConfiguration": {"status": "Enabled", "isMfaDeleteEnabled": true}}));
    assert_eq!(codes(&mfa, &json!({})), NONE);
    assert_eq!(
        codes(&mfa, &json!({"acceptedProtections": "object-lock,deny-policy"})),
        unprotected
    );
    let deny = json!({"Effect": "Deny", "Principal": "*", "Resource": ["arn:aws:s3:::logs", "arn:aws:s3:::logs/*"],
        "Action": ["s3:DeleteObject*", "s3:PutBucketPolicy", "s3:PutLifecycleConfiguration"]});
    let mut denied = with_statements(&[deny]);
    denied["ObjectLockConfiguration"] = Value::Null;
    assert_eq!(found(&denied), NONE);
    let error = previewed(&mfa, &json!({"acceptedProtections": "worm"})).unwrap_err().to_string();
    assert!(error.contains("acceptedProtections"), "{error}");
}

#[test]
fn only_log_services_that_are_tied_to_a_source_write() {
    let put = |principal: Value, condition: Value| {
        let mut statement = json!({"Effect": "Allow", "Principal": principal, "Action": "s3:Put*",
                                   "Resource": "arn:aws:s3:::logs/*"});
        if !condition.is_null() {
            statement["Condition"] = condition;
        }
        with_statements(&[statement])
    };
    let service = |name: &str| json!({"Service": name});
    let by_account = json!({"StringEquals": {"aws:SourceAccount": "222233334444"}});
    let by_arn = json!({"ArnLike": {"aws:SourceArn": "arn:aws:logs:*:222233334444:*"}});
    let by_organization = json!({"StringEquals": {"aws:SourceOrgID": "o-bank"}});
    let acl_only = json!({"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}});
    let own = json!({"AWS": "arn:aws:iam::111122223333:role/firehose"});
    for (principal, condition) in [
        (service("delivery.logs.amazonaws.com"), by_account.clone()),
        (service("delivery.logs.amazonaws.com"), by_arn),
        (service("logs.ap-northeast-1.amazonaws.com"), by_account.clone()),
        (service("config.amazonaws.com"), by_organization),
        (own, Value::Null),
        // The account of load balancers in Tokyo.
        (json!({"AWS": "arn:aws:iam::582318560864:root"}), Value::Null),
    ] {
        assert_eq!(found(&put(principal.clone(), condition)), NONE, "{principal}");
    }
    for (principal, condition) in [
        (service("cloudtrail.amazonaws.com"), Value::Null),
        (service("delivery.logs.amazonaws.com"), acl_only),
        (service("logging.s3.amazonaws.com"), Value::Null),
        // It delivers no logs, tied or not.
        (service("s3.amazonaws.com"), by_account.clone()),
        (json!({"AWS": "222233334444"}), Value::Null),
        (json!({"AWS": "arn:aws:iam::222233334444:role/app"}), Value::Null),
        (json!("*"), json!({"StringEquals": {"aws:PrincipalOrgID": "o-bank"}})),
        (json!({"CanonicalUser": OWNER}), Value::Null),
    ] {
        let parts = put(principal.clone(), condition.clone());
        assert_eq!(found(&parts), ["WRITER_NOT_RESTRICTED"], "{principal} {condition}");
    }
    let partner = bucket(&put(json!({"AWS": "222233334444"}), Value::Null));
    for parameter in ["trustedAccountIds", "logArchiveAccountIds", "awsServiceAccountIds"] {
        assert_eq!(codes(&partner, &json!({parameter: "222233334444"})), NONE, "{parameter}");
    }
    let organization = put(json!("*"), json!({"StringEquals": {"aws:PrincipalOrgID": "o-bank"}}));
    assert_eq!(codes(&bucket(&organization), &json!({"orgId": "o-bank"})), NONE);
    let public = put(json!("*"), Value::Null);
    assert!(found(&public).contains(&"WRITER_NOT_RESTRICTED"));
    // Reading is no writing, and the principal of a role that is gone is nobody.
    let reader = json!({"Effect": "Allow", "Principal": {"AWS": "222233334444"},
                        "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/*"});
    assert_eq!(found(&with_statements(&[reader])), NONE);
    assert_eq!(found(&put(json!({"AWS": "AROAEXAMPLEID"}), Value::Null)), NONE);
}

#[test]
fn logs_do_not_expire_early() {
    let prefix =
        |prefix: &str| json!({"predicate": {"type": "LifecyclePrefixPredicate", "prefix": prefix}});
    let tag =
        json!({"predicate": {"type": "LifecycleTagPredicate", "tag": {"key": "a", "value": "b"}}});
    let short = ["RETENTION_TOO_SHORT"];
    for rule in [
        json!({"expirationInDays": 364}),
        json!({"expirationDate": "2030-01-01T00:00:00.000Z"}),
        json!({"noncurrentVersionExpirationInDays": 30}),
        json!({"noncurrentVersionExpiration": {"noncurrentDays": 30, "newerNoncurrentVersions": null}}),
        // Above, at and below what CloudTrail writes to.
        json!({"expirationInDays": 90, "filter": prefix("trail/")}),
        json!({"expirationInDays": 90, "filter": prefix("trail/AWSLogs/111122223333/")}),
        json!({"expirationInDays": 90, "filter": prefix("trail/AWSLogs/111122223333/CloudTrail/")}),
        json!({"expirationInDays": 90, "prefix": "trail/", "filter": null}),
        // Who knows which logs have the tag.
        json!({"expirationInDays": 90, "filter": tag}),
    ] {
        assert_eq!(found(&lifecycle(std::slice::from_ref(&rule))), short, "{rule}");
    }
    for rule in [
        json!({"expirationInDays": 365, "noncurrentVersionExpirationInDays": 365}),
        json!({"expirationInDays": 7, "status": "Disabled"}),
        json!({"expirationInDays": 7, "filter": prefix("query-results/")}),
        json!({"expiredObjectDeleteMarker": true}),
        json!({"abortIncompleteMultipartUpload": {"daysAfterInitiation": 7}}),
        json!({"expirationInDays": 3650}),
    ] {
        assert_eq!(found(&lifecycle(std::slice::from_ref(&rule))), NONE, "{rule}");
    }
    let long = bucket(&lifecycle(&[json!({"expirationInDays": 3650})]));
    assert_eq!(codes(&long, &json!({"maxRetentionDays": 2557})), short);
    assert_eq!(codes(&long, &json!({"minRetentionDays": 3651})).last(), Some(&short[0]));
    // The worst of several rules counts.
    let rules = [json!({"expirationInDays": 400}), json!({"expirationInDays": 30})];
    let verdict = decided(&bucket(&lifecycle(&rules)), &json!({}));
    let message = &verdict.reasons()[0].message.en;
    assert_eq!(message, "Logs expire after 30 days; at least 365 are required");
    // Where nothing tells where logs are, they are everywhere.
    let mut plain =
        lifecycle(&[json!({"expirationInDays": 7, "filter": prefix("query-results/")})]);
    plain["BucketPolicy"] = json!({"policyText": null});
    assert_eq!(codes(&bucket(&plain), &json!({"logBucketNames": "logs"})), short);
}

#[test]
fn tagged_buckets_have_a_rule_for_all_logs() {
    let log = json!({"fisc:data-role": "log"});
    let codes_with =
        |rules: &[Value], parameters: Value| codes(&tagged(&lifecycle(rules), &log), &parameters);
    let of = |rule: Value| codes_with(&[rule], json!({}));
    let missing = ["LIFECYCLE_MISSING"];
    let prefix =
        |prefix: &str| json!({"predicate": {"type": "LifecyclePrefixPredicate", "prefix": prefix}});
    let size = json!({"predicate": {"type": "LifecycleObjectSizeGreaterThanPredicate", "objectSizeGreaterThan": 1}});
    let move_to = |class: &str| json!([{"days": 90, "date": null, "storageClass": class}]);
    assert_eq!(codes(&tagged(&json!({}), &log), &json!({})), missing);
    assert_eq!(codes(&bucket(&json!({})), &json!({})), NONE, "only tagged ones need a rule");
    for rule in [
        json!({"status": "Disabled", "expirationInDays": 400}),
        json!({"abortIncompleteMultipartUpload": {"daysAfterInitiation": 7}}),
        json!({"expirationInDays": 400, "filter": size}),
        json!({"expirationInDays": 400, "filter": prefix("trail/AWSLogs/111122223333/CloudTrail/")}),
    ] {
        assert_eq!(of(rule.clone()), missing, "{rule}");
    }
    for rule in [
        json!({"expirationInDays": 400}),
        json!({"expirationInDays": 400, "filter": prefix("trail/")}),
        json!({"transitions": move_to("STANDARD_IA")}),
    ] {
        assert_eq!(of(rule.clone()), NONE, "{rule}");
    }
    let archive = json!({"requireArchiveTransition": true});
    let with_class = |class: &str| {
        codes(&bucket(&lifecycle(&[json!({"transitions": move_to(class)})])), &archive)
    };
    for class in ["GLACIER", "GLACIER_IR", "DEEP_ARCHIVE"] {
        assert_eq!(with_class(class), NONE, "{class}");
    }
    assert_eq!(with_class("STANDARD_IA"), missing);
    assert_eq!(codes(&bucket(&json!({})), &archive), missing, "of every log bucket");
}

#[test]
fn accesses_are_logged() {
    let off = json!({"destinationBucketName": null, "logFilePrefix": null});
    assert_eq!(found(&json!({"BucketLoggingConfiguration": off})), ["ACCESS_LOGGING_OFF"]);
    // The bucket that they are delivered to need not log itself.
    let target = json!({"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/access/*",
        "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}});
    let mut parts = with_statements(&[target]);
    parts["BucketLoggingConfiguration"] = off.clone();
    assert_eq!(found(&parts), NONE);
    let by_acl =
        json!({"BucketLoggingConfiguration": off, "AccessControlList": acl(&json!("LogDelivery"))});
    assert_eq!(found(&by_acl), NONE);
}

#[test]
fn logs_are_encrypted_with_kms() {
    let with = |algorithm: &str| {
        json!({"ServerSideEncryptionConfiguration": {"rules": [{"applyServerSideEncryptionByDefault":
            {"sseAlgorithm": algorithm, "kmsMasterKeyID": null}, "bucketKeyEnabled": false}]}})
    };
    assert_eq!(found(&with("aws:kms")), NONE);
    assert_eq!(found(&with("aws:kms:dsse")), NONE);
    let fails = ["NOT_KMS_ENCRYPTED"];
    assert_eq!(found(&with("AES256")), fails);
    assert_eq!(found(&json!({"ServerSideEncryptionConfiguration": null})), fails);
    let balancer = bucket(&with("AES256"));
    assert_eq!(codes(&balancer, &json!({"sseS3OnlyBuckets": "logs"})), NONE);
    assert_eq!(codes(&balancer, &json!({"sseS3OnlyBuckets": "other"})), fails);
}

#[test]
fn what_an_item_must_tell_is_an_error_when_missing() {
    for (part, message) in [
        ("AccessControlList", "supplementaryConfiguration.AccessControlList is missing"),
        ("BucketPolicy", "supplementaryConfiguration.BucketPolicy is missing"),
        (
            "BucketVersioningConfiguration",
            "supplementaryConfiguration.BucketVersioningConfiguration is missing",
        ),
        (
            "BucketLoggingConfiguration",
            "supplementaryConfiguration.BucketLoggingConfiguration is missing",
        ),
    ] {
        let parameters = json!({"logBucketNames": "logs"});
        let error = previewed(&bucket(&json!({part: null})), &parameters).unwrap_err().to_string();
        assert!(error.ends_with(message), "{part}: {error}");
    }
}
