//! The decisions of `backup-coverage`, from what was read.

use fisc_shared::item::in_scope;
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, Reason, Run, Verdict, message};
use jiff::{SignedDuration, Timestamp};

use super::reading::{self, Data, Own, Reading};
use super::remarks::{
    AUTO_SCALING_MEMBER, BY_LIFECYCLE_POLICY, BY_PLAN, BY_SERVICE, EXEMPT, NEWLY_CREATED,
    NOT_IN_SCOPE, VERSIONED_ONLY,
};
use super::requirements::{
    DYNAMODB_PITR_OFF, EXEMPTION_WITHOUT_SOURCE, NOT_IN_BACKUP_PLAN, RDS_BACKUP_OFF,
    RECOVERY_POINT_TOO_OLD, REDSHIFT_SNAPSHOT_SHORT, RESTORABLE_TIME_LAGS, S3_NOT_PROTECTED,
};
use super::{
    BUCKET_SCOPE_TAG, EXEMPT_TAG_KEY, GRACE_HOURS, MAX_RESTORABLE_LAG_MINUTES, MIN_PITR_DAYS,
    MIN_RETENTION_DAYS, ONLY_ATTACHED_VOLUMES, RPO_HOURS, SCOPE_TAG,
};
use crate::backups::selection::{Tags, scales};

/// Overrides rpoHours.
const RPO_TAG: &str = "fisc:rpo-hours";
/// The period of point-in-time recovery where none was chosen.
const DEFAULT_PITR_DAYS: i32 = 35;

/// What an exempt tag names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// Something that is accepted.
    Named,
    /// A bucket, if the account has it.
    Bucket(String),
    /// Nothing that could be a source.
    Nothing,
}

/// What the service says of its own backups now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Live {
    /// The service was not asked.
    Unasked,
    /// A database in service.
    Database { retention: i64, latest: Option<Timestamp> },
    /// Point-in-time recovery of a table: `None` when it is off.
    Table(Option<Recovery>),
}

/// Point-in-time recovery that is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Recovery {
    /// How many days it reaches back.
    pub(super) days: Option<i32>,
    /// The newest time that can be restored.
    pub(super) latest: Option<Timestamp>,
}

/// What covers a resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Coverage {
    /// The names of the plans that select it.
    pub(super) plans: Vec<String>,
    /// One of them makes continuous backups.
    pub(super) continuous: bool,
    /// The id of a lifecycle policy that takes it.
    pub(super) policy: Option<String>,
}

/// What the item alone decides.
pub(super) fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let data = match reading::read(item)? {
        Reading::NotJudged(remark) => return Ok(Some(Verdict::not_applicable(remark))),
        Reading::Data(data) => data,
    };
    let tags = item.all_tags()?;
    if let Some(verdict) = set_aside(&data, &tags, run) {
        return Ok(Some(verdict));
    }
    match exemption(&data, &tags, run) {
        Some(Source::Bucket(_)) => return Ok(None),
        Some(source) => return Ok(Some(exempt(&source, &tags, run))),
        None => {}
    }
    if let Own::Warehouse { retention } = data.own {
        return Ok(Some(warehouse(retention, run)));
    }
    let mut failures = Failures::new();
    match data.own {
        Own::Database { retention, .. } if run.offline => short(retention, run, &mut failures),
        Own::Table { recorded: Some(false), .. } if run.offline => failures.add(&DYNAMODB_PITR_OFF),
        _ => {}
    }
    let verdict = failures.into_verdict();
    Ok(matches!(verdict, Verdict::NonCompliant(_)).then_some(verdict))
}

/// Why a resource is not judged, if it is not.
fn set_aside(data: &Data, tags: &Tags, run: &Run<'_>) -> Option<Verdict> {
    if let Some(remark) = reading::set_aside(&data.own, run.parameters.get(&ONLY_ATTACHED_VOLUMES))
    {
        return Some(Verdict::not_applicable(remark));
    }
    if scales(tags) {
        return Some(Verdict::not_applicable(&AUTO_SCALING_MEMBER));
    }
    let bucket = matches!(data.own, Own::Bucket { .. });
    let in_scope = in_scope(tags, &run.parameters.get(&SCOPE_TAG))
        && (!bucket || in_scope(tags, &run.parameters.get(&BUCKET_SCOPE_TAG)));
    if !in_scope {
        return Some(Verdict::not_applicable(&NOT_IN_SCOPE));
    }
    let young = data.created.is_some_and(|created| is_young(created, run));
    young.then(|| Verdict::not_applicable(&NEWLY_CREATED))
}

