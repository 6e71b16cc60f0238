use std::collections::BTreeSet;

use aws_sdk_cloudtrail::types::{
    AdvancedEventSelector, AdvancedFieldSelector, EventSelector, ReadWriteType,
};
use aws_sdk_s3::types::{
    ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleAndOperator,
    LifecycleRuleFilter, Tag,
};
use fisc_shared::config_service::to_sdk;
use fisc_shared::error::{Failure, ServiceError};
use fisc_shared::verdict::Compliance;
use fisc_shared::{Error, Message, Parameters, Run, Verdict};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::account::{Facts, Seen};
use super::retention::{self, Kept};
use super::trail::{self, Details, Key};
use super::{CONTROL, account};
use crate::lake::EventDataStore;
use crate::recorders::{Recorder, Selection};
use crate::selectors::Selectors;
use crate::trails::{Status, Trail};

const OWN: &str = "111122223333";
const MANAGEMENT: &str = "999988887777";
const REGION: &str = "ap-northeast-1";
const KMS: &str = "kms.amazonaws.com";

fn now() -> Timestamp {
    "2026-11-01T00:00:00Z".parse().unwrap()
}

fn hours_ago(hours: i64) -> Option<Timestamp> {
    Some(now() - SignedDuration::from_hours(hours))
}

fn with_run<T>(parameters: &Value, act: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    act(&Run {
        parameters: &parameters,
        now: now(),
        account_id: OWN,
        region: REGION,
        home: true,
        deadline: None,
        offline: false,
    })
}

/// Basic selectors.
fn basic(read_write: ReadWriteType, management: bool, excluded: &[&str]) -> EventSelector {
    EventSelector::builder()
        .read_write_type(read_write)
        .include_management_events(management)
        .set_exclude_management_event_sources(Some(
            excluded.iter().map(|&source| source.to_owned()).collect(),
        ))
        .build()
}

fn selectors(basic: &[EventSelector]) -> Selectors {
    Selectors::of_trail("", basic, &[]).unwrap()
}

/// Advanced selectors, each of a category and more fields with the values that they equal.
fn advanced(all: &[&[(&str, &str)]]) -> Selectors {
    let field = |(name, value): &(&str, &str)| {
        AdvancedFieldSelector::builder().field(*name).equals(*value).build().unwrap()
    };
    let selector = |fields: &&[(&str, &str)]| {
        let fields = fields.iter().map(field).collect();
        AdvancedEventSelector::builder().set_field_selectors(Some(fields)).build().unwrap()
    };
    Selectors::advanced("", &all.iter().map(selector).collect::<Vec<_>>()).unwrap()
}

const MANAGEMENT_EVENTS: &[(&str, &str)] = &[("eventCategory", "Management")];
const S3_EVENTS: &[(&str, &str)] =
    &[("eventCategory", "Data"), ("resources.type", "AWS::S3::Object")];

/// A multi-Region trail of the account that records everything that is demanded and is well.
fn good() -> Seen {
    Seen {
        trail: Trail {
            arn: format!("arn:aws:cloudtrail:{REGION}:{OWN}:trail/hbg-audit").parse().unwrap(),
            bucket: "hbg-audit-logs".to_owned(),
            prefix: None,
            is_multi_region: true,
            is_organization: false,
            includes_global: true,
            validation_enabled: true,
            kms_key: Some(format!("arn:aws:kms:{REGION}:{OWN}:key/k")),
            log_group: Some(format!("arn:aws:logs:{REGION}:{OWN}:log-group:trail:*")),
        },
        status: Status {
            is_logging: true,
            started: hours_ago(1000),
            delivered: hours_ago(1),
            logs_delivered: hours_ago(1),
            ..Status::default()
        },
        recorder: Some(recorder(advanced(&[MANAGEMENT_EVENTS, S3_EVENTS]))),
    }
}

fn recorder(selectors: Selectors) -> Recorder {
    Recorder { region: None, selection: Selection::Known(selectors) }
}

fn recording(selectors: Selectors) -> Seen {
    Seen { recorder: Some(recorder(selectors)), ..good() }
}

