//! End-to-end: `secret-rotation` in the real `secrets` binary.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_secrets::secret_rotation::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use jiff::Timestamp;
use serde_json::{Value, json};

const RULE: &str = "fisc-secret-rotation";
const SECRET: &str = "AWS::SecretsManager::Secret";
const INSTANCE: &str = "AWS::RDS::DBInstance";
const CLUSTER: &str = "AWS::RDS::DBCluster";
const NONE: &Value = &Value::Null;

fn start(aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", CONTROL.id), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_secrets"), aws, &env)
}

#[track_caller]
fn assert_held(aws: &FakeAws, id: &str, compliance: &str, start: &str) {
    let result = aws.config().result(RULE, id).expect("a result");
    let annotation = result.annotation.unwrap_or_default();
    assert_eq!(result.compliance, compliance, "{id}: {annotation}");
    assert!(annotation.starts_with(start), "{id}: {annotation}");
}

/// The second, as the API writes it, so many days from now.
fn day(from_now: i64) -> Value {
    json!(Timestamp::now().as_second() + 24 * 3600 * from_now)
}

fn arn(name: &str) -> String {
    format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-9172fE")
}

/// A secret as Secrets Manager describes it, rotated ten days ago; `members` replace those, null
/// takes one away.
fn secret(name: &str, members: &Value) -> Value {
    let mut secret = json!({
        "ARN": arn(name), "Name": name, "CreatedDate": day(-400), "RotationEnabled": true,
        "RotationRules": {"ScheduleExpression": "rate(30 days)"},
        "LastRotatedDate": day(-10), "NextRotationDate": day(20), "LastAccessedDate": day(-1),
    });
    for (name, value) in members.as_object().into_iter().flatten() {
        if value.is_null() {
            secret.as_object_mut().unwrap().remove(name);
        } else {
            secret[name] = value.clone();
        }
    }
    secret
}

/// One that was never set up for rotation.
fn unrotated(name: &str, members: &Value) -> Value {
    let mut all = json!({"RotationEnabled": null, "RotationRules": null, "LastRotatedDate": null,
                         "NextRotationDate": null});
    all.as_object_mut().unwrap().extend(members.as_object().cloned().unwrap_or_default());
    secret(name, &all)
}

fn by_hand() -> Value {
    json!({"Tags": [{"Key": "fisc:rotation-exempt", "Value": "key of the card network"}]})
}

/// A secret as Config records it.
fn item(name: &str) -> Value {
    let configuration = json!({
        "ARN": arn(name), "Name": name, "RotationEnabled": true,
        "RotationOccurringAsScheduled": true,
        "RotationRules": {"AutomaticallyAfterDays": 30},
    });
    let mut item = events::item(SECRET, &arn(name), configuration);
    item["ARN"] = json!(arn(name));
    item["resourceName"] = json!(name);
    item
}

fn describe(aws: &FakeAws, secret: Value) {
    let id = json!({"SecretId": secret["ARN"]});
    aws.stub("secretsmanager").when("DescribeSecret", id, secret);
}

fn instance(id: &str, members: &Value) -> Value {
    let mut instance = json!({
        "DbiResourceId": id, "DBInstanceIdentifier": id.to_lowercase(), "Engine": "mysql",
        "DBInstanceArn": format!("arn:aws:rds:{REGION}:{ACCOUNT}:db:{id}"),
        "IAMDatabaseAuthenticationEnabled": false,
    });
    instance.as_object_mut().unwrap().extend(members.as_object().cloned().unwrap());
    instance
}

fn cluster(id: &str, members: &Value) -> Value {
    let mut cluster = json!({
        "DbClusterResourceId": id, "DBClusterIdentifier": id, "Engine": "aurora-mysql",
        "EngineMode": "provisioned",
        "DBClusterArn": format!("arn:aws:rds:{REGION}:{ACCOUNT}:cluster:{id}"),
    });
    cluster.as_object_mut().unwrap().extend(members.as_object().cloned().unwrap());
    cluster
}

fn managed() -> Value {
    json!({"MasterUserSecret": {"SecretArn": arn("rds!db-1"), "SecretStatus": "active"}})
}

fn tagged(store: &str) -> Value {
    json!({"TagList": [{"Key": "fisc:db-credential-store", "Value": store}]})
}

