//! What is asked of AWS Config, EventBridge and SNS.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_config::Client;
use aws_sdk_config::types::AggregatedSourceStatusType;
use aws_types::SdkConfig;
use fisc_services::Regions;
use fisc_services::regions::each;
use fisc_shared::config_service::from_sdk;
use fisc_shared::control::AccountCheck;
use fisc_shared::error::Call;
use fisc_shared::{Error, Run, Verdict};
use jiff::Timestamp;

use super::delivery::Delivery;
use super::deployed::{Aggregator, Packs, Rule};
use super::judge::{Aggregators, Facts, Recorder, State, Told, decide, is_excluded};
use super::notification::Notification;
use super::parameters::{
    AGGREGATED_ACCOUNT_IDS, AGGREGATOR_ACCOUNT_ID, ALL_REGIONS, REQUIRED_CONFORMANCE_PACKS,
    RULES_REQUIRING_REMEDIATION,
};
use super::recording::{Daily, Recorded};
use super::{
    DESCRIBE_AGGREGATOR_SOURCES, DESCRIBE_AGGREGATORS, DESCRIBE_DELIVERY_CHANNEL_STATUS,
    DESCRIBE_DELIVERY_CHANNELS, DESCRIBE_PACK_STATUS, DESCRIBE_RECORDER_STATUS, DESCRIBE_RECORDERS,
    DESCRIBE_REMEDIATIONS, DESCRIBE_RULES,
};

/// Rules that one call for remediations may name.
const REMEDIATION_PAGE: usize = 25;

pub(super) struct Services {
    sdk: SdkConfig,
    config: Client,
    regions: Regions,
    notification: Notification,
}

impl Services {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self {
            sdk: sdk.clone(),
            config: Client::new(sdk),
            regions: Regions::new(sdk),
            notification: Notification::new(sdk),
        }
    }
}

#[async_trait]
impl AccountCheck for Services {
    async fn account(&self, run: &Run<'_>) -> Result<Verdict, Error> {
        let (state, recorder) = recorder(&self.config).await?;
        let delivery = self.delivery().await?;
        let rules = self.rules().await?;
        let told = match recorder {
            // Without a recorder it is not judged, so nobody is asked.
            Some(_) => self.notification.told(delivery.topic.as_deref(), run).await?,
            None => Told::Nobody,
        };
        let facts = Facts {
            packs: self.packs(run).await?,
            remediations: self.remediations(&rules, run).await?,
            gaps: self.gaps(run).await?,
            aggregators: self.aggregators(run).await?,
            state,
            recorder,
            delivery,
            told,
            rules,
        };
        Ok(decide(&facts, run))
    }
}

/// The Region's recorder, and what it does. Without arguments the calls tell of the customer's
/// own recorder only, of which there is at most one.
async fn recorder(config: &Client) -> Result<(State, Option<Recorder>), Error> {
    let answer = config.describe_configuration_recorders().send().await.call(DESCRIBE_RECORDERS)?;
    let recorders = answer.configuration_recorders();
    let Some(recorder) = recorders.iter().find(|one| one.service_principal().is_none()) else {
        return Ok((State::Missing, None));
    };
    let (state, started) = state(config).await?;
    let recorder = Recorder {
        recorded: Recorded::of(recorder)?,
        daily: Daily::of(recorder),
        role: recorder.role_arn().unwrap_or_default().to_owned(),
        started,
    };
    Ok((state, Some(recorder)))
}

/// What a Region's recorder does, and when it was last started.
async fn state(config: &Client) -> Result<(State, Option<Timestamp>), Error> {
    let request = config.describe_configuration_recorder_status();
    let answer = request.send().await.call(DESCRIBE_RECORDER_STATUS)?;
    let mut statuses = answer.configuration_recorders_status().iter();
    let Some(status) = statuses.find(|status| status.service_principal().is_none()) else {
        return Ok((State::Missing, None));
    };
    // The API reference writes `Failure`, the SDK `FAILURE`.
    let failed =
        status.last_status().is_some_and(|status| status.as_str().eq_ignore_ascii_case("failure"));
    let state = match status.recording {
        false => State::Stopped,
        true if failed => State::Failed,
        true => State::Recording,
    };
    Ok((state, status.last_start_time().and_then(from_sdk)))
}

