//! `kms-key-rotation`: customer managed symmetric KMS keys rotate automatically, within the
//! allowed period.
//!
//! Rotation bounds how much data one key ever protects. KMS can do it by itself for symmetric
//! keys whose material it made; it cannot for asymmetric, HMAC and imported keys and for keys in
//! custom key stores, to which this control does not apply. Whether a key rotates, and how often,
//! is not in the configuration item: KMS is asked.
//!
//! Criteria: 実3 8, 実3 参考3, 実13, 実30 4 ask for it. To fix a key, enable automatic rotation
//! with a period of at most a year.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_kms::Client;
use aws_sdk_kms::types::KeyMetadata;
use aws_types::SdkConfig;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::{Call, ServiceError};
use fisc_shared::item::ItemError;
use fisc_shared::parameter::Param;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remark, Remedy, Requirement, Resource, ResourceType, Run, ServiceCheck, Severity,
    Text, Trigger, Verdict, message,
};
use futures::stream::{self, StreamExt, TryStreamExt};
use jiff::{SignedDuration, Timestamp};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "kms-key-rotation",
    domain: Domain::Encryption,
    severity: Severity::Medium,
    title: Text::new(
        "Customer managed symmetric KMS keys rotate automatically within the allowed period",
        "カスタマー管理の対称 KMS キーが、定めた周期以内で自動ローテーションされている",
    ),
    why: Text::new(
        "The longer one key is in use, the more data one leak of it lays open. Automatic rotation \
         bounds that without any change to the applications that use the key.",
        "一つの鍵を長く使うほど、鍵が漏えいしたときに読まれるデータが増えます。自動ローテーションは、\
         鍵を使うアプリケーションを変えずにその影響を限ります。",
    ),
    fix: Text::new(
        "In the KMS console open Customer managed keys > the key > Key rotation > Edit: enable \
         automatic rotation and set the period to 365 days or less. Of a multi-Region key, do so on \
         the primary. Rotate imported material by importing new material under Key material.",
        "KMS コンソールの「カスタマー管理型のキー」でキーを開き、「キーローテーション」>「編集」で\
         自動ローテーションを有効にし、期間を 365 日以下に設定します。マルチリージョンキーでは\
         プライマリキーで設定します。インポートしたキーは、「キーマテリアル」から新しいマテリアルを\
         インポートして更新します。",
    ),
    remedy: Remedy::new(
        include_str!("kms_key_rotation/remedy.sh"),
        include_str!("kms_key_rotation/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html",
    criteria: Criteria {
        explicit: &["実3 8", "実3 参考3", "実13", "実30 4"],
        implied: &["統1 参考", "統20 3-(3)", "統24 1", "統24 2", "実4 5", "実7 2"],
    },
    resources: &[ResourceType::KMS_KEY],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(LIST_KEYS),
        Action::on(DESCRIBE_KEY, KEYS),
        Action::on(GET_KEY_ROTATION_STATUS, KEYS),
        Action::on(LIST_KEY_ROTATIONS, KEYS),
    ],
    parameters: &[
        MAX_ROTATION_PERIOD_DAYS.spec,
        EVALUATE_IMPORTED.spec,
        MAX_MANUAL_ROTATION_AGE_DAYS.spec,
    ],
    requirements: &[&ROTATION_DISABLED, &ROTATION_PERIOD_TOO_LONG, &MANUAL_ROTATION_OVERDUE],
    remarks: &[
        &AWS_MANAGED_KEY,
        &KEY_NOT_ENABLED,
        &KEY_NOT_SYMMETRIC,
        &CUSTOM_KEY_STORE,
        &IMPORTED_MATERIAL,
        &MULTI_REGION_REPLICA,
    ],
    limits: Limits::SWEEP,
    check: Check::Service { preview, connect, swept: &[ResourceType::KMS_KEY] },
};

const LIST_KEYS: &str = "kms:ListKeys";
const DESCRIBE_KEY: &str = "kms:DescribeKey";
const GET_KEY_ROTATION_STATUS: &str = "kms:GetKeyRotationStatus";
const LIST_KEY_ROTATIONS: &str = "kms:ListKeyRotations";
const KEYS: &str = "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/*";

const MAX_ROTATION_PERIOD_DAYS: Param<i64> = Param::integer(
    "maxRotationPeriodDays",
    365,
    90,
    2560,
    Text::new("Longest accepted rotation period in days", "認めるローテーション周期の上限(日)"),
);

const EVALUATE_IMPORTED: Param<bool> = Param::flag(
    "evaluateImported",
    false,
    Text::new(
        "Also judge keys with imported material, by the age of their last rotation",
        "インポートしたキーマテリアルのキーも、最後のローテーションからの経過日数で評価する",
    ),
);

