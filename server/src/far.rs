//! Watches engines that another Quaylight server watches, as one of its viewers.
//!
//! In: the streams of containers and of events of the other server. Out: [`Observation`]s with
//! the engine's name on this server, its samples for the history, and its events for the timeline.
//! Owned by the supervisor's task. [`link`] sends the requests.
//!
//! - While this server has no viewers, the stream has no samples and is `passive`, so that the
//!   other server samples nothing for it.
//! - After a lost connection, both streams continue after the last event received.
//! - After 3.2 s of silence, the other server must respond to a request within 1 s; after 10 s, the
//!   connection is lost anyway. Rows are kept.
//! - Texts are cleaned, and names of other engines removed, as they arrive.
//!
//! Read next: [`session`].

pub(crate) mod clean;
mod clock;
pub mod link;
mod names;
mod rows;
mod session;
mod tolerant;
pub(crate) mod versions;

use crate::{
    engine::{EngineAddress, EngineHandle, Links, Permissions},
    history::History,
    now,
    process::demand::Demand,
    timeline::Timeline,
    watcher::{Observation, ObservationSender, unknown_engine},
};
use app::{
    model::{Engine, EngineHop, EngineKind, EngineLink, EngineName, EngineProblem},
    protocol::Picture,
};
use clock::Clock;
use link::{FarError, FarServer};
use session::Session;
use std::time::Duration;
use tokio::time::sleep;

/// Reconnect interval, plus or minus a quarter.
const RETRY_INTERVAL: Duration = Duration::from_millis(400);
/// Reconnect interval after errors that only a person can resolve.
const REFUSED_RETRY_INTERVAL: Duration = Duration::from_secs(2);

/// Watches one engine of another Quaylight server.
#[derive(Debug)]
pub struct FarWatcher {
    name: EngineName,
    is_named: bool,
    server: FarServer,
    store: ObservationSender,
    timeline: Timeline,
    history: History,
    demand: Demand,
    engine: Engine,
    /// The containers, under the engine's name on this server, and the engines of the other server.
    picture: Picture,
    position: Position,
}

/// Position in the streams after the last events received.
#[derive(Debug, Default)]
struct Position {
    /// Name of the engine on the other server.
    engine: Option<EngineName>,
    /// Id of the last frame, and whether its stream had samples.
    frame: Option<(String, bool)>,
    /// Epoch of the other server from which the events are.
    epoch: String,
    /// Id of the last event.
    event: Option<String>,
}

impl FarWatcher {
    /// Creates a watcher. It sends nothing before [`FarWatcher::run`].
    pub fn new(
        address: &EngineAddress,
        server: FarServer,
        (store, timeline, history): (ObservationSender, Timeline, History),
        demand: Demand,
    ) -> Self {
        let engine =
            Engine { labels: address.labels.clone(), ..unknown(address.name, address.is_named, &server.endpoint()) };
        let (name, is_named) = (address.name, address.is_named);
        let (picture, position) = Default::default();
        Self { name, is_named, server, store, timeline, history, demand, engine, picture, position }
    }

    /// Access to the engine's containers, for requests.
    pub fn handle(&self) -> EngineHandle {
        EngineHandle { links: Links::none(), permissions: Permissions::new(false), far: Some(self.server.clone()) }
    }

    /// Runs until its task is aborted.
    pub async fn run(mut self) {
        self.send_engine().await;
        loop {
            let error = Session::run(&mut self).await;
            self.server.reset(&error);
            self.lost(&error).await;
            let interval = match error.hop() {
                EngineHop::Auth | EngineHop::Tls | EngineHop::Engine => REFUSED_RETRY_INTERVAL,
                _ => RETRY_INTERVAL,
            };
            let is_missing = matches!(error, FarError::NotJoined { .. });
            if !(is_missing && self.server.until_connected().await) {
                sleep(interval.mul_f64(0.75 + 0.5 * fastrand::f64())).await;
            }
        }
    }

    async fn lost(&mut self, error: &FarError) {
        let problem = error.problem();
        if self.engine.error.as_ref().map(|known| &known.code) != Some(&problem.code) {
            tracing::warn!(engine.name = %self.name, engine.host = %self.engine.endpoint, code = error.code(), %error, "engine lost");
        }
        self.server.set_reach(Err(problem.clone()));
        self.engine.hop = Some(error.hop());
        self.engine.engine_link = None;
        self.set_link(EngineLink::Lost, Some(problem)).await;
    }

    /// Notes the version of the other server, if it is another one.
    fn compare(&mut self, theirs: &str) {
        let notice = versions::notice(self.name.as_str(), theirs, env!("CARGO_PKG_VERSION"));
        if let Some(notice) = notice.as_ref().filter(|notice| self.engine.notice.as_ref() != Some(notice)) {
            tracing::warn!(engine.name = %self.name, notice, "another version of Quaylight");
        }
        self.engine.notice = notice;
    }

    /// Shows what the other server shows of the engine.
    async fn update(&mut self, far: &Engine, clock: Clock) {
        let Engine { version, api_version, os, arch, cpus, memory_total, stats_source, .. } = far.clone();
        let is_up = far.link == EngineLink::Up;
        if is_up && self.engine.link != EngineLink::Up {
            tracing::info!(engine.name = %self.name, engine.host = %self.engine.endpoint, version, "engine up");
        }
        self.engine = Engine {
            name: if self.is_named { self.name.to_string() } else { far.name.clone() },
            engine_link: Some(far.link),
            hop: (far.link == EngineLink::Lost).then_some(EngineHop::Engine),
            round_trip_millis: Some(clock.round_trip_millis),
            clock_offset_millis: Some(clock.offset_millis),
            clock_error_millis: Some(clock.error_millis),
            version,
            api_version,
            os,
            arch,
            cpus,
            memory_total,
            stats_source,
            ..self.engine.clone()
        };
        self.set_link(far.link, far.error.clone().filter(|_| !is_up)).await;
    }

    async fn set_link(&mut self, link: EngineLink, error: Option<EngineProblem>) {
        if self.engine.link != link {
            self.engine.link = link;
            self.engine.since = now();
        }
        self.engine.error = error;
        self.send_engine().await;
    }

    async fn send_engine(&self) {
        self.store.send(Observation::Engine(Box::new(self.engine.clone()))).await;
    }
}

fn unknown(name: EngineName, is_named: bool, endpoint: &str) -> Engine {
    let shown = if is_named { name.to_string() } else { endpoint.to_owned() };
    Engine { name: shown, kind: EngineKind::Quaylight, ..unknown_engine(name, endpoint) }
}
