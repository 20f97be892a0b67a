//! `GET /containers/{id}/top`: the processes of a container, derived from its program and load.

use axum::Json;
use axum::extract::Path;
use serde_json::{Value, json};

use super::Shared;
use super::command;
use super::params::Params;
use super::process_columns;
use super::refusal::Refusal;
use crate::clock::Moment;
use crate::engine::container::{Container, State};
use crate::engine::lifecycle::is_restarting;
use crate::engine::{Engine, EngineError};

/// Maximum number of processes shown: the rest of `pids` counts as threads.
const MAX_PROCESSES: u32 = 8;

/// `GET /containers/{id}/top?ps_args=`.
pub(crate) async fn top(daemon: Shared, Path(id): Path<String>, params: Params) -> Result<Json<Value>, Refusal> {
    let arguments = params.text("ps_args").unwrap_or_default();
    Ok(Json(daemon.act(|engine, now| processes(engine, &id, arguments, now))?))
}

fn processes(engine: &mut Engine, id: &str, arguments: &str, now: Moment) -> Result<Value, EngineError> {
    let container = engine.find(id)?;
    match container.state {
        state if state.has_process() => {}
        State::Restarting => return Err(EngineError::Conflict(is_restarting(&container.id))),
        _ => return Err(EngineError::Conflict(format!("Container {} is not running", container.id))),
    }
    let table = match process_columns::requested(arguments) {
        Some(columns) => process_columns::table(container, &columns, now)?,
        None if arguments.contains("aux") => table_aux(container, now),
        None => table_ef(container, now),
    };
    engine.note_top(id, now);
    Ok(table)
}

/// Process ids, the main process first.
pub(super) fn pids(container: &Container, now: Moment) -> impl Iterator<Item = u32> + use<> {
    let count = container.usage(now).map_or(1, |usage| u32::try_from(usage.pids).unwrap_or(1)).clamp(1, MAX_PROCESSES);
    let first = container.pid;
    (0..count).map(move |index| first + index)
}

pub(super) fn cpu_time(container: &Container, pid: u32, now: Moment) -> String {
    let nanos = container.usage(now).map_or(0, |usage| usage.cpu_nanos);
    let seconds = if pid == container.pid { nanos / 1_000_000_000 } else { 0 };
    format!("{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

fn table_ef(container: &Container, now: Moment) -> Value {
    let command = command::shown(&container.spec.command);
    let started = container.started_at().unwrap_or(now).hour_minute();
    let rows: Vec<[String; 8]> = pids(container, now)
        .map(|pid| {
            let parent = if pid == container.pid { container.pid - 1 } else { container.pid };
            let time = cpu_time(container, pid, now);
            [
                "root".into(),
                pid.to_string(),
                parent.to_string(),
                "0".into(),
                started.clone(),
                "?".into(),
                time,
                command.clone(),
            ]
        })
        .collect();
    json!({"Titles": ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"], "Processes": rows})
}

fn table_aux(container: &Container, now: Moment) -> Value {
    let command = command::shown(&container.spec.command);
    let started = container.started_at().unwrap_or(now).hour_minute();
    let resident_kib = container.usage(now).map_or(0, |usage| usage.memory_bytes / 1024).to_string();
    let rows: Vec<[String; 11]> = pids(container, now)
        .map(|pid| {
            let (time, size) = (cpu_time(container, pid, now), resident_kib.clone());
            let mark = if pid == container.pid { "Ss" } else { "S" };
            [
                "root".into(),
                pid.to_string(),
                "0.2".into(),
                "0.1".into(),
                size.clone(),
                size,
                "?".into(),
                mark.into(),
                started.clone(),
                time,
                command.clone(),
            ]
        })
        .collect();
    let titles = ["USER", "PID", "%CPU", "%MEM", "VSZ", "RSS", "TTY", "STAT", "START", "TIME", "COMMAND"];
    json!({"Titles": titles, "Processes": rows})
}
