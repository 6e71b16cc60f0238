//! The table: what each kind of function does under each fault.

use crate::strikes::Strike;

/// What happens in a cell.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cell {
    /// The run succeeds, if need be after the SDK's retry; the new state is held.
    Done,
    /// The run succeeds and AWS Config holds the new state; the message to Security Hub waits in
    /// the queue until it can be forwarded.
    Waits,
    /// The run is a function error of this type; delivered again, it succeeds.
    Fails(&'static str),
    /// The same, of one of two types, by the call that is struck.
    FailsEither(&'static str, &'static str),
    /// The same, but not at every call: why, in English and Japanese.
    FailsBut(&'static str, &'static (&'static str, &'static str)),
    /// The function succeeds, and names the message so that it comes again.
    Returned,
    /// The run succeeds and AWS Config holds the new state; Security Hub does after the findings
    /// function's next schedule.
    CaughtUp,
    /// The cell makes no sense: number of the note, and why, in English and Japanese.
    None(u8, &'static (&'static str, &'static str)),
}

use Cell::{CaughtUp, Done, Fails, FailsBut, FailsEither, None, Returned, Waits};

const NO_QUEUE: (&str, &str) = (
    "the schedule has no queue: the next day's run does what is left",
    "スケジュール実行にはキューがなく、残りは翌日の実行が処理します",
);

const NO_RESULT: (&str, &str) = (
    "what is lost is a message about a control's result: see there",
    "失われるのはコントロールの結果についてのメッセージです（コントロールの列を参照）",
);

const CONTENT: (&str, &str) = (
    "not at s3:GetObject: the content of a log file is what the control judges, so that another \
     content is a failing result (`LOG_FILE_ALTERED`, `DIGEST_MALFORMED`), not a fault",
    "s3:GetObject を除きます。ログファイルの内容はコントロールの評価対象そのものであり、内容が異なれば\
障害ではなく不適合（`LOG_FILE_ALTERED`、`DIGEST_MALFORMED`）になります",
);

/// What no parser of the SDK can read.
const UNREADABLE: [Cell; 9] = {
    let mut cells = all(Fails("UnexpectedAnswer"));
    cells[5] = FailsBut("UnexpectedAnswer", &CONTENT);
    cells
};

/// The transfer of a file breaks off where other answers are cut.
const CUT: [Cell; 9] = {
    let mut cells = all(Fails("UnexpectedAnswer"));
    cells[5] = FailsEither("UnexpectedAnswer", "NoAnswer");
    cells
};

/// The same for every kind.
const fn all(cell: Cell) -> [Cell; 9] {
    [cell; 9]
}

/// Of the controls, of the queue, of the schedule.
const fn each(control: Cell, queue: Cell, schedule: Cell) -> [Cell; 9] {
    [control, control, control, control, control, control, queue, schedule, schedule]
}

/// The same, where the schedule's two tasks differ.
const fn with(cells: [Cell; 9], catch_up: Cell) -> [Cell; 9] {
    let mut cells = cells;
    cells[8] = catch_up;
    cells
}

/// In the order of `Kind::ALL`.
pub(crate) const TABLE: [(Strike, [Cell; 9]); 25] = [
    (Strike::ThrottledOnce, all(Done)),
    (Strike::Throttled, all(Fails("Throttled"))),
    (Strike::ServerErrorOnce, all(Done)),
    (Strike::ServerError, all(Fails("ServiceError"))),
    (Strike::SilentOnce, all(Done)),
    (Strike::Silent, each(Fails("DeadlineNear"), Fails("NoAnswer"), Fails("NoAnswer"))),
    (Strike::ResetOnce, all(Done)),
    (Strike::Reset, all(Fails("NoAnswer"))),
    (Strike::AnswerLost, all(Done)),
    (Strike::Denied, all(Fails("AccessDenied"))),
    (Strike::NotTheFormat, UNREADABLE),
    (Strike::ForeignPage, UNREADABLE),
    (Strike::WrongShape, UNREADABLE),
    (Strike::AnswerCut, CUT),
    (
        Strike::PartlyRefusedOnce,
        with(each(Done, Returned, Fails("RefreshIncomplete")), Fails("CatchUpIncomplete")),
    ),
    (
        Strike::PartlyRefused,
        with(
            each(Fails("EvaluationsRefused"), Returned, Fails("RefreshIncomplete")),
            Fails("CatchUpIncomplete"),
        ),
    ),
    (Strike::ClockOff, all(Done)),
    (Strike::DeadlineNear, each(Fails("DeadlineNear"), Fails("NoAnswer"), Fails("NoAnswer"))),
    (Strike::Duplicate, all(Done)),
    (Strike::OutOfOrder, all(Done)),
    (Strike::KilledBeforeReport, all(Fails("Runtime.ExitError"))),
    (Strike::KilledAfterReport, all(Fails("Runtime.ExitError"))),
    (
        Strike::SecurityHubOff,
        each(Waits, Fails("SecurityHubDisabled"), Fails("SecurityHubDisabled")),
    ),
    (Strike::QueueRedelivery, each(Waits, Waits, None(1, &NO_QUEUE))),
    (Strike::MessageLost, each(CaughtUp, None(3, &NO_RESULT), None(3, &NO_RESULT))),
];