/// A parameter for a database's tag.
fn parameters(aws: &FakeAws) {
    aws.stub("ssm").when(
        "DescribeParameters",
        json!({"ParameterFilters": [{"Key": "Name", "Option": "Equals", "Values": ["/core/db"]}]}),
        json!({"Parameters": [{"Name": "/core/db", "Type": "SecureString"}]}),
    );
}

/// What the account has.
fn account(aws: &FakeAws) {
    let old = json!({"CreatedDate": day(-100)});
    let mut old_by_hand = by_hand();
    old_by_hand["CreatedDate"] = day(-100);
    aws.stub("secretsmanager").page_size(2).returns(
        "ListSecrets",
        json!({"SecretList": [
            secret("good", &json!({})),
            unrotated("off", &old),
            secret("late", &json!({"NextRotationDate": day(-3)})),
            unrotated("by-hand", &old_by_hand),
            secret("replica", &json!({"PrimaryRegion": "us-east-1"})),
            secret("appflow!x", &json!({"OwningService": "appflow"})),
            secret("rds!db-1", &json!({"OwningService": "rds", "RotationEnabled": false})),
        ]}),
    );
    aws.stub("secretsmanager").when(
        "ListSecretVersionIds",
        json!({"SecretId": arn("by-hand")}),
        json!({"Versions": [
            {"VersionId": "v1", "VersionStages": ["AWSPREVIOUS"], "CreatedDate": day(-100)},
            {"VersionId": "v2", "VersionStages": ["AWSCURRENT"], "CreatedDate": day(-20)},
        ]}),
    );
    aws.stub("rds").page_size(2).returns(
        "DescribeDBInstances",
        json!({"DBInstances": [
            instance("db-MANAGED", &managed()),
            instance("db-BARE", &json!({})),
            instance("db-MEMBER", &json!({"DBClusterIdentifier": "cluster-CORE"})),
            instance("db-SECRET", &tagged("good")),
            instance("db-PARAMETER", &tagged("/core/db")),
        ]}),
    );
    aws.stub("rds").returns(
        "DescribeDBClusters",
        json!({"DBClusters": [
            cluster("cluster-CORE", &managed()),
            cluster("cluster-GLOBAL", &json!({"GlobalClusterIdentifier": "g"})),
            cluster("cluster-BARE", &json!({})),
        ]}),
    );
    parameters(aws);
}

#[test]
fn a_changed_secret_is_judged_by_what_secrets_manager_tells() {
    let aws = aws_for(&CONTROL);
    for (name, members) in [
        ("good", json!({})),
        ("late", json!({"NextRotationDate": day(-3)})),
        ("slow", json!({"LastRotatedDate": day(-100), "NextRotationDate": day(265)})),
        ("replica", json!({"PrimaryRegion": "us-east-1"})),
        ("appflow!x", json!({"OwningService": "appflow"})),
        ("deleted", json!({"DeletedDate": day(7)})),
    ] {
        describe(&aws, secret(name, &members));
    }
    describe(&aws, unrotated("off", &json!({"CreatedDate": day(-5)})));
    let mut young = by_hand();
    young["CreatedDate"] = day(-5);
    describe(&aws, unrotated("by-hand", &young));
    aws.stub("secretsmanager").fails_when(
        "DescribeSecret",
        json!({"SecretId": arn("gone")}),
        "ResourceNotFoundException",
        400,
    );
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    for (name, compliance, code) in [
        ("good", "COMPLIANT", ""),
        ("off", "NON_COMPLIANT", "ROTATION_DISABLED"),
        ("by-hand", "COMPLIANT", "ROTATION_EXEMPT"),
        ("late", "NON_COMPLIANT", "ROTATION_FAILED"),
        ("slow", "NON_COMPLIANT", "SECRET_TOO_OLD"),
        ("replica", "NOT_APPLICABLE", "REPLICA_SECRET"),
        ("appflow!x", "NOT_APPLICABLE", "OWNED_BY_SERVICE"),
        ("deleted", "NOT_APPLICABLE", "SECRET_BEING_DELETED"),
        ("gone", "NOT_APPLICABLE", "RESOURCE_DELETED"),
    ] {
        lambda.invoke(events::change(&rule, &item(name), NONE)).unwrap();
        assert_held(&aws, &arn(name), compliance, code);
    }
    let strict = json!({"maxDaysSinceRotation": 5});
    lambda.invoke(events::change(&rule, &item("good"), &strict)).unwrap();
    assert_held(&aws, &arn("good"), "NON_COMPLIANT", "SECRET_TOO_OLD");
    assert_eq!(aws.count("ListSecretVersionIds"), 0, "no age is in doubt");

    // The item is enough where the secret is on its way out.
    aws.take_calls();
    let mut ending = item("ending");
    ending["configuration"]["Deleted"] = json!(true);
    lambda.invoke(events::change(&rule, &ending, NONE)).unwrap();
    assert_held(&aws, &arn("ending"), "NOT_APPLICABLE", "SECRET_BEING_DELETED");
    let called: Vec<String> = actions_of(&aws.calls()).into_iter().collect();
    assert_eq!(called, ["config:PutEvaluations"]);
}

