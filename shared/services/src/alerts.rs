//! Whether an event raises an alarm: the rules of EventBridge that catch it, and whether their
//! targets reach anybody.
//!
//! ```no_run
//! # async fn example(sdk: &aws_types::SdkConfig) -> Result<(), fisc_shared::Error> {
//! use fisc_services::alerts::{Alerts, Reach};
//! use serde_json::json;
//!
//! let event = json!({"source": "aws.health", "detail-type": "AWS Health Event"});
//! match Alerts::new(sdk).routes("111122223333").reach(&event).await? {
//!     Reach::Live { rule } => println!("{rule} reaches somebody"),
//!     other => println!("{other:?}"),
//! }
//! # Ok(()) }
//! ```

mod destinations;
mod routes;
mod rules;
mod targets;
#[cfg(test)]
mod tests;

use aws_types::SdkConfig;
use fisc_shared::Action;

use crate::regions::in_region;

pub use destinations::Destinations;
pub use routes::{Reach, Routes};
pub use rules::{Rule, State, Target};
pub use targets::{Dead, Liveness};

/// The bus that the events of AWS services arrive on.
pub const DEFAULT_BUS: &str = "default";

const LIST_RULES: &str = "events:ListRules";
const LIST_TARGETS_BY_RULE: &str = "events:ListTargetsByRule";
const LIST_SUBSCRIPTIONS_BY_TOPIC: &str = "sns:ListSubscriptionsByTopic";
const GET_FUNCTION_CONFIGURATION: &str = "lambda:GetFunctionConfiguration";

/// The actions of [`Alerts::live`].
pub const LIVE_ACTIONS: [Action; 2] = [
    Action::on(LIST_SUBSCRIPTIONS_BY_TOPIC, "arn:${AWS::Partition}:sns:*:${AWS::AccountId}:*"),
    Action::on(
        GET_FUNCTION_CONFIGURATION,
        "arn:${AWS::Partition}:lambda:*:${AWS::AccountId}:function:*",
    ),
];

/// The actions of everything here.
pub const ACTIONS: [Action; 4] = {
    let [topics, functions] = LIVE_ACTIONS;
    [
        Action::any(LIST_RULES),
        Action::on(LIST_TARGETS_BY_RULE, "arn:${AWS::Partition}:events:*:${AWS::AccountId}:rule/*"),
        topics,
        functions,
    ]
};

/// Asks about the alarms of one Region.
#[derive(Debug, Clone)]
pub struct Alerts {
    sdk: SdkConfig,
    events: aws_sdk_eventbridge::Client,
    sns: aws_sdk_sns::Client,
    lambda: aws_sdk_lambda::Client,
    /// The protocols of subscriptions that count; empty: all.
    protocols: Vec<String>,
}

impl Alerts {
    /// Clients with the given settings.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        Self {
            sdk: sdk.clone(),
            events: aws_sdk_eventbridge::Client::new(sdk),
            sns: aws_sdk_sns::Client::new(sdk),
            lambda: aws_sdk_lambda::Client::new(sdk),
            protocols: Vec::new(),
        }
    }

    /// Only subscriptions of these protocols count.
    #[must_use]
    pub fn through(self, protocols: Vec<String>) -> Self {
        Self { protocols, ..self }
    }

    /// The same for another Region.
    #[must_use]
    pub fn in_region(&self, region: &str) -> Self {
        if region == self.region() {
            self.clone()
        } else {
            Self::new(&in_region(&self.sdk, region)).through(self.protocols.clone())
        }
    }

    /// The Region that is asked.
    #[must_use]
    pub fn region(&self) -> &str {
        self.sdk.region().map_or("", AsRef::as_ref)
    }
}
