//! What is decided of an account from what Security Hub told in each Region.

use std::collections::{BTreeMap, BTreeSet};

use fisc_shared::{Error, Run, Verdict};

use super::{
    ACCEPT_V2, ADMINISTRATOR_MISSING, AGGREGATION_MISSING, AGGREGATION_REGIONS, AUTO_ENABLE_OFF,
    CONTROL, HUB_DISABLED, INTEGRATION_MISSING, MEMBER_NOT_ENABLED, NEWER_HUB, REQUIRE_AGGREGATOR,
    REQUIRE_ALL_MEMBERS, REQUIRED_PRODUCTS, REQUIRED_STANDARDS, SECURITY_ACCOUNT_ID,
    STAND_ALONE_ACCOUNT, STANDARD_MISSING, STANDARD_PENDING,
};
use crate::scope::{Findings, NOT_IN_REGION};

/// A standard that the account subscribed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standard {
    pub(super) arn: String,
    pub(super) status: String,
}

/// How the account stands to the organization's Security Hub in a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    /// In no organization.
    Alone,
    /// The management account that delegated the administration to others, or to nobody.
    Management(Vec<String>),
    /// A member of this administrator.
    Member { administrator: String, status: String },
    /// The administrator.
    Administrator(Administration),
    /// In an organization, but nobody's member.
    Nobody,
}

/// What the administrator sees.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Administration {
    /// Configuration policies decide for all accounts, also new ones.
    pub(super) central: bool,
    /// New accounts get Security Hub.
    pub(super) auto_enable: bool,
    /// New accounts get the default standards.
    pub(super) standards: bool,
    /// The members that are enabled.
    pub(super) members: BTreeSet<String>,
}

/// Security Hub in one Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hub {
    /// Enabled less than a day ago.
    pub(super) is_new: bool,
    pub(super) standards: Vec<Standard>,
    /// ARNs of product subscriptions.
    pub(super) products: Vec<String>,
    pub(super) role: Role,
}

/// What one Region told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    NotOffered,
    Off,
    /// Off, but the newer Security Hub is on, and accepted.
    Newer,
    On(Hub),
}

/// The aggregation of Regions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Aggregator {
    pub(super) region: String,
    pub(super) mode: String,
    pub(super) regions: Vec<String>,
}

impl Aggregator {
    fn covers(&self, region: &String) -> bool {
        let named = self.regions.contains(region);
        *region == self.region
            || match self.mode.as_str() {
                "ALL_REGIONS" => true,
                "ALL_REGIONS_EXCEPT_SPECIFIED" => !named,
                "SPECIFIED_REGIONS" => named,
                // NO_REGIONS, and what nobody knows yet.
                _ => false,
            }
    }
}

/// What is asked once, not in each Region.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Whole {
    /// The aggregators; none where the aggregation is not judged.
    pub(super) aggregators: Option<Vec<Aggregator>>,
    /// The active accounts of the organization, where the account is its administrator.
    pub(super) accounts: Vec<String>,
}

/// The parameters of a run, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bars {
    standards: Vec<String>,
    products: Vec<String>,
    pub(super) aggregator: bool,
    aggregated: Vec<String>,
    security_account: Option<String>,
    pub(super) all_members: bool,
    pub(super) accept_v2: bool,
    account: String,
    region: String,
}

impl Bars {
    pub(super) fn new(run: &Run<'_>) -> Result<Self, Error> {
        let parameters = run.parameters;
        Ok(Self {
            standards: parameters.get(&REQUIRED_STANDARDS),
            products: parameters.get(&REQUIRED_PRODUCTS),
            // Aggregation is the same from every Region: judged once.
            aggregator: run.home && parameters.get(&REQUIRE_AGGREGATOR),
            aggregated: parameters.get(&AGGREGATION_REGIONS),
            security_account: run.parameters.account_id(&SECURITY_ACCOUNT_ID)?,
            all_members: parameters.get(&REQUIRE_ALL_MEMBERS),
            accept_v2: parameters.get(&ACCEPT_V2),
            account: run.account_id.to_owned(),
            region: run.region.to_owned(),
        })
    }

    fn accepts(&self, administrator: &str) -> bool {
        self.security_account.as_deref().is_none_or(|wanted| wanted == administrator)
    }
}

