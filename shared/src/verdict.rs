//! Verdicts: what a control says of one resource, and why.

use jiff::Timestamp;

use crate::control::Requirement;
use crate::exemption::Exemption;
use crate::resource::Resource;
use crate::text::{Message, Text};

/// Why a verdict is not a failure of a requirement: a resource that the control does not apply
/// to, or a note on a resource that passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remark {
    /// Stable code in SCREAMING_CASE, such as `AWS_MANAGED_KEY`.
    pub code: &'static str,
    /// What it means.
    pub text: Text,
}

impl Remark {
    /// A remark from its code and its meaning in English and Japanese.
    #[must_use]
    pub const fn new(code: &'static str, en: &'static str, ja: &'static str) -> Self {
        Self { code, text: Text::new(en, ja) }
    }

    /// The remark as a reason, in its own words.
    #[must_use]
    pub fn reason(&self) -> Reason {
        Reason { code: self.code, message: self.text.into() }
    }

    /// The remark as a reason, with the values of the case.
    #[must_use]
    pub fn because(&self, message: Message) -> Reason {
        Reason { code: self.code, message }
    }
}

/// Remarks that the machinery itself makes, for every control.
pub mod remarks {
    use super::Remark;

    /// The resource was deleted; Config forgets a stale result only when told so.
    pub const RESOURCE_DELETED: Remark =
        Remark::new("RESOURCE_DELETED", "The resource was deleted", "リソースは削除されました");
    /// Config does not record the resource.
    pub const RESOURCE_NOT_RECORDED: Remark = Remark::new(
        "RESOURCE_NOT_RECORDED",
        "AWS Config does not record the resource",
        "リソースは AWS Config の記録対象外です",
    );
    /// The resource left the rule's scope.
    pub const OUT_OF_SCOPE: Remark = Remark::new(
        "OUT_OF_SCOPE",
        "The resource is no longer in the scope of the rule",
        "リソースはルールの対象範囲から外れました",
    );
    /// The rule's scope is wider than the control.
    pub const TYPE_NOT_JUDGED: Remark = Remark::new(
        "TYPE_NOT_JUDGED",
        "The control does not judge this resource type",
        "このリソースタイプは評価の対象ではありません",
    );
    /// A resource that was reported before is gone.
    pub const RESOURCE_GONE: Remark = Remark::new(
        "RESOURCE_GONE",
        "The resource no longer exists",
        "リソースはすでに存在しません",
    );
    /// A periodic run found nothing to judge.
    pub const NOTHING_IN_SCOPE: Remark = Remark::new(
        "NOTHING_IN_SCOPE",
        "No resource in scope exists in this account and Region",
        "このアカウントとリージョンに評価対象のリソースはありません",
    );
    /// A periodic run of a control that judges most resources on change found nothing more.
    pub const NOTHING_ON_SCHEDULE: Remark = Remark::new(
        "NOTHING_ON_SCHEDULE",
        "Nothing that is judged on a schedule exists here; resources are judged as they change",
        "定期評価の対象は存在しません(リソースは変更時に評価されます)",
    );
    /// The resource fails, and somebody answers for it.
    pub const EXEMPT: Remark = Remark::new(
        "EXEMPT",
        "The resource fails and is exempt for a reason and a time; the codes of what fails follow",
        "リソースは不適合ですが、理由と期限を定めて適用除外とされています（不適合の理由コードが続きます）",
    );
    /// The exemption of a failing resource is over.
    pub const EXEMPTION_EXPIRED: Remark = Remark::new(
        "EXEMPTION_EXPIRED",
        "There is an exemption, but its last day is over: it does not count",
        "適用除外の期限が過ぎているため、無効です",
    );
    /// The exemption of a failing resource cannot be read.
    pub const EXEMPTION_MALFORMED: Remark = Remark::new(
        "EXEMPTION_MALFORMED",
        "There is an exemption, but it is malformed: it does not count",
        "適用除外の記述に誤りがあるため、無効です",
    );
    /// The exemption of a failing resource is for other failures.
    pub const EXEMPTION_NOT_COVERING: Remark = Remark::new(
        "EXEMPTION_NOT_COVERING",
        "There is an exemption, but it does not cover every failure: it does not count",
        "適用除外の対象に含まれない不適合があるため、無効です",
    );
    /// All of them, for the documentation.
    pub const ALL: &[Remark] = &[
        RESOURCE_DELETED,
        RESOURCE_NOT_RECORDED,
        OUT_OF_SCOPE,
        TYPE_NOT_JUDGED,
        RESOURCE_GONE,
        NOTHING_IN_SCOPE,
        NOTHING_ON_SCHEDULE,
        EXEMPT,
        EXEMPTION_EXPIRED,
        EXEMPTION_MALFORMED,
        EXEMPTION_NOT_COVERING,
    ];
}

