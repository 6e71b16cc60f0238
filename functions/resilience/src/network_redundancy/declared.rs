//! The parameters, the requirements, and when the control does not apply.

use fisc_shared::parameter::Param;
use fisc_shared::{Remark, Requirement, ResourceType, Text};

pub(super) const MIN_CUSTOMER_GATEWAYS: Param<i64> = Param::integer(
    "minCustomerGateways",
    2,
    1,
    10,
    Text::new(
        "Customer gateways with different addresses that a gateway must have VPN connections to",
        "1 つのゲートウェイの VPN 接続先に必要な、アドレスの異なるカスタマーゲートウェイの数",
    ),
);
pub(super) const ACCEPT_VPN_AS_DX_BACKUP: Param<bool> = Param::flag(
    "acceptVpnAsDxBackup",
    true,
    Text::new(
        "One customer gateway is enough where the VPN backs up a redundant Direct Connect",
        "冗長化された Direct Connect のバックアップである VPN は、カスタマーゲートウェイが 1 台でもよい",
    ),
);
pub(super) const MIN_CONNECTIONS: Param<i64> = Param::integer(
    "minConnections",
    2,
    1,
    20,
    Text::new(
        "Direct Connect devices on which connections must end",
        "Direct Connect 接続に必要な、異なるデバイスの数",
    ),
);
pub(super) const MIN_LOCATIONS: Param<i64> = Param::integer(
    "minLocations",
    2,
    1,
    10,
    Text::new(
        "Direct Connect locations in which connections must end",
        "Direct Connect 接続に必要な、異なるロケーションの数",
    ),
);
pub(super) const MIN_VIRTUAL_INTERFACES: Param<i64> = Param::integer(
    "minVirtualInterfaces",
    2,
    1,
    20,
    Text::new(
        "Connections over which a gateway must be reached with BGP up",
        "ゲートウェイに必要な、BGP が確立した仮想インターフェイスの接続の数",
    ),
);
pub(super) const ACCEPT_DUAL_DX: Param<bool> = Param::flag(
    "acceptDualDx",
    true,
    Text::new(
        "A second Direct Connect path replaces the VPN as backup",
        "2 本目の Direct Connect 経路があれば、バックアップの VPN がなくてもよい",
    ),
);
pub(super) const DIRECT_CONNECT_REGIONS: Param<Vec<String>> = Param::list(
    "directConnectRegions",
    &[],
    Text::new(
        "Regions in which Direct Connect is looked at; empty: all enabled ones",
        "Direct Connect を評価するリージョン(空の場合は有効な全リージョン)",
    ),
);
pub(super) const MESH_THRESHOLD: Param<i64> = Param::integer(
    "meshThreshold",
    3,
    2,
    1000,
    Text::new("Number of VPCs from which on a hub is expected", "ハブ型の構成を求める VPC の数"),
);
pub(super) const MAX_PEERINGS_PER_VPC: Param<i64> = Param::integer(
    "maxPeeringsPerVpc",
    2,
    0,
    125,
    Text::new("Active peerings that a VPC may have", "1 つの VPC に認める有効なピアリングの数"),
);

