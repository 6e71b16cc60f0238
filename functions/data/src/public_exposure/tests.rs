//! Verdicts of the item alone, and what the tests of this control share.

mod account;

use std::collections::BTreeSet;

use fisc_shared::Parameters;
use fisc_testkit::events;
use serde_json::{Value, json};

use super::*;

pub(super) const ACCOUNT: &str = "111122223333";
pub(super) const NONE: [&str; 0] = [];

pub(super) fn item_with(
    kind: &str,
    configuration: &Value,
    supplementary: &Value,
) -> ConfigurationItem {
    let mut item = events::item(kind, "it", configuration.clone());
    item["supplementaryConfiguration"] = supplementary.clone();
    ConfigurationItem::from_json(&item.to_string()).unwrap()
}

pub(super) fn item(kind: &str, configuration: &Value) -> ConfigurationItem {
    item_with(kind, configuration, &json!({}))
}

pub(super) fn running<T>(parameters: &Value, offline: bool, with: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    with(&Run {
        parameters: &parameters,
        now: "2026-11-21T00:00:00Z".parse().unwrap(),
        account_id: ACCOUNT,
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline,
    })
}

pub(super) fn codes_of(verdict: &Verdict) -> Vec<&'static str> {
    verdict.reasons().iter().map(|one| one.code).collect()
}

/// The codes of an item that decides.
pub(super) fn codes_with(item: &ConfigurationItem, parameters: &Value) -> Vec<&'static str> {
    let verdict = running(parameters, false, |run| preview(item, run)).unwrap();
    codes_of(&verdict.expect("the item decides"))
}

fn codes(kind: &str, configuration: &Value) -> Vec<&'static str> {
    codes_with(&item(kind, configuration), &json!({}))
}

fn error(item: &ConfigurationItem) -> String {
    running(&json!({}), false, |run| preview(item, run)).unwrap_err().to_string()
}

#[test]
fn every_type_is_judged_in_one_way() {
    let by_item: BTreeSet<&str> = CONTROL
        .resources
        .iter()
        .map(|one| one.name)
        .filter(|name| items::judge_of(name).is_some())
        .collect();
    // The schedule judges what no item tells all of, and nothing else.
    let swept: BTreeSet<&str> = CONTROL.swept().iter().map(|one| one.name).collect();
    assert_eq!(by_item.intersection(&swept).count(), 0);
    let rest: BTreeSet<&str> = CONTROL
        .resources
        .iter()
        .map(|one| one.name)
        .filter(|name| !by_item.contains(name) && !swept.contains(name))
        .collect();
    assert_eq!(rest, BTreeSet::from(["AWS::ECR::Repository", "AWS::SNS::Topic"]));
}

#[test]
fn public_flags() {
    for (kind, key) in [
        ("AWS::RDS::DBInstance", "publiclyAccessible"),
        ("AWS::RDS::DBCluster", "publiclyAccessible"),
        ("AWS::Redshift::Cluster", "publiclyAccessible"),
        ("AWS::DMS::ReplicationInstance", "PubliclyAccessible"),
        ("AWS::AmazonMQ::Broker", "PubliclyAccessible"),
    ] {
        assert_eq!(codes(kind, &json!({"engine": "mysql", key: true})), ["PUBLICLY_ACCESSIBLE"]);
        assert_eq!(codes(kind, &json!({"engine": "mysql", key: false})), NONE, "{kind}");
        let bare = item(kind, &json!({"engine": "mysql"}));
        assert!(error(&bare).contains(&format!("configuration.{key} is missing")), "{kind}");
    }
}

#[test]
fn clusters_without_the_setting_are_judged_by_their_instances() {
    for engine in ["aurora", "aurora-mysql", "aurora-postgresql", "docdb", "neptune"] {
        let cluster = json!({"engine": engine});
        assert_eq!(codes("AWS::RDS::DBCluster", &cluster), ["JUDGED_BY_INSTANCES"]);
        // If the setting is there, it counts.
        let public = json!({"engine": engine, "publiclyAccessible": true});
        assert_eq!(codes("AWS::RDS::DBCluster", &public), ["PUBLICLY_ACCESSIBLE"]);
    }
    // A Multi-AZ DB cluster has it always.
    let bare = item("AWS::RDS::DBCluster", &json!({"engine": "postgres"}));
    assert!(error(&bare).contains("publiclyAccessible is missing"));
    assert!(error(&item("AWS::RDS::DBCluster", &json!({}))).contains("engine is missing"));
}

