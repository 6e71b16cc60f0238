//! Tokens that nobody meant to admit, of each kind of OIDC provider.
//!
//! Sources: IAM user guide, "Available keys for AWS web identity federation" and "Creating a role
//! for web identity or OpenID Connect federation"; the providers' documentation of their subjects
//! (November 2026).

use std::collections::BTreeSet;

use fisc_shared::policy::{Context, Known, PolicyDocument};

/// A value that no policy spells out.
const STRANGE: &str = "zz9-stranger-0f6b";

/// Claims that tell for whom a token was made; a condition on one of them is enough.
const AUDIENCE: [&str; 3] = ["aud", "oaud", "app_id"];

/// Claims of GitHub's tokens that belong to a repository, its owner or a person. The others
/// (branch, environment, event …) everybody can have.
const TYING_OF_GITHUB: [&str; 11] = [
    "sub",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "job_workflow_ref",
    "workflow_ref",
    "actor",
    "actor_id",
    "enterprise",
    "enterprise_id",
];

/// How the subjects of providers with many customers begin: what comes first, and what ends the
/// customer's part. A wildcard before that end leaves the customer open.
const SUBJECTS: [(&str, &str, char); 5] = [
    ("token.actions.", "repo:", '/'),
    ("gitlab.com", "project_path:", '/'),
    ("app.terraform.io", "organization:", ':'),
    ("agent.buildkite.com", "organization:", ':'),
    // Each cluster is a provider of its own; its customers are the namespaces.
    ("oidc.eks.", "system:serviceaccount:", ':'),
];

/// The requests that must not get in: a stranger's token, and one made for another audience.
/// None for a provider of SAML.
pub(super) fn strangers(document: &PolicyDocument, provider: &str) -> Vec<Context> {
    let name = match provider.split_once(":oidc-provider/") {
        Some((_, name)) => name,
        None if provider.starts_with("arn:") => return Vec::new(),
        None => provider,
    }
    .to_lowercase();
    let tests = || document.statements.iter().flat_map(|statement| &statement.conditions.tests);
    let claims: BTreeSet<&str> =
        tests().filter_map(|test| test.key.strip_prefix(&name)?.strip_prefix(':')).collect();
    // A token has no claims of another provider.
    let others = tests().filter(|test| is_claim(&test.key) && !test.key.starts_with(&name));
    let token =
        others.fold(Context::new(), |context, test| context.with(&test.key, &[Known::Absent]));
    let key = |claim: &str| format!("{name}:{claim}");
    let strange = || Known::Value(STRANGE.to_owned());
    let another_audience = AUDIENCE.iter().fold(token.clone(), |context, claim| {
        context.with(&key(claim), &[Known::Absent, strange()])
    });
    let stranger = claims
        .into_iter()
        .chain(["sub"])
        .filter(|claim| !AUDIENCE.contains(claim) && ties(&name, claim))
        .fold(token, |context, claim| {
            let key = key(claim);
            let mut values = vec![Known::Absent, strange()];
            let patterns = tests().filter(|test| test.key == key).flat_map(|test| &test.values);
            let open = patterns.filter(|pattern| leaves_open(&name, claim, pattern));
            values.extend(open.map(|pattern| Known::Value(somebody(pattern))));
            context.with(&key, &values)
        });
    vec![another_audience, stranger]
}

/// Whether a context key is a claim: its first part is the address of a provider.
fn is_claim(key: &str) -> bool {
    key.rsplit_once(':').is_some_and(|(provider, _)| provider.contains('.'))
}

/// Whether a claim belongs to somebody.
fn ties(name: &str, claim: &str) -> bool {
    !name.starts_with("token.actions.") || TYING_OF_GITHUB.contains(&claim)
}

/// Whether a pattern leaves open whose token it is.
fn leaves_open(name: &str, claim: &str, pattern: &str) -> bool {
    let Some(wildcard) = pattern.find(['*', '?']) else { return false };
    let bare = pattern.chars().all(|c| matches!(c, '*' | '?' | ':' | '/'));
    let subject = SUBJECTS.iter().find(|(host, ..)| claim == "sub" && name.starts_with(host));
    let Some((_, start, end)) = subject else { return bare };
    let spelt = pattern.get(..wildcard).unwrap_or_default();
    bare || match spelt.strip_prefix(start) {
        Some(customer) => !customer.contains(*end),
        // A subject of another form, or a wildcard within the first part.
        None => start.starts_with(spelt),
    }
}

/// A stranger's value that the pattern matches.
fn somebody(pattern: &str) -> String {
    pattern.replace('*', STRANGE).replace('?', "z")
}
