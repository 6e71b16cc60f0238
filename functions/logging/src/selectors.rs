//! Which events the event selectors of trails and event data stores record.
//!
//! A set of selectors records an event when any one of them selects it; a selector selects an
//! event when every field of it fits. Of one field, any of the selecting operators (Equals,
//! StartsWith, EndsWith) must fit, whichever, and none of the deselecting ones (NotEquals, …); a
//! field that is not named fits always. Basic selectors are brought into the same form. Source:
//! AWS CloudTrail user guide, "Filtering data events by using advanced event selectors" (How
//! CloudTrail evaluates multiple conditions for a field), and the API reference of DataResource.
//!
//! The question is never about one event but about all of a kind: all management events, all
//! reads of objects in a bucket. Fields hold text without end, but selectors tell texts apart only
//! by the values that they name. So one text for each way in which these values can fit stands for
//! all others, and the answer is exact. It takes every combination of fields as possible; that
//! some name of an event is always a write, for example, is not known here.

use std::collections::BTreeSet;

use aws_sdk_cloudtrail::types::{
    AdvancedEventSelector, DataResource, EventSelector, ReadWriteType,
};
use fisc_shared::Error;

const CATEGORY: &str = "eventCategory";
const READ_ONLY: &str = "readOnly";
const SOURCE: &str = "eventSource";
const RESOURCE_TYPE: &str = "resources.type";
const RESOURCE_ARN: &str = "resources.ARN";

/// What a text is compared with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Pattern {
    Equals(String),
    StartsWith(String),
    EndsWith(String),
}

impl Pattern {
    fn fits(&self, text: &str) -> bool {
        match self {
            Self::Equals(value) => text == value,
            Self::StartsWith(value) => text.starts_with(value.as_str()),
            Self::EndsWith(value) => text.ends_with(value.as_str()),
        }
    }
}

/// What a field must be.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Condition {
    field: String,
    /// One of them must fit; without any, everything does.
    select: Vec<Pattern>,
    /// None of them may fit.
    deselect: Vec<Pattern>,
}

impl Condition {
    fn selects(field: &str, select: Vec<Pattern>) -> Self {
        Self { field: field.to_owned(), select, deselect: Vec::new() }
    }

    fn is(field: &str, value: &str) -> Self {
        Self::selects(field, vec![Pattern::Equals(value.to_owned())])
    }

    fn fits(&self, text: &str) -> bool {
        let fits = |pattern: &Pattern| pattern.fits(text);
        (self.select.is_empty() || self.select.iter().any(fits)) && !self.deselect.iter().any(fits)
    }
}

/// All conditions must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Selector(Vec<Condition>);

impl Selector {
    /// Whether the selector lets this text of a field pass.
    fn fits(&self, field: &str, text: &str) -> bool {
        self.0.iter().filter(|one| one.field == field).all(|one| one.fits(text))
    }

    fn names(&self, field: &str) -> bool {
        self.0.iter().any(|one| one.field == field)
    }
}

/// Events of a kind, all of which must be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Events(Selector);

impl Events {
    /// Management events, reading and writing ones.
    #[must_use]
    pub fn management() -> Self {
        Self(Selector(vec![Condition::is(CATEGORY, "Management")]))
    }

    /// Data events of a resource type, of all resources. `partition` is that of the resources.
    #[must_use]
    pub fn data(resource_type: &str, partition: &str) -> Self {
        let mut conditions =
            vec![Condition::is(CATEGORY, "Data"), Condition::is(RESOURCE_TYPE, resource_type)];
        // A selector may name what all ARNs of a type begin with.
        let service = match resource_type {
            "AWS::S3::Object" => Some("s3:::"),
            "AWS::Lambda::Function" => Some("lambda:"),
            "AWS::DynamoDB::Table" => Some("dynamodb:"),
            _ => None,
        };
        conditions.extend(service.map(|service| {
            let start = format!("arn:{partition}:{service}");
            Condition::selects(RESOURCE_ARN, vec![Pattern::StartsWith(start)])
        }));
        Self(Selector(conditions))
    }

    /// Only those that read, or only those that write.
    #[must_use]
    pub fn reading(self, reading: bool) -> Self {
        self.and(Condition::is(READ_ONLY, if reading { "true" } else { "false" }))
    }

    /// Only those of a service.
    #[must_use]
    pub fn of_source(self, source: &str) -> Self {
        self.and(Condition::is(SOURCE, source))
    }

