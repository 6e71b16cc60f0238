//! What happens at the same time: changes arrive, functions run, memory is looked at.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use fisc_testkit::aws::{FakeAws, Fault, Rule};
use fisc_testkit::queue::{Queue, QueueMessage, batch_event};
use fisc_testkit::runtime::{Lambda, sibling};
use serde_json::Value;

use crate::Options;
use crate::ledger::{Gaps, Ledger};
use crate::load::{Change, Load};
use crate::report::Sample;

const RULE: &str = "fisc-s3-tls-only";
/// Lambda tries an asynchronous invocation three times in all.
const TRIES: u32 = 3;
/// The stack's batching window is ten seconds; a shorter one makes more invocations.
const WINDOW: Duration = Duration::from_secs(1);
const BATCH: usize = 100;

/// What a run found.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) samples: Vec<Sample>,
    pub(crate) gaps: Gaps,
    pub(crate) ledger: Ledger,
    pub(crate) changes_late: u64,
    pub(crate) failed_invocations: u64,
    pub(crate) dead_events: u64,
    pub(crate) messages: usize,
    pub(crate) messages_duplicated: u64,
    pub(crate) messages_dead: usize,
    pub(crate) restarts: u64,
    pub(crate) elapsed: Duration,
}

impl Outcome {
    /// Whether every event is accounted for.
    pub(crate) fn passed(&self) -> bool {
        self.gaps == Gaps::default()
            && self.dead_events == 0
            && self.messages_dead == 0
            && self.restarts == 0
    }
}

/// What the threads share.
struct Soak<'a> {
    aws: &'a FakeAws,
    rule: Rule,
    options: &'a Options,
    /// What waits for the control; with how often it was tried.
    events: Mutex<VecDeque<(Change, u32)>>,
    queue: Mutex<Queue>,
    ledger: Mutex<Ledger>,
    load: Mutex<Load>,
    /// No further change arrives; the control has nothing left to do.
    arrived: AtomicBool,
    judged: AtomicBool,
    late: AtomicU64,
    failed: AtomicU64,
    dead: AtomicU64,
    duplicated: AtomicU64,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs it.
pub(crate) fn run(options: &Options) -> Outcome {
    let aws = FakeAws::start();
    let program = |name: &str| -> PathBuf {
        options.binaries.as_ref().map_or_else(|| sibling(name), |folder| folder.join(name))
    };
    let mut control = Lambda::start(program("transport"), &aws, &[("FISC_CONTROL", "s3-tls-only")]);
    let mut findings = Lambda::start(program("findings"), &aws, &[("FISC_RULE_PREFIX", "fisc")]);
    control.wait_ready().expect("the control starts");
    findings.wait_ready().expect("the findings function starts");
    let pids = [&control, &findings].map(|lambda| lambda.pid().expect("it runs"));
    let soak = Soak {
        aws: &aws,
        rule: aws.config().rule(RULE),
        options,
        events: Mutex::default(),
        queue: Mutex::default(),
        ledger: Mutex::default(),
        load: Mutex::new(Load::new(options.buckets)),
        arrived: AtomicBool::new(false),
        judged: AtomicBool::new(false),
        late: AtomicU64::new(0),
        failed: AtomicU64::new(0),
        dead: AtomicU64::new(0),
        duplicated: AtomicU64::new(0),
    };
    let start = Instant::now();
    let samples = thread::scope(|scope| {
        scope.spawn(|| soak.arrive());
        scope.spawn(|| soak.judge(&mut control));
        let forwarder = scope.spawn(|| soak.forward(&mut findings));
        let mut samples = Vec::new();
        while !forwarder.is_finished() {
            samples.push(Sample::take(start.elapsed(), pids, held(&soak.events).len()));
            let next = start + Duration::from_secs(options.sample) * samples_taken(&samples);
            while Instant::now() < next && !forwarder.is_finished() {
                thread::sleep(Duration::from_millis(200));
                soak.book();
            }
        }
        samples.push(Sample::take(start.elapsed(), pids, 0));
        samples
    });
    soak.book();
    let restarts = [&control, &findings]
        .iter()
        .zip(pids)
        .filter(|(lambda, pid)| lambda.pid() != Some(*pid))
        .count() as u64;
    let ledger = std::mem::take(&mut *held(&soak.ledger));
    let queue = held(&soak.queue);
    Outcome {
        samples,
        gaps: ledger.gaps(&aws, RULE),
        ledger,
        changes_late: soak.late.load(Ordering::SeqCst),
        failed_invocations: soak.failed.load(Ordering::SeqCst),
        dead_events: soak.dead.load(Ordering::SeqCst),
        messages: queue.sent(),
        messages_duplicated: soak.duplicated.load(Ordering::SeqCst),
        messages_dead: queue.dead(),
        restarts,
        elapsed: start.elapsed(),
    }
}

