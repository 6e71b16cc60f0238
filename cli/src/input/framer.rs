//! Cuts the items out of a JSON document while it is read.
//!
//! A Config snapshot of a large account has gigabytes; parsing it into one value takes several
//! times as much memory. The framer keeps one window of the document: it finds the list of items
//! at the top level, checks the punctuation around the items, and hands each out as the bytes
//! that it consists of. What is inside an item is checked by whoever parses it.

use std::io::{self, Read};
use std::ops::Range;

use fisc_shared::text::json_problem;
use memchr::memchr2;
use serde::Deserialize;
use serde::de::IgnoredAny;

/// How much is read at once.
const CHUNK: u64 = 256 * 1024;
/// The longest single value. AWS Config's largest items have a few megabytes; a value beyond this
/// is a string that was never closed.
const MAX_VALUE: usize = 64 * 1024 * 1024;
/// The members of a top-level object that hold items: snapshot and history files and
/// GetResourceConfigHistory, BatchGetResourceConfig, SelectResourceConfig.
const LISTS: [&str; 3] = ["configurationItems", "baseConfigurationItems", "Results"];
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Why a document cannot be read on, and where.
#[derive(Debug, thiserror::Error)]
#[error("{problem} (byte {offset})")]
pub struct FrameError {
    /// Offset in the document, after decompression.
    pub offset: u64,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a document.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// Nothing but white space.
    #[error("the file is empty: expected JSON of AWS Config")]
    Empty,
    /// The document stops in the middle.
    #[error("the file ends too early, in {within}: it was cut off; get it again")]
    Truncated {
        /// What was being read.
        within: String,
    },
    /// A byte that cannot stand here.
    #[error("expected {expected}, found {found}: the file is damaged or not JSON")]
    Unexpected {
        /// What may stand here.
        expected: &'static str,
        /// What stands here.
        found: String,
    },
    /// A member beside the items is not JSON.
    #[error("not JSON: {}; the file is damaged", json_problem(.0))]
    NotJson(serde_json::Error),
    /// The member that should hold the items is something else.
    #[error("{0} is not a list: expected the JSON of AWS Config")]
    NotAList(&'static str),
    /// A document without items.
    #[error(
        "no configuration items here: expected a snapshot or history file of AWS Config \
         (configurationItems), the result of batch-get-resource-config (baseConfigurationItems) \
         or select-resource-config (Results), a list of items, or one item (resourceType){0}"
    )]
    NoItems(&'static str),
    /// One value that is longer than any item can be.
    #[error("a value of more than {} MiB: a quotation mark or bracket is missing", MAX_VALUE >> 20)]
    TooLong,
    /// The source failed.
    #[error("reading failed: {0}")]
    Read(io::Error),
}

/// One element of the list of items, or the single item of a document.
#[derive(Debug, PartialEq, Eq)]
pub struct Element<'a> {
    /// Where it begins in the document.
    pub offset: u64,
    /// The element, as it stands there.
    pub bytes: &'a [u8],
}

/// A resource that BatchGetResourceConfig did not answer for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unprocessed {
    /// Its type.
    pub resource_type: String,
    /// Its id.
    pub resource_id: String,
}

/// What the document says beside its items.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Notes {
    /// Resources without an answer.
    pub unprocessed: Vec<Unprocessed>,
    /// It is one page of several.
    pub more_pages: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Start,
    /// In the top-level object, before a member.
    Object {
        first: bool,
    },
    /// In a list of items, before an element.
    List {
        first: bool,
        in_object: bool,
    },
    /// After the end of the document.
    Tail,
    Done,
}

/// Reads a document piece by piece.
pub struct Framer<R> {
    source: R,
    /// How much is read at once.
    chunk: u64,
    window: Vec<u8>,
    /// Where the window begins in the document.
    base: u64,
    /// The next byte to look at, in the window.
    at: usize,
    /// Where the document begins in the window, as long as it may turn out to be a single item.
    item_start: Option<usize>,
    failed: Option<io::Error>,
    state: State,
    lists: bool,
    is_item: bool,
    hint: &'static str,
    notes: Notes,
}

impl<R: Read> Framer<R> {
    /// Reads from `source`.
    pub const fn new(source: R) -> Self {
        Self::with_chunk(source, CHUNK)
    }

    const fn with_chunk(source: R, chunk: u64) -> Self {
        Self {
            source,
            chunk,
            window: Vec::new(),
            base: 0,
            at: 0,
            item_start: None,
            failed: None,
            state: State::Start,
            lists: false,
            is_item: false,
            hint: "",
            notes: Notes { unprocessed: Vec::new(), more_pages: false },
        }
    }

