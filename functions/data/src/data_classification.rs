//! `data-classification`: data stores carry the tags that tell how sensitive their data is, and
//! who answers for them.
//!
//! What protects data depends on its class, and other controls choose by the same tag what they
//! judge: a store without it silently leaves their scope. So this control comes first. It reads
//! the tags of the configuration item; keys and values are compared exactly, as AWS does.
//!
//! Criteria: 統24 6, 実28, 監1 1, 監1 3 imply it. To fix a store, set the classification tag to
//! one of the accepted classes, and the other tags that the institution requires.

use std::collections::BTreeMap;

use fisc_shared::item::ItemError;
use fisc_shared::parameter::{Param, ParameterError};
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Check, ConfigurationItem, Control, Criteria, Domain, Error, Limits, Placement, Remark, Remedy,
    Requirement, ResourceType, Run, Severity, Text, Trigger, Verdict, message,
};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "data-classification",
    domain: Domain::Data,
    severity: Severity::Low,
    title: Text::new(
        "Data stores carry the tags that tell their data class and who is responsible",
        "データストアに、データ分類と管理責任を示すタグが付与されている",
    ),
    why: Text::new(
        "How data must be protected, kept and disposed of depends on its class. Without a tag \
         nobody can tell from the store which rules apply, and controls that choose stores by \
         class leave it out unnoticed.",
        "データの保護、保存、廃棄の方法はデータの分類によって決まります。タグがないと、どの規則に\
         従うべきデータかをストアから判断できず、分類で対象を選ぶコントロールからも気付かれずに\
         漏れてしまいます。",
    ),
    fix: Text::new(
        "Tag the resource with its data class and the other required keys: Tags on its own page, \
         or many at once in Resource Groups > Tag Editor. Keep the tags in the templates that \
         create the stores, and enforce them with a tag policy (AWS Organizations > Policies).",
        "リソースにデータ分類のタグとその他の必須タグを付与します。各リソースの「タグ」のほか、\
         Resource Groups の「タグエディタ」で一括して付与できます。タグはストアを作成する\
         テンプレートで管理し、タグポリシー(AWS Organizations >「ポリシー」)で統制します。",
    ),
    remedy: Remedy::new(
        include_str!("data_classification/remedy.sh"),
        include_str!("data_classification/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html",
    criteria: Criteria { explicit: &[], implied: &["統24 6", "実28", "監1 1", "監1 3"] },
    resources: TAGGED,
    trigger: Trigger::Change,
    placement: Placement::EveryRegion,
    actions: &[],
    parameters: &[
        DATA_CLASS_TAG_KEY.spec,
        ALLOWED_DATA_CLASSES.spec,
        RESOURCE_TYPES.spec,
        REQUIRED_TAG_KEYS.spec,
        RETENTION_TAG_KEY.spec,
    ],
    requirements: &[
        &CLASS_TAG_MISSING,
        &CLASS_TAG_INVALID,
        &RETENTION_TAG_MISSING,
        &REQUIRED_TAG_MISSING,
    ],
    remarks: &[&TYPE_NOT_CHOSEN, &NO_REQUIRED_TAGS, &JUDGED_ON_CLUSTER],
    limits: Limits::SMALL,
    check: Check::Item(evaluate),
};

/// The types that hold data.
const STORES: &[ResourceType] = &[
    ResourceType::S3_BUCKET,
    ResourceType::EC2_VOLUME,
    ResourceType::RDS_DB_INSTANCE,
    ResourceType::RDS_DB_CLUSTER,
    ResourceType::DYNAMODB_TABLE,
    ResourceType::EFS_FILE_SYSTEM,
    ResourceType::REDSHIFT_CLUSTER,
    ResourceType::OPENSEARCH_DOMAIN,
];

/// Those, and the types that only need the required tags.
const TAGGED: &[ResourceType] = &[
    ResourceType::S3_BUCKET,
    ResourceType::EC2_VOLUME,
    ResourceType::RDS_DB_INSTANCE,
    ResourceType::RDS_DB_CLUSTER,
    ResourceType::DYNAMODB_TABLE,
    ResourceType::EFS_FILE_SYSTEM,
    ResourceType::REDSHIFT_CLUSTER,
    ResourceType::OPENSEARCH_DOMAIN,
    ResourceType::EC2_INSTANCE,
    ResourceType::AUTO_SCALING_AUTO_SCALING_GROUP,
];

const DATA_CLASS_TAG_KEY: Param<Vec<String>> = Param::list(
    "dataClassTagKey",
    &["fisc:data-class"],
    Text::new(
        "Key of the classification tag (of several, any one; empty: off)",
        "データ分類タグのキー(複数の場合はいずれか。空の場合は評価しない)",
    ),
);

const ALLOWED_DATA_CLASSES: Param<Vec<String>> = Param::list(
    "allowedDataClasses",
    &["public", "internal", "confidential", "restricted", "personal"],
    Text::new("Accepted classes (empty: any)", "認める分類の値(空の場合は任意の値)"),
);

const RESOURCE_TYPES: Param<Vec<String>> = Param::list(
    "resourceTypes",
    &[],
    Text::new(
        "Only judge these resource types (empty: all)",
        "評価するリソースタイプ(空の場合はすべて)",
    ),
);

const REQUIRED_TAG_KEYS: Param<Vec<String>> = Param::list(
    "requiredTagKeys",
    &[],
    Text::new(
        "Further keys that data stores, instances and Auto Scaling groups must have, such as \
         Owner,System (empty: off)",
        "データストア、インスタンス、Auto Scaling グループに必須とするその他のタグキー\
         (例: Owner,System。空の場合は評価しない)",
    ),
);

const RETENTION_TAG_KEY: Param<Vec<String>> = Param::list(
    "retentionTagKey",
    &[],
    Text::new(
        "Key of the tag that holds the retention period (of several, any one; empty: off)",
        "保存期間を示すタグのキー(複数の場合はいずれか。空の場合は評価しない)",
    ),
);

const CLASS_TAG_MISSING: Requirement = Requirement::new(
    "CLASS_TAG_MISSING",
    2,
    STORES,
    Text::new("The classification tag is missing", "データ分類タグがありません"),
    Text::new(
        "Fails when a data store lacks the tag dataClassTagKey, or its value is empty.",
        "データストアに dataClassTagKey のタグがない、または値が空のとき不適合です。",
    ),
);

const CLASS_TAG_INVALID: Requirement = Requirement::new(
    "CLASS_TAG_INVALID",
    2,
    STORES,
    Text::new(
        "The data class is not an accepted one",
        "データ分類の値が認められたものではありません",
    ),
    Text::new(
        "Fails when the value of the classification tag is not exactly one of allowedDataClasses.",
        "データ分類タグの値が allowedDataClasses のいずれとも完全一致しないとき不適合です。",
    ),
);

const RETENTION_TAG_MISSING: Requirement = Requirement::new(
    "RETENTION_TAG_MISSING",
    3,
    STORES,
    Text::new("The retention tag is missing", "保存期間タグがありません"),
    Text::new(
        "With retentionTagKey: fails when a data store lacks that tag, or its value is empty.",
        "retentionTagKey を指定した場合: データストアにそのタグがない、または値が空のとき不適合です。",
    ),
);

const REQUIRED_TAG_MISSING: Requirement = Requirement::new(
    "REQUIRED_TAG_MISSING",
    3,
    TAGGED,
    Text::new("A required tag is missing", "必須タグがありません"),
    Text::new(
        "With requiredTagKeys: fails when one of these tags is missing or empty.",
        "requiredTagKeys を指定した場合: いずれかのタグがない、または値が空のとき不適合です。",
    ),
);

const TYPE_NOT_CHOSEN: Remark = Remark::new(
    "TYPE_NOT_CHOSEN",
    "The type is not among resourceTypes",
    "リソースタイプが resourceTypes に含まれていません",
);
const NO_REQUIRED_TAGS: Remark = Remark::new(
    "NO_REQUIRED_TAGS",
    "Instances and groups are only judged by requiredTagKeys, which is empty",
    "インスタンスと Auto Scaling グループは requiredTagKeys だけで評価しますが、指定がありません",
);
const JUDGED_ON_CLUSTER: Remark = Remark::new(
    "JUDGED_ON_CLUSTER",
    "The instance belongs to a DB cluster, where the tags are judged",
    "DB クラスターに属するインスタンスであり、タグはクラスターで評価します",
);

fn evaluate(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let names = |kinds: &[ResourceType]| kinds.iter().any(|kind| kind.name == item.resource_type);
    let chosen = run.parameters.get(&RESOURCE_TYPES);
    // A misspelt type would switch the control off without a sign.
    if let Some(unknown) = chosen.iter().find(|name| !CONTROL.judges(name)) {
        let known: Vec<&str> = TAGGED.iter().map(|kind| kind.name).collect();
        return Err(Error::Parameter(ParameterError::Invalid {
            name: RESOURCE_TYPES.spec.name,
            problem: format!("takes types among {}", known.join(", ")),
            got: format!("{unknown:?}"),
        }));
    }
    if !chosen.is_empty() && !chosen.contains(&item.resource_type) {
        return Ok(Verdict::not_applicable(&TYPE_NOT_CHOSEN));
    }
    let required = run.parameters.get(&REQUIRED_TAG_KEYS);
    let is_store = names(STORES);
    if !is_store && required.is_empty() {
        return Ok(Verdict::not_applicable(&NO_REQUIRED_TAGS));
    }
    if names(&[ResourceType::RDS_DB_INSTANCE]) && in_cluster(item)? {
        return Ok(Verdict::not_applicable(&JUDGED_ON_CLUSTER));
    }
    let tags = item.all_tags()?;
    let mut failures = Failures::new();
    if is_store {
        class(&tags, run, &mut failures);
        let keys = run.parameters.get(&RETENTION_TAG_KEY);
        if !keys.is_empty() && first(&tags, &keys).is_none() {
            let keys = keys.join(", ");
            failures.because(
                &RETENTION_TAG_MISSING,
                message!("No tag {keys}", "タグ {keys} がありません"),
            );
        }
    }
    let missing: Vec<&str> =
        required.iter().filter(|key| value(&tags, key).is_none()).map(String::as_str).collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        failures.because(
            &REQUIRED_TAG_MISSING,
            message!("Missing tags: {missing}", "不足しているタグ: {missing}"),
        );
    }
    Ok(failures.into_verdict())
}

