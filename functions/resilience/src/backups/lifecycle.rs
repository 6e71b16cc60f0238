//! Lifecycle policies of Amazon Data Lifecycle Manager, which make snapshots of volumes and images
//! of instances.

use aws_sdk_dlm::Client;
use aws_sdk_dlm::types::{PolicyDetails, Tag};
use aws_types::SdkConfig;
use fisc_shared::Action;
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::error::{Call, Error};
use futures::stream::{self, StreamExt, TryStreamExt};

use super::selection::Tags;
use super::unless_gone;

const GET_POLICIES: &str = "dlm:GetLifecyclePolicies";
const GET_POLICY: &str = "dlm:GetLifecyclePolicy";

/// The actions of [`Lifecycle::policies`].
pub(crate) const ACTIONS: [Action; 2] = [
    Action::any(GET_POLICIES),
    Action::on(GET_POLICY, "arn:${AWS::Partition}:dlm:${AWS::Region}:${AWS::AccountId}:policy/*"),
];

/// A client of Data Lifecycle Manager.
#[derive(Debug, Clone)]
pub(crate) struct Lifecycle {
    client: Client,
}

/// What a policy is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Volumes,
    /// Instances, with all their volumes.
    Instances,
}

/// Which of its targets a policy leaves out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Exclusions {
    boot_volumes: bool,
    volume_types: Vec<String>,
    tags: Vec<(String, String)>,
    /// Of the volumes of an instance that is taken.
    volume_tags: Vec<(String, String)>,
}

/// A copy rule: where a copy goes, and whether it is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CopyRule {
    /// The Region, or the ARN of an Outpost.
    pub(crate) target: String,
    pub(crate) encrypted: bool,
}

/// A lifecycle policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(crate) id: String,
    /// `ENABLED`, `DISABLED` or `ERROR`.
    pub(crate) state: String,
    /// It makes snapshots or images by itself, and keeps them for some time.
    pub(crate) effective: bool,
    pub(crate) copies: Vec<CopyRule>,
    targets: Vec<Target>,
    /// Of which one is enough; `None`: everything (a default policy).
    tags: Option<Vec<(String, String)>>,
    exclusions: Exclusions,
}

/// A volume in front of a policy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Volume<'a> {
    pub(crate) tags: &'a Tags,
    pub(crate) kind: &'a str,
    /// It may be the volume that an instance starts from.
    pub(crate) boot: bool,
}

impl Policy {
    /// A policy without targets.
    #[cfg(test)]
    pub(crate) fn bare(id: &str, state: &str, effective: bool, copies: Vec<CopyRule>) -> Self {
        Self {
            id: id.to_owned(),
            state: state.to_owned(),
            effective,
            copies,
            targets: Vec::new(),
            tags: None,
            exclusions: Exclusions::default(),
        }
    }

    /// Whether the policy makes snapshots of the volume for its own sake.
    pub(crate) fn takes_volume(&self, volume: &Volume<'_>) -> bool {
        self.works_on(Target::Volumes, volume.tags) && !self.leaves_out(volume)
    }

    /// Whether the policy makes images or snapshots of an instance with these tags.
    pub(crate) fn takes_instance(&self, tags: &Tags) -> bool {
        self.works_on(Target::Instances, tags) && !has_one(&self.exclusions.tags, tags)
    }

    /// Whether the volume is among those that the policy saves of an instance that it takes.
    pub(crate) fn takes_along(&self, volume: &Volume<'_>) -> bool {
        !self.leaves_out(volume)
    }

    fn works_on(&self, target: Target, tags: &Tags) -> bool {
        let named = self.tags.as_ref().is_none_or(|wanted| has_one(wanted, tags));
        self.state == "ENABLED" && self.effective && self.targets.contains(&target) && named
    }

    fn leaves_out(&self, volume: &Volume<'_>) -> bool {
        let Exclusions { boot_volumes, volume_types, tags, volume_tags } = &self.exclusions;
        let excluded = if self.targets.contains(&Target::Instances) { volume_tags } else { tags };
        (*boot_volumes && volume.boot)
            || volume_types.iter().any(|kind| kind == volume.kind)
            || has_one(excluded, volume.tags)
    }
}

fn has_one(wanted: &[(String, String)], tags: &Tags) -> bool {
    wanted.iter().any(|(key, value)| tags.get(key) == Some(value))
}

impl Lifecycle {
    pub(crate) fn new(sdk: &SdkConfig) -> Self {
        Self { client: Client::new(sdk) }
    }

    /// All policies of the Region.
    pub(crate) async fn policies(&self) -> Result<Vec<Policy>, Error> {
        // The API knows no pages: it answers all.
        let listed = self.client.get_lifecycle_policies().send().await.call(GET_POLICIES)?;
        let ids = listed.policies.unwrap_or_default().into_iter().filter_map(|one| one.policy_id);
        let policies: Vec<Option<Policy>> =
            stream::iter(ids).map(|id| self.policy(id)).buffered(CONCURRENCY).try_collect().await?;
        Ok(policies.into_iter().flatten().collect())
    }

