use super::*;
use serde_json::{Value, json};

fn kind(text: &str) -> Kind {
    recognise(text.as_bytes())
}

#[test]
fn files_are_told_apart_by_their_members() {
    assert_eq!(kind(r#"{"evaluations":[],"summary":{}}"#), Kind::Results);
    assert_eq!(kind(r#"{"errors":[{"a":[1]}],"evaluations":["#), Kind::Results);
    assert_eq!(kind(r#"{"fiscReport":1"#), Kind::Results);
    for items in [
        r#"{"fileVersion":"1.0","configurationItems":[{"evaluations":1}],"evaluations":[]}"#,
        r#"{"baseConfigurationItems":[]}"#,
        r#"{"Results":[]}"#,
        r#"{"resourceType":"AWS::S3::Bucket","evaluations":[]}"#,
        r#"[{"evaluations":[]}]"#,
        "",
        "{",
        "evaluations",
        r#"{"a":}"#,
    ] {
        assert_eq!(kind(items), Kind::Items, "{items}");
    }
}

fn row(id: &str, compliance: &str) -> Value {
    json!({
        "control": "s3-tls-only", "resourceType": "AWS::S3::Bucket", "resourceId": id,
        "accountId": "111122223333", "region": "ap-northeast-1", "compliance": compliance,
        "reasons": [{"code": "NO_BUCKET_POLICY", "message": "none"}],
    })
}

fn document(at: &str, rows: &[Value]) -> Value {
    json!({
        "evaluations": rows,
        "summary": {
            "evaluatedAt": at, "version": "0.1.0", "accounts": ["111122223333"],
            "controls": [{"control": "s3-tls-only"}, {"control": "no-such-control"}],
        },
    })
}

fn read_all(documents: &[Value]) -> Result<Gathered, ResultsError> {
    let directory = tempfile::tempdir().unwrap();
    let files: Vec<PathBuf> = documents
        .iter()
        .enumerate()
        .map(|(index, document)| {
            let file = directory.path().join(format!("{index}.json"));
            std::fs::write(&file, document.to_string()).unwrap();
            file
        })
        .collect();
    read(&files)
}

#[test]
fn the_result_judged_last_counts() {
    let early = document("2026-11-01T00:00:00Z", &[row("a", "COMPLIANT"), row("b", "COMPLIANT")]);
    let late = document("2026-11-20T00:00:00Z", &[row("a", "NON_COMPLIANT")]);
    for documents in [[early.clone(), late.clone()], [late, early]] {
        let gathered = read_all(&documents).unwrap();
        let mut states: Vec<(String, State)> =
            gathered.findings.iter().map(|one| (one.subject.id.to_string(), one.state)).collect();
        states.sort();
        let expected = [("a".to_owned(), State::Failing), ("b".to_owned(), State::Passing)];
        assert_eq!(states, expected);
        assert_eq!(gathered.controls.len(), 1);
        assert_eq!(gathered.at.to_string(), "2026-11-01T00:00:00Z");
        assert!(gathered.notes[0].en.contains("different times"));
    }
}

#[test]
fn exemptions_and_what_was_not_evaluated_are_read() {
    let mut exempt = row("a", "NOT_APPLICABLE");
    exempt["exemption"] =
        json!({"until": "2027-03-31", "reason": "RISK-1", "by": "ciso", "source": "tag"});
    let mut document = document("2026-11-01T00:00:00Z", &[exempt, row("b", "NOT_APPLICABLE")]);
    document["notEvaluated"] = json!([{
        "control": "kms-key-rotation", "resourceType": "AWS::KMS::Key", "resourceId": "k",
        "accountId": null, "region": null, "actions": ["kms:GetKeyRotationStatus"],
    }]);
    document["errors"] = json!([
        {"control": "s3-tls-only", "message": "denied", "resourceId": null},
        {"file": "x.json", "offset": 7, "message": "cut off"},
    ]);
    let gathered = read_all(&[document]).unwrap();
    let states: Vec<State> = gathered.findings.iter().map(|one| one.state).collect();
    assert_eq!(states, [State::Exempt, State::NotApplicable, State::NotEvaluated, State::Error]);
    let exemption = gathered.findings[0].exemption.as_deref().unwrap();
    assert_eq!((exemption.until.as_str(), exemption.by.as_str()), ("2027-03-31", "ciso"));
    assert!(gathered.findings[2].reasons[0].message.en.contains("kms:"));
    assert_eq!(gathered.problems.len(), 2);
}

#[test]
fn strangers_and_damage_are_told() {
    let mut stranger = row("a", "COMPLIANT");
    stranger["control"] = json!("of-tomorrow");
    let gathered = read_all(&[document("2026-11-01T00:00:00Z", &[stranger])]).unwrap();
    assert!(gathered.findings.is_empty());
    assert!(gathered.notes[0].en.contains("of-tomorrow: its 1 results are left out"));
    let unknown_state = document("2026-11-01T00:00:00Z", &[row("a", "FINE")]);
    assert!(read_all(&[unknown_state]).unwrap_err().to_string().contains("FINE"));
    assert!(read_all(&[json!({"evaluations": []})]).unwrap_err().to_string().contains("summary"));
}
