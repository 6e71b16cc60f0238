//! The reviewed file: exemptions that are decided like code, and ship with the deployment.

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Exemption, Malformed, Source, grant};
use crate::control::Control;
use crate::resource::{Resource, is_account_id};
use crate::text::{brief, json_problem};

/// The fewest characters before the `*` of a pattern: what is shorter exempts by accident.
const MIN_ANCHOR: usize = 3;

/// The file is not one of exemptions at all.
#[derive(Debug, thiserror::Error)]
#[error(
    "the file of exemptions cannot be read: {0}; expected {{\"exemptions\": [{{\"control\": …, \
     \"account\": …, \"region\": …, \"resourceType\": …, \"resource\": …, \"until\": …, \
     \"reason\": …, \"by\": …}}]}}"
)]
pub struct FileError(String);

/// An entry that does not count, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("exemption {number}: {problem}")]
pub struct EntryProblem {
    /// Its place in the file, from 1.
    pub number: usize,
    /// What is wrong.
    pub problem: String,
}

/// The entries of a file.
#[derive(Debug, Clone, Default)]
pub struct Reviewed {
    entries: Vec<Entry>,
    /// Entries of which not even the scope can be read.
    lost: Vec<EntryProblem>,
}

/// One entry: what it is about, and what it grants, or why it does not.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    number: usize,
    scope: Scope,
    granted: Result<(Exemption, Vec<String>), Malformed>,
}

/// Which resources an entry is about.
#[derive(Debug, Clone)]
struct Scope {
    control: String,
    account: String,
    /// A Region, `global` or `*`.
    region: String,
    resource_type: String,
    /// An id as AWS Config records it, or its beginning and `*`.
    resource: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw<'a> {
    #[serde(borrow)]
    exemptions: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawEntry {
    control: String,
    account: String,
    region: String,
    resource_type: String,
    resource: String,
    #[serde(default)]
    codes: Option<Vec<String>>,
    until: String,
    reason: String,
    by: String,
}

impl Entry {
    pub(super) const fn granted(&self) -> Result<(&Exemption, &Vec<String>), &Malformed> {
        match &self.granted {
            Ok((exemption, codes)) => Ok((exemption, codes)),
            Err(problem) => Err(problem),
        }
    }
}

impl Reviewed {
    /// Reads a file. Entries that are wrong do not stop the others: they count as none, and
    /// [`Self::problems`] tells them.
    ///
    /// # Errors
    /// [`FileError`] when it is not JSON of the expected form.
    pub fn parse(text: &str) -> Result<Self, FileError> {
        let raw: Raw<'_> = serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .map_err(|error| FileError(json_problem(&error)))?;
        let mut read = Self::default();
        for (raw, number) in raw.exemptions.into_iter().zip(1..) {
            match entry(raw, number) {
                Ok(entry) => read.entries.push(entry),
                Err(problem) => {
                    let problem = problem.to_string();
                    read.lost.push(EntryProblem { number, problem });
                }
            }
        }
        Ok(read)
    }

    /// What is wrong with entries, in their order. `controls` are all that the file may name.
    #[must_use]
    pub fn problems(&self, controls: &[&Control]) -> Vec<EntryProblem> {
        let mut problems = self.lost.clone();
        for entry in &self.entries {
            let mut tell =
                |problem: String| problems.push(EntryProblem { number: entry.number, problem });
            match &entry.granted {
                Err(problem) => tell(problem.to_string()),
                Ok((_, codes)) => {
                    let Scope { control: id, resource_type, .. } = &entry.scope;
                    let Some(control) = controls.iter().find(|control| control.id == id) else {
                        tell(format!("no control is called {:?}", brief(id)));
                        continue;
                    };
                    if !control.judges(resource_type) {
                        tell(format!("{id} does not judge {:?}", brief(resource_type)));
                    }
                    for code in codes.iter().filter(|code| control.requirement(code).is_none()) {
                        tell(format!("{id} has no reason code {:?}", brief(code)));
                    }
                }
            }
        }
        problems.sort_by_key(|problem| problem.number);
        problems
    }

