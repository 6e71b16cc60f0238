//! How long a throttled call takes, and how the SDK's two ways to retry fare with many: the latter is
//! a measurement, to be run by hand.
//!
//! `cargo test -p fisc-findings --test faults pace -- --ignored --nocapture`

use std::time::{Duration, Instant};

use fisc_testkit::aws::{FakeAws, Fault, Key};
use fisc_testkit::events;
use fisc_testkit::runtime::Lambda;
use serde_json::Value;

use crate::kinds::Kind;

/// Keys of the sweep; it makes two calls for each, eight at a time.
const KEYS: usize = 150;

fn start(aws: &FakeAws, mode: &str) -> Lambda {
    let env = [("FISC_CONTROL", "kms-key-rotation"), ("AWS_RETRY_MODE", mode)];
    let mut lambda = Lambda::start(Kind::Sweep.program(), aws, &env);
    lambda.set_deadline(Duration::from_secs(300));
    lambda.wait_ready().expect("it starts");
    lambda
}

/// One throttled call of a function that had nothing to do before.
fn quiet(mode: &str, service: &str, operation: &str) {
    let aws = FakeAws::start();
    let rule = aws.config().rule("fisc-kms-key-rotation");
    Kind::ChangeAndService.set(&aws, false);
    let mut lambda = start(&aws, mode);
    aws.fault(service, operation, Fault::Throttled.times(1));
    let begun = Instant::now();
    let outcome = lambda.invoke(Kind::ChangeAndService.event(&rule, false));
    println!(
        "{mode:<9} {operation} throttled once: {:.1} s, {}",
        begun.elapsed().as_secs_f64(),
        if outcome.is_ok() { "done" } else { "failed" }
    );
}

/// A sweep against a service that takes so many calls a second.
fn sweep(mode: &str, per_second: f64) {
    let aws = FakeAws::start();
    let rule = aws.config().rule("fisc-kms-key-rotation");
    for n in 0..KEYS {
        aws.kms().add_key(Key::symmetric(&format!("key-{n}")).rotating(365));
    }
    aws.fault("kms", "*", Fault::Throttled.beyond(per_second, per_second));
    let mut lambda = start(&aws, mode);
    let begun = Instant::now();
    let outcome = lambda.invoke(events::scheduled(&rule, &Value::Null));
    let calls: Vec<_> = aws.calls().into_iter().filter(|call| call.service == "kms").collect();
    let struck = calls.iter().filter(|call| call.status != 200).count();
    println!(
        "{mode:<9} {} calls at {per_second} a second: {:.1} s, {struck} throttled, {}",
        2 * KEYS + 2,
        begun.elapsed().as_secs_f64(),
        outcome.map_or_else(|error| error.error_type, |_| "done".to_owned())
    );
}

/// The adaptive mode, which other calls have, would wait twenty seconds here.
#[test]
fn a_throttled_report_is_tried_again_before_the_deadline() {
    let aws = FakeAws::start();
    let rule = aws.config().rule("fisc-kms-key-rotation");
    Kind::ChangeAndService.set(&aws, false);
    // In the mode that Lambda has: no variable sets another.
    let env = [("FISC_CONTROL", "kms-key-rotation")];
    let mut lambda = Lambda::start(Kind::Sweep.program(), &aws, &env);
    lambda.set_deadline(Duration::from_secs(18));
    aws.fault("config", "PutEvaluations", Fault::Throttled.times(1));
    lambda.invoke(Kind::ChangeAndService.event(&rule, false)).expect("done in time");
}

#[test]
#[ignore = "a measurement of minutes"]
fn pace() {
    for mode in ["adaptive", "standard"] {
        quiet(mode, "kms", "GetKeyRotationStatus");
        quiet(mode, "config", "PutEvaluations");
        for per_second in [30.0, 10.0, 5.0] {
            sweep(mode, per_second);
        }
    }
}
