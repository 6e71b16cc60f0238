//! What can go wrong with a measurement.

use std::fmt::Display;
use std::io;

/// Why a measurement could not be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A file, folder, program or socket.
    #[error("{what}: {source}")]
    Io {
        /// Which.
        what: String,
        /// Why.
        source: io::Error,
    },
    /// A command that is measured failed: its time says nothing.
    #[error("{command}: {problem}")]
    Failed {
        /// The command.
        command: String,
        /// What happened.
        problem: String,
    },
    /// The command line.
    #[error("{0}")]
    Usage(String),
    /// JSON that is none.
    #[error("not the JSON that was expected: {0}")]
    Json(#[from] serde_json::Error),
    /// The certificates of the local endpoint.
    #[error("the local TLS endpoint cannot start: {0}")]
    Tls(String),
}

/// Names what an I/O error is about.
pub(crate) fn at(what: &impl ToString) -> impl FnOnce(io::Error) -> Error {
    let what = what.to_string();
    move |source| Error::Io { what, source }
}

/// Wraps an error of the TLS libraries.
pub(crate) fn tls(error: impl Display) -> Error {
    Error::Tls(error.to_string())
}
