//! The words, in Japanese and English.

use fisc_logging::digest::{ChainKind, FileKind, Progress, Request, TimeGap};
use fisc_shared::{Language, Text};
use jiff::Timestamp;

pub(super) const VALID: Text = Text::new("valid", "有効");
pub(super) const INVALID: Text = Text::new("INVALID", "無効");
pub(super) const UNVERIFIABLE: Text = Text::new("unverifiable", "検証不能");
pub(super) const DIGESTS: Text = Text::new("Digest files", "ダイジェストファイル");
pub(super) const BACKFILL_DIGESTS: Text =
    Text::new("Backfill digest files", "補完ダイジェストファイル");
pub(super) const LOGS: Text = Text::new("Log files", "ログファイル");
const DIGEST: Text = Text::new("Digest file", "ダイジェスト");
const BACKFILL_DIGEST: Text = Text::new("Backfill digest file", "補完ダイジェスト");
const LOG: Text = Text::new("Log file", "ログ");

/// A time to the second, in UTC.
pub(super) fn time(time: Timestamp) -> String {
    format!("{time:.0}")
}

pub(super) fn bar(language: Language) -> &'static str {
    match language {
        Language::Ja => "{bar:30} ダイジェスト {pos}/{len}  {msg}",
        Language::En => "{bar:30} {pos}/{len} digests  {msg}",
    }
}

pub(super) fn progress(language: Language, progress: &Progress) -> String {
    let (logs, size) = (progress.logs, indicatif::HumanBytes(progress.bytes));
    match language {
        Language::Ja => format!("ログ {logs}件 {size}"),
        Language::En => format!("{logs} logs, {size}"),
    }
}

pub(super) fn header(language: Language, request: &Request) -> String {
    let Request { trail, source_region: region, account_id: account, .. } = request;
    // A copy without digests does not tell its bucket.
    let bucket = if request.bucket.is_empty() { "?" } else { &request.bucket };
    let (start, end) = (time(request.start), time(request.end));
    match language {
        Language::Ja => format!(
            "証跡 {trail} のログファイルを検証します(アカウント {account}、リージョン {region}、バケット {bucket}、{start} から {end})"
        ),
        Language::En => format!(
            "Verifying the log files of {trail} (account {account}, Region {region}, bucket {bucket}) from {start} to {end}"
        ),
    }
}

pub(super) fn requested(language: Language, start: Timestamp, end: Timestamp) -> String {
    let (start, end) = (time(start), time(end));
    match language {
        Language::Ja => format!("検証期間: {start} から {end}"),
        Language::En => format!("Requested: {start} to {end}"),
    }
}

pub(super) fn found(language: Language, range: Option<(Timestamp, Timestamp)>) -> String {
    let range = range.map(|(start, end)| (time(start), time(end)));
    match (language, range) {
        (Language::Ja, None) => "有効なダイジェストはありません".to_owned(),
        (Language::Ja, Some((start, end))) => format!("検証できた期間: {start} から {end}"),
        (Language::En, None) => "No valid digest in this time".to_owned(),
        (Language::En, Some((start, end))) => format!("Verified:  {start} to {end}"),
    }
}

pub(super) fn no_digests(language: Language) -> &'static str {
    match language {
        Language::Ja => {
            "ダイジェストが見つかりません。証跡、アカウント、リージョン、プレフィックスを確認してください"
        }
        Language::En => "No digest found: check the trail, the account, the Region and the prefix",
    }
}

pub(super) fn restart(language: Language, gap: &TimeGap) -> String {
    let (from, to) = (time(gap.from), time(gap.to));
    match language {
        Language::Ja => {
            format!(
                "{from} から {to} までは検証の対象がありません(ログ記録またはファイル検証が停止)"
            )
        }
        Language::En => {
            format!("Nothing to verify from {from} to {to}: logging or validation was off")
        }
    }
}

pub(super) fn unverifiable(language: Language, key: &str) -> String {
    match language {
        Language::Ja => format!(
            "{key} の署名はこのコピーにないため検証できません(署名は次のダイジェストにあります)"
        ),
        Language::En => format!(
            "The signature of {key} is not in this copy and was not verified: it is in the digest after it"
        ),
    }
}

pub(super) fn file(language: Language, chain: ChainKind, kind: FileKind) -> &'static str {
    let word = match (kind, chain) {
        (FileKind::Log, _) => LOG,
        (FileKind::Digest, ChainKind::Standard) => DIGEST,
        (FileKind::Digest, ChainKind::Backfill) => BACKFILL_DIGEST,
    };
    word.get(language)
}
