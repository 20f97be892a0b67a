//! All, or one state, with how many there are. Links: a filter is a place.

use crate::{
    model::ContainerState,
    query::{Counts, ListQuery},
};
use leptos::prelude::*;

/// A link for each state that some container is in, or that is picked.
#[component]
pub fn StateFilter(
    /// How many there are.
    counts: Signal<Counts>,
    /// The choices the links change.
    query: Signal<ListQuery>,
) -> impl IntoView {
    let picked = Memo::new(move |_| query.with(|query| query.state));
    let states = Memo::new(move |_| {
        let (counts, picked) = (counts.get(), picked.get());
        let is_shown = |state: &ContainerState| counts.of(*state) > 0 || picked == Some(*state);
        ContainerState::ALL.into_iter().filter(is_shown).collect::<Vec<_>>()
    });
    let link = move |state: Option<ContainerState>| {
        let href = move || ListQuery { state, ..query.get() }.href();
        let count = move || counts.with(|counts| state.map_or(counts.total, |state| counts.of(state)));
        view! {
            <a
                class="state-filter__link"
                href=href
                data-noscroll=""
                aria-current=move || (picked.get() == state).then_some("true")
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
            <For each=move || states.get() key=|state| *state children=move |state| link(Some(state)) />
        </div>
    }
    .into_any()
}
