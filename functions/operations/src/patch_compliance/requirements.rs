//! The requirements and remarks of the control.

use fisc_shared::{Remark, Requirement, ResourceType, Text};

const INSTANCE: &[ResourceType] = &[ResourceType::EC2_INSTANCE];

pub(super) const NOT_MANAGED: Requirement = Requirement {
    code: "NOT_MANAGED",
    wave: 1,
    resources: INSTANCE,
    title: Text::new(
        "Systems Manager does not reach the instance",
        "Systems Manager がインスタンスを管理できていません",
    ),
    rule: Text::new(
        "Fails when a running instance is not registered with Systems Manager, or was last heard \
         of more than maxPingAgeHours ago (DescribeInstanceInformation), unless it has the tag \
         ssmExemptTagKey or was started less than launchGraceMinutes ago.",
        "実行中のインスタンスが Systems Manager に登録されていないとき、または最後の通信から \
         maxPingAgeHours を超えたとき不適合です(DescribeInstanceInformation。ssmExemptTagKey の\
         タグがある場合と起動後 launchGraceMinutes 以内を除く)。",
    ),
};

pub(super) const PATCH_NON_COMPLIANT: Requirement = Requirement {
    code: "PATCH_NON_COMPLIANT",
    wave: 1,
    resources: &[ResourceType::SSM_PATCH_COMPLIANCE],
    title: Text::new(
        "Patches are missing or failed",
        "パッチが不足しているか、適用に失敗しています",
    ),
    rule: Text::new(
        "Fails when patches of patchSeverities do not comply with the node's baseline \
         (AWS:ComplianceItem of the item; where it cannot be read, ListComplianceItems).",
        "patchSeverities の重要度のパッチがノードのベースラインに準じていないとき不適合です(項目の \
         AWS:ComplianceItem。読み取れない場合は ListComplianceItems)。",
    ),
};

pub(super) const ASSOCIATION_NON_COMPLIANT: Requirement = Requirement {
    code: "ASSOCIATION_NON_COMPLIANT",
    wave: 1,
    resources: &[ResourceType::SSM_ASSOCIATION_COMPLIANCE],
    title: Text::new(
        "State Manager associations of the node are not in effect",
        "ノードに適用されていない State Manager の関連付けがあります",
    ),
    rule: Text::new(
        "Fails when an association of the node is not compliant (AWS:ComplianceItem of the item; \
         where it cannot be read, ListComplianceItems).",
        "ノードの関連付けの状態が NON_COMPLIANT のとき不適合です(項目の AWS:ComplianceItem。読み取れ\
         ない場合は ListComplianceItems)。",
    ),
};

pub(super) const INVENTORY_MISSING: Requirement = Requirement {
    code: "INVENTORY_MISSING",
    wave: 1,
    resources: INSTANCE,
    title: Text::new(
        "The software of the instance is not inventoried",
        "インスタンスのソフトウェアインベントリが収集されていません",
    ),
    rule: Text::new(
        "Fails when a managed instance has no inventory AWS:Application younger than \
         maxInventoryAgeHours (ListInventoryEntries), unless it was started less than \
         launchGraceMinutes ago.",
        "マネージドインスタンスに maxInventoryAgeHours 以内のインベントリ AWS:Application がないとき\
         不適合です(ListInventoryEntries。起動後 launchGraceMinutes 以内を除く)。",
    ),
};

pub(super) const PATCH_SCHEDULE_MISSING: Requirement = Requirement {
    code: "PATCH_SCHEDULE_MISSING",
    wave: 1,
    resources: INSTANCE,
    title: Text::new(
        "No schedule installs patches on the instance",
        "パッチを適用するスケジュールがありません",
    ),
    rule: Text::new(
        "Fails when no association with a schedule, nor an enabled maintenance window, runs a \
         document of patchDocuments with an operation other than Scan on the instance, or when its \
         last patch operation is older than maxPatchIntervalDays; not asked of instances with the \
         tag immutableTagKey.",
        "スケジュールを持つ関連付けも有効なメンテナンスウィンドウも、インスタンスで patchDocuments の\
         ドキュメントを Scan 以外の操作で実行しないとき、または最後のパッチ操作が maxPatchIntervalDays より\
         古いとき不適合です(immutableTagKey のタグがあるインスタンスを除く)。",
    ),
};

