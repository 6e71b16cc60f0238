//! ACM certificates: their item tells everything but the time.

use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Run, Verdict, message};

use super::{
    ALLOW_IMPORTED, CERTIFICATE_EXPIRING, CERTIFICATE_INVALID, CERTIFICATE_NOT_ISSUED,
    CERTIFICATE_NOT_USED, DAYS_TO_EXPIRATION, EMAIL_VALIDATION, MIN_RSA_BITS, NO_MANAGED_RENEWAL,
    ONLY_IN_USE, RENEWAL_NOT_SUCCEEDING, REQUIRE_DNS_VALIDATION, WEAK_KEY, is_near, when,
};

const STATUS: &str = "status";
const TYPE: &str = "type";
const RENEWAL: &str = "renewalSummary";
const RENEWAL_STATUS: &str = "renewalStatus";
const ELIGIBILITY: &str = "renewalEligibility";
const ALGORITHM: &str = "keyAlgorithm";

/// Judges a certificate at the time of the run.
pub(super) fn evaluate(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, ItemError> {
    let fields = item.configuration()?;
    let status = text(&fields, STATUS)?;
    let issued = match status {
        "ISSUED" => true,
        "EXPIRED" | "REVOKED" | "FAILED" | "VALIDATION_TIMED_OUT" => false,
        "PENDING_VALIDATION" | "INACTIVE" => {
            let reason = CERTIFICATE_NOT_ISSUED.because(message!(
                "The certificate is not issued ({status})",
                "証明書は発行されていません({status})"
            ));
            return Ok(Verdict::NotApplicable(reason));
        }
        other => return Err(unknown(&fields, STATUS, other)),
    };
    if run.parameters.get(&ONLY_IN_USE) && !is_used(&fields)? {
        return Ok(Verdict::not_applicable(&CERTIFICATE_NOT_USED));
    }
    let origin = match text(&fields, TYPE)? {
        "AMAZON_ISSUED" => Origin::Public,
        "PRIVATE" => Origin::Private,
        "IMPORTED" => Origin::Imported,
        other => return Err(unknown(&fields, TYPE, other)),
    };
    let mut failures = Failures::new();
    if issued {
        expiry(&fields, run, &mut failures)?;
    } else {
        failures.because(
            &CERTIFICATE_INVALID,
            message!(
                "The status of the certificate is {status}",
                "証明書のステータスが {status} です"
            ),
        );
    }
    renewal(&fields, &mut failures)?;
    managed(&fields, issued, origin, run, &mut failures)?;
    if origin == Origin::Public && run.parameters.get(&REQUIRE_DNS_VALIDATION) {
        validation(&fields, &mut failures)?;
    }
    key(&fields, run, &mut failures)?;
    Ok(failures.into_verdict())
}

/// Who issued a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    Public,
    Private,
    Imported,
}

fn is_used(fields: &Fields<'_>) -> Result<bool, ItemError> {
    const USED_BY: &str = "inUseBy";
    fields.list(USED_BY)?.map(|users| !users.is_empty()).ok_or_else(|| fields.missing(USED_BY))
}

fn expiry(fields: &Fields<'_>, run: &Run<'_>, failures: &mut Failures) -> Result<(), ItemError> {
    let end = fields.time("notAfter")?.ok_or_else(|| fields.missing("notAfter"))?;
    if is_near(end, run.parameters.get(&DAYS_TO_EXPIRATION), run) {
        failures.because(&CERTIFICATE_EXPIRING, when("The certificate", "証明書", end, run));
    }
    Ok(())
}

