//! `cargo xtask bench`: the measurements of docs/performance.md.
//!
//! The calls of periodic controls are counted here, where all controls are linked; the rest is
//! measured by the crate `fisc-bench`, which links none of them.

mod account;
mod calls;

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;

use clap::{Args, ValueEnum};

/// What is measured; options after `--` are those of `fisc-bench`.
#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// The part to measure
    #[arg(default_value = "all")]
    part: Part,
    /// Options of `fisc-bench`: its peers, rounds and sizes (`cargo xtask bench all -- --help`)
    #[arg(last = true)]
    options: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Everything, and the report
    All,
    /// Cold starts and warm events
    Start,
    /// Snapshot scans
    Scan,
    /// Verification of logs
    Logs,
    /// Sizes of the artifacts
    Size,
    /// AWS calls of periodic controls
    Calls,
    /// Only the report, from the figures of the last measurements
    Report,
}

/// Why a measurement could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A file or a program.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The counts could not be written.
    #[error("the counts of calls cannot be written: {0}")]
    Json(#[from] serde_json::Error),
    /// The program that measures failed; it said why.
    #[error("fisc-bench failed")]
    Failed,
}

/// Where the figures of the parts are.
const FIGURES: &str = "target/bench";

/// Measures, and writes the report where all parts are asked for.
pub(crate) fn run(args: &BenchArgs) -> Result<(), Error> {
    if matches!(args.part, Part::All | Part::Calls) {
        let counted = calls::count(&fisc_cli::registry::all())?;
        fs::create_dir_all(FIGURES)?;
        let file = Path::new(FIGURES).join("calls.json");
        fs::write(file, serde_json::to_string_pretty(&counted)?)?;
    }
    if args.part == Part::Calls {
        return Ok(());
    }
    let part = args.part.to_possible_value();
    let part = part.as_ref().map_or("all", |part| part.get_name());
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["run", "--quiet", "--release", "--manifest-path", "bench/Cargo.toml"]);
    command.args(["--target-dir", "target/bench-build", "--", part]);
    command.args(&args.options);
    if command.status()?.success() { Ok(()) } else { Err(Error::Failed) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::calls;

    /// The controls that cannot be counted, with what the made-up answers lack. Only to be made
    /// shorter.
    const NOT_COUNTED: &[(&str, &str)] = &[
        ("federation", "no metadata of a SAML provider"),
        ("data-disposal", "GetResources without tags"),
        ("public-exposure", "the state of the block of public images"),
        ("ec2-instance-access", "IPv6 ranges of security groups"),
        ("web-acl", "ids that are longer than WAF accepts"),
        ("audit-trail", "selectors of event data stores"),
        ("access-logging", "selectors of event data stores"),
        ("session-logging", "no session document"),
        ("service-quotas", "the ids of metric queries"),
        ("multi-az", "subnets of every kind of resource"),
        ("load-balancer-resilience", "subnets of load balancers"),
        ("network-redundancy", "an item of the customer gateway"),
        ("instance-recovery", "the instance types of the sample"),
    ];

    #[test]
    fn no_control_calls_more_than_in_proportion_or_asks_twice() {
        let counted = calls::count(&fisc_cli::registry::all()).unwrap();
        let mut wrong = Vec::new();
        for one in &counted {
            let lacks = NOT_COUNTED.iter().find(|(id, _)| *id == one.control);
            match (&one.calls, lacks) {
                // What else the machine does decides whether a run is late.
                (Err(error), None) if !error.starts_with(calls::LATE) => {
                    wrong.push(format!("{}: not counted: {error}", one.control));
                }
                (Ok(_), Some(_)) => wrong.push(format!("{}: is counted now", one.control)),
                (Ok(calls), _) if one.worse_than_linear() => {
                    wrong.push(format!("{}: calls grow as {calls:?}", one.control));
                }
                _ => {}
            }
            if let Some(first) = one.twice.first() {
                wrong.push(format!("{}: asked twice: {first}", one.control));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let counts = counted.iter().filter(|one| one.calls.is_ok()).count();
        assert!(counts > counted.len() / 2, "only {counts} of {} counted", counted.len());
    }
}