    /// Only those of other services.
    #[must_use]
    pub fn but_of_sources<'a>(self, sources: impl IntoIterator<Item = &'a str>) -> Self {
        let deselect = sources.into_iter().map(|one| Pattern::Equals(one.to_owned())).collect();
        self.and(Condition { field: SOURCE.to_owned(), select: Vec::new(), deselect })
    }

    /// Only those of the resource with this ARN.
    #[must_use]
    pub fn on(self, arn: &str) -> Self {
        self.and(Condition::is(RESOURCE_ARN, arn))
    }

    /// Only those of resources whose ARN begins so.
    #[must_use]
    pub fn under(self, arn: &str) -> Self {
        let start = vec![Pattern::StartsWith(arn.to_owned())];
        self.and(Condition::selects(RESOURCE_ARN, start))
    }

    /// Only those of resources whose ARN begins with none of these.
    #[must_use]
    pub fn but_under(self, arns: &[String]) -> Self {
        let deselect = arns.iter().cloned().map(Pattern::StartsWith).collect();
        self.and(Condition { field: RESOURCE_ARN.to_owned(), select: Vec::new(), deselect })
    }

    fn and(mut self, condition: Condition) -> Self {
        self.0.0.push(condition);
        self
    }
}

/// A set of event selectors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selectors(Vec<Selector>);

impl Selectors {
    /// From the answer about a trail, which has basic or advanced selectors. `action` is the IAM
    /// name of the call.
    ///
    /// # Errors
    /// When there is none of either kind, or one cannot be read.
    pub fn of_trail(
        action: &'static str,
        basic: &[EventSelector],
        advanced: &[AdvancedEventSelector],
    ) -> Result<Self, Error> {
        if basic.is_empty() {
            return Self::advanced(action, advanced);
        }
        let lacks = |field| Error::Answer { action, field };
        let mut selectors = Vec::new();
        for selector in basic {
            let mut shared = Vec::new();
            match selector.read_write_type() {
                Some(ReadWriteType::All) | None => {}
                Some(ReadWriteType::ReadOnly) => shared.push(Condition::is(READ_ONLY, "true")),
                Some(ReadWriteType::WriteOnly) => shared.push(Condition::is(READ_ONLY, "false")),
                Some(other) => {
                    return Err(lacks(format!("a known ReadWriteType: {other:?}")));
                }
            }
            if selector.include_management_events() != Some(false) {
                let excluded = selector.exclude_management_event_sources();
                let mut events = Events::management();
                if !excluded.is_empty() {
                    events = events.but_of_sources(excluded.iter().map(String::as_str));
                }
                events.0.0.extend(shared.iter().cloned());
                selectors.push(events.0);
            }
            for resource in selector.data_resources() {
                let kind = resource
                    .r#type()
                    .ok_or_else(|| lacks("EventSelectors[].DataResources[].Type".to_owned()))?;
                let mut conditions =
                    vec![Condition::is(CATEGORY, "Data"), Condition::is(RESOURCE_TYPE, kind)];
                conditions.push(Condition::selects(RESOURCE_ARN, data_values(kind, resource)));
                conditions.extend(shared.iter().cloned());
                // An empty list of values names no resource.
                if !resource.values().is_empty() {
                    selectors.push(Selector(conditions));
                }
            }
        }
        Ok(Self(selectors))
    }

