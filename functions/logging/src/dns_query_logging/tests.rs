use super::*;
use aws_sdk_route53resolver::types::{
    ResolverQueryLogConfigAssociationError, ResolverQueryLogConfigAssociationStatus,
};
use fisc_shared::verdict::Compliance;
use fisc_shared::{Parameters, runner};
use serde_json::{Value, json};

const GROUP: &str = "arn:aws:logs:us-east-1:111122223333:log-group:/aws/route53/hbg.example";
const ARCHIVE: &str = "arn:aws:s3:::hbg-dns-archive";

fn item(kind: ResourceType, configuration: Value) -> ConfigurationItem {
    let item = json!({
        "configurationItemCaptureTime": "2026-10-01T00:00:00Z", "configurationItemStatus": "OK",
        "awsAccountId": "111122223333", "awsRegion": "us-east-1", "resourceType": kind.name,
        "resourceId": "the-id", "configuration": configuration, "supplementaryConfiguration": {},
    });
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

/// A zone as Config records it.
fn zone(vpcs: Value, logging: Value) -> Value {
    json!({
        "Id": "Z017455410COBZEF0ABCD", "HostedZoneConfig": {"Comment": "Internet banking"},
        "Name": "hbg.example.", "NameServers": ["ns-1965.awsdns-53.co.uk"],
        "VPCs": vpcs, "HostedZoneTags": [], "QueryLoggingConfig": logging,
    })
}

fn vpc(owner: Value) -> Value {
    json!({
        "vpcId": "the-id", "state": {"value": "available"}, "cidrBlock": "10.0.0.0/16",
        "isDefault": false, "ownerId": owner,
    })
}

fn previewed(kind: ResourceType, configuration: Value) -> Result<Option<Verdict>, Error> {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, &json!({})).unwrap();
    let run = Run {
        parameters: &parameters,
        now: "2026-11-01T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "us-east-1",
        home: true,
        deadline: None,
        offline: false,
    };
    runner::preview(&CONTROL, &item(kind, configuration), &run)
}

fn codes(verdict: Option<Verdict>) -> Option<(Compliance, Vec<&'static str>)> {
    verdict.map(|one| (one.compliance(), one.reasons().iter().map(|reason| reason.code).collect()))
}

#[test]
fn public_zones_must_name_a_log_group() {
    let off = (Compliance::NonCompliant, vec!["PUBLIC_ZONE_QUERY_LOG_OFF"]);
    let on = (Compliance::Compliant, vec![]);
    let private = (Compliance::NotApplicable, vec!["PRIVATE_ZONE"]);
    let vpcs = json!([{"VPCId": "vpc-1", "VPCRegion": "ap-northeast-1"}]);
    for (configuration, expected) in [
        (zone(json!([]), json!({"CloudWatchLogsLogGroupArn": GROUP})), &on),
        // The published schema nests an object of the same name.
        (
            zone(
                json!([]),
                json!({"CloudWatchLogsLogGroupArn": {
                    "CloudWatchLogsLogGroupArn": GROUP, "HostedZoneId": "Z0", "Id": "1"}}),
            ),
            &on,
        ),
        (zone(json!([]), Value::Null), &off),
        (zone(json!([]), json!({})), &off),
        (zone(json!([]), json!({"CloudWatchLogsLogGroupArn": ""})), &off),
        (zone(json!([]), json!({"CloudWatchLogsLogGroupArn": {}})), &off),
        (zone(vpcs.clone(), Value::Null), &private),
        (zone(vpcs, json!({"CloudWatchLogsLogGroupArn": GROUP})), &private),
    ] {
        let verdict = previewed(ResourceType::ROUTE53_HOSTED_ZONE, configuration.clone()).unwrap();
        assert_eq!(codes(verdict).as_ref(), Some(expected), "{configuration}");
    }
}

#[test]
fn a_zone_that_does_not_tell_is_an_error() {
    let error = previewed(ResourceType::ROUTE53_HOSTED_ZONE, json!({"Name": "hbg.example."}));
    assert!(error.unwrap_err().to_string().contains("configuration.VPCs is missing"));
    let odd = zone(json!([]), json!({"CloudWatchLogsLogGroupArn": 1}));
    previewed(ResourceType::ROUTE53_HOSTED_ZONE, odd).unwrap_err();
    previewed(ResourceType::EC2_VPC, Value::Null).unwrap_err();
}

#[test]
fn a_vpc_is_asked_about_unless_it_is_another_accounts() {
    for (owner, expected) in [
        (json!("111122223333"), None),
        (Value::Null, None),
        (json!("444455556666"), Some((Compliance::NotApplicable, vec!["OTHER_OWNER"]))),
    ] {
        let verdict = previewed(ResourceType::EC2_VPC, vpc(owner)).unwrap();
        assert_eq!(codes(verdict), expected);
    }
}

fn association(config: &str, status: &str, error: &str) -> SdkAssociation {
    SdkAssociation::builder()
        .resource_id("vpc-1")
        .resolver_query_log_config_id(config)
        .status(ResolverQueryLogConfigAssociationStatus::from(status))
        .error(ResolverQueryLogConfigAssociationError::from(error))
        .build()
}

