//! `account-governance`.

use fisc_governance::account_governance::CONTROL;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION};
use serde_json::{Value, json};

use super::support::{assert_all_needed, aws_for};
use super::{account, called, sweep};

const MEMBER: &str = "200000000001";
const OTHER: &str = "200000000002";

fn of_account(id: &str, state: &str) -> Value {
    json!({"Id": id, "Arn": format!("arn:aws:organizations::{ACCOUNT}:account/o-testkit0001/{id}"),
           "Name": format!("account-{id}"), "State": state})
}

fn policy(id: &str) -> Value {
    json!({"Id": id, "Name": id, "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": false})
}

/// The organization as its management account sees it.
fn organization(aws: &FakeAws) {
    aws.organizations().join(ACCOUNT);
    let organizations = aws.stub("organizations");
    organizations.page_size(1);
    organizations.returns(
        "ListRoots",
        json!({"Roots": [{"Id": "r-abcd", "Name": "Root", "PolicyTypes": [
            {"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"},
        ]}]}),
    );
    organizations.empty("ListOrganizationalUnitsForParent");
    organizations.when(
        "ListOrganizationalUnitsForParent",
        json!({"ParentId": "r-abcd"}),
        json!({"OrganizationalUnits": [
            {"Id": "ou-abcd-11111111", "Name": "Production"},
            {"Id": "ou-abcd-22222222", "Name": "Development"},
        ]}),
    );
    for (parent, accounts) in [
        ("r-abcd", vec![of_account(ACCOUNT, "ACTIVE")]),
        ("ou-abcd-11111111", vec![of_account(MEMBER, "ACTIVE")]),
        (
            "ou-abcd-22222222",
            vec![of_account("200000000009", "SUSPENDED"), of_account(OTHER, "ACTIVE")],
        ),
    ] {
        organizations.when(
            "ListAccountsForParent",
            json!({"ParentId": parent}),
            json!({ "Accounts": accounts }),
        );
    }
    organizations.returns(
        "ListPolicies",
        json!({"Policies": [policy("p-FullAWSAccess"), policy("p-11111111"), policy("p-22222222")]}),
    );
    let target = |id: &str, kind: &str| json!({"TargetId": id, "Name": id, "Type": kind});
    organizations.when(
        "ListTargetsForPolicy",
        json!({"PolicyId": "p-FullAWSAccess"}),
        json!({"Targets": [
            target("r-abcd", "ROOT"), target("ou-abcd-11111111", "ORGANIZATIONAL_UNIT"),
            target("ou-abcd-22222222", "ORGANIZATIONAL_UNIT"), target(MEMBER, "ACCOUNT"),
            target(OTHER, "ACCOUNT"),
        ]}),
    );
    organizations.when(
        "ListTargetsForPolicy",
        json!({"PolicyId": "p-11111111"}),
        json!({"Targets": [
            target("ou-abcd-11111111", "ORGANIZATIONAL_UNIT"),
            target("ou-abcd-22222222", "ORGANIZATIONAL_UNIT"),
        ]}),
    );
    // A policy that is attached nowhere is not even read.
    organizations.when(
        "ListTargetsForPolicy",
        json!({"PolicyId": "p-22222222"}),
        json!({"Targets": []}),
    );
    for (id, statements) in [
        ("p-FullAWSAccess", json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}])),
        (
            "p-11111111",
            json!([
                {"Effect": "Deny", "Resource": "*",
                 "Action": ["cloudtrail:*", "config:*", "guardduty:*", "securityhub:*",
                            "organizations:LeaveOrganization"]},
                {"Effect": "Deny", "Action": "*", "Resource": "*",
                 "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}},
            ]),
        ),
    ] {
        let content = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        organizations.when(
            "DescribePolicy",
            json!({ "PolicyId": id }),
            json!({"Policy": {"PolicySummary": policy(id), "Content": content}}),
        );
    }
    for (id, environment) in
        [(MEMBER, "production"), (OTHER, "development"), (ACCOUNT, "management")]
    {
        organizations.when(
            "ListTagsForResource",
            json!({ "ResourceId": id }),
            json!({"Tags": [{"Key": "owner", "Value": "platform"},
                            {"Key": "Environment", "Value": environment}]}),
        );
    }
    organizations.when(
        "ListDelegatedAdministrators",
        json!({"ServicePrincipal": "guardduty.amazonaws.com"}),
        json!({"DelegatedAdministrators": [{"Id": MEMBER, "State": "ACTIVE"}]}),
    );
}

