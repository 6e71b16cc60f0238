//! The definition of a state machine in the Amazon States Language. Of both query languages only
//! the keys are read that they share.

use fisc_shared::Error;
use serde_json::{Map, Value};

use super::DESCRIBE_STATE_MACHINE;

/// How deep states nest: an answer that is deeper is not one of Step Functions.
const MAX_DEPTH: usize = 64;

/// A state that may fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct State {
    pub(super) name: String,
    /// Whether it, or a state around it, catches errors.
    pub(super) caught: bool,
    /// Whether it is a task that is not tried again.
    pub(super) lacks_retry: bool,
}

/// The states that may fail, those of branches and iterations too.
pub(super) fn states(definition: &str) -> Result<Vec<State>, Error> {
    let unreadable = |what: &str| Error::Answer {
        action: DESCRIBE_STATE_MACHINE,
        field: format!("a definition {what}"),
    };
    let value: Value = serde_json::from_str(definition).map_err(|_| unreadable("that is JSON"))?;
    let mut found = Vec::new();
    read(&value, false, MAX_DEPTH, &mut found)
        .ok_or_else(|| unreadable("with States of a known shape"))?;
    Ok(found)
}

fn read(machine: &Value, caught: bool, depth: usize, found: &mut Vec<State>) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    for (name, state) in machine.get("States")?.as_object()? {
        let state = state.as_object()?;
        let kind = state.get("Type")?.as_str()?;
        if !matches!(kind, "Task" | "Parallel" | "Map") {
            continue;
        }
        let caught = caught || has(state, "Catch");
        let lacks_retry = kind == "Task" && !has(state, "Retry");
        found.push(State { name: name.clone(), caught, lacks_retry });
        let branches = state.get("Branches").and_then(Value::as_array);
        // Iterator is the older name of ItemProcessor.
        let iteration = state.get("ItemProcessor").or_else(|| state.get("Iterator"));
        for inner in branches.into_iter().flatten().chain(iteration) {
            read(inner, caught, depth, found)?;
        }
    }
    Some(())
}

/// Whether a state has a list of handlers that is not empty.
fn has(state: &Map<String, Value>, key: &str) -> bool {
    state.get(key).and_then(Value::as_array).is_some_and(|list| !list.is_empty())
}
