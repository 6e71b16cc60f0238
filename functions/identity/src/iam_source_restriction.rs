//! `iam-source-restriction`: people's AWS access is limited to approved source addresses or
//! networks.
//!
//! A stolen password or key is worthless when AWS answers it from the offices only. Users with a
//! password or an active key and roles that people assume pass when their policies (own, of their
//! groups, the boundary) leave nothing allowed to a direct request from elsewhere: from any
//! address, of IPv4 and IPv6, outside the approved ranges, and through any endpoint outside the
//! approved VPCs. It does not matter whether a Deny does that or the conditions of every Allow.
//! Carve-outs for calls that AWS services make are accepted. Resource-based policies are not
//! read. Restrict with care: a Deny that forgets a service's calls stops work.
//!
//! The text names this as one of several means, so nothing is judged until the approved sources
//! are given. Criteria: 実8, 実9, 実15, 実15 3, 実35 2 ask for it. To fix an identity, deny
//! everything to requests from outside the approved sources.

mod declared;
mod identities;
mod sources;

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_iam::Client;
use aws_types::SdkConfig;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits, Message,
    Placement, Remedy, Resource, ResourceType, Run, ServiceCheck, Severity, Text, Trigger, Verdict,
    message,
};

use self::declared::*;
use self::identities::{Identities, Role};
use self::sources::{Approved, Openings, Principal};
use crate::account_details::{GET_ACCOUNT_AUTHORIZATION_DETAILS, identity, verdict_on};
use crate::credential_report::{self, CredentialReport, Row};
use crate::users::known;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "iam-source-restriction",
    domain: Domain::Identity,
    severity: Severity::Medium,
    title: Text::new(
        "People use AWS from approved addresses and networks only",
        "利用者の AWS 操作を承認済みの接続元に限定する",
    ),
    why: Text::new(
        "A stolen password, key or session works from anywhere in the world, unless the policies \
         of its owner allow nothing to requests from outside your own networks.",
        "盗まれたパスワード、アクセスキー、セッションは世界中のどこからでも使えます。自社の\
         ネットワーク以外からの操作をポリシーで拒否していれば、盗まれても使えません。",
    ),
    fix: Text::new(
        "In IAM > Roles (or Users) > Permissions attach a policy that denies every action on every \
         resource under one condition: NotIpAddressIfExists aws:SourceIp (your ranges), \
         StringNotEqualsIfExists aws:SourceVpc (your VPCs) and BoolIfExists aws:ViaAWSService \
         false. Try it on one identity first: a Deny also stops what was forgotten.",
        "IAM の「ロール」(または「ユーザー」)>「許可」で、すべてのアクションとリソースを拒否する\
         ポリシーをアタッチします。条件は 1 つの Deny にまとめます: NotIpAddressIfExists \
         aws:SourceIp(自社の範囲)、StringNotEqualsIfExists aws:SourceVpc(自社の VPC)、BoolIfExists \
         aws:ViaAWSService false。想定外の操作も拒否されるため、まず 1 つの ID で試します。",
    ),
    remedy: Remedy::new(
        include_str!("iam_source_restriction/remedy.sh"),
        include_str!("iam_source_restriction/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-ip.html",
    criteria: Criteria { explicit: &["実8", "実9", "実15", "実15 3", "実35 2"], implied: &[] },
    resources: JUDGED,
    trigger: Trigger::Periodic,
    placement: Placement::HomeRegion,
    actions: &[
        Action::any(credential_report::GENERATE),
        Action::any(credential_report::GET),
        Action::any(GET_ACCOUNT_AUTHORIZATION_DETAILS),
    ],
    parameters: &[
        ALLOWED_CIDRS.spec,
        ALLOWED_VPC_IDS.spec,
        ROLE_PATH_PREFIXES.spec,
        ENFORCED_BY_SCP.spec,
    ],
    requirements: &[&SOURCE_NOT_RESTRICTED, &SOURCE_RANGE_TOO_WIDE],
    remarks: &[
        &NO_SOURCES_GIVEN,
        &NO_CREDENTIALS,
        &AWS_OWNED_ROLE,
        &NOT_FOR_PEOPLE,
        &OTHER_PATH,
        &RESTRICTED_BY_SCP,
    ],
    limits: Limits::SWEEP,
    // No item tells the documents of the managed policies, nor the credentials of a user.
    check: Check::Service { preview, connect, swept: JUDGED },
};

const JUDGED: &[ResourceType] =
    &[ResourceType::ACCOUNT, ResourceType::IAM_USER, ResourceType::IAM_ROLE];

/// What the parameters ask for; `None` when no sources are approved: then nothing is judged.
fn approved(run: &Run<'_>) -> Result<Option<Approved>, Error> {
    let (cidrs, vpcs) = (run.parameters.get(&ALLOWED_CIDRS), run.parameters.get(&ALLOWED_VPC_IDS));
    if cidrs.is_empty() && vpcs.is_empty() {
        return Ok(None);
    }
    let prefixes = run.parameters.get(&ROLE_PATH_PREFIXES);
    if let Some(other) = prefixes.iter().find(|text| !text.starts_with('/')) {
        return Err(ROLE_PATH_PREFIXES.spec.refuse("takes paths such as /people/", other).into());
    }
    let id = |text: &&String| ["vpc-", "vpce-"].iter().any(|start| text.starts_with(start));
    if let Some(other) = vpcs.iter().find(|text| !id(text)) {
        return Err(ALLOWED_VPC_IDS
            .spec
            .refuse("takes ids of VPCs and VPC endpoints", other)
            .into());
    }
    Approved::new(&cidrs, vpcs).map(Some).map_err(|other| {
        ALLOWED_CIDRS.spec.refuse("takes ranges of addresses such as 203.0.113.0/24", &other).into()
    })
}

/// Without approved sources the control is off; else the items do not tell all policies.
fn preview(_: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    Ok(approved(run)?.is_none().then(|| Verdict::not_applicable(&NO_SOURCES_GIVEN)))
}

/// The verdict on a principal that people act as.
fn judge(principal: &Principal, approved: &Approved, run: &Run<'_>) -> Result<Verdict, Error> {
    if run.parameters.get(&ENFORCED_BY_SCP) {
        return Ok(Failures::new().into_verdict_with(vec![RESTRICTED_BY_SCP.reason()]));
    }
    let Openings { internet, vpcs, others } = principal.openings(approved)?;
    let mut failures = Failures::new();
    match (internet, vpcs) {
        (true, true) => failures.add(&SOURCE_NOT_RESTRICTED),
        (true, false) => failures.because(
            &SOURCE_NOT_RESTRICTED,
            message!(
                "Requests from the internet are allowed whatever their address",
                "インターネットからのリクエストが、アドレスを問わず許可されます"
            ),
        ),
        (false, true) => failures.because(
            &SOURCE_NOT_RESTRICTED,
            message!(
                "Requests through the VPC endpoints of anybody are allowed",
                "他者の VPC エンドポイントを経由するリクエストも許可されます"
            ),
        ),
        (false, false) if !others.is_empty() => {
            let Message { en, ja } = Message::named(&others);
            failures.because(
                &SOURCE_RANGE_TOO_WIDE,
                message!("Not approved: {en}", "承認されていない接続元: {ja}"),
            );
        }
        (false, false) => {}
    }
    Ok(failures.into_verdict())
}

/// Whether a user has something to sign in or to sign requests with.
fn has_credentials(row: &Row) -> Result<bool, Error> {
    let password = row.has_password().ok_or_else(|| row.missing("password_enabled"))?;
    Ok(password || !row.active_keys()?.is_empty())
}

/// The verdict on a role that no person uses; `None` when people use it.
fn not_for_people(role: &Role, prefixes: &[String]) -> Result<Option<Verdict>, Error> {
    let remark =
        if ["/aws-service-role/", "/aws-reserved/"].iter().any(|own| role.path.starts_with(own)) {
            &AWS_OWNED_ROLE
        } else if !prefixes.is_empty() && !prefixes.iter().any(|one| role.path.starts_with(one)) {
            &OTHER_PATH
        } else if !role.admits_people(!prefixes.is_empty())? {
            &NOT_FOR_PEOPLE
        } else {
            return Ok(None);
        };
    Ok(Some(Verdict::not_applicable(remark)))
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
        if let Some(verdict) = preview(item, run)? {
            return Ok(verdict);
        }
        verdict_on(item, self.sweep(run).await?)
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let Some(approved) = approved(run)? else {
            return Ok(vec![Evaluated {
                resource: Resource::account(run.account_id, run.region),
                verdict: Verdict::not_applicable(&NO_SOURCES_GIVEN),
                at: run.now,
            }]);
        };
        let report = CredentialReport::fetch(&self.client).await?;
        let identities = Identities::fetch(&self.client).await?;
        let mut evaluated = Vec::new();
        for (row, user) in known(&report, &identities.users) {
            let verdict = if has_credentials(row)? {
                judge(&identities.user(row.user(), row.arn(), user)?, &approved, run)?
            } else {
                Verdict::not_applicable(&NO_CREDENTIALS)
            };
            let resource = identity(ResourceType::IAM_USER, &user.id, row.arn(), run);
            evaluated.push(Evaluated { resource, verdict, at: run.now });
        }
        let prefixes = run.parameters.get(&ROLE_PATH_PREFIXES);
        for role in &identities.roles {
            let verdict = match not_for_people(role, &prefixes)? {
                Some(verdict) => verdict,
                None => judge(&identities.role(role)?, &approved, run)?,
            };
            let resource = identity(ResourceType::IAM_ROLE, &role.id, &role.arn, run);
            evaluated.push(Evaluated { resource, verdict, at: run.now });
        }
        Ok(evaluated)
    }
}

#[cfg(test)]
mod tests;
