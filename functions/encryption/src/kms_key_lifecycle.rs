//! `kms-key-lifecycle`: keys stay usable while data depends on them, and leave by a procedure.
//!
//! A key that is disabled, deleted, or whose imported material has run out takes its data with it.
//! This control looks for keys on that way: imported material that will expire soon, keys without
//! material, deletions that nobody approved (by a tag on the key), keys that cannot be used
//! although recorded resources name them, specs and origins that the institution did not approve,
//! and custom key stores that are not connected.
//!
//! The configuration item tells nearly all of a key. Time passes without a change of the item, and
//! whether a key is in use changes with other resources: hence a daily pass over the recorded
//! keys. Users of a key are found by an advanced query of AWS Config, which sees the recorded
//! resources of this account and Region only; that none is found does not prove that there is
//! none. With several imported materials, KMS tells the earliest expiry as the key's own. A
//! deletion that was approved is not judged by spec, origin and expiry any more.
//!
//! Criteria: 実3, 実3 8, 実7, 実13, 実48 ask for it. To fix a key, import its material again,
//! cancel its deletion, or approve the deletion by the tag after its data was moved.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_kms::Client;
use aws_types::SdkConfig;
use fisc_shared::config_service::ConfigService;
use fisc_shared::error::Call;
use fisc_shared::inventory::{self, sweep_recorded};
use fisc_shared::parameter::Param;
use fisc_shared::verdict::{Failures, remarks};
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits, Message,
    Placement, Remark, Remedy, Requirement, Resource, ResourceType, Run, ServiceCheck, Severity,
    Text, Trigger, Verdict,
};

use decide::{approval, exclusion, verdict};
use key::{DESCRIBE_KEY, Key};

mod decide;
mod key;
mod uses;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "kms-key-lifecycle",
    domain: Domain::Encryption,
    severity: Severity::High,
    title: Text::new(
        "KMS keys, imported material and key stores stay usable, approved and under a deletion \
         procedure",
        "KMS キー・インポート済みキーマテリアル・キーストアが利用可能な状態を保ち、承認された仕様と\
         廃棄手続きに従っている",
    ),
    why: Text::new(
        "Data is lost with its key. Imported material that expires, a key that is disabled or \
         deleted while a database still uses it, or a key store without connection stops the \
         service at once, and a deleted key cannot be brought back.",
        "鍵を失うと、その鍵で暗号化したデータも失われます。インポートしたキーマテリアルの期限切れ、\
         使用中のキーの無効化や削除、キーストアの切断は、サービスの停止に直結します。削除したキーは\
         元に戻せません。",
    ),
    fix: Text::new(
        "In the KMS console, Customer managed keys > the key > Key actions: cancel a deletion that \
         nobody approved and enable the key again, or tag it fisc:key-deletion-approved once its \
         data has moved. Import expiring material again under Key material. Replace keys of \
         unapproved specs or origins by new ones; reconnect a key store under Custom key stores.",
        "KMS コンソールの「カスタマー管理型のキー」で対象のキーを開き、承認していない削除は\
         「キーのアクション」から取り消して有効化します。データの移行が済み、承認した削除には \
         fisc:key-deletion-approved タグを付けます。期限が近いキーマテリアルは\
         「キーマテリアル」から再度インポートします。承認されていない仕様やオリジンのキーは新しい\
         キーに置き換え、キーストアは「カスタムキーストア」から再接続します。",
    ),
    remedy: Remedy::new(
        include_str!("kms_key_lifecycle/remedy.sh"),
        include_str!("kms_key_lifecycle/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html",
    criteria: Criteria {
        explicit: &["実3", "実3 8", "実7", "実13", "実48"],
        implied: &["統20 3-(3)", "実3 参考3", "実30 4", "実82", "実83"],
    },
    resources: &[ResourceType::KMS_KEY, ResourceType::ACCOUNT],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        inventory::ACTIONS[0],
        inventory::ACTIONS[1],
        inventory::SELECT_ACTION,
        Action::on(DESCRIBE_KEY, KEYS),
        Action::on(LIST_RESOURCE_TAGS, KEYS),
        Action::any(DESCRIBE_CUSTOM_KEY_STORES),
    ],
    parameters: &[
        DAYS_TO_EXPIRATION.spec,
        DELETION_APPROVAL_TAG_KEY.spec,
        ALLOWED_KEY_SPECS.spec,
        ALLOWED_ORIGINS.spec,
    ],
    requirements: &[
        &PENDING_DELETION_UNAPPROVED,
        &UNUSABLE_WHILE_IN_USE,
        &IMPORTED_MATERIAL_EXPIRING,
        &IMPORTED_MATERIAL_MISSING,
        &KEY_SPEC_NOT_APPROVED,
        &KEY_ORIGIN_NOT_APPROVED,
        &KEY_STORE_DISCONNECTED,
    ],
    remarks: &[&AWS_MANAGED_KEY, &KEY_IN_TRANSITION, &DELETION_APPROVED, &NO_KEY_STORE],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview,
        connect,
        swept: &[ResourceType::KMS_KEY, ResourceType::ACCOUNT],
    },
};

