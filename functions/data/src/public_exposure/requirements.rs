//! Parameters, requirements and remarks.

use fisc_shared::parameter::Param;
use fisc_shared::{Remark, Requirement, ResourceType, Text};

pub(super) const APPROVED_PUBLIC_ARNS: Param<Vec<String>> = Param::list(
    "approvedPublicArns",
    &[],
    Text::new(
        "Resources, by exact ARN, that may be public",
        "公開を承認したリソースの ARN(完全一致)",
    ),
);

pub(super) const EKS_ALLOW_RESTRICTED_CIDRS: Param<bool> = Param::flag(
    "eksAllowRestrictedCidrs",
    true,
    Text::new(
        "A public EKS endpoint that is limited to some address ranges passes",
        "アドレス範囲を限定した EKS のパブリックエンドポイントを認める",
    ),
);

pub(super) const BLOCK_ALL: &str = "block-all-sharing";
pub(super) const BLOCK_NEW: &str = "block-new-sharing";

pub(super) const REQUIRE_SNAPSHOT_BLOCK: Param<String> = Param::choice(
    "requireSnapshotBlock",
    BLOCK_ALL,
    &[BLOCK_ALL, BLOCK_NEW, ""],
    Text::new(
        "Least state of the account's block of public EBS snapshots (empty: off)",
        "EBS スナップショットのパブリックアクセスブロックに求める状態(空なら評価しない)",
    ),
);

pub(super) const REQUIRE_IMAGE_BLOCK: Param<bool> = Param::flag(
    "requireImageBlock",
    true,
    Text::new(
        "The account must block public sharing of AMIs",
        "AMI のパブリックアクセスブロックを求める",
    ),
);

pub(super) const PUBLICLY_ACCESSIBLE: Requirement = Requirement {
    code: "PUBLICLY_ACCESSIBLE",
    wave: 1,
    resources: &[
        ResourceType::RDS_DB_INSTANCE,
        ResourceType::RDS_DB_CLUSTER,
        ResourceType::REDSHIFT_CLUSTER,
        ResourceType::DMS_REPLICATION_INSTANCE,
        ResourceType::MQ_BROKER,
    ],
    title: Text::new("It is publicly accessible", "パブリックアクセスが有効です"),
    rule: Text::new(
        "Fails when the resource is set to be publicly accessible, in whatever subnet it is. A \
         cluster without the setting (Aurora, DocumentDB, Neptune) is judged by its instances.",
        "サブネットの種類を問わず、パブリックアクセス可能に設定されているとき不適合です。この設定の\
         ないクラスター(Aurora、DocumentDB、Neptune)はインスタンスで評価します。",
    ),
};

pub(super) const SNAPSHOT_PUBLIC: Requirement = Requirement {
    code: "SNAPSHOT_PUBLIC",
    wave: 1,
    resources: &[
        ResourceType::RDS_DB_SNAPSHOT,
        ResourceType::RDS_DB_CLUSTER_SNAPSHOT,
        ResourceType::ACCOUNT,
    ],
    title: Text::new(
        "Every AWS account may restore the snapshot",
        "スナップショットがすべての AWS アカウントに公開されています",
    ),
    rule: Text::new(
        "Fails when a snapshot is shared with all accounts: an RDS snapshot by its restore \
         attribute; on the account, an EBS snapshot that it owns, also while the account's block \
         hides it.",
        "スナップショットがすべてのアカウントと共有されているとき不適合です。RDS は restore 属性で、\
         EBS は所有するスナップショットをアカウント単位で評価します(アカウントのブロックで一時的に\
         隠れているものも含みます)。",
    ),
};

pub(super) const SHARED_WITH_UNTRUSTED_ACCOUNT: Requirement = Requirement {
    code: "SHARED_WITH_UNTRUSTED_ACCOUNT",
    wave: 2,
    resources: &[ResourceType::RDS_DB_SNAPSHOT, ResourceType::RDS_DB_CLUSTER_SNAPSHOT],
    title: Text::new(
        "The snapshot is shared with an account that is not trusted",
        "スナップショットが承認されていないアカウントと共有されています",
    ),
    rule: Text::new(
        "Fails when the restore attribute of a snapshot names an account outside of \
         trustedAccountIds.",
        "スナップショットの restore 属性に trustedAccountIds にないアカウントがあるとき不適合です。",
    ),
};

pub(super) const SNAPSHOT_BLOCK_OFF: Requirement = Requirement {
    code: "SNAPSHOT_BLOCK_OFF",
    wave: 2,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "The account does not block public EBS snapshots as required",
        "EBS スナップショットのパブリックアクセスブロックが求める状態ではありません",
    ),
    rule: Text::new(
        "Fails when the block of public sharing of EBS snapshots is weaker than \
         requireSnapshotBlock (GetSnapshotBlockPublicAccessState).",
        "EBS スナップショットのパブリックアクセスブロックが requireSnapshotBlock より弱いとき\
         不適合です(GetSnapshotBlockPublicAccessState)。",
    ),
};

