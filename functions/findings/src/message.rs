//! What the function is invoked with: a batch of an SQS queue whose bodies are EventBridge events
//! of AWS Config, or a schedule.
//!
//! Sources: AWS Lambda developer guide, "Using Lambda with Amazon SQS"; AWS Config developer
//! guide, "Monitoring AWS Config with Amazon EventBridge" and "Example compliance change
//! notification".

// With its path, because the fuzz targets compile this file from elsewhere.
#[cfg(any(test, fuzzing))]
#[path = "message/hostile.rs"]
pub mod hostile;

use fisc_shared::Language;
use fisc_shared::asff::{Facts, Finding, Judged, finding};
use fisc_shared::verdict::Compliance;
use jiff::Timestamp;
use serde_json::Value;

use crate::error::Error;

/// An invocation.
#[derive(Debug)]
pub enum Invocation {
    /// Messages of the queue.
    Batch(Vec<Record>),
    /// The daily schedule.
    Schedule,
}

/// One message of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// With this id SQS is told that the message failed.
    pub message_id: String,
    /// The body, if it is text at all.
    pub body: Option<String>,
}

impl Invocation {
    /// Reads what Lambda hands over.
    ///
    /// # Errors
    /// When it is neither of the two, or a record has no `messageId`: then a failure could not be
    /// told to SQS.
    pub fn from_value(event: Value) -> Result<Self, Error> {
        if let Some(records) = event.get("Records") {
            let Some(records) = records.as_array() else {
                return Err(Error::Event("Records is not a list".to_owned()));
            };
            return records
                .iter()
                .enumerate()
                .map(|(index, record)| {
                    let text = |name: &str| record.get(name)?.as_str().map(str::to_owned);
                    let message_id =
                        text("messageId").filter(|id| !id.is_empty()).ok_or_else(|| {
                            Error::Event(format!("Records[{index}] has no messageId"))
                        })?;
                    Ok(Record { message_id, body: text("body") })
                })
                .collect::<Result<_, _>>()
                .map(Self::Batch);
        }
        match event.get("detail-type").and_then(Value::as_str) {
            Some("Scheduled Event") => Ok(Self::Schedule),
            Some(other) => Err(Error::Event(format!("detail-type is {}", shown(other)))),
            None => Err(Error::Event("it has neither Records nor detail-type".to_owned())),
        }
    }
}

/// Why a message cannot be forwarded. It ends in the dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// The body is not JSON.
    #[error("the message's body is not JSON: {0}")]
    Body(String),
    /// A field is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A field holds something else than AWS Config sends.
    #[error("{field} is {found}, expected {expected}")]
    Wrong {
        /// Path of the field.
        field: &'static str,
        /// What was found, in short.
        found: String,
        /// What it must be.
        expected: &'static str,
    },
    /// The rule has the stack's prefix, but this binary has no such control.
    #[error(
        "the rule {rule} names no control that this function knows ({control:?}): deploy the \
         function and the rules from the same release"
    )]
    UnknownControl {
        /// The rule.
        rule: String,
        /// What stands after the prefix.
        control: String,
    },
    /// Security Hub takes findings only from the account and in the Region that they are about.
    #[error(
        "{field} is {found}, but this function runs in {own}: findings are imported where they \
         arise; remove the rule that sends events of other accounts or Regions to this queue"
    )]
    Foreign {
        /// Path of the field.
        field: &'static str,
        /// What was found.
        found: String,
        /// The function's own.
        own: String,
    },
}

/// A result of AWS Config: as the event of a compliance change tells it, or as Config holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Name of the rule.
    pub rule_name: String,
    /// Account of the resource.
    pub account_id: String,
    /// Region of the rule.
    pub region: String,
    /// Type of the resource.
    pub resource_type: String,
    /// Id of the resource.
    pub resource_id: String,
    /// The result; `None` for INSUFFICIENT_DATA: AWS Config has none now.
    pub compliance: Option<Compliance>,
    /// What the control said about it.
    pub annotation: Option<String>,
    /// When AWS Config recorded the result.
    pub recorded: Timestamp,
}

