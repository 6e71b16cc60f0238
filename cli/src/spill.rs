//! Rows that do not fit into memory: written to temporary files in blocks, and read back.
//!
//! A temporary file has no name, where the system knows such files: nobody else can open it, and
//! it is gone when the process is, however it ends.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::slice;
use std::sync::{Mutex, PoisonError};

use itertools::Itertools;
use lz4_flex::block::{compress_into, decompress_into, get_maximum_output_size};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// How many bytes of rows make a block. Every open list of rows holds one.
const BLOCK: usize = 16 * 1024;

/// Why rows could not be kept on disk.
#[derive(Debug, thiserror::Error)]
pub enum SpillError {
    /// There is no temporary file to be had.
    #[error(
        "{folder}: the results need a temporary file, which cannot be made here: {source}; name \
         another folder in the environment variable TMPDIR (on Windows: TEMP)"
    )]
    Create {
        /// Where.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Writing failed; mostly the disk is full.
    #[error(
        "{folder}: the results cannot be kept in a temporary file: {source}; make room there, or \
         name a folder with more room in the environment variable TMPDIR (on Windows: TEMP)"
    )]
    Write {
        /// Where.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Reading back failed.
    #[error(
        "{folder}: the temporary file of the results cannot be read back: {source}; scan again"
    )]
    Read {
        /// Where.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What was read back is not what was written.
    #[error(
        "{folder}: the temporary file of the results is damaged ({problem}): check the disk and \
         scan again"
    )]
    Damaged {
        /// Where.
        folder: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

/// A temporary file that blocks are appended to.
#[derive(Debug)]
pub struct Store {
    /// Its cursor is set and used in one go.
    file: Mutex<File>,
    folder: PathBuf,
    end: u64,
    /// Room for a compressed block.
    scratch: Vec<u8>,
}

/// Where a block is, how long it is there, and how long it is in memory.
#[derive(Debug, Clone, Copy)]
struct Block {
    at: u64,
    stored: u32,
    length: u32,
}

impl Store {
    /// Makes the file.
    ///
    /// # Errors
    /// [`SpillError::Create`].
    pub fn create(folder: &Path) -> Result<Self, SpillError> {
        match tempfile::tempfile_in(folder) {
            Ok(file) => Ok(Self::over(file, folder)),
            Err(source) => Err(SpillError::Create { folder: folder.to_owned(), source }),
        }
    }

    fn over(file: File, folder: &Path) -> Self {
        Self { file: Mutex::new(file), folder: folder.to_owned(), end: 0, scratch: Vec::new() }
    }

    /// That rows read back make no sense.
    pub fn damaged(&self, problem: impl ToString) -> SpillError {
        SpillError::Damaged { folder: self.folder.clone(), problem: problem.to_string() }
    }

    fn append(&mut self, bytes: &[u8]) -> Result<Block, SpillError> {
        self.scratch.resize(get_maximum_output_size(bytes.len()), 0);
        let packed =
            compress_into(bytes, &mut self.scratch).map_err(|error| self.damaged(error))?;
        let stored = self.scratch.get(..packed).unwrap_or_default();
        let at = self.end;
        let file = self.file.get_mut().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(at))
            .and_then(|_| file.write_all(stored))
            .map_err(|source| SpillError::Write { folder: self.folder.clone(), source })?;
        self.end += packed as u64;
        let length = |length: usize| u32::try_from(length).map_err(|error| self.damaged(error));
        Ok(Block { at, stored: length(packed)?, length: length(bytes.len())? })
    }

    fn read(
        &self,
        block: Block,
        stored: &mut Vec<u8>,
        into: &mut Vec<u8>,
    ) -> Result<(), SpillError> {
        stored.resize(block.stored as usize, 0);
        into.resize(block.length as usize, 0);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(block.at))
            .and_then(|_| file.read_exact(stored))
            .map_err(|source| SpillError::Read { folder: self.folder.clone(), source })?;
        drop(file);
        match decompress_into(stored, into) {
            Ok(length) if length == into.len() => Ok(()),
            Ok(_) => Err(self.damaged("a block is too short")),
            Err(error) => Err(self.damaged(error)),
        }
    }
}

/// A list of rows that is being written.
#[derive(Debug, Default)]
pub struct Writing {
    blocks: Vec<Block>,
    pending: Vec<u8>,
    rows: usize,
}

impl Writing {
    /// Adds a row at the end.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn push(&mut self, store: &mut Store, row: &impl Serialize) -> Result<(), SpillError> {
        let pending = std::mem::take(&mut self.pending);
        self.pending = postcard::to_extend(row, pending).map_err(|error| store.damaged(error))?;
        self.rows += 1;
        if self.pending.len() >= BLOCK { self.flush(store) } else { Ok(()) }
    }

    fn flush(&mut self, store: &mut Store) -> Result<(), SpillError> {
        if !self.pending.is_empty() {
            self.blocks.push(store.append(&self.pending)?);
            self.pending.clear();
        }
        Ok(())
    }

    /// Ends the list.
    ///
    /// # Errors
    /// When its last rows cannot be written.
    pub fn close(mut self, store: &mut Store) -> Result<Written, SpillError> {
        self.flush(store)?;
        self.blocks.shrink_to_fit();
        Ok(Written { blocks: self.blocks, rows: self.rows })
    }
}

/// A list of rows on disk, to be read as often as needed.
#[derive(Debug)]
pub struct Written {
    blocks: Vec<Block>,
    rows: usize,
}

