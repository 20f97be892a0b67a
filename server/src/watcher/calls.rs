//! The calls of a session: those under way, those that wait, and how each container's inspect has been doing.
//!
//! A container whose inspect hangs, fails or is refused costs itself only: after [`PATIENCE`] it gives its slot back, and from then on
//! its inspects have a lane and a back-off of their own until one succeeds. Next: [`super::session`].

use super::unannounced::Unannounced;
use crate::engine::{ContainerList, EngineClient, EngineError, EngineFacts, convert::Inspected};
use app::model::{ContainerId, EngineProblem, Timestamp};
use futures::{FutureExt as _, future::BoxFuture, stream::FuturesUnordered};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    time::Duration,
};
use tokio::time::Instant;

/// Inspects under way at once that have not been slow so far.
const INSPECTS: usize = 8;
/// An inspect that has taken this long gives its slot back. It takes 1 to 5 ms.
pub(super) const PATIENCE: Duration = Duration::from_millis(20);
/// Inspects under way at once, slow ones included, and again as many of containers in trouble: each is a connection to the engine.
const MAX_UNDER_WAY: usize = 64;
/// After a failed inspect; doubles from failure to failure.
const MIN_BACK_OFF: Duration = Duration::from_secs(1);
/// As often as a container of fifty has its turn.
const MAX_BACK_OFF: Duration = Duration::from_secs(8);

/// As a rule the event of a removal follows the first inspect that finds nothing, and makes a list unnecessary.
const REMOVAL_LAG: Duration = Duration::from_millis(200);

/// A list takes 5 s at most.
const REMOVED_KEPT: Duration = Duration::from_secs(30);

/// What a call came to.
pub(super) enum Done {
    Inspected { id: ContainerId, asked_at: Instant, answer: Box<Result<Inspected, EngineError>> },
    ListRow { asked_at: Instant, answer: Result<ContainerList, EngineError> },
    Pinged(Result<(), EngineError>),
    Described(Result<EngineFacts, EngineError>),
}

/// Why a container is to be inspected.
pub(super) enum Cause {
    /// An event; when it happened, if nothing has told of it yet.
    Event(Option<Timestamp>),
    /// A comparison: what differs now has been missed.
    Comparison,
}

/// An inspect under way.
struct Flight {
    asked_at: Instant,
    /// The container was made dirty again meanwhile.
    again: bool,
    /// It has no slot (any more).
    late: bool,
}

/// A container whose newest inspect failed.
struct Trouble {
    failures: u32,
    retry_at: Instant,
    /// Once it is known that the engine answers otherwise.
    problem: Option<EngineProblem>,
}

/// The calls under way and those that wait.
pub(super) struct Calls {
    pub(super) client: EngineClient,
    pub(super) under_way: FuturesUnordered<BoxFuture<'static, Done>>,
    inspecting: HashMap<ContainerId, Flight>,
    waiting: VecDeque<ContainerId>,
    queued: HashSet<ContainerId>,
    troubled: HashMap<ContainerId, Trouble>,
    /// Failures that stand until a ping says that the engine answers otherwise.
    suspected: HashMap<ContainerId, EngineProblem>,
    /// Containers that inspect did not find, until a list that was asked for later says whether they are there.
    not_found: HashMap<ContainerId, (Instant, EngineProblem)>,
    /// Containers that were removed a moment ago: a list or an inspect from before that does not bring them back.
    removed: HashMap<ContainerId, Instant>,
    /// Known containers that the newest list does not have.
    absent: HashSet<ContainerId>,
    listing: bool,
    list_again: bool,
    /// When those that were not found are looked for in the list.
    list_at: Option<Instant>,
    pinging: bool,
    describing: bool,
    /// What events made dirty, and when the earliest happened that nothing has told of yet.
    by_event: HashMap<ContainerId, Option<Timestamp>>,
    pub(super) unannounced: Unannounced,
}

