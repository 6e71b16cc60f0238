//! What web ACLs do to requests.

use std::collections::BTreeMap;

use aws_sdk_wafv2::types::{
    AllowAction, BlockAction, CaptchaAction, ChallengeAction, CountAction, DefaultAction,
    ExcludedRule, FirewallManagerRuleGroup, FirewallManagerStatement, ManagedRuleGroupStatement,
    NoneAction, OverrideAction, RateBasedStatement, RateBasedStatementAggregateKeyType, Rule,
    RuleAction, RuleActionOverride, RuleGroupReferenceStatement, RuleSummary, Statement,
    VisibilityConfig, WebAcl,
};
use fisc_shared::verdict::Failures;
use serde_json::{Value, json};

use super::super::rules::{Acl, Contents, OwnRule, Source};
use super::with;

const OWN: &str = "arn:aws:wafv2:ap-northeast-1:111122223333:regional/rulegroup/hbg-limits/1a";
const COMMON: &str = "AWSManagedRulesCommonRuleSet";
const BAD_INPUTS: &str = "AWSManagedRulesKnownBadInputsRuleSet";

fn action(name: &str) -> RuleAction {
    let builder = RuleAction::builder();
    match name {
        "Block" => builder.block(BlockAction::builder().build()),
        "Captcha" => builder.captcha(CaptchaAction::builder().build()),
        "Challenge" => builder.challenge(ChallengeAction::builder().build()),
        "Allow" => builder.allow(AllowAction::builder().build()),
        "Count" => builder.count(CountAction::builder().build()),
        other => panic!("{other}"),
    }
    .build()
}

fn override_to(counted: bool) -> OverrideAction {
    let builder = OverrideAction::builder();
    if counted {
        builder.count(CountAction::builder().build()).build()
    } else {
        builder.none(NoneAction::builder().build()).build()
    }
}

fn seen() -> VisibilityConfig {
    VisibilityConfig::builder()
        .sampled_requests_enabled(true)
        .cloud_watch_metrics_enabled(true)
        .metric_name("hbg")
        .build()
        .unwrap()
}

fn rule(name: &str, statement: Statement, of: &str) -> Rule {
    let builder = Rule::builder().name(name).priority(1).statement(statement);
    builder.action(action(of)).visibility_config(seen()).build().unwrap()
}

fn grouped(statement: Statement, counted: bool) -> Rule {
    let builder = Rule::builder().name("group").priority(2).statement(statement);
    builder.override_action(override_to(counted)).visibility_config(seen()).build().unwrap()
}

fn plain(of: &str) -> Rule {
    rule("plain", Statement::builder().build(), of)
}

fn rate(limit: i64, window: Option<i64>, of: &str) -> Rule {
    let statement = RateBasedStatement::builder()
        .limit(limit)
        .set_evaluation_window_sec(window)
        .aggregate_key_type(RateBasedStatementAggregateKeyType::Ip)
        .build()
        .unwrap();
    rule("per-address", Statement::builder().rate_based_statement(statement).build(), of)
}

fn overridden(rules: &[(&str, &str)]) -> Vec<RuleActionOverride> {
    let one = |(name, of): &(&str, &str)| {
        RuleActionOverride::builder().name(*name).action_to_use(action(of)).build().unwrap()
    };
    rules.iter().map(one).collect()
}

fn managed_statement(name: &str, overrides: &[(&str, &str)]) -> ManagedRuleGroupStatement {
    ManagedRuleGroupStatement::builder()
        .vendor_name("AWS")
        .name(name)
        .set_rule_action_overrides(Some(overridden(overrides)))
        .build()
        .unwrap()
}

fn managed(name: &str, overrides: &[(&str, &str)], counted: bool) -> Rule {
    let statement = managed_statement(name, overrides);
    grouped(Statement::builder().managed_rule_group_statement(statement).build(), counted)
}

fn own_statement(overrides: &[(&str, &str)]) -> RuleGroupReferenceStatement {
    let overrides = Some(overridden(overrides));
    let builder = RuleGroupReferenceStatement::builder().arn(OWN);
    builder.set_rule_action_overrides(overrides).build().unwrap()
}

fn own(overrides: &[(&str, &str)], counted: bool) -> Rule {
    let statement = own_statement(overrides);
    grouped(Statement::builder().rule_group_reference_statement(statement).build(), counted)
}

fn acl(rules: Vec<Rule>) -> WebAcl {
    let allow = DefaultAction::builder().allow(AllowAction::builder().build()).build();
    let builder = WebAcl::builder().name("hbg-web").id("4a5b").arn(super::ACL);
    builder.default_action(allow).set_rules(Some(rules)).build().unwrap()
}

