//! `dns-query-logging`: DNS queries are logged, for public hosted zones and for the resolver of
//! every VPC.
//!
//! Malware finds its masters, and data leaves, by names: who asked for which name is often the
//! only trace. Route 53 logs neither the queries that reach a public zone nor those that a VPC
//! asks, unless told to. Of a zone the item tells it. Of a VPC the resolver tells it, by the
//! associations of query logging configurations, also of those that another account shares; an
//! association that exists may still deliver nothing, so its status counts, not its presence.
//!
//! Config records hosted zones in us-east-1 only, so that zones are judged by the rule there;
//! VPCs are judged in every Region. Logging that a VPC gets through a Route 53 Profile is said by
//! a parameter.
//!
//! Criteria: 実16, 実19, 実72 ask for it. To fix a zone, create a query logging configuration with
//! a log group in us-east-1; to fix a VPC, associate it with a resolver query logging
//! configuration whose destination admits the delivery.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_route53resolver::Client;
use aws_sdk_route53resolver::types::{Filter, ResolverQueryLogConfigAssociation as SdkAssociation};
use aws_types::SdkConfig;
use fisc_shared::config_service::ConfigService;
use fisc_shared::ec2::{self, Ec2};
use fisc_shared::error::Call;
use fisc_shared::inventory::{self, sweep_recorded};
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::parameter::Param;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits, Message,
    Placement, Remark, Remedy, Requirement, ResourceType, Run, ServiceCheck, Severity, Text,
    Trigger, Verdict, message,
};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "dns-query-logging",
    domain: Domain::Logging,
    severity: Severity::Medium,
    title: Text::new(
        "DNS queries are logged, for public hosted zones and for the resolver of every VPC",
        "パブリックホストゾーンと各 VPC のリゾルバーの DNS クエリログを取得している",
    ),
    why: Text::new(
        "Malware asks for its control servers by name, and data can leave inside the names \
         themselves. The record of who asked for which name is often the only trace of it, and \
         AWS writes none unless told to.",
        "マルウェアは指令サーバーを名前で探し、データが問い合わせる名前自体に埋め込まれて持ち出される\
         こともあります。誰がどの名前を問い合わせたかの記録が唯一の手掛かりになることも多く、AWS は\
         設定しない限り記録しません。",
    ),
    fix: Text::new(
        "Hosted zone: Route 53 > Hosted zones > the zone > Configure query logging, with a log \
         group in us-east-1. VPC: Route 53 > Resolver > Query logging, create (or share) a \
         configuration and add the VPC; correct the policy of its destination when the association \
         fails.",
        "ホストゾーンは Route 53 の「ホストゾーン」>「クエリログ記録の設定」で、us-east-1 の\
         ロググループを指定します。VPC は Route 53 の「リゾルバー」>「クエリログ記録」で設定を\
         作成または共有し、VPC を追加します。関連付けが失敗する場合は出力先のポリシーを直します。",
    ),
    remedy: Remedy::new(
        include_str!("dns_query_logging/remedy.sh"),
        include_str!("dns_query_logging/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs.html",
    criteria: Criteria { explicit: &["実16", "実19", "実72"], implied: &[] },
    resources: &[ResourceType::ROUTE53_HOSTED_ZONE, ResourceType::EC2_VPC],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        inventory::ACTIONS[0],
        inventory::ACTIONS[1],
        Action::any(LIST_ASSOCIATIONS),
        Action::any(LIST_CONFIGS),
        Action::any(ec2::action::DESCRIBE_NETWORK_INTERFACES),
    ],
    parameters: &[IGNORE_EMPTY_VPC.spec, ALLOWED_DESTINATIONS.spec, PROFILE_LOGGED_VPCS.spec],
    requirements: &[
        &PUBLIC_ZONE_QUERY_LOG_OFF,
        &RESOLVER_QUERY_LOG_MISSING,
        &RESOLVER_QUERY_LOG_UNHEALTHY,
        &DESTINATION_NOT_ALLOWED,
    ],
    remarks: &[
        &PRIVATE_ZONE,
        &OTHER_OWNER,
        &EMPTY_VPC,
        &LOGGED_BY_PROFILE,
        &ASSOCIATION_BEING_CREATED,
    ],
    limits: Limits::SWEEP,
    check: Check::Service { preview, connect, swept: &[ResourceType::EC2_VPC] },
};

