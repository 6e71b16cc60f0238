//! `security-services`: Detective and Macie are active where they are required.
//!
//! Macie finds personal and other sensitive data in S3, Detective puts log entries together when
//! something happened. Both are regional. Each Region answers for itself, unless allRegions is set.
//! Not enabled is a failure; not allowed to ask is an error, also for Macie, which answers both
//! with the same error code. A member of an organization cannot see that its administrator holds
//! its Detective graph: a parameter names that account. Inspector is judged by
//! `vulnerability-scanning`.
//!
//! Criteria: 実14 8, 実19, 実19 3, 実21 2, 実46, 実47, 実100 4 ask for it. To fix an account,
//! enable the service in the Regions that are named.

use fisc_shared::parameter::Param;
use fisc_shared::{
    Action, Check, Control, Criteria, Domain, Limits, Placement, Remark, Remedy, Requirement,
    ResourceType, Severity, Text, Trigger, no_item_tells,
};

use crate::scope::{self, EXCLUDED_REGIONS, JUDGED_IN_HOME_REGION, NOT_IN_REGION, REGION_EXCLUDED};

mod detective;
mod judge;
mod services;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "security-services",
    domain: Domain::Detection,
    severity: Severity::Medium,
    title: Text::new(
        "Detective and Macie are active where they are required",
        "Detective・Macie を必要な範囲で有効化する",
    ),
    why: Text::new(
        "Personal data in the wrong bucket and the traces of an intruder are found in time only \
         if somebody looks all the time. These services look, where they are switched on.",
        "誤ったバケットに置かれた個人情報や侵入の痕跡は、常時確認していなければ早期に発見できません。これら\
         のサービスは、有効化されたリージョンでその確認を行います。",
    ),
    fix: Text::new(
        "Enable the service that is named, best for all accounts from its delegated administrator: \
         Macie under Macie > Get started (or Settings > Macie status where it is paused), \
         Detective, after GuardDuty, under Detective > Get started; invite or enable missing \
         accounts under Account management.",
        "示されたサービスを有効化します(委任管理者から全アカウントに対して行うことを推奨)。Macie \
         は「開始方法」(一時停止中の場合は「設定」)から、Detective は GuardDuty を有効化した後に\
         「開始方法」から有効化し、不足しているアカウントは「アカウント管理」で追加します。",
    ),
    remedy: Remedy::new(
        include_str!("security_services/remedy.sh"),
        include_str!("security_services/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/macie/latest/user/getting-started.html",
    criteria: Criteria {
        explicit: &["実14 8", "実19", "実19 3", "実21 2", "実46", "実47", "実100 4"],
        implied: &["統20 3-(12)", "実34 4", "実48"],
    },
    resources: &[ResourceType::ACCOUNT],
    trigger: Trigger::Periodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::on(fisc_services::regions::LIST_REGIONS, fisc_shared::grant::OWN_ACCOUNT),
        Action::any(services::GET_MACIE_SESSION),
        Action::any(services::GET_AUTOMATED_DISCOVERY),
        Action::any(detective::LIST_GRAPHS),
        Action::any(detective::LIST_INVITATIONS),
        Action::on(detective::LIST_MEMBERS, GRAPHS),
        Action::on(detective::LIST_DATASOURCE_PACKAGES, GRAPHS),
        Action::any(detective::LIST_DETECTORS),
        Action::on(detective::GET_DETECTOR, DETECTORS),
    ],
    parameters: &[
        ALL_REGIONS.spec,
        EXCLUDED_REGIONS.spec,
        REQUIRE_DETECTIVE.spec,
        DETECTIVE_ADMIN_ACCOUNT_ID.spec,
        GRACE_HOURS.spec,
        REQUIRE_MACIE.spec,
        REQUIRE_AUTOMATED_DISCOVERY.spec,
    ],
    requirements: &[
        &DETECTIVE_DISABLED,
        &DETECTIVE_CORE_STOPPED,
        &DETECTIVE_MEMBER_MISSING,
        &MACIE_DISABLED,
        &MACIE_DISCOVERY_OFF,
    ],
    remarks: &[
        &JUDGED_IN_HOME_REGION,
        &REGION_EXCLUDED,
        &NOT_IN_REGION,
        &NOTHING_REQUIRED,
        &COVERED_BY_ADMINISTRATOR,
        &DETECTIVE_MAY_WAIT,
    ],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview: no_item_tells,
        connect: services::connect,
        swept: &[ResourceType::ACCOUNT],
    },
};

const GRAPHS: &str = "arn:${AWS::Partition}:detective:*:${AWS::AccountId}:graph:*";
const DETECTORS: &str = "arn:${AWS::Partition}:guardduty:*:${AWS::AccountId}:detector/*";

const ALL_REGIONS: Param<bool> = scope::all_regions(false);

const REQUIRE_DETECTIVE: Param<bool> = Param::flag(
    "requireDetective",
    true,
    Text::new("Detective must be active", "Detective を必須とする"),
);