/// The same trail of the organization, owned by its management account.
fn of_organization(mut seen: Seen) -> Seen {
    let arn = format!("arn:aws:cloudtrail:{REGION}:{MANAGEMENT}:trail/hbg-organization");
    seen.trail.arn = arn.parse().unwrap();
    seen.trail.is_organization = true;
    seen
}

fn stopped(mut seen: Seen) -> Seen {
    seen.status.is_logging = false;
    seen.recorder = None;
    seen
}

fn store(selectors: Selectors) -> EventDataStore {
    EventDataStore {
        name: "lake".to_owned(),
        region: REGION.to_owned(),
        is_enabled: true,
        is_multi_region: true,
        retention_days: 2557,
        selectors,
    }
}

fn facts(trails: Vec<Seen>) -> Facts {
    Facts { trails, stores: Vec::new(), in_organization: false, kept: Kept::LongEnough }
}

fn judged(facts: &Facts, parameters: &Value) -> Result<Verdict, Error> {
    with_run(parameters, |run| account::judge(facts, run))
}

fn reasons(verdict: &Verdict) -> (Compliance, Vec<&'static str>) {
    (verdict.compliance(), verdict.reasons().iter().map(|reason| reason.code).collect())
}

fn codes(facts: &Facts, parameters: &Value) -> Vec<&'static str> {
    reasons(&judged(facts, parameters).unwrap()).1
}

const NONE: [&str; 0] = [];

#[test]
fn the_declaration_is_bilingual() {
    let texts = CONTROL.requirements.iter().flat_map(|one| [one.title, one.rule]);
    for text in texts.chain(CONTROL.remarks.iter().map(|remark| remark.text)) {
        assert!(text.en.is_ascii() && !text.ja.is_ascii(), "{}", text.en);
    }
    let codes: BTreeSet<&str> = CONTROL.requirements.iter().map(|one| one.code).collect();
    assert_eq!(codes.len(), 14);
}

#[test]
fn a_complete_trail_passes_and_no_trail_fails() {
    assert_eq!(
        reasons(&judged(&facts(vec![good()]), &json!({})).unwrap()),
        (Compliance::Compliant, NONE.to_vec())
    );
    let nothing = Facts { kept: Kept::NotLongEnough(Message::default()), ..facts(Vec::new()) };
    let all = [
        "NO_MULTI_REGION_TRAIL",
        "DATA_EVENTS_MISSING",
        "LOG_QUERY_MISSING",
        "LONG_TERM_RETENTION_MISSING",
    ];
    assert_eq!(codes(&nothing, &json!({})), all);
    let verdict = judged(&nothing, &json!({})).unwrap();
    assert_eq!(verdict.reasons()[0].message.en, "There is no trail at all");
}

#[test]
fn only_a_logging_trail_of_all_regions_counts() {
    let mut one_region = good();
    one_region.trail.is_multi_region = false;
    one_region.recorder.as_mut().unwrap().region = Some(REGION.to_owned());
    let mut not_global = good();
    not_global.trail.includes_global = false;
    for (seen, told) in [
        (stopped(good()), "hbg-audit (stopped)"),
        (one_region, "hbg-audit (one Region)"),
        (not_global, "hbg-audit (without global services)"),
    ] {
        let facts = facts(vec![seen]);
        assert_eq!(
            codes(&facts, &json!({})),
            ["NO_MULTI_REGION_TRAIL", "DATA_EVENTS_MISSING", "LOG_QUERY_MISSING"]
        );
        let message = judged(&facts, &json!({})).unwrap().reasons()[0].message.en.clone();
        assert!(message.contains(told), "{message}");
    }
    // Beside a good one it does no harm.
    assert_eq!(codes(&facts(vec![stopped(good()), good()]), &json!({})), NONE);
    // The trail of the organization satisfies its members.
    assert_eq!(codes(&facts(vec![of_organization(good())]), &json!({})), NONE);
}

