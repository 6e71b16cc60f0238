//! `security-group-ingress`: security groups let the internet reach only approved ports, never
//! administration, database or cleartext ports.
//!
//! A security group is the wall in front of a workload. One rule too wide, or several that are
//! harmless one by one, open a server's administration or a database to everybody. What counts is
//! the union of a group's rules for each protocol and port, however it is written: a port range
//! that holds 3389, the two halves of the internet, protocol -1, IPv6 next to IPv4.
//!
//! Other ends that are security groups or prefix lists are not address ranges and are not judged:
//! the item does not tell what a prefix list holds. ICMP has no ports; only a rule for all
//! protocols opens it together with everything else.
//!
//! Criteria: 統24 6, 実4 5, 実5 3, 実7 2, 実15, 実19, 実20 3 ask for it. To fix a group, take away
//! the rules that the message names, or narrow their sources; reach servers through Session
//! Manager, and databases from the application's security group.

use fisc_shared::item::ItemError;
use fisc_shared::network::{AddressSet, Breadth, Permissions, Ports, private};
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
    id: "security-group-ingress",
    domain: Domain::Network,
    severity: Severity::High,
    title: Text::new(
        "Security groups open only approved ports to the internet, and no administration, \
         database or cleartext ports",
        "セキュリティグループがインターネットに承認済みポートだけを開放し、管理用・データベース用・\
         平文のポートを開放していない",
    ),
    why: Text::new(
        "Open administration and database ports are found by scanners within minutes, and attacked \
         from then on. Cleartext protocols show passwords and data to everybody on the way. Every \
         open port that no one approved is a way in that no one watches.",
        "開放された管理用ポートやデータベース用ポートは、数分のうちに探索ツールに発見され、攻撃の対象と\
         なります。平文のプロトコルでは、通信経路上でパスワードやデータを盗み見られるおそれがあります。\
         承認されていない開放ポートは、監視されない侵入口になります。",
    ),
    fix: Text::new(
        "In EC2 > Security Groups > the group > Inbound rules > Edit remove the rules that the \
         message names, or narrow their sources to the ranges or security groups that need them. \
         Administer servers with Session Manager instead of SSH or RDP, and let only load balancers \
         face the internet, on port 443.",
        "EC2 の「セキュリティグループ」>「インバウンドルール」>「編集」で、メッセージに示された\
         ルールを削除するか、送信元を必要なアドレス範囲またはセキュリティグループに絞ります。\
         サーバーの管理には SSH や RDP の代わりに Session Manager を使用し、インターネットには\
         ロードバランサーの 443 番ポートだけを公開します。",
    ),
    remedy: Remedy::new(
        include_str!("security_group_ingress/remedy.sh"),
        include_str!("security_group_ingress/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    criteria: Criteria {
        explicit: &["統24 6", "実4 5", "実5 3", "実7 2", "実15", "実19", "実20 3"],
        implied: &[
            "統1 参考",
            "統22 1",
            "統23 1, 2",
            "統24 1",
            "統24 2",
            "統24 3",
            "統24 4",
            "統24 5",
            "統24 7",
            "実34",
        ],
    },
    resources: &[ResourceType::EC2_SECURITY_GROUP],
    trigger: Trigger::Change,
    placement: Placement::EveryRegion,
    actions: &[],
    parameters: &[
        BLOCKED_PORTS.spec,
        ADMIN_PORTS.spec,
        ADMIN_ALLOWED_CIDRS.spec,
        AUTHORIZED_TCP_PORTS.spec,
        AUTHORIZED_UDP_PORTS.spec,
        PLAINTEXT_PORTS.spec,
        TRUSTED_CIDRS.spec,
        REDIRECT_PORT_80_ALLOWED.spec,
        BROADEST_PREFIX_V4.spec,
    ],
    requirements: &[
        &ALL_TRAFFIC_FROM_INTERNET,
        &ADMIN_PORT_OPEN,
        &HIGH_RISK_PORT_OPEN,
        &UNAUTHORIZED_PUBLIC_PORT,
        &PLAINTEXT_PORT_OPEN,
    ],
    remarks: &[&PREFIX_LIST_NOT_JUDGED],
    limits: Limits::SMALL,
    check: Check::Item(evaluate),
};

