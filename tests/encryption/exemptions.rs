//! End-to-end: exemptions by tag in the real binary; and the daily look at those that ended, were
//! taken back or granted since, with a clock of its own.

use std::sync::Arc;

use crate::support::{aws_for, granted};
use aws_sdk_kms::config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider};
use aws_types::SdkConfig;
use fisc_encryption::{kms_key_policy, kms_key_rotation};
use fisc_shared::config_service::ConfigService;
use fisc_shared::event::ConfigEvent;
use fisc_shared::exemption::{Exemptions, Reviewed};
use fisc_shared::reporter::Report;
use fisc_shared::runner::{self, Connected, Surroundings};
use fisc_shared::{Control, Error, Language};
use fisc_testkit::aws::{ACCESS_KEY, ACCOUNT, FakeAws, Fault, Key, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

const TYPE: &str = "AWS::KMS::Key";
const NOW: &str = "2026-11-23T00:00:00Z";

/// A key that kms-key-policy finds open to a stranger.
fn open_key(id: &str, tag: Option<&str>) -> Value {
    let mut item = events::item(
        TYPE,
        id,
        json!({"keyId": id, "keyManager": "CUSTOMER", "keyState": "Enabled", "origin": "AWS_KMS"}),
    );
    let allow = |principal: &str, action: &str| json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": "*"});
    let policy = json!({"Version": "2012-10-17", "Statement": [
        allow(&format!("arn:aws:iam::{ACCOUNT}:root"), "kms:*"),
        allow("arn:aws:iam::999900001111:root", "kms:Decrypt"),
    ]});
    item["supplementaryConfiguration"] = json!({"Policy": policy.to_string()});
    if let Some(value) = tag {
        item["tags"] = json!({"fisc:exempt:kms-key-policy": value});
    }
    item
}

fn closed_key(id: &str) -> Value {
    let mut item = open_key(id, None);
    let root = json!({"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")},
        "Action": "kms:*", "Resource": "*"});
    let policy = json!({"Version": "2012-10-17", "Statement": [root]});
    item["supplementaryConfiguration"] = json!({"Policy": policy.to_string()});
    item
}

#[track_caller]
fn assert_held(aws: &FakeAws, control: &Control, id: &str, compliance: &str, said: &str) {
    let rule = format!("fisc-{}", control.id);
    let result = aws.config().result(&rule, id).expect("a result");
    let annotation = result.annotation.unwrap_or_default();
    assert_eq!(result.compliance, compliance, "{id}: {annotation}");
    assert!(annotation.contains(said), "{id}: {annotation}");
}

#[test]
fn a_tag_counts_where_the_deployment_allows_it() {
    let control = &kms_key_policy::CONTROL;
    let aws = aws_for(control);
    let rule = aws.config().rule("fisc-kms-key-policy");
    let start = |tags: &str| {
        let env = [("FISC_CONTROL", control.id), ("FISC_EXEMPTION_TAGS", tags)];
        Lambda::start(env!("CARGO_BIN_EXE_encryption"), &aws, &env)
    };
    let good = "until=2999-12-31 reason=RISK-7 by=ciso@bank.example";
    let item = open_key("k", Some(good));

    let mut lambda = start("true");
    let mut judge = |item: &Value| {
        lambda.invoke(events::change(&rule, item, &Value::Null)).unwrap();
    };
    judge(&item);
    assert_held(
        &aws,
        control,
        "k",
        "NOT_APPLICABLE",
        "EXEMPT: 適用除外 期限 2999-12-31、承認者 ciso@bank.example",
    );
    judge(&open_key("over", Some("until=2020-12-31 reason=RISK-7 by=ciso@bank.example")));
    assert_held(&aws, control, "over", "NON_COMPLIANT", "EXEMPTION_EXPIRED");
    judge(&open_key("bad", Some("RISK-7")));
    assert_held(&aws, control, "bad", "NON_COMPLIANT", "EXEMPTION_MALFORMED");
    judge(&open_key("plain", None));
    assert_held(&aws, control, "plain", "NON_COMPLIANT", "");

    start("false").invoke(events::change(&rule, &item, &Value::Null)).unwrap();
    assert_held(&aws, control, "k", "NON_COMPLIANT", "");
}

