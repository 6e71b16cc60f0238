//! Who is judged: roles by whom they trust, users by their credentials.

use super::*;

fn role(path: &str, trust: &Value) -> Role {
    role_with(path, trust, &json!([allow_all()]), &[])
}

fn role_with(path: &str, trust: &Value, statements: &Value, tags: &[(&str, &str)]) -> Role {
    let inline =
        PolicyDetail::builder().policy_name("own").policy_document(policy(statements)).build();
    let tags =
        tags.iter().map(|(key, value)| Tag::builder().key(*key).value(*value).build().unwrap());
    Role::read(
        RoleDetail::builder()
            .role_name("ops")
            .role_id("AROATESTKIT0000001")
            .arn(format!("arn:aws:iam::111122223333:role{path}ops"))
            .path(path)
            .assume_role_policy_document(policy(trust))
            .role_policy_list(inline)
            .set_tags(Some(tags.collect()))
            .build(),
    )
    .unwrap()
}

fn trusting(principal: Value) -> Value {
    json!([{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}])
}

fn left_out(role: &Role, prefixes: &[&str]) -> String {
    let prefixes: Vec<String> = prefixes.iter().map(|&one| one.to_owned()).collect();
    not_for_people(role, &prefixes)
        .unwrap()
        .map(|verdict| summary(&CONTROL, &verdict))
        .unwrap_or_default()
}

#[test]
fn roles_are_judged_by_whom_they_trust() {
    const MACHINES: &str = "NOT_APPLICABLE NOT_FOR_PEOPLE";
    let arn = |rest: &str| format!("arn:aws:iam::111122223333:{rest}");
    for (principal, expected) in [
        (json!({"AWS": arn("root")}), ""),
        (json!({"AWS": "444455556666"}), ""),
        (json!({"AWS": arn("user/yamada")}), ""),
        (json!("*"), ""),
        (json!({"Federated": arn("saml-provider/BankIdP")}), ""),
        (json!({"Service": "ec2.amazonaws.com", "AWS": arn("user/yamada")}), ""),
        (json!({"Service": "ec2.amazonaws.com"}), MACHINES),
        (json!({"Service": "rolesanywhere.amazonaws.com"}), MACHINES),
        (json!({"Federated": arn("oidc-provider/token.actions.githubusercontent.com")}), MACHINES),
        (json!({"Federated": "cognito-identity.amazonaws.com"}), MACHINES),
        (json!({"AWS": arn("role/batch")}), MACHINES),
        // A deleted user.
        (json!({"AWS": "AIDATESTKITDELETED"}), MACHINES),
    ] {
        assert_eq!(
            left_out(&role("/", &trusting(principal.clone())), &[]),
            expected,
            "{principal}"
        );
    }
    let saml = json!([{"Effect": "Allow", "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession"],
                       "Principal": {"Federated": arn("saml-provider/BankIdP")}}]);
    assert_eq!(left_out(&role("/", &saml), &[]), "");
    // No way in, and nobody but one is kept out.
    let tags = json!([{"Effect": "Allow", "Action": "sts:TagSession", "Principal": "*"}]);
    assert_eq!(left_out(&role("/", &tags), &[]), MACHINES);
    let but = json!([{"Effect": "Allow", "NotPrincipal": {"AWS": arn("user/sato")},
                      "Action": "sts:AssumeRole"}]);
    assert_eq!(left_out(&role("/", &but), &[]), "");
}

#[test]
fn paths_tell_the_roles_of_people() {
    let root = trusting(json!({"AWS": "arn:aws:iam::111122223333:root"}));
    let chained = trusting(json!({"AWS": "arn:aws:iam::111122223333:role/entry"}));
    let service = trusting(json!({"Service": "ec2.amazonaws.com"}));
    for (path, trust, prefixes, expected) in [
        ("/ops/", &root, vec!["/ops/"], ""),
        ("/ops/", &chained, vec!["/ops/"], ""),
        ("/ops/", &service, vec!["/ops/"], "NOT_APPLICABLE NOT_FOR_PEOPLE"),
        ("/app/", &root, vec!["/ops/"], "NOT_APPLICABLE OTHER_PATH"),
        ("/aws-service-role/ecs.amazonaws.com/", &service, vec![], "NOT_APPLICABLE AWS_OWNED_ROLE"),
        (
            "/aws-reserved/sso.amazonaws.com/",
            &root,
            vec!["/aws-reserved/"],
            "NOT_APPLICABLE AWS_OWNED_ROLE",
        ),
    ] {
        assert_eq!(left_out(&role(path, trust), &prefixes), expected, "{path} {trust}");
    }
}

#[test]
fn sessions_of_roles_are_judged() {
    let trust = trusting(json!({"AWS": "arn:aws:iam::111122223333:root"}));
    let tagging = json!([{"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"],
                          "Principal": {"AWS": "arn:aws:iam::111122223333:root"}}]);
    let parameters = parameters(&CONTROL, &approving());
    let run = run(&parameters);
    let approved = approved(&run).unwrap().unwrap();
    let verdict = |trust: &Value, condition: &Value, tags: &[(&str, &str)]| {
        let role = role_with("/", trust, &json!([allow_all(), deny_all(condition)]), tags);
        let principal = Identities::default().role(&role).unwrap();
        summary(&CONTROL, &judge(&principal, &approved, &run).unwrap())
    };
    let outside = |key: &str, value: &str| json!({"NotIpAddress": {"aws:SourceIp": OFFICE}, "StringNotLike": {key: value}});
    assert_eq!(verdict(&trust, &json!({"NotIpAddress": {"aws:SourceIp": OFFICE}}), &[]), PASS);
    // Whoever assumes the role chooses the session's name.
    for (id, expected) in [
        ("AROATESTKIT0000001:*", OPEN),
        ("AROATESTKIT0000001:emergency", OPEN),
        ("AROATESTKITOTHER01:*", PASS),
    ] {
        assert_eq!(verdict(&trust, &outside("aws:userid", id), &[]), expected, "{id}");
    }
    let exempt = outside("aws:PrincipalTag/exempt", "true");
    assert_eq!(verdict(&trust, &exempt, &[]), PASS);
    assert_eq!(verdict(&trust, &exempt, &[("exempt", "true")]), OPEN);
    // A session may bring the tag.
    assert_eq!(verdict(&tagging, &exempt, &[]), OPEN);
}

#[test]
fn a_password_or_an_active_key_makes_a_user_judged() {
    let has = |columns: &[(&str, &str)]| has_credentials(&Row::sample("yamada", columns));
    assert!(!has(&[]).unwrap());
    assert!(has(&[("password_enabled", "true")]).unwrap());
    assert!(has(&[("access_key_2_active", "true")]).unwrap());
    assert!(has(&[("password_enabled", "perhaps")]).is_err());
    assert!(has(&[("access_key_1_active", "perhaps")]).is_err());
}
