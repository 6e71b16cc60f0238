//! Whether an alarm tells anybody.

use fisc_shared::{Error, Message, message};
use serde_json::Value;

use super::Alarm;
use crate::alerts::{Alerts, Liveness, Reach, Routes};

/// How far an event, or what an alarm has to say, gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing catches it.
    Nothing,
    /// It is caught, but what is invoked reaches nobody.
    Dead(Message),
    /// What would decide cannot be read.
    Undecided(String),
    /// Another account gets it.
    Central,
    /// It reaches somebody.
    Live,
}

impl Found {
    const fn rank(&self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Dead(_) => 1,
            Self::Undecided(_) => 2,
            Self::Central => 3,
            Self::Live => 4,
        }
    }

    /// Whether an alert comes of it.
    #[must_use]
    pub const fn alerts(&self) -> bool {
        matches!(self, Self::Central | Self::Live)
    }

    /// Takes the other one if it gets further.
    pub fn improve(&mut self, other: Self) {
        if other.rank() > self.rank() {
            *self = other;
        }
    }

    /// Takes the other one if it does not get as far.
    pub fn worsen(&mut self, other: Self) {
        if other.rank() < self.rank() {
            *self = other;
        }
    }
}

/// Tells how far events and alarms of an account get, each thing asked once.
#[derive(Debug)]
pub struct Teller {
    routes: Routes,
    account: String,
    /// Whether alerts of another account count.
    accept_central: bool,
}

impl Teller {
    /// Asks about the alerts of an account.
    #[must_use]
    pub fn new(alerts: &Alerts, account: &str, accept_central: bool) -> Self {
        Self { routes: alerts.routes(account), account: account.to_owned(), accept_central }
    }

    /// The ways of events through EventBridge.
    #[must_use]
    pub const fn routes(&self) -> &Routes {
        &self.routes
    }

    /// The best that any of these alarms does.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn best(&self, alarms: &[&Alarm]) -> Result<Found, Error> {
        let mut found = Found::Nothing;
        for alarm in alarms {
            found.improve(self.told(alarm).await?);
            if found == Found::Live {
                break;
            }
        }
        Ok(found)
    }

    /// How far an event gets through rules.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn reached(&self, region: &str, event: &Value) -> Result<Found, Error> {
        Ok(match self.routes.reach_in(region, event).await? {
            Reach::Live { .. } => Found::Live,
            Reach::Central { .. } if self.accept_central => Found::Central,
            Reach::Central { .. } | Reach::Uncaught => Found::Nothing,
            Reach::Undecided { rule, why } => Found::Undecided(format!("rule {rule}: {why}")),
            Reach::Dead { rule, target: Some((arn, why)) } => {
                let why = why.message(&arn);
                Found::Dead(Message {
                    en: format!("rule {rule}: {}", why.en),
                    ja: format!("ルール {rule}: {}", why.ja),
                })
            }
            Reach::Dead { rule, target: None } => Found::Dead(message!(
                "rule {rule} has no target that reaches anybody",
                "ルール {rule} に通知先へ届くターゲットがありません"
            )),
        })
    }

    /// Whether an alarm tells somebody: by its actions, or by rules that catch its events, which
    /// it sends whether or not its actions are on.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn told(&self, alarm: &Alarm) -> Result<Found, Error> {
        let mut found = self.acts(alarm).await?;
        if !found.alerts() {
            found.improve(self.reached(alarm.region(), &alarm.raised(&self.account)).await?);
        }
        Ok(found)
    }

    async fn acts(&self, alarm: &Alarm) -> Result<Found, Error> {
        if let Some(mute) = alarm.mute() {
            return Ok(Found::Dead(mute));
        }
        let mut found = Found::Nothing;
        for action in &alarm.actions {
            found.improve(match self.routes.live(action).await? {
                Liveness::Live | Liveness::Assumed | Liveness::Bus { .. } => Found::Live,
                Liveness::Elsewhere { .. } if self.accept_central => Found::Central,
                Liveness::Elsewhere { .. } => Found::Nothing,
                Liveness::Dead(why) => {
                    let (name, why) = (&alarm.name, why.message(action));
                    Found::Dead(Message {
                        en: format!("alarm {name}: {}", why.en),
                        ja: format!("アラーム {name}: {}", why.ja),
                    })
                }
            });
        }
        Ok(found)
    }
}