pub(super) const IMAGE_PUBLIC: Requirement = Requirement {
    code: "IMAGE_PUBLIC",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new("Every AWS account may launch an AMI", "AMI が公開されています"),
    rule: Text::new(
        "Fails when an AMI that the account owns is public (DescribeImages).",
        "所有する AMI が公開されているとき不適合です(DescribeImages)。",
    ),
};

pub(super) const IMAGE_BLOCK_OFF: Requirement = Requirement {
    code: "IMAGE_BLOCK_OFF",
    wave: 2,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "The account does not block public AMIs",
        "AMI のパブリックアクセスブロックが無効です",
    ),
    rule: Text::new(
        "Fails when the block of public sharing of AMIs is off, unless requireImageBlock is false \
         (GetImageBlockPublicAccessState).",
        "AMI のパブリックアクセスブロックが無効のとき不適合です。requireImageBlock が false なら\
         評価しません(GetImageBlockPublicAccessState)。",
    ),
};

pub(super) const NOT_IN_VPC: Requirement = Requirement {
    code: "NOT_IN_VPC",
    wave: 1,
    resources: &[ResourceType::OPENSEARCH_DOMAIN, ResourceType::ELASTICSEARCH_DOMAIN],
    title: Text::new("The domain is not in a VPC", "ドメインが VPC 内にありません"),
    rule: Text::new(
        "Fails when the domain has no subnets: its endpoint is then on the internet.",
        "ドメインにサブネットがないとき不適合です(エンドポイントがインターネットに公開されます)。",
    ),
};

pub(super) const PUBLIC_ENDPOINT: Requirement = Requirement {
    code: "PUBLIC_ENDPOINT",
    wave: 1,
    resources: &[ResourceType::EKS_CLUSTER, ResourceType::MSK_CLUSTER],
    title: Text::new("The endpoint is public", "エンドポイントが公開されています"),
    rule: Text::new(
        "EKS: fails when the endpoint is public and its address ranges, taken together, are empty \
         or wider than a /8 (IPv6: /32), or, without eksAllowRestrictedCidrs, in any case. MSK: \
         fails when the public access of the brokers is not DISABLED.",
        "EKS: パブリックエンドポイントが有効で、許可するアドレス範囲が空、または合計で /8(IPv6 は \
         /32)より広いとき不適合です。eksAllowRestrictedCidrs が false なら範囲を問わず不適合です。\
         MSK: ブローカーのパブリックアクセスが DISABLED 以外のとき不適合です。",
    ),
};

pub(super) const DIRECT_INTERNET_ACCESS: Requirement = Requirement {
    code: "DIRECT_INTERNET_ACCESS",
    wave: 1,
    resources: &[ResourceType::SAGEMAKER_NOTEBOOK_INSTANCE],
    title: Text::new(
        "The notebook has direct internet access",
        "ノートブックがインターネットに直接アクセスできます",
    ),
    rule: Text::new(
        "Fails when DirectInternetAccess is not Disabled.",
        "DirectInternetAccess が Disabled ではないとき不適合です。",
    ),
};

pub(super) const PUBLIC_POLICY: Requirement = Requirement {
    code: "PUBLIC_POLICY",
    wave: 1,
    resources: &[
        ResourceType::LAMBDA_FUNCTION,
        ResourceType::SNS_TOPIC,
        ResourceType::SQS_QUEUE,
        ResourceType::SECRETS_MANAGER_SECRET,
        ResourceType::ECR_REPOSITORY,
        ResourceType::EVENTS_EVENT_BUS,
        ResourceType::EFS_FILE_SYSTEM,
    ],
    title: Text::new("The policy admits everybody", "ポリシーがすべての相手に許可しています"),
    rule: Text::new(
        "Fails when an Allow for every principal (or NotPrincipal) is neither tied to an account, \
         an organization, a source or a network by fixed values in its condition nor taken back \
         by a Deny. Of a Lambda function the policy of the unqualified function is judged.",
        "すべてのプリンシパル(または NotPrincipal)への許可が、条件の固定値によってアカウント・組織・\
         呼び出し元・ネットワークに限定されず、Deny でも取り消されていないとき不適合です。Lambda は\
         修飾子のない関数のポリシーを評価します。",
    ),
};