#[test]
fn management_events_must_be_complete() {
    let no_data = json!({"requiredDataTypes": ""});
    let of = |selectors: Selectors, parameters: &Value| {
        codes(&facts(vec![recording(selectors)]), parameters)
    };
    let incomplete = ["MANAGEMENT_EVENTS_INCOMPLETE"];
    assert_eq!(of(selectors(&[basic(ReadWriteType::All, true, &[])]), &no_data), NONE);
    let writes = selectors(&[basic(ReadWriteType::WriteOnly, true, &[])]);
    let reads = selectors(&[basic(ReadWriteType::ReadOnly, true, &[])]);
    assert_eq!(of(writes.clone(), &no_data), incomplete);
    assert_eq!(of(reads.clone(), &no_data), incomplete);
    let writing = json!({"requiredDataTypes": "", "requireReadEvents": false});
    assert_eq!(of(writes.clone(), &writing), NONE);
    assert_eq!(of(reads.clone(), &writing), incomplete);
    assert_eq!(of(selectors(&[basic(ReadWriteType::All, false, &[])]), &no_data), incomplete);
    // Two trails complete each other.
    let both = facts(vec![recording(writes), recording(reads)]);
    assert_eq!(codes(&both, &no_data), NONE);
    // Advanced selectors: absent readOnly means both.
    assert_eq!(of(advanced(&[MANAGEMENT_EVENTS]), &no_data), NONE);
    let reading = [("eventCategory", "Management"), ("readOnly", "true")];
    assert_eq!(of(advanced(&[&reading]), &no_data), incomplete);
    assert_eq!(of(advanced(&[S3_EVENTS]), &no_data), incomplete);
    let message = judged(&facts(vec![recording(advanced(&[&reading]))]), &no_data).unwrap();
    assert!(message.reasons()[0].message.en.contains("(write)"));
}

#[test]
fn sources_may_be_excluded_where_allowed_and_kms_is_told_apart() {
    let of = |excluded: &[&str], parameters: &str| {
        let seen = recording(selectors(&[basic(ReadWriteType::All, true, excluded)]));
        let parameters = match parameters {
            "" => json!({"requiredDataTypes": ""}),
            allowed => json!({"requiredDataTypes": "", "allowedExcludedEventSources": allowed}),
        };
        codes(&facts(vec![seen]), &parameters)
    };
    assert_eq!(of(&["rdsdata.amazonaws.com"], ""), NONE);
    assert_eq!(of(&["rdsdata.amazonaws.com"], KMS), ["MANAGEMENT_EVENTS_INCOMPLETE"]);
    assert_eq!(of(&[KMS], ""), ["KMS_EVENTS_EXCLUDED"]);
    assert_eq!(of(&[KMS, "rdsdata.amazonaws.com"], ""), ["KMS_EVENTS_EXCLUDED"]);
    assert_eq!(of(&[KMS], KMS), NONE);
    // A trail that records writes only is incomplete, and says nothing of KMS.
    let writes = recording(selectors(&[basic(ReadWriteType::WriteOnly, true, &[])]));
    let no_data = json!({"requiredDataTypes": ""});
    assert_eq!(codes(&facts(vec![writes]), &no_data), ["MANAGEMENT_EVENTS_INCOMPLETE"]);
    // An event data store may hold what the trail leaves out.
    let without = recording(selectors(&[basic(ReadWriteType::All, true, &[KMS])]));
    let mut facts = facts(vec![without]);
    facts.stores = vec![store(advanced(&[MANAGEMENT_EVENTS]))];
    assert_eq!(codes(&facts, &no_data), NONE);
    facts.stores[0].is_enabled = false;
    assert_eq!(codes(&facts, &no_data), ["KMS_EVENTS_EXCLUDED"]);
    facts.stores[0] =
        EventDataStore { is_multi_region: false, ..store(advanced(&[MANAGEMENT_EVENTS])) };
    assert_eq!(codes(&facts, &no_data), ["KMS_EVENTS_EXCLUDED"]);
}

#[test]
fn an_organization_wants_its_trail() {
    let in_organization = |trails: Vec<Seen>| Facts { in_organization: true, ..facts(trails) };
    let own = in_organization(vec![good()]);
    assert_eq!(codes(&own, &json!({})), ["ORGANIZATION_TRAIL_MISSING"]);
    let covered = in_organization(vec![of_organization(good())]);
    assert_eq!(codes(&covered, &json!({})), NONE);
    let halted = in_organization(vec![good(), stopped(of_organization(good()))]);
    assert_eq!(codes(&halted, &json!({})), ["ORGANIZATION_TRAIL_MISSING"]);
    let arn = of_organization(good()).trail.arn.as_str().to_owned();
    assert_eq!(codes(&covered, &json!({"requiredTrailArn": arn})), NONE);
    let other = json!({"requiredTrailArn": good().trail.arn.as_str()});
    assert_eq!(codes(&covered, &other), ["ORGANIZATION_TRAIL_MISSING"]);
}

