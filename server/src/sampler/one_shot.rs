//! Counters from the engine, one call per container.
//!
//! A call that hangs costs its container only: it gives its slot back after [`PATIENCE`], the round does not wait for it once a
//! quarter of the others have been answered, and the container is asked in a lane of its own, with a back-off, until it is as quick as they are.

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

/// A call that has taken this long gives its slot back. Engines that answer at once take 5 to 50 ms.
const PATIENCE: Duration = Duration::from_millis(300);
/// A call is late that takes this many times as long as half of the others.
const LATE_FACTOR: u32 = 3;
/// Calls under way at once, the late ones of this round included, and again as many of those late before: each is a connection.
const MAX_UNDER_WAY: usize = 128;
/// After a call that was not answered; doubles from one to the next.
const MIN_BACK_OFF: Duration = Duration::from_secs(2);
/// A container whose numbers come back is noticed after this at the latest.
const MAX_BACK_OFF: Duration = Duration::from_secs(16);

/// What the engine said of a container, and when, by the clock and steadily.
pub(super) type Answer = (Arc<Container>, Result<Counters, EngineError>, (Timestamp, Instant));

/// A call that was answered, or given up.
struct Landed {
    answer: Answer,
    asked_at: Instant,
}

/// A call under way.
#[derive(Debug)]
struct Call {
    asked_at: Instant,
    /// It holds one of the slots of its round.
    in_slot: bool,
    /// Its round waits for it.
    waited_for: bool,
    task: tokio::task::Id,
}

/// A container that is asked beside the rounds.
#[derive(Debug)]
struct Late {
    failures: u32,
    retry_at: Instant,
}

/// The calls of all rounds; dropping it ends them.
#[derive(Debug, Default)]
pub(super) struct OneShots {
    under_way: JoinSet<Landed>,
    calls: HashMap<ContainerId, Call>,
    late: HashMap<ContainerId, Late>,
    /// How long half of the calls of the newest round took at most.
    median: Duration,
    /// When the engine last answered for any container.
    answered_at: Option<Instant>,
}

impl OneShots {
    /// Asks for all of them, as many at once as suits the engine. Returns the answers that came, and how long it took to get those that
    /// were waited for.
    pub(super) async fn ask(&mut self, link: &SamplingLink, containers: &[Arc<Container>]) -> (Vec<Answer>, Duration) {
        let began = Instant::now();
        let present: HashMap<_, _> = containers.iter().map(|container| (container.id, container)).collect();
        self.late.retain(|id, _| present.contains_key(id));
        let (mut took, mut answers, mut last_at) = (Vec::new(), Vec::new(), began);
        // What came between the rounds, so that those containers are asked again even if no other is.
        while let Some(landed) = self.under_way.try_join_next() {
            answers.extend(self.land(landed).map(|(answer, _)| answer));
        }
        let mut waiting: VecDeque<_> = VecDeque::new();
        for container in containers {
            if self.calls.contains_key(&container.id) {
                continue;
            }
            match self.late.get(&container.id) {
                None => waiting.push_back(Arc::clone(container)),
                Some(late) if late.retry_at <= began && self.count(|call| !call.waited_for) < MAX_UNDER_WAY => {
                    self.start(link, Arc::clone(container), false);
                }
                Some(_) => {}
            }
        }
        let mut asked = waiting.len();
        loop {
            let release_at = self.start_waiting(link, &mut waiting);
            let over_at = if waiting.is_empty() { self.over_at(asked, &took) } else { None };
            if over_at.is_some_and(|over_at| over_at <= Instant::now()) {
                break;
            }
            let look_at = release_at.into_iter().chain(over_at).min();
            tokio::select! {
                biased;
                Some(landed) = self.under_way.join_next() => {
                    let Some((answer, waited_for)) = self.land(landed) else { continue };
                    if answer.1.is_err() {
                        asked = asked.saturating_sub(1);
                    }
                    if let Some(duration) = waited_for {
                        took.push(duration);
                        last_at = last_at.max(answer.2.1);
                    }
                    answers.push(answer);
                }
                () = sleep_until(look_at.unwrap_or(began)), if look_at.is_some() => {}
                else => break,
            }
        }
        self.give_up_waiting(&mut took);
        // What has ended, or begun anew, is told by nobody.
        answers.retain(|(container, ..)| {
            present.get(&container.id).is_some_and(|now| now.started_at == container.started_at)
        });
        (answers, last_at.duration_since(began))
    }

    /// Takes a call that has ended: its answer, and how long it took if the round waits for it. `None` for one that panicked.
    fn land(&mut self, landed: Result<Landed, JoinError>) -> Option<(Answer, Option<Duration>)> {
        let Landed { answer, asked_at } = match landed {
            Ok(landed) => landed,
            Err(panicked) => {
                self.calls.retain(|_, call| call.task != panicked.id());
                return None;
            }
        };
        let call = self.calls.remove(&answer.0.id);
        let duration = answer.2.1.duration_since(asked_at);
        // A refusal comes sooner than numbers, and a timeout later: neither says how long numbers take.
        let is_answered = answer.1.is_ok();
        let is_waited_for = is_answered && call.is_some_and(|call| call.waited_for);
        self.judge(&answer, duration);
        Some((answer, is_waited_for.then_some(duration)))
    }

