//! The verdict on an instance.

use std::collections::BTreeSet;

use fisc_shared::ec2::{Instance, MetadataOptions, action};
use fisc_shared::item::required::{part, text};
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, Reason, Run, Text, Verdict, message};

use super::inbound::{Groups, Inbound};
use super::managed::{Contacts, is_lost};
use super::parameters::Bars;
use super::requirements::{
    BASTION_PATH_TOO_WIDE, IMDSV1_ALLOWED, IN_DEFAULT_VPC, INBOUND_ADMIN_PORT,
    INSTANCE_PROFILE_MISSING, PREFIX_LIST_NOT_JUDGED, PUBLIC_IP_APPROVED, PUBLIC_IP_ASSIGNED,
    ROLE_NOT_NEEDED,
};

/// What services tell of the surroundings of instances.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    pub(super) groups: Groups,
    pub(super) contacts: Contacts,
    pub(super) default_vpcs: BTreeSet<String>,
}

/// Whether the instance of an item is gone, or on its way.
pub(super) fn is_terminated(item: &ConfigurationItem) -> Result<bool, ItemError> {
    Ok(matches!(state(&item.configuration()?)?, "terminated" | "shutting-down"))
}

/// The state of an instance is an object with its name; query results may have it as `value`, or
/// as a text.
fn state<'a>(fields: &Fields<'a>) -> Result<&'a str, ItemError> {
    let state = part(fields, "state")?;
    if state.value().is_string() {
        return state.as_text();
    }
    match state.text("name")? {
        Some(name) => Ok(name),
        None => state.text("value")?.ok_or_else(|| state.missing("name")),
    }
}

/// Reads the item of an instance that is not terminated.
pub(super) fn read(item: &ConfigurationItem) -> Result<Instance, ItemError> {
    let fields = item.configuration()?;
    let mut public_ips: Vec<String> = Vec::new();
    let mut groups: Vec<String> = Vec::new();
    public_ips.extend(address(&fields, "publicIpAddress")?);
    groups.extend(group_ids(&fields, "securityGroups")?);
    const INTERFACES: &str = "networkInterfaces";
    for interface in fields.list(INTERFACES)?.ok_or_else(|| fields.missing(INTERFACES))? {
        public_ips.extend(associated(&interface)?);
        for private in interface.list("privateIpAddresses")?.unwrap_or_default() {
            public_ips.extend(associated(&private)?);
        }
        groups.extend(group_ids(&interface, "groups")?);
    }
    for list in [&mut public_ips, &mut groups] {
        list.sort_unstable();
        list.dedup();
    }
    let metadata = match fields.at("metadataOptions")? {
        // Items of before 2019 lack them.
        None => None,
        Some(options) => Some(MetadataOptions {
            tokens: text(&options, "httpTokens")?.to_owned(),
            endpoint: text(&options, "httpEndpoint")?.to_owned(),
        }),
    };
    let profile = fields.at("iamInstanceProfile")?;
    let profile = profile.map(|profile| address(&profile, "arn")).transpose()?.flatten();
    Ok(Instance {
        id: item.resource_id.clone(),
        state: state(&fields)?.to_owned(),
        launched: fields.time("launchTime")?.ok_or_else(|| fields.missing("launchTime"))?,
        vpc_id: Some(text(&fields, "vpcId")?.to_owned()),
        public_ips,
        profile,
        metadata,
        groups,
        tags: item.all_tags()?,
    })
}

/// A text that is there and not empty.
fn address(fields: &Fields<'_>, key: &str) -> Result<Option<String>, ItemError> {
    Ok(fields.text(key)?.filter(|text| !text.is_empty()).map(str::to_owned))
}

fn associated(fields: &Fields<'_>) -> Result<Option<String>, ItemError> {
    match fields.at("association")? {
        Some(association) => address(&association, "publicIp"),
        None => Ok(None),
    }
}