fn unread(selection: Selection) -> Seen {
    let mut seen = of_organization(good());
    seen.recorder = Some(Recorder { region: None, selection });
    seen
}

#[test]
fn members_trust_what_they_cannot_see_but_not_a_denial() {
    let trusted = facts(vec![unread(Selection::Trusted)]);
    let verdict = judged(&trusted, &json!({})).unwrap();
    assert_eq!(reasons(&verdict), (Compliance::Compliant, vec!["SELECTORS_TRUSTED"]));
    let denied = || {
        unread(Selection::Denied(ServiceError {
            action: "cloudtrail:GetEventSelectors",
            failure: Failure::Denied,
            code: Some("AccessDeniedException".to_owned()),
            message: "no".to_owned(),
        }))
    };
    let error = judged(&facts(vec![denied()]), &json!({})).unwrap_err();
    assert_eq!(error.kind(), "AccessDenied");
    // Where the account's own trail records everything, the other need not be known.
    assert_eq!(codes(&facts(vec![denied(), good()]), &json!({})), NONE);
    let writes = recording(selectors(&[basic(ReadWriteType::WriteOnly, true, &[])]));
    assert!(judged(&facts(vec![denied(), writes]), &json!({})).is_err());
}

#[test]
fn data_events_are_demanded_by_type_for_all_resources() {
    let of = |data: &[(&str, &str)], parameters: &Value| {
        codes(&facts(vec![recording(advanced(&[MANAGEMENT_EVENTS, data]))]), parameters)
    };
    let missing = ["DATA_EVENTS_MISSING"];
    assert_eq!(of(S3_EVENTS, &json!({})), NONE);
    let writes = [S3_EVENTS, &[("readOnly", "false")]].concat();
    assert_eq!(of(&writes, &json!({})), missing);
    let one = [S3_EVENTS, &[("resources.ARN", "arn:aws:s3:::b/k")]].concat();
    assert_eq!(of(&one, &json!({})), missing);
    let functions = [("eventCategory", "Data"), ("resources.type", "AWS::Lambda::Function")];
    assert_eq!(of(&functions, &json!({})), missing);
    let both = json!({"requiredDataTypes": "AWS::S3::Object,AWS::Lambda::Function"});
    assert_eq!(of(S3_EVENTS, &both), missing);
    let verdict = judged(&facts(vec![good()]), &both).unwrap();
    let message = &verdict.reasons()[0].message.en;
    assert!(message.ends_with(": AWS::Lambda::Function (read and write)"), "{message}");
    // A trail of one Region does not see all resources; an event data store may.
    let mut regional = good();
    regional.trail.is_multi_region = false;
    let management = recording(advanced(&[MANAGEMENT_EVENTS]));
    let mut facts = facts(vec![management, regional]);
    assert_eq!(codes(&facts, &json!({})), missing);
    facts.stores = vec![store(advanced(&[S3_EVENTS]))];
    assert_eq!(codes(&facts, &json!({})), NONE);
    facts.stores[0].is_enabled = false;
    assert_eq!(codes(&facts, &json!({})), missing);
}

#[test]
fn resources_may_be_left_unrecorded_where_allowed() {
    let not_logs = AdvancedFieldSelector::builder()
        .field("resources.ARN")
        .not_starts_with("arn:aws:s3:::hbg-audit-logs/")
        .build()
        .unwrap();
    let is = |name: &str, value: &str| {
        AdvancedFieldSelector::builder().field(name).equals(value).build().unwrap()
    };
    let data = AdvancedEventSelector::builder()
        .field_selectors(is("eventCategory", "Data"))
        .field_selectors(is("resources.type", "AWS::S3::Object"))
        .field_selectors(not_logs)
        .build()
        .unwrap();
    let mut all = advanced(&[MANAGEMENT_EVENTS]);
    all.add(&Selectors::advanced("", &[data]).unwrap());
    let facts = facts(vec![recording(all)]);
    assert_eq!(codes(&facts, &json!({})), ["DATA_EVENTS_MISSING"]);
    let excused = json!({"unrecordedDataResources": "arn:aws:s3:::hbg-audit-logs/"});
    assert_eq!(codes(&facts, &excused), NONE);
}

