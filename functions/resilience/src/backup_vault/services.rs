//! Whom `backup-vault` asks.

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_services::alerts::Routes;
use fisc_services::{Alerts, PerRun};
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::config_service::{ConfigService, from_sdk};
use fisc_shared::error::Call;
use fisc_shared::item::required::text;
use fisc_shared::policy::PolicyDocument;
use fisc_shared::verdict::remarks;
use fisc_shared::{
    ConfigurationItem, Error, Evaluated, Resource, ResourceType, Run, ServiceCheck, Verdict,
};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::notification::Notifications;
use super::vault::{Key, Lock, Vault, decide};
use super::{CRITICAL_TAG, REQUIRE_CMK_ON_RECOVERY_POINTS, VAULT_EMPTY, buckets, points};
use crate::backups::unless_gone;
use fisc_shared::item::in_scope;

pub(super) const DESCRIBE_VAULT: &str = "backup:DescribeBackupVault";
pub(super) const GET_VAULT_POLICY: &str = "backup:GetBackupVaultAccessPolicy";
pub(super) const DESCRIBE_KEY: &str = "kms:DescribeKey";

/// The clients.
pub(super) struct Services {
    config: ConfigService,
    backup: aws_sdk_backup::Client,
    kms: aws_sdk_kms::Client,
    alerts: Alerts,
    /// Keys by their ARNs: vaults share them.
    keys: PerRun<String, Key>,
}

/// What the item alone decides: recovery points and buckets, but not vaults.
pub(super) fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if item.resource_type == ResourceType::S3_BUCKET.name {
        return Ok(Some(buckets::judge(item, run)?));
    }
    if item.resource_type != ResourceType::BACKUP_RECOVERY_POINT.name {
        return Ok(None);
    }
    let point = points::read(item)?;
    let key = point.as_ref().and_then(|point| point.key.as_ref());
    let encrypted = point.as_ref().is_some_and(|point| point.encrypted);
    let asks = run.parameters.get(&REQUIRE_CMK_ON_RECOVERY_POINTS) && encrypted;
    match key {
        Some(_) if asks => Ok(None),
        // AWS owns the key where none is named.
        None if asks => Ok(Some(points::decide(point.as_ref(), Some(false), run))),
        _ => Ok(Some(points::decide(point.as_ref(), None, run))),
    }
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        if item.resource_type == ResourceType::BACKUP_BACKUP_VAULT.name {
            return self.vault(item, &self.alerts.routes(run.account_id), run).await;
        }
        let point = points::read(item)?;
        let key = point.as_ref().and_then(|point| point.key.as_deref());
        let customer = match key {
            Some(key) => matches!(self.key(key, run).await?, Key::Known { customer: true, .. }),
            None => false,
        };
        Ok(points::decide(point.as_ref(), Some(customer), run))
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let vaults = self.config.recorded_with_tags(ResourceType::BACKUP_BACKUP_VAULT).await?;
        let routes = self.alerts.routes(run.account_id);
        stream::iter(vaults)
            .map(|item| {
                let routes = &routes;
                async move {
                    let verdict = self.vault(&item, routes, run).await?;
                    Ok(Evaluated { resource: Resource::from(&item), verdict, at: run.now })
                }
            })
            .buffered(CONCURRENCY)
            .try_collect()
            .await
    }
}

impl Services {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self {
            config: ConfigService::new(sdk),
            backup: aws_sdk_backup::Client::new(sdk),
            kms: aws_sdk_kms::Client::new(sdk),
            alerts: Alerts::new(sdk),
            keys: PerRun::default(),
        }
    }

    async fn vault(
        &self,
        item: &ConfigurationItem,
        routes: &Routes,
        run: &Run<'_>,
    ) -> Result<Verdict, Error> {
        let fields = item.configuration()?;
        let name = text(&fields, "BackupVaultName")?;
        let answer = self.backup.describe_backup_vault().backup_vault_name(name).send().await;
        let Some(answer) = unless_gone(answer.call(DESCRIBE_VAULT))? else {
            return Ok(Verdict::not_applicable(&remarks::RESOURCE_GONE));
        };
        if answer.number_of_recovery_points() == 0 {
            return Ok(Verdict::not_applicable(&VAULT_EMPTY));
        }
        let lock = (answer.locked() == Some(true)).then(|| Lock {
            min_days: answer.min_retention_days(),
            date: answer.lock_date().and_then(from_sdk),
        });
        let air_gapped = answer
            .vault_type()
            .is_some_and(|kind| kind.as_str() == "LOGICALLY_AIR_GAPPED_BACKUP_VAULT");
        let key = match answer.encryption_key_arn() {
            _ if air_gapped => Key::NotJudged,
            Some(key) => self.key(key, run).await?,
            None => Key::AwsOwned,
        };
        let vault = Vault {
            arn: text(&fields, "BackupVaultArn")?.to_owned(),
            policy: self.policy(name).await?,
            lock,
            key,
            critical: in_scope(&item.all_tags()?, &run.parameters.get(&CRITICAL_TAG)),
            untold: Notifications::of(item)?.untold(name, routes, run).await?,
        };
        decide(&vault, run)
    }

    /// The access policy of a vault; AWS Backup answers that it is not found where there is none.
    async fn policy(&self, name: &str) -> Result<Option<PolicyDocument>, Error> {
        let answer =
            self.backup.get_backup_vault_access_policy().backup_vault_name(name).send().await;
        let answer = unless_gone(answer.call(GET_VAULT_POLICY))?;
        let policy = answer.and_then(|answer| answer.policy);
        let policy = policy.filter(|text| !text.trim().is_empty());
        Ok(policy.as_deref().map(PolicyDocument::from_text).transpose()?)
    }

    async fn key(&self, arn: &str, run: &Run<'_>) -> Result<Key, Error> {
        self.keys.get(run, arn.to_owned(), || self.describe_key(arn)).await
    }

    async fn describe_key(&self, arn: &str) -> Result<Key, Error> {
        let answer = match self.kms.describe_key().key_id(arn).send().await.call(DESCRIBE_KEY) {
            Ok(answer) => answer,
            Err(error) if error.is("NotFoundException") => return Ok(Key::Gone),
            Err(error) => return Err(error.into()),
        };
        let missing = |field: &str| Error::Answer { action: DESCRIBE_KEY, field: field.to_owned() };
        let metadata = answer.key_metadata.ok_or_else(|| missing("KeyMetadata"))?;
        let manager = metadata.key_manager().ok_or_else(|| missing("KeyMetadata.KeyManager"))?;
        let state = metadata.key_state().ok_or_else(|| missing("KeyMetadata.KeyState"))?;
        Ok(Key::Known {
            customer: manager.as_str() == "CUSTOMER",
            state: state.as_str().to_owned(),
        })
    }
}
