//! What is decided of a Region from what AWS Config told.

use std::collections::BTreeMap;

use fisc_shared::verdict::Failures;
use fisc_shared::{Message, Run, Verdict, message};
use jiff::Timestamp;

use super::delivery::Delivery;
use super::deployed::{Aggregator, Packs, Rule, pack_is_there};
use super::parameters::{
    ACCEPTED_NOTIFICATION, AGGREGATED_ACCOUNT_IDS, ALLOWED_DAILY_TYPES, ALLOWED_EXCLUSIONS,
    CONTINUOUS_TYPES, NETWORK_TYPES, REQUIRE_AUTOMATIC_REMEDIATION, REQUIRE_SERVICE_LINKED_ROLE,
    REQUIRED_CONFORMANCE_PACKS, REQUIRED_RULES, RULES_REQUIRING_REMEDIATION,
};
use super::recording::{Daily, GLOBAL_TYPES, IN_US_EAST_1, Recorded};
use super::requirements::{
    AGGREGATOR_MISSING, AGGREGATOR_SOURCE_FAILED, CHANGE_NOTIFICATION_MISSING, DELIVERY_UNHEALTHY,
    GLOBAL_TYPES_NOT_RECORDED, NETWORK_TYPES_NOT_RECORDED, NOT_CONTINUOUS,
    RECORDER_MISSING_OR_STOPPED, RECORDER_REGION_GAP, RECORDER_ROLE_NOT_SERVICE_LINKED,
    REMEDIATION_MISSING, REQUIRED_RULES_MISSING, SNAPSHOT_NOT_SCHEDULED, TYPES_NOT_RECORDED,
};
use super::{NOTIFICATION_NOT_VISIBLE, RECORDER_OFF};

/// The part of a role's ARN that tells the service-linked role of AWS Config.
const SERVICE_LINKED: &str = ":role/aws-service-role/config.amazonaws.com/";

/// What a Region's recorder does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// There is none of the customer's own.
    Missing,
    /// It was stopped, or never started.
    Stopped,
    /// Its last status is a failure.
    Failed,
    /// It records.
    Recording,
}

/// A Region's recorder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recorder {
    pub(super) recorded: Recorded,
    pub(super) daily: Daily,
    pub(super) role: String,
    pub(super) started: Option<Timestamp>,
}

/// Who is told of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    Nobody,
    /// The topic is another account's, which alone sees its subscriptions.
    ElsewhereBySns,
    Somebody,
}

/// What AWS Config told of a Region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) state: State,
    pub(super) recorder: Option<Recorder>,
    pub(super) delivery: Delivery,
    pub(super) told: Told,
    pub(super) rules: Vec<Rule>,
    pub(super) packs: Packs,
    /// Whether the remediation is automatic, by the name of the rule.
    pub(super) remediations: BTreeMap<String, bool>,
    /// Other enabled Regions in which nothing is recorded; asked in the home Region.
    pub(super) gaps: Vec<String>,
    /// Asked in the home Region of the aggregator's account.
    pub(super) aggregators: Option<Aggregators>,
}

/// The aggregators of an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Aggregators {
    pub(super) all: Vec<Aggregator>,
    /// Sources that fail or are outdated, of those that cover what they must.
    pub(super) failed: Vec<String>,
}

pub(super) fn decide(facts: &Facts, run: &Run<'_>) -> Verdict {
    let mut failures = Failures::new();
    let mut notes = Vec::new();
    let state = match facts.state {
        State::Recording => None,
        State::Missing => Some(message!("There is no recorder", "レコーダーがありません")),
        State::Stopped => Some(message!("The recorder is stopped", "レコーダーが停止しています")),
        State::Failed => Some(message!(
            "The recorder's last status is a failure",
            "レコーダーの最後の状態が失敗です"
        )),
    };
    // In a Region that need not record, there is nothing else to say.
    if state.is_some() && is_excluded(run.region, run) {
        return Verdict::not_applicable(&RECORDER_OFF);
    }
    if let Some(message) = state {
        failures.because(&RECORDER_MISSING_OR_STOPPED, message);
    }
    if !facts.gaps.is_empty() {
        failures.because(&RECORDER_REGION_GAP, RECORDER_REGION_GAP.naming(&facts.gaps));
    }
    if let Some(recorder) = &facts.recorder {
        recorder_failures(recorder, run, &mut failures);
        // Without a recorder there is nothing to deliver.
        if let Some(message) = facts.delivery.problem(recorder.started, run) {
            failures.because(&DELIVERY_UNHEALTHY, message);
        }
        if let Some(message) = facts.delivery.snapshot_problem(run) {
            failures.because(&SNAPSHOT_NOT_SCHEDULED, message);
        }
        match facts.told {
            Told::Somebody => {}
            Told::ElsewhereBySns => notes.push(NOTIFICATION_NOT_VISIBLE.reason()),
            Told::Nobody => failures.because(&CHANGE_NOTIFICATION_MISSING, unheard(run)),
        }
    }
    deployed_failures(facts, run, &mut failures);
    failures.into_verdict_with(notes)
}

/// Whether AWS Config may be off in a Region.
pub(super) fn is_excluded(region: &str, run: &Run<'_>) -> bool {
    run.parameters.get(&super::parameters::EXCLUDED_REGIONS).iter().any(|one| one == region)
}

