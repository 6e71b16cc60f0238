//! `plaintext-secrets`: passwords, keys and tokens are not kept in clear text in configuration.
//!
//! Whoever may describe a function, a task definition, a build project or an instance reads its
//! settings, and Config keeps them for years. A setting fails when a literal stands under a name
//! that suggests a secret, when it has the form of a key, or when a URL or connection string in it
//! carries a password. References to a secret, and names that are only about one, are quiet.
//! Results name the setting and the kind of secret, never its value; nothing is decrypted.
//! Files of variables in S3, commands and options of log drivers are not read.
//!
//! Criteria: 実1, 実3, 実9 ask for it. To fix a setting, keep the value in Secrets Manager or as a
//! SecureString parameter, name that instead, and change the secret: it is known.

mod detect;
mod user_data;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_shared::config_service::ConfigService;
use fisc_shared::ec2::{self, Ec2};
use fisc_shared::error::Call;
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::parameter::Param;
use fisc_shared::verdict::{Failures, remarks};
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits, Message,
    Placement, Remark, Remedy, Requirement, Resource, ResourceType, Run, ServiceCheck, Severity,
    Text, Trigger, Verdict, inventory, message,
};

use detect::{Detector, Found};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "plaintext-secrets",
    domain: Domain::Secrets,
    severity: Severity::High,
    title: Text::new(
        "Passwords, keys and tokens are not kept in clear text in configuration",
        "パスワード・鍵・トークンなどの秘密情報を設定に平文で置かない",
    ),
    why: Text::new(
        "Settings are read by everybody who may describe a resource, are copied into logs, \
         templates and tickets, and stay in the history of AWS Config for years.",
        "設定値は、リソースを参照できるすべての人に読まれ、ログ・テンプレート・課題票に写され、\
         AWS Config の履歴に何年も残ります。",
    ),
    fix: Text::new(
        "Store the value in Secrets Manager or as a SecureString parameter and refer to it: \
         secrets in the ECS task definition (new revision), type SECRETS_MANAGER under Environment \
         variables of the CodeBuild project, a call at start in Lambda (Configuration > Environment \
         variables) and user data. Then change the secret, because it has to count as known. List \
         harmless names in exemptNames.",
        "値を Secrets Manager または SecureString パラメータに移し、参照に置き換えます(ECS は\
         タスク定義の新しいリビジョンの secrets、CodeBuild は環境変数の SECRETS_MANAGER 型、Lambda \
         の「設定」>「環境変数」やユーザーデータでは起動時の取得)。その後、漏えいしたものとみなして\
         秘密情報を変更します。問題のない名前は exemptNames に登録します。",
    ),
    remedy: Remedy::new(
        include_str!("plaintext_secrets/remedy.sh"),
        include_str!("plaintext_secrets/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/secretsmanager/latest/userguide/hardcoded.html",
    criteria: Criteria { explicit: &["実1", "実3", "実9"], implied: &["実19"] },
    resources: &[
        ResourceType::LAMBDA_FUNCTION,
        ResourceType::ECS_TASK_DEFINITION,
        ResourceType::CODEBUILD_PROJECT,
        ResourceType::EC2_INSTANCE,
        ResourceType::EC2_LAUNCH_TEMPLATE,
        ResourceType::AUTO_SCALING_LAUNCH_CONFIGURATION,
        ResourceType::ACCOUNT,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::on(
            GET_FUNCTION,
            "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:*",
        ),
        Action::on(
            ec2::action::DESCRIBE_INSTANCE_ATTRIBUTE,
            "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:instance/*",
        ),
        Action::any(ec2::action::DESCRIBE_LAUNCH_TEMPLATE_VERSIONS),
        Action::any(DESCRIBE_PARAMETERS),
        inventory::ACTIONS[0],
        inventory::ACTIONS[1],
    ],
    parameters: &[
        SECRET_NAME_PATTERN.spec,
        SECRET_VALUE_PATTERNS.spec,
        EXEMPT_NAMES.spec,
        LATEST_TASK_DEFINITION_ONLY.spec,
        REQUIRE_CUSTOMER_MANAGED_KEY.spec,
    ],
    requirements: &[
        &LAMBDA_ENV_SECRET,
        &TASKDEF_ENV_SECRET,
        &CODEBUILD_ENV_SECRET,
        &USERDATA_SECRET,
        &PARAMETER_NOT_SECURESTRING,
        &PARAMETER_KEY_NOT_CUSTOMER,
    ],
    remarks: &[&NOTHING_SET, &INACTIVE, &SUPERSEDED, &TERMINATED, &NO_SECRET_PARAMETER],
    limits: Limits::SWEEP,
    // Parameters of Systems Manager are not recorded. A new revision supersedes an older one
    // without an item of that.
    check: Check::Service { preview, connect, swept: &[ResourceType::ACCOUNT] },
};

const GET_FUNCTION: &str = "lambda:GetFunctionConfiguration";
const DESCRIBE_PARAMETERS: &str = "ssm:DescribeParameters";

const SECRET_NAME_PATTERN: Param<Vec<String>> = Param::list(
    "secretNamePattern",
    &[
        "(?i)(passw(or)?d|passwd|pwd|secret|token|api_?-?key|access_?-?key|credential|private_?-?key|conn(ection)?_?str)",
    ],
    Text::new(
        "Regular expressions of names that suggest a secret",
        "秘密情報をうかがわせる名前の正規表現",
    ),
);

const SECRET_VALUE_PATTERNS: Param<Vec<String>> = Param::list(
    "secretValuePatterns",
    &[r"\b(AKIA|ASIA)[0-9A-Z]{16}\b", "-----BEGIN ([A-Z]+ )?PRIVATE KEY-----"],
    Text::new(
        "Regular expressions of values that are a secret whatever their name",
        "名前にかかわらず秘密情報とみなす値の正規表現",
    ),
);

const EXEMPT_NAMES: Param<Vec<String>> = Param::list(
    "exemptNames",
    &[],
    Text::new(
        "Names of variables and parameters, exact, that are harmless",
        "問題のない変数・パラメータの名前(完全一致)",
    ),
);

const LATEST_TASK_DEFINITION_ONLY: Param<bool> = Param::flag(
    "latestTaskDefinitionOnly",
    true,
    Text::new(
        "Of a task definition only the newest recorded revision counts",
        "タスク定義は記録されている最新のリビジョンだけを評価する",
    ),
);

const REQUIRE_CUSTOMER_MANAGED_KEY: Param<bool> = Param::flag(
    "requireCustomerManagedKey",
    false,
    Text::new(
        "SecureString parameters must use a customer managed key",
        "SecureString パラメータにカスタマー管理キーを求める",
    ),
);

const LAMBDA_ENV_SECRET: Requirement = Requirement {
    code: "LAMBDA_ENV_SECRET",
    wave: 2,
    resources: &[ResourceType::LAMBDA_FUNCTION],
    title: Text::new(
        "An environment variable of the function holds a secret",
        "関数の環境変数に秘密情報があります",
    ),
    rule: Text::new(
        "Fails when an environment variable holds a literal under a secret's name, the form of a \
         key, or a connection with its password (GetFunctionConfiguration).",
        "環境変数が、秘密情報の名前のリテラル、鍵の形式の値、またはパスワード入りの接続情報であるとき\
         不適合です(GetFunctionConfiguration)。",
    ),
};

const TASKDEF_ENV_SECRET: Requirement = Requirement {
    code: "TASKDEF_ENV_SECRET",
    wave: 1,
    resources: &[ResourceType::ECS_TASK_DEFINITION],
    title: Text::new(
        "An environment variable of a container holds a secret",
        "コンテナの環境変数に秘密情報があります",
    ),
    rule: Text::new(
        "Fails when a container's plain environment holds such a value instead of naming it under \
         secrets.",
        "コンテナの環境変数に、secrets での参照ではなく同様の値が直接書かれているとき不適合です。",
    ),
};

const CODEBUILD_ENV_SECRET: Requirement = Requirement {
    code: "CODEBUILD_ENV_SECRET",
    wave: 2,
    resources: &[ResourceType::CODEBUILD_PROJECT],
    title: Text::new(
        "An environment variable of the build project holds a secret",
        "ビルドプロジェクトの環境変数に秘密情報があります",
    ),
    rule: Text::new(
        "Fails when a variable of type PLAINTEXT, or without type, holds such a value.",
        "PLAINTEXT 型または型指定のない変数に同様の値があるとき不適合です。",
    ),
};

const USERDATA_SECRET: Requirement = Requirement {
    code: "USERDATA_SECRET",
    wave: 2,
    resources: &[
        ResourceType::EC2_INSTANCE,
        ResourceType::EC2_LAUNCH_TEMPLATE,
        ResourceType::AUTO_SCALING_LAUNCH_CONFIGURATION,
    ],
    title: Text::new("The user data holds a secret", "ユーザーデータに秘密情報があります"),
    rule: Text::new(
        "Fails when the user data, decoded and inflated, assigns a literal to a secret's name or \
         holds the form of a key; of a launch template the default and the latest version.",
        "復号・展開したユーザーデータが、秘密情報の名前にリテラルを代入しているか、鍵の形式の値を含むとき\
         不適合です(起動テンプレートはデフォルトと最新のバージョン)。",
    ),
};

const PARAMETER_NOT_SECURESTRING: Requirement = Requirement {
    code: "PARAMETER_NOT_SECURESTRING",
    wave: 1,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "A parameter with a secret's name is not encrypted",
        "秘密情報の名前のパラメータが暗号化されていません",
    ),
    rule: Text::new(
        "Fails when a parameter of Systems Manager whose name suggests a secret has type String or \
         StringList (DescribeParameters; values are never read).",
        "名前が秘密情報をうかがわせる Systems Manager のパラメータが String または StringList 型の\
         とき不適合です(DescribeParameters。値は読み取りません)。",
    ),
};

