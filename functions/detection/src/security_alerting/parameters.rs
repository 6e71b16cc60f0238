//! The parameters of the control.

use fisc_shared::Text;
use fisc_shared::parameter::Param;

/// The classes of events that may be required.
pub(super) const ROOT_USE: &str = "root-use";
pub(super) const SIGNIN_FAILURE: &str = "signin-failure";
pub(super) const SIGNIN_WITHOUT_MFA: &str = "signin-without-mfa";
pub(super) const UNAUTHORIZED_CALLS: &str = "unauthorized-calls";
pub(super) const GUARDDUTY: &str = "guardduty";
pub(super) const SECURITYHUB: &str = "securityhub";
pub(super) const CONFIG_NONCOMPLIANCE: &str = "config-noncompliance";
pub(super) const NETWORK_CHANGE: &str = "network-change";

pub(super) const EVENTS: [&str; 8] = [
    ROOT_USE,
    SIGNIN_FAILURE,
    SIGNIN_WITHOUT_MFA,
    UNAUTHORIZED_CALLS,
    GUARDDUTY,
    SECURITYHUB,
    CONFIG_NONCOMPLIANCE,
    NETWORK_CHANGE,
];

pub(super) const REQUIRED_EVENTS: Param<Vec<String>> = Param::list(
    "requiredEvents",
    &[ROOT_USE, SIGNIN_FAILURE, GUARDDUTY, CONFIG_NONCOMPLIANCE, NETWORK_CHANGE],
    Text::new(
        "Events that must alert; also possible: signin-without-mfa, unauthorized-calls, \
         securityhub",
        "通知が必要なイベント(追加できるもの: signin-without-mfa、unauthorized-calls、securityhub)",
    ),
);

pub(super) const ACCEPT_CENTRAL: Param<bool> = Param::flag(
    "acceptCentral",
    true,
    Text::new(
        "Events and findings that reach another account of the organization count as alerted",
        "組織の別のアカウントに届くイベントと検出結果を、通知されるものとみなす",
    ),
);

pub(super) const ACCEPT_GUARDDUTY: Param<bool> = Param::flag(
    "acceptGuardDuty",
    true,
    Text::new(
        "Routed GuardDuty findings cover root use and anomalies in flow logs",
        "通知される GuardDuty の検出結果で、ルート利用とフローログの異常を充足するとみなす",
    ),
);

pub(super) const MIN_SEVERITY_COVERED: Param<i64> = Param::integer(
    "minSeverityCovered",
    4,
    1,
    9,
    Text::new("Lowest GuardDuty severity that must alert", "通知が必要な GuardDuty の最低の重要度"),
);

pub(super) const REQUIRE_AUTO_RESPONSE: Param<bool> = Param::flag(
    "requireAutoResponse",
    false,
    Text::new(
        "A GuardDuty finding must also start a function, a state machine or an automation",
        "GuardDuty の検出結果で、関数・ステートマシン・オートメーションの起動も必須とする",
    ),
);

pub(super) const AUTO_RESPONSE_MAX_SEVERITY: Param<i64> = Param::integer(
    "autoResponseMaxSeverity",
    7,
    1,
    9,
    Text::new(
        "The automatic response must start at this GuardDuty severity or lower",
        "自動対応を起動すべき GuardDuty の重要度(この値以上のすべてで起動すること)",
    ),
);

pub(super) const NETWORK_CHANGE_CLASSES: Param<Vec<String>> = Param::list(
    "networkChangeClasses",
    &["vpc", "route-table", "gateway", "nacl", "security-group"],
    Text::new("Kinds of network changes that must alert", "通知が必要なネットワーク変更の種類"),
);

pub(super) const TRAFFIC_METRICS: Param<Vec<String>> = Param::list(
    "trafficMetrics",
    &[
        "AWS/EC2 NetworkIn",
        "AWS/EC2 NetworkOut",
        "AWS/ApplicationELB RequestCount",
        "AWS/NetworkELB ProcessedBytes",
        "AWS/NATGateway BytesOutToDestination",
        "AWS/CloudFront Requests",
    ],
    Text::new(
        "Metrics of which one must have an alarm (namespace, space, name); empty: not judged",
        "いずれかにアラームが必要なメトリクス(名前空間、空白、名前)。空の場合は評価しない",
    ),
);

pub(super) const MONITORED_LOG_GROUPS: Param<Vec<String>> = Param::list(
    "monitoredLogGroups",
    &[],
    Text::new(
        "Log groups of applications that must raise alarms",
        "アラームが必要なアプリケーションのロググループ",
    ),
);
