//! Runs the real binary.

// Every test binary uses some of it.
#![allow(dead_code)]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The clock by which the sample items are judged.
pub(crate) const AT: &str = "2026-11-21T00:00:00Z";

/// A file under `events/`.
pub(crate) fn events(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../events").join(name)
}

/// The command, without any setting of whoever runs the test.
pub(crate) fn fisc(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fisc"));
    command.args(arguments);
    for name in ["LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "CLICOLOR_FORCE", "COLUMNS"] {
        command.env_remove(name);
    }
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
        command.env_remove(name);
    }
    let nowhere = std::env::temp_dir().join("fisc-no-aws-configuration");
    command.env("AWS_CONFIG_FILE", &nowhere).env("AWS_SHARED_CREDENTIALS_FILE", &nowhere);
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

/// What a run said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("an exit code"),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

impl Said {
    /// The JSON on standard output.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Runs to the end.
pub(crate) fn run(arguments: &[&str]) -> Said {
    fisc(arguments).output().expect("fisc runs").into()
}

/// Runs with something on standard input.
pub(crate) fn run_with(arguments: &[&str], input: &[u8]) -> Said {
    let mut child = fisc(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("fisc runs");
    // A closed pipe only says that fisc saw enough.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    child.wait_with_output().expect("fisc ends").into()
}

/// Scans a file of `events/` to JSON.
pub(crate) fn scan(name: &str, more: &[&str]) -> (Said, Value) {
    let file = events(name);
    let mut arguments = vec!["scan", file.to_str().unwrap(), "--at", AT, "--format", "json"];
    arguments.extend(more);
    let said = run(&arguments);
    let json = said.json();
    (said, json)
}

/// The strings in a field of every entry.
pub(crate) fn field<'a>(rows: &'a Value, name: &str) -> Vec<&'a str> {
    rows.as_array().unwrap().iter().map(|row| row[name].as_str().unwrap_or_default()).collect()
}