impl Change {
    /// Reads a message's body.
    ///
    /// # Errors
    /// [`MessageError`], which names the field that is missing or wrong.
    pub fn from_body(body: &str) -> Result<Self, MessageError> {
        let event: Value =
            serde_json::from_str(body).map_err(|error| MessageError::Body(error.to_string()))?;
        expect(&event, "source", "aws.config")?;
        expect(&event, "detail-type", "Config Rules Compliance Change")?;
        expect(&event, "detail.messageType", "ComplianceChangeNotification")?;
        let account_id = text(&event, "detail.awsAccountId")?;
        let region = text(&event, "detail.awsRegion")?;
        // The envelope says where the event arose; it cannot differ from what it is about.
        agree(&event, "account", account_id)?;
        agree(&event, "region", region)?;
        Ok(Self {
            rule_name: text(&event, "detail.configRuleName")?.to_owned(),
            account_id: account_id.to_owned(),
            region: region.to_owned(),
            resource_type: text(&event, "detail.resourceType")?.to_owned(),
            resource_id: text(&event, "detail.resourceId")?.to_owned(),
            compliance: compliance(&event)?,
            annotation: optional(&event, "detail.newEvaluationResult.annotation")?
                .map(str::to_owned),
            recorded: time(&event, "detail.newEvaluationResult.resultRecordedTime")?,
        })
    }

    /// The finding of the result; `None` where there is no result now. `facts` are those of the
    /// rule's control.
    #[must_use]
    pub fn finding(&self, facts: &Facts, language: Language) -> Option<Finding> {
        let judged = Judged {
            account_id: &self.account_id,
            region: &self.region,
            resource_type: &self.resource_type,
            resource_id: &self.resource_id,
            arn: None,
            compliance: self.compliance?,
            annotation: self.annotation.as_deref(),
            rule_name: Some(&self.rule_name),
            at: self.recorded,
        };
        Some(finding(facts, &judged, language))
    }
}

fn compliance(event: &Value) -> Result<Option<Compliance>, MessageError> {
    const FIELD: &str = "detail.newEvaluationResult.complianceType";
    match text(event, FIELD)? {
        "COMPLIANT" => Ok(Some(Compliance::Compliant)),
        "NON_COMPLIANT" => Ok(Some(Compliance::NonCompliant)),
        "NOT_APPLICABLE" => Ok(Some(Compliance::NotApplicable)),
        "INSUFFICIENT_DATA" => Ok(None),
        other => Err(MessageError::Wrong {
            field: FIELD,
            found: shown(other),
            expected: "COMPLIANT, NON_COMPLIANT, NOT_APPLICABLE or INSUFFICIENT_DATA",
        }),
    }
}

fn time(event: &Value, field: &'static str) -> Result<Timestamp, MessageError> {
    let found = text(event, field)?;
    found.parse().map_err(|_| MessageError::Wrong {
        field,
        found: shown(found),
        expected: "a time such as 2026-11-01T01:36:34.043Z",
    })
}

fn expect(event: &Value, field: &'static str, expected: &'static str) -> Result<(), MessageError> {
    let found = text(event, field)?;
    if found == expected {
        return Ok(());
    }
    Err(MessageError::Wrong { field, found: shown(found), expected })
}

fn agree(event: &Value, field: &'static str, detail: &str) -> Result<(), MessageError> {
    match optional(event, field)? {
        Some(found) if found != detail => Err(MessageError::Wrong {
            field,
            found: shown(found),
            expected: "the same as in the event's detail",
        }),
        _ => Ok(()),
    }
}

fn text<'a>(event: &'a Value, field: &'static str) -> Result<&'a str, MessageError> {
    optional(event, field)?
        .filter(|text| !text.trim().is_empty())
        .ok_or(MessageError::Missing(field))
}

/// The text at a dotted path; absent and null are the same.
fn optional<'a>(event: &'a Value, field: &'static str) -> Result<Option<&'a str>, MessageError> {
    match field.split('.').try_fold(event, |value, name| value.get(name)) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(MessageError::Wrong {
            field,
            found: "of another type".to_owned(),
            expected: "a text",
        }),
    }
}

/// A value for an error message: quoted and short, since it comes from outside.
fn shown(text: &str) -> String {
    format!("{:?}", fisc_shared::annotation::cut(text, 60))
}

#[cfg(test)]
mod tests;
