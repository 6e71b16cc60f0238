//! What the control asks for, and its remarks.

use fisc_shared::{Remark, Requirement, ResourceType, Text};

pub(super) const DB_TLS_NOT_FORCED: Requirement = Requirement {
    code: "DB_TLS_NOT_FORCED",
    wave: 2,
    resources: &[ResourceType::RDS_DB_INSTANCE, ResourceType::RDS_DB_CLUSTER],
    title: Text::new(
        "The database accepts connections without TLS",
        "データベースが TLS を使わない接続を受け付けます",
    ),
    rule: Text::new(
        "Fails when the effective value in the parameter group is off: rds.force_ssl (PostgreSQL, \
         SQL Server), require_secure_transport (MySQL, MariaDB), tls (DocumentDB), \
         neptune_enforce_ssl (Neptune before 1.0.4.0); or when an Oracle option group has neither \
         SSL nor a required NATIVE_NETWORK_ENCRYPTION. A value that waits for a reboot is \
         mentioned. Members of a cluster are judged on the cluster.",
        "パラメータグループの有効な値がオフのとき不適合です。対象は rds.force_ssl(PostgreSQL、\
         SQL Server)、require_secure_transport(MySQL、MariaDB)、tls(DocumentDB)、\
         neptune_enforce_ssl(1.0.4.0 より前の Neptune)です。Oracle は、オプショングループに SSL も、\
         必須とした NATIVE_NETWORK_ENCRYPTION もないとき不適合です。再起動待ちの値はその旨を示します。\
         クラスターのインスタンスはクラスターで評価します。",
    ),
};
pub(super) const HTTPS_NOT_ENFORCED: Requirement = Requirement {
    code: "HTTPS_NOT_ENFORCED",
    wave: 2,
    resources: SEARCH_DOMAINS,
    title: Text::new("The domain accepts plain HTTP", "ドメインが平文の HTTP を受け付けます"),
    rule: Text::new(
        "Fails when EnforceHTTPS of the domain endpoint options is not true.",
        "ドメインエンドポイントのオプション EnforceHTTPS が true でないとき不適合です。",
    ),
};
pub(super) const WEAK_TLS_POLICY: Requirement = Requirement {
    code: "WEAK_TLS_POLICY",
    wave: 2,
    resources: SEARCH_DOMAINS,
    title: Text::new(
        "The TLS policy of the domain is not accepted",
        "ドメインの TLS ポリシーが認められていません",
    ),
    rule: Text::new(
        "Fails when TLSSecurityPolicy is not among allowedOpenSearchTlsPolicies.",
        "TLSSecurityPolicy が allowedOpenSearchTlsPolicies に含まれないとき不適合です。",
    ),
};
pub(super) const NODE_ENCRYPTION_OFF: Requirement = Requirement {
    code: "NODE_ENCRYPTION_OFF",
    wave: 2,
    resources: SEARCH_DOMAINS,
    title: Text::new(
        "Nodes of the domain talk to each other in plaintext",
        "ドメインのノード間の通信が暗号化されていません",
    ),
    rule: Text::new(
        "Fails when node-to-node encryption is not enabled.",
        "ノード間の暗号化が有効でないとき不適合です。",
    ),
};
pub(super) const EFS_TLS_NOT_ENFORCED: Requirement = Requirement {
    code: "EFS_TLS_NOT_ENFORCED",
    wave: 2,
    resources: &[ResourceType::EFS_FILE_SYSTEM],
    title: Text::new(
        "The file system can be mounted without TLS",
        "TLS を使わずにファイルシステムをマウントできます",
    ),
    rule: Text::new(
        "Fails when the file system has no policy (its default grants everything), or its policy \
         leaves a client action to clients without TLS: they are anonymous, so that a Deny for \
         everybody while aws:SecureTransport is false stops them, or the lack of an Allow that \
         they match. The console's AccessedViaMountTarget condition alone does not.",
        "ファイルシステムポリシーがない場合(既定ではすべて許可)、または TLS を使わないクライアントに\
         いずれかのクライアントアクションが許される場合に不適合です。そのようなクライアントは\
         匿名のため、aws:SecureTransport が false のときの全員に対する Deny か、一致する Allow が\
         ないことで拒否されます。コンソールが付ける AccessedViaMountTarget の条件だけでは\
         足りません。",
    ),
};
pub(super) const POLICY_TLS_NOT_ENFORCED: Requirement = Requirement {
    code: "POLICY_TLS_NOT_ENFORCED",
    wave: 3,
    resources: &[ResourceType::SQS_QUEUE, ResourceType::SNS_TOPIC],
    title: Text::new(
        "The resource policy does not deny messages without TLS",
        "リソースポリシーが TLS を使わないメッセージを拒否していません",
    ),
    rule: Text::new(
        "With requirePolicyTls: fails when no Deny while aws:SecureTransport is false covers \
         publishing to the topic, or sending to and receiving from the queue, for everybody. A \
         queue without a recorded policy is not judged.",
        "requirePolicyTls を指定した場合: aws:SecureTransport が false のときの全員に対する Deny が、\
         トピックへの発行、またはキューへの送信と受信を対象としていないと不適合です。ポリシーが\
         記録されていないキューは評価しません。",
    ),
};
pub(super) const DMS_SSL_OFF: Requirement = Requirement {
    code: "DMS_SSL_OFF",
    wave: 2,
    resources: &[ResourceType::DMS_ENDPOINT],
    title: Text::new(
        "The DMS endpoint connects without TLS",
        "DMS エンドポイントが TLS を使わずに接続します",
    ),
    rule: Text::new(
        "Fails when SslMode is none on an engine that has the setting.",
        "SSL モードを設定できるエンジンで SslMode が none のとき不適合です。",
    ),
};
pub(super) const MSK_PLAINTEXT_ALLOWED: Requirement = Requirement {
    code: "MSK_PLAINTEXT_ALLOWED",
    wave: 2,
    resources: &[ResourceType::MSK_CLUSTER],
    title: Text::new(
        "The MSK cluster admits plaintext",
        "MSK クラスターが平文の通信を許しています",
    ),
    rule: Text::new(
        "Fails when ClientBroker is not TLS, or InCluster is false.",
        "ClientBroker が TLS でないか、InCluster が false のとき不適合です。",
    ),
};
pub(super) const API_DOMAIN_TLS: Requirement = Requirement {
    code: "API_DOMAIN_TLS",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "API Gateway custom domains accept an outdated TLS or have no ACM certificate",
        "API Gateway のカスタムドメインが古い TLS を受け付けるか、ACM の証明書を使用していません",
    ),
    rule: Text::new(
        "Fails when the security policy of a custom domain is not among allowedApiGatewayPolicies, \
         such as TLS_1_0, or one of its endpoints has no ACM certificate. Config does not record \
         the domains: the account is reported, with the first of them.",
        "カスタムドメインのセキュリティポリシーが TLS_1_0 など allowedApiGatewayPolicies に\
         含まれない値であるか、ACM の証明書のないエンドポイントがあるとき不適合です。ドメインは \
         Config の記録対象外のため、アカウントの結果として最初の数件を示します。",
    ),
};
pub(super) const CLIENT_CERT_NOT_VERIFIED: Requirement = Requirement {
    code: "CLIENT_CERT_NOT_VERIFIED",
    wave: 3,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "API domains that must verify client certificates do not",
        "クライアント証明書の検証が必須の API ドメインで検証が行われていません",
    ),
    rule: Text::new(
        "Fails when a custom domain with the tag of clientCertTagKey has no trust store for mutual \
         TLS.",
        "clientCertTagKey のタグが付いたカスタムドメインに相互 TLS のトラストストアがないとき\
         不適合です。",
    ),
};

