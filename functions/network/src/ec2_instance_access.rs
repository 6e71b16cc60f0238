//! `ec2-instance-access`: instances have a role and IMDSv2, no public address and no inbound
//! administration ports; so have the instances that launch templates, launch configurations and
//! Auto Scaling groups will start.
//!
//! An instance with a public address and SSH open is found and attacked within minutes, and keys
//! of its administrators outlive the people. Session Manager needs neither: it works through the
//! agent, asks IAM and leaves a record. A role with IMDSv2 replaces access keys on the disk.
//!
//! The item tells the instance's address, role and metadata options. What its security groups let
//! in and which VPC is the default one are asked for, on a change and on the schedule, since
//! neither makes an item of the instance when it changes; of bastions also whether Systems Manager
//! reaches them. That it reaches all others is judged by `patch-compliance`. Launch templates are
//! judged by their default and their latest version.
//!
//! Criteria: 統24 8, 実8, 実9, 実15, 実19, 実20 3, 実48, 実48 10, 実99, 実100 4 ask for it. To fix
//! a resource, see the rule of the requirement that it fails.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_shared::config_service::ConfigService;
use fisc_shared::ec2::{self, Ec2, Filter, Instance};
use fisc_shared::inventory;
use fisc_shared::verdict::remarks;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remedy, Resource, ResourceType, Run, ServiceCheck, Severity, Text, Trigger, Verdict,
};
use futures::try_join;

mod inbound;
mod instance;
mod managed;
mod parameters;
mod requirements;
mod template;

