//! Stage 2: keeps the store's view of one engine current.
//!
//! ```text
//! connecting ──responds─▶ subscribe ─▶ list ─▶ inspect all ─▶ up ─stream ends, ping fails─▶ lost ┐
//!     ▲                                                                                          │
//!     └──────────────────────────────────── retry, forever ◀─────────────────────────────────────┘
//! ```
//! In: events, inspect and list responses. Out: [`Observation`]s, and every event to the
//! [`Timeline`]. Owned by the supervisor's task; [`Links`] give other stages its client and runs.
//!
//! - It subscribes before it lists. Events mark containers dirty, and inspect brings their state
//!   ([`roster`], [`calls`]).
//! - If inspect fails, the list is used. Both are compared every `--refresh-interval`
//!   ([`session`]).
//! - Rows are kept while the link is down.
//!
//! Read next: [`crate::store`].

mod calls;
mod event;
mod loss_log;
mod observation;
mod past_events;
mod roster;
mod session;
mod source;
mod unannounced;

use crate::{
    config::Config,
    engine::{
        Containers, EngineAddress, EngineClient, EngineError, EngineFacts, Links, Permissions, Runs, SamplingLink,
        SourceChoice, SwarmMembership, concurrency, convert::Inspected,
    },
    now,
    process::{demand::Demand, metrics::Metrics},
    timeline::Timeline,
};
use app::model::{
    ContainerId, ContainerKey, Engine, EngineKind, EngineLink, EngineName, EngineProblem, Labels, StatsSource,
    Timestamp,
};
use loss_log::LossLog;
pub use observation::{Observation, ObservationSender, Sample, observations};
use roster::Roster;
use session::Session;
use std::{sync::Arc, time::Duration};
use tokio::sync::{Notify, watch};

/// Reconnect interval, plus or minus a quarter, so that an engine is shown within 1 s of its
/// return. An attempt costs one refused connect.
const RETRY_INTERVAL: Duration = Duration::from_millis(400);

/// Watches one engine.
#[derive(Debug)]
pub struct Watcher {
    address: EngineAddress,
    permissions: Permissions,
    store: ObservationSender,
    timeline: Timeline,
    demand: Demand,
    refresh_interval: Duration,
    metrics: Metrics,
    sampling: watch::Sender<Option<SamplingLink>>,
    client: watch::Sender<Option<EngineClient>>,
    swarm: watch::Sender<Option<SwarmMembership>>,
    /// Notified of each event of a swarm.
    swarm_events: Arc<Notify>,
    runs: watch::Sender<Runs>,
    containers: watch::Sender<Containers>,
    /// Configured source of measurements.
    source: SourceChoice,
    find_stats_source: FindStatsSource,
    engine: Engine,
    roster: Roster,
    loss_log: LossLog,
    /// The current outage, until the events that occurred during it are known.
    outage: Option<OutageStart>,
}

/// Finds out whether the files of the running containers can be read; `None` if none is running.
/// Blocks.
pub type FindStatsSource = fn(&Runs) -> Option<StatsSource>;

/// Start of an outage.
#[derive(Debug, Clone, Copy)]
struct OutageStart {
    /// Time of the loss, on this server's clock.
    from: Timestamp,
    /// True if nothing accepted connections at the engine's address.
    was_unreachable: bool,
}