    /// A policy; `None` when it was deleted since it was listed.
    async fn policy(&self, id: String) -> Result<Option<Policy>, Error> {
        let answer = self.client.get_lifecycle_policy().policy_id(&id).send().await;
        let Some(answer) = unless_gone(answer.call(GET_POLICY))? else { return Ok(None) };
        let missing = |field: &str| Error::Answer { action: GET_POLICY, field: field.to_owned() };
        let policy = answer.policy.ok_or_else(|| missing("Policy"))?;
        let state = policy.state.ok_or_else(|| missing("Policy.State"))?;
        let details = policy.policy_details.ok_or_else(|| missing("Policy.PolicyDetails"))?;
        Ok(Some(read(id, state.as_str(), &details)))
    }
}

/// A policy from its answer.
fn read(id: String, state: &str, details: &PolicyDetails) -> Policy {
    let pairs = |tags: &[Tag]| -> Vec<(String, String)> {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        tags.iter().map(|tag| (text(tag.key()), text(tag.value()))).collect()
    };
    // Default policies name one type and have no schedule; the others have lists of both.
    let kinds = details.resource_types().iter().chain(details.resource_type());
    let targets = kinds.filter_map(|kind| match kind.as_str() {
        "VOLUME" => Some(Target::Volumes),
        "INSTANCE" => Some(Target::Instances),
        _ => None,
    });
    let simple = details.resource_type().is_some();
    let makes = details.policy_type().is_none_or(|kind| kind.as_str() != "EVENT_BASED_POLICY");
    let kept = details.schedules().iter().any(|schedule| {
        let count = |number: Option<i32>| number.is_some_and(|number| number > 0);
        let keeps = schedule
            .retain_rule()
            .is_some_and(|rule| count(rule.count()) || count(rule.interval()));
        schedule.create_rule().is_some() && keeps
    });
    let mut exclusions = Exclusions::default();
    if let Some(given) = details.exclusions() {
        exclusions.boot_volumes = given.exclude_boot_volumes() == Some(true);
        exclusions.volume_types = given.exclude_volume_types().to_vec();
        exclusions.tags = pairs(given.exclude_tags());
    }
    let mut policy = Policy {
        id,
        state: state.to_owned(),
        effective: makes && (simple || kept),
        copies: copies(details),
        targets: targets.collect(),
        tags: (!simple).then(|| pairs(details.target_tags())),
        exclusions,
    };
    if let Some(parameters) = details.parameters() {
        policy.exclusions.boot_volumes |= parameters.exclude_boot_volume() == Some(true);
        policy.exclusions.volume_tags = pairs(parameters.exclude_data_volume_tags());
    }
    policy
}

/// The copies that a policy makes, by whichever of its kinds.
fn copies(details: &PolicyDetails) -> Vec<CopyRule> {
    let owned = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let by_schedule = details.schedules().iter().flat_map(|one| one.cross_region_copy_rules());
    let by_schedule = by_schedule.map(|rule| CopyRule {
        target: owned(rule.target().or(rule.target_region())),
        encrypted: rule.encrypted() == Some(true),
    });
    // What a default policy copies stays as it is encrypted.
    let simple = details.cross_region_copy_targets().iter();
    let simple = simple.map(|one| CopyRule { target: owned(one.target_region()), encrypted: true });
    let by_event = details.actions().iter().flat_map(|action| action.cross_region_copy());
    let by_event = by_event.map(|copy| CopyRule {
        target: owned(copy.target()),
        encrypted: copy
            .encryption_configuration()
            .is_some_and(|encryption| encryption.encrypted() == Some(true)),
    });
    by_schedule.chain(simple).chain(by_event).collect()
}

#[cfg(test)]
mod tests {
    use aws_sdk_dlm::types::{
        Action, CreateRule, CrossRegionCopyAction, CrossRegionCopyRule, CrossRegionCopyTarget,
        EncryptionConfiguration, Exclusions as Excluded, Parameters, PolicyTypeValues,
        ResourceTypeValues, RetainRule, Schedule,
    };

    use super::*;
    use crate::backups::selection::tests::tags;

    fn tag(key: &str, value: &str) -> Tag {
        Tag::builder().key(key).value(value).build()
    }

    fn schedule(keep: i32) -> Schedule {
        Schedule::builder()
            .create_rule(CreateRule::builder().interval(12).build())
            .retain_rule(RetainRule::builder().count(keep).build())
            .build()
    }

