use std::collections::{BTreeMap, BTreeSet};

use fisc_services::Organization;
use fisc_shared::policy::PolicyDocument;
use fisc_shared::{Language, Parameters, Run};
use serde_json::{Value, json};

use super::guardrails::Policy;
use super::judge::{Facts, LandingZone, Stranger, Support, Whole, decide};
use super::organization::{Member, Tree};
use super::*;

const MANAGEMENT: &str = "111122223333";

fn member(id: &str, units: &[&str]) -> Member {
    let path = ["r-1"].iter().chain(units).map(|&one| one.to_owned()).collect();
    Member { id: id.to_owned(), path }
}

fn policy(statements: Value, targets: &[&str]) -> Policy {
    Policy {
        document: PolicyDocument::from_value(&json!({ "Statement": statements })).unwrap(),
        targets: targets.iter().map(|&one| one.to_owned()).collect::<BTreeSet<_>>(),
    }
}

/// An organization in which all is well, seen from its management account.
fn well() -> Facts {
    let accounts = vec![
        member(MANAGEMENT, &[]),
        member("200000000001", &["ou-prod"]),
        member("200000000002", &["ou-workloads", "ou-dev"]),
    ];
    let full = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let denies = json!([
        {"Effect": "Deny", "Resource": "*",
         "Action": ["cloudtrail:*", "config:*", "guardduty:*", "securityhub:*",
                    "organizations:LeaveOrganization"],
         "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/platform"}}},
        {"Effect": "Deny", "Action": "*", "Resource": "*",
         "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}},
    ]);
    let places =
        ["r-1", "ou-prod", "ou-workloads", "ou-dev", "200000000001", "200000000002", MANAGEMENT];
    Facts {
        organization: Some(Organization {
            id: "o-1".to_owned(),
            management_account: MANAGEMENT.to_owned(),
            all_features: true,
        }),
        whole: Some(Whole {
            tree: Tree { policies_enabled: true, accounts },
            policies: vec![policy(full, &places), policy(denies, &["ou-prod", "ou-dev"])],
            environments: BTreeMap::from([
                ("200000000001".to_owned(), "Production".to_owned()),
                ("200000000002".to_owned(), "dev".to_owned()),
            ]),
            undelegated: Vec::new(),
        }),
        workloads: Vec::new(),
        landing_zone: Some(LandingZone::Healthy),
        strangers: Some(Vec::new()),
        contacts: vec![("SECURITY".to_owned(), Some("soc@bank.example".to_owned()))],
        support: Some(Support::Severities(
            ["low", "normal", "high", "urgent"].map(str::to_owned).into(),
        )),
        support_role: true,
    }
}

/// What a member sees.
fn seen_by_member() -> Facts {
    Facts { whole: None, landing_zone: None, strangers: None, ..well() }
}

fn judged_with(facts: &Facts, parameters: &Value) -> fisc_shared::Verdict {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    let expected = parameters.get(&EXPECTED_MANAGEMENT_ACCOUNT_ID);
    let run = Run {
        parameters: &parameters,
        now: jiff::Timestamp::UNIX_EPOCH,
        account_id: MANAGEMENT,
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline: false,
    };
    decide(facts, Some(expected.as_str()).filter(|id| !id.is_empty()), &run).unwrap()
}

#[track_caller]
fn assert_fails(facts: &Facts, parameters: Value, expected: &[(&str, &str)]) {
    let verdict = judged_with(facts, &parameters);
    let compliance = if expected.is_empty() { "COMPLIANT" } else { "NON_COMPLIANT" };
    assert_eq!(verdict.compliance().as_str(), compliance, "{verdict:?}");
    let codes: Vec<&str> = verdict.reasons().iter().map(|one| one.code).collect();
    assert_eq!(codes, expected.iter().map(|(code, _)| *code).collect::<Vec<_>>());
    for (reason, (_, part)) in verdict.reasons().iter().zip(expected) {
        assert!(reason.message.get(Language::En).contains(part), "{reason:?}");
    }
}

fn whole(facts: &mut Facts) -> &mut Whole {
    facts.whole.as_mut().unwrap()
}

#[test]
fn a_governed_organization_passes() {
    assert_fails(&well(), json!({}), &[]);
    assert_fails(&well(), json!({"expectedManagementAccountId": MANAGEMENT}), &[]);
}

