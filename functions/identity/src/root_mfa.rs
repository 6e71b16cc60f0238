//! `root-mfa`: the root user cannot sign in without multi-factor authentication.
//!
//! The root user may do everything and cannot be restricted by policies of its own account. The
//! account passes when the root user has an MFA device, or when nothing is left that a device
//! could protect: members of an organization with centralised root access have neither a root
//! password nor root keys. On request a virtual authenticator is not enough.
//!
//! Criteria: 実8, 実8 7, 実9, 実9 2, 実27, 実35 2 ask for it. To fix an account, sign in as root
//! and register an MFA device, or remove the root credentials through centralised root access.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_iam::Client;
use aws_sdk_iam::types::AssignmentStatusType;
use aws_types::SdkConfig;
use fisc_shared::error::Call;
use fisc_shared::parameter::Param;
use fisc_shared::resource::partition;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    AccountCheck, Action, Check, Control, Criteria, Domain, Error, Limits, OfAccount, Placement,
    Remedy, Requirement, ResourceType, Run, ServiceCheck, Severity, Text, Trigger, Verdict,
    message, no_item_tells,
};

use crate::credential_report::{self, CredentialReport};
use crate::root_user::{GET_ACCOUNT_SUMMARY, ROOT_CREDENTIALS_REMOVED, Summary};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "root-mfa",
    domain: Domain::Identity,
    severity: Severity::Critical,
    title: Text::new(
        "The root user cannot sign in without multi-factor authentication",
        "ルートユーザーのサインインに多要素認証を必須とする",
    ),
    why: Text::new(
        "The root user can do everything in the account, and no policy of the account restrains \
         it. Without a second factor one leaked password is enough to take the account over.",
        "ルートユーザーはアカウント内のすべての操作ができ、アカウント内のポリシーでは制限できません。\
         第二の要素がなければ、パスワードの漏えいだけでアカウントが乗っ取られます。",
    ),
    fix: Text::new(
        "Sign in as the root user and assign an MFA device under the account menu > Security \
         credentials, best a FIDO2 security key; no command and no template can do so. For member \
         accounts, remove the root credentials instead: in the management account enable IAM > Root \
         access management, then delete them per account there.",
        "ルートユーザーでサインインし、アカウントメニューの「セキュリティ認証情報」で MFA \
         デバイス(できれば FIDO2 セキュリティキー)を割り当てます。コマンドやテンプレートでは\
         設定できません。メンバーアカウントでは、管理アカウントで IAM の「ルートアクセス管理」を\
         有効にし、ルートの認証情報を削除する方法もあります。",
    ),
    remedy: Remedy::new(include_str!("root_mfa/remedy.sh"), ""),
    reference: "https://docs.aws.amazon.com/IAM/latest/UserGuide/enable-mfa-for-root.html",
    criteria: Criteria {
        explicit: &["実8", "実8 7", "実9", "実9 2", "実27", "実35 2"],
        implied: &["統20 3-(3)", "統24 6", "実19", "実42 4"],
    },
    resources: &[ResourceType::ACCOUNT],
    trigger: Trigger::Periodic,
    placement: Placement::HomeRegion,
    actions: &[
        Action::any(GET_ACCOUNT_SUMMARY),
        Action::any(credential_report::GENERATE),
        Action::any(credential_report::GET),
        Action::any(LIST_VIRTUAL_MFA_DEVICES),
    ],
    parameters: &[REQUIRE_HARDWARE_MFA.spec],
    requirements: &[&ROOT_MFA_DISABLED, &ROOT_MFA_NOT_HARDWARE],
    remarks: &[&ROOT_CREDENTIALS_REMOVED],
    limits: Limits { timeout_seconds: 120, memory_mb: 128 },
    check: Check::Service { preview: no_item_tells, connect, swept: &[ResourceType::ACCOUNT] },
};

const LIST_VIRTUAL_MFA_DEVICES: &str = "iam:ListVirtualMFADevices";

const REQUIRE_HARDWARE_MFA: Param<bool> = Param::flag(
    "requireHardwareMfa",
    false,
    Text::new(
        "Also reject a virtual authenticator on the root user",
        "ルートユーザーの仮想 MFA(認証アプリ)も認めない",
    ),
);

