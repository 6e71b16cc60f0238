//! What a key's state means: pure decisions.

use fisc_shared::item::ItemError;
use fisc_shared::parameter::Param;
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Message, Run, Verdict, message};
use jiff::SignedDuration;

use super::key::Key;
use super::{
    ALLOWED_KEY_SPECS, ALLOWED_ORIGINS, AWS_MANAGED_KEY, DAYS_TO_EXPIRATION,
    DELETION_APPROVAL_TAG_KEY, DELETION_APPROVED, IMPORTED_MATERIAL_EXPIRING,
    IMPORTED_MATERIAL_MISSING, KEY_IN_TRANSITION, KEY_ORIGIN_NOT_APPROVED, KEY_SPEC_NOT_APPROVED,
    PENDING_DELETION_UNAPPROVED, UNUSABLE_WHILE_IN_USE,
};

/// Why the control does not apply to the key, if it does not.
pub(super) fn exclusion(key: &Key) -> Option<Verdict> {
    if key.manager == "AWS" {
        return Some(Verdict::not_applicable(&AWS_MANAGED_KEY));
    }
    let in_transition = key.state == "Creating" || key.state == "Updating";
    in_transition.then(|| Verdict::not_applicable(&KEY_IN_TRANSITION))
}

/// What fails of a key, and whether its deletion was approved; `users` are the resources that
/// name it, asked for only while it is unusable.
fn failures(key: &Key, approved: bool, users: &[String], run: &Run<'_>) -> Failures {
    let mut failures = Failures::new();
    let state = &key.state;
    if key.is_pending_deletion() && !approved {
        let when = key.deletion.map(|time| time.strftime("%Y-%m-%d").to_string());
        let message = match when {
            Some(day) => message!(
                "The key will be deleted on {day} without an approval",
                "承認されていないキーの削除が {day} に予定されています"
            ),
            None => PENDING_DELETION_UNAPPROVED.title.into(),
        };
        failures.because(&PENDING_DELETION_UNAPPROVED, message);
    }
    if key.is_unusable() && !users.is_empty() {
        let users = Message::named(users);
        failures.because(
            &UNUSABLE_WHILE_IN_USE,
            Message {
                en: format!("The key is {state}, and resources name it: {}", users.en),
                ja: format!("キーの状態が {state} ですが、リソースが使用しています: {}", users.ja),
            },
        );
    }
    // What is on its way out by an approved procedure need not be replaced before.
    if key.is_pending_deletion() && approved {
        return failures;
    }
    expiry(key, run, &mut failures);
    if key.is_imported() && state == "PendingImport" {
        failures.add(&IMPORTED_MATERIAL_MISSING);
    }
    let listed = |list: &Param<Vec<String>>, value: &str| {
        run.parameters.get(list).iter().any(|one| one == value)
    };
    let spec = &key.spec;
    if !listed(&ALLOWED_KEY_SPECS, spec) {
        failures.because(
            &KEY_SPEC_NOT_APPROVED,
            message!("The key spec is {spec}", "キー仕様が {spec} です"),
        );
    }
    let origin = &key.origin;
    if !listed(&ALLOWED_ORIGINS, origin) {
        failures.because(
            &KEY_ORIGIN_NOT_APPROVED,
            message!("The origin is {origin}", "オリジンが {origin} です"),
        );
    }
    failures
}

fn expiry(key: &Key, run: &Run<'_>, failures: &mut Failures) {
    let Some(expires) = key.expires.filter(|_| key.is_imported()) else { return };
    let days = run.parameters.get(&DAYS_TO_EXPIRATION);
    if expires.duration_since(run.now) > SignedDuration::from_hours(days * 24) {
        return;
    }
    let day = expires.strftime("%Y-%m-%d");
    let message = if expires <= run.now {
        message!("The key material expired on {day}", "キーマテリアルの期限は {day} に切れています")
    } else {
        message!("The key material expires on {day}", "キーマテリアルの期限は {day} です")
    };
    failures.because(&IMPORTED_MATERIAL_EXPIRING, message);
}

pub(super) fn verdict(key: &Key, approved: bool, users: &[String], run: &Run<'_>) -> Verdict {
    let notes = if key.is_pending_deletion() && approved {
        vec![DELETION_APPROVED.reason()]
    } else {
        Vec::new()
    };
    failures(key, approved, users, run).into_verdict_with(notes)
}

/// Whether the item carries the approval; `None` when it does not tell of tags.
pub(super) fn approval(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<bool>, ItemError> {
    let keys = run.parameters.get(&DELETION_APPROVAL_TAG_KEY);
    if keys.iter().any(|key| item.tags.contains_key(key)) {
        return Ok(Some(true));
    }
    // Items from a query or a batch carry no tags at all, also not in this part.
    let told = match item.supplementary("Tags") {
        Ok(part) => part.is_some(),
        Err(ItemError::Missing { .. }) => false,
        Err(error) => return Err(error),
    };
    Ok((told || !item.tags.is_empty()).then_some(false))
}
