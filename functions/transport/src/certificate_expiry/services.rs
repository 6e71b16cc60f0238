//! Certificates of which no item tells the end: those of IAM, RDS and private CAs.

use std::collections::BTreeMap;

use aws_sdk_acmpca::types::CertificateAuthority;
use aws_sdk_iam::types::ServerCertificateMetadata;
use aws_sdk_rds::types::DbInstance;
use fisc_shared::config_service::from_sdk;
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Run, Verdict, message};
use jiff::Timestamp;

use super::{
    ALLOW_IAM_SERVER_CERTIFICATES, CA_DAYS_TO_EXPIRATION, CA_NOT_ACTIVE, DAYS_TO_EXPIRATION,
    DB_CA_EXPIRING, DESCRIBE_CERTIFICATES, LIST_AUTHORITIES, LIST_SERVER_CERTIFICATES,
    NO_DB_CERTIFICATE, PRIVATE_CA_EXPIRING, RDS_CA_DAYS_TO_EXPIRATION, SERVER_CERTIFICATE_EXPIRING,
    SERVER_CERTIFICATE_PRESENT, is_near, when,
};

/// When the certificate authorities of RDS end, by their names.
pub(super) type Authorities = BTreeMap<String, Timestamp>;

/// Judges a server certificate of IAM.
pub(super) fn server_certificate(
    certificate: &ServerCertificateMetadata,
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    const FIELD: &str = "ServerCertificateMetadataList[].Expiration";
    let missing = || Error::Answer { action: LIST_SERVER_CERTIFICATES, field: FIELD.to_owned() };
    let end = certificate.expiration().and_then(from_sdk).ok_or_else(missing)?;
    let mut failures = Failures::new();
    if is_near(end, run.parameters.get(&DAYS_TO_EXPIRATION), run) {
        let message = when("The server certificate", "サーバー証明書", end, run);
        failures.because(&SERVER_CERTIFICATE_EXPIRING, message);
    }
    if !run.parameters.get(&ALLOW_IAM_SERVER_CERTIFICATES) {
        failures.add(&SERVER_CERTIFICATE_PRESENT);
    }
    Ok(failures.into_verdict())
}

/// Judges a private CA.
pub(super) fn private_ca(ca: &CertificateAuthority, run: &Run<'_>) -> Result<Verdict, Error> {
    const FIELD: &str = "CertificateAuthorities[]";
    let missing =
        |field: &str| Error::Answer { action: LIST_AUTHORITIES, field: format!("{FIELD}.{field}") };
    let status = ca.status().ok_or_else(|| missing("Status"))?.as_str();
    let mut failures = Failures::new();
    match status {
        "ACTIVE" => {
            let end = ca.not_after().and_then(from_sdk).ok_or_else(|| missing("NotAfter"))?;
            if is_near(end, run.parameters.get(&CA_DAYS_TO_EXPIRATION), run) {
                failures.because(
                    &PRIVATE_CA_EXPIRING,
                    when("The CA certificate", "CA 証明書", end, run),
                );
            }
        }
        // What was near has come: the CA must not turn from red to not applicable by that.
        "EXPIRED" => failures.because(
            &PRIVATE_CA_EXPIRING,
            message!("The private CA has expired", "プライベート CA の有効期限が切れています"),
        ),
        "CREATING" | "PENDING_CERTIFICATE" | "DISABLED" | "DELETED" | "FAILED" => {
            let reason = CA_NOT_ACTIVE.because(message!(
                "The private CA is not active ({status})",
                "プライベート CA は有効な状態ではありません({status})"
            ));
            return Ok(Verdict::NotApplicable(reason));
        }
        other => return Err(missing(&format!("Status: unknown value {other:?}"))),
    }
    Ok(failures.into_verdict())
}

/// Judges the certificate authority of a DB instance, and its server certificate.
pub(super) fn database(
    instance: &DbInstance,
    authorities: &Authorities,
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    let details = instance.certificate_details();
    let own = details.and_then(|details| details.valid_till()).and_then(from_sdk);
    let name = details
        .and_then(|details| details.ca_identifier())
        .or_else(|| instance.ca_certificate_identifier())
        .filter(|name| !name.is_empty());
    let Some(name) = name else { return Ok(Verdict::not_applicable(&NO_DB_CERTIFICATE)) };
    let days = run.parameters.get(&RDS_CA_DAYS_TO_EXPIRATION);
    let authority = authorities.get(name).copied();
    if authority.is_none() && own.is_none() {
        return Err(Error::Answer {
            action: DESCRIBE_CERTIFICATES,
            field: format!("the certificate authority {name}"),
        });
    }
    let mut failures = Failures::new();
    if let Some(end) = authority.filter(|end| is_near(*end, days, run)) {
        let (en, ja) = (format!("The CA {name}"), format!("認証局 {name} の証明書"));
        failures.because(&DB_CA_EXPIRING, when(&en, &ja, end, run));
        return Ok(failures.into_verdict());
    }
    // RDS renews the yearly certificates under its newer authorities by itself: a near end is no
    // failure, but a past one is. What ends with an authority that RDS no longer lists is judged
    // by its own date.
    let days = if authority.is_some() && is_rotated(name) { 0 } else { days };
    if let Some(end) = own.filter(|end| is_near(*end, days, run)) {
        let en = format!("The server certificate (CA {name})");
        let ja = format!("サーバー証明書(認証局 {name})");
        failures.because(&DB_CA_EXPIRING, when(&en, &ja, end, run));
    }
    Ok(failures.into_verdict())
}

/// Whether RDS renews the server certificates under this authority by itself: those of
/// generations, such as `rds-ca-rsa2048-g1`. Source: Amazon RDS User Guide, "Using SSL/TLS to
/// encrypt a connection to a DB instance or cluster", November 2026.
pub(super) fn is_rotated(authority: &str) -> bool {
    let generation = authority.strip_prefix("rds-ca-").and_then(|name| name.rsplit_once("-g"));
    generation.is_some_and(|(_, number)| number.parse::<u32>().is_ok())
}
