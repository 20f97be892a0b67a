//! One session with an engine: from the first response until the link is lost.
//!
//! Event handling never waits for a call: inspects, lists and pings run concurrently ([`Calls`])
//! and return as [`Completed`]. If inspect is slow or fails, the row from the list is used and
//! marked. Read next: [`first_snapshot`], then [`responses`].

mod first_snapshot;
mod responses;
#[cfg(test)]
mod tests;
mod unreadable_events;

use super::{
    Observation, OutageStart, Watcher,
    calls::{Calls, Cause, Completed},
    event::{ContainerEvent, EventKind, RecentEvents},
    past_events::{RECALL_DELAY, REPLAY_WINDOW},
    roster::EventEffect,
};
use crate::{
    engine::{ContainerList, EngineClient, EngineError, EngineFacts, EventMessage},
    now,
    timeline::Outage,
};
use app::model::Timestamp;
use futures::{StreamExt as _, stream::BoxStream};
use responses::Change;
use std::{convert::Infallible, sync::Arc, time::Duration};
use tokio::time::{Instant, MissedTickBehavior, sleep_until};
use unreadable_events::UnreadableEvents;

/// Overlap of the event replay, because the engine sends its headers before it subscribes.
const REPLAY_MARGIN: Duration = Duration::from_secs(5);
/// Ping interval while there are viewers. A frozen engine is noticed after this interval plus the
/// ping's timeout.
const PING_INTERVAL: Duration = Duration::from_secs(2);
/// Interval of pings and lists without viewers.
const IDLE_INTERVAL: Duration = Duration::from_secs(15);
/// Largest difference between an event's timestamp and now; beyond it, a clock was set and the
/// delay is unknown.
const MAX_EVENT_DELAY: Duration = Duration::from_secs(60);
/// Minimum difference of a remote engine's clock. Smaller ones are measuring errors.
const MIN_REMOTE_SKEW: Duration = Duration::from_millis(500);
/// Minimum difference of the clock of an engine on a local socket, which is this machine's clock
/// unless the socket leads to a virtual machine.
const MIN_LOCAL_SKEW: Duration = Duration::from_secs(5);

/// A session: the watcher's state, and the state that ends with the link.
pub(super) struct Session<'a> {
    watcher: &'a mut Watcher,
    facts: EngineFacts,
    /// Milliseconds by which the engine's clock is ahead of this server's.
    skew: i64,
    /// Start of the subscription in nanoseconds since 1970, on the engine's clock; earlier events
    /// are replayed.
    subscribed_nanos: i64,
    /// Time at which the replay ends, whatever the events' timestamps.
    replay_until: Instant,
    events: BoxStream<'static, Result<EventMessage, EngineError>>,
    unreadable_events: UnreadableEvents,
    recent: RecentEvents,
    /// Events received before the first snapshot was sent.
    early: Vec<EventMessage>,
    calls: Calls,
}

impl<'a> Session<'a> {
    /// Runs a session until the link is lost, and returns the reason.
    pub(super) async fn run(watcher: &'a mut Watcher, client: EngineClient, facts: EngineFacts) -> EngineError {
        let Err(reason) = Self::try_run(watcher, client, facts).await;
        reason
    }

    async fn try_run(
        watcher: &'a mut Watcher,
        client: EngineClient,
        facts: EngineFacts,
    ) -> Result<Infallible, EngineError> {
        let mut session = Self::subscribe(watcher, client.clone(), facts)?;
        session.start(client.list()).await?;
        session.follow().await
    }

    /// Prepares the subscription to the engine's events, which the first poll of the stream opens.
    fn subscribe(watcher: &'a mut Watcher, client: EngineClient, facts: EngineFacts) -> Result<Self, EngineError> {
        let skew = watcher.skew(&facts);
        let subscribed_at = now().as_millis().saturating_add_signed(skew);
        let since = Timestamp::from_millis(subscribed_at.saturating_sub(millis(REPLAY_MARGIN)));
        let replay_until = Instant::now() + REPLAY_WINDOW;
        let events = watcher.events(&client, since)?.boxed();
        Ok(Self {
            watcher,
            facts,
            skew,
            subscribed_nanos: subscribed_at as i64 * 1_000_000,
            replay_until,
            events,
            unreadable_events: UnreadableEvents::default(),
            recent: RecentEvents::default(),
            early: Vec::new(),
            calls: Calls::new(client),
        })
    }