impl Calls {
    pub(super) fn new(client: EngineClient) -> Self {
        Self {
            client,
            under_way: FuturesUnordered::new(),
            inspecting: HashMap::new(),
            waiting: VecDeque::new(),
            queued: HashSet::new(),
            troubled: HashMap::new(),
            suspected: HashMap::new(),
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

    /// Has a container inspected, soon; one in trouble when its back-off is over, or an event gives a reason to hope.
    pub(super) fn mark(&mut self, id: ContainerId, cause: &Cause) {
        if self.was_removed(id) {
            return;
        }
        if let Cause::Event(at) = cause {
            let earliest = self.by_event.entry(id).or_default();
            *earliest = earliest.or(*at);
        }
        if let Some(flight) = self.inspecting.get_mut(&id) {
            flight.again = true;
        } else if let Some(trouble) = self.troubled.get_mut(&id) {
            if matches!(cause, Cause::Event(_)) {
                trouble.retry_at = Instant::now();
            }
        } else if self.queued.insert(id) {
            self.waiting.push_back(id);
        }
    }

    /// As [`Self::mark`], in the lane of those in trouble.
    pub(super) fn mark_troubled(&mut self, id: ContainerId, problem: EngineProblem) {
        let trouble = Trouble { failures: 1, retry_at: Instant::now(), problem: Some(problem) };
        self.troubled.insert(id, trouble);
    }

    /// It is gone: an answer under way is of no interest.
    pub(super) fn forget(&mut self, id: ContainerId) {
        let now = Instant::now();
        self.removed.retain(|_, at| now.duration_since(*at) < REMOVED_KEPT);
        self.removed.insert(id, now);
        self.inspecting.remove(&id);
        self.troubled.remove(&id);
        self.suspected.remove(&id);
        self.not_found.remove(&id);
        self.by_event.remove(&id);
        if self.queued.remove(&id) {
            self.waiting.retain(|waiting| *waiting != id);
        }
    }

    /// Whether it was removed a moment ago; ids do not come back.
    pub(super) fn was_removed(&self, id: ContainerId) -> bool {
        self.removed.get(&id).is_some_and(|at| at.elapsed() < REMOVED_KEPT)
    }

    /// Starts as many waiting inspects as may run; which of those under way have just become slow.
    pub(super) fn pump(&mut self) -> Vec<ContainerId> {
        let now = Instant::now();
        if self.list_at.take_if(|at| *at <= now).is_some() {
            self.list_from_now();
        }
        let mut slow = Vec::new();
        for (id, flight) in &mut self.inspecting {
            if !flight.late && now >= flight.asked_at + PATIENCE {
                flight.late = true;
                slow.push(*id);
            }
        }
        let troubled = self.inspecting.keys().filter(|id| self.troubled.contains_key(id)).count();
        let mut healthy = self.inspecting.len() - troubled;
        let mut fresh = self.inspecting.values().filter(|flight| !flight.late).count();
        while fresh < INSPECTS
            && healthy < MAX_UNDER_WAY
            && let Some(id) = self.waiting.pop_front()
        {
            self.queued.remove(&id);
            self.inspect(id, now, false);
            (fresh, healthy) = (fresh + 1, healthy + 1);
        }
        let mut due: Vec<_> = self.troubled.iter().filter(|(_, trouble)| trouble.retry_at <= now).collect();
        due.sort_by_key(|(_, trouble)| trouble.retry_at);
        let due = due.into_iter().map(|(id, _)| *id).filter(|id| !self.inspecting.contains_key(id));
        for id in due.take(MAX_UNDER_WAY.saturating_sub(troubled)).collect::<Vec<_>>() {
            self.inspect(id, now, true);
        }
        slow
    }

    /// When [`Self::pump`] has something to do, if nothing comes before.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        let slow = self.inspecting.values().filter(|flight| !flight.late).map(|flight| flight.asked_at + PATIENCE);
        // While none of them may start, the end of one wakes.
        let may_start = self.inspecting.keys().filter(|id| self.troubled.contains_key(id)).count() < MAX_UNDER_WAY;
        let retried = self.troubled.iter().filter(|(id, _)| may_start && !self.inspecting.contains_key(id));
        slow.chain(retried.map(|(_, trouble)| trouble.retry_at)).chain(self.list_at).min()
    }

    /// Whether every inspect that was wanted has been answered, or has been under way for so long.
    pub(super) fn only_waits_for(&self, older_than: Duration) -> bool {
        self.waiting.is_empty() && self.inspecting.values().all(|flight| flight.asked_at.elapsed() >= older_than)
    }

    /// Whether its inspect is slow or failed, so that the list has to stand in.
    pub(super) fn is_stuck(&self, id: ContainerId) -> bool {
        self.troubled.contains_key(&id) || self.inspecting.get(&id).is_some_and(|flight| flight.late)
    }

    /// What is wrong with its inspect, as far as that is certain.
    pub(super) fn problem(&self, id: ContainerId) -> Option<EngineProblem> {
        self.troubled.get(&id)?.problem.clone()
    }

    fn inspect(&mut self, id: ContainerId, asked_at: Instant, late: bool) {
        self.inspecting.insert(id, Flight { asked_at, again: false, late });
        let client = self.client.clone();
        let inspect = async move { Done::Inspected { id, asked_at, answer: Box::new(client.inspect(id).await) } };
        self.under_way.push(inspect.boxed());
    }

    /// An inspect came to its end; whether it was made dirty meanwhile. `None` if it is not of interest any more.
    pub(super) fn landed(&mut self, id: ContainerId) -> Option<bool> {
        self.inspecting.remove(&id).map(|flight| flight.again)
    }

    /// The earliest event that made it dirty: `None` if none did, `Some(None)` if that has been told.
    pub(super) fn take_event(&mut self, id: ContainerId) -> Option<Option<Timestamp>> {
        self.by_event.remove(&id)
    }

    /// The same, leaving the container dirty.
    pub(super) fn take_event_at(&mut self, id: ContainerId) -> Option<Timestamp> {
        self.by_event.get_mut(&id)?.take()
    }

    /// Its inspect succeeded.
    pub(super) fn recovered(&mut self, id: ContainerId) {
        self.troubled.remove(&id);
        self.suspected.remove(&id);
        self.not_found.remove(&id);
    }

    /// Its inspect failed. Whether that is about the container is asked: of the list if it was not found, by a ping otherwise.
    pub(super) fn failed(&mut self, id: ContainerId, error: &EngineError) {
        let now = Instant::now();
        let trouble = self.troubled.entry(id).or_insert(Trouble { failures: 0, retry_at: now, problem: None });
        trouble.failures = trouble.failures.saturating_add(1);
        trouble.retry_at = now + back_off(trouble.failures);
        let problem = error.inspect_problem();
        if error.status() == Some(404) {
            self.not_found.insert(id, (now, problem));
            self.list_at.get_or_insert(now + REMOVAL_LAG);
        } else {
            self.suspected.insert(id, problem);
            self.ping();
        }
    }

    /// The engine answers: what was suspected is so.
    pub(super) fn pinged(&mut self) -> Vec<(ContainerId, EngineProblem)> {
        self.pinging = false;
        let confirmed: Vec<_> = self.suspected.drain().collect();
        confirmed.into_iter().filter_map(|(id, problem)| self.confirm(id, problem)).collect()
    }

    /// A list came that was asked for at `asked_at`: which containers that inspect did not find are there all the same, and which are gone.
    pub(super) fn listed(
        &mut self,
        asked_at: Instant,
        is_there: impl Fn(ContainerId) -> bool,
    ) -> (Vec<(ContainerId, EngineProblem)>, Vec<ContainerId>) {
        self.listing = false;
        let spoken_of: Vec<_> = self.not_found.extract_if(|_, (since, _)| *since <= asked_at).collect();
        if std::mem::take(&mut self.list_again) {
            self.list();
        }
        let (mut there, mut gone) = (Vec::new(), Vec::new());
        for (id, (_, problem)) in spoken_of {
            if is_there(id) {
                there.extend(self.confirm(id, problem));
            } else {
                gone.push(id);
            }
        }
        (there, gone)
    }

    /// Remembers which known containers the newest list does not have.
    pub(super) fn miss(&mut self, absent: HashSet<ContainerId>) {
        self.absent = absent;
    }

    /// Whether inspect and the newest list agree that it is gone: ids never come back.
    pub(super) fn is_no_such_container(&self, id: ContainerId, error: &EngineError) -> bool {
        error.status() == Some(404) && self.absent.contains(&id)
    }

    /// `None` when it has recovered meanwhile.
    fn confirm(&mut self, id: ContainerId, problem: EngineProblem) -> Option<(ContainerId, EngineProblem)> {
        self.troubled.get_mut(&id)?.problem = Some(problem.clone());
        Some((id, problem))
    }

    pub(super) fn list(&mut self) {
        if !std::mem::replace(&mut self.listing, true) {
            let (client, asked_at) = (self.client.clone(), Instant::now());
            self.under_way.push(async move { Done::ListRow { asked_at, answer: client.list().await } }.boxed());
        }
    }

    /// A list that was asked for no earlier than now.
    pub(super) fn list_from_now(&mut self) {
        self.list_again |= self.listing;
        self.list();
    }

    pub(super) fn ping(&mut self) {
        if !std::mem::replace(&mut self.pinging, true) {
            let client = self.client.clone();
            self.under_way.push(async move { Done::Pinged(client.ping().await) }.boxed());
        }
    }

    /// Asks the engine who it is, again.
    pub(super) fn describe(&mut self) {
        if !std::mem::replace(&mut self.describing, true) {
            let client = self.client.clone();
            self.under_way.push(async move { Done::Described(client.facts().await) }.boxed());
        }
    }

    pub(super) fn described(&mut self) {
        self.describing = false;
    }
}

fn back_off(failures: u32) -> Duration {
    MIN_BACK_OFF.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(MAX_BACK_OFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_inspect_is_tried_less_and_less_often_and_never_given_up() {
        let secs: Vec<_> = (1..7).chain([1_000, u32::MAX]).map(|failures| back_off(failures).as_secs()).collect();
        assert_eq!(secs, [1, 2, 4, 8, 8, 8, 8, 8]);
    }
}
