//! The engine calls of the container list and of actions, each with its own timeout and counted in
//! the metrics.
//!
//! In: ids and options. Out: model values, or an [`EngineError`]. Calls of the container page are
//! in `documents.rs` and `logs.rs`; reading of response bodies is in [`super::raw`].

use super::{EngineAddress, EngineError, EventMessage, JsonRef, Permissions, SwarmMembership, convert, raw::target};
use crate::{
    now,
    process::{bulk, metrics::Metrics},
};
use app::model::{ContainerId, ContainerKey, ContainerState, EngineName, Timestamp};
use bollard::{
    Docker,
    query_parameters::{
        KillContainerOptionsBuilder, RemoveContainerOptionsBuilder, RestartContainerOptionsBuilder,
        StartContainerOptions, StopContainerOptionsBuilder,
    },
};
use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use serde_json::Value;
use std::{
    future::Future,
    time::{Duration, Instant},
};

/// Timeout of ping and version, which are served from memory; an engine that needs more than 2 s is
/// frozen.
pub(super) const PING_TIMEOUT: Duration = Duration::from_secs(2);
/// Timeout of the list. Thousands of containers take tens of milliseconds; 5 s allows for a loaded
/// host.
const LIST_TIMEOUT: Duration = Duration::from_secs(5);
/// Timeout of inspect, which waits for the container's lock: p99 is 142 ms right after `die` on
/// 20.10.
pub(super) const INSPECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Timeout of stats. Engines before 23.0.8 respond with their collector's next round, which takes 1
/// s plus 3 ms per container.
const STATS_TIMEOUT: Duration = Duration::from_secs(8);
/// Timeout of actions; stop and restart add their grace period.
const ACTION_TIMEOUT: Duration = Duration::from_secs(15);
/// Maximum length of a ping response, which is `OK`.
const MAX_PING_BYTES: usize = 1 << 10;
/// Assumed grace period of a stop, if the request names no timeout. The default is 10 s, but some
/// databases are created with a minute or more.
const MAX_STOP_GRACE_PERIOD: Duration = Duration::from_secs(600);

/// Client of one engine. Clones share its connections.
#[derive(Debug, Clone)]
pub struct EngineClient {
    pub(super) name: EngineName,
    pub(super) docker: Docker,
    pub(super) permissions: Permissions,
    pub(super) metrics: Metrics,
}

/// Facts about an engine and its host.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EngineFacts {
    /// Host name.
    pub name: Option<String>,
    /// Engine version.
    pub version: Option<String>,
    /// Highest API version.
    pub api_version: Option<String>,
    /// Operating system.
    pub os: Option<String>,
    /// Architecture.
    pub arch: Option<String>,
    /// Logical processors.
    pub cpus: Option<u32>,
    /// Memory of the host in bytes.
    pub memory_total: Option<u64>,
    /// The engine's clock when the facts were read.
    pub clock: Option<Timestamp>,
    /// Id of the engine.
    pub id: Option<String>,
    /// True if it is Podman.
    pub is_podman: bool,
    /// Duration of a request that the engine answers without any work.
    pub round_trip: Option<Duration>,
    /// Difference between the engine's clock and this server's.
    pub clock_offset: Option<ClockOffset>,
    /// Membership of the engine in a swarm; `None` if it could not be read.
    pub swarm: Option<SwarmMembership>,
    /// True if each call succeeded or was refused, so that repeating it is pointless.
    pub complete: bool,
}

/// Difference between the engine's clock and this server's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockOffset {
    /// Milliseconds by which the engine's clock is ahead.
    pub millis: i64,
    /// Maximum error in milliseconds: half of the time that the response took.
    pub error_millis: u64,
}

impl ClockOffset {
    /// Computes the offset from `clock`, the engine's time in a response that was requested at
    /// `sent_at` and took `took`.
    fn measured(clock: Timestamp, sent_at: Timestamp, took: Duration) -> Self {
        let half = u64::try_from(took.as_micros().div_ceil(2_000)).unwrap_or(u64::MAX);
        Self { millis: clock.as_millis() as i64 - sent_at.as_millis() as i64 - half as i64, error_millis: half }
    }
}

/// One row of the container list: enough to detect new, removed and changed containers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRow {
    /// Name of the engine.
    pub engine: EngineName,
    /// Id of the container.
    pub id: ContainerId,
    /// State of the container, if known.
    pub state: Option<ContainerState>,
    /// Name of the container, without the leading slash.
    pub name: Option<String>,
    /// False if the row shows the image's id instead of its name, which engines do once the name
    /// points to another image or to none.
    pub names_image: Option<bool>,
    /// The whole row as JSON, for [`convert::from_row`].
    pub row: Bytes,
}

/// A list of all containers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerList {
    /// Rows with a readable id.
    pub rows: Vec<ListRow>,
    /// Number of rows without a readable id.
    pub unreadable: usize,
}

