//! Findings of GuardDuty, Security Hub and rules of AWS Config.

use fisc_shared::resource::partition;
use serde_json::{Value, json};

use super::{Sample, Samples, set};

impl Samples<'_> {
    /// What GuardDuty finds when the root user is used.
    pub(in super::super) fn root_finding(&self) -> Vec<Sample> {
        vec![self.guard_duty("Policy:IAMUser/RootCredentialUsage", "AccessKey", 2.0)]
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
    pub(in super::super) fn guard_duty_from(&self, lowest: i64) -> Vec<Sample> {
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
    pub(in super::super) fn failed_controls(&self) -> Vec<Sample> {
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
    pub(in super::super) fn failed_controls_v2(&self) -> Vec<Sample> {
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
    pub(in super::super) fn imported_guard_duty(&self, lowest: i64) -> Vec<Sample> {
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
    pub(in super::super) fn violations(&self) -> Vec<Sample> {
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
    pub(in super::super) fn imported_violations(&self) -> Vec<Sample> {
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
}
