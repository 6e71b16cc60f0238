//! Services that are asked for the policies of their resources.

use aws_sdk_lambda::types::FunctionUrlAuthType;
use aws_sdk_sqs::types::QueueAttributeName;
use aws_types::SdkConfig;
use fisc_shared::error::{Call, ServiceError};
use fisc_shared::policy::PolicyDocument;
use fisc_shared::verdict::remarks;
use fisc_shared::{ConfigurationItem, Error, Resource, ResourceType, Run, Verdict};

use super::super::{approved, owner};
use super::{APPROVED_PUBLIC, Function, Kind, SECRET_BEING_DELETED};

pub(in super::super) const GET_FUNCTION_POLICY: &str = "lambda:GetPolicy";
pub(in super::super) const LIST_FUNCTION_URLS: &str = "lambda:ListFunctionUrlConfigs";
pub(in super::super) const GET_QUEUE_ATTRIBUTES: &str = "sqs:GetQueueAttributes";
pub(in super::super) const GET_SECRET_POLICY: &str = "secretsmanager:GetResourcePolicy";
pub(in super::super) const GET_REPOSITORY_POLICY: &str = "ecr:GetRepositoryPolicy";
pub(in super::super) const DESCRIBE_EVENT_BUS: &str = "events:DescribeEventBus";
pub(in super::super) const DESCRIBE_FILE_SYSTEM_POLICY: &str =
    "elasticfilesystem:DescribeFileSystemPolicy";

const NOT_FOUND: &str = "ResourceNotFoundException";

/// What a service answers when it is asked for a policy.
enum Answer {
    /// The policy, if there is one.
    Policy(Option<String>),
    /// The resource was deleted since Config recorded it.
    Gone,
    /// The secret is scheduled for deletion.
    BeingDeleted,
}

/// Clients of the services.
pub(in super::super) struct Clients {
    lambda: aws_sdk_lambda::Client,
    sqs: aws_sdk_sqs::Client,
    secrets: aws_sdk_secretsmanager::Client,
    ecr: aws_sdk_ecr::Client,
    events: aws_sdk_eventbridge::Client,
    efs: aws_sdk_efs::Client,
}

impl Clients {
    pub(in super::super) fn new(sdk: &SdkConfig) -> Self {
        Self {
            lambda: aws_sdk_lambda::Client::new(sdk),
            sqs: aws_sdk_sqs::Client::new(sdk),
            secrets: aws_sdk_secretsmanager::Client::new(sdk),
            ecr: aws_sdk_ecr::Client::new(sdk),
            events: aws_sdk_eventbridge::Client::new(sdk),
            efs: aws_sdk_efs::Client::new(sdk),
        }
    }

    pub(in super::super) async fn judge(
        &self,
        item: &ConfigurationItem,
        run: &Run<'_>,
    ) -> Result<Verdict, Error> {
        let own = owner(item, run);
        let kind = Kind::of(&item.resource_type)
            .ok_or_else(|| Error::Control(format!("{} has no policy", item.resource_type)))?;
        let id = item.resource_id.as_str();
        let named = |key: &str| {
            let fields = item.configuration()?;
            fields.text(key)?.map(str::to_owned).ok_or_else(|| fields.missing(key))
        };
        let answer = match kind.resource_type {
            ResourceType::LAMBDA_FUNCTION => {
                return match self.function(id).await? {
                    Some(function) => function.judge(own, run),
                    None => Ok(Verdict::not_applicable(&remarks::RESOURCE_GONE)),
                };
            }
            ResourceType::SQS_QUEUE => self.queue(&named("QueueUrl")?).await,
            ResourceType::SECRETS_MANAGER_SECRET => self.secret(id).await,
            ResourceType::ECR_REPOSITORY => self.repository(id).await,
            ResourceType::EVENTS_EVENT_BUS => self.bus(&named("Name")?).await,
            ResourceType::EFS_FILE_SYSTEM => self.file_system(&named("FileSystemId")?).await,
            _ => return Err(Error::Control(format!("{} tells all", item.resource_type))),
        };
        kind.judge_answer(answer?, own, run)
    }

    /// The verdict on the default event bus, of which Config may have no item.
    pub(in super::super) async fn default_bus(
        &self,
        bus: &Resource,
        run: &Run<'_>,
    ) -> Result<Verdict, Error> {
        if bus.arn.as_deref().is_some_and(|arn| approved(arn, run)) {
            return Ok(Verdict::not_applicable(&APPROVED_PUBLIC));
        }
        let kind = Kind::of(&bus.resource_type)
            .ok_or_else(|| Error::Control(format!("{} has no policy", bus.resource_type)))?;
        kind.judge_answer(self.bus(&bus.id).await?, run.account_id, run)
    }

