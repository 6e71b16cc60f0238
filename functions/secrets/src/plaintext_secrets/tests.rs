//! Verdicts on settings, as items carry them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fisc_shared::Parameters;
use fisc_testkit::events;
use serde_json::{Value, json};

use super::*;

fn with_run<T>(parameters: &Value, judge: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    judge(&Run {
        parameters: &parameters,
        now: "2026-11-21T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline: false,
    })
}

fn item(kind: ResourceType, id: &str, configuration: &Value) -> ConfigurationItem {
    let item = events::item(kind.name, id, configuration.clone());
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

fn preview_of(kind: ResourceType, configuration: &Value) -> Result<Option<Verdict>, Error> {
    with_run(&json!({}), |run| preview(&item(kind, "sample:1", configuration), run))
}

fn codes(verdict: &Verdict) -> Vec<&'static str> {
    verdict.reasons().iter().map(|one| one.code).collect()
}

fn judged(kind: ResourceType, configuration: &Value) -> Verdict {
    preview_of(kind, configuration).unwrap().expect("the item decides")
}

fn task(status: &str, environment: &Value) -> Value {
    json!({"Family": "app", "Status": status,
           "ContainerDefinitions": [{"Name": "app", "Environment": environment, "Secrets": [
               {"Name": "DB_PASSWORD", "ValueFrom": "arn:aws:secretsmanager:ap-northeast-1:111122223333:secret:db"}]}]})
}

const VALUE: &str = "s3cr3t-of-the-tests";

#[test]
fn task_definitions_are_judged_by_their_plain_environment() {
    let kind = ResourceType::ECS_TASK_DEFINITION;
    let good = task("ACTIVE", &json!([{"Name": "APP_ENV", "Value": "production"}]));
    assert_eq!(codes(&judged(kind, &good)), [""; 0]);
    let bad = task(
        "ACTIVE",
        &json!([{"Name": "DB_PASSWORD", "Value": VALUE}, {"Name": "API_TOKEN", "Value": VALUE}]),
    );
    let verdict = judged(kind, &bad);
    assert_eq!(codes(&verdict), ["TASKDEF_ENV_SECRET"]);
    let message = &verdict.reasons()[0].message;
    assert_eq!(message.en, "DB_PASSWORD (literal), API_TOKEN (literal)");
    assert!(!format!("{verdict:?}").contains(VALUE), "the value must not show");
    let inactive = task("INACTIVE", &json!([{"Name": "DB_PASSWORD", "Value": VALUE}]));
    assert_eq!(codes(&judged(kind, &inactive)), ["TASK_DEFINITION_INACTIVE"]);
    // A variable without value, and a container without variables.
    let empty = json!({"Status": "ACTIVE", "ContainerDefinitions": [{"Name": "app"}, {"Name": "b", "Environment": [{"Name": "PASSWORD"}]}]});
    assert_eq!(codes(&judged(kind, &empty)), [""; 0]);
    let error = preview_of(kind, &json!({"Status": "ACTIVE"})).unwrap_err().to_string();
    assert!(error.ends_with("configuration.ContainerDefinitions is missing"), "{error}");
}

#[test]
fn build_projects_are_judged_by_plain_variables() {
    let kind = ResourceType::CODEBUILD_PROJECT;
    let project = |variable: Value| json!({"environment": {"environmentVariables": [variable]}});
    for kind_of_value in [json!("PLAINTEXT"), Value::Null] {
        let variable = json!({"name": "REGISTRY_TOKEN", "type": kind_of_value, "value": VALUE});
        assert_eq!(codes(&judged(kind, &project(variable))), ["CODEBUILD_ENV_SECRET"]);
    }
    for kind_of_value in ["SECRETS_MANAGER", "PARAMETER_STORE"] {
        let variable =
            json!({"name": "REGISTRY_TOKEN", "type": kind_of_value, "value": "hbg/build/token"});
        assert_eq!(codes(&judged(kind, &project(variable))), [""; 0]);
    }
    let error = preview_of(kind, &json!({})).unwrap_err().to_string();
    assert!(error.ends_with("configuration.environment is missing"), "{error}");
}

