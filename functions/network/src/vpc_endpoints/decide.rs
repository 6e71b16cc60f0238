//! The verdicts on VPCs and buckets, from facts alone.

use fisc_shared::bucket;
use fisc_shared::bucket::network::Networks;
use fisc_shared::ec2::VpcEndpoint;
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, Run, Verdict, message};

use super::{
    ALLOWED_SOURCES, BUCKET_NOT_NETWORK_RESTRICTED, GATEWAY_ENDPOINT_NO_ROUTE_TABLE,
    INTERFACE_ENDPOINT_MISSING, INTERFACE_SERVICES, NOT_SENSITIVE, PRIVATE_DNS_DISABLED,
    REQUIRE_PRIVATE_DNS, S3_ENDPOINT_MISSING, SENSITIVE_TAG_KEY, SENSITIVE_TAG_VALUES,
};

const GATEWAY: &str = "Gateway";
const INTERFACE: &str = "Interface";
const OBJECT_ACTIONS: [&str; 2] = ["s3:GetObject", "s3:PutObject"];

/// The verdict on a VPC by the endpoints of the account, of which only its own count.
pub(super) fn vpc(id: &str, endpoints: &[VpcEndpoint], run: &Run<'_>) -> Verdict {
    let own: Vec<&VpcEndpoint> = endpoints.iter().filter(|one| one.vpc_id == id).collect();
    let mut failures = Failures::new();
    let mut for_s3 = own.iter().filter(|one| one.serves("s3", run.region)).peekable();
    if for_s3.peek().is_none() {
        failures.add(&S3_ENDPOINT_MISSING);
    } else if for_s3.all(|one| one.kind == GATEWAY && one.route_tables.is_empty()) {
        failures.add(&GATEWAY_ENDPOINT_NO_ROUTE_TABLE);
    }
    let services = run.parameters.get(&INTERFACE_SERVICES);
    let (mut missing, mut without_dns) = (Vec::new(), Vec::new());
    for service in &services {
        let mut serving = own
            .iter()
            .filter(|one| one.kind == INTERFACE && one.serves(service, run.region))
            .peekable();
        if serving.peek().is_none() {
            missing.push(service);
        } else if serving.all(|one| !one.private_dns) {
            without_dns.push(service);
        }
    }
    if !missing.is_empty() {
        let Message { en, ja } = Message::named(&missing);
        failures.because(
            &INTERFACE_ENDPOINT_MISSING,
            message!("No endpoint for {en}", "エンドポイントのないサービス: {ja}"),
        );
    }
    if run.parameters.get(&REQUIRE_PRIVATE_DNS) && !without_dns.is_empty() {
        let Message { en, ja } = Message::named(&without_dns);
        failures.because(
            &PRIVATE_DNS_DISABLED,
            message!("No private DNS for {en}", "プライベート DNS が無効なサービス: {ja}"),
        );
    }
    failures.into_verdict()
}

/// The verdict on a bucket.
pub(super) fn bucket(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let tags = item.all_tags()?;
    let class = tags.get(&run.parameters.get(&SENSITIVE_TAG_KEY));
    let values = run.parameters.get(&SENSITIVE_TAG_VALUES);
    if !class.is_some_and(|class| values.iter().any(|value| value.eq_ignore_ascii_case(class))) {
        return Ok(Verdict::not_applicable(&NOT_SENSITIVE));
    }
    let mut failures = Failures::new();
    let Some(policy) = bucket::policy(item)? else {
        failures.because(
            &BUCKET_NOT_NETWORK_RESTRICTED,
            message!("The bucket has no policy", "バケットポリシーがありません"),
        );
        return Ok(failures.into_verdict());
    };
    let networks = Networks::of(&policy, &item.resource_id, &OBJECT_ACTIONS)?;
    let allowed = run.parameters.get(&ALLOWED_SOURCES);
    if !networks.open.is_empty() {
        let Message { en, ja } = Message::named(&networks.open);
        failures.because(
            &BUCKET_NOT_NETWORK_RESTRICTED,
            message!("From any network: {en}", "ネットワークの限定がないアクション: {ja}"),
        );
    } else if !allowed.is_empty() {
        let through = networks.endpoints.iter().chain(&networks.vpcs).chain(&networks.addresses);
        let others: Vec<&String> = through.filter(|one| !allowed.contains(one)).collect();
        if !others.is_empty() {
            let Message { en, ja } = Message::named(&others);
            failures.because(
                &BUCKET_NOT_NETWORK_RESTRICTED,
                message!("Not approved: {en}", "承認されていないネットワーク: {ja}"),
            );
        }
    }
    Ok(failures.into_verdict())
}
