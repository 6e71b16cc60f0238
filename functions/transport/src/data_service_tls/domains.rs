//! The custom domains of API Gateway. Config does not record them: the account is reported.
//!
//! Both versions of the API tell of the same domains; version 1 knows more of each (private
//! domains, the newer security policies), so that version 2 is only asked for those that it left
//! out.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_apigateway::types::DomainName;
use aws_sdk_apigatewayv2::types::DomainName as HttpDomainName;
use aws_types::SdkConfig;
use fisc_shared::error::Call;
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Message, Run, Verdict, message};

use super::{
    ALLOWED_API_GATEWAY_POLICIES, API_DOMAIN_TLS, CLIENT_CERT_NOT_VERIFIED, CLIENT_CERT_TAG_KEY,
    NO_API_DOMAIN, is_tagged,
};

/// The IAM action of GetDomainNames in both versions.
pub(super) const GET: &str = "apigateway:GET";

/// How many domains a message names.
const NAMED: usize = 3;

/// A custom domain, as one of the two versions tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Domain {
    name: String,
    /// One for each endpoint; version 1 has one for all.
    policies: Vec<String>,
    /// Whether every endpoint has a certificate of ACM.
    certified: bool,
    trust_store: bool,
    tags: HashMap<String, String>,
}

impl TryFrom<&DomainName> for Domain {
    type Error = Error;

    fn try_from(domain: &DomainName) -> Result<Self, Error> {
        let name = domain.domain_name().ok_or_else(|| lacks("items[].domainName"))?.to_owned();
        let policy = domain
            .security_policy()
            .ok_or_else(|| lacks(format!("items[].securityPolicy of {name}")))?;
        let given = |arn: Option<&str>| arn.is_some_and(|arn| !arn.is_empty());
        let (own, regional) =
            (given(domain.certificate_arn()), given(domain.regional_certificate_arn()));
        let types = domain.endpoint_configuration().map_or(&[][..], |one| one.types());
        // While a domain moves, it has an endpoint of either kind.
        let certified = if types.is_empty() {
            own || regional
        } else {
            types.iter().all(|kind| if kind.as_str() == "REGIONAL" { regional } else { own })
        };
        let trust_store =
            given(domain.mutual_tls_authentication().and_then(|one| one.truststore_uri()));
        Ok(Self {
            name,
            policies: vec![policy.as_str().to_owned()],
            certified,
            trust_store,
            tags: domain.tags().cloned().unwrap_or_default(),
        })
    }
}

impl TryFrom<&HttpDomainName> for Domain {
    type Error = Error;

    fn try_from(domain: &HttpDomainName) -> Result<Self, Error> {
        let name = domain.domain_name().ok_or_else(|| lacks("Items[].DomainName"))?.to_owned();
        let given = |arn: Option<&str>| arn.is_some_and(|arn| !arn.is_empty());
        let endpoints = domain.domain_name_configurations();
        if endpoints.is_empty() {
            return Err(lacks(format!("Items[].DomainNameConfigurations of {name}")));
        }
        let policies = endpoints
            .iter()
            .map(|one| one.security_policy().map(|policy| policy.as_str().to_owned()))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| {
                lacks(format!("Items[].DomainNameConfigurations[].SecurityPolicy of {name}"))
            })?;
        let trust_store =
            given(domain.mutual_tls_authentication().and_then(|one| one.truststore_uri()));
        Ok(Self {
            name,
            policies,
            certified: endpoints.iter().all(|one| given(one.certificate_arn())),
            trust_store,
            tags: domain.tags().cloned().unwrap_or_default(),
        })
    }
}

fn lacks(field: impl Into<String>) -> Error {
    Error::Answer { action: GET, field: field.into() }
}

impl Domain {
    /// What is wrong with its TLS, if anything is.
    fn fault(&self, allowed: &[String]) -> Option<Message> {
        let mut faults: Vec<&str> = self
            .policies
            .iter()
            .map(String::as_str)
            .filter(|policy| !allowed.iter().any(|pattern| matches(pattern, policy)))
            .collect();
        faults.dedup();
        let (mut en, mut ja) = (faults.clone(), faults);
        if !self.certified {
            en.push("no ACM certificate");
            ja.push("ACM の証明書なし");
        }
        let (name, en, ja) = (&self.name, en.join(", "), ja.join(", "));
        (!en.is_empty()).then(|| message!("{name} ({en})", "{name} ({ja})"))
    }
}

fn matches(pattern: &str, policy: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == policy, |start| policy.starts_with(start))
}

/// The verdict on the account with these domains.
fn decide(domains: &[Domain], run: &Run<'_>) -> Verdict {
    if domains.is_empty() {
        return Verdict::not_applicable(&NO_API_DOMAIN);
    }
    let allowed = run.parameters.get(&ALLOWED_API_GATEWAY_POLICIES);
    let keys = run.parameters.get(&CLIENT_CERT_TAG_KEY);
    let weak: Vec<Message> = domains.iter().filter_map(|one| one.fault(&allowed)).collect();
    let open: Vec<&str> = domains
        .iter()
        .filter(|one| is_tagged(&keys, |key| one.tags.get(key)) && !one.trust_store)
        .map(|one| one.name.as_str())
        .collect();
    let mut failures = Failures::new();
    if !weak.is_empty() {
        let count = weak.len();
        let names = named(&weak.iter().map(|fault| fault.en.as_str()).collect::<Vec<_>>());
        let names_ja = named(&weak.iter().map(|fault| fault.ja.as_str()).collect::<Vec<_>>());
        failures.because(
            &API_DOMAIN_TLS,
            message!(
                "{count} API domain(s) with an outdated TLS or without ACM certificate: {names}",
                "古い TLS を受け付けるか ACM の証明書がない API ドメインが {count} 件あります: {names_ja}"
            ),
        );
    }
    if !open.is_empty() {
        let (count, names) = (open.len(), named(&open));
        failures.because(
            &CLIENT_CERT_NOT_VERIFIED,
            message!(
                "{count} API domain(s) do not verify client certificates: {names}",
                "クライアント証明書を検証しない API ドメインが {count} 件あります: {names}"
            ),
        );
    }
    failures.into_verdict()
}

/// The first few names.
fn named(names: &[&str]) -> String {
    let first = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    if names.len() > NAMED { format!("{first}, ...") } else { first }
}

/// The clients of both versions.
pub(super) struct Apis {
    rest: aws_sdk_apigateway::Client,
    http: aws_sdk_apigatewayv2::Client,
}

impl Apis {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self {
            rest: aws_sdk_apigateway::Client::new(sdk),
            http: aws_sdk_apigatewayv2::Client::new(sdk),
        }
    }

    pub(super) async fn judge(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        let mut domains = Vec::new();
        let mut known = BTreeSet::new();
        let mut pages = self.rest.get_domain_names().into_paginator().items().send();
        while let Some(domain) = pages.next().await {
            let domain = Domain::try_from(&domain.call(GET)?)?;
            known.insert(domain.name.clone());
            domains.push(domain);
        }
        // The SDK has no paginator for version 2.
        let mut next = None;
        loop {
            let answer =
                self.http.get_domain_names().set_next_token(next).send().await.call(GET)?;
            for domain in answer.items() {
                let name = domain.domain_name().unwrap_or_default();
                if !known.contains(name) {
                    domains.push(Domain::try_from(domain)?);
                }
            }
            next = answer.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                break;
            }
        }
        domains.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(decide(&domains, run))
    }
}

#[cfg(test)]
mod tests;
