//! Internet gateways: whether their VPCs may have one.

use fisc_shared::ec2::Vpc;
use fisc_shared::item::ItemError;
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, Run, Verdict, message};

use super::{
    AUTHORIZED_VPC_IDS, GATEWAY_DETACHED, IGW_VPC_NOT_AUTHORIZED, INTERNET_FACING_TAG_KEY,
    NO_AUTHORIZATION_SET,
};

/// States of an attachment that is none any more.
const GONE: [&str; 2] = ["detached", "detaching"];

/// The VPCs that the gateway of an item is attached to.
pub(super) fn attached(item: &ConfigurationItem) -> Result<Vec<&str>, ItemError> {
    let gateway = item.configuration()?;
    let mut vpcs = Vec::new();
    for one in gateway.list("attachments")?.ok_or_else(|| gateway.missing("attachments"))? {
        let state = one.text("state")?.ok_or_else(|| one.missing("state"))?;
        if !GONE.contains(&state) {
            vpcs.push(one.text("vpcId")?.ok_or_else(|| one.missing("vpcId"))?);
        }
    }
    Ok(vpcs)
}

pub(super) fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let vpcs = attached(item)?;
    if vpcs.is_empty() {
        return Ok(Some(Verdict::not_applicable(&GATEWAY_DETACHED)));
    }
    let authorized = run.parameters.get(&AUTHORIZED_VPC_IDS);
    let tag = run.parameters.get(&INTERNET_FACING_TAG_KEY);
    if authorized.is_empty() && tag.is_empty() {
        return Ok(Some(Verdict::not_applicable(&NO_AUTHORIZATION_SET)));
    }
    let others: Vec<&str> =
        vpcs.into_iter().filter(|vpc| !authorized.iter().any(|id| id == vpc)).collect();
    if others.is_empty() {
        return Ok(Some(Verdict::compliant()));
    }
    Ok(tag.is_empty().then(|| not_authorized(&others)))
}

/// The verdict by the tags of the VPCs. A VPC that no longer exists has no gateway.
pub(super) fn decide(
    item: &ConfigurationItem,
    vpcs: &[Vpc],
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    let authorized = run.parameters.get(&AUTHORIZED_VPC_IDS);
    let tag = run.parameters.get(&INTERNET_FACING_TAG_KEY);
    let attached = attached(item)?;
    let existing: Vec<&Vpc> =
        vpcs.iter().filter(|vpc| attached.contains(&vpc.id.as_str())).collect();
    if existing.is_empty() {
        return Ok(Verdict::not_applicable(&GATEWAY_DETACHED));
    }
    let may = |vpc: &Vpc| {
        let tagged = vpc.tags.get(&tag).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        tagged || authorized.contains(&vpc.id)
    };
    let others: Vec<&str> =
        existing.into_iter().filter(|vpc| !may(vpc)).map(|vpc| vpc.id.as_str()).collect();
    if others.is_empty() { Ok(Verdict::compliant()) } else { Ok(not_authorized(&others)) }
}

fn not_authorized(vpcs: &[&str]) -> Verdict {
    let Message { en, ja } = Message::named(vpcs);
    let mut failures = Failures::new();
    failures.because(
        &IGW_VPC_NOT_AUTHORIZED,
        message!("Attached to {en}", "承認されていない VPC にアタッチされています: {ja}"),
    );
    failures.into_verdict()
}
