//! The account and Region that findings are imported for.

use fisc_shared::asff;
use fisc_shared::text::brief;

use crate::message::{Change, MessageError};

/// The account and Region that the function runs in. Security Hub takes findings only from the
/// account that they are about; for another one it answers with a misleading denial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The account.
    pub account_id: String,
    /// The Region.
    pub region: String,
}

impl Owner {
    /// Out of the ARN that Lambda gives with every event: it names the account of the function's
    /// role, whose credentials are used. No AWS call is needed for that.
    ///
    /// # Errors
    /// When it is no ARN of a Lambda function.
    pub fn of_function(arn: &str) -> Result<Self, fisc_shared::Error> {
        let parts: Vec<&str> = arn.split(':').collect();
        match parts.as_slice() {
            ["arn", _, "lambda", region, account_id, "function", ..]
                if !region.is_empty() && !account_id.is_empty() =>
            {
                Ok(Self { account_id: (*account_id).to_owned(), region: (*region).to_owned() })
            }
            _ => Err(fisc_shared::Error::Environment(format!(
                "the invoked function's ARN, which names the account, is {arn:?}"
            ))),
        }
    }

    /// The product under which the account imports findings of its own.
    #[must_use]
    pub fn product_arn(&self) -> String {
        asff::product_arn(&self.account_id, &self.region)
    }

    /// # Errors
    /// When the change is of another account or Region.
    pub(crate) fn admit(&self, change: &Change) -> Result<(), MessageError> {
        for (field, found, own) in [
            ("detail.awsAccountId", &change.account_id, &self.account_id),
            ("detail.awsRegion", &change.region, &self.region),
        ] {
            if found != own {
                let (found, own) = (brief(found), own.clone());
                return Err(MessageError::Foreign { field, found, own });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_arn_names_the_owner() {
        let arn = "arn:aws-cn:lambda:cn-north-1:111122223333:function:fisc-findings:live";
        let owner = Owner::of_function(arn).unwrap();
        assert_eq!(
            owner.product_arn(),
            "arn:aws-cn:securityhub:cn-north-1:111122223333:product/111122223333/default"
        );
        for wrong in ["", "arn:aws:lambda:::function:x", "arn:aws:sqs:r:1:q"] {
            assert!(Owner::of_function(wrong).is_err(), "{wrong}");
        }
    }
}
