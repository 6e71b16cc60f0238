//! `instance-recovery`: EC2 instances recover or are replaced by themselves, and their status
//! checks raise alarms.
//!
//! When the hardware below an instance fails, EC2 moves the instance to other hardware, if its
//! type supports that and nobody switched it off. Members of an Auto Scaling group are replaced
//! instead; the tag that says so can only be set by Auto Scaling itself. Elsewhere an alarm on
//! the status checks recovers or reboots, or starts what does.
//!
//! The setting `default` is shown on types too that do not support it (bare metal, instance
//! store), so that the type is asked for. Alarms are read wherever they stand: metric math,
//! queries, composite alarms. An EventBridge rule on the instance's state or on its alarms counts
//! when it starts a function, a state machine or an automation.
//!
//! Not seen: alarms in other Regions and accounts, and Dedicated Hosts, which recover as hosts.
//!
//! Criteria: 実99 3, 実102, 実103, 実103 2, 実104, 実106 ask for it. To fix an instance, switch its
//! automatic recovery on and add an alarm on StatusCheckFailed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_services::alarms::{Alarm, DESCRIBE_ALARMS, Teller, alarms};
use fisc_services::alerts::{self, Alerts};
use fisc_shared::config_service::ConfigService;
use fisc_shared::ec2::action::{DESCRIBE_INSTANCE_TYPES, DESCRIBE_INSTANCES};
use fisc_shared::ec2::{Ec2, InstanceType};
use fisc_shared::inventory;
use fisc_shared::parameter::Param;
use fisc_shared::verdict::{Failures, remarks};
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remark, Remedy, Requirement, Resource, ResourceType, Run, ServiceCheck, Severity,
    Text, Trigger, Verdict,
};

mod healing;
mod instance;

use healing::Healing;
use instance::{Instance, Kind};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "instance-recovery",
    domain: Domain::Resilience,
    severity: Severity::Medium,
    title: Text::new(
        "EC2 instances recover or are replaced by themselves, and status checks raise alarms",
        "EC2 インスタンスが自動的に復旧または置換され、ステータスチェックのアラームがある",
    ),
    why: Text::new(
        "Hardware fails. An instance that neither recovers nor is replaced stays down until \
         somebody notices, and without an alarm on its status checks that takes long.",
        "ハードウェアは故障します。自動復旧も置換もされないインスタンスは、誰かが気付くまで停止したままで、\
         ステータスチェックのアラームがなければ気付くまでに時間がかかります。",
    ),
    fix: Text::new(
        "In EC2 > Instances > Actions > Instance settings > Change auto-recovery behavior choose \
         Default, and put instances that can be replaced into an Auto Scaling group. For types \
         without recovery create an alarm on StatusCheckFailed_Instance with the reboot action \
         (CloudWatch > Alarms) or an EventBridge rule that starts an automation. Add an alarm on \
         StatusCheckFailed per instance.",
        "EC2 の「インスタンス」>「アクション」>「インスタンスの設定」>「自動復旧の動作を変更」で\
         デフォルトを選び、置換できるインスタンスは Auto Scaling グループに入れます。復旧に\
         対応しないタイプには、再起動アクション付きの StatusCheckFailed_Instance の\
         アラーム(CloudWatch >「アラーム」)、またはオートメーションを起動する EventBridge ルールを\
         設定します。インスタンスごとに StatusCheckFailed のアラームを追加します。",
    ),
    remedy: Remedy::new(
        include_str!("instance_recovery/remedy.sh"),
        include_str!("instance_recovery/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-recover.html",
    criteria: Criteria {
        explicit: &["実99 3", "実102", "実103", "実103 2", "実104", "実106"],
        implied: &["実71 4", "実84", "実101 3"],
    },
    resources: INSTANCE,
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        inventory::SELECT_ACTION,
        Action::any(DESCRIBE_INSTANCES),
        Action::any(DESCRIBE_INSTANCE_TYPES),
        Action::any(DESCRIBE_ALARMS),
        alerts::ACTIONS[0],
        alerts::ACTIONS[1],
        alerts::ACTIONS[2],
        alerts::ACTIONS[3],
    ],
    parameters: &[REQUIRE_ASG.spec, STANDALONE_TAG_KEY.spec, REQUIRE_STATUS_ALARM.spec],
    requirements: &[
        &AUTO_RECOVERY_DISABLED,
        &NO_SELF_HEALING,
        &STATUS_CHECK_ALARM_MISSING,
        &NOT_IN_AUTO_SCALING_GROUP,
    ],
    remarks: &[
        &NOT_RUNNING,
        &SPOT_INSTANCE,
        &GROUP_MEMBER,
        &ON_DEDICATED_HOST,
        &TYPE_WITHOUT_RECOVERY,
        &QUERY_NOT_READ,
    ],
    limits: Limits::SWEEP,
    check: Check::Service { preview, connect, swept: INSTANCE },
};

