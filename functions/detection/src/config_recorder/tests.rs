use std::collections::BTreeMap;

use aws_sdk_config::types::{
    AccountAggregationSource, ConfigExportDeliveryInfo, ConfigRule, ConfigRuleState,
    ConfigSnapshotDeliveryProperties, ConfigurationAggregator, ConfigurationRecorder,
    DeliveryChannel, DeliveryChannelStatus, DeliveryStatus, ExclusionByResourceTypes,
    MaximumExecutionFrequency, OrganizationAggregationSource, RecordingFrequency, RecordingGroup,
    RecordingMode, RecordingModeOverride, RecordingStrategy, RecordingStrategyType,
    ResourceType as SdkType, Source,
};
use aws_smithy_types::DateTime;
use fisc_shared::{Parameters, Run};
use serde_json::{Value, json};

use super::delivery::Delivery;
use super::deployed::{Aggregator, Rule, pack_is_there};
use super::judge::{Aggregators, Facts, Recorder, State, Told, decide};
use super::recording::{Daily, Recorded};
use super::*;

const OWN: &str = "111122223333";
const NOW: i64 = 1_793_491_200;
const HOUR: i64 = 3600;

struct At {
    region: &'static str,
    home: bool,
}

const HOME: At = At { region: "ap-northeast-1", home: true };
const OTHER: At = At { region: "ap-northeast-3", home: false };

fn judged_at(at: &At, facts: &Facts, parameters: &Value) -> (&'static str, Vec<&'static str>) {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    let verdict = decide(
        facts,
        &Run {
            parameters: &parameters,
            now: jiff::Timestamp::from_second(NOW).unwrap(),
            account_id: OWN,
            region: at.region,
            deadline: None,
            home: at.home,
            offline: false,
        },
    );
    (verdict.compliance().as_str(), verdict.reasons().iter().map(|one| one.code).collect())
}

#[track_caller]
fn assert_judged(facts: &Facts, parameters: Value, expected: &[&str]) {
    let compliance = if expected.is_empty() { "COMPLIANT" } else { "NON_COMPLIANT" };
    assert_eq!(judged_at(&HOME, facts, &parameters), (compliance, expected.to_vec()));
}

fn group(strategy: &str, types: &[&str], excluded: &[&str], global: bool) -> RecordingGroup {
    let of = |names: &[&str]| names.iter().map(|name| SdkType::from(*name)).collect::<Vec<_>>();
    let excluded =
        ExclusionByResourceTypes::builder().set_resource_types(Some(of(excluded))).build();
    let strategy = match strategy {
        "" => None,
        strategy => Some(
            RecordingStrategy::builder().use_only(RecordingStrategyType::from(strategy)).build(),
        ),
    };
    RecordingGroup::builder()
        .all_supported(strategy.as_ref().is_some_and(|strategy| {
            strategy.use_only() == Some(&RecordingStrategyType::AllSupportedResourceTypes)
        }))
        .include_global_resource_types(global)
        .set_resource_types(Some(of(types)))
        .exclusion_by_resource_types(excluded)
        .set_recording_strategy(strategy)
        .build()
}

/// A recorder with this group, as the API tells it.
fn sdk_recorder(group: RecordingGroup) -> ConfigurationRecorder {
    ConfigurationRecorder::builder().name("default").recording_group(group).build()
}

fn recorder(group: RecordingGroup) -> Recorder {
    let sdk = sdk_recorder(group);
    Recorder {
        recorded: Recorded::of(&sdk).unwrap(),
        daily: Daily::of(&sdk),
        role: format!(
            "arn:aws:iam::{OWN}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
        ),
        started: jiff::Timestamp::from_second(NOW - 400 * HOUR).ok(),
    }
}

const ALL: &str = "ALL_SUPPORTED_RESOURCE_TYPES";
const EXCEPT: &str = "EXCLUSION_BY_RESOURCE_TYPES";
const ONLY: &str = "INCLUSION_BY_RESOURCE_TYPES";

fn all() -> RecordingGroup {
    group(ALL, &[], &[], true)
}

