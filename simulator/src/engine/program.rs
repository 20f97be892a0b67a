//! The simulated program of a container: its output, its end and its reaction to SIGTERM.
//!
//! In: a command line (from the API) or a service kind (from a scenario). Out: values computed from
//! the time since the start. There are no timers; one program serves any number of runs. Read next:
//! [`super::script`], which parses command lines.

use std::time::Duration;

use super::service::Service;
use super::signal;

/// The end of a program without a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Time after start.
    pub after: Duration,
    /// Exit code of the program.
    pub exit_code: i64,
    /// True if the kernel killed the program for using more memory than its limit.
    pub out_of_memory: bool,
}

/// Reaction of a program to a stop signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnTerm {
    /// Ignores it, like a plain `sleep` as process 1: only SIGKILL ends the program.
    Ignore,
    /// Exits with this code after this time.
    Exit {
        /// The exit code.
        code: i64,
        /// Duration of the program's cleanup.
        after: Duration,
    },
}

/// One step of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Prints a line.
    Print {
        /// True for stderr.
        stderr: bool,
        /// The line, without line end.
        text: String,
    },
    /// Waits.
    Sleep(Duration),
    /// Ends.
    Exit(i64),
    /// Allocates memory until the kernel kills the program.
    ExhaustMemory,
}

/// The steps of a script, some of which repeat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// Steps that run once.
    pub once: Vec<Step>,
    /// Steps that are repeated forever; if empty, the script exits with code 0.
    pub cycle: Vec<Step>,
}

/// The body of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Steps parsed from a command line.
    Script(Script),
    /// A service of a scenario, which runs until it is stopped.
    Service(Service),
    /// No such executable: the container cannot start.
    Missing(String),
}

/// A program: its body, and its reaction to SIGTERM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Behavior of the program.
    pub body: Body,
    /// Reaction of the program to a stop signal.
    pub on_term: OnTerm,
}

/// A line that a program printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Time after start.
    pub at: Duration,
    /// True for stderr.
    pub stderr: bool,
    /// The line, without line end.
    pub text: String,
}

/// Time until the OOM killer ends a program that allocates memory.
const OUT_OF_MEMORY_DELAY: Duration = Duration::from_millis(200);

/// Minimum duration of a cycle, so that a busy loop prints at a finite rate.
const MIN_CYCLE: Duration = Duration::from_millis(10);

impl Program {
    /// Time and kind of the program's own end; `None` if it runs until it is stopped.
    #[must_use]
    pub fn ending(&self) -> Option<Ending> {
        match &self.body {
            Body::Script(script) => script.ending(),
            Body::Service(_) | Body::Missing(_) => None,
        }
    }

    /// Exit code and delay after `signal`; `None` if the program ignores it.
    #[must_use]
    pub fn leaves_on(&self, signal: i32) -> Option<(i64, Duration)> {
        let heeds = match &self.body {
            Body::Service(_) => signal::ends_a_service(signal),
            Body::Script(_) | Body::Missing(_) => signal == signal::TERM,
        };
        match self.on_term {
            OnTerm::Exit { code, after } if heeds => Some((code, after)),
            OnTerm::Exit { .. } | OnTerm::Ignore => None,
        }
    }

    /// Lines printed in `from <= at < to`, oldest first.
    #[must_use]
    pub fn lines(&self, from: Duration, to: Duration) -> Vec<Line> {
        match &self.body {
            Body::Script(script) => script.lines(from, to),
            Body::Service(service) => service.lines(from, to),
            Body::Missing(_) => Vec::new(),
        }
    }
}

impl Script {
    fn ending(&self) -> Option<Ending> {
        let (after, ended) = walk(&self.once, Duration::ZERO, &mut |_, _, _| {});
        match ended {
            Some((exit_code, out_of_memory)) => Some(Ending { after, exit_code, out_of_memory }),
            None if self.cycle.is_empty() => Some(Ending { after, exit_code: 0, out_of_memory: false }),
            None => {
                let (after, ended) = walk(&self.cycle, after, &mut |_, _, _| {});
                ended.map(|(exit_code, out_of_memory)| Ending { after, exit_code, out_of_memory })
            }
        }
    }

    fn lines(&self, from: Duration, to: Duration) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut keep = |at: Duration, stderr: bool, text: &str| {
            if at >= from && at < to {
                lines.push(Line { at, stderr, text: text.to_owned() });
            }
        };
        let (start, ended) = walk(&self.once, Duration::ZERO, &mut keep);
        if ended.is_some() || self.cycle.is_empty() {
            return lines;
        }
        let length = walk(&self.cycle, Duration::ZERO, &mut |_, _, _| {}).0.max(MIN_CYCLE);
        let skipped = u32::try_from(from.saturating_sub(start).as_nanos() / length.as_nanos()).unwrap_or(u32::MAX);
        let mut at = start + length.saturating_mul(skipped);
        let mut turn = skipped;
        while at < to {
            turn = turn.saturating_add(1);
            let mut count = |at: Duration, stderr: bool, text: &str| {
                if text.contains("$i") {
                    keep(at, stderr, &text.replace("$i", &turn.to_string()));
                } else {
                    keep(at, stderr, text);
                }
            };
            let (_, ended) = walk(&self.cycle, at, &mut count);
            if ended.is_some() {
                break;
            }
            at += length;
        }
        lines
    }
}

/// Runs `steps` from `at` and calls `print` for each line. Returns the time at the end and, if the
/// program ended, its exit code and the cause.
fn walk(
    steps: &[Step],
    mut at: Duration,
    print: &mut dyn FnMut(Duration, bool, &str),
) -> (Duration, Option<(i64, bool)>) {
    for step in steps {
        match step {
            Step::Print { stderr, text } => print(at, *stderr, text),
            Step::Sleep(duration) => at += *duration,
            Step::Exit(code) => return (at, Some((*code, false))),
            Step::ExhaustMemory => return (at + OUT_OF_MEMORY_DELAY, Some((137, true))),
        }
    }
    (at, None)
}
