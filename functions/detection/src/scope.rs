//! The Regions that a control of the account looks at, and failures that name them.

use std::collections::BTreeMap;

use fisc_services::Regions;
use fisc_shared::parameter::Param;
use fisc_shared::verdict::{Failures, Reason};
use fisc_shared::{Control, Error, Message, Remark, Requirement, Run, Text, Verdict};

/// Regions that nobody asks.
pub(crate) const EXCLUDED_REGIONS: Param<Vec<String>> = Param::list(
    "excludedRegions",
    &[],
    Text::new(
        "Regions that are not looked at, such as those in which a service control policy denies \
         every call",
        "評価しないリージョン(サービスコントロールポリシーですべての呼び出しを拒否しているリージョンなど)",
    ),
);

/// Whether one run looks at all Regions.
pub(crate) const fn all_regions(default: bool) -> Param<bool> {
    Param::flag(
        "allRegions",
        default,
        Text::new(
            "The home Region answers for every enabled Region of the account; otherwise each \
             Region in which the rule is deployed answers for itself",
            "ホームリージョンでアカウントの有効な全リージョンをまとめて評価する。false の場合は、ルールを\
             デプロイした各リージョンが自リージョンを評価する",
        ),
    )
}

pub(crate) const JUDGED_IN_HOME_REGION: Remark = Remark::new(
    "JUDGED_IN_HOME_REGION",
    "The home Region answers for all Regions of the account",
    "アカウントの全リージョンはホームリージョンで評価されます",
);
pub(crate) const REGION_EXCLUDED: Remark = Remark::new(
    "REGION_EXCLUDED",
    "The Region is excluded by excludedRegions",
    "excludedRegions で評価対象から除かれたリージョンです",
);
pub(crate) const NOT_IN_REGION: Remark = Remark::new(
    "NOT_IN_REGION",
    "AWS does not offer the service in the Region",
    "このリージョンでは AWS がサービスを提供していません",
);

/// What one run looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// These Regions.
    Regions(Vec<String>),
    /// None, and why.
    Nothing(&'static Remark),
}

impl Scope {
    /// The Regions of a run.
    ///
    /// # Errors
    /// When the account's Regions cannot be listed.
    pub(crate) async fn of(
        run: &Run<'_>,
        all: &Param<bool>,
        regions: &Regions,
    ) -> Result<Self, Error> {
        let excluded = run.parameters.get(&EXCLUDED_REGIONS);
        if !run.parameters.get(all) {
            return Ok(Self::without(vec![run.region.to_owned()], &excluded));
        }
        if !run.home {
            return Ok(Self::Nothing(&JUDGED_IN_HOME_REGION));
        }
        Ok(Self::without(regions.enabled().await?, &excluded))
    }

    fn without(mut regions: Vec<String>, excluded: &[String]) -> Self {
        regions.retain(|region| !excluded.contains(region));
        if regions.is_empty() { Self::Nothing(&REGION_EXCLUDED) } else { Self::Regions(regions) }
    }
}

/// Collects what fails and what is to be noted in which Region, so that each is told once.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    failed: BTreeMap<&'static str, Vec<String>>,
    noted: BTreeMap<&'static str, (&'static Remark, Vec<String>)>,
}

impl Findings {
    /// `requirement` fails at a place: a Region, or a Region with what is wrong there.
    pub(crate) fn fail(&mut self, requirement: &Requirement, place: impl Into<String>) {
        self.failed.entry(requirement.code).or_default().push(place.into());
    }

    /// A note on a place, for the case that nothing fails.
    pub(crate) fn note(&mut self, remark: &'static Remark, place: impl Into<String>) {
        let (_, places) = self.noted.entry(remark.code).or_insert((remark, Vec::new()));
        places.push(place.into());
    }

    /// A note on the whole, for the case that nothing fails.
    pub(crate) fn remark(&mut self, remark: &'static Remark) {
        self.noted.entry(remark.code).or_insert((remark, Vec::new()));
    }

    /// The verdict, its reasons in the order of the control's declaration.
    pub(crate) fn into_verdict(self, control: &Control) -> Verdict {
        let mut failures = Failures::new();
        for requirement in control.requirements {
            if let Some(places) = self.failed.get(requirement.code) {
                failures.because(requirement, at(requirement.title, places));
            }
        }
        let notes = self.noted.into_values();
        let notes: Vec<Reason> =
            notes.map(|(remark, places)| remark.because(at(remark.text, &places))).collect();
        failures.into_verdict_with(notes)
    }
}

/// A text with the places that it is about.
fn at(text: Text, places: &[String]) -> Message {
    if places.is_empty() {
        return text.into();
    }
    let named = Message::named(places);
    Message { en: format!("{}: {}", text.en, named.en), ja: format!("{}: {}", text.ja, named.ja) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regions(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn excluded_regions_are_left_out() {
        let left = |all: &[&str], out: &[&str]| Scope::without(regions(all), &regions(out));
        assert_eq!(
            left(&["ap-northeast-1", "us-east-1"], &["us-east-1", "eu-west-1"]),
            Scope::Regions(regions(&["ap-northeast-1"]))
        );
        assert_eq!(left(&["us-east-1"], &["us-east-1"]), Scope::Nothing(&REGION_EXCLUDED));
    }
}
