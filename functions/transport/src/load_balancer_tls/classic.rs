//! Classic Load Balancers: their item tells everything.

use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Run, Verdict, message};
use serde_json::Value;

use super::policies::OLD_PROTOCOLS;
use super::{
    ALLOWED_CLB_POLICIES, NO_LISTENER, NON_ACM_CERTIFICATE, PLAINTEXT_LISTENER, REQUIRE_ACM,
    WEAK_TLS_POLICY, is_acm, text, unknown,
};

/// The type of the policies that say which TLS a listener speaks; a listener has others, too.
const SSL_NEGOTIATION: &str = "SSLNegotiationPolicyType";
const POLICIES: &str = "LoadBalancerPolicies";
const REFERENCE: &str = "Reference-Security-Policy";

/// Judges a Classic Load Balancer by its item.
pub(super) fn evaluate(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, ItemError> {
    const LISTENERS: &str = "listenerDescriptions";
    let fields = item.configuration()?;
    let listeners = fields.list(LISTENERS)?.ok_or_else(|| fields.missing(LISTENERS))?;
    if listeners.is_empty() {
        return Ok(Verdict::not_applicable(&NO_LISTENER));
    }
    let allowed = run.parameters.get(&ALLOWED_CLB_POLICIES);
    let require_acm = run.parameters.get(&REQUIRE_ACM);
    let (mut plain, mut foreign, mut weak) = (Vec::new(), Vec::new(), Vec::new());
    for description in &listeners {
        let listener =
            description.at("listener")?.ok_or_else(|| description.missing("listener"))?;
        let port = listener
            .integer("loadBalancerPort")?
            .ok_or_else(|| listener.missing("loadBalancerPort"))?;
        match text(&listener, "protocol")?.to_ascii_uppercase().as_str() {
            protocol @ ("HTTP" | "TCP") => plain.push(format!("{protocol}:{port}")),
            "HTTPS" | "SSL" => {
                if require_acm && !is_acm(text(&listener, "sslcertificateId")?) {
                    foreign.push(port.to_string());
                }
                for policy in weak_policies(item, &fields, description, &allowed)? {
                    weak.push(format!("{port} ({policy})"));
                }
            }
            other => return Err(unknown(&listener, "protocol", other)),
        }
    }
    let mut failures = Failures::new();
    if !plain.is_empty() {
        let plain = plain.join(", ");
        failures.because(
            &PLAINTEXT_LISTENER,
            message!("Listeners without TLS: {plain}", "TLS を使用していないリスナー: {plain}"),
        );
    }
    if !foreign.is_empty() {
        let ports = foreign.join(", ");
        failures.because(
            &NON_ACM_CERTIFICATE,
            message!(
                "Ports with a certificate that is not one of ACM: {ports}",
                "ACM 以外の証明書を使用しているポート: {ports}"
            ),
        );
    }
    if !weak.is_empty() {
        let weak = weak.join(", ");
        failures.because(
            &WEAK_TLS_POLICY,
            message!(
                "Ports with a security policy that is not accepted: {weak}",
                "認められていないセキュリティポリシーを使用しているポート: {weak}"
            ),
        );
    }
    Ok(failures.into_verdict())
}

/// The names of a TLS listener's security policies that are not accepted.
fn weak_policies(
    item: &ConfigurationItem,
    fields: &Fields<'_>,
    description: &Fields<'_>,
    allowed: &[String],
) -> Result<Vec<String>, ItemError> {
    const NAMES: &str = "policyNames";
    let names = description.list(NAMES)?.ok_or_else(|| description.missing(NAMES))?;
    let policies = policies(item)?;
    let mut weak = Vec::new();
    let mut negotiated = false;
    for name in names {
        let name = name.as_text()?;
        let accepted = match policies.iter().find(|policy| policy.name == name) {
            Some(policy) if policy.kind != SSL_NEGOTIATION => continue,
            Some(policy) => policy.accepted(allowed)?,
            None if is_stickiness(fields, name)? => continue,
            // A predefined policy may be attached under its own name without a description.
            None if name.starts_with("ELBSecurityPolicy-") => allowed.iter().any(|one| one == name),
            None => {
                return Err(ItemError::Unreadable {
                    field: format!("{}.{NAMES}", description.path()),
                    problem: format!("no description of the policy {name:?}"),
                });
            }
        };
        negotiated = true;
        if !accepted {
            weak.push(name.to_owned());
        }
    }
    // Every TLS listener has such a policy; without one nothing is known of its TLS.
    if negotiated { Ok(weak) } else { Err(description.missing(NAMES)) }
}

/// A policy of the load balancer, as the supplementary configuration describes it.
struct Policy<'a> {
    name: &'a str,
    kind: &'a str,
    attributes: Vec<(&'a str, &'a str)>,
}

impl Policy<'_> {
    /// Whether it is one of the accepted ones, or a custom one without old protocols.
    fn accepted(&self, allowed: &[String]) -> Result<bool, ItemError> {
        let of = |name: &str| self.attributes.iter().find(|(key, _)| *key == name);
        // The protocols beside a reference repeat what its name says.
        if let Some((_, reference)) = of(REFERENCE) {
            return Ok(allowed.iter().any(|one| one == reference));
        }
        let speaks =
            |name: &str| of(name).is_some_and(|(_, value)| value.eq_ignore_ascii_case("true"));
        if OLD_PROTOCOLS.into_iter().any(speaks) {
            return Ok(false);
        }
        // A description without any protocol tells nothing.
        if speaks("Protocol-TLSv1.2") {
            Ok(true)
        } else {
            Err(malformed(&format!("the policy {:?} names no protocol", self.name)))
        }
    }
}

fn policies(item: &ConfigurationItem) -> Result<Vec<Policy<'_>>, ItemError> {
    let part = item.supplementary(POLICIES)?.ok_or_else(|| ItemError::Missing {
        field: format!("supplementaryConfiguration.{POLICIES}"),
    })?;
    let list = part.value().as_array().ok_or_else(|| malformed("not a list"))?;
    list.iter().map(policy).collect()
}

fn policy(value: &Value) -> Result<Policy<'_>, ItemError> {
    let attributes = value
        .get("policyAttributeDescriptions")
        .and_then(Value::as_array)
        .ok_or_else(|| malformed("policyAttributeDescriptions is missing"))?;
    Ok(Policy {
        name: member(value, "policyName")?,
        kind: member(value, "policyTypeName")?,
        attributes: attributes
            .iter()
            .map(|one| Ok((member(one, "attributeName")?, member(one, "attributeValue")?)))
            .collect::<Result<_, ItemError>>()?,
    })
}

fn member<'a>(value: &'a Value, key: &str) -> Result<&'a str, ItemError> {
    value.get(key).and_then(Value::as_str).ok_or_else(|| malformed(&format!("{key} is missing")))
}

fn malformed(problem: &str) -> ItemError {
    ItemError::Unreadable {
        field: format!("supplementaryConfiguration.{POLICIES}"),
        problem: problem.to_owned(),
    }
}

fn is_stickiness(fields: &Fields<'_>, name: &str) -> Result<bool, ItemError> {
    let Some(policies) = fields.at("policies")? else { return Ok(false) };
    for kind in ["appCookieStickinessPolicies", "lbcookieStickinessPolicies"] {
        for policy in policies.list(kind)?.unwrap_or_default() {
            if policy.text("policyName")? == Some(name) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