const MAX_MANUAL_ROTATION_AGE_DAYS: Param<i64> = Param::integer(
    "maxManualRotationAgeDays",
    365,
    1,
    3650,
    Text::new(
        "Oldest accepted last rotation of an imported key in days (with evaluateImported)",
        "インポートしたキーの最後のローテーションからの経過日数の上限(evaluateImported のとき)",
    ),
);

const ROTATION_DISABLED: Requirement = Requirement {
    code: "ROTATION_DISABLED",
    wave: 1,
    resources: &[ResourceType::KMS_KEY],
    title: Text::new("Automatic rotation is off", "自動ローテーションが無効です"),
    rule: Text::new(
        "Fails when KMS answers that automatic rotation is off (GetKeyRotationStatus).",
        "自動ローテーションが無効であると KMS が回答したとき不適合です(GetKeyRotationStatus)。",
    ),
};

const ROTATION_PERIOD_TOO_LONG: Requirement = Requirement {
    code: "ROTATION_PERIOD_TOO_LONG",
    wave: 1,
    resources: &[ResourceType::KMS_KEY],
    title: Text::new("The rotation period is too long", "ローテーション周期が長すぎます"),
    rule: Text::new(
        "Fails when rotation is on, but its period is longer than maxRotationPeriodDays; a key \
         without a period of its own has 365 days.",
        "ローテーションは有効だが周期が maxRotationPeriodDays を超えるとき不適合です\
         (周期の指定がないキーは 365 日)。",
    ),
};

const MANUAL_ROTATION_OVERDUE: Requirement = Requirement {
    code: "MANUAL_ROTATION_OVERDUE",
    wave: 3,
    resources: &[ResourceType::KMS_KEY],
    title: Text::new(
        "The imported key was not rotated for too long",
        "インポートしたキーのローテーションが長期間行われていません",
    ),
    rule: Text::new(
        "With evaluateImported: fails when the newest rotation of a key with imported material, \
         or else its creation, is older than maxManualRotationAgeDays (ListKeyRotations).",
        "evaluateImported を指定した場合: インポートしたマテリアルのキーの最新のローテーション\
         (なければ作成日)が maxManualRotationAgeDays より古いと不適合です(ListKeyRotations)。",
    ),
};

const AWS_MANAGED_KEY: Remark = Remark::new(
    "AWS_MANAGED_KEY",
    "AWS manages the key and rotates it every year",
    "AWS マネージドキーであり、AWS が毎年ローテーションします",
);
const KEY_NOT_ENABLED: Remark =
    Remark::new("KEY_NOT_ENABLED", "The key is not enabled", "キーは有効な状態ではありません");
const KEY_NOT_SYMMETRIC: Remark = Remark::new(
    "KEY_NOT_SYMMETRIC",
    "KMS does not rotate asymmetric and HMAC keys",
    "非対称キーと HMAC キーは自動ローテーションの対象外です",
);
const CUSTOM_KEY_STORE: Remark = Remark::new(
    "CUSTOM_KEY_STORE",
    "KMS does not rotate keys in custom key stores",
    "カスタムキーストアのキーは自動ローテーションの対象外です",
);
const IMPORTED_MATERIAL: Remark = Remark::new(
    "IMPORTED_MATERIAL",
    "KMS does not rotate imported key material by itself",
    "インポートしたキーマテリアルは自動ローテーションの対象外です",
);
const MULTI_REGION_REPLICA: Remark = Remark::new(
    "MULTI_REGION_REPLICA",
    "A replica shares the rotation of its primary key, where it is judged",
    "レプリカはプライマリキーのローテーションを共有します(プライマリキーで評価)",
);

/// What decides whether a key rotates: from the configuration item, or from DescribeKey.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    manager: String,
    state: String,
    spec: String,
    origin: String,
    /// The primary's ARN (empty when unknown), when the key is a replica.
    replica_of: Option<String>,
    created: Option<Timestamp>,
}

