//! Conditions, judged for a request of which only some keys are known.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::Value;

use super::PolicyError;
use super::document::Place;
use super::glob::{Case, Glob, Reading};
use super::outside;

/// What can be said of a condition when not everything of the request is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It fails for every such request.
    False,
    /// It depends on what is not known.
    Unknown,
    /// It holds for every such request.
    True,
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

/// What is known of one context key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// It has this single value.
    Value(String),
    /// The request does not carry it.
    Absent,
    /// It has some value that belongs to a party outside: no value that a policy spells out, but
    /// it may be among those that a pattern leaves open.
    Outside {
        /// The account that the value belongs to; `None` for one that the policy does not name.
        account: Option<String>,
        /// The organization that it belongs to, likewise.
        organization: Option<String>,
    },
}

impl Known {
    /// A value of an account and an organization that the policy does not name.
    pub const STRANGE: Self = Self::Outside { account: None, organization: None };
}

/// The context keys of a request that are known.
#[derive(Debug, Clone, Default)]
pub struct Request(BTreeMap<String, Known>);

impl Request {
    /// A request of which nothing is known.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same request, with one more key known.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.0.insert(key.to_lowercase(), Known::Value(value.to_owned()));
        self
    }

    /// The same request, known not to carry a key.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        self.0.insert(key.to_lowercase(), Known::Absent);
        self
    }
}

/// How a test compares, without its qualifiers and its negation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equals,
    EqualsIgnoreCase,
    Like,
    Bool,
    NumericEquals,
    NumericLess,
    NumericLessOrEqual,
    NumericGreater,
    NumericGreaterOrEqual,
    Null,
    Arn,
    IpAddress,
    /// Dates, binary, and operators that are not known here: a value is never
    /// decided, only presence is.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Qualifier {
    None,
    ForAllValues,
    ForAnyValue,
}

/// One test of a condition: an operator, a context key, and values of which one must match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// The context key, in lower case.
    pub key: String,
    /// The values as written; booleans and numbers as text.
    pub values: Vec<String>,
    comparison: Comparison,
    qualifier: Qualifier,
    negated: bool,
    if_exists: bool,
}

/// The condition of a statement: every test must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conditions {
    /// The tests.
    pub tests: Vec<Test>,
}

impl Conditions {
    pub(super) fn parse(value: &Value, place: &Place) -> Result<Self, PolicyError> {
        let Value::Object(operators) = value else {
            return Err(place.grammar("expected an object"));
        };
        let mut tests = Vec::new();
        for (operator, keys) in operators {
            let place = place.inside(operator);
            let Value::Object(keys) = keys else {
                return Err(place.grammar("expected an object"));
            };
            for (key, values) in keys {
                tests.push(Test::parse(operator, key, scalars(values, &place.inside(key))?));
            }
        }
        Ok(Self { tests })
    }

    /// Whether the condition holds for every request, for none, or for some of those of which
    /// `request` is known.
    #[must_use]
    pub fn holds(&self, request: &Request) -> Truth {
        self.tests.iter().map(|test| test.holds(request)).min().unwrap_or(Truth::True)
    }

    /// Whether some test looks at `key`.
    #[must_use]
    pub fn mention(&self, key: &str) -> bool {
        self.tests.iter().any(|test| test.key.eq_ignore_ascii_case(key))
    }
}

/// One scalar or a list of them, as text.
fn scalars(value: &Value, place: &Place) -> Result<Vec<String>, PolicyError> {
    let scalar = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(place.grammar("expected a value or a list of values")),
    };
    match value {
        Value::Array(list) => list.iter().map(scalar).collect(),
        one => Ok(vec![scalar(one)?]),
    }
}

impl Test {
    fn parse(operator: &str, key: &str, values: Vec<String>) -> Self {
        let mut name = operator.to_ascii_lowercase();
        let mut qualifier = Qualifier::None;
        for (prefix, found) in
            [("forallvalues:", Qualifier::ForAllValues), ("foranyvalue:", Qualifier::ForAnyValue)]
        {
            if let Some(rest) = name.strip_prefix(prefix) {
                name = rest.to_owned();
                qualifier = found;
                break;
            }
        }
        let mut if_exists = false;
        if let Some(rest) = name.strip_suffix("ifexists") {
            name = rest.to_owned();
            if_exists = true;
        }
        let (comparison, negated) = comparison(&name);
        Self { key: key.to_lowercase(), values, comparison, qualifier, negated, if_exists }
    }

