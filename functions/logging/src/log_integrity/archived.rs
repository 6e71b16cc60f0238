//! Trails of other accounts whose files are kept in this one.

use fisc_shared::Error;

use crate::digest::TrailArn;
use crate::trails::parse_arn;

/// An entry of the parameter `archivedTrails`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ArchivedTrail {
    pub(super) arn: TrailArn,
    pub(super) bucket: String,
    pub(super) prefix: Option<String>,
    pub(super) organization_id: Option<String>,
}

impl ArchivedTrail {
    pub(super) fn parse(entry: &str) -> Result<Self, Error> {
        let mut parts = entry.split('|').map(str::trim);
        let arn = parts.next().unwrap_or_default();
        let mut optional = || parts.next().filter(|text| !text.is_empty()).map(str::to_owned);
        let bucket = optional().ok_or_else(|| {
            Error::Control(
                "parameter \"archivedTrails\": an entry has the form trail ARN|bucket|key \
                 prefix|organization id, and the bucket is missing"
                    .to_owned(),
            )
        })?;
        let (prefix, organization_id) = (optional(), optional());
        Ok(Self {
            arn: parse_arn("parameter \"archivedTrails\"", arn)?,
            bucket,
            prefix,
            organization_id,
        })
    }
}