fn channel(frequency: &str) -> DeliveryChannel {
    let properties = ConfigSnapshotDeliveryProperties::builder()
        .delivery_frequency(MaximumExecutionFrequency::from(frequency))
        .build();
    DeliveryChannel::builder()
        .name("default")
        .s3_bucket_name("config-history")
        .config_snapshot_delivery_properties(properties)
        .build()
}

fn export(status: &str, hours_ago: Option<i64>) -> ConfigExportDeliveryInfo {
    ConfigExportDeliveryInfo::builder()
        .last_status(DeliveryStatus::from(status))
        .set_last_successful_time(hours_ago.map(|hours| DateTime::from_secs(NOW - hours * HOUR)))
        .build()
}

fn status(
    history: ConfigExportDeliveryInfo,
    snapshot: ConfigExportDeliveryInfo,
) -> DeliveryChannelStatus {
    DeliveryChannelStatus::builder()
        .name("default")
        .config_history_delivery_info(history)
        .config_snapshot_delivery_info(snapshot)
        .build()
}

fn delivery(history: (&str, Option<i64>), snapshot: (&str, Option<i64>)) -> Delivery {
    let status = status(export(history.0, history.1), export(snapshot.0, snapshot.1));
    Delivery::of(&channel("TwentyFour_Hours"), Some(&status))
}

fn rule(name: &str, source: &str, state: &str) -> Rule {
    let source = Source::builder()
        .owner(aws_sdk_config::types::Owner::Aws)
        .source_identifier(source)
        .build()
        .unwrap();
    let rule = ConfigRule::builder()
        .config_rule_name(name)
        .source(source)
        .config_rule_state(ConfigRuleState::from(state))
        .build();
    Rule::of(rule).unwrap()
}

/// A Region in which all is well.
fn well() -> Facts {
    Facts {
        state: State::Recording,
        recorder: Some(recorder(all())),
        delivery: delivery(("SUCCESS", Some(5)), ("SUCCESS", Some(20))),
        told: Told::Somebody,
        rules: vec![rule("root-mfa", "ROOT_ACCOUNT_MFA_ENABLED", "ACTIVE")],
        packs: BTreeMap::new(),
        remediations: BTreeMap::new(),
        gaps: Vec::new(),
        aggregators: None,
    }
}

fn with_recorder(recorder: Recorder) -> Facts {
    Facts { recorder: Some(recorder), ..well() }
}

fn with_group(group: RecordingGroup) -> Facts {
    with_recorder(recorder(group))
}

#[test]
fn a_region_in_which_all_is_well_passes() {
    assert_judged(&well(), json!({}), &[]);
    assert_eq!(judged_at(&OTHER, &well(), &json!({})), ("COMPLIANT", vec![]));
}

#[test]
fn a_missing_stopped_or_failing_recorder_fails() {
    let off = Facts { state: State::Missing, recorder: None, told: Told::Nobody, ..well() };
    assert_judged(&off, json!({}), &["RECORDER_MISSING_OR_STOPPED"]);
    for state in [State::Stopped, State::Failed] {
        assert_judged(&Facts { state, ..well() }, json!({}), &["RECORDER_MISSING_OR_STOPPED"]);
    }
    // Only an excluded Region may have none; a recorder that is there is judged there too.
    let excluded = json!({"excludedRegions": ["ap-northeast-1"]});
    let (compliance, codes) = judged_at(&HOME, &off, &excluded);
    assert_eq!((compliance, codes), ("NOT_APPLICABLE", vec!["RECORDER_OFF"]));
    assert_judged(
        &off,
        json!({"excludedRegions": ["eu-west-1"]}),
        &["RECORDER_MISSING_OR_STOPPED"],
    );
    let narrow = with_group(group(EXCEPT, &[], &["AWS::S3::Bucket"], false));
    assert_judged(&narrow, excluded, &["TYPES_NOT_RECORDED"]);
}

