//! `time-sync`: hosts are offered the approved source of time, and databases keep UTC, so that the
//! times in logs can be compared.
//!
//! Logs of different machines tell one story only when their clocks agree. Instances take their
//! time from the Amazon Time Sync Service by default; a set of DHCP options can send them
//! elsewhere. Databases keep UTC until a parameter, an option or a property says otherwise. The
//! operating system's own settings are invisible here: what is judged is the source that is
//! offered, not the client.
//!
//! Parameter groups, option groups and the use of DHCP options change without an item of the
//! resource: all of them are also judged on the schedule.
//!
//! Criteria: 実10 9 asks for it. To fix a set of DHCP options, make a new one without other NTP
//! servers and associate it; to fix a database, set time_zone (MySQL, MariaDB) or timezone
//! (PostgreSQL) to UTC; Oracle, SQL Server and Db2 keep the zone that they were made with.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_services::parameter_groups::{self, Groups};
use fisc_shared::aws::CONCURRENCY;
use fisc_shared::config_service::ConfigService;
use fisc_shared::ec2::{self, Ec2};
use fisc_shared::inventory;
use fisc_shared::parameter::Param;
use fisc_shared::runner;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remark, Remedy, Requirement, Resource, ResourceType, Run, ServiceCheck, Severity,
    Text, Trigger, Verdict,
};
use futures::stream::{self, StreamExt, TryStreamExt};

mod association;
mod databases;
mod dhcp;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "time-sync",
    domain: Domain::Logging,
    severity: Severity::Medium,
    title: Text::new(
        "Hosts are offered the approved source of time, and databases keep UTC",
        "ホストに承認済みの時刻源を提供し、データベースのタイムゾーンを UTC としている",
    ),
    why: Text::new(
        "An investigation puts the logs of many machines in order by their times. With a clock that \
         drifts, or a zone that nobody noted, the order is wrong, and the logs prove nothing.",
        "調査では、多数の機器のログを時刻順に並べて事象を追跡します。時計がずれていたり、記録されていない\
         タイムゾーンが使われていたりすると、順序を誤り、ログは証拠になりません。",
    ),
    fix: Text::new(
        "DHCP options: create a set that names only approved NTP servers, or none (VPC > DHCP \
         option sets), and choose it for the VPCs (Actions > Edit VPC settings). Databases: set \
         time_zone (MySQL, MariaDB) or timezone (PostgreSQL) to UTC in the parameter group (RDS > \
         Parameter groups); Oracle, SQL Server and Db2 keep the zone that they were made with, so \
         make a new instance or tag the approved one with localZoneTagKey.",
        "DHCP オプションは、承認済みの NTP サーバーだけを指定した(または指定のない)セットを作成し\
         (VPC >「DHCP オプションセット」)、VPC の「VPC の設定を編集」で選択します。データベースは、\
         パラメータグループの time_zone(MySQL、MariaDB)または timezone(PostgreSQL)を UTC に\
         設定します。Oracle、SQL Server、Db2 は後から変更できないため、インスタンスを作り直すか、\
         承認のうえ localZoneTagKey のタグを付けます。",
    ),
    remedy: Remedy::new(include_str!("time_sync/remedy.sh"), include_str!("time_sync/remedy.yaml")),
    reference: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/set-time.html",
    criteria: Criteria { explicit: &["実10 9"], implied: &[] },
    resources: &SWEPT,
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        inventory::SELECT_ACTION,
        Action::any(ec2::action::DESCRIBE_VPCS),
        Action::on(
            parameter_groups::DESCRIBE_DB_PARAMETERS,
            "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:pg:*",
        ),
        Action::on(
            parameter_groups::DESCRIBE_DB_CLUSTER_PARAMETERS,
            "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:cluster-pg:*",
        ),
        Action::on(
            parameter_groups::DESCRIBE_OPTION_GROUPS,
            "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:og:*",
        ),
        Action::any(association::LIST_ASSOCIATIONS),
    ],
    parameters: &[
        ALLOWED_NTP_SERVERS.spec,
        REQUIRE_EXPLICIT_NTP.spec,
        ALLOWED_ZONES.spec,
        LOCAL_ZONE_TAG_KEY.spec,
        ASSOCIATION_DOCUMENT_NAME.spec,
    ],
    requirements: &[
        &NTP_SERVER_NOT_APPROVED,
        &NTP_NOT_SET,
        &DB_TIMEZONE_NOT_UTC,
        &CLUSTER_TIMEZONE_NOT_UTC,
        &TIME_ASSOCIATION_NON_COMPLIANT,
    ],
    remarks: &[
        &OPTIONS_NOT_USED,
        &DATABASE_NOT_AVAILABLE,
        &JUDGED_ON_CLUSTER,
        &LOCAL_ZONE_APPROVED,
        &NO_ZONE_SETTING,
        &ENGINE_NOT_JUDGED,
        &REBOOT_PENDING,
    ],
    limits: Limits::SWEEP,
    check: Check::Service { preview, connect, swept: &SWEPT },
};

