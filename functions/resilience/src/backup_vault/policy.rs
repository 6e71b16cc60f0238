//! What the access policy of a vault keeps people from.

use fisc_shared::policy::{
    Conditions, Effect, Ignoring, PolicyDocument, PolicyError, Principals, Request, Statement,
    Truth, Universe, covers,
};

/// What makes backups go away, or opens the way to it: on a recovery point, and on the vault.
const ON_POINTS: [&str; 2] = ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"];
const ON_VAULT: [&str; 2] =
    ["backup:PutBackupVaultAccessPolicy", "backup:DeleteBackupVaultAccessPolicy"];

/// The key that tells who asks.
const PRINCIPAL: &str = "aws:principalarn";
/// Somebody whom no policy means.
const ANYBODY: &str = "arn:aws:iam::000000000000:role/fisc-probe-of-nobody";

/// The actions that the policy does not deny to everybody but the exceptions.
pub(super) fn allowed(
    policy: &PolicyDocument,
    vault_arn: &str,
    exceptions: &[String],
) -> Result<Vec<&'static str>, PolicyError> {
    let denies: Vec<&Statement> =
        policy.with_effect(Effect::Deny).filter(|one| is_for_all(one, exceptions)).collect();
    let everybody = Ignoring { principals: true, ..Ignoring::default() };
    let on_points = ON_POINTS.iter().map(|action| (*action, "*"));
    let on_vault = ON_VAULT.iter().map(|action| (*action, vault_arn));
    let mut allowed = Vec::new();
    for (action, resource) in on_points.chain(on_vault) {
        if !covers(&denies, &Universe::new(action, resource), everybody)? {
            allowed.push(action);
        }
    }
    Ok(allowed)
}

/// Whether a Deny is surely for everybody but the exceptions.
fn is_for_all(statement: &Statement, exceptions: &[String]) -> bool {
    let named = |principals: &Principals| {
        let others = [&principals.service, &principals.federated, &principals.canonical];
        principals.negated
            && others.iter().all(|list| list.is_empty())
            && principals.aws.iter().all(|one| exceptions.contains(one))
    };
    let everybody =
        statement.principals.as_ref().is_some_and(|one| one.is_everyone() || named(one));
    everybody && spares_only(&statement.conditions, exceptions)
}

/// Whether a condition holds for everybody but the exceptions: only tests that take principals
/// out by their ARNs, all of which are exceptions.
fn spares_only(conditions: &Conditions, exceptions: &[String]) -> bool {
    let known = conditions.tests.iter().all(|test| {
        test.key == PRINCIPAL && test.values.iter().all(|value| exceptions.contains(value))
    });
    let anybody = Request::new().with(PRINCIPAL, ANYBODY);
    known && conditions.holds(&anybody) == Truth::True
}