const PARAMETER_KEY_NOT_CUSTOMER: Requirement = Requirement {
    code: "PARAMETER_KEY_NOT_CUSTOMER",
    wave: 3,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "A SecureString parameter uses the key of AWS",
        "SecureString パラメータが AWS マネージドキーを使用しています",
    ),
    rule: Text::new(
        "With requireCustomerManagedKey: fails when such a parameter is encrypted with \
         alias/aws/ssm.",
        "requireCustomerManagedKey を指定した場合: 該当するパラメータが alias/aws/ssm で暗号化されている\
         とき不適合です。",
    ),
};

const NOTHING_SET: Remark = Remark::new(
    "NOTHING_SET",
    "There are no variables and no user data",
    "環境変数もユーザーデータもありません",
);
const INACTIVE: Remark = Remark::new(
    "TASK_DEFINITION_INACTIVE",
    "The task definition is not active",
    "タスク定義は有効ではありません",
);
const SUPERSEDED: Remark = Remark::new(
    "TASK_DEFINITION_SUPERSEDED",
    "A newer revision of the task definition exists",
    "タスク定義に新しいリビジョンがあります",
);
const TERMINATED: Remark =
    Remark::new("INSTANCE_TERMINATED", "The instance is terminated", "インスタンスは終了済みです");
