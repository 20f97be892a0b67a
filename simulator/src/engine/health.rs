//! Health checks: probes at their interval, the result, and their events.

use std::collections::VecDeque;
use std::time::Duration;

use super::Engine;
use super::container::{Container, State};
use super::error::EngineError;
use super::event::Event;
use super::ident::ContainerId;
use crate::clock::Moment;

/// Result of a health check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HealthStatus {
    /// Not enough probes yet.
    Starting,
    /// The last probe passed.
    Healthy,
    /// Too many probes in a row failed, or the container ended.
    Unhealthy,
}

impl HealthStatus {
    /// Name in the Engine API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
        }
    }
}

/// One probe of the health log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Time of the probe.
    pub at: Moment,
    /// Exit code; 0 if it passed.
    pub exit_code: i64,
    /// Output of the probe.
    pub output: String,
}

/// Number of probes in the health log.
const MAX_PROBES: usize = 5;

/// Health of one container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// Result of the health check.
    pub status: HealthStatus,
    /// Number of consecutive failures.
    pub failing_streak: u32,
    /// The latest probes, newest last.
    pub log: VecDeque<Probe>,
}

impl Health {
    pub(super) fn starting() -> Self {
        Self { status: HealthStatus::Starting, failing_streak: 0, log: VecDeque::new() }
    }

    /// Adds a probe; returns `true` if the result changed.
    fn take(&mut self, probe: Probe, retries: u32, counts: bool) -> bool {
        let before = self.status;
        if probe.exit_code == 0 {
            (self.failing_streak, self.status) = (0, HealthStatus::Healthy);
        } else if counts {
            self.failing_streak += 1;
            if self.failing_streak >= retries.max(1) {
                self.status = HealthStatus::Unhealthy;
            }
        }
        self.log.push_back(probe);
        if self.log.len() > MAX_PROBES {
            self.log.pop_front();
        }
        self.status != before
    }
}

impl Engine {
    /// Sets the result of future probes of a container, and probes immediately.
    ///
    /// # Errors
    /// `Conflict` without a running health check.
    pub fn set_health(&mut self, reference: &str, healthy: bool, now: Moment) -> Result<(), EngineError> {
        let id = self.resolve(reference)?;
        let container = self.find(reference)?;
        let (Some(check), State::Running) = (&container.spec.healthcheck, container.state) else {
            return Err(EngineError::Conflict(format!("Container {id} has no running health check")));
        };
        // The result changes after as many failures as the check has retries.
        let probes = if healthy { 1 } else { check.retries.max(1) };
        self.edit(&id, |container| {
            if let Some(check) = &mut container.spec.healthcheck {
                (check.passes, check.start_period) = (healthy, Duration::ZERO);
            }
        });
        (0..probes).for_each(|_| self.probe(&id, now));
        Ok(())
    }

    /// Runs a probe of `id` and schedules the next.
    pub(super) fn probe(&mut self, id: &ContainerId, now: Moment) {
        let exec_id = self.idents.next_hex("exec");
        let Some(container) = self.containers.get_mut(id) else { return };
        let Some(check) = container.spec.healthcheck.clone() else { return };
        let in_start_period = container.started_at().is_some_and(|at| now.since(at) <= check.start_period);
        let exit_code = i64::from(!check.passes);
        let output = if check.passes { String::new() } else { "connection refused\n".to_owned() };
        let probe = Probe { at: now, exit_code, output };
        let changed =
            container.health.as_mut().is_some_and(|health| health.take(probe, check.retries, !in_start_period));
        container.due.probe = Some(now.plus(check.interval));
        let mut events = probe_events(container, &check.test, &exec_id, exit_code, now);
        if changed && let Some(health) = &container.health {
            events.push(Event::for_container(
                container,
                &format!("health_status: {}", health.status.as_str()),
                &[],
                now,
            ));
        }
        self.outbox.extend(events);
    }
}

/// The three events the engine sends around each probe.
fn probe_events(container: &Container, test: &[String], exec_id: &str, exit_code: i64, now: Moment) -> Vec<Event> {
    let command = match test {
        [kind, text] if kind == "CMD-SHELL" => format!("/bin/sh -c {text}"),
        [_, words @ ..] => words.join(" "),
        [] => String::new(),
    };
    let code = exit_code.to_string();
    vec![
        Event::for_container(container, &format!("exec_create: {command}"), &[("execID", exec_id)], now),
        Event::for_container(container, &format!("exec_start: {command}"), &[("execID", exec_id)], now),
        Event::for_container(container, "exec_die", &[("execID", exec_id), ("exitCode", &code)], now),
    ]
}