    /// The next item; `None` at the end of the document, and after an error.
    ///
    /// # Errors
    /// [`FrameError`]; what was handed out before stays valid.
    pub fn next_element(&mut self) -> Result<Option<Element<'_>>, FrameError> {
        match self.advance() {
            Ok(Some(range)) => Ok(Some(Element {
                offset: self.base + range.start as u64,
                bytes: self.window.get(range).unwrap_or_default(),
            })),
            Ok(None) => Ok(None),
            Err(error) => {
                self.state = State::Done;
                Err(error)
            }
        }
    }

    /// What the document says beside its items; complete after the last item.
    pub const fn notes(&self) -> &Notes {
        &self.notes
    }

    fn advance(&mut self) -> Result<Option<Range<usize>>, FrameError> {
        loop {
            match self.state {
                State::Start => self.start()?,
                State::Object { first } => {
                    if let Some(item) = self.member(first)? {
                        return Ok(Some(item));
                    }
                }
                State::List { first, in_object } => match self.peek_token("the list of items")? {
                    b']' => {
                        self.at += 1;
                        self.state =
                            if in_object { State::Object { first: false } } else { State::Tail };
                    }
                    byte => {
                        if !first {
                            self.expect(byte, b',', "a comma or the end of the list")?;
                            self.peek_token("the list of items")?;
                        }
                        let element = self.value()?;
                        self.state = State::List { first: false, in_object };
                        return Ok(Some(element));
                    }
                },
                State::Tail => match self.peek()? {
                    None => self.state = State::Done,
                    Some(byte) => return Err(self.unexpected("the end of the file", byte)),
                },
                State::Done => return Ok(None),
            }
        }
    }

    fn start(&mut self) -> Result<(), FrameError> {
        self.peek_byte()?;
        if self.window.starts_with(BOM) {
            self.at = BOM.len();
        }
        match self.peek()? {
            None => return Err(self.error(Problem::Empty)),
            Some(b'[') => {
                self.at += 1;
                self.lists = true;
                self.state = State::List { first: true, in_object: false };
            }
            Some(b'{') => {
                self.item_start = Some(self.at);
                self.at += 1;
                self.state = State::Object { first: true };
            }
            Some(byte) => return Err(self.unexpected("an object or a list", byte)),
        }
        Ok(())
    }

    /// Reads a member of the top-level object up to its items, or its end. Gives the whole
    /// document where it ends here and is an item itself.
    fn member(&mut self, first: bool) -> Result<Option<Range<usize>>, FrameError> {
        const WITHIN: &str = "the top-level object";
        let mut byte = self.peek_token(WITHIN)?;
        if byte == b'}' {
            self.at += 1;
            self.state = State::Tail;
            return match self.item_start {
                _ if self.lists => Ok(None),
                Some(start) if self.is_item => Ok(Some(start..self.at)),
                _ => Err(self.error(Problem::NoItems(self.hint))),
            };
        }
        if !first {
            self.expect(byte, b',', "a comma or the end of the object")?;
            byte = self.peek_token(WITHIN)?;
        }
        if byte != b'"' {
            return Err(self.unexpected("a key", byte));
        }
        let key_range = self.value()?;
        let key: String = self.parse(key_range)?;
        let byte = self.peek_token(WITHIN)?;
        self.expect(byte, b':', "a colon")?;
        let byte = self.peek_token(WITHIN)?;
        if let Some(list) = LISTS.into_iter().find(|list| *list == key) {
            if byte != b'[' {
                return Err(self.error(Problem::NotAList(list)));
            }
            self.at += 1;
            self.lists = true;
            self.item_start = None;
            self.state = State::List { first: true, in_object: true };
            return Ok(None);
        }
        let range = self.value()?;
        match key.as_str() {
            "resourceType" => self.is_item = true,
            "invokingEvent" | "messageType" => {
                self.hint = "; this is an event: use `fisc invoke CONTROL --event FILE`";
            }
            "NextToken" | "nextToken" if byte == b'"' => self.notes.more_pages = true,
            "unprocessedResourceKeys" if byte == b'[' => {
                let keys: Vec<Unprocessed> = self.parse(range)?;
                self.notes.unprocessed.extend(keys);
                self.state = State::Object { first: false };
                return Ok(None);
            }
            _ => {}
        }
        let IgnoredAny = self.parse(range)?;
        self.state = State::Object { first: false };
        Ok(None)
    }

    fn parse<'a, T: Deserialize<'a>>(&'a self, range: Range<usize>) -> Result<T, FrameError> {
        let offset = self.base + range.start as u64;
        let bytes = self.window.get(range).unwrap_or_default();
        serde_json::from_slice(bytes)
            .map_err(|error| FrameError { offset, problem: Problem::NotJson(error) })
    }

    /// Goes over the value that begins here.
    fn value(&mut self) -> Result<Range<usize>, FrameError> {
        let mut start = self.at;
        let mut scan = Scan::default();
        match self.window.get(start) {
            Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {}
            Some(&byte) => return Err(self.unexpected("a value", byte)),
            None => return Err(self.truncated("the place of a value".to_owned())),
        }
        loop {
            if let Some(length) = scan.go_on(self.window.get(self.at..).unwrap_or_default()) {
                self.at += length;
                return Ok(start..self.at);
            }
            self.at = self.window.len();
            if self.at - start > MAX_VALUE {
                self.at = start;
                return Err(self.error(Problem::TooLong));
            }
            let began = self.base + start as u64;
            let (more, dropped) = self.fill(start)?;
            start -= dropped;
            if !more {
                if scan.is_scalar() {
                    return Ok(start..self.at);
                }
                return Err(self.truncated(format!("the value that begins at byte {began}")));
            }
        }
    }

    /// The next byte that is not white space, without consuming it.
    fn peek(&mut self) -> Result<Option<u8>, FrameError> {
        loop {
            let rest = self.window.get(self.at..).unwrap_or_default();
            let blank = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
            if let Some(skip) = rest.iter().position(|byte| !blank(byte)) {
                self.at += skip;
                return self.peek_byte();
            }
            self.at = self.window.len();
            if !self.fill(self.at)?.0 {
                return Ok(None);
            }
        }
    }

    fn peek_byte(&mut self) -> Result<Option<u8>, FrameError> {
        if self.at >= self.window.len() {
            self.fill(self.at)?;
        }
        Ok(self.window.get(self.at).copied())
    }

    fn peek_token(&mut self, within: &str) -> Result<u8, FrameError> {
        self.peek()?.ok_or_else(|| self.truncated(within.to_owned()))
    }

    fn expect(&mut self, byte: u8, wanted: u8, expected: &'static str) -> Result<(), FrameError> {
        if byte != wanted {
            return Err(self.unexpected(expected, byte));
        }
        self.at += 1;
        Ok(())
    }

    /// Reads on. Drops what lies before `keep`, and says whether there was more to read and how
    /// much was dropped.
    fn fill(&mut self, keep: usize) -> Result<(bool, usize), FrameError> {
        if let Some(error) = self.failed.take() {
            return Err(self.error(Problem::Read(error)));
        }
        if self.item_start.is_some_and(|start| self.window.len() - start > MAX_VALUE) {
            self.item_start = None;
        }
        let dropped = self.item_start.map_or(keep, |start| start.min(keep));
        self.window.drain(..dropped);
        self.base += dropped as u64;
        self.at -= dropped;
        self.item_start = self.item_start.map(|start| start - dropped);
        match self.source.by_ref().take(self.chunk).read_to_end(&mut self.window) {
            Ok(read) => Ok((read > 0, dropped)),
            // What came before the failure is still good.
            Err(error) if self.window.len() > self.at => {
                self.failed = Some(error);
                Ok((true, dropped))
            }
            Err(error) => Err(self.error(Problem::Read(error))),
        }
    }

    fn error(&self, problem: Problem) -> FrameError {
        FrameError { offset: self.base + self.at as u64, problem }
    }

    fn truncated(&self, within: String) -> FrameError {
        self.error(Problem::Truncated { within })
    }

    fn unexpected(&self, expected: &'static str, byte: u8) -> FrameError {
        let found = match byte {
            0x20..0x7F => format!("{:?}", char::from(byte)),
            _ => format!("the byte 0x{byte:02X}"),
        };
        self.error(Problem::Unexpected { expected, found })
    }
}

