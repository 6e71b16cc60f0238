//! The words of the output in both languages, and lines that fit.

use fisc_shared::verdict::Compliance;
use fisc_shared::{Control, Criteria, Language, Text};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The words of the output in one language.
#[derive(Debug, Clone, Copy)]
pub struct Words(pub Language);

macro_rules! words {
    ($($name:ident: $en:literal, $ja:literal;)*) => {
        impl Words {
            $(
                #[doc = $en]
                #[must_use]
                pub const fn $name(&self) -> &'static str {
                    Text::new($en, $ja).get(self.0)
                }
            )*
        }
    };
}
pub(crate) use words;

words! {
    title: "Evaluation of AWS settings by FISC criterion", "FISC 安全対策基準の項目別 AWS 設定評価";
    verdict: "Verdict", "判定";
    control: "Control", "コントロール";
    controls: "Controls", "コントロール";
    criteria: "Criteria", "基準項目";
    resource: "Resource", "リソース";
    resource_type: "Resource type", "リソースタイプ";
    resource_id: "Resource ID", "リソース ID";
    region: "Region", "リージョン";
    account: "Account", "アカウント";
    arn: "ARN", "ARN";
    severity: "Severity", "重要度";
    reasons: "Reasons", "理由";
    codes: "Reason codes", "理由コード";
    message: "Message", "説明";
    failing: "fails", "不適合";
    passing: "passes", "適合";
    not_applicable: "n/a", "対象外";
    not_evaluated: "not evaluated", "未評価";
    error: "error", "エラー";
    errors: "Errors", "エラー";
    findings: "Findings", "評価結果";
    overview: "Overview", "概要";
    summary: "Summary", "集計";
    total: "Total", "合計";
    by_control: "By control", "コントロール別";
    by_severity: "By severity", "重要度別";
    no_findings: "No failure was found.", "不適合は見つかりませんでした。";
    nothing: "Nothing was judged.", "評価した項目はありません。";
    open_heading: "Not evaluated: the files do not decide it, a service must be asked (fisc scan --live)",
        "未評価: ファイルだけでは判定できず、サービスへの問い合わせが必要です (fisc scan --live)";
    resources: "Resources", "リソース数";
    actions: "AWS actions", "必要な AWS アクション";
    no_actions: "none: decided from what AWS Config recorded", "なし (AWS Config の記録だけで判定)";
    files: "Files read", "読み取ったファイル";
    items: "Configuration items read", "読み取った設定項目";
    types_judged: "Types judged", "評価したタイプ";
    types_left: "Types without a control here", "対応するコントロールのないタイプ";
    evaluated_at: "Judged as of", "評価基準時刻";
    edition: "Numbers of criteria follow", "項目番号の出典";
    caution: "This shows the state of settings on AWS. It does not certify anything: whether the guidelines are met is for the institution to judge.",
        "本結果は AWS 上の設定の状態を示すもので、何らかの認証や証明ではありません。基準を満たすかどうかの判断は各金融機関が行います。";
    see_all: "--all lists passes too", "--all で適合も一覧します";
    criterion: "Criterion", "基準項目";
    disposition: "Shown by", "評価区分";
    topic: "Topic", "主題";
    evidence: "Evidence to attach", "添付する証跡";
    covered: "With controls", "コントロールあり";
    meaning: "Meaning", "意味";
    opt_in: "opt-in", "任意";
    related: "related", "関連";
    means_automated: "rules show what the reference asks for",
        "リファレンスが求める内容をルールで確認できます";
    means_partial: "rules show a part, a person attaches the rest",
        "一部をルールで確認し、残りは証跡を添付します";
    means_process: "settings cannot show it", "設定からは確認できません";
    means_aws: "AWS has to fulfil it; its reports show it", "AWS が満たすもので、AWS の報告書で確認します";
    means_not_described: "the reference says nothing of it", "リファレンスに記載がありません";
    see_not_described: "--all lists the criteria too of which the reference says nothing",
        "--all で、リファレンスに記載のない項目も一覧します";
    domain: "Domain", "領域";
    trigger: "Trigger", "評価の契機";
    name: "Title", "内容";
    why: "Why it matters", "重要である理由";
    explicit: "asked for", "明示";
    implied: "implied", "含意";
    how: "How it decides", "判定方法";
    remarks: "When it does not apply, and notes", "対象外となる場合と補足";
    parameters: "Parameters", "パラメータ";
    no_parameters: "none", "なし";
    default: "default", "既定値";
    empty: "empty", "空";
    values: "values", "値";
    cost: "Cost", "費用";
    fix: "How to fix it", "是正方法";
    reference: "Read on", "参考";
    search: "Search", "検索";
    every: "all", "すべて";
    shown: "shown", "件表示";
    annotation: "Annotation", "注釈";
    cost_one_change: "One evaluation for every recorded change of", "変更が記録されるたびに 1 回評価";
    cost_one_each: "On schedule, by default once a day, one evaluation for each of",
        "定期的に (既定では 1 日 1 回) 1 リソースごとに 1 回評価";
    cost_one_account: "On schedule, by default once a day, one evaluation for the account",
        "定期的に (既定では 1 日 1 回) アカウントについて 1 回評価";
    cost_no_calls: "No AWS call: the recorded item is enough",
        "AWS の呼び出しはなし (記録された設定項目だけで判定)";
    cost_calls_item: "Asks a service only where the recorded item does not decide; calls",
        "記録された設定項目だけで判定できない場合に限りサービスに問い合わせ。呼び出し";
    cost_calls: "Calls", "呼び出し";
    cost_billed: "Requests of these services are billed", "リクエストに料金がかかるサービス";
    cost_limit: "Lambda, at most for each run", "Lambda の上限 (1 回の実行あたり)";
    cost_note: "AWS Config bills each evaluation, whatever its result is.",
        "AWS Config の料金は、結果によらず評価ごとに発生します。";
    remedy_cli: "AWS CLI", "AWS CLI";
    remedy_iac: "CloudFormation", "CloudFormation";
}

