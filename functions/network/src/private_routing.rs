//! `private-routing`: only approved VPCs have an internet gateway, private subnets have no route
//! to it, and subnets do not hand out public addresses.
//!
//! Whether a host can be reached from the internet is decided three times: by the gateway of its
//! VPC, by the route table of its subnet, and by its own public address. This control keeps all
//! three closed, unless somebody approved them: VPCs by a list or a tag, public subnets and
//! exceptions by a tag. A gateway passes when every VPC that it is attached to is approved. A
//! route table passes when it has no working route from a subnet that is not tagged as public to
//! the internet gateway, however the route is cut (0.0.0.0/1 and 128.0.0.0/1 make a default route
//! too), and when the main table has none at all: every subnet that nobody associates uses it. A
//! subnet passes when instances in it get no public IPv4 address by themselves.
//!
//! Tags of a VPC or a subnet change without an item of the gateway or the table, and new subnets
//! come to the main table in silence, so these two are judged daily too. VPC Block Public Access
//! can stop what a route allows; the message then says so, but the route still counts.
//!
//! Criteria: 統24 8 asks for it. To fix a finding, take away the route, the gateway or the
//! automatic address, or tag what is public on purpose.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_shared::config_service::ConfigService;
use fisc_shared::ec2::{Ec2, Subnet, Vpc, action};
use fisc_shared::item::ItemStatus;
use fisc_shared::parameter::Param;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remark, Remedy, Requirement, Resource, ResourceType, Run, ServiceCheck, Severity,
    Text, Trigger, Verdict, inventory, runner,
};

mod gateway;
mod route_table;
mod subnet;

use route_table::RouteTable;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "private-routing",
    domain: Domain::Network,
    severity: Severity::Medium,
    title: Text::new(
        "Only approved VPCs have an internet gateway, private subnets have no route to it, and \
         subnets assign no public addresses",
        "インターネットゲートウェイは承認済み VPC に限り、プライベートサブネットにその経路を置かず、\
         パブリック IP を自動付与しない",
    ),
    why: Text::new(
        "A system is kept off the internet by its routes and its addresses. One default route, or \
         a public address that is assigned by itself, opens a private network to everybody.",
        "システムをインターネットから隔離しているのは、経路とアドレスです。デフォルトルートを 1 つ加える、\
         あるいはパブリック IP が自動で付与されるだけで、閉じたネットワークが外部に開かれます。",
    ),
    fix: Text::new(
        "In VPC > Route tables delete the route to the internet gateway from tables of private \
         subnets and from the main table; detach gateways from VPCs that need none (Internet \
         gateways); turn off automatic public addresses (Subnets > Edit subnet settings). Tag what \
         is public on purpose: the VPC fisc:internet-facing=true, its public subnets Tier=public.",
        "VPC の「ルートテーブル」で、プライベートサブネットのルートテーブルと\
         メインルートテーブルから、インターネットゲートウェイへのルートを削除します。不要な\
         ゲートウェイはデタッチし、「サブネットの設定を編集」でパブリック IP の自動付与を\
         無効にします。意図して公開する VPC には fisc:internet-facing=true、\
         パブリックサブネットには Tier=public のタグを付けます。",
    ),
    remedy: Remedy::new(
        include_str!("private_routing/remedy.sh"),
        include_str!("private_routing/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html",
    criteria: Criteria {
        explicit: &["統24 8"],
        implied: &[
            "統1 参考",
            "統22 1",
            "統23 1, 2",
            "統24 1",
            "統24 2",
            "統24 3",
            "統24 4",
            "統24 5",
            "統24 7",
            "実5 3",
            "実15",
            "実22",
        ],
    },
    resources: &[
        ResourceType::EC2_INTERNET_GATEWAY,
        ResourceType::EC2_ROUTE_TABLE,
        ResourceType::EC2_SUBNET,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(action::DESCRIBE_VPCS),
        Action::any(action::DESCRIBE_SUBNETS),
        inventory::ACTIONS[0],
        inventory::ACTIONS[1],
    ],
    parameters: &[
        AUTHORIZED_VPC_IDS.spec,
        INTERNET_FACING_TAG_KEY.spec,
        PUBLIC_SUBNET_TAG_KEY.spec,
        PUBLIC_SUBNET_TAG_VALUE.spec,
        ALLOWED_ROUTE_TABLE_IDS.spec,
        FORBID_NAT.spec,
        EXCEPTION_TAG_KEY.spec,
    ],
    requirements: &[
        &IGW_VPC_NOT_AUTHORIZED,
        &PRIVATE_ROUTE_TO_IGW,
        &PRIVATE_ROUTE_TO_NAT,
        &MAIN_TABLE_PUBLIC,
        &SUBNET_AUTO_PUBLIC_IP,
    ],
    remarks: &[
        &GATEWAY_DETACHED,
        &NO_AUTHORIZATION_SET,
        &NOT_ASSOCIATED,
        &SHARED_NETWORK,
        &ROUTE_TABLE_ALLOWED,
        &PUBLIC_SUBNETS_ONLY,
        &PREFIX_LIST_ROUTE,
        &PUBLIC_IP_APPROVED,
    ],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview,
        connect,
        swept: &[ResourceType::EC2_INTERNET_GATEWAY, ResourceType::EC2_ROUTE_TABLE],
    },
};