const BLOCKED_PORTS: Param<Vec<String>> = Param::list(
    "blockedPorts",
    &[
        "20", "21", "22", "23", "25", "110", "135", "143", "445", "1433", "1434", "3000", "3306",
        "3389", "4333", "5000", "5432", "5500", "5601", "5985", "5986", "8080", "8088", "8888",
        "9200", "9300", "27017",
    ],
    Text::new(
        "TCP and UDP ports that the internet must not reach; ranges such as 8000-8099 may be given",
        "インターネットから到達できてはならない TCP・UDP ポート(8000-8099 のような範囲も指定できる)",
    ),
);

const ADMIN_PORTS: Param<Vec<String>> = Param::list(
    "adminPorts",
    &["22", "3389", "5985", "5986"],
    Text::new("Ports of administration", "管理用ポート"),
);

const ADMIN_ALLOWED_CIDRS: Param<Vec<String>> = Param::list(
    "adminAllowedCidrs",
    &[],
    Text::new(
        "When given, administration ports may be open to these address ranges only",
        "指定した場合、管理用ポートの送信元をこのアドレス範囲だけに限る",
    ),
);

const AUTHORIZED_TCP_PORTS: Param<Vec<String>> = Param::list(
    "authorizedTcpPorts",
    &["443"],
    Text::new(
        "TCP ports that may face the internet; add 80 where it only redirects to HTTPS",
        "インターネットへの公開を認める TCP ポート(HTTPS への転送だけに使う場合は 80 を加える)",
    ),
);

const AUTHORIZED_UDP_PORTS: Param<Vec<String>> = Param::list(
    "authorizedUdpPorts",
    &[],
    Text::new("UDP ports that may face the internet", "インターネットへの公開を認める UDP ポート"),
);

const PLAINTEXT_PORTS: Param<Vec<String>> = Param::list(
    "plaintextPorts",
    &["21", "23", "25", "69", "80", "110", "143", "389", "512", "513", "514", "873", "5900"],
    Text::new("TCP and UDP ports of cleartext protocols", "平文プロトコルの TCP・UDP ポート"),
);

const TRUSTED_CIDRS: Param<Vec<String>> = Param::list(
    "trustedCidrs",
    &[],
    Text::new(
        "Public address ranges from which cleartext protocols are accepted",
        "平文プロトコルを認める送信元のパブリックアドレス範囲",
    ),
);

const REDIRECT_PORT_80_ALLOWED: Param<bool> = Param::flag(
    "redirectPort80Allowed",
    true,
    Text::new(
        "Do not take port 80 for cleartext where it is one of authorizedTcpPorts",
        "authorizedTcpPorts に 80 が含まれる場合、80 番ポートを平文とみなさない",
    ),
);

const BROADEST_PREFIX_V4: Param<i64> = Param::integer(
    "broadestPrefixV4",
    8,
    1,
    32,
    Text::new(
        "The internet: sources that together hold more public IPv4 addresses than one range with \
         this prefix length (for IPv6: 16)",
        "合計のパブリック IPv4 アドレス数が、このプレフィックス長の範囲 1 つ分を超える送信元を\
         インターネットとみなす(IPv6 では 16)",
    ),
);

