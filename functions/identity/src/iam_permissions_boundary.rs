//! `iam-permissions-boundary`: principals that manage IAM are capped by an approved permissions
//! boundary.
//!
//! Switched off until the parameter `scope` asks for it. Who manages IAM is decided by all
//! policies together, those of the user's groups among them, less the Denies that hold in any
//! case: an action on IAM that gives, takes or lends rights, or makes credentials of somebody
//! else. One's own keys, password and MFA device are no management of IAM, and neither are tags,
//! server certificates and service-linked roles. What the boundary allows is not seen here; the
//! approved ones are listed. A change of a group or of a managed policy is no change of those who
//! hold it: their verdicts are renewed with their next change, or when the rule is run again.
//!
//! Criteria: 実27 4 asks for it. To fix a principal, attach an approved boundary.

mod requirements;
mod writes;

use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_services::Policies;
use fisc_services::policies::{self, Library, Principal, boundary};
use fisc_shared::item::required::text;
use fisc_shared::parameter::{Param, ParameterError};
use fisc_shared::policy::matches_any;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Check, ConfigurationItem, Control, Criteria, Domain, Error, Limits, Placement, Remark, Remedy,
    ResourceType, Run, ServiceCheck, Severity, Text, Trigger, Verdict, message,
};

use requirements::*;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "iam-permissions-boundary",
    domain: Domain::Identity,
    severity: Severity::Medium,
    title: Text::new(
        "Principals that manage IAM are capped by an approved permissions boundary",
        "IAM を管理できるプリンシパルに、承認済みのアクセス許可の境界を設定している",
    ),
    why: Text::new(
        "Who may make roles and policies can give any right to itself. A permissions boundary \
         caps what such a principal can do and, with conditions on iam:PermissionsBoundary, what \
         it can hand on.",
        "ロールやポリシーを作成できる者は、自身にどのような権限でも与えられます。アクセス許可の境界は\
         そのプリンシパルにできることの上限を定め、iam:PermissionsBoundary の条件と組み合わせれば、\
         他者に渡せる権限も制限できます。",
    ),
    fix: Text::new(
        "In IAM > Roles (or Users) > Permissions > Permissions boundary set an approved boundary, \
         and list the approved ones in approvedBoundaryArns. List administrators and platform roles \
         in excludedNamePatterns, or take the actions on IAM away.",
        "IAM の「ロール」(または「ユーザー」)>「許可」>「許可の境界」で承認済みの境界を設定し、\
         承認済みのものを approvedBoundaryArns に登録します。管理者や基盤のロールは \
         excludedNamePatterns に登録するか、IAM に対するアクションを外します。",
    ),
    remedy: Remedy::new(
        include_str!("iam_permissions_boundary/remedy.sh"),
        include_str!("iam_permissions_boundary/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html",
    criteria: Criteria { explicit: &["実27 4"], implied: &[] },
    resources: PRINCIPALS,
    trigger: Trigger::Change,
    placement: Placement::HomeRegion,
    actions: &policies::ACTIONS,
    parameters: &[SCOPE.spec, APPROVED_BOUNDARY_ARNS.spec, EXCLUDED_NAME_PATTERNS.spec],
    requirements: &[&BOUNDARY_MISSING, &BOUNDARY_NOT_APPROVED],
    remarks: &[
        &BOUNDARY_NOT_ASKED_FOR,
        &SERVICE_LINKED_ROLE,
        &RESERVED_ROLE,
        &EXCLUDED_PRINCIPAL,
        &NO_IAM_WRITER,
    ],
    limits: Limits::SMALL,
    check: Check::Service { preview, connect, swept: &[] },
};

const OFF: &str = "off";
const IAM_WRITERS: &str = "iam-writers";
const ALL: &str = "all";

const SCOPE: Param<String> = Param::choice(
    "scope",
    OFF,
    &[OFF, IAM_WRITERS, ALL],
    Text::new(
        "off: nothing is judged; iam-writers: roles and users whose policies allow actions that \
         change rights in IAM; all: every role and user",
        "off: 評価しない。iam-writers: IAM の権限を変更するアクションがポリシーで許可されたロールと\
         ユーザー。all: すべてのロールとユーザー",
    ),
);

const APPROVED_BOUNDARY_ARNS: Param<Vec<String>> = Param::list(
    "approvedBoundaryArns",
    &[],
    Text::new(
        "ARNs (with * and ?) of the policies that are accepted as boundaries; empty accepts any",
        "境界として認めるポリシーの ARN(* と ? を使用可)。空の場合はすべて認める",
    ),
);

const EXCLUDED_NAME_PATTERNS: Param<Vec<String>> = Param::list(
    "excludedNamePatterns",
    &["AWSReservedSSO_*", "AWSControlTowerExecution", "stacksets-exec-*"],
    Text::new(
        "Names (with * and ?) of roles and users that need no boundary: administrators of IAM, \
         roles of the platform",
        "境界を求めないロールとユーザーの名前(* と ? を使用可)。IAM の管理者や基盤のロールなど",
    ),
);

/// The boundaries that are accepted. An entry that cannot be the ARN of a policy, such as its bare
/// name, would refuse every boundary.
fn approved(run: &Run<'_>) -> Result<Vec<String>, ParameterError> {
    let arns = run.parameters.get(&APPROVED_BOUNDARY_ARNS);
    match arns.iter().find(|arn| !arn.starts_with("arn:") || !arn.contains(":policy/")) {
        None => Ok(arns),
        Some(other) => {
            Err(APPROVED_BOUNDARY_ARNS.spec.refuse("takes the ARNs of IAM policies", other))
        }
    }
}

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let approved = approved(run)?;
    let scope = run.parameters.get(&SCOPE);
    if scope == OFF {
        return Ok(Some(Verdict::not_applicable(&BOUNDARY_NOT_ASKED_FOR)));
    }
    if let Some(remark) = exempt(item, run)? {
        return Ok(Some(Verdict::not_applicable(remark)));
    }
    if scope == ALL {
        return capped(item, &approved, None).map(Some);
    }
    let principal = with_own_policies(item)?;
    if principal.is_told() {
        return of_writer(item, &principal, &Library::default(), run).map(Some);
    }
    Ok(None)
}

