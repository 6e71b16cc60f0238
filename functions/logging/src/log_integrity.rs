//! `log-integrity`: CloudTrail signs hourly digests, delivers them, and the digest chain and
//! every log file of the last hours really verify.
//!
//! A flag on the trail says that digests are written; it does not say that anybody could still
//! trust the logs. This control looks: at the flag, at the health of the delivery, and at the
//! files themselves. It verifies the signature of every digest against CloudTrail's public keys,
//! its link to the digest before, and the hash of every log file that it names.
//!
//! Criteria: 実10 8 and 実10 参考2 ask for it. To fix a trail, enable log file validation; when
//! files are missing or altered, treat it as a security incident and find out who changed them.

mod archived;
mod verify;

use std::sync::Arc;

use async_trait::async_trait;
use aws_types::SdkConfig;
use fisc_services::organization::DESCRIBE_ORGANIZATION;
use fisc_services::regions::LIST_REGIONS;
use fisc_shared::parameter::Param;
use fisc_shared::verdict::Failures;
use fisc_shared::{
    Action, Check, ConfigurationItem, Control, Criteria, Domain, Error, Evaluated, Limits, Message,
    Placement, Remark, Remedy, Requirement, Resource, ResourceType, Run, ServiceCheck, Severity,
    Text, Trigger, Verdict, message,
};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::OnceCell;

use crate::digest::{Problem, ProblemCode};
use crate::trails::{self, CloudTrail, Status, Trail};
use archived::ArchivedTrail;
use verify::{Verifier, Window};

/// The declaration.
pub const CONTROL: Control = Control {
    id: "log-integrity",
    domain: Domain::Logging,
    severity: Severity::High,
    title: Text::new(
        "CloudTrail signs hourly digests, delivers them, and the digest chain and every log file \
         of the last hours really verify",
        "CloudTrailのログファイル検証が有効で、直近のダイジェストの署名と連鎖、ログファイルのハッシュを\
         実際に検証して改ざん・欠落がない",
    ),
    why: Text::new(
        "Logs are evidence only while nobody can change them unseen. A setting that promises \
         digests is not proof: files can be altered or removed after delivery, and digests can \
         stop arriving. The files themselves have to be verified, regularly.",
        "ログは、気づかれずに書き換えられないことを示せてこそ証跡になります。設定が有効でも、配信後の\
         改ざんや削除、ダイジェストの配信停止は起こり得るため、ファイルそのものを定期的に検証する必要が\
         あります。",
    ),
    fix: Text::new(
        "In CloudTrail > Trails > the trail > General details > Edit enable log file validation; \
         for a failed delivery correct the bucket or key policy. For missing or altered files open \
         an incident: keep the bucket as it is, run fisc verify-logs over the whole period, and \
         look for s3:DeleteObject and s3:PutObject on the bucket.",
        "CloudTrail の「証跡」>「一般的な詳細」>「編集」でログファイルの検証を有効にし、\
         配信エラーの場合はバケットポリシーまたは KMS キーポリシーを直します。ファイルの欠落や\
         改ざんの場合はインシデントとして扱い、バケットを現状のまま保全し、対象期間全体に fisc \
         verify-logs を実行し、バケットに対する s3:DeleteObject と s3:PutObject の記録を調べます。",
    ),
    remedy: Remedy::new(
        include_str!("log_integrity/remedy.sh"),
        include_str!("log_integrity/remedy.yaml"),
    ),
    reference: "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html",
    criteria: Criteria {
        explicit: &["実10 8", "実10 参考2"],
        implied: &["統1 参考", "統20 3-(3)", "統24 1", "統24 2", "統24 6", "実19", "実42 4"],
    },
    resources: &[ResourceType::CLOUDTRAIL_TRAIL],
    trigger: Trigger::ChangeAndPeriodic,
    placement: Placement::EveryRegion,
    actions: &[
        Action::any(trails::DESCRIBE_TRAILS),
        Action::any(trails::GET_TRAIL_STATUS),
        Action::any("cloudtrail:ListPublicKeys"),
        Action::on("s3:GetBucketLocation", fisc_shared::grant::BUCKETS),
        Action::on("s3:ListBucket", fisc_shared::grant::BUCKETS),
        Action::on("s3:GetObject", fisc_shared::grant::DELIVERED_LOGS),
        Action::through("kms:Decrypt", "arn:${AWS::Partition}:kms:*:*:key/*", "s3"),
        Action::any(DESCRIBE_ORGANIZATION),
        Action::on(LIST_REGIONS, fisc_shared::grant::OWN_ACCOUNT),
    ],
    parameters: &[
        VERIFY_CHAIN.spec,
        VERIFICATION_HOURS.spec,
        SOURCE_REGIONS.spec,
        ACCOUNT_IDS.spec,
        MAX_DIGEST_AGE_HOURS.spec,
        GAP_TOLERANCE_MINUTES.spec,
        ALLOW_CHAIN_RESTART.spec,
        MAX_LOG_FILES.spec,
        ARCHIVED_TRAILS.spec,
    ],
    requirements: &[
        &VALIDATION_DISABLED,
        &DIGEST_DELIVERY_FAILED,
        &DIGEST_MISSING,
        &DIGEST_CHAIN_GAP,
        &DIGEST_SIGNATURE_INVALID,
        &DIGEST_LINK_MISMATCH,
        &DIGEST_MALFORMED,
        &LOG_FILE_MISSING,
        &LOG_FILE_ALTERED,
    ],
    remarks: &[
        &SHADOW_TRAIL,
        &OTHER_OWNER,
        &CHAIN_NOT_VERIFIED,
        &LOGGING_JUST_STARTED,
        &LOGGING_STOPPED,
    ],
    // Hashing is what takes the time; CPU comes with memory.
    limits: Limits { timeout_seconds: 900, memory_mb: 1769 },
    check: Check::Service { preview, connect, swept: &[ResourceType::CLOUDTRAIL_TRAIL] },
};