const ALL_TRAFFIC_FROM_INTERNET: Requirement = requirement(
    "ALL_TRAFFIC_FROM_INTERNET",
    Text::new(
        "All ports are open to the internet",
        "すべてのポートがインターネットに開放されています",
    ),
    Text::new(
        "Fails when the rules of the group (ipPermissions: ipProtocol, fromPort, toPort, \
         ipv4Ranges, ipRanges, ipv6Ranges), taken together, open every port of TCP or of UDP to \
         the internet. Protocol -1 is every port of both.",
        "グループのルール(ipPermissions の ipProtocol・fromPort・toPort・ipv4Ranges・ipRanges・\
         ipv6Ranges)を合わせると、TCP または UDP の全ポートがインターネットに開放されているとき\
         不適合です。プロトコル -1 は両方の全ポートとみなします。",
    ),
);
const ADMIN_PORT_OPEN: Requirement = requirement(
    "ADMIN_PORT_OPEN",
    Text::new(
        "Administration ports are open to sources that must not reach them",
        "管理用ポートが、認められない送信元に開放されています",
    ),
    Text::new(
        "Fails when a port of adminPorts is open to the internet, or, where adminAllowedCidrs is \
         given, to any address outside of it.",
        "adminPorts のポートがインターネットに開放されているとき不適合です。adminAllowedCidrs を\
         指定した場合は、その範囲外のアドレスに開放されているときも不適合です。",
    ),
);
const HIGH_RISK_PORT_OPEN: Requirement = requirement(
    "HIGH_RISK_PORT_OPEN",
    Text::new(
        "High-risk ports are open to the internet",
        "リスクの高いポートがインターネットに開放されています",
    ),
    Text::new(
        "Fails when a port of blockedPorts is open to the internet over TCP or UDP.",
        "blockedPorts のポートが TCP または UDP でインターネットに開放されているとき不適合です。",
    ),
);
const UNAUTHORIZED_PUBLIC_PORT: Requirement = requirement(
    "UNAUTHORIZED_PUBLIC_PORT",
    Text::new(
        "Ports that were not approved are open to the internet",
        "承認されていないポートがインターネットに開放されています",
    ),
    Text::new(
        "Fails when a TCP port outside authorizedTcpPorts, or a UDP port outside \
         authorizedUdpPorts, is open to the internet.",
        "authorizedTcpPorts にない TCP ポート、または authorizedUdpPorts にない UDP ポートが\
         インターネットに開放されているとき不適合です。",
    ),
);
const PLAINTEXT_PORT_OPEN: Requirement = requirement(
    "PLAINTEXT_PORT_OPEN",
    Text::new(
        "Cleartext protocols are open to public addresses",
        "平文プロトコルのポートがパブリックアドレスに開放されています",
    ),
    Text::new(
        "Fails when a port of plaintextPorts is open to an address that is neither private (RFC \
         1918, IPv6 unique local) nor in trustedCidrs. Port 80 is left out where \
         authorizedTcpPorts holds it and redirectPort80Allowed is true.",
        "plaintextPorts のポートが、プライベートアドレス(RFC 1918、IPv6 ユニークローカル)でも \
         trustedCidrs でもないアドレスに開放されているとき不適合です。authorizedTcpPorts に 80 が\
         あり redirectPort80Allowed が true の場合、80 番ポートは除きます。",
    ),
);

const PREFIX_LIST_NOT_JUDGED: Remark = Remark::new(
    "PREFIX_LIST_NOT_JUDGED",
    "Sources that are prefix lists were not judged",
    "送信元のプレフィックスリストは評価していません",
);

const fn requirement(code: &'static str, title: Text, rule: Text) -> Requirement {
    Requirement { code, wave: 1, resources: &[ResourceType::EC2_SECURITY_GROUP], title, rule }
}

/// The parameters of a run.
struct Bars {
    blocked: Ports,
    admin: Ports,
    admin_allowed: AddressSet,
    authorized_tcp: Ports,
    authorized_udp: Ports,
    plaintext: Ports,
    trusted: AddressSet,
    breadth: Breadth,
}

