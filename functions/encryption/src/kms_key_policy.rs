//! `kms-key-policy`: KMS key policies admit only approved accounts and keep key administrators
//! apart from key users.
//!
//! The key policy is the root of every right on a key. It fails when strangers or accounts that
//! are not trusted get in, when somebody besides the account's root holds every action, and when
//! one principal can both administer the key and use it: who holds both can read the data and
//! cover the traces. Rights that IAM policies give on top, through the statement for the account's
//! root, are not seen here.
//!
//! Criteria: 統24 6, 統24 8, 実3, 実3 8, 実13, 実13 5, 実30 4 ask for it. To fix a key, name the
//! principals in the policy, with separate statements for administrators and users.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_kms::Client;
use aws_types::SdkConfig;
use fisc_shared::error::Call;
use fisc_shared::item::ItemError;
use fisc_shared::parameter::Param;
use fisc_shared::policy::{
    Effect, Grants, ORG_ID, Party, PolicyDocument, PolicyError, Principals, Request, Statement,
    TRUSTED_ACCOUNT_IDS, Trust, Truth, Universe,
};
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Limits, Message, Placement,
    Remark, Remedy, Requirement, ResourceType, Run, ServiceCheck, Severity, Text, Trigger, Verdict,
    message,
};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "kms-key-policy",
    domain: Domain::Encryption,
    severity: Severity::High,
    title: Text::new(
        "KMS key policies admit only approved accounts and keep key administrators apart from users",
        "KMS キーポリシーが承認済みアカウントだけに許可し、キーの管理者と利用者を分離している",
    ),
    why: Text::new(
        "Whoever a key policy admits can read what the key protects. An administrator who may also \
         use the key can reach the data alone, without a second person noticing.",
        "キーポリシーが許可した相手は、そのキーで守られたデータを読むことができます。管理者がキーを\
         利用する権限も持つと、ほかの担当者に気付かれることなく一人でデータに到達できます。",
    ),
    fix: Text::new(
        "In the KMS console open the key > Key policy > Edit: name the roles that administer the \
         key in one statement and those that use it in another, both without kms:*, and leave kms:* \
         to the statement for the account's root. Tie every \"*\" and every other account to \
         aws:PrincipalOrgID or kms:CallerAccount, or list the account in trustedAccountIds.",
        "KMS コンソールでキーの「キーポリシー」>「編集」を開き、管理するロールと利用するロールを\
         別のステートメントに分け、kms:* を使わずに必要なアクションを指定します。kms:* は\
         アカウントのルートへのステートメントだけにします。\"*\" や他のアカウントへの許可は \
         aws:PrincipalOrgID や kms:CallerAccount で限定するか、trustedAccountIds に登録します。",
    ),
    remedy: Remedy::new(
        include_str!("kms_key_policy/remedy.sh"),
        include_str!("kms_key_policy/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html",
    criteria: Criteria {
        explicit: &["統24 6", "統24 8", "実3", "実3 8", "実13", "実13 5", "実30 4"],
        implied: &["統1 参考", "統20 3-(3)", "統24 1", "統24 2", "実25"],
    },
    resources: KEY,
    // The item carries the policy: an edit of it is a change.
    trigger: Trigger::Change,
    placement: Placement::EveryRegion,
    actions: &[Action::on(
        GET_KEY_POLICY,
        "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/*",
    )],
    parameters: &[
        TRUSTED_ACCOUNT_IDS.spec,
        ORG_ID.spec,
        ALLOW_ROOT_DELEGATION.spec,
        ENFORCE_SEPARATION.spec,
        EXEMPT_PRINCIPAL_ARNS.spec,
        REQUIRE_SOURCE_SCOPE.spec,
    ],
    requirements: &[
        &PUBLIC_PRINCIPAL,
        &UNTRUSTED_ACCOUNT,
        &FULL_ACCESS_GRANTED,
        &ADMIN_AND_USER_NOT_SEPARATED,
        &SERVICE_PRINCIPAL_UNSCOPED,
    ],
    remarks: &[&AWS_MANAGED_KEY, &BEING_DELETED],
    limits: Limits::SMALL,
    check: Check::Service { preview, connect, swept: &[] },
};

const KEY: &[ResourceType] = &[ResourceType::KMS_KEY];
const GET_KEY_POLICY: &str = "kms:GetKeyPolicy";

const ALLOW_ROOT_DELEGATION: Param<bool> = Param::flag(
    "allowRootDelegation",
    true,
    Text::new(
        "The account's own root may hold kms:* (the statement that lets IAM policies decide)",
        "自アカウントのルートに kms:* を認める(IAM ポリシーに委ねるためのステートメント)",
    ),
);

const ENFORCE_SEPARATION: Param<bool> = Param::flag(
    "enforceSeparation",
    true,
    Text::new(
        "Judge whether administrators and users of the key are separate",
        "キーの管理者と利用者の分離を評価する",
    ),
);

const EXEMPT_PRINCIPAL_ARNS: Param<Vec<String>> = Param::list(
    "exemptPrincipalArns",
    &[],
    Text::new(
        "Principals, by exact ARN, that the separation is not judged of (such as a break-glass role)",
        "分離の評価から除くプリンシパルの ARN(緊急時用のロールなど。完全一致)",
    ),
);

const REQUIRE_SOURCE_SCOPE: Param<bool> = Param::flag(
    "requireSourceScope",
    false,
    Text::new(
        "AWS services must be tied to a source (aws:SourceAccount, aws:SourceArn) or kms:ViaService",
        "AWS サービスへの許可に呼び出し元の限定(aws:SourceAccount、aws:SourceArn)または \
         kms:ViaService を求める",
    ),
);

const PUBLIC_PRINCIPAL: Requirement = Requirement {
    code: "PUBLIC_PRINCIPAL",
    wave: 1,
    resources: KEY,
    title: Text::new(
        "The key policy admits everybody",
        "キーポリシーがすべての相手に許可しています",
    ),
    rule: Text::new(
        "Fails when an Allow for every principal (or NotPrincipal) is neither tied to an account, \
         an organization or a network by its condition nor taken back by a Deny.",
        "すべてのプリンシパル(または NotPrincipal)への許可が、条件によってアカウント・組織・\
         ネットワークに限定されず、Deny でも取り消されていないとき不適合です。",
    ),
};

const UNTRUSTED_ACCOUNT: Requirement = Requirement {
    code: "UNTRUSTED_ACCOUNT",
    wave: 1,
    resources: KEY,
    title: Text::new(
        "The key policy admits an account that is not trusted",
        "キーポリシーが承認されていないアカウントに許可しています",
    ),
    rule: Text::new(
        "Fails when an Allow admits an account or an organization that is neither the own one nor \
         in trustedAccountIds or orgId.",
        "自アカウントでも trustedAccountIds・orgId でもないアカウントや組織に許可しているとき\
         不適合です。",
    ),
};

const FULL_ACCESS_GRANTED: Requirement = Requirement {
    code: "FULL_ACCESS_GRANTED",
    wave: 1,
    resources: KEY,
    title: Text::new(
        "The key policy grants every action",
        "キーポリシーがすべてのアクションを許可しています",
    ),
    rule: Text::new(
        "Fails when the Allows for one principal together grant every KMS action (kms:*, *, \
         NotAction or a split of them); the own root is accepted unless allowRootDelegation is \
         false.",
        "一つのプリンシパルへの許可を合わせるとすべての KMS アクションになるとき不適合です(kms:*、*、\
         NotAction、またはその分割)。自アカウントのルートは allowRootDelegation が false でない限り\
         認めます。",
    ),
};

const ADMIN_AND_USER_NOT_SEPARATED: Requirement = Requirement {
    code: "ADMIN_AND_USER_NOT_SEPARATED",
    wave: 1,
    resources: KEY,
    title: Text::new(
        "A principal can both administer and use the key",
        "キーの管理と利用の両方ができるプリンシパルがあります",
    ),
    rule: Text::new(
        "Fails when the Allows for one principal together hold an administration action and a \
         cryptographic action. Grants that only AWS services may make \
         (kms:GrantIsForAWSResource) are no administration.",
        "一つのプリンシパルへの許可に、管理のアクションと暗号化操作のアクションの両方が含まれるとき\
         不適合です。AWS サービスだけが作成できる許可(kms:GrantIsForAWSResource)は管理に含めません。",
    ),
};

const SERVICE_PRINCIPAL_UNSCOPED: Requirement = Requirement {
    code: "SERVICE_PRINCIPAL_UNSCOPED",
    wave: 3,
    resources: KEY,
    title: Text::new(
        "The key policy admits an AWS service for anybody",
        "キーポリシーが AWS サービスに呼び出し元を限定せず許可しています",
    ),
    rule: Text::new(
        "With requireSourceScope: fails when an Allow for a service principal is tied neither to a \
         source account, ARN or organization nor to kms:ViaService.",
        "requireSourceScope を指定した場合: サービスプリンシパルへの許可が、呼び出し元のアカウント・\
         ARN・組織にも kms:ViaService にも限定されていないとき不適合です。",
    ),
};

const AWS_MANAGED_KEY: Remark = Remark::new(
    "AWS_MANAGED_KEY",
    "AWS manages the key and its policy",
    "AWS マネージドキーであり、キーポリシーは AWS が管理します",
);
const BEING_DELETED: Remark =
    Remark::new("BEING_DELETED", "The key is pending deletion", "キーは削除待ちです");

/// Actions that change a key, who may use it, or whether it exists. Source: service authorization
/// reference, "Actions, resources, and condition keys for AWS KMS" (November 2026).
const ADMINISTRATION: [&str; 18] = [
    "kms:PutKeyPolicy",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
    "kms:UpdatePrimaryRegion",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:DeleteAlias",
    "kms:DeleteImportedKeyMaterial",
    "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion",
    "kms:ImportKeyMaterial",
    "kms:CreateAlias",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:CreateGrant",
    "kms:RevokeGrant",
];

/// Actions that work with the key. Source: as [`ADMINISTRATION`].
const USE: [&str; 11] = [
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GenerateDataKeyPair",
    "kms:GenerateDataKeyPairWithoutPlaintext",
    "kms:Sign",
    "kms:GenerateMac",
    "kms:DeriveSharedSecret",
];

/// True when the grant can only be used by a service for a resource of the caller.
const FOR_AWS_RESOURCE: &str = "kms:GrantIsForAWSResource";

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let fields = item.configuration()?;
    let manager = fields.text("keyManager")?.ok_or_else(|| fields.missing("keyManager"))?;
    if manager == "AWS" {
        return Ok(Some(Verdict::not_applicable(&AWS_MANAGED_KEY)));
    }
    if fields
        .text("keyState")?
        .is_some_and(|state| state.starts_with("Pending") && state.ends_with("Deletion"))
    {
        return Ok(Some(Verdict::not_applicable(&BEING_DELETED)));
    }
    let policy = match item.supplementary("Policy") {
        Ok(policy) => policy,
        Err(ItemError::Missing { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    let Some(policy) = policy else { return Ok(None) };
    judge(&policy.as_policy()?, &item.account_id, run).map(Some)
}

/// The verdict on a key policy.
fn judge(document: &PolicyDocument, own: &str, run: &Run<'_>) -> Result<Verdict, Error> {
    let mut failures = Failures::new();
    outsiders(document, own, run, &mut failures)?;
    insiders(document, own, run, &mut failures)?;
    Ok(failures.into_verdict())
}

/// Every action on the key: whatever a key policy names as its resource, it is about its own key.
fn every_action() -> Universe {
    Universe::new("kms:?*", "*")
}

/// Who gets in and is not trusted.
fn outsiders(
    document: &PolicyDocument,
    own: &str,
    run: &Run<'_>,
    failures: &mut Failures,
) -> Result<(), PolicyError> {
    let trust = Trust::of(own, run.parameters);
    let outsiders = document.outsiders(&trust, &every_action())?;
    if outsiders.contains(&Party::Stranger) {
        failures.add(&PUBLIC_PRINCIPAL);
    }
    if let Some(names) = Party::accounts_named(&outsiders) {
        let (en, ja) = (names.en, names.ja);
        failures.because(
            &UNTRUSTED_ACCOUNT,
            message!("The key policy admits {en}", "キーポリシーが {ja} に許可しています"),
        );
    }
    if run.parameters.get(&REQUIRE_SOURCE_SCOPE) {
        let through = |statement: &Statement| statement.conditions.mention("kms:ViaService");
        let mut direct = document.clone();
        direct.statements.retain(|one| one.effect == Effect::Deny || !through(one));
        let services: Vec<String> = direct
            .outsiders(&trust, &every_action())?
            .into_iter()
            .filter_map(|party| match party {
                Party::Service(name) => Some(name),
                _ => None,
            })
            .collect();
        if !services.is_empty() {
            let Message { en, ja } = Message::named(&services);
            failures.because(
                &SERVICE_PRINCIPAL_UNSCOPED,
                message!(
                    "The key policy admits {en} for anybody",
                    "キーポリシーが {ja} に呼び出し元を限定せず許可しています"
                ),
            );
        }
    }
    Ok(())
}

/// What single principals hold together.
fn insiders(
    document: &PolicyDocument,
    own: &str,
    run: &Run<'_>,
    failures: &mut Failures,
) -> Result<(), PolicyError> {
    let root_may = run.parameters.get(&ALLOW_ROOT_DELEGATION);
    let separate = run.parameters.get(&ENFORCE_SEPARATION);
    let exempt = run.parameters.get(&EXEMPT_PRINCIPAL_ARNS);
    let (mut full, mut both) = (Vec::new(), Vec::new());
    for principal in principals(document) {
        let is_root = is_root_of(principal, own);
        if is_root && root_may {
            continue;
        }
        if rights(document, principal, |_| true).all(&every_action())? {
            full.push(principal);
        } else if separate
            && !is_root
            && !is_service(principal)
            && !exempt.iter().any(|one| one == principal)
            && administers(document, principal)?
            && uses(document, principal)?
        {
            both.push(principal);
        }
    }
    if !full.is_empty() {
        let Message { en, ja } = Message::named(&full);
        failures.because(
            &FULL_ACCESS_GRANTED,
            message!(
                "Every action is granted to {en}",
                "{ja} にすべてのアクションを許可しています"
            ),
        );
    }
    if !both.is_empty() {
        let Message { en, ja } = Message::named(&both);
        failures.because(
            &ADMIN_AND_USER_NOT_SEPARATED,
            message!(
                "Can both administer and use the key: {en}",
                "キーの管理と利用の両方ができます: {ja}"
            ),
        );
    }
    Ok(())
}

/// The principals that Allow statements name, each as it is written; everybody as `*`. Unique ids
/// of principals that have been deleted are nobody's.
fn principals(document: &PolicyDocument) -> BTreeSet<&str> {
    let named = document.with_effect(Effect::Allow).filter_map(|one| one.principals.as_ref());
    named
        .flat_map(|principals| {
            let everybody = principals.negated.then_some(EVERYBODY);
            let listed = principals.aws.iter().chain(&principals.service).map(String::as_str);
            everybody.into_iter().chain(listed.filter(|_| !principals.negated))
        })
        .filter(|name| {
            *name == EVERYBODY
                || name.contains([':', '.'])
                || name.bytes().all(|b| b.is_ascii_digit())
        })
        .collect()
}

const EVERYBODY: &str = "*";

/// Whether the principal stands for the account as a whole.
fn is_root_of(principal: &str, account: &str) -> bool {
    principal == account
        || principal.strip_prefix("arn:").is_some_and(|rest| {
            rest.split_once(':').is_some_and(|(_, rest)| rest == format!("iam::{account}:root"))
        })
}

fn is_service(principal: &str) -> bool {
    !principal.starts_with("arn:") && principal.contains('.')
}

/// What the Allows that name the principal grant, less the Denies that hold in any case. An Allow
/// for everybody, which a condition ties to somebody, is a principal of its own.
fn rights<'a>(
    document: &'a PolicyDocument,
    principal: &str,
    counts: impl Fn(&Statement) -> bool,
) -> Grants {
    let lists =
        |named: &Principals| named.aws.iter().chain(&named.service).any(|one| one == principal);
    let allows = move |named: &Principals| match named.negated {
        true => principal == EVERYBODY,
        false => lists(named),
    };
    let denies = move |named: &Principals| match named.negated {
        true => !lists(named),
        false => named.is_everyone() || lists(named),
    };
    let about = |statement: &&'a Statement, test: &dyn Fn(&Principals) -> bool| {
        statement.principals.as_ref().is_some_and(test)
    };
    Grants::new(
        document.with_effect(Effect::Allow).filter(|one| about(one, &allows) && counts(one)),
        document
            .with_effect(Effect::Deny)
            .filter(|one| about(one, &denies) && one.conditions.tests.is_empty()),
    )
}

/// Whether the principal can change the key or hand it out. A grant that only a service can make,
/// for a resource that the principal uses it with, belongs to using the key: the console gives it
/// to every key user.
fn administers(document: &PolicyDocument, principal: &str) -> Result<bool, PolicyError> {
    let users_grant = |statement: &Statement| {
        statement.conditions.holds(&Request::new().with(FOR_AWS_RESOURCE, "false")) == Truth::False
    };
    let grants = rights(document, principal, |statement| !users_grant(statement));
    any_of(&grants, &ADMINISTRATION)
}

fn uses(document: &PolicyDocument, principal: &str) -> Result<bool, PolicyError> {
    any_of(&rights(document, principal, |_| true), &USE)
}

fn any_of(grants: &Grants, actions: &[&str]) -> Result<bool, PolicyError> {
    for action in actions {
        if grants.any(&Universe::new(action, "*"))? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Kms { client: Client::new(sdk) })
}

struct Kms {
    client: Client,
}

#[async_trait]
impl ServiceCheck for Kms {
    /// Asks for the policy that the item does not carry.
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let key = &item.resource_id;
        let answer = self.client.get_key_policy().key_id(key).send().await.call(GET_KEY_POLICY)?;
        let policy = answer
            .policy()
            .ok_or_else(|| Error::Answer { action: GET_KEY_POLICY, field: "Policy".to_owned() })?;
        judge(&PolicyDocument::from_text(policy)?, &item.account_id, run)
    }
}

#[cfg(test)]
mod tests;
