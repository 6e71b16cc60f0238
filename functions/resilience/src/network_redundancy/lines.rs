//! Direct Connect: connections, and the virtual interfaces that lead to gateways.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_directconnect::types::{
    BgpStatus, Connection, ConnectionState, DirectConnectGatewayAssociation, VirtualInterface,
    VirtualInterfaceState,
};
use fisc_services::direct_connect::{
    DESCRIBE_ASSOCIATIONS, DESCRIBE_CONNECTIONS, DESCRIBE_VIRTUAL_INTERFACES,
};
use fisc_shared::parameter::Param;
use fisc_shared::verdict::Failures;
use fisc_shared::{Error, Run, message};

use super::declared::{
    ACCEPT_DUAL_DX, DX_CONNECTION_SINGLE, DX_INTERFACE_SINGLE, DX_WITHOUT_BACKUP_PATH,
    MIN_CONNECTIONS, MIN_LOCATIONS, MIN_VIRTUAL_INTERFACES,
};

/// Connections, by their ids.
pub(super) type Paths = BTreeSet<String>;

/// A connection in service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Circuit {
    device: String,
    location: String,
    up: bool,
}

/// A gateway to which virtual interfaces lead.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gateway {
    /// A Direct Connect gateway, which is in no Region.
    Direct(String),
    /// A virtual private gateway, and its Region.
    Private(String, String),
}

/// A virtual or transit gateway of the account, behind Direct Connect.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Behind {
    pub(super) id: String,
    pub(super) region: String,
}

/// What the account has of Direct Connect.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) circuits: Vec<Circuit>,
    /// The connections over which each gateway is reached, now.
    pub(super) gateways: BTreeMap<Gateway, Paths>,
    /// The same of the gateways behind.
    pub(super) behind: BTreeMap<Behind, Paths>,
}

/// Reads a connection; none of one that was never, or is no longer, in service.
pub(super) fn circuit(connection: &Connection) -> Result<Option<Circuit>, Error> {
    let lacks = |field: &str| Error::Answer {
        action: DESCRIBE_CONNECTIONS,
        field: format!("connections[].{field}"),
    };
    let up = match connection.connection_state().ok_or_else(|| lacks("connectionState"))? {
        ConnectionState::Available => true,
        ConnectionState::Down => false,
        _ => return Ok(None),
    };
    let id = connection.connection_id().ok_or_else(|| lacks("connectionId"))?;
    let device = connection.aws_logical_device_id().or(connection.aws_device_v2());
    // A partner may hide the device: then only the location tells.
    let device = device.or_else(|| connection.partner_name().map(|_| id));
    Ok(Some(Circuit {
        device: device.ok_or_else(|| lacks("awsLogicalDeviceId"))?.to_owned(),
        location: connection.location().ok_or_else(|| lacks("location"))?.to_owned(),
        up,
    }))
}

impl Lines {
    /// Adds a virtual interface of a Region. Those that lead to another account's gateway, or to
    /// none (public ones), are not of interest.
    pub(super) fn add(
        &mut self,
        interface: &VirtualInterface,
        region: &str,
        run: &Run<'_>,
    ) -> Result<(), Error> {
        let lacks = |field: &str| Error::Answer {
            action: DESCRIBE_VIRTUAL_INTERFACES,
            field: format!("virtualInterfaces[].{field}"),
        };
        if interface.owner_account().is_some_and(|owner| owner != run.account_id) {
            return Ok(());
        }
        let state =
            interface.virtual_interface_state().ok_or_else(|| lacks("virtualInterfaceState"))?;
        let available = match state {
            VirtualInterfaceState::Available => true,
            VirtualInterfaceState::Down | VirtualInterfaceState::Testing => false,
            _ => return Ok(()),
        };
        let named = |id: Option<&str>| id.filter(|id| !id.is_empty()).map(str::to_owned);
        let gateway = match named(interface.direct_connect_gateway_id()) {
            Some(id) => Gateway::Direct(id),
            None => match named(interface.virtual_gateway_id()) {
                Some(id) => Gateway::Private(id, region.to_owned()),
                None => return Ok(()),
            },
        };
        let paths = self.gateways.entry(gateway).or_default();
        let peers = interface.bgp_peers();
        if available && peers.iter().any(|peer| peer.bgp_status() == Some(&BgpStatus::Up)) {
            let connection = interface.connection_id().ok_or_else(|| lacks("connectionId"))?;
            paths.insert(connection.to_owned());
        }
        Ok(())
    }

