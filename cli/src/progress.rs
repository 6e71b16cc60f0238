//! A progress bar on standard error, for work that takes a while.

use std::cell::{Cell, OnceCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Shorter work is not worth a bar.
const PATIENCE: Duration = Duration::from_millis(700);

/// How far a scan is. The bar hides itself where standard error is no terminal.
pub struct Progress {
    started: Instant,
    total: Option<u64>,
    bytes: Arc<AtomicU64>,
    items: Cell<u64>,
    bar: OnceCell<ProgressBar>,
}

impl Progress {
    /// Work over `total` bytes, where that is known.
    #[must_use]
    pub fn over(total: Option<u64>) -> Self {
        Self {
            started: Instant::now(),
            total,
            bytes: Arc::default(),
            items: Cell::new(0),
            bar: OnceCell::new(),
        }
    }

    /// The counter of bytes that were read.
    #[must_use]
    pub const fn bytes(&self) -> &Arc<AtomicU64> {
        &self.bytes
    }

    /// Tells of `count` more items.
    pub fn items(&self, count: u64) {
        self.items.set(self.items.get() + count);
        let elapsed = self.started.elapsed();
        if elapsed < PATIENCE {
            return;
        }
        let bar = self.bar.get_or_init(|| bar(self.total));
        bar.set_position(self.bytes.load(Ordering::Relaxed));
        let per_second = u128::from(self.items.get()) * 1000 / elapsed.as_millis().max(1);
        bar.set_message(format!("{} items, {per_second} items/s", self.items.get()));
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: Option<u64>) -> ProgressBar {
    let template = if total.is_some() {
        "{bar:30} {bytes}/{total_bytes}  {msg}  ETA {eta}"
    } else {
        "{spinner} {bytes}  {msg}"
    };
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = total.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    bar.with_style(style)
}

/// A spinner that says what is being done, for work of unknown length.
#[must_use]
pub fn spinner() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// A bar over things that are counted; it begins without a length.
#[must_use]
pub fn counter() -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {msg}  ETA {eta}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ProgressBar::new(0).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
