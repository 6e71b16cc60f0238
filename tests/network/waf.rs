//! End-to-end: the real `network` binary and `web-acl`, by what WAF and Config's inventory answer.

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_network::web_acl;
use fisc_shared::Control;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::{Value, json};

const RULE: &str = "fisc-web-acl";
const CONTROL: &Control = &web_acl::CONTROL;

fn start(aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", CONTROL.id), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_network"), aws, &env)
}

fn assert_held(aws: &FakeAws, id: &str, expected: &[&str]) {
    let result = aws.config().result(RULE, id).expect(id);
    let held = format!("{} {}", result.compliance, result.annotation.unwrap_or_default());
    assert!(expected.iter().all(|one| held.contains(one)), "{id}: {held}");
}

fn recorded(resource_type: &str, id: &str, arn: &str, configuration: Value) -> Value {
    let mut item = events::item(resource_type, id, configuration);
    item["ARN"] = json!(arn);
    item
}

fn load_balancer(name: &str, scheme: &str) -> Value {
    let arn = format!("arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/{name}/1");
    let configuration = json!({"loadBalancerArn": arn, "loadBalancerName": name,
                               "type": "application", "scheme": scheme});
    recorded("AWS::ElasticLoadBalancingV2::LoadBalancer", &arn, &arn, configuration)
}

fn graphql_api(id: &str) -> Value {
    let arn = format!("arn:aws:appsync:{REGION}:{ACCOUNT}:apis/{id}");
    recorded("AWS::AppSync::GraphQLApi", id, &arn, json!({"ApiId": id, "Arn": arn}))
}

fn user_pool(id: &str) -> Value {
    let arn = format!("arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{id}");
    recorded("AWS::Cognito::UserPool", id, &arn, json!({"UserPoolId": id, "Arn": arn}))
}

fn stage(api: &str, acl: &Value) -> Value {
    let arn = format!("arn:aws:apigateway:{REGION}::/restapis/{api}/stages/prod");
    let configuration = json!({"stageName": "prod", "deploymentId": "1", "webAclArn": acl});
    recorded("AWS::ApiGateway::Stage", &arn, &arn, configuration)
}

fn rest_api(id: &str, endpoint: &str) -> Value {
    let arn = format!("arn:aws:apigateway:{REGION}::/restapis/{id}");
    let configuration = json!({"id": id, "endpointConfiguration": {"types": [endpoint]}});
    recorded("AWS::ApiGateway::RestApi", &arn, &arn, configuration)
}

fn distribution(id: &str, acl: &str) -> Value {
    let arn = format!("arn:aws:cloudfront::{ACCOUNT}:distribution/{id}");
    let configuration = json!({"distributionConfig": {"enabled": true, "webACLId": acl}});
    recorded("AWS::CloudFront::Distribution", id, &arn, configuration)
}

fn arn(name: &str) -> String {
    format!("arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/webacl/{name}/id-{name}")
}

fn global(name: &str) -> String {
    format!("arn:aws:wafv2:us-east-1:{ACCOUNT}:global/webacl/{name}/id-{name}")
}

fn group_arn() -> String {
    format!("arn:aws:wafv2:{REGION}:{ACCOUNT}:regional/rulegroup/limits/g1")
}

fn acl_item(arn: &str) -> Value {
    let name = arn.split('/').nth(2).unwrap();
    recorded("AWS::WAFv2::WebACL", name, arn, json!({"name": name, "defaultAction": "ALLOW"}))
}

fn seen() -> Value {
    json!({"SampledRequestsEnabled": true, "CloudWatchMetricsEnabled": true, "MetricName": "hbg"})
}

fn managed(action: &str, overrides: &Value) -> Value {
    json!({"Name": "common", "Priority": 1, "OverrideAction": {action: {}},
           "VisibilityConfig": seen(),
           "Statement": {"ManagedRuleGroupStatement": {
               "VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet",
               "RuleActionOverrides": overrides}}})
}

fn rate(action: &str) -> Value {
    json!({"Name": "per-address", "Priority": 2, "Action": {action: {}},
           "VisibilityConfig": seen(),
           "Statement": {"RateBasedStatement": {
               "Limit": 2000, "EvaluationWindowSec": 300, "AggregateKeyType": "IP"}}})
}

