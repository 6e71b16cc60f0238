//! Who gets in: the cases that fool a look at the text, and laws that hold for every policy.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Party, PolicyDocument, PolicyError, Trust, Universe};

const OWN: &str = "111122223333";

fn document(statements: &Value) -> PolicyDocument {
    PolicyDocument::from_value(&json!({"Version": "2012-10-17", "Statement": statements})).unwrap()
}

fn everything() -> Universe {
    Universe::new("?*", "*")
}

fn outsiders(statements: &Value) -> Vec<Party> {
    let trust = Trust {
        accounts: vec![OWN.to_owned(), "222233334444".to_owned()],
        organizations: vec!["o-ours".to_owned()],
    };
    document(statements).outsiders(&trust, &everything()).unwrap()
}

fn is_public(statements: &Value) -> bool {
    outsiders(statements).contains(&Party::Stranger)
}

/// Everybody may, if the condition holds.
fn everybody_if(condition: Value) -> Value {
    json!({"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*",
           "Condition": condition})
}

fn account(number: &str) -> Party {
    Party::Account(number.to_owned())
}

#[test]
fn conditions_that_tie_a_request_to_somebody() {
    for condition in [
        json!({"StringEquals": {"aws:SourceAccount": OWN}}),
        json!({"StringEquals": {"AWS:SourceOwner": OWN}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}}),
        json!({"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::reports"}}),
        json!({"StringLike": {"aws:SourceArn": "arn:aws:s3:::reports"}}),
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-ours"}}),
        json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-ours/r-1/ou-1/*"}}),
        json!({"StringEquals": {"aws:PrincipalAccount": [OWN, "222233334444"]}}),
        json!({"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}),
        json!({"StringEquals": {"kms:CallerAccount": OWN, "kms:ViaService": "s3.amazonaws.com"}}),
        json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}),
        json!({"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}),
        json!({"StringEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}}),
        json!({"StringEquals": {"aws:SourceVpc": "vpc-0a1b2c3d"}}),
        json!({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "2001:db8::/32"]}}),
        json!({"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}),
        json!({"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-ours"},
               "Null": {"aws:PrincipalOrgID": "false"}}),
        // A stranger has no way to be a service.
        json!({"Bool": {"aws:PrincipalIsAWSService": "true"}}),
    ] {
        assert_eq!(outsiders(&json!([everybody_if(condition.clone())])), [], "{condition}");
    }
}

#[test]
fn conditions_that_look_like_a_restriction_and_are_none() {
    for condition in [
        json!({}),
        json!({"StringLike": {"aws:PrincipalOrgID": "*"}}),
        json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}}),
        json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-ours"}}),
        json!({"StringEqualsIfExists": {"aws:SourceAccount": OWN}}),
        json!({"ForAllValues:StringEquals": {"aws:PrincipalOrgPaths": "o-ours/*"}}),
        json!({"StringNotEquals": {"aws:PrincipalAccount": "999900001111"}}),
        json!({"Null": {"aws:PrincipalOrgID": "false"}}),
        json!({"StringLike": {"aws:SourceArn": "arn:aws:s3:::*"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::reports-*"}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:alerts"}}),
        json!({"StringLike": {"aws:SourceAccount": "1111*"}}),
        json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
        json!({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}),
        json!({"IpAddress": {"aws:SourceIp": "::/0"}}),
        json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        json!({"IpAddressIfExists": {"aws:SourceIp": "203.0.113.0/24"}}),
        json!({"StringEquals": {"aws:PrincipalTag/team": "ours"}}),
        json!({"StringLike": {"aws:Referer": "https://example.com/*"}}),
        json!({"StringEquals": {"aws:UserAgent": "secret"}}),
        json!({"Bool": {"aws:SecureTransport": "true"}}),
        json!({"StringEquals": {"kms:ViaService": "s3.ap-northeast-1.amazonaws.com"}}),
        json!({"Bool": {"aws:PrincipalIsAWSService": "false"}}),
        json!({"StringEquals": {"aws:ResourceAccount": OWN}}),
        json!({"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}}),
        json!({"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}),
    ] {
        assert!(is_public(&json!([everybody_if(condition.clone())])), "{condition}");
    }
}

#[test]
fn everybody_is_written_in_several_ways() {
    let allow = |principal: Value| json!([{"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*"}]);
    for principal in [json!("*"), json!({"AWS": "*"}), json!({"AWS": [OWN, "*"]})] {
        assert!(is_public(&allow(principal.clone())), "{principal}");
    }
    let all_but =
        json!([{"Effect": "Allow", "NotPrincipal": {"AWS": OWN}, "Action": "*", "Resource": "*"}]);
    assert!(is_public(&all_but));
    for principal in [json!({"AWS": OWN}), json!({"Service": "sns.amazonaws.com"})] {
        assert!(!is_public(&allow(principal.clone())), "{principal}");
    }
}

#[test]
fn a_deny_takes_back_what_it_surely_covers() {
    let allow =
        json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"});
    let deny = |condition: Value| json!({"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*", "Condition": condition});
    for condition in [
        json!({}),
        json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-ours"}}),
        json!({"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-ours"},
               "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}),
        json!({"StringNotEquals": {"aws:SourceVpce": "vpce-0a1b2c3d"}}),
        json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        json!({"StringNotLike": {"aws:userId": ["AROAEXAMPLE:*", "AIDAEXAMPLE", OWN]}}),
    ] {
        assert!(!is_public(&json!([allow, deny(condition.clone())])), "{condition}");
    }
    for condition in [
        json!({"Bool": {"aws:SecureTransport": "false"}}),
        json!({"StringEquals": {"aws:PrincipalOrgID": "o-theirs"}}),
        json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-ours"},
               "Bool": {"aws:MultiFactorAuthPresent": "false"}}),
        json!({"StringNotLike": {"aws:PrincipalArn": "*"}}),
    ] {
        assert!(is_public(&json!([allow, deny(condition.clone())])), "{condition}");
    }
    // Not everybody, not every action, not every resource.
    let partly =
        |statement: Value| assert!(is_public(&json!([allow, statement.clone()])), "{statement}");
    partly(json!({"Effect": "Deny", "Principal": {"AWS": OWN}, "Action": "*", "Resource": "*"}));
    partly(json!({"Effect": "Deny", "Principal": "*", "Action": "s3:Put*", "Resource": "*"}));
    partly(
        json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "arn:aws:s3:::b/private/*"}),
    );
    let all_but =
        json!({"Effect": "Deny", "NotPrincipal": {"AWS": OWN}, "Action": "*", "Resource": "*"});
    assert!(!is_public(&json!([allow, all_but])));
}

#[test]
fn accounts_get_in_by_name() {
    let allow = |principal: &str, condition: Value| {
        json!([{"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "*", "Resource": "*",
                "Condition": condition}])
    };
    for principal in [
        "444455556666",
        "arn:aws:iam::444455556666:root",
        "arn:aws-cn:iam::444455556666:role/batch",
        "arn:aws:sts::444455556666:assumed-role/batch/session",
    ] {
        assert_eq!(
            outsiders(&allow(principal, json!({}))),
            [account("444455556666")],
            "{principal}"
        );
        let office = json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}});
        assert_eq!(outsiders(&allow(principal, office)), [account("444455556666")], "{principal}");
        let member = json!({"StringEquals": {"aws:PrincipalOrgID": "o-ours"}});
        assert_eq!(outsiders(&allow(principal, member)), [], "{principal}");
        let theirs = json!({"StringEquals": {"aws:PrincipalOrgID": "o-theirs"}});
        assert!(
            outsiders(&allow(principal, theirs)).contains(&account("444455556666")),
            "{principal}"
        );
    }
    for principal in
        [OWN, "222233334444", "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"]
    {
        assert_eq!(outsiders(&allow(principal, json!({}))), [], "{principal}");
    }
    let deleted = Party::Deleted("AROAEXAMPLE".to_owned());
    assert_eq!(outsiders(&allow("AROAEXAMPLE", json!({}))), [deleted]);
    // Who is only denied does not get in.
    let denied = json!([{"Effect": "Deny", "Principal": {"AWS": "444455556666"}, "Action": "*", "Resource": "*"}]);
    assert_eq!(outsiders(&denied), []);
}

#[test]
fn accounts_and_organizations_get_in_by_condition() {
    let by = |condition: Value| outsiders(&json!([everybody_if(condition)]));
    assert_eq!(
        by(json!({"StringEquals": {"aws:PrincipalAccount": "444455556666"}})),
        [account("444455556666")]
    );
    assert_eq!(
        by(json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/*"}})),
        [account("444455556666")]
    );
    assert_eq!(
        by(json!({"StringEquals": {"aws:SourceAccount": "444455556666"}})),
        [account("444455556666")]
    );
    let theirs = Party::Organization("o-theirs".to_owned());
    assert_eq!(
        by(json!({"StringEquals": {"aws:PrincipalOrgID": "o-theirs"}})),
        std::slice::from_ref(&theirs)
    );
    assert_eq!(
        by(json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-theirs/*"}})),
        [theirs]
    );
    // An account of a foreign organization.
    let both = json!({"StringEquals": {"aws:PrincipalAccount": "444455556666", "aws:PrincipalOrgID": "o-theirs"}});
    assert_eq!(by(both), [account("444455556666")]);
    // What another statement lets the office do, an account that is bound elsewhere does not get.
    let statements = json!([
        everybody_if(json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})),
        {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "*", "Resource": "*",
         "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-ours"}}},
    ]);
    assert_eq!(outsiders(&statements), []);
}

#[test]
fn whom_a_deny_leaves_out_gets_in() {
    let everybody =
        json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"});
    let unless = |condition: Value| {
        outsiders(&json!([everybody, {"Effect": "Deny", "Principal": "*", "Action": "s3:*",
                                       "Resource": "*", "Condition": condition}]))
    };
    let theirs = Party::Organization("o-theirs".to_owned());
    assert_eq!(unless(json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-theirs"}})), [theirs]);
    assert_eq!(
        unless(json!({"StringNotEquals": {"aws:PrincipalAccount": [OWN, "444455556666"]}})),
        [account("444455556666")]
    );
    assert_eq!(
        unless(json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/*"}})),
        [account("444455556666")]
    );
    assert_eq!(unless(json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-ours"}})), []);
    let named = json!([everybody, {"Effect": "Deny", "NotPrincipal": {"AWS": "444455556666"},
                                   "Action": "s3:*", "Resource": "*"}]);
    assert_eq!(outsiders(&named), [account("444455556666")]);
    // An Allow that leaves somebody out is for strangers, not for him.
    let but =
        json!([everybody_if(json!({"StringNotEquals": {"aws:PrincipalAccount": "444455556666"}}))]);
    assert_eq!(outsiders(&but), [Party::Stranger]);
}

#[test]
fn services_act_for_somebody() {
    let service = |condition: Value| {
        outsiders(&json!([{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"},
                           "Action": "sqs:SendMessage", "Resource": "*", "Condition": condition}]))
    };
    let anybody = Party::Service("sns.amazonaws.com".to_owned());
    assert_eq!(service(json!({})), std::slice::from_ref(&anybody));
    assert_eq!(
        service(json!({"StringEqualsIfExists": {"aws:SourceAccount": OWN}})),
        std::slice::from_ref(&anybody)
    );
    assert_eq!(service(json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}})), [anybody]);
    for condition in [
        json!({"StringEquals": {"aws:SourceAccount": OWN}}),
        json!({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111122223333:*"}}),
        json!({"StringEquals": {"aws:SourceOrgID": "o-ours"}}),
    ] {
        assert_eq!(service(condition.clone()), [], "{condition}");
    }
    let theirs = json!({"StringEquals": {"aws:SourceAccount": "444455556666"}});
    assert_eq!(service(theirs), [account("444455556666")]);
    let arn = json!({"ArnEquals": {"aws:SourceArn": "arn:aws:sns:ap-northeast-1:444455556666:t"}});
    assert_eq!(service(arn), [account("444455556666")]);
    let org = json!({"StringEquals": {"aws:SourceOrgID": "o-theirs"}});
    assert_eq!(service(org), [Party::Organization("o-theirs".to_owned())]);
}

fn principal() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!("*")),
        Just(json!({"AWS": "*"})),
        Just(json!({"AWS": OWN})),
        Just(json!({"AWS": "444455556666"})),
        Just(json!({"AWS": ["arn:aws:iam::444455556666:role/a", OWN]})),
        Just(json!({"Service": "sns.amazonaws.com"})),
    ]
}

fn condition() -> impl Strategy<Value = Value> {
    let operator = prop_oneof![
        Just("StringEquals"),
        Just("StringLike"),
        Just("StringNotEquals"),
        Just("StringEqualsIfExists"),
        Just("ForAllValues:StringEquals"),
        Just("ForAnyValue:StringLike"),
        Just("ArnLike"),
        Just("Null"),
    ];
    let key = prop_oneof![
        Just("aws:PrincipalOrgID"),
        Just("aws:PrincipalAccount"),
        Just("aws:SourceAccount"),
        Just("aws:SourceArn"),
        Just("aws:SecureTransport"),
    ];
    let value = prop_oneof![
        Just("o-ours"),
        Just("o-theirs"),
        Just("*"),
        Just("true"),
        Just(OWN),
        Just("444455556666"),
        Just("arn:aws:sns:*:444455556666:*"),
    ];
    let test = (operator, key, prop::collection::vec(value, 1..3));
    prop::collection::vec(test, 0..3).prop_map(|tests| {
        let mut condition = Map::new();
        for (operator, key, values) in tests {
            let entry = condition.entry(operator).or_insert_with(|| json!({}));
            entry[key] = json!(values);
        }
        Value::Object(condition)
    })
}

fn statement() -> impl Strategy<Value = Value> {
    let patterns = |options: [&'static str; 4]| {
        prop::collection::vec(prop::sample::select(options.to_vec()), 1..3)
    };
    (
        any::<bool>(),
        principal(),
        patterns(["s3:GetObject", "s3:Get*", "s3:*", "*"]),
        patterns(["arn:aws:s3:::b", "arn:aws:s3:::b/*", "arn:aws:s3:::b/x/*", "*"]),
        any::<bool>(),
        condition(),
    )
        .prop_map(|(allow, principal, actions, resources, negated, condition)| {
            let action = if negated { "NotAction" } else { "Action" };
            json!({"Effect": if allow { "Allow" } else { "Deny" }, "Principal": principal,
                   action: actions, "Resource": resources, "Condition": condition})
        })
}

/// The same statement with other letters where letters do not count.
fn respelt(statement: &Value) -> Value {
    let mut other = statement.clone();
    for element in ["Action", "NotAction"] {
        if let Some(actions) = statement.get(element).and_then(Value::as_array) {
            let upper = actions.iter().map(|one| one.as_str().unwrap().to_uppercase());
            other[element] = upper.collect::<Vec<_>>().into();
        }
    }
    let mut condition = Map::new();
    for (operator, keys) in statement["Condition"].as_object().unwrap() {
        let keys = keys.as_object().unwrap().iter();
        let keys: Map<_, _> =
            keys.map(|(key, values)| (key.to_uppercase(), values.clone())).collect();
        condition.insert(operator.to_lowercase(), keys.into());
    }
    other["Condition"] = condition.into();
    other
}

/// The same statement with single values out of their lists.
fn unwrapped(value: &Value) -> Value {
    match value {
        Value::Array(list) if list.len() == 1 => unwrapped(&list[0]),
        Value::Object(map) => {
            map.iter().map(|(key, value)| (key.clone(), unwrapped(value))).collect()
        }
        other => other.clone(),
    }
}

/// One statement for each of its actions and resources.
fn split(statement: &Value) -> Vec<Value> {
    let Some(actions) = statement.get("Action").and_then(Value::as_array) else {
        return vec![statement.clone()];
    };
    let mut parts = Vec::new();
    for action in actions {
        for resource in statement["Resource"].as_array().unwrap() {
            let mut part = statement.clone();
            part["Action"] = action.clone();
            part["Resource"] = resource.clone();
            parts.push(part);
        }
    }
    parts
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// The way in which a policy is written does not matter.
    #[test]
    fn writing_does_not_change_who_gets_in(
        statements in prop::collection::vec(statement(), 1..5),
        rotation in 0_usize..5,
    ) {
        let expected = outsiders(&json!(statements));
        let mut shuffled = statements.clone();
        shuffled.rotate_left(rotation % statements.len());
        shuffled.reverse();
        prop_assert_eq!(&outsiders(&json!(shuffled)), &expected);
        let respelt: Vec<Value> = statements.iter().map(respelt).collect();
        prop_assert_eq!(&outsiders(&json!(respelt)), &expected);
        let unwrapped: Vec<Value> = statements.iter().map(unwrapped).collect();
        prop_assert_eq!(&outsiders(&json!(unwrapped)), &expected);
        let split: Vec<Value> = statements.iter().flat_map(split).collect();
        prop_assert_eq!(&outsiders(&json!(split)), &expected);
    }

    /// One more Allow lets nobody out, one more Deny lets nobody in; where strangers get in,
    /// everybody does.
    #[test]
    fn denies_only_take_away(
        statements in prop::collection::vec(statement(), 1..4),
        mut more in statement(),
    ) {
        let before = outsiders(&json!(statements));
        for (effect, grows) in [("Allow", true), ("Deny", false)] {
            more["Effect"] = effect.into();
            let mut longer = statements.clone();
            longer.push(more.clone());
            let after = outsiders(&json!(longer));
            let (small, large) = if grows { (&before, &after) } else { (&after, &before) };
            let all = large.contains(&Party::Stranger);
            prop_assert!(all || small.iter().all(|party| large.contains(party)), "{effect}");
        }
    }
}

/// Documents that were built to be slow end in an error, and large honest ones do not.
#[test]
fn work_is_bounded() {
    let ask = |statements: Value| document(&statements).outsiders(&Trust::default(), &everything());
    let accounts = |count: u64| -> Vec<String> {
        (0..count).map(|n| format!("{}", 100_000_000_000 + n)).collect()
    };
    let services = |count: usize| -> Vec<String> {
        (0..count).map(|n| format!("s{n}.amazonaws.com")).collect()
    };
    let allow = |principal: Value| json!({"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "*"});
    // As many accounts as a bucket policy of 20 KiB can hold.
    let many = ask(json!([allow(json!({"AWS": accounts(1200)}))])).unwrap();
    assert_eq!(many.len(), 1200);
    let both = json!({"AWS": accounts(200), "Service": services(3)});
    assert_eq!(ask(json!([allow(both)])).unwrap().len(), 203);
    let each = json!({"AWS": accounts(400), "Service": services(500)});
    assert_eq!(ask(json!([allow(each)])), Err(PolicyError::TooManyParties));
    // One pattern whose states alone would fill the memory.
    let long = json!([{"Effect": "Allow", "Principal": "*", "Resource": "*",
                       "Action": format!("s3:{}", "a".repeat(60_000))}]);
    assert_eq!(ask(long), Err(PolicyError::TooComplex));
}
