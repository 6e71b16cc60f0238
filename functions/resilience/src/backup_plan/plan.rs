//! What an item tells of a backup plan.

use fisc_shared::ConfigurationItem;
use fisc_shared::item::required::{part, text};
use fisc_shared::item::{Fields, ItemError};
use jiff::{SignedDuration, Timestamp};

use super::schedule;

/// What becomes of backups as they age, in days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Lifecycle {
    pub(super) delete: Option<i64>,
    pub(super) cold: Option<i64>,
}

/// A copy action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Copy {
    /// The Region of the vault that it leads to.
    pub(super) region: String,
    pub(super) lifecycle: Lifecycle,
}

/// A rule of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) name: String,
    /// The longest time between two runs.
    pub(super) gap: SignedDuration,
    pub(super) lifecycle: Lifecycle,
    pub(super) continuous: bool,
    pub(super) copies: Vec<Copy>,
}

/// A backup plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) id: String,
    pub(super) rules: Vec<Rule>,
    pub(super) created: Option<Timestamp>,
}

impl Plan {
    pub(super) fn read(item: &ConfigurationItem, now: Timestamp) -> Result<Self, ItemError> {
        const RULES: &str = "BackupPlanRule";
        let fields = item.configuration()?;
        let plan = part(&fields, "BackupPlan")?;
        let rules = plan.list(RULES)?.ok_or_else(|| plan.missing(RULES))?;
        Ok(Self {
            id: text(&fields, "BackupPlanId")?.to_owned(),
            rules: rules.iter().map(|rule| read_rule(rule, now)).collect::<Result<_, _>>()?,
            created: item.created,
        })
    }

    pub(super) fn copies(&self) -> impl Iterator<Item = &Copy> {
        self.rules.iter().flat_map(|rule| &rule.copies)
    }

    pub(super) fn is_continuous(&self) -> bool {
        self.rules.iter().any(|rule| rule.continuous)
    }
}

fn read_rule(rule: &Fields<'_>, now: Timestamp) -> Result<Rule, ItemError> {
    const SCHEDULE: &str = "ScheduleExpression";
    let expression = rule.text(SCHEDULE)?.unwrap_or(schedule::DEFAULT);
    let gap = schedule::longest_gap(expression, now).ok_or_else(|| ItemError::Unreadable {
        field: format!("{}.{SCHEDULE}", rule.path()),
        problem: format!("unknown schedule {expression:?}"),
    })?;
    let copies = rule.list("CopyActions")?.unwrap_or_default();
    Ok(Rule {
        name: text(rule, "RuleName")?.to_owned(),
        gap,
        lifecycle: read_lifecycle(rule)?,
        continuous: rule.flag("EnableContinuousBackup")? == Some(true),
        copies: copies.iter().map(read_copy).collect::<Result<_, _>>()?,
    })
}

fn read_copy(copy: &Fields<'_>) -> Result<Copy, ItemError> {
    const VAULT: &str = "DestinationBackupVaultArn";
    let arn = text(copy, VAULT)?;
    let region = arn.split(':').nth(3).filter(|region| !region.is_empty());
    let region = region.ok_or_else(|| ItemError::Unreadable {
        field: format!("{}.{VAULT}", copy.path()),
        problem: "it is no ARN of a vault".to_owned(),
    })?;
    Ok(Copy { region: region.to_owned(), lifecycle: read_lifecycle(copy)? })
}

/// Without a lifecycle, and with -1 days, backups stay for ever where they are.
fn read_lifecycle(fields: &Fields<'_>) -> Result<Lifecycle, ItemError> {
    let Some(lifecycle) = fields.at("Lifecycle")? else { return Ok(Lifecycle::default()) };
    let days = |key: &str| Ok::<_, ItemError>(lifecycle.integer(key)?.filter(|days| *days > 0));
    Ok(Lifecycle {
        delete: days("DeleteAfterDays")?,
        // Zero days are a move at once.
        cold: lifecycle.integer("MoveToColdStorageAfterDays")?.filter(|days| *days >= 0),
    })
}
