//! AWS KMS: keys and their rotation.

use jiff::{Span, Timestamp};
use serde_json::{Value, json};

use super::protocol::{self, ApiError, Caller, epoch};
use super::validate as check;
use super::{ACCOUNT, FakeAws, REGION};

/// A key. The account and Region come with [`Kms::add_key`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its id, a UUID (or `mrk-…`).
    pub id: String,
    /// `CUSTOMER` or `AWS`.
    pub manager: String,
    /// `Enabled`, `Disabled`, `PendingDeletion`, `PendingImport`, …
    pub state: String,
    /// `SYMMETRIC_DEFAULT`, `RSA_2048`, `HMAC_256`, …
    pub spec: String,
    /// `ENCRYPT_DECRYPT`, `SIGN_VERIFY`, `GENERATE_VERIFY_MAC`, `KEY_AGREEMENT`.
    pub usage: String,
    /// `AWS_KMS`, `EXTERNAL`, `AWS_CLOUDHSM`, `EXTERNAL_KEY_STORE`.
    pub origin: String,
    /// For a multi-Region replica: the ARN of its primary; for a primary: its own Region's ARN.
    pub multi_region: Option<MultiRegion>,
    /// Whether automatic rotation is on.
    pub rotation: bool,
    /// The rotation period in days.
    pub period: i32,
    /// Past rotations: when, and `AUTOMATIC` or `ON_DEMAND`.
    pub rotations: Vec<(Timestamp, String)>,
    /// When it was created.
    pub created: Timestamp,
    /// Its description.
    pub description: String,
    /// Its tags.
    pub tags: Vec<(String, String)>,
    /// When its imported material expires; without, it does not.
    pub expires: Option<Timestamp>,
}

/// The part of a key in a set of multi-Region keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MultiRegion {
    /// The primary, with the Regions of its replicas.
    Primary(Vec<String>),
    /// A replica of the primary in this Region.
    Replica(String),
}

impl Key {
    /// An enabled symmetric customer key without rotation.
    #[must_use]
    pub fn symmetric(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            manager: "CUSTOMER".to_owned(),
            state: "Enabled".to_owned(),
            spec: "SYMMETRIC_DEFAULT".to_owned(),
            usage: "ENCRYPT_DECRYPT".to_owned(),
            origin: "AWS_KMS".to_owned(),
            multi_region: None,
            rotation: false,
            period: 365,
            rotations: Vec::new(),
            created: Timestamp::UNIX_EPOCH + Span::new().hours(24 * 365 * 54),
            description: String::new(),
            tags: Vec::new(),
            expires: None,
        }
    }

    /// The same key with a tag.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.tags.push((key.to_owned(), value.to_owned()));
        self
    }

    /// The same key with imported material that expires.
    #[must_use]
    pub fn expiring(self, at: &str) -> Self {
        Self { expires: Some(at.parse().expect("a time")), ..self.origin("EXTERNAL") }
    }

    /// The same key with automatic rotation every `days`.
    #[must_use]
    pub fn rotating(self, days: i32) -> Self {
        Self { rotation: true, period: days, ..self }
    }

    /// The same key managed by AWS: always rotated, every year.
    #[must_use]
    pub fn aws_managed(self) -> Self {
        Self { manager: "AWS".to_owned(), ..self.rotating(365) }
    }

    /// The same key in another state.
    #[must_use]
    pub fn state(self, state: &str) -> Self {
        Self { state: state.to_owned(), ..self }
    }

    /// The same key with another spec and usage.
    #[must_use]
    pub fn spec(self, spec: &str, usage: &str) -> Self {
        Self { spec: spec.to_owned(), usage: usage.to_owned(), ..self }
    }

    /// The same key with material of another origin.
    #[must_use]
    pub fn origin(self, origin: &str) -> Self {
        Self { origin: origin.to_owned(), ..self }
    }

    /// The same key as part of a multi-Region set.
    #[must_use]
    pub fn multi_region(self, part: MultiRegion) -> Self {
        Self { multi_region: Some(part), ..self }
    }

    /// The same key with a rotation in its past.
    #[must_use]
    pub fn rotated(mut self, at: &str, kind: &str) -> Self {
        self.rotations.push((at.parse().expect("a time"), kind.to_owned()));
        self
    }

    /// KMS answers about rotation for symmetric keys with its own material only.
    fn rotatable(&self) -> bool {
        self.spec == "SYMMETRIC_DEFAULT" && self.origin == "AWS_KMS"
    }
}

