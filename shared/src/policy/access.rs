//! Whether somebody outside gets in.

use super::PolicyError;
use super::context::Context;
use super::coverage::{Grants, Universe};
use super::document::{Effect, PolicyDocument, Statement};
use super::party::{Naming, Party, statement_parties};
use super::trust::Trust;

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
        self.grants_in(party, &party.context(), |statement| {
            *party == Party::Stranger || statement_parties(statement).any(|one| one == *party)
        })
    }

    /// Who gets in and is not trusted: a stranger, accounts and organizations that the policy
    /// names (as principals, or as those for whom a service may ask), services that may ask for
    /// anybody ([`Party::Service`]), and what is neither an account nor a service.
    ///
    /// # Errors
    /// As [`Self::admits`].
    pub fn outsiders(&self, trust: &Trust, universe: &Universe) -> Result<Vec<Party>, PolicyError> {
        let parties: Vec<Party> =
            self.parties().into_iter().filter(|party| !trust.covers(party)).collect();
        let mut outsiders = Vec::new();
        let public = self.admits(&Party::Stranger, universe)?;
        if public {
            outsiders.push(Party::Stranger);
        }
        for party in parties.iter() {
            let by_name = match party {
                Party::Account(_) | Party::Organization(_) => {
                    self.admits_some_way(party, &parties, universe)?
                }
                _ => self.admits(party, universe)?,
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
        self.grants_in(party, &party.context().elsewhere(), |_| true).any(universe)
    }

    /// Whether an account or an organization gets in, by itself or through a service. An account
    /// may be in any organization that is not trusted.
    fn admits_some_way(
        &self,
        party: &Party,
        parties: &[Party],
        universe: &Universe,
    ) -> Result<bool, PolicyError> {
        if self.admits(party, universe)? {
            return Ok(true);
        }
        let spelt_out =
            |statement: &Statement| statement_parties(statement).any(|one| one == *party);
        for other in parties {
            let grants = match (party, other) {
                (Party::Account(_), Party::Organization(organization)) => {
                    let context = party.context().of_organization(organization);
                    self.grants_in(party, &context, spelt_out)
                }
                (Party::Account(account), Party::Service(_)) => {
                    let context = other.context().for_account(account);
                    self.grants_in(other, &context, spelt_out)
                }
                (Party::Organization(organization), Party::Service(_)) => {
                    let context = other.context().for_organization(organization);
                    self.grants_in(other, &context, spelt_out)
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
        counts: impl Fn(&Statement) -> bool,
    ) -> Grants {
        let about = |statement: &&Statement, naming: Naming| {
            statement.principals.as_ref().is_some_and(|named| named.name(party, naming))
        };
        let allows = self
            .with_effect(Effect::Allow)
            .filter(|statement| counts(statement) && about(statement, Naming::Possibly))
            .filter(|statement| statement.conditions.admit(context));
        let denies = self
            .with_effect(Effect::Deny)
            .filter(|statement| about(statement, Naming::Surely))
            .filter(|statement| statement.conditions.surely_hold(context));
        Grants::new(allows, denies)
    }
}
