//! What stands before applications: load balancers and CloudFront.

use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Run, Verdict, message};
use serde_json::Value;

use super::{
    CLIENT_IP_DROPPED, CLOUDFRONT_LOG_OFF, CLOUDFRONT_V2_DISTRIBUTIONS, DISTRIBUTION_DISABLED,
    LB_ACCESS_LOG_OFF, NLB_LISTENERS_UNKNOWN, NO_ACCESS_LOG_KIND, REALTIME_LOGS,
    REQUIRE_NLB_ACCESS_LOG, V2_LOGGING_DECLARED, flag, is_allowed_destination, lists, name, part,
    supplementary, text, unknown,
};

const ATTRIBUTES: &str = "LoadBalancerAttributes";
const LOGS: &str = "access_logs.s3.enabled";
const LOG_BUCKET: &str = "access_logs.s3.bucket";
const CLIENT_ADDRESS: &str = "routing.http.xff_header_processing.mode";

pub(super) fn load_balancer(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let fields = item.configuration()?;
    let is_network = match text(&fields, "type")? {
        "application" => false,
        "network" => true,
        "gateway" => return Ok(Verdict::not_applicable(&NO_ACCESS_LOG_KIND)),
        other => return Err(unknown(&fields, "type", other).into()),
    };
    let attributes = Attributes::of(item)?;
    let mut failures = Failures::new();
    if attributes.is_on(LOGS)? {
        if let Some(bucket) = attributes.text(LOG_BUCKET).filter(|bucket| !bucket.is_empty())
            && !is_allowed_destination(run, bucket)
        {
            failures.because(
                &LB_ACCESS_LOG_OFF,
                message!(
                    "Access logs go to the bucket {bucket}, which is not allowed",
                    "アクセスログの保存先 {bucket} は認められていません"
                ),
            );
        }
    } else if is_network && !run.parameters.get(&REQUIRE_NLB_ACCESS_LOG) {
        return Ok(Verdict::not_applicable(&NLB_LISTENERS_UNKNOWN));
    } else {
        failures.add(&LB_ACCESS_LOG_OFF);
    }
    match attributes.text(CLIENT_ADDRESS) {
        // Network Load Balancers and items of before the attribute existed lack it; its default
        // is append. Source: Elastic Load Balancing API reference, LoadBalancerAttribute.
        None | Some("append" | "preserve") => {}
        Some("remove") => failures.add(&CLIENT_IP_DROPPED),
        Some(other) => return Err(Attributes::unknown(CLIENT_ADDRESS, other).into()),
    }
    Ok(failures.into_verdict())
}

/// The attributes of a load balancer, a list of keys and values.
struct Attributes<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Attributes<'a> {
    fn of(item: &'a ConfigurationItem) -> Result<Self, ItemError> {
        let list = supplementary(item, ATTRIBUTES)?.value();
        let unreadable = || ItemError::Unreadable {
            field: format!("supplementaryConfiguration.{ATTRIBUTES}"),
            problem: "expected a list of keys and values".to_owned(),
        };
        let texts = |one: &'a Value| Some((one.get("key")?.as_str()?, one.get("value")?.as_str()?));
        let read = |one| texts(one).ok_or_else(unreadable);
        let attributes = list.as_array().ok_or_else(unreadable)?.iter().map(read);
        Ok(Self(attributes.collect::<Result<_, _>>()?))
    }

    fn text(&self, key: &str) -> Option<&'a str> {
        self.0.iter().find(|(name, _)| *name == key).map(|(_, value)| *value)
    }

    fn is_on(&self, key: &str) -> Result<bool, ItemError> {
        match self.text(key) {
            Some("true") => Ok(true),
            Some("false") => Ok(false),
            Some(other) => Err(Self::unknown(key, other)),
            None => Err(ItemError::Missing { field: Self::place(key) }),
        }
    }

    fn place(key: &str) -> String {
        format!("supplementaryConfiguration.{ATTRIBUTES}[{key}]")
    }

    fn unknown(key: &str, value: &str) -> ItemError {
        ItemError::Unreadable {
            field: Self::place(key),
            problem: format!("unknown value {value:?}"),
        }
    }
}

pub(super) fn classic_load_balancer(
    item: &ConfigurationItem,
    _: &Run<'_>,
) -> Result<Verdict, Error> {
    let attributes = supplementary(item, ATTRIBUTES)?;
    let mut failures = Failures::new();
    if !flag(&part(&attributes, "accessLog")?, "enabled")? {
        failures.add(&LB_ACCESS_LOG_OFF);
    }
    Ok(failures.into_verdict())
}

pub(super) fn distribution(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let config = part(&item.configuration()?, "distributionConfig")?;
    if !flag(&config, "enabled")? {
        return Ok(Verdict::not_applicable(&DISTRIBUTION_DISABLED));
    }
    let mut failures = Failures::new();
    let logging = part(&config, "logging")?;
    if flag(&logging, "enabled")? {
        // A domain name such as logs.s3.amazonaws.com; a bucket's name may hold dots itself.
        let domain = text(&logging, "bucket")?;
        let bucket = domain.rsplit_once(".s3.").map_or(domain, |(bucket, _)| bucket);
        if !is_allowed_destination(run, bucket) {
            failures.because(
                &CLOUDFRONT_LOG_OFF,
                message!(
                    "Access logs go to the bucket {bucket}, which is not allowed",
                    "アクセスログの保存先 {bucket} は認められていません"
                ),
            );
        }
        return Ok(failures.into_verdict());
    }
    if every_behavior_logs(&config)? {
        return Ok(Verdict::Compliant(vec![REALTIME_LOGS.reason()]));
    }
    if lists(&run.parameters.get(&CLOUDFRONT_V2_DISTRIBUTIONS), &item.resource_id) {
        return Ok(Verdict::not_applicable(&V2_LOGGING_DECLARED));
    }
    failures.add(&CLOUDFRONT_LOG_OFF);
    Ok(failures.into_verdict())
}

/// Whether the distribution writes standard logs of the older kind.
pub(super) fn has_legacy_logging(item: &ConfigurationItem) -> Result<bool, ItemError> {
    let config = part(&item.configuration()?, "distributionConfig")?;
    flag(&part(&config, "logging")?, "enabled")
}

/// Whether all requests appear in real-time logs, which are a setting of each cache behaviour.
fn every_behavior_logs(config: &Fields<'_>) -> Result<bool, ItemError> {
    const LOGS: &str = "realtimeLogConfigArn";
    if name(&part(config, "defaultCacheBehavior")?, LOGS)?.is_none() {
        return Ok(false);
    }
    let others = match config.at("cacheBehaviors")? {
        Some(others) => others.list("items")?.unwrap_or_default(),
        None => Vec::new(),
    };
    for behavior in others {
        if name(&behavior, LOGS)?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}
