//! The engine calls of a session: in flight, queued, and the inspect failures of each container.
//!
//! A container whose inspect hangs or fails does not affect the others: after
//! [`SLOW_INSPECT_TIMEOUT`] it releases its slot, and its next inspects have separate slots and a
//! backoff until one succeeds. Owned by the session. Read next: [`super::session`].

use super::unannounced::Unannounced;
use crate::engine::{ContainerList, EngineClient, EngineError, EngineFacts, convert::Inspected};
use app::model::{ContainerId, EngineProblem, Timestamp};
use futures::{FutureExt as _, future::BoxFuture, stream::FuturesUnordered};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Duration,
};
use tokio::time::Instant;

/// Maximum number of concurrent inspects that are not slow yet.
const MAX_FAST_INSPECTS: usize = 8;
/// Time after which an inspect is slow and releases its slot. An inspect usually takes 1 to 5 ms.
pub(super) const SLOW_INSPECT_TIMEOUT: Duration = Duration::from_millis(20);
/// Maximum number of concurrent inspects, including slow ones; as many again for failing
/// containers. Each inspect uses one connection.
const MAX_IN_FLIGHT: usize = 64;
/// Delay after the first failed inspect; doubles with each failure.
const MIN_BACKOFF: Duration = Duration::from_secs(1);
/// Maximum backoff: about the interval of routine inspects with fifty containers.
const MAX_BACKOFF: Duration = Duration::from_secs(8);

/// Wait for a removal event after an inspect with status 404. The event usually follows and makes a
/// list unnecessary.
const REMOVAL_EVENT_DELAY: Duration = Duration::from_millis(200);

/// Time for which removed ids are remembered. A list takes at most 5 s.
const REMOVED_TTL: Duration = Duration::from_secs(30);

/// A completed call.
pub(super) enum Completed {
    Inspected { id: ContainerId, requested_at: Instant, result: Box<Result<Inspected, EngineError>> },
    Listed { requested_at: Instant, result: Result<ContainerList, EngineError> },
    Pinged(Result<(), EngineError>),
    Described(Box<Result<EngineFacts, EngineError>>),
}

/// Reason for an inspect.
pub(super) enum Cause {
    /// An event, with its time if it has not been reported yet.
    Event(Option<Timestamp>),
    /// A comparison with the list; a difference means that an event was missed.
    Comparison,
}

/// An inspect in flight.
struct PendingInspect {
    requested_at: Instant,
    /// True if the container was marked dirty again meanwhile.
    dirty_again: bool,
    /// True if the inspect is slow and holds no slot.
    is_slow: bool,
}

/// A container whose latest inspect failed.
struct Failing {
    failures: u32,
    retry_at: Instant,
    /// Problem of the inspect; set once the engine is known to respond to other calls.
    problem: Option<EngineProblem>,
}

/// Calls in flight and queued inspects.
pub(super) struct Calls {
    pub(super) client: EngineClient,
    pub(super) in_flight: FuturesUnordered<BoxFuture<'static, Completed>>,
    inspecting: HashMap<ContainerId, PendingInspect>,
    waiting: VecDeque<ContainerId>,
    queued: HashSet<ContainerId>,
    failing: HashMap<ContainerId, Failing>,
    /// Failures to be confirmed by a ping, which shows that the engine itself responds.
    unconfirmed: HashMap<ContainerId, EngineProblem>,
    /// Containers that inspect did not find, until a later list confirms it.
    not_found: HashMap<ContainerId, (Instant, EngineProblem)>,
    /// Recently removed containers, which an older list or inspect must not restore.
    removed: HashMap<ContainerId, Instant>,
    /// Known containers that are not in the latest list.
    absent: HashSet<ContainerId>,
    listing: bool,
    list_again: bool,
    /// Time at which a list is due for containers in `not_found`.
    list_at: Option<Instant>,
    pinging: bool,
    describing: bool,
    /// Containers marked dirty by events, with the time of the earliest unreported event.
    by_event: HashMap<ContainerId, Option<Timestamp>>,
    pub(super) unannounced: Unannounced,
}

impl Calls {
    pub(super) fn new(client: EngineClient) -> Self {
        Self {
            client,
            in_flight: FuturesUnordered::new(),
            inspecting: HashMap::new(),
            waiting: VecDeque::new(),
            queued: HashSet::new(),
            failing: HashMap::new(),
            unconfirmed: HashMap::new(),
            not_found: HashMap::new(),
            removed: HashMap::new(),
            absent: HashSet::new(),
            list_at: None,
            listing: false,
            list_again: false,
            pinging: false,
            describing: false,
            by_event: HashMap::new(),
            unannounced: Unannounced::default(),
        }
    }

    /// Queues an inspect. A failing container waits for its backoff unless there was an event.
    pub(super) fn mark_dirty(&mut self, id: ContainerId, cause: &Cause) {
        if self.was_removed(id) {
            return;
        }
        if let Cause::Event(at) = cause {
            let earliest = self.by_event.entry(id).or_default();
            *earliest = earliest.or(*at);
        }
        if let Some(pending) = self.inspecting.get_mut(&id) {
            pending.dirty_again = true;
        } else if let Some(failing_inspect) = self.failing.get_mut(&id) {
            if matches!(cause, Cause::Event(_)) {
                failing_inspect.retry_at = Instant::now();
            }
        } else if self.queued.insert(id) {
            self.waiting.push_back(id);
        }
    }

