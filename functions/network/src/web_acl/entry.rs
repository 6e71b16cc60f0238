//! Entry points: what their items tell, and the verdict on the web ACL in front of them.

use fisc_shared::item::ItemError;
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Reason, Requirement, ResourceType, Run, Verdict, message};

use super::parameters::{ALLOWED_WEB_ACL_ARNS, INCLUDE_INTERNAL, THIRD_PARTY_WAF_TAG_KEY};
use super::requirements::{
    ALB_WITHOUT_WEB_ACL, API_STAGE_WITHOUT_WEB_ACL, DISTRIBUTION_DISABLED,
    DISTRIBUTION_WITHOUT_WEB_ACL, GRAPHQL_API_WITHOUT_WEB_ACL, INTERNAL_ENTRY_POINT, NOT_AN_ALB,
    THIRD_PARTY_WAF, USER_POOL_WITHOUT_WEB_ACL,
};

/// What an item tells of the web ACL in front of the resource.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// The control does not apply.
    Outside(Reason),
    /// The item names the web ACL; none where it says that there is none.
    Named(Option<String>),
    /// A stage without web ACL, of the REST API with this ARN, which may be a private one.
    StageOf(String),
    /// WAF knows the web ACL of the resource with this ARN.
    Ask(String),
}

type Read = fn(&ConfigurationItem, &Run<'_>) -> Result<Entry, ItemError>;

/// A kind of entry point.
pub(super) struct Kind {
    resource: ResourceType,
    pub(super) requirement: &'static Requirement,
    read: Read,
}

const KINDS: [Kind; 5] = [
    Kind {
        resource: ResourceType::ELBV2_LOAD_BALANCER,
        requirement: &ALB_WITHOUT_WEB_ACL,
        read: load_balancer,
    },
    Kind {
        resource: ResourceType::CLOUDFRONT_DISTRIBUTION,
        requirement: &DISTRIBUTION_WITHOUT_WEB_ACL,
        read: distribution,
    },
    Kind {
        resource: ResourceType::API_GATEWAY_STAGE,
        requirement: &API_STAGE_WITHOUT_WEB_ACL,
        read: stage,
    },
    Kind {
        resource: ResourceType::APPSYNC_GRAPHQL_API,
        requirement: &GRAPHQL_API_WITHOUT_WEB_ACL,
        read: graphql_api,
    },
    Kind {
        resource: ResourceType::COGNITO_USER_POOL,
        requirement: &USER_POOL_WITHOUT_WEB_ACL,
        read: user_pool,
    },
];

impl Kind {
    /// The kind of an item; none for a web ACL.
    pub(super) fn of(item: &ConfigurationItem) -> Option<&'static Self> {
        const { &KINDS }.iter().find(|kind| kind.resource.name == item.resource_type)
    }

    /// What the item tells.
    pub(super) fn entry(
        &self,
        item: &ConfigurationItem,
        run: &Run<'_>,
    ) -> Result<Entry, ItemError> {
        let entry = (self.read)(item, run)?;
        let tag = run.parameters.get(&THIRD_PARTY_WAF_TAG_KEY);
        let outside = matches!(entry, Entry::Outside(_));
        if !outside && !tag.is_empty() && item.all_tags()?.contains_key(&tag) {
            return Ok(Entry::Outside(THIRD_PARTY_WAF.reason()));
        }
        Ok(entry)
    }

    /// The verdict on an entry point with this web ACL, or none.
    pub(super) fn decide(&self, acl: Option<&str>, run: &Run<'_>) -> Verdict {
        let mut failures = Failures::new();
        let allowed = run.parameters.get(&ALLOWED_WEB_ACL_ARNS);
        match acl.filter(|acl| !acl.is_empty()) {
            None => failures.add(self.requirement),
            Some(acl) if AclArn::parse(acl).is_none() => failures.because(
                self.requirement,
                message!(
                    "Its web ACL is one of WAF Classic, which AWS no longer supports",
                    "関連付けられた Web ACL は、AWS がサポートを終了した WAF Classic のものです"
                ),
            ),
            Some(acl) if !allowed.is_empty() && !allowed.iter().any(|one| one == acl) => {
                let name = AclArn::parse(acl).map_or(acl, |arn| arn.name);
                failures.because(
                    self.requirement,
                    message!(
                        "Its web ACL {name} is not one of allowedWebAclArns",
                        "関連付けられた Web ACL {name} は allowedWebAclArns に含まれていません"
                    ),
                );
            }
            Some(_) => {}
        }
        failures.into_verdict()
    }
}

