//! `restore-testing`: restores, failovers and recovery drills are practised, and are fast enough.
//!
//! A backup that nobody ever restored and a standby that never took over are hopes, not measures.
//! AWS keeps the traces of the exercises: restore jobs and restore testing plans of AWS Backup,
//! events of RDS (14 days) and of CloudTrail (90 days), tests of Direct Connect, drills of Elastic
//! Disaster Recovery and assessments of Resilience Hub. Resources whose exercises must be seen are
//! tagged as critical. A failover test that is older than the event history, or was made with SQL
//! inside Aurora, leaves no trace: its date in a tag stands for it.
//!
//! Criteria: 実39 5, 実71, 実71 5, 実103-1, 実104, 実106 ask for it. To fix a failure, practise:
//! schedule restore testing in AWS Backup, fail databases over, run a recovery drill.

mod account;
mod apps;
mod drills;
mod requirements;
mod restores;
mod services;

use std::collections::BTreeMap;

use drills::Database;
use fisc_services::direct_connect;
use fisc_shared::inventory::SELECT_ACTION;
use fisc_shared::parameter::Param;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Limits, Placement, Remark,
    Remedy, ResourceType, Run, Severity, Text, Trigger, Verdict,
};
use jiff::{SignedDuration, Timestamp};
use requirements::{
    CACHE_FAILOVER_NOT_TESTED, DRS_DRILL_MISSING, DX_FAILOVER_NOT_TESTED, FAILOVER_NOT_TESTED,
    RESILIENCE_APP_INCOMPLETE, RESILIENCE_POLICY_BREACHED, RESTORE_NOT_TESTED,
    RESTORE_TESTING_PLAN_MISSING, RESTORE_TIME_OVER_RTO,
};

use crate::scope::is_tagged;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "restore-testing",
    domain: Domain::Resilience,
    severity: Severity::Medium,
    title: Text::new(
        "Restores, failovers and recovery drills are practised and meet the recovery time objective",
        "リストア・フェイルオーバー・復旧訓練が定期的に実施され、目標復旧時間を満たしている",
    ),
    why: Text::new(
        "Whether a backup can be restored, a standby takes over and both are fast enough only shows \
         when it is tried. In an emergency it is too late to find out.",
        "バックアップを復元できるか、スタンバイに切り替わるか、所要時間が目標に収まるかは、実際に試さなければ\
         分かりません。障害が起きてからでは遅すぎます。",
    ),
    fix: Text::new(
        "In AWS Backup > Restore testing create a plan with selections for the types in use. Fail \
         Multi-AZ databases over (RDS > Actions > Reboot with failover, or Failover), run \
         bring-down tests of Direct Connect (Virtual interfaces > Actions) and recovery drills of \
         Elastic Disaster Recovery. A test that leaves no event is recorded in the tag \
         fisc:last-failover-test.",
        "AWS Backup の「復元テスト」でプランを作成し、利用中のリソースタイプの選択を加えます。\
         マルチ AZ のデータベースをフェイルオーバーさせ(RDS >「アクション」>「再起動」または\
         「フェイルオーバー」)、Direct Connect のフェイルオーバーテスト(「仮想インターフェイス」>\
         「アクション」)と Elastic Disaster Recovery の復旧訓練を実施します。イベントが残らない\
         テストは fisc:last-failover-test タグに日付を記録します。",
    ),
    remedy: Remedy::new(
        include_str!("restore_testing/remedy.sh"),
        include_str!("restore_testing/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html",
    criteria: Criteria {
        explicit: &["実39 5", "実71", "実71 5", "実103-1", "実104", "実106"],
        implied: &["実72 9", "実73 8", "実74 4"],
    },
    resources: TYPES,
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(account::LIST_PROTECTED_RESOURCES),
        Action::any(account::LIST_PLANS),
        Action::on(
            account::LIST_SELECTIONS,
            "arn:${AWS::Partition}:backup:${AWS::Region}:${AWS::AccountId}:restore-testing-plan:*",
        ),
        Action::any(restores::DESCRIBE_PROTECTED_RESOURCE),
        Action::any(restores::LIST_RESTORE_JOBS),
        Action::any(drills::LOOKUP_EVENTS),
        Action::any(drills::DESCRIBE_EVENTS),
        Action::any(account::GET_RESOURCES),
        Action::any(account::DESCRIBE_REPLICATION_GROUPS),
        Action::any(account::DESCRIBE_SOURCE_SERVERS),
        Action::any(direct_connect::DESCRIBE_VIRTUAL_INTERFACES),
        Action::any(account::LIST_TEST_HISTORY),
        Action::any(apps::LIST_APPS),
        Action::on(
            apps::DESCRIBE_APP,
            "arn:${AWS::Partition}:resiliencehub:${AWS::Region}:${AWS::AccountId}:app/*",
        ),
        SELECT_ACTION,
    ],
    parameters: &[
        CRITICAL_TAG.spec,
        TESTING_PLAN_MAX_DAYS.spec,
        REQUIRED_TEST_TYPES.spec,
        RESTORE_MAX_DAYS.spec,
        RTO_MINUTES.spec,
        FAILOVER_MAX_DAYS.spec,
        DRS_DRILL_MAX_DAYS.spec,
        DX_TEST_MAX_DAYS.spec,
        REQUIRE_RESILIENCE_APP.spec,
        ASSESSMENT_MAX_DAYS.spec,
    ],
    requirements: requirements::ALL,
    remarks: &[&NOT_CRITICAL, &NOT_PROTECTED, &NOTHING_TO_TEST, &APP_NOT_ACTIVE],
    limits: Limits::SWEEP,
    check: Check::Service { preview, connect: services::connect, swept: TYPES },
};

