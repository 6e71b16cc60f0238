//! The delivery pipeline's example and the guides' commands, held against what they promise: the
//! roles pass this product's own controls, the workflows keep to the rules that their README gives.

mod template;

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Parser as _;
use fisc_cli::registry;
use fisc_shared::control::Check;
use fisc_shared::{ConfigurationItem, Parameters, Run};
use fisc_testkit::aws::ACCOUNT;
use fisc_testkit::events;
use serde_json::{Value, json};
use serde_yaml_ng::Value as Yaml;

use crate::files::root;
use template::Template;

fn read(path: &str) -> String {
    let path: PathBuf = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A template's role as AWS Config would record it.
fn role(template: &Template, logical: &str) -> Value {
    let properties = template.properties(logical);
    let encoded = |document: &Value| -> String {
        document.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect()
    };
    let inline = properties["Policies"].as_array().into_iter().flatten().map(|policy| {
        json!({
            "policyName": policy["PolicyName"],
            "policyDocument": encoded(&policy["PolicyDocument"]),
        })
    });
    let configuration = json!({
        "path": "/",
        "roleName": logical,
        "roleId": "AROAXPRFC2427CEXAMPLE",
        "assumeRolePolicyDocument": encoded(&properties["AssumeRolePolicyDocument"]),
        "rolePolicyList": inline.collect::<Vec<_>>(),
        "attachedManagedPolicies": [],
    });
    let mut item = events::item("AWS::IAM::Role", "AROAXPRFC2427CEXAMPLE", configuration);
    item["ARN"] = json!(format!("arn:aws:iam::{ACCOUNT}:role/{logical}"));
    item["resourceName"] = json!(logical);
    item
}

/// A control's verdict: its compliance, and the codes.
fn verdict(control: &str, item: &Value) -> String {
    let control = registry::find(control).unwrap();
    let item = ConfigurationItem::from_json(&item.to_string()).unwrap();
    let parameters = Parameters::from_value(control.id, control.parameters, &json!({})).unwrap();
    let run = Run {
        parameters: &parameters,
        now: "2026-11-21T00:00:00Z".parse().unwrap(),
        account_id: ACCOUNT,
        region: "ap-northeast-1",
        deadline: None,
        home: true,
        offline: false,
    };
    let Check::Service { preview, .. } = control.check else {
        panic!("{} needs no service", control.id)
    };
    let verdict = preview(&item, &run).unwrap().expect("the item decides");
    let codes = verdict.reasons().iter().map(|reason| reason.code);
    let words: Vec<&str> = std::iter::once(verdict.compliance().as_str()).chain(codes).collect();
    words.join(" ")
}

fn pipeline_role() -> Template {
    Template::parse(
        &read("examples/pipeline/role.yaml"),
        &[("GitHubOrganization", "example-bank"), ("GitHubRepository", "fisc-config-rules")],
    )
}

#[test]
fn the_pipelines_role_passes_the_products_own_controls() {
    let item = role(&pipeline_role(), "PipelineRole");
    assert_eq!(verdict("iam-trust-policy", &item), "COMPLIANT");
    assert_eq!(verdict("iam-least-privilege", &item), "COMPLIANT");
}

/// The test above can fail: with the mistakes that such roles are made with, it does.
#[test]
fn the_usual_mistakes_would_be_seen() {
    let text = read("examples/pipeline/role.yaml");
    let given = [("GitHubOrganization", "example-bank"), ("GitHubRepository", "fisc-config-rules")];
    let with = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        role(&Template::parse(&text.replace(from, to), &given), "PipelineRole")
    };
    let open = with(
        "StringEquals:\n                token.actions.githubusercontent.com:aud: sts.amazonaws.com\n                token.actions.githubusercontent.com:sub: !Sub \"repo:${GitHubOrganization}/${GitHubRepository}:environment:${GitHubEnvironment}\"",
        "StringLike:\n                token.actions.githubusercontent.com:aud: sts.amazonaws.com\n                token.actions.githubusercontent.com:sub: \"repo:*\"",
    );
    let trust = verdict("iam-trust-policy", &open);
    assert!(trust.contains("OIDC_SUBJECT_UNRESTRICTED"), "{trust}");
    let wide = with("- cloudformation:UpdateStack\n", "- cloudformation:*\n");
    let rights = verdict("iam-least-privilege", &wide);
    assert!(rights.contains("SERVICE_WILDCARD_ALLOWED"), "{rights}");
    let keys = with("kms:ResourceAliases", "aws:PrincipalTag/team");
    let rights = verdict("iam-least-privilege", &keys);
    assert!(rights.contains("KMS_DECRYPT_ALL_KEYS"), "{rights}");
}

#[test]
fn the_stacks_role_passes_them_too() {
    let template = Template::parse(&read("examples/pipeline/stack-role.yaml"), &[]);
    let item = role(&template, "StackRole");
    assert_eq!(verdict("iam-least-privilege", &item), "COMPLIANT");
    assert_eq!(verdict("iam-trust-policy", &item), "NOT_APPLICABLE SERVICES_ONLY");
    // It writes roles whose names start like the organization's stack: it must not be one of them.
    let name = template.properties("StackRole")["RoleName"].as_str().unwrap().to_owned();
    assert!(!name.starts_with("fisc-organization-"), "{name}");
}

