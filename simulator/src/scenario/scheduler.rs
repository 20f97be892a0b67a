//! Triggers actions in an active scenario every few seconds, determined by the seed.
//!
//! In: the engine, at the times the scheduler requested. Out: actions. It reverts each one: a
//! stopped container is started again, a paused one is unpaused, an unhealthy one recovers.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use crate::clock::Moment;
use crate::engine::spec::{ContainerSpec, RestartPolicy};
use crate::engine::{Engine, script};

/// An action.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum ScheduledAction {
    /// Chooses the next change.
    PickNext,
    Stop(String),
    Start(String),
    Restart(String),
    Pause(String),
    Unpause(String),
    MakeUnhealthy(String),
    MakeHealthy(String),
    Crash(String),
    RunJob(u32),
}

/// Schedules actions and runs them.
#[derive(Debug)]
pub struct ActionScheduler {
    names: Vec<String>,
    rng: fastrand::Rng,
    actions: BinaryHeap<Reverse<(Moment, ScheduledAction)>>,
    jobs: u32,
}

impl ActionScheduler {
    /// Creates a scheduler without actions.
    pub(super) fn idle() -> Self {
        Self { names: Vec::new(), rng: fastrand::Rng::with_seed(0), actions: BinaryHeap::new(), jobs: 0 }
    }

    /// Creates a scheduler for these containers.
    pub(super) fn new(names: Vec<String>, seed: u64, now: Moment) -> Self {
        let mut scheduler = Self { names, rng: fastrand::Rng::with_seed(seed), ..Self::idle() };
        scheduler.plan(now, 2.0..4.0, ScheduledAction::PickNext);
        scheduler
    }

    /// Time of the next action.
    #[must_use]
    pub(crate) fn next_due(&self) -> Option<Moment> {
        self.actions.peek().map(|Reverse((at, _))| *at)
    }

    /// Runs the actions due by `now`.
    pub(crate) fn advance(&mut self, engine: &mut Engine, now: Moment) {
        while self.next_due().is_some_and(|at| at <= now) {
            let Some(Reverse((at, action))) = self.actions.pop() else { return };
            self.perform(engine, action, at);
        }
    }

    fn perform(&mut self, engine: &mut Engine, action: ScheduledAction, now: Moment) {
        const STOP_TIMEOUT: Duration = Duration::from_secs(10);
        // The container may have been changed or removed by a client: then there is nothing to do.
        let _ = match action {
            ScheduledAction::PickNext => {
                self.pick_next(now);
                Ok(())
            }
            ScheduledAction::Stop(name) => engine.stop(&name, None, STOP_TIMEOUT, now),
            ScheduledAction::Start(name) => engine.start(&name, now),
            ScheduledAction::Restart(name) => engine.restart(&name, None, STOP_TIMEOUT, now),
            ScheduledAction::Pause(name) => engine.pause(&name, now),
            ScheduledAction::Unpause(name) => engine.unpause(&name, now),
            ScheduledAction::MakeUnhealthy(name) => engine.set_health(&name, false, now),
            ScheduledAction::MakeHealthy(name) => engine.set_health(&name, true, now),
            ScheduledAction::Crash(name) => engine.crash(&name, 139, false, now),
            ScheduledAction::RunJob(number) => run_job(engine, number, now),
        };
    }

    /// Chooses an action, schedules its reversal, and schedules the next change.
    fn pick_next(&mut self, now: Moment) {
        let name = self.rng.choice(&self.names).cloned().unwrap_or_default();
        let at_once = 0.0..0.001;
        match self.rng.u32(0..100) {
            0..25 => {
                self.plan(now, at_once, ScheduledAction::Stop(name.clone()));
                self.plan(now, 4.0..12.0, ScheduledAction::Start(name));
            }
            25..40 => self.plan(now, at_once, ScheduledAction::Restart(name)),
            40..58 => {
                self.plan(now, at_once, ScheduledAction::Pause(name.clone()));
                self.plan(now, 5.0..15.0, ScheduledAction::Unpause(name));
            }
            58..72 => {
                self.plan(now, at_once, ScheduledAction::MakeUnhealthy(name.clone()));
                self.plan(now, 10.0..25.0, ScheduledAction::MakeHealthy(name));
            }
            72..84 => self.plan(now, at_once, ScheduledAction::Crash(name)),
            _ => {
                self.jobs += 1;
                self.plan(now, at_once, ScheduledAction::RunJob(self.jobs));
            }
        }
        // A thousand containers change more often than twenty, but not fifty times as often.
        let pace = if self.names.len() > 200 { 0.3 } else { 1.0 };
        self.plan(now, 2.0 * pace..5.0 * pace, ScheduledAction::PickNext);
    }

    fn plan(&mut self, now: Moment, within_secs: std::ops::Range<f64>, action: ScheduledAction) {
        let seconds = within_secs.start + (within_secs.end - within_secs.start) * self.rng.f64();
        self.actions.push(Reverse((now.plus(Duration::from_secs_f64(seconds)), action)));
    }
}

/// A one-off container that runs for a few seconds and removes itself.
fn run_job(engine: &mut Engine, number: u32, now: Moment) -> Result<(), crate::engine::EngineError> {
    let (task, seconds) = [("migrate", 4), ("backup", 9), ("report", 6)][usize::try_from(number % 3).unwrap_or(0)];
    let name = format!("shop-{task}-run-{number}");
    let text = format!("echo {task} begins; sleep {seconds}; echo {task} done; exit 0");
    let command = ["sh", "-c", &text].map(str::to_owned).to_vec();
    let labels = [
        ("com.docker.compose.project", "shop"),
        ("com.docker.compose.service", task),
        ("com.docker.compose.oneoff", "True"),
    ];
    let spec = ContainerSpec {
        program: script::parse(&command),
        command,
        labels: labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
        auto_remove: true,
        restart: RestartPolicy::No,
        memory_bytes: 256 << 20,
        ..ContainerSpec::new(&name, "ghcr.io/quay-shop/api:2.14.1")
    };
    engine.create(spec, now)?;
    engine.start(&name, now)
}
