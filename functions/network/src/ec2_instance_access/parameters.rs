//! The parameters of the control, and what they make of a resource's tags.

use fisc_shared::ec2::Tags;
use fisc_shared::network::{AddressSet, Ports};
use fisc_shared::parameter::Param;
use fisc_shared::{Error, Run, Text};

use crate::lists::{addresses, ports};

pub(super) const PUBLIC_IP_EXEMPT_TAG_KEY: Param<String> = Param::text(
    "publicIpExemptTagKey",
    "fisc:public-ip-approved",
    Text::new(
        "Tag key of instances and launch templates whose public address was approved (a value of \
         false opts out)",
        "パブリック IP アドレスを承認したインスタンス・起動テンプレートのタグキー(値が false のものを\
         除く)",
    ),
);
pub(super) const NO_AWS_API_TAG_KEY: Param<String> = Param::text(
    "noAwsApiTagKey",
    "fisc:no-aws-api",
    Text::new(
        "Tag key of instances that need no IAM role (a value of false opts out)",
        "IAM ロールが不要なインスタンスのタグキー(値が false のものを除く)",
    ),
);
pub(super) const MAX_PING_AGE_HOURS: Param<i64> = Param::integer(
    "maxPingAgeHours",
    24,
    1,
    720,
    Text::new(
        "Hours since the last contact of a bastion with Systems Manager that are accepted",
        "踏み台と Systems Manager の最後の通信から許容する時間数",
    ),
);
pub(super) const ADMIN_PORTS: Param<Vec<String>> = Param::list(
    "adminPorts",
    &["22", "3389", "5985", "5986"],
    Text::new(
        "Ports of administration; ranges such as 5985-5986 may be given",
        "管理用ポート(5985-5986 のような範囲も指定できる)",
    ),
);
pub(super) const ALLOWED_CIDRS: Param<Vec<String>> = Param::list(
    "allowedCidrs",
    &[],
    Text::new(
        "Address ranges from which administration ports and bastions may be reached",
        "管理用ポートと踏み台への接続を認める送信元のアドレス範囲",
    ),
);
pub(super) const BASTION_TAG: Param<String> = Param::text(
    "bastionTag",
    "Role=bastion",
    Text::new(
        "Tag of bastions, as key=value, or a key alone for every value",
        "踏み台のタグ(キー=値。キーだけの場合は値を問わない)",
    ),
);
pub(super) const CHECK_LAUNCH_TEMPLATES: Param<bool> = Param::flag(
    "checkLaunchTemplates",
    true,
    Text::new("Judge launch templates", "起動テンプレートを評価する"),
);
pub(super) const ALLOW_DEFAULT_VPC: Param<bool> = Param::flag(
    "allowDefaultVpc",
    false,
    Text::new("Accept instances in the default VPC", "デフォルト VPC のインスタンスを認める"),
);

/// The bars of one run.
#[derive(Debug)]
pub(super) struct Bars {
    public_ip_tag: String,
    no_api_tag: String,
    bastion: (String, Option<String>),
    pub(super) max_ping_hours: i64,
    pub(super) admin: Ports,
    pub(super) allowed: AddressSet,
    pub(super) templates: bool,
    pub(super) default_vpc: bool,
}

impl Bars {
    pub(super) fn of(run: &Run<'_>) -> Result<Self, Error> {
        let get = |param| run.parameters.get::<String>(param);
        let bastion = get(&BASTION_TAG);
        let bastion = match bastion.split_once('=') {
            Some((key, value)) => (key.trim().to_owned(), Some(value.trim().to_owned())),
            None => (bastion, None),
        };
        Ok(Self {
            public_ip_tag: get(&PUBLIC_IP_EXEMPT_TAG_KEY),
            no_api_tag: get(&NO_AWS_API_TAG_KEY),
            bastion,
            max_ping_hours: run.parameters.get(&MAX_PING_AGE_HOURS),
            admin: ports(run, &ADMIN_PORTS)?,
            allowed: addresses(run, &ALLOWED_CIDRS)?,
            templates: run.parameters.get(&CHECK_LAUNCH_TEMPLATES),
            default_vpc: run.parameters.get(&ALLOW_DEFAULT_VPC),
        })
    }

    pub(super) fn public_ip_approved(&self, tags: &Tags) -> bool {
        is_tagged(tags, &self.public_ip_tag)
    }

    pub(super) fn needs_no_role(&self, tags: &Tags) -> bool {
        is_tagged(tags, &self.no_api_tag)
    }

    pub(super) fn is_bastion(&self, tags: &Tags) -> bool {
        let (key, value) = &self.bastion;
        let has = |tag: &String| value.as_ref().is_none_or(|value| value == tag);
        !key.is_empty() && tags.get(key).is_some_and(has)
    }
}

/// Whether the tag is there; a value of false says that it is not meant.
fn is_tagged(tags: &Tags, key: &str) -> bool {
    !key.is_empty()
        && tags.get(key).is_some_and(|value| !value.trim().eq_ignore_ascii_case("false"))
}
