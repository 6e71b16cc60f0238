use super::*;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use fisc_shared::item::ItemError;
use fisc_shared::verdict::{Compliance, Failures};
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Limits, Placement, Remedy,
    Requirement, ResourceType, Run, ServiceCheck, Severity, Text, Trigger, Verdict,
};
use serde_json::{Value, json};

const NONE: Text = Text::new("", "");

const LETTER: Requirement = Requirement {
    code: "WRONG_LETTER",
    wave: 1,
    resources: &[ResourceType::S3_BUCKET],
    title: NONE,
    rule: NONE,
};

/// Wants `configuration.letter` to be `a`.
const BY_ITEM: Control = Control {
    id: "by-item",
    domain: Domain::Transport,
    severity: Severity::High,
    title: NONE,
    why: NONE,
    fix: NONE,
    remedy: Remedy::NONE,
    reference: "",
    criteria: Criteria { explicit: &["実4"], implied: &[] },
    resources: &[ResourceType::S3_BUCKET],
    trigger: Trigger::Change,
    placement: Placement::EveryRegion,
    actions: &[],
    parameters: &[],
    requirements: &[&LETTER],
    remarks: &[],
    limits: Limits::SMALL,
    check: Check::Item(letter),
};

fn letter(item: &ConfigurationItem, _: &Run<'_>) -> Result<Verdict, Error> {
    let letter = item.configuration()?.text("letter")?;
    let letter = letter.ok_or_else(|| ItemError::Missing { field: "letter".to_owned() })?;
    let mut failures = Failures::new();
    if letter != "a" {
        failures.add(&LETTER);
    }
    Ok(failures.into_verdict())
}

/// Always asks a service.
const BY_SERVICE: Control = Control {
    id: "by-service",
    resources: &[ResourceType::KMS_KEY, ResourceType::ACCOUNT],
    trigger: Trigger::ChangeAndPeriodic,
    actions: &[Action::any("kms:DescribeKey")],
    requirements: &[],
    check: Check::Service { preview: |_, _| Ok(None), connect: unreachable_service, swept: &[] },
    ..BY_ITEM
};

fn unreachable_service(_: &aws_config::SdkConfig) -> Arc<dyn ServiceCheck> {
    panic!("a scan of files connects to nothing")
}

fn bucket(id: &str, day: u32, letter: &str) -> Value {
    json!({
        "resourceType": "AWS::S3::Bucket", "resourceId": id, "awsAccountId": "111122223333",
        "awsRegion": "ap-northeast-1", "configurationItemStatus": "OK",
        "configurationItemCaptureTime": format!("2026-11-{day:02}T00:00:00Z"),
        "configuration": {"letter": letter},
    })
}

struct Files(tempfile::TempDir, Vec<Source>);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap(), Vec::new())
    }

    fn add(&mut self, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(format!("{}.json", self.1.len()));
        std::fs::File::create(&path).unwrap().write_all(content.as_ref()).unwrap();
        self.1.push(Source::File(path.clone()));
        path
    }

    fn scan(&self) -> Report {
        let controls: [&'static Control; 2] = [&BY_ITEM, &BY_SERVICE];
        let plan = Plan::new(&controls, "2026-11-21T00:00:00Z".parse().unwrap());
        scan_files(&self.1, &plan, &Progress::over(None))
    }
}

fn verdicts(report: &Report) -> Vec<(&str, Compliance)> {
    report
        .evaluations
        .iter()
        .map(|one| (one.subject.id.as_ref(), one.verdict.compliance()))
        .collect()
}

#[test]
fn failures_come_first_and_the_account_is_not_forgotten() {
    let mut files = Files::new();
    files.add(json!([bucket("a", 1, "a"), bucket("b", 1, "b")]).to_string());
    let report = files.scan();
    assert_eq!(verdicts(&report), [("b", Compliance::NonCompliant), ("a", Compliance::Compliant)]);
    let open: Vec<_> = report.not_evaluated.iter().map(|one| one.subject.id.as_ref()).collect();
    assert_eq!(open, ["111122223333"]);
    assert_eq!(report.items, 2);
}

#[test]
fn the_newest_state_wins_whatever_the_order() {
    let states = [bucket("a", 1, "a"), bucket("a", 3, "b"), bucket("a", 2, "a")];
    for turn in 0..3 {
        let mut files = Files::new();
        for index in 0..3 {
            files.add(json!([states[(index + turn) % 3]]).to_string());
        }
        assert_eq!(verdicts(&files.scan()), [("a", Compliance::NonCompliant)]);
        let mut file = Files::new();
        let states: Vec<_> = (0..3).map(|index| states[(index + turn) % 3].clone()).collect();
        file.add(json!({ "configurationItems": states }).to_string());
        assert_eq!(verdicts(&file.scan()), [("a", Compliance::NonCompliant)]);
    }
}

#[test]
fn of_one_time_the_state_that_can_be_judged_wins() {
    let whole = bucket("a", 1, "b");
    let mut partial = whole.clone();
    partial.as_object_mut().unwrap().remove("configuration");
    for states in [[&whole, &partial], [&partial, &whole]] {
        let mut files = Files::new();
        files.add(json!(states).to_string());
        let report = files.scan();
        assert_eq!(verdicts(&report), [("a", Compliance::NonCompliant)]);
        assert_eq!(report.errors, []);
    }
}

