//! `security-group-egress`: outbound rules are narrowed to what is needed, and the default
//! security group of a VPC carries no rules.
//!
//! EC2 adds a rule to every new group that lets everything out. Whoever gets into such a server
//! can load tools and send data away without anybody in between. The default group of a VPC is
//! what a launch without a group falls back to: as long as it has no rules, forgetting to choose
//! a group opens nothing. It is judged also where nothing uses it, for the same reason.
//!
//! A group with the tag of `reviewedTagKey` (a proxy, a NAT instance) may let everything out.
//! Destinations that are security groups or prefix lists are no address ranges and always pass.
//!
//! Criteria: 実5 3, 実15 ask for it. To fix a group, replace the rule for everything by rules for
//! the ports and destinations that the workload needs; take all rules out of default groups.

use fisc_shared::network::{Breadth, Permissions};
use fisc_shared::parameter::Param;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Check, ConfigurationItem, Control, Criteria, Domain, Error, Limits, Message, Placement, Remark,
    Remedy, Requirement, ResourceType, Run, Severity, Text, Trigger, Verdict, message,
};

use crate::exposure::Exposure;
use crate::lists::{addresses, ports};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "security-group-egress",
    domain: Domain::Network,
    severity: Severity::Medium,
    title: Text::new(
        "Security groups do not let all traffic out, and default security groups have no rules",
        "セキュリティグループがすべてのアウトバウンド通信を許可せず、デフォルトセキュリティグループに\
         ルールがない",
    ),
    why: Text::new(
        "A server that may connect to anywhere can be made to load an attacker's tools and to send \
         data away. A default group with rules connects everything that was launched without \
         choosing a group.",
        "任意の宛先に接続できるサーバーは、侵入された場合に、攻撃ツールのダウンロードやデータの持ち出しに\
         悪用されるおそれがあります。また、デフォルトセキュリティグループにルールがあると、グループを\
         指定せずに起動したリソースの間で通信が可能になります。",
    ),
    fix: Text::new(
        "In EC2 > Security Groups > the group > Outbound rules > Edit replace the rule for all \
         traffic by rules for the ports and destinations that the workload needs: VPC endpoints, a \
         proxy, other security groups. Remove every rule of default security groups and use groups \
         of your own instead. Tag groups that must reach everything, once reviewed, with the key of \
         reviewedTagKey.",
        "EC2 の「セキュリティグループ」>「アウトバウンドルール」>「編集」で、すべての通信を\
         許可するルールを、必要なポートと宛先(VPC エンドポイント、プロキシ、他の\
         セキュリティグループなど)に限ったルールに置き換えます。デフォルトセキュリティグループの\
         ルールはすべて削除し、専用のグループを使用します。すべての宛先が必要なグループには、\
         確認のうえで reviewedTagKey のタグを付けます。",
    ),
    remedy: Remedy::new(
        include_str!("security_group_egress/remedy.sh"),
        include_str!("security_group_egress/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html",
    criteria: Criteria {
        explicit: &["実5 3", "実15"],
        implied: &[
            "統1 参考",
            "統20 3-(3)",
            "統22 1",
            "統23 1, 2",
            "統24 1",
            "統24 2",
            "統24 3",
            "統24 4",
            "統24 5",
            "統24 7",
            "実14 9",
            "実20 3",
            "実22",
        ],
    },
    resources: &[ResourceType::EC2_SECURITY_GROUP],
    trigger: Trigger::Change,
    placement: Placement::EveryRegion,
    actions: &[],
    parameters: &[
        CHECK_EGRESS.spec,
        CHECK_EGRESS_PORTS.spec,
        ALLOWED_EGRESS_PORTS.spec,
        ALLOWED_EGRESS_CIDRS.spec,
        REVIEWED_TAG_KEY.spec,
    ],
    requirements: &[&DEFAULT_GROUP_NOT_CLOSED, &EGRESS_ALL_TRAFFIC, &EGRESS_PORT_UNRESTRICTED],
    remarks: &[&EGRESS_NOT_CHECKED, &EGRESS_REVIEWED],
    limits: Limits::SMALL,
    check: Check::Item(evaluate),
};

const CHECK_EGRESS: Param<bool> = Param::flag(
    "checkEgress",
    true,
    Text::new(
        "Judge outbound rules; without it, only default security groups are judged",
        "アウトバウンドルールを評価する(無効の場合はデフォルトセキュリティグループだけを評価する)",
    ),
);

const CHECK_EGRESS_PORTS: Param<bool> = Param::flag(
    "checkEgressPorts",
    false,
    Text::new(
        "With checkEgress, also judge single ports that are open to every destination",
        "checkEgress が有効な場合、任意の宛先に開放された個々のポートも評価する",
    ),
);

const ALLOWED_EGRESS_PORTS: Param<Vec<String>> = Param::list(
    "allowedEgressPorts",
    &["443"],
    Text::new(
        "TCP and UDP ports that may be open to every destination",
        "任意の宛先への通信を認める TCP・UDP ポート",
    ),
);

const ALLOWED_EGRESS_CIDRS: Param<Vec<String>> = Param::list(
    "allowedEgressCidrs",
    &[],
    Text::new(
        "Public address ranges that are always accepted as destinations, such as your own",
        "宛先として常に認めるパブリックアドレス範囲(自社の範囲など)",
    ),
);

const REVIEWED_TAG_KEY: Param<String> = Param::text(
    "reviewedTagKey",
    "fisc:egress-reviewed",
    Text::new(
        "Tag of groups whose outbound rules were reviewed and are accepted; empty: none",
        "アウトバウンドルールを確認済みとして認めるグループのタグのキー(空の場合は認めない)",
    ),
);

const DEFAULT_GROUP_NOT_CLOSED: Requirement = requirement(
    "DEFAULT_GROUP_NOT_CLOSED",
    2,
    Text::new(
        "The default security group has rules",
        "デフォルトセキュリティグループにルールがあります",
    ),
    Text::new(
        "Fails when groupName is default and ipPermissions or ipPermissionsEgress is not empty, \
         whether or not anything uses the group.",
        "groupName が default で、ipPermissions または ipPermissionsEgress が空でないとき不適合です。\
         グループが使用されているかどうかは問いません。",
    ),
);
const EGRESS_ALL_TRAFFIC: Requirement = requirement(
    "EGRESS_ALL_TRAFFIC",
    2,
    Text::new(
        "All traffic may go out to the internet",
        "インターネットへのすべての通信を許可しています",
    ),
    Text::new(
        "Fails when the outbound rules (ipPermissionsEgress: ipProtocol, fromPort, toPort, \
         ipv4Ranges, ipRanges, ipv6Ranges), taken together, open every port of TCP or of UDP to \
         the internet (more public addresses outside allowedEgressCidrs than an IPv4 /8 or an IPv6 \
         /16 holds), unless the group has the tag reviewedTagKey. Protocol -1 is every port of \
         both.",
        "アウトバウンドルール(ipPermissionsEgress の ipProtocol・fromPort・toPort・ipv4Ranges・\
         ipRanges・ipv6Ranges)を合わせると、TCP または UDP の全ポートがインターネットに開放されて\
         いるとき不適合です(reviewedTagKey のタグがある場合を除く)。allowedEgressCidrs 以外で、IPv4 の \
         /8 または IPv6 の /16 を超える数のパブリックアドレスをインターネットとみなします。プロトコル -1 は\
         両方の全ポートとみなします。",
    ),
);
const EGRESS_PORT_UNRESTRICTED: Requirement = requirement(
    "EGRESS_PORT_UNRESTRICTED",
    3,
    Text::new(
        "Ports that were not approved may be reached anywhere",
        "承認されていないポートへの通信を任意の宛先に許可しています",
    ),
    Text::new(
        "With checkEgressPorts: fails when a TCP or UDP port outside allowedEgressPorts is open to \
         the internet, unless the group has the tag reviewedTagKey.",
        "checkEgressPorts が有効な場合、allowedEgressPorts にない TCP または UDP ポートがインターネットに\
         開放されているとき不適合です(reviewedTagKey のタグがある場合を除く)。",
    ),
);

const EGRESS_NOT_CHECKED: Remark = Remark::new(
    "EGRESS_NOT_CHECKED",
    "The rule judges default security groups only (checkEgress)",
    "このルールはデフォルトセキュリティグループだけを評価します(checkEgress)",
);
const EGRESS_REVIEWED: Remark = Remark::new(
    "EGRESS_REVIEWED",
    "The outbound rules were reviewed, as the group's tag tells",
    "アウトバウンドルールは確認済みです(グループのタグによる)",
);

const fn requirement(code: &'static str, wave: u8, title: Text, rule: Text) -> Requirement {
    Requirement { code, wave, resources: &[ResourceType::EC2_SECURITY_GROUP], title, rule }
}

fn evaluate(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    const INBOUND: &str = "ipPermissions";
    const OUTBOUND: &str = "ipPermissionsEgress";
    let allowed_ports = ports(run, &ALLOWED_EGRESS_PORTS)?;
    let allowed = addresses(run, &ALLOWED_EGRESS_CIDRS)?;
    let group = item.configuration()?;
    let name = group.text("groupName")?.ok_or_else(|| group.missing("groupName"))?;
    let mut failures = Failures::new();

    let is_default = name == "default";
    if is_default {
        let count = |key| {
            let rules = group.list(key)?.ok_or_else(|| group.missing(key))?;
            Ok::<usize, Error>(rules.len())
        };
        let (inbound, outbound) = (count(INBOUND)?, count(OUTBOUND)?);
        if inbound + outbound > 0 {
            failures.because(
                &DEFAULT_GROUP_NOT_CLOSED,
                message!(
                    "The default security group has rules: {inbound} inbound, {outbound} outbound",
                    "デフォルトセキュリティグループにルールがあります: インバウンド {inbound} 件、\
                     アウトバウンド {outbound} 件"
                ),
            );
        }
    }
    if !run.parameters.get(&CHECK_EGRESS) {
        return Ok(if is_default {
            failures.into_verdict()
        } else {
            Verdict::not_applicable(&EGRESS_NOT_CHECKED)
        });
    }

    let rules = Permissions::read(&group, OUTBOUND)?;
    let open = Exposure::of(&rules, |destinations| {
        destinations.minus(&allowed).is_internet(Breadth::default())
    });
    let whole = open.whole_protocols();
    let unapproved = if run.parameters.get(&CHECK_EGRESS_PORTS) {
        open.except(&allowed_ports, &allowed_ports)
    } else {
        Exposure::default()
    };
    let tag = run.parameters.get(&REVIEWED_TAG_KEY);
    if !tag.is_empty() && item.tags.contains_key(&tag) {
        let waived = !(whole.is_empty() && unapproved.is_empty());
        return Ok(failures
            .into_verdict_with(waived.then(|| EGRESS_REVIEWED.reason()).into_iter().collect()));
    }
    for (requirement, failing) in
        [(&EGRESS_ALL_TRAFFIC, &whole), (&EGRESS_PORT_UNRESTRICTED, &unapproved)]
    {
        if failing.is_empty() {
            continue;
        }
        let ports = failing.named();
        let destinations = failing.internet(&rules, Breadth::default());
        let Text { en, ja } = requirement.title;
        failures.because(
            requirement,
            Message {
                en: format!("{en}: {} to {}", ports.en, destinations.en),
                ja: format!("{ja}: {} 宛先 {}", ports.ja, destinations.ja),
            },
        );
    }
    Ok(failures.into_verdict())
}

#[cfg(test)]
mod tests;