#[test]
fn other_regions_are_named() {
    let facts = Facts { gaps: vec!["eu-west-1".into(), "us-east-1".into()], ..well() };
    assert_judged(&facts, json!({}), &["RECORDER_REGION_GAP"]);
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, &json!({})).unwrap();
    let run = Run {
        parameters: &parameters,
        now: jiff::Timestamp::from_second(NOW).unwrap(),
        account_id: OWN,
        region: HOME.region,
        deadline: None,
        home: true,
        offline: false,
    };
    let verdict = decide(&facts, &run);
    assert!(verdict.reasons()[0].message.en.ends_with(": eu-west-1, us-east-1"));
    assert!(verdict.reasons()[0].message.ja.ends_with(": eu-west-1、us-east-1"));
}

#[test]
fn what_is_left_out_fails_unless_it_may_be() {
    let exclusion = with_group(group(EXCEPT, &[], &["AWS::S3::Bucket", "AWS::SQS::Queue"], false));
    assert_judged(&exclusion, json!({}), &["TYPES_NOT_RECORDED"]);
    assert_judged(
        &exclusion,
        json!({"allowedExclusions": ["AWS::S3::Bucket"]}),
        &["TYPES_NOT_RECORDED"],
    );
    let allowed = json!({"allowedExclusions": ["AWS::S3::Bucket", "AWS::SQS::*"]});
    assert_judged(&exclusion, allowed, &[]);
    // A list leaves out all that it does not name.
    let network = parameters::NETWORK_TYPES.spec.kind.default_text();
    let mut listed: Vec<&str> = network.split(',').collect();
    listed.extend(recording::GLOBAL_TYPES);
    let inclusion = with_group(group(ONLY, &listed, &[], false));
    let (_, codes) = judged_at(&HOME, &inclusion, &json!({}));
    assert_eq!(codes[0], "TYPES_NOT_RECORDED");
    let all_of_aws = json!({"allowedExclusions": ["AWS::*"], "networkTypes": []});
    assert_judged(&inclusion, all_of_aws, &[]);
    // An exclusion of nothing is everything, IAM included, whatever the flag says.
    assert_judged(&with_group(group(EXCEPT, &[], &[], false)), json!({}), &[]);
    // Recorders of before there were strategies.
    let old =
        RecordingGroup::builder().all_supported(true).include_global_resource_types(true).build();
    assert_judged(&with_group(old), json!({}), &[]);
    let old = group("", &["AWS::EC2::Instance"], &[], false);
    assert_eq!(
        judged_at(&OTHER, &with_group(old), &json!({"networkTypes": []})),
        ("NON_COMPLIANT", vec!["TYPES_NOT_RECORDED"])
    );
}

#[test]
fn an_unknown_strategy_is_an_error() {
    assert!(Recorded::of(&sdk_recorder(group("SOMETHING_NEW", &[], &[], true))).is_err());
    let bare = ConfigurationRecorder::builder().name("default").build();
    assert!(Recorded::of(&bare).is_err());
}

#[test]
fn network_types_must_be_recorded_where_they_can_be() {
    let allowed = json!({"allowedExclusions": ["AWS::EC2::FlowLog"]});
    let without = with_group(group(EXCEPT, &[], &["AWS::EC2::FlowLog"], false));
    assert_judged(&without, allowed.clone(), &["NETWORK_TYPES_NOT_RECORDED"]);
    // Hosted zones and distributions are in us-east-1 only.
    let zones = group(EXCEPT, &[], &["AWS::Route53::HostedZone"], false);
    let allowed = json!({"allowedExclusions": ["AWS::Route53::HostedZone"]});
    let virginia = At { region: "us-east-1", home: false };
    let facts = with_group(zones);
    assert_eq!(judged_at(&OTHER, &facts, &allowed), ("COMPLIANT", vec![]));
    assert_eq!(
        judged_at(&virginia, &facts, &allowed),
        ("NON_COMPLIANT", vec!["NETWORK_TYPES_NOT_RECORDED"])
    );
}

#[test]
fn global_types_belong_to_the_home_region() {
    let without = with_group(group(ALL, &[], &[], false));
    assert_judged(&without, json!({}), &["GLOBAL_TYPES_NOT_RECORDED"]);
    assert_eq!(judged_at(&OTHER, &without, &json!({})), ("COMPLIANT", vec![]));
    // Left out by an exclusion: said once, as what it is.
    let excluded = with_group(group(EXCEPT, &[], &["AWS::IAM::Role"], true));
    assert_judged(&excluded, json!({}), &["GLOBAL_TYPES_NOT_RECORDED"]);
    assert_eq!(judged_at(&OTHER, &excluded, &json!({})), ("COMPLIANT", vec![]));
}

