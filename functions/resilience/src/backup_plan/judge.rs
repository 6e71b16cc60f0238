//! The verdict on a backup plan.

use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Run, Verdict, message};
use jiff::{SignedDuration, Timestamp};

use super::plan::{Plan, Rule};
use super::requirements::{
    CONTINUOUS_BACKUP_OFF, COPY_JOB_FAILING, CROSS_REGION_COPY_MISSING,
    FREQUENCY_OR_RETENTION_SHORT, LIFECYCLE_MISSING,
};
use super::{
    COPY_WINDOW_DAYS, CRITICAL_TAG, EXEMPT, EXEMPT_TAG_KEY, REQUIRE_COLD_STORAGE,
    REQUIRED_FREQUENCY_HOURS, REQUIRED_RETENTION_DAYS, RULE_MATCH,
};
use fisc_shared::item::in_scope;

/// A copy job that a plan started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CopyJob {
    pub(super) plan: String,
    pub(super) created: Timestamp,
    /// `COMPLETED`, `FAILED`, `PARTIAL`, `RUNNING` or `CREATED`.
    pub(super) state: String,
}

/// What services tell of a plan, where they were asked.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Facts<'a> {
    /// The copy jobs of the window, of whichever plan.
    pub(super) jobs: Option<&'a [CopyJob]>,
    /// It selects something that can be backed up continuously.
    pub(super) selects_continuous: bool,
}

/// A plan that is judged.
#[derive(Debug)]
pub(super) struct Judged {
    pub(super) plan: Plan,
    pub(super) critical: bool,
}

impl Judged {
    /// Reads an item; `None` for an exempt plan.
    pub(super) fn read(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Self>, Error> {
        let tags = item.all_tags()?;
        let exempt = run.parameters.get(&EXEMPT_TAG_KEY);
        if !exempt.is_empty() && tags.contains_key(&exempt) {
            return Ok(None);
        }
        let plan = Plan::read(item, run.now)?;
        Ok(Some(Self { plan, critical: in_scope(&tags, &run.parameters.get(&CRITICAL_TAG)) }))
    }

    /// Its copy jobs count.
    pub(super) fn copies(&self) -> bool {
        self.plan.copies().next().is_some()
    }

    /// What it selects counts.
    pub(super) fn needs_selections(&self) -> bool {
        self.critical && !self.plan.is_continuous()
    }

    pub(super) fn decide(&self, facts: Facts<'_>, run: &Run<'_>) -> Verdict {
        let plan = &self.plan;
        let mut failures = Failures::new();
        rarely_or_short(plan, run, &mut failures);
        lifecycles(plan, run, &mut failures);
        let leaves = plan.copies().any(|copy| copy.region != run.region);
        if self.critical && !leaves {
            failures.add(&CROSS_REGION_COPY_MISSING);
        }
        if let Some(jobs) = facts.jobs {
            copy_jobs(plan, jobs, run, &mut failures);
        }
        if facts.selects_continuous {
            failures.add(&CONTINUOUS_BACKUP_OFF);
        }
        failures.into_verdict()
    }
}

/// What the item alone decides: plans whose copies and selections do not count.
pub(super) fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let Some(judged) = Judged::read(item, run)? else {
        return Ok(Some(Verdict::not_applicable(&EXEMPT)));
    };
    let verdict = judged.decide(Facts::default(), run);
    let all = !judged.copies() && !judged.needs_selections();
    let fails = run.offline && matches!(verdict, Verdict::NonCompliant(_));
    Ok((all || fails).then_some(verdict))
}

fn rarely_or_short(plan: &Plan, run: &Run<'_>, failures: &mut Failures) {
    let hours = run.parameters.get(&REQUIRED_FREQUENCY_HOURS);
    let days = run.parameters.get(&REQUIRED_RETENTION_DAYS);
    let often = |rule: &Rule| rule.gap <= SignedDuration::from_hours(hours);
    let long = |rule: &Rule| rule.lifecycle.delete.is_none_or(|kept| kept >= days);
    let good = |rule: &Rule| often(rule) && long(rule);
    let all = run.parameters.get(&RULE_MATCH) == "all";
    let holds = if all {
        !plan.rules.is_empty() && plan.rules.iter().all(good)
    } else {
        plan.rules.iter().any(good)
    };
    if holds {
        return;
    }
    // The rule that comes nearest, or the first that fails.
    let shown = plan.rules.iter().filter(|rule| !good(rule)).min_by_key(|rule| rule.gap);
    let Some(rule) = shown else { return failures.add(&FREQUENCY_OR_RETENTION_SHORT) };
    let (name, gap) = (&rule.name, rule.gap.as_hours());
    let kept = rule.lifecycle.delete.map_or_else(
        || message!("for ever", "無期限"),
        |kept| message!("{kept} days", "{kept} 日"),
    );
    let (kept_en, kept_ja) = (kept.en, kept.ja);
    failures.because(
        &FREQUENCY_OR_RETENTION_SHORT,
        message!(
            "Rule {name}: up to {gap} hours between backups, kept {kept_en} (asked for: {hours} \
             hours, {days} days)",
            "ルール {name}: 間隔が最長 {gap} 時間、保持が {kept_ja}(基準: {hours} 時間以内、{days} 日以上)"
        ),
    );
}

fn lifecycles(plan: &Plan, run: &Run<'_>, failures: &mut Failures) {
    let cold = run.parameters.get(&REQUIRE_COLD_STORAGE);
    let lacking: Vec<&str> = plan
        .rules
        .iter()
        .filter(|rule| {
            let copies = rule.copies.iter().map(|copy| copy.lifecycle);
            std::iter::once(rule.lifecycle).chain(copies).any(|one| {
                (one.delete.is_none() && one.cold.is_none()) || (cold && one.cold.is_none())
            })
        })
        .map(|rule| rule.name.as_str())
        .collect();
    if !lacking.is_empty() {
        failures.because(&LIFECYCLE_MISSING, LIFECYCLE_MISSING.naming(&lacking));
    }
}

fn copy_jobs(plan: &Plan, jobs: &[CopyJob], run: &Run<'_>, failures: &mut Failures) {
    let window = run.parameters.get(&COPY_WINDOW_DAYS);
    let own: Vec<&CopyJob> = jobs.iter().filter(|job| job.plan == plan.id).collect();
    let young = plan.created.is_some_and(|created| {
        run.now.duration_since(created) < SignedDuration::from_hours(24 * window)
    });
    if own.is_empty() && young {
        return;
    }
    let finished = own.iter().filter(|job| !matches!(job.state.as_str(), "CREATED" | "RUNNING"));
    match finished.max_by_key(|job| job.created) {
        None => failures.because(
            &COPY_JOB_FAILING,
            message!(
                "No copy job completed within {window} days",
                "{window} 日以内に完了したコピージョブがありません"
            ),
        ),
        Some(job) if job.state != "COMPLETED" => {
            let (state, time) = (&job.state, job.created);
            failures.because(
                &COPY_JOB_FAILING,
                message!(
                    "The newest copy job ended as {state} ({time})",
                    "最新のコピージョブが {state} で終了しました({time})"
                ),
            );
        }
        Some(_) => {}
    }
}
