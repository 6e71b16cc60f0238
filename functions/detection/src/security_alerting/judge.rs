//! What is decided of an account and of its VPCs.

use fisc_services::alarms::Found;
use fisc_services::alerts::Liveness;
use fisc_shared::verdict::{Evaluated, Failures};
use fisc_shared::{Error, Message, Reason, Requirement, Resource, Run, Text, Verdict, message};

use super::classes::{Class, Outcome};
use super::evidence::Evidence;
use super::findings::{GuardDuty, Hub, guard_duty, hub};
use super::samples::{Sample, Samples, network_classes};
use super::trails::trails;
use super::vpcs::vpcs;
use super::{Services, parameters::*, requirements::*};

/// What the parameters ask for.
struct Wanted<'a> {
    run: &'a Run<'a>,
    events: Vec<String>,
    networks: Vec<String>,
    accept_central: bool,
    accept_guardduty: bool,
}

impl<'a> Wanted<'a> {
    fn new(run: &'a Run<'a>) -> Result<Self, Error> {
        Ok(Self {
            run,
            events: run.parameters.words(&REQUIRED_EVENTS, &EVENTS)?,
            networks: run
                .parameters
                .words(&NETWORK_CHANGE_CLASSES, &network_classes().collect::<Vec<_>>())?,
            accept_central: run.parameters.get(&ACCEPT_CENTRAL),
            accept_guardduty: run.parameters.get(&ACCEPT_GUARDDUTY),
        })
    }

    fn event(&self, name: &str) -> bool {
        self.events.iter().any(|event| event == name)
    }
}

/// What failed, and the notes, while classes are judged.
#[derive(Default)]
struct Findings {
    failures: Failures,
    /// Something was judged.
    judged: bool,
    dead: Vec<Message>,
    notes: Vec<Reason>,
}

impl Findings {
    fn note(&mut self, reason: Reason) {
        if !self.notes.contains(&reason) {
            self.notes.push(reason);
        }
    }

    fn central(&mut self, central: bool) {
        if central {
            self.note(ALERTED_CENTRALLY.reason());
        }
    }

    fn dead(&mut self, name: Text, why: &Message) {
        self.dead.push(prefixed(&name.into(), why));
    }

    fn missing(&mut self, requirement: &Requirement, names: &[String]) {
        let message = prefixed(&requirement.title.into(), &Message::named(names));
        self.failures.because(requirement, message);
    }

    fn take(&mut self, class: &Class, outcome: Outcome) {
        self.judged = true;
        match outcome {
            Outcome::Alerted { central } => self.central(central),
            Outcome::Dead(why) => self.dead(class.name, &why),
            Outcome::Missing { names, .. } => self.missing(class.requirement, &names),
        }
    }

    fn into_verdict(mut self) -> Verdict {
        if !self.judged {
            return Verdict::not_applicable(&NOTHING_REQUIRED);
        }
        if !self.dead.is_empty() {
            let each =
                |of: fn(&Message) -> &str| self.dead.iter().map(of).collect::<Vec<_>>().join("; ");
            let message = Message { en: each(|one| &one.en), ja: each(|one| &one.ja) };
            self.failures.because(&TARGET_NOT_LIVE, message);
        }
        self.failures.into_verdict_with(self.notes)
    }
}

/// A message that says of what it speaks.
pub(super) fn prefixed(what: &Message, message: &Message) -> Message {
    Message {
        en: format!("{}: {}", what.en, message.en),
        ja: format!("{}: {}", what.ja, message.ja),
    }
}

/// Judges the account, and the VPCs that have flow logs.
pub(super) async fn judge(services: &Services, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
    let wanted = Wanted::new(run)?;
    let evidence = Evidence::new(
        &services.sdk,
        &services.alerts,
        (run.account_id, run.region),
        trails(&services.cloudtrail).await?,
        wanted.accept_central,
    );
    let guard_duty = guard_duty(&services.guardduty).await?;
    let needs_hub =
        [GUARDDUTY, SECURITYHUB, CONFIG_NONCOMPLIANCE].iter().any(|name| wanted.event(name));
    let hub = if needs_hub { hub(&services.securityhub).await? } else { Hub::default() };
    let samples = Samples::new(run);
    let findings_class = of_guard_duty(&wanted, &samples, &guard_duty, &hub);

    let mut found = Findings::default();
    at_home(&wanted, &samples, &guard_duty, &evidence, &mut found).await?;
    if wanted.event(UNAUTHORIZED_CALLS) {
        let class = Class {
            requirement: &UNAUTHORIZED_CALLS_NOT_ALERTED,
            name: Text::new("denied calls", "拒否された呼び出し"),
            ways: vec![samples.denied_calls()],
            central: false,
        };
        found.take(&class, class.judge(&evidence).await?);
    }
    if wanted.event(GUARDDUTY) && guard_duty.on {
        found.take(&findings_class, findings_class.judge(&evidence).await?);
    }
    if run.parameters.get(&REQUIRE_AUTO_RESPONSE) && guard_duty.on {
        auto_response(&samples, &evidence, run, &mut found).await?;
    }
    let asked = wanted.event(GUARDDUTY) || run.parameters.get(&REQUIRE_AUTO_RESPONSE);
    if asked && !guard_duty.on {
        found.note(GUARDDUTY_OFF.reason());
    }
    of_posture(&wanted, &samples, &hub, &evidence, &mut found).await?;
    networks(&wanted, &samples, &evidence, &mut found).await?;
    log_groups(&evidence, run, &mut found).await?;

    let mut evaluated = vec![Evaluated {
        resource: Resource::account(run.account_id, run.region),
        verdict: found.into_verdict(),
        at: run.now,
    }];
    let logs = services.ec2.flow_logs(&[]).await?;
    evaluated.extend(vpcs(&logs, run, &samples, &findings_class, &evidence).await?);
    Ok(evaluated)
}

