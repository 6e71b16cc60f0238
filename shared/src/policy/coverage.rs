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
        Some(element) => resources(element, Reading::Surely),
    };
    (actions, resources)
}

fn resources(element: &Element, reading: Reading) -> GlobSet {
    let patterns = element.patterns.iter().map(|pattern| any_partition(pattern));
    Element { negated: element.negated, patterns: patterns.collect() }.resources(reading)
}

/// What is left of Allow statements after Deny statements, whatever their principals and
/// conditions: the caller picks the statements that apply.
///
/// Statements without a resource element (trust policies) are about the one resource that carries
/// them. A variable counts as anything in an Allow, and as nothing in a Deny.
#[derive(Debug, Clone, Default)]
pub struct Grants {
    allowed: Vec<(GlobSet, GlobSet)>,
    denied: Vec<(GlobSet, GlobSet)>,
}

impl Grants {
    /// What `allows` grant and `denies` leave.
    pub fn new<'a>(
        allows: impl IntoIterator<Item = &'a Statement>,
        denies: impl IntoIterator<Item = &'a Statement>,
    ) -> Self {
        let read = |statement: &Statement, reading| {
            let everything = GlobSet { globs: Vec::new(), negated: true };
            let named = statement.resources.as_ref();
            let resources = named.map_or(everything, |element| resources(element, reading));
            (statement.actions.actions(reading), resources)
        };
        Self {
            allowed: allows.into_iter().map(|one| read(one, Reading::Possibly)).collect(),
            denied: denies.into_iter().map(|one| read(one, Reading::Surely)).collect(),
        }
    }

    /// Whether everything in the universe is granted.
    ///
    /// # Errors
    /// [`PolicyError::TooComplex`] when the patterns overlap in too many ways.
    pub fn all(&self, universe: &Universe) -> Result<bool, PolicyError> {
        Ok(!self.any_with(universe, false)?)
    }

    /// Whether anything in the universe is granted.
    ///
    /// # Errors
    /// As [`Self::all`].
    pub fn any(&self, universe: &Universe) -> Result<bool, PolicyError> {
        self.any_with(universe, true)
    }

    /// Whether some action on some resource is granted, or not granted.
    fn any_with(&self, universe: &Universe, granted: bool) -> Result<bool, PolicyError> {
        let boxes: Vec<&(GlobSet, GlobSet)> = self.allowed.iter().chain(&self.denied).collect();
        let actions: Vec<&GlobSet> = boxes.iter().map(|(actions, _)| actions).collect();
        for inside in signatures(&universe.actions, &actions)? {
            let (resources, denies): (Vec<&GlobSet>, Vec<bool>) = boxes
                .iter()
                .zip(inside)
                .enumerate()
                .filter(|(_, (_, named))| *named)
                .map(|(index, ((_, resources), _))| (resources, index >= self.allowed.len()))
                .unzip();
            // What no Allow names is not granted, whatever the resource.
            if !denies.contains(&false) {
                if granted {
                    continue;
                }
                return Ok(true);
            }
            let grants = |inside: &mut dyn Iterator<Item = bool>| {
                let mut allowed = false;
                for (_, deny) in inside.zip(&denies).filter(|(in_it, _)| *in_it) {
                    if *deny {
                        return false;
                    }
                    allowed = true;
                }
                allowed
            };
            // One text that settles the question is found faster than all of them: of those that
            // the question and the patterns name themselves, one mostly does.
            let named = resources.iter().flat_map(|set| &set.globs).map(Glob::example);
            let settled = std::iter::once(universe.resources.example())
                .chain(named)
                .take(EXAMPLES)
                .filter(|text| universe.resources.matches(text))
                .any(|text| {
                    grants(&mut resources.iter().map(|set| set.contains(&text))) == granted
                });
            if settled
                || signatures(&universe.resources, &resources)?
                    .iter()
                    .any(|inside| grants(&mut inside.iter().copied()) == granted)
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// How many examples are tried before the search.
const EXAMPLES: usize = 32;

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
    use crate::policy::{Effect, PolicyDocument};
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

    fn grants(statements: &Value) -> Grants {
        let document = PolicyDocument::from_value(&json!({ "Statement": statements })).unwrap();
        Grants::new(document.with_effect(Effect::Allow), document.with_effect(Effect::Deny))
    }

    #[test]
    fn what_is_denied_is_not_granted() {
        let allow = json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*"});
        let decrypt = Universe::new("kms:Decrypt", "arn:aws:kms:*:111122223333:key/?*");
        let any = |statements: Value| grants(&statements).any(&decrypt).unwrap();
        let all = |statements: Value| grants(&statements).all(&decrypt).unwrap();
        assert!(all(json!([allow])));
        let one = json!({"Effect": "Allow", "Action": "kms:dec*",
                         "Resource": "arn:aws:kms:ap-northeast-1:111122223333:key/1"});
        assert!(any(json!([one])) && !all(json!([one])));
        let deny = json!({"Effect": "Deny", "Action": "KMS:Decrypt", "Resource": "*"});
        assert!(!any(json!([allow, deny])));
        let deny_one = json!({"Effect": "Deny", "Action": "kms:Decrypt",
                              "Resource": "arn:aws:kms:ap-northeast-1:111122223333:key/1"});
        assert!(any(json!([allow, deny_one])) && !all(json!([allow, deny_one])));
        assert!(!any(json!([one, deny_one])));
        let except = json!({"Effect": "Deny", "NotAction": "kms:Encrypt", "Resource": "*"});
        assert!(!any(json!([allow, except])));
        assert!(!any(json!([deny])));
        // A variable may be anything in an Allow, and is nothing for certain in a Deny.
        let own = |effect: &str| {
            json!({"Effect": effect, "Action": "kms:Decrypt",
                                        "Resource": "arn:aws:kms:*:*:key/${aws:PrincipalTag/key}"})
        };
        assert!(any(json!([own("Allow")])));
        assert!(all(json!([allow, own("Deny")])));
        // A trust policy names no resource.
        assert!(any(json!([{"Effect": "Allow", "Action": "kms:Decrypt"}])));
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
