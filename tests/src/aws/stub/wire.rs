//! Inputs and answers on the wire, in each protocol.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::cbor;
use super::model::{self, Kind, Member, Model, Operation, Place, Shape};
use crate::aws::protocol::{self, ApiError, Protocol, epoch, escape};
use crate::aws::server::{self, Request, Response};

/// The input of a request, by the names that the model gives its members.
pub(crate) fn input(
    model: &Model,
    operation: &Operation,
    request: &Request,
) -> Result<Value, ApiError> {
    let refuse = |message: String| super::check::refusal(model, operation, message);
    let shape = operation.input.as_deref().map(|name| model.shape(name));
    match model.protocol {
        Protocol::Query | Protocol::Ec2 => {
            let tree = Tree::of(server::form(&String::from_utf8_lossy(&request.body)));
            let input = match shape {
                Some(shape) => unform(model, shape, &tree, "").map_err(refuse)?,
                None => json!({}),
            };
            Ok(input)
        }
        Protocol::Json => unjson(model, shape, &body(request)?, "").map_err(refuse),
        Protocol::Cbor if request.body.is_empty() => Ok(json!({})),
        Protocol::Cbor => {
            let body = cbor::decode(&request.body)
                .ok_or_else(|| ApiError::bad("SerializationException", "the body is not CBOR"))?;
            unjson(model, shape, &body, "").map_err(refuse)
        }
        Protocol::RestJson | Protocol::RestXml => {
            let body = match model.protocol {
                Protocol::RestJson => body(request)?,
                _ => json!({}),
            };
            let mut input = unjson(model, shape, &body, "").map_err(refuse)?;
            let bound = bound(model, operation, shape, request).map_err(refuse)?;
            if let Some(map) = input.as_object_mut() {
                map.extend(bound);
            }
            Ok(input)
        }
    }
}

fn body(request: &Request) -> Result<Value, ApiError> {
    if request.body.is_empty() {
        return Ok(json!({}));
    }
    serde_json::from_slice(&request.body)
        .map_err(|_| ApiError::bad("SerializationException", "the body is not JSON"))
}

/// The members that path, query and headers carry.
fn bound(
    model: &Model,
    operation: &Operation,
    shape: Option<&Shape>,
    request: &Request,
) -> Result<Map<String, Value>, String> {
    let labels = model::route(&operation.uri, request).unwrap_or_default();
    let literal = operation.uri.split_once('?').map_or("", |(_, query)| query);
    let mut input = Map::new();
    let mut known: Vec<&str> = literal.split(['&', '=']).collect();
    // The SDKs name the operation of S3 for its logs.
    known.push("x-id");
    for member in shape.into_iter().flat_map(Shape::members) {
        let name = member.wire.as_str();
        let of = |pairs: &[(String, String)]| {
            let found = pairs.iter().filter(|(key, _)| key == name);
            found.map(|(_, value)| value.clone()).collect::<Vec<_>>()
        };
        let values = match member.place {
            Place::Path => of(&labels),
            Place::Query => {
                known.push(name);
                of(&request.query)
            }
            Place::Header => {
                let value = request.header(&name.to_ascii_lowercase());
                value.map(str::to_owned).into_iter().collect()
            }
            Place::Body | Place::Elsewhere => continue,
        };
        let shape = model.shape(&member.shape);
        let value = match (&shape.kind, values.as_slice()) {
            (_, []) => continue,
            (Kind::List { member, .. }, values) => values
                .iter()
                .map(|value| scalar(model.shape(member), value, name))
                .collect::<Result<Value, _>>()?,
            (_, [value]) => scalar(shape, value, name)?,
            _ => return Err(format!("'{name}' is given more than once")),
        };
        input.insert(member.name.clone(), value);
    }
    match request.query.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((name, _)) => Err(format!("Unknown member at '{name}'")),
        None => Ok(input),
    }
}

