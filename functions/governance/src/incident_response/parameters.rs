//! The parameters.

use fisc_shared::Text;
use fisc_shared::parameter::Param;

pub(super) const QUARANTINE_TAG_KEY: Param<String> = Param::text(
    "quarantineTagKey",
    "fisc:quarantine",
    Text::new(
        "Tag of the security group that isolates an instance; empty: off",
        "インスタンスの隔離に使うセキュリティグループのタグのキー。空の場合は評価しない",
    ),
);

pub(super) const FORENSIC_CIDRS: Param<Vec<String>> = Param::list(
    "forensicCidrs",
    &[],
    Text::new(
        "The only addresses that an isolated instance may reach; empty: none",
        "隔離中のインスタンスから到達してよいアドレス範囲。空の場合はなし",
    ),
);

pub(super) const RESPONSE_ROLE_NAME: Param<String> = Param::text(
    "responseRoleName",
    "",
    Text::new(
        "Name of the role of those who respond to incidents; empty: off",
        "インシデント対応者のロール名。空の場合は評価しない",
    ),
);

pub(super) const SECURITY_ACCOUNT_ID: Param<String> = Param::text(
    "securityAccountId",
    "",
    Text::new(
        "The only account that the response role may trust, and the one that still answers itself \
         when centralised is true; empty: any",
        "対応ロールが信頼してよい唯一のアカウント。centralised が true でもこのアカウントは評価する。空の場合は限定しない",
    ),
);

pub(super) const MAX_SEVERITY_THRESHOLD: Param<i64> = Param::integer(
    "maxSeverityThreshold",
    7,
    1,
    10,
    Text::new(
        "GuardDuty severity from which on a response must start by itself",
        "自動対応が必要となる GuardDuty の重要度の下限",
    ),
);

pub(super) const CENTRALISED: Param<bool> = Param::flag(
    "centralised",
    false,
    Text::new(
        "Findings are responded to in another account",
        "検出結果への対応を別のアカウントで行う",
    ),
);

pub(super) const RUNBOOK_TAGS: Param<Vec<String>> = Param::list(
    "runbookTags",
    &[],
    Text::new(
        "Tags of the runbooks for response and recovery, such as fisc:role=incident-response; \
         empty: off",
        "対応と復旧のランブックのタグ(例: fisc:role=incident-response)。空の場合は評価しない",
    ),
);

pub(super) const RUNBOOK_MAX_AGE_DAYS: Param<i64> = Param::integer(
    "runbookMaxAgeDays",
    365,
    1,
    3650,
    Text::new(
        "Days within which a runbook must have been updated",
        "ランブックが更新されているべき期間(日)",
    ),
);

pub(super) const OPS_ITEM_MAX_DAYS: Param<i64> = Param::integer(
    "opsItemMaxDays",
    0,
    0,
    365,
    Text::new(
        "Days for which an OpsItem of severity 1 or 2 may stay open; 0: off",
        "重要度 1 または 2 の OpsItem を未解決にしてよい日数。0 の場合は評価しない",
    ),
);
