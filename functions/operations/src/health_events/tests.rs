use fisc_shared::ec2::{InstanceStatus, ScheduledEvent};
use fisc_shared::pattern::EventPattern;
use fisc_shared::{Parameters, Run, Verdict};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::judge::{Answer, Facts, Pending, database, decide, instance};
use super::routing::Routed;
use super::samples::{backup_of, samples};
use super::*;

const NOW: &str = "2026-11-21T00:00:00Z";

fn days(days: i64) -> Timestamp {
    NOW.parse::<Timestamp>().unwrap() + SignedDuration::from_hours(days * 24)
}

fn with_run<T>(parameters: &Value, judge: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    judge(&Run {
        parameters: &parameters,
        now: NOW.parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline: false,
    })
}

fn codes(verdict: &Verdict) -> (&'static str, Vec<&'static str>) {
    let codes = verdict.reasons().iter().map(|reason| reason.code).collect();
    (verdict.compliance().as_str(), codes)
}

/// Whether a pattern takes every sample of a category.
fn takes(pattern: Value, region: &str, category: &str) -> bool {
    let pattern = EventPattern::parse(&pattern.to_string()).unwrap();
    let services = ["EC2".to_owned(), "RDS".to_owned()];
    let samples = samples("111122223333", region, category, &services);
    assert!(!samples.is_empty());
    samples.iter().all(|sample| pattern.matches(&sample.delivered(region, false)))
}

#[test]
fn narrow_patterns_do_not_pass_for_wide_ones() {
    let health = json!({"source": ["aws.health"]});
    let with = |detail: Value| json!({"source": ["aws.health"], "detail": detail});
    for category in ["issue", "scheduledChange", "accountNotification", "investigation", "abuse"] {
        assert!(takes(health.clone(), "ap-northeast-1", category), "{category}");
        assert!(takes(health.clone(), "us-east-1", category), "{category}");
    }
    let typed = json!({"source": ["aws.health"], "detail-type": ["AWS Health Event"]});
    assert!(takes(typed.clone(), "ap-northeast-1", "issue"));
    assert!(!takes(typed, "ap-northeast-1", "abuse"));
    let category = with(json!({"eventTypeCategory": ["issue"]}));
    assert!(takes(category.clone(), "ap-northeast-1", "issue"));
    assert!(!takes(category, "ap-northeast-1", "scheduledChange"));
    let service = with(json!({"service": ["EC2"]}));
    assert!(!takes(service, "ap-northeast-1", "issue"));
    let both = with(json!({"service": ["EC2", "RDS"]}));
    assert!(takes(both.clone(), "ap-northeast-1", "issue"));
    // Where global events arrive, those of IAM count too.
    assert!(!takes(both, "us-east-1", "issue"));
    let code = with(json!({"eventTypeCode": [{"suffix": "_MAINTENANCE_SCHEDULED"}]}));
    assert!(!takes(code, "ap-northeast-1", "scheduledChange"));
    let own = with(json!({"eventScopeCode": ["ACCOUNT_SPECIFIC"]}));
    assert!(!takes(own, "ap-northeast-1", "issue"));
}

#[test]
fn copies_go_to_the_backup_region_and_say_so() {
    assert_eq!(backup_of("ap-northeast-1"), Some("us-west-2"));
    assert_eq!(backup_of("us-east-1"), Some("us-west-2"));
    assert_eq!(backup_of("us-west-2"), Some("us-east-1"));
    assert_eq!(backup_of("cn-north-1"), Some("cn-northwest-1"));
    assert_eq!(backup_of("us-gov-west-1"), None);
    let sample = &samples("111122223333", "ap-northeast-1", "issue", &["EC2".to_owned()])[0];
    let copy = sample.delivered("us-west-2", true);
    assert_eq!(copy["region"], "us-west-2");
    assert_eq!(copy["detail"]["eventRegion"], "ap-northeast-1");
    let without =
        json!({"source": ["aws.health"], "detail": {"backupEvent": ["false"]}}).to_string();
    let without = EventPattern::parse(&without).unwrap();
    assert!(!without.matches(&copy));
    assert!(without.matches(&sample.delivered("ap-northeast-1", false)));
}

fn well() -> Facts {
    Facts {
        routed: Some(Routed::default()),
        unhandled: Answer::Told(vec![]),
        view: Answer::Told(true),
        overdue: vec![],
    }
}