    fn volume(tags: &Tags, boot: bool) -> Volume<'_> {
        Volume { tags, kind: "gp3", boot }
    }

    #[test]
    fn a_policy_takes_what_has_one_of_its_tags() {
        let details = PolicyDetails::builder()
            .policy_type(PolicyTypeValues::EbsSnapshotManagement)
            .resource_types(ResourceTypeValues::Volume)
            .target_tags(tag("backup", "daily"))
            .target_tags(tag("tier", "core"))
            .schedules(schedule(7))
            .build();
        let policy = read("p".to_owned(), "ENABLED", &details);
        let (one, other) = (tags(&[("tier", "core")]), tags(&[("tier", "Core")]));
        assert!(policy.takes_volume(&volume(&one, false)));
        assert!(!policy.takes_volume(&volume(&other, false)));
        assert!(!policy.takes_instance(&one));
        for state in ["DISABLED", "ERROR"] {
            assert!(!read("p".to_owned(), state, &details).takes_volume(&volume(&one, false)));
        }
    }

    #[test]
    fn a_policy_without_schedule_or_retention_makes_nothing() {
        let base = || {
            PolicyDetails::builder()
                .resource_types(ResourceTypeValues::Volume)
                .target_tags(tag("a", "b"))
        };
        let tagged = tags(&[("a", "b")]);
        for details in [
            base().build(),
            base().schedules(schedule(0)).build(),
            base().schedules(Schedule::builder().build()).build(),
            base().policy_type(PolicyTypeValues::EventBasedPolicy).schedules(schedule(1)).build(),
        ] {
            let policy = read("p".to_owned(), "ENABLED", &details);
            assert!(!policy.effective && !policy.takes_volume(&volume(&tagged, false)));
        }
        assert!(read("p".to_owned(), "ENABLED", &base().schedules(schedule(1)).build()).effective);
    }

    #[test]
    fn a_default_policy_takes_everything_but_its_exclusions() {
        let details = PolicyDetails::builder()
            .resource_type(ResourceTypeValues::Volume)
            .exclusions(
                Excluded::builder()
                    .exclude_boot_volumes(true)
                    .exclude_volume_types("st1")
                    .exclude_tags(tag("backup", "no"))
                    .build(),
            )
            .build();
        let policy = read("p".to_owned(), "ENABLED", &details);
        let (none, excluded) = (tags(&[]), tags(&[("backup", "no")]));
        assert!(policy.takes_volume(&volume(&none, false)));
        assert!(!policy.takes_volume(&volume(&none, true)));
        assert!(!policy.takes_volume(&volume(&excluded, false)));
        assert!(!policy.takes_volume(&Volume { tags: &none, kind: "st1", boot: false }));
    }

    #[test]
    fn an_instance_policy_may_leave_volumes_out() {
        let details = PolicyDetails::builder()
            .resource_types(ResourceTypeValues::Instance)
            .target_tags(tag("a", "b"))
            .schedules(schedule(1))
            .parameters(
                Parameters::builder()
                    .exclude_boot_volume(true)
                    .exclude_data_volume_tags(tag("scratch", "yes"))
                    .build(),
            )
            .build();
        let policy = read("p".to_owned(), "ENABLED", &details);
        assert!(policy.takes_instance(&tags(&[("a", "b")])));
        assert!(!policy.takes_volume(&volume(&tags(&[("a", "b")]), false)));
        let (plain, scratch) = (tags(&[]), tags(&[("scratch", "yes")]));
        assert!(policy.takes_along(&volume(&plain, false)));
        assert!(!policy.takes_along(&volume(&plain, true)));
        assert!(!policy.takes_along(&volume(&scratch, false)));
        // The tag is one of volumes: on the instance it means nothing.
        assert!(policy.takes_instance(&tags(&[("a", "b"), ("scratch", "yes")])));
    }

    #[test]
    fn copies_are_read_of_every_kind_of_policy() {
        let rule = |rule: CrossRegionCopyRule| Schedule::builder().cross_region_copy_rules(rule);
        let by_schedule = CrossRegionCopyRule::builder().target("us-east-1").encrypted(false);
        let by_image = CrossRegionCopyRule::builder().target_region("eu-west-1").encrypted(true);
        let by_event = CrossRegionCopyAction::builder()
            .target("us-west-2")
            .encryption_configuration(EncryptionConfiguration::builder().encrypted(true).build());
        for (details, target, encrypted) in [
            (
                PolicyDetails::builder().schedules(rule(by_schedule.build()).build()),
                "us-east-1",
                false,
            ),
            (PolicyDetails::builder().schedules(rule(by_image.build()).build()), "eu-west-1", true),
            (
                PolicyDetails::builder().actions(
                    Action::builder().name("copy").cross_region_copy(by_event.build()).build(),
                ),
                "us-west-2",
                true,
            ),
            (
                PolicyDetails::builder()
                    .resource_type(ResourceTypeValues::Volume)
                    .cross_region_copy_targets(
                        CrossRegionCopyTarget::builder().target_region("ap-south-1").build(),
                    ),
                "ap-south-1",
                true,
            ),
        ] {
            let policy = read("p".to_owned(), "ENABLED", &details.build());
            assert_eq!(policy.copies, [CopyRule { target: target.to_owned(), encrypted }]);
        }
    }
}
