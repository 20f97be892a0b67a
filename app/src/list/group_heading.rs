//! Heading of a group, with a summary.

use crate::base_path::address;
use crate::prelude::*;
use crate::{
    acting::selection::select_group,
    client::use_realtime_containers,
    format::{bytes, percent},
    frame::{freshness::NumbersAge, numbers_age::use_numbers_age},
    model::{EngineLink, EngineName, Timestamp},
    parts::icon::{Glyph, Icon},
    query::{CpuScale, Group, Grouping, ListQuery},
};

use super::engine_tag::LOST_SINCE;

/// The groups of a list, and its query.
#[derive(Debug, Clone, Copy)]
pub struct Grouped {
    /// All groups in display order.
    pub groups: Memo<Vec<Group>>,
    /// The query, which has the names of the groups that are collapsed.
    pub query: Memo<ListQuery>,
}

/// A group's name and totals: `shop  2 of 3 running, 1 unhealthy · 40% CPU · 1.2 GiB`. A click
/// collapses or expands the group.
#[component]
pub fn GroupHeading(
    /// Name of the group; `None` for containers without one.
    name: Option<String>,
    /// All groups.
    grouped: Grouped,
) -> Erased {
    let Grouped { groups, query } = grouped;
    let (own, folds, turns, selects) = (name.clone(), name.clone(), name.clone(), name.clone());
    // The group without a name keeps its element when another label is chosen.
    let age = use_numbers_age();
    let hook = use_realtime_containers();
    let engines = hook.engines;
    let title = Memo::new(move |_| match &name {
        None => unnamed_title(&query.read()),
        Some(id) if query.read().group == Grouping::Engine => {
            let engines = engines.read();
            engines.iter().find(|engine| engine.id.as_str() == id).map_or_else(
                || id.clone(),
                |engine| {
                    // Cloned machines have one host name.
                    let mut title = if engines.len() > 1 { id.clone() } else { engine.name.clone() };
                    if engines.len() > 1 && engine.link == EngineLink::Lost {
                        title.push_str(LOST_SINCE);
                        title.push_str(&hook.local_time.clock(engine.since));
                    }
                    title
                },
            )
        }
        Some(name) => name.clone(),
    });
    let is_folded = Memo::new(move |_| query.read().is_folded(folds.as_deref()));
    let href = move || address(&query.get().with_fold_toggled(turns.as_deref()).href());
    let summary = move || {
        groups
            .read()
            .iter()
            .find(|group| group.name == own)
            .map(|group| {
                // Only crash loops depend on the clock.
                let now = if group.loops.is_empty() { hook.now.get_untracked() } else { hook.now.get() };
                let on_engine = |engine| hook.rows.engine_time(engine, now);
                summarize(group, query.read().cpu, age.read().newest != NumbersAge::Gone, &on_engine)
            })
            .unwrap_or_default()
    };
    view! {
        <h2 class="group-heading">
            <a
                class="group-heading__fold"
                href=href
                data-noscroll=""
                aria-expanded=move || if is_folded.get() { "false" } else { "true" }
            >
                {move || {
                    let glyph = if is_folded.get() { Glyph::Folded } else { Glyph::Open };
                    view! { <Icon glyph /> }.erased()
                }}
                <bdi class="group-heading__name" title=move || title.get()>
                    {move || title.get()}
                </bdi>
            </a>
            " "
            <span class="group-heading__count">{summary}</span>
            {select_group(selects)}
        </h2>
    }
    .erased()
}

/// Title of the group of containers without a project or label.
fn unnamed_title(query: &ListQuery) -> String {
    match query.group {
        Grouping::Label => format!("No label {}", query.label),
        _ => "No project".to_owned(),
    }
}

/// Totals of a group: `4 of 4 running, 1 unhealthy · 40% CPU · 1.2 GiB`.
/// `now` is the time of an engine.
fn summarize(group: &Group, scale: CpuScale, with_numbers: bool, now: &dyn Fn(EngineName) -> Timestamp) -> String {
    let Group { name: _, running, total, unhealthy, loops, failed, paused, cpu_tenths, memory } = group;
    let mut summary = format!("{running} of {total} running");
    let looping = loops.iter().filter(|(engine, each)| each.is_one(now(*engine))).count();
    for (count, label) in
        [(*unhealthy, " unhealthy"), (looping, " crash looping"), (*failed, " failed"), (*paused, " paused")]
    {
        if count > 0 {
            summary.push_str(", ");
            summary.push_str(&count.to_string());
            summary.push_str(label);
        }
    }
    if !with_numbers {
        return summary;
    }
    if let Some(tenths) = cpu_tenths {
        summary.push_str(" · ");
        summary.push_str(&percent(*tenths as f64 / 10.0));
        summary.push_str(if scale == CpuScale::Host { " of the host's CPU" } else { " CPU" });
    }
    if let Some(memory) = memory {
        summary.push_str(" · ");
        summary.push_str(&bytes(*memory));
    }
    summary
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Container, ContainerState, Health},
        query::arrange,
        samples::{MADE_AT, container, picture},
    };

    fn summary(members: Vec<Container>, secs: u64) -> String {
        let query = ListQuery::parse("group=label&label=none");
        let arranged = arrange(&picture(members, Vec::new()), &query);
        summarize(&arranged.groups[0], CpuScale::Core, false, &|_| {
            Timestamp::from_millis(MADE_AT.as_millis() + secs * 1_000)
        })
    }

    #[test]
    fn the_summary_includes_problems() {
        let plain = |number: u16| container(number, "web", ContainerState::Running);
        let unhealthy = Container { health: Some(Health::Unhealthy), ..plain(1) };
        assert_eq!(summary(vec![plain(2), plain(3)], 0), "2 of 2 running");
        assert_eq!(summary(vec![unhealthy.clone(), plain(2)], 0), "2 of 2 running, 1 unhealthy");
        let stopped = Container { state: ContainerState::Exited, exit_code: Some(1), ..unhealthy.clone() };
        assert_eq!(
            summary(vec![stopped, plain(2)], 0),
            "1 of 2 running, 1 failed",
            "the health belongs to its last run"
        );
        let frozen = Container { state: ContainerState::Paused, ..unhealthy };
        assert_eq!(summary(vec![frozen, plain(2)], 0), "1 of 2 running, 1 unhealthy, 1 paused");
    }

    #[test]
    fn a_crash_loop_is_counted_in_both_states_until_it_runs_stably() {
        let (started_at, finished_at) = (Some(MADE_AT), Some(MADE_AT));
        let again =
            Container { restart_count: 5, started_at, finished_at, ..container(1, "web", ContainerState::Running) };
        assert_eq!(summary(vec![again.clone()], 5), "1 of 1 running, 1 crash looping");
        assert_eq!(summary(vec![again.clone()], 300), "1 of 1 running");
        let waits = Container { state: ContainerState::Restarting, ..again };
        assert_eq!(summary(vec![waits], 5), "0 of 1 running, 1 crash looping");
    }
}
