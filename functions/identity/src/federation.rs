//! `federation`: people sign in through a central identity provider whose trust settings are
//! current.
//!
//! A SAML provider works until its metadata or the last of its signing certificates ends; then
//! nobody gets in, and somebody fixes it in a hurry. A provider that no role trusts any more is a
//! forgotten way in. On request, the account must have federated sign-in at all, its providers
//! must be approved ones, and IAM users must not have passwords, or must not exist.
//! What IAM Identity Center and outside providers demand of their users has no public API: that
//! is proven there. Providers also serve without any role trusting them, as with AWS Client VPN or
//! in an identity pool of Cognito: a parameter names those.
//!
//! Criteria: 統24 6, 実8 7, 実15 3, 実19, 実48 ask for it. To fix a provider, upload new metadata
//! from the identity provider, or delete the provider.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_iam::Client;
use aws_sdk_iam::types::EntityType;
use aws_types::SdkConfig;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::config_service::from_sdk;
use fisc_shared::error::Call;
use fisc_shared::parameter::Param;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remark, Remedy, Requirement, Resource, ResourceType, Run, ServiceCheck, Severity,
    Text, Trigger, Verdict, no_item_tells,
};
use futures::stream::{self, StreamExt, TryStreamExt};

use self::bars::Bars;
use self::identities::{GET_ACCOUNT_AUTHORIZATION_DETAILS, Identities, User};
use self::judge::{OidcProvider, SamlProvider};
use self::saml::Metadata;
use crate::credential_report::{self, CredentialReport};