    /// Queues an inspect of a container that is known to fail.
    pub(super) fn mark_failing(&mut self, id: ContainerId, problem: EngineProblem) {
        let failing_inspect = Failing { failures: 1, retry_at: Instant::now(), problem: Some(problem) };
        self.failing.insert(id, failing_inspect);
    }

    /// Removes a container, and ignores a response in flight.
    pub(super) fn forget(&mut self, id: ContainerId) {
        let now = Instant::now();
        self.removed.retain(|_, at| now.duration_since(*at) < REMOVED_TTL);
        self.removed.insert(id, now);
        self.inspecting.remove(&id);
        self.failing.remove(&id);
        self.unconfirmed.remove(&id);
        self.not_found.remove(&id);
        self.by_event.remove(&id);
        if self.queued.remove(&id) {
            self.waiting.retain(|waiting| *waiting != id);
        }
    }

    /// True if the container was removed recently. Ids are never reused.
    pub(super) fn was_removed(&self, id: ContainerId) -> bool {
        self.removed.get(&id).is_some_and(|at| at.elapsed() < REMOVED_TTL)
    }

    /// Starts as many queued inspects as there are slots. Returns the containers whose inspect has
    /// just become slow.
    pub(super) fn start_due(&mut self) -> Vec<ContainerId> {
        let now = Instant::now();
        if self.list_at.take_if(|at| *at <= now).is_some() {
            self.request_new_list();
        }
        let mut slow = Vec::new();
        for (id, pending) in &mut self.inspecting {
            if !pending.is_slow && now >= pending.requested_at + SLOW_INSPECT_TIMEOUT {
                pending.is_slow = true;
                slow.push(*id);
            }
        }
        let failing = self.inspecting.keys().filter(|id| self.failing.contains_key(id)).count();
        let mut healthy = self.inspecting.len() - failing;
        let mut fresh = self.inspecting.values().filter(|pending| !pending.is_slow).count();
        while fresh < MAX_FAST_INSPECTS
            && healthy < MAX_IN_FLIGHT
            && let Some(id) = self.waiting.pop_front()
        {
            self.queued.remove(&id);
            self.inspect(id, now, false);
            (fresh, healthy) = (fresh + 1, healthy + 1);
        }
        let mut due: Vec<_> =
            self.failing.iter().filter(|(_, failing_inspect)| failing_inspect.retry_at <= now).collect();
        due.sort_by_key(|(_, failing_inspect)| failing_inspect.retry_at);
        let due = due.into_iter().map(|(id, _)| *id).filter(|id| !self.inspecting.contains_key(id));
        for id in due.take(MAX_IN_FLIGHT.saturating_sub(failing)).collect::<Vec<_>>() {
            self.inspect(id, now, true);
        }
        slow
    }

