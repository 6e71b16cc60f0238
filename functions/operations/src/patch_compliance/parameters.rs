//! The parameters of the control.

use fisc_shared::parameter::Param;
use fisc_shared::{Error, Run, Text};
use jiff::SignedDuration;

pub(super) const MAX_PING_AGE_HOURS: Param<i64> = Param::integer(
    "maxPingAgeHours",
    24,
    1,
    720,
    Text::new(
        "Hours for which a managed node may be silent",
        "マネージドノードとの通信が途絶えてよい時間数",
    ),
);
pub(super) const LAUNCH_GRACE_MINUTES: Param<i64> = Param::integer(
    "launchGraceMinutes",
    60,
    0,
    1440,
    Text::new(
        "Minutes after a start in which an instance need not be registered and inventoried yet",
        "起動後、登録・インベントリ収集の完了を待つ分数",
    ),
);
pub(super) const PATCH_SEVERITIES: Param<Vec<String>> = Param::list(
    "patchSeverities",
    &["CRITICAL", "HIGH", "UNSPECIFIED"],
    Text::new(
        "Severities of missing patches that fail (empty: any); a baseline that states no \
         compliance level gives UNSPECIFIED to all",
        "不足していれば不適合とするパッチの重要度(空の場合はすべて)。コンプライアンスレベルのない\
         ベースラインではすべて UNSPECIFIED になる",
    ),
);
pub(super) const MAX_SCAN_AGE_DAYS: Param<i64> = Param::integer(
    "maxScanAgeDays",
    7,
    1,
    365,
    Text::new(
        "Days since the last scan or installation that are accepted",
        "最後のスキャンまたはインストールから許容する日数",
    ),
);
pub(super) const MAX_PATCH_INTERVAL_DAYS: Param<i64> = Param::integer(
    "maxPatchIntervalDays",
    31,
    1,
    365,
    Text::new(
        "Days after which a schedule that ran nothing counts as none",
        "パッチ操作が一度も実行されないスケジュールを、なしとみなすまでの日数",
    ),
);
pub(super) const APPROVE_AFTER_DAYS_MAX: Param<i64> = Param::integer(
    "approveAfterDaysMax",
    14,
    0,
    360,
    Text::new(
        "Days after which a baseline must have approved a patch at the latest",
        "ベースラインの自動承認を待つ日数の上限",
    ),
);
pub(super) const MAX_INVENTORY_AGE_HOURS: Param<i64> = Param::integer(
    "maxInventoryAgeHours",
    48,
    1,
    720,
    Text::new(
        "Hours since the last software inventory that are accepted",
        "ソフトウェアインベントリの収集から許容する時間数",
    ),
);
pub(super) const PATCH_DOCUMENTS: Param<Vec<String>> = Param::list(
    "patchDocuments",
    &["AWS-RunPatchBaseline*"],
    Text::new(
        "Names of the documents that patch (with * and ?); add your own",
        "パッチを適用するドキュメントの名前(* と ? を使用できる。独自のものを追加する)",
    ),
);
pub(super) const IMMUTABLE_TAG_KEY: Param<String> = Param::text(
    "immutableTagKey",
    "fisc:immutable",
    Text::new(
        "Tag key of instances that are replaced instead of patched (a value of false opts out)",
        "パッチ適用の代わりに置き換えるインスタンスのタグキー(値が false のものを除く)",
    ),
);
pub(super) const SSM_EXEMPT_TAG_KEY: Param<String> = Param::text(
    "ssmExemptTagKey",
    "fisc:ssm-exempt",
    Text::new(
        "Tag key of appliances that cannot run the agent of Systems Manager (a value of false opts \
         out)",
        "Systems Manager のエージェントを導入できないアプライアンスのタグキー(値が false のものを除く)",
    ),
);

/// The severities of compliance.
pub(super) const SEVERITIES: [&str; 6] =
    ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNSPECIFIED"];

/// The bars of one run.
#[derive(Debug)]
pub(super) struct Bars {
    pub(super) ping: SignedDuration,
    pub(super) grace: SignedDuration,
    pub(super) inventory: SignedDuration,
    pub(super) scan_days: i64,
    pub(super) interval_days: i64,
    pub(super) immutable_tag: String,
    pub(super) exempt_tag: String,
    /// The severities that fail; all of them when none was named.
    pub(super) severities: Vec<String>,
}

impl Bars {
    pub(super) fn of(run: &Run<'_>) -> Result<Self, Error> {
        let integer = |param| run.parameters.get::<i64>(param);
        let mut severities = run.parameters.words(&PATCH_SEVERITIES, &SEVERITIES)?;
        if severities.is_empty() {
            severities = SEVERITIES.map(str::to_owned).into();
        }
        Ok(Self {
            ping: SignedDuration::from_hours(integer(&MAX_PING_AGE_HOURS)),
            grace: SignedDuration::from_mins(integer(&LAUNCH_GRACE_MINUTES)),
            inventory: SignedDuration::from_hours(integer(&MAX_INVENTORY_AGE_HOURS)),
            scan_days: integer(&MAX_SCAN_AGE_DAYS),
            interval_days: integer(&MAX_PATCH_INTERVAL_DAYS),
            immutable_tag: run.parameters.get(&IMMUTABLE_TAG_KEY),
            exempt_tag: run.parameters.get(&SSM_EXEMPT_TAG_KEY),
            severities,
        })
    }
}
