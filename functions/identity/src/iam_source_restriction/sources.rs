//! From where the policies of a principal leave anything allowed.
//!
//! Conditions tell addresses apart only by the ranges that they list. So the addresses fall into
//! few classes, of which one address speaks for all, and the answer is exact for every address of
//! both families. VPCs and endpoints are those that are listed, and one that nobody listed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use fisc_shared::network::{AddressSet, Breadth, parse_network};
use fisc_shared::policy::{
    Conditions, Context, Effect, Element, Grants, Known, PolicyError, Statement, Universe,
};

const ADDRESS: &str = "aws:sourceip";
const VPC: &str = "aws:sourcevpc";
const ENDPOINT: &str = "aws:sourcevpce";

/// Keys that only requests through a VPC endpoint carry. Whoever owns the VPC chooses what those
/// that stand in neither parameter hold.
const OF_ENDPOINTS: [&str; 7] = [
    VPC,
    ENDPOINT,
    "aws:sourcevpcarn",
    "aws:vpcsourceip",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
];

/// Keys that requests lack which people make themselves.
const OF_SERVICES: [&str; 9] = [
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
];

const TAG: &str = "aws:principaltag/";
/// A session name that nobody gives.
const SESSION: &str = "zz9-session-0f6b";

/// A range of addresses, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Range {
    text: String,
    addresses: AddressSet,
    first: IpAddr,
    /// The address behind the last one.
    behind: Option<IpAddr>,
}

impl Range {
    fn parse(text: &str) -> Option<Self> {
        let network = parse_network(text)?;
        let behind = match network.broadcast() {
            IpAddr::V4(last) => u32::from(last).checked_add(1).map(|next| IpAddr::V4(next.into())),
            IpAddr::V6(last) => u128::from(last).checked_add(1).map(|next| IpAddr::V6(next.into())),
        };
        Some(Self {
            text: text.trim().to_owned(),
            first: network.network(),
            behind,
            addresses: std::iter::once(network).collect(),
        })
    }
}

/// The approved sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Approved {
    ranges: Vec<Range>,
    addresses: AddressSet,
    vpcs: Vec<String>,
}

impl Approved {
    /// These ranges, and these VPCs and endpoints; the error is the text that is no range.
    pub(super) fn new(cidrs: &[String], vpcs: Vec<String>) -> Result<Self, String> {
        let ranges = cidrs.iter().map(|text| Range::parse(text).ok_or_else(|| text.clone()));
        let ranges = ranges.collect::<Result<Vec<_>, _>>()?;
        let addresses = AddressSet::union_of(ranges.iter().map(|one| &one.addresses));
        Ok(Self { ranges, addresses, vpcs })
    }
}

/// From where, outside the approved sources, something is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Openings {
    /// From about every address.
    pub(super) internet: bool,
    /// Through the VPC endpoints of anybody.
    pub(super) vpcs: bool,
    /// From these ranges, VPCs and endpoints, which the policies name.
    pub(super) others: Vec<String>,
}

/// A user or a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Principal {
    /// The name, if it is a user.
    pub(super) user: Option<String>,
    /// `AIDA...`, `AROA...`
    pub(super) id: String,
    pub(super) arn: String,
    /// The tags, with keys in lower case; `None` when a session may bring others.
    pub(super) tags: Option<BTreeMap<String, String>>,
    /// All policies of its own and of its groups.
    pub(super) statements: Vec<Statement>,
    /// The permissions boundary, if it has one.
    pub(super) boundary: Option<Vec<Statement>>,
}

impl Principal {
    pub(super) fn openings(&self, approved: &Approved) -> Result<Openings, PolicyError> {
        let mut asked = Asked::new(self);
        let mut openings = Openings::default();
        asked.internet(approved, &mut openings)?;
        asked.endpoints(approved, &mut openings)?;
        Ok(openings)
    }

    fn all_statements(&self) -> impl Iterator<Item = &Statement> {
        self.statements.iter().chain(self.boundary.iter().flatten())
    }

    /// The values that the policies list for a context key.
    fn listed(&self, key: &str) -> BTreeSet<&str> {
        let tests = self.all_statements().flat_map(|one| &one.conditions.tests);
        tests
            .filter(|test| test.key == key)
            .flat_map(|test| &test.values)
            .map(String::as_str)
            .collect()
    }

