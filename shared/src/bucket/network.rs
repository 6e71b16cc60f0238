//! To which networks a bucket policy ties requests.

use std::collections::BTreeSet;

use crate::policy::{
    Context, Effect, Ignoring, Known, PolicyDocument, PolicyError, Statement, Universe, covers,
};

/// What the policy of a bucket makes of requests by the networks that they come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Networks {
    /// The actions, of those asked about, that it leaves open to any network on some object.
    pub open: Vec<&'static str>,
    /// The VPC endpoints that it lets through.
    pub endpoints: BTreeSet<String>,
    /// The VPCs that it lets through.
    pub vpcs: BTreeSet<String>,
    /// The public addresses that it lets through.
    pub addresses: BTreeSet<String>,
}

/// Keys that tell through which network a request came. `aws:VpcSourceIp` is none of them: in a
/// VPC of their own, strangers have whatever private address they like.
const ENDPOINT: &str = "aws:sourcevpce";
const VPC: &str = "aws:sourcevpc";
const ADDRESS: &str = "aws:sourceip";

/// A request from elsewhere, by a person whom no policy names.
fn from_elsewhere() -> Context {
    let somewhere = [Known::Absent, Known::STRANGE];
    let no = [Known::Value("false".to_owned())];
    let context = Context::new()
        // Carve-outs: for services, and for principals by their name.
        .with("aws:PrincipalIsAWSService", &no)
        .with("aws:ViaAWSService", &no)
        .with("aws:PrincipalArn", &[Known::STRANGE])
        .with("aws:userid", &[Known::STRANGE])
        .with("aws:PrincipalServiceName", &[Known::Absent]);
    [ENDPOINT, VPC, ADDRESS].iter().fold(context, |context, key| context.with(key, &somewhere))
}

impl Networks {
    /// What a bucket's policy makes of these actions on its objects. Only Denies tie: those for
    /// every principal that surely hold for a request from elsewhere. Together they must cover an
    /// action on every object.
    ///
    /// # Errors
    /// When the patterns of the policy overlap in too many ways to decide.
    pub fn of(
        policy: &PolicyDocument,
        bucket: &str,
        actions: &[&'static str],
    ) -> Result<Self, PolicyError> {
        let elsewhere = from_elsewhere();
        let denies: Vec<&Statement> = policy
            .with_effect(Effect::Deny)
            .filter(|statement| statement.conditions.surely_hold(&elsewhere))
            .collect();
        let mut networks = Self::default();
        for &action in actions {
            let universe = Universe::new(action, &format!("arn:aws:s3:::{bucket}/?*"));
            if !covers(&denies, &universe, Ignoring::default())? {
                networks.open.push(action);
            }
        }
        for test in denies.iter().flat_map(|statement| &statement.conditions.tests) {
            let through = match test.key.as_str() {
                ENDPOINT => &mut networks.endpoints,
                VPC => &mut networks.vpcs,
                ADDRESS => &mut networks.addresses,
                _ => continue,
            };
            through.extend(test.values.iter().cloned());
        }
        Ok(networks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn networks(condition: &Value, action: &str) -> Networks {
        let policy = PolicyDocument::from_value(&json!({"Statement": {
            "Effect": "Deny", "Principal": "*", "Action": action,
            "Resource": "arn:aws:s3:::reports/*", "Condition": condition,
        }}))
        .unwrap();
        Networks::of(&policy, "reports", &["s3:GetObject", "s3:PutObject"]).unwrap()
    }

    #[test]
    fn denies_for_requests_from_elsewhere_tie() {
        let tied = networks(
            &json!({
                "StringNotEqualsIfExists": {"aws:SourceVpc": "vpc-1"},
                "StringNotEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]},
                "NotIpAddressIfExists": {"aws:SourceIp": "203.0.113.0/24"},
                "BoolIfExists": {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"},
            }),
            "s3:*",
        );
        assert_eq!(tied.open, [""; 0]);
        assert_eq!(tied.endpoints.iter().collect::<Vec<_>>(), ["vpce-1", "vpce-2"]);
        assert_eq!(tied.vpcs.iter().collect::<Vec<_>>(), ["vpc-1"]);
        assert_eq!(tied.addresses.iter().collect::<Vec<_>>(), ["203.0.113.0/24"]);
        assert_eq!(networks(&json!({}), "s3:GetObject").open, ["s3:PutObject"]);
    }

    #[test]
    fn what_strangers_can_choose_does_not_tie() {
        for condition in [
            json!({"NotIpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}),
            json!({"StringNotLike": {"aws:SourceVpce": "vpce-*"}}),
            json!({"StringNotLike": {"aws:SourceVpc": "*"}}),
            json!({"NotIpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
            json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1", "aws:PrincipalTag/team": "core"}}),
        ] {
            let open = networks(&condition, "s3:*").open;
            assert_eq!(open, ["s3:GetObject", "s3:PutObject"], "{condition}");
        }
    }
}
