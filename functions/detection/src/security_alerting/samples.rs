//! Events that an alert must catch, as AWS sends them.
//!
//! An alert is judged by whether it catches these, however its pattern is written. Several
//! samples of one kind differ in what must not matter, so that an alert for one finding type or
//! one rule is not taken for an alert on all of them.

mod findings;

use fisc_shared::Run;
use fisc_shared::resource::partition;
use serde_json::{Value, json};

/// An event that an alert must catch.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    /// What happens, for messages.
    pub(super) name: String,
    /// The Region in which it happens.
    pub(super) region: String,
    /// The event on the bus.
    pub(super) event: Value,
    /// It comes from CloudTrail, so that trails record it too.
    pub(super) trail: bool,
}

impl Sample {
    /// What CloudTrail writes to a log group.
    pub(super) fn record(&self) -> Option<String> {
        self.event.get("detail").filter(|_| self.trail).map(Value::to_string)
    }
}

/// The Region in which the root user signs in and global services are recorded.
pub(super) fn global_region(region: &str) -> &'static str {
    match partition(region) {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    }
}

/// Makes samples for one account and Region.
pub(super) struct Samples<'a> {
    account: &'a str,
    region: &'a str,
}

const NETWORK_CHANGES: [(&str, &str, &[&str]); 5] = [
    ("vpc", "AWS::EC2::VPC", &["CreateVpc", "DeleteVpc", "AcceptVpcPeeringConnection"]),
    (
        "route-table",
        "AWS::EC2::RouteTable",
        &["CreateRoute", "ReplaceRoute", "DeleteRoute", "ReplaceRouteTableAssociation"],
    ),
    ("gateway", "AWS::EC2::InternetGateway", &["AttachInternetGateway", "DetachInternetGateway"]),
    (
        "nacl",
        "AWS::EC2::NetworkAcl",
        &["CreateNetworkAclEntry", "ReplaceNetworkAclEntry", "DeleteNetworkAclEntry"],
    ),
    (
        "security-group",
        "AWS::EC2::SecurityGroup",
        &[
            "AuthorizeSecurityGroupIngress",
            "AuthorizeSecurityGroupEgress",
            "RevokeSecurityGroupIngress",
            "RevokeSecurityGroupEgress",
        ],
    ),
];

/// The classes of changes to networks.
pub(super) fn network_classes() -> impl Iterator<Item = &'static str> {
    NETWORK_CHANGES.iter().map(|(class, ..)| *class)
}

impl<'a> Samples<'a> {
    pub(super) const fn new(run: &Run<'a>) -> Self {
        Self { account: run.account_id, region: run.region }
    }

    fn event(&self, name: &str, region: &str, source: &str, kind: &str, detail: Value) -> Sample {
        Sample {
            name: name.to_owned(),
            region: region.to_owned(),
            event: json!({
                "version": "0",
                "id": "6f87d04b-9f74-4f04-a780-7acf4b0a9b38",
                "detail-type": kind,
                "source": source,
                "account": self.account,
                "time": "2026-11-02T03:04:05Z",
                "region": region,
                "resources": [],
                "detail": detail,
            }),
            trail: false,
        }
    }

    fn recorded(&self, name: &str, source: &str, kind: &str, detail: Value) -> Sample {
        let region = detail.get("awsRegion").and_then(Value::as_str).unwrap_or(self.region);
        let region = region.to_owned();
        Sample { trail: true, ..self.event(name, &region, source, kind, detail) }
    }

    fn identity(&self, kind: &str) -> Value {
        let (account, partition) = (self.account, partition(self.region));
        match kind {
            "Root" => json!({
                "type": "Root",
                "principalId": account,
                "arn": format!("arn:{partition}:iam::{account}:root"),
                "accountId": account,
                "accessKeyId": ""
            }),
            _ => json!({
                "type": "IAMUser",
                "principalId": "AIDACKCEVSQ6C2EXAMPLE",
                "arn": format!("arn:{partition}:iam::{account}:user/operator"),
                "accountId": account,
                "accessKeyId": "",
                "userName": "operator"
            }),
        }
    }

    fn sign_in(&self, name: &str, identity: &str, result: &str, mfa: &str) -> Sample {
        let mut detail = json!({
            "eventVersion": "1.08",
            "userIdentity": self.identity(identity),
            "eventTime": "2026-11-02T03:04:05Z",
            "eventSource": "signin.amazonaws.com",
            "eventName": "ConsoleLogin",
            "awsRegion": global_region(self.region),
            "sourceIPAddress": "203.0.113.64",
            "userAgent": "Mozilla/5.0",
            "requestParameters": null,
            "responseElements": {"ConsoleLogin": result},
            "additionalEventData": {
                "LoginTo": "https://console.aws.amazon.com/console/home",
                "MobileVersion": "No",
                "MFAUsed": mfa
            },
            "eventID": "3fcfb182-98f8-4744-bd45-10a395ab61cb",
            "readOnly": false,
            "eventType": "AwsConsoleSignIn",
            "managementEvent": true,
            "recipientAccountId": self.account,
            "eventCategory": "Management"
        });
        if result == "Failure" {
            set(&mut detail, "errorMessage", json!("Failed authentication"));
        }
        self.recorded(name, "aws.signin", "AWS Console Sign In via CloudTrail", detail)
    }

