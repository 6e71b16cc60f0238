//! One cell, played: the functions, the queue between them, and what is held in the end.

use std::time::Duration;

use fisc_testkit::aws::{FakeAws, Rule};
use fisc_testkit::events::{compliance_change, eventbridge_schedule};
use fisc_testkit::queue::{MAX_RECEIVES, Queue, batch_event};
use fisc_testkit::runtime::{FunctionError, Lambda};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::kinds::{Kind, Point};
use crate::strikes::Strike;
use crate::table::Cell;

type Problem = String;

/// The functions and what is around them.
pub(crate) struct Scene {
    pub(crate) kind: Kind,
    pub(crate) aws: FakeAws,
    rule: Rule,
    control: Option<Lambda>,
    findings: Lambda,
    queue: Queue,
    /// What Config said and what the queue was given so far.
    changes: usize,
    /// Events that Config sent and the queue was not given.
    lost: Vec<Value>,
}

/// What an invocation came to.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Outcome {
    Done,
    /// The function succeeded; these many messages come again.
    Returned(usize),
    Failed(FunctionErrorKind),
}

type FunctionErrorKind = (String, String);

/// What is held of the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Old,
    New,
}

fn failed(error: FunctionError) -> Outcome {
    Outcome::Failed((error.error_type, error.message))
}

/// A time this many days ago, as messages have it.
fn days_ago(days: i64) -> String {
    format!("{:.3}", Timestamp::now() - SignedDuration::from_hours(24 * days))
}

impl Scene {
    /// The subject passes, in Config and in Security Hub.
    fn start(kind: Kind) -> Result<Self, Problem> {
        let aws = FakeAws::start();
        let rule = aws.config().rule(&format!("fisc-{}", kind.control()));
        let tries = ("AWS_MAX_ATTEMPTS", "2");
        let control = (!kind.is_findings()).then(|| {
            Lambda::start(kind.program(), &aws, &[("FISC_CONTROL", kind.control()), tries])
        });
        let program = env!("CARGO_BIN_EXE_findings");
        let findings = Lambda::start(program, &aws, &[("FISC_RULE_PREFIX", "fisc"), tries]);
        let (queue, changes) = (Queue::default(), 0);
        let lost = Vec::new();
        let mut scene = Self { kind, aws, rule, control, findings, queue, changes, lost };
        kind.set(&scene.aws, true);
        match kind {
            Kind::Queue => scene.send("COMPLIANT", "2026-11-01T00:00:01.000Z"),
            Kind::Refresh => scene.send("NON_COMPLIANT", &days_ago(80)),
            Kind::CatchUp => scene.take_events(),
            _ => {
                let event = kind.event(&scene.rule, true);
                let outcome = scene.judge(event);
                expect("the first run", &outcome, &Outcome::Done)?;
            }
        }
        scene.forward_all()?;
        if scene.held()? != Held::Old {
            return Err("the start is not the old state".to_owned());
        }
        kind.set(&scene.aws, false);
        if kind == Kind::Queue {
            scene.send("NON_COMPLIANT", "2026-11-01T00:00:03.000Z");
        }
        if kind == Kind::CatchUp {
            scene.lost = scene.aws.config().take_compliance_events();
        }
        Ok(scene)
    }

    /// The process that the fault strikes.
    pub(crate) fn pid(&self) -> u32 {
        self.control.as_ref().unwrap_or(&self.findings).pid().expect("it runs")
    }

    fn send(&mut self, result: &str, recorded: &str) {
        let (resource_type, id) = self.kind.subject();
        let control = self.kind.control();
        self.queue.send(&compliance_change(control, resource_type, id, result, recorded));
        self.changes += 1;
    }

    /// The event of the subject's failure arrives (again).
    fn deliver(&mut self) -> Outcome {
        match self.kind {
            Kind::Queue => self.forward(),
            Kind::Refresh | Kind::CatchUp => self.refresh(),
            kind => {
                let event = kind.event(&self.rule, false);
                self.judge(event)
            }
        }
    }

    fn judge(&mut self, event: Value) -> Outcome {
        let control = self.control.as_mut().expect("a control");
        let outcome = control.invoke(event).map_or_else(failed, |_| Outcome::Done);
        self.take_events();
        outcome
    }

