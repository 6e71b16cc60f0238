//! The members of a DB cluster.

use std::collections::BTreeMap;

use fisc_shared::item::required::{flag, text};
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Run, Verdict};

use super::declared::{FAILOVER_TARGET_SMALLER, RDS_SINGLE_AZ};
use super::remarks::NO_MEMBERS;
use super::spread::{self, Zones};

/// What RDS tells of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    /// Its class, such as `db.r6g.large`.
    pub(super) class: String,
    /// Its zone; one that is being made has none yet.
    pub(super) zone: Option<String>,
}

/// The verdict on a cluster with these members, by their names.
pub(super) fn judge(
    item: &ConfigurationItem,
    members: &BTreeMap<String, Member>,
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    let zones: Zones = members.values().filter_map(|member| member.zone.clone()).collect();
    if members.is_empty() {
        return Ok(Verdict::not_applicable(&NO_MEMBERS));
    }
    let mut failures = Failures::new();
    spread::require(&mut failures, &RDS_SINGLE_AZ, &zones, run);
    let smaller = smaller_targets(&item.configuration()?, members)?;
    if !smaller.is_empty() {
        failures.because(&FAILOVER_TARGET_SMALLER, FAILOVER_TARGET_SMALLER.naming(&smaller));
    }
    Ok(failures.into_verdict())
}

/// The first targets of a failover that are smaller than the writer.
fn smaller_targets(
    fields: &Fields<'_>,
    members: &BTreeMap<String, Member>,
) -> Result<Vec<String>, ItemError> {
    let mut writer = None;
    let mut targets = Vec::new();
    for member in fields.list("dbclusterMembers")?.unwrap_or_default() {
        let name = text(&member, "dbinstanceIdentifier")?;
        // A member that RDS does not know any more is no target.
        let Some(size) = members.get(name).and_then(|one| Size::of(&one.class)) else { continue };
        let tier = member.integer("promotionTier")?.unwrap_or(1);
        let writes = member.flag("clusterWriter")?;
        if writes.map_or_else(|| flag(&member, "isClusterWriter"), Ok)? {
            writer = Some(size);
        } else if tier <= 1 {
            targets.push((name, size));
        }
    }
    let Some(writer) = writer else { return Ok(Vec::new()) };
    let smaller = targets.into_iter().filter(|(_, size)| *size < writer);
    Ok(smaller.map(|(name, _)| name.to_owned()).collect())
}

/// How large an instance is: by the size in its class, and of equals one that is not burstable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Size {
    /// In eighths of an `xlarge`.
    eighths: u32,
    steady: bool,
}

impl Size {
    /// The size of a class; none of `db.serverless`, and of sizes that are not known.
    fn of(class: &str) -> Option<Self> {
        let mut parts = class.trim_start_matches("db.").split('.');
        let (family, size) = (parts.next()?, parts.next()?);
        let eighths = match size {
            "micro" => 1,
            "small" => 2,
            "medium" => 3,
            "large" => 4,
            "xlarge" => 8,
            size => 8 * size.strip_suffix("xlarge")?.parse::<u32>().ok()?,
        };
        Some(Self { eighths, steady: !family.starts_with('t') })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_ordered_by_size() {
        let size = |class| Size::of(class).unwrap();
        for (smaller, larger) in [
            ("db.t4g.medium", "db.t4g.large"),
            ("db.r6g.large", "db.r6g.xlarge"),
            ("db.r6g.2xlarge", "db.r6g.16xlarge"),
            ("db.t3.large", "db.r6g.large"),
            ("db.r6i.xlarge", "db.r5.2xlarge"),
        ] {
            assert!(size(smaller) < size(larger), "{smaller} {larger}");
        }
        assert_eq!(size("db.r5.large"), size("db.r6g.large"));
        for unknown in ["db.serverless", "db.r9.huge", "r6g", ""] {
            assert_eq!(Size::of(unknown), None, "{unknown}");
        }
    }
}
