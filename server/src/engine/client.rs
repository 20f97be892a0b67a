//! The calls Quaylight makes, each under its own time limit and counted.

use super::{Answer, EngineAddress, EngineError, EventMessage, Permissions, convert, raw::target};
use crate::{bulk, metrics::Metrics};
use app::model::{ContainerId, ContainerState, Timestamp};
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
use std::{future::Future, time::Duration};

/// Ping and version answer from memory; 2 s without an answer is a frozen engine.
pub(super) const PING_LIMIT: Duration = Duration::from_secs(2);
/// A list of thousands takes tens of milliseconds; 5 s allows for a loaded host.
const LIST_LIMIT: Duration = Duration::from_secs(5);
/// Inspect waits for the container's lock, p99 142 ms right after `die` on 20.10.
pub(super) const INSPECT_LIMIT: Duration = Duration::from_secs(3);
/// Engines before 23.0.8 answer with their collector's next round, which takes 1 s plus 3 ms a container.
const STATS_LIMIT: Duration = Duration::from_secs(8);
/// Quick actions; stop and restart get their own grace period on top.
const ACTION_LIMIT: Duration = Duration::from_secs(15);
/// `OK`.
const LONGEST_PING: usize = 1 << 10;
/// What the engine may wait before it kills when the request does not say: 10 s, or what the container was created with,
/// which is a minute or more for some databases.
const STOP_GRACE: Duration = Duration::from_secs(600);

/// A link to one engine. Cloning shares it.
#[derive(Debug, Clone)]
pub struct EngineClient {
    pub(super) docker: Docker,
    pub(super) permissions: Permissions,
    pub(super) metrics: Metrics,
}

/// What an engine says about itself.
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
    /// Bytes of memory.
    pub memory_total: Option<u64>,
    /// The engine's clock.
    pub clock: Option<Timestamp>,
    /// Whether both calls were answered or refused, so that asking again would say no more.
    pub complete: bool,
}

/// One row of the list: enough to notice that something is new, gone or different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The id.
    pub id: ContainerId,
    /// The state, if its word is known.
    pub state: Option<ContainerState>,
    /// The name, without the slash.
    pub name: Option<String>,
    /// Whether it names the image by what it was created with. An engine shows the image's id instead once that name means another
    /// image, or none.
    pub names_image: Option<bool>,
    /// The whole row as JSON, for [`convert::from_row`].
    pub row: Bytes,
}

/// A list of all containers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Those whose id could be read.
    pub rows: Vec<Listed>,
    /// How many others there are.
    pub unreadable: usize,
}

impl EngineClient {
    /// Connects and asks the engine who it is. Neither who it is nor how large its host is has to be known to watch it.
    ///
    /// # Errors
    /// When it cannot be reached or does not answer within `PING_LIMIT`.
    pub async fn connect(
        address: &EngineAddress,
        permissions: Permissions,
        metrics: Metrics,
    ) -> Result<(Self, EngineFacts), EngineError> {
        let checking = permissions.clone();
        let docker = address.client()?.with_request_modifier(move |request| checking.checked(request));
        let client = Self { docker, permissions, metrics };
        client.ping().await?;
        let facts = client.facts().await?;
        Ok((client, facts))
    }

    /// What the engine says about itself, as far as it does within `PING_LIMIT`.
    ///
    /// # Errors
    /// When an address cannot be written, which does not happen.
    pub async fn facts(&self) -> Result<EngineFacts, EngineError> {
        // Socket proxies often deny /info.
        let (version, info) = futures::join!(
            self.document("version", PING_LIMIT, target("/version", &[])?),
            self.document("info", PING_LIMIT, target("/info", &[])?),
        );
        let mut complete = true;
        let mut read = |answer: Result<Value, EngineError>, call| {
            answer.unwrap_or_else(|error| {
                tracing::debug!(call, %error, "the engine does not describe itself");
                complete &= matches!(error, EngineError::Refused { .. });
                Value::Null
            })
        };
        let (version, info) = (read(version, "version"), read(info, "info"));
        Ok(EngineFacts { complete, ..convert::facts(Answer(&version), Answer(&info)) })
    }

    /// Makes the call under its limit, and counts it.
    pub(super) async fn within<T, E>(
        &self,
        name: &'static str,
        limit: Duration,
        call: impl Future<Output = Result<T, E>>,
    ) -> Result<T, EngineError>
    where
        EngineError: From<E>,
    {
        self.metrics.call(name);
        let answer = match tokio::time::timeout(limit, call).await {
            Ok(answer) => answer.map_err(EngineError::from),
            Err(_) => Err(EngineError::NotAnswering(limit)),
        };
        if answer.is_err() {
            self.metrics.call_failed(name);
        }
        answer
    }

    /// Whether it answers.
    ///
    /// # Errors
    /// When it does not within `PING_LIMIT`.
    pub async fn ping(&self) -> Result<(), EngineError> {
        let target = target("/_ping", &[])?;
        self.within("ping", PING_LIMIT, self.skim(target, LONGEST_PING)).await
    }