    fn holds(&self, request: &Request) -> Truth {
        request.0.get(&self.key).map_or(Truth::Unknown, |known| self.given(known))
    }

    /// Whether the test holds for other values than those it spells out.
    pub(super) const fn is_negated(&self) -> bool {
        self.negated
    }

    /// The answer when this is known of the test's key.
    pub(super) fn given(&self, known: &Known) -> Truth {
        match known {
            Known::Absent => self.without_key(),
            Known::Value(value) => {
                self.with_key(|expected| self.comparison.compare(value, expected))
            }
            Known::Outside { account, organization } => {
                let (account, organization) = (account.as_deref(), organization.as_deref());
                if self.comparison == Comparison::IpAddress {
                    return Truth::from(outside::is_broad(&self.values) != self.negated);
                }
                self.with_key(|expected| match self.comparison {
                    Comparison::Equals | Comparison::EqualsIgnoreCase => {
                        outside::matches(expected, false, account, organization)
                    }
                    Comparison::Like | Comparison::Arn => {
                        outside::matches(expected, true, account, organization)
                    }
                    _ => Truth::Unknown,
                })
            }
        }
    }

    /// The answer when the request lacks the key.
    fn without_key(&self) -> Truth {
        match (self.comparison, self.qualifier) {
            (Comparison::Null, _) => self.null(true),
            (_, Qualifier::ForAllValues) => Truth::True,
            (_, Qualifier::ForAnyValue) => Truth::from(self.if_exists),
            (_, Qualifier::None) => Truth::from(self.if_exists || self.negated),
        }
    }

    fn null(&self, absent: bool) -> Truth {
        let expected = if absent { "true" } else { "false" };
        Truth::from(self.values.iter().any(|value| value.eq_ignore_ascii_case(expected)))
    }

    /// The answer when the request has the key, by how its value compares with each expected one.
    fn with_key(&self, compare: impl Fn(&str) -> Truth) -> Truth {
        if self.comparison == Comparison::Null {
            return self.null(false);
        }
        let matched = self.values.iter().map(|expected| compare(expected)).max();
        match (matched.unwrap_or(Truth::False), self.negated) {
            (Truth::Unknown, _) => Truth::Unknown,
            (matched, negated) => Truth::from((matched == Truth::True) != negated),
        }
    }
}

fn comparison(name: &str) -> (Comparison, bool) {
    match name {
        "stringequals" => (Comparison::Equals, false),
        "stringnotequals" => (Comparison::Equals, true),
        "stringequalsignorecase" => (Comparison::EqualsIgnoreCase, false),
        "stringnotequalsignorecase" => (Comparison::EqualsIgnoreCase, true),
        "stringlike" => (Comparison::Like, false),
        "stringnotlike" => (Comparison::Like, true),
        "bool" => (Comparison::Bool, false),
        "numericequals" => (Comparison::NumericEquals, false),
        "numericnotequals" => (Comparison::NumericEquals, true),
        "numericlessthan" => (Comparison::NumericLess, false),
        "numericlessthanequals" => (Comparison::NumericLessOrEqual, false),
        "numericgreaterthan" => (Comparison::NumericGreater, false),
        "numericgreaterthanequals" => (Comparison::NumericGreaterOrEqual, false),
        "null" => (Comparison::Null, false),
        "arnequals" | "arnlike" => (Comparison::Arn, false),
        "arnnotequals" | "arnnotlike" => (Comparison::Arn, true),
        "ipaddress" => (Comparison::IpAddress, false),
        "notipaddress" => (Comparison::IpAddress, true),
        other => (Comparison::Other, other.contains("not")),
    }
}

