//! What the end-to-end tests of all domains share.

#![allow(unreachable_pub, reason = "a module of several test binaries")]

use std::collections::BTreeSet;

use fisc_shared::Control;
use fisc_shared::config_service::actions;
use fisc_testkit::aws::{Call, FakeAws};

/// The actions that a control's role grants: its own, and those of the rule machinery.
pub fn granted(control: &Control) -> BTreeSet<&'static str> {
    let machinery = actions::of(control.trigger);
    machinery.iter().chain(control.actions).map(|action| action.name).collect()
}

/// An emulated AWS in which only the control's role speaks: a call that the declaration forgot is
/// denied here as it would be in an account.
pub fn aws_for(control: &Control) -> FakeAws {
    let aws = FakeAws::start();
    let granted: Vec<&str> = granted(control).into_iter().collect();
    aws.allow_only(&granted);
    aws
}

/// The IAM names of calls.
pub fn actions_of(calls: &[Call]) -> BTreeSet<String> {
    let actions = calls.iter().map(|call| call.action.clone());
    actions.filter(|action| !action.is_empty()).collect()
}

/// Fails when the role grants something that no scenario needed. Calls that another service makes
/// on the function's behalf are not seen here; what only the daily look at exemptions of a control
/// without a schedule calls has its own tests.
pub fn assert_all_needed(control: &Control, called: &BTreeSet<String>) {
    let on_behalf = |action: &str| {
        control.actions.iter().any(|one| one.name == action && !one.through.is_empty())
    };
    let review =
        |action: &str| action == actions::GET_COMPLIANCE_DETAILS && !control.trigger.on_schedule();
    let idle: Vec<_> = granted(control)
        .into_iter()
        .filter(|action| !review(action))
        .filter(|action| !called.contains(*action) && !on_behalf(action))
        .collect();
    assert_eq!(idle, [""; 0], "{} is granted what it never calls", control.id);
}
