//! `fisc scan` over the samples: the expected verdicts, in every dialect.

// Helpers of tests fail by panicking, as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{events, field, run, scan};
use serde_json::{Value, json};

/// Compliance and codes by control, id and Region; no compliance where a service must be asked.
type Verdicts = BTreeMap<(String, String, String), (Option<String>, Vec<String>)>;

fn text(row: &Value, name: &str) -> String {
    row[name].as_str().unwrap_or_default().to_owned()
}

fn found(json: &Value) -> Verdicts {
    let key = |row: &Value| (text(row, "control"), text(row, "resourceId"), text(row, "region"));
    let judged = json["evaluations"].as_array().unwrap().iter().map(|row| {
        let codes = field(&row["reasons"], "code").into_iter().map(str::to_owned).collect();
        (key(row), (row["compliance"].as_str().map(str::to_owned), codes))
    });
    let open = json["notEvaluated"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["resourceType"] != "AWS::::Account")
        .map(|row| (key(row), (None, Vec::new())));
    judged.chain(open).collect()
}

fn expected() -> Verdicts {
    let file = std::fs::read_to_string(events("samples/expected.json")).unwrap();
    let rows: Vec<Value> = serde_json::from_str(&file).unwrap();
    rows.iter()
        .map(|row| {
            let key = (text(row, "control"), text(row, "resourceId"), text(row, "region"));
            let codes = row["codes"].as_array().unwrap().iter();
            let codes = codes.map(|code| code.as_str().unwrap().to_owned()).collect();
            assert_eq!(row["undecided"] == true, row["compliance"].is_null(), "{row}");
            (key, (row["compliance"].as_str().map(str::to_owned), codes))
        })
        .collect()
}

/// A note says why something is compliant or does not apply; the expectations list codes of
/// failures, and of remarks only where they matter.
fn agree(found: &(Option<String>, Vec<String>), wanted: &(Option<String>, Vec<String>)) -> bool {
    let remark = wanted.1.is_empty() && wanted.0.as_deref() != Some("NON_COMPLIANT");
    found.0 == wanted.0 && (remark || found.1 == wanted.1)
}

#[test]
fn the_snapshot_gives_every_expected_verdict() {
    let expected = expected();
    let controls: BTreeSet<&str> = expected.keys().map(|key| key.0.as_str()).collect();
    let options: Vec<&str> = controls.into_iter().flat_map(|id| ["--control", id]).collect();
    let (said, json) = scan("config-snapshot.json", &options);
    let found = found(&json);
    assert_eq!(json["errors"], json!([]));
    let keys: BTreeSet<_> = found.keys().chain(expected.keys()).collect();
    let wrong: Vec<_> = keys
        .into_iter()
        .filter(|key| match (found.get(*key), expected.get(*key)) {
            (Some(found), Some(wanted)) => !agree(found, wanted),
            _ => true,
        })
        .map(|key| format!("{key:?}: {:?}, not {:?}", found.get(key), expected.get(key)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(said.code, 1);
    assert_eq!(said.err, "");
}

#[test]
fn accounts_are_listed_for_controls_without_items() {
    let (_, json) = scan("config-snapshot.json", &["--control", "root-mfa"]);
    assert_eq!(json["evaluations"], json!([]));
    let [row] = json["notEvaluated"].as_array().unwrap().as_slice() else { panic!("{json}") };
    assert_eq!(row["resourceType"], "AWS::::Account");
    assert_eq!(row["resourceId"], "111122223333");
    assert!(row["actions"].as_array().unwrap().contains(&json!("iam:GetAccountSummary")));
}

/// The items of the API are those of the snapshot: so are the verdicts.
#[test]
fn results_of_the_api_give_the_verdicts_of_the_snapshot() {
    let expected = expected();
    for file in ["samples/batch-get.json", "samples/select-query.json"] {
        let (_, json) = scan(file, &[]);
        let found = found(&json);
        let known = found.keys().filter(|key| expected.contains_key(*key)).count();
        assert!(known >= 3, "{file}: {found:?}");
        for (key, verdict) in &found {
            // Not every control has its expectations written down.
            let Some(wanted) = expected.get(key) else { continue };
            // A query may lack what decides; nothing is judged differently for it.
            assert!(verdict.0.is_none() || agree(verdict, wanted), "{file}: {key:?}: {verdict:?}");
        }
    }
}

#[test]
fn a_query_without_the_supplementary_configuration_is_an_error_of_that_bucket() {
    let (said, json) = scan("samples/select-query.json", &["--control", "s3-tls-only"]);
    let [error] = json["errors"].as_array().unwrap().as_slice() else { panic!("{json}") };
    assert_eq!(error["resourceId"], "hbg-ib-contents-111122223333");
    assert_eq!(error["control"], "s3-tls-only");
    assert!(text(error, "file").ends_with("select-query.json"));
    assert!(text(error, "message").contains("supplementaryConfiguration is missing"));
    assert!(!json["evaluations"].as_array().unwrap().is_empty(), "the others are judged");
    assert_eq!(said.code, 2);
    assert!(said.err.contains("hbg-ib-contents-111122223333"), "{}", said.err);
    assert!(said.err.contains("supplementaryConfiguration is missing"), "{}", said.err);
}

#[test]
fn of_a_history_the_newest_state_counts() {
    let (said, json) = scan("samples/history.json.gz", &["--control", "s3-tls-only"]);
    let [row] = json["evaluations"].as_array().unwrap().as_slice() else { panic!("{json}") };
    assert_eq!(row["compliance"], "NOT_APPLICABLE");
    assert_eq!(field(&row["reasons"], "code"), ["RESOURCE_DELETED"]);
    assert_eq!(json["summary"]["items"], 6);
    assert_eq!(said.code, 0);

    let (_, json) = scan("samples/config-history-api.json", &["--control", "s3-tls-only"]);
    let [row] = json["evaluations"].as_array().unwrap().as_slice() else { panic!("{json}") };
    assert_eq!(row["resourceId"], "hbg-core-if-files-111122223333");
    assert_eq!(row["compliance"], "COMPLIANT");
}

#[test]
fn a_single_item_is_enough() {
    let (said, json) = scan("samples/single-item.json", &["--control", "kms-key-rotation"]);
    let [row] = json["evaluations"].as_array().unwrap().as_slice() else { panic!("{json}") };
    assert_eq!(row["compliance"], "NON_COMPLIANT");
    assert_eq!(field(&row["reasons"], "code"), ["ROTATION_DISABLED"]);
    assert_eq!(said.code, 1);
}

#[test]
fn all_files_at_once_agree_with_the_snapshot() {
    let files = [
        "config-snapshot.json",
        "samples/batch-get.json",
        "samples/history.json.gz",
        "samples/config-history-api.json",
        "samples/select-query.json",
    ]
    .map(events);
    let mut arguments = vec!["scan", "--at", common::AT, "--format", "json"];
    arguments.extend(files.iter().map(|file| file.to_str().unwrap()));
    let forwards = run(&arguments).json();
    let found = found(&forwards);
    for (key, wanted) in &expected() {
        assert!(agree(&found[key], wanted), "{key:?}: {:?}, not {wanted:?}", found[key]);
    }
    arguments[5..].reverse();
    let backwards = run(&arguments).json();
    assert_eq!(backwards["evaluations"], forwards["evaluations"], "the order makes no difference");
}
