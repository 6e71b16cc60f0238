//! VPN connections: their tunnels, and the customer gateways on the other side.

use std::collections::{BTreeMap, BTreeSet};

use fisc_shared::item::required::text;
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Run, Verdict, message};

use super::declared::{
    BACKS_UP_DIRECT_CONNECT, CUSTOMER_GATEWAY_SINGLE, MIN_CUSTOMER_GATEWAYS, NO_VPN,
    VPN_NOT_AVAILABLE, VPN_TUNNEL_DOWN,
};
use crate::states;

/// A VPN connection has two tunnels.
const TUNNELS: usize = 2;
const AVAILABLE: &str = "available";

/// The verdict on a VPN connection in this state.
pub(super) fn tunnels(state: &str, up: usize) -> Verdict {
    if state != AVAILABLE {
        return Verdict::NotApplicable(VPN_NOT_AVAILABLE.because(message!(
            "The VPN connection is not in service ({state})",
            "VPN 接続は利用可能な状態ではありません({state})"
        )));
    }
    let mut failures = Failures::new();
    if up < TUNNELS {
        failures.because(
            &VPN_TUNNEL_DOWN,
            message!("{up} of {TUNNELS} tunnels up", "確立しているトンネル {up}/{TUNNELS}"),
        );
    }
    failures.into_verdict()
}

/// The verdict that an item tells.
pub(super) fn judge(item: &ConfigurationItem) -> Result<Verdict, Error> {
    const TELEMETRY: &str = "vgwTelemetry";
    let fields = item.configuration()?;
    let state = states::word(&fields, "state")?;
    if state != AVAILABLE {
        return Ok(tunnels(state, 0));
    }
    let mut up = 0;
    for tunnel in fields.list(TELEMETRY)?.ok_or_else(|| fields.missing(TELEMETRY))? {
        up += usize::from(text(&tunnel, "status")? == "UP");
    }
    Ok(tunnels(state, up))
}

/// The other sides of the available VPN connections, by the gateway on this side.
#[derive(Debug, Default)]
pub(super) struct Ends(BTreeMap<String, BTreeSet<String>>);

impl Ends {
    /// From the items of all VPN connections and customer gateways.
    pub(super) fn read(
        connections: &[ConfigurationItem],
        customers: &[ConfigurationItem],
    ) -> Result<Self, Error> {
        let mut addresses = BTreeMap::new();
        for item in customers {
            // A gateway that is known by its certificate may have no address.
            let address = item.configuration()?.text("ipAddress")?;
            let address = address.filter(|address| !address.is_empty());
            addresses.insert(item.resource_id.as_str(), address.unwrap_or(&item.resource_id));
        }
        let mut ends = Self::default();
        for item in connections {
            let fields = item.configuration()?;
            if states::word(&fields, "state")? != AVAILABLE {
                continue;
            }
            let customer = text(&fields, "customerGatewayId")?;
            let address = addresses.get(customer).ok_or_else(|| Error::Answer {
                action: "config:SelectResourceConfig",
                field: format!("the item of {customer}"),
            })?;
            for key in ["vpnGatewayId", "transitGatewayId"] {
                if let Some(gateway) = fields.text(key)?.filter(|gateway| !gateway.is_empty()) {
                    ends.0.entry(gateway.to_owned()).or_default().insert((*address).to_owned());
                }
            }
        }
        Ok(ends)
    }

    /// Whether a gateway has VPN connections, but to too few customer gateways.
    pub(super) fn is_short(&self, gateway: &str, run: &Run<'_>) -> bool {
        let wanted = run.parameters.get(&MIN_CUSTOMER_GATEWAYS);
        self.0.get(gateway).is_some_and(|ends| i64::try_from(ends.len()).is_ok_and(|n| n < wanted))
    }

    /// The verdict on a gateway; `backup`: its VPN only backs up a redundant Direct Connect.
    pub(super) fn judge(&self, gateway: &str, backup: bool, run: &Run<'_>) -> Verdict {
        let Some(ends) = self.0.get(gateway) else { return Verdict::not_applicable(&NO_VPN) };
        if !self.is_short(gateway, run) {
            return Verdict::compliant();
        }
        if backup {
            return Verdict::Compliant(vec![BACKS_UP_DIRECT_CONNECT.reason()]);
        }
        let (found, wanted) = (ends.len(), run.parameters.get(&MIN_CUSTOMER_GATEWAYS));
        let mut failures = Failures::new();
        failures.because(
            &CUSTOMER_GATEWAY_SINGLE,
            message!(
                "VPN connections to {found} customer gateway address(es); {wanted} are asked for",
                "VPN 接続先のカスタマーゲートウェイのアドレスが {found} 種類です(必要数 {wanted})"
            ),
        );
        failures.into_verdict()
    }
}
