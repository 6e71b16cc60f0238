//! What a web ACL does to requests, as far as its rules tell.

use std::collections::BTreeMap;

use aws_sdk_wafv2::types::{
    ExcludedRule, FirewallManagerRuleGroup, ManagedRuleGroupStatement, OverrideAction, Rule,
    RuleAction, RuleActionOverride, RuleGroupReferenceStatement, RuleSummary, WebAcl,
};
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Message, Run, message};

use super::parameters::{
    ACCEPT_ANY_MANAGED_GROUP, MAX_RATE_LIMIT, MAX_RATE_WINDOW_SECONDS, REQUIRED_MANAGED_GROUPS,
    VOUCHED_RULE_GROUPS,
};
use super::requirements::{
    MANAGED_RULES_MISSING, NOTHING_BLOCKS, RATE_RULE_MISSING, WEB_ACL_EMPTY,
};
use super::services::GET_WEB_ACL;

/// The window of a rate-based rule that tells none.
const USUAL_WINDOW: i64 = 300;

/// How the names of the rule groups begin that Shield Advanced adds for its automatic response.
/// They belong to an account of AWS, cannot be read, and hold rules during an attack only.
const OF_SHIELD: &str = "ShieldMitigationRuleGroup_";

/// A rule of the web ACL itself, or of a rule group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OwnRule {
    name: String,
    /// Whether its action ends the request other than by letting it through.
    blocks: bool,
    rate: Option<Rate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rate {
    limit: i64,
    window: i64,
}

impl OwnRule {
    pub(super) fn of(rule: &Rule) -> Self {
        let rate = rule.statement().and_then(|one| one.rate_based_statement()).map(|rate| Rate {
            limit: rate.limit,
            window: match rate.evaluation_window_sec {
                0 => USUAL_WINDOW,
                window => window,
            },
        });
        Self { name: rule.name.clone(), blocks: rule.action().is_some_and(blocks), rate }
    }

    pub(super) fn summary(rule: &RuleSummary) -> Self {
        Self {
            name: rule.name().unwrap_or_default().to_owned(),
            blocks: rule.action().is_some_and(blocks),
            rate: None,
        }
    }
}

fn blocks(action: &RuleAction) -> bool {
    action.block().is_some()
        || action.captcha().is_some()
        || action.challenge().is_some()
        || action.monetize().is_some()
}

/// What a rule group is, and where its rules are told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// Of AWS or of a vendor on the Marketplace.
    Managed { vendor: String, name: String, version: Option<String> },
    /// Of an account, by its ARN.
    Own(String),
}

/// A rule group as the web ACL uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) source: Source,
    /// The whole group only counts.
    counted: bool,
    /// The rules whose action is another one here, and whether that one blocks.
    overrides: BTreeMap<String, bool>,
    firewall_manager: bool,
}

impl Group {
    fn managed(
        group: &ManagedRuleGroupStatement,
        overridden: Option<&OverrideAction>,
        firewall_manager: bool,
    ) -> Self {
        Self {
            source: Source::Managed {
                vendor: group.vendor_name.clone(),
                name: group.name.clone(),
                version: group.version.clone(),
            },
            counted: counted(overridden),
            overrides: overrides(group.excluded_rules(), group.rule_action_overrides()),
            firewall_manager,
        }
    }

    fn own(
        group: &RuleGroupReferenceStatement,
        overridden: Option<&OverrideAction>,
        firewall_manager: bool,
    ) -> Self {
        Self {
            source: Source::Own(group.arn.clone()),
            counted: counted(overridden),
            overrides: overrides(group.excluded_rules(), group.rule_action_overrides()),
            firewall_manager,
        }
    }

    fn of_firewall_manager(group: &FirewallManagerRuleGroup) -> Option<Self> {
        let statement = group.firewall_manager_statement()?;
        let overridden = group.override_action();
        match (statement.managed_rule_group_statement(), statement.rule_group_reference_statement())
        {
            (Some(managed), _) => Some(Self::managed(managed, overridden, true)),
            (None, Some(own)) => Some(Self::own(own, overridden, true)),
            (None, None) => None,
        }
    }

    const fn is_managed(&self) -> bool {
        matches!(self.source, Source::Managed { .. }) || self.firewall_manager
    }