const AUTHORIZED_VPC_IDS: Param<Vec<String>> = Param::list(
    "authorizedVpcIds",
    &[],
    Text::new(
        "VPCs that may have an internet gateway",
        "インターネットゲートウェイを認める VPC の ID",
    ),
);

const INTERNET_FACING_TAG_KEY: Param<String> = Param::text(
    "internetFacingTagKey",
    "fisc:internet-facing",
    Text::new(
        "Tag of VPCs that may have an internet gateway too (value true); empty: none",
        "インターネットゲートウェイを認める VPC のタグのキー(値は true。空の場合はタグでは認めない)",
    ),
);

const PUBLIC_SUBNET_TAG_KEY: Param<String> = Param::text(
    "publicSubnetTagKey",
    "Tier",
    Text::new(
        "Tag that marks public subnets; empty: no subnet is public",
        "パブリックサブネットを示すタグのキー(空の場合、パブリックサブネットを認めない)",
    ),
);

const PUBLIC_SUBNET_TAG_VALUE: Param<String> =
    Param::text("publicSubnetTagValue", "public", Text::new("Value of that tag", "そのタグの値"));

const ALLOWED_ROUTE_TABLE_IDS: Param<Vec<String>> = Param::list(
    "allowedRouteTableIds",
    &[],
    Text::new(
        "Route tables that may lead to the internet",
        "インターネットへの経路を認めるルートテーブルの ID",
    ),
);

const FORBID_NAT: Param<bool> = Param::flag(
    "forbidNat",
    false,
    Text::new(
        "Also reject default routes of private subnets to NAT and egress-only gateways",
        "プライベートサブネットから NAT ゲートウェイと Egress-Only インターネットゲートウェイへの\
         デフォルトルートも認めない",
    ),
);

const EXCEPTION_TAG_KEY: Param<String> = Param::text(
    "exceptionTagKey",
    "fisc:public-approved",
    Text::new(
        "Tag of subnets that may assign public addresses; empty: none",
        "パブリック IP の自動付与を認めるサブネットのタグのキー(空の場合は認めない)",
    ),
);

const IGW_VPC_NOT_AUTHORIZED: Requirement = Requirement {
    code: "IGW_VPC_NOT_AUTHORIZED",
    wave: 2,
    resources: &[ResourceType::EC2_INTERNET_GATEWAY],
    title: Text::new(
        "The internet gateway is attached to a VPC that is not approved",
        "インターネットゲートウェイが未承認の VPC にアタッチされています",
    ),
    rule: Text::new(
        "Fails when a VPC of attachments is neither in authorizedVpcIds nor tagged true under \
         internetFacingTagKey (DescribeVpcs).",
        "attachments の VPC が authorizedVpcIds になく、internetFacingTagKey のタグの値も true で\
         ないとき不適合です(DescribeVpcs)。",
    ),
};

