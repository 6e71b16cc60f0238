//! What the items do not tell, asked of WAF and of Config's inventory.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_wafv2::Client;
use aws_sdk_wafv2::types::{
    FilterBehavior, LogScope, LoggingConfiguration, ResourceType as Protected, Scope, WebAcl,
};
use aws_types::SdkConfig;
use fisc_services::regions::in_region;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::config_service::ConfigService;
use fisc_shared::error::{Call, ServiceError};
use fisc_shared::item::ItemError;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    ConfigurationItem, Error, Evaluated, Resource, ResourceType, Run, ServiceCheck, Verdict,
};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::entry::{AclArn, Entry, Kind, is_private};
use super::parameters::{ONLY_ASSOCIATED_ACL, REQUIRE_IAC};
use super::requirements::{
    INTERNAL_ENTRY_POINT, NOT_DEPLOYED_BY_IAC, WEB_ACL_LOGGING_DISABLED, WEB_ACL_NOT_ASSOCIATED,
};
use super::rules::{Acl, Contents, OwnRule, Source};

pub(super) const GET_WEB_ACL_FOR_RESOURCE: &str = "wafv2:GetWebACLForResource";
pub(super) const GET_WEB_ACL: &str = "wafv2:GetWebACL";
pub(super) const GET_LOGGING_CONFIGURATION: &str = "wafv2:GetLoggingConfiguration";
pub(super) const LIST_RESOURCES: &str = "wafv2:ListResourcesForWebACL";
pub(super) const GET_RULE_GROUP: &str = "wafv2:GetRuleGroup";
pub(super) const DESCRIBE_MANAGED_RULE_GROUP: &str = "wafv2:DescribeManagedRuleGroup";

/// What changes without a change of the item.
pub(super) const SWEPT: &[ResourceType] = &[
    ResourceType::ELBV2_LOAD_BALANCER,
    ResourceType::APPSYNC_GRAPHQL_API,
    ResourceType::COGNITO_USER_POOL,
    ResourceType::WAFV2_WEB_ACL,
];

/// How WAF says that there is no such thing.
const NONE: &str = "WAFNonexistentItemException";
/// How WAF says, among other things, that a kind of resource does not exist in the Region.
const INVALID: &str = "WAFInvalidParameterException";
/// Where WAF answers for CloudFront.
const HOME_OF_CLOUDFRONT: &str = "us-east-1";
const STACK_TAG: &str = "aws:cloudformation:stack-name";

pub(super) fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let Some(kind) = Kind::of(item) else { return Ok(None) };
    Ok(match kind.entry(item, run)? {
        Entry::Outside(reason) => Some(Verdict::NotApplicable(reason)),
        Entry::Named(acl) => Some(kind.decide(acl.as_deref(), run)),
        Entry::StageOf(_) | Entry::Ask(_) => None,
    })
}

pub(super) fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services {
        regional: Client::new(sdk),
        cloudfront: Client::new(&in_region(sdk, HOME_OF_CLOUDFRONT)),
        config: ConfigService::new(sdk),
    })
}

struct Services {
    regional: Client,
    cloudfront: Client,
    config: ConfigService,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        match Kind::of(item) {
            Some(kind) => self.entry_point(kind, item, run).await,
            None => {
                let fronted = self.fronted(std::slice::from_ref(item), run).await?;
                self.web_acl(item, &fronted, run).await
            }
        }
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let mut evaluated = Vec::new();
        for resource_type in SWEPT {
            let items = self.config.recorded_with_tags(*resource_type).await?;
            let fronted = match *resource_type {
                ResourceType::WAFV2_WEB_ACL => self.fronted(&items, run).await?,
                _ => BTreeSet::new(),
            };
            let fronted = &fronted;
            let judged: Vec<Option<Evaluated>> = stream::iter(items)
                .map(|item| async move { self.one(&item, fronted, run).await })
                .buffered(CONCURRENCY)
                .try_collect()
                .await?;
            evaluated.extend(judged.into_iter().flatten());
        }
        Ok(evaluated)
    }
}