const NO_SECRET_PARAMETER: Remark = Remark::new(
    "NO_SECRET_PARAMETER",
    "No parameter of Systems Manager in this Region has a secret's name",
    "このリージョンに、秘密情報の名前を持つ Systems Manager のパラメータはありません",
);

/// What an item tells of its settings.
enum Told {
    /// Everything: the verdict.
    Verdict(Verdict),
    /// A service must be asked.
    Ask,
}

/// How each type is judged by its item.
type ByItem = fn(&Fields<'_>, &Detector) -> Result<Told, Error>;

const BY_ITEM: [(ResourceType, ByItem); 6] = [
    (ResourceType::ECS_TASK_DEFINITION, task_definition),
    (ResourceType::CODEBUILD_PROJECT, build_project),
    (ResourceType::AUTO_SCALING_LAUNCH_CONFIGURATION, launch_configuration),
    (ResourceType::EC2_INSTANCE, instance),
    (ResourceType::EC2_LAUNCH_TEMPLATE, |_, _| Ok(Told::Ask)),
    (ResourceType::LAMBDA_FUNCTION, |_, _| Ok(Told::Ask)),
];

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let detector = Detector::new(run.parameters)?;
    let by_item = BY_ITEM.iter().find(|(kind, _)| kind.name == item.resource_type);
    let Some((_, by_item)) = by_item else { return Ok(None) };
    match by_item(&item.configuration()?, &detector)? {
        Told::Verdict(verdict) => Ok(Some(verdict)),
        Told::Ask => Ok(None),
    }
}

