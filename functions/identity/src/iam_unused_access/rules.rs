//! The verdict on each kind of identity.

use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Message, Run, Verdict, message};
use jiff::Timestamp;

use super::{
    EXCLUDED_ROLE_PATH_PREFIXES, GRACE_DAYS, GROUP_EMPTY, MAX_CREDENTIAL_UNUSED_DAYS,
    MAX_ROLE_UNUSED_DAYS, NO_ENABLED_CREDENTIAL, POLICY_UNATTACHED, ROLE_PATH_EXCLUDED,
    ROLE_UNUSED, SERVICE_LINKED_ROLE, TRACKED_DAYS, USER_CREDENTIAL_UNUSED, WITHIN_GRACE,
    YOUNGER_THAN_WINDOW,
};
use crate::account_details::{Group, ManagedPolicy, Role, User};
use crate::age;
use crate::credential_report::Row;

/// The path of roles that AWS services link to themselves. IAM lets nobody else use it.
const SERVICE_LINKED: &str = "/aws-service-role/";

/// A credential that can be used, and the day from which its rest counts.
struct Credential {
    name: Message,
    since: Timestamp,
}

pub(super) fn user(row: &Row, user: &User, run: &Run<'_>) -> Result<Verdict, Error> {
    let created = user.created.or(row.created()?);
    let credentials = credentials(row, created)?;
    if credentials.is_empty() {
        return Ok(Verdict::not_applicable(&NO_ENABLED_CREDENTIAL));
    }
    let limit = run.parameters.get(&MAX_CREDENTIAL_UNUSED_DAYS);
    if created.is_some_and(|created| younger(created, run, limit)) {
        return Ok(Verdict::not_applicable(&YOUNGER_THAN_WINDOW));
    }
    let unused: Vec<Message> = credentials
        .into_iter()
        .filter(|credential| age::exceeds(credential.since, run.now, limit))
        .map(|Credential { name, since }| {
            let (en, ja, days) = (name.en, name.ja, age::days(since, run.now));
            message!("{en} for {days} days", "{ja}({days} 日間)")
        })
        .collect();
    let mut failures = Failures::new();
    if !unused.is_empty() {
        let en = unused.iter().map(|one| one.en.as_str()).collect::<Vec<_>>().join(", ");
        let ja = unused.iter().map(|one| one.ja.as_str()).collect::<Vec<_>>().join("、");
        let name = row.user();
        failures.because(
            &USER_CREDENTIAL_UNUSED,
            message!(
                "Unused credentials of user {name}: {en}; at most {limit} days are accepted",
                "ユーザー {name} の認証情報が使用されていません: {ja}。上限 {limit} 日"
            ),
        );
    }
    Ok(failures.into_verdict())
}

/// The enabled credentials. A use before the credential was set or made is one of its predecessor:
/// what counts is the later of the two, and for an undated credential the creation of the user.
fn credentials(row: &Row, created: Option<Timestamp>) -> Result<Vec<Credential>, Error> {
    let mut found = Vec::new();
    if let Some(password) = row.password()? {
        let since = password.last_used.max(password.changed).or(created);
        found.push(Credential {
            name: message!("password", "パスワード"),
            since: since.ok_or_else(|| row.missing("password_last_changed"))?,
        });
    }
    for key in row.active_keys()? {
        let number = key.number;
        let since = key.last_used.max(key.rotated).or(created);
        let column = format!("access_key_{number}_last_rotated");
        found.push(Credential {
            name: message!("access key {number}", "アクセスキー {number}"),
            since: since.ok_or_else(|| row.missing(&column))?,
        });
    }
    Ok(found)
}

/// Whether something cannot be unused for `limit` days yet, since it is not that old.
fn younger(created: Timestamp, run: &Run<'_>, limit: i64) -> bool {
    age::days(created, run.now) < limit
}

pub(super) fn role(role: &Role, run: &Run<'_>) -> Verdict {
    let Role { name, path, created, last_used, .. } = role;
    if path.starts_with(SERVICE_LINKED) {
        return Verdict::not_applicable(&SERVICE_LINKED_ROLE);
    }
    let excluded = run.parameters.get(&EXCLUDED_ROLE_PATH_PREFIXES);
    if excluded.iter().any(|prefix| !prefix.is_empty() && path.starts_with(prefix.as_str())) {
        return Verdict::not_applicable(&ROLE_PATH_EXCLUDED);
    }
    let limit = run.parameters.get(&MAX_ROLE_UNUSED_DAYS);
    if younger(*created, run, limit) {
        return Verdict::not_applicable(&YOUNGER_THAN_WINDOW);
    }
    let mut failures = Failures::new();
    let since = last_used.unwrap_or(*created);
    if age::exceeds(since, run.now, limit) {
        let days = age::days(since, run.now);
        let message = match last_used {
            Some(_) => message!(
                "Role {name} was last used {days} days ago; at most {limit} days are accepted",
                "ロール {name} の最後の使用から {days} 日が経過しています(上限 {limit} 日)"
            ),
            None if days <= TRACKED_DAYS => message!(
                "Role {name} was made {days} days ago and never used; at most {limit} days are accepted",
                "ロール {name} は作成から {days} 日間一度も使用されていません(上限 {limit} 日)"
            ),
            None => message!(
                "Role {name} was not used in the last {TRACKED_DAYS} days; at most {limit} days are accepted",
                "ロール {name} は過去 {TRACKED_DAYS} 日間使用されていません(上限 {limit} 日)"
            ),
        };
        failures.because(&ROLE_UNUSED, message);
    }
    failures.into_verdict()
}

pub(super) fn group(group: &Group, empty: bool, run: &Run<'_>) -> Verdict {
    let Group { name, created, .. } = group;
    let grace = run.parameters.get(&GRACE_DAYS);
    let mut failures = Failures::new();
    let mut notes = Vec::new();
    if empty && age::exceeds(*created, run.now, grace) {
        let days = age::days(*created, run.now);
        failures.because(
            &GROUP_EMPTY,
            message!(
                "Group {name}, made {days} days ago, has no members",
                "グループ {name}({days} 日前に作成)にメンバーがいません"
            ),
        );
    } else if empty {
        notes.push(WITHIN_GRACE.because(message!(
            "Group {name} has no members yet; it may have none for {grace} days",
            "グループ {name} にまだメンバーがいません(作成から {grace} 日間の猶予)"
        )));
    }
    failures.into_verdict_with(notes)
}

pub(super) fn policy(policy: &ManagedPolicy, run: &Run<'_>) -> Verdict {
    let ManagedPolicy { name, updated, .. } = policy;
    let grace = run.parameters.get(&GRACE_DAYS);
    let unattached = policy.attachments == 0 && policy.boundaries == 0;
    let mut failures = Failures::new();
    let mut notes = Vec::new();
    if unattached && age::exceeds(*updated, run.now, grace) {
        let days = age::days(*updated, run.now);
        failures.because(
            &POLICY_UNATTACHED,
            message!(
                "Policy {name}, last changed {days} days ago, is attached to nothing",
                "ポリシー {name}({days} 日前に更新)はどこにもアタッチされていません"
            ),
        );
    } else if unattached {
        notes.push(WITHIN_GRACE.because(message!(
            "Policy {name} is attached to nothing; it may be so for {grace} days after a change",
            "ポリシー {name} はどこにもアタッチされていません(更新から {grace} 日間の猶予)"
        )));
    }
    failures.into_verdict_with(notes)
}
