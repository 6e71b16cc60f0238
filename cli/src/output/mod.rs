//! The output formats of a report.

pub mod asff;
pub mod csv;
pub mod html;
pub mod json;
pub mod row;
pub mod sheet;
pub mod table;
pub mod text;
pub mod xlsx;

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use fisc_shared::Language;

use crate::report::Report;
use crate::spill::SpillError;
use crate::terminal::Look;

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// A table for people
    #[default]
    Table,
    /// One JSON object
    Json,
    /// A CSV file for Excel (UTF-8 with BOM), one row per result
    Csv,
    /// A page that needs no network and prints on A4
    Html,
    /// An Excel workbook
    Xlsx,
    /// A list of findings in the AWS Security Finding Format
    Asff,
}

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// Writing failed.
    #[error("{target}: cannot be written: {source}")]
    Write {
        /// Where to.
        target: String,
        /// Why.
        source: io::Error,
    },
    /// A workbook is no text.
    #[error("an Excel workbook is not for a terminal: give --output FILE, or redirect it")]
    Terminal,
    /// More rows than a sheet has.
    #[error(
        "{rows} results are more than an Excel sheet holds ({most}): use --format csv or json, or \
         limit the scan with --control"
    )]
    TooManyRows {
        /// Rows that are needed.
        rows: usize,
        /// Rows that there are.
        most: usize,
    },
    /// The workbook could not be made.
    #[error("the Excel workbook cannot be made: {0}")]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The page could not be made.
    #[error("the HTML page cannot be made: {0}")]
    Page(#[from] askama::Error),
    /// Results that had no room in memory cannot be read back.
    #[error(transparent)]
    Spill(#[from] SpillError),
    /// A stream of the output failed.
    #[error("the output cannot be written: {0}")]
    Io(#[from] io::Error),
}

impl OutputError {
    /// Whether the reader of standard output went away, as `head` does: no reason to complain.
    #[must_use]
    pub fn is_broken_pipe(&self) -> bool {
        match self {
            Self::Write { source, .. } | Self::Io(source) => {
                source.kind() == io::ErrorKind::BrokenPipe
            }
            _ => false,
        }
    }
}

/// Writes a report.
#[derive(Debug, Clone)]
pub struct Writer {
    /// The format.
    pub format: Format,
    /// The file; standard output without one.
    pub path: Option<PathBuf>,
    /// The language.
    pub language: Language,
    /// Whether the table lists passes too.
    pub all: bool,
}

impl Writer {
    /// Writes the report.
    ///
    /// # Errors
    /// [`OutputError`].
    pub fn write(&self, report: &Report) -> Result<(), OutputError> {
        if self.format == Format::Table && self.path.is_none() {
            let mut out = BufWriter::new(anstream::stdout().lock());
            self.write_to(&mut out, report, Look::of_stdout())?;
            return Ok(out.flush()?);
        }
        deliver(self.path.as_deref(), self.format == Format::Xlsx, |out| {
            self.write_to(out, report, Look::of_file())
        })
    }

    fn write_to(
        &self,
        mut out: &mut dyn Write,
        report: &Report,
        look: Look,
    ) -> Result<(), OutputError> {
        match self.format {
            Format::Table => table::write(&mut out, report, self.language, look, self.all)?,
            Format::Json => json::write(&mut out, report, self.language)?,
            Format::Csv => csv::write(&mut out, report, self.language)?,
            Format::Html => html::write(&mut out, report, self.language)?,
            Format::Xlsx => xlsx::write(&mut out, report, self.language)?,
            Format::Asff => asff::write(&mut out, report, self.language)?,
        }
        Ok(())
    }
}

/// Writes to a file, or to standard output without one. A workbook is not for a terminal.
///
/// # Errors
/// [`OutputError`], with the file's name where it cannot be written.
pub fn deliver(
    path: Option<&Path>,
    workbook: bool,
    write: impl FnOnce(&mut dyn Write) -> Result<(), OutputError>,
) -> Result<(), OutputError> {
    let Some(path) = path else {
        if workbook && io::stdout().is_terminal() {
            return Err(OutputError::Terminal);
        }
        let mut out = BufWriter::new(io::stdout().lock());
        write(&mut out)?;
        return Ok(out.flush()?);
    };
    let failed = |source| OutputError::Write { target: path.display().to_string(), source };
    let mut file = BufWriter::new(File::create(path).map_err(failed)?);
    write(&mut file)?;
    file.flush().map_err(failed)
}
