//! End-to-end: the controls of the identity domain that ask services, from the Config event to
//! the evaluation.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use crate::support::{actions_of, assert_all_needed, aws_for};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fisc_shared::Control;
use fisc_testkit::aws::{ACCOUNT, FakeAws, Fault, REGION};
use fisc_testkit::events;
use fisc_testkit::runtime::{FunctionError, Lambda};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

fn start(control: &Control, aws: &FakeAws) -> Lambda {
    let env = [("FISC_CONTROL", control.id), ("FISC_LANGUAGE", "en"), ("AWS_MAX_ATTEMPTS", "2")];
    Lambda::start(env!("CARGO_BIN_EXE_identity"), aws, &env)
}

fn rule_of(control: &Control) -> String {
    format!("fisc-{}", control.id)
}

fn sweep(
    control: &Control,
    aws: &FakeAws,
    lambda: &mut Lambda,
    parameters: &Value,
) -> Result<Value, FunctionError> {
    let rule = aws.config().rule(&rule_of(control));
    lambda.invoke(events::scheduled(&rule, parameters))
}

/// An item as it was captured just now.
fn captured(kind: &str, id: &str, configuration: Value) -> Value {
    let mut item = events::item(kind, id, configuration);
    item["configurationItemCaptureTime"] = json!(format!("{:.3}", Timestamp::now()));
    item
}

/// Compliance and annotation that Config holds of a resource.
fn held(control: &Control, aws: &FakeAws, id: &str) -> (String, String) {
    let result = aws.config().result(&rule_of(control), id);
    let result = result.unwrap_or_else(|| panic!("a result for {id}"));
    (result.compliance, result.annotation.unwrap_or_default())
}

fn days_ago(days: i64) -> String {
    (Timestamp::now() - SignedDuration::from_hours(24 * days)).to_string()
}

/// A call that is denied is no verdict: nothing is written.
fn assert_denied(
    control: &Control,
    service: &str,
    operation: &str,
    action: &str,
    set: impl Fn(&FakeAws),
    parameters: &Value,
) {
    let aws = aws_for(control);
    set(&aws);
    aws.fault(service, operation, Fault::Denied);
    let error = sweep(control, &aws, &mut start(control, &aws), parameters).unwrap_err();
    assert_eq!(error.error_type, "AccessDenied", "{operation}: {}", error.message);
    assert!(error.message.contains(&format!("{action} failed")), "{}", error.message);
    assert_eq!(aws.count("PutEvaluations"), 0, "{operation}");
}

mod access_analyzer {
    use super::*;
    use fisc_identity::access_analyzer::CONTROL;

    fn arn(name: &str) -> String {
        format!("arn:aws:access-analyzer:{REGION}:{ACCOUNT}:analyzer/{name}")
    }

    fn analyzer(name: &str, kind: &str, status: &str) -> Value {
        json!({
            "arn": arn(name), "name": name, "type": kind, "status": status,
            "createdAt": "2024-04-01T00:00:00Z",
        })
    }

    fn finding(id: &str, kind: &str, days: i64, owner: &str) -> Value {
        json!({
            "id": id, "analyzedAt": days_ago(0), "createdAt": days_ago(days),
            "updatedAt": days_ago(0), "resource": format!("arn:aws:s3:::{id}"),
            "resourceType": "AWS::S3::Bucket", "resourceOwnerAccount": owner,
            "status": "ACTIVE", "findingType": kind,
        })
    }

    fn findings(aws: &FakeAws, analyzer: &str, filter: &Value, findings: &Value) {
        aws.stub("accessanalyzer").when(
            "ListFindingsV2",
            json!({"analyzerArn": arn(analyzer), "filter": filter}),
            json!({"findings": findings}),
        );
    }

    fn own() -> Value {
        json!({"status": {"eq": ["ACTIVE"]}, "resourceOwnerAccount": {"eq": [ACCOUNT]}})
    }

    fn set(aws: &FakeAws) {
        let service = aws.stub("accessanalyzer");
        service.page_size(1);
        service.returns(
            "ListAnalyzers",
            json!({"analyzers": [
                analyzer("unused", "ACCOUNT_UNUSED_ACCESS", "ACTIVE"),
                analyzer("external", "ACCOUNT", "ACTIVE"),
            ]}),
        );
        let mut unused = analyzer("unused", "ACCOUNT_UNUSED_ACCESS", "ACTIVE");
        unused["configuration"] = json!({"unusedAccess": {"unusedAccessAge": 90}});
        service.when("GetAnalyzer", json!({"analyzerName": "unused"}), json!({"analyzer": unused}));
        findings(aws, "external", &own(), &json!([]));
    }

