//! `iam-least-privilege`: IAM policies grant no more than needed, and people get rights through
//! groups or roles.
//!
//! A policy is judged by what its statements grant together, whatever way they are written. A
//! right "on everything" is one that an unnamed resource is reached by, so that neither a list of
//! exceptions nor a condition on the caller (MFA, addresses, `kms:ViaService`) makes it narrow;
//! conditions on the resource (its tags, a key's aliases) do. Denies count when they hold in any
//! case. The inline policies of one principal are judged together; managed policies have items of
//! their own, and those of AWS are known by their ARN. What several managed policies of one
//! principal add up to is not seen here.
//!
//! Criteria: 統24 6, 実5 3, 実10 8, 実13, 実19, 実27, 実27 4, 実30 4 ask for it. To fix a policy, name
//! the actions and resources that the work needs, and attach it to groups or roles.

mod escalation;
mod parameters;
mod requirements;
mod rights;

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_iam::Client;
use aws_types::SdkConfig;
use fisc_shared::error::Call;
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::policy::{Effect, PolicyDocument, PolicyError, matches_any};
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Limits, Message, Placement,
    Remark, Remedy, ResourceType, Run, ServiceCheck, Severity, Text, Trigger, Verdict, message,
};

use crate::managed_policies::{ADMINISTRATOR, attached, aws_managed};
use crate::rights::Rights;
use escalation::{Way, ways};
use parameters::*;
use requirements::*;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "iam-least-privilege",
    domain: Domain::Identity,
    severity: Severity::High,
    title: Text::new(
        "IAM policies grant no more than needed and people get rights through groups or roles",
        "IAM ポリシーを必要最小限の権限にし、利用者にはグループまたはロールを通じて付与している",
    ),
    why: Text::new(
        "Whoever gets hold of a principal gets all of its rights. Rights that nobody needs, or \
         with which more rights can be taken, turn one lost key into the loss of the account.",
        "認証情報を奪った者は、そのプリンシパルの権限をすべて手に入れます。不要な権限や、さらに\
         権限を広げられる権限があると、鍵ひとつの漏えいがアカウント全体の侵害につながります。",
    ),
    fix: Text::new(
        "In IAM > Policies > the policy > Edit, name the actions and resources that the work needs \
         instead of wildcards; restrict iam:PassRole to role ARNs and iam:PassedToService, and \
         decryption to key ARNs. Attach policies to groups or roles, not to users. List roles of \
         administrators in adminPrincipalPatterns and their policies in adminPolicyArns.",
        "IAM の「ポリシー」>「編集」で、ワイルドカードの代わりに業務に必要なアクションとリソースを\
         指定します。iam:PassRole はロールの ARN と iam:PassedToService で、復号はキーの ARN で\
         限定し、ポリシーはユーザーではなくグループまたはロールにアタッチします。管理者のロールは \
         adminPrincipalPatterns に、そのポリシーは adminPolicyArns に登録します。",
    ),
    remedy: Remedy::new(
        include_str!("iam_least_privilege/remedy.sh"),
        include_str!("iam_least_privilege/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html",
    criteria: Criteria {
        explicit: &["統24 6", "実5 3", "実10 8", "実13", "実19", "実27", "実27 4", "実30 4"],
        implied: &[
            "統1 参考",
            "統20 3-(3)",
            "統24 1",
            "統24 2",
            "実3",
            "実10",
            "実25",
            "実25 3",
            "実42 4",
        ],
    },
    resources: ALL,
    trigger: Trigger::Change,
    placement: Placement::HomeRegion,
    actions: &[Action::on(
        GET_POLICY_VERSION,
        "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/*",
    )],
    parameters: &[
        ONLY_ATTACHED.spec,
        EXCLUDE_BOUNDARY_POLICIES.spec,
        ADMIN_PRINCIPAL_PATTERNS.spec,
        ADMIN_POLICY_ARNS.spec,
        ESCALATION_ACTION_SETS.spec,
        BLOCKED_KMS_ACTIONS.spec,
        RESTRICTED_ACTIONS.spec,
        COMPUTE_SERVICES.spec,
        FORBID_INLINE_POLICIES.spec,
        REQUIRE_GROUP_MEMBERSHIP.spec,
    ],
    requirements: &[
        &FULL_ADMIN_ALLOWED,
        &SERVICE_WILDCARD_ALLOWED,
        &PRIVILEGE_ESCALATION_ALLOWED,
        &PASSROLE_UNRESTRICTED,
        &KMS_DECRYPT_ALL_KEYS,
        &RESTRICTED_ACTION_GRANTED,
        &WORKLOAD_ROLE_TOO_BROAD,
        &USER_HAS_DIRECT_POLICY,
        &INLINE_POLICY_PRESENT,
        &USER_NOT_IN_GROUP,
    ],
    remarks: &[
        &SERVICE_LINKED_ROLE,
        &AWS_MANAGED_POLICY,
        &POLICY_NOT_ATTACHED,
        &BOUNDARY_ONLY,
        &ADMINISTRATORS_POLICY,
        &ADMINISTRATOR_PRINCIPAL,
    ],
    limits: Limits::SMALL,
    check: Check::Service { preview, connect, swept: &[] },
};

const GET_POLICY_VERSION: &str = "iam:GetPolicyVersion";

/// Where the items of principals hold what is judged.
struct Principal {
    resource_type: ResourceType,
    name: &'static str,
    inline: &'static str,
}

const PRINCIPALS: &[Principal] = &[
    Principal {
        resource_type: ResourceType::IAM_GROUP,
        name: "groupName",
        inline: "groupPolicyList",
    },
    Principal { resource_type: ResourceType::IAM_ROLE, name: "roleName", inline: "rolePolicyList" },
    Principal { resource_type: ResourceType::IAM_USER, name: "userName", inline: "userPolicyList" },
];

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let principal = PRINCIPALS.iter().find(|known| known.resource_type.name == item.resource_type);
    match principal {
        Some(principal) => of_principal(principal, item, run).map(Some),
        None => of_policy(item, run),
    }
}

