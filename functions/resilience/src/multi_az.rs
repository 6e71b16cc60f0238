//! `multi-az`: what runs a workload is in several Availability Zones.
//!
//! A zone is what fails as one: its power, its network, its building. A workload stays up when
//! each of its parts has a second one in another zone, and each kind of part says so in words of
//! its own: a table from resource type to predicate holds them (`multi_az/kinds.rs`, with small
//! files by kind of service). Most items tell their zones themselves. Others tell subnets, whose
//! zones Config's inventory knows; subnets that another account shares are not in it, so EC2 is
//! asked for those. What changes without an item of the resource is judged daily: which instances
//! share a workload tag, the node groups of an EKS cluster, the members of a DB cluster, the mount
//! targets of a file system and the routes of a VPC to its NAT gateways. Config records neither
//! ElastiCache replication groups nor FSx file systems: one daily verdict on the account has them.
//!
//! An Aurora cluster stores its data in three zones whatever runs it, so that its members count
//! and not its zones. Zones are compared by the names that this account has for them; all of them
//! come from its own calls and items.
//!
//! Criteria: 実71, 実73, 実74, 実84 to 実88, 実103, 実104, 実106 ask for it. To fix a resource, give
//! it subnets in a second zone, or turn Multi-AZ on.

use fisc_shared::{
    Action, Check, Control, Criteria, Domain, Limits, Placement, Remedy, ResourceType, Severity,
    Text, Trigger, ec2, inventory,
};

mod account;
mod asked;
mod compute;
mod databases;
mod declared;
mod egress;
mod kinds;
mod members;
mod messaging;
mod network;
mod remarks;
mod scope;
mod services;
mod spread;
mod storage;
#[cfg(test)]
mod tests;
mod workloads;

