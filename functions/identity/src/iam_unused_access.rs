//! `iam-unused-access`: unused credentials, roles, groups and policies are removed.
//!
//! What nobody uses, nobody misses when it is abused. Fails: a user with a password or an active
//! access key that was not used for too long; a role that was not assumed for too long; a group
//! without members; a customer managed policy that is attached to nothing. A credential that was
//! never used counts from the day when it was set, groups and policies have some days of grace.
//!
//! Users are judged by the credential report, which is up to four hours old. The last use of a
//! role reaches back 400 days at most, and so does the window for roles. Roles that rest by
//! design (disaster recovery, yearly work, break glass) belong under a path of their own in
//! `excludedRolePathPrefixes`. Roles that AWS services linked to themselves are never judged.
//!
//! Criteria: 統24 6, 実5 3, 実10 参考2, 実19, 実27, 実27 4 ask for it. To fix a failure, delete
//! the credential, the role, the group or the policy.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_iam::Client;
use aws_sdk_iam::types::EntityType;
use aws_types::SdkConfig;
use fisc_shared::parameter::Param;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remark, Remedy, Requirement, ResourceType, Run, ServiceCheck, Severity, Text,
    Trigger, Verdict, no_item_tells,
};

use crate::account_details::{
    AccountDetails, GET_ACCOUNT_AUTHORIZATION_DETAILS, identity, verdict_on,
};
use crate::credential_report::{self, CredentialReport};
use crate::users::known;

mod rules;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "iam-unused-access",
    domain: Domain::Identity,
    severity: Severity::Medium,
    title: Text::new(
        "Unused credentials, roles, groups and policies are removed",
        "使われていない認証情報・ロール・グループ・ポリシーを残さない",
    ),
    why: Text::new(
        "Access that nobody uses still opens the account: its abuse is noticed late, since nobody \
         looks at it, and its owner may have left long ago.",
        "使われていないアクセス権でもアカウントには入れます。誰も見ていないため悪用の発見が遅れ、\
         持ち主がすでに退職していることもあります。",
    ),
    fix: Text::new(
        "In IAM delete the unused password or access key (Users > Security credentials), role, \
         group or policy; deactivate a key for some days first if in doubt. Put roles that rest by \
         design, such as those for disaster recovery, under a path of their own and name it in \
         excludedRolePathPrefixes.",
        "IAM コンソールで、使われていないパスワードやアクセスキー(「ユーザー」>\
         「セキュリティ認証情報」)、ロール、グループ、ポリシーを削除します。判断に迷う\
         アクセスキーは、まず数日間無効にして影響を確かめます。災害対策用など、普段使わないロールは\
         専用のパスに置き、excludedRolePathPrefixes に指定します。",
    ),
    remedy: Remedy::new(include_str!("iam_unused_access/remedy.sh"), ""),
    reference: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_finding-unused.html",
    criteria: Criteria {
        explicit: &["統24 6", "実5 3", "実10 参考2", "実19", "実27", "実27 4"],
        implied: &["統1 参考", "統20 3-(3)", "統24 1", "統24 2", "実8", "実25 3", "実26", "実42 4"],
    },
    resources: TYPES,
    trigger: Trigger::Periodic,
    placement: Placement::HomeRegion,
    actions: &[
        Action::any(credential_report::GENERATE),
        Action::any(credential_report::GET),
        Action::any(GET_ACCOUNT_AUTHORIZATION_DETAILS),
    ],
    parameters: &[
        MAX_CREDENTIAL_UNUSED_DAYS.spec,
        MAX_ROLE_UNUSED_DAYS.spec,
        GRACE_DAYS.spec,
        EXCLUDED_ROLE_PATH_PREFIXES.spec,
    ],
    requirements: &[&USER_CREDENTIAL_UNUSED, &ROLE_UNUSED, &GROUP_EMPTY, &POLICY_UNATTACHED],
    remarks: &[
        &NO_ENABLED_CREDENTIAL,
        &YOUNGER_THAN_WINDOW,
        &SERVICE_LINKED_ROLE,
        &ROLE_PATH_EXCLUDED,
        &WITHIN_GRACE,
    ],
    limits: Limits::SWEEP,
    check: Check::Service { preview: no_item_tells, connect, swept: TYPES },
};

const TYPES: &[ResourceType] = &[
    ResourceType::IAM_USER,
    ResourceType::IAM_ROLE,
    ResourceType::IAM_GROUP,
    ResourceType::IAM_POLICY,
];

/// How long IAM remembers the use of a role: a longer window could not be judged.
const TRACKED_DAYS: i64 = 400;

const MAX_CREDENTIAL_UNUSED_DAYS: Param<i64> = Param::integer(
    "maxCredentialUnusedDays",
    90,
    1,
    3650,
    Text::new(
        "Days after which an unused password or access key fails",
        "パスワードまたはアクセスキーの未使用を認める日数",
    ),
);

const MAX_ROLE_UNUSED_DAYS: Param<i64> = Param::integer(
    "maxRoleUnusedDays",
    90,
    1,
    TRACKED_DAYS,
    Text::new("Days after which an unused role fails", "ロールの未使用を認める日数"),
);

const GRACE_DAYS: Param<i64> = Param::integer(
    "graceDays",
    30,
    0,
    3650,
    Text::new(
        "Age in days that an empty group or an unattached policy may reach",
        "空のグループと未アタッチのポリシーを認める日数",
    ),
);

const EXCLUDED_ROLE_PATH_PREFIXES: Param<Vec<String>> = Param::list(
    "excludedRolePathPrefixes",
    &["/aws-service-role/", "/aws-reserved/"],
    Text::new(
        "Beginnings of the paths of roles that are not judged",
        "評価しないロールのパスの先頭部分",
    ),
);

