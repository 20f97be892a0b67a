//! Determines the cause of an exit or a start. Pure.
//!
//! In: earlier events of the container and its stop and restart settings. Out: a [`Cause`] with
//! [`Evidence`].
//!
//! Certain evidence is an action of this server, the engine's `stop` event, or an exit code of a
//! signal that was sent. A signal and the time since then are not enough, because a program may
//! exit later for its own reasons. If there is nothing else, the cause is marked as probable, and
//! only for signals that request termination.

use super::log::Recorded;
use crate::engine::LifecycleSettings;
use app::model::{Basis, Cause, Evidence, Occurrence, OccurrenceKind as Kind, SentSignal, Timestamp, signals};
use std::time::Duration;

/// Maximum age of signals shown for an exit; the program has ignored earlier ones.
const MAX_SIGNAL_AGE: Duration = Duration::from_secs(10 * 60);
/// Maximum number of signals shown, of which the newest are kept.
const MAX_SIGNALS: usize = 3;
/// Default time that engines wait before they kill a container.
const DEFAULT_GRACE_PERIOD: Duration = Duration::from_secs(10);
/// Allowance for the kill after the grace period, and for load.
const KILL_ALLOWANCE: Duration = Duration::from_secs(5);
/// Maximum time from SIGKILL to the exit.
const MAX_KILL_DELAY: Duration = Duration::from_secs(2);
/// Maximum time from an OOM kill of a child process to the exit.
const MAX_OOM_DELAY: Duration = Duration::from_secs(10);
/// Maximum time from an exit to an automatic restart: a minute of backoff, and the start itself.
const MAX_RESTART_DELAY: Duration = Duration::from_secs(75);
/// Maximum time from an exit to its `stop` event.
const MAX_STOP_EVENT_DELAY: Duration = Duration::from_secs(2);

const SIGINT: u8 = 2;
const SIGKILL: u8 = 9;
const SIGTERM: u8 = 15;
/// Exit code of a process killed by SIGKILL.
const SIGKILLED: i64 = 137;

/// Cause of an exit, with evidence.
pub(super) type Conclusion = (Cause, Evidence);

/// Determines the cause of an exit from earlier events of the container. `requested` is true if
/// this server has just sent an action that ends it.
pub(super) fn of_death<'a>(
    death: &Occurrence,
    before: impl DoubleEndedIterator<Item = &'a Recorded>,
    lifecycle_settings: Option<LifecycleSettings>,
    requested: bool,
) -> Conclusion {
    let lifecycle_settings = lifecycle_settings.unwrap_or_default();
    let run = Run::of(death.at, before);
    let sent = run.signals.iter().rev().map(|sent| Sent::of(sent, death.at));
    let matching = sent.clone().find(|sent| sent.matches_exit_code(death.exit_code));
    let killed = sent.clone().any(|sent| sent.number == Some(SIGKILL) && sent.ago <= MAX_KILL_DELAY);
    let signaled = || sent.clone().find_map(|sent| sent.requests_exit(death.exit_code, lifecycle_settings));
    let (cause, basis, probable) = if requested {
        (Cause::Request, Basis::Action, false)
    } else if run.stopped {
        (Cause::Request, Basis::StopEvent, false)
    } else if run.out_of_memory && matches!(death.exit_code, None | Some(SIGKILLED)) && !killed {
        (Cause::OutOfMemory, Basis::OomEvent, death.exit_code.is_none())
    } else if let Some(sent) = matching {
        (Cause::Request, Basis::ExitCode, sent.ago > DEFAULT_GRACE_PERIOD)
    } else if let Some(basis) = signaled() {
        (Cause::Request, basis, true)
    } else {
        (Cause::Itself, Basis::NoRequest, false)
    };
    (cause, Evidence { basis, probable, signals: run.signals })
}

/// Determines the cause of a start.
pub(super) fn of_start<'a>(
    start: &Occurrence,
    before: impl DoubleEndedIterator<Item = &'a Recorded>,
    lifecycle_settings: Option<LifecycleSettings>,
) -> Cause {
    let mut before = before.rev().map(|recorded| &recorded.occurrence);
    let last = before.find(|earlier| matches!(earlier.kind, Kind::Died | Kind::Started));
    let unrequested = last.filter(|last| last.kind == Kind::Died && last.cause != Some(Cause::Request));
    let soon = unrequested.is_some_and(|death| start.at.since(death.at) <= MAX_RESTART_DELAY);
    if soon && lifecycle_settings.is_none_or(|lifecycle_settings| lifecycle_settings.restarts) {
        Cause::RestartPolicy
    } else {
        Cause::Request
    }
}