const LIST_RESOURCE_TAGS: &str = "kms:ListResourceTags";
const DESCRIBE_CUSTOM_KEY_STORES: &str = "kms:DescribeCustomKeyStores";
const KEYS: &str = "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/*";

const DAYS_TO_EXPIRATION: Param<i64> = Param::integer(
    "daysToExpiration",
    30,
    0,
    3650,
    Text::new(
        "Days before its expiry from which imported material fails",
        "インポートしたキーマテリアルの期限の何日前から不適合とするか",
    ),
);

const DELETION_APPROVAL_TAG_KEY: Param<Vec<String>> = Param::list(
    "deletionApprovalTagKey",
    &["fisc:key-deletion-approved"],
    Text::new(
        "Tag, of any value, of keys whose deletion was approved",
        "削除が承認されたキーを示すタグ(値は問わない)",
    ),
);

const ALLOWED_KEY_SPECS: Param<Vec<String>> = Param::list(
    "allowedKeySpecs",
    // Without RSA_2048 and ECC_SECG_P256K1 on purpose.
    &[
        "SYMMETRIC_DEFAULT",
        "RSA_3072",
        "RSA_4096",
        "ECC_NIST_P256",
        "ECC_NIST_P384",
        "ECC_NIST_P521",
        "HMAC_256",
        "HMAC_384",
        "HMAC_512",
        "ML_DSA_44",
        "ML_DSA_65",
        "ML_DSA_87",
    ],
    Text::new("Approved key specs", "承認されたキー仕様"),
);

const ALLOWED_ORIGINS: Param<Vec<String>> = Param::list(
    "allowedOrigins",
    &["AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"],
    Text::new("Approved origins of key material", "承認されたキーマテリアルのオリジン"),
);