#[test]
fn domains_belong_into_a_vpc() {
    for (kind, options, subnets) in [
        ("AWS::OpenSearch::Domain", "VPCOptions", "SubnetIds"),
        ("AWS::Elasticsearch::Domain", "vpcoptions", "subnetIds"),
    ] {
        let within = json!({"DomainName": "d", options: {subnets: ["subnet-1"]}});
        assert_eq!(codes(kind, &within), NONE);
        for outside in [
            json!({"DomainName": "d"}),
            json!({"DomainName": "d", options: null}),
            json!({"DomainName": "d", options: {}}),
            json!({"DomainName": "d", options: {subnets: []}}),
        ] {
            assert_eq!(codes(kind, &outside), ["NOT_IN_VPC"], "{kind} {outside}");
        }
        let odd = item(kind, &json!({options: {subnets: "subnet-1"}}));
        assert!(error(&odd).contains("expected an array"));
    }
}

#[test]
fn kubernetes_endpoints() {
    let cluster = |public: Value, ranges: Value| {
        let network = json!({"EndpointPublicAccess": public, "PublicAccessCidrs": ranges,
                             "EndpointPrivateAccess": true, "SubnetIds": ["subnet-1"]});
        item("AWS::EKS::Cluster", &json!({"Name": "it", "ResourcesVpcConfig": network}))
    };
    let judged = |public: Value, ranges: Value| codes_with(&cluster(public, ranges), &json!({}));
    assert_eq!(judged(json!(false), json!(["0.0.0.0/0"])), NONE);
    for open in [
        json!(null),
        json!([]),
        json!(["0.0.0.0/0"]),
        json!(["203.0.113.0/24", "0.0.0.0/0"]),
        json!(["0.0.0.0/1", "128.0.0.0/1"]),
        json!(["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/3", "224.0.0.0/3"]),
        json!(["203.0.113.0/24", "::/0"]),
        json!(["::/1", "8000::/1"]),
    ] {
        assert_eq!(judged(json!(true), open.clone()), ["PUBLIC_ENDPOINT"], "{open}");
    }
    let office = json!(["203.0.113.0/24", "198.51.100.7/32", "10.0.0.0/8"]);
    assert_eq!(judged(json!(true), office.clone()), NONE);
    let strict = json!({"eksAllowRestrictedCidrs": false});
    let restricted = cluster(json!(true), office);
    assert_eq!(codes_with(&restricted, &strict), ["PUBLIC_ENDPOINT"]);
    assert_eq!(codes_with(&cluster(json!(false), json!(null)), &strict), NONE);
    // Older items lack whether the endpoint is public: nothing is known then.
    assert!(error(&cluster(json!(null), json!(null))).contains("EndpointPublicAccess is missing"));
    let bare = item("AWS::EKS::Cluster", &json!({"Name": "it"}));
    assert!(error(&bare).contains("ResourcesVpcConfig is missing"));
}

#[test]
fn brokers_and_notebooks() {
    let msk = |connectivity: Value| {
        let nodes = json!({"ClientSubnets": ["subnet-1"], "ConnectivityInfo": connectivity});
        codes("AWS::MSK::Cluster", &json!({"BrokerNodeGroupInfo": nodes}))
    };
    assert_eq!(
        msk(json!({"PublicAccess": {"Type": "SERVICE_PROVIDED_EIPS"}})),
        ["PUBLIC_ENDPOINT"]
    );
    for private in [
        json!({"PublicAccess": {"Type": "DISABLED"}}),
        json!({"VpcConnectivity": {}}),
        json!({"PublicAccess": {}}),
        json!(null),
    ] {
        assert_eq!(msk(private.clone()), NONE, "{private}");
    }
    let bare = item("AWS::MSK::Cluster", &json!({"ClusterName": "it"}));
    assert!(error(&bare).contains("BrokerNodeGroupInfo is missing"));

    let notebook = |access: &str| {
        codes("AWS::SageMaker::NotebookInstance", &json!({"DirectInternetAccess": access}))
    };
    assert_eq!(notebook("Enabled"), ["DIRECT_INTERNET_ACCESS"]);
    assert_eq!(notebook("Disabled"), NONE);
    let bare = item("AWS::SageMaker::NotebookInstance", &json!({"SubnetId": "subnet-1"}));
    assert!(error(&bare).contains("DirectInternetAccess is missing"));
}

