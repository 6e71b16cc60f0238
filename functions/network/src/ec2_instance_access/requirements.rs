//! The requirements and remarks of the control.

use fisc_shared::{Remark, Requirement, ResourceType, Text};

const INSTANCE: &[ResourceType] = &[ResourceType::EC2_INSTANCE];
const TEMPLATE: &[ResourceType] = &[ResourceType::EC2_LAUNCH_TEMPLATE];

pub(super) const PUBLIC_IP_ASSIGNED: Requirement = Requirement {
    code: "PUBLIC_IP_ASSIGNED",
    wave: 1,
    resources: INSTANCE,
    title: Text::new(
        "The instance has a public address",
        "インスタンスにパブリック IP アドレスがあります",
    ),
    rule: Text::new(
        "Fails when the instance or one of its interfaces has a public IPv4 address \
         (publicIpAddress; networkInterfaces: association, privateIpAddresses), unless it has the \
         tag publicIpExemptTagKey.",
        "インスタンスまたはそのネットワークインターフェイスにパブリック IPv4 アドレスがあるとき不適合です\
         (publicIpAddress、networkInterfaces の association・privateIpAddresses。\
         publicIpExemptTagKey のタグがある場合を除く)。",
    ),
};

pub(super) const IMDSV1_ALLOWED: Requirement = Requirement {
    code: "IMDSV1_ALLOWED",
    wave: 2,
    resources: INSTANCE,
    title: Text::new(
        "The instance answers for its metadata without a session token (IMDSv1)",
        "セッショントークンなしのメタデータ取得(IMDSv1)を許可しています",
    ),
    rule: Text::new(
        "Fails when metadataOptions.httpTokens is not required while httpEndpoint is not disabled.",
        "metadataOptions の httpEndpoint が disabled でなく、httpTokens が required でないとき\
         不適合です。",
    ),
};

pub(super) const INSTANCE_PROFILE_MISSING: Requirement = Requirement {
    code: "INSTANCE_PROFILE_MISSING",
    wave: 1,
    resources: INSTANCE,
    title: Text::new(
        "The instance has no IAM role",
        "インスタンスに IAM ロールが割り当てられていません",
    ),
    rule: Text::new(
        "Fails when iamInstanceProfile is absent, unless the instance has the tag noAwsApiTagKey.",
        "iamInstanceProfile がないとき不適合です(noAwsApiTagKey のタグがある場合を除く)。",
    ),
};

pub(super) const INBOUND_ADMIN_PORT: Requirement = Requirement {
    code: "INBOUND_ADMIN_PORT",
    wave: 1,
    resources: INSTANCE,
    title: Text::new(
        "Administration ports of the instance are open",
        "インスタンスの管理用ポートが開放されています",
    ),
    rule: Text::new(
        "Fails when the security groups of any interface open a port of adminPorts to an address \
         outside allowedCidrs (DescribeSecurityGroups); without allowedCidrs to any address. \
         Bastions (bastionTag) are judged by BASTION_PATH_TOO_WIDE instead.",
        "いずれかのインターフェイスのセキュリティグループが、allowedCidrs 以外のアドレスに adminPorts の\
         ポートを開放しているとき不適合です(DescribeSecurityGroups。allowedCidrs が空の場合は\
         すべてのアドレス)。踏み台(bastionTag)は BASTION_PATH_TOO_WIDE で評価します。",
    ),
};

pub(super) const BASTION_PATH_TOO_WIDE: Requirement = Requirement {
    code: "BASTION_PATH_TOO_WIDE",
    wave: 1,
    resources: INSTANCE,
    title: Text::new(
        "The ways to the bastion are too wide, or there is none",
        "踏み台への経路が広すぎるか、経路がありません",
    ),
    rule: Text::new(
        "Fails when the security groups of an instance with bastionTag open any port to an address \
         outside allowedCidrs; also when they let nothing in and the running instance is not \
         online in Systems Manager, or was last heard of more than maxPingAgeHours ago \
         (DescribeInstanceInformation).",
        "bastionTag のあるインスタンスのセキュリティグループが、allowedCidrs 以外のアドレスにポートを\
         開放しているとき不適合です。受信を一切許可せず、実行中にもかかわらず Systems Manager でも\
         オンラインでないとき、または最後の通信から maxPingAgeHours を超えたときも不適合です\
         (DescribeInstanceInformation)。",
    ),
};

pub(super) const IN_DEFAULT_VPC: Requirement = Requirement {
    code: "IN_DEFAULT_VPC",
    wave: 2,
    resources: INSTANCE,
    title: Text::new(
        "The instance is in the default VPC",
        "インスタンスがデフォルト VPC にあります",
    ),
    rule: Text::new(
        "Fails when the VPC of the instance is the Region's default VPC (DescribeVpcs), unless \
         allowDefaultVpc is set.",
        "インスタンスの VPC がリージョンのデフォルト VPC であるとき不適合です(DescribeVpcs。\
         allowDefaultVpc を指定した場合を除く)。",
    ),
};