fn group() -> Value {
    json!({"Name": "own", "Priority": 3, "OverrideAction": {"None": {}},
           "VisibilityConfig": seen(),
           "Statement": {"RuleGroupReferenceStatement": {"ARN": group_arn()}}})
}

fn acl(arn: &str, rules: &[Value]) -> Value {
    let name = arn.split('/').nth(2).unwrap();
    json!({"Name": name, "Id": format!("id-{name}"), "ARN": arn, "DefaultAction": {"Allow": {}},
           "Rules": rules, "VisibilityConfig": seen()})
}

/// Sets what WAF tells of a web ACL.
fn exists(aws: &FakeAws, arn: &str, rules: &[Value], logged: bool) {
    let waf = aws.stub("wafv2");
    let scope = if arn.contains(":global/") { "CLOUDFRONT" } else { "REGIONAL" };
    let name = arn.split('/').nth(2).unwrap();
    let of = json!({"Name": name, "Scope": scope, "Id": format!("id-{name}")});
    waf.when("GetWebACL", of, json!({"WebACL": acl(arn, rules)}));
    if logged {
        let group = format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:aws-waf-logs-hbg");
        let logging = json!({"ResourceArn": arn, "LogDestinationConfigs": [group]});
        let of = json!({"ResourceArn": arn, "LogScope": "CUSTOMER"});
        waf.when("GetLoggingConfiguration", of, json!({"LoggingConfiguration": logging}));
    }
}

