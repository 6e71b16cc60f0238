//! `certificate-expiry`: certificates and certificate authorities are valid, renewed in time, and
//! strong enough.
//!
//! An expired certificate stops a service from one minute to the next, and an expired authority
//! all that trust it. Nothing changes in the resource when its time runs out, so that a daily pass
//! judges everything again: ACM certificates by their items, server certificates of IAM, DB
//! instances and private CAs by the answers of their services. ACM renews a certificate some 45 to
//! 60 days ahead; a longer window turns every healthy certificate red.
//!
//! IAM is global: its certificates are judged in the home Region only. Certificates of CloudFront
//! live in us-east-1 and need the rule there.
//!
//! Criteria: 実4 5, 実7 2, 実48 ask for it; 統20 3-(3) implies it. To fix a certificate, let ACM
//! issue and renew it by DNS validation; move DB instances to a newer authority of RDS; renew
//! private CAs long before the certificates they sign.

mod acm;
mod services;

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_acmpca::Client as PrivateCa;
use aws_sdk_iam::Client as Iam;
use aws_sdk_iam::types::ServerCertificateMetadata;
use aws_sdk_rds::Client as Rds;
use aws_sdk_rds::types::DbInstance;
use aws_types::SdkConfig;
use fisc_shared::config_service::{ConfigService, from_sdk};
use fisc_shared::error::Call;
use fisc_shared::inventory;
use fisc_shared::parameter::Param;
use fisc_shared::runner;
use fisc_shared::verdict::remarks;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits, Message,
    Placement, Remark, Remedy, Requirement, Resource, ResourceType, Run, ServiceCheck, Severity,
    Text, Trigger, Verdict, message,
};
use futures::try_join;
use jiff::{SignedDuration, Timestamp};

use services::Authorities;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "certificate-expiry",
    domain: Domain::Transport,
    severity: Severity::High,
    title: Text::new(
        "Certificates and certificate authorities are valid, renewed in time and have strong keys",
        "証明書と認証局が有効であり、期限前に更新され、十分な強度の鍵を使用している",
    ),
    why: Text::new(
        "A certificate that expires stops every service behind it at once, and a weak key or a \
         renewal that waits for somebody's e-mail is an outage or a forgery in waiting. Banks have \
         lost payment services to certificates that nobody remembered.",
        "証明書の期限が切れると、それを使用するサービスはその瞬間に停止します。強度の低い鍵は偽造を\
         招き、担当者のメール対応を待つ更新は期限切れにつながります。金融機関でも、証明書の\
         更新漏れによるサービス停止が起きています。",
    ),
    fix: Text::new(
        "In the ACM console request certificates validated by DNS with RSA keys of 2048 bits or \
         more (Request), and where a renewal waits put the CNAME records of the certificate's \
         Domains table back. Move DB instances to rds-ca-rsa2048-g1 or newer (RDS > Modify > \
         Certificate authority), and replace server certificates of IAM by ACM. Renew a private CA \
         (AWS Private CA) at least a year before it ends.",
        "ACM コンソールの「リクエスト」で、RSA 2048 ビット以上の証明書を DNS 検証で発行し、更新が\
         保留中の場合は証明書の「ドメイン」の CNAME レコードを登録し直します。DB インスタンスの\
         認証局は rds-ca-rsa2048-g1 以降に変更し(RDS >「変更」>「認証局」)、IAM のサーバー証明書は \
         ACM に置き換えます。プライベート CA は期限の 1 年以上前に更新します(AWS Private CA)。",
    ),
    remedy: Remedy::new(
        include_str!("certificate_expiry/remedy.sh"),
        include_str!("certificate_expiry/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/acm/latest/userguide/managed-renewal.html",
    criteria: Criteria { explicit: &["実4 5", "実7 2", "実48"], implied: &["統20 3-(3)"] },
    resources: TYPES,
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        inventory::ACTIONS[0],
        inventory::ACTIONS[1],
        Action::any(LIST_SERVER_CERTIFICATES),
        Action::on(DESCRIBE_DB_INSTANCES, DB_INSTANCES),
        Action::any(DESCRIBE_CERTIFICATES),
        Action::any(LIST_AUTHORITIES),
        Action::on(DESCRIBE_AUTHORITY, AUTHORITIES),
    ],
    parameters: &[
        DAYS_TO_EXPIRATION.spec,
        CA_DAYS_TO_EXPIRATION.spec,
        RDS_CA_DAYS_TO_EXPIRATION.spec,
        ONLY_IN_USE.spec,
        ALLOW_IMPORTED.spec,
        REQUIRE_DNS_VALIDATION.spec,
        MIN_RSA_BITS.spec,
        ALLOW_IAM_SERVER_CERTIFICATES.spec,
    ],
    requirements: &[
        &CERTIFICATE_EXPIRING,
        &CERTIFICATE_INVALID,
        &RENEWAL_NOT_SUCCEEDING,
        &NO_MANAGED_RENEWAL,
        &EMAIL_VALIDATION,
        &WEAK_KEY,
        &SERVER_CERTIFICATE_EXPIRING,
        &SERVER_CERTIFICATE_PRESENT,
        &DB_CA_EXPIRING,
        &PRIVATE_CA_EXPIRING,
    ],
    remarks: &[
        &CERTIFICATE_NOT_ISSUED,
        &CERTIFICATE_NOT_USED,
        &NOT_HOME_REGION,
        &NO_DB_CERTIFICATE,
        &CA_NOT_ACTIVE,
    ],
    limits: Limits::SWEEP,
    // Time changes every one of them.
    check: Check::Service { preview, connect, swept: TYPES },
};