impl Services {
    async fn delivery(&self) -> Result<Delivery, Error> {
        let channels = self.config.describe_delivery_channels().send().await;
        let channels = channels.call(DESCRIBE_DELIVERY_CHANNELS)?;
        let Some(channel) = channels.delivery_channels().first() else {
            return Ok(Delivery::default());
        };
        let statuses = self.config.describe_delivery_channel_status().send().await;
        let statuses = statuses.call(DESCRIBE_DELIVERY_CHANNEL_STATUS)?;
        let status = statuses
            .delivery_channels_status()
            .iter()
            .find(|status| status.name() == channel.name());
        Ok(Delivery::of(channel, status))
    }

    async fn rules(&self) -> Result<Vec<Rule>, Error> {
        let mut pages = self.config.describe_config_rules().into_paginator().items().send();
        let mut rules = Vec::new();
        while let Some(rule) = pages.next().await {
            rules.extend(Rule::of(rule.call(DESCRIBE_RULES)?));
        }
        Ok(rules)
    }

    async fn packs(&self, run: &Run<'_>) -> Result<Packs, Error> {
        let mut packs = Packs::new();
        if run.parameters.get(&REQUIRED_CONFORMANCE_PACKS).is_empty() {
            return Ok(packs);
        }
        let mut pages =
            self.config.describe_conformance_pack_status().into_paginator().items().send();
        while let Some(pack) = pages.next().await {
            let pack = pack.call(DESCRIBE_PACK_STATUS)?;
            let state = pack.conformance_pack_state.as_str().to_owned();
            packs.insert(pack.conformance_pack_name, state);
        }
        Ok(packs)
    }

    /// Of the rules that must have one.
    async fn remediations(
        &self,
        rules: &[Rule],
        run: &Run<'_>,
    ) -> Result<BTreeMap<String, bool>, Error> {
        let wanted = run.parameters.get(&RULES_REQUIRING_REMEDIATION);
        let named: Vec<String> = rules
            .iter()
            .filter(|rule| wanted.iter().any(|wanted| rule.is(wanted)))
            .map(|rule| rule.name.clone())
            .collect();
        let mut remediations = BTreeMap::new();
        for names in named.chunks(REMEDIATION_PAGE) {
            let request = self.config.describe_remediation_configurations();
            let answer = request.set_config_rule_names(Some(names.to_vec())).send().await;
            let answer = answer.call(DESCRIBE_REMEDIATIONS)?;
            for one in answer.remediation_configurations.unwrap_or_default() {
                *remediations.entry(one.config_rule_name).or_default() |= one.automatic;
            }
        }
        Ok(remediations)
    }

    /// Other enabled Regions that should record and do not.
    async fn gaps(&self, run: &Run<'_>) -> Result<Vec<String>, Error> {
        if !(run.home && run.parameters.get(&ALL_REGIONS)) {
            return Ok(Vec::new());
        }
        let mut regions = self.regions.enabled().await?;
        regions.retain(|region| region != run.region && !is_excluded(region, run));
        let states =
            each(&self.sdk, regions, |sdk| async move { Ok(state(&Client::new(&sdk)).await?.0) });
        let states = states.await?.into_iter();
        Ok(states.filter(|(_, state)| *state != State::Recording).map(|(name, _)| name).collect())
    }

    /// In the home Region of the account that must have one.
    async fn aggregators(&self, run: &Run<'_>) -> Result<Option<Aggregators>, Error> {
        if !run.home || run.parameters.get(&AGGREGATOR_ACCOUNT_ID) != run.account_id {
            return Ok(None);
        }
        let accounts = run.parameters.get(&AGGREGATED_ACCOUNT_IDS);
        let mut found = Aggregators::default();
        let mut pages =
            self.config.describe_configuration_aggregators().into_paginator().items().send();
        while let Some(aggregator) = pages.next().await {
            found.all.extend(Aggregator::of(&aggregator.call(DESCRIBE_AGGREGATORS)?));
        }
        for aggregator in found.all.iter().filter(|one| one.covers(&accounts)) {
            let mut sources = self
                .config
                .describe_configuration_aggregator_sources_status()
                .configuration_aggregator_name(&aggregator.name)
                .update_status(AggregatedSourceStatusType::Failed)
                .update_status(AggregatedSourceStatusType::Outdated)
                .into_paginator()
                .items()
                .send();
            while let Some(source) = sources.next().await {
                let source = source.call(DESCRIBE_AGGREGATOR_SOURCES)?;
                let id = source.source_id.unwrap_or_default();
                found.failed.push(match source.aws_region {
                    Some(region) => format!("{id} {region}"),
                    None => id,
                });
            }
        }
        Ok(Some(found))
    }
}