    /// What Config tells goes into the queue.
    fn take_events(&mut self) {
        let changes = self.aws.config().take_compliance_events();
        changes.iter().for_each(|change| self.queue.send(change));
        self.changes += changes.len();
    }

    fn refresh(&mut self) -> Outcome {
        let outcome = self.findings.invoke(eventbridge_schedule("fisc-refresh"));
        outcome.map_or_else(failed, |_| Outcome::Done)
    }

    /// One batch of the queue.
    fn forward(&mut self) -> Outcome {
        let batch = self.queue.receive(100);
        let outcome = self.findings.invoke(batch_event(&batch));
        self.queue.settle(&batch, &outcome);
        match outcome {
            Err(error) => failed(error),
            Ok(answer) => match answer["batchItemFailures"].as_array().map_or(0, Vec::len) {
                0 => Outcome::Done,
                count => Outcome::Returned(count),
            },
        }
    }

    fn forward_all(&mut self) -> Result<(), Problem> {
        while self.queue.waiting() > 0 {
            let outcome = self.forward();
            expect("the queue", &outcome, &Outcome::Done)?;
        }
        Ok(())
    }

    /// What Config holds of the subject (for the findings function: Security Hub); anything but
    /// the old or the new state is a problem.
    fn held(&self) -> Result<Held, Problem> {
        if self.kind.is_findings() {
            return self.found();
        }
        let results = self.aws.config().results(&self.rule.name);
        let subject = results.iter().find(|result| result.resource_id == self.kind.subject().1);
        let subject = subject.ok_or("Config holds no result of the subject")?;
        if results.len() != self.kind.results() {
            return Err(format!("Config holds {} results", results.len()));
        }
        let others = results.iter().filter(|one| one.resource_id != subject.resource_id);
        if others.clone().any(|one| one.compliance != "COMPLIANT") {
            return Err("the result of another resource changed".to_owned());
        }
        let annotation = subject.annotation.as_deref().unwrap_or_default();
        match subject.compliance.as_str() {
            "COMPLIANT" => Ok(Held::Old),
            "NON_COMPLIANT" if annotation.starts_with(self.kind.reason()) => Ok(Held::New),
            _ => Err(format!("Config holds {}: {annotation}", subject.compliance)),
        }
    }

    /// What Security Hub holds of the subject.
    fn found(&self) -> Result<Held, Problem> {
        let hub = self.aws.securityhub();
        let id = self.kind.finding();
        let finding = hub.finding(&id).ok_or(format!("Security Hub holds no finding {id}"))?;
        let count = hub.findings().len();
        if count != self.kind.results() {
            return Err(format!("Security Hub holds {count} findings"));
        }
        let status = finding["Compliance"]["Status"].as_str().unwrap_or_default();
        if finding["RecordState"] != "ACTIVE" {
            return Err(format!("the finding is {}", finding["RecordState"]));
        }
        match (self.kind, status) {
            (Kind::Refresh, "FAILED") => {
                let updated: Timestamp = finding["UpdatedAt"]
                    .as_str()
                    .and_then(|time| time.parse().ok())
                    .ok_or("the finding has no time")?;
                let days = Timestamp::now().duration_since(updated).as_hours() / 24;
                Ok(if days < 30 { Held::New } else { Held::Old })
            }
            (Kind::Refresh, _) => Err(format!("the refreshed finding says {status}")),
            (_, "PASSED") => Ok(Held::Old),
            (_, "FAILED") => Ok(Held::New),
            _ => Err(format!("the finding says {status}")),
        }
    }

    /// Both hold the new state, each change was told once and nothing else was.
    fn finish(&mut self, changes: usize, ignored: usize) -> Result<(), Problem> {
        self.forward_all()?;
        if self.held()? != Held::New {
            return Err("Config holds the old state in the end".to_owned());
        }
        if self.found()? != Held::New {
            return Err("Security Hub holds the old state in the end".to_owned());
        }
        if self.changes != changes {
            return Err(format!("{} changes were told, expected {changes}", self.changes));
        }
        let again = self.aws.securityhub().ignored().len();
        if again > ignored {
            return Err(format!("{again} imports were of what Security Hub held already"));
        }
        if self.queue.dead() > 0 {
            return Err("a message is in the dead-letter queue".to_owned());
        }
        Ok(())
    }
}