const TYPES: &[ResourceType] = &[
    ResourceType::ACM_CERTIFICATE,
    ResourceType::IAM_SERVER_CERTIFICATE,
    ResourceType::RDS_DB_INSTANCE,
    ResourceType::ACMPCA_CERTIFICATE_AUTHORITY,
];

const LIST_SERVER_CERTIFICATES: &str = "iam:ListServerCertificates";
const DESCRIBE_DB_INSTANCES: &str = "rds:DescribeDBInstances";
const DESCRIBE_CERTIFICATES: &str = "rds:DescribeCertificates";
const LIST_AUTHORITIES: &str = "acm-pca:ListCertificateAuthorities";
const DESCRIBE_AUTHORITY: &str = "acm-pca:DescribeCertificateAuthority";
const DB_INSTANCES: &str = "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:db:*";
const AUTHORITIES: &str =
    "arn:${AWS::Partition}:acm-pca:${AWS::Region}:${AWS::AccountId}:certificate-authority/*";

const DAYS_TO_EXPIRATION: Param<i64> = Param::integer(
    "daysToExpiration",
    30,
    0,
    730,
    Text::new(
        "Days before the end from which ACM and IAM certificates fail",
        "ACM と IAM の証明書を不適合とする、有効期限までの残り日数",
    ),
);
const CA_DAYS_TO_EXPIRATION: Param<i64> = Param::integer(
    "caDaysToExpiration",
    365,
    0,
    3650,
    Text::new(
        "Days before the end from which private CAs fail",
        "プライベート CA を不適合とする、有効期限までの残り日数",
    ),
);
const RDS_CA_DAYS_TO_EXPIRATION: Param<i64> = Param::integer(
    "rdsCaDaysToExpiration",
    180,
    0,
    3650,
    Text::new(
        "Days before the end of the certificate authority of RDS from which DB instances fail",
        "DB インスタンスを不適合とする、RDS の認証局の有効期限までの残り日数",
    ),
);
const ONLY_IN_USE: Param<bool> = Param::flag(
    "onlyInUse",
    false,
    Text::new(
        "Skip ACM certificates that nothing uses",
        "使用されていない ACM の証明書を評価の対象外とする",
    ),
);
const ALLOW_IMPORTED: Param<bool> = Param::flag(
    "allowImported",
    false,
    Text::new(
        "Accept imported certificates, which ACM does not renew",
        "ACM が更新しない、インポートした証明書を認める",
    ),
);
const REQUIRE_DNS_VALIDATION: Param<bool> = Param::flag(
    "requireDnsValidation",
    true,
    Text::new("E-mail validation fails", "E メール検証を不適合とする"),
);
const MIN_RSA_BITS: Param<i64> = Param::integer(
    "minRsaBits",
    2048,
    1024,
    16_384,
    Text::new("Smallest accepted RSA key in bits", "認める RSA 鍵の最小ビット数"),
);
const ALLOW_IAM_SERVER_CERTIFICATES: Param<bool> = Param::flag(
    "allowIamServerCertificates",
    true,
    Text::new(
        "Accept server certificates of IAM; when false, any of them fails",
        "IAM のサーバー証明書を認める(false の場合はすべて不適合)",
    ),
);
const fn of_acm(code: &'static str, wave: u8, title: Text, rule: Text) -> Requirement {
    Requirement { code, wave, resources: &[ResourceType::ACM_CERTIFICATE], title, rule }
}

