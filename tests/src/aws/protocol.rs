//! What the wire protocols of AWS have in common: errors, XML, tokens, times.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::server::{Request, Response};

/// How a service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// `awsJson1.1`: everything POSTed to `/`, the operation in X-Amz-Target.
    Json,
    /// CBOR bodies, the operation in the path.
    Cbor,
    /// JSON bodies on resource paths.
    RestJson,
    /// Form parameters in, XML out.
    Query,
    /// The same with other rules for lists and names, and other errors.
    Ec2,
    /// S3 and S3 control.
    RestXml,
}

/// Who calls, and whom.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) account: String,
    pub(crate) region: String,
}

/// An error of a service.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
}

impl ApiError {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into() }
    }

    /// The usual client error.
    pub(crate) fn bad(code: &str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    /// A constraint of the service's model is violated.
    pub(crate) fn validation(message: impl std::fmt::Display) -> Self {
        Self::bad("ValidationException", format!("1 validation error detected: {message}"))
    }
}

/// The protocol of a service; none for one that is not emulated.
pub(crate) fn protocol_of(service: &str) -> Option<Protocol> {
    Some(match service {
        "config" | "kms" | "cloudtrail" | "organizations" => Protocol::Json,
        "iam" | "sts" | "cloudformation" => Protocol::Query,
        "securityhub" | "account" => Protocol::RestJson,
        "s3" => Protocol::RestXml,
        _ => return None,
    })
}

/// The target prefixes that a JSON service answers to.
fn target_prefixes(service: &str) -> &'static [&'static str] {
    match service {
        "config" => &["StarlingDoveService"],
        "kms" => &["TrentService"],
        // The Rust SDK sends the short form, botocore the long one.
        "cloudtrail" => {
            &["CloudTrail_20131101", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"]
        }
        "organizations" => &["AWSOrganizationsV20161128"],
        _ => &[],
    }
}

/// The operation that a request is for; `Err` says what was asked instead.
pub(crate) fn operation_of(service: &str, request: &Request) -> Result<String, String> {
    let asked = || format!("{} {}", request.method, request.path);
    match protocol_of(service) {
        Some(Protocol::Json) => {
            let target = request.header("x-amz-target").ok_or_else(asked)?;
            let (prefix, name) = target.rsplit_once('.').ok_or(target)?;
            let json = request
                .header("content-type")
                .is_some_and(|kind| kind.starts_with("application/x-amz-json-1.1"));
            if json && target_prefixes(service).contains(&prefix) {
                Ok(name.to_owned())
            } else {
                Err(target.to_owned())
            }
        }
        Some(Protocol::Query | Protocol::Ec2) => {
            let body = String::from_utf8_lossy(&request.body).into_owned();
            let form = super::server::form(&body);
            form.iter()
                .find(|(name, _)| name == "Action")
                .map(|(_, value)| value.clone())
                .ok_or_else(asked)
        }
        Some(Protocol::RestJson) => match (service, request.method.as_str(), request.path.as_str())
        {
            ("securityhub", "POST", "/findings/import") => Ok("BatchImportFindings".to_owned()),
            ("securityhub", "POST", "/findings") => Ok("GetFindings".to_owned()),
            ("account", "POST", "/listRegions") => Ok("ListRegions".to_owned()),
            _ => Err(asked()),
        },
        Some(Protocol::RestXml) => super::s3::operation(request).ok_or_else(asked),
        Some(Protocol::Cbor) | None => Err(asked()),
    }
}

/// The IAM action that an operation needs; none where AWS asks for none.
pub(crate) fn action_of(service: &str, operation: &str) -> Option<String> {
    match (service, operation) {
        ("sts", "GetCallerIdentity") => None,
        ("s3", "HeadBucket" | "ListObjects" | "ListObjectsV2") => Some("s3:ListBucket".to_owned()),
        ("s3", "HeadObject") => Some("s3:GetObject".to_owned()),
        _ => Some(format!("{service}:{operation}")),
    }
}

/// An error in the shape of the service.
pub(crate) fn error_response(service: &str, error: &ApiError, id: &str) -> Response {
    let ApiError { status, code, message } = error;
    match protocol_of(service).unwrap_or(Protocol::Json) {
        Protocol::Json | Protocol::Cbor => {
            // Modelled errors say `message`; Organizations and the common front end say `Message`.
            let key = if service == "organizations" || code.starts_with("AccessDenied") {
                "Message"
            } else {
                "message"
            };
            json_response(*status, &json!({"__type": code, key: message}), id)
        }
        Protocol::RestJson => {
            let body = if service == "securityhub" {
                json!({"Message": message, "Code": code})
            } else {
                json!({"message": message})
            };
            let response = Response::new(*status, "application/json", body.to_string());
            response.with("x-amzn-errortype", code).with("x-amzn-requestid", id)
        }
        Protocol::Query | Protocol::Ec2 => {
            let fault = if *status >= 500 { "Receiver" } else { "Sender" };
            let (code, message) = (escape(code), escape(message));
            let body = format!(
                "<ErrorResponse xmlns=\"{}\">\n  <Error>\n    <Type>{fault}</Type>\n    <Code>{code}</Code>\n    <Message>{message}</Message>\n  </Error>\n  <RequestId>{id}</RequestId>\n</ErrorResponse>\n",
                namespace(service)
            );
            Response::new(*status, "text/xml", body).with("x-amzn-RequestId", id)
        }
        Protocol::RestXml => {
            let (code, message) = (escape(code), escape(message));
            let body = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{id}</RequestId><HostId>testkit</HostId></Error>"
            );
            Response::new(*status, "application/xml", body).with("x-amz-request-id", id)
        }
    }
}