const VERIFY_CHAIN: Param<bool> = Param::flag(
    "verifyChain",
    true,
    Text::new(
        "Verify the digest chain and the log files",
        "ダイジェストの連鎖とログファイルを検証する",
    ),
);
const VERIFICATION_HOURS: Param<i64> = Param::integer(
    "verificationHours",
    24,
    0,
    24 * 31,
    Text::new(
        "Hours to verify, up to now; 0 turns the verification off",
        "検証する時間数(現在まで)。0 の場合は検証しない",
    ),
);
const SOURCE_REGIONS: Param<Vec<String>> = Param::list(
    "sourceRegions",
    &[],
    Text::new(
        "Regions whose digests are verified; empty: the trail's home Region, or every enabled \
         Region for a multi-Region trail",
        "検証対象のリージョン。空の場合は証跡のホームリージョン(マルチリージョンの証跡では有効な\
         全リージョン)",
    ),
);
const ACCOUNT_IDS: Param<Vec<String>> = Param::list(
    "accountIds",
    &[],
    Text::new(
        "Accounts that are verified for an organization trail; empty: the evaluated account",
        "組織の証跡で検証するアカウント。空の場合は評価対象のアカウント",
    ),
);
const MAX_DIGEST_AGE_HOURS: Param<i64> = Param::integer(
    "maxDigestAgeHours",
    3,
    2,
    48,
    Text::new("Oldest accepted newest digest in hours", "最新のダイジェストの経過時間の上限(時間)"),
);
const GAP_TOLERANCE_MINUTES: Param<i64> = Param::integer(
    "gapToleranceMinutes",
    5,
    0,
    60,
    Text::new(
        "Slack between a digest's start and the end of the one before, in minutes",
        "ダイジェストの開始時刻と直前のダイジェストの終了時刻との許容差(分)",
    ),
);
const ALLOW_CHAIN_RESTART: Param<bool> = Param::flag(
    "allowChainRestart",
    false,
    Text::new(
        "Accept a chain that starts anew inside the window",
        "検証対象の時間内での連鎖の再開を認める",
    ),
);
const MAX_LOG_FILES: Param<i64> = Param::integer(
    "maxLogFiles",
    5000,
    1,
    10_000_000,
    Text::new(
        "Most log files that one pass reads; a window with more ends the run with an error",
        "1 回の実行で読むログファイルの上限。超える場合はエラーで終了する",
    ),
);
const ARCHIVED_TRAILS: Param<Vec<String>> = Param::list(
    "archivedTrails",
    &[],
    Text::new(
        "For the log archive account: trails of other accounts, each as trail ARN|bucket|key \
         prefix|organization id (the last two may be empty)",
        "ログ保管アカウント用: 他アカウントの証跡。それぞれ「証跡の ARN|バケット|キーの\
         プレフィックス|組織 ID」(後の 2 つは空でもよい)",
    ),
);

