//! What an exemption must say: its last day, its reason and its owner.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Exemption, Source};
use crate::message;
use crate::text::Message;

/// The longest reason and the longest name, in characters: both fit into an annotation of 256.
pub(super) const MAX_REASON: usize = 100;
pub(super) const MAX_BY: usize = 64;

/// The fields, in the order of the documentation.
pub(super) const FIELDS: [&str; 3] = ["until", "reason", "by"];

/// Why an exemption cannot be read. Never holds what was found there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The text is not a list of `name=value`.
    #[error("it must read until=YYYY-MM-DD;reason=…;by=…")]
    Form,
    /// A field is missing or empty.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A field stands there twice.
    #[error("{0} stands there twice")]
    Twice(&'static str),
    /// A field that does not exist.
    #[error("only until, reason and by are known")]
    Unknown,
    /// The last day is no day.
    #[error("until must be a day such as 2027-03-31")]
    Day,
    /// A text is too long.
    #[error("{field} is longer than {limit} characters")]
    TooLong {
        /// The field.
        field: &'static str,
        /// What is accepted.
        limit: usize,
    },
    /// A text holds a character that is not accepted there.
    #[error("{0} holds a character that is not accepted")]
    Character(&'static str),
    /// A member of an entry of the file is missing, unknown or of another type.
    #[error("{0}")]
    Entry(String),
}

impl Malformed {
    /// The problem in both languages.
    pub(super) fn message(&self) -> Message {
        let en = self.to_string();
        match self {
            Self::Form => {
                message!("{en}", "until=YYYY-MM-DD;reason=…;by=… の形式で記述してください")
            }
            Self::Missing(field) => message!("{en}", "{field} がありません"),
            Self::Twice(field) => message!("{en}", "{field} が重複しています"),
            Self::Unknown => message!("{en}", "使えるのは until、reason、by だけです"),
            Self::Day => message!("{en}", "until は 2027-03-31 のような日付にしてください"),
            Self::TooLong { field, limit } => {
                message!("{en}", "{field} は {limit} 文字以内にしてください")
            }
            Self::Character(field) => message!("{en}", "{field} に使用できない文字があります"),
            Self::Entry(_) => message!("{en}", "{en}"),
        }
    }
}

/// The exemption in a tag's value: `until=2027-03-31;reason=RISK-123;by=…`. Fields are separated
/// by semicolons, or by spaces where a service (IAM among them) takes no semicolon in tags.
pub(super) fn in_tag(value: &str) -> Result<Exemption, Malformed> {
    let parts: Vec<&str> = if value.contains(';') {
        value.split(';').map(str::trim).collect()
    } else {
        value.split_whitespace().collect()
    };
    if parts.is_empty() {
        return Err(Malformed::Form);
    }
    let mut fields: BTreeMap<&'static str, &str> = BTreeMap::new();
    for part in parts {
        let (name, text) = part.split_once('=').ok_or(Malformed::Form)?;
        let name = FIELDS.into_iter().find(|known| *known == name).ok_or(Malformed::Unknown)?;
        if fields.insert(name, text).is_some() {
            return Err(Malformed::Twice(name));
        }
    }
    let [until, reason, by] = FIELDS.map(|name| fields.get(name).copied().unwrap_or_default());
    of_fields(until, reason, by, Source::Tag)
}

/// The exemption that the three fields make.
pub(super) fn of_fields(
    until: &str,
    reason: &str,
    by: &str,
    source: Source,
) -> Result<Exemption, Malformed> {
    Ok(Exemption {
        until: day(until)?,
        reason: text("reason", reason, MAX_REASON, |c| !c.is_control() && c != ';')?,
        by: text("by", by, MAX_BY, |c| c.is_alphanumeric() || " _.:/=+-@".contains(c))?,
        source,
    })
}

fn day(text: &str) -> Result<Date, Malformed> {
    if text.trim().is_empty() {
        return Err(Malformed::Missing("until"));
    }
    let day: Date = text.parse().map_err(|_| Malformed::Day)?;
    // The parser also takes other forms, and times, which it drops.
    if day.to_string() == text { Ok(day) } else { Err(Malformed::Day) }
}

fn text(
    field: &'static str,
    text: &str,
    limit: usize,
    accepted: impl Fn(char) -> bool,
) -> Result<String, Malformed> {
    let text = text.trim();
    if text.is_empty() {
        Err(Malformed::Missing(field))
    } else if text.chars().count() > limit {
        Err(Malformed::TooLong { field, limit })
    } else if !text.chars().all(accepted) {
        Err(Malformed::Character(field))
    } else {
        Ok(text.to_owned())
    }
}
