//! End-to-end: the controls of the governance domain, from the schedule to the evaluation.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod accounts;
mod costs;
mod evidence;
mod incidents;
#[path = "../support.rs"]
mod support;

use std::collections::BTreeSet;

use fisc_shared::Control;
use fisc_testkit::aws::{ACCOUNT, FakeAws, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::{FunctionError, Lambda};
use serde_json::Value;

/// Runs the schedule of a control.
fn sweep(control: &Control, aws: &FakeAws, parameters: &Value) -> Result<(), FunctionError> {
    sweep_in(control, aws, parameters, REGION)
}

/// Runs the schedule of a control whose stack has another home Region.
fn sweep_in(
    control: &Control,
    aws: &FakeAws,
    parameters: &Value,
    home: &str,
) -> Result<(), FunctionError> {
    let rule = aws.config().rule(&format!("fisc-{}", control.id));
    let env = [
        ("FISC_CONTROL", control.id),
        ("FISC_LANGUAGE", "en"),
        ("FISC_HOME_REGION", home),
        ("AWS_MAX_ATTEMPTS", "2"),
    ];
    let mut lambda = Lambda::start(env!("CARGO_BIN_EXE_governance"), aws, &env);
    lambda.invoke(events::scheduled(&rule, parameters)).map(drop)
}

/// The verdict on the account.
fn account(control: &Control, aws: &FakeAws, parameters: &Value) -> (String, String) {
    sweep(control, aws, parameters).expect("a verdict");
    result(control, aws, ACCOUNT)
}

fn result(control: &Control, aws: &FakeAws, id: &str) -> (String, String) {
    let rule = format!("fisc-{}", control.id);
    let result = aws.config().result(&rule, id).expect("a result");
    (result.compliance, result.annotation.unwrap_or_default())
}

/// What was called of the actions that the control declares.
fn called(aws: &FakeAws) -> BTreeSet<String> {
    support::actions_of(&aws.calls())
}
