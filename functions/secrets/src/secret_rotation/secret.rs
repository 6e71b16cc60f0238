//! What Secrets Manager tells of a secret, and the verdict on it.

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::types::{SecretListEntry, SecretVersionsListEntry};
use fisc_shared::config_service::from_sdk;
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Remark, Run, Verdict, message};
use jiff::{SignedDuration, Timestamp};

use super::{
    BEING_DELETED, DESCRIBE_SECRET, LIST_SECRETS, MAX_DAYS_SINCE_ROTATION, OTHER_OWNER, REPLICA,
    ROTATION_DISABLED, ROTATION_EXEMPT, ROTATION_EXEMPT_TAG_KEY, ROTATION_FAILED,
    ROTATION_GRACE_DAYS, SECRET_TOO_OLD, SECRET_UNUSED, UNUSED_FOR_DAYS,
};

/// The service whose secrets a customer can still switch off the rotation of.
const RDS: &str = "rds";

/// A secret, without anything of its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Secret {
    pub(super) arn: String,
    pub(super) name: String,
    pub(super) tags: Vec<(String, String)>,
    pub(super) owner: Option<String>,
    pub(super) primary_region: Option<String>,
    pub(super) deleted: bool,
    pub(super) rotates: bool,
    /// By when the next rotation is due, whether the schedule is in days or an expression.
    pub(super) next: Option<Timestamp>,
    pub(super) rotated: Option<Timestamp>,
    pub(super) created: Timestamp,
    /// The day on which it was last read.
    pub(super) accessed: Option<Timestamp>,
}

/// The members that the answers of both operations have.
macro_rules! read {
    ($answer:expr, $action:expr) => {{
        let missing = |field: &str| Error::Answer { action: $action, field: field.to_owned() };
        let tag = |tag: &aws_sdk_secretsmanager::types::Tag| {
            Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()))
        };
        Ok(Secret {
            arn: $answer.arn().ok_or_else(|| missing("ARN"))?.to_owned(),
            name: $answer.name().ok_or_else(|| missing("Name"))?.to_owned(),
            tags: $answer.tags().iter().filter_map(tag).collect(),
            owner: $answer.owning_service().map(str::to_owned),
            primary_region: $answer.primary_region().map(str::to_owned),
            deleted: $answer.deleted_date().is_some(),
            // Of a secret that was never set up for rotation there is no such member.
            rotates: $answer.rotation_enabled().unwrap_or(false),
            next: $answer.next_rotation_date().and_then(from_sdk),
            rotated: $answer.last_rotated_date().and_then(from_sdk),
            created: $answer
                .created_date()
                .and_then(from_sdk)
                .ok_or_else(|| missing("CreatedDate"))?,
            accessed: $answer.last_accessed_date().and_then(from_sdk),
        })
    }};
}

impl Secret {
    pub(super) fn described(answer: &DescribeSecretOutput) -> Result<Self, Error> {
        read!(answer, DESCRIBE_SECRET)
    }

    pub(super) fn listed(answer: &SecretListEntry) -> Result<Self, Error> {
        read!(answer, LIST_SECRETS)
    }

    /// Why the secret is not judged.
    fn exclusion(&self, run: &Run<'_>) -> Option<&'static Remark> {
        if self.deleted {
            Some(&BEING_DELETED)
        } else if self.primary_region.as_deref().is_some_and(|primary| primary != run.region) {
            Some(&REPLICA)
        } else if self.owner.as_deref().is_some_and(|owner| !owner.is_empty() && owner != RDS) {
            Some(&OTHER_OWNER)
        } else {
            None
        }
    }

    /// Whether a tag gives the reason why it does not rotate by itself.
    fn exempt(&self, run: &Run<'_>) -> bool {
        let keys = run.parameters.get(&ROTATION_EXEMPT_TAG_KEY);
        self.tags.iter().any(|(key, reason)| keys.contains(key) && !reason.trim().is_empty())
    }

    /// Whether the value may be younger than the dates of the secret tell, and it matters.
    pub(super) fn may_be_younger(&self, run: &Run<'_>) -> bool {
        self.exclusion(run).is_none()
            && !self.rotates
            && self.exempt(run)
            && run.now.duration_since(self.changed()) > limit(run)
    }

    /// Takes note of a version: the current one is what is in use.
    pub(super) fn has_version(&mut self, version: &SecretVersionsListEntry) {
        if version.version_stages().iter().any(|stage| stage == "AWSCURRENT") {
            self.rotated = self.rotated.max(version.created_date().and_then(from_sdk));
        }
    }

    fn changed(&self) -> Timestamp {
        self.rotated.unwrap_or(self.created)
    }

    pub(super) fn verdict(&self, run: &Run<'_>) -> Verdict {
        if let Some(remark) = self.exclusion(run) {
            return Verdict::not_applicable(remark);
        }
        let mut failures = Failures::new();
        let mut notes = Vec::new();
        if self.rotates {
            self.lateness(run, &mut failures);
        } else if self.exempt(run) {
            notes.push(ROTATION_EXEMPT.reason());
        } else {
            failures.add(&ROTATION_DISABLED);
        }
        let age = run.now.duration_since(self.changed());
        if age > limit(run) {
            let (days, most) = (age.as_hours() / 24, run.parameters.get(&MAX_DAYS_SINCE_ROTATION));
            failures.because(
                &SECRET_TOO_OLD,
                if self.rotated.is_some() {
                    message!(
                        "Last rotated {days} days ago; at most {most} days are accepted",
                        "最後のローテーションから {days} 日が経過しています(上限 {most} 日)"
                    )
                } else {
                    message!(
                        "Never rotated in {days} days; at most {most} days are accepted",
                        "作成から {days} 日間、一度もローテーションされていません(上限 {most} 日)"
                    )
                },
            );
        }
        self.disuse(run, &mut failures);
        failures.into_verdict_with(notes)
    }

    /// Secrets Manager tries a failed rotation again, and leaves its date in the past.
    fn lateness(&self, run: &Run<'_>, failures: &mut Failures) {
        let grace = days(run.parameters.get(&ROTATION_GRACE_DAYS));
        if let Some(next) = self.next.filter(|next| run.now.duration_since(*next) > grace) {
            let due = next.strftime("%Y-%m-%d");
            failures.because(
                &ROTATION_FAILED,
                message!(
                    "The rotation that was due by {due} has not happened",
                    "{due} までに予定されていたローテーションが行われていません"
                ),
            );
        }
    }

    fn disuse(&self, run: &Run<'_>, failures: &mut Failures) {
        let most = run.parameters.get(&UNUSED_FOR_DAYS);
        if most == 0 {
            return;
        }
        let unused = match self.accessed {
            // Any time of that day.
            Some(day) => run.now.duration_since(day) - days(1),
            None => run.now.duration_since(self.created),
        };
        if unused > days(most) {
            let unused = unused.as_hours() / 24;
            failures.because(
                &SECRET_UNUSED,
                message!(
                    "Not read for {unused} days; at most {most} days are accepted",
                    "{unused} 日間読み取られていません(上限 {most} 日)"
                ),
            );
        }
    }
}

const fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

fn limit(run: &Run<'_>) -> SignedDuration {
    days(run.parameters.get(&MAX_DAYS_SINCE_ROTATION))
}
