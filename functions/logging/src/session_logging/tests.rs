use super::destinations::{Keeping, Place, by_places};
use super::documents::{Preferences, SessionDocument, by_preferences};
use super::*;
use fisc_shared::verdict::Compliance;
use fisc_shared::{Parameters, runner};
use serde_json::{Value, json};

const ARCHIVE: &str = "444455556666";

fn with_run<T>(parameters: Value, act: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, &parameters).unwrap();
    act(&Run {
        parameters: &parameters,
        now: "2026-11-01T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        home: true,
        deadline: None,
        offline: false,
    })
}

fn item(kind: ResourceType, id: &str, configuration: Value) -> ConfigurationItem {
    let item = json!({
        "configurationItemCaptureTime": "2026-10-01T00:00:00Z", "configurationItemStatus": "OK",
        "awsAccountId": "111122223333", "awsRegion": "ap-northeast-1", "resourceType": kind.name,
        "resourceId": id, "configuration": configuration, "supplementaryConfiguration": {},
    });
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

fn previewed(item: &ConfigurationItem, parameters: Value) -> Result<Option<Verdict>, Error> {
    with_run(parameters, |run| runner::preview(&CONTROL, item, run))
}

fn content(inputs: Value) -> String {
    json!({
        "schemaVersion": "1.0", "description": "Document to hold regional settings",
        "sessionType": "Standard_Stream", "inputs": inputs,
    })
    .to_string()
}

fn preferences(inputs: Value) -> Preferences {
    SessionDocument::parse("prefs", &content(inputs)).unwrap().preferences.unwrap()
}

/// What the console writes, with changes.
fn inputs(changes: Value) -> Value {
    let mut inputs = json!({
        "s3BucketName": "hbg-sessions", "s3KeyPrefix": "", "s3EncryptionEnabled": true,
        "cloudWatchLogGroupName": "/ssm/sessions", "cloudWatchEncryptionEnabled": true,
        "cloudWatchStreamingEnabled": true, "idleSessionTimeout": "20", "kmsKeyId": "",
        "runAsEnabled": false, "runAsDefaultUser": "", "shellProfile": {"windows": "", "linux": ""},
    });
    for (key, value) in changes.as_object().unwrap() {
        if value.is_null() {
            inputs.as_object_mut().unwrap().remove(key);
        } else {
            inputs[key] = value.clone();
        }
    }
    inputs
}

fn by_inputs(changes: Value, parameters: Value) -> Vec<&'static str> {
    let preferences = preferences(inputs(changes));
    let mut failures = Failures::new();
    with_run(parameters, |run| by_preferences(&preferences, run, &mut failures));
    failures.into_verdict().reasons().iter().map(|reason| reason.code).collect()
}

#[test]
fn transcripts_must_have_a_destination() {
    let nowhere = json!({"s3BucketName": "", "cloudWatchLogGroupName": ""});
    let absent = json!({"s3BucketName": null, "cloudWatchLogGroupName": null});
    let (no_s3, no_group) = (json!({"s3BucketName": ""}), json!({"cloudWatchLogGroupName": " "}));
    let (passed, off) = (vec![], vec!["NO_LOG_DESTINATION"]);
    let wanted = |place: &str| json!({ "requiredDestination": place });
    for (changes, parameters, expected) in [
        (json!({}), json!({}), &passed),
        (nowhere.clone(), json!({}), &off),
        (absent, json!({}), &off),
        (no_s3.clone(), json!({}), &passed),
        (no_group.clone(), json!({}), &passed),
        (no_s3.clone(), wanted("s3"), &off),
        (no_s3.clone(), wanted("cloudwatch"), &passed),
        (no_group.clone(), wanted("s3"), &passed),
        (no_group.clone(), wanted("cloudwatch"), &off),
        (no_group, wanted("both"), &off),
        (no_s3, wanted("both"), &off),
        (json!({}), wanted("both"), &passed),
        // No flag of a destination that is not used counts.
        (
            json!({"s3BucketName": "", "cloudWatchLogGroupName": "", "s3EncryptionEnabled": false}),
            json!({}),
            &off,
        ),
    ] {
        assert_eq!(by_inputs(changes.clone(), parameters), *expected, "{changes}");
    }
}

