//! The parameters, requirements and remarks.

use fisc_shared::parameter::Param;
use fisc_shared::{Remark, Requirement, ResourceType, Text};

const PEOPLE: &[ResourceType] = &[ResourceType::IAM_USER, ResourceType::IAM_ROLE];

pub(super) const ALLOWED_CIDRS: Param<Vec<String>> = Param::list(
    "allowedCidrs",
    &[],
    Text::new(
        "Approved source ranges (IPv4 and IPv6); with allowedVpcIds empty too, nothing is judged",
        "承認済みの接続元アドレス範囲(IPv4・IPv6)。allowedVpcIds も空なら評価しない",
    ),
);

pub(super) const ALLOWED_VPC_IDS: Param<Vec<String>> = Param::list(
    "allowedVpcIds",
    &[],
    Text::new(
        "Approved VPCs and VPC endpoints (aws:SourceVpc, aws:SourceVpce)",
        "承認済みの VPC と VPC エンドポイントの ID(aws:SourceVpc・aws:SourceVpce)",
    ),
);

pub(super) const ROLE_PATH_PREFIXES: Param<Vec<String>> = Param::list(
    "rolePathPrefixes",
    &[],
    Text::new(
        "Paths of the roles that people assume; none: every role that trusts users, accounts or \
         SAML providers",
        "利用者が引き受けるロールのパス。未指定なら、ユーザー・アカウント・SAML プロバイダーを信頼する\
         すべてのロール",
    ),
);

pub(super) const ENFORCED_BY_SCP: Param<bool> = Param::flag(
    "enforcedByScp",
    false,
    Text::new(
        "A service control policy that is checked elsewhere restricts the sources (SCPs do not \
         reach the management account)",
        "別途確認済みの SCP で接続元を制限している(管理アカウントに SCP は効かない)",
    ),
);

pub(super) const SOURCE_NOT_RESTRICTED: Requirement = Requirement {
    code: "SOURCE_NOT_RESTRICTED",
    wave: 3,
    resources: PEOPLE,
    title: Text::new(
        "Requests are allowed whatever source they come from",
        "接続元を問わずリクエストが許可されます",
    ),
    rule: Text::new(
        "Fails when the policies (own, of groups, the boundary) leave any action allowed to a \
         direct request from anywhere on the internet, or through anybody's VPC endpoint: neither \
         a Deny surely holds for it, nor is every Allow limited (aws:SourceIp, aws:SourceVpc, \
         aws:SourceVpce).",
        "本人・グループ・アクセス許可の境界のポリシーで、インターネットの任意のアドレスまたは他者の VPC \
         エンドポイントからの直接のリクエストに何らかのアクションが許可されるとき不適合です。確実に\
         当てはまる Deny があるか、すべての Allow が aws:SourceIp・aws:SourceVpc・aws:SourceVpce で\
         限定されている必要があります。",
    ),
};

pub(super) const SOURCE_RANGE_TOO_WIDE: Requirement = Requirement {
    code: "SOURCE_RANGE_TOO_WIDE",
    wave: 3,
    resources: PEOPLE,
    title: Text::new(
        "Requests are allowed from a source that is not approved",
        "承認されていない接続元からのリクエストが許可されます",
    ),
    rule: Text::new(
        "Fails when the sources are restricted, but the policies let a range through that is not \
         inside allowedCidrs, or a VPC or endpoint that is not in allowedVpcIds.",
        "接続元は制限しているものの、allowedCidrs に含まれない範囲や、allowedVpcIds にない VPC・\
         エンドポイントからのリクエストが許可されるとき不適合です。",
    ),
};

pub(super) const NO_SOURCES_GIVEN: Remark = Remark::new(
    "NO_SOURCES_GIVEN",
    "Not judged: allowedCidrs and allowedVpcIds are empty",
    "allowedCidrs と allowedVpcIds が空のため評価しません",
);
pub(super) const NO_CREDENTIALS: Remark = Remark::new(
    "NO_CREDENTIALS",
    "The user has neither a password nor an active access key",
    "ユーザーにはパスワードも有効なアクセスキーもありません",
);
pub(super) const AWS_OWNED_ROLE: Remark = Remark::new(
    "AWS_OWNED_ROLE",
    "AWS keeps the role; Identity Center access is restricted in the permission set or an SCP",
    "AWS が管理するロールです。Identity Center の接続元は許可セットまたは SCP で制限します",
);
pub(super) const NOT_FOR_PEOPLE: Remark = Remark::new(
    "NOT_FOR_PEOPLE",
    "The role trusts no user, account or SAML provider",
    "ユーザー・アカウント・SAML プロバイダーを信頼しないロールです",
);
pub(super) const OTHER_PATH: Remark = Remark::new(
    "OTHER_PATH",
    "The role's path is not among rolePathPrefixes",
    "ロールのパスが rolePathPrefixes に当てはまりません",
);
pub(super) const RESTRICTED_BY_SCP: Remark = Remark::new(
    "RESTRICTED_BY_SCP",
    "enforcedByScp: the parameter says that an SCP restricts the sources; the policies were not \
     judged",
    "enforcedByScp の指定により、SCP が接続元を制限しているものとし、ポリシーは評価していません",
);
