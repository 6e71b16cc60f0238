//! Instances: the operating system that Systems Manager reports, and the image that they were
//! started from.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use fisc_shared::ec2::action::DESCRIBE_IMAGES;
use fisc_shared::ec2::{Ec2, Ec2Call, Xml};
use fisc_shared::item::required::{part, text};
use fisc_shared::{ConfigurationItem, Error, Message, Verdict, message};
use jiff::Timestamp;

use super::Judge;
use super::requirements::{
    AMI_DEPRECATED, INSTANCE_NOT_MANAGED, INSTANCE_TERMINATED, OS_UNSUPPORTED,
};
use super::support::{Judged, Rules};
use crate::nodes::{Node, Nodes};

/// The most values of a filter.
const VALUES: usize = 200;
/// The largest page.
const PAGE: u16 = 1000;

/// How the operating systems begin that Systems Manager reports, in small letters, and their name
/// in the table; the first that fits.
const PLATFORMS: [(&str, &str); 14] = [
    ("amazon linux", "amazon-linux"),
    ("ubuntu", "ubuntu"),
    ("red hat enterprise linux", "rhel"),
    ("debian", "debian"),
    ("microsoft windows server", "windows-server"),
    ("windows server", "windows-server"),
    ("sles", "sles"),
    ("suse linux enterprise", "sles"),
    ("centos stream", "centos-stream"),
    ("centos", "centos"),
    ("rocky", "rocky-linux"),
    ("almalinux", "almalinux"),
    ("alma", "almalinux"),
    ("oracle linux", "oracle-linux"),
];

/// EC2 instances.
pub(super) struct Instances {
    pub nodes: Nodes,
    pub ec2: Ec2,
}

/// What is terminated runs no operating system any more.
pub(super) fn preview(item: &ConfigurationItem, _: &Rules) -> Result<Option<Verdict>, Error> {
    let state = part(&item.configuration()?, "state")?;
    let over = matches!(text(&state, "name")?, "terminated" | "shutting-down");
    Ok(over.then(|| Verdict::not_applicable(&INSTANCE_TERMINATED)))
}

#[async_trait]
impl Judge for Instances {
    async fn judge(
        &self,
        items: &[&ConfigurationItem],
        rules: &Rules,
    ) -> Result<Vec<Verdict>, Error> {
        let nodes = match items {
            [item] => {
                let node = self.nodes.one(&item.resource_id).await?;
                node.into_iter().map(|node| (node.id.clone(), node)).collect()
            }
            _ => self.nodes.all().await?,
        };
        let mut ids = BTreeSet::new();
        for item in items {
            ids.insert(text(&item.configuration()?, "imageId")?.to_owned());
        }
        let images = self.images(&ids).await?;
        let judged = items.iter().map(|item| {
            let mut judged = Judged::by(rules);
            system(&mut judged, nodes.get(&item.resource_id), rules);
            let image = text(&item.configuration()?, "imageId")?.to_owned();
            match fault(images.get(&image), &image, rules.now) {
                Some(message) => judged.fails(&AMI_DEPRECATED, message),
                None => judged.holds(),
            }
            Ok(judged.verdict())
        });
        judged.collect()
    }
}

/// Judges the operating system of a node.
fn system(judged: &mut Judged<'_>, node: Option<&Node>, rules: &Rules) {
    let named = node.and_then(|node| node.platform_name.as_deref());
    let Some(named) = named.filter(|name| !name.is_empty()) else {
        judged.note(&INSTANCE_NOT_MANAGED);
        return;
    };
    let version = node.and_then(|node| node.platform_version.as_deref()).unwrap_or_default();
    let release = release(named, version);
    let life = release.as_ref().and_then(|(name, version)| rules.life("os", name, version));
    let subject = match &release {
        // The name says it already; the version is a number of builds.
        Some(("windows-server", _)) => named.to_owned(),
        _ => format!("{named} {version}"),
    };
    judged.version(&OS_UNSUPPORTED, "os", subject.trim(), life);
}

/// The release of an operating system, as the table has it.
fn release(name: &str, version: &str) -> Option<(&'static str, String)> {
    let lower = name.to_lowercase();
    let (beginning, product) = PLATFORMS.iter().find(|(beginning, _)| {
        lower
            .strip_prefix(beginning)
            .is_some_and(|rest| rest.is_empty() || !rest.starts_with(char::is_alphanumeric))
            // SLES_SAP and the like.
            || (*beginning == "sles" && lower.starts_with(beginning))
    })?;
    if *product != "windows-server" {
        return Some((product, version.trim().to_owned()));
    }
    // "… Server 2012 R2 Standard": the version is that of the kernel, which several have.
    let mut words = lower.strip_prefix(beginning)?.split_whitespace();
    let year = words.next()?;
    let second = words.next().filter(|word| *word == "r2");
    Some((product, second.map_or_else(|| year.to_owned(), |word| format!("{year} {word}"))))
}