const VALIDATION_DISABLED: Requirement = requirement(
    "VALIDATION_DISABLED",
    Text::new("Log file validation is off", "ログファイルの検証が無効です"),
    Text::new(
        "Fails when logFileValidationEnabled is not true.",
        "logFileValidationEnabled が true でないとき不適合です。",
    ),
);
const DIGEST_DELIVERY_FAILED: Requirement = requirement(
    "DIGEST_DELIVERY_FAILED",
    Text::new("CloudTrail does not deliver digests", "ダイジェストが配信されていません"),
    Text::new(
        "Fails when CloudTrail reports a digest delivery error, or the latest delivery is absent \
         or older than maxDigestAgeHours while the trail logs (GetTrailStatus).",
        "ダイジェストの配信エラーが報告されているとき、または記録中なのに最新の配信がないか \
         maxDigestAgeHours より古いとき不適合です(GetTrailStatus)。",
    ),
);
const DIGEST_MISSING: Requirement = requirement(
    "DIGEST_MISSING",
    Text::new("A digest file is missing", "ダイジェストファイルが欠落しています"),
    Text::new(
        "Fails when the window has no digest, the newest one ends more than maxDigestAgeHours \
         ago, or a digest that its successor names does not exist. The newest hour is not \
         missing: its digest is not due yet.",
        "対象時間内にダイジェストがないとき、最新のものが maxDigestAgeHours より前に終わっているとき、\
         または後続のダイジェストが指すものが存在しないとき不適合です。直近の 1 時間は、まだ配信時刻に\
         達していないため欠落とは扱いません。",
    ),
);
const DIGEST_CHAIN_GAP: Requirement = requirement(
    "DIGEST_CHAIN_GAP",
    Text::new("The digest chain has a gap", "ダイジェストの連鎖に途切れがあります"),
    Text::new(
        "Fails when two successive digests leave time uncovered beyond gapToleranceMinutes, or a \
         new chain starts inside the window and allowChainRestart is false.",
        "前後のダイジェストの間に gapToleranceMinutes を超える空白があるとき、または対象時間内に\
         新しい連鎖が始まり allowChainRestart が false のとき不適合です。",
    ),
);
const DIGEST_SIGNATURE_INVALID: Requirement = requirement(
    "DIGEST_SIGNATURE_INVALID",
    Text::new("A digest's signature is invalid", "ダイジェストの署名が正しくありません"),
    Text::new(
        "Fails when the RSA signature does not verify, is absent, is not SHA256withRSA, or no \
         public key of CloudTrail has the fingerprint.",
        "RSA 署名の検証に失敗したとき、署名がないとき、SHA256withRSA でないとき、または\
         フィンガープリントに一致する CloudTrail の公開鍵がないとき不適合です。",
    ),
);
const DIGEST_LINK_MISMATCH: Requirement = requirement(
    "DIGEST_LINK_MISMATCH",
    Text::new(
        "A digest is not the one that its successor names",
        "ダイジェストが後続のダイジェストの記録と一致しません",
    ),
    Text::new(
        "Fails when the SHA-256 of a digest, or its signature, differs from what its successor \
         recorded.",
        "ダイジェストの SHA-256 または署名が、後続のダイジェストの記録と異なるとき不適合です。",
    ),
);
const DIGEST_MALFORMED: Requirement = requirement(
    "DIGEST_MALFORMED",
    Text::new("A digest file cannot be read", "ダイジェストファイルを読み取れません"),
    Text::new(
        "Fails when a digest is not gzip or not JSON, lacks a field, or lies elsewhere than it \
         says.",
        "ダイジェストが gzip または JSON でないとき、項目が欠けているとき、または記載された場所と\
         異なる場所にあるとき不適合です。",
    ),
);
const LOG_FILE_MISSING: Requirement = requirement(
    "LOG_FILE_MISSING",
    Text::new("A log file is missing", "ログファイルが欠落しています"),
    Text::new(
        "Fails when a log file that a valid digest names does not exist.",
        "正しいダイジェストに記載されたログファイルが存在しないとき不適合です。",
    ),
);
const LOG_FILE_ALTERED: Requirement = requirement(
    "LOG_FILE_ALTERED",
    Text::new("A log file was altered", "ログファイルが改変されています"),
    Text::new(
        "Fails when the SHA-256 of a log file differs from its digest's record, it is not \
         readable gzip, or bytes follow the end of the gzip stream.",
        "ログファイルの SHA-256 がダイジェストの記録と異なるとき、gzip として読めないとき、または \
         gzip の終端の後に余分なデータがあるとき不適合です。",
    ),
);