#[test]
fn a_member_is_judged_by_what_it_sees() {
    let verdict = judged_with(&seen_by_member(), &json!({}));
    assert_eq!(verdict.compliance().as_str(), "COMPLIANT");
    let codes: Vec<&str> = verdict.reasons().iter().map(|one| one.code).collect();
    assert_eq!(codes, ["ORGANIZATION_JUDGED_ELSEWHERE", "ENVIRONMENT_NOT_KNOWN"]);
    let own = Facts { strangers: Some(Vec::new()), ..seen_by_member() };
    assert_eq!(judged_with(&own, &json!({})).reasons().len(), 1);
    assert_eq!(
        judged_with(&seen_by_member(), &json!({"environmentTagKey": ""})).reasons().len(),
        1,
        "environments are not asked about"
    );
}

#[test]
fn an_account_belongs_to_its_organization() {
    let alone = Facts { organization: None, ..seen_by_member() };
    assert_fails(&alone, json!({}), &[("NOT_IN_ORGANIZATION", "in no organization")]);
    assert_fails(
        &seen_by_member(),
        json!({"expectedManagementAccountId": "999988887777"}),
        &[("NOT_IN_ORGANIZATION", MANAGEMENT)],
    );
}

#[test]
fn an_organization_can_use_policies() {
    let mut facts = well();
    whole(&mut facts).tree.policies_enabled = false;
    whole(&mut facts).policies.clear();
    assert_fails(&facts, json!({}), &[("ORGANIZATION_FEATURES_LIMITED", "not enabled")]);
    // A member sees the features of its organization too.
    let mut facts = seen_by_member();
    facts.organization.as_mut().unwrap().all_features = false;
    assert_fails(&facts, json!({}), &[("ORGANIZATION_FEATURES_LIMITED", "billing only")]);
}

#[test]
fn policies_bind_every_member_and_never_the_management_account() {
    let mut facts = well();
    whole(&mut facts).tree.accounts.push(member("200000000003", &["ou-new"]));
    whole(&mut facts).environments.insert("200000000003".to_owned(), "test".to_owned());
    assert_fails(
        &facts,
        json!({}),
        &[
            ("SCP_NOT_ATTACHED", "200000000003"),
            ("AUDIT_SERVICES_UNPROTECTED", "in 200000000003"),
            ("ROOT_USER_NOT_DENIED", "200000000003"),
        ],
    );
    // The policy at the root of the organization binds it too.
    let denies = whole(&mut facts).policies.pop().unwrap();
    whole(&mut facts)
        .policies
        .push(Policy { targets: BTreeSet::from(["r-1".to_owned()]), ..denies });
    assert_fails(&facts, json!({}), &[]);
}

