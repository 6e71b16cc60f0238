//! What is decided of an account from what AWS told.

use std::collections::{BTreeMap, BTreeSet};

use fisc_services::Organization;
use fisc_shared::policy::PolicyError;
use fisc_shared::resource::partition;
use fisc_shared::verdict::Failures;
use fisc_shared::{Message, Reason, Requirement, Run, Verdict, message};

use super::guardrails::{Asked, Guardrails, Open, Policy};
use super::organization::{Member, Tree};
use super::parameters::{
    ALLOWED_CONTACT_DOMAINS, ALLOWED_OU_IDS, DENIED_IAM_ACTIONS, ENVIRONMENT_TAG_KEY,
    IAM_ADMIN_PATTERNS, MIN_SEVERITY_CODE, PRODUCTION_VALUES, PROTECTED_ACTIONS,
};
use super::requirements::{
    ACCOUNT_MIXES_ENVIRONMENTS, ACCOUNT_OUTSIDE_OU, AUDIT_SERVICES_UNPROTECTED, CONTACT_MISSING,
    DELEGATED_ADMIN_MISSING, ENVIRONMENTS_NOT_SEPARATED, IAM_ADMIN_NOT_DENIED,
    LANDING_ZONE_UNHEALTHY, MANAGEMENT_ACCOUNT_WORKLOAD, NOT_IN_ORGANIZATION,
    ORGANIZATION_FEATURES_LIMITED, ROOT_USER_NOT_DENIED, SCP_NOT_ATTACHED,
    SUPPORT_PLAN_INSUFFICIENT, SUPPORT_ROLE_MISSING,
};
use super::{ENVIRONMENT_NOT_KNOWN, ORGANIZATION_JUDGED_ELSEWHERE};

/// What AWS told of the organization as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Whole {
    pub(super) tree: Tree,
    /// Not asked while policies are not enabled.
    pub(super) policies: Vec<Policy>,
    /// The environment of each account that carries the tag.
    pub(super) environments: BTreeMap<String, String>,
    /// The services that lack the delegated administrator that they must have.
    pub(super) undelegated: Vec<String>,
}

/// The landing zone of AWS Control Tower.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LandingZone {
    Missing,
    Failed,
    Drifted,
    /// Also while it is being changed.
    Healthy,
}

/// What AWS Support offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Support {
    /// No plan: it does not even tell.
    NoPlan,
    /// The severities of cases.
    Severities(Vec<String>),
}

/// A resource of another environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stranger {
    pub(super) arn: String,
    pub(super) environment: String,
}

/// What AWS told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) organization: Option<Organization>,
    /// Told to the account that judges the organization only.
    pub(super) whole: Option<Whole>,
    /// The types of compute and databases in a management account, with their counts.
    pub(super) workloads: Vec<(String, i64)>,
    /// Asked in a management account, and on request.
    pub(super) landing_zone: Option<LandingZone>,
    /// Resources of another environment; `None` when the account's own is not known.
    pub(super) strangers: Option<Vec<Stranger>>,
    /// The mail address of each required contact; `None` where it is not set.
    pub(super) contacts: Vec<(String, Option<String>)>,
    pub(super) support: Option<Support>,
    /// Whether some role or group may work with AWS Support.
    pub(super) support_role: bool,
}

/// The verdict on the account.
pub(super) fn decide(
    facts: &Facts,
    expected: Option<&str>,
    run: &Run<'_>,
) -> Result<Verdict, PolicyError> {
    let mut failures = Failures::new();
    let mut notes = Vec::new();
    belonging(facts, expected, &mut failures);
    match &facts.whole {
        Some(whole) => {
            guardrails(facts, whole, run, &mut failures)?;
            separation(facts, whole, run, &mut failures);
        }
        None if facts.organization.is_some() => notes.push(ORGANIZATION_JUDGED_ELSEWHERE.reason()),
        None => {}
    }
    strangers(facts, run, &mut failures, &mut notes);
    if let Some(whole) = &facts.whole {
        placement(facts, whole, run, &mut failures);
    }
    management(facts, &mut failures);
    own(facts, run, &mut failures);
    Ok(failures.into_verdict_with(notes))
}

