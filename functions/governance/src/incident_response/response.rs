//! Whether a finding of GuardDuty starts a response by itself.

use std::collections::BTreeSet;

use aws_sdk_guardduty::types::DetectorStatus;
use aws_sdk_sfn::types::StateMachineStatus;
use aws_types::SdkConfig;
use fisc_services::Alerts;
use fisc_services::alerts::{DEFAULT_BUS, Liveness, Rule};
use fisc_services::regions::in_region;
use fisc_shared::error::Call;
use fisc_shared::resource::partition;
use fisc_shared::{Error, Run};
use serde_json::{Value, json};

pub(super) const LIST_DETECTORS: &str = "guardduty:ListDetectors";
pub(super) const GET_DETECTOR: &str = "guardduty:GetDetector";
pub(super) const DESCRIBE_STATE_MACHINE: &str = "states:DescribeStateMachine";
pub(super) const DESCRIBE_DOCUMENT: &str = "ssm:DescribeDocument";

/// What happens on a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Response {
    /// No rule catches it.
    Uncaught,
    /// A rule catches it, but starts nothing that responds: it notifies, or its target is gone.
    NotStarted { rule: String },
    /// A rule hands it to another account.
    Elsewhere { rule: String, account: String },
    /// A function, a workflow or an automation responds.
    Started { rule: String },
}

/// Finding types of every family, with the kind of resource that each is about: a rule may
/// respond to some of them only.
const KINDS: [(&str, &str); 34] = [
    ("AttackSequence:EKS/CompromisedCluster", "AttackSequence"),
    ("AttackSequence:IAM/CompromisedCredentials", "AttackSequence"),
    ("AttackSequence:S3/CompromisedData", "AttackSequence"),
    ("Backdoor:EC2/C&CActivity.B", "Instance"),
    ("Backdoor:EC2/C&CActivity.B!DNS", "Instance"),
    ("Backdoor:EC2/DenialOfService.Tcp", "Instance"),
    ("Backdoor:Lambda/C&CActivity.B", "Lambda"),
    ("Behavior:EC2/NetworkPortUnusual", "Instance"),
    ("CredentialAccess:IAMUser/AnomalousBehavior", "AccessKey"),
    ("CredentialAccess:RDS/AnomalousBehavior.SuccessfulLogin", "RDSDBInstance"),
    ("CryptoCurrency:EC2/BitcoinTool.B", "Instance"),
    ("CryptoCurrency:EC2/BitcoinTool.B!DNS", "Instance"),
    ("CryptoCurrency:Runtime/BitcoinTool.B", "Instance"),
    ("DefenseEvasion:IAMUser/AnomalousBehavior", "AccessKey"),
    ("Discovery:S3/MaliciousIPCaller", "S3Bucket"),
    ("Execution:Container/MaliciousFile", "Container"),
    ("Execution:EC2/MaliciousFile", "Instance"),
    ("Execution:Kubernetes/ExecInKubeSystemPod", "EKSCluster"),
    ("Execution:Runtime/ReverseShell", "Instance"),
    ("Exfiltration:S3/AnomalousBehavior", "S3Bucket"),
    ("Impact:EC2/MaliciousDomainRequest.Reputation", "Instance"),
    ("Impact:S3/AnomalousBehavior.Delete", "S3Bucket"),
    ("InitialAccess:IAMUser/AnomalousBehavior", "AccessKey"),
    ("Object:S3/MaliciousFile", "S3Object"),
    ("Persistence:IAMUser/AnomalousBehavior", "AccessKey"),
    ("Policy:S3/BucketBlockPublicAccessDisabled", "S3Bucket"),
    ("PrivilegeEscalation:Runtime/ContainerMountsHostDirectory", "Container"),
    ("Recon:EC2/PortProbeUnprotectedPort", "Instance"),
    ("Stealth:IAMUser/CloudTrailLoggingDisabled", "AccessKey"),
    ("Trojan:EC2/DNSDataExfiltration", "Instance"),
    ("UnauthorizedAccess:EC2/SSHBruteForce", "Instance"),
    ("UnauthorizedAccess:EC2/TorClient", "Instance"),
    ("UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS", "AccessKey"),
    ("UnauthorizedAccess:S3/MaliciousIPCaller.Custom", "S3Bucket"),
];

