//! Values that come in two forms. Serde's own way of telling them apart copies a value before it
//! is read; a snapshot has millions of them.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::ItemError;
use crate::text::brief;

/// Timestamps are text in events and files; the CLI prints the API's as text too, older versions
/// as seconds since the epoch.
pub(super) enum Time {
    Text(String),
    Seconds(f64),
}

impl Time {
    pub(super) fn read(&self, field: &str) -> Result<Timestamp, ItemError> {
        let unreadable =
            |problem: String| ItemError::Unreadable { field: field.to_owned(), problem };
        match self {
            Self::Text(text) => {
                text.parse().map_err(|e: jiff::Error| unreadable(brief(&e.to_string())))
            }
            Self::Seconds(seconds) => {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "a float converts saturating, and the range is checked after"
                )]
                let milliseconds = (seconds * 1000.0) as i64;
                Timestamp::from_millisecond(milliseconds)
                    .map_err(|e| unreadable(brief(&e.to_string())))
            }
        }
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Time;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time: text, or seconds since the epoch")
            }

            fn visit_str<E>(self, text: &str) -> Result<Time, E> {
                Ok(Time::Text(text.to_owned()))
            }

            fn visit_f64<E>(self, seconds: f64) -> Result<Time, E> {
                Ok(Time::Seconds(seconds))
            }

            #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact")]
            fn visit_i64<E>(self, seconds: i64) -> Result<Time, E> {
                Ok(Time::Seconds(seconds as f64))
            }

            #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are exact")]
            fn visit_u64<E>(self, seconds: u64) -> Result<Time, E> {
                Ok(Time::Seconds(seconds as f64))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// Tags are a map in events and files, and a list in the results of queries. A value may be null.
pub(super) struct Tags(pub(super) BTreeMap<String, String>);

#[derive(serde::Deserialize)]
struct Tag {
    key: String,
    #[serde(default)]
    value: Option<String>,
}

impl<'de> Deserialize<'de> for Tags {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Tags;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("tags: a map, or a list of keys and values")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tags, A::Error> {
                let mut tags = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<_, Option<String>>()? {
                    tags.insert(key, value.unwrap_or_default());
                }
                Ok(Tags(tags))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Tags, A::Error> {
                let mut tags = BTreeMap::new();
                while let Some(Tag { key, value }) = list.next_element()? {
                    tags.insert(key, value.unwrap_or_default());
                }
                Ok(Tags(tags))
            }
        }
        deserializer.deserialize_any(Either)
    }
}
