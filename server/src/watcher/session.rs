//! One stay with an engine: from the first answer until the link is lost.
//!
//! Nothing here waits for a call while events come in: inspects, lists and pings run side by side and report back as [`Done`].

use super::{
    Away, Watcher,
    event::{ContainerEvent, News, Seen},
    memory::{PAST_COMES_WITHIN, RECALL_AFTER},
    roster::Reaction,
    unannounced::Unannounced,
};
use crate::{
    engine::{EngineClient, EngineError, EngineFacts, Listed, convert::Inspected},
    now,
    store::Observation,
    timeline::Absence,
};
use app::model::{Container, ContainerId, Timestamp};
use futures::{FutureExt as _, StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Duration,
};
use tokio::time::{Instant, MissedTickBehavior, sleep_until};

/// Events from this long before the subscription are replayed: the engine sends its headers before it subscribes.
const REPLAY: Duration = Duration::from_secs(5);
/// Inspects under way at once.
const INSPECTS: usize = 8;
/// A frozen engine is noticed this long plus the ping's limit after it froze, while somebody watches.
const PING_EVERY: Duration = Duration::from_secs(2);
/// The same while nobody watches; also how often the list is compared then.
const IDLE_EVERY: Duration = Duration::from_secs(15);
/// Inspected with each comparison, whatever the list says: 8 take 3 ms of an engine's time, and 50 containers have had their
/// turn after 21 s.
const IN_TURN: usize = 8;
/// An event that comes is no older than this, and none comes before it happened: what is further off was stamped by a clock that was
/// set meanwhile, and how long it took cannot be known.
const ON_THE_WAY: Duration = Duration::from_secs(60);
/// Clocks this close are taken for one clock that two readings blur.
const ONE_CLOCK: Duration = Duration::from_millis(500);
/// Behind a socket of this machine is this machine's clock, read a moment ago, unless a virtual machine is behind it.
const OTHER_CLOCK: Duration = Duration::from_secs(5);

/// What a call came to.
enum Done {
    Inspected { id: ContainerId, asked_at: Instant, answer: Box<Result<Inspected, EngineError>> },
    Listed { asked_at: Instant, answer: Result<Vec<Listed>, EngineError> },
    Pinged(Result<(), EngineError>),
}

/// The calls under way and those that wait.
struct Calls {
    client: EngineClient,
    under_way: FuturesUnordered<BoxFuture<'static, Done>>,
    inspecting: HashMap<ContainerId, Again>,
    waiting: VecDeque<ContainerId>,
    queued: HashSet<ContainerId>,
    listing: bool,
    pinging: bool,
    /// What events made dirty, and when the earliest happened that nothing has told of yet.
    by_event: HashMap<ContainerId, Option<Timestamp>>,
    unannounced: Unannounced,
}

/// Why a container is to be inspected.
enum Cause {
    /// An event; when it happened, if nothing has told of it yet.
    Event(Option<Timestamp>),
    /// A comparison: what differs now has been missed.
    Comparison,
}

/// Whether a container was made dirty again while its inspect was under way.
type Again = bool;

impl Watcher {
    /// Runs until the link is lost; says why.
    pub(super) async fn session(&mut self, client: EngineClient, facts: EngineFacts) -> EngineError {
        match self.try_session(client, facts).await {
            Ok(never) => match never {},
            Err(error) => error,
        }
    }

    async fn try_session(
        &mut self,
        client: EngineClient,
        facts: EngineFacts,
    ) -> Result<std::convert::Infallible, EngineError> {
        let skew = self.skew(&facts);
        let since =
            Timestamp::from_millis((now().as_millis().saturating_add_signed(skew)).saturating_sub(millis(REPLAY)));
        let subscribed_nanos = (now().as_millis().saturating_add_signed(skew)) as i64 * 1_000_000;
        let past_until = Instant::now() + PAST_COMES_WITHIN;
        let mut events = std::pin::pin!(self.events(&client, since)?);
        let mut calls = Calls::new(client.clone());
        let mut seen = Seen::default();
        // bollard opens the stream when it is first polled: poll it while the list is under way.
        let mut early = Vec::new();
        {
            let mut complete = std::pin::pin!(self.list_everything(&client));
            loop {
                tokio::select! {
                    listed = &mut complete => break listed?,
                    event = events.next() => early.push(event.ok_or(EngineError::Closed)??),
                }
            }
        }
        self.up(&client, &facts).await;
        let back_at = now();
        for message in early {
            if let Some(event) = ContainerEvent::read(&message).filter(|event| seen.is_new(event)) {
                calls.mark(event.id, &Cause::Event(None));
            }
        }
        let mut pings = every(PING_EVERY);
        let mut lists = every(self.refresh_interval);
        let mut idle = every(IDLE_EVERY);
        let demand = self.demand.clone();
        let recall_at = Instant::now() + RECALL_AFTER;
        let mut recalled = false;
        loop {
            calls.pump();
            // A ping or a comparison comes round every few seconds, if nothing else does.
            self.metrics.differences(calls.unannounced.missed(Instant::now()));
            let watched = demand.is_wanted();
            tokio::select! {
                event = events.next() => {
                    let message = event.ok_or(EngineError::Closed)??;
                    if let Some(event) = ContainerEvent::read(&message).filter(|event| seen.is_new(event)) {
                        let replayed = event.time_nanos < subscribed_nanos && Instant::now() < past_until;
                        self.take(&event, &mut calls, skew, replayed).await;
                    }
                }
                Some(done) = calls.under_way.next() => self.finish(done, &mut calls).await?,
                () = sleep_until(recall_at), if !recalled => {
                    recalled = true;
                    self.recall(back_at, skew);
                    let timeline = self.timeline.clone();
                    let explained = self.roster.explain(|container| timeline.explain(container));
                    self.tell(explained, Vec::new(), None).await;
                }
                // Wakes for the first viewer; both ticks are overdue by then.
                () = demand.wanted(), if !watched => {}
                _ = pings.tick(), if watched => calls.ping(),
                _ = lists.tick(), if watched => calls.list(),
                _ = idle.tick() => { calls.ping(); calls.list(); }
            }
        }
    }