    /// Sends the first snapshot, then reports the link as up.
    async fn start(
        &mut self,
        list: impl Future<Output = Result<ContainerList, EngineError>>,
    ) -> Result<(), EngineError> {
        self.send_first_snapshot(list).await?;
        self.watcher.up(&self.calls.client, &self.facts).await;
        self.inspect_after_early_events();
        Ok(())
    }

    /// Inspects the containers of the events that arrived before the first snapshot, because its
    /// list and inspects may be older.
    fn inspect_after_early_events(&mut self) {
        for message in std::mem::take(&mut self.early) {
            if let Some(event) = self.new_event(&message) {
                self.calls.mark_dirty(event.id, &Cause::Event(None));
            }
        }
    }

    /// Applies events and responses as they arrive.
    async fn follow(&mut self) -> Result<Infallible, EngineError> {
        let back_at = now();
        let mut pings = every(PING_INTERVAL);
        let mut lists = every(self.watcher.refresh_interval);
        let mut idle = every(IDLE_INTERVAL);
        let mut recall_at = Some(Instant::now() + RECALL_DELAY);
        loop {
            self.start_due();
            // The loop runs at least every few seconds, because of pings and lists.
            self.watcher.metrics.differences(self.calls.unannounced.missed(Instant::now()));
            let has_viewers = self.watcher.demand.has_viewers();
            let start_at = self.calls.next_deadline();
            tokio::select! {
                message = self.events.next() => self.handle_message(message).await?,
                Some(done) = self.calls.in_flight.next() => self.handle_completed(done).await?,
                () = sleep_until(start_at.unwrap_or_else(Instant::now)), if start_at.is_some() => {}
                () = sleep_until(recall_at.unwrap_or_else(Instant::now)), if recall_at.is_some() => {
                    recall_at = None;
                    self.recall(back_at).await;
                }
                // The first viewer restarts the loop; both ticks are overdue by then.
                () = self.watcher.demand.wait_for_viewers(), if !has_viewers => {}
                _ = pings.tick(), if has_viewers => self.calls.request_ping(),
                _ = lists.tick(), if has_viewers => self.calls.request_list(),
                _ = idle.tick() => self.request_idle(),
            }
        }
    }

    /// Starts queued inspects. Requests a list if the inspect of an unknown container is slow, or
    /// if events were unreadable.
    fn start_due(&mut self) {
        let slow = self.calls.start_due();
        let is_unknown = |id| !self.watcher.roster.contains(id);
        if slow.into_iter().any(is_unknown) || self.unreadable_events.is_due() {
            self.calls.request_new_list();
        }
    }

    fn request_idle(&mut self) {
        self.calls.request_ping();
        self.calls.request_list();
        if !self.facts.complete {
            self.calls.request_facts();
        }
    }

    async fn handle_message(&mut self, message: Option<Result<EventMessage, EngineError>>) -> Result<(), EngineError> {
        let message = self.unreadable_events.readable(message)?;
        if message.as_ref().is_some_and(EventMessage::is_swarm_event) {
            self.watcher.swarm_events.notify_one();
        }
        if let Some(event) = message.and_then(|message| self.new_event(&message)) {
            self.handle_event(&event).await;
        }
        Ok(())
    }

    /// Reads an event; `None` for duplicates and for events that do not affect the list.
    fn new_event(&mut self, message: &EventMessage) -> Option<ContainerEvent> {
        ContainerEvent::read(message).filter(|event| self.recent.is_new(event))
    }

