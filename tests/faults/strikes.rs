//! The faults: how each is made, and which calls it strikes.

use std::time::Duration;

use fisc_testkit::aws::{Fault, FaultPlan};
use jiff::SignedDuration;

use crate::kinds::{IMPORT, Kind, PUT, Point};
use crate::scene::Scene;

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strike {
    ThrottledOnce,
    Throttled,
    ServerErrorOnce,
    ServerError,
    SilentOnce,
    Silent,
    ResetOnce,
    Reset,
    AnswerLost,
    Denied,
    NotTheFormat,
    ForeignPage,
    WrongShape,
    AnswerCut,
    PartlyRefusedOnce,
    PartlyRefused,
    ClockOff,
    DeadlineNear,
    Duplicate,
    OutOfOrder,
    KilledBeforeReport,
    KilledAfterReport,
    SecurityHubOff,
    QueueRedelivery,
    MessageLost,
}

/// Longer than any function here runs.
const LONG: Duration = Duration::from_secs(120);

impl Strike {
    /// The calls that it strikes, one after the other in runs of their own.
    pub(crate) fn points(self, kind: Kind) -> Vec<Point> {
        let report = if kind.is_findings() { IMPORT } else { PUT };
        match self {
            Self::KilledBeforeReport
            | Self::KilledAfterReport
            | Self::PartlyRefusedOnce
            | Self::PartlyRefused
            | Self::AnswerLost
            | Self::ClockOff
            | Self::Duplicate
            | Self::OutOfOrder => vec![report],
            Self::SecurityHubOff | Self::QueueRedelivery | Self::MessageLost => vec![IMPORT],
            // A time-out of the SDK is as long as twenty seconds: at one call it is enough.
            Self::SilentOnce => vec![kind.points()[0]],
            // The content of a file is what the control judges.
            Self::NotTheFormat | Self::ForeignPage | Self::WrongShape => {
                kind.points().into_iter().filter(|point| point.operation != "GetObject").collect()
            }
            _ => kind.points(),
        }
    }

    /// Whether it makes the run wait for time-outs.
    pub(crate) fn is_slow(self) -> bool {
        matches!(self, Self::SilentOnce | Self::Silent | Self::Throttled | Self::ThrottledOnce)
    }

    /// Whether the struck call takes effect all the same.
    pub(crate) fn takes_effect(self) -> bool {
        matches!(
            self,
            Self::WrongShape | Self::AnswerCut | Self::DeadlineNear | Self::KilledAfterReport
        )
    }

    /// The time limit of the function.
    pub(crate) fn limit(self) -> Duration {
        Duration::from_secs(match self {
            Self::Silent | Self::DeadlineNear => 4,
            _ => 55,
        })
    }

    /// Makes the fault.
    pub(crate) fn make(self, scene: &Scene, point: Point) {
        let (kind, hub) = (scene.kind, scene.aws.securityhub());
        let (resource_type, id) = kind.subject();
        let partly = |times| {
            if kind.is_findings() {
                hub.fail_finding(&kind.finding(), times);
            } else {
                scene.aws.config().fail_evaluation(resource_type, id, times);
            }
        };
        match self {
            Self::PartlyRefusedOnce => partly(1),
            Self::PartlyRefused => partly(usize::MAX),
            Self::ClockOff => {
                scene.aws.set_clocks_ahead(SignedDuration::from_hours(1));
            }
            Self::SecurityHubOff => {
                hub.disable();
            }
            Self::Duplicate | Self::OutOfOrder | Self::QueueRedelivery | Self::MessageLost => {}
            _ => {
                let plan = self.plan(scene.pid());
                scene.aws.fault(point.service, point.operation, plan);
            }
        }
    }

    /// The fault of a call.
    fn plan(self, pid: u32) -> FaultPlan {
        match self {
            Self::ThrottledOnce => Fault::Throttled.times(1),
            Self::Throttled => Fault::Throttled.into(),
            Self::ServerErrorOnce => Fault::ServerError.times(1),
            Self::ServerError => Fault::ServerError.into(),
            Self::SilentOnce => Fault::Silence.times(1),
            Self::Silent => Fault::Silence.into(),
            Self::ResetOnce => Fault::Reset.times(1),
            Self::Reset => Fault::Reset.into(),
            Self::AnswerLost => Fault::LostAnswer.times(1),
            Self::Denied => Fault::Denied.into(),
            Self::NotTheFormat => Fault::MalformedBody.into(),
            Self::ForeignPage => Fault::ForeignBody.into(),
            Self::WrongShape => Fault::WrongShape.into(),
            Self::AnswerCut => Fault::CutAnswer.into(),
            Self::DeadlineNear => Fault::Hang(Duration::from_secs(8)).into(),
            Self::KilledBeforeReport => Fault::Killed(pid).times(1),
            Self::KilledAfterReport => Fault::KilledAfter(pid).times(1),
            _ => Fault::Hang(LONG).into(),
        }
    }

    /// Ends the fault.
    pub(crate) fn end(self, scene: &Scene) {
        let (resource_type, id) = scene.kind.subject();
        scene.aws.clear_faults().set_clocks_ahead(SignedDuration::ZERO);
        scene.aws.config().fail_evaluation(resource_type, id, 0);
        scene.aws.securityhub().enable().fail_finding(&scene.kind.finding(), 0);
    }
}