const CERTIFICATE_EXPIRING: Requirement = of_acm(
    "CERTIFICATE_EXPIRING",
    1,
    Text::new("The certificate expires soon", "証明書の有効期限が近づいています"),
    Text::new(
        "Fails when an issued certificate ends (notAfter) within daysToExpiration.",
        "発行済みの証明書の有効期限(notAfter)が daysToExpiration 以内のとき不適合です。",
    ),
);
const CERTIFICATE_INVALID: Requirement = of_acm(
    "CERTIFICATE_INVALID",
    1,
    Text::new("The certificate is not valid", "証明書が有効ではありません"),
    Text::new(
        "Fails when the status is EXPIRED, REVOKED, FAILED or VALIDATION_TIMED_OUT.",
        "ステータスが EXPIRED、REVOKED、FAILED、VALIDATION_TIMED_OUT のいずれかのとき不適合です。",
    ),
);
const RENEWAL_NOT_SUCCEEDING: Requirement = of_acm(
    "RENEWAL_NOT_SUCCEEDING",
    1,
    Text::new("The renewal does not succeed", "証明書の更新が成功していません"),
    Text::new(
        "Fails when renewalSummary.renewalStatus is FAILED, or PENDING_VALIDATION: ACM waits for \
         somebody to prove the domain.",
        "renewalSummary.renewalStatus が FAILED、またはドメインの検証待ちである \
         PENDING_VALIDATION のとき不適合です。",
    ),
);
const NO_MANAGED_RENEWAL: Requirement = of_acm(
    "NO_MANAGED_RENEWAL",
    1,
    Text::new("ACM does not renew the certificate", "ACM による自動更新の対象ではありません"),
    Text::new(
        "Fails when the certificate is imported and allowImported is not set, or when a \
         certificate issued through ACM is in use although its renewalEligibility is INELIGIBLE. \
         An unused one is ineligible by design.",
        "インポートした証明書(allowImported を指定した場合を除く)、または使用中でありながら \
         renewalEligibility が INELIGIBLE である ACM 発行の証明書は不適合です。未使用の証明書は\
         仕様として INELIGIBLE になるため、不適合としません。",
    ),
);
const EMAIL_VALIDATION: Requirement = of_acm(
    "EMAIL_VALIDATION",
    2,
    Text::new(
        "A domain of the certificate is validated by e-mail",
        "ドメインの検証に E メールを使用しています",
    ),
    Text::new(
        "With requireDnsValidation: fails when a domain of a certificate issued by Amazon is \
         validated by EMAIL, so that each renewal waits for a person.",
        "requireDnsValidation が true の場合: Amazon 発行の証明書のいずれかのドメインの検証方法が \
         EMAIL であり、更新のたびに人の対応が必要なとき不適合です。",
    ),
);
const WEAK_KEY: Requirement = of_acm(
    "WEAK_KEY",
    2,
    Text::new("The key is too short", "鍵の長さが不足しています"),
    Text::new(
        "Fails when the key is an RSA key with fewer bits than minRsaBits.",
        "RSA 鍵のビット数が minRsaBits 未満のとき不適合です。",
    ),
);
const SERVER_CERTIFICATE_EXPIRING: Requirement = Requirement {
    code: "SERVER_CERTIFICATE_EXPIRING",
    wave: 1,
    resources: &[ResourceType::IAM_SERVER_CERTIFICATE],
    title: Text::new(
        "The server certificate of IAM expires soon",
        "IAM のサーバー証明書の有効期限が近づいています",
    ),
    rule: Text::new(
        "Fails when a server certificate of IAM ends within daysToExpiration \
         (ListServerCertificates, in homeRegion).",
        "IAM のサーバー証明書の有効期限が daysToExpiration 以内のとき不適合です\
         (ListServerCertificates。homeRegion で評価)。",
    ),
};
const SERVER_CERTIFICATE_PRESENT: Requirement = Requirement {
    code: "SERVER_CERTIFICATE_PRESENT",
    wave: 2,
    resources: &[ResourceType::IAM_SERVER_CERTIFICATE],
    title: Text::new(
        "A server certificate is stored in IAM",
        "サーバー証明書が IAM に保存されています",
    ),
    rule: Text::new(
        "With allowIamServerCertificates false: fails for every server certificate of IAM.",
        "allowIamServerCertificates が false の場合: IAM のサーバー証明書はすべて不適合です。",
    ),
};
const DB_CA_EXPIRING: Requirement = Requirement {
    code: "DB_CA_EXPIRING",
    wave: 1,
    resources: &[ResourceType::RDS_DB_INSTANCE],
    title: Text::new(
        "The certificate authority of the DB instance expires soon",
        "DB インスタンスの認証局の有効期限が近づいています",
    ),
    rule: Text::new(
        "Fails when the certificate authority of a DB instance, or its server certificate where \
         RDS does not renew it by itself, ends within rdsCaDaysToExpiration, or when the server \
         certificate has ended (DescribeDBInstances, DescribeCertificates). RDS renews server \
         certificates of rds-ca-rsa2048-g1 and newer.",
        "DB インスタンスの認証局、または RDS が自動更新しないサーバー証明書の有効期限が \
         rdsCaDaysToExpiration 以内のとき、およびサーバー証明書の期限が切れているとき不適合です\
         (DescribeDBInstances、DescribeCertificates)。rds-ca-rsa2048-g1 以降のサーバー証明書は \
         RDS が自動更新します。",
    ),
};
const PRIVATE_CA_EXPIRING: Requirement = Requirement {
    code: "PRIVATE_CA_EXPIRING",
    wave: 1,
    resources: &[ResourceType::ACMPCA_CERTIFICATE_AUTHORITY],
    title: Text::new(
        "The private CA expires soon or has expired",
        "プライベート CA の有効期限が近づいているか、切れています",
    ),
    rule: Text::new(
        "Fails when an active private CA ends within caDaysToExpiration, or has the status \
         EXPIRED (ListCertificateAuthorities).",
        "有効なプライベート CA の有効期限が caDaysToExpiration 以内のとき、またはステータスが \
         EXPIRED のとき不適合です(ListCertificateAuthorities)。",
    ),
};