#[test]
fn a_changed_database_is_asked_about_alone() {
    let aws = aws_for(&CONTROL);
    let found = |filter: &str, id: &str| json!({"Filters": [{"Name": filter, "Values": [id]}]});
    let rds = aws.stub("rds");
    rds.empty("DescribeDBInstances");
    for one in [
        instance("db-MANAGED", &managed()),
        instance("db-BARE", &json!({})),
        instance("db-PARAMETER", &tagged("/core/db")),
    ] {
        let filter = found("dbi-resource-id", one["DbiResourceId"].as_str().unwrap());
        rds.when("DescribeDBInstances", filter, json!({"DBInstances": [one]}));
    }
    rds.when(
        "DescribeDBClusters",
        found("db-cluster-resource-id", "cluster-CORE"),
        json!({"DBClusters": [cluster("cluster-CORE", &tagged("core"))]}),
    );
    aws.stub("secretsmanager").empty("ListSecrets");
    parameters(&aws);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    for (kind, id, compliance, code) in [
        (INSTANCE, "db-MANAGED", "COMPLIANT", ""),
        (INSTANCE, "db-BARE", "NON_COMPLIANT", "MASTER_CREDENTIAL_NOT_MANAGED"),
        (INSTANCE, "db-GONE", "NOT_APPLICABLE", "RESOURCE_DELETED"),
    ] {
        let item = events::item(kind, id, json!({"dbiResourceId": id, "engine": "mysql"}));
        lambda.invoke(events::change(&rule, &item, NONE)).unwrap();
        assert_held(&aws, id, compliance, code);
    }
    // Stores are looked up only where a tag names one.
    assert_eq!((aws.count("ListSecrets"), aws.count("DescribeParameters")), (0, 0));
    let tagged_item = events::item(INSTANCE, "db-PARAMETER", json!({"engine": "mysql"}));
    lambda.invoke(events::change(&rule, &tagged_item, NONE)).unwrap();
    assert_held(&aws, "db-PARAMETER", "COMPLIANT", "EVIDENCE_FOUND");
    assert_eq!((aws.count("ListSecrets"), aws.count("DescribeParameters")), (1, 1));

    let core = events::item(CLUSTER, "cluster-CORE", json!({"engine": "aurora-mysql"}));
    aws.stub("secretsmanager")
        .returns("ListSecrets", json!({"SecretList": [secret("core", &json!({}))]}));
    lambda.invoke(events::change(&rule, &core, NONE)).unwrap();
    assert_held(&aws, "cluster-CORE", "COMPLIANT", "EVIDENCE_FOUND");
    assert_eq!(aws.count("DescribeParameters"), 1, "the tag names a secret");

    let member = json!({"dBClusterIdentifier": "cluster-CORE", "engine": "aurora-mysql"});
    let asked = aws.count("DescribeDBInstances");
    let member = events::item(INSTANCE, "db-MEMBER", member);
    lambda.invoke(events::change(&rule, &member, NONE)).unwrap();
    assert_held(&aws, "db-MEMBER", "NOT_APPLICABLE", "CLUSTER_MEMBER");
    assert_eq!(aws.count("DescribeDBInstances"), asked);
}

