//! Roles and users that may turn the audit trail off, or delete logs.

use fisc_services::policies::{Library, Principal};
use fisc_shared::item::required::text;
use fisc_shared::policy::{
    Context, Effect, Grants, PolicyDocument, PolicyError, Statement, Universe, matches_any,
};
use fisc_shared::resource::is_account_id;
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, Run, Verdict, message};

use super::parameters::{ALLOWED_ADMIN_ARNS, LOG_ARCHIVE_ACCOUNT_IDS, PROTECTED_ACTIONS};
use super::protection::removals;
use super::requirements::{
    JUDGED_IN_HOME_REGION, LOG_ADMIN_UNRESTRICTED, LOG_ADMINISTRATOR, SERVICE_LINKED_ROLE,
    TRAIL_ADMIN_UNRESTRICTED,
};

/// What the item of a role or user alone decides.
pub(super) fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if !run.home {
        return Ok(Some(Verdict::not_applicable(&JUDGED_IN_HOME_REGION)));
    }
    let fields = item.configuration()?;
    if text(&fields, "path")?.starts_with("/aws-service-role/") {
        return Ok(Some(Verdict::not_applicable(&SERVICE_LINKED_ROLE)));
    }
    let principal = Principal::from_item(item)?;
    if matches_any(&run.parameters.get(&ALLOWED_ADMIN_ARNS), &principal.arn) {
        return Ok(Some(Verdict::Compliant(vec![LOG_ADMINISTRATOR.reason()])));
    }
    if principal.is_told() && !is_archive(run) {
        return Ok(Some(decide(&principal, &Library::default(), &[], run)?));
    }
    Ok(None)
}

/// Whether the evaluated account keeps the logs of others.
pub(super) fn is_archive(run: &Run<'_>) -> bool {
    run.parameters.get(&LOG_ARCHIVE_ACCOUNT_IDS).iter().any(|one| one == run.account_id)
}

/// What policies allow some request in the account, less what they deny every one.
fn grants<'a>(policies: impl IntoIterator<Item = &'a PolicyDocument>, account: &str) -> Grants {
    let nothing_known = Context::new();
    let mut statements: Vec<Statement> =
        policies.into_iter().flat_map(|policy| policy.statements.iter().cloned()).collect();
    // A wildcard for the Region would reach over the account behind it.
    let named = statements.iter_mut().filter_map(|one| one.resources.as_mut());
    for resources in named.filter(|resources| !resources.negated) {
        resources.patterns.retain(|pattern| !is_of_another(pattern, account));
    }
    let with = |effect| statements.iter().filter(move |one| one.effect == effect);
    Grants::new(
        with(Effect::Allow).filter(|one| one.conditions.admit(&nothing_known)),
        with(Effect::Deny).filter(|one| one.conditions.surely_hold(&nothing_known)),
    )
}

/// Whether an ARN spells out another account.
fn is_of_another(pattern: &str, account: &str) -> bool {
    let owner = pattern.strip_prefix("arn:").and_then(|rest| rest.split(':').nth(3));
    owner.is_some_and(|owner| is_account_id(owner) && owner != account)
}

/// The verdict on a role or user: `buckets` are those that hold logs, in a log archive account.
pub(super) fn decide(
    principal: &Principal,
    library: &Library,
    buckets: &[String],
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    let policies = library.policies_of(principal)?;
    let rights = grants(policies, run.account_id);
    let boundary = principal.boundary.as_deref().map(|arn| library.document(arn)).transpose()?;
    let boundary = boundary.map(|document| grants([document], run.account_id));
    let may = |universe: &Universe| -> Result<bool, PolicyError> {
        let within = boundary.as_ref().map_or(Ok(true), |boundary| boundary.any(universe))?;
        Ok(within && rights.any(universe)?)
    };
    let mut failures = Failures::new();
    let trails = format!("arn:aws:cloudtrail:*:{}:trail/?*", run.account_id);
    let mut found = Vec::new();
    for action in run.parameters.get(&PROTECTED_ACTIONS) {
        let is_trails = action.to_ascii_lowercase().starts_with("cloudtrail:");
        if is_trails && may(&Universe::new(&action, &trails))? {
            found.push(action);
        }
    }
    if !found.is_empty() {
        let Message { en, ja } = Message::named(&found);
        failures.because(
            &TRAIL_ADMIN_UNRESTRICTED,
            message!("The principal is allowed {en}", "{ja} が許可されています"),
        );
    }
    let mut found: Vec<&str> = Vec::new();
    let mut on: Vec<&str> = Vec::new();
    for bucket in buckets {
        for (action, universe) in removals(bucket) {
            if may(&universe)? {
                found.push(action);
                on.push(bucket);
            }
        }
    }
    if !found.is_empty() {
        for names in [&mut found, &mut on] {
            names.sort_unstable();
            names.dedup();
        }
        let (actions, buckets) = (Message::named(&found), Message::named(&on));
        let (en, ja, en_on, ja_on) = (actions.en, actions.ja, buckets.en, buckets.ja);
        failures.because(
            &LOG_ADMIN_UNRESTRICTED,
            message!(
                "The principal is allowed {en} on the log bucket {en_on}",
                "ログバケット {ja_on} に対する {ja} が許可されています"
            ),
        );
    }
    Ok(failures.into_verdict())
}
