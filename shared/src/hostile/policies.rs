//! Policy documents: whoever may write one may write any.

use fisc_hostile::clear;

use crate::policy::{
    Effect, Grants, Ignoring, Party, PolicyDocument, PolicyError, Request, Statement, Trust, Truth,
    Universe, covers,
};

/// The bytes as a policy document, asked all the questions that controls ask.
///
/// # Panics
/// When a property is broken.
pub fn policy(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let Some(policy) = clear(PolicyDocument::from_text(&text)) else { return };
    let everything = Universe::new("*", "*");
    let objects = Universe::new("s3:?*", "arn:aws:s3:::b/?*");
    for universe in [&everything, &objects] {
        ask(&policy, universe);
    }
    let plain = Request::new().with("aws:SecureTransport", "false").without("aws:SourceVpce");
    let denies: Vec<&Statement> = policy
        .with_effect(Effect::Deny)
        .filter(|statement| statement.conditions.holds(&plain) == Truth::True)
        .collect();
    for principals in [false, true] {
        let ignoring = Ignoring { principals, ..Ignoring::default() };
        clear(covers(&denies, &objects, ignoring));
    }
}

fn ask(policy: &PolicyDocument, universe: &Universe) {
    let trust = Trust { accounts: vec!["111122223333".to_owned()], organizations: Vec::new() };
    let Some(outsiders) = clear(policy.outsiders(&trust, universe)) else { return };
    assert!(!outsiders.iter().any(|party| trust.covers(party)), "a trusted outsider");
    let public = clear(policy.admits(&Party::Stranger, universe));
    assert_eq!(public, Some(outsiders.contains(&Party::Stranger)), "two answers about strangers");
    let grants = Grants::new(policy.with_effect(Effect::Allow), policy.with_effect(Effect::Deny));
    let answer = |outcome: Result<bool, PolicyError>| clear(outcome);
    if let (Some(all), Some(any)) = (answer(grants.all(universe)), answer(grants.any(universe))) {
        assert!(any || !all, "everything is granted, and nothing");
    }
}