fn contents(source: &Source, rules: Vec<OwnRule>) -> Contents {
    BTreeMap::from([(source.clone(), rules)])
}

fn managed_source(name: &str) -> Source {
    Source::Managed { vendor: "AWS".to_owned(), name: name.to_owned(), version: None }
}

fn described(rules: &[(&str, &str)]) -> Vec<OwnRule> {
    let one = |(name, of): &(&str, &str)| {
        OwnRule::summary(&RuleSummary::builder().name(*name).action(action(of)).build())
    };
    rules.iter().map(one).collect()
}

/// The codes and messages of what fails.
fn failing(acl: &WebAcl, contents: &Contents, parameters: &Value) -> Vec<String> {
    let acl = Acl::of(acl).unwrap();
    let mut failures = Failures::new();
    with(parameters, |run| acl.judge(contents, run, &mut failures));
    let verdict = failures.into_verdict();
    let one = |reason: &fisc_shared::Reason| format!("{}: {}", reason.code, reason.message.en);
    verdict.reasons().iter().map(one).collect()
}

fn codes(acl: &WebAcl, contents: &Contents, parameters: &Value) -> Vec<String> {
    let failing = failing(acl, contents, parameters);
    failing.iter().map(|one| one.split(':').next().unwrap().to_owned()).collect()
}

fn questions(acl: &WebAcl, parameters: &Value) -> Vec<Source> {
    with(parameters, |run| Acl::of(acl).unwrap().open_questions(run))
}

#[test]
fn a_good_web_acl_passes_without_further_questions() {
    let good = acl(vec![managed(COMMON, &[], false), rate(2000, None, "Block")]);
    assert!(questions(&good, &json!({})).is_empty());
    assert!(codes(&good, &Contents::new(), &json!({})).is_empty());
}

#[test]
fn an_empty_web_acl_fails() {
    let mut empty = acl(vec![]);
    let all = ["WEB_ACL_EMPTY", "MANAGED_RULES_MISSING", "RATE_RULE_MISSING"];
    assert_eq!(codes(&empty, &Contents::new(), &json!({})), all);
    // One that blocks everything has no rule either.
    empty.default_action =
        Some(DefaultAction::builder().block(BlockAction::builder().build()).build());
    assert_eq!(codes(&empty, &Contents::new(), &json!({})), all);
}

#[test]
fn rate_limits_must_block_and_be_low_and_short_enough() {
    let with_rate = |rate: Rule| acl(vec![managed(COMMON, &[], false), rate]);
    let none = json!({});
    for (rule, parameters, fails) in [
        (rate(10_000, None, "Block"), &none, false),
        (rate(10_001, None, "Block"), &none, true),
        (rate(100, Some(60), "Captcha"), &none, false),
        (rate(100, Some(60), "Challenge"), &none, false),
        (rate(100, Some(600), "Block"), &none, true),
        (rate(100, Some(600), "Block"), &json!({"maxRateWindowSeconds": 600}), false),
        (rate(100, None, "Block"), &json!({"maxRateLimit": 50}), true),
        // The window that is not told is five minutes.
        (rate(100, None, "Block"), &json!({"maxRateWindowSeconds": 120}), true),
        (rate(100, None, "Count"), &none, true),
        (rate(100, None, "Allow"), &none, true),
        (plain("Block"), &none, true),
    ] {
        let failing = codes(&with_rate(rule.clone()), &Contents::new(), parameters);
        let expected: &[&str] = if fails { &["RATE_RULE_MISSING"] } else { &[] };
        assert_eq!(failing, expected, "{rule:?} {parameters}");
    }
    let message = &failing(&with_rate(rate(100, None, "Count")), &Contents::new(), &none)[0];
    assert!(message.contains("only count") && message.ends_with("per-address"), "{message}");
}

#[test]
fn a_rate_limit_may_be_in_a_rule_group_unless_it_is_overridden() {
    let source = Source::Own(OWN.to_owned());
    let limits = |of: &str| contents(&source, vec![OwnRule::of(&rate(500, None, of))]);
    let none = json!({});
    for (group, of, parameters, fails) in [
        (own(&[], false), "Block", &none, false),
        (own(&[], false), "Count", &none, true),
        (own(&[("per-address", "Count")], false), "Block", &none, true),
        (own(&[("per-address", "Block")], false), "Count", &none, false),
        (own(&[("another", "Count")], false), "Block", &none, false),
    ] {
        let acl = acl(vec![managed(COMMON, &[], false), group.clone()]);
        assert_eq!(questions(&acl, parameters), std::slice::from_ref(&source));
        let failing = codes(&acl, &limits(of), parameters);
        let expected: &[&str] = if fails { &["RATE_RULE_MISSING"] } else { &[] };
        assert_eq!(failing, expected, "{group:?} {of}");
    }
    // A group that only counts is not looked into.
    let counted = acl(vec![managed(COMMON, &[], false), own(&[], true)]);
    assert!(questions(&counted, &none).is_empty());
    assert_eq!(codes(&counted, &Contents::new(), &none), ["RATE_RULE_MISSING"]);
    // Nor is one that was vouched for; counting, it is worth nothing all the same.
    let vouched = json!({"vouchedRuleGroups": [OWN]});
    let acl_with = |counted| acl(vec![managed(COMMON, &[], false), own(&[], counted)]);
    assert!(questions(&acl_with(false), &vouched).is_empty());
    assert!(codes(&acl_with(false), &Contents::new(), &vouched).is_empty());
    assert_eq!(codes(&acl_with(true), &Contents::new(), &vouched), ["RATE_RULE_MISSING"]);
}