impl Bars {
    fn new(run: &Run<'_>) -> Result<Self, Error> {
        let authorized_tcp = ports(run, &AUTHORIZED_TCP_PORTS)?;
        let mut plaintext = ports(run, &PLAINTEXT_PORTS)?;
        if authorized_tcp.contains(80) && run.parameters.get(&REDIRECT_PORT_80_ALLOWED) {
            plaintext = plaintext.minus(&[(80, 80)].into_iter().collect());
        }
        let v4 = u8::try_from(run.parameters.get(&BROADEST_PREFIX_V4));
        let breadth = Breadth::default();
        Ok(Self {
            blocked: ports(run, &BLOCKED_PORTS)?,
            admin: ports(run, &ADMIN_PORTS)?,
            admin_allowed: addresses(run, &ADMIN_ALLOWED_CIDRS)?,
            authorized_tcp,
            authorized_udp: ports(run, &AUTHORIZED_UDP_PORTS)?,
            plaintext,
            trusted: addresses(run, &TRUSTED_CIDRS)?,
            breadth: Breadth { v4: v4.unwrap_or(breadth.v4), ..breadth },
        })
    }
}

fn evaluate(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let bars = Bars::new(run)?;
    let group = read(item)?;
    let mut failures = Failures::new();
    let open = Exposure::of(&group, |sources| sources.is_internet(bars.breadth));

    let whole = open.whole_protocols();
    if !whole.is_empty() {
        let sources = whole.internet(&group, bars.breadth);
        let (en, ja) = if group.unlimited().is_internet(bars.breadth) {
            ("all protocols", "すべてのプロトコル")
        } else {
            ("a whole protocol", "プロトコル全体")
        };
        let ports = whole.named();
        failures.because(
            &ALL_TRAFFIC_FROM_INTERNET,
            Message {
                en: format!("Open to the internet, {en}: {} from {}", ports.en, sources.en),
                ja: format!(
                    "インターネットに開放されています({ja}): {} 送信元 {}",
                    ports.ja, sources.ja
                ),
            },
        );
    }

    let admin = open.among(&bars.admin);
    if bars.admin_allowed.is_empty() || !admin.is_empty() {
        // Wide sources fail even where they were allowed.
        report(&mut failures, &ADMIN_PORT_OPEN, &admin, &admin.internet(&group, bars.breadth));
    } else {
        let allowed = &bars.admin_allowed;
        let outside = Exposure::of(&group, |sources| !sources.minus(allowed).is_empty());
        let admin = outside.among(&bars.admin);
        report(&mut failures, &ADMIN_PORT_OPEN, &admin, &admin.networks(&group, allowed));
    }
    for (requirement, failing) in [
        (&HIGH_RISK_PORT_OPEN, open.among(&bars.blocked)),
        (&UNAUTHORIZED_PUBLIC_PORT, open.except(&bars.authorized_tcp, &bars.authorized_udp)),
    ] {
        report(&mut failures, requirement, &failing, &failing.internet(&group, bars.breadth));
    }
    let accepted = private().union(&bars.trusted);
    let plaintext = Exposure::of(&group, |sources| !sources.minus(&accepted).is_empty());
    let plaintext = plaintext.among(&bars.plaintext);
    let sources = plaintext.networks(&group, &accepted);
    report(&mut failures, &PLAINTEXT_PORT_OPEN, &plaintext, &sources);

    let lists = group.prefix_lists();
    let mut notes = Vec::new();
    if !lists.is_empty() {
        let Message { en, ja } = Message::named(lists);
        notes.push(PREFIX_LIST_NOT_JUDGED.because(message!(
            "Sources that are prefix lists were not judged: {en}",
            "送信元のプレフィックスリストは評価していません: {ja}"
        )));
    }
    Ok(failures.into_verdict_with(notes))
}

fn read(item: &ConfigurationItem) -> Result<Permissions, ItemError> {
    Permissions::read(&item.configuration()?, "ipPermissions")
}

/// Adds the requirement with the ports that fail it, if any, and their sources.
fn report(
    failures: &mut Failures,
    requirement: &Requirement,
    failing: &Exposure,
    sources: &Message,
) {
    if failing.is_empty() {
        return;
    }
    let ports = failing.named();
    let Text { en, ja } = requirement.title;
    failures.because(
        requirement,
        Message {
            en: format!("{en}: {} from {}", ports.en, sources.en),
            ja: format!("{ja}: {} 送信元 {}", ports.ja, sources.ja),
        },
    );
}

#[cfg(test)]
mod tests;