/// Findings of one severity, as GuardDuty sends them.
pub(super) fn findings(run: &Run<'_>, severity: i64) -> Vec<Value> {
    let (account, region, partition) = (run.account_id, run.region, partition(run.region));
    let arn = format!("arn:{partition}:guardduty:{region}:{account}:detector/d1/finding/f1");
    KINDS
        .iter()
        .map(|(kind, resource)| {
            json!({
                "version": "0",
                "id": "cd2d702e-ab31-411b-9344-793ce56b1bc7",
                "detail-type": "GuardDuty Finding",
                "source": "aws.guardduty",
                "account": account,
                "time": "2026-11-02T03:04:05Z",
                "region": region,
                "resources": [],
                "detail": {
                    "schemaVersion": "2.0", "accountId": account, "region": region,
                    "partition": partition, "id": "f1", "arn": arn, "type": kind,
                    "resource": {"resourceType": resource},
                    "service": {
                        "serviceName": "guardduty", "detectorId": "d1", "archived": false,
                        "count": 1, "eventFirstSeen": "2026-11-02T03:04:05Z",
                        "eventLastSeen": "2026-11-02T03:04:05Z", "resourceRole": "TARGET",
                    },
                    "severity": severity,
                    "createdAt": "2026-11-02T03:04:05Z", "updatedAt": "2026-11-02T03:04:05Z",
                    "title": "A finding", "description": "A finding",
                },
            })
        })
        .collect()
}

/// Asks GuardDuty, EventBridge, and the targets of its rules.
pub(super) struct Responses {
    sdk: SdkConfig,
    alerts: Alerts,
    guardduty: aws_sdk_guardduty::Client,
}

impl Responses {
    pub(super) fn new(sdk: &SdkConfig) -> Self {
        Self {
            sdk: sdk.clone(),
            alerts: Alerts::new(sdk),
            guardduty: aws_sdk_guardduty::Client::new(sdk),
        }
    }

    /// Whether GuardDuty finds anything in the Region.
    pub(super) async fn is_watched(&self) -> Result<bool, Error> {
        let mut pages = self.guardduty.list_detectors().into_paginator().items().send();
        let mut on = false;
        while let Some(id) = pages.next().await {
            let id = id.call(LIST_DETECTORS)?;
            let detector = self.guardduty.get_detector().detector_id(id).send().await;
            on |= detector.call(GET_DETECTOR)?.status == Some(DetectorStatus::Enabled);
        }
        Ok(on)
    }

    /// What happens on the best-handled of the findings. Rules that forward to another bus of the
    /// account are followed there.
    pub(super) async fn to(&self, findings: &[Value], account: &str) -> Result<Response, Error> {
        let mut best = Response::Uncaught;
        let mut undecided = None;
        let mut seen: BTreeSet<(String, String)> = BTreeSet::new();
        let mut waiting = vec![(self.alerts.region().to_owned(), DEFAULT_BUS.to_owned())];
        while let Some((region, bus)) = waiting.pop() {
            if !seen.insert((region.clone(), bus.clone())) {
                continue;
            }
            for rule in self.alerts.in_region(&region).rules_on(&bus).await? {
                match catches(&rule, findings) {
                    Ok(true) => {}
                    Ok(false) => continue,
                    Err(why) => {
                        undecided = undecided.or(Some(format!("rule {}: {why}", rule.name)));
                        continue;
                    }
                }
                best = best.max(Response::NotStarted { rule: rule.name.clone() });
                for target in &rule.targets {
                    match self.target(&target.arn, account).await? {
                        Liveness::Live | Liveness::Assumed => {
                            return Ok(Response::Started { rule: rule.name });
                        }
                        Liveness::Elsewhere { account } => {
                            let rule = rule.name.clone();
                            best = best.max(Response::Elsewhere { rule, account });
                        }
                        Liveness::Bus { region, name } => waiting.push((region, name)),
                        Liveness::Dead(_) => {}
                    }
                }
            }
        }
        match undecided {
            // What cannot be told is not taken for an answer.
            Some(why) if !matches!(best, Response::Elsewhere { .. }) => {
                Err(Error::Control(format!("cannot tell what starts a response: {why}")))
            }
            _ => Ok(best),
        }
    }

