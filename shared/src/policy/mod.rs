//! The IAM policy language: documents, patterns, conditions, and what statements cover together.
//!
//! Everything that judges a policy goes through here: [`PolicyDocument`] reads it in whatever
//! form a service stores it, [`Conditions::holds`] tells what is certain of a request of which
//! only some keys are known, [`covers`] and [`Grants`] decide by set semantics, not by comparing text,
//! and [`PolicyDocument::admits`] tells whether somebody outside gets in.
//! Source: IAM user guide, "IAM JSON policy elements reference" and "Grammar of the IAM JSON
//! policy language".

mod access;
mod condition;
mod context;
mod coverage;
mod document;
mod glob;
mod outside;
mod party;
mod principal;
#[cfg(test)]
mod tests;
mod trust;

pub use condition::{Conditions, Known, Request, Test, Truth};
pub use context::Context;
pub use coverage::{Grants, Ignoring, Universe, covers};
pub use document::{Effect, Element, PolicyDocument, Statement};
pub use glob::{Case, Glob, GlobSet, Reading, matches_any};
pub use party::Party;
pub use principal::Principals;
pub use trust::{ORG_ID, TRUSTED_ACCOUNT_IDS, Trust};

/// What is wrong with a policy document. Messages never repeat its text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not JSON.
    #[error("it is not JSON: {0}")]
    NotJson(String),
    /// An element has another shape than the grammar allows.
    #[error("{place}: {problem}")]
    Grammar {
        /// Which element of which statement.
        place: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Larger than any policy that AWS stores.
    #[error("it is larger than any policy that AWS stores, and is not analysed")]
    TooLarge,
    /// Too many parties to ask about each, and about each behind another one.
    #[error(
        "it names too many accounts, organizations and services to decide who gets in through \
         whom; shorten its lists, or name organizations instead of accounts"
    )]
    TooManyParties,
    /// Too many overlapping patterns to decide with certainty.
    #[error("its patterns overlap in too many ways to decide; merge or shorten them")]
    TooComplex,
}
