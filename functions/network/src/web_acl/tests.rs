#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod rules;

use fisc_shared::{ConfigurationItem, Error, Parameters, Run, Verdict};
use fisc_testkit::events;
use serde_json::{Value, json};

use super::CONTROL;
use super::entry::{AclArn, is_private};
use super::services::preview;

const ACL: &str = "arn:aws:wafv2:ap-northeast-1:111122223333:regional/webacl/hbg-web/4a5b";
const GLOBAL: &str = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/hbg-edge/9f8e";

/// Calls `work` with a run of these parameters.
fn with<T>(parameters: &Value, work: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    work(&Run {
        parameters: &parameters,
        now: "2026-11-21T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline: false,
    })
}

fn try_preview(item: &Value, parameters: &Value) -> Result<Option<Verdict>, Error> {
    let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
    with(parameters, |run| preview(&item, run))
}

/// `PASS`, `ASK`, or the code with its message.
fn told(item: &Value, parameters: &Value) -> String {
    match try_preview(item, parameters).unwrap() {
        None => "ASK".to_owned(),
        Some(verdict) => match verdict.reasons() {
            [] => "PASS".to_owned(),
            [reason] => format!("{}: {}", reason.code, reason.message.en),
            more => panic!("{more:?}"),
        },
    }
}

fn assert_told(item: &Value, parameters: &Value, expected: &str) {
    let told = told(item, parameters);
    assert!(told.starts_with(expected), "{told}, expected {expected}: {item}");
}

fn load_balancer(kind: &str, scheme: &str) -> Value {
    let arn = "arn:aws:elasticloadbalancing:ap-northeast-1:111122223333:loadbalancer/app/web/50dc";
    events::item(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        arn,
        json!({"loadBalancerArn": arn, "type": kind, "scheme": scheme, "state": {"code": "active"}}),
    )
}

fn distribution(acl: &Value) -> Value {
    events::item(
        "AWS::CloudFront::Distribution",
        "E31V0VAAPINP3I",
        json!({"distributionConfig": {"enabled": true, "webACLId": acl}}),
    )
}

fn stage(acl: &Value) -> Value {
    let arn = "arn:aws:apigateway:ap-northeast-1::/restapis/a1b2c3/stages/prod";
    let mut item = events::item(
        "AWS::ApiGateway::Stage",
        arn,
        json!({"stageName": "prod", "deploymentId": "jmlwbd", "webAclArn": acl}),
    );
    item["ARN"] = json!(arn);
    item
}

fn graphql_api(visibility: &Value) -> Value {
    events::item(
        "AWS::AppSync::GraphQLApi",
        "abc",
        json!({"ApiId": "abc", "Name": "hbg", "Visibility": visibility,
               "Arn": "arn:aws:appsync:ap-northeast-1:111122223333:apis/abc"}),
    )
}

#[test]
fn what_the_internet_does_not_reach_is_out_of_scope_unless_asked_for() {
    let none = json!({});
    let internal = json!({"includeInternal": true});
    for (item, parameters, expected) in [
        (load_balancer("application", "internet-facing"), &none, "ASK"),
        (load_balancer("application", "internal"), &none, "INTERNAL_ENTRY_POINT"),
        (load_balancer("application", "internal"), &internal, "ASK"),
        (load_balancer("network", "internet-facing"), &internal, "NOT_AN_ALB"),
        (load_balancer("gateway", "internal"), &none, "NOT_AN_ALB"),
        (graphql_api(&json!("GLOBAL")), &none, "ASK"),
        (graphql_api(&Value::Null), &none, "ASK"),
        (graphql_api(&json!("PRIVATE")), &none, "INTERNAL_ENTRY_POINT"),
        (graphql_api(&json!("PRIVATE")), &internal, "ASK"),
        // Whether the API of the stage is a private one, the stage does not tell.
        (stage(&Value::Null), &none, "ASK"),
        (stage(&Value::Null), &internal, "API_STAGE_WITHOUT_WEB_ACL"),
    ] {
        assert_told(&item, parameters, expected);
    }
    let pool = events::item(
        "AWS::Cognito::UserPool",
        "ap-northeast-1_abc",
        json!({"UserPoolId": "ap-northeast-1_abc",
               "Arn": "arn:aws:cognito-idp:ap-northeast-1:111122223333:userpool/ap-northeast-1_abc"}),
    );
    assert_told(&pool, &none, "ASK");
    let acl = events::item("AWS::WAFv2::WebACL", "4a5b", json!({"name": "hbg-web"}));
    assert_told(&acl, &none, "ASK");
}

