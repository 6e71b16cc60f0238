//! `s3-data-protection`: S3 data is versioned, locked where needed, and shared with approved
//! accounts only.
//!
//! Versioning keeps what was overwritten or deleted, by mistake or by an intruder. Who besides
//! the own account gets in is judged by what the bucket policy means, after its Denies, and by the
//! access control list; some actions no other account may hold, trusted or not, because they hand
//! the bucket on. Strangers are the business of `s3-public-access` too, but a policy without any
//! narrowing condition is shared with whom nobody approved, blocked or not.
//!
//! Criteria: 統24 6, 実5 3, 実27 4, 実39, 実103 2 ask for it. To fix a bucket, enable versioning,
//! and name in its policy only accounts of `trustedAccountIds`.

use fisc_shared::bucket::{self, DefaultRetention, Grantee, Versioning};
use fisc_shared::item::ItemError;
use fisc_shared::parameter::Param;
use fisc_shared::policy::{
    ORG_ID, Party, PolicyDocument, PolicyError, TRUSTED_ACCOUNT_IDS, Trust, Universe,
};
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Check, ConfigurationItem, Control, Criteria, Domain, Error, Limits, Message, Placement, Remark,
    Remedy, Requirement, ResourceType, Run, Severity, Text, Trigger, Verdict, message,
};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "s3-data-protection",
    domain: Domain::Data,
    severity: Severity::High,
    title: Text::new(
        "S3 data is versioned, locked where needed and shared with approved accounts only",
        "S3 のデータがバージョニングと必要な箇所のロックで守られ、承認済みアカウントだけと共有されている",
    ),
    why: Text::new(
        "Without versions, one wrong command or one stolen key erases data for good. A policy that \
         names another account gives that account's administrators the data, whatever your own \
         rules say.",
        "バージョニングがなければ、誤った操作や盗まれたキーひとつでデータが失われ、元に戻せません。\
         他のアカウントを許可したポリシーは、自社の規則にかかわらず、そのアカウントの管理者に\
         データを渡すことになります。",
    ),
    fix: Text::new(
        "In the S3 console open the bucket: enable versioning (Properties > Bucket Versioning) \
         and, where asked for, Object Lock; in Permissions > Bucket policy name only approved \
         accounts or tie the grant to aws:PrincipalOrgID, and give services a condition on \
         aws:SourceAccount. Replace grants of the access control list by policy statements \
         (Permissions > Object Ownership > ACLs disabled).",
        "S3 コンソールでバケットを開き、「プロパティ」でバージョニング(求められる場合は\
         オブジェクトロックも)を有効にします。「アクセス許可」>「バケットポリシー」では、承認済みの\
         アカウントだけを指定するか aws:PrincipalOrgID で限定し、サービスには aws:SourceAccount の\
         条件を付けます。ACL による許可はポリシーに置き換えます(「オブジェクト所有者」で ACL を\
         無効化)。",
    ),
    remedy: Remedy::new(
        include_str!("s3_data_protection/remedy.sh"),
        include_str!("s3_data_protection/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",
    criteria: Criteria {
        explicit: &["統24 6", "実5 3", "実27 4", "実39", "実103 2"],
        implied: &[
            "統1 参考",
            "統20 3-(3)",
            "統20 3-(6)",
            "統20 3-(11)",
            "統24 1",
            "統24 2",
            "統24 4",
            "実3",
            "実19",
            "実25",
            "実76 3",
            "実100 4",
        ],
    },
    resources: BUCKET,
    trigger: Trigger::Change,
    placement: Placement::EveryRegion,
    actions: &[],
    parameters: &[
        REPRODUCIBLE_TAG_KEY.spec,
        VERSIONING_EXEMPT_BUCKETS.spec,
        TRUSTED_ACCOUNT_IDS.spec,
        ORG_ID.spec,
        AWS_SERVICE_ACCOUNT_IDS.spec,
        DENIED_ACTIONS_FOR_OTHERS.spec,
        DATA_ROLE_TAG_KEY.spec,
        LOCK_DATA_ROLES.spec,
        LOCK_MODES.spec,
        MIN_LOCK_DAYS.spec,
        REQUIRE_MFA_DELETE.spec,
    ],
    requirements: &[
        &VERSIONING_DISABLED,
        &UNTRUSTED_PRINCIPAL,
        &SENSITIVE_ACTION_TO_OTHERS,
        &UNTRUSTED_ACL_GRANT,
        &OBJECT_LOCK_MISSING,
        &OBJECT_LOCK_TOO_SHORT,
        &MFA_DELETE_DISABLED,
    ],
    remarks: &[&VERSIONING_NOT_NEEDED],
    limits: Limits::SMALL,
    check: Check::Item(evaluate),
};

const BUCKET: &[ResourceType] = &[ResourceType::S3_BUCKET];

const REPRODUCIBLE_TAG_KEY: Param<Vec<String>> = Param::list(
    "reproducibleTagKey",
    &["fisc:reproducible"],
    Text::new(
        "Tag of buckets whose data can be made again and needs no versions",
        "データを再作成でき、バージョニングが不要なバケットのタグのキー",
    ),
);

const VERSIONING_EXEMPT_BUCKETS: Param<Vec<String>> = Param::list(
    "versioningExemptBuckets",
    &[],
    Text::new(
        "Buckets, by exact name, that need no versioning (targets of access logs)",
        "バージョニングを求めないバケットの名前(アクセスログの出力先など。完全一致)",
    ),
);

const AWS_SERVICE_ACCOUNT_IDS: Param<Vec<String>> = Param::list(
    "awsServiceAccountIds",
    // Elastic Load Balancing user guide, "Access logs", accounts of ap-northeast-1 and
    // ap-northeast-3 (November 2026).
    &["582318560864", "383597477331"],
    Text::new(
        "Accounts of AWS that deliver logs (by default load balancers in Tokyo and Osaka)",
        "ログを配信する AWS のアカウント(既定値は東京と大阪のロードバランサー)",
    ),
);

const DENIED_ACTIONS_FOR_OTHERS: Param<Vec<String>> = Param::list(
    "deniedActionsForOthers",
    &[
        "s3:DeleteBucketPolicy",
        "s3:PutBucketAcl",
        "s3:PutBucketPolicy",
        "s3:PutEncryptionConfiguration",
        "s3:PutObjectAcl",
    ],
    Text::new(
        "Actions that no other account may hold, trusted or not",
        "承認の有無を問わず、他のアカウントに許可しないアクション",
    ),
);

const DATA_ROLE_TAG_KEY: Param<Vec<String>> = Param::list(
    "dataRoleTagKey",
    &["fisc:data-role"],
    Text::new("Tag that tells what a bucket is for", "バケットの用途を示すタグのキー"),
);

const LOCK_DATA_ROLES: Param<Vec<String>> = Param::list(
    "lockDataRoles",
    &[],
    Text::new(
        "Values of that tag whose buckets need object lock, such as log,backup (empty: off)",
        "オブジェクトロックを求めるバケットの用途(log,backup など。空なら評価しない)",
    ),
);

const LOCK_MODES: Param<Vec<String>> = Param::list(
    "lockModes",
    &["GOVERNANCE", "COMPLIANCE"],
    Text::new("Accepted modes of the default retention", "認めるデフォルト保持のモード"),
);

const MIN_LOCK_DAYS: Param<i64> = Param::integer(
    "minLockDays",
    1,
    1,
    36500,
    Text::new(
        "Shortest default retention in days (a year counts 365)",
        "デフォルト保持期間の下限(日。1 年は 365 日)",
    ),
);

const REQUIRE_MFA_DELETE: Param<bool> = Param::flag(
    "requireMfaDelete",
    false,
    Text::new(
        "Versioned buckets must also have MFA delete, which rules out lifecycle rules",
        "バージョニングに加えて MFA Delete も求める(ライフサイクルルールとは併用できない)",
    ),
);

const VERSIONING_DISABLED: Requirement = requirement(
    "VERSIONING_DISABLED",
    1,
    Text::new("Versioning is not enabled", "バージョニングが有効ではありません"),
    Text::new(
        "Fails when versioning was never enabled or is suspended.",
        "バージョニングが一度も有効になっていない、または停止されているとき不適合です。",
    ),
);

const UNTRUSTED_PRINCIPAL: Requirement = requirement(
    "UNTRUSTED_PRINCIPAL",
    2,
    Text::new(
        "The bucket policy admits somebody who is not trusted",
        "バケットポリシーが承認されていない相手に許可しています",
    ),
    Text::new(
        "Fails when an Allow, after every Deny, admits everybody, an account or organization \
         outside of trustedAccountIds and orgId, a deleted principal, a canonical user, or a \
         service that is tied to no source account, ARN or organization.",
        "Deny を差し引いた許可に、すべての相手、trustedAccountIds・orgId にないアカウントや組織、\
         削除済みのプリンシパル、正規ユーザー ID、または呼び出し元が限定されていないサービスが\
         含まれるとき不適合です。",
    ),
);

const SENSITIVE_ACTION_TO_OTHERS: Requirement = requirement(
    "SENSITIVE_ACTION_TO_OTHERS",
    2,
    Text::new(
        "The bucket policy hands control of the bucket to another account",
        "バケットポリシーが他のアカウントに管理のアクションを許可しています",
    ),
    Text::new(
        "Fails when an Allow gives another account, trusted or not, one of \
         deniedActionsForOthers.",
        "他のアカウント(承認の有無を問わない)に deniedActionsForOthers のアクションを許可しているとき\
         不適合です。",
    ),
);

const UNTRUSTED_ACL_GRANT: Requirement = requirement(
    "UNTRUSTED_ACL_GRANT",
    2,
    Text::new(
        "The access control list grants to somebody else",
        "ACL が所有者以外に許可しています",
    ),
    Text::new(
        "Fails when the access control list grants to a canonical user id that is not the \
         owner's, or to a group other than LogDelivery.",
        "ACL が所有者以外の正規ユーザー ID、または LogDelivery 以外のグループに許可しているとき\
         不適合です。",
    ),
);

const OBJECT_LOCK_MISSING: Requirement = requirement(
    "OBJECT_LOCK_MISSING",
    3,
    Text::new("Object lock is missing", "オブジェクトロックが設定されていません"),
    Text::new(
        "For buckets of lockDataRoles: fails when object lock is not enabled, or has no default \
         retention in one of lockModes.",
        "lockDataRoles のバケット: オブジェクトロックが有効でない、または lockModes のモードの\
         デフォルト保持がないとき不適合です。",
    ),
);

const OBJECT_LOCK_TOO_SHORT: Requirement = requirement(
    "OBJECT_LOCK_TOO_SHORT",
    3,
    Text::new("The default retention is too short", "デフォルト保持期間が短すぎます"),
    Text::new(
        "For buckets of lockDataRoles: fails when the default retention is shorter than \
         minLockDays.",
        "lockDataRoles のバケット: デフォルト保持期間が minLockDays より短いとき不適合です。",
    ),
);

const MFA_DELETE_DISABLED: Requirement = requirement(
    "MFA_DELETE_DISABLED",
    3,
    Text::new("MFA delete is off", "MFA Delete が無効です"),
    Text::new(
        "With requireMfaDelete: fails when a versioned bucket lets versions be deleted without \
         MFA.",
        "requireMfaDelete を指定した場合: バージョンの削除に MFA を求めていないとき不適合です。",
    ),
);

const fn requirement(code: &'static str, wave: u8, title: Text, rule: Text) -> Requirement {
    Requirement { code, wave, resources: BUCKET, title, rule }
}

const VERSIONING_NOT_NEEDED: Remark = Remark::new(
    "VERSIONING_NOT_NEEDED",
    "The bucket is exempt from versioning by its tag or its name",
    "タグまたは名前により、バージョニングの対象から除かれています",
);

fn evaluate(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let mut failures = Failures::new();
    let mut notes = Vec::new();
    let exempt = run.parameters.get(&VERSIONING_EXEMPT_BUCKETS).contains(&item.resource_id)
        || run.parameters.get(&REPRODUCIBLE_TAG_KEY).iter().any(|key| tag(item, key).is_some());
    if exempt {
        notes.push(VERSIONING_NOT_NEEDED.reason());
    } else {
        versioning(item, run, &mut failures)?;
    }
    if let Some(policy) = bucket::policy(item)? {
        sharing(&policy, item, run, &mut failures)?;
    }
    grants(item, &mut failures)?;
    lock(item, run, &mut failures)?;
    Ok(failures.into_verdict_with(notes))
}

fn tag<'a>(item: &'a ConfigurationItem, key: &str) -> Option<&'a str> {
    item.tags.get(key).map(String::as_str)
}

