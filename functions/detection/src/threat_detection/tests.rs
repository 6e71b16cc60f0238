use super::*;
use fisc_shared::Run;
use fisc_shared::parameter::Parameters;

pub(super) fn run(parameters: &Parameters, home: bool) -> Run<'_> {
    Run {
        parameters,
        now: "2026-11-23T00:00:00Z".parse().unwrap(),
        account_id: "111122223333",
        region: "ap-northeast-1",
        deadline: None,
        home,
        offline: false,
    }
}