    async fn handle_event(&mut self, event: &ContainerEvent) {
        self.calls.unannounced.announced(event.id);
        if event.time_nanos < self.subscribed_nanos && Instant::now() < self.replay_until {
            self.calls.mark_dirty(event.id, &Cause::Event(None));
            return;
        }
        let event_at = Timestamp::from_millis(event.at().as_millis().saturating_add_signed(-self.skew));
        let event_at = is_plausible(event_at, now()).then_some(event_at);
        let cause = self.watcher.timeline.cause_of_end(self.watcher.key(event.id), event.at());
        let EventEffect { updated, removed, dirty } = self.watcher.roster.apply_event(event, cause, Instant::now());
        if event.kind == EventKind::Removed {
            self.calls.forget(event.id);
            self.watcher.forget(event.id);
        }
        // An update above has reported this event. A network is connected long before the start it
        // belongs to, and inspect waits for that start.
        let unreported = updated.is_none() && event.kind != EventKind::Network;
        let removed = removed.then_some(event.id).into_iter().collect();
        self.watcher.publish(Change { removed, event_at, ..Change::from(updated) }).await;
        if dirty {
            self.calls.mark_dirty(event.id, &Cause::Event(event_at.filter(|_| unreported)));
            if self.watcher.roster.relies_on_list(event.id) {
                self.calls.request_new_list();
            }
        }
    }

    async fn handle_completed(&mut self, done: Completed) -> Result<(), EngineError> {
        if let Completed::Described(facts) = done {
            self.calls.facts_received();
            self.facts = (*facts)?;
            self.watcher.update_facts(&self.calls.client, &self.facts).await;
            return Ok(());
        }
        let change = self.apply_response(done)?;
        let started = change.started;
        self.watcher.publish(change).await;
        if started {
            self.watcher.reconsider_stats_source().await;
        }
        Ok(())
    }

    /// Completes the timeline with the times in inspect and the exits during an outage, and the
    /// containers with data from the timeline. `back_at` is the end of the outage.
    async fn recall(&mut self, back_at: Timestamp) {
        let containers = self.watcher.roster.containers();
        self.watcher.timeline.recall(self.watcher.address.name, &containers);
        if let Some(OutageStart { from, was_unreachable }) = self.watcher.outage.take() {
            let of_engine = |at: Timestamp| Timestamp::from_millis(at.as_millis().saturating_add_signed(self.skew));
            let outage = Outage { from: of_engine(from), until: of_engine(back_at), was_unreachable };
            self.watcher.timeline.engine_outage(outage, &containers);
        }
        let Watcher { roster, timeline, .. } = &mut *self.watcher;
        let upserted = roster.explain(|container| timeline.explain(container));
        self.watcher.publish(Change { upserted, ..Change::default() }).await;
    }
}

impl Watcher {
    /// Milliseconds by which the engine's clock is ahead of this server's.
    fn skew(&self, facts: &EngineFacts) -> i64 {
        let Some(clock) = facts.clock else { return 0 };
        let skew = clock.as_millis() as i64 - now().as_millis() as i64;
        let least = if self.address.is_local() { MIN_LOCAL_SKEW } else { MIN_REMOTE_SKEW };
        if skew.unsigned_abs() < millis(least) { 0 } else { skew }
    }

    async fn publish(&self, change: Change) {
        let Change { upserted, removed, event_at, started: _ } = change;
        if !upserted.is_empty() || !removed.is_empty() {
            let upserted: Vec<_> = upserted.into_iter().map(Arc::new).collect();
            let (known, gone) = (upserted.clone(), removed.clone());
            let removed = removed.into_iter().map(|id| self.key(id)).collect();
            self.store.send(Observation::Containers { upserted, removed, event_at }).await;
            // After the store, so that no sample gets there before its container.
            self.containers.send_modify(|containers| {
                gone.iter().for_each(|id| drop(containers.remove(id)));
                containers.extend(known.into_iter().map(|container| (container.id, container)));
            });
        }
    }
}

fn is_plausible(event_at: Timestamp, now: Timestamp) -> bool {
    now.since(event_at).max(event_at.since(now)) <= MAX_EVENT_DELAY
}

fn every(period: Duration) -> tokio::time::Interval {
    let mut ticks = tokio::time::interval_at(Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
