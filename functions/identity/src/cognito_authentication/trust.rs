//! Whom the trust policy of an identity pool's role lets in.

use std::collections::BTreeSet;

use fisc_shared::policy::{Effect, PolicyDocument, Principals, Reading, Request, Statement, Truth};

/// The provider of identity pools in commercial Regions; other partitions have names of their own
/// that begin alike.
const PROVIDER: &str = "cognito-identity.amazonaws.com";
const PROVIDERS: &str = "cognito-identity";
/// In lower case, as sets of actions compare.
const ASSUME: &str = "sts:assumerolewithwebidentity";
/// An identity pool that nobody has.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";

/// The kind of identity that a role is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Authenticated,
    Guest,
}

impl Kind {
    /// The `amr` of identities of the other kind.
    const fn other(self) -> &'static str {
        match self {
            Self::Authenticated => "unauthenticated",
            Self::Guest => "authenticated",
        }
    }
}

/// Who else gets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Holes {
    /// Identities of other identity pools, or without a pool.
    pub(super) other_pools: bool,
    /// Guests where only signed-in users are meant, or the other way round.
    pub(super) other_kind: bool,
}

/// Looks for tokens that the policy must not let in, but may.
pub(super) fn holes(document: &PolicyDocument, pool: &str, kind: Kind) -> Holes {
    let mut found = Holes::default();
    for provider in providers(document) {
        let admits = |request: &Request| admits(document, provider, request);
        let (aud, amr) = (format!("{provider}:aud"), format!("{provider}:amr"));
        found.other_pools |= admits(&Request::new().without(&aud))
            || others(document, &aud, pool)
                .iter()
                .any(|other| admits(&Request::new().with(&aud, other)));
        let own = || Request::new().with(&aud, pool);
        found.other_kind |= admits(&own().without(&amr)) || admits(&own().with(&amr, kind.other()));
    }
    found
}

/// The providers of identity pools that the policy names.
fn providers(document: &PolicyDocument) -> BTreeSet<&str> {
    let principals = document.statements.iter().filter_map(|one| one.principals.as_ref());
    let named = principals.flat_map(|principals| &principals.federated).map(String::as_str);
    named.filter(|name| name.starts_with(PROVIDERS)).chain([PROVIDER]).collect()
}

/// Pools that the policy could let in: one that it cannot know, and what its tests spell out.
fn others(document: &PolicyDocument, aud: &str, pool: &str) -> BTreeSet<String> {
    let region = pool.split(':').next().unwrap_or_default();
    let tests = document.statements.iter().flat_map(|one| &one.conditions.tests);
    tests
        .filter(|test| test.key.eq_ignore_ascii_case(aud))
        .flat_map(|test| &test.values)
        .filter(|value| *value != pool)
        // A text that the pattern matches; it cannot be the pool's id under both fillings.
        .flat_map(|value| ["0", "1"].map(|filling| value.replace(['*', '?'], filling)))
        .chain([format!("{region}:{NOBODY}")])
        .filter(|other| other != pool)
        .collect()
}

/// Whether some token of which this much is known may get in.
fn admits(document: &PolicyDocument, provider: &str, request: &Request) -> bool {
    let allowed = document.with_effect(Effect::Allow).any(|statement| {
        is_about(statement, provider, Reading::Possibly)
            && statement.conditions.holds(request) != Truth::False
    });
    let denied = document.with_effect(Effect::Deny).any(|statement| {
        is_about(statement, provider, Reading::Surely)
            && statement.conditions.holds(request) == Truth::True
    });
    allowed && !denied
}

fn is_about(statement: &Statement, provider: &str, reading: Reading) -> bool {
    let about = |principals: &Principals| {
        let named = principals.aws.iter().any(|name| name == "*")
            || principals.federated.iter().any(|name| name == provider || name == "*");
        named != principals.negated
    };
    statement.principals.as_ref().is_some_and(about)
        && statement.actions.actions(reading).contains(ASSUME)
}
