//! Reads counters from the engine, with one stats call per container.
//!
//! In: containers. Out: their [`Counters`]. Owned by the [`super::sweep::Sweeper`].
//!
//! A call that hangs does not delay other containers: it releases its slot after [`SLOT_TIMEOUT`],
//! and the round does not wait for it once a quarter of the others have completed. From then on,
//! the container is read outside the rounds, with a backoff, until it is as fast as the others.

use crate::{
    engine::{Counters, EngineError, SamplingLink},
    now,
};
use app::model::{Container, ContainerId, Timestamp};
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};
use tokio::{
    task::{JoinError, JoinSet},
    time::{Instant, sleep_until},
};

/// Time after which a call releases its slot. Current engines take 5 to 50 ms.
const SLOT_TIMEOUT: Duration = Duration::from_millis(300);
/// Multiple of the median duration above which a call is late, if it also took longer than
/// [`SLOT_TIMEOUT`].
const LATE_FACTOR: u32 = 3;
/// Maximum number of concurrent calls of a round, including late ones; as many again for late calls
/// of earlier rounds. Each call uses one connection.
const MAX_IN_FLIGHT: usize = 128;
/// Delay after the first timeout; doubles with each timeout.
const MIN_BACKOFF: Duration = Duration::from_secs(2);
/// Maximum delay until a recovered container is noticed.
const MAX_BACKOFF: Duration = Duration::from_secs(16);

/// Result of a call, with its time on the wall clock and the monotonic clock.
pub(super) type CallResult = (Arc<Container>, Result<Counters, EngineError>, (Timestamp, Instant));

/// A call that completed or timed out.
struct CompletedCall {
    result: CallResult,
    requested_at: Instant,
}

/// A call in flight.
#[derive(Debug)]
struct Call {
    requested_at: Instant,
    /// True if the call holds a slot of its round.
    in_slot: bool,
    /// True if its round waits for the call.
    waited_for: bool,
    task: tokio::task::Id,
}

/// A container that is read outside the rounds.
#[derive(Debug)]
struct Late {
    failures: u32,
    retry_at: Instant,
}

/// The calls of all rounds, which are cancelled when this is dropped.
#[derive(Debug, Default)]
pub(super) struct OneShots {
    in_flight: JoinSet<CompletedCall>,
    calls: HashMap<ContainerId, Call>,
    late: HashMap<ContainerId, Late>,
    /// Median duration of the calls in the latest round.
    median: Duration,
    /// Time of the engine's latest response for any container.
    responded_at: Option<Instant>,
}

impl OneShots {
    /// Reads all containers, with the engine's concurrency. Returns the results, and the duration
    /// of the calls that the round waited for.
    pub(super) async fn read_all(
        &mut self,
        link: &SamplingLink,
        containers: &[Arc<Container>],
    ) -> (Vec<CallResult>, Duration) {
        let began = Instant::now();
        let present: HashMap<_, _> = containers.iter().map(|container| (container.id, container)).collect();
        self.late.retain(|id, _| present.contains_key(id));
        let (mut took, mut results, mut last_at) = (Vec::new(), Vec::new(), began);
        // Results from between the rounds first, so that those containers can be read again.
        while let Some(completed) = self.in_flight.try_join_next() {
            results.extend(self.complete(completed).map(|(result, _)| result));
        }
        let mut waiting: VecDeque<_> = VecDeque::new();
        for container in containers {
            if self.calls.contains_key(&container.id) {
                continue;
            }
            match self.late.get(&container.id) {
                None => waiting.push_back(Arc::clone(container)),
                Some(late) if late.retry_at <= began && self.count(|call| !call.waited_for) < MAX_IN_FLIGHT => {
                    self.start(link, Arc::clone(container), false);
                }
                Some(_) => {}
            }
        }
        let mut requested = waiting.len();
        loop {
            let release_at = self.start_waiting(link, &mut waiting);
            let round_end = if waiting.is_empty() { self.round_end(requested, &took) } else { None };
            if round_end.is_some_and(|round_end| round_end <= Instant::now()) {
                break;
            }
            let wake_at = release_at.into_iter().chain(round_end).min();
            tokio::select! {
                biased;
                Some(completed) = self.in_flight.join_next() => {
                    let Some((result, waited_for)) = self.complete(completed) else { continue };
                    if result.1.is_err() {
                        requested = requested.saturating_sub(1);
                    }
                    if let Some(duration) = waited_for {
                        took.push(duration);
                        last_at = last_at.max(result.2.1);
                    }
                    results.push(result);
                }
                () = sleep_until(wake_at.unwrap_or(began)), if wake_at.is_some() => {}
                else => break,
            }
        }
        self.give_up_waiting(&mut took);
        // Drop results of runs that have ended.
        results.retain(|(container, ..)| {
            present.get(&container.id).is_some_and(|now| now.started_at == container.started_at)
        });
        (results, last_at.duration_since(began))
    }

