//! The declaration of a control: everything that the template, the roles, the documentation and
//! the findings say of it.

use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;

use crate::error::Error;
use crate::item::ConfigurationItem;
use crate::parameter::Spec;
use crate::resource::{Resource, ResourceType};
use crate::runner::Run;
use crate::text::{Message, Text};
use crate::verdict::{Evaluated, Remark, Verdict};

/// A control: what one AWS Config rule checks.
#[derive(Debug)]
pub struct Control {
    /// Stable id in kebab-case, such as `kms-key-rotation`; the rule is named after it.
    pub id: &'static str,
    /// The domain, and with it the binary that holds the control.
    pub domain: Domain,
    /// What a failure weighs.
    pub severity: Severity,
    /// What holds when the control passes.
    pub title: Text,
    /// Why it matters.
    pub why: Text,
    /// How to fix a failure: what to do, and where in the console.
    pub fix: Text,
    /// How to fix the commonest failures from a shell and in a template.
    pub remedy: Remedy,
    /// Where to read on: a page of the AWS documentation.
    pub reference: &'static str,
    /// The criteria of the reference that it speaks to.
    pub criteria: Criteria,
    /// The resource types that it judges.
    pub resources: &'static [ResourceType],
    /// When it runs.
    pub trigger: Trigger,
    /// In which Regions it is deployed.
    pub placement: Placement,
    /// The AWS actions that its code calls, besides those of the rule machinery itself.
    pub actions: &'static [Action],
    /// Its rule parameters.
    pub parameters: &'static [Spec],
    /// Its requirements, in the order of the catalogue.
    pub requirements: &'static [&'static Requirement],
    /// When it does not apply, and notes on passes.
    pub remarks: &'static [&'static Remark],
    /// What its Lambda function needs.
    pub limits: Limits,
    /// How it decides.
    pub check: Check,
}

impl Control {
    /// The requirement with this reason code.
    #[must_use]
    pub fn requirement(&self, code: &str) -> Option<&'static Requirement> {
        self.requirements.iter().copied().find(|requirement| requirement.code == code)
    }

    /// The types that the schedule judges.
    #[must_use]
    pub const fn swept(&self) -> &'static [ResourceType] {
        match self.check {
            Check::Item(_) => &[],
            Check::Service { swept, .. } => swept,
        }
    }

    /// The types that changes are judged of: those that Config records.
    pub fn changing(&self) -> impl Iterator<Item = ResourceType> + use<> {
        let on_change = self.trigger.on_change();
        let resources = self.resources.iter().copied();
        resources.filter(move |one| on_change && *one != ResourceType::ACCOUNT)
    }

    /// Whether the control judges resources of this type.
    #[must_use]
    pub fn judges(&self, resource_type: &str) -> bool {
        self.resources.iter().any(|known| known.name == resource_type)
    }
}

/// A theme of controls: a crate under `functions/` and a binary of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Domain {
    /// Who may act: users, roles, credentials.
    Identity,
    /// Passwords, keys and tokens of applications.
    Secrets,
    /// Keys and what they protect.
    Encryption,
    /// Data on the wire.
    Transport,
    /// Where data is, who can reach it, and how long it stays.
    Data,
    /// What reaches what, and what stands in between.
    Network,
    /// Records of what happened.
    Logging,
    /// Who looks at the records, and whom an alarm reaches.
    Detection,
    /// Keeping systems current, watched and under control.
    Operations,
    /// Accounts, their owners and what stands ready for an incident or an audit.
    Governance,
    /// Staying up, and coming back.
    Resilience,
}

impl Domain {
    /// The name of the crate's folder and of the binary.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Secrets => "secrets",
            Self::Encryption => "encryption",
            Self::Transport => "transport",
            Self::Data => "data",
            Self::Network => "network",
            Self::Logging => "logging",
            Self::Detection => "detection",
            Self::Operations => "operations",
            Self::Governance => "governance",
            Self::Resilience => "resilience",
        }
    }
}

/// Severity of a failure, in the labels of the AWS Security Finding Format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// `LOW`
    Low,
    /// `MEDIUM`
    Medium,
    /// `HIGH`
    High,
    /// `CRITICAL`
    Critical,
}