impl Written {
    /// How many rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Reads from the first row on. `store` is the one that they were written to.
    #[must_use]
    pub fn read<'s>(&'s self, store: &'s Store) -> Reader<'s> {
        let (stored, block) = (Vec::new(), Vec::new());
        Reader { store, blocks: self.blocks.iter(), stored, block, at: 0 }
    }
}

/// Reads rows in the order in which they were written.
#[derive(Debug)]
pub struct Reader<'s> {
    store: &'s Store,
    blocks: slice::Iter<'s, Block>,
    stored: Vec<u8>,
    block: Vec<u8>,
    at: usize,
}

impl Reader<'_> {
    /// The next row; `None` after the last.
    ///
    /// # Errors
    /// When it cannot be read, or is not a `T`.
    pub fn next_row<'a, T: Deserialize<'a>>(&'a mut self) -> Result<Option<T>, SpillError> {
        if self.at >= self.block.len() {
            let Some(&block) = self.blocks.next() else { return Ok(None) };
            self.store.read(block, &mut self.stored, &mut self.block)?;
            self.at = 0;
        }
        let rest = self.block.get(self.at..).unwrap_or_default();
        let (row, rest) =
            postcard::take_from_bytes(rest).map_err(|error| self.store.damaged(error))?;
        self.at = self.block.len() - rest.len();
        Ok(Some(row))
    }

    /// The rows, each by itself.
    pub fn owned<T: DeserializeOwned>(mut self) -> impl Iterator<Item = Result<T, SpillError>> {
        std::iter::from_fn(move || self.next_row().transpose())
    }
}

/// Lists that are sorted, each by itself; the file is made with the first.
#[derive(Debug)]
pub struct Runs {
    folder: PathBuf,
    store: Option<Store>,
    runs: Vec<Written>,
}

impl Runs {
    /// None yet.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), store: None, runs: Vec::new() }
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Writes a list; its rows are in order.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add<T: Serialize>(
        &mut self,
        rows: impl IntoIterator<Item = T>,
    ) -> Result<(), SpillError> {
        let store = match &mut self.store {
            Some(store) => store,
            none => none.insert(Store::create(&self.folder)?),
        };
        let mut run = Writing::default();
        for row in rows {
            run.push(store, &row)?;
        }
        self.runs.push(run.close(store)?);
        Ok(())
    }

    /// How many rows there are in all lists.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.runs.iter().map(Written::rows).sum()
    }

    /// Readers of all lists.
    pub fn readers(&self) -> impl Iterator<Item = Reader<'_>> {
        self.store.iter().flat_map(|store| self.runs.iter().map(|run| run.read(store)))
    }
}

/// Merges sorted lists into one; `before` says whether a row goes before another. Errors come
/// first.
pub fn merged<T>(
    lists: impl IntoIterator<Item: Iterator<Item = Result<T, SpillError>>>,
    before: impl Fn(&T, &T) -> bool,
) -> impl Iterator<Item = Result<T, SpillError>> {
    lists.into_iter().kmerge_by(move |a, b| match (a, b) {
        (Ok(a), Ok(b)) => before(a, b),
        (one, _) => one.is_err(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_in_order_and_runs_merge() {
        let folder = tempfile::tempdir().unwrap();
        let mut runs = Runs::new(folder.path());
        let text = |number: u32| "x".repeat(number as usize % 90);
        for begin in 0..7 {
            runs.add((0..3000).map(|step| (begin + 7 * step, text(step)))).unwrap();
        }
        // Nothing in the folder has a name.
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        for _ in 0..2 {
            let lists = runs.readers().map(Reader::owned::<(u32, String)>);
            let all: Vec<_> = merged(lists, |a, b| a.0 < b.0).collect::<Result<_, _>>().unwrap();
            assert_eq!(all.len(), 21_000);
            for (expected, (number, letters)) in (0_u32..).zip(&all) {
                assert_eq!((*number, letters), (expected, &text(expected / 7)));
            }
        }
        assert!(runs.runs.iter().all(|run| run.rows() == 3000 && run.blocks.len() > 1));
    }

    #[test]
    fn without_a_folder_the_error_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("gone");
        let error = Runs::new(&missing).add([1]).unwrap_err();
        assert!(matches!(error, SpillError::Create { .. }), "{error}");
        let error = error.to_string();
        assert!(error.starts_with(missing.to_str().unwrap()), "{error}");
        assert!(error.contains("TMPDIR"), "{error}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_an_error_that_says_what_to_do() {
        let full = File::options().read(true).write(true).open("/dev/full").unwrap();
        let mut store = Store::over(full, Path::new("/full"));
        let mut rows = Writing::default();
        rows.push(&mut store, &1).unwrap();
        let error = rows.close(&mut store).unwrap_err();
        assert!(matches!(error, SpillError::Write { .. }), "{error}");
        let error = error.to_string();
        assert!(error.starts_with("/full: ") && error.contains("TMPDIR"), "{error}");
    }

    #[test]
    fn a_file_that_was_changed_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::create(folder.path()).unwrap();
        let mut rows = Writing::default();
        for number in 0..100_u32 {
            rows.push(&mut store, &format!("row {number}")).unwrap();
        }
        let rows = rows.close(&mut store).unwrap();
        store.file.get_mut().unwrap().set_len(store.end - 1).unwrap();
        let error = rows.read(&store).next_row::<String>().unwrap_err();
        assert!(matches!(error, SpillError::Read { .. }), "{error}");
        let file = store.file.get_mut().unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file.write_all(&vec![0xFF; store.end as usize]).unwrap();
        let error = rows.read(&store).next_row::<String>().unwrap_err();
        assert!(matches!(error, SpillError::Damaged { .. }), "{error}");
    }
}
