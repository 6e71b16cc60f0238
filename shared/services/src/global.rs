//! Services that answer in one Region of a partition only.

use aws_types::SdkConfig;
use aws_types::region::Region;

/// The settings with the Region in which the partition's global services answer.
pub(crate) fn global(sdk: &SdkConfig) -> SdkConfig {
    let region = sdk.region().map_or("us-east-1", |region| match region.as_ref() {
        region if region.starts_with("cn-") => "cn-northwest-1",
        region if region.starts_with("us-gov-") => "us-gov-west-1",
        _ => "us-east-1",
    });
    sdk.to_builder().region(Region::new(region)).build()
}
