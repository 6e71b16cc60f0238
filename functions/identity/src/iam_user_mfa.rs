//! `iam-user-mfa`: IAM users who can sign in to the console have an MFA device.
//!
//! A password alone opens the console to whoever learns it. A user passes when it has a password
//! and an MFA device; on request, users whose only credential is an access key are judged too. It
//! is judged by the credential report, which is up to four hours old: a user made since is in no
//! result until the next run. Federated users and those of IAM Identity Center are no IAM users:
//! their MFA is proven at the identity provider.
//!
//! Criteria: 統20 3-(3), 統24 6, 実1, 実8, 実8 7, 実9, 実19, 実35 2 ask for it. To fix a user,
//! register an MFA device for it, or delete its password.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_iam::Client;
use aws_sdk_iam::types::EntityType;
use aws_types::SdkConfig;
use fisc_shared::parameter::Param;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remark, Remedy, Requirement, ResourceType, Run, ServiceCheck, Severity, Text,
    Trigger, Verdict, message, no_item_tells,
};

use crate::account_details::{
    self, AccountDetails, GET_ACCOUNT_AUTHORIZATION_DETAILS, identity, verdict_on,
};
use crate::credential_report::{self, CredentialReport, Row};
use crate::users::known;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "iam-user-mfa",
    domain: Domain::Identity,
    severity: Severity::High,
    title: Text::new(
        "IAM users who can sign in to the console have an MFA device",
        "コンソールにサインインできる IAM ユーザーに多要素認証を設定する",
    ),
    why: Text::new(
        "A console password can be guessed, reused or phished. Without a second factor it is \
         enough to act with all permissions of the user.",
        "コンソールのパスワードは、推測、使い回し、フィッシングによって他人に知られるおそれがあります。\
         第二の要素がなければ、パスワードだけでそのユーザーの権限がすべて使われます。",
    ),
    fix: Text::new(
        "In IAM > Users > the user > Security credentials assign an MFA device, best a passkey or \
         a security key; disable console access for a user who does not need it. Better still, let \
         people sign in through IAM Identity Center or another identity provider with MFA.",
        "IAM の「ユーザー」>「セキュリティ認証情報」で MFA デバイス(できればパスキーまたは\
         セキュリティキー)を割り当てます。コンソールを使わないユーザーはコンソールアクセスを\
         無効にします。人のサインインには、MFA を必須にした IAM Identity Center などの ID \
         プロバイダーの利用を推奨します。",
    ),
    remedy: Remedy::new(include_str!("iam_user_mfa/remedy.sh"), ""),
    reference: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa.html",
    criteria: Criteria {
        explicit: &["統20 3-(3)", "統24 6", "実1", "実8", "実8 7", "実9", "実19", "実35 2"],
        implied: &["実27", "実42 4"],
    },
    resources: &[ResourceType::IAM_USER],
    trigger: Trigger::Periodic,
    placement: Placement::HomeRegion,
    actions: &[
        Action::any(credential_report::GENERATE),
        Action::any(credential_report::GET),
        Action::any(GET_ACCOUNT_AUTHORIZATION_DETAILS),
    ],
    parameters: &[SCOPE.spec],
    requirements: &[&CONSOLE_MFA_DISABLED, &PROGRAMMATIC_MFA_DISABLED],
    remarks: &[&NO_CONSOLE_PASSWORD, &NO_CREDENTIALS],
    limits: Limits::SWEEP,
    // The item of a user tells neither of its password nor of its MFA devices.
    check: Check::Service { preview: no_item_tells, connect, swept: &[ResourceType::IAM_USER] },
};

const CONSOLE: &str = "console";
const ALL: &str = "all";

const SCOPE: Param<String> = Param::choice(
    "scope",
    CONSOLE,
    &[CONSOLE, ALL],
    Text::new(
        "console: users with a password; all: every user with a password or an active access key",
        "console: パスワードのあるユーザー。all: パスワードまたは有効なアクセスキーのある全ユーザー",
    ),
);

const CONSOLE_MFA_DISABLED: Requirement = Requirement {
    code: "CONSOLE_MFA_DISABLED",
    wave: 1,
    resources: &[ResourceType::IAM_USER],
    title: Text::new(
        "The user has a console password but no MFA device",
        "コンソールのパスワードがあるのに MFA デバイスがありません",
    ),
    rule: Text::new(
        "Fails when the user has a password and no MFA device (the credential report).",
        "ユーザーにパスワードがあり MFA デバイスがないとき不適合です(認証情報レポート)。",
    ),
};

const PROGRAMMATIC_MFA_DISABLED: Requirement = Requirement {
    code: "PROGRAMMATIC_MFA_DISABLED",
    wave: 3,
    resources: &[ResourceType::IAM_USER],
    title: Text::new(
        "The user has an active access key but no MFA device",
        "有効なアクセスキーがあるのに MFA デバイスがありません",
    ),
    rule: Text::new(
        "With scope all: fails when the user has no password, but an active access key and no MFA \
         device (the credential report).",
        "scope に all を指定した場合: パスワードのないユーザーに有効なアクセスキーがあり MFA \
         デバイスがないとき不適合です(認証情報レポート)。",
    ),
};