use inbound::Groups;
use instance::Surroundings;
use parameters::{
    ADMIN_PORTS, ALLOW_DEFAULT_VPC, ALLOWED_CIDRS, BASTION_TAG, Bars, CHECK_LAUNCH_TEMPLATES,
    MAX_PING_AGE_HOURS, NO_AWS_API_TAG_KEY, PUBLIC_IP_EXEMPT_TAG_KEY,
};
use requirements::{
    ASG_USES_LAUNCH_CONFIGURATION, BASTION_PATH_TOO_WIDE, GROUP_NOT_JUDGED, IMDSV1_ALLOWED,
    IN_DEFAULT_VPC, INBOUND_ADMIN_PORT, INSTANCE_PROFILE_MISSING, INSTANCE_TERMINATED,
    PREFIX_LIST_NOT_JUDGED, PUBLIC_IP_APPROVED, PUBLIC_IP_ASSIGNED, ROLE_NOT_NEEDED,
    TEMPLATE_IMDSV1_ALLOWED, TEMPLATE_PUBLIC_IP, TEMPLATE_SECURITY_UNSET, TEMPLATES_NOT_CHECKED,
};
use template::Version;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "ec2-instance-access",
    domain: Domain::Network,
    severity: Severity::High,
    title: Text::new(
        "Instances have a role and IMDSv2, and neither a public address nor open administration \
         ports",
        "EC2 インスタンスにロールと IMDSv2 を用い、パブリック IP アドレスや管理用ポートの受信を許可して\
         いない",
    ),
    why: Text::new(
        "An instance with a public address and an open administration port is attacked from its \
         first minutes on, and SSH keys outlive the people who had them. Session Manager needs no \
         open port, asks IAM and records. Without a role, access keys end up on disks; with IMDSv1, \
         one forged request of a web application hands out the role's credentials.",
        "パブリック IP アドレスと開放された管理用ポートを持つインスタンスは、起動直後から攻撃の対象となり、\
         SSH の鍵は担当者の異動後も残ります。Session Manager は開放ポートを必要とせず、IAM で認可し、\
         操作を記録します。ロールがなければアクセスキーがディスクに置かれ、IMDSv1 では Web アプリケーション\
         への偽造リクエスト一つでロールの認証情報が漏えいするおそれがあります。",
    ),
    fix: Text::new(
        "Put instances into private subnets behind a load balancer, give them an instance profile \
         with AmazonSSMManagedInstanceCore (EC2 > Instances > Actions > Security) and administer \
         them with Session Manager; then remove inbound rules for administration ports. Require \
         IMDSv2 (Actions > Instance settings > Modify instance metadata options). Set image, \
         security groups, encryption and IMDSv2 in launch templates and move Auto Scaling groups to \
         them. Tag approved exceptions.",
        "インスタンスはロードバランサー背後のプライベートサブネットに配置し、\
         AmazonSSMManagedInstanceCore を含むインスタンスプロファイル(EC2 >「アクション」>\
         「セキュリティ」)を設定して Session Manager で管理し、管理用ポートのインバウンドルールを\
         削除します。「インスタンスメタデータオプションの変更」で IMDSv2 を必須にします。\
         起動テンプレートにイメージ・セキュリティグループ・暗号化・IMDSv2 を設定し、Auto Scaling \
         グループを移行します。承認済みの例外にはタグを付けます。",
    ),
    remedy: Remedy::new(
        include_str!("ec2_instance_access/remedy.sh"),
        include_str!("ec2_instance_access/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager.html",
    criteria: Criteria {
        explicit: &[
            "統24 8", "実8", "実9", "実15", "実19", "実20 3", "実48", "実48 10", "実99", "実100 4",
        ],
        implied: &["統20 3-(3)", "統24 6", "実27", "実37"],
    },
    resources: &[
        ResourceType::EC2_INSTANCE,
        ResourceType::EC2_LAUNCH_TEMPLATE,
        ResourceType::AUTO_SCALING_AUTO_SCALING_GROUP,
        ResourceType::AUTO_SCALING_LAUNCH_CONFIGURATION,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        inventory::SELECT_ACTION,
        Action::any(ec2::action::DESCRIBE_INSTANCES),
        Action::any(ec2::action::DESCRIBE_SECURITY_GROUPS),
        Action::any(ec2::action::DESCRIBE_VPCS),
        Action::any(ec2::action::DESCRIBE_LAUNCH_TEMPLATE_VERSIONS),
        Action::any(managed::DESCRIBE_INSTANCE_INFORMATION),
    ],
    parameters: &[
        PUBLIC_IP_EXEMPT_TAG_KEY.spec,
        NO_AWS_API_TAG_KEY.spec,
        MAX_PING_AGE_HOURS.spec,
        ADMIN_PORTS.spec,
        ALLOWED_CIDRS.spec,
        BASTION_TAG.spec,
        CHECK_LAUNCH_TEMPLATES.spec,
        ALLOW_DEFAULT_VPC.spec,
    ],
    requirements: &[
        &PUBLIC_IP_ASSIGNED,
        &IMDSV1_ALLOWED,
        &INSTANCE_PROFILE_MISSING,
        &INBOUND_ADMIN_PORT,
        &BASTION_PATH_TOO_WIDE,
        &IN_DEFAULT_VPC,
        &TEMPLATE_PUBLIC_IP,
        &TEMPLATE_IMDSV1_ALLOWED,
        &TEMPLATE_SECURITY_UNSET,
        &ASG_USES_LAUNCH_CONFIGURATION,
    ],
    remarks: &[
        &INSTANCE_TERMINATED,
        &PUBLIC_IP_APPROVED,
        &ROLE_NOT_NEEDED,
        &PREFIX_LIST_NOT_JUDGED,
        &TEMPLATES_NOT_CHECKED,
        &GROUP_NOT_JUDGED,
    ],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview,
        connect,
        swept: &[ResourceType::EC2_INSTANCE, ResourceType::EC2_LAUNCH_TEMPLATE],
    },
};

