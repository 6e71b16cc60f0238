//! Which ports of a security group fail a test, and how messages name them.

use std::fmt::Display;

use fisc_shared::Message;
use fisc_shared::network::{
    AddressSet, Breadth, Permissions, Ports, Protocol, USABLE_PORTS, text_of,
};

/// The protocols that have ports, with their numbers.
const WITH_PORTS: [(Protocol, u8); 2] = [(Protocol::TCP, 6), (Protocol::UDP, 17)];

/// Ports by protocol; a protocol without any is not there.
#[derive(Debug, Default)]
pub(crate) struct Exposure(Vec<(Protocol, Ports)>);

impl Exposure {
    /// The ports of a group whose addresses satisfy a test.
    pub(crate) fn of(group: &Permissions, test: impl Fn(&AddressSet) -> bool) -> Self {
        Self::collect(
            WITH_PORTS.iter().map(|(name, number)| (*name, group.ports_where(*number, &test))),
        )
    }

    fn collect(ports: impl Iterator<Item = (Protocol, Ports)>) -> Self {
        Self(ports.filter(|(_, ports)| !ports.is_empty()).collect())
    }

    /// Those of them that are also in `ports`.
    pub(crate) fn among(&self, ports: &Ports) -> Self {
        Self::collect(self.0.iter().map(|(name, own)| (*name, own.intersection(ports))))
    }

    /// Those of them that are not in `tcp`, or in `udp`.
    pub(crate) fn except(&self, tcp: &Ports, udp: &Ports) -> Self {
        let excepted = |name: Protocol| if name == Protocol::TCP { tcp } else { udp };
        Self::collect(self.0.iter().map(|(name, own)| (*name, own.minus(excepted(*name)))))
    }

    /// The protocols of which every port is in it. Port 0 cannot be used and is not asked for.
    pub(crate) fn whole_protocols(&self) -> Self {
        let usable: Ports = [USABLE_PORTS].into_iter().collect();
        let whole = self.0.iter().filter(|(_, ports)| usable.minus(ports).is_empty());
        Self(whole.cloned().collect())
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first few ranges of addresses outside `except` to which a group opens these ports.
    pub(crate) fn networks(&self, group: &Permissions, except: &AddressSet) -> Message {
        named(&group.networks(&self.0, except))
    }

    /// The first few ranges that make the internet of those to which a group opens these ports.
    pub(crate) fn internet(&self, group: &Permissions, breadth: Breadth) -> Message {
        named(&group.internet_networks(&self.0, breadth))
    }

    /// The first few ranges: `TCP 22, TCP 3380-3400`.
    pub(crate) fn named(&self) -> Message {
        let ranges = self.0.iter().flat_map(|(name, ports)| {
            ports.as_slice().iter().map(move |range| format!("{name} {}", text_of(*range)))
        });
        Message::named(&ranges.collect::<Vec<_>>())
    }
}

fn named<T: Display>(networks: &[T]) -> Message {
    Message::named(&networks.iter().map(T::to_string).collect::<Vec<_>>())
}