/// Non-compliant with what was found.
fn verdict(requirement: &Requirement, found: &[Found]) -> Verdict {
    let mut failures = Failures::new();
    if !found.is_empty() {
        failures.because(requirement, detect::named(found));
    }
    failures.into_verdict()
}

fn task_definition(fields: &Fields<'_>, detector: &Detector) -> Result<Told, Error> {
    if fields.text("Status")?.is_some_and(|status| status != "ACTIVE") {
        return Ok(Told::Verdict(Verdict::not_applicable(&INACTIVE)));
    }
    let containers = fields
        .list("ContainerDefinitions")?
        .ok_or_else(|| fields.missing("ContainerDefinitions"))?;
    let mut found = Vec::new();
    for container in containers {
        for variable in container.list("Environment")?.unwrap_or_default() {
            found.extend(one(detector, variable.text("Name")?, variable.text("Value")?));
        }
    }
    Ok(Told::Verdict(verdict(&TASKDEF_ENV_SECRET, &found)))
}

fn build_project(fields: &Fields<'_>, detector: &Detector) -> Result<Told, Error> {
    let environment = fields.at("environment")?.ok_or_else(|| fields.missing("environment"))?;
    let mut found = Vec::new();
    for variable in environment.list("environmentVariables")?.unwrap_or_default() {
        if variable.text("type")?.is_none_or(|kind| kind == "PLAINTEXT") {
            found.extend(one(detector, variable.text("name")?, variable.text("value")?));
        }
    }
    Ok(Told::Verdict(verdict(&CODEBUILD_ENV_SECRET, &found)))
}

fn one(detector: &Detector, name: Option<&str>, value: Option<&str>) -> Option<Found> {
    let (name, value) = (name?, value?);
    detector.variable(name, value).map(|kind| Found { place: name.to_owned(), kind })
}

fn launch_configuration(fields: &Fields<'_>, detector: &Detector) -> Result<Told, Error> {
    match fields.text("userData")?.filter(|text| !text.is_empty()) {
        None => Ok(Told::Verdict(Verdict::not_applicable(&NOTHING_SET))),
        Some(text) => {
            let bytes = user_data::decode(text).map_err(|error| ItemError::Unreadable {
                field: "configuration.userData".to_owned(),
                problem: error.to_string(),
            })?;
            Ok(Told::Verdict(scanned(detector, &bytes)?))
        }
    }
}

/// The state of an instance is a text in delivered items, an object in query results.
fn instance(fields: &Fields<'_>, _: &Detector) -> Result<Told, Error> {
    let state = match fields.value().get("state") {
        Some(serde_json::Value::String(name)) => Some(name.as_str()),
        Some(serde_json::Value::Object(state)) => {
            state.get("name").or_else(|| state.get("value")).and_then(serde_json::Value::as_str)
        }
        _ => None,
    };
    Ok(match state {
        Some("terminated" | "shutting-down") => Told::Verdict(Verdict::not_applicable(&TERMINATED)),
        _ => Told::Ask,
    })
}