#[test]
fn a_sweep_asks_for_the_tags_of_what_fails_once() {
    let control = &kms_key_rotation::CONTROL;
    let aws = FakeAws::start();
    let mut allowed: Vec<&str> = granted(control).into_iter().collect();
    let rule = aws.config().rule("fisc-kms-key-rotation");
    aws.kms().add_key(Key::symmetric("good").rotating(365));
    for id in ["exempt", "failing"] {
        aws.kms().add_key(Key::symmetric(id));
        let mut item = events::item(TYPE, id, json!({"keyId": id}));
        if id == "exempt" {
            let value = "until=2999-12-31 reason=RISK-7 by=ciso@bank.example";
            item["tags"] = json!({"fisc:exempt:kms-key-rotation": value});
        }
        aws.config().record(&item);
    }
    let env =
        [("FISC_CONTROL", control.id), ("FISC_EXEMPTION_TAGS", "true"), ("AWS_MAX_ATTEMPTS", "2")];
    let mut lambda = Lambda::start(env!("CARGO_BIN_EXE_encryption"), &aws, &env);

    // Without the right to ask, nothing is reported rather than a failure that is exempt.
    aws.allow_only(&allowed);
    let error = lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap_err();
    assert!(error.message.contains("config:SelectResourceConfig"), "{error:?}");
    assert!(aws.config().results("fisc-kms-key-rotation").is_empty());

    allowed.push("config:SelectResourceConfig");
    aws.allow_only(&allowed);
    aws.take_calls();
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert_eq!(aws.count("SelectResourceConfig"), 1);
    assert_held(&aws, control, "exempt", "NOT_APPLICABLE", "EXEMPT: ");
    assert_held(&aws, control, "failing", "NON_COMPLIANT", "ROTATION_DISABLED");
    assert_held(&aws, control, "good", "COMPLIANT", "");
}

fn sdk(aws: &FakeAws) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            ACCESS_KEY, "secret", None, None, "test",
        )))
        .http_client(fisc_shared::aws::http_client())
        .endpoint_url(aws.prefixed_endpoint())
        .build()
}

/// Runs kms-key-policy in this process, where the clock and the file can be set.
async fn run(
    aws: &FakeAws,
    event: Value,
    exemptions: Exemptions,
    now: &str,
) -> Result<Report, Error> {
    let sdk = sdk(aws);
    let surroundings = Surroundings {
        region: REGION.to_owned(),
        home: true,
        language: Language::En,
        deadline: None,
        now: now.parse().unwrap(),
        exemptions: Arc::new(exemptions),
    };
    let event = ConfigEvent::from_value(event).unwrap();
    let connected = Connected::new(&kms_key_policy::CONTROL, &sdk);
    runner::run(&connected, &event, &ConfigService::new(&sdk), &surroundings).await
}

fn by_tag() -> Exemptions {
    Exemptions { tags: true, ..Exemptions::default() }
}

fn by_file(entries: Value) -> Exemptions {
    let text = json!({"exemptions": entries}).to_string();
    Exemptions { reviewed: Reviewed::parse(&text).unwrap(), tags: false }
}

fn entry(resource: &str, until: &str) -> Value {
    json!({"control": "kms-key-policy", "account": ACCOUNT, "region": REGION, "resourceType": TYPE,
        "resource": resource, "until": until, "reason": "RISK-7", "by": "ciso@bank.example"})
}

fn puts(aws: &FakeAws) -> usize {
    let calls = aws.calls_of("PutEvaluations");
    calls.iter().map(|call| call.body["Evaluations"].as_array().map_or(0, Vec::len)).sum()
}