/// What the item alone decides of a resource; `None` where a service must be asked.
type Preview = fn(&ConfigurationItem, &Run<'_>) -> Result<Option<Verdict>, Error>;

const TYPES: [(ResourceType, Preview); 4] = [
    (ResourceType::EC2_INSTANCE, preview_instance),
    (ResourceType::EC2_LAUNCH_TEMPLATE, preview_template),
    (ResourceType::AUTO_SCALING_AUTO_SCALING_GROUP, template::scaling_group),
    (ResourceType::AUTO_SCALING_LAUNCH_CONFIGURATION, template::launch_configuration),
];

/// The states of instances that exist.
const EXISTING: Filter<'static> =
    ("instance-state-name", &["pending", "running", "stopping", "stopped"]);

/// The error code for a launch template that was deleted.
const NO_SUCH_TEMPLATE: &str = "InvalidLaunchTemplateId.NotFound";

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let preview = TYPES.iter().find(|(kind, _)| kind.name == item.resource_type);
    let (_, preview) = preview
        .ok_or_else(|| Error::Control(format!("{} is not judged here", item.resource_type)))?;
    preview(item, run)
}

fn preview_instance(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    if instance::is_terminated(item)? {
        return Ok(Some(Verdict::not_applicable(&INSTANCE_TERMINATED)));
    }
    if !run.offline {
        return Ok(None);
    }
    Ok(instance::preview(&instance::read(item)?, &Bars::of(run)?))
}

fn preview_template(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let bars = Bars::of(run)?;
    if !bars.templates {
        return Ok(Some(Verdict::not_applicable(&TEMPLATES_NOT_CHECKED)));
    }
    let version = if run.offline { Version::of_item(item)? } else { None };
    let Some(version) = version else { return Ok(None) };
    // Without the rules of its groups, only a failure is sure.
    let verdict = template::decide(item, &[version], &Groups::new(), &bars)?;
    Ok(matches!(verdict, Verdict::NonCompliant(_)).then_some(verdict))
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services {
        ec2: Ec2::new(sdk),
        ssm: aws_sdk_ssm::Client::new(sdk),
        config: ConfigService::new(sdk),
    })
}

struct Services {
    ec2: Ec2,
    ssm: aws_sdk_ssm::Client,
    config: ConfigService,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let bars = Bars::of(run)?;
        if item.resource_type == ResourceType::EC2_LAUNCH_TEMPLATE.name {
            self.template(item, &bars).await
        } else {
            self.instance(instance::read(item)?, &bars, run).await
        }
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let bars = Bars::of(run)?;
        let (instances, templates) =
            try_join!(self.ec2.instances(&[EXISTING]), self.templates(&bars))?;
        let mut evaluated = Vec::with_capacity(instances.len() + templates.len());
        if instances.is_empty() && templates.is_empty() {
            return Ok(evaluated);
        }
        let bastion = instances.iter().any(|instance| bars.is_bastion(&instance.tags));
        let contacts = self.contacts(bastion, None);
        let around = self.surroundings(&[], contacts, !instances.is_empty(), &bars).await?;
        for instance in &instances {
            evaluated.push(Evaluated {
                resource: Resource::of(
                    ResourceType::EC2_INSTANCE,
                    &instance.id,
                    run.account_id,
                    run.region,
                ),
                verdict: instance::decide(instance, &around, &bars, run)?,
                at: run.now,
            });
        }
        for (item, versions) in &templates {
            evaluated.push(Evaluated {
                resource: Resource::from(item),
                verdict: template::decide(item, versions, &around.groups, &bars)?,
                at: run.now,
            });
        }
        Ok(evaluated)
    }
}

impl Services {
    async fn instance(
        &self,
        recorded: Instance,
        bars: &Bars,
        run: &Run<'_>,
    ) -> Result<Verdict, Error> {
        // Items of before 2019 lack the metadata options.
        if recorded.metadata.is_some() {
            let around = self.around(&recorded, bars).await?;
            if recorded.groups.iter().all(|id| around.groups.contains_key(id)) {
                return instance::decide(&recorded, &around, bars, run);
            }
            // A group in use cannot be deleted: since the item, the instance has moved on.
        }
        let found = self.ec2.instances(&[("instance-id", &[&recorded.id]), EXISTING]).await?;
        let Some(instance) = found.into_iter().find(|found| found.id == recorded.id) else {
            return Ok(Verdict::not_applicable(&remarks::RESOURCE_GONE));
        };
        let around = self.around(&instance, bars).await?;
        instance::decide(&instance, &around, bars, run)
    }

