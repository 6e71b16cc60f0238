//! AWS Config: rules, their results, and recorded resources.

mod evaluations;
mod resources;
mod select;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::protocol::{self, ApiError, Caller};
use super::{ACCOUNT, FakeAws, REGION};

pub use evaluations::Evaluation;

/// The token with which Config marks a dry run.
pub(crate) const TEST_TOKEN: &str = "TESTMODE";

/// A rule in one account and Region, with a token to report under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Its id: `config-rule-…`.
    pub id: String,
    /// Its ARN.
    pub arn: String,
    /// Its account.
    pub account: String,
    /// Its Region.
    pub region: String,
    /// The result token that events of this rule carry.
    pub token: String,
}

impl Rule {
    /// A rule that no Config knows; its token is of no use there.
    #[must_use]
    pub fn new(account: &str, region: &str, name: &str) -> Self {
        let id = format!(
            "config-rule-{}",
            &protocol::digest(&format!("{account}/{region}/{name}"))[..6]
        );
        Self {
            arn: format!("arn:aws:config:{region}:{account}:config-rule/{id}"),
            name: name.to_owned(),
            id,
            account: account.to_owned(),
            region: region.to_owned(),
            token: "unissued".to_owned(),
        }
    }

    /// The same rule with another token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// The same rule as Config dry-runs it.
    #[must_use]
    pub fn dry_run(&self) -> Self {
        self.with_token(TEST_TOKEN)
    }
}

#[derive(Debug, Default)]
pub(crate) struct State {
    /// By token.
    tokens: BTreeMap<String, Rule>,
    deleted: BTreeSet<String>,
    results: BTreeMap<evaluations::ResultKey, Evaluation>,
    events: Vec<Value>,
    failing: BTreeMap<(String, String), usize>,
    refused_types: BTreeSet<String>,
    items: Vec<Value>,
    unprocessed: BTreeMap<(String, String), usize>,
    page: Option<usize>,
}

impl State {
    fn page_size(&self, asked: Option<usize>, default: usize) -> usize {
        let asked = asked.filter(|&limit| limit > 0).unwrap_or(default);
        self.page.map_or(asked, |page| page.min(asked))
    }

    fn rule_exists(&self, arn: &str) -> bool {
        !self.deleted.contains(arn) && self.tokens.values().any(|rule| rule.arn == arn)
    }
}

/// What tests set and see of AWS Config.
#[derive(Debug)]
pub struct Config<'a> {
    aws: &'a FakeAws,
    account: String,
    region: String,
}

impl<'a> Config<'a> {
    pub(crate) fn new(aws: &'a FakeAws) -> Self {
        Self { aws, account: ACCOUNT.to_owned(), region: REGION.to_owned() }
    }

    /// Config in another account and Region.
    #[must_use]
    pub fn at(self, account: &str, region: &str) -> Self {
        Self { account: account.to_owned(), region: region.to_owned(), ..self }
    }

    /// Creates the rule unless it exists, and issues a fresh result token for it.
    #[must_use]
    pub fn rule(&self, name: &str) -> Rule {
        let mut state = self.aws.state();
        let state = &mut state.config;
        let rule = Rule::new(&self.account, &self.region, name);
        let token = format!("token-{}-{}", state.tokens.len() + 1, protocol::digest(&rule.arn));
        let rule = Rule { token: token.clone(), ..rule };
        state.deleted.remove(&rule.arn);
        state.tokens.insert(token, rule.clone());
        rule
    }

    /// Deletes the rule: reporting under its tokens fails with NoSuchConfigRuleException.
    pub fn delete_rule(&self, name: &str) -> &Self {
        let rule = Rule::new(&self.account, &self.region, name);
        let mut state = self.aws.state();
        state.config.results.retain(|key, _| key.rule != rule.arn);
        state.config.deleted.insert(rule.arn);
        self
    }

    /// Records a configuration item, in the dialect of events; repeat it for a history.
    pub fn record(&self, item: &Value) -> &Self {
        self.aws.state().config.items.push(item.clone());
        self
    }

    /// Takes a result as PutEvaluations does, without a function that reports it. It is recorded at
    /// the time that it names, in whole milliseconds as all times of AWS Config.
    pub fn report(&self, rule: &Rule, result: Evaluation) -> &Self {
        evaluations::store(&mut self.aws.state().config, rule, result);
        self
    }

    /// Answers the next `times` evaluations of a resource in FailedEvaluations.
    pub fn fail_evaluation(&self, resource_type: &str, id: &str, times: usize) -> &Self {
        let key = (resource_type.to_owned(), id.to_owned());
        self.aws.state().config.failing.insert(key, times);
        self
    }

    /// Refuses evaluations of a resource type, as PutEvaluations does with some.
    pub fn refuse_type(&self, resource_type: &str) -> &Self {
        self.aws.state().config.refused_types.insert(resource_type.to_owned());
        self
    }

    /// Leaves a resource unprocessed in the next `times` BatchGetResourceConfig calls.
    pub fn leave_unprocessed(&self, resource_type: &str, id: &str, times: usize) -> &Self {
        let key = (resource_type.to_owned(), id.to_owned());
        self.aws.state().config.unprocessed.insert(key, times);
        self
    }

    /// Lets listings return at most `size` entries a page, whatever is asked.
    pub fn page(&self, size: usize) -> &Self {
        self.aws.state().config.page = Some(size);
        self
    }

    /// What a rule has reported: the latest of each resource.
    #[must_use]
    pub fn results(&self, rule: &str) -> Vec<Evaluation> {
        let arn = Rule::new(&self.account, &self.region, rule).arn;
        let state = self.aws.state();
        state
            .config
            .results
            .iter()
            .filter(|(key, _)| key.rule == arn)
            .map(|(_, result)| result.clone())
            .collect()
    }

    /// The one result of a resource.
    #[must_use]
    pub fn result(&self, rule: &str, resource_id: &str) -> Option<Evaluation> {
        self.results(rule).into_iter().find(|result| result.resource_id == resource_id)
    }

    /// The EventBridge events of compliance changes since the last call.
    #[must_use]
    pub fn take_compliance_events(&self) -> Vec<Value> {
        std::mem::take(&mut self.aws.state().config.events)
    }
}

pub(crate) fn handle(
    state: &mut State,
    caller: &Caller,
    operation: &str,
    body: &Value,
) -> Result<Option<Value>, ApiError> {
    let output = match operation {
        "PutEvaluations" => evaluations::put(state, caller, body)?,
        "GetComplianceDetailsByConfigRule" => evaluations::details(state, caller, body)?,
        "GetResourceConfigHistory" => resources::history(state, caller, body)?,
        "ListDiscoveredResources" => resources::list(state, caller, body)?,
        "BatchGetResourceConfig" => resources::batch_get(state, caller, body)?,
        "SelectResourceConfig" => select::select(state, caller, body)?,
        _ => return Ok(None),
    };
    Ok(Some(output))
}
