//! `load-balancer-tls`: load balancers speak TLS 1.2 or newer only, send HTTP to HTTPS, and use
//! ACM certificates.
//!
//! A load balancer is where most traffic enters an account. One listener without TLS beside a good
//! one, one rule that forwards what its default action would redirect, or an old security policy
//! is enough to read what passes. The rules of a listener are no part of its configuration item
//! and change without a new one, so that a daily pass reads them again.
//!
//! Criteria: 実4, 実4 5, 実7, 実7 2, 実15 3 ask for it; several of 統 imply it. To fix a listener,
//! give it TLS with a current security policy and an ACM certificate, or let it redirect to HTTPS
//! in its default action and in every rule.

mod classic;
mod listener;
mod policies;

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_elasticloadbalancingv2::Client;
use aws_types::SdkConfig;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::config_service::ConfigService;
use fisc_shared::error::{Call, ServiceError};
use fisc_shared::inventory;
use fisc_shared::item::required::{text, unknown};
use fisc_shared::parameter::Param;
use fisc_shared::runner;
use fisc_shared::verdict::{Failures, remarks};
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits, Message,
    Placement, Remark, Remedy, Requirement, Resource, ResourceType, Run, ServiceCheck, Severity,
    Text, Trigger, Verdict, message,
};
use futures::stream::{self, StreamExt, TryStreamExt};

use listener::{Question, Told};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "load-balancer-tls",
    domain: Domain::Transport,
    severity: Severity::High,
    title: Text::new(
        "Load balancers use TLS 1.2 or newer with ACM certificates and redirect HTTP to HTTPS",
        "ロードバランサーが TLS 1.2 以上と ACM の証明書を使用し、HTTP を HTTPS にリダイレクトして\
         いる",
    ),
    why: Text::new(
        "Customers and branches reach a bank's applications through load balancers. A single \
         listener or rule without TLS, or an outdated TLS, lets others on the way read and change \
         what is sent, and a certificate that is renewed by hand expires unnoticed.",
        "顧客や営業店は、ロードバランサーを経由してアプリケーションを利用します。TLS を使用しない\
         リスナーやルールが 1 つでもあったり、TLS のバージョンが古かったりすると、通信の途中で\
         盗聴や改ざんを受けるおそれがあります。また、手作業で更新する証明書は、気付かないうちに\
         期限が切れることがあります。",
    ),
    fix: Text::new(
        "In the EC2 console open Load Balancers > the load balancer > Listeners: give HTTPS and \
         TLS listeners a policy such as ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09 and a \
         certificate of ACM, and let HTTP listeners and all their rules redirect to HTTPS. Replace \
         TCP listeners by TLS, or tag them where TLS ends on the target; replace a Classic Load \
         Balancer, or its HTTP and TCP listeners.",
        "EC2 コンソールの「ロードバランサー」で「リスナー」を開き、HTTPS と TLS のリスナーには \
         ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09 などのポリシーと ACM の証明書を設定し、HTTP の\
         リスナーは全ルールを HTTPS へのリダイレクトにします。TCP のリスナーは TLS に変更し、\
         ターゲットで TLS を終端する場合はタグを付けます。Classic Load Balancer は、HTTP と TCP の\
         リスナーを変更するか Application Load Balancer に移行します。",
    ),
    remedy: Remedy::new(
        include_str!("load_balancer_tls/remedy.sh"),
        include_str!("load_balancer_tls/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html",
    criteria: Criteria {
        explicit: &["実4", "実4 5", "実7", "実7 2", "実15 3"],
        implied: &["統1 参考", "統20 3-(3)", "統20 3-(11)", "統20 3-(12)", "統24 1", "統24 2"],
    },
    resources: &[ResourceType::ELBV2_LISTENER, ResourceType::ELB_LOAD_BALANCER],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        inventory::ACTIONS[0],
        inventory::ACTIONS[1],
        Action::any(DESCRIBE_RULES),
        Action::any(DESCRIBE_CERTIFICATES),
        Action::any(DESCRIBE_TAGS),
    ],
    parameters: &[
        ALLOW_TCP_PASSTHROUGH.spec,
        TLS_ON_TARGET_TAG_KEY.spec,
        ALLOWED_ELBV2_POLICIES.spec,
        ALLOWED_CLB_POLICIES.spec,
        REQUIRE_ACM.spec,
    ],
    requirements: &[
        &PLAINTEXT_LISTENER,
        &HTTP_NOT_REDIRECTED,
        &NON_ACM_CERTIFICATE,
        &WEAK_TLS_POLICY,
    ],
    remarks: &[&GATEWAY_LISTENER, &NO_LISTENER, &PASS_THROUGH_ACCEPTED],
    limits: Limits::SWEEP,
    // A Classic Load Balancer's item tells everything. Of listeners, rules and further
    // certificates change without an item.
    check: Check::Service { preview, connect, swept: &[ResourceType::ELBV2_LISTENER] },
};