const DETECTIVE_ADMIN_ACCOUNT_ID: Param<String> = Param::text(
    "detectiveAdminAccountId",
    "",
    Text::new(
        "Account with the organization's behavior graph; the other accounts leave Detective to it",
        "組織の動作グラフを持つアカウントの ID。他のアカウントの Detective はそのアカウントで評価する",
    ),
);

const GRACE_HOURS: Param<i64> = Param::integer(
    "graceHours",
    48,
    0,
    720,
    Text::new(
        "Hours after GuardDuty was enabled in which Detective may still be missing",
        "GuardDuty の有効化から Detective の有効化までに認める時間",
    ),
);

const REQUIRE_MACIE: Param<bool> =
    Param::flag("requireMacie", true, Text::new("Macie must be active", "Macie を必須とする"));

const REQUIRE_AUTOMATED_DISCOVERY: Param<bool> = Param::flag(
    "requireAutomatedDiscovery",
    false,
    Text::new(
        "Macie's automated sensitive data discovery must be on; only an administrator or a \
         stand-alone account can tell",
        "Macie の機密データ自動検出を必須とする(管理者または単独のアカウントでのみ評価できる)",
    ),
);

const DETECTIVE_DISABLED: Requirement = Requirement {
    code: "DETECTIVE_DISABLED",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new("Detective is not active", "Detective が有効ではありません"),
    rule: Text::new(
        "Fails when the account neither owns a behavior graph (ListGraphs) nor is an ENABLED \
         member of one (ListInvitations), and GuardDuty has been on for more than graceHours or \
         is off; the account of detectiveAdminAccountId must own one.",
        "動作グラフを持たず(ListGraphs)、状態が ENABLED のメンバーでもなく(ListInvitations)、GuardDuty \
         が無効か、有効化から graceHours を過ぎたとき不適合です。detectiveAdminAccountId のアカウントでは\
         グラフを持つことが必要です。",
    ),
};

const DETECTIVE_CORE_STOPPED: Requirement = Requirement {
    code: "DETECTIVE_CORE_STOPPED",
    wave: 2,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "Detective does not take in its core data",
        "Detective の基本データの取り込みが停止しています",
    ),
    rule: Text::new(
        "In the account with the graph: fails when the package DETECTIVE_CORE is not STARTED \
         (ListDatasourcePackages).",
        "グラフを持つアカウント: パッケージ DETECTIVE_CORE が STARTED でないとき不適合です\
         (ListDatasourcePackages)。",
    ),
};

const DETECTIVE_MEMBER_MISSING: Requirement = Requirement {
    code: "DETECTIVE_MEMBER_MISSING",
    wave: 2,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "Members of the Detective graph are not active",
        "Detective のグラフに有効でないメンバーがあります",
    ),
    rule: Text::new(
        "In the account with the graph: fails when a member is neither ENABLED nor being verified \
         (ListMembers).",
        "グラフを持つアカウント: 状態が ENABLED でも検証中でもないメンバーがあるとき不適合です\
         (ListMembers)。",
    ),
};

const MACIE_DISABLED: Requirement = Requirement {
    code: "MACIE_DISABLED",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new("Macie is not active", "Macie が有効ではありません"),
    rule: Text::new(
        "Fails when Macie answers that it is not enabled, or its status is PAUSED \
         (GetMacieSession).",
        "Macie が有効でないと応答するか、状態が PAUSED のとき不適合です(GetMacieSession)。",
    ),
};

const MACIE_DISCOVERY_OFF: Requirement = Requirement {
    code: "MACIE_DISCOVERY_OFF",
    wave: 3,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "Automated sensitive data discovery of Macie is off",
        "Macie の機密データ自動検出が無効です",
    ),
    rule: Text::new(
        "With requireAutomatedDiscovery: fails when its status is not ENABLED \
         (GetAutomatedDiscoveryConfiguration).",
        "requireAutomatedDiscovery を指定した場合: 状態が ENABLED でないとき不適合です\
         (GetAutomatedDiscoveryConfiguration)。",
    ),
};

const NOTHING_REQUIRED: Remark = Remark::new(
    "NOTHING_REQUIRED",
    "The parameters require neither of the services",
    "パラメータでどちらのサービスも必須とされていません",
);
const COVERED_BY_ADMINISTRATOR: Remark = Remark::new(
    "COVERED_BY_ADMINISTRATOR",
    "Detective is judged in the account of detectiveAdminAccountId",
    "Detective は detectiveAdminAccountId のアカウントで評価されます",
);
const DETECTIVE_MAY_WAIT: Remark = Remark::new(
    "DETECTIVE_MAY_WAIT",
    "GuardDuty was enabled less than graceHours ago; Detective may follow",
    "GuardDuty の有効化から graceHours 以内のため、Detective は未設定でも可とします",
);

#[cfg(test)]
mod tests;
