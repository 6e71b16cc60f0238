//! PutEvaluations and the compliance state that it leaves.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::protocol::{self, ApiError, Caller, epoch, iso};
use super::super::validate as check;
use super::{Rule, State, TEST_TOKEN};

const TYPES: [&str; 4] = ["COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE", "INSUFFICIENT_DATA"];

/// The latest result of one resource under one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The resource's type.
    pub resource_type: String,
    /// The resource's id.
    pub resource_id: String,
    /// `COMPLIANT`, `NON_COMPLIANT` or `NOT_APPLICABLE`.
    pub compliance: String,
    /// The annotation, if any.
    pub annotation: Option<String>,
    /// The time by which results of a resource are ordered.
    pub ordering: Timestamp,
    /// When the result arrived.
    pub recorded: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ResultKey {
    pub(crate) rule: String,
    resource_type: String,
    resource_id: String,
}

pub(crate) fn put(state: &mut State, caller: &Caller, body: &Value) -> Result<Value, ApiError> {
    let input = check::members(body, "", &["ResultToken"], &["Evaluations", "TestMode"])?;
    let dry_run = check::flag(input, "TestMode", false)?;
    let token = check::text(input, "ResultToken", 0, usize::MAX)?.unwrap_or_default();
    let sent = check::list(input, "Evaluations", 100)?;
    let evaluations = sent
        .iter()
        .enumerate()
        .map(|(index, value)| evaluation(value, &format!("evaluations.{}.member", index + 1)))
        .collect::<Result<Vec<_>, _>>()?;
    if let Some(refused) =
        evaluations.iter().find(|one| state.refused_types.contains(&one.resource_type))
    {
        let message = format!("The resource type {} is not supported", refused.resource_type);
        return Err(ApiError::bad("InvalidParameterValueException", message));
    }
    if dry_run || token == TEST_TOKEN {
        return Ok(json!({"FailedEvaluations": []}));
    }
    let rule = state
        .tokens
        .get(token)
        .filter(|rule| rule.account == caller.account && rule.region == caller.region);
    let Some(rule) = rule.cloned() else {
        return Err(ApiError::bad(
            "InvalidResultTokenException",
            "The specified ResultToken is invalid.",
        ));
    };
    if !state.rule_exists(&rule.arn) {
        let message = format!(
            "The ConfigRule '{}' provided in the request is invalid. Please check the configRule name",
            rule.name
        );
        return Err(ApiError::bad("NoSuchConfigRuleException", message));
    }
    let mut failed = Vec::new();
    for (evaluation, raw) in evaluations.into_iter().zip(sent) {
        let key = (evaluation.resource_type.clone(), evaluation.resource_id.clone());
        if let Some(left) = state.failing.get_mut(&key).filter(|left| **left > 0) {
            *left -= 1;
            failed.push(raw.clone());
        } else {
            store(state, &rule, evaluation);
        }
    }
    Ok(json!({"FailedEvaluations": failed}))
}

fn evaluation(value: &Value, at: &str) -> Result<Evaluation, ApiError> {
    let required =
        ["ComplianceResourceType", "ComplianceResourceId", "ComplianceType", "OrderingTimestamp"];
    let map = check::members(value, at, &required, &["Annotation"])?;
    let text = |name: &str, max| -> Result<Option<String>, ApiError> {
        Ok(check::text(map, name, 1, max)?.map(str::to_owned))
    };
    let compliance = text("ComplianceType", 256)?.unwrap_or_default();
    check::one_of("complianceType", &compliance, &TYPES)?;
    if compliance == "INSUFFICIENT_DATA" {
        let message = "INSUFFICIENT_DATA is not a valid value for ComplianceType in PutEvaluations";
        return Err(ApiError::bad("InvalidParameterValueException", message));
    }
    Ok(Evaluation {
        resource_type: text("ComplianceResourceType", 256)?.unwrap_or_default(),
        resource_id: text("ComplianceResourceId", 768)?.unwrap_or_default(),
        compliance,
        annotation: text("Annotation", 256)?,
        ordering: check::time(map, "OrderingTimestamp")?.unwrap_or_default(),
        recorded: Timestamp::now(),
    })
}

pub(super) fn store(state: &mut State, rule: &Rule, evaluation: Evaluation) {
    let key = ResultKey {
        rule: rule.arn.clone(),
        resource_type: evaluation.resource_type.clone(),
        resource_id: evaluation.resource_id.clone(),
    };
    let old = state.results.get(&key);
    if old.is_some_and(|old| old.ordering > evaluation.ordering) {
        return;
    }
    if old.is_none_or(|old| old.compliance != evaluation.compliance) {
        let event = change_event(rule, &evaluation, old, state.events.len());
        state.events.push(event);
    }
    state.results.insert(key, evaluation);
}

