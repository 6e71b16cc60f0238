//! What a configuration item tells of its resource: the verdict, or the key that KMS must be asked
//! about.

use fisc_shared::item::ItemError;
use fisc_shared::parameter::{Param, ParameterError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, Reason, ResourceType, Run, Verdict, message};

use super::types::{self, Encryption, KINDS, Key, Reading};
use super::{
    ALLOWED_S3_ALGORITHMS, CUSTOMER_KEY_DATA_CLASSES, CUSTOMER_KEY_REQUIRED,
    CUSTOMER_KEY_RESOURCE_TYPES, DATA_CLASS_TAG_KEY, DATA_ROLE_TAG_KEY, KMS_DATA_ROLES,
    KMS_ENCRYPTION_REQUIRED, LOG_BUCKET_NAMES, NOT_ENCRYPTED, OTHER_ACCOUNT_KEY,
    REQUIRE_CUSTOMER_MANAGED_KEY, SSE_S3_ONLY, SSE_S3_ONLY_BUCKETS,
};
use crate::customer_key::{self, Known, Question};

/// What the item alone tells.
pub(super) enum Assessment<'a> {
    /// The verdict.
    Decided(Verdict),
    /// The failures so far, and a key that KMS must be asked about.
    Open { failures: Failures, question: Question<'a> },
}

pub(super) fn assess<'a>(
    item: &'a ConfigurationItem,
    run: &Run<'_>,
) -> Result<Assessment<'a>, Error> {
    let kind = types::kind(&item.resource_type).ok_or_else(|| ItemError::Unreadable {
        field: "resourceType".to_owned(),
        problem: format!("{} is not judged", item.resource_type),
    })?;
    let demanded = customer_key_demanded(item, run)?;
    let (encryption, key) = match (kind.read)(item)? {
        Reading::NotJudged(remark) => {
            return Ok(Assessment::Decided(Verdict::not_applicable(remark)));
        }
        Reading::Store { encryption, key } => (encryption, key),
    };
    let mut failures = Failures::new();
    let mut notes = Vec::new();
    encrypted(encryption, run, &mut failures);
    let is_bucket = item.resource_type == ResourceType::S3_BUCKET.name;
    let sse_s3_only = is_bucket && listed(run, &SSE_S3_ONLY_BUCKETS, &item.resource_id);
    let kms_demanded = is_bucket && is_log_or_backup(item, run);
    if sse_s3_only {
        if demanded || kms_demanded {
            notes.push(SSE_S3_ONLY.reason());
        }
        return Ok(Assessment::Decided(failures.into_verdict_with(notes)));
    }
    let by_kms = |algorithm: &str| algorithm == "aws:kms" || algorithm == "aws:kms:dsse";
    if kms_demanded && !matches!(encryption, Encryption::Default(name) if by_kms(name)) {
        failures.add(&KMS_ENCRYPTION_REQUIRED);
    }
    if !demanded {
        return Ok(Assessment::Decided(failures.into_verdict_with(notes)));
    }
    match customer_key(key, item, run)? {
        KeyVerdict::Accepted(note) => notes.extend(note),
        KeyVerdict::Refused(message) => failures.because(&CUSTOMER_KEY_REQUIRED, message),
        KeyVerdict::Ask(question) => return Ok(Assessment::Open { failures, question }),
    }
    Ok(Assessment::Decided(failures.into_verdict_with(notes)))
}

fn encrypted(encryption: Encryption<'_>, run: &Run<'_>, failures: &mut Failures) {
    match encryption {
        Encryption::On => {}
        Encryption::Off => failures.add(&NOT_ENCRYPTED),
        Encryption::Default(algorithm) => {
            if !listed(run, &ALLOWED_S3_ALGORITHMS, algorithm) {
                failures.because(
                    &NOT_ENCRYPTED,
                    message!(
                        "The default encryption is {algorithm}, which is not accepted",
                        "デフォルト暗号化の {algorithm} は認められていません"
                    ),
                );
            }
        }
    }
}

/// What the name of a key tells where a customer managed key is demanded.
enum KeyVerdict<'a> {
    Accepted(Option<Reason>),
    Refused(Message),
    Ask(Question<'a>),
}

fn customer_key<'a>(
    key: Key<'a>,
    item: &ConfigurationItem,
    run: &Run<'_>,
) -> Result<KeyVerdict<'a>, Error> {
    // The item knows better than the run: a snapshot file may hold several Regions.
    let or = |own: &str, other: &str| if own.is_empty() { other } else { own }.to_owned();
    let account = or(&item.account_id, run.account_id);
    let region = or(&item.region, run.region);
    let allowed = customer_key::allowed(run)?;
    Ok(match key {
        Key::None => KeyVerdict::Refused(message!(
            "No KMS key encrypts the data",
            "KMS キーで暗号化されていません"
        )),
        Key::AwsOwned => KeyVerdict::Refused(message!(
            "The key is one that AWS owns",
            "カスタマー管理キーではなく AWS 所有のキーを使用しています"
        )),
        Key::AwsManaged => KeyVerdict::Refused(customer_key::aws_managed()),
        Key::Unrecorded(error) => return Err(error.into()),
        Key::Named(name) => match customer_key::by_name(name, &account, &region, &allowed) {
            Known::OfAccount(owner) => KeyVerdict::Accepted(Some(OTHER_ACCOUNT_KEY.because(
                message!(
                    "The key belongs to account {owner}: it is customer managed, and its state is not known here",
                    "アカウント {owner} のキーのためカスタマー管理です。キーの状態は確認していません"
                ),
            ))),
            Known::Refused(message) => KeyVerdict::Refused(message),
            Known::Ask(question) => KeyVerdict::Ask(question),
        },
    })
}

/// Whether a customer managed key is demanded of the resource.
fn customer_key_demanded(item: &ConfigurationItem, run: &Run<'_>) -> Result<bool, ParameterError> {
    let types = run.parameters.get(&CUSTOMER_KEY_RESOURCE_TYPES);
    let known = |name: &String| KINDS.iter().any(|kind| kind.resource.name == name);
    if let Some(wrong) = types.iter().find(|name| !known(name)) {
        return Err(CUSTOMER_KEY_RESOURCE_TYPES
            .spec
            .refuse("takes resource types that this control judges", wrong));
    }
    if !types.is_empty() && !types.contains(&item.resource_type) {
        return Ok(false);
    }
    Ok(run.parameters.get(&REQUIRE_CUSTOMER_MANAGED_KEY)
        || tagged(item, run, &DATA_CLASS_TAG_KEY, &CUSTOMER_KEY_DATA_CLASSES))
}

fn is_log_or_backup(item: &ConfigurationItem, run: &Run<'_>) -> bool {
    listed(run, &LOG_BUCKET_NAMES, &item.resource_id)
        || tagged(item, run, &DATA_ROLE_TAG_KEY, &KMS_DATA_ROLES)
}

fn listed(run: &Run<'_>, list: &Param<Vec<String>>, value: &str) -> bool {
    run.parameters.get(list).iter().any(|one| one == value)
}

/// Whether the resource carries one of the tags with one of the values. People write values by
/// hand: case does not count.
fn tagged(
    item: &ConfigurationItem,
    run: &Run<'_>,
    keys: &Param<Vec<String>>,
    values: &Param<Vec<String>>,
) -> bool {
    let values = run.parameters.get(values);
    run.parameters
        .get(keys)
        .iter()
        .filter_map(|key| item.tags.get(key))
        .any(|found| values.iter().any(|value| value.to_lowercase() == found.trim().to_lowercase()))
}
