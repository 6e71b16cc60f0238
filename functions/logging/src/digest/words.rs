//! What is wrong with a file, in words for people.

use fisc_shared::Message;

use super::Cause;

impl Cause {
    /// The cause in both languages.
    #[must_use]
    pub fn message(&self) -> Message {
        Message { en: self.to_string(), ja: ja(self) }
    }
}

fn ja(cause: &Cause) -> String {
    let fixed = match cause {
        Cause::NewestTooOld { newest, due } => {
            return format!("最新のダイジェストの終了時刻が {newest:.0} で、{due:.0} より前です");
        }
        Cause::Hole { from, to } => {
            return format!("{from:.0} から {to:.0} までのダイジェストがありません");
        }
        Cause::Restart { from, to } => {
            return format!(
                "{to:.0} に連鎖が新しく始まり、{from:.0} からそれまでのダイジェストがありません"
            );
        }
        Cause::SignatureAlgorithm(name) => return format!("署名アルゴリズムが {name} です"),
        Cause::UnknownKey(fingerprint) => {
            return format!("フィンガープリント {fingerprint} の公開鍵がありません");
        }
        Cause::NotJson(why) => return format!("ダイジェストの形式ではありません: {why}"),
        Cause::FieldMissing(field) => return format!("{field} がありません"),
        Cause::BadTime(field) => return format!("{field} が時刻ではありません"),
        Cause::Moved { belongs } => {
            return format!("移動されています(本来の場所は {belongs})");
        }
        Cause::NotFound => "見つかりません",
        Cause::NoneInWindow => "期間内にダイジェストがありません",
        Cause::SignatureAbsent => "オブジェクトのメタデータに署名がありません",
        Cause::SignatureNotHex => "署名が16進数ではありません",
        Cause::SignatureMismatch => "署名を検証できません(不一致)",
        Cause::LinkHash => "次のダイジェストに記録されたハッシュと一致しません",
        Cause::LinkSignature => "次のダイジェストに記録された署名と一致しません",
        Cause::LinkHashAbsent => "次のダイジェストにハッシュが記録されていません",
        Cause::LinkCycle => "連鎖が循環しています",
        Cause::NotGzip => "読み取れるgzipファイルではありません",
        Cause::Truncated => "gzipファイルが途中で切れています",
        Cause::TrailingBytes => "gzipファイルの終わりより後にデータがあります",
        Cause::BackfillTimestamp => "backfill-generation-timestampがありません",
        Cause::HashMismatch => "ハッシュがダイジェストの記録と一致しません",
        Cause::HashFormat => "ダイジェストにSHA-256が記録されていません",
    };
    fixed.to_owned()
}
