//! What is decided of an account from what GuardDuty told in each Region.

use std::collections::BTreeMap;

use aws_sdk_guardduty::types::{DetectorFeature, FeatureAdditionalConfiguration};
use fisc_shared::{Error, Run, Verdict};

use super::{
    ADMINISTRATOR_MISSING, AUTO_ENABLE_OFF, CONTROL, DETECTOR_MISSING, DETECTOR_SUSPENDED,
    FEATURE_NOT_IN_REGION, FINDINGS_NOT_HANDLED, FREQUENCIES, JUDGE_FINDINGS,
    MAX_HIGH_FINDING_AGE_DAYS, MAX_LOW_FINDING_AGE_DAYS, MAX_MEDIUM_FINDING_AGE_DAYS,
    MAX_PUBLISHING_FREQUENCY, PROTECTION_PLAN_OFF, PUBLISHING_TOO_SLOW, REQUIRE_AUTO_ENABLE,
    REQUIRED_AGENTS, REQUIRED_FEATURES, RUNTIME_AGENT_OFF, S3_PROTECTION_OFF, SECURITY_ACCOUNT_ID,
    STAND_ALONE_ACCOUNT,
};
use crate::scope::{Findings, NOT_IN_REGION};

/// The data sources that every detector has.
const BASIC: [&str; 3] = ["CLOUD_TRAIL", "FLOW_LOGS", "DNS_LOGS"];
const RUNTIME: &str = "RUNTIME_MONITORING";
const EKS_RUNTIME: &str = "EKS_RUNTIME_MONITORING";

/// A feature of a detector.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Feature {
    pub(super) enabled: bool,
    /// Its agents, and whether each is managed.
    pub(super) agents: BTreeMap<String, bool>,
}

/// A detector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Detector {
    pub(super) enabled: bool,
    pub(super) publishing: String,
    pub(super) features: BTreeMap<String, Feature>,
    /// Findings that wait too long; none where nobody asked.
    pub(super) overdue: usize,
}

/// How the account stands to the organization's GuardDuty in a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Role {
    /// In no organization.
    Alone,
    /// The management account, and whom it delegated the administration to.
    Management(Vec<String>),
    /// A member of this administrator.
    Member { administrator: String, status: String },
    /// The administrator itself.
    Administrator,
    /// In an organization, but nobody's member.
    Nobody,
    /// Without a detector the account cannot tell; that it has none is failure enough.
    Unknown,
}

/// What one Region told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) detector: Option<Detector>,
    pub(super) role: Role,
    /// How an administrator account takes in others: ALL, NEW or NONE.
    pub(super) auto_enable: Option<String>,
}

/// Days that findings may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ages {
    high: i64,
    medium: i64,
    low: i64,
}

impl Ages {
    /// The limit for a severity (1 to 10).
    pub(super) fn limit(self, severity: f64) -> i64 {
        match severity {
            severity if severity >= 7.0 => self.high,
            severity if severity >= 4.0 => self.medium,
            _ => self.low,
        }
    }
}

/// The parameters of a run, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bars {
    features: Vec<String>,
    agents: Vec<String>,
    slowest: String,
    security_account: Option<String>,
    auto_enable: bool,
    /// None: findings are not judged.
    pub(super) ages: Option<Ages>,
    account: String,
}

impl Bars {
    pub(super) fn new(run: &Run<'_>) -> Result<Self, Error> {
        let parameters = run.parameters;
        let known = FeatureAdditionalConfiguration::values();
        Ok(Self {
            features: run.parameters.words(&REQUIRED_FEATURES, DetectorFeature::values())?,
            agents: run.parameters.words(&REQUIRED_AGENTS, known)?,
            slowest: parameters.get(&MAX_PUBLISHING_FREQUENCY),
            security_account: run.parameters.account_id(&SECURITY_ACCOUNT_ID)?,
            auto_enable: parameters.get(&REQUIRE_AUTO_ENABLE),
            ages: parameters.get(&JUDGE_FINDINGS).then(|| Ages {
                high: parameters.get(&MAX_HIGH_FINDING_AGE_DAYS),
                medium: parameters.get(&MAX_MEDIUM_FINDING_AGE_DAYS),
                low: parameters.get(&MAX_LOW_FINDING_AGE_DAYS),
            }),
            account: run.account_id.to_owned(),
        })
    }

