//! The parameters of the control.

use fisc_shared::Text;
use fisc_shared::parameter::Param;

pub(super) const MAX_UTILIZATION_PERCENT: Param<i64> = Param::integer(
    "maxUtilizationPercent",
    80,
    1,
    100,
    Text::new("Highest tolerated use of a quota in percent", "許容するクォータ使用率の上限(%)"),
);

pub(super) const SERVICE_CODES: Param<Vec<String>> = Param::list(
    "serviceCodes",
    &["ec2", "elasticloadbalancing", "lambda", "ecs", "fargate", "rds", "vpc", "autoscaling"],
    Text::new(
        "Services whose quotas are watched, by their codes in Service Quotas; empty: none",
        "クォータを監視するサービス(Service Quotas のサービスコード。空の場合は評価しない)",
    ),
);

pub(super) const WINDOW_HOURS: Param<i64> = Param::integer(
    "windowHours",
    24,
    1,
    336,
    Text::new(
        "Hours over which use and free storage are judged",
        "使用率と空き容量を評価する時間数",
    ),
);

pub(super) const REQUIRE_QUOTA_ALARM: Param<bool> = Param::flag(
    "requireQuotaAlarm",
    true,
    Text::new(
        "An alarm with SERVICE_QUOTA() or automatic management of quotas is required",
        "SERVICE_QUOTA() を用いたアラームまたはクォータの自動管理を必須とする",
    ),
);

pub(super) const ADVISOR_CATEGORIES: Param<Vec<String>> = Param::list(
    "advisorCategories",
    &["service_limits", "security", "fault_tolerance"],
    Text::new(
        "Categories of Trusted Advisor that are judged; empty: none",
        "評価する Trusted Advisor のカテゴリ(空の場合は評価しない)",
    ),
);

pub(super) const ADVISOR_FAIL_ON_YELLOW: Param<Vec<String>> = Param::list(
    "advisorFailOnYellow",
    &["service_limits"],
    Text::new("Categories in which a warning fails too", "警告(黄)でも不適合とするカテゴリ"),
);

pub(super) const STORAGE_HEADROOM_PERCENT: Param<i64> = Param::integer(
    "storageHeadroomPercent",
    10,
    0,
    1000,
    Text::new(
        "Percent by which a database's storage must be able to grow",
        "データベースのストレージに必要な拡張余地(%)",
    ),
);

pub(super) const MIN_FREE_STORAGE_PERCENT: Param<i64> = Param::integer(
    "minFreeStoragePercent",
    15,
    0,
    99,
    Text::new(
        "Lowest tolerated free storage of a database in percent",
        "許容するデータベースの空き容量の下限(%)",
    ),
);

pub(super) const DR_REGION: Param<String> = Param::text(
    "drRegion",
    "",
    Text::new(
        "Region for disaster recovery, whose quotas must not be lower; empty: not judged",
        "災害対策用リージョン(クォータの低下を評価。空の場合は評価しない)",
    ),
);