#[test]
fn distributions_and_stages_name_their_web_acl() {
    let none = json!({});
    let classic = "arn:aws:waf-regional:ap-northeast-1:111122223333:webacl/5c6d";
    for (item, expected) in [
        (distribution(&json!(GLOBAL)), "PASS"),
        (distribution(&json!("")), "DISTRIBUTION_WITHOUT_WEB_ACL: The distribution has no"),
        // WAF Classic: a bare id, or an ARN of another service.
        (
            distribution(&json!("473e64fd-f30b-4765-81a0-62ad96dd167a")),
            "DISTRIBUTION_WITHOUT_WEB_ACL: Its web ACL is one of WAF Classic",
        ),
        (stage(&json!(ACL)), "PASS"),
        (stage(&json!(classic)), "API_STAGE_WITHOUT_WEB_ACL: Its web ACL is one of WAF Classic"),
    ] {
        assert_told(&item, &none, expected);
    }
    let mut disabled = distribution(&json!(""));
    disabled["configuration"]["distributionConfig"]["enabled"] = json!(false);
    assert_told(&disabled, &none, "DISTRIBUTION_DISABLED");
    // An empty text is none.
    assert_told(&stage(&json!("")), &none, "ASK");
}

#[test]
fn only_the_allowed_web_acls_count_when_there_is_a_list() {
    let allowed = json!({"allowedWebAclArns": [GLOBAL, ACL]});
    assert_told(&distribution(&json!(GLOBAL)), &allowed, "PASS");
    assert_told(&stage(&json!(ACL)), &allowed, "PASS");
    let other = GLOBAL.replace("hbg-edge", "somebody");
    assert_told(
        &distribution(&json!(other)),
        &allowed,
        "DISTRIBUTION_WITHOUT_WEB_ACL: Its web ACL somebody is not one of allowedWebAclArns",
    );
}

#[test]
fn a_tag_tells_of_the_waf_of_another_vendor() {
    let mut item = distribution(&json!(""));
    item["tags"] = json!({"fisc:third-party-waf": "vendor"});
    assert_told(&item, &json!({}), "THIRD_PARTY_WAF");
    let other = json!({"thirdPartyWafTagKey": "waf"});
    assert_told(&item, &other, "DISTRIBUTION_WITHOUT_WEB_ACL");
    let off = json!({"thirdPartyWafTagKey": ""});
    assert_told(&item, &off, "DISTRIBUTION_WITHOUT_WEB_ACL");
    // Where the item has tags nowhere, the tag may still exist.
    item["tags"] = Value::Null;
    assert!(try_preview(&item, &json!({})).unwrap_err().to_string().contains("tags"));
}

#[test]
fn what_the_item_lacks_is_no_verdict() {
    for (item, field) in [
        (load_balancer("application", "internet-facing"), "type"),
        (load_balancer("application", "internet-facing"), "scheme"),
    ] {
        let mut item = item;
        item["configuration"][field] = Value::Null;
        let error = try_preview(&item, &json!({})).unwrap_err().to_string();
        assert!(error.contains(&format!("configuration.{field} is missing")), "{error}");
    }
    for field in ["enabled", "webACLId"] {
        let mut item = distribution(&json!(GLOBAL));
        item["configuration"]["distributionConfig"][field] = Value::Null;
        let error = try_preview(&item, &json!({})).unwrap_err().to_string();
        assert!(error.contains(&format!("distributionConfig.{field} is missing")), "{error}");
    }
    let mut item = stage(&Value::Null);
    item["ARN"] = json!("arn:aws:apigateway:ap-northeast-1::/restapis/a1b2c3");
    assert!(try_preview(&item, &json!({})).is_err());
}

#[test]
fn the_endpoint_of_the_api_tells_whether_it_is_private() {
    let api = |configuration: Value| {
        let item = events::item("AWS::ApiGateway::RestApi", "a1b2c3", configuration);
        ConfigurationItem::from_json(&item.to_string()).unwrap()
    };
    let types = |types: Value| api(json!({"endpointConfiguration": {"types": types}}));
    assert_eq!(is_private(&types(json!(["PRIVATE"]))), Ok(true));
    assert_eq!(is_private(&types(json!(["REGIONAL"]))), Ok(false));
    assert_eq!(is_private(&types(json!(["EDGE"]))), Ok(false));
    assert!(is_private(&types(Value::Null)).is_err());
    assert!(is_private(&api(json!({"id": "a1b2c3"}))).is_err());
}

#[test]
fn arns_of_web_acls() {
    let arn = AclArn::parse(GLOBAL).unwrap();
    assert_eq!((arn.global, arn.name, arn.id), (true, "hbg-edge", "9f8e"));
    assert!(!AclArn::parse(ACL).unwrap().global);
    assert!(AclArn::parse(&ACL.replace("arn:aws:", "arn:aws-cn:")).is_some());
    for other in [
        "",
        "473e64fd-f30b-4765-81a0-62ad96dd167a",
        "arn:aws:waf::111122223333:webacl/5c6d",
        "arn:aws:waf-regional:ap-northeast-1:111122223333:webacl/5c6d",
        "arn:aws:wafv2:ap-northeast-1:111122223333:regional/rulegroup/g/1",
        "arn:aws:wafv2:ap-northeast-1:111122223333:regional/webacl/g",
    ] {
        assert_eq!(AclArn::parse(other), None, "{other}");
    }
}
