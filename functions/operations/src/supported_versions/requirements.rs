//! The requirements of `supported-versions`, and its remarks.

use fisc_shared::{Remark, Requirement, ResourceType, Text};

/// A requirement of one type or a few.
const fn of(
    code: &'static str,
    wave: u8,
    resources: &'static [ResourceType],
    title: Text,
    rule: Text,
) -> Requirement {
    Requirement { code, wave, resources, title, rule }
}

pub(super) const LAMBDA_RUNTIME_UNSUPPORTED: Requirement = of(
    "LAMBDA_RUNTIME_UNSUPPORTED",
    1,
    &[ResourceType::LAMBDA_FUNCTION],
    Text::new(
        "The function's runtime is deprecated or about to be",
        "関数のランタイムのサポートが終了しているか、まもなく終了します",
    ),
    Text::new(
        "Fails when the deprecation date of the runtime (configuration.runtime) is past or within \
         warnDays, by the version table. Functions in container images are left out.",
        "ランタイム(configuration.runtime)の廃止日が過ぎているか warnDays 以内に迫っているとき\
         不適合です(バージョン表による)。コンテナイメージの関数は対象外です。",
    ),
);

pub(super) const EKS_VERSION_UNSUPPORTED: Requirement = of(
    "EKS_VERSION_UNSUPPORTED",
    1,
    &[ResourceType::EKS_CLUSTER],
    Text::new(
        "The cluster's Kubernetes version leaves standard support",
        "Kubernetes バージョンの標準サポートが終了しているか、まもなく終了します",
    ),
    Text::new(
        "Fails when the end of standard support of configuration.Version is past or within \
         warnDays (eks:DescribeClusterVersions).",
        "configuration.Version の標準サポートの終了日が過ぎているか warnDays 以内に迫っているとき\
         不適合です(eks:DescribeClusterVersions)。",
    ),
);

pub(super) const RDS_MAJOR_UNSUPPORTED: Requirement = of(
    "RDS_MAJOR_UNSUPPORTED",
    1,
    &[ResourceType::RDS_DB_INSTANCE, ResourceType::RDS_DB_CLUSTER],
    Text::new(
        "The database's major version leaves standard support",
        "メジャーバージョンの標準サポートが終了しているか、まもなく終了します",
    ),
    Text::new(
        "Fails when the end of standard support of the major version is past or within warnDays \
         (rds:DescribeDBMajorEngineVersions; the version table for engines of which RDS tells \
         none). Members of a cluster are judged on the cluster.",
        "メジャーバージョンの標準サポートの終了日が過ぎているか warnDays 以内に迫っているとき\
         不適合です(rds:DescribeDBMajorEngineVersions。RDS が日付を示さないエンジンはバージョン表)。\
         クラスターのメンバーはクラスターで評価します。",
    ),
);

pub(super) const RDS_ENGINE_DEPRECATED: Requirement = of(
    "RDS_ENGINE_DEPRECATED",
    1,
    &[ResourceType::RDS_DB_INSTANCE, ResourceType::RDS_DB_CLUSTER],
    Text::new(
        "The database's engine version is not available any more",
        "データベースのエンジンバージョンが提供終了になっています",
    ),
    Text::new(
        "Fails when the exact engine version is not listed as available \
         (rds:DescribeDBEngineVersions with IncludeAll).",
        "エンジンのバージョンの状態が available でないとき不適合です\
         (rds:DescribeDBEngineVersions、IncludeAll)。",
    ),
);

pub(super) const OPENSEARCH_OUTDATED: Requirement = of(
    "OPENSEARCH_OUTDATED",
    1,
    &[ResourceType::OPENSEARCH_DOMAIN],
    Text::new(
        "The domain's engine or its service software is out of date",
        "ドメインのエンジンまたはサービスソフトウェアが古くなっています",
    ),
    Text::new(
        "Fails when the engine version is not offered any more (es:ListVersions), when its \
         standard support is past or ends within warnDays (version table), or when a required \
         software update is past its date or has been waiting for longer than \
         serviceSoftwareGraceDays.",
        "エンジンバージョンが提供されなくなったとき(es:ListVersions)、標準サポートの終了日が過ぎて\
         いるか warnDays 以内に迫っているとき(バージョン表)、または必須のソフトウェア更新が期日を\
         過ぎているか serviceSoftwareGraceDays を超えて適用されていないとき不適合です。",
    ),
);

