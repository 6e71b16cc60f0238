//! What the unit tests of several controls share.

use fisc_shared::parameter::Parameters;
use fisc_shared::{Control, Run, Verdict};
use serde_json::Value;

/// The clock of the tests.
pub(crate) const NOW: &str = "2026-11-21T00:00:00Z";

pub(crate) fn parameters(control: &Control, given: &Value) -> Parameters {
    Parameters::from_value(control.id, control.parameters, given).unwrap()
}

pub(crate) fn run(parameters: &Parameters) -> Run<'_> {
    Run {
        parameters,
        now: NOW.parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline: false,
    }
}

/// A verdict as its compliance and its codes: `NON_COMPLIANT KEY_EXPOSED`. A code that the control
/// does not declare for such a verdict fails the test.
pub(crate) fn summary(control: &Control, verdict: &Verdict) -> String {
    let mut words = vec![verdict.compliance().as_str()];
    for reason in verdict.reasons() {
        let declared = match verdict {
            Verdict::NonCompliant(_) => control.requirement(reason.code).is_some(),
            _ => control.remarks.iter().any(|remark| remark.code == reason.code),
        };
        assert!(declared, "{} is not declared", reason.code);
        words.push(reason.code);
    }
    words.join(" ")
}