/// A bank's web front, good and bad parts of it.
fn workload(aws: &FakeAws) {
    let waf = aws.stub("wafv2");
    waf.fails("GetWebACLForResource", "WAFNonexistentItemException", 400);
    waf.fails("GetLoggingConfiguration", "WAFNonexistentItemException", 400);
    waf.empty("ListResourcesForWebACL");
    let associated = |item: &Value| {
        let of = json!({"ResourceArn": item["ARN"]});
        let answer = json!({"WebACL": acl(&arn("good"), &[])});
        waf.when("GetWebACLForResource", of, answer);
    };
    associated(&load_balancer("web", "internet-facing"));
    associated(&user_pool("ap-northeast-1_good"));
    // "None" is an empty answer for load balancers, and an error for others.
    let of = json!({"ResourceArn": load_balancer("bare", "internet-facing")["ARN"]});
    waf.when("GetWebACLForResource", of, json!({}));

    exists(aws, &arn("good"), &[managed("None", &json!([])), rate("Block")], true);
    exists(aws, &arn("counting"), &[managed("Count", &json!([])), rate("Count")], false);
    let tuned = json!([{"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}]);
    exists(aws, &arn("grouped"), &[managed("None", &tuned), group()], true);
    for name in ["good", "counting", "grouped"] {
        let kind = match name {
            "good" => "APPLICATION_LOAD_BALANCER",
            "counting" => "COGNITO_USER_POOL",
            _ => "VERIFIED_ACCESS_INSTANCE",
        };
        let of = json!({"WebACLArn": arn(name), "ResourceType": kind});
        let resource = load_balancer("web", "internet-facing")["ARN"].clone();
        waf.when("ListResourcesForWebACL", of, json!({"ResourceArns": [resource]}));
    }
    // Osaka has no App Runner.
    let of = json!({"ResourceType": "APP_RUNNER_SERVICE"});
    waf.fails_when("ListResourcesForWebACL", of, "WAFInvalidParameterException", 400);
    waf.when(
        "GetRuleGroup",
        json!({"ARN": group_arn()}),
        json!({"LockToken": "t", "RuleGroup": {
            "Name": "limits", "Id": "g1", "ARN": group_arn(), "Capacity": 2,
            "VisibilityConfig": seen(), "Rules": [rate("Block")]}}),
    );
    waf.when(
        "DescribeManagedRuleGroup",
        json!({"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet", "Scope": "REGIONAL"}),
        json!({"Rules": [
            {"Name": "SizeRestrictions_BODY", "Action": {"Block": {}}},
            {"Name": "GenericLFI_BODY", "Action": {"Block": {}}}]}),
    );

    aws.config().page(2);
    for item in [
        load_balancer("web", "internet-facing"),
        load_balancer("bare", "internet-facing"),
        load_balancer("inside", "internal"),
        graphql_api("bare-api"),
        user_pool("ap-northeast-1_good"),
        user_pool("ap-northeast-1_bare"),
        acl_item(&arn("good")),
        acl_item(&arn("counting")),
        acl_item(&arn("grouped")),
        acl_item(&arn("idle")),
        // Judged when they change, not by the schedule.
        stage("public", &Value::Null),
        distribution("E1", ""),
        rest_api("public", "REGIONAL"),
        rest_api("hidden", "PRIVATE"),
        rest_api("edge", "EDGE"),
    ] {
        aws.config().record(&item);
    }
}

#[test]
fn the_schedule_asks_waf_of_entry_points_and_web_acls() {
    let aws = aws_for(CONTROL);
    workload(&aws);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    let id = |name: &str| load_balancer(name, "")["resourceId"].as_str().unwrap().to_owned();
    for (id, expected) in [
        (id("web").as_str(), vec!["COMPLIANT"]),
        (id("bare").as_str(), vec!["NON_COMPLIANT ALB_WITHOUT_WEB_ACL"]),
        (id("inside").as_str(), vec!["NOT_APPLICABLE INTERNAL_ENTRY_POINT"]),
        ("bare-api", vec!["NON_COMPLIANT GRAPHQL_API_WITHOUT_WEB_ACL"]),
        ("ap-northeast-1_good", vec!["COMPLIANT"]),
        ("ap-northeast-1_bare", vec!["NON_COMPLIANT USER_POOL_WITHOUT_WEB_ACL"]),
        ("good", vec!["COMPLIANT"]),
        (
            "counting",
            vec![
                "NON_COMPLIANT MANAGED_RULES_MISSING",
                "RATE_RULE_MISSING",
                "NOTHING_BLOCKS",
                "WEB_ACL_LOGGING_DISABLED",
            ],
        ),
        ("grouped", vec!["COMPLIANT"]),
        ("idle", vec!["NOT_APPLICABLE WEB_ACL_NOT_ASSOCIATED"]),
    ] {
        assert_held(&aws, id, &expected);
    }
    assert!(!aws.config().result(RULE, "good").unwrap().compliance.contains("NON"));
    assert_eq!(aws.config().results(RULE).len(), 10);
    // Nothing of CloudFront is here: no question about distributions, nor in the other Region.
    assert!(aws.calls().iter().all(|call| call.region == REGION));

    let mut called = actions_of(&aws.calls());
    // WAF asks these on the caller's behalf.
    let of_waf = |action: &&str| !action.starts_with("wafv2:") && !action.starts_with("config:");
    called.extend(CONTROL.actions.iter().map(|one| one.name).filter(of_waf).map(str::to_owned));
    for item in [load_balancer("web", "internet-facing"), graphql_api("bare-api")] {
        lambda.invoke(events::oversized(&rule, &item, &Value::Null)).unwrap();
    }
    called.extend(actions_of(&aws.calls()));
    assert_all_needed(CONTROL, &called);
}

#[test]
fn changes_of_stages_ask_for_the_endpoint_of_their_api() {
    let aws = aws_for(CONTROL);
    workload(&aws);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    for (api, acl, expected) in [
        ("public", Value::Null, "NON_COMPLIANT API_STAGE_WITHOUT_WEB_ACL"),
        ("edge", Value::Null, "NON_COMPLIANT API_STAGE_WITHOUT_WEB_ACL"),
        ("hidden", Value::Null, "NOT_APPLICABLE INTERNAL_ENTRY_POINT"),
        ("unrecorded", json!(arn("good")), "COMPLIANT"),
    ] {
        let item = stage(api, &acl);
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
        assert_held(&aws, item["resourceId"].as_str().unwrap(), &[expected]);
    }
    let item = stage("unrecorded", &Value::Null);
    let error = lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap_err();
    assert!(error.message.contains("unrecorded"), "{}", error.message);
    for (id, acl, expected) in [
        ("E1", String::new(), "NON_COMPLIANT DISTRIBUTION_WITHOUT_WEB_ACL"),
        ("E2", global("edge"), "COMPLIANT"),
    ] {
        lambda.invoke(events::change(&rule, &distribution(id, &acl), &Value::Null)).unwrap();
        assert_held(&aws, id, &[expected]);
    }
}

#[test]
fn web_acls_of_cloudfront_are_asked_for_in_us_east_1() {
    let aws = aws_for(CONTROL);
    workload(&aws);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let rules = [managed("None", &json!([])), rate("Block")];
    exists(&aws, &global("edge"), &rules, true);
    exists(&aws, &global("unlogged"), &rules, false);
    exists(&aws, &global("amplify"), &rules, true);
    // An answer from elsewhere would be refused.
    aws.stub("wafv2").in_region(REGION).fails("GetWebACL", "WAFInvalidParameterException", 400);
    aws.config().record(&distribution("E2", &global("edge")));
    aws.config().record(&distribution("E3", &global("unlogged")));
    let of = json!({"WebACLArn": global("amplify"), "ResourceType": "AMPLIFY"});
    let apps = json!({"ResourceArns": [format!("arn:aws:amplify:{REGION}:{ACCOUNT}:apps/d1")]});
    aws.stub("wafv2").when("ListResourcesForWebACL", of, apps);
    for (name, expected) in [
        ("edge", "COMPLIANT"),
        ("unlogged", "NON_COMPLIANT WEB_ACL_LOGGING_DISABLED"),
        ("amplify", "COMPLIANT"),
        ("nobody", "NOT_APPLICABLE WEB_ACL_NOT_ASSOCIATED"),
    ] {
        let item = acl_item(&global(name));
        lambda.invoke(events::change(&rule, &item, &Value::Null)).unwrap();
        assert_held(&aws, name, &[expected]);
    }
    let calls = aws.calls();
    assert!(calls.iter().filter(|one| one.service == "wafv2").all(|one| one.region == "us-east-1"));
}

#[test]
fn logs_count_that_keep_something_at_a_place_of_the_customer() {
    let aws = aws_for(CONTROL);
    workload(&aws);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let target = format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:aws-waf-logs-hbg");
    let filter = |behavior: &str| {
        json!({"DefaultBehavior": "DROP", "Filters": [{
            "Behavior": behavior, "Requirement": "MEETS_ANY",
            "Conditions": [{"ActionCondition": {"Action": "BLOCK"}}]}]})
    };
    for (scope, logging, expected) in [
        ("CUSTOMER", json!({"LogDestinationConfigs": [target]}), "COMPLIANT"),
        ("CUSTOMER", json!({"LogDestinationConfigs": []}), "NON_COMPLIANT"),
        (
            "CUSTOMER",
            json!({"LogDestinationConfigs": [target], "LoggingFilter": filter("KEEP")}),
            "COMPLIANT",
        ),
        (
            "CUSTOMER",
            json!({"LogDestinationConfigs": [target], "LoggingFilter": filter("DROP")}),
            "NON_COMPLIANT",
        ),
        (
            "CLOUDWATCH_TELEMETRY_RULE_MANAGED",
            json!({"LogDestinationConfigs": [target]}),
            "COMPLIANT",
        ),
        ("SECURITY_LAKE", json!({"LogDestinationConfigs": [target]}), "NON_COMPLIANT"),
    ] {
        let name = arn("fresh");
        exists(&aws, &name, &[managed("None", &json!([])), rate("Block")], false);
        let waf = aws.stub("wafv2");
        for other in ["CUSTOMER", "CLOUDWATCH_TELEMETRY_RULE_MANAGED", "SECURITY_LAKE"] {
            let of = json!({"ResourceArn": name, "LogScope": other});
            waf.fails_when("GetLoggingConfiguration", of, "WAFNonexistentItemException", 400);
        }
        let mut configuration = logging.clone();
        configuration["ResourceArn"] = json!(name);
        let of = json!({"ResourceArn": name, "LogScope": scope});
        waf.when("GetLoggingConfiguration", of, json!({"LoggingConfiguration": configuration}));
        let every = json!({"onlyAssociatedAcl": false});
        lambda.invoke(events::change(&rule, &acl_item(&name), &every)).unwrap();
        let held = aws.config().result(RULE, "fresh").unwrap();
        assert_eq!(held.compliance, expected, "{scope} {logging}");
    }
}

#[test]
fn deployment_by_templates_is_asked_for_on_request() {
    let aws = aws_for(CONTROL);
    workload(&aws);
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    let asked = json!({"requireIac": true});
    let mut item = acl_item(&arn("good"));
    lambda.invoke(events::change(&rule, &item, &asked)).unwrap();
    assert_held(&aws, "good", &["NON_COMPLIANT NOT_DEPLOYED_BY_IAC"]);
    item["tags"] = json!({"aws:cloudformation:stack-name": "hbg-edge"});
    lambda.invoke(events::change(&rule, &item, &asked)).unwrap();
    assert_eq!(aws.config().result(RULE, "good").unwrap().compliance, "COMPLIANT");
    // Firewall Manager deploys by policy.
    let mut managed_acl = acl(&arn("fms"), &[managed("None", &json!([])), rate("Block")]);
    managed_acl["ManagedByFirewallManager"] = json!(true);
    exists(&aws, &arn("fms"), &[], true);
    let of = json!({"Name": "fms", "Scope": "REGIONAL", "Id": "id-fms"});
    aws.stub("wafv2").when("GetWebACL", of, json!({"WebACL": managed_acl}));
    let every = json!({"requireIac": true, "onlyAssociatedAcl": false});
    lambda.invoke(events::change(&rule, &acl_item(&arn("fms")), &every)).unwrap();
    assert_eq!(aws.config().result(RULE, "fms").unwrap().compliance, "COMPLIANT");
}

#[test]
fn a_denied_call_fails_the_schedule_and_writes_nothing() {
    for (service, operation, action) in [
        ("wafv2", "GetWebACLForResource", "wafv2:GetWebACLForResource"),
        ("wafv2", "ListResourcesForWebACL", "wafv2:ListResourcesForWebACL"),
        ("wafv2", "GetWebACL", "wafv2:GetWebACL"),
        ("wafv2", "GetRuleGroup", "wafv2:GetRuleGroup"),
        ("wafv2", "DescribeManagedRuleGroup", "wafv2:DescribeManagedRuleGroup"),
        ("wafv2", "GetLoggingConfiguration", "wafv2:GetLoggingConfiguration"),
        ("config", "SelectResourceConfig", "config:SelectResourceConfig"),
    ] {
        let aws = aws_for(CONTROL);
        workload(&aws);
        aws.fault(service, operation, Fault::Denied);
        let rule = aws.config().rule(RULE);
        let error = start(&aws).invoke(events::scheduled(&rule, &Value::Null)).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(error.message.contains(&format!("{action} failed")), "{}", error.message);
        // There is a way out where the group is another account's.
        let hint = error.message.contains("vouchedRuleGroups");
        assert_eq!(hint, operation == "GetRuleGroup", "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}

#[test]
fn a_web_acl_deleted_since_it_was_recorded_is_left_out() {
    let aws = aws_for(CONTROL);
    let waf = aws.stub("wafv2");
    waf.fails("GetWebACL", "WAFNonexistentItemException", 400);
    waf.returns("ListResourcesForWebACL", json!({"ResourceArns": ["arn:aws:x"]}));
    aws.config().record(&acl_item(&arn("gone")));
    let rule = aws.config().rule(RULE);
    let mut lambda = start(&aws);
    lambda.invoke(events::scheduled(&rule, &Value::Null)).unwrap();
    assert!(aws.config().result(RULE, "gone").is_none());
    // After a change it is too early to tell: the run is tried again.
    let changed = events::change(&rule, &acl_item(&arn("gone")), &Value::Null);
    assert!(lambda.invoke(changed).unwrap_err().message.contains("WAFNonexistentItemException"));
}
