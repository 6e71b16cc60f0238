//! Which texts several patterns match together, whatever way they overlap.

use std::collections::HashSet;

use super::{Glob, GlobSet, Token};
use crate::policy::PolicyError;

/// The positions in a pattern that some prefix of a text can have reached.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct States(Vec<u64>);

impl States {
    fn start(glob: &Glob) -> Self {
        let mut states = Self(vec![0; glob.0.len() / 64 + 1]);
        states.enter(glob, 0);
        states
    }

    /// Enters a position, and those behind it that need no character.
    fn enter(&mut self, glob: &Glob, mut position: usize) {
        loop {
            if let Some(word) = self.0.get_mut(position / 64) {
                *word |= 1 << (position % 64);
            }
            if glob.0.get(position) != Some(&Token::Any) {
                break;
            }
            position += 1;
        }
    }

    fn step(&self, glob: &Glob, character: char) -> Self {
        let mut next = Self(vec![0; self.0.len()]);
        for position in self.positions() {
            match glob.0.get(position) {
                Some(Token::Any) => next.enter(glob, position),
                Some(Token::One) => next.enter(glob, position + 1),
                Some(Token::Just(expected)) if *expected == character => {
                    next.enter(glob, position + 1);
                }
                Some(Token::Just(_)) | None => {}
            }
        }
        next
    }

    /// The positions reached; few of a long pattern.
    fn positions(&self) -> impl Iterator<Item = usize> {
        self.0.iter().zip((0..).step_by(64)).flat_map(|(&word, first)| {
            let mut rest = word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then_some(rest.trailing_zeros())?;
                rest &= rest - 1;
                Some(first + usize::try_from(bit).ok()?)
            })
        })
    }

    fn holds(&self, position: usize) -> bool {
        self.0.get(position / 64).is_some_and(|word| word & (1 << (position % 64)) != 0)
    }

    fn accepts(&self, glob: &Glob) -> bool {
        self.holds(glob.0.len())
    }

    /// Adds the characters that the positions reached name.
    fn expected(&self, glob: &Glob, named: &mut Vec<char>) {
        for position in self.positions() {
            if let Some(Token::Just(character)) = glob.0.get(position) {
                named.push(*character);
            }
        }
    }

    fn is_dead(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }
}

/// Work that [`search`] does before it gives up, in steps of one pattern by one character. A
/// policy of the largest size that AWS allows stays far below it, unless it was built to be slow.
const MAX_STEPS: usize = 500_000;
/// Work of one question, which asks for signatures again for each one that it found.
const MAX_ALL_STEPS: usize = 2_000_000;

/// The steps that are left to a question.
#[derive(Debug)]
pub(in crate::policy) struct Work(usize);

impl Work {
    /// A question that begins.
    pub(in crate::policy) const fn new() -> Self {
        Self(MAX_ALL_STEPS)
    }
}

/// How far a text has come: in the universe, and in the patterns that it can still match.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Reached {
    universe: States,
    live: Vec<(usize, States)>,
}

impl Reached {
    /// The characters that lead to different places, with one that stands for all others.
    fn alphabet(&self, universe: &Glob, globs: &[&Glob]) -> Vec<char> {
        let mut named = Vec::new();
        self.universe.expected(universe, &mut named);
        for (index, states) in &self.live {
            if let Some(glob) = globs.get(*index) {
                states.expected(glob, &mut named);
            }
        }
        named.sort_unstable();
        named.dedup();
        let other = ('\u{0}'..).find(|character| named.binary_search(character).is_err());
        named.extend(other);
        named
    }

    /// The next place, unless no text of the universe gets there.
    fn step(&self, universe: &Glob, globs: &[&Glob], character: char) -> Option<Self> {
        let universe = self.universe.step(universe, character);
        if universe.is_dead() {
            return None;
        }
        let live = self.live.iter().filter_map(|(index, states)| {
            let next = states.step(globs.get(*index)?, character);
            (!next.is_dead()).then_some((*index, next))
        });
        Some(Self { universe, live: live.collect() })
    }

    /// What a step from here costs: one for each pattern, and more for the positions of long ones.
    fn cost(&self) -> usize {
        let of = |states: &States| 1 + states.0.len() / 4;
        of(&self.universe) + self.live.iter().map(|(_, states)| of(states)).sum::<usize>()
    }