fn scanned(detector: &Detector, bytes: &[u8]) -> Result<Verdict, Error> {
    let found =
        user_data::scan(detector, bytes).map_err(|error| Error::Control(error.to_string()))?;
    Ok(verdict(&USERDATA_SECRET, &found))
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services {
        lambda: aws_sdk_lambda::Client::new(sdk),
        ssm: aws_sdk_ssm::Client::new(sdk),
        ec2: Ec2::new(sdk),
        config: ConfigService::new(sdk),
    })
}

struct Services {
    lambda: aws_sdk_lambda::Client,
    ssm: aws_sdk_ssm::Client,
    ec2: Ec2,
    config: ConfigService,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let detector = Detector::new(run.parameters)?;
        let id = item.resource_id.as_str();
        let kind = item.resource_type.as_str();
        if kind == ResourceType::LAMBDA_FUNCTION.name {
            self.function(item.arn.as_deref().unwrap_or(id), &detector).await
        } else if kind == ResourceType::EC2_INSTANCE.name {
            self.instance(id, &detector).await
        } else {
            self.template(id, &detector).await
        }
    }

    /// The parameters of the account, and revisions of task definitions that failed and have been
    /// superseded since.
    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let detector = Detector::new(run.parameters)?;
        let mut evaluated = vec![Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict: self.parameters(&detector, run).await?,
            at: run.now,
        }];
        if run.parameters.get(&LATEST_TASK_DEFINITION_ONLY) {
            let items = self.config.recorded(ResourceType::ECS_TASK_DEFINITION.name).await?;
            for item in superseded(&items)? {
                if matches!(preview(item, run)?, Some(Verdict::NonCompliant(_))) {
                    evaluated.push(Evaluated {
                        resource: Resource::from(item),
                        verdict: Verdict::not_applicable(&SUPERSEDED),
                        at: run.now,
                    });
                }
            }
        }
        Ok(evaluated)
    }
}

/// The task definitions of which a newer revision is recorded and active.
fn superseded(items: &[ConfigurationItem]) -> Result<Vec<&ConfigurationItem>, Error> {
    let mut newest: BTreeMap<String, u64> = BTreeMap::new();
    let mut revisions = Vec::with_capacity(items.len());
    for item in items {
        let Some((family, revision)) = item.resource_id.rsplit_once(':') else { continue };
        let Ok(revision) = revision.parse::<u64>() else { continue };
        if item.configuration()?.text("Status")?.is_none_or(|status| status == "ACTIVE") {
            let known = newest.entry(family.to_owned()).or_default();
            *known = revision.max(*known);
        }
        revisions.push((item, family, revision));
    }
    let older = revisions.into_iter().filter(|(_, family, revision)| {
        newest.get(*family).is_some_and(|newest| revision < newest)
    });
    Ok(older.map(|(item, _, _)| item).collect())
}

impl Services {
    async fn function(&self, name: &str, detector: &Detector) -> Result<Verdict, Error> {
        let answer = self.lambda.get_function_configuration().function_name(name).send().await;
        let answer = match answer.call(GET_FUNCTION) {
            Ok(answer) => answer,
            Err(error) if error.is("ResourceNotFoundException") => {
                return Ok(Verdict::not_applicable(&remarks::RESOURCE_DELETED));
            }
            Err(error) => return Err(error.into()),
        };
        let Some(environment) = answer.environment() else {
            return Ok(Verdict::not_applicable(&NOTHING_SET));
        };
        // The variables are encrypted with a key that the role may not use.
        if let Some(error) = environment.error() {
            let code = error.error_code().unwrap_or("an error without a code");
            return Err(Error::Control(format!(
                "the environment of the function cannot be read ({code}): allow the control's role \
                 kms:Decrypt on the function's key, or exempt the function"
            )));
        }
        let variables: BTreeMap<&String, &String> =
            environment.variables().into_iter().flatten().collect();
        if variables.is_empty() {
            return Ok(Verdict::not_applicable(&NOTHING_SET));
        }
        let found: Vec<Found> = variables
            .into_iter()
            .filter_map(|(name, value)| one(detector, Some(name), Some(value)))
            .collect();
        Ok(verdict(&LAMBDA_ENV_SECRET, &found))
    }