fn group_ids(fields: &Fields<'_>, key: &str) -> Result<Vec<String>, ItemError> {
    let groups = fields.list(key)?.unwrap_or_default();
    groups.iter().map(|group| text(group, "groupId").map(str::to_owned)).collect()
}

/// What the instance itself decides: the failures, and notes.
fn own(instance: &Instance, bars: &Bars) -> (Failures, Vec<Reason>) {
    let (mut failures, mut notes) = (Failures::new(), Vec::new());
    if !instance.public_ips.is_empty() {
        if bars.public_ip_approved(&instance.tags) {
            notes.push(PUBLIC_IP_APPROVED.reason());
        } else {
            let addresses = Message::named(&instance.public_ips);
            failures.because(&PUBLIC_IP_ASSIGNED, said(PUBLIC_IP_ASSIGNED.title, &addresses));
        }
    }
    if instance.metadata.as_ref().is_some_and(allows_v1) {
        failures.add(&IMDSV1_ALLOWED);
    }
    if instance.profile.is_none() {
        if bars.needs_no_role(&instance.tags) {
            notes.push(ROLE_NOT_NEEDED.reason());
        } else {
            failures.add(&INSTANCE_PROFILE_MISSING);
        }
    }
    (failures, notes)
}

fn allows_v1(options: &MetadataOptions) -> bool {
    options.endpoint != "disabled" && options.tokens != "required"
}

fn said(title: Text, what: &Message) -> Message {
    Message { en: format!("{}: {}", title.en, what.en), ja: format!("{}: {}", title.ja, what.ja) }
}

/// The failures that the instance itself tells; `None` where the rest must be asked.
pub(super) fn preview(instance: &Instance, bars: &Bars) -> Option<Verdict> {
    let verdict = own(instance, bars).0.into_verdict();
    matches!(verdict, Verdict::NonCompliant(_)).then_some(verdict)
}

/// The verdict on an instance in its surroundings.
pub(super) fn decide(
    instance: &Instance,
    around: &Surroundings,
    bars: &Bars,
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    let lacks = |field: &str| Error::Answer {
        action: action::DESCRIBE_INSTANCES,
        field: format!("{field} of {}", instance.id),
    };
    if instance.metadata.is_none() {
        return Err(lacks("metadataOptions"));
    }
    let (mut failures, mut notes) = own(instance, bars);
    let inbound = Inbound::of(instance, &around.groups)?;
    if bars.is_bastion(&instance.tags) {
        if let Some(open) = inbound.outside(&bars.allowed, None) {
            let title = Text::new(
                "The bastion is open to sources that must not reach it",
                "踏み台が、認められない送信元に開放されています",
            );
            failures.because(&BASTION_PATH_TOO_WIDE, said(title, &open));
        } else if inbound.is_closed() && is_lost(instance, &around.contacts, bars, run)? {
            failures.because(
                &BASTION_PATH_TOO_WIDE,
                message!(
                    "Nothing reaches the bastion: no inbound rule, and no contact with Systems \
                     Manager",
                    "踏み台への経路がありません(インバウンドルールがなく、Systems Manager でも\
                     オンラインではありません)"
                ),
            );
        }
    } else if let Some(open) = inbound.outside(&bars.allowed, Some(&bars.admin)) {
        failures.because(&INBOUND_ADMIN_PORT, said(INBOUND_ADMIN_PORT.title, &open));
    }
    let lists = inbound.prefix_lists();
    if !lists.is_empty() {
        let lists = Message::named(&lists);
        notes.push(PREFIX_LIST_NOT_JUDGED.because(said(PREFIX_LIST_NOT_JUDGED.text, &lists)));
    }

    if !bars.default_vpc {
        let vpc = instance.vpc_id.as_ref().ok_or_else(|| lacks("vpcId"))?;
        if around.default_vpcs.contains(vpc) {
            failures.because(
                &IN_DEFAULT_VPC,
                message!(
                    "The instance is in the default VPC {vpc}",
                    "インスタンスがデフォルト VPC {vpc} にあります"
                ),
            );
        }
    }
    Ok(failures.into_verdict_with(notes))
}
