//! What can be done to all that is selected, how far it has come, and what was not done. In a chunk of its own.

use super::{
    action_button::glyph,
    actions::{Actions, asks_first, use_actions, verb},
    bulk::{Bulk, suits},
    bulk_dialog::{BulkDialog, BulkQuestion},
    selection::{Asked, containers},
    selection_keys::{listen_to_keys, toggle_project},
    selection_results::{pump, results},
};
use crate::base_path::address;
use crate::prelude::*;
use crate::{
    client::{Action, use_realtime_containers},
    logs::merged_path,
    model::{Container, ContainerState},
    parts::icon::{Glyph, Icon},
    prefs::remembered::use_remembered,
    query::{Entry, ListQuery},
};
use leptos::{wasm_bindgen::JsCast, web_sys::HtmlElement};
use std::sync::Arc;

/// What the bar offers, in this order, whatever is selected: buttons keep their places.
const OFFERED: [Action; 7] = [
    Action::Start,
    Action::Stop,
    Action::Restart,
    Action::Pause,
    Action::Unpause,
    Action::Kill,
    Action::Remove { force: false, volumes: false },
];

/// A bar at the bottom of the window while something is selected, or is being done to what was.
///
/// # Server-side
/// Nothing: the server has no selection.
#[component]
pub fn SelectionBar() -> Erased {
    let actions = use_actions();
    let selection = actions.selection();
    let bulk = RwSignal::new(None::<Bulk>);
    let question = RwSignal::new(None::<BulkQuestion>);
    drop_what_is_gone(actions);
    listen_to_keys(selection);
    let selected = Memo::new(move |_| {
        let ids = selection.all().get();
        ids.into_iter().filter_map(|id| actions.container(id)).collect::<Vec<_>>()
    });
    let has_any = Memo::new(move |_| !selected.read().is_empty());
    let is_busy = Memo::new(move |_| bulk.read().is_some());
    let run = Callback::new(move |(action, containers): (Action, Vec<Arc<Container>>)| {
        bulk.set(Some(Bulk::new(action, containers)));
        pump(bulk, actions);
    });
    do_what_is_asked(actions, bulk, question, run);
    view! {
        <BulkDialog question on_confirm=run />
        {live(move || {
            (has_any.get() || is_busy.get())
                .then(|| {
                    view! {
                        <section class="selection-bar" aria-label="Selection">
                            {live(move || is_busy.get().then(|| results(bulk, actions)).erased())}
                            {live(move || has_any.get().then(|| offers(selected, bulk, question, run)).erased())}
                        </section>
                    }
                })
                .erased()
        })}
    }
    .erased()
}

/// What was asked for elsewhere, perhaps before this was here.
fn do_what_is_asked(
    actions: Actions,
    bulk: RwSignal<Option<Bulk>>,
    question: RwSignal<Option<BulkQuestion>>,
    run: Callback<(Action, Vec<Arc<Container>>)>,
) {
    let rows = use_realtime_containers().rows;
    let asked = actions.selection().asked();
    Effect::new(move |_| {
        // One after the other: what comes of each is counted by its place.
        if asked.read().is_none() || bulk.read().as_ref().is_some_and(|bulk| !bulk.is_over()) {
            return;
        }
        match asked.try_update(Option::take).flatten() {
            Some(Asked::ProjectOf(id)) => toggle_project(actions.selection(), rows, id),
            Some(Asked::Act(action, ids)) => untrack(|| {
                let containers = ids.into_iter().filter_map(|id| actions.container(id));
                let fit: Vec<_> = containers.filter(|container| can_take_part(actions, action, container)).collect();
                if !fit.is_empty() {
                    wish(action, fit, question, run);
                }
            }),
            None => {}
        }
    });
}

/// Whether an action makes sense for a container now.
fn can_take_part(actions: Actions, action: Action, container: &Container) -> bool {
    suits(action, container.state) && !actions.has_to_wait(container.id, action)
}

/// Does it, after asking where data could be lost.
fn wish(
    action: Action,
    containers: Vec<Arc<Container>>,
    question: RwSignal<Option<BulkQuestion>>,
    run: Callback<(Action, Vec<Arc<Container>>)>,
) {
    if asks_first(action) {
        question.set(Some(BulkQuestion { action, containers }));
    } else {
        run.run((action, containers));
    }
}

/// A container that is removed is not selected any more.
fn drop_what_is_gone(actions: Actions) {
    let rows = use_realtime_containers().rows;
    Effect::new(move |_| {
        let ids = rows.ids().get();
        let selection = actions.selection();
        let chosen = selection.all().get_untracked();
        // Rows are ordered by id.
        let gone = chosen.into_iter().filter(|id| ids.binary_search(id).is_err()).collect::<Vec<_>>();
        if !gone.is_empty() {
            selection.set(&gone, false);
        }
    });
}

