//! What service control policies keep member accounts from.
//!
//! A request in a member account must be allowed at every place between the root of the
//! organization and the account, and be denied at none. So what one place denies, no other gives
//! back, and places can be asked one by one.

use std::collections::{BTreeMap, BTreeSet};

use fisc_shared::policy::{
    Case, Context, Effect, Glob, Grants, Known, PolicyDocument, PolicyError, Reading, Statement,
    Universe,
};

use super::organization::Member;

/// A name that no policy gives.
const UNNAMED: &str = "zz9-unnamed-0f6b";

/// What a root user can do and never should, in services that every account has.
const ROOT_PROBES: [&str; 6] = [
    "ec2:RunInstances",
    "iam:CreateAccessKey",
    "iam:CreateUser",
    "kms:Decrypt",
    "s3:GetObject",
    "ssm:GetParameter",
];

/// Keys that a request of a person or a workload does not carry: the root session of the
/// management account, and calls that AWS services make.
const ABSENT: [&str; 5] = [
    "aws:AssumedRoot",
    "aws:CalledVia",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
    "aws:SourceService",
];

/// What is asked of the policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked<'a> {
    /// The partition, for ARNs.
    pub(super) partition: &'a str,
    /// What must be denied to everybody whom no policy names.
    pub(super) protected: &'a [String],
    /// What must be denied to everybody but the administrators of IAM.
    pub(super) iam_actions: &'a [String],
    /// The administrators of IAM; none: not asked.
    pub(super) iam_admins: &'a [String],
}

/// A policy and the places that it is attached to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Policy {
    pub(super) document: PolicyDocument,
    pub(super) targets: BTreeSet<String>,
}

/// What the policies leave open in one account or, for all accounts, at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Open {
    /// Nothing is restricted.
    pub(super) unrestricted: bool,
    /// The audit actions that are not denied.
    pub(super) audit: BTreeSet<String>,
    /// What the root user may do.
    pub(super) root: BTreeSet<String>,
    /// The actions of IAM administration that others may do.
    pub(super) iam: BTreeSet<String>,
}

impl Open {
    /// What both places leave open.
    fn and(self, other: &Self) -> Self {
        let both = |a: &BTreeSet<String>, b: &BTreeSet<String>| a & b;
        Self {
            unrestricted: self.unrestricted && other.unrestricted,
            audit: both(&self.audit, &other.audit),
            root: both(&self.root, &other.root),
            iam: both(&self.iam, &other.iam),
        }
    }

    fn everything(asked: &Asked<'_>) -> Self {
        let iam = if asked.iam_admins.is_empty() { &[] } else { asked.iam_actions };
        Self {
            unrestricted: true,
            audit: asked.protected.iter().cloned().collect(),
            root: ROOT_PROBES.map(str::to_owned).into(),
            iam: iam.iter().cloned().collect(),
        }
    }
}

/// What the policies leave open in member accounts. Each place is judged once, unless its policies
/// name the account.
#[derive(Debug)]
pub(super) struct Guardrails<'a> {
    asked: Asked<'a>,
    policies: &'a [Policy],
    known: BTreeMap<(String, String), Open>,
}

impl<'a> Guardrails<'a> {
    pub(super) const fn new(asked: Asked<'a>, policies: &'a [Policy]) -> Self {
        Self { asked, policies, known: BTreeMap::new() }
    }

    /// What is open in an account.
    pub(super) fn open(&mut self, member: &Member) -> Result<Open, PolicyError> {
        let mut open = Open::everything(&self.asked);
        for place in member.path.iter().chain([&member.id]) {
            open = open.and(&self.at(place, &member.id)?);
        }
        Ok(open)
    }

    fn at(&mut self, place: &str, account: &str) -> Result<Open, PolicyError> {
        let here: Vec<&PolicyDocument> = self
            .policies
            .iter()
            .filter(|policy| policy.targets.contains(place))
            .map(|policy| &policy.document)
            .collect();
        let tests =
            here.iter().flat_map(|one| &one.statements).flat_map(|one| &one.conditions.tests);
        let named = tests.flat_map(|test| &test.values).any(|value| value.contains(account));
        // An account that no policy names is like any other one.
        let account = if named { account } else { "000000000000" };
        let key = (place.to_owned(), account.to_owned());
        if let Some(open) = self.known.get(&key) {
            return Ok(open.clone());
        }
        let open = judge(&here, account, &self.asked)?;
        self.known.insert(key, open.clone());
        Ok(open)
    }
}

/// What the policies at one place leave open to an account.
fn judge(
    policies: &[&PolicyDocument],
    account: &str,
    asked: &Asked<'_>,
) -> Result<Open, PolicyError> {
    let mut open = Open::everything(asked);
    // No policy at all binds nobody: so it is before the organization turns them on.
    if policies.is_empty() {
        return Ok(open);
    }
    let policies: Vec<PolicyDocument> =
        policies.iter().map(|policy| of_account(policy, account)).collect();
    let policies = Policies { all: &policies, account };
    open.unrestricted = policies.restrict_nothing()?;
    let principal = |name: &str| format!("arn:{}:iam::{account}:{name}", asked.partition);

    let anybody = principal(&format!("role/{UNNAMED}"));
    let granted = policies.granted(&anybody);
    // A Deny for some resources is about those that matter: the trails of a landing zone.
    retain(&mut open.audit, |action| granted.all(&Universe::new(action, "*")))?;

    let granted = policies.granted(&principal("root"));
    retain(&mut open.root, |action| granted.any(&Universe::new(action, "*")))?;

    if !asked.iam_admins.is_empty() {
        let others = policies.others(&anybody, asked.iam_admins);
        let granted: Vec<Grants> = others.iter().map(|one| policies.granted(one)).collect();
        retain(&mut open.iam, |action| {
            let universe = Universe::new(action, iam_resource(action));
            granted.iter().try_fold(false, |open, one| Ok(open || one.any(&universe)?))
        })?;
    }
    Ok(open)
}

