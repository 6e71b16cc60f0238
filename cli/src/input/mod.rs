//! Files of configuration items: opening, decompressing, and cutting them into items.

pub mod framer;
pub mod gzip;
#[cfg(any(test, fuzzing))]
pub mod hostile;

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use framer::{FrameError, Framer};
use gzip::Decoded;

/// Where items come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// Standard input, written `-`.
    Stdin,
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Self {
        if path.as_os_str() == "-" { Self::Stdin } else { Self::File(path) }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Stdin => f.write_str("(standard input)"),
        }
    }
}

/// Why a source could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// It could not be opened.
    #[error("cannot be opened: {0}")]
    Open(#[from] io::Error),
    /// It is a directory.
    #[error("is a directory: name the files in it, such as {0}/*.json.gz")]
    Directory(String),
    /// It is damaged, or no file of configuration items.
    #[error(transparent)]
    Damaged(#[from] FrameError),
}

impl InputError {
    /// Where in the document the error is.
    #[must_use]
    pub const fn offset(&self) -> Option<u64> {
        match self {
            Self::Damaged(error) => Some(error.offset),
            Self::Open(_) | Self::Directory(_) => None,
        }
    }
}

impl Source {
    /// Opens the source; `read` counts the bytes that are taken from it.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(&self, read: &Arc<AtomicU64>) -> Result<Framer<Decoded>, InputError> {
        let read = Arc::clone(read);
        let decoded = match self {
            Self::Stdin => gzip::decode(Counted { source: io::stdin(), read })?,
            Self::File(path) => {
                let file = File::open(path)?;
                if file.metadata()?.is_dir() {
                    return Err(InputError::Directory(path.display().to_string()));
                }
                gzip::decode(Counted { source: file, read })?
            }
        };
        Ok(Framer::new(decoded))
    }

    /// The size in bytes, where it is known beforehand.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        match self {
            Self::File(path) => {
                path.metadata().ok().filter(std::fs::Metadata::is_file).map(|found| found.len())
            }
            Self::Stdin => None,
        }
    }
}

/// Counts what is read.
struct Counted<R> {
    source: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.source.read(buffer)?;
        self.read.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}