    /// Whether a target responds: a function, a workflow or an automation that exists. All that
    /// only notifies or records counts as dead.
    async fn target(&self, arn: &str, account: &str) -> Result<Liveness, Error> {
        use fisc_services::alerts::Dead::{FunctionGone, TellsNobody};

        let mut parts = arn.splitn(6, ':').skip(2);
        let mut part = || parts.next().unwrap_or_default();
        let (service, region, owner, resource) = (part(), part(), part(), part());
        let responds = match service {
            "lambda" | "states" => true,
            "ssm" => resource.starts_with("automation-definition/"),
            "events" => resource.starts_with("event-bus/"),
            _ => false,
        };
        if !responds {
            return Ok(Liveness::Dead(TellsNobody));
        }
        let own = owner.is_empty() || owner == account;
        let exists = match service {
            "states" if own => self.workflow_exists(region, arn).await?,
            "ssm" if own => self.automation_exists(region, resource).await?,
            _ => return self.alerts.live(arn, account).await,
        };
        Ok(if exists { Liveness::Live } else { Liveness::Dead(FunctionGone) })
    }

    async fn workflow_exists(&self, region: &str, arn: &str) -> Result<bool, Error> {
        let client = aws_sdk_sfn::Client::new(&in_region(&self.sdk, region));
        let answer =
            client.describe_state_machine().state_machine_arn(unqualified(arn)).send().await;
        match answer.call(DESCRIBE_STATE_MACHINE) {
            Ok(answer) => Ok(answer.status != Some(StateMachineStatus::Deleting)),
            Err(error) if error.is("StateMachineDoesNotExist") => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn automation_exists(&self, region: &str, resource: &str) -> Result<bool, Error> {
        let name = resource.split(['/', ':']).nth(1).unwrap_or_default();
        let client = aws_sdk_ssm::Client::new(&in_region(&self.sdk, region));
        match client.describe_document().name(name).send().await.call(DESCRIBE_DOCUMENT) {
            Ok(_) => Ok(true),
            Err(error) if error.is("InvalidDocument") => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// The ARN of a workflow without a version or an alias, which another call would tell about.
fn unqualified(arn: &str) -> &str {
    let end = arn.match_indices(':').nth(6).map_or(arn.len(), |(end, _)| end);
    arn.get(..end).unwrap_or(arn)
}

/// Whether a rule is on and catches one of the findings.
fn catches(rule: &Rule, findings: &[Value]) -> Result<bool, String> {
    for finding in findings {
        if rule.catches(finding).map_err(ToString::to_string)? {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use fisc_services::alerts::State;
    use fisc_shared::Parameters;
    use fisc_shared::pattern::EventPattern;

    use super::*;

    fn catches_at(pattern: &Value, severity: i64, state: State) -> bool {
        let parameters = Parameters::default();
        let run = Run {
            parameters: &parameters,
            now: jiff::Timestamp::UNIX_EPOCH,
            account_id: "111122223333",
            region: "ap-northeast-1",
            deadline: None,
            home: true,
            offline: false,
        };
        let rule = Rule {
            name: "r".to_owned(),
            state,
            pattern: EventPattern::parse(&pattern.to_string()),
            targets: Vec::new(),
        };
        catches(&rule, &findings(&run, severity)).unwrap()
    }

    #[test]
    fn a_workflow_is_asked_about_without_its_alias() {
        let arn = "arn:aws:states:ap-northeast-1:111122223333:stateMachine:contain";
        assert_eq!(unqualified(arn), arn);
        assert_eq!(unqualified(&format!("{arn}:live")), arn);
        assert_eq!(unqualified(&format!("{arn}:7")), arn);
    }

    #[test]
    fn rules_catch_findings_of_the_severity_that_must_be_answered() {
        let finding = |detail: Value| {
            json!({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"],
                   "detail": detail})
        };
        let caught = |pattern: &Value, severity| catches_at(pattern, severity, State::Enabled);
        assert!(caught(&json!({"source": ["aws.guardduty"]}), 7));
        assert!(!caught(&json!({"source": ["aws.securityhub"]}), 7));
        let from = |bound: i64| finding(json!({"severity": [{"numeric": [">=", bound]}]}));
        assert!(caught(&from(7), 7) && caught(&from(4), 7));
        assert!(!caught(&from(8), 7), "it starts above");
        assert!(caught(&finding(json!({"severity": [7, 7.5, 8, 8.0, 8.9]})), 7));
        // For some types only.
        assert!(caught(&finding(json!({"type": ["UnauthorizedAccess:EC2/SSHBruteForce"]})), 7));
        assert!(caught(&finding(json!({"type": [{"prefix": "CryptoCurrency:EC2/"}]})), 7));
        assert!(caught(&finding(json!({"resource": {"resourceType": ["AccessKey"]}})), 7));
        // A rule for the finding types of another service.
        assert!(!caught(&finding(json!({"type": ["Something:Else/Entirely"]})), 7));
        assert!(!catches_at(&from(1), 7, State::Disabled));
    }
}
