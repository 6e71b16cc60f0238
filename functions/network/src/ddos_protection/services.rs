//! What Shield Advanced answers.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_shield::Client;
use aws_sdk_shield::types::{
    ApplicationLayerAutomaticResponseStatus, AutoRenew, Protection, SubscriptionState,
};
use aws_types::SdkConfig;
use fisc_services::regions::in_region;
use fisc_shared::config_service::ConfigService;
use fisc_shared::error::Call;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    ConfigurationItem, Error, Evaluated, Resource, ResourceType, Run, ServiceCheck, Verdict,
};

use super::declared::{
    AUTO_RENEW_OFF, AUTO_RESPONSE_OFF, NOT_OPTED_IN, REQUIRE_AUTO_RESPONSE,
    REQUIRE_SHIELD_ADVANCED, RESOURCE_NOT_PROTECTED, SCOPE_TAG_KEY, SUBSCRIPTION_INACTIVE,
};
use super::exposed::{Addresses, is_protected, kinds};

pub(super) const GET_SUBSCRIPTION_STATE: &str = "shield:GetSubscriptionState";
pub(super) const DESCRIBE_SUBSCRIPTION: &str = "shield:DescribeSubscription";
pub(super) const LIST_PROTECTIONS: &str = "shield:ListProtections";

/// Where Shield answers, and where what CloudFront has is judged.
const HOME_OF_SHIELD: &str = "us-east-1";

pub(super) fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Shield {
        client: Client::new(&in_region(sdk, HOME_OF_SHIELD)),
        config: ConfigService::new(sdk),
    })
}

struct Shield {
    client: Client,
    config: ConfigService,
}

#[async_trait]
impl ServiceCheck for Shield {
    async fn judge(&self, _: &ConfigurationItem, _: &Run<'_>) -> Result<Verdict, Error> {
        Err(Error::Control("the control only runs on a schedule".to_owned()))
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let mut evaluated = Vec::new();
        let account = |verdict: Verdict| Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict,
            at: run.now,
        };
        if !run.parameters.get(&REQUIRE_SHIELD_ADVANCED) {
            evaluated.push(account(Verdict::not_applicable(&NOT_OPTED_IN)));
            return Ok(evaluated);
        }
        let active = self.is_active().await?;
        // The subscription is the same seen from everywhere: told once.
        if run.home {
            let mut failures = Failures::new();
            if !active {
                failures.add(&SUBSCRIPTION_INACTIVE);
            } else if !self.renews().await? {
                failures.add(&AUTO_RENEW_OFF);
            }
            evaluated.push(account(failures.into_verdict()));
        }
        if active {
            let protections = self.protections().await?;
            self.resources(&protections, run, &mut evaluated).await?;
            if run.parameters.get(&REQUIRE_AUTO_RESPONSE) {
                for protection in &protections {
                    evaluated.extend(response(protection, run)?);
                }
            }
        }
        Ok(evaluated)
    }
}

impl Shield {
    async fn is_active(&self) -> Result<bool, Error> {
        let answer = self.client.get_subscription_state().send().await;
        let state = answer.call(GET_SUBSCRIPTION_STATE)?.subscription_state;
        match state {
            SubscriptionState::Active => Ok(true),
            SubscriptionState::Inactive => Ok(false),
            other => Err(Error::Answer {
                action: GET_SUBSCRIPTION_STATE,
                field: format!("a known SubscriptionState (it is {:?})", other.as_str()),
            }),
        }
    }

    async fn renews(&self) -> Result<bool, Error> {
        let answer = self.client.describe_subscription().send().await;
        let answer = answer.call(DESCRIBE_SUBSCRIPTION)?;
        let renewal = answer.subscription.and_then(|one| one.auto_renew);
        let renewal = renewal.ok_or_else(|| Error::Answer {
            action: DESCRIBE_SUBSCRIPTION,
            field: "Subscription.AutoRenew".to_owned(),
        })?;
        Ok(renewal == AutoRenew::Enabled)
    }

    async fn protections(&self) -> Result<Vec<Protection>, Error> {
        let mut pages = self.client.list_protections().into_paginator().items().send();
        let mut protections = Vec::new();
        while let Some(protection) = pages.next().await {
            protections.push(protection.call(LIST_PROTECTIONS)?);
        }
        Ok(protections)
    }

    /// Judges the recorded resources of the Region that face the internet.
    async fn resources(
        &self,
        protections: &[Protection],
        run: &Run<'_>,
        evaluated: &mut Vec<Evaluated>,
    ) -> Result<(), Error> {
        let protected: BTreeSet<String> =
            protections.iter().filter_map(|one| one.resource_arn.clone()).collect();
        let tag = run.parameters.get(&SCOPE_TAG_KEY);
        for kind in kinds(run)? {
            let items = self.config.recorded_with_tags(kind.resource).await?;
            let addresses = if kind.resource == ResourceType::EC2_EIP && !items.is_empty() {
                let gateways =
                    self.config.recorded_with_tags(ResourceType::EC2_NAT_GATEWAY).await?;
                Addresses::read(&gateways)?
            } else {
                Addresses::default()
            };
            for item in &items {
                let in_scope = tag.is_empty() || item.all_tags()?.contains_key(&tag);
                if !in_scope || !(kind.exposed)(item, &addresses)? {
                    continue;
                }
                let mut failures = Failures::new();
                if !is_protected(kind, item, &protected) {
                    failures.add(&RESOURCE_NOT_PROTECTED);
                }
                let verdict = failures.into_verdict();
                evaluated.push(Evaluated { resource: Resource::from(item), verdict, at: run.now });
            }
        }
        Ok(())
    }
}

/// Judges whether a protection responds by itself, in the Region of what it protects.
fn response(protection: &Protection, run: &Run<'_>) -> Result<Option<Evaluated>, Error> {
    let lacks = |field: &str| Error::Answer {
        action: LIST_PROTECTIONS,
        field: format!("Protections[].{field}"),
    };
    let arn = protection.resource_arn().ok_or_else(|| lacks("ResourceArn"))?;
    let resource_type = if arn.contains(":cloudfront::") {
        ResourceType::SHIELD_PROTECTION
    } else if arn.contains(":loadbalancer/app/") {
        ResourceType::SHIELD_REGIONAL_PROTECTION
    } else {
        return Ok(None);
    };
    let region = arn.split(':').nth(3).filter(|region| !region.is_empty());
    if region.unwrap_or(HOME_OF_SHIELD) != run.region {
        return Ok(None);
    }
    let id = protection.id().ok_or_else(|| lacks("Id"))?;
    let enabled = protection
        .application_layer_automatic_response_configuration()
        .is_some_and(|one| one.status == ApplicationLayerAutomaticResponseStatus::Enabled);
    let mut failures = Failures::new();
    if !enabled {
        failures.add(&AUTO_RESPONSE_OFF);
    }
    Ok(Some(Evaluated {
        resource: Resource::of(resource_type, id, run.account_id, run.region),
        verdict: failures.into_verdict(),
        at: run.now,
    }))
}
