//! The table of controls, and how rule names lead to it.

use std::collections::BTreeMap;

use fisc_shared::asff::Facts;

use crate::error::Error;

/// Generated from the controls' declarations by `cargo xtask generate`. The controls themselves
/// are not linked: each domain would bring its SDKs.
const TABLE: &str = include_str!("../controls.json");

/// The controls whose results are forwarded.
#[derive(Debug)]
pub struct Controls {
    prefix: String,
    by_id: BTreeMap<String, Facts>,
}

/// What a rule's name leads to.
#[derive(Debug, PartialEq, Eq)]
pub enum Rule<'a> {
    /// A control of this product.
    Control(&'a Facts),
    /// This stack's prefix, but no control that this binary knows.
    Unknown(&'a str),
    /// A rule of somebody else.
    Foreign,
}

impl Controls {
    /// The controls of this binary, for the stack whose rules are named `<prefix>-<control>`.
    ///
    /// # Errors
    /// When the table that was built in is damaged.
    pub fn new(prefix: &str) -> Result<Self, Error> {
        let facts: Vec<Facts> = serde_json::from_str(TABLE)?;
        let by_id = facts.into_iter().map(|facts| (facts.id.clone(), facts)).collect();
        Ok(Self { prefix: format!("{prefix}-"), by_id })
    }

    /// What the rule of this name checks.
    #[must_use]
    pub fn rule<'a>(&'a self, name: &'a str) -> Rule<'a> {
        match name.strip_prefix(&self.prefix) {
            None => Rule::Foreign,
            Some(id) => self.by_id.get(id).map_or(Rule::Unknown(id), Rule::Control),
        }
    }

    /// Every control.
    pub fn all(&self) -> impl Iterator<Item = &Facts> {
        self.by_id.values()
    }

    /// The name of the rule of a control in this stack.
    #[must_use]
    pub fn rule_name(&self, facts: &Facts) -> String {
        format!("{}{}", self.prefix, facts.id)
    }

    /// Whether there is a control of this id.
    #[must_use]
    pub fn knows(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_names_lead_to_controls() {
        let controls = Controls::new("fisc").unwrap();
        assert!(
            matches!(controls.rule("fisc-root-mfa"), Rule::Control(facts) if facts.id == "root-mfa")
        );
        assert_eq!(controls.rule("fisc-no-such"), Rule::Unknown("no-such"));
        assert_eq!(controls.rule("fisc-"), Rule::Unknown(""));
        assert_eq!(controls.rule("root-mfa"), Rule::Foreign);
        assert_eq!(controls.rule("fisc2-root-mfa"), Rule::Foreign);
        assert_eq!(controls.rule("securityhub-root-mfa-1a2b"), Rule::Foreign);
    }

    #[test]
    fn the_table_holds_what_findings_need() {
        let facts: Vec<Facts> = serde_json::from_str(TABLE).unwrap();
        let ids: Vec<&str> = facts.iter().map(|facts| facts.id.as_str()).collect();
        assert!(ids.is_sorted(), "{ids:?}");
        for facts in &facts {
            let texts = [&facts.title.en, &facts.title.ja, &facts.fix.en, &facts.fix.ja];
            assert!(texts.iter().all(|text| !text.trim().is_empty()), "{}", facts.id);
            assert!(facts.reference.starts_with("https://"), "{}", facts.id);
            assert!(facts.criteria().next().is_some(), "{}", facts.id);
        }
        assert!(!TABLE.contains("準拠"));
    }
}
