//! The verdict on the lifecycle policies of an account.

use fisc_shared::item::ItemError;
use fisc_shared::item::required::text;
use fisc_shared::verdict::Failures;
use fisc_shared::{ConfigurationItem, ResourceType, Run, Verdict, message};

use super::requirements::{DLM_COPY_NOT_ALLOWED, DLM_POLICY_INEFFECTIVE};
use super::{
    ACCEPT_AWS_BACKUP_FOR_EBS, ALLOWED_COPY_REGIONS, EXEMPT_TAG_KEY, NO_VOLUMES, VOLUMES_COVERED,
};
use crate::backups::Plans;
use crate::backups::lifecycle::{CopyRule, Policy};
use crate::backups::selection::{Service, Subject, Tags, scales};

/// A volume, and the instances that it is attached to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Volume {
    pub(super) id: String,
    arn: String,
    tags: Tags,
    instances: Vec<String>,
}

impl Volume {
    pub(super) fn read(item: &ConfigurationItem) -> Result<Self, ItemError> {
        let attachments = item.configuration()?.list("attachments")?.unwrap_or_default();
        let instances = attachments.iter().map(|one| text(one, "instanceId").map(str::to_owned));
        Ok(Self {
            id: item.resource_id.clone(),
            arn: item.arn.clone().ok_or_else(|| ItemError::Missing { field: "ARN".to_owned() })?,
            tags: item.all_tags()?,
            instances: instances.collect::<Result<_, _>>()?,
        })
    }

    /// Whether the volume needs no backup: it has the exempt tag, or goes and comes with an
    /// instance of an Auto Scaling group.
    pub(super) fn is_set_aside(&self, instance_tags: impl Fn(&str) -> Tags, run: &Run<'_>) -> bool {
        let exempt = run.parameters.get(&EXEMPT_TAG_KEY);
        (!exempt.is_empty() && self.tags.contains_key(&exempt))
            || self.instances.iter().any(|id| scales(&instance_tags(id)))
    }

    /// Whether a plan selects the volume, or an instance that it is attached to.
    pub(super) fn is_covered(
        &self,
        plans: &Plans,
        instance_tags: impl Fn(&str) -> Tags,
        run: &Run<'_>,
    ) -> bool {
        let own = Subject { service: Service::Ebs, arn: &self.arn, tags: &self.tags };
        if !plans.selecting(&own).is_empty() {
            return true;
        }
        self.instances.iter().any(|id| {
            let arn = ResourceType::EC2_INSTANCE.arn_of(id, run.account_id, run.region);
            let arn = arn.unwrap_or_default();
            let tags = instance_tags(id);
            let instance = Subject { service: Service::Ec2, arn: &arn, tags: &tags };
            !plans.selecting(&instance).is_empty()
        })
    }
}

/// The verdict; `uncovered`: the volumes that no plan covers, out of `volumes`.
pub(super) fn decide(
    policies: &[Policy],
    volumes: usize,
    uncovered: &[String],
    run: &Run<'_>,
) -> Verdict {
    let mut failures = Failures::new();
    let broken: Vec<&str> =
        policies.iter().filter(|one| one.state == "ERROR").map(|one| one.id.as_str()).collect();
    let works = policies.iter().any(|one| one.state == "ENABLED" && one.effective);
    let accepted = run.parameters.get(&ACCEPT_AWS_BACKUP_FOR_EBS);
    let covered = accepted && uncovered.is_empty();
    if !broken.is_empty() {
        failures.because(&DLM_POLICY_INEFFECTIVE, DLM_POLICY_INEFFECTIVE.naming(&broken));
    } else if volumes > 0 && !covered && !works {
        let count = if accepted { uncovered.len() } else { volumes };
        failures.because(
            &DLM_POLICY_INEFFECTIVE,
            message!(
                "{count} volume(s) without a backup plan, and no enabled lifecycle policy with a \
                 schedule and a retention",
                "バックアップ計画の対象でないボリュームが {count} 個あり、スケジュールと保持を持つ有効な\
                 ライフサイクルポリシーがありません"
            ),
        );
    }
    let allowed = run.parameters.get(&ALLOWED_COPY_REGIONS);
    let bad = |copy: &CopyRule| !copy.encrypted || !allowed.contains(&region(&copy.target));
    let copying: Vec<&str> = policies
        .iter()
        .filter(|policy| policy.state != "DISABLED" && policy.copies.iter().any(bad))
        .map(|policy| policy.id.as_str())
        .collect();
    if !copying.is_empty() {
        failures.because(&DLM_COPY_NOT_ALLOWED, DLM_COPY_NOT_ALLOWED.naming(&copying));
    }
    match failures.into_verdict() {
        Verdict::Compliant(_) if volumes == 0 => Verdict::not_applicable(&NO_VOLUMES),
        Verdict::Compliant(_) if covered && !works => Verdict::not_applicable(&VOLUMES_COVERED),
        verdict => verdict,
    }
}

/// The Region that a copy goes to: named, or that of an Outpost.
fn region(target: &str) -> String {
    let of_arn = target.strip_prefix("arn:").and_then(|arn| arn.split(':').nth(2));
    of_arn.unwrap_or(target).to_owned()
}
