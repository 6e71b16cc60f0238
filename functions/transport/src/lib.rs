//! The transport domain: data on the wire.

pub mod cloudfront_tls;
pub mod data_service_tls;
pub mod s3_tls_only;
pub mod transfer_integrity;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[
    &s3_tls_only::CONTROL,
    &cloudfront_tls::CONTROL,
    &data_service_tls::CONTROL,
    &transfer_integrity::CONTROL,
];