const CERTIFICATE_NOT_ISSUED: Remark = Remark::new(
    "CERTIFICATE_NOT_ISSUED",
    "The certificate is not issued yet, or is inactive",
    "証明書は未発行または非アクティブです",
);
const CERTIFICATE_NOT_USED: Remark = Remark::new(
    "CERTIFICATE_NOT_USED",
    "Nothing uses the certificate (onlyInUse)",
    "証明書は使用されていません(onlyInUse)",
);
const NOT_HOME_REGION: Remark = Remark::new(
    "NOT_HOME_REGION",
    "Server certificates of IAM are judged in the home Region",
    "IAM のサーバー証明書はホームリージョンで評価します",
);
const NO_DB_CERTIFICATE: Remark = Remark::new(
    "NO_DB_CERTIFICATE",
    "The DB instance has no certificate of RDS",
    "DB インスタンスは RDS の証明書を使用していません",
);
const CA_NOT_ACTIVE: Remark = Remark::new(
    "CA_NOT_ACTIVE",
    "The private CA is not active",
    "プライベート CA は有効な状態ではありません",
);

/// Whether a time is less than so many days ahead, or past.
fn is_near(end: Timestamp, days: i64, run: &Run<'_>) -> bool {
    end.duration_since(run.now) <= SignedDuration::from_hours(24 * days)
}