    /// What is known of a request that the principal makes itself, wherever it comes from. What
    /// is not here, such as MFA, the Region or the time, is the choice of whoever asks.
    fn direct(&self) -> Context {
        let value = |text: &str| Known::Value(text.to_owned());
        let no = [value("false")];
        let role = self.user.is_none();
        let mut context = Context::new()
            .with("aws:ViaAWSService", &no)
            .with("aws:PrincipalIsAWSService", &no)
            .with("aws:PrincipalArn", &[value(&self.arn)])
            .with("aws:PrincipalType", &[value(if role { "AssumedRole" } else { "User" })])
            .with("aws:username", &[self.user.as_deref().map_or(Known::Absent, value)]);
        if let Some(account) = self.arn.split(':').nth(4) {
            context = context.with("aws:PrincipalAccount", &[value(account)]);
        }
        for key in OF_SERVICES {
            context = context.with(key, &[Known::Absent]);
        }
        let ids = if role {
            // Whoever assumes the role chooses the session's name.
            let sessions = self.listed("aws:userid").into_iter().filter(|text| {
                let (id, session) = text.split_once(':').unwrap_or_default();
                id == self.id && !session.contains(['*', '?', '$'])
            });
            let unnamed = value(&format!("{}:{SESSION}", self.id));
            sessions.map(value).chain([unnamed]).collect()
        } else {
            vec![value(&self.id)]
        };
        context = context.with("aws:userid", &ids);
        let Some(tags) = &self.tags else { return context };
        let tests = self.all_statements().flat_map(|one| &one.conditions.tests);
        for key in tests.map(|test| &test.key) {
            if let Some(tag) = key.strip_prefix(TAG) {
                let known = tags.get(tag).map_or(Known::Absent, |text| value(text));
                context = context.with(key, &[known]);
            }
        }
        context
    }
}

/// A principal, with the answers that were found.
struct Asked<'a> {
    principal: &'a Principal,
    direct: Context,
    /// By which statements are about the request.
    answers: HashMap<Vec<bool>, bool>,
}

impl<'a> Asked<'a> {
    fn new(principal: &'a Principal) -> Self {
        Self { principal, direct: principal.direct(), answers: HashMap::new() }
    }

    fn internet(
        &mut self,
        approved: &Approved,
        openings: &mut Openings,
    ) -> Result<(), PolicyError> {
        let listed: Vec<Range> =
            self.principal.listed(ADDRESS).into_iter().filter_map(Range::parse).collect();
        let ends = |range: &Range| [Some(range.first), range.behind];
        let points = listed.iter().chain(&approved.ranges).flat_map(ends).flatten();
        let zero = [IpAddr::from([0; 4]), IpAddr::from([0; 16])];
        let mut classes: BTreeMap<(bool, Vec<bool>), IpAddr> = BTreeMap::new();
        for point in points.chain(zero).filter(|point| !approved.addresses.contains(*point)) {
            let inside = listed.iter().map(|range| range.addresses.contains(point)).collect();
            classes.entry((point.is_ipv4(), inside)).or_insert(point);
        }
        let mut open = AddressSet::default();
        for ((v4, inside), point) in classes {
            let from = self.direct.clone().with(ADDRESS, &[Known::Value(point.to_string())]);
            let from = OF_ENDPOINTS.iter().fold(from, |from, key| from.with(key, &[Known::Absent]));
            if self.allows(&from)? {
                let family = if v4 { "0.0.0.0/0" } else { "::/0" };
                let mut class: AddressSet = parse_network(family).into_iter().collect();
                for (range, inside) in listed.iter().zip(inside) {
                    class = match inside {
                        true => class.intersection(&range.addresses),
                        false => class.minus(&range.addresses),
                    };
                }
                open = open.union(&class.minus(&approved.addresses));
            }
        }
        let named = listed.iter().filter(|one| !one.addresses.intersection(&open).is_empty());
        let named: Vec<String> = named.map(|one| one.text.clone()).collect();
        let unnamed = named.is_empty() && !open.is_empty();
        openings.internet = unnamed || open.is_internet(Breadth::default());
        openings.others.extend(named);
        Ok(())
    }

