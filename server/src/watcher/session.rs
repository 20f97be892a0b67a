//! One stay with an engine: from the first answer until the link is lost.
//!
//! Nothing here waits for a call while events come in: inspects, lists and pings run side by side ([`Calls`]) and report back as
//! [`Done`]. A row needs nothing but the list: where inspect is slow or fails, the list stands in for it, and the row says so.

use super::{
    Away, Observation, Watcher,
    calls::{Calls, Cause, Done},
    event::{ContainerEvent, News, Seen},
    memory::{PAST_COMES_WITHIN, RECALL_AFTER},
    roster::Reaction,
    unannounced::Unannounced,
};
use crate::{
    engine::{EngineClient, EngineError, EngineFacts, EventMessage, Listed, Listing, convert::Inspected},
    now,
    timeline::Absence,
};
use app::model::{Container, ContainerId, EngineProblem, Timestamp};
use futures::{Stream, StreamExt as _};
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, MissedTickBehavior, sleep_until};

/// Events from this long before the subscription are replayed: the engine sends its headers before it subscribes.
const REPLAY: Duration = Duration::from_secs(5);
/// Before the first picture an inspect is waited for so long; then the list stands in.
const FIRST_INSPECT_LIMIT: Duration = Duration::from_millis(100);
/// So long for all of them.
const FIRST_PICTURE_LIMIT: Duration = Duration::from_secs(2);
/// Everything is inspected for the sake of events that could not be read, no more often than this.
const DOUBT_INTERVAL: Duration = Duration::from_secs(3);
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

/// What a call has changed.
#[derive(Default)]
struct Change {
    upserted: Vec<Container>,
    removed: Vec<ContainerId>,
    event_at: Option<Timestamp>,
    /// A run began.
    started: bool,
}

impl From<Option<Container>> for Change {
    fn from(container: Option<Container>) -> Self {
        Self { upserted: container.into_iter().collect(), ..Self::default() }
    }
}

