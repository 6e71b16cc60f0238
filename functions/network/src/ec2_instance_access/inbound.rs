//! What the security groups of an instance let in.
//!
//! A group whose rules change makes no item of the instances it is attached to: what it lets in is
//! asked of EC2, on every change and on the schedule. Other ends that are security groups are no
//! addresses and are not judged.

use std::collections::BTreeMap;

use fisc_shared::ec2::{Instance, SecurityGroup, action};
use fisc_shared::network::{AddressSet, Breadth, Permissions, Ports};
use fisc_shared::{Error, Message, message};

use crate::exposure::Exposure;

/// Security groups by their ids.
pub(super) type Groups = BTreeMap<String, SecurityGroup>;

/// The security groups of all interfaces of an instance, together.
#[derive(Debug)]
pub(super) struct Inbound<'a> {
    groups: Vec<(&'a SecurityGroup, Permissions)>,
    together: Permissions,
}

impl<'a> Inbound<'a> {
    pub(super) fn of(instance: &Instance, known: &'a Groups) -> Result<Self, Error> {
        let mut groups = Vec::with_capacity(instance.groups.len());
        for id in &instance.groups {
            // A group in use cannot be deleted: one that is not answered is not "no rules".
            let group = known.get(id).ok_or_else(|| Error::Answer {
                action: action::DESCRIBE_SECURITY_GROUPS,
                field: format!("the security group {id}"),
            })?;
            groups.push((group, Permissions::of(group.inbound.clone())));
        }
        let rules = groups.iter().flat_map(|(group, _)| group.inbound.iter().cloned());
        let together = Permissions::of(rules.collect());
        Ok(Self { groups, together })
    }

    /// The prefix lists among the sources.
    pub(super) fn prefix_lists(&self) -> Vec<&str> {
        let lists = self.groups.iter().flat_map(|(group, _)| &group.prefix_lists);
        lists.map(String::as_str).collect()
    }

    /// Whether there is no source at all, of whatever kind, for any port.
    pub(super) fn is_closed(&self) -> bool {
        let sources = |(group, _): &(&SecurityGroup, Permissions)| {
            !group.prefix_lists.is_empty() || !group.peers.is_empty()
        };
        Exposure::of(&self.together, |sources| !sources.is_empty()).is_empty()
            && !self.groups.iter().any(sources)
    }

    /// The ports, of these or of all, that are open to addresses outside `allowed`, the sources
    /// and the groups: `TCP 22 from 0.0.0.0/0 (sg-1)`.
    pub(super) fn outside(&self, allowed: &AddressSet, ports: Option<&Ports>) -> Option<Message> {
        let open = |rules: &Permissions| {
            let open = Exposure::of(rules, |sources| !sources.minus(allowed).is_empty());
            ports.map_or_else(|| open.among(&every_port()), |ports| open.among(ports))
        };
        let failing = open(&self.together);
        if failing.is_empty() {
            return None;
        }
        let groups = self.groups.iter().filter(|(_, rules)| !open(rules).is_empty());
        let groups: Vec<&str> = groups.map(|(group, _)| group.id.as_str()).collect();
        let (ports, groups) = (failing.named(), Message::named(&groups));
        let sources = failing.networks(&self.together, allowed);
        Some(Message {
            en: format!("{} from {} ({})", ports.en, sources.en, groups.en),
            ja: format!("{} 送信元 {}({})", ports.ja, sources.ja, groups.ja),
        })
    }
}

fn every_port() -> Ports {
    [fisc_shared::network::ALL_PORTS].into_iter().collect()
}

/// The ports of these that a group opens to the internet.
pub(super) fn open_to_internet(group: &SecurityGroup, ports: &Ports) -> Option<Message> {
    let rules = Permissions::of(group.inbound.clone());
    let open = Exposure::of(&rules, |sources| sources.is_internet(Breadth::default()));
    let open = open.among(ports);
    let Message { en, ja } = open.named();
    let id = &group.id;
    (!open.is_empty()).then(|| {
        message!("{id} opens {en} to the internet", "{id} が {ja} をインターネットに開放しています")
    })
}
