//! Runs of a control on items, for tests.

use fisc_shared::control::Check;
use fisc_shared::{ConfigurationItem, Control, Error, Parameters, Run, Verdict};
use serde_json::Value;

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "ap-northeast-1";

/// Something in a run of a control.
pub(crate) fn with_run<T>(
    control: &Control,
    parameters: &Value,
    act: impl FnOnce(&Run<'_>) -> T,
) -> T {
    let parameters = Parameters::from_value(control.id, control.parameters, parameters).unwrap();
    act(&Run {
        parameters: &parameters,
        now: "2026-11-21T00:00:00Z".parse().unwrap(),
        account_id: ACCOUNT,
        region: REGION,
        deadline: None,
        home: true,
        offline: false,
    })
}

pub(crate) fn read(item: &Value) -> ConfigurationItem {
    ConfigurationItem::from_json(&item.to_string()).expect("an item")
}

/// What an item alone decides.
pub(crate) fn preview(
    control: &Control,
    item: &Value,
    parameters: &Value,
) -> Result<Option<Verdict>, Error> {
    with_run(control, parameters, |run| match control.check {
        Check::Service { preview, .. } => preview(&read(item), run),
        Check::Item(_) => panic!("{} asks no service", control.id),
    })
}

/// The codes of a verdict, all of which the control must declare.
pub(crate) fn codes(control: &Control, verdict: &Verdict) -> Vec<&'static str> {
    let codes: Vec<&'static str> = verdict.reasons().iter().map(|one| one.code).collect();
    let failed = matches!(verdict, Verdict::NonCompliant(_));
    let declared = |code: &str| match failed {
        true => control.requirement(code).is_some(),
        false => control.remarks.iter().any(|one| one.code == code),
    };
    assert!(codes.iter().all(|code| declared(code)), "{codes:?}");
    codes
}

/// What an item alone decides, as its codes; `None` when a service must be asked.
pub(crate) fn previewed(
    control: &Control,
    item: &Value,
    parameters: &Value,
) -> Option<Vec<&'static str>> {
    let verdict = preview(control, item, parameters).unwrap();
    verdict.map(|verdict| codes(control, &verdict))
}