    #[test]
    fn each_state_reaches_config() {
        let aws = aws_for(&CONTROL);
        set(&aws);
        let mut lambda = start(&CONTROL, &aws);
        let mut run = |parameters: Value| {
            sweep(&CONTROL, &aws, &mut lambda, &parameters).unwrap();
            held(&CONTROL, &aws, ACCOUNT)
        };
        // The external analyzer is on the second page.
        assert_eq!(run(json!({})), ("COMPLIANT".to_owned(), String::new()));

        // The overdue findings are on later pages.
        let all = json!([
            finding("a", "ExternalAccess", 3, ACCOUNT),
            finding("b", "ExternalAccess", 45, ACCOUNT),
            finding("c", "ExternalAccess", 80, ACCOUNT),
        ]);
        findings(&aws, "external", &own(), &all);
        let (compliance, annotation) = run(json!({}));
        assert_eq!(compliance, "NON_COMPLIANT");
        assert_eq!(
            annotation,
            "FINDING_OVERDUE: 2 active finding(s) are older than 30 days, the oldest 80 days"
        );
        assert_eq!(run(json!({"maxFindingAgeDays": "90"})).0, "COMPLIANT");
        assert_eq!(run(json!({"findingTypes": []})).0, "COMPLIANT");

        // Of unused access only the types that are judged.
        let unused = json!([
            finding("d", "UnusedPermission", 400, ACCOUNT),
            finding("e", "UnusedIAMRole", 40, ACCOUNT),
        ]);
        findings(&aws, "unused", &own(), &unused);
        let (_, annotation) = run(json!({"findingTypes": "UnusedIAMRole"}));
        assert!(annotation.contains("1 active finding(s)"), "{annotation}");

        let required = json!({"requireUnusedAccessAnalyzer": true, "maxFindingAgeDays": 100});
        assert_eq!(run(required.clone()).0, "COMPLIANT");
        let mut shorter = required;
        shorter["maxUnusedAccessAgeDays"] = json!(30);
        let (_, annotation) = run(shorter);
        assert!(annotation.starts_with("UNUSED_ANALYZER_MISSING: The unused"), "{annotation}");

        aws.stub("accessanalyzer").empty("ListAnalyzers");
        let (compliance, annotation) = run(json!({}));
        assert_eq!(compliance, "NON_COMPLIANT");
        assert!(annotation.starts_with("EXTERNAL_ANALYZER_MISSING"), "{annotation}");
        let relied = run(json!({"organizationAnalyzerAccountId": "012345678901"}));
        assert_eq!(relied.0, "NOT_APPLICABLE");
        assert!(relied.1.contains("account 012345678901 covers"), "{}", relied.1);

        assert_all_needed(&CONTROL, &actions_of(&aws.take_calls()));
    }

    #[test]
    fn findings_of_other_accounts_are_judged_where_they_rely_on_it() {
        let aws = aws_for(&CONTROL);
        let organization = analyzer("organization", "ORGANIZATION", "ACTIVE");
        aws.stub("accessanalyzer").returns("ListAnalyzers", json!({"analyzers": [organization]}));
        let mine = finding("a", "ExternalAccess", 3, ACCOUNT);
        let theirs = finding("b", "ExternalAccess", 60, "444455556666");
        let active = json!({"status": {"eq": ["ACTIVE"]}});
        findings(&aws, "organization", &active, &json!([mine, theirs]));
        findings(&aws, "organization", &own(), &json!([mine]));
        let mut lambda = start(&CONTROL, &aws);
        sweep(&CONTROL, &aws, &mut lambda, &json!({})).unwrap();
        assert_eq!(held(&CONTROL, &aws, ACCOUNT).0, "COMPLIANT");
        let here = json!({"organizationAnalyzerAccountId": ACCOUNT});
        sweep(&CONTROL, &aws, &mut lambda, &here).unwrap();
        assert_eq!(held(&CONTROL, &aws, ACCOUNT).0, "NON_COMPLIANT");
    }

