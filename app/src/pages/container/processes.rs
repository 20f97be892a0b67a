//! Processes of a container.

use super::facts::fact_table;
use crate::prelude::*;
use crate::{
    client::{Row, use_fetch, use_realtime_containers},
    format::{ago, bytes, percent},
    model::{Process, Processes as Running, Timestamp},
    parts::timed::timed,
};

/// Interval in milliseconds between refreshes while the tab is open.
const REFRESH_INTERVAL_MILLIS: u64 = 5_000;

const COLUMNS: [&str; 6] = ["PID", "User", "CPU, average", "Memory", "Started", "Command"];

/// The processes, with the host's process ids.
#[component]
pub fn Processes(
    /// The container's signals.
    row: Row,
) -> Erased {
    let now = use_realtime_containers().now;
    let path = use_realtime_containers().rows.api_path(row.key) + "/processes";
    let container = row.container;
    let runs = Memo::new(move |_| container.read().state.has_processes());
    let url = Signal::derive(move || runs.get().then(|| path.clone()));
    // The clock stops while the page is hidden.
    let refresh_count = Memo::new(move |_| now.get().as_millis() / REFRESH_INTERVAL_MILLIS);
    let processes = use_fetch::<Running>(url, refresh_count.into());
    (move || match (&*processes.read(), runs.get()) {
        (_, false) => {
            view! { <p class="container-page__waiting">"No processes: the container is not running."</p> }.erased()
        }
        (None, _) => view! { <p class="container-page__waiting">"Loading…"</p> }.erased(),
        (Some(Err(problem)), _) => view! { <p class="container-page__problem">{problem.detail.clone()}</p> }.erased(),
        (Some(Ok(running)), _) => {
            let rows = running.processes.iter().map(|process| cells(process, running.at)).collect();
            fact_table("Processes", &COLUMNS, rows).erased()
        }
    })
    .erased()
}

fn cells(process: &Process, at: Timestamp) -> Vec<Erased> {
    let Process { pid, parent_pid: _, user, cpu_percent, memory, started_at, command } = process;
    let unknown = || "–".to_owned();
    let started = match *started_at {
        Some(started) => timed(started, move || ago(at, started)),
        None => unknown().erased(),
    };
    vec![
        pid.to_string().erased(),
        user.clone().erased(),
        cpu_percent.map_or_else(unknown, percent).erased(),
        memory.map_or_else(unknown, bytes).erased(),
        started,
        command.clone().erased(),
    ]
}