    /// Whether this may be the administrator.
    fn accepts(&self, administrator: &str) -> bool {
        self.security_account.as_deref().is_none_or(|wanted| wanted == administrator)
    }
}

/// The verdict; `told` is none for a Region in which GuardDuty does not exist.
pub(super) fn decide(told: &BTreeMap<String, Option<Told>>, bars: &Bars) -> Verdict {
    if told.values().all(Option::is_none) {
        return Verdict::not_applicable(&NOT_IN_REGION);
    }
    let mut findings = Findings::default();
    for (region, told) in told {
        match told {
            Some(told) => region_of(region, told, bars, &mut findings),
            None => findings.note(&NOT_IN_REGION, region),
        }
    }
    findings.into_verdict(&CONTROL)
}

fn region_of(region: &str, told: &Told, bars: &Bars, findings: &mut Findings) {
    match &told.detector {
        None => findings.fail(&DETECTOR_MISSING, region),
        Some(detector) => {
            // What a suspended detector has switched on does nothing.
            if detector.enabled {
                plans(region, detector, bars, findings);
            } else {
                findings.fail(&DETECTOR_SUSPENDED, region);
            }
            if detector.overdue > 0 {
                findings.fail(&FINDINGS_NOT_HANDLED, at(region, &detector.overdue.to_string()));
            }
        }
    }
    administration(region, told, bars, findings);
}

fn plans(region: &str, detector: &Detector, bars: &Bars, findings: &mut Findings) {
    let slower = |one: &str| FREQUENCIES.iter().position(|known| *known == one);
    // A frequency that nobody knows is none of the accepted ones.
    if slower(&detector.publishing).unwrap_or(FREQUENCIES.len())
        > slower(&bars.slowest).unwrap_or_default()
    {
        findings.fail(&PUBLISHING_TOO_SLOW, at(region, &detector.publishing));
    }
    let enabled = |name: &str| detector.features.get(name).map(|feature| feature.enabled);
    for name in BASIC {
        if enabled(name) == Some(false) {
            findings.fail(&DETECTOR_SUSPENDED, at(region, name));
        }
    }
    for name in &bars.features {
        let state = match enabled(name) {
            // The old name: Runtime Monitoring includes EKS.
            state if name == EKS_RUNTIME && state != Some(true) => enabled(RUNTIME).or(state),
            state => state,
        };
        match (state, name.as_str()) {
            (Some(true), _) => {}
            (None, _) => findings.note(&FEATURE_NOT_IN_REGION, at(region, name)),
            (_, "S3_DATA_EVENTS") => findings.fail(&S3_PROTECTION_OFF, region),
            _ => findings.fail(&PROTECTION_PLAN_OFF, at(region, name)),
        }
    }
    agents(region, detector, bars, findings);
}

fn agents(region: &str, detector: &Detector, bars: &Bars, findings: &mut Findings) {
    let runtime = detector.features.get(RUNTIME);
    let Some(runtime) = runtime else {
        if !bars.agents.is_empty() {
            findings.note(&FEATURE_NOT_IN_REGION, at(region, RUNTIME));
        }
        return;
    };
    // That the plan as a whole is off was said above.
    if !runtime.enabled && bars.features.iter().any(|name| name == RUNTIME) {
        return;
    }
    for agent in &bars.agents {
        if !runtime.enabled || runtime.agents.get(agent) != Some(&true) {
            findings.fail(&RUNTIME_AGENT_OFF, at(region, agent));
        }
    }
}

fn administration(region: &str, told: &Told, bars: &Bars, findings: &mut Findings) {
    let held = match &told.role {
        Role::Alone => {
            findings.remark(&STAND_ALONE_ACCOUNT);
            true
        }
        Role::Unknown => true,
        Role::Management(delegated) => delegated.iter().any(|one| bars.accepts(one)),
        Role::Member { administrator, status } => {
            bars.accepts(administrator) && status.eq_ignore_ascii_case("Enabled")
        }
        Role::Administrator => bars.accepts(&bars.account),
        Role::Nobody => false,
    };
    if !held {
        findings.fail(&ADMINISTRATOR_MISSING, region);
    }
    if bars.auto_enable && told.auto_enable.as_deref() == Some("NONE") {
        findings.fail(&AUTO_ENABLE_OFF, region);
    }
}

/// A Region, with what was found there.
fn at(region: &str, what: &str) -> String {
    format!("{region} ({what})")
}