    /// From advanced event selectors.
    ///
    /// # Errors
    /// When there are none, or one cannot be read.
    pub fn advanced(
        action: &'static str,
        selectors: &[AdvancedEventSelector],
    ) -> Result<Self, Error> {
        let lacks = |field: String| Error::Answer { action, field };
        if selectors.is_empty() {
            return Err(lacks("event selectors".to_owned()));
        }
        let read = |selector: &AdvancedEventSelector| {
            let mut conditions = Vec::new();
            for field in selector.field_selectors() {
                let name = field.field();
                let patterns = |values: &[String], pattern: fn(String) -> Pattern| {
                    values.iter().cloned().map(pattern).collect::<Vec<_>>()
                };
                let select = [
                    patterns(field.equals(), Pattern::Equals),
                    patterns(field.starts_with(), Pattern::StartsWith),
                    patterns(field.ends_with(), Pattern::EndsWith),
                ];
                let deselect = [
                    patterns(field.not_equals(), Pattern::Equals),
                    patterns(field.not_starts_with(), Pattern::StartsWith),
                    patterns(field.not_ends_with(), Pattern::EndsWith),
                ];
                let condition = Condition {
                    field: name.to_owned(),
                    select: select.concat(),
                    deselect: deselect.concat(),
                };
                // An operator that this code does not know must not read as no restriction.
                if condition.select.is_empty() && condition.deselect.is_empty() {
                    return Err(lacks(format!("a known operator of the field {name}")));
                }
                conditions.push(condition);
            }
            let selector = Selector(conditions);
            if !selector.names(CATEGORY) {
                return Err(lacks("FieldSelectors[] of eventCategory".to_owned()));
            }
            Ok(selector)
        };
        selectors.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// Adds the selectors of another recorder: together they record what either does.
    pub fn add(&mut self, other: &Self) {
        self.0.extend(other.0.iter().cloned());
    }

    /// Whether every one of these events is recorded.
    #[must_use]
    pub fn record(&self, events: &Events) -> bool {
        let wanted = &events.0;
        let one_of = |condition: &Condition| match condition.select.as_slice() {
            [Pattern::Equals(value)] => Some((condition.field.clone(), value.clone())),
            _ => None,
        };
        // What cannot select any of them, by a field that is the same in all, is left out: its
        // other fields would only multiply the cases.
        let fixed: Vec<(String, String)> = wanted.0.iter().filter_map(one_of).collect();
        let selectors: Vec<&Selector> = self
            .0
            .iter()
            .filter(|one| fixed.iter().all(|(field, value)| one.fits(field, value)))
            .collect();
        let conditions = || selectors.iter().flat_map(|one| &one.0).chain(&wanted.0);
        let names: BTreeSet<&str> = conditions().map(|one| one.field.as_str()).collect();
        let fields: Vec<Field<'_>> = names
            .into_iter()
            .map(|name| {
                let named = conditions().filter(|one| one.field == name);
                let patterns = named.flat_map(|one| one.select.iter().chain(&one.deselect));
                let mut texts = representatives(name, patterns);
                texts.retain(|text| wanted.fits(name, text));
                Field { name, texts }
            })
            .collect();
        all_recorded(&selectors, &fields)
    }
}

/// The values of a basic data selector. Of S3 they are beginnings of ARNs; of Lambda and DynamoDB
/// whole ARNs, unless only the service is named.
fn data_values(kind: &str, resource: &DataResource) -> Vec<Pattern> {
    let whole = kind != "AWS::S3::Object";
    let pattern = |value: &String| {
        let names_resource = value.splitn(4, ':').nth(3).is_some_and(|rest| !rest.is_empty());
        if whole && names_resource {
            Pattern::Equals(value.clone())
        } else {
            Pattern::StartsWith(value.clone())
        }
    };
    resource.values().iter().map(pattern).collect()
}

/// A field, with texts that stand for all that it can be.
struct Field<'a> {
    name: &'a str,
    texts: BTreeSet<String>,
}

/// Whether for every combination of texts one of the selectors fits.
fn all_recorded(selectors: &[&Selector], fields: &[Field<'_>]) -> bool {
    let Some((field, rest)) = fields.split_first() else { return !selectors.is_empty() };
    let indifferent = |one: &&&Selector| fields.iter().all(|field| !one.names(field.name));
    if selectors.iter().find(indifferent).is_some() {
        return true;
    }
    let mut decided: BTreeSet<Vec<usize>> = BTreeSet::new();
    field.texts.iter().all(|text| {
        let fitting = || {
            let numbered = selectors.iter().enumerate();
            numbered.filter(|(_, selector)| selector.fits(field.name, text))
        };
        // Texts that the same selectors let pass need no second look.
        !decided.insert(fitting().map(|(number, _)| number).collect())
            || all_recorded(&fitting().map(|(_, selector)| *selector).collect::<Vec<_>>(), rest)
    })
}

/// In no value of a selector.
const OTHER: char = '\u{10ffff}';

/// Texts that fit the patterns in every way in which a text can.
///
/// Of any text, take the longest beginning and the longest end that a pattern names. Where they
/// do not meet, the text with something else between them fits the same patterns; where they
/// overlap, they are the text. Only the texts that a pattern names as a whole are left.
fn representatives<'a>(
    field: &str,
    patterns: impl Iterator<Item = &'a Pattern>,
) -> BTreeSet<String> {
    if field == READ_ONLY {
        return ["true", "false"].map(str::to_owned).into();
    }
    let (mut starts, mut ends) = (BTreeSet::from([""]), BTreeSet::from([""]));
    let mut texts = BTreeSet::new();
    for pattern in patterns {
        let (Pattern::Equals(value) | Pattern::StartsWith(value) | Pattern::EndsWith(value)) =
            pattern;
        texts.insert(value.clone());
        match pattern {
            Pattern::Equals(_) => {}
            Pattern::StartsWith(value) => {
                starts.insert(value);
            }
            Pattern::EndsWith(value) => {
                ends.insert(value);
            }
        }
    }
    for start in &starts {
        for end in &ends {
            texts.insert(format!("{start}{OTHER}{end}"));
            let overlaps = start.char_indices().map(|(at, _)| at);
            for (head, tail) in overlaps.filter_map(|at| start.split_at_checked(at)) {
                if let Some(more) = end.strip_prefix(tail) {
                    texts.insert(format!("{head}{tail}{more}"));
                }
            }
        }
    }
    texts
}

#[cfg(test)]
mod tests;
