//! Containers with a past, for scenarios: they start in a state without the events that lead to it.

use std::cmp::Reverse;
use std::time::Duration;

use super::Engine;
use super::container::{Run, State};
use super::error::EngineError;
use super::health::{Health, HealthStatus};
use super::ident::ContainerId;
use super::spec::ContainerSpec;
use crate::clock::Moment;

/// The past of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past {
    /// Current state.
    pub state: State,
    /// Time since creation.
    pub age: Duration,
    /// Time since the last start; unused for `Created`.
    pub started_ago: Duration,
    /// Time since the end, unless the container has a process.
    pub ended_ago: Duration,
    /// Exit code of the last run.
    pub exit_code: i64,
    /// Number of restarts by the restart policy.
    pub restart_count: u32,
}

impl Past {
    /// The past of a container that has been running since shortly after it was created, `age` ago.
    #[must_use]
    pub fn running(age: Duration) -> Self {
        let started_ago = age.saturating_sub(Duration::from_secs(1));
        Self { state: State::Running, age, started_ago, ended_ago: Duration::ZERO, exit_code: 0, restart_count: 0 }
    }

    /// The past of a container that exited with `exit_code`, `ended_ago`.
    #[must_use]
    pub fn exited(age: Duration, ended_ago: Duration, exit_code: i64) -> Self {
        Self { state: State::Exited, ended_ago, exit_code, ..Self::running(age) }
    }
}

impl Engine {
    /// Creates a container with a past, without an event.
    ///
    /// # Errors
    /// Those of [`Engine::create`].
    pub fn seed(&mut self, spec: ContainerSpec, past: Past, now: Moment) -> Result<ContainerId, EngineError> {
        let id = self.create(spec, now.minus(past.age))?;
        self.outbox.pop();
        self.next_pid += 7;
        let pid = self.next_pid;
        self.edit(&id, |container| {
            container.state = past.state;
            (container.exit_code, container.restart_count) = (past.exit_code, past.restart_count);
            if past.state == State::Created {
                return;
            }
            let mut run = Run::new(1, now.minus(past.started_ago));
            run.paused_at = (past.state == State::Paused).then_some(now);
            if past.state.has_process() {
                container.pid = pid;
            } else {
                run.ended_at = Some(now.minus(past.ended_ago));
                container.finished_at = run.ended_at;
                container.oom_killed = past.exit_code == 137 && container.spec.memory_bytes > 0;
            }
            container.runs.push_back(run);
            if past.state == State::Running {
                container.plan_end(now);
            }
        });
        self.seed_health(&id, now);
        Ok(id)
    }

    /// Gives a container a health check with a result, and probes spread over the interval.
    fn seed_health(&mut self, id: &ContainerId, now: Moment) {
        let Some(container) = self.containers.get_mut(id) else { return };
        let Some(check) = container.spec.healthcheck.clone() else { return };
        let mut health = Health::starting();
        health.status = if check.passes { HealthStatus::Healthy } else { HealthStatus::Unhealthy };
        if !check.passes {
            health.failing_streak = check.retries;
        }
        container.health = Some(health);
        if container.state == State::Running && self.settings.probes_residents {
            let share = f64::from(container.pid % 97) / 97.0;
            let at = now.plus(check.interval.mul_f64(share));
            container.due.probe = Some(at);
            self.alarms.push(Reverse((at, id.clone())));
        }
    }

    /// Sets a state that no call leads to, such as `dead`, without an event.
    ///
    /// # Errors
    /// `NoSuchContainer`.
    pub fn force_state(&mut self, reference: &str, state: State) -> Result<(), EngineError> {
        let id = self.resolve(reference)?;
        self.edit(&id, |container| container.state = state);
        Ok(())
    }
}