#[test]
fn encryption_of_used_destinations_must_be_enforced() {
    let (passed, plain) = (vec![], vec!["LOG_NOT_ENCRYPTED"]);
    for (changes, parameters, expected) in [
        (json!({"s3EncryptionEnabled": false}), json!({}), &plain),
        (json!({"s3EncryptionEnabled": null}), json!({}), &plain),
        (json!({"s3EncryptionEnabled": "true"}), json!({}), &passed),
        (json!({"s3EncryptionEnabled": "false"}), json!({}), &plain),
        (json!({"cloudWatchEncryptionEnabled": false}), json!({}), &plain),
        (
            json!({"cloudWatchEncryptionEnabled": false}),
            json!({"requireEncryption": false}),
            &passed,
        ),
        (json!({"s3EncryptionEnabled": false, "s3BucketName": ""}), json!({}), &passed),
        (
            json!({"cloudWatchEncryptionEnabled": false, "cloudWatchLogGroupName": ""}),
            json!({}),
            &passed,
        ),
    ] {
        assert_eq!(by_inputs(changes.clone(), parameters), *expected, "{changes}");
    }
}

#[test]
fn a_document_that_cannot_be_read_is_an_error_without_its_text() {
    let with_type = |kind: &str| json!({"schemaVersion": "1.0", "sessionType": kind}).to_string();
    for (content, expected) in [
        ("{".to_owned(), "a session document"),
        (json!({"inputs": {}}).to_string(), "a session document"),
        (with_type("Standard_Stream"), "inputs"),
        (with_type("Hologram"), "a sessionType that is known"),
        (content(inputs(json!({"s3BucketName": "{{ bucket }}"}))), "a destination that is fixed"),
        (content(inputs(json!({"s3BucketName": 1}))), "a session document"),
    ] {
        let error = SessionDocument::parse("own-shell", &content).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("own-shell"), "{error}");
        assert!(!error.contains("Hologram") && !error.contains("{{"), "{error}");
    }
    // Sessions that are no shell have no preferences.
    for kind in ["Port", "InteractiveCommands", "NonInteractiveCommands"] {
        let document = SessionDocument::parse("own", &with_type(kind)).unwrap();
        assert_eq!(document.preferences, None);
        assert!(document.kind_message().en.contains(kind));
    }
}

fn by_keeping(places: &[Keeping], parameters: Value) -> (Compliance, Vec<&'static str>) {
    let places: Vec<Place> = places
        .iter()
        .map(|keeping| Place { name: "hbg-sessions".to_owned(), keeping: *keeping })
        .collect();
    let mut failures = Failures::new();
    let notes = with_run(parameters, |run| by_places(&places, run, &mut failures));
    let verdict = failures.into_verdict_with(notes);
    (verdict.compliance(), verdict.reasons().iter().map(|reason| reason.code).collect())
}

#[test]
fn one_place_out_of_reach_is_enough() {
    use Keeping::{Archived, Elsewhere, Exposed, Missing};
    let archive = json!({"logArchiveAccountIds": ARCHIVE});
    let passed = (Compliance::Compliant, vec![]);
    let exposed = (Compliance::NonCompliant, vec!["DESTINATION_NOT_PROTECTED"]);
    let missing = (Compliance::NonCompliant, vec!["DESTINATION_NOT_FOUND"]);
    for (places, parameters, expected) in [
        // Not judged unless an archive is named.
        (vec![Exposed], json!({}), &passed),
        (vec![Missing], json!({}), &missing),
        (vec![Archived, Missing], json!({}), &missing),
        (vec![Exposed], archive.clone(), &exposed),
        (
            vec![Exposed],
            json!({"logArchiveDestinationArns": "arn:aws:logs:x:1:destination:d"}),
            &exposed,
        ),
        (vec![Exposed, Exposed], archive.clone(), &exposed),
        (vec![Archived, Exposed], archive.clone(), &passed),
        (vec![Exposed, Archived], archive.clone(), &passed),
        (vec![Missing], archive.clone(), &missing),
        (
            vec![Missing, Exposed],
            archive.clone(),
            &(Compliance::NonCompliant, vec!["DESTINATION_NOT_FOUND", "DESTINATION_NOT_PROTECTED"]),
        ),
        (vec![Elsewhere], archive.clone(), &(Compliance::Compliant, vec!["OWNER_NOT_VERIFIED"])),
        (vec![], archive, &passed),
        (
            vec![Exposed],
            json!({"logArchiveAccountIds": "111122223333"}),
            &(Compliance::Compliant, vec!["ARCHIVE_ACCOUNT"]),
        ),
    ] {
        assert_eq!(by_keeping(&places, parameters), *expected, "{places:?}");
    }
}

