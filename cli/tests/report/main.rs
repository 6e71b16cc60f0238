//! `fisc report`: the formats held against each other, comparing, hostile names, options.

// Helpers of tests fail by panicking, as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod aggregator;
#[path = "../common/mod.rs"]
mod common;
mod read;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use calamine::{Reader, Xlsx, open_workbook};
use common::{AT, Said, events, run, run_with};
use read::{attribute, numbers, of_csv, of_html, of_json, of_xlsx, rows, tags};
use serde_json::{Value, json};

/// The sample with a tag that exempts one bucket, and one that does not parse.
fn sample(directory: &Path) -> String {
    let text = fs::read_to_string(events("config-snapshot.json")).unwrap();
    let mut snapshot: Value = serde_json::from_str(&text).unwrap();
    let items = snapshot["configurationItems"].as_array_mut().unwrap();
    let bucket = |id: &str, items: &mut Vec<Value>, value: &str| {
        let item = items.iter_mut().find(|item| item["resourceId"] == id).unwrap();
        item["tags"]["fisc:exempt:s3-tls-only"] = json!(value);
    };
    let exempt = "until=2027-03-31;reason=RISK-123;by=ciso@bank.example";
    bucket("hbg-ib-upload-111122223333", items, exempt);
    let file = directory.join("snapshot.json");
    fs::write(&file, snapshot.to_string()).unwrap();
    file.to_str().unwrap().to_owned()
}

fn report(input: &[&str], format: &str, output: Option<&Path>) -> Said {
    let mut arguments = vec!["--lang", "ja", "report"];
    arguments.extend(input);
    arguments.extend(["--format", format]);
    if let Some(path) = output {
        arguments.extend(["--output", path.to_str().unwrap()]);
    }
    run(&arguments)
}

#[test]
fn all_formats_say_the_same_and_name_every_criterion_once() {
    let directory = tempfile::tempdir().unwrap();
    let file = sample(directory.path());
    let input = [file.as_str(), "--at", AT, "--exemption-tags"];
    let json = report(&input, "json", None);
    assert_eq!(json.code, 1, "{}", json.err);
    let expected = of_json(&json.out);
    assert_eq!(expected.exempt, 1);
    assert_eq!(expected.total[3], 1);
    assert!(expected.total[0] > 100 && expected.total[2] > 10, "{:?}", expected.total);
    let numbers: BTreeSet<&str> =
        expected.criteria.iter().map(|(number, _)| number.as_str()).collect();
    assert_eq!((numbers.len(), expected.criteria.len()), (277, 277));
    let coverage = run(&["coverage", "--format", "json"]).json();
    let reference: Vec<&str> = coverage["criteria"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["criterion"].as_str().unwrap())
        .collect();
    let order: Vec<&str> = expected.criteria.iter().map(|(number, _)| number.as_str()).collect();
    assert_eq!(order, reference);

    let said = report(&input, "csv", None);
    assert_eq!((said.code, of_csv(&said.out)), (1, of_json(&json.out)));
    let said = report(&input, "html", None);
    assert_eq!((said.code, of_html(&said.out)), (1, of_json(&json.out)));
    let path = directory.path().join("report.xlsx");
    let said = report(&input, "xlsx", Some(&path));
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{}", said.err);
    assert_eq!(of_xlsx(&path), expected);

    // The JSON of the scan and of the report itself make the same report.
    let scan = run(&["scan", &file, "--at", AT, "--exemption-tags", "--format", "json"]);
    for (name, text) in [("scan.json", &scan.out), ("report.json", &json.out)] {
        let path = directory.path().join(name);
        fs::write(&path, text).unwrap();
        let said = report(&[path.to_str().unwrap()], "json", None);
        assert_eq!((said.code, of_json(&said.out)), (1, of_json(&json.out)), "{name}");
        let piped = run_with(&["report", "-", "--format", "json"], text.as_bytes());
        assert_eq!(of_json(&piped.out), of_json(&json.out), "{name} through a pipe");
    }
    let scanned: Value = scan.json();
    assert_eq!(scanned["summary"]["nonCompliant"], json!(expected.total[0]));
}