    /// The name for people.
    fn name(&self) -> &str {
        match &self.source {
            Source::Managed { name, .. } => name,
            Source::Own(arn) => arn.rsplit('/').nth(1).unwrap_or(arn),
        }
    }

    fn is_of_shield(&self) -> bool {
        matches!(self.source, Source::Own(_)) && self.name().starts_with(OF_SHIELD)
    }

    /// Whether some of its rules no longer block, so that only its rules tell whether any does.
    fn is_weakened(&self) -> bool {
        self.overrides.values().any(|blocks| !blocks)
    }

    fn rule_blocks(&self, rule: &OwnRule) -> bool {
        !self.counted && self.overrides.get(&rule.name).copied().unwrap_or(rule.blocks)
    }
}

fn counted(action: Option<&OverrideAction>) -> bool {
    action.is_some_and(|action| action.count().is_some())
}

fn overrides(
    excluded: &[ExcludedRule],
    overridden: &[RuleActionOverride],
) -> BTreeMap<String, bool> {
    // An excluded rule is the older way to say that it only counts.
    let excluded = excluded.iter().map(|rule| (rule.name.clone(), false));
    let overridden =
        overridden.iter().map(|rule| (rule.name.clone(), rule.action_to_use().is_some_and(blocks)));
    excluded.chain(overridden).collect()
}

/// A web ACL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Acl {
    blocks_by_default: bool,
    rules: Vec<OwnRule>,
    groups: Vec<Group>,
}

/// The rules of rule groups, as far as they were looked up.
pub(super) type Contents = BTreeMap<Source, Vec<OwnRule>>;

impl Acl {
    pub(super) fn of(acl: &WebAcl) -> Result<Self, Error> {
        let default = acl.default_action().ok_or_else(|| Error::Answer {
            action: GET_WEB_ACL,
            field: "WebACL.DefaultAction".to_owned(),
        })?;
        let before = acl.pre_process_firewall_manager_rule_groups();
        let after = acl.post_process_firewall_manager_rule_groups();
        let mut groups: Vec<Group> =
            before.iter().chain(after).filter_map(Group::of_firewall_manager).collect();
        let mut rules = Vec::new();
        for rule in acl.rules() {
            let statement = rule.statement();
            let overridden = rule.override_action();
            if let Some(group) = statement.and_then(|one| one.managed_rule_group_statement()) {
                groups.push(Group::managed(group, overridden, false));
            } else if let Some(group) =
                statement.and_then(|one| one.rule_group_reference_statement())
            {
                groups.push(Group::own(group, overridden, false));
            } else {
                rules.push(OwnRule::of(rule));
            }
        }
        groups.retain(|group| !group.is_of_shield());
        Ok(Self { blocks_by_default: default.block().is_some(), rules, groups })
    }

    /// The rule groups whose rules must be looked up before [`Self::judge`].
    pub(super) fn open_questions(&self, run: &Run<'_>) -> Vec<Source> {
        let bars = Bars::new(run);
        let in_force = || self.groups.iter().filter(|group| !group.counted);
        let whole = |group: &&Group| group.is_managed() && !group.is_weakened();
        let blocks = self.blocks_by_default
            || self.rules.iter().any(|rule| rule.blocks)
            || in_force().any(|group| whole(&group));
        let limits = self.rules.iter().any(|rule| rule.blocks && bars.limits(rule))
            || in_force().any(|group| bars.vouches_for(group));
        let managed = bars.any_managed && in_force().any(|group| whole(&group));
        let open = in_force().filter(|group| match &group.source {
            Source::Managed { name, .. } => {
                let asked = if bars.any_managed { !managed } else { bars.required.contains(name) };
                group.is_weakened() && (asked || !blocks)
            }
            Source::Own(_) => {
                !bars.vouches_for(group)
                    && (!limits || !blocks || (bars.any_managed && !managed && group.is_managed()))
            }
        });
        let mut open: Vec<Source> = open.map(|group| group.source.clone()).collect();
        open.sort();
        open.dedup();
        open
    }

