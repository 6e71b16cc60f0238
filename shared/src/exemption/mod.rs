//! Exemptions: a failing resource that somebody answers for, for a reason and until a day.
//!
//! Two sources. A tag of the resource, `fisc:exempt:<control>`, which counts only where the
//! deployment allows tags; and a file in the repository, reviewed like code, which ships inside
//! every function. Both are strict: reason, owner and last day are mandatory, and what is
//! malformed, over or does not cover every failure counts as no exemption and says so.
//!
//! An exempt resource is [`Verdict::Exempt`], which AWS Config shows as NOT_APPLICABLE.

mod file;
mod grant;
mod review;
mod told;

pub use file::{EntryProblem, FileError, Reviewed};
pub use grant::Malformed;
pub use review::review;
pub(crate) use told::SEPARATOR;
pub use told::in_annotation;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

use crate::config_service::ConfigService;
use crate::control::Control;
use crate::error::Error;
use crate::item::ConfigurationItem;
use crate::message;
use crate::resource::{Resource, ResourceType};
use crate::text::Message;
use crate::verdict::{Evaluated, Reason, Verdict, remarks};

/// The tag that exempts a resource from a control begins with this; the control's id follows.
pub const TAG_PREFIX: &str = "fisc:exempt:";

/// The file that ships with this build: `exemptions.json` at the top of the repository.
pub const SHIPPED: &str = include_str!("../../../exemptions.json");

/// The last day of an exemption is a day of Japan, wherever the function runs.
const JAPAN: Offset = Offset::constant(9);

/// Who answers for a failing resource, why and until when.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Exemption {
    /// The last day, in Japan's time.
    pub until: Date,
    /// Why: mostly the number of an accepted risk.
    pub reason: String,
    /// Who answers for it.
    pub by: String,
    /// Where it was found.
    pub source: Source,
}

impl Exemption {
    /// Whether the last day is over.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        today(now) > self.until
    }
}

/// As a tag would say it: `until=2027-03-31;reason=RISK-123;by=ciso@bank.example`.
impl fmt::Display for Exemption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { until, reason, by, .. } = self;
        write!(f, "until={until};reason={reason};by={by}")
    }
}

/// The day that it is in Japan.
#[must_use]
pub fn today(now: Timestamp) -> Date {
    JAPAN.to_datetime(now).date()
}

/// Where an exemption was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// A tag of the resource.
    Tag,
    /// The reviewed file.
    File,
}

impl Source {
    /// The word in JSON: `tag` or `file`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::File => "file",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The exemptions that a deployment, or a scan, honours.
#[derive(Debug, Clone, Default)]
pub struct Exemptions {
    /// What the reviewed file grants.
    pub reviewed: Reviewed,
    /// Whether tags of resources count.
    pub tags: bool,
}

/// Why an exemption that is there does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Refusal {
    Malformed(Source, Malformed),
    Over(Exemption),
    NotCovering(Exemption, Vec<&'static str>),
}

impl Exemptions {
    /// What becomes of a verdict. `tags` are those of the resource, as far as they are known.
    #[must_use]
    pub fn apply(
        &self,
        control: &Control,
        resource: &Resource,
        tags: &BTreeMap<String, String>,
        verdict: Verdict,
        now: Timestamp,
    ) -> Verdict {
        let Verdict::NonCompliant(mut failures) = verdict else { return verdict };
        let mut granted: Option<Exemption> = None;
        let mut refused: Option<Refusal> = None;
        for found in self.candidates(control, resource, tags, &failures) {
            match found {
                Ok(one) if one.is_over(now) => {
                    refused.get_or_insert(Refusal::Over(one));
                }
                // Of several the one that lasts longest.
                Ok(one) if granted.as_ref().is_none_or(|known| known.until < one.until) => {
                    granted = Some(one);
                }
                Ok(_) => {}
                Err(refusal) => {
                    refused.get_or_insert(refusal);
                }
            }
        }
        match (granted, refused) {
            (Some(exemption), _) => {
                let reason = remarks::EXEMPT.because(told::granted(&exemption));
                failures.insert(0, reason);
                Verdict::Exempt(exemption, failures)
            }
            (None, Some(refusal)) => {
                failures.push(refusal.reason());
                Verdict::NonCompliant(failures)
            }
            (None, None) => Verdict::NonCompliant(failures),
        }
    }

