//! Who a policy may be about: accounts, organizations, services, and everybody else.

use crate::resource::is_account_id;
use std::collections::BTreeSet;

use super::condition::{Known, Test};
use super::context::Context;
use super::document::{Effect, PolicyDocument, Statement};
use super::principal::Principals;

/// Somebody who may stand in front of a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// Anybody at all: anonymous, or a principal of an account that nobody named.
    Stranger,
    /// The principals of an account, by its number.
    Account(String),
    /// The principals of an organization, by its id (`o-…`).
    Organization(String),
    /// An AWS service that acts for a resource of an account that nobody named, by its service
    /// principal (`sns.amazonaws.com`).
    Service(String),
    /// An identity provider, by its ARN or its name.
    Federated(String),
    /// A canonical user id of S3.
    CanonicalUser(String),
    /// The unique id that stands where a principal was named that has since been deleted
    /// (`AIDA…`, `AROA…`). Nobody can be it.
    Deleted(String),
}

/// Keys that tell the account of who asks.
const CALLER_ACCOUNT: [&str; 2] = ["aws:principalaccount", "kms:calleraccount"];
/// Keys whose values carry the account of who asks.
const CALLER: [&str; 2] = ["aws:principalarn", "aws:userid"];
/// Keys that tell the organization of who asks, or carry it.
const CALLER_ORGANIZATION: [&str; 2] = ["aws:principalorgid", "aws:principalorgpaths"];
/// Keys of a request that a service makes on behalf of a resource: its account.
const SOURCE_ACCOUNT: [&str; 2] = ["aws:sourceaccount", "aws:sourceowner"];
/// Keys of such a request whose values carry the account or the organization.
const SOURCE: [&str; 3] = ["aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"];
/// Keys that tell through which network, endpoint or access point a request came, which belong to
/// an account.
const NETWORK: [&str; 9] = [
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
];
/// True for clients of a file system that came through a mount target, which is in a VPC.
const MOUNT_TARGET: &str = "elasticfilesystem:accessedviamounttarget";
const IS_SERVICE: &str = "aws:principalisawsservice";
const SERVICE_NAME: &str = "aws:principalservicename";

impl Party {
    /// What a request of this party can carry. Through which networks the parties come that a
    /// policy names is not known; strangers come through their own.
    pub(super) fn context(&self) -> Context {
        let value = |text: &str| vec![Known::Value(text.to_owned())];
        let strange = [Known::Absent, Known::STRANGE];
        let is_service = matches!(self, Self::Service(_));
        let mut context = Context::new().with(IS_SERVICE, &value(&is_service.to_string()));
        context = match self {
            Self::Service(name) => context.with(SERVICE_NAME, &value(name)),
            _ => context.with(SERVICE_NAME, &[Known::Absent]),
        };
        // A service is no principal of an account; an anonymous stranger neither.
        let caller = if is_service { &strange[..1] } else { &strange[..] };
        for key in CALLER_ACCOUNT.iter().chain(&CALLER).chain(&CALLER_ORGANIZATION) {
            context = context.with(key, caller);
        }
        // A service acts for somebody's resource, or does not tell for whose.
        for key in SOURCE_ACCOUNT.iter().chain(&SOURCE) {
            context = context.with(key, &strange);
        }
        match self {
            Self::Stranger => {
                context = context.elsewhere();
                // KMS knows the account of every caller.
                context = context.with("kms:calleraccount", &strange[1..]);
                context.with(MOUNT_TARGET, &value("false"))
            }
            Self::Account(account) => {
                for key in CALLER_ACCOUNT {
                    context = context.with(key, &value(account));
                }
                let own = Known::Outside { account: Some(account.clone()), organization: None };
                for key in CALLER {
                    context = context.with(key, std::slice::from_ref(&own));
                }
                context.for_account(account)
            }
            Self::Organization(organization) => {
                context.of_organization(organization).for_organization(organization)
            }
            _ => context,
        }
    }
}

impl Context {
    /// The request comes through networks of the party's own.
    pub(super) fn elsewhere(self) -> Self {
        let strange = [Known::Absent, Known::STRANGE];
        NETWORK.iter().fold(self, |context, key| context.with(key, &strange))
    }

    /// The caller is of an organization.
    pub(super) fn of_organization(self, organization: &str) -> Self {
        self.with("aws:principalorgid", &[Known::Value(organization.to_owned())])
            .with("aws:principalorgpaths", &[within(organization)])
    }

    /// The request may be made for a resource of this account.
    pub(super) fn for_account(mut self, account: &str) -> Self {
        let own = Known::Outside { account: Some(account.to_owned()), organization: None };
        for key in SOURCE_ACCOUNT {
            self = self.with(key, &[Known::Absent, Known::Value(account.to_owned())]);
        }
        self.with("aws:sourcearn", &[Known::Absent, own])
    }

