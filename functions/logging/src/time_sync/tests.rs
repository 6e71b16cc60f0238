use std::collections::HashMap;

use aws_sdk_rds::types::{Option as GroupOption, OptionGroup, OptionSetting};
use aws_sdk_ssm::types::{Association, AssociationOverview};
use fisc_services::parameter_groups::Setting;
use fisc_shared::Parameters;
use fisc_testkit::events;
use serde_json::{Value, json};

use super::databases::Told;
use super::*;

const NONE: [&str; 0] = [];

fn read_item(item: &Value) -> ConfigurationItem {
    ConfigurationItem::from_json(&item.to_string()).expect("an item")
}

fn running<T>(parameters: &Value, offline: bool, work: impl FnOnce(&Run<'_>) -> T) -> T {
    let parameters = Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
    work(&Run {
        parameters: &parameters,
        now: "2026-11-21T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline,
    })
}

fn codes_of(verdict: &Verdict) -> Vec<&'static str> {
    let declared = |code| {
        CONTROL.requirement(code).is_some() || CONTROL.remarks.iter().any(|one| one.code == code)
    };
    assert!(verdict.reasons().iter().all(|reason| declared(reason.code)), "{verdict:?}");
    verdict.reasons().iter().map(|reason| reason.code).collect()
}

fn message_of(verdict: &Verdict) -> &str {
    &verdict.reasons()[0].message.en
}

fn options(servers: Value) -> Value {
    let id = "dopt-0a1b2c3d4e5f60718";
    let mut item = events::item(
        ResourceType::EC2_DHCP_OPTIONS.name,
        id,
        json!({
            "DhcpOptionsId": id, "DomainName": "ap-northeast-1.compute.internal",
            "DomainNameServers": ["AmazonProvidedDNS"], "NtpServers": servers,
            "NetbiosNameServers": [], "Tags": [],
        }),
    );
    item["ARN"] = json!(format!("arn:aws:ec2:ap-northeast-1:111122223333:dhcp-options/{id}"));
    item
}

fn offered(servers: Value, parameters: &Value) -> Vec<&'static str> {
    let item = read_item(&options(servers));
    codes_of(&running(parameters, false, |run| dhcp::judge(&item, true, run)).unwrap())
}

#[test]
fn only_approved_servers_are_offered() {
    let plain = json!({});
    assert_eq!(offered(json!(["169.254.169.123"]), &plain), NONE);
    assert_eq!(offered(json!(["169.254.169.123", "fd00:0ec2:0::0123"]), &plain), NONE);
    assert_eq!(offered(json!(["203.0.113.7"]), &plain), ["NTP_SERVER_NOT_APPROVED"]);
    // One approved server does not make up for another one.
    let both = options(json!(["169.254.169.123", "203.0.113.7"]));
    let verdict = running(&plain, false, |run| dhcp::judge(&read_item(&both), true, run)).unwrap();
    assert_eq!(message_of(&verdict), "NTP servers that were not approved: 203.0.113.7");
    let own = json!({"allowedNtpServers": "203.0.113.7, ntp.hbg.example"});
    assert_eq!(offered(json!(["203.0.113.7", "NTP.hbg.example"]), &own), NONE);
    assert_eq!(offered(json!(["169.254.169.123"]), &own), ["NTP_SERVER_NOT_APPROVED"]);
}

#[test]
fn without_servers_hosts_keep_the_source_of_their_image() {
    for none in [json!([]), Value::Null] {
        assert_eq!(offered(none.clone(), &json!({})), NONE);
        assert_eq!(offered(none, &json!({"requireExplicitNtp": "true"})), ["NTP_NOT_SET"]);
    }
    let set = offered(json!(["169.254.169.123"]), &json!({"requireExplicitNtp": true}));
    assert_eq!(set, NONE);
    // In lowerCamelCase, as most items of EC2 are, it is no item of DHCP options.
    let mut other = options(Value::Null);
    other["configuration"] = json!({"dhcpOptionsId": "dopt-1", "ntpServers": ["203.0.113.7"]});
    let other = read_item(&other);
    let error = running(&json!({}), false, |run| dhcp::judge(&other, true, run)).unwrap_err();
    assert!(error.to_string().ends_with("configuration.DhcpOptionsId is missing"), "{error}");
}