    /// Time of the next [`Self::start_due`] if nothing happens before.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let slow = self
            .inspecting
            .values()
            .filter(|pending| !pending.is_slow)
            .map(|pending| pending.requested_at + SLOW_INSPECT_TIMEOUT);
        // If all their slots are taken, the end of one triggers the next.
        let may_start = self.inspecting.keys().filter(|id| self.failing.contains_key(id)).count() < MAX_IN_FLIGHT;
        let retried = self.failing.iter().filter(|(id, _)| may_start && !self.inspecting.contains_key(id));
        slow.chain(retried.map(|(_, failing_inspect)| failing_inspect.retry_at)).chain(self.list_at).min()
    }

    /// True if no inspect is queued and all inspects in flight are older than `older_than`.
    pub(super) fn only_older_left(&self, older_than: Duration) -> bool {
        self.waiting.is_empty() && self.inspecting.values().all(|pending| pending.requested_at.elapsed() >= older_than)
    }

    /// True if the inspect of the container is slow or failing, so that its row in the list is
    /// used.
    pub(super) fn is_slow_or_failing(&self, id: ContainerId) -> bool {
        self.failing.contains_key(&id) || self.inspecting.get(&id).is_some_and(|pending| pending.is_slow)
    }

    /// The confirmed problem of the container's inspect.
    pub(super) fn problem(&self, id: ContainerId) -> Option<EngineProblem> {
        self.failing.get(&id)?.problem.clone()
    }

    fn inspect(&mut self, id: ContainerId, requested_at: Instant, is_slow: bool) {
        self.inspecting.insert(id, PendingInspect { requested_at, dirty_again: false, is_slow });
        let client = self.client.clone();
        let inspect =
            async move { Completed::Inspected { id, requested_at, result: Box::new(client.inspect(id).await) } };
        self.in_flight.push(inspect.boxed());
    }

    /// Ends an inspect. Returns true if the container was marked dirty meanwhile; `None` if it was
    /// removed.
    pub(super) fn completed(&mut self, id: ContainerId) -> Option<bool> {
        self.inspecting.remove(&id).map(|pending| pending.dirty_again)
    }

    /// Takes the time of the earliest event that marked the container dirty: `None` without an
    /// event, `Some(None)` if the event was reported.
    pub(super) fn take_event(&mut self, id: ContainerId) -> Option<Option<Timestamp>> {
        self.by_event.remove(&id)
    }

    /// Like [`Self::take_event`], but keeps the container marked.
    pub(super) fn take_event_at(&mut self, id: ContainerId) -> Option<Timestamp> {
        self.by_event.get_mut(&id)?.take()
    }

    /// Records a successful inspect.
    pub(super) fn recovered(&mut self, id: ContainerId) {
        self.failing.remove(&id);
        self.unconfirmed.remove(&id);
        self.not_found.remove(&id);
    }

    /// Records a failed inspect. A list (if the container was not found) or a ping then shows
    /// whether the container or the engine is at fault.
    pub(super) fn failed(&mut self, id: ContainerId, error: &EngineError) {
        let now = Instant::now();
        let failing_inspect = self.failing.entry(id).or_insert(Failing { failures: 0, retry_at: now, problem: None });
        failing_inspect.failures = failing_inspect.failures.saturating_add(1);
        failing_inspect.retry_at = now + backoff(failing_inspect.failures);
        let problem = error.inspect_problem();
        if error.status() == Some(404) {
            self.not_found.insert(id, (now, problem));
            self.list_at.get_or_insert(now + REMOVAL_EVENT_DELAY);
        } else {
            self.unconfirmed.insert(id, problem);
            self.request_ping();
        }
    }

    /// Handles a ping response, which confirms the failures.
    pub(super) fn pinged(&mut self) -> Vec<(ContainerId, EngineProblem)> {
        self.pinging = false;
        let confirmed: Vec<_> = self.unconfirmed.drain().collect();
        confirmed.into_iter().filter_map(|(id, problem)| self.confirm(id, problem)).collect()
    }

    /// Compares the containers in `not_found` with a list requested at `requested_at`. Returns
    /// those that are listed and those that are gone.
    pub(super) fn listed(
        &mut self,
        requested_at: Instant,
        is_there: impl Fn(ContainerId) -> bool,
    ) -> (Vec<(ContainerId, EngineProblem)>, Vec<ContainerId>) {
        self.listing = false;
        let covered: Vec<_> = self.not_found.extract_if(|_, (since, _)| *since <= requested_at).collect();
        if std::mem::take(&mut self.list_again) {
            self.request_list();
        }
        let (mut there, mut gone) = (Vec::new(), Vec::new());
        for (id, (_, problem)) in covered {
            if is_there(id) {
                there.extend(self.confirm(id, problem));
            } else {
                gone.push(id);
            }
        }
        (there, gone)
    }

    /// Sets the known containers that are not in the latest list.
    pub(super) fn set_absent(&mut self, absent: HashSet<ContainerId>) {
        self.absent = absent;
    }

    /// True if the container is missing in both inspect and the latest list. Ids are never reused.
    pub(super) fn is_confirmed_gone(&self, id: ContainerId, error: &EngineError) -> bool {
        error.status() == Some(404) && self.absent.contains(&id)
    }

    /// Confirms the problem of a container; `None` if it has recovered meanwhile.
    fn confirm(&mut self, id: ContainerId, problem: EngineProblem) -> Option<(ContainerId, EngineProblem)> {
        self.failing.get_mut(&id)?.problem = Some(problem.clone());
        Some((id, problem))
    }

    pub(super) fn request_list(&mut self) {
        if !std::mem::replace(&mut self.listing, true) {
            let (client, requested_at) = (self.client.clone(), Instant::now());
            self.in_flight.push(async move { Completed::Listed { requested_at, result: client.list().await } }.boxed());
        }
    }

    /// Requests a list that begins now or later.
    pub(super) fn request_new_list(&mut self) {
        self.list_again |= self.listing;
        self.request_list();
    }

    pub(super) fn request_ping(&mut self) {
        if !std::mem::replace(&mut self.pinging, true) {
            let client = self.client.clone();
            self.in_flight.push(async move { Completed::Pinged(client.ping().await) }.boxed());
        }
    }

    /// Requests the engine's facts again.
    pub(super) fn request_facts(&mut self) {
        if !std::mem::replace(&mut self.describing, true) {
            let client = self.client.clone();
            self.in_flight.push(async move { Completed::Described(Box::new(client.facts().await)) }.boxed());
        }
    }

    pub(super) fn facts_received(&mut self) {
        self.describing = false;
    }
}

fn backoff(failures: u32) -> Duration {
    MIN_BACKOFF.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(MAX_BACKOFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_inspect_is_retried_with_backoff() {
        let secs: Vec<_> = (1..7).chain([1_000, u32::MAX]).map(|failures| backoff(failures).as_secs()).collect();
        assert_eq!(secs, [1, 2, 4, 8, 8, 8, 8, 8]);
    }
}
