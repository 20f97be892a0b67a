//! Reads frames and events of another server that may be newer: a value that is unknown here changes
//! one field, and never makes a frame unreadable. Pure.
//!
//! | unknown | is read as |
//! |---|---|
//! | state of a container | its last state, with an `inspectError` |
//! | health, cause, evidence, step, source | none |
//! | kind of an engine | Docker |
//! | link of an engine | connecting |
//! | anything else in a row | the last row, or none |
//! | kind of an event, name of an event of a stream | ignored |

use super::{clean, names};
use app::{
    model::{
        Cause, Container, ContainerId, ContainerState, ContainerStats, Engine, EngineHop, EngineKind, EngineLink,
        EngineName, EngineProblem, Evidence, Health, Occurrence, StatsSource,
    },
    protocol::{Frame, InvalidFrame, RemovedContainer},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// The last row of a container, from the same engine.
pub(super) type LastRow<'a> = &'a dyn Fn(ContainerId) -> Option<Container>;

/// Reads the part of a frame that is about the engine `theirs`, and cleans its texts; `None` for an
/// event with an unknown name.
///
/// # Errors
/// When it is not a frame at all.
pub(super) fn frame(
    name: &str,
    data: &str,
    theirs: EngineName,
    last: LastRow<'_>,
) -> Result<Option<Frame>, InvalidFrame> {
    if !Frame::EVENTS.contains(&name) {
        return Ok(None);
    }
    let read = if names::are_all(data, theirs) { Frame::parse(name, data).ok() } else { None };
    let mut frame = match read {
        Some(frame) => frame,
        None => repaired(name, data, theirs, last)?,
    };
    clean::frame(&mut frame);
    Ok(Some(frame))
}

fn repaired(name: &str, data: &str, theirs: EngineName, last: LastRow<'_>) -> Result<Frame, InvalidFrame> {
    let Ok(Value::Object(mut fields)) = serde_json::from_str(data) else { return Frame::parse(name, "{}") };
    names::keep_only(&mut fields, theirs);
    repair_all(&mut fields, "engines", |engine| repair_engine(engine).then_some(()));
    // In a snapshot, a row that is left out would look removed.
    let is_whole = name == Frame::EVENTS[0];
    for list in ["containers", "upserted"] {
        repair_all(&mut fields, list, |row| {
            if repair_container(row, last) {
                return Some(());
            }
            let kept = last(id_of(row)?).filter(|_| is_whole)?;
            *row = serde_json::to_value(kept).ok()?;
            Some(())
        });
    }
    repair_all(&mut fields, "stats", |sample| reads::<ContainerStats>(sample).then_some(()));
    repair_all(&mut fields, "removed", |gone| reads::<RemovedContainer>(gone).then_some(()));
    Frame::parse(name, &Value::Object(fields).to_string())
}

/// Reads an event, and cleans its texts; `None` if it is of another engine than `theirs`, or of an
/// unknown kind.
pub(super) fn occurrence(data: &str, theirs: EngineName) -> Option<Occurrence> {
    if !names::is_of(data, theirs) {
        return None;
    }
    let mut occurrence = serde_json::from_str(data).ok().or_else(|| {
        let mut event: Value = serde_json::from_str(data).ok()?;
        let fields = event.as_object_mut()?;
        replace_unknown::<Cause>(fields, "cause", Some(Value::Null));
        replace_unknown::<Evidence>(fields, "evidence", None);
        serde_json::from_value(event).ok()
    })?;
    clean::occurrence(&mut occurrence);
    Some(occurrence)
}

/// Repairs each item of a list, and removes those that stay unreadable.
fn repair_all(fields: &mut Map<String, Value>, list: &str, mut repair: impl FnMut(&mut Value) -> Option<()>) {
    if let Some(Value::Array(items)) = fields.get_mut(list) {
        items.retain_mut(|item| repair(item).is_some());
    }
}

/// True if it is readable afterwards.
fn repair_engine(engine: &mut Value) -> bool {
    let Some(fields) = engine.as_object_mut() else { return false };
    replace_unknown::<EngineKind>(fields, "kind", None);
    replace_unknown::<EngineLink>(fields, "link", Some(json!(EngineLink::Connecting)));
    replace_unknown::<EngineHop>(fields, "hop", Some(Value::Null));
    replace_unknown::<EngineLink>(fields, "engineLink", None);
    replace_unknown::<StatsSource>(fields, "statsSource", None);
    reads::<Engine>(engine)
}

/// True if it is readable afterwards.
fn repair_container(row: &mut Value, last: LastRow<'_>) -> bool {
    let id = id_of(row);
    let Some(fields) = row.as_object_mut() else { return false };
    replace_unknown::<Health>(fields, "health", Some(Value::Null));
    replace_unknown::<Cause>(fields, "endCause", None);
    let state = fields.get("state").cloned().unwrap_or_default();
    if state.is_string() && !reads::<ContainerState>(&state) {
        let known = id.and_then(last).map_or(ContainerState::Created, |row| row.state);
        let problem = EngineProblem {
            code: "unknown_state".to_owned(),
            message: format!("The other Quaylight reports the state {state}, which this version does not know."),
            hint: "Update this server. The state shown is the last one that it knows.".to_owned(),
        };
        fields.insert("state".to_owned(), json!(known));
        fields.insert("inspectError".to_owned(), json!(problem));
    }
    reads::<Container>(row)
}

/// Replaces or removes a field whose value is unknown.
fn replace_unknown<T: DeserializeOwned>(fields: &mut Map<String, Value>, name: &str, replacement: Option<Value>) {
    let is_unknown = fields.get(name).is_some_and(|value| !value.is_null() && !reads::<T>(value));
    if !is_unknown {
        return;
    }
    match replacement {
        Some(value) => fields.insert(name.to_owned(), value),
        None => fields.remove(name),
    };
}

fn reads<T: DeserializeOwned>(value: &Value) -> bool {
    T::deserialize(value).is_ok()
}

fn id_of(row: &Value) -> Option<ContainerId> {
    row.get("id")?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]
    use super::*;
    use app::{protocol::Snapshot, samples};

    fn none(_: ContainerId) -> Option<Container> {
        None
    }

    /// A frame of a newer server: each word is unknown here.
    fn newer() -> Value {
        let web = samples::container(1, "web", ContainerState::Running);
        let (mut engine, mut row) = (json!(samples::engine()), json!(web));
        for (field, word) in [("kind", "containerd"), ("link", "degraded"), ("hop", "quic"), ("engineLink", "degraded")]
        {
            engine[field] = json!(word);
        }
        for (field, word) in [("state", "checkpointed"), ("health", "flapping"), ("endCause", "cosmicRay")] {
            row[field] = json!(word);
        }
        row["shape"] = json!({ "round": true });
        let stats = json!([{ "containerId": 5 }]);
        json!({
            "epoch": "a", "revision": 1, "serverTime": "2026-11-30T00:00:00.000Z", "engines": [engine],
            "containers": [row, samples::container(2, "db", ContainerState::Exited)], "stats": stats, "sampledAt": null,
        })
    }

    fn snapshot(data: &Value, last: LastRow<'_>) -> Snapshot {
        match frame("snapshot", &data.to_string(), EngineName::LOCAL, last).unwrap() {
            Some(Frame::Snapshot(snapshot)) => snapshot,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn unknown_values_change_one_field_each() {
        let paused = |id| Some(Container { id, ..samples::container(1, "web", ContainerState::Paused) });
        let read = snapshot(&newer(), &paused);
        let (web, db) = (&read.containers[0], &read.containers[1]);
        assert_eq!(
            (web.name.as_str(), web.state, web.health, web.end_cause),
            ("web", ContainerState::Paused, None, None)
        );
        let problem = web.inspect_error.as_ref().unwrap();
        assert!(problem.code == "unknown_state" && problem.message.contains("checkpointed"), "{problem:?}");
        assert_eq!((db.state, db.inspect_error.as_ref()), (ContainerState::Exited, None));
        let engine = &read.engines[0];
        assert_eq!((engine.kind, engine.link, engine.hop), (EngineKind::Docker, EngineLink::Connecting, None));
        assert_eq!((engine.engine_link, engine.version.as_deref()), (None, Some("28.5.2")));
        assert!(read.stats.is_empty());
        // A new container has no last state.
        assert_eq!(snapshot(&newer(), &none).containers[0].state, ContainerState::Created);
    }

    #[test]
    fn rows_of_other_engines_are_left_out() {
        let mut data = newer();
        data["containers"][1]["engine"] = json!("Not even a name");
        assert_eq!(snapshot(&data, &none).containers.len(), 1);
    }

    #[test]
    fn an_unreadable_row_stays_as_it_was() {
        let mut data = newer();
        data["containers"][0]["ports"] = json!("all");
        let web = |id| Some(Container { id, ..samples::container(1, "web", ContainerState::Running) });
        assert_eq!(snapshot(&data, &web).containers[0].state, ContainerState::Running);
        assert_eq!(snapshot(&data, &none).containers.len(), 1);
        let delta = json!({
            "revision": 2, "serverTime": "2026-11-30T00:00:00.000Z", "upserted": data["containers"],
            "removed": [{ "engine": "local", "id": "short" }],
        });
        let Some(Frame::Delta(delta)) = frame("delta", &delta.to_string(), EngineName::LOCAL, &web).unwrap() else {
            panic!()
        };
        assert_eq!((delta.upserted.len(), delta.upserted[0].name.as_str(), delta.removed.len()), (1, "db", 0));
    }

    #[test]
    fn unknown_events_are_ignored_and_other_data_is_an_error() {
        let local = EngineName::LOCAL;
        assert_eq!(frame("weather", "{}", local, &none).unwrap(), None);
        assert!(frame("snapshot", "{}", local, &none).is_err() && frame("delta", "no json", local, &none).is_err());
        let event = json!({
            "id": "1", "at": "2026-11-30T00:00:00.000Z", "engine": "local", "containerId": "ab".repeat(32),
            "containerName": "web", "kind": "died", "exitCode": 1, "signal": null, "detail": null, "cause": "cosmicRay",
            "evidence": { "basis": "horoscope", "probable": true },
        });
        let read = occurrence(&event.to_string(), local).unwrap();
        assert_eq!(occurrence(&event.to_string(), EngineName::new("web").unwrap()), None);
        assert_eq!((read.exit_code, read.cause, read.evidence), (Some(1), None, None));
        let mut unknown = event;
        unknown["kind"] = json!("teleported");
        assert_eq!(occurrence(&unknown.to_string(), local), None);
    }
}