#[test]
fn the_page_and_the_workbook_say_what_they_are_about() {
    let directory = tempfile::tempdir().unwrap();
    let file = sample(directory.path());
    for (language, texts) in [
        (
            "ja",
            [
                "ap-northeast-1",
                "2026年11月21日 09:00",
                "第2版",
                "証明ではありません",
                "署名",
                "RISK-123",
            ],
        ),
        (
            "en",
            [
                "ap-northeast-1",
                "2026-11-21 00:00 UTC",
                "second edition",
                "does not certify",
                "Signature",
                "RISK-123",
            ],
        ),
    ] {
        let arguments = ["--lang", language, "report", &file, "--at", AT, "--exemption-tags"];
        let html = run(&arguments).out;
        assert!(html.starts_with(&format!("<!DOCTYPE html>\n<html lang=\"{language}\">")));
        for text in texts {
            assert!(html.contains(text), "{language}: {text}");
        }
        // Nothing is loaded from anywhere.
        for outside in ["href=\"http", "href='http", "src=", "@import", "url("] {
            assert!(!html.contains(outside), "{outside}");
        }
        // 準拠法 is the governing law of a contract.
        let claims = html.replace("準拠法", "").contains("準拠") || html.contains("compliant with");
        assert!(!claims, "{language}");
        let ids: Vec<&str> =
            html.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let unique: BTreeSet<&&str> = ids.iter().collect();
        assert_eq!(unique.len(), ids.len(), "ids are unique");
        for target in html.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(unique.contains(&target), "{target} is nowhere");
        }
    }
}

#[test]
fn comparing_tells_better_worse_new_and_gone_in_every_format() {
    let directory = tempfile::tempdir().unwrap();
    let scan = run(&[
        "scan",
        events("config-snapshot.json").to_str().unwrap(),
        "--at",
        AT,
        "--format",
        "json",
    ]);
    let new = directory.path().join("new.json");
    fs::write(&new, &scan.out).unwrap();
    let mut old = scan.json();
    let rows = old["evaluations"].as_array_mut().unwrap();
    let is = |row: &Value, state: &str| row["compliance"] == state;
    // Two that passed fail now, one that failed is new, three that failed are mended, one is gone.
    let mut turned = 0;
    for row in rows.iter_mut().filter(|row| is(row, "NON_COMPLIANT")).take(2) {
        row["compliance"] = json!("COMPLIANT");
        turned += 1;
    }
    for row in rows.iter_mut().filter(|row| is(row, "COMPLIANT")).skip(2).take(3) {
        row["compliance"] = json!("NON_COMPLIANT");
        turned += 1;
    }
    assert_eq!(turned, 5);
    let at = rows
        .iter()
        .rposition(|row| is(row, "NON_COMPLIANT") && row["control"] == "s3-tls-only")
        .unwrap();
    rows.remove(at);
    let mut gone = rows.iter().find(|row| row["control"] == "s3-tls-only").unwrap().clone();
    gone["resourceId"] = json!("=gone");
    gone["compliance"] = json!("NON_COMPLIANT");
    rows.push(gone);
    let earlier = directory.path().join("old.json");
    fs::write(&earlier, old.to_string()).unwrap();

    let input = [new.to_str().unwrap(), "--compare", earlier.to_str().unwrap()];
    let json = report(&input, "json", None).json();
    let counts = &json["changes"]["counts"];
    let expected =
        [("worse", 2), ("new", 1), ("unknown", 0), ("exempted", 0), ("better", 3), ("gone", 1)];
    for (name, count) in expected {
        assert_eq!(counts[name], count, "{name}: {counts}");
    }
    let list = json["changes"]["findings"].as_array().unwrap();
    assert_eq!(list.len(), 7);
    assert!(list.iter().any(|one| one["change"] == "gone"
        && one["resourceId"] == "=gone"
        && one["after"].is_null()));
    assert!(!json["changes"]["criteria"].as_array().unwrap().is_empty());

    let csv = report(&input, "csv", None).out;
    let mut reader = csv::Reader::from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    let changes: Vec<String> = reader
        .records()
        .map(Result::unwrap)
        .filter(|row| &row[0] == "change")
        .map(|row| row[27].to_owned())
        .collect();
    let html = report(&input, "html", None).out;
    let section = tags(&html, "section", "data-counts");
    assert_eq!(numbers(attribute(section[0], "data-counts")), [2, 1, 0, 0, 3, 1]);
    let path = directory.path().join("report.xlsx");
    report(&input, "xlsx", Some(&path));
    let mut book: Xlsx<_> = open_workbook(&path).unwrap();
    let sheet = rows_of_changes(&mut book);
    for (index, (name, count)) in expected.into_iter().enumerate() {
        assert_eq!(changes.iter().filter(|one| *one == name).count(), count, "{name}");
        assert_eq!(html.matches(&format!("<tr data-change=\"{name}\">")).count(), count);
        let label = ["悪化", "新規", "確認不能", "適用除外へ", "改善", "消滅"][index];
        assert_eq!(sheet.iter().filter(|one| *one == label).count(), count, "{label}");
    }

    // With itself nothing changes; something else than results is refused before any work.
    let same =
        report(&[new.to_str().unwrap(), "--compare", new.to_str().unwrap()], "json", None).json();
    assert_eq!(same["changes"]["findings"], json!([]));
    let items = events("config-snapshot.json");
    let said =
        report(&[items.to_str().unwrap(), "--compare", items.to_str().unwrap()], "json", None);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("not the JSON of fisc"), "{}", said.err);
}

