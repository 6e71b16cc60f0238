//! `fisc scan --live`: the account behind the credentials, from AWS Config's recorded items and
//! the services themselves.

use std::collections::{BTreeMap, BTreeSet};

use fisc_shared::config_service::ConfigService;
use fisc_shared::runner::Connected;
use fisc_shared::{ConfigurationItem, Control, Error, Evaluated, Resource, ResourceType, Run};
use futures::stream::{self, StreamExt};
use indicatif::ProgressBar;

use crate::aws::Account;
use crate::plan::{Plan, Planned};
use crate::report::{Evaluation, Problem, Report, Subject, TypeRead};

/// How many controls, and how many types, are under way at once; each keeps several requests in
/// flight itself.
const AT_ONCE: usize = 4;

/// Why a live scan cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// Nothing tells the account's number.
    #[error(
        "the account is not known: AWS Config has no recorded resource that would tell it in \
         {region}; give it with --account-id{detail}"
    )]
    NoAccount {
        /// The Region that was looked at.
        region: String,
        /// The first error of Config, if there was one.
        detail: String,
    },
    /// The credentials are of another account than was given.
    #[error(
        "--account-id is {given}, but the credentials are of account {found}: use the profile of \
         {given}"
    )]
    OtherAccount {
        /// What the option says.
        given: String,
        /// What the items say.
        found: String,
    },
}

/// The results of a control; an error for what could not be judged.
type Judged = Vec<Result<Evaluated, Box<Problem>>>;

