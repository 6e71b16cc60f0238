//! Public keys from a file, for work without the API.

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use serde::Deserialize;

use super::{KeyError, KeySource, PublicKey};

/// The answer of ListPublicKeys as JSON: `{"PublicKeyList": [{"Value": …, "Fingerprint": …}]}`.
///
/// All its keys are used, whatever their validity: a fingerprint says which one is meant.
#[derive(Clone, Debug)]
pub struct FileKeys {
    keys: Vec<PublicKey>,
}

#[derive(Deserialize)]
struct Listing {
    #[serde(rename = "PublicKeyList")]
    keys: Vec<Entry>,
}

// The validity is left out: tools write it as a number or as text.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    value: String,
    fingerprint: String,
}

impl FileKeys {
    /// Reads the JSON.
    ///
    /// # Errors
    /// When it is not what ListPublicKeys returns, when a key is no RSA key, or when there is none.
    pub fn from_json(json: &[u8]) -> Result<Self, KeyError> {
        let listing: Listing =
            serde_json::from_slice(json).map_err(|error| KeyError::File(error.to_string()))?;
        let keys: Vec<PublicKey> = listing.keys.into_iter().map(key).collect::<Result<_, _>>()?;
        if keys.is_empty() {
            return Err(KeyError::File("PublicKeyList is empty".into()));
        }
        Ok(Self { keys })
    }
}

fn key(entry: Entry) -> Result<PublicKey, KeyError> {
    let wrong =
        |what: &str| KeyError::File(format!("the Value of {:?} is {what}", entry.fingerprint));
    let text: String = entry.value.split_ascii_whitespace().collect();
    let der = BASE64_STANDARD.decode(text).map_err(|_| wrong("not base64"))?;
    let key = PublicKey { fingerprint: entry.fingerprint.clone(), der };
    key.pkcs1().ok_or_else(|| wrong("no RSA key"))?;
    Ok(key)
}

#[async_trait]
impl KeySource for FileKeys {
    async fn keys(
        &self,
        _region: &str,
        _start: Timestamp,
        _end: Timestamp,
    ) -> Result<Vec<PublicKey>, KeyError> {
        Ok(self.keys.clone())
    }
}
