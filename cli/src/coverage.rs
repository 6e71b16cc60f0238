//! Which controls speak to which criterion.

use fisc_shared::Control;

use crate::criteria::{self, CriteriaError, Criterion, Disposition};

/// The wave of requirements that are off until a parameter turns them on.
const OPTIONAL: u8 = 3;

/// A criterion and the controls that name it.
#[derive(Debug, Clone)]
pub struct Coverage {
    /// What is asked.
    pub criterion: Criterion,
    /// Controls that the reference asks for in this criterion.
    pub explicit: Vec<&'static Control>,
    /// Controls that follow from it.
    pub implied: Vec<&'static Control>,
}

impl Coverage {
    /// Whether controls show something of the criterion. A control that merely touches on a
    /// criterion that settings cannot show does not cover it.
    #[must_use]
    pub fn is_covered(&self) -> bool {
        self.criterion.disposition.is_checked() && self.controls().next().is_some()
    }

    /// Whether all that covers the criterion is off until a parameter turns it on.
    #[must_use]
    pub fn is_optional(&self) -> bool {
        self.is_covered() && self.controls().all(is_optional)
    }

    /// The controls, those that are asked for first.
    pub fn controls(&self) -> impl Iterator<Item = &'static Control> {
        self.explicit.iter().chain(&self.implied).copied()
    }
}

/// Whether a control judges nothing before a parameter turns it on.
#[must_use]
pub fn is_optional(control: &Control) -> bool {
    control.requirements.iter().all(|requirement| requirement.wave == OPTIONAL)
}

/// The coverage of every criterion, in the order of the reference.
///
/// # Errors
/// When the table of criteria is damaged.
pub fn coverage(controls: &[&'static Control]) -> Result<Vec<Coverage>, CriteriaError> {
    let covered = criteria::all()?.into_iter().map(|criterion| {
        let naming = |numbers: fn(&Control) -> &'static [&'static str]| {
            let naming =
                controls.iter().copied().filter(|one| numbers(one).contains(&criterion.number));
            naming.collect()
        };
        Coverage {
            criterion,
            explicit: naming(|control| control.criteria.explicit),
            implied: naming(|control| control.criteria.implied),
        }
    });
    Ok(covered.collect())
}

/// How many criteria have a disposition, and how many of them are covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// The disposition.
    pub disposition: Disposition,
    /// Criteria that have it.
    pub criteria: usize,
    /// Those of them to which controls speak.
    pub covered: usize,
}

/// The counts of all dispositions.
#[must_use]
pub fn counts(coverage: &[Coverage]) -> Vec<Count> {
    let count = |&disposition: &Disposition| {
        let of = || coverage.iter().filter(move |one| one.criterion.disposition == disposition);
        let covered = of().filter(|one| one.is_covered()).count();
        Count { disposition, criteria: of().count(), covered }
    };
    Disposition::ALL.iter().map(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry;
    use std::collections::BTreeSet;

    fn of_all() -> Vec<Coverage> {
        coverage(&registry::all()).unwrap()
    }

    #[test]
    fn what_can_be_checked_is_checked_and_nothing_else_claims_to_be() {
        let coverage = of_all();
        let bare: Vec<&str> = coverage
            .iter()
            .filter(|one| one.criterion.disposition.is_checked() && !one.is_covered())
            .map(|one| one.criterion.number)
            .collect();
        assert!(bare.is_empty(), "no control speaks to {}", bare.join(", "));
        for one in coverage.iter().filter(|one| !one.criterion.disposition.is_checked()) {
            assert!(!one.is_covered(), "{}", one.criterion.number);
            let asked: Vec<&str> = one.explicit.iter().map(|control| control.id).collect();
            assert!(asked.is_empty(), "{} is not asked of {asked:?}", one.criterion.number);
        }
        for one in
            coverage.iter().filter(|one| one.criterion.disposition == Disposition::NotDescribed)
        {
            assert!(one.controls().next().is_none(), "{}", one.criterion.number);
        }
    }

    #[test]
    fn controls_name_criteria_that_exist() {
        let known: BTreeSet<&str> =
            criteria::all().unwrap().iter().map(|criterion| criterion.number).collect();
        for control in registry::all() {
            for number in control.criteria.explicit.iter().chain(control.criteria.implied) {
                assert!(known.contains(number), "{}: {number}", control.id);
            }
        }
    }

    #[test]
    fn the_counts_are_those_of_the_reference() {
        let counts = counts(&of_all());
        let criteria: Vec<(&str, usize)> =
            counts.iter().map(|count| (count.disposition.as_str(), count.criteria)).collect();
        assert_eq!(
            criteria,
            [
                ("automated", 37),
                ("partial", 88),
                ("process", 18),
                ("aws", 26),
                ("not-described", 108)
            ]
        );
    }
}