/// A policy with the account's id where its conditions have the variable for it: the only one of
/// which the value is known.
fn of_account(policy: &PolicyDocument, account: &str) -> PolicyDocument {
    const VARIABLE: &str = "${aws:PrincipalAccount}";
    let mut policy = policy.clone();
    let statements = policy.statements.iter_mut();
    for test in statements.flat_map(|statement| &mut statement.conditions.tests) {
        for value in &mut test.values {
            *value = value.replace(VARIABLE, account);
        }
    }
    policy
}

fn retain(
    actions: &mut BTreeSet<String>,
    open: impl Fn(&str) -> Result<bool, PolicyError>,
) -> Result<(), PolicyError> {
    for action in std::mem::take(actions) {
        if open(&action)? {
            actions.insert(action);
        }
    }
    Ok(())
}

/// The resources that an action of IAM is about: a Deny for these is a whole one.
fn iam_resource(action: &str) -> &'static str {
    let action = action.to_ascii_lowercase();
    let about = |words: &[&str]| words.iter().any(|word| action.contains(word));
    if about(&["*"]) {
        "*"
    } else if about(&["role"]) {
        "arn:aws:iam::*:role/?*"
    } else if about(&["user", "accesskey", "loginprofile"]) {
        "arn:aws:iam::*:user/?*"
    } else {
        "*"
    }
}

struct Policies<'a> {
    all: &'a [PolicyDocument],
    account: &'a str,
}

impl Policies<'_> {
    fn statements(&self, effect: Effect) -> impl Iterator<Item = &Statement> {
        self.all.iter().flat_map(move |one| one.with_effect(effect))
    }

    /// Whether they deny nothing and allow everything, whatever they are called.
    fn restrict_nothing(&self) -> Result<bool, PolicyError> {
        let allows = self.statements(Effect::Allow).filter(|one| one.conditions.tests.is_empty());
        Ok(self.statements(Effect::Deny).next().is_none()
            && Grants::new(allows, []).all(&Universe::new("*", "*"))?)
    }

    /// What they may leave a principal: Denies count when they are sure to be about it.
    fn granted(&self, principal: &str) -> Grants {
        let context = self.context(principal);
        let allows = self.statements(Effect::Allow).filter(|one| one.conditions.admit(&context));
        let denies =
            self.statements(Effect::Deny).filter(|one| one.conditions.surely_hold(&context));
        Grants::new(allows, denies)
    }

    /// A request of a principal that carries none of the tags that policies except.
    fn context(&self, principal: &str) -> Context {
        let value = |text: &str| [Known::Value(text.to_owned())];
        let mut context = Context::new()
            .with("aws:PrincipalArn", &value(principal))
            .with("aws:PrincipalAccount", &value(self.account))
            .with("aws:PrincipalIsAWSService", &value("false"))
            .with("aws:ViaAWSService", &value("false"));
        for key in ABSENT {
            context = context.with(key, &[Known::Absent]);
        }
        let tests = self.all.iter().flat_map(|one| &one.statements);
        let tests = tests.flat_map(|statement| &statement.conditions.tests);
        tests
            .filter(|test| test.key.starts_with("aws:principaltag/"))
            .fold(context, |context, test| context.with(&test.key, &[Known::Absent]))
    }

    /// Principals that must not administer IAM: one that nobody named, and those that policies
    /// except although they are no administrators.
    fn others(&self, anybody: &str, admins: &[String]) -> BTreeSet<String> {
        let admins: Vec<Glob> = admins
            .iter()
            .filter_map(|pattern| Glob::parse(pattern, Case::Sensitive, Reading::Surely))
            .collect();
        let tests = self.all.iter().flat_map(|one| &one.statements);
        let tests = tests.flat_map(|statement| &statement.conditions.tests);
        let named = tests
            .filter(|test| test.key == "aws:principalarn")
            .flat_map(|test| &test.values)
            // A variable may be anything: nobody can be made of it.
            .filter(|value| !value.contains("${"))
            .map(|value| self.somebody(value));
        let all = named.chain([anybody.to_owned()]);
        all.filter(|arn| !admins.iter().any(|admin| admin.matches(arn))).collect()
    }

    /// One of those whom a pattern of ARNs is about: what it leaves open is open to a name of
    /// one's own choice.
    fn somebody(&self, pattern: &str) -> String {
        let parts = pattern.splitn(6, ':').enumerate().map(|(index, part)| match (index, part) {
            (4, part) if part.contains(['*', '?']) => self.account.to_owned(),
            (_, part) => part.replace('*', UNNAMED).replace('?', "z"),
        });
        parts.collect::<Vec<_>>().join(":")
    }
}

#[cfg(test)]
mod tests;
