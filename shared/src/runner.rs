//! One run of a control: from an event to evaluations.

use std::sync::Arc;

use jiff::Timestamp;

use crate::config_service::ConfigService;
use crate::control::{Check, Control, ServiceCheck};
use crate::error::Error;
use crate::event::{ConfigEvent, EventError, ItemSummary, Message};
use crate::exemption::{self, Exemptions};
use crate::item::{ConfigurationItem, ItemStatus};
use crate::parameter::Parameters;
use crate::reporter::{self, Report};
use crate::resource::Resource;
use crate::text::Language;
use crate::verdict::{Evaluated, Verdict, remarks};

/// What a control knows of the run that it is part of.
#[derive(Debug)]
pub struct Run<'a> {
    /// The parameters of the rule.
    pub parameters: &'a Parameters,
    /// The clock by which ages and expiries are judged.
    pub now: Timestamp,
    /// The account that is evaluated.
    pub account_id: &'a str,
    /// The Region that is evaluated.
    pub region: &'a str,
    /// When the run will be killed, if it will.
    pub deadline: Option<Timestamp>,
    /// Whether this is the Region in which global resources are judged, once for the account.
    pub home: bool,
    /// Only what Config recorded is at hand: a recorded answer counts where otherwise the service
    /// itself is asked.
    pub offline: bool,
}

/// A control with its clients built.
#[derive(Clone)]
pub struct Connected {
    /// The declaration.
    pub control: &'static Control,
    service: Option<Arc<dyn ServiceCheck>>,
}

impl Connected {
    /// Builds the clients that the control needs.
    #[must_use]
    pub fn new(control: &'static Control, sdk: &aws_types::SdkConfig) -> Self {
        let service = match control.check {
            Check::Item(_) => None,
            Check::Service { connect, .. } => Some(connect(sdk)),
        };
        Self { control, service }
    }

    /// Judges one item: by the item where that is enough, else by asking.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let verdict = match preview(self.control, item, run)? {
            Some(verdict) => verdict,
            None => match &self.service {
                Some(service) => service.judge(item, run).await?,
                None => return Err(Error::Control(format!("{} decided nothing", self.control.id))),
            },
        };
        debug_assert!(self.declares(&verdict), "undeclared reason: {verdict:?}");
        Ok(verdict)
    }

    /// Whether every reason of a verdict is in the control's declaration. What is not there is
    /// missing in the documentation, and in every list of codes that people work with.
    fn declares(&self, verdict: &Verdict) -> bool {
        let own = self.control.remarks.iter().map(|remark| remark.code);
        let remarks: Vec<&str> = own.chain(remarks::ALL.iter().map(|remark| remark.code)).collect();
        verdict.reasons().iter().all(|reason| match verdict {
            Verdict::NonCompliant(_) => self.control.requirement(reason.code).is_some(),
            Verdict::Compliant(_) | Verdict::NotApplicable(_) => remarks.contains(&reason.code),
            // Exemptions are applied to what was judged.
            Verdict::Exempt(..) => false,
        })
    }

    /// Judges everything in scope.
    ///
    /// # Errors
    /// See [`Error`]; controls that decide by items alone have no schedule.
    pub async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        match &self.service {
            Some(service) if self.control.trigger.on_schedule() => {
                let evaluated = service.sweep(run).await?;
                debug_assert!(
                    evaluated.iter().all(|one| self.declares(&one.verdict)),
                    "undeclared reason: {evaluated:?}"
                );
                Ok(evaluated)
            }
            _ => Err(EventError::Trigger {
                control: self.control.id,
                message: "ScheduledNotification",
            }
            .into()),
        }
    }
}

/// What an item alone decides of a control; `None` where a service must be asked.
///
/// # Errors
/// When the item lacks what it must carry.
pub fn preview(
    control: &Control,
    item: &ConfigurationItem,
    run: &Run<'_>,
) -> Result<Option<Verdict>, Error> {
    if let Some(verdict) = settled(control, item) {
        return Ok(Some(verdict));
    }
    match control.check {
        Check::Item(check) => check(item, run).map(Some),
        Check::Service { preview, .. } => preview(item, run),
    }
}

/// The verdict on an item that needs no look at its configuration.
fn settled(control: &Control, item: &ConfigurationItem) -> Option<Verdict> {
    match item.status {
        ItemStatus::Deleted => Some(&remarks::RESOURCE_DELETED),
        ItemStatus::NotRecorded => Some(&remarks::RESOURCE_NOT_RECORDED),
        ItemStatus::Recorded if !control.judges(&item.resource_type) => {
            Some(&remarks::TYPE_NOT_JUDGED)
        }
        ItemStatus::Recorded => None,
    }
    .map(Verdict::not_applicable)
}