const LIST_ASSOCIATIONS: &str = "route53resolver:ListResolverQueryLogConfigAssociations";
const LIST_CONFIGS: &str = "route53resolver:ListResolverQueryLogConfigs";

const IGNORE_EMPTY_VPC: Param<bool> = Param::flag(
    "ignoreEmptyVpc",
    true,
    Text::new(
        "Skip VPCs without a network interface, from which nobody can ask",
        "ネットワークインターフェイスのない(問い合わせの発生しない)VPC を対象外とする",
    ),
);

const ALLOWED_DESTINATIONS: Param<Vec<String>> = Param::list(
    "allowedDestinations",
    &[],
    Text::new(
        "Accepted destination ARNs of resolver query logs (empty: any); * at the end stands for \
         anything",
        "リゾルバーのクエリログの出力先として認める ARN(空の場合はすべて。末尾の * は任意の文字列)",
    ),
);

const PROFILE_LOGGED_VPCS: Param<Vec<String>> = Param::list(
    "profileLoggedVpcs",
    &[],
    Text::new(
        "Ids of the VPCs that get their query logging through a Route 53 Profile and have no \
         association of their own",
        "Route 53 Profiles を通じてクエリログを取得しており、個別の関連付けがない VPC の ID",
    ),
);

const PUBLIC_ZONE_QUERY_LOG_OFF: Requirement = Requirement {
    code: "PUBLIC_ZONE_QUERY_LOG_OFF",
    wave: 1,
    resources: &[ResourceType::ROUTE53_HOSTED_ZONE],
    title: Text::new(
        "Queries for the public hosted zone are not logged",
        "パブリックホストゾーンのクエリログが無効です",
    ),
    rule: Text::new(
        "Fails when a zone without VPCs has no log group in QueryLoggingConfig.",
        "VPC に関連付けられていないゾーンの QueryLoggingConfig にロググループがないとき不適合です。",
    ),
};

const RESOLVER_QUERY_LOG_MISSING: Requirement = Requirement {
    code: "RESOLVER_QUERY_LOG_MISSING",
    wave: 1,
    resources: &[ResourceType::EC2_VPC],
    title: Text::new(
        "The VPC has no resolver query logging",
        "VPC のリゾルバーのクエリログが設定されていません",
    ),
    rule: Text::new(
        "Fails when no query logging configuration, own or shared, is associated with the VPC \
         (ListResolverQueryLogConfigAssociations); an association that is being deleted is none.",
        "クエリログの設定(自アカウントまたは共有されたもの)が VPC に関連付けられていないとき不適合\
         です(ListResolverQueryLogConfigAssociations)。削除中の関連付けは数えません。",
    ),
};

const RESOLVER_QUERY_LOG_UNHEALTHY: Requirement = Requirement {
    code: "RESOLVER_QUERY_LOG_UNHEALTHY",
    wave: 1,
    resources: &[ResourceType::EC2_VPC],
    title: Text::new(
        "The resolver query logging of the VPC does not work",
        "VPC のリゾルバーのクエリログが機能していません",
    ),
    rule: Text::new(
        "Fails when the VPC has associations, but none that is ACTIVE or being created: FAILED or \
         ACTION_NEEDED.",
        "関連付けはあるが、ACTIVE または作成中のものがない(FAILED または ACTION_NEEDED)とき\
         不適合です。",
    ),
};

