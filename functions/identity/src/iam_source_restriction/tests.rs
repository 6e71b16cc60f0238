use aws_sdk_iam::types::{
    AttachedPermissionsBoundary, AttachedPolicy, GroupDetail, ManagedPolicyDetail, PolicyDetail,
    PolicyVersion, RoleDetail, Tag, UserDetail,
};
use serde_json::{Value, json};

use super::*;
use crate::testing::{parameters, run, summary};

mod people;

const OFFICE: &str = "203.0.113.0/24";
const ARN: &str = "arn:aws:iam::111122223333:user/yamada";

#[test]
fn an_item_shows_that_the_control_is_off_and_nothing_else() {
    let item = json!({
        "resourceType": "AWS::IAM::User", "resourceId": "AIDATESTKIT0000001",
        "configurationItemStatus": "OK", "configuration": {"userName": "yamada"},
    });
    let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
    let previewed = |given: Value| preview(&item, &run(&parameters(&CONTROL, &given))).unwrap();
    let off = previewed(json!({})).unwrap();
    assert_eq!(off, Verdict::not_applicable(&NO_SOURCES_GIVEN));
    assert_eq!(previewed(json!({"allowedCidrs": OFFICE})), None);
}

fn policy(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn allow_all() -> Value {
    json!({"Effect": "Allow", "Action": "*", "Resource": "*"})
}

fn deny_all(condition: &Value) -> Value {
    json!({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition})
}

fn allow_if(condition: &Value) -> Value {
    json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition})
}

/// A user with one inline policy, and whatever else is set.
fn user(statements: &Value) -> aws_sdk_iam::types::builders::UserDetailBuilder {
    let inline =
        PolicyDetail::builder().policy_name("own").policy_document(policy(statements)).build();
    UserDetail::builder()
        .user_name("yamada")
        .user_id("AIDATESTKIT0000001")
        .arn(ARN)
        .user_policy_list(inline)
}

fn managed(arn: &str, statements: &Value) -> ManagedPolicyDetail {
    let version = |id: &str, default, document: String| {
        PolicyVersion::builder()
            .version_id(id)
            .is_default_version(default)
            .document(document)
            .build()
    };
    ManagedPolicyDetail::builder()
        .arn(arn)
        .policy_version_list(version("v2", false, policy(&json!([]))))
        .policy_version_list(version("v1", true, policy(statements)))
        .build()
}

fn attached(arn: &str) -> AttachedPolicy {
    AttachedPolicy::builder().policy_name("some").policy_arn(arn).build()
}

fn bound(arn: &str) -> AttachedPermissionsBoundary {
    AttachedPermissionsBoundary::builder().permissions_boundary_arn(arn).build()
}

/// The verdict on the user, with the office and one VPC approved.
fn verdict_in(identities: &Identities, given: &Value) -> Result<Verdict, Error> {
    let parameters = parameters(&CONTROL, given);
    let run = run(&parameters);
    let user = identities.users.get("yamada").unwrap();
    judge(&identities.user("yamada", ARN, user)?, &approved(&run)?.unwrap(), &run)
}

fn approving() -> Value {
    json!({"allowedCidrs": [OFFICE, "2001:db8:1::/48"], "allowedVpcIds": ["vpc-1", "vpce-1"]})
}

fn of(user: UserDetail, others: Vec<ManagedPolicyDetail>, groups: Vec<GroupDetail>) -> Verdict {
    let mut identities = Identities::default();
    identities.add_user(user).unwrap();
    for policy in others {
        identities.add_policy(policy).unwrap();
    }
    for group in groups {
        identities.add_group(group).unwrap();
    }
    verdict_in(&identities, &approving()).unwrap()
}

/// The verdict on a user with these statements.
fn judged(statements: &Value) -> String {
    summary(&CONTROL, &of(user(statements).build(), Vec::new(), Vec::new()))
}

const PASS: &str = "COMPLIANT";
const OPEN: &str = "NON_COMPLIANT SOURCE_NOT_RESTRICTED";
const WIDE: &str = "NON_COMPLIANT SOURCE_RANGE_TOO_WIDE";

