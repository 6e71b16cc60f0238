//! Databases, search domains and data warehouses.

use fisc_shared::item::required::{flag, part, text, unknown};
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Run, Verdict, message};

use super::declared::{
    ACCEPT_REDSHIFT_RELOCATION, MIN_AVAILABILITY_ZONES, MIN_DATA_NODES, RDS_SINGLE_AZ,
    REDSHIFT_SINGLE_AZ, SEARCH_SINGLE_AZ,
};
use super::kinds::{Ask, Told};
use super::remarks::{
    CLUSTER_MEMBER, NO_MEMBERS, READ_REPLICA, SERVERLESS_CLUSTER, ZONE_RELOCATION,
};

/// A domain needs three dedicated master nodes to keep a majority without one zone.
const MASTER_NODES: i64 = 3;

/// Whether a text is there and not empty.
fn names(fields: &Fields<'_>, key: &str) -> Result<bool, ItemError> {
    Ok(fields.text(key)?.is_some_and(|name| !name.is_empty()))
}

pub(super) fn instance(item: &ConfigurationItem, _: &Run<'_>) -> Result<Told, Error> {
    let fields = item.configuration()?;
    if names(&fields, "dBClusterIdentifier")? {
        return Ok(Told::left_out(&CLUSTER_MEMBER));
    }
    for source in ["readReplicaSourceDBInstanceIdentifier", "readReplicaSourceDBClusterIdentifier"]
    {
        if names(&fields, source)? {
            return Ok(Told::left_out(&READ_REPLICA));
        }
    }
    Ok(Told::fails_if(!flag(&fields, "multiAZ")?, &RDS_SINGLE_AZ))
}

pub(super) fn cluster(item: &ConfigurationItem, _: &Run<'_>) -> Result<Told, Error> {
    const MEMBERS: &str = "dbclusterMembers";
    let fields = item.configuration()?;
    if fields.text("engineMode")? == Some("serverless") {
        return Ok(Told::left_out(&SERVERLESS_CLUSTER));
    }
    // availabilityZones are those of the storage: three, however many instances there are.
    if fields.list(MEMBERS)?.ok_or_else(|| fields.missing(MEMBERS))?.is_empty() {
        return Ok(Told::left_out(&NO_MEMBERS));
    }
    Ok(Told::Ask(Ask::Members(text(&fields, "dbclusterIdentifier")?.to_owned())))
}

pub(super) fn domain(item: &ConfigurationItem, run: &Run<'_>) -> Result<Told, Error> {
    let cluster = part(&item.configuration()?, "ClusterConfig")?;
    let number = |key: &str| cluster.integer(key)?.ok_or_else(|| cluster.missing(key));
    let mut failures = Failures::new();
    let mut fail = |en: String, ja: String| {
        failures.because(&SEARCH_SINGLE_AZ, fisc_shared::Message { en, ja });
    };
    if flag(&cluster, "ZoneAwarenessEnabled")? {
        let zones = cluster.at("ZoneAwarenessConfig")?;
        let zones = zones.map(|zones| zones.integer("AvailabilityZoneCount")).transpose()?;
        // Two zones are the default.
        let (zones, wanted) =
            (zones.flatten().unwrap_or(2), run.parameters.get(&MIN_AVAILABILITY_ZONES));
        if zones < wanted {
            fail(
                format!("The data nodes are in {zones} zones; {wanted} are asked for"),
                format!("データノードのゾーン数が {zones} です(必要数 {wanted})"),
            );
        }
    } else {
        fail("Zone awareness is off".to_owned(), "ゾーン認識が無効です".to_owned());
    }
    let (nodes, wanted) = (number("InstanceCount")?, run.parameters.get(&MIN_DATA_NODES));
    if nodes < wanted {
        fail(
            format!("Has {nodes} data node(s); {wanted} are asked for"),
            format!("データノードが {nodes} 台です(必要数 {wanted})"),
        );
    }
    let masters = match flag(&cluster, "DedicatedMasterEnabled")? {
        true => number("DedicatedMasterCount")?,
        false => 0,
    };
    if masters < MASTER_NODES {
        fail(
            format!("Has {masters} dedicated master node(s); {MASTER_NODES} are asked for"),
            format!("専用マスターノードが {masters} 台です(必要数 {MASTER_NODES})"),
        );
    }
    Ok(Told::Decided(first_of(failures.into_verdict())))
}

/// One reason for the one code: the first says what to begin with.
fn first_of(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::NonCompliant(mut reasons) => {
            reasons.truncate(1);
            Verdict::NonCompliant(reasons)
        }
        other => other,
    }
}

pub(super) fn warehouse(item: &ConfigurationItem, run: &Run<'_>) -> Result<Told, Error> {
    let fields = item.configuration()?;
    let multi = multi_az(&fields)?;
    if multi == Some(true) {
        return Ok(Told::Decided(Verdict::compliant()));
    }
    let relocation = fields.text("availabilityZoneRelocationStatus")?;
    let relocates = relocation.is_some_and(|status| status.eq_ignore_ascii_case("enabled"));
    if relocates && run.parameters.get(&ACCEPT_REDSHIFT_RELOCATION) {
        return Ok(Told::Decided(Verdict::Compliant(vec![ZONE_RELOCATION.reason()])));
    }
    // Not every item tells of Multi-AZ; dense compute and dense storage nodes do not have it.
    let dense = text(&fields, "nodeType")?;
    let never = dense.starts_with("dc") || dense.starts_with("ds");
    if multi.is_none() && !never {
        return Err(fields.missing("multiAZ").into());
    }
    let mut failures = Failures::new();
    let zone = fields.text("availabilityZone")?.unwrap_or("?");
    failures.because(
        &REDSHIFT_SINGLE_AZ,
        message!("The cluster is bound to {zone}", "クラスターが {zone} に固定されています"),
    );
    Ok(Told::Decided(failures.into_verdict()))
}

/// Whether a warehouse runs in two zones, if the item tells: Redshift writes it as a word.
fn multi_az(fields: &Fields<'_>) -> Result<Option<bool>, ItemError> {
    for key in ["multiAZ", "multiAz"] {
        let Some(value) = fields.at(key)? else { continue };
        if value.value().is_boolean() {
            return value.as_flag().map(Some);
        }
        return match value.as_text()?.to_ascii_lowercase().as_str() {
            "enabled" | "true" => Ok(Some(true)),
            "disabled" | "false" => Ok(Some(false)),
            other => Err(unknown(fields, key, other)),
        };
    }
    Ok(None)
}