pub(super) const MQ_ENGINE_UNSUPPORTED: Requirement = of(
    "MQ_ENGINE_UNSUPPORTED",
    1,
    &[ResourceType::MQ_BROKER],
    Text::new(
        "The broker's engine version is not offered any more",
        "ブローカーのエンジンバージョンが提供終了になっています",
    ),
    Text::new(
        "Fails when configuration.EngineVersion is not among the versions that a new broker may \
         have (mq:DescribeBrokerEngineTypes).",
        "configuration.EngineVersion が、新規作成できるバージョンに含まれないとき不適合です\
         (mq:DescribeBrokerEngineTypes)。",
    ),
);

pub(super) const KAFKA_VERSION_DEPRECATED: Requirement = of(
    "KAFKA_VERSION_DEPRECATED",
    1,
    &[ResourceType::MSK_CLUSTER],
    Text::new(
        "The cluster's Kafka version is deprecated",
        "クラスターの Kafka バージョンが非推奨になっています",
    ),
    Text::new(
        "Fails when the status of configuration.KafkaVersion is another one than ACTIVE \
         (kafka:ListKafkaVersions).",
        "configuration.KafkaVersion の状態が ACTIVE でないとき不適合です\
         (kafka:ListKafkaVersions)。",
    ),
);

pub(super) const BEANSTALK_PLATFORM_RETIRED: Requirement = of(
    "BEANSTALK_PLATFORM_RETIRED",
    1,
    &[ResourceType::BEANSTALK_ENVIRONMENT],
    Text::new(
        "The environment's platform branch is deprecated or retired",
        "環境のプラットフォームブランチが非推奨または廃止になっています",
    ),
    Text::new(
        "Fails when the platform or its branch is deprecated or retired \
         (elasticbeanstalk:DescribePlatformVersion). Custom platforms are left out.",
        "プラットフォームまたはそのブランチが非推奨または廃止のとき不適合です\
         (elasticbeanstalk:DescribePlatformVersion)。カスタムプラットフォームは対象外です。",
    ),
);

pub(super) const GLUE_VERSION_UNSUPPORTED: Requirement = of(
    "GLUE_VERSION_UNSUPPORTED",
    1,
    &[ResourceType::GLUE_JOB],
    Text::new(
        "The job's Glue version leaves support",
        "ジョブの Glue バージョンのサポートが終了しているか、まもなく終了します",
    ),
    Text::new(
        "Fails when the end of support of configuration.GlueVersion is past or within warnDays \
         for this type of job (configuration.Command.Name), by the version table.",
        "ジョブの種類(configuration.Command.Name)ごとに、configuration.GlueVersion のサポート終了日が\
         過ぎているか warnDays 以内に迫っているとき不適合です(バージョン表による)。",
    ),
);

pub(super) const FARGATE_PLATFORM_OLD: Requirement = of(
    "FARGATE_PLATFORM_OLD",
    1,
    &[ResourceType::ECS_SERVICE],
    Text::new(
        "The service is pinned to an old Fargate platform version",
        "サービスが古い Fargate プラットフォームバージョンに固定されています",
    ),
    Text::new(
        "Fails when a service on Fargate names a platform version other than LATEST or a current \
         one of the version table (configuration.PlatformVersion).",
        "Fargate のサービスが、LATEST または現行(バージョン表)以外のプラットフォームバージョンを\
         指定しているとき不適合です(configuration.PlatformVersion)。",
    ),
);

pub(super) const OTHER_ENGINE_UNSUPPORTED: Requirement = Requirement::of_account(
    "OTHER_ENGINE_UNSUPPORTED",
    1,
    Text::new(
        "Caches, EMR clusters or canaries run on what leaves support",
        "キャッシュ・EMR クラスター・Canary のバージョンがサポート終了済みか終了間近です",
    ),
    Text::new(
        "Fails when the end of support of an ElastiCache engine, of the release of a running EMR \
         cluster (version table) or of the runtime of a canary (synthetics:DescribeRuntimeVersions) \
         is past or within warnDays. AWS Config records none of them.",
        "ElastiCache のエンジン、稼働中の EMR クラスターのリリース(バージョン表)、または Canary の\
         ランタイム(synthetics:DescribeRuntimeVersions)のサポート終了日が過ぎているか warnDays 以内に\
         迫っているとき不適合です。いずれも AWS Config の記録対象外です。",
    ),
);

pub(super) const OS_UNSUPPORTED: Requirement = of(
    "OS_UNSUPPORTED",
    1,
    &[ResourceType::EC2_INSTANCE],
    Text::new(
        "The instance's operating system leaves vendor support",
        "インスタンスの OS のベンダーサポートが終了しているか、まもなく終了します",
    ),
    Text::new(
        "Fails when vendor support of the operating system that Systems Manager reports is past or \
         ends within warnDays (ssm:DescribeInstanceInformation; version table).",
        "Systems Manager が示す OS のベンダーサポートの終了日が過ぎているか warnDays 以内に迫っている\
         とき不適合です(ssm:DescribeInstanceInformation、バージョン表)。",
    ),
);