/// What every account sees of itself.
fn own(aws: &FakeAws) {
    aws.stub("account").returns(
        "GetAlternateContact",
        json!({"AlternateContact": {"Name": "SOC", "Title": "on duty",
            "EmailAddress": "soc@bank.example", "PhoneNumber": "+81-3-0000-0000"}}),
    );
    let levels = ["low", "normal", "high", "urgent"];
    let levels: Vec<Value> =
        levels.iter().map(|code| json!({"code": code, "name": code})).collect();
    aws.stub("support")
        .in_region("us-east-1")
        .returns("DescribeSeverityLevels", json!({ "severityLevels": levels }));
    aws.stub("iam").when(
        "ListEntitiesForPolicy",
        json!({"PolicyArn": "arn:aws:iam::aws:policy/AWSSupportAccess",
               "PolicyUsageFilter": "PermissionsPolicy"}),
        json!({"PolicyRoles": [{"RoleName": "AWSReservedSSO_Support_1", "RoleId": "AROA1"}],
               "PolicyGroups": [], "PolicyUsers": [], "IsTruncated": false}),
    );
    let tags = aws.stub("resourcegroupstaggingapi");
    tags.page_size(1);
    tags.empty("GetResources");
    aws.stub("config").empty("GetDiscoveredResourceCounts");
    let arn = format!("arn:aws:controltower:{REGION}:{ACCOUNT}:landingzone/1A2B3C4D5E6F7G8H");
    aws.stub("controltower")
        .in_region(REGION)
        .returns("ListLandingZones", json!({"landingZones": [{"arn": arn}]}))
        .returns(
            "GetLandingZone",
            json!({"landingZone": {"arn": arn, "version": "3.3", "manifest": {},
                   "status": "ACTIVE", "driftStatus": {"status": "IN_SYNC"}}}),
        );
}

fn tagged(arn: &str, value: &str) -> Value {
    json!({"ResourceARN": arn, "Tags": [{"Key": "Environment", "Value": value}]})
}

fn all_asked() -> Value {
    json!({
        "expectedManagementAccountId": ACCOUNT,
        "delegatedAdmins": [format!("guardduty.amazonaws.com={MEMBER}")],
        "governanceTool": "CONTROL_TOWER",
        "allowedContactDomains": ["bank.example"],
    })
}

#[test]
fn a_governed_organization_passes() {
    let aws = aws_for(&CONTROL);
    organization(&aws);
    own(&aws);
    assert_eq!(account(&CONTROL, &aws, &all_asked()), ("COMPLIANT".to_owned(), String::new()));
    assert_all_needed(&CONTROL, &called(&aws));
    assert_eq!(aws.count("DescribePolicy"), 2, "each attached policy once");
}

#[test]
fn what_is_wrong_in_the_organization_is_named() {
    let aws = aws_for(&CONTROL);
    organization(&aws);
    own(&aws);
    aws.stub("organizations").when(
        "ListTargetsForPolicy",
        json!({"PolicyId": "p-11111111"}),
        json!({"Targets": [{"TargetId": "ou-abcd-11111111", "Type": "ORGANIZATIONAL_UNIT"}]}),
    );
    aws.stub("config").in_region("us-west-2").returns(
        "GetDiscoveredResourceCounts",
        json!({"totalDiscoveredResources": 4,
               "resourceCounts": [{"resourceType": "AWS::EC2::Instance", "count": 4}]}),
    );
    aws.stub("resourcegroupstaggingapi").in_region("eu-west-1").returns(
        "GetResources",
        json!({"ResourceTagMappingList": [
            tagged("arn:aws:s3:::same", "Management"),
            tagged("arn:aws:s3:::ledger", "production"),
        ]}),
    );
    let (compliance, annotation) = account(&CONTROL, &aws, &all_asked());
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(annotation.starts_with("SCP_NOT_ATTACHED"), "{annotation}");
    assert!(annotation.contains(OTHER) && !annotation.contains(MEMBER), "{annotation}");
    let relaxed = json!({"protectedActions": [], "minSeverityCode": ""});
    let (_, annotation) = account(&CONTROL, &aws, &relaxed);
    assert!(annotation.contains("ACCOUNT_MIXES_ENVIRONMENTS"), "{annotation}");
}

