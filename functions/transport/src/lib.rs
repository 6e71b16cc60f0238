//! The transport domain: data on the wire.

pub mod certificate_expiry;
pub mod cloudfront_tls;
pub mod data_service_tls;
pub mod load_balancer_tls;
pub mod network_link_encryption;
pub mod s3_tls_only;
pub mod transfer_integrity;

use fisc_shared::Control;

/// The controls of this domain.
pub const CONTROLS: &[&Control] = &[
    &s3_tls_only::CONTROL,
    &load_balancer_tls::CONTROL,
    &cloudfront_tls::CONTROL,
    &data_service_tls::CONTROL,
    &certificate_expiry::CONTROL,
    &network_link_encryption::CONTROL,
    &transfer_integrity::CONTROL,
];
