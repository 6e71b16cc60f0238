//! What the figures are from.

use std::fmt;
use std::fs;
use std::num::NonZero;
use std::thread;

use serde::{Deserialize, Serialize};

/// A machine.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Machine {
    processor: String,
    cores: usize,
    memory: String,
    kernel: String,
    /// Processes that wanted to run, on average, in the minute before: more than the cores are
    /// worth, and times by the clock say little.
    load: String,
}

impl Machine {
    /// This one.
    pub(crate) fn here() -> Self {
        let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
        let value = |text: &str, key: &str| {
            let line = text.lines().find(|line| line.starts_with(key)).unwrap_or_default();
            line.split_once(':').map_or("unknown", |(_, value)| value.trim()).to_owned()
        };
        let first = |text: String| text.split(' ').next().unwrap_or_default().trim().to_owned();
        Self {
            processor: value(&read("/proc/cpuinfo"), "model name"),
            cores: thread::available_parallelism().map_or(1, NonZero::get),
            memory: value(&read("/proc/meminfo"), "MemTotal"),
            kernel: first(read("/proc/sys/kernel/osrelease")),
            load: first(read("/proc/loadavg")),
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { processor, cores, memory, kernel, load } = self;
        write!(f, "{processor}, {cores} cores, {memory}, Linux {kernel}, load {load}")
    }
}