/// When something ends, for people.
fn when(en: &str, ja: &str, end: Timestamp, run: &Run<'_>) -> Message {
    let date = end.strftime("%Y-%m-%d");
    let left = end.duration_since(run.now);
    if left.is_positive() {
        let days = left.as_hours() / 24;
        message!(
            "{en} ends on {date}, in {days} days",
            "{ja}の有効期限は {date} です(残り {days} 日)"
        )
    } else {
        message!("{en} ended on {date}", "{ja}の有効期限が {date} に切れています")
    }
}

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let is = |kind: ResourceType| item.resource_type == kind.name;
    if is(ResourceType::ACM_CERTIFICATE) {
        return Ok(Some(acm::evaluate(item, run)?));
    }
    // The item of a global resource names no Region that could be compared offline.
    if is(ResourceType::IAM_SERVER_CERTIFICATE) && !run.offline && !run.home {
        return Ok(Some(Verdict::not_applicable(&NOT_HOME_REGION)));
    }
    Ok(None)
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services {
        config: ConfigService::new(sdk),
        iam: Iam::new(sdk),
        rds: Rds::new(sdk),
        private_ca: PrivateCa::new(sdk),
    })
}

struct Services {
    config: ConfigService,
    iam: Iam,
    rds: Rds,
    private_ca: PrivateCa,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let is = |kind: ResourceType| item.resource_type == kind.name;
        let verdict = if is(ResourceType::IAM_SERVER_CERTIFICATE) {
            self.server_certificate(item, run).await?
        } else if is(ResourceType::RDS_DB_INSTANCE) {
            self.database(item, run).await?
        } else if is(ResourceType::ACMPCA_CERTIFICATE_AUTHORITY) {
            self.authority(&item.resource_id, run).await?
        } else {
            return Ok(acm::evaluate(item, run)?);
        };
        // Deleted since the item was recorded.
        Ok(verdict.unwrap_or_else(|| Verdict::not_applicable(&remarks::RESOURCE_GONE)))
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let (mut all, iam, databases, authorities) = try_join!(
            self.certificates(run),
            self.server_certificates(run),
            self.databases(run),
            self.authorities(run),
        )?;
        all.extend(iam.into_iter().chain(databases).chain(authorities));
        Ok(all)
    }
}

impl Services {
    /// ACM certificates: what was recorded of them, judged by the clock of this run.
    async fn certificates(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let items = self.config.recorded(ResourceType::ACM_CERTIFICATE.name).await?;
        let judge = |item: &ConfigurationItem| {
            let verdict = match runner::preview(&CONTROL, item, run)? {
                Some(verdict) => verdict,
                None => acm::evaluate(item, run)?,
            };
            Ok(Evaluated { resource: Resource::from(item), verdict, at: run.now })
        };
        items.iter().map(judge).collect()
    }