/// Finds the end of a value by its quotation marks and brackets.
#[derive(Debug, Default)]
struct Scan {
    depth: usize,
    in_string: bool,
    escaped: bool,
    scalar: bool,
}

impl Scan {
    const fn is_scalar(&self) -> bool {
        self.scalar
    }

    /// Goes on with `bytes`; the length up to the end of the value, `None` when it goes beyond.
    fn go_on(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut rest = bytes;
        let done = |rest: &[u8]| Some(bytes.len() - rest.len());
        loop {
            if self.in_string {
                if self.escaped {
                    rest = rest.split_first()?.1;
                    self.escaped = false;
                }
                let at = memchr2(b'"', b'\\', rest)?;
                let (&byte, after) = rest.get(at..)?.split_first()?;
                rest = after;
                if byte == b'\\' {
                    self.escaped = true;
                    continue;
                }
                self.in_string = false;
                if self.depth == 0 {
                    return done(rest);
                }
            }
            if self.scalar || (self.depth == 0 && !matches!(rest.first()?, b'"' | b'{' | b'[')) {
                // A number or a word; what ends it is no part of it.
                let end = |byte: &u8| {
                    matches!(byte, b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t')
                        || matches!(byte, b'"' | b'[' | b'{' | b':')
                };
                match rest.iter().position(end) {
                    Some(length) => return done(rest.get(length..)?),
                    None => {
                        self.scalar = true;
                        return None;
                    }
                }
            }
            let mark = |byte: &u8| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']');
            let at = rest.iter().position(mark)?;
            let (&byte, after) = rest.get(at..)?.split_first()?;
            if byte == b'"' {
                rest = after;
                self.in_string = true;
            } else if matches!(byte, b'{' | b'[') {
                rest = after;
                self.depth += 1;
            } else {
                rest = after;
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    return done(rest);
                }
            }
        }
    }
}

#[cfg(test)]
#[path = "framer_tests.rs"]
mod tests;