/// The ARN of a web ACL of WAF, in its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AclArn<'a> {
    /// For CloudFront, not for one Region.
    pub(super) global: bool,
    pub(super) name: &'a str,
    pub(super) id: &'a str,
}

impl<'a> AclArn<'a> {
    /// None for anything else, such as the ARN or the bare id of a web ACL of WAF Classic.
    pub(super) fn parse(arn: &'a str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        if (parts.next()?, parts.nth(1)?) != ("arn", "wafv2") {
            return None;
        }
        let mut path = parts.nth(2)?.split('/');
        let global = match path.next()? {
            "global" => true,
            "regional" => false,
            _ => return None,
        };
        let ("webacl", name, id, None) = (path.next()?, path.next()?, path.next()?, path.next())
        else {
            return None;
        };
        Some(Self { global, name, id })
    }
}

fn internal(run: &Run<'_>) -> Option<Entry> {
    let included = run.parameters.get(&INCLUDE_INTERNAL);
    (!included).then(|| Entry::Outside(INTERNAL_ENTRY_POINT.reason()))
}

fn load_balancer(item: &ConfigurationItem, run: &Run<'_>) -> Result<Entry, ItemError> {
    let fields = item.configuration()?;
    if fields.text("type")?.ok_or_else(|| fields.missing("type"))? != "application" {
        return Ok(Entry::Outside(NOT_AN_ALB.reason()));
    }
    let scheme = fields.text("scheme")?.ok_or_else(|| fields.missing("scheme"))?;
    if let ("internal", Some(outside)) = (scheme, internal(run)) {
        return Ok(outside);
    }
    let arn = fields.text("loadBalancerArn")?.or(item.arn.as_deref());
    Ok(Entry::Ask(arn.ok_or_else(|| fields.missing("loadBalancerArn"))?.to_owned()))
}

fn distribution(item: &ConfigurationItem, _: &Run<'_>) -> Result<Entry, ItemError> {
    let fields = item.configuration()?;
    let config =
        fields.at("distributionConfig")?.ok_or_else(|| fields.missing("distributionConfig"))?;
    if !config.flag("enabled")?.ok_or_else(|| config.missing("enabled"))? {
        return Ok(Entry::Outside(DISTRIBUTION_DISABLED.reason()));
    }
    // CloudFront always tells it, if only as an empty text.
    let acl = config.text("webACLId")?.ok_or_else(|| config.missing("webACLId"))?;
    Ok(Entry::Named(Some(acl.to_owned())))
}

fn stage(item: &ConfigurationItem, run: &Run<'_>) -> Result<Entry, ItemError> {
    let fields = item.configuration()?;
    if let Some(acl) = fields.text("webAclArn")?.filter(|acl| !acl.is_empty()) {
        return Ok(Entry::Named(Some(acl.to_owned())));
    }
    if run.parameters.get(&INCLUDE_INTERNAL) {
        return Ok(Entry::Named(None));
    }
    let arn = item.arn.as_deref().unwrap_or(&item.resource_id);
    let (api, _) = arn.split_once("/stages/").ok_or_else(|| ItemError::Unreadable {
        field: "arn".to_owned(),
        problem: "not the ARN of a stage".to_owned(),
    })?;
    Ok(Entry::StageOf(api.to_owned()))
}

fn graphql_api(item: &ConfigurationItem, run: &Run<'_>) -> Result<Entry, ItemError> {
    let fields = item.configuration()?;
    // An API without it is a global one, as CloudFormation documents; so is what was recorded
    // before private APIs existed.
    if let (Some("PRIVATE"), Some(outside)) = (fields.text("Visibility")?, internal(run)) {
        return Ok(outside);
    }
    own_arn(item)
}

fn user_pool(item: &ConfigurationItem, _: &Run<'_>) -> Result<Entry, ItemError> {
    own_arn(item)
}

/// Ask WAF by the ARN of the item.
fn own_arn(item: &ConfigurationItem) -> Result<Entry, ItemError> {
    let fields = item.configuration()?;
    let arn = fields.text("Arn")?.or(item.arn.as_deref());
    Ok(Entry::Ask(arn.ok_or_else(|| fields.missing("Arn"))?.to_owned()))
}

/// Whether a REST API is a private one.
pub(super) fn is_private(api: &ConfigurationItem) -> Result<bool, ItemError> {
    let fields = api.configuration()?;
    let endpoint = fields
        .at("endpointConfiguration")?
        .ok_or_else(|| fields.missing("endpointConfiguration"))?;
    let types = endpoint.list("types")?.ok_or_else(|| endpoint.missing("types"))?;
    for one in types {
        if one.as_text()? == "PRIVATE" {
            return Ok(true);
        }
    }
    Ok(false)
}