/// The types, the account last.
const SWEPT: [ResourceType; 4] = [
    ResourceType::EC2_DHCP_OPTIONS,
    ResourceType::RDS_DB_INSTANCE,
    ResourceType::RDS_DB_CLUSTER,
    ResourceType::ACCOUNT,
];

const ALLOWED_NTP_SERVERS: Param<Vec<String>> = Param::list(
    "allowedNtpServers",
    &["169.254.169.123", "fd00:ec2::123"],
    Text::new(
        "NTP servers that a set of DHCP options may name",
        "DHCP オプションに指定してよい NTP サーバー",
    ),
);
const REQUIRE_EXPLICIT_NTP: Param<bool> = Param::flag(
    "requireExplicitNtp",
    false,
    Text::new(
        "Fail sets of DHCP options without NTP servers too; Amazon's images use the Time Sync \
         Service by themselves",
        "NTP サーバーの指定がない DHCP オプションも不適合とする(Amazon のイメージは既定で Time Sync \
         Service を使用)",
    ),
);
const ALLOWED_ZONES: Param<Vec<String>> = Param::list(
    "allowedZones",
    &["UTC", "Etc/UTC", "GMT", "SYSTEM"],
    Text::new(
        "Accepted time zones of databases, besides the engine's default",
        "データベースに認めるタイムゾーン(エンジンの既定値は常に認める)",
    ),
);
const LOCAL_ZONE_TAG_KEY: Param<String> = Param::text(
    "localZoneTagKey",
    "fisc:db-local-timezone-approved",
    Text::new(
        "Tag key of databases whose local time zone was approved (a value of false opts out)",
        "ローカルタイムゾーンの使用を承認したデータベースのタグキー(値が false のものを除く)",
    ),
);
const ASSOCIATION_DOCUMENT_NAME: Param<String> = Param::text(
    "associationDocumentName",
    "",
    Text::new(
        "Document of State Manager that sets up the time client; empty: its associations are not \
         judged",
        "時刻同期クライアントを設定する State Manager のドキュメント名(空の場合は関連付けを評価しない)",
    ),
);