fn belonging(facts: &Facts, expected: Option<&str>, failures: &mut Failures) {
    let Some(organization) = &facts.organization else {
        failures.because(
            &NOT_IN_ORGANIZATION,
            message!("The account is in no organization", "アカウントはどの組織にも属していません"),
        );
        return;
    };
    let found = &organization.management_account;
    if expected.is_some_and(|expected| expected != found) {
        failures.because(
            &NOT_IN_ORGANIZATION,
            message!(
                "The organization is managed by another account: {found}",
                "組織の管理アカウントが異なります: {found}"
            ),
        );
    }
    if !organization.all_features {
        failures.because(
            &ORGANIZATION_FEATURES_LIMITED,
            message!(
                "The organization has consolidated billing only",
                "組織の機能が一括請求のみです"
            ),
        );
    } else if facts.whole.as_ref().is_some_and(|whole| !whole.tree.policies_enabled) {
        failures.because(
            &ORGANIZATION_FEATURES_LIMITED,
            message!(
                "Service control policies are not enabled in the root",
                "ルートでサービスコントロールポリシーが有効になっていません"
            ),
        );
    }
}

fn guardrails(
    facts: &Facts,
    whole: &Whole,
    run: &Run<'_>,
    failures: &mut Failures,
) -> Result<(), PolicyError> {
    if !whole.tree.policies_enabled {
        return Ok(());
    }
    let protected = run.parameters.get(&PROTECTED_ACTIONS);
    let iam_actions = run.parameters.get(&DENIED_IAM_ACTIONS);
    let iam_admins = run.parameters.get(&IAM_ADMIN_PATTERNS);
    let asked = Asked {
        partition: partition(run.region),
        protected: &protected,
        iam_actions: &iam_actions,
        iam_admins: &iam_admins,
    };
    let mut guardrails = Guardrails::new(asked, &whole.policies);
    let mut open: Vec<(&str, Open)> = Vec::new();
    for member in members(facts, whole) {
        open.push((&member.id, guardrails.open(member)?));
    }
    fail_at(&SCP_NOT_ATTACHED, &open, |open| open.unrestricted, failures);
    fail_with(&AUDIT_SERVICES_UNPROTECTED, &open, |open| &open.audit, failures);
    fail_at(&ROOT_USER_NOT_DENIED, &open, |open| !open.root.is_empty(), failures);
    fail_with(&IAM_ADMIN_NOT_DENIED, &open, |open| &open.iam, failures);
    Ok(())
}

/// Fails a requirement with the accounts that it fails in.
fn fail_at(
    requirement: &Requirement,
    accounts: &[(&str, Open)],
    fails: impl Fn(&Open) -> bool,
    failures: &mut Failures,
) {
    let at = accounts.iter().filter(|(_, open)| fails(open)).map(|(account, _)| *account);
    let at: Vec<&str> = at.collect();
    if !at.is_empty() {
        failures.because(requirement, requirement.naming(&at));
    }
}

/// Fails a requirement with the actions that are open, and where.
fn fail_with(
    requirement: &Requirement,
    accounts: &[(&str, Open)],
    actions: impl Fn(&Open) -> &BTreeSet<String>,
    failures: &mut Failures,
) {
    let open: BTreeSet<&String> = accounts.iter().flat_map(|(_, open)| actions(open)).collect();
    let at: Vec<&str> = accounts
        .iter()
        .filter(|(_, open)| !actions(open).is_empty())
        .map(|(account, _)| *account)
        .collect();
    if at.is_empty() {
        return;
    }
    let open: Vec<&String> = open.into_iter().collect();
    let (open, at) = (Message::named(&open), Message::named(&at));
    let (en, ja, en_at, ja_at) = (open.en, open.ja, at.en, at.ja);
    failures.because(
        requirement,
        message!("SCPs leave {en} open in {en_at}", "{ja_at} で {ja} が SCP で拒否されていません"),
    );
}

