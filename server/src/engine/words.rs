//! Answers with words for a state that bollard does not know.
//!
//! To bollard a state is one of a closed list, and one other word in one row fails the whole answer. Podman says `stopped` from each
//! end of a process until it has cleaned up, a fraction of a second later. Such an answer, list or inspect, is read once more with
//! its words replaced.

use bollard::models::ContainerStateStatusEnum;
use serde::de::DeserializeOwned;
use serde_json::{Error, Value};

/// Reads an answer, also when it names states in words of Podman's.
///
/// # Errors
/// When it is no JSON, or not of that kind.
pub(super) fn in_any_words<T: DeserializeOwned>(answer: &[u8]) -> Result<T, Error> {
    let read = serde_json::from_slice(answer);
    match read {
        Err(error) if error.is_data() => reread(answer).ok_or(error),
        read => read,
    }
}

fn reread<T: DeserializeOwned>(answer: &[u8]) -> Option<T> {
    let mut value = serde_json::from_slice(answer).ok()?;
    match &mut value {
        Value::Array(rows) => rows.iter_mut().for_each(replace),
        inspected => replace(inspected),
    }
    serde_json::from_value(value).ok()
}

/// A list has the word itself in `State`, inspect has it in there as `Status`.
fn replace(container: &mut Value) {
    let state = match container.get_mut("State") {
        Some(Value::Object(state)) => state.get_mut("Status"),
        state => state,
    };
    if let Some(Value::String(word)) = state {
        *word = known(word).to_owned();
    }
}

/// bollard's word for the same state; the empty one, which is no state, where there is none.
fn known(word: &str) -> &str {
    match word {
        "stopped" => "exited",
        "configured" | "initialized" => "created",
        other if serde_json::from_value::<ContainerStateStatusEnum>(other.into()).is_ok() => other,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]

    use super::*;
    use bollard::models::{ContainerInspectResponse, ContainerSummary, ContainerSummaryStateEnum};
    use serde_json::json;

    fn read<T: DeserializeOwned>(answer: &Value) -> Result<T, Error> {
        in_any_words(answer.to_string().as_bytes())
    }

    #[test]
    fn one_row_in_podmans_words_does_not_fail_the_list() {
        let rows =
            json!([{"Id": "a", "State": "running"}, {"Id": "b", "State": "stopped"}, {"Id": "c", "State": "flying"}]);
        let rows: Vec<ContainerSummary> = read(&rows).unwrap();
        let states: Vec<_> = rows.iter().map(|row| row.state.unwrap()).collect();
        use ContainerSummaryStateEnum as State;
        assert_eq!(states, [State::RUNNING, State::EXITED, State::EMPTY]);
    }

    #[test]
    fn podmans_stopped_is_exited() {
        let inspected: ContainerInspectResponse =
            read(&json!({"State": {"Status": "stopped", "ExitCode": 3}})).unwrap();
        let state = inspected.state.unwrap();
        assert_eq!((state.status, state.exit_code), (Some(ContainerStateStatusEnum::EXITED), Some(3)));
    }

    #[test]
    fn what_is_wrong_otherwise_stays_wrong() {
        assert!(read::<ContainerInspectResponse>(&json!({"State": 5})).is_err());
        assert!(read::<ContainerInspectResponse>(&json!("no")).is_err());
    }
}