const fn requirement(code: &'static str, title: Text, rule: Text) -> Requirement {
    Requirement { code, wave: 1, resources: &[ResourceType::CLOUDTRAIL_TRAIL], title, rule }
}

const SHADOW_TRAIL: Remark = Remark::new(
    "SHADOW_TRAIL",
    "A copy of a multi-Region trail; it is judged in its home Region",
    "マルチリージョンの証跡の複製です(ホームリージョンで評価)",
);
const OTHER_OWNER: Remark = Remark::new(
    "OTHER_OWNER",
    "An organization trail of another account, where it is judged",
    "他のアカウントが所有する組織の証跡です(所有アカウントで評価)",
);
const CHAIN_NOT_VERIFIED: Remark = Remark::new(
    "CHAIN_NOT_VERIFIED",
    "Only the configuration was judged: the verification is turned off by parameter",
    "設定のみを評価しました(パラメータにより検証は無効)",
);
const LOGGING_JUST_STARTED: Remark = Remark::new(
    "LOGGING_JUST_STARTED",
    "Logging started less than two hours ago; no digest is due yet",
    "記録の開始から 2 時間未満のため、ダイジェストはまだ配信時刻に達していません",
);
const LOGGING_STOPPED: Remark = Remark::new(
    "LOGGING_STOPPED",
    "The trail did not log within the verified hours, so that there is nothing to verify",
    "対象時間内に記録が行われておらず、検証対象のファイルがありません",
);

/// A digest comes with delay: until then a new trail has none.
const FIRST_DIGEST_DUE: SignedDuration = SignedDuration::from_hours(2);

fn preview(item: &ConfigurationItem, _: &Run<'_>) -> Result<Option<Verdict>, Error> {
    Ok(by_configuration(&Trail::from_item(item)?, &item.region, &item.account_id))
}

/// What the configuration of a trail alone decides.
fn by_configuration(trail: &Trail, region: &str, account_id: &str) -> Option<Verdict> {
    if trail.arn.home_region() != region {
        let home = trail.arn.home_region();
        return Some(Verdict::NotApplicable(SHADOW_TRAIL.because(message!(
            "A copy of a multi-Region trail; it is judged in {home}",
            "マルチリージョンの証跡の複製です({home} で評価)"
        ))));
    }
    if trail.arn.account_id() != account_id {
        let owner = trail.arn.account_id();
        return Some(Verdict::NotApplicable(OTHER_OWNER.because(message!(
            "An organization trail of account {owner}, where it is judged",
            "アカウント {owner} が所有する組織の証跡です(所有アカウントで評価)"
        ))));
    }
    if !trail.validation_enabled {
        let mut failures = Failures::new();
        failures.add(&VALIDATION_DISABLED);
        return Some(failures.into_verdict());
    }
    None
}

/// Judges the delivery of digests by the status of the trail.
fn by_status(status: &Status, max_age: SignedDuration, now: Timestamp, failures: &mut Failures) {
    if let Some(error) = status.digest_error.as_deref().filter(|error| !error.is_empty()) {
        failures.because(
            &DIGEST_DELIVERY_FAILED,
            message!(
                "CloudTrail cannot deliver digests: {error}",
                "ダイジェストを配信できません: {error}"
            ),
        );
        return;
    }
    if !status.is_logging {
        return;
    }
    match status.digest_delivered {
        None => failures.because(
            &DIGEST_DELIVERY_FAILED,
            message!("No digest was ever delivered", "ダイジェストが一度も配信されていません"),
        ),
        Some(delivered) if now.duration_since(delivered) > max_age => {
            let hours = now.duration_since(delivered).as_hours();
            failures.because(
                &DIGEST_DELIVERY_FAILED,
                message!(
                    "The latest digest was delivered {hours} hours ago",
                    "最新のダイジェストの配信から {hours} 時間が経過しています"
                ),
            );
        }
        Some(_) => {}
    }
}

