//! Polls one manager of each cluster while there is demand, and reads what the engines are.
//!
//! In: the engines, demand and events. Out: pictures to [`Swarm`]. Each cluster and each engine is
//! polled by itself, so that one that does not respond delays no other.

use super::{Swarm, clusters::Clusters, convert::Lists};
use crate::{
    engine::{EngineClient, EngineError, EngineHandle, Engines, SwarmMembership},
    now,
};
use app::model::{EngineName, EngineProblem, Timestamp};
use futures::{FutureExt as _, StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use std::{collections::BTreeMap, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

/// Interval of the polls of a cluster.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// A poll takes at most a quarter of its interval: large swarms are polled less often.
const MAX_LOAD: u32 = 4;
/// Delay of a poll after an event, so that events that belong together cause one.
const EVENT_DELAY: Duration = Duration::from_millis(50);
/// Interval at which engines are asked whether they have joined or left a swarm.
const MEMBERSHIP_INTERVAL: Duration = Duration::from_secs(10);

/// Something that is polled.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    /// Membership of an engine.
    Engine(EngineName),
    /// A cluster, by its id.
    Cluster(String),
}

/// A subject's schedule.
#[derive(Debug, Clone, Copy)]
struct Schedule {
    due: Instant,
    started: Instant,
    in_flight: bool,
    /// True if an event came during the poll, which may have missed its change.
    again: bool,
}

/// Result of a poll.
#[derive(Debug)]
enum Polled {
    Membership(Result<SwarmMembership, EngineError>),
    Lists(Result<(EngineName, Lists, Timestamp), EngineProblem>),
}

/// The task's state.
pub(super) struct Poller {
    swarm: Swarm,
    engines: Engines,
    clusters: Clusters,
    /// True if the picture has to be published.
    has_changed: bool,
    schedule: BTreeMap<Subject, Schedule>,
    /// Memberships that the watchers read when they connected.
    links: BTreeMap<EngineName, watch::Receiver<Option<SwarmMembership>>>,
    in_flight: FuturesUnordered<BoxFuture<'static, (Subject, Polled)>>,
}

impl Poller {
    pub(super) fn new(swarm: Swarm, engines: Engines) -> Self {
        let (clusters, schedule, links) = Default::default();
        Self { swarm, engines, clusters, has_changed: true, schedule, links, in_flight: FuturesUnordered::new() }
    }

    /// Runs until its task is aborted.
    pub(super) async fn run(mut self) {
        loop {
            if !self.swarm.is_demanded() {
                self.rest();
                self.swarm.demanded().await;
                continue;
            }
            if self.swarm.event().now_or_never().is_some() {
                self.hurry();
            }
            self.follow_engines();
            self.start_due();
            if std::mem::take(&mut self.has_changed) {
                self.swarm.publish(self.clusters.picture());
            }
            // After a change, a request waits for the poll that follows it.
            let soon = Instant::now() + EVENT_DELAY;
            if self.in_flight.is_empty() && self.schedule.values().all(|each| each.due > soon) {
                self.swarm.settle();
            }
            let next = self.schedule.values().filter(|each| !each.in_flight).map(|each| each.due).min();
            let next = next.unwrap_or_else(|| Instant::now() + POLL_INTERVAL).min(Instant::now() + POLL_INTERVAL);
            tokio::select! {
                Some((subject, polled)) = self.in_flight.next() => self.apply(&subject, polled),
                () = sleep_until(next) => {}
                () = self.swarm.event() => self.hurry(),
                () = self.swarm.demanded() => {}
            }
        }
    }

    /// Ends the polls that have no waiting reader.
    fn rest(&mut self) {
        self.in_flight.clear();
        self.schedule.values_mut().for_each(|each| each.in_flight = false);
    }

    /// Takes over added, removed and connected engines.
    fn follow_engines(&mut self) {
        let all = self.engines.all();
        self.links.retain(|name, _| all.iter().any(|(known, _)| known == name));
        for (name, handle) in &all {
            let link = &handle.links.swarm;
            let is_new = self.links.get(name).is_none_or(|known| !known.same_channel(link));
            if is_new {
                let mut link = link.clone();
                link.mark_changed();
                self.links.insert(*name, link);
            }
            if let Some(link) = self.links.get_mut(name).filter(|link| link.has_changed().unwrap_or_default()) {
                let membership = link.borrow_and_update().clone();
                if let Some(membership) = membership {
                    self.has_changed |= self.clusters.set_membership(*name, membership);
                }
            }
        }
        self.has_changed |= self.clusters.retain_engines(|engine| all.iter().any(|(name, _)| *name == engine));
        self.follow_subjects(&all);
    }

    /// Schedules the clusters, and the engines that are connected.
    fn follow_subjects(&mut self, all: &[(EngineName, EngineHandle)]) {
        let clusters = self.clusters.ids().into_iter().map(Subject::Cluster);
        let connected = all.iter().filter(|(_, handle)| handle.links.client.borrow().is_some());
        let subjects: Vec<_> = clusters.chain(connected.map(|(name, _)| Subject::Engine(*name))).collect();
        self.schedule.retain(|subject, each| each.in_flight || subjects.contains(subject));
        let now = Instant::now();
        for subject in subjects {
            self.schedule.entry(subject).or_insert(Schedule { due: now, started: now, in_flight: false, again: false });
        }
    }

    fn start_due(&mut self) {
        let now = Instant::now();
        for (subject, schedule) in &mut self.schedule {
            if schedule.in_flight || schedule.due > now {
                continue;
            }
            *schedule = Schedule { due: now, started: now, in_flight: true, again: false };
            let client = |name: &EngineName| self.engines.get(*name)?.links.client.borrow().clone();
            let poll = match subject {
                Subject::Engine(name) => client(name).map(|client| membership(client).boxed()),
                Subject::Cluster(id) => {
                    let managers = self.clusters.managers(id);
                    let clients = managers.iter().filter_map(|name| Some((*name, client(name)?))).collect();
                    Some(lists(clients).boxed())
                }
            };
            let subject = subject.clone();
            match poll {
                Some(poll) => self.in_flight.push(poll.map(|polled| (subject, polled)).boxed()),
                None => schedule.in_flight = false,
            }
        }
    }

    fn apply(&mut self, subject: &Subject, polled: Polled) {
        if let Some(schedule) = self.schedule.get_mut(subject) {
            let took = schedule.started.elapsed();
            let interval = match subject {
                Subject::Engine(_) => MEMBERSHIP_INTERVAL,
                Subject::Cluster(_) => POLL_INTERVAL.max(MAX_LOAD * took),
            };
            schedule.in_flight = false;
            schedule.due = if schedule.again { Instant::now() } else { schedule.started + interval };
        }
        match (subject, polled) {
            (Subject::Engine(name), Polled::Membership(Ok(membership))) => {
                self.has_changed |= self.clusters.set_membership(*name, membership);
            }
            // The link reports it.
            (Subject::Engine(name), Polled::Membership(Err(error))) => {
                tracing::debug!(engine.name = %name, %error, "cannot read whether the engine is in a swarm");
            }
            (Subject::Cluster(id), Polled::Lists(Ok((by, lists, at)))) => {
                self.has_changed = true;
                self.clusters.succeeded(id, by, lists, at);
            }
            (Subject::Cluster(id), Polled::Lists(Err(error))) => {
                tracing::debug!(swarm = id, error = error.message, "no manager of the swarm responds");
                self.has_changed = true;
                self.clusters.failed(id, error);
                // They may not be managers any more.
                let managers = self.clusters.managers(id);
                let is_manager =
                    |subject: &Subject| matches!(subject, Subject::Engine(name) if managers.contains(name));
                self.ask_again(is_manager, Duration::ZERO);
            }
            (Subject::Engine(_), Polled::Lists(_)) | (Subject::Cluster(_), Polled::Membership(_)) => {}
        }
    }

    /// Polls everything soon, because of an event.
    fn hurry(&mut self) {
        self.ask_again(|_| true, EVENT_DELAY);
    }

    fn ask_again(&mut self, is_meant: impl Fn(&Subject) -> bool, delay: Duration) {
        let now = Instant::now();
        for (subject, schedule) in self.schedule.iter_mut().filter(|(subject, _)| is_meant(subject)) {
            // Engines are asked at most once per poll of a cluster.
            let earliest = match subject {
                Subject::Engine(_) => schedule.started + POLL_INTERVAL,
                Subject::Cluster(_) => now,
            };
            schedule.again |= schedule.in_flight;
            schedule.due = schedule.due.min(earliest.max(now + delay));
        }
    }
}

async fn membership(client: EngineClient) -> Polled {
    Polled::Membership(client.swarm_membership().await)
}

/// Polls the managers in turn until one responds.
async fn lists(managers: Vec<(EngineName, EngineClient)>) -> Polled {
    let mut problem = EngineProblem {
        code: "not_connected".to_owned(),
        message: "No engine that is a manager of this swarm is connected.".to_owned(),
        hint: "GET /api/engines and the page /engines show what fails.".to_owned(),
    };
    for (name, client) in managers {
        let at = now();
        match client.swarm_lists().await {
            Ok(lists) => return Polled::Lists(Ok((name, Lists::read(&lists), at))),
            Err(error) => problem = error.problem(),
        }
    }
    Polled::Lists(Err(problem))
}