    async fn list_server_certificates(&self) -> Result<Vec<ServerCertificateMetadata>, Error> {
        let mut pages = self.iam.list_server_certificates().into_paginator().send();
        let mut certificates = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.call(LIST_SERVER_CERTIFICATES)?;
            certificates.extend(page.server_certificate_metadata_list);
        }
        Ok(certificates)
    }

    async fn server_certificate(
        &self,
        item: &ConfigurationItem,
        run: &Run<'_>,
    ) -> Result<Option<Verdict>, Error> {
        let id = item.resource_id.as_str();
        let certificates = self.list_server_certificates().await?;
        let found = certificates.iter().find(|one| {
            item.arn.as_deref() == Some(one.arn())
                || [one.arn(), one.server_certificate_name(), one.server_certificate_id()]
                    .contains(&id)
        });
        found.map(|one| services::server_certificate(one, run)).transpose()
    }

    async fn server_certificates(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        if !run.home {
            return Ok(Vec::new());
        }
        let certificates = self.list_server_certificates().await?;
        // The ids under which Config knows them, so that changes and schedules report the same
        // resource; the name is that of a certificate that it does not record.
        let recorded = if certificates.is_empty() {
            Vec::new()
        } else {
            self.config.recorded(ResourceType::IAM_SERVER_CERTIFICATE.name).await?
        };
        let mut all = Vec::new();
        for certificate in &certificates {
            let known = recorded.iter().find(|item| item.arn.as_deref() == Some(certificate.arn()));
            let resource = known.map_or_else(
                || {
                    let kind = ResourceType::IAM_SERVER_CERTIFICATE;
                    let name = certificate.server_certificate_name();
                    let arn = Some(certificate.arn().to_owned());
                    Resource { arn, ..Resource::of(kind, name, run.account_id, run.region) }
                },
                Resource::from,
            );
            let verdict = services::server_certificate(certificate, run)?;
            all.push(Evaluated { resource, verdict, at: run.now });
        }
        Ok(all)
    }

    /// When the certificate authorities of RDS end.
    async fn rds_authorities(&self) -> Result<Authorities, Error> {
        let mut pages = self.rds.describe_certificates().into_paginator().items().send();
        let mut ends = Authorities::new();
        while let Some(authority) = pages.next().await {
            let authority = authority.call(DESCRIBE_CERTIFICATES)?;
            let missing = |field: &str| Error::Answer {
                action: DESCRIBE_CERTIFICATES,
                field: format!("Certificates[].{field}"),
            };
            let end = authority.valid_till().and_then(from_sdk);
            let end = end.ok_or_else(|| missing("ValidTill"))?;
            let name = authority.certificate_identifier;
            ends.insert(name.ok_or_else(|| missing("CertificateIdentifier"))?, end);
        }
        Ok(ends)
    }

    /// The DB instance of this name, or all.
    async fn list_databases(&self, name: Option<String>) -> Result<Vec<DbInstance>, Error> {
        let request = self.rds.describe_db_instances().set_db_instance_identifier(name);
        let mut pages = request.into_paginator().items().send();
        let mut instances = Vec::new();
        while let Some(instance) = pages.next().await {
            match instance.call(DESCRIBE_DB_INSTANCES) {
                Ok(instance) => instances.push(instance),
                Err(error) if error.is("DBInstanceNotFound") => return Ok(Vec::new()),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(instances)
    }

    async fn database(
        &self,
        item: &ConfigurationItem,
        run: &Run<'_>,
    ) -> Result<Option<Verdict>, Error> {
        const NAME: &str = "dBInstanceIdentifier";
        let fields = item.configuration()?;
        let name = fields.text(NAME)?.ok_or_else(|| fields.missing(NAME))?;
        let instances = self.list_databases(Some(name.to_owned())).await?;
        // A name may have passed to another instance since.
        let id = Some(item.resource_id.as_str());
        let found = instances.iter().find(|one| one.dbi_resource_id() == id);
        let Some(instance) = found else { return Ok(None) };
        let authorities = self.rds_authorities().await?;
        services::database(instance, &authorities, run).map(Some)
    }

    async fn databases(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let instances = self.list_databases(None).await?;
        if instances.is_empty() {
            return Ok(Vec::new());
        }
        let authorities = self.rds_authorities().await?;
        let judge = |instance: DbInstance| {
            let verdict = services::database(&instance, &authorities, run)?;
            let id = instance.dbi_resource_id.ok_or_else(|| Error::Answer {
                action: DESCRIBE_DB_INSTANCES,
                field: "DBInstances[].DbiResourceId".to_owned(),
            })?;
            let kind = ResourceType::RDS_DB_INSTANCE;
            let resource = Resource {
                arn: instance.db_instance_arn,
                ..Resource::of(kind, &id, run.account_id, run.region)
            };
            Ok(Evaluated { resource, verdict, at: run.now })
        };
        instances.into_iter().map(judge).collect()
    }

    async fn authority(&self, arn: &str, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
        let request = self.private_ca.describe_certificate_authority();
        let request = request.certificate_authority_arn(arn);
        let answer = match request.send().await.call(DESCRIBE_AUTHORITY) {
            Ok(answer) => answer,
            Err(error) if error.is("ResourceNotFoundException") => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let authority = answer.certificate_authority.ok_or_else(|| Error::Answer {
            action: DESCRIBE_AUTHORITY,
            field: "CertificateAuthority".to_owned(),
        })?;
        services::private_ca(&authority, run).map(Some)
    }

    async fn authorities(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let mut pages =
            self.private_ca.list_certificate_authorities().into_paginator().items().send();
        let mut all = Vec::new();
        while let Some(authority) = pages.next().await {
            let authority = authority.call(LIST_AUTHORITIES)?;
            let verdict = services::private_ca(&authority, run)?;
            let arn = authority.arn.ok_or_else(|| Error::Answer {
                action: LIST_AUTHORITIES,
                field: "CertificateAuthorities[].Arn".to_owned(),
            })?;
            let kind = ResourceType::ACMPCA_CERTIFICATE_AUTHORITY;
            let mut resource = Resource::of(kind, &arn, run.account_id, run.region);
            resource.arn = Some(arn);
            all.push(Evaluated { resource, verdict, at: run.now });
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests;
