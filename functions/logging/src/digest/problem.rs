//! What can be wrong with a chain.

use std::fmt;

use jiff::Timestamp;

/// The requirement that failed: the codes of the control `log-integrity`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProblemCode {
    /// A digest that must exist does not.
    DigestMissing,
    /// Time that no digest covers, or a chain that starts anew.
    DigestChainGap,
    /// The signature does not verify, is absent, or its key is unknown.
    DigestSignatureInvalid,
    /// A digest is not the one its successor was linked to.
    DigestLinkMismatch,
    /// Not a digest, or not at its place.
    DigestMalformed,
    /// A log file that a digest names does not exist.
    LogFileMissing,
    /// A log file is not the one that was delivered.
    LogFileAltered,
}

impl ProblemCode {
    /// The stable reason code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DigestMissing => "DIGEST_MISSING",
            Self::DigestChainGap => "DIGEST_CHAIN_GAP",
            Self::DigestSignatureInvalid => "DIGEST_SIGNATURE_INVALID",
            Self::DigestLinkMismatch => "DIGEST_LINK_MISMATCH",
            Self::DigestMalformed => "DIGEST_MALFORMED",
            Self::LogFileMissing => "LOG_FILE_MISSING",
            Self::LogFileAltered => "LOG_FILE_ALTERED",
        }
    }
}

impl fmt::Display for ProblemCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a requirement failed. Text that comes from a file is cut and freed of control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The object does not exist.
    NotFound,
    /// No digest lies in the window.
    NoneInWindow,
    /// The newest digest ends too early.
    NewestTooOld {
        /// End of the newest digest.
        newest: Timestamp,
        /// The latest digest must not end before this.
        due: Timestamp,
    },
    /// No digest covers this time.
    Hole {
        /// End of the digest before.
        from: Timestamp,
        /// Start of the digest after.
        to: Timestamp,
    },
    /// A digest without predecessor begins a new chain.
    Restart {
        /// End of the digest before, or the start of the window.
        from: Timestamp,
        /// Start of the new chain.
        to: Timestamp,
    },
    /// The object has no `signature` or no `signature-algorithm` metadata.
    SignatureAbsent,
    /// The signature is not hexadecimal.
    SignatureNotHex,
    /// The signature does not verify with the key of that fingerprint.
    SignatureMismatch,
    /// The signature algorithm is not `SHA256withRSA`.
    SignatureAlgorithm(String),
    /// No listed public key has this fingerprint.
    UnknownKey(String),
    /// The successor was linked to other content.
    LinkHash,
    /// The successor was linked to another signature.
    LinkSignature,
    /// The successor names a predecessor but not its hash.
    LinkHashAbsent,
    /// The chain leads back to a digest that was already visited.
    LinkCycle,
    /// Not a readable gzip stream.
    NotGzip,
    /// The gzip stream ends early.
    Truncated,
    /// Bytes follow the end of the gzip stream.
    TrailingBytes,
    /// Not JSON of the expected shape.
    NotJson(String),
    /// A required field is absent.
    FieldMissing(&'static str),
    /// A time is not readable.
    BadTime(&'static str),
    /// The digest says that it belongs elsewhere.
    Moved {
        /// Bucket and key named in the digest.
        belongs: String,
    },
    /// A backfill digest without a readable `backfill-generation-timestamp`.
    BackfillTimestamp,
    /// The SHA-256 of the inflated file is not the recorded one.
    HashMismatch,
    /// The recorded hash is not 64 hexadecimal digits.
    HashFormat,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound => f.write_str("not found"),
            Self::NoneInWindow => f.write_str("no digest in the window"),
            Self::NewestTooOld { newest, due } => {
                write!(f, "the newest digest ends at {newest}, due is {due}")
            }
            Self::Hole { from, to } => write!(f, "no digest covers {from} to {to}"),
            Self::Restart { from, to } => {
                write!(f, "the chain starts anew at {to}, nothing covers {from} to {to}")
            }
            Self::SignatureAbsent => f.write_str("no signature in the object metadata"),
            Self::SignatureNotHex => f.write_str("the signature is not hexadecimal"),
            Self::SignatureMismatch => f.write_str("the signature does not verify"),
            Self::SignatureAlgorithm(name) => write!(f, "signature algorithm {name}"),
            Self::UnknownKey(fingerprint) => {
                write!(f, "no public key has the fingerprint {fingerprint}")
            }
            Self::LinkHash => f.write_str("differs from the hash in the next digest"),
            Self::LinkSignature => f.write_str("differs from the signature in the next digest"),
            Self::LinkHashAbsent => f.write_str("the next digest names it without a hash"),
            Self::LinkCycle => f.write_str("the chain leads back to a later digest"),
            Self::NotGzip => f.write_str("not a readable gzip file"),
            Self::Truncated => f.write_str("the gzip file ends early"),
            Self::TrailingBytes => f.write_str("bytes follow the end of the gzip file"),
            Self::NotJson(why) => write!(f, "not a digest document: {why}"),
            Self::FieldMissing(field) => write!(f, "{field} is missing"),
            Self::BadTime(field) => write!(f, "{field} is not a time"),
            Self::Moved { belongs } => write!(f, "moved, belongs at {belongs}"),
            Self::BackfillTimestamp => f.write_str("no backfill-generation-timestamp"),
            Self::HashMismatch => f.write_str("the hash differs from the digest's"),
            Self::HashFormat => f.write_str("the digest holds no SHA-256 for it"),
        }
    }
}

/// One failed requirement, at one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which requirement.
    pub code: ProblemCode,
    /// Bucket of the object, or in which it should be.
    pub bucket: String,
    /// Key of the object; `None` when the problem is the absence of any.
    pub key: Option<String>,
    /// Why.
    pub cause: Cause,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s3://{}/", self.code, self.bucket)?;
        if let Some(key) = &self.key {
            f.write_str(key)?;
        }
        write!(f, ": {}", self.cause)
    }
}
