//! GetFindings.

use jiff::{Span, Timestamp};
use serde_json::{Value, json};

use super::super::protocol::{self, ApiError, Caller};
use super::super::validate as check;
use super::{State, invalid, time};

/// The text filters and where a finding keeps what they look at.
const TEXT_FILTERS: [(&str, &str); 13] = [
    ("Id", "/Id"),
    ("GeneratorId", "/GeneratorId"),
    ("ProductArn", "/ProductArn"),
    ("ProductName", "/ProductName"),
    ("RecordState", "/RecordState"),
    ("AwsAccountId", "/AwsAccountId"),
    ("Region", "/Region"),
    ("Title", "/Title"),
    ("ComplianceStatus", "/Compliance/Status"),
    ("WorkflowStatus", "/Workflow/Status"),
    ("SeverityLabel", "/Severity/Label"),
    ("ResourceId", "/Resources/0/Id"),
    ("ResourceType", "/Resources/0/Type"),
];

const TIME_FILTERS: [&str; 4] = ["CreatedAt", "UpdatedAt", "FirstObservedAt", "LastObservedAt"];

pub(crate) fn get(state: &State, caller: &Caller, body: &Value) -> Result<Value, ApiError> {
    let shape = |error: ApiError| invalid(error.message);
    let optional = ["Filters", "SortCriteria", "NextToken", "MaxResults"];
    let input = check::members(body, "", &[], &optional).map_err(shape)?;
    let limit = check::integer(input, "MaxResults", 1, 100).map_err(shape)?.unwrap_or(10);
    let filters = input.get("Filters").cloned().unwrap_or_else(|| json!({}));
    let now = Timestamp::now();
    let mut found = Vec::new();
    for ((account, region, _), finding) in &state.findings {
        if (account, region) == (&caller.account, &caller.region)
            && matches(finding, &filters, now)?
        {
            found.push(finding.clone());
        }
    }
    // A filter is judged even when there is nothing to filter.
    matches(&json!({}), &filters, now)?;
    for criterion in check::list(input, "SortCriteria", 10).map_err(shape)?.iter().rev() {
        let field = criterion["Field"].as_str().unwrap_or_default().to_owned();
        found.sort_by_key(|finding| finding[&field].to_string());
        if criterion["SortOrder"] == "desc" {
            found.reverse();
        }
    }
    let token = check::text(input, "NextToken", 0, usize::MAX).map_err(shape)?;
    let size = state.page.map_or(limit, |page| page.min(limit));
    let tag = format!("findings {}", protocol::digest(&filters.to_string()));
    let (found, next) = protocol::page(&found, token, size, &tag)
        .ok_or_else(|| invalid("Invalid parameter 'NextToken'"))?;
    let mut output = json!({"Findings": found});
    if let Some(next) = next {
        output["NextToken"] = json!(next);
    }
    Ok(output)
}

fn matches(finding: &Value, filters: &Value, now: Timestamp) -> Result<bool, ApiError> {
    let mut all = true;
    for (name, values) in filters.as_object().into_iter().flatten() {
        let values = values.as_array().map(Vec::as_slice).unwrap_or_default();
        if values.len() > 20 {
            return Err(invalid(format!(
                "Invalid parameter 'Filters'. data.Filters.{name} should NOT have more than 20 items"
            )));
        }
        let path = TEXT_FILTERS.iter().find(|(filter, _)| filter == name).map(|(_, path)| *path);
        all &= match path {
            Some(path) => text(
                finding.pointer(path).and_then(Value::as_str).unwrap_or_default(),
                name,
                values,
            )?,
            None if TIME_FILTERS.contains(&name.as_str()) => {
                let time = time(finding, name);
                values.is_empty() || values.iter().any(|range| within(time, range, now))
            }
            None => {
                return Err(ApiError::new(
                    501,
                    "NotEmulated",
                    format!("GetFindings by {name} is not emulated"),
                ));
            }
        };
    }
    Ok(all)
}

/// Positive comparisons are joined by "or", negative ones by "and".
fn text(found: &str, name: &str, values: &[Value]) -> Result<bool, ApiError> {
    let (mut positive, mut any, mut none) = (false, false, true);
    for value in values {
        let wanted = value["Value"].as_str().unwrap_or_default();
        match value["Comparison"].as_str().unwrap_or_default() {
            "EQUALS" => (positive, any) = (true, any || found == wanted),
            "PREFIX" => (positive, any) = (true, any || found.starts_with(wanted)),
            "CONTAINS" => (positive, any) = (true, any || found.contains(wanted)),
            "NOT_EQUALS" => none &= found != wanted,
            "PREFIX_NOT_EQUALS" => none &= !found.starts_with(wanted),
            "NOT_CONTAINS" => none &= !found.contains(wanted),
            other => {
                return Err(invalid(format!(
                    "Invalid parameter 'Filters'. data.Filters.{name}: comparison '{other}'"
                )));
            }
        }
    }
    Ok((any || !positive) && none)
}

fn within(time: Timestamp, range: &Value, now: Timestamp) -> bool {
    let bound = |name: &str| range[name].as_str().and_then(|text| text.parse::<Timestamp>().ok());
    if let Some(days) = range["DateRange"]["Value"].as_i64() {
        return time >= now - Span::new().hours(24 * days);
    }
    bound("Start").is_none_or(|start| time >= start) && bound("End").is_none_or(|end| time <= end)
}
