//! The data domain: where data is, who can reach it, and how long it stays.

#[cfg(test)]
mod buckets_sample;
pub mod data_classification;
pub mod data_disposal;
pub mod data_residency;
pub mod s3_data_protection;
pub mod s3_network_restriction;
pub mod s3_public_access;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[
    &s3_public_access::CONTROL,
    &s3_data_protection::CONTROL,
    &s3_network_restriction::CONTROL,
    &data_residency::CONTROL,
    &data_disposal::CONTROL,
    &data_classification::CONTROL,
];
