//! Firewall policies, by their items.

use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Message, Run, Verdict, message};

use super::declared::{
    ALERT_ONLY_OVERRIDE, DEFAULT_ACTION_PASSES, NO_STATEFUL_INSPECTION, ONLY_ASSOCIATED_POLICY,
    POLICY_NOT_USED,
};

pub(super) fn judge(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, ItemError> {
    let fields = item.configuration()?;
    let policy = fields.at("firewallPolicy")?.ok_or_else(|| fields.missing("firewallPolicy"))?;
    if run.parameters.get(&ONLY_ASSOCIATED_POLICY) {
        let about = fields
            .at("firewallPolicyResponse")?
            .ok_or_else(|| fields.missing("firewallPolicyResponse"))?;
        let used = about
            .integer("numberOfAssociations")?
            .ok_or_else(|| about.missing("numberOfAssociations"))?;
        if used == 0 {
            return Ok(Verdict::not_applicable(&POLICY_NOT_USED));
        }
    }
    let mut failures = Failures::new();
    // A policy without stateful rule groups has no such list.
    let groups = policy.list("statefulRuleGroupReferences")?.unwrap_or_default();
    if groups.is_empty() {
        failures.add(&NO_STATEFUL_INSPECTION);
    }
    let mut passing = Vec::new();
    for name in ["statelessDefaultActions", "statelessFragmentDefaultActions"] {
        if passes(&policy, name)? {
            passing.push(name);
        }
    }
    if !passing.is_empty() {
        let Message { en, ja } = Message::named(&passing);
        failures.because(
            &DEFAULT_ACTION_PASSES,
            message!("aws:pass is in {en}", "aws:pass が指定されています: {ja}"),
        );
    }
    let mut alert_only = !groups.is_empty();
    for group in &groups {
        let action = group.at("override")?.map(|one| one.text("action")).transpose()?.flatten();
        alert_only &= action == Some("DROP_TO_ALERT");
    }
    if alert_only {
        failures.add(&ALERT_ONLY_OVERRIDE);
    }
    Ok(failures.into_verdict())
}

/// Whether a list of default actions, which every policy has, lets packets pass.
fn passes(policy: &Fields<'_>, name: &str) -> Result<bool, ItemError> {
    let actions = policy.list(name)?.ok_or_else(|| policy.missing(name))?;
    for action in actions {
        if action.as_text()? == "aws:pass" {
            return Ok(true);
        }
    }
    Ok(false)
}
