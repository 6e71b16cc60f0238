//! No secret comes out: not in results, errors or logs, whatever holds it.
//!
//! What counts as a secret is in SECURITY.md: values of variables and parameters, passwords, tokens,
//! keys and their ids, the text of policies. Names, ids, states and settings are not.

// Helpers of tests fail by panicking, as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;
use std::sync::Arc;

use common::{AT, Said, events, fisc, run};
use fisc_cli::registry;
use fisc_shared::config_service::ConfigService;
use fisc_shared::event::ConfigEvent;
use fisc_shared::exemption::Exemptions;
use fisc_shared::runner::{Connected, Surroundings};
use fisc_shared::{Language, aws, lambda, runner};
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION};
use regex_lite::Regex;
use serde_json::{Value, json};

/// What is planted: nothing else looks like it.
const MARK: &str = "CANARY";
/// Where controls look for them: a password as its finders know it.
const PASSWORD: &str = "CANARY-Tr0ub4dor&3-hunter2-xkcd936";
/// An access key id, in the form that AWS gives them.
const KEY_ID: &str = "AKIACANARYCANARYCA12";
/// A secret access key.
const SECRET_KEY: &str = "CANARYwJalrXUtnFEMIK7MDENGbPxRfiCYzEXAMP";

/// The strings of the sample that messages may tell, by type and path: one a line, a tab between.
const TOLD: &str = include_str!("secrets/told.tsv");

fn sample() -> Vec<Value> {
    let text = fs::read_to_string(events("config-snapshot.json")).unwrap();
    let snapshot: Value = serde_json::from_str(&text).unwrap();
    snapshot["configurationItems"].as_array().unwrap().clone()
}

/// The pointers of all strings below a value.
fn strings(value: &Value, at: &str, found: &mut Vec<String>) {
    let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
    match value {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(list) => {
            for (place, value) in list.iter().enumerate() {
                strings(value, &format!("{at}/{place}"), found);
            }
        }
        Value::Object(map) => {
            for (name, value) in map {
                strings(value, &format!("{at}/{}", escaped(name)), found);
            }
        }
        _ => {}
    }
}

/// An item once for each of its strings: each time another one is replaced, also inside strings
/// that hold JSON. With the paths, in which places of lists are `#`.
fn planted(item: &Value, count: &mut usize) -> Vec<(String, Value)> {
    let place = Regex::new(r"/\d+").unwrap();
    let generic = |path: &str| place.replace_all(path, "/#").into_owned();
    let mut all = Vec::new();
    let mut add = |path: String, replace: &dyn Fn(&mut Value, String)| {
        let mut changed = item.clone();
        replace(&mut changed, format!("{MARK}{count:05}"));
        changed["resourceId"] = json!(format!("{}--{count}", item["resourceId"].as_str().unwrap()));
        *count += 1;
        all.push((path, changed));
    };
    for part in ["configuration", "supplementaryConfiguration", "tags"] {
        let mut pointers = Vec::new();
        strings(&item[part], &format!("/{part}"), &mut pointers);
        for pointer in pointers {
            let text = item.pointer(&pointer).unwrap().as_str().unwrap();
            add(generic(&pointer), &|item, mark| {
                *item.pointer_mut(&pointer).unwrap() = mark.into()
            });
            let Ok(document @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text)
            else {
                continue;
            };
            let mut inner = Vec::new();
            strings(&document, "", &mut inner);
            for within in inner {
                add(format!("{}/{}", generic(&pointer), generic(&within)), &|item, mark| {
                    let mut document = document.clone();
                    *document.pointer_mut(&within).unwrap() = mark.into();
                    *item.pointer_mut(&pointer).unwrap() = document.to_string().into();
                });
            }
        }
    }
    all
}

fn scan(items: &[Value], format: &str, language: &str) -> Said {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("items.json");
    fs::write(&file, json!({ "configurationItems": items }).to_string()).unwrap();
    let file = file.to_str().unwrap();
    run(&["--lang", language, "scan", file, "--at", AT, "--format", format, "--all"])
}