mod bars;
mod identities;
mod judge;
mod saml;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "federation",
    domain: Domain::Identity,
    severity: Severity::Medium,
    title: Text::new(
        "People sign in through a central identity provider whose trust is current",
        "利用者認証を一元的な IdP に統合し、フェデレーション設定を最新に保つ",
    ),
    why: Text::new(
        "With one place where people are registered, somebody who leaves is locked out \
         everywhere at once. When the metadata of that place ends unnoticed, everybody is locked \
         out; when a provider is forgotten, a way in stays open.",
        "利用者を一か所で管理していれば、退職者の利用をすべてのシステムで同時に止められます。その\
         メタデータが気付かれずに失効すると全員がサインインできなくなり、使われなくなったプロバイダーを\
         放置すると侵入口が残ります。",
    ),
    fix: Text::new(
        "Download the current metadata from the identity provider and replace it in IAM > Identity \
         providers > the provider > Replace metadata. Delete providers that no role trusts and \
         nothing else uses. Let people sign in through IAM Identity Center or a SAML provider, and \
         remove the console access of IAM users (Users > Security credentials).",
        "ID プロバイダーから最新のメタデータを取得し、IAM の「ID プロバイダー」>「メタデータを置き\
         換える」で更新します。どのロールからも信頼されず他の用途もないプロバイダーは削除します。\
         人のサインインは IAM Identity Center または SAML プロバイダー経由とし、IAM ユーザーの\
         「セキュリティ認証情報」でコンソールアクセスを無効にします。",
    ),
    remedy: Remedy::new(
        include_str!("federation/remedy.sh"),
        include_str!("federation/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers.html",
    criteria: Criteria {
        explicit: &["統24 6", "実8 7", "実15 3", "実19", "実48"],
        implied: &["実1 5", "実8 参考4", "実9"],
    },
    resources: JUDGED,
    trigger: Trigger::Periodic,
    placement: Placement::HomeRegion,
    actions: &[
        Action::any(LIST_SAML_PROVIDERS),
        Action::on(GET_SAML_PROVIDER, SAML_PROVIDERS),
        Action::any(LIST_OIDC_PROVIDERS),
        Action::any(GET_ACCOUNT_AUTHORIZATION_DETAILS),
        Action::any(credential_report::GENERATE),
        Action::any(credential_report::GET),
    ],
    parameters: &[
        REQUIRE_FEDERATION.spec,
        FORBID_CONSOLE_PASSWORDS.spec,
        BREAK_GLASS_USER_NAMES.spec,
        IDENTITY_ACCOUNT_ID.spec,
        MIN_METADATA_DAYS.spec,
        APPROVED_ENTITY_IDS.spec,
        APPROVED_OIDC_ISSUERS.spec,
        OTHERWISE_USED_PROVIDERS.spec,
    ],
    requirements: &[
        &SAML_METADATA_EXPIRING,
        &PROVIDER_UNUSED,
        &PROVIDER_NOT_APPROVED,
        &FEDERATION_MISSING,
        &CONSOLE_PASSWORD_PRESENT,
        &USER_OUTSIDE_IDENTITY_ACCOUNT,
    ],
    remarks: &[&IDENTITY_CENTER_PROVIDER, &EKS_CLUSTER_PROVIDER, &USED_OTHERWISE],
    limits: Limits::SWEEP,
    // The items of providers carry their names only.
    check: Check::Service { preview: no_item_tells, connect, swept: JUDGED },
};

const JUDGED: &[ResourceType] = &[
    ResourceType::ACCOUNT,
    ResourceType::IAM_SAML_PROVIDER,
    ResourceType::IAM_OIDC_PROVIDER,
    ResourceType::IAM_USER,
];

const LIST_SAML_PROVIDERS: &str = "iam:ListSAMLProviders";
const GET_SAML_PROVIDER: &str = "iam:GetSAMLProvider";
const LIST_OIDC_PROVIDERS: &str = "iam:ListOpenIDConnectProviders";
const SAML_PROVIDERS: &str = "arn:${AWS::Partition}:iam::${AWS::AccountId}:saml-provider/*";

const REQUIRE_FEDERATION: Param<bool> = Param::flag(
    "requireFederation",
    false,
    Text::new(
        "The account must have IAM Identity Center access or a SAML provider",
        "IAM Identity Center によるアクセスまたは SAML プロバイダーを必須とする",
    ),
);

const FORBID_CONSOLE_PASSWORDS: Param<bool> = Param::flag(
    "forbidConsolePasswords",
    false,
    Text::new(
        "IAM users may not have a console password",
        "IAM ユーザーにコンソールのパスワードを認めない",
    ),
);

const BREAK_GLASS_USER_NAMES: Param<Vec<String>> = Param::list(
    "breakGlassUserNames",
    &[],
    Text::new(
        "Names of users for emergencies, who may exist and have a password everywhere",
        "どのアカウントでも存在とパスワードを認める緊急用ユーザーの名前",
    ),
);

const IDENTITY_ACCOUNT_ID: Param<String> = Param::text(
    "identityAccountId",
    "",
    Text::new(
        "The only account that may have IAM users",
        "IAM ユーザーの存在を認める唯一のアカウントの ID",
    ),
);

const MIN_METADATA_DAYS: Param<i64> = Param::integer(
    "minMetadataDays",
    30,
    0,
    3650,
    Text::new(
        "Days that SAML metadata and a signing certificate must still be valid",
        "SAML メタデータと署名証明書に必要な残り有効日数",
    ),
);

const APPROVED_ENTITY_IDS: Param<Vec<String>> = Param::list(
    "approvedEntityIds",
    &[],
    Text::new(
        "Accepted SAML issuers (entity ids, * for any text); none given: any",
        "認める SAML の発行者(エンティティ ID、* は任意の文字列)。未指定ならすべて認める",
    ),
);

const APPROVED_OIDC_ISSUERS: Param<Vec<String>> = Param::list(
    "approvedOidcIssuers",
    &[],
    Text::new(
        "Accepted OIDC issuers (* for any text); none given: any",
        "認める OIDC の発行者(* は任意の文字列)。未指定ならすべて認める",
    ),
);

const OTHERWISE_USED_PROVIDERS: Param<Vec<String>> = Param::list(
    "otherwiseUsedProviders",
    &[],
    Text::new(
        "Names, issuers or ARNs of providers that something else than a role uses, such as AWS \
         Client VPN or a Cognito identity pool",
        "ロール以外(AWS Client VPN や Cognito ID プールなど)が使うプロバイダーの名前、発行者または ARN",
    ),
);

const SAML_METADATA_EXPIRING: Requirement = Requirement {
    code: "SAML_METADATA_EXPIRING",
    wave: 2,
    resources: &[ResourceType::IAM_SAML_PROVIDER],
    title: Text::new(
        "The SAML metadata or its signing certificates end soon",
        "SAML メタデータまたは署名証明書の期限が迫っています",
    ),
    rule: Text::new(
        "Fails when the provider's validity ends within minMetadataDays, or no signing certificate \
         in its metadata is valid now and stays so that long (GetSAMLProvider). Keys for \
         encryption and issuing authorities do not count.",
        "プロバイダーの有効期限が minMetadataDays 以内に切れるとき、または現在有効でその日数以上有効な\
         署名証明書がメタデータに 1 つもないとき不適合です(GetSAMLProvider)。暗号化用の鍵と発行元の\
         認証局は数えません。",
    ),
};

const PROVIDER_UNUSED: Requirement = Requirement {
    code: "PROVIDER_UNUSED",
    wave: 2,
    resources: &[ResourceType::IAM_SAML_PROVIDER, ResourceType::IAM_OIDC_PROVIDER],
    title: Text::new(
        "No role trusts the identity provider",
        "ID プロバイダーを信頼するロールがありません",
    ),
    rule: Text::new(
        "Fails when no role's trust policy allows the provider anything and it is not among \
         otherwiseUsedProviders (GetAccountAuthorizationDetails). Providers of EKS clusters are \
         not judged.",
        "信頼ポリシーでプロバイダーに許可を与えるロールがなく、otherwiseUsedProviders にもないとき\
         不適合です(GetAccountAuthorizationDetails)。EKS クラスターのプロバイダーは評価しません。",
    ),
};

const PROVIDER_NOT_APPROVED: Requirement = Requirement {
    code: "PROVIDER_NOT_APPROVED",
    wave: 3,
    resources: &[ResourceType::IAM_SAML_PROVIDER, ResourceType::IAM_OIDC_PROVIDER],
    title: Text::new(
        "The identity provider is not an approved one",
        "承認されていない ID プロバイダーです",
    ),
    rule: Text::new(
        "With approvedEntityIds or approvedOidcIssuers: fails when the entity id in the metadata \
         (GetSAMLProvider), or the issuer (ListOpenIDConnectProviders), is not in the list.",
        "approvedEntityIds または approvedOidcIssuers を指定した場合: メタデータのエンティティ ID\
         (GetSAMLProvider)または発行者(ListOpenIDConnectProviders)が一覧にないとき不適合です。",
    ),
};

const FEDERATION_MISSING: Requirement = Requirement {
    code: "FEDERATION_MISSING",
    wave: 3,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "There is no sign-in besides IAM users",
        "IAM ユーザー以外のサインイン手段がありません",
    ),
    rule: Text::new(
        "With requireFederation: fails when the account has neither a SAML provider nor a role \
         that IAM Identity Center keeps (ListSAMLProviders, GetAccountAuthorizationDetails).",
        "requireFederation を指定した場合: SAML プロバイダーも IAM Identity Center の予約ロールも\
         ないとき不適合です(ListSAMLProviders、GetAccountAuthorizationDetails)。",
    ),
};

