//! The options, errors and exit codes of `fisc scan`.

// Helpers of tests fail by panicking, as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::fs;
use std::process::Stdio;

use common::{AT, events, fisc, run, run_with, scan};
use serde_json::{Value, json};

fn compliant() -> Value {
    let text = fs::read_to_string(events("samples/config-history-api.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    document["configurationItems"][0].clone()
}

fn failing() -> Value {
    serde_json::from_str(&fs::read_to_string(events("samples/single-item.json")).unwrap()).unwrap()
}

#[test]
fn exit_codes_tell_the_three_outcomes() {
    let only = ["scan", "-", "--control", "s3-tls-only", "--control", "kms-key-rotation"];
    let code = |item: &Value| run_with(&only, item.to_string().as_bytes()).code;
    assert_eq!(code(&compliant()), 0);
    assert_eq!(code(&failing()), 1);
    assert_eq!(code(&json!([compliant(), failing()])), 1);
    assert_eq!(code(&json!([compliant(), failing(), {}])), 2);
    // What is wrong with an item of a type that no control judges cannot change a verdict.
    let odd = |name: &str| json!({"resourceType": name, "resourceId": "x", "configurationItemCaptureTime": "soon"});
    assert_eq!(code(&json!([compliant(), odd("AWS::Nobody::Judges")])), 0);
    assert_eq!(code(&json!([compliant(), odd("AWS::S3::Bucket")])), 2);
    assert_eq!(code(&json!([])), 0);
    assert_eq!(run(&["scan"]).code, 2);
    assert_eq!(run(&["scan", "no-such-file.json"]).code, 2);
    assert_eq!(run(&["scan", "--live", "file.json"]).code, 2);
    assert_eq!(run(&["scan", "--no-such-option"]).code, 2);
    assert_eq!(run(&["scan", "x", "--at", "yesterday"]).code, 2);
    assert_eq!(run(&["scan", "x", "--profile", "p"]).code, 2);
}

#[test]
fn without_arguments_the_help_is_shown() {
    let said = run(&[]);
    assert!(said.err.contains("Usage: fisc"), "{said:?}");
    assert!(said.err.contains("explain"), "{said:?}");
    let said = run(&["--version"]);
    assert_eq!(
        (said.code, said.out.as_str()),
        (0, concat!("fisc ", env!("CARGO_PKG_VERSION"), "\n"))
    );
}

#[test]
fn damaged_files_are_errors_that_name_file_and_offset() {
    let directory = tempfile::tempdir().unwrap();
    let whole = json!({"configurationItems": [compliant(), failing()]}).to_string();
    let cut = whole.len() - 20;
    let gzip = fs::read(events("samples/history.json.gz")).unwrap();
    for (name, content, problem, judged) in [
        ("truncated", whole.as_bytes()[..cut].to_vec(), "ends too early", 1),
        ("trailing", format!("{whole},").into_bytes(), "expected the end of the file", 2),
        ("garbage", b"<html>not found</html>".to_vec(), "expected an object or a list", 0),
        ("empty", Vec::new(), "the file is empty", 0),
        ("no-items", b"{\"fileVersion\":\"1.0\"}".to_vec(), "no configuration items here", 0),
        ("truncated.gz", gzip[..gzip.len() / 2].to_vec(), "gzip data ends too early", 0),
        ("utf8", whole.replace("勘定", "x").into_bytes(), "", 2),
        (
            "not-utf8",
            [whole.as_bytes().strip_suffix(b"]}").unwrap(), b",{\"a\":\"\x83\x8A\"}]}"].concat(),
            "not UTF-8",
            2,
        ),
    ] {
        let path = directory.path().join(name);
        fs::write(&path, content).unwrap();
        let said = run(&[
            "scan",
            path.to_str().unwrap(),
            "--at",
            AT,
            "--format",
            "json",
            "--control",
            "s3-tls-only",
            "--control",
            "kms-key-rotation",
        ]);
        let json = said.json();
        assert_eq!(json["evaluations"].as_array().unwrap().len(), judged, "{name}: {json}");
        if problem.is_empty() {
            assert_eq!(said.code, 1, "{name}");
            continue;
        }
        assert_eq!(said.code, 2, "{name}");
        assert_eq!(json["errors"].as_array().unwrap().len(), 1, "{name}: {json}");
        let error = &json["errors"][0];
        assert_eq!(error["file"], path.to_str().unwrap(), "{name}");
        assert!(error["offset"].is_u64(), "{name}: {error}");
        assert!(error["message"].as_str().unwrap().contains(problem), "{name}: {error}");
        assert!(said.err.contains(path.to_str().unwrap()), "{name}: {}", said.err);
        assert!(said.err.contains("byte "), "{name}: {}", said.err);
    }
}

#[test]
fn only_the_chosen_controls_run_and_near_names_are_told() {
    let (_, json) = scan("config-snapshot.json", &["--control", "kms-key-rotation"]);
    let rows = json["evaluations"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["control"] == "kms-key-rotation"));
    assert!(!rows.is_empty());
    let (_, json) =
        scan("config-snapshot.json", &["--control", "s3-tls-only", "--control", "root-mfa"]);
    let controls: Vec<_> = json["summary"]["controls"].as_array().unwrap().iter().collect();
    assert_eq!(controls.len(), 2);

    let said = run(&["scan", "x", "--control", "kms-key-rotatio"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("'kms-key-rotation'"), "{}", said.err);
}

#[test]
fn parameters_change_verdicts_and_mistakes_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("parameters.json");
    let with = |content: &str| {
        fs::write(&file, content).unwrap();
        let snapshot = events("config-snapshot.json");
        let snapshot = snapshot.to_str().unwrap();
        let file = file.to_str().unwrap();
        run(&["scan", snapshot, "--at", AT, "--format", "json", "--parameters", file])
    };
    let said = with(r#"{"s3-tls-only": {"acceptObjectsOnly": true}}"#);
    let json = said.json();
    let rows = json["evaluations"].as_array().unwrap();
    let raw = rows.iter().find(|row| {
        row["resourceId"] == "hbg-analytics-raw-111122223333" && row["control"] == "s3-tls-only"
    });
    assert_eq!(raw.unwrap()["compliance"], "COMPLIANT");

    for (content, problem) in [
        (r#"{"s3-tls": {}}"#, "no control is called \"s3-tls\" (near: s3-tls-only"),
        (r#"{"s3-tls-only": {"acceptObjects": true}}"#, "unknown parameter \"acceptObjects\""),
        (r#"{"s3-tls-only": {"acceptObjectsOnly": 3}}"#, "takes true or false"),
        (r#"{"s3-tls-only": []}"#, "s3-tls-only"),
        ("[]", "expected {\"control-id\""),
        ("{", "expected {\"control-id\""),
    ] {
        let said = with(content);
        assert_eq!((said.code, said.out.as_str()), (2, ""), "{content}");
        assert!(said.err.contains(problem), "{content}: {}", said.err);
        assert!(said.err.contains("parameters.json"), "{content}: {}", said.err);
    }
    let said = run(&["scan", "x", "--parameters", "no-such-file.json"]);
    assert!(said.err.contains("no-such-file.json: cannot be read"), "{}", said.err);
}

#[test]
fn the_language_follows_the_option_and_the_locale() {
    let snapshot = events("config-snapshot.json");
    let arguments = ["scan", snapshot.to_str().unwrap(), "--at", AT];
    let locale = |value: &str| {
        let output = fisc(&arguments).env("LANG", value).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(locale("ja_JP.UTF-8").contains("不適合"));
    assert!(locale("en_US.UTF-8").contains("fails"));
    assert!(locale("C").contains("fails"));
    let said = run(&[&["--lang", "ja"], &arguments[..]].concat());
    assert!(said.out.contains("コントロール"));
    let said = run(&[&arguments[..], &["--lang", "en"]].concat());
    assert!(said.out.contains("Control"));
    assert_eq!(run(&["controls", "--lang", "fr"]).code, 2);
    let (_, ja) = scan("samples/single-item.json", &["--lang", "ja"]);
    let (_, en) = scan("samples/single-item.json", &["--lang", "en"]);
    let message = |json: &Value| {
        let rows = json["evaluations"].as_array().unwrap();
        let row = rows.iter().find(|row| row["control"] == "kms-key-rotation").unwrap();
        row["reasons"][0]["message"].to_string()
    };
    assert!(message(&en).is_ascii());
    assert!(!message(&ja).is_ascii());
}

#[test]
fn json_is_as_designed() {
    let (_, json) = scan("samples/single-item.json", &["--control", "kms-key-rotation"]);
    let keys = |value: &Value| {
        let mut keys: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys
    };
    assert_eq!(keys(&json), ["errors", "evaluations", "notEvaluated", "summary"]);
    let row = &json["evaluations"][0];
    assert_eq!(
        keys(row),
        [
            "accountId",
            "compliance",
            "control",
            "criteria",
            "reasons",
            "region",
            "resourceArn",
            "resourceId",
            "resourceType",
            "severity",
        ]
    );
    assert_eq!(keys(&row["reasons"][0]), ["code", "message"]);
    assert_eq!(row["resourceType"], "AWS::KMS::Key");
    assert_eq!(row["accountId"], "111122223333");
    assert!(row["resourceArn"].as_str().unwrap().starts_with("arn:aws:kms:"));
    assert!(row["criteria"].as_array().unwrap().contains(&json!("実13")));
    assert_eq!(json["summary"]["nonCompliant"], 1);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let snapshot = events("config-snapshot.json");
    let only = ["--control", "s3-tls-only", "--format", "html"];
    let mut child = fisc(&[&["scan", snapshot.to_str().unwrap()], &only[..]].concat())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn exemptions_count_where_an_option_asks_for_them() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("exemptions.json");
    let entry = |resource: &str, until: &str| {
        json!({"control": "kms-key-rotation", "account": "111122223333", "region": "ap-northeast-1",
            "resourceType": "AWS::KMS::Key", "resource": resource, "until": until,
            "reason": "RISK-7", "by": "ciso@bank.example"})
    };
    let item = failing();
    let id = item["resourceId"].as_str().unwrap();
    let scan = |item: &Value, options: &[&str]| {
        let mut all =
            vec!["scan", "-", "--control", "kms-key-rotation", "--at", AT, "--format", "json"];
        all.extend_from_slice(options);
        run_with(&all, item.to_string().as_bytes())
    };
    let with = |entries: Value| {
        fs::write(&file, json!({"exemptions": entries}).to_string()).unwrap();
        scan(&item, &["--exemptions", file.to_str().unwrap()])
    };
    let said = with(json!([entry(id, "2027-03-31")]));
    assert_eq!(said.code, 0, "{said:?}");
    let one = &said.json()["evaluations"][0];
    assert_eq!(one["compliance"], "NOT_APPLICABLE", "{one}");
    assert_eq!(
        one["exemption"],
        json!({"until": "2027-03-31", "reason": "RISK-7", "by": "ciso@bank.example", "source": "file"})
    );
    assert_eq!(one["reasons"][0]["code"], "EXEMPT");
    assert!(one["reasons"].as_array().unwrap().len() > 1, "{one}");

    // Over, of another resource, malformed: none counts.
    let said = with(json!([entry(id, "2026-11-20"), entry("other", "2027-03-31"), {"control": 1}]));
    assert_eq!(said.code, 1);
    assert!(said.err.contains("exemption 3: "), "{said:?}");
    let one = &said.json()["evaluations"][0];
    let codes: Vec<&str> = one["reasons"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect();
    assert_eq!(codes.last(), Some(&"EXEMPTION_EXPIRED"), "{one}");
    assert!(one.get("exemption").is_none(), "{one}");
    let unknown = with(json!([{"control": "s3-tls", "account": "111122223333", "region": "*",
        "resourceType": "AWS::KMS::Key", "resource": "abc", "until": "2027-03-31",
        "reason": "R", "by": "B"}]));
    assert!(unknown.err.contains("no control is called \"s3-tls\""), "{unknown:?}");

    // A file that is none stops the scan.
    fs::write(&file, "[]").unwrap();
    let said = scan(&item, &["--exemptions", file.to_str().unwrap()]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("the file of exemptions cannot be read"), "{said:?}");
    assert_eq!(scan(&item, &["--exemptions", "no-such-file.json"]).code, 2);

    let mut tagged = item.clone();
    tagged["tags"] = json!({"fisc:exempt:kms-key-rotation": "until=2027-03-31;reason=RISK-7;by=ciso@bank.example"});
    assert_eq!(scan(&tagged, &[]).code, 1);
    let said = scan(&tagged, &["--exemption-tags"]);
    assert_eq!(
        (said.code, &said.json()["evaluations"][0]["exemption"]["source"]),
        (0, &json!("tag"))
    );
}
