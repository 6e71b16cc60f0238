//! Measurement 5: what is uploaded to Lambda.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use flate2::Compression;
use flate2::read::DeflateEncoder;
use serde::{Deserialize, Serialize};

use crate::error::{Error, at};

/// The binaries, in the order of the table.
pub(crate) const BINARIES: [&str; 12] = [
    "identity",
    "secrets",
    "encryption",
    "transport",
    "data",
    "network",
    "logging",
    "detection",
    "operations",
    "governance",
    "resilience",
    "findings",
];

/// The local header, the directory entry and the end record of an archive with one file named
/// `bootstrap`, without extra fields.
const ARCHIVE: u64 = 30 + 46 + 22 + 2 * 9;

/// One artifact.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    /// The binary.
    pub(crate) name: String,
    /// Bytes of the binary.
    pub(crate) binary: u64,
    /// Bytes of the zip.
    pub(crate) zipped: u64,
}

/// Measures every binary in `folder`.
///
/// # Errors
/// When one is missing.
pub(crate) fn measure(folder: &Path) -> Result<Vec<Row>, Error> {
    BINARIES
        .into_iter()
        .map(|name| {
            let path = folder.join(name);
            let file = File::open(&path).map_err(at(&path.display()))?;
            let binary = file.metadata().map_err(at(&path.display()))?.len();
            let mut deflated = DeflateEncoder::new(file, Compression::best());
            let zipped = copy(&mut deflated).map_err(at(&path.display()))? + ARCHIVE;
            Ok(Row { name: name.to_owned(), binary, zipped })
        })
        .collect()
}

fn copy(source: &mut impl Read) -> io::Result<u64> {
    io::copy(source, &mut io::sink())
}
