//! Answers made from the models: an account that has `n` of everything.
//!
//! For counting calls. What the answers say is plausible, no more: nothing can be learned from a
//! verdict on them. A listing that asks for all of something has `n` entries; one that asks for
//! what belongs to an entry of another answer has one.

use serde_json::{Map, Value, json};

use super::model::{Kind, Model, Operation, Shape};
use crate::aws::{ACCOUNT, REGION};

/// Is part of every made-up name: a request that holds it asks about an entry.
const MARK: &str = "zq";

/// How deep structures go; none of AWS goes deeper without being recursive.
const DEPTH: usize = 8;

/// A policy that lets nobody in from outside.
const POLICY: &str = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\
    \"Principal\":{\"AWS\":\"arn:aws:iam::111122223333:root\"},\"Action\":\"s3:GetObject\",\
    \"Resource\":\"*\"}]}";

/// A state machine that does nothing.
const MACHINE: &str = "{\"StartAt\":\"Done\",\"States\":{\"Done\":{\"Type\":\"Succeed\"}}}";

/// An empty JSON object, in base64.
const BYTES: &str = "e30=";

/// The answer of an operation to an input, for an account with `n` of everything.
pub(crate) fn answer(
    model: &Model,
    operation: &Operation,
    input: &Value,
    n: usize,
    region: &str,
) -> Value {
    let Some(output) = operation.output.as_deref() else { return json!({}) };
    let (asked_by, asked) = asked_for(input);
    let own = marked(input);
    let count = match (asked.len(), own) {
        (0, false) => n,
        (0, true) => 1,
        (asked, _) => asked,
    };
    let paged = operation.paging.as_ref();
    let shape = model.shape(output);
    let mut maker = Maker { model, input, region, seed: seed(input), number: 0 };
    let mut answer = Map::new();
    for member in shape.members() {
        if paged.is_some_and(|paging| {
            paging.output == member.name || paging.more.as_ref() == Some(&member.name)
        }) {
            continue;
        }
        let of = model.shape(&member.shape);
        // A batch says of what it could not answer.
        if ["fail", "error", "unprocessed"].iter().any(|word| lower(&member.name).contains(word)) {
            continue;
        }
        let value = match &of.kind {
            Kind::List { member: element, .. } => {
                let element_shape = model.shape(element);
                let entries = (0..count).map(|number| {
                    maker.number = number;
                    let mut value = maker.value(&member.name, element_shape, 1);
                    if let Some(id) = asked.get(number) {
                        echo(&mut value, asked_by, id);
                    }
                    value
                });
                Value::Array(entries.collect())
            }
            _ => maker.value(&member.name, of, 1),
        };
        answer.insert(member.name.clone(), value);
    }
    Value::Object(answer)
}

/// What a batch asks for: the longest list of an input that holds marked texts, or whose name says
/// that it holds ids; with that name in the singular.
fn asked_for(input: &Value) -> (&str, Vec<String>) {
    let members = input.as_object().into_iter().flatten();
    let lists = members.filter_map(|(name, value)| {
        let texts = value.as_array()?.iter().filter_map(Value::as_str);
        let ids = ["Ids", "Arns"].iter().any(|end| name.ends_with(end));
        let asked = texts.filter(|text| ids || text.contains(MARK)).map(str::to_owned);
        Some((name.trim_end_matches('s'), asked.collect::<Vec<_>>()))
    });
    lists.max_by_key(|(_, texts)| texts.len()).unwrap_or_default()
}

fn marked(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(MARK),
        Value::Array(all) => all.iter().any(marked),
        Value::Object(all) => all.values().any(marked),
        _ => false,
    }
}