const PRIVATE_ROUTE_TO_IGW: Requirement = Requirement {
    code: "PRIVATE_ROUTE_TO_IGW",
    wave: 2,
    resources: &[ResourceType::EC2_ROUTE_TABLE],
    title: Text::new(
        "Private subnets have a route to the internet gateway",
        "プライベートサブネットにインターネットゲートウェイへのルートがあります",
    ),
    rule: Text::new(
        "Fails when the active routes to an internet gateway reach the internet (more public \
         addresses than an IPv4 /8 or an IPv6 /16 holds), and a subnet without the tag of public \
         subnets uses the table: by an association, or because it has none and this is the main \
         table.",
        "インターネットゲートウェイへの有効なルートがインターネットに達し(IPv4 の /8 または IPv6 の /16 を\
         超える数のパブリックアドレス)、パブリックサブネットのタグがないサブネットがこのテーブルを使うとき\
         不適合です(関連付けによる場合と、関連付けがなくメインルートテーブルを使う場合)。",
    ),
};

const PRIVATE_ROUTE_TO_NAT: Requirement = Requirement {
    code: "PRIVATE_ROUTE_TO_NAT",
    wave: 3,
    resources: &[ResourceType::EC2_ROUTE_TABLE],
    title: Text::new(
        "Private subnets have a default route to a NAT or egress-only gateway",
        "プライベートサブネットに NAT ゲートウェイなどへのデフォルトルートがあります",
    ),
    rule: Text::new(
        "With forbidNat: as PRIVATE_ROUTE_TO_IGW, for routes with natGatewayId or \
         egressOnlyInternetGatewayId.",
        "forbidNat が有効な場合: natGatewayId または egressOnlyInternetGatewayId へのルートを、\
         PRIVATE_ROUTE_TO_IGW と同じ条件で評価します。",
    ),
};

const MAIN_TABLE_PUBLIC: Requirement = Requirement {
    code: "MAIN_TABLE_PUBLIC",
    wave: 2,
    resources: &[ResourceType::EC2_ROUTE_TABLE],
    title: Text::new(
        "The main route table leads to the internet gateway",
        "メインルートテーブルにインターネットゲートウェイへのルートがあります",
    ),
    rule: Text::new(
        "Fails when the main table of a VPC reaches the internet through an internet gateway: \
         every new subnet is then public until somebody associates another table.",
        "VPC のメインルートテーブルからインターネットゲートウェイ経由でインターネットに達するとき不適合です。\
         新しいサブネットは、別のテーブルを関連付けるまで公開状態になります。",
    ),
};

const SUBNET_AUTO_PUBLIC_IP: Requirement = Requirement {
    code: "SUBNET_AUTO_PUBLIC_IP",
    wave: 1,
    resources: &[ResourceType::EC2_SUBNET],
    title: Text::new(
        "The subnet assigns public addresses by itself",
        "サブネットがパブリック IP を自動的に付与します",
    ),
    rule: Text::new(
        "Fails when mapPublicIpOnLaunch is true and the subnet has no tag under exceptionTagKey.",
        "mapPublicIpOnLaunch が true で、exceptionTagKey のタグがないとき不適合です。",
    ),
};

const GATEWAY_DETACHED: Remark = Remark::new(
    "GATEWAY_DETACHED",
    "The gateway is attached to no VPC",
    "ゲートウェイはどの VPC にもアタッチされていません",
);
const NO_AUTHORIZATION_SET: Remark = Remark::new(
    "NO_AUTHORIZATION_SET",
    "Neither authorizedVpcIds nor internetFacingTagKey tells which VPCs are approved",
    "authorizedVpcIds と internetFacingTagKey がいずれも空で、承認の基準がありません",
);
const NOT_ASSOCIATED: Remark = Remark::new(
    "NOT_ASSOCIATED",
    "No subnet uses the route table",
    "このルートテーブルを使うサブネットはありません",
);
const SHARED_NETWORK: Remark = Remark::new(
    "SHARED_NETWORK",
    "Another account owns it, and is judged there",
    "他のアカウントが所有しており、そちらで評価します",
);
const ROUTE_TABLE_ALLOWED: Remark = Remark::new(
    "ROUTE_TABLE_ALLOWED",
    "allowedRouteTableIds names the route table",
    "allowedRouteTableIds で認められたルートテーブルです",
);
const PUBLIC_SUBNETS_ONLY: Remark = Remark::new(
    "PUBLIC_SUBNETS_ONLY",
    "Only subnets that are tagged as public use the route to the internet",
    "インターネットへのルートを使うのは、パブリックのタグがあるサブネットだけです",
);
const PREFIX_LIST_ROUTE: Remark = Remark::new(
    "PREFIX_LIST_ROUTE",
    "A route to the internet gateway is for a prefix list, whose entries are not read",
    "インターネットゲートウェイへのルートにプレフィックスリストがあります(内容は評価していません)",
);
const PUBLIC_IP_APPROVED: Remark = Remark::new(
    "PUBLIC_IP_APPROVED",
    "The subnet assigns public addresses, and its tag approves that",
    "パブリック IP を自動付与しますが、タグで承認されています",
);

