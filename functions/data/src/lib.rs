//! The data domain: where data is, who can reach it, and how long it stays.

pub mod data_classification;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[&data_classification::CONTROL];