#[tokio::test]
async fn the_schedule_finds_exemptions_that_ended_and_leaves_the_others_alone() {
    let control = &kms_key_policy::CONTROL;
    let aws = aws_for(control);
    let rule = aws.config().rule("fisc-kms-key-policy");
    for (id, until) in [("short", "2027-03-31"), ("long", "2028-03-31"), ("mended", "2027-03-31")] {
        let value = format!("until={until};reason=RISK-7;by=ciso@bank.example");
        let item = open_key(id, Some(&value));
        aws.config().record(&item);
        run(&aws, events::change(&rule, &item, &Value::Null), by_tag(), NOW).await.unwrap();
        assert_held(&aws, control, id, "NOT_APPLICABLE", &format!("exempt until {until}"));
    }
    let plain = open_key("plain", None);
    aws.config().record(&plain);
    run(&aws, events::change(&rule, &plain, &Value::Null), by_tag(), NOW).await.unwrap();

    // Nothing changed: nothing is reported, and nothing costs.
    aws.take_calls();
    let event = || events::scheduled(&rule, &Value::Null);
    let report = run(&aws, event(), by_tag(), NOW).await.unwrap();
    assert_eq!((report, puts(&aws)), (Report::default(), 0));
    // Only what is exempt was looked at.
    assert_eq!(aws.count("GetResourceConfigHistory"), 3);

    // The day after; one resource was mended and Config did not tell yet.
    aws.config().record(&closed_key("mended"));
    let later = "2027-03-31T15:00:00Z";
    let report = run(&aws, event(), by_tag(), later).await.unwrap();
    assert_eq!((report.non_compliant, report.compliant, puts(&aws)), (1, 1, 2));
    assert_held(&aws, control, "short", "NON_COMPLIANT", "ended on 2027-03-31");
    assert_held(&aws, control, "mended", "COMPLIANT", "");
    assert_held(&aws, control, "long", "NOT_APPLICABLE", "exempt until 2028-03-31");
    let report = run(&aws, event(), by_tag(), later).await.unwrap();
    assert_eq!(report, Report::default(), "the second time it is known");

    // Tags are no longer allowed.
    run(&aws, event(), Exemptions::default(), later).await.unwrap();
    assert_held(&aws, control, "long", "NON_COMPLIANT", "");
}

#[tokio::test]
async fn the_schedule_finds_what_the_file_grants_and_takes_back() {
    let control = &kms_key_policy::CONTROL;
    let aws = aws_for(control);
    let rule = aws.config().rule("fisc-kms-key-policy");
    for id in ["key-a", "key-b"] {
        let item = open_key(id, None);
        aws.config().record(&item);
        let event = events::change(&rule, &item, &Value::Null);
        run(&aws, event, Exemptions::default(), NOW).await.unwrap();
    }
    let event = || events::scheduled(&rule, &Value::Null);
    // A new release grants one, and has an entry that is over.
    let granted = || by_file(json!([entry("key-a", "2027-03-31"), entry("key-b", "2020-01-01")]));
    run(&aws, event(), granted(), NOW).await.unwrap();
    assert_held(&aws, control, "key-a", "NOT_APPLICABLE", "exempt until 2027-03-31");
    assert_held(&aws, control, "key-b", "NON_COMPLIANT", "");
    // The next one prolongs it.
    let longer = by_file(json!([entry("key-*", "2027-06-30")]));
    run(&aws, event(), longer, NOW).await.unwrap();
    assert_held(&aws, control, "key-a", "NOT_APPLICABLE", "exempt until 2027-06-30");
    assert_held(&aws, control, "key-b", "NOT_APPLICABLE", "exempt until 2027-06-30");
    // And one takes it back; a resource that Config no longer knows is cleared.
    aws.fault(
        "config",
        "GetResourceConfigHistory",
        Fault::error(400, "ResourceNotDiscoveredException", "unknown").times(1),
    );
    run(&aws, event(), Exemptions::default(), NOW).await.unwrap();
    let held: Vec<String> =
        aws.config().results("fisc-kms-key-policy").into_iter().map(|one| one.compliance).collect();
    assert!(held.contains(&"NON_COMPLIANT".to_owned()), "{held:?}");
    assert!(held.contains(&"NOT_APPLICABLE".to_owned()), "{held:?}");
}

#[tokio::test]
async fn what_cannot_be_looked_at_fails_the_run() {
    let control = &kms_key_policy::CONTROL;
    let aws = aws_for(control);
    let rule = aws.config().rule("fisc-kms-key-policy");
    let item = open_key("k", Some("until=2027-03-31;reason=R;by=B"));
    aws.config().record(&item);
    run(&aws, events::change(&rule, &item, &Value::Null), by_tag(), NOW).await.unwrap();
    for action in ["config:GetComplianceDetailsByConfigRule", "config:GetResourceConfigHistory"] {
        let allowed: Vec<&str> =
            granted(control).into_iter().filter(|known| *known != action).collect();
        aws.allow_only(&allowed);
        let event = events::scheduled(&rule, &Value::Null);
        let error = run(&aws, event, by_tag(), "2027-04-02T00:00:00Z").await.unwrap_err();
        assert!(error.to_string().contains(action), "{error}");
    }
    assert_held(&aws, control, "k", "NOT_APPLICABLE", "EXEMPT");
}
