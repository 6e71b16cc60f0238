//! Patterns with `*` and `?`, as actions and resources are written.

use std::collections::HashSet;

use super::PolicyError;

/// How letters compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// `A` is `a`: actions, condition keys.
    Insensitive,
    /// `A` is not `a`: resources.
    Sensitive,
}

/// How a policy variable (`${aws:username}`) in a pattern is read: its value is only known when a
/// request comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Only what matches for certain: a pattern with a variable matches nothing.
    Surely,
    /// What may match: a variable matches anything.
    Possibly,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Token {
    /// This character.
    Just(char),
    /// `?`
    One,
    /// `*`
    Any,
}

/// A pattern: `*` matches any run of characters, `?` exactly one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob(Vec<Token>);

impl Glob {
    /// Reads a pattern; `None` when it holds a variable that, read like this, matches nothing.
    #[must_use]
    pub fn parse(text: &str, case: Case, reading: Reading) -> Option<Self> {
        let (glob, has_variable) = Self::read(text, case);
        (reading == Reading::Possibly || !has_variable).then_some(glob)
    }

    /// Everything that a pattern may match.
    pub(super) fn widest(text: &str, case: Case) -> Self {
        Self::read(text, case).0
    }

    /// Reads a pattern, a variable as `*`, and tells whether there was one.
    fn read(text: &str, case: Case) -> (Self, bool) {
        let mut tokens = Vec::with_capacity(text.len());
        let mut has_variable = false;
        let mut rest = text.chars().peekable();
        let mut push = |token: Token| {
            // `**` is `*`: fewer states, same meaning.
            if !(token == Token::Any && tokens.last() == Some(&Token::Any)) {
                tokens.push(token);
            }
        };
        while let Some(next) = rest.next() {
            match next {
                '*' => push(Token::Any),
                '?' => push(Token::One),
                '$' if rest.peek() == Some(&'{') => {
                    let variable: String =
                        rest.by_ref().skip(1).take_while(|c| *c != '}').collect();
                    if matches!(variable.as_str(), "*" | "?" | "$") {
                        // `${*}`, `${?}` and `${$}` are the characters themselves.
                        variable.chars().for_each(|c| push(Token::Just(c)));
                    } else {
                        has_variable = true;
                        push(Token::Any);
                    }
                }
                other => match case {
                    Case::Sensitive => push(Token::Just(other)),
                    Case::Insensitive => other.to_lowercase().for_each(|c| push(Token::Just(c))),
                },
            }
        }
        (Self(tokens), has_variable)
    }

    /// Whether `text` matches. `text` must be in lower case for a pattern read without regard to
    /// case.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let (mut position, mut rest) = (0, text.chars());
        // Behind the last `*`, and the text with which that may go on: an earlier `*` never needs
        // another try, since the last one can take all that it could.
        let mut last = None;
        loop {
            let mut ahead = rest.clone();
            let fits = match (self.0.get(position), ahead.next()) {
                (Some(Token::Any), _) => {
                    position += 1;
                    last = Some((position, rest.clone()));
                    continue;
                }
                (None, None) => return true,
                (Some(Token::One), Some(_)) => true,
                (Some(Token::Just(expected)), Some(character)) => *expected == character,
                (Some(_), None) | (None, Some(_)) => false,
            };
            if fits {
                position += 1;
                rest = ahead;
                continue;
            }
            let Some((behind, from)) = &mut last else { return false };
            if from.next().is_none() {
                return false;
            }
            (position, rest) = (*behind, from.clone());
        }
    }

    /// A text that matches: the pattern itself where it has no `*` or `?`.
    pub(super) fn example(&self) -> String {
        let characters = self.0.iter().filter_map(|token| match token {
            Token::Just(character) => Some(*character),
            Token::One => Some('z'),
            Token::Any => None,
        });
        characters.collect()
    }

    /// Whether only one text matches.
    fn is_literal(&self) -> bool {
        self.0.iter().all(|token| matches!(token, Token::Just(_)))
    }

    /// Whether it is plain that everything that `other` matches is matched: it ends with its only
    /// `*`, and what stands before that is how `other` begins.
    fn plainly_covers(&self, other: &Self) -> bool {
        let Some((Token::Any, head)) = self.0.split_last() else { return false };
        head.iter().all(|token| matches!(token, Token::Just(_))) && other.0.starts_with(head)
    }

    /// Whether it is plain that no text matches both: they begin or end differently, or one is a
    /// text that the other does not match.
    fn is_plainly_apart(&self, other: &Self) -> bool {
        let differ = |(one, two): (&Token, &Token)| match (one, two) {
            (Token::Just(one), Token::Just(two)) => Some(one != two),
            _ => None,
        };
        let at_edge = |pairs: Pairs<'_>| loop {
            match pairs.next().map(differ) {
                Some(Some(false)) => {}
                Some(Some(true)) => return true,
                Some(None) | None => return false,
            }
        };
        at_edge(&mut self.0.iter().zip(&other.0))
            || at_edge(&mut self.0.iter().rev().zip(other.0.iter().rev()))
            || (self.is_literal() && !other.matches(&self.example()))
    }
}