fn recorder_failures(recorder: &Recorder, run: &Run<'_>, failures: &mut Failures) {
    let parameters = run.parameters;
    let allowed = parameters.get(&ALLOWED_EXCLUSIONS);
    let mut left_out = recorder.recorded.left_out();
    left_out.retain(|kind| !allowed.iter().any(|pattern| matches(pattern, kind)));
    if !left_out.is_empty() {
        failures.because(&TYPES_NOT_RECORDED, TYPES_NOT_RECORDED.naming(&left_out));
    }
    let network = parameters.get(&NETWORK_TYPES);
    let missing: Vec<&str> = network
        .iter()
        .map(String::as_str)
        .filter(|kind| run.region == "us-east-1" || !IN_US_EAST_1.contains(kind))
        .filter(|kind| !recorder.recorded.has(kind))
        .collect();
    if !missing.is_empty() {
        let message = NETWORK_TYPES_NOT_RECORDED.naming(&missing);
        failures.because(&NETWORK_TYPES_NOT_RECORDED, message);
    }
    if run.home && GLOBAL_TYPES.iter().any(|kind| !recorder.recorded.has(kind)) {
        failures.add(&GLOBAL_TYPES_NOT_RECORDED);
    }
    if let Some(message) = not_continuous(recorder, run) {
        failures.because(&NOT_CONTINUOUS, message);
    }
    if parameters.get(&REQUIRE_SERVICE_LINKED_ROLE) && !recorder.role.contains(SERVICE_LINKED) {
        failures.add(&RECORDER_ROLE_NOT_SERVICE_LINKED);
    }
}

fn not_continuous(recorder: &Recorder, run: &Run<'_>) -> Option<Message> {
    let asked = run.parameters.get(&CONTINUOUS_TYPES);
    let allowed = run.parameters.get(&ALLOWED_DAILY_TYPES);
    let daily = &recorder.daily;
    let is_wrong = |kind: &&str| daily.has(kind) && !allowed.iter().any(|one| one == kind);
    let wrong: Vec<&str> = if asked.is_empty() {
        if daily.everything {
            return Some(message!("Recording is daily by default", "既定の記録頻度が日次です"));
        }
        daily.overridden.iter().map(String::as_str).filter(is_wrong).collect()
    } else {
        asked.iter().map(String::as_str).filter(is_wrong).collect()
    };
    (!wrong.is_empty()).then(|| NOT_CONTINUOUS.naming(&wrong))
}

fn deployed_failures(facts: &Facts, run: &Run<'_>, failures: &mut Failures) {
    let parameters = run.parameters;
    let (rules, packs) =
        (parameters.get(&REQUIRED_RULES), parameters.get(&REQUIRED_CONFORMANCE_PACKS));
    let active = |wanted: &str| facts.rules.iter().any(|rule| rule.active && rule.is(wanted));
    let mut missing: Vec<&str> =
        rules.iter().map(String::as_str).filter(|wanted| !active(wanted)).collect();
    missing.extend(
        packs.iter().map(String::as_str).filter(|wanted| !pack_is_there(&facts.packs, wanted)),
    );
    if !missing.is_empty() {
        failures.because(&REQUIRED_RULES_MISSING, REQUIRED_RULES_MISSING.naming(&missing));
    } else if rules.is_empty() && packs.is_empty() && !facts.rules.iter().any(|rule| rule.active) {
        failures.because(
            &REQUIRED_RULES_MISSING,
            message!("No rule is active", "有効なルールがありません"),
        );
    }
    let automatic = parameters.get(&REQUIRE_AUTOMATIC_REMEDIATION);
    let remedied = |wanted: &str| {
        let mut named = facts.rules.iter().filter(|rule| rule.is(wanted));
        named.any(|rule| facts.remediations.get(&rule.name).is_some_and(|is| *is || !automatic))
    };
    let wanted = parameters.get(&RULES_REQUIRING_REMEDIATION);
    let bare: Vec<&str> =
        wanted.iter().map(String::as_str).filter(|wanted| !remedied(wanted)).collect();
    if !bare.is_empty() {
        failures.because(&REMEDIATION_MISSING, REMEDIATION_MISSING.naming(&bare));
    }
    if let Some(aggregators) = &facts.aggregators {
        let accounts = parameters.get(&AGGREGATED_ACCOUNT_IDS);
        if !aggregators.all.iter().any(|one| one.covers(&accounts)) {
            failures.add(&AGGREGATOR_MISSING);
        }
        if !aggregators.failed.is_empty() {
            let message = AGGREGATOR_SOURCE_FAILED.naming(&aggregators.failed);
            failures.because(&AGGREGATOR_SOURCE_FAILED, message);
        }
    }
}

/// Why nobody is told: by the way that counts.
fn unheard(run: &Run<'_>) -> Message {
    match run.parameters.get(&ACCEPTED_NOTIFICATION).as_str() {
        "sns" => message!(
            "The delivery channel has no SNS topic with a confirmed subscription",
            "配信チャネルに、確認済みサブスクリプションを持つ SNS トピックがありません"
        ),
        "eventbridge" => message!(
            "No enabled EventBridge rule with a live target matches changes",
            "変更に一致し有効なターゲットを持つ EventBridge ルールがありません"
        ),
        _ => CHANGE_NOTIFICATION_MISSING.title.into(),
    }
}

/// Whether an entry of allowedExclusions names a type.
fn matches(pattern: &str, kind: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == kind, |start| kind.starts_with(start))
}
