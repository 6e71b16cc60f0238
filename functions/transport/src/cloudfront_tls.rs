//! `cloudfront-tls`: CloudFront speaks HTTPS to viewers and to origins, with TLS 1.2 or newer and
//! an ACM certificate.
//!
//! A distribution is two connections: from the viewer to the edge, and from the edge to the
//! origin. Each can be plain HTTP or an outdated TLS although the other looks well protected, and
//! an origin with the policy match-viewer is as good as the worst behaviour that leads to it. A
//! certificate outside ACM is renewed by hand, so that it expires, or by nobody.
//!
//! Criteria: 実4 5, 実7 2 ask for it; 実4 and several of 統 imply it. To fix a distribution, set
//! its behaviours to redirect-to-https or https-only, its origins to https-only with TLSv1.2, and
//! its certificate to one of ACM with a current security policy.

use fisc_shared::item::required::{part, text, unknown};
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::parameter::Param;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Check, ConfigurationItem, Control, Criteria, Domain, Error, Limits, Placement, Remark, Remedy,
    Requirement, ResourceType, Run, Severity, Text, Trigger, Verdict, message,
};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "cloudfront-tls",
    domain: Domain::Transport,
    severity: Severity::High,
    title: Text::new(
        "CloudFront uses HTTPS to viewers and origins, with TLS 1.2 or newer and an ACM \
         certificate",
        "CloudFront がビューワーおよびオリジンとの通信に TLS 1.2 以上の HTTPS と ACM の証明書を\
         使用している",
    ),
    why: Text::new(
        "What customers send to a bank's site crosses networks twice: to the edge, and from the \
         edge to the origin. Plain HTTP or an outdated TLS on either way lets others read or \
         change it, and a certificate that is renewed by hand expires unnoticed.",
        "顧客が送るデータは、ビューワーからエッジ、エッジからオリジンへと 2 回ネットワークを\
         通ります。どちらか一方でも平文の HTTP や古い TLS であれば、盗聴や改ざんを受けるおそれが\
         あります。また、手作業で更新する証明書は、気付かないうちに期限が切れることがあります。",
    ),
    fix: Text::new(
        "In the CloudFront console open the distribution: Behaviors > Edit with the viewer \
         protocol policy Redirect HTTP to HTTPS or HTTPS only for each; Settings > Edit with an ACM \
         certificate (of us-east-1), SNI only and the security policy TLSv1.2_2021 or newer; \
         Origins > Edit with HTTPS only and TLSv1.2. Serve an S3 website from the bucket's REST \
         endpoint with origin access control.",
        "CloudFront コンソールでディストリビューションを開き、すべての「ビヘイビア」で HTTPS への\
         リダイレクトまたは HTTPS のみを選び、「設定」で us-east-1 の ACM 証明書、SNI、\
         セキュリティポリシー TLSv1.2_2021 以降を選び、「オリジン」で HTTPS のみと TLSv1.2 を\
         選びます。S3 の静的ウェブサイトは、オリジンアクセスコントロール(OAC)を使用した REST \
         エンドポイントに置き換えます。",
    ),
    remedy: Remedy::new(
        include_str!("cloudfront_tls/remedy.sh"),
        include_str!("cloudfront_tls/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-https.html",
    criteria: Criteria {
        explicit: &["実4 5", "実7 2"],
        implied: &[
            "統1 参考",
            "統20 3-(3)",
            "統20 3-(11)",
            "統20 3-(12)",
            "統24 1",
            "統24 2",
            "実4",
        ],
    },
    resources: &[ResourceType::CLOUDFRONT_DISTRIBUTION],
    trigger: Trigger::Change,
    placement: Placement::UsEast1,
    actions: &[],
    parameters: &[
        ALLOWED_VIEWER_POLICIES.spec,
        ALLOW_DEFAULT_CERTIFICATE.spec,
        ALLOW_MATCH_VIEWER.spec,
        ALLOW_S3_WEBSITE_ORIGINS.spec,
    ],
    requirements: &[
        &VIEWER_HTTP_ALLOWED,
        &NON_ACM_CERTIFICATE,
        &VIEWER_TLS_TOO_OLD,
        &ORIGIN_NOT_HTTPS,
        &ORIGIN_OLD_TLS,
    ],
    remarks: &[&DISTRIBUTION_DISABLED],
    limits: Limits::SMALL,
    check: Check::Item(evaluate),
};

const ALLOWED_VIEWER_POLICIES: Param<Vec<String>> = Param::list(
    "allowedViewerPolicies",
    // The policies without TLS 1.1 and without CBC ciphers. Source: CloudFront Developer Guide,
    // "Supported protocols and ciphers between viewers and CloudFront", November 2026.
    &["TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"],
    Text::new(
        "Accepted security policies for viewers (minimumProtocolVersion); TLSv1.2_2018 and \
         TLSv1.2_2019 may be added",
        "認めるビューワー向けセキュリティポリシー(minimumProtocolVersion)。TLSv1.2_2018 と \
         TLSv1.2_2019 を加えることもできる",
    ),
);

const ALLOW_DEFAULT_CERTIFICATE: Param<bool> = Param::flag(
    "allowDefaultCertificate",
    true,
    Text::new(
        "Accept the *.cloudfront.net certificate of a distribution without aliases",
        "代替ドメイン名のないディストリビューションで *.cloudfront.net の証明書を認める",
    ),
);

const ALLOW_MATCH_VIEWER: Param<bool> = Param::flag(
    "allowMatchViewer",
    true,
    Text::new(
        "Accept match-viewer for an origin to which every behavior forces HTTPS",
        "すべてのビヘイビアが HTTPS を強制しているオリジンでは match-viewer を認める",
    ),
);

const ALLOW_S3_WEBSITE_ORIGINS: Param<bool> = Param::flag(
    "allowS3WebsiteOrigins",
    false,
    Text::new(
        "Accept http-only for S3 website endpoints, which speak nothing else",
        "HTTP しか使えない S3 ウェブサイトエンドポイントでは http-only を認める",
    ),
);

const VIEWER_HTTP_ALLOWED: Requirement = requirement(
    "VIEWER_HTTP_ALLOWED",
    1,
    Text::new("Viewers may use plain HTTP", "ビューワーが平文の HTTP を使用できます"),
    Text::new(
        "Fails when the default or another cache behavior has the viewer protocol policy \
         allow-all.",
        "デフォルトまたはその他のキャッシュビヘイビアのビューワープロトコルポリシーが allow-all の\
         とき不適合です。",
    ),
);
const NON_ACM_CERTIFICATE: Requirement = requirement(
    "NON_ACM_CERTIFICATE",
    1,
    Text::new(
        "The certificate shown to viewers is not one of ACM",
        "ビューワー向けの証明書が ACM のものではありません",
    ),
    Text::new(
        "Fails when the certificate is stored in IAM (iamCertificateId), or is the default one \
         although the distribution has aliases or allowDefaultCertificate is false.",
        "証明書が IAM に保存されたもの(iamCertificateId)のとき不適合です。デフォルトの証明書は、\
         代替ドメイン名がある場合、または allowDefaultCertificate が false の場合に不適合です。",
    ),
);
const VIEWER_TLS_TOO_OLD: Requirement = requirement(
    "VIEWER_TLS_TOO_OLD",
    2,
    Text::new(
        "The security policy for viewers is too old",
        "ビューワー向けのセキュリティポリシーが古すぎます",
    ),
    Text::new(
        "Fails when a distribution with its own certificate has a minimumProtocolVersion that is \
         not among allowedViewerPolicies. With the default certificate it always reads TLSv1 and \
         cannot be changed: it is not judged.",
        "独自の証明書を使用し、minimumProtocolVersion が allowedViewerPolicies に含まれないとき\
         不適合です。デフォルトの証明書では常に TLSv1 と記録され、変更もできないため評価しません。",
    ),
);
const ORIGIN_NOT_HTTPS: Requirement = requirement(
    "ORIGIN_NOT_HTTPS",
    2,
    Text::new(
        "CloudFront may use plain HTTP to an origin",
        "CloudFront がオリジンに平文の HTTP で接続することがあります",
    ),
    Text::new(
        "Fails when a custom origin is http-only (unless it is an S3 website endpoint and \
         allowS3WebsiteOrigins is set), or match-viewer while a behavior that leads to it, also \
         through an origin group, admits HTTP or allowMatchViewer is false. S3 REST and VPC \
         origins have no such setting and are not judged.",
        "カスタムオリジンが http-only のとき不適合です(S3 ウェブサイトエンドポイントで \
         allowS3WebsiteOrigins を指定した場合を除く)。match-viewer は、そのオリジンに(オリジン\
         グループ経由を含めて)到達するビヘイビアが HTTP を許す場合、または allowMatchViewer が \
         false の場合に不適合です。S3 の REST オリジンと VPC オリジンにはこの設定がないため\
         評価しません。",
    ),
);
const ORIGIN_OLD_TLS: Requirement = requirement(
    "ORIGIN_OLD_TLS",
    2,
    Text::new(
        "CloudFront may use an outdated TLS to an origin",
        "CloudFront がオリジンに古い TLS で接続することがあります",
    ),
    Text::new(
        "Fails when the originSslProtocols of a custom origin hold SSLv3, TLSv1 or TLSv1.1. An S3 \
         website endpoint that allowS3WebsiteOrigins accepts never speaks TLS and is not judged.",
        "カスタムオリジンの originSslProtocols に SSLv3、TLSv1、TLSv1.1 のいずれかが含まれるとき\
         不適合です。allowS3WebsiteOrigins で認めた S3 ウェブサイトエンドポイントは TLS を\
         使わないため評価しません。",
    ),
);

const DISTRIBUTION_DISABLED: Remark = Remark::new(
    "DISTRIBUTION_DISABLED",
    "The distribution is disabled and serves nobody",
    "ディストリビューションは無効化されており、配信していません",
);

const fn requirement(code: &'static str, wave: u8, title: Text, rule: Text) -> Requirement {
    Requirement { code, wave, resources: &[ResourceType::CLOUDFRONT_DISTRIBUTION], title, rule }
}

/// The protocols that an origin must not be spoken to with. Source: CloudFront API reference,
/// OriginSslProtocols (SSLv3, TLSv1, TLSv1.1, TLSv1.2), November 2026.
const OLD_PROTOCOLS: [&str; 3] = ["SSLv3", "TLSv1", "TLSv1.1"];

fn evaluate(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let config = part(&item.configuration()?, "distributionConfig")?;
    if !config.flag("enabled")?.ok_or_else(|| config.missing("enabled"))? {
        return Ok(Verdict::not_applicable(&DISTRIBUTION_DISABLED));
    }
    let mut failures = Failures::new();
    let behaviours = behaviours(&config)?;
    let open: Vec<&Behaviour<'_>> = behaviours.iter().filter(|one| one.admits_http).collect();
    if !open.is_empty() {
        let names = open.iter().map(|one| one.name).collect::<Vec<_>>().join(", ");
        failures.because(
            &VIEWER_HTTP_ALLOWED,
            message!(
                "Viewers may use plain HTTP: {names}",
                "ビューワーが平文の HTTP を使用できます: {names}"
            ),
        );
    }
    certificate(&config, run, &mut failures)?;
    origins(&config, &open, run, &mut failures)?;
    Ok(failures.into_verdict())
}

/// A cache behaviour: which requests go to which origin.
struct Behaviour<'a> {
    name: &'a str,
    fields: Fields<'a>,
    admits_http: bool,
}