/// The active accounts that policies bind: all but the management account.
fn members<'a>(facts: &'a Facts, whole: &'a Whole) -> impl Iterator<Item = &'a Member> {
    let management = facts.organization.as_ref().map(|one| one.management_account.as_str());
    whole.tree.accounts.iter().filter(move |account| Some(account.id.as_str()) != management)
}

fn separation(facts: &Facts, whole: &Whole, run: &Run<'_>, failures: &mut Failures) {
    if run.parameters.get(&ENVIRONMENT_TAG_KEY).is_empty() {
        return;
    }
    if whole.tree.accounts.len() < 2 {
        failures.because(
            &ENVIRONMENTS_NOT_SEPARATED,
            message!(
                "The organization has no other active account",
                "組織にほかの有効なアカウントがありません"
            ),
        );
        return;
    }
    let production: Vec<String> =
        run.parameters.get(&PRODUCTION_VALUES).iter().map(|value| value.to_lowercase()).collect();
    let mut untagged: Vec<&str> = Vec::new();
    // Whether a unit directly holds accounts of production, and of something else.
    let mut units: BTreeMap<&str, (bool, bool)> = BTreeMap::new();
    for member in members(facts, whole) {
        let Some(environment) = whole.environments.get(&member.id) else {
            untagged.push(&member.id);
            continue;
        };
        let unit = units.entry(member.path.last().map_or("", String::as_str)).or_default();
        if production.contains(&environment.to_lowercase()) {
            unit.0 = true;
        } else {
            unit.1 = true;
        }
    }
    let mixed: Vec<&str> =
        units.into_iter().filter(|(_, holds)| *holds == (true, true)).map(|(id, _)| id).collect();
    let mut parts = Vec::new();
    if !untagged.is_empty() {
        let Message { en, ja } = Message::named(&untagged);
        parts.push(message!("Accounts without the tag: {en}", "タグのないアカウント: {ja}"));
    }
    if !mixed.is_empty() {
        let Message { en, ja } = Message::named(&mixed);
        parts.push(message!(
            "Production beside other environments in {en}",
            "本番とそれ以外が混在する組織単位: {ja}"
        ));
    }
    if !parts.is_empty() {
        failures.because(&ENVIRONMENTS_NOT_SEPARATED, joined(parts));
    }
}

fn joined(parts: Vec<Message>) -> Message {
    let (en, ja): (Vec<String>, Vec<String>) =
        parts.into_iter().map(|part| (part.en, part.ja)).unzip();
    Message { en: en.join("; "), ja: ja.join("。") }
}

fn strangers(facts: &Facts, run: &Run<'_>, failures: &mut Failures, notes: &mut Vec<Reason>) {
    match &facts.strangers {
        Some(strangers) if strangers.is_empty() => {}
        Some(strangers) => {
            let names: Vec<String> = strangers
                .iter()
                .map(|one| format!("{} ({})", short(&one.arn), one.environment))
                .collect();
            failures
                .because(&ACCOUNT_MIXES_ENVIRONMENTS, ACCOUNT_MIXES_ENVIRONMENTS.naming(&names));
        }
        None if run.parameters.get(&ENVIRONMENT_TAG_KEY).is_empty() => {}
        None => notes.push(ENVIRONMENT_NOT_KNOWN.reason()),
    }
}

/// An ARN without the parts that are the same for every resource of the account.
fn short(arn: &str) -> String {
    let mut parts = arn.splitn(6, ':').skip(2);
    match (parts.next(), parts.next(), parts.nth(1)) {
        (Some(service), Some(""), Some(name)) => format!("{service}:{name}"),
        (Some(service), Some(region), Some(name)) => format!("{service}:{region}:{name}"),
        _ => arn.to_owned(),
    }
}

