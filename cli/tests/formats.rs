//! The output formats of `fisc scan` read back.

// Helpers of tests fail by panicking, as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::fs;
use std::io::Read;

use common::{AT, events, run, run_with};
use serde_json::{Value, json};

fn snapshot(format: &str, more: &[&str]) -> common::Said {
    let file = events("config-snapshot.json");
    let arguments = ["scan", file.to_str().unwrap(), "--at", AT, "--format", format];
    run(&[&arguments[..], more].concat())
}

#[test]
fn csv_has_a_row_for_every_result() {
    let said = snapshot("csv", &["--lang", "ja"]);
    let body = said.out.strip_prefix('\u{feff}').expect("a byte order mark");
    assert!(body.contains("\r\n"));
    let mut reader = csv::Reader::from_reader(body.as_bytes());
    assert_eq!(&reader.headers().unwrap()[0], "判定");
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let json = snapshot("json", &[]).json();
    let count = |name: &str| json[name].as_array().unwrap().len();
    assert_eq!(rows.len(), count("evaluations") + count("notEvaluated") + count("errors"));
    let failing = rows.iter().filter(|row| &row[0] == "NON_COMPLIANT").count();
    assert_eq!(json["summary"]["nonCompliant"], failing);
    assert!(rows.iter().any(|row| &row[0] == "NOT_EVALUATED"));
    assert!(rows.iter().any(|row| &row[5] == "hbg-ib-upload-111122223333"
        && &row[9] == "NO_BUCKET_POLICY"
        && row[3].contains("実4, 実39")));
}

/// Whoever may create a resource names it.
#[test]
fn names_are_never_formulas_nor_markup() {
    let name = "=HYPERLINK(\"http://x.example\")<script>alert(1)</script>";
    let item = json!({
        "resourceType": "AWS::S3::Bucket", "resourceId": name, "awsRegion": "ap-northeast-1",
        "awsAccountId": "111122223333", "configurationItemStatus": "ResourceDeleted",
    });
    let input = item.to_string();
    let said = run_with(&["scan", "-", "--format", "csv"], input.as_bytes());
    let body = said.out.trim_start_matches('\u{feff}');
    let mut reader = csv::Reader::from_reader(body.as_bytes());
    let cells: Vec<String> = reader
        .records()
        .flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert!(cells.contains(&format!("'{name}")), "{cells:?}");
    assert!(cells.iter().all(|cell| !cell.starts_with('=')));

    let said = run_with(&["scan", "-", "--format", "html"], input.as_bytes());
    assert!(!said.out.contains("<script>alert"), "markup is escaped");
    assert!(said.out.contains("=HYPERLINK("));
}

#[test]
fn html_needs_nothing_else() {
    let said = snapshot("html", &["--lang", "ja"]);
    assert!(said.out.starts_with("<!DOCTYPE html>\n<html lang=\"ja\">"));
    // Ids of queues are URLs; nothing may be loaded from one.
    for outside in ["href=\"http", "href='http", "src=", "@import", "url("] {
        assert!(!said.out.contains(outside), "{outside}");
    }
    for text in ["hbg-ib-upload-111122223333", "NO_BUCKET_POLICY", "実39", "第2版", "@page"] {
        assert!(said.out.contains(text), "{text}");
    }
}

/// A part of a workbook, which is a ZIP archive: a header of 30 bytes, the name, extra fields, and
/// the deflated content.
fn part_of(archive: &[u8], name: &str) -> String {
    let header = (0..archive.len() - 30)
        .find(|&at| {
            archive[at..].starts_with(b"PK\x03\x04")
                && archive[at + 30..].starts_with(name.as_bytes())
        })
        .unwrap_or_else(|| panic!("no {name}"));
    let extra = u16::from_le_bytes([archive[header + 28], archive[header + 29]]);
    let content = &archive[header + 30 + name.len() + usize::from(extra)..];
    let mut text = String::new();
    flate2::read::DeflateDecoder::new(content).read_to_string(&mut text).unwrap();
    text
}

#[test]
fn a_workbook_has_both_sheets() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("report.xlsx");
    let said = snapshot(
        "xlsx",
        &["--output", path.to_str().unwrap(), "--lang", "ja", "--control", "s3-tls-only"],
    );
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{}", said.err);
    let bytes = fs::read(&path).unwrap();
    assert!(bytes.starts_with(b"PK\x03\x04"));
    let part = |name: &str| part_of(&bytes, name);
    let workbook = part("xl/workbook.xml");
    assert!(workbook.contains("概要") && workbook.contains("評価結果"), "{workbook}");
    assert!(part("xl/styles.xml").contains("Yu Gothic"));
    let sheet = part("xl/worksheets/sheet2.xml");
    assert!(sheet.contains("<autoFilter") && sheet.contains("state=\"frozen\""));
    assert!(part("xl/sharedStrings.xml").contains("NO_BUCKET_POLICY"));
}

#[test]
fn findings_are_those_of_security_hub() {
    let said = snapshot("asff", &["--lang", "ja"]);
    let findings: Vec<Value> = serde_json::from_str(&said.out).unwrap();
    let json = snapshot("json", &[]).json();
    assert_eq!(findings.len(), json["evaluations"].as_array().unwrap().len());
    let ids: std::collections::BTreeSet<_> =
        findings.iter().map(|finding| finding["Id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), findings.len(), "ids are unique");
    let failed = findings.iter().filter(|one| one["Compliance"]["Status"] == "FAILED").count();
    assert_eq!(json["summary"]["nonCompliant"], failed);
    assert!(findings.iter().all(|one| one["SchemaVersion"] == "2018-10-08"
        && one["AwsAccountId"] == "111122223333"
        && one["Region"] != "global"));
}

#[test]
fn output_goes_to_the_file_without_colours() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("report.txt");
    let said = snapshot("table", &["--output", path.to_str().unwrap(), "--control", "s3-tls-only"]);
    assert_eq!((said.code, said.out.as_str()), (1, ""));
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("NO_BUCKET_POLICY"));
    assert!(!text.contains('\u{1b}'));
    let said = snapshot("json", &["--output", "/no/such/directory/x.json"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("/no/such/directory/x.json: cannot be written"), "{}", said.err);
}

#[test]
fn tables_show_failures_and_summarise_the_rest() {
    let control = ["--control", "s3-tls-only"];
    let short = snapshot("table", &control);
    assert!(short.out.contains("hbg-ib-upload-111122223333"));
    assert!(!short.out.contains("hbg-ib-contents-111122223333"));
    assert!(!short.out.contains('\u{1b}'), "no colours into a pipe");
    let all = snapshot("table", &[&control[..], &["--all"]].concat());
    assert!(all.out.contains("hbg-ib-contents-111122223333"));
}

#[test]
fn the_japanese_table_of_one_item_reads_well() {
    let file = events("samples/single-item.json");
    let arguments = ["--lang", "ja", "scan", file.to_str().unwrap(), "--at", AT];
    let said = run(&[&arguments[..], &["--control", "kms-key-rotation"]].concat());
    insta::assert_snapshot!(said.out);
}