    /// Judges the rules, with what was found on the [`Self::open_questions`].
    pub(super) fn judge(&self, contents: &Contents, run: &Run<'_>, failures: &mut Failures) {
        let bars = Bars::new(run);
        let empty = self.rules.is_empty() && self.groups.is_empty();
        if empty {
            failures.add(&WEB_ACL_EMPTY);
        }
        // What was not looked up needed no look: nothing in it is overridden, or others suffice.
        let blocking = |group: &&Group| {
            !group.counted
                && contents
                    .get(&group.source)
                    .is_none_or(|rules| rules.iter().any(|rule| group.rule_blocks(rule)))
        };
        let managed: Vec<&Group> = self.groups.iter().filter(|group| group.is_managed()).collect();
        if let Some(message) = bars.managed_missing(&managed, blocking) {
            failures.because(&MANAGED_RULES_MISSING, message);
        }
        let rate = self.rules.iter().any(|rule| rule.blocks && bars.limits(rule))
            || self.groups.iter().any(|group| {
                let rules = contents.get(&group.source).map_or(&[][..], Vec::as_slice);
                bars.vouches_for(group)
                    || rules.iter().any(|rule| group.rule_blocks(rule) && bars.limits(rule))
            });
        if !rate {
            failures.because(&RATE_RULE_MISSING, self.rate_missing(contents, &bars));
        }
        let some_blocks = self.rules.iter().any(|rule| rule.blocks)
            || self.groups.iter().any(|one| blocking(&one));
        if !empty && !self.blocks_by_default && !some_blocks {
            failures.add(&NOTHING_BLOCKS);
        }
    }

    fn rate_missing(&self, contents: &Contents, bars: &Bars) -> Message {
        let of_groups = contents.values().flatten();
        let names: Vec<&str> = self
            .rules
            .iter()
            .chain(of_groups)
            .filter(|rule| rule.rate.is_some())
            .map(|rule| rule.name.as_str())
            .collect();
        if names.is_empty() {
            return RATE_RULE_MISSING.title.into();
        }
        let Message { en, ja } = Message::named(&names);
        let (limit, window) = (bars.max_limit, bars.max_window);
        message!(
            "Rate-based rules only count, or allow more than {limit} requests or a window of more \
             than {window} seconds: {en}",
            "レートベースルールが遮断しないか、上限 {limit} リクエストまたは評価期間 {window} 秒を\
             超えています: {ja}"
        )
    }
}

/// What is asked of the rules.
struct Bars {
    any_managed: bool,
    required: Vec<String>,
    max_limit: i64,
    max_window: i64,
    vouched: Vec<String>,
}

impl Bars {
    fn new(run: &Run<'_>) -> Self {
        let get = run.parameters;
        Self {
            any_managed: get.get(&ACCEPT_ANY_MANAGED_GROUP),
            required: get.get(&REQUIRED_MANAGED_GROUPS),
            max_limit: get.get(&MAX_RATE_LIMIT),
            max_window: get.get(&MAX_RATE_WINDOW_SECONDS),
            vouched: get.get(&VOUCHED_RULE_GROUPS),
        }
    }

    fn limits(&self, rule: &OwnRule) -> bool {
        rule.rate.is_some_and(|rate| rate.limit <= self.max_limit && rate.window <= self.max_window)
    }

    fn vouches_for(&self, group: &Group) -> bool {
        matches!(&group.source, Source::Own(arn) if !group.counted && self.vouched.contains(arn))
    }

    /// What is missing of managed rules, if anything.
    fn managed_missing(
        &self,
        managed: &[&Group],
        in_force: impl Fn(&&Group) -> bool,
    ) -> Option<Message> {
        let names = |groups: Vec<&str>| Message::named(&groups);
        if self.any_managed {
            if managed.iter().any(&in_force) {
                return None;
            }
            if managed.is_empty() {
                return Some(MANAGED_RULES_MISSING.title.into());
            }
            let Message { en, ja } = names(managed.iter().map(|group| group.name()).collect());
            return Some(message!(
                "The managed rule groups only count: {en}",
                "マネージドルールグループがカウントのみです: {ja}"
            ));
        }
        let missing = self.required.iter().filter(|name| {
            let mut named = managed.iter().filter(|group| group.name() == name.as_str());
            !named.any(&in_force)
        });
        let missing: Vec<&str> = missing.map(String::as_str).collect();
        let Message { en, ja } = names(missing.clone());
        (!missing.is_empty()).then(|| {
            message!(
                "Managed rule groups that are missing or only count: {en}",
                "マネージドルールグループがないか、カウントのみです: {ja}"
            )
        })
    }
}
