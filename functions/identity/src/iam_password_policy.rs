//! `iam-password-policy`: IAM passwords follow a strong account policy, and initial passwords are
//! replaced by their owner.
//!
//! Without a policy of its own, an account accepts passwords of eight characters that never
//! expire. The account passes when its policy demands the length, the character classes, the
//! expiry and the memory of used passwords that the parameters say, and lets users change their
//! own password. A user passes when the password was changed since an administrator issued it, or
//! must be changed at the next sign-in.
//!
//! The policy speaks of IAM users only: the root user, IAM Identity Center and Amazon Cognito have
//! rules of their own. A stronger policy does not touch passwords that are already set. Users are
//! judged by the credential report, which is up to four hours old; a reset by an administrator
//! looks there like a change by the user.
//!
//! Criteria: 実1 5, 実26, 実35 2, 実42 4 ask for it. To fix the account, set the password policy; to
//! fix a user, demand a new password at the next sign-in, or delete a password that is not needed.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_iam::Client;
use aws_sdk_iam::types::{EntityType, PasswordPolicy};
use aws_types::SdkConfig;
use fisc_shared::error::Call;
use fisc_shared::parameter::Param;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remark, Remedy, Requirement, Resource, ResourceType, Run, ServiceCheck, Severity,
    Text, Trigger, Verdict, no_item_tells,
};

use crate::account_details::{
    AccountDetails, GET_ACCOUNT_AUTHORIZATION_DETAILS, identity, verdict_on,
};
use crate::credential_report::{self, CredentialReport};
use crate::users::known;

mod initial;
mod policy;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "iam-password-policy",
    domain: Domain::Identity,
    severity: Severity::Medium,
    title: Text::new(
        "IAM passwords follow a strong policy, and initial passwords are replaced by their owner",
        "IAM のパスワードポリシーを強固にし、初期パスワードは本人に変更させる",
    ),
    why: Text::new(
        "Short, old and reused passwords are guessed first. An initial password is known to \
         whoever issued it, and often to a mailbox, until its owner replaces it.",
        "短いパスワード、古いパスワード、使い回しのパスワードは真っ先に破られます。初期パスワードは、\
         本人が変更するまで発行者に知られており、メールに残っていることもあります。",
    ),
    fix: Text::new(
        "In IAM > Account settings > Password policy > Edit choose a custom policy: 14 characters \
         or more, all four character classes, expiration after 90 days, no reuse of the last 24, \
         and let users change their own password. For a user whose initial password stands, reset \
         it under Users > Security credentials > Manage console access, with a change at the next \
         sign-in.",
        "IAM の「アカウント設定」>「パスワードポリシー」>「編集」でカスタムポリシーを選び、14 \
         文字以上、4 つの文字種、90 日の有効期限、過去 24 個の再利用禁止、ユーザー自身による変更の\
         許可を設定します。初期パスワードのままのユーザーは、「セキュリティ認証情報」>\
         「コンソールアクセスを管理」で、次回サインイン時の変更を求めて再設定します。",
    ),
    remedy: Remedy::new(include_str!("iam_password_policy/remedy.sh"), ""),
    reference: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html",
    criteria: Criteria {
        explicit: &["実1 5", "実26", "実35 2", "実42 4"],
        implied: &["統24 6", "実8 7"],
    },
    resources: TYPES,
    trigger: Trigger::Periodic,
    placement: Placement::HomeRegion,
    actions: &[
        Action::any(GET_ACCOUNT_PASSWORD_POLICY),
        Action::on(GET_LOGIN_PROFILE, "arn:${AWS::Partition}:iam::${AWS::AccountId}:user/*"),
        Action::any(credential_report::GENERATE),
        Action::any(credential_report::GET),
        Action::any(GET_ACCOUNT_AUTHORIZATION_DETAILS),
    ],
    parameters: &[
        MIN_PASSWORD_LENGTH.spec,
        REQUIRE_UPPERCASE.spec,
        REQUIRE_LOWERCASE.spec,
        REQUIRE_NUMBERS.spec,
        REQUIRE_SYMBOLS.spec,
        MAX_PASSWORD_AGE_DAYS.spec,
        MIN_REUSE_PREVENTION.spec,
        SKIP_IF_NO_CONSOLE_USERS.spec,
        INITIAL_PASSWORD_GRACE_HOURS.spec,
    ],
    requirements: &[
        &PASSWORD_POLICY_MISSING,
        &PASSWORD_TOO_SHORT,
        &CHARACTER_CLASS_NOT_REQUIRED,
        &PASSWORD_EXPIRY_WEAK,
        &PASSWORD_REUSE_ALLOWED,
        &SELF_CHANGE_DISALLOWED,
        &INITIAL_PASSWORD_NOT_CHANGED,
    ],
    remarks: &[
        &NO_CONSOLE_USERS,
        &NO_CONSOLE_PASSWORD,
        &PASSWORD_RESET_REQUIRED,
        &PASSWORD_ISSUED_LATELY,
    ],
    limits: Limits::SWEEP,
    check: Check::Service { preview: no_item_tells, connect, swept: TYPES },
};

