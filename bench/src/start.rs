//! Measurements 1 and 2: cold starts, and what a warm event takes.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use fisc_testkit::aws::{ACCOUNT, FakeAws, Key, REGION, Trail};
use fisc_testkit::events;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wait4::Wait4;

use crate::Peers;
use crate::endpoint::Endpoint;
use crate::error::{Error, at};
use crate::measure::median;
use crate::runtime::{Runtime, Seen};

/// The longest that anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A function: which binary or script, and the control that it runs.
#[derive(Debug, Clone, Copy)]
struct Function {
    /// The domain's binary.
    binary: &'static str,
    control: &'static str,
    /// The Python script that does the same.
    python: &'static str,
}

/// One for every domain, beside the usual Python rule that does the same: most look at the item,
/// some ask a service. Domains without a change rule answer a schedule.
const FUNCTIONS: [Function; 12] = [
    Function::of("transport", "s3-tls-only", "s3_tls_only"),
    Function::of("encryption", "kms-key-rotation", "kms_key_rotation"),
    Function::of("identity", "iam-trust-policy", "iam_trust_policy"),
    Function::of("secrets", "plaintext-secrets", "plaintext_secrets"),
    Function::of("data", "s3-data-protection", "s3_data_protection"),
    Function::of("network", "security-group-ingress", "security_group_ingress"),
    Function::of("logging", "log-integrity", "log_integrity"),
    Function::of("detection", "config-recorder", "config_recorder"),
    Function::of("operations", "workload-tracing", "workload_tracing"),
    Function::of("governance", "audit-evidence", "audit_evidence"),
    Function::of("resilience", "multi-az", "multi_az"),
    Function::of("findings", "", "findings"),
];

impl Function {
    const fn of(binary: &'static str, control: &'static str, python: &'static str) -> Self {
        Self { binary, control, python }
    }
}

/// What a function took; seconds and bytes, medians.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Row {
    /// The binary, or `Python`.
    pub(crate) what: String,
    /// The control.
    pub(crate) control: String,
    /// From the start of the process to its first question for an event.
    pub(crate) next: f64,
    /// From there, with an event at hand, to the arrival of the evaluation: with the start.
    pub(crate) put: f64,
    /// Processor time of a cold start with one event.
    pub(crate) cold_cpu: f64,
    /// Peak of resident memory after one event.
    pub(crate) peak: f64,
    /// Processor time of one warm event; none for functions whose events cannot be repeated.
    pub(crate) warm_cpu: Option<f64>,
    /// How many starts.
    pub(crate) runs: usize,
}

/// All functions that were measured, and why others were not.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Figures {
    /// The functions.
    pub(crate) rows: Vec<Row>,
    /// Those that failed in the emulated account, with what they said.
    pub(crate) failed: Vec<String>,
}

/// Measures every domain's function, and the Python twins, in turns.
///
/// # Errors
/// When a function is not built, or fails after it once succeeded.
pub(crate) fn measure(
    functions: &Path,
    peers: &Peers,
    rounds: usize,
    warm: usize,
) -> Result<Figures, Error> {
    let mut stages = Vec::new();
    for function in FUNCTIONS {
        let program = functions.join(function.binary);
        if !program.exists() {
            return Err(Error::Usage(format!("{} is not built", program.display())));
        }
        stages.push(Stage::new(function, Start::Binary(program))?);
        if let Some(python) = &peers.python {
            let start = Start::Python { python: python.clone(), script: function.python };
            stages.push(Stage::new(function, start)?);
        }
    }
    // The first round warms the page cache and is not counted; it also shows what the emulated
    // account cannot answer.
    let mut failed = Vec::new();
    stages.retain(|stage| match stage.run(1) {
        Ok(_) => true,
        Err(error) => {
            failed.push(error.to_string());
            false
        }
    });
    let mut colds = vec![Vec::new(); stages.len()];
    let mut warms = vec![Vec::new(); stages.len()];
    for round in 0..rounds {
        for (index, stage) in stages.iter().enumerate() {
            let cold = stage.run(1)?;
            let many = (round % 3 == 0).then(|| stage.run(1 + warm)).transpose()?;
            if let (Some(many), Some(list)) = (many, warms.get_mut(index)) {
                #[expect(clippy::cast_precision_loss, reason = "a few hundred events")]
                list.push((many.cpu - cold.cpu) / warm as f64);
            }
            if let Some(list) = colds.get_mut(index) {
                list.push(cold);
            }
        }
    }
    let rows = stages.iter().zip(colds).zip(warms).map(|((stage, colds), warms)| {
        let of = |pick: fn(&Run) -> f64| median(colds.iter().map(pick));
        Row {
            what: stage.name().to_owned(),
            control: stage.function.control.to_owned(),
            next: of(|run| run.next),
            put: of(|run| run.put),
            cold_cpu: of(|run| run.cpu),
            peak: of(|run| run.peak),
            warm_cpu: Some(median(warms.into_iter())).filter(|cpu| cpu.is_finite()),
            runs: colds.len(),
        }
    });
    let rows = rows.collect();
    Ok(Figures { rows, failed })
}