const CONSOLE_PASSWORD_PRESENT: Requirement = Requirement {
    code: "CONSOLE_PASSWORD_PRESENT",
    wave: 3,
    resources: &[ResourceType::IAM_USER],
    title: Text::new(
        "The IAM user has a console password",
        "IAM ユーザーにコンソールのパスワードがあります",
    ),
    rule: Text::new(
        "With forbidConsolePasswords: fails when the user has a password (the credential report) \
         and is not among breakGlassUserNames.",
        "forbidConsolePasswords を指定した場合: パスワードがあり(認証情報レポート)、\
         breakGlassUserNames にないユーザーは不適合です。",
    ),
};

const USER_OUTSIDE_IDENTITY_ACCOUNT: Requirement = Requirement {
    code: "USER_OUTSIDE_IDENTITY_ACCOUNT",
    wave: 3,
    resources: &[ResourceType::IAM_USER],
    title: Text::new(
        "The IAM user is not in the identity account",
        "ID 管理用アカウント以外の IAM ユーザーです",
    ),
    rule: Text::new(
        "With identityAccountId: fails when the user is in another account and not among \
         breakGlassUserNames (GetAccountAuthorizationDetails).",
        "identityAccountId を指定した場合: 他のアカウントにあり、breakGlassUserNames にないユーザーは\
         不適合です(GetAccountAuthorizationDetails)。",
    ),
};

const IDENTITY_CENTER_PROVIDER: Remark = Remark::new(
    "IDENTITY_CENTER_PROVIDER",
    "IAM Identity Center made the provider and keeps it current",
    "IAM Identity Center が作成し、最新に保つプロバイダーです",
);
const EKS_CLUSTER_PROVIDER: Remark = Remark::new(
    "EKS_CLUSTER_PROVIDER",
    "No role trusts this provider of an EKS cluster, which grants nothing",
    "EKS クラスターのプロバイダーで、どのロールからも信頼されず何の権限も与えません",
);
const USED_OTHERWISE: Remark = Remark::new(
    "USED_OTHERWISE",
    "No role trusts the provider, but otherwiseUsedProviders names it",
    "信頼するロールはありませんが、otherwiseUsedProviders に指定されています",
);

/// Which users have a password. A user is not in the report when it is newer; then the row of its
/// name is about an earlier user.
fn passwords(report: &CredentialReport, users: &[User]) -> Result<BTreeMap<String, bool>, Error> {
    let rows: BTreeMap<&str, _> = report.users().map(|row| (row.user(), row)).collect();
    let newer = |user: &User| match (user.created, report.generated()) {
        (Some(created), Some(generated)) => created > generated,
        _ => false,
    };
    users
        .iter()
        .filter(|user| !newer(user))
        .filter_map(|user| Some((&user.name, rows.get(user.name.as_str())?)))
        .map(|(name, row)| {
            let password = row.has_password().ok_or_else(|| Error::Answer {
                action: credential_report::GET,
                field: format!("Content: password_enabled of user {name}"),
            })?;
            Ok((name.clone(), password))
        })
        .collect()
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Iam { client: Client::new(sdk) })
}

