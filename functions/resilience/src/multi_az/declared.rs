//! The parameters and the requirements.

use fisc_shared::parameter::Param;
use fisc_shared::{Requirement, ResourceType, Text};

pub(super) const MIN_AVAILABILITY_ZONES: Param<i64> = Param::integer(
    "minAvailabilityZones",
    2,
    2,
    6,
    Text::new("Availability Zones that are asked for", "必要なアベイラビリティゾーンの数"),
);
pub(super) const SCOPE_TAG: Param<String> = Param::text(
    "scopeTag",
    "",
    Text::new(
        "Only resources with this tag are judged: a key, or key=value; empty: all",
        "評価対象を示すタグ(キー、またはキー=値。空の場合はすべて)",
    ),
);
pub(super) const NON_PRODUCTION_TAG: Param<String> = Param::text(
    "nonProductionTag",
    "Environment=development",
    Text::new(
        "Resources with this tag are not judged: a key, or key=value; empty: none",
        "評価から除くリソースを示すタグ(キー、またはキー=値。空の場合は除かない)",
    ),
);
pub(super) const WORKLOAD_TAG_KEY: Param<String> = Param::text(
    "workloadTagKey",
    "fisc:workload",
    Text::new(
        "Tag of instances outside Auto Scaling groups; those with the same value stand in for \
         each other",
        "Auto Scaling グループに属さないインスタンスのタグのキー(同じ値のインスタンスは互いに代替する)",
    ),
);
pub(super) const MIN_DESIRED_COUNT: Param<i64> = Param::integer(
    "minDesiredCount",
    2,
    1,
    1000,
    Text::new("Tasks that an ECS service must run", "ECS サービスに必要なタスク数"),
);
pub(super) const MIN_DATA_NODES: Param<i64> = Param::integer(
    "minDataNodes",
    3,
    2,
    1002,
    Text::new(
        "Data nodes that an OpenSearch domain must have",
        "OpenSearch ドメインに必要なデータノード数",
    ),
);
pub(super) const ACCEPT_REDSHIFT_RELOCATION: Param<bool> = Param::flag(
    "acceptRedshiftRelocation",
    true,
    Text::new(
        "A Redshift cluster that can be relocated to another zone needs no Multi-AZ",
        "別のゾーンへの再配置が有効な Redshift クラスターは、マルチ AZ でなくてもよい",
    ),
);
pub(super) const REPRODUCIBLE_TAG_KEY: Param<String> = Param::text(
    "reproducibleTagKey",
    "fisc:reproducible",
    Text::new(
        "Tag of buckets whose data can be made again, and may be in one zone",
        "再作成できるデータのため単一ゾーンでの保存を認めるバケットのタグのキー",
    ),
);

