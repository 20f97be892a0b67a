//! What stands above the containers of one group.

use crate::base_path::address;
use crate::prelude::*;
use crate::{
    acting::selection::select_group,
    client::use_realtime_containers,
    format::{bytes, percent},
    frame::{freshness::NumbersAge, numbers_age::use_numbers_age},
    model::Timestamp,
    parts::icon::{Glyph, Icon},
    query::{CpuScale, Group, Grouping, ListQuery},
};

/// The groups of a list, and how it is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Grouped {
    /// Every group, in order.
    pub groups: Signal<Vec<Group>>,
    /// The choices, which say what is folded.
    pub query: Signal<ListQuery>,
}

/// `shop  2 of 3 running, 1 unhealthy · 40% CPU · 1.2 GiB`; a press folds the group or opens it.
#[component]
pub fn GroupHeading(
    /// Which group.
    name: Option<String>,
    /// All of them.
    grouped: Grouped,
) -> Erased {
    let Grouped { groups, query } = grouped;
    let (own, folds, turns, selects) = (name.clone(), name.clone(), name.clone(), name.clone());
    // The group of what shares nothing stays the same element when another label is chosen.
    let age = use_numbers_age();
    let hook = use_realtime_containers();
    let engines = hook.engines;
    let title = Memo::new(move |_| match &name {
        None => nameless(&query.read()),
        Some(id) if query.read().group == Grouping::Host => {
            let engines = engines.read();
            engines
                .iter()
                .find(|engine| engine.id.as_str() == id)
                .map_or_else(|| id.clone(), |engine| engine.name.clone())
        }
        Some(name) => name.clone(),
    });
    let is_folded = Memo::new(move |_| query.read().is_folded(folds.as_deref()));
    let href = text(move || address(&query.get().with_fold_turned(turns.as_deref()).href()));
    let said = text(move || {
        groups
            .read()
            .iter()
            .find(|group| group.name == own)
            .map(|group| {
                // Only a crash loop changes with the clock.
                let now = if group.loops.is_empty() { hook.now.get_untracked() } else { hook.now.get() };
                say(group, query.read().cpu, age.get() != NumbersAge::Gone, now)
            })
            .unwrap_or_default()
    });
    view! {
        <h2 class="group-heading">
            <a
                class="group-heading__fold"
                href=href
                data-noscroll=""
                aria-expanded=word(move || Some(if is_folded.get() { "false" } else { "true" }))
            >
                {live(move || {
                    let glyph = if is_folded.get() { Glyph::Folded } else { Glyph::Open };
                    view! { <Icon glyph /> }.erased()
                })}
                <bdi class="group-heading__name" title=text(move || title.get())>
                    {text(move || title.get())}
                </bdi>
            </a>
            " "
            <span class="group-heading__count">{said}</span>
            {select_group(selects)}
        </h2>
    }
    .erased()
}

/// What containers that share nothing are called.
fn nameless(query: &ListQuery) -> String {
    match query.group {
        Grouping::Label => format!("No label {}", query.label),
        _ => "No project".to_owned(),
    }
}

/// `4 of 4 running, 1 unhealthy · 40% CPU · 1.2 GiB`.
fn say(group: &Group, scale: CpuScale, with_numbers: bool, now: Timestamp) -> String {
    let Group { name: _, running, total, unhealthy, loops, failed, paused, cpu_tenths, memory } = group;
    let mut said = format!("{running} of {total} running");
    let looping = loops.iter().filter(|each| each.is_one(now)).count();
    for (count, what) in
        [(*unhealthy, " unhealthy"), (looping, " crash looping"), (*failed, " failed"), (*paused, " paused")]
    {
        if count > 0 {
            said.push_str(", ");
            said.push_str(&count.to_string());
            said.push_str(what);
        }
    }
    if !with_numbers {
        return said;
    }
    if let Some(tenths) = cpu_tenths {
        said.push_str(" · ");
        said.push_str(&percent(*tenths as f64 / 10.0));
        said.push_str(if scale == CpuScale::Host { " of the host's CPU" } else { " CPU" });
    }
    if let Some(memory) = memory {
        said.push_str(" · ");
        said.push_str(&bytes(*memory));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        model::{Container, ContainerState, Health},
        query::arrange,
        samples::{MADE_AT, container, picture},
    };

    fn said(members: Vec<Container>, secs: u64) -> String {
        let query = ListQuery::parse("group=label&label=none");
        let arranged = arrange(&picture(members, Vec::new()), &query);
        say(&arranged.groups[0], CpuScale::Core, false, Timestamp::from_millis(MADE_AT.as_millis() + secs * 1_000))
    }

    #[test]
    fn a_heading_mentions_whatever_is_not_well() {
        let plain = |number: u16| container(number, "web", ContainerState::Running);
        let sick = Container { health: Some(Health::Unhealthy), ..plain(1) };
        assert_eq!(said(vec![plain(2), plain(3)], 0), "2 of 2 running");
        assert_eq!(said(vec![sick.clone(), plain(2)], 0), "2 of 2 running, 1 unhealthy");
        let stopped = Container { state: ContainerState::Exited, exit_code: Some(1), ..sick.clone() };
        assert_eq!(said(vec![stopped, plain(2)], 0), "1 of 2 running, 1 failed", "its health is of its last run");
        let frozen = Container { state: ContainerState::Paused, ..sick };
        assert_eq!(said(vec![frozen, plain(2)], 0), "1 of 2 running, 1 unhealthy, 1 paused");
    }

    #[test]
    fn a_crash_loop_is_mentioned_in_both_of_its_states_and_not_after_it_held() {
        let (started_at, finished_at) = (Some(MADE_AT), Some(MADE_AT));
        let again =
            Container { restart_count: 5, started_at, finished_at, ..container(1, "web", ContainerState::Running) };
        assert_eq!(said(vec![again.clone()], 5), "1 of 1 running, 1 crash looping");
        assert_eq!(said(vec![again.clone()], 300), "1 of 1 running");
        let waits = Container { state: ContainerState::Restarting, ..again };
        assert_eq!(said(vec![waits], 5), "0 of 1 running, 1 crash looping");
    }
}
