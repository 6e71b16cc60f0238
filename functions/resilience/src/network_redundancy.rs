//! `network-redundancy`: the lines to the institution survive the loss of a tunnel, a router, a
//! circuit or a Direct Connect location, and VPCs meet in a hub.
//!
//! A VPN connection has two tunnels, which end on different machines of AWS: both must be up, else
//! the next maintenance of AWS cuts the line. On the other side two customer gateways with
//! different addresses stand for two routers, unless the VPN only backs up a Direct Connect that is
//! redundant itself. Direct Connect needs connections that end on different devices, in different
//! locations, and a gateway must be reached over two of them with BGP up, or over one and a VPN.
//!
//! Tunnels go up and down without a configuration item, so EC2 is asked for them daily. Circuits
//! may belong to other Regions than what they lead to: the home Region looks at Direct Connect in
//! all of them, and reports on the account. A circuit of another account (a network account, or a
//! partner that shares one) is not seen, only the virtual interfaces that it hosts; a spare router
//! that is not connected is not seen either. Transit gateways are judged in the account that owns
//! them.
//!
//! Criteria: 実71, 実86, 実87 ask for it. To fix a finding, bring the second tunnel up, or order the
//! second circuit at another location.

use fisc_services::direct_connect;
use fisc_services::regions::LIST_REGIONS;
use fisc_shared::{
    Action, Check, Control, Criteria, Domain, Limits, Placement, Remedy, ResourceType, Severity,
    Text, Trigger, ec2, inventory,
};

mod declared;
mod lines;
mod peering;
mod services;
#[cfg(test)]
mod tests;
mod vpn;

use declared as d;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "network-redundancy",
    domain: Domain::Resilience,
    severity: Severity::High,
    title: Text::new(
        "Connections to the institution use redundant tunnels, gateways, circuits and a hub \
         topology",
        "自社拠点との接続が、トンネル・ゲートウェイ・回線の冗長化とハブ型の構成を備えている",
    ),
    why: Text::new(
        "Branches, data centres and partners reach the systems over a few lines. One line without \
         a second one turns a maintenance of AWS, a broken router or a cut fibre into an outage.",
        "営業店・データセンター・接続先は、限られた回線を通じてシステムを利用します。代替のない回線では、\
         AWS のメンテナンス、ルーターの故障、光ファイバーの切断がそのままサービス停止になります。",
    ),
    fix: Text::new(
        "Configure both tunnels of each VPN connection on the customer gateway (VPC > Site-to-Site \
         VPN > Download configuration), and add a VPN connection to a second customer gateway. \
         Order a Direct Connect connection at a second location (Direct Connect > Connections) and \
         give each gateway a virtual interface on both, or a VPN as backup. Replace meshes of VPC \
         peerings by a transit gateway.",
        "VPN 接続の 2 本のトンネルをカスタマーゲートウェイ側で両方とも設定し(VPC >「Site-to-Site \
         VPN」>「設定をダウンロード」)、2 台目のカスタマーゲートウェイへの VPN 接続を追加します。\
         Direct Connect は「接続」で別のロケーションにも用意し、各ゲートウェイに両方の\
         仮想インターフェイスを作成するか、バックアップの VPN を設けます。VPC ピアリングの\
         網状接続は Transit Gateway に置き換えます。",
    ),
    remedy: Remedy::new(
        include_str!("network_redundancy/remedy.sh"),
        include_str!("network_redundancy/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/directconnect/latest/UserGuide/resiliency_toolkit.html",
    criteria: Criteria { explicit: &["実71", "実86", "実87"], implied: &["実72 9"] },
    resources: &[
        ResourceType::EC2_VPN_CONNECTION,
        ResourceType::EC2_VPN_GATEWAY,
        ResourceType::EC2_TRANSIT_GATEWAY,
        ResourceType::ACCOUNT,
    ],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        inventory::SELECT_ACTION,
        Action::any(ec2::action::DESCRIBE_VPN_CONNECTIONS),
        Action::any(direct_connect::DESCRIBE_CONNECTIONS),
        Action::any(direct_connect::DESCRIBE_VIRTUAL_INTERFACES),
        Action::any(direct_connect::DESCRIBE_ASSOCIATIONS),
        Action::on(LIST_REGIONS, fisc_shared::grant::OWN_ACCOUNT),
    ],
    parameters: &[
        d::MIN_CUSTOMER_GATEWAYS.spec,
        d::ACCEPT_VPN_AS_DX_BACKUP.spec,
        d::MIN_CONNECTIONS.spec,
        d::MIN_LOCATIONS.spec,
        d::MIN_VIRTUAL_INTERFACES.spec,
        d::ACCEPT_DUAL_DX.spec,
        d::DIRECT_CONNECT_REGIONS.spec,
        d::MESH_THRESHOLD.spec,
        d::MAX_PEERINGS_PER_VPC.spec,
    ],
    requirements: &[
        &d::VPN_TUNNEL_DOWN,
        &d::CUSTOMER_GATEWAY_SINGLE,
        &d::DX_CONNECTION_SINGLE,
        &d::DX_INTERFACE_SINGLE,
        &d::DX_WITHOUT_BACKUP_PATH,
        &d::VPC_PEERING_MESH,
    ],
    remarks: &[&d::VPN_NOT_AVAILABLE, &d::NO_VPN, &d::BACKS_UP_DIRECT_CONNECT, &d::NO_LINES],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview: services::preview,
        connect: services::connect,
        swept: services::SWEPT,
    },
};
