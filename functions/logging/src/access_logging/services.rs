//! What items do not tell: the parts of the control that ask services.
//!
//! A part says by the item alone whether it has a question, so that nothing is called for a
//! resource of which the item tells everything. A resource is always judged as a whole: what the
//! item tells, and what every part finds, since the newest verdict replaces the one before.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::verdict::Reason;
use fisc_shared::{
    ConfigurationItem, Error, Evaluated, Requirement, Resource, Run, ServiceCheck, Verdict,
};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::{audit, automation, classified, deliveries, evaluate, instances};

/// A part that asks services.
pub(super) struct Part {
    /// Whether there is something to ask about a resource, by its item.
    pub(super) asks: fn(&ConfigurationItem, &Run<'_>) -> Result<bool, Error>,
    /// Builds the clients.
    pub(super) connect: fn(&SdkConfig) -> Arc<dyn Ask>,
}

/// The parts, in the order in which their reasons are told.
const PARTS: &[Part] = &[
    Part { asks: classified::asks, connect: classified::connect },
    Part { asks: audit::asks, connect: audit::connect },
    Part { asks: deliveries::asks, connect: deliveries::connect },
    Part { asks: instances::asks, connect: instances::connect },
    Part { asks: automation::asks, connect: automation::connect },
];

/// What a part found.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Requirements that fail.
    pub(super) failures: Vec<Reason>,
    /// Notes on a resource that passes.
    pub(super) notes: Vec<Reason>,
}

/// The clients of a part.
#[async_trait]
pub(super) trait Ask: Send + Sync {
    /// Judges a resource of which the item leaves something to ask.
    async fn resource(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Answer, Error> {
        let _ = (item, run);
        Ok(Answer::default())
    }

    /// The requirements that the item seems to fail, but the service says it does not.
    async fn refuted(
        &self,
        item: &ConfigurationItem,
        run: &Run<'_>,
    ) -> Result<Vec<&'static Requirement>, Error> {
        let _ = (item, run);
        Ok(Vec::new())
    }

    /// The resources that the schedule judges, because what the part asks changes without them;
    /// as items with their tags.
    async fn scheduled(&self, run: &Run<'_>) -> Result<Vec<ConfigurationItem>, Error> {
        let _ = run;
        Ok(Vec::new())
    }

    /// Judges what Config does not record and the account stands for; `None` where there is
    /// nothing of it.
    async fn account(&self, run: &Run<'_>) -> Result<Option<Answer>, Error> {
        let _ = run;
        Ok(None)
    }
}

/// What the item alone decides.
pub(super) fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let verdict = evaluate(item, run)?;
    for part in PARTS {
        if (part.asks)(item, run)? {
            // Nobody can be asked: a failure is one all the same, a pass would be a guess.
            let failed = matches!(verdict, Verdict::NonCompliant(_));
            return Ok((run.offline && failed).then_some(verdict));
        }
    }
    Ok(Some(verdict))
}

pub(super) fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    let parts = PARTS.iter().map(|part| (part.asks, (part.connect)(sdk))).collect();
    Arc::new(Services { parts })
}

type Asks = fn(&ConfigurationItem, &Run<'_>) -> Result<bool, Error>;

struct Services {
    parts: Vec<(Asks, Arc<dyn Ask>)>,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let mut verdict = evaluate(item, run)?;
        for (asks, part) in &self.parts {
            if asks(item, run)? {
                let left = without(verdict, &part.refuted(item, run).await?);
                verdict = together(left, part.resource(item, run).await?);
            }
        }
        Ok(verdict)
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let mut items = BTreeMap::new();
        let mut account = None;
        for (_, part) in &self.parts {
            for item in part.scheduled(run).await? {
                items.insert((item.resource_type.clone(), item.resource_id.clone()), item);
            }
            if let Some(answer) = part.account(run).await? {
                account = Some(together(account.unwrap_or_else(Verdict::compliant), answer));
            }
        }
        let mut evaluated: Vec<Evaluated> = stream::iter(items.into_values())
            .map(|item| async move {
                let verdict = self.judge(&item, run).await?;
                Ok::<_, Error>(Evaluated { resource: Resource::from(&item), verdict, at: run.now })
            })
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        evaluated.extend(account.map(|verdict| Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict,
            at: run.now,
        }));
        Ok(evaluated)
    }
}

/// What is left of a verdict when these requirements do not fail after all.
fn without(verdict: Verdict, refuted: &[&Requirement]) -> Verdict {
    let Verdict::NonCompliant(mut failures) = verdict else { return verdict };
    failures.retain(|failure| refuted.iter().all(|one| one.code != failure.code));
    if failures.is_empty() { Verdict::compliant() } else { Verdict::NonCompliant(failures) }
}

/// What was known of a resource, and what a part found.
fn together(verdict: Verdict, answer: Answer) -> Verdict {
    match verdict {
        Verdict::NonCompliant(mut failures) => {
            failures.extend(answer.failures);
            Verdict::NonCompliant(failures)
        }
        _ if !answer.failures.is_empty() => Verdict::NonCompliant(answer.failures),
        Verdict::Compliant(mut notes) => {
            notes.extend(answer.notes);
            Verdict::Compliant(notes)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fisc_shared::{Message, Remark};

    #[test]
    fn what_a_service_refutes_is_no_failure() {
        let reason = |code| Reason { code, message: Message::default() };
        let (off, dropped) = (&crate::access_logging::CLOUDFRONT_LOG_OFF, "CLIENT_IP_DROPPED");
        let both = || Verdict::NonCompliant(vec![reason(off.code), reason(dropped)]);
        let one = || Verdict::NonCompliant(vec![reason(off.code)]);
        assert_eq!(without(both(), &[off]), Verdict::NonCompliant(vec![reason(dropped)]));
        assert_eq!(without(one(), &[off]), Verdict::compliant());
        assert_eq!(without(one(), &[]), one());
        assert_eq!(without(Verdict::compliant(), &[off]), Verdict::compliant());
    }

    #[test]
    fn a_resource_is_judged_as_a_whole() {
        let reason = |code| Reason { code, message: Message::default() };
        let failing = || Answer { failures: vec![reason("B")], notes: vec![reason("N")] };
        let passing = || Answer { failures: Vec::new(), notes: vec![reason("N")] };
        let remark = Remark::new("R", "r", "r");
        let bad = || Verdict::NonCompliant(vec![reason("A")]);
        let codes = |verdict: Verdict| -> Vec<&str> {
            verdict.reasons().iter().map(|reason| reason.code).collect()
        };
        assert_eq!(codes(together(bad(), failing())), ["A", "B"]);
        assert_eq!(codes(together(bad(), passing())), ["A"]);
        assert_eq!(together(bad(), passing()), bad());
        assert_eq!(codes(together(Verdict::compliant(), failing())), ["B"]);
        assert_eq!(
            together(Verdict::compliant(), passing()),
            Verdict::Compliant(vec![reason("N")])
        );
        let left_out = || Verdict::not_applicable(&remark);
        assert_eq!(codes(together(left_out(), failing())), ["B"]);
        assert_eq!(together(left_out(), passing()), left_out());
    }
}
