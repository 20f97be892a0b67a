//! The containers of `crash-loop`: some crash and are restarted, some stay exited, the rest keep
//! running.

use std::time::Duration;

use super::casting::{self, Member};
use crate::engine::program::{Body, Script, Step};
use crate::engine::seeding::Past;
use crate::engine::spec::{ContainerSpec, RestartPolicy};

/// `count` containers; of every three, one crashes now and then, one soon after each start, and one
/// keeps running.
pub(super) fn cast(count: usize, seed: u64) -> Vec<Member> {
    let mut members = casting::cast(count, seed);
    for (index, (spec, past)) in members.iter_mut().enumerate() {
        match index % 6 {
            0 | 3 => set_crash(spec, past, crash_body(4 + index % 5, "panic: connection refused", Step::Exit(1))),
            1 => set_crash(spec, past, crash_body(12, "loading the whole table", Step::EatMemory)),
            4 => {
                spec.restart = RestartPolicy::OnFailure(5);
                set_crash(spec, past, crash_body(2, "fatal: no configuration", Step::Exit(78)));
            }
            _ => {}
        }
    }
    members
}

/// Young enough that its first crash is still to come.
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
