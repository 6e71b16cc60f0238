//! The requirements.

use fisc_shared::{Requirement, Text};

pub(super) const NOT_IN_ORGANIZATION: Requirement = Requirement::of_account(
    "NOT_IN_ORGANIZATION",
    1,
    Text::new(
        "The account is not in the organization that it belongs to",
        "アカウントが所属すべき組織に属していません",
    ),
    Text::new(
        "Fails when the account is in no organization, or in one that another account manages \
         than expectedManagementAccountId (DescribeOrganization).",
        "アカウントがどの組織にも属していないか、expectedManagementAccountId 以外が管理する組織に属しているとき\
         不適合です(DescribeOrganization)。",
    ),
);

pub(super) const ORGANIZATION_FEATURES_LIMITED: Requirement = Requirement::of_account(
    "ORGANIZATION_FEATURES_LIMITED",
    1,
    Text::new(
        "The organization cannot use service control policies",
        "組織でサービスコントロールポリシーを使用できません",
    ),
    Text::new(
        "Fails when the feature set of the organization is not ALL (DescribeOrganization) or, seen \
         from the account that judges the organization, service control policies are not enabled \
         in the root (ListRoots).",
        "組織の機能セットが ALL でないとき(DescribeOrganization)、または組織全体を評価するアカウントから見て、ルートで\
         サービスコントロールポリシーが有効でないとき不適合です(ListRoots)。",
    ),
);

pub(super) const SCP_NOT_ATTACHED: Requirement = Requirement::of_account(
    "SCP_NOT_ATTACHED",
    1,
    Text::new(
        "No service control policy restricts some member accounts",
        "SCP で制限されていないメンバーアカウントがあります",
    ),
    Text::new(
        "Fails when the policies at an active member account, its organizational units and the \
         root deny nothing and together allow everything, by their content and not by their name \
         (ListPolicies, ListTargetsForPolicy, DescribePolicy). Not judged while service control \
         policies are not enabled.",
        "有効なメンバーアカウント、その組織単位、ルートのポリシーが、何も拒否せずすべてを許可しているとき不適合です。名前ではなく内容で\
         判断します(ListPolicies、ListTargetsForPolicy、DescribePolicy)。SCP が有効でない間は評価しません。",
    ),
);

pub(super) const AUDIT_SERVICES_UNPROTECTED: Requirement = Requirement::of_account(
    "AUDIT_SERVICES_UNPROTECTED",
    2,
    Text::new(
        "Member accounts can turn off audit services or leave the organization",
        "メンバーアカウントで監査サービスの停止や組織からの離脱が可能です",
    ),
    Text::new(
        "Fails when an action of protectedActions is denied at no place between the root and an \
         active member account, for a principal that no policy names. Denies for some resources \
         only count, such as for the trails of a landing zone (DescribePolicy).",
        "ルートから有効なメンバーアカウントまでのどこでも、protectedActions のアクションが、ポリシーに名前のないプリンシパルに対して拒否されて\
         いないとき不適合です。ランディングゾーンの証跡など、一部のリソースに対する拒否も有効とみなします(DescribePolicy)。",
    ),
);

pub(super) const ROOT_USER_NOT_DENIED: Requirement = Requirement::of_account(
    "ROOT_USER_NOT_DENIED",
    2,
    Text::new(
        "Service control policies do not stop the root users of member accounts",
        "メンバーアカウントのルートユーザーが SCP で拒否されていません",
    ),
    Text::new(
        "Fails when between the root and an active member account some everyday action (starting \
         instances, reading objects, decrypting, creating users and access keys) is not denied to \
         the account's root user on every resource. Single tasks that only a root user can do may \
         be left open (DescribePolicy).",
        "ルートから有効なメンバーアカウントまでに、日常的なアクション(インスタンスの起動、オブジェクトの読み取り、復号、ユーザーやアクセスキーの\
         作成)のいずれかが、ルートユーザーに対して全リソースで拒否されていないとき不適合です。ルートユーザーにしかできない\
         個別の作業は許可されていてもかまいません(DescribePolicy)。",
    ),
);

pub(super) const IAM_ADMIN_NOT_DENIED: Requirement = Requirement::of_account(
    "IAM_ADMIN_NOT_DENIED",
    2,
    Text::new(
        "Others than the IAM administrators can administer IAM in member accounts",
        "メンバーアカウントで IAM 管理者以外が IAM を管理できます",
    ),
    Text::new(
        "With iamAdminPatterns: fails when an action of deniedIamActions is not denied, on every \
         resource, to a principal that no policy names, or to one that a policy excepts and \
         iamAdminPatterns does not cover (DescribePolicy).",
        "iamAdminPatterns を指定した場合: deniedIamActions のアクションが、ポリシーに名前のないプリンシパル、またはポリシーで除外されて\
         いても iamAdminPatterns に含まれないプリンシパルに対して、全リソースで拒否されていないとき不適合です(DescribePolicy)。",
    ),
);

pub(super) const ENVIRONMENTS_NOT_SEPARATED: Requirement = Requirement::of_account(
    "ENVIRONMENTS_NOT_SEPARATED",
    1,
    Text::new(
        "Environments are not separated by accounts and organizational units",
        "環境がアカウントと組織単位で分離されていません",
    ),
    Text::new(
        "Fails when the organization has fewer than two active accounts, an active member account \
         lacks the tag of environmentTagKey, or an organizational unit directly holds accounts of \
         production and of another environment (ListAccountsForParent, ListTagsForResource).",
        "組織の有効なアカウントが 2 つ未満のとき、有効なメンバーアカウントに environmentTagKey のタグがないとき、または 1 つの組織単位の\
         直下に本番とそれ以外のアカウントがあるとき不適合です(ListAccountsForParent、ListTagsForResource)。",
    ),
);