impl Watcher {
    /// Creates a watcher that reports to the store and the timeline, and notifies of each event of a
    /// swarm. The watcher sends no request before [`Watcher::run`].
    pub fn new(
        (address, permissions): (EngineAddress, Permissions),
        (store, timeline, swarm_events): (ObservationSender, Timeline, Arc<Notify>),
        demand: Demand,
        config: &Config,
        find_stats_source: FindStatsSource,
        metrics: Metrics,
    ) -> (Self, Links) {
        let (sampling, sampling_reader) = watch::channel(None);
        let (runs, runs_reader) = watch::channel(Runs::default());
        let (client, client_reader) = watch::channel(None);
        let (swarm, swarm_reader) = watch::channel(None);
        let (containers, containers_reader) = watch::channel(Containers::default());
        let engine = Engine {
            name: if address.is_named { address.name.to_string() } else { address.url.clone() },
            kind: if address.demo { EngineKind::Demo } else { EngineKind::Docker },
            labels: address.labels.clone(),
            demo: address.demo,
            ..unknown_engine(address.name, &address.url)
        };
        let source = match config.stats_source {
            SourceChoice::Auto if !address.may_be_this_host() => SourceChoice::Api,
            source => source,
        };
        let watcher = Self {
            address,
            permissions,
            store,
            timeline,
            demand,
            refresh_interval: config.refresh_interval,
            metrics,
            sampling,
            client,
            swarm,
            swarm_events,
            runs,
            containers,
            source,
            find_stats_source,
            engine,
            roster: Roster::default(),
            loss_log: LossLog::default(),
            outage: None,
        };
        let links = Links {
            sampling: sampling_reader,
            runs: runs_reader,
            containers: containers_reader,
            client: client_reader,
            swarm: swarm_reader,
        };
        (watcher, links)
    }

    /// Runs until its task is aborted.
    pub async fn run(mut self) {
        self.store.send(Observation::Engine(Box::new(self.engine.clone()))).await;
        loop {
            let error = match EngineClient::connect(&self.address, self.permissions.clone(), self.metrics.clone()).await
            {
                Ok((client, facts)) => Session::run(&mut self, client, facts).await,
                Err(error) => error,
            };
            self.sampling.send_replace(None);
            self.client.send_replace(None);
            self.note_outage(&error);
            self.lost(&error).await;
            tokio::time::sleep(RETRY_INTERVAL.mul_f64(0.75 + 0.5 * fastrand::f64())).await;
        }
    }

    fn note_outage(&mut self, error: &EngineError) {
        if self.engine.link == EngineLink::Up {
            self.outage.get_or_insert(OutageStart { from: now(), was_unreachable: false });
        }
        if let Some(outage) = self.outage.as_mut().filter(|_| error.is_unreachable()) {
            outage.was_unreachable = true;
        }
    }

    async fn lost(&mut self, error: &EngineError) {
        let problem = error.problem();
        if self.engine.error.as_ref().map(|known| &known.code) != Some(&problem.code) {
            self.loss_log.lost(self.address.name, &self.address.url, error.code(), &error.to_string());
        }
        // A known step is kept until the address is examined again.
        let is_timeout = matches!(error, EngineError::Timeout(_));
        let is_examined = is_timeout || matches!(error, EngineError::Closed) && self.address.is_ssh();
        let known = self.engine.hop.filter(|_| is_timeout && self.engine.link == EngineLink::Lost);
        self.engine.hop = Some(known.unwrap_or_else(|| error.hop()));
        self.set_link(EngineLink::Lost, Some(problem.clone())).await;
        if is_examined {
            self.engine.hop = Some(self.address.hop_of_timeout().await);
            self.set_link(EngineLink::Lost, Some(problem)).await;
        }
    }

    async fn set_link(&mut self, link: EngineLink, error: Option<EngineProblem>) {
        if self.engine.link != link {
            self.engine.link = link;
            self.engine.since = now();
        }
        self.engine.error = error;
        self.store.send(Observation::Engine(Box::new(self.engine.clone()))).await;
    }

    /// Reports the link as up. Called by the session once the list is complete.
    async fn up(&mut self, client: &EngineClient, facts: &EngineFacts) {
        self.set_facts(facts);
        self.engine.stats_source = self.stats_source().await;
        self.loss_log.up(self.address.name, &self.address.url, self.engine.version.as_deref());
        self.engine.hop = None;
        self.set_link(EngineLink::Up, None).await;
        self.client.send_replace(Some(client.clone()));
        self.link_sampler(client, facts);
    }