impl Key {
    /// From the item; `None` where the item lacks something that DescribeKey tells.
    fn from_item(item: &ConfigurationItem) -> Result<Option<Self>, ItemError> {
        let fields = item.configuration()?;
        let own = |key: &str| Ok::<_, ItemError>(fields.text(key)?.map(str::to_owned));
        // Items of before 2021 call the spec by its old name.
        let spec = own("keySpec")?.or(own("customerMasterKeySpec")?);
        let replica_of = match fields.at("multiRegionConfiguration")? {
            Some(multi) if multi.text("multiRegionKeyType")? == Some("REPLICA") => {
                let primary = multi.at("primaryKey")?;
                let arn = primary.map(|key| key.text("arn")).transpose()?.flatten();
                Some(arn.unwrap_or_default().to_owned())
            }
            Some(_) => None,
            // A multi-Region key without the details may be either.
            None if fields.flag("multiRegion")? == Some(true) => return Ok(None),
            None => None,
        };
        let (Some(manager), Some(state), Some(spec), Some(origin)) =
            (own("keyManager")?, own("keyState")?, spec, own("origin")?)
        else {
            return Ok(None);
        };
        let created = fields.time("creationDate")?.or(item.created);
        Ok(Some(Self { manager, state, spec, origin, replica_of, created }))
    }

    fn from_metadata(metadata: &KeyMetadata) -> Result<Self, Error> {
        let missing = |field: &str| Error::Answer {
            action: DESCRIBE_KEY,
            field: format!("KeyMetadata.{field}"),
        };
        let multi = metadata.multi_region_configuration();
        let replica_of = multi
            .filter(|multi| {
                multi.multi_region_key_type().is_some_and(|kind| kind.as_str() == "REPLICA")
            })
            .map(|multi| {
                multi.primary_key().and_then(|key| key.arn()).unwrap_or_default().to_owned()
            });
        Ok(Self {
            manager: metadata.key_manager().ok_or_else(|| missing("KeyManager"))?.to_string(),
            state: metadata.key_state().ok_or_else(|| missing("KeyState"))?.to_string(),
            spec: metadata.key_spec().ok_or_else(|| missing("KeySpec"))?.to_string(),
            origin: metadata.origin().ok_or_else(|| missing("Origin"))?.to_string(),
            replica_of,
            created: metadata.creation_date().and_then(from_sdk),
        })
    }

    /// Why the control does not apply to the key, if it does not.
    fn exclusion(&self, evaluate_imported: bool) -> Option<Verdict> {
        let remark = match self {
            Self { manager, .. } if manager == "AWS" => &AWS_MANAGED_KEY,
            Self { state, .. } if state != "Enabled" => {
                let reason = KEY_NOT_ENABLED.because(message!(
                    "The key is not enabled ({state})",
                    "キーは有効な状態ではありません({state})"
                ));
                return Some(Verdict::NotApplicable(reason));
            }
            Self { spec, .. } if spec != "SYMMETRIC_DEFAULT" => &KEY_NOT_SYMMETRIC,
            Self { origin, .. } if origin == "AWS_CLOUDHSM" || origin == "EXTERNAL_KEY_STORE" => {
                &CUSTOM_KEY_STORE
            }
            Self { replica_of: Some(primary), .. } => {
                // The primary's Region tells where to look; its key id is the replica's own.
                let region = primary.split(':').nth(3).unwrap_or("?");
                let reason = MULTI_REGION_REPLICA.because(message!(
                    "A replica shares the rotation of its primary key in {region}, where it is judged",
                    "レプリカは {region} のプライマリキーのローテーションを共有します(そちらで評価)"
                ));
                return Some(Verdict::NotApplicable(reason));
            }
            Self { .. } if self.is_imported() && !evaluate_imported => &IMPORTED_MATERIAL,
            Self { .. } => return None,
        };
        Some(Verdict::not_applicable(remark))
    }

    fn is_imported(&self) -> bool {
        self.origin == "EXTERNAL"
    }
}

/// How KMS rotates a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rotation {
    /// KMS rotates it, or does not.
    Automatic {
        enabled: bool,
        /// Days; absent means 365.
        period: Option<i32>,
    },
    /// People rotate it; when they last did, or when the key was made.
    Imported { newest: Timestamp },
}