    #[test]
    fn what_cannot_be_asked_is_no_verdict() {
        let unused = json!({"requireUnusedAccessAnalyzer": true});
        for (operation, action) in [
            ("ListAnalyzers", "access-analyzer:ListAnalyzers"),
            ("GetAnalyzer", "access-analyzer:GetAnalyzer"),
            ("ListFindingsV2", "access-analyzer:ListFindings"),
        ] {
            assert_denied(&CONTROL, "access-analyzer", operation, action, set, &unused);
        }
        let aws = aws_for(&CONTROL);
        set(&aws);
        let wrong = json!({"findingTypes": "External"});
        let error = sweep(&CONTROL, &aws, &mut start(&CONTROL, &aws), &wrong).unwrap_err();
        assert_eq!(error.error_type, "WrongParameter");
        assert_eq!(aws.count("PutEvaluations"), 0);
    }
}

mod cognito_authentication {
    use super::*;
    use fisc_identity::cognito_authentication::CONTROL;

    const WEAK: &str = "ap-northeast-1_Weak00000";
    const STRONG: &str = "ap-northeast-1_Strong000";
    const POOL: &str = "ap-northeast-1:12345678-dead-beef-cafe-123456790ab1";
    const OPEN: &str = "ap-northeast-1:87654321-dead-beef-cafe-123456790ab1";

    fn user_pool(aws: &FakeAws, id: &str, length: i64, mfa: &str) {
        let service = aws.stub("cognito-idp");
        let passwords = json!({
            "MinimumLength": length, "RequireUppercase": true, "RequireLowercase": true,
            "RequireNumbers": true, "RequireSymbols": true, "TemporaryPasswordValidityDays": 7,
        });
        service.when(
            "DescribeUserPool",
            json!({"UserPoolId": id}),
            json!({"UserPool": {"Id": id, "Name": "customers", "UserPoolTier": "ESSENTIALS",
                                "Policies": {"PasswordPolicy": passwords}}}),
        );
        service.when(
            "GetUserPoolMfaConfig",
            json!({"UserPoolId": id}),
            json!({"MfaConfiguration": mfa, "SoftwareTokenMfaConfiguration": {"Enabled": true}}),
        );
    }