/// Judges the classification tag.
fn class(tags: &BTreeMap<String, String>, run: &Run<'_>, failures: &mut Failures) {
    let keys = run.parameters.get(&DATA_CLASS_TAG_KEY);
    if keys.is_empty() {
        return;
    }
    let Some(class) = first(tags, &keys) else {
        let keys = keys.join(", ");
        failures.because(&CLASS_TAG_MISSING, message!("No tag {keys}", "タグ {keys} がありません"));
        return;
    };
    let allowed = run.parameters.get(&ALLOWED_DATA_CLASSES);
    if !allowed.is_empty() && !allowed.iter().any(|one| one == class) {
        let allowed = allowed.join(", ");
        failures.because(
            &CLASS_TAG_INVALID,
            message!(
                "The data class is {class:?}; accepted are {allowed}",
                "データ分類が {class:?} です(認める値: {allowed})"
            ),
        );
    }
}

/// The value of the first of these tags that has one.
fn first<'a>(tags: &'a BTreeMap<String, String>, keys: &[String]) -> Option<&'a str> {
    keys.iter().find_map(|key| value(tags, key))
}

/// The value of a tag; an empty one says nothing.
fn value<'a>(tags: &'a BTreeMap<String, String>, key: &str) -> Option<&'a str> {
    tags.get(key).map(String::as_str).filter(|value| !value.trim().is_empty())
}

/// Whether a DB instance belongs to a cluster. RDS has no cluster identifier for one that does
/// not.
fn in_cluster(item: &ConfigurationItem) -> Result<bool, ItemError> {
    let cluster = item.configuration()?.text("dBClusterIdentifier")?;
    Ok(cluster.is_some_and(|name| !name.is_empty()))
}

#[cfg(test)]
mod tests;