const INSTANCE: &[ResourceType] = &[ResourceType::EC2_INSTANCE];

const REQUIRE_ASG: Param<bool> = Param::flag(
    "requireAsg",
    false,
    Text::new(
        "Every instance must belong to an Auto Scaling group",
        "すべてのインスタンスに Auto Scaling グループへの所属を必須とする",
    ),
);

const STANDALONE_TAG_KEY: Param<String> = Param::text(
    "standaloneTagKey",
    "fisc:standalone",
    Text::new(
        "Tag of instances that stand alone on purpose",
        "単独での運用を承認したインスタンスを示すタグのキー",
    ),
);

const REQUIRE_STATUS_ALARM: Param<bool> = Param::flag(
    "requireStatusAlarm",
    true,
    Text::new(
        "Instances outside Auto Scaling groups need an alarm on their status checks",
        "Auto Scaling グループに属さないインスタンスにステータスチェックのアラームを必須とする",
    ),
);

const AUTO_RECOVERY_DISABLED: Requirement = Requirement {
    code: "AUTO_RECOVERY_DISABLED",
    wave: 1,
    resources: INSTANCE,
    title: Text::new(
        "Automatic recovery of the instance is switched off",
        "インスタンスの自動復旧が無効になっています",
    ),
    rule: Text::new(
        "Fails when an instance outside Auto Scaling groups, of a type that supports it, has \
         automatic recovery disabled (configuration.maintenanceOptions.autoRecovery) and no alarm \
         on StatusCheckFailed_System recovers it.",
        "Auto Scaling グループに属さず、タイプが対応しているインスタンスで、自動復旧が無効\
         (configuration.maintenanceOptions.autoRecovery)であり、StatusCheckFailed_System のアラームに\
         よる復旧アクションもないとき不適合です。",
    ),
};

const NO_SELF_HEALING: Requirement = Requirement {
    code: "NO_SELF_HEALING",
    wave: 1,
    resources: INSTANCE,
    title: Text::new(
        "Nothing recovers or replaces the instance",
        "インスタンスを自動的に復旧・置換する仕組みがありません",
    ),
    rule: Text::new(
        "Fails when the instance is in no Auto Scaling group, is not recovered automatically (off, \
         or not supported by its type), no alarm on its status checks recovers or reboots it, and \
         neither such an alarm nor an EventBridge rule on its state starts a function, a state \
         machine or an automation.",
        "Auto Scaling グループに属さず、自動復旧もされず(無効、またはタイプが非対応)、ステータスチェックの\
         アラームによる復旧・再起動もなく、そのアラームや状態変化の EventBridge ルールで関数・\
         ステートマシン・オートメーションも起動されないとき不適合です。",
    ),
};