/// Tells entries of one listing from those of another.
fn seed(input: &Value) -> u64 {
    let text = input.to_string();
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Puts the id that was asked for where the entry has its own: in the member of the same name, or
/// else in the first that looks like one.
fn echo(value: &mut Value, asked_by: &str, id: &str) {
    match value {
        Value::Object(map) => {
            let arn = id.starts_with("arn:");
            let same = map.keys().find(|name| name.eq_ignore_ascii_case(asked_by)).cloned();
            let similar = || {
                let fits = |(name, value): (&String, &Value)| {
                    let low = lower(name);
                    let named = ["arn", "id", "name"].iter().any(|end| low.ends_with(end));
                    let made_up = value.as_str().is_some_and(|text| text.contains(MARK));
                    (named && low.ends_with("arn") == arn && made_up).then(|| name.clone())
                };
                map.iter().find_map(fits)
            };
            if let Some(name) = same.or_else(similar) {
                map.insert(name, json!(id));
            }
        }
        Value::String(text) => id.clone_into(text),
        _ => {}
    }
}

fn lower(name: &str) -> String {
    name.to_ascii_lowercase()
}

struct Maker<'a> {
    model: &'a Model,
    input: &'a Value,
    region: &'a str,
    seed: u64,
    number: usize,
}

impl Maker<'_> {
    fn value(&self, name: &str, shape: &Shape, depth: usize) -> Value {
        match &shape.kind {
            Kind::Structure { members, .. } => {
                let mut map = Map::new();
                let set = if shape.union { 1 } else { members.len() };
                for member in members.iter().take(set).filter(|_| depth < DEPTH) {
                    let low = lower(&member.name);
                    if low.contains("nexttoken")
                        || low.starts_with("error")
                        || low.contains("deletion")
                    {
                        continue;
                    }
                    let of = self.model.shape(&member.shape);
                    map.insert(member.name.clone(), self.value(&member.name, of, depth + 1));
                }
                Value::Object(map)
            }
            Kind::List { member, .. } => {
                if depth + 1 >= DEPTH {
                    return json!([]);
                }
                json!([self.value(name, self.model.shape(member), depth + 1)])
            }
            Kind::Map { value, .. } => {
                json!({"zq-key": self.value(name, self.model.shape(value), depth + 1)})
            }
            Kind::Text => json!(self.text(name, shape)),
            Kind::Integer => json!(at_least(shape, 1)),
            Kind::Number => json!(1.0),
            Kind::Flag => json!(!lower(name).contains("trunc") && !lower(name).contains("more")),
            Kind::Time => json!("2026-10-01T00:00:00Z"),
        }
    }

    fn text(&self, name: &str, shape: &Shape) -> String {
        if let Some(example) = &shape.example {
            return example.clone();
        }
        if shape.blob {
            return BYTES.to_owned();
        }
        if let Some(asked) = self.input.get(name).and_then(Value::as_str) {
            return asked.to_owned();
        }
        let low = lower(name);
        let own = format!("{:08x}-{}", self.seed >> 32, self.number);
        // Ids that requests carry have a least length.
        let least = usize::try_from(at_least(shape, 0)).unwrap_or_default();
        let id = format!("{MARK}{own:0>width$}", width = least.saturating_sub(MARK.len()));
        let service = &self.model.service;
        let ends = |words: &[&str]| words.iter().any(|word| low.ends_with(word));
        if low.contains("arn") && low.contains("key") {
            format!("arn:aws:kms:{}:{ACCOUNT}:key/key-{}", self.region, self.number)
        } else if low == "definition" {
            MACHINE.to_owned()
        } else if low == "eventpattern" {
            "{\"source\":[\"aws.health\"]}".to_owned()
        } else if low == "ipprotocol" {
            "tcp".to_owned()
        } else if low.contains("arn") {
            format!("arn:aws:{service}:{}:{ACCOUNT}:{low}/{id}", self.region)
        } else if ends(&["policy", "policydocument", "policytext", "document", "content"]) {
            POLICY.to_owned()
        } else if ends(&["region", "regionname", "homeregion"]) {
            REGION.to_owned()
        } else if ends(&["accountid", "ownerid", "owner", "account", "accountnumber"]) {
            ACCOUNT.to_owned()
        } else if ends(&["date", "time", "timestamp", "createdat", "updatedat"]) {
            "2026-10-01T00:00:00Z".to_owned()
        } else if ends(&["cidr", "cidrblock", "cidrip"]) {
            "10.0.0.0/16".to_owned()
        } else if ends(&["state", "status"]) {
            "available".to_owned()
        } else if ends(&["value", "count", "version", "size"]) {
            "1".to_owned()
        } else {
            id
        }
    }
}

fn at_least(shape: &Shape, value: i64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "limits of the models are small")]
    shape.min.map_or(value, |min| value.max(min as i64))
}