fn with_mode(frequency: &str, overrides: &[(&str, &str)]) -> Facts {
    let overrides = overrides
        .iter()
        .map(|(kind, frequency)| {
            RecordingModeOverride::builder()
                .resource_types(SdkType::from(*kind))
                .recording_frequency(RecordingFrequency::from(*frequency))
                .build()
                .unwrap()
        })
        .collect();
    let mode = RecordingMode::builder()
        .recording_frequency(RecordingFrequency::from(frequency))
        .set_recording_mode_overrides(Some(overrides))
        .build()
        .unwrap();
    let sdk = ConfigurationRecorder::builder().recording_mode(mode).build();
    with_recorder(Recorder { daily: Daily::of(&sdk), ..recorder(all()) })
}

#[test]
fn daily_recording_fails_unless_it_may_be() {
    const KEY: &str = "AWS::KMS::Key";
    const BUCKET: &str = "AWS::S3::Bucket";
    const FAILS: &[&str] = &["NOT_CONTINUOUS"];
    assert_judged(&with_mode("CONTINUOUS", &[]), json!({}), &[]);
    assert_judged(&with_mode("DAILY", &[]), json!({}), FAILS);
    // One continuous type does not make the others so.
    assert_judged(&with_mode("DAILY", &[(KEY, "CONTINUOUS")]), json!({}), FAILS);
    let daily = with_mode("CONTINUOUS", &[(KEY, "DAILY"), (BUCKET, "CONTINUOUS")]);
    assert_judged(&daily, json!({}), FAILS);
    assert_judged(&daily, json!({"allowedDailyTypes": [KEY]}), &[]);
    assert_judged(&daily, json!({"continuousTypes": [BUCKET]}), &[]);
    assert_judged(&daily, json!({"continuousTypes": [BUCKET, KEY]}), FAILS);
    let rest = with_mode("DAILY", &[(KEY, "CONTINUOUS")]);
    assert_judged(&rest, json!({"continuousTypes": [KEY]}), &[]);
    assert_judged(&rest, json!({"continuousTypes": [BUCKET]}), FAILS);
}

#[test]
fn the_role_may_have_to_be_service_linked() {
    let required = json!({"requireServiceLinkedRole": true});
    assert_judged(&well(), required.clone(), &[]);
    let role = format!("arn:aws:iam::{OWN}:role/config-recorder");
    let own = with_recorder(Recorder { role, ..recorder(all()) });
    assert_judged(&own, json!({}), &[]);
    assert_judged(&own, required, &["RECORDER_ROLE_NOT_SERVICE_LINKED"]);
}

#[test]
fn deliveries_must_work() {
    const FAILS: &[&str] = &["DELIVERY_UNHEALTHY"];
    for (history, snapshot, expected) in [
        (("SUCCESS", Some(5)), ("SUCCESS", Some(20)), &[][..]),
        // Both writings of a status.
        (("Success", Some(5)), ("Success", Some(20)), &[]),
        (("FAILURE", Some(5)), ("SUCCESS", Some(20)), FAILS),
        (("Failure", Some(5)), ("SUCCESS", Some(20)), FAILS),
        (("SUCCESS", Some(5)), ("Failure", Some(20)), FAILS),
        // In a quiet Region no history is written for days, but snapshots are.
        (("NOT_APPLICABLE", None), ("SUCCESS", Some(20)), &[]),
        (("SUCCESS", Some(90)), ("SUCCESS", Some(20)), &[]),
        (("SUCCESS", Some(90)), ("SUCCESS", Some(31)), FAILS),
        (("NOT_APPLICABLE", None), ("NOT_APPLICABLE", None), FAILS),
    ] {
        let facts = Facts { delivery: delivery(history, snapshot), ..well() };
        assert_judged(&facts, json!({}), expected);
    }
    let facts =
        Facts { delivery: delivery(("SUCCESS", Some(90)), ("SUCCESS", Some(80))), ..well() };
    assert_judged(&facts, json!({"maxDeliveryAgeHours": 85}), &[]);
    // A recorder that has only just begun.
    let mut young = Facts {
        delivery: delivery(("NOT_APPLICABLE", None), ("NOT_APPLICABLE", None)),
        ..with_recorder(Recorder {
            started: jiff::Timestamp::from_second(NOW - 3 * HOUR).ok(),
            ..recorder(all())
        })
    };
    assert_judged(&young, json!({}), &[]);
    young.delivery = delivery(("FAILURE", None), ("NOT_APPLICABLE", None));
    assert_judged(&young, json!({}), FAILS);
    // No channel: nothing is delivered, and no snapshot is scheduled.
    let none = Facts { delivery: Delivery::default(), ..well() };
    assert_judged(&none, json!({}), &["DELIVERY_UNHEALTHY", "SNAPSHOT_NOT_SCHEDULED"]);
}