const STATUS_CHECK_ALARM_MISSING: Requirement = Requirement {
    code: "STATUS_CHECK_ALARM_MISSING",
    wave: 1,
    resources: INSTANCE,
    title: Text::new(
        "No alarm watches the status checks of the instance",
        "インスタンスのステータスチェックを監視するアラームがありません",
    ),
    rule: Text::new(
        "Fails when a running instance outside Auto Scaling groups has no alarm on \
         StatusCheckFailed (or on both StatusCheckFailed_System and StatusCheckFailed_Instance) \
         that tells somebody or acts on the instance.",
        "Auto Scaling グループに属さない実行中のインスタンスで、StatusCheckFailed(または \
         StatusCheckFailed_System と StatusCheckFailed_Instance の両方)に、通知先へ届くか\
         インスタンスに対処するアラームがないとき不適合です。",
    ),
};

const NOT_IN_AUTO_SCALING_GROUP: Requirement = Requirement {
    code: "NOT_IN_AUTO_SCALING_GROUP",
    wave: 3,
    resources: INSTANCE,
    title: Text::new(
        "The instance is in no Auto Scaling group",
        "インスタンスが Auto Scaling グループに属していません",
    ),
    rule: Text::new(
        "With requireAsg: fails when the instance has neither the tag of its Auto Scaling group nor \
         that of standaloneTagKey.",
        "requireAsg を指定した場合: Auto Scaling グループのタグも standaloneTagKey のタグもないとき\
         不適合です。",
    ),
};

const NOT_RUNNING: Remark =
    Remark::new("NOT_RUNNING", "The instance does not run", "インスタンスは実行されていません");

const SPOT_INSTANCE: Remark = Remark::new(
    "SPOT_INSTANCE",
    "A Spot Instance, which may be taken away at any time",
    "スポットインスタンスです(いつでも中断される可能性があります)",
);

const GROUP_MEMBER: Remark = Remark::new(
    "GROUP_MEMBER",
    "Its Auto Scaling group replaces it",
    "所属する Auto Scaling グループにより置換されます",
);

const ON_DEDICATED_HOST: Remark = Remark::new(
    "ON_DEDICATED_HOST",
    "On a Dedicated Host, whose own recovery setting is to be checked",
    "Dedicated Host 上のインスタンスです。ホストの復旧設定の確認が必要です",
);

const TYPE_WITHOUT_RECOVERY: Remark = Remark::new(
    "TYPE_WITHOUT_RECOVERY",
    "The instance type does not support automatic recovery",
    "インスタンスタイプが自動復旧に対応していません",
);

const QUERY_NOT_READ: Remark = Remark::new(
    "QUERY_NOT_READ",
    "An alarm's query has conditions; whether they take this instance in is to be checked",
    "アラームのクエリに条件があります。このインスタンスが含まれるかどうかは確認が必要です",
);

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let not_applicable = |remark: &Remark| Ok(Some(Verdict::not_applicable(remark)));
    match instance::kind(item)? {
        Kind::NotRunning => not_applicable(&NOT_RUNNING),
        Kind::Spot => not_applicable(&SPOT_INSTANCE),
        Kind::Member => Ok(Some(Verdict::Compliant(vec![GROUP_MEMBER.reason()]))),
        Kind::Alone => Ok((run.offline && lacks_group(item, run)?).then(|| {
            let mut failures = Failures::new();
            failures.add(&NOT_IN_AUTO_SCALING_GROUP);
            failures.into_verdict()
        })),
    }
}

/// Whether an instance that is in no group should be in one.
fn lacks_group(item: &ConfigurationItem, run: &Run<'_>) -> Result<bool, Error> {
    let alone = run.parameters.get(&STANDALONE_TAG_KEY);
    Ok(run.parameters.get(&REQUIRE_ASG)
        && (alone.is_empty() || !item.all_tags()?.contains_key(&alone)))
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services {
        sdk: sdk.clone(),
        alerts: Alerts::new(sdk),
        config: ConfigService::new(sdk),
        ec2: Ec2::new(sdk),
    })
}

