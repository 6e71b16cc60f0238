//! The output formats of a report.

pub mod asff;
pub mod csv;
pub mod html;
pub mod json;
pub mod row;
pub mod table;
pub mod text;
pub mod xlsx;

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use fisc_shared::Language;

use crate::report::Report;
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
        match &self.path {
            Some(path) => {
                let failed =
                    |source| OutputError::Write { target: path.display().to_string(), source };
                let mut file = BufWriter::new(create(path).map_err(failed)?);
                self.write_to(&mut file, report, Look::of_file())?;
                file.flush().map_err(failed)
            }
            None => {
                if self.format == Format::Xlsx && io::stdout().is_terminal() {
                    return Err(OutputError::Terminal);
                }
                if self.format == Format::Table {
                    let mut out = BufWriter::new(anstream::stdout().lock());
                    self.write_to(&mut out, report, Look::of_stdout())?;
                    return Ok(out.flush()?);
                }
                let mut out = BufWriter::new(io::stdout().lock());
                self.write_to(&mut out, report, Look::of_file())?;
                Ok(out.flush()?)
            }
        }
    }

    fn write_to(
        &self,
        out: &mut impl Write,
        report: &Report,
        look: Look,
    ) -> Result<(), OutputError> {
        match self.format {
            Format::Table => table::write(out, report, self.language, look, self.all)?,
            Format::Json => json::write(out, report, self.language)?,
            Format::Csv => csv::write(out, report, self.language)?,
            Format::Html => html::write(out, report, self.language)?,
            Format::Xlsx => xlsx::write(out, report, self.language)?,
            Format::Asff => asff::write(out, report, self.language)?,
        }
        Ok(())
    }
}

fn create(path: &Path) -> io::Result<File> {
    File::create(path)
}
