//! template.yaml and member.yaml: one function, role, permission and rule per control, and what
//! they share, as a SAM template and as plain CloudFormation.

use std::collections::BTreeMap;

use askama::Template;
use fisc_shared::config_service::actions;
use fisc_shared::{Action, Control, Criteria, Message, Placement, Trigger, message};
use serde_json::Value;

use crate::files::Error;
use crate::limits;

/// The longest description that AWS Config takes for a rule, in characters.
const MAX_DESCRIPTION: usize = 256;
/// The longest parameters that AWS Config takes for a rule, in characters.
const MAX_PARAMETERS: usize = 1024;
const ITEM_CONTROL_ROLE: &str = "ItemControlRole";
/// Who deploys the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rendering {
    /// The SAM CLI, which builds and uploads the code: template.yaml.
    Sam,
    /// StackSets, which refuse transforms; the code is a release in the artifact bucket:
    /// member.yaml.
    Plain,
}

/// Rule parameters that a control has in this repository's deployments, by the control's id.
pub(crate) type RuleParameters = BTreeMap<&'static str, Value>;

#[derive(Template)]
#[template(path = "stack.yaml.txt", escape = "none")]
struct Stack {
    version: &'static str,
    plain: bool,
    controls: Vec<ControlView>,
    item_control_statements: Vec<Statement>,
    findings_statements: Vec<Statement>,
}

/// A control as the template shows it; texts are YAML scalars.
struct ControlView {
    id: &'static str,
    logical: String,
    binary: &'static str,
    own_role: bool,
    role: String,
    role_description: String,
    function_description: String,
    description_en: String,
    description_ja: String,
    /// The condition under which the stack holds the control; empty: always.
    condition: &'static str,
    on_change: bool,
    on_schedule: bool,
    timeout: u16,
    memory: u16,
    resources: Vec<&'static str>,
    parameter: Option<ParameterView>,
    statements: Vec<Statement>,
}

/// The stack parameter of a control: its rule parameters as one JSON text. One parameter for each
/// rule parameter would pass CloudFormation's limit of 200, and a rule that lists all its defaults
/// the 1,024 characters that Config takes.
struct ParameterView {
    logical: String,
    default: String,
    description: String,
}

/// A statement of a role's policy.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Statement {
    actions: Vec<&'static str>,
    resource: String,
    /// Only through this service; empty for calls of the code itself.
    through: String,
}

/// The stack of these controls. `given` are the defaults of their stack parameters.
pub(crate) fn render(
    rendering: Rendering,
    controls: &[&'static Control],
    given: &RuleParameters,
) -> Result<String, Error> {
    let controls = controls
        .iter()
        .map(|control| view(control, given.get(control.id)))
        .collect::<Result<Vec<_>, _>>()?;
    let stack = Stack {
        version: env!("CARGO_PKG_VERSION"),
        plain: rendering == Rendering::Plain,
        controls,
        item_control_statements: statements(&actions::of(Trigger::Change)),
        findings_statements: statements(&[
            Action::on(
                "securityhub:BatchImportFindings",
                "arn:${AWS::Partition}:securityhub:${AWS::Region}:${AWS::AccountId}:product/${AWS::AccountId}/default",
            ),
            Action::on("securityhub:GetFindings", fisc_shared::grant::HUB),
            Action::on(actions::GET_COMPLIANCE_DETAILS, actions::RULES),
        ]),
    };
    let text = stack.render()? + "\n";
    let usage = limits::Usage::of(&with_head(&text, limits::Usage::of(&text)));
    Ok(with_head(&text, usage))
}

/// A template that tells how far it is from the limits, below the line that says where it comes
/// from.
fn with_head(text: &str, usage: limits::Usage) -> String {
    match text.split_once('\n') {
        Some((first, rest)) => format!("{first}\n# Of CloudFormation's limits: {usage}.\n{rest}"),
        None => text.to_owned(),
    }
}

/// Statements for actions: those on the same resource, through the same service, together.
fn statements(calls: &[Action]) -> Vec<Statement> {
    let mut grouped: BTreeMap<(&str, &str), Vec<&'static str>> = BTreeMap::new();
    for call in calls {
        grouped.entry((call.through, call.resource)).or_default().push(call.name);
    }
    grouped
        .into_iter()
        .map(|((through, resource), actions)| Statement {
            actions,
            resource: if resource.contains("${") {
                format!("!Sub \"{resource}\"")
            } else {
                scalar(resource)
            },
            through: if through.is_empty() {
                String::new()
            } else {
                format!("!Sub \"{through}.*.${{AWS::URLSuffix}}\"")
            },
        })
        .collect()
}

fn view(control: &'static Control, given: Option<&Value>) -> Result<ControlView, Error> {
    let logical = pascal(control.id);
    let own_role = !control.actions.is_empty();
    let mut calls = actions::of(control.trigger);
    calls.extend(control.actions);
    let criteria = criteria(&control.criteria);
    Ok(ControlView {
        id: control.id,
        binary: control.domain.as_str(),
        own_role,
        role: if own_role { format!("{logical}Role") } else { ITEM_CONTROL_ROLE.to_owned() },
        role_description: scalar(&format!("What the control {} calls, and no more.", control.id)),
        function_description: scalar(control.title.en),
        description_en: description(control, &format!("{} ({})", control.title.en, criteria.en))?,
        description_ja: description(control, &format!("{}({})", control.title.ja, criteria.ja))?,
        condition: condition(control.placement),
        on_change: control.trigger.on_change(),
        on_schedule: control.trigger.on_schedule(),
        timeout: control.limits.timeout_seconds,
        memory: control.limits.memory_mb,
        resources: control.changing().map(|resource| resource.name).collect(),
        parameter: parameter(control, &logical, given)?,
        statements: statements(&calls),
        logical,
    })
}

/// The criteria in a rule's description: those that ask for the control, or else those that imply
/// it, which are marked as such.
fn criteria(criteria: &Criteria) -> Message {
    let Criteria { explicit, implied } = criteria;
    if explicit.is_empty() {
        let implied = implied.join(", ");
        message!("implied by {implied}", "関連: {implied}")
    } else {
        let explicit = explicit.join(", ");
        message!("{explicit}", "{explicit}")
    }
}

/// The condition of the template that stands for a placement; empty: none.
const fn condition(placement: Placement) -> &'static str {
    match placement {
        Placement::HomeRegion => "IsHomeRegion",
        Placement::UsEast1 => "IsUsEast1",
        Placement::EveryRegion => "",
    }
}