/// What an item alone decides, by its type.
type Preview = fn(&ConfigurationItem, &Run<'_>) -> Result<Option<Verdict>, Error>;

const TYPES: [(ResourceType, Preview); 3] = [
    (ResourceType::EC2_INTERNET_GATEWAY, gateway::preview),
    (ResourceType::EC2_ROUTE_TABLE, route_table::preview),
    (ResourceType::EC2_SUBNET, subnet::preview),
];

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let own = TYPES.iter().find(|(kind, _)| kind.name == item.resource_type);
    let (_, own) = own.ok_or_else(|| not_judged(item))?;
    own(item, run)
}

fn not_judged(item: &ConfigurationItem) -> Error {
    Error::Control(format!("{} is not judged here", item.resource_type))
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Routing { ec2: Ec2::new(sdk), config: ConfigService::new(sdk) })
}

struct Routing {
    ec2: Ec2,
    config: ConfigService,
}

/// What surrounds gateways and route tables.
#[derive(Debug, Default)]
struct Surroundings {
    vpcs: Vec<Vpc>,
    subnets: Vec<Subnet>,
    /// The subnets that have an association, with any table.
    associated: BTreeSet<String>,
}

/// The verdict where the item alone did not decide.
fn decide(
    item: &ConfigurationItem,
    around: &Surroundings,
    run: &Run<'_>,
) -> Result<Verdict, Error> {
    if item.resource_type == ResourceType::EC2_INTERNET_GATEWAY.name {
        gateway::decide(item, &around.vpcs, run)
    } else {
        route_table::decide(item, &around.subnets, &around.associated, run)
    }
}

#[async_trait]
impl ServiceCheck for Routing {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        let mut around = Surroundings::default();
        if item.resource_type == ResourceType::EC2_INTERNET_GATEWAY.name {
            let vpcs = gateway::attached(item)?;
            around.vpcs = self.ec2.vpcs(&[("vpc-id", &vpcs)]).await?;
        } else {
            let table = RouteTable::read(item)?;
            around.subnets = self.ec2.subnets(&[("vpc-id", &[table.vpc_id.as_str()])]).await?;
            if table.main {
                around.associated = associated(&self.recorded_tables().await?)?;
            }
        }
        decide(item, &around, run)
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let tables = self.recorded_tables().await?;
        let mut around = Surroundings { associated: associated(&tables)?, ..Default::default() };
        let mut items = self.config.recorded(ResourceType::EC2_INTERNET_GATEWAY.name).await?;
        if !items.is_empty() {
            around.vpcs = self.ec2.vpcs(&[]).await?;
        }
        if !tables.is_empty() {
            around.subnets = self.ec2.subnets(&[]).await?;
        }
        items.extend(tables);
        let evaluated = items.iter().map(|item| {
            let verdict = match runner::preview(&CONTROL, item, run)? {
                Some(verdict) => verdict,
                None => decide(item, &around, run)?,
            };
            Ok(Evaluated { resource: Resource::from(item), verdict, at: run.now })
        });
        evaluated.collect()
    }
}

impl Routing {
    async fn recorded_tables(&self) -> Result<Vec<ConfigurationItem>, Error> {
        self.config.recorded(ResourceType::EC2_ROUTE_TABLE.name).await
    }
}

/// The subnets that these tables are associated with.
fn associated(tables: &[ConfigurationItem]) -> Result<BTreeSet<String>, Error> {
    let mut subnets = BTreeSet::new();
    for item in tables.iter().filter(|item| item.status == ItemStatus::Recorded) {
        subnets.extend(RouteTable::read(item)?.subnets);
    }
    Ok(subnets)
}

#[cfg(test)]
mod tests;
