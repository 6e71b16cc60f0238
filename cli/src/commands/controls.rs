//! `fisc controls`: the list of controls.

use std::io::{self, Write};

use comfy_table::Cell;
use fisc_shared::parameter::{Kind, Spec};
use fisc_shared::{Control, Language};
use serde::Serialize;
use serde_json::Value;

use crate::output::table::{heading, severity, table};
use crate::output::text::{Words, criteria};
use crate::terminal::Look;

/// Writes a table of the controls.
///
/// # Errors
/// When it cannot be written.
pub fn write_table(
    out: &mut impl Write,
    controls: &[&'static Control],
    language: Language,
    look: Look,
) -> io::Result<()> {
    let words = Words(language);
    let mut table = table(look);
    table.set_header(
        [
            words.control(),
            words.domain(),
            words.severity(),
            words.trigger(),
            words.criteria(),
            words.name(),
        ]
        .map(heading),
    );
    for control in controls {
        table.add_row([
            Cell::new(control.id),
            Cell::new(control.domain.as_str()),
            severity(control.severity),
            Cell::new(control.trigger.as_str()),
            Cell::new(criteria(control)),
            Cell::new(control.title.get(language)),
        ]);
    }
    writeln!(out, "{}", table.trim_fmt())
}

/// Writes the controls as JSON.
///
/// # Errors
/// When it cannot be written.
pub fn write_json(
    out: &mut impl Write,
    controls: &[&'static Control],
    language: Language,
) -> io::Result<()> {
    #[derive(Serialize)]
    struct List {
        controls: Vec<Row>,
    }
    let controls = controls.iter().map(|control| Row::of(control, language)).collect();
    serde_json::to_writer_pretty(&mut *out, &List { controls })?;
    writeln!(out)
}

#[derive(Serialize)]
struct Row {
    id: &'static str,
    domain: &'static str,
    severity: &'static str,
    criteria: Criteria,
    resources: Vec<&'static str>,
    trigger: &'static str,
    parameters: Vec<Parameter>,
    requirements: Vec<Requirement>,
}

/// Criteria, explicit and implied.
#[derive(Serialize)]
pub(crate) struct Criteria {
    explicit: &'static [&'static str],
    implied: &'static [&'static str],
}

impl From<&Control> for Criteria {
    fn from(control: &Control) -> Self {
        Self { explicit: control.criteria.explicit, implied: control.criteria.implied }
    }
}

/// A parameter with its default in the type that it has.
#[derive(Serialize)]
pub(crate) struct Parameter {
    name: &'static str,
    r#type: &'static str,
    default: Value,
    meaning: &'static str,
}

impl Parameter {
    /// The parameter of a declaration.
    pub(crate) fn of(spec: &Spec, language: Language) -> Self {
        Self {
            name: spec.name,
            r#type: spec.kind.name(),
            default: match spec.kind {
                Kind::Flag { default } => default.into(),
                Kind::Integer { default, .. } => default.into(),
                Kind::Choice { default, .. } | Kind::Text { default } => default.into(),
                Kind::List { default } => default.into(),
                Kind::Date => "".into(),
            },
            meaning: spec.meaning.get(language),
        }
    }
}

/// A requirement of a resource type.
#[derive(Serialize)]
struct Requirement {
    code: &'static str,
    resource: &'static str,
}

impl Row {
    fn of(control: &Control, language: Language) -> Self {
        let requirements = control.requirements.iter().flat_map(|requirement| {
            requirement.resources.iter().map(|resource_type| Requirement {
                code: requirement.code,
                resource: resource_type.name,
            })
        });
        Self {
            id: control.id,
            domain: control.domain.as_str(),
            severity: control.severity.as_str(),
            criteria: control.into(),
            resources: control.resources.iter().map(|known| known.name).collect(),
            trigger: control.trigger.as_str(),
            parameters: control
                .parameters
                .iter()
                .map(|spec| Parameter::of(spec, language))
                .collect(),
            requirements: requirements.collect(),
        }
    }
}