fn change_event(rule: &Rule, new: &Evaluation, old: Option<&Evaluation>, serial: usize) -> Value {
    let result = |one: &Evaluation| {
        let mut result = json!({
            "evaluationResultIdentifier": {
                "evaluationResultQualifier": {
                    "configRuleName": rule.name,
                    "resourceType": one.resource_type,
                    "resourceId": one.resource_id,
                    "evaluationMode": "DETECTIVE",
                },
                "orderingTimestamp": iso(one.ordering),
            },
            "complianceType": one.compliance,
            "resultRecordedTime": iso(one.recorded),
            "configRuleInvokedTime": iso(one.recorded),
        });
        if let Some(annotation) = &one.annotation {
            result["annotation"] = json!(annotation);
        }
        result
    };
    let mut detail = json!({
        "resourceId": new.resource_id,
        "awsRegion": rule.region,
        "awsAccountId": rule.account,
        "configRuleName": rule.name,
        "recordVersion": "1.0",
        "configRuleARN": rule.arn,
        "messageType": "ComplianceChangeNotification",
        "newEvaluationResult": result(new),
        "notificationCreationTime": iso(new.recorded),
        "resourceType": new.resource_type,
    });
    // The first result of a resource has no predecessor, and the event then no such member.
    if let Some(old) = old {
        detail["oldEvaluationResult"] = result(old);
    }
    json!({
        "version": "0",
        "id": protocol::uuid(&format!("{} {} {} {serial}", rule.token, new.resource_id, new.recorded)),
        "detail-type": "Config Rules Compliance Change",
        "source": "aws.config",
        "account": rule.account,
        "time": format!("{:.0}", new.recorded),
        "region": rule.region,
        "resources": [],
        "detail": detail,
    })
}

pub(crate) fn details(state: &State, caller: &Caller, body: &Value) -> Result<Value, ApiError> {
    let input =
        check::members(body, "", &["ConfigRuleName"], &["ComplianceTypes", "Limit", "NextToken"])?;
    let name = check::text(input, "ConfigRuleName", 1, 64)?.unwrap_or_default();
    let types = check::list(input, "ComplianceTypes", 3)?;
    for value in types {
        let value = value.as_str().unwrap_or_default();
        check::one_of("complianceTypes", value, &TYPES)?;
        if value == "INSUFFICIENT_DATA" {
            let message =
                "INSUFFICIENT_DATA cannot be used as a ComplianceType for filtering results";
            return Err(ApiError::bad("InvalidParameterValueException", message));
        }
    }
    let limit = check::integer(input, "Limit", 0, 100)?;
    let rule = Rule::new(&caller.account, &caller.region, name);
    if !state.rule_exists(&rule.arn) {
        let message = format!(
            "The ConfigRule '{name}' provided in the request is invalid. Please check the configRule name"
        );
        return Err(ApiError::bad("NoSuchConfigRuleException", message));
    }
    let results: Vec<Value> = state
        .results
        .iter()
        .filter(|(key, one)| {
            key.rule == rule.arn && (types.is_empty() || types.contains(&json!(one.compliance)))
        })
        .map(|(_, one)| detail(&rule, one))
        .collect();
    let token = check::text(input, "NextToken", 0, usize::MAX)?;
    let tag = format!("details {name} {types:?}");
    let (results, next) = protocol::page(&results, token, state.page_size(limit, 10), &tag)
        .ok_or_else(|| {
            ApiError::bad("InvalidNextTokenException", "The specified next token is invalid.")
        })?;
    let mut output = Map::from_iter([("EvaluationResults".to_owned(), json!(results))]);
    if let Some(next) = next {
        output.insert("NextToken".to_owned(), json!(next));
    }
    Ok(Value::Object(output))
}

fn detail(rule: &Rule, one: &Evaluation) -> Value {
    let mut result = json!({
        "EvaluationResultIdentifier": {
            "EvaluationResultQualifier": {
                "ConfigRuleName": rule.name,
                "ResourceType": one.resource_type,
                "ResourceId": one.resource_id,
                "EvaluationMode": "DETECTIVE",
            },
            "OrderingTimestamp": epoch(one.ordering),
        },
        "ComplianceType": one.compliance,
        "ResultRecordedTime": epoch(one.recorded),
        "ConfigRuleInvokedTime": epoch(one.recorded),
    });
    if let Some(annotation) = &one.annotation {
        result["Annotation"] = json!(annotation);
    }
    result
}