    /// A function's policy and URLs; `None` when the function is gone.
    async fn function(&self, name: &str) -> Result<Option<Function>, Error> {
        let urls = self.lambda.list_function_url_configs().function_name(name);
        let mut pages = urls.into_paginator().items().send();
        let mut open_url = false;
        while let Some(url) = pages.next().await {
            match url.call(LIST_FUNCTION_URLS) {
                Ok(url) => open_url |= *url.auth_type() == FunctionUrlAuthType::None,
                Err(error) if error.is(NOT_FOUND) => return Ok(None),
                Err(error) => return Err(error.into()),
            }
        }
        let answer = self.lambda.get_policy().function_name(name).send().await;
        // The function is there: it is the policy that was not found.
        let policy = match answer.call(GET_FUNCTION_POLICY) {
            Ok(answer) => answer.policy,
            Err(error) if error.is(NOT_FOUND) => None,
            Err(error) => return Err(error.into()),
        };
        let policy = policy.as_deref().map(PolicyDocument::from_text).transpose()?;
        Ok(Some(Function { policy, open_url }))
    }

    async fn queue(&self, url: &str) -> Result<Answer, ServiceError> {
        let attributes = self.sqs.get_queue_attributes().queue_url(url);
        let answer = attributes.attribute_names(QueueAttributeName::Policy).send().await;
        let policy = answer.call(GET_QUEUE_ATTRIBUTES).map(|answer| {
            answer.attributes.and_then(|mut found| found.remove(&QueueAttributeName::Policy))
        });
        const GONE: &[&str] = &["AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"];
        answered(policy, &[], GONE)
    }

    async fn secret(&self, arn: &str) -> Result<Answer, ServiceError> {
        let answer = self.secrets.get_resource_policy().secret_id(arn).send().await;
        match answer.call(GET_SECRET_POLICY).map(|answer| answer.resource_policy) {
            Err(error)
                if error.is("InvalidRequestException") && error.message.contains("deletion") =>
            {
                Ok(Answer::BeingDeleted)
            }
            policy => answered(policy, &[], &[NOT_FOUND]),
        }
    }

    async fn repository(&self, name: &str) -> Result<Answer, ServiceError> {
        let answer = self.ecr.get_repository_policy().repository_name(name).send().await;
        let policy = answer.call(GET_REPOSITORY_POLICY).map(|answer| answer.policy_text);
        const NONE: &[&str] = &["RepositoryPolicyNotFoundException"];
        answered(policy, NONE, &["RepositoryNotFoundException"])
    }

    async fn bus(&self, name: &str) -> Result<Answer, ServiceError> {
        let answer = self.events.describe_event_bus().name(name).send().await;
        let policy = answer.call(DESCRIBE_EVENT_BUS).map(|answer| answer.policy);
        answered(policy, &[], &[NOT_FOUND])
    }

    async fn file_system(&self, id: &str) -> Result<Answer, ServiceError> {
        let answer = self.efs.describe_file_system_policy().file_system_id(id).send().await;
        let policy = answer.call(DESCRIBE_FILE_SYSTEM_POLICY).map(|answer| answer.policy);
        answered(policy, &["PolicyNotFound"], &["FileSystemNotFound"])
    }
}

/// The answer of a service, with the codes by which it says that there is no policy, or no
/// resource.
fn answered(
    policy: Result<Option<String>, ServiceError>,
    none: &[&str],
    gone: &[&str],
) -> Result<Answer, ServiceError> {
    let among = |error: &ServiceError, codes: &[&str]| codes.iter().any(|code| error.is(code));
    match policy {
        Ok(policy) => Ok(Answer::Policy(policy.filter(|text| !text.trim().is_empty()))),
        Err(error) if among(&error, none) => Ok(Answer::Policy(None)),
        Err(error) if among(&error, gone) => Ok(Answer::Gone),
        Err(error) => Err(error),
    }
}

impl Kind {
    fn judge_answer(&self, answer: Answer, own: &str, run: &Run<'_>) -> Result<Verdict, Error> {
        match answer {
            Answer::Policy(policy) => {
                let policy = policy.as_deref().map(PolicyDocument::from_text).transpose()?;
                self.judge(policy.as_ref(), own, run)
            }
            Answer::Gone => Ok(Verdict::not_applicable(&remarks::RESOURCE_GONE)),
            Answer::BeingDeleted => Ok(Verdict::not_applicable(&SECRET_BEING_DELETED)),
        }
    }
}
