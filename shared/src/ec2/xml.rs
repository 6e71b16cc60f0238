//! Reading EC2's answers: a small tree of owned elements.

use std::fmt;

use jiff::Timestamp;
use roxmltree::{Document, Node, ParsingOptions};

use crate::error::{Error, Failure, ServiceError};

/// Elements of one answer. The largest pages hold some hundred thousand.
const MAX_NODES: u32 = 4_000_000;

/// EC2 nests its answers about ten deep.
const MAX_DEPTH: usize = 64;

/// An element of an answer. It knows the action that it answers, for errors.
///
/// An empty element and an absent one are the same, as in EC2's answers.
#[derive(Clone, PartialEq, Eq)]
pub struct Xml {
    action: &'static str,
    name: String,
    text: String,
    children: Vec<Self>,
}

/// Without the content: answers hold user data and pre-shared keys.
impl fmt::Debug for Xml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}> with {} element(s)", self.name, self.children.len())
    }
}

impl Xml {
    /// Reads the answer of an action.
    ///
    /// # Errors
    /// When it is not XML, or larger or deeper than any answer of EC2. The error tells nothing
    /// of the content.
    pub fn parse(action: &'static str, answer: &[u8]) -> Result<Self, ServiceError> {
        let error = |what: &str| ServiceError {
            action,
            failure: Failure::Malformed,
            code: None,
            message: format!("the answer of {} bytes {what}", answer.len()),
        };
        let text = std::str::from_utf8(answer).map_err(|_| error("is not UTF-8"))?;
        let options = ParsingOptions { nodes_limit: MAX_NODES, ..ParsingOptions::default() };
        let document = Document::parse_with_options(text, options)
            .map_err(|_| error("is not well-formed XML"))?;
        let root = document.root_element();
        let name = root.tag_name().name().to_owned();
        Self::of(action, name, root, MAX_DEPTH).ok_or_else(|| error("is nested too deeply"))
    }

    fn of(action: &'static str, name: String, node: Node<'_, '_>, depth: usize) -> Option<Self> {
        let depth = depth.checked_sub(1)?;
        let children = node
            .children()
            .filter(Node::is_element)
            .map(|child| {
                let own = child.tag_name().name();
                // "item" alone would not say which list an error is about.
                let own = if own == ITEM { format!("{name}.{ITEM}") } else { own.to_owned() };
                Self::of(action, own, child, depth)
            })
            .collect::<Option<Vec<_>>>()?;
        let text = if children.is_empty() {
            node.children().filter_map(|child| child.text()).collect::<String>().trim().to_owned()
        } else {
            String::new()
        };
        Some(Self { action, name, text, children })
    }

    /// The text of this element.
    #[must_use]
    pub fn content(&self) -> &str {
        &self.text
    }

    /// The element of this name.
    #[must_use]
    pub fn at(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The elements of the list of this name; none when it is absent.
    #[must_use]
    pub fn list(&self, name: &str) -> &[Self] {
        self.at(name).map_or(&[], Self::items)
    }

    /// The elements of this list.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        &self.children
    }

    /// The texts of a list, such as ids.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<String> {
        self.list(name).iter().map(|item| item.text.clone()).collect()
    }

    /// The text of the element of this name.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.at(name).map(Self::content).filter(|text| !text.is_empty())
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// When it is absent or empty.
    pub fn required(&self, name: &str) -> Result<&str, Error> {
        self.text(name).ok_or_else(|| self.missing(name))
    }

    /// A boolean.
    ///
    /// # Errors
    /// When it is something else than `true` or `false`.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Error> {
        self.read(name, "a boolean")
    }

    /// A boolean that must be there.
    ///
    /// # Errors
    /// When it is absent or something else than `true` or `false`.
    pub fn required_flag(&self, name: &str) -> Result<bool, Error> {
        self.flag(name)?.ok_or_else(|| self.missing(name))
    }

    /// A whole number.
    ///
    /// # Errors
    /// When it is something else.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, Error> {
        self.read(name, "a whole number")
    }

    /// A time.
    ///
    /// # Errors
    /// When it is something else.
    pub fn time(&self, name: &str) -> Result<Option<Timestamp>, Error> {
        self.read(name, "a time")
    }

    fn read<T: std::str::FromStr>(&self, name: &str, what: &str) -> Result<Option<T>, Error> {
        self.text(name)
            .map(|text| text.parse().map_err(|_| self.missing(&format!("{name} as {what}"))))
            .transpose()
    }

    /// The error for something that must be there.
    #[must_use]
    pub fn missing(&self, name: &str) -> Error {
        Error::Answer { action: self.action, field: format!("{}.{name}", self.name) }
    }
}

/// How EC2 names the elements of all its lists.
const ITEM: &str = "item";