#[derive(Debug, Default)]
pub(crate) struct State {
    keys: Vec<(String, String, Key)>,
    aliases: Vec<(String, String)>,
    stores: Vec<(String, String)>,
    page: Option<usize>,
}

/// What tests set of KMS.
#[derive(Debug)]
pub struct Kms<'a> {
    aws: &'a FakeAws,
    account: String,
    region: String,
}

impl<'a> Kms<'a> {
    pub(crate) fn new(aws: &'a FakeAws) -> Self {
        Self { aws, account: ACCOUNT.to_owned(), region: REGION.to_owned() }
    }

    /// KMS in another account and Region.
    #[must_use]
    pub fn at(self, account: &str, region: &str) -> Self {
        Self { account: account.to_owned(), region: region.to_owned(), ..self }
    }

    /// Adds a key, or replaces the one with its id.
    pub fn add_key(&self, key: Key) -> &Self {
        self.remove_key(&key.id);
        self.aws.state().kms.keys.push((self.account.clone(), self.region.clone(), key));
        self
    }

    /// Takes a key away.
    pub fn remove_key(&self, id: &str) -> &Self {
        let of = (&self.account, &self.region);
        self.aws
            .state()
            .kms
            .keys
            .retain(|(account, region, key)| (account, region) != of || key.id != id);
        self
    }

    /// Names a key: `alias/…`.
    pub fn add_alias(&self, alias: &str, id: &str) -> &Self {
        self.aws.state().kms.aliases.push((alias.to_owned(), id.to_owned()));
        self
    }

    /// Adds a custom key store: its name, and `CONNECTED`, `DISCONNECTED`, …
    pub fn add_key_store(&self, name: &str, state: &str) -> &Self {
        self.aws.state().kms.stores.push((name.to_owned(), state.to_owned()));
        self
    }

    /// Lets listings return at most `size` entries a page, whatever is asked.
    pub fn page(&self, size: usize) -> &Self {
        self.aws.state().kms.page = Some(size);
        self
    }

    /// The ARN of a key here.
    #[must_use]
    pub fn arn(&self, id: &str) -> String {
        arn(&self.account, &self.region, id)
    }
}

fn arn(account: &str, region: &str, id: &str) -> String {
    format!("arn:aws:kms:{region}:{account}:key/{id}")
}

pub(crate) fn handle(
    state: &mut State,
    caller: &Caller,
    operation: &str,
    body: &Value,
) -> Result<Option<Value>, ApiError> {
    let output = match operation {
        "ListKeys" => list_keys(state, caller, body)?,
        "DescribeKey" => {
            let input = check::members(body, "", &["KeyId"], &["GrantTokens"])?;
            let key =
                find(state, caller, check::text(input, "KeyId", 1, 2048)?.unwrap_or_default())?;
            json!({"KeyMetadata": metadata(caller, key)})
        }
        "GetKeyRotationStatus" => rotation_status(state, caller, body)?,
        "ListKeyRotations" => list_rotations(state, caller, body)?,
        "ListResourceTags" => list_tags(state, caller, body)?,
        "DescribeCustomKeyStores" => describe_stores(state, body)?,
        _ => return Ok(None),
    };
    Ok(Some(output))
}

fn paged(
    state: &State,
    input: &serde_json::Map<String, Value>,
    name: &str,
    items: &[Value],
    tag: &str,
) -> Result<Value, ApiError> {
    let limit = check::integer(input, "Limit", 1, 1000)?.unwrap_or(100);
    let size = state.page.map_or(limit, |page| page.min(limit));
    let marker = check::text(input, "Marker", 1, 1024)?;
    let (items, next) = protocol::page(items, marker, size, tag)
        .ok_or_else(|| ApiError::bad("InvalidMarkerException", "Invalid marker"))?;
    let mut output = json!({name: items, "Truncated": next.is_some()});
    if let Some(next) = next {
        output["NextMarker"] = json!(next);
    }
    Ok(output)
}