pub(super) const VPN_TUNNEL_DOWN: Requirement = Requirement {
    code: "VPN_TUNNEL_DOWN",
    wave: 1,
    resources: &[ResourceType::EC2_VPN_CONNECTION],
    title: Text::new(
        "Fewer than two tunnels of the VPN connection are up",
        "VPN 接続の 2 本のトンネルの両方は確立していません",
    ),
    rule: Text::new(
        "Fails when fewer than two tunnels have the status UP: vgwTelemetry of the item on a \
         change, DescribeVpnConnections daily.",
        "状態が UP のトンネルが 2 本に満たないとき不適合です(変更時は構成項目の vgwTelemetry、毎日の\
         評価では DescribeVpnConnections)。",
    ),
};
pub(super) const CUSTOMER_GATEWAY_SINGLE: Requirement = Requirement {
    code: "CUSTOMER_GATEWAY_SINGLE",
    wave: 1,
    resources: &[ResourceType::EC2_VPN_GATEWAY, ResourceType::EC2_TRANSIT_GATEWAY],
    title: Text::new(
        "The gateway's VPN connections end on too few customer gateways",
        "VPN 接続先のカスタマーゲートウェイが不足しています",
    ),
    rule: Text::new(
        "Fails when the available VPN connections of the gateway end on fewer than \
         minCustomerGateways different addresses (Config's inventory), and the VPN is no backup \
         of a redundant Direct Connect.",
        "ゲートウェイの利用可能な VPN 接続の接続先アドレスが minCustomerGateways 種類に満たず\
         (Config のインベントリ)、冗長化された Direct Connect のバックアップでもないとき不適合です。",
    ),
};
pub(super) const DX_CONNECTION_SINGLE: Requirement = Requirement::of_account(
    "DX_CONNECTION_SINGLE",
    1,
    Text::new(
        "Direct Connect ends on too few devices or locations",
        "Direct Connect 接続のデバイスまたはロケーションが不足しています",
    ),
    Text::new(
        "Fails when the available connections of all Regions end on fewer than minConnections \
         devices or in fewer than minLocations locations (DescribeConnections); told once, in the \
         home Region.",
        "全リージョンの利用可能な接続のデバイスが minConnections 台、またはロケーションが \
         minLocations か所に満たないとき不適合です(DescribeConnections)。ホームリージョンで 1 回だけ\
         報告します。",
    ),
);
pub(super) const DX_INTERFACE_SINGLE: Requirement = Requirement::of_account(
    "DX_INTERFACE_SINGLE",
    1,
    Text::new(
        "Gateways that too few Direct Connect connections reach",
        "Direct Connect 接続が不足しているゲートウェイがあります",
    ),
    Text::new(
        "Fails when fewer than minVirtualInterfaces connections carry an available virtual \
         interface with a BGP peer up to a Direct Connect gateway or virtual private gateway \
         (DescribeVirtualInterfaces); told once, in the home Region.",
        "Direct Connect ゲートウェイまたは仮想プライベートゲートウェイに至る、BGP ピアが確立した利用可能な\
         仮想インターフェイスの接続が minVirtualInterfaces 本に満たないとき不適合です\
         (DescribeVirtualInterfaces)。ホームリージョンで 1 回だけ報告します。",
    ),
);
pub(super) const DX_WITHOUT_BACKUP_PATH: Requirement = Requirement::of_account(
    "DX_WITHOUT_BACKUP_PATH",
    1,
    Text::new(
        "Gateways behind one Direct Connect path without a VPN",
        "Direct Connect の経路が 1 本で、バックアップの VPN がないゲートウェイがあります",
    ),
    Text::new(
        "Fails when a virtual private or transit gateway of this account is reached over a single \
         connection (over any number without acceptDualDx), and has no VPN with a tunnel up \
         (DescribeDirectConnectGatewayAssociations, DescribeVpnConnections); told once, in the \
         home Region.",
        "このアカウントの仮想プライベートゲートウェイまたは Transit Gateway に至る Direct Connect 接続が \
         1 本だけで(acceptDualDx が false のときは本数を問わず)、トンネルが確立した VPN もないとき\
         不適合です(DescribeDirectConnectGatewayAssociations、DescribeVpnConnections)。\
         ホームリージョンで 1 回だけ報告します。",
    ),
);
pub(super) const VPC_PEERING_MESH: Requirement = Requirement::of_account(
    "VPC_PEERING_MESH",
    2,
    Text::new("VPCs form a mesh of peerings", "VPC ピアリングが網状に張られています"),
    Text::new(
        "Fails when the Region has meshThreshold VPCs or more, without the default one, and some \
         VPC has more than maxPeeringsPerVpc active peerings (Config's inventory).",
        "リージョンの VPC(デフォルト VPC を除く)が meshThreshold 以上あり、有効なピアリングが \
         maxPeeringsPerVpc を超える VPC があるとき不適合です(Config のインベントリ)。",
    ),
);

pub(super) const VPN_NOT_AVAILABLE: Remark = Remark::new(
    "VPN_NOT_AVAILABLE",
    "The VPN connection is not in service",
    "VPN 接続は利用可能な状態ではありません",
);
pub(super) const NO_VPN: Remark = Remark::new(
    "NO_VPN",
    "The gateway has no VPN connection",
    "ゲートウェイに VPN 接続がありません",
);
pub(super) const BACKS_UP_DIRECT_CONNECT: Remark = Remark::new(
    "BACKS_UP_DIRECT_CONNECT",
    "The VPN backs up a Direct Connect that is redundant itself",
    "冗長化された Direct Connect のバックアップの VPN です",
);
pub(super) const NO_LINES: Remark = Remark::new(
    "NO_LINES",
    "There is no Direct Connect to judge here, and fewer VPCs than meshThreshold",
    "ここで評価する Direct Connect はなく、VPC の数は meshThreshold に達していません",
);
