//! Start and end of a process: by request, by itself, by its restart policy; and the times of
//! pending actions.

use std::time::Duration;

use super::Engine;
use super::container::{Container, Due, State, Then};
use super::error::EngineError;
use super::health::{Health, HealthStatus};
use super::ident::ContainerId;
use super::program::{Body, Ending};
use super::signal;
use crate::clock::Moment;

/// First delay of the restart policy; doubles with each run.
const MIN_BACKOFF: Duration = Duration::from_millis(100);
/// Maximum delay of the restart policy.
const MAX_BACKOFF: Duration = Duration::from_secs(60);
/// Minimum duration of a run that resets the delay.
const MIN_STABLE_RUN: Duration = Duration::from_secs(10);

impl Engine {
    /// Runs one action of `id` that is due at `now`.
    pub(super) fn run_due(&mut self, id: &ContainerId, now: Moment) {
        let Some(container) = self.containers.get(id) else { return };
        let due = container.due.clone();
        let is_due = |at: Option<Moment>| at.is_some_and(|at| at <= now);
        if let Some((at, ending)) = due.exit
            && at <= now
        {
            self.end(id, ending.exit_code, ending.out_of_memory, now);
        } else if is_due(due.force_kill) {
            self.edit(id, |container| container.due.force_kill = None);
            self.send_signal(id, signal::KILL, now);
        } else if is_due(due.restart) {
            self.edit(id, |container| container.due.restart = None);
            // The program is known to exist: this container ran before.
            let _ = self.begin(id, now);
        } else if is_due(due.probe) {
            self.probe(id, now);
            self.edit(id, |_| ());
        }
    }

    /// Kills a process with SIGKILL, unconditionally, and handles its end.
    pub(super) fn kill_at_once(&mut self, id: &ContainerId, now: Moment) {
        let state = self.containers.get(id).map(|container| container.state);
        self.edit(id, |container| {
            container.manually_stopped = true;
            container.spec.auto_remove = false;
            container.due = Due::default();
        });
        if state.is_some_and(State::has_process) {
            self.emit(id, "kill", &[("signal", "9")], now);
            self.end(id, 137, false, now);
        }
    }

    pub(super) fn begin(&mut self, id: &ContainerId, now: Moment) -> Result<(), EngineError> {
        self.next_pid += 7;
        let pid = self.next_pid;
        self.emit_networks(id, "connect", now);
        let missing = self.containers.get(id).and_then(|container| match &container.spec.program.body {
            Body::Missing(word) => Some(word.clone()),
            Body::Script(_) | Body::Service(_) => None,
        });
        if let Some(word) = missing {
            return Err(self.fail_to_begin(id, &word, now));
        }
        self.edit(id, |container| {
            container.state = State::Running;
            container.manually_stopped = false;
            (container.pid, container.exit_code, container.oom_killed) = (pid, 0, false);
            container.error.clear();
            container.listed_as = None;
            container.health = container.spec.healthcheck.is_some().then(Health::starting);
            container.begin_run(now);
            container.due.probe = container.spec.healthcheck.as_ref().map(|check| now.plus(check.interval));
        });
        self.emit(id, "start", &[], now);
        Ok(())
    }

    fn fail_to_begin(&mut self, id: &ContainerId, word: &str, now: Moment) -> EngineError {
        let sentence = format!(
            "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: \
             exec: \"{word}\": executable file not found in $PATH: unknown"
        );
        self.edit(id, |container| {
            container.exit_code = 127;
            sentence.clone_into(&mut container.error);
        });
        self.emit_networks(id, "disconnect", now);
        EngineError::Invalid(sentence)
    }

    pub(super) fn request_exit(&mut self, id: &ContainerId, signal: i32, timeout: Duration, then: Then, now: Moment) {
        self.edit(id, |container| {
            container.due.then = then;
            container.due.force_kill = Some(now.plus(timeout));
        });
        self.send_signal(id, signal, now);
    }