fn list_keys(state: &State, caller: &Caller, body: &Value) -> Result<Value, ApiError> {
    let input = check::members(body, "", &[], &["Limit", "Marker"])?;
    let keys: Vec<Value> = state
        .keys
        .iter()
        .filter(|(account, region, _)| (account, region) == (&caller.account, &caller.region))
        .map(|(account, region, key)| json!({"KeyId": key.id, "KeyArn": arn(account, region, &key.id)}))
        .collect();
    paged(state, input, "Keys", &keys, "keys")
}

fn find<'a>(state: &'a State, caller: &Caller, name: &str) -> Result<&'a Key, ApiError> {
    let (account, region) = (&caller.account, &caller.region);
    let not_found = || ApiError::bad("NotFoundException", format!("Key '{name}' does not exist"));
    let id = match name.strip_prefix("arn:") {
        Some(rest) => {
            let parts: Vec<&str> = rest.split(':').collect();
            let [_partition, "kms", of_region, of_account, resource] = parts[..] else {
                return Err(ApiError::bad("InvalidArnException", format!("Invalid arn {name}")));
            };
            if (of_account, of_region) != (account, region) {
                return Err(not_found());
            }
            resource.strip_prefix("key/").unwrap_or(resource)
        }
        None => name,
    };
    let id = match id.starts_with("alias/") {
        true => state
            .aliases
            .iter()
            .find(|(alias, _)| alias == id)
            .map(|(_, id)| id.as_str())
            .ok_or_else(not_found)?,
        false => id,
    };
    state
        .keys
        .iter()
        .find(|(of, at, key)| (of, at) == (account, region) && key.id == id)
        .map(|(_, _, key)| key)
        .ok_or_else(not_found)
}

fn metadata(caller: &Caller, key: &Key) -> Value {
    let (account, region) = (&caller.account, &caller.region);
    let mut out = json!({
        "AWSAccountId": account,
        "KeyId": key.id,
        "Arn": arn(account, region, &key.id),
        "CreationDate": epoch(key.created),
        "Enabled": key.state == "Enabled",
        "Description": key.description,
        "KeyUsage": key.usage,
        "KeyState": key.state,
        "Origin": key.origin,
        "KeyManager": key.manager,
        "CustomerMasterKeySpec": key.spec,
        "KeySpec": key.spec,
        "MultiRegion": key.multi_region.is_some(),
    });
    match key.usage.as_str() {
        "ENCRYPT_DECRYPT" if key.spec == "SYMMETRIC_DEFAULT" => {
            out["EncryptionAlgorithms"] = json!(["SYMMETRIC_DEFAULT"])
        }
        "ENCRYPT_DECRYPT" => out["EncryptionAlgorithms"] = json!(["RSAES_OAEP_SHA_256"]),
        "SIGN_VERIFY" => out["SigningAlgorithms"] = json!(["RSASSA_PSS_SHA_256"]),
        "GENERATE_VERIFY_MAC" => out["MacAlgorithms"] = json!(["HMAC_SHA_256"]),
        _ => {}
    }
    match key.state.as_str() {
        "PendingDeletion" => out["DeletionDate"] = epoch(key.created + Span::new().hours(24 * 400)),
        "PendingReplicaDeletion" => out["PendingDeletionWindowInDays"] = json!(30),
        _ => {}
    }
    if key.origin == "EXTERNAL" && key.state != "PendingImport" {
        out["ExpirationModel"] = json!("KEY_MATERIAL_DOES_NOT_EXPIRE");
        if let Some(time) = key.expires {
            out["ExpirationModel"] = json!("KEY_MATERIAL_EXPIRES");
            out["ValidTo"] = epoch(time);
        }
    }
    let part = |region: &str| json!({"Arn": arn(account, region, &key.id), "Region": region});
    match &key.multi_region {
        Some(MultiRegion::Primary(replicas)) => {
            let replicas: Vec<Value> = replicas.iter().map(|region| part(region)).collect();
            out["MultiRegionConfiguration"] = json!({"MultiRegionKeyType": "PRIMARY", "PrimaryKey": part(region), "ReplicaKeys": replicas});
        }
        Some(MultiRegion::Replica(primary)) => {
            out["MultiRegionConfiguration"] = json!({"MultiRegionKeyType": "REPLICA", "PrimaryKey": part(primary), "ReplicaKeys": [part(region)]});
        }
        None => {}
    }
    out
}

