//! What one control says of one resource, wherever the result came from.

use std::borrow::Cow;
use std::sync::Arc;

use fisc_shared::{Control, Language, Message, Text, Verdict, exemption};
use serde::{Deserialize, Serialize};

use crate::report::Subject;

/// What became of a resource, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// A requirement fails.
    Failing,
    /// It could not be judged: a denied call, a damaged item.
    Error,
    /// Nothing was asked or reported.
    NotEvaluated,
    /// A requirement fails, and somebody accepted that until a day.
    Exempt,
    /// Every requirement holds.
    Passing,
    /// The control does not apply.
    NotApplicable,
}

impl State {
    /// Every state, the gravest first.
    pub const ALL: [Self; 6] = [
        Self::Failing,
        Self::Error,
        Self::NotEvaluated,
        Self::Exempt,
        Self::Passing,
        Self::NotApplicable,
    ];

    /// The name for machines.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Failing => "NON_COMPLIANT",
            Self::Error => "ERROR",
            Self::NotEvaluated => "NOT_EVALUATED",
            Self::Exempt => "EXEMPT",
            Self::Passing => "COMPLIANT",
            Self::NotApplicable => "NOT_APPLICABLE",
        }
    }

    /// The name for people.
    #[must_use]
    pub const fn label(self, language: Language) -> &'static str {
        match self {
            Self::Failing => Text::new("fails", "不適合"),
            Self::Error => Text::new("error", "エラー"),
            Self::NotEvaluated => Text::new("not evaluated", "未評価"),
            Self::Exempt => Text::new("exempt", "適用除外"),
            Self::Passing => Text::new("passes", "適合"),
            Self::NotApplicable => Text::new("n/a", "対象外"),
        }
        .get(language)
    }
}

impl From<&Verdict> for State {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::NonCompliant(_) => Self::Failing,
            Verdict::Exempt(..) => Self::Exempt,
            Verdict::Compliant(_) => Self::Passing,
            Verdict::NotApplicable(_) => Self::NotApplicable,
        }
    }
}

/// How many resources are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Resources that fail.
    pub failing: usize,
    /// Resources that could not be judged.
    pub errors: usize,
    /// Resources of which nothing was asked or reported.
    pub not_evaluated: usize,
    /// Resources that fail and are exempt.
    pub exempt: usize,
    /// Resources that pass.
    pub passing: usize,
    /// Resources that nothing applies to.
    pub not_applicable: usize,
}

impl Counts {
    /// Counts one resource.
    pub const fn add(&mut self, state: State) {
        match state {
            State::Failing => self.failing += 1,
            State::Error => self.errors += 1,
            State::NotEvaluated => self.not_evaluated += 1,
            State::Exempt => self.exempt += 1,
            State::Passing => self.passing += 1,
            State::NotApplicable => self.not_applicable += 1,
        }
    }

    /// The count of a state.
    #[must_use]
    pub const fn of(&self, state: State) -> usize {
        match state {
            State::Failing => self.failing,
            State::Error => self.errors,
            State::NotEvaluated => self.not_evaluated,
            State::Exempt => self.exempt,
            State::Passing => self.passing,
            State::NotApplicable => self.not_applicable,
        }
    }

    /// All counts, the gravest first, in the order of [`State::ALL`].
    #[must_use]
    pub fn all(&self) -> [usize; 6] {
        State::ALL.map(|state| self.of(state))
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// One reason of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The reason code; empty where the message stands alone.
    pub code: Cow<'static, str>,
    /// What was found. What is read from a file is in the language of that file.
    pub message: Message,
}

impl Reason {
    /// A message without a code.
    #[must_use]
    pub const fn plain(message: Message) -> Self {
        Self { code: Cow::Borrowed(""), message }
    }
}

/// Who accepted a failure, why and until when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Exemption {
    /// The last day, as it is written.
    pub until: String,
    /// The reason, such as the number of a risk acceptance.
    pub reason: String,
    /// Who answers for it.
    pub by: String,
    /// Where it stands: `tag` or `file`; empty where that is not known.
    pub source: String,
}

impl From<&exemption::Exemption> for Exemption {
    fn from(granted: &exemption::Exemption) -> Self {
        let exemption::Exemption { until, reason, by, source } = granted;
        Self {
            until: until.to_string(),
            reason: reason.clone(),
            by: by.clone(),
            source: source.as_str().to_owned(),
        }
    }
}

/// What one control says of one resource.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The control.
    pub control: &'static Control,
    /// The resource.
    pub subject: Arc<Subject>,
    /// What became of it.
    pub state: State,
    /// Why; shared, because very many resources fail or pass for the same reason.
    pub reasons: Arc<[Reason]>,
    /// The exemption of an exempt resource, where it is known.
    pub exemption: Option<Arc<Exemption>>,
}

impl Finding {
    /// The reason codes.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.reasons.iter().map(|reason| reason.code.as_ref()).filter(|code| !code.is_empty())
    }

    /// The messages, one per reason.
    pub fn messages(&self, language: Language) -> impl Iterator<Item = &str> {
        self.reasons.iter().map(move |reason| reason.message.get(language))
    }

    /// What the finding is about: what makes it the same finding in another report.
    #[must_use]
    pub fn key(&self) -> Key<'_> {
        let subject = self.subject.as_ref();
        (self.control.id, &subject.account_id, &subject.region, &subject.resource_type, &subject.id)
    }
}

/// Control, account, Region, type and id.
pub type Key<'a> = (&'static str, &'a str, &'a str, &'a str, &'a str);
