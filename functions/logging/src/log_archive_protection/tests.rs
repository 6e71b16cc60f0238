use super::*;
use fisc_shared::{Parameters, runner};
use serde_json::{Value, json};

mod buckets;
mod principals;
mod protection;
mod trails;

const ACCOUNT: &str = "111122223333";
const ARCHIVE: &str = "444455556666";
const NONE: [&str; 0] = [];

/// Runs with these parameters, in the home Region of the account.
fn with_run<T>(parameters: &Value, act: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    act(&Run {
        parameters: &parameters,
        now: "2026-11-01T00:00:00Z".parse().unwrap(),
        account_id: ACCOUNT,
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline: true,
    })
}

fn item(value: &Value) -> ConfigurationItem {
    ConfigurationItem::from_json(&value.to_string()).unwrap()
}

/// What the item alone decides.
fn previewed(value: &Value, parameters: &Value) -> Result<Option<Verdict>, Error> {
    with_run(parameters, |run| runner::preview(&CONTROL, &item(value), run))
}

#[track_caller]
fn decided(value: &Value, parameters: &Value) -> Verdict {
    previewed(value, parameters).unwrap().expect("the item decides")
}

fn codes_of(verdict: &Verdict) -> Vec<&'static str> {
    verdict.reasons().iter().map(|reason| reason.code).collect()
}

#[track_caller]
fn codes(value: &Value, parameters: &Value) -> Vec<&'static str> {
    codes_of(&decided(value, parameters))
}

#[test]
fn every_requirement_and_remark_is_declared_once() {
    let mut codes: Vec<_> = CONTROL.requirements.iter().map(|one| one.code).collect();
    codes.extend(CONTROL.remarks.iter().map(|one| one.code));
    let count = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), count);
}