/// Tokens of two patterns side by side.
type Pairs<'a> = &'a mut dyn Iterator<Item = (&'a Token, &'a Token)>;

/// A union of patterns, or everything but them (`NotAction`, `NotResource`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobSet {
    /// The patterns.
    pub globs: Vec<Glob>,
    /// Whether the set is what none of them matches.
    pub negated: bool,
}

impl GlobSet {
    /// Reads patterns. A variable in a negated set takes more away than it adds, so that there
    /// the reading is the other one.
    #[must_use]
    pub fn parse<'a>(
        patterns: impl IntoIterator<Item = &'a str>,
        negated: bool,
        case: Case,
        reading: Reading,
    ) -> Self {
        let reading = match (reading, negated) {
            (reading, false) => reading,
            (Reading::Surely, true) => Reading::Possibly,
            (Reading::Possibly, true) => Reading::Surely,
        };
        let globs = patterns.into_iter().filter_map(|text| Glob::parse(text, case, reading));
        Self { globs: globs.collect(), negated }
    }

    /// Whether `text` is in the set.
    #[must_use]
    pub fn contains(&self, text: &str) -> bool {
        self.globs.iter().any(|glob| glob.matches(text)) != self.negated
    }
}

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
const MAX_STEPS: usize = 2_000_000;
/// Work of one question, which asks for signatures again for each one that it found.
const MAX_ALL_STEPS: usize = 20_000_000;

/// The steps that are left to a question.
#[derive(Debug)]
pub(super) struct Work(usize);

impl Work {
    /// A question that begins.
    pub(super) const fn new() -> Self {
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
pub(super) fn signatures(
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

/// Whether one of the patterns, as parameters give them, matches the whole name: `*` stands for
/// anything, `?` for one character.
#[must_use]
pub fn matches_any(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|pattern| {
        Glob::parse(pattern.trim(), Case::Sensitive, Reading::Surely)
            .is_some_and(|glob| glob.matches(name))
    })
}

#[cfg(test)]
mod tests {
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
    fn patterns_match_as_the_grammar_says() {
        assert!(glob("s3:Get*").matches("s3:GetObject"));
        assert!(!glob("s3:Get*").matches("s3:PutObject"));
        assert!(glob("a?c").matches("abc"));
        assert!(!glob("a?c").matches("ac"));
        assert!(glob("**").matches(""));
        assert!(glob("a${*}b").matches("a*b"));
        assert!(!glob("a${*}b").matches("axb"));
        let insensitive = Glob::parse("S3:GET*", Case::Insensitive, Reading::Surely).unwrap();
        assert!(insensitive.matches("s3:getobject"));
    }

    #[test]
    fn an_example_matches() {
        for text in ["", "*", "?", "a*b?c", "s3:Get*", "arn:aws:s3:::b/${aws:username}/*"] {
            let glob = Glob::parse(text, Case::Sensitive, Reading::Possibly).unwrap();
            assert!(glob.matches(&glob.example()), "{text}");
        }
        assert_eq!(glob("s3:GetObject").example(), "s3:GetObject");
    }

    #[test]
    fn a_variable_matches_nothing_for_certain_and_anything_possibly() {
        let text = "arn:aws:s3:::b/${aws:username}/*";
        assert!(Glob::parse(text, Case::Sensitive, Reading::Surely).is_none());
        let possibly = Glob::parse(text, Case::Sensitive, Reading::Possibly).unwrap();
        assert!(possibly.matches("arn:aws:s3:::b/anyone/x"));
        // What is surely outside of NotResource is what no reading of it matches.
        let not = GlobSet::parse([text], true, Case::Sensitive, Reading::Surely);
        assert!(!not.contains("arn:aws:s3:::b/anyone/x"));
        assert!(not.contains("arn:aws:s3:::other"));
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
            prop_assert_eq!(
                signatures(&universe, &refs, &mut Work::new()),
                search(&universe, &refs, &mut Work::new())
            );
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

    #[test]
    fn patterns_of_parameters_match_as_a_whole() {
        let matches = |patterns: &[&str], name: &str| {
            matches_any(&patterns.iter().map(|&one| one.to_owned()).collect::<Vec<_>>(), name)
        };
        assert!(matches(&["*"], "/aws/lambda/a"));
        assert!(matches(&["other", " /aws/*/a "], "/aws/lambda/a"));
        assert!(!matches(&["/aws/"], "/aws/lambda/a"));
        assert!(!matches(&[], "a"));
    }
}