fn expect(what: &str, found: &Outcome, wanted: &Outcome) -> Result<(), Problem> {
    if found == wanted { Ok(()) } else { Err(format!("{what}: {found:?}, expected {wanted:?}")) }
}

/// Holds an outcome against the table.
fn compare(found: &Outcome, cell: Cell) -> Result<(), Problem> {
    let fits = match (found, cell) {
        (Outcome::Done, Cell::Done | Cell::Waits) | (Outcome::Returned(_), Cell::Returned) => true,
        (Outcome::Failed((kind, _)), Cell::Fails(wanted) | Cell::FailsBut(wanted, _)) => {
            kind == wanted
        }
        (Outcome::Failed((kind, _)), Cell::FailsEither(one, other)) => kind == one || kind == other,
        _ => false,
    };
    if fits { Ok(()) } else { Err(format!("{found:?}, expected {cell:?}")) }
}

/// Plays a cell.
pub(crate) fn play(kind: Kind, strike: Strike, point: Point, cell: Cell) -> Result<(), Problem> {
    let mut scene = Scene::start(kind)?;
    // Changes told: the ones of the start, and the subject's.
    let told = kind.results() + usize::from(!matches!(kind, Kind::Refresh | Kind::CatchUp));
    match strike {
        Strike::Duplicate => duplicate(&mut scene, told),
        Strike::OutOfOrder => out_of_order(&mut scene, told),
        Strike::QueueRedelivery => redelivery(&mut scene, told),
        Strike::MessageLost => lost(&mut scene, told),
        Strike::SecurityHubOff if !kind.is_findings() => hub_off(&mut scene, told),
        _ => struck(&mut scene, strike, point, cell, told),
    }
}

fn struck(
    scene: &mut Scene,
    strike: Strike,
    point: Point,
    cell: Cell,
    told: usize,
) -> Result<(), Problem> {
    let limit = |scene: &mut Scene, limit: Duration| {
        scene.findings.set_deadline(limit);
        if let Some(control) = &mut scene.control {
            control.set_deadline(limit);
        }
    };
    limit(scene, strike.limit());
    strike.make(scene, point);
    let outcome = scene.deliver();
    compare(&outcome, cell)?;
    let held = scene.held()?;
    let done = outcome == Outcome::Done;
    if done && held == Held::Old {
        return Err("a success that wrote nothing".to_owned());
    }
    if !done && held == Held::New && !(point.reports() && strike.takes_effect()) {
        return Err("a failed run wrote".to_owned());
    }
    strike.end(scene);
    limit(scene, Duration::from_secs(55));
    if !done {
        let outcome = scene.deliver();
        expect("delivered again", &outcome, &Outcome::Done)?;
    }
    // What took effect before the failure is imported once more with the same content.
    let again = strike.takes_effect() || strike == Strike::AnswerLost;
    scene.finish(told, if again && scene.kind.is_findings() { 2 } else { 0 })
}

/// The same event comes twice: nothing changes the second time.
fn duplicate(scene: &mut Scene, told: usize) -> Result<(), Problem> {
    let first = scene.deliver();
    expect("the event", &first, &Outcome::Done)?;
    let held = scene.held()?;
    let again = match scene.kind {
        Kind::Queue => {
            scene.send("NON_COMPLIANT", "2026-11-01T00:00:03.000Z");
            scene.changes -= 1;
            scene.forward()
        }
        _ => scene.deliver(),
    };
    expect("the event again", &again, &Outcome::Done)?;
    if scene.held()? != held {
        return Err("the duplicate changed what is held".to_owned());
    }
    scene.finish(told, usize::from(scene.kind == Kind::Queue))
}

