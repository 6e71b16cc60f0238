//! The organization's stack: its parameters, and an update that changes one of them.

use std::time::Duration;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::ProvideErrorMetadata as _;
use aws_sdk_cloudformation::types::{Capability, Parameter};
use aws_types::SdkConfig;
use tokio::time::{Instant, sleep};

use super::error::Error;
use super::manifest::Manifest;

/// The parameter with the release that members run.
pub(crate) const RELEASE: &str = "Release";
/// The parameter with the prefix of the buckets' names.
const BUCKETS: &str = "ArtifactBucketPrefix";
/// The parameter with the Regions that are deployed to.
const REGIONS: &str = "Regions";
/// The parameter with what functions run on.
const ARCHITECTURE: &str = "Architecture";

/// A stack as it was when it was asked for.
pub(crate) struct Stack {
    client: Client,
    /// Its name, as it was given.
    pub(crate) name: String,
    /// The account that it is in.
    account: String,
    status: String,
    parameters: Vec<(String, String)>,
    capabilities: Vec<Capability>,
}

/// How an update ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The stack is at the release.
    Updated,
    /// It was there already.
    NoChange,
}

/// How long an update is waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// Between two looks.
    pub(crate) pause: Duration,
    /// In all.
    pub(crate) limit: Duration,
}

impl Stack {
    /// Asks for a stack.
    ///
    /// # Errors
    /// When it is not there, or the call is refused.
    pub(crate) async fn find(sdk: &SdkConfig, name: &str) -> Result<Self, Error> {
        Self::ask(Client::new(sdk), name).await
    }

