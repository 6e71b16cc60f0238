//! The fault matrix: every kind of function × every fault, through the real binaries, AWS Config's
//! events, the queue and Security Hub.
//!
//! Each cell starts from a resource that passes, in AWS Config and in Security Hub. Then the
//! resource fails, the event of that arrives, and the fault strikes a call. What must hold:
//!
//! - A run that could not do its work is a function error of the kind that the table names (or, for
//!   messages of a queue, a message that comes again). It never is a success that wrote nothing.
//! - Meanwhile AWS Config and Security Hub hold the old state or the new one, never a third.
//! - Once the fault is gone and the event was delivered again, both hold the new state: once.
//!
//! `cargo test -p fisc-findings --test faults -- --nocapture` prints the table; with
//! `FISC_FAULT=word` only rows whose name holds the word. The binaries of the other packages must
//! be built (`cargo build --bins`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

mod kinds;
mod pace;
mod page;
mod scene;
mod strikes;
mod table;

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::thread;

use kinds::{Kind, Point};
use strikes::Strike;
use table::{Cell, TABLE};

/// Cells that run at the same time: most of them wait for retries and time-outs.
const THREADS: usize = 12;

/// One run: a cell at one of the calls that its kind makes.
type Job = (Kind, Strike, Point, Cell);

#[test]
fn nothing_is_lost_doubled_or_wrongly_passed() {
    let only = std::env::var("FISC_FAULT").unwrap_or_default();
    let mut jobs: Vec<Job> = Vec::new();
    for (strike, cells) in TABLE {
        if !format!("{strike:?}").contains(&only) {
            continue;
        }
        for (kind, cell) in Kind::ALL.into_iter().zip(cells) {
            if matches!(cell, Cell::None(..)) {
                continue;
            }
            let points = strike.points(kind);
            assert!(!points.is_empty(), "{strike:?} × {kind:?} has no call to strike");
            jobs.extend(points.into_iter().map(|point| (kind, strike, point, cell)));
        }
    }
    // The slow ones first.
    jobs.sort_by_key(|(_, strike, ..)| !strike.is_slow());
    let count = jobs.len();
    let jobs = Mutex::new(VecDeque::from(jobs));
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
                    let Some((kind, strike, point, cell)) = job else { return };
                    if let Err(problem) = scene::play(kind, strike, point, cell) {
                        let text = format!("{strike:?} × {kind:?} at {point}: {problem}");
                        failures.lock().unwrap_or_else(PoisonError::into_inner).push(text);
                    }
                }
            });
        }
    });
    println!("{}", page::plain());
    println!("{count} runs");
    let failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(failures.is_empty(), "{} of {count} runs:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn the_pages_are_current() {
    for (path, text) in page::pages() {
        let path = format!("{}/../../{path}", env!("CARGO_MANIFEST_DIR"));
        if std::env::var_os("FISC_WRITE_PAGES").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let held = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(held == text, "{path} is out of date: run this test with FISC_WRITE_PAGES=1");
    }
}
