//! `log-archive-protection`: the buckets that keep logs are closed, locked, encrypted and kept
//! long enough, and they are in the account for logs.
//!
//! A bucket is judged when something says that it holds logs: its name or its tag by parameter, its
//! own policy (it lets CloudTrail or AWS Config write), or a trail or delivery channel of the
//! account that delivers to it. The policy is what tells in a log archive account, where the trails
//! of other accounts are not seen.
//!
//! What protects logs from being deleted is judged by meaning: a Deny counts when nobody but the
//! administrators of `allowedAdminArns` gets past it. Roles and users are judged by all their
//! policies together, within their permissions boundary; what a service control policy takes from
//! them is not seen in a member account. Those policies are the business of `account-governance`.
//!
//! Items of buckets and principals tell of their changes. Once a day those are judged again that
//! depend on something else: buckets on the account's block or on where AWS Config delivers,
//! principals on policies of the account and on groups.
//!
//! Criteria: 実10 8, 実10 参考2, 実16, 実19, 実46 2 ask for it. To fix a bucket, block public access,
//! turn on versioning and object lock, encrypt with a KMS key, and set lifecycle rules; keep it in
//! an account of its own.

mod buckets;
mod delivery;
mod parameters;
mod principals;
mod protection;
mod requirements;
mod scope;

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_services::account_block::GET_ACCOUNT_BLOCK;
use fisc_services::policies::Principal;
use fisc_services::{AccountBlock, Policies, policies};
use fisc_shared::bucket::{self, PublicAccessBlock};
use fisc_shared::config_service::ConfigService;
use fisc_shared::error::Call;
use fisc_shared::policy::{ORG_ID, TRUSTED_ACCOUNT_IDS};
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remedy, Resource, ResourceType, Run, ServiceCheck, Severity, Text, Trigger, Verdict,
    inventory, message,
};

