//! The verdict on what instances are launched from: launch templates, launch configurations, and
//! Auto Scaling groups.
//!
//! An item of a launch template does not say which version its data are. The two that matter, the
//! default and the latest one, are asked of EC2; where they are one, the item tells it as well.

use fisc_shared::ec2::{Ec2, Ec2Call, Xml, action};
use fisc_shared::item::required::part;
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, Run, Verdict, message};

use super::inbound::{Groups, open_to_internet};
use super::parameters::Bars;
use super::requirements::{
    ASG_USES_LAUNCH_CONFIGURATION, GROUP_NOT_JUDGED, PUBLIC_IP_APPROVED, TEMPLATE_IMDSV1_ALLOWED,
    TEMPLATE_PUBLIC_IP, TEMPLATE_SECURITY_UNSET,
};

/// The largest page of versions.
const PAGE: u16 = 200;

/// The group that every VPC comes with.
const VPC_DEFAULT: &str = "default";

/// A version of a launch template, as far as it is judged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) template_id: String,
    pub(super) number: i64,
    image: bool,
    /// Ids of security groups, of the template and its interfaces.
    pub(super) groups: Vec<String>,
    /// Security groups by name.
    named_groups: Vec<String>,
    interfaces: Vec<Interface>,
    tokens: Option<String>,
    endpoint: Option<String>,
    /// The devices whose encryption is off by name.
    unencrypted: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Interface {
    public: bool,
    /// Whether it has groups: its own, or those of an interface that exists.
    grouped: bool,
}

impl Version {
    pub(super) fn read(xml: &Xml) -> Result<Self, Error> {
        let data = xml.at("launchTemplateData").ok_or_else(|| xml.missing("launchTemplateData"))?;
        let mut version = Self {
            template_id: xml.required("launchTemplateId")?.to_owned(),
            number: xml.integer("versionNumber")?.ok_or_else(|| xml.missing("versionNumber"))?,
            image: data.text("imageId").is_some(),
            groups: data.texts("securityGroupIdSet"),
            named_groups: data.texts("securityGroupSet"),
            ..Self::default()
        };
        for interface in data.list("networkInterfaceSet") {
            let groups = interface.texts("groupSet");
            version.interfaces.push(Interface {
                public: interface.flag("associatePublicIpAddress")? == Some(true),
                grouped: !groups.is_empty() || interface.text("networkInterfaceId").is_some(),
            });
            version.groups.extend(groups);
        }
        if let Some(options) = data.at("metadataOptions") {
            version.tokens = options.text("httpTokens").map(str::to_owned);
            version.endpoint = options.text("httpEndpoint").map(str::to_owned);
        }
        for device in data.list("blockDeviceMappingSet") {
            let encrypted = device.at("ebs").map(|ebs| ebs.flag("encrypted")).transpose()?;
            if encrypted.flatten() == Some(false) {
                version.unencrypted.push(device.required("deviceName")?.to_owned());
            }
        }
        Ok(version)
    }

    /// The version that an item tells of, where its default version is also its latest one.
    pub(super) fn of_item(item: &ConfigurationItem) -> Result<Option<Self>, ItemError> {
        let fields = item.configuration()?;
        let number = |key: &str| Ok::<_, ItemError>(fields.at(key)?.map(|one| one.value().clone()));
        let (default, latest) = (number("DefaultVersionNumber")?, number("LatestVersionNumber")?);
        if default.is_none() || default != latest {
            return Ok(None);
        }
        let number = default.and_then(|one| one.as_i64().or_else(|| one.as_str()?.parse().ok()));
        let data = part(&fields, "LaunchTemplateData")?;
        let mut version = Self {
            template_id: item.resource_id.clone(),
            number: number.unwrap_or_default(),
            image: filled(&data, "ImageId")?.is_some(),
            groups: texts(&data, "SecurityGroupIds")?,
            named_groups: texts(&data, "SecurityGroups")?,
            ..Self::default()
        };
        for interface in data.list("NetworkInterfaces")?.unwrap_or_default() {
            let groups = texts(&interface, "Groups")?;
            version.interfaces.push(Interface {
                public: interface.flag("AssociatePublicIpAddress")? == Some(true),
                grouped: !groups.is_empty() || filled(&interface, "NetworkInterfaceId")?.is_some(),
            });
            version.groups.extend(groups);
        }
        if let Some(options) = data.at("MetadataOptions")? {
            version.tokens = filled(&options, "HttpTokens")?;
            version.endpoint = filled(&options, "HttpEndpoint")?;
        }
        for device in data.list("BlockDeviceMappings")?.unwrap_or_default() {
            let Some(ebs) = device.at("Ebs")? else { continue };
            if ebs.flag("Encrypted")? == Some(false) {
                version.unencrypted.push(filled(&device, "DeviceName")?.unwrap_or_default());
            }
        }
        Ok(Some(version))
    }

