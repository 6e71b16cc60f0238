//! Which actions roles may grant on every resource, and why.
//!
//! AWS lets some actions be granted on `*` only; for others a narrower resource exists and does not
//! fit. `any-resource.tsv` names each with its reason, so that a new one must give its own.

use std::collections::{BTreeMap, BTreeSet};

use fisc_cli::registry;
use fisc_shared::config_service::actions;

/// One action a line: its name, a tab, the reason.
const TABLE: &str = include_str!("../any-resource.tsv");

fn reasons() -> BTreeMap<&'static str, &'static str> {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.split_once('\t').expect("an action, a tab, a reason")).collect()
}

#[test]
fn every_action_on_every_resource_has_its_reason() {
    let mut granted = BTreeSet::new();
    for control in registry::all() {
        let calls = actions::of(control.trigger).into_iter().chain(control.actions.to_vec());
        granted.extend(calls.filter(|call| call.resource == "*").map(|call| call.name));
    }
    let reasons = reasons();
    let named: BTreeSet<&str> = reasons.keys().copied().collect();
    let new: Vec<_> = granted.difference(&named).collect();
    assert!(new.is_empty(), "on every resource without a reason: {new:?}");
    let old: Vec<_> = named.difference(&granted).collect();
    assert!(old.is_empty(), "no longer granted on every resource: {old:?}");
}

/// What reads contents, decrypts or changes something is never granted on everything.
#[test]
fn nothing_on_every_resource_reads_contents_or_changes_anything() {
    const READING: [&str; 8] =
        ["Get", "List", "Describe", "Lookup", "BatchGet", "View", "Select", "Generate"];
    const CONTENTS: [&str; 9] = [
        "s3:GetObject",
        "kms:Decrypt",
        "secretsmanager:GetSecretValue",
        "ssm:GetParameter",
        "ssm:GetParameters",
        "ssm:GetParametersByPath",
        "dynamodb:GetItem",
        "logs:GetLogEvents",
        "sqs:ReceiveMessage",
    ];
    for action in reasons().keys() {
        let (_, name) = action.split_once(':').expect("service:Action");
        let machinery = *action == "config:PutEvaluations";
        // The gateway names its own action in front.
        let reads =
            READING.iter().any(|verb| name.starts_with(verb)) || name.starts_with("GatewayList");
        assert!(machinery || reads, "{action} changes something");
        assert!(!CONTENTS.contains(action), "{action} reads contents");
    }
}

#[test]
fn reasons_say_something() {
    for (action, reason) in reasons() {
        assert!(reason.split_whitespace().count() >= 3, "{action}: {reason:?}");
    }
}