/// One reason of a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The code of a [`Requirement`] that failed, or of a [`Remark`].
    pub code: &'static str,
    /// What was found, with the values of the case.
    pub message: Message,
}

/// What a control says of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every requirement holds; notes where the reason is not the obvious one.
    Compliant(Vec<Reason>),
    /// At least one requirement fails; every one that fails is here.
    NonCompliant(Vec<Reason>),
    /// The control does not apply, and why.
    NotApplicable(Reason),
    /// At least one requirement fails, and somebody answers for it: `EXEMPT`, then every one that
    /// fails. AWS Config shows it as not applicable.
    Exempt(Exemption, Vec<Reason>),
}

impl Verdict {
    /// Compliant, with nothing to add.
    #[must_use]
    pub const fn compliant() -> Self {
        Self::Compliant(Vec::new())
    }

    /// Not applicable, in the remark's own words.
    #[must_use]
    pub fn not_applicable(remark: &Remark) -> Self {
        Self::NotApplicable(remark.reason())
    }

    /// The AWS Config name of the compliance type.
    #[must_use]
    pub const fn compliance(&self) -> Compliance {
        match self {
            Self::Compliant(_) => Compliance::Compliant,
            Self::NonCompliant(_) => Compliance::NonCompliant,
            Self::NotApplicable(_) | Self::Exempt(..) => Compliance::NotApplicable,
        }
    }

    /// The reasons, failures first.
    #[must_use]
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Compliant(reasons) | Self::NonCompliant(reasons) | Self::Exempt(_, reasons) => {
                reasons
            }
            Self::NotApplicable(reason) => std::slice::from_ref(reason),
        }
    }

    /// The exemption of a resource that fails and is exempt.
    #[must_use]
    pub const fn exemption(&self) -> Option<&Exemption> {
        match self {
            Self::Exempt(exemption, _) => Some(exemption),
            Self::Compliant(_) | Self::NonCompliant(_) | Self::NotApplicable(_) => None,
        }
    }
}

/// The compliance types that PutEvaluations takes. INSUFFICIENT_DATA is not among them: the API
/// refuses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Compliance {
    /// `NON_COMPLIANT`
    NonCompliant,
    /// `COMPLIANT`
    Compliant,
    /// `NOT_APPLICABLE`
    NotApplicable,
}

impl Compliance {
    /// The name as AWS Config writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Compliant => "COMPLIANT",
            Self::NonCompliant => "NON_COMPLIANT",
            Self::NotApplicable => "NOT_APPLICABLE",
        }
    }
}

/// Collects the requirements that fail; without any, the resource is compliant.
#[derive(Debug, Default)]
pub struct Failures(Vec<Reason>);

impl Failures {
    /// No failure yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `requirement` fails, in its own words.
    pub fn add(&mut self, requirement: &Requirement) {
        self.because(requirement, requirement.title.into());
    }

    /// `requirement` fails, with the values of the case.
    pub fn because(&mut self, requirement: &Requirement, message: Message) {
        self.0.push(Reason { code: requirement.code, message });
    }

    /// Non-compliant with what was collected, or compliant.
    #[must_use]
    pub fn into_verdict(self) -> Verdict {
        self.into_verdict_with(Vec::new())
    }

    /// Like [`Self::into_verdict`]; a compliant verdict carries `notes`.
    #[must_use]
    pub fn into_verdict_with(self, notes: Vec<Reason>) -> Verdict {
        if self.0.is_empty() { Verdict::Compliant(notes) } else { Verdict::NonCompliant(self.0) }
    }
}

/// A verdict with the resource that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluated {
    /// The resource.
    pub resource: Resource,
    /// The verdict.
    pub verdict: Verdict,
    /// The state that was judged: the item's capture time, or the time of the schedule.
    pub at: Timestamp,
}
