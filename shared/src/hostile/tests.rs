//! The properties, held on seeds, on what is grafted into them, on monsters and on bent seeds.

use fisc_hostile::{Bytes, attack, bounded, inputs, seeds};
use proptest::prelude::*;

use super::*;

/// The name of the fuzz target, and its body.
type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 7] = [
    ("exemptions", exemptions),
    ("event", event),
    ("item", item),
    ("parameters", parameters),
    ("policy", policy),
    ("event_pattern", event_pattern),
    ("filter_pattern", filter_pattern),
];

#[test]
fn events_items_and_parameters_stand_monsters() {
    attack("event", event);
    attack("item", item);
    attack("parameters", parameters);
}

#[test]
fn policies_stand_monsters() {
    attack("policy", policy);
}

#[test]
fn exemptions_stand_monsters() {
    attack("exemptions", exemptions);
}

#[test]
fn patterns_stand_monsters() {
    attack("event_pattern", event_pattern);
    attack("filter_pattern", filter_pattern);
}

#[test]
fn seeds_are_understood() {
    let text = |seed: &[u8]| String::from_utf8(seed.to_vec()).unwrap();
    for seed in seeds("policy") {
        crate::policy::PolicyDocument::from_text(&text(&seed)).unwrap();
    }
    for seed in seeds("item") {
        crate::ConfigurationItem::from_json(&text(&seed)).unwrap();
    }
    for seed in seeds("event_pattern") {
        crate::pattern::EventPattern::parse(&text(&seed)).unwrap();
    }
}

proptest! {
    #[test]
    fn bent_seeds_are_read_or_refused(
        (target, input) in prop::sample::select(&TARGETS[..])
            .prop_flat_map(|target| (Just(target), inputs(target.0))),
    ) {
        let (Bytes(input), (_, body)) = (input, target);
        bounded(&input, body);
    }
}
