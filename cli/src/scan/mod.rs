//! `fisc scan`: the controls over files of configuration items.

mod collect;
mod disk;
pub mod live;
mod record;
mod room;
mod stored;

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::input::{InputError, Source};
use crate::plan::Plan;
use crate::progress::Progress;
use crate::report::{FileRead, Problem, Report};
use crate::spill::SpillError;
use collect::{Collector, Seen};
pub use room::Room;

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
/// channel between them holds, and the results as long as there is room for them.
///
/// # Errors
/// When results have no room in memory and cannot be kept on disk.
pub fn scan_files(
    sources: &[Source],
    plan: &Plan,
    progress: &Progress,
    room: &Room,
) -> Result<Report, SpillError> {
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    let (sender, receiver) = mpsc::sync_channel(workers * 2);
    let receiver = Arc::new(Mutex::new(receiver));
    let mut report = Report::new(plan);
    let mut problems = Vec::new();
    let stop = AtomicBool::new(false);
    let collectors = thread::scope(|scope| {
        let threads: Vec<_> = (0..workers)
            .map(|_| {
                let receiver = Arc::clone(&receiver);
                let collector = Collector::new(plan, room.bytes / workers, room);
                let stop = &stop;
                scope.spawn(move || {
                    let done = work(&receiver, collector);
                    stop.fetch_or(done.is_err(), Ordering::Relaxed);
                    done
                })
            })
            .collect();
        // The workers alone keep the receiver: should all of them die, sending fails instead of
        // waiting for ever.
        drop(receiver);
        for (file, source) in sources.iter().enumerate() {
            let reading = Reading { file, source, sender: &sender, stop: &stop, progress };
            if let Err(error) = reading.read(&mut report, &mut problems) {
                let offset = error.offset();
                let position = (file, offset.unwrap_or_default());
                let message = error.to_string();
                problems.push((position, Problem { offset, message, ..Problem::default() }));
            }
        }
        drop(sender);
        let ended = threads.into_iter().map(|thread| match thread.join() {
            Ok(collected) => collected,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        ended.collect::<Result<Vec<_>, _>>()
    });
    progress.finish();
    let mut collectors = collectors?;
    let mut seen = Seen::default();
    for collector in &mut collectors {
        seen.merge(std::mem::take(&mut collector.seen));
    }
    let files: Vec<String> = sources.iter().map(ToString::to_string).collect();
    for (file, name) in files.iter().enumerate() {
        let items = seen.items_of(file);
        report.items += items;
        report.files.push(FileRead { name: name.clone(), items });
    }
    report.accounts = seen.accounts.iter().map(|account| account.as_ref().into()).collect();
    let types = seen.types.into_iter().map(|(name, read)| (name.as_ref().to_owned(), read));
    report.types = types.collect();
    if collectors.iter().any(Collector::has_spilled) {
        for collector in &mut collectors {
            collector.spill()?;
        }
        disk::finish(collectors, plan, room, &problems, files, &mut report)?;
        return Ok(report);
    }
    let mut collected = Collector::new(plan, room.bytes, room);
    for collector in collectors {
        collected.merge(collector);
    }
    let from_items = collected.finish(&mut report);
    problems.extend(from_items.into_iter().map(|((file, offset), problem)| {
        ((file, offset), Problem { offset: Some(offset), ..problem })
    }));
    problems.sort_by(|(a, one), (b, two)| a.cmp(b).then_with(|| one.control.cmp(&two.control)));
    let problems = problems.into_iter();
    let named = |((file, _), problem): (collect::Position, Problem)| Problem {
        file: files.get(file).cloned(),
        ..problem
    };
    report.errors = problems.map(named).collect::<Vec<_>>().into();
    Ok(report)
}

/// A source on its way to the workers.
struct Reading<'a> {
    file: usize,
    source: &'a Source,
    sender: &'a SyncSender<Batch>,
    /// Whether a worker gave up.
    stop: &'a AtomicBool,
    progress: &'a Progress,
}

impl Reading<'_> {
    /// Reads a source to its end or its first damage.
    fn read(
        &self,
        report: &mut Report,
        problems: &mut Vec<(collect::Position, Problem)>,
    ) -> Result<(), InputError> {
        let Self { file, source, sender, stop, progress } = *self;
        let mut framer = source.open(progress.bytes())?;
        let mut batch = Batch::new(file);
        let send = |batch: Batch| {
            progress.items(batch.items.len() as u64);
            // Only fails when no worker is left, which is told when they are joined.
            let _ = sender.send(batch);
        };
        let end = loop {
            match framer.next_element() {
                Ok(Some(element)) => {
                    batch.bytes.extend_from_slice(element.bytes);
                    batch.items.push((element.offset, batch.bytes.len()));
                    if batch.bytes.len() >= BATCH {
                        if stop.load(Ordering::Relaxed) {
                            return Ok(());
                        }
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
}

fn work<'p>(
    receiver: &Mutex<Receiver<Batch>>,
    mut collector: Collector<'p>,
) -> Result<Collector<'p>, SpillError> {
    loop {
        let batch = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(batch) = batch else { return Ok(collector) };
        let mut rest = batch.bytes.as_slice();
        let mut begin = 0;
        for (offset, end) in batch.items {
            let (item, after) = rest.split_at(end - begin);
            collector.add((batch.file, offset), item)?;
            rest = after;
            begin = end;
        }
    }
}

#[cfg(test)]
mod tests;
