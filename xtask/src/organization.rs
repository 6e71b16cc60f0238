//! organization.yaml: the stack of the Organization's delegated administrator.

use askama::Template;

use crate::files::Error;

/// The template of each Region's artifact bucket, which the stack holds as text.
const ARTIFACTS: &str = include_str!("../templates/artifacts.yaml");
/// Parameters that every member stack gets from the stack, under the same name.
const PASSED: [&str; 10] = [
    "RulePrefix",
    "Language",
    "Architecture",
    "ExemptionTags",
    "Frequency",
    "SecurityHub",
    "AlarmTopicArn",
    "LogLevel",
    "LogRetentionDays",
    "KmsKeyArn",
];
/// Bytes of a template that CloudFormation takes without a bucket: here, there is none yet. The
/// template of the artifact buckets stays below it with the one that holds it.
const MAX_BYTES: usize = 51_200;

#[derive(Template)]
#[template(path = "organization.yaml.txt", escape = "none")]
struct Organization {
    version: &'static str,
    passed: &'static [&'static str],
    artifacts: &'static str,
}

/// The template.
///
/// # Errors
/// When it is too large for CloudFormation.
pub(crate) fn render() -> Result<String, Error> {
    let version = env!("CARGO_PKG_VERSION");
    let organization = Organization { version, passed: &PASSED, artifacts: ARTIFACTS.trim_end() };
    let text = organization.render()? + "\n";
    if text.len() > MAX_BYTES {
        return Err(Error::Declaration(format!(
            "organization.yaml has {} bytes, CloudFormation takes {MAX_BYTES} without a bucket",
            text.len()
        )));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::{self, Rendering, RuleParameters};
    use fisc_cli::registry;
    use serde_yaml_ng::Value;
    use std::collections::BTreeSet;

    fn parsed(text: &str) -> Value {
        serde_yaml_ng::from_str(text).unwrap()
    }

    fn keys(value: &Value) -> BTreeSet<&str> {
        value.as_mapping().unwrap().keys().map(|key| key.as_str().unwrap()).collect()
    }

    fn member() -> Value {
        let given = RuleParameters::new();
        parsed(&template::render(Rendering::Plain, &registry::all(), &given).unwrap())
    }

    /// What the StackSet passes: names that the member stack has, each once, all without a default.
    #[test]
    fn members_get_parameters_that_they_have() {
        let (organization, member) = (parsed(&render().unwrap()), member());
        let passed = organization["Resources"]["MemberStacks"]["Properties"]["Parameters"]
            .as_sequence()
            .unwrap();
        let names: Vec<_> =
            passed.iter().map(|one| one["ParameterKey"].as_str().unwrap()).collect();
        let unique: BTreeSet<_> = names.iter().copied().collect();
        assert_eq!(unique.len(), names.len());
        assert!(unique.is_subset(&keys(&member["Parameters"])), "{unique:?}");
        for (name, parameter) in member["Parameters"].as_mapping().unwrap() {
            let name = name.as_str().unwrap();
            assert!(!parameter["Default"].is_null() || unique.contains(name), "{name}");
        }
        for name in PASSED {
            let here = &organization["Parameters"][name];
            assert_eq!(here, &member["Parameters"][name], "{name}");
        }
    }

    /// The template in the template is the one that is checked by itself.
    #[test]
    fn the_artifact_template_arrives_whole() {
        let organization = parsed(&render().unwrap());
        let set = &organization["Resources"]["ArtifactBuckets"]["Properties"];
        let body = set["TemplateBody"].as_str().unwrap();
        assert_eq!(body.trim_end(), ARTIFACTS.trim_end());
        let given: BTreeSet<_> = set["Parameters"]
            .as_sequence()
            .unwrap()
            .iter()
            .map(|one| one["ParameterKey"].as_str().unwrap())
            .collect();
        assert_eq!(given, keys(&parsed(body)["Parameters"]));
    }
}