/// Finds the exit of a `stop` or `restart` event, which arrives after the exit and is certain
/// evidence.
pub(super) fn of_stop<'a>(
    stop: &Occurrence,
    mut before: impl DoubleEndedIterator<Item = &'a Recorded>,
) -> Option<&'a Recorded> {
    let mut last = before.rfind(|recorded| matches!(recorded.occurrence.kind, Kind::Died | Kind::Started))?;
    let mut until = stop.at;
    if stop.kind == Kind::Restarted {
        // Docker reports a requested restart after the start. Podman reports each restart before
        // it, including restarts by policy, so it is not evidence.
        if last.occurrence.kind != Kind::Started {
            return None;
        }
        until = last.occurrence.at;
        last = before.rfind(|recorded| matches!(recorded.occurrence.kind, Kind::Died | Kind::Started))?;
    }
    let death = &last.occurrence;
    (death.kind == Kind::Died && until.since(death.at) <= MAX_STOP_EVENT_DELAY).then_some(last)
}

/// Events of the run that ended.
struct Run {
    /// Signals sent during the run, oldest first.
    signals: Vec<SentSignal>,
    out_of_memory: bool,
    /// True if a stop was reported before the end, as Podman does.
    stopped: bool,
}

impl Run {
    fn of<'a>(ended_at: Timestamp, before: impl DoubleEndedIterator<Item = &'a Recorded>) -> Self {
        let mut run = Self { signals: Vec::new(), out_of_memory: false, stopped: false };
        let before = before.rev().map(|recorded| &recorded.occurrence);
        for earlier in before.take_while(|earlier| !matches!(earlier.kind, Kind::Started | Kind::Died)) {
            let ago = ended_at.since(earlier.at);
            match earlier.kind {
                Kind::Killed if ago <= MAX_SIGNAL_AGE && run.signals.len() < MAX_SIGNALS => {
                    run.signals.push(SentSignal { signal: earlier.signal.clone(), at: earlier.at });
                }
                Kind::Oom => run.out_of_memory |= ago <= MAX_OOM_DELAY,
                Kind::Stopped => run.stopped |= ago <= DEFAULT_GRACE_PERIOD,
                _ => {}
            }
        }
        run.signals.reverse();
        run
    }
}

/// A sent signal, relative to the exit.
#[derive(Clone, Copy)]
struct Sent {
    number: Option<u8>,
    ago: Duration,
}

impl Sent {
    fn of(sent: &SentSignal, ended_at: Timestamp) -> Self {
        Self { number: sent.signal.as_deref().and_then(signals::number), ago: ended_at.since(sent.at) }
    }

    /// True if the exit code is that of this signal.
    fn matches_exit_code(self, exit_code: Option<i64>) -> bool {
        self.number.is_some_and(|number| exit_code == Some(128 + i64::from(number)))
    }

    /// Returns evidence if the signal requests termination and the exit fits: soon after, or later
    /// with exit code 0.
    fn requests_exit(self, exit_code: Option<i64>, lifecycle_settings: LifecycleSettings) -> Option<Basis> {
        let grace = lifecycle_settings.stop_timeout.unwrap_or(DEFAULT_GRACE_PERIOD).saturating_add(KILL_ALLOWANCE);
        let in_order = matches!(exit_code, None | Some(0));
        let is_stop = self.number == Some(lifecycle_settings.stop_signal);
        let is_end = matches!(self.number, None | Some(SIGINT | SIGTERM | SIGKILL));
        if is_stop && (self.ago <= grace || in_order) {
            Some(Basis::StopSignal)
        } else if is_end
            && self.ago <= DEFAULT_GRACE_PERIOD
            && (in_order || matches!(self.number, None | Some(SIGKILL)))
        {
            Some(Basis::EndSignal)
        } else {
            None
        }
    }
}