const DESCRIBE_RULES: &str = "elasticloadbalancing:DescribeRules";
const DESCRIBE_CERTIFICATES: &str = "elasticloadbalancing:DescribeListenerCertificates";
const DESCRIBE_TAGS: &str = "elasticloadbalancing:DescribeTags";

const ALLOW_TCP_PASSTHROUGH: Param<bool> = Param::flag(
    "allowTcpPassthrough",
    false,
    Text::new(
        "Accept every TCP, UDP and QUIC listener of Network Load Balancers (TLS ends on the target)",
        "Network Load Balancer の TCP、UDP、QUIC のリスナーをすべて認める(TLS はターゲットで終端)",
    ),
);

const TLS_ON_TARGET_TAG_KEY: Param<Vec<String>> = Param::list(
    "tlsTerminatedOnTargetTagKey",
    &["fisc:tls-on-target"],
    Text::new(
        "Tag key of a listener or load balancer that accepts pass-through one by one",
        "パススルーを個別に認めるリスナーまたはロードバランサーのタグキー",
    ),
);

const ALLOWED_ELBV2_POLICIES: Param<Vec<String>> = Param::list(
    "allowedElbv2Policies",
    policies::ELBV2,
    Text::new(
        "Accepted security policies of Application and Network Load Balancers; others without TLS \
         1.1, such as ELBSecurityPolicy-FS-1-2-Res-2020-10, may be added",
        "認める Application / Network Load Balancer のセキュリティポリシー。\
         ELBSecurityPolicy-FS-1-2-Res-2020-10 など、TLS 1.1 を含まないものを加えることもできる",
    ),
);

const ALLOWED_CLB_POLICIES: Param<Vec<String>> = Param::list(
    "allowedClbPolicies",
    policies::CLASSIC,
    Text::new(
        "Accepted predefined security policies of Classic Load Balancers",
        "認める Classic Load Balancer の事前定義されたセキュリティポリシー",
    ),
);

const REQUIRE_ACM: Param<bool> = Param::flag(
    "requireAcm",
    true,
    Text::new("Certificates must come from ACM", "証明書は ACM のものでなければならない"),
);

const PLAINTEXT_LISTENER: Requirement = Requirement {
    code: "PLAINTEXT_LISTENER",
    wave: 1,
    resources: &[ResourceType::ELBV2_LISTENER, ResourceType::ELB_LOAD_BALANCER],
    title: Text::new("A listener does not use TLS", "TLS を使用していないリスナーがあります"),
    rule: Text::new(
        "Fails when a listener of a Network Load Balancer is TCP, UDP, TCP_UDP, QUIC or TCP_QUIC, \
         unless allowTcpPassthrough is set or the listener or its load balancer has the tag \
         tlsTerminatedOnTargetTagKey (offline, only the listener's recorded tags count), or when \
         a Classic Load Balancer has an HTTP or TCP listener; it cannot redirect.",
        "Network Load Balancer のリスナーが TCP、UDP、TCP_UDP、QUIC、TCP_QUIC のいずれかのとき\
         不適合です(allowTcpPassthrough を指定した場合、またはリスナーかロードバランサーに \
         tlsTerminatedOnTargetTagKey のタグがある場合を除く。オフラインではリスナーの記録済みの\
         タグだけを見ます)。Classic Load Balancer は、リダイレクトができないため、HTTP または \
         TCP のリスナーがあれば不適合です。",
    ),
};

const HTTP_NOT_REDIRECTED: Requirement = Requirement {
    code: "HTTP_NOT_REDIRECTED",
    wave: 1,
    resources: &[ResourceType::ELBV2_LISTENER],
    title: Text::new(
        "HTTP is not always redirected to HTTPS",
        "HTTP が HTTPS にリダイレクトされないことがあります",
    ),
    rule: Text::new(
        "Fails when the default action or any rule of an Application Load Balancer's HTTP \
         listener is something else than a redirect to HTTPS, also a fixed response \
         (DescribeRules).",
        "Application Load Balancer の HTTP リスナーで、デフォルトアクションまたはいずれかのルールが \
         HTTPS へのリダイレクト以外(固定レスポンスを含む)のとき不適合です(DescribeRules)。",
    ),
};