pub(super) const PUBLIC_FUNCTION_URL: Requirement = Requirement {
    code: "PUBLIC_FUNCTION_URL",
    wave: 1,
    resources: &[ResourceType::LAMBDA_FUNCTION],
    title: Text::new("A function URL asks for no authentication", "認証なしの関数 URL があります"),
    rule: Text::new(
        "Fails when a URL of the function, or of one of its aliases, has the authorization type \
         NONE, whatever its policy says (ListFunctionUrlConfigs). The statements that open just that URL are not reported \
         again as PUBLIC_POLICY.",
        "関数またはそのエイリアスの URL の認証タイプが NONE のとき、ポリシーの内容に\
         かかわらず不適合です(ListFunctionUrlConfigs)。その URL だけを公開するステートメントは PUBLIC_POLICY として\
         重ねて報告しません。",
    ),
};

pub(super) const UNTRUSTED_PRINCIPAL: Requirement = Requirement {
    code: "UNTRUSTED_PRINCIPAL",
    wave: 2,
    resources: &[
        ResourceType::LAMBDA_FUNCTION,
        ResourceType::SNS_TOPIC,
        ResourceType::SQS_QUEUE,
        ResourceType::SECRETS_MANAGER_SECRET,
        ResourceType::ECR_REPOSITORY,
    ],
    title: Text::new(
        "The policy admits somebody who is not trusted",
        "ポリシーが承認されていない相手に許可しています",
    ),
    rule: Text::new(
        "Fails when an Allow, after every Deny, admits an account or organization outside of \
         trustedAccountIds and orgId, an identity provider, or an AWS service that is tied to no \
         source account, ARN or organization (EventBridge that publishes to a topic cannot be tied).",
        "Deny を差し引いた許可に、trustedAccountIds・orgId にないアカウントや組織、ID プロバイダー、\
         または呼び出し元(アカウント・ARN・組織)が限定されていない AWS サービスが含まれるとき\
         不適合です(トピックに発行する EventBridge は限定できないため除きます)。",
    ),
};

pub(super) const DOCUMENT_PUBLIC: Requirement = Requirement {
    code: "DOCUMENT_PUBLIC",
    wave: 1,
    resources: &[ResourceType::SSM_DOCUMENT],
    title: Text::new(
        "The Systems Manager document is public",
        "Systems Manager ドキュメントが公開されています",
    ),
    rule: Text::new(
        "Fails when the document is shared with all accounts (DescribeDocumentPermission).",
        "ドキュメントがすべてのアカウントと共有されているとき不適合です(DescribeDocumentPermission)。",
    ),
};

pub(super) const DOCUMENT_SHARING_NOT_BLOCKED: Requirement = Requirement {
    code: "DOCUMENT_SHARING_NOT_BLOCKED",
    wave: 2,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "The account does not block public Systems Manager documents",
        "Systems Manager ドキュメントのパブリック共有がブロックされていません",
    ),
    rule: Text::new(
        "Fails when the setting of public sharing of documents is Enable, as it is unless somebody \
         changed it (GetServiceSetting).",
        "ドキュメントのパブリック共有の設定が Enable(初期値)のとき不適合です(GetServiceSetting)。",
    ),
};

pub(super) const EMR_BLOCK_OFF: Requirement = Requirement {
    code: "EMR_BLOCK_OFF",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "The account does not block public access to EMR clusters",
        "EMR のパブリックアクセスブロックが無効です",
    ),
    rule: Text::new(
        "Fails when the block of public access to EMR is off, or permits another port than 22 \
         (GetBlockPublicAccessConfiguration). It is judged in every Region, whether EMR is used \
         there or not.",
        "EMR のパブリックアクセスブロックが無効、または 22 以外のポートを許可しているとき不適合です\
         (GetBlockPublicAccessConfiguration)。EMR の利用の有無にかかわらずリージョンごとに評価します。",
    ),
};

pub(super) const APPROVED_PUBLIC: Remark = Remark::new(
    "APPROVED_PUBLIC",
    "The resource is approved to be public",
    "公開を承認されたリソースです",
);
pub(super) const AUTOMATED_SNAPSHOT: Remark = Remark::new(
    "AUTOMATED_SNAPSHOT",
    "An automated snapshot cannot be shared",
    "自動スナップショットは共有できません",
);
pub(super) const JUDGED_BY_INSTANCES: Remark = Remark::new(
    "JUDGED_BY_INSTANCES",
    "Public access is a setting of the cluster's instances, which are judged",
    "パブリックアクセスはインスタンスの設定であり、インスタンスで評価します",
);
pub(super) const SECRET_BEING_DELETED: Remark = Remark::new(
    "SECRET_BEING_DELETED",
    "The secret is scheduled for deletion; nobody can read it",
    "シークレットは削除待ちであり、誰も読み取れません",
);
pub(super) const AWS_OWNED_DOCUMENT: Remark = Remark::new(
    "AWS_OWNED_DOCUMENT",
    "AWS owns and publishes the document",
    "AWS が所有し公開しているドキュメントです",
);
