//! `data-disposal`: data that is no longer needed expires, and nothing is left behind.
//!
//! Data that should be gone can still leak, and nobody looks after it any more: resources that
//! outlive their disposal date, volumes that a terminated instance left, objects and old versions
//! that no lifecycle rule ever removes. The institution sets the date in a tag and the number of
//! days in parameters: the text asks for planned disposal, the numbers are ours.
//!
//! How long a volume has been detached follows from its item. AWS Config writes one whenever the
//! volume changes, so that an item that shows the volume as available, captured some days ago,
//! proves that it has been available for at least that long. A change that detaches nothing, such
//! as one of its tags, writes an item too and starts the count anew: a failure may come later
//! than it could, never too early. Since time passes without a change, volumes are also judged on
//! a schedule.
//!
//! Criteria: 統20 3-(11), 実28, 実82, 実82 3, 実83 imply it. To fix a failure, delete what is no
//! longer needed, or add the missing lifecycle rule.

mod account;
mod bucket;

use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_shared::config_service::ConfigService;
use fisc_shared::inventory::SELECT_ACTION;
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::parameter::Param;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits,
    Placement, Remark, Remedy, Requirement, Resource, ResourceType, Run, ServiceCheck, Severity,
    Text, Trigger, Verdict, message,
};
use jiff::SignedDuration;
use serde_json::Value;