    /// What is missing or open in the version's security settings.
    fn gaps(&self, groups: &Groups, bars: &Bars) -> Vec<Message> {
        let mut gaps = Vec::new();
        if !self.image {
            gaps.push(message!("no image", "イメージの指定なし"));
        }
        let none = self.groups.is_empty() && self.named_groups.is_empty();
        let bare = self.interfaces.iter().any(|interface| !interface.grouped);
        // The groups of a template and those of its interfaces exclude each other.
        if (none && self.interfaces.is_empty()) || bare {
            gaps.push(message!("no security group", "セキュリティグループの指定なし"));
        }
        let known: Vec<_> = self.groups.iter().filter_map(|id| groups.get(id)).collect();
        let defaults = known.iter().filter(|group| group.name == VPC_DEFAULT);
        let defaults = defaults.map(|group| group.id.as_str());
        let by_name = self.named_groups.iter().map(String::as_str);
        for group in defaults.chain(by_name.filter(|name| *name == VPC_DEFAULT)) {
            gaps.push(message!(
                "the VPC's default group {group}",
                "VPC のデフォルトグループ {group}"
            ));
        }
        gaps.extend(known.iter().filter_map(|group| open_to_internet(group, &bars.admin)));
        if !self.unencrypted.is_empty() {
            let Message { en, ja } = Message::named(&self.unencrypted);
            gaps.push(message!("encryption off for {en}", "{ja} の暗号化が無効"));
        }
        gaps
    }

    /// The groups whose rules nobody knows here.
    fn unknown_groups<'a>(&'a self, groups: &'a Groups) -> impl Iterator<Item = &'a str> {
        let missing = self.groups.iter().filter(|id| !groups.contains_key(*id));
        let named = self.named_groups.iter().filter(|name| *name != VPC_DEFAULT);
        missing.chain(named).map(String::as_str)
    }
}

fn filled(fields: &Fields<'_>, key: &str) -> Result<Option<String>, ItemError> {
    Ok(fields.text(key)?.filter(|text| !text.is_empty()).map(str::to_owned))
}

fn texts(fields: &Fields<'_>, key: &str) -> Result<Vec<String>, ItemError> {
    let list = fields.list(key)?.unwrap_or_default();
    list.iter().map(|one| one.as_text().map(str::to_owned)).collect()
}

/// The default and the latest version of a launch template, or of all, by template and number.
pub(super) async fn versions(ec2: &Ec2, template: Option<&str>) -> Result<Vec<Version>, Error> {
    let call = Ec2Call::new(action::DESCRIBE_LAUNCH_TEMPLATE_VERSIONS)
        .list("LaunchTemplateVersion", &["$Default", "$Latest"]);
    let call = match template {
        Some(id) => call.with("LaunchTemplateId", id),
        None => call.page(PAGE),
    };
    let mut versions = ec2.list(&call, "launchTemplateVersionSet", Version::read).await?;
    let key = |one: &Version| (one.template_id.clone(), one.number);
    versions.sort_by_key(key);
    versions.dedup_by_key(|one| key(one));
    Ok(versions)
}