pub(super) const AMI_DEPRECATED: Requirement = of(
    "AMI_DEPRECATED",
    2,
    &[ResourceType::EC2_INSTANCE],
    Text::new(
        "The instance was started from an image that is deprecated, disabled or gone",
        "インスタンスの AMI が非推奨・無効、または存在しません",
    ),
    Text::new(
        "Fails when the deprecation time of configuration.imageId is past, the image is disabled, \
         or it is not found any more (ec2:DescribeImages).",
        "configuration.imageId の AMI が非推奨の日時を過ぎているとき、無効化されているとき、または\
         見つからないとき不適合です(ec2:DescribeImages)。",
    ),
);

pub(super) const AUTO_MINOR_UPGRADE_OFF: Requirement = of(
    "AUTO_MINOR_UPGRADE_OFF",
    2,
    &[
        ResourceType::RDS_DB_INSTANCE,
        ResourceType::RDS_DB_CLUSTER,
        ResourceType::DMS_REPLICATION_INSTANCE,
        ResourceType::MQ_BROKER,
        ResourceType::REDSHIFT_CLUSTER,
    ],
    Text::new(
        "Minor versions are not upgraded automatically",
        "マイナーバージョンの自動アップグレードが無効です",
    ),
    Text::new(
        "Fails when automatic upgrades are off and the tag of managedPatchingTag is absent. Of \
         Aurora and Neptune the instances are judged, of Multi-AZ DB clusters the cluster; \
         DocumentDB and RDS Custom have no such upgrades.",
        "自動アップグレードが無効で、managedPatchingTag のタグがないとき不適合です。Aurora と \
         Neptune はインスタンス、マルチ AZ DB クラスターはクラスターで評価します。DocumentDB と \
         RDS Custom にはこの機能がありません。",
    ),
);

pub(super) const VERSION_TABLE_STALE: Requirement = Requirement::of_account(
    "VERSION_TABLE_STALE",
    1,
    Text::new(
        "The version table was not checked for long",
        "バージョン表の最終確認日から長期間が経過しています",
    ),
    Text::new(
        "Fails when a part of the bundled table that this account needs was last compared with \
         its sources more than maxTableAgeDays ago. A newer release of these rules has a newer \
         table.",
        "このアカウントで使用する部分のバージョン表が、最後に出典と照合してから maxTableAgeDays を\
         超えているとき不適合です。新しいリリースには新しい表が含まれます。",
    ),
);

pub(super) const VERSION_UNKNOWN: Remark = Remark::new(
    "VERSION_UNKNOWN",
    "When support of the version ends is not known",
    "バージョンのサポート終了日を確認できません",
);

pub(super) const MANAGED_PATCHING: Remark = Remark::new(
    "MANAGED_PATCHING",
    "Minor upgrades are planned through change management, as the tag says",
    "タグにより、マイナーアップグレードは変更管理で計画的に実施されます",
);

pub(super) const CONTAINER_IMAGE: Remark = Remark::new(
    "CONTAINER_IMAGE",
    "The function is a container image with its own runtime",
    "コンテナイメージの関数のため、ランタイムはイメージに含まれます",
);

pub(super) const CONNECTED_CLUSTER: Remark = Remark::new(
    "CONNECTED_CLUSTER",
    "A cluster outside of AWS that is only connected to EKS",
    "EKS に接続された AWS 外のクラスターです",
);

pub(super) const JUDGED_ON_CLUSTER: Remark = Remark::new(
    "JUDGED_ON_CLUSTER",
    "The version is judged on the cluster",
    "バージョンはクラスターで評価します",
);

pub(super) const CUSTOM_PLATFORM: Remark = Remark::new(
    "CUSTOM_PLATFORM",
    "The environment runs on a custom platform",
    "カスタムプラットフォームの環境です",
);

pub(super) const NOT_ON_FARGATE: Remark = Remark::new(
    "NOT_ON_FARGATE",
    "The service does not run on Fargate",
    "Fargate で実行されるサービスではありません",
);

pub(super) const INSTANCE_TERMINATED: Remark =
    Remark::new("INSTANCE_TERMINATED", "The instance is terminated", "インスタンスは終了済みです");

pub(super) const INSTANCE_NOT_MANAGED: Remark = Remark::new(
    "INSTANCE_NOT_MANAGED",
    "Systems Manager does not report the operating system of the instance",
    "Systems Manager からインスタンスの OS を確認できません",
);
