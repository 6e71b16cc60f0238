//! `root-usage`: the root user has no access keys and is not used for daily work.
//!
//! Root keys never expire, and no policy of the account restrains them; daily work as root leaves
//! no trace of who did it. The account passes when root has no access key, not even an inactive
//! one, and when neither its password nor its keys were used lately. Making the account counts as
//! a use. A use that was planned is accepted by a date, with `approvedUseUntil`. An account whose
//! root credentials were removed centrally passes.
//!
//! Criteria: 実1 5, 実8, 実8 7, 実8 参考4, 実9, 実9 2, 統24 6 ask for it. To fix an account,
//! delete the root access keys and work with roles; a use falls out of the window with time.
//!
//! Sessions that the management account opens through central root access need not show in the
//! credential report: look for `sts:AssumeRoot` in CloudTrail.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_iam::Client;
use aws_types::SdkConfig;
use fisc_shared::parameter::Param;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    AccountCheck, Action, Check, Control, Criteria, Domain, Error, Limits, OfAccount, Placement,
    Remedy, Requirement, ResourceType, Run, ServiceCheck, Severity, Text, Trigger, Verdict,
    message, no_item_tells,
};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::credential_report::{self, CredentialReport};
use crate::root_user::{GET_ACCOUNT_SUMMARY, ROOT_CREDENTIALS_REMOVED, Summary};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "root-usage",
    domain: Domain::Identity,
    severity: Severity::Critical,
    title: Text::new(
        "The root user has no access keys and is not used for daily work",
        "ルートユーザーのアクセスキーを置かず、日常業務で使用しない",
    ),
    why: Text::new(
        "A root access key can do everything in the account and never expires, and work done as \
         root cannot be traced to a person. Neither has a place in daily operation.",
        "ルートユーザーのアクセスキーは無期限でアカウント内のすべての操作ができ、ルートでの作業は\
         誰が行ったかを特定できません。いずれも日常の運用には必要ありません。",
    ),
    fix: Text::new(
        "Sign in as the root user and delete its access keys under the account menu > Security \
         credentials, or remove the root credentials of member accounts with IAM > Root access \
         management. Do daily work with roles. Accept a documented root task with approvedUseUntil, \
         the day on which it ends.",
        "ルートユーザーでサインインし、アカウントメニューの「セキュリティ認証情報」で\
         アクセスキーを削除します。メンバーアカウントでは、IAM の「ルートアクセス管理」でルートの\
         認証情報を削除する方法もあります。日常の作業にはロールを使います。承認済みのルート作業は、\
         終了日を approvedUseUntil に指定して許容します。",
    ),
    remedy: Remedy::new(include_str!("root_usage/remedy.sh"), ""),
    reference: "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html",
    criteria: Criteria {
        explicit: &["実1 5", "実8", "実8 7", "実8 参考4", "実9", "実9 2", "統24 6"],
        implied: &["統1 参考", "統20 3-(3)", "統24 1", "統24 2", "実19", "実27"],
    },
    resources: &[ResourceType::ACCOUNT],
    trigger: Trigger::Periodic,
    placement: Placement::HomeRegion,
    actions: &[
        Action::any(GET_ACCOUNT_SUMMARY),
        Action::any(credential_report::GENERATE),
        Action::any(credential_report::GET),
    ],
    parameters: &[MAX_ROOT_USAGE_DAYS.spec, APPROVED_USE_UNTIL.spec],
    requirements: &[&ROOT_ACCESS_KEY_PRESENT, &ROOT_USED_RECENTLY],
    remarks: &[&ROOT_CREDENTIALS_REMOVED],
    limits: Limits { timeout_seconds: 120, memory_mb: 128 },
    check: Check::Service { preview: no_item_tells, connect, swept: &[ResourceType::ACCOUNT] },
};

const MAX_ROOT_USAGE_DAYS: Param<i64> = Param::integer(
    "maxRootUsageDays",
    30,
    1,
    3650,
    Text::new(
        "Days within which root must not have been used",
        "ルートユーザーの使用を認めない直近の日数",
    ),
);

const APPROVED_USE_UNTIL: Param<Option<Date>> = Param::date(
    "approvedUseUntil",
    Text::new(
        "Last day (UTC) of an approved root task, such as 2026-11-30; uses up to it are accepted",
        "承認済みルート作業の最終日(UTC、例: 2026-11-30)。この日までの使用を認める",
    ),
);

const ROOT_ACCESS_KEY_PRESENT: Requirement = Requirement {
    code: "ROOT_ACCESS_KEY_PRESENT",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new("The root user has an access key", "ルートユーザーにアクセスキーがあります"),
    rule: Text::new(
        "Fails when root has an access key, active or inactive (GetAccountSummary).",
        "ルートにアクセスキーがあるとき、有効・無効を問わず不適合です(GetAccountSummary)。",
    ),
};

