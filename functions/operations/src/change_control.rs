//! `change-control`: changes run in agreed windows, through pipelines that somebody approves, and
//! from code.
//!
//! Most outages of banks begin with a change. A change calendar says when none may run, and gates
//! automation by it; maintenance windows are when the planned ones do run. Pipelines begin in a
//! versioned source and wait for an approval before production; deployments that fail roll back.
//! What stands outside of code, or differs from it, was changed by hand.
//!
//! Stacks are judged by the last result of drift detection. Starting one takes rights that a
//! check should not have: a scheduled job does it. The reserved `aws:cloudformation:*` tags are
//! not put on every type, so that few types are asked for them; other tools mark what they made
//! by a tag of their own (Terraform: `default_tags`). What an AWS service made by itself (members
//! of an Auto Scaling group, nodes of a cluster) is left out. Whether documents are public is the
//! business of `public-exposure`.
//!
//! Criteria: 実48 10 asks for it. To fix a resource, see the rule of the requirement that it
//! fails.

use std::sync::Arc;

use aws_types::SdkConfig;
use fisc_shared::item::required::text;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Limits, Placement, Remark,
    Remedy, ResourceType, Run, ServiceCheck, Severity, Text, Trigger, Verdict,
};

use self::parameters::{
    CALENDAR_REQUIRED_ACCOUNTS, EXEMPT_DOCUMENTS, GATED_DOCUMENT_TYPES, IAC_TAG_KEYS,
    MAX_DAYS_SINCE_WINDOW_RUN, MAX_DRIFT_CHECK_AGE_HOURS, MIN_BAKE_MINUTES, PRODUCTION_TAG,
    REQUIRE_TERMINATION_PROTECTION, REQUIRED_CALENDARS, SKIP_STACK_SET_INSTANCES,
    VERSIONED_SOURCES,
};
use self::requirements::{
    APPCONFIG_UNGUARDED, AUTOMATION_NOT_GATED, CHANGE_CALENDAR_MISSING, CHANGE_CALENDAR_SHARING,
    DEPLOY_ROLLBACK_OFF, MAINTENANCE_WINDOW_MISSING, NOT_MANAGED_BY_IAC,
    PIPELINE_SOURCE_UNVERSIONED, PIPELINE_WITHOUT_APPROVAL, STACK_DRIFTED, STACK_FAILED,
    STACK_NOTIFICATION_MISSING, STACK_TERMINATION_UNPROTECTED,
};
use self::stack::Stack;

