//! The parameters of the control, besides those of [`fisc_shared::policy::Trust`].

use fisc_shared::Text;
use fisc_shared::parameter::Param;

pub(super) const VENDOR_ACCOUNT_IDS: Param<Vec<String>> = Param::list(
    "vendorAccountIds",
    &[],
    Text::new(
        "Accounts of vendors, which may be admitted with an external id",
        "外部 ID を条件に許可してよい委託先のアカウントの ID",
    ),
);

pub(super) const APPROVED_PROVIDER_ARNS: Param<Vec<String>> = Param::list(
    "approvedProviderArns",
    &[],
    Text::new(
        "SAML and OIDC providers, by ARN or name, that are accepted (empty: any of this account)",
        "認める SAML・OIDC プロバイダーの ARN または名前(空なら自アカウントのすべて)",
    ),
);

pub(super) const REQUIRE_MFA_FOR_PEOPLE: Param<bool> = Param::flag(
    "requireMfaForPeople",
    false,
    Text::new(
        "Trust in users and in accounts as a whole must demand MFA",
        "ユーザーやアカウント全体への信頼に MFA を求める",
    ),
);