#[test]
fn only_session_documents_are_asked_about() {
    let document = |configuration: Value| item(ResourceType::SSM_DOCUMENT, "own", configuration);
    let session = document(json!({"Name": "own", "DocumentType": "Session"}));
    assert_eq!(previewed(&session, json!({})).unwrap(), None);
    let other = document(json!({"Name": "own", "DocumentType": "Command"}));
    let verdict = previewed(&other, json!({})).unwrap().unwrap();
    assert_eq!(verdict.reasons()[0].code, "NOT_A_SESSION_DOCUMENT");
    let error = previewed(&document(json!({"Name": "own"})), json!({})).unwrap_err().to_string();
    assert!(error.contains("configuration.DocumentType is missing"), "{error}");
}

const SSH: &str = "arn:aws:ssm:*:*:document/AWS-StartSSHSession";
const NODES: &str = "arn:aws:ec2:*:*:instance/*";

fn allow(resources: Value, condition: Value) -> Value {
    json!({"Effect": "Allow", "Action": ["ssm:StartSession", "ssm:TerminateSession"],
           "Resource": resources, "Condition": condition})
}

fn policy(statements: Value) -> Value {
    json!({
        "policyName": "operators", "policyId": "ANPAOPERATORS",
        "arn": "arn:aws:iam::111122223333:policy/operators", "attachmentCount": 1,
        "permissionsBoundaryUsageCount": 0, "defaultVersionId": "v2",
        "policyVersionList": [
            // An old version that would fail.
            {"versionId": "v1", "isDefaultVersion": false,
             "document": [{"Version": "2012-10-17", "Statement": [allow(json!("*"), json!({}))]}]},
            {"versionId": "v2", "isDefaultVersion": true,
             "document": [{"Version": "2012-10-17", "Statement": statements}]},
        ],
    })
}

fn of_policy(configuration: Value, parameters: Value) -> Result<(Compliance, &'static str), Error> {
    let item = item(ResourceType::IAM_POLICY, "ANPAOPERATORS", configuration);
    let verdict = previewed(&item, parameters)?.expect("policies are judged by their items");
    Ok((verdict.compliance(), verdict.reasons().first().map_or("", |reason| reason.code)))
}