pub(super) const ACCOUNT_MIXES_ENVIRONMENTS: Requirement = Requirement::of_account(
    "ACCOUNT_MIXES_ENVIRONMENTS",
    1,
    Text::new(
        "The account holds resources of another environment",
        "アカウントに別の環境のリソースがあります",
    ),
    Text::new(
        "Fails when a resource in an enabled Region carries another value in the tag of \
         environmentTagKey than the account (tag:GetResources); letter case does not matter. Not \
         judged where the environment of the account is not known.",
        "有効なリージョンのリソースの environmentTagKey のタグの値が、アカウントの値と異なるとき不適合です(tag:GetResources)。\
         大文字と小文字は区別しません。アカウントの環境が不明の場合は評価しません。",
    ),
);

pub(super) const ACCOUNT_OUTSIDE_OU: Requirement = Requirement::of_account(
    "ACCOUNT_OUTSIDE_OU",
    1,
    Text::new(
        "Accounts are in no organizational unit that they may be in",
        "許可された組織単位に属していないアカウントがあります",
    ),
    Text::new(
        "Fails when an active member account is directly below the root or, with allowedOuIds, in \
         and below none of these (ListRoots, ListOrganizationalUnitsForParent, \
         ListAccountsForParent).",
        "有効なメンバーアカウントがルート直下にあるとき、または allowedOuIds を指定した場合にそのいずれの配下にもないとき不適合です\
         (ListRoots、ListOrganizationalUnitsForParent、ListAccountsForParent)。",
    ),
);

pub(super) const MANAGEMENT_ACCOUNT_WORKLOAD: Requirement = Requirement::of_account(
    "MANAGEMENT_ACCOUNT_WORKLOAD",
    2,
    Text::new(
        "The management account runs compute or databases",
        "管理アカウントにコンピューティングやデータベースのリソースがあります",
    ),
    Text::new(
        "In the management account: fails when AWS Config records instances, clusters or databases \
         in an enabled Region, of types outside allowedManagementTypes \
         (GetDiscoveredResourceCounts). Functions do not count.",
        "管理アカウントの場合: 有効なリージョンで、AWS Config が allowedManagementTypes 以外のタイプのインスタンス、クラスター、データ\
         ベースを記録しているとき不適合です(GetDiscoveredResourceCounts)。関数は数えません。",
    ),
);

pub(super) const DELEGATED_ADMIN_MISSING: Requirement = Requirement::of_account(
    "DELEGATED_ADMIN_MISSING",
    1,
    Text::new(
        "Services lack their delegated administrator",
        "委任管理者が設定されていないサービスがあります",
    ),
    Text::new(
        "Fails when a service of delegatedAdmins has no delegated administrator, or another one \
         than the account given there (ListDelegatedAdministrators).",
        "delegatedAdmins のサービスに委任管理者がいないか、指定したアカウントと異なるとき不適合です\
         (ListDelegatedAdministrators)。",
    ),
);

pub(super) const LANDING_ZONE_UNHEALTHY: Requirement = Requirement::of_account(
    "LANDING_ZONE_UNHEALTHY",
    1,
    Text::new(
        "The landing zone is missing, failed or has drifted",
        "ランディングゾーンが存在しない、失敗している、またはドリフトしています",
    ),
    Text::new(
        "In the management account, with governanceTool CONTROL_TOWER: fails when there is no \
         landing zone, its status is FAILED or its drift status is DRIFTED (ListLandingZones, \
         GetLandingZone).",
        "管理アカウントで governanceTool が CONTROL_TOWER の場合: ランディングゾーンがないか、ステータスが FAILED、またはドリフト\
         ステータスが DRIFTED のとき不適合です(ListLandingZones、GetLandingZone)。",
    ),
);

pub(super) const CONTACT_MISSING: Requirement = Requirement::of_account(
    "CONTACT_MISSING",
    2,
    Text::new(
        "Alternate contacts are not set, or outside the allowed mail domains",
        "代替連絡先が設定されていないか、許可されたメールドメインではありません",
    ),
    Text::new(
        "Fails when a contact of requiredContacts is not set or, with allowedContactDomains, has \
         a mail address of another domain (GetAlternateContact).",
        "requiredContacts の連絡先が設定されていないか、allowedContactDomains を指定した場合に別のドメインのメールアドレスであるとき\
         不適合です(GetAlternateContact)。",
    ),
);

pub(super) const SUPPORT_PLAN_INSUFFICIENT: Requirement = Requirement::of_account(
    "SUPPORT_PLAN_INSUFFICIENT",
    1,
    Text::new(
        "The support plan does not offer the severity that is needed",
        "サポートプランで必要な重要度のケースを起票できません",
    ),
    Text::new(
        "Fails when AWS Support refuses the call for lack of a plan, or does not offer \
         minSeverityCode (DescribeSeverityLevels).",
        "サポートプランがないため AWS Support が呼び出しを拒否したとき、または minSeverityCode が提供されていないとき不適合です\
         (DescribeSeverityLevels)。",
    ),
);

pub(super) const SUPPORT_ROLE_MISSING: Requirement = Requirement::of_account(
    "SUPPORT_ROLE_MISSING",
    2,
    Text::new(
        "No role or group may work with AWS Support",
        "AWS Support を利用できるロールやグループがありません",
    ),
    Text::new(
        "Fails when the managed policy AWSSupportAccess is attached to no role and no group \
         (ListEntitiesForPolicy); as a permissions boundary it grants nothing.",
        "管理ポリシー AWSSupportAccess がロールにもグループにもアタッチされていないとき不適合です(ListEntitiesForPolicy)。\
         アクセス許可の境界としての使用は数えません。",
    ),
);
