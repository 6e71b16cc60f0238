//! What reading a file must stand: it may be cut off, damaged, or something else altogether.

use std::io::Cursor;

use fisc_hostile::clear;

use super::framer::Framer;
use super::gzip::decode;

/// How much is read here of what a gzip file inflates to; the scan reads on, in constant memory.
const READ: u64 = 32 << 20;

/// The bytes as a file of configuration items.
///
/// # Panics
/// When a property is broken.
pub fn snapshot(data: &[u8]) {
    let Some(decoded) = clear(decode(Cursor::new(data.to_vec()))) else { return };
    let mut framer = Framer::new(std::io::Read::take(decoded, READ));
    let mut end = 0;
    while let Some(Some(element)) = clear(framer.next_element()) {
        assert!(!element.bytes.is_empty(), "an empty element");
        assert!(element.offset >= end, "elements overlap");
        end = element.offset + element.bytes.len() as u64;
    }
    assert!(matches!(framer.next_element(), Ok(None)), "it goes on after its end");
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use fisc_hostile::{Bytes, attack, bounded, bounded_by, inputs};
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn files_stand_monsters() {
        attack("snapshot", snapshot);
    }

    /// A thousand to one: what comes out is items again, and never all of it in memory.
    #[test]
    fn a_gzip_bomb_is_read_in_constant_memory() {
        let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
        bomb.write_all(b"{\"configurationItems\":[0").unwrap();
        for _ in 0..1000 {
            bomb.write_all(&b",          {}".repeat(2500)).unwrap();
        }
        bomb.write_all(b"]}").unwrap();
        bounded_by(8 << 20, &bomb.finish().unwrap(), snapshot);
    }

    proptest! {
        #[test]
        fn bent_files_are_read_or_refused(Bytes(input) in inputs("snapshot")) {
            bounded(&input, snapshot);
        }
    }
}
