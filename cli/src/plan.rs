//! What a scan evaluates: the controls, their parameters, and the clock.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use fisc_shared::exemption::Exemptions;
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
    /// The exemptions that count.
    pub exemptions: Exemptions,
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
    /// A parameter for every control that no control has.
    #[error(
        "{file}: \"*\" gives {name:?}, which no control has; `fisc explain CONTROL` tells names"
    )]
    NobodyHas {
        /// The file.
        file: PathBuf,
        /// What was given.
        name: String,
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

/// The rule parameters that a file gives to one control.
#[derive(Debug)]
pub struct Given {
    /// The control.
    pub control: &'static Control,
    /// The parameters as a JSON object.
    pub value: Value,
    /// The same, checked.
    pub parameters: Parameters,
}

/// The name under which a file gives parameters to every control that has them.
const EVERY_CONTROL: &str = "*";

/// Reads a file of rule parameters: `{"control-id": {"parameter": value}}`. What stands under `*`
/// is for every control that has a parameter of the name; a control's own entry wins.
///
/// # Errors
/// [`ParametersFileError`], which names the file and what is wrong in it.
pub fn parameters_from(
    file: &Path,
    all: &[&'static Control],
) -> Result<Vec<Given>, ParametersFileError> {
    let text = std::fs::read_to_string(file)
        .map_err(|source| ParametersFileError::Read { file: file.to_owned(), source })?;
    let not_json =
        |problem: String| ParametersFileError::NotJson { file: file.to_owned(), problem };
    let value: Value = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| not_json(error.to_string()))?;
    let Value::Object(mut entries) = value else {
        return Err(not_json(fisc_shared::parameter::json_type(&value).to_owned()));
    };
    let shared = match entries.remove(EVERY_CONTROL) {
        None => serde_json::Map::new(),
        Some(Value::Object(shared)) => shared,
        Some(other) => return Err(not_json(fisc_shared::parameter::json_type(&other).to_owned())),
    };
    let has = |control: &Control, name: &str| control.parameters.iter().any(|one| one.name == name);
    if let Some(name) = shared.keys().find(|name| !all.iter().any(|one| has(one, name))) {
        return Err(ParametersFileError::NobodyHas { file: file.to_owned(), name: name.clone() });
    }
    if let Some(id) = entries.keys().find(|id| !all.iter().any(|control| control.id == **id)) {
        let near = near(id, all);
        return Err(ParametersFileError::UnknownControl {
            file: file.to_owned(),
            id: id.clone(),
            near,
        });
    }
    let mut given = Vec::new();
    for &control in all {
        let own = entries.remove(control.id);
        let mut value = own.unwrap_or_else(|| Value::Object(serde_json::Map::new()));
        if let Value::Object(own) = &mut value {
            for (name, value) in shared.iter().filter(|(name, _)| has(control, name)) {
                own.entry(name.clone()).or_insert_with(|| value.clone());
            }
            if own.is_empty() {
                continue;
            }
        }
        let parameters =
            Parameters::from_value(control.id, control.parameters, &value).map_err(|source| {
                ParametersFileError::Parameter {
                    file: file.to_owned(),
                    control: control.id,
                    source,
                }
            })?;
        given.push(Given { control, value, parameters });
    }
    Ok(given)
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
        Self { controls, now, exemptions: Exemptions::default(), by_type }
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
        for given in parameters_from(file, all)? {
            let planned = self.controls.iter_mut().find(|one| one.control.id == given.control.id);
            if let Some(planned) = planned {
                planned.parameters = given.parameters;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry;
    use serde_json::json;

    fn read(value: &Value) -> Result<Vec<Given>, ParametersFileError> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("parameters.json");
        std::fs::write(&file, value.to_string()).unwrap();
        parameters_from(&file, &registry::all())
    }

    #[test]
    fn what_is_for_all_reaches_those_who_have_it_and_yields_to_their_own() {
        let given = read(&json!({
            "*": {"orgId": ["o-a1b2c3d4e5"]},
            "kms-key-policy": {"orgId": ["o-own0000000"]},
            "kms-key-rotation": {"maxRotationPeriodDays": 180},
        }))
        .unwrap();
        let of = |id: &str| given.iter().find(|one| one.control.id == id).map(|one| &one.value);
        assert_eq!(of("kms-key-policy"), Some(&json!({"orgId": ["o-own0000000"]})));
        assert_eq!(of("iam-trust-policy"), Some(&json!({"orgId": ["o-a1b2c3d4e5"]})));
        assert_eq!(of("kms-key-rotation"), Some(&json!({"maxRotationPeriodDays": 180})));
        assert_eq!(of("root-mfa"), None);
        for one in &given {
            let specs = one.control.parameters;
            let again = Parameters::from_value(one.control.id, specs, &one.value).unwrap();
            assert_eq!(again, one.parameters);
        }
    }

    #[test]
    fn what_nobody_has_or_takes_is_refused() {
        for (wrong, says) in [
            (json!({"*": {"orgID": []}}), "no control has"),
            (json!({"*": []}), "expected"),
            (json!({"*": {"orgId": 7}}), "orgId"),
            (json!({"kms-key-rotatoin": {}}), "no control is called"),
            (json!({"kms-key-rotation": {"maxAge": 1}}), "maxAge"),
            (json!({"kms-key-rotation": []}), "kms-key-rotation"),
            (json!([]), "expected"),
        ] {
            let error = read(&wrong).unwrap_err().to_string();
            assert!(error.contains(says), "{wrong}: {error}");
        }
    }
}