#[test]
fn snapshots_must_come_often_enough() {
    let status = status(export("SUCCESS", Some(1)), export("SUCCESS", Some(1)));
    let of = |channel: &DeliveryChannel| Facts {
        delivery: Delivery::of(channel, Some(&status)),
        ..well()
    };
    let six = json!({"maxSnapshotFrequency": "Six_Hours"});
    assert_judged(&of(&channel("TwentyFour_Hours")), json!({}), &[]);
    assert_judged(&of(&channel("TwentyFour_Hours")), six.clone(), &["SNAPSHOT_NOT_SCHEDULED"]);
    assert_judged(&of(&channel("Six_Hours")), six.clone(), &[]);
    assert_judged(&of(&channel("One_Hour")), six, &[]);
    let unscheduled = DeliveryChannel::builder().name("default").s3_bucket_name("b").build();
    assert_judged(&of(&unscheduled), json!({}), &["SNAPSHOT_NOT_SCHEDULED"]);
}

#[test]
fn somebody_must_be_told() {
    let facts = |told| Facts { told, ..well() };
    assert_judged(&facts(Told::Nobody), json!({}), &["CHANGE_NOTIFICATION_MISSING"]);
    let elsewhere = judged_at(&HOME, &facts(Told::ElsewhereBySns), &json!({}));
    assert_eq!(elsewhere, ("COMPLIANT", vec!["NOTIFICATION_NOT_VISIBLE"]));
}

#[test]
fn required_rules_and_packs_must_be_there() {
    const FAILS: &[&str] = &["REQUIRED_RULES_MISSING"];
    let facts = Facts {
        rules: vec![
            rule("root-mfa", "ROOT_ACCOUNT_MFA_ENABLED", "ACTIVE"),
            rule("OrgConfigRule-s3-tls-abcd1234", "S3_BUCKET_SSL_REQUESTS_ONLY", "ACTIVE"),
            rule("fisc-kms-conformance-pack-x1y2z3", "CMK_BACKING_KEY_ROTATION_ENABLED", "ACTIVE"),
            rule("old", "RESTRICTED_INCOMING_TRAFFIC", "DELETING"),
        ],
        packs: BTreeMap::from([
            ("baseline".to_owned(), "CREATE_COMPLETE".to_owned()),
            ("OrgConformsPack-central-ab12cd34".to_owned(), "CREATE_COMPLETE".to_owned()),
            ("broken".to_owned(), "CREATE_FAILED".to_owned()),
        ]),
        ..well()
    };
    for (name, there) in [
        ("root-mfa", true),
        ("ROOT_ACCOUNT_MFA_ENABLED", true),
        ("root-account-mfa-enabled", true),
        ("s3-tls", true),
        ("S3_BUCKET_SSL_REQUESTS_ONLY", true),
        ("fisc-kms", true),
        ("root", false),
        ("old", false),
        ("RESTRICTED_INCOMING_TRAFFIC", false),
        ("s3", false),
    ] {
        let expected = if there { &[][..] } else { FAILS };
        assert_judged(&facts, json!({"requiredRules": [name]}), expected);
    }
    for (name, there) in [("baseline", true), ("central", true), ("broken", false), ("none", false)]
    {
        let expected = if there { &[][..] } else { FAILS };
        assert_judged(&facts, json!({"requiredConformancePacks": [name]}), expected);
        assert_eq!(pack_is_there(&facts.packs, name), there);
    }
    // Without a list, some rule must be active.
    let rules = vec![rule("old", "X", "DELETING")];
    assert_judged(&Facts { rules, ..well() }, json!({}), FAILS);
    assert_judged(&Facts { rules: Vec::new(), ..well() }, json!({}), FAILS);
}