fn scalar(shape: &Shape, text: &str, at: &str) -> Result<Value, String> {
    let wrong = |kind: &str| format!("'{at}' must be {kind}, and is '{text}'");
    Ok(match shape.kind {
        Kind::Integer => json!(text.parse::<i64>().map_err(|_| wrong("an integer"))?),
        Kind::Number => json!(text.parse::<f64>().map_err(|_| wrong("a number"))?),
        Kind::Flag => json!(text.parse::<bool>().map_err(|_| wrong("a boolean"))?),
        _ => json!(text),
    })
}

/// JSON with the names of the wire, as JSON with the names of the model.
fn unjson(model: &Model, shape: Option<&Shape>, value: &Value, at: &str) -> Result<Value, String> {
    let Some(shape) = shape else { return Ok(value.clone()) };
    Ok(match (&shape.kind, value) {
        (Kind::Structure { members, .. }, Value::Object(map)) => {
            let mut out = Map::new();
            for (name, value) in map {
                let member = members
                    .iter()
                    .find(|member| member.wire == *name && member.place == Place::Body)
                    .ok_or_else(|| format!("Unknown member at '{at}{name}'"))?;
                let inner = unjson(
                    model,
                    Some(model.shape(&member.shape)),
                    value,
                    &format!("{at}{name}."),
                )?;
                out.insert(member.name.clone(), inner);
            }
            Value::Object(out)
        }
        (Kind::List { member, .. }, Value::Array(items)) => items
            .iter()
            .map(|item| unjson(model, Some(model.shape(member)), item, at))
            .collect::<Result<_, _>>()?,
        (Kind::Map { value: of, .. }, Value::Object(map)) => {
            let of = Some(model.shape(of));
            let inner = map.iter().map(|(key, value)| {
                let value = unjson(model, of, value, &format!("{at}{key}."))?;
                Ok((key.clone(), value))
            });
            Value::Object(inner.collect::<Result<_, String>>()?)
        }
        _ => value.clone(),
    })
}

/// Form parameters by the parts of their names: `Filters.Filter.1.Name`.
#[derive(Debug, Default)]
struct Tree {
    value: Option<String>,
    branches: BTreeMap<String, Tree>,
}

impl Tree {
    fn of(form: Vec<(String, String)>) -> Self {
        let mut root = Self::default();
        for (name, value) in form {
            if name == "Action" || name == "Version" {
                continue;
            }
            let place = name
                .split('.')
                .fold(&mut root, |tree, part| tree.branches.entry(part.to_owned()).or_default());
            place.value = Some(value);
        }
        root
    }
}

fn unform(model: &Model, shape: &Shape, tree: &Tree, at: &str) -> Result<Value, String> {
    match &shape.kind {
        Kind::Structure { members, .. } => {
            let mut out = Map::new();
            for (part, branch) in &tree.branches {
                let at = format!("{at}{part}");
                let member = members
                    .iter()
                    .find(|member| member.form_name(model.protocol) == *part)
                    .ok_or_else(|| format!("Unknown member at '{at}'"))?;
                let of = model.shape(&member.shape);
                let flattened = of.flattened || member.flattened;
                let value = match (&of.kind, flattened || model.protocol == Protocol::Ec2) {
                    (Kind::List { .. }, true) => list(model, of, branch, &at)?,
                    _ => unform(model, of, branch, &format!("{at}."))?,
                };
                out.insert(member.name.clone(), value);
            }
            Ok(Value::Object(out))
        }
        Kind::List { name, .. } => {
            let name = name.as_deref().unwrap_or("member");
            match (&tree.value, tree.branches.get(name)) {
                (_, Some(branch)) if tree.branches.len() == 1 => list(model, shape, branch, at),
                (Some(empty), None) if empty.is_empty() && tree.branches.is_empty() => {
                    Ok(json!([]))
                }
                _ => Err(format!("'{at}' must be a list of '{name}'")),
            }
        }
        Kind::Map { .. } => Err(format!("'{at}': maps in forms are not emulated")),
        _ => match &tree.value {
            Some(text) if tree.branches.is_empty() => scalar(shape, text, at),
            _ => Err(format!("'{at}' must be a single value")),
        },
    }
}

