//! What can fail, and when the control does not apply.

use fisc_shared::{Remark, Requirement, ResourceType, Text};

pub(super) const PREFERENCES_MISSING: Requirement = Requirement {
    code: "PREFERENCES_MISSING",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "Session Manager has no preferences in the Region: its sessions are not logged",
        "リージョンに Session Manager の設定がなく、セッションが記録されません",
    ),
    rule: Text::new(
        "Fails when the Region has managed nodes (DescribeInstanceInformation), but no document \
         of type Session that is named as preferencesDocument says (ListDocuments).",
        "リージョンにマネージドノードがあり(DescribeInstanceInformation)、preferencesDocument の名前の \
         Session タイプのドキュメントがない(ListDocuments)とき不適合です。",
    ),
};

pub(super) const NO_LOG_DESTINATION: Requirement = Requirement {
    code: "NO_LOG_DESTINATION",
    wave: 1,
    resources: &[ResourceType::SSM_DOCUMENT],
    title: Text::new(
        "Transcripts of sessions are not written",
        "セッションの操作ログが出力されていません",
    ),
    rule: Text::new(
        "Fails when the latest version of a session document with sessionType Standard_Stream \
         names neither s3BucketName nor cloudWatchLogGroupName, or not those that \
         requiredDestination demands (GetDocument).",
        "sessionType が Standard_Stream の Session ドキュメントの最新バージョンに、s3BucketName も \
         cloudWatchLogGroupName もないとき、または requiredDestination が求めるものがないとき不適合\
         です(GetDocument)。",
    ),
};

pub(super) const LOG_NOT_ENCRYPTED: Requirement = Requirement {
    code: "LOG_NOT_ENCRYPTED",
    wave: 1,
    resources: &[ResourceType::SSM_DOCUMENT],
    title: Text::new(
        "Encryption of transcripts is not enforced",
        "操作ログの暗号化が必須とされていません",
    ),
    rule: Text::new(
        "With requireEncryption: fails when s3EncryptionEnabled or cloudWatchEncryptionEnabled of \
         a destination in use is not true.",
        "requireEncryption を指定した場合: 使用する出力先の s3EncryptionEnabled または \
         cloudWatchEncryptionEnabled が true でないとき不適合です。",
    ),
};

pub(super) const DESTINATION_NOT_FOUND: Requirement = Requirement {
    code: "DESTINATION_NOT_FOUND",
    wave: 2,
    resources: &[ResourceType::SSM_DOCUMENT],
    title: Text::new(
        "A destination of transcripts does not exist",
        "操作ログの出力先が存在しません",
    ),
    rule: Text::new(
        "Fails when the log group does not exist (DescribeLogGroups), or S3 answers 404 for the \
         bucket (HeadBucket).",
        "ロググループが存在しないとき(DescribeLogGroups)、またはバケットに対して S3 が 404 を返すとき\
         (HeadBucket)不適合です。",
    ),
};

pub(super) const DESTINATION_NOT_PROTECTED: Requirement = Requirement {
    code: "DESTINATION_NOT_PROTECTED",
    wave: 1,
    resources: &[ResourceType::SSM_DOCUMENT],
    title: Text::new(
        "Transcripts stay in the operating account",
        "操作ログが運用アカウント内にしか保管されていません",
    ),
    rule: Text::new(
        "With logArchiveAccountIds or logArchiveDestinationArns: fails when the bucket belongs to \
         this account (ListBuckets) or surely to none of the archive accounts, and the log group \
         has no subscription to the archive, of its own or by an account policy, that forwards \
         every event.",
        "logArchiveAccountIds または logArchiveDestinationArns を指定した場合: バケットが自アカウントの\
         もの(ListBuckets)、または保管アカウントのものでないことが明らかで、かつロググループに、すべて\
         のイベントを保管先に送るサブスクリプション(個別またはアカウントポリシー)がないとき不適合です。",
    ),
};

pub(super) const UNLOGGED_SESSION_ALLOWED: Requirement = Requirement {
    code: "UNLOGGED_SESSION_ALLOWED",
    wave: 2,
    resources: &[ResourceType::IAM_POLICY],
    title: Text::new(
        "The policy lets people start sessions that leave no transcript",
        "操作ログの残らないセッションの開始が許可されています",
    ),
    rule: Text::new(
        "Fails when an attached customer managed policy allows ssm:StartSession on a document of \
         deniedDocuments, by name or by a wildcard, and no Deny of the policy takes it back.",
        "アタッチされたカスタマー管理ポリシーが、deniedDocuments のドキュメントに対する \
         ssm:StartSession を(名前またはワイルドカードで)許可し、同じポリシーの Deny で拒否していない\
         とき不適合です。",
    ),
};

pub(super) const NO_MANAGED_NODE: Remark = Remark::new(
    "NO_MANAGED_NODE",
    "The Region has no managed node to start a session on",
    "リージョンにセッションを開始できるマネージドノードがありません",
);
pub(super) const NOT_A_SESSION_DOCUMENT: Remark = Remark::new(
    "NOT_A_SESSION_DOCUMENT",
    "The document is of another type than Session",
    "Session タイプのドキュメントではありません",
);
pub(super) const NO_TRANSCRIPT_KIND: Remark = Remark::new(
    "NO_TRANSCRIPT_KIND",
    "Sessions of this kind have no preferences of their own; those without a transcript are \
     judged at the policies that allow them",
    "この種類のセッションに個別の設定はありません。操作ログの残らないものは許可するポリシーで評価\
     します",
);
pub(super) const ARCHIVE_ACCOUNT: Remark = Remark::new(
    "ARCHIVE_ACCOUNT",
    "This account is itself a log archive",
    "このアカウント自体がログ保管アカウントです",
);
pub(super) const OWNER_NOT_VERIFIED: Remark = Remark::new(
    "OWNER_NOT_VERIFIED",
    "The bucket belongs to another account; S3 does not tell this one which",
    "バケットは別のアカウントのものですが、所有者は確認できません",
);
pub(super) const POLICY_NOT_ATTACHED: Remark = Remark::new(
    "POLICY_NOT_ATTACHED",
    "The policy is attached to nobody",
    "ポリシーはどこにもアタッチされていません",
);
pub(super) const LISTED_POLICY: Remark = Remark::new(
    "LISTED_POLICY",
    "By allowedPolicyArns, the policy may grant such sessions",
    "allowedPolicyArns により、許可してよいポリシーとされています",
);
pub(super) const NO_SESSION_RIGHT: Remark = Remark::new(
    "NO_SESSION_RIGHT",
    "The policy does not allow ssm:StartSession",
    "ポリシーは ssm:StartSession を許可していません",
);
