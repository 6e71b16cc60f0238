//! How far the stack is from the limits of CloudFormation, and what happens past them.
//!
//! The numbers stand in the template's head, where they are seen to grow. A stack that passes a
//! limit cannot be deployed; it has to be split then: one nested stack for each domain, in a
//! parent that keeps what all share. [`check`] refuses to generate such a template, and says what
//! each nested stack would hold.
//!
//! Limits: AWS CloudFormation User Guide, "CloudFormation quotas".

use std::fmt;

use fisc_shared::{Control, Domain};

use crate::files::Error;

/// Resources of a template.
const MAX_RESOURCES: usize = 500;
/// Parameters of a template.
const MAX_PARAMETERS: usize = 200;
/// Bytes of a template in S3.
const MAX_BYTES: usize = 1_000_000;
/// Bytes of a parameter's description.
const MAX_DESCRIPTION: usize = 4_000;
/// Bytes are told in steps, so that not every word changes the head.
const STEP: usize = 10_000;

/// What a template takes of each limit. SAM makes one resource of each function here: roles,
/// permissions and rules are resources of their own already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    resources: usize,
    parameters: usize,
    bytes: usize,
}

impl Usage {
    /// Of a template that the generator wrote: two columns of indentation, one name a line.
    pub(crate) fn of(template: &str) -> Self {
        let names = |section: &str| {
            let lines = template.lines().skip_while(|line| *line != section).skip(1);
            let within = lines.take_while(|line| line.is_empty() || line.starts_with([' ', '#']));
            within.filter(|line| is_name(line)).count()
        };
        Self {
            resources: names("Resources:"),
            parameters: names("Parameters:"),
            bytes: template.len(),
        }
    }

    const fn fits(self) -> bool {
        self.resources <= MAX_RESOURCES
            && self.parameters <= MAX_PARAMETERS
            && self.bytes <= MAX_BYTES
    }
}

/// `  Name:`, and nothing deeper.
fn is_name(line: &str) -> bool {
    let name = line.strip_prefix("  ").and_then(|rest| rest.strip_suffix(':'));
    name.is_some_and(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric()))
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {MAX_RESOURCES} resources, {} of {MAX_PARAMETERS} parameters, less than {} of {} KB",
            self.resources,
            self.parameters,
            self.bytes.next_multiple_of(STEP) / 1000,
            MAX_BYTES / 1000,
        )
    }
}

/// Refuses a template that CloudFormation would refuse; `name` is its file. `part` renders the
/// stack with the controls of one domain only.
pub(crate) fn check(
    name: &str,
    template: &str,
    controls: &[&'static Control],
    part: impl Fn(&[&'static Control]) -> Result<String, Error>,
) -> Result<(), Error> {
    if let Some(line) = template.lines().find(|line| {
        line.strip_prefix("    Description: ").is_some_and(|text| text.len() > MAX_DESCRIPTION)
    }) {
        let start: String = line.trim_start().chars().take(120).collect();
        return Err(Error::Declaration(format!(
            "a parameter's description has more than {MAX_DESCRIPTION} bytes: {start}"
        )));
    }
    let usage = Usage::of(template);
    if usage.fits() {
        return Ok(());
    }
    let parts = split(controls, part)?;
    let parts = parts.iter().map(|(domain, usage)| format!("{}: {usage}", domain.as_str()));
    Err(Error::Declaration(format!(
        "{name} is past a limit of CloudFormation: {usage}. Write one nested stack for each \
         domain; with what all share in each, they would take: {}",
        parts.collect::<Vec<_>>().join("; ")
    )))
}

/// What each domain's stack would take if it stood alone, with all that is shared.
fn split(
    controls: &[&'static Control],
    part: impl Fn(&[&'static Control]) -> Result<String, Error>,
) -> Result<Vec<(Domain, Usage)>, Error> {
    let mut parts: Vec<(Domain, Vec<&'static Control>)> = Vec::new();
    for &control in controls {
        match parts.last_mut() {
            Some((domain, of)) if *domain == control.domain => of.push(control),
            _ => parts.push((control.domain, vec![control])),
        }
    }
    let used = parts.iter().map(|(domain, of)| Ok((*domain, Usage::of(&part(of)?))));
    used.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template::{self, Rendering, RuleParameters};
    use fisc_cli::registry;
    use serde_yaml_ng::Value;

    const RENDERINGS: [Rendering; 2] = [Rendering::Sam, Rendering::Plain];

    fn render(rendering: Rendering, controls: &[&'static Control]) -> String {
        template::render(rendering, controls, &RuleParameters::new()).unwrap()
    }

    #[test]
    fn the_usage_is_what_a_parser_counts() {
        for rendering in RENDERINGS {
            let text = render(rendering, &registry::all());
            let value: Value = serde_yaml_ng::from_str(&text).unwrap();
            let entries = |section: &str| value[section].as_mapping().unwrap().len();
            let usage = Usage::of(&text);
            assert_eq!(usage.resources, entries("Resources"));
            assert_eq!(usage.parameters, entries("Parameters"));
            assert_eq!(usage.bytes, text.len());
        }
    }

    /// The head of a template tells how far the stack is from each limit.
    #[test]
    fn the_stack_stays_within_the_limits_and_says_how_far() {
        for rendering in RENDERINGS {
            let text = render(rendering, &registry::all());
            let usage = Usage::of(&text);
            assert!(usage.fits(), "{usage}");
            assert!(text.lines().take(4).any(|line| line.contains(&usage.to_string())), "{usage}");
        }
    }

    /// Nested stacks by domain leave room for long: each takes less than half of every limit.
    #[test]
    fn by_domain_the_stacks_are_far_from_the_limits() {
        for rendering in RENDERINGS {
            let part = |controls: &[_]| Ok(render(rendering, controls));
            for (domain, usage) in split(&registry::all(), part).unwrap() {
                let half = Usage {
                    resources: usage.resources * 2,
                    parameters: usage.parameters * 2,
                    bytes: usage.bytes * 2,
                };
                assert!(half.fits(), "{}: {usage}", domain.as_str());
            }
        }
    }

    #[test]
    fn a_stack_past_a_limit_is_refused_with_the_way_on() {
        let controls = registry::all();
        let part = |controls: &[_]| Ok(render(Rendering::Plain, controls));
        let refused = |text: &str| check("member.yaml", text, &controls, part).unwrap_err();
        let mut text = render(Rendering::Plain, &controls);
        let more: String = (0..MAX_RESOURCES)
            .map(|number| format!("  More{number}:\n    Type: AWS::SNS::Topic\n"))
            .collect();
        text = text.replacen("\nResources:\n", &format!("\nResources:\n{more}"), 1);
        let error = refused(&text).to_string();
        assert!(error.contains("member.yaml is past a limit of CloudFormation"), "{error}");
        assert!(error.contains("one nested stack for each domain"), "{error}");
        for domain in ["identity: ", "logging: "] {
            assert!(error.contains(domain), "{error}");
        }
        let wide = format!("Parameters:\n  A:\n    Description: {}\n", "a".repeat(4001));
        let error = refused(&wide).to_string();
        assert!(error.contains("more than 4000 bytes"), "{error}");
    }
}