/// Evaluates the account.
///
/// # Errors
/// When the account is not known or not the one that was given. A control that could not be
/// evaluated is an error in the report, and does not stop the others.
pub async fn scan_live(
    account: &Account,
    given_id: Option<&str>,
    plan: &Plan,
    spinner: &ProgressBar,
) -> Result<Report, LiveError> {
    let mut report = Report::new(plan);
    let inventory = Inventory::read(account, plan, spinner).await;
    let account_id = inventory.account_id(given_id, &account.region)?;
    report.accounts = vec![account_id.clone()];
    for (name, items) in &inventory.items {
        let items = items.len() as u64;
        report.items += items;
        report.types.insert((*name).to_owned(), TypeRead { items, judged: true });
    }
    let results: Vec<(&Planned, Judged)> = stream::iter(&plan.controls)
        .map(|planned| {
            let judging = Judging { account, account_id: &account_id, plan, planned };
            let inventory = &inventory;
            async move {
                spinner.set_message(planned.control.id);
                (planned, judging.judge(inventory).await)
            }
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    let (mut evaluations, mut errors) = (Vec::new(), Vec::new());
    for (planned, evaluated) in results {
        for one in evaluated {
            match one {
                Ok(Evaluated { resource, verdict, at }) => evaluations.push(Evaluation {
                    control: planned.control,
                    subject: Subject::from(resource).into(),
                    verdict: verdict.into(),
                    at,
                }),
                Err(problem) => errors.push(*problem),
            }
        }
    }
    Ok(report.with(evaluations, errors))
}

/// What Config has recorded of the types that controls judge on change.
struct Inventory {
    items: BTreeMap<&'static str, Vec<ConfigurationItem>>,
    failed: BTreeMap<&'static str, String>,
}

impl Inventory {
    async fn read(account: &Account, plan: &Plan, spinner: &ProgressBar) -> Self {
        let types: BTreeSet<&'static str> = plan
            .controls
            .iter()
            .flat_map(|planned| judged_by_item(planned.control))
            .map(|resource_type| resource_type.name)
            .collect();
        let config = ConfigService::new(&account.sdk);
        let answers: Vec<(&'static str, Result<Vec<ConfigurationItem>, Error>)> =
            stream::iter(types)
                .map(|name| {
                    let config = &config;
                    async move {
                        spinner.set_message(name);
                        (name, read_type(config, name).await)
                    }
                })
                .buffered(AT_ONCE)
                .collect()
                .await;
        let mut inventory = Self { items: BTreeMap::new(), failed: BTreeMap::new() };
        for (name, answer) in answers {
            match answer {
                Ok(items) => drop(inventory.items.insert(name, items)),
                Err(error) => drop(inventory.failed.insert(name, error.to_string())),
            }
        }
        inventory
    }

    /// The account that the items are of, or the one that was given.
    fn account_id(&self, given: Option<&str>, region: &str) -> Result<String, LiveError> {
        let found = self
            .items
            .values()
            .flatten()
            .map(|item| item.account_id.as_str())
            .find(|account_id| !account_id.is_empty());
        match (given, found) {
            (Some(given), Some(found)) if given != found => {
                Err(LiveError::OtherAccount { given: given.to_owned(), found: found.to_owned() })
            }
            (Some(id), _) | (None, Some(id)) => Ok(id.to_owned()),
            (None, None) => Err(LiveError::NoAccount {
                region: region.to_owned(),
                detail: self
                    .failed
                    .values()
                    .next()
                    .map(|error| format!(" ({error})"))
                    .unwrap_or_default(),
            }),
        }
    }
}

/// The recorded items of a type. Config hands items out without tags, which decide on scopes and
/// exemptions: they are read besides.
async fn read_type(config: &ConfigService, name: &str) -> Result<Vec<ConfigurationItem>, Error> {
    let mut items = config.recorded(name).await?;
    if !items.is_empty() {
        let mut tags = config.recorded_tags(name).await?;
        for item in &mut items {
            item.tags = tags.remove(&item.resource_id).unwrap_or_default();
        }
    }
    Ok(items)
}

/// The types of a control that no sweep of it covers.
fn judged_by_item(control: &Control) -> impl Iterator<Item = ResourceType> + use<> {
    let swept = control.swept();
    control.changing().filter(move |one| !swept.contains(one))
}

/// One control over the account.
struct Judging<'a> {
    account: &'a Account,
    account_id: &'a str,
    plan: &'a Plan,
    planned: &'a Planned,
}

impl Judging<'_> {
    async fn judge(&self, inventory: &Inventory) -> Judged {
        let control = self.planned.control;
        let connected = Connected::new(control, &self.account.sdk);
        let mut results = Vec::new();
        let mut swept = BTreeSet::new();
        if control.trigger.on_schedule() {
            match self.sweep(&connected).await {
                Ok(evaluated) => {
                    // A sweep may also tell of single resources of which it does not cover all.
                    swept.extend(evaluated.iter().map(|one| one.resource.id.clone()));
                    results.extend(evaluated.into_iter().map(Ok));
                }
                Err(error) => results.push(Err(self.problem(error.to_string(), None))),
            }
        }
        for resource_type in judged_by_item(control) {
            if let Some(error) = inventory.failed.get(resource_type.name) {
                let resource_type = Some(resource_type.name.to_owned());
                let problem = self.problem(error.clone(), None);
                results.push(Err(Box::new(Problem { resource_type, ..*problem })));
            }
            let items = inventory.items.get(resource_type.name).into_iter().flatten();
            for item in items.filter(|item| !swept.contains(&item.resource_id)) {
                let verdict = connected.judge(item, &self.run(&item.region)).await;
                results.push(match verdict {
                    Ok(verdict) => {
                        let resource = Resource::from(item);
                        let at = item.captured.unwrap_or(self.plan.now);
                        let one = Evaluated { resource, verdict, at };
                        let (exemptions, now) = (&self.plan.exemptions, self.plan.now);
                        Ok(exemptions.apply_to_item(control, item, one, now))
                    }
                    Err(error) => Err(self.problem(error.to_string(), Some(item))),
                });
            }
        }
        results
    }

    /// What the schedule would judge, with exemptions.
    async fn sweep(&self, connected: &Connected) -> Result<Vec<Evaluated>, Error> {
        let evaluated = connected.sweep(&self.run(&self.account.region)).await?;
        let config = ConfigService::new(&self.account.sdk);
        let (exemptions, now) = (&self.plan.exemptions, self.plan.now);
        exemptions.apply_to_sweep(self.planned.control, &config, evaluated, now).await
    }

    fn run<'b>(&'b self, region: &'b str) -> Run<'b> {
        Run {
            parameters: &self.planned.parameters,
            now: self.plan.now,
            account_id: self.account_id,
            region,
            deadline: None,
            home: true,
            offline: false,
        }
    }

    fn problem(&self, message: String, item: Option<&ConfigurationItem>) -> Box<Problem> {
        Box::new(Problem {
            control: Some(self.planned.control.id),
            resource_type: item.map(|item| item.resource_type.clone()),
            resource_id: item.map(|item| item.resource_id.clone()),
            region: item.map(|item| item.region.clone()),
            message,
            ..Problem::default()
        })
    }
}