const USER_CREDENTIAL_UNUSED: Requirement = Requirement {
    code: "USER_CREDENTIAL_UNUSED",
    wave: 1,
    resources: &[ResourceType::IAM_USER],
    title: Text::new(
        "A password or access key of the user is unused for too long",
        "ユーザーのパスワードまたはアクセスキーが長期間使用されていません",
    ),
    rule: Text::new(
        "Fails when a password or an active access key was last used more than \
         maxCredentialUnusedDays ago. One that was not used since it was set or made counts from \
         then (the credential report).",
        "パスワードまたは有効なアクセスキーの最後の使用から maxCredentialUnusedDays を超える日数が\
         経過しているとき不適合です。設定・作成してから使われていないものは、その日から数えます\
         (認証情報レポート)。",
    ),
};

const ROLE_UNUSED: Requirement = Requirement {
    code: "ROLE_UNUSED",
    wave: 1,
    resources: &[ResourceType::IAM_ROLE],
    title: Text::new("The role is unused for too long", "ロールが長期間使用されていません"),
    rule: Text::new(
        "Fails when the last use of the role (RoleLastUsed of GetAccountAuthorizationDetails) and \
         its creation are more than maxRoleUnusedDays ago.",
        "ロールの最後の使用(GetAccountAuthorizationDetails の RoleLastUsed)と作成から、ともに \
         maxRoleUnusedDays を超える日数が経過しているとき不適合です。",
    ),
};

const GROUP_EMPTY: Requirement = Requirement {
    code: "GROUP_EMPTY",
    wave: 1,
    resources: &[ResourceType::IAM_GROUP],
    title: Text::new("The group has no members", "グループにメンバーがいません"),
    rule: Text::new(
        "Fails when no user is a member of the group and it was made more than graceDays ago \
         (GetAccountAuthorizationDetails).",
        "グループに属するユーザーがなく、作成から graceDays を超える日数が経過しているとき不適合です\
         (GetAccountAuthorizationDetails)。",
    ),
};

const POLICY_UNATTACHED: Requirement = Requirement {
    code: "POLICY_UNATTACHED",
    wave: 1,
    resources: &[ResourceType::IAM_POLICY],
    title: Text::new(
        "The policy is attached to nothing",
        "ポリシーがどこにもアタッチされていません",
    ),
    rule: Text::new(
        "Fails when a customer managed policy is attached to no user, group or role, is the \
         permissions boundary of none, and was last changed more than graceDays ago \
         (GetAccountAuthorizationDetails).",
        "カスタマー管理ポリシーがユーザー・グループ・ロールのいずれにもアタッチされず、アクセス許可の\
         境界としても使われておらず、最後の更新から graceDays を超える日数が経過しているとき不適合です\
         (GetAccountAuthorizationDetails)。",
    ),
};

const NO_ENABLED_CREDENTIAL: Remark = Remark::new(
    "NO_ENABLED_CREDENTIAL",
    "The user has neither a password nor an active access key",
    "ユーザーにはパスワードも有効なアクセスキーもありません",
);
const YOUNGER_THAN_WINDOW: Remark = Remark::new(
    "YOUNGER_THAN_WINDOW",
    "The user or role is younger than the time after which a lack of use counts",
    "ユーザーまたはロールの作成から、未使用を認める日数がまだ経過していません",
);
const SERVICE_LINKED_ROLE: Remark = Remark::new(
    "SERVICE_LINKED_ROLE",
    "An AWS service linked the role to itself and manages it",
    "AWS サービスが管理するサービスリンクロールです",
);
const ROLE_PATH_EXCLUDED: Remark = Remark::new(
    "ROLE_PATH_EXCLUDED",
    "The path of the role is excluded by excludedRolePathPrefixes",
    "ロールのパスは excludedRolePathPrefixes で除外されています",
);
const WITHIN_GRACE: Remark = Remark::new(
    "WITHIN_GRACE",
    "It is unused, but within the days of grace",
    "使われていませんが、猶予期間内です",
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
        let kinds =
            [EntityType::User, EntityType::Role, EntityType::Group, EntityType::LocalManagedPolicy];
        let details = AccountDetails::fetch(&self.client, &kinds).await?;
        evaluate(&report, &details, run)
    }
}

fn evaluate(
    report: &CredentialReport,
    details: &AccountDetails,
    run: &Run<'_>,
) -> Result<Vec<Evaluated>, Error> {
    let mut evaluated = Vec::new();
    let mut add = |kind, id: &str, arn: &str, verdict| {
        let resource = identity(kind, id, arn, run);
        evaluated.push(Evaluated { resource, verdict, at: run.now });
    };
    for (row, user) in known(report, &details.users) {
        add(ResourceType::IAM_USER, &user.id, row.arn(), rules::user(row, user, run)?);
    }
    for role in &details.roles {
        add(ResourceType::IAM_ROLE, &role.id, &role.arn, rules::role(role, run));
    }
    let peopled: BTreeSet<&str> =
        details.users.values().flat_map(|user| &user.groups).map(String::as_str).collect();
    for group in &details.groups {
        let empty = !peopled.contains(group.name.as_str());
        add(ResourceType::IAM_GROUP, &group.id, &group.arn, rules::group(group, empty, run));
    }
    for policy in &details.policies {
        add(ResourceType::IAM_POLICY, &policy.id, &policy.arn, rules::policy(policy, run));
    }
    Ok(evaluated)
}

#[cfg(test)]
mod tests;