mod account;
mod deployment;
mod managed;
mod parameters;
mod pipeline;
mod requirements;
mod services;
mod stack;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "change-control",
    domain: Domain::Operations,
    severity: Severity::Medium,
    title: Text::new(
        "Changes run inside calendars and windows, through approved pipelines and from code",
        "変更が変更カレンダー・メンテナンスウィンドウ・承認付きパイプライン・コード管理のもとで行われている",
    ),
    why: Text::new(
        "Most outages begin with a change. One that nobody approved, that runs on a closing day, \
         that cannot be rolled back or that was made by hand past the code is found only when it \
         has done its damage, and nobody can tell afterwards what was changed.",
        "障害の多くは変更をきっかけに発生します。承認のない変更、締め日など凍結期間中の変更、切り戻せない\
         変更、コードを経ない手作業の変更は、影響が出てから発覚し、何が変更されたかを後から確認すること\
         もできません。",
    ),
    fix: Text::new(
        "Keep a change calendar (Systems Manager > Change Calendar) and name it in associations \
         that run automation; plan work in Maintenance Windows with tasks. In CodePipeline start \
         from a versioned source and put a manual approval before production; turn on automatic \
         rollback in CodeDeploy; give AppConfig environments alarms, profiles validators and \
         strategies a bake time. Manage resources by CloudFormation, detect drift on a schedule \
         (Stack actions) and resolve it.",
        "Systems Manager の「変更カレンダー」を用意してオートメーションの関連付けに指定し、\
         計画作業はタスク付きのメンテナンスウィンドウで実施します。CodePipeline は\
         バージョン管理されたソースから開始し、本番前に手動承認を置きます。CodeDeploy の\
         自動ロールバックを有効化し、AppConfig では環境にアラーム、プロファイルにバリデーター、\
         戦略にベイク時間を設定します。リソースは CloudFormation で管理し、ドリフトを定期的に\
         検出して解消します。",
    ),
    remedy: Remedy::new(
        include_str!("change_control/remedy.sh"),
        include_str!("change_control/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-change-calendar.html",
    criteria: Criteria {
        explicit: &["実48 10"],
        implied: &["実14 8", "実31 4", "実42", "実42 1", "実74 4", "実99", "実106"],
    },
    resources: &[
        ResourceType::ACCOUNT,
        ResourceType::SSM_DOCUMENT,
        ResourceType::CLOUDFORMATION_STACK,
        ResourceType::CODEPIPELINE_PIPELINE,
        ResourceType::CODEDEPLOY_DEPLOYMENT_GROUP,
        ResourceType::APPCONFIG_ENVIRONMENT,
        ResourceType::APPCONFIG_CONFIGURATION_PROFILE,
        ResourceType::APPCONFIG_DEPLOYMENT_STRATEGY,
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
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(LIST_DOCUMENTS),
        Action::on(GET_CALENDAR_STATE, "arn:${AWS::Partition}:ssm:*:*:document/*"),
        // Documents of AWS have no account.
        Action::on(DESCRIBE_DOCUMENT, "arn:${AWS::Partition}:ssm:*:*:document/*"),
        Action::on(
            DESCRIBE_PERMISSION,
            "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:document/*",
        ),
        Action::any(LIST_ASSOCIATIONS),
        Action::any(DESCRIBE_ASSOCIATION),
        Action::any(DESCRIBE_WINDOWS),
        Action::on(DESCRIBE_WINDOW_TASKS, WINDOWS),
        Action::on(DESCRIBE_WINDOW_EXECUTIONS, WINDOWS),
        Action::any(DESCRIBE_STACKS),
        Action::any(DESCRIBE_ALARMS),
    ],
    parameters: &[
        REQUIRED_CALENDARS.spec,
        CALENDAR_REQUIRED_ACCOUNTS.spec,
        GATED_DOCUMENT_TYPES.spec,
        EXEMPT_DOCUMENTS.spec,
        MAX_DAYS_SINCE_WINDOW_RUN.spec,
        MAX_DRIFT_CHECK_AGE_HOURS.spec,
        SKIP_STACK_SET_INSTANCES.spec,
        REQUIRE_TERMINATION_PROTECTION.spec,
        PRODUCTION_TAG.spec,
        VERSIONED_SOURCES.spec,
        IAC_TAG_KEYS.spec,
        MIN_BAKE_MINUTES.spec,
    ],
    requirements: &[
        &CHANGE_CALENDAR_MISSING,
        &CHANGE_CALENDAR_SHARING,
        &AUTOMATION_NOT_GATED,
        &MAINTENANCE_WINDOW_MISSING,
        &STACK_DRIFTED,
        &STACK_FAILED,
        &STACK_TERMINATION_UNPROTECTED,
        &STACK_NOTIFICATION_MISSING,
        &PIPELINE_SOURCE_UNVERSIONED,
        &PIPELINE_WITHOUT_APPROVAL,
        &DEPLOY_ROLLBACK_OFF,
        &APPCONFIG_UNGUARDED,
        &NOT_MANAGED_BY_IAC,
    ],
    remarks: &[
        &NOT_A_CALENDAR,
        &NESTED_STACK,
        &STACK_IN_TRANSITION,
        &STACK_SET_INSTANCE,
        &DRIFT_UNKNOWN,
        &FEATURE_FLAGS,
        &PREDEFINED_STRATEGY,
        &MADE_BY_SERVICE,
    ],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview,
        connect,
        swept: &[ResourceType::ACCOUNT, ResourceType::CLOUDFORMATION_STACK],
    },
};

const WINDOWS: &str =
    "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:maintenancewindow/*";

const LIST_DOCUMENTS: &str = "ssm:ListDocuments";
const GET_CALENDAR_STATE: &str = "ssm:GetCalendarState";
const DESCRIBE_DOCUMENT: &str = "ssm:DescribeDocument";
const DESCRIBE_PERMISSION: &str = "ssm:DescribeDocumentPermission";
const LIST_ASSOCIATIONS: &str = "ssm:ListAssociations";
const DESCRIBE_ASSOCIATION: &str = "ssm:DescribeAssociation";
const DESCRIBE_WINDOWS: &str = "ssm:DescribeMaintenanceWindows";
const DESCRIBE_WINDOW_TASKS: &str = "ssm:DescribeMaintenanceWindowTasks";
const DESCRIBE_WINDOW_EXECUTIONS: &str = "ssm:DescribeMaintenanceWindowExecutions";
const DESCRIBE_STACKS: &str = "cloudformation:DescribeStacks";
const DESCRIBE_ALARMS: &str = "cloudwatch:DescribeAlarms";

