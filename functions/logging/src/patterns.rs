//! Names that parameters give as patterns.

use fisc_shared::policy::{Case, Glob, Reading};

/// Whether one of the patterns matches the name: `*` stands for anything, `?` for one character.
pub(crate) fn matches_any(patterns: &[String], name: &str) -> bool {
    patterns.iter().any(|pattern| {
        Glob::parse(pattern.trim(), Case::Sensitive, Reading::Surely)
            .is_some_and(|glob| glob.matches(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_a_whole() {
        let matches = |patterns: &[&str], name: &str| {
            matches_any(&patterns.iter().map(|&one| one.to_owned()).collect::<Vec<_>>(), name)
        };
        assert!(matches(&["*"], "/aws/lambda/a"));
        assert!(matches(&["other", "/aws/*/a"], "/aws/lambda/a"));
        assert!(!matches(&["/aws/"], "/aws/lambda/a"));
        assert!(!matches(&[], "a"));
    }
}
