use std::fmt::Write as _;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::cursor::{Operand, Operator};
use super::json::{Expression, Selector, Step, Test};
use super::terms::Term;
use super::*;
use crate::pattern::wildcard::Wildcard;

const REGEX: Match = Match::Undecided(Undecided::Regex);
const UNDOCUMENTED: Match = Match::Undecided(Undecided::Undocumented);

fn matches(pattern: &str, message: &str) -> Match {
    FilterPattern::parse(pattern)
        .unwrap_or_else(|error| panic!("{pattern}: {error}"))
        .matches(message)
}

fn assert_all(message: &str, cases: &[(&str, Match)]) {
    for (pattern, expected) in cases {
        assert_eq!(matches(pattern, message), *expected, "{pattern}");
    }
}

#[test]
fn json_patterns_of_the_documentation() {
    let first = json!({
        "eventType": "UpdateTrail",
        "sourceIPAddress": "111.111.111.111",
        "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
        "SomeObject": null,
        "errorCode": 400,
        "bandwidth": 76,
        "latency": 49.9,
        "number": [1e-3],
        "enabled": true
    });
    assert_all(
        &first.to_string(),
        &[
            (r#"{ $.eventType = "UpdateTrail" }"#, Match::Yes),
            ("{ $.eventType = UpdateTrail }", Match::Yes),
            ("{$.eventType=UpdateTrail}", Match::Yes),
            (r#"{ $.eventType = "Update*" }"#, Match::Yes),
            (r#"{ $.eventType = "*Trail" }"#, Match::Yes),
            (r#"{ $.eventType = "updateTrail" }"#, Match::No),
            ("{ $.sourceIPAddress != 123.123.* }", Match::Yes),
            ("{ $.sourceIPAddress = 111.111.* }", Match::Yes),
            (r#"{ $.arrayKey[0] = "value" }"#, Match::Yes),
            (r#"{ $.arrayKey[1] = "value" }"#, Match::No),
            (r#"{ $.arrayKey[*] = "another*" }"#, Match::Yes),
            // A property that leads to a list or an object matches nothing.
            (r#"{ $.arrayKey = "value" }"#, Match::No),
            (r#"{ $.arrayKey != "value" }"#, Match::No),
            (r#"{ $.objectList != "value" }"#, Match::No),
            ("{ $.objectList[1].id = 2 }", Match::Yes),
            ("{ $.objectList[0].id = 2 }", Match::No),
            ("{ $.objectList[*].id = 2 }", Match::Yes),
            ("{ $.objectList[*].id != 3 }", Match::Yes),
            ("{ $.SomeObject IS NULL }", Match::Yes),
            ("{ $.eventType IS NULL }", Match::No),
            ("{ $.SomeOtherObject IS NULL }", Match::No),
            ("{ $.SomeOtherObject NOT EXISTS }", Match::Yes),
            ("{ $.SomeObject NOT EXISTS }", Match::No),
            ("{ $.enabled IS TRUE }", Match::Yes),
            ("{ $.enabled IS FALSE }", Match::No),
            ("{ $.bandwidth > 75 }", Match::Yes),
            ("{ $.bandwidth > 76 }", Match::No),
            ("{ $.bandwidth >= 76 }", Match::Yes),
            ("{ $.latency < 50 }", Match::Yes),
            ("{ $.latency <= 49 }", Match::No),
            ("{ $.errorCode = 400}", Match::Yes),
            ("{ $.errorCode = 4* }", Match::Yes),
            ("{ $.errorCode = 4.0e2 }", Match::Yes),
            ("{ $.errorCode != 500 }", Match::Yes),
            ("{ $.number[0] = 1e-3 }", Match::Yes),
            ("{ $.number[0] != 1e+3 }", Match::Yes),
            ("{ $.['eventType'] = UpdateTrail }", Match::Yes),
            (r#"{ $["eventType"] = UpdateTrail }"#, Match::Yes),
            (r#"{ $.eventType = "*" && $.sourceIPAddress != 123.123.* }"#, Match::Yes),
        ],
    );
    let second = json!({
        "user": {"id": 1, "email": "John.Stiles@example.com"},
        "users": [
            {"id": 2, "email": "John.Doe@example.com"},
            {"id": 3, "email": "Jane.Doe@example.com"}
        ],
        "actions": ["GET", "PUT", "DELETE"],
        "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]]
    });
    assert_all(
        &second.to_string(),
        &[
            (r#"{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }"#, Match::Yes),
            (
                r#"{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch" && $.actions[2] = "nonmatch" }"#,
                Match::Yes,
            ),
            (
                r#"{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch") && $.actions[2] = "nonmatch" }"#,
                Match::No,
            ),
            (
                r#"{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }"#,
                Match::No,
            ),
            ("{ $.coordinates[2][1] = 8 }", Match::Yes),
        ],
    );
}

#[test]
fn what_is_not_documented_is_not_guessed() {
    let event = json!({"code": "5", "flag": true, "none": null, "list": ["a", "b"]}).to_string();
    assert_all(
        &event,
        &[
            ("{ $.absent != x }", UNDOCUMENTED),
            ("{ $.absent = x }", Match::No),
            ("{ $.absent > 1 }", Match::No),
            ("{ $.none != x }", UNDOCUMENTED),
            ("{ $.none = x }", Match::No),
            ("{ $.flag = true }", UNDOCUMENTED),
            ("{ $.flag = false }", Match::No),
            ("{ $.flag != no }", Match::Yes),
            ("{ $.code > 4 }", UNDOCUMENTED),
            ("{ $.code = 5 }", Match::Yes),
            ("{ $.list[*] != a }", UNDOCUMENTED),
            ("{ $.list[*] != c }", Match::Yes),
            ("{ $.code = %^[0-9]$% }", REGEX),
            ("{ $.code != %x% }", REGEX),
            ("{ $.absent = %x% }", Match::No),
            // What is decided settles what is not.
            ("{ $.absent != x && $.code = 6 }", Match::No),
            ("{ $.code = 6 && $.absent != x }", Match::No),
            ("{ $.absent != x || $.code = 5 }", Match::Yes),
            ("{ $.absent != x || $.code = 6 }", UNDOCUMENTED),
            ("{ $.absent != x && $.code = 5 }", UNDOCUMENTED),
        ],
    );
    assert_eq!(matches("{ $.code = 5 }", "code 5"), Match::No);
}

#[test]
fn filters_of_the_benchmarks() {
    let root = json!({
        "eventName": "ConsoleLogin", "eventType": "AwsConsoleSignIn",
        "userIdentity": {"type": "Root"}
    });
    let denied = json!({"errorCode": "Client.UnauthorizedOperation", "eventName": "RunInstances"});
    for (pattern, of_root, of_denied) in [
        (
            r#"{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }"#,
            Match::Yes,
            Match::No,
        ),
        (
            r#"{($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*")}"#,
            Match::No,
            Match::Yes,
        ),
        ("{ ($.eventName = RunInstances) || ($.eventName=StopInstances) }", Match::No, Match::Yes),
    ] {
        assert_eq!(matches(pattern, &root.to_string()), of_root, "{pattern}");
        assert_eq!(matches(pattern, &denied.to_string()), of_denied, "{pattern}");
    }
}

#[test]
fn terms_of_the_documentation() {
    let lines = [
        "[ERROR 400] BAD REQUEST",
        "[ERROR 401] UNAUTHORIZED REQUEST",
        "[ERROR 419] MISSING ARGUMENTS",
        "[ERROR 500] INTERNAL SERVER ERROR",
        "[WARN] INVALID ARGUMENTS",
    ];
    for (pattern, expected) in [
        ("ERROR", [1, 1, 1, 1, 0]),
        ("error", [0, 0, 0, 0, 0]),
        ("ERROR ARGUMENTS", [0, 0, 1, 0, 0]),
        ("?ERROR ?ARGUMENTS", [1, 1, 1, 1, 1]),
        ("?UNAUTHORIZED ?WARN", [0, 1, 0, 0, 1]),
        (r#""INTERNAL SERVER ERROR""#, [0, 0, 0, 1, 0]),
        ("ERROR -ARGUMENTS", [1, 1, 0, 1, 0]),
        ("-ARGUMENTS", [1, 1, 0, 1, 0]),
        (r#"ERROR -"BAD REQUEST""#, [0, 1, 1, 1, 0]),
        // Beside other terms, those with a question mark have no effect.
        ("?WARN ERROR", [1, 1, 1, 1, 0]),
        ("", [1, 1, 1, 1, 1]),
        ("  ", [1, 1, 1, 1, 1]),
        (r#"" ""#, [1, 1, 1, 1, 1]),
        (r#""""#, [1, 1, 1, 1, 1]),
    ] {
        let found = lines.map(|line| i32::from(matches(pattern, line) == Match::Yes));
        assert_eq!(found, expected, "{pattern:?}");
    }
    assert_eq!(matches("%AUTH[A-Z]+%", lines[1]), REGEX);
    assert_eq!(matches("%AUTH% MISSING", lines[1]), Match::No);
    assert_eq!(matches(r#""say \"no\"""#, r#"they say "no""#), Match::Yes);
    // On one line, JSON is text like any other.
    assert_eq!(matches(r#""\"type\":\"Root\"""#, r#"{"a":{"type":"Root"}}"#), Match::Yes);
}

#[test]
fn fields_of_the_documentation() {
    let line =
        r#"127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534"#;
    assert_all(
        line,
        &[
            (
                "[ip, user, username, timestamp, request =*.html*, status_code = 4*, bytes]",
                Match::Yes,
            ),
            (
                "[ip, user, username, timestamp, request =*.html*, status_code = 5*, bytes]",
                Match::No,
            ),
            ("[..., request =*.html*, status_code = 4*, bytes]", Match::Yes),
            ("[..., request =*.png*, status_code = 4*, bytes]", Match::No),
            (
                "[ip, user, username, timestamp, request =*.html*, status_code = 404 || status_code = 410, bytes]",
                Match::Yes,
            ),
            ("[ip, user, username, timestamp, request, status_code, bytes > 1000]", Match::Yes),
            ("[ip, user, username, timestamp, request, status_code, bytes > 2000]", Match::No),
            (
                "[ip, server, username, timestamp, request, status_code>=400&&status_code<500, bytes]",
                Match::Yes,
            ),
            ("[ip, server=Prod, ...]", Match::Yes),
            ("[ip=10.*, ...]", Match::No),
            ("[..., bytes]", Match::Yes),
            ("[...]", Match::Yes),
            ("[a,b,c,d,e,f,g,h]", Match::No),
            ("[..., user = %Pr.d%, name, time, request, status, bytes]", REGEX),
            (r#"[..., request="GET /index.html HTTP/1.0", status, bytes]"#, Match::Yes),
        ],
    );
    assert_all(
        "ERROR could not write",
        &[
            ("[w1=ERROR, w2]", Match::Yes),
            ("[w1=WARNING, w2]", Match::No),
            ("[w1=ERROR || w1=WARNING, w2]", Match::Yes),
            ("[w1!=ERROR && w1!=WARNING, w2]", Match::No),
            ("[w1=ERROR]", UNDOCUMENTED),
        ],
    );
    assert_eq!(matches("[w1=ERROR]", "ERROR"), Match::Yes);
}

#[test]
fn what_is_no_pattern_is_an_error_that_names_the_place() {
    for (pattern, at) in [
        ("{", 2),
        ("{ }", 3),
        ("{ $ = 1 }", 4),
        ("{ $. = 1 }", 5),
        ("{ $.a }", 7),
        ("{ $.a = }", 9),
        ("{ $.a = 1", 10),
        ("{ $.a = 1 } x", 13),
        ("{ $.a = 1 $.b = 2 }", 11),
        ("{ ($.a = 1 }", 12),
        ("{ $.a > x }", 10),
        ("{ $.a = \"x }", 10),
        ("{ $.a = %x }", 13),
        ("{ $.a EXISTS }", 14),
        ("{ $.a IS NOT NULL }", 13),
        ("{ $.a[x] = 1 }", 7),
        ("{ $.a[0 = 1 }", 9),
        ("[a, b", 6),
        ("[a, = 1]", 5),
        ("[a] b", 5),
        ("\"open", 2),
        ("ERROR -", 8),
        ("%open", 6),
    ] {
        let error = FilterPattern::parse(pattern).unwrap_err();
        assert_eq!(error.at, at, "{pattern}: {error}");
    }
}

#[test]
fn deep_and_long_patterns_are_bounded() {
    let deep = format!("{{ {}$.a = 1{} }}", "(".repeat(5_000), ")".repeat(5_000));
    FilterPattern::parse(&deep).unwrap_err();
    let start = Instant::now();
    let long = format!("{{ $.a = \"{}\" }}", "*a".repeat(1_000));
    let event = json!({"a": format!("{}b", "a".repeat(20_000))}).to_string();
    assert_eq!(matches(&long, &event), Match::No);
    let fields = format!("[{} x=1]", "...,".repeat(300));
    assert_eq!(matches(&fields, &"a ".repeat(300)), Match::No);
    assert!(start.elapsed() < Duration::from_secs(5));
}

/// A pattern as it is written; texts that need it are quoted.
fn written(expression: &Expression) -> String {
    match expression {
        Expression::Any(each) => each.iter().map(inner).collect::<Vec<_>>().join(" || "),
        Expression::All(each) => each.iter().map(inner).collect::<Vec<_>>().join("&&"),
        Expression::Test(Selector(steps), test) => {
            let mut text = "$".to_owned();
            for step in steps {
                match step {
                    Step::Name(name) => write!(text, ".{name}"),
                    Step::Index(index) => write!(text, "[{index}]"),
                    Step::Each => write!(text, "[*]"),
                }
                .unwrap();
            }
            match test {
                Test::NotExists => text += " NOT EXISTS",
                Test::Is(value) => text += &format!(" IS {}", value.to_string().to_uppercase()),
                Test::Compare(operator, operand) => {
                    text += match operator {
                        Operator::Equal => " = ",
                        Operator::Unequal => "!=",
                        Operator::Below => " < ",
                        Operator::AtMost => "<=",
                        Operator::Above => ">",
                        Operator::AtLeast => " >= ",
                    };
                    text += &match operand {
                        Operand::Regex => "%x+%".to_owned(),
                        Operand::Number(_, written) => written.clone(),
                        Operand::Text(wildcard) => {
                            let found = TEXTS.iter().find(|one| Wildcard::plain(one) == *wildcard);
                            serde_json::to_string(found.unwrap()).unwrap()
                        }
                    };
                }
            }
            text
        }
    }
}

fn inner(expression: &Expression) -> String {
    match expression {
        Expression::Test(..) => written(expression),
        joined => format!("( {} )", written(joined)),
    }
}

const TEXTS: [&str; 6] = ["", "*", "a b", "say \"no\"", "back\\slash", "x*y"];

fn operand() -> impl Strategy<Value = Operand> {
    prop_oneof![
        Just(Operand::Regex),
        (-99i32..99).prop_map(|number| Operand::Number(f64::from(number), number.to_string())),
        prop::sample::select(&TEXTS[..]).prop_map(|text| Operand::Text(Wildcard::plain(text))),
    ]
}

fn test() -> impl Strategy<Value = Test> {
    let number =
        (-99i32..99).prop_map(|number| Operand::Number(f64::from(number), number.to_string()));
    prop_oneof![
        Just(Test::NotExists),
        prop::sample::select(vec![Value::Null, json!(true), json!(false)]).prop_map(Test::Is),
        (prop::sample::select(vec![Operator::Equal, Operator::Unequal]), operand())
            .prop_map(|(operator, operand)| Test::Compare(operator, operand)),
        (
            prop::sample::select(vec![
                Operator::Below,
                Operator::AtMost,
                Operator::Above,
                Operator::AtLeast
            ]),
            number
        )
            .prop_map(|(operator, operand)| Test::Compare(operator, operand)),
    ]
}

fn expression() -> impl Strategy<Value = Expression> {
    let step = prop_oneof![
        "[a-zA-Z_-]{1,5}".prop_map(Step::Name),
        (0usize..9).prop_map(Step::Index),
        Just(Step::Each),
    ];
    let selector = ("[a-z]{1,3}", prop::collection::vec(step, 0..3)).prop_map(|(first, rest)| {
        let mut steps = vec![Step::Name(first)];
        steps.extend(rest);
        Selector(steps)
    });
    let leaf = (selector, test()).prop_map(|(selector, test)| Expression::Test(selector, test));
    leaf.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expression::Any),
            prop::collection::vec(inner, 2..4).prop_map(Expression::All),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(expression in expression()) {
        let text = format!("{{{}}}", written(&expression));
        let read = FilterPattern::parse(&text);
        prop_assert_eq!(read, Ok(FilterPattern(Form::Json(expression))), "{}", text);
    }

    #[test]
    fn terms_are_read_as_written(
        all in prop::collection::vec("[a-z \"\\\\]{0,6}", 0..3),
        none in prop::collection::vec("[a-z]{1,6}", 0..3),
    ) {
        let mut text = String::new();
        for term in &all {
            write!(text, "{} ", serde_json::to_string(term).unwrap()).unwrap();
        }
        for term in &none {
            write!(text, " -{term}").unwrap();
        }
        let own = |terms: Vec<String>| terms.into_iter().map(Term::Text).collect::<Vec<_>>();
        let Ok(FilterPattern(Form::Terms(read))) = FilterPattern::parse(&text) else {
            return Err(TestCaseError::fail(text));
        };
        prop_assert_eq!((read.all, read.none), (own(all), own(none)));
    }

    #[test]
    fn no_text_makes_it_panic(pattern in "\\PC{0,60}", message in "\\PC{0,60}") {
        if let Ok(pattern) = FilterPattern::parse(&pattern) {
            let _ = pattern.matches(&message);
        }
    }

    #[test]
    fn nothing_near_the_syntax_makes_it_panic(
        pattern in "[{\\[]?[ $.a()\\[\\]*=!<>&|,\"%0-9NOTEXISTS{}-]{0,40}",
    ) {
        if let Ok(pattern) = FilterPattern::parse(&pattern) {
            let _ = pattern.matches(r#"{"a": [1, "a", {"a": null}]}"#);
        }
    }
}