/// Why nobody asks for a boundary of this principal, if so.
fn exempt(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<&'static Remark>, Error> {
    let fields = item.configuration()?;
    let path = text(&fields, "path")?;
    let is_role = item.resource_type == ResourceType::IAM_ROLE.name;
    // These paths are AWS's own for roles alone.
    if is_role && path.starts_with("/aws-service-role/") {
        return Ok(Some(&SERVICE_LINKED_ROLE));
    }
    if is_role && path.starts_with("/aws-reserved/") {
        return Ok(Some(&RESERVED_ROLE));
    }
    let name = text(&fields, if is_role { "roleName" } else { "userName" })?;
    let excluded = matches_any(&run.parameters.get(&EXCLUDED_NAME_PATTERNS), name);
    Ok(excluded.then_some(&EXCLUDED_PRINCIPAL))
}

/// The principal with the policies that give it rights: the boundary gives none.
fn with_own_policies(item: &ConfigurationItem) -> Result<Principal, Error> {
    let mut principal = Principal::from_item(item)?;
    principal.boundary = None;
    Ok(principal)
}

/// The verdict on a principal that must have a boundary if it manages IAM.
fn of_writer(
    item: &ConfigurationItem,
    principal: &Principal,
    library: &Library,
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    let documents = library.policies_of(principal)?.into_iter().cloned().collect();
    match writes::first(documents, &principal.arn, item, run)? {
        Some(action) => capped(item, &approved(run)?, Some(action)),
        None => Ok(Verdict::not_applicable(&NO_IAM_WRITER)),
    }
}

/// The verdict on a principal that must have a boundary, because of an action if not in any case.
fn capped(
    item: &ConfigurationItem,
    approved: &[String],
    action: Option<&str>,
) -> Result<Verdict, Error> {
    let mut failures = Failures::new();
    match (boundary(&item.configuration()?)?, action) {
        (None, None) => failures.add(&BOUNDARY_MISSING),
        (None, Some(action)) => failures.because(
            &BOUNDARY_MISSING,
            message!(
                "{action} is allowed without a permissions boundary",
                "アクセス許可の境界なしで {action} が許可されています"
            ),
        ),
        (Some(arn), _) if !approved.is_empty() && !matches_any(approved, arn) => {
            failures.because(
                &BOUNDARY_NOT_APPROVED,
                message!("The boundary {arn} is not approved", "境界 {arn} は承認されていません"),
            );
        }
        (Some(_), _) => {}
    }
    Ok(failures.into_verdict())
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Boundaries { policies: Policies::new(sdk) })
}

struct Boundaries {
    policies: Policies,
}

#[async_trait]
impl ServiceCheck for Boundaries {
    /// Asks for the policies that the item only names.
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let principal = [with_own_policies(item)?];
        let library = self.policies.library(&principal).await?;
        let [principal] = &principal;
        of_writer(item, principal, &library, run)
    }
}

#[cfg(test)]
mod tests;
