//! One session with an engine: from the first response until the link is lost.
//!
//! Event handling never waits for a call: inspects, lists and pings run concurrently ([`Calls`])
//! and return as [`Completed`]. If inspect is slow or fails, the row from the list is used and
//! marked.

mod responses;
mod unreadable_events;

use super::{
    Observation, OutageStart, Watcher,
    calls::{Calls, Cause, Completed},
    event::{ContainerEvent, EventKind, RecentEvents},
    past_events::{RECALL_DELAY, REPLAY_WINDOW},
    roster::EventEffect,
    unannounced::Unannounced,
};
use crate::{
    engine::{EngineClient, EngineError, EngineFacts, EventMessage, ListRow},
    now,
    timeline::Outage,
};
use app::model::{Container, ContainerId, Timestamp};
use futures::{Stream, StreamExt as _};
use responses::Change;
use std::{sync::Arc, time::Duration};
use tokio::time::{Instant, MissedTickBehavior, sleep_until};
use unreadable_events::UnreadableEvents;

/// Overlap of the event replay, because the engine sends its headers before it subscribes.
const REPLAY_MARGIN: Duration = Duration::from_secs(5);
/// Wait for each inspect before the first snapshot; after it, the list row is used.
const FIRST_INSPECT_TIMEOUT: Duration = Duration::from_millis(100);
/// Wait for all inspects before the first snapshot.
const FIRST_SNAPSHOT_TIMEOUT: Duration = Duration::from_secs(2);
/// Ping interval while there are viewers. A frozen engine is noticed after it plus the ping's
/// timeout.
const PING_INTERVAL: Duration = Duration::from_secs(2);
/// Interval of pings and lists without viewers.
const IDLE_INTERVAL: Duration = Duration::from_secs(15);
/// Largest difference between an event's timestamp and now; beyond it, a clock was set and the
/// delay is unknown.
const MAX_EVENT_DELAY: Duration = Duration::from_secs(60);
/// Smaller differences from a remote clock are measuring errors.
const MIN_REMOTE_SKEW: Duration = Duration::from_millis(500);
/// The same for a local socket, which shares this machine's clock unless it leads to a virtual
/// machine.
const MIN_LOCAL_SKEW: Duration = Duration::from_secs(5);