const NTP_SERVER_NOT_APPROVED: Requirement = Requirement {
    code: "NTP_SERVER_NOT_APPROVED",
    wave: 1,
    resources: &[ResourceType::EC2_DHCP_OPTIONS],
    title: Text::new(
        "Hosts are offered an NTP server that was not approved",
        "承認されていない NTP サーバーが提供されています",
    ),
    rule: Text::new(
        "Fails when NtpServers of a set of DHCP options that some VPC uses (DescribeVpcs) holds a \
         server outside allowedNtpServers.",
        "いずれかの VPC が使用する DHCP オプション(DescribeVpcs)の NtpServers に allowedNtpServers \
         以外のサーバーがあるとき不適合です。",
    ),
};
const NTP_NOT_SET: Requirement = Requirement {
    code: "NTP_NOT_SET",
    wave: 3,
    resources: &[ResourceType::EC2_DHCP_OPTIONS],
    title: Text::new(
        "The DHCP options name no NTP server",
        "DHCP オプションに NTP サーバーの指定がありません",
    ),
    rule: Text::new(
        "With requireExplicitNtp: fails when NtpServers is empty.",
        "requireExplicitNtp を指定した場合: NtpServers が空のとき不適合です。",
    ),
};
const DB_TIMEZONE_NOT_UTC: Requirement = Requirement {
    code: "DB_TIMEZONE_NOT_UTC",
    wave: 1,
    resources: &[ResourceType::RDS_DB_INSTANCE],
    title: Text::new(
        "The database keeps a local time zone",
        "データベースのタイムゾーンがローカルタイムです",
    ),
    rule: Text::new(
        "Fails when the zone is none of allowedZones: parameter time_zone (MySQL, MariaDB) or \
         timezone (PostgreSQL; DescribeDBParameters), option Timezone (Oracle; \
         DescribeOptionGroups), property timezone (SQL Server, Db2). Without a value the engine's \
         default, UTC, holds.",
        "タイムゾーンが allowedZones のいずれでもないとき不適合です。パラメータ time_zone(MySQL、\
         MariaDB)・timezone(PostgreSQL。DescribeDBParameters)、オプション Timezone(Oracle。\
         DescribeOptionGroups)、プロパティ timezone(SQL Server、Db2)を確認します。値がない場合は\
         エンジンの既定値である UTC とみなします。",
    ),
};
const CLUSTER_TIMEZONE_NOT_UTC: Requirement = Requirement {
    code: "CLUSTER_TIMEZONE_NOT_UTC",
    wave: 1,
    resources: &[ResourceType::RDS_DB_CLUSTER],
    title: Text::new(
        "The database cluster keeps a local time zone",
        "データベースクラスターのタイムゾーンがローカルタイムです",
    ),
    rule: Text::new(
        "Fails when time_zone (MySQL) or timezone (PostgreSQL) in the cluster's parameter group is \
         none of allowedZones (DescribeDBClusterParameters).",
        "クラスターのパラメータグループの time_zone(MySQL)または timezone(PostgreSQL)が allowedZones \
         のいずれでもないとき不適合です(DescribeDBClusterParameters)。",
    ),
};
const TIME_ASSOCIATION_NON_COMPLIANT: Requirement = Requirement {
    code: "TIME_ASSOCIATION_NON_COMPLIANT",
    wave: 3,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "The time client is not set up everywhere by State Manager",
        "State Manager による時刻同期クライアントの設定が完了していません",
    ),
    rule: Text::new(
        "With associationDocumentName: fails when no association has that document, or one of them \
         failed or did not reach some node (ListAssociations).",
        "associationDocumentName を指定した場合: そのドキュメントの関連付けがないとき、または失敗・未適用の\
         ノードがある関連付けがあるとき不適合です(ListAssociations)。",
    ),
};

const OPTIONS_NOT_USED: Remark = Remark::new(
    "OPTIONS_NOT_USED",
    "No VPC uses the DHCP options",
    "この DHCP オプションを使用する VPC はありません",
);
const DATABASE_NOT_AVAILABLE: Remark = Remark::new(
    "DATABASE_NOT_AVAILABLE",
    "The database is not available",
    "データベースは利用可能な状態ではありません",
);
const JUDGED_ON_CLUSTER: Remark = Remark::new(
    "JUDGED_ON_CLUSTER",
    "The instance has the time zone of its cluster, which is judged",
    "タイムゾーンはクラスターで設定され、クラスターで評価します",
);
const LOCAL_ZONE_APPROVED: Remark = Remark::new(
    "LOCAL_ZONE_APPROVED",
    "The local time zone was approved by a tag",
    "ローカルタイムゾーンの使用はタグで承認されています",
);
const NO_ZONE_SETTING: Remark = Remark::new(
    "NO_ZONE_SETTING",
    "The engine has no time zone setting and keeps UTC",
    "タイムゾーンの設定がないエンジンであり、常に UTC を使用します",
);
const ENGINE_NOT_JUDGED: Remark = Remark::new(
    "ENGINE_NOT_JUDGED",
    "The time zone of RDS Custom is set inside the machine and is not judged",
    "RDS Custom のタイムゾーンは OS 内で設定されるため評価していません",
);
const REBOOT_PENDING: Remark = Remark::new(
    "REBOOT_PENDING",
    "The parameter group is set, but waits for a reboot",
    "パラメータグループは設定済みですが、再起動待ちです",
);

