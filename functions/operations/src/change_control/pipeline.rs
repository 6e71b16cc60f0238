//! Pipelines: where they begin, and whether somebody approves before they deploy.

use fisc_shared::item::required::{part, text};
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Run, Verdict, message};

use super::parameters::{PRODUCTION_TAG, VERSIONED_SOURCES};
use super::requirements::{PIPELINE_SOURCE_UNVERSIONED, PIPELINE_WITHOUT_APPROVAL};
use fisc_shared::item::in_scope;

/// An action of a stage.
struct Action<'a> {
    name: &'a str,
    category: &'a str,
    provider: &'a str,
    /// Actions of the same number run side by side.
    order: i64,
}

impl<'a> Action<'a> {
    fn read(fields: &Fields<'a>) -> Result<Self, ItemError> {
        let kind = part(fields, "actionTypeId")?;
        Ok(Self {
            name: text(fields, "name")?,
            category: text(&kind, "category")?,
            provider: text(&kind, "provider")?,
            // Without a number, an action runs first.
            order: fields.integer("runOrder")?.unwrap_or(1),
        })
    }
}

pub(super) fn pipeline(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let stages = stages(item)?;
    let mut failures = Failures::new();
    let versioned = run.parameters.get(&VERSIONED_SOURCES);
    let sources: Vec<&str> = stages
        .iter()
        .take(1)
        .flatten()
        .filter(|action| action.category == "Source")
        .map(|action| action.provider)
        .collect();
    if !sources.iter().any(|source| versioned.iter().any(|one| one == source)) {
        let providers = sources.join(", ");
        failures.because(
            &PIPELINE_SOURCE_UNVERSIONED,
            message!(
                "The sources are not under version control: {providers}",
                "ソースがバージョン管理されていません: {providers}"
            ),
        );
    }
    let production = run.parameters.get(&PRODUCTION_TAG);
    if in_scope(&item.all_tags()?, &production) {
        let unapproved = unapproved(&stages);
        if !unapproved.is_empty() {
            let message = PIPELINE_WITHOUT_APPROVAL.naming(&unapproved);
            failures.because(&PIPELINE_WITHOUT_APPROVAL, message);
        }
    }
    Ok(Some(failures.into_verdict()))
}

fn stages(item: &ConfigurationItem) -> Result<Vec<Vec<Action<'_>>>, ItemError> {
    let pipeline = part(&item.configuration()?, "pipeline")?;
    let stages = pipeline.list("stages")?.ok_or_else(|| pipeline.missing("stages"))?;
    stages
        .iter()
        .map(|stage| {
            let actions = stage.list("actions")?.ok_or_else(|| stage.missing("actions"))?;
            actions.iter().map(Action::read).collect()
        })
        .collect()
}

/// The actions that deploy before anybody approved.
fn unapproved<'a>(stages: &[Vec<Action<'a>>]) -> Vec<&'a str> {
    let mut found = Vec::new();
    for stage in stages {
        let approvals = || stage.iter().filter(|action| action.category == "Approval");
        let early = |action: &&Action<'_>| {
            action.category == "Deploy" && !approvals().any(|one| one.order < action.order)
        };
        found.extend(stage.iter().filter(early).map(|action| action.name));
        if approvals().next().is_some() {
            break;
        }
    }
    found
}