use crate::trails::{self, Trail};
use delivery::Delivery;
use fisc_shared::policy::matches_any;
use parameters::*;
use requirements::*;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "log-archive-protection",
    domain: Domain::Logging,
    severity: Severity::High,
    title: Text::new(
        "Log and Config delivery buckets are private, locked, encrypted, retained and in the log \
         archive account",
        "ログと Config の配信先バケットが非公開・ロック・暗号化・十分な保存期間を備え、ログ集約\
         アカウントにある",
    ),
    why: Text::new(
        "Whoever breaks in deletes the logs first. Logs that an administrator of the workload can \
         delete, overwrite or let expire prove nothing afterwards, and logs that the public can \
         read help the next attack.",
        "侵入者がまず消そうとするのはログです。業務システムの管理者が削除・上書きできるログや、すぐに\
         失効するログは事後の証拠になりません。また、公開されたログは次の攻撃の手がかりになります。",
    ),
    fix: Text::new(
        "Keep logs in a bucket of an account that only log administrators enter, and there (S3 > \
         the bucket > Properties, Permissions, Management) block public access, turn on versioning, \
         object lock for minRetentionDays, KMS encryption and access logs, and let lifecycle rules \
         expire nothing earlier. Give service principals a condition on aws:SourceArn. Name the \
         administrators in allowedAdminArns and take protectedActions from everybody else.",
        "ログの管理者だけが入れるアカウントのバケットに集約し、S3 の「プロパティ」「アクセス許可」\
         「管理」で、ブロックパブリックアクセス、バージョニング、minRetentionDays 以上の\
         オブジェクトロック、KMS による暗号化、アクセスログを有効にし、ライフサイクルルールでの\
         失効は保存期間以降とします。サービスへの許可には aws:SourceArn の条件を付け、管理者は \
         allowedAdminArns に登録し、それ以外から protectedActions の権限を外します。",
    ),
    remedy: Remedy::new(
        include_str!("log_archive_protection/remedy.sh"),
        include_str!("log_archive_protection/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html",
    criteria: Criteria {
        explicit: &["実10 8", "実10 参考2", "実16", "実19", "実46 2"],
        implied: &[
            "統1 参考",
            "統20 3-(3)",
            "統24 1",
            "統24 2",
            "統24 6",
            "実10",
            "実37",
            "実37 5",
            "実42",
            "実43",
        ],
    },
    resources: &[
        ResourceType::S3_BUCKET,
        ResourceType::CLOUDTRAIL_TRAIL,
        ResourceType::ACCOUNT,
        ResourceType::IAM_ROLE,
        ResourceType::IAM_USER,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(trails::DESCRIBE_TRAILS),
        Action::any(delivery::DESCRIBE_DELIVERY_CHANNELS),
        Action::any(DESCRIBE_RETENTION),
        inventory::ACTIONS[0],
        inventory::ACTIONS[1],
        Action::any(GET_ACCOUNT_BLOCK),
        Action::any(delivery::LIST_BUCKETS),
        Action::on(delivery::HEAD_BUCKET, fisc_shared::grant::BUCKETS),
        policies::ACTIONS[0],
        policies::ACTIONS[1],
        policies::ACTIONS[2],
        policies::ACTIONS[3],
        policies::ACTIONS[4],
    ],
    parameters: &[
        LOG_BUCKET_NAMES.spec,
        LOG_BUCKET_TAG.spec,
        MIN_RETENTION_DAYS.spec,
        MAX_RETENTION_DAYS.spec,
        REQUIRE_ARCHIVE_TRANSITION.spec,
        ACCEPTED_PROTECTIONS.spec,
        ALLOWED_LOCK_MODES.spec,
        ALLOWED_ADMIN_ARNS.spec,
        LOG_ARCHIVE_ACCOUNT_IDS.spec,
        SSE_S3_ONLY_BUCKETS.spec,
        CONFIG_MIN_HISTORY_DAYS.spec,
        PROTECTED_ACTIONS.spec,
        TRUSTED_ACCOUNT_IDS.spec,
        ORG_ID.spec,
        AWS_SERVICE_ACCOUNT_IDS.spec,
    ],
    requirements: &[
        &BUCKET_PUBLIC,
        &VERSIONING_OFF,
        &NOT_WRITE_PROTECTED,
        &WRITER_NOT_RESTRICTED,
        &RETENTION_TOO_SHORT,
        &LIFECYCLE_MISSING,
        &ACCESS_LOGGING_OFF,
        &NOT_KMS_ENCRYPTED,
        &TRAIL_BUCKET_NOT_CENTRAL,
        &CONFIG_BUCKET_NOT_CENTRAL,
        &CONFIG_HISTORY_TOO_SHORT,
        &TRAIL_ADMIN_UNRESTRICTED,
        &LOG_ADMIN_UNRESTRICTED,
    ],
    remarks: &[
        &NO_LOG_BUCKET,
        &SHADOW_TRAIL,
        &OTHER_OWNER,
        &ARCHIVE_NOT_DECLARED,
        &IS_LOG_ARCHIVE,
        &JUDGED_IN_HOME_REGION,
        &SERVICE_LINKED_ROLE,
        &LOG_ADMINISTRATOR,
    ],
    limits: Limits::SWEEP,
    check: Check::Service { preview, connect, swept: &[ResourceType::ACCOUNT] },
};

const DESCRIBE_RETENTION: &str = "config:DescribeRetentionConfigurations";

/// What an item alone decides of its type.
type Preview = fn(&ConfigurationItem, &Run<'_>) -> Result<Option<Verdict>, Error>;

/// How each type is judged by its item.
const TYPES: [(ResourceType, Preview); 4] = [
    (ResourceType::S3_BUCKET, log_bucket),
    (ResourceType::CLOUDTRAIL_TRAIL, |item, run| {
        Ok(delivery::by_configuration(&Trail::from_item(item)?, run))
    }),
    (ResourceType::IAM_ROLE, principals::preview),
    (ResourceType::IAM_USER, principals::preview),
];

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let known = TYPES.iter().find(|(kind, _)| kind.name == item.resource_type);
    known.map_or(Ok(None), |(_, preview)| preview(item, run))
}

/// The verdict on a bucket whose item says that it holds logs, if the item is enough.
fn log_bucket(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if scope::tells_so(item, run)? { buckets::alone(item, run) } else { Ok(None) }
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(LogArchive {
        block: AccountBlock::new(sdk),
        config: ConfigService::new(sdk),
        client: aws_sdk_config::Client::new(sdk),
        delivery: Delivery::new(sdk),
        iam: Policies::new(sdk),
    })
}

struct LogArchive {
    block: AccountBlock,
    config: ConfigService,
    client: aws_sdk_config::Client,
    delivery: Delivery,
    iam: Policies,
}

#[async_trait]
impl ServiceCheck for LogArchive {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        if item.resource_type == ResourceType::S3_BUCKET.name {
            let holds_logs =
                scope::tells_so(item, run)? || self.targets().await?.contains(&item.resource_id);
            if !holds_logs {
                return Ok(Verdict::not_applicable(&NO_LOG_BUCKET));
            }
            if let Some(verdict) = buckets::alone(item, run)? {
                return Ok(verdict);
            }
            return buckets::decide(item, self.block.of(&item.account_id).await?, run);
        }
        if item.resource_type == ResourceType::CLOUDTRAIL_TRAIL.name {
            return self.delivery.trail(&Trail::from_item(item)?, run).await;
        }
        let principal = [Principal::from_item(item)?];
        let library = self.iam.library(&principal).await?;
        let buckets = match principals::is_archive(run) {
            true => self.log_buckets(&self.kept(self.targets().await?).await?, run).await?,
            false => Vec::new(),
        };
        let [principal] = &principal;
        principals::decide(principal, &library, &buckets, run)
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let channels = self.delivery.channels().await?;
        let mut evaluated = vec![Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict: self.account(&channels, run).await?,
            at: run.now,
        }];
        let kept = self.kept(self.delivery.targets(channels).await?).await?;
        evaluated.extend(self.dependent_buckets(&kept, run).await?);
        if run.home {
            evaluated.extend(self.drifting_principals(&kept, run).await?);
        }
        Ok(evaluated)
    }
}