const NOT_A_CALENDAR: Remark = Remark::new(
    "NOT_A_CALENDAR",
    "The document is no change calendar",
    "変更カレンダーではないドキュメントです",
);
const NESTED_STACK: Remark = Remark::new(
    "NESTED_STACK",
    "A nested stack is changed through its root stack, where it is judged",
    "ネストされたスタックはルートスタックを通じて変更されます(ルートスタックで評価)",
);
const STACK_IN_TRANSITION: Remark = Remark::new(
    "STACK_IN_TRANSITION",
    "The stack is being changed or deleted",
    "スタックは変更中または削除中です",
);
const STACK_SET_INSTANCE: Remark = Remark::new(
    "STACK_SET_INSTANCE",
    "The stack is an instance of a stack set, which is judged at its administrator",
    "スタックセットのインスタンスです(管理元で評価)",
);
const DRIFT_UNKNOWN: Remark = Remark::new(
    "DRIFT_UNKNOWN",
    "Drift detection does not support the stack's resources",
    "ドリフト検出がスタックのリソースに対応していません",
);
const FEATURE_FLAGS: Remark = Remark::new(
    "FEATURE_FLAGS",
    "AppConfig itself validates feature flags",
    "機能フラグは AppConfig 自体が検証します",
);
const PREDEFINED_STRATEGY: Remark = Remark::new(
    "PREDEFINED_STRATEGY",
    "AWS predefines the strategy",
    "AWS の事前定義済みデプロイ戦略です",
);
const MADE_BY_SERVICE: Remark = Remark::new(
    "MADE_BY_SERVICE",
    "Another resource or an AWS service made and manages it",
    "他のリソースまたは AWS サービスが作成・管理しています",
);

/// What the item alone decides of a resource; `None` where a service must be asked.
type Preview = fn(&ConfigurationItem, &Run<'_>) -> Result<Option<Verdict>, Error>;

const TYPES: [(ResourceType, Preview); 16] = [
    (ResourceType::SSM_DOCUMENT, preview_document),
    (ResourceType::CLOUDFORMATION_STACK, preview_stack),
    (ResourceType::CODEPIPELINE_PIPELINE, pipeline::pipeline),
    (ResourceType::CODEDEPLOY_DEPLOYMENT_GROUP, deployment::group),
    (ResourceType::APPCONFIG_ENVIRONMENT, deployment::environment),
    (ResourceType::APPCONFIG_CONFIGURATION_PROFILE, deployment::profile),
    (ResourceType::APPCONFIG_DEPLOYMENT_STRATEGY, deployment::strategy),
    (ResourceType::EC2_INSTANCE, managed::preview),
    (ResourceType::AUTO_SCALING_AUTO_SCALING_GROUP, managed::preview),
    (ResourceType::RDS_DB_INSTANCE, managed::preview),
    (ResourceType::RDS_DB_CLUSTER, managed::preview),
    (ResourceType::ELBV2_LOAD_BALANCER, managed::preview),
    (ResourceType::LAMBDA_FUNCTION, managed::preview),
    (ResourceType::DYNAMODB_TABLE, managed::preview),
    (ResourceType::S3_BUCKET, managed::preview),
    (ResourceType::ECS_SERVICE, managed::preview),
];

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let preview = TYPES.iter().find(|(kind, _)| kind.name == item.resource_type);
    let (_, preview) = preview
        .ok_or_else(|| Error::Control(format!("{} is not judged here", item.resource_type)))?;
    preview(item, run)
}

fn preview_document(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if text(&item.configuration()?, "DocumentType")? != "ChangeCalendar" {
        return Ok(Some(Verdict::not_applicable(&NOT_A_CALENDAR)));
    }
    let nobody = run.parameters.get(&CALENDAR_REQUIRED_ACCOUNTS).is_empty();
    Ok(nobody.then(Verdict::compliant))
}

fn preview_stack(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let stack = Stack::of_item(item, run)?;
    // Only the service tells when drift was last looked for.
    let asked = run.parameters.get(&MAX_DRIFT_CHECK_AGE_HOURS) > 0 && !run.offline;
    match stack.left_out(run) {
        Some(remark) => Ok(Some(Verdict::not_applicable(remark))),
        None if asked => Ok(None),
        None => Ok(Some(stack.decide(run)?)),
    }
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(services::Services::new(sdk))
}

#[cfg(test)]
mod tests;