/// What is judged, all of it on the schedule, too: exercises change no item.
const TYPES: &[ResourceType] = &[
    ResourceType::ACCOUNT,
    ResourceType::EC2_INSTANCE,
    ResourceType::EC2_VOLUME,
    ResourceType::RDS_DB_INSTANCE,
    ResourceType::RDS_DB_CLUSTER,
    ResourceType::DYNAMODB_TABLE,
    ResourceType::EFS_FILE_SYSTEM,
    ResourceType::S3_BUCKET,
    ResourceType::RESILIENCE_HUB_APP,
];

const CRITICAL_TAG: Param<String> = Param::text(
    "criticalTag",
    "fisc:tier=critical",
    Text::new(
        "Tag (a key, or key=value) of the resources that must be exercised",
        "テストの実施が必要なリソースのタグ(キー、またはキー=値)",
    ),
);
const TESTING_PLAN_MAX_DAYS: Param<i64> = Param::integer(
    "testingPlanMaxDays",
    92,
    1,
    3650,
    Text::new(
        "A restore testing plan must have run within so many days",
        "リストアテストプランの直近の実行からの経過日数の上限",
    ),
);
const REQUIRED_TEST_TYPES: Param<Vec<String>> = Param::list(
    "requiredTestTypes",
    &[],
    Text::new(
        "Resource types that restore testing must select, such as EC2, RDS; empty: at least one",
        "リストアテストの対象に必要なリソースタイプ(EC2, RDS など)。空のときは 1 つ以上",
    ),
);
const RESTORE_MAX_DAYS: Param<i64> = Param::integer(
    "restoreMaxDays",
    365,
    1,
    3650,
    Text::new(
        "Oldest accepted successful restore, and oldest accepted date in a tag, in days",
        "成功した直近のリストア、またはタグの日付からの経過日数の上限",
    ),
);
const RTO_MINUTES: Param<i64> = Param::integer(
    "rtoMinutes",
    240,
    1,
    43_200,
    Text::new(
        "Longest accepted restore in minutes; a number in the tag fisc:rto-minutes overrides it",
        "リストアの所要時間の上限(分)。fisc:rto-minutes タグに数値があればそれを使う",
    ),
);
const FAILOVER_MAX_DAYS: Param<i64> = Param::integer(
    "failoverMaxDays",
    90,
    1,
    90,
    Text::new(
        "Oldest accepted failover event in days; the event history of CloudTrail reaches 90 days",
        "フェイルオーバーのイベントからの経過日数の上限(CloudTrail のイベント履歴は 90 日分)",
    ),
);
const DRS_DRILL_MAX_DAYS: Param<i64> = Param::integer(
    "drsDrillMaxDays",
    365,
    1,
    3650,
    Text::new("Oldest accepted recovery drill in days", "復旧訓練からの経過日数の上限"),
);
const DX_TEST_MAX_DAYS: Param<i64> = Param::integer(
    "dxTestMaxDays",
    365,
    1,
    3650,
    Text::new(
        "Oldest accepted failover test of Direct Connect in days",
        "Direct Connect のフェイルオーバーテストからの経過日数の上限",
    ),
);
const REQUIRE_RESILIENCE_APP: Param<bool> = Param::flag(
    "requireResilienceApp",
    false,
    Text::new(
        "The account needs an application of Resilience Hub",
        "Resilience Hub のアプリケーションを必須とする",
    ),
);
const ASSESSMENT_MAX_DAYS: Param<i64> = Param::integer(
    "assessmentMaxDays",
    30,
    1,
    3650,
    Text::new(
        "Oldest accepted assessment of Resilience Hub in days",
        "Resilience Hub の評価からの経過日数の上限",
    ),
);

