//! The tasks of a service, with the numbers of their containers.

use super::words::{TaskPlace, badge, error_words, is_former, logged, shown, slot_words, state_tone, task_state};
use crate::base_path::address;
use crate::prelude::*;
use crate::{
    client::use_realtime_containers,
    format::{ago, bytes, percent},
    frame::{freshness::NumbersAge, numbers_age::use_numbers_age},
    logs::{MAX_MERGED_LOGS, merged_path},
    model::{ContainerStats, TaskContainer},
    parts::timed::timed,
};

/// Headings of the columns.
const COLUMNS: [&str; 6] = ["Slot", "Node", "State", "Since", "Usage", "Error"];

/// Shown instead of numbers.
const NOT_LINKED: &str = "no numbers: node not linked";

/// The tasks.
#[component]
pub fn TaskTable(
    /// The tasks.
    tasks: Memo<Vec<TaskPlace>>,
) -> Erased {
    let all = RwSignal::new(false);
    let shown = Memo::new(move |_| tasks.with(|tasks| shown(tasks, all.get())));
    let hidden = Memo::new(move |_| tasks.with(Vec::len) - shown.with(Vec::len));
    let headings = COLUMNS.map(|name| view! { <th scope="col">{name}</th> });
    let more = move || {
        let (hidden, all_shown) = (hidden.get(), all.get());
        let words = match (hidden, all_shown) {
            (0, false) => return None::<Erased>.erased(),
            (_, true) => "Hide former tasks".to_owned(),
            (1, false) => "Show 1 former task".to_owned(),
            (count, false) => format!("Show {count} former tasks"),
        };
        view! {
            <button type="button" class="button" on:click=move |_| all.set(!all_shown)>
                {words}
            </button>
        }
        .erased()
    };
    let rows = use_realtime_containers().rows;
    let logged = Memo::new(move |_| tasks.with(|tasks| logged(tasks)));
    let logs = move || {
        let keys = logged.get();
        let words = match keys.len() {
            0 => return None::<Erased>.erased(),
            1 => "Logs of 1 task".to_owned(),
            count if count > MAX_MERGED_LOGS => format!("Logs of {MAX_MERGED_LOGS} of {count} tasks"),
            count => format!("Logs of {count} tasks"),
        };
        view! {
            <a class="button" href=address(&merged_path(&keys, rows.has_several_engines()))>
                {words}
            </a>
        }
        .erased()
    };
    view! {
        <table class="facts__table swarm-page__task-table" aria-label="Tasks">
            <thead>
                <tr>{headings.collect_view()}</tr>
            </thead>
            <tbody>
                <For each=move || shown.get() key=Clone::clone children=row />
            </tbody>
        </table>
        {move || shown.with(Vec::is_empty).then(|| view! { <p class="swarm-page__none">"No tasks."</p> }).erased()}
        <div class="swarm-page__below">{logs} {more}</div>
    }
    .erased()
}

fn row(TaskPlace { task, node, is_linked }: TaskPlace) -> Erased {
    let hook = use_realtime_containers();
    let since = task.since.map(|since| {
        // Its node's clock may be ahead.
        timed(since, move || ago(hook.now.get().max(since), since))
    });
    let former = is_former(&task).then_some("true");
    let numbers = match (task.container, is_linked) {
        (Some(container), _) => numbers(container),
        (None, false) if task.node.is_some() => view! { <span class="swarm-page__remark">{NOT_LINKED}</span> }.erased(),
        (None, _) => "–".erased(),
    };
    let (id, error) = (task.id.clone(), error_words(&task));
    let is_fine = error.is_empty().then_some("true");
    view! {
        <tr data-task=id data-former=former>
            <td>
                <span class="swarm-page__slot">{slot_words(&task)}</span>
            </td>
            <td data-column=COLUMNS[1] dir="auto">{node}</td>
            <td data-column=COLUMNS[2]>{badge(state_tone(&task.state), task_state(&task))}</td>
            <td data-column=COLUMNS[3]>{since}</td>
            <td data-column=COLUMNS[4]>{numbers}</td>
            <td data-column=COLUMNS[5] class="swarm-page__error" data-empty=is_fine dir="auto">
                {error}
            </td>
        </tr>
    }
    .erased()
}

/// CPU and memory of the joined container, with a link to it.
fn numbers(container: TaskContainer) -> Erased {
    let key = container.key();
    let rows = use_realtime_containers().rows;
    let ages = use_numbers_age();
    let found = Memo::new(move |_| {
        rows.keys().track();
        rows.get(key).is_some()
    });
    (move || {
        let Some(row) = found.get().then(|| untrack(|| rows.get(key))).flatten() else {
            return view! { <span class="swarm-page__remark">"container removed"</span> }.erased();
        };
        let stats = row.stats;
        let words = move || {
            let is_old = ages.read().of(key.engine) == NumbersAge::Gone;
            stats.get().filter(|_| !is_old).map_or_else(|| "no numbers".to_owned(), |stats| usage(&stats))
        };
        view! {
            <a class="swarm-page__numbers" href=address(&rows.page_path(key)) title="Show the container">
                {words}
            </a>
        }
        .erased()
    })
    .erased()
}

/// `12.5%, 48 MiB`.
fn usage(stats: &ContainerStats) -> String {
    if stats.cpu_percent.is_none() && stats.memory_usage.is_none() {
        return "no numbers yet".to_owned();
    }
    let cpu = stats.cpu_percent.map_or_else(|| "–".to_owned(), percent);
    let memory = stats.memory_usage.map_or_else(|| "–".to_owned(), bytes);
    format!("{cpu}, {memory}")
}
