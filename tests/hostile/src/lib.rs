//! Hostile input for everything that reads what others wrote, and the limits that reading it is
//! held to.
//!
//! What a reader must stand stands beside it, in its crate's module `hostile`: a function over
//! bytes that panics when a property is broken. The same function is run here, on mutated seeds
//! and on monsters, and by the fuzz target of the same name in `fuzz/`, which shares the seeds.

// A test fails by panicking; an error type of the kit's own would only hide where.
#![allow(clippy::expect_used, clippy::panic)]

mod clear;
#[cfg(not(fuzzing))]
mod limits;
mod monsters;
#[cfg(not(fuzzing))]
mod mutate;

pub use clear::clear;
#[cfg(not(fuzzing))]
pub use limits::{bounded, bounded_by};
pub use monsters::{grafted, monsters};
#[cfg(not(fuzzing))]
pub use mutate::{Bytes, inputs};

use std::fs;
use std::path::PathBuf;

/// Holds a target's body to its properties and limits: on its seeds, on the seeds with what does not
/// belong there in each field, and on monsters.
///
/// # Panics
/// When a property is broken.
#[cfg(not(fuzzing))]
pub fn attack(target: &str, body: fn(&[u8])) {
    for (_, monster) in monsters() {
        bounded(&monster, body);
    }
    for (first, seed) in std::iter::once(true).chain(std::iter::repeat(false)).zip(seeds(target)) {
        bounded(&seed, body);
        for grafted in grafted(&seed, first) {
            bounded(&grafted, body);
        }
    }
}

/// The seeds of a fuzz target, by name: well-formed input, small.
///
/// # Panics
/// When there are none.
#[must_use]
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.expect("a folder that can be listed").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{folder:?} is empty");
    files.iter().map(|file| fs::read(file).expect("a seed that can be read")).collect()
}
