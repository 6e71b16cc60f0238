//! Where an event gets to, whether that tells anybody or not.

use std::collections::BTreeSet;

use fisc_shared::Error;
use serde_json::Value;

use super::routes::Bus;
use super::{DEFAULT_BUS, Liveness, Routes};

/// Where an event gets to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Destinations {
    /// The ARNs of the targets of all rules that catch it.
    pub targets: BTreeSet<String>,
    /// A rule of which cannot be told whether it catches it, and why.
    pub undecided: Option<(String, String)>,
}

impl Routes {
    /// All targets that an event gets to which arrives on the default bus of a Region. Rules that
    /// forward to another bus of the account are followed there. Nobody is asked whether the
    /// targets are alive.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn destinations_in(
        &self,
        region: &str,
        event: &Value,
    ) -> Result<Destinations, Error> {
        let mut found = Destinations::default();
        let mut seen: BTreeSet<Bus> = BTreeSet::new();
        let mut waiting: Vec<Bus> = vec![(region.to_owned(), DEFAULT_BUS.to_owned())];
        while let Some(bus) = waiting.pop() {
            if !seen.insert(bus.clone()) {
                continue;
            }
            for rule in self.rules(&bus).await?.iter() {
                match rule.catches(event) {
                    Ok(true) => {}
                    Ok(false) => continue,
                    Err(error) => {
                        found.undecided = Some((rule.name.clone(), error.to_string()));
                        continue;
                    }
                }
                for target in &rule.targets {
                    // A bus is told by its name; no call is made for it.
                    if target.arn.contains(":event-bus/")
                        && let Liveness::Bus { region, name } = self.live(&target.arn).await?
                    {
                        waiting.push((region, name));
                    } else {
                        found.targets.insert(target.arn.clone());
                    }
                }
            }
        }
        Ok(found)
    }
}
