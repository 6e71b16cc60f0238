//! How an exemption is told in an annotation, and how it is read back from there.

use super::{Exemption, Source};
use crate::message;
use crate::text::Message;
use crate::verdict::remarks;

/// The words around the fields: before the day, between day and owner, between owner and reason.
struct Frame {
    head: &'static str,
    owner: &'static str,
    reason: [(Source, &'static str); 2],
}

const EN: Frame = Frame {
    head: "exempt until ",
    owner: " by ",
    reason: [(Source::Tag, " (tag), reason "), (Source::File, " (file), reason ")],
};
const JA: Frame = Frame {
    head: "適用除外 期限 ",
    owner: "、承認者 ",
    reason: [(Source::Tag, " (タグ)、理由 "), (Source::File, " (ファイル)、理由 ")],
};

impl Frame {
    fn write(&self, exemption: &Exemption) -> String {
        let Exemption { until, reason, by, source } = exemption;
        let between = self.reason.iter().find(|(of, _)| of == source).map_or("", |(_, text)| text);
        format!("{}{until}{}{by}{between}{reason}", self.head, self.owner)
    }

    fn read(&self, text: &str) -> Option<Exemption> {
        let (until, rest) = text.strip_prefix(self.head)?.split_once(self.owner)?;
        self.reason.iter().find_map(|(source, between)| {
            let (by, reason) = rest.split_once(between)?;
            Some(Exemption {
                until: until.parse().ok()?,
                reason: reason.to_owned(),
                by: by.to_owned(),
                source: *source,
            })
        })
    }
}

/// The place of an exemption, in words: English, Japanese.
pub(super) const fn place(source: Source) -> (&'static str, &'static str) {
    match source {
        Source::Tag => ("in the tag", "タグ"),
        Source::File => ("in the file", "ファイル"),
    }
}

/// What the reason `EXEMPT` says.
pub(super) fn granted(exemption: &Exemption) -> Message {
    let (en, ja) = (EN.write(exemption), JA.write(exemption));
    message!("{en}", "{ja}")
}

/// The exemption that an annotation of this product tells of; `None` when the annotation is of a
/// resource that is not exempt.
#[must_use]
pub fn in_annotation(annotation: &str) -> Option<Exemption> {
    let told = annotation.strip_prefix(remarks::EXEMPT.code)?.strip_prefix(": ")?;
    // What fails follows after the last separator.
    let told = told.rsplit_once(SEPARATOR).map_or(told, |(told, _)| told);
    [EN, JA].iter().find_map(|frame| frame.read(told))
}

/// Between what is told of the exemption and the codes of what fails, in an annotation.
pub(crate) const SEPARATOR: &str = " / ";