/// The declaration.
pub const CONTROL: Control = Control {
    id: "data-disposal",
    domain: Domain::Data,
    severity: Severity::Medium,
    title: Text::new(
        "Data that is no longer needed expires or is deleted by its date, and no volume is left over",
        "不要なデータが期限どおりに削除され、使われていないボリュームが残っていない",
    ),
    why: Text::new(
        "Data that should be gone can still leak, and nobody looks after it: nobody patches what \
         holds it, reviews who can read it, or counts it when an incident is assessed.",
        "廃棄すべきデータも、残っていれば漏えいするおそれがあります。しかも、だれにも管理されず、\
         アクセス権の見直しやインシデント時の影響調査からも漏れてしまいます。",
    ),
    fix: Text::new(
        "Delete resources whose disposal date has passed, and volumes that no instance uses (EC2 > \
         Volumes; take a final snapshot if the data must be kept). Give every bucket a lifecycle \
         rule that expires objects and, if it is or was versioned, noncurrent versions (S3 > the \
         bucket > Management > Lifecycle rules). Tag what is kept on purpose fisc:retain.",
        "廃棄日を過ぎたリソースと、どのインスタンスも使用していないボリューム(EC2 >\
         「ボリューム」)を削除します。データを保存する場合は、先に最終スナップショットを\
         取得します。バケットには、オブジェクトと、バージョニングを使用した場合は非現行バージョンを\
         失効させるライフサイクルルールを設定します(S3 > バケット >「管理」)。意図して\
         保持するものには fisc:retain タグを付けます。",
    ),
    remedy: Remedy::new(
        include_str!("data_disposal/remedy.sh"),
        include_str!("data_disposal/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html",
    criteria: Criteria {
        explicit: &[],
        implied: &["統20 3-(11)", "実28", "実82", "実82 3", "実83"],
    },
    resources: &[ResourceType::S3_BUCKET, ResourceType::EC2_VOLUME, ResourceType::ACCOUNT],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(account::GET_RESOURCES),
        Action::on(
            account::DESCRIBE_KEY,
            "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/*",
        ),
        SELECT_ACTION,
    ],
    parameters: &[
        DISPOSAL_TAG_KEY.spec,
        DISPOSAL_GRACE_DAYS.spec,
        MAX_UNATTACHED_DAYS.spec,
        RETAIN_TAG_KEY.spec,
        REQUIRE_EXPIRATION.spec,
        REQUIRE_NONCURRENT_EXPIRATION.spec,
        REQUIRE_MULTIPART_ABORT.spec,
    ],
    requirements: &[
        &DISPOSAL_DATE_PASSED,
        &VOLUME_UNATTACHED,
        &NO_EXPIRATION_RULE,
        &NO_NONCURRENT_EXPIRATION,
        &NO_MULTIPART_ABORT,
    ],
    remarks: &[&RETAINED, &LOCKED_BUCKET, &NO_DISPOSAL_DATE],
    limits: Limits::SWEEP,
    check: Check::Service {
        preview,
        connect,
        swept: &[ResourceType::EC2_VOLUME, ResourceType::ACCOUNT],
    },
};

const DISPOSAL_TAG_KEY: Param<Vec<String>> = Param::list(
    "disposalTagKey",
    &["fisc:disposal-date"],
    Text::new(
        "Key of the tag with the day on which a resource must be gone, such as 2026-11-30 (empty: \
         off)",
        "リソースの廃棄日(例: 2026-11-30)を示すタグのキー(空の場合は評価しない)",
    ),
);

const DISPOSAL_GRACE_DAYS: Param<i64> = Param::integer(
    "disposalGraceDays",
    0,
    0,
    3650,
    Text::new("Days tolerated after the disposal date", "廃棄日の後に猶予する日数"),
);

const MAX_UNATTACHED_DAYS: Param<i64> = Param::integer(
    "maxUnattachedDays",
    30,
    0,
    3650,
    Text::new(
        "Days that a volume may stay detached (0: none)",
        "ボリュームが未接続のままでいてよい日数(0 の場合は直ちに不適合)",
    ),
);

const RETAIN_TAG_KEY: Param<Vec<String>> = Param::list(
    "retainTagKey",
    &["fisc:retain"],
    Text::new(
        "Key of the tag on resources that are kept on purpose; the value false does not count (of \
         several, any one; empty: off)",
        "意図して保持するリソースのタグのキー。値が false の場合は対象外(複数の場合はいずれか。空の\
         場合は使用しない)",
    ),
);

const REQUIRE_EXPIRATION: Param<bool> = Param::flag(
    "requireExpiration",
    true,
    Text::new(
        "Buckets need a lifecycle rule that expires objects",
        "バケットに、オブジェクトを失効させるライフサイクルルールを必須とする",
    ),
);

const REQUIRE_NONCURRENT_EXPIRATION: Param<bool> = Param::flag(
    "requireNoncurrentExpiration",
    true,
    Text::new(
        "Versioned buckets need a lifecycle rule that expires noncurrent versions",
        "バージョニングを使用したバケットに、非現行バージョンを失効させるルールを必須とする",
    ),
);

const REQUIRE_MULTIPART_ABORT: Param<bool> = Param::flag(
    "requireMultipartAbort",
    false,
    Text::new(
        "Buckets need a lifecycle rule that aborts incomplete multipart uploads",
        "バケットに、不完全なマルチパートアップロードを中止するルールを必須とする",
    ),
);

const DISPOSAL_DATE_PASSED: Requirement = Requirement {
    code: "DISPOSAL_DATE_PASSED",
    wave: 2,
    resources: &[ResourceType::ACCOUNT],
    title: Text::new(
        "A resource outlived its disposal date",
        "廃棄日を過ぎたリソースが残っています",
    ),
    rule: Text::new(
        "Fails when a resource of this Region with the tag disposalTagKey still exists after that \
         day (UTC) plus disposalGraceDays, or the value of the tag is no date (GetResources). KMS \
         keys that are pending deletion count as gone.",
        "disposalTagKey のタグをもつこのリージョンのリソースが、その日(UTC)と disposalGraceDays を\
         過ぎても存在するとき、またはタグの値が日付でないとき不適合です(GetResources)。削除待ちの \
         KMS キーは削除済みとみなします。",
    ),
};

const VOLUME_UNATTACHED: Requirement = Requirement {
    code: "VOLUME_UNATTACHED",
    wave: 2,
    resources: &[ResourceType::EC2_VOLUME],
    title: Text::new(
        "The volume has been detached for too long",
        "ボリュームが長期間どこにも接続されていません",
    ),
    rule: Text::new(
        "Fails when the volume is available and AWS Config recorded it so more than \
         maxUnattachedDays ago, without a change since.",
        "ボリュームの状態が available で、AWS Config がその状態を記録してから変更がないまま \
         maxUnattachedDays を超えたとき不適合です。",
    ),
};

const NO_EXPIRATION_RULE: Requirement = Requirement {
    code: "NO_EXPIRATION_RULE",
    wave: 2,
    resources: &[ResourceType::S3_BUCKET],
    title: Text::new(
        "No lifecycle rule expires objects",
        "オブジェクトを失効させるライフサイクルルールがありません",
    ),
    rule: Text::new(
        "Fails when no enabled lifecycle rule expires current objects after a number of days or on \
         a date. Removing expired delete markers expires nothing. Off with requireExpiration \
         false.",
        "現行オブジェクトを日数または日付で失効させる有効なライフサイクルルールがないとき不適合です。\
         期限切れの削除マーカーを削除するだけのルールは該当しません。requireExpiration が false の\
         場合は評価しません。",
    ),
};

const NO_NONCURRENT_EXPIRATION: Requirement = Requirement {
    code: "NO_NONCURRENT_EXPIRATION",
    wave: 2,
    resources: &[ResourceType::S3_BUCKET],
    title: Text::new(
        "No lifecycle rule expires noncurrent versions",
        "非現行バージョンを失効させるライフサイクルルールがありません",
    ),
    rule: Text::new(
        "Fails when versioning is enabled or suspended, so that deleted objects stay as versions, \
         and no enabled lifecycle rule expires noncurrent versions. Off with \
         requireNoncurrentExpiration false.",
        "バージョニングが有効または停止中(削除したオブジェクトがバージョンとして残る状態)で、\
         非現行バージョンを失効させる有効なライフサイクルルールがないとき不適合です。\
         requireNoncurrentExpiration が false の場合は評価しません。",
    ),
};

const NO_MULTIPART_ABORT: Requirement = Requirement {
    code: "NO_MULTIPART_ABORT",
    wave: 3,
    resources: &[ResourceType::S3_BUCKET],
    title: Text::new(
        "No lifecycle rule aborts incomplete uploads",
        "不完全なアップロードを中止するライフサイクルルールがありません",
    ),
    rule: Text::new(
        "With requireMultipartAbort: fails when no enabled lifecycle rule aborts incomplete \
         multipart uploads, whose parts are kept out of sight.",
        "requireMultipartAbort を指定した場合: 不完全なマルチパートアップロード(一覧に現れないまま\
         残るデータ)を中止する有効なライフサイクルルールがないとき不適合です。",
    ),
};

const RETAINED: Remark = Remark::new(
    "RETAINED",
    "The resource is kept on purpose, as its tag says",
    "タグにより、意図して保持するリソースとされています",
);
const LOCKED_BUCKET: Remark = Remark::new(
    "LOCKED_BUCKET",
    "Object Lock in compliance mode keeps every object for its retention period",
    "コンプライアンスモードのオブジェクトロックにより、保持期間中のオブジェクトは削除できません",
);
const NO_DISPOSAL_DATE: Remark = Remark::new(
    "NO_DISPOSAL_DATE",
    "No resource of this Region has a disposal date",
    "このリージョンに廃棄日のタグをもつリソースはありません",
);

fn preview(item: &ConfigurationItem, run: &Run<'_>) -> Result<Option<Verdict>, Error> {
    let verdict = if item.resource_type == ResourceType::S3_BUCKET.name {
        bucket::judge(item, run)
    } else if item.resource_type == ResourceType::EC2_VOLUME.name {
        volume(item, run)
    } else {
        return Ok(None);
    }?;
    // Whether something is kept on purpose only matters once it fails.
    Ok(Some(match verdict {
        Verdict::NonCompliant(_) if is_retained(item, run)? => Verdict::not_applicable(&RETAINED),
        verdict => verdict,
    }))
}

fn is_retained(item: &ConfigurationItem, run: &Run<'_>) -> Result<bool, ItemError> {
    let keys = run.parameters.get(&RETAIN_TAG_KEY);
    if keys.is_empty() {
        return Ok(false);
    }
    let tags = item.all_tags()?;
    Ok(tags.iter().any(|(key, value)| keys.contains(key) && retains(value)))
}

/// Whether the value of the retain tag means what the tag says.
fn retains(value: &str) -> bool {
    !value.trim().eq_ignore_ascii_case("false")
}

fn volume(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let fields = item.configuration()?;
    let mut failures = Failures::new();
    if state(&fields)? == "available" {
        let captured = item.captured.ok_or_else(|| ItemError::Missing {
            field: "configurationItemCaptureTime".to_owned(),
        })?;
        let age = run.now.duration_since(captured);
        let limit = run.parameters.get(&MAX_UNATTACHED_DAYS);
        if limit == 0 || age > SignedDuration::from_hours(limit * 24) {
            let days = age.as_hours().max(0) / 24;
            failures.because(
                &VOLUME_UNATTACHED,
                message!(
                    "Detached for at least {days} days; at most {limit} days are accepted",
                    "少なくとも {days} 日間、どこにも接続されていません(上限 {limit} 日)"
                ),
            );
        }
    }
    Ok(failures.into_verdict())
}

/// The state of a volume: text as Config delivers it, an object in the results of queries.
fn state<'a>(fields: &Fields<'a>) -> Result<&'a str, ItemError> {
    const STATE: &str = "state";
    let state = fields.at(STATE)?.ok_or_else(|| fields.missing(STATE))?;
    match state.value() {
        Value::Object(_) => state.text("value")?.ok_or_else(|| state.missing("value")),
        _ => state.as_text(),
    }
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(Disposal { config: ConfigService::new(sdk), tagged: account::Tagged::new(sdk) })
}

struct Disposal {
    config: ConfigService,
    tagged: account::Tagged,
}

#[async_trait]
impl ServiceCheck for Disposal {
    async fn judge(&self, item: &ConfigurationItem, _: &Run<'_>) -> Result<Verdict, Error> {
        Err(Error::Control(format!("{} is not judged by an item", item.resource_type)))
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let volumes = self.config.recorded_with_tags(ResourceType::EC2_VOLUME).await?;
        let mut evaluated = Vec::with_capacity(volumes.len() + 1);
        for item in &volumes {
            let Some(verdict) = preview(item, run)? else { continue };
            evaluated.push(Evaluated { resource: Resource::from(item), verdict, at: run.now });
        }
        evaluated.push(Evaluated {
            resource: Resource::account(run.account_id, run.region),
            verdict: self.tagged.judge(run).await?,
            at: run.now,
        });
        Ok(evaluated)
    }
}

#[cfg(test)]
mod tests;