    /// Applies facts that the engine sent after the session began.
    async fn update_facts(&mut self, client: &EngineClient, facts: &EngineFacts) {
        self.set_facts(facts);
        self.store.send(Observation::Engine(Box::new(self.engine.clone()))).await;
        self.link_sampler(client, facts);
    }

    fn set_facts(&mut self, facts: &EngineFacts) {
        let EngineFacts { version, api_version, os, arch, cpus, memory_total, swarm, .. } = facts.clone();
        if swarm.is_some() {
            self.swarm.send_replace(swarm);
        }
        let address = &self.address;
        let name = match &facts.name {
            _ if address.is_named => address.name.to_string(),
            Some(name) => name.clone(),
            None => address.url.clone(),
        };
        let kind = match facts.is_podman {
            _ if address.demo => EngineKind::Demo,
            true => EngineKind::Podman,
            false => EngineKind::Docker,
        };
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.engine = Engine {
            name,
            kind,
            version,
            api_version,
            os,
            arch,
            cpus,
            memory_total,
            // Demo engines are copies of each other on purpose.
            engine_id: facts.id.clone().filter(|_| !address.demo),
            round_trip_millis: facts.round_trip.map(millis).or(self.engine.round_trip_millis),
            clock_offset_millis: facts.clock_offset.map(|offset| offset.millis),
            clock_error_millis: facts.clock_offset.map(|offset| offset.error_millis),
            ..self.engine.clone()
        };
    }

    fn link_sampler(&self, client: &EngineClient, facts: &EngineFacts) {
        let concurrency = concurrency(facts.version.as_deref());
        let (client, source, memory_total) = (client.clone(), self.source, facts.memory_total);
        let is_local = self.address.is_local();
        self.sampling.send_replace(Some(SamplingLink { client, concurrency, source, memory_total, is_local }));
    }

    /// Key of the container with this id on the engine.
    const fn key(&self, id: ContainerId) -> ContainerKey {
        ContainerKey::new(self.address.name, id)
    }

    /// Updates the container's run for the sampler. Returns true if a run began.
    fn track_run(&self, inspected: &Inspected) -> bool {
        let Inspected { container, run, network, knows_state: _, never_restarts: _, stop: _ } = inspected;
        let started = run.is_some();
        let insert = |runs: &mut Runs| runs.insert(container.id, run.clone(), network.clone());
        let changed = self.runs.send_if_modified(insert);
        started && changed
    }

    /// Removes a run that ended according to the list.
    fn end_run(&self, id: ContainerId) {
        self.runs.send_if_modified(|runs| runs.end(id));
    }

    /// Removes a container that no longer exists.
    fn forget(&self, id: ContainerId) {
        self.runs.send_if_modified(|runs| runs.remove(id));
    }
}

/// Revokes the engine's client, so that nothing uses it once the engine is no longer watched.
impl Drop for Watcher {
    fn drop(&mut self) {
        self.sampling.send_replace(None);
        self.client.send_replace(None);
    }
}

#[cfg(any(test, feature = "fuzzing"))]
/// Reads an event as a session does, for fuzzing.
pub(crate) fn read_event(message: &crate::engine::EventMessage) {
    let event = event::ContainerEvent::read(message);
    let _ = event.map(|event| event.at());
}

/// An engine of which only the name and the address are known.
pub fn unknown_engine(name: EngineName, endpoint: &str) -> Engine {
    Engine {
        id: name,
        name: name.to_string(),
        kind: EngineKind::Docker,
        labels: Labels::new(),
        endpoint: endpoint.to_owned(),
        demo: false,
        link: EngineLink::Connecting,
        since: now(),
        error: None,
        hop: None,
        engine_link: None,
        notice: None,
        round_trip_millis: None,
        clock_offset_millis: None,
        clock_error_millis: None,
        same_engine_as: Vec::new(),
        engine_id: None,
        version: None,
        api_version: None,
        os: None,
        arch: None,
        cpus: None,
        memory_total: None,
        stats_source: None,
        stats_interval_millis: None,
    }
}