#[test]
fn events_must_be_found_and_kept() {
    let mut no_logs = good();
    no_logs.trail.log_group = None;
    let mut facts = Facts { kept: Kept::NotLongEnough(Message::default()), ..facts(vec![no_logs]) };
    let neither = ["LOG_QUERY_MISSING", "LONG_TERM_RETENTION_MISSING"];
    assert_eq!(codes(&facts, &json!({})), neither);
    let complete = || store(advanced(&[MANAGEMENT_EVENTS]));
    facts.stores = vec![complete()];
    assert_eq!(codes(&facts, &json!({})), NONE);
    assert_eq!(codes(&facts, &json!({"requireLake": true})), NONE);
    facts.stores[0].retention_days = 364;
    assert_eq!(codes(&facts, &json!({})), ["LONG_TERM_RETENTION_MISSING"]);
    assert_eq!(codes(&facts, &json!({"minRetentionDays": "364"})), NONE);
    // A store without management events, of one Region or stopped holds nothing to look for.
    for partial in [
        store(advanced(&[S3_EVENTS])),
        EventDataStore { is_multi_region: false, ..complete() },
        EventDataStore { is_enabled: false, ..complete() },
    ] {
        facts.stores = vec![partial];
        assert_eq!(codes(&facts, &json!({})), neither);
    }
    // A log group counts, unless the lake is demanded.
    facts.stores.clear();
    facts.trails = vec![good()];
    facts.kept = Kept::Elsewhere;
    assert_eq!(codes(&facts, &json!({})), ["RETENTION_ELSEWHERE"]);
    assert_eq!(codes(&facts, &json!({"requireLake": true})), ["LOG_QUERY_MISSING"]);
}

fn rule(days: Option<i32>, prefix: Option<&str>) -> LifecycleRule {
    LifecycleRule::builder()
        .status(ExpirationStatus::Enabled)
        .set_filter(prefix.map(|prefix| LifecycleRuleFilter::builder().prefix(prefix).build()))
        .set_expiration(days.map(|days| LifecycleExpiration::builder().days(days).build()))
        .build()
        .unwrap()
}

#[test]
fn rules_that_expire_the_trails_files_bound_their_retention() {
    let trail = good().trail;
    let shortest = |rules: &[LifecycleRule]| retention::shortest(rules, &trail, now());
    assert_eq!(shortest(&[]), None);
    assert_eq!(shortest(&[rule(Some(90), None)]), Some(90));
    assert_eq!(shortest(&[rule(Some(400), None), rule(Some(90), Some("AWSLogs/"))]), Some(90));
    for (prefix, meets) in [
        ("", true),
        ("AWS", true),
        ("AWSLogs/111122223333/", true),
        ("AWSLogs/111122223333/CloudTrail/ap-northeast-1/", true),
        ("AWSLogs/111122223333/CloudTrail-Digest/", false),
        ("AWSLogs/444455556666/", false),
        ("tmp/", false),
    ] {
        let found = shortest(&[rule(Some(30), Some(prefix))]);
        assert_eq!(found.is_some(), meets, "{prefix}");
    }
    // Transitions and noncurrent versions delete nothing of it.
    assert_eq!(shortest(&[rule(None, None)]), None);
    let mut off = rule(Some(30), None);
    off.status = ExpirationStatus::Disabled;
    assert_eq!(shortest(&[off]), None);
    // CloudTrail puts no tags on its files.
    let tag = Tag::builder().key("k").value("v").build().unwrap();
    let mut tagged = rule(Some(30), None);
    tagged.filter = Some(LifecycleRuleFilter::builder().tag(tag.clone()).build());
    assert_eq!(shortest(&[tagged.clone()]), None);
    let both = LifecycleRuleAndOperator::builder().prefix("AWSLogs/").tags(tag).build();
    tagged.filter = Some(LifecycleRuleFilter::builder().and(both).build());
    assert_eq!(shortest(&[tagged]), None);
    let sized = LifecycleRuleAndOperator::builder().prefix("AWSLogs/").build();
    let mut sized_rule = rule(Some(30), None);
    sized_rule.filter = Some(LifecycleRuleFilter::builder().and(sized).build());
    assert_eq!(shortest(&[sized_rule]), Some(30));
    // A date that has passed deletes whatever is there.
    let dated = |date: Timestamp| {
        let mut dated = rule(None, None);
        dated.expiration = Some(LifecycleExpiration::builder().date(to_sdk(date)).build());
        shortest(&[dated])
    };
    assert_eq!(dated(now() - SignedDuration::from_hours(240)), Some(0));
    assert_eq!(dated(now() + SignedDuration::from_hours(240)), Some(10));
    // Under its prefix, and for an organization under the organization's id.
    let mut other = good().trail;
    other.prefix = Some("audit".to_owned());
    other.is_organization = true;
    for (prefix, meets) in [
        ("audit/", true),
        ("audit/AWSLogs/o-abc123/", true),
        ("audit/AWSLogs/o-abc123/111122223333/CloudTrail-Digest/", false),
        ("AWSLogs/", false),
    ] {
        let found = retention::shortest(&[rule(Some(30), Some(prefix))], &other, now());
        assert_eq!(found.is_some(), meets, "{prefix}");
    }
}