const PENDING_DELETION_UNAPPROVED: Requirement = requirement(
    "PENDING_DELETION_UNAPPROVED",
    2,
    Text::new(
        "The key is to be deleted without an approval",
        "承認されていないキーの削除が予定されています",
    ),
    Text::new(
        "Fails when the key is in the state PendingDeletion or PendingReplicaDeletion and does not \
         carry the tag deletionApprovalTagKey.",
        "キーの状態が PendingDeletion または PendingReplicaDeletion で、deletionApprovalTagKey の\
         タグがないとき不適合です。",
    ),
);
const UNUSABLE_WHILE_IN_USE: Requirement = requirement(
    "UNUSABLE_WHILE_IN_USE",
    2,
    Text::new(
        "The key cannot be used although resources name it",
        "リソースが使用しているキーが利用できない状態です",
    ),
    Text::new(
        "Fails when the key is disabled, pending deletion or import, or unavailable, and a \
         resource that AWS Config records in this account and Region names it by id, ARN or alias \
         (SelectResourceConfig).",
        "キーが無効、削除待ち、インポート待ち、利用不可のいずれかの状態で、このアカウントとリージョンで \
         AWS Config が記録するリソースがキーの ID、ARN、エイリアスのいずれかを参照しているとき\
         不適合です(SelectResourceConfig)。",
    ),
);
const IMPORTED_MATERIAL_EXPIRING: Requirement = requirement(
    "IMPORTED_MATERIAL_EXPIRING",
    1,
    Text::new(
        "The imported key material expires soon",
        "インポートしたキーマテリアルの期限が近づいています",
    ),
    Text::new(
        "Fails when the material of a key with the origin EXTERNAL expires within \
         daysToExpiration, or has expired.",
        "オリジンが EXTERNAL のキーのマテリアルの期限が daysToExpiration 日以内であるか、すでに\
         切れているとき不適合です。",
    ),
);
const IMPORTED_MATERIAL_MISSING: Requirement = requirement(
    "IMPORTED_MATERIAL_MISSING",
    2,
    Text::new("The key has no key material", "キーマテリアルがインポートされていません"),
    Text::new(
        "Fails when a key with the origin EXTERNAL waits for its material (PendingImport).",
        "オリジンが EXTERNAL のキーがインポート待ち(PendingImport)のとき不適合です。",
    ),
);
const KEY_SPEC_NOT_APPROVED: Requirement = requirement(
    "KEY_SPEC_NOT_APPROVED",
    2,
    Text::new("The key spec is not approved", "承認されていないキー仕様です"),
    Text::new(
        "Fails when the spec of the key is not among allowedKeySpecs.",
        "キー仕様が allowedKeySpecs に含まれないとき不適合です。",
    ),
);
const KEY_ORIGIN_NOT_APPROVED: Requirement = requirement(
    "KEY_ORIGIN_NOT_APPROVED",
    2,
    Text::new(
        "The origin of the key material is not approved",
        "承認されていないキーマテリアルのオリジンです",
    ),
    Text::new(
        "Fails when the origin of the key is not among allowedOrigins.",
        "キーのオリジンが allowedOrigins に含まれないとき不適合です。",
    ),
);
const KEY_STORE_DISCONNECTED: Requirement = Requirement {
    code: "KEY_STORE_DISCONNECTED",
    wave: 2,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "A custom key store is not connected",
        "カスタムキーストアが接続されていません",
    ),
    rule: Text::new(
        "Fails when a custom key store is DISCONNECTED, DISCONNECTING or FAILED \
         (DescribeCustomKeyStores). Connecting takes minutes, and is no failure.",
        "カスタムキーストアの接続状態が DISCONNECTED、DISCONNECTING、FAILED のいずれかのとき\
         不適合です(DescribeCustomKeyStores)。接続中(CONNECTING)は不適合としません。",
    ),
};

const AWS_MANAGED_KEY: Remark = Remark::new(
    "AWS_MANAGED_KEY",
    "AWS manages the key and its life",
    "AWS マネージドキーであり、AWS が管理します",
);
const KEY_IN_TRANSITION: Remark = Remark::new(
    "KEY_IN_TRANSITION",
    "The key is being created or updated",
    "キーは作成中または更新中です",
);
const DELETION_APPROVED: Remark = Remark::new(
    "DELETION_APPROVED",
    "The deletion of the key was approved by its tag",
    "キーの削除はタグにより承認されています",
);
const NO_KEY_STORE: Remark = Remark::new(
    "NO_KEY_STORE",
    "The account has no custom key store in this Region",
    "このリージョンにカスタムキーストアはありません",
);

const fn requirement(code: &'static str, wave: u8, title: Text, rule: Text) -> Requirement {
    Requirement { code, wave, resources: &[ResourceType::KMS_KEY], title, rule }
}

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let Some(key) = Key::from_item(item)? else { return Ok(None) };
    if let Some(verdict) = exclusion(&key) {
        return Ok(Some(verdict));
    }
    if !key.is_unusable() {
        return Ok(Some(verdict(&key, false, &[], run)));
    }
    // Who uses the key, and its tags, are asked; without anybody to ask, what fails anyway counts.
    if run.offline {
        let approved = approval(item, run)?;
        if approved.is_some() || !key.is_pending_deletion() {
            let verdict = verdict(&key, approved.unwrap_or_default(), &[], run);
            return Ok(Some(verdict).filter(|one| matches!(one, Verdict::NonCompliant(_))));
        }
    }
    Ok(None)
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Lifecycle { kms: Client::new(sdk), config: ConfigService::new(sdk) })
}