/// How many, and the buttons.
fn offers(
    selected: Memo<Vec<Arc<Container>>>,
    bulk: RwSignal<Option<Bulk>>,
    question: RwSignal<Option<BulkQuestion>>,
    run: Callback<(Action, Vec<Arc<Container>>)>,
) -> Erased {
    let actions = use_actions();
    let selection = actions.selection();
    let shown = Memo::new(move |_| containers(&selection.entries()));
    let said = text(move || say(&selected.read(), &selection.entries()));
    let is_running = move || bulk.read().as_ref().is_some_and(|bulk| !bulk.is_over());
    let button = move |action: Action| {
        let fit = Memo::new(move |_| {
            let fits = |container: &&Arc<Container>| can_take_part(actions, action, container);
            selected.read().iter().filter(fits).cloned().collect::<Vec<_>>()
        });
        let is_off = move || fit.read().is_empty() || is_running();
        let press = move |_| {
            let containers = fit.get_untracked();
            if untrack(is_off) {
                return;
            }
            wish(action, containers, question, run);
        };
        let count = text(move || {
            let (fit, all) = (fit.read().len(), selected.read().len());
            if fit == all || fit == 0 { String::new() } else { format!(" {fit}") }
        });
        view! {
            <button
                type="button"
                class="button selection-bar__action"
                aria-disabled=word(move || is_off().then_some("true"))
                on:click=press
            >
                <Icon glyph=glyph(action) />
                <span>{verb(action)} {count} {asks_first(action).then_some("…")}</span>
            </button>
        }
    };
    let remembered = use_remembered();
    let are_pinned = Memo::new(move |_| selected.read().iter().all(|container| remembered.is_pinned(container)));
    let pin = move |_| {
        let pins = selected.read_untracked().iter().map(|container| ListQuery::pin_of(container)).collect::<Vec<_>>();
        remembered.set_pins(&pins, !are_pinned.get_untracked());
    };
    let select_all = live(move || {
        let count = shown.read().len();
        let is_whole = shown.read().iter().all(|id| selection.has(*id));
        (!is_whole)
            .then(|| {
                view! {
                    <button
                        type="button"
                        class="selection-bar__all"
                        on:click=move |_| selection.set(&shown.get_untracked(), true)
                    >
                        {format!("Select all {count} shown")}
                    </button>
                }
            })
            .erased()
    });
    let clear = move |_| {
        let first = selected.read_untracked().first().map(|container| container.id);
        selection.clear();
        if let Some(id) = first {
            super::selection_keys::focus_container(id);
        }
    };
    view! {
        <p class="selection-bar__count" aria-live="polite">
            {said}
        </p>
        {select_all}
        <div class="selection-bar__actions" role="group" aria-label="Actions for the selection">
            {OFFERED.map(button).collect_view()}
            <a class="button selection-bar__logs" href=text(move || address(&merged_path(&selection.all().read())))>
                <Icon glyph=Glyph::Lines />
                "Logs"
            </a>
            <button type="button" class="button selection-bar__pin" on:click=pin>
                <Icon glyph=Glyph::Up />
                {text(move || if are_pinned.get() { "Unpin" } else { "Pin" }.to_owned())}
            </button>
        </div>
        <button type="button" class="icon-button" aria-label="Clear the selection" title="Clear the selection (Escape)" on:click=clear>
            <Icon glyph=Glyph::Close />
        </button>
    }
    .erased()
}

/// `12 selected (3 stopped), 2 of them not shown`.
fn say(selected: &[Arc<Container>], entries: &[Entry]) -> String {
    let mut said = format!("{} selected", selected.len());
    let stopped = selected.iter().filter(|container| container.state == ContainerState::Exited).count();
    if stopped > 0 {
        said.push_str(&format!(" ({stopped} stopped)"));
    }
    let hidden = selected.iter().filter(|container| !entries.contains(&Entry::Container(container.id))).count();
    if hidden > 0 {
        said.push_str(&format!(", {hidden} of them not shown"));
    }
    said
}

/// Leads the keyboard to the first thing that can be done.
pub fn focus_bar() {
    let first = document().query_selector(".selection-bar__action:not([aria-disabled=true])").ok().flatten();
    if let Some(first) = first.and_then(|first| first.dyn_into::<HtmlElement>().ok()) {
        let _ = first.focus();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::container;

    #[test]
    fn the_count_tells_what_is_stopped_and_what_is_out_of_sight() {
        let web = Arc::new(container(1, "web-1", ContainerState::Running));
        let db = Arc::new(container(2, "db", ContainerState::Exited));
        let entries = [Entry::Container(web.id), Entry::Container(db.id)];
        for (selected, shown, said) in [
            (vec![Arc::clone(&web)], 2, "1 selected"),
            (vec![Arc::clone(&web), Arc::clone(&db)], 2, "2 selected (1 stopped)"),
            (vec![web, db], 1, "2 selected (1 stopped), 1 of them not shown"),
        ] {
            assert_eq!(say(&selected, &entries[..shown]), said);
        }
    }
}
