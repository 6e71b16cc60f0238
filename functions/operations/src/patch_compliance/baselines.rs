//! The patch baselines of the operating systems in use.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ssm::Client;
use aws_sdk_ssm::operation::get_patch_baseline::GetPatchBaselineOutput;
use aws_sdk_ssm::types::{OperatingSystem, PatchRule};
use fisc_shared::error::Call;
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Message, Run, Verdict};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::parameters::APPROVE_AFTER_DAYS_MAX;
use super::requirements::{NO_MANAGED_NODE, PATCH_BASELINE_WEAK, SYSTEM_NOT_KNOWN};
use crate::nodes::Node;

pub(super) const GET_DEFAULT: &str = "ssm:GetDefaultPatchBaseline";
pub(super) const GET_BASELINE: &str = "ssm:GetPatchBaseline";
pub(super) const DESCRIBE_GROUPS: &str = "ssm:DescribePatchGroups";

/// How the names of platforms begin, and whose baselines their patches are judged by.
const PLATFORMS: [(&str, OperatingSystem); 13] = [
    ("almalinux", OperatingSystem::AlmaLinux),
    ("centos", OperatingSystem::CentOs),
    ("debian", OperatingSystem::Debian),
    ("mac", OperatingSystem::MacOs),
    ("oracle", OperatingSystem::OracleLinux),
    ("raspbian", OperatingSystem::Raspbian),
    ("red hat", OperatingSystem::RedhatEnterpriseLinux),
    ("rhel", OperatingSystem::RedhatEnterpriseLinux),
    ("rocky", OperatingSystem::RockyLinux),
    ("sles", OperatingSystem::Suse),
    ("suse", OperatingSystem::Suse),
    ("ubuntu", OperatingSystem::Ubuntu),
    ("microsoft windows", OperatingSystem::Windows),
];

/// The operating system of a node, as baselines name it.
fn system(node: &Node) -> Option<OperatingSystem> {
    match node.platform_type.as_deref() {
        Some("Windows") => return Some(OperatingSystem::Windows),
        Some("MacOS") => return Some(OperatingSystem::MacOs),
        _ => {}
    }
    let name = node.platform_name.as_deref()?.to_lowercase();
    let version = node.platform_version.as_deref().unwrap_or_default();
    if name.starts_with("amazon linux") {
        return Some(match version.split('.').next() {
            Some("2") => OperatingSystem::AmazonLinux2,
            Some("2022") => OperatingSystem::AmazonLinux2022,
            Some("2023") => OperatingSystem::AmazonLinux2023,
            // 2018.03 and the dated versions before it.
            Some("2012" | "2013" | "2014" | "2015" | "2016" | "2017" | "2018") => {
                OperatingSystem::AmazonLinux
            }
            _ => return None,
        });
    }
    PLATFORMS.iter().find(|(start, _)| name.starts_with(start)).map(|(_, system)| system.clone())
}

