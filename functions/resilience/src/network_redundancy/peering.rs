//! Peerings of VPCs.

use std::collections::BTreeMap;

use fisc_shared::item::required::{part, text};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Run, message};

use super::declared::{MAX_PEERINGS_PER_VPC, MESH_THRESHOLD, VPC_PEERING_MESH};
use crate::states;

/// Adds what fails, by the items of all VPCs and peering connections. Whether there are enough
/// VPCs for a mesh.
pub(super) fn judge(
    vpcs: &[ConfigurationItem],
    peerings: &[ConfigurationItem],
    run: &Run<'_>,
    failures: &mut Failures,
) -> Result<bool, Error> {
    let mut count = 0_i64;
    for vpc in vpcs {
        let fields = vpc.configuration()?;
        let own = fields.text("ownerId")?.is_none_or(|owner| owner == run.account_id);
        count += i64::from(own && !fields.flag("isDefault")?.unwrap_or(false));
    }
    if count < run.parameters.get(&MESH_THRESHOLD) {
        return Ok(false);
    }
    let mut active: BTreeMap<&str, i64> = BTreeMap::new();
    for peering in peerings {
        let fields = peering.configuration()?;
        if !states::word(&fields, "status")?.eq_ignore_ascii_case("active") {
            continue;
        }
        for side in ["requesterVpcInfo", "accepterVpcInfo"] {
            let side = part(&fields, side)?;
            let here = side.text("region")?.is_none_or(|region| region == run.region);
            if here && text(&side, "ownerId")? == run.account_id {
                *active.entry(text(&side, "vpcId")?).or_default() += 1;
            }
        }
    }
    let limit = run.parameters.get(&MAX_PEERINGS_PER_VPC);
    active.retain(|_, peerings| *peerings > limit);
    if !active.is_empty() {
        let names: Vec<&str> = active.into_keys().collect();
        let names = fisc_shared::Message::named(&names);
        let (en, ja) = (names.en, names.ja);
        failures.because(
            &VPC_PEERING_MESH,
            message!(
                "More than {limit} active peerings: {en}",
                "有効なピアリングが {limit} を超える VPC: {ja}"
            ),
        );
    }
    Ok(true)
}
