//! Runs a command and says what it took.
//!
//! A process starts with the peak of its parent in its books (Linux counts it on `exec`), so that
//! a measurement from this process, which holds the emulated AWS, would say too much. Therefore
//! every command is started by a small helper: this binary again, with `timed`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use wait4::Wait4;

use crate::error::{Error, at};

/// What one run of a command took.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Usage {
    /// Seconds by the clock.
    pub(crate) wall: f64,
    /// Seconds of processor time, of all threads, in the process and in the kernel for it.
    pub(crate) cpu: f64,
    /// The largest resident memory in bytes.
    pub(crate) peak: u64,
    /// Exit code; none when a signal ended it.
    pub(crate) code: Option<i32>,
}

/// The medians of several runs.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Median {
    /// Seconds by the clock.
    pub(crate) wall: f64,
    /// Seconds of processor time.
    pub(crate) cpu: f64,
    /// Bytes of resident memory.
    pub(crate) peak: f64,
    /// How many runs.
    pub(crate) runs: usize,
}

impl Median {
    /// The medians of `runs`, each figure by itself.
    #[must_use]
    pub(crate) fn of(runs: &[Usage]) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "fewer bytes than 2^52")]
        let peak = |run: &Usage| run.peak as f64;
        Self {
            wall: median(runs.iter().map(|run| run.wall)),
            cpu: median(runs.iter().map(|run| run.cpu)),
            peak: median(runs.iter().map(peak)),
            runs: runs.len(),
        }
    }
}

/// The median; NaN of nothing.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.get(middle.wrapping_sub(1)), values.get(middle)) {
        (Some(a), Some(b)) if values.len() % 2 == 0 => f64::midpoint(*a, *b),
        (_, Some(b)) => *b,
        _ => f64::NAN,
    }
}

/// A command to measure.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    program: PathBuf,
    arguments: Vec<String>,
    env: Vec<(String, String)>,
    cores: Option<usize>,
    /// The exit codes of success.
    good: Vec<i32>,
}

impl Job {
    /// Runs `program` with nothing; success is the exit code 0.
    pub(crate) fn new(program: impl Into<PathBuf>) -> Self {
        let program = program.into();
        Self { program, arguments: Vec::new(), env: Vec::new(), cores: None, good: vec![0] }
    }

    /// With these arguments too.
    #[must_use]
    pub(crate) fn args<T: ToString>(mut self, arguments: impl IntoIterator<Item = T>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|one| one.to_string()));
        self
    }

    /// With these environment variables too.
    #[must_use]
    pub(crate) fn envs(mut self, env: impl IntoIterator<Item = (String, String)>) -> Self {
        self.env.extend(env);
        self
    }

    /// On the first processors only.
    #[must_use]
    pub(crate) const fn on_cores(mut self, cores: usize) -> Self {
        self.cores = Some(cores);
        self
    }

    /// These exit codes are no failure either.
    #[must_use]
    pub(crate) fn or_codes(mut self, codes: &[i32]) -> Self {
        self.good.extend_from_slice(codes);
        self
    }

    /// Runs it once.
    ///
    /// # Errors
    /// When it cannot be started, or ends with another exit code than those of success.
    pub(crate) fn run(&self) -> Result<Usage, Error> {
        let own = std::env::current_exe().map_err(at(&"this program"))?;
        let place = tempfile::tempdir().map_err(at(&"a temporary folder"))?;
        let (result, output) = (place.path().join("usage.json"), place.path().join("output"));
        let mut command = match self.cores {
            Some(cores) => {
                let mut command = Command::new("taskset");
                command.arg("-c").arg(format!("0-{}", cores.saturating_sub(1))).arg(own);
                command
            }
            None => Command::new(own),
        };
        command.arg("timed").arg(&result).arg(&output).arg("--").arg(&self.program);
        command.args(&self.arguments).envs(self.env.iter().map(|(name, value)| (name, value)));
        let status = command.stdin(Stdio::null()).status().map_err(at(&self.program.display()))?;
        let text = fs::read_to_string(&result).map_err(|error| Error::Failed {
            command: self.to_string(),
            problem: format!("no measurement ({status}): {error}"),
        })?;
        let usage: Usage = serde_json::from_str(&text)?;
        if usage.code.is_some_and(|code| self.good.contains(&code)) {
            return Ok(usage);
        }
        let said = fs::read(&output).unwrap_or_default();
        let said: String = String::from_utf8_lossy(&said).chars().take(2000).collect();
        Err(Error::Failed {
            command: self.to_string(),
            problem: format!("it ended with {:?}: {said}", usage.code),
        })
    }
}

impl std::fmt::Display for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.program.display(), self.arguments.join(" "))
    }
}

/// Runs jobs in turns, so that what else the machine does falls on all alike, and gives the
/// medians of each in the order of `jobs`.
///
/// # Errors
/// Those of [`Job::run`].
pub(crate) fn in_turns(jobs: &[Job], rounds: usize) -> Result<Vec<Median>, Error> {
    let mut runs = vec![Vec::new(); jobs.len()];
    for _ in 0..rounds {
        for (job, runs) in jobs.iter().zip(&mut runs) {
            runs.push(job.run()?);
        }
    }
    Ok(runs.iter().map(|runs| Median::of(runs)).collect())
}

/// The helper: runs a command, writes what it took to `result` and what it said to `output`.
///
/// # Errors
/// When the command cannot be started.
pub(crate) fn timed(result: &Path, output: &Path, command: &[String]) -> Result<ExitCode, Error> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(Error::Usage("timed needs a command".to_owned()));
    };
    let file = fs::File::create(output).map_err(at(&output.display()))?;
    let errors = file.try_clone().map_err(at(&output.display()))?;
    let begin = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(file)
        .stderr(errors)
        .spawn()
        .map_err(at(program))?;
    let ended = child.wait4().map_err(at(program))?;
    let wall = begin.elapsed().as_secs_f64();
    let cpu: Duration = ended.rusage.utime + ended.rusage.stime;
    let usage = Usage {
        wall,
        cpu: cpu.as_secs_f64(),
        peak: ended.rusage.maxrss,
        code: ended.status.code(),
    };
    fs::write(result, serde_json::to_string(&usage)?).map_err(at(&result.display()))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        let of = |values: &[f64]| median(values.iter().copied());
        assert!(of(&[]).is_nan());
        assert!((of(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((of(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
    }
}