/// The tag with the date of a failover test.
const LAST_FAILOVER_TAG: &str = "fisc:last-failover-test";
/// The tag with the recovery time objective of a resource.
const RTO_TAG: &str = "fisc:rto-minutes";

const NOT_CRITICAL: Remark = Remark::new(
    "NOT_CRITICAL",
    "No tag says that the resource is critical",
    "重要なリソースであることを示すタグがありません",
);
const NOT_PROTECTED: Remark = Remark::new(
    "NOT_PROTECTED",
    "AWS Backup holds no backup of it (backup-coverage reports that), and it has no standby",
    "AWS Backup のバックアップがなく(backup-coverage で評価)、スタンバイもありません",
);
const NOTHING_TO_TEST: Remark = Remark::new(
    "NOTHING_TO_TEST",
    "The account has nothing here whose tests are seen at its level",
    "このリージョンに、アカウント単位でテストを確認する対象はありません",
);
const APP_NOT_ACTIVE: Remark = Remark::new(
    "APP_NOT_ACTIVE",
    "The application is being deleted",
    "アプリケーションは削除中です",
);

/// The tags that say that a resource must be exercised.
fn critical_tags(run: &Run<'_>) -> Vec<String> {
    Some(run.parameters.get(&CRITICAL_TAG)).filter(|tag| !tag.is_empty()).into_iter().collect()
}

/// Whether the control looks at the resource.
fn in_scope(item: &ConfigurationItem, run: &Run<'_>) -> Result<bool, Error> {
    Ok(item.resource_type == ResourceType::RESILIENCE_HUB_APP.name
        || is_tagged(item, &critical_tags(run))?)
}

/// The moment so many days ago.
fn days_ago(days: i64, run: &Run<'_>) -> Timestamp {
    run.now.checked_sub(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MIN)
}

/// Whether a tag has the date of a failover test that is not too old.
fn tag_tells(tags: &BTreeMap<String, String>, run: &Run<'_>) -> bool {
    let at = tags.get(LAST_FAILOVER_TAG).and_then(|text| drills::date(text));
    // A test that is only planned is none.
    at.is_some_and(|at| at >= days_ago(run.parameters.get(&RESTORE_MAX_DAYS), run) && at <= run.now)
}

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if !in_scope(item, run)? {
        return Ok(Some(Verdict::not_applicable(&NOT_CRITICAL)));
    }
    // Resilience Hub itself knows more; without it, the item tells what is not set up.
    if run.offline && item.resource_type == ResourceType::RESILIENCE_HUB_APP.name {
        return Ok(apps::preview(item)?);
    }
    Database::of(item)?;
    Ok(None)
}

#[cfg(test)]
mod tests;