    async fn ask(client: Client, name: &str) -> Result<Self, Error> {
        let answer = match client.describe_stacks().stack_name(name).send().await {
            Ok(answer) => answer,
            Err(error)
                if error.code() == Some("ValidationError")
                    && error.message().is_some_and(|text| text.contains("does not exist")) =>
            {
                return Err(Error::NoStack(name.to_owned()));
            }
            Err(error) => return Err(Error::aws(format!("asking for the stack {name}"), &error)),
        };
        let stack = answer.stacks.unwrap_or_default().into_iter().next();
        let stack = stack.ok_or_else(|| Error::NoStack(name.to_owned()))?;
        let pair = |one: Parameter| Some((one.parameter_key?, one.parameter_value?));
        Ok(Self {
            client,
            name: name.to_owned(),
            account: stack
                .stack_id
                .as_deref()
                .and_then(|arn| arn.split(':').nth(4))
                .unwrap_or_default()
                .to_owned(),
            status: stack.stack_status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
            parameters: stack.parameters.into_iter().flatten().filter_map(pair).collect(),
            capabilities: stack.capabilities.unwrap_or_default(),
        })
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The release that the stack is at; empty before the first.
    ///
    /// # Errors
    /// When the stack has no such parameter: it is another stack.
    pub(crate) fn release(&self) -> Result<&str, Error> {
        self.parameter(RELEASE).ok_or_else(|| Error::NoParameter {
            stack: self.name.clone(),
            name: RELEASE,
            option: "stack",
        })
    }

    /// The prefix of the buckets' names; where the parameter is empty, the one with the stack's
    /// account, as the template has it.
    pub(crate) fn bucket_prefix(&self) -> Result<String, Error> {
        match self.parameter(BUCKETS) {
            Some("") => Some(format!("fisc-artifacts-{}", self.account)),
            set => set.map(str::to_owned),
        }
        .ok_or_else(|| Error::NoParameter {
            stack: self.name.clone(),
            name: BUCKETS,
            option: "bucket",
        })
    }

    /// The Regions that are deployed to.
    pub(crate) fn regions(&self) -> Result<Vec<String>, Error> {
        let regions = self.parameter(REGIONS).into_iter().flat_map(|list| list.split(','));
        let regions: Vec<String> =
            regions.map(|region| region.trim().to_owned()).filter(|one| !one.is_empty()).collect();
        if regions.is_empty() {
            let stack = self.name.clone();
            return Err(Error::NoParameter { stack, name: REGIONS, option: "regions" });
        }
        Ok(regions)
    }

    /// Refuses a release without artifacts for what the stack's functions run on.
    pub(crate) fn architecture_fits(&self, manifest: &Manifest) -> Result<(), Error> {
        match self.parameter(ARCHITECTURE) {
            Some(wanted)
                if !manifest.architectures.iter().any(|found| found.as_str() == wanted) =>
            {
                Err(Error::Architecture {
                    release: manifest.release.clone(),
                    wanted: wanted.to_owned(),
                })
            }
            _ => Ok(()),
        }
    }

    /// Sets the release and waits for the outcome. The template and all other parameters stay.
    ///
    /// # Errors
    /// When the update is refused, fails, or takes longer than there is patience.
    pub(crate) async fn set_release(
        &self,
        release: &str,
        patience: Patience,
        say: fn(&str),
    ) -> Result<Outcome, Error> {
        if self.status.ends_with("_IN_PROGRESS") {
            return Err(Error::Busy { stack: self.name.clone(), status: self.status.clone() });
        }
        let before = self.release()?.to_owned();
        let parameters = self.parameters.iter().map(|(key, _)| {
            let parameter = Parameter::builder().parameter_key(key);
            if key == RELEASE {
                parameter.parameter_value(release).build()
            } else {
                parameter.use_previous_value(true).build()
            }
        });
        let update = self
            .client
            .update_stack()
            .stack_name(&self.name)
            .use_previous_template(true)
            .set_parameters(Some(parameters.collect()))
            .set_capabilities(Some(self.capabilities.clone()))
            .send()
            .await;
        if let Err(error) = update {
            let nothing = error.code() == Some("ValidationError")
                && error
                    .message()
                    .is_some_and(|text| text.contains("No updates are to be performed"));
            if nothing {
                return Ok(Outcome::NoChange);
            }
            return Err(Error::aws(format!("updating the stack {}", self.name), &error));
        }
        self.wait(&before, patience, say).await
    }

    async fn wait(
        &self,
        before: &str,
        patience: Patience,
        say: fn(&str),
    ) -> Result<Outcome, Error> {
        let start = Instant::now();
        let mut last = String::new();
        loop {
            let status = Self::ask(self.client.clone(), &self.name).await?.status;
            match status.as_str() {
                "UPDATE_COMPLETE" => return Ok(Outcome::Updated),
                // What is left over is deleted afterwards; the update itself is done.
                "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS" => return Ok(Outcome::Updated),
                done if !done.ends_with("_IN_PROGRESS") => {
                    return Err(Error::Failed {
                        stack: self.name.clone(),
                        status,
                        release: if before.is_empty() { "empty" } else { before }.to_owned(),
                        reasons: self.reasons().await?,
                    });
                }
                _ => {}
            }
            if start.elapsed() >= patience.limit {
                let minutes = patience.limit.as_secs() / 60;
                return Err(Error::Late { stack: self.name.clone(), status, minutes });
            }
            if status != last {
                say(&format!("  {} {status}", self.name));
                last = status;
            }
            sleep(patience.pause).await;
        }
    }

    /// What failed in the newest update, the newest last, as CloudFormation tells it.
    async fn reasons(&self) -> Result<String, Error> {
        let what = || format!("asking for the events of the stack {}", self.name);
        let mut reasons = Vec::new();
        let mut pages =
            self.client.describe_stack_events().stack_name(&self.name).into_paginator().send();
        'pages: while let Some(page) = pages.next().await {
            let page = page.map_err(|error| Error::aws(what(), &error))?;
            for event in page.stack_events() {
                let status = event.resource_status().map(|status| status.as_str()).unwrap_or("");
                let resource = event.logical_resource_id().unwrap_or("?");
                if status.ends_with("_FAILED") {
                    let reason = event.resource_status_reason().unwrap_or("no reason given");
                    reasons.push(format!("  {resource}: {status}: {reason}"));
                }
                // Events come newest first: this one began the update.
                let of_stack = event.resource_type() == Some("AWS::CloudFormation::Stack");
                if of_stack && status == "UPDATE_IN_PROGRESS" {
                    break 'pages;
                }
            }
        }
        reasons.reverse();
        Ok(if reasons.is_empty() { "  no reason given".to_owned() } else { reasons.join("\n") })
    }
}
