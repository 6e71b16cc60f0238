//! Subnets: whether they assign public addresses by themselves.

use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Run, Verdict};

use super::{EXCEPTION_TAG_KEY, PUBLIC_IP_APPROVED, SHARED_NETWORK, SUBNET_AUTO_PUBLIC_IP};
use crate::vpcs;

pub(super) fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if vpcs::is_shared(item)? {
        return Ok(Some(Verdict::not_applicable(&SHARED_NETWORK)));
    }
    let fields = item.configuration()?;
    let public = fields.flag("mapPublicIpOnLaunch")?;
    if !public.ok_or_else(|| fields.missing("mapPublicIpOnLaunch"))? {
        return Ok(Some(Verdict::compliant()));
    }
    let tag = run.parameters.get(&EXCEPTION_TAG_KEY);
    if !tag.is_empty() && item.all_tags()?.contains_key(&tag) {
        return Ok(Some(Verdict::Compliant(vec![PUBLIC_IP_APPROVED.reason()])));
    }
    let mut failures = Failures::new();
    failures.add(&SUBNET_AUTO_PUBLIC_IP);
    Ok(Some(failures.into_verdict()))
}