fn samples_taken(samples: &[Sample]) -> u32 {
    u32::try_from(samples.len()).unwrap_or(u32::MAX)
}

impl Soak<'_> {
    /// Changes arrive at a steady rate; of 100, two come late and one comes twice.
    fn arrive(&self) {
        let start = Instant::now();
        let end = Duration::from_secs_f64(self.options.minutes * 60.0);
        let mut delayed: VecDeque<(Duration, Change)> = VecDeque::new();
        for n in 0_u64.. {
            let at = Duration::from_secs_f64(n as f64 / self.options.rate);
            if at >= end {
                break;
            }
            thread::sleep(at.saturating_sub(start.elapsed()));
            let (change, fate) = {
                let mut load = held(&self.load);
                (load.change(), load.below(100))
            };
            let mut events = held(&self.events);
            while delayed.front().is_some_and(|(due, _)| *due <= at) {
                events.extend(delayed.pop_front().map(|(_, change)| (change, 0)));
            }
            match fate {
                0 | 1 => {
                    self.late.fetch_add(1, Ordering::SeqCst);
                    delayed.push_back((at + Duration::from_secs(5), change));
                }
                2 => events.extend([(change, 0), (change, 0)]),
                _ => events.push_back((change, 0)),
            }
        }
        held(&self.events).extend(delayed.into_iter().map(|(_, change)| (change, 0)));
        self.arrived.store(true, Ordering::SeqCst);
    }

    /// The control takes the changes one by one, as Lambda hands them to one environment.
    fn judge(&self, control: &mut Lambda) {
        let mut invocations = 0_u64;
        loop {
            // Read before the queue: what arrives afterwards is seen in the next round.
            let arrived = self.arrived.load(Ordering::SeqCst);
            let next = held(&self.events).pop_front();
            let Some((change, tried)) = next else {
                if arrived {
                    break;
                }
                thread::sleep(Duration::from_millis(2));
                continue;
            };
            invocations += 1;
            self.strike("config", "PutEvaluations", invocations);
            held(&self.ledger).delivered(change);
            let event = held(&self.load).event(&self.rule, change);
            let outcome = control.invoke(event);
            drop(control.take_logs());
            if outcome.is_err() {
                self.failed.fetch_add(1, Ordering::SeqCst);
                if tried + 1 < TRIES {
                    held(&self.events).push_back((change, tried + 1));
                } else {
                    self.dead.fetch_add(1, Ordering::SeqCst);
                }
            }
            let changes = self.aws.config().take_compliance_events();
            let mut queue = held(&self.queue);
            changes.iter().for_each(|change| queue.send(change));
        }
        self.judged.store(true, Ordering::SeqCst);
    }

    /// The findings function takes batches; of 50 messages, one is delivered twice.
    fn forward(&self, findings: &mut Lambda) {
        let mut invocations = 0_u64;
        let mut window = Instant::now();
        loop {
            let judged = self.judged.load(Ordering::SeqCst);
            let waiting = held(&self.queue).waiting();
            if waiting == 0 && judged {
                break;
            }
            if waiting == 0 || (waiting < BATCH && window.elapsed() < WINDOW && !judged) {
                thread::sleep(Duration::from_millis(5));
                continue;
            }
            window = Instant::now();
            let batch: Vec<QueueMessage> = held(&self.queue).receive(BATCH);
            invocations += 1;
            self.strike("securityhub", "BatchImportFindings", invocations * 40);
            let outcome = findings.invoke(batch_event(&batch));
            drop(findings.take_logs());
            self.failed.fetch_add(u64::from(outcome.is_err()), Ordering::SeqCst);
            let failed = match &outcome {
                Ok(answer) => answer["batchItemFailures"].as_array().map_or(0, Vec::len),
                Err(_) => batch.len(),
            };
            let mut queue = held(&self.queue);
            queue.settle::<_>(&batch, &outcome.map_err(|_| Value::Null));
            if failed == 0 {
                for message in batch.into_iter().filter(|message| message.receives == 1) {
                    if held(&self.load).below(50) == 0 {
                        self.duplicated.fetch_add(1, Ordering::SeqCst);
                        queue.duplicate(message);
                    }
                }
            }
        }
    }

    /// Once in a while a call fails: throttled, an error of the service, the answer lost.
    fn strike(&self, service: &str, operation: &str, count: u64) {
        let every = self.options.fault_every;
        if every == 0 || !count.is_multiple_of(every) {
            return;
        }
        let fault = match (count / every) % 3 {
            0 => Fault::Throttled,
            1 => Fault::ServerError,
            _ => Fault::LostAnswer,
        };
        if fault == Fault::LostAnswer && service == "config" {
            held(&self.ledger).answers_lost += 1;
        }
        self.aws.clear_faults().fault(service, operation, fault.times(1));
    }

    fn book(&self) {
        let calls = self.aws.take_calls();
        let load = held(&self.load);
        held(&self.ledger).book(&load, &calls);
    }
}
