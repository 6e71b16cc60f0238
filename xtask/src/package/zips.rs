//! Zips with the same bytes for the same binary.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::error::Error;

/// The name under which Lambda's custom runtimes start a program.
const ENTRY: &str = "bootstrap";
/// Everybody reads and starts it; Lambda runs it as another user than the one who packed it.
const MODE: u32 = 0o755;

/// A Lambda package of one program. Nothing but its bytes goes in: the time is the format's
/// first, 1980-01-01, and there is neither a comment nor an extra field.
pub(crate) fn zip(name: &str, program: &[u8]) -> Result<Vec<u8>, Error> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::default())
        .unix_permissions(MODE)
        .large_file(false);
    let packed = || -> zip::result::ZipResult<Vec<u8>> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file(ENTRY, options)?;
        writer.write_all(program)?;
        Ok(writer.finish()?.into_inner())
    };
    packed().map_err(|error| Error::Zip { name: name.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn u16_at(bytes: &[u8], at: usize) -> u16 {
        u16::from_le_bytes([bytes[at], bytes[at + 1]])
    }

    #[test]
    fn the_same_bytes_for_the_same_program_and_other_bytes_for_another() {
        let program = [0x7f, b'E', b'L', b'F', 1, 2, 3].repeat(1000);
        let first = zip("x", &program).unwrap();
        std::thread::sleep(std::time::Duration::from_millis(2100));
        // The format counts time in steps of two seconds.
        assert_eq!(zip("y", &program).unwrap(), first);
        assert_ne!(zip("x", &program[1..]).unwrap(), first);
    }

    #[test]
    fn one_entry_that_lambda_can_start() {
        let program = b"program".repeat(50);
        let bytes = zip("x", &program).unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
        assert_eq!(archive.len(), 1);
        let mut entry = archive.by_index(0).unwrap();
        assert_eq!(entry.name().unwrap(), "bootstrap");
        assert_eq!(entry.unix_mode(), Some(0o100_755));
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        assert_eq!(content, program);
    }

    /// Read by the format's own offsets: nothing of the machine is in the headers.
    #[test]
    fn headers_hold_fixed_values_only() {
        let bytes = zip("x", b"program").unwrap();
        assert_eq!(&bytes[..4], b"PK\x03\x04");
        assert_eq!((u16_at(&bytes, 10), u16_at(&bytes, 12)), (0, 0x21), "1980-01-01 00:00:00");
        assert_eq!(u16_at(&bytes, 28), 0, "no extra field");
        let central = bytes.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
        assert_eq!(bytes[central + 5], 3, "made on Unix, so that the mode counts");
        assert_eq!((u16_at(&bytes, central + 12), u16_at(&bytes, central + 14)), (0, 0x21));
        assert_eq!(u16_at(&bytes, central + 30), 0, "no extra field");
        assert_eq!(u16_at(&bytes, central + 32), 0, "no comment");
        assert_eq!(u16_at(&bytes, central + 40), 0o100_755, "the mode");
        let end = bytes.len() - 22;
        assert_eq!(&bytes[end..end + 4], b"PK\x05\x06");
        assert_eq!(u16_at(&bytes, end + 20), 0, "no comment");
    }
}