#[test]
fn policies_must_not_reach_documents_without_transcripts() {
    let check = json!({"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}});
    let tagged = json!({"StringLike": {"ssm:resourceTag/team": "core"}});
    let mfa = json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}});
    let deny = |resources: Value, condition: Value| {
        json!({"Effect": "Deny", "Action": "ssm:StartSession", "Resource": resources,
               "Condition": condition})
    };
    let everything = allow(json!("*"), json!({}));
    let denied_names = json!([
        SSH,
        "arn:aws:ssm:*:*:document/AWS-StartPortForwardingSession",
        "arn:aws:ssm:*:*:document/AWS-StartPortForwardingSessionToRemoteHost",
    ]);
    let (passes, fails) =
        ((Compliance::Compliant, ""), (Compliance::NonCompliant, "UNLOGGED_SESSION_ALLOWED"));
    for (statements, expected) in [
        // Nodes alone give the default document only.
        (json!([allow(json!(NODES), json!({}))]), passes),
        (
            json!([allow(
                json!([NODES, "arn:aws:ssm:*:*:document/SSM-SessionManagerRunShell"]),
                check.clone()
            )]),
            passes,
        ),
        (json!([allow(json!([NODES, SSH]), json!({}))]), fails),
        (
            json!([allow(json!("arn:aws:ssm:ap-northeast-1::document/AWS-StartPort*"), json!({}))]),
            fails,
        ),
        (json!([everything]), fails),
        (json!([allow(json!("arn:aws:ssm:*:*:document/*"), json!({}))]), fails),
        // The check demands a right on the document, and the wildcard is one.
        (json!([allow(json!("*"), check)]), fails),
        // The account's own documents are not those of AWS.
        (json!([allow(json!("arn:aws:ssm:*:111122223333:document/*"), json!({}))]), passes),
        (json!([{"Effect": "Allow", "Action": "ssm:*", "Resource": "*"}]), fails),
        (json!([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}]), fails),
        (json!([{"Effect": "Allow", "Action": "ssm:Start*", "NotResource": SSH}]), fails),
        (
            json!([{"Effect": "Allow", "Action": "ssm:StartSession",
                    "NotResource": "arn:aws:ssm:*:*:document/AWS-Start*"}]),
            passes,
        ),
        // Documents of AWS have no tags.
        (json!([allow(json!("*"), tagged)]), passes),
        (json!([allow(json!("*"), mfa.clone())]), fails),
        (json!([everything, deny(denied_names, json!({}))]), passes),
        (json!([everything, deny(json!(SSH), json!({}))]), fails),
        (json!([everything, deny(json!("arn:aws:ssm:*:*:document/AWS-Start*"), mfa)]), fails),
        (
            json!([{"Effect": "Allow", "Action": "ssm:SendCommand", "Resource": "*"}]),
            (Compliance::NotApplicable, "NO_SESSION_RIGHT"),
        ),
        (json!([deny(json!("*"), json!({}))]), (Compliance::NotApplicable, "NO_SESSION_RIGHT")),
    ] {
        let result = of_policy(policy(statements.clone()), json!({})).unwrap();
        assert_eq!(result, expected, "{statements}");
    }
    // Own documents may be denied too, and no others.
    let own = json!({"deniedDocuments": "HBG-Tunnel"});
    let reach = |resource: &str| policy(json!([allow(json!(resource), json!({}))]));
    let tunnel = reach("arn:aws:ssm:*:111122223333:document/HBG-*");
    assert_eq!(of_policy(tunnel, own.clone()).unwrap(), fails);
    assert_eq!(of_policy(reach(SSH), own).unwrap(), passes);
}

#[test]
fn policies_that_give_nobody_the_right_do_not_count() {
    let mut policy = policy(json!([allow(json!("*"), json!({}))]));
    let listed = json!({"allowedPolicyArns": "arn:aws:iam::111122223333:policy/operators"});
    assert_eq!(
        of_policy(policy.clone(), listed).unwrap(),
        (Compliance::NotApplicable, "LISTED_POLICY")
    );
    policy["attachmentCount"] = json!(0);
    assert_eq!(
        of_policy(policy, json!({})).unwrap(),
        (Compliance::NotApplicable, "POLICY_NOT_ATTACHED")
    );
}

#[test]
fn a_policy_item_that_does_not_tell_is_an_error() {
    let whole = || policy(json!([allow(json!("*"), json!({}))]));
    for field in ["attachmentCount", "arn", "policyVersionList"] {
        let mut policy = whole();
        policy.as_object_mut().unwrap().remove(field);
        let error = of_policy(policy, json!({})).unwrap_err().to_string();
        assert!(error.contains(&format!("{field} is missing")), "{error}");
    }
    let mut no_default = whole();
    no_default["policyVersionList"].as_array_mut().unwrap().pop();
    of_policy(no_default, json!({})).unwrap_err();
    let mut no_document = whole();
    no_document["policyVersionList"][1].as_object_mut().unwrap().remove("document");
    of_policy(no_document, json!({})).unwrap_err();
    let mut broken = whole();
    broken["policyVersionList"][1]["document"] = json!("%7Bnot json");
    of_policy(broken, json!({})).unwrap_err();
    // The API gives it URL-encoded.
    let mut encoded = whole();
    let text = json!({"Statement": [allow(json!("*"), json!({}))]}).to_string();
    let text: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    encoded["policyVersionList"][1]["document"] = json!(text);
    let fails = (Compliance::NonCompliant, "UNLOGGED_SESSION_ALLOWED");
    assert_eq!(of_policy(encoded, json!({})).unwrap(), fails);
}