use declared as d;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "multi-az",
    domain: Domain::Resilience,
    severity: Severity::High,
    title: Text::new(
        "Workload components span several Availability Zones",
        "ワークロードの構成要素を複数のアベイラビリティゾーンに配置している",
    ),
    why: Text::new(
        "The machines of one Availability Zone share power, cooling and network, and fail \
         together. A component that runs in one zone only takes the whole service down with it.",
        "1 つのアベイラビリティゾーンの設備は電源・空調・ネットワークを共有し、同時に停止することが\
         あります。単一ゾーンだけで動く構成要素があると、そのゾーンの障害でサービス全体が停止します。",
    ),
    fix: Text::new(
        "Give Auto Scaling groups, load balancers, functions, endpoints, firewalls and services \
         subnets in at least two zones (Network settings of each). Turn on Multi-AZ of databases, \
         caches, brokers and replication instances (Modify), and add a reader in another zone to \
         Aurora clusters. Give each zone a NAT gateway and route its subnets there, or use a \
         regional NAT gateway (VPC > NAT gateways).",
        "Auto Scaling グループ、ロードバランサー、関数、エンドポイント、ファイアウォール、\
         サービスのネットワーク設定で、2 つ以上のゾーンのサブネットを指定します。データベース、\
         キャッシュ、ブローカー、レプリケーションインスタンスは「変更」でマルチ AZ を有効にし、\
         Aurora クラスターには別のゾーンにリーダーを追加します。NAT ゲートウェイはゾーンごとに\
         用意するか、リージョナル NAT ゲートウェイを使います(VPC >「NAT ゲートウェイ」)。",
    ),
    remedy: Remedy::new(include_str!("multi_az/remedy.sh"), include_str!("multi_az/remedy.yaml")),
    reference: "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_fault_isolation_multiaz_region_system.html",
    criteria: Criteria {
        explicit: &[
            "実71",
            "実73",
            "実73 8",
            "実74",
            "実74 4",
            "実84",
            "実85",
            "実86",
            "実87",
            "実88",
            "実103 (unnumbered row)",
            "実103 2",
            "実104",
            "実106",
        ],
        implied: &["実71 5", "実72 9"],
    },
    resources: &[
        ResourceType::AUTO_SCALING_AUTO_SCALING_GROUP,
        ResourceType::ELBV2_LOAD_BALANCER,
        ResourceType::ELB_LOAD_BALANCER,
        ResourceType::EC2_INSTANCE,
        ResourceType::ECS_SERVICE,
        ResourceType::EKS_CLUSTER,
        ResourceType::RDS_DB_INSTANCE,
        ResourceType::RDS_DB_CLUSTER,
        ResourceType::LAMBDA_FUNCTION,
        ResourceType::OPENSEARCH_DOMAIN,
        ResourceType::REDSHIFT_CLUSTER,
        ResourceType::EFS_FILE_SYSTEM,
        ResourceType::MSK_CLUSTER,
        ResourceType::MQ_BROKER,
        ResourceType::DMS_REPLICATION_INSTANCE,
        ResourceType::NETWORK_FIREWALL_FIREWALL,
        ResourceType::EC2_VPC_ENDPOINT,
        ResourceType::EC2_VPC,
        ResourceType::EC2_TRANSIT_GATEWAY_ATTACHMENT,
        ResourceType::S3_BUCKET,
        ResourceType::S3_DIRECTORY_BUCKET,
        ResourceType::ACCOUNT,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        inventory::SELECT_ACTION,
        Action::any(ec2::action::DESCRIBE_SUBNETS),
        Action::on(
            asked::LIST_NODEGROUPS,
            "arn:${AWS::Partition}:eks:${AWS::Region}:${AWS::AccountId}:cluster/*",
        ),
        Action::on(
            asked::DESCRIBE_NODEGROUP,
            "arn:${AWS::Partition}:eks:${AWS::Region}:${AWS::AccountId}:nodegroup/*",
        ),
        Action::on(
            asked::DESCRIBE_DB_INSTANCES,
            "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:db:*",
        ),
        Action::on(asked::DESCRIBE_FILE_SYSTEMS, FILE_SYSTEMS),
        Action::on(asked::DESCRIBE_MOUNT_TARGETS, FILE_SYSTEMS),
        Action::on(
            account::DESCRIBE_REPLICATION_GROUPS,
            "arn:${AWS::Partition}:elasticache:${AWS::Region}:${AWS::AccountId}:replicationgroup:*",
        ),
        Action::any(account::DESCRIBE_FSX_FILE_SYSTEMS),
        Action::any(account::GET_RESOURCES),
    ],
    parameters: &[
        d::MIN_AVAILABILITY_ZONES.spec,
        d::SCOPE_TAG.spec,
        d::NON_PRODUCTION_TAG.spec,
        d::WORKLOAD_TAG_KEY.spec,
        d::MIN_DESIRED_COUNT.spec,
        d::MIN_DATA_NODES.spec,
        d::ACCEPT_REDSHIFT_RELOCATION.spec,
        d::REPRODUCIBLE_TAG_KEY.spec,
    ],
    requirements: &[
        &d::ASG_SINGLE_AZ,
        &d::LB_SINGLE_AZ,
        &d::WORKLOAD_SINGLE_AZ,
        &d::ECS_SERVICE_SINGLE_AZ,
        &d::EKS_NODES_SINGLE_AZ,
        &d::RDS_SINGLE_AZ,
        &d::LAMBDA_VPC_SINGLE_AZ,
        &d::CACHE_SINGLE_AZ,
        &d::SEARCH_SINGLE_AZ,
        &d::REDSHIFT_SINGLE_AZ,
        &d::FILE_SYSTEM_SINGLE_AZ,
        &d::BROKER_SINGLE_AZ,
        &d::DMS_SINGLE_AZ,
        &d::NETWORK_PATH_SINGLE_AZ,
        &d::NAT_SHARED_ACROSS_AZ,
        &d::BUCKET_SINGLE_AZ_CLASS,
        &d::FAILOVER_TARGET_SMALLER,
    ],
    remarks: remarks::ALL,
    limits: Limits::SWEEP,
    check: Check::Service {
        preview: services::preview,
        connect: services::connect,
        swept: services::SWEPT,
    },
};

const FILE_SYSTEMS: &str =
    "arn:${AWS::Partition}:elasticfilesystem:${AWS::Region}:${AWS::AccountId}:file-system/*";
