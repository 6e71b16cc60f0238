//! Formatting, by the toolchain's own formatter.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Error;

/// Formats the text of a Rust file as the project does; `file` is for messages.
///
/// # Errors
/// When rustfmt is not there, or the text is not Rust.
pub(super) fn format(root: &Path, file: &Path, text: &str) -> Result<String, Error> {
    let problem = |problem: String| Error::Format { file: file.to_owned(), problem };
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout", "--config-path"])
        .arg(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| problem(format!("{error}; `rustup component add rustfmt`")))?;
    // A formatter that does not listen says why on its own.
    if let Some(mut input) = child.stdin.take() {
        let _ = input.write_all(text.as_bytes());
    }
    let output = child.wait_with_output().map_err(|error| problem(error.to_string()))?;
    if !output.status.success() {
        return Err(problem(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    String::from_utf8(output.stdout).map_err(|error| problem(error.to_string()))
}