const TYPES: &[ResourceType] = &[ResourceType::ACCOUNT, ResourceType::IAM_USER];

const GET_ACCOUNT_PASSWORD_POLICY: &str = "iam:GetAccountPasswordPolicy";
const GET_LOGIN_PROFILE: &str = "iam:GetLoginProfile";

const MIN_PASSWORD_LENGTH: Param<i64> = Param::integer(
    "minPasswordLength",
    14,
    8,
    128,
    Text::new("Smallest accepted minimum length", "パスワードの最小文字数の下限"),
);

const REQUIRE_UPPERCASE: Param<bool> = Param::flag(
    "requireUppercase",
    true,
    Text::new("Passwords need an upper-case letter", "大文字を必須とする"),
);

const REQUIRE_LOWERCASE: Param<bool> = Param::flag(
    "requireLowercase",
    true,
    Text::new("Passwords need a lower-case letter", "小文字を必須とする"),
);

const REQUIRE_NUMBERS: Param<bool> =
    Param::flag("requireNumbers", true, Text::new("Passwords need a digit", "数字を必須とする"));

const REQUIRE_SYMBOLS: Param<bool> =
    Param::flag("requireSymbols", true, Text::new("Passwords need a symbol", "記号を必須とする"));

const MAX_PASSWORD_AGE_DAYS: Param<i64> = Param::integer(
    "maxPasswordAgeDays",
    90,
    0,
    1095,
    Text::new(
        "Longest accepted validity of a password in days; 0: passwords need not expire",
        "パスワードの有効期間の上限(日)。0 は有効期限を求めない",
    ),
);

const MIN_REUSE_PREVENTION: Param<i64> = Param::integer(
    "minReusePrevention",
    24,
    1,
    24,
    Text::new(
        "Smallest accepted number of remembered passwords",
        "再利用を禁止する過去のパスワードの数の下限",
    ),
);

const SKIP_IF_NO_CONSOLE_USERS: Param<bool> = Param::flag(
    "skipIfNoConsoleUsers",
    false,
    Text::new(
        "An account in which no IAM user has a password is not judged",
        "パスワードのある IAM ユーザーがいないアカウントは評価しない",
    ),
);

/// A password that was issued after the report was made is within the grace in any case, since a
/// report is four hours old at most.
const INITIAL_PASSWORD_GRACE_HOURS: Param<i64> = Param::integer(
    "initialPasswordGraceHours",
    24,
    4,
    8760,
    Text::new(
        "Hours after which an unchanged initial password fails",
        "初期パスワードの未変更を認める時間",
    ),
);

const PASSWORD_POLICY_MISSING: Requirement = Requirement {
    code: "PASSWORD_POLICY_MISSING",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "The account has no password policy of its own",
        "アカウントにパスワードポリシーが設定されていません",
    ),
    rule: Text::new(
        "Fails when IAM answers that the account has no password policy \
         (GetAccountPasswordPolicy): its default applies.",
        "アカウントにパスワードポリシーがないと IAM が回答したとき不適合です(既定値が適用されます。\
         GetAccountPasswordPolicy)。",
    ),
};

const PASSWORD_TOO_SHORT: Requirement = Requirement {
    code: "PASSWORD_TOO_SHORT",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new("Short passwords are accepted", "短いパスワードが許可されています"),
    rule: Text::new(
        "Fails when MinimumPasswordLength of the policy is below minPasswordLength.",
        "ポリシーの MinimumPasswordLength が minPasswordLength より小さいとき不適合です。",
    ),
};

const CHARACTER_CLASS_NOT_REQUIRED: Requirement = Requirement {
    code: "CHARACTER_CLASS_NOT_REQUIRED",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "Passwords need not have all kinds of characters",
        "パスワードに必要な文字の種類が不足しています",
    ),
    rule: Text::new(
        "Fails when the policy does not demand a kind of character (upper case, lower case, digit, \
         symbol) that the parameters ask for.",
        "パラメータで求める文字の種類(大文字・小文字・数字・記号)をポリシーが必須としていないとき\
         不適合です。",
    ),
};