#[test]
fn a_newer_state_that_cannot_be_judged_hides_the_older_verdict() {
    let mut newer = bucket("a", 2, "a");
    newer.as_object_mut().unwrap().remove("configuration");
    let mut files = Files::new();
    files.add(json!([bucket("a", 1, "a"), newer]).to_string());
    let report = files.scan();
    assert_eq!(verdicts(&report), []);
    assert_eq!(report.errors.len(), 1);
}

#[test]
fn regions_and_accounts_keep_resources_apart() {
    let here = bucket("a", 1, "a");
    let mut there = bucket("a", 2, "b");
    there["awsRegion"] = json!("ap-northeast-3");
    let mut elsewhere = bucket("a", 3, "b");
    elsewhere["awsAccountId"] = json!("444455556666");
    let mut files = Files::new();
    files.add(json!([here, there, elsewhere]).to_string());
    let report = files.scan();
    assert_eq!(report.evaluations.len(), 3);
    assert_eq!(report.accounts, ["111122223333", "444455556666"]);
}

#[test]
fn a_deleted_resource_is_not_applicable() {
    let mut deleted = bucket("a", 2, "b");
    deleted["configurationItemStatus"] = json!("ResourceDeleted");
    deleted["configuration"] = Value::Null;
    let mut files = Files::new();
    files.add(json!([bucket("a", 1, "b"), deleted]).to_string());
    assert_eq!(verdicts(&files.scan()), [("a", Compliance::NotApplicable)]);
}

#[test]
fn one_bad_item_does_not_stop_the_others() {
    let mut files = Files::new();
    let mut bad = bucket("bad", 1, "a");
    bad["configuration"] = json!({});
    let text = json!([bucket("a", 1, "a"), bad, {"resourceType": "AWS::S3::Bucket"}, 7, "{", null])
        .to_string();
    let path = files.add(&text);
    let report = files.scan();
    assert_eq!(verdicts(&report), [("a", Compliance::Compliant)]);
    let mut shown = String::new();
    for error in &report.errors {
        writeln!(shown, "{error}").unwrap();
    }
    let shown = shown.replace(&path.display().to_string(), "FILE");
    insta::assert_snapshot!(shown);
}

#[test]
fn damage_keeps_what_came_before() {
    let good = json!([bucket("a", 1, "a"), bucket("b", 1, "b")]).to_string();
    for damaged in [
        good.as_bytes()[..good.len() - 1].to_vec(),
        format!("{good}]").into_bytes(),
        [&good.as_bytes()[..good.len() - 1], b",{\"x\":\"\xFF\"}]"].concat(),
    ] {
        let mut files = Files::new();
        let path = files.add(&damaged);
        files.add(json!([bucket("c", 1, "a")]).to_string());
        let report = files.scan();
        assert_eq!(report.evaluations.len(), 3);
        let [error] = report.errors.as_slice() else { panic!("{:?}", report.errors) };
        assert_eq!(error.file.as_deref(), path.to_str());
        assert!(error.offset.is_some());
    }
}

#[test]
fn missing_files_and_directories_are_errors() {
    let mut files = Files::new();
    files.add(json!([bucket("a", 1, "a")]).to_string());
    files.1.push(Source::File("no/such/file.json".into()));
    files.1.push(Source::File(files.0.path().to_owned()));
    let report = files.scan();
    assert_eq!(report.evaluations.len(), 1);
    assert!(report.errors[0].to_string().starts_with("no/such/file.json: cannot be opened"));
    assert!(report.errors[1].to_string().contains("is a directory"));
}

#[test]
fn resources_without_an_answer_are_errors() {
    let mut files = Files::new();
    files.add(
        json!({
            "baseConfigurationItems": [],
            "unprocessedResourceKeys":
                [{"resourceType": "AWS::S3::Bucket", "resourceId": "throttled"}],
        })
        .to_string(),
    );
    files.add(json!({"Results": [], "NextToken": "x"}).to_string());
    let report = files.scan();
    assert!(report.errors[0].to_string().contains("AWS::S3::Bucket throttled"));
    assert!(report.warnings[0].contains("one page of several"));
}

#[test]
fn many_items_over_many_batches_give_the_same_as_one_by_one() {
    let mut items = Vec::new();
    for index in 0..3000_u32 {
        let letter = if index % 3 == 0 { "b" } else { "a" };
        items.push(bucket(&format!("b{}", index % 1000), index / 1000 + 1, letter));
    }
    let mut files = Files::new();
    files.add(json!({ "configurationItems": items }).to_string());
    let report = files.scan();
    assert_eq!(report.evaluations.len(), 1000);
    let newest = &items[2000..];
    for one in &report.evaluations {
        let item = newest.iter().find(|item| item["resourceId"] == *one.subject.id).unwrap();
        let expected = item["configuration"]["letter"] == "a";
        assert_eq!(one.verdict.compliance() == Compliance::Compliant, expected);
    }
    assert_eq!(report.files[0].items, 3000);
}
