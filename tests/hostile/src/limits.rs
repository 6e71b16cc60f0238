//! Time and memory.

use std::time::{Duration, Instant};

/// What any single input may take in an unoptimised build on a busy machine. What it is to catch
/// takes minutes, or for ever.
const TIME: Duration = Duration::from_secs(120);
/// Memory that reading anything may take.
const BASE: u64 = 16 << 20;
/// Memory for each byte of input: a parsed JSON value of single digits in lists takes 32 bytes
/// for two of text, and vectors double as they grow.
const PER_BYTE: u64 = 64;

/// Runs `body` on `input`, within the time and memory that an input of its length may take.
///
/// # Panics
/// When it takes more, and when `body` does.
pub fn bounded<T>(input: &[u8], body: impl FnMut(&[u8]) -> T) {
    bounded_by(BASE + PER_BYTE * input.len() as u64, input, body);
}

/// Runs `body` on `input`, within the usual time and within `memory` bytes.
///
/// # Panics
/// As [`bounded`].
pub fn bounded_by<T>(memory: u64, input: &[u8], mut body: impl FnMut(&[u8]) -> T) {
    let begun = Instant::now();
    let taken = allocation_counter::measure(|| {
        body(input);
    });
    let time = begun.elapsed();
    let shown = String::from_utf8_lossy(input.get(..200).unwrap_or(input));
    assert!(time < TIME, "{time:?} for {} bytes: {shown}", input.len());
    let peak = taken.bytes_max;
    assert!(peak < memory, "{peak} bytes of memory for {} bytes: {shown}", input.len());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_seen() {
        bounded(b"x", |_| vec![0u8; 1 << 20]);
        let greedy = std::panic::catch_unwind(|| bounded(b"x", |_| vec![1u8; 40 << 20]));
        assert!(greedy.is_err());
    }
}
