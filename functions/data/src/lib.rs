//! The data domain: where data is, who can reach it, and how long it stays.

pub mod data_classification;
pub mod data_disposal;
pub mod data_residency;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] =
    &[&data_residency::CONTROL, &data_disposal::CONTROL, &data_classification::CONTROL];
