//! Snapshots of any size, made from the sample.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::Value;

use crate::error::{Error, at};

const SAMPLE: &str = include_str!("../../events/config-snapshot.json");

/// Writes a snapshot of `items` items: those of the sample over and over, with other ids in every
/// round, so that each is a resource of its own.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn write(file: &Path, items: usize) -> Result<(), Error> {
    let sample: Value = serde_json::from_str(SAMPLE)?;
    let texts: Vec<(String, Option<String>)> = sample
        .get("configurationItems")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|item| {
            let id = item.get("resourceId").and_then(Value::as_str);
            // The id inside of strings of JSON is part of other names: only where it is whole.
            let id = id.filter(|id| id.len() > 3).map(|id| Value::from(id).to_string());
            (item.to_string(), id)
        })
        .collect();
    if texts.is_empty() {
        return Err(Error::Usage("the sample holds no items".to_owned()));
    }
    let mut out = BufWriter::new(File::create(file).map_err(at(&file.display()))?);
    let put = |out: &mut BufWriter<File>| -> std::io::Result<()> {
        out.write_all(
            b"{\"fileVersion\":\"1.0\",\"configSnapshotId\":\"generated\",\"configurationItems\":[",
        )?;
        for (number, (text, id)) in texts.iter().cycle().take(items).enumerate() {
            if number > 0 {
                out.write_all(b",\n")?;
            }
            let round = number / texts.len();
            match id {
                Some(id) if round > 0 => {
                    let other = format!("{}-{round}\"", id.trim_end_matches('"'));
                    out.write_all(text.replace(id.as_str(), &other).as_bytes())?;
                }
                _ => out.write_all(text.as_bytes())?,
            }
        }
        out.write_all(b"]}\n")?;
        out.flush()
    };
    put(&mut out).map_err(at(&file.display()))
}

/// The floor: reads a snapshot and parses it with `serde_json`, item by item as a stream, and does
/// nothing with it.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn parse(file: &Path, how: Floor) -> Result<(), Error> {
    use serde::Deserialize as _;
    use serde::de::IgnoredAny;
    // `serde_json` says of its own reader that a slice is many times faster.
    let bytes = std::fs::read(file).map_err(at(&file.display()))?;
    let mut input = serde_json::Deserializer::from_slice(&bytes);
    match how {
        Floor::Values => drop(Items::deserialize(&mut input)?),
        Floor::Syntax => drop(IgnoredAny::deserialize(&mut input)?),
    }
    Ok(())
}

/// How the floor parses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Floor {
    /// Every item into a `serde_json::Value`, which is dropped before the next.
    Values,
    /// Into nothing: checks the syntax alone.
    Syntax,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Items {
    #[expect(dead_code, reason = "parsing it is all that is wanted")]
    configuration_items: Dropped,
}

/// A list of which each value is parsed and dropped.
struct Dropped;

impl<'de> serde::Deserialize<'de> for Dropped {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> serde::de::Visitor<'de> for Each {
            type Value = Dropped;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut list: A,
            ) -> Result<Dropped, A::Error> {
                while let Some(value) = list.next_element::<Value>()? {
                    std::hint::black_box(&value);
                }
                Ok(Dropped)
            }
        }
        deserializer.deserialize_seq(Each)
    }
}
