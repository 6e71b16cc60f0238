//! What cargo tells of the workspace.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::error::Error;

/// The cargo that runs this task.
pub(crate) fn program() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// What a command of cargo prints.
///
/// # Errors
/// When it fails; its own words are in the error.
pub(crate) fn output(root: &Path, args: &[String]) -> Result<String, Error> {
    let program = program();
    let output = Command::new(&program).current_dir(root).args(args).output();
    let output = output.map_err(|error| Error::Program { program, error })?;
    if !output.status.success() {
        return Err(Error::Command {
            command: format!("cargo {}", args.first().map(String::as_str).unwrap_or_default()),
            status: output.status.to_string(),
            output: String::from_utf8_lossy(&output.stderr).into_owned(),
        });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// All packages that Cargo.lock names, with what they say of themselves, and the target folder.
///
/// # Errors
/// When cargo does not answer.
pub(crate) fn metadata(root: &Path) -> Result<Value, Error> {
    let args = ["metadata", "--locked", "--format-version", "1"].map(str::to_owned);
    Ok(serde_json::from_str(&output(root, &args)?)?)
}