/// The elements under `.1`, `.2`, …
fn list(model: &Model, shape: &Shape, tree: &Tree, at: &str) -> Result<Value, String> {
    let Kind::List { member, .. } = &shape.kind else { return Ok(Value::Null) };
    let items = (1..)
        .map_while(|index: usize| tree.branches.get(&index.to_string()))
        .map(|branch| unform(model, model.shape(member), branch, &format!("{at}.")))
        .collect::<Result<Vec<_>, _>>()?;
    if items.len() == tree.branches.len() {
        Ok(Value::Array(items))
    } else {
        Err(format!("the elements of '{at}' are not numbered from 1"))
    }
}

/// An answer, from JSON with the names of the model.
pub(crate) fn output(model: &Model, operation: &Operation, value: &Value, id: &str) -> Response {
    let name = &operation.name;
    let shape = operation.output.as_deref().map(|name| model.shape(name));
    let inside = |xml: &mut String| {
        if let Some(shape) = shape {
            content(model, shape, None, value, xml);
        }
    };
    let mut xml = String::new();
    match model.protocol {
        Protocol::Json => {
            let body = json_of(model, shape, None, value);
            let kind = format!("application/x-amz-json-{}", model.json_version);
            Response::new(operation.status, &kind, body.to_string()).with("x-amzn-RequestId", id)
        }
        Protocol::Cbor => Response::new(200, "application/cbor", cbor::encode(model, shape, value))
            .with("smithy-protocol", "rpc-v2-cbor")
            .with("x-amzn-RequestId", id),
        Protocol::RestJson => {
            let body = json_of(model, shape, None, value);
            let response = Response::new(operation.status, "application/json", body.to_string());
            headers(shape, value, response).with("x-amzn-RequestId", id)
        }
        Protocol::Query => {
            inside(&mut xml);
            if let Some(wrapper) = &operation.wrapper {
                xml = format!("<{wrapper}>{xml}</{wrapper}>");
            }
            let body = format!(
                "<{name}Response xmlns=\"{}\">{xml}<ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{name}Response>",
                model.namespace
            );
            Response::new(200, "text/xml", body).with("x-amzn-RequestId", id)
        }
        Protocol::Ec2 => {
            inside(&mut xml);
            let body = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{name}Response xmlns=\"{}/\"><requestId>{id}</requestId>{xml}</{name}Response>",
                model.namespace
            );
            Response::new(200, "text/xml;charset=UTF-8", body).with("x-amzn-requestid", id)
        }
        Protocol::RestXml => {
            let payload = shape.and_then(|shape| match &shape.kind {
                Kind::Structure { payload: Some(payload), .. } => shape.member(payload),
                _ => None,
            });
            match payload {
                Some(member) => {
                    let of = model.shape(&member.shape);
                    content(model, of, None, &value[&member.name], &mut xml);
                    let root = if member.wire == member.name { &of.name } else { &member.wire };
                    xml = format!("<{root} xmlns=\"{}\">{xml}</{root}>", namespace(model));
                }
                None => {
                    inside(&mut xml);
                    let root = operation.root.clone().unwrap_or_else(|| root(model, operation));
                    xml = format!("<{root} xmlns=\"{}\">{xml}</{root}>", namespace(model));
                }
            }
            let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{xml}");
            let response = Response::new(operation.status, "application/xml", body);
            headers(shape, value, response).with("x-amz-request-id", id)
        }
    }
}

/// The root of an answer in XML: S3 names it after the operation, others after the answer's shape.
fn root(model: &Model, operation: &Operation) -> String {
    match (model.service.as_str(), &operation.output) {
        ("route53", Some(output)) => output.clone(),
        _ => format!("{}Result", operation.name),
    }
}

