//! `s3-public-access`: S3 block public access is on, and no bucket, policy, access control list or
//! access point is public.
//!
//! Block public access keeps later mistakes from opening a bucket; it is judged for the account,
//! every bucket and every access point. What is public in spite of it is judged by what the
//! bucket policy means and whom the access control list names. The account's block holds for
//! every bucket, so S3 is asked for it when a bucket's own block leaves something open. A change
//! of the account's block changes no bucket: once a day those buckets are judged again that
//! depend on it.
//!
//! Criteria: 統24 8, 実3, 実5 3, 実10 8, 実15, 実27 4, 実39, 実100 4 ask for it. To fix a bucket,
//! turn on all four settings of block public access, best for the whole account.

use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_services::AccountBlock;
use fisc_services::account_block::GET_ACCOUNT_BLOCK;
use fisc_shared::bucket::{self, PublicAccessBlock};
use fisc_shared::config_service::ConfigService;
use fisc_shared::item::ItemError;
use fisc_shared::parameter::Param;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remark, Remedy, Requirement, Resource, ResourceType, Run, ServiceCheck, Severity,
    Text, Trigger, Verdict, inventory, message,
};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "s3-public-access",
    domain: Domain::Data,
    severity: Severity::Critical,
    title: Text::new(
        "S3 block public access is on and no bucket or access point is public",
        "S3 のブロックパブリックアクセスが有効で、バケットとアクセスポイントが公開されていない",
    ),
    why: Text::new(
        "A public bucket shows its objects to the whole internet, and is found within hours. \
         Block public access keeps one wrong policy or access control list from having that \
         effect.",
        "公開されたバケットの中身は、インターネットの誰からでも読み取られ、数時間で見つけ出されます。\
         ブロックパブリックアクセスを有効にしておけば、ポリシーや ACL を一つ誤ってもそうなりません。",
    ),
    fix: Text::new(
        "Turn on all four settings of block public access: for the account under S3 > Block Public \
         Access settings for this account, for a bucket under Permissions > Block public access. \
         Take public statements out of the bucket policy, and deliver public content through \
         CloudFront with origin access control. An access point's settings cannot be changed: \
         create a new one.",
        "ブロックパブリックアクセスの 4 つの設定をすべて有効にします(アカウントは S3 の「この\
         アカウントのブロックパブリックアクセス設定」、バケットは「アクセス許可」)。\
         バケットポリシーからは公開のステートメントを外し、公開コンテンツは\
         オリジンアクセスコントロールを使って CloudFront から配信します。アクセスポイントの設定は\
         変更できないため、作成し直します。",
    ),
    remedy: Remedy::new(
        include_str!("s3_public_access/remedy.sh"),
        include_str!("s3_public_access/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
    criteria: Criteria {
        explicit: &["統24 8", "実3", "実5 3", "実10 8", "実15", "実27 4", "実39", "実100 4"],
        implied: &["統1 参考", "統20 3-(3)", "統24 1", "統24 2", "統24 4", "統24 6", "実13 5"],
    },
    resources: &[
        ResourceType::ACCOUNT,
        ResourceType::S3_BUCKET,
        ResourceType::S3_ACCESS_POINT,
        ResourceType::S3_MULTI_REGION_ACCESS_POINT,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[Action::any(GET_ACCOUNT_BLOCK), inventory::ACTIONS[0], inventory::ACTIONS[1]],
    parameters: &[ACCEPT_ACCOUNT_LEVEL.spec, APPROVED_PUBLIC_BUCKETS.spec, ACCEPT_VPC_ORIGIN.spec],
    requirements: &[
        &ACCOUNT_BLOCK_INCOMPLETE,
        &BUCKET_BLOCK_INCOMPLETE,
        &PUBLIC_POLICY,
        &PUBLIC_ACL,
        &ACCESS_POINT_BLOCK_INCOMPLETE,
    ],
    remarks: &[&APPROVED, &VPC_ORIGIN, &OTHER_REGION],
    limits: Limits::SWEEP,
    check: Check::Service { preview, connect, swept: &[ResourceType::ACCOUNT] },
};

const ACCEPT_ACCOUNT_LEVEL: Param<bool> = Param::flag(
    "acceptAccountLevel",
    true,
    Text::new(
        "The account's block stands in for what a bucket's own block leaves off",
        "バケットで無効な設定を、アカウントの設定で補ってよい",
    ),
);

const APPROVED_PUBLIC_BUCKETS: Param<Vec<String>> = Param::list(
    "approvedPublicBuckets",
    &[],
    Text::new(
        "Buckets, by exact name, that may be public",
        "公開を承認したバケットの名前(完全一致)",
    ),
);

const ACCEPT_VPC_ORIGIN: Param<bool> = Param::flag(
    "acceptVpcOrigin",
    true,
    Text::new(
        "An access point that only a VPC reaches needs no block",
        "VPC からのみ到達できるアクセスポイントには設定を求めない",
    ),
);

const ACCOUNT_BLOCK_INCOMPLETE: Requirement = Requirement {
    code: "ACCOUNT_BLOCK_INCOMPLETE",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "The account does not block all public access",
        "アカウントのブロックパブリックアクセスがすべて有効ではありません",
    ),
    rule: Text::new(
        "Fails when one of the four settings of the account is off, or none was ever made \
         (GetPublicAccessBlock).",
        "アカウントの 4 つの設定のいずれかが無効、または設定がないとき不適合です\
         (GetPublicAccessBlock)。",
    ),
};

const BUCKET_BLOCK_INCOMPLETE: Requirement = Requirement {
    code: "BUCKET_BLOCK_INCOMPLETE",
    wave: 1,
    resources: &[ResourceType::S3_BUCKET],
    title: Text::new(
        "The bucket does not block all public access",
        "バケットのブロックパブリックアクセスがすべて有効ではありません",
    ),
    rule: Text::new(
        "Fails when one of the four settings is off for the bucket and, unless acceptAccountLevel \
         is false, for the account too.",
        "4 つの設定のいずれかがバケットで無効であり、アカウントでも無効なとき不適合です\
         (acceptAccountLevel が false ならバケットの設定だけで評価します)。",
    ),
};

const PUBLIC_POLICY: Requirement = Requirement {
    code: "PUBLIC_POLICY",
    wave: 1,
    resources: &[ResourceType::S3_BUCKET],
    title: Text::new(
        "The bucket policy admits everybody",
        "バケットポリシーがすべての相手に許可しています",
    ),
    rule: Text::new(
        "Fails when the policy lets a stranger in (no condition ties the request to an account, an \
         organization, a network or a source) and RestrictPublicBuckets is off for both the \
         bucket and the account.",
        "ポリシーが第三者に許可しており(アカウント・組織・ネットワーク・呼び出し元に限定する条件がない)、\
         RestrictPublicBuckets がバケットでもアカウントでも無効なとき不適合です。",
    ),
};

const PUBLIC_ACL: Requirement = Requirement {
    code: "PUBLIC_ACL",
    wave: 1,
    resources: &[ResourceType::S3_BUCKET],
    title: Text::new(
        "The access control list grants to everybody",
        "ACL がすべての相手に許可しています",
    ),
    rule: Text::new(
        "Fails when the access control list grants anything to AllUsers or AuthenticatedUsers and \
         IgnorePublicAcls is off for both the bucket and the account.",
        "ACL が AllUsers または AuthenticatedUsers に許可しており、IgnorePublicAcls がバケットでも\
         アカウントでも無効なとき不適合です。",
    ),
};

const ACCESS_POINT_BLOCK_INCOMPLETE: Requirement = Requirement {
    code: "ACCESS_POINT_BLOCK_INCOMPLETE",
    wave: 2,
    resources: &[ResourceType::S3_ACCESS_POINT, ResourceType::S3_MULTI_REGION_ACCESS_POINT],
    title: Text::new(
        "The access point does not block all public access",
        "アクセスポイントのブロックパブリックアクセスがすべて有効ではありません",
    ),
    rule: Text::new(
        "Fails when one of the four settings of the access point is off. They cannot be changed: \
         make a new access point.",
        "アクセスポイントの 4 つの設定のいずれかが無効なとき不適合です。作成後は変更できないため、\
         アクセスポイントを作り直します。",
    ),
};

const APPROVED: Remark = Remark::new(
    "APPROVED_PUBLIC_BUCKET",
    "The bucket is approved for public use",
    "公開を承認されたバケットです",
);
const VPC_ORIGIN: Remark = Remark::new(
    "VPC_ORIGIN",
    "Only a VPC reaches the access point",
    "VPC からのみ到達できるアクセスポイントです",
);
const OTHER_REGION: Remark = Remark::new(
    "JUDGED_IN_HOME_REGION",
    "The account's block is global and judged in the home Region",
    "アカウントの設定は全リージョン共通であり、ホームリージョンで評価します",
);

/// What the item of a bucket tells.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Bucket {
    block: PublicAccessBlock,
    public_policy: bool,
    /// The groups of everybody that the access control list names.
    public_groups: Vec<String>,
}

