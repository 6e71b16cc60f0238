//! `secret-rotation`: secrets rotate on schedule, and databases keep their master credential in a
//! secret store.
//!
//! A secret that never changes is worth more to a thief every day, and a rotation that fails
//! quietly is none. Secrets Manager tells when it rotated a secret, when it will, and who owns
//! it. A password that somebody typed for a database's master user is in no store at all: RDS
//! keeps it itself when asked to, or a tag on the database names where it is kept. Time alone
//! turns a verdict, and neither dates nor RDS's secret are in configuration items: secrets and
//! databases are judged every day. A value that was put by hand shows only for secrets that are
//! exempt from rotation; of others the last rotation counts.
//!
//! Criteria: 統20 3-(3), 実1, 実3 ask for it. To fix a secret, turn on rotation; to fix a database,
//! let RDS manage its master password.

mod database;
mod secret;
mod services;

use fisc_shared::item::{Fields, ItemError};
use fisc_shared::parameter::Param;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Limits, Placement, Remark,
    Remedy, Requirement, ResourceType, Run, Severity, Text, Trigger, Verdict,
};

use services::connect;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "secret-rotation",
    domain: Domain::Secrets,
    severity: Severity::Medium,
    title: Text::new(
        "Secrets rotate on schedule and databases keep their master credential in a secret store",
        "シークレットが予定どおりローテーションされ、DB のマスター認証情報が秘密情報ストアで管理されている",
    ),
    why: Text::new(
        "A leaked password works until it is changed. Rotation bounds that without anybody having \
         to notice the leak; a master password outside of a secret store is known to whoever typed \
         it.",
        "漏えいしたパスワードは、変更されるまで使えます。ローテーションを行えば、漏えいに気付かなくても\
         その期間を限ることができます。秘密情報ストアの外にあるマスターパスワードは、設定した担当者が\
         知っています。",
    ),
    fix: Text::new(
        "In Secrets Manager open the secret > Rotation > Edit rotation and schedule it (30 days); \
         where a rotation fails, read the log of its function. Let RDS manage the master password \
         (RDS > Modify > Manage master credentials in AWS Secrets Manager), or tag the database \
         with its secret. Tag secrets of outside services that cannot rotate with the reason.",
        "Secrets Manager コンソールでシークレットの「ローテーション」>「ローテーションを編集」を\
         開いてスケジュール(30 日など)を設定し、失敗している場合はローテーション関数のログを\
         確認します。マスターパスワードは RDS に管理させる(RDS >「変更」>「AWS Secrets Manager で\
         マスター認証情報を管理する」)か、保管先のシークレットをデータベースのタグで示します。\
         ローテーションできない外部サービスのシークレットには、理由をタグで付けます。",
    ),
    remedy: Remedy::new(
        include_str!("secret_rotation/remedy.sh"),
        include_str!("secret_rotation/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html",
    criteria: Criteria { explicit: &["統20 3-(3)", "実1", "実3"], implied: &[] },
    resources: EVERY_TYPE,
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(LIST_SECRETS),
        Action::on(DESCRIBE_SECRET, SECRETS),
        Action::on(LIST_VERSIONS, SECRETS),
        Action::on(
            DESCRIBE_INSTANCES,
            "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:db:*",
        ),
        Action::on(
            DESCRIBE_CLUSTERS,
            "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:cluster:*",
        ),
        Action::any(DESCRIBE_PARAMETERS),
    ],
    parameters: &[
        MAX_DAYS_SINCE_ROTATION.spec,
        ROTATION_GRACE_DAYS.spec,
        ROTATION_EXEMPT_TAG_KEY.spec,
        UNUSED_FOR_DAYS.spec,
        EVIDENCE_TAG_KEY.spec,
        ACCEPT_IAM_AUTHENTICATION.spec,
    ],
    requirements: &[
        &ROTATION_DISABLED,
        &ROTATION_FAILED,
        &SECRET_TOO_OLD,
        &SECRET_UNUSED,
        &MASTER_CREDENTIAL_NOT_MANAGED,
    ],
    remarks: &[
        &BEING_DELETED,
        &REPLICA,
        &OTHER_OWNER,
        &ROTATION_EXEMPT,
        &CLUSTER_MEMBER,
        &READ_REPLICA,
        &CANNOT_BE_MANAGED,
        &EVIDENCE_FOUND,
        &IAM_AUTHENTICATION,
    ],
    limits: Limits::SWEEP,
    // Dates pass without an item, and a database's item does not tell of RDS's secret.
    check: Check::Service { preview, connect, swept: EVERY_TYPE },
};