#[test]
fn options_that_no_vpc_uses_reach_no_host() {
    let bad = read_item(&options(json!(["203.0.113.7"])));
    let verdict = running(&json!({}), false, |run| dhcp::judge(&bad, false, run)).unwrap();
    assert_eq!(codes_of(&verdict), ["OPTIONS_NOT_USED"]);
    // Whether one does is asked; where that is not possible, the options count as used.
    assert_eq!(running(&json!({}), false, |run| preview(&bad, run)).unwrap(), None);
    let verdict = running(&json!({}), true, |run| preview(&bad, run)).unwrap();
    assert_eq!(codes_of(&verdict.unwrap()), ["NTP_SERVER_NOT_APPROVED"]);
}

fn instance(engine: &str) -> Value {
    let mut item = events::item(
        ResourceType::RDS_DB_INSTANCE.name,
        "db-A",
        json!({
            "dBInstanceIdentifier": "core", "engine": engine, "dBInstanceStatus": "available",
            "dBParameterGroups": [
                {"dBParameterGroupName": "hbg", "parameterApplyStatus": "in-sync"}
            ],
            "optionGroupMemberships": [{"optionGroupName": "hbg-options", "status": "in-sync"}],
            "timezone": null, "dBClusterIdentifier": null,
        }),
    );
    item["ARN"] = json!("arn:aws:rds:ap-northeast-1:111122223333:db:core");
    item
}

fn cluster(engine: &str) -> Value {
    let mut item = events::item(
        ResourceType::RDS_DB_CLUSTER.name,
        "cluster-A",
        json!({
            "dbclusterIdentifier": "ib", "engine": engine, "status": "available",
            "dbclusterParameterGroup": "hbg-cluster",
            "dbclusterMembers": [
                {"dbinstanceIdentifier": "ib-1", "dbclusterParameterGroupStatus": "in-sync"}
            ],
        }),
    );
    item["ARN"] = json!("arn:aws:rds:ap-northeast-1:111122223333:cluster:ib");
    item
}

/// The verdict on a database whose parameter has this value.
fn zoned(item: &Value, value: Option<&str>, parameters: &Value) -> Result<Verdict, Error> {
    let item = read_item(item);
    running(parameters, false, |run| match databases::read(&item, run)? {
        Told::Verdict(verdict) => Ok(verdict),
        Told::Ask(question) => {
            let setting = Setting { value: value.map(str::to_owned) };
            databases::by_parameter(&item, &question, Some(&setting), run)
        }
        Told::AskOptions(names) => panic!("asks for {names:?}"),
    })
}

fn codes(item: &Value, value: Option<&str>) -> Vec<&'static str> {
    codes_of(&zoned(item, value, &json!({})).unwrap())
}

#[test]
fn a_local_zone_of_a_parameter_fails() {
    for (engine, parameter) in
        [("mysql", "time_zone"), ("mariadb", "time_zone"), ("postgres", "timezone")]
    {
        let item = instance(engine);
        for utc in [Some("UTC"), Some("utc"), Some("Etc/UTC"), Some("GMT"), Some(""), None] {
            assert_eq!(codes(&item, utc), NONE, "{engine} {utc:?}: a default is UTC");
        }
        assert_eq!(codes(&item, Some("Asia/Tokyo")), ["DB_TIMEZONE_NOT_UTC"]);
        let verdict = zoned(&item, Some("Asia/Tokyo"), &json!({})).unwrap();
        let expected = format!("{parameter} is Asia/Tokyo in the parameter group hbg");
        assert_eq!(message_of(&verdict), expected);
        let tokyo = json!({"allowedZones": "UTC,Asia/Tokyo"});
        assert_eq!(codes_of(&zoned(&item, Some("Asia/Tokyo"), &tokyo).unwrap()), NONE);
    }
    assert_eq!(codes(&instance("mysql"), Some("SYSTEM")), NONE);
    for engine in ["aurora-mysql", "aurora", "aurora-postgresql", "mysql", "postgres"] {
        assert_eq!(codes(&cluster(engine), Some("UTC")), NONE);
        assert_eq!(codes(&cluster(engine), Some("Asia/Tokyo")), ["CLUSTER_TIMEZONE_NOT_UTC"]);
    }
}

