//! Tables in Markdown, units, and goals.

use std::fmt;

/// A table.
pub(super) struct Table {
    columns: usize,
    text: String,
}

impl Table {
    pub(super) fn new(head: &[&str]) -> Self {
        let line = vec!["---"; head.len()].join(" | ");
        Self { columns: head.len(), text: format!("| {} |\n| {line} |\n", head.join(" | ")) }
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells: Vec<String> = cells.into_iter().take(self.columns).collect();
        self.text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A goal, and what was measured.
pub(super) struct Goal {
    pub(super) measurement: u8,
    pub(super) what: String,
    limit: f64,
    least: bool,
    pub(super) measured: f64,
}

impl Goal {
    /// The measured figure is to be `limit` or more.
    pub(super) const fn at_least(measurement: u8, what: String, limit: f64, measured: f64) -> Self {
        Self { measurement, what, limit, least: true, measured }
    }

    /// The measured figure is to be `limit` or less.
    pub(super) const fn at_most(measurement: u8, what: String, limit: f64, measured: f64) -> Self {
        Self { measurement, what, limit, least: false, measured }
    }

    pub(super) fn met(&self) -> bool {
        if self.least { self.measured >= self.limit } else { self.measured <= self.limit }
    }

    pub(super) fn wanted(&self) -> String {
        format!("{} {}", if self.least { "≥" } else { "≤" }, self.limit)
    }
}

/// Three digits.
pub(super) fn ratio(value: f64) -> String {
    match value {
        _ if value >= 100.0 => format!("{value:.0}"),
        _ if value >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

pub(super) fn seconds(value: f64) -> String {
    if value < 1.0 { milliseconds(value) } else { format!("{value:.2} s") }
}

pub(super) fn milliseconds(value: f64) -> String {
    let value = value * 1000.0;
    if value < 1.0 { format!("{value:.2} ms") } else { format!("{value:.1} ms") }
}

pub(super) fn megabytes(bytes: f64) -> String {
    format!("{:.1} MB", bytes / 1e6)
}

pub(super) fn bytes(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "sizes far below 2^52")]
    let value = bytes as f64;
    format!("{:.2} MB", value / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_are_met_from_the_right_side() {
        assert!(Goal::at_least(1, String::new(), 25.0, 25.0).met());
        assert!(!Goal::at_least(1, String::new(), 25.0, 24.9).met());
        assert!(Goal::at_most(1, String::new(), 2.5, 2.4).met());
        assert!(!Goal::at_most(1, String::new(), 2.5, 2.6).met());
        // What was not measured is not met.
        assert!(!Goal::at_most(1, String::new(), 2.5, f64::NAN).met());
    }
}
