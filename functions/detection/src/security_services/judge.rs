//! What is decided of an account from what the services told in each Region.

use std::collections::BTreeMap;

use fisc_shared::{Error, Run, Verdict};

use super::{
    CONTROL, COVERED_BY_ADMINISTRATOR, DETECTIVE_ADMIN_ACCOUNT_ID, DETECTIVE_CORE_STOPPED,
    DETECTIVE_DISABLED, DETECTIVE_MAY_WAIT, DETECTIVE_MEMBER_MISSING, GRACE_HOURS, MACIE_DISABLED,
    MACIE_DISCOVERY_OFF, NOTHING_REQUIRED, REQUIRE_AUTOMATED_DISCOVERY, REQUIRE_DETECTIVE,
    REQUIRE_MACIE,
};
use crate::scope::{Findings, NOT_IN_REGION};

/// What a service told in a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told<T> {
    /// Nobody asked.
    NotRequired,
    /// It does not exist there.
    NotOffered,
    /// Its answer.
    State(T),
}

/// Detective, as the account sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Detective {
    /// The account owns a graph.
    Graph {
        /// The state of the core package, if there is one.
        core: Option<String>,
        /// The members that are not active.
        idle: Vec<String>,
    },
    /// An active member of somebody's graph.
    Member,
    /// Neither, and whether GuardDuty was enabled only now.
    Off { guardduty_is_new: bool },
}

/// Macie, as the account sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Macie {
    /// Not enabled.
    Off,
    /// Enabled, with its status, and that of automated discovery where it was asked for.
    On { status: String, discovery: Option<String> },
}

/// What one Region told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Region {
    pub(super) detective: Told<Detective>,
    pub(super) macie: Told<Macie>,
}

/// The parameters of a run, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bars {
    pub(super) detective: bool,
    /// Another account has the graph.
    pub(super) covered: bool,
    /// The account must have the graph.
    pub(super) owner: bool,
    pub(super) grace_hours: i64,
    pub(super) macie: bool,
    pub(super) discovery: bool,
}

impl Bars {
    pub(super) fn new(run: &Run<'_>) -> Result<Self, Error> {
        let parameters = run.parameters;
        let administrator = run.parameters.account_id(&DETECTIVE_ADMIN_ACCOUNT_ID)?;
        let owner = administrator.as_deref() == Some(run.account_id);
        let detective = parameters.get(&REQUIRE_DETECTIVE);
        let covered = detective && administrator.is_some() && !owner;
        Ok(Self {
            detective: detective && !covered,
            covered,
            owner,
            grace_hours: parameters.get(&GRACE_HOURS),
            macie: parameters.get(&REQUIRE_MACIE),
            discovery: parameters.get(&REQUIRE_AUTOMATED_DISCOVERY),
        })
    }

    /// The verdict when no service is asked.
    pub(super) fn nothing(&self) -> Option<Verdict> {
        if self.detective || self.macie {
            return None;
        }
        let why = if self.covered { &COVERED_BY_ADMINISTRATOR } else { &NOTHING_REQUIRED };
        Some(Verdict::not_applicable(why))
    }
}

pub(super) fn decide(regions: &BTreeMap<String, Region>, bars: &Bars) -> Verdict {
    let mut findings = Findings::default();
    if bars.covered {
        findings.remark(&COVERED_BY_ADMINISTRATOR);
    }
    let mut judged = false;
    for (name, region) in regions {
        if let Some(told) = state(name, "Detective", &region.detective, &mut findings) {
            detective(name, told, bars, &mut findings);
            judged = true;
        }
        if let Some(told) = state(name, "Macie", &region.macie, &mut findings) {
            macie(name, told, &mut findings);
            judged = true;
        }
    }
    if judged { findings.into_verdict(&CONTROL) } else { Verdict::not_applicable(&NOT_IN_REGION) }
}

fn state<'a, T>(
    region: &str,
    service: &str,
    told: &'a Told<T>,
    findings: &mut Findings,
) -> Option<&'a T> {
    match told {
        Told::State(state) => Some(state),
        Told::NotRequired => None,
        Told::NotOffered => {
            findings.note(&NOT_IN_REGION, at(region, service));
            None
        }
    }
}

fn detective(region: &str, told: &Detective, bars: &Bars, findings: &mut Findings) {
    match told {
        Detective::Graph { core, idle } => {
            if core.as_deref() != Some("STARTED") {
                findings.fail(&DETECTIVE_CORE_STOPPED, region);
            }
            for account in idle {
                findings.fail(&DETECTIVE_MEMBER_MISSING, at(region, account));
            }
        }
        Detective::Member if !bars.owner => {}
        Detective::Off { guardduty_is_new: true } => findings.note(&DETECTIVE_MAY_WAIT, region),
        Detective::Member | Detective::Off { .. } => findings.fail(&DETECTIVE_DISABLED, region),
    }
}

fn macie(region: &str, told: &Macie, findings: &mut Findings) {
    match told {
        Macie::Off => findings.fail(&MACIE_DISABLED, region),
        Macie::On { status, .. } if status != "ENABLED" => {
            findings.fail(&MACIE_DISABLED, at(region, status));
        }
        Macie::On { discovery: Some(discovery), .. } if discovery != "ENABLED" => {
            findings.fail(&MACIE_DISCOVERY_OFF, region);
        }
        Macie::On { .. } => {}
    }
}

/// A Region, with what it is about there.
fn at(region: &str, what: &str) -> String {
    format!("{region} ({what})")
}
