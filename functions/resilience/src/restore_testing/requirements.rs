//! What is required.

use fisc_shared::{Requirement, ResourceType, Text};

/// All, in the order of the catalogue.
pub(super) const ALL: &[&Requirement] = &[
    &RESTORE_TESTING_PLAN_MISSING,
    &RESTORE_NOT_TESTED,
    &RESTORE_TIME_OVER_RTO,
    &FAILOVER_NOT_TESTED,
    &CACHE_FAILOVER_NOT_TESTED,
    &DX_FAILOVER_NOT_TESTED,
    &DRS_DRILL_MISSING,
    &RESILIENCE_APP_INCOMPLETE,
    &RESILIENCE_POLICY_BREACHED,
];

/// What AWS Backup restores.
const RESTORED: &[ResourceType] = &[
    ResourceType::EC2_INSTANCE,
    ResourceType::EC2_VOLUME,
    ResourceType::RDS_DB_INSTANCE,
    ResourceType::RDS_DB_CLUSTER,
    ResourceType::DYNAMODB_TABLE,
    ResourceType::EFS_FILE_SYSTEM,
    ResourceType::S3_BUCKET,
];

pub(super) const RESTORE_TESTING_PLAN_MISSING: Requirement = Requirement::of_account(
    "RESTORE_TESTING_PLAN_MISSING",
    1,
    Text::new(
        "Restore testing does not run for what it must",
        "必要なリストアテストが実行されていません",
    ),
    Text::new(
        "Fails when AWS Backup protects resources, but no restore testing plan that ran within \
         testingPlanMaxDays selects anything, or any of requiredTestTypes.",
        "AWS Backup で保護されるリソースがあるのに、testingPlanMaxDays 以内に実行されたリストアテストプランに\
         選択がないとき、または requiredTestTypes のいずれかが選択されていないとき不適合です。",
    ),
);

pub(super) const RESTORE_NOT_TESTED: Requirement = Requirement {
    code: "RESTORE_NOT_TESTED",
    wave: 1,
    resources: RESTORED,
    title: Text::new("No recent successful restore", "最近の成功したリストアがありません"),
    rule: Text::new(
        "Fails when a critical resource that AWS Backup protects has no completed restore within \
         restoreMaxDays, or only ones whose validation failed. A restore that is older than the \
         list of jobs counts by its date.",
        "AWS Backup で保護される重要なリソースに、restoreMaxDays 以内に完了したリストアがないとき、または\
         検証に失敗したものしかないとき不適合です。ジョブの一覧より古いリストアは日付で判断します。",
    ),
};

pub(super) const RESTORE_TIME_OVER_RTO: Requirement = Requirement {
    code: "RESTORE_TIME_OVER_RTO",
    wave: 1,
    resources: RESTORED,
    title: Text::new("The restore took too long", "リストアの所要時間が長すぎます"),
    rule: Text::new(
        "Fails when the last measured restore of a critical resource took longer than rtoMinutes, \
         or than the number of minutes in its tag fisc:rto-minutes.",
        "重要なリソースの直近のリストアの実測時間が rtoMinutes(fisc:rto-minutes タグに数値があればその分数)を\
         超えるとき不適合です。",
    ),
};

pub(super) const FAILOVER_NOT_TESTED: Requirement = Requirement {
    code: "FAILOVER_NOT_TESTED",
    wave: 1,
    resources: &[ResourceType::RDS_DB_INSTANCE, ResourceType::RDS_DB_CLUSTER],
    title: Text::new("No recent failover was seen", "最近のフェイルオーバーが確認できません"),
    rule: Text::new(
        "Fails when a critical database with a standby shows no failover within failoverMaxDays, \
         neither in the events of RDS (which reach 14 days) nor in those of CloudTrail (90 days), \
         and its tag fisc:last-failover-test has no date within restoreMaxDays.",
        "スタンバイのある重要なデータベースのフェイルオーバーが、failoverMaxDays 以内の RDS のイベント\
         (14 日分)にも CloudTrail のイベント(90 日分)にもなく、fisc:last-failover-test タグにも \
         restoreMaxDays 以内の日付がないとき不適合です。",
    ),
};

