//! How much a scan holds in memory.

use std::path::PathBuf;

use crate::spill::SpillError;

/// How many bytes of results a scan holds before it goes to disk: some twenty thousand resources.
const BYTES: usize = 16 << 20;

/// How much a scan may hold in memory, and where it keeps the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    /// Bytes of results that may be in memory, all threads together. An estimate: allocations
    /// have their own overhead.
    pub bytes: usize,
    /// The folder of temporary files.
    pub folder: PathBuf,
}

impl Default for Room {
    /// What is usual, and the system's folder of temporary files.
    fn default() -> Self {
        Self { bytes: BYTES, folder: std::env::temp_dir() }
    }
}

impl Room {
    /// Everything in memory, for those who hold all results anyway.
    #[must_use]
    pub fn unlimited() -> Self {
        Self { bytes: usize::MAX, ..Self::default() }
    }

    /// That rows read back make no sense.
    pub(super) fn damaged(&self, problem: &str) -> SpillError {
        SpillError::Damaged { folder: self.folder.clone(), problem: problem.to_owned() }
    }
}