fn placement(facts: &Facts, whole: &Whole, run: &Run<'_>, failures: &mut Failures) {
    let allowed = run.parameters.get(&ALLOWED_OU_IDS);
    let outside: Vec<&str> = members(facts, whole)
        .filter(|member| {
            let units = member.path.get(1..).unwrap_or_default();
            units.is_empty()
                || !allowed.is_empty() && !units.iter().any(|unit| allowed.contains(unit))
        })
        .map(|member| member.id.as_str())
        .collect();
    if !outside.is_empty() {
        failures.because(&ACCOUNT_OUTSIDE_OU, ACCOUNT_OUTSIDE_OU.naming(&outside));
    }
}

fn management(facts: &Facts, failures: &mut Failures) {
    if !facts.workloads.is_empty() {
        let types: Vec<String> =
            facts.workloads.iter().map(|(name, count)| format!("{name} ({count})")).collect();
        failures.because(&MANAGEMENT_ACCOUNT_WORKLOAD, MANAGEMENT_ACCOUNT_WORKLOAD.naming(&types));
    }
    let undelegated = facts.whole.as_ref().map(|whole| &whole.undelegated);
    if let Some(services) = undelegated.filter(|services| !services.is_empty()) {
        failures.because(&DELEGATED_ADMIN_MISSING, DELEGATED_ADMIN_MISSING.naming(services));
    }
    let landing_zone = match facts.landing_zone {
        None | Some(LandingZone::Healthy) => return,
        Some(LandingZone::Missing) => {
            message!("There is no landing zone", "ランディングゾーンが存在しません")
        }
        Some(LandingZone::Failed) => message!(
            "The last change of the landing zone failed",
            "ランディングゾーンの前回の変更が失敗しています"
        ),
        Some(LandingZone::Drifted) => {
            message!("The landing zone has drifted", "ランディングゾーンがドリフトしています")
        }
    };
    failures.because(&LANDING_ZONE_UNHEALTHY, landing_zone);
}

fn own(facts: &Facts, run: &Run<'_>, failures: &mut Failures) {
    let domains = run.parameters.get(&ALLOWED_CONTACT_DOMAINS);
    let missing: Vec<&str> = facts
        .contacts
        .iter()
        .filter(|(_, address)| !address.as_deref().is_some_and(|one| is_allowed(one, &domains)))
        .map(|(contact, _)| contact.as_str())
        .collect();
    if !missing.is_empty() {
        failures.because(&CONTACT_MISSING, CONTACT_MISSING.naming(&missing));
    }
    let needed = run.parameters.get(&MIN_SEVERITY_CODE);
    match &facts.support {
        Some(Support::NoPlan) => failures.because(
            &SUPPORT_PLAN_INSUFFICIENT,
            message!(
                "The account has no support plan with technical cases",
                "技術的なケースを起票できるサポートプランがありません"
            ),
        ),
        Some(Support::Severities(offered)) if !offered.contains(&needed) => failures.because(
            &SUPPORT_PLAN_INSUFFICIENT,
            message!(
                "The support plan does not offer severity {needed}",
                "サポートプランで重要度 {needed} のケースを起票できません"
            ),
        ),
        _ => {}
    }
    if !facts.support_role {
        failures.add(&SUPPORT_ROLE_MISSING);
    }
}

/// Whether a mail address is of an allowed domain; of any, where none is given.
fn is_allowed(address: &str, domains: &[String]) -> bool {
    domains.is_empty()
        || address.rsplit_once('@').is_some_and(|(_, domain)| {
            domains
                .iter()
                .any(|allowed| allowed.trim_start_matches('@').eq_ignore_ascii_case(domain.trim()))
        })
}
