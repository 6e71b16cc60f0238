use fisc_services::policies::Library;

use super::*;

const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

fn role(changes: &Value) -> Value {
    let mut item = json!({
        "configurationItemCaptureTime": "2026-11-01T00:00:00Z", "configurationItemStatus": "OK",
        "awsAccountId": ACCOUNT, "awsRegion": "global",
        "resourceType": "AWS::IAM::Role", "resourceId": "AROAEXAMPLE", "resourceName": "app",
        "configuration": {
            "path": "/", "roleName": "app", "roleId": "AROAEXAMPLE",
            "arn": "arn:aws:iam::111122223333:role/app",
            "rolePolicyList": [], "attachedManagedPolicies": [],
        },
    });
    for (name, value) in changes.as_object().unwrap() {
        item["configuration"][name] = value.clone();
    }
    item
}

fn user(changes: &Value) -> Value {
    let mut item = role(&json!({"userPolicyList": [], "groupList": []}));
    item["resourceType"] = json!("AWS::IAM::User");
    for (name, value) in changes.as_object().unwrap() {
        item["configuration"][name] = value.clone();
    }
    item
}

/// Inline policies as items have them: URL-encoded.
fn inline(statements: &Value) -> Value {
    let document = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let encoded: String = document.bytes().map(|byte| format!("%{byte:02X}")).collect();
    json!([{"policyName": "inline", "policyDocument": encoded}])
}

fn managed(arn: &str) -> Value {
    json!([{"policyName": "p", "policyArn": arn}])
}

fn allow(action: &str, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

fn found(statements: &Value) -> Vec<&'static str> {
    codes(&role(&json!({"rolePolicyList": inline(statements)})), &json!({}))
}

