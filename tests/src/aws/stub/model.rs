//! The service models: what `tests/models/extract.py` wrote.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

use crate::aws::protocol::Protocol;
use crate::aws::server::Request;

macro_rules! models {
    ($($name:literal),* $(,)?) => {
        &[$(include_str!(concat!("../../../models/", $name, ".json"))),*]
    };
}

const MODELS: &[&str] = models![
    "accessanalyzer",
    "account",
    "acm-pca",
    "apigateway",
    "apigatewayv2",
    "application-autoscaling",
    "appsync",
    "artifact",
    "autoscaling",
    "backup",
    "bcm-data-exports",
    "budgets",
    "ce",
    "cloudformation",
    "cloudtrail",
    "cloudwatch",
    "cognito-identity",
    "cognito-idp",
    "config",
    "controltower",
    "cur",
    "detective",
    "directconnect",
    "dlm",
    "dms",
    "drs",
    "dynamodb",
    "ec2",
    "ecr",
    "ecs",
    "efs",
    "eks",
    "elasticache",
    "elasticbeanstalk",
    "elb",
    "elbv2",
    "emr",
    "events",
    "fis",
    "fms",
    "fsx",
    "globalaccelerator",
    "guardduty",
    "health",
    "iam",
    "inspector2",
    "kafka",
    "kms",
    "lambda",
    "logs",
    "macie2",
    "mq",
    "network-firewall",
    "notifications",
    "opensearch",
    "organizations",
    "rds",
    "redshift",
    "resiliencehub",
    "resourcegroupstaggingapi",
    "route53",
    "route53resolver",
    "s3",
    "s3control",
    "secretsmanager",
    "securityhub",
    "service-quotas",
    "shield",
    "sns",
    "sqs",
    "ssm",
    "stepfunctions",
    "support",
    "synthetics",
    "wafv2",
];

static PARSED: LazyLock<Vec<Model>> =
    LazyLock::new(|| MODELS.iter().map(|text| Model::parse(text)).collect());

/// One service.
#[derive(Debug)]
pub(crate) struct Model {
    /// botocore's name of the service.
    pub(crate) service: String,
    pub(crate) signing: String,
    pub(crate) protocol: Protocol,
    pub(crate) version: String,
    pub(crate) json_version: String,
    pub(crate) target: String,
    pub(crate) namespace: String,
    /// JSON errors carry the code that the service had when it spoke the query protocol.
    pub(crate) query_compatible: bool,
    pub(crate) operations: BTreeMap<String, Operation>,
    pub(crate) errors: BTreeMap<String, (String, u16)>,
    shapes: BTreeMap<String, Shape>,
}

/// One operation.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) name: String,
    pub(crate) action: String,
    pub(crate) method: String,
    pub(crate) uri: String,
    pub(crate) status: u16,
    pub(crate) input: Option<String>,
    pub(crate) output: Option<String>,
    pub(crate) wrapper: Option<String>,
    pub(crate) root: Option<String>,
    pub(crate) paging: Option<Paging>,
    pub(crate) errors: Vec<String>,
}

/// How a listing is paged.
#[derive(Debug)]
pub(crate) struct Paging {
    pub(crate) input: String,
    pub(crate) output: String,
    pub(crate) result: String,
    pub(crate) limit: Option<String>,
    pub(crate) more: Option<String>,
    /// Without a limit in the request there is no token in the answer.
    pub(crate) needs_limit: bool,
    pub(crate) range: Option<(i64, i64)>,
}

/// A shape of inputs or outputs.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) allowed: Vec<String>,
    /// A value of an enum.
    pub(crate) example: Option<String>,
    /// Bytes, which JSON and XML carry in base64.
    pub(crate) blob: bool,
    /// A structure of which exactly one member is set.
    pub(crate) union: bool,
    pub(crate) flattened: bool,
    format: Option<String>,
}

#[derive(Debug)]
pub(crate) enum Kind {
    Structure { required: Vec<String>, members: Vec<Member>, payload: Option<String> },
    List { member: String, name: Option<String> },
    Map { value: String, key_name: String, value_name: String },
    Text,
    Integer,
    Number,
    Flag,
    Time,
}

/// A member of a structure.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) shape: String,
    /// Its name on the wire.
    pub(crate) wire: String,
    pub(crate) place: Place,
    pub(crate) flattened: bool,
    format: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Body,
    Path,
    Query,
    Header,
    Elsewhere,
}