#[test]
fn managed_groups_that_only_count_are_not_in_force() {
    let none = json!({});
    let counting = acl(vec![managed(COMMON, &[], true), rate(100, None, "Block")]);
    assert_eq!(
        failing(&counting, &Contents::new(), &none),
        [format!("MANAGED_RULES_MISSING: The managed rule groups only count: {COMMON}")]
    );
    let missing = acl(vec![rate(100, None, "Block")]);
    assert_eq!(codes(&missing, &Contents::new(), &none), ["MANAGED_RULES_MISSING"]);

    // Some rules of the group count: its rules tell whether any still blocks.
    let source = managed_source(COMMON);
    let rules = described(&[("SizeRestrictions_BODY", "Block"), ("GenericLFI_BODY", "Block")]);
    for (overrides, fails) in [
        (vec![("SizeRestrictions_BODY", "Count")], false),
        (vec![("SizeRestrictions_BODY", "Count"), ("GenericLFI_BODY", "Count")], true),
        (vec![("SizeRestrictions_BODY", "Count"), ("GenericLFI_BODY", "Allow")], true),
        (vec![("SizeRestrictions_BODY", "Count"), ("GenericLFI_BODY", "Captcha")], false),
        // WAF ignores names that the group does not have.
        (vec![("SizeRestrictions_BODY", "Count"), ("genericLFI_BODY", "Count")], false),
    ] {
        let acl = acl(vec![managed(COMMON, &overrides, false), rate(100, None, "Block")]);
        assert_eq!(questions(&acl, &none), std::slice::from_ref(&source));
        let failing = codes(&acl, &contents(&source, rules.clone()), &none);
        let expected: &[&str] = if fails { &["MANAGED_RULES_MISSING"] } else { &[] };
        assert_eq!(failing, expected, "{overrides:?}");
    }
    // Another group is in force as a whole: no question.
    let two = acl(vec![
        managed(COMMON, &[("SizeRestrictions_BODY", "Count")], false),
        managed(BAD_INPUTS, &[], false),
        rate(100, None, "Block"),
    ]);
    assert!(questions(&two, &none).is_empty());
    assert!(codes(&two, &Contents::new(), &none).is_empty());
}

#[test]
fn excluded_rules_count_too() {
    let mut statement = managed_statement(COMMON, &[]);
    statement.excluded_rules =
        Some(vec![ExcludedRule::builder().name("NoUserAgent_HEADER").build().unwrap()]);
    let rule = grouped(Statement::builder().managed_rule_group_statement(statement).build(), false);
    let acl = acl(vec![rule, rate(100, None, "Block")]);
    let source = managed_source(COMMON);
    assert_eq!(questions(&acl, &json!({})), std::slice::from_ref(&source));
    let rules = described(&[("NoUserAgent_HEADER", "Block")]);
    let failing = codes(&acl, &contents(&source, rules), &json!({}));
    assert_eq!(failing, ["MANAGED_RULES_MISSING"]);
}

#[test]
fn named_groups_are_asked_for_on_request() {
    let each = json!({"acceptAnyManagedGroup": false});
    let limit = || rate(100, None, "Block");
    let both = acl(vec![managed(COMMON, &[], false), managed(BAD_INPUTS, &[], false), limit()]);
    assert!(codes(&both, &Contents::new(), &each).is_empty());
    let one = acl(vec![managed(COMMON, &[], false), managed(BAD_INPUTS, &[], true), limit()]);
    assert_eq!(
        failing(&one, &Contents::new(), &each),
        [format!(
            "MANAGED_RULES_MISSING: Managed rule groups that are missing or only count: {BAD_INPUTS}"
        )]
    );
    assert!(codes(&one, &Contents::new(), &json!({})).is_empty());
    // Only the groups that matter are looked up.
    let weakened = acl(vec![
        managed(COMMON, &[("a", "Count")], false),
        managed("AWSManagedRulesAmazonIpReputationList", &[("b", "Count")], false),
        limit(),
    ]);
    assert_eq!(questions(&weakened, &each), [managed_source(COMMON)]);
}