const PASSWORD_EXPIRY_WEAK: Requirement = Requirement {
    code: "PASSWORD_EXPIRY_WEAK",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "Passwords do not expire, or live too long",
        "パスワードの有効期限がないか、長すぎます",
    ),
    rule: Text::new(
        "Unless maxPasswordAgeDays is 0: fails when passwords do not expire (ExpirePasswords, \
         MaxPasswordAge absent or 0) or MaxPasswordAge is above maxPasswordAgeDays.",
        "maxPasswordAgeDays が 0 でない場合: パスワードに有効期限がない(ExpirePasswords が偽、または \
         MaxPasswordAge がないか 0)か、MaxPasswordAge が maxPasswordAgeDays を超えるとき不適合です。",
    ),
};

const PASSWORD_REUSE_ALLOWED: Requirement = Requirement {
    code: "PASSWORD_REUSE_ALLOWED",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new("Earlier passwords may be used again", "過去のパスワードを再利用できます"),
    rule: Text::new(
        "Fails when PasswordReusePrevention of the policy is absent or below minReusePrevention.",
        "ポリシーの PasswordReusePrevention がないか、minReusePrevention より小さいとき不適合です。",
    ),
};

const SELF_CHANGE_DISALLOWED: Requirement = Requirement {
    code: "SELF_CHANGE_DISALLOWED",
    wave: 2,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "Users may not change their own password",
        "ユーザーが自分のパスワードを変更できません",
    ),
    rule: Text::new(
        "Fails when AllowUsersToChangePassword of the policy is false.",
        "ポリシーの AllowUsersToChangePassword が偽のとき不適合です。",
    ),
};

const INITIAL_PASSWORD_NOT_CHANGED: Requirement = Requirement {
    code: "INITIAL_PASSWORD_NOT_CHANGED",
    wave: 2,
    resources: &[ResourceType::IAM_USER],
    title: Text::new(
        "The user still has the password that was issued",
        "発行された初期パスワードが変更されていません",
    ),
    rule: Text::new(
        "Fails when the password was issued more than initialPasswordGraceHours ago, need not be \
         changed at the next sign-in (GetLoginProfile) and was never changed since (password last \
         changed in the credential report).",
        "パスワードの発行から initialPasswordGraceHours を超える時間が経過し、次回サインイン時の変更が\
         求められておらず(GetLoginProfile)、発行後に一度も変更されていないとき不適合です\
         (認証情報レポートの password_last_changed)。",
    ),
};

const NO_CONSOLE_USERS: Remark = Remark::new(
    "NO_CONSOLE_USERS",
    "No IAM user of the account has a password",
    "パスワードのある IAM ユーザーはいません",
);
const NO_CONSOLE_PASSWORD: Remark = Remark::new(
    "NO_CONSOLE_PASSWORD",
    "The user has no password and cannot sign in to the console",
    "ユーザーにはパスワードがなく、コンソールにサインインできません",
);
const PASSWORD_RESET_REQUIRED: Remark = Remark::new(
    "PASSWORD_RESET_REQUIRED",
    "The user must change the password at the next sign-in",
    "ユーザーは次回サインイン時にパスワードの変更を求められます",
);
const PASSWORD_ISSUED_LATELY: Remark = Remark::new(
    "PASSWORD_ISSUED_LATELY",
    "The password was issued lately; its owner still has time to change it",
    "パスワードは発行されたばかりで、変更の猶予期間内です",
);

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
        let report = CredentialReport::fetch(&self.client).await?;
        let mut evaluated = vec![Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict: self.account(&report, run).await?,
            at: run.now,
        }];
        let details = AccountDetails::fetch(&self.client, &[EntityType::User]).await?;
        let users: Vec<_> = known(&report, &details.users).collect();
        let verdicts = initial::verdicts(&self.client, &users, run).await?;
        evaluated.extend(users.iter().zip(verdicts).map(|((row, user), verdict)| Evaluated {
            resource: identity(ResourceType::IAM_USER, &user.id, row.arn(), run),
            verdict,
            at: run.now,
        }));
        Ok(evaluated)
    }
}

impl Iam {
    async fn account(&self, report: &CredentialReport, run: &Run<'_>) -> Result<Verdict, Error> {
        if run.parameters.get(&SKIP_IF_NO_CONSOLE_USERS) && !policy::concerns_anybody(report)? {
            return Ok(Verdict::not_applicable(&NO_CONSOLE_USERS));
        }
        policy::decide(self.policy().await?.as_ref(), run)
    }

    /// The password policy of the account, if it has one of its own.
    async fn policy(&self) -> Result<Option<PasswordPolicy>, Error> {
        match self
            .client
            .get_account_password_policy()
            .send()
            .await
            .call(GET_ACCOUNT_PASSWORD_POLICY)
        {
            Ok(answer) => answer.password_policy.map(Some).ok_or_else(|| Error::Answer {
                action: GET_ACCOUNT_PASSWORD_POLICY,
                field: "PasswordPolicy".to_owned(),
            }),
            Err(error) if error.is("NoSuchEntity") => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests;