impl Comparison {
    fn compare(self, value: &str, expected: &str) -> Truth {
        // A variable in the expected value has its value only in a request; what surrounds it is
        // known.
        if expected.contains("${") {
            let possible = match self {
                Self::Equals | Self::Like => Glob::widest(expected, Case::Sensitive).matches(value),
                Self::EqualsIgnoreCase => {
                    Glob::widest(expected, Case::Insensitive).matches(&value.to_lowercase())
                }
                Self::Arn => arn_matches(value, &opened(expected)),
                _ => true,
            };
            return if possible { Truth::Unknown } else { Truth::False };
        }
        let numbers = || Some((value.parse::<f64>().ok()?, expected.parse::<f64>().ok()?));
        let numeric = |compare: fn(f64, f64) -> bool| {
            numbers().map_or(Truth::Unknown, |(value, expected)| compare(value, expected).into())
        };
        match self {
            Self::Equals => (value == expected).into(),
            Self::EqualsIgnoreCase | Self::Bool => value.eq_ignore_ascii_case(expected).into(),
            Self::Like => Glob::parse(expected, Case::Sensitive, Reading::Surely)
                .map_or(Truth::Unknown, |glob| glob.matches(value).into()),
            Self::NumericEquals => numeric(|value, expected| value == expected),
            Self::NumericLess => numeric(|value, expected| value < expected),
            Self::NumericLessOrEqual => numeric(|value, expected| value <= expected),
            Self::NumericGreater => numeric(|value, expected| value > expected),
            Self::NumericGreaterOrEqual => numeric(|value, expected| value >= expected),
            Self::Arn => arn_matches(value, expected).into(),
            Self::IpAddress => match (value.parse::<IpAddr>(), outside::network(expected)) {
                (Ok(address), Some(network)) => network.contains(&address).into(),
                _ => Truth::Unknown,
            },
            Self::Null | Self::Other => Truth::Unknown,
        }
    }
}

/// A text with `*` in place of its variables, whose names have colons of their own.
fn opened(text: &str) -> String {
    let mut parts = text.split("${");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |opened, part| {
        opened + "*" + part.split_once('}').map_or("", |(_, behind)| behind)
    })
}