const DESTINATION_NOT_ALLOWED: Requirement = Requirement {
    code: "DESTINATION_NOT_ALLOWED",
    wave: 2,
    resources: &[ResourceType::EC2_VPC],
    title: Text::new(
        "Resolver query logs go to a destination that is not allowed",
        "リゾルバーのクエリログが認められていない出力先に送られています",
    ),
    rule: Text::new(
        "With allowedDestinations: fails when an active association belongs to a configuration \
         that writes elsewhere (ListResolverQueryLogConfigs).",
        "allowedDestinations を指定した場合: ACTIVE の関連付けのいずれかの出力先が含まれていないとき\
         不適合です(ListResolverQueryLogConfigs)。",
    ),
};

const PRIVATE_ZONE: Remark = Remark::new(
    "PRIVATE_ZONE",
    "The zone is private: Route 53 logs queries of public zones only, the resolver those of VPCs",
    "プライベートホストゾーンです。問い合わせは VPC のリゾルバーのクエリログに記録されます",
);
const OTHER_OWNER: Remark = Remark::new(
    "OTHER_OWNER",
    "The VPC belongs to another account, where it is judged",
    "VPC は別のアカウントの所有です(そちらで評価)",
);
const EMPTY_VPC: Remark = Remark::new(
    "EMPTY_VPC",
    "The VPC has no network interface: nobody can ask from it",
    "VPC にネットワークインターフェイスがないため、問い合わせは発生しません",
);
const LOGGED_BY_PROFILE: Remark = Remark::new(
    "LOGGED_BY_PROFILE",
    "By profileLoggedVpcs, a Route 53 Profile logs the queries of the VPC",
    "profileLoggedVpcs により、Route 53 Profiles でクエリログを取得しているとされています",
);
const ASSOCIATION_BEING_CREATED: Remark = Remark::new(
    "ASSOCIATION_BEING_CREATED",
    "The association is being created, which takes some minutes; the next run judges it",
    "関連付けは作成中です(数分かかります)。次回の実行で評価します",
);

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let fields = item.configuration()?;
    if item.resource_type == ResourceType::ROUTE53_HOSTED_ZONE.name {
        return Ok(Some(zone(&fields)?));
    }
    // Items of before subnets could be shared lack the owner.
    let owner = fields.text("ownerId")?;
    let other = owner.is_some_and(|owner| owner != run.account_id);
    Ok(other.then(|| Verdict::not_applicable(&OTHER_OWNER)))
}

fn zone(zone: &Fields<'_>) -> Result<Verdict, ItemError> {
    const VPCS: &str = "VPCs";
    if !zone.list(VPCS)?.ok_or_else(|| zone.missing(VPCS))?.is_empty() {
        return Ok(Verdict::not_applicable(&PRIVATE_ZONE));
    }
    let mut failures = Failures::new();
    if log_group(zone)?.is_none() {
        failures.add(&PUBLIC_ZONE_QUERY_LOG_OFF);
    }
    Ok(failures.into_verdict())
}

/// The log group of a zone. The published schema has an object between the configuration and the
/// ARN, named as the ARN; CloudFormation, from whose schema the item is made, has none.
fn log_group<'a>(zone: &Fields<'a>) -> Result<Option<&'a str>, ItemError> {
    const LOG_GROUP: &str = "CloudWatchLogsLogGroupArn";
    let Some(config) = zone.at("QueryLoggingConfig")? else { return Ok(None) };
    let group = match config.at(LOG_GROUP)? {
        Some(inner) if inner.value().is_object() => inner.text(LOG_GROUP)?,
        _ => config.text(LOG_GROUP)?,
    };
    Ok(group.filter(|group| !group.trim().is_empty()))
}

/// How an association is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Active,
    Creating,
    Deleting,
    /// FAILED or ACTION_NEEDED.
    Broken,
}

/// A query logging configuration that is associated with a VPC.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Association {
    vpc: String,
    config: String,
    state: State,
    /// The status, and the error where there is one.
    status: String,
}

