//! A CloudFormation template with its parameters and conditions resolved, as far as the examples
//! need it. Other functions fail the test: nothing is guessed.

use std::collections::BTreeMap;

use fisc_testkit::aws::{ACCOUNT, REGION};
use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;
use serde_yaml_ng::value::TaggedValue;

/// A template whose parameters have values.
pub(super) struct Template {
    document: Yaml,
    parameters: BTreeMap<String, String>,
}

impl Template {
    /// Reads a template; parameters that are not given have their defaults.
    pub(super) fn parse(text: &str, given: &[(&str, &str)]) -> Self {
        let document: Yaml = serde_yaml_ng::from_str(text).unwrap();
        let mut parameters: BTreeMap<String, String> = [
            ("AWS::AccountId", ACCOUNT),
            ("AWS::Region", REGION),
            ("AWS::Partition", "aws"),
            ("AWS::URLSuffix", "amazonaws.com"),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        for (name, declaration) in document["Parameters"].as_mapping().unwrap() {
            let name = name.as_str().unwrap();
            let value = given.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
            let value = value.or(declaration["Default"].as_str());
            let value = value.unwrap_or_else(|| panic!("{name} has no value"));
            parameters.insert(name.to_owned(), value.to_owned());
        }
        Self { document, parameters }
    }

    /// A parameter's value.
    pub(super) fn parameter(&self, name: &str) -> String {
        self.parameters[name].clone()
    }

    /// The properties of a resource.
    pub(super) fn properties(&self, logical: &str) -> Value {
        let resource = &self.document["Resources"][logical];
        assert!(resource.is_mapping(), "no resource {logical}");
        self.resolve(&resource["Properties"])
    }

    fn resolve(&self, value: &Yaml) -> Value {
        match value {
            Yaml::Tagged(tagged) => self.function(tagged),
            Yaml::Mapping(map) => {
                let pairs = map
                    .iter()
                    .map(|(key, value)| (key.as_str().unwrap().to_owned(), self.resolve(value)));
                Value::Object(pairs.collect::<Map<_, _>>())
            }
            Yaml::Sequence(list) => list.iter().map(|one| self.resolve(one)).collect(),
            plain => serde_json::to_value(plain).unwrap(),
        }
    }

    fn function(&self, tagged: &TaggedValue) -> Value {
        match (tagged.tag.to_string().as_str(), &tagged.value) {
            ("!Ref", Yaml::String(name)) => json!(self.reference(name)),
            ("!Sub", Yaml::String(text)) => json!(self.substitute(text, &Map::new())),
            ("!Sub", Yaml::Sequence(parts)) => {
                let own = self.resolve(&parts[1]);
                json!(self.substitute(parts[0].as_str().unwrap(), own.as_object().unwrap()))
            }
            ("!If", Yaml::Sequence(parts)) => {
                let holds = self.condition(parts[0].as_str().unwrap());
                self.resolve(&parts[if holds { 1 } else { 2 }])
            }
            (tag, _) => panic!("{tag} is not known here"),
        }
    }

    fn reference(&self, name: &str) -> String {
        if let Some(value) = self.parameters.get(name) {
            return value.clone();
        }
        match self.document["Resources"][name]["Type"].as_str() {
            Some("AWS::IAM::OIDCProvider") => {
                let url = self.properties(name)["Url"].as_str().unwrap().to_owned();
                let host = url.strip_prefix("https://").unwrap();
                format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{host}")
            }
            other => panic!("what !Ref gives of {name} ({other:?}) is not known here"),
        }
    }

    fn condition(&self, name: &str) -> bool {
        match &self.document["Conditions"][name] {
            Yaml::Tagged(tagged) if tagged.tag == "!Equals" => {
                let parts = tagged.value.as_sequence().unwrap();
                self.resolve(&parts[0]) == self.resolve(&parts[1])
            }
            other => panic!("the condition {name} is not known here: {other:?}"),
        }
    }

    fn substitute(&self, text: &str, own: &Map<String, Value>) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, behind) = after.split_once('}').unwrap();
            out.push_str(before);
            match own.get(name).and_then(Value::as_str) {
                Some(value) => out.push_str(value),
                None => out.push_str(&self.reference(name)),
            }
            rest = behind;
        }
        out.push_str(rest);
        out
    }
}
