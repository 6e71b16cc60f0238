//! Records and results as they are kept on disk. Text is borrowed while it is written and where
//! it is only looked at (`S` is `&str`), and owned while records are merged (`Box<str>`).

use std::cmp::Reverse;
use std::sync::Arc;

use fisc_shared::exemption::{Exemption, Source};
use fisc_shared::verdict::{Compliance, Reason};
use fisc_shared::{Message, Verdict};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::report::{Problem, Subject};

/// Seconds and nanoseconds of a timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Moment(i64, i32);

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self(at.as_second(), at.subsec_nanosecond())
    }
}

impl Moment {
    pub(super) fn timestamp(self) -> Option<Timestamp> {
        Timestamp::new(self.0, self.1).ok()
    }
}

/// A resource; type, Region and account by their numbers in [`Pools::words`].
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SubjectRow<S> {
    pub(super) resource_type: u32,
    pub(super) id: S,
    pub(super) region: u32,
    pub(super) account_id: u32,
    pub(super) arn: Option<S>,
}

impl<S: AsRef<str>> SubjectRow<S> {
    /// What tells resources apart, in their order, once words are numbered in theirs.
    pub(super) fn key(&self) -> (u32, &str, u32, u32) {
        (self.resource_type, self.id.as_ref(), self.region, self.account_id)
    }

    pub(super) fn borrowed(&self) -> SubjectRow<&str> {
        SubjectRow {
            resource_type: self.resource_type,
            id: self.id.as_ref(),
            region: self.region,
            account_id: self.account_id,
            arn: self.arn.as_ref().map(AsRef::as_ref),
        }
    }
}

/// The newest state of a resource, judged.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct RecordRow<S> {
    pub(super) subject: SubjectRow<S>,
    pub(super) captured: Option<Moment>,
    pub(super) position: (usize, u64),
    pub(super) tagged: bool,
    pub(super) outcomes: Vec<OutcomeRow<S>>,
}

impl<S> RecordRow<S> {
    /// As [`super::collect::Record::rank`].
    fn rank(&self) -> impl Ord + use<S> {
        let count = |of: fn(&OutcomeRow<S>) -> bool| {
            Reverse(self.outcomes.iter().filter(|outcome| of(outcome)).count())
        };
        let failed = count(|outcome| matches!(outcome, OutcomeRow::Failed(_)));
        let undecided = count(|outcome| matches!(outcome, OutcomeRow::Undecided));
        (self.captured, failed, undecided, self.tagged, self.position)
    }

    /// The one of two states of a resource that counts.
    pub(super) fn newer(self, other: Self) -> Self {
        if other.rank() > self.rank() { other } else { self }
    }

    /// Turns a worker's numbers into those of the scan; `None` where it has no such number.
    pub(super) fn adopt(mut self, numbers: &Numbers) -> Option<Self> {
        let word = |own: u32| numbers.words.get(own as usize).copied();
        let subject = &mut self.subject;
        subject.resource_type = word(subject.resource_type)?;
        subject.region = word(subject.region)?;
        subject.account_id = word(subject.account_id)?;
        for outcome in &mut self.outcomes {
            match outcome {
                OutcomeRow::Judged(VerdictRow::Known(own)) => *own += numbers.verdicts,
                OutcomeRow::Judged(VerdictRow::Whole { reasons, .. }) => {
                    for reason in reasons {
                        reason.code = numbers.codes.get(reason.code as usize).copied()?;
                    }
                }
                OutcomeRow::Undecided | OutcomeRow::Failed(_) => {}
            }
        }
        Some(self)
    }
}

/// What one control says.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum OutcomeRow<S> {
    Judged(VerdictRow<S>),
    Undecided,
    Failed(S),
}

/// A verdict.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum VerdictRow<S> {
    /// By its number in [`Pools::verdicts`].
    Known(u32),
    /// One that few resources share.
    Whole { kind: Kind<S>, reasons: Vec<ReasonRow<S>> },
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Kind<S> {
    Compliant,
    NonCompliant,
    NotApplicable,
    Exempt { until: Date, reason: S, by: S, tag: bool },
}

