//! The made-up account in which calls are counted.

use std::collections::BTreeMap;

use fisc_testkit::aws::{ACCOUNT, CredentialUser, FakeAws, Key, REGION, Trail};
use fisc_testkit::aws::{PolicyDetail, RoleDetail, UserDetail};
use jiff::Timestamp;
use serde_json::{Value, json};

const SAMPLE: &str = include_str!("../../../events/config-snapshot.json");

/// An account with `n` of everything: what the emulator knows by hand is set, the rest follows
/// from the models.
pub(super) fn made_up(n: usize) -> Result<FakeAws, serde_json::Error> {
    let aws = FakeAws::start();
    aws.has_everything(n);
    fixed(&aws, n);
    recorded(&aws, n)?;
    aws.organizations().join(ACCOUNT);
    let day = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(24 * 20_000);
    let names = |kind: &'static str| (0..n).map(move |number| format!("{kind}-{number}"));
    for name in names("key") {
        aws.kms().add_key(Key::symmetric(&name).rotating(365));
    }
    for name in names("bucket") {
        aws.s3().bucket(&name, REGION);
    }
    for name in names("trail") {
        let mut trail = Trail::new(&name);
        trail.bucket = "bucket-0".to_owned();
        aws.cloudtrail().add_trail(trail);
    }
    let id = |kind: &str, number: usize| format!("{kind}{number:017}");
    let iam = aws.iam();
    iam.set_summary(&[("AccountMFAEnabled", 1), ("AccountAccessKeysPresent", 0), ("Users", 1)]);
    iam.set_password_policy(Some(&[("MinimumPasswordLength", "14")]));
    let mut report = vec![CredentialUser::root()];
    report.extend(names("user").map(|name| CredentialUser::user(&name)));
    iam.set_report(&report);
    let users: Vec<UserDetail> = names("user")
        .enumerate()
        .map(|(number, name)| UserDetail::new(&name, &id("AIDA", number)).created(day))
        .collect();
    iam.set_users(&users);
    let roles: Vec<RoleDetail> = names("role")
        .enumerate()
        .map(|(number, name)| RoleDetail::new(&name, &id("AROA", number)).created(day))
        .collect();
    iam.set_roles(&roles);
    let policies: Vec<PolicyDetail> = names("policy")
        .enumerate()
        .map(|(number, name)| PolicyDetail::new(&name, &id("ANPA", number)).created(day))
        .collect();
    iam.set_policies(&policies);
    Ok(aws)
}

/// Answers that controls read closely, so that made-up values do not do.
fn fixed(aws: &FakeAws, n: usize) {
    let accounts: Vec<Value> = (0..n)
        .map(|one| json!({"Id": format!("{:012}", 444_455_550_000_u64 + one as u64), "State": "ACTIVE"}))
        .collect();
    let units: Vec<Value> = (0..n).map(|one| json!({"Id": format!("ou-{one}")})).collect();
    aws.stub("organizations")
        .empty("ListOrganizationalUnitsForParent")
        .empty("ListAccountsForParent")
        .when("ListAccountsForParent", json!({"ParentId": "r-root"}), json!({"Accounts": accounts}))
        .returns("ListRoots", json!({"Roots": [{"Id": "r-root", "Name": "Root"}]}))
        .returns("ListParents", json!({"Parents": [{"Id": "r-root", "Type": "ROOT"}]}))
        .when(
            "ListOrganizationalUnitsForParent",
            json!({"ParentId": "r-root"}),
            json!({"OrganizationalUnits": units}),
        );
    let parameters = [
        ("rds.force_ssl", "1"),
        ("require_secure_transport", "ON"),
        ("ssl", "1"),
        ("time_zone", "Asia/Tokyo"),
        ("timezone", "Asia/Tokyo"),
    ]
    .map(|(name, value)| json!({"ParameterName": name, "ParameterValue": value}));
    aws.stub("rds")
        .returns("DescribeDBParameters", json!({"Parameters": parameters}))
        .returns("DescribeDBClusterParameters", json!({"Parameters": parameters}));
    let engines = [("ACTIVEMQ", "5.18"), ("RABBITMQ", "3.13")]
        .map(|(name, version)| json!({"EngineType": name, "EngineVersions": [{"Name": version}]}));
    aws.stub("mq").returns("DescribeBrokerEngineTypes", json!({"BrokerEngineTypes": engines}));
    let role = format!("arn:aws:iam::{ACCOUNT}:role/role-0");
    aws.stub("cognito-identity")
        .returns("GetIdentityPoolRoles", json!({"Roles": {"authenticated": role}}));
}

/// Items as Config records them: of every type of the sample, `n`.
fn recorded(aws: &FakeAws, n: usize) -> Result<(), serde_json::Error> {
    let sample: Value = serde_json::from_str(SAMPLE)?;
    let items = sample.get("configurationItems").and_then(Value::as_array);
    let mut by_type: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for item in items.into_iter().flatten() {
        let text = |name: &str| item.get(name).and_then(Value::as_str);
        if text("awsAccountId") == Some(ACCOUNT) && text("configurationItemStatus") == Some("OK") {
            by_type
                .entry(text("resourceType").unwrap_or_default().to_owned())
                .or_default()
                .push(item);
        }
    }
    for items in by_type.values() {
        for (number, item) in items.iter().cycle().take(n).enumerate() {
            let id = item.get("resourceId").cloned().unwrap_or_default();
            let round = number / items.len();
            let other = format!("{}{round:02}\"", id.to_string().trim_end_matches('"'));
            let text = match round {
                0 => item.to_string(),
                _ => item.to_string().replace(&id.to_string(), &other),
            };
            aws.config().record(&serde_json::from_str(&text)?);
        }
    }
    Ok(())
}