/// The surroundings of a run in Lambda.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// Region of the function.
    pub region: String,
    /// Whether the Region is the account's home Region.
    pub home: bool,
    /// Language of annotations.
    pub language: Language,
    /// When the invocation will be killed.
    pub deadline: Option<Timestamp>,
    /// The clock.
    pub now: Timestamp,
    /// The exemptions that the deployment honours.
    pub exemptions: Arc<Exemptions>,
}

/// Runs a control on an event and reports to AWS Config.
///
/// # Errors
/// See [`Error`]. Nothing is reported when anything could not be judged.
pub async fn run(
    connected: &Connected,
    event: &ConfigEvent,
    config: &ConfigService,
    surroundings: &Surroundings,
) -> Result<Report, Error> {
    let control = connected.control;
    let parameters =
        Parameters::parse(control.id, control.parameters, event.rule_parameters.as_deref())?;
    let run = Run {
        parameters: &parameters,
        now: surroundings.now,
        account_id: &event.account_id,
        region: &surroundings.region,
        deadline: surroundings.deadline,
        home: surroundings.home,
        offline: false,
    };
    let exemptions = &*surroundings.exemptions;
    let item = match &event.message {
        Message::Changed(item) => item,
        Message::Oversized(summary) if summary_is_enough(control, event, summary) => &summary.item,
        Message::Oversized(summary) => &config.item_at(summary).await?,
        Message::Periodic { .. } => {
            let mut evaluated = Vec::new();
            if control.trigger.on_schedule() {
                let swept = connected.sweep(&run).await?;
                let swept = exemptions.apply_to_sweep(control, config, swept, run.now).await?;
                evaluated = evaluated_sweep(control, event, &surroundings.region, swept);
            }
            let mut reported = Vec::new();
            if !event.is_test() {
                match config.reported(&event.rule_name).await? {
                    Some(held) => reported = held,
                    None => return Ok(reporter::rule_gone(event)),
                }
            }
            reporter::leave_present(&mut reported, &evaluated);
            let reviewed =
                exemption::review(connected, exemptions, config, event, &run, &reported).await?;
            evaluated.extend(reviewed);
            return reporter::report_sweep(
                config,
                control,
                event,
                surroundings,
                reported,
                evaluated,
            )
            .await;
        }
    };
    let evaluated = changed(connected, event, item, &run).await?;
    let evaluated = exemptions.apply_to_item(control, item, evaluated, run.now);
    reporter::report(config, event, surroundings.language, &[evaluated]).await
}

/// The one evaluation of a change.
async fn changed(
    connected: &Connected,
    event: &ConfigEvent,
    item: &ConfigurationItem,
    run: &Run<'_>,
) -> Result<Evaluated, Error> {
    let verdict = match by_event(connected.control, event, item)? {
        Some(verdict) => verdict,
        None => connected.judge(item, run).await?,
    };
    Ok(evaluated_change(event, item, verdict))
}

/// Whether the summary of an oversized item decides, so that the item need not be fetched.
#[must_use]
pub fn summary_is_enough(control: &Control, event: &ConfigEvent, summary: &ItemSummary) -> bool {
    event.event_left_scope || settled(control, &summary.item).is_some()
}

/// What the event around a changed item decides, before anybody looks at the item.
///
/// # Errors
/// When the control does not run on changes.
pub fn by_event(
    control: &Control,
    event: &ConfigEvent,
    item: &ConfigurationItem,
) -> Result<Option<Verdict>, Error> {
    if !control.trigger.on_change() {
        return Err(EventError::Trigger {
            control: control.id,
            message: "ConfigurationItemChangeNotification",
        }
        .into());
    }
    let left = event.event_left_scope && item.status == ItemStatus::Recorded;
    Ok(left.then(|| Verdict::not_applicable(&remarks::OUT_OF_SCOPE)))
}

/// The evaluation of a change: of the state that the item describes.
#[must_use]
pub fn evaluated_change(
    event: &ConfigEvent,
    item: &ConfigurationItem,
    verdict: Verdict,
) -> Evaluated {
    Evaluated { resource: Resource::from(item), verdict, at: item.captured.unwrap_or(event.sent) }
}

/// The evaluations of a sweep: of the time of the notification, since Config keeps the newest,
/// and one for the account when nothing is in scope.
#[must_use]
pub fn evaluated_sweep(
    control: &Control,
    event: &ConfigEvent,
    region: &str,
    mut evaluated: Vec<Evaluated>,
) -> Vec<Evaluated> {
    for one in &mut evaluated {
        one.at = event.sent;
    }
    if evaluated.is_empty() {
        let everything = control.resources.iter().all(|one| control.swept().contains(one));
        let remark =
            if everything { &remarks::NOTHING_IN_SCOPE } else { &remarks::NOTHING_ON_SCHEDULE };
        evaluated.push(Evaluated {
            resource: Resource::account(&event.account_id, region),
            verdict: Verdict::not_applicable(remark),
            at: event.sent,
        });
    }
    evaluated
}
