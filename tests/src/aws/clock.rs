//! The services' clocks, and what is signed by another one.

use jiff::{SignedDuration, Timestamp};

use super::protocol::{ApiError, Protocol};
use super::server::Request;

/// How far a request's time may be off.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);
/// The same for S3.
const TOLERANCE_OF_S3: SignedDuration = SignedDuration::from_mins(15);

/// The time at the services, as the `Date` header has it.
pub(crate) fn http_date(ahead: SignedDuration) -> String {
    (Timestamp::now() + ahead).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The refusal of a request that was signed by a clock that is off.
pub(crate) fn refusal(
    service: &str,
    protocol: Option<Protocol>,
    request: &Request,
    ahead: SignedDuration,
) -> Option<ApiError> {
    let text = request.header("x-amz-date")?;
    let signed = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    let signed = signed.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    let off = signed.duration_since(Timestamp::now() + ahead).abs();
    let tolerance = if service == "s3" { TOLERANCE_OF_S3 } else { TOLERANCE };
    if off <= tolerance {
        return None;
    }
    let message = format!("Signature expired: {text} is now earlier than the time allowed");
    Some(match (service, protocol) {
        ("s3", _) => ApiError::new(
            403,
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        ),
        (_, Some(Protocol::Ec2)) => ApiError::new(
            401,
            "AuthFailure",
            "AWS was not able to validate the provided access credentials",
        ),
        (_, Some(Protocol::Query)) => ApiError::new(403, "SignatureDoesNotMatch", message),
        (_, Some(Protocol::RestJson)) => ApiError::new(403, "InvalidSignatureException", message),
        _ => ApiError::bad("InvalidSignatureException", message),
    })
}