#[test]
fn user_data_of_launch_configurations_is_in_the_item() {
    let kind = ResourceType::AUTO_SCALING_LAUNCH_CONFIGURATION;
    let data = |script: &str| json!({"userData": STANDARD.encode(script)});
    let bad = data("#!/bin/sh\nexport DB_PASSWORD=s3cr3t-of-the-tests\n");
    let verdict = judged(kind, &bad);
    assert_eq!(codes(&verdict), ["USERDATA_SECRET"]);
    assert_eq!(verdict.reasons()[0].message.en, "DB_PASSWORD (literal)");
    assert_eq!(codes(&judged(kind, &data("#!/bin/sh\nyum update -y\n"))), [""; 0]);
    for none in [json!({}), json!({"userData": ""}), json!({"userData": null})] {
        assert_eq!(codes(&judged(kind, &none)), ["NOTHING_SET"]);
    }
    let error = preview_of(kind, &json!({"userData": "%%"})).unwrap_err().to_string();
    assert!(error.contains("configuration.userData"), "{error}");
}

#[test]
fn what_no_item_tells_is_asked() {
    assert_eq!(preview_of(ResourceType::LAMBDA_FUNCTION, &json!({})).unwrap(), None);
    assert_eq!(preview_of(ResourceType::EC2_LAUNCH_TEMPLATE, &json!({})).unwrap(), None);
    let kind = ResourceType::EC2_INSTANCE;
    for state in
        [json!("running"), json!({"name": "stopped", "code": 80}), json!({"value": "running"})]
    {
        assert_eq!(preview_of(kind, &json!({ "state": state })).unwrap(), None);
    }
    for state in
        [json!("terminated"), json!({"name": "terminated"}), json!({"value": "shutting-down"})]
    {
        assert_eq!(codes(&judged(kind, &json!({ "state": state }))), ["INSTANCE_TERMINATED"]);
    }
}

#[test]
fn parameters_are_judged_by_name_and_type() {
    let parameter = |name: &str, encrypted: bool, key: Option<&str>| SecretParameter {
        name: name.to_owned(),
        encrypted,
        key: key.map(str::to_owned),
    };
    let found = |parameters: &[SecretParameter], rule: &Value| {
        with_run(rule, |run| codes(&judge_parameters(parameters, run)))
    };
    let strict = json!({"requireCustomerManagedKey": true});
    assert_eq!(found(&[], &json!({})), ["NO_SECRET_PARAMETER"]);
    let aws = parameter("/app/db/password", true, Some("alias/aws/ssm"));
    let own =
        parameter("/app/api-key", true, Some("arn:aws:kms:ap-northeast-1:111122223333:key/1"));
    assert_eq!(found(std::slice::from_ref(&aws), &json!({})), [""; 0]);
    assert_eq!(found(&[aws], &strict), ["PARAMETER_KEY_NOT_CUSTOMER"]);
    assert_eq!(found(&[own], &strict), [""; 0]);
    let open = parameter("/app/token", false, None);
    assert_eq!(found(std::slice::from_ref(&open), &strict), ["PARAMETER_NOT_SECURESTRING"]);
    assert_eq!(found(&[open], &json!({})), ["PARAMETER_NOT_SECURESTRING"]);
}

#[test]
fn older_revisions_are_superseded_by_active_ones() {
    let revision = |family: &str, number: u32, status: &str| {
        let id =
            format!("arn:aws:ecs:ap-northeast-1:111122223333:task-definition/{family}:{number}");
        item(ResourceType::ECS_TASK_DEFINITION, &id, &json!({"Family": family, "Status": status}))
    };
    let items = [
        revision("app", 9, "ACTIVE"),
        revision("app", 10, "ACTIVE"),
        revision("app", 11, "INACTIVE"),
        revision("batch", 3, "ACTIVE"),
    ];
    let older: Vec<&str> = superseded(&items)
        .unwrap()
        .into_iter()
        .map(|item| item.resource_id.rsplit('/').next().unwrap())
        .collect();
    assert_eq!(older, ["app:9"]);
}