/// The window to verify, or why there is none. It ends where logging stopped; it starts no
/// earlier than a trail that is new. A trail that was stopped and started again is not new: its
/// chain starts anew inside the window, and that is what must be seen.
fn window(status: &Status, hours: i64, now: Timestamp) -> Result<Window, &'static Remark> {
    let Ok(mut start) = now.checked_sub(SignedDuration::from_hours(hours)) else {
        return Err(&LOGGING_STOPPED);
    };
    let mut end = now;
    match (status.started, status.stopped) {
        (Some(started), None) => start = start.max(started),
        (_, Some(stopped)) if !status.is_logging => end = end.min(stopped),
        _ => {}
    }
    if end <= start { Err(&LOGGING_STOPPED) } else { Ok(Window { start, end, now }) }
}

/// Adds the problems that the verification found: one reason for each requirement, with the
/// number of files and the first of them.
fn by_problems(problems: &[Problem], failures: &mut Failures) {
    for (code, requirement) in [
        (ProblemCode::DigestMissing, &DIGEST_MISSING),
        (ProblemCode::DigestChainGap, &DIGEST_CHAIN_GAP),
        (ProblemCode::DigestSignatureInvalid, &DIGEST_SIGNATURE_INVALID),
        (ProblemCode::DigestLinkMismatch, &DIGEST_LINK_MISMATCH),
        (ProblemCode::DigestMalformed, &DIGEST_MALFORMED),
        (ProblemCode::LogFileMissing, &LOG_FILE_MISSING),
        (ProblemCode::LogFileAltered, &LOG_FILE_ALTERED),
    ] {
        let mut found = problems.iter().filter(|problem| problem.code == code);
        let Some(first) = found.next() else { continue };
        failures.because(requirement, summary(requirement, first, found.count()));
    }
}

fn summary(requirement: &Requirement, first: &Problem, more: usize) -> Message {
    let Text { en, ja } = requirement.title;
    let cause = first.cause.message();
    // The name at the end of the key tells account, Region and hour; the path repeats them.
    let name = first.key.as_deref().and_then(|key| key.rsplit('/').next()).unwrap_or("-");
    let (why, ja_why) = (cause.en, cause.ja);
    if more == 0 {
        message!("{en}: {name} ({why})", "{ja}: {name} ({ja_why})")
    } else {
        message!("{en}: {name} ({why}) and {more} more", "{ja}: {name} ({ja_why}) ほか {more} 件")
    }
}

fn connect(sdk: &SdkConfig) -> Arc<dyn ServiceCheck> {
    Arc::new(LogIntegrity { cloudtrail: CloudTrail::new(sdk), verifier: Verifier::new(sdk) })
}

/// What several trails of a run need to know of the account: asked once, and only if one does.
#[derive(Default)]
struct Account {
    organization_id: OnceCell<String>,
    regions: OnceCell<Vec<String>>,
}

struct LogIntegrity {
    cloudtrail: CloudTrail,
    verifier: Verifier,
}

#[async_trait]
impl ServiceCheck for LogIntegrity {
    async fn judge(&self, item: &ConfigurationItem, run: &Run<'_>) -> Result<Verdict, Error> {
        self.trail(&Trail::from_item(item)?, &Account::default(), run).await
    }

    async fn sweep(&self, run: &Run<'_>) -> Result<Vec<Evaluated>, Error> {
        let mut evaluated = Vec::new();
        let account = Account::default();
        for trail in self.cloudtrail.trails().await? {
            // Copies in other Regions are judged at home; each trail is reported once.
            if trail.arn.home_region() != run.region {
                continue;
            }
            let verdict = match by_configuration(&trail, run.region, run.account_id) {
                Some(verdict) => verdict,
                None => self.trail(&trail, &account, run).await?,
            };
            evaluated.push(Evaluated { resource: trail.resource(run), verdict, at: run.now });
        }
        for entry in run.parameters.get(&ARCHIVED_TRAILS) {
            let archived = ArchivedTrail::parse(&entry)?;
            let verdict = self.archived(&archived, run).await?;
            let mut resource = Resource::of(
                ResourceType::CLOUDTRAIL_TRAIL,
                archived.arn.as_str(),
                run.account_id,
                run.region,
            );
            resource.arn = Some(archived.arn.as_str().to_owned());
            evaluated.push(Evaluated { resource, verdict, at: run.now });
        }
        Ok(evaluated)
    }
}

