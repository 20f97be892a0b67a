//! Calls that change a container: start, stop, restart, pause, unpause, kill, rename, update,
//! remove.
//!
//! A call that ends a process returns when the process is gone, shortly after its events, as in
//! dockerd.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Shared;
use super::params::Params;
use super::refusal::Refusal;
use crate::daemon::Daemon;
use crate::engine::container::Container;
use crate::engine::{ContainerId, Engine, EngineError, signal};

type ActionResult = Result<StatusCode, Refusal>;

/// A run of a container, kept to wait for its end.
struct Running {
    id: ContainerId,
    number: u32,
}

impl Running {
    fn of(container: &Container) -> Self {
        Self { id: container.id.clone(), number: container.run().map_or(0, |run| run.number) }
    }

    async fn ended(self, daemon: &Daemon) {
        daemon.until_ended(&self.id, self.number).await;
        daemon.reply_lag().await;
    }
}

/// `POST /containers/{id}/start`.
pub(crate) async fn start(daemon: Shared, Path(id): Path<String>) -> ActionResult {
    daemon.act(|engine, now| engine.start(&id, now))?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /containers/{id}/stop?t=`.
pub(crate) async fn stop(daemon: Shared, Path(id): Path<String>, params: Params) -> ActionResult {
    let (signal, timeout) = (signal_of(&params)?, params.timeout("t")?);
    let running = daemon.act(|engine, now| {
        let running = Running::of(engine.find(&id)?);
        engine.stop(&id, signal, timeout, now).map(|()| running)
    })?;
    running.ended(&daemon).await;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /containers/{id}/restart?t=`.
pub(crate) async fn restart(daemon: Shared, Path(id): Path<String>, params: Params) -> ActionResult {
    let (signal, timeout) = (signal_of(&params)?, params.timeout("t")?);
    let running = daemon.act(|engine, now| {
        let running = Running::of(engine.find(&id)?);
        engine.restart(&id, signal, timeout, now).map(|()| running)
    })?;
    let Running { id, number } = running;
    daemon
        .until(|engine| {
            engine.find(id.as_str()).map_or(true, |container| container.run().is_some_and(|run| run.number > number))
        })
        .await;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /containers/{id}/pause`.
pub(crate) async fn pause(daemon: Shared, Path(id): Path<String>) -> ActionResult {
    daemon.act(|engine, now| engine.pause(&id, now))?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /containers/{id}/unpause`.
pub(crate) async fn unpause(daemon: Shared, Path(id): Path<String>) -> ActionResult {
    daemon.act(|engine, now| engine.unpause(&id, now))?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /containers/{id}/kill?signal=`: waits for the end only after SIGKILL.
pub(crate) async fn kill(daemon: Shared, Path(id): Path<String>, params: Params) -> ActionResult {
    let signal = signal_of(&params)?.unwrap_or(signal::KILL);
    let running = daemon.act(|engine, now| {
        engine.kill(&id, signal, now)?;
        Ok::<_, EngineError>(engine.find(&id).ok().map(Running::of))
    })?;
    if let Some(running) = running.filter(|_| signal == signal::KILL) {
        running.ended(&daemon).await;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /containers/{id}/rename?name=`.
pub(crate) async fn rename(daemon: Shared, Path(id): Path<String>, params: Params) -> ActionResult {
    let name = params.text("name").unwrap_or_default();
    daemon.act(|engine, now| engine.rename(&id, name, now))?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /containers/{id}?force=`.
pub(crate) async fn remove(daemon: Shared, Path(id): Path<String>, params: Params) -> ActionResult {
    let force = params.flag("force");
    let ended_a_process = daemon.act(|engine: &mut Engine, now| {
        let had_process = engine.find(&id)?.state.has_process();
        engine.remove(&id, force, now).map(|()| had_process)
    })?;
    if ended_a_process {
        daemon.reply_lag().await;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The limits that can be changed.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct NewLimits {
    memory: Option<u64>,
    nano_cpus: Option<u64>,
}

/// `POST /containers/{id}/update`.
pub(crate) async fn update(
    daemon: Shared,
    Path(id): Path<String>,
    Json(new): Json<NewLimits>,
) -> Result<Json<Value>, Refusal> {
    let changed = |value: Option<u64>| value.filter(|value| *value > 0);
    daemon.act(|engine, now| engine.update(&id, changed(new.memory), changed(new.nano_cpus), now))?;
    Ok(Json(json!({ "Warnings": null })))
}

fn signal_of(params: &Params) -> Result<Option<i32>, Refusal> {
    Ok(params.text("signal").map(signal::parse).transpose()?)
}