struct Iam {
    client: Client,
}

#[async_trait]
impl ServiceCheck for Iam {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let id = &item.resource_id;
        let evaluated = self.sweep(run).await?;
        let same = |one: &Evaluated| one.resource.id == *id;
        evaluated.into_iter().find(same).map(|one| one.verdict).ok_or_else(|| {
            Error::Control(format!("{id} is not judged: it is gone, or no parameter asks for it"))
        })
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let bars = Bars::new(run)?;
        let saml = self.saml_providers().await?;
        let oidc = self.oidc_providers().await?;
        let mut kinds = Vec::new();
        if !saml.is_empty() || !oidc.is_empty() || bars.federation_required {
            kinds.push(EntityType::Role);
        }
        if bars.judges_users() {
            kinds.push(EntityType::User);
        }
        let identities = Identities::fetch(&self.client, kinds).await?;
        let passwords = if bars.passwords_forbidden && !identities.users.is_empty() {
            passwords(&CredentialReport::fetch(&self.client).await?, &identities.users)?
        } else {
            BTreeMap::new()
        };

        let global = |kind, id: &str, arn: &str, verdict| Evaluated {
            resource: Resource {
                arn: Some(arn.to_owned()),
                ..Resource::of(kind, id, run.account_id, "global")
            },
            verdict,
            at: run.now,
        };
        let mut evaluated = Vec::new();
        if bars.federation_required {
            evaluated.push(Evaluated {
                resource: Resource::account(run.account_id, run.region),
                verdict: judge::account(!saml.is_empty(), &identities),
                at: run.now,
            });
        }
        for one in &saml {
            let verdict = one.decide(&identities, &bars);
            evaluated.push(global(ResourceType::IAM_SAML_PROVIDER, &one.arn, &one.arn, verdict));
        }
        for one in &oidc {
            let verdict = one.decide(&identities, &bars);
            evaluated.push(global(ResourceType::IAM_OIDC_PROVIDER, &one.arn, &one.arn, verdict));
        }
        for user in &identities.users {
            if let Some(verdict) = judge::user(user, passwords.get(&user.name).copied(), &bars) {
                evaluated.push(global(ResourceType::IAM_USER, &user.id, &user.arn, verdict));
            }
        }
        Ok(evaluated)
    }
}

impl Iam {
    async fn saml_providers(&self) -> Result<Vec<SamlProvider>, Error> {
        let answer = self.client.list_saml_providers().send().await.call(LIST_SAML_PROVIDERS)?;
        let arns = answer.saml_provider_list.unwrap_or_default().into_iter().map(|one| {
            one.arn.ok_or_else(|| Error::Answer {
                action: LIST_SAML_PROVIDERS,
                field: "SAMLProviderList[].Arn".to_owned(),
            })
        });
        let arns = arns.collect::<Result<Vec<_>, _>>()?;
        stream::iter(arns)
            .map(|arn| self.saml_provider(arn))
            .buffered(CONCURRENCY)
            .try_collect()
            .await
    }

    async fn saml_provider(&self, arn: String) -> Result<SamlProvider, Error> {
        let mut provider = SamlProvider { arn, valid_until: None, metadata: None };
        if provider.is_of_identity_center() {
            return Ok(provider);
        }
        let request = self.client.get_saml_provider().saml_provider_arn(&provider.arn);
        let answer = request.send().await.call(GET_SAML_PROVIDER)?;
        let document = answer.saml_metadata_document.ok_or_else(|| Error::Answer {
            action: GET_SAML_PROVIDER,
            field: "SAMLMetadataDocument".to_owned(),
        })?;
        provider.metadata = Some(Metadata::parse(&document, provider.name())?);
        // Later than any time that can be computed with is as good as never.
        provider.valid_until = answer.valid_until.as_ref().and_then(from_sdk);
        Ok(provider)
    }

    async fn oidc_providers(&self) -> Result<Vec<OidcProvider>, Error> {
        let request = self.client.list_open_id_connect_providers();
        let answer = request.send().await.call(LIST_OIDC_PROVIDERS)?;
        let list = answer.open_id_connect_provider_list.unwrap_or_default();
        list.into_iter()
            .map(|one| {
                one.arn.map(|arn| OidcProvider { arn }).ok_or_else(|| Error::Answer {
                    action: LIST_OIDC_PROVIDERS,
                    field: "OpenIDConnectProviderList[].Arn".to_owned(),
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests;
