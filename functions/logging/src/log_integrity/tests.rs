use super::*;
use crate::digest::Cause;
use fisc_shared::{Language, Parameters, runner};
use serde_json::{Value, json};

/// A trail as Config records it.
fn item(changes: Value) -> ConfigurationItem {
    let mut item = json!({
        "configurationItemCaptureTime": "2026-11-01T00:00:00Z", "configurationItemStatus": "OK",
        "awsAccountId": "111122223333", "awsRegion": "ap-northeast-1",
        "resourceType": "AWS::CloudTrail::Trail", "resourceId": "audit",
        "configuration": {
            "name": "audit", "s3BucketName": "audit-log", "s3KeyPrefix": "trail",
            "includeGlobalServiceEvents": true, "isMultiRegionTrail": true,
            "homeRegion": "ap-northeast-1",
            "trailARN": "arn:aws:cloudtrail:ap-northeast-1:111122223333:trail/audit",
            "logFileValidationEnabled": true, "hasCustomEventSelectors": false,
        },
        "supplementaryConfiguration": {"Tags": []},
    });
    for (name, value) in changes.as_object().unwrap() {
        if name == "awsRegion" {
            item[name] = value.clone();
        } else if value.is_null() {
            item["configuration"].as_object_mut().unwrap().remove(name);
        } else {
            item["configuration"][name] = value.clone();
        }
    }
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

fn previewed(changes: Value) -> Result<Option<&'static str>, Error> {
    let parameters = Parameters::default();
    let run = Run {
        parameters: &parameters,
        now: time("2026-11-01T00:00:00Z"),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline: true,
    };
    let verdict = runner::preview(&CONTROL, &item(changes), &run)?;
    Ok(verdict.map(|verdict| verdict.reasons()[0].code))
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn the_configuration_decides_when_validation_is_off_or_the_trail_is_elsewhere() {
    assert_eq!(previewed(json!({})).unwrap(), None);
    let off = json!({"logFileValidationEnabled": false});
    assert_eq!(previewed(off).unwrap(), Some("VALIDATION_DISABLED"));
    let shadow = json!({"awsRegion": "ap-northeast-3"});
    assert_eq!(previewed(shadow).unwrap(), Some("SHADOW_TRAIL"));
    // A shadow with validation off is not judged twice.
    let shadow = json!({"awsRegion": "ap-northeast-3", "logFileValidationEnabled": false});
    assert_eq!(previewed(shadow).unwrap(), Some("SHADOW_TRAIL"));
    let organization = json!({
        "trailARN": "arn:aws:cloudtrail:ap-northeast-1:999988887777:trail/org",
        "isOrganizationTrail": true,
    });
    assert_eq!(previewed(organization).unwrap(), Some("OTHER_OWNER"));
}

#[test]
fn an_item_that_does_not_tell_is_an_error() {
    let bare = json!({"logFileValidationEnabled": null});
    assert_eq!(previewed(bare).unwrap(), Some("VALIDATION_DISABLED"));
    for field in ["trailARN", "s3BucketName", "isMultiRegionTrail"] {
        let error = previewed(json!({ field: null })).unwrap_err().to_string();
        assert!(error.ends_with(&format!("configuration.{field} is missing")), "{error}");
    }
    assert!(previewed(json!({"trailARN": "audit"})).is_err());
}

fn status_codes(status: &Status) -> Vec<&'static str> {
    let mut failures = Failures::new();
    let now = time("2026-11-01T12:00:00Z");
    by_status(status, SignedDuration::from_hours(3), now, &mut failures);
    failures.into_verdict().reasons().iter().map(|reason| reason.code).collect()
}

#[test]
fn delivery_is_judged_while_the_trail_logs() {
    let delivered = |text: &str| Status {
        is_logging: true,
        digest_delivered: Some(time(text)),
        ..Status::default()
    };
    let none: [&str; 0] = [];
    assert_eq!(status_codes(&delivered("2026-11-01T09:00:00Z")), none);
    assert_eq!(status_codes(&delivered("2026-11-01T08:59:59Z")), ["DIGEST_DELIVERY_FAILED"]);
    let never = Status { is_logging: true, ..Status::default() };
    assert_eq!(status_codes(&never), ["DIGEST_DELIVERY_FAILED"]);
    let stopped = Status { is_logging: false, ..delivered("2026-10-01T00:00:00Z") };
    assert_eq!(status_codes(&stopped), none);
    let refused = Status {
        digest_error: Some("AccessDenied".to_owned()),
        ..delivered("2026-11-01T11:30:00Z")
    };
    assert_eq!(status_codes(&refused), ["DIGEST_DELIVERY_FAILED"]);
    let empty = Status { digest_error: Some(String::new()), ..delivered("2026-11-01T11:30:00Z") };
    assert_eq!(status_codes(&empty), none);
}