impl Association {
    fn read(association: SdkAssociation) -> Result<Self, Error> {
        let lacks =
            |field: &str| lacks(LIST_ASSOCIATIONS, "ResolverQueryLogConfigAssociations", field);
        let status = association.status.ok_or_else(|| lacks("Status"))?;
        let state = match status.as_str() {
            "ACTIVE" => State::Active,
            "CREATING" => State::Creating,
            "DELETING" => State::Deleting,
            "FAILED" | "ACTION_NEEDED" => State::Broken,
            other => return Err(lacks(&format!("Status that is known: it is {other:?}"))),
        };
        let error = association.error.filter(|error| error.as_str() != "NONE");
        Ok(Self {
            vpc: association.resource_id.ok_or_else(|| lacks("ResourceId"))?,
            config: association
                .resolver_query_log_config_id
                .ok_or_else(|| lacks("ResolverQueryLogConfigId"))?,
            state,
            status: match error {
                Some(error) => format!("{}: {}", status.as_str(), error.as_str()),
                None => status.as_str().to_owned(),
            },
        })
    }
}

fn lacks(action: &'static str, list: &str, field: &str) -> Error {
    Error::Answer { action, field: format!("{list}[].{field}") }
}

/// What the associations of a VPC say; `None` when it has none.
fn by_associations(
    associations: &[&Association],
    destinations: &BTreeMap<String, String>,
    allowed: &[String],
) -> Result<Option<Verdict>, Error> {
    let in_state = |state: State| associations.iter().filter(move |one| one.state == state);
    let mut failures = Failures::new();
    if in_state(State::Active).next().is_some() {
        if !allowed.is_empty() {
            let mut refused = Vec::new();
            for association in in_state(State::Active) {
                let destination = destinations.get(&association.config).ok_or_else(|| {
                    let missing = format!("Id {}", association.config);
                    lacks(LIST_CONFIGS, "ResolverQueryLogConfigs", &missing)
                })?;
                if !accepts(allowed, destination) {
                    refused.push(destination);
                }
            }
            if !refused.is_empty() {
                let Message { en, ja } = Message::named(&refused);
                failures.because(
                    &DESTINATION_NOT_ALLOWED,
                    message!("Query logs go to {en}", "クエリログの出力先: {ja}"),
                );
            }
        }
        return Ok(Some(failures.into_verdict()));
    }
    if in_state(State::Creating).next().is_some() {
        return Ok(Some(Verdict::not_applicable(&ASSOCIATION_BEING_CREATED)));
    }
    let broken: Vec<String> =
        in_state(State::Broken).map(|one| format!("{} ({})", one.config, one.status)).collect();
    if broken.is_empty() {
        return Ok(None);
    }
    let Message { en, ja } = Message::named(&broken);
    failures.because(
        &RESOLVER_QUERY_LOG_UNHEALTHY,
        message!("No association is active: {en}", "有効な(ACTIVE の)関連付けがありません: {ja}"),
    );
    Ok(Some(failures.into_verdict()))
}

/// Whether logs may go there. A log group's ARN may end in `:*`, and a bucket's in a prefix.
fn accepts(allowed: &[String], destination: &str) -> bool {
    let destination = destination.strip_suffix(":*").unwrap_or(destination);
    allowed.iter().map(|pattern| pattern.trim()).any(|pattern| {
        let plain = pattern.strip_suffix(":*").unwrap_or(pattern);
        match pattern.strip_suffix('*') {
            _ if destination == plain => true,
            Some(start) => destination.starts_with(start),
            None if plain.contains(":s3:::") => {
                destination.strip_prefix(plain).is_some_and(|rest| rest.starts_with('/'))
            }
            None => false,
        }
    })
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Resolver {
        client: Client::new(sdk),
        ec2: Ec2::new(sdk),
        config: ConfigService::new(sdk),
    })
}