/// The later event comes first; the earlier one must not bring its state back.
fn out_of_order(scene: &mut Scene, told: usize) -> Result<(), Problem> {
    let kind = scene.kind;
    match kind {
        Kind::Queue => {
            expect("the later message", &scene.forward(), &Outcome::Done)?;
            scene.send("COMPLIANT", "2026-11-01T00:00:02.000Z");
            expect("the earlier message", &scene.forward(), &Outcome::Done)?;
            return scene.finish(told + 1, 1);
        }
        Kind::CatchUp => {
            // The event comes after the catch-up all the same.
            expect("the schedule", &scene.refresh(), &Outcome::Done)?;
            let late = std::mem::take(&mut scene.lost);
            late.iter().for_each(|event| scene.queue.send(event));
            return scene.finish(told, 1);
        }
        Kind::Refresh => {
            // The finding is refreshed while a change of 13 days ago still waits in the queue.
            expect("the schedule", &scene.refresh(), &Outcome::Done)?;
            scene.send("COMPLIANT", &days_ago(13));
            expect("the change", &scene.forward(), &Outcome::Done)?;
            let finding = scene.aws.securityhub().finding(&kind.finding()).unwrap_or_default();
            return if finding["Compliance"]["Status"] == "PASSED" {
                Ok(())
            } else {
                Err("the refresh outdated a change that waited".to_owned())
            };
        }
        _ => {}
    }
    expect("the later event", &scene.deliver(), &Outcome::Done)?;
    let earlier = kind.late_event(&scene.aws, &scene.rule);
    expect("the earlier event", &scene.judge(earlier), &Outcome::Done)?;
    scene.finish(told, 0)
}

/// Security Hub is off while a control reports: its change waits in the queue.
fn hub_off(scene: &mut Scene, told: usize) -> Result<(), Problem> {
    Strike::SecurityHubOff.make(scene, crate::kinds::IMPORT);
    expect("the event", &scene.deliver(), &Outcome::Done)?;
    if scene.held()? != Held::New {
        return Err("a success that wrote nothing".to_owned());
    }
    match scene.forward() {
        Outcome::Failed((kind, _)) if kind == "SecurityHubDisabled" => {}
        other => return Err(format!("the queue: {other:?}")),
    }
    Strike::SecurityHubOff.end(scene);
    scene.finish(told, 0)
}

/// The message to Security Hub never comes; the findings function's schedule catches up.
fn lost(scene: &mut Scene, told: usize) -> Result<(), Problem> {
    expect("the event", &scene.deliver(), &Outcome::Done)?;
    let batch = scene.queue.receive(100);
    scene.queue.settle::<()>(&batch, &Ok(json!({"batchItemFailures": []})));
    if scene.found()? != Held::Old {
        return Err("the message was not lost".to_owned());
    }
    expect("the schedule", &scene.refresh(), &Outcome::Done)?;
    let imports = scene.aws.calls_of("BatchImportFindings");
    let last = imports.last().and_then(|call| call.body["Findings"].as_array().map(Vec::len));
    if last != Some(1) {
        return Err("not just what was lost was imported".to_owned());
    }
    // Should it come late all the same, it changes nothing.
    let answer = scene.findings.invoke(batch_event(&batch));
    if answer != Ok(json!({"batchItemFailures": []})) {
        return Err(format!("the late message: {answer:?}"));
    }
    scene.finish(told, 1)
}

/// Messages fail until they are in the dead-letter queue, are put back, and come twice.
fn redelivery(scene: &mut Scene, told: usize) -> Result<(), Problem> {
    if !scene.kind.is_findings() {
        expect("the event", &scene.deliver(), &Outcome::Done)?;
    }
    Strike::Denied.make(scene, crate::kinds::IMPORT);
    for _ in 0..MAX_RECEIVES {
        match scene.forward() {
            Outcome::Failed((kind, _)) if kind == "AccessDenied" => {}
            other => return Err(format!("the queue: {other:?}")),
        }
    }
    if (scene.queue.waiting(), scene.queue.dead()) != (0, 1) {
        return Err("the message is not in the dead-letter queue".to_owned());
    }
    if scene.found()? != Held::Old {
        return Err("a failed run wrote".to_owned());
    }
    Strike::Denied.end(scene);
    scene.queue.redrive();
    let batch = scene.queue.receive(100);
    for _ in 0..2 {
        let answer = scene.findings.invoke(batch_event(&batch));
        match &answer {
            Ok(answer) if *answer == json!({"batchItemFailures": []}) => {}
            other => return Err(format!("put back: {other:?}")),
        }
    }
    scene.queue.settle::<()>(&batch, &Ok(json!({"batchItemFailures": []})));
    scene.finish(told, 1)
}
