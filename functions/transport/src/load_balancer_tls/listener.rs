//! Listeners of Application and Network Load Balancers: what their item tells, and what is left
//! to ask.

use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Run, Verdict, message};

use super::{
    ALLOW_TCP_PASSTHROUGH, ALLOWED_ELBV2_POLICIES, GATEWAY_LISTENER, HTTP_NOT_REDIRECTED,
    NON_ACM_CERTIFICATE, PASS_THROUGH_ACCEPTED, PLAINTEXT_LISTENER, REQUIRE_ACM,
    TLS_ON_TARGET_TAG_KEY, WEAK_TLS_POLICY, is_acm, text, unknown,
};

/// What the item of a listener tells.
#[derive(Debug)]
pub(super) enum Told {
    /// Everything.
    All(Verdict),
    /// Not everything: what failed so far, and what to ask.
    Part(Failures, Question),
}

/// What an item does not tell.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// The default action redirects; do the other rules?
    Rules,
    /// The default certificate is in order; are those that clients choose by name?
    Certificates,
    /// The listener passes connections through; does a tag of its load balancer accept that? A
    /// listener's own tags are asked for, too: items from Config's inventory have none.
    Tags {
        /// ARN of the load balancer.
        load_balancer: String,
        /// The protocol, for the message.
        protocol: String,
    },
}

/// Reads the item of a listener.
pub(super) fn read(item: &ConfigurationItem, run: &Run<'_>) -> Result<Told, ItemError> {
    const LOAD_BALANCER: &str = "LoadBalancerArn";
    const PROTOCOL: &str = "Protocol";
    let fields = item.configuration()?;
    // No field of a listener tells the type of its load balancer, but the ARN does.
    let arn = text(&fields, LOAD_BALANCER)?;
    let kind = arn.split_once(":loadbalancer/").and_then(|(_, rest)| rest.split_once('/'));
    match kind.map(|(kind, _)| kind) {
        Some("gwy") => Ok(Told::All(Verdict::not_applicable(&GATEWAY_LISTENER))),
        Some("app") => match text(&fields, PROTOCOL)? {
            "HTTP" => plain_http(&fields),
            "HTTPS" => encrypted(&fields, run),
            other => Err(unknown(&fields, PROTOCOL, other)),
        },
        Some("net") => match text(&fields, PROTOCOL)? {
            "TLS" => encrypted(&fields, run),
            protocol @ ("TCP" | "UDP" | "TCP_UDP" | "QUIC" | "TCP_QUIC") => {
                let accepted = run.parameters.get(&ALLOW_TCP_PASSTHROUGH)
                    || accepted_by_tag(item.tags.keys(), run);
                Ok(if accepted {
                    Told::All(pass_through(true, protocol))
                } else {
                    let protocol = protocol.to_owned();
                    let load_balancer = arn.to_owned();
                    Told::Part(Failures::new(), Question::Tags { load_balancer, protocol })
                })
            }
            other => Err(unknown(&fields, PROTOCOL, other)),
        },
        _ => Err(unknown(&fields, LOAD_BALANCER, arn)),
    }
}

/// Whether one of the tags accepts that TLS ends on the target.
pub(super) fn accepted_by_tag<'a>(
    mut keys: impl Iterator<Item = &'a String>,
    run: &Run<'_>,
) -> bool {
    let accepting = run.parameters.get(&TLS_ON_TARGET_TAG_KEY);
    keys.any(|key| accepting.contains(key))
}

/// The verdict on a listener that passes connections through.
pub(super) fn pass_through(accepted: bool, protocol: &str) -> Verdict {
    if accepted {
        return Verdict::Compliant(vec![PASS_THROUGH_ACCEPTED.reason()]);
    }
    let mut failures = Failures::new();
    failures.because(
        &PLAINTEXT_LISTENER,
        message!(
            "The listener's protocol is {protocol}: the load balancer does not use TLS",
            "リスナーのプロトコルが {protocol} であり、ロードバランサーは TLS を使用していません"
        ),
    );
    failures.into_verdict()
}

/// A listener of an Application Load Balancer without TLS: may only redirect.
fn plain_http(fields: &Fields<'_>) -> Result<Told, ItemError> {
    const ACTIONS: &str = "DefaultActions";
    let actions = fields.list(ACTIONS)?.filter(|actions| !actions.is_empty());
    let mut failures = Failures::new();
    for action in actions.ok_or_else(|| fields.missing(ACTIONS))? {
        let kind = text(&action, "Type")?;
        let config = action.at("RedirectConfig")?;
        let protocol = config.as_ref().map(|config| config.text("Protocol")).transpose()?.flatten();
        if !redirects_to_https(kind, protocol) {
            let protocol = protocol.unwrap_or("#{protocol}");
            let action = if kind == "redirect" {
                format!("redirect to {protocol}")
            } else {
                kind.to_owned()
            };
            failures.because(
                &HTTP_NOT_REDIRECTED,
                message!(
                    "The default action of the HTTP listener is {action}",
                    "HTTP リスナーのデフォルトアクションが {action} です"
                ),
            );
            return Ok(Told::All(failures.into_verdict()));
        }
    }
    Ok(Told::Part(failures, Question::Rules))
}

/// Whether an action sends the client to HTTPS. A redirect without a protocol, or with
/// `#{protocol}`, keeps that of the request, which is HTTP.
pub(super) fn redirects_to_https(kind: &str, protocol: Option<&str>) -> bool {
    kind == "redirect" && protocol == Some("HTTPS")
}

/// A listener that ends TLS itself.
fn encrypted(fields: &Fields<'_>, run: &Run<'_>) -> Result<Told, ItemError> {
    const CERTIFICATES: &str = "Certificates";
    let mut failures = Failures::new();
    let require_acm = run.parameters.get(&REQUIRE_ACM);
    let mut foreign = false;
    if require_acm {
        let certificates = fields.list(CERTIFICATES)?.filter(|list| !list.is_empty());
        for certificate in certificates.ok_or_else(|| fields.missing(CERTIFICATES))? {
            foreign |= !is_acm(text(&certificate, "CertificateArn")?);
        }
    }
    if foreign {
        failures.because(
            &NON_ACM_CERTIFICATE,
            message!(
                "The default certificate is not one of ACM",
                "デフォルトの証明書が ACM のものではありません"
            ),
        );
    }
    let policy = text(fields, "SslPolicy")?;
    if !run.parameters.get(&ALLOWED_ELBV2_POLICIES).iter().any(|allowed| allowed == policy) {
        failures.because(
            &WEAK_TLS_POLICY,
            message!("The security policy is {policy}", "セキュリティポリシーが {policy} です"),
        );
    }
    Ok(if require_acm && !foreign {
        Told::Part(failures, Question::Certificates)
    } else {
        Told::All(failures.into_verdict())
    })
}