#[test]
fn a_zone_may_be_approved_by_a_tag() {
    let mut item = instance("postgres");
    item["tags"] = json!({"fisc:db-local-timezone-approved": "RITM0012"});
    assert_eq!(codes(&item, Some("Asia/Tokyo")), ["LOCAL_ZONE_APPROVED"]);
    assert_eq!(codes(&item, Some("UTC")), NONE);
    item["tags"] = json!({"fisc:db-local-timezone-approved": "false"});
    assert_eq!(codes(&item, Some("Asia/Tokyo")), ["DB_TIMEZONE_NOT_UTC"]);
    item["tags"] = json!({"ok": ""});
    let own = json!({"localZoneTagKey": "ok"});
    let verdict = zoned(&item, Some("Asia/Tokyo"), &own).unwrap();
    assert!(matches!(verdict, Verdict::NotApplicable(_)));
    // Without tags, nobody knows whether it was.
    item["tags"] = Value::Null;
    let error = zoned(&item, Some("Asia/Tokyo"), &json!({})).unwrap_err().to_string();
    assert!(error.ends_with("tags is missing"), "{error}");
    assert_eq!(codes(&item, Some("UTC")), NONE);
    let off = json!({"localZoneTagKey": ""});
    assert_eq!(codes_of(&zoned(&item, Some("Asia/Tokyo"), &off).unwrap()), ["DB_TIMEZONE_NOT_UTC"]);
}

#[test]
fn a_group_that_waits_for_a_reboot_is_said() {
    let mut item = instance("mysql");
    item["configuration"]["dBParameterGroups"][0]["parameterApplyStatus"] = json!("pending-reboot");
    assert_eq!(codes(&item, Some("UTC")), ["REBOOT_PENDING"]);
    let verdict = zoned(&item, Some("Asia/Tokyo"), &json!({})).unwrap();
    assert_eq!(codes_of(&verdict), ["DB_TIMEZONE_NOT_UTC"]);
    assert!(message_of(&verdict).ends_with("(pending-reboot)"));
    let mut cluster = cluster("aurora-mysql");
    cluster["configuration"]["dbclusterMembers"][0]["dbclusterParameterGroupStatus"] =
        json!("pending-reboot");
    assert_eq!(codes(&cluster, None), ["REBOOT_PENDING"]);
}

#[test]
fn sql_server_and_db2_keep_the_zone_they_were_made_with() {
    for engine in ["sqlserver-se", "sqlserver-ee", "db2-se"] {
        let mut item = instance(engine);
        assert_eq!(codes(&item, None), NONE);
        item["configuration"]["timezone"] = json!("UTC");
        assert_eq!(codes(&item, None), NONE);
        // It has the summer time of London.
        for zone in ["Tokyo Standard Time", "GMT Standard Time"] {
            item["configuration"]["timezone"] = json!(zone);
            assert_eq!(codes(&item, None), ["DB_TIMEZONE_NOT_UTC"]);
            let verdict = zoned(&item, None, &json!({})).unwrap();
            assert_eq!(message_of(&verdict), format!("The time zone is {zone}"));
        }
    }
}

fn option_group(name: &str, options: &[(&str, &[(&str, &str)])]) -> OptionGroup {
    let option = |(name, settings): &(&str, &[(&str, &str)])| {
        let settings = settings
            .iter()
            .map(|(name, value)| OptionSetting::builder().name(*name).value(*value).build());
        let settings = settings.collect();
        GroupOption::builder().option_name(*name).set_option_settings(Some(settings)).build()
    };
    OptionGroup::builder()
        .option_group_name(name)
        .set_options(Some(options.iter().map(option).collect()))
        .build()
}

#[test]
fn oracle_leaves_utc_by_an_option() {
    let item = instance("oracle-se2");
    let told = running(&json!({}), false, |run| databases::read(&read_item(&item), run)).unwrap();
    let Told::AskOptions(names) = told else { panic!("{told:?}") };
    assert_eq!(names, ["hbg-options"]);
    let judged = |groups: &[OptionGroup]| {
        running(&json!({}), false, |run| databases::by_options(&read_item(&item), groups, run))
    };
    let tokyo = [("TIME_ZONE", "Asia/Tokyo")];
    let plain = option_group("a", &[("STATSPACK", &[])]);
    let utc = option_group("b", &[("Timezone", &[("TIME_ZONE", "UTC")])]);
    let local = option_group("c", &[("STATSPACK", &[]), ("Timezone", &tokyo)]);
    for group in [&plain, &utc] {
        assert_eq!(judged(std::slice::from_ref(group)).unwrap(), Verdict::compliant());
    }
    // Two groups, while it moves from one to the other.
    let verdict = judged(&[plain, local]).unwrap();
    assert_eq!(codes_of(&verdict), ["DB_TIMEZONE_NOT_UTC"]);
    assert_eq!(message_of(&verdict), "TIME_ZONE is Asia/Tokyo in the option group c");
    // The file of zones is another option.
    let file = option_group("d", &[("TIMEZONE_FILE_AUTOUPGRADE", &[])]);
    assert_eq!(judged(&[file]).unwrap(), Verdict::compliant());
    let cut = judged(&[option_group("e", &[("Timezone", &[])])]).unwrap_err().to_string();
    assert!(cut.contains("TIME_ZONE of Timezone in e"), "{cut}");
    let mut bare = item.clone();
    bare["configuration"]["optionGroupMemberships"] = json!([]);
    let error = zoned(&bare, None, &json!({})).unwrap_err().to_string();
    assert!(error.ends_with("optionGroupMemberships is missing"), "{error}");
}

