//! Events that an alert must catch, as AWS sends them.
//!
//! An alert is judged by whether it catches these, however its pattern is written. Several
//! samples of one kind differ in what must not matter, so that an alert for one finding type or
//! one rule is not taken for an alert on all of them.

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

    /// What GuardDuty finds when the root user is used.
    pub(super) fn root_finding(&self) -> Vec<Sample> {
        vec![self.guard_duty("Policy:IAMUser/RootCredentialUsage", "AccessKey", 2.0)]
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

    fn guard_duty(&self, kind: &str, resource: &str, severity: f64) -> Sample {
        let partition = partition(self.region);
        let (account, region) = (self.account, self.region);
        let detail = json!({
            "schemaVersion": "2.0",
            "accountId": account,
            "region": region,
            "partition": partition,
            "id": "16afba5c5c43e07c9e3e5e2e544e95df",
            "arn": format!("arn:{partition}:guardduty:{region}:{account}:detector/d1/finding/f1"),
            "type": kind,
            "resource": {"resourceType": resource},
            "service": {
                "serviceName": "guardduty",
                "detectorId": "d1",
                "archived": false,
                "count": 1,
                "eventFirstSeen": "2026-11-02T03:04:05Z",
                "eventLastSeen": "2026-11-02T03:04:05Z"
            },
            "severity": severity,
            "createdAt": "2026-11-02T03:04:05Z",
            "updatedAt": "2026-11-02T03:04:05Z",
            "title": "A finding",
            "description": "A finding"
        });
        self.event(
            &format!("GuardDuty severity {severity}"),
            region,
            "aws.guardduty",
            "GuardDuty Finding",
            detail,
        )
    }

    /// Findings of this severity and above, up to those on attack sequences.
    pub(super) fn guard_duty_from(&self, lowest: i64) -> Vec<Sample> {
        const KINDS: [(&str, &str); 3] = [
            ("Recon:EC2/Portscan", "Instance"),
            ("UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom", "AccessKey"),
            ("Exfiltration:S3/AnomalousBehavior", "S3Bucket"),
        ];
        let severities = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
        let from = severities.into_iter().filter(|one| *one >= lowest as f64);
        let usual =
            from.flat_map(|one| KINDS.map(|(kind, resource)| self.guard_duty(kind, resource, one)));
        usual
            .chain([self.guard_duty(
                "AttackSequence:IAM/CompromisedCredentials",
                "AttackSequence",
                9.0,
            )])
            .collect()
    }

    fn imported(&self, name: &str, product: (&str, &str), change: Value) -> Sample {
        let partition = partition(self.region);
        let (account, region, (path, product)) = (self.account, self.region, product);
        let mut finding = json!({
            "SchemaVersion": "2018-10-08",
            "Id": format!("arn:{partition}:securityhub:{region}:{account}:finding/f1"),
            "ProductArn": format!("arn:{partition}:securityhub:{region}::product/aws/{path}"),
            "ProductName": product,
            "CompanyName": "AWS",
            "Region": region,
            "GeneratorId": "security-control/S3.8",
            "AwsAccountId": account,
            "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
            "CreatedAt": "2026-11-02T03:04:05.678Z",
            "UpdatedAt": "2026-11-02T03:04:05.678Z",
            "Severity": {"Label": "HIGH", "Normalized": 70, "Original": "HIGH"},
            "Title": "A finding",
            "Description": "A finding",
            "ProductFields": {
                "aws/securityhub/ProductName": product,
                "aws/securityhub/CompanyName": "AWS"
            },
            "Resources": [{"Type": "AwsS3Bucket", "Id": "arn:aws:s3:::a", "Region": region}],
            "WorkflowState": "NEW",
            "Workflow": {"Status": "NEW"},
            "RecordState": "ACTIVE"
        });
        if let Value::Object(change) = change {
            change.into_iter().for_each(|(key, value)| set(&mut finding, &key, value));
        }
        self.event(
            name,
            region,
            "aws.securityhub",
            "Security Hub Findings - Imported",
            json!({"findings": [finding]}),
        )
    }

    fn severity(label: &str) -> Value {
        let normalized = match label {
            "CRITICAL" => 90,
            "HIGH" => 70,
            "MEDIUM" => 40,
            "LOW" => 1,
            _ => 0,
        };
        json!({"Label": label, "Normalized": normalized, "Original": label})
    }

    /// Failed controls of Security Hub, high and critical.
    pub(super) fn failed_controls(&self) -> Vec<Sample> {
        [("HIGH", "S3.8", "AwsS3Bucket"), ("CRITICAL", "IAM.4", "AwsAccount")]
            .map(|(label, control, resource)| {
                let change = json!({
                    "GeneratorId": format!("security-control/{control}"),
                    "Severity": Self::severity(label),
                    "Compliance": {"Status": "FAILED", "SecurityControlId": control},
                    "Resources": [{"Type": resource, "Id": "r1", "Region": self.region}]
                });
                let name = format!("Security Hub {label}");
                self.imported(&name, ("securityhub", "Security Hub"), change)
            })
            .to_vec()
    }

    /// The same in the newer Security Hub, which writes OCSF.
    pub(super) fn failed_controls_v2(&self) -> Vec<Sample> {
        [("High", 4, "S3.8"), ("Critical", 5, "IAM.4")]
            .map(|(label, severity, control)| {
                let finding = json!({
                    "activity_id": 1,
                    "activity_name": "Create",
                    "category_name": "Findings",
                    "category_uid": 2,
                    "class_name": "Compliance Finding",
                    "class_uid": 2003,
                    "cloud": {
                        "account": {"type": "AWS Account", "uid": self.account},
                        "provider": "AWS",
                        "region": self.region
                    },
                    "compliance": {"control": control, "status": "Fail", "status_id": 3},
                    "finding_info": {"title": "A finding", "uid": "f1"},
                    "metadata": {"product": {"name": "Security Hub", "vendor_name": "AWS"}},
                    "severity": label,
                    "severity_id": severity,
                    "status": "New",
                    "status_id": 1,
                    "type_uid": 200_301
                });
                self.event(
                    &format!("Security Hub {label}"),
                    self.region,
                    "aws.securityhub",
                    "Findings Imported V2",
                    json!({"findings": [finding]}),
                )
            })
            .to_vec()
    }

    /// GuardDuty's findings as Security Hub imports them.
    pub(super) fn imported_guard_duty(&self, lowest: i64) -> Vec<Sample> {
        let labels = [("LOW", 3), ("MEDIUM", 6), ("HIGH", 8), ("CRITICAL", 10)];
        labels
            .into_iter()
            .filter(|(_, highest)| *highest >= lowest)
            .flat_map(|(label, _)| {
                ["Recon-EC2-Portscan", "Exfiltration-S3-AnomalousBehavior"].map(|generator| {
                    let change = json!({
                        "GeneratorId": generator,
                        "Severity": Self::severity(label),
                        "Types": ["TTPs/Discovery/Recon:EC2-Portscan"]
                    });
                    let name = format!("GuardDuty {label} in Security Hub");
                    self.imported(&name, ("guardduty", "GuardDuty"), change)
                })
            })
            .collect()
    }

    /// A rule of AWS Config that a resource starts to violate.
    pub(super) fn violations(&self) -> Vec<Sample> {
        [
            ("s3-bucket-ssl-requests-only", "AWS::S3::Bucket", json!("COMPLIANT")),
            ("OrgConfigRule-mfa-enabled-ab12cd34", "AWS::IAM::User", Value::Null),
        ]
        .map(|(rule, resource, before)| {
            let result = |compliance: &Value| {
                json!({
                    "evaluationResultIdentifier": {
                        "evaluationResultQualifier": {
                            "configRuleName": rule,
                            "resourceType": resource,
                            "resourceId": "r1"
                        },
                        "orderingTimestamp": "2026-11-02T03:04:05.678Z"
                    },
                    "complianceType": compliance,
                    "resultRecordedTime": "2026-11-02T03:04:05.678Z",
                    "configRuleInvokedTime": "2026-11-02T03:04:05.678Z"
                })
            };
            let mut detail = json!({
                "resourceId": "r1",
                "resourceType": resource,
                "awsRegion": self.region,
                "awsAccountId": self.account,
                "configRuleName": rule,
                "configRuleARN": format!(
                    "arn:{}:config:{}:{}:config-rule/config-rule-abcdef",
                    partition(self.region), self.region, self.account
                ),
                "recordVersion": "1.0",
                "messageType": "ComplianceChangeNotification",
                "newEvaluationResult": result(&json!("NON_COMPLIANT")),
                "notificationCreationTime": "2026-11-02T03:04:05.678Z"
            });
            let name = if before.is_null() {
                "a new resource violates a rule"
            } else {
                set(&mut detail, "oldEvaluationResult", result(&before));
                "a resource starts to violate a rule"
            };
            self.event(name, self.region, "aws.config", "Config Rules Compliance Change", detail)
        })
        .to_vec()
    }

    /// The same as Security Hub imports it from AWS Config.
    pub(super) fn imported_violations(&self) -> Vec<Sample> {
        ["s3-bucket-ssl-requests-only", "mfa-enabled"]
            .map(|rule| {
                let change = json!({
                    "GeneratorId": format!("config-rule/{rule}"),
                    "Title": rule,
                    "Severity": Self::severity("MEDIUM"),
                    "Compliance": {"Status": "FAILED"}
                });
                self.imported("AWS Config in Security Hub", ("config", "Config"), change)
            })
            .to_vec()
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
