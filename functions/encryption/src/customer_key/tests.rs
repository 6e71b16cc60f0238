use super::*;

const HERE: (&str, &str) = ("111122223333", "ap-northeast-1");
const KEY: &str =
    "arn:aws:kms:ap-northeast-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const OTHER: &str =
    "arn:aws:kms:ap-northeast-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const OTHER_ALIAS: &str = "arn:aws:kms:ap-northeast-1:444455556666:alias/shared";

fn named(name: &'static str, allowed: &[&str]) -> Known<'static> {
    let allowed: Vec<String> = allowed.iter().map(|arn| (*arn).to_owned()).collect();
    by_name(name, HERE.0, HERE.1, &allowed)
}

fn ask(name: &str, here: bool) -> Known<'_> {
    Known::Ask(Question { name, here })
}

#[test]
fn every_form_of_a_name_is_understood() {
    // Managed by AWS, told by the alias.
    for name in [
        "alias/aws/ebs",
        "arn:aws:kms:ap-northeast-1:111122223333:alias/aws/s3",
        "arn:aws-cn:kms:cn-north-1:111122223333:alias/aws/rds",
    ] {
        assert_eq!(named(name, &[]), Known::Refused(aws_managed()), "{name}");
        assert_eq!(named(name, &[name]), Known::Refused(aws_managed()), "{name}");
    }
    // An alias that only looks like one of AWS.
    for name in
        ["alias/awsome", "alias/my/aws/ebs", "1234abcd-12ab-34cd-56ef-1234567890ab", "mrk-1"]
    {
        assert_eq!(named(name, &[]), ask(name, true), "{name}");
        assert_eq!(named(name, &[KEY]), ask(name, true), "{name}");
    }
    assert_eq!(named(KEY, &[]), ask(KEY, true));
    // "Not found" in this Region says nothing of a key elsewhere.
    let osaka = "arn:aws:kms:ap-northeast-3:111122223333:key/mrk-1";
    assert_eq!(named(osaka, &[]), ask(osaka, false));
}

#[test]
fn a_key_of_another_account_is_decided_without_a_call() {
    for name in [OTHER, OTHER_ALIAS] {
        assert_eq!(named(name, &[]), Known::OfAccount("444455556666"));
        assert_eq!(named(name, &[name]), Known::OfAccount("444455556666"));
        assert_eq!(named(name, &[KEY]), Known::Refused(foreign()));
    }
}

#[test]
fn a_key_that_is_not_allowed_needs_no_call() {
    assert_eq!(named(KEY, &[OTHER]), Known::Refused(foreign()));
    assert_eq!(named(KEY, &[OTHER, KEY]), ask(KEY, true));
    // What an alias stands for is not known yet.
    let alias = "arn:aws:kms:ap-northeast-1:111122223333:alias/core";
    assert_eq!(named(alias, &[OTHER]), ask(alias, true));
}

fn metadata(manager: &str, state: &str) -> KeyMetadata {
    KeyMetadata::builder()
        .key_id("1234abcd-12ab-34cd-56ef-1234567890ab")
        .arn(KEY)
        .key_manager(manager.into())
        .key_state(state.into())
        .build()
        .unwrap()
}

#[test]
fn only_enabled_allowed_customer_keys_are_accepted() {
    let refused = |metadata: &KeyMetadata, allowed: &[&str]| {
        let allowed: Vec<String> = allowed.iter().map(|arn| (*arn).to_owned()).collect();
        refusal("alias/core", metadata, &allowed).unwrap().map(|message| message.en)
    };
    assert_eq!(refused(&metadata("CUSTOMER", "Enabled"), &[]), None);
    assert_eq!(refused(&metadata("CUSTOMER", "Updating"), &[]), None);
    assert_eq!(refused(&metadata("CUSTOMER", "Enabled"), &[KEY]), None);
    assert_eq!(refused(&metadata("CUSTOMER", "Enabled"), &["alias/core"]), None);
    assert_eq!(refused(&metadata("CUSTOMER", "Enabled"), &[OTHER]), Some(foreign().en));
    assert_eq!(refused(&metadata("AWS", "Enabled"), &[KEY]), Some(aws_managed().en));
    for state in ["Disabled", "PendingDeletion", "PendingImport", "Unavailable", "Creating"] {
        let message = refused(&metadata("CUSTOMER", state), &[]).unwrap();
        assert!(message.contains(state), "{message}");
    }
    let bare = KeyMetadata::builder().key_id("k").build().unwrap();
    let error = refusal("k", &bare, &[]).unwrap_err().to_string();
    assert_eq!(error, "the answer of kms:DescribeKey lacks KeyMetadata.KeyManager");
}

#[test]
fn allowed_keys_must_be_arns_of_keys() {
    let check = |value: &str| {
        let value = serde_json::json!({ "allowedKmsKeyArns": value });
        let parameters =
            fisc_shared::Parameters::from_value("c", &[ALLOWED_KMS_KEY_ARNS.spec], &value).unwrap();
        allowed(&Run {
            parameters: &parameters,
            now: jiff::Timestamp::UNIX_EPOCH,
            account_id: HERE.0,
            region: HERE.1,
            home: true,
            deadline: None,
            offline: false,
        })
    };
    assert_eq!(check("").unwrap(), [""; 0]);
    assert_eq!(check(&format!("{KEY},{OTHER_ALIAS}")).unwrap(), [KEY, OTHER_ALIAS]);
    for wrong in ["1234abcd-12ab-34cd-56ef-1234567890ab", "alias/core", "arn:aws:s3:::bucket"] {
        let error = check(wrong).unwrap_err().to_string();
        assert!(error.contains("allowedKmsKeyArns"), "{error}");
    }
}
