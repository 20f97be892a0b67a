//! The containers of `crash-loop`: some crash and are restarted, some stay exited, the rest keep
//! running.

use std::time::Duration;

use super::population::{self, SeededContainer};
use crate::engine::program::{Body, Script, Step};
use crate::engine::seeding::Past;
use crate::engine::spec::{ContainerSpec, RestartPolicy};

/// Creates `count` containers. Of every six, two crash 4 to 8 s after each start, one runs out of
/// memory after 12 s, one exits with 78 after 2 s until its five retries are used up, and two keep
/// running.
pub(super) fn create(count: usize, seed: u64) -> Vec<SeededContainer> {
    let mut containers = population::create(count, seed);
    for (index, (spec, past)) in containers.iter_mut().enumerate() {
        match index % 6 {
            0 | 3 => set_crash(spec, past, crash_body(4 + index % 5, "panic: connection refused", Step::Exit(1))),
            1 => set_crash(spec, past, crash_body(12, "loading the whole table", Step::ExhaustMemory)),
            4 => {
                spec.restart = RestartPolicy::OnFailure(5);
                set_crash(spec, past, crash_body(2, "fatal: no configuration", Step::Exit(78)));
            }
            _ => {}
        }
    }
    containers
}

/// Makes a container crash. It is so young that its first crash is still to come.
fn set_crash(spec: &mut ContainerSpec, past: &mut Past, body: Body) {
    *past = Past::running(Duration::from_secs(1));
    spec.program.body = body;
    spec.healthcheck = None;
}

fn crash_body(after_secs: usize, last_line: &str, end: Step) -> Body {
    let print = |text: &str, stderr| Step::Print { stderr, text: text.to_owned() };
    let uptime = Duration::from_secs(u64::try_from(after_secs).unwrap_or(5));
    let once = vec![print("starting", false), Step::Sleep(uptime), print(last_line, true), end];
    Body::Script(Script { once, cycle: Vec::new() })
}