#[test]
fn the_window_follows_the_life_of_the_trail() {
    let now = time("2026-11-02T00:00:00Z");
    let status = |logging: bool, started: &str, stopped: Option<&str>| Status {
        is_logging: logging,
        started: Some(time(started)),
        stopped: stopped.map(time),
        ..Status::default()
    };
    let of = |status: &Status| window(status, 24, now).map(|window| (window.start, window.end));
    let day_ago = time("2026-11-01T00:00:00Z");

    assert_eq!(of(&status(true, "2025-01-01T00:00:00Z", None)), Ok((day_ago, now)));
    // A new trail has nothing before its start.
    let started = "2026-11-01T18:00:00Z";
    assert_eq!(of(&status(true, started, None)), Ok((time(started), now)));
    // Off and on again inside the window: the whole window counts, so that the break is seen.
    let restarted = status(true, "2026-11-01T18:00:00Z", Some("2026-11-01T12:00:00Z"));
    assert_eq!(of(&restarted), Ok((day_ago, now)));
    // Stopped: verified up to there.
    let stopped = status(false, "2025-01-01T00:00:00Z", Some("2026-11-01T12:00:00Z"));
    assert_eq!(of(&stopped), Ok((day_ago, time("2026-11-01T12:00:00Z"))));
    let long_ago = status(false, "2025-01-01T00:00:00Z", Some("2026-10-01T12:00:00Z"));
    assert_eq!(of(&long_ago), Err(&LOGGING_STOPPED));
}

#[test]
fn problems_become_one_reason_each_with_count_and_first_file() {
    let problem = |code, key: &str| Problem {
        code,
        bucket: "audit-log".to_owned(),
        key: Some(format!("trail/AWSLogs/111122223333/CloudTrail/{key}")),
        cause: Cause::HashMismatch,
    };
    let mut failures = Failures::new();
    let problems = [
        problem(ProblemCode::LogFileAltered, "a.json.gz"),
        problem(ProblemCode::DigestSignatureInvalid, "d.json.gz"),
        problem(ProblemCode::LogFileAltered, "b.json.gz"),
    ];
    by_problems(&problems, &mut failures);
    let verdict = failures.into_verdict();
    let texts: Vec<_> = verdict
        .reasons()
        .iter()
        .map(|reason| (reason.code, reason.message.get(Language::En)))
        .collect();
    assert_eq!(
        texts,
        [
            (
                "DIGEST_SIGNATURE_INVALID",
                "A digest's signature is invalid: d.json.gz (the hash differs from the digest's)"
            ),
            (
                "LOG_FILE_ALTERED",
                "A log file was altered: a.json.gz (the hash differs from the digest's) and 1 more"
            ),
        ]
    );
}

#[test]
fn every_problem_code_is_a_requirement() {
    for code in [
        ProblemCode::DigestMissing,
        ProblemCode::DigestChainGap,
        ProblemCode::DigestSignatureInvalid,
        ProblemCode::DigestLinkMismatch,
        ProblemCode::DigestMalformed,
        ProblemCode::LogFileMissing,
        ProblemCode::LogFileAltered,
    ] {
        assert!(CONTROL.requirement(code.as_str()).is_some(), "{code}");
    }
}

#[test]
fn archived_trails_are_read_strictly() {
    let arn = "arn:aws:cloudtrail:ap-northeast-1:444455556666:trail/audit";
    let full = ArchivedTrail::parse(&format!("{arn}|archive|org/logs|o-1a2b3c4d5e")).unwrap();
    assert_eq!(full.prefix.as_deref(), Some("org/logs"));
    assert_eq!(full.organization_id.as_deref(), Some("o-1a2b3c4d5e"));
    let short = ArchivedTrail::parse(&format!("{arn} | archive")).unwrap();
    assert_eq!((short.bucket.as_str(), short.prefix), ("archive", None));
    let middle = ArchivedTrail::parse(&format!("{arn}|archive||o-1a2b3c4d5e")).unwrap();
    assert_eq!((middle.prefix, middle.organization_id.as_deref()), (None, Some("o-1a2b3c4d5e")));
    assert!(ArchivedTrail::parse(arn).unwrap_err().to_string().contains("bucket is missing"));
    assert!(ArchivedTrail::parse("audit|archive").is_err());
}