/// The verdict on the account.
///
/// # Errors
/// When a call fails, or its answer lacks a field.
pub(super) async fn judge(
    client: &Client,
    nodes: &[&Node],
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    let mut systems: BTreeMap<String, OperatingSystem> = BTreeMap::new();
    let mut unknown: BTreeSet<String> = BTreeSet::new();
    for node in nodes {
        if let Some(system) = system(node) {
            systems.insert(system.as_str().to_owned(), system);
        } else {
            unknown.insert(node.platform_name.clone().unwrap_or_else(|| node.id.clone()));
        }
    }
    if nodes.is_empty() {
        return Ok(Verdict::not_applicable(&NO_MANAGED_NODE));
    }
    let mut weak: Vec<Weak> = Vec::new();
    let mut ids: BTreeSet<String> = BTreeSet::new();
    for (name, system) in &systems {
        let asked = client.get_default_patch_baseline().operating_system(system.clone());
        let answer = asked.send().await.call(GET_DEFAULT)?;
        match answer.baseline_id.filter(|id| !id.is_empty()) {
            Some(id) => drop(ids.insert(id)),
            None => weak.push(Weak::new(name, "no default baseline", "既定のベースラインなし")),
        }
    }
    ids.extend(of_groups(client, &systems).await?);
    let limit = run.parameters.get(&APPROVE_AFTER_DAYS_MAX);
    let today = run.now.to_zoned(TimeZone::UTC).date();
    for id in ids {
        let baseline = client.get_patch_baseline().baseline_id(&id).send().await;
        weak.extend(judge_one(&baseline.call(GET_BASELINE)?, &id, limit, today)?);
    }
    let mut failures = Failures::new();
    if !weak.is_empty() {
        let en: Vec<&str> = weak.iter().map(|weak| weak.en.as_str()).collect();
        let ja: Vec<&str> = weak.iter().map(|weak| weak.ja.as_str()).collect();
        let message = Message {
            en: PATCH_BASELINE_WEAK.naming(&en).en,
            ja: PATCH_BASELINE_WEAK.naming(&ja).ja,
        };
        failures.because(&PATCH_BASELINE_WEAK, message);
    }
    let mut notes = Vec::new();
    if !unknown.is_empty() {
        let unknown: Vec<String> = unknown.into_iter().collect();
        let (text, Message { en, ja }) = (SYSTEM_NOT_KNOWN.text, Message::named(&unknown));
        let message =
            Message { en: format!("{}: {en}", text.en), ja: format!("{}: {ja}", text.ja) };
        notes.push(SYSTEM_NOT_KNOWN.because(message));
    }
    Ok(failures.into_verdict_with(notes))
}

/// The baselines of patch groups, of these operating systems.
async fn of_groups(
    client: &Client,
    systems: &BTreeMap<String, OperatingSystem>,
) -> Result<Vec<String>, Error> {
    let lacks = |field: &str| Error::Answer {
        action: DESCRIBE_GROUPS,
        field: format!("Mappings[].BaselineIdentity{field}"),
    };
    let mut groups = client.describe_patch_groups().into_paginator().items().send();
    let mut ids = Vec::new();
    while let Some(group) = groups.next().await {
        let baseline = group.call(DESCRIBE_GROUPS)?.baseline_identity;
        let baseline = baseline.ok_or_else(|| lacks(""))?;
        let system = baseline.operating_system.ok_or_else(|| lacks(".OperatingSystem"))?;
        if systems.contains_key(system.as_str()) {
            ids.push(baseline.baseline_id.ok_or_else(|| lacks(".BaselineId"))?);
        }
    }
    Ok(ids)
}

/// A baseline that is too weak, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Weak {
    en: String,
    ja: String,
}

impl Weak {
    fn new(name: &str, en: &str, ja: &str) -> Self {
        Self { en: format!("{name} ({en})"), ja: format!("{name}({ja})") }
    }
}

fn judge_one(
    baseline: &GetPatchBaselineOutput,
    id: &str,
    limit: i64,
    today: Date,
) -> Result<Option<Weak>, Error> {
    let name = baseline.name().unwrap_or(id);
    let rules = baseline.approval_rules().map(|rules| rules.patch_rules()).unwrap_or_default();
    if rules.is_empty() {
        let by_hand = !baseline.approved_patches().is_empty();
        return Ok((!by_hand).then(|| Weak::new(name, "approves nothing", "承認の設定なし")));
    }
    let mut longest = 0;
    for rule in rules {
        longest = longest.max(delay(rule, today)?);
    }
    Ok((longest > limit)
        .then(|| Weak::new(name, &format!("{longest} days"), &format!("{longest} 日"))))
}

