//! The table for people: on the terminal, and as pages of the documentation.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::kinds::Kind;
use crate::strikes::Strike;
use crate::table::{Cell, TABLE};

/// An English and a Japanese text.
type Both = (&'static str, &'static str);

impl Kind {
    fn title(self) -> Both {
        match self {
            Self::Change => ("change", "変更"),
            Self::Oversized => ("oversized change", "サイズ超過の変更"),
            Self::ChangeAndService => ("change + service", "変更 + API"),
            Self::Sweep => ("sweep", "定期の全件評価"),
            Self::Account => ("account", "アカウント"),
            Self::Logs => ("logs in S3", "S3 のログ"),
            Self::Queue => ("findings: queue", "findings: キュー"),
            Self::Refresh => ("findings: refresh", "findings: 更新"),
            Self::CatchUp => ("findings: catch-up", "findings: 照合"),
        }
    }
}

impl Strike {
    fn title(self) -> Both {
        match self {
            Self::ThrottledOnce => ("throttled once", "スロットリング（1 回）"),
            Self::Throttled => ("throttled always", "スロットリング（継続）"),
            Self::ServerErrorOnce => ("HTTP 500 once", "HTTP 500（1 回）"),
            Self::ServerError => ("HTTP 500 always", "HTTP 500（継続）"),
            Self::SilentOnce => ("no answer once", "無応答（1 回）"),
            Self::Silent => ("no answer ever", "無応答（継続）"),
            Self::ResetOnce => ("connection reset once", "接続の切断（1 回）"),
            Self::Reset => ("connection reset always", "接続の切断（継続）"),
            Self::AnswerLost => {
                ("connection reset after the call took effect", "処理は行われたが応答の前に切断")
            }
            Self::Denied => ("access denied", "アクセス拒否"),
            Self::NotTheFormat => {
                ("answer that ends in the middle (JSON, XML)", "途中で終わる応答（JSON、XML）")
            }
            Self::ForeignPage => ("answer of a proxy (HTML)", "プロキシーの応答（HTML）"),
            Self::WrongShape => ("answer with members of other types", "型が異なる応答"),
            Self::AnswerCut => {
                ("connection closed in the middle of the answer", "応答の途中で切断")
            }
            Self::PartlyRefusedOnce => ("one of a batch refused once", "一部の拒否（1 回）"),
            Self::PartlyRefused => ("one of a batch refused always", "一部の拒否（継続）"),
            Self::ClockOff => ("clock an hour off", "時計が 1 時間ずれている"),
            Self::DeadlineNear => {
                ("time limit near, slow answer", "実行時間の上限が近く、応答が遅い")
            }
            Self::Duplicate => ("event twice", "イベントの重複"),
            Self::OutOfOrder => ("events in the wrong order", "イベントの順序の逆転"),
            Self::KilledBeforeReport => ("killed before the report", "報告の前に強制終了"),
            Self::KilledAfterReport => {
                ("killed after the report, before its answer", "報告の後、応答の前に強制終了")
            }
            Self::SecurityHubOff => ("Security Hub off", "Security Hub が無効"),
            Self::QueueRedelivery => (
                "queue: dead-letter queue, put back, delivered twice",
                "キュー: DLQ からの再投入と重複配信",
            ),
            Self::MessageLost => {
                ("message to Security Hub lost", "Security Hub へのメッセージの消失")
            }
        }
    }
}

fn pick(both: Both, japanese: bool) -> &'static str {
    if japanese { both.1 } else { both.0 }
}

fn cell(cell: Cell, japanese: bool) -> String {
    let text = |both| pick(both, japanese).to_owned();
    match cell {
        Cell::Done => text(("done", "完了")),
        Cell::Waits => text(("done; message waits", "完了・メッセージは待機")),
        Cell::Fails(kind) => format!("`{kind}`"),
        Cell::FailsEither(one, other) => format!("`{one}`, `{other}`"),
        Cell::FailsBut(kind, _) if japanese => format!("`{kind}`（2）"),
        Cell::FailsBut(kind, _) => format!("`{kind}` (2)"),
        Cell::Returned => text(("message comes again", "メッセージを再配信")),
        Cell::CaughtUp => text(("done; caught up", "完了・照合で反映")),
        Cell::None(number, _) if japanese => format!("—（{number}）"),
        Cell::None(number, _) => format!("— ({number})"),
    }
}

/// The number and text of the note that a cell refers to.
fn note(cell: Cell) -> Option<(u8, Both)> {
    match cell {
        Cell::None(number, why) => Some((number, *why)),
        Cell::FailsBut(_, why) => Some((2, *why)),
        _ => None,
    }
}

fn rows(japanese: bool) -> Vec<Vec<String>> {
    let mut head = vec![String::new()];
    head.extend(Kind::ALL.map(|kind| pick(kind.title(), japanese).to_owned()));
    let mut rows = vec![head];
    for (strike, cells) in TABLE {
        let mut row = vec![pick(strike.title(), japanese).to_owned()];
        row.extend(cells.map(|one| cell(one, japanese)));
        rows.push(row);
    }
    rows
}