/// The verdict on a managed policy; `None` when the item lacks the document.
fn of_policy(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let fields = item.configuration()?;
    let arn = policy_arn(item, &fields)?;
    if aws_managed(arn).is_some() {
        return Ok(Some(Verdict::not_applicable(&AWS_MANAGED_POLICY)));
    }
    if let Some(remark) = unused(&fields, run)? {
        return Ok(Some(Verdict::not_applicable(remark)));
    }
    if run.parameters.get(&ADMIN_POLICY_ARNS).iter().any(|one| one == arn) {
        let notes = vec![ADMINISTRATORS_POLICY.reason()];
        return Ok(Some(Failures::new().into_verdict_with(notes)));
    }
    for version in fields.list("policyVersionList")?.unwrap_or_default() {
        if version.flag("isDefaultVersion")? == Some(true) {
            let Some(document) = version.at("document")? else { break };
            return judge_policy(document.as_policy()?, item, run).map(Some);
        }
    }
    Ok(None)
}

fn policy_arn<'a>(item: &'a ConfigurationItem, fields: &Fields<'a>) -> Result<&'a str, ItemError> {
    match item.arn.as_deref() {
        Some(arn) => Ok(arn),
        None => fields.text("arn")?.ok_or_else(|| fields.missing("arn")),
    }
}

/// Why the policy gives nobody a right, if it does not.
fn unused(fields: &Fields<'_>, run: &Run<'_>) -> Result<Option<&'static Remark>, ItemError> {
    let count = |key| fields.integer(key)?.ok_or_else(|| fields.missing(key));
    if count("attachmentCount")? > 0 {
        return Ok(None);
    }
    let (attached, bounds) =
        (run.parameters.get(&ONLY_ATTACHED), run.parameters.get(&EXCLUDE_BOUNDARY_POLICIES));
    if !attached && !bounds {
        return Ok(None);
    }
    if count("permissionsBoundaryUsageCount")? > 0 {
        return Ok(bounds.then_some(&BOUNDARY_ONLY));
    }
    Ok(attached.then_some(&POLICY_NOT_ATTACHED))
}

fn judge_policy(
    document: PolicyDocument,
    item: &ConfigurationItem,
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    let mut failures = Failures::new();
    let rights = Rights::new(vec![document], &item.account_id, run.region, None);
    granted(&rights, run, &mut failures)?;
    Ok(failures.into_verdict())
}