#[test]
fn snapshots_by_their_restore_attribute() {
    for (kind, part) in [
        ("AWS::RDS::DBSnapshot", "DBSnapshotAttributes"),
        ("AWS::RDS::DBClusterSnapshot", "DBClusterSnapshotAttributes"),
    ] {
        let of = |snapshot_type: &str, values: &Value| {
            let attributes = json!([
                {"attributeName": "other", "attributeValues": ["all"]},
                {"attributeName": "restore", "attributeValues": values},
            ]);
            item_with(kind, &json!({"snapshotType": snapshot_type}), &json!({part: attributes}))
        };
        let judged =
            |values: Value, parameters: Value| codes_with(&of("manual", &values), &parameters);
        assert_eq!(judged(json!([]), json!({})), NONE);
        assert_eq!(judged(json!([ACCOUNT]), json!({})), NONE);
        assert_eq!(judged(json!(["all"]), json!({})), ["SNAPSHOT_PUBLIC"]);
        let partner = json!(["444455556666"]);
        assert_eq!(judged(partner.clone(), json!({})), ["SHARED_WITH_UNTRUSTED_ACCOUNT"]);
        let trusted = json!({"trustedAccountIds": "444455556666"});
        assert_eq!(judged(partner, trusted.clone()), NONE);
        assert_eq!(
            judged(json!(["all", "444455556666", "777788889999"]), trusted),
            ["SNAPSHOT_PUBLIC", "SHARED_WITH_UNTRUSTED_ACCOUNT"]
        );
        // Nobody can share them; their attributes are not even looked at.
        let automated = item(kind, &json!({"snapshotType": "automated"}));
        assert_eq!(codes_with(&automated, &json!({})), ["AUTOMATED_SNAPSHOT"]);
        assert_eq!(codes_with(&of("awsbackup", &json!(["all"])), &json!({})), ["SNAPSHOT_PUBLIC"]);
        // A dialect that holds the list as text.
        let text = json!([{"attributeName": "restore", "attributeValues": ["all"]}]).to_string();
        let text = item_with(kind, &json!({"snapshotType": "manual"}), &json!({part: text}));
        assert_eq!(codes_with(&text, &json!({})), ["SNAPSHOT_PUBLIC"]);

        let missing = item(kind, &json!({"snapshotType": "manual"}));
        assert!(error(&missing).contains(&format!("supplementaryConfiguration.{part} is missing")));
        assert!(error(&item(kind, &json!({}))).contains("snapshotType is missing"));
        let odd = |value: Value| {
            error(&item_with(kind, &json!({"snapshotType": "manual"}), &json!({part: value})))
        };
        assert!(odd(json!({})).contains("expected a list"));
        assert!(odd(json!([{"attributeValues": ["all"]}])).contains("without a name"));
        assert!(odd(json!([{"attributeName": "restore"}])).contains("without values"));
        assert!(
            odd(json!([{"attributeName": "restore", "attributeValues": [1]}])).contains("no text")
        );
    }
}

#[test]
fn the_names_of_accounts_are_in_the_message() {
    let attributes = json!([{"attributeName": "restore", "attributeValues": ["444455556666"]}]);
    let parts = json!({"DBSnapshotAttributes": attributes});
    let snapshot = item_with("AWS::RDS::DBSnapshot", &json!({"snapshotType": "manual"}), &parts);
    let verdict = running(&json!({}), false, |run| preview(&snapshot, run)).unwrap().unwrap();
    assert_eq!(verdict.reasons()[0].message.en, "The snapshot is shared with 444455556666");
}

#[test]
fn approved_arns_are_not_judged() {
    let database = item("AWS::RDS::DBInstance", &json!({"publiclyAccessible": true}));
    let arn = database.arn.clone().unwrap();
    let approved = |list: String| codes_with(&database, &json!({ "approvedPublicArns": list }));
    assert_eq!(approved(format!("arn:aws:rds:ap-northeast-1:1:db:x,{arn}")), ["APPROVED_PUBLIC"]);
    // The exact ARN, not the beginning of one, nor a pattern.
    assert_eq!(approved(format!("{arn}-2")), ["PUBLICLY_ACCESSIBLE"]);
    assert_eq!(approved("*".to_owned()), ["PUBLICLY_ACCESSIBLE"]);
}

#[test]
fn documents_of_aws_are_left_alone() {
    let asked = |name: &str| {
        let document = item("AWS::SSM::Document", &json!({ "Name": name }));
        running(&json!({}), false, |run| preview(&document, run)).unwrap().map(|v| codes_of(&v))
    };
    assert_eq!(asked("AWS-RunShellScript"), Some(vec!["AWS_OWNED_DOCUMENT"]));
    assert_eq!(asked("AmazonCloudWatch-ManageAgent"), Some(vec!["AWS_OWNED_DOCUMENT"]));
    assert_eq!(asked("hbg-restart-service"), None);
    assert!(error(&item("AWS::SSM::Document", &json!({}))).contains("Name is missing"));
}
