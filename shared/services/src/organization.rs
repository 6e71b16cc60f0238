//! The organization that an account is in.

use aws_sdk_organizations::types::OrganizationFeatureSet;
use aws_types::SdkConfig;
use fisc_shared::Error;
use fisc_shared::error::Call;

use crate::global::global;

/// The IAM action of the call.
pub const DESCRIBE_ORGANIZATION: &str = "organizations:DescribeOrganization";

/// The organization that an account is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Its id, `o-…`.
    pub id: String,
    /// The account that manages it.
    pub management_account: String,
    /// Whether it has all features, and not consolidated billing only.
    pub all_features: bool,
}

/// Asks AWS Organizations.
#[derive(Debug, Clone)]
pub struct Organizations {
    client: aws_sdk_organizations::Client,
}

impl Organizations {
    /// A client with the given settings.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        Self { client: aws_sdk_organizations::Client::new(&global(sdk)) }
    }

    /// The client itself, for what only one control asks.
    #[must_use]
    pub const fn client(&self) -> &aws_sdk_organizations::Client {
        &self.client
    }

    /// The organization of the account; `None` when it is in none.
    ///
    /// # Errors
    /// When the call fails for another reason, or its answer lacks a field.
    pub async fn own(&self) -> Result<Option<Organization>, Error> {
        let answer = self.client.describe_organization().send().await;
        let answer = match answer.call(DESCRIBE_ORGANIZATION) {
            Err(error) if error.is("AWSOrganizationsNotInUseException") => return Ok(None),
            other => other?,
        };
        let lacks = |field: &str| Error::Answer {
            action: DESCRIBE_ORGANIZATION,
            field: format!("Organization.{field}"),
        };
        let organization = answer.organization.ok_or_else(|| lacks("Id"))?;
        Ok(Some(Organization {
            id: organization.id.ok_or_else(|| lacks("Id"))?,
            management_account: organization
                .master_account_id
                .ok_or_else(|| lacks("MasterAccountId"))?,
            all_features: organization.feature_set.ok_or_else(|| lacks("FeatureSet"))?
                == OrganizationFeatureSet::All,
        }))
    }
}
