//! Recorded configuration items, in the dialects of the history and batch operations.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::protocol::{self, ApiError, Caller, epoch};
use super::super::validate as check;
use super::State;

/// A recorded item's text member.
pub(crate) fn text<'a>(item: &'a Value, name: &str) -> &'a str {
    item.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn captured(item: &Value) -> Timestamp {
    text(item, "configurationItemCaptureTime").parse().unwrap_or_default()
}

fn deleted(item: &Value) -> bool {
    text(item, "configurationItemStatus").starts_with("ResourceDeleted")
}

fn visible<'a>(state: &'a State, caller: &'a Caller) -> impl Iterator<Item = &'a Value> {
    // Items of global resources carry no Region of their own.
    state.items.iter().filter(|item| {
        [("awsAccountId", &caller.account, ""), ("awsRegion", &caller.region, "global")].iter().all(
            |(name, value, anywhere)| {
                item.get(*name).is_none_or(|found| found == value.as_str() || found == anywhere)
            },
        )
    })
}

/// The newest item of every resource of the caller's account and Region, by type and id.
pub(crate) fn latest<'a>(
    state: &'a State,
    caller: &'a Caller,
) -> BTreeMap<(String, String), &'a Value> {
    let mut latest: BTreeMap<(String, String), &Value> = BTreeMap::new();
    for item in visible(state, caller) {
        let key = (text(item, "resourceType").to_owned(), text(item, "resourceId").to_owned());
        if latest.get(&key).is_none_or(|known| captured(known) <= captured(item)) {
            latest.insert(key, item);
        }
    }
    latest
}

/// An item as GetResourceConfigHistory answers it; BatchGetResourceConfig leaves out some.
fn dialect(item: &Value, base: bool) -> Value {
    let mut out = Map::new();
    for (name, value) in item.as_object().into_iter().flatten() {
        let as_string = || value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let renamed = match name.as_str() {
            "configurationItemVersion" => ("version", value.clone()),
            "awsAccountId" => ("accountId", value.clone()),
            "ARN" => ("arn", value.clone()),
            "configurationItemCaptureTime"
            | "resourceCreationTime"
            | "configurationItemDeliveryTime" => {
                match value.as_str().and_then(|time| time.parse().ok()) {
                    Some(time) => (name.as_str(), epoch(time)),
                    None => continue,
                }
            }
            // The API hands these out as strings that hold JSON.
            "configuration" | "configurationStateId" => (name.as_str(), json!(as_string())),
            "supplementaryConfiguration" => (name.as_str(), strings(value)),
            "relationships" if !base => (name.as_str(), relationships(value)),
            "tags" | "relatedEvents" if !base => (name.as_str(), value.clone()),
            "configurationItemMD5Hash" if !base => (name.as_str(), value.clone()),
            "configurationItemStatus"
            | "resourceType"
            | "resourceId"
            | "resourceName"
            | "awsRegion"
            | "availabilityZone"
            | "recordingFrequency" => (name.as_str(), value.clone()),
            _ => continue,
        };
        if !renamed.1.is_null() {
            out.insert(renamed.0.to_owned(), renamed.1);
        }
    }
    Value::Object(out)
}

fn strings(map: &Value) -> Value {
    let string = |value: &Value| match value {
        Value::String(text) => json!(text),
        other => json!(other.to_string()),
    };
    map.as_object().map_or(Value::Null, |map| {
        Value::Object(map.iter().map(|(name, value)| (name.clone(), string(value))).collect())
    })
}

fn relationships(list: &Value) -> Value {
    let rename = |one: &Value| {
        let members = one.as_object().into_iter().flatten();
        Value::Object(
            members
                .map(|(name, value)| {
                    let name = if name == "name" { "relationshipName" } else { name };
                    (name.to_owned(), value.clone())
                })
                .collect(),
        )
    };
    list.as_array().map_or(Value::Null, |list| list.iter().map(rename).collect())
}

fn resource_type(input: &Map<String, Value>) -> Result<&str, ApiError> {
    let name = check::text(input, "resourceType", 1, 256)?.unwrap_or_default();
    if !name.starts_with("AWS::") || name.split("::").count() != 3 {
        return Err(ApiError::validation(format!(
            "Value '{name}' at 'resourceType' failed to satisfy constraint: Member must satisfy enum value set"
        )));
    }
    Ok(name)
}

fn invalid_token() -> ApiError {
    ApiError::bad("InvalidNextTokenException", "The specified next token is invalid.")
}

fn paged(name: &str, items: Vec<Value>, next: Option<String>) -> Value {
    let mut output = Map::from_iter([(name.to_owned(), Value::Array(items))]);
    if let Some(next) = next {
        output.insert("nextToken".to_owned(), json!(next));
    }
    Value::Object(output)
}

