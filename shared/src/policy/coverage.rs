//! What statements cover together: every principal, every action, every resource.

use super::PolicyError;
use super::document::{Element, Statement};
use super::glob::{Case, Glob, GlobSet, Reading, signatures};

/// What must be covered: actions and resources, each by a pattern.
#[derive(Debug, Clone)]
pub struct Universe {
    actions: Glob,
    resources: Glob,
}

impl Universe {
    /// All actions that match `actions` on all resources that match `resources`.
    #[must_use]
    pub fn new(actions: &str, resources: &str) -> Self {
        Self {
            actions: Glob::widest(actions, Case::Insensitive),
            resources: Glob::widest(&any_partition(resources), Case::Sensitive),
        }
    }
}

/// Parts of statements that a question leaves aside, as if every statement named everything
/// there: to find out which part it is that leaves a hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ignoring {
    /// Take every statement as one for all principals.
    pub principals: bool,
    /// Take every statement as one for all actions.
    pub actions: bool,
    /// Take every statement as one for all resources.
    pub resources: bool,
}

/// Whether statements, taken together and whatever their conditions, cover the universe for
/// every principal. Statements for only some principals do not help: whoever is left could act.
///
/// The answer is exact for the union: for every action, the statements that name it must between
/// them name every resource.
///
/// # Errors
/// [`PolicyError::TooComplex`] when the patterns overlap in too many ways.
pub fn covers(
    statements: &[&Statement],
    universe: &Universe,
    ignoring: Ignoring,
) -> Result<bool, PolicyError> {
    let boxes: Vec<(GlobSet, GlobSet)> = statements
        .iter()
        .filter(|statement| {
            ignoring.principals
                || statement.principals.as_ref().is_some_and(super::Principals::is_everyone)
        })
        .map(|statement| sets(statement, ignoring))
        .collect();
    let actions: Vec<&GlobSet> = boxes.iter().map(|(actions, _)| actions).collect();
    for inside in signatures(&universe.actions, &actions)? {
        let resources: Vec<&GlobSet> = boxes
            .iter()
            .zip(inside)
            .filter_map(|((_, resources), named)| named.then_some(resources))
            .collect();
        let left_out = signatures(&universe.resources, &resources)?
            .iter()
            .any(|inside| !inside.contains(&true));
        if left_out {
            return Ok(false);
        }
    }
    Ok(true)
}

fn sets(statement: &Statement, ignoring: Ignoring) -> (GlobSet, GlobSet) {
    let everything = GlobSet { globs: Vec::new(), negated: true };
    let nothing = GlobSet { globs: Vec::new(), negated: false };
    let actions = if ignoring.actions {
        everything.clone()
    } else {
        statement.actions.actions(Reading::Surely)
    };
    let resources = match &statement.resources {
        _ if ignoring.resources => everything,
        // Without a resource element nothing is named.
        None => nothing,
        Some(element) => {
            let patterns = element.patterns.iter().map(|pattern| any_partition(pattern));
            Element { negated: element.negated, patterns: patterns.collect() }
                .resources(Reading::Surely)
        }
    };
    (actions, resources)
}

/// An ARN with its partition replaced by `aws`, so that ARNs compare by what they name: a bucket
/// name is one bucket, whatever partition a policy writes.
fn any_partition(arn: &str) -> String {
    const PARTITIONS: [&str; 5] = ["aws-cn", "aws-us-gov", "aws-iso", "aws-iso-b", "aws-eusc"];
    arn.strip_prefix("arn:")
        .and_then(|rest| rest.split_once(':'))
        .filter(|(partition, _)| PARTITIONS.contains(partition))
        .map_or_else(|| arn.to_owned(), |(_, rest)| format!("arn:aws:{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::PolicyDocument;
    use serde_json::{Value, json};

    const BUCKET: &str = "arn:aws:s3:::b";
    const OBJECTS: &str = "arn:aws:s3:::b/?*";

    fn covered(statements: Value, resources: &str) -> bool {
        let document = PolicyDocument::from_value(&json!({ "Statement": statements })).unwrap();
        let statements: Vec<&Statement> = document.statements.iter().collect();
        covers(&statements, &Universe::new("s3:?*", resources), Ignoring::default()).unwrap()
    }

    fn deny(action: Value, resource: Value) -> Value {
        json!({"Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource})
    }

    #[test]
    fn one_statement_or_several_may_cover() {
        assert!(covered(json!([deny(json!("s3:*"), json!("*"))]), BUCKET));
        assert!(covered(
            json!([deny(json!("S3:*"), json!([BUCKET, "arn:aws:s3:::b/*"]))]),
            OBJECTS
        ));
        assert!(!covered(json!([deny(json!("s3:*"), json!(BUCKET))]), OBJECTS));
        assert!(covered(json!([deny(json!("s3:*"), json!("arn:aws-cn:s3:::b*"))]), OBJECTS));
        let split = json!([
            deny(json!(["s3:Get*", "s3:List*"]), json!("*")),
            {"Effect": "Deny", "Principal": {"AWS": "*"}, "NotAction": ["s3:Get*", "s3:List*"],
             "Resource": "*"}
        ]);
        assert!(covered(split, OBJECTS));
        // Each half of the actions on another half of the resources leaves two holes.
        let crossed = json!([
            deny(json!("s3:Get*"), json!(BUCKET)),
            {"Effect": "Deny", "Principal": "*", "NotAction": "s3:Get*", "Resource": "arn:aws:s3:::b/*"}
        ]);
        assert!(!covered(crossed.clone(), BUCKET));
        assert!(!covered(crossed, OBJECTS));
    }

    #[test]
    fn some_principals_are_not_all() {
        let with = |principal: Value| {
            covered(
                json!([{"Effect": "Deny", "Principal": principal, "Action": "*", "Resource": "*"}]),
                BUCKET,
            )
        };
        assert!(with(json!("*")));
        assert!(with(json!({"AWS": "*"})));
        assert!(with(json!({"AWS": ["*", "111122223333"]})));
        assert!(!with(json!({"AWS": "111122223333"})));
        assert!(!with(json!({"Service": "*"})));
        assert!(!covered(
            json!([{"Effect": "Deny", "NotPrincipal": {"AWS": "1"}, "Action": "*", "Resource": "*"}]),
            BUCKET
        ));
    }

    #[test]
    fn holes_are_found() {
        let not = |resource: &str| json!([{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "NotResource": resource}]);
        assert!(!covered(not("arn:aws:s3:::b/public/*"), OBJECTS));
        assert!(covered(not("arn:aws:s3:::other/*"), OBJECTS));
        assert!(!covered(
            json!([deny(json!("s3:*"), json!("arn:aws:s3:::b/${aws:username}/*"))]),
            OBJECTS
        ));
    }
}