struct Lifecycle {
    kms: Client,
    config: ConfigService,
}

#[async_trait]
impl ServiceCheck for Lifecycle {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        match self.ask(item, run).await {
            // Its waiting period is over, and Config has not seen it yet.
            Err(Error::Service(error)) if error.is("NotFoundException") => {
                Ok(Verdict::not_applicable(&remarks::RESOURCE_GONE))
            }
            verdict => verdict,
        }
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let keys = [ResourceType::KMS_KEY];
        let mut evaluated = sweep_recorded(&self.config, &keys, &CONTROL, self, run).await?;
        evaluated.push(Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict: self.key_stores().await?,
            at: run.now,
        });
        Ok(evaluated)
    }
}

impl Lifecycle {
    /// Judges a key of which the item does not tell all.
    async fn ask(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let id = &item.resource_id;
        let key = match Key::from_item(item)? {
            Some(key) => key,
            None => self.describe(id).await?,
        };
        if let Some(verdict) = exclusion(&key) {
            return Ok(verdict);
        }
        if !key.is_unusable() {
            return Ok(verdict(&key, false, &[], run));
        }
        let approved = key.is_pending_deletion() && self.approved(item, run).await?;
        let arn = ResourceType::KMS_KEY.arn_of(id, run.account_id, run.region);
        let users = uses::uses(&self.config, id, arn.as_deref().unwrap_or_default()).await?;
        Ok(verdict(&key, approved, &users, run))
    }

    async fn describe(&self, id: &str) -> Result<Key, Error> {
        let answer = self.kms.describe_key().key_id(id).send().await.call(DESCRIBE_KEY)?;
        let metadata = answer.key_metadata.ok_or_else(|| Error::Answer {
            action: DESCRIBE_KEY,
            field: "KeyMetadata".to_owned(),
        })?;
        Key::from_metadata(&metadata)
    }

    /// Whether the deletion was approved. An item without the tag may be one without tags: KMS
    /// knows.
    async fn approved(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<bool, Error> {
        if approval(item, run)? == Some(true) {
            return Ok(true);
        }
        let keys = run.parameters.get(&DELETION_APPROVAL_TAG_KEY);
        let pages = self.kms.list_resource_tags().key_id(&item.resource_id);
        let mut tags = pages.into_paginator().items().send();
        while let Some(tag) = tags.next().await {
            let tag = tag.call(LIST_RESOURCE_TAGS)?;
            if keys.iter().any(|key| key == tag.tag_key()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn key_stores(&self) -> Result<Verdict, Error> {
        let pages = self.kms.describe_custom_key_stores();
        let mut stores = pages.into_paginator().items().send();
        let (mut any, mut down) = (false, Vec::new());
        while let Some(store) = stores.next().await {
            let store = store.call(DESCRIBE_CUSTOM_KEY_STORES)?;
            any = true;
            let name = store.custom_key_store_name().unwrap_or("?");
            let state = store.connection_state().map(|state| state.as_str());
            match state {
                Some("CONNECTED" | "CONNECTING") => {}
                Some(state @ ("DISCONNECTED" | "DISCONNECTING" | "FAILED")) => {
                    down.push(format!("{name} ({state})"));
                }
                _ => {
                    return Err(Error::Answer {
                        action: DESCRIBE_CUSTOM_KEY_STORES,
                        field: format!("a known ConnectionState of {name}"),
                    });
                }
            }
        }
        if !any {
            return Ok(Verdict::not_applicable(&NO_KEY_STORE));
        }
        let mut failures = Failures::new();
        if !down.is_empty() {
            let down = Message::named(&down);
            failures.because(
                &KEY_STORE_DISCONNECTED,
                Message {
                    en: format!("Custom key stores without connection: {}", down.en),
                    ja: format!("接続されていないカスタムキーストア: {}", down.ja),
                },
            );
        }
        Ok(failures.into_verdict())
    }
}

#[cfg(test)]
mod tests;