fn behaviours<'a>(config: &Fields<'a>) -> Result<Vec<Behaviour<'a>>, ItemError> {
    let behaviour = |name, fields: Fields<'a>| {
        const POLICY: &str = "viewerProtocolPolicy";
        let admits_http = match text(&fields, POLICY)? {
            "allow-all" => true,
            "https-only" | "redirect-to-https" => false,
            other => return Err(unknown(&fields, POLICY, other)),
        };
        Ok(Behaviour { name, fields, admits_http })
    };
    let mut all = vec![behaviour("Default (*)", part(config, "defaultCacheBehavior")?)?];
    for fields in items(config, "cacheBehaviors")? {
        all.push(behaviour(text(&fields, "pathPattern")?, fields)?);
    }
    Ok(all)
}

/// Judges what viewers are shown, and the oldest TLS that they may use.
fn certificate(
    config: &Fields<'_>,
    run: &Run<'_>,
    failures: &mut Failures,
) -> Result<(), ItemError> {
    const DEFAULT: &str = "cloudFrontDefaultCertificate";
    let certificate = part(config, "viewerCertificate")?;
    let given = |key| Ok(certificate.text(key)?.is_some_and(|value| !value.is_empty()));
    let from_iam = given("iamCertificateId")?;
    if !from_iam && !given("acmCertificateArn")? {
        if certificate.flag(DEFAULT)? != Some(true) {
            return Err(certificate.missing(DEFAULT));
        }
        // Its minimumProtocolVersion always reads TLSv1 and cannot be changed: not judged.
        if !items(config, "aliases")?.is_empty() {
            failures.because(
                &NON_ACM_CERTIFICATE,
                message!(
                    "Aliases are served with the default certificate of CloudFront",
                    "代替ドメイン名があるのに CloudFront のデフォルトの証明書を使用しています"
                ),
            );
        } else if !run.parameters.get(&ALLOW_DEFAULT_CERTIFICATE) {
            failures.because(
                &NON_ACM_CERTIFICATE,
                message!(
                    "The certificate is the default one of CloudFront",
                    "CloudFront のデフォルトの証明書を使用しています"
                ),
            );
        }
        return Ok(());
    }
    if from_iam {
        failures.because(
            &NON_ACM_CERTIFICATE,
            message!(
                "The certificate is stored in IAM, not in ACM",
                "証明書が ACM ではなく IAM に保存されています"
            ),
        );
    }
    let policy = text(&certificate, "minimumProtocolVersion")?;
    if !run.parameters.get(&ALLOWED_VIEWER_POLICIES).iter().any(|allowed| allowed == policy) {
        failures.because(
            &VIEWER_TLS_TOO_OLD,
            message!(
                "The security policy for viewers is {policy}",
                "ビューワー向けのセキュリティポリシーが {policy} です"
            ),
        );
    }
    Ok(())
}