struct Resolver {
    client: Client,
    ec2: Ec2,
    config: ConfigService,
}

#[async_trait]
impl ServiceCheck for Resolver {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        self.ask(Some(&item.resource_id), run).await?.judge(item, run).await
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let answers = self.ask(None, run).await?;
        sweep_recorded(&self.config, CONTROL.swept(), &CONTROL, &answers, run).await
    }
}

impl Resolver {
    /// What the resolver tells of one VPC, or of all.
    async fn ask(&self, vpc: Option<&str>, run: &Run<'_>) -> Result<Answers<'_>, Error> {
        let associations = self.associations(vpc).await?;
        let has_active = associations.iter().any(|one| one.state == State::Active);
        let destinations = if has_active && !run.parameters.get(&ALLOWED_DESTINATIONS).is_empty() {
            self.destinations().await?
        } else {
            BTreeMap::new()
        };
        Ok(Answers { ec2: &self.ec2, associations, destinations })
    }

    async fn associations(&self, vpc: Option<&str>) -> Result<Vec<Association>, Error> {
        let of_vpc = vpc.map(|vpc| vec![Filter::builder().name("ResourceId").values(vpc).build()]);
        let mut pages = self
            .client
            .list_resolver_query_log_config_associations()
            .set_filters(of_vpc)
            .into_paginator()
            .send();
        let mut associations = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.call(LIST_ASSOCIATIONS)?;
            for one in page.resolver_query_log_config_associations.unwrap_or_default() {
                associations.push(Association::read(one)?);
            }
        }
        Ok(associations)
    }

    /// Where each configuration writes, by its id; shared ones included.
    async fn destinations(&self) -> Result<BTreeMap<String, String>, Error> {
        let mut pages = self.client.list_resolver_query_log_configs().into_paginator().send();
        let mut destinations = BTreeMap::new();
        while let Some(page) = pages.next().await {
            for one in page.call(LIST_CONFIGS)?.resolver_query_log_configs.unwrap_or_default() {
                let lacks = |field| lacks(LIST_CONFIGS, "ResolverQueryLogConfigs", field);
                let id = one.id.ok_or_else(|| lacks("Id"))?;
                destinations
                    .insert(id, one.destination_arn.ok_or_else(|| lacks("DestinationArn"))?);
            }
        }
        Ok(destinations)
    }
}

/// The resolver's answers within one run.
struct Answers<'a> {
    ec2: &'a Ec2,
    associations: Vec<Association>,
    destinations: BTreeMap<String, String>,
}

#[async_trait]
impl ServiceCheck for Answers<'_> {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let vpc = &item.resource_id;
        let own: Vec<&Association> =
            self.associations.iter().filter(|one| one.vpc == *vpc).collect();
        let allowed = run.parameters.get(&ALLOWED_DESTINATIONS);
        let verdict = match by_associations(&own, &self.destinations, &allowed)? {
            Some(verdict) => verdict,
            None if run.parameters.get(&PROFILE_LOGGED_VPCS).contains(vpc) => {
                return Ok(Verdict::not_applicable(&LOGGED_BY_PROFILE));
            }
            None => {
                let mut failures = Failures::new();
                failures.add(&RESOLVER_QUERY_LOG_MISSING);
                failures.into_verdict()
            }
        };
        // Only a failure is worth the look.
        let fails = matches!(verdict, Verdict::NonCompliant(_));
        if fails && run.parameters.get(&IGNORE_EMPTY_VPC) && self.is_empty(vpc).await? {
            return Ok(Verdict::not_applicable(&EMPTY_VPC));
        }
        Ok(verdict)
    }
}

impl Answers<'_> {
    async fn is_empty(&self, vpc: &str) -> Result<bool, Error> {
        Ok(self.ec2.network_interfaces(&[("vpc-id", &[vpc])]).await?.is_empty())
    }
}

#[cfg(test)]
mod tests;