#[test]
fn a_deny_for_requests_from_elsewhere_restricts() {
    for (condition, expected) in [
        // Without a carve-out even calls through endpoints are denied: the key is absent there,
        // and a negated test holds, with IfExists or without.
        (json!({"NotIpAddress": {"aws:SourceIp": OFFICE}}), PASS),
        (json!({"NotIpAddressIfExists": {"aws:SourceIp": [OFFICE, "2001:db8:1::/48"]}}), PASS),
        (
            json!({"NotIpAddress": {"aws:SourceIp": OFFICE},
                   "Bool": {"aws:ViaAWSService": "false"}}),
            PASS,
        ),
        (
            json!({"NotIpAddressIfExists": {"aws:SourceIp": OFFICE},
                   "StringNotEqualsIfExists": {"aws:SourceVpc": "vpc-1"},
                   "BoolIfExists": {"aws:PrincipalIsAWSService": "false",
                                    "aws:ViaAWSService": "false"}}),
            PASS,
        ),
        (
            json!({"NotIpAddress": {"aws:SourceIp": OFFICE},
                   "StringNotEquals": {"aws:SourceVpce": ["vpce-1"]}}),
            PASS,
        ),
        // A part of an approved range.
        (json!({"NotIpAddress": {"aws:SourceIp": ["203.0.113.7", "203.0.113.128/25"]}}), PASS),
        // Calls through anybody's endpoint are let through.
        (
            json!({"NotIpAddress": {"aws:SourceIp": OFFICE}, "Null": {"aws:SourceIp": "false"}}),
            OPEN,
        ),
        (
            json!({"NotIpAddress": {"aws:SourceIp": OFFICE}, "Null": {"aws:SourceVpc": "true"}}),
            OPEN,
        ),
        (
            json!({"NotIpAddress": {"aws:SourceIp": OFFICE},
                   "StringNotLike": {"aws:SourceVpc": "vpc-*"}}),
            OPEN,
        ),
        // A VPC of their own has whatever private addresses strangers like.
        (json!({"NotIpAddress": {"aws:SourceIp": OFFICE, "aws:VpcSourceIp": "10.0.0.0/8"}}), OPEN),
        // Conditions on something else leave the rest open.
        (
            json!({"NotIpAddress": {"aws:SourceIp": OFFICE},
                   "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
            OPEN,
        ),
        (
            json!({"NotIpAddress": {"aws:SourceIp": OFFICE},
                   "StringEquals": {"aws:RequestedRegion": "ap-northeast-1"}}),
            OPEN,
        ),
        // It stops only what services do.
        (
            json!({"NotIpAddress": {"aws:SourceIp": OFFICE},
                   "Bool": {"aws:ViaAWSService": "true"}}),
            OPEN,
        ),
        // The user itself is carved out, or another one.
        (
            json!({"NotIpAddress": {"aws:SourceIp": OFFICE},
                   "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:user/yamada"}}),
            OPEN,
        ),
        (
            json!({"NotIpAddress": {"aws:SourceIp": OFFICE},
                   "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/emergency"},
                   "StringNotEquals": {"aws:username": "sato", "aws:userid": "AIDAOTHER"}}),
            PASS,
        ),
        // Wide ranges.
        (json!({"NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}}), OPEN),
        (json!({"NotIpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}), OPEN),
        (json!({"NotIpAddress": {"aws:SourceIp": [OFFICE, "::/0"]}}), OPEN),
        (json!({"NotIpAddress": {"aws:SourceIp": [OFFICE, "${aws:PrincipalTag/net}"]}}), OPEN),
        // Known bad addresses alone, or those of IPv4 only.
        (json!({"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}), OPEN),
        (json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}), OPEN),
        // Other sources.
        (json!({"NotIpAddress": {"aws:SourceIp": [OFFICE, "198.51.100.0/24"]}}), WIDE),
        (json!({"NotIpAddress": {"aws:SourceIp": "203.0.112.0/23"}}), WIDE),
        (json!({"NotIpAddress": {"aws:SourceIp": [OFFICE, "2001:db8::/32"]}}), WIDE),
        (
            json!({"NotIpAddressIfExists": {"aws:SourceIp": OFFICE},
                   "StringNotEqualsIfExists": {"aws:SourceVpc": ["vpc-1", "vpc-2"]}}),
            WIDE,
        ),
        (
            json!({"NotIpAddress": {"aws:SourceIp": OFFICE},
                   "StringNotEquals": {"aws:SourceVpc": "vpc-1", "aws:SourceVpce": "vpce-2"}}),
            WIDE,
        ),
    ] {
        let statements = json!([allow_all(), deny_all(&condition)]);
        assert_eq!(judged(&statements), expected, "{condition}");
    }
}

#[test]
fn the_deny_is_about_all_that_is_allowed() {
    let outside = json!({"NotIpAddress": {"aws:SourceIp": OFFICE}});
    let deny = |element: &str, value: Value| json!({"Effect": "Deny", element: value, "Resource": "*", "Condition": outside});
    for (statements, expected) in [
        (json!([allow_all()]), OPEN),
        (json!([]), PASS),
        (json!([allow_all(), deny("Action", json!("s3:*"))]), OPEN),
        (json!([allow_all(), deny("NotAction", json!("iam:ChangePassword"))]), OPEN),
        (json!([allow_all(), deny("Action", json!("*:*"))]), PASS),
        (
            json!([allow_all(), deny("NotAction", json!("s3:*")), deny("Action", json!("S3:*"))]),
            PASS,
        ),
        // What nobody allows needs no Deny.
        (
            json!([{"Effect": "Allow", "Action": ["s3:Get*", "ec2:*"], "Resource": "*"},
                   deny("NotAction", json!(["iam:*", "sts:*"]))]),
            PASS,
        ),
        (
            json!([allow_all(), {"Effect": "Deny", "Action": "*", "Condition": outside,
                                 "Resource": "arn:aws:s3:::*"}]),
            OPEN,
        ),
    ] {
        assert_eq!(judged(&statements), expected, "{statements}");
    }
}

#[test]
fn every_allow_is_limited_or_none_counts() {
    let office = json!({"IpAddress": {"aws:SourceIp": OFFICE}});
    let vpc = json!({"StringEquals": {"aws:SourceVpc": "vpc-1"}});
    for (statements, expected) in [
        (json!([allow_if(&office)]), PASS),
        (json!([allow_if(&office), allow_if(&vpc)]), PASS),
        // Some of the Allows are not enough.
        (
            json!([allow_if(&office),
                   {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}]),
            OPEN,
        ),
        // Absent through an endpoint: then the test holds.
        (json!([allow_if(&json!({"IpAddressIfExists": {"aws:SourceIp": OFFICE}}))]), OPEN),
        (json!([allow_if(&json!({"NotIpAddress": {"aws:SourceIp": "198.51.100.0/24"}}))]), OPEN),
        (json!([allow_if(&json!({"StringLike": {"aws:SourceVpc": "*"}}))]), OPEN),
        (json!([allow_if(&json!({"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}))]), WIDE),
        (json!([allow_if(&json!({"StringEquals": {"aws:SourceVpce": "vpce-9"}}))]), WIDE),
        // Only together, and one of the two is approved.
        (
            json!([allow_if(&json!({"StringEquals": {"aws:SourceVpc": "vpc-9",
                                                     "aws:SourceVpce": "vpce-1"}}))]),
            PASS,
        ),
        // Services may act for the user.
        (
            json!([allow_if(&office), allow_if(&json!({"Bool": {"aws:ViaAWSService": "true"}}))]),
            PASS,
        ),
    ] {
        assert_eq!(judged(&statements), expected, "{statements}");
    }
}

#[test]
fn groups_managed_policies_and_the_boundary_count() {
    const OWN: &str = "arn:aws:iam::111122223333:policy/offices";
    let outside = json!({"NotIpAddress": {"aws:SourceIp": OFFICE}});
    let deny = json!([deny_all(&outside)]);
    let all = json!([allow_all()]);
    let nothing = || of(user(&all).build(), Vec::new(), Vec::new());
    assert_eq!(summary(&CONTROL, &nothing()), OPEN);

    let attach = user(&all).attached_managed_policies(attached(OWN)).build();
    assert_eq!(of(attach, vec![managed(OWN, &deny)], Vec::new()), Verdict::compliant());

    let inline = PolicyDetail::builder().policy_name("net").policy_document(policy(&deny)).build();
    let group = || GroupDetail::builder().group_name("ops");
    let member = || user(&all).group_list("ops").build();
    let groups = vec![group().group_policy_list(inline).build()];
    assert_eq!(of(member(), Vec::new(), groups), Verdict::compliant());
    let groups = vec![group().attached_managed_policies(attached(OWN)).build()];
    assert_eq!(of(member(), vec![managed(OWN, &deny)], groups), Verdict::compliant());
    // What a group allows counts too.
    let groups = vec![group().attached_managed_policies(attached(OWN)).build()];
    let limited = json!([allow_if(&json!({"IpAddress": {"aws:SourceIp": OFFICE}}))]);
    let member = user(&limited).group_list("ops").build();
    assert_eq!(summary(&CONTROL, &of(member, vec![managed(OWN, &all)], groups)), OPEN);

    let boundary = |statements: Value| {
        let bounded = user(&json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]));
        let bounded = bounded.permissions_boundary(bound(OWN)).build();
        summary(&CONTROL, &of(bounded, vec![managed(OWN, &statements)], Vec::new()))
    };
    assert_eq!(boundary(json!([allow_all(), deny_all(&outside)])), PASS);
    assert_eq!(boundary(limited.clone()), PASS);
    assert_eq!(boundary(all.clone()), OPEN);
    // From elsewhere the boundary lets through what the policies do not give, or a part of it.
    for (statement, expected) in [
        (json!({"Effect": "Allow", "Action": "iam:*", "Resource": "*"}), PASS),
        (json!({"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}), OPEN),
        (json!({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}), PASS),
        (json!({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}), OPEN),
        (json!({"Effect": "Allow", "Action": "*", "NotResource": "*"}), PASS),
        (json!({"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::a"}), OPEN),
    ] {
        assert_eq!(boundary(json!([limited[0], statement])), expected, "{statement}");
    }
}

#[test]
fn policies_with_a_thousand_patterns_can_be_decided() {
    const BOUNDARY: &str = "arn:aws:iam::111122223333:policy/bounds";
    let actions: Vec<String> = (0..1500)
        .map(|n| format!("service{}:{}Thing{n}*", n % 150, ["Get", "List", "Describe"][n % 3]))
        .collect();
    let outside = json!({"NotIpAddress": {"aws:SourceIp": OFFICE}});
    let reads = |deny: &[&str]| {
        json!([{"Effect": "Allow", "Action": actions, "Resource": "*"},
               {"Effect": "Deny", "NotAction": deny, "Resource": "*", "Condition": outside}])
    };
    let bounded = |statements: &Value, ceiling: Value| {
        let user = user(statements).permissions_boundary(bound(BOUNDARY)).build();
        summary(&CONTROL, &of(user, vec![managed(BOUNDARY, &json!([ceiling]))], Vec::new()))
    };
    let spare = ["iam:ChangePassword", "iam:*MFADevice", "sts:Get*", "s3:*", "dax:GetItem"];
    let other = ["iam:ChangePassword", "service149:*"];
    let partial = json!({"Effect": "Allow", "NotAction": ["iam:*", "s3:*"], "Resource": "*"});
    for (deny, expected) in [(&spare[..], PASS), (&other[..], OPEN)] {
        assert_eq!(judged(&reads(deny)), expected);
        assert_eq!(bounded(&reads(deny), allow_all()), expected);
        assert_eq!(bounded(&reads(deny), partial.clone()), expected);
    }
}

#[test]
fn policies_of_aws_allow_what_is_shown_or_anything() {
    const AWS: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let outside = json!({"NotIpAddress": {"aws:SourceIp": OFFICE}});
    let but_iam =
        json!([{"Effect": "Deny", "NotAction": "iam:*", "Resource": "*", "Condition": outside}]);
    let reader = || user(&but_iam).attached_managed_policies(attached(AWS)).build();
    assert_eq!(summary(&CONTROL, &of(reader(), Vec::new(), Vec::new())), OPEN);
    let shown = managed(AWS, &json!([{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]));
    assert_eq!(of(reader(), vec![shown], Vec::new()), Verdict::compliant());
    // A boundary of AWS that is not shown bounds nothing for certain.
    let bounded = user(&json!([allow_all()])).permissions_boundary(bound(AWS)).build();
    assert_eq!(summary(&CONTROL, &of(bounded, Vec::new(), Vec::new())), OPEN);
}

#[test]
fn tags_of_the_user_are_known() {
    let exempt = json!({"NotIpAddress": {"aws:SourceIp": OFFICE},
                        "StringNotEquals": {"aws:PrincipalTag/Exempt": "true"}});
    let statements = json!([allow_all(), deny_all(&exempt)]);
    let tagged = |value: &str| {
        let tag = Tag::builder().key("exempt").value(value).build().unwrap();
        summary(&CONTROL, &of(user(&statements).tags(tag).build(), Vec::new(), Vec::new()))
    };
    assert_eq!(judged(&statements), PASS);
    assert_eq!([tagged("true").as_str(), &tagged("false")], [OPEN, PASS]);
}

#[test]
fn messages_name_the_sources() {
    let message = |condition: Value| {
        let user = user(&json!([allow_all(), deny_all(&condition)])).build();
        of(user, Vec::new(), Vec::new()).reasons()[0].message.en.clone()
    };
    assert_eq!(
        message(json!({"NotIpAddress": {"aws:SourceIp": [OFFICE, "198.51.100.0/24"]},
                       "StringNotEquals": {"aws:SourceVpc": ["vpc-1", "vpc-2"]}})),
        "Not approved: 198.51.100.0/24, vpc-2"
    );
    assert_eq!(
        message(
            json!({"NotIpAddress": {"aws:SourceIp": OFFICE}, "Null": {"aws:SourceIp": "false"}})
        ),
        "Requests through the VPC endpoints of anybody are allowed"
    );
    assert_eq!(
        message(json!({"NotIpAddressIfExists": {"aws:SourceIp": "0.0.0.0/0"},
                       "Null": {"aws:SourceIp": "false"},
                       "StringNotEquals": {"aws:SourceVpc": "vpc-1"}})),
        SOURCE_NOT_RESTRICTED.title.en
    );
}

#[test]
fn parameters_are_read_with_care() {
    let with = |given: Value| {
        let parameters = parameters(&CONTROL, &given);
        approved(&run(&parameters))
    };
    assert_eq!(with(json!({})).unwrap(), None);
    assert!(with(json!({"allowedVpcIds": "vpce-1"})).unwrap().is_some());
    for wrong in [
        json!({"allowedCidrs": "office"}),
        json!({"allowedVpcIds": "vpx-1"}),
        json!({"allowedCidrs": OFFICE, "rolePathPrefixes": "people/"}),
    ] {
        let error = with(wrong.clone()).unwrap_err();
        assert!(matches!(error, Error::Parameter(_)), "{wrong}: {error}");
    }
    // Only VPCs are approved: every address of the internet is elsewhere.
    let mut identities = Identities::default();
    let office = json!([allow_all(), deny_all(&json!({"NotIpAddress": {"aws:SourceIp": OFFICE}}))]);
    identities.add_user(user(&office).build()).unwrap();
    let only_vpcs = verdict_in(&identities, &json!({"allowedVpcIds": "vpc-1"})).unwrap();
    assert_eq!(summary(&CONTROL, &only_vpcs), WIDE);
    let by_scp = json!({"allowedCidrs": "198.51.100.0/24", "enforcedByScp": true});
    let verdict = verdict_in(&identities, &by_scp).unwrap();
    assert_eq!(summary(&CONTROL, &verdict), "COMPLIANT RESTRICTED_BY_SCP");
}

#[test]
fn what_is_missing_is_an_error() {
    let lacks = |user: UserDetail, field: &str| {
        let mut identities = Identities::default();
        let result = identities.add_user(user);
        let error = result.and_then(|()| verdict_in(&identities, &approving()).map(|_| ()));
        let error = error.unwrap_err().to_string();
        assert!(error.ends_with(&format!("lacks {field}")), "{error}");
    };
    let plain = || user(&json!([]));
    let local = "arn:aws:iam::111122223333:policy/offices";
    lacks(plain().set_user_id(None).build(), "UserDetailList[].UserId");
    lacks(
        plain().user_policy_list(PolicyDetail::builder().build()).build(),
        "UserDetailList[].PolicyDocument",
    );
    lacks(plain().group_list("ops").build(), "group ops");
    lacks(
        plain().attached_managed_policies(attached(local)).build(),
        "Policies[] arn:aws:iam::111122223333:policy/offices",
    );
    lacks(
        plain().permissions_boundary(bound(local)).build(),
        "Policies[] arn:aws:iam::111122223333:policy/offices",
    );
    let without_default = ManagedPolicyDetail::builder().arn(local).build();
    let error = Identities::default().add_policy(without_default).unwrap_err();
    assert!(error.to_string().contains("Document of the default"), "{error}");
}
