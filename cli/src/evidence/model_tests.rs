use super::*;
use crate::evidence::testing::{evidence, finding, gathered};
use crate::report::Problem;
use proptest::prelude::*;

fn line<'a>(evidence: &'a Evidence, number: &str) -> &'a CriterionLine {
    evidence.criteria.iter().find(|line| line.number() == number).unwrap()
}

/// The first criterion that the reference asks of both controls.
fn shared(first: &str, second: &str) -> &'static str {
    let numbers = |id: &str| registry::find(id).unwrap().criteria.all().collect::<Vec<_>>();
    let second = numbers(second);
    let checked = |number: &&str| {
        let all = crate::criteria::all().unwrap();
        all.iter().any(|one| one.number == *number && one.disposition.is_checked())
    };
    numbers(first).into_iter().filter(checked).find(|one| second.contains(one)).unwrap()
}

const TLS: &str = "s3-tls-only";
const LINKS: &str = "load-balancer-tls";

#[test]
fn a_resource_counts_once_in_its_gravest_state() {
    let number = shared(TLS, LINKS);
    let evidence = evidence(vec![
        finding(TLS, "a", State::Passing),
        finding(LINKS, "a", State::Failing),
        finding(TLS, "b", State::Failing),
        finding(LINKS, "b", State::Failing),
        finding(TLS, "c", State::NotApplicable),
    ]);
    let line = line(&evidence, number);
    assert_eq!((line.resources.failing, line.resources.passing), (2, 0));
    assert_eq!(line.resources.not_applicable, 1);
    assert_eq!(line.failing.len(), 3, "findings are listed one by one");
    assert_eq!(line.conclusion, Conclusion::Failing);
    let of = |id: &str| line.controls.iter().find(|one| one.control.id == id).unwrap();
    assert_eq!((of(TLS).counts.failing, of(TLS).counts.passing), (1, 1));
    assert_eq!(of(LINKS).counts.failing, 2);
    assert_eq!((evidence.total.failing, evidence.total.passing), (3, 1));
}

#[test]
fn what_is_not_known_is_never_a_pass() {
    let number = shared(TLS, LINKS);
    let conclude = |findings| line(&evidence(findings), number).conclusion;
    let pass = || finding(TLS, "a", State::Passing);
    assert_eq!(conclude(vec![]), Conclusion::NothingFound);
    assert_eq!(conclude(vec![finding(TLS, "a", State::NotApplicable)]), Conclusion::NothingFound);
    assert_eq!(conclude(vec![pass()]), Conclusion::NoFailure);
    assert_eq!(conclude(vec![pass(), finding(TLS, "b", State::Exempt)]), Conclusion::Exempt);
    for unknown in [State::NotEvaluated, State::Error] {
        assert_eq!(conclude(vec![pass(), finding(TLS, "b", unknown)]), Conclusion::Incomplete);
    }
    // A control that was left out could have failed.
    let mut part = gathered(vec![pass()]);
    part.controls.retain(|control| control.id == TLS);
    let part = Evidence::build(part).unwrap();
    assert_eq!(line(&part, number).conclusion, Conclusion::Incomplete);
    let silent = line(&part, number).controls.iter().find(|one| one.control.id == LINKS);
    assert_eq!(silent.unwrap().silence, Some(Silence::NotAsked));
}

#[test]
fn settings_conclude_nothing_of_what_people_show() {
    let evidence = evidence(
        registry::all().iter().map(|control| finding(control.id, "a", State::Passing)).collect(),
    );
    for line in &evidence.criteria {
        let checked = line.disposition().is_checked();
        assert_eq!(line.conclusion == Conclusion::ByEvidence, !checked, "{}", line.number());
        assert!(checked || line.controls.iter().all(|one| one.relation == Relation::Related));
    }
}

#[test]
fn problems_end_with_two_and_failures_with_one() {
    let code = |evidence: &Evidence| format!("{:?}", evidence.exit_code());
    let is = |number: u8| format!("{:?}", ExitCode::from(number));
    assert_eq!(code(&evidence(vec![])), is(0));
    assert_eq!(code(&evidence(vec![finding(TLS, "a", State::Exempt)])), is(0));
    assert_eq!(code(&evidence(vec![finding(TLS, "a", State::Failing)])), is(1));
    let mut damaged = gathered(vec![finding(TLS, "a", State::Failing)]);
    damaged.add_problems(vec![Problem { message: "cut off".to_owned(), ..Problem::default() }]);
    assert_eq!(code(&Evidence::build(damaged).unwrap()), is(2));
}

proptest! {
    /// Whatever the order of results, the report is the same, and sums are those of the parts.
    #[test]
    fn order_does_not_matter(
        picks in prop::collection::vec((0..6_usize, 0..6_usize, 0..8_usize), 0..60),
        turn in 0..60_usize,
    ) {
        let controls = registry::all();
        let mut unique = std::collections::BTreeMap::new();
        for (control, state, id) in picks {
            unique.insert((control * 13, id), State::ALL[state]);
        }
        let mut findings: Vec<Finding> = unique
            .iter()
            .map(|((control, id), state)| finding(controls[*control].id, &id.to_string(), *state))
            .collect();
        let one = evidence(findings.clone());
        if !findings.is_empty() {
            let at = turn % findings.len();
            findings.rotate_left(at);
        }
        let other = evidence(findings);
        for (a, b) in one.criteria.iter().zip(&other.criteria) {
            prop_assert_eq!((a.conclusion, a.resources), (b.conclusion, b.resources));
            prop_assert_eq!(&a.failing, &b.failing);
            // Every failing finding belongs to a resource that fails.
            prop_assert!(a.resources.failing <= a.failing.len());
            prop_assert_eq!(a.resources.failing == 0, a.failing.is_empty());
            let most: usize = a.controls.iter().map(|line| line.counts.all().iter().sum::<usize>()).sum();
            prop_assert!(a.resources.all().iter().sum::<usize>() <= most);
        }
        let sum: usize = one.controls.iter().map(|line| line.counts.failing).sum();
        prop_assert_eq!(sum, one.total.failing);
    }
}
