//! What the policies of one principal, or one policy, grant together.

use fisc_shared::policy::{
    Context, Effect, Grants, PolicyDocument, PolicyError, Statement, Universe,
};

/// A name that no policy gives.
pub(crate) const UNNAMED: &str = "zz9-unnamed-0f6b";
/// The user who holds the policy, where a policy says `${aws:username}`.
pub(crate) const ONESELF: &str = "zz9-oneself-0f6b";

/// The statements of one resource, together.
pub(crate) struct Rights<'a> {
    pub(crate) statements: Vec<Statement>,
    /// The account of the resource.
    pub(crate) own: &'a str,
    pub(crate) region: &'a str,
    /// The role or user that holds the statements, if it is one.
    pub(crate) holder: Option<&'a str>,
}

impl<'a> Rights<'a> {
    pub(crate) fn new(
        documents: Vec<PolicyDocument>,
        own: &'a str,
        region: &'a str,
        holder: Option<&'a str>,
    ) -> Self {
        let mut statements: Vec<Statement> =
            documents.into_iter().flat_map(|document| document.statements).collect();
        let elements = statements.iter_mut().filter_map(|one| one.resources.as_mut());
        for pattern in elements.flat_map(|element| &mut element.patterns) {
            *pattern = settle(pattern, own);
        }
        Self { statements, own, region, holder }
    }

    pub(crate) fn with_effect(&self, effect: Effect) -> impl Iterator<Item = &Statement> {
        self.statements.iter().filter(move |one| one.effect == effect)
    }

    /// What the Allows whose conditions some request of this context meets grant, less the Denies
    /// that are certain in it.
    pub(crate) fn grants(&self, context: &Context) -> Grants {
        Grants::new(
            self.with_effect(Effect::Allow).filter(|one| one.conditions.admit(context)),
            self.with_effect(Effect::Deny).filter(|one| one.conditions.surely_hold(context)),
        )
    }

    /// Those of `actions` that are granted on any resource.
    pub(crate) fn on_any(&self, actions: &[String]) -> Result<Vec<String>, PolicyError> {
        let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
        Ok(self.on(&actions, "*")?.into_iter().map(str::to_owned).collect())
    }

    /// Those of `actions` that are granted on any of these resources.
    pub(crate) fn on<'b>(
        &self,
        actions: &[&'b str],
        resources: &str,
    ) -> Result<Vec<&'b str>, PolicyError> {
        let grants = self.grants(&Context::new());
        let mut found = Vec::new();
        for action in actions {
            if grants.any(&Universe::new(action, resources))? {
                found.push(*action);
            }
        }
        Ok(found)
    }
}

/// A resource pattern with those variables resolved whose value is known.
fn settle(pattern: &str, own: &str) -> String {
    let mut settled = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        settled.push_str(before);
        let Some((variable, behind)) = after.split_once('}') else {
            settled.push_str("${");
            rest = after;
            continue;
        };
        let name = variable.split(',').next().unwrap_or(variable).trim();
        match name.to_ascii_lowercase().as_str() {
            "aws:username" => settled.push_str(ONESELF),
            "aws:principalaccount" | "aws:resourceaccount" => settled.push_str(own),
            _ => {
                settled.push_str("${");
                settled.push_str(variable);
                settled.push('}');
            }
        }
        rest = behind;
    }
    settled.push_str(rest);
    settled
}