#[derive(Debug, Clone)]
enum Start {
    Binary(PathBuf),
    Python { python: PathBuf, script: &'static str },
}

#[derive(Debug, Clone, Copy)]
struct Run {
    next: f64,
    put: f64,
    cpu: f64,
    peak: f64,
}

/// Everything around one function: its AWS, its endpoint and its Runtime API.
struct Stage {
    function: Function,
    start: Start,
    aws: FakeAws,
    runtime: Runtime,
    seen: Receiver<Seen>,
    puts: Receiver<Instant>,
    env: HashMap<String, String>,
    // Holds the bundle of authorities.
    _place: tempfile::TempDir,
}

impl Stage {
    fn new(function: Function, start: Start) -> Result<Self, Error> {
        let aws = FakeAws::start();
        prepare(&aws, function);
        let (sender, seen) = channel();
        let runtime = Runtime::start(sender)?;
        let (sender, puts): (Sender<Instant>, _) = channel();
        let place = tempfile::tempdir().map_err(at(&"a temporary folder"))?;
        let bundle = place.path().join("authorities.pem");
        let upstream = aws.endpoint().trim_start_matches("http://").to_owned();
        let operation =
            if function.control.is_empty() { "findings/import" } else { "PutEvaluations" };
        let endpoint = Endpoint::start(upstream, &bundle, operation, sender)?;
        let bundle = bundle.display().to_string();
        let mut env: HashMap<String, String> = aws.env().into_iter().collect();
        let peers = concat!(env!("CARGO_MANIFEST_DIR"), "/peers");
        for (name, value) in [
            ("PATH", "/usr/bin:/bin"),
            ("LANG", "en_US.UTF-8"),
            ("TZ", ":UTC"),
            ("AWS_ENDPOINT_URL", &endpoint.url()),
            ("AWS_LAMBDA_RUNTIME_API", &runtime.address()),
            ("AWS_LAMBDA_FUNCTION_NAME", "measured"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/measured"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/01/[$LATEST]0123456789abcdef"),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("SSL_CERT_FILE", &bundle),
            ("AWS_CA_BUNDLE", &bundle),
            ("FISC_CONTROL", function.control),
            ("FISC_RULE_PREFIX", "fisc"),
            ("PYTHONPATH", peers),
            // As in Lambda, where the deployed files cannot be written beside: but a layer's
            // bytecode is there, so the first, uncounted, start may write it.
            ("LAMBDA_TASK_ROOT", peers),
        ] {
            env.insert(name.to_owned(), value.to_owned());
        }
        Ok(Self { function, start, aws, runtime, seen, puts, env, _place: place })
    }

    fn name(&self) -> &str {
        match &self.start {
            Start::Binary(_) => self.function.binary,
            Start::Python { .. } => "Python",
        }
    }

    /// A fresh process, which gets `events` events one after the other.
    fn run(&self, events: usize) -> Result<Run, Error> {
        let mut command = match &self.start {
            Start::Binary(program) => Command::new(program),
            Start::Python { python, script } => {
                let mut command = Command::new(python);
                command.args(["-m", "awslambdaric", &format!("{script}.lambda_handler")]);
                command
            }
        };
        command.env_clear().envs(&self.env).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let what = format!("{} ({})", self.name(), self.function.control);
        // What the last process left: it was killed while it asked.
        while self.seen.try_recv().is_ok() {}
        while self.puts.try_recv().is_ok() {}
        self.runtime.forget();
        let begin = Instant::now();
        let mut child = command.spawn().map_err(at(&what))?;
        let result = self.drive(&mut child, begin, events, &what);
        let _ = child.kill();
        let ended = child.wait4().map_err(at(&what))?;
        // The emulator would take what it does not know for a failed test.
        let unknown = self.aws.take_unknown();
        if let Some(first) = unknown.first() {
            return Err(Error::Failed { command: what, problem: format!("not emulated: {first}") });
        }
        let (next, put, peak) = result?;
        let cpu = (ended.rusage.utime + ended.rusage.stime).as_secs_f64();
        Ok(Run { next, put, cpu, peak })
    }

