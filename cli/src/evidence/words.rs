//! The words of evidence reports.

use fisc_shared::Text;

use crate::output::text::{Words, words};

words! {
    report_title: "Evidence by FISC criterion", "FISC 安全対策基準 項目別エビデンスレポート";
    report_subtitle: "State of AWS settings, and the evidence that people attach",
        "AWS 設定の状態と、担当者が添付する証跡の一覧";
    about: "About this report", "このレポートについて";
    accounts: "Accounts", "アカウント";
    regions: "Regions", "リージョン";
    made_at: "Made", "作成時刻";
    product: "Product", "製品";
    judged_by: "judged by", "評価時のバージョン";
    read_from: "Results", "評価結果の出所";
    unknown: "not known", "不明";
    conclusion: "State", "状況";
    by_criterion: "By criterion", "基準項目別";
    all_criteria: "Criteria", "基準項目数";
    criteria_by_state: "Criteria by state", "基準項目の状況";
    results_by_severity: "Failures by severity", "重要度別の不適合";
    most_failing: "Controls with most failures", "不適合の多いコントロール";
    part: "Part", "分類";
    duty: "Whose duty", "責任";
    exempt: "exempt", "適用除外";
    exemptions: "Exemptions", "適用除外";
    no_exemptions: "No resource is exempt.", "適用除外されたリソースはありません。";
    until: "Until", "期限";
    by: "By", "承認者";
    exemption_reason: "Reason", "理由";
    exemption_source: "Where it stands", "登録元";
    attach: "Attach", "添付する証跡";
    blank_name: "Evidence name", "証跡名";
    blank_date: "Date", "日付";
    blank_document: "Document no.", "文書番号";
    blank_signature: "Signature", "署名";
    failing_resources: "Failing resources", "不適合のリソース";
    fail_list: "Failures", "不適合一覧";
    more: "more", "件ほか";
    in_findings: "all in the list of failures", "全件は不適合一覧を参照";
    not_listed: "more failures of this control are counted but not listed on this page; the xlsx, csv and json formats list every one",
        "件の不適合は件数のみ集計し、このページには一覧していません。xlsx・csv・json 形式には全件が含まれます";
    relation: "Relation", "関係";
    silent_controls: "Controls without any result", "結果のないコントロール";
    open_section: "What was not evaluated, and why", "評価していないものとその理由";
    all_evaluated: "Everything was evaluated.", "すべて評価しました。";
    file_problems: "Files and accounts that could not be read", "読み取れなかったファイル・アカウント";
    notes: "Notes", "注意事項";
    changes: "Changes since the earlier report", "前回からの変化";
    changes_short: "Changes", "変化";
    earlier: "Earlier report", "前回の評価基準時刻";
    still_failing: "still failing", "不適合のまま";
    no_changes: "Nothing changed.", "変化はありません。";
    change: "Change", "変化";
    before: "Before", "前回";
    after: "Now", "今回";
    failing_before: "Failing before", "前回の不適合";
    failing_now: "Failing now", "今回の不適合";
    not_there: "not there", "なし";
    rows_cut: "rows do not fit into this sheet (the limit of Excel); the csv and json formats list every one",
        "行は Excel の上限を超えるため省略しました。csv・json 形式には全件が含まれます";
    text_cut: "Texts of more than 32,000 characters end in … (a cell of Excel holds 32,767).",
        "32,000 文字を超えるテキストは末尾を … で省略しています (Excel のセルの上限は 32,767 文字)。";
    level: "Level", "行の種類";
    not_evaluated_sheet: "Not evaluated", "未評価";
    no_result: "no result", "結果なし";
    sort_by: "Sort by", "並べ替え";
    order_reference: "order of the reference", "リファレンス順";
    order_failing: "most failures first", "不適合の多い順";
    order_state: "state", "状況";
    show_details: "details", "詳細を表示";
    count_note: "A resource counts once per criterion, in the gravest state that any of its controls gave it. In a control's line each resource counts once.",
        "基準項目の件数は、関係するコントロールの判定のうち最も重いものでリソースを 1 回だけ数えています。コントロールの行では、リソースごとに 1 回数えています。";
    results_note: "Results: one for each control and resource.", "評価結果: コントロールとリソースの組ごとに 1 件です。";
    results: "Results", "評価結果";
    evidence_note: "A person attaches this evidence; it was not looked at.",
        "この証跡は担当者が添付します。本レポートでは内容を確認していません。";
    types_unjudged: "Types without a control", "対応するコントロールのないリソースタイプ";
    contents: "Contents", "目次";
    count: "Count", "件数";
    error_word: "errors", "エラー";
    to_top: "to the criteria", "基準項目へ";
}
