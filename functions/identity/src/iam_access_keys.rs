//! `iam-access-keys`: IAM users have no long-term access keys, or approved ones that are rotated,
//! single and not exposed.
//!
//! An access key works from anywhere until somebody deletes it, and it ends up in code, images and
//! laptops. A user passes when it has no active key, or when a tag approves its key (the reason is
//! the tag's value) and the key is young and the only one; two keys are accepted for the days that
//! a rotation takes. A user to whom AWS attached its quarantine policy fails: AWS found a key of it
//! exposed.
//!
//! It is judged by the credential report, which is up to four hours old: a user made since is in
//! no result until the next run. The report tells when a key was made or last activated: a key
//! that was switched off and on again looks younger than it is. Keys of the root user belong to
//! `root-usage`.
//!
//! Criteria: 実1, 実1 5, 実8, 実8 参考4, 実19, 実27 ask for it. To fix a user, let its workload use
//! a role and delete the key, or tag the user and rotate the key.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_iam::Client;
use aws_sdk_iam::types::EntityType;
use aws_types::SdkConfig;
use fisc_shared::parameter::Param;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits, Message,
    Placement, Remark, Remedy, Requirement, ResourceType, Run, ServiceCheck, Severity, Text,
    Trigger, Verdict, message, no_item_tells,
};
use jiff::Timestamp;

