//! As much of HTTP/1.1 as a Lambda and its services speak, with the time of every request.

use std::io::{self, BufRead, Write};

/// One message: its first line, its headers with names in lower case, and its body.
#[derive(Debug)]
pub(crate) struct Message {
    /// `POST / HTTP/1.1`, or `HTTP/1.1 200 OK`.
    pub(crate) line: String,
    /// The head as it came, with the line and the empty line after it.
    pub(crate) head: Vec<u8>,
    headers: Vec<(String, String)>,
    /// The body, without the marks of chunks.
    pub(crate) body: Vec<u8>,
    /// The body as it came.
    raw: Vec<u8>,
}

impl Message {
    /// Reads a message; `None` when the other side is done.
    ///
    /// # Errors
    /// When the connection breaks in the middle.
    pub(crate) fn read(input: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut head = Vec::new();
        let mut line = String::new();
        let mut headers = Vec::new();
        loop {
            let begin = head.len();
            if input.read_until(b'\n', &mut head)? == 0 {
                return if head.is_empty() {
                    Ok(None)
                } else {
                    Err(io::ErrorKind::UnexpectedEof.into())
                };
            }
            let text = String::from_utf8_lossy(head.get(begin..).unwrap_or_default());
            let text = text.trim_end();
            if begin == 0 {
                text.clone_into(&mut line);
            } else if text.is_empty() {
                break;
            } else if let Some((name, value)) = text.split_once(':') {
                headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        let mut message = Self { line, head, headers, body: Vec::new(), raw: Vec::new() };
        if message.header("transfer-encoding").is_some_and(|value| value.contains("chunked")) {
            message.chunks(input)?;
        } else if let Some(length) = message.header("content-length") {
            let length = length.parse().map_err(|_| io::ErrorKind::InvalidData)?;
            message.raw = vec![0; length];
            input.read_exact(&mut message.raw)?;
            message.body.clone_from(&message.raw);
        }
        Ok(Some(message))
    }

    fn chunks(&mut self, input: &mut impl BufRead) -> io::Result<()> {
        loop {
            let mut line = String::new();
            input.read_line(&mut line)?;
            let size = line.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16)
                .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
            self.raw.extend_from_slice(line.as_bytes());
            let mut chunk = vec![0; size + 2];
            input.read_exact(&mut chunk)?;
            self.raw.extend_from_slice(&chunk);
            if size == 0 {
                return Ok(());
            }
            self.body.extend_from_slice(chunk.get(..size).unwrap_or_default());
        }
    }

    /// A header by its name in lower case.
    #[must_use]
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Writes the message on as it came.
    ///
    /// # Errors
    /// When the connection breaks.
    pub(crate) fn forward(&self, out: &mut impl Write) -> io::Result<()> {
        out.write_all(&self.head)?;
        out.write_all(&self.raw)?;
        out.flush()
    }
}