#[test]
fn of_every_string_in_an_item_only_what_may_be_told_is_told() {
    let mut count = 0;
    let (paths, items): (Vec<(String, String)>, Vec<Value>) = sample()
        .iter()
        .flat_map(|item| {
            let name = item["resourceType"].as_str().unwrap().to_owned();
            planted(item, &mut count)
                .into_iter()
                .map(move |(path, item)| ((name.clone(), path), item))
        })
        .unzip();
    assert!(count > 3000, "{count} strings");
    let mut told = BTreeSet::new();
    let mark = Regex::new(&format!(r"{MARK}(\d{{5}})")).unwrap();
    for language in ["ja", "en"] {
        let said = scan(&items, "json", language);
        let json = said.json();
        let reasons = json["evaluations"].as_array().unwrap().iter().flat_map(|one| {
            one["reasons"].as_array().unwrap().iter().map(|reason| reason["message"].to_string())
        });
        let errors =
            json["errors"].as_array().unwrap().iter().map(|one| one["message"].to_string());
        for text in reasons.chain(errors) {
            for found in mark.captures_iter(&text) {
                told.insert(paths[found[1].parse::<usize>().unwrap()].clone());
            }
        }
    }
    let allowed: BTreeSet<(String, String)> = TOLD
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(name, path)| (name.to_owned(), path.to_owned()))
        .collect();
    let new: Vec<_> = told.difference(&allowed).collect();
    assert!(new.is_empty(), "told, and not known to be harmless: {new:#?}");
    let old: Vec<_> = allowed.difference(&told).collect();
    assert!(old.is_empty(), "in the list, and not told: {old:#?}");
}

#[test]
fn what_may_be_told_is_no_secret() {
    let secret = Regex::new(
        "(?i)password|token|accesskey|credential|userdata|/value$|variables|sid$|presharedkey",
    )
    .unwrap();
    let names: Vec<&str> = TOLD
        .lines()
        .filter(|line| secret.is_match(line))
        // Settings that are called values: cipher suites, attributes of load balancers.
        .filter(|line| !line.contains("/tunnelOptions/#/") && !line.contains("Attributes/#/value"))
        .collect();
    assert!(names.is_empty(), "{names:#?}");
}

/// The sample with secrets wherever one may stand.
fn secretive() -> Vec<Value> {
    let place = Regex::new(concat!(
        r"(?i)/environment.*/value$|/environment/variables/|userdata$|presharedkey$|clienttoken$",
        r"|/sid$|parametervalue$|password$"
    ))
    .unwrap();
    let secrets = [PASSWORD, KEY_ID, SECRET_KEY];
    let mut planted = 0;
    let mut items = sample();
    for item in &mut items {
        let mut pointers = Vec::new();
        strings(item, "", &mut pointers);
        for pointer in pointers.iter().filter(|pointer| place.is_match(pointer)) {
            *item.pointer_mut(pointer).unwrap() = secrets[planted % secrets.len()].into();
            planted += 1;
        }
        // A policy's text is a string in a string.
        for pointer in pointers {
            let Some(text) = item.pointer(&pointer).and_then(Value::as_str) else { continue };
            if text.starts_with('{') && text.contains("\"Sid\"") {
                let text =
                    text.replacen("\"Sid\":", &format!("\"Sid\":\"{PASSWORD}\",\"Was\":"), 9);
                *item.pointer_mut(&pointer).unwrap() = text.into();
                planted += 1;
            }
        }
    }
    assert!(planted > 10, "{planted} secrets");
    items
}

fn assert_silent(said: &Said, what: &str) {
    for line in said.out.lines().chain(said.err.lines()) {
        assert!(!line.contains(MARK), "{what}: {line}");
    }
}

#[test]
fn no_format_shows_a_secret() {
    let items = secretive();
    for format in ["table", "json", "csv", "html", "asff"] {
        let said = scan(&items, format, "en");
        assert!(said.out.len() > 1000, "{format}: {said:?}");
        assert_silent(&said, format);
    }
}