const ROOT_MFA_DISABLED: Requirement = Requirement {
    code: "ROOT_MFA_DISABLED",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "The root user has credentials but no MFA device",
        "ルートユーザーに認証情報があるのに MFA デバイスがありません",
    ),
    rule: Text::new(
        "Fails when root has no MFA device and still has a password or an access key \
         (GetAccountSummary; the credential report where the summary does not tell).",
        "ルートに MFA デバイスがなく、パスワードまたはアクセスキーが残っているとき不適合です\
         (GetAccountSummary。サマリーで判断できない場合は認証情報レポート)。",
    ),
};

const ROOT_MFA_NOT_HARDWARE: Requirement = Requirement {
    code: "ROOT_MFA_NOT_HARDWARE",
    wave: 2,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "The root user has a virtual MFA device",
        "ルートユーザーに仮想 MFA デバイスが割り当てられています",
    ),
    rule: Text::new(
        "With requireHardwareMfa: fails when an assigned virtual device belongs to root, beside \
         hardware devices too (ListVirtualMFADevices). Not asked outside the commercial partition.",
        "requireHardwareMfa を指定した場合: 割り当て済みの仮想デバイスがルートのものであるとき、\
         ハードウェアデバイスが併用されていても不適合です(ListVirtualMFADevices)。\
         商用パーティション以外では問いません。",
    ),
};

/// What IAM says of the root user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Root {
    /// It has an MFA device; whether one of them is virtual, where that matters.
    WithMfa { virtual_device: bool },
    /// It has no MFA device, but a password or a key.
    WithoutMfa,
    /// It has no credentials at all.
    Removed,
}

fn decide(root: Root) -> Verdict {
    let mut failures = Failures::new();
    match root {
        Root::WithMfa { virtual_device: false } => {}
        Root::WithMfa { virtual_device: true } => failures.because(
            &ROOT_MFA_NOT_HARDWARE,
            message!(
                "The root user has a virtual MFA device; only hardware is accepted",
                "ルートユーザーに仮想 MFA デバイスがあります(ハードウェアのみ可)"
            ),
        ),
        Root::WithoutMfa => failures.add(&ROOT_MFA_DISABLED),
        Root::Removed => return Verdict::Compliant(vec![ROOT_CREDENTIALS_REMOVED.reason()]),
    }
    failures.into_verdict()
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(OfAccount(Iam { client: Client::new(sdk) }))
}

struct Iam {
    client: Client,
}

#[async_trait]
impl AccountCheck for Iam {
    async fn account(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        self.root(run).await.map(decide)
    }
}

impl Iam {
    async fn root(&self, run: &Run<'_>) -> Result<Root, Error> {
        let summary = Summary::fetch(&self.client).await?;
        if summary.has_mfa()? {
            // Hardware devices cannot be registered for root in the other partitions.
            let matters =
                run.parameters.get(&REQUIRE_HARDWARE_MFA) && partition(run.region) == "aws";
            let virtual_device = matters && self.root_has_virtual_device().await?;
            return Ok(Root::WithMfa { virtual_device });
        }
        if summary.shows_credentials() {
            return Ok(Root::WithoutMfa);
        }
        let report = CredentialReport::fetch(&self.client).await?;
        Ok(if summary.credentials_removed(report.root()) {
            Root::Removed
        } else {
            Root::WithoutMfa
        })
    }

    /// By the owner of the device: its serial number carries whatever name it was given.
    async fn root_has_virtual_device(&self) -> Result<bool, Error> {
        let mut pages = self
            .client
            .list_virtual_mfa_devices()
            .assignment_status(AssignmentStatusType::Assigned)
            .into_paginator()
            .items()
            .send();
        while let Some(device) = pages.next().await {
            let device = device.call(LIST_VIRTUAL_MFA_DEVICES)?;
            if device.user().is_some_and(|user| user.arn().ends_with(":root")) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_has_its_verdict() {
        let codes = |root| {
            let verdict = decide(root);
            let codes: Vec<_> = verdict.reasons().iter().map(|reason| reason.code).collect();
            (verdict.compliance().as_str(), codes)
        };
        assert_eq!(codes(Root::WithMfa { virtual_device: false }), ("COMPLIANT", vec![]));
        assert_eq!(
            codes(Root::WithMfa { virtual_device: true }),
            ("NON_COMPLIANT", vec!["ROOT_MFA_NOT_HARDWARE"])
        );
        assert_eq!(codes(Root::WithoutMfa), ("NON_COMPLIANT", vec!["ROOT_MFA_DISABLED"]));
        assert_eq!(codes(Root::Removed), ("COMPLIANT", vec!["ROOT_CREDENTIALS_REMOVED"]));
    }
}