    /// Fills in what the engine's events did not tell, and what became of containers while it was away.
    fn recall(&mut self, back_at: Timestamp, skew: i64) {
        let containers = self.roster.containers();
        self.timeline.recall(&containers);
        let Some(Away { from, was_gone }) = self.away.take() else { return };
        let of_engine = |at: Timestamp| Timestamp::from_millis(at.as_millis().saturating_add_signed(skew));
        let absence = Absence { from: of_engine(from), until: of_engine(back_at), was_gone };
        self.timeline.engine_was_away(absence, &containers);
    }

    /// How far the engine's clock is ahead of ours, in milliseconds.
    fn skew(&self, facts: &EngineFacts) -> i64 {
        let Some(clock) = facts.clock else { return 0 };
        let skew = clock.as_millis() as i64 - now().as_millis() as i64;
        let least = if self.address.is_local() { OTHER_CLOCK } else { ONE_CLOCK };
        if skew.unsigned_abs() < millis(least) { 0 } else { skew }
    }

    /// The whole truth, in one observation.
    async fn list_everything(&mut self, client: &EngineClient) -> Result<(), EngineError> {
        let listed = client.list().await?;
        let inspects: Vec<_> = listed.iter().map(|row| inspect(client.clone(), row.id).boxed()).collect();
        let answers: Vec<_> = futures::stream::iter(inspects).buffer_unordered(INSPECTS).collect().await;
        let removed = self.roster.retain_listed(&listed);
        for id in &removed {
            self.follow(*id, None);
        }
        let mut upserted = Vec::with_capacity(answers.len());
        for (asked_at, answer) in answers {
            match answer {
                Ok(mut inspected) => {
                    self.timeline.explain(&mut inspected.container);
                    self.follow(inspected.container.id, inspected.run.clone());
                    self.timeline.knows_terms(inspected.container.id, inspected.terms());
                    upserted.extend(self.roster.inspected(inspected, asked_at));
                }
                // Gone since the list, or stuck behind its lock: the next comparison asks again.
                Err(
                    error @ (EngineError::Refused { .. } | EngineError::NotAnswering(_) | EngineError::Nonsense(_)),
                ) => {
                    tracing::debug!(%error, "inspect failed");
                }
                Err(error) => return Err(error),
            }
        }
        for container in self.roster.compare_images(&listed) {
            upserted.retain(|other: &Container| other.id != container.id);
            upserted.push(container);
        }
        self.tell(upserted, removed, None).await;
        Ok(())
    }

    async fn tell(&self, upserted: Vec<Container>, removed: Vec<ContainerId>, event_at: Option<Timestamp>) {
        if !upserted.is_empty() || !removed.is_empty() {
            self.store.send(Observation::Containers { upserted, removed, event_at }).await;
        }
    }

    async fn take(&mut self, event: &ContainerEvent, calls: &mut Calls, skew: i64, replayed: bool) {
        calls.unannounced.announced(event.id);
        let event_at = Timestamp::from_millis(event.at().as_millis().saturating_add_signed(-skew));
        let event_at = is_plausible(event_at, now()).then_some(event_at);
        if replayed {
            calls.mark(event.id, &Cause::Event(None));
            return;
        }
        let cause = self.timeline.cause_of_end(event.id, event.at());
        let Reaction { painted, removed, dirty } = self.roster.react(event, cause, Instant::now());
        if removed {
            calls.forget(event.id);
            self.follow(event.id, None);
        }
        // What was painted has told of this event. A network is connected long before the start that it is for, and inspect
        // waits for that start.
        let untold = painted.is_none() && event.news != News::Network;
        let removed = removed.then_some(event.id).into_iter().collect();
        self.tell(painted.into_iter().collect(), removed, event_at).await;
        if dirty {
            calls.mark(event.id, &Cause::Event(event_at.filter(|_| untold)));
        }
    }

