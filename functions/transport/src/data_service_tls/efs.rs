//! Whether a file system can be mounted without TLS.
//!
//! IAM authorization of NFS clients needs TLS, so that a client without TLS is always anonymous:
//! it gets in where the file system has no policy, or where an Allow may match an anonymous
//! client and no Deny surely stops it. The policy that the console makes has an Allow on
//! `elasticfilesystem:AccessedViaMountTarget`, which every client meets, and enforces TLS only by
//! the Deny beside it; other policies have no Deny, but an Allow that needs
//! `aws:SecureTransport`. Both count. Source: Amazon EFS User Guide, "Using IAM to control file
//! system data access" and "Default EFS file system policy", November 2026.

use aws_sdk_efs::Client;
use fisc_shared::error::Call;
use fisc_shared::policy::{
    Effect, Element, Ignoring, PolicyDocument, PolicyError, Reading, Request, Statement, Truth,
    Universe, covers,
};
use fisc_shared::verdict::{Failures, remarks};
use fisc_shared::{ConfigurationItem, Error, Run, Verdict, message};

use super::{EFS_TLS_NOT_ENFORCED, NO_PLAINTEXT_GRANT, text};

pub(super) const DESCRIBE_FILE_SYSTEM_POLICY: &str = "elasticfilesystem:DescribeFileSystemPolicy";

/// What an NFS client can ask for. Source: Service Authorization Reference, Amazon Elastic File
/// System, November 2026.
const CLIENT_ACTIONS: [&str; 3] = [
    "elasticfilesystem:ClientMount",
    "elasticfilesystem:ClientWrite",
    "elasticfilesystem:ClientRootAccess",
];

/// The item may carry the policy, but a change of the policy makes no item: what was recorded
/// counts only where EFS cannot be asked.
pub(super) fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if !run.offline {
        return Ok(None);
    }
    let Some(policy) = item.configuration()?.at("FileSystemPolicy")? else { return Ok(None) };
    if policy.value().as_object().is_none_or(serde_json::Map::is_empty) {
        return Ok(None);
    }
    Ok(Some(decide(&PolicyDocument::from_value(policy.value())?, &arn(item)?)?))
}

pub(super) async fn judge(client: &Client, item: &ConfigurationItem) -> Result<Verdict, Error> {
    let answer = client
        .describe_file_system_policy()
        .file_system_id(&item.resource_id)
        .send()
        .await
        .call(DESCRIBE_FILE_SYSTEM_POLICY);
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) if error.is("PolicyNotFound") => {
            let mut failures = Failures::new();
            failures.because(
                &EFS_TLS_NOT_ENFORCED,
                message!("The file system has no policy", "ファイルシステムポリシーがありません"),
            );
            return Ok(failures.into_verdict());
        }
        // It was deleted since its item was recorded.
        Err(error) if error.is("FileSystemNotFound") => {
            return Ok(Verdict::not_applicable(&remarks::RESOURCE_GONE));
        }
        Err(error) => return Err(error.into()),
    };
    let policy = answer.policy.ok_or_else(|| Error::Answer {
        action: DESCRIBE_FILE_SYSTEM_POLICY,
        field: "Policy".to_owned(),
    })?;
    Ok(decide(&PolicyDocument::from_text(&policy)?, &arn(item)?)?)
}

fn arn(item: &ConfigurationItem) -> Result<String, Error> {
    match &item.arn {
        Some(arn) => Ok(arn.clone()),
        None => Ok(text(&item.configuration()?, "Arn")?.to_owned()),
    }
}

/// The verdict on a file system with this policy.
fn decide(policy: &PolicyDocument, arn: &str) -> Result<Verdict, PolicyError> {
    let plain = Request::new().with("aws:SecureTransport", "false");
    // Keys of requests that nobody signed. Source: IAM User Guide, "AWS global condition context
    // keys", November 2026.
    let anonymous = plain
        .clone()
        .with("aws:PrincipalAccount", "anonymous")
        .with("aws:PrincipalType", "Anonymous")
        .with("aws:userid", "anonymous")
        .without("aws:PrincipalArn")
        .without("aws:PrincipalOrgID")
        .without("aws:PrincipalOrgPaths")
        .without("aws:username");
    // Statements of a file system policy may leave the resource out: it is the file system.
    let own = Element { negated: false, patterns: vec!["*".to_owned()] };
    let denies: Vec<Statement> = policy
        .with_effect(Effect::Deny)
        .filter(|statement| statement.conditions.holds(&anonymous) == Truth::True)
        .map(|statement| Statement {
            resources: statement.resources.clone().or_else(|| Some(own.clone())),
            ..statement.clone()
        })
        .collect();
    let denies: Vec<&Statement> = denies.iter().collect();
    let mut open = Vec::new();
    let mut by_deny = true;
    for action in CLIENT_ACTIONS {
        if covers(&denies, &Universe::new(action, arn), Ignoring::default())? {
            continue;
        }
        by_deny = false;
        if policy.with_effect(Effect::Allow).any(|allow| may_allow(allow, action, &anonymous)) {
            open.push(action.trim_start_matches("elasticfilesystem:"));
        }
    }
    let mut failures = Failures::new();
    if !open.is_empty() {
        let open = open.join(", ");
        failures.because(
            &EFS_TLS_NOT_ENFORCED,
            message!(
                "The policy leaves to clients without TLS: {open}",
                "TLS を使わないクライアントに許されるアクション: {open}"
            ),
        );
    }
    let notes = if by_deny { Vec::new() } else { vec![NO_PLAINTEXT_GRANT.reason()] };
    Ok(failures.into_verdict_with(notes))
}

/// Whether an Allow may match the action of an anonymous client. Its resource can only be the
/// file system.
fn may_allow(allow: &Statement, action: &str, request: &Request) -> bool {
    let principals = allow.principals.as_ref();
    // Whom NotPrincipal names is somebody: anonymous clients are left.
    principals.is_some_and(|named| named.negated || named.is_everyone())
        && allow.actions.actions(Reading::Possibly).contains(&action.to_ascii_lowercase())
        && allow.conditions.holds(request) != Truth::False
}

#[cfg(test)]
pub(super) mod tests;
