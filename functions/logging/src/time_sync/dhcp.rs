//! The NTP servers that DHCP options name.
//!
//! The item of DHCP options has PascalCase names, unlike most of EC2. Options that are not set are
//! absent: a set without NTP servers leaves hosts with the source of their image, which is the
//! Time Sync Service for those of Amazon.

use std::net::IpAddr;

use fisc_shared::item::required::text;
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, Error, Message, Run, Verdict, message};

use super::{
    ALLOWED_NTP_SERVERS, NTP_NOT_SET, NTP_SERVER_NOT_APPROVED, OPTIONS_NOT_USED,
    REQUIRE_EXPLICIT_NTP,
};

/// Whether a VPC uses the options is asked; where nobody can be asked, they count as used.
pub(super) fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if run.offline { judge(item, true, run).map(Some) } else { Ok(None) }
}

/// The verdict on a set of DHCP options that some VPC uses, or none.
pub(super) fn judge(item: &ConfigurationItem, used: bool, run: &Run<'_>) -> Result<Verdict, Error> {
    let servers = servers(&item.configuration()?)?;
    if !used {
        return Ok(Verdict::not_applicable(&OPTIONS_NOT_USED));
    }
    let mut failures = Failures::new();
    let allowed = run.parameters.get(&ALLOWED_NTP_SERVERS);
    let others: Vec<&String> = servers
        .iter()
        .filter(|server| !allowed.iter().any(|allowed| same(allowed, server)))
        .collect();
    if !others.is_empty() {
        let Message { en, ja } = Message::named(&others);
        failures.because(
            &NTP_SERVER_NOT_APPROVED,
            message!(
                "NTP servers that were not approved: {en}",
                "承認されていない NTP サーバー: {ja}"
            ),
        );
    }
    if servers.is_empty() && run.parameters.get(&REQUIRE_EXPLICIT_NTP) {
        failures.add(&NTP_NOT_SET);
    }
    Ok(failures.into_verdict())
}

fn servers(options: &Fields<'_>) -> Result<Vec<String>, ItemError> {
    // An item that holds nothing must not pass for options without NTP servers.
    text(options, "DhcpOptionsId")?;
    let servers = options.list("NtpServers")?.unwrap_or_default();
    servers.iter().map(|server| server.as_text().map(|text| text.trim().to_owned())).collect()
}

/// Whether two texts name one server: an IPv6 address has many spellings.
fn same(one: &str, two: &str) -> bool {
    match (one.trim().parse::<IpAddr>(), two.parse::<IpAddr>()) {
        (Ok(one), Ok(two)) => one == two,
        _ => one.trim().eq_ignore_ascii_case(two),
    }
}
