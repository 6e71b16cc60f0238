//! What the guides give to be copied: the service control policy for the exemption tags, and the
//! parameters of a bank.

use fisc_cli::registry;
use fisc_shared::policy::{Effect, PolicyDocument, Request, Statement, Truth};
use fisc_shared::{Language, Parameters};
use serde_json::Value;

use crate::files::root;

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The policy that the guide quotes.
fn policy(language: Language) -> (String, PolicyDocument) {
    let text = read(&format!("docs/guides/exemptions.{language}.md"));
    let mut blocks = text.split("```json\n").skip(1).filter_map(|block| block.split("```").next());
    let policy = blocks.find(|block| block.contains("\"Statement\"")).unwrap().to_owned();
    let document = PolicyDocument::from_text(&policy).unwrap();
    (policy, document)
}

const DEVELOPER: &str = "arn:aws:iam::111122223333:role/developer";
const SECURITY: &str = "arn:aws:iam::111122223333:role/fisc-exemptions";
const DEPLOYMENT: &str = "arn:aws:iam::111122223333:role/deployment";

#[test]
fn the_policy_keeps_the_tags_in_the_hands_of_security() {
    let (_, policy) = policy(Language::En);
    let denies: Vec<&Statement> = policy.with_effect(Effect::Deny).collect();
    let [tags, services] = denies[..] else { panic!("{denies:?}") };
    let by = |arn: &str| Request::new().with("aws:PrincipalArn", arn);
    let tagging = |key: &str, arn: &str| tags.conditions.holds(&by(arn).with("aws:TagKeys", key));

    assert_eq!(tagging("fisc:exempt:s3-tls-only", DEVELOPER), Truth::True);
    assert_eq!(tagging("fisc:exempt:s3-tls-only", DEPLOYMENT), Truth::True);
    assert_eq!(tagging("fisc:exempt:s3-tls-only", SECURITY), Truth::False);
    assert_eq!(tagging("fisc:data-class", DEVELOPER), Truth::False);
    // What tells no keys is the second statement's, where there is need.
    let silent = tags.conditions.holds(&by(DEVELOPER).without("aws:TagKeys"));
    assert_eq!(silent, Truth::False);
    for (arn, expected) in
        [(DEVELOPER, Truth::True), (DEPLOYMENT, Truth::False), (SECURITY, Truth::False)]
    {
        assert_eq!(services.conditions.holds(&by(arn)), expected, "{arn}");
    }
}

#[test]
fn the_policy_is_the_same_in_both_languages_and_not_too_long() {
    let [(english, _), (japanese, _)] = [Language::En, Language::Ja].map(policy);
    assert_eq!(english, japanese);
    // AWS Organizations takes 5,120 characters.
    assert!(english.chars().count() < 5_120);
}

#[test]
fn the_parameters_of_a_bank_are_those_of_controls() {
    let file: Value = serde_json::from_str(&read("docs/guides/bank-parameters.json")).unwrap();
    let file = file.as_object().unwrap();
    assert!(file.len() > 5);
    for (id, given) in file {
        let control = registry::find(id).unwrap_or_else(|| panic!("no control {id}"));
        Parameters::from_value(id, control.parameters, given).unwrap();
        // What AWS Config takes for a rule.
        assert!(given.to_string().len() <= 1_024, "{id}");
    }
}