/// The verdict on a group, a role or a user.
fn of_principal(
    principal: &Principal,
    item: &ConfigurationItem,
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    let fields = item.configuration()?;
    let text = |key| fields.text(key)?.ok_or_else(|| fields.missing(key));
    if text("path")?.starts_with("/aws-service-role/") {
        return Ok(Verdict::not_applicable(&SERVICE_LINKED_ROLE));
    }
    let name = text(principal.name)?;
    let managed = attached(&fields)?;
    let inline = fields.list(principal.inline)?.ok_or_else(|| fields.missing(principal.inline))?;
    let mut failures = Failures::new();
    let mut notes = Vec::new();
    if matches_any(&run.parameters.get(&ADMIN_PRINCIPAL_PATTERNS), name) {
        notes.push(ADMINISTRATOR_PRINCIPAL.reason());
    } else {
        let documents = inline.iter().map(|policy| {
            let document = policy.at("policyDocument")?;
            let document = document.ok_or_else(|| policy.missing("policyDocument"))?;
            Ok(document.as_policy()?)
        });
        let documents = documents.collect::<Result<_, Error>>()?;
        let holder = item.arn.as_deref();
        let rights = Rights::new(documents, &item.account_id, run.region, holder);
        let named = |name: &str| managed.iter().any(|arn| aws_managed(arn) == Some(name));
        if named(ADMINISTRATOR) {
            failures.because(
                &FULL_ADMIN_ALLOWED,
                message!("{ADMINISTRATOR} is attached", "{ADMINISTRATOR} がアタッチされています"),
            );
        } else if !granted(&rights, run, &mut failures)? && named(IAM_FULL_ACCESS) {
            failures.because(
                &PRIVILEGE_ESCALATION_ALLOWED,
                message!(
                    "{IAM_FULL_ACCESS} is attached",
                    "{IAM_FULL_ACCESS} がアタッチされています"
                ),
            );
        }
    }
    match item.resource_type.as_str() {
        "AWS::IAM::Role" => workload(&fields, &managed, run, &mut failures)?,
        "AWS::IAM::User" => direct(&inline, &managed, &mut failures)?,
        _ => {}
    }
    if run.parameters.get(&FORBID_INLINE_POLICIES) && !inline.is_empty() {
        let Message { en, ja } = Message::named(&names(&inline)?);
        failures.because(
            &INLINE_POLICY_PRESENT,
            message!("Inline policies: {en}", "インラインポリシーがあります: {ja}"),
        );
    }
    if run.parameters.get(&REQUIRE_GROUP_MEMBERSHIP)
        && item.resource_type == ResourceType::IAM_USER.name
        && fields.list("groupList")?.ok_or_else(|| fields.missing("groupList"))?.is_empty()
    {
        failures.add(&USER_NOT_IN_GROUP);
    }
    Ok(failures.into_verdict_with(notes))
}

const IAM_FULL_ACCESS: &str = "IAMFullAccess";

/// Adds what the policies grant beyond what is needed, and tells whether rights can be raised:
/// who holds everything holds every narrower right too, so that is said alone.
fn granted(
    rights: &Rights<'_>,
    run: &Run<'_>,
    failures: &mut Failures,
) -> Result<bool, PolicyError> {
    let built_in: Vec<Way<'_>> = ways().collect();
    if rights.full_admin(&built_in)? {
        failures.add(&FULL_ADMIN_ALLOWED);
        return Ok(true);
    }
    let services = rights.service_wildcards()?;
    if !services.is_empty() {
        let services: Vec<String> = services.iter().map(|one| format!("{one}:*")).collect();
        let Message { en, ja } = Message::named(&services);
        failures.because(
            &SERVICE_WILDCARD_ALLOWED,
            message!("Every action of a service: {en}", "サービスの全アクションを許可: {ja}"),
        );
    }
    let own_sets = run.parameters.get(&ESCALATION_ACTION_SETS);
    let mut raised = Vec::new();
    for way in built_in.into_iter().chain(own_sets.iter().filter_map(|text| Way::parse(text))) {
        if rights.escalates(&way)? {
            raised.push(way.name());
        }
    }
    if !raised.is_empty() {
        let Message { en, ja } = Message::named(&raised);
        failures.because(
            &PRIVILEGE_ESCALATION_ALLOWED,
            message!("Own rights can be raised by {en}", "{ja} により自身の権限を広げられます"),
        );
    }
    if rights.passes_any_role()? {
        failures.add(&PASSROLE_UNRESTRICTED);
    }
    for (requirement, actions) in [
        (&KMS_DECRYPT_ALL_KEYS, rights.on_all_keys(&run.parameters.get(&BLOCKED_KMS_ACTIONS))?),
        (&RESTRICTED_ACTION_GRANTED, rights.on_any(&run.parameters.get(&RESTRICTED_ACTIONS))?),
    ] {
        if !actions.is_empty() {
            let Message { en, ja } = Message::named(&actions);
            let title = requirement.title;
            let (title_en, title_ja) = (title.en, title.ja);
            failures.because(requirement, message!("{title_en}: {en}", "{title_ja}: {ja}"));
        }
    }
    Ok(!raised.is_empty())
}

