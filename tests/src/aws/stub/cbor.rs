//! CBOR, as `smithy-rpc-v2-cbor` has it: the protocol that CloudWatch speaks.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::model::{Kind, Model, Shape};
use super::wire;

/// Reads one value; none when the bytes are not exactly one.
pub(crate) fn decode(bytes: &[u8]) -> Option<Value> {
    let mut reader = Reader(bytes);
    let value = reader.value(0)?;
    reader.0.is_empty().then_some(value)
}

/// Nesting that no request has.
const DEEPEST: usize = 64;

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, length: u64) -> Option<&[u8]> {
        let (taken, rest) = self.0.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some(taken)
    }

    /// The number that follows the first byte; none for an indefinite length.
    fn argument(&mut self, info: u8) -> Option<Option<u64>> {
        let length = match info {
            0..=23 => return Some(Some(u64::from(info))),
            24..=27 => 1 << (info - 24),
            31 => return Some(None),
            _ => return None,
        };
        let bytes = self.take(length)?;
        Some(Some(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))))
    }

    /// Whether a list or a map goes on.
    fn more(&mut self, left: &mut Option<u64>) -> Option<bool> {
        match left {
            Some(0) => Some(false),
            Some(left) => {
                *left -= 1;
                Some(true)
            }
            None if *self.0.first()? == 0xff => self.byte().map(|_| false),
            None => Some(true),
        }
    }

    fn text(&mut self, mut left: Option<u64>, depth: usize) -> Option<String> {
        if let Some(length) = left {
            return Some(std::str::from_utf8(self.take(length)?).ok()?.to_owned());
        }
        let mut text = String::new();
        while self.more(&mut left)? {
            text += self.value(depth + 1)?.as_str()?;
        }
        Some(text)
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        let first = self.byte()?;
        let (major, info) = (first >> 5, first & 0x1f);
        if major == 7 {
            return match info {
                20 | 21 => Some(json!(info == 21)),
                22 | 23 => Some(Value::Null),
                26 => Some(json!(f32::from_be_bytes(self.take(4)?.try_into().ok()?))),
                27 => Some(json!(f64::from_be_bytes(self.take(8)?.try_into().ok()?))),
                _ => None,
            };
        }
        let mut left = self.argument(info)?;
        match major {
            0 => Some(json!(left?)),
            1 => Some(json!(-1 - i64::try_from(left?).ok()?)),
            3 => self.text(left, depth).map(Value::String),
            4 => {
                let mut items = Vec::new();
                while self.more(&mut left)? {
                    items.push(self.value(depth + 1)?);
                }
                Some(Value::Array(items))
            }
            5 => {
                let mut map = Map::new();
                while self.more(&mut left)? {
                    let key = self.value(depth + 1)?.as_str()?.to_owned();
                    map.insert(key, self.value(depth + 1)?);
                }
                Some(Value::Object(map))
            }
            // A time is its seconds with a tag.
            6 => self.value(depth + 1),
            _ => None,
        }
    }
}

/// The bytes of an answer.
pub(crate) fn encode(model: &Model, shape: Option<&Shape>, value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    match shape {
        Some(shape) => write(model, shape, value, &mut bytes),
        None => head(5, 0, &mut bytes),
    }
    bytes
}

/// The bytes of an error.
pub(crate) fn error(code: &str, message: &str) -> Vec<u8> {
    let members = BTreeMap::from([("__type", code), ("message", message)]);
    let mut bytes = Vec::new();
    head(5, members.len(), &mut bytes);
    members
        .into_iter()
        .flat_map(|(name, value)| [name, value])
        .for_each(|one| text(one, &mut bytes));
    bytes
}

fn head(major: u8, argument: usize, bytes: &mut Vec<u8>) {
    let major = major << 5;
    match argument {
        0..=23 => bytes.push(major | argument as u8),
        _ => {
            bytes.push(major | 27);
            bytes.extend((argument as u64).to_be_bytes());
        }
    }
}

fn text(text: &str, bytes: &mut Vec<u8>) {
    head(3, text.len(), bytes);
    bytes.extend(text.as_bytes());
}

fn number(number: f64, bytes: &mut Vec<u8>) {
    bytes.push(0xfb);
    bytes.extend(number.to_be_bytes());
}

fn write(model: &Model, shape: &Shape, value: &Value, bytes: &mut Vec<u8>) {
    match (&shape.kind, value) {
        (Kind::Structure { members, .. }, Value::Object(map)) => {
            let present = members.iter().filter_map(|member| {
                let value = map.get(&member.name).filter(|value| !value.is_null())?;
                Some((&member.name, model.shape(&member.shape), value))
            });
            let present: Vec<_> = present.collect();
            head(5, present.len(), bytes);
            for (name, shape, value) in present {
                text(name, bytes);
                write(model, shape, value, bytes);
            }
        }
        (Kind::List { member, .. }, Value::Array(items)) => {
            head(4, items.len(), bytes);
            items.iter().for_each(|item| write(model, model.shape(member), item, bytes));
        }
        (Kind::Map { value: of, .. }, Value::Object(map)) => {
            head(5, map.len(), bytes);
            for (key, value) in map {
                text(key, bytes);
                write(model, model.shape(of), value, bytes);
            }
        }
        (Kind::Time, value) => {
            head(6, 1, bytes);
            let seconds = wire::time("unixTimestamp", value);
            number(seconds.as_f64().unwrap_or_default(), bytes);
        }
        (Kind::Number, value) => number(value.as_f64().unwrap_or_default(), bytes),
        (_, Value::Number(integer)) => match (integer.as_u64(), integer.as_i64()) {
            (Some(integer), _) => head(0, integer as usize, bytes),
            (None, Some(integer)) => head(1, !integer as usize, bytes),
            _ => number(integer.as_f64().unwrap_or_default(), bytes),
        },
        (_, Value::Bool(flag)) => bytes.push(if *flag { 0xf5 } else { 0xf4 }),
        (_, Value::String(value)) => text(value, bytes),
        _ => bytes.push(0xf6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read() {
        // {"AlarmTypes": ["MetricAlarm"], "MaxRecords": 100, "all": true, "n": -5}, with open ends.
        let mut bytes = vec![0xbf];
        text("AlarmTypes", &mut bytes);
        bytes.push(0x9f);
        text("MetricAlarm", &mut bytes);
        bytes.push(0xff);
        text("MaxRecords", &mut bytes);
        bytes.extend([0x18, 100]);
        text("all", &mut bytes);
        bytes.push(0xf5);
        text("n", &mut bytes);
        bytes.extend([0x24, 0xff]);
        let expected =
            json!({"AlarmTypes": ["MetricAlarm"], "MaxRecords": 100, "all": true, "n": -5});
        assert_eq!(decode(&bytes), Some(expected));
        for cut in 0..bytes.len() {
            assert_eq!(decode(&bytes[..cut]), None);
        }
        assert_eq!(decode(&[0x81; 500]), None);
    }

    #[test]
    fn errors_are_read() {
        let long = "x".repeat(300);
        let bytes = error("InvalidNextToken", &long);
        assert_eq!(decode(&bytes), Some(json!({"__type": "InvalidNextToken", "message": long})));
    }
}