fn versioning(
    item: &ConfigurationItem,
    run: &Run<'_>,
    failures: &mut Failures,
) -> Result<(), ItemError> {
    // A bucket that never had versioning has status null or Off, older items no part at all.
    let versioning = Versioning::of_bucket(item)?.unwrap_or_default();
    if !versioning.enabled {
        failures.add(&VERSIONING_DISABLED);
    } else if run.parameters.get(&REQUIRE_MFA_DELETE) && !versioning.mfa_delete {
        failures.add(&MFA_DELETE_DISABLED);
    }
    Ok(())
}

fn sharing(
    policy: &PolicyDocument,
    item: &ConfigurationItem,
    run: &Run<'_>,
    failures: &mut Failures,
) -> Result<(), PolicyError> {
    let mut trust = Trust::of(&item.account_id, run.parameters);
    trust.accounts.extend(run.parameters.get(&AWS_SERVICE_ACCOUNT_IDS));
    let outsiders = policy.outsiders(&trust, &bucket::everything())?;
    if !outsiders.is_empty() {
        let names: Vec<&str> = outsiders.iter().map(name).collect();
        let Message { en, ja } = Message::named(&names);
        failures.because(
            &UNTRUSTED_PRINCIPAL,
            message!("The bucket policy admits {en}", "バケットポリシーが {ja} に許可しています"),
        );
    }
    let own = Party::Account(item.account_id.clone());
    let mut handed: Vec<String> = Vec::new();
    for action in run.parameters.get(&DENIED_ACTIONS_FOR_OTHERS) {
        let universe = Universe::new(&action, "*");
        let others = policy.parties().into_iter().filter(|party| *party != own);
        let others =
            others.filter(|party| matches!(party, Party::Account(_) | Party::Organization(_)));
        for party in others.chain([Party::Stranger]) {
            if policy.admits(&party, &universe)? {
                handed.push(action);
                break;
            }
        }
    }
    if !handed.is_empty() {
        let Message { en, ja } = Message::named(&handed);
        failures.because(
            &SENSITIVE_ACTION_TO_OTHERS,
            message!("Another account is allowed {en}", "他のアカウントに {ja} を許可しています"),
        );
    }
    Ok(())
}

