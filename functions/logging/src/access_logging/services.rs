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
use fisc_shared::{ConfigurationItem, Error, Evaluated, Resource, Run, ServiceCheck, Verdict};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::evaluate;

/// A part that asks services.
pub(super) struct Part {
    /// Whether there is something to ask about a resource, by its item.
    pub(super) asks: fn(&ConfigurationItem, &Run<'_>) -> Result<bool, Error>,
    /// Builds the clients.
    pub(super) connect: fn(&SdkConfig) -> Arc<dyn Ask>,
}

/// The parts, in the order in which their reasons are told.
const PARTS: &[Part] = &[];

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
                verdict = together(verdict, part.resource(item, run).await?);
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