fn text(value: &Value, key: &str) -> Option<String> {
    value[key].as_str().map(str::to_owned)
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

impl Model {
    fn parse(source: &str) -> Self {
        let value: Value = serde_json::from_str(source).expect("a model");
        let protocol = match value["protocol"].as_str() {
            Some("json") => Protocol::Json,
            Some("cbor") => Protocol::Cbor,
            Some("rest-json") => Protocol::RestJson,
            Some("query") => Protocol::Query,
            Some("ec2") => Protocol::Ec2,
            Some("rest-xml") => Protocol::RestXml,
            other => panic!("no such protocol: {other:?}"),
        };
        let mut shapes: BTreeMap<String, Shape> = entries(&value["shapes"])
            .map(|(name, shape)| (name.clone(), Shape::parse(name, shape, protocol)))
            .collect();
        // Shapes without any constraint are written inline.
        for kind in ["string", "integer", "long", "double", "float", "boolean", "timestamp", "blob"]
        {
            let name = format!("${kind}");
            let shape = Shape::parse(&name, &serde_json::json!({"type": kind}), protocol);
            shapes.insert(name, shape);
        }
        let required = |key: &str| text(&value, key).expect("a member of every model");
        Self {
            service: required("service"),
            signing: required("signing"),
            protocol,
            version: required("version"),
            json_version: text(&value, "jsonVersion").unwrap_or_default(),
            target: text(&value, "target").unwrap_or_default(),
            namespace: text(&value, "namespace").unwrap_or_default(),
            query_compatible: value["queryCompatible"] == true,
            operations: entries(&value["operations"])
                .map(|(name, operation)| (name.clone(), Operation::parse(name, operation)))
                .collect(),
            errors: entries(&value["errors"])
                .map(|(name, error)| {
                    let status = error["status"].as_u64().and_then(|status| status.try_into().ok());
                    let code = text(error, "code").expect("an error's code");
                    (name.clone(), (code, status.expect("an error's status")))
                })
                .collect(),
            shapes,
        }
    }

    pub(crate) fn shape(&self, name: &str) -> &Shape {
        self.shapes.get(name).unwrap_or_else(|| panic!("{}: no shape {name}", self.service))
    }

    /// The operation that a request on a resource path is for.
    fn routed(&self, request: &Request) -> Option<&Operation> {
        self.operations.values().find(|operation| {
            operation.method == request.method && route(&operation.uri, request).is_some()
        })
    }
}

impl Operation {
    fn parse(name: &str, value: &Value) -> Self {
        let paging = value.get("paging").map(|paging| {
            let of = |key| text(paging, key);
            Paging {
                input: of("input").expect("an input token"),
                output: of("output").expect("an output token"),
                result: of("result").expect("a result key"),
                limit: of("limit"),
                more: of("more"),
                needs_limit: paging["needsLimit"] == true,
                range: paging["min"].as_i64().zip(paging["max"].as_i64()),
            }
        });
        Self {
            name: name.to_owned(),
            action: text(value, "action").expect("an action"),
            method: text(value, "method").expect("a method"),
            uri: text(value, "uri").expect("a path"),
            status: value["status"].as_u64().and_then(|code| code.try_into().ok()).unwrap_or(200),
            input: text(value, "input"),
            output: text(value, "output"),
            wrapper: text(value, "wrapper"),
            root: text(value, "root"),
            paging,
            errors: texts(&value["errors"]),
        }
    }
}

impl Shape {
    fn parse(name: &str, value: &Value, protocol: Protocol) -> Self {
        let kind = match value["type"].as_str() {
            Some("structure") => Kind::Structure {
                required: texts(&value["required"]),
                members: entries(&value["members"])
                    .map(|(name, member)| Member::parse(name, member, protocol))
                    .collect(),
                payload: text(value, "payload"),
            },
            Some("list") => Kind::List {
                member: text(value, "member").expect("a list's member"),
                name: text(value, "name"),
            },
            Some("map") => Kind::Map {
                value: text(value, "value").expect("a map's value"),
                key_name: text(value, "keyName").unwrap_or_else(|| "key".to_owned()),
                value_name: text(value, "valueName").unwrap_or_else(|| "value".to_owned()),
            },
            Some("integer" | "long") => Kind::Integer,
            Some("double" | "float") => Kind::Number,
            Some("boolean") => Kind::Flag,
            Some("timestamp") => Kind::Time,
            Some("string" | "blob") => Kind::Text,
            other => panic!("{name}: no such type: {other:?}"),
        };
        Self {
            name: name.to_owned(),
            kind,
            min: value["min"].as_f64(),
            max: value["max"].as_f64(),
            allowed: texts(&value["enum"]),
            example: text(value, "example"),
            blob: value["type"] == "blob",
            union: value["union"] == true,
            flattened: value["flattened"] == true,
            format: text(value, "format"),
        }
    }

    /// The member with this name, if this is a structure that has one.
    pub(crate) fn member(&self, name: &str) -> Option<&Member> {
        self.members().iter().find(|member| member.name == name)
    }

    pub(crate) fn members(&self) -> &[Member] {
        match &self.kind {
            Kind::Structure { members, .. } => members,
            _ => &[],
        }
    }

    /// The format of a time: the member's own, the shape's, or else the protocol's.
    pub(crate) fn format<'a>(&'a self, member: Option<&'a Member>) -> Option<&'a str> {
        member.and_then(|member| member.format.as_deref()).or(self.format.as_deref())
    }
}

impl Member {
    fn parse(name: &str, value: &Value, protocol: Protocol) -> Self {
        let place = match value["in"].as_str() {
            None => Place::Body,
            Some("uri") => Place::Path,
            Some("querystring") => Place::Query,
            Some("header") => Place::Header,
            Some(_) => Place::Elsewhere,
        };
        let wire = text(value, "name").unwrap_or_else(|| name.to_owned());
        Self {
            name: name.to_owned(),
            shape: value
                .as_str()
                .map(str::to_owned)
                .or_else(|| text(value, "shape"))
                .expect("a shape"),
            // JSON services without resource paths ignore other names than the member's own.
            wire: match protocol {
                Protocol::Json | Protocol::Cbor => name.to_owned(),
                _ => wire,
            },
            place,
            flattened: value["flattened"] == true,
            format: text(value, "format"),
        }
    }

    /// The name in a form of the EC2 protocol, where it is capitalised.
    pub(crate) fn form_name(&self, protocol: Protocol) -> String {
        let mut letters = self.wire.chars();
        match letters.next().filter(|_| protocol == Protocol::Ec2) {
            Some(first) => first.to_uppercase().chain(letters).collect(),
            None => self.wire.clone(),
        }
    }
}

/// What the labels of a URI template stand for in a request; none if it does not fit.
pub(crate) fn route(template: &str, request: &Request) -> Option<Vec<(String, String)>> {
    let (path, query) = template.split_once('?').unwrap_or((template, ""));
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if request.parameter(name)? != value {
            return None;
        }
    }
    let mut parts = request.path.trim_matches('/').split('/');
    let mut labels = Vec::new();
    for segment in path.trim_matches('/').split('/') {
        let label = segment.strip_prefix('{').and_then(|label| label.strip_suffix('}'));
        let mut part = parts.next()?.to_owned();
        match label {
            None if part != segment => return None,
            None => {}
            Some(label) => {
                if label.ends_with('+') {
                    for more in parts.by_ref() {
                        part = format!("{part}/{more}");
                    }
                }
                if part.is_empty() {
                    return None;
                }
                let name = label.trim_end_matches('+').to_owned();
                labels.push((name, crate::aws::server::decode(&part)));
            }
        }
    }
    parts.next().is_none().then_some(labels)
}