/// GuardDuty's findings: as its own events, or as Security Hub's imports.
fn of_guard_duty(
    wanted: &Wanted<'_>,
    samples: &Samples<'_>,
    guard_duty: &GuardDuty,
    hub: &Hub,
) -> Class {
    let lowest = wanted.run.parameters.get(&MIN_SEVERITY_COVERED);
    let mut ways = Vec::new();
    if guard_duty.on {
        ways.push(samples.guard_duty_from(lowest));
        if hub.guard_duty {
            ways.push(samples.imported_guard_duty(lowest));
        }
    }
    Class {
        requirement: &GUARDDUTY_NOT_ALERTED,
        name: Text::new("GuardDuty", "GuardDuty"),
        ways,
        central: wanted.accept_central && guard_duty.administrator.is_some(),
    }
}

/// What is the same in every Region, and judged in one.
async fn at_home(
    wanted: &Wanted<'_>,
    samples: &Samples<'_>,
    guard_duty: &GuardDuty,
    evidence: &Evidence<'_>,
    found: &mut Findings,
) -> Result<(), Error> {
    let run = wanted.run;
    let events = [ROOT_USE, SIGNIN_FAILURE, SIGNIN_WITHOUT_MFA];
    if !run.home {
        if events.iter().any(|event| wanted.event(event)) {
            found.note(HOME_REGION_ONLY.reason());
        }
        return Ok(());
    }
    let by_findings = wanted.accept_guardduty && guard_duty.on;
    let mut root = vec![samples.root_sign_ins(), samples.root_calls()];
    if by_findings {
        root.push(samples.root_finding());
    }
    let classes = [
        (
            ROOT_USE,
            Class {
                requirement: &ROOT_USE_NOT_ALERTED,
                name: Text::new("root use", "ルート利用"),
                ways: root,
                central: by_findings && wanted.accept_central && guard_duty.administrator.is_some(),
            },
        ),
        (
            SIGNIN_FAILURE,
            Class {
                requirement: &SIGNIN_FAILURE_NOT_ALERTED,
                name: Text::new("failed sign-ins", "サインイン失敗"),
                ways: vec![samples.failed_sign_ins()],
                central: false,
            },
        ),
        (
            SIGNIN_WITHOUT_MFA,
            Class {
                requirement: &SIGNIN_WITHOUT_MFA_NOT_ALERTED,
                name: Text::new("sign-ins without MFA", "MFA なしのサインイン"),
                ways: vec![samples.sign_in_without_mfa()],
                central: false,
            },
        ),
    ];
    for (event, class) in &classes {
        if wanted.event(event) {
            found.take(class, class.judge(evidence).await?);
        }
    }
    traffic(evidence, run, found).await
}

async fn traffic(
    evidence: &Evidence<'_>,
    run: &Run<'_>,
    found: &mut Findings,
) -> Result<(), Error> {
    let metrics = run.parameters.get(&TRAFFIC_METRICS);
    if metrics.is_empty() {
        return Ok(());
    }
    found.judged = true;
    let mut best = Found::Nothing;
    for alarm in evidence.alarms(run.region).await?.iter() {
        let watches = alarm
            .metrics
            .iter()
            .any(|one| metrics.contains(&format!("{} {}", one.namespace, one.name)));
        if watches {
            best.improve(evidence.teller().told(alarm).await?);
        }
    }
    match best {
        Found::Live | Found::Central => found.central(best == Found::Central),
        Found::Dead(why) => found
            .failures
            .because(&TRAFFIC_ALARM_MISSING, prefixed(&TRAFFIC_ALARM_MISSING.title.into(), &why)),
        _ => found.failures.add(&TRAFFIC_ALARM_MISSING),
    }
    Ok(())
}