impl Words {
    /// A verdict.
    #[must_use]
    pub const fn compliance(&self, compliance: Compliance) -> &'static str {
        match compliance {
            Compliance::NonCompliant => self.failing(),
            Compliance::Compliant => self.passing(),
            Compliance::NotApplicable => self.not_applicable(),
        }
    }
}

/// Columns that criteria take in a table.
const CRITERIA_WIDTH: usize = 18;

/// The criteria of a control for a narrow column: the explicit ones, and how many are implied.
/// Lines break between them only: a criterion has a space in it, and would read as two.
#[must_use]
pub fn criteria(control: &Control) -> String {
    let Criteria { explicit, implied } = control.criteria;
    let mut parts: Vec<String> = explicit.iter().map(|&criterion| criterion.to_owned()).collect();
    let more = format!("(+{})", implied.len());
    match parts.last_mut() {
        _ if implied.is_empty() => {}
        Some(last) => last.push_str(&format!(" {more}")),
        None => parts.push(more),
    }
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.width() + 2 + part.width() < CRITERIA_WIDTH => {
                line.push_str(&format!(", {part}"));
            }
            Some(line) => {
                line.push(',');
                lines.push(part);
            }
            None => lines.push(part),
        }
    }
    lines.join("\n")
}

/// Breaks a text into lines of at most `width` columns: at spaces, and between characters of
/// double width, where Japanese has no spaces.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for piece in pieces(text) {
        let fits = line.width() + piece.trim_end().width() <= width;
        if !fits && !line.is_empty() {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        line.push_str(&piece);
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// Characters that must not begin a line.
const CLOSING: &str =
    "、。，．・：；？！）」』】〕》ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ)]},.:;?!%";
/// Characters that must not end one.
const OPENING: &str = "（「『【〔《([{";

/// The unbreakable pieces of a text.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut last: Option<char> = None;
    for character in text.chars() {
        let breakable = last.is_some_and(|last| {
            let wide = wide(last) || wide(character);
            (last == ' ' || wide)
                && character != ' '
                && !CLOSING.contains(character)
                && !OPENING.contains(last)
        });
        match pieces.last_mut() {
            Some(piece) if !breakable => piece.push(character),
            _ => pieces.push(character.to_string()),
        }
        last = Some(character);
    }
    pieces
}

fn wide(character: char) -> bool {
    character.width() == Some(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn english_breaks_at_spaces_and_japanese_between_characters() {
        assert_eq!(wrap("one two three", 8), ["one two", "three"]);
        assert_eq!(wrap("暗号鍵を回転する。", 8), ["暗号鍵を", "回転す", "る。"]);
        assert_eq!(wrap("鍵は AWS::KMS::Key です", 14), ["鍵は", "AWS::KMS::Key", "です"]);
        assert_eq!(wrap("「鍵」（対称）", 6), ["「鍵」", "（対", "称）"]);
        assert_eq!(wrap("unbreakable", 4), ["unbreakable"]);
        assert_eq!(wrap("", 4), [""]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(text in "[a-z 、。「」日本語]{0,60}", width in 1..30_usize) {
            let lines = wrap(&text, width);
            let squeeze = |text: &str| text.replace(' ', "");
            prop_assert_eq!(squeeze(&lines.concat()), squeeze(&text));
        }
    }
}