    fn candidates(
        &self,
        control: &Control,
        resource: &Resource,
        tags: &BTreeMap<String, String>,
        failures: &[Reason],
    ) -> Vec<Result<Exemption, Refusal>> {
        let tag = if self.tags { tags.get(&format!("{TAG_PREFIX}{}", control.id)) } else { None };
        let tag = tag.map(|value| {
            grant::in_tag(value).map_err(|problem| Refusal::Malformed(Source::Tag, problem))
        });
        let reviewed = self.reviewed.of(control.id, resource).map(|entry| match entry.granted() {
            Ok((exemption, codes)) => {
                let open: Vec<&'static str> = failures
                    .iter()
                    .map(|failure| failure.code)
                    .filter(|code| !codes.is_empty() && !codes.iter().any(|one| one == code))
                    .collect();
                if open.is_empty() {
                    Ok(exemption.clone())
                } else {
                    Err(Refusal::NotCovering(exemption.clone(), open))
                }
            }
            Err(problem) => Err(Refusal::Malformed(Source::File, problem.clone())),
        });
        reviewed.chain(tag).collect()
    }

    /// [`Self::apply`] on what was judged of an item. Its tags are looked for only where they can
    /// change the verdict.
    #[must_use]
    pub fn apply_to_item(
        &self,
        control: &Control,
        item: &ConfigurationItem,
        one: Evaluated,
        now: Timestamp,
    ) -> Evaluated {
        let matter = self.tags && matches!(one.verdict, Verdict::NonCompliant(_));
        let tags = if matter { item.known_tags() } else { BTreeMap::new() };
        self.apply_to(control, &tags, one, now)
    }

    fn apply_to(
        &self,
        control: &Control,
        tags: &BTreeMap<String, String>,
        one: Evaluated,
        now: Timestamp,
    ) -> Evaluated {
        let Evaluated { resource, verdict, at } = one;
        let verdict = self.apply(control, &resource, tags, verdict, now);
        Evaluated { resource, verdict, at }
    }

    /// [`Self::apply`] on what a sweep found. The tags of what fails are asked of AWS Config,
    /// once for each type, if tags count.
    ///
    /// # Errors
    /// When AWS Config does not answer.
    pub async fn apply_to_sweep(
        &self,
        control: &Control,
        config: &ConfigService,
        evaluated: Vec<Evaluated>,
        now: Timestamp,
    ) -> Result<Vec<Evaluated>, Error> {
        let mut tags = BTreeMap::new();
        if self.tags {
            let failing: BTreeSet<String> = evaluated
                .iter()
                .filter(|one| matches!(one.verdict, Verdict::NonCompliant(_)))
                .map(|one| one.resource.resource_type.clone())
                .filter(|name| name != ResourceType::ACCOUNT.name)
                .collect();
            for name in failing {
                let of_type = config.recorded_tags(&name).await?;
                tags.insert(name, of_type);
            }
        }
        let none = BTreeMap::new();
        let applied = evaluated.into_iter().map(|one| {
            let of_type = tags.get(&one.resource.resource_type);
            let tags = of_type.and_then(|tags| tags.get(&one.resource.id)).unwrap_or(&none);
            self.apply_to(control, tags, one, now)
        });
        Ok(applied.collect())
    }
}

impl Refusal {
    fn reason(&self) -> Reason {
        match self {
            Self::Malformed(source, problem) => {
                let Message { en, ja } = problem.message();
                let (place_en, place_ja) = told::place(*source);
                remarks::EXEMPTION_MALFORMED.because(message!(
                    "The exemption {place_en} does not count: {en}",
                    "{place_ja}の適用除外は無効です: {ja}"
                ))
            }
            Self::Over(exemption) => {
                let (Exemption { until, by, .. }, (place_en, place_ja)) =
                    (exemption, told::place(exemption.source));
                remarks::EXEMPTION_EXPIRED.because(message!(
                    "The exemption {place_en} by {by} ended on {until}",
                    "{place_ja}の適用除外 (承認者 {by}) は {until} で終了しました"
                ))
            }
            Self::NotCovering(exemption, open) => {
                let (open, (place_en, place_ja)) = (open.join(", "), told::place(exemption.source));
                remarks::EXEMPTION_NOT_COVERING.because(message!(
                    "The exemption {place_en} does not cover {open}",
                    "{place_ja}の適用除外は {open} を対象としていません"
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests;
