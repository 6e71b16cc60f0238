//! Gzip, pushed in chunk by chunk.

use flate2::{Decompress, FlushDecompress, Status};

/// Fits the second-level cache together with what the hash needs.
const OUT: usize = 64 << 10;

/// The stream is not gzip, or its check value does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken;

/// Inflates one gzip member in constant memory.
pub(super) struct Inflater {
    stream: Decompress,
    out: Box<[u8]>,
    ended: bool,
    trailing: bool,
}

impl Inflater {
    pub(super) fn new() -> Self {
        Self {
            stream: Decompress::new_gzip(15),
            out: vec![0; OUT].into_boxed_slice(),
            ended: false,
            trailing: false,
        }
    }

    /// Takes the next bytes of the file and hands what they inflate to on to `sink`, until that
    /// answers `false`.
    pub(super) fn push(
        &mut self,
        chunk: &[u8],
        mut sink: impl FnMut(&[u8]) -> bool,
    ) -> Result<(), Broken> {
        let mut rest = chunk;
        loop {
            if self.ended {
                self.trailing |= !rest.is_empty();
                return Ok(());
            }
            let (taken, made) = (self.stream.total_in(), self.stream.total_out());
            let status = self.stream.decompress(rest, &mut self.out, FlushDecompress::None);
            let status = status.map_err(|_| Broken)?;
            let taken = progress(taken, self.stream.total_in());
            let made = progress(made, self.stream.total_out());
            rest = rest.get(taken..).unwrap_or_default();
            if !sink(self.out.get(..made).unwrap_or_default()) {
                return Ok(());
            }
            self.ended = matches!(status, Status::StreamEnd);
            // A full buffer may hide more output, even when all input is taken.
            let blocked = made < OUT && (rest.is_empty() || taken == 0);
            if !self.ended && blocked {
                return Ok(());
            }
        }
    }

    /// The stream came to its end, with a check value that fits.
    pub(super) fn ended(&self) -> bool {
        self.ended
    }

    /// Bytes followed the end.
    pub(super) fn trailing(&self) -> bool {
        self.trailing
    }
}

fn progress(before: u64, after: u64) -> usize {
    usize::try_from(after.saturating_sub(before)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;

    use super::*;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn inflate(file: &[u8], chunk: usize) -> (Result<(), Broken>, Vec<u8>, bool, bool) {
        let mut inflater = Inflater::new();
        let mut content = Vec::new();
        for chunk in file.chunks(chunk) {
            let pushed = inflater.push(chunk, |bytes| {
                content.extend_from_slice(bytes);
                true
            });
            if pushed.is_err() {
                return (pushed, content, inflater.ended(), inflater.trailing());
            }
        }
        (Ok(()), content, inflater.ended(), inflater.trailing())
    }

    #[test]
    fn every_chunk_size_gives_the_same() {
        let content: Vec<u8> = (0..300_000u32).flat_map(|n| (n / 7).to_le_bytes()).collect();
        let file = gzip(&content);
        for chunk in [1, 7, 1000, 65_536, file.len()] {
            let (result, inflated, ended, trailing) = inflate(&file, chunk);
            assert_eq!(result, Ok(()));
            assert!(ended && !trailing && inflated == content, "{chunk}");
        }
    }

    #[test]
    fn output_of_exactly_the_buffer_size() {
        for size in [0, 1, OUT - 1, OUT, OUT + 1, 2 * OUT, 10 * OUT] {
            let (result, inflated, ended, trailing) = inflate(&gzip(&vec![3; size]), 1 << 20);
            assert_eq!(result, Ok(()));
            assert!(ended && !trailing && inflated.len() == size, "{size}");
        }
    }

    #[test]
    fn truncated_trailing_and_foreign() {
        let file = gzip(b"{}");
        let (result, _, ended, _) = inflate(&file[..file.len() - 1], 3);
        assert!(result.is_ok() && !ended);
        let mut appended = file.clone();
        appended.extend(&file);
        let (result, inflated, ended, trailing) = inflate(&appended, 5);
        assert!(result.is_ok() && ended && trailing);
        assert_eq!(inflated, b"{}");
        assert_eq!(inflate(b"plain text", 4).0, Err(Broken));
        assert!(!inflate(b"", 1).2);
    }

    #[test]
    fn a_sink_that_has_enough_stops_a_bomb() {
        let bomb = gzip(&vec![0; 50 << 20]);
        let mut seen = 0;
        let mut inflater = Inflater::new();
        inflater
            .push(&bomb, |bytes| {
                seen += bytes.len();
                seen < 1 << 20
            })
            .unwrap();
        assert!(seen <= (1 << 20) + OUT);
    }

    proptest! {
        #[test]
        fn noise_never_panics(noise in proptest::collection::vec(any::<u8>(), 0..2000), chunk in 1usize..100) {
            let mut file = vec![0x1f, 0x8b, 8, 0];
            file.extend(noise);
            let _ = inflate(&file, chunk);
        }
    }
}
