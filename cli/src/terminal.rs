//! Standard output: how wide it is, whether it has colours, and what happens when it is closed.

use std::io::{self, Write};

use anstream::ColorChoice;
use fisc_shared::text::tame;

/// Lines of output that is no terminal.
const WIDTH: u16 = 120;
/// Narrower than this nothing reads well.
const NARROWEST: u16 = 72;

/// How to write for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Columns of a line.
    pub width: u16,
    /// Whether colours are wanted: on a terminal, and never with NO_COLOR.
    pub colour: bool,
}

impl Look {
    /// Standard output as it is.
    #[must_use]
    pub fn of_stdout() -> Self {
        let choice = anstream::AutoStream::choice(&io::stdout());
        let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
        // Some pseudo-terminals say that they have no columns at all.
        let seen = comfy_table::Table::new().width().filter(|width| *width > 0);
        let width = seen.or(told).unwrap_or(WIDTH).max(NARROWEST);
        Self { width, colour: choice != ColorChoice::Never }
    }

    /// A file.
    #[must_use]
    pub const fn of_file() -> Self {
        Self { width: WIDTH, colour: false }
    }
}

/// Writes text to standard output.
///
/// # Errors
/// When it cannot be written.
pub fn print(text: &[u8]) -> io::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(text)?;
    out.flush()
}

/// Writes lines to standard error. What cannot be said there cannot be said at all.
pub fn complain(lines: impl IntoIterator<Item = String>) {
    let mut err = anstream::stderr().lock();
    for line in lines {
        let _ = writeln!(err, "fisc: {}", tame(&line));
    }
}