fn renewal(fields: &Fields<'_>, failures: &mut Failures) -> Result<(), ItemError> {
    let Some(summary) = fields.at(RENEWAL)? else { return Ok(()) };
    match text(&summary, RENEWAL_STATUS)? {
        "SUCCESS" | "PENDING_AUTO_RENEWAL" => {}
        status @ ("FAILED" | "PENDING_VALIDATION") => {
            let reason = summary.text("renewalStatusReason")?;
            let reason = reason.map(|reason| format!(", {reason}")).unwrap_or_default();
            failures.because(
                &RENEWAL_NOT_SUCCEEDING,
                message!(
                    "The renewal by ACM does not succeed ({status}{reason})",
                    "ACM による更新が成功していません({status}{reason})"
                ),
            );
        }
        other => return Err(unknown(&summary, RENEWAL_STATUS, other)),
    }
    Ok(())
}

fn managed(
    fields: &Fields<'_>,
    issued: bool,
    origin: Origin,
    run: &Run<'_>,
    failures: &mut Failures,
) -> Result<(), ItemError> {
    if origin == Origin::Imported {
        // An imported certificate is always ineligible: whether that is accepted is one question.
        if !run.parameters.get(&ALLOW_IMPORTED) {
            failures.because(
                &NO_MANAGED_RENEWAL,
                message!(
                    "The certificate is imported: ACM does not renew it",
                    "インポートされた証明書であり、ACM は更新しません"
                ),
            );
        }
        return Ok(());
    }
    if !issued {
        return Ok(());
    }
    match text(fields, ELIGIBILITY)? {
        "ELIGIBLE" => {}
        // A certificate that nothing uses is ineligible by design.
        "INELIGIBLE" => {
            if is_used(fields)? {
                failures.because(
                    &NO_MANAGED_RENEWAL,
                    message!(
                        "The certificate is in use, but ACM will not renew it",
                        "使用中の証明書が ACM による更新の対象になっていません"
                    ),
                );
            }
        }
        other => return Err(unknown(fields, ELIGIBILITY, other)),
    }
    Ok(())
}

fn validation(fields: &Fields<'_>, failures: &mut Failures) -> Result<(), ItemError> {
    const OPTIONS: &str = "domainValidationOptions";
    let mut domains = Vec::new();
    for option in fields.list(OPTIONS)?.ok_or_else(|| fields.missing(OPTIONS))? {
        let by_email = match option.text("validationMethod")? {
            Some(method) => method == "EMAIL",
            // Certificates of before 2017 name no method; e-mail was the only one.
            None => option.list("validationEmails")?.is_some_and(|emails| !emails.is_empty()),
        };
        if by_email {
            domains.push(text(&option, "domainName")?);
        }
    }
    if let Some(first) = domains.first() {
        let count = domains.len();
        failures.because(
            &EMAIL_VALIDATION,
            message!(
                "{count} domain(s) are validated by e-mail, such as {first}",
                "{count} 件のドメインが E メールで検証されています({first} など)"
            ),
        );
    }
    Ok(())
}

fn key(fields: &Fields<'_>, run: &Run<'_>, failures: &mut Failures) -> Result<(), ItemError> {
    let algorithm = text(fields, ALGORITHM)?;
    // Config writes RSA-2048, the API RSA_2048. Elliptic curves have no size to compare.
    let Some(size) = algorithm.strip_prefix("RSA") else { return Ok(()) };
    let bits: i64 = size
        .trim_start_matches(['-', '_'])
        .parse()
        .map_err(|_| unknown(fields, ALGORITHM, algorithm))?;
    let least = run.parameters.get(&MIN_RSA_BITS);
    if bits < least {
        failures.because(
            &WEAK_KEY,
            message!(
                "The RSA key has {bits} bits; at least {least} are asked for",
                "RSA 鍵が {bits} ビットです(下限 {least} ビット)"
            ),
        );
    }
    Ok(())
}

/// A text that is always there.
fn text<'a>(fields: &Fields<'a>, key: &str) -> Result<&'a str, ItemError> {
    fields.text(key)?.ok_or_else(|| fields.missing(key))
}

/// A value that was not known when this was written must not pass for a good one.
fn unknown(fields: &Fields<'_>, key: &str, value: &str) -> ItemError {
    ItemError::Unreadable {
        field: format!("{}.{key}", fields.path()),
        problem: format!("unknown value {value:?}"),
    }
}
