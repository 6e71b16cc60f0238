//! The catalogue of requirements, and what of it is built.
//!
//! `catalogue.tsv` lists every requirement that was read from the reference; `not-built.tsv`
//! names those that no control declares yet, and why. The tests hold both against the
//! declarations: nothing is missing silently.

use std::collections::{BTreeMap, BTreeSet};

use fisc_cli::registry;

const CATALOGUE: &str = include_str!("../catalogue.tsv");
const NOT_BUILT: &str = include_str!("../not-built.tsv");

/// Lines of a table without comments, split into cells.
fn lines(table: &str) -> impl Iterator<Item = Vec<&str>> {
    table.lines().filter(|line| !line.starts_with('#')).map(|line| line.split('\t').collect())
}

/// The waves of each requirement, by control and reason code.
fn catalogue() -> BTreeMap<(&'static str, &'static str), Vec<u8>> {
    lines(CATALOGUE)
        .map(|cells| {
            let [control, code, waves] = cells[..] else { panic!("catalogue.tsv: {cells:?}") };
            ((control, code), waves.split(',').map(|wave| wave.parse().unwrap()).collect())
        })
        .collect()
}

/// The reasons, by control and reason code; `*` stands for every code of the control.
fn not_built() -> BTreeMap<(&'static str, &'static str), &'static str> {
    lines(NOT_BUILT)
        .map(|cells| {
            let [control, code, reason] = cells[..] else { panic!("not-built.tsv: {cells:?}") };
            assert!(!reason.trim().is_empty(), "{control} {code}: not built without a reason");
            ((control, code), reason)
        })
        .collect()
}

fn declared() -> BTreeMap<(&'static str, &'static str), u8> {
    let controls = registry::all();
    let requirements = controls.iter().flat_map(|control| {
        control.requirements.iter().map(|one| ((control.id, one.code), one.wave))
    });
    requirements.collect()
}

#[test]
fn every_requirement_is_built_or_has_a_reason() {
    let (declared, reasons) = (declared(), not_built());
    let silent: Vec<String> = catalogue()
        .iter()
        .filter(|(key, _)| !declared.contains_key(*key))
        .filter(|((control, code), _)| {
            !reasons.contains_key(&(*control, *code)) && !reasons.contains_key(&(*control, "*"))
        })
        .map(|((control, code), waves)| format!("{control} {code} (wave {waves:?})"))
        .collect();
    assert!(silent.is_empty(), "neither built nor in not-built.tsv:\n{}", silent.join("\n"));
}

#[test]
fn what_is_built_is_in_the_catalogue_with_its_wave() {
    let catalogue = catalogue();
    for (key, wave) in declared() {
        let waves = catalogue.get(&key).unwrap_or_else(|| {
            let (control, code) = key;
            panic!(
                "{control} declares {code}, of which xtask/catalogue.tsv knows nothing: if the \
                 code is right, add the line `{control}<TAB>{code}<TAB>{wave}` there (results, \
                 exemptions and reports name codes, so that one that is published stays)"
            )
        });
        assert!(waves.contains(&wave), "{key:?}: wave {wave}, the catalogue has {waves:?}");
    }
}

#[test]
fn reasons_are_about_what_is_missing() {
    let (catalogue, declared) = (catalogue(), declared());
    let built: BTreeSet<&str> = declared.keys().map(|(control, _)| *control).collect();
    for (control, code) in not_built().into_keys() {
        if code == "*" {
            assert!(!built.contains(control), "{control} is built: name its missing codes");
            assert!(catalogue.keys().any(|(id, _)| *id == control), "{control}");
        } else {
            assert!(catalogue.contains_key(&(control, code)), "{control} {code}");
            assert!(!declared.contains_key(&(control, code)), "{control} {code} is built");
        }
    }
}