fn rows_of_changes(book: &mut Xlsx<impl std::io::Read + std::io::Seek>) -> Vec<String> {
    rows(book, "変化").into_iter().map(|row| row[0].to_string()).collect()
}

/// Whoever may create a resource names it, and tags it.
#[test]
fn names_are_never_formulas_nor_markup() {
    let directory = tempfile::tempdir().unwrap();
    let name = "=HYPERLINK(\"http://x.example\")<script>alert(1)</script>";
    let row = |id: &str, compliance: &str, more: Value| {
        let mut row = json!({
            "control": "s3-tls-only", "resourceType": "AWS::S3::Bucket", "resourceId": id,
            "resourceArn": "@arn", "accountId": "+1", "region": "-r", "compliance": compliance,
            "reasons": [{"code": "=1+1", "message": "</td><img src=x onerror=alert(1)>"}],
        });
        row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        row
    };
    let long = "x".repeat(40_000);
    let exemption =
        json!({"exemption": {"until": "=2", "reason": "<b>", "by": "\t=3", "source": "tag"}});
    let scan = json!({
        "evaluations": [
            row(name, "NON_COMPLIANT", json!({})),
            row("\"><script>alert(2)</script>", "NOT_APPLICABLE", exemption),
            row(&long, "NON_COMPLIANT", json!({})),
        ],
        "errors": [{"control": "s3-tls-only", "message": "=cmd|' /C calc'!A0", "resourceId": "@x"}],
        "summary": {"evaluatedAt": AT, "version": "<v>", "warnings": ["<script>alert(3)</script>"],
                    "controls": [{"control": "s3-tls-only"}]},
    });
    let file = directory.path().join("scan.json");
    fs::write(&file, scan.to_string()).unwrap();
    let input = [file.to_str().unwrap()];
    let html = report(&input, "html", None);
    assert_eq!(html.code, 2, "{}", html.err);
    assert_eq!(html.out.matches("<script>").count(), 1, "only the page's own");
    assert!(
        !html.out.contains("<img") && !html.out.contains("<b>\u{20}") && !html.out.contains("<v>")
    );
    assert!(html.out.contains("=HYPERLINK("));

    let csv = report(&input, "csv", None).out;
    let mut reader = csv::Reader::from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    let cells: Vec<String> = reader
        .records()
        .flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert!(cells.contains(&format!("'{name}")));
    assert!(cells.contains(&"'\t=3".to_owned()) && cells.contains(&"'@arn".to_owned()));
    assert!(cells.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t'])));

    let path = directory.path().join("report.xlsx");
    report(&input, "xlsx", Some(&path));
    let mut book: Xlsx<_> = open_workbook(&path).unwrap();
    for sheet in book.sheet_names().to_owned() {
        let formulas = book.worksheet_formula(&sheet).unwrap();
        assert!(formulas.rows().flatten().all(String::is_empty), "{sheet}");
    }
    let failing = rows(&mut book, "不適合一覧");
    assert!(failing.iter().any(|row| row[4] == *name));
    let cut = failing.iter().find(|row| row[4].to_string().starts_with("xxx")).unwrap();
    assert_eq!(cut[4].to_string().chars().count(), 32_000);
    let overview = book.worksheet_range("概要").unwrap();
    let told = overview.rows().flatten().any(|cell| cell.to_string().contains("32,000 文字"));
    assert!(told, "what is cut is told");
}

#[test]
fn options_that_do_not_fit_are_refused() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("scan.json");
    fs::write(&file, json!({"evaluations": [], "summary": {"evaluatedAt": AT}}).to_string())
        .unwrap();
    let results = file.to_str().unwrap();
    let items = events("config-snapshot.json");
    let refused = |arguments: &[&str], text: &str| {
        let said = run(&[&["report"][..], arguments].concat());
        assert_eq!((said.code, said.out.as_str()), (2, ""));
        assert!(said.err.contains(text), "{}", said.err);
    };
    refused(&[results, "--at", AT], "--at is for evaluating");
    refused(&[results, items.to_str().unwrap()], "give files of one kind");
    refused(&[], "required");
    refused(&["--live", "--aggregator", "org"], "cannot be used with");
    refused(&[results, "--aggregator", "org"], "cannot be used with");
    refused(&["--aggregator", "org", "--exemption-tags"], "cannot be used with");
    refused(&[results, "--output", "/no/such/directory/x.html"], "cannot be written");
    refused(&[results, "--prefix", "x"], "cannot be used with");
    refused(&["--live", "--prefix", "x"], "cannot be used with");
}