/// A reason; its code by its number in [`Pools::codes`].
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ReasonRow<S> {
    code: u32,
    en: S,
    ja: S,
}

impl<'a> VerdictRow<&'a str> {
    /// The whole verdict; `code` numbers codes.
    pub(super) fn whole(verdict: &'a Verdict, mut code: impl FnMut(&'static str) -> u32) -> Self {
        let kind: Kind<&str> = match verdict {
            Verdict::Compliant(_) => Kind::Compliant,
            Verdict::NonCompliant(_) => Kind::NonCompliant,
            Verdict::NotApplicable(_) => Kind::NotApplicable,
            Verdict::Exempt(Exemption { until, reason, by, source }, _) => {
                let tag = matches!(source, Source::Tag);
                Kind::Exempt { until: *until, reason, by, tag }
            }
        };
        let reasons = verdict.reasons().iter().map(|reason| ReasonRow::<&str> {
            code: code(reason.code),
            en: &reason.message.en,
            ja: &reason.message.ja,
        });
        Self::Whole { kind, reasons: reasons.collect() }
    }
}

impl<S: AsRef<str>> VerdictRow<S> {
    pub(super) fn compliance(&self, pools: &Pools) -> Option<Compliance> {
        Some(match self {
            Self::Known(number) => pools.verdicts.get(*number as usize)?.compliance(),
            Self::Whole { kind, .. } => match kind {
                Kind::Compliant => Compliance::Compliant,
                Kind::NonCompliant => Compliance::NonCompliant,
                Kind::NotApplicable | Kind::Exempt { .. } => Compliance::NotApplicable,
            },
        })
    }
}

/// A verdict of one resource on disk.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct EvaluationRow<'a, V> {
    #[serde(borrow)]
    pub(super) subject: SubjectRow<&'a str>,
    pub(super) verdict: V,
    pub(super) at: Moment,
}

/// What could not be evaluated, in the order of the outputs.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct ProblemRow<S> {
    position: (usize, u64),
    control: Option<S>,
    /// Problems of a file come in the order in which they were met, those of items after them.
    turn: usize,
    /// Whether the offset is told.
    offset: bool,
    resource_type: Option<S>,
    resource_id: Option<S>,
    region: Option<S>,
    message: S,
}

impl<'a> ProblemRow<&'a str> {
    /// A problem of an item.
    pub(super) fn of_item(position: (usize, u64), problem: &'a Problem) -> Self {
        Self { offset: true, ..Self::of(position, usize::MAX, problem) }
    }

    /// A problem of a file, the `turn`-th that was met.
    pub(super) fn of(position: (usize, u64), turn: usize, problem: &'a Problem) -> Self {
        Self {
            position,
            control: problem.control,
            turn,
            offset: problem.offset.is_some(),
            resource_type: problem.resource_type.as_deref(),
            resource_id: problem.resource_id.as_deref(),
            region: problem.region.as_deref(),
            message: &problem.message,
        }
    }
}

impl ProblemRow<String> {
    /// The problem; `control` finds one by its id.
    pub(super) fn problem(
        self,
        files: &[String],
        control: impl Fn(&str) -> Option<&'static str>,
    ) -> Problem {
        let (file, offset) = self.position;
        Problem {
            file: files.get(file).cloned(),
            offset: self.offset.then_some(offset),
            control: self.control.as_deref().and_then(control),
            resource_type: self.resource_type,
            resource_id: self.resource_id,
            region: self.region,
            message: self.message,
        }
    }
}

/// What a worker's numbers are in the scan.
#[derive(Debug)]
pub(super) struct Numbers {
    pub(super) words: Vec<u32>,
    /// Added to the numbers of verdicts.
    pub(super) verdicts: u32,
    pub(super) codes: Vec<u32>,
}

