//! The daemon around the engine: lock, clock, event log and pending actions.
//!
//! In: actions on the engine, from API calls, the scenario's scheduler and tests. Out: their
//! results, and events to the replay buffer and to open streams, in order. No lock is held across
//! an await.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, watch};

use crate::calls::Calls;
use crate::clock::{Clock, Moment};
use crate::engine::{ContainerId, Engine};
use crate::event_log::{EventLog, Subscription};
use crate::fault::Faults;
use crate::scenario::ActionScheduler;
use crate::swarm::Membership;

/// State shared by all connections.
#[derive(Debug)]
pub struct Daemon {
    state: Mutex<State>,
    /// Counts changes, for tasks that wait for one.
    changes: watch::Sender<u64>,
    /// Notifies the driver that an action may be due earlier than expected.
    replanned: Notify,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
    pub(crate) calls: Calls,
    /// What it is in a swarm.
    membership: Mutex<Option<Membership>>,
}

#[derive(Debug)]
struct State {
    engine: Engine,
    scheduler: ActionScheduler,
    log: EventLog,
}

impl Daemon {
    pub(crate) fn new(engine: Engine, scheduler: ActionScheduler, clock: Clock) -> Self {
        Self {
            state: Mutex::new(State { engine, scheduler, log: EventLog::default() }),
            changes: watch::Sender::new(0),
            replanned: Notify::new(),
            clock,
            faults: Faults::default(),
            calls: Calls::default(),
            membership: Mutex::new(None),
        }
    }

    /// Advances the engine to the current time, applies `action` and sends the events.
    pub fn act<T>(&self, action: impl FnOnce(&mut Engine, Moment) -> T) -> T {
        let result = self.settle_and(action);
        self.replanned.notify_one();
        result
    }

    /// What it is in a swarm; `None` outside.
    pub(crate) fn membership(&self) -> Option<Membership> {
        self.membership.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_membership(&self, membership: Option<Membership>) {
        *self.membership.lock().unwrap_or_else(PoisonError::into_inner) = membership;
    }

    /// Subscribes to events, and returns the past ones between `since` and `until`.
    pub(crate) fn subscribe(&self, since: Option<Moment>, until: Option<Moment>) -> Subscription {
        self.settle_and(|_, _| ());
        self.lock().log.subscribe(since, until)
    }

    /// Forgets the events kept for replay, as on a restart of the daemon.
    pub fn forget_events(&self) {
        self.lock().log.forget();
    }

    /// Resolves when `condition` holds, which is checked after every event.
    pub(crate) async fn until(&self, mut condition: impl FnMut(&Engine) -> bool) {
        let mut changes = self.changes.subscribe();
        loop {
            changes.borrow_and_update();
            let holds = self.settle_and(|engine, _| condition(engine));
            // `self` holds the sender, so an error cannot happen while this waits.
            if holds || changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// Resolves when run `number` of the container has ended, or the container was removed.
    pub(crate) async fn until_ended(&self, id: &ContainerId, number: u32) {
        self.until(|engine| {
            engine
                .find(id.as_str())
                .ok()
                .and_then(|container| container.run())
                .is_none_or(|run| run.number > number || run.ended_at.is_some())
        })
        .await;
    }

    /// Waits for the time between `die` and the return of the call that caused it.
    pub(crate) async fn reply_lag(&self) {
        let lag = self.lock().engine.settings.reply_lag;
        if !lag.is_zero() {
            self.clock.sleep_until(self.clock.now().plus(lag)).await;
        }
    }

    /// Runs all actions that are due.
    pub(crate) fn settle(&self) {
        self.settle_and(|_, _| ());
    }

    /// Runs actions when they are due, forever.
    pub(crate) async fn drive(self: Arc<Self>) {
        loop {
            let due = self.lock().next_due();
            tokio::select! {
                () = sleep_until(&self.clock, due) => self.settle(),
                () = self.replanned.notified() => {}
            }
        }
    }

    fn settle_and<T>(&self, action: impl FnOnce(&mut Engine, Moment) -> T) -> T {
        let mut state = self.lock();
        let now = self.clock.now();
        state.advance(now);
        let result = action(&mut state.engine, now);
        state.engine.advance(now);
        let events = state.engine.take_events();
        if !events.is_empty() {
            if !self.faults.current().event_gap {
                events.into_iter().for_each(|event| state.log.publish(event));
            }
            drop(state);
            self.changes.send_modify(|changes| *changes += 1);
        }
        result
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next_due(&self) -> Option<Moment> {
        [self.engine.next_due(), self.scheduler.next_due()].into_iter().flatten().min()
    }

    /// Runs engine and scheduler in the order of time, so that a clock that jumps gives the same
    /// result as one that runs.
    fn advance(&mut self, now: Moment) {
        while let Some(at) = self.next_due().filter(|at| *at <= now) {
            self.engine.advance(at);
            self.scheduler.advance(&mut self.engine, at);
        }
    }
}

async fn sleep_until(clock: &Clock, due: Option<Moment>) {
    match due {
        Some(due) => clock.sleep_until(due).await,
        None => std::future::pending().await,
    }
}