fn fit() -> Details {
    Details { key: Key::Known { by_aws: false, state: "Enabled".to_owned() }, insights: None }
}

fn trail_codes(
    seen: &Seen,
    details: &Details,
    parameters: &Value,
) -> (Compliance, Vec<&'static str>) {
    with_run(parameters, |run| reasons(&trail::judge(seen, details, run)))
}

fn failing(seen: &Seen, details: &Details, parameters: &Value) -> Vec<&'static str> {
    let (compliance, codes) = trail_codes(seen, details, parameters);
    assert_eq!(compliance, Compliance::NonCompliant, "{codes:?}");
    codes
}

#[test]
fn a_trail_must_log_and_deliver() {
    let passes = (Compliance::Compliant, NONE.to_vec());
    assert_eq!(trail_codes(&good(), &fit(), &json!({})), passes);
    // A stopped trail is told as that; its last delivery is as old as it may be.
    let mut halted = stopped(good());
    halted.status.delivered = hours_ago(900);
    assert_eq!(failing(&halted, &fit(), &json!({})), ["TRAIL_NOT_LOGGING"]);
    let with = |change: &dyn Fn(&mut Status)| {
        let mut seen = good();
        change(&mut seen.status);
        seen
    };
    for (seen, code) in [
        (with(&|one| one.delivery_error = Some("AccessDenied".to_owned())), "DELIVERY_UNHEALTHY"),
        (with(&|one| one.delivered = hours_ago(25)), "DELIVERY_UNHEALTHY"),
        (with(&|one| one.delivered = None), "DELIVERY_UNHEALTHY"),
        (
            with(&|one| one.logs_error = Some("AccessDenied".to_owned())),
            "CLOUDWATCH_DELIVERY_UNHEALTHY",
        ),
        (with(&|one| one.logs_delivered = hours_ago(25)), "CLOUDWATCH_DELIVERY_UNHEALTHY"),
        (with(&|one| one.logs_delivered = None), "CLOUDWATCH_DELIVERY_UNHEALTHY"),
    ] {
        assert_eq!(failing(&seen, &fit(), &json!({})), [code]);
    }
    let late = with(&|one| one.delivered = hours_ago(25));
    assert_eq!(trail_codes(&late, &fit(), &json!({"maxDeliveryAgeHours": 25})), passes);
    // The run of the day before may be all that happened in a quiet Region.
    let daily = with(&|one| one.delivered = Some(now() - SignedDuration::from_mins(24 * 60 + 30)));
    assert_eq!(trail_codes(&daily, &fit(), &json!({})), passes);
    // An error counts even while the trail is stopped.
    let mut broken = stopped(good());
    broken.status.delivery_error = Some("NoSuchBucket".to_owned());
    let both = ["TRAIL_NOT_LOGGING", "DELIVERY_UNHEALTHY"];
    assert_eq!(failing(&broken, &fit(), &json!({})), both);
}