impl Services {
    /// One resource of a sweep; none when it was deleted since it was recorded.
    async fn one(
        &self,
        item: &ConfigurationItem,
        fronted: &BTreeSet<String>,
        run: &Run<'_>,
    ) -> Result<Option<Evaluated>, Error> {
        let judged = match Kind::of(item) {
            Some(kind) => self.entry_point(kind, item, run).await,
            None => self.web_acl(item, fronted, run).await,
        };
        match judged {
            Ok(verdict) => {
                Ok(Some(Evaluated { resource: Resource::from(item), verdict, at: run.now }))
            }
            Err(Error::Service(error)) if error.action == GET_WEB_ACL && error.is(NONE) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn entry_point(
        &self,
        kind: &Kind,
        item: &ConfigurationItem,
        run: &Run<'_>,
    ) -> Result<Verdict, Error> {
        Ok(match kind.entry(item, run)? {
            Entry::Outside(reason) => Verdict::NotApplicable(reason),
            Entry::Named(acl) => kind.decide(acl.as_deref(), run),
            Entry::StageOf(api) if self.is_private(&api).await? => {
                Verdict::not_applicable(&INTERNAL_ENTRY_POINT)
            }
            Entry::StageOf(_) => kind.decide(None, run),
            Entry::Ask(arn) => kind.decide(self.acl_of(&arn).await?.as_deref(), run),
        })
    }

    /// The ARN of the web ACL of a resource, if it has one.
    async fn acl_of(&self, arn: &str) -> Result<Option<String>, ServiceError> {
        let answer = self.regional.get_web_acl_for_resource().resource_arn(arn).send().await;
        match answer.call(GET_WEB_ACL_FOR_RESOURCE) {
            Ok(answer) => Ok(answer.web_acl.map(|acl| acl.arn)),
            // For some services WAF says so when there is no web ACL, instead of an empty answer.
            Err(error) if error.is(NONE) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the REST API with this ARN is a private one; Config records its endpoint.
    async fn is_private(&self, arn: &str) -> Result<bool, Error> {
        let apis = self.config.recorded_with_tags(ResourceType::API_GATEWAY_REST_API).await?;
        let of = |api: &&ConfigurationItem| {
            api.arn.as_deref() == Some(arn) || api.resource_id.as_str() == arn
        };
        let api = apis.iter().find(of).ok_or_else(|| {
            let id = arn.rsplit('/').next().unwrap_or(arn);
            Error::Control(format!(
                "whether the REST API {id} is private is not known: AWS Config does not record it"
            ))
        })?;
        Ok(is_private(api)?)
    }

    /// The web ACLs that recorded distributions have; not asked for unless one of `acls` is for
    /// CloudFront, and it matters.
    async fn fronted(
        &self,
        acls: &[ConfigurationItem],
        run: &Run<'_>,
    ) -> Result<BTreeSet<String>, Error> {
        let mut found = BTreeSet::new();
        let global = acls.iter().map(arn_of).filter_map(Result::ok);
        let global = global.filter_map(AclArn::parse).any(|arn| arn.global);
        if !global || !run.parameters.get(&ONLY_ASSOCIATED_ACL) {
            return Ok(found);
        }
        let items = self.config.recorded_with_tags(ResourceType::CLOUDFRONT_DISTRIBUTION).await?;
        for item in items {
            let fields = item.configuration()?;
            let config = fields
                .at("distributionConfig")?
                .ok_or_else(|| fields.missing("distributionConfig"))?;
            found.extend(config.text("webACLId")?.map(str::to_owned));
        }
        Ok(found)
    }

    async fn web_acl(
        &self,
        item: &ConfigurationItem,
        fronted: &BTreeSet<String>,
        run: &Run<'_>,
    ) -> Result<Verdict, Error> {
        let arn = arn_of(item)?;
        let parts = AclArn::parse(arn).ok_or_else(|| ItemError::Unreadable {
            field: "arn".to_owned(),
            problem: "not the ARN of a web ACL".to_owned(),
        })?;
        let protects = !run.parameters.get(&ONLY_ASSOCIATED_ACL)
            || fronted.contains(arn)
            || self.protects(arn, parts.global).await?;
        if !protects {
            return Ok(Verdict::not_applicable(&WEB_ACL_NOT_ASSOCIATED));
        }
        let read = self.read(parts).await?;
        let acl = Acl::of(&read)?;
        let questions = acl.open_questions(run);
        let contents: Contents = stream::iter(questions)
            .map(|source| async move {
                let rules = self.rules_of(&source, parts.global).await?;
                Ok::<_, Error>((source, rules))
            })
            .buffered(CONCURRENCY)
            .try_collect()
            .await?;
        let mut failures = Failures::new();
        acl.judge(&contents, run, &mut failures);
        if !self.is_logged(arn, parts.global).await? {
            failures.add(&WEB_ACL_LOGGING_DISABLED);
        }
        if run.parameters.get(&REQUIRE_IAC)
            && !read.managed_by_firewall_manager
            && !item.all_tags()?.contains_key(STACK_TAG)
        {
            failures.add(&NOT_DEPLOYED_BY_IAC);
        }
        Ok(failures.into_verdict())
    }

    const fn client(&self, global: bool) -> &Client {
        if global { &self.cloudfront } else { &self.regional }
    }

    /// Whether the web ACL protects something, besides recorded distributions.
    async fn protects(&self, arn: &str, global: bool) -> Result<bool, Error> {
        let kinds: &[Protected] = if global {
            &[Protected::Amplify]
        } else {
            &[
                Protected::ApplicationLoadBalancer,
                Protected::ApiGateway,
                Protected::Appsync,
                Protected::CognitioUserPool,
                Protected::AppRunnerService,
                Protected::VerifiedAccessInstance,
                Protected::AgentcoreGateway,
            ]
        };
        for kind in kinds {
            let answer = self
                .client(global)
                .list_resources_for_web_acl()
                .web_acl_arn(arn)
                .resource_type(kind.clone())
                .send()
                .await;
            match answer.call(LIST_RESOURCES) {
                Ok(answer) if answer.resource_arns().is_empty() => {}
                Ok(_) => return Ok(true),
                // Not every Region has these services.
                Err(error) if error.is(INVALID) && !is_everywhere(kind) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(false)
    }

    async fn read(&self, arn: AclArn<'_>) -> Result<WebAcl, Error> {
        let answer = self
            .client(arn.global)
            .get_web_acl()
            .name(arn.name)
            .id(arn.id)
            .scope(scope(arn.global))
            .send()
            .await
            .call(GET_WEB_ACL)?;
        answer
            .web_acl
            .ok_or_else(|| Error::Answer { action: GET_WEB_ACL, field: "WebACL".to_owned() })
    }

    /// The rules of a rule group.
    async fn rules_of(&self, source: &Source, global: bool) -> Result<Vec<OwnRule>, Error> {
        match source {
            Source::Own(arn) => {
                let answer = self.client(global).get_rule_group().arn(arn).send().await;
                let answer = answer.call(GET_RULE_GROUP).map_err(|mut error| {
                    let hint = format!("{arn}; if it is known to be good: vouchedRuleGroups");
                    error.message = format!("{} ({hint})", error.message);
                    error
                })?;
                let group = answer.rule_group.ok_or_else(|| Error::Answer {
                    action: GET_RULE_GROUP,
                    field: "RuleGroup".to_owned(),
                })?;
                Ok(group.rules().iter().map(OwnRule::of).collect())
            }
            Source::Managed { vendor, name, version } => {
                let answer = self
                    .client(global)
                    .describe_managed_rule_group()
                    .vendor_name(vendor)
                    .name(name)
                    .set_version_name(version.clone())
                    .scope(scope(global))
                    .send()
                    .await
                    .call(DESCRIBE_MANAGED_RULE_GROUP)?;
                Ok(answer.rules().iter().map(OwnRule::summary).collect())
            }
        }
    }

    /// Whether the requests are logged to a place of the customer.
    async fn is_logged(&self, arn: &str, global: bool) -> Result<bool, Error> {
        for scope in [LogScope::Customer, LogScope::CloudwatchTelemetryRuleManaged] {
            let customer = scope == LogScope::Customer;
            let answer = self
                .client(global)
                .get_logging_configuration()
                .resource_arn(arn)
                .log_scope(scope)
                .send()
                .await;
            match answer.call(GET_LOGGING_CONFIGURATION) {
                Ok(answer) if answer.logging_configuration().is_some_and(keeps) => return Ok(true),
                Ok(_) => {}
                Err(error) if error.is(NONE) => {}
                // Not every Region knows the newer scope.
                Err(error) if error.is(INVALID) && !customer => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(false)
    }
}

/// Whether a logging configuration has a destination, and a filter that keeps something.
fn keeps(logging: &LoggingConfiguration) -> bool {
    let dropped = logging.logging_filter().is_some_and(|filter| {
        filter.default_behavior == FilterBehavior::Drop
            && !filter.filters().iter().any(|one| one.behavior == FilterBehavior::Keep)
    });
    !logging.log_destination_configs().is_empty() && !dropped
}

/// Whether every Region has resources of this kind.
const fn is_everywhere(kind: &Protected) -> bool {
    matches!(
        kind,
        Protected::ApplicationLoadBalancer
            | Protected::ApiGateway
            | Protected::Appsync
            | Protected::CognitioUserPool
    )
}

const fn scope(global: bool) -> Scope {
    if global { Scope::Cloudfront } else { Scope::Regional }
}

/// The ARN of a web ACL.
fn arn_of(item: &ConfigurationItem) -> Result<&str, ItemError> {
    if let Some(arn) = item.arn.as_deref() {
        return Ok(arn);
    }
    let fields = item.configuration()?;
    fields.text("resourceARN")?.ok_or_else(|| fields.missing("resourceARN"))
}
