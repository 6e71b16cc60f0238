//! `fisc scan`: the controls over files of configuration items.

mod collect;
pub mod live;

use std::num::NonZero;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::input::{InputError, Source};
use crate::plan::Plan;
use crate::progress::Progress;
use crate::report::{FileRead, Problem, Report};
use collect::Collector;

/// How many bytes of items are handed to a worker at once.
const BATCH: usize = 256 * 1024;

/// Items of one file on their way to a worker.
struct Batch {
    file: usize,
    bytes: Vec<u8>,
    /// The offset in the file, and the end in `bytes`, of every item.
    items: Vec<(u64, usize)>,
}

impl Batch {
    fn new(file: usize) -> Self {
        Self { file, bytes: Vec::with_capacity(BATCH + BATCH / 4), items: Vec::new() }
    }
}

/// Evaluates files. One thread reads and cuts, the others judge; what is in memory is what the
/// channel between them holds, and the results.
#[must_use]
pub fn scan_files(sources: &[Source], plan: &Plan, progress: &Progress) -> Report {
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let (sender, receiver) = mpsc::sync_channel(workers * 2);
    let receiver = Arc::new(Mutex::new(receiver));
    let mut report = Report::new(plan);
    let mut problems = Vec::new();
    let collected = thread::scope(|scope| {
        let threads: Vec<_> = (0..workers)
            .map(|_| {
                let receiver = Arc::clone(&receiver);
                scope.spawn(move || work(&receiver, plan))
            })
            .collect();
        // The workers alone keep the receiver: should all of them die, sending fails instead of
        // waiting for ever.
        drop(receiver);
        for (file, source) in sources.iter().enumerate() {
            if let Err(error) = read(file, source, &sender, &mut report, &mut problems, progress) {
                let offset = error.offset();
                let position = (file, offset.unwrap_or_default());
                let message = error.to_string();
                problems.push((position, Problem { offset, message, ..Problem::default() }));
            }
        }
        drop(sender);
        let mut all = Collector::new(plan);
        for thread in threads {
            match thread.join() {
                Ok(collected) => all.merge(collected),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    progress.finish();
    for (file, source) in sources.iter().enumerate() {
        let items = collected.items_of(file);
        report.items += items;
        report.files.push(FileRead { name: source.to_string(), items });
    }
    let from_items = collected.finish(&mut report);
    problems.extend(from_items.into_iter().map(|((file, offset), problem)| {
        ((file, offset), Problem { offset: Some(offset), ..problem })
    }));
    problems.sort_by(|(a, one), (b, two)| a.cmp(b).then_with(|| one.control.cmp(&two.control)));
    report.errors = problems
        .into_iter()
        .map(|((file, _), problem)| Problem {
            file: sources.get(file).map(ToString::to_string),
            ..problem
        })
        .collect();
    report.add_account_level();
    // The results are in order already.
    report.sort_open();
    report
}

/// Reads a source to its end or its first damage.
fn read(
    file: usize,
    source: &Source,
    sender: &SyncSender<Batch>,
    report: &mut Report,
    problems: &mut Vec<(collect::Position, Problem)>,
    progress: &Progress,
) -> Result<(), InputError> {
    let mut framer = source.open(progress.bytes())?;
    let mut batch = Batch::new(file);
    let send = |batch: Batch| {
        progress.items(batch.items.len() as u64);
        // Only fails when every worker has panicked, which ends the scan when they are joined.
        let _ = sender.send(batch);
    };
    let end = loop {
        match framer.next_element() {
            Ok(Some(element)) => {
                batch.bytes.extend_from_slice(element.bytes);
                batch.items.push((element.offset, batch.bytes.len()));
                if batch.bytes.len() >= BATCH {
                    send(std::mem::replace(&mut batch, Batch::new(file)));
                }
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(error.into()),
        }
    };
    send(batch);
    let notes = framer.notes();
    if notes.more_pages {
        report.warnings.push(format!(
            "{source} is one page of several (it has a next token): scan the other pages too"
        ));
    }
    for missing in &notes.unprocessed {
        let problem = Problem {
            resource_type: Some(missing.resource_type.clone()),
            resource_id: Some(missing.resource_id.clone()),
            message: "AWS Config did not answer for this resource (unprocessedResourceKeys): \
                      ask again"
                .to_owned(),
            ..Problem::default()
        };
        problems.push(((file, u64::MAX), problem));
    }
    end
}

fn work<'p>(receiver: &Mutex<Receiver<Batch>>, plan: &'p Plan) -> Collector<'p> {
    let mut collector = Collector::new(plan);
    loop {
        let batch = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(batch) = batch else { return collector };
        let mut rest = batch.bytes.as_slice();
        let mut begin = 0;
        for (offset, end) in batch.items {
            let (item, after) = rest.split_at(end - begin);
            collector.add((batch.file, offset), item);
            rest = after;
            begin = end;
        }
    }
}

#[cfg(test)]
mod tests;
