//! Whether what a rule or an alarm invokes reaches anybody.

use fisc_shared::error::Call;
use fisc_shared::{Error, Message, message};

use super::{Alerts, GET_FUNCTION_CONFIGURATION, LIST_SUBSCRIPTIONS_BY_TOPIC};

/// Whether something that is invoked reaches anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Liveness {
    /// A topic with a confirmed subscription, or a function that exists.
    Live,
    /// Of a kind that is taken to work without being asked: queues, streams, state machines,
    /// automations, incident plans, API destinations and all others.
    Assumed,
    /// Of another account, which alone can tell.
    Elsewhere {
        /// The account.
        account: String,
    },
    /// Another event bus of the account: its rules decide.
    Bus {
        /// Its Region.
        region: String,
        /// Its name.
        name: String,
    },
    /// It reaches nobody.
    Dead(Dead),
}

/// Why something reaches nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dead {
    /// The topic does not exist.
    TopicGone,
    /// The topic has no confirmed subscription.
    NotSubscribed,
    /// The function does not exist.
    FunctionGone,
    /// It records or acts, but tells nobody: a log group, an action on an instance, a scaling
    /// policy.
    TellsNobody,
}

impl Dead {
    /// The reason, with the name of what is invoked.
    #[must_use]
    pub fn message(self, arn: &str) -> Message {
        let name = arn.rsplit([':', '/']).find(|part| !part.is_empty() && *part != "*");
        let name = name.unwrap_or(arn);
        match self {
            Self::TopicGone => {
                message!("SNS topic {name} does not exist", "SNS トピック {name} が存在しません")
            }
            Self::NotSubscribed => message!(
                "SNS topic {name} has no confirmed subscription",
                "SNS トピック {name} に確認済みのサブスクリプションがありません"
            ),
            Self::FunctionGone => {
                message!("function {name} does not exist", "Lambda 関数 {name} が存在しません")
            }
            Self::TellsNobody => {
                message!("target {name} notifies nobody", "ターゲット {name} は誰にも通知しません")
            }
        }
    }
}

impl Alerts {
    /// Whether a target of a rule, or an action of an alarm, reaches anybody. `account` is the
    /// one that is evaluated: what another one owns is not asked.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn live(&self, arn: &str, account: &str) -> Result<Liveness, Error> {
        let mut parts = arn.splitn(6, ':').skip(2);
        let mut part = || parts.next().unwrap_or_default();
        let (service, region, owner, resource) = (part(), part(), part(), part());
        let tells_nobody = matches!(service, "logs" | "automate" | "autoscaling" | "swf")
            || service == "events" && resource.starts_with("target/");
        if tells_nobody {
            return Ok(Liveness::Dead(Dead::TellsNobody));
        }
        if !owner.is_empty() && owner != account {
            return Ok(Liveness::Elsewhere { account: owner.to_owned() });
        }
        match (service, resource.strip_prefix("event-bus/")) {
            ("sns", _) => self.in_region(region).topic(arn).await,
            ("lambda", _) => self.in_region(region).function(arn).await,
            ("events", Some(bus)) => {
                Ok(Liveness::Bus { region: region.to_owned(), name: bus.to_owned() })
            }
            _ => Ok(Liveness::Assumed),
        }
    }

    async fn topic(&self, arn: &str) -> Result<Liveness, Error> {
        let mut pages =
            self.sns.list_subscriptions_by_topic().topic_arn(arn).into_paginator().items().send();
        while let Some(subscription) = pages.next().await {
            let subscription = match subscription.call(LIST_SUBSCRIPTIONS_BY_TOPIC) {
                Err(error) if error.is("NotFound") || error.is("NotFoundException") => {
                    return Ok(Liveness::Dead(Dead::TopicGone));
                }
                other => other?,
            };
            // Instead of an ARN, an unconfirmed one has "PendingConfirmation", a removed one
            // "Deleted".
            let confirmed =
                subscription.subscription_arn().is_some_and(|arn| arn.starts_with("arn:"));
            let counts = self.protocols.is_empty()
                || self.protocols.iter().any(|one| subscription.protocol() == Some(one));
            if confirmed && counts {
                return Ok(Liveness::Live);
            }
        }
        Ok(Liveness::Dead(Dead::NotSubscribed))
    }

    async fn function(&self, arn: &str) -> Result<Liveness, Error> {
        let answer = self.lambda.get_function_configuration().function_name(arn).send().await;
        match answer.call(GET_FUNCTION_CONFIGURATION) {
            Ok(_) => Ok(Liveness::Live),
            Err(error) if error.is("ResourceNotFoundException") => {
                Ok(Liveness::Dead(Dead::FunctionGone))
            }
            Err(error) => Err(error.into()),
        }
    }
}