/// Where logs can be kept: asked once in a run.
struct Kept {
    /// The buckets that trails and AWS Config deliver to.
    targets: BTreeSet<String>,
    /// The recorded buckets of the account in this Region.
    buckets: Vec<ConfigurationItem>,
}

impl LogArchive {
    async fn targets(&self) -> Result<BTreeSet<String>, Error> {
        self.delivery.targets(self.delivery.channels().await?).await
    }

    async fn kept(&self, targets: BTreeSet<String>) -> Result<Kept, Error> {
        let buckets = self.config.recorded(ResourceType::S3_BUCKET.name).await?;
        Ok(Kept { targets, buckets })
    }

    async fn account(&self, channels: &[String], run: &Run<'_>) -> Result<Verdict, Error> {
        let mut failures = Failures::new();
        self.delivery.central(channels, &CONFIG_BUCKET_NOT_CENTRAL, run, &mut failures).await?;
        self.history(run, &mut failures).await?;
        let notes = delivery::archives(run).err().map(|remark| remark.reason());
        Ok(failures.into_verdict_with(notes.into_iter().collect()))
    }

    /// How long AWS Config keeps its history; without a configuration, as long as it can.
    async fn history(&self, run: &Run<'_>, failures: &mut Failures) -> Result<(), Error> {
        let least = run.parameters.get(&CONFIG_MIN_HISTORY_DAYS);
        let request = self.client.describe_retention_configurations();
        let mut configurations = request.into_paginator().items().send();
        while let Some(configuration) = configurations.next().await {
            let days = i64::from(configuration.call(DESCRIBE_RETENTION)?.retention_period_in_days);
            if days < least {
                failures.because(
                    &CONFIG_HISTORY_TOO_SHORT,
                    message!(
                        "AWS Config keeps its history for {days} days; at least {least} are required",
                        "AWS Config の履歴の保存期間は {days} 日です(下限 {least} 日)"
                    ),
                );
                break;
            }
        }
        Ok(())
    }

    /// Buckets with logs that their items do not decide: by the account's block, or because only
    /// a trail or a delivery channel tells that they hold logs.
    async fn dependent_buckets(&self, kept: &Kept, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let mut evaluated = Vec::new();
        let mut block = None;
        for item in &kept.buckets {
            let told = scope::tells_so(item, run)?;
            if !told && !kept.targets.contains(&item.resource_id) {
                continue;
            }
            let verdict = match buckets::alone(item, run)? {
                // Every change of such a bucket was judged as it came.
                Some(_) if told => continue,
                Some(verdict) => verdict,
                None => {
                    let of_account: PublicAccessBlock = match block {
                        Some(block) => block,
                        None => *block.insert(self.block.of(run.account_id).await?),
                    };
                    buckets::decide(item, of_account, run)?
                }
            };
            evaluated.push(Evaluated { resource: Resource::from(item), verdict, at: run.now });
        }
        Ok(evaluated)
    }

    /// Roles and users whose rights may have changed without them.
    async fn drifting_principals(
        &self,
        kept: &Kept,
        run: &Run<'_>,
    ) -> Result<Vec<Evaluated>, Error> {
        let mut items = Vec::new();
        let mut drifting = Vec::new();
        for kind in [ResourceType::IAM_ROLE, ResourceType::IAM_USER] {
            for item in self.config.recorded(kind.name).await? {
                if principals::preview(&item, run)?.is_some() {
                    continue;
                }
                let principal = Principal::from_item(&item)?;
                if principal.drifts() {
                    items.push(item);
                    drifting.push(principal);
                }
            }
        }
        if drifting.is_empty() {
            return Ok(Vec::new());
        }
        let library = self.iam.library(&drifting).await?;
        let buckets = self.log_buckets(kept, run).await?;
        let judged = items.iter().zip(&drifting).map(|(item, principal)| {
            let verdict = principals::decide(principal, &library, &buckets, run)?;
            Ok(Evaluated { resource: Resource::from(item), verdict, at: run.now })
        });
        judged.collect()
    }

    /// In a log archive account the buckets with logs whose own policies leave their removal to
    /// what identities may do; elsewhere none.
    async fn log_buckets(&self, kept: &Kept, run: &Run<'_>) -> Result<Vec<String>, Error> {
        if !principals::is_archive(run) {
            return Ok(Vec::new());
        }
        let admins = run.parameters.get(&ALLOWED_ADMIN_ARNS);
        let named = run.parameters.get(&LOG_BUCKET_NAMES);
        let holds_logs = |name: &String| kept.targets.contains(name) || matches_any(&named, name);
        let mut buckets: BTreeSet<String> = self.delivery.own().await?;
        buckets.retain(holds_logs);
        for item in &kept.buckets {
            let name = &item.resource_id;
            if !buckets.contains(name) && !scope::tells_so(item, run)? {
                continue;
            }
            let policy = bucket::policy(item)?;
            let denies = |policy| protection::denies_removal(policy, name, run.account_id, &admins);
            if policy.as_ref().map(denies).transpose()? == Some(true) {
                buckets.remove(name);
            } else {
                buckets.insert(name.clone());
            }
        }
        Ok(buckets.into_iter().collect())
    }
}

#[cfg(test)]
mod tests;
