//! Whether somebody outside gets in.

use std::collections::BTreeSet;

use super::PolicyError;
use super::condition::Test;
use super::context::Context;
use super::coverage::{Grants, Universe};
use super::document::{Effect, PolicyDocument, Statement};
use super::party::{Naming, Party, statement_parties};
use super::trust::Trust;

/// What [`PolicyDocument::outsiders`] looks at before it gives up: questions, times what each goes
/// over. A bucket policy of 20 KiB that lists accounts stays at a tenth.
const MAX_WORK: usize = 15_000_000;

/// The parties that each statement is for, in the order of the statements.
type Named = Vec<BTreeSet<Party>>;

impl PolicyDocument {
    /// Whether the policy of a resource lets `party` do anything of `universe`: some Allow that
    /// names it, or everybody, under a condition that it may meet, is not taken back by Denies
    /// that are surely about it.
    ///
    /// A stranger gets in when the condition tests nothing that ties a request to somebody, or
    /// only leaves that open (`StringLike` with a wildcard, `…IfExists`, `ForAllValues`, a wide
    /// range of addresses). What everybody may do is the stranger's: of another party only those
    /// statements count that spell it out.
    ///
    /// # Errors
    /// [`PolicyError::TooComplex`] when the patterns overlap in too many ways.
    pub fn admits(&self, party: &Party, universe: &Universe) -> Result<bool, PolicyError> {
        self.grants_to(party).any(universe)
    }

    /// What the policy of a resource may grant to `party`; see [`Self::admits`].
    #[must_use]
    pub fn grants_to(&self, party: &Party) -> Grants {
        self.grants_in(party, &party.context(), |_, statement| {
            *party == Party::Stranger || statement_parties(statement).any(|one| one == *party)
        })
    }

    /// Who gets in and is not trusted: a stranger, accounts and organizations that the policy
    /// names (as principals, or as those for whom a service may ask), services that may ask for
    /// anybody ([`Party::Service`]), and what is neither an account nor a service.
    ///
    /// # Errors
    /// As [`Self::admits`], and [`PolicyError::TooManyParties`].
    pub fn outsiders(&self, trust: &Trust, universe: &Universe) -> Result<Vec<Party>, PolicyError> {
        let parties: Vec<Party> =
            self.parties().into_iter().filter(|party| !trust.covers(party)).collect();
        if self.questions(&parties).saturating_mul(self.weight()) > MAX_WORK {
            return Err(PolicyError::TooManyParties);
        }
        let named: Named =
            self.statements.iter().map(|one| statement_parties(one).collect()).collect();
        let mut outsiders = Vec::new();
        let public = self.admits(&Party::Stranger, universe)?;
        if public {
            outsiders.push(Party::Stranger);
        }
        for party in parties.iter() {
            let by_name = match party {
                Party::Account(_) | Party::Organization(_) => {
                    self.admits_some_way(party, &parties, &named, universe)?
                }
                _ => self.spelt_out(party, party, &party.context(), &named).any(universe)?,
            };
            // What everybody may do, but a Deny keeps strangers from, is for whom it leaves out.
            if by_name || (!public && self.leaves_in(party, universe)?) {
                outsiders.push(party.clone());
            }
        }
        Ok(outsiders)
    }

    /// Whether a party gets in by an Allow that is for everybody.
    fn leaves_in(&self, party: &Party, universe: &Universe) -> Result<bool, PolicyError> {
        self.grants_in(party, &party.context().elsewhere(), |_, _| true).any(universe)
    }

    /// How often [`Self::outsiders`] asks: about each party, and about each behind another one.
    fn questions(&self, parties: &[Party]) -> usize {
        let (mut accounts, mut organizations, mut services) = (0_usize, 0_usize, 0_usize);
        for party in parties {
            match party {
                Party::Account(_) => accounts += 1,
                Party::Organization(_) => organizations += 1,
                Party::Service(_) => services += 1,
                _ => {}
            }
        }
        parties.len() + accounts * (organizations + services) + organizations * services
    }

    /// What one question goes over: statements, principals, conditions and their values.
    fn weight(&self) -> usize {
        let tests =
            |tests: &[Test]| -> usize { tests.iter().map(|one| 1 + one.values.len()).sum() };
        self.statements
            .iter()
            .map(|one| {
                let principals = one.principals.as_ref().map_or(0, |named| named.aws.len());
                1 + principals + tests(&one.conditions.tests)
            })
            .sum()
    }

    /// What is granted in a context by the statements that spell a party out. `asking` is who asks:
    /// the party, or a service for it.
    fn spelt_out(&self, party: &Party, asking: &Party, context: &Context, named: &Named) -> Grants {
        self.grants_in(asking, context, |index, _| {
            named.get(index).is_some_and(|parties| parties.contains(party))
        })
    }

    /// Whether an account or an organization gets in, by itself or through a service. An account
    /// may be in any organization that is not trusted.
    fn admits_some_way(
        &self,
        party: &Party,
        parties: &[Party],
        named: &Named,
        universe: &Universe,
    ) -> Result<bool, PolicyError> {
        if self.spelt_out(party, party, &party.context(), named).any(universe)? {
            return Ok(true);
        }
        for other in parties {
            let grants = match (party, other) {
                (Party::Account(_), Party::Organization(organization)) => {
                    let context = party.context().of_organization(organization);
                    self.spelt_out(party, party, &context, named)
                }
                (Party::Account(account), Party::Service(_)) => {
                    let context = other.context().for_account(account);
                    self.spelt_out(party, other, &context, named)
                }
                (Party::Organization(organization), Party::Service(_)) => {
                    let context = other.context().for_organization(organization);
                    self.spelt_out(party, other, &context, named)
                }
                _ => continue,
            };
            if grants.any(universe)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What is granted to `party` in `context` by the Allow statements that count.
    fn grants_in(
        &self,
        party: &Party,
        context: &Context,
        counts: impl Fn(usize, &Statement) -> bool,
    ) -> Grants {
        let about = |statement: &&Statement, naming: Naming| {
            statement.principals.as_ref().is_some_and(|named| named.name(party, naming))
        };
        let allows = self
            .statements
            .iter()
            .enumerate()
            .filter(|(_, statement)| statement.effect == Effect::Allow)
            .filter(|(index, statement)| {
                counts(*index, statement) && about(statement, Naming::Possibly)
            })
            .map(|(_, statement)| statement)
            .filter(|statement| statement.conditions.admit(context));
        let denies = self
            .with_effect(Effect::Deny)
            .filter(|statement| about(statement, Naming::Surely))
            .filter(|statement| statement.conditions.surely_hold(context));
        Grants::new(allows, denies)
    }
}