impl EngineClient {
    /// Connects and reads the engine's facts, some of which may be unknown.
    ///
    /// # Errors
    /// If the engine cannot be reached or does not respond within `PING_TIMEOUT`.
    pub async fn connect(
        address: &EngineAddress,
        permissions: Permissions,
        metrics: Metrics,
    ) -> Result<(Self, EngineFacts), EngineError> {
        let checking = permissions.clone();
        let docker = address
            .client(metrics.traffic(address.name))?
            .with_request_modifier(move |request| checking.checked(request));
        let client = Self { name: address.name, docker, permissions, metrics };
        client.ping().await?;
        // The first call may have waited for the engine to wake up.
        let began = Instant::now();
        client.ping().await?;
        let round_trip = Some(began.elapsed());
        let facts = EngineFacts { round_trip, ..client.facts().await? };
        Ok((client, facts))
    }

    /// Reads the engine's facts, as far as they arrive within `PING_TIMEOUT`.
    ///
    /// # Errors
    /// If a request target is invalid, which does not happen.
    pub async fn facts(&self) -> Result<EngineFacts, EngineError> {
        // Socket proxies often deny /info.
        let sent_at = (now(), Instant::now());
        let info = self.document("info", PING_TIMEOUT, target("/info", &[])?);
        let timed_info = async { (info.await, sent_at.1.elapsed()) };
        let (version, (info, took)) =
            futures::join!(self.document("version", PING_TIMEOUT, target("/version", &[])?), timed_info,);
        let mut complete = true;
        let mut read = |response: Result<Value, EngineError>, call| {
            response.unwrap_or_else(|error| {
                tracing::debug!(call, %error, "cannot read the engine's facts");
                complete &= matches!(error, EngineError::Refused { .. });
                Value::Null
            })
        };
        let (version, info) = (read(version, "version"), read(info, "info"));
        let facts = convert::facts(JsonRef(&version), JsonRef(&info));
        let clock_offset = facts.clock.map(|clock| ClockOffset::measured(clock, sent_at.0, took));
        Ok(EngineFacts { complete, clock_offset, ..facts })
    }

    /// Runs `call` with a timeout, and counts it and its failure in the metrics.
    pub(super) async fn timed_call<T, E>(
        &self,
        name: &'static str,
        limit: Duration,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<T, EngineError>
    where
        EngineError: From<E>,
    {
        self.metrics.call(self.name, name);
        let result = match tokio::time::timeout(limit, call).await {
            Ok(result) => result.map_err(EngineError::from),
            Err(_) => Err(EngineError::Timeout(limit)),
        };
        if result.is_err() {
            self.metrics.call_failed(self.name, name);
        }
        result
    }

    /// Checks that the engine responds.
    ///
    /// # Errors
    /// If there is no response within `PING_TIMEOUT`.
    pub async fn ping(&self) -> Result<(), EngineError> {
        let target = target("/_ping", &[])?;
        self.timed_call("ping", PING_TIMEOUT, self.read_and_discard(target, MAX_PING_BYTES)).await
    }

    /// Streams events of containers, networks, and services and nodes of a swarm since `since`, on the engine's clock. An
    /// unreadable event is an `InvalidResponse`, and the stream continues.
    ///
    /// # Errors
    /// If the request target is invalid, which does not happen.
    pub fn events(
        &self,
        since: &str,
    ) -> Result<impl Stream<Item = Result<EventMessage, EngineError>> + use<>, EngineError> {
        let filters = r#"{"type":["container","network","service","node"]}"#;
        self.metrics.call(self.name, "events");
        let lines = self.lines(target("/events", &[("since", since), ("filters", filters)])?);
        Ok(lines.map(|line| EventMessage::read(&line?).require_complete()))
    }

    /// Lists all containers, running or not.
    ///
    /// # Errors
    /// As any call.
    pub async fn list(&self) -> Result<ContainerList, EngineError> {
        self.rows("list", LIST_TIMEOUT, target("/containers/json", &[("all", "true")])?)
            .await
            .map(|rows| convert::container_list(self.name, rows))
    }

    /// Returns true if the container is in the list.
    ///
    /// # Errors
    /// As any call.
    pub async fn lists(&self, id: ContainerId) -> Result<bool, EngineError> {
        let filters = format!(r#"{{"id":["{id}"]}}"#);
        let target = target("/containers/json", &[("all", "true"), ("filters", &filters)])?;
        let listing = convert::container_list(self.name, self.rows("list", LIST_TIMEOUT, target).await?);
        Ok(listing.rows.iter().any(|row| row.id == id))
    }

    /// Inspects one container.
    ///
    /// # Errors
    /// As any call; status 404 if it does not exist.
    pub async fn inspect(&self, id: ContainerId) -> Result<convert::Inspected, EngineError> {
        let target = target(&format!("/containers/{id}/json"), &[])?;
        let response = self.document("inspect", INSPECT_TIMEOUT, target).await?;
        let key = ContainerKey::new(self.name, id);
        // Labels are searched for secrets, which takes microseconds for most containers.
        if convert::has_many_labels(&response) {
            return bulk::run(move || convert::inspected(key, &response)).await;
        }
        convert::inspected(key, &response)
    }

    /// Reads a container's counters once.
    ///
    /// # Errors
    /// As any call.
    pub async fn counters(&self, id: ContainerId) -> Result<super::Counters, EngineError> {
        let target = target(&format!("/containers/{id}/stats"), &[("stream", "false"), ("one-shot", "true")])?;
        let response = self.document("stats", STATS_TIMEOUT, target).await?;
        Ok(convert::counters(&response))
    }

    /// Starts a container. As with the other actions, having nothing to do is a success.
    ///
    /// # Errors
    /// As any call; a refusal has the engine's own message.
    pub async fn start(&self, id: ContainerId) -> Result<(), EngineError> {
        self.timed_call(
            "start",
            ACTION_TIMEOUT,
            self.docker.start_container(&id.to_string(), None::<StartContainerOptions>),
        )
        .await
    }

    /// Stops a container and kills it after `timeout` seconds.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn stop(&self, id: ContainerId, timeout: Option<u32>, signal: Option<&str>) -> Result<(), EngineError> {
        let mut options = StopContainerOptionsBuilder::default();
        if let Some(seconds) = timeout {
            options = options.t(i32::try_from(seconds).unwrap_or(i32::MAX));
        }
        if let Some(signal) = signal {
            options = options.signal(signal);
        }
        let (limit, docker) = self.with_stop_timeout(timeout);
        self.timed_call("stop", limit, docker.stop_container(&id.to_string(), Some(options.build()))).await
    }

    /// Restarts a container.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn restart(
        &self,
        id: ContainerId,
        timeout: Option<u32>,
        signal: Option<&str>,
    ) -> Result<(), EngineError> {
        let mut options = RestartContainerOptionsBuilder::default();
        if let Some(seconds) = timeout {
            options = options.t(i32::try_from(seconds).unwrap_or(i32::MAX));
        }
        if let Some(signal) = signal {
            options = options.signal(signal);
        }
        let (limit, docker) = self.with_stop_timeout(timeout);
        self.timed_call("restart", limit, docker.restart_container(&id.to_string(), Some(options.build()))).await
    }