/// The role holds what a release and a rollout call, and no more.
#[test]
fn the_pipelines_role_has_the_actions_that_it_needs() {
    let properties = pipeline_role().properties("PipelineRole");
    let statements = properties["Policies"][0]["PolicyDocument"]["Statement"].as_array().unwrap();
    let mut actions = BTreeSet::new();
    for statement in statements {
        match &statement["Action"] {
            Value::Array(list) => actions.extend(list.iter().filter_map(Value::as_str)),
            one => actions.extend(one.as_str()),
        }
    }
    let wanted = [
        "cloudformation:DescribeStackEvents",
        "cloudformation:DescribeStacks",
        "cloudformation:UpdateStack",
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    ];
    assert_eq!(actions, BTreeSet::from(wanted));
}

#[test]
fn the_workflows_keep_to_the_readmes_rules() {
    let environment = pipeline_role().parameter("GitHubEnvironment");
    for name in ["release.yml", "rollback.yml"] {
        let text = read(&format!("examples/pipeline/{name}"));
        assert!(!text.contains("secrets."), "{name}: no long-term secret");
        let workflow: Yaml = serde_yaml_ng::from_str(&text).unwrap();
        assert_eq!(workflow["permissions"], Yaml::Mapping(Default::default()), "{name}");
        let jobs = workflow["jobs"].as_mapping().unwrap();
        assert_eq!(jobs.len(), 2, "{name}");
        for (job, of) in jobs {
            let job = job.as_str().unwrap();
            let steps = of["steps"].as_sequence().unwrap();
            let actions: Vec<&str> =
                steps.iter().filter_map(|step| step["uses"].as_str()).collect();
            for action in &actions {
                let (_, commit) = action.split_once('@').unwrap();
                let digits = commit.chars().all(|c| c.is_ascii_hexdigit());
                assert!(commit.len() == 40 && digits, "{name}: {action} is no commit");
            }
            // Only the job that a reviewer approves can become the role, and it builds nothing.
            let rollout = job == "rollout";
            assert_eq!(
                of["permissions"]["id-token"].as_str() == Some("write"),
                rollout,
                "{name} {job}"
            );
            assert_eq!(
                of["environment"].as_str() == Some(environment.as_str()),
                rollout,
                "{name} {job}"
            );
            assert_eq!(actions.iter().any(|action| action.contains("checkout")), !rollout);
            let runs: Vec<&str> = steps.iter().filter_map(|step| step["run"].as_str()).collect();
            assert!(!rollout || runs.iter().all(|run| !run.contains("cargo")), "{name} {job}");
            // What comes from outside reaches a shell as a variable, never as text.
            assert!(runs.iter().all(|run| !run.contains("${{")), "{name} {job}");
        }
    }
}

/// The commands of a text's shell blocks that start with a word.
fn commands(text: &str, start: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut whole = String::new();
    let mut inside = false;
    for line in text.lines() {
        match line.trim() {
            "```sh" => inside = true,
            "```" => inside = false,
            _ if !inside => {}
            // In the language of the page.
            comment if comment.starts_with('#') => {}
            part => {
                whole.push_str(part.trim_end_matches('\\'));
                if !part.ends_with('\\') {
                    let command = whole.split(" #").next().unwrap_or_default().trim().to_owned();
                    whole.clear();
                    if command.starts_with(start) {
                        found.push(command);
                    }
                }
            }
        }
    }
    found
}

#[test]
fn the_guides_commands_of_this_tool_are_ones_that_it_takes() {
    let mut seen = 0;
    for path in ["docs/organization.en.md", "docs/organization.ja.md"] {
        for command in commands(&read(path), "cargo xtask ") {
            let words = command.split_whitespace().skip(1);
            if let Err(error) = crate::Args::try_parse_from(words) {
                panic!("{path}: {command}: {error}");
            }
            seen += 1;
        }
    }
    assert!(seen >= 6, "{seen}");
    for name in ["release.yml", "rollback.yml"] {
        for line in read(&format!("examples/pipeline/{name}")).lines() {
            let Some((_, command)) =
                line.split_once("./xtask ").or(line.split_once("cargo xtask "))
            else {
                continue;
            };
            if line.contains("description") {
                continue;
            }
            let words = std::iter::once("xtask").chain(command.split_whitespace());
            crate::Args::try_parse_from(words).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
    }
}

/// Both languages give the same commands.
#[test]
fn the_guides_are_in_step() {
    for (en, ja) in [
        ("docs/organization.en.md", "docs/organization.ja.md"),
        ("examples/pipeline/README.en.md", "examples/pipeline/README.ja.md"),
    ] {
        assert_eq!(commands(&read(en), ""), commands(&read(ja), ""), "{en} and {ja}");
        let headings = |text: &str| text.lines().filter(|line| line.starts_with('#')).count();
        assert_eq!(headings(&read(en)), headings(&read(ja)), "{en}");
    }
}