/// Whether something that was created then is not yet judged.
pub(super) fn is_young(created: Timestamp, run: &Run<'_>) -> bool {
    run.now.duration_since(created) < SignedDuration::from_hours(run.parameters.get(&GRACE_HOURS))
}

/// What the exempt tag of a resource names, if it has one.
pub(super) fn exemption(data: &Data, tags: &Tags, run: &Run<'_>) -> Option<Source> {
    let value = exempt_value(tags, run)?;
    Some(match &data.own {
        Own::Database { sources, .. } => source(value, Some(sources)),
        _ => source(value, None),
    })
}

pub(super) fn exempt_value<'a>(tags: &'a Tags, run: &Run<'_>) -> Option<&'a str> {
    let key = run.parameters.get(&EXEMPT_TAG_KEY);
    tags.get(&key).filter(|_| !key.is_empty()).map(|value| value.trim())
}

/// What a value names; among `known`, where only those count.
pub(super) fn source(value: &str, known: Option<&[String]>) -> Source {
    let bucket = value.strip_prefix("s3://").or_else(|| {
        let arn = value.strip_prefix("arn:")?;
        arn.split_once(":s3:::").map(|(_, bucket)| bucket)
    });
    if let Some(bucket) = bucket {
        let name = bucket.split('/').next().unwrap_or_default();
        return Source::Bucket(name.to_owned());
    }
    let last = |text: &str| text.rsplit(':').next().unwrap_or_default().to_ascii_lowercase();
    match known {
        _ if value.is_empty() => Source::Nothing,
        Some(known) if !known.iter().any(|one| last(one) == last(value)) => Source::Nothing,
        _ => Source::Named,
    }
}

/// The verdict on a resource with an exempt tag.
pub(super) fn exempt(source: &Source, tags: &Tags, run: &Run<'_>) -> Verdict {
    let name = exempt_value(tags, run).unwrap_or_default();
    if *source == Source::Nothing {
        let mut failures = Failures::new();
        failures.because(
            &EXEMPTION_WITHOUT_SOURCE,
            message!(
                "The exemption names no source that exists: {name:?}",
                "除外タグの値が示す元データが存在しません: {name:?}"
            ),
        );
        return failures.into_verdict();
    }
    Verdict::NotApplicable(EXEMPT.because(message!(
        "Exempt: its data can be rebuilt from {name}",
        "除外タグがあり、{name} から再作成できます"
    )))
}

fn warehouse(retention: i64, run: &Run<'_>) -> Verdict {
    let limit = run.parameters.get(&MIN_RETENTION_DAYS);
    let mut failures = Failures::new();
    if retention < limit {
        failures.because(
            &REDSHIFT_SNAPSHOT_SHORT,
            message!(
                "Automated snapshots are kept for {retention} days; at least {limit} are asked for",
                "自動スナップショットの保持は {retention} 日です({limit} 日以上が必要)"
            ),
        );
    }
    failures.into_verdict_with(vec![BY_SERVICE.reason()])
}

/// Fails a retention of automated backups that is too short.
fn short(retention: i64, run: &Run<'_>, failures: &mut Failures) {
    let limit = run.parameters.get(&MIN_RETENTION_DAYS);
    if retention < limit {
        failures.because(
            &RDS_BACKUP_OFF,
            message!(
                "Automated backups are kept for {retention} days; at least {limit} are asked for",
                "自動バックアップの保持は {retention} 日です({limit} 日以上が必要)"
            ),
        );
    }
}

/// The time since which a recovery point counts as recent. A tag that is no number of hours
/// changes nothing.
pub(super) fn since(tags: &Tags, run: &Run<'_>) -> (i64, Timestamp) {
    let own = tags.get(RPO_TAG).and_then(|hours| hours.trim().parse::<i64>().ok());
    let own = own.filter(|hours| (1..=8760).contains(hours));
    let hours = own.unwrap_or_else(|| run.parameters.get(&RPO_HOURS));
    (hours, run.now.saturating_sub(SignedDuration::from_hours(hours)).unwrap_or(run.now))
}