use crate::account_details::{
    AccountDetails, GET_ACCOUNT_AUTHORIZATION_DETAILS, User, identity, verdict_on,
};
use crate::age;
use crate::credential_report::{self, CredentialReport, Row};
use crate::users::known;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "iam-access-keys",
    domain: Domain::Identity,
    severity: Severity::High,
    title: Text::new(
        "IAM users have no long-term access keys, or approved ones that are rotated and single",
        "長期アクセスキーは原則として持たず、例外も承認のうえ定期的に更新し 1 本に限る",
    ),
    why: Text::new(
        "A long-term access key works from anywhere until it is deleted, and it is easily copied \
         into code and files. The older a key is and the more keys there are, the more likely one \
         of them is in the wrong hands.",
        "長期アクセスキーは、削除するまでどこからでも使え、コードやファイルに写されやすいものです。\
         古いキーや複数のキーがあるほど、他人の手に渡っているおそれが高まります。",
    ),
    fix: Text::new(
        "Give the workload a role (instance profile, IAM Roles Anywhere, OpenID Connect) and \
         delete the key under IAM > Users > Security credentials > Access keys. Where a key is \
         unavoidable, tag the user fisc:long-term-key-approved with the reason, create a new key, \
         switch over and delete the old one. Delete an exposed key, look for its use in CloudTrail, \
         then detach the quarantine policy.",
        "ワークロードにはロール(インスタンスプロファイル、IAM Roles Anywhere、OpenID Connect \
         など)を使い、キーは IAM の「ユーザー」>「セキュリティ認証情報」>「アクセスキー」で\
         削除します。やむを得ないキーは、ユーザーの fisc:long-term-key-approved タグに理由を\
         記録し、新しいキーに切り替えてから古いキーを削除します。漏えいしたキーは削除し、CloudTrail \
         で使用状況を調べてから検疫ポリシーをデタッチします。",
    ),
    remedy: Remedy::new(
        include_str!("iam_access_keys/remedy.sh"),
        include_str!("iam_access_keys/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html",
    criteria: Criteria {
        explicit: &["実1", "実1 5", "実8", "実8 参考4", "実19", "実27"],
        implied: &["統24 6"],
    },
    resources: &[ResourceType::IAM_USER],
    trigger: Trigger::Periodic,
    placement: Placement::HomeRegion,
    actions: &[
        Action::any(credential_report::GENERATE),
        Action::any(credential_report::GET),
        Action::any(GET_ACCOUNT_AUTHORIZATION_DETAILS),
    ],
    parameters: &[
        REQUIRE_NO_LONG_TERM_KEYS.spec,
        APPROVED_KEY_TAG_KEY.spec,
        MAX_ACCESS_KEY_AGE_DAYS.spec,
        ROTATION_OVERLAP_DAYS.spec,
        FORBID_KEY_WITH_PASSWORD.spec,
    ],
    requirements: &[
        &LONG_TERM_KEY_ACTIVE,
        &KEY_NOT_ROTATED,
        &MULTIPLE_ACTIVE_KEYS,
        &KEY_EXPOSED,
        &KEY_AND_PASSWORD,
    ],
    remarks: &[&NO_ACTIVE_KEY, &KEY_APPROVED],
    limits: Limits::SWEEP,
    check: Check::Service { preview: no_item_tells, connect, swept: &[ResourceType::IAM_USER] },
};

/// AWS attaches a managed policy whose name starts so to users whose key it found exposed.
const QUARANTINE: &str = "AWSCompromisedKeyQuarantine";

const REQUIRE_NO_LONG_TERM_KEYS: Param<bool> = Param::flag(
    "requireNoLongTermKeys",
    true,
    Text::new("An active access key needs an approval", "有効なアクセスキーには承認を必要とする"),
);

const APPROVED_KEY_TAG_KEY: Param<Vec<String>> = Param::list(
    "approvedKeyTagKey",
    &["fisc:long-term-key-approved"],
    Text::new(
        "Tag key (or several) of users whose key is approved; the value is for the reason",
        "キーの保有を承認したユーザーのタグキー(複数可)。値には理由を書く",
    ),
);

const MAX_ACCESS_KEY_AGE_DAYS: Param<i64> = Param::integer(
    "maxAccessKeyAgeDays",
    90,
    1,
    3650,
    Text::new("Oldest accepted age of an active key in days", "有効なキーの経過日数の上限"),
);

const ROTATION_OVERLAP_DAYS: Param<i64> = Param::integer(
    "rotationOverlapDays",
    7,
    0,
    365,
    Text::new(
        "Days for which two active keys are accepted after the newer one was made",
        "新しいキーの作成後、2 本の有効なキーを認める日数",
    ),
);

const FORBID_KEY_WITH_PASSWORD: Param<bool> = Param::flag(
    "forbidKeyWithPassword",
    false,
    Text::new(
        "A user may have a password or an access key, but not both",
        "パスワードとアクセスキーの両方を持つことを認めない",
    ),
);

const LONG_TERM_KEY_ACTIVE: Requirement = Requirement {
    code: "LONG_TERM_KEY_ACTIVE",
    wave: 1,
    resources: &[ResourceType::IAM_USER],
    title: Text::new(
        "The user has an active access key without an approval",
        "承認のない有効なアクセスキーがあります",
    ),
    rule: Text::new(
        "With requireNoLongTermKeys: fails when an access key is active (the credential report) \
         and the user has no tag approvedKeyTagKey (GetAccountAuthorizationDetails).",
        "requireNoLongTermKeys を指定した場合(既定): アクセスキーが有効で(認証情報レポート)、ユーザーに \
         approvedKeyTagKey のタグがないとき不適合です(GetAccountAuthorizationDetails)。",
    ),
};

const KEY_NOT_ROTATED: Requirement = Requirement {
    code: "KEY_NOT_ROTATED",
    wave: 1,
    resources: &[ResourceType::IAM_USER],
    title: Text::new(
        "An active access key was not rotated for too long",
        "有効なアクセスキーが長期間更新されていません",
    ),
    rule: Text::new(
        "Fails when an active access key, approved or not, was made more than maxAccessKeyAgeDays \
         ago (the credential report).",
        "有効なアクセスキーの作成から maxAccessKeyAgeDays を超える日数が経過しているとき、承認の有無を\
         問わず不適合です(認証情報レポート)。",
    ),
};

const MULTIPLE_ACTIVE_KEYS: Requirement = Requirement {
    code: "MULTIPLE_ACTIVE_KEYS",
    wave: 2,
    resources: &[ResourceType::IAM_USER],
    title: Text::new(
        "Two access keys are active for longer than a rotation takes",
        "ローテーションの期間を過ぎても 2 本のアクセスキーが有効です",
    ),
    rule: Text::new(
        "Fails when both access keys are active and the newer one was made more than \
         rotationOverlapDays ago (the credential report).",
        "2 本のアクセスキーがともに有効で、新しい方の作成から rotationOverlapDays を超える日数が\
         経過しているとき不適合です(認証情報レポート)。",
    ),
};

const KEY_EXPOSED: Requirement = Requirement {
    code: "KEY_EXPOSED",
    wave: 2,
    resources: &[ResourceType::IAM_USER],
    title: Text::new(
        "AWS found an access key of the user exposed and quarantined the user",
        "アクセスキーの漏えいを AWS が検知し、ユーザーに検疫ポリシーをアタッチしています",
    ),
    rule: Text::new(
        "Fails when a managed policy AWSCompromisedKeyQuarantine, of whatever version, is attached \
         to the user (GetAccountAuthorizationDetails), even if no key is active any more.",
        "管理ポリシー AWSCompromisedKeyQuarantine(バージョンは問わない)がユーザーにアタッチされている\
         とき、有効なキーがなくても不適合です(GetAccountAuthorizationDetails)。",
    ),
};

const KEY_AND_PASSWORD: Requirement = Requirement {
    code: "KEY_AND_PASSWORD",
    wave: 3,
    resources: &[ResourceType::IAM_USER],
    title: Text::new(
        "The user has a password together with an active access key",
        "パスワードと有効なアクセスキーの両方があります",
    ),
    rule: Text::new(
        "With forbidKeyWithPassword: fails when the user has a console password and an active \
         access key (the credential report).",
        "forbidKeyWithPassword を指定した場合: ユーザーにコンソールのパスワードと有効なアクセスキーの\
         両方があるとき不適合です(認証情報レポート)。",
    ),
};

const NO_ACTIVE_KEY: Remark = Remark::new(
    "NO_ACTIVE_KEY",
    "The user has no active access key",
    "ユーザーに有効なアクセスキーはありません",
);
const KEY_APPROVED: Remark = Remark::new(
    "KEY_APPROVED",
    "The access key of the user is approved by a tag",
    "アクセスキーの保有はタグで承認されています",
);

/// What decides about a user.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Holder {
    name: String,
    password: bool,
    /// When each of the active keys was made.
    keys: Vec<Timestamp>,
    tags: Vec<String>,
    quarantined: bool,
}