    /// What is wrong with entries of one control, and with entries of which nobody knows the
    /// control.
    pub fn problems_of(&self, control: &Control) -> impl Iterator<Item = EntryProblem> {
        let others: Vec<usize> = self
            .entries
            .iter()
            .filter(|entry| entry.scope.control != control.id)
            .map(|entry| entry.number)
            .collect();
        self.problems(&[control]).into_iter().filter(move |one| !others.contains(&one.number))
    }

    /// Whether the file grants nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries that are about a resource.
    pub(super) fn of(&self, control: &str, resource: &Resource) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.scope.holds(control, resource))
    }

    /// Whether some entry, valid or not, is about a resource.
    pub(super) fn names(&self, control: &str, resource: &Resource) -> bool {
        self.of(control, resource).next().is_some()
    }
}

impl Scope {
    fn holds(&self, control: &str, resource: &Resource) -> bool {
        self.control == control
            && self.account == resource.account_id
            && (self.region == "*" || self.region == resource.region)
            && self.resource_type == resource.resource_type
            && match self.resource.strip_suffix('*') {
                Some(beginning) => resource.id.starts_with(beginning),
                None => self.resource == resource.id,
            }
    }

    /// # Errors
    /// What is wrong with it: an entry whose scope is doubtful is about nothing.
    fn check(self) -> Result<Self, Malformed> {
        let refuse = |text: &str| Err(Malformed::Entry(text.to_owned()));
        let plain = |text: &str| !text.is_empty() && text.trim() == text && !text.contains('*');
        if !is_account_id(&self.account) {
            return refuse("account must be the 12 digits of one account");
        }
        if self.region != "*" && !plain(&self.region) {
            return refuse("region must be a Region, global, or * for all");
        }
        if !plain(&self.control) || !plain(&self.resource_type) {
            return refuse("control and resourceType must be exact names");
        }
        let beginning = self.resource.strip_suffix('*');
        if !plain(beginning.unwrap_or(&self.resource)) {
            return refuse("resource must be an exact id, or the beginning of one and a single *");
        }
        if beginning.is_some_and(|text| text.chars().count() < MIN_ANCHOR) {
            return Err(Malformed::Entry(format!(
                "resource: at least {MIN_ANCHOR} characters must stand before the *"
            )));
        }
        Ok(self)
    }
}

fn entry(raw: &RawValue, number: usize) -> Result<Entry, Malformed> {
    let read: Result<RawEntry, _> = serde_json::from_str(raw.get());
    match read {
        Ok(RawEntry {
            control,
            account,
            region,
            resource_type,
            resource,
            codes,
            until,
            reason,
            by,
        }) => {
            let scope = Scope { control, account, region, resource_type, resource }.check()?;
            let granted = match codes {
                Some(codes) if codes.is_empty() => Err(Malformed::Entry(
                    "codes is empty: name reason codes, or leave it out for all".to_owned(),
                )),
                codes => grant::of_fields(&until, &reason, &by, Source::File)
                    .map(|exemption| (exemption, codes.unwrap_or_default())),
            };
            Ok(Entry { number, scope, granted })
        }
        // The scope may still be readable: then the resource can be told.
        Err(error) => {
            let problem = Malformed::Entry(without_place(&error));
            let value: Value = serde_json::from_str(raw.get()).unwrap_or_default();
            let text = |name: &str| {
                let text = value.get(name).and_then(Value::as_str).map(str::to_owned);
                text.ok_or_else(|| problem.clone())
            };
            let scope = Scope {
                control: text("control")?,
                account: text("account")?,
                region: text("region")?,
                resource_type: text("resourceType")?,
                resource: text("resource")?,
            };
            let scope = scope.check()?;
            Ok(Entry { number, scope, granted: Err(problem) })
        }
    }
}

/// What serde says, without line and column, which count from the entry's own beginning, and
/// without the value that was found.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    match text.strip_prefix("invalid type: ") {
        Some(rest) => {
            let expected = rest.rsplit_once(", expected ").map_or("another type", |(_, to)| to);
            format!("a member has the wrong type, expected {expected}")
        }
        None => brief(text),
    }
}