impl LogIntegrity {
    /// A trail of this account whose validation is on.
    async fn trail(
        &self,
        trail: &Trail,
        account: &Account,
        run: &Run<'_>,
    ) -> Result<Verdict, Error> {
        let hours = verified_hours(run);
        let status = self.cloudtrail.status(trail).await?;
        let new = |started: Timestamp| run.now.duration_since(started) < FIRST_DIGEST_DUE;
        if status.is_logging && status.started.is_some_and(new) {
            return Ok(Verdict::Compliant(vec![LOGGING_JUST_STARTED.reason()]));
        }
        let mut failures = Failures::new();
        let max_age = SignedDuration::from_hours(run.parameters.get(&MAX_DIGEST_AGE_HOURS));
        by_status(&status, max_age, run.now, &mut failures);
        let Some(hours) = hours else {
            return Ok(failures.into_verdict_with(vec![CHAIN_NOT_VERIFIED.reason()]));
        };
        let window = match window(&status, hours, run.now) {
            Ok(window) => window,
            Err(remark) => return Ok(failures.into_verdict_with(vec![remark.reason()])),
        };
        let organization_id = match trail.is_organization {
            true => {
                let asked = || self.cloudtrail.organization_id();
                Some(account.organization_id.get_or_try_init(asked).await?.as_str())
            }
            false => None,
        };
        let regions = match run.parameters.get(&SOURCE_REGIONS) {
            regions if !regions.is_empty() => regions,
            _ if trail.is_multi_region => {
                let asked = || self.cloudtrail.enabled_regions();
                account.regions.get_or_try_init(asked).await?.clone()
            }
            _ => vec![trail.arn.home_region().to_owned()],
        };
        let accounts = match run.parameters.get(&ACCOUNT_IDS) {
            accounts if trail.is_organization && !accounts.is_empty() => accounts,
            _ => vec![run.account_id.to_owned()],
        };
        let files = verify::Files {
            arn: &trail.arn,
            bucket: &trail.bucket,
            prefix: trail.prefix.as_deref(),
            organization_id,
            accounts: &accounts,
            regions: &regions,
        };
        by_problems(&self.verifier.verify(&files, window, run).await?, &mut failures);
        Ok(failures.into_verdict())
    }

    /// A trail of another account whose files are kept in this one.
    async fn archived(&self, trail: &ArchivedTrail, run: &Run<'_>) -> Result<Verdict, Error> {
        let Some(hours) = verified_hours(run) else {
            return Ok(Verdict::Compliant(vec![CHAIN_NOT_VERIFIED.reason()]));
        };
        let start = run.now.checked_sub(SignedDuration::from_hours(hours)).unwrap_or(run.now);
        let or = |list: Vec<String>, default: &str| {
            if list.is_empty() { vec![default.to_owned()] } else { list }
        };
        let files = verify::Files {
            arn: &trail.arn,
            bucket: &trail.bucket,
            prefix: trail.prefix.as_deref(),
            organization_id: trail.organization_id.as_deref(),
            accounts: &or(run.parameters.get(&ACCOUNT_IDS), trail.arn.account_id()),
            regions: &or(run.parameters.get(&SOURCE_REGIONS), trail.arn.home_region()),
        };
        let window = Window { start, end: run.now, now: run.now };
        let mut failures = Failures::new();
        by_problems(&self.verifier.verify(&files, window, run).await?, &mut failures);
        Ok(failures.into_verdict())
    }
}

/// How many hours to verify; `None` when the verification is off.
fn verified_hours(run: &Run<'_>) -> Option<i64> {
    let hours = run.parameters.get(&VERIFICATION_HOURS);
    (run.parameters.get(&VERIFY_CHAIN) && hours > 0).then_some(hours)
}

#[cfg(test)]
mod tests;