struct Services {
    sdk: SdkConfig,
    alerts: Alerts,
    config: ConfigService,
    ec2: Ec2,
}

/// What is asked once for all instances of a run.
struct Facts {
    alarms: Vec<Alarm>,
    teller: Teller,
    types: BTreeMap<String, InstanceType>,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let facts = self.facts(&[item], run).await?;
        self.instance(item, &facts, run).await
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let items = self.config.recorded_with_tags(ResourceType::EC2_INSTANCE).await?;
        let mut evaluated = Vec::with_capacity(items.len());
        let mut alone = Vec::new();
        for item in &items {
            match preview(item, run)? {
                Some(verdict) => evaluated.push((item, verdict)),
                None => alone.push(item),
            }
        }
        if !alone.is_empty() {
            let facts = self.facts(&alone, run).await?;
            for item in alone {
                evaluated.push((item, self.instance(item, &facts, run).await?));
            }
        }
        let evaluated = evaluated.into_iter().map(|(item, verdict)| Evaluated {
            resource: Resource::from(item),
            verdict,
            at: run.now,
        });
        Ok(evaluated.collect())
    }
}

impl Services {
    async fn facts(&self, items: &[&ConfigurationItem], run: &Run<'_>) -> Result<Facts, Error> {
        let mut types = BTreeSet::new();
        for item in items {
            types.insert(Instance::read(item)?.instance_type);
        }
        let types: Vec<&str> = types.iter().map(String::as_str).collect();
        Ok(Facts {
            alarms: alarms(&self.sdk).await?,
            teller: Teller::new(&self.alerts, run.account_id, true),
            types: self.ec2.instance_types(&types).await?,
        })
    }

    async fn instance(
        &self,
        item: &ConfigurationItem,
        facts: &Facts,
        run: &Run<'_>,
    ) -> Result<Verdict, Error> {
        let instance = Instance::read(item)?;
        let setting = match &instance.auto_recovery {
            Some(setting) => setting.clone(),
            // The item is older than the setting.
            None => match self.ec2.auto_recovery(&instance.id).await? {
                Some(setting) => setting,
                None => return Ok(Verdict::not_applicable(&remarks::RESOURCE_GONE)),
            },
        };
        let on = match setting.as_str() {
            "default" => true,
            "disabled" => false,
            other => {
                let problem = format!("automatic recovery is {other:?}");
                return Err(Error::Control(format!("{}: {problem}", instance.id)));
            }
        };
        let kind = facts.types.get(&instance.instance_type).ok_or_else(|| Error::Answer {
            action: DESCRIBE_INSTANCE_TYPES,
            field: format!("InstanceTypes[] of {}", instance.instance_type),
        })?;
        let supported = kind.auto_recovery && !kind.bare_metal && !kind.instance_store;
        let healing =
            Healing::of(&instance, &facts.alarms, &facts.teller, run, !(on && supported)).await?;

        let (mut failures, mut notes) = (Failures::new(), Vec::new());
        if instance.on_host {
            notes.push(ON_DEDICATED_HOST.reason());
        } else {
            if !supported {
                notes.push(TYPE_WITHOUT_RECOVERY.reason());
            } else if !on && !healing.recovers {
                failures.add(&AUTO_RECOVERY_DISABLED);
            }
            if !(on && supported || healing.recovers || healing.otherwise) {
                failures.add(&NO_SELF_HEALING);
            }
        }
        if run.parameters.get(&REQUIRE_STATUS_ALARM) && !healing.alarmed {
            if healing.unread {
                notes.push(QUERY_NOT_READ.reason());
            } else {
                failures.add(&STATUS_CHECK_ALARM_MISSING);
            }
        }
        if lacks_group(item, run)? {
            failures.add(&NOT_IN_AUTO_SCALING_GROUP);
        }
        Ok(failures.into_verdict_with(notes))
    }
}