impl Watcher {
    /// Runs until the link is lost, and returns the reason.
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
        let since = Timestamp::from_millis(
            (now().as_millis().saturating_add_signed(skew)).saturating_sub(millis(REPLAY_MARGIN)),
        );
        let subscribed_nanos = (now().as_millis().saturating_add_signed(skew)) as i64 * 1_000_000;
        let past_until = Instant::now() + REPLAY_WINDOW;
        let mut events = std::pin::pin!(self.events(&client, since)?);
        let mut calls = Calls::new(client.clone());
        let (mut recent, mut unreadable_events) = (RecentEvents::default(), UnreadableEvents::default());
        let early = self.send_snapshot(&mut calls, &mut events, &mut unreadable_events).await?;
        self.up(&client, &facts).await;
        let back_at = now();
        for message in early {
            if let Some(event) = ContainerEvent::read(&message).filter(|event| recent.is_new(event)) {
                calls.mark_dirty(event.id, &Cause::Event(None));
            }
        }
        let mut pings = every(PING_INTERVAL);
        let mut lists = every(self.refresh_interval);
        let mut idle = every(IDLE_INTERVAL);
        let demand = self.demand.clone();
        let recall_at = Instant::now() + RECALL_DELAY;
        let mut recalled = false;
        let mut is_described = facts.complete;
        loop {
            self.start_due(&mut calls);
            if unreadable_events.is_due() {
                calls.request_new_list();
            }
            // The loop runs at least every few seconds, because of pings and lists.
            self.metrics.differences(calls.unannounced.missed(Instant::now()));
            let has_viewers = demand.has_viewers();
            let next_deadline = calls.next_deadline();
            tokio::select! {
                event = events.next() => {
                    let Some(message) = unreadable_events.readable(event)? else { continue };
                    if let Some(event) = ContainerEvent::read(&message).filter(|event| recent.is_new(event)) {
                        let replayed = event.time_nanos < subscribed_nanos && Instant::now() < past_until;
                        self.handle_event(&event, &mut calls, skew, replayed).await;
                    }
                }
                Some(done) = calls.in_flight.next() => {
                    if let Completed::Described(facts) = done {
                        calls.facts_received();
                        let facts = facts?;
                        is_described = facts.complete;
                        self.update_facts(&client, &facts).await;
                        continue;
                    }
                    let change = self.handle_completed(done, &mut calls, &mut unreadable_events)?;
                    let started = change.started;
                    self.publish(change.upserted, change.removed, change.event_at).await;
                    if started {
                        self.reconsider_stats_source().await;
                    }
                }
                () = sleep_until(next_deadline.unwrap_or_else(Instant::now)), if next_deadline.is_some() => {}
                () = sleep_until(recall_at), if !recalled => {
                    recalled = true;
                    self.recall(back_at, skew);
                    let timeline = self.timeline.clone();
                    let explained = self.roster.explain(|container| timeline.explain(container));
                    self.publish(explained, Vec::new(), None).await;
                }
                // The first viewer restarts the loop; both ticks are overdue by then.
                () = demand.wait_for_viewers(), if !has_viewers => {}
                _ = pings.tick(), if has_viewers => calls.request_ping(),
                _ = lists.tick(), if has_viewers => calls.request_list(),
                _ = idle.tick() => {
                    calls.request_ping();
                    calls.request_list();
                    if !is_described {
                        calls.request_facts();
                    }
                }
            }
        }
    }

    /// Starts queued inspects. Requests a list if the inspect of an unknown container is slow.
    fn start_due(&self, calls: &mut Calls) {
        let slow = calls.start_due();
        if slow.into_iter().any(|id| !self.roster.contains(id)) {
            calls.request_new_list();
        }
    }

    /// Completes the timeline with inspect's times and with the exits during an outage.
    fn recall(&mut self, back_at: Timestamp, skew: i64) {
        let containers = self.roster.containers();
        self.timeline.recall(&containers);
        let Some(OutageStart { from, was_unreachable }) = self.outage.take() else { return };
        let of_engine = |at: Timestamp| Timestamp::from_millis(at.as_millis().saturating_add_signed(skew));
        let outage = Outage { from: of_engine(from), until: of_engine(back_at), was_unreachable };
        self.timeline.engine_outage(outage, &containers);
    }

    /// Milliseconds by which the engine's clock is ahead of this server's.
    fn skew(&self, facts: &EngineFacts) -> i64 {
        let Some(clock) = facts.clock else { return 0 };
        let skew = clock.as_millis() as i64 - now().as_millis() as i64;
        let least = if self.address.is_local() { MIN_LOCAL_SKEW } else { MIN_REMOTE_SKEW };
        if skew.unsigned_abs() < millis(least) { 0 } else { skew }
    }

    /// Sends the first snapshot as one observation: the list, with the inspects that arrive in
    /// time. Returns the events received meanwhile.
    async fn send_snapshot(
        &mut self,
        calls: &mut Calls,
        events: &mut (impl Stream<Item = Result<EventMessage, EngineError>> + Unpin),
        unreadable_events: &mut UnreadableEvents,
    ) -> Result<Vec<EventMessage>, EngineError> {
        let mut early = Vec::new();
        let requested_at = Instant::now();
        let client = calls.client.clone();
        let listing = {
            // bollard opens the event stream at its first poll, so poll it while the list is in
            // flight.
            let mut listing = std::pin::pin!(client.list());
            loop {
                tokio::select! {
                    listed = &mut listing => break listed?,
                    event = events.next() => early.extend(unreadable_events.readable(event)?),
                }
            }
        };
        let removed = self.roster.retain_listed(&listing);
        let mut snapshot = Change { removed, ..Change::default() };
        for row in &listing.rows {
            match self.roster.problem(row.id) {
                Some(problem) => calls.mark_failing(row.id, problem.clone()),
                None => calls.mark_dirty(row.id, &Cause::Comparison),
            }
        }
        let until = Instant::now() + FIRST_SNAPSHOT_TIMEOUT;
        loop {
            calls.start_due();
            if calls.only_older_left(FIRST_INSPECT_TIMEOUT) || Instant::now() >= until {
                break;
            }
            let check_at = until.min(Instant::now() + FIRST_INSPECT_TIMEOUT / 10);
            tokio::select! {
                event = events.next() => early.extend(unreadable_events.readable(event)?),
                Some(done) = calls.in_flight.next() => {
                    let change = self.handle_completed(done, calls, unreadable_events)?;
                    snapshot.upserted.extend(change.upserted);
                    snapshot.removed.extend(change.removed);
                }
                () = sleep_until(check_at) => {}
            }
        }
        for row in listing.rows.iter().filter(|row| !calls.was_removed(row.id)) {
            snapshot.upserted.extend(self.apply_row(row, requested_at, calls));
        }
        // For each container, the last entry counts.
        snapshot.upserted.extend(self.roster.complete_from_list(&listing.rows));
        for id in &snapshot.removed {
            self.forget(*id);
        }
        self.publish(snapshot.upserted, snapshot.removed, None).await;
        // Containers of the first snapshot need no event.
        calls.unannounced = Unannounced::default();
        Ok(early)
    }

    /// Applies a list row to a container without a current inspect.
    fn apply_row(&mut self, row: &ListRow, requested_at: Instant, calls: &Calls) -> Option<Container> {
        let container = self.roster.apply_row(row, requested_at, calls.problem(row.id))?;
        if !container.state.has_processes() {
            self.end_run(row.id);
        }
        Some(container)
    }

    async fn publish(&self, upserted: Vec<Container>, removed: Vec<ContainerId>, event_at: Option<Timestamp>) {
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

    async fn handle_event(&mut self, event: &ContainerEvent, calls: &mut Calls, skew: i64, replayed: bool) {
        calls.unannounced.announced(event.id);
        let event_at = Timestamp::from_millis(event.at().as_millis().saturating_add_signed(-skew));
        let event_at = is_plausible(event_at, now()).then_some(event_at);
        if replayed {
            calls.mark_dirty(event.id, &Cause::Event(None));
            return;
        }
        let cause = self.timeline.cause_of_end(event.id, event.at());
        let EventEffect { updated, removed, dirty } = self.roster.apply_event(event, cause, Instant::now());
        if event.kind == EventKind::Removed {
            calls.forget(event.id);
            self.forget(event.id);
        }
        // An update above has reported this event. A network is connected long before the start it
        // belongs to, and inspect waits for that start.
        let unreported = updated.is_none() && event.kind != EventKind::Network;
        let removed = removed.then_some(event.id).into_iter().collect();
        self.publish(updated.into_iter().collect(), removed, event_at).await;
        if dirty {
            calls.mark_dirty(event.id, &Cause::Event(event_at.filter(|_| unreported)));
            if self.roster.relies_on_list(event.id) {
                calls.request_new_list();
            }
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
