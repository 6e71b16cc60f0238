//! The requirements and remarks of the control.

use fisc_shared::{Remark, Requirement, ResourceType, Text};

pub(super) const ACCOUNT: &[ResourceType] = &[ResourceType::ACCOUNT];
const VPC: &[ResourceType] = &[ResourceType::EC2_VPC];

pub(super) const ROOT_USE_NOT_ALERTED: Requirement = Requirement {
    code: "ROOT_USE_NOT_ALERTED",
    wave: 1,
    resources: ACCOUNT,
    title: Text::new("Use of the root user alerts nobody", "ルートユーザーの利用が通知されません"),
    rule: Text::new(
        "In the home Region: fails when neither the root user's sign-ins nor its calls are caught \
         by a metric filter on a trail with an alarm, or by an EventBridge rule in the Region \
         where they are recorded (us-east-1), and (acceptGuardDuty) no rule passes on GuardDuty's \
         finding on root use, which has severity 2.",
        "ホームリージョンで評価します。ルートユーザーのサインインと API 呼び出しのいずれも、証跡の\
         メトリクスフィルターとアラーム、または記録されるリージョン(us-east-1)の EventBridge ルールで\
         捕捉されず、GuardDuty のルート利用の検出結果(重要度 2)を通知するルールもない\
         (acceptGuardDuty)とき不適合です。",
    ),
};

pub(super) const SIGNIN_FAILURE_NOT_ALERTED: Requirement = Requirement {
    code: "SIGNIN_FAILURE_NOT_ALERTED",
    wave: 1,
    resources: ACCOUNT,
    title: Text::new("Failed sign-ins alert nobody", "サインインの失敗が通知されません"),
    rule: Text::new(
        "In the home Region: fails when a failed console sign-in is caught neither by a metric \
         filter on a trail with an alarm nor by an EventBridge rule in us-east-1.",
        "ホームリージョンで評価します。コンソールへのサインイン失敗が、証跡のメトリクスフィルターと\
         アラーム、us-east-1 の EventBridge ルールのいずれでも捕捉されないとき不適合です。",
    ),
};

pub(super) const SIGNIN_WITHOUT_MFA_NOT_ALERTED: Requirement = Requirement {
    code: "SIGNIN_WITHOUT_MFA_NOT_ALERTED",
    wave: 2,
    resources: ACCOUNT,
    title: Text::new(
        "Sign-ins without MFA alert nobody",
        "MFA を使わないサインインが通知されません",
    ),
    rule: Text::new(
        "With signin-without-mfa in requiredEvents, in the home Region: fails when a console \
         sign-in of an IAM user whose MFAUsed is No is not caught, as above.",
        "requiredEvents に signin-without-mfa を含む場合、ホームリージョンで評価します。MFAUsed が \
         No の IAM ユーザーのサインインが同様に捕捉されないとき不適合です。",
    ),
};

pub(super) const UNAUTHORIZED_CALLS_NOT_ALERTED: Requirement = Requirement {
    code: "UNAUTHORIZED_CALLS_NOT_ALERTED",
    wave: 2,
    resources: ACCOUNT,
    title: Text::new("Denied calls alert nobody", "拒否された API 呼び出しが通知されません"),
    rule: Text::new(
        "With unauthorized-calls in requiredEvents: fails when calls with the error codes \
         AccessDenied, AccessDeniedException or UnauthorizedOperation, reading ones included, are \
         not all caught by metric filters with an alarm or by EventBridge rules.",
        "requiredEvents に unauthorized-calls を含む場合: エラーコードが AccessDenied、\
         AccessDeniedException、UnauthorizedOperation の呼び出し(読み取りを含む)のいずれかが、\
         アラームのあるメトリクスフィルターや EventBridge ルールで捕捉されないとき不適合です。",
    ),
};