#[test]
fn members_of_clusters_and_other_engines_are_not_judged() {
    for engine in ["aurora-mysql", "aurora-postgresql", "mysql", "docdb"] {
        let mut member = instance(engine);
        member["configuration"]["dBClusterIdentifier"] = json!("ib");
        assert_eq!(codes(&member, Some("Asia/Tokyo")), ["JUDGED_ON_CLUSTER"]);
    }
    let error = zoned(&instance("aurora-mysql"), None, &json!({})).unwrap_err().to_string();
    assert!(error.ends_with("dBClusterIdentifier is missing"), "{error}");
    for engine in ["docdb", "neptune"] {
        assert_eq!(codes(&cluster(engine), Some("Asia/Tokyo")), ["NO_ZONE_SETTING"]);
    }
    for engine in ["custom-oracle-ee", "custom-sqlserver-ee"] {
        assert_eq!(codes(&instance(engine), None), ["ENGINE_NOT_JUDGED"]);
    }
    let error = zoned(&instance("novadb"), None, &json!({})).unwrap_err().to_string();
    assert!(error.contains("configuration.engine") && error.contains("novadb"), "{error}");
}

#[test]
fn only_a_database_that_works_is_judged() {
    for status in ["creating", "Deleting", "stopped", "incompatible-parameters", "failed"] {
        let mut item = instance("mysql");
        item["configuration"]["dBInstanceStatus"] = json!(status);
        assert_eq!(codes(&item, Some("Asia/Tokyo")), ["DATABASE_NOT_AVAILABLE"], "{status}");
    }
    for status in ["available", "backing-up", "modifying", "storage-optimization"] {
        let mut item = cluster("aurora-mysql");
        item["configuration"]["status"] = json!(status);
        assert_eq!(codes(&item, Some("Asia/Tokyo")), ["CLUSTER_TIMEZONE_NOT_UTC"], "{status}");
    }
}

#[test]
fn what_is_missing_is_an_error() {
    for key in ["engine", "dBParameterGroups"] {
        let mut item = instance("mysql");
        item["configuration"][key] = Value::Null;
        let error = zoned(&item, None, &json!({})).unwrap_err().to_string();
        assert!(error.ends_with(&format!("configuration.{key} is missing")), "{error}");
    }
    let mut item = cluster("aurora-mysql");
    item["configuration"]["dbclusterParameterGroup"] = Value::Null;
    assert!(zoned(&item, None, &json!({})).is_err());
    // Every family has the parameter: an answer without it tells nothing.
    let item = read_item(&instance("mysql"));
    let error = running(&json!({}), false, |run| {
        let Told::Ask(question) = databases::read(&item, run).unwrap() else { panic!("asks") };
        databases::by_parameter(&item, &question, None, run).unwrap_err()
    });
    assert_eq!(error.to_string(), "the answer of rds:DescribeDBParameters lacks time_zone of hbg");
}

fn association(id: &str, status: &str, nodes: &[(&str, i32)]) -> Association {
    let nodes: HashMap<String, i32> =
        nodes.iter().map(|(state, count)| ((*state).to_owned(), *count)).collect();
    let overview = AssociationOverview::builder()
        .status(status)
        .set_association_status_aggregated_count(Some(nodes))
        .build();
    Association::builder().association_id(id).overview(overview).build()
}

#[test]
fn associations_reach_every_node() {
    let judged = |associations: &[Association]| {
        association::decide("Hbg-Chrony", associations).map(|verdict| codes_of(&verdict))
    };
    let failing = ["TIME_ASSOCIATION_NON_COMPLIANT"];
    assert_eq!(judged(&[]).unwrap(), failing, "nobody sets the client up");
    let good = association("a", "Success", &[("Success", 12)]);
    let new = association("b", "Pending", &[("Pending", 2), ("Failed", 0)]);
    assert_eq!(judged(&[good.clone(), new]).unwrap(), NONE);
    assert_eq!(judged(&[good, association("c", "Failed", &[])]).unwrap(), failing);
    let partly = association("d", "Success", &[("Success", 11), ("TimedOut", 1)]);
    assert_eq!(judged(&[partly]).unwrap(), failing);
    assert!(judged(&[Association::builder().association_id("e").build()]).is_err());
}
