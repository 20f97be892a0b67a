//! Start, stop, pause, and everything that ends a process; the order of events is the one measured
//! on engine 20.10.
//!
//! stop: `kill`, (`kill` 9,) `die`, network `disconnect`, `stop`. restart: the same, network
//! `connect`, `start`, `restart`. `--rm`: `die`, `disconnect`, `destroy`. Out of memory: `oom`
//! twice, `die` 137. Restart policy: `die`, later `start`; no event reports "restarting" or "given
//! up". A failed start leaves the state at `created`, with `connect` and `disconnect` alone. Here
//! are the calls; next: `engine/process.rs`, where a process begins and ends.

use std::time::Duration;

use super::Engine;
use super::container::{State, Then};
use super::error::EngineError;
use super::ident::ContainerId;
use super::signal;
use crate::clock::Moment;

impl Engine {
    /// Starts a container.
    ///
    /// # Errors
    /// `NotModified` if it is running; `Conflict` if it is paused; `Invalid` if its program does
    /// not exist.
    pub fn start(&mut self, reference: &str, now: Moment) -> Result<(), EngineError> {
        let id = self.resolve(reference)?;
        match self.find(reference)?.state {
            State::Paused => {
                return Err(EngineError::Conflict("cannot start a paused container, try unpause instead".to_owned()));
            }
            State::Running | State::Restarting => return Err(EngineError::NotModified),
            State::Removing | State::Dead => {
                let sentence = "container is marked for removal and cannot be started".to_owned();
                return Err(EngineError::Conflict(sentence));
            }
            State::Created | State::Exited => {}
        }
        self.edit(&id, |container| {
            container.restart_count = 0;
            container.backoff = Duration::ZERO;
            container.manually_stopped = false;
        });
        self.begin(&id, now)
    }

    /// Asks a container to stop, and kills it after `timeout`. Its process may end later: see
    /// [`super::Container::state`].
    ///
    /// # Errors
    /// `NotModified` if it is not running.
    pub fn stop(
        &mut self,
        reference: &str,
        signal: Option<i32>,
        timeout: Duration,
        now: Moment,
    ) -> Result<(), EngineError> {
        let id = self.resolve(reference)?;
        let container = self.find(reference)?;
        let signal = signal.or_else(|| signal::parse(&container.spec.stop_signal).ok()).unwrap_or(signal::TERM);
        match container.state {
            State::Restarting => {
                self.give_up_restarting(&id);
                self.emit(&id, "stop", &[], now);
            }
            state if state.has_process() => self.request_exit(&id, signal, timeout, Then::Stop, now),
            _ => return Err(EngineError::NotModified),
        }
        Ok(())
    }

    /// Stops a container if it is running, and starts it.
    ///
    /// # Errors
    /// Those of [`Engine::start`].
    pub fn restart(
        &mut self,
        reference: &str,
        signal: Option<i32>,
        timeout: Duration,
        now: Moment,
    ) -> Result<(), EngineError> {
        let id = self.resolve(reference)?;
        let container = self.find(reference)?;
        let signal = signal.or_else(|| signal::parse(&container.spec.stop_signal).ok()).unwrap_or(signal::TERM);
        if container.state.has_process() {
            self.request_exit(&id, signal, timeout, Then::Restart, now);
            return Ok(());
        }
        self.give_up_restarting(&id);
        self.start(reference, now)?;
        self.emit(&id, "restart", &[], now);
        Ok(())
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// `Conflict` with the engine's "Cannot kill container", if it is not running.
    pub fn kill(&mut self, reference: &str, signal: i32, now: Moment) -> Result<(), EngineError> {
        let wrap = |error: EngineError| error.prefixed(&format!("Cannot kill container: {reference}"));
        let id = self.resolve(reference).map_err(wrap)?;
        let state = self.find(reference)?.state;
        if !state.counts_as_running() {
            return Err(wrap(EngineError::Conflict(format!("Container {id} is not running"))));
        }
        if state == State::Restarting {
            self.give_up_restarting(&id);
        } else {
            self.send_signal(&id, signal, now);
        }
        Ok(())
    }

    /// Pauses a container.
    ///
    /// # Errors
    /// `Conflict` if it is not running or is already paused.
    pub fn pause(&mut self, reference: &str, now: Moment) -> Result<(), EngineError> {
        let id = self.resolve(reference)?;
        match self.find(reference)?.state {
            State::Running => {}
            State::Paused => return Err(EngineError::Conflict(format!("Container {id} is already paused"))),
            State::Restarting => return Err(EngineError::Conflict(is_restarting(&id))),
            _ => return Err(EngineError::Conflict(format!("Container {id} is not running"))),
        }
        self.edit(&id, |container| {
            container.state = State::Paused;
            (container.due.exit, container.due.probe) = (None, None);
            if let Some(run) = container.runs.back_mut() {
                run.paused_at = Some(now);
            }
        });
        self.emit(&id, "pause", &[], now);
        Ok(())
    }

    /// Resumes a paused container.
    ///
    /// # Errors
    /// `Internal` if it is not paused; the engine responds with 500.
    pub fn unpause(&mut self, reference: &str, now: Moment) -> Result<(), EngineError> {
        let id = self.resolve(reference)?;
        if self.find(reference)?.state != State::Paused {
            return Err(EngineError::Internal(format!("Container {id} is not paused")));
        }
        self.resume(&id, now);
        Ok(())
    }

    /// Ends the process of a container from inside, as a crash does.
    ///
    /// # Errors
    /// `Conflict` if there is no process.
    pub fn crash(
        &mut self,
        reference: &str,
        exit_code: i64,
        out_of_memory: bool,
        now: Moment,
    ) -> Result<(), EngineError> {
        let id = self.resolve(reference)?;
        if !self.find(reference)?.state.has_process() {
            return Err(EngineError::Conflict(format!("Container {id} is not running")));
        }
        self.end(&id, exit_code, out_of_memory, now);
        Ok(())
    }

    /// Emits the event that dockerd sends for `top`.
    pub fn note_top(&mut self, reference: &str, now: Moment) {
        if let Ok(id) = self.resolve(reference) {
            self.emit(&id, "top", &[], now);
        }
    }
}

/// The sentence about a container between two runs.
pub(crate) fn is_restarting(id: &ContainerId) -> String {
    format!("Container {id} is restarting, wait until the container is running")
}