const ROOT_USED_RECENTLY: Requirement = Requirement {
    code: "ROOT_USED_RECENTLY",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new("The root user was used recently", "ルートユーザーが最近使用されています"),
    rule: Text::new(
        "Fails when the latest use of root's password or of either key lies within \
         maxRootUsageDays and after approvedUseUntil (the credential report). Making the account \
         counts as a use.",
        "ルートのパスワードと 2 つのアクセスキーのうち最も新しい使用が、maxRootUsageDays 以内で \
         approvedUseUntil より後のとき不適合です(認証情報レポート)。アカウントの作成も使用とみなします。",
    ),
};

/// What IAM says of the root user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Root {
    /// It has no credentials at all.
    Removed,
    /// It has, or may have, credentials.
    Present { keys: bool, used: Option<Timestamp>, created: Option<Timestamp> },
}

impl Root {
    fn read(summary: Summary, report: &CredentialReport) -> Result<Self, Error> {
        let keys = summary.has_keys()?;
        let row = report.root().ok_or_else(|| Error::Answer {
            action: credential_report::GET,
            field: "Content: the row of the root user".to_owned(),
        })?;
        if summary.credentials_removed(Some(row)) {
            return Ok(Self::Removed);
        }
        Ok(Self::Present { keys, used: row.last_used()?, created: row.created()? })
    }
}

/// By what a use counts as recent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Window {
    now: Timestamp,
    max_days: i64,
    approved_until: Option<Date>,
}

impl Window {
    fn of(run: &Run<'_>) -> Self {
        Self {
            now: run.now,
            max_days: run.parameters.get(&MAX_ROOT_USAGE_DAYS),
            approved_until: run.parameters.get(&APPROVED_USE_UNTIL),
        }
    }

    fn holds(self, use_: Timestamp) -> bool {
        let recent =
            self.now.duration_since(use_) <= SignedDuration::from_hours(24 * self.max_days);
        recent && self.approved_until.is_none_or(|last| day(use_) > last)
    }
}