impl Severity {
    /// The label.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            Self::Critical => "CRITICAL",
        }
    }
}

/// The criteria of the reference that a control speaks to, by their printed numbers (実3 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Criteria {
    /// The text asks for it.
    pub explicit: &'static [&'static str],
    /// It follows from the text.
    pub implied: &'static [&'static str],
}

impl Criteria {
    /// All of them, the explicit ones first.
    pub fn all(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.explicit.iter().chain(self.implied).copied()
    }
}

/// How to fix a failure without the console. Names in capitals (`BUCKET`, `KEY_ID`) stand for the
/// reader's own. The files lie in the control's folder and are proven by `.ci/remedies.py`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remedy {
    /// AWS CLI commands, with the reason codes that they fix in comments; empty where no command
    /// does it.
    pub cli: &'static str,
    /// A CloudFormation template in YAML whose resources pass; empty where CloudFormation cannot
    /// make one.
    pub iac: &'static str,
}

impl Remedy {
    /// Neither commands nor a template.
    pub const NONE: Self = Self::new("", "");

    /// Commands and a template; an empty text where there is none.
    #[must_use]
    pub const fn new(cli: &'static str, iac: &'static str) -> Self {
        Self { cli, iac }
    }
}

/// When a control runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// A resource changed.
    Change,
    /// On a schedule, by default every 24 hours.
    Periodic,
    /// Both: some requirement needs an answer that the item does not carry.
    ChangeAndPeriodic,
}

impl Trigger {
    /// Whether changes of resources start a run.
    #[must_use]
    pub const fn on_change(self) -> bool {
        matches!(self, Self::Change | Self::ChangeAndPeriodic)
    }

    /// Whether a schedule starts a run.
    #[must_use]
    pub const fn on_schedule(self) -> bool {
        matches!(self, Self::Periodic | Self::ChangeAndPeriodic)
    }

    /// The name in listings: `change`, `periodic` or `change+periodic`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Periodic => "periodic",
            Self::ChangeAndPeriodic => "change+periodic",
        }
    }
}

/// In which Regions of an account a control is deployed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placement {
    /// Once, in the home Region: its subject is global, and every Region would repeat the same
    /// finding and the same bill.
    HomeRegion,
    /// In us-east-1 only: its subject is a global resource that Config records there and nowhere
    /// else, such as a CloudFront distribution.
    UsEast1,
    /// In every Region of the deployment.
    EveryRegion,
}

/// An AWS action that a control's code calls, as its role grants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Action {
    /// IAM name, such as `kms:GetKeyRotationStatus`.
    pub name: &'static str,
    /// The resources that the role grants it on, with CloudFormation's pseudo parameters
    /// (`${AWS::Partition}` …); `*` where AWS knows no resource for the action.
    pub resource: &'static str,
    /// The service that makes the call on the function's behalf, such as S3 that decrypts an
    /// object; empty when the code calls it itself. The role grants it only through that service.
    pub through: &'static str,
}

impl Action {
    /// An action for which AWS supports no narrower resource, or whose resources are not known
    /// beforehand.
    #[must_use]
    pub const fn any(name: &'static str) -> Self {
        Self { name, resource: "*", through: "" }
    }

    /// An action on resources of a known form.
    #[must_use]
    pub const fn on(name: &'static str, resource: &'static str) -> Self {
        Self { name, resource, through: "" }
    }

    /// An action that another service calls on the function's behalf.
    #[must_use]
    pub const fn through(
        name: &'static str,
        resource: &'static str,
        service: &'static str,
    ) -> Self {
        Self { name, resource, through: service }
    }
}

/// One condition inside a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requirement {
    /// Stable reason code in SCREAMING_CASE, such as `ROTATION_DISABLED`.
    pub code: &'static str,
    /// 1: asked for by the text and cleanly checkable; 2: implied or standard practice;
    /// 3: optional, off until a parameter turns it on.
    pub wave: u8,
    /// The resource types that it is about.
    pub resources: &'static [ResourceType],
    /// What is wrong when it fails.
    pub title: Text,
    /// When exactly it fails, and what is read for it.
    pub rule: Text,
}