pub(super) const GUARDDUTY_NOT_ALERTED: Requirement = Requirement {
    code: "GUARDDUTY_NOT_ALERTED",
    wave: 1,
    resources: ACCOUNT,
    title: Text::new("GuardDuty findings alert nobody", "GuardDuty の検出結果が通知されません"),
    rule: Text::new(
        "Fails when findings of some type or of some severity from minSeverityCovered up, critical \
         ones included, are passed on neither by rules on GuardDuty's events nor by rules on \
         Security Hub's imports of them.",
        "minSeverityCovered 以上のいずれかの重要度(緊急を含む)や種類の検出結果が、GuardDuty の\
         イベントのルールでも、Security Hub の取り込みイベントのルールでも通知されないとき不適合です。",
    ),
};

pub(super) const GUARDDUTY_AUTO_RESPONSE_MISSING: Requirement = Requirement {
    code: "GUARDDUTY_AUTO_RESPONSE_MISSING",
    wave: 1,
    resources: ACCOUNT,
    title: Text::new(
        "GuardDuty findings start no automatic response",
        "GuardDuty の検出結果で自動対応が起動しません",
    ),
    rule: Text::new(
        "With requireAutoResponse: fails when findings of some severity from \
         autoResponseMaxSeverity up start no existing Lambda function, Step Functions state \
         machine or Systems Manager automation of this account.",
        "requireAutoResponse を指定した場合: autoResponseMaxSeverity 以上のいずれかの重要度の検出結果で、\
         このアカウントの既存の Lambda 関数、Step Functions ステートマシン、Systems Manager \
         オートメーションのいずれも起動しないとき不適合です。",
    ),
};

pub(super) const SECURITYHUB_NOT_FORWARDED: Requirement = Requirement {
    code: "SECURITYHUB_NOT_FORWARDED",
    wave: 1,
    resources: ACCOUNT,
    title: Text::new(
        "Findings of Security Hub alert nobody",
        "Security Hub の検出結果が通知されません",
    ),
    rule: Text::new(
        "With securityhub in requiredEvents, while Security Hub is on: fails when its findings of \
         high and critical severity are not passed on by EventBridge rules.",
        "requiredEvents に securityhub を含み Security Hub が有効な場合: 重要度が高および緊急の\
         検出結果が EventBridge ルールで通知されないとき不適合です。",
    ),
};

pub(super) const CONFIG_NONCOMPLIANCE_NOT_ALERTED: Requirement = Requirement {
    code: "CONFIG_NONCOMPLIANCE_NOT_ALERTED",
    wave: 1,
    resources: ACCOUNT,
    title: Text::new(
        "Violated AWS Config rules alert nobody",
        "AWS Config ルールの違反が通知されません",
    ),
    rule: Text::new(
        "Fails when a resource that turns NON_COMPLIANT, whatever the rule and whether the \
         resource is new, is passed on neither by EventBridge rules on compliance changes nor by \
         those on Security Hub's imports of them.",
        "リソースが NON_COMPLIANT になったこと(ルールや新規リソースかどうかによらず)が、コンプライアンス\
         変更のルールでも、Security Hub の取り込みイベントのルールでも通知されないとき不適合です。",
    ),
};

pub(super) const NETWORK_CHANGE_NOT_ALERTED: Requirement = Requirement {
    code: "NETWORK_CHANGE_NOT_ALERTED",
    wave: 1,
    resources: ACCOUNT,
    title: Text::new("Changes of the network alert nobody", "ネットワークの変更が通知されません"),
    rule: Text::new(
        "Fails when for a kind in networkChangeClasses neither the calls that change it (metric \
         filter on a trail with an alarm, or EventBridge rule) nor AWS Config's item changes \
         (EventBridge rule) are all caught.",
        "networkChangeClasses のいずれかの種類で、変更する API 呼び出し(証跡のメトリクスフィルターと\
         アラーム、または EventBridge ルール)と AWS Config の設定項目の変更(EventBridge ルール)の\
         どちらも、漏れなく捕捉されてはいないとき不適合です。",
    ),
};