fn namespace(model: &Model) -> &'static str {
    match model.service.as_str() {
        "route53" => "https://route53.amazonaws.com/doc/2013-04-01/",
        "s3control" => "http://awss3control.amazonaws.com/doc/2018-08-20/",
        _ => "http://s3.amazonaws.com/doc/2006-03-01/",
    }
}

fn headers(shape: Option<&Shape>, value: &Value, mut response: Response) -> Response {
    for member in shape.into_iter().flat_map(Shape::members) {
        if member.place == Place::Header && !value[&member.name].is_null() {
            response = response.with(&member.wire, plain(&value[&member.name]));
        }
    }
    response
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn json_of(model: &Model, shape: Option<&Shape>, member: Option<&Member>, value: &Value) -> Value {
    let Some(shape) = shape else { return json!({}) };
    match (&shape.kind, value) {
        (Kind::Structure { members, .. }, Value::Object(map)) => {
            let carried = members.iter().filter(|member| member.place == Place::Body);
            let entries = carried.filter_map(|member| {
                let inner = json_of(
                    model,
                    Some(model.shape(&member.shape)),
                    Some(member),
                    map.get(&member.name)?,
                );
                Some((member.wire.clone(), inner))
            });
            Value::Object(entries.collect())
        }
        (Kind::List { member, .. }, Value::Array(items)) => {
            items.iter().map(|item| json_of(model, Some(model.shape(member)), None, item)).collect()
        }
        (Kind::Map { value: of, .. }, Value::Object(map)) => {
            let entries = map.iter().map(|(key, value)| {
                (key.clone(), json_of(model, Some(model.shape(of)), None, value))
            });
            Value::Object(entries.collect())
        }
        (Kind::Time, value) => time(shape.format(member).unwrap_or("unixTimestamp"), value),
        _ => value.clone(),
    }
}

pub(crate) fn time(format: &str, value: &Value) -> Value {
    let time = match value {
        Value::String(text) => text.parse::<Timestamp>().expect("a time, as checked before"),
        other => {
            let millis = (other.as_f64().unwrap_or_default() * 1000.0).round() as i64;
            Timestamp::from_millisecond(millis).expect("a time")
        }
    };
    match format {
        "iso8601" => json!(protocol::iso(time)),
        "rfc822" => json!(time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()),
        _ => epoch(time),
    }
}

/// What is between the tags of a value.
fn content(model: &Model, shape: &Shape, member: Option<&Member>, value: &Value, xml: &mut String) {
    match (&shape.kind, value) {
        (Kind::Structure { members, .. }, Value::Object(map)) => {
            for member in members.iter().filter(|member| member.place == Place::Body) {
                if let Some(value) = map.get(&member.name).filter(|value| !value.is_null()) {
                    element(model, member, value, xml);
                }
            }
        }
        (Kind::List { member, name }, Value::Array(items)) => {
            repeated(model, model.shape(member), name.as_deref().unwrap_or("member"), items, xml);
        }
        (Kind::Map { .. }, Value::Object(map)) => pairs(model, shape, "entry", map, xml),
        (Kind::Time, value) => {
            xml.push_str(&plain(&time(shape.format(member).unwrap_or("iso8601"), value)));
        }
        (_, value) => xml.push_str(&escape(&plain(value))),
    }
}

fn element(model: &Model, member: &Member, value: &Value, xml: &mut String) {
    let shape = model.shape(&member.shape);
    let tag = &member.wire;
    match (&shape.kind, value) {
        (Kind::List { member: of, name }, Value::Array(items))
            if shape.flattened || member.flattened =>
        {
            repeated(model, model.shape(of), name.as_deref().unwrap_or(tag), items, xml);
        }
        (Kind::Map { .. }, Value::Object(map)) if shape.flattened || member.flattened => {
            pairs(model, shape, tag, map, xml);
        }
        _ => {
            let mut inner = String::new();
            content(model, shape, Some(member), value, &mut inner);
            let _ = write!(xml, "<{tag}>{inner}</{tag}>");
        }
    }
}

fn repeated(model: &Model, shape: &Shape, tag: &str, items: &[Value], xml: &mut String) {
    for item in items {
        let mut inner = String::new();
        content(model, shape, None, item, &mut inner);
        let _ = write!(xml, "<{tag}>{inner}</{tag}>");
    }
}

fn pairs(model: &Model, shape: &Shape, tag: &str, map: &Map<String, Value>, xml: &mut String) {
    let Kind::Map { value: of, key_name, value_name, .. } = &shape.kind else { return };
    for (key, value) in map {
        let mut inner = String::new();
        content(model, model.shape(of), None, value, &mut inner);
        let key = escape(key);
        let _ = write!(
            xml,
            "<{tag}><{key_name}>{key}</{key_name}><{value_name}>{inner}</{value_name}></{tag}>"
        );
    }
}

/// An error in the form of the service.
pub(crate) fn error(model: &Model, error: &ApiError, id: &str) -> Response {
    let ApiError { status, code, message } = error;
    let (tag, text) = (escape(code), escape(message));
    let fault = if *status >= 500 { "Receiver" } else { "Sender" };
    match model.protocol {
        Protocol::Json => {
            // The type is the shape's name, which differs from the code of old in some services.
            let shape = model.errors.iter().find(|(_, (of, _))| of == code).map(|(name, _)| name);
            let kind = format!("application/x-amz-json-{}", model.json_version);
            let body = json!({"__type": shape.unwrap_or(code), "message": message}).to_string();
            let response = Response::new(*status, &kind, body).with("x-amzn-RequestId", id);
            if model.query_compatible {
                response.with("x-amzn-query-error", format!("{code};{fault}"))
            } else {
                response
            }
        }
        Protocol::Cbor => {
            let shape = model.errors.iter().find(|(_, (of, _))| of == code).map(|(name, _)| name);
            let body = cbor::error(shape.unwrap_or(code), message);
            let response = Response::new(*status, "application/cbor", body)
                .with("smithy-protocol", "rpc-v2-cbor")
                .with("x-amzn-RequestId", id);
            if model.query_compatible {
                response.with("x-amzn-query-error", format!("{code};{fault}"))
            } else {
                response
            }
        }
        Protocol::RestJson => {
            let body = json!({"message": message}).to_string();
            Response::new(*status, "application/json", body)
                .with("x-amzn-errortype", code)
                .with("x-amzn-RequestId", id)
        }
        Protocol::Query => {
            let body = format!(
                "<ErrorResponse xmlns=\"{}\"><Error><Type>{fault}</Type><Code>{tag}</Code><Message>{text}</Message></Error><RequestId>{id}</RequestId></ErrorResponse>",
                model.namespace
            );
            Response::new(*status, "text/xml", body).with("x-amzn-RequestId", id)
        }
        Protocol::Ec2 => {
            let body = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{tag}</Code><Message>{text}</Message></Error></Errors><RequestID>{id}</RequestID></Response>"
            );
            Response::new(*status, "text/xml;charset=UTF-8", body).with("x-amzn-requestid", id)
        }
        Protocol::RestXml => {
            let inner = format!("<Code>{tag}</Code><Message>{text}</Message>");
            let body = match model.service.as_str() {
                // S3 itself sends its errors bare, S3 control wraps them.
                "s3" => format!(
                    "<Error>{inner}<RequestId>{id}</RequestId><HostId>testkit</HostId></Error>"
                ),
                _ => format!(
                    "<ErrorResponse><Error>{inner}</Error><RequestId>{id}</RequestId></ErrorResponse>"
                ),
            };
            let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{body}");
            Response::new(*status, "application/xml", body).with("x-amz-request-id", id)
        }
    }
}
