//! Why a run ended or began, and what that is concluded from. Pure.
//!
//! In: what happened before it to the same container, and what is known of how it stops. A cause is taken from evidence: a request that
//! this server passed on, the engine's own `stop`, an exit code that names a signal which was sent. A signal and the time since then
//! are no evidence by themselves: a program may have heard the one and ended long after for a reason of its own. Where they are all
//! there is, the cause is marked as probable, and only for signals that ask for an end.

use super::log::Recorded;
use app::{
    model::{Basis, Cause, Evidence, Occurrence, OccurrenceKind as Kind, SentSignal, Timestamp},
    signals,
};
use std::time::Duration;

/// Signals from this long before an end are told of; one that was sent earlier was heard and not heeded.
const SIGNAL_AGE: Duration = Duration::from_secs(10 * 60);
/// That many of them, the newest.
const MAX_SIGNALS: usize = 3;
/// Seconds that programs take to end when they are asked to, and engines wait by default.
const USUAL_GRACE: Duration = Duration::from_secs(10);
/// An engine that has waited kills, and the kernel takes its time under load.
const SLACK: Duration = Duration::from_secs(5);
/// SIGKILL ends a process within this.
const AT_ONCE: Duration = Duration::from_secs(2);
/// Programs that outlive a killed process of theirs a little, and end the same way.
const AFTER_OOM: Duration = Duration::from_secs(10);
/// The engine waits up to a minute before it starts again, and a start takes its time.
const LONGEST_BACKOFF: Duration = Duration::from_secs(75);
/// An engine's own `stop` follows the end it is about within this.
const STOP_FOLLOWS: Duration = Duration::from_secs(2);

const SIGINT: u8 = 2;
const SIGKILL: u8 = 9;
const SIGTERM: u8 = 15;
/// Exit code of a process that was ended by SIGKILL.
const SIGKILLED: i64 = 137;

/// How a container stops and is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LifecycleSettings {
    /// Whether its policy starts it again after it has ended.
    pub restarts: bool,
    /// Number of the signal that asks it to stop.
    pub stop_signal: u8,
    /// What the engine waits between asking and killing, where the container says.
    pub stop_timeout: Option<Duration>,
}

impl Default for LifecycleSettings {
    fn default() -> Self {
        Self { restarts: false, stop_signal: SIGTERM, stop_timeout: None }
    }
}

/// Why a run ended.
pub(super) type Conclusion = (Cause, Evidence);

/// Of a death, with what happened to the same container before it. `requested`: whether this server has just asked the engine to end
/// it.
pub(super) fn of_death<'a>(
    death: &Occurrence,
    before: impl DoubleEndedIterator<Item = &'a Recorded>,
    lifecycle_settings: Option<LifecycleSettings>,
    requested: bool,
) -> Conclusion {
    let lifecycle_settings = lifecycle_settings.unwrap_or_default();
    let run = Run::of(death.at, before);
    let sent = run.signals.iter().rev().map(|sent| Sent::of(sent, death.at));
    let fitting = sent.clone().find(|sent| sent.fits(death.exit_code));
    let killed = sent.clone().any(|sent| sent.number == Some(SIGKILL) && sent.ago <= AT_ONCE);
    let asked = || sent.clone().find_map(|sent| sent.asks(death.exit_code, lifecycle_settings));
    let (cause, basis, probable) = if requested {
        (Cause::Request, Basis::Action, false)
    } else if run.stopped {
        (Cause::Request, Basis::StopEvent, false)
    } else if run.out_of_memory && matches!(death.exit_code, None | Some(SIGKILLED)) && !killed {
        (Cause::OutOfMemory, Basis::OomEvent, death.exit_code.is_none())
    } else if let Some(sent) = fitting {
        (Cause::Request, Basis::ExitCode, sent.ago > USUAL_GRACE)
    } else if let Some(basis) = asked() {
        (Cause::Request, basis, true)
    } else {
        (Cause::Itself, Basis::NoRequest, false)
    };
    (cause, Evidence { basis, probable, signals: run.signals })
}

