//! A key's life, from its configuration item or from DescribeKey.

use aws_sdk_kms::types::KeyMetadata;
use fisc_shared::config_service::from_sdk;
use fisc_shared::item::ItemError;
use fisc_shared::{ConfigurationItem, Error};
use jiff::Timestamp;

pub(super) const DESCRIBE_KEY: &str = "kms:DescribeKey";

/// The states that a key can have. One that was not known when this was written must not pass
/// for a good one. Source: KMS API reference, KeyMetadata, November 2026.
const STATES: [&str; 8] = [
    "Creating",
    "Enabled",
    "Disabled",
    "PendingDeletion",
    "PendingImport",
    "PendingReplicaDeletion",
    "Unavailable",
    "Updating",
];

/// What decides of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) manager: String,
    pub(super) state: String,
    pub(super) spec: String,
    pub(super) origin: String,
    /// When the first of its imported materials expires, if one does.
    pub(super) expires: Option<Timestamp>,
    /// When KMS deletes it, if it is to be deleted and the time is set.
    pub(super) deletion: Option<Timestamp>,
}

impl Key {
    /// From the item; `None` where the item lacks something that DescribeKey tells.
    pub(super) fn from_item(item: &ConfigurationItem) -> Result<Option<Self>, ItemError> {
        let fields = item.configuration()?;
        let own = |key: &str| Ok::<_, ItemError>(fields.text(key)?.map(str::to_owned));
        // Items of before 2021 call the spec by its old name.
        let spec = own("keySpec")?.or(own("customerMasterKeySpec")?);
        let (Some(manager), Some(state), Some(spec), Some(origin)) =
            (own("keyManager")?, own("keyState")?, spec, own("origin")?)
        else {
            return Ok(None);
        };
        if !STATES.contains(&state.as_str()) {
            return Err(ItemError::Unreadable {
                field: "configuration.keyState".to_owned(),
                problem: format!("unknown state {state:?}"),
            });
        }
        let expires = match (fields.text("expirationModel")?, fields.time("validTo")?) {
            (Some("KEY_MATERIAL_EXPIRES"), None) => return Ok(None),
            (Some("KEY_MATERIAL_EXPIRES"), time) => time,
            (None, _) if has_material(&state, &origin) => return Ok(None),
            _ => None,
        };
        let deletion = fields.time("deletionDate")?;
        Ok(Some(Self { manager, state, spec, origin, expires, deletion }))
    }

    pub(super) fn from_metadata(metadata: &KeyMetadata) -> Result<Self, Error> {
        let missing = |field: &str| Error::Answer {
            action: DESCRIBE_KEY,
            field: format!("KeyMetadata.{field}"),
        };
        let state = metadata.key_state().filter(|state| STATES.contains(&state.as_str()));
        let state = state.ok_or_else(|| missing("KeyState"))?.to_string();
        let origin = metadata.origin().ok_or_else(|| missing("Origin"))?.to_string();
        let model = metadata.expiration_model().map(|model| model.as_str());
        let time = metadata.valid_to().and_then(from_sdk);
        let expires = match (model, time) {
            (Some("KEY_MATERIAL_EXPIRES"), None) => return Err(missing("ValidTo")),
            (Some("KEY_MATERIAL_EXPIRES"), time) => time,
            (None, _) if has_material(&state, &origin) => return Err(missing("ExpirationModel")),
            _ => None,
        };
        Ok(Self {
            manager: metadata.key_manager().ok_or_else(|| missing("KeyManager"))?.to_string(),
            state,
            spec: metadata.key_spec().ok_or_else(|| missing("KeySpec"))?.to_string(),
            origin,
            expires,
            deletion: metadata.deletion_date().and_then(from_sdk),
        })
    }

    pub(super) fn is_pending_deletion(&self) -> bool {
        // A primary key waits in the second state for the deletion of its replicas.
        self.state == "PendingDeletion" || self.state == "PendingReplicaDeletion"
    }

    /// Whether KMS refuses to encrypt and decrypt with it.
    pub(super) fn is_unusable(&self) -> bool {
        self.is_pending_deletion()
            || ["Disabled", "PendingImport", "Unavailable"].contains(&self.state.as_str())
    }

    pub(super) fn is_imported(&self) -> bool {
        self.origin == "EXTERNAL"
    }
}

/// Whether the key holds imported material, so that KMS tells when it expires.
fn has_material(state: &str, origin: &str) -> bool {
    origin == "EXTERNAL" && (state == "Enabled" || state == "Disabled")
}