    fn endpoints(
        &mut self,
        approved: &Approved,
        openings: &mut Openings,
    ) -> Result<(), PolicyError> {
        let ids = |key: &str, start: &str| {
            let listed = self.principal.listed(key).into_iter();
            let known = listed
                .filter(|id| id.starts_with(start) && !id.contains(['*', '?', '$']))
                .filter(|id| approved.vpcs.iter().all(|one| one != id))
                .map(|id| Known::Value(id.to_owned()));
            std::iter::once(Known::STRANGE).chain(known).collect::<Vec<_>>()
        };
        let (vpcs, endpoints) = (ids(VPC, "vpc-"), ids(ENDPOINT, "vpce-"));
        let mut through = |vpc: &Known, endpoint: &Known| {
            let context = self
                .direct
                .clone()
                .with(ADDRESS, &[Known::Absent])
                .with(VPC, std::slice::from_ref(vpc))
                .with(ENDPOINT, std::slice::from_ref(endpoint));
            self.allows(&context)
        };
        let mut named = BTreeSet::new();
        for vpc in &vpcs {
            for endpoint in &endpoints {
                if !through(vpc, endpoint)? {
                    continue;
                }
                let ids: Vec<&String> = [vpc, endpoint]
                    .into_iter()
                    .filter_map(|known| match known {
                        Known::Value(id) => Some(id),
                        _ => None,
                    })
                    .collect();
                if ids.is_empty() {
                    openings.vpcs = true;
                    return Ok(());
                }
                named.extend(ids.into_iter().cloned());
            }
        }
        openings.others.extend(named);
        Ok(())
    }

    /// Whether anything is allowed to a request of this context.
    fn allows(&mut self, context: &Context) -> Result<bool, PolicyError> {
        let about: Vec<bool> = self
            .principal
            .all_statements()
            .map(|statement| match statement.effect {
                Effect::Allow => statement.conditions.admit(context),
                Effect::Deny => statement.conditions.surely_hold(context),
            })
            .collect();
        if let Some(&answer) = self.answers.get(&about) {
            return Ok(answer);
        }
        let answer = self.decide(&about)?;
        self.answers.insert(about, answer);
        Ok(answer)
    }

    /// Whether the statements that are about a request allow anything.
    fn decide(&self, about: &[bool]) -> Result<bool, PolicyError> {
        let own = self.principal.statements.len();
        let (mut allows, mut ceilings, mut denies) = (Vec::new(), Vec::new(), Vec::new());
        let statements = self.principal.all_statements().zip(about).enumerate();
        for (index, (statement, _)) in statements.filter(|(_, (_, about))| **about) {
            match statement.effect {
                Effect::Deny => denies.push(statement.clone()),
                Effect::Allow if index < own => allows.push(statement),
                Effect::Allow => ceilings.push(statement),
            }
        }
        if denies.iter().any(is_total) {
            return Ok(false);
        }
        // A boundary that lets everything through is none.
        let bounded =
            self.principal.boundary.is_some() && !ceilings.iter().any(|one| is_total(one));
        for allow in allows {
            if !bounded && left(None, &denies, allow)? {
                return Ok(true);
            }
            for ceiling in ceilings.iter().filter(|_| bounded) {
                if left(Some(allow), &denies, ceiling)? {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// The pattern that every action matches, and nothing else.
const ANY_ACTION: &str = "?*:?*";

fn all() -> Element {
    Element { negated: false, patterns: vec!["*".to_owned()] }
}

fn about(effect: Effect, actions: Element, resources: Element) -> Statement {
    let conditions = Conditions::default();
    Statement { effect, principals: None, actions, resources: Some(resources), conditions }
}

/// Whether Denies leave something of what `within` allows and, with one, `allow` too. It is asked
/// pattern by pattern: some policies have a thousand, which together are too much to decide. What
/// `within` excepts is as good as denied.
fn left(
    allow: Option<&Statement>,
    denies: &[Statement],
    within: &Statement,
) -> Result<bool, PolicyError> {
    let everything = about(Effect::Allow, all(), all());
    let resources = within.resources.clone().unwrap_or_else(all);
    let mut denies = denies.to_vec();
    let listed = |element: &Element| Element { negated: false, ..element.clone() };
    let mut patterns = |element: &Element, deny: Statement| {
        if !element.negated {
            return element.patterns.clone();
        }
        denies.push(deny);
        vec!["*".to_owned()]
    };
    let excepted = about(Effect::Deny, listed(&within.actions), all());
    let actions = patterns(&within.actions, excepted);
    let excepted = about(Effect::Deny, all(), listed(&resources));
    let places = patterns(&resources, excepted);
    let grants = Grants::new([allow.unwrap_or(&everything)], &denies);
    for action in &actions {
        let action = if action == "*" { ANY_ACTION } else { action };
        for place in &places {
            if grants.any(&Universe::new(action, place))? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Whether a statement is about everything: then no patterns need to be compared.
fn is_total(statement: &Statement) -> bool {
    let everything = |element: &Element, all: &[&str]| {
        !element.negated && element.patterns.iter().any(|one| all.contains(&one.as_str()))
    };
    everything(&statement.actions, &["*", "*:*"])
        && statement.resources.as_ref().is_some_and(|element| everything(element, &["*"]))
}