    async fn finish(&mut self, done: Done, calls: &mut Calls) -> Result<(), EngineError> {
        match done {
            Done::Pinged(answer) => {
                calls.pinging = false;
                answer
            }
            Done::Listed { asked_at, answer } => {
                calls.listing = false;
                let listed = answer?;
                let changed = self.roster.compare_images(&listed);
                self.tell(changed, Vec::new(), None).await;
                let differing = self.roster.differing(&listed, asked_at);
                for id in differing.into_iter().chain(self.roster.stalest(IN_TURN)) {
                    calls.mark(id, &Cause::Comparison);
                }
                Ok(())
            }
            Done::Inspected { id, asked_at, answer } => self.settle(id, asked_at, *answer, calls).await,
        }
    }

    async fn settle(
        &mut self,
        id: ContainerId,
        asked_at: Instant,
        answer: Result<Inspected, EngineError>,
        calls: &mut Calls,
    ) -> Result<(), EngineError> {
        // Forgotten: it was removed while the answer was under way.
        let Some(again) = calls.inspecting.remove(&id) else { return Ok(()) };
        if again {
            calls.mark(id, &Cause::Comparison);
            return Ok(());
        }
        let told = calls.by_event.remove(&id);
        let event_at = told.flatten();
        match answer {
            Ok(mut inspected) => {
                self.timeline.explain(&mut inspected.container);
                let started = self.follow(id, inspected.run.clone());
                self.timeline.knows_terms(id, inspected.terms());
                let changed = self.roster.inspected(inspected, asked_at);
                if changed.is_some() && told.is_none() {
                    calls.unannounced.found(id, Instant::now());
                }
                self.tell(changed.into_iter().collect(), Vec::new(), event_at).await;
                if started {
                    self.reconsider_stats_source().await;
                }
            }
            Err(error) if error.status() == Some(404) => {
                self.follow(id, None);
                let removed: Vec<_> = self.roster.gone(id).then_some(id).into_iter().collect();
                if !removed.is_empty() && told.is_none() {
                    calls.unannounced.found(id, Instant::now());
                }
                self.tell(Vec::new(), removed, event_at).await;
            }
            Err(error @ (EngineError::Refused { .. } | EngineError::NotAnswering(_) | EngineError::Nonsense(_))) => {
                tracing::warn!(container.id = %id, %error, "inspect failed; the next comparison asks again");
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

impl Calls {
    fn new(client: EngineClient) -> Self {
        Self {
            client,
            under_way: FuturesUnordered::new(),
            inspecting: HashMap::new(),
            waiting: VecDeque::new(),
            queued: HashSet::new(),
            listing: false,
            pinging: false,
            by_event: HashMap::new(),
            unannounced: Unannounced::default(),
        }
    }

    /// Has a container inspected, soon.
    fn mark(&mut self, id: ContainerId, cause: &Cause) {
        if let Cause::Event(at) = cause {
            let earliest = self.by_event.entry(id).or_default();
            *earliest = earliest.or(*at);
        }
        if let Some(again) = self.inspecting.get_mut(&id) {
            *again = true;
        } else if self.queued.insert(id) {
            self.waiting.push_back(id);
        }
    }

    /// It is gone: an answer under way is of no interest.
    fn forget(&mut self, id: ContainerId) {
        self.inspecting.remove(&id);
        self.by_event.remove(&id);
    }

    /// Starts as many waiting inspects as may run.
    fn pump(&mut self) {
        while self.inspecting.len() < INSPECTS
            && let Some(id) = self.waiting.pop_front()
        {
            self.queued.remove(&id);
            self.inspecting.insert(id, false);
            let (client, asked_at) = (self.client.clone(), Instant::now());
            let inspect = async move { Done::Inspected { id, asked_at, answer: Box::new(client.inspect(id).await) } };
            self.under_way.push(inspect.boxed());
        }
    }

    fn list(&mut self) {
        if !std::mem::replace(&mut self.listing, true) {
            let (client, asked_at) = (self.client.clone(), Instant::now());
            self.under_way.push(async move { Done::Listed { asked_at, answer: client.list().await } }.boxed());
        }
    }

    fn ping(&mut self) {
        if !std::mem::replace(&mut self.pinging, true) {
            let client = self.client.clone();
            self.under_way.push(async move { Done::Pinged(client.ping().await) }.boxed());
        }
    }
}

fn is_plausible(event_at: Timestamp, now: Timestamp) -> bool {
    now.since(event_at).max(event_at.since(now)) <= ON_THE_WAY
}

async fn inspect(client: EngineClient, id: ContainerId) -> (Instant, Result<Inspected, EngineError>) {
    (Instant::now(), client.inspect(id).await)
}

fn every(period: Duration) -> tokio::time::Interval {
    let mut ticks = tokio::time::interval_at(Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