pub(super) const PATCH_SCAN_STALE: Requirement = Requirement {
    code: "PATCH_SCAN_STALE",
    wave: 2,
    resources: INSTANCE,
    title: Text::new(
        "The patches of the instance were not looked at lately",
        "パッチの状態が最近確認されていません",
    ),
    rule: Text::new(
        "Fails when the last scan or installation is older than maxScanAgeDays, or none is known \
         of an instance older than that (DescribeInstancePatchStates); not asked of instances with \
         the tag immutableTagKey.",
        "最後のスキャンまたはインストールが maxScanAgeDays より古いとき、または作成からそれ以上経過した\
         インスタンスに記録がないとき不適合です(DescribeInstancePatchStates。immutableTagKey のタグが\
         あるインスタンスを除く)。",
    ),
};

pub(super) const PATCH_BASELINE_WEAK: Requirement = Requirement::of_account(
    "PATCH_BASELINE_WEAK",
    1,
    Text::new(
        "Patch baselines approve patches too late, or none",
        "パッチベースラインの承認が遅すぎるか、承認の設定がありません",
    ),
    Text::new(
        "Fails when the default baseline of an operating system in use, or one of its patch \
         groups, is missing, approves nothing, or approves patches later than approveAfterDaysMax \
         (GetDefaultPatchBaseline, DescribePatchGroups, GetPatchBaseline).",
        "使用中の OS について、既定またはパッチグループのベースラインがないとき、何も承認しないとき、\
         承認までの日数が approveAfterDaysMax を超えるとき不適合です(GetDefaultPatchBaseline、\
         DescribePatchGroups、GetPatchBaseline)。",
    ),
);

pub(super) const INSTANCE_TERMINATED: Remark =
    Remark::new("INSTANCE_TERMINATED", "The instance is terminated", "インスタンスは終了済みです");
pub(super) const INSTANCE_NOT_RUNNING: Remark = Remark::new(
    "INSTANCE_NOT_RUNNING",
    "The instance does not run",
    "インスタンスは実行中ではありません",
);
pub(super) const INSTANCE_STARTING: Remark = Remark::new(
    "INSTANCE_STARTING",
    "The instance was started so lately that Systems Manager may not know it yet",
    "起動直後のため、Systems Manager による管理は次回の定期評価で確認します",
);
pub(super) const SSM_EXEMPT: Remark = Remark::new(
    "SSM_EXEMPT",
    "A tag exempts the instance from Systems Manager",
    "タグにより Systems Manager による管理の対象外です",
);
pub(super) const IMMUTABLE_FLEET: Remark = Remark::new(
    "IMMUTABLE_FLEET",
    "A tag says that the instance is replaced instead of patched",
    "パッチ適用の代わりに置き換えるインスタンスであることがタグで示されています",
);
pub(super) const SCHEDULE_NOT_DECIDED: Remark = Remark::new(
    "SCHEDULE_NOT_DECIDED",
    "A patch schedule targets a resource group, whose members were not looked up",
    "パッチのスケジュールの対象がリソースグループのため、その所属は確認していません",
);
pub(super) const LESSER_PATCHES_MISSING: Remark = Remark::new(
    "LESSER_PATCHES_MISSING",
    "Only patches of other severities than patchSeverities are missing",
    "不足しているのは patchSeverities 以外の重要度のパッチだけです",
);
pub(super) const NODE_NOT_REGISTERED: Remark = Remark::new(
    "NODE_NOT_REGISTERED",
    "The node is not registered with Systems Manager any more",
    "ノードは Systems Manager に登録されていません",
);
pub(super) const NO_COMPLIANCE_DATA: Remark = Remark::new(
    "NO_COMPLIANCE_DATA",
    "Systems Manager holds no such compliance of the node",
    "このノードの該当するコンプライアンス情報はありません",
);
pub(super) const NO_MANAGED_NODE: Remark = Remark::new(
    "NO_MANAGED_NODE",
    "The account has no managed node in the Region",
    "このアカウントとリージョンにマネージドノードはありません",
);
pub(super) const SYSTEM_NOT_KNOWN: Remark = Remark::new(
    "SYSTEM_NOT_KNOWN",
    "Operating systems for which no baseline is known were not judged",
    "対応するベースラインが不明な OS は評価していません",
);
