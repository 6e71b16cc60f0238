//! What rights are too wide, asked by names that nobody gives.
//!
//! "On everything" is asked with an action, a role or a key of a made-up name: a policy that
//! reaches it reaches all of its kind but what it names itself. So an exception for one key does
//! not turn a right on all keys into one on some, and a list of names is no right on all.

use std::collections::BTreeSet;

use fisc_shared::policy::{Context, Effect, Known, PolicyError, Universe};

use super::escalation::Way;
use crate::rights::{ONESELF, Rights, UNNAMED};

impl Rights<'_> {
    /// A request on a resource of which nothing is known but that it has no tags: an Allow for
    /// tagged resources is not one for all. Of other conditions (MFA, addresses, a service that
    /// asks) it is not known that they fail.
    fn any_resource(&self) -> Context {
        let tests = self.statements.iter().flat_map(|one| &one.conditions.tests);
        let tags: BTreeSet<&str> = tests
            .map(|test| test.key.as_str())
            .filter(|key| key.contains("resourcetag/"))
            .collect();
        tags.into_iter().fold(Context::new(), |context, key| context.with(key, &[Known::Absent]))
    }

    /// Everything on everything: an action of a service that no statement names, and a way to
    /// raise one's rights through IAM, with which the rest is in reach.
    pub(super) fn full_admin(&self, ways: &[Way<'_>]) -> Result<bool, PolicyError> {
        let (region, own) = (self.region, self.own);
        let action = format!("{UNNAMED}:{UNNAMED}");
        let resource = format!("arn:aws:{UNNAMED}:{region}:{own}:{UNNAMED}");
        if !self.grants(&self.any_resource()).any(&Universe::new(&action, &resource))? {
            return Ok(false);
        }
        for way in ways.iter().filter(|way| way.is_iam_alone()) {
            if self.escalates(way)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The services of which every action is granted on some resource, as they are written; `*`
    /// for those that no statement names.
    pub(super) fn service_wildcards(&self) -> Result<Vec<String>, PolicyError> {
        let mut services = BTreeSet::new();
        for element in self.with_effect(Effect::Allow).map(|one| &one.actions) {
            if element.negated {
                services.insert("*".to_owned());
                continue;
            }
            services.extend(element.patterns.iter().map(|pattern| {
                pattern.split_once(':').map_or("*", |(service, _)| service).to_lowercase()
            }));
        }
        let grants = self.grants(&Context::new());
        let mut found = Vec::new();
        for service in services {
            let action = format!("{}:{UNNAMED}", named(&service));
            if grants.any(&Universe::new(&action, "*"))? {
                found.push(service);
            }
        }
        Ok(found)
    }

    /// Whether all actions of a way are granted: those that change what exists on all of it,
    /// those that make something new on anything.
    pub(super) fn escalates(&self, way: &Way<'_>) -> Result<bool, PolicyError> {
        if !way.passed_to.is_empty() {
            let passed: Vec<Known> = way
                .passed_to
                .iter()
                .flat_map(|one| {
                    ["amazonaws.com", "amazonaws.com.cn"].map(|dns| format!("{one}.{dns}"))
                })
                .map(Known::Value)
                .collect();
            if !self.passes_roles(&passed)? {
                return Ok(false);
            }
        }
        for action in &way.actions {
            let grants = self.grants(&self.escalation(action));
            let mut granted = false;
            for resource in self.places(action) {
                granted = granted || grants.any(&Universe::new(action, &resource))?;
            }
            if !granted {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A request that escalates: without a permissions boundary, or with one of the caller's
    /// choice; a policy that is attached gives everything, or is of the caller's choice.
    fn escalation(&self, action: &str) -> Context {
        let chosen = Known::Value(format!("arn:aws:iam::{}:policy/{UNNAMED}", self.own));
        let aws = |name: &str| Known::Value(format!("arn:aws:iam::aws:policy/{name}"));
        let attaches = action.to_ascii_lowercase().starts_with("iam:attach");
        let attached = if attaches {
            vec![chosen.clone(), aws("AdministratorAccess"), aws("IAMFullAccess")]
        } else {
            vec![Known::Absent]
        };
        self.any_resource()
            .with("iam:policyarn", &attached)
            .with("iam:permissionsboundary", &[Known::Absent, chosen, aws("AdministratorAccess")])
            .with("iam:passedtoservice", &[Known::Absent])
    }

    /// The resources of which one must be reached for the action to escalate.
    fn places(&self, action: &str) -> Vec<String> {
        let (own, region) = (self.own, self.region);
        let iam = |what: &str, name: &str| format!("arn:aws:iam::{own}:{what}/{name}");
        let holder = |what: &str| {
            let kind = format!(":{what}/");
            self.holder.filter(|arn| arn.contains(&kind)).map(str::to_owned)
        };
        match action.to_ascii_lowercase().as_str() {
            "iam:createpolicyversion" | "iam:setdefaultpolicyversion" => {
                vec![iam("policy", UNNAMED)]
            }
            // One's own key or password is no step up; one's own policy is.
            "iam:createaccesskey" | "iam:createloginprofile" | "iam:updateloginprofile" => {
                vec![iam("user", UNNAMED)]
            }
            "iam:attachuserpolicy" | "iam:putuserpolicy" => {
                let mut users = vec![iam("user", UNNAMED), iam("user", ONESELF)];
                users.extend(holder("user"));
                users
            }
            "iam:attachgrouppolicy" | "iam:putgrouppolicy" | "iam:addusertogroup" => {
                vec![iam("group", UNNAMED)]
            }
            "iam:updateassumerolepolicy" => vec![iam("role", UNNAMED)],
            "iam:attachrolepolicy" | "iam:putrolepolicy" => {
                let mut roles = vec![iam("role", UNNAMED)];
                roles.extend(holder("role"));
                roles
            }
            "lambda:updatefunctioncode" => {
                vec![format!("arn:aws:lambda:{region}:{own}:function:{UNNAMED}")]
            }
            _ => vec!["*".to_owned()],
        }
    }

    /// Whether every role of the account may be handed to a service that no statement names, or
    /// without telling to which.
    pub(super) fn passes_any_role(&self) -> Result<bool, PolicyError> {
        self.passes_roles(&[Known::Absent, Known::Value(format!("{UNNAMED}.amazonaws.com"))])
    }

    fn passes_roles(&self, passed_to: &[Known]) -> Result<bool, PolicyError> {
        let context = self
            .any_resource()
            .with("iam:passedtoservice", passed_to)
            .with("iam:policyarn", &[Known::Absent])
            .with("iam:permissionsboundary", &[Known::Absent]);
        let roles = format!("arn:aws:iam::{}:role/{UNNAMED}", self.own);
        self.grants(&context).any(&Universe::new("iam:PassRole", &roles))
    }

    /// Those of `actions` that are granted on every key of some Region and account, or on every
    /// alias there.
    pub(super) fn on_all_keys(&self, actions: &[String]) -> Result<Vec<String>, PolicyError> {
        let alias = [Known::Absent, Known::Value(format!("alias/{UNNAMED}"))];
        let context = self
            .any_resource()
            .with("kms:resourcealiases", &alias)
            .with("kms:requestalias", &alias);
        let grants = self.grants(&context);
        let mut found = Vec::new();
        for action in actions {
            let mut granted = false;
            for place in self.key_places() {
                for kind in ["key", "alias"] {
                    let resource = format!("arn:aws:kms:{place}:{kind}/{UNNAMED}");
                    granted = granted || grants.any(&Universe::new(action, &resource))?;
                }
            }
            if granted {
                found.push(action.clone());
            }
        }
        Ok(found)
    }

    /// Region and account of keys: the own ones, and those that Allows name.
    fn key_places(&self) -> BTreeSet<String> {
        let mut places = BTreeSet::from([format!("{}:{}", self.region, self.own)]);
        let elements = self.with_effect(Effect::Allow).filter_map(|one| one.resources.as_ref());
        for pattern in elements.filter(|one| !one.negated).flat_map(|one| &one.patterns) {
            let mut parts = pattern.split(':').skip(3);
            if let (Some(region), Some(account)) = (parts.next(), parts.next()) {
                let account = if account.contains(['*', '?', '$']) { self.own } else { account };
                let region = if region.contains('$') { self.region } else { region };
                places.insert(format!("{}:{account}", named(region)));
            }
        }
        places
    }
}

/// A text that the pattern matches, with a made-up name where the pattern leaves it open.
fn named(pattern: &str) -> String {
    pattern.replace('*', UNNAMED).replace('?', "z")
}
