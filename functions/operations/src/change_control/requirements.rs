//! The requirements.

use fisc_shared::{Requirement, ResourceType, Text};

pub(super) const CHANGE_CALENDAR_MISSING: Requirement = Requirement::of_account(
    "CHANGE_CALENDAR_MISSING",
    1,
    Text::new(
        "No readable change calendar says when changes may run",
        "変更可否を示す、読み取り可能な変更カレンダーがありません",
    ),
    Text::new(
        "Fails when no change calendar of the account, or shared with it, can be read; with \
         requiredCalendars, when one of those cannot (ListDocuments, GetCalendarState).",
        "自アカウントの、または共有された変更カレンダーを 1 つも読み取れないとき不適合です。\
         requiredCalendars を指定した場合は、そのいずれかを読み取れないとき不適合です\
         (ListDocuments、GetCalendarState)。",
    ),
);

pub(super) const CHANGE_CALENDAR_SHARING: Requirement = Requirement {
    code: "CHANGE_CALENDAR_SHARING",
    wave: 1,
    resources: &[ResourceType::SSM_DOCUMENT],
    title: Text::new(
        "The change calendar is not shared with every account that needs it",
        "変更カレンダーが必要なアカウントに共有されていません",
    ),
    rule: Text::new(
        "Fails when a calendar of the account is not shared with one of calendarRequiredAccounts \
         (DescribeDocumentPermission). Whether it is public, public-exposure judges.",
        "自アカウントの変更カレンダーが calendarRequiredAccounts のいずれかと共有されていないとき\
         不適合です(DescribeDocumentPermission)。公開の有無は public-exposure で評価します。",
    ),
};

pub(super) const AUTOMATION_NOT_GATED: Requirement = Requirement::of_account(
    "AUTOMATION_NOT_GATED",
    1,
    Text::new(
        "Associations run automation without a change calendar",
        "変更カレンダーを指定せずに自動化を実行する関連付けがあります",
    ),
    Text::new(
        "Fails when an association that runs a document of gatedDocumentTypes names no calendar \
         (ListAssociations, DescribeDocument, DescribeAssociation: CalendarNames).",
        "gatedDocumentTypes のドキュメントを実行する関連付けに変更カレンダーが指定されていないとき\
         不適合です(ListAssociations、DescribeDocument、DescribeAssociation の CalendarNames)。",
    ),
);

pub(super) const MAINTENANCE_WINDOW_MISSING: Requirement = Requirement::of_account(
    "MAINTENANCE_WINDOW_MISSING",
    1,
    Text::new(
        "No maintenance window with a task runs well",
        "タスクを持ち正常に実行されるメンテナンスウィンドウがありません",
    ),
    Text::new(
        "Fails when no enabled maintenance window has a task, when the last run of one failed, or \
         when none ran within maxDaysSinceWindowRun or is about to for the first time \
         (DescribeMaintenanceWindows, ...Tasks, ...Executions). Systems Manager forgets runs \
         after a while: one without known runs counts when its next is near enough.",
        "タスクを持つ有効なメンテナンスウィンドウがないとき、最後の実行が失敗しているとき、または \
         maxDaysSinceWindowRun の期間内に実行も実行予定もないとき不適合です\
         (DescribeMaintenanceWindows、同 Tasks、同 Executions)。実行履歴は一定期間で消えるため、履歴の\
         ないウィンドウは次回の実行予定で判断します。",
    ),
);

const STACK: &[ResourceType] = &[ResourceType::CLOUDFORMATION_STACK];

pub(super) const STACK_DRIFTED: Requirement = Requirement {
    code: "STACK_DRIFTED",
    wave: 2,
    resources: STACK,
    title: Text::new(
        "The stack differs from its template, or nobody looked",
        "スタックにドリフトがあるか、検出が行われていません",
    ),
    rule: Text::new(
        "Fails when the drift status is DRIFTED \
         (configuration.driftInformation.stackDriftStatus), or drift was never looked for or not \
         within maxDriftCheckAgeHours (DescribeStacks: LastCheckTimestamp).",
        "ドリフトステータスが DRIFTED のとき(configuration.driftInformation.stackDriftStatus)、または\
         ドリフト検出が一度も、もしくは maxDriftCheckAgeHours 以内に行われていないとき不適合です\
         (DescribeStacks の LastCheckTimestamp)。",
    ),
};

pub(super) const STACK_FAILED: Requirement = Requirement {
    code: "STACK_FAILED",
    wave: 2,
    resources: STACK,
    title: Text::new(
        "The stack's last operation failed or was rolled back",
        "スタックの最後の操作が失敗またはロールバックされています",
    ),
    rule: Text::new(
        "Fails in the states ..._FAILED and ...ROLLBACK_COMPLETE (configuration.stackStatus).",
        "ステータスが ..._FAILED または ...ROLLBACK_COMPLETE のとき不適合です\
         (configuration.stackStatus)。",
    ),
};

pub(super) const STACK_TERMINATION_UNPROTECTED: Requirement = Requirement {
    code: "STACK_TERMINATION_UNPROTECTED",
    wave: 3,
    resources: STACK,
    title: Text::new(
        "The production stack has no termination protection",
        "本番スタックの削除保護が無効です",
    ),
    rule: Text::new(
        "With requireTerminationProtection: fails when a production root stack may be deleted \
         (configuration.enableTerminationProtection).",
        "requireTerminationProtection を指定した場合、本番のルートスタックの削除保護が無効なとき\
         不適合です(configuration.enableTerminationProtection)。",
    ),
};

