//! Site-to-Site VPN connections: their item tells everything. It also holds pre-shared keys, so
//! that nothing here shows more of it than names of algorithms and places.

use std::net::IpAddr;

use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Run, Verdict, message};

use super::{
    ALLOWED_ENCRYPTION, ALLOWED_IKE_VERSIONS, ALLOWED_INTEGRITY, MIN_DH_GROUP, STRICT_PROPOSALS,
    VPN_DEFAULT_PROPOSALS, VPN_DELETED, VPN_WEAK_CIPHER, VPN_WEAK_DH_GROUP, VPN_WEAK_IKE,
};

const TUNNELS: &str = "tunnelOptions";
const IKE: [&str; 1] = ["ikeVersions"];
const ENCRYPTION: [&str; 2] = ["phase1EncryptionAlgorithms", "phase2EncryptionAlgorithms"];
const INTEGRITY: [&str; 2] = ["phase1IntegrityAlgorithms", "phase2IntegrityAlgorithms"];
const GROUPS: [&str; 2] = ["phase1DHGroupNumbers", "phase2DHGroupNumbers"];

/// Judges what the tunnels of a VPN connection admit.
pub(super) fn evaluate(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, ItemError> {
    let fields = item.configuration()?;
    match state(&fields)? {
        "available" | "pending" => {}
        "deleting" | "deleted" => return Ok(Verdict::not_applicable(&VPN_DELETED)),
        other => {
            return Err(ItemError::Unreadable {
                field: "configuration.state".to_owned(),
                problem: format!("unknown value {other:?}"),
            });
        }
    }
    let options = fields.at("options")?.ok_or_else(|| fields.missing("options"))?;
    let tunnels = options.list(TUNNELS)?.filter(|tunnels| !tunnels.is_empty());
    let tunnels = tunnels.ok_or_else(|| options.missing(TUNNELS))?;
    let least = run.parameters.get(&MIN_DH_GROUP);
    let group_is_strong = |group: &str| group.parse::<i64>().is_ok_and(|group| group >= least);
    let (ike, encryption, integrity) = (
        run.parameters.get(&ALLOWED_IKE_VERSIONS),
        run.parameters.get(&ALLOWED_ENCRYPTION),
        run.parameters.get(&ALLOWED_INTEGRITY),
    );
    let mut weak_ike = Vec::new();
    let mut weak_cipher = Vec::new();
    let mut weak_group = Vec::new();
    let mut defaults = Vec::new();
    for (number, tunnel) in (1..).zip(&tunnels) {
        let mut look = |keys: &[&str], weak: &mut Vec<String>, strong: &dyn Fn(&str) -> bool| {
            for key in keys {
                let values = values(tunnel, key)?;
                if values.is_empty() {
                    defaults.push(format!("{number}: {key}"));
                }
                for value in values.into_iter().filter(|value| !strong(value)) {
                    let found = format!("{number}: {value}");
                    if !weak.contains(&found) {
                        weak.push(found);
                    }
                }
            }
            Ok::<_, ItemError>(())
        };
        look(&IKE, &mut weak_ike, &|value| contains(&ike, value))?;
        look(&ENCRYPTION, &mut weak_cipher, &|value| contains(&encryption, value))?;
        look(&INTEGRITY, &mut weak_cipher, &|value| contains(&integrity, value))?;
        look(&GROUPS, &mut weak_group, &group_is_strong)?;
    }
    let mut failures = Failures::new();
    if !weak_ike.is_empty() {
        let found = weak_ike.join(", ");
        failures.because(
            &VPN_WEAK_IKE,
            message!(
                "IKE versions that are not accepted, by tunnel: {found}",
                "認められていない IKE バージョン(トンネル別): {found}"
            ),
        );
    }
    if !weak_cipher.is_empty() {
        let found = weak_cipher.join(", ");
        failures.because(
            &VPN_WEAK_CIPHER,
            message!(
                "Algorithms that are not accepted, by tunnel: {found}",
                "認められていない暗号方式(トンネル別): {found}"
            ),
        );
    }
    if !weak_group.is_empty() {
        let found = weak_group.join(", ");
        failures.because(
            &VPN_WEAK_DH_GROUP,
            message!(
                "Diffie-Hellman groups below {least}, by tunnel: {found}",
                "{least} 未満の Diffie-Hellman グループ(トンネル別): {found}"
            ),
        );
    }
    if run.parameters.get(&STRICT_PROPOSALS) && !defaults.is_empty() {
        let found = defaults.join(", ");
        failures.because(
            &VPN_DEFAULT_PROPOSALS,
            message!(
                "The defaults of AWS apply, by tunnel: {found}",
                "AWS のデフォルト値が適用されています(トンネル別): {found}"
            ),
        );
    }
    Ok(failures.into_verdict())
}

/// Which way a VPN connection that could carry a line's traffic goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outside {
    /// Between public addresses, so that it can run over a public virtual interface.
    Public,
    /// Between private addresses, so that it can run over a transit virtual interface.
    Private,
}

/// The outside of a working VPN connection; `None` for one that does not work, or shows no address
/// yet. Config does not record the connection's address type, but the addresses themselves.
pub(super) fn outside(item: &ConfigurationItem) -> Result<Option<Outside>, ItemError> {
    const ADDRESS: &str = "outsideIpAddress";
    let fields = item.configuration()?;
    if state(&fields)? != "available" {
        return Ok(None);
    }
    let options = fields.at("options")?;
    let mut places = match &options {
        Some(options) => options.list(TUNNELS)?.unwrap_or_default(),
        None => Vec::new(),
    };
    places.extend(fields.list("vgwTelemetry")?.unwrap_or_default());
    for place in places {
        if let Some(address) = place.text(ADDRESS)?.filter(|address| !address.is_empty()) {
            let address: IpAddr = address.parse().map_err(|_| ItemError::Unreadable {
                field: format!("{}.{ADDRESS}", place.path()),
                problem: "not an address".to_owned(),
            })?;
            return Ok(Some(if is_private(address) { Outside::Private } else { Outside::Public }));
        }
    }
    Ok(None)
}

/// Whether an address is one that a transit gateway may take for private VPN connections.
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            // 100.64.0.0/10, shared address space (RFC 6598), is routed like private space.
            let [first, second, ..] = address.octets();
            address.is_private() || (first == 100 && (64..128).contains(&second))
        }
        IpAddr::V6(address) => address.is_unique_local(),
    }
}

/// The state, which items write as text, and Config's schema as an object with a value.
fn state<'a>(fields: &Fields<'a>) -> Result<&'a str, ItemError> {
    let state = fields.at("state")?.ok_or_else(|| fields.missing("state"))?;
    if state.value().is_object() {
        state.text("value")?.ok_or_else(|| state.missing("value"))
    } else {
        state.as_text()
    }
}

/// The values of a list of proposals. AWS leaves out the list where its defaults apply.
fn values(tunnel: &Fields<'_>, key: &str) -> Result<Vec<String>, ItemError> {
    let mut values = Vec::new();
    for element in tunnel.list(key)?.unwrap_or_default() {
        let inner = match element.value().is_object() {
            true => element.at("value")?.ok_or_else(|| element.missing("value"))?,
            false => element,
        };
        values.push(match inner.value().as_i64() {
            Some(number) => number.to_string(),
            None => inner.as_text()?.to_owned(),
        });
    }
    Ok(values)
}

fn contains(allowed: &[String], value: &str) -> bool {
    allowed.iter().any(|one| one.eq_ignore_ascii_case(value))
}