const SECRET: &[ResourceType] = &[ResourceType::SECRETS_MANAGER_SECRET];
const DATABASE: &[ResourceType] = &[ResourceType::RDS_DB_INSTANCE, ResourceType::RDS_DB_CLUSTER];
const EVERY_TYPE: &[ResourceType] = &[
    ResourceType::SECRETS_MANAGER_SECRET,
    ResourceType::RDS_DB_INSTANCE,
    ResourceType::RDS_DB_CLUSTER,
];

const SECRETS: &str =
    "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:*";
const LIST_SECRETS: &str = "secretsmanager:ListSecrets";
const DESCRIBE_SECRET: &str = "secretsmanager:DescribeSecret";
const LIST_VERSIONS: &str = "secretsmanager:ListSecretVersionIds";
const DESCRIBE_INSTANCES: &str = "rds:DescribeDBInstances";
const DESCRIBE_CLUSTERS: &str = "rds:DescribeDBClusters";
const DESCRIBE_PARAMETERS: &str = "ssm:DescribeParameters";

const MAX_DAYS_SINCE_ROTATION: Param<i64> = Param::integer(
    "maxDaysSinceRotation",
    90,
    1,
    3650,
    Text::new(
        "Longest time since the last rotation, or since the creation of a secret without one (days)",
        "最後のローテーション(一度もなければ作成)からの経過日数の上限",
    ),
);

const ROTATION_GRACE_DAYS: Param<i64> = Param::integer(
    "rotationGraceDays",
    1,
    0,
    365,
    Text::new(
        "How many days a scheduled rotation may be late",
        "予定されたローテーションの遅れを認める日数",
    ),
);

const ROTATION_EXEMPT_TAG_KEY: Param<Vec<String>> = Param::list(
    "rotationExemptTagKey",
    &["fisc:rotation-exempt"],
    Text::new(
        "Tag that gives the reason why a secret is rotated by hand; its age still counts",
        "シークレットを手動で更新する理由を示すタグのキー(経過日数は評価する)",
    ),
);

const UNUSED_FOR_DAYS: Param<i64> = Param::integer(
    "unusedForDays",
    0,
    0,
    3650,
    Text::new(
        "A secret that nobody read for this many days fails; 0 switches off",
        "読み取られない日数がこれを超えたシークレットを不適合とする(0 は評価しない)",
    ),
);

const EVIDENCE_TAG_KEY: Param<Vec<String>> = Param::list(
    "evidenceTagKey",
    &["fisc:db-credential-store"],
    Text::new(
        "Tag of a database that names the secret or SecureString parameter with its master credential",
        "マスター認証情報を保管するシークレットまたは SecureString パラメータを示す、データベースのタグのキー",
    ),
);

const ACCEPT_IAM_AUTHENTICATION: Param<bool> = Param::flag(
    "acceptIamAuthentication",
    false,
    Text::new(
        "IAM database authentication counts instead",
        "IAM データベース認証が有効なら適合とする",
    ),
);

const ROTATION_DISABLED: Requirement = Requirement {
    code: "ROTATION_DISABLED",
    wave: 2,
    resources: SECRET,
    title: Text::new("Rotation is off", "ローテーションが無効です"),
    rule: Text::new(
        "Fails when rotation is off or was never set up, unless a tag of rotationExemptTagKey gives \
         the reason. Secrets that RDS manages rotate without a function, and can be switched off.",
        "ローテーションが無効、または設定されたことがないとき不適合です(rotationExemptTagKey のタグに\
         理由があるものを除く)。RDS が管理するシークレットも評価します。",
    ),
};

const ROTATION_FAILED: Requirement = Requirement {
    code: "ROTATION_FAILED",
    wave: 2,
    resources: SECRET,
    title: Text::new(
        "A scheduled rotation has not happened",
        "予定されたローテーションが行われていません",
    ),
    rule: Text::new(
        "Fails when rotation is on and its next date (NextRotationDate, whatever the form of the \
         schedule) passed by more than rotationGraceDays.",
        "ローテーションが有効で、次回の予定日(NextRotationDate。スケジュールの形式を問わない)を \
         rotationGraceDays を超えて過ぎているとき不適合です。",
    ),
};

const SECRET_TOO_OLD: Requirement = Requirement {
    code: "SECRET_TOO_OLD",
    wave: 2,
    resources: SECRET,
    title: Text::new(
        "The secret was not rotated for too long",
        "シークレットが長期間ローテーションされていません",
    ),
    rule: Text::new(
        "Fails when the last rotation (LastRotatedDate; CreatedDate where there was none) is older \
         than maxDaysSinceRotation. Of exempt secrets the creation of the current version counts \
         too (ListSecretVersionIds).",
        "最後のローテーション(LastRotatedDate。なければ CreatedDate)が maxDaysSinceRotation より前のとき\
         不適合です。ローテーション対象外のシークレットは、現在のバージョンの作成日\
         (ListSecretVersionIds)も考慮します。",
    ),
};

