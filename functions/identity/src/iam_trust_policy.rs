//! `iam-trust-policy`: roles can be assumed only by approved accounts, services and identity
//! providers.
//!
//! Every Allow of the trust policy is judged for somebody whom nobody meant: a stranger, an
//! account that is not approved, a vendor's customer without the external id, a token of another
//! subject or for another audience. It fails when such a request can meet the conditions and no
//! Deny is certain to stop it. So `...IfExists`, `ForAllValues`, negations and bare wildcards are
//! judged by what they let through. A subject such as `repo:our-org/*` is accepted: it is as wide
//! as the organization, but not wider.
//!
//! Criteria: 統24 6 asks for the review of roles. To fix a role, name the accounts, and bind
//! tokens to an audience and a subject.

mod oidc;
mod parameters;
mod requirements;

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_iam::Client;
use aws_types::SdkConfig;
use fisc_shared::error::Call;
use fisc_shared::policy::{
    Conditions, Context, Effect, Grants, Known, ORG_ID, Party, PolicyDocument, PolicyError,
    Statement, TRUSTED_ACCOUNT_IDS, Trust, Universe,
};
use fisc_shared::resource::is_account_id;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Limits, Message, Placement,
    Remedy, Run, ServiceCheck, Severity, Text, Trigger, Verdict, message,
};

use crate::managed_policies::{ADMINISTRATOR, attached, aws_managed};
use parameters::*;
use requirements::*;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "iam-trust-policy",
    domain: Domain::Identity,
    severity: Severity::High,
    title: Text::new(
        "Roles can be assumed only by approved accounts, services and identity providers",
        "ロールを引き受けられる相手を、承認済みのアカウント・サービス・ID プロバイダーに限定している",
    ),
    why: Text::new(
        "The trust policy is the door to a role: whoever it admits has the role's rights, from \
         any place, without a user of this account. An open subject of a token lets any \
         customer of the identity provider in.",
        "信頼ポリシーはロールの入口です。許可された相手は、このアカウントのユーザーでなくても、\
         どこからでもロールの権限を使えます。トークンのサブジェクトを限定しないと、同じ ID \
         プロバイダーを使う第三者もロールを引き受けられます。",
    ),
    fix: Text::new(
        "In IAM > Roles > the role > Trust relationships > Edit name accounts and list them in \
         trustedAccountIds, or tie them to aws:PrincipalOrgID. List vendors in vendorAccountIds and \
         demand sts:ExternalId with StringEquals. For OIDC providers test the audience and the \
         subject with StringEquals, or StringLike with at least the organization spelt out.",
        "IAM の「ロール」>「信頼関係」>「信頼ポリシーを編集」で、アカウントを指定して \
         trustedAccountIds に登録するか、aws:PrincipalOrgID で限定します。委託先のアカウントは \
         vendorAccountIds に登録し、StringEquals の sts:ExternalId を条件とします。OIDC \
         プロバイダーでは、対象者(aud)とサブジェクト(sub)を StringEquals、または少なくとも\
         組織名まで指定した StringLike で限定します。",
    ),
    remedy: Remedy::new(
        include_str!("iam_trust_policy/remedy.sh"),
        include_str!("iam_trust_policy/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-user_externalid.html",
    criteria: Criteria {
        explicit: &["統24 6"],
        implied: &["統1 参考", "統20 3-(3)", "統24 1", "統24 2", "実9", "実19", "実25 3", "実76 3"],
    },
    resources: ROLE,
    trigger: Trigger::Change,
    placement: Placement::HomeRegion,
    actions: &[Action::on(GET_ROLE, "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/*")],
    parameters: &[
        TRUSTED_ACCOUNT_IDS.spec,
        ORG_ID.spec,
        VENDOR_ACCOUNT_IDS.spec,
        APPROVED_PROVIDER_ARNS.spec,
        REQUIRE_MFA_FOR_PEOPLE.spec,
    ],
    requirements: &[
        &PUBLIC_PRINCIPAL,
        &UNAPPROVED_ACCOUNT,
        &EXTERNAL_ID_MISSING,
        &THIRD_PARTY_ADMIN,
        &OIDC_SUBJECT_UNRESTRICTED,
        &UNAPPROVED_PROVIDER,
        &MFA_CONDITION_MISSING,
    ],
    remarks: &[&AWS_OWNED_ROLE, &SERVICES_ONLY],
    limits: Limits::SMALL,
    check: Check::Service { preview, connect, swept: &[] },
};

const GET_ROLE: &str = "iam:GetRole";

/// Every way to assume the role.
fn assuming() -> Universe {
    Universe::new("sts:AssumeRole*", "*")
}

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let fields = item.configuration()?;
    let path = fields.text("path")?.ok_or_else(|| fields.missing("path"))?;
    if ["/aws-service-role/", "/aws-reserved/"].iter().any(|own| path.starts_with(own)) {
        return Ok(Some(Verdict::not_applicable(&AWS_OWNED_ROLE)));
    }
    let Some(document) = fields.at("assumeRolePolicyDocument")? else { return Ok(None) };
    judge(&document.as_policy()?, item, run).map(Some)
}

