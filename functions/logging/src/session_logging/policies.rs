//! Policies that let people start sessions without a transcript.

use fisc_shared::item::required::text;
use fisc_shared::policy::{
    Conditions, Effect, Grants, PolicyDocument, PolicyError, Request, Truth, Universe,
};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, Run, Verdict, message};

use super::{
    ALLOWED_POLICY_ARNS, DENIED_DOCUMENTS, LISTED_POLICY, NO_SESSION_RIGHT, POLICY_NOT_ATTACHED,
    UNLOGGED_SESSION_ALLOWED,
};

const START: &str = "ssm:StartSession";

/// From `us-east-1` to `ap-northeast-1` and a little more.
const REGION_LENGTHS: std::ops::RangeInclusive<usize> = 9..=16;

pub(super) fn judge(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    const ATTACHED: &str = "attachmentCount";
    const VERSIONS: &str = "policyVersionList";
    let policy = item.configuration()?;
    if policy.integer(ATTACHED)?.ok_or_else(|| policy.missing(ATTACHED))? == 0 {
        return Ok(Verdict::not_applicable(&POLICY_NOT_ATTACHED));
    }
    let arn = text(&policy, "arn")?;
    if run.parameters.get(&ALLOWED_POLICY_ARNS).iter().any(|one| one.trim() == arn) {
        return Ok(Verdict::not_applicable(&LISTED_POLICY));
    }
    for version in policy.list(VERSIONS)?.ok_or_else(|| policy.missing(VERSIONS))? {
        if version.flag("isDefaultVersion")? == Some(true) {
            let document = version.at("document")?.ok_or_else(|| version.missing("document"))?;
            return Ok(by_document(&document.as_policy()?, run)?);
        }
    }
    Err(policy.missing("policyVersionList[isDefaultVersion]").into())
}

fn by_document(document: &PolicyDocument, run: &Run<'_>) -> Result<Verdict, PolicyError> {
    // Tags may tie the right to nodes: it is one nevertheless.
    let anywhere = Grants::new(document.with_effect(Effect::Allow), []);
    if !anywhere.any(&Universe::new(START, "*"))? {
        return Ok(Verdict::not_applicable(&NO_SESSION_RIGHT));
    }
    let mut reached = Vec::new();
    for name in run.parameters.get(&DENIED_DOCUMENTS) {
        if reaches(document, name.trim())? {
            reached.push(name);
        }
    }
    let mut failures = Failures::new();
    if !reached.is_empty() {
        let Message { en, ja } = Message::named(&reached);
        failures.because(
            &UNLOGGED_SESSION_ALLOWED,
            message!(
                "Allows sessions without a transcript: {en}",
                "操作ログの残らないセッションを許可: {ja}"
            ),
        );
    }
    Ok(failures.into_verdict())
}

/// Whether the policy allows sessions by this document. Who names a document needs a right on it,
/// with or without the condition `ssm:SessionDocumentAccessCheck`, which only extends the check to
/// the default document. Source: Systems Manager User Guide, "Start a session with a document by
/// specifying the session documents in IAM policies".
fn reaches(document: &PolicyDocument, name: &str) -> Result<bool, PolicyError> {
    // Documents of AWS belong to no account.
    let of_aws = name.starts_with("AWS-") || name.starts_with("Amazon");
    let owner = if of_aws { "" } else { "????????????" };
    let truth = |conditions: &Conditions| conditions.holds(&request(conditions, of_aws));
    let allows = document
        .with_effect(Effect::Allow)
        .filter(|statement| truth(&statement.conditions) != Truth::False);
    let denies = document
        .with_effect(Effect::Deny)
        .filter(|statement| truth(&statement.conditions) == Truth::True);
    let grants = Grants::new(allows, denies);
    // In any Region; a * would also stand for a Region with an account behind it.
    for length in REGION_LENGTHS {
        let region = "?".repeat(length);
        let document = format!("arn:aws:ssm:{region}:{owner}:document/{name}");
        if grants.any(&Universe::new(START, &document))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What is known of a request for a document: those of AWS have no tags.
fn request(conditions: &Conditions, of_aws: bool) -> Request {
    let tags = ["ssm:resourcetag/", "aws:resourcetag/"];
    let of_tag = |key: &&str| of_aws && tags.iter().any(|tag| key.starts_with(tag));
    let keys = conditions.tests.iter().map(|test| test.key.as_str()).filter(of_tag);
    keys.fold(Request::new(), |request, key| request.without(key))
}
