//! The managed policies that an item of IAM lists: only their names and ARNs are there.

use fisc_shared::item::{Fields, ItemError};

/// Everything, everywhere.
pub(crate) const ADMINISTRATOR: &str = "AdministratorAccess";

/// The ARNs of the managed policies attached to a user, a group or a role.
pub(crate) fn attached<'a>(configuration: &Fields<'a>) -> Result<Vec<&'a str>, ItemError> {
    const LIST: &str = "attachedManagedPolicies";
    let list = configuration.list(LIST)?.ok_or_else(|| configuration.missing(LIST))?;
    list.iter()
        .map(|policy| policy.text("policyArn")?.ok_or_else(|| policy.missing("policyArn")))
        .collect()
}

/// The name of a policy that AWS manages, below its path if it has one; `None` for a customer's
/// policy, whatever its name is.
pub(crate) fn aws_managed(arn: &str) -> Option<&str> {
    let rest = arn.strip_prefix("arn:")?;
    let (_, rest) = rest.split_once(':')?;
    rest.strip_prefix("iam::aws:policy/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_owner_aws_makes_a_policy_managed_by_aws() {
        for (arn, expected) in [
            ("arn:aws:iam::aws:policy/AdministratorAccess", Some("AdministratorAccess")),
            ("arn:aws-cn:iam::aws:policy/IAMFullAccess", Some("IAMFullAccess")),
            (
                "arn:aws:iam::aws:policy/service-role/AWS_ConfigRole",
                Some("service-role/AWS_ConfigRole"),
            ),
            ("arn:aws:iam::111122223333:policy/AdministratorAccess", None),
            ("AdministratorAccess", None),
        ] {
            assert_eq!(aws_managed(arn), expected, "{arn}");
        }
    }
}