const NON_ACM_CERTIFICATE: Requirement = Requirement {
    code: "NON_ACM_CERTIFICATE",
    wave: 1,
    resources: &[ResourceType::ELBV2_LISTENER, ResourceType::ELB_LOAD_BALANCER],
    title: Text::new(
        "A certificate of the load balancer is not one of ACM",
        "ロードバランサーの証明書に ACM のものではないものがあります",
    ),
    rule: Text::new(
        "With requireAcm: fails when a certificate of an HTTPS, TLS or SSL listener, the default \
         one or one chosen by server name (DescribeListenerCertificates), is not one of ACM but, \
         for example, an IAM server certificate.",
        "requireAcm が true の場合: HTTPS、TLS、SSL のリスナーの証明書(デフォルトのもの、または \
         SNI で選択されるもの。DescribeListenerCertificates)が、IAM サーバー証明書など ACM 以外の\
         ものであるとき不適合です。",
    ),
};

const WEAK_TLS_POLICY: Requirement = Requirement {
    code: "WEAK_TLS_POLICY",
    wave: 2,
    resources: &[ResourceType::ELBV2_LISTENER, ResourceType::ELB_LOAD_BALANCER],
    title: Text::new(
        "The security policy admits outdated TLS or ciphers",
        "セキュリティポリシーが古い TLS または暗号スイートを許可しています",
    ),
    rule: Text::new(
        "Fails when the security policy of an HTTPS or TLS listener is not among \
         allowedElbv2Policies, or that of a Classic Load Balancer's HTTPS or SSL listener is \
         neither among allowedClbPolicies nor a custom one without SSL, TLS 1.0 and TLS 1.1.",
        "HTTPS または TLS のリスナーのセキュリティポリシーが allowedElbv2Policies に含まれないとき\
         不適合です。Classic Load Balancer の HTTPS または SSL のリスナーでは、\
         allowedClbPolicies に含まれず、SSL、TLS 1.0、TLS 1.1 を無効にしたカスタムポリシーでも\
         ないとき不適合です。",
    ),
};

const GATEWAY_LISTENER: Remark = Remark::new(
    "GATEWAY_LISTENER",
    "A Gateway Load Balancer passes packets on to appliances and ends no connection",
    "Gateway Load Balancer はパケットをアプライアンスに転送するだけで、接続を終端しません",
);
const NO_LISTENER: Remark = Remark::new(
    "NO_LISTENER",
    "The load balancer has no listener",
    "ロードバランサーにリスナーがありません",
);
const PASS_THROUGH_ACCEPTED: Remark = Remark::new(
    "PASS_THROUGH_ACCEPTED",
    "Pass-through is accepted by a parameter or a tag: TLS ends on the target",
    "パラメータまたはタグによりパススルーを認めています(TLS はターゲットで終端)",
);

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if item.resource_type == ResourceType::ELB_LOAD_BALANCER.name {
        return Ok(Some(classic::evaluate(item, run)?));
    }
    Ok(match listener::read(item, run)? {
        Told::All(verdict) => Some(verdict),
        Told::Part(..) if !run.offline => None,
        Told::Part(_, Question::Tags { protocol, .. }) => {
            Some(listener::pass_through(false, &protocol))
        }
        // What fails stays failed, whatever else would be found.
        Told::Part(failures, _) => match failures.into_verdict() {
            failed @ Verdict::NonCompliant(_) => Some(failed),
            _ => None,
        },
    })
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(LoadBalancing { client: Client::new(sdk), config: ConfigService::new(sdk) })
}

struct LoadBalancing {
    client: Client,
    config: ConfigService,
}

#[async_trait]
impl ServiceCheck for LoadBalancing {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let arn = item.resource_id.as_str();
        let verdict = match listener::read(item, run)? {
            Told::All(verdict) => return Ok(verdict),
            Told::Part(failures, Question::Rules) => self.rules(arn, failures).await,
            Told::Part(failures, Question::Certificates) => self.certificates(arn, failures).await,
            Told::Part(_, Question::Tags { load_balancer, protocol }) => {
                let tags = self.tags(&[arn, &load_balancer]).await;
                tags.map(|keys| {
                    let accepted = listener::accepted_by_tag(keys.iter(), run);
                    listener::pass_through(accepted, &protocol)
                })
            }
        };
        match verdict {
            // Deleted since the item was recorded.
            Err(Error::Service(error)) if is_gone(&error) => {
                Ok(Verdict::not_applicable(&remarks::RESOURCE_GONE))
            }
            verdict => verdict,
        }
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let items = self.config.recorded(ResourceType::ELBV2_LISTENER.name).await?;
        let listeners = stream::iter(items).map(|item| self.listener(item, run));
        listeners.buffered(CONCURRENCY).try_collect().await
    }
}

