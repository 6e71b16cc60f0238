//! The rules of an event bus.

use aws_sdk_eventbridge::types::{Rule as SdkRule, RuleState};
use fisc_shared::Error;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::error::Call;
use fisc_shared::pattern::{EventPattern, EventPatternError};
use futures::stream::{self, StreamExt, TryStreamExt};
use serde_json::Value;

use super::{Alerts, DEFAULT_BUS, LIST_RULES, LIST_TARGETS_BY_RULE};

/// Whether a rule is on, and what of CloudTrail it sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is on; of CloudTrail's management events it sees those that change something.
    Enabled,
    /// It is on, and sees the reading calls too.
    EnabledForReads,
    /// It is off.
    Disabled,
}

/// A rule that events start (not a schedule).
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Whether it is on.
    pub state: State,
    /// What it catches, or why that cannot be told.
    pub pattern: Result<EventPattern, EventPatternError>,
    /// Where it sends what it catches; not asked for a rule that is off.
    pub targets: Vec<Target>,
}

/// Where a rule sends events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its id in the rule.
    pub id: String,
    /// What is invoked.
    pub arn: String,
}

impl Rule {
    /// Whether the rule is on and catches an event.
    ///
    /// # Errors
    /// When its pattern cannot be read.
    pub fn catches(&self, event: &Value) -> Result<bool, &EventPatternError> {
        let read_only = event.pointer("/detail/readOnly") == Some(&Value::Bool(true))
            && event.get("detail-type").and_then(Value::as_str)
                == Some("AWS API Call via CloudTrail");
        match self.state {
            State::Disabled => Ok(false),
            State::Enabled if read_only => Ok(false),
            _ => self.pattern.as_ref().map(|pattern| pattern.matches(event)),
        }
    }
}

impl Alerts {
    /// The rules of the default bus that events start. Those that AWS services keep for their own
    /// use are left out: they alert nobody.
    ///
    /// # Errors
    /// When a call fails, or an answer lacks a field.
    pub async fn rules(&self) -> Result<Vec<Rule>, Error> {
        self.rules_on(DEFAULT_BUS).await
    }

    /// As [`Self::rules`], of any bus; none when there is no such bus.
    ///
    /// # Errors
    /// As [`Self::rules`].
    pub async fn rules_on(&self, bus: &str) -> Result<Vec<Rule>, Error> {
        let mut found: Vec<SdkRule> = Vec::new();
        let mut token = None;
        loop {
            let answer = self
                .events
                .list_rules()
                .event_bus_name(bus)
                .set_next_token(token.clone())
                .send()
                .await
                .call(LIST_RULES);
            let answer = match answer {
                Err(error) if error.is("ResourceNotFoundException") => return Ok(Vec::new()),
                other => other?,
            };
            found.extend(answer.rules.unwrap_or_default());
            token = next(LIST_RULES, token, answer.next_token)?;
            if token.is_none() {
                break;
            }
        }
        found.retain(|rule| rule.managed_by.is_none() && rule.event_pattern.is_some());
        stream::iter(found)
            .map(|rule| self.with_targets(rule, bus))
            .buffered(CONCURRENCY)
            .try_collect()
            .await
    }

    async fn with_targets(&self, rule: SdkRule, bus: &str) -> Result<Rule, Error> {
        let lacks =
            |field: &str| Error::Answer { action: LIST_RULES, field: format!("Rules[].{field}") };
        let name = rule.name.ok_or_else(|| lacks("Name"))?;
        let state = match rule.state.ok_or_else(|| lacks("State"))? {
            RuleState::Enabled => State::Enabled,
            RuleState::EnabledWithAllCloudtrailManagementEvents => State::EnabledForReads,
            RuleState::Disabled => State::Disabled,
            other => return Err(lacks(&format!("State other than {other}"))),
        };
        let pattern = EventPattern::parse(&rule.event_pattern.unwrap_or_default());
        let targets = match state {
            State::Disabled => Vec::new(),
            _ => self.targets(&name, bus).await?,
        };
        Ok(Rule { name, state, pattern, targets })
    }

    async fn targets(&self, rule: &str, bus: &str) -> Result<Vec<Target>, Error> {
        let mut targets = Vec::new();
        let mut token = None;
        loop {
            let answer = self
                .events
                .list_targets_by_rule()
                .rule(rule)
                .event_bus_name(bus)
                .set_next_token(token.clone())
                .send()
                .await
                .call(LIST_TARGETS_BY_RULE);
            let answer = match answer {
                // Deleted since it was listed.
                Err(error) if error.is("ResourceNotFoundException") => return Ok(Vec::new()),
                other => other?,
            };
            let page = answer.targets.unwrap_or_default().into_iter();
            targets.extend(page.map(|one| Target { id: one.id, arn: one.arn }));
            token = next(LIST_TARGETS_BY_RULE, token, answer.next_token)?;
            if token.is_none() {
                return Ok(targets);
            }
        }
    }
}

/// The token of the next page. The SDK has no paginators for EventBridge; like those, this one
/// does not go round in circles.
fn next(
    action: &'static str,
    last: Option<String>,
    next: Option<String>,
) -> Result<Option<String>, Error> {
    match next.filter(|next| !next.is_empty()) {
        Some(next) if last.as_ref() == Some(&next) => {
            Err(Error::Answer { action, field: "NextToken other than the last one".to_owned() })
        }
        next => Ok(next),
    }
}
