//! The criteria of the reference: what is asked, of whom, and what of it can be checked.

use std::collections::BTreeSet;

use fisc_shared::{Language, Text};

/// One criterion a line; the head of the file names the columns.
const TABLE: &str = include_str!("criteria.tsv");

/// A numbered criterion or sub-item of the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Criterion {
    /// Its number as printed: `実3 8`, `統24 6`, `監1 1`.
    pub number: &'static str,
    /// The part of the guidelines that it stands in.
    pub part: Part,
    /// Who has to fulfil it.
    pub subject: Duty,
    /// What can be checked of it.
    pub disposition: Disposition,
    /// What it is about, in few words of our own.
    pub topic: Text,
    /// What a person attaches for that which no rule can show.
    pub evidence: Text,
}

/// A table of words that stand for the variants of an enum in the file and in JSON.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident: $word:literal, $en:literal, $ja:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word in JSON.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// The words for people.
            #[must_use]
            pub const fn label(self, language: Language) -> &'static str {
                match self {
                    $(Self::$variant => Text::new($en, $ja).get(language),)*
                }
            }

            fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == word)
            }
        }
    };
}

words! {
    /// A part of the guidelines.
    Part {
        /// 統制基準
        Governance: "統制", "governance", "統制";
        /// 実務基準
        Practice: "実務", "practice", "実務";
        /// 監査基準
        Audit: "監査", "audit", "監査";
    }
}

words! {
    /// Who has to fulfil a criterion.
    Duty {
        /// The institution.
        Customer: "customer", "institution", "金融機関";
        /// AWS; its reports are the evidence.
        Aws: "aws", "AWS", "AWS";
        /// Each for its share.
        Both: "both", "both", "双方";
    }
}

words! {
    /// What can be checked of a criterion.
    Disposition {
        /// Rules show what the reference asks for.
        Automated: "automated", "automated", "自動評価";
        /// Rules show a part; a person attaches the rest.
        Partial: "partial", "partial", "一部自動評価";
        /// Settings cannot show it.
        Process: "process", "process", "運用・手続";
        /// It is AWS's to fulfil.
        Aws: "aws", "AWS's duty", "AWS の責任";
        /// The reference says nothing of it.
        NotDescribed: "not-described", "not described", "記載なし";
    }
}

impl Disposition {
    /// Whether controls have to speak to such a criterion.
    #[must_use]
    pub const fn is_checked(self) -> bool {
        matches!(self, Self::Automated | Self::Partial)
    }
}

/// A line of the table that cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("line {line} of the table of criteria: {problem}")]
pub struct CriteriaError {
    line: usize,
    problem: String,
}

/// Every criterion, in the order of the reference.
///
/// # Errors
/// When the table, which is part of this program, is damaged.
pub fn all() -> Result<Vec<Criterion>, CriteriaError> {
    read(TABLE)
}

fn read(table: &'static str) -> Result<Vec<Criterion>, CriteriaError> {
    let mut seen = BTreeSet::new();
    let lines = table.lines().zip(1..).filter(|(text, _)| !text.starts_with('#'));
    let read = lines.map(|(text, line)| {
        let criterion = criterion(text).map_err(|problem| CriteriaError { line, problem })?;
        if !seen.insert(criterion.number) {
            let problem = format!("{} stands there twice", criterion.number);
            return Err(CriteriaError { line, problem });
        }
        Ok(criterion)
    });
    read.collect()
}

fn criterion(line: &'static str) -> Result<Criterion, String> {
    let cells: Vec<&'static str> = line.split('\t').collect();
    let [number, part, subject, disposition, topic_en, topic_ja, evidence_en, evidence_ja] =
        cells[..]
    else {
        return Err(format!("{} columns, not 8", cells.len()));
    };
    if let Some(column) = cells.iter().position(|cell| cell.trim().is_empty()) {
        return Err(format!("column {} is empty", column + 1));
    }
    Ok(Criterion {
        number,
        part: Part::parse(part).ok_or_else(|| format!("no part is called {part:?}"))?,
        subject: Duty::parse(subject).ok_or_else(|| format!("no subject is called {subject:?}"))?,
        disposition: Disposition::parse(disposition)
            .ok_or_else(|| format!("no disposition is called {disposition:?}"))?,
        topic: Text::new(topic_en, topic_ja),
        evidence: Text::new(evidence_en, evidence_ja),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As many as the reference prints, counted there.
    #[test]
    fn the_table_holds_every_criterion_once_in_order() {
        let all = all().unwrap();
        assert_eq!(all.len(), 277);
        let of = |part: Part| all.iter().filter(|one| one.part == part).count();
        assert_eq!([of(Part::Governance), of(Part::Practice), of(Part::Audit)], [68, 204, 5]);
        let order: Vec<(Part, u32)> = all
            .iter()
            .map(|one| {
                let digits: String =
                    one.number.chars().skip(1).take_while(char::is_ascii_digit).collect();
                (one.part, digits.parse().unwrap())
            })
            .collect();
        assert!(order.is_sorted());
        // No number is skipped within a part.
        for pair in order.windows(2) {
            let [(part, number), (next_part, next)] = pair else { unreachable!() };
            assert!(part != next_part || next - number <= 1, "{part:?} {number} {next}");
        }
    }

    #[test]
    fn parts_have_their_numbers() {
        for criterion in all().unwrap() {
            let sign = match criterion.part {
                Part::Governance => '統',
                Part::Practice => '実',
                Part::Audit => '監',
            };
            assert!(criterion.number.starts_with(sign), "{criterion:?}");
            assert!(criterion.evidence.en.is_ascii(), "{criterion:?}");
            for japanese in [criterion.topic.ja, criterion.evidence.ja] {
                assert!(!japanese.is_ascii(), "{criterion:?}");
            }
        }
    }

    #[test]
    fn a_damaged_line_is_told() {
        let error = |line| read(line).unwrap_err().to_string();
        assert_eq!(error("実1\t実務"), "line 1 of the table of criteria: 2 columns, not 8");
        assert!(error("実1\t実\tcustomer\tpartial\ta\tb\tc\td").contains("no part is called"));
        assert!(error("実1\t実務\tme\tpartial\ta\tb\tc\td").contains("no subject is called"));
        assert!(error("実1\t実務\tboth\thalf\ta\tb\tc\td").contains("no disposition is called"));
        assert!(error("実1\t実務\tboth\tpartial\ta\t\tc\td").contains("column 6 is empty"));
        let twice =
            "# head\n実1\t実務\tboth\tpartial\ta\tb\tc\td\n実1\t実務\tboth\tpartial\ta\tb\tc\td";
        assert_eq!(error(twice), "line 3 of the table of criteria: 実1 stands there twice");
    }
}
