//! Seeds, bent: what a fuzzer does with the feedback left out.

use std::fmt;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::seeds;

/// Pieces that mean something to one of the readers.
const TOKENS: [&[u8]; 28] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b":",
    b",",
    b"null",
    b"-1",
    b"1e999",
    b"1e-999",
    b"18446744073709551615",
    b"\\u0000",
    b"\\ud800",
    b"*",
    b"?",
    b"${",
    b"%",
    b"'",
    b"\0",
    b"\n",
    b"\xFF",
    b"\x1F\x8B\x08\0",
    b"<root_account>",
    b"N/A",
    b"$.",
    b"&&",
];

/// An input, shown as text where a test fails.
#[derive(Clone)]
pub struct Bytes(pub Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

#[derive(Debug, Clone)]
enum Change {
    /// Put a token in.
    Insert(Index, &'static [u8]),
    /// Overwrite a byte.
    Overwrite(Index, u8),
    /// Take a run out.
    Remove(Index, usize),
    /// Repeat a run.
    Repeat(Index, usize, usize),
    /// Put a run somewhere else too.
    Copy(Index, usize, Index),
    /// End here.
    Cut(Index),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let at = |index: &Index, bytes: &[u8]| index.index(bytes.len() + 1);
        let run = |index: &Index, length: usize, bytes: &[u8]| {
            let start = at(index, bytes);
            start..(start + length).min(bytes.len())
        };
        match self {
            Self::Insert(index, token) => {
                let at = at(index, bytes);
                bytes.splice(at..at, token.iter().copied());
            }
            Self::Overwrite(index, byte) => {
                let at = at(index, bytes);
                if let Some(old) = bytes.get_mut(at) {
                    *old = *byte;
                }
            }
            Self::Remove(index, length) => {
                bytes.drain(run(index, *length, bytes));
            }
            Self::Repeat(index, length, times) => {
                let run = run(index, *length, bytes);
                let again = bytes.get(run.clone()).unwrap_or_default().repeat(*times);
                bytes.splice(run.end..run.end, again);
            }
            Self::Copy(index, length, to) => {
                let piece = bytes.get(run(index, *length, bytes)).unwrap_or_default().to_vec();
                let to = at(to, bytes);
                bytes.splice(to..to, piece);
            }
            Self::Cut(index) => bytes.truncate(at(index, bytes)),
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<Index>;
    prop_oneof![
        4 => (index(), select(&TOKENS[..])).prop_map(|(at, token)| Change::Insert(at, token)),
        3 => (index(), any::<u8>()).prop_map(|(at, byte)| Change::Overwrite(at, byte)),
        2 => (index(), 0..40usize).prop_map(|(at, length)| Change::Remove(at, length)),
        2 => (index(), 1..60usize, 1..30usize)
            .prop_map(|(at, length, times)| Change::Repeat(at, length, times)),
        2 => (index(), 1..60usize, index()).prop_map(|(at, length, to)| Change::Copy(at, length, to)),
        1 => index().prop_map(Change::Cut),
    ]
}

/// Inputs for a fuzz target: its seeds, changed in some places, and now and then any bytes.
pub fn inputs(target: &str) -> impl Strategy<Value = Bytes> + use<> {
    let bent = (select(seeds(target)), vec(change(), 0..8)).prop_map(|(mut seed, changes)| {
        changes.iter().for_each(|change| change.apply(&mut seed));
        seed
    });
    prop_oneof![9 => bent, 1 => vec(any::<u8>(), 0..200)].prop_map(Bytes)
}
