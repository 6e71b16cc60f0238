//! The way of an event from a bus to somebody.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fisc_shared::Error;
use futures::lock::Mutex;
use serde_json::Value;

use super::{Alerts, DEFAULT_BUS, Dead, Liveness, Rule};

/// How far an event gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// A rule sends it to a target that reaches somebody.
    Live {
        /// The rule.
        rule: String,
    },
    /// A rule sends it to another account.
    Central {
        /// The rule.
        rule: String,
        /// The account.
        account: String,
    },
    /// Whether a rule catches it cannot be told.
    Undecided {
        /// The rule.
        rule: String,
        /// Why.
        why: String,
    },
    /// A rule catches it, but nothing that it invokes reaches anybody.
    Dead {
        /// The rule.
        rule: String,
        /// What it invokes, and why that reaches nobody; none without a target.
        target: Option<(String, Dead)>,
    },
    /// No rule catches it.
    Uncaught,
}

impl Reach {
    const fn rank(&self) -> u8 {
        match self {
            Self::Live { .. } => 4,
            Self::Central { .. } => 3,
            Self::Undecided { .. } => 2,
            Self::Dead { .. } => 1,
            Self::Uncaught => 0,
        }
    }

    fn improve(&mut self, other: Self) {
        if other.rank() > self.rank() {
            *self = other;
        }
    }
}

/// A bus: its Region and its name.
pub(super) type Bus = (String, String);

/// The ways of events in one account, each rule and each target asked once.
#[derive(Debug)]
pub struct Routes {
    alerts: Alerts,
    account: String,
    rules: Mutex<BTreeMap<Bus, Arc<Vec<Rule>>>>,
    targets: Mutex<BTreeMap<String, Liveness>>,
}

impl Alerts {
    /// The ways of events in an account.
    #[must_use]
    pub fn routes(&self, account: &str) -> Routes {
        Routes {
            alerts: self.clone(),
            account: account.to_owned(),
            rules: Mutex::default(),
            targets: Mutex::default(),
        }
    }
}

impl Routes {
    /// How far an event gets that arrives on the default bus of the Region.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn reach(&self, event: &Value) -> Result<Reach, Error> {
        self.reach_in(self.alerts.region(), event).await
    }

    /// As [`Self::reach`], in any Region. Rules that forward to another bus of the account are
    /// followed there.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn reach_in(&self, region: &str, event: &Value) -> Result<Reach, Error> {
        let mut reach = Reach::Uncaught;
        let mut seen: BTreeSet<Bus> = BTreeSet::new();
        let mut waiting: Vec<Bus> = vec![(region.to_owned(), DEFAULT_BUS.to_owned())];
        while let Some(bus) = waiting.pop() {
            if !seen.insert(bus.clone()) {
                continue;
            }
            for rule in self.rules(&bus).await?.iter() {
                let name = || rule.name.clone();
                match rule.catches(event) {
                    Ok(true) => {}
                    Ok(false) => continue,
                    Err(error) => {
                        reach.improve(Reach::Undecided { rule: name(), why: error.to_string() });
                        continue;
                    }
                }
                reach.improve(Reach::Dead { rule: name(), target: None });
                for target in &rule.targets {
                    match self.live(&target.arn).await? {
                        Liveness::Live | Liveness::Assumed => {
                            return Ok(Reach::Live { rule: name() });
                        }
                        Liveness::Elsewhere { account } => {
                            reach.improve(Reach::Central { rule: name(), account });
                        }
                        Liveness::Bus { region, name } => waiting.push((region, name)),
                        Liveness::Dead(why) => {
                            let target = Some((target.arn.clone(), why));
                            if reach == (Reach::Dead { rule: name(), target: None }) {
                                reach = Reach::Dead { rule: name(), target };
                            }
                        }
                    }
                }
            }
        }
        Ok(reach)
    }

    /// The rules of the default bus of the Region.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn default_rules(&self) -> Result<Arc<Vec<Rule>>, Error> {
        self.rules(&(self.alerts.region().to_owned(), DEFAULT_BUS.to_owned())).await
    }

    /// As [`Alerts::live`], each target asked once.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn live(&self, arn: &str) -> Result<Liveness, Error> {
        let mut targets = self.targets.lock().await;
        if let Some(known) = targets.get(arn) {
            return Ok(known.clone());
        }
        let liveness = self.alerts.live(arn, &self.account).await?;
        targets.insert(arn.to_owned(), liveness.clone());
        Ok(liveness)
    }

    pub(super) async fn rules(&self, bus: &Bus) -> Result<Arc<Vec<Rule>>, Error> {
        let mut known = self.rules.lock().await;
        if let Some(rules) = known.get(bus) {
            return Ok(Arc::clone(rules));
        }
        let (region, name) = bus;
        let rules = Arc::new(self.alerts.in_region(region).rules_on(name).await?);
        known.insert(bus.clone(), Arc::clone(&rules));
        Ok(rules)
    }
}