    /// Adds what is behind a Direct Connect gateway.
    pub(super) fn associate(
        &mut self,
        gateway: &str,
        association: &DirectConnectGatewayAssociation,
        run: &Run<'_>,
    ) -> Result<(), Error> {
        let lacks = |field: &str| Error::Answer {
            action: DESCRIBE_ASSOCIATIONS,
            field: format!("directConnectGatewayAssociations[].associatedGateway.{field}"),
        };
        // A core network is no gateway.
        let Some(behind) = association.associated_gateway() else { return Ok(()) };
        if behind.owner_account().is_some_and(|owner| owner != run.account_id) {
            return Ok(());
        }
        let id = behind.id().ok_or_else(|| lacks("id"))?.to_owned();
        let region = behind.region().ok_or_else(|| lacks("region"))?.to_owned();
        let paths = self.gateways.get(&Gateway::Direct(gateway.to_owned())).cloned();
        self.behind.entry(Behind { id, region }).or_default().extend(paths.unwrap_or_default());
        Ok(())
    }

    /// Virtual private gateways are behind themselves.
    pub(super) fn complete(&mut self) {
        for (gateway, paths) in &self.gateways {
            if let Gateway::Private(id, region) = gateway {
                let behind = Behind { id: id.clone(), region: region.clone() };
                self.behind.entry(behind).or_default().extend(paths.iter().cloned());
            }
        }
    }

    /// Whether Direct Connect to a gateway of this Region is redundant by itself.
    pub(super) fn is_redundant(&self, gateway: &str, run: &Run<'_>) -> bool {
        let behind = Behind { id: gateway.to_owned(), region: run.region.to_owned() };
        self.behind.get(&behind).is_some_and(|paths| enough(paths, &MIN_VIRTUAL_INTERFACES, run))
    }

    /// The gateways that need a VPN as backup.
    pub(super) fn without_second_path(&self, run: &Run<'_>) -> impl Iterator<Item = &Behind> {
        let dual = run.parameters.get(&ACCEPT_DUAL_DX);
        let single = move |paths: &Paths| !dual || paths.len() < 2;
        self.behind.iter().filter(move |(_, paths)| single(paths)).map(|(behind, _)| behind)
    }

    /// Adds what fails; `backed_up`: the gateways that have a VPN with a tunnel up. Whether there
    /// was anything to judge.
    pub(super) fn judge(
        &self,
        backed_up: &BTreeSet<Behind>,
        run: &Run<'_>,
        failures: &mut Failures,
    ) -> bool {
        self.judge_circuits(run, failures);
        let name = |gateway: &Gateway| match gateway {
            Gateway::Direct(id) | Gateway::Private(id, _) => id.clone(),
        };
        let narrow =
            self.gateways.iter().filter(|(_, paths)| !enough(paths, &MIN_VIRTUAL_INTERFACES, run));
        let narrow: Vec<String> = narrow.map(|(gateway, _)| name(gateway)).collect();
        let bare = self.without_second_path(run).filter(|one| !backed_up.contains(one));
        let bare: Vec<&str> = bare.map(|behind| behind.id.as_str()).collect();
        if !narrow.is_empty() {
            failures.because(&DX_INTERFACE_SINGLE, DX_INTERFACE_SINGLE.naming(&narrow));
        }
        if !bare.is_empty() {
            failures.because(&DX_WITHOUT_BACKUP_PATH, DX_WITHOUT_BACKUP_PATH.naming(&bare));
        }
        !self.circuits.is_empty() || !self.gateways.is_empty()
    }

    fn judge_circuits(&self, run: &Run<'_>, failures: &mut Failures) {
        if self.circuits.is_empty() {
            return;
        }
        let up = || self.circuits.iter().filter(|circuit| circuit.up);
        let devices: Paths = up().map(|circuit| circuit.device.clone()).collect();
        let locations: Paths = up().map(|circuit| circuit.location.clone()).collect();
        if enough(&devices, &MIN_CONNECTIONS, run) && enough(&locations, &MIN_LOCATIONS, run) {
            return;
        }
        let (devices, locations) = (devices.len(), locations.len());
        failures.because(
            &DX_CONNECTION_SINGLE,
            message!(
                "Direct Connect ends on {devices} device(s) in {locations} location(s)",
                "Direct Connect 接続はデバイス {devices} 台、ロケーション {locations} か所です"
            ),
        );
    }
}

fn enough(found: &Paths, wanted: &Param<i64>, run: &Run<'_>) -> bool {
    i64::try_from(found.len()).is_ok_and(|found| found >= run.parameters.get(wanted))
}
