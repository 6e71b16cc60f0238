//! Direct Connect lines: what their answers say of encryption.

use aws_sdk_directconnect::types::{Connection, Lag, VirtualInterface};
use fisc_services::direct_connect::{
    DESCRIBE_CONNECTIONS, DESCRIBE_LAGS, DESCRIBE_VIRTUAL_INTERFACES,
};
use fisc_shared::Error;

use super::vpn::Outside;

const MUST_ENCRYPT: &str = "must_encrypt";
const ENCRYPTION_UP: &str = "Encryption Up";

/// A line that carries traffic: a connection of its own, or a LAG with its connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Id of the connection or LAG.
    pub(super) id: String,
    /// The MACsec mode; one that AWS does not name is none.
    pub(super) mode: String,
    /// The connections of a LAG, by which virtual interfaces may name it.
    members: Vec<String>,
    /// Working connections that must encrypt, but whose port does not.
    pub(super) down: Vec<String>,
}

impl Line {
    /// Whether nothing leaves the line unencrypted: `should_encrypt` falls back to plain text.
    pub(super) fn is_encrypted(&self) -> bool {
        self.mode == MUST_ENCRYPT
    }

    fn is(&self, id: &str) -> bool {
        self.id == id || self.members.iter().any(|member| member == id)
    }
}

/// The lines that carry traffic.
pub(super) fn lines(connections: &[Connection], lags: &[Lag]) -> Result<Vec<Line>, Error> {
    let mut lines = Vec::new();
    for lag in lags {
        let missing = |field| missing(DESCRIBE_LAGS, "lags", field);
        let id = lag.lag_id().ok_or_else(|| missing("lagId"))?;
        let state = lag.lag_state().ok_or_else(|| missing("lagState"))?;
        if !carries(state.as_str()) {
            continue;
        }
        lines.push(Line {
            id: id.to_owned(),
            mode: lag.encryption_mode().unwrap_or("no_encrypt").to_owned(),
            members: Vec::new(),
            down: Vec::new(),
        });
    }
    for connection in connections {
        let missing = |field| missing(DESCRIBE_CONNECTIONS, "connections", field);
        let id = connection.connection_id().ok_or_else(|| missing("connectionId"))?;
        let state = connection.connection_state().ok_or_else(|| missing("connectionState"))?;
        let lag = connection.lag_id().filter(|lag| !lag.is_empty());
        let bundle = lines.iter_mut().find(|line| lag == Some(line.id.as_str()));
        if !carries(state.as_str()) || (lag.is_some() && bundle.is_none()) {
            continue;
        }
        let own = connection.encryption_mode();
        let inherited = bundle.as_ref().map(|line| line.mode.as_str());
        let mode = own.or(inherited).unwrap_or("no_encrypt").to_owned();
        let mut down = Vec::new();
        if mode == MUST_ENCRYPT {
            let port = connection.port_encryption_status();
            if port.ok_or_else(|| missing("portEncryptionStatus"))? != ENCRYPTION_UP {
                down.push(id.to_owned());
            }
        }
        match bundle {
            Some(line) => {
                line.members.push(id.to_owned());
                line.down.extend(down);
                // One connection that may speak plainly is enough.
                if mode != MUST_ENCRYPT {
                    line.mode = mode;
                }
            }
            None => lines.push(Line { id: id.to_owned(), mode, members: Vec::new(), down }),
        }
    }
    Ok(lines)
}

/// Whether a connection or LAG in this state carries traffic. One whose state AWS does not know
/// may.
fn carries(state: &str) -> bool {
    matches!(state, "available" | "unknown")
}

/// Whether all that a line carries can run in VPN tunnels: every virtual interface on it is a
/// public or transit one of this account, and a VPN connection of the fitting kind works. Which
/// VPN runs over which line no answer tells.
pub(super) fn is_overlaid(
    line: &Line,
    interfaces: &[VirtualInterface],
    vpns: &[Outside],
    account_id: &str,
) -> Result<bool, Error> {
    let mut any = false;
    for interface in interfaces {
        let missing = |field| missing(DESCRIBE_VIRTUAL_INTERFACES, "virtualInterfaces", field);
        let id = interface.connection_id().ok_or_else(|| missing("connectionId"))?;
        let state = interface.virtual_interface_state();
        let state = state.ok_or_else(|| missing("virtualInterfaceState"))?.as_str();
        if !line.is(id) || matches!(state, "deleting" | "deleted" | "rejected") {
            continue;
        }
        let kind = interface.virtual_interface_type();
        let covered = match kind.ok_or_else(|| missing("virtualInterfaceType"))? {
            "public" => vpns.contains(&Outside::Public),
            "transit" => vpns.contains(&Outside::Private),
            // VPN connections cannot run over a private interface.
            _ => false,
        };
        // What runs over another account's interface is not seen here.
        if !covered || interface.owner_account() != Some(account_id) {
            return Ok(false);
        }
        any = true;
    }
    Ok(any)
}

fn missing(action: &'static str, list: &str, field: &str) -> Error {
    Error::Answer { action, field: format!("{list}[].{field}") }
}