/// The model of a service by botocore's name or, where only one service signs so, by that name.
pub(crate) fn named(name: &str) -> Option<&'static Model> {
    PARSED.iter().find(|model| model.service == name).or_else(|| {
        let mut signing = PARSED.iter().filter(|model| model.signing == name);
        signing.next().filter(|_| signing.next().is_none())
    })
}

/// The names by which tests can ask for a model.
pub(crate) fn names() -> Vec<&'static str> {
    PARSED.iter().map(|model| model.service.as_str()).collect()
}

/// Every model whose requests are signed for a service.
pub(crate) fn signed_for(service: &str) -> impl Iterator<Item = &'static Model> {
    PARSED.iter().filter(move |model| model.signing == service)
}

/// The operation that a request is for.
pub(crate) fn operation_of(
    service: &str,
    request: &Request,
) -> Option<(&'static Model, &'static Operation)> {
    signed_for(service).find_map(|model| {
        let operation = match model.protocol {
            Protocol::Json => {
                let (target, name) = request.header("x-amz-target")?.rsplit_once('.')?;
                let kind = request.header("content-type")?;
                let expected = format!("application/x-amz-json-{}", model.json_version);
                // Some SDKs leave out the package before the name of the service.
                let known = target == model.target
                    || model.target.rsplit_once('.').is_some_and(|(_, short)| target == short);
                (request.method == "POST" && known && kind == expected)
                    .then(|| model.operations.get(name))??
            }
            Protocol::Cbor => {
                let path = format!("/service/{}/operation/", model.target);
                let name = request.path.strip_prefix(&path)?;
                (request.method == "POST"
                    && request.header("smithy-protocol") == Some("rpc-v2-cbor"))
                .then(|| model.operations.get(name))??
            }
            Protocol::Query | Protocol::Ec2 => {
                let form = crate::aws::server::form(&String::from_utf8_lossy(&request.body));
                let of = |key: &str| form.iter().find(|(name, _)| name == key);
                let (_, action) = of("Action")?;
                (of("Version")?.1 == model.version).then(|| model.operations.get(action))??
            }
            Protocol::RestJson | Protocol::RestXml => model.routed(request)?,
        };
        Some((model, operation))
    })
}