/// What the item alone decides of a resource; `None` where a service must be asked.
type Preview = fn(&ConfigurationItem, &Run<'_>) -> Result<Option<Verdict>, Error>;

const TYPES: [(ResourceType, Preview); 3] = [
    (ResourceType::EC2_DHCP_OPTIONS, dhcp::preview),
    (ResourceType::RDS_DB_INSTANCE, databases::preview),
    (ResourceType::RDS_DB_CLUSTER, databases::preview),
];

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let preview = TYPES.iter().find(|(kind, _)| kind.name == item.resource_type);
    let (_, preview) = preview
        .ok_or_else(|| Error::Control(format!("{} is not judged here", item.resource_type)))?;
    preview(item, run)
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Services {
        ec2: Ec2::new(sdk),
        rds: aws_sdk_rds::Client::new(sdk),
        ssm: aws_sdk_ssm::Client::new(sdk),
        config: ConfigService::new(sdk),
    })
}

struct Services {
    ec2: Ec2,
    rds: aws_sdk_rds::Client,
    ssm: aws_sdk_ssm::Client,
    config: ConfigService,
}

#[async_trait]
impl ServiceCheck for Services {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        if item.resource_type == ResourceType::EC2_DHCP_OPTIONS.name {
            let vpcs = self.ec2.vpcs(&[("dhcp-options-id", &[&item.resource_id])]).await?;
            dhcp::judge(item, !vpcs.is_empty(), run)
        } else {
            databases::judge(&Groups::new(&self.rds), item, run).await
        }
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let mut evaluated = self.dhcp_options(run).await?;
        let groups = Groups::new(&self.rds);
        for kind in [ResourceType::RDS_DB_INSTANCE, ResourceType::RDS_DB_CLUSTER] {
            let items = self.config.recorded_with_tags(kind).await?;
            let judged: Vec<Evaluated> = stream::iter(items)
                .map(|item| database(&groups, item, run))
                .buffered(CONCURRENCY)
                .try_collect()
                .await?;
            evaluated.extend(judged);
        }
        let document = run.parameters.get(&ASSOCIATION_DOCUMENT_NAME);
        if !document.is_empty() {
            evaluated.push(Evaluated {
                resource: Resource::account(run.account_id, run.region),
                verdict: association::judge(&self.ssm, &document).await?,
                at: run.now,
            });
        }
        Ok(evaluated)
    }
}

impl Services {
    async fn dhcp_options(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let items = self.config.recorded_with_tags(ResourceType::EC2_DHCP_OPTIONS).await?;
        if items.is_empty() {
            return Ok(Vec::new());
        }
        let vpcs = self.ec2.vpcs(&[]).await?;
        let used: BTreeSet<String> =
            vpcs.into_iter().filter_map(|vpc| vpc.dhcp_options_id).collect();
        let judged = items.iter().map(|item| {
            Ok(Evaluated {
                resource: Resource::from(item),
                verdict: dhcp::judge(item, used.contains(&item.resource_id), run)?,
                at: run.now,
            })
        });
        judged.collect()
    }
}

/// One database of a sweep, judged as a change of it.
async fn database(
    groups: &Groups<'_>,
    item: ConfigurationItem,
    run: &Run<'_>,
) -> Result<Evaluated, Error> {
    let verdict = match runner::preview(&CONTROL, &item, run)? {
        Some(verdict) => verdict,
        None => databases::judge(groups, &item, run).await?,
    };
    Ok(Evaluated { resource: Resource::from(&item), verdict, at: run.now })
}

#[cfg(test)]
mod tests;
