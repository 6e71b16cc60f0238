//! `workload-tracing`: functions, APIs and workflows trace their requests with X-Ray.
//!
//! A request of a bank's service passes through an API, functions and workflows; when it is slow
//! or fails, a trace tells where. Lambda's mode PassThrough leaves the decision to the caller: it
//! goes on with a trace that a caller began and begins none, so that it does not count. Services
//! that another product traces (OpenTelemetry, an APM) carry a tag that says so.
//!
//! Criteria: 実46, 実102, 実102 3 ask for it. To fix a resource, turn its active tracing on and let
//! its role write to X-Ray.

use fisc_shared::item::required::{part, text};
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::parameter::Param;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Check, ConfigurationItem, Control, Criteria, Domain, Error, Limits, Placement, Remark, Remedy,
    Requirement, ResourceType, Run, Severity, Text, Trigger, Verdict,
};

use fisc_shared::item::has_tag;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "workload-tracing",
    domain: Domain::Operations,
    severity: Severity::Low,
    title: Text::new(
        "Functions, APIs and workflows trace their requests with X-Ray",
        "関数・API・ワークフローのリクエストを X-Ray でトレースしている",
    ),
    why: Text::new(
        "When a service of a bank slows down or fails, the first question is where. Without \
         traces the answer is put together from the logs of every part, while customers wait.",
        "サービスの遅延や障害では、まず発生箇所の特定が必要です。トレースがなければ、各構成要素のログを\
         突き合わせて調べることになり、その間も顧客への影響が続きます。",
    ),
    fix: Text::new(
        "Lambda: Configuration > Monitoring and operations tools > Active tracing. REST API stage: \
         Logs and tracing > X-Ray tracing. Step Functions: Edit > Additional configuration > Enable \
         X-Ray tracing. AppSync: Settings > X-Ray. App Runner: Observability. The roles need \
         AWSXRayDaemonWriteAccess.",
        "Lambda は「設定」>「モニタリングおよび運用ツール」>「アクティブトレース」、REST API の\
         ステージは「ログとトレース」>「X-Ray トレース」、Step Functions は「編集」>「X-Ray \
         トレースを有効にする」、AppSync は「設定」>「X-Ray」、App Runner は\
         「オブザーバビリティ」で有効にします。ロールには AWSXRayDaemonWriteAccess が必要です。",
    ),
    remedy: Remedy::new(
        include_str!("workload_tracing/remedy.sh"),
        include_str!("workload_tracing/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/xray/latest/devguide/xray-services.html",
    criteria: Criteria { explicit: &["実46", "実102", "実102 3"], implied: &[] },
    resources: &[
        ResourceType::LAMBDA_FUNCTION,
        ResourceType::API_GATEWAY_STAGE,
        ResourceType::STEP_FUNCTIONS_STATE_MACHINE,
        ResourceType::APPSYNC_GRAPHQL_API,
        ResourceType::APP_RUNNER_SERVICE,
    ],
    trigger: Trigger::Change,
    placement: Placement::EveryRegion,
    actions: &[],
    parameters: &[SCOPE_TAG.spec, ACCEPT_OTHER_TRACER_TAG_KEY.spec],
    requirements: &[
        &LAMBDA_TRACING_OFF,
        &API_STAGE_TRACING_OFF,
        &STATE_MACHINE_TRACING_OFF,
        &APPSYNC_TRACING_OFF,
        &APPRUNNER_OBSERVABILITY_OFF,
    ],
    remarks: &[&OUTSIDE_SCOPE_TAG, &OTHER_TRACER, &EDGE_REPLICA],
    limits: Limits::SMALL,
    check: Check::Item(evaluate),
};

const SCOPE_TAG: Param<String> = Param::text(
    "scopeTag",
    "",
    Text::new(
        "Only resources with this tag are judged: a key, or key=value; empty: all",
        "評価対象を示すタグ(キー、またはキー=値。空の場合はすべて)",
    ),
);

const ACCEPT_OTHER_TRACER_TAG_KEY: Param<String> = Param::text(
    "acceptOtherTracerTagKey",
    "fisc:tracer",
    Text::new(
        "Tag of resources that another product traces",
        "他の製品でトレースしているリソースを示すタグのキー",
    ),
);

const LAMBDA_TRACING_OFF: Requirement = Requirement {
    code: "LAMBDA_TRACING_OFF",
    wave: 1,
    resources: &[ResourceType::LAMBDA_FUNCTION],
    title: Text::new(
        "The function begins no trace of its own",
        "関数のアクティブトレースが有効になっていません",
    ),
    rule: Text::new(
        "Fails when the tracing mode is not Active (configuration.tracingConfig.mode). \
         PassThrough goes on with a caller's trace only.",
        "トレースモードが Active でないとき不適合です(configuration.tracingConfig.mode)。\
         PassThrough は呼び出し元のトレースを引き継ぐだけです。",
    ),
};

const API_STAGE_TRACING_OFF: Requirement = Requirement {
    code: "API_STAGE_TRACING_OFF",
    wave: 1,
    resources: &[ResourceType::API_GATEWAY_STAGE],
    title: Text::new(
        "The stage of the REST API is not traced",
        "REST API のステージのトレースが無効です",
    ),
    rule: Text::new(
        "Fails when X-Ray tracing is not on (configuration.tracingEnabled; off is the default). \
         HTTP and WebSocket APIs have no such setting.",
        "X-Ray トレースが有効でないとき不適合です(configuration.tracingEnabled。既定は無効)。\
         HTTP API と WebSocket API にはこの設定がありません。",
    ),
};

const STATE_MACHINE_TRACING_OFF: Requirement = Requirement {
    code: "STATE_MACHINE_TRACING_OFF",
    wave: 2,
    resources: &[ResourceType::STEP_FUNCTIONS_STATE_MACHINE],
    title: Text::new("The state machine is not traced", "ステートマシンのトレースが無効です"),
    rule: Text::new(
        "Fails when tracing is not enabled (configuration.TracingConfiguration.Enabled); a state \
         machine for which it was never set has no such field.",
        "トレースが有効でないとき不適合です(configuration.TracingConfiguration.Enabled)。一度も設定\
         していないステートマシンにはこの項目がありません。",
    ),
};

const APPSYNC_TRACING_OFF: Requirement = Requirement {
    code: "APPSYNC_TRACING_OFF",
    wave: 2,
    resources: &[ResourceType::APPSYNC_GRAPHQL_API],
    title: Text::new("The GraphQL API is not traced", "GraphQL API のトレースが無効です"),
    rule: Text::new(
        "Fails when X-Ray is not on (configuration.XrayEnabled; off is the default).",
        "X-Ray が有効でないとき不適合です(configuration.XrayEnabled。既定は無効)。",
    ),
};

const APPRUNNER_OBSERVABILITY_OFF: Requirement = Requirement {
    code: "APPRUNNER_OBSERVABILITY_OFF",
    wave: 2,
    resources: &[ResourceType::APP_RUNNER_SERVICE],
    title: Text::new(
        "The App Runner service is not traced",
        "App Runner のサービスのトレースが無効です",
    ),
    rule: Text::new(
        "Fails when observability is not enabled \
         (configuration.ObservabilityConfiguration.ObservabilityEnabled; off is the default).",
        "オブザーバビリティが有効でないとき不適合です\
         (configuration.ObservabilityConfiguration.ObservabilityEnabled。既定は無効)。",
    ),
};

const OUTSIDE_SCOPE_TAG: Remark = Remark::new(
    "OUTSIDE_SCOPE_TAG",
    "The resource does not carry the tag of scopeTag",
    "scopeTag のタグが付いていません",
);

const OTHER_TRACER: Remark = Remark::new(
    "OTHER_TRACER",
    "The resource's tag says that another product traces it",
    "タグにより、他の製品でトレースしていることが示されています",
);

const EDGE_REPLICA: Remark = Remark::new(
    "EDGE_REPLICA",
    "A replica of a Lambda@Edge function, which cannot be traced",
    "Lambda@Edge のレプリカです(トレースできません)",
);

/// A type that can be traced: what fails when it is not, and whether it is.
struct Kind {
    resource_type: ResourceType,
    requirement: &'static Requirement,
    traced: fn(&Fields<'_>) -> Result<bool, ItemError>,
}

const KINDS: &[Kind] = &[
    Kind {
        resource_type: ResourceType::LAMBDA_FUNCTION,
        requirement: &LAMBDA_TRACING_OFF,
        traced: |fields| Ok(text(&part(fields, "tracingConfig")?, "mode")? == "Active"),
    },
    // The API references of the others give off as the default.
    Kind {
        resource_type: ResourceType::API_GATEWAY_STAGE,
        requirement: &API_STAGE_TRACING_OFF,
        traced: |fields| Ok(fields.flag("tracingEnabled")? == Some(true)),
    },
    Kind {
        resource_type: ResourceType::STEP_FUNCTIONS_STATE_MACHINE,
        requirement: &STATE_MACHINE_TRACING_OFF,
        traced: |fields| within(fields, "TracingConfiguration", "Enabled"),
    },
    Kind {
        resource_type: ResourceType::APPSYNC_GRAPHQL_API,
        requirement: &APPSYNC_TRACING_OFF,
        traced: |fields| Ok(fields.flag("XrayEnabled")? == Some(true)),
    },
    Kind {
        resource_type: ResourceType::APP_RUNNER_SERVICE,
        requirement: &APPRUNNER_OBSERVABILITY_OFF,
        traced: |fields| within(fields, "ObservabilityConfiguration", "ObservabilityEnabled"),
    },
];

/// Whether a flag inside an optional part is on.
fn within(fields: &Fields<'_>, part: &str, flag: &str) -> Result<bool, ItemError> {
    let Some(part) = fields.at(part)? else { return Ok(false) };
    Ok(part.flag(flag)? == Some(true))
}

fn evaluate(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let kind = KINDS
        .iter()
        .find(|kind| kind.resource_type.name == item.resource_type)
        .ok_or_else(|| Error::Control(format!("{} is not judged here", item.resource_type)))?;
    if is_edge_replica(item) {
        return Ok(Verdict::not_applicable(&EDGE_REPLICA));
    }
    let scope = run.parameters.get(&SCOPE_TAG);
    if !scope.is_empty() && !has_tag(&item.all_tags()?, &scope) {
        return Ok(Verdict::not_applicable(&OUTSIDE_SCOPE_TAG));
    }
    if (kind.traced)(&item.configuration()?)? {
        return Ok(Verdict::compliant());
    }
    let tracer = run.parameters.get(&ACCEPT_OTHER_TRACER_TAG_KEY);
    if !tracer.is_empty() && has_tag(&item.all_tags()?, &tracer) {
        return Ok(Verdict::not_applicable(&OTHER_TRACER));
    }
    let mut failures = Failures::new();
    failures.add(kind.requirement);
    Ok(failures.into_verdict())
}

/// Replicas of a Lambda@Edge function are in other Regions, under a name that begins with its
/// home.
fn is_edge_replica(item: &ConfigurationItem) -> bool {
    item.resource_type == ResourceType::LAMBDA_FUNCTION.name
        && item.resource_name.as_deref().unwrap_or(&item.resource_id).starts_with("us-east-1.")
}

#[cfg(test)]
mod tests {
    use fisc_shared::{Parameters, runner};
    use serde_json::{Value, json};

    use super::*;

    fn item(kind: &str, configuration: Value, tags: Value) -> Value {
        let mut item = fisc_testkit::events::item(kind, "res-1", configuration);
        item["tags"] = tags;
        item
    }

    fn judged(item: &Value, parameters: Value) -> Result<(&'static str, Vec<&'static str>), Error> {
        let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
        let parameters =
            Parameters::from_value(CONTROL.id, CONTROL.parameters, &parameters).unwrap();
        let run = Run {
            parameters: &parameters,
            now: "2026-11-21T00:00:00Z".parse().unwrap(),
            account_id: "111122223333",
            region: "ap-northeast-1",
            deadline: None,
            home: true,
            offline: true,
        };
        let verdict = runner::preview(&CONTROL, &item, &run)?.expect("decided by the item");
        let codes = verdict.reasons().iter().map(|reason| reason.code).collect();
        Ok((verdict.compliance().as_str(), codes))
    }

    const FUNCTION: &str = "AWS::Lambda::Function";

    fn function(mode: &str) -> Value {
        json!({"functionName": "transfer", "runtime": "provided.al2023",
               "tracingConfig": {"mode": mode}})
    }

    #[test]
    fn every_type_is_traced_or_not() {
        for (kind, configuration, code) in [
            (FUNCTION, function("Active"), ""),
            (FUNCTION, function("PassThrough"), "LAMBDA_TRACING_OFF"),
            ("AWS::ApiGateway::Stage", json!({"stageName": "v1", "tracingEnabled": true}), ""),
            (
                "AWS::ApiGateway::Stage",
                json!({"stageName": "v1", "tracingEnabled": false}),
                "API_STAGE_TRACING_OFF",
            ),
            ("AWS::ApiGateway::Stage", json!({"stageName": "v1"}), "API_STAGE_TRACING_OFF"),
            (
                "AWS::StepFunctions::StateMachine",
                json!({"StateMachineName": "s", "TracingConfiguration": {"Enabled": true}}),
                "",
            ),
            (
                "AWS::StepFunctions::StateMachine",
                json!({"StateMachineName": "s", "TracingConfiguration": {"Enabled": false}}),
                "STATE_MACHINE_TRACING_OFF",
            ),
            // Never set, the part is absent.
            (
                "AWS::StepFunctions::StateMachine",
                json!({"StateMachineName": "s"}),
                "STATE_MACHINE_TRACING_OFF",
            ),
            ("AWS::AppSync::GraphQLApi", json!({"Name": "g", "XrayEnabled": true}), ""),
            (
                "AWS::AppSync::GraphQLApi",
                json!({"Name": "g", "XrayEnabled": false}),
                "APPSYNC_TRACING_OFF",
            ),
            (
                "AWS::AppRunner::Service",
                json!({"ObservabilityConfiguration": {"ObservabilityEnabled": true}}),
                "",
            ),
            (
                "AWS::AppRunner::Service",
                json!({"ObservabilityConfiguration": {"ObservabilityEnabled": false}}),
                "APPRUNNER_OBSERVABILITY_OFF",
            ),
            (
                "AWS::AppRunner::Service",
                json!({"ServiceName": "web"}),
                "APPRUNNER_OBSERVABILITY_OFF",
            ),
        ] {
            let expected =
                if code.is_empty() { ("COMPLIANT", vec![]) } else { ("NON_COMPLIANT", vec![code]) };
            let item = item(kind, configuration, json!({}));
            assert_eq!(judged(&item, json!({})).unwrap(), expected, "{item}");
        }
    }

    #[test]
    fn tags_set_the_scope_and_name_other_tracers() {
        let plain = item(FUNCTION, function("PassThrough"), json!({"env": "prod"}));
        const OFF: (&str, &str) = ("NON_COMPLIANT", "LAMBDA_TRACING_OFF");
        for (scope, (compliance, code)) in [
            ("env", OFF),
            ("env=prod", OFF),
            ("env=test", ("NOT_APPLICABLE", "OUTSIDE_SCOPE_TAG")),
            ("team", ("NOT_APPLICABLE", "OUTSIDE_SCOPE_TAG")),
        ] {
            let expected = (compliance, vec![code]);
            assert_eq!(judged(&plain, json!({"scopeTag": scope})).unwrap(), expected, "{scope}");
        }
        let otel = item(FUNCTION, function("PassThrough"), json!({"fisc:tracer": "otel"}));
        assert_eq!(judged(&otel, json!({})).unwrap(), ("NOT_APPLICABLE", vec!["OTHER_TRACER"]));
        let other = json!({"acceptOtherTracerTagKey": "apm"});
        assert_eq!(judged(&otel, other).unwrap(), (OFF.0, vec![OFF.1]));
        assert_eq!(
            judged(&otel, json!({"acceptOtherTracerTagKey": ""})).unwrap(),
            (OFF.0, vec![OFF.1])
        );
    }

    #[test]
    fn replicas_at_the_edge_are_left_out() {
        let mut replica = item(FUNCTION, function("PassThrough"), json!({}));
        replica["resourceName"] = json!("us-east-1.auth-at-edge");
        replica["resourceId"] = json!("us-east-1.auth-at-edge");
        let expected = ("NOT_APPLICABLE", vec!["EDGE_REPLICA"]);
        assert_eq!(judged(&replica, json!({})).unwrap(), expected);
    }

    #[test]
    fn what_an_item_must_carry_is_missed() {
        let bare = item(FUNCTION, json!({"functionName": "transfer"}), json!({}));
        let error = judged(&bare, json!({})).unwrap_err().to_string();
        assert!(error.contains("configuration.tracingConfig is missing"), "{error}");
        // Without tags nobody knows whether another product traces it.
        let mut untagged = item(FUNCTION, function("PassThrough"), json!({}));
        untagged.as_object_mut().unwrap().remove("tags");
        let error = judged(&untagged, json!({})).unwrap_err().to_string();
        assert!(error.contains("tags"), "{error}");
    }
}
