//! What keeps the logs of a bucket from being deleted.

use std::collections::BTreeSet;

use fisc_shared::bucket::{self, Versioning};
use fisc_shared::policy::{
    Context, Effect, Grants, Known, PolicyDocument, PolicyError, Principals, Universe,
};
use fisc_shared::{ConfigurationItem, Error, Run};
use serde_json::json;

use super::parameters::{
    ACCEPTED_PROTECTIONS, ALLOWED_ADMIN_ARNS, ALLOWED_LOCK_MODES, MIN_RETENTION_DAYS,
};
use fisc_shared::policy::matches_any;

/// A name that no policy gives.
const UNNAMED: &str = "zz9-unnamed-0f6b";

/// The ways to get rid of logs: on objects, and on the bucket.
const ON_OBJECTS: [&str; 2] = ["s3:DeleteObject", "s3:DeleteObjectVersion"];
const ON_BUCKET: [&str; 2] = ["s3:PutBucketPolicy", "s3:PutLifecycleConfiguration"];

/// The actions with which the logs of a bucket can be got rid of, each with what it is about.
pub(super) fn removals(bucket: &str) -> Vec<(&'static str, Universe)> {
    let objects = format!("arn:aws:s3:::{bucket}/?*");
    let itself = format!("arn:aws:s3:::{bucket}");
    let on = |resource: String| {
        move |action: &'static str| (action, Universe::new(action, resource.as_str()))
    };
    ON_OBJECTS.into_iter().map(on(objects)).chain(ON_BUCKET.into_iter().map(on(itself))).collect()
}

/// Whether one of the accepted protections holds.
pub(super) fn is_protected(
    item: &ConfigurationItem,
    policy: Option<&PolicyDocument>,
    versioning: Versioning,
    run: &Run<'_>,
) -> Result<bool, Error> {
    for protection in run.parameters.get(&ACCEPTED_PROTECTIONS) {
        let holds = match protection.as_str() {
            "object-lock" => {
                let modes = run.parameters.get(&ALLOWED_LOCK_MODES);
                let least = run.parameters.get(&MIN_RETENTION_DAYS);
                bucket::default_retention(item)?.is_some_and(|retention| {
                    retention.days >= least && modes.iter().any(|mode| mode == retention.mode)
                })
            }
            "mfa-delete" => versioning.mfa_delete,
            "deny-policy" => {
                let admins = run.parameters.get(&ALLOWED_ADMIN_ARNS);
                policy
                    .map(|policy| {
                        denies_removal(policy, &item.resource_id, run.account_id, &admins)
                    })
                    .transpose()?
                    == Some(true)
            }
            other => {
                return Err(Error::Control(format!(
                    "parameter \"acceptedProtections\": it takes object-lock, mfa-delete and \
                     deny-policy, got {other:?}"
                )));
            }
        };
        if holds {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the policy denies every removal to everybody but the administrators. It is asked for
/// each principal that could be left out: one that nobody named, and every one that a Deny names
/// as an exception and that is no administrator.
pub(super) fn denies_removal(
    policy: &PolicyDocument,
    bucket: &str,
    account: &str,
    admins: &[String],
) -> Result<bool, PolicyError> {
    let everything = PolicyDocument::from_value(
        &json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}),
    )?;
    let removals = removals(bucket);
    for caller in callers(policy, account) {
        if matches_any(admins, &caller) {
            continue;
        }
        let context = Context::new()
            .with("aws:PrincipalArn", &[Known::Value(caller.clone())])
            .with("aws:PrincipalAccount", &[Known::Value(account.to_owned())])
            .with("aws:PrincipalIsAWSService", &[Known::Value("false".to_owned())]);
        let denies = policy.with_effect(Effect::Deny).filter(|deny| {
            is_about(deny.principals.as_ref(), &caller) && deny.conditions.surely_hold(&context)
        });
        let left = Grants::new(&everything.statements, denies);
        for (_, universe) in &removals {
            if left.any(universe)? {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// Principals by whom to ask: a role that nobody named, and whom the Denies leave out.
fn callers(policy: &PolicyDocument, account: &str) -> BTreeSet<String> {
    let mut callers = BTreeSet::from([format!("arn:aws:iam::{account}:role/{UNNAMED}")]);
    for deny in policy.with_effect(Effect::Deny) {
        let tests = deny.conditions.tests.iter().filter(|test| test.key == "aws:principalarn");
        for value in tests.flat_map(|test| &test.values) {
            // What a pattern leaves open is open to a name of one's own choice.
            callers.insert(value.replace('*', UNNAMED).replace('?', "z"));
        }
        let left_out = deny.principals.iter().filter(|principals| principals.negated);
        let arns = left_out.flat_map(|principals| &principals.aws);
        callers.extend(arns.filter(|arn| !is_account(arn)).cloned());
    }
    callers
}

/// Whether the principals of a Deny include this caller.
fn is_about(principals: Option<&Principals>, caller: &str) -> bool {
    let Some(principals) = principals else { return false };
    if !principals.negated {
        return principals.is_everyone();
    }
    let named = |principal: &String| principal == "*" || principal == caller;
    !principals.aws.iter().any(named) && !whole_account_left_out(principals, caller)
}

/// Whether `NotPrincipal` leaves out the whole account of a caller. Where it names a principal of
/// the account, the account is there because AWS wants it beside the principal.
fn whole_account_left_out(principals: &Principals, caller: &str) -> bool {
    let own: Vec<&String> =
        principals.aws.iter().filter(|arn| account_of(arn) == account_of(caller)).collect();
    !own.is_empty() && own.iter().all(|arn| is_account(arn))
}

fn account_of(principal: &str) -> &str {
    if principal.starts_with("arn:") {
        principal.split(':').nth(4).unwrap_or_default()
    } else {
        principal
    }
}

/// Whether a principal is an account: its number, or its root.
fn is_account(principal: &str) -> bool {
    !principal.starts_with("arn:") || principal.ends_with(":root")
}