    /// What surrounds one instance.
    async fn around(&self, instance: &Instance, bars: &Bars) -> Result<Surroundings, Error> {
        let groups: Vec<&str> = instance.groups.iter().map(String::as_str).collect();
        let contacts = self.contacts(bars.is_bastion(&instance.tags), Some(&instance.id));
        self.surroundings(&groups, contacts, true, bars).await
    }

    /// The contact of one instance, or of all; only bastions are judged by it.
    async fn contacts(
        &self,
        bastion: bool,
        instance: Option<&str>,
    ) -> Result<managed::Contacts, Error> {
        if bastion {
            managed::contacts(&self.ssm, instance).await
        } else {
            Ok(managed::Contacts::new())
        }
    }

    /// What surrounds instances: these groups, or all of them; their contacts; the default VPC.
    async fn surroundings(
        &self,
        groups: &[&str],
        contacts: impl Future<Output = Result<managed::Contacts, Error>> + Send,
        instances: bool,
        bars: &Bars,
    ) -> Result<Surroundings, Error> {
        let default_vpcs = async {
            if !instances || bars.default_vpc {
                return Ok(BTreeSet::new());
            }
            let vpcs = self.ec2.vpcs(&[("is-default", &["true"])]).await?;
            Ok(vpcs.into_iter().filter(|vpc| vpc.is_default).map(|vpc| vpc.id).collect())
        };
        let (groups, contacts, default_vpcs) =
            try_join!(self.groups(groups), contacts, default_vpcs)?;
        Ok(Surroundings { groups, contacts, default_vpcs })
    }

    /// The security groups of these ids; without any, all of them.
    async fn groups(&self, ids: &[&str]) -> Result<Groups, Error> {
        let by_id = [("group-id", ids)];
        let filters: &[Filter<'_>] = if ids.is_empty() { &[] } else { &by_id };
        let groups = self.ec2.security_groups(filters).await?;
        Ok(groups.into_iter().map(|group| (group.id.clone(), group)).collect())
    }

    async fn template(&self, item: &ConfigurationItem, bars: &Bars) -> Result<Verdict, Error> {
        let versions = match template::versions(&self.ec2, Some(&item.resource_id)).await {
            Err(Error::Service(error)) if error.is(NO_SUCH_TEMPLATE) => {
                return Ok(Verdict::not_applicable(&remarks::RESOURCE_GONE));
            }
            versions => versions?,
        };
        if versions.is_empty() {
            return Err(Error::Answer {
                action: ec2::action::DESCRIBE_LAUNCH_TEMPLATE_VERSIONS,
                field: format!("the versions of {}", item.resource_id),
            });
        }
        let ids: BTreeSet<&str> =
            versions.iter().flat_map(|version| &version.groups).map(String::as_str).collect();
        let ids: Vec<&str> = ids.into_iter().collect();
        let groups = if ids.is_empty() { Groups::new() } else { self.groups(&ids).await? };
        template::decide(item, &versions, &groups, bars)
    }

    /// The recorded launch templates that still exist, with the versions that count. EC2's
    /// answer has no tags of templates.
    async fn templates(
        &self,
        bars: &Bars,
    ) -> Result<Vec<(ConfigurationItem, Vec<Version>)>, Error> {
        if !bars.templates {
            return Ok(Vec::new());
        }
        let items = self.config.recorded_with_tags(ResourceType::EC2_LAUNCH_TEMPLATE).await?;
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let versions = template::versions(&self.ec2, None).await?;
        let of = |item: &ConfigurationItem| {
            let own = versions.iter().filter(|version| version.template_id == item.resource_id);
            own.cloned().collect::<Vec<_>>()
        };
        let templates = items.into_iter().map(|item| (of(&item), item));
        Ok(templates
            .filter(|(versions, _)| !versions.is_empty())
            .map(|(versions, item)| (item, versions))
            .collect())
    }
}

#[cfg(test)]
mod tests;
