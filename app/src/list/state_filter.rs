//! All, or one state, with how many there are. Links: a filter is a place.

use crate::base_path::address;
use crate::prelude::*;
use crate::{
    model::ContainerState,
    query::{Counts, ListQuery},
};

/// The states of a crash loop and of what was stopped: containers come and go between them, and the toolbar must not move each time.
const USUAL: [ContainerState; 3] = [ContainerState::Running, ContainerState::Restarting, ContainerState::Exited];

/// A link for each usual state, and for each other that some container has been in since the page was opened, or that is picked.
#[component]
pub fn StateFilter(
    /// How many there are.
    counts: Signal<Counts>,
    /// The choices the links change.
    query: Signal<ListQuery>,
) -> Erased {
    let picked = move || query.read().state;
    // At the end, so that none of the others moves.
    let others = Memo::new(move |former: Option<&Vec<ContainerState>>| {
        let (counts, picked) = (counts.get(), picked());
        let mut others = former.cloned().unwrap_or_default();
        for state in ContainerState::ALL {
            if (counts.of(state) > 0 || picked == Some(state)) && !USUAL.contains(&state) && !others.contains(&state) {
                others.push(state);
            }
        }
        others
    });
    let link = move |state: Option<ContainerState>| {
        let count = move || {
            let counts = counts.get();
            let count = state.map_or(counts.total, |state| counts.of(state));
            if counts.are_known { in_width_of(count, counts.total) } else { "–".to_owned() }
        };
        let is_empty = move || state.is_some_and(|state| counts.read().of(state) == 0);
        view! {
            <a
                class="state-filter__link"
                href=text(move || address(&ListQuery { state, ..query.get() }.href()))
                data-noscroll=""
                aria-current=word(move || (picked() == state).then_some("true"))
                data-empty=word(move || is_empty().then_some(""))
            >
                {state.map_or("All", ContainerState::label)}
                " "
                <span class="state-filter__count">{text(count)}</span>
            </a>
        }
    };
    view! {
        <div class="state-filter" role="group" aria-label="State">
            {link(None)}
            {USUAL.map(|state| link(Some(state))).collect_view()}
            {live(move || others.get().into_iter().map(Some).map(link).collect_view().erased())}
        </div>
    }
    .erased()
}

/// A count in as much room as the largest there could be: what stands beside it stays where it is.
pub fn in_width_of(count: usize, largest: usize) -> String {
    const FIGURE_SPACE: char = '\u{2007}';
    let (mut count, largest) = (count.to_string(), largest.to_string());
    while count.chars().count() < largest.len() {
        count.push(FIGURE_SPACE);
    }
    count
}