#[test]
fn who_may_stop_or_change_trails_is_an_administrator_of_logs() {
    let fails = ["TRAIL_ADMIN_UNRESTRICTED"];
    let own = "arn:aws:cloudtrail:ap-northeast-1:111122223333:trail/test";
    for statements in [
        json!([allow("*", "*")]),
        json!([allow("cloudtrail:Stop*", "*")]),
        json!([allow("CloudTrail:deletetrail", own)]),
        json!([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]),
        json!([{"Effect": "Allow", "Action": "cloudtrail:UpdateTrail", "Resource": "*",
                "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]),
        json!([allow("cloudtrail:*", "*"), {"Effect": "Deny", "Action": "cloudtrail:StopLogging",
                                            "Resource": "*"}]),
        // A Deny that need not apply.
        json!([allow("cloudtrail:StopLogging", "*"),
               {"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "*",
                "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}]),
    ] {
        assert_eq!(found(&statements), fails, "{statements}");
    }
    for statements in [
        json!([]),
        json!([allow("cloudtrail:Get*", "*"), allow("cloudtrail:LookupEvents", "*")]),
        json!([allow("config:*", "*")]),
        json!([allow("cloudtrail:StopLogging", "arn:aws:cloudtrail:*:999988887777:trail/*")]),
        json!([allow("*", "*"), {"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "*"}]),
    ] {
        assert_eq!(found(&statements), NONE, "{statements}");
    }
    let stop =
        user(&json!({"userPolicyList": inline(&json!([allow("cloudtrail:StopLogging", "*")]))}));
    assert_eq!(codes(&stop, &json!({})), fails);
    assert_eq!(codes(&stop, &json!({"protectedActions": "cloudtrail:DeleteTrail"})), NONE);
}

#[test]
fn administrators_of_logs_and_roles_of_aws_are_left_out() {
    let everything = json!({"rolePolicyList": inline(&json!([allow("*", "*")]))});
    let admins = json!({"allowedAdminArns": "arn:aws:iam::*:role/ap?"});
    assert_eq!(codes(&role(&everything), &admins), ["LOG_ADMINISTRATOR"]);
    let mut linked = everything.clone();
    linked["path"] = json!("/aws-service-role/cloudtrail.amazonaws.com/");
    let verdict = decided(&role(&linked), &json!({}));
    assert_eq!(verdict, Verdict::not_applicable(&SERVICE_LINKED_ROLE));
    let elsewhere = with_run(&json!({}), |run| {
        let run = Run { home: false, ..*run };
        preview(&item(&role(&everything)), &run).unwrap()
    });
    assert_eq!(elsewhere, Some(Verdict::not_applicable(&JUDGED_IN_HOME_REGION)));
}

#[test]
fn what_an_item_only_names_is_asked_for() {
    let boundary = json!({"permissionsBoundaryType": "Policy",
                          "permissionsBoundaryArn": "arn:aws:iam::111122223333:policy/bound"});
    for (item, drifts) in [
        (role(&json!({"attachedManagedPolicies": managed(ADMINISTRATOR)})), false),
        (
            role(
                &json!({"attachedManagedPolicies": managed("arn:aws:iam::111122223333:policy/p")}),
            ),
            true,
        ),
        (role(&json!({ "permissionsBoundary": boundary })), true),
        (user(&json!({"groupList": ["operators"]})), true),
    ] {
        assert_eq!(previewed(&item, &json!({})).unwrap(), None, "{item}");
        let principal = Principal::from_item(&self::item(&item)).unwrap();
        assert_eq!(principal.drifts(), drifts, "{item}");
    }
    // In a log archive account the log buckets are asked for too.
    let archive = json!({"logArchiveAccountIds": ACCOUNT});
    assert_eq!(previewed(&role(&json!({})), &archive).unwrap(), None);
}

#[test]
fn who_may_delete_logs_is_an_administrator_of_logs() {
    let on_log = |statements: Value| {
        let value = role(&json!({"rolePolicyList": inline(&statements)}));
        let principal = Principal::from_item(&item(&value)).unwrap();
        with_run(&json!({"protectedActions": []}), |run| {
            let library = Library::default();
            let buckets = ["logs".to_owned()];
            codes_of(
                &crate::log_archive_protection::principals::decide(
                    &principal, &library, &buckets, run,
                )
                .unwrap(),
            )
        })
    };
    let fails = ["LOG_ADMIN_UNRESTRICTED"];
    for statements in [
        json!([allow("*", "*")]),
        json!([allow("s3:DeleteObject", "arn:aws:s3:::logs/AWSLogs/*")]),
        json!([allow("s3:DeleteObjectVersion", "arn:aws:s3:::*")]),
        json!([allow("s3:PutBucketPolicy", "arn:aws:s3:::logs")]),
        json!([allow("s3:PutLifecycle*", "arn:aws:s3:::l*")]),
    ] {
        assert_eq!(on_log(statements.clone()), fails, "{statements}");
    }
    for statements in [
        json!([allow("s3:Get*", "*"), allow("s3:PutObject", "arn:aws:s3:::logs/*")]),
        json!([allow("s3:DeleteObject", "arn:aws:s3:::logs2/*")]),
        json!([allow("s3:PutBucketPolicy", "arn:aws:s3:::logs/*")]),
        json!([allow("s3:*", "*"), {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::logs*"}]),
    ] {
        assert_eq!(on_log(statements.clone()), NONE, "{statements}");
    }
}

#[test]
fn what_an_item_must_tell_is_an_error_when_missing() {
    for (changes, message) in [
        (json!({"path": null}), "configuration.path is missing"),
        (json!({"arn": null}), "configuration.arn is missing"),
        (json!({"rolePolicyList": null}), "configuration.rolePolicyList is missing"),
        (
            json!({"attachedManagedPolicies": null}),
            "configuration.attachedManagedPolicies is missing",
        ),
    ] {
        let error = previewed(&role(&changes), &json!({})).unwrap_err().to_string();
        assert!(error.ends_with(message), "{error}");
    }
    let error = previewed(&user(&json!({"groupList": null})), &json!({})).unwrap_err().to_string();
    assert!(error.ends_with("configuration.groupList is missing"), "{error}");
}