/// An image, as far as it is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Image {
    id: String,
    state: String,
    deprecated: Option<Timestamp>,
}

impl Image {
    fn read(xml: &Xml) -> Result<Self, Error> {
        Ok(Self {
            id: xml.required("imageId")?.to_owned(),
            state: xml.required("imageState")?.to_owned(),
            deprecated: xml.time("deprecationTime")?,
        })
    }
}

/// What is wrong with the image of an instance.
fn fault(image: Option<&Image>, id: &str, now: Timestamp) -> Option<Message> {
    let Some(image) = image else {
        return Some(message!("{id} is not found any more", "{id} は存在しません"));
    };
    if image.state == "disabled" {
        return Some(message!("{id} is disabled", "{id} は無効化されています"));
    }
    let deprecated = image.deprecated.filter(|time| *time <= now)?;
    let day = super::support::day(deprecated);
    Some(message!("{id} is deprecated since {day}", "{id} は {day} から非推奨です"))
}

impl Instances {
    /// The images with these ids that still exist and may be used. A filter, unlike a list of ids,
    /// finds what there is and does not mind what is gone.
    async fn images(&self, ids: &BTreeSet<String>) -> Result<BTreeMap<String, Image>, Error> {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut images = BTreeMap::new();
        for some in ids.chunks(VALUES) {
            let call = Ec2Call::new(DESCRIBE_IMAGES)
                .filters(&[("image-id", some)])
                .with("IncludeDeprecated", "true")
                .with("IncludeDisabled", "true")
                .page(PAGE);
            let found = self.ec2.list(&call, "imagesSet", Image::read).await?;
            images.extend(found.into_iter().map(|image| (image.id.clone(), image)));
        }
        Ok(images)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_named_as_in_the_table() {
        for (name, version, product, release) in [
            ("Amazon Linux", "2023", "amazon-linux", "2023"),
            ("Amazon Linux AMI", "2018.03", "amazon-linux", "2018.03"),
            ("Ubuntu", "22.04", "ubuntu", "22.04"),
            ("Red Hat Enterprise Linux Server", "7.9", "rhel", "7.9"),
            ("Red Hat Enterprise Linux", "9.4", "rhel", "9.4"),
            ("Debian GNU/Linux", "12", "debian", "12"),
            ("SLES", "15.4", "sles", "15.4"),
            ("SLES_SAP", "15.4", "sles", "15.4"),
            ("CentOS Stream", "9", "centos-stream", "9"),
            ("CentOS Linux", "7", "centos", "7"),
            ("Rocky Linux", "9.2", "rocky-linux", "9.2"),
            ("AlmaLinux", "8.10", "almalinux", "8.10"),
            ("Oracle Linux Server", "8.8", "oracle-linux", "8.8"),
            ("Microsoft Windows Server 2019 Datacenter", "10.0.17763", "windows-server", "2019"),
            ("Microsoft Windows Server 2012 R2 Standard", "6.3.9600", "windows-server", "2012 r2"),
            ("Windows Server 2016 Datacenter", "10.0.14393", "windows-server", "2016"),
        ] {
            assert_eq!(
                super::release(name, version),
                Some((product, release.to_owned())),
                "{name}"
            );
        }
        for name in ["Bottlerocket", "macOS", "Oleander Linux", "Microsoft Windows Server"] {
            assert_eq!(super::release(name, "1"), None, "{name}");
        }
    }

    #[test]
    fn images_are_gone_disabled_or_deprecated() {
        let now: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
        let image = |state: &str, deprecated: Option<&str>| Image {
            id: "ami-1".to_owned(),
            state: state.to_owned(),
            deprecated: deprecated.map(|time| time.parse().unwrap()),
        };
        let faulty = |image: Option<&Image>| fault(image, "ami-1", now).map(|fault| fault.en);
        assert_eq!(faulty(None).as_deref(), Some("ami-1 is not found any more"));
        let disabled = image("disabled", None);
        assert_eq!(faulty(Some(&disabled)).as_deref(), Some("ami-1 is disabled"));
        let past = image("available", Some("2026-11-22T00:00:00Z"));
        assert_eq!(faulty(Some(&past)).as_deref(), Some("ami-1 is deprecated since 2026-11-22"));
        // Every public image has a date, most of them a future one.
        assert_eq!(faulty(Some(&image("available", Some("2027-01-01T00:00:00Z")))), None);
        assert_eq!(faulty(Some(&image("available", None))), None);
    }
}