/// The verdict on a launch template by the versions that count.
pub(super) fn decide(
    item: &ConfigurationItem,
    versions: &[Version],
    groups: &Groups,
    bars: &Bars,
) -> Result<Verdict, Error> {
    let (mut failures, mut notes) = (Failures::new(), Vec::new());
    let numbers = |test: &dyn Fn(&Version) -> bool| {
        let failing = versions.iter().filter(|version| test(version));
        failing.map(|version| version.number.to_string()).collect::<Vec<_>>()
    };
    let public = numbers(&|version| version.interfaces.iter().any(|one| one.public));
    if !public.is_empty() {
        if bars.public_ip_approved(&item.all_tags()?) {
            notes.push(PUBLIC_IP_APPROVED.reason());
        } else {
            let Message { en, ja } = Message::named(&public);
            failures.because(
                &TEMPLATE_PUBLIC_IP,
                message!(
                    "Instances get a public address, by version {en}",
                    "起動するインスタンスにパブリック IP アドレスが割り当てられます(バージョン {ja})"
                ),
            );
        }
    }
    let v1 = numbers(&|version| {
        version.tokens.as_deref() == Some("optional")
            && version.endpoint.as_deref() != Some("disabled")
    });
    if !v1.is_empty() {
        let Message { en, ja } = Message::named(&v1);
        failures.because(
            &TEMPLATE_IMDSV1_ALLOWED,
            message!(
                "Instances are launched with IMDSv1, by version {en}",
                "起動するインスタンスで IMDSv1 が許可されます(バージョン {ja})"
            ),
        );
    }
    let mut gaps = Vec::new();
    for version in versions {
        let number = version.number;
        gaps.extend(version.gaps(groups, bars).into_iter().map(|Message { en, ja }| {
            message!("version {number}: {en}", "バージョン {number}: {ja}")
        }));
    }
    if !gaps.is_empty() {
        failures.because(&TEMPLATE_SECURITY_UNSET, listed(&gaps));
    }
    let mut unknown: Vec<&str> =
        versions.iter().flat_map(|version| version.unknown_groups(groups)).collect();
    unknown.sort_unstable();
    unknown.dedup();
    if !unknown.is_empty() {
        let Message { en, ja } = Message::named(&unknown);
        notes.push(GROUP_NOT_JUDGED.because(message!(
            "Security groups that are named, or not found here, were not judged: {en}",
            "名前で指定された、またはここで見つからないセキュリティグループは評価していません: {ja}"
        )));
    }
    Ok(failures.into_verdict_with(notes))
}

/// All of a few findings, in both languages.
fn listed(gaps: &[Message]) -> Message {
    let join = |of: fn(&Message) -> &str, between: &str| {
        gaps.iter().map(of).collect::<Vec<_>>().join(between)
    };
    Message { en: join(|one| &one.en, "; "), ja: join(|one| &one.ja, "、") }
}

/// A launch configuration. Without the field, the subnet decides.
pub(super) fn launch_configuration(
    item: &ConfigurationItem,
    _: &Run<'_>,
) -> Result<Option<Verdict>, Error> {
    let fields = item.configuration()?;
    // An item that holds nothing must not pass.
    part(&fields, "launchConfigurationName")?;
    let mut failures = Failures::new();
    if fields.flag("associatePublicIpAddress")? == Some(true) {
        failures.add(&TEMPLATE_PUBLIC_IP);
    }
    Ok(Some(failures.into_verdict()))
}

/// An Auto Scaling group: it launches from a template, from a mix of them, or, in the old way,
/// from a launch configuration.
pub(super) fn scaling_group(
    item: &ConfigurationItem,
    _: &Run<'_>,
) -> Result<Option<Verdict>, Error> {
    let fields = item.configuration()?;
    let mix = fields.at("mixedInstancesPolicy")?;
    let mix = mix.map(|mix| mix.at("launchTemplate")).transpose()?.flatten();
    let one = match fields.at("launchTemplate")? {
        Some(one) => filled(&one, "launchTemplateId")?.or(filled(&one, "launchTemplateName")?),
        None => None,
    };
    if mix.is_some() || one.is_some() {
        return Ok(Some(Verdict::compliant()));
    }
    let Some(name) = filled(&fields, "launchConfigurationName")? else {
        return Err(fields.missing("launchTemplate").into());
    };
    let mut failures = Failures::new();
    failures.because(
        &ASG_USES_LAUNCH_CONFIGURATION,
        message!(
            "The group launches instances from the launch configuration {name}",
            "グループは起動設定 {name} からインスタンスを起動しています"
        ),
    );
    Ok(Some(failures.into_verdict()))
}