impl Holder {
    fn read(row: &Row, user: &User) -> Result<Self, Error> {
        let made = row.active_keys()?.into_iter().map(|key| {
            let column = format!("access_key_{}_last_rotated", key.number);
            key.rotated.ok_or_else(|| row.missing(&column))
        });
        Ok(Self {
            name: row.user().to_owned(),
            password: row.has_password().ok_or_else(|| row.missing("password_enabled"))?,
            keys: made.collect::<Result<_, _>>()?,
            tags: user.tags.clone(),
            quarantined: user.policies.iter().any(|name| name.starts_with(QUARANTINE)),
        })
    }

    /// IAM takes tag keys that differ in case only for the same.
    fn approved(&self, keys: &[String]) -> bool {
        self.tags.iter().any(|tag| keys.iter().any(|key| key.eq_ignore_ascii_case(tag)))
    }
}

fn decide(holder: &Holder, run: &Run<'_>) -> Verdict {
    let Holder { name, keys, .. } = holder;
    let (Some(oldest), Some(newest)) = (keys.iter().min().copied(), keys.iter().max().copied())
    else {
        return without_key(holder);
    };
    let mut failures = Failures::new();
    let mut notes = Vec::new();
    if run.parameters.get(&REQUIRE_NO_LONG_TERM_KEYS) {
        if holder.approved(&run.parameters.get(&APPROVED_KEY_TAG_KEY)) {
            notes.push(KEY_APPROVED.reason());
        } else {
            failures.because(
                &LONG_TERM_KEY_ACTIVE,
                message!(
                    "User {name} has an active access key without an approval",
                    "ユーザー {name} に承認のない有効なアクセスキーがあります"
                ),
            );
        }
    }
    let limit = run.parameters.get(&MAX_ACCESS_KEY_AGE_DAYS);
    if age::exceeds(oldest, run.now, limit) {
        let days = age::days(oldest, run.now);
        failures.because(
            &KEY_NOT_ROTATED,
            message!(
                "An access key of user {name} is {days} days old; at most {limit} days are accepted",
                "ユーザー {name} のアクセスキーは作成から {days} 日が経過しています(上限 {limit} 日)"
            ),
        );
    }
    let overlap = run.parameters.get(&ROTATION_OVERLAP_DAYS);
    if keys.len() > 1 && age::exceeds(newest, run.now, overlap) {
        let days = age::days(newest, run.now);
        failures.because(
            &MULTIPLE_ACTIVE_KEYS,
            message!(
                "User {name} has two active access keys for {days} days; at most {overlap} days are accepted",
                "ユーザー {name} の 2 本のアクセスキーが {days} 日間ともに有効です(上限 {overlap} 日)"
            ),
        );
    }
    if holder.quarantined {
        failures.because(&KEY_EXPOSED, exposed(name));
    }
    if holder.password && run.parameters.get(&FORBID_KEY_WITH_PASSWORD) {
        failures.because(
            &KEY_AND_PASSWORD,
            message!(
                "User {name} has a password together with an active access key",
                "ユーザー {name} にパスワードと有効なアクセスキーの両方があります"
            ),
        );
    }
    failures.into_verdict_with(notes)
}

/// The quarantine outlives the key: whoever deleted it may not have looked at what it did.
fn without_key(holder: &Holder) -> Verdict {
    if !holder.quarantined {
        return Verdict::not_applicable(&NO_ACTIVE_KEY);
    }
    let mut failures = Failures::new();
    failures.because(&KEY_EXPOSED, exposed(&holder.name));
    failures.into_verdict()
}

fn exposed(name: &str) -> Message {
    message!(
        "AWS found an access key of user {name} exposed and quarantined the user",
        "ユーザー {name} のアクセスキーの漏えいを AWS が検知し、検疫ポリシーをアタッチしています"
    )
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
        let report = CredentialReport::fetch(&self.client).await?;
        let details = AccountDetails::fetch(&self.client, &[EntityType::User]).await?;
        known(&report, &details.users)
            .map(|(row, user)| {
                Ok(Evaluated {
                    verdict: decide(&Holder::read(row, user)?, run),
                    resource: identity(ResourceType::IAM_USER, &user.id, row.arn(), run),
                    at: run.now,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