const NO_CONSOLE_PASSWORD: Remark = Remark::new(
    "NO_CONSOLE_PASSWORD",
    "The user has no password and cannot sign in to the console",
    "ユーザーにはパスワードがなく、コンソールにサインインできません",
);
const NO_CREDENTIALS: Remark = Remark::new(
    "NO_CREDENTIALS",
    "The user has neither a password nor an active access key",
    "ユーザーにはパスワードも有効なアクセスキーもありません",
);

/// What decides about a user.
#[derive(Debug, Clone, PartialEq, Eq)]
struct User {
    id: String,
    arn: String,
    name: String,
    password: bool,
    active_key: bool,
    mfa: bool,
}

impl User {
    fn read(row: &Row, user: &account_details::User) -> Result<Self, Error> {
        Ok(Self {
            id: user.id.clone(),
            arn: row.arn().to_owned(),
            name: row.user().to_owned(),
            password: row.has_password().ok_or_else(|| row.missing("password_enabled"))?,
            active_key: row.has_active_key(),
            mfa: row.has_mfa().ok_or_else(|| row.missing("mfa_active"))?,
        })
    }
}

fn decide(user: &User, scope: &str) -> Verdict {
    let name = &user.name;
    let mut failures = Failures::new();
    match (user.password, user.active_key) {
        (false, _) if scope != ALL => return Verdict::not_applicable(&NO_CONSOLE_PASSWORD),
        (false, false) => return Verdict::not_applicable(&NO_CREDENTIALS),
        _ if user.mfa => {}
        (true, _) => failures.because(
            &CONSOLE_MFA_DISABLED,
            message!(
                "User {name} has a console password but no MFA device",
                "ユーザー {name} にコンソールのパスワードがあるのに MFA デバイスがありません"
            ),
        ),
        (false, true) => failures.because(
            &PROGRAMMATIC_MFA_DISABLED,
            message!(
                "User {name} has an active access key but no MFA device",
                "ユーザー {name} に有効なアクセスキーがあるのに MFA デバイスがありません"
            ),
        ),
    }
    failures.into_verdict()
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Iam { client: Client::new(sdk) })
}

struct Iam {
    client: Client,
}

#[async_trait]
impl ServiceCheck for Iam {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        verdict_on(item, self.sweep(run).await?)
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let scope = run.parameters.get(&SCOPE);
        let report = CredentialReport::fetch(&self.client).await?;
        let details = AccountDetails::fetch(&self.client, &[EntityType::User]).await?;
        known(&report, &details.users)
            .map(|(row, user)| {
                let user = User::read(row, user)?;
                Ok(Evaluated {
                    verdict: decide(&user, &scope),
                    resource: identity(ResourceType::IAM_USER, &user.id, &user.arn, run),
                    at: run.now,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::users::tests::user;

    #[test]
    fn each_user_has_its_verdict() {
        for (password, active_key, mfa, console, all) in [
            (true, false, false, "CONSOLE_MFA_DISABLED", "CONSOLE_MFA_DISABLED"),
            // The password decides, whatever keys there are.
            (true, true, false, "CONSOLE_MFA_DISABLED", "CONSOLE_MFA_DISABLED"),
            (true, false, true, "", ""),
            (true, true, true, "", ""),
            (false, true, false, "NO_CONSOLE_PASSWORD", "PROGRAMMATIC_MFA_DISABLED"),
            (false, true, true, "NO_CONSOLE_PASSWORD", ""),
            (false, false, false, "NO_CONSOLE_PASSWORD", "NO_CREDENTIALS"),
            (false, false, true, "NO_CONSOLE_PASSWORD", "NO_CREDENTIALS"),
        ] {
            let user = User {
                id: "AIDATESTKIT000000001".to_owned(),
                arn: "arn:aws:iam::111122223333:user/operator".to_owned(),
                name: "operator".to_owned(),
                password,
                active_key,
                mfa,
            };
            for (scope, expected) in [(CONSOLE, console), (ALL, all)] {
                let verdict = decide(&user, scope);
                let codes: Vec<&str> = verdict.reasons().iter().map(|one| one.code).collect();
                assert_eq!(codes.join(" "), expected, "{user:?} {scope}");
                let compliance = match expected {
                    "" => "COMPLIANT",
                    code if code.starts_with("NO_") => "NOT_APPLICABLE",
                    _ => "NON_COMPLIANT",
                };
                assert_eq!(verdict.compliance().as_str(), compliance, "{user:?} {scope}");
            }
        }
    }

    #[test]
    fn a_flag_that_is_neither_true_nor_false_is_an_error() {
        for column in ["password_enabled", "mfa_active"] {
            let row = Row::sample("yamada", &[(column, "not_supported")]);
            let error = User::read(&row, &user("yamada", "2020-04-01T00:00:00Z")).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!(
                    "the answer of iam:GetCredentialReport lacks Content: {column} of user yamada"
                )
            );
        }
    }
}