    /// Events of containers and their networks from `since` on, in the engine's time. Ends when the engine does; an event that cannot
    /// be read is `Nonsense`, and others follow.
    ///
    /// # Errors
    /// When the address cannot be written, which does not happen.
    pub fn events(
        &self,
        since: &str,
    ) -> Result<impl Stream<Item = Result<EventMessage, EngineError>> + use<>, EngineError> {
        let filters = r#"{"type":["container","network"]}"#;
        self.metrics.call("events");
        let lines = self.lines(target("/events", &[("since", since), ("filters", filters)])?);
        Ok(lines.map(|line| EventMessage::read(&line?).whole()))
    }

    /// All containers, running or not.
    ///
    /// # Errors
    /// As any call.
    pub async fn list(&self) -> Result<Listing, EngineError> {
        self.rows("list", LIST_LIMIT, target("/containers/json", &[("all", "true")])?).await.map(convert::listing)
    }

    /// Whether the list has this container.
    ///
    /// # Errors
    /// As any call.
    pub async fn lists(&self, id: ContainerId) -> Result<bool, EngineError> {
        let filters = format!(r#"{{"id":["{id}"]}}"#);
        let target = target("/containers/json", &[("all", "true"), ("filters", &filters)])?;
        let listing = convert::listing(self.rows("list", LIST_LIMIT, target).await?);
        Ok(listing.rows.iter().any(|row| row.id == id))
    }

    /// One container, and what its restart policy lets one expect.
    ///
    /// # Errors
    /// As any call; status 404 when it is gone.
    pub async fn inspect(&self, id: ContainerId) -> Result<convert::Inspected, EngineError> {
        let target = target(&format!("/containers/{id}/json"), &[])?;
        let answer = self.document("inspect", INSPECT_LIMIT, target).await?;
        // Its labels are searched for secrets: those of most take microseconds.
        if convert::has_many_labels(&answer) {
            return bulk::run(move || convert::inspected(id, &answer)).await;
        }
        convert::inspected(id, &answer)
    }

    /// One reading of a container's counters.
    ///
    /// # Errors
    /// As any call.
    pub async fn counters(&self, id: ContainerId) -> Result<super::Counters, EngineError> {
        let target = target(&format!("/containers/{id}/stats"), &[("stream", "false"), ("one-shot", "true")])?;
        let answer = self.document("stats", STATS_LIMIT, target).await?;
        Ok(convert::counters(&answer))
    }

    /// Starts it. Nothing to do is success, here and below.
    ///
    /// # Errors
    /// As any call; the engine's refusal with its own sentence.
    pub async fn start(&self, id: ContainerId) -> Result<(), EngineError> {
        self.within("start", ACTION_LIMIT, self.docker.start_container(&id.to_string(), None::<StartContainerOptions>))
            .await
    }

    /// Stops it, killing it after `timeout`.
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
        let (limit, docker) = self.patient(timeout);
        self.within("stop", limit, docker.stop_container(&id.to_string(), Some(options.build()))).await
    }

    /// Stops and starts it.
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
        let (limit, docker) = self.patient(timeout);
        self.within("restart", limit, docker.restart_container(&id.to_string(), Some(options.build()))).await
    }

    /// Freezes its processes.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn pause(&self, id: ContainerId) -> Result<(), EngineError> {
        self.within("pause", ACTION_LIMIT, self.docker.pause_container(&id.to_string())).await
    }

    /// Thaws its processes.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn unpause(&self, id: ContainerId) -> Result<(), EngineError> {
        self.within("unpause", ACTION_LIMIT, self.docker.unpause_container(&id.to_string())).await
    }

    /// Sends a signal, SIGKILL by default.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn kill(&self, id: ContainerId, signal: Option<&str>) -> Result<(), EngineError> {
        let options = KillContainerOptionsBuilder::default().signal(signal.unwrap_or("SIGKILL")).build();
        self.within("kill", ACTION_LIMIT, self.docker.kill_container(&id.to_string(), Some(options))).await
    }

    /// Removes it; `force` kills it first, `volumes` takes its anonymous volumes along.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn remove(&self, id: ContainerId, force: bool, volumes: bool) -> Result<(), EngineError> {
        let options = RemoveContainerOptionsBuilder::default().force(force).v(volumes).build();
        self.within("remove", 2 * ACTION_LIMIT, self.docker.remove_container(&id.to_string(), Some(options))).await
    }

    /// How long a stop may take, and a client on the same connections that waits as long.
    fn patient(&self, timeout: Option<u32>) -> (Duration, Docker) {
        let limit = ACTION_LIMIT + timeout.map_or(STOP_GRACE, |seconds| Duration::from_secs(seconds.into()));
        (limit, self.docker.clone().with_timeout(limit))
    }
}