    pub(super) fn send_signal(&mut self, id: &ContainerId, signal: i32, now: Moment) {
        self.edit(id, |container| container.manually_stopped = true);
        self.emit(id, "kill", &[("signal", &signal.to_string())], now);
        if signal == signal::KILL {
            self.end(id, 137, false, now);
            return;
        }
        if self.containers.get(id).is_some_and(|container| container.state == State::Paused) {
            self.resume(id, now);
        }
        let program = self.containers.get(id).map(|container| &container.spec.program);
        let Some((code, after)) = program.and_then(|program| program.leaves_on(signal)) else { return };
        let ending = Ending { after, exit_code: code, out_of_memory: false };
        self.edit(id, |container| container.due.exit = Some((now.plus(after), ending)));
        if after.is_zero() {
            self.end(id, code, false, now);
        }
    }

    pub(super) fn resume(&mut self, id: &ContainerId, now: Moment) {
        self.edit(id, |container| {
            container.state = State::Running;
            if let Some(run) = container.runs.back_mut()
                && let Some(paused_at) = run.paused_at.take()
            {
                run.paused_for += now.since(paused_at);
            }
            container.plan_end(now);
            container.due.probe = container.spec.healthcheck.as_ref().map(|check| now.plus(check.interval));
        });
        self.emit(id, "unpause", &[], now);
    }

    /// Handles the end of the process: emits `die`, and runs the requested action.
    pub(super) fn end(&mut self, id: &ContainerId, exit_code: i64, out_of_memory: bool, now: Moment) {
        let list_lag = self.settings.list_lag;
        let then = self.edit(id, |container| {
            let then = container.due.then;
            container.listed_as = Some((container.state, now.plus(list_lag)));
            finish(container, exit_code, out_of_memory, now);
            then
        });
        if out_of_memory {
            self.emit(id, "oom", &[], now);
            self.emit(id, "oom", &[], now);
        }
        self.emit(id, "die", &[("exitCode", &exit_code.to_string())], now);
        self.emit_networks(id, "disconnect", now);
        self.follow_up(id, then.unwrap_or_default(), now);
    }

    fn follow_up(&mut self, id: &ContainerId, then: Then, now: Moment) {
        if then != Then::Policy {
            self.emit(id, "stop", &[], now);
        }
        if then == Then::Restart {
            // The program is known to exist: it has just ended.
            let _ = self.begin(id, now);
            self.emit(id, "restart", &[], now);
            return;
        }
        let Some(container) = self.containers.get(id) else { return };
        if container.state == State::Exited && container.spec.auto_remove {
            self.destroy(id, now);
        }
    }

    pub(super) fn give_up_restarting(&mut self, id: &ContainerId) {
        self.edit(id, |container| {
            container.manually_stopped = true;
            container.due = Due::default();
            if container.state == State::Restarting {
                container.state = State::Exited;
            }
        });
    }
}

/// Stores the end of a run, and applies the restart policy.
fn finish(container: &mut Container, exit_code: i64, out_of_memory: bool, now: Moment) {
    let lasted = container.run().map_or(Duration::ZERO, |run| now.since(run.started_at));
    if let Some(run) = container.runs.back_mut() {
        run.ended_at = Some(now);
    }
    (container.pid, container.exit_code, container.oom_killed) = (0, exit_code, out_of_memory);
    container.finished_at = Some(now);
    container.due = Due::default();
    if let Some(health) = &mut container.health {
        health.status = HealthStatus::Unhealthy;
    }
    let again = !container.manually_stopped && container.spec.restart.wants_restart(exit_code, container.restart_count);
    container.state = if again { State::Restarting } else { State::Exited };
    if again {
        container.restart_count += 1;
        container.backoff = next_backoff(container.backoff, lasted);
        container.due.restart = Some(now.plus(container.backoff));
    }
}

fn next_backoff(last: Duration, lasted: Duration) -> Duration {
    if last.is_zero() || lasted >= MIN_STABLE_RUN { MIN_BACKOFF } else { (last * 2).min(MAX_BACKOFF) }
}