    /// Pauses a container's processes.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn pause(&self, id: ContainerId) -> Result<(), EngineError> {
        self.timed_call("pause", ACTION_TIMEOUT, self.docker.pause_container(&id.to_string())).await
    }

    /// Unpauses a container's processes.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn unpause(&self, id: ContainerId) -> Result<(), EngineError> {
        self.timed_call("unpause", ACTION_TIMEOUT, self.docker.unpause_container(&id.to_string())).await
    }

    /// Sends a signal, SIGKILL by default.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn kill(&self, id: ContainerId, signal: Option<&str>) -> Result<(), EngineError> {
        let options = KillContainerOptionsBuilder::default().signal(signal.unwrap_or("SIGKILL")).build();
        self.timed_call("kill", ACTION_TIMEOUT, self.docker.kill_container(&id.to_string(), Some(options))).await
    }

    /// Removes a container. `force` kills it first; `volumes` also removes its anonymous volumes.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn remove(&self, id: ContainerId, force: bool, volumes: bool) -> Result<(), EngineError> {
        let options = RemoveContainerOptionsBuilder::default().force(force).v(volumes).build();
        self.timed_call("remove", 2 * ACTION_TIMEOUT, self.docker.remove_container(&id.to_string(), Some(options)))
            .await
    }

    /// The timeout of a stop or restart, and a client on the same connections with that timeout.
    fn with_stop_timeout(&self, timeout: Option<u32>) -> (Duration, Docker) {
        let limit =
            ACTION_TIMEOUT + timeout.map_or(MAX_STOP_GRACE_PERIOD, |seconds| Duration::from_secs(seconds.into()));
        (limit, self.docker.clone().with_timeout(limit))
    }
}

#[cfg(test)]
impl EngineClient {
    /// A client without a connection: each call waits for its timeout.
    pub(crate) fn unresponsive() -> Self {
        let docker = Docker::connect_with_custom_transport(
            |_| std::future::pending(),
            Some("http://engine.test"),
            u64::from(u32::MAX),
            bollard::API_DEFAULT_VERSION,
        );
        let docker = docker.unwrap_or_else(|error| unreachable!("nothing is connected: {error}"));
        Self { name: EngineName::LOCAL, docker, permissions: Permissions::new(false), metrics: Metrics::default() }
    }
}