#[test]
fn a_member_asks_nothing_that_only_the_organization_may() {
    let aws = aws_for(&CONTROL);
    aws.organizations().join("999988887777");
    own(&aws);
    aws.stub("account").when(
        "GetAlternateContact",
        json!({"AlternateContactType": "BILLING"}),
        json!({"AlternateContact": {"EmailAddress": "billing@bank.example"}}),
    );
    let (compliance, annotation) =
        account(&CONTROL, &aws, &json!({"accountEnvironment": "production"}));
    assert_eq!(compliance, "COMPLIANT");
    assert!(annotation.starts_with("ORGANIZATION_JUDGED_ELSEWHERE"), "{annotation}");
    assert_eq!(aws.count("ListRoots"), 0);
    // What it can see of itself is judged.
    aws.stub("support").in_region("us-east-1").fails(
        "DescribeSeverityLevels",
        "SubscriptionRequiredException",
        400,
    );
    aws.stub("account").fails_when(
        "GetAlternateContact",
        json!({"AlternateContactType": "SECURITY"}),
        "ResourceNotFoundException",
        404,
    );
    aws.stub("iam").returns(
        "ListEntitiesForPolicy",
        json!({"PolicyRoles": [], "PolicyGroups": [], "PolicyUsers": [], "IsTruncated": false}),
    );
    aws.stub("iam").when(
        "ListEntitiesForPolicy",
        json!({"PolicyArn": "arn:aws:iam::aws:policy/AWSSupportAccess",
               "PolicyUsageFilter": "PermissionsPolicy"}),
        json!({"PolicyRoles": [], "PolicyGroups": [],
               "PolicyUsers": [{"UserName": "u", "UserId": "AIDA1"}], "IsTruncated": false}),
    );
    let (compliance, annotation) = account(&CONTROL, &aws, &json!({}));
    assert_eq!(compliance, "NON_COMPLIANT");
    for code in ["CONTACT_MISSING", "SUPPORT_PLAN_INSUFFICIENT", "SUPPORT_ROLE_MISSING"] {
        assert!(annotation.contains(code), "{annotation}");
    }
}

#[test]
fn a_delegated_administrator_can_answer_for_the_organization() {
    let aws = aws_for(&CONTROL);
    organization(&aws);
    own(&aws);
    aws.organizations().join("999988887777");
    let delegate = json!({"organizationAccountId": ACCOUNT, "governanceTool": "CONTROL_TOWER"});
    let (compliance, annotation) = account(&CONTROL, &aws, &delegate);
    // To it the account itself is a member like any other.
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(
        annotation.contains("SCP_NOT_ATTACHED") && annotation.contains(ACCOUNT),
        "{annotation}"
    );
    // What only the management account has is asked there only.
    for operation in ["GetDiscoveredResourceCounts", "ListLandingZones"] {
        assert_eq!(aws.count(operation), 0, "{operation}");
    }
    // The management account then leaves it to the delegate.
    aws.organizations().join(ACCOUNT);
    let calls = aws.count("ListRoots");
    let other = json!({"organizationAccountId": MEMBER});
    let (compliance, annotation) = account(&CONTROL, &aws, &other);
    assert_eq!(compliance, "COMPLIANT");
    assert!(annotation.starts_with("ORGANIZATION_JUDGED_ELSEWHERE"), "{annotation}");
    assert_eq!(aws.count("ListRoots"), calls);
}