impl LoadBalancing {
    /// One listener of a sweep.
    async fn listener(&self, item: ConfigurationItem, run: &Run<'_>) -> Result<Evaluated, Error> {
        let verdict = match runner::preview(&CONTROL, &item, run)? {
            Some(verdict) => verdict,
            None => self.judge(&item, run).await?,
        };
        Ok(Evaluated { resource: Resource::from(&item), verdict, at: run.now })
    }

    /// Judges the rules of an HTTP listener; the default one is among them, as it is now.
    async fn rules(&self, arn: &str, mut failures: Failures) -> Result<Verdict, Error> {
        let pages = self.client.describe_rules().listener_arn(arn).into_paginator();
        let mut pages = pages.send();
        let mut plain = Vec::new();
        while let Some(page) = pages.next().await {
            for rule in page.call(DESCRIBE_RULES)?.rules.unwrap_or_default() {
                let missing = |field: &str| Error::Answer {
                    action: DESCRIBE_RULES,
                    field: format!("Rules[].{field}"),
                };
                let priority = rule.priority().ok_or_else(|| missing("Priority"))?;
                if rule.actions().is_empty() {
                    return Err(missing("Actions"));
                }
                for action in rule.actions() {
                    let kind = action.r#type().ok_or_else(|| missing("Actions[].Type"))?;
                    let protocol = action.redirect_config().and_then(|config| config.protocol());
                    if !listener::redirects_to_https(kind.as_str(), protocol) {
                        plain.push(priority.to_owned());
                        break;
                    }
                }
            }
        }
        if !plain.is_empty() {
            let (count, Message { en, ja }) = (plain.len(), Message::named(&plain));
            failures.because(
                &HTTP_NOT_REDIRECTED,
                message!(
                    "{count} rule(s) of the HTTP listener do not redirect to HTTPS, by priority: \
                     {en}",
                    "HTTP リスナーの {count} 件のルールが HTTPS にリダイレクトしていません\
                     (優先度: {ja})"
                ),
            );
        }
        Ok(failures.into_verdict())
    }

    /// Judges all certificates of a TLS listener.
    async fn certificates(&self, arn: &str, mut failures: Failures) -> Result<Verdict, Error> {
        let pages = self.client.describe_listener_certificates().listener_arn(arn);
        let mut pages = pages.into_paginator().send();
        let mut foreign = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.call(DESCRIBE_CERTIFICATES)?;
            for certificate in page.certificates.unwrap_or_default() {
                let arn = certificate.certificate_arn().ok_or_else(|| Error::Answer {
                    action: DESCRIBE_CERTIFICATES,
                    field: "Certificates[].CertificateArn".to_owned(),
                })?;
                if !is_acm(arn) {
                    foreign.push(arn.rsplit('/').next().unwrap_or(arn).to_owned());
                }
            }
        }
        if !foreign.is_empty() {
            let Message { en, ja } = Message::named(&foreign);
            failures.because(
                &NON_ACM_CERTIFICATE,
                message!(
                    "Certificates that are not of ACM: {en}",
                    "ACM のものではない証明書: {ja}"
                ),
            );
        }
        Ok(failures.into_verdict())
    }

    /// The tag keys of these resources.
    async fn tags(&self, arns: &[&str]) -> Result<Vec<String>, Error> {
        let arns = arns.iter().map(|&arn| arn.to_owned()).collect();
        let request = self.client.describe_tags().set_resource_arns(Some(arns));
        let answer = request.send().await.call(DESCRIBE_TAGS)?;
        let tags = answer.tag_descriptions().iter().flat_map(|one| one.tags());
        Ok(tags.filter_map(|tag| tag.key().map(str::to_owned)).collect())
    }
}

fn is_gone(error: &ServiceError) -> bool {
    error.is("ListenerNotFound") || error.is("LoadBalancerNotFound")
}

/// Whether an ARN is that of an ACM certificate. An empty one is no certificate at all.
fn is_acm(arn: &str) -> bool {
    arn.split(':').nth(2) == Some("acm")
}

#[cfg(test)]
mod tests;
