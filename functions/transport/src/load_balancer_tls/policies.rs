//! The security policies of load balancers: data with a date, in one place, because AWS adds and
//! withdraws policies over time.
//!
//! Source: Elastic Load Balancing, "Security policies for your Application Load Balancer", the
//! page of the same name for Network Load Balancers, and "Predefined SSL security policies for
//! Classic Load Balancers", November 2026.

/// The policies of Application and Network Load Balancers with TLS 1.2 and newer only and without
/// the extended cipher lists (Ext1, Ext2) that bring back ciphers without forward secrecy. TLS13
/// in a name says nothing: `TLS13-1-0` and `TLS13-1-1` still speak TLS 1.0 and 1.1.
pub(super) const ELBV2: &[&str] = &[
    "ELBSecurityPolicy-TLS13-1-2-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
    "ELBSecurityPolicy-TLS13-1-3-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04",
    "ELBSecurityPolicy-TLS13-1-2-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09",
    "ELBSecurityPolicy-TLS13-1-2-RFC9151-FIPS-2023-07",
    "ELBSecurityPolicy-TLS13-1-3-RFC9151-FIPS-2023-07",
];

/// The only predefined policy of Classic Load Balancers without TLS 1.0 and 1.1.
pub(super) const CLASSIC: &[&str] = &["ELBSecurityPolicy-TLS-1-2-2017-01"];

/// The attributes of a Classic Load Balancer's custom policy that let old protocols in.
pub(super) const OLD_PROTOCOLS: [&str; 4] =
    ["Protocol-SSLv2", "Protocol-SSLv3", "Protocol-TLSv1", "Protocol-TLSv1.1"];
