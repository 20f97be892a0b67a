//! `/containers`: the list of all containers, filtered and arranged according to the URL.

pub mod choices;
pub mod last_visit_line;
pub mod no_containers;
pub mod scroll_position;
pub mod stopped_fold;

pub use last_visit_line::LastVisitLine;

use crate::base_path::address;
use crate::prelude::*;
use crate::{
    acting::{actions::use_actions, selection::SelectableList},
    chunks::{Chunk, Lazy},
    client::use_realtime_containers,
    format::bytes,
    frame::{connection_indicator::at_this_moment, page_title::PageTitle},
    list::{
        container_list::ContainerList,
        toolbar::Toolbar,
        usage::Scales,
        why_link::{open_why_panel, use_why},
    },
    model::{ContainerState, Engine},
    parts::{empty_state::EmptyState, icon::Glyph},
    prefs::last_visit::use_last_visit,
    query::{Arrangement, Counts, CpuScale, ListQuery, MemoryScale, arrange_after, count, in_former_order},
};
use choices::use_choices;
use leptos::ev::MouseEvent;
use no_containers::NoContainers;
use scroll_position::{restore_scroll_position, save_scroll_position};
use stopped_fold::StoppedFold;

/// The list, its toolbar and its summary.
#[component]
pub fn ContainersPage() -> Erased {
    let hook = use_realtime_containers();
    let choices = use_choices();
    let query = choices.query();
    let held = RwSignal::new(false);
    let arranged = Memo::new(move |former: Option<&(ListQuery, Arrangement)>| {
        let query = query.get();
        if query.depends_on_samples() {
            hook.rows.revision().track();
        } else {
            hook.rows.container_revision().track();
        }
        let before = former.map(|(_, former)| &*former.entries).unwrap_or_default();
        let mut arrangement =
            hook.rows.with_picture(|picture| arrange_after(before, picture, &query)).unwrap_or_default();
        if let Some((before, former)) = former
            && held.get()
            && query.has_live_order()
            && *before == query
        {
            arrangement.entries = in_former_order(&former.entries, arrangement.entries);
        }
        (query, arrangement)
    });
    let entries = Memo::new(move |_| arranged.read().1.entries.clone());
    let groups = Memo::new(move |_| arranged.read().1.groups.clone());
    let counts = Memo::new(move |_| {
        hook.rows.container_revision().track();
        hook.rows.with_picture(count).unwrap_or_default()
    });
    let stale = Memo::new(move |_| at_this_moment(hook, |moment| moment.stale_since().is_some()));
    let is_empty = Memo::new(move |_| counts.get().total == 0);
    let stopped = Memo::new(move |_| arranged.read().1.stopped);
    // Folded containers count as matches.
    let nothing_found = Memo::new(move |_| entries.read().is_empty() && stopped.get() == 0);
    let scales = Memo::new(move |_| query.read().scales());
    provide_context(scales);
    Effect::new(|_| restore_scroll_position());
    use_actions().selection().attach(SelectableList { entries, query });
    let (why, last_visit) = (use_why(), use_last_visit());
    let on_click = move |event: MouseEvent| {
        open_why_panel(why, &event);
        save_scroll_position(&event);
    };
    view! {
        <PageTitle text="Containers" />
        <div class="containers-page" on:click=on_click>
            <Summary counts scales />
            <Lazy chunk=Chunk::LastVisit wanted=Callback::new(move |()| last_visit.read().is_some()) />
            <Toolbar
                query
                counts
                on_search=Callback::new(move |words| choices.search(words))
                on_change=Callback::new(move |query| choices.change(&query))
            />
            {move || {
                if is_empty.get() {
                    view! { <NoContainers /> }.erased()
                } else if nothing_found.get() {
                    view! { <NothingFound query /> }.erased()
                } else {
                    view! { <ContainerList entries groups query stale held /> }.erased()
                }
            }}
            <StoppedFold stopped query />
        </div>
    }
    .erased()
}

/// The title, `12 of 20 running` if known, the age of the data while that may be out of date, and
/// the scale of the meters.
#[component]
fn Summary(
    /// Number of containers in each state.
    counts: Memo<Counts>,
    /// Scales of the meters.
    scales: Memo<Scales>,
) -> Erased {
    let hook = use_realtime_containers();
    let running = move || {
        let counts = counts.get();
        let running = || format!("{} of {} running", counts.of(ContainerState::Running), counts.total);
        if counts.are_known { running() } else { String::new() }
    };
    let dated = move || {
        at_this_moment(hook, |moment| moment.dated(moment.stale_since(), |at| hook.local_time.clock(at)))
            .filter(|_| counts.get().total > 0)
    };
    let hosts = move || hosts(&hook.engines.read());
    view! {
        <div class="containers-page__head">
            // Receives the focus when the list that had it is removed.
            <h1 class="containers-page__title" tabindex="-1">
                "Containers"
            </h1>
            <p class="containers-page__count">{running}</p>
            <p class="containers-page__dated">{move || dated().unwrap_or_default()}</p>
            <p class="containers-page__scale">
                {hosts} " " {move || scale_label(scales.get())}
            </p>
        </div>
    }
    .erased()
}

/// Describes what 100 % means on each meter.
fn scale_label((cpu, memory): Scales) -> String {
    let cpu = match cpu {
        CpuScale::Core => "one core",
        CpuScale::Host => "the whole host",
        CpuScale::Limit => "the container's limit or the whole host",
    };
    let memory = match memory {
        MemoryScale::Limit => "working set, relative to the container's limit or the host's memory",
        MemoryScale::Host => "working set, relative to the host's memory",
        MemoryScale::Cache => "with file cache, relative to the container's limit or the host's memory",
    };
    format!("CPU: 100% is {cpu}. Memory: {memory}.")
}

/// Size of the hosts: `harbour: 8 cores, 15.6 GiB.`, or `3 engines: 24 cores, 46.8 GiB.`
fn hosts(engines: &[Engine]) -> String {
    let (mut text, cpus, memory) = match engines {
        [] => return String::new(),
        [engine] => (engine.name.clone(), engine.cpus, engine.memory_total),
        engines => (
            format!("{} engines", engines.len()),
            engines.iter().filter_map(|engine| engine.cpus).reduce(|one, other| one + other),
            engines.iter().filter_map(|engine| engine.memory_total).reduce(|one, other| one + other),
        ),
    };
    if let (Some(cpus), Some(memory)) = (cpus, memory) {
        let cores = if cpus == 1 { "core" } else { "cores" };
        text.push_str(&format!(": {cpus} {cores}, {}", bytes(memory)));
    }
    text.push('.');
    text
}

/// Empty state for a list in which nothing matches the search and filters.
#[component]
fn NothingFound(
    /// The query without matches.
    query: Memo<ListQuery>,
) -> Erased {
    let cleared = move || address(&ListQuery { search: String::new(), state: None, ..query.get() }.href());
    view! {
        <EmptyState title="No matching containers" glyph=Glyph::Search advice=view! {
            <p>
                <a class="button" href=cleared data-noscroll="">
                    "Clear search and filter"
                </a>
            </p>
        }.erased() />
    }
    .erased()
}
