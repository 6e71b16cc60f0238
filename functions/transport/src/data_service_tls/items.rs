//! The types whose item tells everything.

use fisc_shared::item::Fields;
use fisc_shared::policy::{
    Effect, Ignoring, PolicyDocument, PolicyError, Request, Statement, Truth, Universe, covers,
};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Run, Verdict, message};

use super::{
    ALLOWED_OPEN_SEARCH_TLS_POLICIES, DMS_SSL_OFF, HTTPS_NOT_ENFORCED, MSK_PLAINTEXT_ALLOWED,
    NO_SSL_MODE, NODE_ENCRYPTION_OFF, POLICY_NOT_JUDGED, POLICY_NOT_RECORDED,
    POLICY_TLS_NOT_ENFORCED, REQUIRE_POLICY_TLS, WEAK_TLS_POLICY, flag, part, text, unknown,
};

/// The names of the same settings in the items of the two types of search domains.
struct Dialect {
    endpoint: &'static str,
    https: &'static str,
    policy: &'static str,
    nodes: &'static str,
    enabled: &'static str,
}

pub(super) fn open_search(
    item: &ConfigurationItem,
    run: &Run<'_>,
) -> Result<Option<Verdict>, Error> {
    const NAMES: Dialect = Dialect {
        endpoint: "DomainEndpointOptions",
        https: "EnforceHTTPS",
        policy: "TLSSecurityPolicy",
        nodes: "NodeToNodeEncryptionOptions",
        enabled: "Enabled",
    };
    search_domain(item, &NAMES, run)
}

pub(super) fn elasticsearch(
    item: &ConfigurationItem,
    run: &Run<'_>,
) -> Result<Option<Verdict>, Error> {
    const NAMES: Dialect = Dialect {
        endpoint: "domainEndpointOptions",
        https: "enforceHTTPS",
        policy: "tlssecurityPolicy",
        nodes: "nodeToNodeEncryptionOptions",
        enabled: "enabled",
    };
    search_domain(item, &NAMES, run)
}

fn search_domain(
    item: &ConfigurationItem,
    names: &Dialect,
    run: &Run<'_>,
) -> Result<Option<Verdict>, Error> {
    let domain = item.configuration()?;
    let endpoint = part(&domain, names.endpoint)?;
    let mut failures = Failures::new();
    if !flag(&endpoint, names.https)? {
        failures.add(&HTTPS_NOT_ENFORCED);
    }
    let policy = text(&endpoint, names.policy)?;
    let allowed = run.parameters.get(&ALLOWED_OPEN_SEARCH_TLS_POLICIES);
    if !allowed.iter().any(|one| one == policy) {
        failures.because(
            &WEAK_TLS_POLICY,
            message!("The TLS policy is {policy}", "TLS ポリシーが {policy} です"),
        );
    }
    if !flag(&part(&domain, names.nodes)?, names.enabled)? {
        failures.add(&NODE_ENCRYPTION_OFF);
    }
    Ok(Some(failures.into_verdict()))
}

/// Engines whose endpoints are reached through AWS APIs, or have security settings of their own:
/// their SslMode always reads none. Source: AWS DMS User Guide, "Using SSL with AWS DMS", and API
/// reference, Endpoint.EngineName, November 2026.
const WITHOUT_SSL_MODE: [&str; 11] = [
    "dms-transfer",
    "dynamodb",
    "elasticsearch",
    "kafka",
    "kinesis",
    "neptune",
    "opensearch",
    "redis",
    "redshift",
    "redshift-serverless",
    "s3",
];

/// Engines whose endpoints have an SSL mode; same source.
const WITH_SSL_MODE: [&str; 18] = [
    "aurora",
    "aurora-postgresql",
    "aurora-postgresql-serverless",
    "aurora-serverless",
    "azure-sql-managed-instance",
    "azuredb",
    "babelfish",
    "db2",
    "db2-zos",
    "docdb",
    "gcp-mysql",
    "mariadb",
    "mongodb",
    "mysql",
    "oracle",
    "postgres",
    "sqlserver",
    "sybase",
];

