//! `network-acl`: network ACLs keep administration ports closed to the internet, and are not left
//! open for everything.
//!
//! A network ACL is the second wall, around subnets: it still stands when somebody opens a
//! security group too far. Its rules count in the order of their numbers, and the first that
//! matches decides; so what it lets through is computed port by port, for each family of
//! addresses, from all rules together. An allow for everybody behind a deny is no finding, the
//! same allow in front of that deny is one.
//!
//! The ACL that AWS creates with a VPC admits everything, so every VPC fails until somebody sets
//! up an ACL for it. Rules for returning traffic (1024-65535) hold 3389: deny it in front of them.
//!
//! Criteria: 実5 3, 実15 ask for it. To fix an ACL, put a deny for the administration ports in
//! front of the allow, or narrow the allow to the ranges that need it.

use fisc_shared::network::{Acl, Breadth, Direction, text_of};
use fisc_shared::parameter::Param;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Check, ConfigurationItem, Control, Criteria, Domain, Error, Limits, Message, Placement, Remark,
    Remedy, Requirement, ResourceType, Run, Severity, Text, Trigger, Verdict,
};

use crate::lists::ports;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "network-acl",
    domain: Domain::Network,
    severity: Severity::Medium,
    title: Text::new(
        "Network ACLs do not admit administration ports from the internet and are not left open \
         for everything",
        "ネットワーク ACL がインターネットから管理用ポートへの通信を許可せず、全許可のままに\
         なっていない",
    ),
    why: Text::new(
        "Security groups are changed often, and by many. A network ACL around the subnet still \
         holds when one of them is opened by mistake, unless it lets everything through itself.",
        "セキュリティグループは、多くの担当者によって頻繁に変更されます。誤って開放された場合でも、\
         サブネットのネットワーク ACL があれば通信を防げます。ただし、ネットワーク ACL が全許可の\
         ままでは防げません。",
    ),
    fix: Text::new(
        "In VPC > Network ACLs > the ACL > Inbound rules > Edit add deny rules for the \
         administration ports with numbers below the allow rule, or narrow the allow rule to the \
         address ranges that need it. Rules for returning traffic (1024-65535) hold 3389: put a \
         deny for it in front of them.",
        "VPC の「ネットワーク ACL」>「インバウンドルール」>「編集」で、許可ルールより小さい番号で\
         管理用ポートを拒否するルールを追加するか、許可ルールの送信元を必要なアドレス範囲に\
         絞ります。戻りの通信を許可するルール(1024-65535)は 3389 を含むため、その前に 3389 の\
         拒否ルールを置きます。",
    ),
    remedy: Remedy::new(
        include_str!("network_acl/remedy.sh"),
        include_str!("network_acl/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html",
    criteria: Criteria { explicit: &["実5 3", "実15"], implied: &["実20 3"] },
    resources: &[ResourceType::EC2_NETWORK_ACL],
    trigger: Trigger::Change,
    placement: Placement::EveryRegion,
    actions: &[],
    parameters: &[ADMIN_PORTS.spec, ENFORCE_NOT_ALLOW_ALL.spec, CHECK_EGRESS.spec],
    requirements: &[&ADMIN_PORT_ALLOWED, &ALLOW_ALL_INBOUND, &ALLOW_ALL_OUTBOUND],
    remarks: &[&NO_SUBNET],
    limits: Limits::SMALL,
    check: Check::Item(evaluate),
};

const ADMIN_PORTS: Param<Vec<String>> = Param::list(
    "adminPorts",
    &["22", "3389"],
    Text::new(
        "TCP ports that the internet must not reach; ranges such as 5985-5986 may be given",
        "インターネットから到達できてはならない TCP ポート(5985-5986 のような範囲も指定できる)",
    ),
);

const ENFORCE_NOT_ALLOW_ALL: Param<bool> = Param::flag(
    "enforceNotAllowAll",
    false,
    Text::new(
        "Also reject ACLs that admit all traffic from the internet; off, because many estates \
         filter with security groups only",
        "インターネットからの通信をすべて許可する ACL も不適合とする(セキュリティグループだけで制御する\
         環境が多いため、既定では無効)",
    ),
);

const CHECK_EGRESS: Param<bool> = Param::flag(
    "checkEgress",
    false,
    Text::new(
        "With enforceNotAllowAll, also reject ACLs that let all traffic out to the internet",
        "enforceNotAllowAll が有効な場合、インターネットへの通信をすべて許可する ACL も不適合とする",
    ),
);

const ADMIN_PORT_ALLOWED: Requirement = requirement(
    "ADMIN_PORT_ALLOWED",
    1,
    Text::new(
        "The ACL admits administration ports from the internet",
        "インターネットから管理用ポートへの通信を許可しています",
    ),
    Text::new(
        "Fails when, for a port of adminPorts over TCP, the inbound entries (ruleNumber, \
         ruleAction, protocol, portRange, cidrBlock, ipv6CidrBlock; first match wins) admit the \
         internet: more public addresses than an IPv4 /8 or an IPv6 /16 holds.",
        "adminPorts の TCP ポートについて、インバウンドのエントリ(ruleNumber・ruleAction・protocol・\
         portRange・cidrBlock・ipv6CidrBlock。最初に一致したものを適用)がインターネットを許可している\
         とき不適合です。IPv4 の /8 または IPv6 の /16 を超える数のパブリックアドレスを許可している\
         場合をインターネットとみなします。",
    ),
);
const ALLOW_ALL_INBOUND: Requirement = requirement(
    "ALLOW_ALL_INBOUND",
    3,
    Text::new(
        "The ACL admits all traffic from the internet",
        "インターネットからの通信をすべて許可しています",
    ),
    Text::new(
        "With enforceNotAllowAll: fails when the inbound entries admit every protocol and port \
         from the internet. A deny for some protocol or port in front of the allow is enough to \
         pass.",
        "enforceNotAllowAll が有効な場合、インバウンドのエントリがインターネットからのすべての\
         プロトコルとポートを許可しているとき不適合です。一部のプロトコルやポートを拒否するエントリが\
         許可より前にあれば適合です。",
    ),
);
const ALLOW_ALL_OUTBOUND: Requirement = requirement(
    "ALLOW_ALL_OUTBOUND",
    3,
    Text::new(
        "The ACL lets all traffic out to the internet",
        "インターネットへの通信をすべて許可しています",
    ),
    Text::new(
        "With enforceNotAllowAll and checkEgress: fails when the outbound entries let every \
         protocol and port out to the internet.",
        "enforceNotAllowAll と checkEgress が有効な場合、アウトバウンドのエントリがインターネットへの\
         すべてのプロトコルとポートを許可しているとき不適合です。",
    ),
);

const NO_SUBNET: Remark = Remark::new(
    "NO_SUBNET",
    "No subnet uses the ACL",
    "ACL に関連付けられたサブネットはありません",
);

const fn requirement(code: &'static str, wave: u8, title: Text, rule: Text) -> Requirement {
    Requirement { code, wave, resources: &[ResourceType::EC2_NETWORK_ACL], title, rule }
}

/// Added to the message about the ACL of a new VPC.
const AS_SHIPPED: Text = Text::new(
    "; it is the default ACL, which admits everything until it is changed",
    "(変更されるまですべてを許可するデフォルトの ACL です)",
);

const TCP: u8 = 6;

fn evaluate(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let admin = ports(run, &ADMIN_PORTS)?;
    let acl = item.configuration()?;
    let subnets = acl.list("associations")?.ok_or_else(|| acl.missing("associations"))?;
    if subnets.is_empty() {
        return Ok(Verdict::not_applicable(&NO_SUBNET));
    }
    let is_default = acl.flag("isDefault")?.unwrap_or(false);
    let breadth = Breadth::default();
    let mut failures = Failures::new();

    let inbound = Acl::read(&acl, Direction::Inbound)?;
    let open =
        inbound.ports_where(TCP, |sources| sources.is_internet(breadth)).intersection(&admin);
    let unlimited = || inbound.unlimited().is_internet(breadth);
    if !open.is_empty() {
        let ranges: Vec<String> = open.as_slice().iter().copied().map(text_of).collect();
        let ports = Message::named(&ranges);
        let mut message = Message {
            en: format!("Admitted from the internet: TCP {}", ports.en),
            ja: format!("インターネットからの通信を許可しています: TCP {}", ports.ja),
        };
        if is_default && unlimited() {
            message.en.push_str(AS_SHIPPED.en);
            message.ja.push_str(AS_SHIPPED.ja);
        }
        failures.because(&ADMIN_PORT_ALLOWED, message);
    }
    if run.parameters.get(&ENFORCE_NOT_ALLOW_ALL) {
        if unlimited() {
            failures.add(&ALLOW_ALL_INBOUND);
        }
        if run.parameters.get(&CHECK_EGRESS)
            && Acl::read(&acl, Direction::Outbound)?.unlimited().is_internet(breadth)
        {
            failures.add(&ALLOW_ALL_OUTBOUND);
        }
    }
    Ok(failures.into_verdict())
}

#[cfg(test)]
mod tests;
