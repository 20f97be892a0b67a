//! Why a run ended or began, by what was told before. Pure.

use super::log::Recorded;
use app::model::{Cause, Occurrence, OccurrenceKind as Kind};
use std::time::Duration;

/// Somebody who asks for an end gives a program this long, as a rule much less. A signal that was sent earlier was heard and not
/// heeded.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// Signals that ask for something else than an end, unless the end follows at once.
const OTHER_REQUESTS: [&str; 5] = ["SIGHUP", "SIGUSR1", "SIGUSR2", "SIGWINCH", "SIGCONT"];
/// At once.
const AT_ONCE: Duration = Duration::from_secs(10);
/// The engine waits up to a minute before it starts again, and a start takes its time.
const LONGEST_BACKOFF: Duration = Duration::from_secs(75);

/// Of a death or a start, with what was told of the same container before it, and whether its policy starts it again, if that is
/// known.
pub(super) fn of<'a>(
    occurrence: &Occurrence,
    before: impl DoubleEndedIterator<Item = &'a Recorded>,
    restarts: Option<bool>,
) -> Option<Cause> {
    let mut before = before.rev().map(|recorded| &recorded.occurrence);
    match occurrence.kind {
        Kind::Died => Some(of_death(occurrence, before)),
        Kind::Started => {
            let death = before.find(|earlier| matches!(earlier.kind, Kind::Died | Kind::Started));
            Some(of_start(occurrence, death, restarts))
        }
        _ => None,
    }
}

fn of_death<'a>(death: &Occurrence, before: impl Iterator<Item = &'a Occurrence>) -> Cause {
    for earlier in before.take_while(|earlier| !matches!(earlier.kind, Kind::Started | Kind::Died)) {
        let ago = death.at.since(earlier.at);
        match earlier.kind {
            Kind::Oom if ago <= AT_ONCE => return Cause::OutOfMemory,
            Kind::Killed => {
                let is_other = earlier.signal.as_deref().is_some_and(|signal| OTHER_REQUESTS.contains(&signal));
                if ago <= if is_other { AT_ONCE } else { PATIENCE } {
                    return Cause::Request;
                }
            }
            _ => {}
        }
    }
    Cause::Itself
}

fn of_start(start: &Occurrence, last: Option<&Occurrence>, restarts: Option<bool>) -> Cause {
    let unasked = last.filter(|last| last.kind == Kind::Died && last.cause != Some(Cause::Request));
    let soon = unasked.is_some_and(|death| start.at.since(death.at) <= LONGEST_BACKOFF);
    if soon && restarts != Some(false) { Cause::RestartPolicy } else { Cause::Request }
}