/// The verdict on a key to which the control applies.
fn decide(rotation: Rotation, run: &Run<'_>) -> Verdict {
    let mut failures = Failures::new();
    match rotation {
        Rotation::Automatic { enabled: false, .. } => failures.add(&ROTATION_DISABLED),
        Rotation::Automatic { enabled: true, period } => {
            let days = i64::from(period.unwrap_or(365));
            let limit = run.parameters.get(&MAX_ROTATION_PERIOD_DAYS);
            if days > limit {
                failures.because(
                    &ROTATION_PERIOD_TOO_LONG,
                    message!(
                        "Rotates every {days} days; at most {limit} days are accepted",
                        "ローテーション周期が {days} 日です(上限 {limit} 日)"
                    ),
                );
            }
        }
        Rotation::Imported { newest } => {
            let limit = run.parameters.get(&MAX_MANUAL_ROTATION_AGE_DAYS);
            let age = run.now.duration_since(newest);
            if age > SignedDuration::from_hours(limit * 24) {
                let days = age.as_hours() / 24;
                failures.because(
                    &MANUAL_ROTATION_OVERDUE,
                    message!(
                        "Last rotated {days} days ago; at most {limit} days are accepted",
                        "最後のローテーションから {days} 日が経過しています(上限 {limit} 日)"
                    ),
                );
            }
        }
    }
    failures.into_verdict()
}

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let Some(key) = Key::from_item(item)? else { return Ok(None) };
    if let Some(verdict) = key.exclusion(run.parameters.get(&EVALUATE_IMPORTED)) {
        return Ok(Some(verdict));
    }
    // Config may record whether rotation is on, but not the period: "off" decides, "on" does not.
    if run.offline && !key.is_imported() && recorded_status(item)? == Some(false) {
        return Ok(Some(decide(Rotation::Automatic { enabled: false, period: None }, run)));
    }
    Ok(None)
}

/// Whether rotation is on as Config recorded it; a query may have left it out.
fn recorded_status(item: &ConfigurationItem) -> Result<Option<bool>, ItemError> {
    match item.supplementary("KeyRotationStatus") {
        Ok(status) => status.map(|status| status.as_flag()).transpose(),
        Err(ItemError::Missing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Kms { client: Client::new(sdk) })
}

struct Kms {
    client: Client,
}

#[async_trait]
impl ServiceCheck for Kms {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let id = &item.resource_id;
        match Key::from_item(item)? {
            Some(key) => self.ask(id, &key, run).await,
            None => self.ask(id, &self.describe(id).await?, run).await,
        }
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let mut pages = self.client.list_keys().into_paginator().items().send();
        let mut ids = Vec::new();
        while let Some(key) = pages.next().await {
            ids.extend(key.call(LIST_KEYS)?.key_id);
        }
        let evaluated: Vec<Option<Evaluated>> = stream::iter(ids)
            .map(|id| self.one(id, run))
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        Ok(evaluated.into_iter().flatten().collect())
    }
}

impl Kms {
    /// One key of a sweep; `None` when it was deleted since it was listed.
    async fn one(&self, id: String, run: &Run<'_>) -> Result<Option<Evaluated>, Error> {
        let verdict = match self.describe(&id).await {
            Ok(key) => self.ask(&id, &key, run).await,
            Err(error) => Err(error),
        };
        let gone = |error: &ServiceError| error.is("NotFoundException");
        match verdict {
            Ok(verdict) => Ok(Some(Evaluated {
                resource: Resource::of(ResourceType::KMS_KEY, &id, run.account_id, run.region),
                verdict,
                at: run.now,
            })),
            Err(Error::Service(error)) if gone(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn describe(&self, id: &str) -> Result<Key, Error> {
        let answer = self.client.describe_key().key_id(id).send().await.call(DESCRIBE_KEY)?;
        let metadata = answer.key_metadata.ok_or_else(|| Error::Answer {
            action: DESCRIBE_KEY,
            field: "KeyMetadata".to_owned(),
        })?;
        Key::from_metadata(&metadata)
    }

    /// Judges a key, asking only for what its kind needs.
    async fn ask(&self, id: &str, key: &Key, run: &Run<'_>) -> Result<Verdict, Error> {
        if let Some(verdict) = key.exclusion(run.parameters.get(&EVALUATE_IMPORTED)) {
            return Ok(verdict);
        }
        let rotation = if key.is_imported() {
            self.imported(id, key).await?
        } else {
            let answer = self
                .client
                .get_key_rotation_status()
                .key_id(id)
                .send()
                .await
                .call(GET_KEY_ROTATION_STATUS)?;
            Rotation::Automatic {
                enabled: answer.key_rotation_enabled,
                period: answer.rotation_period_in_days,
            }
        };
        Ok(decide(rotation, run))
    }

    async fn imported(&self, id: &str, key: &Key) -> Result<Rotation, Error> {
        let mut pages = self.client.list_key_rotations().key_id(id).into_paginator().items().send();
        let mut newest = key.created;
        while let Some(rotation) = pages.next().await {
            let rotation = rotation.call(LIST_KEY_ROTATIONS)?;
            newest = newest.max(rotation.rotation_date().and_then(from_sdk));
        }
        let newest = newest.ok_or_else(|| Error::Answer {
            action: DESCRIBE_KEY,
            field: "KeyMetadata.CreationDate".to_owned(),
        })?;
        Ok(Rotation::Imported { newest })
    }
}

#[cfg(test)]
mod tests;
