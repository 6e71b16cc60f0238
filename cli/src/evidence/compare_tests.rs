use super::*;
use crate::evidence::testing::{REGION, evidence, finding, gathered};
use crate::registry;
use crate::report::Problem;
use proptest::prelude::*;

const TLS: &str = "s3-tls-only";

fn kinds(old: Vec<Finding>, new: Vec<Finding>) -> Vec<(Change, String)> {
    let changes = compare(&evidence(old), &evidence(new));
    changes.findings.iter().map(|one| (one.change, one.subject.id.to_string())).collect()
}

#[test]
fn every_kind_of_change_is_told() {
    let old = vec![
        finding(TLS, "better", State::Failing),
        finding(TLS, "gone", State::Failing),
        finding(TLS, "worse", State::Passing),
        finding(TLS, "over", State::Exempt),
        finding(TLS, "exempted", State::Failing),
        finding(TLS, "still", State::Failing),
        finding(TLS, "quiet", State::Passing),
        finding(TLS, "off", State::Failing),
    ];
    let new = vec![
        finding(TLS, "better", State::Passing),
        finding(TLS, "worse", State::Failing),
        finding(TLS, "over", State::Failing),
        finding(TLS, "exempted", State::Exempt),
        finding(TLS, "still", State::Failing),
        finding(TLS, "new", State::Failing),
        finding(TLS, "fresh", State::Passing),
        finding(TLS, "off", State::NotApplicable),
    ];
    let changes = compare(&evidence(old), &evidence(new));
    let found: Vec<(Change, &str)> =
        changes.findings.iter().map(|one| (one.change, one.subject.id.as_ref())).collect();
    assert_eq!(
        found,
        [
            (Change::Worse, "over"),
            (Change::Worse, "worse"),
            (Change::New, "new"),
            (Change::Exempted, "exempted"),
            (Change::Better, "better"),
            (Change::Better, "off"),
            (Change::Gone, "gone"),
        ]
    );
    assert_eq!(changes.still_failing, 1);
    assert_eq!(changes.counts.all(), [2, 1, 0, 1, 2, 1]);
    let number = registry::find(TLS).unwrap().criteria.explicit[0];
    let criterion = changes.criteria.iter().find(|one| one.number == number).unwrap();
    assert_eq!((criterion.failing_before, criterion.failing_after), (5, 4));
    assert_eq!(criterion.findings, changes.counts);
    let untouched = changes.criteria.iter().filter(|one| !one.is_change()).count();
    assert_eq!(untouched + registry::find(TLS).unwrap().criteria.all().count(), 277);
}

/// What was not looked at is not gone.
#[test]
fn a_missing_finding_is_gone_only_where_somebody_looked() {
    let old = || vec![finding(TLS, "a", State::Failing)];
    let other = || vec![finding(TLS, "b", State::Passing)];
    let unknown = [(Change::Unknown, "a".to_owned())];
    assert_eq!(kinds(old(), other()), [(Change::Gone, "a".to_owned())]);
    assert_eq!(kinds(old(), vec![finding(TLS, "a", State::Error)]), unknown);
    assert_eq!(kinds(old(), vec![finding(TLS, "b", State::NotEvaluated)]), unknown);
    assert_eq!(kinds(old(), vec![]), unknown, "no account was seen");

    let against = |change: &dyn Fn(&mut crate::evidence::Gathered)| {
        let mut new = gathered(other());
        change(&mut new);
        let changes = compare(&evidence(old()), &Evidence::build(new).unwrap());
        changes.findings.first().unwrap().change
    };
    assert_eq!(against(&|_| {}), Change::Gone);
    assert_eq!(against(&|new| new.accounts.clear()), Change::Unknown);
    assert_eq!(against(&|new| drop(new.regions.remove(REGION))), Change::Unknown);
    assert_eq!(
        against(&|new| {
            new.findings.clear();
            new.controls.clear();
        }),
        Change::Unknown
    );
    assert_eq!(
        against(&|new| {
            let message = "cut off".to_owned();
            new.add_problems(vec![Problem { message, ..Problem::default() }]);
        }),
        Change::Unknown
    );
}

proptest! {
    /// Failing before, plus what came, minus what went, is failing now; and with itself nothing
    /// changes.
    #[test]
    fn the_books_balance(
        old in prop::collection::btree_map(0..12_usize, 0..6_usize, 0..12),
        new in prop::collection::btree_map(0..12_usize, 0..6_usize, 0..12),
    ) {
        let findings = |picks: &std::collections::BTreeMap<usize, usize>| {
            let made = picks.iter().map(|(id, state)| finding(TLS, &id.to_string(), State::ALL[*state]));
            evidence(made.collect())
        };
        let (old, new) = (findings(&old), findings(&new));
        let changes = compare(&old, &new);
        let ChangeCounts { worse, new: fresh, unknown, exempted, better, gone } = changes.counts;
        let left = unknown + exempted + better + gone;
        prop_assert_eq!(old.total.failing + worse + fresh, new.total.failing + left);
        prop_assert_eq!(changes.still_failing + left, old.total.failing);
        prop_assert!(compare(&new, &new).findings.is_empty());
    }
}