#[test]
fn a_live_scan_shows_no_secret() {
    let aws = FakeAws::start();
    for item in secretive() {
        aws.config().record(&item);
    }
    let mut command = fisc(&["scan", "--live", "--at", AT, "--format", "json"]);
    command.envs(aws.env()).env("AWS_MAX_ATTEMPTS", "1");
    command.env("AWS_SECRET_ACCESS_KEY", SECRET_KEY).env("AWS_SESSION_TOKEN", PASSWORD);
    let said: Said = command.output().unwrap().into();
    assert!(said.out.contains("evaluations"), "{said:?}");
    assert_silent(&said, "live");
    // What no sample answers ends in an error, which must be as silent.
    let _ = aws.take_unknown();
}

/// All controls as their functions run them, with everything that they log at debug level.
#[test]
fn no_log_line_of_a_function_holds_a_secret() {
    let denied = || Fault::error(400, "AccessDeniedException", "denied");
    let broken = || Fault::error(500, "InternalFailure", "broken");
    for (what, fault) in
        [("answered", None), ("denied", Some(denied())), ("broken", Some(broken()))]
    {
        let aws = FakeAws::start();
        if let Some(fault) = fault {
            aws.fault("*", "*", fault.times(100_000));
        }
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--ignored", "--exact", "functions_in_this_process", "--nocapture"]);
        command.envs(aws.env()).env("AWS_MAX_ATTEMPTS", "1").env("RUST_LOG", "debug");
        command.env("AWS_REGION", REGION).env("AWS_SESSION_TOKEN", PASSWORD);
        command.env("FISC_TEST_FUNCTIONS", "yes");
        let said: Said = command.output().unwrap().into();
        assert_eq!(said.code, 0, "{what}: {said:?}");
        let lines: Vec<Value> =
            said.out.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let mut levels: BTreeMap<&str, usize> = BTreeMap::new();
        for line in &lines {
            *levels.entry(line["level"].as_str().unwrap_or_default()).or_default() += 1;
        }
        assert!(levels["DEBUG"] > 100 && levels["ERROR"] > 10, "{what}: {levels:?}");
        assert_silent(&said, what);
        let _ = aws.take_unknown();
    }
}

/// No test by itself: what [`no_log_line_of_a_function_holds_a_secret`] starts, because a process
/// has one log.
#[test]
#[ignore = "run by another test, in a process of its own"]
fn functions_in_this_process() {
    if std::env::var("FISC_TEST_FUNCTIONS").is_err() {
        return;
    }
    lambda::init_logs();
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio.block_on(async {
        let sdk = aws::lambda_config().unwrap();
        let config = ConfigService::new(&sdk);
        let surroundings = Surroundings {
            region: REGION.to_owned(),
            home: true,
            language: Language::En,
            deadline: None,
            now: AT.parse().unwrap(),
            exemptions: Arc::new(Exemptions::default()),
        };
        let items = secretive();
        for control in registry::all() {
            let connected = Connected::new(control, &sdk);
            let changed = items
                .iter()
                .filter(|item| control.judges(item["resourceType"].as_str().unwrap()))
                .map(|item| {
                    json!({
                        "messageType": "ConfigurationItemChangeNotification",
                        "configurationItem": item, "notificationCreationTime": AT,
                    })
                });
            let scheduled =
                json!({"messageType": "ScheduledNotification", "notificationCreationTime": AT});
            for message in changed.chain([scheduled, json!({"messageType": PASSWORD.len()})]) {
                let event = json!({
                    "invokingEvent": message.to_string(), "resultToken": format!("{MARK}-token"),
                    "accountId": ACCOUNT, "configRuleName": format!("fisc-{}", control.id),
                });
                let ran = match ConfigEvent::from_value(event) {
                    Ok(event) => runner::run(&connected, &event, &config, &surroundings).await,
                    Err(error) => Err(error.into()),
                };
                if let Err(error) = ran {
                    let diagnostic = lambda::failed(&error);
                    println!("{}: {}", diagnostic.error_type, diagnostic.error_message);
                }
            }
        }
    });
}