const SECRET_UNUSED: Requirement = Requirement {
    code: "SECRET_UNUSED",
    wave: 3,
    resources: SECRET,
    title: Text::new("Nobody reads the secret", "シークレットが使われていません"),
    rule: Text::new(
        "With unusedForDays: fails when the secret was last read (LastAccessedDate, a whole day; \
         CreatedDate where it never was) longer ago than that.",
        "unusedForDays を指定した場合: 最後の読み取り(LastAccessedDate。日単位。なければ CreatedDate)が\
         その日数より前のとき不適合です。",
    ),
};

const MASTER_CREDENTIAL_NOT_MANAGED: Requirement = Requirement {
    code: "MASTER_CREDENTIAL_NOT_MANAGED",
    wave: 2,
    resources: DATABASE,
    title: Text::new(
        "The master credential is in no secret store",
        "マスター認証情報が秘密情報ストアで管理されていません",
    ),
    rule: Text::new(
        "Fails when RDS manages no working secret for the master user (MasterUserSecret), no tag of \
         evidenceTagKey names a secret or SecureString parameter that exists in this account and \
         Region, and IAM authentication is not accepted.",
        "マスターユーザーの有効なシークレットを RDS が管理しておらず(MasterUserSecret)、evidenceTagKey \
         のタグが、このアカウントとリージョンに存在するシークレットや SecureString パラメータを示して\
         おらず、IAM 認証も認めないとき不適合です。",
    ),
};

const BEING_DELETED: Remark = Remark::new(
    "SECRET_BEING_DELETED",
    "The secret is scheduled for deletion",
    "シークレットは削除待ちです",
);
const REPLICA: Remark = Remark::new(
    "REPLICA_SECRET",
    "The secret is a replica and rotates with its primary",
    "レプリカであり、プライマリとともにローテーションされます",
);
const OTHER_OWNER: Remark = Remark::new(
    "OWNED_BY_SERVICE",
    "Another AWS service manages the secret",
    "ほかの AWS サービスが管理するシークレットです",
);
const ROTATION_EXEMPT: Remark = Remark::new(
    "ROTATION_EXEMPT",
    "The secret is rotated by hand, for the reason in its tag",
    "タグに示された理由により、手動で更新されています",
);
const CLUSTER_MEMBER: Remark = Remark::new(
    "CLUSTER_MEMBER",
    "The instance is part of a cluster, which is judged",
    "クラスターのインスタンスであり、クラスターで評価します",
);
const READ_REPLICA: Remark = Remark::new(
    "READ_REPLICA",
    "The database is a read replica and has the credential of its source",
    "リードレプリカであり、認証情報はソースと同じです",
);
const CANNOT_BE_MANAGED: Remark = Remark::new(
    "CANNOT_BE_MANAGED",
    "RDS cannot manage a secret for this kind of database, and no tag names a store",
    "RDS がシークレットを管理できない種類のデータベースであり、保管先を示すタグもありません",
);
const EVIDENCE_FOUND: Remark = Remark::new(
    "EVIDENCE_FOUND",
    "The secret or parameter that the database's tag names exists",
    "データベースのタグが示すシークレットまたはパラメータが存在します",
);
const IAM_AUTHENTICATION: Remark = Remark::new(
    "IAM_AUTHENTICATION",
    "IAM database authentication is on",
    "IAM データベース認証が有効です",
);

/// What each type's item decides.
type ByItem = fn(&Fields<'_>) -> Result<Option<&'static Remark>, ItemError>;

const BY_ITEM: [(ResourceType, ByItem); 3] = [
    (ResourceType::SECRETS_MANAGER_SECRET, |fields| {
        Ok((fields.flag("Deleted")? == Some(true)).then_some(&BEING_DELETED))
    }),
    (ResourceType::RDS_DB_INSTANCE, |fields| {
        if names(fields, "dBClusterIdentifier")? {
            return Ok(Some(&CLUSTER_MEMBER));
        }
        Ok(names(fields, "readReplicaSourceDBInstanceIdentifier")?.then_some(&READ_REPLICA))
    }),
    (ResourceType::RDS_DB_CLUSTER, |fields| {
        Ok(names(fields, "replicationSourceIdentifier")?.then_some(&READ_REPLICA))
    }),
];

fn names(fields: &Fields<'_>, key: &str) -> Result<bool, ItemError> {
    Ok(fields.text(key)?.is_some_and(|text| !text.is_empty()))
}

/// The item tells what is not to be judged. It also tells whether rotation is on, but not whether
/// the secret is a replica, which has none of its own.
fn preview(item: &ConfigurationItem, _: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let by_item = BY_ITEM.iter().find(|(kind, _)| kind.name == item.resource_type);
    let Some((_, by_item)) = by_item else { return Ok(None) };
    Ok(by_item(&item.configuration()?)?.map(Verdict::not_applicable))
}

#[cfg(test)]
mod tests;
