//! Results in the order of the outputs: in memory, or on disk where they are too many.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use fisc_shared::verdict::Compliance;
use itertools::{Either, Itertools};

use crate::report::{Evaluation, Problem, Undecided};
use crate::spill::SpillError;

/// A result, which belongs to a class that is counted.
pub trait Row: Clone + fmt::Debug + 'static {
    /// What results are counted by.
    type Class: Ord + Copy;

    /// The class of this one.
    fn class(&self) -> Self::Class;
}

impl Row for Evaluation {
    /// What the control says, and the control's id.
    type Class = (Compliance, &'static str);

    fn class(&self) -> Self::Class {
        (self.verdict.compliance(), self.control.id)
    }
}

impl Row for Undecided {
    /// The control's id.
    type Class = &'static str;

    fn class(&self) -> Self::Class {
        self.control.id
    }
}

impl Row for Problem {
    /// The control's id, where only one could not decide.
    type Class = Option<&'static str>;

    fn class(&self) -> Self::Class {
        self.control
    }
}

/// Results on disk.
pub trait OnDisk<T: Row>: fmt::Debug {
    /// How many there are of every class.
    fn counts(&self) -> BTreeMap<T::Class, usize>;

    /// All of them in order, made as they are read.
    fn rows(&self) -> Box<dyn Iterator<Item = Result<T, SpillError>> + '_>;
}

/// Results in order.
#[derive(Debug)]
pub enum Results<T: Row> {
    /// All in memory.
    Memory(Vec<T>),
    /// On disk.
    Disk(Box<dyn OnDisk<T>>),
}

impl<T: Row> Default for Results<T> {
    fn default() -> Self {
        Self::Memory(Vec::new())
    }
}

impl<T: Row> From<Vec<T>> for Results<T> {
    fn from(rows: Vec<T>) -> Self {
        Self::Memory(rows)
    }
}

impl<T: Row> Results<T> {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Memory(rows) => rows.len(),
            Self::Disk(rows) => rows.counts().values().sum(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many of every class.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<T::Class, usize> {
        match self {
            Self::Memory(rows) => {
                let mut counts = BTreeMap::new();
                // Those of a class mostly stand together.
                for (many, class) in rows.iter().map(Row::class).dedup_with_count() {
                    *counts.entry(class).or_default() += many;
                }
                counts
            }
            Self::Disk(rows) => rows.counts(),
        }
    }

    /// All of them in order. What is on disk is there only while it is looked at.
    pub fn iter(&self) -> impl Iterator<Item = Result<Cow<'_, T>, SpillError>> {
        match self {
            Self::Memory(rows) => Either::Left(rows.iter().map(|one| Ok(Cow::Borrowed(one)))),
            Self::Disk(rows) => Either::Right(rows.rows().map(|one| one.map(Cow::Owned))),
        }
    }

    /// All of them in memory.
    ///
    /// # Errors
    /// When they cannot be read back from disk.
    pub fn into_vec(self) -> Result<Vec<T>, SpillError> {
        match self {
            Self::Memory(rows) => Ok(rows),
            Self::Disk(rows) => rows.rows().collect(),
        }
    }
}
