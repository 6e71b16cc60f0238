//! `ebs-default-encryption`: EBS encrypts new volumes and snapshot copies by default.
//!
//! With encryption by default on, nobody can forget to encrypt a volume. The setting is one of
//! each Region of the account, and says nothing of the volumes that were there before:
//! `encryption-at-rest` judges those. Which key is used for volumes for which none is named can
//! be judged too, by parameters.
//!
//! Criteria: several of 統, 実3 and 実28 imply it. To fix a Region, enable EBS encryption by
//! default there.

use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_shared::ec2::{Ec2, action};
use fisc_shared::parameter::Param;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    AccountCheck, Action, Check, Control, Criteria, Domain, Error, Limits, OfAccount, Placement,
    Reason, Remark, Remedy, Requirement, ResourceType, Run, ServiceCheck, Severity, Text, Trigger,
    Verdict, no_item_tells,
};

use crate::customer_key::{self, ALLOWED_KMS_KEY_ARNS, KeyService, Known};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "ebs-default-encryption",
    domain: Domain::Encryption,
    severity: Severity::Medium,
    title: Text::new(
        "EBS encryption by default is on in every Region in use",
        "利用するすべてのリージョンで EBS のデフォルト暗号化が有効になっている",
    ),
    why: Text::new(
        "A volume is encrypted when it is made, or not at all. With encryption by default, no \
         template, script or console user can make an unencrypted one by mistake.",
        "EBS ボリュームは作成時に暗号化しなければ、後から暗号化することはできません。デフォルト暗号化を\
         有効にすると、テンプレートや手作業での指定漏れによって暗号化されないボリュームが作られることを\
         防げます。",
    ),
    fix: Text::new(
        "In each Region in use, open the EC2 console, then Dashboard > Account attributes > Data \
         protection and security > EBS encryption > Manage: tick Enable and choose the default key, \
         a customer managed one where that is asked for.",
        "利用する各リージョンの EC2 コンソールで「ダッシュボード」>「アカウントの属性」>\
         「データ保護とセキュリティ」>「EBS 暗号化」>「管理」を開き、「有効化」を選択します。\
         求められる場合は、デフォルトキーにカスタマー管理キーを指定します。",
    ),
    remedy: Remedy::new(include_str!("ebs_default_encryption/remedy.sh"), ""),
    reference: "https://docs.aws.amazon.com/ebs/latest/userguide/encryption-by-default.html",
    criteria: Criteria {
        explicit: &[],
        implied: &[
            "統1 参考",
            "統20 3-(3)",
            "統20 3-(6)",
            "統20 3-(11)",
            "統20 3-(12)",
            "統24 1",
            "統24 2",
            "実3",
            "実28",
        ],
    },
    resources: &[ResourceType::ACCOUNT],
    trigger: Trigger::Periodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(action::GET_EBS_ENCRYPTION_BY_DEFAULT),
        Action::any(action::GET_EBS_DEFAULT_KMS_KEY_ID),
        customer_key::ACTION,
    ],
    parameters: &[REQUIRE_CUSTOMER_MANAGED_KEY.spec, ALLOWED_KMS_KEY_ARNS.spec],
    requirements: &[&DEFAULT_ENCRYPTION_DISABLED, &DEFAULT_KEY_NOT_APPROVED],
    remarks: &[&OTHER_ACCOUNT_KEY],
    limits: Limits::SMALL,
    check: Check::Service { preview: no_item_tells, connect, swept: &[ResourceType::ACCOUNT] },
};

const REQUIRE_CUSTOMER_MANAGED_KEY: Param<bool> = Param::flag(
    "requireCustomerManagedKey",
    false,
    Text::new(
        "Demand a customer managed key as the default key (allowedKmsKeyArns implies it)",
        "デフォルトキーにカスタマー管理キーを求める(allowedKmsKeyArns を指定した場合も同様)",
    ),
);

const DEFAULT_ENCRYPTION_DISABLED: Requirement = Requirement {
    code: "DEFAULT_ENCRYPTION_DISABLED",
    wave: 2,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "EBS encryption by default is off in the Region",
        "リージョンの EBS デフォルト暗号化が無効です",
    ),
    rule: Text::new(
        "Fails when EC2 answers that encryption by default is off (GetEbsEncryptionByDefault).",
        "デフォルト暗号化が無効であると EC2 が回答したとき不適合です(GetEbsEncryptionByDefault)。",
    ),
};

const DEFAULT_KEY_NOT_APPROVED: Requirement = Requirement {
    code: "DEFAULT_KEY_NOT_APPROVED",
    wave: 3,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "The default key of EBS is not an approved customer managed key",
        "EBS のデフォルトキーが承認されたカスタマー管理キーではありません",
    ),
    rule: Text::new(
        "With requireCustomerManagedKey or allowedKmsKeyArns: fails when the default key is AWS \
         managed, is not enabled or was deleted, or is not among allowedKmsKeyArns \
         (GetEbsDefaultKmsKeyId, DescribeKey).",
        "requireCustomerManagedKey または allowedKmsKeyArns を指定した場合: デフォルトキーが AWS \
         マネージドキーであるか、有効でないか、削除されているか、allowedKmsKeyArns に含まれないとき\
         不適合です(GetEbsDefaultKmsKeyId、DescribeKey)。",
    ),
};

const OTHER_ACCOUNT_KEY: Remark = Remark::new(
    "OTHER_ACCOUNT_KEY",
    "The key belongs to another account: it is customer managed, and its state is not known here",
    "別のアカウントのキーのためカスタマー管理です。キーの状態は確認していません",
);

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(OfAccount(DefaultEncryption {
        ec2: Ec2::new(sdk),
        keys: KeyService::new(aws_sdk_kms::Client::new(sdk)),
    }))
}

struct DefaultEncryption {
    ec2: Ec2,
    keys: KeyService,
}

#[async_trait]
impl AccountCheck for DefaultEncryption {
    async fn account(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        let mut failures = Failures::new();
        if !self.ec2.ebs_encryption_by_default().await? {
            failures.add(&DEFAULT_ENCRYPTION_DISABLED);
        }
        let note = self.default_key(run, &mut failures).await?;
        Ok(failures.into_verdict_with(note.into_iter().collect()))
    }
}

impl DefaultEncryption {
    async fn default_key(
        &self,
        run: &Run<'_>,
        failures: &mut Failures,
    ) -> Result<Option<Reason>, Error> {
        let allowed = customer_key::allowed(run)?;
        if !run.parameters.get(&REQUIRE_CUSTOMER_MANAGED_KEY) && allowed.is_empty() {
            return Ok(None);
        }
        let name = self.ec2.ebs_default_key().await?;
        let refusal = match customer_key::by_name(&name, run.account_id, run.region, &allowed) {
            Known::OfAccount(_) => return Ok(Some(OTHER_ACCOUNT_KEY.reason())),
            Known::Refused(message) => Some(message),
            Known::Ask(question) => self.keys.refusal(&question, &allowed).await?,
        };
        if let Some(message) = refusal {
            failures.because(&DEFAULT_KEY_NOT_APPROVED, message);
        }
        Ok(None)
    }
}
