//! What reading a credential report must stand: user names are in it, which their owners choose.

use fisc_hostile::clear;

use super::CredentialReport;

/// The bytes as a credential report, of which everything is read.
///
/// # Panics
/// When a property is broken.
pub(crate) fn credential_report(data: &[u8]) {
    let Some(report) = clear(CredentialReport::parse(data, None)) else { return };
    for row in report.users().chain(report.root()) {
        clear(row.password());
        clear(row.active_keys());
        clear(row.created());
        clear(row.last_used());
        let known = (row.has_mfa(), row.has_password(), row.has_active_key());
        assert_eq!(known, (row.has_mfa(), row.has_password(), row.has_active_key()));
        clear::<(), _>(Err(row.missing("a_column")));
    }
}

#[cfg(test)]
mod tests {
    use fisc_hostile::{Bytes, attack, bounded, inputs};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reports_stand_monsters() {
        attack("credential_report", credential_report);
    }

    proptest! {
        #[test]
        fn bent_reports_are_read_or_refused(Bytes(input) in inputs("credential_report")) {
            bounded(&input, credential_report);
        }
    }
}
