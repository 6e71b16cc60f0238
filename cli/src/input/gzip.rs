//! Opens what a source delivers: plain text or gzip, told by the first bytes and not by the name.

use std::io::{self, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;

/// Formats that are recognised to say so.
const UNREADABLE: [(&[u8], &str); 6] = [
    (b"PK\x03\x04", "a ZIP archive: unpack it first"),
    (b"\x28\xB5\x2F\xFD", "compressed with zstd: decompress it first"),
    (b"BZh", "compressed with bzip2: decompress it first"),
    (b"\xFD7zXZ", "compressed with xz: decompress it first"),
    (b"\xFF\xFE", "UTF-16, as PowerShell writes it: save it as UTF-8"),
    (b"\xFE\xFF", "UTF-16: save it as UTF-8"),
];
const GZIP: &[u8] = b"\x1F\x8B";
const BUFFER: usize = 128 * 1024;

/// The decompressed bytes of a source.
pub type Decoded = Box<dyn Read + Send>;

/// Decompresses `source` where it is gzip.
///
/// # Errors
/// When it cannot be read, or has a format that is recognised but not supported.
pub fn decode(mut source: impl Read + Send + 'static) -> io::Result<Decoded> {
    let mut head = Vec::new();
    source.by_ref().take(8).read_to_end(&mut head)?;
    if let Some((_, advice)) = UNREADABLE.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, format!("the file is {advice}")));
    }
    let gzip = head.starts_with(GZIP);
    let whole = Cursor::new(head).chain(source);
    Ok(if gzip {
        Box::new(Named(MultiGzDecoder::new(BufReader::with_capacity(BUFFER, whole))))
    } else {
        Box::new(whole)
    })
}

/// Says of an error that it is the compression that is damaged.
struct Named<R>(R);

impl<R: Read> Read for Named<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => io::Error::new(
                error.kind(),
                "the gzip data ends too early: the file was cut off; get it again",
            ),
            io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
                io::Error::new(error.kind(), format!("the gzip data is damaged: {error}"))
            }
            _ => error,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    fn gzip(data: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn read(data: Vec<u8>) -> io::Result<Vec<u8>> {
        let mut all = Vec::new();
        decode(Cursor::new(data))?.read_to_end(&mut all)?;
        Ok(all)
    }

    #[test]
    fn plain_and_gzip_are_told_by_their_first_bytes() {
        assert_eq!(read(b"[1]".to_vec()).unwrap(), b"[1]");
        assert_eq!(read(Vec::new()).unwrap(), b"");
        assert_eq!(read(gzip(b"[1]")).unwrap(), b"[1]");
        let mut members = gzip(b"[1,");
        members.extend(gzip(b"2]"));
        assert_eq!(read(members).unwrap(), b"[1,2]");
    }

    #[test]
    fn every_damage_of_gzip_is_an_error() {
        let good = gzip(&b"0123456789".repeat(100));
        for length in 3..good.len() {
            let error = read(good.get(..length).unwrap().to_vec()).unwrap_err();
            assert!(error.to_string().contains("ends too early"), "{length}: {error}");
        }
        let mut garbage = good.clone();
        garbage.extend(b"garbage after the end");
        assert!(read(garbage).is_err());
        let mut flipped = good;
        let last = flipped.len() - 6;
        flipped[last] ^= 1;
        assert!(read(flipped).unwrap_err().to_string().contains("damaged"));
    }

    #[test]
    fn other_formats_are_named() {
        assert!(read(b"PK\x03\x04....".to_vec()).unwrap_err().to_string().contains("ZIP"));
        assert!(read(b"\xFF\xFE[\0]\0".to_vec()).unwrap_err().to_string().contains("UTF-16"));
    }
}