/// Judges the connections to the custom origins; `open` are the behaviours that admit HTTP.
fn origins(
    config: &Fields<'_>,
    open: &[&Behaviour<'_>],
    run: &Run<'_>,
    failures: &mut Failures,
) -> Result<(), ItemError> {
    const POLICY: &str = "originProtocolPolicy";
    let origins = items(config, "origins")?;
    let ids = origins.iter().map(|origin| text(origin, "id")).collect::<Result<Vec<_>, _>>()?;
    let mut plain = Vec::new();
    let mut outdated = Vec::new();
    for (origin, id) in origins.iter().zip(&ids) {
        // S3 REST origins follow the viewer's protocol, which VIEWER_HTTP_ALLOWED judges; a VPC
        // origin holds its protocol in a resource of its own.
        let Some(custom) = origin.at("customOriginConfig")? else { continue };
        let policy = text(&custom, POLICY)?;
        let forces_https = match policy {
            "https-only" => true,
            "http-only" => {
                if run.parameters.get(&ALLOW_S3_WEBSITE_ORIGINS)
                    && is_s3_website(text(origin, "domainName")?)
                {
                    continue;
                }
                false
            }
            "match-viewer" => {
                run.parameters.get(&ALLOW_MATCH_VIEWER) && !any_leads_to(open, id, &ids, config)?
            }
            other => return Err(unknown(&custom, POLICY, other)),
        };
        if !forces_https {
            plain.push(format!("{id} ({policy})"));
        }
        let mut old = Vec::new();
        for protocol in items(&custom, "originSslProtocols")? {
            let protocol = protocol.as_text()?;
            if OLD_PROTOCOLS.contains(&protocol) {
                old.push(protocol);
            }
        }
        if !old.is_empty() {
            outdated.push(format!("{id} ({})", old.join(", ")));
        }
    }
    if !plain.is_empty() {
        let plain = plain.join(", ");
        failures.because(
            &ORIGIN_NOT_HTTPS,
            message!(
                "Origins that may be reached over plain HTTP: {plain}",
                "平文の HTTP で接続することがあるオリジン: {plain}"
            ),
        );
    }
    if !outdated.is_empty() {
        let outdated = outdated.join(", ");
        failures.because(
            &ORIGIN_OLD_TLS,
            message!(
                "Origins that may be reached with an outdated TLS: {outdated}",
                "古い TLS で接続することがあるオリジン: {outdated}"
            ),
        );
    }
    Ok(())
}

/// Whether one of the behaviours leads to the origin, directly or through an origin group.
fn any_leads_to(
    behaviours: &[&Behaviour<'_>],
    origin: &str,
    origins: &[&str],
    config: &Fields<'_>,
) -> Result<bool, ItemError> {
    const TARGET: &str = "targetOriginId";
    for behaviour in behaviours {
        let target = text(&behaviour.fields, TARGET)?;
        if target == origin {
            return Ok(true);
        }
        if origins.contains(&target) {
            continue;
        }
        let mut known = false;
        for group in items(config, "originGroups")? {
            if text(&group, "id")? != target {
                continue;
            }
            known = true;
            for member in items(&group, "members")? {
                if text(&member, "originId")? == origin {
                    return Ok(true);
                }
            }
        }
        if !known {
            return Err(unknown(&behaviour.fields, TARGET, target));
        }
    }
    Ok(false)
}

/// Whether a domain is an S3 website endpoint: `bucket.s3-website-region.amazonaws.com`, or with
/// a dot before the Region. Source: Amazon S3 User Guide, "Website endpoints".
fn is_s3_website(domain: &str) -> bool {
    let domain = domain.to_ascii_lowercase();
    let host = domain
        .strip_suffix(".amazonaws.com")
        .or_else(|| domain.strip_suffix(".amazonaws.com.cn"))
        .and_then(|host| host.rsplit_once('.'));
    host.is_some_and(|(bucket, region)| {
        region.starts_with("s3-website-") || bucket.ends_with(".s3-website")
    })
}

/// The elements of a list as CloudFront writes it: a quantity, and items unless that is 0.
fn items<'a>(fields: &Fields<'a>, key: &str) -> Result<Vec<Fields<'a>>, ItemError> {
    let list = part(fields, key)?;
    match list.list("items")? {
        Some(items) => Ok(items),
        None if list.integer("quantity")? == Some(0) => Ok(Vec::new()),
        None => Err(list.missing("items")),
    }
}

#[cfg(test)]
mod tests;
