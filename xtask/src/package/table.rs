//! The sizes of a release's zips, beside the goal.

use std::fmt::Write as _;

use super::error::Error;
use super::manifest::Manifest;

/// What a zip should stay within, in MB: small code starts fast.
const GOAL: f64 = 3.0;
/// Bytes of a MB.
const MB: f64 = 1e6;

#[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
fn mb(size: usize) -> f64 {
    size as f64 / MB
}

/// One line for each zip: its size, the program's, and whether the goal is met.
pub(crate) fn render(manifest: &Manifest) -> String {
    let mut table = format!("{:<28} {:>8} {:>10}  goal {GOAL} MB\n", "zip", "MB", "program");
    let mut total = 0;
    for artifact in &manifest.artifacts {
        let size = mb(artifact.file.size);
        let met = if size <= GOAL {
            "met".to_owned()
        } else {
            format!("missed by {:.2} MB", size - GOAL)
        };
        let program = mb(artifact.binary_size);
        // Writing to a string does not fail.
        let _ = writeln!(table, "{:<28} {size:>8.2} {program:>10.2}  {met}", artifact.file.name);
        total += artifact.file.size;
    }
    let _ = write!(table, "{:<28} {:>8.2}", "all", mb(total));
    table
}

/// Fails when a zip is larger than a limit in MB.
pub(crate) fn check(manifest: &Manifest, limit: f64) -> Result<(), Error> {
    let large: Vec<String> = manifest
        .artifacts
        .iter()
        .filter(|artifact| mb(artifact.file.size) > limit)
        .map(|artifact| format!("{} ({:.2} MB)", artifact.file.name, mb(artifact.file.size)))
        .collect();
    if large.is_empty() { Ok(()) } else { Err(Error::TooLarge { limit, files: large.join(", ") }) }
}
