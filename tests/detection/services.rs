//! End-to-end: GuardDuty, Security Hub, and Detective and Macie, Region by Region.

use std::collections::BTreeSet;

use crate::support::{actions_of, assert_all_needed, aws_for};
use fisc_detection::{security_hub_status, security_services, threat_detection};
use fisc_shared::Control;
use fisc_testkit::aws::{ACCOUNT, Call, FakeAws, Fault, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::{FunctionError, Lambda};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const RULE: &str = "fisc-detection-rule";
const OSAKA: &str = "ap-northeast-3";
const VIRGINIA: &str = "us-east-1";
const MANAGEMENT: &str = "999988887777";
const SECURITY: &str = "444455556666";
const DETECTOR: &str = "12abc34d567e8fa901bc2d34e56789f0";

fn aws(control: &Control) -> FakeAws {
    let aws = aws_for(control);
    // Over two pages; one Region that is off and must not be asked.
    aws.account().page(2).set_regions(&[
        (REGION, "ENABLED_BY_DEFAULT"),
        (OSAKA, "ENABLED_BY_DEFAULT"),
        (VIRGINIA, "ENABLED"),
        ("ap-east-1", "DISABLED"),
    ]);
    aws
}

fn invoke(
    aws: &FakeAws,
    control: &Control,
    env: &[(&str, &str)],
    parameters: &Value,
) -> Result<Value, FunctionError> {
    let mut all =
        vec![("FISC_CONTROL", control.id), ("AWS_MAX_ATTEMPTS", "2"), ("FISC_LANGUAGE", "en")];
    all.extend(env);
    let mut lambda = Lambda::start(env!("CARGO_BIN_EXE_detection"), aws, &all);
    lambda.invoke(events::scheduled(&aws.config().rule(RULE), parameters))
}

/// Runs a control and returns compliance and annotation of a resource.
fn judged(aws: &FakeAws, control: &Control, parameters: &Value) -> (String, String) {
    invoke(aws, control, &[], parameters).unwrap();
    held(aws, ACCOUNT)
}

fn held(aws: &FakeAws, id: &str) -> (String, String) {
    let result = aws.config().result(RULE, id).expect("a result");
    (result.compliance, result.annotation.unwrap_or_default())
}

#[track_caller]
fn expect(found: (String, String), compliance: &str, annotation: &str) {
    assert_eq!((found.0.as_str(), found.1.as_str()), (compliance, annotation));
}

fn regions_of(calls: &[Call], operation: &str) -> BTreeSet<String> {
    let asked = calls.iter().filter(|call| call.operation == operation);
    asked.map(|call| call.region.clone()).collect()
}

fn ago(hours: i64) -> String {
    (Timestamp::now() - SignedDuration::from_hours(hours)).to_string()
}

fn feature(name: &str, on: bool) -> Value {
    json!({"Name": name, "Status": if on { "ENABLED" } else { "DISABLED" }})
}

fn detector(s3: bool) -> Value {
    json!({
        "CreatedAt": ago(1000), "Status": "ENABLED", "FindingPublishingFrequency": "SIX_HOURS",
        "ServiceRole": "arn:aws:iam::111122223333:role/guardduty",
        "Features": [
            feature("CLOUD_TRAIL", true), feature("DNS_LOGS", true), feature("FLOW_LOGS", true),
            // The malware scan is of another control.
            feature("S3_DATA_EVENTS", s3), feature("EBS_MALWARE_PROTECTION", false),
        ],
    })
}

/// GuardDuty in every Region, for a member of the organization.
fn guardduty(aws: &FakeAws) {
    aws.organizations().join(MANAGEMENT);
    aws.stub("guardduty")
        .returns("ListDetectors", json!({"DetectorIds": [DETECTOR]}))
        .returns("GetDetector", detector(true))
        .returns(
            "GetAdministratorAccount",
            json!({"Administrator": {"AccountId": SECURITY, "RelationshipStatus": "Enabled"}}),
        );
}

#[test]
fn guardduty_is_asked_in_every_enabled_region() {
    const CONTROL: &Control = &threat_detection::CONTROL;
    let aws = aws(CONTROL);
    guardduty(&aws);
    let mut called = BTreeSet::new();

    expect(judged(&aws, CONTROL, &json!({})), "COMPLIANT", "");
    let calls = aws.take_calls();
    let all: BTreeSet<String> = [REGION, OSAKA, VIRGINIA].map(str::to_owned).into();
    assert_eq!(regions_of(&calls, "ListDetectors"), all);
    assert_eq!(regions_of(&calls, "GetDetector"), all);
    called.extend(actions_of(&calls));

    // Off in one Region, and a plan missing in another.
    aws.stub("guardduty").in_region(OSAKA).empty("ListDetectors");
    aws.stub("guardduty").in_region(VIRGINIA).returns("GetDetector", detector(false));
    expect(
        judged(&aws, CONTROL, &json!({})),
        "NON_COMPLIANT",
        "DETECTOR_MISSING: GuardDuty is not enabled in some Regions: ap-northeast-3 / \
         S3_PROTECTION_OFF: S3 Protection is off: us-east-1",
    );
    let excluded = json!({"excludedRegions": [OSAKA, VIRGINIA]});
    expect(judged(&aws, CONTROL, &excluded), "COMPLIANT", "");
    // On request each Region answers for itself, without asking which others there are.
    aws.take_calls();
    expect(judged(&aws, CONTROL, &json!({"allRegions": false})), "COMPLIANT", "");
    assert_eq!(aws.count("ListRegions"), 0);
    // Elsewhere the home Region answers.
    invoke(&aws, CONTROL, &[("FISC_HOME_REGION", OSAKA)], &json!({})).unwrap();
    let (compliance, annotation) = held(&aws, ACCOUNT);
    assert_eq!(compliance, "NOT_APPLICABLE");
    assert!(annotation.starts_with("JUDGED_IN_HOME_REGION"), "{annotation}");
    called.extend(actions_of(&aws.take_calls()));

    // The delegated administrator itself: nobody administers it, and it describes the organization.
    let empty = json!({});
    aws.stub("guardduty")
        .returns("GetDetector", detector(true))
        .returns("ListDetectors", json!({"DetectorIds": [DETECTOR]}))
        .returns("GetAdministratorAccount", empty.clone())
        .returns(
            "DescribeOrganizationConfiguration",
            json!({"MemberAccountLimitReached": false, "AutoEnableOrganizationMembers": "NONE"}),
        );
    let own = json!({"excludedRegions": [OSAKA, VIRGINIA]});
    expect(
        judged(&aws, CONTROL, &own),
        "NON_COMPLIANT",
        "AUTO_ENABLE_OFF: New accounts of the organization are not enabled automatically: \
         ap-northeast-1",
    );
    // An account that nobody took in asks the same and is turned away.
    aws.stub("guardduty").fails("DescribeOrganizationConfiguration", "BadRequestException", 400);
    expect(
        judged(&aws, CONTROL, &own),
        "NON_COMPLIANT",
        "ADMINISTRATOR_MISSING: GuardDuty is not under the organization's administrator: \
         ap-northeast-1",
    );
    called.extend(actions_of(&aws.take_calls()));

    // The management account tells whom it named, on the second page.
    aws.organizations().join(ACCOUNT);
    let leaving = json!({"AdminAccountId": SECURITY, "AdminStatus": "DISABLE_IN_PROGRESS"});
    aws.stub("guardduty")
        .returns("ListOrganizationAdminAccounts", json!({"AdminAccounts": [leaving]}));
    assert!(judged(&aws, CONTROL, &own).1.starts_with("ADMINISTRATOR_MISSING"));
    let named = json!({"AdminAccountId": SECURITY, "AdminStatus": "ENABLED"});
    aws.stub("guardduty")
        .returns("ListOrganizationAdminAccounts", json!({"AdminAccounts": [leaving, named]}))
        .page_size(1);
    let security = json!({"excludedRegions": [OSAKA, VIRGINIA], "securityAccountId": SECURITY});
    expect(judged(&aws, CONTROL, &security), "COMPLIANT", "");
    called.extend(actions_of(&aws.take_calls()));

    // Findings over two pages: the old one is on the second.
    let finding = |id: &str, days: i64| {
        json!({"AccountId": ACCOUNT, "Arn": "arn", "CreatedAt": ago(24 * days), "Id": id,
            "Region": REGION, "Resource": {}, "SchemaVersion": "2.0", "Severity": 8.0,
            "Type": "Recon:EC2/Portscan", "UpdatedAt": ago(0)})
    };
    aws.stub("guardduty")
        .returns("ListFindings", json!({"FindingIds": ["new", "old"]}))
        .returns("GetFindings", json!({"Findings": [finding("new", 0)]}))
        .when(
            "GetFindings",
            json!({"FindingIds": ["old"]}),
            json!({"Findings": [finding("new", 0), finding("old", 2)]}),
        );
    let mut ageing = security.clone();
    ageing["judgeFindings"] = json!(true);
    expect(
        judged(&aws, CONTROL, &ageing),
        "NON_COMPLIANT",
        "FINDINGS_NOT_HANDLED: Findings wait longer than accepted: ap-northeast-1 (1)",
    );
    assert_eq!(aws.count("ListFindings"), 2);
    let criteria = &aws.calls_of("ListFindings")[0].body["FindingCriteria"]["Criterion"];
    assert_eq!(criteria["service.archived"]["Equals"], json!(["false"]));
    assert_eq!(criteria["accountId"]["Equals"], json!([ACCOUNT]));
    called.extend(actions_of(&aws.take_calls()));

    assert_all_needed(CONTROL, &called);
}

#[test]
fn a_region_that_denies_a_call_fails_the_run_and_is_named() {
    const CONTROL: &Control = &threat_detection::CONTROL;
    for operation in ["ListDetectors", "GetDetector", "GetAdministratorAccount"] {
        let aws = aws(CONTROL);
        guardduty(&aws);
        // What would be a verdict of another Region is not reported either.
        aws.stub("guardduty").in_region(VIRGINIA).empty("ListDetectors");
        aws.stub("guardduty").in_region(OSAKA).fails(operation, "AccessDeniedException", 403);
        let error = invoke(&aws, CONTROL, &[], &json!({})).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied");
        let wanted = format!("guardduty:{operation} failed (AccessDenied, AccessDeniedException)");
        assert!(error.message.contains(&wanted), "{}", error.message);
        assert!(error.message.contains("in ap-northeast-3: "), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
    for (service, operation) in [
        ("account", "ListRegions"),
        ("organizations", "DescribeOrganization"),
        ("guardduty", "ListFindings"),
        ("guardduty", "GetFindings"),
    ] {
        let aws = aws(CONTROL);
        guardduty(&aws);
        aws.stub("guardduty")
            .returns("ListFindings", json!({"FindingIds": ["one"]}))
            .returns("GetFindings", json!({"Findings": []}));
        aws.fault(service, operation, Fault::Denied);
        let error = invoke(&aws, CONTROL, &[], &json!({"judgeFindings": true})).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{operation}: {}", error.message);
        assert!(error.message.contains(operation), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}

fn standard(status: &str) -> Value {
    let name = "aws-foundational-security-best-practices/v/1.0.0";
    json!({
        "StandardsArn": format!("arn:aws:securityhub:{REGION}::standards/{name}"),
        "StandardsSubscriptionArn": format!("arn:aws:securityhub:{REGION}:{ACCOUNT}:subscription/{name}"),
        "StandardsInput": {}, "StandardsStatus": status,
    })
}

fn products(names: &[&str]) -> Value {
    let arn =
        |name: &&str| format!("arn:aws:securityhub:{REGION}:{ACCOUNT}:product-subscription/{name}");
    json!({"ProductSubscriptions": names.iter().map(arn).collect::<Vec<_>>()})
}

/// Security Hub in every Region, for a member of somebody.
fn hub(aws: &FakeAws) {
    aws.stub("securityhub")
        .returns(
            "DescribeHub",
            json!({"HubArn": format!("arn:aws:securityhub:{REGION}:{ACCOUNT}:hub/default"),
                "SubscribedAt": ago(1000)}),
        )
        .returns("GetEnabledStandards", json!({"StandardsSubscriptions": [standard("READY")]}))
        .returns(
            "ListEnabledProductsForImport",
            products(&["aws/guardduty", "aws/inspector", "aws/config", "aws/macie"]),
        )
        .returns(
            "GetAdministratorAccount",
            json!({"Administrator": {"AccountId": SECURITY, "MemberStatus": "Enabled"}}),
        );
}

#[test]
fn security_hub_is_seen_from_each_kind_of_account() {
    const CONTROL: &Control = &security_hub_status::CONTROL;
    let aws = aws(CONTROL);
    hub(&aws);
    aws.organizations().join(MANAGEMENT);
    aws.stub("securityhub").page_size(1);
    let mut called = BTreeSet::new();

    // A member; its integrations are on several pages. Aggregation is its administrator's.
    expect(judged(&aws, CONTROL, &json!({})), "COMPLIANT", "");
    assert_eq!(aws.count("ListEnabledProductsForImport"), 4);
    called.extend(actions_of(&aws.take_calls()));

    // Off in another Region, in both ways of saying so.
    for (code, status) in [("InvalidAccessException", 401), ("ResourceNotFoundException", 404)] {
        aws.stub("securityhub").in_region(OSAKA).fails("DescribeHub", code, status);
        expect(
            judged(&aws, CONTROL, &json!({"allRegions": true})),
            "NON_COMPLIANT",
            "HUB_DISABLED: Security Hub is not enabled: ap-northeast-3",
        );
    }
    // The newer Security Hub, where it is accepted, on or off.
    let newer = json!({"allRegions": true, "acceptV2": true});
    aws.stub("securityhub").fails("DescribeSecurityHubV2", "ResourceNotFoundException", 404);
    assert!(judged(&aws, CONTROL, &newer).1.starts_with("HUB_DISABLED"));
    let arn = format!("arn:aws:securityhub:{OSAKA}:{ACCOUNT}:hubv2/abc");
    aws.stub("securityhub").returns("DescribeSecurityHubV2", json!({"HubV2Arn": arn}));
    expect(
        judged(&aws, CONTROL, &newer),
        "COMPLIANT",
        "NEWER_HUB: Only the newer Security Hub is enabled: ap-northeast-3",
    );
    called.extend(actions_of(&aws.take_calls()));

    // The administrator: nobody administers it, one account is missing, and so is an aggregator.
    let account = |id: &str, state: &str| json!({"Id": id, "State": state});
    let accounts = [
        account(ACCOUNT, "ACTIVE"),
        account("222222222222", "ACTIVE"),
        account("333333333333", "ACTIVE"),
        account("555555555555", "SUSPENDED"),
        account("666666666666", "CLOSED"),
    ];
    aws.stub("organizations").returns("ListAccounts", json!({"Accounts": accounts})).page_size(2);
    let organization = json!({"AutoEnable": false, "AutoEnableStandards": "NONE",
        "OrganizationConfiguration": {"ConfigurationType": "CENTRAL", "Status": "ENABLED"}});
    let member = |id: &str, status: &str| json!({"AccountId": id, "MemberStatus": status});
    aws.stub("securityhub")
        .fails("GetAdministratorAccount", "ResourceNotFoundException", 404)
        .returns("DescribeOrganizationConfiguration", organization)
        .returns(
            "ListMembers",
            json!({"Members": [member("333333333333", "Removed"), member("222222222222", "Enabled")]}),
        )
        .empty("ListFindingAggregators");
    expect(
        judged(&aws, CONTROL, &json!({})),
        "NON_COMPLIANT",
        "AGGREGATION_MISSING: Findings of these Regions are not aggregated: ap-northeast-1, \
         ap-northeast-3 / MEMBER_NOT_ENABLED: Accounts of the organization are no enabled \
         members: ap-northeast-1 (333333333333)",
    );
    assert_eq!((aws.count("ListAccounts"), aws.count("ListMembers")), (3, 2));
    called.extend(actions_of(&aws.take_calls()));

    // With an aggregator, which lives in another Region than this one.
    let arn = format!("arn:aws:securityhub:{OSAKA}:{ACCOUNT}:finding-aggregator/abc");
    aws.stub("securityhub")
        .returns(
            "ListFindingAggregators",
            json!({"FindingAggregators": [{"FindingAggregatorArn": arn}]}),
        )
        .returns(
            "GetFindingAggregator",
            json!({"FindingAggregatorArn": arn, "FindingAggregationRegion": OSAKA,
                "RegionLinkingMode": "SPECIFIED_REGIONS", "Regions": [REGION]}),
        );
    let some = json!({"requireAllMembers": false});
    expect(judged(&aws, CONTROL, &some), "COMPLIANT", "");
    let calls = aws.take_calls();
    assert_eq!(regions_of(&calls, "GetFindingAggregator"), [OSAKA.to_owned()].into());
    called.extend(actions_of(&calls));
    // Another Region of the deployment does not repeat it.
    invoke(&aws, CONTROL, &[("FISC_HOME_REGION", OSAKA)], &some).unwrap();
    assert_eq!(aws.count("ListFindingAggregators"), 0);

    // In an organization, but nobody's.
    aws.stub("securityhub").fails(
        "DescribeOrganizationConfiguration",
        "InvalidAccessException",
        401,
    );
    expect(
        judged(&aws, CONTROL, &json!({})),
        "NON_COMPLIANT",
        "ADMINISTRATOR_MISSING: Security Hub is not under the organization's administrator: \
         ap-northeast-1",
    );

    // The management account.
    aws.organizations().join(ACCOUNT);
    let named = json!({"AccountId": SECURITY, "Status": "ENABLED"});
    aws.stub("securityhub")
        .returns("ListOrganizationAdminAccounts", json!({"AdminAccounts": [named]}));
    expect(judged(&aws, CONTROL, &json!({"securityAccountId": SECURITY})), "COMPLIANT", "");
    called.extend(actions_of(&aws.take_calls()));
    assert_all_needed(CONTROL, &called);
}

#[test]
fn an_account_in_no_organization_aggregates_for_itself() {
    const CONTROL: &Control = &security_hub_status::CONTROL;
    let aws = aws(CONTROL);
    hub(&aws);
    aws.stub("securityhub").empty("ListFindingAggregators");
    let (compliance, annotation) = judged(&aws, CONTROL, &json!({}));
    assert_eq!(compliance, "NON_COMPLIANT");
    assert!(annotation.starts_with("AGGREGATION_MISSING: "), "{annotation}");
    let (compliance, annotation) = judged(&aws, CONTROL, &json!({"requireAggregator": false}));
    assert_eq!(compliance, "COMPLIANT");
    assert!(annotation.starts_with("STAND_ALONE_ACCOUNT: "), "{annotation}");
}

#[test]
fn a_denied_call_of_security_hub_is_no_verdict() {
    const CONTROL: &Control = &security_hub_status::CONTROL;
    for operation in [
        "DescribeHub",
        "GetEnabledStandards",
        "ListEnabledProductsForImport",
        "GetAdministratorAccount",
        "DescribeOrganizationConfiguration",
        "ListMembers",
        "ListAccounts",
        "ListFindingAggregators",
        "GetFindingAggregator",
    ] {
        let aws = aws(CONTROL);
        hub(&aws);
        aws.organizations().join(MANAGEMENT);
        let arn = format!("arn:aws:securityhub:{REGION}:{ACCOUNT}:finding-aggregator/abc");
        aws.stub("organizations").returns("ListAccounts", json!({"Accounts": []}));
        aws.stub("securityhub")
            .returns("GetAdministratorAccount", json!({}))
            .returns(
                "DescribeOrganizationConfiguration",
                json!({"AutoEnable": true, "AutoEnableStandards": "DEFAULT"}),
            )
            .empty("ListMembers")
            .returns(
                "ListFindingAggregators",
                json!({"FindingAggregators": [{"FindingAggregatorArn": arn}]}),
            );
        let service = if operation == "ListAccounts" { "organizations" } else { "securityhub" };
        aws.fault(service, operation, Fault::Denied);
        let error = invoke(&aws, CONTROL, &[], &json!({})).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{operation}: {}", error.message);
        assert!(error.message.contains(&format!("{service}:{operation}")), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}

/// Macie on, and an active member of a Detective graph.
fn services(aws: &FakeAws) {
    aws.stub("macie2").returns("GetMacieSession", json!({"status": "ENABLED"}));
    let invitation = |account: &str, status: &str| json!({"AccountId": ACCOUNT, "AdministratorId": account, "Status": status});
    aws.stub("detective").empty("ListGraphs").page_size(1).returns(
        "ListInvitations",
        json!({"Invitations": [
            invitation("777777777777", "INVITED"), invitation(SECURITY, "ENABLED")]}),
    );
}

#[test]
fn detective_and_macie_are_asked_as_required() {
    const CONTROL: &Control = &security_services::CONTROL;
    const OFF: &str = "Macie is not enabled.";
    let aws = aws(CONTROL);
    services(&aws);
    let mut called = BTreeSet::new();

    expect(judged(&aws, CONTROL, &json!({})), "COMPLIANT", "");
    assert_eq!((aws.count("ListInvitations"), aws.count("ListRegions")), (2, 0));
    called.extend(actions_of(&aws.take_calls()));

    // Another Region in which Detective is off.
    aws.stub("detective").in_region(OSAKA).empty("ListInvitations");
    aws.stub("guardduty")
        .returns("ListDetectors", json!({"DetectorIds": [DETECTOR]}))
        .returns("GetDetector", detector(true));
    let all = json!({"allRegions": true});
    expect(
        judged(&aws, CONTROL, &all),
        "NON_COMPLIANT",
        "DETECTIVE_DISABLED: Detective is not active: ap-northeast-3",
    );
    // GuardDuty was enabled there an hour ago: Detective may follow.
    let mut new = detector(true);
    new["CreatedAt"] = json!(ago(1));
    aws.stub("guardduty").in_region(OSAKA).returns("GetDetector", new);
    expect(
        judged(&aws, CONTROL, &all),
        "COMPLIANT",
        "DETECTIVE_MAY_WAIT: GuardDuty was enabled less than graceHours ago; Detective may follow: \
         ap-northeast-3",
    );
    let patient = json!({"allRegions": true, "graceHours": 0});
    assert!(judged(&aws, CONTROL, &patient).1.contains("DETECTIVE_DISABLED"));
    aws.stub("guardduty").in_region(OSAKA).empty("ListDetectors");
    assert!(judged(&aws, CONTROL, &all).1.contains("DETECTIVE_DISABLED"));
    called.extend(actions_of(&aws.take_calls()));

    // The account with the graph: one member of two pages is not active.
    let graph = format!("arn:aws:detective:{REGION}:{ACCOUNT}:graph:abc");
    let member = |id: &str, status: &str| json!({"AccountId": id, "Status": status});
    aws.stub("detective")
        .returns("ListGraphs", json!({"GraphList": [{"Arn": graph}]}))
        .returns(
            "ListDatasourcePackages",
            json!({"DatasourcePackages": {"DETECTIVE_CORE": {"DatasourcePackageIngestState": "STARTED"}}}),
        )
        .returns(
            "ListMembers",
            json!({"MemberDetails": [member("222222222222", "ENABLED"),
                member("333333333333", "ACCEPTED_BUT_DISABLED")]}),
        );
    expect(
        judged(&aws, CONTROL, &json!({"detectiveAdminAccountId": ACCOUNT})),
        "NON_COMPLIANT",
        "DETECTIVE_MEMBER_MISSING: Members of the Detective graph are not active: \
         ap-northeast-1 (333333333333)",
    );
    called.extend(actions_of(&aws.take_calls()));
    // Others leave it to that account, and do not ask.
    let elsewhere = json!({"detectiveAdminAccountId": SECURITY, "requireAutomatedDiscovery": true});
    aws.stub("macie2").returns("GetAutomatedDiscoveryConfiguration", json!({"status": "DISABLED"}));
    expect(
        judged(&aws, CONTROL, &elsewhere),
        "NON_COMPLIANT",
        "MACIE_DISCOVERY_OFF: Automated sensitive data discovery of Macie is off: ap-northeast-1",
    );
    let calls = aws.take_calls();
    assert!(calls.iter().all(|call| call.service != "detective"));
    called.extend(actions_of(&calls));

    // Off, and denied: the same code with other words.
    let macie_only = json!({"requireDetective": false});
    aws.fault("macie2", "GetMacieSession", Fault::error(403, "AccessDeniedException", OFF));
    expect(
        judged(&aws, CONTROL, &macie_only),
        "NON_COMPLIANT",
        "MACIE_DISABLED: Macie is not active: ap-northeast-1",
    );
    called.extend(actions_of(&aws.take_calls()));
    assert_all_needed(CONTROL, &called);
}

#[test]
fn a_denied_call_of_a_service_is_no_verdict() {
    const CONTROL: &Control = &security_services::CONTROL;
    for (service, operation) in [
        ("macie2", "GetMacieSession"),
        ("detective", "ListGraphs"),
        ("detective", "ListInvitations"),
    ] {
        let aws = aws(CONTROL);
        services(&aws);
        aws.stub(service).in_region(OSAKA).fails(operation, "AccessDeniedException", 403);
        let error = invoke(&aws, CONTROL, &[], &json!({"allRegions": true})).unwrap_err();
        assert_eq!(error.error_type, "AccessDenied", "{}", error.message);
        assert!(error.message.contains(&format!("{service}:{operation}")), "{}", error.message);
        assert!(error.message.contains("in ap-northeast-3: "), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
    }
}