fn unsupported(caller: &Caller, key: &Key) -> ApiError {
    let arn = arn(&caller.account, &caller.region, &key.id);
    ApiError::bad(
        "UnsupportedOperationException",
        format!("{arn} key spec or origin is not supported for this operation"),
    )
}

fn rotation_status(state: &State, caller: &Caller, body: &Value) -> Result<Value, ApiError> {
    let input = check::members(body, "", &["KeyId"], &[])?;
    let key = find(state, caller, check::text(input, "KeyId", 1, 2048)?.unwrap_or_default())?;
    if !key.rotatable() {
        return Err(unsupported(caller, key));
    }
    let enabled = key.rotation && key.state != "PendingDeletion";
    let mut out = json!({
        "KeyId": arn(&caller.account, &caller.region, &key.id),
        "KeyRotationEnabled": enabled,
    });
    if enabled {
        let last = key.rotations.last().map_or(key.created, |(time, _)| *time);
        out["RotationPeriodInDays"] = json!(key.period);
        out["NextRotationDate"] = epoch(last + Span::new().hours(24 * i64::from(key.period)));
    }
    Ok(out)
}

fn list_tags(state: &State, caller: &Caller, body: &Value) -> Result<Value, ApiError> {
    let input = check::members(body, "", &["KeyId"], &["Limit", "Marker"])?;
    let key = find(state, caller, check::text(input, "KeyId", 1, 2048)?.unwrap_or_default())?;
    let tags: Vec<Value> =
        key.tags.iter().map(|(key, value)| json!({"TagKey": key, "TagValue": value})).collect();
    paged(state, input, "Tags", &tags, &format!("tags {}", key.id))
}

fn describe_stores(state: &State, body: &Value) -> Result<Value, ApiError> {
    let input = check::members(body, "", &[], &["Limit", "Marker"])?;
    let stores: Vec<Value> = state
        .stores
        .iter()
        .map(|(name, connection)| {
            json!({
                "CustomKeyStoreId": format!("cks-{name}"), "CustomKeyStoreName": name,
                "CustomKeyStoreType": "AWS_CLOUDHSM", "ConnectionState": connection,
            })
        })
        .collect();
    paged(state, input, "CustomKeyStores", &stores, "stores")
}

fn list_rotations(state: &State, caller: &Caller, body: &Value) -> Result<Value, ApiError> {
    let input = check::members(body, "", &["KeyId"], &["IncludeKeyMaterial", "Limit", "Marker"])?;
    let key = find(state, caller, check::text(input, "KeyId", 1, 2048)?.unwrap_or_default())?;
    if let Some(include) = check::text(input, "IncludeKeyMaterial", 0, 64)? {
        check::one_of("includeKeyMaterial", include, &["ALL_KEY_MATERIAL", "ROTATIONS_ONLY"])?;
    }
    // Imported material can be rotated on demand, so its rotations are listed too.
    if key.spec != "SYMMETRIC_DEFAULT" || !["AWS_KMS", "EXTERNAL"].contains(&key.origin.as_str()) {
        return Err(unsupported(caller, key));
    }
    let rotations: Vec<Value> = key
        .rotations
        .iter()
        .map(|(time, kind)| json!({"KeyId": key.id, "RotationDate": epoch(*time), "RotationType": kind}))
        .collect();
    paged(state, input, "Rotations", &rotations, &format!("rotations {}", key.id))
}