pub(super) const TRAFFIC_ALARM_MISSING: Requirement = Requirement {
    code: "TRAFFIC_ALARM_MISSING",
    wave: 2,
    resources: ACCOUNT,
    title: Text::new(
        "No alarm watches network traffic",
        "ネットワークトラフィックを監視するアラームがありません",
    ),
    rule: Text::new(
        "In the home Region: fails when no alarm, by threshold or by anomaly, on a metric of \
         trafficMetrics tells somebody.",
        "ホームリージョンで評価します。trafficMetrics のメトリクスに、通知先へ届くアラーム(しきい値\
         または異常検出)が 1 つもないとき不適合です。",
    ),
};

pub(super) const FLOW_LOG_ANOMALY_NOT_ALERTED: Requirement = Requirement {
    code: "FLOW_LOG_ANOMALY_NOT_ALERTED",
    wave: 2,
    resources: VPC,
    title: Text::new("Anomalies in the flow logs alert nobody", "フローログの異常が通知されません"),
    rule: Text::new(
        "Fails when the VPC has active flow logs, but no metric filter with an alarm on their log \
         group, no EventBridge rule on the files that arrive in their bucket, and \
         (acceptGuardDuty) no alerts on GuardDuty findings.",
        "VPC に有効なフローログがあるのに、ロググループのメトリクスフィルターとアラーム、配信先\
         バケットへのファイル到着の EventBridge ルール、GuardDuty の検出結果の通知\
         (acceptGuardDuty)のいずれもないとき不適合です。",
    ),
};

pub(super) const LOG_GROUP_NOT_ALERTED: Requirement = Requirement {
    code: "LOG_GROUP_NOT_ALERTED",
    wave: 2,
    resources: ACCOUNT,
    title: Text::new(
        "A monitored log group raises no alarm",
        "監視対象のロググループにアラームがありません",
    ),
    rule: Text::new(
        "Fails when a log group of monitoredLogGroups has neither a metric filter whose metric \
         raises an alarm that tells somebody nor a subscription filter, or when it does not exist \
         in the home Region.",
        "monitoredLogGroups のロググループに、通知先へ届くアラームのあるメトリクスフィルターも\
         サブスクリプションフィルターもないとき、またはホームリージョンに存在しないとき不適合です。",
    ),
};

pub(super) const TARGET_NOT_LIVE: Requirement = Requirement {
    code: "TARGET_NOT_LIVE",
    wave: 1,
    resources: ACCOUNT,
    title: Text::new("Alerts end where nobody is told", "通知先に届かないアラートがあります"),
    rule: Text::new(
        "Fails when all that catches a required event ends in a topic without a confirmed \
         subscription, in a function that does not exist, in an alarm whose actions are off or \
         missing, or in a target that tells nobody, such as a log group. Targets of other kinds \
         are taken to work.",
        "必要なイベントを捕捉するものがすべて、確認済みサブスクリプションのないトピック、存在しない\
         関数、アクションが無効または未設定のアラーム、ロググループのように誰にも通知しない\
         ターゲットで終わるとき不適合です。その他の種類のターゲットは機能するとみなします。",
    ),
};

pub(super) const HOME_REGION_ONLY: Remark = Remark::new(
    "HOME_REGION_ONLY",
    "Sign-ins and use of the root user are judged in the home Region",
    "サインインとルートユーザーの利用はホームリージョンで評価します",
);

pub(super) const ALERTED_CENTRALLY: Remark = Remark::new(
    "ALERTED_CENTRALLY",
    "Another account gets the events; whether it alerts is to be checked there",
    "イベントは別のアカウントに届きます。そこでの通知の有無は、そのアカウントで確認が必要です",
);

pub(super) const GUARDDUTY_OFF: Remark = Remark::new(
    "GUARDDUTY_OFF",
    "GuardDuty is off, so that there are no findings",
    "GuardDuty が無効のため、検出結果はありません",
);

pub(super) const SECURITY_HUB_OFF: Remark = Remark::new(
    "SECURITY_HUB_OFF",
    "Security Hub is off, so that there are no findings",
    "Security Hub が無効のため、検出結果はありません",
);

pub(super) const NOTHING_REQUIRED: Remark = Remark::new(
    "NOTHING_REQUIRED",
    "The parameters require nothing here",
    "ここで必須とするものがパラメータにありません",
);