fn description(control: &Control, text: &str) -> Result<String, Error> {
    let length = text.chars().count();
    if length > MAX_DESCRIPTION {
        return Err(Error::Declaration(format!(
            "{}: the rule's description has {length} characters, AWS Config takes {MAX_DESCRIPTION}: shorten the title",
            control.id
        )));
    }
    Ok(scalar(text))
}

fn parameter(
    control: &Control,
    logical: &str,
    given: Option<&Value>,
) -> Result<Option<ParameterView>, Error> {
    if control.parameters.is_empty() {
        return Ok(None);
    }
    let known = control.parameters.iter().map(|spec| match spec.kind.default_text() {
        default if default.is_empty() => format!("{} ({})", spec.name, spec.kind.name()),
        default => format!("{} ({}, {default})", spec.name, spec.kind.name()),
    });
    let known = known.collect::<Vec<_>>().join("; ");
    let default = given.map_or_else(|| "{}".to_owned(), Value::to_string);
    let length = default.chars().count();
    if length > MAX_PARAMETERS {
        return Err(Error::Declaration(format!(
            "{}: its rule parameters have {length} characters, AWS Config takes {MAX_PARAMETERS}",
            control.id
        )));
    }
    Ok(Some(ParameterView {
        logical: format!("{logical}Parameters"),
        default: scalar(&default),
        description: scalar(&format!("Rule parameters that differ from their defaults: {known}")),
    }))
}

/// `kms-key-rotation` and `maxAge` as CloudFormation names: `KmsKeyRotation`, `MaxAge`.
fn pascal(name: &str) -> String {
    name.split('-')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters)
        })
        .collect()
}