    fn trust(pool: &str) -> String {
        let document = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Federated": "cognito-identity.amazonaws.com"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringLike": {"cognito-identity.amazonaws.com:aud": pool},
                "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
            },
        }]});
        // IAM encodes policies for URLs.
        document.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect()
    }

    fn identity_pool(aws: &FakeAws, id: &str, role: &str, aud: &str) {
        let service = aws.stub("cognito-identity");
        service.when(
            "DescribeIdentityPool",
            json!({"IdentityPoolId": id}),
            json!({"IdentityPoolId": id, "IdentityPoolName": "app",
                   "AllowUnauthenticatedIdentities": false, "AllowClassicFlow": false,
                   "SupportedLoginProviders": {"graph.facebook.com": "1"}}),
        );
        service.when(
            "GetIdentityPoolRoles",
            json!({"IdentityPoolId": id}),
            json!({"IdentityPoolId": id, "Roles": {
                "authenticated": format!("arn:aws:iam::{ACCOUNT}:role/service-role/{role}")}}),
        );
        aws.stub("iam").when(
            "GetRole",
            json!({"RoleName": role}),
            json!({"Role": {"Path": "/service-role/", "RoleName": role,
                            "RoleId": "AROATESTKIT0000000001",
                            "Arn": format!("arn:aws:iam::{ACCOUNT}:role/service-role/{role}"),
                            "CreateDate": "2024-04-01T00:00:00Z",
                            "AssumeRolePolicyDocument": trust(aud)}}),
        );
    }

    fn set(aws: &FakeAws) {
        user_pool(aws, WEAK, 6, "OFF");
        user_pool(aws, STRONG, 12, "ON");
        aws.stub("cognito-idp").page_size(1).returns(
            "ListUserPools",
            json!({"UserPools": [{"Id": STRONG, "Name": "staff"}, {"Id": WEAK, "Name": "customers"}]}),
        );
        identity_pool(aws, POOL, "app-users", POOL);
        identity_pool(aws, OPEN, "open-users", "ap-northeast-1:*");
        aws.stub("cognito-identity").page_size(1).returns(
            "ListIdentityPools",
            json!({"IdentityPools": [{"IdentityPoolId": POOL}, {"IdentityPoolId": OPEN}]}),
        );
    }

    #[test]
    fn each_pool_has_its_verdict() {
        let aws = aws_for(&CONTROL);
        set(&aws);
        let mut lambda = start(&CONTROL, &aws);
        let answer = sweep(&CONTROL, &aws, &mut lambda, &json!({})).unwrap();
        assert_eq!((&answer["compliant"], &answer["nonCompliant"]), (&json!(2), &json!(2)));
        let held = |id: &str| held(&CONTROL, &aws, id);
        assert_eq!(held(STRONG).0, "COMPLIANT");
        let (compliance, annotation) = held(WEAK);
        assert_eq!(compliance, "NON_COMPLIANT");
        assert!(annotation.contains("MFA_NOT_REQUIRED: MFA is off"), "{annotation}");
        assert!(annotation.contains("length 6 (at least 8)"), "{annotation}");
        assert_eq!(held(POOL).0, "COMPLIANT");
        let (compliance, annotation) = held(OPEN);
        assert_eq!(compliance, "NON_COMPLIANT");
        assert_eq!(
            annotation,
            "ROLE_TRUST_NOT_PINNED: Open to identities of other pools (aud): open-users"
        );
        let mut called = actions_of(&aws.take_calls());

        // A change is the signal; the service is asked what it is now.
        user_pool(&aws, WEAK, 8, "ON");
        identity_pool(&aws, OPEN, "open-users", OPEN);
        let rule = aws.config().rule(&rule_of(&CONTROL));
        for (kind, id) in [("AWS::Cognito::UserPool", WEAK), ("AWS::Cognito::IdentityPool", OPEN)] {
            let item = captured(kind, id, json!({}));
            lambda.invoke(events::change(&rule, &item, &json!({}))).unwrap();
            assert_eq!(held(id).0, "COMPLIANT", "{id}");
        }
        let id = format!("{STRONG}|1example23456789");
        let item = json!({"PreventUserExistenceErrors": "LEGACY"});
        let item = captured("AWS::Cognito::UserPoolClient", &id, item);
        let hide = json!({"hideUserExistence": true});
        called.extend(actions_of(&aws.take_calls()));
        lambda.invoke(events::change(&rule, &item, &hide)).unwrap();
        assert!(held(&id).1.starts_with("USER_EXISTENCE_REVEALED"));
        let calls = aws.take_calls();
        assert!(calls.iter().all(|call| call.service == "config"), "{calls:?}");
        // The schedule leaves app clients alone.
        sweep(&CONTROL, &aws, &mut lambda, &json!({})).unwrap();
        assert!(held(&id).1.starts_with("USER_EXISTENCE_REVEALED"));

        // The item of a change that is too large for its event is fetched.
        let item = captured("AWS::Cognito::UserPool", WEAK, json!({}));
        aws.config().record(&item);
        lambda.invoke(events::oversized(&rule, &item, &json!({}))).unwrap();
        called.extend(actions_of(&aws.take_calls()));
        assert_all_needed(&CONTROL, &called);
    }

    #[test]
    fn a_pool_that_is_deleted_meanwhile_is_left_out() {
        let aws = aws_for(&CONTROL);
        set(&aws);
        let mut lambda = start(&CONTROL, &aws);
        sweep(&CONTROL, &aws, &mut lambda, &json!({})).unwrap();
        let gone = ("ResourceNotFoundException", 400);
        aws.stub("cognito-idp").fails_when(
            "GetUserPoolMfaConfig",
            json!({"UserPoolId": WEAK}),
            gone.0,
            gone.1,
        );
        aws.stub("cognito-identity").fails_when(
            "DescribeIdentityPool",
            json!({"IdentityPoolId": OPEN}),
            gone.0,
            gone.1,
        );
        let answer = sweep(&CONTROL, &aws, &mut lambda, &json!({})).unwrap();
        assert_eq!((&answer["compliant"], &answer["nonCompliant"]), (&json!(2), &json!(0)));
        assert_eq!(held(&CONTROL, &aws, WEAK).0, "NOT_APPLICABLE");
        assert_eq!(held(&CONTROL, &aws, OPEN).0, "NOT_APPLICABLE");
        // A role that is gone is another matter.
        aws.stub("iam").fails_when(
            "GetRole",
            json!({"RoleName": "app-users"}),
            "NoSuchEntity",
            404,
        );
        sweep(&CONTROL, &aws, &mut lambda, &json!({})).unwrap();
        let (_, annotation) = held(&CONTROL, &aws, POOL);
        assert!(annotation.starts_with("AUTHENTICATED_ROLE_MISSING: The role app-users"));
    }

    #[test]
    fn what_cannot_be_asked_is_no_verdict() {
        for (service, operation) in [
            ("cognito-idp", "ListUserPools"),
            ("cognito-idp", "DescribeUserPool"),
            ("cognito-idp", "GetUserPoolMfaConfig"),
            ("cognito-identity", "ListIdentityPools"),
            ("cognito-identity", "DescribeIdentityPool"),
            ("cognito-identity", "GetIdentityPoolRoles"),
            ("iam", "GetRole"),
        ] {
            let action = format!("{service}:{operation}");
            assert_denied(&CONTROL, service, operation, &action, set, &json!({}));
        }
    }
}