/// A success of an `awsJson1.1` or REST JSON service.
pub(crate) fn json_response(status: u16, body: &Value, id: &str) -> Response {
    Response::new(status, "application/x-amz-json-1.1", body.to_string())
        .with("x-amzn-RequestId", id)
}

/// A success of the query protocol; `result` is the inside of `<…Result>`.
pub(crate) fn query_response(service: &str, operation: &str, result: &str, id: &str) -> Response {
    let body = format!(
        "<{operation}Response xmlns=\"{}\">\n  <{operation}Result>{result}</{operation}Result>\n  <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata>\n</{operation}Response>\n",
        namespace(service)
    );
    Response::new(200, "text/xml", body).with("x-amzn-RequestId", id)
}

fn namespace(service: &str) -> &'static str {
    match service {
        "sts" => "https://sts.amazonaws.com/doc/2011-06-15/",
        "cloudformation" => "http://cloudformation.amazonaws.com/doc/2010-05-15/",
        _ => "https://iam.amazonaws.com/doc/2010-05-08/",
    }
}

/// Escapes text for XML.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            _ => out.push(character),
        }
    }
    out
}

/// One page of `items` and the token of the next. A token is opaque and of one listing (`tag`)
/// only; an unknown one is `None`.
pub(crate) fn page<T: Clone>(
    items: &[T],
    token: Option<&str>,
    size: usize,
    tag: &str,
) -> Option<(Vec<T>, Option<String>)> {
    let start = match token {
        None => 0,
        Some(token) => {
            let text = String::from_utf8(BASE64.decode(token).ok()?).ok()?;
            let (of, offset) = text.rsplit_once('#')?;
            (of == tag).then_some(offset)?.parse::<usize>().ok()?
        }
    };
    let end = items.len().min(start.checked_add(size.max(1))?);
    let next = (end < items.len()).then(|| BASE64.encode(format!("{tag}#{end}")));
    Some((items.get(start..end)?.to_vec(), next))
}

/// Seconds since the epoch with milliseconds, as JSON services send times.
pub(crate) fn epoch(time: Timestamp) -> Value {
    let millis = time.as_millisecond();
    if millis % 1000 == 0 { json!(millis / 1000) } else { json!(millis as f64 / 1000.0) }
}

/// ISO 8601 with milliseconds, as events and XML services send times.
pub(crate) fn iso(time: Timestamp) -> String {
    format!("{time:.3}")
}

/// A short stable name for something: FNV-1a in hexadecimal.
pub(crate) fn digest(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// A UUID that follows from a text.
pub(crate) fn uuid(text: &str) -> String {
    let (a, b) = (digest(text), digest(&format!("{text}'")));
    format!("{}-{}-4{}-8{}-{}", &a[..8], &a[8..12], &a[13..], &b[1..4], &b[4..])
}
