use super::*;

use aws_sdk_iam::primitives::DateTime;
use aws_sdk_iam::types::RoleLastUsed;

fn lacks(error: &Error) -> String {
    let text = error.to_string();
    let (start, field) = text.rsplit_once(' ').unwrap();
    assert_eq!(start, "the answer of iam:GetAccountAuthorizationDetails lacks");
    field.to_owned()
}

fn role() -> RoleDetail {
    RoleDetail::builder()
        .role_id("AROATESTKIT000000001")
        .arn("arn:aws:iam::111122223333:role/app/batch")
        .role_name("batch")
        .path("/app/")
        .create_date(DateTime::from_secs(1_600_000_000))
        .build()
}

#[test]
fn a_role_without_a_date_of_use_was_not_used() {
    let used = |used: Option<RoleLastUsed>| {
        let mut detail = role();
        detail.role_last_used = used;
        Role::read(detail).unwrap().last_used
    };
    assert_eq!(used(None), None);
    assert_eq!(used(Some(RoleLastUsed::builder().build())), None);
    let date = RoleLastUsed::builder().last_used_date(DateTime::from_secs(1_700_000_000)).build();
    assert_eq!(used(Some(date)), Some(Timestamp::from_second(1_700_000_000).unwrap()));
}

#[test]
fn what_a_role_and_a_group_lack_is_named() {
    type Cut = fn(&mut RoleDetail);
    let cuts: [(Cut, &str); 5] = [
        (|role| role.role_id = None, "RoleDetailList[].RoleId"),
        (|role| role.arn = None, "RoleDetailList[].Arn"),
        (|role| role.role_name = None, "RoleDetailList[].RoleName"),
        (|role| role.path = None, "RoleDetailList[].Path"),
        (|role| role.create_date = None, "RoleDetailList[].CreateDate"),
    ];
    for (cut, field) in cuts {
        let mut detail = role();
        cut(&mut detail);
        assert_eq!(lacks(&Role::read(detail).unwrap_err()), field);
    }
    let group = GroupDetail::builder().group_name("ops").build();
    assert_eq!(lacks(&Group::read(group).unwrap_err()), "GroupDetailList[].CreateDate");
    let user = UserDetail::builder().user_name("yamada").build();
    assert_eq!(lacks(&User::read(user).unwrap_err()), "UserDetailList[].UserId");
}

#[test]
fn a_count_that_is_missing_is_not_zero() {
    let policy = || {
        ManagedPolicyDetail::builder()
            .policy_id("ANPATESTKIT000000001")
            .arn("arn:aws:iam::111122223333:policy/batch")
            .policy_name("batch")
            .update_date(DateTime::from_secs(1_600_000_000))
    };
    let whole = policy().attachment_count(0).permissions_boundary_usage_count(2).build();
    let whole = ManagedPolicy::read(whole).unwrap();
    assert_eq!((whole.attachments, whole.boundaries), (0, 2));
    for (detail, field) in [
        (policy().permissions_boundary_usage_count(0).build(), "AttachmentCount"),
        (policy().attachment_count(0).build(), "PermissionsBoundaryUsageCount"),
    ] {
        let error = ManagedPolicy::read(detail).unwrap_err();
        assert_eq!(lacks(&error), format!("Policies[].{field}"));
    }
}

#[test]
fn lists_that_are_absent_are_empty() {
    let user = UserDetail::builder().user_name("yamada").user_id("AIDATESTKIT000000001").build();
    let (name, user) = User::read(user).unwrap();
    assert_eq!(name, "yamada");
    assert!(user.tags.is_empty() && user.policies.is_empty() && user.groups.is_empty());
}
