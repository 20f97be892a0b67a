//! `GET /containers/{id}/stats`: one sample, or one per second until the container is removed.
//!
//! Samples are computed on request. In engine 20.10 a single sample waits for the collector's next
//! tick, and one with previous CPU figures for two; engine 28.5 responds to `one-shot` immediately.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Path;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;

use super::Shared;
use super::params::Params;
use super::refusal::Refusal;
use super::samples::sample;
use crate::calls::{Endpoint, OpenStream};
use crate::clock::Moment;
use crate::daemon::Daemon;
use crate::engine::ContainerId;

/// Interval between samples of a stream.
const INTERVAL: Duration = Duration::from_secs(1);

/// `GET /containers/{id}/stats?stream=&one-shot=`.
pub(crate) async fn stats(daemon: Shared, Path(id): Path<String>, params: Params) -> Result<Response, Refusal> {
    let (streaming, one_shot) = (params.flag_or("stream", true), params.flag("one-shot"));
    let (id, has_process) =
        daemon.act(|engine, _| engine.find(&id).map(|found| (found.id.clone(), found.state.has_process())))?;
    if streaming && one_shot {
        return Err(Refusal::invalid("cannot have stream=true and one-shot=true"));
    }
    let body = if streaming {
        let open = daemon.calls.opened(Endpoint::Stats);
        let sampler = Sampler { daemon: Arc::clone(&daemon), id, before: None, _open: open };
        Body::from_stream(stream::unfold(sampler, async |mut sampler| {
            let line = sampler.next().await?;
            Some((Ok::<_, Infallible>(line), sampler))
        }))
    } else {
        let before = if has_process { wait_for_collector(&daemon, one_shot).await } else { None };
        Body::from(line(&daemon, &id, before).map(|(line, _)| line).unwrap_or_default())
    };
    Ok(([(CONTENT_TYPE, "application/json")], body).into_response())
}

/// Waits as long as the engine's collector takes, and returns the time of the previous sample
/// unless it is a one-shot.
async fn wait_for_collector(daemon: &Daemon, one_shot: bool) -> Option<Moment> {
    let period = daemon.act(|engine, _| engine.settings.collector_period);
    if !period.is_zero() {
        daemon.clock.sleep_until(next_tick(daemon.clock.now(), period)).await;
    }
    if one_shot {
        return None;
    }
    if !daemon.clock.is_manual() {
        daemon.clock.sleep_until(daemon.clock.now().plus(INTERVAL)).await;
    }
    Some(daemon.clock.now().minus(INTERVAL))
}

/// Time of the collector's next tick. Ticks are whole periods since the epoch, so that concurrent
/// requests share one.
fn next_tick(now: Moment, period: Duration) -> Moment {
    let period = i64::try_from(period.as_nanos()).unwrap_or(i64::MAX).max(1);
    Moment::from_nanos((now.as_nanos() / period + 1).saturating_mul(period))
}

/// A stats stream of one container.
struct Sampler {
    daemon: Arc<Daemon>,
    id: ContainerId,
    before: Option<Moment>,
    _open: OpenStream,
}

impl Sampler {
    /// Returns the first sample immediately, then one per interval until the container is removed.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(before) = self.before {
            self.daemon.clock.sleep_until(before.plus(INTERVAL)).await;
        }
        self.daemon.faults.thawed().await;
        let (line, taken_at) = line(&self.daemon, &self.id, self.before)?;
        self.before = Some(taken_at);
        Some(line)
    }
}

/// The current sample as a line; `None` if the container was removed.
fn line(daemon: &Daemon, id: &ContainerId, before: Option<Moment>) -> Option<(Bytes, Moment)> {
    let (object, now) = daemon.act(|engine, now| {
        let container = engine.find(id.as_str()).ok()?;
        Some((sample(container, &engine.settings, now, before), now))
    })?;
    Some((Bytes::from(object.to_string() + "\n"), now))
}