    /// Handles a completed call. Returns its result, and its duration if the round waits for it;
    /// `None` if the call panicked.
    fn complete(&mut self, completed: Result<CompletedCall, JoinError>) -> Option<(CallResult, Option<Duration>)> {
        let CompletedCall { result, requested_at } = match completed {
            Ok(completed) => completed,
            Err(panicked) => {
                self.calls.retain(|_, call| call.task != panicked.id());
                return None;
            }
        };
        let call = self.calls.remove(&result.0.id);
        let duration = result.2.1.duration_since(requested_at);
        // A refusal comes sooner than numbers and a timeout later: neither measures the engine's
        // speed.
        let has_result = result.1.is_ok();
        let is_waited_for = has_result && call.is_some_and(|call| call.waited_for);
        self.update_late(&result, duration);
        Some((result, is_waited_for.then_some(duration)))
    }

    /// Starts as many waiting calls as there are slots. Returns the time at which the next slot is
    /// released.
    fn start_waiting(&mut self, link: &SamplingLink, waiting: &mut VecDeque<Arc<Container>>) -> Option<Instant> {
        let now = Instant::now();
        for call in self.calls.values_mut() {
            call.in_slot &= now < call.requested_at + SLOT_TIMEOUT;
        }
        let mut in_slots = self.count(|call| call.in_slot);
        let mut waited_for = self.count(|call| call.waited_for);
        while in_slots < link.concurrency
            && waited_for < MAX_IN_FLIGHT.max(link.concurrency)
            && let Some(container) = waiting.pop_front()
        {
            self.start(link, container, true);
            (in_slots, waited_for) = (in_slots + 1, waited_for + 1);
        }
        let next =
            || self.calls.values().filter(|call| call.in_slot).map(|call| call.requested_at + SLOT_TIMEOUT).min();
        (!waiting.is_empty()).then(next).flatten()
    }

    fn count(&self, which: impl Fn(&Call) -> bool) -> usize {
        self.calls.values().filter(|call| which(call)).count()
    }

    fn start(&mut self, link: &SamplingLink, container: Arc<Container>, waited_for: bool) {
        let requested_at = Instant::now();
        let (id, client) = (container.id, link.client.clone());
        let task = self.in_flight.spawn(async move {
            let counters = client.counters(container.id).await;
            CompletedCall { result: (container, counters, (now(), Instant::now())), requested_at }
        });
        self.calls.insert(id, Call { requested_at, in_slot: waited_for, waited_for, task: task.id() });
    }

    /// End of the round: now if there is no call to wait for, or when the last call is late,
    /// provided a quarter has completed. `None` before that, because the engine itself may be slow.
    fn round_end(&self, requested: usize, took: &[Duration]) -> Option<Instant> {
        let waited_for = || self.calls.values().filter(|call| call.waited_for);
        let Some(last_requested) = waited_for().map(|call| call.requested_at).max() else {
            return Some(Instant::now());
        };
        (took.len() * 4 >= requested).then(|| last_requested + late_after(median(took)))
    }

    /// Ends the round and marks the remaining calls as late.
    fn give_up_waiting(&mut self, took: &mut [Duration]) {
        if !took.is_empty() {
            self.median = median(took);
        }
        for (id, call) in self.calls.iter_mut().filter(|(_, call)| call.waited_for) {
            (call.waited_for, call.in_slot) = (false, false);
            self.late.entry(*id).or_insert(Late { failures: 0, retry_at: call.requested_at });
        }
    }

    /// Decides whether a container is read outside the rounds from now on.
    fn update_late(&mut self, (container, counters, (_, came_at)): &CallResult, took: Duration) {
        let is_late = took > late_after(self.median);
        if let Err(EngineError::Timeout(_)) = counters {
            let late = self.late.entry(container.id).or_insert(Late { failures: 0, retry_at: *came_at });
            // If the engine responded for no container meanwhile, it was frozen or lost.
            let engine_responds = self.responded_at.is_some_and(|at| at + took > *came_at);
            late.failures = if engine_responds { late.failures.saturating_add(1) } else { 0 };
            late.retry_at = if engine_responds { *came_at + backoff(late.failures) } else { *came_at };
            return;
        }
        self.responded_at = self.responded_at.max(Some(*came_at));
        if !is_late {
            self.late.remove(&container.id);
        } else if let Some(late) = self.late.get_mut(&container.id) {
            *late = Late { failures: 0, retry_at: *came_at };
        }
    }
}

fn late_after(median: Duration) -> Duration {
    SLOT_TIMEOUT.max(median * LATE_FACTOR)
}

fn median(took: &[Duration]) -> Duration {
    let mut took = took.to_vec();
    took.sort_unstable();
    took.get(took.len() / 2).copied().unwrap_or_default()
}

fn backoff(failures: u32) -> Duration {
    MIN_BACKOFF.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(MAX_BACKOFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_late_limit_follows_the_median_duration() {
        let millis = |millis: &[u64]| millis.iter().map(|millis| Duration::from_millis(*millis)).collect::<Vec<_>>();
        assert_eq!(late_after(median(&millis(&[5, 9, 7]))), SLOT_TIMEOUT);
        assert_eq!(late_after(median(&millis(&[1_200, 1_000, 5]))), Duration::from_secs(3)); // three times a second
        assert_eq!(late_after(median(&[])), SLOT_TIMEOUT);
    }

    #[test]
    fn a_container_without_a_response_is_sampled_with_backoff() {
        let secs: Vec<_> = (1..6).chain([u32::MAX]).map(|failures| backoff(failures).as_secs()).collect();
        assert_eq!(secs, [2, 4, 8, 16, 16, 16]);
    }
}
