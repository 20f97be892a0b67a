//! What stands above the containers of one group.

use super::{
    freshness::NumbersAge,
    icon::{Glyph, Icon},
    numbers_age::use_numbers_age,
    selection::select_group,
};
use crate::prelude::*;
use crate::{
    client::use_realtime_containers,
    format::{bytes, percent},
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

/// `shop  2 of 3 running  40% CPU  1.2 GiB`; a press folds the group or opens it.
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
    let engines = use_realtime_containers().engines;
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
    let href = text(move || query.get().with_fold_turned(turns.as_deref()).href());
    let said = text(move || {
        groups
            .read()
            .iter()
            .find(|group| group.name == own)
            .map(|group| say(group, query.read().cpu, age.get() != NumbersAge::Gone))
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

fn say(group: &Group, scale: CpuScale, with_numbers: bool) -> String {
    let Group { running, total, cpu_tenths, memory, .. } = group;
    let mut said = format!("{running} of {total} running");
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
