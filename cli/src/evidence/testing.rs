//! Findings and reports for tests.

use super::finding::{Finding, Reason, State};
use super::gathered::{Gathered, Origin};
use super::model::Evidence;
use crate::registry;
use crate::report::Subject;

/// An account of tests.
pub(super) const ACCOUNT: &str = "111122223333";
/// A Region of tests.
pub(super) const REGION: &str = "ap-northeast-1";

/// A finding on a bucket; what fails does so for the control's first requirement.
pub(super) fn finding(control: &str, id: &str, state: State) -> Finding {
    let control = registry::find(control).unwrap();
    let code = control.requirements[0].code;
    let fails = matches!(state, State::Failing | State::Exempt);
    let reasons: Vec<Reason> = fails
        .then(|| Reason { code: code.into(), ..Reason::plain(Default::default()) })
        .into_iter()
        .collect();
    Finding {
        control,
        subject: Subject {
            resource_type: "AWS::S3::Bucket".into(),
            id: id.into(),
            region: REGION.into(),
            account_id: ACCOUNT.into(),
            arn: None,
        }
        .into(),
        state,
        reasons: reasons.into(),
        exemption: None,
    }
}

/// Results of all controls, with these findings.
pub(super) fn gathered(findings: Vec<Finding>) -> Gathered {
    let mut gathered = Gathered::new(Origin::Items, "2026-11-21T00:00:00Z".parse().unwrap());
    gathered.controls = registry::all();
    gathered.findings = findings;
    gathered.find_places();
    gathered
}

/// A report of these findings.
pub(super) fn evidence(findings: Vec<Finding>) -> Evidence {
    Evidence::build(gathered(findings)).unwrap()
}