    /// Which sets contain the text that ends here.
    fn signature(&self, sets: &[&GlobSet], globs: &[&Glob]) -> Vec<bool> {
        let matched: Vec<usize> = self
            .live
            .iter()
            .filter(|(index, states)| globs.get(*index).is_some_and(|glob| states.accepts(glob)))
            .map(|(index, _)| *index)
            .collect();
        let mut first = 0;
        sets.iter()
            .map(|set| {
                let own = first..first + set.globs.len();
                first = own.end;
                matched.iter().any(|index| own.contains(index)) != set.negated
            })
            .collect()
    }
}

/// For every text that `universe` matches: which of `sets` contain it. Each distinct answer is
/// given once.
///
/// What is plain is not searched for: a universe of one text, sets that contain all of the
/// universe or nothing of it, patterns that are apart from it.
///
/// # Errors
/// [`PolicyError::TooComplex`] when the patterns have too many different overlaps.
pub(in crate::policy) fn signatures(
    universe: &Glob,
    sets: &[&GlobSet],
    work: &mut Work,
) -> Result<HashSet<Vec<bool>>, PolicyError> {
    if universe.is_literal() {
        let text = universe.example();
        return Ok(HashSet::from([sets.iter().map(|set| set.contains(&text)).collect()]));
    }
    let mut open = Vec::new();
    let plain: Vec<Option<bool>> = sets
        .iter()
        .map(|set| {
            if set.globs.iter().any(|glob| glob.plainly_covers(universe)) {
                return Some(!set.negated);
            }
            let near = set.globs.iter().filter(|glob| !glob.is_plainly_apart(universe));
            let near: Vec<Glob> = near.cloned().collect();
            if near.is_empty() {
                return Some(set.negated);
            }
            open.push(GlobSet { globs: near, negated: set.negated });
            None
        })
        .collect();
    if open.is_empty() {
        return Ok(HashSet::from([plain.into_iter().flatten().collect()]));
    }
    let found = search(universe, &open.iter().collect::<Vec<_>>(), work)?;
    let whole = |inside: Vec<bool>| {
        let mut inside = inside.into_iter();
        plain.iter().filter_map(|known| known.or_else(|| inside.next())).collect()
    };
    Ok(found.into_iter().map(whole).collect())
}

