use super::*;

use serde_json::{Value, json};

use crate::credential_report::Row;
use crate::testing;
use crate::users::tests::user;

const APPROVAL: &str = "fisc:long-term-key-approved";
const YOUNG: &str = "2026-11-20T00:00:00Z";

fn decided(holder: &Holder, given: &Value) -> Verdict {
    let parameters = testing::parameters(&CONTROL, given);
    decide(holder, &testing::run(&parameters))
}

fn codes(holder: &Holder, given: &Value) -> String {
    testing::summary(&CONTROL, &decided(holder, given))
}

/// An approved user with keys that were made at these times.
fn holder(keys: &[&str]) -> Holder {
    Holder {
        name: "batch".to_owned(),
        password: false,
        keys: keys.iter().map(|key| key.parse().unwrap()).collect(),
        tags: vec![APPROVAL.to_owned()],
        quarantined: false,
    }
}

fn tagged(tags: &[&str]) -> Holder {
    Holder { tags: tags.iter().map(|&tag| tag.to_owned()).collect(), ..holder(&[YOUNG]) }
}

#[test]
fn a_key_needs_an_approval() {
    let open = json!({});
    assert_eq!(codes(&tagged(&[]), &open), "NON_COMPLIANT LONG_TERM_KEY_ACTIVE");
    assert_eq!(codes(&tagged(&["team"]), &open), "NON_COMPLIANT LONG_TERM_KEY_ACTIVE");
    assert_eq!(codes(&tagged(&[APPROVAL]), &open), "COMPLIANT KEY_APPROVED");
    // To IAM both are one tag key.
    let capitals = tagged(&["Fisc:Long-Term-Key-Approved"]);
    assert_eq!(codes(&capitals, &open), "COMPLIANT KEY_APPROVED");
    let own = json!({"approvedKeyTagKey": "exception-id"});
    assert_eq!(codes(&tagged(&[APPROVAL]), &own), "NON_COMPLIANT LONG_TERM_KEY_ACTIVE");
    assert_eq!(codes(&tagged(&["exception-id"]), &own), "COMPLIANT KEY_APPROVED");
    let waived = json!({"requireNoLongTermKeys": false});
    assert_eq!(codes(&tagged(&[]), &waived), "COMPLIANT");
}

#[test]
fn an_approval_does_not_stand_for_a_rotation() {
    for (made, days, expected) in [
        ("2026-08-23T00:00:00Z", 90, "COMPLIANT KEY_APPROVED"),
        ("2026-08-22T23:59:59Z", 90, "NON_COMPLIANT KEY_NOT_ROTATED"),
        ("2026-08-22T23:59:59Z", 91, "COMPLIANT KEY_APPROVED"),
        ("2026-11-20T23:59:59Z", 1, "COMPLIANT KEY_APPROVED"),
        ("2026-11-19T23:59:59Z", 1, "NON_COMPLIANT KEY_NOT_ROTATED"),
    ] {
        let given = json!({"maxAccessKeyAgeDays": days});
        assert_eq!(codes(&holder(&[made]), &given), expected, "{made}");
    }
    // Either key may be the old one.
    let old = "2026-01-01T00:00:00Z";
    for keys in [[old, YOUNG], [YOUNG, old]] {
        let verdict = decided(&holder(&keys), &json!({}));
        let [reason] = verdict.reasons() else { panic!("{verdict:?}") };
        assert_eq!(reason.code, "KEY_NOT_ROTATED");
        assert!(reason.message.en.contains("324 days old"), "{}", reason.message.en);
    }
    let both = Holder { tags: Vec::new(), ..holder(&[old]) };
    assert_eq!(codes(&both, &json!({})), "NON_COMPLIANT LONG_TERM_KEY_ACTIVE KEY_NOT_ROTATED");
}