#[test]
fn a_trail_that_just_started_or_selects_little_has_nothing_to_deliver() {
    let mut new = good();
    new.status.started = hours_ago(0);
    new.status.delivered = None;
    new.status.logs_delivered = None;
    let noted = |code| (Compliance::Compliant, vec![code]);
    assert_eq!(trail_codes(&new, &fit(), &json!({})), noted("LOGGING_JUST_STARTED"));
    // It was started again: what it delivered before is old.
    new.status.delivered = hours_ago(500);
    assert_eq!(trail_codes(&new, &fit(), &json!({})), noted("LOGGING_JUST_STARTED"));
    let mut quiet = recording(advanced(&[S3_EVENTS]));
    quiet.status.delivered = hours_ago(500);
    assert_eq!(trail_codes(&quiet, &fit(), &json!({})), noted("FEW_EVENTS"));
    quiet.status.delivery_error = Some("AccessDenied".to_owned());
    assert_eq!(failing(&quiet, &fit(), &json!({})), ["DELIVERY_UNHEALTHY"]);
    // Writes happen every day, whatever is left out.
    let mut writes = recording(selectors(&[basic(ReadWriteType::WriteOnly, true, &[KMS])]));
    writes.status.delivered = hours_ago(500);
    assert_eq!(failing(&writes, &fit(), &json!({})), ["DELIVERY_UNHEALTHY"]);
}

#[test]
fn a_trail_is_encrypted_with_a_key_that_works() {
    let key = |key| Details { key, insights: None };
    let known = |by_aws, state: &str| key(Key::Known { by_aws, state: state.to_owned() });
    assert_eq!(failing(&good(), &key(Key::None), &json!({})), ["TRAIL_NOT_KMS_ENCRYPTED"]);
    for details in [
        key(Key::Gone),
        known(false, "Disabled"),
        known(false, "PendingDeletion"),
        known(true, "Enabled"),
    ] {
        assert_eq!(failing(&good(), &details, &json!({})), ["TRAIL_KEY_UNUSABLE"]);
    }
    let aws = json!({"requireCustomerManagedKey": false});
    assert_eq!(trail_codes(&good(), &known(true, "Enabled"), &aws).0, Compliance::Compliant);
    assert_eq!(failing(&good(), &known(true, "Disabled"), &aws), ["TRAIL_KEY_UNUSABLE"]);
    let foreign = trail_codes(&good(), &key(Key::Foreign), &json!({}));
    assert_eq!(foreign, (Compliance::Compliant, vec!["KEY_OF_OTHER_ACCOUNT"]));
}

#[test]
fn log_groups_and_insights_are_demanded_by_parameter() {
    let mut seen = good();
    seen.trail.log_group = None;
    seen.status.logs_delivered = None;
    assert_eq!(failing(&seen, &fit(), &json!({})), ["CLOUDWATCH_LOGS_NOT_INTEGRATED"]);
    let not = json!({"requireCloudWatchLogs": false});
    assert_eq!(trail_codes(&seen, &fit(), &not).0, Compliance::Compliant);
    // Where there is a log group, it must work all the same.
    let mut broken = good();
    broken.status.logs_error = Some("ResourceNotFoundException".to_owned());
    assert_eq!(failing(&broken, &fit(), &not), ["CLOUDWATCH_DELIVERY_UNHEALTHY"]);

    let insights = |kinds: &[&str]| Details {
        insights: Some(kinds.iter().map(|&kind| kind.to_owned()).collect()),
        ..fit()
    };
    let both = insights(&["ApiErrorRateInsight", "ApiCallRateInsight"]);
    assert_eq!(trail_codes(&good(), &both, &json!({})).0, Compliance::Compliant);
    for some in [insights(&["ApiCallRateInsight"]), insights(&[])] {
        assert_eq!(failing(&good(), &some, &json!({})), ["INSIGHTS_DISABLED"]);
    }
}

#[test]
fn trails_of_others_are_left_to_their_owners() {
    with_run(&json!({}), |run| {
        assert_eq!(trail::by_owner(&good().trail, run), None);
        let verdict = trail::by_owner(&of_organization(good()).trail, run).unwrap();
        assert_eq!(verdict.compliance(), Compliance::NotApplicable);
        assert!(verdict.reasons()[0].message.en.contains(MANAGEMENT));
    });
}