fn judged(
    associations: &[(&str, &str)],
    allowed: &[&str],
) -> Result<Option<(Compliance, Vec<&'static str>)>, Error> {
    let associations: Vec<Association> = associations
        .iter()
        .map(|(config, status)| Association::read(association(config, status, "NONE")))
        .collect::<Result<_, _>>()?;
    let destinations = [("own", GROUP), ("central", "arn:aws:s3:::hbg-dns-archive/tokyo")];
    let destinations =
        destinations.into_iter().map(|(id, arn)| (id.to_owned(), arn.to_owned())).collect();
    let allowed: Vec<String> = allowed.iter().map(|one| (*one).to_owned()).collect();
    let own: Vec<&Association> = associations.iter().collect();
    by_associations(&own, &destinations, &allowed).map(codes)
}

#[test]
fn the_status_of_associations_decides() {
    let compliant = Some((Compliance::Compliant, vec![]));
    let broken = Some((Compliance::NonCompliant, vec!["RESOLVER_QUERY_LOG_UNHEALTHY"]));
    let creating = Some((Compliance::NotApplicable, vec!["ASSOCIATION_BEING_CREATED"]));
    for (associations, expected) in [
        (vec![("own", "ACTIVE")], &compliant),
        // A configuration that another account shares is an association as any other.
        (vec![("shared-by-the-hub", "ACTIVE")], &compliant),
        (vec![("own", "FAILED"), ("central", "ACTIVE")], &compliant),
        (vec![("own", "DELETING"), ("central", "ACTIVE")], &compliant),
        (vec![("own", "FAILED")], &broken),
        (vec![("own", "ACTION_NEEDED"), ("central", "DELETING")], &broken),
        (vec![("own", "CREATING")], &creating),
        (vec![("own", "FAILED"), ("central", "CREATING")], &creating),
        // What is being deleted logs no more.
        (vec![("own", "DELETING")], &None),
        (vec![], &None),
    ] {
        assert_eq!(judged(&associations, &[]).unwrap(), *expected, "{associations:?}");
    }
    let unknown = judged(&[("own", "PAUSED")], &[]).unwrap_err().to_string();
    assert!(unknown.contains("PAUSED"), "{unknown}");
}

#[test]
fn a_broken_association_names_its_error() {
    let read = Association::read(association("own", "FAILED", "ACCESS_DENIED")).unwrap();
    let verdict = by_associations(&[&read], &BTreeMap::new(), &[]).unwrap().unwrap();
    let english = &verdict.reasons()[0].message.en;
    assert_eq!(english, "No association is active: own (FAILED: ACCESS_DENIED)");
}

#[test]
fn every_active_destination_must_be_allowed() {
    let compliant = Some((Compliance::Compliant, vec![]));
    let refused = Some((Compliance::NonCompliant, vec!["DESTINATION_NOT_ALLOWED"]));
    let both = [("own", "ACTIVE"), ("central", "ACTIVE")];
    for (associations, allowed, expected) in [
        (&both[1..], vec![ARCHIVE], &compliant),
        (&both[1..], vec!["arn:aws:s3:::hbg-*"], &compliant),
        (&both[1..], vec!["arn:aws:s3:::hbg-dns"], &refused),
        (&both[..1], vec![GROUP], &compliant),
        (
            &both[..1],
            vec!["arn:aws:logs:us-east-1:111122223333:log-group:/aws/route53/hbg.example:*"],
            &compliant,
        ),
        (&both[..1], vec!["arn:aws:logs:us-east-1:111122223333:log-group:/aws"], &refused),
        (&both[..], vec![ARCHIVE], &refused),
        (&both[..], vec![ARCHIVE, GROUP], &compliant),
        (&[("own", "FAILED"), ("central", "ACTIVE")][..], vec![ARCHIVE], &compliant),
    ] {
        assert_eq!(judged(associations, &allowed).unwrap(), *expected, "{allowed:?}");
    }
    // Of a configuration that the resolver does not list nobody knows where it writes.
    let unknown = judged(&[("hidden", "ACTIVE")], &[ARCHIVE]).unwrap_err().to_string();
    assert!(unknown.contains("hidden"), "{unknown}");
    assert_eq!(judged(&[("hidden", "ACTIVE")], &[]).unwrap(), compliant);
}

#[test]
fn an_association_must_be_whole() {
    for (association, field) in [
        (SdkAssociation::builder().build(), "Status"),
        (
            SdkAssociation::builder()
                .status(ResolverQueryLogConfigAssociationStatus::Active)
                .resolver_query_log_config_id("own")
                .build(),
            "ResourceId",
        ),
        (
            SdkAssociation::builder()
                .status(ResolverQueryLogConfigAssociationStatus::Active)
                .resource_id("vpc-1")
                .build(),
            "ResolverQueryLogConfigId",
        ),
    ] {
        let error = Association::read(association).unwrap_err().to_string();
        assert!(error.contains(field), "{error}");
    }
}