pub(super) const CACHE_FAILOVER_NOT_TESTED: Requirement = Requirement::of_account(
    "CACHE_FAILOVER_NOT_TESTED",
    2,
    Text::new(
        "Caches without a recent failover test",
        "最近フェイルオーバーテストが行われていないキャッシュがあります",
    ),
    Text::new(
        "Fails when a critical replication group of ElastiCache with automatic failover has neither \
         a TestFailover event within failoverMaxDays nor a date within restoreMaxDays in its tag \
         fisc:last-failover-test.",
        "自動フェイルオーバーが有効で重要な ElastiCache レプリケーショングループに、failoverMaxDays 以内の \
         TestFailover イベントも、fisc:last-failover-test タグの restoreMaxDays 以内の日付もないとき不適合です。",
    ),
);

pub(super) const DX_FAILOVER_NOT_TESTED: Requirement = Requirement::of_account(
    "DX_FAILOVER_NOT_TESTED",
    1,
    Text::new(
        "Direct Connect has no recent failover test",
        "Direct Connect の最近のフェイルオーバーテストがありません",
    ),
    Text::new(
        "Fails when the account has two or more virtual interfaces, and the test history of none of \
         them has a test that ended within dxTestMaxDays.",
        "仮想インターフェイスが 2 つ以上あり、そのいずれのテスト履歴にも dxTestMaxDays 以内に終了した\
         テストがないとき不適合です。",
    ),
);

pub(super) const DRS_DRILL_MISSING: Requirement = Requirement::of_account(
    "DRS_DRILL_MISSING",
    2,
    Text::new(
        "Source servers without a recent recovery drill",
        "最近の復旧訓練がないソースサーバーがあります",
    ),
    Text::new(
        "Fails when a source server of Elastic Disaster Recovery in this Region has no drill or \
         recovery within drsDrillMaxDays whose launch succeeded.",
        "このリージョンの Elastic Disaster Recovery のソースサーバーに、drsDrillMaxDays 以内に起動に成功した\
         訓練または復旧がないとき不適合です。",
    ),
);

pub(super) const RESILIENCE_APP_INCOMPLETE: Requirement = Requirement {
    code: "RESILIENCE_APP_INCOMPLETE",
    wave: 1,
    resources: &[ResourceType::RESILIENCE_HUB_APP, ResourceType::ACCOUNT],
    title: Text::new(
        "Resilience Hub does not assess what it must",
        "Resilience Hub による評価の設定が不足しています",
    ),
    rule: Text::new(
        "Fails when an application has no resiliency policy or no daily assessment; with \
         requireResilienceApp also when the account has no application in this Region.",
        "アプリケーションに耐障害性ポリシーまたは毎日の評価が設定されていないとき不適合です。\
         requireResilienceApp を指定した場合は、このリージョンにアプリケーションがないときも不適合です。",
    ),
};

pub(super) const RESILIENCE_POLICY_BREACHED: Requirement = Requirement {
    code: "RESILIENCE_POLICY_BREACHED",
    wave: 1,
    resources: &[ResourceType::RESILIENCE_HUB_APP],
    title: Text::new(
        "The application does not meet its resiliency policy",
        "アプリケーションが耐障害性ポリシーを満たしていません",
    ),
    rule: Text::new(
        "Fails when the compliance status of an application with a policy is not PolicyMet, its \
         last assessment is older than assessmentMaxDays, or drift was detected.",
        "ポリシーのあるアプリケーションの状態が PolicyMet でないとき、直近の評価が assessmentMaxDays より\
         古いとき、またはドリフトが検出されたとき不適合です。",
    ),
};