pub(super) const TEMPLATE_PUBLIC_IP: Requirement = Requirement {
    code: "TEMPLATE_PUBLIC_IP",
    wave: 1,
    resources: &[
        ResourceType::EC2_LAUNCH_TEMPLATE,
        ResourceType::AUTO_SCALING_LAUNCH_CONFIGURATION,
    ],
    title: Text::new(
        "Instances are launched with a public address",
        "起動するインスタンスにパブリック IP アドレスを割り当てる設定です",
    ),
    rule: Text::new(
        "Fails when the default or the latest version of a launch template, or a launch \
         configuration, sets AssociatePublicIpAddress to true, unless the template has the tag \
         publicIpExemptTagKey.",
        "起動テンプレートのデフォルトまたは最新のバージョン、または起動設定で AssociatePublicIpAddress が \
         true のとき不適合です(publicIpExemptTagKey のタグがあるテンプレートを除く)。",
    ),
};

pub(super) const TEMPLATE_IMDSV1_ALLOWED: Requirement = Requirement {
    code: "TEMPLATE_IMDSV1_ALLOWED",
    wave: 2,
    resources: TEMPLATE,
    title: Text::new(
        "Instances are launched with IMDSv1",
        "起動するインスタンスで IMDSv1 を許可する設定です",
    ),
    rule: Text::new(
        "Fails when the default or the latest version sets MetadataOptions.HttpTokens to optional \
         and leaves the endpoint on. Unset, the account's default holds.",
        "デフォルトまたは最新のバージョンで、エンドポイントが有効のまま MetadataOptions.HttpTokens が \
         optional に設定されているとき不適合です(未設定の場合はアカウントの既定値に従います)。",
    ),
};

pub(super) const TEMPLATE_SECURITY_UNSET: Requirement = Requirement {
    code: "TEMPLATE_SECURITY_UNSET",
    wave: 1,
    resources: TEMPLATE,
    title: Text::new(
        "The launch template leaves security settings open",
        "起動テンプレートのセキュリティ設定が不十分です",
    ),
    rule: Text::new(
        "Fails when the default or the latest version names no image or no security group (an \
         interface without groups gets the VPC's default group), names the VPC's default group or \
         one that opens adminPorts to the internet (DescribeSecurityGroups), or sets Encrypted to \
         false for a block device.",
        "デフォルトまたは最新のバージョンで、イメージまたはセキュリティグループの指定がないとき(グループの\
         ないインターフェイスには VPC のデフォルトグループが付きます)、VPC のデフォルトグループや \
         adminPorts をインターネットに開放するグループを指定しているとき(DescribeSecurityGroups)、\
         ブロックデバイスの Encrypted が false のとき不適合です。",
    ),
};

pub(super) const ASG_USES_LAUNCH_CONFIGURATION: Requirement = Requirement {
    code: "ASG_USES_LAUNCH_CONFIGURATION",
    wave: 1,
    resources: &[ResourceType::AUTO_SCALING_AUTO_SCALING_GROUP],
    title: Text::new(
        "The Auto Scaling group uses a launch configuration",
        "Auto Scaling グループが起動設定を使用しています",
    ),
    rule: Text::new(
        "Fails when launchConfigurationName is set, and neither launchTemplate nor \
         mixedInstancesPolicy is.",
        "launchConfigurationName が設定され、launchTemplate も mixedInstancesPolicy もないとき\
         不適合です。",
    ),
};

pub(super) const INSTANCE_TERMINATED: Remark =
    Remark::new("INSTANCE_TERMINATED", "The instance is terminated", "インスタンスは終了済みです");
pub(super) const PUBLIC_IP_APPROVED: Remark = Remark::new(
    "PUBLIC_IP_APPROVED",
    "The public address was approved by a tag",
    "パブリック IP アドレスはタグで承認されています",
);
pub(super) const ROLE_NOT_NEEDED: Remark = Remark::new(
    "ROLE_NOT_NEEDED",
    "A tag says that the instance needs no IAM role",
    "IAM ロールが不要であることがタグで示されています",
);
pub(super) const PREFIX_LIST_NOT_JUDGED: Remark = Remark::new(
    "PREFIX_LIST_NOT_JUDGED",
    "Sources that are prefix lists were not judged",
    "送信元のプレフィックスリストは評価していません",
);
pub(super) const TEMPLATES_NOT_CHECKED: Remark = Remark::new(
    "TEMPLATES_NOT_CHECKED",
    "Launch templates are not judged (checkLaunchTemplates)",
    "起動テンプレートは評価の対象外です(checkLaunchTemplates)",
);
pub(super) const GROUP_NOT_JUDGED: Remark = Remark::new(
    "GROUP_NOT_JUDGED",
    "Security groups that are named, or not found here, were not judged",
    "名前で指定された、またはここで見つからないセキュリティグループは評価していません",
);
