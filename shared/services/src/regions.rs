//! The Regions of an account.

use aws_sdk_account::types::RegionOptStatus::{self, Enabled, EnabledByDefault, Enabling};
use aws_types::SdkConfig;
use aws_types::region::Region;
use fisc_shared::Error;
use fisc_shared::error::Call;

use crate::global::global;

/// The IAM action of the call.
pub const LIST_REGIONS: &str = "account:ListRegions";

/// Asks which Regions the account has. `ec2:DescribeRegions` tells the same, at the price of the
/// largest of all SDK crates.
#[derive(Debug, Clone)]
pub struct Regions {
    account: aws_sdk_account::Client,
}

impl Regions {
    /// A client with the given settings.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        Self { account: aws_sdk_account::Client::new(&global(sdk)) }
    }

    /// The Regions in which the account can act, by name.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn enabled(&self) -> Result<Vec<String>, Error> {
        self.with_status(&[Enabled, EnabledByDefault]).await
    }

    /// The Regions that somebody switched on, or is switching on: those that are not there by
    /// default.
    ///
    /// # Errors
    /// When a call fails.
    pub async fn opted_in(&self) -> Result<Vec<String>, Error> {
        self.with_status(&[Enabled, Enabling]).await
    }

    async fn with_status(&self, statuses: &[RegionOptStatus]) -> Result<Vec<String>, Error> {
        let mut pages = self
            .account
            .list_regions()
            .set_region_opt_status_contains(Some(statuses.to_vec()))
            .into_paginator()
            .items()
            .send();
        let mut names = Vec::new();
        while let Some(region) = pages.next().await {
            names.push(region.call(LIST_REGIONS)?.region_name.ok_or_else(|| Error::Answer {
                action: LIST_REGIONS,
                field: "Regions[].RegionName".to_owned(),
            })?);
        }
        names.sort_unstable();
        Ok(names)
    }
}

/// The settings for another Region. Clients made of it share the connection pool.
#[must_use]
pub fn in_region(sdk: &SdkConfig, region: &str) -> SdkConfig {
    sdk.to_builder().region(Region::new(region.to_owned())).build()
}