impl Bucket {
    fn from_item(item: &ConfigurationItem) -> Result<Self, Error> {
        let policy = bucket::policy(item)?;
        let list = bucket::access_control_list(item)?;
        Ok(Self {
            block: PublicAccessBlock::of_bucket(item)?,
            public_policy: policy.as_ref().map(bucket::is_public).transpose()? == Some(true),
            public_groups: list.public_groups().into_iter().map(str::to_owned).collect(),
        })
    }

    /// The verdict, if the account's block cannot change it.
    fn alone(&self, run: &Run<'_>) -> Option<Verdict> {
        let open = !self.block.off().is_empty();
        let public = (self.public_policy && !self.block.restrict_buckets)
            || (!self.public_groups.is_empty() && !self.block.ignore_acls);
        let account_counts = open && (public || run.parameters.get(&ACCEPT_ACCOUNT_LEVEL));
        (!account_counts).then(|| self.decide(PublicAccessBlock::default(), run))
    }

    fn decide(&self, account: PublicAccessBlock, run: &Run<'_>) -> Verdict {
        let mut failures = Failures::new();
        let in_force = self.block.or(account);
        let accepted =
            if run.parameters.get(&ACCEPT_ACCOUNT_LEVEL) { in_force } else { self.block };
        incomplete(accepted, &BUCKET_BLOCK_INCOMPLETE, &mut failures);
        if self.public_policy && !in_force.restrict_buckets {
            failures.add(&PUBLIC_POLICY);
        }
        if !self.public_groups.is_empty() && !in_force.ignore_acls {
            let groups = self.public_groups.join(", ");
            failures.because(
                &PUBLIC_ACL,
                message!(
                    "The access control list grants to {groups}",
                    "ACL が {groups} に許可しています"
                ),
            );
        }
        failures.into_verdict()
    }
}