    fn drive(
        &self,
        child: &mut Child,
        begin: Instant,
        events: usize,
        what: &str,
    ) -> Result<(f64, f64, f64), Error> {
        let failed = |problem: String| Error::Failed { command: what.to_owned(), problem };
        let wait = || {
            self.seen
                .recv_timeout(PATIENCE)
                .map_err(|_| failed("it asked and answered nothing for a minute".to_owned()))
        };
        let next = match wait()? {
            Seen::Next(time) => time,
            other => return Err(failed(format!("before the first event: {other:?}"))),
        };
        let mut put = None;
        for _ in 0..events {
            self.runtime.send(event(&self.aws, self.function)?);
            match wait()? {
                Seen::Answer => {}
                other => return Err(failed(format!("no answer to the event: {other:?}"))),
            }
            // Python's rules end a failed run quietly: without the call nothing was measured.
            let arrived = self.puts.try_recv();
            let arrived = arrived.map_err(|_| failed("it reported nothing".to_owned()))?;
            put.get_or_insert(arrived);
            match wait()? {
                Seen::Next(_) => {}
                other => return Err(failed(format!("after the event: {other:?}"))),
            }
        }
        let put = put.ok_or_else(|| failed("no event".to_owned()))?;
        let peak = peak_of(child.id())?;
        let since = |time: Instant| time.duration_since(begin).as_secs_f64();
        Ok((since(next), since(put), peak))
    }
}

/// The peak of resident memory of a process that still runs.
fn peak_of(id: u32) -> Result<f64, Error> {
    let file = format!("/proc/{id}/status");
    let text = fs::read_to_string(&file).map_err(at(&file))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kilobytes
        .map(|kilobytes| kilobytes * 1024.0)
        .ok_or_else(|| Error::Failed { command: file, problem: "no VmHWM".to_owned() })
}

/// What a function must find in its account.
fn prepare(aws: &FakeAws, function: Function) {
    aws.has_everything(1);
    match function.control {
        "kms-key-rotation" => {
            aws.kms().add_key(Key::symmetric("measured").rotating(365));
        }
        "plaintext-secrets" => {
            // The instance of the sample event, and a harmless script.
            let user_data = json!({"Value": "ZWNobyBoZWxsbwo="});
            let data = json!({"InstanceId": "i-8d1a0d41eeefae89f", "UserData": user_data});
            aws.stub("ec2").returns("DescribeInstanceAttribute", data);
        }
        "log-integrity" => {
            aws.cloudtrail().add_trail(Trail::new("hbg-audit-trail"));
            aws.s3().bucket("hbg-log-archive-111122223333", REGION);
        }
        "config-recorder" => {
            aws.stub("config")
                .empty("DescribeConfigurationRecorders")
                .empty("DescribeConfigurationRecorderStatus")
                .empty("DescribeDeliveryChannels")
                .empty("DescribeDeliveryChannelStatus");
        }
        _ => {}
    }
}

/// The event of a function.
fn event(aws: &FakeAws, function: Function) -> Result<String, Error> {
    if function.control.is_empty() {
        return Ok(finding().to_string());
    }
    let rule = aws.config().rule(&format!("fisc-{}", function.control));
    if function.control == "kms-key-rotation" {
        let item = events::item(
            "AWS::KMS::Key",
            "measured",
            json!({
                "keyId": "measured", "keyManager": "CUSTOMER", "keyState": "Enabled",
                "origin": "AWS_KMS", "keySpec": "SYMMETRIC_DEFAULT", "multiRegion": false,
                "creationDate": 1_746_057_600_000_u64, "enabled": true,
            }),
        );
        return Ok(events::change(&rule, &item, &json!({})).to_string());
    }
    let file = format!("{}/../events/{}.json", env!("CARGO_MANIFEST_DIR"), function.control);
    let sample = fs::read_to_string(&file).map_err(at(&file))?;
    let sample: Value = serde_json::from_str(&sample)?;
    let invoking = sample.get("invokingEvent").and_then(Value::as_str).unwrap_or_default();
    let invoking: Value = serde_json::from_str(invoking)?;
    let event = match invoking.get("configurationItem") {
        Some(item) => events::change(&rule, item, &json!({})),
        None => events::scheduled(&rule, &json!({})),
    };
    Ok(event.to_string())
}

/// A changed compliance, as it comes through the queue.
fn finding() -> Value {
    let time = jiff::Timestamp::now().to_string();
    let qualifier = json!({
        "configRuleName": "fisc-s3-tls-only", "resourceType": "AWS::S3::Bucket",
        "resourceId": "measured",
    });
    let result = json!({
        "evaluationResultIdentifier":
            {"evaluationResultQualifier": qualifier, "orderingTimestamp": time},
        "complianceType": "NON_COMPLIANT", "resultRecordedTime": time,
        "configRuleInvokedTime": time, "annotation": "BUCKET_POLICY_MISSING: none",
    });
    let arn = format!("arn:aws:config:{REGION}:{ACCOUNT}:config-rule/config-rule-a");
    events::sqs_batch(&[json!({
        "version": "0", "id": "51677f1d-1ae8-5357-cc9b-387ac98e26ab",
        "detail-type": "Config Rules Compliance Change", "source": "aws.config",
        "account": ACCOUNT, "time": time, "region": REGION, "resources": [],
        "detail": {
            "resourceId": "measured", "awsRegion": REGION, "awsAccountId": ACCOUNT,
            "configRuleName": "fisc-s3-tls-only", "recordVersion": "1.0", "configRuleARN": arn,
            "messageType": "ComplianceChangeNotification", "newEvaluationResult": result,
            "notificationCreationTime": time, "resourceType": "AWS::S3::Bucket",
        },
    })])
}
