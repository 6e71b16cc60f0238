//! Samples of the processes, and the report.

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use crate::Options;
use crate::workers::Outcome;

/// One look at both processes: the control, the findings function.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) at: Duration,
    /// Resident memory in KiB.
    pub(crate) rss: [u64; 2],
    /// CPU time so far, in seconds.
    pub(crate) cpu: [f64; 2],
    /// Events that wait for the control.
    pub(crate) backlog: usize,
}

impl Sample {
    pub(crate) fn take(at: Duration, pids: [u32; 2], backlog: usize) -> Self {
        Self { at, rss: pids.map(rss), cpu: pids.map(cpu), backlog }
    }
}

/// Resident memory in KiB, as Linux counts it; 0 where there is no such file.
fn rss(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// CPU time in seconds: user and system, in ticks of a hundredth.
fn cpu(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // Behind the name in brackets, these are the 12th and 13th field.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks.filter_map(|field| field.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The sample nearest to a time.
fn near(samples: &[Sample], at: Duration) -> Option<&Sample> {
    samples.iter().min_by_key(|sample| sample.at.abs_diff(at))
}

/// Growth in KiB an hour: the slope of the least-squares line over the second half.
fn growth(samples: &[Sample], which: usize) -> f64 {
    let half = &samples[samples.len() / 2..];
    let count = half.len() as f64;
    let mean = |value: &dyn Fn(&Sample) -> f64| half.iter().map(value).sum::<f64>() / count;
    let time = |sample: &Sample| sample.at.as_secs_f64() / 3600.0;
    let size = |sample: &Sample| sample.rss[which] as f64;
    let (mid_time, mid_size) = (mean(&time), mean(&size));
    let over = mean(&|sample| (time(sample) - mid_time) * (size(sample) - mid_size));
    let under = mean(&|sample| (time(sample) - mid_time).powi(2));
    if under > 0.0 { over / under } else { 0.0 }
}

/// The report for people.
pub(crate) fn table(options: &Options, outcome: &Outcome) -> String {
    let mut out = String::new();
    let mut line = |text: String| writeln!(out, "{text}").expect("a text");
    let Outcome { samples, gaps, ledger, .. } = outcome;
    line(format!(
        "{:.1} minutes of {} changes a second, {} buckets, a fault every {} calls",
        outcome.elapsed.as_secs_f64() / 60.0,
        options.rate,
        options.buckets,
        options.fault_every
    ));
    for (name, value) in [
        ("changes", ledger.changes()),
        ("invocations of the control", ledger.deliveries()),
        ("changes that came late", outcome.changes_late),
        ("buckets that changed", ledger.buckets() as u64),
        ("PutEvaluations", ledger.puts),
        ("messages in the queue", outcome.messages as u64),
        ("messages delivered twice", outcome.messages_duplicated),
        ("BatchImportFindings", ledger.imports),
        ("findings in them", ledger.findings_sent),
        ("calls that failed on purpose", ledger.faults),
        ("failed invocations", outcome.failed_invocations),
        ("events given up", outcome.dead_events),
        ("messages given up", outcome.messages_dead as u64),
        ("processes that ended", outcome.restarts),
        ("changes lost", gaps.lost),
        ("evaluations doubled", gaps.doubled),
        ("wrong results in Config", gaps.wrong_results),
        ("wrong findings in Security Hub", gaps.wrong_findings),
        ("results or findings of nothing", gaps.strangers),
    ] {
        line(format!("{name:<34}{value:>10}"));
    }
    line(format!(
        "\n{:<12}{:>18}{:>18}{:>12}",
        "minute", "control (KiB)", "findings (KiB)", "waiting"
    ));
    let end = samples.last().map_or(Duration::ZERO, |sample| sample.at);
    let marks =
        [0.0, 1.0, 5.0, 15.0, 30.0, 45.0].map(|minute| Duration::from_secs_f64(minute * 60.0));
    for mark in marks.into_iter().filter(|mark| *mark < end).chain([end]) {
        if let Some(sample) = near(samples, mark) {
            let minute = sample.at.as_secs_f64() / 60.0;
            let [control, findings] = sample.rss;
            line(format!("{minute:<12.1}{control:>18}{findings:>18}{:>12}", sample.backlog));
        }
    }
    line(format!(
        "\ngrowth over the second half: {:.0} and {:.0} KiB an hour",
        growth(samples, 0),
        growth(samples, 1)
    ));
    if let Some(last) = samples.last() {
        let per = last.cpu[0] * 1000.0 / ledger.deliveries().max(1) as f64;
        line(format!("CPU of the control: {per:.2} ms a change"));
    }
    line(if outcome.passed() { "passed".to_owned() } else { "FAILED".to_owned() });
    out
}

/// The report for machines.
pub(crate) fn json(options: &Options, outcome: &Outcome) -> Value {
    let Outcome { samples, gaps, ledger, .. } = outcome;
    let samples: Vec<Value> = samples
        .iter()
        .map(|sample| {
            json!({
                "seconds": sample.at.as_secs(), "controlKiB": sample.rss[0],
                "findingsKiB": sample.rss[1], "controlCpuSeconds": sample.cpu[0],
                "findingsCpuSeconds": sample.cpu[1], "waiting": sample.backlog,
            })
        })
        .collect();
    json!({
        "options": {"minutes": options.minutes, "rate": options.rate,
            "buckets": options.buckets, "faultEvery": options.fault_every},
        "seconds": outcome.elapsed.as_secs(),
        "passed": outcome.passed(),
        "changes": ledger.changes(), "invocations": ledger.deliveries(),
        "late": outcome.changes_late, "bucketsChanged": ledger.buckets(),
        "puts": ledger.puts, "imports": ledger.imports, "findingsSent": ledger.findings_sent,
        "faults": ledger.faults, "failedInvocations": outcome.failed_invocations,
        "messages": outcome.messages, "messagesDuplicated": outcome.messages_duplicated,
        "gaps": {"lost": gaps.lost, "doubled": gaps.doubled, "wrongResults": gaps.wrong_results,
            "wrongFindings": gaps.wrong_findings, "strangers": gaps.strangers,
            "eventsGivenUp": outcome.dead_events, "messagesGivenUp": outcome.messages_dead,
            "processesEnded": outcome.restarts},
        "growthKiBPerHour": [growth(&outcome.samples, 0), growth(&outcome.samples, 1)],
        "samples": samples,
    })
}