/// What rows name by number.
#[derive(Debug, Default)]
pub(super) struct Pools {
    /// Types, Regions and accounts, sorted.
    pub(super) words: Vec<Arc<str>>,
    pub(super) verdicts: Vec<Arc<Verdict>>,
    pub(super) codes: Vec<&'static str>,
}

impl Pools {
    pub(super) fn word(&self, number: u32) -> Option<&Arc<str>> {
        self.words.get(number as usize)
    }

    /// The resource of a row; `None` where the row names what is not there.
    pub(super) fn subject(&self, row: SubjectRow<&str>) -> Option<Subject> {
        Some(Subject {
            resource_type: Arc::clone(self.word(row.resource_type)?),
            id: row.id.into(),
            region: Arc::clone(self.word(row.region)?),
            account_id: Arc::clone(self.word(row.account_id)?),
            arn: row.arn.map(Into::into),
        })
    }

    /// The verdict of a row.
    pub(super) fn verdict(&self, row: VerdictRow<&str>) -> Option<Arc<Verdict>> {
        let (kind, rows) = match row {
            VerdictRow::Known(number) => return self.verdicts.get(number as usize).cloned(),
            VerdictRow::Whole { kind, reasons } => (kind, reasons),
        };
        let reasons = rows.into_iter().map(|ReasonRow { code, en, ja }| {
            let message = Message { en: en.to_owned(), ja: ja.to_owned() };
            Some(Reason { code: self.codes.get(code as usize)?, message })
        });
        let mut reasons = reasons.collect::<Option<Vec<Reason>>>()?;
        Some(Arc::new(match kind {
            Kind::Compliant => Verdict::Compliant(reasons),
            Kind::NonCompliant => Verdict::NonCompliant(reasons),
            Kind::NotApplicable => Verdict::NotApplicable(reasons.pop()?),
            Kind::Exempt { until, reason, by, tag } => {
                let source = if tag { Source::Tag } else { Source::File };
                let (reason, by) = (reason.to_owned(), by.to_owned());
                Verdict::Exempt(Exemption { until, reason, by, source }, reasons)
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_come_back_as_they_were() {
        let reason =
            |code| Reason { code, message: Message { en: "a, b".into(), ja: "甲、乙".into() } };
        let exemption = |source| Exemption {
            until: "2027-03-31".parse().unwrap(),
            reason: "RISK-123".to_owned(),
            by: "ciso@bank.example".to_owned(),
            source,
        };
        let mut pools = Pools::default();
        for verdict in [
            Verdict::compliant(),
            Verdict::Compliant(vec![reason("NOTE")]),
            Verdict::NonCompliant(vec![reason("ONE"), reason("TWO"), reason("ONE")]),
            Verdict::NotApplicable(reason("GONE")),
            Verdict::Exempt(exemption(Source::Tag), vec![reason("EXEMPT"), reason("ONE")]),
            Verdict::Exempt(exemption(Source::File), vec![reason("EXEMPT")]),
        ] {
            let row = VerdictRow::whole(&verdict, |code| {
                pools.codes.push(code);
                u32::try_from(pools.codes.len() - 1).unwrap()
            });
            let bytes = postcard::to_extend(&row, Vec::new()).unwrap();
            let row: VerdictRow<&str> = postcard::from_bytes(&bytes).unwrap();
            assert_eq!(row.compliance(&pools), Some(verdict.compliance()));
            assert_eq!(*pools.verdict(row).unwrap(), verdict);
        }
    }

    #[test]
    fn moments_are_exact_and_keep_their_order() {
        let mut last = None;
        for text in [
            "-002000-01-01T00:00:00.5Z",
            "1969-12-31T23:59:58.5Z",
            "1969-12-31T23:59:59.5Z",
            "1970-01-01T00:00:00Z",
            "1970-01-01T00:00:00.000000001Z",
            "2026-11-21T00:00:00.123Z",
        ] {
            let at: Timestamp = text.parse().unwrap();
            let moment = Moment::from(at);
            assert_eq!(moment.timestamp(), Some(at));
            assert!(last < Some(moment));
            last = Some(moment);
        }
    }
}