/// The day of a time in UTC, in which the report gives its dates.
fn day(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

fn decide(root: Root, window: Window) -> Verdict {
    let Root::Present { keys, used, created } = root else {
        return Verdict::Compliant(vec![ROOT_CREDENTIALS_REMOVED.reason()]);
    };
    let mut failures = Failures::new();
    if keys {
        failures.add(&ROOT_ACCESS_KEY_PRESENT);
    }
    let days = window.max_days;
    if let Some(used) = used.filter(|used| window.holds(*used)) {
        let day = day(used);
        failures.because(
            &ROOT_USED_RECENTLY,
            message!(
                "The root user was last used on {day}; not within {days} days",
                "ルートユーザーが {day} に使用されています(直近 {days} 日間は使用不可)"
            ),
        );
    } else if let Some(created) = created.filter(|created| window.holds(*created)) {
        let day = day(created);
        failures.because(
            &ROOT_USED_RECENTLY,
            message!(
                "The account was made on {day}, which counts as a use of root within {days} days",
                "アカウントが {day} に作成されています(ルートの使用とみなします。直近 {days} 日間は使用不可)"
            ),
        );
    }
    failures.into_verdict()
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(OfAccount(Iam { client: Client::new(sdk) }))
}

struct Iam {
    client: Client,
}

#[async_trait]
impl AccountCheck for Iam {
    async fn account(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        let summary = Summary::fetch(&self.client).await?;
        let report = CredentialReport::fetch(&self.client).await?;
        Ok(decide(Root::read(summary, &report)?, Window::of(run)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_iam::types::SummaryKeyType;
    use fisc_shared::parameter::Parameters;

    use crate::credential_report::Row;

    const NOW: &str = "2026-11-21T00:00:00Z";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn window(parameters: &serde_json::Value) -> Window {
        let parameters =
            Parameters::from_value(CONTROL.id, CONTROL.parameters, parameters).unwrap();
        Window::of(&Run {
            parameters: &parameters,
            now: at(NOW),
            account_id: "111122223333",
            region: "ap-northeast-1",
            deadline: None,
            home: true,
            offline: false,
        })
    }

    fn codes(root: Root, window: Window) -> (&'static str, Vec<&'static str>) {
        let verdict = decide(root, window);
        let codes = verdict.reasons().iter().map(|reason| reason.code).collect();
        (verdict.compliance().as_str(), codes)
    }

    fn used(text: &str) -> Root {
        Root::Present {
            keys: false,
            used: Some(at(text)),
            created: Some(at("2020-04-01T00:00:00Z")),
        }
    }

    #[test]
    fn any_key_fails_and_both_failures_are_reported() {
        let window = window(&serde_json::json!({}));
        let root =
            |keys, used: Option<&str>| Root::Present { keys, used: used.map(at), created: None };
        assert_eq!(codes(root(false, None), window), ("COMPLIANT", vec![]));
        let key = ("NON_COMPLIANT", vec!["ROOT_ACCESS_KEY_PRESENT"]);
        assert_eq!(codes(root(true, None), window), key);
        assert_eq!(
            codes(root(true, Some("2026-11-20T00:00:00Z")), window),
            ("NON_COMPLIANT", vec!["ROOT_ACCESS_KEY_PRESENT", "ROOT_USED_RECENTLY"])
        );
        assert_eq!(codes(Root::Removed, window), ("COMPLIANT", vec!["ROOT_CREDENTIALS_REMOVED"]));
    }

    #[test]
    fn the_window_ends_after_the_last_day() {
        for (days, use_, fails) in [
            (30, NOW, true),
            (30, "2026-10-22T00:00:00Z", true),
            (30, "2026-10-21T23:59:59Z", false),
            (1, "2026-11-20T00:00:00Z", true),
            (1, "2026-11-19T23:59:59Z", false),
            (90, "2026-10-21T23:59:59Z", true),
        ] {
            let window = window(&serde_json::json!({"maxRootUsageDays": days}));
            let expected = if fails { vec!["ROOT_USED_RECENTLY"] } else { vec![] };
            assert_eq!(codes(used(use_), window).1, expected, "{days} {use_}");
        }
    }

    #[test]
    fn an_approved_use_is_accepted_to_the_end_of_its_day() {
        for (until, use_, fails) in [
            ("", "2026-11-15T10:00:00Z", true),
            ("2026-11-14", "2026-11-15T00:00:00Z", true),
            ("2026-11-15", "2026-11-15T00:00:00Z", false),
            ("2026-11-15", "2026-11-15T23:59:59Z", false),
            ("2026-11-15", "2026-11-16T00:00:00Z", true),
            ("2026-12-31", "2026-11-20T00:00:00Z", false),
        ] {
            let window = window(&serde_json::json!({"approvedUseUntil": until}));
            let expected = if fails { vec!["ROOT_USED_RECENTLY"] } else { vec![] };
            assert_eq!(codes(used(use_), window).1, expected, "{until} {use_}");
        }
    }

    #[test]
    fn making_the_account_is_a_use() {
        let made = |text| Root::Present { keys: false, used: None, created: Some(at(text)) };
        let open = window(&serde_json::json!({}));
        let verdict = decide(made("2026-11-01T00:00:00Z"), open);
        let [reason] = verdict.reasons() else { panic!("{verdict:?}") };
        assert_eq!(reason.code, "ROOT_USED_RECENTLY");
        assert!(reason.message.en.starts_with("The account was made on 2026-11-01"));
        assert_eq!(codes(made("2026-10-01T00:00:00Z"), open), ("COMPLIANT", vec![]));
        let approved = window(&serde_json::json!({"approvedUseUntil": "2026-11-01"}));
        assert_eq!(codes(made("2026-11-01T00:00:00Z"), approved), ("COMPLIANT", vec![]));
    }

    #[test]
    fn facts_are_read_from_both_answers() {
        let read = |entries: &[(&str, i32)], rows: Vec<Row>| {
            let map = entries.iter().map(|(name, count)| (SummaryKeyType::from(*name), *count));
            Root::read(Summary::read(&map.collect()), &CredentialReport::of(rows, None))
        };
        let root = |columns: &[(&str, &str)]| vec![Row::sample("<root_account>", columns)];
        let keyless = [("AccountAccessKeysPresent", 0)];
        let created = Some(at("2020-04-01T00:00:00Z"));

        // A key that was used yesterday counts, whatever the password says.
        let row = root(&[
            ("password_enabled", "not_supported"),
            ("password_last_used", "2020-04-02T00:00:00+00:00"),
            ("access_key_2_last_used_date", "2026-11-20T00:00:00+00:00"),
        ]);
        let used = Some(at("2026-11-20T00:00:00Z"));
        assert_eq!(
            read(&keyless, row.clone()).unwrap(),
            Root::Present { keys: false, used, created }
        );
        // An inactive key is in the summary alone.
        assert_eq!(
            read(&[("AccountAccessKeysPresent", 1)], row).unwrap(),
            Root::Present { keys: true, used, created }
        );
        assert_eq!(read(&keyless, root(&[("password_enabled", "false")])).unwrap(), Root::Removed);

        // What is missing is no proof of anything.
        let field = |error: Error| error.to_string();
        assert!(field(read(&[], root(&[])).unwrap_err()).contains("AccountAccessKeysPresent"));
        let others = vec![Row::sample("operator", &[])];
        assert!(field(read(&keyless, others).unwrap_err()).contains("the row of the root user"));
    }
}