/// The verdict on a resource, by what covers it, its newest recovery point and what its service
/// says.
pub(super) fn decide(
    data: &Data,
    tags: &Tags,
    coverage: &Coverage,
    newest: Option<Timestamp>,
    live: Live,
    run: &Run<'_>,
) -> Verdict {
    let mut failures = Failures::new();
    let mut newest = newest;
    let by_service = match (&data.own, live) {
        (_, Live::Database { retention, latest }) => {
            short(retention, run, &mut failures);
            if retention > 0 {
                lags(latest, run, &mut failures);
                newest = newest.max(latest);
            }
            retention > 0
        }
        (_, Live::Table(recovery)) => {
            point_in_time(recovery, run, &mut failures);
            newest = newest.max(recovery.and_then(|recovery| recovery.latest));
            recovery.is_some()
        }
        (Own::FileSystem { automatic }, _) => *automatic,
        _ => false,
    };
    let planned = !coverage.plans.is_empty() || coverage.policy.is_some();
    match data.own {
        _ if planned || by_service => {}
        Own::Bucket { versioned: true } => {}
        Own::Bucket { versioned: false } => failures.add(&S3_NOT_PROTECTED),
        _ => failures.add(&NOT_IN_BACKUP_PLAN),
    }
    let judged = match data.own {
        // Its versions are the protection of a bucket that no plan selects.
        Own::Bucket { .. } => planned,
        _ => true,
    };
    // A continuous backup is one recovery point that goes on: its age is no measure.
    let goes_on = matches!(data.own, Own::Bucket { .. }) && coverage.continuous && newest.is_some();
    if judged && !goes_on {
        let (hours, since) = since(tags, run);
        if newest.is_none_or(|newest| newest < since) {
            failures.because(&RECOVERY_POINT_TOO_OLD, too_old(newest, hours, coverage, run));
        }
    }
    failures.into_verdict_with(notes(data, coverage, by_service))
}

/// Says how old the newest recovery point is, and who should have made a newer one.
fn too_old(newest: Option<Timestamp>, limit: i64, coverage: &Coverage, run: &Run<'_>) -> Message {
    let mut message = match newest {
        Some(newest) => {
            let hours = run.now.duration_since(newest).as_hours();
            message!(
                "The newest recovery point is {hours} hours old; at most {limit} are accepted",
                "最新の復旧時点から {hours} 時間が経過しています(上限 {limit} 時間)"
            )
        }
        None => message!("There is no recovery point", "復旧時点が一つもありません"),
    };
    if let Some(plan) = coverage.plans.first() {
        let by = message!(" (backup plan {plan})", "(バックアップ計画 {plan})");
        message = Message { en: message.en + &by.en, ja: message.ja + &by.ja };
    }
    message
}

fn lags(latest: Option<Timestamp>, run: &Run<'_>, failures: &mut Failures) {
    let limit = run.parameters.get(&MAX_RESTORABLE_LAG_MINUTES);
    let Some(latest) = latest else { return failures.add(&RESTORABLE_TIME_LAGS) };
    let minutes = run.now.duration_since(latest).as_mins();
    if minutes > limit {
        failures.because(
            &RESTORABLE_TIME_LAGS,
            message!(
                "The latest restorable time is {minutes} minutes ago; at most {limit} are accepted",
                "最新の復元可能時刻は {minutes} 分前です(上限 {limit} 分)"
            ),
        );
    }
}

fn point_in_time(recovery: Option<Recovery>, run: &Run<'_>, failures: &mut Failures) {
    let limit = run.parameters.get(&MIN_PITR_DAYS);
    let Some(recovery) = recovery else { return failures.add(&DYNAMODB_PITR_OFF) };
    let days = recovery.days.unwrap_or(DEFAULT_PITR_DAYS);
    if i64::from(days) < limit {
        failures.because(
            &DYNAMODB_PITR_OFF,
            message!(
                "Point-in-time recovery reaches back {days} days; at least {limit} are asked for",
                "ポイントインタイムリカバリの期間は {days} 日です({limit} 日以上が必要)"
            ),
        );
    }
}

/// What covers a resource that passes.
fn notes(data: &Data, coverage: &Coverage, by_service: bool) -> Vec<Reason> {
    let mut notes = Vec::new();
    if !coverage.plans.is_empty() {
        let Message { en, ja } = Message::named(&coverage.plans);
        notes.push(
            BY_PLAN.because(message!(
                "Covered by backup plan {en}",
                "バックアップ計画 {ja} の対象です"
            )),
        );
    }
    if let Some(policy) = &coverage.policy {
        notes.push(BY_LIFECYCLE_POLICY.because(message!(
            "Covered by lifecycle policy {policy}",
            "ライフサイクルポリシー {policy} の対象です"
        )));
    }
    if by_service {
        notes.push(BY_SERVICE.reason());
    }
    if notes.is_empty() && matches!(data.own, Own::Bucket { .. }) {
        notes.push(VERSIONED_ONLY.reason());
    }
    notes
}
