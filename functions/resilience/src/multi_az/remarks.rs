//! When the control does not apply, and notes on passes.

use fisc_shared::Remark;

pub(super) const OUTSIDE_SCOPE_TAG: Remark = Remark::new(
    "OUTSIDE_SCOPE_TAG",
    "The resource does not carry the tag of scopeTag",
    "scopeTag のタグが付いていません",
);
pub(super) const NOT_PRODUCTION: Remark = Remark::new(
    "NOT_PRODUCTION",
    "The tag of nonProductionTag marks the resource",
    "nonProductionTag のタグが付いたリソースです",
);
pub(super) const REPRODUCIBLE: Remark = Remark::new(
    "REPRODUCIBLE",
    "A tag says that the bucket's data can be made again",
    "再作成できるデータのバケットであることがタグで示されています",
);
pub(super) const GROUP_MEMBER: Remark = Remark::new(
    "GROUP_MEMBER",
    "The instance belongs to an Auto Scaling group, which is judged itself",
    "Auto Scaling グループのインスタンスです(グループを評価します)",
);
pub(super) const NO_WORKLOAD_TAG: Remark = Remark::new(
    "NO_WORKLOAD_TAG",
    "No tag tells which workload the instance is part of",
    "ワークロードを示すタグがインスタンスにありません",
);
pub(super) const NOT_RUNNING: Remark =
    Remark::new("NOT_RUNNING", "The instance is not running", "インスタンスは実行中ではありません");
pub(super) const DAEMON_SERVICE: Remark = Remark::new(
    "DAEMON_SERVICE",
    "A daemon service runs where its cluster's instances are",
    "デーモンサービスであり、クラスターのインスタンスの配置に従います",
);
pub(super) const NO_TASKS: Remark =
    Remark::new("NO_TASKS", "The service is set to run no task", "タスク数が 0 のサービスです");
pub(super) const NETWORK_OF_INSTANCES: Remark = Remark::new(
    "NETWORK_OF_INSTANCES",
    "The tasks have no subnets of their own; they are where the container instances are, whose \
     group is judged",
    "タスク固有のサブネットはなく、配置はコンテナインスタンスに従います(そのグループを評価します)",
);
pub(super) const NO_NODE_GROUPS: Remark = Remark::new(
    "NO_NODE_GROUPS",
    "The cluster has no managed node group",
    "クラスターにマネージド型ノードグループがありません",
);
pub(super) const CLUSTER_MEMBER: Remark = Remark::new(
    "CLUSTER_MEMBER",
    "The instance is a member of a DB cluster, which is judged itself",
    "DB クラスターのメンバーです(クラスターを評価します)",
);
pub(super) const READ_REPLICA: Remark = Remark::new(
    "READ_REPLICA",
    "The instance is a read replica; its source is judged",
    "リードレプリカです(ソースを評価します)",
);
pub(super) const SERVERLESS_CLUSTER: Remark = Remark::new(
    "SERVERLESS_CLUSTER",
    "Aurora Serverless v1 has no members of its own, and is restarted in another zone by AWS",
    "Aurora Serverless v1 にはメンバーがなく、別のゾーンでの再起動は AWS が行います",
);
pub(super) const NO_MEMBERS: Remark = Remark::new(
    "NO_MEMBERS",
    "The DB cluster has no instance",
    "DB クラスターにインスタンスがありません",
);
pub(super) const ZONE_RELOCATION: Remark = Remark::new(
    "ZONE_RELOCATION",
    "The cluster can be relocated to another zone",
    "クラスターは別のゾーンへ再配置できます",
);
pub(super) const OUTSIDE_VPC: Remark = Remark::new(
    "OUTSIDE_VPC",
    "The function is not in a VPC; AWS runs it in several zones",
    "関数は VPC に接続しておらず、AWS が複数のゾーンで実行します",
);
pub(super) const NOT_MOUNTED: Remark = Remark::new(
    "NOT_MOUNTED",
    "The file system is regional, and has no mount target",
    "リージョナルのファイルシステムで、マウントターゲットはありません",
);
pub(super) const GATEWAY_ENDPOINT: Remark = Remark::new(
    "GATEWAY_ENDPOINT",
    "The endpoint is a route, and in no zone",
    "ゲートウェイエンドポイントは経路であり、ゾーンに配置されません",
);
pub(super) const ONE_SUBNET_BY_DESIGN: Remark = Remark::new(
    "ONE_SUBNET_BY_DESIGN",
    "An endpoint of a Gateway Load Balancer takes one subnet; each zone has its own",
    "Gateway Load Balancer エンドポイントは 1 つのサブネットに置くもので、ゾーンごとに作成します",
);
pub(super) const MANAGED_BY_AWS: Remark = Remark::new(
    "MANAGED_BY_AWS",
    "An AWS service manages the endpoint",
    "AWS のサービスが管理するエンドポイントです",
);
pub(super) const NOT_OF_A_VPC: Remark = Remark::new(
    "NOT_OF_A_VPC",
    "The attachment is not one of a VPC",
    "VPC のアタッチメントではありません",
);
pub(super) const SHARED_VPC: Remark = Remark::new(
    "SHARED_VPC",
    "Another account owns the VPC, and is judged there",
    "VPC は他のアカウントが所有しており、そちらで評価します",
);
pub(super) const NO_NAT_GATEWAY: Remark = Remark::new(
    "NO_NAT_GATEWAY",
    "No subnet of the VPC routes to a NAT gateway",
    "NAT ゲートウェイを経路に使うサブネットがありません",
);
pub(super) const NO_CACHE_OR_FILE_SYSTEM: Remark = Remark::new(
    "NO_CACHE_OR_FILE_SYSTEM",
    "The account has no replication group and no FSx file system to judge here",
    "評価対象のレプリケーショングループと FSx ファイルシステムがありません",
);

pub(super) const ALL: &[&Remark] = &[
    &OUTSIDE_SCOPE_TAG,
    &NOT_PRODUCTION,
    &REPRODUCIBLE,
    &GROUP_MEMBER,
    &NO_WORKLOAD_TAG,
    &NOT_RUNNING,
    &DAEMON_SERVICE,
    &NO_TASKS,
    &NETWORK_OF_INSTANCES,
    &NO_NODE_GROUPS,
    &CLUSTER_MEMBER,
    &READ_REPLICA,
    &SERVERLESS_CLUSTER,
    &NO_MEMBERS,
    &ZONE_RELOCATION,
    &OUTSIDE_VPC,
    &NOT_MOUNTED,
    &GATEWAY_ENDPOINT,
    &ONE_SUBNET_BY_DESIGN,
    &MANAGED_BY_AWS,
    &NOT_OF_A_VPC,
    &SHARED_VPC,
    &NO_NAT_GATEWAY,
    &NO_CACHE_OR_FILE_SYSTEM,
];