fn judge(
    document: &PolicyDocument,
    item: &ConfigurationItem,
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    let mut failures = Failures::new();
    outsiders(document, item, run, &mut failures)?;
    vendors(document, item, run, &mut failures)?;
    providers(document, item, run, &mut failures)?;
    if run.parameters.get(&REQUIRE_MFA_FOR_PEOPLE) {
        people(document, run, &mut failures)?;
    }
    let verdict = failures.into_verdict();
    if verdict == Verdict::compliant() && services_only(document) {
        return Ok(Verdict::not_applicable(&SERVICES_ONLY));
    }
    Ok(verdict)
}

/// Strangers and accounts that are neither approved nor vendors.
fn outsiders(
    document: &PolicyDocument,
    item: &ConfigurationItem,
    run: &Run<'_>,
    failures: &mut Failures,
) -> Result<(), PolicyError> {
    let mut trust = Trust::of(&item.account_id, run.parameters);
    trust.accounts.extend(run.parameters.get(&VENDOR_ACCOUNT_IDS));
    let outsiders = document.outsiders(&trust, &assuming())?;
    if outsiders.contains(&Party::Stranger) {
        failures.add(&PUBLIC_PRINCIPAL);
    }
    if let Some(Message { en, ja }) = Party::accounts_named(&outsiders) {
        failures.because(
            &UNAPPROVED_ACCOUNT,
            message!("The role can be assumed by {en}", "{ja} がロールを引き受けられます"),
        );
    }
    Ok(())
}

/// Accounts of vendors, who act for other customers too.
fn vendors(
    document: &PolicyDocument,
    item: &ConfigurationItem,
    run: &Run<'_>,
    failures: &mut Failures,
) -> Result<(), Error> {
    let somebody_elses = given(document, EXTERNAL_ID, &[Known::Absent, Known::STRANGE]);
    let (mut admitted, mut without_id) = (Vec::new(), Vec::new());
    for account in run.parameters.get(&VENDOR_ACCOUNT_IDS) {
        let vendor = Party::Account(account.clone());
        if document.admits(&vendor, &assuming())? {
            if somebody_elses.admits(&vendor, &assuming())? {
                without_id.push(account.clone());
            }
            admitted.push(account);
        }
    }
    if !without_id.is_empty() {
        let Message { en, ja } = Message::named(&without_id);
        failures.because(
            &EXTERNAL_ID_MISSING,
            message!(
                "No fixed external id is demanded of {en}",
                "{ja} に固定の外部 ID を求めていません"
            ),
        );
    }
    if !admitted.is_empty() {
        let managed = attached(&item.configuration()?)?;
        if managed.iter().any(|arn| aws_managed(arn) == Some(ADMINISTRATOR)) {
            let Message { en, ja } = Message::named(&admitted);
            failures.because(
                &THIRD_PARTY_ADMIN,
                message!(
                    "{en} can assume a role with {ADMINISTRATOR}",
                    "{ja} が {ADMINISTRATOR} のロールを引き受けられます"
                ),
            );
        }
    }
    Ok(())
}

const EXTERNAL_ID: &str = "sts:externalid";

/// The document as it reads for requests in which `key` has one of these values: Allows that none
/// of them meets are gone, and Denies no longer ask for what they all meet.
fn given(document: &PolicyDocument, key: &str, options: &[Known]) -> PolicyDocument {
    let context = Context::new().with(key, options);
    let statements = document.statements.iter().filter_map(|statement| match statement.effect {
        Effect::Allow => statement.conditions.admit(&context).then(|| statement.clone()),
        Effect::Deny => {
            let mut statement = statement.clone();
            let (about, others) =
                statement.conditions.tests.into_iter().partition(|test| test.key == key);
            let holds = Conditions { tests: about }.surely_hold(&context);
            statement.conditions.tests = others;
            holds.then_some(statement)
        }
    });
    PolicyDocument { statements: statements.collect() }
}

/// Identity providers: which, and whose tokens.
fn providers(
    document: &PolicyDocument,
    item: &ConfigurationItem,
    run: &Run<'_>,
    failures: &mut Failures,
) -> Result<(), PolicyError> {
    let approved = run.parameters.get(&APPROVED_PROVIDER_ARNS);
    let accepted = |provider: &str| match approved.is_empty() {
        false => approved.iter().any(|one| one == provider),
        true => {
            !provider.starts_with("arn:")
                || provider.split(':').nth(4) == Some(item.account_id.as_str())
        }
    };
    let named: BTreeSet<&str> = document
        .with_effect(Effect::Allow)
        .filter_map(|one| one.principals.as_ref())
        .filter(|principals| !principals.negated)
        .flat_map(|principals| &principals.federated)
        .map(String::as_str)
        .collect();
    let (mut open, mut unknown) = (Vec::new(), Vec::new());
    for provider in named {
        if !tokens(document, provider, &Context::new(), "sts:AssumeRoleWith*")? {
            continue;
        }
        if !accepted(provider) {
            unknown.push(short(provider));
        }
        for context in oidc::strangers(document, provider) {
            if tokens(document, provider, &context, "sts:AssumeRoleWithWebIdentity")? {
                open.push(short(provider));
                break;
            }
        }
    }
    if !open.is_empty() {
        let Message { en, ja } = Message::named(&open);
        failures.because(
            &OIDC_SUBJECT_UNRESTRICTED,
            message!(
                "Tokens of {en} are not bound to an audience and a subject",
                "{ja} のトークンの対象者(aud)またはサブジェクト(sub)が限定されていません"
            ),
        );
    }
    if !unknown.is_empty() {
        let Message { en, ja } = Message::named(&unknown);
        failures.because(
            &UNAPPROVED_PROVIDER,
            message!("{en} is not approved", "{ja} は承認されていません"),
        );
    }
    Ok(())
}

