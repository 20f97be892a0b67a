//! All, or one state, with how many there are. Links: a filter is a place.

use crate::prelude::*;
use crate::{
    model::ContainerState,
    query::{Counts, ListQuery},
};

/// A link for each state that some container is in, or that is picked.
#[component]
pub fn StateFilter(
    /// How many there are.
    counts: Signal<Counts>,
    /// The choices the links change.
    query: Signal<ListQuery>,
) -> Erased {
    let picked = move || query.read().state;
    let states = Memo::new(move |_| {
        let (counts, picked) = (counts.get(), picked());
        let is_shown = |state: &ContainerState| counts.of(*state) > 0 || picked == Some(*state);
        ContainerState::ALL.into_iter().filter(is_shown).collect::<Vec<_>>()
    });
    let link = move |state: Option<ContainerState>| {
        let count = move || {
            let counts = counts.get();
            let count = state.map_or(counts.total, |state| counts.of(state));
            if counts.are_known { count.to_string() } else { "–".to_owned() }
        };
        view! {
            <a
                class="state-filter__link"
                href=text(move || ListQuery { state, ..query.get() }.href())
                data-noscroll=""
                aria-current=word(move || (picked() == state).then_some("true"))
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
            {live(move || states.get().into_iter().map(Some).map(link).collect_view().erased())}
        </div>
    }
    .erased()
}