#[test]
fn policies_that_are_not_enabled_are_not_asked_about() {
    let aws = aws_for(&CONTROL);
    organization(&aws);
    own(&aws);
    aws.stub("organizations").returns(
        "ListRoots",
        json!({"Roots": [{"Id": "r-abcd", "PolicyTypes": [
            {"Type": "TAG_POLICY", "Status": "ENABLED"},
        ]}]}),
    );
    let (compliance, annotation) = account(&CONTROL, &aws, &json!({}));
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(annotation.starts_with("ORGANIZATION_FEATURES_LIMITED"), "{annotation}");
    assert!(!annotation.contains("SCP_NOT_ATTACHED"), "{annotation}");
    assert_eq!(aws.count("ListPolicies"), 0);
}

#[test]
fn an_unhealthy_landing_zone_and_a_missing_delegate_are_told() {
    let aws = aws_for(&CONTROL);
    organization(&aws);
    own(&aws);
    aws.stub("organizations").when(
        "ListDelegatedAdministrators",
        json!({"ServicePrincipal": "config.amazonaws.com"}),
        json!({"DelegatedAdministrators": []}),
    );
    aws.stub("controltower").in_region(REGION).empty("ListLandingZones");
    let asked = json!({
        "delegatedAdmins": ["guardduty.amazonaws.com=123456789012", "config.amazonaws.com"],
        "governanceTool": "CONTROL_TOWER",
    });
    let (compliance, annotation) = account(&CONTROL, &aws, &asked);
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(annotation.contains("guardduty.amazonaws.com, config.amazonaws.com"), "{annotation}");
    assert!(annotation.contains("LANDING_ZONE_UNHEALTHY"), "{annotation}");
    // Another Region than the rule's.
    aws.stub("controltower")
        .in_region("us-east-1")
        .returns(
            "ListLandingZones",
            json!({"landingZones": [{"arn":
            format!("arn:aws:controltower:us-east-1:{ACCOUNT}:landingzone/1A2B3C4D5E6F7G8H")}]}),
        )
        .returns(
            "GetLandingZone",
            json!({"landingZone": {"version": "3.3", "manifest": {}, "status": "PROCESSING"}}),
        );
    let moved = json!({"governanceTool": "CONTROL_TOWER", "controlTowerRegion": "us-east-1"});
    assert_eq!(account(&CONTROL, &aws, &moved).0, "COMPLIANT");
}

#[test]
fn an_account_on_its_own_fails() {
    let aws = aws_for(&CONTROL);
    own(&aws);
    let (compliance, annotation) = account(&CONTROL, &aws, &json!({}));
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(annotation.starts_with("NOT_IN_ORGANIZATION"), "{annotation}");
}

#[test]
fn a_denied_call_is_no_verdict() {
    for (service, operation) in [
        ("organizations", "DescribeOrganization"),
        ("organizations", "ListRoots"),
        ("organizations", "ListTargetsForPolicy"),
        ("organizations", "ListTagsForResource"),
        ("account", "GetAlternateContact"),
        ("support", "DescribeSeverityLevels"),
        ("iam", "ListEntitiesForPolicy"),
        ("tagging", "GetResources"),
        ("controltower", "GetLandingZone"),
    ] {
        let aws = aws_for(&CONTROL);
        organization(&aws);
        own(&aws);
        aws.fault(service, operation, Fault::Denied);
        let error = sweep(&CONTROL, &aws, &all_asked()).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{operation}: {}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}

#[test]
fn wrong_parameters_are_named() {
    let aws = aws_for(&CONTROL);
    organization(&aws);
    own(&aws);
    for (parameters, name) in [
        (json!({"expectedManagementAccountId": "main"}), "expectedManagementAccountId"),
        (json!({"requiredContacts": ["LEGAL"]}), "requiredContacts"),
        (json!({"delegatedAdmins": ["config.amazonaws.com=audit"]}), "delegatedAdmins"),
    ] {
        let error = sweep(&CONTROL, &aws, &parameters).unwrap_err();
        assert_eq!(error.error_type, "WrongParameter");
        assert!(error.message.contains(name), "{}", error.message);
    }
}