    fn call(
        &self,
        identity: &str,
        service: &str,
        name: &str,
        region: &str,
        change: Value,
    ) -> Sample {
        let mut detail = json!({
            "eventVersion": "1.10",
            "userIdentity": self.identity(identity),
            "eventTime": "2026-11-02T03:04:05Z",
            "eventSource": format!("{service}.amazonaws.com"),
            "eventName": name,
            "awsRegion": region,
            "sourceIPAddress": "203.0.113.64",
            "userAgent": "aws-cli/2.31.0",
            "requestParameters": {},
            "responseElements": null,
            "requestID": "4a3f1d4e-6a0b-4c2e-9f2a-5b7f2e6f1a11",
            "eventID": "8c3f1d4e-6a0b-4c2e-9f2a-5b7f2e6f1a22",
            "readOnly": false,
            "eventType": "AwsApiCall",
            "managementEvent": true,
            "recipientAccountId": self.account,
            "eventCategory": "Management"
        });
        if let Value::Object(change) = change {
            change.into_iter().for_each(|(key, value)| set(&mut detail, &key, value));
        }
        self.recorded(name, &format!("aws.{service}"), "AWS API Call via CloudTrail", detail)
    }

    /// Sign-ins of the root user.
    pub(super) fn root_sign_ins(&self) -> Vec<Sample> {
        vec![
            self.sign_in("root sign-in", "Root", "Success", "No"),
            self.sign_in("root sign-in with MFA", "Root", "Success", "Yes"),
        ]
    }

    /// What the root user does.
    pub(super) fn root_calls(&self) -> Vec<Sample> {
        let region = global_region(self.region);
        [("iam", "CreateUser"), ("organizations", "LeaveOrganization"), ("s3", "PutBucketPolicy")]
            .map(|(service, name)| self.call("Root", service, name, region, json!({})))
            .to_vec()
    }

    pub(super) fn failed_sign_ins(&self) -> Vec<Sample> {
        vec![
            self.sign_in("failed sign-in", "IAMUser", "Failure", "No"),
            self.sign_in("failed sign-in with MFA", "IAMUser", "Failure", "Yes"),
        ]
    }

    pub(super) fn sign_in_without_mfa(&self) -> Vec<Sample> {
        vec![self.sign_in("sign-in without MFA", "IAMUser", "Success", "No")]
    }

    pub(super) fn denied_calls(&self) -> Vec<Sample> {
        let denied = |service: &str, name: &str, code: &str, read_only: bool| {
            let message = "User is not authorized to perform this operation";
            let change = json!({"errorCode": code, "errorMessage": message, "readOnly": read_only});
            let sample = self.call("IAMUser", service, name, self.region, change);
            Sample { name: format!("{name} {code}"), ..sample }
        };
        vec![
            denied("ec2", "RunInstances", "Client.UnauthorizedOperation", false),
            denied("ec2", "DescribeInstances", "UnauthorizedOperation", true),
            denied("s3", "PutBucketPolicy", "AccessDenied", false),
            denied("kms", "DescribeKey", "AccessDeniedException", true),
        ]
    }

    /// Calls that change a network.
    pub(super) fn network_calls(&self, class: &str) -> Vec<Sample> {
        NETWORK_CHANGES
            .iter()
            .filter(|(name, ..)| *name == class)
            .flat_map(|(.., calls)| *calls)
            .map(|name| self.call("IAMUser", "ec2", name, self.region, json!({})))
            .collect()
    }

    /// What AWS Config tells of a changed network.
    pub(super) fn network_items(&self, class: &str) -> Vec<Sample> {
        let types = NETWORK_CHANGES.iter().filter(|(name, ..)| *name == class);
        types
            .flat_map(|(_, kind, _)| ["CREATE", "UPDATE", "DELETE"].map(|change| (*kind, change)))
            .map(|(kind, change)| {
                let status = match change {
                    "CREATE" => "ResourceDiscovered",
                    "DELETE" => "ResourceDeleted",
                    _ => "OK",
                };
                let detail = json!({
                    "recordVersion": "1.3",
                    "messageType": "ConfigurationItemChangeNotification",
                    "configurationItemDiff": {"changedProperties": {}, "changeType": change},
                    "notificationCreationTime": "2026-11-02T03:04:05.678Z",
                    "configurationItem": {
                        "awsAccountId": self.account,
                        "awsRegion": self.region,
                        "resourceType": kind,
                        "resourceId": "id-0123456789abcdef0",
                        "configurationItemStatus": status,
                        "configurationItemVersion": "1.3"
                    }
                });
                let name = format!("{kind} {change}");
                self.event(
                    &name,
                    self.region,
                    "aws.config",
                    "Config Configuration Item Change",
                    detail,
                )
            })
            .collect()
    }

    /// A file of flow logs arrives in a bucket.
    pub(super) fn object_created(&self, bucket: &str, prefix: &str) -> Sample {
        let (account, region) = (self.account, self.region);
        let key = format!("{prefix}AWSLogs/{account}/vpcflowlogs/{region}/2026/11/02/f.log.gz");
        let detail = json!({
            "version": "0",
            "bucket": {"name": bucket},
            "object": {"key": key, "size": 1024, "etag": "e", "sequencer": "00"},
            "request-id": "r1",
            "requester": "delivery.logs.amazonaws.com",
            "reason": "PutObject"
        });
        self.event("Object Created", region, "aws.s3", "Object Created", detail)
    }
}

fn set(value: &mut Value, key: &str, to: Value) {
    if let Value::Object(map) = value {
        map.insert(key.to_owned(), to);
    }
}