/// The table for the terminal.
pub(crate) fn plain() -> String {
    let rows = rows(false);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..rows[0].len()).filter_map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(text, width)| format!("{text:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

const INTRO: Both = (
    "# What happens when something fails

What each kind of Lambda function does under each fault, and what AWS Config and Security Hub hold
then. The end-to-end test `tests/faults` plays every cell, at each call that the function makes,
with the real programs; this page is made from its table, and the test fails when they differ.

In every cell a resource that passed has just failed. Always:

- A run that could not do its work is a function error (or a message that comes again), never a
  success that wrote nothing. Failed events are tried again and end in a dead-letter queue with an
  alarm.
- Until then AWS Config and Security Hub hold the state from before, or already the new one; never
  anything else. No fault turns a failing resource into a passing one.
- When the fault is gone and the event was delivered again, both hold the new state: one result and
  one finding for each resource, and one compliance change.
",
    "# 障害が起きたときの動作

Lambda 関数の種類ごとに、それぞれの障害のもとでの動作と、そのとき AWS Config と Security Hub が\
保持する状態を示します。エンドツーエンドテスト `tests/faults` が、実際のプログラムを使い、関数が\
行う API 呼び出しごとにすべての組み合わせを実行します。このページはテストの表から作られ、表と\
異なるとテストが失敗します。

どの組み合わせも、適合していたリソースが不適合になった直後を想定しています。次のことが常に\
成り立ちます。

- 処理を終えられなかった実行は、関数のエラー（またはメッセージの再配信）になります。何も書き込まずに\
成功することはありません。失敗したイベントは再試行され、最後はアラーム付きのデッドレターキュー（DLQ）に入ります。
- それまでの間、AWS Config と Security Hub は以前の状態か、すでに新しい状態のどちらかを保持します。\
障害によって不適合のリソースが適合になることはありません。
- 障害がなくなり、イベントが再配信されると、両方が新しい状態になります。結果と検出結果はリソースごとに\
一つ、コンプライアンスの変更の通知も一つです。
",
);

const LEGEND: Both = (
    "| entry | meaning |
|---|---|
| done | The run succeeds, if need be after a retry within it; AWS Config and Security Hub hold the new state. |
| `Throttled`, … | The run ends with a function error of this type. The state from before stays (or the new one is stored already, where the call took effect). The event comes again and is then done. |
| done; message waits | AWS Config holds the new state. The message to Security Hub stays in the queue, or in its dead-letter queue, and is forwarded once it can be. |
| done; caught up | AWS Config holds the new state. The message to Security Hub never came. Once a day the findings function compares what both hold, and imports what Security Hub does not show. |
| message comes again | The function returns this message to the queue; the others of the batch are done. |
",
    "| 記載 | 意味 |
|---|---|
| 完了 | 実行は（必要なら実行中の再試行の後に）成功し、AWS Config と Security Hub は新しい状態を保持します。 |
| `Throttled` など | 実行はこの種類の関数エラーで終わります。以前の状態が残ります（呼び出しの処理がすでに行われていた場合は新しい状態）。イベントは再配信され、そのときに完了します。 |
| 完了・メッセージは待機 | AWS Config は新しい状態を保持します。Security Hub へのメッセージはキューまたは DLQ に残り、送れるようになったときに転送されます。 |
| 完了・照合で反映 | AWS Config は新しい状態を保持しますが、Security Hub へのメッセージは届いていません。findings 関数が 1 日に 1 回、両方の内容を照合し、Security Hub に表れていないものを取り込みます。 |
| メッセージを再配信 | 関数はこのメッセージだけをキューに戻します。同じバッチの他のメッセージは完了します。 |
",
);

const KINDS: Both = (
    "The kinds: *change*: a control that decides by the configuration item; *oversized change*: the \
same, with the item fetched from AWS Config; *change + service*: a control that asks a service about \
the changed resource; *sweep*: a periodic control over all resources, several pages; *account*: a \
periodic control of the account; *logs in S3*: `log-integrity`, which reads and verifies files; \
*findings*: the function that forwards to Security Hub, with messages of its queue, and on its \
schedule: *refresh* of findings that would grow too old, *catch-up* with what AWS Config holds.
",
    "種類: 「変更」は設定項目だけで評価するコントロール、「サイズ超過の変更」は同じコントロールで設定項目を \
AWS Config から取得する場合、「変更 + API」は変更されたリソースについてサービスに問い合わせる\
コントロール、「定期の全件評価」は全リソースを複数ページにわたって評価する定期実行のコントロール、\
「アカウント」はアカウント単位の定期実行のコントロール、「S3 のログ」はファイルを読んで検証する \
`log-integrity`、「findings」は Security Hub へ転送する関数（キューのメッセージ、スケジュールに\
よる古い検出結果の「更新」、AWS Config の結果との「照合」）です。
",
);

/// The pages: paths from the top of the project, and texts.
pub(crate) fn pages() -> [(&'static str, String); 2] {
    [("docs/faults.en.md", page(false)), ("docs/faults.ja.md", page(true))]
}

fn page(japanese: bool) -> String {
    let mut out = pick(INTRO, japanese).to_owned();
    out.push('\n');
    for (number, row) in rows(japanese).iter().enumerate() {
        writeln!(out, "| {} |", row.join(" | ")).expect("a text");
        if number == 0 {
            writeln!(out, "|{}", "---|".repeat(row.len())).expect("a text");
        }
    }
    let notes: BTreeMap<u8, Both> =
        TABLE.iter().flat_map(|(_, cells)| cells).filter_map(|cell| note(*cell)).collect();
    for (number, why) in notes {
        let why = pick(why, japanese);
        if japanese {
            writeln!(out, "\n（{number}）{why}。").expect("a text");
        } else {
            writeln!(out, "\n({number}) {why}.").expect("a text");
        }
    }
    out.push('\n');
    out.push_str(pick(LEGEND, japanese));
    out.push('\n');
    out.push_str(pick(KINDS, japanese));
    out
}