mod federation {
    use super::*;
    use fisc_identity::federation::CONTROL;
    use fisc_testkit::aws::{CredentialUser, Report, RoleDetail, UserDetail};

    const NEXT: &[u8] = include_bytes!("../fixtures/saml/next.der");
    const EXPIRED: &[u8] = include_bytes!("../fixtures/saml/expired.der");

    fn saml(name: &str) -> String {
        format!("arn:aws:iam::{ACCOUNT}:saml-provider/{name}")
    }

    fn oidc(issuer: &str) -> String {
        format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{issuer}")
    }

    const KEPT: &str = "AWSSSO_0123456789abcdef_DO_NOT_DELETE";
    const CI: &str = "token.actions.githubusercontent.com";

    fn metadata(aws: &FakeAws, name: &str, certificate: &[u8]) {
        let certificate = STANDARD.encode(certificate);
        let document = format!(
            r#"<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.bank.example/saml"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>{certificate}</X509Certificate></X509Data></KeyInfo></KeyDescriptor></IDPSSODescriptor></EntityDescriptor>"#
        );
        aws.stub("iam").when(
            "GetSAMLProvider",
            json!({"SAMLProviderArn": saml(name)}),
            json!({"SAMLMetadataDocument": document, "ValidUntil": "2126-01-01T00:00:00Z",
                   "CreateDate": "2024-04-01T00:00:00Z"}),
        );
    }

