//! Links that filter by state, with the number of containers in each.

use crate::base_path::address;
use crate::prelude::*;
use crate::{
    model::ContainerState,
    query::{Counts, ListQuery},
};

/// States that are always listed. Containers often change between these states, which must not
/// shift the toolbar.
const COMMON_STATES: [ContainerState; 3] =
    [ContainerState::Running, ContainerState::Restarting, ContainerState::Exited];

/// A link for each common state, for each other state seen since the page was opened, and for the
/// selected one.
#[component]
pub fn StateFilter(
    /// Number of containers in each state.
    counts: Memo<Counts>,
    /// The query that the links change.
    query: Memo<ListQuery>,
) -> Erased {
    let selected = move || query.read().state;
    // Appended, so that the other links do not move.
    let others = Memo::new(move |former: Option<&Vec<ContainerState>>| {
        let (counts, selected) = (counts.get(), selected());
        let mut others = former.cloned().unwrap_or_default();
        for state in ContainerState::ALL {
            if (counts.of(state) > 0 || selected == Some(state))
                && !COMMON_STATES.contains(&state)
                && !others.contains(&state)
            {
                others.push(state);
            }
        }
        others
    });
    let link = move |state: Option<ContainerState>| {
        let count = move || {
            let counts = counts.get();
            let count = state.map_or(counts.total, |state| counts.of(state));
            if counts.are_known { padded_count(count, counts.total) } else { "–".to_owned() }
        };
        let is_empty = move || state.is_some_and(|state| counts.read().of(state) == 0);
        view! {
            <a
                class="state-filter__link"
                href=move || address(&ListQuery { state, ..query.get() }.href())
                data-noscroll=""
                aria-current=move || (selected() == state).then_some("true")
                data-empty=move || is_empty().then_some("")
            >
                {state.map_or("All", ContainerState::label)}
                " "
                <span class="state-filter__count">{count}</span>
            </a>
        }
    };
    view! {
        <div class="state-filter" role="group" aria-label="State">
            {link(None)}
            {COMMON_STATES.map(|state| link(Some(state))).collect_view()}
            {move || others.get().into_iter().map(Some).map(link).collect_view().erased()}
        </div>
    }
    .erased()
}

/// Pads a count to the width of the largest possible one, so that its neighbors do not move.
pub fn padded_count(count: usize, largest: usize) -> String {
    const FIGURE_SPACE: char = '\u{2007}';
    let (mut count, largest) = (count.to_string(), largest.to_string());
    while count.chars().count() < largest.len() {
        count.push(FIGURE_SPACE);
    }
    count
}