async fn auto_response(
    samples: &Samples<'_>,
    evidence: &Evidence<'_>,
    run: &Run<'_>,
    found: &mut Findings,
) -> Result<(), Error> {
    found.judged = true;
    let from = run.parameters.get(&AUTO_RESPONSE_MAX_SEVERITY);
    let mut missing: Vec<String> = Vec::new();
    for sample in samples.guard_duty_from(from) {
        if !missing.contains(&sample.name) && !responds(evidence, &sample).await? {
            missing.push(sample.name);
        }
    }
    if !missing.is_empty() {
        found.missing(&GUARDDUTY_AUTO_RESPONSE_MISSING, &missing);
    }
    Ok(())
}

/// Whether an event starts something that acts.
async fn responds(evidence: &Evidence<'_>, sample: &Sample) -> Result<bool, Error> {
    let mut undecided = None;
    for rule in evidence.routes().default_rules().await?.iter() {
        match rule.catches(&sample.event) {
            Ok(false) => continue,
            Ok(true) => {}
            Err(error) => {
                undecided = Some(format!("rule {}: {error}", rule.name));
                continue;
            }
        }
        for target in &rule.targets {
            let acts = match target.arn.split(':').nth(2) {
                Some("lambda" | "states") => true,
                Some("ssm") => target.arn.contains(":automation-definition/"),
                _ => false,
            };
            let there = acts
                && matches!(
                    evidence.routes().live(&target.arn).await?,
                    Liveness::Live | Liveness::Assumed
                );
            if there {
                return Ok(true);
            }
        }
    }
    match undecided {
        Some(why) => Err(Error::Control(format!(
            "it cannot be decided whether GuardDuty findings start a response: {why}"
        ))),
        None => Ok(false),
    }
}

/// Violated rules, and what Security Hub finds.
async fn of_posture(
    wanted: &Wanted<'_>,
    samples: &Samples<'_>,
    hub: &Hub,
    evidence: &Evidence<'_>,
    found: &mut Findings,
) -> Result<(), Error> {
    let central = wanted.accept_central && hub.administrator.is_some();
    if wanted.event(SECURITYHUB) && !hub.on {
        found.note(SECURITY_HUB_OFF.reason());
    }
    let mut classes = Vec::new();
    if wanted.event(SECURITYHUB) && hub.on {
        classes.push(Class {
            requirement: &SECURITYHUB_NOT_FORWARDED,
            name: Text::new("Security Hub", "Security Hub"),
            ways: vec![samples.failed_controls(), samples.failed_controls_v2()],
            central,
        });
    }
    if wanted.event(CONFIG_NONCOMPLIANCE) {
        let mut ways = vec![samples.violations()];
        if hub.config {
            ways.push(samples.imported_violations());
        }
        classes.push(Class {
            requirement: &CONFIG_NONCOMPLIANCE_NOT_ALERTED,
            name: Text::new("AWS Config rules", "AWS Config ルール"),
            ways,
            central: central && hub.config,
        });
    }
    for class in &classes {
        found.take(class, class.judge(evidence).await?);
    }
    Ok(())
}

/// Changes of the network: one failure that names the kinds.
async fn networks(
    wanted: &Wanted<'_>,
    samples: &Samples<'_>,
    evidence: &Evidence<'_>,
    found: &mut Findings,
) -> Result<(), Error> {
    if !wanted.event(NETWORK_CHANGE) {
        return Ok(());
    }
    let mut missing = Vec::new();
    for kind in &wanted.networks {
        let class = Class {
            requirement: &NETWORK_CHANGE_NOT_ALERTED,
            name: Text::new("network changes", "ネットワーク変更"),
            ways: vec![samples.network_calls(kind), samples.network_items(kind)],
            central: false,
        };
        match class.judge(evidence).await? {
            Outcome::Missing { names, all: false } => missing.extend(names),
            Outcome::Missing { .. } => missing.push(kind.clone()),
            Outcome::Dead(why) => {
                found.judged = true;
                found.dead(class.name, &prefixed(&message!("{kind}", "{kind}"), &why));
            }
            outcome @ Outcome::Alerted { .. } => found.take(&class, outcome),
        }
    }
    if !missing.is_empty() {
        found.judged = true;
        found.missing(&NETWORK_CHANGE_NOT_ALERTED, &missing);
    }
    Ok(())
}

async fn log_groups(
    evidence: &Evidence<'_>,
    run: &Run<'_>,
    found: &mut Findings,
) -> Result<(), Error> {
    let mut silent = Vec::new();
    for name in run.parameters.get(&MONITORED_LOG_GROUPS) {
        match evidence.log_group(&name).await? {
            // The groups of an application are where it runs.
            None if !run.home => {}
            None => {
                found.judged = true;
                silent.push(name);
            }
            Some(raised) => {
                found.judged = true;
                if raised.alerts() {
                    found.central(raised == Found::Central);
                } else if !evidence.passed_on(&name).await? {
                    silent.push(name);
                }
            }
        }
    }
    if !silent.is_empty() {
        found.missing(&LOG_GROUP_NOT_ALERTED, &silent);
    }
    Ok(())
}
