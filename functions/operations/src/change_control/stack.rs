//! CloudFormation stacks.

use aws_sdk_cloudformation::types::Stack as SdkStack;
use fisc_shared::config_service::from_sdk;
use fisc_shared::item::required::{flag, part, text};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Reason, Remark, Run, Verdict, message};
use jiff::{SignedDuration, Timestamp};

use super::parameters::{
    MAX_DRIFT_CHECK_AGE_HOURS, PRODUCTION_TAG, REQUIRE_TERMINATION_PROTECTION,
    SKIP_STACK_SET_INSTANCES,
};
use super::requirements::{
    STACK_DRIFTED, STACK_FAILED, STACK_NOTIFICATION_MISSING, STACK_TERMINATION_UNPROTECTED,
};
use super::{
    DESCRIBE_STACKS, DRIFT_UNKNOWN, NESTED_STACK, STACK_IN_TRANSITION, STACK_SET_INSTANCE,
};
use fisc_shared::item::{has_tag, in_scope};

/// Whether a stack is being changed, or is on its way out.
fn is_in_transition(status: &str) -> bool {
    status.ends_with("_IN_PROGRESS") || status.starts_with("DELETE_")
}

/// A stack: from its item, or from CloudFormation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stack {
    name: String,
    status: String,
    nested: bool,
    production: bool,
    protected: bool,
    notifies: bool,
    drift: String,
    /// When drift was last looked for; the item does not tell.
    checked: Option<Timestamp>,
}

impl Stack {
    pub(super) fn of_item(item: &ConfigurationItem, run: &Run<'_>) -> Result<Self, Error> {
        let fields = item.configuration()?;
        let nested = fields.text("parentId")?.is_some_and(|parent| !parent.is_empty());
        let (name, status) = (text(&fields, "stackName")?, text(&fields, "stackStatus")?);
        if nested || is_in_transition(status) {
            return Ok(Self::unjudged(name, status, nested));
        }
        let topics = fields.list("notificationARNs")?;
        let topics = topics.ok_or_else(|| fields.missing("notificationARNs"))?;
        let tag = run.parameters.get(&PRODUCTION_TAG);
        Ok(Self {
            name: name.to_owned(),
            status: status.to_owned(),
            nested,
            production: tag.is_empty() || has_tag(&item.all_tags()?, &tag),
            protected: flag(&fields, "enableTerminationProtection")?,
            notifies: !topics.is_empty(),
            drift: text(&part(&fields, "driftInformation")?, "stackDriftStatus")?.to_owned(),
            checked: None,
        })
    }

    pub(super) fn of_sdk(stack: &SdkStack, run: &Run<'_>) -> Result<Self, Error> {
        let lacks = |field: &str| Error::Answer {
            action: DESCRIBE_STACKS,
            field: format!("Stacks[].{field}"),
        };
        let name = stack.stack_name().ok_or_else(|| lacks("StackName"))?;
        let status = stack.stack_status().ok_or_else(|| lacks("StackStatus"))?.as_str();
        let nested = stack.parent_id().is_some_and(|parent| !parent.is_empty());
        if nested || is_in_transition(status) {
            return Ok(Self::unjudged(name, status, nested));
        }
        let tag = run.parameters.get(&PRODUCTION_TAG);
        let tags = stack.tags().iter().map(|tag| {
            (tag.key().unwrap_or_default().to_owned(), tag.value().unwrap_or_default().to_owned())
        });
        let drift = stack.drift_information();
        let drifted = drift.and_then(|drift| drift.stack_drift_status());
        Ok(Self {
            name: name.to_owned(),
            status: status.to_owned(),
            nested,
            production: in_scope(&tags.collect(), &tag),
            protected: stack.enable_termination_protection().unwrap_or(false),
            notifies: !stack.notification_arns().is_empty(),
            drift: drifted.ok_or_else(|| lacks("DriftInformation.StackDriftStatus"))?.to_string(),
            checked: drift.and_then(|drift| drift.last_check_timestamp()).and_then(from_sdk),
        })
    }

    /// A stack of which nothing else counts.
    fn unjudged(name: &str, status: &str, nested: bool) -> Self {
        Self {
            name: name.to_owned(),
            status: status.to_owned(),
            nested,
            production: false,
            protected: false,
            notifies: false,
            drift: String::new(),
            checked: None,
        }
    }

    /// Why the stack is not judged, if it is not.
    pub(super) fn left_out(&self, run: &Run<'_>) -> Option<&'static Remark> {
        let of_set = self.name.starts_with("StackSet-");
        if self.nested {
            Some(&NESTED_STACK)
        } else if is_in_transition(&self.status) {
            Some(&STACK_IN_TRANSITION)
        } else if of_set && run.parameters.get(&SKIP_STACK_SET_INSTANCES) {
            Some(&STACK_SET_INSTANCE)
        } else {
            None
        }
    }

    pub(super) fn verdict(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        match self.left_out(run) {
            Some(remark) => Ok(Verdict::not_applicable(remark)),
            None => self.decide(run),
        }
    }

    pub(super) fn decide(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        let mut failures = Failures::new();
        let notes = self.drift(run, &mut failures)?;
        let status = &self.status;
        if status.ends_with("_FAILED") || status.ends_with("ROLLBACK_COMPLETE") {
            failures.because(
                &STACK_FAILED,
                message!("The stack is in the state {status}", "スタックの状態が {status} です"),
            );
        }
        if self.production {
            if !self.protected && run.parameters.get(&REQUIRE_TERMINATION_PROTECTION) {
                failures.add(&STACK_TERMINATION_UNPROTECTED);
            }
            if !self.notifies {
                failures.add(&STACK_NOTIFICATION_MISSING);
            }
        }
        Ok(failures.into_verdict_with(notes))
    }

    fn drift(&self, run: &Run<'_>, failures: &mut Failures) -> Result<Vec<Reason>, Error> {
        let limit = run.parameters.get(&MAX_DRIFT_CHECK_AGE_HOURS);
        let message = match (self.drift.as_str(), self.checked) {
            ("DRIFTED", _) => {
                message!("The stack differs from its template", "スタックにドリフトがあります")
            }
            ("UNKNOWN", _) => return Ok(vec![DRIFT_UNKNOWN.reason()]),
            ("NOT_CHECKED" | "IN_SYNC", _) if limit == 0 => return Ok(Vec::new()),
            ("NOT_CHECKED", _) => {
                message!("Drift was never looked for", "ドリフト検出が一度も行われていません")
            }
            ("IN_SYNC", Some(checked)) => {
                let age = run.now.duration_since(checked);
                if age <= SignedDuration::from_hours(limit) {
                    return Ok(Vec::new());
                }
                let hours = age.as_hours();
                message!(
                    "Drift was last looked for {hours} hours ago; at most {limit} are accepted",
                    "最後のドリフト検出から {hours} 時間が経過しています(上限 {limit} 時間)"
                )
            }
            // Nobody can be asked.
            ("IN_SYNC", None) if run.offline => return Ok(Vec::new()),
            (other, _) => {
                return Err(Error::Answer {
                    action: DESCRIBE_STACKS,
                    field: format!("a time of the last check, or a known status (not {other})"),
                });
            }
        };
        failures.because(&STACK_DRIFTED, message);
        Ok(Vec::new())
    }
}