    fn set(aws: &FakeAws) {
        let list: Vec<Value> =
            ["Bank", "Old", KEPT].iter().map(|name| json!({"Arn": saml(name)})).collect();
        aws.stub("iam").returns("ListSAMLProviders", json!({"SAMLProviderList": list})).returns(
            "ListOpenIDConnectProviders",
            json!({"OpenIDConnectProviderList": [{"Arn": oidc(CI)}]}),
        );
        metadata(aws, "Bank", NEXT);
        metadata(aws, "Old", EXPIRED);
        let role = |name: &str, principal: Value| {
            RoleDetail::new(name, &format!("AROATESTKIT{name:0>10}")).trust(json!({
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Principal": principal,
                               "Action": "sts:AssumeRoleWithSAML"}],
            }))
        };
        aws.iam().page(1).set_roles(&[
            role("service", json!({"Service": "ec2.amazonaws.com"})),
            role("operators", json!({"Federated": saml("Bank")})),
            role("deploy", json!({"Federated": [oidc(CI)]})),
        ]);
        aws.iam().set_users(&[
            UserDetail::new("yamada", "AIDATESTKIT0000000001").path("/ops/"),
            UserDetail::new("emergency", "AIDATESTKIT0000000002"),
        ]);
        aws.iam().set_report_state(Report::NotPresent).set_report(&[
            CredentialUser::root(),
            CredentialUser::user("yamada").set("password_enabled", "true"),
            CredentialUser::user("emergency").set("password_enabled", "true"),
        ]);
    }

    fn all() -> Value {
        json!({"forbidConsolePasswords": true, "breakGlassUserNames": "emergency",
               "requireFederation": true})
    }

    #[test]
    fn providers_users_and_the_account_are_judged() {
        let aws = aws_for(&CONTROL);
        set(&aws);
        let mut lambda = start(&CONTROL, &aws);
        let held = |id: &str| held(&CONTROL, &aws, id);

        // By default only providers, and of users nothing is asked.
        let answer = sweep(&CONTROL, &aws, &mut lambda, &json!({})).unwrap();
        assert_eq!((&answer["compliant"], &answer["nonCompliant"]), (&json!(2), &json!(1)));
        assert_eq!(held(&saml("Bank")), ("COMPLIANT".to_owned(), String::new()));
        let (compliance, annotation) = held(&saml("Old"));
        assert_eq!(compliance, "NON_COMPLIANT");
        assert!(annotation.contains("SAML_METADATA_EXPIRING: The last signing"), "{annotation}");
        assert!(annotation.contains("PROVIDER_UNUSED"), "{annotation}");
        assert_eq!(held(&oidc(CI)).0, "COMPLIANT");
        assert!(held(&saml(KEPT)).1.starts_with("IDENTITY_CENTER_PROVIDER"));
        assert_eq!(aws.count("GetCredentialReport"), 0);

        sweep(&CONTROL, &aws, &mut lambda, &all()).unwrap();
        assert!(held("AIDATESTKIT0000000001").1.starts_with("CONSOLE_PASSWORD_PRESENT"));
        assert_eq!(held("AIDATESTKIT0000000002").0, "COMPLIANT");
        assert_eq!(held(ACCOUNT).0, "COMPLIANT");

        // Users that are judged no longer keep no result.
        let elsewhere = json!({"identityAccountId": "012345678901"});
        sweep(&CONTROL, &aws, &mut lambda, &elsewhere).unwrap();
        assert!(held("AIDATESTKIT0000000001").1.starts_with("USER_OUTSIDE_IDENTITY_ACCOUNT"));
        sweep(&CONTROL, &aws, &mut lambda, &json!({})).unwrap();
        assert_eq!(held("AIDATESTKIT0000000001").0, "NOT_APPLICABLE");

        let approved = json!({"approvedEntityIds": ["https://idp.bank.example/*"],
                              "approvedOidcIssuers": ["https://gitlab.com"]});
        sweep(&CONTROL, &aws, &mut lambda, &approved).unwrap();
        assert_eq!(held(&saml("Bank")).0, "COMPLIANT");
        assert!(held(&oidc(CI)).1.starts_with("PROVIDER_NOT_APPROVED"));
        assert_all_needed(&CONTROL, &actions_of(&aws.take_calls()));
    }

    #[test]
    fn an_account_without_any_provider() {
        let aws = aws_for(&CONTROL);
        aws.stub("iam").empty("ListSAMLProviders").empty("ListOpenIDConnectProviders");
        let mut lambda = start(&CONTROL, &aws);
        sweep(&CONTROL, &aws, &mut lambda, &json!({})).unwrap();
        assert!(held(&CONTROL, &aws, ACCOUNT).1.starts_with("NOTHING_IN_SCOPE"));
        // Without providers no role is asked for.
        assert_eq!(aws.count("GetAccountAuthorizationDetails"), 0);
        let required = json!({"requireFederation": true});
        sweep(&CONTROL, &aws, &mut lambda, &required).unwrap();
        assert!(held(&CONTROL, &aws, ACCOUNT).1.starts_with("FEDERATION_MISSING"));
        aws.iam().set_roles(&[RoleDetail::new("AWSReservedSSO_ops", "AROATESTKIT0000000001")
            .path("/aws-reserved/sso.amazonaws.com/ap-northeast-1/")]);
        sweep(&CONTROL, &aws, &mut lambda, &required).unwrap();
        assert_eq!(held(&CONTROL, &aws, ACCOUNT).0, "COMPLIANT");
    }

    #[test]
    fn what_cannot_be_read_is_no_verdict() {
        for operation in [
            "ListSAMLProviders",
            "GetSAMLProvider",
            "ListOpenIDConnectProviders",
            "GetAccountAuthorizationDetails",
            "GetCredentialReport",
            "GenerateCredentialReport",
        ] {
            assert_denied(&CONTROL, "iam", operation, &format!("iam:{operation}"), set, &all());
        }
        let aws = aws_for(&CONTROL);
        set(&aws);
        metadata(&aws, "Old", &EXPIRED[1..]);
        let error = sweep(&CONTROL, &aws, &mut start(&CONTROL, &aws), &json!({})).unwrap_err();
        assert_eq!(error.error_type, "UnexpectedAnswer");
        assert!(error.message.contains("SAMLMetadataDocument of Old"), "{}", error.message);
        assert_eq!(aws.count("PutEvaluations"), 0);
    }
}
