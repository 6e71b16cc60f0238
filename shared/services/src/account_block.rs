//! S3's block public access of a whole account.

use aws_sdk_s3control::Client;
use aws_types::SdkConfig;
use fisc_shared::Error;
use fisc_shared::bucket::PublicAccessBlock;
use fisc_shared::error::Call;

/// The IAM action of the call.
pub const GET_ACCOUNT_BLOCK: &str = "s3:GetAccountPublicAccessBlock";
/// What S3 answers when an account has no block.
const NO_BLOCK: &str = "NoSuchPublicAccessBlockConfiguration";

/// Asks S3.
#[derive(Debug, Clone)]
pub struct AccountBlock {
    client: Client,
}

impl AccountBlock {
    /// A client with the given settings.
    #[must_use]
    pub fn new(sdk: &SdkConfig) -> Self {
        Self { client: Client::new(sdk) }
    }

    /// The block of an account; one that never made any blocks nothing.
    ///
    /// # Errors
    /// When the call fails for another reason, or its answer holds no block.
    pub async fn of(&self, account: &str) -> Result<PublicAccessBlock, Error> {
        let answer = self.client.get_public_access_block().account_id(account).send().await;
        let answer = match answer.call(GET_ACCOUNT_BLOCK) {
            Ok(answer) => answer,
            Err(error) if error.is(NO_BLOCK) => return Ok(PublicAccessBlock::default()),
            Err(error) => return Err(error.into()),
        };
        let block = answer.public_access_block_configuration().ok_or_else(|| Error::Answer {
            action: GET_ACCOUNT_BLOCK,
            field: "PublicAccessBlockConfiguration".to_owned(),
        })?;
        Ok(PublicAccessBlock {
            block_acls: block.block_public_acls().unwrap_or(false),
            ignore_acls: block.ignore_public_acls().unwrap_or(false),
            block_policy: block.block_public_policy().unwrap_or(false),
            restrict_buckets: block.restrict_public_buckets().unwrap_or(false),
        })
    }
}