    /// Starts as many as may run; when the next slot is given back.
    fn start_waiting(&mut self, link: &SamplingLink, waiting: &mut VecDeque<Arc<Container>>) -> Option<Instant> {
        let now = Instant::now();
        for call in self.calls.values_mut() {
            call.in_slot &= now < call.asked_at + PATIENCE;
        }
        let mut in_slots = self.count(|call| call.in_slot);
        let mut waited_for = self.count(|call| call.waited_for);
        while in_slots < link.concurrency
            && waited_for < MAX_UNDER_WAY.max(link.concurrency)
            && let Some(container) = waiting.pop_front()
        {
            self.start(link, container, true);
            (in_slots, waited_for) = (in_slots + 1, waited_for + 1);
        }
        let next = || self.calls.values().filter(|call| call.in_slot).map(|call| call.asked_at + PATIENCE).min();
        (!waiting.is_empty()).then(next).flatten()
    }

    fn count(&self, which: impl Fn(&Call) -> bool) -> usize {
        self.calls.values().filter(|call| which(call)).count()
    }

    fn start(&mut self, link: &SamplingLink, container: Arc<Container>, waited_for: bool) {
        let asked_at = Instant::now();
        let (id, client) = (container.id, link.client.clone());
        let task = self.under_way.spawn(async move {
            let counters = client.counters(container.id).await;
            Landed { answer: (container, counters, (now(), Instant::now())), asked_at }
        });
        self.calls.insert(id, Call { asked_at, in_slot: waited_for, waited_for, task: task.id() });
    }

    /// When the round is over, as things are: at once without a call to wait for, and when the last of them is late if a quarter of the
    /// others was answered. `None` before that: it may be the engine that is slow, and not the containers.
    fn over_at(&self, asked: usize, took: &[Duration]) -> Option<Instant> {
        let waited_for = || self.calls.values().filter(|call| call.waited_for);
        let Some(last_asked) = waited_for().map(|call| call.asked_at).max() else { return Some(Instant::now()) };
        (took.len() * 4 >= asked).then(|| last_asked + late_after(median(took)))
    }

    /// The round is over: whoever has not answered is late.
    fn give_up_waiting(&mut self, took: &mut [Duration]) {
        if !took.is_empty() {
            self.median = median(took);
        }
        for (id, call) in self.calls.iter_mut().filter(|(_, call)| call.waited_for) {
            (call.waited_for, call.in_slot) = (false, false);
            self.late.entry(*id).or_insert(Late { failures: 0, retry_at: call.asked_at });
        }
    }

    /// Whether it belongs beside the rounds from now on.
    fn judge(&mut self, (container, counters, (_, came_at)): &Answer, took: Duration) {
        let is_late = took > late_after(self.median);
        if let Err(EngineError::NotAnswering(_)) = counters {
            let late = self.late.entry(container.id).or_insert(Late { failures: 0, retry_at: *came_at });
            // An engine that answered for none meanwhile was frozen or lost: that is no fault of this container.
            let engine_answers = self.answered_at.is_some_and(|at| at + took > *came_at);
            late.failures = if engine_answers { late.failures.saturating_add(1) } else { 0 };
            late.retry_at = if engine_answers { *came_at + back_off(late.failures) } else { *came_at };
            return;
        }
        self.answered_at = self.answered_at.max(Some(*came_at));
        if !is_late {
            self.late.remove(&container.id);
        } else if let Some(late) = self.late.get_mut(&container.id) {
            *late = Late { failures: 0, retry_at: *came_at };
        }
    }
}

fn late_after(median: Duration) -> Duration {
    PATIENCE.max(median * LATE_FACTOR)
}

fn median(took: &[Duration]) -> Duration {
    let mut took = took.to_vec();
    took.sort_unstable();
    took.get(took.len() / 2).copied().unwrap_or_default()
}

fn back_off(failures: u32) -> Duration {
    MIN_BACK_OFF.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(MAX_BACK_OFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_late_by_what_the_others_take() {
        let millis = |millis: &[u64]| millis.iter().map(|millis| Duration::from_millis(*millis)).collect::<Vec<_>>();
        assert_eq!(late_after(median(&millis(&[5, 9, 7]))), PATIENCE);
        assert_eq!(late_after(median(&millis(&[1_200, 1_000, 5]))), Duration::from_secs(3)); // three times a second
        assert_eq!(late_after(median(&[])), PATIENCE);
    }

    #[test]
    fn a_container_that_is_not_answered_for_is_asked_less_and_less_often() {
        let secs: Vec<_> = (1..6).chain([u32::MAX]).map(|failures| back_off(failures).as_secs()).collect();
        assert_eq!(secs, [2, 4, 8, 16, 16, 16]);
    }
}