/// The answers of [`signatures`] by the subset construction over all patterns at once, explored
/// from the start: exact, whatever way the patterns overlap.
fn search(
    universe: &Glob,
    sets: &[&GlobSet],
    work: &mut Work,
) -> Result<HashSet<Vec<bool>>, PolicyError> {
    let limit = MAX_STEPS.min(work.0);
    let globs: Vec<&Glob> = sets.iter().flat_map(|set| &set.globs).collect();
    let start = Reached {
        universe: States::start(universe),
        live: globs.iter().map(|glob| States::start(glob)).enumerate().collect(),
    };
    let mut seen = HashSet::from([start.clone()]);
    let mut open = vec![start];
    let mut found = HashSet::new();
    let mut steps = 0;
    while let Some(reached) = open.pop() {
        if reached.universe.accepts(universe) {
            found.insert(reached.signature(sets, &globs));
        }
        for character in reached.alphabet(universe, &globs) {
            steps += reached.cost();
            if steps > limit {
                return Err(PolicyError::TooComplex);
            }
            if let Some(next) = reached.step(universe, &globs, character)
                && !seen.contains(&next)
            {
                seen.insert(next.clone());
                open.push(next);
            }
        }
    }
    work.0 -= steps;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::{Case, Reading};
    use super::*;
    use proptest::prelude::*;

    fn glob(text: &str) -> Glob {
        Glob::parse(text, Case::Sensitive, Reading::Surely).unwrap()
    }

    fn set(patterns: &[&str], negated: bool) -> GlobSet {
        GlobSet::parse(patterns.iter().copied(), negated, Case::Sensitive, Reading::Surely)
    }

    fn covered(universe: &str, sets: &[GlobSet]) -> bool {
        let sets: Vec<&GlobSet> = sets.iter().collect();
        signatures(&glob(universe), &sets, &mut Work::new())
            .unwrap()
            .iter()
            .all(|inside| inside.contains(&true))
    }

    #[test]
    fn unions_cover_only_when_nothing_is_left() {
        assert!(covered("s3:*", &[set(&["*"], false)]));
        assert!(covered("s3:*", &[set(&["s3:*"], false)]));
        assert!(!covered("s3:*", &[set(&["s3:Get*", "s3:Put*"], false)]));
        assert!(covered("s3:*", &[set(&["s3:Get*"], false), set(&["s3:Get*"], true)]));
        assert!(covered("s3:*", &[set(&["iam:*"], true)]));
        assert!(!covered("s3:*", &[set(&["s3:GetObject"], true)]));
        assert!(!covered("b/*", &[set(&["b/?"], false), set(&["b/??*"], false)]));
        assert!(covered("b/?*", &[set(&["b/?"], false), set(&["b/??*"], false)]));
        assert!(!covered("b/*", &[]));
    }

    #[test]
    fn long_lists_are_decided() {
        let prefixes: Vec<String> =
            (0..1000).map(|n| format!("arn:aws:s3:::bucket/customers/{n:04}/*")).collect();
        let prefixes: Vec<&str> = prefixes.iter().map(String::as_str).collect();
        let universe = "arn:aws:s3:::bucket/?*";
        assert!(!covered(universe, &[set(&prefixes, false)]));
        assert!(covered(universe, &[set(&prefixes, false), set(&prefixes, true)]));
    }

    #[test]
    fn a_pattern_that_explodes_is_refused_not_run_for_ever() {
        let patterns: Vec<String> = (0..40).map(|n| format!("*{}*a*b?????????????c", n)).collect();
        let patterns: Vec<&str> = patterns.iter().map(String::as_str).collect();
        let set = set(&patterns, false);
        assert_eq!(signatures(&glob("*"), &[&set], &mut Work::new()), Err(PolicyError::TooComplex));
    }

    /// All texts over `ab` up to a length, against which the search is held.
    fn texts(length: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut last = all.clone();
        for _ in 0..length {
            last = last.iter().flat_map(|text| ["a", "b"].map(|c| format!("{text}{c}"))).collect();
            all.extend(last.clone());
        }
        all
    }

    proptest! {
        /// Matching one text is what the search says of it.
        #[test]
        fn matching_agrees_with_the_search(pattern in "[ab*?]{0,7}", text in "[ab]{0,9}") {
            let pattern = glob(&pattern);
            let mut states = States::start(&pattern);
            for character in text.chars() {
                states = states.step(&pattern, character);
            }
            prop_assert_eq!(pattern.matches(&text), states.accepts(&pattern));
        }

        /// What is plain is what the search finds.
        #[test]
        fn shortcuts_change_nothing(
            universe in "[ab*?]{0,5}",
            sets in prop::collection::vec((prop::collection::vec("[ab]{0,3}[ab*?]{0,2}[ab]{0,2}[*]{0,1}", 0..3), any::<bool>()), 0..4),
        ) {
            let sets: Vec<GlobSet> = sets
                .iter()
                .map(|(patterns, negated)| {
                    set(&patterns.iter().map(String::as_str).collect::<Vec<_>>(), *negated)
                })
                .collect();
            let refs: Vec<&GlobSet> = sets.iter().collect();
            let universe = glob(&universe);
            prop_assert_eq!(signatures(&universe, &refs, &mut Work::new()), search(&universe, &refs, &mut Work::new()));
        }

        /// Every answer for a real text is among the signatures.
        #[test]
        fn signatures_agree_with_matching(
            universe in "[ab*?]{0,4}",
            sets in prop::collection::vec((prop::collection::vec("[ab*?]{0,4}", 0..3), any::<bool>()), 1..4),
        ) {
            let sets: Vec<GlobSet> = sets
                .iter()
                .map(|(patterns, negated)| {
                    set(&patterns.iter().map(String::as_str).collect::<Vec<_>>(), *negated)
                })
                .collect();
            let refs: Vec<&GlobSet> = sets.iter().collect();
            let found = signatures(&glob(&universe), &refs, &mut Work::new()).unwrap();
            let mut expected = HashSet::new();
            for text in texts(9) {
                if glob(&universe).matches(&text) {
                    expected.insert(sets.iter().map(|set| set.contains(&text)).collect::<Vec<_>>());
                }
            }
            // Texts of up to nine characters reach every overlap of patterns this short.
            prop_assert!(expected.is_subset(&found));
            if !universe.contains('*') {
                // The search also knows characters besides a and b.
                prop_assert!(found.len() >= expected.len());
            }
        }
    }
}
