//! Oracle: encryption by options of the option group.
//!
//! `NATIVE_NETWORK_ENCRYPTION` refuses plaintext only when the server requires it: its default,
//! REQUESTED, lets a client decline. `SSL` opens a second port for TLS beside the plain one, which
//! only a security group can close: it passes with a note. Source: RDS User Guide, "Oracle native
//! network encryption" and "Oracle Secure Sockets Layer", November 2026.

use aws_sdk_rds::types::OptionGroup;
use fisc_shared::verdict::Failures;
use fisc_shared::{Verdict, message};

use crate::data_service_tls::{DB_TLS_NOT_FORCED, TLS_OFFERED};

const NATIVE: &str = "NATIVE_NETWORK_ENCRYPTION";
const SERVER: &str = "SQLNET.ENCRYPTION_SERVER";

/// How the options of a group encrypt connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encryption {
    /// Plaintext is refused.
    Required,
    /// There is a port for TLS, besides the plain one.
    Port,
    /// The client decides.
    Requested,
    /// Neither option.
    Missing,
}

pub(super) fn encryption(group: &OptionGroup) -> Encryption {
    let find = |name: &str| group.options().iter().find(|one| one.option_name() == Some(name));
    let native = find(NATIVE).map(|native| {
        let mut settings = native.option_settings().iter();
        let server = settings.find(|setting| setting.name() == Some(SERVER));
        server.and_then(|setting| setting.value()).unwrap_or_default()
    });
    match native {
        Some(server) if server.eq_ignore_ascii_case("REQUIRED") => Encryption::Required,
        _ if find("SSL").is_some() => Encryption::Port,
        // REJECTED turns the option off.
        Some(server) if !server.eq_ignore_ascii_case("REJECTED") => Encryption::Requested,
        _ => Encryption::Missing,
    }
}

/// The verdict on an instance with these option groups.
pub(super) fn decide(groups: &[(String, Encryption)]) -> Verdict {
    let mut failures = Failures::new();
    let mut notes = Vec::new();
    for (name, encryption) in groups {
        match encryption {
            Encryption::Required => {}
            Encryption::Port => notes.push(TLS_OFFERED.reason()),
            Encryption::Requested => failures.because(
                &DB_TLS_NOT_FORCED,
                message!(
                    "{SERVER} of the option group {name} is not REQUIRED",
                    "オプショングループ {name} の {SERVER} が REQUIRED ではありません"
                ),
            ),
            Encryption::Missing => failures.because(
                &DB_TLS_NOT_FORCED,
                message!(
                    "The option group {name} has neither SSL nor {NATIVE}",
                    "オプショングループ {name} に SSL も {NATIVE} もありません"
                ),
            ),
        }
    }
    failures.into_verdict_with(notes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_service_tls::tests::told;
    use aws_sdk_rds::types::{Option as GroupOption, OptionSetting};

    fn group(options: &[(&str, &[(&str, &str)])]) -> OptionGroup {
        let option = |(name, settings): &(&str, &[(&str, &str)])| {
            let settings = settings
                .iter()
                .map(|(name, value)| OptionSetting::builder().name(*name).value(*value).build());
            let settings = settings.collect();
            GroupOption::builder().option_name(*name).set_option_settings(Some(settings)).build()
        };
        OptionGroup::builder().set_options(Some(options.iter().map(option).collect())).build()
    }

    #[test]
    fn plaintext_is_refused_only_where_encryption_is_required() {
        let server = |value: &'static str| [(SERVER, value)];
        for (options, expected) in [
            (vec![], Encryption::Missing),
            (vec![("STATSPACK", &[][..])], Encryption::Missing),
            (vec![(NATIVE, &server("REQUIRED")[..])], Encryption::Required),
            (vec![(NATIVE, &server("required")[..])], Encryption::Required),
            (vec![(NATIVE, &server("REQUESTED")[..])], Encryption::Requested),
            (vec![(NATIVE, &server("ACCEPTED")[..])], Encryption::Requested),
            // REQUESTED is the default.
            (vec![(NATIVE, &[][..])], Encryption::Requested),
            (vec![(NATIVE, &server("REJECTED")[..])], Encryption::Missing),
            (
                vec![(NATIVE, &[("SQLNET.CRYPTO_CHECKSUM_SERVER", "REQUIRED")][..])],
                Encryption::Requested,
            ),
            (vec![("SSL", &[("SQLNET.SSL_VERSION", "1.2")][..])], Encryption::Port),
            (vec![("SSL", &[][..]), (NATIVE, &server("REQUESTED")[..])], Encryption::Port),
            (vec![("SSL", &[][..]), (NATIVE, &server("REQUIRED")[..])], Encryption::Required),
        ] {
            assert_eq!(encryption(&group(&options)), expected, "{options:?}");
        }
    }

    #[test]
    fn every_option_group_counts() {
        let named = |one: Encryption| ("og".to_owned(), one);
        let verdict = decide(&[named(Encryption::Required)]);
        assert_eq!(verdict, Verdict::compliant());
        let verdict = decide(&[named(Encryption::Port)]);
        assert!(matches!(verdict, Verdict::Compliant(_)));
        assert_eq!(verdict.reasons()[0].code, "TLS_OFFERED");
        for (one, message) in [
            (
                Encryption::Requested,
                "SQLNET.ENCRYPTION_SERVER of the option group og is not REQUIRED",
            ),
            (
                Encryption::Missing,
                "The option group og has neither SSL nor NATIVE_NETWORK_ENCRYPTION",
            ),
        ] {
            let verdict = decide(&[named(Encryption::Required), named(one)]);
            assert_eq!(told(&verdict), [format!("DB_TLS_NOT_FORCED: {message}")]);
        }
    }
}
