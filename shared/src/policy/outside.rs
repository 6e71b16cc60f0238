//! Which values of a policy can be those of somebody outside.
//!
//! A value that a policy spells out is one that its author knows; a pattern may leave open to whom
//! it belongs. What counts as fixed follows S3's definition of "public" (S3 user guide, "Blocking
//! public access to your Amazon S3 storage", the meaning of "public"), which Access Analyzer shares.

use ipnet::{IpNet, Ipv4Net};

use super::condition::Truth;

/// Variables that stand for the side that owns the resource, which nobody outside can be.
const OWN: [&str; 3] =
    ["${aws:ResourceAccount}", "${aws:ResourceOrgID}", "${aws:ResourceOrgPaths}"];

/// The widest ranges of addresses that count as a restriction: S3 takes wider ones as public,
/// private ranges excepted.
const WIDEST_V4: u8 = 8;
const WIDEST_V6: u8 = 32;

/// Whether `expected` matches some value that belongs to `account` or `organization`, or, without
/// them, to somebody whom the policy does not name. `wildcards`: the operator knows them.
pub(super) fn matches(
    expected: &str,
    wildcards: bool,
    account: Option<&str>,
    organization: Option<&str>,
) -> Truth {
    if OWN.iter().any(|own| expected.eq_ignore_ascii_case(own)) {
        return Truth::False;
    }
    if expected.contains("${") {
        return Truth::Unknown;
    }
    let open = |text: &str| wildcards && text.contains(['*', '?']);
    // Nobody else can have a bucket's name, whatever stands for its Region and account.
    if let Some(bucket) = bucket(expected) {
        return open(bucket).into();
    }
    match owner(expected) {
        // Its owner is spelt out: it is the party's own, or it is not.
        Some(owner) if !open(owner) => {
            if Some(owner) == account || Some(owner) == organization {
                Truth::Unknown
            } else {
                Truth::False
            }
        }
        _ => open(expected).into(),
    }
}

/// The resource part of an ARN of S3 that tells no account: that of a bucket.
fn bucket(value: &str) -> Option<&str> {
    let mut parts = value.strip_prefix("arn:")?.splitn(5, ':');
    let (service, _region) = (parts.nth(1)?, parts.next()?);
    let (account, resource) = (parts.next()?, parts.next()?);
    (service == "s3" && (account.is_empty() || account.contains(['*', '?']))).then_some(resource)
}

/// The part of a value that tells whose it is, if it has one: the account of an ARN, the
/// organization of a path, the unique id of a role in front of its session name.
fn owner(value: &str) -> Option<&str> {
    if value.starts_with("arn:") {
        return value.split(':').nth(4).filter(|account| !account.is_empty());
    }
    if let Some((organization, _)) = value.split_once('/') {
        return organization.starts_with("o-").then_some(organization);
    }
    let (id, _) = value.split_once(':')?;
    ["AROA", "AIDA", "AGPA"].iter().any(|prefix| id.starts_with(prefix)).then_some(id)
}

/// A range of addresses, or a single one.
pub(super) fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse().ok().map(|address: std::net::IpAddr| address.into()))
}

/// Whether ranges of addresses, taken together, leave in about everybody.
pub(super) fn is_broad(values: &[String]) -> bool {
    let networks: Vec<IpNet> = values.iter().filter_map(|value| network(value)).collect();
    if networks.len() < values.len() {
        // What cannot be read, or is only known in a request, restricts nobody for certain.
        return true;
    }
    let v4: Vec<Ipv4Net> = networks
        .iter()
        .filter_map(|network| match network {
            IpNet::V4(v4) if !is_private(*v4) => Some(*v4),
            _ => None,
        })
        .collect();
    // Many small ranges can be as wide as one large one.
    let addresses: u64 =
        Ipv4Net::aggregate(&v4).iter().map(|net| 1 << (32 - u32::from(net.prefix_len()))).sum();
    addresses > 1 << (32 - u32::from(WIDEST_V4))
        || networks.iter().any(|network| match network {
            IpNet::V6(v6) => v6.prefix_len() < WIDEST_V6,
            IpNet::V4(_) => false,
        })
}

/// Ranges of RFC 1918.
fn is_private(network: Ipv4Net) -> bool {
    let private = [([10, 0, 0, 0], 8), ([172, 16, 0, 0], 12), ([192, 168, 0, 0], 16)];
    private.into_iter().any(|(address, length)| {
        Ipv4Net::new(address.into(), length).is_ok_and(|range| range.contains(&network))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stranger(expected: &str) -> Truth {
        matches(expected, true, None, None)
    }

    #[test]
    fn what_is_spelt_out_is_not_a_strangers() {
        for fixed in [
            "o-a1b2c3d4e5",
            "111122223333",
            "vpce-0a1b2c3d",
            "arn:aws:s3:::reports",
            "arn:aws:s3:*:*:reports",
            "arn:aws:s3:*:111122223333:accesspoint/*",
            "arn:aws:sns:*:111122223333:*",
            "o-a1b2c3d4e5/r-ab12/*",
            "AROAEXAMPLE:*",
            "${aws:ResourceAccount}",
        ] {
            assert_eq!(stranger(fixed), Truth::False, "{fixed}");
        }
        for open in [
            "*",
            "o-*",
            "1111*",
            "vpce-*",
            "arn:aws:s3:::reports*",
            "arn:aws:sns:*:*:a",
            "o-*/r-ab12/*",
        ] {
            assert_eq!(stranger(open), Truth::True, "{open}");
        }
        assert_eq!(stranger("${aws:PrincipalTag/team}"), Truth::Unknown);
        // StringEquals knows no wildcards.
        assert_eq!(matches("*", false, None, None), Truth::False);
    }

    #[test]
    fn a_named_party_may_be_behind_its_own_values() {
        let party =
            |expected: &str| matches(expected, true, Some("444455556666"), Some("o-partner"));
        assert_eq!(party("arn:aws:iam::444455556666:role/batch"), Truth::Unknown);
        assert_eq!(party("arn:aws:iam::111122223333:role/batch"), Truth::False);
        assert_eq!(party("o-partner/r-1/*"), Truth::Unknown);
        assert_eq!(party("o-ours/r-1/*"), Truth::False);
    }

    #[test]
    fn the_internet_is_broad_however_it_is_split() {
        let broad = |ranges: &[&str]| {
            is_broad(&ranges.iter().map(|range| (*range).to_owned()).collect::<Vec<_>>())
        };
        assert!(broad(&["0.0.0.0/0"]));
        assert!(broad(&["0.0.0.0/1", "128.0.0.0/1"]));
        assert!(broad(&["203.0.113.0/24", "::/0"]));
        assert!(broad(&["2000::/3"]));
        assert!(broad(&["${aws:VpcSourceIp}"]));
        let halves: Vec<String> = (1..=200).map(|n| format!("{n}.0.0.0/9")).collect();
        assert!(is_broad(&halves));
        assert!(!broad(&["203.0.113.0/24", "198.51.100.7", "2001:db8::/32"]));
        assert!(!broad(&["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]));
        assert!(!broad(&["8.0.0.0/8"]));
    }
}
