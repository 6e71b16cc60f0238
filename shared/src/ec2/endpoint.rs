//! Where EC2's API is, by the rules of the SDK.

use aws_types::SdkConfig;
use aws_types::region::Region;
use aws_types::service_config::ServiceConfigKey;

/// The URL of the API in a Region.
pub(super) fn url(config: &SdkConfig, region: &Region) -> String {
    let region = region.as_ref();
    custom(config).unwrap_or_else(|| {
        let partition = Partition::of(region);
        let fips = config.use_fips() == Some(true);
        let host = if fips && !partition.fips_by_default { "ec2-fips" } else { "ec2" };
        let suffix = if config.use_dual_stack() == Some(true) {
            partition.dual_stack_suffix
        } else {
            partition.suffix
        };
        format!("https://{host}.{region}.{suffix}")
    })
}

/// The URL that code, `AWS_ENDPOINT_URL_EC2`, `AWS_ENDPOINT_URL` or a profile sets.
fn custom(config: &SdkConfig) -> Option<String> {
    let general = || config.endpoint_url().map(str::to_owned);
    if config.get_origin("endpoint_url").is_client_config() {
        return general();
    }
    let key = ServiceConfigKey::builder()
        .service_id("EC2")
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok()?;
    config.service_config().and_then(|service| service.load_config(key)).or_else(general)
}

struct Partition {
    prefix: &'static str,
    suffix: &'static str,
    dual_stack_suffix: &'static str,
    /// The ordinary endpoints are FIPS endpoints.
    fips_by_default: bool,
}

const fn partition(
    prefix: &'static str,
    suffix: &'static str,
    dual_stack_suffix: &'static str,
) -> Partition {
    Partition { prefix, suffix, dual_stack_suffix, fips_by_default: false }
}

const AWS: Partition = partition("", "amazonaws.com", "api.aws");

const OTHERS: [Partition; 7] = [
    partition("cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"),
    partition("eusc-", "amazonaws.eu", "api.amazonwebservices.eu"),
    partition("us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    partition("us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    partition("eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
    partition("us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
    Partition { prefix: "us-gov-", fips_by_default: true, ..AWS },
];

impl Partition {
    fn of(region: &str) -> &'static Self {
        OTHERS.iter().find(|other| region.starts_with(other.prefix)).unwrap_or(&AWS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(
        region: &'static str,
        change: impl FnOnce(&mut aws_types::sdk_config::Builder),
    ) -> String {
        let mut builder = SdkConfig::builder();
        change(&mut builder);
        url(&builder.build(), &Region::from_static(region))
    }

    #[test]
    fn the_endpoint_is_the_regions() {
        for (region, expected) in [
            ("ap-northeast-1", "https://ec2.ap-northeast-1.amazonaws.com"),
            ("ap-northeast-3", "https://ec2.ap-northeast-3.amazonaws.com"),
            ("us-gov-west-1", "https://ec2.us-gov-west-1.amazonaws.com"),
            ("cn-north-1", "https://ec2.cn-north-1.amazonaws.com.cn"),
            ("eusc-de-east-1", "https://ec2.eusc-de-east-1.amazonaws.eu"),
            ("us-isob-east-1", "https://ec2.us-isob-east-1.sc2s.sgov.gov"),
        ] {
            assert_eq!(of(region, |_| {}), expected);
        }
    }

    #[test]
    fn fips_and_dual_stack_have_their_own() {
        let fips = |builder: &mut aws_types::sdk_config::Builder| {
            builder.set_use_fips(Some(true));
        };
        let dual = |builder: &mut aws_types::sdk_config::Builder| {
            builder.set_use_dual_stack(Some(true));
        };
        assert_eq!(of("us-east-1", fips), "https://ec2-fips.us-east-1.amazonaws.com");
        assert_eq!(of("us-gov-west-1", fips), "https://ec2.us-gov-west-1.amazonaws.com");
        assert_eq!(of("ap-northeast-1", dual), "https://ec2.ap-northeast-1.api.aws");
    }

    #[test]
    fn a_url_of_the_settings_wins() {
        let url = of("ap-northeast-1", |builder| {
            builder.set_use_fips(Some(true));
            builder.set_endpoint_url(Some("http://localhost:4566".to_owned()));
        });
        assert_eq!(url, "http://localhost:4566");
    }

    #[test]
    fn a_url_for_ec2_alone_wins_over_the_general_one() {
        #[derive(Debug)]
        struct Profile;
        impl aws_types::service_config::LoadServiceConfig for Profile {
            fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
                (key.service_id() == "EC2").then(|| "http://ec2.example".to_owned())
            }
        }
        let general = Some("http://general.example".to_owned());
        let url = of("ap-northeast-1", |builder| {
            builder.set_service_config(Some(Profile));
            builder.set_endpoint_url(general.clone());
            builder.insert_origin(
                "endpoint_url",
                aws_types::origin::Origin::shared_environment_variable(),
            );
        });
        assert_eq!(url, "http://ec2.example");
        let in_code = of("ap-northeast-1", |builder| {
            builder.set_service_config(Some(Profile));
            builder.set_endpoint_url(general.clone());
            builder.insert_origin("endpoint_url", aws_types::origin::Origin::shared_config());
        });
        assert_eq!(in_code, "http://general.example");
    }
}