/// Events that could not be read.
#[derive(Default)]
struct Doubt {
    since: Option<Instant>,
    settled_at: Option<Instant>,
}

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
        let (mut seen, mut doubt) = (Seen::default(), Doubt::default());
        let early = self.begin(&mut calls, &mut events, &mut doubt).await?;
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
        let mut is_described = facts.complete;
        loop {
            self.pump(&mut calls);
            if doubt.is_due() {
                calls.list_from_now();
            }
            // A ping or a comparison comes round every few seconds, if nothing else does.
            self.metrics.differences(calls.unannounced.missed(Instant::now()));
            let watched = demand.is_wanted();
            let wake_at = calls.wake_at();
            tokio::select! {
                event = events.next() => {
                    let Some(message) = doubt.readable(event)? else { continue };
                    if let Some(event) = ContainerEvent::read(&message).filter(|event| seen.is_new(event)) {
                        let replayed = event.time_nanos < subscribed_nanos && Instant::now() < past_until;
                        self.take(&event, &mut calls, skew, replayed).await;
                    }
                }
                Some(done) = calls.under_way.next() => {
                    if let Done::Described(facts) = done {
                        calls.described();
                        let facts = facts?;
                        is_described = facts.complete;
                        self.describe(&client, &facts).await;
                        continue;
                    }
                    let change = self.finish(done, &mut calls, &mut doubt)?;
                    let started = change.started;
                    self.tell(change.upserted, change.removed, change.event_at).await;
                    if started {
                        self.reconsider_stats_source().await;
                    }
                }
                () = sleep_until(wake_at.unwrap_or_else(Instant::now)), if wake_at.is_some() => {}
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
                _ = idle.tick() => {
                    calls.ping();
                    calls.list();
                    if !is_described {
                        calls.describe();
                    }
                }
            }
        }
    }

    /// Starts what is waiting. A container that has no row yet gets the list's as soon as its inspect is slow.
    fn pump(&self, calls: &mut Calls) {
        let slow = calls.pump();
        if slow.into_iter().any(|id| !self.roster.knows(id)) {
            calls.list_from_now();
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

    /// The first picture, in one observation: everything that the list has, and what inspect says of it where that comes in time. Returns
    /// the events that came meanwhile.
    async fn begin(
        &mut self,
        calls: &mut Calls,
        events: &mut (impl Stream<Item = Result<EventMessage, EngineError>> + Unpin),
        doubt: &mut Doubt,
    ) -> Result<Vec<EventMessage>, EngineError> {
        let mut early = Vec::new();
        let asked_at = Instant::now();
        let client = calls.client.clone();
        let listing = {
            // bollard opens the stream when it is first polled: poll it while the list is under way.
            let mut listing = std::pin::pin!(client.list());
            loop {
                tokio::select! {
                    listed = &mut listing => break listed?,
                    event = events.next() => early.extend(doubt.readable(event)?),
                }
            }
        };
        let removed = self.roster.retain_listed(&listing);
        let mut whole = Change { removed, ..Change::default() };
        for row in &listing.rows {
            match self.roster.problem(row.id) {
                Some(problem) => calls.mark_troubled(row.id, problem.clone()),
                None => calls.mark(row.id, &Cause::Comparison),
            }
        }
        let until = Instant::now() + FIRST_PICTURE_LIMIT;
        loop {
            calls.pump();
            if calls.only_waits_for(FIRST_INSPECT_LIMIT) || Instant::now() >= until {
                break;
            }
            let look_again_at = until.min(Instant::now() + FIRST_INSPECT_LIMIT / 10);
            tokio::select! {
                event = events.next() => early.extend(doubt.readable(event)?),
                Some(done) = calls.under_way.next() => {
                    let change = self.finish(done, calls, doubt)?;
                    whole.upserted.extend(change.upserted);
                    whole.removed.extend(change.removed);
                }
                () = sleep_until(look_again_at) => {}
            }
        }
        for row in listing.rows.iter().filter(|row| !calls.was_removed(row.id)) {
            whole.upserted.extend(self.stand_in(row, asked_at, calls));
        }
        // The newest of a container counts.
        whole.upserted.extend(self.roster.complete_from_list(&listing.rows));
        for id in &whole.removed {
            self.forget(*id);
        }
        self.tell(whole.upserted, whole.removed, None).await;
        // Nothing was known before that an event could have told of.
        calls.unannounced = Unannounced::default();
        Ok(early)
    }

    /// Has a row of the list stand in for inspect, where that is missing.
    fn stand_in(&mut self, row: &Listed, asked_at: Instant, calls: &Calls) -> Option<Container> {
        let container = self.roster.listed(row, asked_at, calls.problem(row.id))?;
        if !container.state.has_processes() {
            self.unfollow(row.id);
        }
        Some(container)
    }

    async fn tell(&self, upserted: Vec<Container>, removed: Vec<ContainerId>, event_at: Option<Timestamp>) {
        if !upserted.is_empty() || !removed.is_empty() {
            let upserted: Vec<_> = upserted.into_iter().map(Arc::new).collect();
            let (known, gone) = (upserted.clone(), removed.clone());
            self.store.send(Observation::Containers { upserted, removed, event_at }).await;
            // After the store, so that no sample gets there before its container.
            self.containers.send_modify(|containers| {
                gone.iter().for_each(|id| drop(containers.remove(id)));
                containers.extend(known.into_iter().map(|container| (container.id, container)));
            });
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
        if event.news == News::Removed {
            calls.forget(event.id);
            self.forget(event.id);
        }
        // What was painted has told of this event. A network is connected long before the start that it is for, and inspect
        // waits for that start.
        let untold = painted.is_none() && event.news != News::Network;
        let removed = removed.then_some(event.id).into_iter().collect();
        self.tell(painted.into_iter().collect(), removed, event_at).await;
        if dirty {
            calls.mark(event.id, &Cause::Event(event_at.filter(|_| untold)));
            if self.roster.is_doubtful(event.id) {
                calls.list_from_now();
            }
        }
    }

    fn finish(&mut self, done: Done, calls: &mut Calls, doubt: &mut Doubt) -> Result<Change, EngineError> {
        match done {
            Done::Pinged(answer) => {
                let answered = answer.map(|()| calls.pinged())?;
                Ok(self.fail(answered))
            }
            Done::Listed { asked_at, answer } => Ok(self.compare(&answer?, asked_at, calls, doubt)),
            Done::Inspected { id, asked_at, answer } => Ok(self.settle(id, asked_at, *answer, calls)),
            // Told where the engine is known.
            Done::Described(_) => Ok(Change::default()),
        }
    }

    /// Says of containers that the engine does not answer for them.
    fn fail(&mut self, failed: Vec<(ContainerId, EngineProblem)>) -> Change {
        let mut change = Change::default();
        for (id, problem) in failed {
            tracing::warn!(container.id = %id, reason = problem.message, "the engine does not answer for a container");
            change.upserted.extend(self.roster.failed(id, problem));
        }
        change
    }

    /// Compares everything with a list.
    fn compare(&mut self, listing: &Listing, asked_at: Instant, calls: &mut Calls, doubt: &mut Doubt) -> Change {
        if listing.unreadable > 0 {
            tracing::warn!(rows = listing.unreadable, "the engine's list has rows that cannot be read");
        }
        let is_there = |id| listing.rows.iter().any(|row| row.id == id);
        let (there, gone) = calls.listed(asked_at, is_there);
        let mut change = self.fail(there);
        for id in gone {
            change.removed.extend(self.remove(id, calls).removed);
        }
        for row in &listing.rows {
            if !calls.was_removed(row.id)
                && (calls.is_stuck(row.id) || self.roster.is_doubtful(row.id))
                && let Some(container) = self.stand_in(row, asked_at, calls)
            {
                change.event_at = change.event_at.or(calls.take_event_at(row.id));
                change.upserted.push(container);
            }
        }
        change.upserted.extend(self.roster.complete_from_list(&listing.rows));
        calls.miss(self.roster.missing(&listing.rows));
        let in_turn = if doubt.settle(asked_at) { usize::MAX } else { IN_TURN };
        let differing = self.roster.differing(&listing.rows, asked_at).into_iter().filter(|id| !calls.was_removed(*id));
        for id in differing.chain(self.roster.stalest(in_turn)).collect::<Vec<_>>() {
            calls.mark(id, &Cause::Comparison);
        }
        change
    }

    /// It is gone, by list and inspect.
    fn remove(&mut self, id: ContainerId, calls: &mut Calls) -> Change {
        let told = calls.take_event(id);
        calls.forget(id);
        self.forget(id);
        let removed: Vec<_> = self.roster.gone(id).then_some(id).into_iter().collect();
        if !removed.is_empty() && told.is_none() {
            calls.unannounced.found(id, Instant::now());
        }
        Change { removed, event_at: told.flatten(), ..Change::default() }
    }

    fn settle(
        &mut self,
        id: ContainerId,
        asked_at: Instant,
        answer: Result<Inspected, EngineError>,
        calls: &mut Calls,
    ) -> Change {
        // Forgotten: it was removed while the answer was under way.
        let Some(again) = calls.landed(id) else { return Change::default() };
        let mut inspected = match answer {
            Ok(inspected) => inspected,
            Err(error) => {
                tracing::debug!(container.id = %id, %error, "inspect failed");
                if calls.is_gone(id, &error) {
                    return self.remove(id, calls);
                }
                calls.failed(id, &error);
                return Change::default();
            }
        };
        calls.recovered(id);
        if again {
            calls.mark(id, &Cause::Comparison);
            return Change::default();
        }
        let told = calls.take_event(id);
        self.timeline.explain(&mut inspected.container);
        let started = self.follow(&inspected);
        self.timeline.knows_terms(id, inspected.terms());
        // What inspect adds to a row of the list is no event that was missed.
        let stood_in = self.roster.is_doubtful(id);
        let changed = self.roster.inspected(inspected, asked_at);
        if changed.is_some() && told.is_none() && !stood_in {
            calls.unannounced.found(id, Instant::now());
        }
        Change { event_at: told.flatten(), started, ..Change::from(changed) }
    }
}

impl Doubt {
    /// An event that can be read; `None` for one that cannot. What it said, a look at everything finds out.
    ///
    /// # Errors
    /// When there are no more.
    fn readable(
        &mut self,
        event: Option<Result<EventMessage, EngineError>>,
    ) -> Result<Option<EventMessage>, EngineError> {
        match event.ok_or(EngineError::Closed)? {
            Ok(message) => Ok(Some(message)),
            Err(EngineError::Nonsense(error)) => {
                if self.since.is_none() {
                    tracing::warn!(error, "an event could not be read; every container is looked at");
                }
                self.since.get_or_insert_with(Instant::now);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether it is time to look at everything.
    fn is_due(&self) -> bool {
        self.since.is_some() && self.settled_at.is_none_or(|at| at.elapsed() >= DOUBT_INTERVAL)
    }

    /// A list came that was asked for at `asked_at`; whether to inspect everything with it.
    fn settle(&mut self, asked_at: Instant) -> bool {
        let settles = self.is_due() && self.since.is_some_and(|since| since <= asked_at);
        if settles {
            (self.since, self.settled_at) = (None, Some(Instant::now()));
        }
        settles
    }
}

fn is_plausible(event_at: Timestamp, now: Timestamp) -> bool {
    now.since(event_at).max(event_at.since(now)) <= ON_THE_WAY
}

fn every(period: Duration) -> tokio::time::Interval {
    let mut ticks = tokio::time::interval_at(Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
