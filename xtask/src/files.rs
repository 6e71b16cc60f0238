//! The generated files, as text; writing them, or comparing them with what is there.

use std::io;
use std::path::{Path, PathBuf};

use fisc_cli::criteria::CriteriaError;
use fisc_cli::plan::{self, ParametersFileError};
use fisc_cli::registry;
use fisc_shared::Control;

use crate::template::{Rendering, RuleParameters};
use crate::{
    controls_doc, coverage_doc, events, findings_table, limits, organization, template, unfinished,
};

/// The reviewed file of rule parameters, in the form of `fisc scan --parameters`.
const RULE_PARAMETERS: &str = "parameters.json";

/// A generated file: its path below the workspace, and its text.
pub(crate) struct File {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// What went wrong with the generated files.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("{path}: {error}", path = path.display())]
    File { path: PathBuf, error: io::Error },
    #[error("not current: {0}; run `cargo xtask generate` and commit the result")]
    Stale(String),
    #[error("the template cannot be rendered: {0}")]
    Template(#[from] askama::Error),
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    #[error("{0}")]
    Criteria(#[from] CriteriaError),
    #[error("{0}")]
    Parameters(#[from] ParametersFileError),
    #[error("{0}")]
    Declaration(String),
    #[error(
        "{control} is not finished, and goes into no template until it is; left to write:\n{left}"
    )]
    Unfinished { control: &'static str, left: String },
}

/// The workspace's folder.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// The rule parameters of this repository's deployments, which become the stack's defaults.
fn rule_parameters(controls: &[&'static Control]) -> Result<RuleParameters, Error> {
    let given = plan::parameters_from(&root().join(RULE_PARAMETERS), controls)?;
    Ok(given.into_iter().map(|one| (one.control.id, one.value)).collect())
}

/// All generated files.
pub(crate) fn generated() -> Result<Vec<File>, Error> {
    let controls = registry::all();
    unfinished::check(&root(), &controls)?;
    let given = rule_parameters(&controls)?;
    let stack = |rendering, name: &str| {
        let render = |part: &[_]| template::render(rendering, part, &given);
        let text = render(&controls)?;
        limits::check(name, &text, &controls, render)?;
        Ok::<_, Error>(File { path: name.into(), text })
    };
    let mut files = vec![
        stack(Rendering::Sam, "template.yaml")?,
        stack(Rendering::Plain, "member.yaml")?,
        File { path: "organization.yaml".into(), text: organization::render()? },
        File {
            path: "functions/findings/controls.json".into(),
            text: findings_table::render(&controls)?,
        },
    ];
    files.extend(events::render(&controls)?);
    files.extend(controls_doc::render(&controls));
    files.extend(coverage_doc::render(&controls)?);
    Ok(files)
}

/// Writes files that are not current.
pub(crate) fn write(files: &[File]) -> Result<(), Error> {
    for file in files {
        let path = root().join(&file.path);
        if std::fs::read_to_string(&path).is_ok_and(|text| text == file.text) {
            continue;
        }
        let written = path
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&path, &file.text));
        written.map_err(|error| Error::File { path: path.clone(), error })?;
    }
    Ok(())
}

/// Fails when a file is not what would be written.
pub(crate) fn check(files: &[File]) -> Result<(), Error> {
    let stale: Vec<String> = files
        .iter()
        .filter(|file| {
            std::fs::read_to_string(root().join(&file.path)).ok().as_ref() != Some(&file.text)
        })
        .map(|file| file.path.display().to_string())
        .collect();
    if stale.is_empty() { Ok(()) } else { Err(Error::Stale(stale.join(", "))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generated_files_are_current() {
        check(&generated().unwrap()).unwrap();
    }
}