/// A role that runs workloads, with a policy made for people who administer.
fn workload(
    fields: &Fields<'_>,
    managed: &[&str],
    run: &Run<'_>,
    failures: &mut Failures,
) -> Result<(), Error> {
    const BROAD: [&str; 3] = [ADMINISTRATOR, "PowerUserAccess", IAM_FULL_ACCESS];
    const TRUST: &str = "assumeRolePolicyDocument";
    let broad: Vec<&str> = managed
        .iter()
        .filter_map(|arn| aws_managed(arn))
        .filter(|name| BROAD.contains(name))
        .collect();
    if broad.is_empty() {
        return Ok(());
    }
    let trust = fields.at(TRUST)?.ok_or_else(|| fields.missing(TRUST))?.as_policy()?;
    let compute = run.parameters.get(&COMPUTE_SERVICES);
    let principals = trust.with_effect(Effect::Allow).filter_map(|one| one.principals.as_ref());
    let service = principals.flat_map(|one| &one.service).find(|principal| {
        // `pods.eks.amazonaws.com`, `states.ap-northeast-1.amazonaws.com`: the service is a part.
        principal.split('.').any(|part| compute.iter().any(|service| service == part))
    });
    if let Some(service) = service {
        let Message { en, ja } = Message::named(&broad);
        failures.because(
            &WORKLOAD_ROLE_TOO_BROAD,
            message!("{service} runs with {en}", "{service} が {ja} の権限で動作します"),
        );
    }
    Ok(())
}

/// Policies of a user itself, but for those that let it change its password or that AWS puts on
/// users whose key leaked.
fn direct(
    inline: &[Fields<'_>],
    managed: &[&str],
    failures: &mut Failures,
) -> Result<(), ItemError> {
    let accepted = |arn: &&&str| {
        aws_managed(arn).is_some_and(|name| {
            name == "IAMUserChangePassword" || name.starts_with("AWSCompromisedKeyQuarantine")
        })
    };
    let mut policies = names(inline)?;
    let others = managed.iter().filter(|arn| !accepted(arn));
    policies.extend(others.filter_map(|arn| arn.rsplit('/').next()));
    if !policies.is_empty() {
        let Message { en, ja } = Message::named(&policies);
        failures.because(
            &USER_HAS_DIRECT_POLICY,
            message!(
                "The user has policies of its own: {en}",
                "ユーザーに直接付与されたポリシーがあります: {ja}"
            ),
        );
    }
    Ok(())
}

fn names<'a>(inline: &[Fields<'a>]) -> Result<Vec<&'a str>, ItemError> {
    inline
        .iter()
        .map(|policy| policy.text("policyName")?.ok_or_else(|| policy.missing("policyName")))
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
    /// Asks for the document that a policy's item does not carry.
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let fields = item.configuration()?;
        let version =
            fields.text("defaultVersionId")?.ok_or_else(|| fields.missing("defaultVersionId"))?;
        let call = self.client.get_policy_version().policy_arn(policy_arn(item, &fields)?);
        let answer = call.version_id(version).send().await.call(GET_POLICY_VERSION)?;
        let document = answer.policy_version().and_then(|version| version.document());
        let document = document.ok_or_else(|| Error::Answer {
            action: GET_POLICY_VERSION,
            field: "PolicyVersion.Document".to_owned(),
        })?;
        judge_policy(PolicyDocument::from_text(document)?, item, run)
    }
}

#[cfg(test)]
mod tests;
