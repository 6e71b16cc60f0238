//! The evidence report: for every criterion of the reference what rules show, and what a person
//! attaches for the rest.
//!
//! Results come from files of configuration items, the account, the JSON of scans and reports,
//! or an aggregator ([`source`]); all become the same [`Gathered`]. [`Evidence`] puts them in the
//! order of the reference, purely; each format writes that.

pub mod aggregator;
pub mod annotation;
pub mod compare;
pub mod csv;
pub mod finding;
pub mod gathered;
mod head;
pub mod html;
pub mod json;
pub mod model;
pub mod results;
pub mod source;
mod svg;
#[cfg(test)]
mod testing;
mod words;
pub mod xlsx;

pub use compare::{Change, Changes};
pub use finding::{Counts, Exemption, Finding, Reason, State};
pub use gathered::{Gathered, Origin};
pub use model::{Conclusion, ControlLine, CriterionLine, Evidence, Relation, Silence};

use std::path::PathBuf;

use clap::ValueEnum;
use fisc_shared::Language;
use jiff::Timestamp;

use crate::output::{OutputError, deliver};

/// How an evidence report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ReportFormat {
    /// A page that needs no network and prints on A4
    #[default]
    Html,
    /// An Excel workbook
    Xlsx,
    /// A CSV file for Excel (UTF-8 with BOM): criteria, their controls, and findings
    Csv,
    /// One JSON object
    Json,
}

/// Writes evidence reports.
#[derive(Debug, Clone)]
pub struct ReportWriter {
    /// The format.
    pub format: ReportFormat,
    /// The file; standard output without one.
    pub path: Option<PathBuf>,
    /// The language.
    pub language: Language,
    /// The time that stands on the report.
    pub made: Timestamp,
}

impl ReportWriter {
    /// Writes the report, and what changed since an earlier one.
    ///
    /// # Errors
    /// [`OutputError`].
    pub fn write(&self, evidence: &Evidence, changes: Option<&Changes>) -> Result<(), OutputError> {
        let Self { language, made, .. } = *self;
        deliver(self.path.as_deref(), self.format == ReportFormat::Xlsx, |out| match self.format {
            ReportFormat::Html => html::write(out, evidence, changes, language, made),
            ReportFormat::Xlsx => xlsx::write(out, evidence, changes, language, made),
            ReportFormat::Csv => Ok(csv::write(out, evidence, changes, language)?),
            ReportFormat::Json => Ok(json::write(out, evidence, changes, language, made)?),
        })
    }
}
