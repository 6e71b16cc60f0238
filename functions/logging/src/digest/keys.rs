//! The public keys with which digests are verified.

mod api;
mod file;
mod ring;

use async_trait::async_trait;
use fisc_shared::error::ServiceError;
use jiff::Timestamp;
use spki::{ObjectIdentifier, SubjectPublicKeyInfoRef};

pub use api::ApiKeys;
pub use file::FileKeys;
pub(super) use ring::KeyRing;

/// `rsaEncryption`, RFC 8017.
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// A public key as CloudTrail lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// By which digests name it: the MD5 of the DER, hexadecimal.
    pub fingerprint: String,
    /// PKCS#1 as documented, or SubjectPublicKeyInfo as in a published sample.
    pub der: Vec<u8>,
}

impl PublicKey {
    /// The key as a PKCS#1 `RSAPublicKey`; `None` when it is no RSA key.
    pub(super) fn pkcs1(&self) -> Option<&[u8]> {
        match SubjectPublicKeyInfoRef::try_from(self.der.as_slice()) {
            Ok(info) if info.algorithm.oid == RSA => info.subject_public_key.as_bytes(),
            Ok(_) => None,
            // An RSAPublicKey begins with a number instead of an algorithm.
            Err(_) => is_two_numbers(&self.der).then_some(self.der.as_slice()),
        }
    }
}

fn is_two_numbers(der: &[u8]) -> bool {
    use spki::der::{Decode, Reader, SliceReader, asn1::UintRef};
    let read = || -> spki::der::Result<()> {
        let mut reader = SliceReader::new(der)?;
        reader.sequence(|reader| {
            UintRef::decode(reader)?;
            UintRef::decode(reader)?;
            Ok::<_, spki::der::Error>(())
        })?;
        reader.finish()
    };
    read().is_ok()
}

/// A place to get public keys from.
#[async_trait]
pub trait KeySource: Send + Sync {
    /// The keys that CloudTrail used in `region` at some time between `start` and `end`.
    ///
    /// # Errors
    /// When the keys cannot be read; an empty list is none.
    async fn keys(
        &self,
        region: &str,
        start: Timestamp,
        end: Timestamp,
    ) -> Result<Vec<PublicKey>, KeyError>;
}

/// The public keys could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The API refused or failed.
    #[error("{error} (asked in {region})")]
    Api {
        /// The Region asked.
        region: String,
        /// What the service said.
        error: ServiceError,
    },
    /// The file is not what ListPublicKeys returns.
    #[error("the public keys are not readable: {0}")]
    File(String),
}
