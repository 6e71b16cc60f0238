//! What is deployed into AWS Config: rules, conformance packs, remediations, aggregators.

use std::collections::BTreeMap;

use aws_sdk_config::types::{ConfigRule, ConfigRuleState, ConfigurationAggregator};

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) name: String,
    /// The identifier of a managed rule; a function's ARN for a custom one.
    pub(super) source: String,
    pub(super) active: bool,
}

impl Rule {
    /// `None` for one without a name, which the API does not know.
    pub(super) fn of(rule: ConfigRule) -> Option<Self> {
        Some(Self {
            active: rule.config_rule_state == Some(ConfigRuleState::Active),
            source: rule.source.and_then(|source| source.source_identifier).unwrap_or_default(),
            name: rule.config_rule_name?,
        })
    }

    /// Whether it is the one that somebody calls `wanted`: by its name, by its name within the
    /// one that an organization (`OrgConfigRule-NAME-ID`) or a conformance pack
    /// (`NAME-conformance-pack-ID`) gave it, or by the identifier of a managed rule, which is
    /// written in either case and with either dash.
    pub(super) fn is(&self, wanted: &str) -> bool {
        let plain = |text: &str| text.to_ascii_uppercase().replace('-', "_");
        let within = self
            .name
            .strip_prefix("OrgConfigRule-")
            .and_then(|rest| rest.rsplit_once('-'))
            .or_else(|| self.name.split_once("-conformance-pack-"))
            .map(|(name, _)| name);
        self.name == wanted || within == Some(wanted) || plain(&self.source) == plain(wanted)
    }
}

/// A conformance pack's state by its name.
pub(super) type Packs = BTreeMap<String, String>;

/// Whether a pack is there; those of an organization are called `OrgConformsPack-NAME-ID`.
pub(super) fn pack_is_there(packs: &Packs, wanted: &str) -> bool {
    packs.iter().any(|(name, state)| {
        let within = name.strip_prefix("OrgConformsPack-").and_then(|rest| rest.rsplit_once('-'));
        (name == wanted || within.is_some_and(|(name, _)| name == wanted))
            && state == "CREATE_COMPLETE"
    })
}

/// An aggregator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Aggregator {
    pub(super) name: String,
    /// It takes every Region of the organization.
    pub(super) organization: bool,
    /// The accounts of which it takes every Region.
    pub(super) accounts: Vec<String>,
}

impl Aggregator {
    pub(super) fn of(aggregator: &ConfigurationAggregator) -> Option<Self> {
        let sources = aggregator.account_aggregation_sources().iter();
        Some(Self {
            name: aggregator.configuration_aggregator_name()?.to_owned(),
            organization: aggregator
                .organization_aggregation_source()
                .is_some_and(|source| source.all_aws_regions),
            accounts: sources
                .filter(|source| source.all_aws_regions)
                .flat_map(|source| source.account_ids().iter().cloned())
                .collect(),
        })
    }

    /// Whether it covers the organization, or all of these accounts (of which there are some).
    pub(super) fn covers(&self, accounts: &[String]) -> bool {
        let all = accounts.iter().all(|account| self.accounts.contains(account));
        self.organization || (!accounts.is_empty() && all)
    }
}
