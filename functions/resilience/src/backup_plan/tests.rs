use fisc_shared::{ConfigurationItem, Parameters, Run, Verdict, runner};
use serde_json::{Value, json};

use super::judge::{CopyJob, Facts, Judged};
use super::*;
use crate::backups::lifecycle::{CopyRule, Policy};

fn plan(rules: Value, tags: Value) -> ConfigurationItem {
    let arn = "arn:aws:backup:ap-northeast-1:111122223333:backup-plan:p-1";
    let item = json!({
        "configurationItemCaptureTime": "2026-11-01T00:00:00Z", "configurationItemStatus": "OK",
        "awsAccountId": "111122223333", "awsRegion": "ap-northeast-1", "ARN": arn,
        "resourceType": "AWS::Backup::BackupPlan", "resourceId": "p-1", "tags": tags,
        "resourceCreationTime": "2025-04-01T00:00:00Z",
        "configuration": {"BackupPlanId": "p-1", "BackupPlanArn": arn, "VersionId": "v",
            "BackupPlan": {"BackupPlanName": "core", "BackupPlanRule": rules}},
        "supplementaryConfiguration": {},
    });
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

fn rule(changes: Value) -> Value {
    let mut rule = json!({
        "RuleName": "daily", "TargetBackupVault": "core", "StartWindowMinutes": 60,
        "ScheduleExpression": "cron(0 18 * * ? *)", "CompletionWindowMinutes": 120,
        "Lifecycle": {"DeleteAfterDays": 35},
    });
    for (name, value) in changes.as_object().unwrap() {
        rule[name] = value.clone();
    }
    rule
}

fn copy(region: &str) -> Value {
    json!([{"DestinationBackupVaultArn": format!("arn:aws:backup:{region}:444455556666:backup-vault:dr"),
            "Lifecycle": {"DeleteAfterDays": 35}}])
}

fn critical() -> Value {
    json!({"fisc:tier": "critical"})
}

fn with_run<T>(parameters: Value, offline: bool, act: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, &parameters).unwrap();
    act(&Run {
        parameters: &parameters,
        now: "2026-11-20T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline,
    })
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.reasons().iter().map(|reason| reason.code).collect()
}

fn previewed(item: &ConfigurationItem, parameters: Value) -> Option<Vec<&'static str>> {
    with_run(parameters, false, |run| {
        runner::preview(&CONTROL, item, run).unwrap().map(|verdict| codes(&verdict))
    })
}