impl Requirement {
    /// A requirement of resources of these types.
    #[must_use]
    pub const fn new(
        code: &'static str,
        wave: u8,
        resources: &'static [ResourceType],
        title: Text,
        rule: Text,
    ) -> Self {
        Self { code, wave, resources, title, rule }
    }

    /// A requirement of the account as a whole.
    #[must_use]
    pub const fn of_account(code: &'static str, wave: u8, title: Text, rule: Text) -> Self {
        Self { code, wave, resources: &[ResourceType::ACCOUNT], title, rule }
    }

    /// What is wrong, and with what: the title and the first of the names.
    #[must_use]
    pub fn naming<T: AsRef<str>>(&self, names: &[T]) -> Message {
        let (title, Message { en, ja }) = (self.title, Message::named(names));
        Message { en: format!("{}: {en}", title.en), ja: format!("{}: {ja}", title.ja) }
    }
}

/// What the Lambda function of a control needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Time limit in seconds (AWS allows 900).
    pub timeout_seconds: u16,
    /// Memory in MB; CPU grows with it, one full vCPU at 1,769 MB.
    pub memory_mb: u16,
}

impl Limits {
    /// Enough for a control that looks at an item, or at a few answers.
    pub const SMALL: Self = Self { timeout_seconds: 60, memory_mb: 128 };
    /// Enough for a control that asks a service about every resource of an account.
    pub const SWEEP: Self = Self { timeout_seconds: 300, memory_mb: 256 };
}

/// Decides from a configuration item alone.
pub type ItemCheck = fn(&ConfigurationItem, &Run<'_>) -> Result<Verdict, Error>;

/// What a configuration item alone decides of a control that may need a service's answer:
/// `None` when the service must be asked.
pub type ItemPreview = fn(&ConfigurationItem, &Run<'_>) -> Result<Option<Verdict>, Error>;

/// How a control decides.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// By the configuration item alone; no AWS call.
    Item(ItemCheck),
    /// By the answers of services, where the item does not decide.
    Service {
        /// What the item alone decides.
        preview: ItemPreview,
        /// Builds the clients; called once, before the first event.
        connect: fn(&SdkConfig) -> Arc<dyn ServiceCheck>,
        /// The types of which the schedule judges every resource: all of a periodic control; of
        /// one that also runs on changes only those of which a change is not always seen. The
        /// results of the others stay as their last change left them, since every evaluation
        /// costs; a sweep may renew single ones.
        swept: &'static [ResourceType],
    },
}

/// A control that asks services.
#[async_trait]
pub trait ServiceCheck: Send + Sync {
    /// Judges one resource after a change; only called when the item alone did not decide.
    ///
    /// # Errors
    /// Any call that was denied, throttled to the end or answered with something else than
    /// expected, and items that lack what they must carry.
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error>;

    /// Judges everything in scope, on a schedule; controls that only run on changes have none.
    ///
    /// # Errors
    /// As [`Self::judge`]; one resource that could not be judged fails the whole run, so that no
    /// part is ever reported as the whole.
    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let _ = run;
        Err(Error::Control("the control has no schedule".to_owned()))
    }
}

/// The preview of a control of which no configuration item tells anything.
///
/// # Errors
/// None; the signature is that of [`ItemPreview`].
pub fn no_item_tells(_: &ConfigurationItem, _: &Run<'_>) -> Result<Option<Verdict>, Error> {
    Ok(None)
}

/// A control that judges the account as a whole; [`OfAccount`] makes it a [`ServiceCheck`].
#[async_trait]
pub trait AccountCheck: Send + Sync {
    /// Judges the account.
    ///
    /// # Errors
    /// As [`ServiceCheck::judge`].
    async fn account(&self, run: &Run<'_>) -> Result<Verdict, Error>;
}

/// Reports the one verdict of an [`AccountCheck`] on the account.
#[derive(Debug)]
pub struct OfAccount<T>(pub T);

#[async_trait]
impl<T: AccountCheck> ServiceCheck for OfAccount<T> {
    async fn judge(&self, _: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        self.0.account(run).await
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        Ok(vec![Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict: self.0.account(run).await?,
            at: run.now,
        }])
    }
}
