//! The JSON of a digest file.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer};

use super::{Cause, text::quote};

/// The only hash algorithm that CloudTrail has used.
const SHA_256: &str = "SHA-256";

/// A SHA-256.
pub(super) type Hash = [u8; 32];

/// A digest, as far as it is needed.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    /// As written, because the signature covers this text.
    pub(super) end_text: String,
    pub(super) fingerprint: String,
    pub(super) signature_algorithm: Option<String>,
    pub(super) previous_signature: Option<String>,
    pub(super) previous: Option<Previous>,
    pub(super) logs: Vec<LogEntry>,
    /// A hash algorithm that is not SHA-256. Only an error once the digest is known to be genuine.
    pub(super) unknown_algorithm: Option<String>,
}

/// The digest before, as named by a digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Previous {
    pub(super) bucket: String,
    pub(super) key: String,
    /// SHA-256 of the inflated file; `None` when absent or not hexadecimal.
    pub(super) hash: Option<Hash>,
}

/// A log file, as named by a digest.
#[derive(Debug)]
pub(super) struct LogEntry {
    /// `None` when it is the digest's own, to save memory.
    pub(super) bucket: Option<Box<str>>,
    pub(super) key: Box<str>,
    /// SHA-256 of the inflated file; `None` when not hexadecimal.
    pub(super) hash: Option<Hash>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw<'a> {
    digest_start_time: Option<String>,
    digest_end_time: Option<String>,
    #[serde(rename = "digestS3Bucket")]
    bucket: Option<String>,
    #[serde(rename = "digestS3Object")]
    key: Option<String>,
    digest_public_key_fingerprint: Option<String>,
    digest_signature_algorithm: Option<String>,
    /// Must be there, but may be null.
    #[serde(default, deserialize_with = "present")]
    previous_digest_signature: Option<Option<String>>,
    #[serde(rename = "previousDigestS3Bucket")]
    previous_bucket: Option<String>,
    #[serde(rename = "previousDigestS3Object")]
    previous_key: Option<String>,
    previous_digest_hash_value: Option<String>,
    previous_digest_hash_algorithm: Option<String>,
    /// Must be there, but may be null.
    #[serde(borrow, default, deserialize_with = "present")]
    log_files: Option<Option<Vec<RawLog<'a>>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawLog<'a> {
    #[serde(borrow, rename = "s3Bucket")]
    bucket: Cow<'a, str>,
    #[serde(borrow, rename = "s3Object")]
    key: Cow<'a, str>,
    #[serde(borrow)]
    hash_value: Cow<'a, str>,
    #[serde(borrow)]
    hash_algorithm: Option<Cow<'a, str>>,
}

fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl Document {
    /// Reads the inflated bytes of a digest file.
    pub(super) fn parse(json: &[u8]) -> Result<Self, Cause> {
        let raw: Raw<'_> = serde_json::from_slice(json)
            .map_err(|error| Cause::NotJson(quote(&error.to_string())))?;
        let required = |value: Option<String>, name| value.ok_or(Cause::FieldMissing(name));
        let start_text = required(raw.digest_start_time, "digestStartTime")?;
        let end_text = required(raw.digest_end_time, "digestEndTime")?;
        let bucket = required(raw.bucket, "digestS3Bucket")?;
        let log_files = raw.log_files.ok_or(Cause::FieldMissing("logFiles"))?;
        let log_files = log_files.unwrap_or_default();
        let unknown = |name: &str| (name != SHA_256).then(|| quote(name));
        let unknown_algorithm = log_files
            .iter()
            .filter_map(|log| log.hash_algorithm.as_deref())
            .chain(raw.previous_digest_hash_algorithm.as_deref())
            .find_map(unknown);
        let logs = log_files.into_iter().map(|log| LogEntry {
            bucket: (log.bucket != bucket.as_str()).then(|| log.bucket.into()),
            key: log.key.into(),
            hash: parse_hash(&log.hash_value),
        });
        let previous = raw.previous_bucket.zip(raw.previous_key);
        Ok(Self {
            logs: logs.collect(),
            start: time(&start_text, "digestStartTime")?,
            end: time(&end_text, "digestEndTime")?,
            end_text,
            key: required(raw.key, "digestS3Object")?,
            fingerprint: required(raw.digest_public_key_fingerprint, "digestPublicKeyFingerprint")?,
            signature_algorithm: raw.digest_signature_algorithm,
            previous_signature: raw
                .previous_digest_signature
                .ok_or(Cause::FieldMissing("previousDigestSignature"))?,
            previous: previous.map(|(bucket, key)| Previous {
                bucket,
                key,
                hash: raw.previous_digest_hash_value.as_deref().and_then(parse_hash),
            }),
            bucket,
            unknown_algorithm,
        })
    }
}

fn time(text: &str, name: &'static str) -> Result<Timestamp, Cause> {
    text.parse().map_err(|_| Cause::BadTime(name))
}

fn parse_hash(text: &str) -> Option<Hash> {
    decode_hex(text)?.try_into().ok()
}

/// Bytes of hexadecimal text in either case.
pub(super) fn decode_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}

/// Lower-case hexadecimal text.
pub(super) fn encode_hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
