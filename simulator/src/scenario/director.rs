//! Triggers actions in a lively scenario every few seconds, determined by the seed.
//!
//! In: the engine, at the times the director requested. Out: actions. It reverts each one: a
//! stopped container is started again, a paused one is unpaused, an unhealthy one recovers.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use crate::clock::Moment;
use crate::engine::spec::{ContainerSpec, RestartPolicy};
use crate::engine::{Engine, script};

/// An action.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Chore {
    /// Chooses the next change.
    Surprise,
    Stop(String),
    Start(String),
    Restart(String),
    Pause(String),
    Unpause(String),
    Sicken(String),
    Heal(String),
    Crash(String),
    RunJob(u32),
}

/// Triggers actions.
#[derive(Debug)]
pub struct Director {
    names: Vec<String>,
    dice: fastrand::Rng,
    chores: BinaryHeap<Reverse<(Moment, Chore)>>,
    jobs: u32,
}

impl Director {
    /// Without actions.
    pub(super) fn absent() -> Self {
        Self { names: Vec::new(), dice: fastrand::Rng::with_seed(0), chores: BinaryHeap::new(), jobs: 0 }
    }

    /// A director for these containers.
    pub(super) fn hire(names: Vec<String>, seed: u64, now: Moment) -> Self {
        let mut director = Self { names, dice: fastrand::Rng::with_seed(seed), ..Self::absent() };
        director.plan(now, 2.0..4.0, Chore::Surprise);
        director
    }

    /// Time of the next action.
    #[must_use]
    pub(crate) fn next_due(&self) -> Option<Moment> {
        self.chores.peek().map(|Reverse((at, _))| *at)
    }

    /// Runs the actions due by `now`.
    pub(crate) fn advance(&mut self, engine: &mut Engine, now: Moment) {
        while self.next_due().is_some_and(|at| at <= now) {
            let Some(Reverse((at, chore))) = self.chores.pop() else { return };
            self.perform(engine, chore, at);
        }
    }

    fn perform(&mut self, engine: &mut Engine, chore: Chore, now: Moment) {
        const STOP_TIMEOUT: Duration = Duration::from_secs(10);
        // The container may have been changed or removed by a client: then there is nothing to do.
        let _ = match chore {
            Chore::Surprise => {
                self.surprise(now);
                Ok(())
            }
            Chore::Stop(name) => engine.stop(&name, None, STOP_TIMEOUT, now),
            Chore::Start(name) => engine.start(&name, now),
            Chore::Restart(name) => engine.restart(&name, None, STOP_TIMEOUT, now),
            Chore::Pause(name) => engine.pause(&name, now),
            Chore::Unpause(name) => engine.unpause(&name, now),
            Chore::Sicken(name) => engine.set_health(&name, false, now),
            Chore::Heal(name) => engine.set_health(&name, true, now),
            Chore::Crash(name) => engine.crash(&name, 139, false, now),
            Chore::RunJob(number) => run_job(engine, number, now),
        };
    }

    /// Chooses an action, schedules its reversal, and schedules the next change.
    fn surprise(&mut self, now: Moment) {
        let name = self.dice.choice(&self.names).cloned().unwrap_or_default();
        let at_once = 0.0..0.001;
        match self.dice.u32(0..100) {
            0..25 => {
                self.plan(now, at_once, Chore::Stop(name.clone()));
                self.plan(now, 4.0..12.0, Chore::Start(name));
            }
            25..40 => self.plan(now, at_once, Chore::Restart(name)),
            40..58 => {
                self.plan(now, at_once, Chore::Pause(name.clone()));
                self.plan(now, 5.0..15.0, Chore::Unpause(name));
            }
            58..72 => {
                self.plan(now, at_once, Chore::Sicken(name.clone()));
                self.plan(now, 10.0..25.0, Chore::Heal(name));
            }
            72..84 => self.plan(now, at_once, Chore::Crash(name)),
            _ => {
                self.jobs += 1;
                self.plan(now, at_once, Chore::RunJob(self.jobs));
            }
        }
        // A thousand containers change more often than twenty, but not fifty times as often.
        let pace = if self.names.len() > 200 { 0.3 } else { 1.0 };
        self.plan(now, 2.0 * pace..5.0 * pace, Chore::Surprise);
    }

    fn plan(&mut self, now: Moment, within_secs: std::ops::Range<f64>, chore: Chore) {
        let seconds = within_secs.start + (within_secs.end - within_secs.start) * self.dice.f64();
        self.chores.push(Reverse((now.plus(Duration::from_secs_f64(seconds)), chore)));
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