#[test]
fn remediations_must_be_there_and_automatic() {
    const FAILS: &[&str] = &["REMEDIATION_MISSING"];
    let asked = json!({"rulesRequiringRemediation": ["ROOT_ACCOUNT_MFA_ENABLED"]});
    let manual = json!({
        "rulesRequiringRemediation": ["ROOT_ACCOUNT_MFA_ENABLED"],
        "requireAutomaticRemediation": false,
    });
    let with = |remediations: &[(&str, bool)]| Facts {
        remediations: remediations.iter().map(|(name, is)| ((*name).to_owned(), *is)).collect(),
        ..well()
    };
    assert_judged(&with(&[]), asked.clone(), FAILS);
    assert_judged(&with(&[("root-mfa", true)]), asked.clone(), &[]);
    assert_judged(&with(&[("root-mfa", false)]), asked, FAILS);
    assert_judged(&with(&[("root-mfa", false)]), manual.clone(), &[]);
    assert_judged(&with(&[("another", true)]), manual, FAILS);
    // A rule that is not there has no remediation.
    assert_judged(&well(), json!({"rulesRequiringRemediation": ["missing"]}), FAILS);
}

#[test]
fn the_aggregators_account_needs_one_that_covers_all() {
    let organization = |all| {
        let source = OrganizationAggregationSource::builder()
            .role_arn("arn:aws:iam::111122223333:role/aggregator")
            .all_aws_regions(all)
            .build()
            .unwrap();
        ConfigurationAggregator::builder()
            .configuration_aggregator_name("org")
            .organization_aggregation_source(source)
            .build()
    };
    let accounts = |ids: &[&str], all| {
        let source = AccountAggregationSource::builder()
            .set_account_ids(Some(ids.iter().map(|id| (*id).to_owned()).collect()))
            .all_aws_regions(all)
            .build()
            .unwrap();
        ConfigurationAggregator::builder()
            .configuration_aggregator_name("accounts")
            .account_aggregation_sources(source)
            .build()
    };
    let facts = |aggregators: &[ConfigurationAggregator], failed: &[&str]| Facts {
        aggregators: Some(Aggregators {
            all: aggregators.iter().filter_map(Aggregator::of).collect(),
            failed: failed.iter().map(|one| (*one).to_owned()).collect(),
        }),
        ..well()
    };
    const FAILS: &[&str] = &["AGGREGATOR_MISSING"];
    let two = json!({"aggregatedAccountIds": ["000000000001", "000000000002"]});
    for (aggregators, parameters, expected) in [
        (vec![], json!({}), FAILS),
        (vec![organization(true)], json!({}), &[][..]),
        (vec![organization(false)], json!({}), FAILS),
        // Accounts alone are not the organization, unless it is said which there are.
        (vec![accounts(&["000000000001", "000000000002"], true)], json!({}), FAILS),
        (vec![accounts(&["000000000001", "000000000002"], true)], two.clone(), &[]),
        (vec![accounts(&["000000000001", "000000000002"], false)], two.clone(), FAILS),
        (vec![accounts(&["000000000001"], true)], two.clone(), FAILS),
        (vec![organization(true)], two, &[]),
    ] {
        assert_judged(&facts(&aggregators, &[]), parameters, expected);
    }
    let outdated = facts(&[organization(true)], &["000000000001 eu-west-1"]);
    assert_judged(&outdated, json!({}), &["AGGREGATOR_SOURCE_FAILED"]);
}