fn incomplete(block: PublicAccessBlock, requirement: &Requirement, failures: &mut Failures) {
    let off = block.off().join(", ");
    if !off.is_empty() {
        failures.because(requirement, message!("Off: {off}", "無効な設定: {off}"));
    }
}

/// The verdict on an access point, which its item decides.
fn access_point(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, ItemError> {
    const BLOCK: &str = "PublicAccessBlockConfiguration";
    let fields = item.configuration()?;
    if run.parameters.get(&ACCEPT_VPC_ORIGIN) && fields.text("NetworkOrigin")? == Some("VPC") {
        return Ok(Verdict::not_applicable(&VPC_ORIGIN));
    }
    let block = fields.at(BLOCK)?.ok_or_else(|| fields.missing(BLOCK))?;
    let flag = |name: &str| Ok::<_, ItemError>(block.flag(name)?.unwrap_or(false));
    let block = PublicAccessBlock {
        block_acls: flag("BlockPublicAcls")?,
        ignore_acls: flag("IgnorePublicAcls")?,
        block_policy: flag("BlockPublicPolicy")?,
        restrict_buckets: flag("RestrictPublicBuckets")?,
    };
    let mut failures = Failures::new();
    incomplete(block, &ACCESS_POINT_BLOCK_INCOMPLETE, &mut failures);
    Ok(failures.into_verdict())
}

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if item.resource_type != ResourceType::S3_BUCKET.name {
        return Ok(Some(access_point(item, run)?));
    }
    if run.parameters.get(&APPROVED_PUBLIC_BUCKETS).contains(&item.resource_id) {
        return Ok(Some(Verdict::not_applicable(&APPROVED)));
    }
    Ok(Bucket::from_item(item)?.alone(run))
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(S3 { block: AccountBlock::new(sdk), config: ConfigService::new(sdk) })
}

struct S3 {
    block: AccountBlock,
    config: ConfigService,
}

#[async_trait]
impl ServiceCheck for S3 {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        Ok(Bucket::from_item(item)?.decide(self.block.of(&item.account_id).await?, run))
    }

    /// The account, and the buckets that depend on its block.
    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let block = self.block.of(run.account_id).await?;
        let mut evaluated = vec![Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict: account(block, run),
            at: run.now,
        }];
        for item in self.config.recorded(ResourceType::S3_BUCKET.name).await? {
            if preview(&item, run)?.is_none() {
                let verdict = Bucket::from_item(&item)?.decide(block, run);
                evaluated.push(Evaluated { resource: Resource::from(&item), verdict, at: run.now });
            }
        }
        Ok(evaluated)
    }
}

fn account(block: PublicAccessBlock, run: &Run<'_>) -> Verdict {
    if !run.home {
        return Verdict::not_applicable(&OTHER_REGION);
    }
    let mut failures = Failures::new();
    incomplete(block, &ACCOUNT_BLOCK_INCOMPLETE, &mut failures);
    failures.into_verdict()
}

#[cfg(test)]
mod tests;