pub(super) const STACK_NOTIFICATION_MISSING: Requirement = Requirement {
    code: "STACK_NOTIFICATION_MISSING",
    wave: 2,
    resources: STACK,
    title: Text::new(
        "Nobody is told of changes of the production stack",
        "本番スタックの変更通知先がありません",
    ),
    rule: Text::new(
        "Fails when a production root stack has no notification topic \
         (configuration.notificationARNs).",
        "本番のルートスタックに通知トピックがないとき不適合です(configuration.notificationARNs)。",
    ),
};

pub(super) const PIPELINE_SOURCE_UNVERSIONED: Requirement = Requirement {
    code: "PIPELINE_SOURCE_UNVERSIONED",
    wave: 2,
    resources: &[ResourceType::CODEPIPELINE_PIPELINE],
    title: Text::new(
        "The pipeline does not start from a versioned source",
        "パイプラインのソースがバージョン管理されていません",
    ),
    rule: Text::new(
        "Fails when no source action of the first stage has a provider of versionedSources \
         (configuration.pipeline.stages[].actions[].actionTypeId).",
        "最初のステージに versionedSources のプロバイダーのソースアクションがないとき不適合です\
         (configuration.pipeline.stages[].actions[].actionTypeId)。",
    ),
};

pub(super) const PIPELINE_WITHOUT_APPROVAL: Requirement = Requirement {
    code: "PIPELINE_WITHOUT_APPROVAL",
    wave: 2,
    resources: &[ResourceType::CODEPIPELINE_PIPELINE],
    title: Text::new(
        "The production pipeline deploys without an approval",
        "本番パイプラインが承認なしでデプロイします",
    ),
    rule: Text::new(
        "Fails when a Deploy action of a production pipeline has no Approval action before it: in \
         an earlier stage, or in its own with a smaller runOrder \
         (configuration.pipeline.stages[].actions[]).",
        "本番パイプラインの Deploy アクションより前(前のステージ、または同じステージのより小さい \
         runOrder)に Approval アクションがないとき不適合です\
         (configuration.pipeline.stages[].actions[])。",
    ),
};

pub(super) const DEPLOY_ROLLBACK_OFF: Requirement = Requirement {
    code: "DEPLOY_ROLLBACK_OFF",
    wave: 2,
    resources: &[ResourceType::CODEDEPLOY_DEPLOYMENT_GROUP],
    title: Text::new(
        "A failed deployment is not rolled back",
        "失敗したデプロイが自動でロールバックされません",
    ),
    rule: Text::new(
        "Fails when automatic rollback is off or its events lack DEPLOYMENT_FAILURE \
         (configuration.autoRollbackConfiguration; a group without it has none).",
        "自動ロールバックが無効、またはイベントに DEPLOYMENT_FAILURE がないとき不適合です\
         (configuration.autoRollbackConfiguration。設定がない場合は無効)。",
    ),
};

pub(super) const APPCONFIG_UNGUARDED: Requirement = Requirement {
    code: "APPCONFIG_UNGUARDED",
    wave: 2,
    resources: &[
        ResourceType::APPCONFIG_ENVIRONMENT,
        ResourceType::APPCONFIG_CONFIGURATION_PROFILE,
        ResourceType::APPCONFIG_DEPLOYMENT_STRATEGY,
    ],
    title: Text::new(
        "AppConfig deploys without a guard",
        "AppConfig のデプロイに歯止めがありません",
    ),
    rule: Text::new(
        "Fails when an environment monitors no alarm that exists \
         (configuration.Monitors[].AlarmArn, DescribeAlarms), a free-form profile has no \
         validator (configuration.Validators), or an own strategy deploys at once or watches for \
         less than minBakeMinutes (configuration.GrowthFactor, DeploymentDurationInMinutes, \
         FinalBakeTimeInMinutes).",
        "環境に存在するアラームのモニターがないとき(configuration.Monitors[].AlarmArn、\
         DescribeAlarms)、自由形式のプロファイルにバリデーターがないとき(configuration.Validators)、\
         独自のデプロイ戦略が一括デプロイ、または監視時間が minBakeMinutes 未満のとき不適合です\
         (configuration.GrowthFactor、DeploymentDurationInMinutes、FinalBakeTimeInMinutes)。",
    ),
};

pub(super) const NOT_MANAGED_BY_IAC: Requirement = Requirement {
    code: "NOT_MANAGED_BY_IAC",
    wave: 2,
    resources: &[
        ResourceType::EC2_INSTANCE,
        ResourceType::AUTO_SCALING_AUTO_SCALING_GROUP,
        ResourceType::RDS_DB_INSTANCE,
        ResourceType::RDS_DB_CLUSTER,
        ResourceType::ELBV2_LOAD_BALANCER,
        ResourceType::LAMBDA_FUNCTION,
        ResourceType::DYNAMODB_TABLE,
        ResourceType::S3_BUCKET,
        ResourceType::ECS_SERVICE,
    ],
    title: Text::new(
        "Nothing shows that code manages the resource",
        "リソースがコードで管理されていることを確認できません",
    ),
    rule: Text::new(
        "Fails when the resource has none of the tags of iacTagKeys (tags). CloudFormation sets \
         its own; let other tools set fisc:iac.",
        "iacTagKeys のタグが 1 つもないとき不適合です(tags)。CloudFormation は自動でタグを付与します。\
         他のツールでは fisc:iac を付与してください。",
    ),
};