pub(crate) fn history(state: &State, caller: &Caller, body: &Value) -> Result<Value, ApiError> {
    let optional = ["laterTime", "earlierTime", "chronologicalOrder", "limit", "nextToken"];
    let input = check::members(body, "", &["resourceType", "resourceId"], &optional)?;
    let kind = resource_type(input)?;
    let id = check::text(input, "resourceId", 1, 768)?.unwrap_or_default();
    let later = check::time(input, "laterTime")?;
    let earlier = check::time(input, "earlierTime")?;
    let order = check::text(input, "chronologicalOrder", 0, 64)?.unwrap_or("Reverse");
    check::one_of("chronologicalOrder", order, &["Reverse", "Forward"])?;
    let limit = check::integer(input, "limit", 0, 100)?;
    if let (Some(later), Some(earlier)) = (later, earlier)
        && later < earlier
    {
        let message = "The specified time range is not valid. The earlier time is not chronologically before the later time.";
        return Err(ApiError::bad("InvalidTimeRangeException", message));
    }
    let mut items: Vec<&Value> = visible(state, caller)
        .filter(|item| text(item, "resourceType") == kind && text(item, "resourceId") == id)
        .collect();
    if items.is_empty() {
        let message =
            format!("Resource {id} of resourceType:{kind} is unknown or has not been discovered");
        return Err(ApiError::bad("ResourceNotDiscoveredException", message));
    }
    items.retain(|item| {
        let time = captured(item);
        later.is_none_or(|later| time <= later) && earlier.is_none_or(|earlier| time >= earlier)
    });
    items.sort_by_key(|item| captured(item));
    if order == "Reverse" {
        items.reverse();
    }
    let items: Vec<Value> = items.into_iter().map(|item| dialect(item, false)).collect();
    let token = check::text(input, "nextToken", 0, usize::MAX)?;
    let tag = format!("history {kind} {id} {later:?} {earlier:?} {order}");
    let (items, next) = protocol::page(&items, token, state.page_size(limit, 10), &tag)
        .ok_or_else(invalid_token)?;
    Ok(paged("configurationItems", items, next))
}

pub(crate) fn list(state: &State, caller: &Caller, body: &Value) -> Result<Value, ApiError> {
    let optional = ["resourceIds", "resourceName", "limit", "includeDeletedResources", "nextToken"];
    let input = check::members(body, "", &["resourceType"], &optional)?;
    let kind = resource_type(input)?;
    let ids = check::list(input, "resourceIds", 20)?;
    let name = check::text(input, "resourceName", 0, usize::MAX)?;
    let limit = check::integer(input, "limit", 0, 100)?;
    let with_deleted = check::flag(input, "includeDeletedResources", false)?;
    if !ids.is_empty() && name.is_some() {
        let message = "You cannot specify both resourceIds and resourceName in the same request";
        return Err(ApiError::bad("ValidationException", message));
    }
    let found: Vec<Value> = latest(state, caller)
        .into_values()
        .filter(|item| text(item, "resourceType") == kind && (with_deleted || !deleted(item)))
        .filter(|item| ids.is_empty() || ids.contains(&json!(text(item, "resourceId"))))
        .filter(|item| name.is_none_or(|name| text(item, "resourceName") == name))
        .map(|item| {
            let mut one = json!({"resourceType": kind, "resourceId": text(item, "resourceId")});
            if !text(item, "resourceName").is_empty() {
                one["resourceName"] = json!(text(item, "resourceName"));
            }
            if deleted(item) {
                one["resourceDeletionTime"] = epoch(captured(item));
            }
            one
        })
        .collect();
    let token = check::text(input, "nextToken", 0, usize::MAX)?;
    let tag = format!("list {kind} {ids:?} {name:?} {with_deleted}");
    let (found, next) = protocol::page(&found, token, state.page_size(limit, 100), &tag)
        .ok_or_else(invalid_token)?;
    Ok(paged("resourceIdentifiers", found, next))
}

pub(crate) fn batch_get(
    state: &mut State,
    caller: &Caller,
    body: &Value,
) -> Result<Value, ApiError> {
    let input = check::members(body, "", &["resourceKeys"], &[])?;
    let keys = check::list(input, "resourceKeys", 100)?;
    if keys.is_empty() {
        return Err(ApiError::validation(
            "Value '[]' at 'resourceKeys' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ));
    }
    let (mut items, mut unprocessed) = (Vec::new(), Vec::new());
    for (index, key) in keys.iter().enumerate() {
        let at = format!("resourceKeys.{}.member", index + 1);
        let map = check::members(key, &at, &["resourceType", "resourceId"], &[])?;
        let id = check::text(map, "resourceId", 1, 768)?.unwrap_or_default();
        let pair = (resource_type(map)?.to_owned(), id.to_owned());
        if let Some(left) = state.unprocessed.get_mut(&pair).filter(|left| **left > 0) {
            *left -= 1;
            unprocessed.push(key.clone());
        } else if let Some(item) = latest(state, caller).get(&pair).filter(|item| !deleted(item)) {
            items.push(dialect(item, true));
        }
    }
    Ok(json!({"baseConfigurationItems": items, "unprocessedResourceKeys": unprocessed}))
}
