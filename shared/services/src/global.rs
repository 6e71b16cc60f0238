//! Services that answer in one Region of a partition only.

use aws_types::SdkConfig;
use fisc_shared::resource::partition;

use crate::regions::in_region;

/// The settings for Organizations, account management, Cost Explorer, budgets and their like.
#[must_use]
pub fn global(sdk: &SdkConfig) -> SdkConfig {
    at(sdk, "cn-northwest-1")
}

/// The settings for AWS Support and usage reports, which in China are in the north.
#[must_use]
pub fn in_north(sdk: &SdkConfig) -> SdkConfig {
    at(sdk, "cn-north-1")
}

fn at(sdk: &SdkConfig, in_china: &str) -> SdkConfig {
    let region = match sdk.region().map_or("aws", |region| partition(region.as_ref())) {
        "aws-cn" => in_china,
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    };
    in_region(sdk, region)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_partition_has_its_own_region() {
        for (region, elsewhere, north) in [
            ("ap-northeast-1", "us-east-1", "us-east-1"),
            ("cn-north-1", "cn-northwest-1", "cn-north-1"),
            ("us-gov-east-1", "us-gov-west-1", "us-gov-west-1"),
        ] {
            let sdk = in_region(&SdkConfig::builder().build(), region);
            let name = |sdk: SdkConfig| sdk.region().map(ToString::to_string);
            assert_eq!(name(global(&sdk)).as_deref(), Some(elsewhere));
            assert_eq!(name(in_north(&sdk)).as_deref(), Some(north));
        }
    }
}