#[test]
fn each_guardrail_is_judged_by_what_is_denied() {
    let with = |statements: Value| {
        let mut facts = well();
        let targets = whole(&mut facts).policies.pop().unwrap().targets;
        let names: Vec<&str> = targets.iter().map(String::as_str).collect();
        whole(&mut facts).policies.push(policy(statements, &names));
        facts
    };
    let root = json!([{"Effect": "Deny", "Action": "*", "Resource": "*",
                       "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}}]);
    assert_fails(
        &with(root.clone()),
        json!({}),
        &[("AUDIT_SERVICES_UNPROTECTED", "cloudtrail:DeleteTrail, cloudtrail:PutEventSelectors")],
    );
    assert_fails(&with(root.clone()), json!({"protectedActions": []}), &[]);
    // What stops trails and AWS Config must be denied unless a parameter says otherwise.
    for open in [
        "cloudtrail:StopLogging",
        "cloudtrail:DeleteTrail",
        "cloudtrail:UpdateTrail",
        "cloudtrail:PutEventSelectors",
        "config:StopConfigurationRecorder",
        "config:DeleteDeliveryChannel",
    ] {
        let rest = json!({"Effect": "Deny", "NotAction": open, "Resource": "*"});
        let facts = with(json!([root[0], rest]));
        assert_fails(&facts, json!({}), &[("AUDIT_SERVICES_UNPROTECTED", open)]);
    }
    let audit = json!([{"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "*"}]);
    assert_fails(
        &with(audit),
        json!({"protectedActions": ["cloudtrail:StopLogging"]}),
        &[("ROOT_USER_NOT_DENIED", "200000000001, 200000000002")],
    );
    assert_fails(
        &well(),
        json!({"iamAdminPatterns": ["arn:aws:iam::*:role/iam-admin"]}),
        &[("IAM_ADMIN_NOT_DENIED", "iam:CreateAccessKey")],
    );
}

#[test]
fn environments_are_separated_by_accounts_and_units() {
    let failing = |facts: &Facts, part: &str| {
        assert_fails(facts, json!({}), &[("ENVIRONMENTS_NOT_SEPARATED", part)]);
    };
    let mut facts = well();
    whole(&mut facts).environments.remove("200000000002");
    failing(&facts, "Accounts without the tag: 200000000002");
    assert_fails(&facts, json!({"environmentTagKey": ""}), &[]);
    // Production in the unit of the development account.
    let mut facts = well();
    whole(&mut facts).environments.insert("200000000003".to_owned(), "PROD".to_owned());
    whole(&mut facts).tree.accounts.push(member("200000000003", &["ou-workloads", "ou-dev"]));
    failing(&facts, "in ou-dev");
    // What production is called is a parameter; two other environments may share a unit.
    assert_fails(&facts, json!({"productionValues": ["production"]}), &[]);
    // An organization of one account.
    let mut facts = well();
    whole(&mut facts).tree.accounts.truncate(1);
    failing(&facts, "no other active account");
}

#[test]
fn accounts_are_in_units_that_they_may_be_in() {
    let mut facts = well();
    whole(&mut facts).tree.accounts.push(member("200000000003", &[]));
    whole(&mut facts).environments.insert("200000000003".to_owned(), "dev".to_owned());
    let targets = BTreeSet::from(["r-1".to_owned()]);
    whole(&mut facts).policies[1].targets = targets;
    assert_fails(&facts, json!({}), &[("ACCOUNT_OUTSIDE_OU", "200000000003")]);
    // Below an allowed unit is inside of it.
    assert_fails(&well(), json!({"allowedOuIds": ["ou-prod", "ou-workloads"]}), &[]);
    assert_fails(
        &well(),
        json!({"allowedOuIds": ["ou-prod"]}),
        &[("ACCOUNT_OUTSIDE_OU", "200000000002")],
    );
}

#[test]
fn resources_have_the_environment_of_their_account() {
    let stranger = Stranger {
        arn: "arn:aws:rds:ap-northeast-1:200000000001:db:ledger".to_owned(),
        environment: "dev".to_owned(),
    };
    let facts = Facts { strangers: Some(vec![stranger]), ..seen_by_member() };
    assert_fails(
        &facts,
        json!({}),
        &[("ACCOUNT_MIXES_ENVIRONMENTS", "rds:ap-northeast-1:db:ledger (dev)")],
    );
}

#[test]
fn the_management_account_manages() {
    let workloads = vec![("AWS::EC2::Instance".to_owned(), 2)];
    let facts = Facts { workloads, ..well() };
    assert_fails(&facts, json!({}), &[("MANAGEMENT_ACCOUNT_WORKLOAD", "AWS::EC2::Instance (2)")]);
    let mut facts = well();
    whole(&mut facts).undelegated.push("guardduty.amazonaws.com".to_owned());
    assert_fails(&facts, json!({}), &[("DELEGATED_ADMIN_MISSING", "guardduty.amazonaws.com")]);
    for (landing_zone, part) in [
        (LandingZone::Missing, "no landing zone"),
        (LandingZone::Failed, "failed"),
        (LandingZone::Drifted, "drifted"),
    ] {
        let facts = Facts { landing_zone: Some(landing_zone), ..well() };
        assert_fails(&facts, json!({}), &[("LANDING_ZONE_UNHEALTHY", part)]);
    }
}

#[test]
fn contacts_are_set_and_of_the_institution() {
    let contacts = vec![
        ("SECURITY".to_owned(), Some("soc@Bank.example".to_owned())),
        ("BILLING".to_owned(), None),
    ];
    let facts = Facts { contacts, ..seen_by_member() };
    assert_fails(&facts, json!({}), &[("CONTACT_MISSING", "BILLING")]);
    let facts = Facts { contacts: facts.contacts[..1].to_vec(), ..facts };
    assert_fails(
        &facts,
        json!({"allowedContactDomains": ["example"]}),
        &[("CONTACT_MISSING", "SECURITY")],
    );
    let verdict = judged_with(&facts, &json!({"allowedContactDomains": ["@bank.example"]}));
    assert_eq!(verdict.compliance().as_str(), "COMPLIANT");
}

#[test]
fn support_is_judged_by_the_severities_it_offers() {
    let with = |support: Option<Support>| Facts { support, ..seen_by_member() };
    assert_fails(
        &with(Some(Support::NoPlan)),
        json!({}),
        &[("SUPPORT_PLAN_INSUFFICIENT", "no support plan")],
    );
    let developer = Support::Severities(["low", "normal"].map(str::to_owned).into());
    assert_fails(
        &with(Some(developer.clone())),
        json!({}),
        &[("SUPPORT_PLAN_INSUFFICIENT", "severity urgent")],
    );
    let normal = judged_with(&with(Some(developer)), &json!({"minSeverityCode": "normal"}));
    assert_eq!(normal.compliance().as_str(), "COMPLIANT");
    let facts = Facts { support: None, support_role: false, ..seen_by_member() };
    assert_fails(&facts, json!({"minSeverityCode": ""}), &[("SUPPORT_ROLE_MISSING", "No role")]);
}