#[test]
fn groups_of_firewall_manager_count() {
    let group = |statement: FirewallManagerStatement, counted: bool| {
        FirewallManagerRuleGroup::builder()
            .name("fms")
            .priority(0)
            .firewall_manager_statement(statement)
            .override_action(override_to(counted))
            .visibility_config(seen())
            .build()
            .unwrap()
    };
    let managed = FirewallManagerStatement::builder()
        .managed_rule_group_statement(managed_statement(COMMON, &[]))
        .build();
    let own = FirewallManagerStatement::builder()
        .rule_group_reference_statement(own_statement(&[]))
        .build();
    let none = json!({});
    let limits =
        contents(&Source::Own(OWN.to_owned()), vec![OwnRule::of(&rate(500, None, "Block"))]);

    let mut acl = acl(vec![]);
    acl.pre_process_firewall_manager_rule_groups = Some(vec![group(managed.clone(), false)]);
    assert_eq!(codes(&acl, &Contents::new(), &none), ["RATE_RULE_MISSING"]);
    acl.post_process_firewall_manager_rule_groups = Some(vec![group(own.clone(), false)]);
    assert_eq!(questions(&acl, &none), [Source::Own(OWN.to_owned())]);
    assert!(codes(&acl, &limits, &none).is_empty());
    // A group of one's own counts as managed only where Firewall Manager brought it.
    acl.pre_process_firewall_manager_rule_groups = None;
    assert!(codes(&acl, &limits, &none).is_empty());
    acl.post_process_firewall_manager_rule_groups = Some(vec![group(own, true)]);
    let failing = codes(&acl, &Contents::new(), &none);
    assert_eq!(failing, ["MANAGED_RULES_MISSING", "RATE_RULE_MISSING", "NOTHING_BLOCKS"]);
}

#[test]
fn own_groups_are_no_managed_ones() {
    let acl = acl(vec![own(&[], false)]);
    let rules = vec![OwnRule::of(&rate(500, None, "Block"))];
    let failing = codes(&acl, &contents(&Source::Own(OWN.to_owned()), rules), &json!({}));
    assert_eq!(failing, ["MANAGED_RULES_MISSING"]);
}

#[test]
fn something_must_block() {
    let counting = || vec![managed(COMMON, &[], true), rate(100, None, "Count"), plain("Allow")];
    let all = ["MANAGED_RULES_MISSING", "RATE_RULE_MISSING", "NOTHING_BLOCKS"];
    let mut one = acl(counting());
    assert_eq!(codes(&one, &Contents::new(), &json!({})), all);
    one.default_action =
        Some(DefaultAction::builder().block(BlockAction::builder().build()).build());
    assert_eq!(codes(&one, &Contents::new(), &json!({})), all[..2]);
    let mut rules = counting();
    rules.push(plain("Block"));
    assert_eq!(codes(&acl(rules), &Contents::new(), &json!({})), all[..2]);
    // A group that is in force, but of which no rule blocks.
    let mut rules = counting();
    rules.push(own(&[], false));
    let inside = contents(&Source::Own(OWN.to_owned()), vec![OwnRule::of(&plain("Count"))]);
    assert_eq!(codes(&acl(rules), &inside, &json!({})), all);
}

#[test]
fn an_answer_without_default_action_is_no_verdict() {
    let mut acl = acl(vec![]);
    acl.default_action = None;
    assert!(Acl::of(&acl).unwrap_err().to_string().contains("WebACL.DefaultAction"));
}

#[test]
fn the_rule_group_of_shield_is_none_of_the_institution() {
    let arn = "arn:aws:wafv2:ap-northeast-1:153427709519:regional/rulegroup/\
               ShieldMitigationRuleGroup_111122223333_4a5b_6c7d/8e9f";
    let mut statement = own_statement(&[]);
    statement.arn = arn.to_owned();
    let group =
        grouped(Statement::builder().rule_group_reference_statement(statement).build(), false);
    let alone = acl(vec![group.clone()]);
    // Nobody can read it.
    assert!(questions(&alone, &json!({})).is_empty());
    let all = ["WEB_ACL_EMPTY", "MANAGED_RULES_MISSING", "RATE_RULE_MISSING"];
    assert_eq!(codes(&alone, &Contents::new(), &json!({})), all);
    let beside = acl(vec![group, managed(COMMON, &[], false)]);
    assert_eq!(codes(&beside, &Contents::new(), &json!({})), ["RATE_RULE_MISSING"]);
}