#[test]
fn the_account_is_judged_by_what_was_told() {
    let names = || vec!["issue (us-east-1)".to_owned()];
    let routed = |change: fn(&mut Routed, Vec<String>)| {
        let mut routed = Routed::default();
        change(&mut routed, names());
        Facts { routed: Some(routed), ..well() }
    };
    const BAD: &str = "NON_COMPLIANT";
    const GOOD: &str = "COMPLIANT";
    for (facts, compliance, code) in [
        (well(), GOOD, ""),
        (routed(|routed, names| routed.unheard = names), BAD, "HEALTH_NOTIFICATION_MISSING"),
        (routed(|routed, names| routed.unkept = names), BAD, "HEALTH_EVENTS_NOT_KEPT"),
        (routed(|routed, _| routed.elsewhere = true), GOOD, "SENT_TO_OTHER_ACCOUNT"),
        (routed(|routed, _| routed.backup_only = true), GOOD, "BACKUP_REGION_ONLY"),
        (Facts { routed: None, ..well() }, GOOD, "CENTRAL_RECEIVES"),
        (Facts { unhandled: Answer::Told(names()), ..well() }, BAD, "HEALTH_EVENT_UNHANDLED"),
        (Facts { view: Answer::Told(false), ..well() }, BAD, "ORGANIZATION_VIEW_OFF"),
        (Facts { view: Answer::NotAsked, ..well() }, GOOD, ""),
        // No support plan is no verdict.
        (Facts { unhandled: Answer::NoPlan, ..well() }, GOOD, "HEALTH_API_NEEDS_SUPPORT_PLAN"),
        (Facts { view: Answer::NoPlan, ..well() }, GOOD, "HEALTH_API_NEEDS_SUPPORT_PLAN"),
        (Facts { overdue: names(), ..well() }, BAD, "RDS_MAINTENANCE_OVERDUE"),
    ] {
        let expected = if code.is_empty() { vec![] } else { vec![code] };
        assert_eq!(codes(&decide(&facts)), (compliance, expected), "{facts:?}");
    }
}

#[test]
fn near_events_of_instances_are_open_until_they_are_over() {
    let status = |state: &str, events: &[(i64, bool)]| InstanceStatus {
        id: "i-1".to_owned(),
        state: state.to_owned(),
        events: events
            .iter()
            .map(|(begins, over)| ScheduledEvent {
                code: "instance-retirement".to_owned(),
                not_before: days(*begins),
                over: *over,
            })
            .collect(),
    };
    let judged = |status: &InstanceStatus| {
        let verdict = with_run(&json!({}), |run| instance(status, run));
        verdict.map(|verdict| verdict.compliance().as_str())
    };
    for (events, good) in [
        (vec![], true),
        (vec![(15, false)], true),
        (vec![(14, false)], false),
        (vec![(-1, false)], false),
        (vec![(1, true), (-3, true)], true),
        (vec![(1, true), (20, false), (2, false)], false),
    ] {
        for state in ["running", "stopped"] {
            let expected = if good { "COMPLIANT" } else { "NON_COMPLIANT" };
            assert_eq!(judged(&status(state, &events)), Some(expected), "{events:?}");
        }
    }
    assert_eq!(judged(&status("terminated", &[(1, false)])), None);
    let message =
        with_run(&json!({}), |run| instance(&status("running", &[(9, false), (2, false)]), run));
    let message = message.unwrap().reasons()[0].message.en.clone();
    assert_eq!(message, "instance-retirement is planned for 2026-11-23T00:00:00Z");
}

#[test]
fn maintenance_of_databases_is_overdue_after_its_dates() {
    let action = || Pending { action: "db-upgrade".to_owned(), ..Pending::default() };
    for (pending, good) in [
        (Pending { current: Some(days(3)), ..action() }, true),
        // The window comes every week.
        (Pending { current: Some(days(-7)), ..action() }, true),
        (Pending { current: Some(days(-8)), ..action() }, false),
        (Pending { forced: Some(days(-8)), current: Some(days(3)), ..action() }, false),
        (Pending { automatic: Some(days(-30)), current: Some(days(3)), ..action() }, true),
        (Pending { automatic: Some(days(-31)), current: Some(days(3)), ..action() }, false),
    ] {
        let verdict = with_run(&json!({}), |run| database(&[action(), pending.clone()], run));
        let expected = if good {
            // The one without a date is named.
            ("COMPLIANT", vec!["MAINTENANCE_WITHOUT_DATE"])
        } else {
            ("NON_COMPLIANT", vec!["RDS_MAINTENANCE_OVERDUE"])
        };
        assert_eq!(codes(&verdict), expected, "{pending:?}");
    }
    let longer = Pending { automatic: Some(days(-31)), ..action() };
    let parameters = json!({"maxPendingMaintenanceDays": 60});
    let verdict = with_run(&parameters, |run| database(&[longer], run));
    assert_eq!(codes(&verdict), ("COMPLIANT", vec![]));
    assert_eq!(codes(&with_run(&json!({}), |run| database(&[], run))), ("COMPLIANT", vec![]));
}