/// What is missing of a plan, by what services tell of it.
fn failing(item: &ConfigurationItem, facts: Facts<'_>) -> Vec<&'static str> {
    with_run(json!({}), false, |run| {
        codes(&Judged::read(item, run).unwrap().unwrap().decide(facts, run))
    })
}

#[test]
fn one_rule_or_every_rule_must_run_often_and_keep_long() {
    let short = rule(json!({"Lifecycle": {"DeleteAfterDays": 7}}));
    let rare = rule(json!({"ScheduleExpression": "cron(0 18 ? * MON-FRI *)"}));
    let good = || rule(json!({}));
    let fails = Some(vec!["FREQUENCY_OR_RETENTION_SHORT"]);
    let passes = Some(vec![]);
    let all = || json!({"ruleMatch": "all"});
    for (rules, parameters, expected) in [
        (json!([good()]), json!({}), &passes),
        (json!([short]), json!({}), &fails),
        (json!([rare]), json!({}), &fails),
        // One runs often, the other keeps long: neither is enough.
        (json!([short, rare]), json!({}), &fails),
        (json!([short, good()]), json!({}), &passes),
        (json!([short, good()]), all(), &fails),
        (json!([good(), good()]), all(), &passes),
        (json!([rare]), json!({"requiredFrequencyHours": 72}), &passes),
        (json!([short]), json!({"requiredRetentionDays": 7}), &passes),
        // No schedule of its own: every day.
        (json!([rule(json!({"ScheduleExpression": null}))]), json!({}), &passes),
        (json!([rule(json!({"ScheduleExpression": "rate(1 day)"}))]), json!({}), &passes),
    ] {
        assert_eq!(&previewed(&plan(rules.clone(), json!({})), parameters), expected, "{rules}");
    }
}

#[test]
fn rules_and_copies_need_a_lifecycle() {
    // Kept for ever: long enough, but nothing ages out.
    for lifecycle in [Value::Null, json!({}), json!({"DeleteAfterDays": -1})] {
        let item = plan(json!([rule(json!({ "Lifecycle": lifecycle }))]), json!({}));
        assert_eq!(previewed(&item, json!({})), Some(vec!["LIFECYCLE_MISSING"]));
    }
    let mut copies = copy("ap-northeast-3");
    copies[0]["Lifecycle"] = Value::Null;
    let item = plan(json!([rule(json!({ "CopyActions": copies }))]), json!({}));
    assert_eq!(failing(&item, Facts::default()), ["LIFECYCLE_MISSING"]);
    let cold = json!({"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 120});
    let item = plan(json!([rule(json!({ "Lifecycle": cold }))]), json!({}));
    assert_eq!(previewed(&item, json!({"requireColdStorage": true})), Some(vec![]));
    let item = plan(json!([rule(json!({}))]), json!({}));
    assert_eq!(
        previewed(&item, json!({"requireColdStorage": true})),
        Some(vec!["LIFECYCLE_MISSING"])
    );
}

#[test]
fn a_critical_plan_copies_to_another_region() {
    let of = |copies: Value, tags: Value| {
        let changes = json!({"CopyActions": copies, "EnableContinuousBackup": true});
        failing(&plan(json!([rule(changes)]), tags), Facts::default())
    };
    assert!(of(copy("ap-northeast-3"), critical()).is_empty());
    assert_eq!(of(json!([]), critical()), ["CROSS_REGION_COPY_MISSING"]);
    assert_eq!(of(Value::Null, critical()), ["CROSS_REGION_COPY_MISSING"]);
    // Another account, the same Region.
    assert_eq!(of(copy("ap-northeast-1"), critical()), ["CROSS_REGION_COPY_MISSING"]);
    assert!(of(json!([]), json!({"fisc:tier": "standard"})).is_empty());
    let item = plan(json!([rule(json!({"EnableContinuousBackup": true}))]), json!({}));
    assert_eq!(
        previewed(&item, json!({"criticalTag": ""})),
        Some(vec!["CROSS_REGION_COPY_MISSING"])
    );
}

#[test]
fn copies_must_succeed() {
    let item = plan(json!([rule(json!({"CopyActions": copy("ap-northeast-3")}))]), json!({}));
    assert_eq!(previewed(&item, json!({})), None);
    let job = |plan: &str, day: &str, state: &str| CopyJob {
        plan: plan.to_owned(),
        created: format!("2026-11-{day}T00:00:00Z").parse().unwrap(),
        state: state.to_owned(),
    };
    let of =
        |jobs: &[CopyJob]| failing(&item, Facts { jobs: Some(jobs), selects_continuous: false });
    let good = job("p-1", "18", "COMPLETED");
    assert!(of(std::slice::from_ref(&good)).is_empty());
    assert!(of(&[good.clone(), job("p-1", "17", "FAILED")]).is_empty());
    assert!(of(&[job("p-1", "19", "RUNNING"), good.clone()]).is_empty());
    for jobs in [
        vec![],
        vec![job("p-2", "18", "COMPLETED")],
        vec![job("p-1", "19", "RUNNING")],
        vec![job("p-1", "19", "FAILED"), good.clone()],
        vec![job("p-1", "19", "PARTIAL"), good],
    ] {
        assert_eq!(of(&jobs), ["COPY_JOB_FAILING"], "{jobs:?}");
    }
    // A plan that was just made has not copied yet.
    let mut young = item.clone();
    young.created = "2026-11-18T00:00:00Z".parse().ok();
    assert!(failing(&young, Facts { jobs: Some(&[]), selects_continuous: false }).is_empty());
}

#[test]
fn critical_plans_of_databases_back_up_continuously() {
    let changes = json!({"CopyActions": copy("ap-northeast-3")});
    let item = plan(json!([rule(changes)]), critical());
    assert_eq!(previewed(&item, json!({})), None);
    let facts = Facts { jobs: None, selects_continuous: true };
    assert_eq!(failing(&item, facts), ["CONTINUOUS_BACKUP_OFF"]);
    assert!(failing(&item, Facts::default()).is_empty());
}

#[test]
fn exempt_plans_and_incomplete_items() {
    let rules = || json!([rule(json!({"ScheduleExpression": "cron(0 3 1 * ? *)"}))]);
    let item = plan(rules(), json!({"fisc:backup-exempt": "test"}));
    assert_eq!(previewed(&item, json!({})), Some(vec!["EXEMPT"]));
    for rules in [
        Value::Null,
        json!([rule(json!({"RuleName": null}))]),
        json!([rule(json!({"ScheduleExpression": "nightly"}))]),
        json!([rule(json!({"CopyActions": [{}]}))]),
        json!([rule(json!({"CopyActions": [{"DestinationBackupVaultArn": "dr"}]}))]),
    ] {
        with_run(json!({}), false, |run| {
            assert!(
                runner::preview(&CONTROL, &plan(rules.clone(), json!({})), run).is_err(),
                "{rules}"
            );
        });
    }
    // Offline, what the item proves is told.
    let changes =
        json!({"CopyActions": copy("ap-northeast-3"), "Lifecycle": {"DeleteAfterDays": 1}});
    let item = plan(json!([rule(changes)]), json!({}));
    with_run(json!({}), true, |run| {
        let verdict = runner::preview(&CONTROL, &item, run).unwrap().unwrap();
        assert_eq!(codes(&verdict), ["FREQUENCY_OR_RETENTION_SHORT"]);
    });
}

fn policy(state: &str, effective: bool, copies: &[(&str, bool)]) -> Policy {
    let copies = copies.iter().map(|(target, encrypted)| CopyRule {
        target: (*target).to_owned(),
        encrypted: *encrypted,
    });
    Policy::bare("policy-1", state, effective, copies.collect())
}

#[test]
fn lifecycle_policies_must_work_where_no_plan_does() {
    let good = || policy("ENABLED", true, &[]);
    let idle = || policy("ENABLED", false, &[]);
    let of = |policies: &[Policy], volumes, uncovered: &[&str], parameters: Value| {
        let uncovered: Vec<String> = uncovered.iter().map(|&id| id.to_owned()).collect();
        with_run(parameters, false, |run| {
            codes(&account::decide(policies, volumes, &uncovered, run))
        })
    };
    let strict = || json!({"acceptAwsBackupForEbs": false});
    assert_eq!(of(&[], 0, &[], json!({})), ["NO_VOLUMES"]);
    assert_eq!(of(&[], 2, &[], json!({})), ["VOLUMES_COVERED"]);
    assert_eq!(of(&[], 2, &["vol-1"], json!({})), ["DLM_POLICY_INEFFECTIVE"]);
    assert_eq!(of(&[], 2, &[], strict()), ["DLM_POLICY_INEFFECTIVE"]);
    assert!(of(&[good()], 2, &["vol-1"], json!({})).is_empty());
    assert!(of(&[good()], 2, &[], strict()).is_empty());
    for bad in [idle(), policy("DISABLED", true, &[])] {
        assert_eq!(of(&[bad], 2, &["vol-1"], json!({})), ["DLM_POLICY_INEFFECTIVE"]);
    }
    // A policy in error is one that somebody counts on.
    let broken = || policy("ERROR", true, &[]);
    assert_eq!(of(&[good(), broken()], 2, &[], json!({})), ["DLM_POLICY_INEFFECTIVE"]);
    assert_eq!(of(&[broken()], 0, &[], json!({})), ["DLM_POLICY_INEFFECTIVE"]);
}

#[test]
fn lifecycle_policies_copy_encrypted_and_to_allowed_regions() {
    let of = |state: &str, copies: &[(&str, bool)], parameters: Value| {
        with_run(parameters, false, |run| {
            codes(&account::decide(&[policy(state, true, copies)], 1, &[], run))
        })
    };
    assert!(of("ENABLED", &[("ap-northeast-3", true)], json!({})).is_empty());
    assert!(
        of("ENABLED", &[("arn:aws:outposts:ap-northeast-1:1:outpost/op-1", true)], json!({}))
            .is_empty()
    );
    for copies in [[("us-east-1", true)], [("ap-northeast-3", false)]] {
        assert_eq!(of("ENABLED", &copies, json!({})), ["DLM_COPY_NOT_ALLOWED"]);
        assert_eq!(of("DISABLED", &copies, json!({})), ["VOLUMES_COVERED"]);
    }
    let allowed = json!({"allowedCopyRegions": "us-east-1"});
    assert!(of("ENABLED", &[("us-east-1", true)], allowed).is_empty());
}