#[test]
fn two_keys_are_accepted_while_a_rotation_lasts() {
    let old = "2026-09-01T00:00:00Z";
    for (newer, overlap, expected) in [
        ("2026-11-14T00:00:00Z", 7, "COMPLIANT KEY_APPROVED"),
        ("2026-11-13T23:59:59Z", 7, "NON_COMPLIANT MULTIPLE_ACTIVE_KEYS"),
        ("2026-11-13T23:59:59Z", 8, "COMPLIANT KEY_APPROVED"),
        (YOUNG, 0, "NON_COMPLIANT MULTIPLE_ACTIVE_KEYS"),
    ] {
        for keys in [[old, newer], [newer, old]] {
            let given = json!({"rotationOverlapDays": overlap});
            assert_eq!(codes(&holder(&keys), &given), expected, "{keys:?}");
        }
    }
    assert_eq!(codes(&holder(&[old]), &json!({})), "COMPLIANT KEY_APPROVED");
}

#[test]
fn a_quarantine_fails_with_and_without_a_key() {
    let row = Row::sample("batch", &[]);
    for policy in [
        "AWSCompromisedKeyQuarantine",
        "AWSCompromisedKeyQuarantineV2",
        "AWSCompromisedKeyQuarantineV3",
    ] {
        let policies = vec!["ReadOnlyAccess".to_owned(), policy.to_owned()];
        let user = User { policies, ..user("batch", "2020-04-01T00:00:00Z") };
        let holder = Holder::read(&row, &user).unwrap();
        assert_eq!(codes(&holder, &json!({})), "NON_COMPLIANT KEY_EXPOSED", "{policy}");
    }
    let exposed = Holder { quarantined: true, ..holder(&[YOUNG]) };
    assert_eq!(codes(&exposed, &json!({})), "NON_COMPLIANT KEY_EXPOSED");
    let harmless = User {
        policies: vec!["DenyAWSCompromisedKeyQuarantine".to_owned()],
        ..user("batch", "2020-04-01T00:00:00Z")
    };
    let holder = Holder::read(&row, &harmless).unwrap();
    assert_eq!(codes(&holder, &json!({})), "NOT_APPLICABLE NO_ACTIVE_KEY");
}

#[test]
fn a_password_beside_a_key_is_judged_on_request() {
    let both = Holder { password: true, ..holder(&[YOUNG]) };
    assert_eq!(codes(&both, &json!({})), "COMPLIANT KEY_APPROVED");
    let forbidden = json!({"forbidKeyWithPassword": true});
    assert_eq!(codes(&both, &forbidden), "NON_COMPLIANT KEY_AND_PASSWORD");
    assert_eq!(codes(&holder(&[YOUNG]), &forbidden), "COMPLIANT KEY_APPROVED");
    let password = Holder { password: true, ..holder(&[]) };
    assert_eq!(codes(&password, &forbidden), "NOT_APPLICABLE NO_ACTIVE_KEY");
}

#[test]
fn a_user_is_read_from_both_answers() {
    let read = |columns: &[(&str, &str)]| {
        Holder::read(&Row::sample("batch", columns), &user("batch", "2020-04-01T00:00:00Z"))
    };
    let made = ("access_key_2_last_rotated", "2026-11-20T00:00:00+00:00");
    let second = read(&[("access_key_2_active", "true"), made]).unwrap();
    assert_eq!(second.keys, holder(&[YOUNG]).keys);
    // An inactive key is none, however old it is.
    let inactive = read(&[("access_key_1_last_rotated", "2019-01-01T00:00:00+00:00")]).unwrap();
    assert_eq!(codes(&inactive, &json!({})), "NOT_APPLICABLE NO_ACTIVE_KEY");

    for (columns, column) in [
        (&[("access_key_1_active", "true")][..], "access_key_1_last_rotated"),
        (&[("access_key_2_active", "true")], "access_key_2_last_rotated"),
        (&[("access_key_1_active", "N/A")], "access_key_1_active"),
        (&[("password_enabled", "not_supported")], "password_enabled"),
    ] {
        let error = read(columns).unwrap_err().to_string();
        assert!(error.ends_with(&format!("Content: {column} of user batch")), "{error}");
    }
}