pub(super) fn dms_endpoint(
    item: &ConfigurationItem,
    _: &Run<'_>,
) -> Result<Option<Verdict>, Error> {
    const MODE: &str = "SslMode";
    const ENGINE: &str = "EngineName";
    let endpoint = item.configuration()?;
    let name = text(&endpoint, ENGINE)?;
    let engine = name.to_ascii_lowercase();
    if WITHOUT_SSL_MODE.contains(&engine.as_str()) {
        return Ok(Some(Verdict::not_applicable(&NO_SSL_MODE)));
    }
    let mut failures = Failures::new();
    match text(&endpoint, MODE)? {
        "require" | "verify-ca" | "verify-full" => {}
        "none" if WITH_SSL_MODE.contains(&engine.as_str()) => failures.because(
            &DMS_SSL_OFF,
            message!(
                "SslMode of the {engine} endpoint is none",
                "{engine} のエンドポイントの SslMode が none です"
            ),
        ),
        // Whether this engine could do better is not known.
        "none" => return Err(unknown(&endpoint, ENGINE, name).into()),
        other => return Err(unknown(&endpoint, MODE, other).into()),
    }
    Ok(Some(failures.into_verdict()))
}

pub(super) fn msk_cluster(item: &ConfigurationItem, _: &Run<'_>) -> Result<Option<Verdict>, Error> {
    const CLIENTS: &str = "ClientBroker";
    // What an absent setting means was changed by the service: the item must tell.
    let transit = part(&part(&item.configuration()?, "EncryptionInfo")?, "EncryptionInTransit")?;
    let mut failures = Failures::new();
    match text(&transit, CLIENTS)? {
        "TLS" => {}
        clients @ ("TLS_PLAINTEXT" | "PLAINTEXT") => failures.because(
            &MSK_PLAINTEXT_ALLOWED,
            message!(
                "Between clients and brokers: {clients}",
                "クライアントとブローカーの間が {clients} です"
            ),
        ),
        other => return Err(unknown(&transit, CLIENTS, other).into()),
    }
    if !flag(&transit, "InCluster")? {
        failures.because(
            &MSK_PLAINTEXT_ALLOWED,
            message!(
                "The brokers talk to each other in plaintext",
                "ブローカー間の通信が暗号化されていません"
            ),
        );
    }
    Ok(Some(failures.into_verdict()))
}

pub(super) fn topic(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if !run.parameters.get(&REQUIRE_POLICY_TLS) {
        return Ok(Some(Verdict::not_applicable(&POLICY_NOT_JUDGED)));
    }
    let fields = item.configuration()?;
    // Every topic has a policy.
    let policy = part(&fields, "Policy")?;
    let arn = item.arn.as_deref().unwrap_or(&item.resource_id);
    Ok(Some(policy_verdict(&policy, &["sns:Publish"], arn)?))
}

pub(super) fn queue(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if !run.parameters.get(&REQUIRE_POLICY_TLS) {
        return Ok(Some(Verdict::not_applicable(&POLICY_NOT_JUDGED)));
    }
    let fields = item.configuration()?;
    let policy = fields.at("Policy")?.filter(|policy| policy.value().as_str() != Some(""));
    let Some(policy) = policy else {
        return Ok(Some(Verdict::not_applicable(&POLICY_NOT_RECORDED)));
    };
    let arn = match item.arn.as_deref() {
        Some(arn) => arn,
        None => text(&fields, "QueueArn")?,
    };
    Ok(Some(policy_verdict(&policy, &["sqs:SendMessage", "sqs:ReceiveMessage"], arn)?))
}

/// The verdict on a policy that must deny these actions to everybody without TLS.
fn policy_verdict(policy: &Fields<'_>, actions: &[&str], arn: &str) -> Result<Verdict, Error> {
    let policy = PolicyDocument::from_value(policy.value())?;
    let mut open = Vec::new();
    for action in actions {
        if !denies_plaintext(&policy, action, arn)? {
            open.push(*action);
        }
    }
    let mut failures = Failures::new();
    if !open.is_empty() {
        let open = open.join(", ");
        failures.because(
            &POLICY_TLS_NOT_ENFORCED,
            message!(
                "Not denied to everybody without TLS: {open}",
                "TLS を使わない全員に対して拒否されていないアクション: {open}"
            ),
        );
    }
    Ok(failures.into_verdict())
}

/// Whether everybody is denied the action on the resource while the request does not use TLS.
fn denies_plaintext(policy: &PolicyDocument, action: &str, arn: &str) -> Result<bool, PolicyError> {
    let plain = Request::new().with("aws:SecureTransport", "false");
    let denies: Vec<&Statement> = policy
        .with_effect(Effect::Deny)
        .filter(|statement| statement.conditions.holds(&plain) == Truth::True)
        .collect();
    covers(&denies, &Universe::new(action, arn), Ignoring::default())
}
