//! `transfer-integrity`: data transfers verify what arrived, and uploads that matter are protected
//! against tampering.
//!
//! A copy is only as good as its check: DataSync compares source and destination after a transfer
//! unless the task says not to. S3 takes uploads whose content is not part of the signature
//! (presigned URLs, `UNSIGNED-PAYLOAD`) and the old signature version 2, unless the bucket's policy
//! denies both. Such a Deny breaks presigned and streaming uploads, so that only buckets are judged
//! whose tag asks for it.
//!
//! Criteria: 実7, 実7 2 ask for it; 実39 5 implies it. To fix a task, choose a verify mode other
//! than NONE. To fix a bucket, deny `s3:PutObject` for `s3:x-amz-content-sha256` UNSIGNED-PAYLOAD
//! and for every `s3:signatureversion` but AWS4-HMAC-SHA256, in two statements.

use fisc_shared::bucket;
use fisc_shared::item::{Fields, ItemError};
use fisc_shared::parameter::Param;
use fisc_shared::policy::{
    Effect, Ignoring, PolicyDocument, PolicyError, Request, Statement, Truth, Universe, covers,
};
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Check, ConfigurationItem, Control, Criteria, Domain, Error, Limits, Placement, Remark, Remedy,
    Requirement, ResourceType, Run, Severity, Text, Trigger, Verdict, message,
};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "transfer-integrity",
    domain: Domain::Transport,
    severity: Severity::Medium,
    title: Text::new(
        "Data transfers verify what arrived, and important uploads are protected against tampering",
        "データ転送で届いた内容を検証し、重要なデータのアップロードを改ざんから保護している",
    ),
    why: Text::new(
        "A file that was cut off or changed on its way looks like any other until somebody \
         compares it. Without a check after the transfer, or a signature over the content, wrong \
         balances and statements are found by customers.",
        "転送の途中で欠けたり書き換えられたりしたファイルは、照合するまで正常なファイルと区別が\
         付きません。転送後の検証や内容に対する署名がなければ、誤った残高や明細に最初に気付くのは\
         顧客になりかねません。",
    ),
    fix: Text::new(
        "In the DataSync console edit the task: set Verify data to only the data transferred or \
         all data in the destination, and give it a log group. For a bucket whose uploads must be \
         signed, add two Deny statements on s3:PutObject for everybody (S3 > the bucket > \
         Permissions > Bucket policy): StringEquals s3:x-amz-content-sha256 UNSIGNED-PAYLOAD, and \
         StringNotEquals s3:signatureversion AWS4-HMAC-SHA256.",
        "DataSync コンソールでタスクを編集し、データの検証を有効(転送したデータのみ、または\
         送信先の全データ)にし、ロググループを設定します。署名を必須とするバケットでは\
         「アクセス許可」>「バケットポリシー」に、全プリンシパルの s3:PutObject を拒否する\
         ステートメントを 2 つ追加します(StringEquals の s3:x-amz-content-sha256 が \
         UNSIGNED-PAYLOAD、StringNotEquals の s3:signatureversion が AWS4-HMAC-SHA256)。",
    ),
    remedy: Remedy::new(
        include_str!("transfer_integrity/remedy.sh"),
        include_str!("transfer_integrity/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/datasync/latest/userguide/configure-data-verification-options.html",
    criteria: Criteria { explicit: &["実7", "実7 2"], implied: &["実39 5"] },
    resources: &[ResourceType::DATASYNC_TASK, ResourceType::S3_BUCKET],
    trigger: Trigger::Change,
    placement: Placement::EveryRegion,
    actions: &[],
    parameters: &[ALLOWED_VERIFY_MODES.spec, REQUIRE_TASK_LOGGING.spec, INTEGRITY_TAG_KEY.spec],
    requirements: &[&VERIFICATION_OFF, &TASK_LOGGING_OFF, &UNSIGNED_PAYLOAD_ALLOWED],
    remarks: &[&INTEGRITY_NOT_REQUIRED],
    limits: Limits::SMALL,
    check: Check::Item(evaluate),
};

const ALLOWED_VERIFY_MODES: Param<Vec<String>> = Param::list(
    "allowedVerifyModes",
    &[POINT_IN_TIME, ONLY_TRANSFERRED],
    Text::new("Accepted verify modes of DataSync tasks", "認める DataSync タスクの検証モード"),
);

const REQUIRE_TASK_LOGGING: Param<bool> = Param::flag(
    "requireTaskLogging",
    false,
    Text::new(
        "Tasks must also write their results to CloudWatch Logs",
        "タスクの結果を CloudWatch Logs にも記録すること",
    ),
);

const INTEGRITY_TAG_KEY: Param<Vec<String>> = Param::list(
    "integrityTagKey",
    &["fisc:integrity-required"],
    Text::new(
        "Tag keys of the buckets whose uploads must be signed (a value of false opts out); empty: \
         no bucket is judged",
        "アップロードの署名を必須とするバケットのタグキー(値が false のものを除く)。空の場合、\
         バケットは評価しない",
    ),
);

const VERIFICATION_OFF: Requirement = Requirement {
    code: "VERIFICATION_OFF",
    wave: 1,
    resources: &[ResourceType::DATASYNC_TASK],
    title: Text::new(
        "The task does not verify what it transferred",
        "タスクが転送後の検証を行いません",
    ),
    rule: Text::new(
        "Fails when Options.VerifyMode is not among allowedVerifyModes, such as NONE. A task that \
         sets none has the default of its mode, which verifies. One execution may override the \
         option; the item does not tell.",
        "Options.VerifyMode が NONE など allowedVerifyModes に含まれない値のとき不適合です。指定の\
         ないタスクには、検証を行う既定値が適用されます。実行ごとの上書きは構成アイテムから\
         分かりません。",
    ),
};

const TASK_LOGGING_OFF: Requirement = Requirement {
    code: "TASK_LOGGING_OFF",
    wave: 3,
    resources: &[ResourceType::DATASYNC_TASK],
    title: Text::new(
        "The task does not log to CloudWatch Logs",
        "タスクの結果が CloudWatch Logs に記録されません",
    ),
    rule: Text::new(
        "With requireTaskLogging: fails when the task has no log group, or its log level is OFF.",
        "requireTaskLogging を指定した場合: ロググループがないか、ログレベルが OFF のとき不適合です。",
    ),
};

const UNSIGNED_PAYLOAD_ALLOWED: Requirement = Requirement {
    code: "UNSIGNED_PAYLOAD_ALLOWED",
    wave: 3,
    resources: &[ResourceType::S3_BUCKET],
    title: Text::new(
        "Uploads without a signature over their content are accepted",
        "内容に署名のないアップロードを受け付けます",
    ),
    rule: Text::new(
        "Fails when a bucket with the tag of integrityTagKey does not deny s3:PutObject on all its \
         objects to everybody, both for s3:x-amz-content-sha256 UNSIGNED-PAYLOAD and for signature \
         version 2.",
        "integrityTagKey のタグが付いたバケットが、すべてのプリンシパルとオブジェクトについて、\
         s3:x-amz-content-sha256 が UNSIGNED-PAYLOAD の s3:PutObject と署名バージョン 2 の \
         s3:PutObject の両方を拒否していないと不適合です。",
    ),
};

const INTEGRITY_NOT_REQUIRED: Remark = Remark::new(
    "INTEGRITY_NOT_REQUIRED",
    "No tag asks for signed uploads to the bucket",
    "アップロードの署名を必須とするタグがバケットにありません",
);

const POINT_IN_TIME: &str = "POINT_IN_TIME_CONSISTENT";
const ONLY_TRANSFERRED: &str = "ONLY_FILES_TRANSFERRED";

type Judge = fn(&ConfigurationItem, &Run<'_>) -> Result<Verdict, Error>;

/// How each type is judged.
const TYPES: [(ResourceType, Judge); 2] =
    [(ResourceType::DATASYNC_TASK, task), (ResourceType::S3_BUCKET, bucket)];

fn evaluate(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let judge = TYPES.iter().find(|(kind, _)| kind.name == item.resource_type);
    let (_, judge) = judge
        .ok_or_else(|| Error::Control(format!("{} is not judged here", item.resource_type)))?;
    judge(item, run)
}

fn task(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let task = item.configuration()?;
    let options = task.at("Options")?;
    let option = |key| match &options {
        Some(options) => options.text(key),
        None => Ok(None),
    };
    let mut failures = Failures::new();
    let mode = match option("VerifyMode")? {
        Some(mode) => mode,
        None => default_mode(&task)?,
    };
    if !run.parameters.get(&ALLOWED_VERIFY_MODES).iter().any(|allowed| allowed == mode) {
        failures.because(
            &VERIFICATION_OFF,
            message!("The verify mode is {mode}", "検証モードが {mode} です"),
        );
    }
    if run.parameters.get(&REQUIRE_TASK_LOGGING) {
        let group = task.text("CloudWatchLogGroupArn")?.is_some_and(|arn| !arn.is_empty());
        // The level decides nothing without a group.
        if !group {
            failures.because(
                &TASK_LOGGING_OFF,
                message!("The task has no log group", "タスクにロググループがありません"),
            );
        } else if option("LogLevel")?.ok_or_else(|| level_missing(&task))? == "OFF" {
            failures.because(
                &TASK_LOGGING_OFF,
                message!("The log level is OFF", "ログレベルが OFF です"),
            );
        }
    }
    Ok(failures.into_verdict())
}

/// The verify mode of a task that sets none. Source: DataSync API reference, Options.VerifyMode,
/// November 2026: the default differs between the basic and the enhanced task mode.
fn default_mode(task: &Fields<'_>) -> Result<&'static str, ItemError> {
    Ok(match task.text("TaskMode")? {
        Some("ENHANCED") => ONLY_TRANSFERRED,
        _ => POINT_IN_TIME,
    })
}

fn level_missing(task: &Fields<'_>) -> ItemError {
    task.missing("Options.LogLevel")
}

const PUT_OBJECT: &str = "s3:PutObject";
const CONTENT_HASH: &str = "s3:x-amz-content-sha256";
const SIGNATURE_VERSION: &str = "s3:signatureversion";
const VERSION_4: &str = "AWS4-HMAC-SHA256";
const VERSION_2: &str = "AWS";

fn bucket(item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
    let keys = run.parameters.get(&INTEGRITY_TAG_KEY);
    if !keys.iter().any(|key| is_asked_for(item, key)) {
        return Ok(Verdict::not_applicable(&INTEGRITY_NOT_REQUIRED));
    }
    let mut failures = Failures::new();
    let Some(policy) = bucket::policy(item)? else {
        failures.because(
            &UNSIGNED_PAYLOAD_ALLOWED,
            message!("The bucket has no bucket policy", "バケットポリシーがありません"),
        );
        return Ok(failures.into_verdict());
    };
    let arn = item.arn.clone().unwrap_or_else(|| format!("arn:aws:s3:::{}", item.resource_id));
    let uploads = Universe::new(PUT_OBJECT, &format!("{arn}/?*"));
    // A statement that needs both at once denies neither: each request is of one kind only.
    let unsigned =
        Request::new().with(CONTENT_HASH, "UNSIGNED-PAYLOAD").with(SIGNATURE_VERSION, VERSION_4);
    if !is_denied(&policy, &unsigned, &uploads)? {
        failures.because(
            &UNSIGNED_PAYLOAD_ALLOWED,
            message!(
                "Uploads with UNSIGNED-PAYLOAD are not denied",
                "UNSIGNED-PAYLOAD のアップロードが拒否されていません"
            ),
        );
    }
    if !is_denied(&policy, &Request::new().with(SIGNATURE_VERSION, VERSION_2), &uploads)? {
        failures.because(
            &UNSIGNED_PAYLOAD_ALLOWED,
            message!(
                "Uploads with signature version 2 are not denied",
                "署名バージョン 2 のアップロードが拒否されていません"
            ),
        );
    }
    Ok(failures.into_verdict())
}

fn is_asked_for(item: &ConfigurationItem, key: &str) -> bool {
    item.tags.get(key).is_some_and(|value| !value.trim().eq_ignore_ascii_case("false"))
}

/// Whether every request of which `request` is known is denied to everybody.
fn is_denied(
    policy: &PolicyDocument,
    request: &Request,
    universe: &Universe,
) -> Result<bool, PolicyError> {
    let denies: Vec<&Statement> = policy
        .with_effect(Effect::Deny)
        .filter(|statement| statement.conditions.holds(request) == Truth::True)
        .collect();
    covers(&denies, universe, Ignoring::default())
}

#[cfg(test)]
mod tests;