    async fn instance(&self, id: &str, detector: &Detector) -> Result<Verdict, Error> {
        match self.ec2.user_data(id).await {
            Ok(Some(data)) => scanned(detector, data.bytes()),
            Ok(None) => Ok(Verdict::not_applicable(&NOTHING_SET)),
            Err(Error::Service(error)) if error.is("InvalidInstanceID.NotFound") => {
                Ok(Verdict::not_applicable(&TERMINATED))
            }
            Err(error) => Err(error),
        }
    }

    async fn template(&self, id: &str, detector: &Detector) -> Result<Verdict, Error> {
        let versions = match self.ec2.launch_template_versions(Some(id)).await {
            Ok(versions) => versions,
            Err(Error::Service(error)) if error.is("InvalidLaunchTemplateId.NotFound") => {
                return Ok(Verdict::not_applicable(&remarks::RESOURCE_DELETED));
            }
            Err(error) => return Err(error),
        };
        let data: Vec<_> = versions.iter().filter_map(|one| one.user_data.as_ref()).collect();
        if data.is_empty() {
            return Ok(Verdict::not_applicable(&NOTHING_SET));
        }
        let mut found = Vec::new();
        for data in data {
            let scanned = user_data::scan(detector, data.bytes());
            found.extend(scanned.map_err(|error| Error::Control(error.to_string()))?);
        }
        found.dedup();
        Ok(verdict(&USERDATA_SECRET, &found))
    }

    async fn parameters(&self, detector: &Detector, run: &Run<'_>) -> Result<Verdict, Error> {
        let missing = |field: &str| Error::Answer {
            action: DESCRIBE_PARAMETERS,
            field: format!("Parameters[].{field}"),
        };
        let mut pages = self.ssm.describe_parameters().into_paginator().send();
        let mut parameters = Vec::new();
        while let Some(page) = pages.next().await {
            for parameter in page.call(DESCRIBE_PARAMETERS)?.parameters() {
                let name = parameter.name().ok_or_else(|| missing("Name"))?;
                if detector.suspects(name) {
                    let kind = parameter.r#type().ok_or_else(|| missing("Type"))?;
                    parameters.push(SecretParameter {
                        name: name.to_owned(),
                        encrypted: kind.as_str() == "SecureString",
                        key: parameter.key_id().map(str::to_owned),
                    });
                }
            }
        }
        Ok(judge_parameters(&parameters, run))
    }
}

/// A parameter of Systems Manager whose name suggests a secret.
struct SecretParameter {
    name: String,
    encrypted: bool,
    key: Option<String>,
}

fn judge_parameters(parameters: &[SecretParameter], run: &Run<'_>) -> Verdict {
    if parameters.is_empty() {
        return Verdict::not_applicable(&NO_SECRET_PARAMETER);
    }
    let names = |test: &dyn Fn(&SecretParameter) -> bool| -> Vec<&str> {
        parameters.iter().filter(|one| test(one)).map(|one| one.name.as_str()).collect()
    };
    let mut failures = Failures::new();
    let open = names(&|one| !one.encrypted);
    if !open.is_empty() {
        let Message { en, ja } = Message::named(&open);
        failures.because(
            &PARAMETER_NOT_SECURESTRING,
            message!("Not SecureString: {en}", "SecureString ではないパラメータ: {ja}"),
        );
    }
    if run.parameters.get(&REQUIRE_CUSTOMER_MANAGED_KEY) {
        let aws = names(&|one| {
            one.encrypted && one.key.as_deref().is_none_or(|key| key.ends_with("alias/aws/ssm"))
        });
        if !aws.is_empty() {
            let Message { en, ja } = Message::named(&aws);
            failures.because(
                &PARAMETER_KEY_NOT_CUSTOMER,
                message!("Encrypted with the key of AWS: {en}", "AWS マネージドキーで暗号化: {ja}"),
            );
        }
    }
    failures.into_verdict()
}

#[cfg(test)]
mod tests;
