//! Classes of events that must alert somebody, and whether they do.

use fisc_services::alarms::Found;
use fisc_shared::{Error, Message, Requirement, Text};

use super::evidence::Evidence;
use super::samples::Sample;

/// A class of events.
pub(super) struct Class {
    pub(super) requirement: &'static Requirement,
    pub(super) name: Text,
    /// Each way to be told of it: the events that all must be caught.
    pub(super) ways: Vec<Vec<Sample>>,
    /// Another account sees the class, by itself, and that counts.
    pub(super) central: bool,
}

/// Whether a class alerts somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Alerted {
        central: bool,
    },
    /// What catches it reaches nobody.
    Dead(Message),
    /// Nothing catches these.
    Missing {
        names: Vec<String>,
        /// Nothing of the class is caught.
        all: bool,
    },
}

impl Class {
    pub(super) async fn judge(&self, evidence: &Evidence<'_>) -> Result<Outcome, Error> {
        if self.central {
            return Ok(Outcome::Alerted { central: true });
        }
        let mut best = Found::Nothing;
        let mut missing: Option<(usize, usize, Vec<String>)> = None;
        for way in &self.ways {
            let mut whole = Found::Live;
            let mut uncaught = Vec::new();
            let mut count = 0;
            for sample in way {
                let found = evidence.find(sample).await?;
                if found == Found::Nothing {
                    count += 1;
                    if !uncaught.contains(&sample.name) {
                        uncaught.push(sample.name.clone());
                    }
                }
                whole.worsen(found);
            }
            if whole.alerts() {
                return Ok(Outcome::Alerted { central: whole == Found::Central });
            }
            best.improve(whole);
            // The way of which least is missing tells best what to do.
            let closer =
                missing.as_ref().is_none_or(|(other, of, _)| count * of < other * way.len());
            if count > 0 && closer {
                missing = Some((count, way.len(), uncaught));
            }
        }
        match best {
            Found::Undecided(why) => {
                let name = self.name.en;
                let what = "it cannot be decided whether anybody is told of";
                Err(Error::Control(format!("{what} {name}: {why}")))
            }
            Found::Dead(why) => Ok(Outcome::Dead(why)),
            _ => {
                let (count, of, names) = missing.unwrap_or_default();
                Ok(Outcome::Missing { names, all: count == of })
            }
        }
    }
}
