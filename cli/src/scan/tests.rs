use super::*;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use fisc_shared::item::ItemError;
use fisc_shared::verdict::{Compliance, Failures};
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Language, Limits,
    Placement, Remedy, Requirement, ResourceType, Run, ServiceCheck, Severity, Text, Trigger,
    Verdict, message,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::output::{asff, csv, json, table};
use crate::report::{Evaluation, Undecided};
use crate::results::Results;
use crate::terminal::Look;

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

/// Wants `configuration.letter` not to be `a`, and says which one it is.
const TELLING: Control = Control {
    id: "telling",
    severity: Severity::Low,
    resources: &[ResourceType::S3_BUCKET, ResourceType::KMS_KEY],
    check: Check::Item(|item, _| {
        let mut failures = Failures::new();
        let letter = item.configuration()?.text("letter")?.unwrap_or_default();
        if letter != "a" {
            let id = &item.resource_id;
            failures.because(&LETTER, message!("{letter} of {id}", "{id} の {letter}"));
        }
        Ok(failures.into_verdict())
    }),
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

/// What a report holds.
struct Found {
    evaluations: Vec<Evaluation>,
    not_evaluated: Vec<Undecided>,
    errors: Vec<Problem>,
    warnings: Vec<String>,
    files: Vec<FileRead>,
    accounts: Vec<String>,
    items: u64,
}

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

    fn scan_in(&self, bytes: usize, controls: &[&'static Control]) -> Report {
        let mut plan = Plan::new(controls, "2026-11-21T00:00:00Z".parse().unwrap());
        plan.exemptions.tags = true;
        let room = Room { bytes, ..Room::default() };
        scan_files(&self.1, &plan, &Progress::over(None), &room).unwrap()
    }

    /// What a scan finds: the same with room for everything and with none.
    fn scan(&self) -> Found {
        let controls: [&'static Control; 2] = [&BY_ITEM, &BY_SERVICE];
        let report = self.scan_in(usize::MAX, &controls);
        assert_eq!(outputs(&self.scan_in(0, &controls)), outputs(&report));
        Found {
            evaluations: report.evaluations.into_vec().unwrap(),
            not_evaluated: report.not_evaluated.into_vec().unwrap(),
            errors: report.errors.into_vec().unwrap(),
            warnings: report.warnings,
            files: report.files,
            accounts: report.accounts,
            items: report.items,
        }
    }
}

/// The report in every text format, and its exit code.
fn outputs(report: &Report) -> Vec<String> {
    let mut all = vec![format!("{:?}", report.exit_code())];
    for language in [Language::En, Language::Ja] {
        let mut add = |write: &dyn Fn(&mut Vec<u8>)| {
            let mut out = Vec::new();
            write(&mut out);
            all.push(String::from_utf8(out).unwrap());
        };
        add(&|out| csv::write(out, report, language).unwrap());
        add(&|out| json::write(out, report, language).unwrap());
        add(&|out| asff::write(out, report, language).unwrap());
        add(&|out| table::write(out, report, language, Look::of_file(), false).unwrap());
    }
    all
}

fn verdicts(report: &Found) -> Vec<(&str, Compliance)> {
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

/// An item as a scan may meet it: often a state of a resource of which there are others.
fn any_item() -> impl Strategy<Value = Value> {
    let place = (
        prop::sample::select(vec!["AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Other::Thing"]),
        prop::sample::select(vec!["ap-northeast-1", "ap-northeast-3", "global"]),
        prop::sample::select(vec!["111122223333", "444455556666", ""]),
        0..8_u32,
    );
    let state = (
        0..4_u32,
        prop::option::weighted(0.9, prop::sample::select(vec!["a", "b", "c", "d", "e"])),
        any::<bool>(),
        prop::sample::select(vec![
            "",
            "until=2027-03-31;reason=RISK-1;by=ciso",
            "until=2020-03-31;reason=RISK-1;by=ciso",
            "nonsense",
        ]),
    );
    (place, state, prop::option::weighted(0.05, any::<u8>())).prop_map(|(place, state, odd)| {
        if let Some(odd) = odd {
            return json!({"resourceType": "AWS::S3::Bucket", "odd": odd});
        }
        let ((name, region, account, id), (day, letter, arn, exempt)) = (place, state);
        let mut item = bucket(&format!("実{id}"), day + 1, "");
        item["resourceType"] = json!(name);
        item["awsRegion"] = json!(region);
        item["awsAccountId"] = json!(account);
        item["configuration"] = letter.map_or(json!({}), |letter| json!({"letter": letter}));
        if day == 0 {
            item.as_object_mut().unwrap().remove("configurationItemCaptureTime");
        }
        if arn {
            item["ARN"] = json!(format!("arn:aws:x:::{id}-{day}"));
        }
        if !exempt.is_empty() {
            item["tags"] = json!({"fisc:exempt:by-item": exempt});
        }
        item
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_has_no_room_comes_out_the_same(
        files in prop::collection::vec(prop::collection::vec(any_item(), 0..40), 1..4),
        damage in prop::option::of(0..40_usize),
        bytes in prop::sample::select(vec![0, 3_000, 10_000]),
    ) {
        let controls: [&'static Control; 3] = [&TELLING, &BY_SERVICE, &BY_ITEM];
        let mut all = Files::new();
        for items in &files {
            let mut text = json!({
                "unprocessedResourceKeys": [
                    {"resourceType": "AWS::S3::Bucket", "resourceId": "z"},
                    {"resourceType": "AWS::S3::Bucket", "resourceId": "a"},
                ],
                "configurationItems": items,
            })
            .to_string()
            .into_bytes();
            text.truncate(text.len() - damage.unwrap_or_default());
            all.add(text);
        }
        all.1.push(Source::File("no/such/file.json".into()));
        let (whole, spilled) =
            (all.scan_in(usize::MAX, &controls), all.scan_in(bytes, &controls));
        prop_assert!(matches!(whole.evaluations, Results::Memory(_)));
        if bytes == 0 && !whole.evaluations.is_empty() {
            prop_assert!(matches!(spilled.evaluations, Results::Disk(_)));
        }
        for (one, other) in outputs(&whole).into_iter().zip(outputs(&spilled)) {
            prop_assert_eq!(one, other);
        }
    }
}

#[test]
fn without_a_folder_for_temporary_files_the_scan_ends_with_an_error() {
    let mut files = Files::new();
    let items: Vec<Value> = (0..2000).map(|index| bucket(&format!("b{index}"), 1, "a")).collect();
    files.add(json!(items).to_string());
    let plan = Plan::new(&[&BY_ITEM], "2026-11-21T00:00:00Z".parse().unwrap());
    let folder = files.0.path().join("gone");
    let room = Room { bytes: 1000, folder: folder.clone() };
    let error = scan_files(&files.1, &plan, &Progress::over(None), &room).unwrap_err();
    assert!(
        matches!(&error, SpillError::Create { folder: told, .. } if *told == folder),
        "{error}"
    );
    // Where there is room, nobody asks for the folder.
    let room = Room { folder, ..Room::default() };
    let report = scan_files(&files.1, &plan, &Progress::over(None), &room).unwrap();
    assert_eq!(report.evaluations.len(), 2000);
}