/// ARNs compare part by part: a `*` does not reach over a colon of the first five.
fn arn_matches(value: &str, expected: &str) -> bool {
    let mut parts = value.splitn(6, ':');
    let mut patterns = expected.splitn(6, ':');
    loop {
        match (parts.next(), patterns.next()) {
            (None, None) => return true,
            (Some(part), Some(pattern)) => {
                let glob = Glob::parse(pattern, Case::Sensitive, Reading::Surely);
                if !glob.is_some_and(|glob| glob.matches(part)) {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::PolicyDocument;
    use serde_json::json;

    fn conditions(value: Value) -> Conditions {
        let document = PolicyDocument::from_value(&json!({
            "Statement": {"Effect": "Deny", "Action": "*", "Condition": value}
        }))
        .unwrap();
        document.statements[0].conditions.clone()
    }

    fn plaintext() -> Request {
        Request::new().with("aws:SecureTransport", "false")
    }

    #[test]
    fn the_transport_is_read_in_every_spelling() {
        for value in [
            json!({"Bool": {"aws:SecureTransport": "false"}}),
            json!({"Bool": {"aws:SecureTransport": false}}),
            json!({"Bool": {"AWS:securetransport": ["false"]}}),
            json!({"BoolIfExists": {"aws:SecureTransport": "False"}}),
            json!({"bool": {"aws:SecureTransport": ["true", "false"]}}),
            json!({"StringEquals": {"aws:SecureTransport": "false"}}),
            json!({"ForAnyValue:Bool": {"aws:SecureTransport": "false"}}),
            json!({"StringNotEquals": {"aws:SecureTransport": "true"}}),
            json!({"Null": {"aws:SecureTransport": "false"}}),
            json!({}),
        ] {
            assert_eq!(conditions(value.clone()).holds(&plaintext()), Truth::True, "{value}");
        }
        for value in [
            json!({"Bool": {"aws:SecureTransport": "true"}}),
            json!({"Bool": {"aws:SecureTransport": []}}),
            json!({"Null": {"aws:SecureTransport": "true"}}),
            json!({"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:PrincipalOrgID": "o"}}),
        ] {
            assert_eq!(conditions(value.clone()).holds(&plaintext()), Truth::False, "{value}");
        }
        for value in [
            json!({"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
            json!({"Bool": {"aws:SecureTransport": "false"}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
            json!({"Bool": {"aws:SecureTransport": "${aws:PrincipalTag/tls}"}}),
            json!({"DateLessThan": {"aws:SecureTransport": "2026-01-01T00:00:00Z"}}),
        ] {
            assert_eq!(conditions(value.clone()).holds(&plaintext()), Truth::Unknown, "{value}");
        }
    }

    #[test]
    fn an_absent_key_fails_what_is_positive_and_passes_what_is_negated() {
        let request = Request::new().without("aws:SourceVpce");
        let holds = |value: Value| conditions(value).holds(&request);
        assert_eq!(holds(json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}})), Truth::False);
        assert_eq!(
            holds(json!({"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}})),
            Truth::True
        );
        assert_eq!(holds(json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}})), Truth::True);
        assert_eq!(
            holds(json!({"ForAllValues:StringEquals": {"aws:SourceVpce": "v"}})),
            Truth::True
        );
        assert_eq!(
            holds(json!({"ForAnyValue:StringEquals": {"aws:SourceVpce": "v"}})),
            Truth::False
        );
        assert_eq!(holds(json!({"Null": {"aws:SourceVpce": "true"}})), Truth::True);
        assert_eq!(holds(json!({"ArnNotLike": {"aws:SourceVpce": "x"}})), Truth::True);
    }

    #[test]
    fn arns_compare_part_by_part() {
        let from = |arn: &str| Request::new().with("aws:SourceArn", arn);
        let topic = "arn:aws:sns:ap-northeast-1:111122223333:alerts";
        for (operator, pattern, expected) in [
            ("ArnLike", "arn:aws:sns:*:111122223333:*", Truth::True),
            ("ArnEquals", "arn:*:sns:*:111122223333:al?rts", Truth::True),
            ("ArnLike", "arn:aws:sns:*:alerts", Truth::False),
            ("ArnLike", "arn:aws:*", Truth::False),
            ("StringLike", "arn:aws:*", Truth::True),
            ("ArnNotLike", "arn:aws:sns:*:444455556666:*", Truth::True),
        ] {
            let condition = conditions(json!({ operator: {"aws:SourceArn": pattern} }));
            assert_eq!(condition.holds(&from(topic)), expected, "{operator} {pattern}");
        }
    }

    #[test]
    fn what_surrounds_a_variable_is_compared() {
        let request = Request::new().with("iam:PermissionsBoundary", "arn:aws:iam::1:policy/b");
        for (operator, expected, truth) in [
            ("StringEquals", "arn:aws:iam::${aws:PrincipalAccount}:policy/b", Truth::Unknown),
            ("StringEquals", "arn:aws:iam::${aws:PrincipalAccount}:policy/other", Truth::False),
            ("StringNotEquals", "arn:aws:iam::${aws:PrincipalAccount}:policy/other", Truth::True),
            ("StringLike", "*:policy/${aws:username}x", Truth::False),
            ("StringEqualsIgnoreCase", "ARN:AWS:IAM::${a:b}:POLICY/B", Truth::Unknown),
            ("StringEqualsIgnoreCase", "ARN:AWS:IAM::${a:b}:POLICY/C", Truth::False),
            ("ArnLike", "arn:aws:iam::${aws:PrincipalAccount}:policy/b", Truth::Unknown),
            ("ArnLike", "arn:aws:iam::${aws:PrincipalAccount}:policy/c", Truth::False),
        ] {
            let condition = conditions(json!({ operator: {"iam:PermissionsBoundary": expected} }));
            assert_eq!(condition.holds(&request), truth, "{operator} {expected}");
        }
    }

    #[test]
    fn addresses_compare_as_ranges() {
        let from = |ip: &str| Request::new().with("aws:SourceIp", ip);
        let office = conditions(
            json!({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32", "10.1.2.3"]}}),
        );
        for (ip, expected) in [
            ("203.0.113.7", Truth::True),
            ("203.0.114.7", Truth::False),
            ("2001:db8::1", Truth::True),
            ("10.1.2.3", Truth::True),
        ] {
            assert_eq!(office.holds(&from(ip)), expected, "{ip}");
        }
        let odd = conditions(json!({"IpAddress": {"aws:SourceIp": "everywhere"}}));
        assert_eq!(odd.holds(&from("203.0.113.7")), Truth::Unknown);
    }

    #[test]
    fn numbers_compare_as_numbers() {
        let tls = |version: &str| Request::new().with("s3:TlsVersion", version);
        let old = conditions(json!({"NumericLessThan": {"s3:TlsVersion": 1.2}}));
        assert_eq!(old.holds(&tls("1.1")), Truth::True);
        assert_eq!(old.holds(&tls("1.2")), Truth::False);
        let odd = conditions(json!({"NumericLessThan": {"s3:TlsVersion": "new"}}));
        assert_eq!(odd.holds(&tls("1.1")), Truth::Unknown);
    }
}