pub(super) fn decide(told: &BTreeMap<String, Told>, whole: &Whole, bars: &Bars) -> Verdict {
    if told.values().all(|told| *told == Told::NotOffered) {
        return Verdict::not_applicable(&NOT_IN_REGION);
    }
    let mut findings = Findings::default();
    for (region, told) in told {
        match told {
            Told::NotOffered => findings.note(&NOT_IN_REGION, region),
            Told::Off => findings.fail(&HUB_DISABLED, region),
            Told::Newer => findings.note(&NEWER_HUB, region),
            Told::On(hub) => {
                standards(region, hub, bars, &mut findings);
                products(region, hub, bars, &mut findings);
                administration(region, &hub.role, whole, bars, &mut findings);
            }
        }
    }
    if let Some(aggregators) = &whole.aggregators {
        aggregation(aggregators, bars, &mut findings);
    }
    findings.into_verdict(&CONTROL)
}

/// Whether an ARN is that of a standard: `…:standards/NAME/v/1.0.0`, and for the oldest
/// `…:ruleset/NAME/v/1.2.0`.
fn is_standard(arn: &str, wanted: &str) -> bool {
    let resource = arn.rsplit(':').next().unwrap_or_default();
    let name = resource.split_once('/').map_or("", |(_, name)| name);
    arn == wanted
        || name.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn standards(region: &str, hub: &Hub, bars: &Bars, findings: &mut Findings) {
    for wanted in &bars.standards {
        // There may be several versions: the best one counts.
        let states = hub.standards.iter().filter(|one| is_standard(&one.arn, wanted));
        let best = states.map(|one| (rank(&one.status, hub.is_new), one.status.as_str())).max();
        match best {
            Some((READY, _)) => {}
            Some((COMING, _)) => findings.note(&STANDARD_PENDING, at(region, wanted)),
            Some((_, status)) => {
                findings.fail(&STANDARD_MISSING, at(region, &format!("{wanted}: {status}")));
            }
            None => findings.fail(&STANDARD_MISSING, at(region, wanted)),
        }
    }
}

const READY: u8 = 2;
const COMING: u8 = 1;

fn rank(status: &str, is_new: bool) -> u8 {
    match status {
        "READY" => READY,
        "PENDING" => COMING,
        // So are standards whose controls are still being made.
        "INCOMPLETE" if is_new => COMING,
        _ => 0,
    }
}

fn products(region: &str, hub: &Hub, bars: &Bars, findings: &mut Findings) {
    for wanted in &bars.products {
        let subscribed = hub.products.iter().any(|arn| {
            let product = arn.split_once(":product-subscription/").map(|(_, product)| product);
            product == Some(wanted.as_str())
        });
        if !subscribed {
            findings.fail(&INTEGRATION_MISSING, at(region, wanted));
        }
    }
}

fn administration(region: &str, role: &Role, whole: &Whole, bars: &Bars, findings: &mut Findings) {
    let held = match role {
        Role::Alone => {
            findings.remark(&STAND_ALONE_ACCOUNT);
            true
        }
        Role::Management(delegated) => delegated.iter().any(|one| bars.accepts(one)),
        Role::Member { administrator, status } => bars.accepts(administrator) && is_enabled(status),
        Role::Administrator(_) => bars.accepts(&bars.account),
        Role::Nobody => false,
    };
    if !held {
        findings.fail(&ADMINISTRATOR_MISSING, region);
    }
    let Role::Administrator(seen) = role else { return };
    let automatic = seen.central || (seen.auto_enable && seen.standards);
    if !automatic {
        findings.fail(&AUTO_ENABLE_OFF, region);
    }
    if bars.all_members {
        let own = |account: &&String| **account == bars.account;
        for account in whole.accounts.iter().filter(|account| !own(account)) {
            if !seen.members.contains(account) {
                findings.fail(&MEMBER_NOT_ENABLED, at(region, account));
            }
        }
    }
}

/// The documentation writes Enabled and ENABLED.
pub(super) fn is_enabled(status: &str) -> bool {
    status.eq_ignore_ascii_case("Enabled")
}

fn aggregation(aggregators: &[Aggregator], bars: &Bars, findings: &mut Findings) {
    if aggregators.is_empty() && bars.aggregated.is_empty() {
        findings.fail(&AGGREGATION_MISSING, &bars.region);
    }
    for region in &bars.aggregated {
        if !aggregators.iter().any(|one| one.covers(region)) {
            findings.fail(&AGGREGATION_MISSING, region);
        }
    }
}

/// A Region, with what it is about there.
fn at(region: &str, what: &str) -> String {
    format!("{region} ({what})")
}
