use super::*;
use crate::convert::to_sdk;
use fisc_shared::verdict::Compliance;

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    time("2026-11-23T08:00:00.123456789Z")
}

const RECORDED: &str = "2026-11-20T00:00:00.043Z";

/// The finding of a bucket's result.
fn wanted(compliance: Compliance, annotation: &str) -> Finding {
    let controls = Controls::new("fisc").unwrap();
    let facts = controls.all().find(|facts| facts.id == "s3-tls-only").unwrap();
    let change = Change {
        rule_name: controls.rule_name(facts),
        account_id: "111122223333".to_owned(),
        region: "ap-northeast-1".to_owned(),
        resource_type: "AWS::S3::Bucket".to_owned(),
        resource_id: "ledger".to_owned(),
        compliance: Some(compliance),
        annotation: Some(annotation.to_owned()),
        recorded: time(RECORDED),
    };
    change.finding(facts, Language::Ja).unwrap()
}

/// What Security Hub shows of a finding that was imported.
fn shown(finding: &Finding) -> Shown {
    let (id, shown) = read(to_sdk(finding)).unwrap();
    assert_eq!(id, finding.id);
    shown
}

#[test]
fn what_differs_is_imported_if_its_evaluation_is_newer() {
    let failing = wanted(Compliance::NonCompliant, "A_CODE");
    let later = time(RECORDED) + STEP;
    for (other, differs) in [
        (wanted(Compliance::NonCompliant, "A_CODE"), false),
        (wanted(Compliance::NonCompliant, "OTHER_CODE"), true),
        (wanted(Compliance::Compliant, "A_CODE"), true),
        (wanted(Compliance::NotApplicable, "A_CODE"), true),
    ] {
        let held = shown(&failing);
        assert_eq!(missing(other.clone(), time(RECORDED), Some(&held), now()), None, "delivered");
        assert_eq!(
            missing(other.clone(), time(RECORDED) - STEP, Some(&held), now()),
            None,
            "older"
        );
        let found = missing(other.clone(), later, Some(&held), now());
        let updated_at = format!("{later:.3}");
        assert_eq!(found, differs.then_some(Finding { updated_at, ..other }));
    }
    // Nothing is shown: the finding as its event gives it, unless that is archived.
    assert_eq!(missing(failing.clone(), time(RECORDED), None, now()), Some(failing));
    let archived = wanted(Compliance::NotApplicable, "OUT_OF_SCOPE");
    assert_eq!(missing(archived, time(RECORDED), None, now()), None);
}

#[test]
fn the_time_of_the_evaluation_is_not_the_one_of_a_refresh() {
    let old = wanted(Compliance::NonCompliant, "A_CODE");
    let refreshed = Finding { updated_at: format!("{:.3}", refreshed_at(now())), ..old };
    let held = shown(&refreshed);
    assert_eq!(held.evaluated, Some(time(RECORDED)));
    assert_eq!(held.updated, Some(time("2026-11-08T08:00:00.123Z")));
    // A finding of a release that did not tell it.
    let mut untold = to_sdk(&refreshed);
    untold.product_fields = None;
    let (_, held) = read(untold).unwrap();
    assert_eq!(held.evaluated, held.updated);
}

#[test]
fn updates_are_as_old_as_the_evaluation_but_neither_ignored_nor_deleted() {
    let recorded = time(RECORDED);
    for held in [None, Some(recorded - STEP), Some(time("2020-01-01T00:00:00Z"))] {
        assert_eq!(updated_at(recorded, held, now()), recorded);
    }
    assert_eq!(updated_at(recorded, Some(recorded), now()), recorded + STEP);
    // So old that a refresh is due: as a refresh makes it, and later than one of today.
    let (old, refreshed) = (time("2026-10-01T00:00:00Z"), refreshed_at(now()));
    assert_eq!(updated_at(old, None, now()), refreshed);
    assert_eq!(updated_at(old, Some(refreshed), now()), refreshed + STEP);
    let month = SignedDuration::from_hours(30 * 24);
    assert_eq!(updated_at(now() - month + STEP, None, now()), now() - month + STEP);
}

#[test]
fn every_group_is_the_first_one_some_day() {
    let controls = Controls::new("fisc").unwrap();
    let all: Vec<&Facts> = controls.all().collect();
    let groups = all.len().div_ceil(GROUP);
    let mut first = Vec::new();
    for day in 0..i64::try_from(groups).unwrap() {
        let turns = turns(&all, now() + SignedDuration::from_hours(24 * day));
        assert!(turns.iter().all(|group| group.len() <= GROUP));
        let mut ids: Vec<&str> = turns.concat().iter().map(|facts| facts.id.as_str()).collect();
        first.push(ids[0].to_owned());
        ids.sort_unstable();
        assert_eq!(ids, all.iter().map(|facts| facts.id.as_str()).collect::<Vec<_>>());
    }
    first.sort_unstable();
    first.dedup();
    assert_eq!(first.len(), groups);
    assert!(turns(&[], now()).is_empty());
}