    /// The request may be made for a resource of this organization.
    pub(super) fn for_organization(self, organization: &str) -> Self {
        self.with("aws:sourceorgid", &[Known::Absent, Known::Value(organization.to_owned())])
            .with("aws:sourceorgpaths", &[Known::Absent, within(organization)])
    }
}

/// A path below an organization.
fn within(organization: &str) -> Known {
    Known::Outside { account: None, organization: Some(organization.to_owned()) }
}

/// How surely a statement is about a party.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// It names the party, or somebody in it.
    Possibly,
    /// It names the party as a whole.
    Surely,
}

impl Principals {
    /// Whether these are, or include, the party.
    pub(super) fn name(&self, party: &Party, naming: Naming) -> bool {
        if self.negated {
            // Whoever is named is left out: as a whole, or only in part.
            let opposite = match naming {
                Naming::Possibly => Naming::Surely,
                Naming::Surely => Naming::Possibly,
            };
            return !self.listed(party, opposite);
        }
        self.listed(party, naming)
    }

    fn listed(&self, party: &Party, naming: Naming) -> bool {
        if self.aws.iter().any(|principal| principal == "*") {
            return true;
        }
        match party {
            Party::Stranger | Party::Organization(_) => false,
            Party::Account(account) => self.aws.iter().any(|principal| {
                account_of(principal) == Some(account)
                    && (naming == Naming::Possibly || is_whole_account(principal))
            }),
            Party::Service(name) => self.service.contains(name),
            Party::Federated(provider) => self.federated.contains(provider),
            Party::CanonicalUser(id) => self.canonical.contains(id),
            Party::Deleted(id) => self.aws.contains(id),
        }
    }

    /// The parties that are named here; those of `NotPrincipal` too.
    fn parties(&self) -> impl Iterator<Item = Party> {
        let aws = self.aws.iter().filter_map(|principal| match account_of(principal) {
            Some(account) => Some(Party::Account(account.to_owned())),
            None if principal == "*" => None,
            // The identity of a CloudFront distribution is of no account.
            None if principal.starts_with("arn:") => None,
            None => Some(Party::Deleted(principal.clone())),
        });
        let service = self.service.iter().cloned().map(Party::Service);
        let federated = self.federated.iter().cloned().map(Party::Federated);
        let canonical = self.canonical.iter().cloned().map(Party::CanonicalUser);
        aws.chain(service).chain(federated).chain(canonical)
    }
}

/// The account of a principal: a bare number, or the one in an ARN.
fn account_of(principal: &str) -> Option<&str> {
    let account =
        if principal.starts_with("arn:") { principal.split(':').nth(4)? } else { principal };
    is_account_id(account).then_some(account)
}

fn is_whole_account(principal: &str) -> bool {
    is_account_id(principal) || principal.ends_with(":root")
}

impl PolicyDocument {
    /// Every account, organization, service, provider and canonical user that an Allow spells out,
    /// as a principal or in a condition on who asks or for whom, or that a Deny leaves out: the
    /// parties besides
    /// [`Party::Stranger`] about whom [`Self::admits`] can be asked.
    #[must_use]
    pub fn parties(&self) -> BTreeSet<Party> {
        self.statements.iter().flat_map(statement_parties).collect()
    }
}

/// The parties that a statement is for: those that an Allow names, as principals or in a condition
/// on who asks or for whom; those that a Deny leaves out.
pub(super) fn statement_parties(statement: &Statement) -> impl Iterator<Item = Party> {
    let denies = statement.effect == Effect::Deny;
    let named = statement.principals.iter().filter(move |named| named.negated == denies);
    let tests = statement.conditions.tests.iter().filter(move |test| test.is_negated() == denies);
    named.flat_map(Principals::parties).chain(tests.flat_map(test_parties))
}

fn test_parties(test: &Test) -> impl Iterator<Item = Party> {
    let key = test.key.as_str();
    let tells = CALLER_ACCOUNT.contains(&key)
        || CALLER.contains(&key)
        || CALLER_ORGANIZATION.contains(&key)
        || SOURCE_ACCOUNT.contains(&key)
        || SOURCE.contains(&key);
    test.values.iter().filter(move |_| tells).filter_map(|value| {
        if let Some(account) = account_of(value) {
            return Some(Party::Account(account.to_owned()));
        }
        let organization = value.split('/').next().unwrap_or(value);
        let fixed = organization.starts_with("o-") && !organization.contains(['*', '?', '$']);
        fixed.then(|| Party::Organization(organization.to_owned()))
    })
}