const SEARCH_DOMAINS: &[ResourceType] =
    &[ResourceType::OPENSEARCH_DOMAIN, ResourceType::ELASTICSEARCH_DOMAIN];

pub(super) const JUDGED_ON_CLUSTER: Remark = Remark::new(
    "JUDGED_ON_CLUSTER",
    "The cluster of the instance holds the setting and is judged",
    "設定を持つのはクラスターのため、クラスターで評価します",
);
pub(super) const NO_TLS_SWITCH: Remark = Remark::new(
    "NO_TLS_SWITCH",
    "The engine version has no setting that requires TLS",
    "このエンジンのバージョンには TLS を必須とする設定がありません",
);
pub(super) const ENGINE_NOT_JUDGED: Remark = Remark::new(
    "ENGINE_NOT_JUDGED",
    "TLS of this engine is not judged: look at its options and listeners",
    "このエンジンの TLS は評価していません。オプションとリスナーの設定を確認してください",
);
pub(super) const ENGINE_ALWAYS_TLS: Remark = Remark::new(
    "ENGINE_ALWAYS_TLS",
    "The engine version accepts nothing but TLS",
    "このエンジンのバージョンは TLS の接続だけを受け付けます",
);
pub(super) const REBOOT_PENDING: Remark = Remark::new(
    "REBOOT_PENDING",
    "The parameter group is set, but may take effect only with the next reboot",
    "パラメータグループは設定済みですが、次の再起動まで反映されていないことがあります",
);
pub(super) const TLS_OFFERED: Remark = Remark::new(
    "TLS_OFFERED",
    "The SSL option adds a TLS port; close the plaintext port by security groups",
    "SSL オプションは TLS のポートを追加するだけです。平文のポートはセキュリティグループで\
     閉じてください",
);
pub(super) const NO_PLAINTEXT_GRANT: Remark = Remark::new(
    "NO_PLAINTEXT_GRANT",
    "No statement of the policy allows clients without TLS",
    "TLS を使わないクライアントを許可するステートメントがありません",
);
pub(super) const POLICY_NOT_JUDGED: Remark = Remark::new(
    "POLICY_NOT_JUDGED",
    "Resource policies are not judged (requirePolicyTls is false)",
    "リソースポリシーは評価していません(requirePolicyTls が false)",
);
pub(super) const POLICY_NOT_RECORDED: Remark = Remark::new(
    "POLICY_NOT_RECORDED",
    "The configuration item carries no policy",
    "構成アイテムにポリシーが記録されていません",
);
pub(super) const NO_SSL_MODE: Remark = Remark::new(
    "NO_SSL_MODE",
    "Endpoints of this engine have no SSL mode",
    "このエンジンのエンドポイントには SSL モードの設定がありません",
);
pub(super) const NO_API_DOMAIN: Remark = Remark::new(
    "NO_API_DOMAIN",
    "API Gateway has no custom domain here",
    "API Gateway のカスタムドメインはありません",
);