/// A YAML scalar: JSON strings are YAML.
fn scalar(text: &str) -> String {
    Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fisc_cli::registry;
    use serde_yaml_ng::Value;

    fn template() -> Value {
        let text = render(Rendering::Sam, &registry::all(), &RuleParameters::new()).unwrap();
        serde_yaml_ng::from_str(&text).unwrap()
    }

    #[test]
    fn every_control_has_its_function_rule_and_permission() {
        let template = template();
        for control in registry::all() {
            let logical = pascal(control.id);
            let resources = &template["Resources"];
            let rule = &resources[format!("{logical}Rule")];
            let details = rule["Properties"]["Source"]["SourceDetails"].as_sequence().unwrap();
            let messages: Vec<_> =
                details.iter().map(|one| one["MessageType"].as_str().unwrap()).collect();
            let mut expected = Vec::new();
            if control.trigger.on_change() {
                expected.push("ConfigurationItemChangeNotification");
                expected.push("OversizedConfigurationItemChangeNotification");
            }
            // Of a control without a schedule, the daily look at its exemptions.
            expected.push("ScheduledNotification");
            assert_eq!(messages, expected, "{}", control.id);
            assert_eq!(rule["Properties"]["Source"]["Owner"], "CUSTOM_LAMBDA");
            assert_eq!(rule["DependsOn"], format!("{logical}Permission"));
            let permission = &resources[format!("{logical}Permission")]["Properties"];
            assert_eq!(permission["Principal"], "config.amazonaws.com");
            assert!(!permission["SourceAccount"].is_null());
            let function = &resources[format!("{logical}Function")];
            assert_eq!(function["Metadata"]["BuildProperties"]["Binary"], control.domain.as_str());
            assert_eq!(
                function["Properties"]["Environment"]["Variables"]["FISC_CONTROL"],
                control.id
            );
            let condition = match control.placement {
                Placement::HomeRegion => Value::from("IsHomeRegion"),
                Placement::UsEast1 => Value::from("IsUsEast1"),
                Placement::EveryRegion => Value::Null,
            };
            for resource in [function, rule, &resources[format!("{logical}Permission")]] {
                let found = resource.get("Condition").cloned().unwrap_or_default();
                assert_eq!(found, condition, "{}", control.id);
            }
            if let Value::String(name) = condition {
                assert!(!template["Conditions"][name].is_null(), "{}", control.id);
            }
        }
    }

    /// Exactly the declared actions and those of the machinery, nothing with a wildcard.
    #[test]
    fn roles_grant_what_is_declared() {
        let template = template();
        for control in registry::all() {
            let view = view(control, None).unwrap();
            let statements = &template["Resources"][view.role.as_str()]["Properties"]["Policies"]
                [0]["PolicyDocument"]["Statement"];
            let mut granted: Vec<&str> = statements
                .as_sequence()
                .unwrap()
                .iter()
                .flat_map(|statement| statement["Action"].as_sequence().unwrap())
                .map(|action| action.as_str().unwrap())
                .collect();
            granted.sort_unstable();
            let mut expected: Vec<&str> = actions::of(control.trigger)
                .iter()
                .chain(control.actions)
                .map(|action| action.name)
                .collect();
            expected.sort_unstable();
            assert_eq!(granted, expected, "{}", control.id);
            assert!(granted.iter().all(|action| !action.contains('*')));
        }
    }

    /// Reading tags from the schedule's side is granted where they count, and nowhere else.
    #[test]
    fn exemption_tags_are_read_by_scheduled_controls_only() {
        let template = template();
        let variables = &template["Globals"]["Function"]["Environment"]["Variables"];
        assert!(!variables["FISC_EXEMPTION_TAGS"].is_null());
        assert_eq!(template["Parameters"]["ExemptionTags"]["Default"], "false");
        let policy = &template["Resources"]["ExemptionTagsPolicy"];
        assert_eq!(policy["Condition"], "WithExemptionTags");
        for control in registry::all() {
            let view = view(control, None).unwrap();
            let role = &template["Resources"][view.role.as_str()]["Properties"];
            let attached = serde_yaml_ng::to_string(&role["ManagedPolicyArns"]).unwrap();
            let expected = control.trigger.on_schedule();
            assert_eq!(attached.contains("ExemptionTagsPolicy"), expected, "{}", control.id);
        }
    }

    /// Without a recorder, the stack ends before any role is made.
    #[test]
    fn every_role_waits_for_the_recorder() {
        let template = template();
        let resources = template["Resources"].as_mapping().unwrap();
        assert_eq!(template["Resources"]["RuntimePolicy"]["DependsOn"], "RecorderGuard");
        let guard = &template["Resources"]["RecorderGuard"];
        assert!(guard["Condition"].is_null(), "the guard is in every stack");
        for (name, resource) in resources {
            if resource["Type"] == "AWS::IAM::Role" {
                let attached = &resource["Properties"]["ManagedPolicyArns"];
                let attached = serde_yaml_ng::to_string(attached).unwrap();
                assert!(attached.contains("RuntimePolicy"), "{name:?}");
            }
        }
    }

    #[test]
    fn given_parameters_become_defaults_unless_config_refuses_them() {
        let controls = registry::all();
        let value = |days: &str| -> serde_json::Value { serde_json::json!({"maxAgeDays": days}) };
        let given = RuleParameters::from([("kms-key-rotation", value("180"))]);
        for rendering in [Rendering::Sam, Rendering::Plain] {
            let text = render(rendering, &controls, &given).unwrap();
            let template: Value = serde_yaml_ng::from_str(&text).unwrap();
            let default = &template["Parameters"]["KmsKeyRotationParameters"]["Default"];
            assert_eq!(default, "{\"maxAgeDays\":\"180\"}");
            assert_eq!(template["Parameters"]["KmsKeyPolicyParameters"]["Default"], "{}");
        }
        let given = RuleParameters::from([("kms-key-rotation", value(&"1".repeat(1024)))]);
        let error = render(Rendering::Plain, &controls, &given).unwrap_err().to_string();
        assert!(error.contains("kms-key-rotation") && error.contains("1024"), "{error}");
    }

    #[test]
    fn implied_criteria_stand_in_for_explicit_ones_and_are_marked() {
        let both = Criteria { explicit: &["実4", "実7 2"], implied: &["統1 参考"] };
        assert_eq!(criteria(&both).ja, "実4, 実7 2");
        let implied = Criteria { explicit: &[], implied: &["実28", "実82"] };
        assert_eq!(criteria(&implied).ja, "関連: 実28, 実82");
        assert_eq!(criteria(&implied).en, "implied by 実28, 実82");
    }

    #[test]
    fn names_are_pascal_case() {
        assert_eq!(pascal("kms-key-rotation"), "KmsKeyRotation");
        assert_eq!(pascal("s3-tls-only"), "S3TlsOnly");
        assert_eq!(pascal("maxLogFiles"), "MaxLogFiles");
    }
}
