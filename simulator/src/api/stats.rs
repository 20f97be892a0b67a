//! `GET /containers/{id}/stats`: one sample, or one a second until the container is removed.
//!
//! Samples are computed when they are asked for. Engine 20.10 lets a single sample wait for its
//! collector's next tick, and one with CPU figures of before for two; engine 28.5 answers
//! `one-shot` at once.

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

/// From sample to sample of a stream.
const PERIOD: Duration = Duration::from_secs(1);

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

/// Waits as long as the engine's collector takes; gives the time of the sample before, unless it is
/// a one-shot.
async fn wait_for_collector(daemon: &Daemon, one_shot: bool) -> Option<Moment> {
    let period = daemon.act(|engine, _| engine.settings.collector_period);
    if !period.is_zero() {
        daemon.clock.sleep_until(next_tick(daemon.clock.now(), period)).await;
    }
    if one_shot {
        return None;
    }
    if !daemon.clock.is_manual() {
        daemon.clock.sleep_until(daemon.clock.now().plus(PERIOD)).await;
    }
    Some(daemon.clock.now().minus(PERIOD))
}

/// The collector's ticks are whole periods since the epoch: those who wait at the same time share
/// one.
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
    /// The first sample at once, the next ones a period apart, none once the container is gone.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(before) = self.before {
            self.daemon.clock.sleep_until(before.plus(PERIOD)).await;
        }
        self.daemon.faults.thawed().await;
        let (line, taken_at) = line(&self.daemon, &self.id, self.before)?;
        self.before = Some(taken_at);
        Some(line)
    }
}

/// The sample of the moment as a line; `None` when the container is gone.
fn line(daemon: &Daemon, id: &ContainerId, before: Option<Moment>) -> Option<(Bytes, Moment)> {
    let (object, now) = daemon.act(|engine, now| {
        let container = engine.find(id.as_str()).ok()?;
        Some((sample(container, &engine.settings, now, before), now))
    })?;
    Some((Bytes::from(object.to_string() + "\n"), now))
}
