//! What a scan evaluates: the controls, their parameters, and the clock.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use fisc_shared::parameter::ParameterError;
use fisc_shared::{Control, Parameters};
use jiff::Timestamp;
use serde_json::Value;

/// The controls of a scan.
#[derive(Debug)]
pub struct Plan {
    /// The controls, in the order of the registry.
    pub controls: Vec<Planned>,
    /// The clock by which ages and expiries are judged.
    pub now: Timestamp,
    by_type: HashMap<&'static str, Vec<usize>>,
}

/// A control with its parameters.
#[derive(Debug)]
pub struct Planned {
    /// The declaration.
    pub control: &'static Control,
    /// The parameters, the defaults where none are given.
    pub parameters: Parameters,
}

/// What is wrong with a file of parameters.
#[derive(Debug, thiserror::Error)]
pub enum ParametersFileError {
    /// It cannot be read.
    #[error("{file}: cannot be read: {source}")]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is not a JSON object.
    #[error("{file}: expected {{\"control-id\": {{\"parameter\": value}}}} in JSON: {problem}")]
    NotJson {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// No such control.
    #[error("{file}: no control is called {id:?}{near}; `fisc controls` lists them")]
    UnknownControl {
        /// The file.
        file: PathBuf,
        /// What was given.
        id: String,
        /// Controls with a similar name.
        near: String,
    },
    /// A parameter is wrong.
    #[error("{file}: {control}: {source}; `fisc explain {control}` tells its parameters")]
    Parameter {
        /// The file.
        file: PathBuf,
        /// The control.
        control: &'static str,
        /// What is wrong.
        source: ParameterError,
    },
}

impl Plan {
    /// Plans `controls` with default parameters.
    #[must_use]
    pub fn new(controls: &[&'static Control], now: Timestamp) -> Self {
        let controls: Vec<_> = controls
            .iter()
            .map(|&control| Planned { control, parameters: Parameters::default() })
            .collect();
        let mut by_type: HashMap<_, Vec<usize>> = HashMap::new();
        for (index, planned) in controls.iter().enumerate() {
            for resource_type in planned.control.resources {
                by_type.entry(resource_type.name).or_default().push(index);
            }
        }
        Self { controls, now, by_type }
    }

    /// Takes parameters from a file. `all` are the controls that it may name: parameters of a
    /// control that is not part of this scan are checked and left.
    ///
    /// # Errors
    /// [`ParametersFileError`], which names the file and what is wrong in it.
    pub fn read_parameters(
        &mut self,
        file: &Path,
        all: &[&'static Control],
    ) -> Result<(), ParametersFileError> {
        let text = std::fs::read_to_string(file)
            .map_err(|source| ParametersFileError::Read { file: file.to_owned(), source })?;
        let not_json =
            |problem: String| ParametersFileError::NotJson { file: file.to_owned(), problem };
        let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
            .map_err(|error| not_json(error.to_string()))?;
        let Value::Object(given) = value else {
            return Err(not_json(fisc_shared::parameter::json_type(&value).to_owned()));
        };
        for (id, value) in given {
            let Some(&control) = all.iter().find(|control| control.id == id) else {
                let near = near(&id, all);
                return Err(ParametersFileError::UnknownControl {
                    file: file.to_owned(),
                    id,
                    near,
                });
            };
            let parameters = Parameters::from_value(control.id, control.parameters, &value)
                .map_err(|source| ParametersFileError::Parameter {
                    file: file.to_owned(),
                    control: control.id,
                    source,
                })?;
            if let Some(planned) = self.controls.iter_mut().find(|p| p.control.id == control.id) {
                planned.parameters = parameters;
            }
        }
        Ok(())
    }

    /// The controls that judge resources of this type, with their places in the order of the
    /// plan.
    pub fn judging(&self, resource_type: &str) -> impl Iterator<Item = (usize, &Planned)> {
        let indexes = self.by_type.get(resource_type).map(Vec::as_slice).unwrap_or_default();
        indexes.iter().filter_map(|&index| Some((index, self.controls.get(index)?)))
    }

    /// Whether any control judges resources of this type.
    #[must_use]
    pub fn judges(&self, resource_type: &str) -> bool {
        self.by_type.contains_key(resource_type)
    }

    /// The resource types that some control judges.
    pub fn types(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.by_type.keys().copied()
    }
}

/// Controls that share words with `id`, those with most of them first, for a hint.
fn near(id: &str, all: &[&'static Control]) -> String {
    let words: Vec<&str> = id.split('-').filter(|word| word.len() > 1).collect();
    let mut near: Vec<(usize, &str)> = all
        .iter()
        .map(|control| {
            let shared = control.id.split('-').filter(|part| words.contains(part)).count();
            (shared, control.id)
        })
        .filter(|(shared, _)| *shared > 0)
        .collect();
    near.sort_by_key(|(shared, _)| Reverse(*shared));
    let near: Vec<&str> = near.into_iter().take(5).map(|(_, id)| id).collect();
    if near.is_empty() { String::new() } else { format!(" (near: {})", near.join(", ")) }
}
