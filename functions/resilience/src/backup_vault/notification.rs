//! Who is told of failed jobs.

use fisc_services::alerts::{Liveness, Reach, Routes};
use fisc_shared::item::ItemError;
use fisc_shared::resource::partition;
use fisc_shared::{ConfigurationItem, Error, Run};
use serde_json::{Value, json};

use super::REQUIRED_EVENTS;

/// Resource types of the sample events: a rule that is interested in some types only is likely to
/// name one of them.
const TYPES: [&str; 6] = ["EBS", "EC2", "RDS", "Aurora", "DynamoDB", "EFS"];

/// The notifications of a vault: its topic, and the events that it is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Notifications {
    topic: Option<String>,
    events: Vec<String>,
}

impl Notifications {
    /// A vault without notifications has no such part.
    pub(super) fn of(item: &ConfigurationItem) -> Result<Self, ItemError> {
        let Some(part) = item.configuration()?.at("Notifications")? else {
            return Ok(Self::default());
        };
        let events = part.list("BackupVaultEvents")?.unwrap_or_default();
        let events = events.iter().map(|event| event.as_text().map(str::to_owned));
        Ok(Self {
            topic: part.text("SNSTopicArn")?.map(str::to_owned),
            events: events.collect::<Result<_, _>>()?,
        })
    }

    fn tell(&self, event: &str) -> bool {
        // The older events of completed jobs carry failures, too.
        let older = match event {
            "BACKUP_JOB_FAILED" => "BACKUP_JOB_COMPLETED",
            "RESTORE_JOB_FAILED" => "RESTORE_JOB_COMPLETED",
            other => other,
        };
        self.events.iter().any(|one| one == event || one == older)
    }

    /// The required events of which nobody is told.
    pub(super) async fn untold(
        &self,
        vault: &str,
        routes: &Routes,
        run: &Run<'_>,
    ) -> Result<Vec<String>, Error> {
        let live = match &self.topic {
            Some(topic) => !matches!(routes.live(topic).await?, Liveness::Dead(_)),
            None => false,
        };
        let mut untold = Vec::new();
        for event in run.parameters.get(&REQUIRED_EVENTS) {
            if live && self.tell(&event) {
                continue;
            }
            if !reaches(&event, vault, routes, run).await? {
                untold.push(event);
            }
        }
        Ok(untold)
    }
}

/// Whether EventBridge takes an event of AWS Backup to somebody.
async fn reaches(event: &str, vault: &str, routes: &Routes, run: &Run<'_>) -> Result<bool, Error> {
    let mut undecided = None;
    for kind in TYPES {
        let Some(sample) = sample(event, kind, vault, run) else { return Ok(false) };
        match routes.reach(&sample).await? {
            Reach::Live { .. } | Reach::Central { .. } => return Ok(true),
            Reach::Undecided { rule, why } => undecided = Some((rule, why)),
            Reach::Dead { .. } | Reach::Uncaught => {}
        }
    }
    match undecided {
        // Nobody can tell what this rule catches, and no other catches anything.
        Some((rule, why)) => Err(Error::Control(format!(
            "the pattern of the EventBridge rule {rule} cannot be judged: {why}"
        ))),
        None => Ok(false),
    }
}

/// An event as AWS Backup sends it to EventBridge; `None` for one that it does not send there.
fn sample(event: &str, kind: &str, vault: &str, run: &Run<'_>) -> Option<Value> {
    let (account, region) = (run.account_id, run.region);
    let partition = partition(region);
    let vault_arn = format!("arn:{partition}:backup:{region}:{account}:backup-vault:{vault}");
    let point = format!("arn:{partition}:backup:{region}:{account}:recovery-point:sample");
    let role =
        format!("arn:{partition}:iam::{account}:role/service-role/AWSBackupDefaultServiceRole");
    let resource = format!("arn:{partition}:rds:{region}:{account}:db:sample");
    let (detail_type, about, detail) = match event {
        "BACKUP_JOB_FAILED" => (
            "Backup Job State Change",
            vault_arn.clone(),
            json!({
                "backupJobId": "12345678-1234-1234-1234-123456789012",
                "backupSizeInBytes": "0",
                "backupVaultArn": vault_arn,
                "backupVaultName": vault,
                "bytesTransferred": "0",
                "creationDate": "2026-11-01T00:00:00.000Z",
                "iamRoleArn": role,
                "percentDone": 0.0,
                "resourceArn": resource,
                "resourceType": kind,
                "state": "FAILED",
                "statusMessage": "The backup job failed",
            }),
        ),
        "COPY_JOB_FAILED" => (
            "Copy Job State Change",
            vault_arn.clone(),
            json!({
                "copyJobId": "12345678-1234-1234-1234-123456789012",
                "backupSizeInBytes": 0,
                "creationDate": "2026-11-01T00:00:00.000Z",
                "iamRoleArn": role,
                "resourceArn": resource,
                "resourceType": kind,
                "sourceBackupVaultArn": vault_arn,
                "state": "FAILED",
                "statusMessage": "The copy job failed",
                "destinationBackupVaultArn":
                    format!("arn:{partition}:backup:ap-northeast-3:{account}:backup-vault:{vault}"),
            }),
        ),
        "RESTORE_JOB_FAILED" => (
            "Restore Job State Change",
            point.clone(),
            json!({
                "restoreJobId": "12345678-1234-1234-1234-123456789012",
                "backupSizeInBytes": "0",
                "creationDate": "2026-11-01T00:00:00.000Z",
                "iamRoleArn": role,
                "percentDone": 0.0,
                "recoveryPointArn": point,
                "resourceType": kind,
                "status": "FAILED",
                "statusMessage": "The restore job failed",
            }),
        ),
        _ => return None,
    };
    Some(json!({
        "version": "0",
        "id": "12345678-1234-1234-1234-123456789012",
        "detail-type": detail_type,
        "source": "aws.backup",
        "account": account,
        "time": "2026-11-01T00:00:00Z",
        "region": region,
        "resources": [about],
        "detail": detail,
    }))
}