/// A party in messages; canonical ids say nothing to a reader, and unique ids are nobody's.
fn name(party: &Party) -> &str {
    match party {
        Party::Stranger => "*",
        Party::Account(name)
        | Party::Organization(name)
        | Party::Service(name)
        | Party::Federated(name)
        | Party::Deleted(name) => name,
        Party::CanonicalUser(_) => "CanonicalUser",
    }
}

fn grants(item: &ConfigurationItem, failures: &mut Failures) -> Result<(), ItemError> {
    let list = bucket::access_control_list(item)?;
    let others = list.grantees.iter().filter(|grantee| match grantee {
        Grantee::User(id) => *id != list.owner,
        Grantee::Group(name) => !name.ends_with("LogDelivery"),
    });
    match others.count() {
        0 => {}
        count => failures.because(
            &UNTRUSTED_ACL_GRANT,
            message!(
                "The access control list has {count} grant(s) to others than the owner",
                "ACL に所有者以外への許可が {count} 件あります"
            ),
        ),
    }
    Ok(())
}

fn lock(item: &ConfigurationItem, run: &Run<'_>, failures: &mut Failures) -> Result<(), ItemError> {
    let roles = run.parameters.get(&LOCK_DATA_ROLES);
    let keys = run.parameters.get(&DATA_ROLE_TAG_KEY);
    let mut given = keys.iter().filter_map(|key| tag(item, key));
    if !given.any(|role| roles.iter().any(|one| one == role)) {
        return Ok(());
    }
    let modes = run.parameters.get(&LOCK_MODES);
    let retention = bucket::default_retention(item)?;
    let retention = retention.filter(|retention| modes.iter().any(|mode| mode == retention.mode));
    let Some(DefaultRetention { days, .. }) = retention else {
        failures.add(&OBJECT_LOCK_MISSING);
        return Ok(());
    };
    let least = run.parameters.get(&MIN_LOCK_DAYS);
    if days < least {
        failures.because(
            &OBJECT_LOCK_TOO_SHORT,
            message!(
                "The default retention is {days} days; at least {least} are required",
                "デフォルト保持期間は {days} 日です(下限 {least} 日)"
            ),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests;