/// The days after which a rule approves a patch. A rule that approves what was published until a
/// day approves nothing newer.
fn delay(rule: &PatchRule, today: Date) -> Result<i64, Error> {
    if let Some(days) = rule.approve_after_days() {
        return Ok(i64::from(days));
    }
    // Neither is there for systems whose patches have no dates: they are approved at once.
    let Some(until) = rule.approve_until_date().filter(|text| !text.is_empty()) else {
        return Ok(0);
    };
    let until: Date = until.parse().map_err(|_| Error::Answer {
        action: GET_BASELINE,
        field: "an ApproveUntilDate that is a day".to_owned(),
    })?;
    Ok(i64::from(today.since(until).map_or(0, |span| span.get_days())).max(0))
}

#[cfg(test)]
mod tests {
    use aws_sdk_ssm::types::PatchRuleGroup;

    use super::*;

    fn node(kind: &str, name: &str, version: &str) -> Node {
        Node {
            id: "i-1".to_owned(),
            status: "Online".to_owned(),
            last_ping: None,
            platform_type: Some(kind.to_owned()),
            platform_name: Some(name.to_owned()),
            platform_version: Some(version.to_owned()),
        }
    }

    #[test]
    fn platforms_have_baselines() {
        for (kind, name, version, expected) in [
            ("Linux", "Amazon Linux", "2", Some("AMAZON_LINUX_2")),
            ("Linux", "Amazon Linux", "2023.6.20241010", Some("AMAZON_LINUX_2023")),
            ("Linux", "Amazon Linux AMI", "2018.03", Some("AMAZON_LINUX")),
            ("Linux", "Amazon Linux", "2030", None),
            ("Linux", "Red Hat Enterprise Linux Server", "7.9", Some("REDHAT_ENTERPRISE_LINUX")),
            ("Linux", "SLES", "15.5", Some("SUSE")),
            ("Linux", "Ubuntu", "22.04", Some("UBUNTU")),
            ("Linux", "Oracle Linux Server", "8.9", Some("ORACLE_LINUX")),
            ("Windows", "Microsoft Windows Server 2022 Datacenter", "10.0", Some("WINDOWS")),
            ("MacOS", "macOS", "14.1", Some("MACOS")),
            ("Linux", "Arch Linux", "", None),
        ] {
            let found = system(&node(kind, name, version));
            assert_eq!(found.as_ref().map(OperatingSystem::as_str), expected, "{name} {version}");
        }
    }

    fn baseline(rules: Vec<PatchRule>, approved: Option<Vec<String>>) -> Option<Weak> {
        let rules = PatchRuleGroup::builder().set_patch_rules(Some(rules)).build().unwrap();
        let baseline = GetPatchBaselineOutput::builder().name("hbg").approval_rules(rules);
        let today = "2026-11-21".parse().unwrap();
        judge_one(&baseline.set_approved_patches(approved).build(), "pb-1", 14, today).unwrap()
    }

    fn after(days: i32) -> PatchRule {
        PatchRule::builder().approve_after_days(days).build()
    }

    #[test]
    fn the_slowest_rule_counts() {
        assert_eq!(baseline(vec![after(7), after(14)], None), None);
        let weak = baseline(vec![after(0), after(15)], None).unwrap();
        assert_eq!(weak.en, "hbg (15 days)");
        assert_eq!(baseline(vec![PatchRule::builder().build()], None), None);
    }

    #[test]
    fn a_baseline_that_stands_still_gets_old() {
        let until = |day: &str| PatchRule::builder().approve_until_date(day).build();
        assert_eq!(baseline(vec![until("2026-11-07")], None), None);
        assert_eq!(baseline(vec![until("2026-09-01")], None).unwrap().en, "hbg (81 days)");
        let today = "2026-11-21".parse().unwrap();
        assert!(delay(&until("soon"), today).is_err());
    }

    #[test]
    fn a_baseline_approves_something() {
        assert_eq!(baseline(vec![], None).unwrap().en, "hbg (approves nothing)");
        assert_eq!(baseline(vec![], Some(vec!["KB4010320".to_owned()])), None);
    }
}