/// Of a start.
pub(super) fn of_start<'a>(
    start: &Occurrence,
    before: impl DoubleEndedIterator<Item = &'a Recorded>,
    lifecycle_settings: Option<LifecycleSettings>,
) -> Cause {
    let mut before = before.rev().map(|recorded| &recorded.occurrence);
    let last = before.find(|earlier| matches!(earlier.kind, Kind::Died | Kind::Started));
    let unasked = last.filter(|last| last.kind == Kind::Died && last.cause != Some(Cause::Request));
    let soon = unasked.is_some_and(|death| start.at.since(death.at) <= LONGEST_BACKOFF);
    if soon && lifecycle_settings.is_none_or(|lifecycle_settings| lifecycle_settings.restarts) {
        Cause::RestartPolicy
    } else {
        Cause::Request
    }
}

/// The end that an engine's `stop` or `restart` is about: what it says is certain, and comes after the end.
pub(super) fn of_stop<'a>(
    stop: &Occurrence,
    mut before: impl DoubleEndedIterator<Item = &'a Recorded>,
) -> Option<&'a Recorded> {
    let restarted = stop.kind == Kind::Restarted;
    let mut last = before.rfind(|recorded| matches!(recorded.occurrence.kind, Kind::Died | Kind::Started))?;
    let mut until = stop.at;
    if restarted && last.occurrence.kind == Kind::Started {
        until = last.occurrence.at;
        last = before.rfind(|recorded| matches!(recorded.occurrence.kind, Kind::Died | Kind::Started))?;
    }
    let death = &last.occurrence;
    (death.kind == Kind::Died && until.since(death.at) <= STOP_FOLLOWS).then_some(last)
}

/// What happened to a container in the run that ended.
struct Run {
    /// Oldest first.
    signals: Vec<SentSignal>,
    out_of_memory: bool,
    /// Podman reports a stop before the end.
    stopped: bool,
}

impl Run {
    fn of<'a>(ended_at: Timestamp, before: impl DoubleEndedIterator<Item = &'a Recorded>) -> Self {
        let mut run = Self { signals: Vec::new(), out_of_memory: false, stopped: false };
        let before = before.rev().map(|recorded| &recorded.occurrence);
        for earlier in before.take_while(|earlier| !matches!(earlier.kind, Kind::Started | Kind::Died)) {
            let ago = ended_at.since(earlier.at);
            match earlier.kind {
                Kind::Killed if ago <= SIGNAL_AGE && run.signals.len() < MAX_SIGNALS => {
                    run.signals.push(SentSignal { signal: earlier.signal.clone(), at: earlier.at });
                }
                Kind::Oom => run.out_of_memory |= ago <= AFTER_OOM,
                Kind::Stopped => run.stopped |= ago <= USUAL_GRACE,
                _ => {}
            }
        }
        run.signals.reverse();
        run
    }
}

/// A signal that was sent, as seen from the end.
#[derive(Clone, Copy)]
struct Sent {
    number: Option<u8>,
    ago: Duration,
}

impl Sent {
    fn of(sent: &SentSignal, ended_at: Timestamp) -> Self {
        Self { number: sent.signal.as_deref().and_then(signals::number), ago: ended_at.since(sent.at) }
    }

    /// Whether the exit code says that this signal ended the process.
    fn fits(self, exit_code: Option<i64>) -> bool {
        self.number.is_some_and(|number| exit_code == Some(128 + i64::from(number)))
    }

    /// Whether it asks for an end, and the end followed as it would have then: soon, or late but in order.
    fn asks(self, exit_code: Option<i64>, lifecycle_settings: LifecycleSettings) -> Option<Basis> {
        let grace = lifecycle_settings.stop_timeout.unwrap_or(USUAL_GRACE).saturating_add(SLACK);
        let in_order = matches!(exit_code, None | Some(0));
        let is_stop = self.number == Some(lifecycle_settings.stop_signal);
        let is_end = matches!(self.number, None | Some(SIGINT | SIGTERM | SIGKILL));
        if is_stop && (self.ago <= grace || in_order) {
            Some(Basis::StopSignal)
        } else if is_end && self.ago <= USUAL_GRACE && (in_order || matches!(self.number, None | Some(SIGKILL))) {
            Some(Basis::EndSignal)
        } else {
            None
        }
    }
}