pub(super) const ASG_SINGLE_AZ: Requirement = Requirement {
    code: "ASG_SINGLE_AZ",
    wave: 1,
    resources: &[ResourceType::AUTO_SCALING_AUTO_SCALING_GROUP],
    title: Text::new(
        "The Auto Scaling group is in too few zones",
        "Auto Scaling グループのアベイラビリティゾーンが不足しています",
    ),
    rule: Text::new(
        "Fails when availabilityZones holds fewer than minAvailabilityZones zones.",
        "availabilityZones のゾーン数が minAvailabilityZones に満たないとき不適合です。",
    ),
};
pub(super) const LB_SINGLE_AZ: Requirement = Requirement {
    code: "LB_SINGLE_AZ",
    wave: 1,
    resources: &[ResourceType::ELBV2_LOAD_BALANCER, ResourceType::ELB_LOAD_BALANCER],
    title: Text::new(
        "The load balancer is in too few zones",
        "ロードバランサーのアベイラビリティゾーンが不足しています",
    ),
    rule: Text::new(
        "Fails when availabilityZones holds fewer than minAvailabilityZones zones.",
        "availabilityZones のゾーン数が minAvailabilityZones に満たないとき不適合です。",
    ),
};
pub(super) const WORKLOAD_SINGLE_AZ: Requirement = Requirement {
    code: "WORKLOAD_SINGLE_AZ",
    wave: 1,
    resources: &[ResourceType::EC2_INSTANCE],
    title: Text::new(
        "The instances of the workload run in too few zones",
        "ワークロードのインスタンスが稼働するゾーンが不足しています",
    ),
    rule: Text::new(
        "Fails when the running instances with the same value of the workloadTagKey tag are in \
         fewer than minAvailabilityZones zones (placement.availabilityZone in Config's inventory).",
        "workloadTagKey のタグの値が同じ実行中のインスタンスのゾーン数が minAvailabilityZones に\
         満たないとき不適合です(Config のインベントリの placement.availabilityZone)。",
    ),
};
pub(super) const ECS_SERVICE_SINGLE_AZ: Requirement = Requirement {
    code: "ECS_SERVICE_SINGLE_AZ",
    wave: 1,
    resources: &[ResourceType::ECS_SERVICE],
    title: Text::new(
        "The service has too few tasks or too few zones",
        "サービスのタスク数またはアベイラビリティゾーンが不足しています",
    ),
    rule: Text::new(
        "Fails when DesiredCount is below minDesiredCount, or the subnets of an awsvpc network \
         are in fewer than minAvailabilityZones zones.",
        "DesiredCount が minDesiredCount 未満のとき、または awsvpc ネットワークのサブネットのゾーン数が \
         minAvailabilityZones に満たないとき不適合です。",
    ),
};
pub(super) const EKS_NODES_SINGLE_AZ: Requirement = Requirement {
    code: "EKS_NODES_SINGLE_AZ",
    wave: 1,
    resources: &[ResourceType::EKS_CLUSTER],
    title: Text::new(
        "The node groups are in too few zones",
        "ノードグループのアベイラビリティゾーンが不足しています",
    ),
    rule: Text::new(
        "Fails when the subnets of all managed node groups together are in fewer than \
         minAvailabilityZones zones (DescribeNodegroup).",
        "マネージド型ノードグループ全体のサブネットのゾーン数が minAvailabilityZones に満たないとき\
         不適合です(DescribeNodegroup)。",
    ),
};
pub(super) const RDS_SINGLE_AZ: Requirement = Requirement {
    code: "RDS_SINGLE_AZ",
    wave: 1,
    resources: &[ResourceType::RDS_DB_INSTANCE, ResourceType::RDS_DB_CLUSTER],
    title: Text::new(
        "The database runs in too few zones",
        "データベースが稼働するアベイラビリティゾーンが不足しています",
    ),
    rule: Text::new(
        "Fails when multiAZ of a DB instance is false, or the members of a DB cluster are in \
         fewer than minAvailabilityZones zones (DescribeDBInstances).",
        "DB インスタンスの multiAZ が false のとき、または DB クラスターのメンバーのゾーン数が \
         minAvailabilityZones に満たないとき不適合です(DescribeDBInstances)。",
    ),
};
pub(super) const LAMBDA_VPC_SINGLE_AZ: Requirement = Requirement {
    code: "LAMBDA_VPC_SINGLE_AZ",
    wave: 1,
    resources: &[ResourceType::LAMBDA_FUNCTION],
    title: Text::new(
        "The function's subnets are in too few zones",
        "関数のサブネットのアベイラビリティゾーンが不足しています",
    ),
    rule: Text::new(
        "Fails when the subnets of vpcConfig are in fewer than minAvailabilityZones zones.",
        "vpcConfig のサブネットのゾーン数が minAvailabilityZones に満たないとき不適合です。",
    ),
};
pub(super) const CACHE_SINGLE_AZ: Requirement = Requirement::of_account(
    "CACHE_SINGLE_AZ",
    1,
    Text::new(
        "ElastiCache replication groups without failover to another zone",
        "別のゾーンに自動フェイルオーバーしない ElastiCache レプリケーショングループがあります",
    ),
    Text::new(
        "Fails when a replication group has automatic failover or Multi-AZ off \
         (DescribeReplicationGroups).",
        "レプリケーショングループの自動フェイルオーバーまたはマルチ AZ が無効のとき不適合です\
         (DescribeReplicationGroups)。",
    ),
);
pub(super) const SEARCH_SINGLE_AZ: Requirement = Requirement {
    code: "SEARCH_SINGLE_AZ",
    wave: 1,
    resources: &[ResourceType::OPENSEARCH_DOMAIN],
    title: Text::new(
        "The domain does not survive the loss of a zone",
        "ドメインがアベイラビリティゾーンの障害に耐える構成ではありません",
    ),
    rule: Text::new(
        "Fails when zone awareness is off or over fewer than minAvailabilityZones zones, when the \
         domain has fewer data nodes than minDataNodes, or fewer than three dedicated master \
         nodes.",
        "ゾーン認識が無効またはそのゾーン数が minAvailabilityZones 未満のとき、データノードが \
         minDataNodes 未満のとき、専用マスターノードが 3 台未満のとき不適合です。",
    ),
};
pub(super) const REDSHIFT_SINGLE_AZ: Requirement = Requirement {
    code: "REDSHIFT_SINGLE_AZ",
    wave: 1,
    resources: &[ResourceType::REDSHIFT_CLUSTER],
    title: Text::new(
        "The cluster is bound to one zone",
        "クラスターが 1 つのアベイラビリティゾーンに固定されています",
    ),
    rule: Text::new(
        "Fails when Multi-AZ is off and availabilityZoneRelocationStatus is not enabled, or \
         acceptRedshiftRelocation is false.",
        "マルチ AZ が無効で、availabilityZoneRelocationStatus が有効でないか、\
         acceptRedshiftRelocation が false のとき不適合です。",
    ),
};
pub(super) const FILE_SYSTEM_SINGLE_AZ: Requirement = Requirement {
    code: "FILE_SYSTEM_SINGLE_AZ",
    wave: 1,
    resources: &[ResourceType::EFS_FILE_SYSTEM, ResourceType::ACCOUNT],
    title: Text::new(
        "The file system depends on one zone",
        "ファイルシステムが 1 つのアベイラビリティゾーンに依存しています",
    ),
    rule: Text::new(
        "Fails when an EFS file system is of a One Zone class, or its mount targets are in fewer \
         than minAvailabilityZones zones (DescribeFileSystems, DescribeMountTargets); on the \
         account, when the deployment type of an FSx file system for Windows, ONTAP or OpenZFS is \
         a single-zone one.",
        "EFS ファイルシステムが One Zone のとき、またはマウントターゲットのゾーン数が \
         minAvailabilityZones に満たないとき不適合です(DescribeFileSystems、DescribeMountTargets)。\
         アカウントについては、FSx(Windows、ONTAP、OpenZFS)のデプロイタイプがシングル AZ のとき\
         不適合です。",
    ),
};
pub(super) const BROKER_SINGLE_AZ: Requirement = Requirement {
    code: "BROKER_SINGLE_AZ",
    wave: 1,
    resources: &[ResourceType::MSK_CLUSTER, ResourceType::MQ_BROKER],
    title: Text::new(
        "The brokers are in too few zones",
        "ブローカーのアベイラビリティゾーンが不足しています",
    ),
    rule: Text::new(
        "Fails when the client subnets of an MSK cluster are in fewer than minAvailabilityZones \
         zones, or the deployment mode of an Amazon MQ broker is SINGLE_INSTANCE.",
        "MSK クラスターのクライアントサブネットのゾーン数が minAvailabilityZones に満たないとき、または \
         Amazon MQ ブローカーのデプロイモードが SINGLE_INSTANCE のとき不適合です。",
    ),
};
pub(super) const DMS_SINGLE_AZ: Requirement = Requirement {
    code: "DMS_SINGLE_AZ",
    wave: 1,
    resources: &[ResourceType::DMS_REPLICATION_INSTANCE],
    title: Text::new(
        "The replication instance has no standby in another zone",
        "レプリケーションインスタンスのスタンバイが別のゾーンにありません",
    ),
    rule: Text::new("Fails when MultiAZ is false.", "MultiAZ が false のとき不適合です。"),
};
pub(super) const NETWORK_PATH_SINGLE_AZ: Requirement = Requirement {
    code: "NETWORK_PATH_SINGLE_AZ",
    wave: 1,
    resources: &[
        ResourceType::NETWORK_FIREWALL_FIREWALL,
        ResourceType::EC2_VPC_ENDPOINT,
        ResourceType::EC2_TRANSIT_GATEWAY_ATTACHMENT,
    ],
    title: Text::new(
        "The network path runs through too few zones",
        "通信経路のアベイラビリティゾーンが不足しています",
    ),
    rule: Text::new(
        "Fails when the subnets of a firewall, an interface endpoint or a transit gateway \
         attachment are in fewer than minAvailabilityZones zones.",
        "ファイアウォール、インターフェイスエンドポイント、Transit Gateway アタッチメントのサブネットの\
         ゾーン数が minAvailabilityZones に満たないとき不適合です。",
    ),
};
pub(super) const NAT_SHARED_ACROSS_AZ: Requirement = Requirement {
    code: "NAT_SHARED_ACROSS_AZ",
    wave: 1,
    resources: &[ResourceType::EC2_VPC],
    title: Text::new(
        "Several zones depend on a NAT gateway of one zone",
        "複数のゾーンが 1 つのゾーンの NAT ゲートウェイに依存しています",
    ),
    rule: Text::new(
        "Fails when subnets of two or more zones route to the same zonal NAT gateway, by their \
         own route table or by the main one (Config's inventory). Regional NAT gateways pass.",
        "2 つ以上のゾーンのサブネットが、個別またはメインのルートテーブルで同じゾーン単位の NAT \
         ゲートウェイを使うとき不適合です(Config のインベントリ)。リージョナル NAT ゲートウェイは適合です。",
    ),
};
pub(super) const BUCKET_SINGLE_AZ_CLASS: Requirement = Requirement {
    code: "BUCKET_SINGLE_AZ_CLASS",
    wave: 2,
    resources: &[ResourceType::S3_BUCKET, ResourceType::S3_DIRECTORY_BUCKET],
    title: Text::new(
        "The bucket keeps data in one zone only",
        "バケットのデータが 1 つのアベイラビリティゾーンだけに保存されます",
    ),
    rule: Text::new(
        "Fails when an enabled lifecycle rule moves objects or old versions to ONEZONE_IA, or the \
         bucket is a directory bucket, without a tag under reproducibleTagKey.",
        "reproducibleTagKey のタグがなく、有効なライフサイクルルールがオブジェクトまたは旧バージョンを \
         ONEZONE_IA に移行するとき、またはディレクトリバケットのとき不適合です。",
    ),
};
pub(super) const FAILOVER_TARGET_SMALLER: Requirement = Requirement {
    code: "FAILOVER_TARGET_SMALLER",
    wave: 2,
    resources: &[ResourceType::RDS_DB_CLUSTER],
    title: Text::new(
        "A failover target is smaller than the writer",
        "フェイルオーバー先のインスタンスがライターより小さい構成です",
    ),
    rule: Text::new(
        "Fails when a reader of promotion tier 0 or 1 has a smaller instance size than the \
         writer, or a burstable class behind a writer that has none (DescribeDBInstances). \
         Serverless instances are not compared.",
        "昇格階層 0 または 1 のリーダーのインスタンスサイズがライターより小さいとき、またはライターが\
         バースト可能クラスでないのにリーダーがバースト可能クラスのとき不適合です\
         (DescribeDBInstances)。サーバーレスインスタンスは比較しません。",
    ),
};