#[test]
fn a_sweep_judges_all_secrets_and_databases() {
    let aws = aws_for(&CONTROL);
    account(&aws);
    describe(&aws, unrotated("gone", &json!({})));
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    lambda.invoke(events::change(&rule, &item("gone"), NONE)).unwrap();
    aws.take_calls();
    lambda.invoke(events::scheduled(&rule, NONE)).unwrap();
    for (name, compliance, code) in [
        ("good", "COMPLIANT", ""),
        ("off", "NON_COMPLIANT", "ROTATION_DISABLED"),
        ("late", "NON_COMPLIANT", "ROTATION_FAILED"),
        ("by-hand", "COMPLIANT", "ROTATION_EXEMPT"),
        ("replica", "NOT_APPLICABLE", "REPLICA_SECRET"),
        ("appflow!x", "NOT_APPLICABLE", "OWNED_BY_SERVICE"),
        ("rds!db-1", "NON_COMPLIANT", "ROTATION_DISABLED"),
        ("gone", "NOT_APPLICABLE", "RESOURCE_GONE"),
    ] {
        assert_held(&aws, &arn(name), compliance, code);
    }
    for (id, compliance, code) in [
        ("db-MANAGED", "COMPLIANT", ""),
        ("db-BARE", "NON_COMPLIANT", "MASTER_CREDENTIAL_NOT_MANAGED"),
        ("db-MEMBER", "NOT_APPLICABLE", "CLUSTER_MEMBER"),
        ("db-SECRET", "COMPLIANT", "EVIDENCE_FOUND"),
        ("db-PARAMETER", "COMPLIANT", "EVIDENCE_FOUND"),
        ("cluster-CORE", "COMPLIANT", ""),
        ("cluster-GLOBAL", "NOT_APPLICABLE", "CANNOT_BE_MANAGED"),
        ("cluster-BARE", "NON_COMPLIANT", "MASTER_CREDENTIAL_NOT_MANAGED"),
    ] {
        assert_held(&aws, id, compliance, code);
    }
    // A listing tells of all its secrets; only one age was in doubt.
    for (operation, count) in [
        ("ListSecrets", 4),
        ("DescribeSecret", 0),
        ("ListSecretVersionIds", 1),
        ("DescribeDBInstances", 3),
        ("DescribeDBClusters", 2),
        ("DescribeParameters", 1),
    ] {
        assert_eq!(aws.count(operation), count, "{operation}");
    }
    let unused = json!({"unusedForDays": 30});
    lambda.invoke(events::scheduled(&rule, &unused)).unwrap();
    assert_held(&aws, &arn("good"), "COMPLIANT", "");
}

#[test]
fn an_empty_account_says_so() {
    let aws = aws_for(&CONTROL);
    aws.stub("secretsmanager").empty("ListSecrets");
    aws.stub("rds").empty("DescribeDBInstances").empty("DescribeDBClusters");
    let rule = aws.config().rule(RULE);
    start(&aws).invoke(events::scheduled(&rule, NONE)).unwrap();
    assert_held(&aws, ACCOUNT, "NOT_APPLICABLE", "NOTHING_IN_SCOPE");
}

#[test]
fn one_denied_call_fails_the_whole_run() {
    for (service, operation, pages) in [
        ("secretsmanager", "ListSecrets", 2),
        ("secretsmanager", "ListSecretVersionIds", 1),
        ("rds", "DescribeDBInstances", 2),
        ("rds", "DescribeDBClusters", 2),
        ("ssm", "DescribeParameters", 1),
    ] {
        let aws = aws_for(&CONTROL);
        account(&aws);
        let rule = aws.config().rule(RULE);
        aws.fault(service, operation, Fault::Denied.after(pages - 1));
        let error = start(&aws).invoke(events::scheduled(&rule, NONE)).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        let action = format!("{service}:{operation} failed");
        assert!(error.message.contains(&action), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
    let aws = aws_for(&CONTROL);
    describe(&aws, secret("good", &json!({})));
    let rule = aws.config().rule(RULE);
    aws.fault("secretsmanager", "DescribeSecret", Fault::Denied);
    let error = start(&aws).invoke(events::change(&rule, &item("good"), NONE)).unwrap_err();
    assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
    assert_eq!(aws.count("PutEvaluations"), 0);
}

#[test]
fn the_role_holds_exactly_what_is_called() {
    let aws = aws_for(&CONTROL);
    account(&aws);
    describe(&aws, secret("good", &json!({})));
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    lambda.invoke(events::scheduled(&rule, NONE)).unwrap();
    let large = item("good");
    aws.config().record(&large);
    lambda.invoke(events::oversized(&rule, &large, NONE)).unwrap();
    assert_all_needed(&CONTROL, &actions_of(&aws.calls()));
}