/// The name of a provider, without the ARN around it.
fn short(provider: &str) -> &str {
    provider.split_once('/').map_or(provider, |(_, name)| name)
}

/// Whether a token of this context can be turned into a session of the role.
fn tokens(
    document: &PolicyDocument,
    provider: &str,
    context: &Context,
    action: &str,
) -> Result<bool, PolicyError> {
    let names = |statement: &&Statement| {
        statement.principals.as_ref().is_some_and(|principals| {
            let listed = principals.federated.iter().any(|one| one == provider)
                || principals.aws.iter().any(|one| one == "*");
            listed != principals.negated
        })
    };
    let allows = document.with_effect(Effect::Allow).filter(names);
    let denies = document.with_effect(Effect::Deny).filter(names);
    let grants = Grants::new(
        allows.filter(|one| one.conditions.admit(context)),
        denies.filter(|one| one.conditions.surely_hold(context)),
    );
    grants.any(&Universe::new(action, "*"))
}

/// Accounts and users that get in without MFA; vendors come with an external id instead.
fn people(
    document: &PolicyDocument,
    run: &Run<'_>,
    failures: &mut Failures,
) -> Result<(), PolicyError> {
    // Access keys carry no answer at all, sessions of the console say false.
    let context = Context::new()
        .with("aws:multifactorauthpresent", &[Known::Absent, Known::Value("false".to_owned())])
        .with("aws:multifactorauthage", &[Known::Absent]);
    let vendors = run.parameters.get(&VENDOR_ACCOUNT_IDS);
    let named = document.with_effect(Effect::Allow).filter_map(|one| one.principals.as_ref());
    let people: BTreeSet<&str> = named
        .flat_map(|principals| &principals.aws)
        .map(String::as_str)
        .filter(|principal| is_people(principal, &vendors))
        .collect();
    let mut without = Vec::new();
    for principal in people {
        let names = |statement: &&Statement| {
            statement.principals.as_ref().is_some_and(|principals| {
                let listed = principals.aws.iter().any(|one| one == principal || one == "*");
                listed != principals.negated
            })
        };
        let grants = Grants::new(
            document
                .with_effect(Effect::Allow)
                .filter(names)
                .filter(|one| one.conditions.admit(&context)),
            document
                .with_effect(Effect::Deny)
                .filter(names)
                .filter(|one| one.conditions.surely_hold(&context)),
        );
        if grants.any(&assuming())? {
            without.push(principal);
        }
    }
    if !without.is_empty() {
        let Message { en, ja } = Message::named(&without);
        failures.because(
            &MFA_CONDITION_MISSING,
            message!("No MFA is demanded of {en}", "{ja} に MFA を求めていません"),
        );
    }
    Ok(())
}

/// Whether a principal is, or stands for, people: a user, or an account as a whole.
fn is_people(principal: &str, vendors: &[String]) -> bool {
    let account = principal.split(':').nth(4).unwrap_or(principal);
    if vendors.iter().any(|vendor| vendor == account) {
        return false;
    }
    match principal.strip_prefix("arn:").and_then(|rest| rest.splitn(5, ':').nth(4)) {
        Some(resource) => resource == "root" || resource.starts_with("user/"),
        None => is_account_id(principal),
    }
}

/// Whether nobody but AWS services is named.
fn services_only(document: &PolicyDocument) -> bool {
    let mut named = document.with_effect(Effect::Allow).filter_map(|one| one.principals.as_ref());
    named.all(|principals| {
        !principals.negated
            && principals.aws.is_empty()
            && principals.federated.is_empty()
            && principals.canonical.is_empty()
    })
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Iam { client: Client::new(sdk) })
}

struct Iam {
    client: Client,
}

#[async_trait]
impl ServiceCheck for Iam {
    /// Asks for the trust policy that the item does not carry.
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let fields = item.configuration()?;
        let name = fields.text("roleName")?.ok_or_else(|| fields.missing("roleName"))?;
        let answer = self.client.get_role().role_name(name).send().await.call(GET_ROLE)?;
        let document = answer.role().and_then(|role| role.assume_role_policy_document());
        let document = document.ok_or_else(|| Error::Answer {
            action: GET_ROLE,
            field: "Role.AssumeRolePolicyDocument".to_owned(),
        })?;
        judge(&PolicyDocument::from_text(document)?, item, run)
    }
}

#[cfg(test)]
mod tests;
