//! Bar with the actions for the selected containers, their progress and failures. In its own chunk.

use super::{
    action_button::glyph,
    actions::{Actions, needs_confirmation, use_actions, verb},
    bulk::{Bulk, is_available},
    bulk_dialog::{BulkConfirmation, BulkDialog},
    selection::{BarRequest, containers},
    selection_keys::{add_key_listener, toggle_project},
    selection_results::{pump, results},
};
use crate::base_path::address;
use crate::prelude::*;
use crate::{
    client::{Action, use_realtime_containers},
    logs::merged_path,
    model::{Container, ContainerKey, ContainerState},
    parts::icon::{Glyph, Icon},
    prefs::remembered::use_remembered,
    query::{Entry, ListQuery},
};
use leptos::{wasm_bindgen::JsCast, web_sys::HtmlElement};
use std::sync::Arc;

/// Actions in the bar. The order does not depend on the selection, so buttons keep their positions.
const BULK_ACTIONS: [Action; 7] = [
    Action::Start,
    Action::Stop,
    Action::Restart,
    Action::Pause,
    Action::Unpause,
    Action::Kill,
    Action::Remove { force: false, volumes: false },
];

/// A bar at the bottom of the window, shown while containers are selected or an action is running.
///
/// # Server-side
/// Empty, because the server has no selection.
#[component]
pub fn SelectionBar() -> Erased {
    let actions = use_actions();
    let selection = actions.selection();
    let bulk = RwSignal::new(None::<Bulk>);
    let confirmation = RwSignal::new(None::<BulkConfirmation>);
    deselect_removed(actions);
    add_key_listener(selection);
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
    handle_requests(actions, bulk, confirmation, run);
    view! {
        <BulkDialog confirmation on_confirm=run />
        {move || {
            (has_any.get() || is_busy.get())
                .then(|| {
                    view! {
                        <section class="selection-bar" aria-label="Selection">
                            {move || is_busy.get().then(|| results(bulk, actions)).erased()}
                            {move || has_any.get().then(|| action_buttons(selected, bulk, confirmation, run)).erased()}
                        </section>
                    }
                })
                .erased()
        }}
    }
    .erased()
}

/// Handles requests from other components, including those made before this chunk was loaded.
fn handle_requests(
    actions: Actions,
    bulk: RwSignal<Option<Bulk>>,
    confirmation: RwSignal<Option<BulkConfirmation>>,
    run: Callback<(Action, Vec<Arc<Container>>)>,
) {
    let rows = use_realtime_containers().rows;
    let request = actions.selection().bar_request();
    Effect::new(move |_| {
        // One bulk action at a time, because results are stored by index.
        if request.read().is_none() || bulk.read().as_ref().is_some_and(|bulk| !bulk.is_finished()) {
            return;
        }
        match request.try_update(Option::take).flatten() {
            Some(BarRequest::ProjectOf(id)) => toggle_project(actions.selection(), rows, id),
            Some(BarRequest::Act(action, ids)) => untrack(|| {
                let containers = ids.into_iter().filter_map(|id| actions.container(id));
                let fit: Vec<_> = containers.filter(|container| can_perform(actions, action, container)).collect();
                if !fit.is_empty() {
                    request_action(action, fit, confirmation, run);
                }
            }),
            None => {}
        }
    });
}

/// True if the action can be performed on the container now.
fn can_perform(actions: Actions, action: Action, container: &Container) -> bool {
    is_available(action, container.state) && !actions.must_wait(container.key(), action)
}

/// Performs the action, after a confirmation if data could be lost.
fn request_action(
    action: Action,
    containers: Vec<Arc<Container>>,
    confirmation: RwSignal<Option<BulkConfirmation>>,
    run: Callback<(Action, Vec<Arc<Container>>)>,
) {
    if needs_confirmation(action) {
        confirmation.set(Some(BulkConfirmation { action, containers }));
    } else {
        run.run((action, containers));
    }
}

/// Deselects removed containers.
fn deselect_removed(actions: Actions) {
    let rows = use_realtime_containers().rows;
    Effect::new(move |_| {
        let keys = rows.keys().get();
        let selection = actions.selection();
        let selected = selection.all().get_untracked();
        // Rows are ordered by key.
        let removed = selected.into_iter().filter(|key| keys.binary_search(key).is_err()).collect::<Vec<_>>();
        if !removed.is_empty() {
            selection.set(&removed, false);
        }
    });
}

/// The summary of the selection and the buttons.
fn action_buttons(
    selected: Memo<Vec<Arc<Container>>>,
    bulk: RwSignal<Option<Bulk>>,
    confirmation: RwSignal<Option<BulkConfirmation>>,
    run: Callback<(Action, Vec<Arc<Container>>)>,
) -> Erased {
    let actions = use_actions();
    let selection = actions.selection();
    let shown = Memo::new(move |_| containers(&selection.entries()));
    let summary = move || summarize(&selected.read(), &selection.entries());
    let is_running = move || bulk.read().as_ref().is_some_and(|bulk| !bulk.is_finished());
    let button = move |action: Action| {
        let fit = Memo::new(move |_| {
            let fits = |container: &&Arc<Container>| can_perform(actions, action, container);
            selected.read().iter().filter(fits).cloned().collect::<Vec<_>>()
        });
        let is_off = move || fit.read().is_empty() || is_running();
        let on_click = move |_| {
            let containers = fit.get_untracked();
            if untrack(is_off) {
                return;
            }
            request_action(action, containers, confirmation, run);
        };
        let count = move || {
            let (fit, all) = (fit.read().len(), selected.read().len());
            if fit == all || fit == 0 { String::new() } else { format!(" {fit}") }
        };
        view! {
            <button
                type="button"
                class="button selection-bar__action"
                aria-disabled=move || is_off().then_some("true")
                on:click=on_click
            >
                <Icon glyph=glyph(action) />
                <span>{verb(action)} {count} {needs_confirmation(action).then_some("…")}</span>
            </button>
        }
    };
    let remembered = use_remembered();
    let are_pinned = Memo::new(move |_| selected.read().iter().all(|container| remembered.is_pinned(container)));
    let pin = move |_| {
        let pins = selected.read_untracked().iter().map(|container| ListQuery::pin_of(container)).collect::<Vec<_>>();
        remembered.set_pins(&pins, !are_pinned.get_untracked());
    };
    let select_all = move || {
        let count = shown.read().len();
        let is_whole = shown.read().iter().all(|id| selection.contains(*id));
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
    };
    let clear = move |_| {
        let first = selected.read_untracked().first().map(|container| container.key());
        selection.clear();
        if let Some(key) = first {
            super::selection_keys::focus_container(key);
        }
    };
    view! {
        <p class="selection-bar__count" aria-live="polite">
            {summary}
        </p>
        {select_all}
        <div class="selection-bar__actions" role="group" aria-label="Actions for the selection">
            {BULK_ACTIONS.map(button).collect_view()}
            <a class="button selection-bar__logs" href=move || address(&logs_path(&selection.all().read()))>
                <Icon glyph=Glyph::Lines />
                "Logs"
            </a>
            <button type="button" class="button selection-bar__pin" on:click=pin>
                <Icon glyph=Glyph::Up />
                {move || if are_pinned.get() { "Unpin" } else { "Pin" }.to_owned()}
            </button>
        </div>
        <button type="button" class="icon-button" aria-label="Clear selection" title="Clear selection (Escape)" on:click=clear>
            <Icon glyph=Glyph::Close />
        </button>
    }
    .erased()
}

/// Path of the page with the logs of these containers.
fn logs_path(keys: &[ContainerKey]) -> String {
    merged_path(keys, use_realtime_containers().rows.has_several_engines())
}

/// `12 selected (3 stopped), 2 not shown`.
fn summarize(selected: &[Arc<Container>], entries: &[Entry]) -> String {
    let mut summary = format!("{} selected", selected.len());
    let stopped = selected.iter().filter(|container| container.state == ContainerState::Exited).count();
    if stopped > 0 {
        summary.push_str(&format!(" ({stopped} stopped)"));
    }
    let hidden = selected.iter().filter(|container| !entries.contains(&Entry::Container(container.key()))).count();
    if hidden > 0 {
        summary.push_str(&format!(", {hidden} not shown"));
    }
    summary
}

/// Focuses the first enabled button.
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
    fn the_summary_counts_stopped_and_hidden_containers() {
        let web = Arc::new(container(1, "web-1", ContainerState::Running));
        let db = Arc::new(container(2, "db", ContainerState::Exited));
        let entries = [Entry::Container(web.key()), Entry::Container(db.key())];
        for (selected, shown, summary) in [
            (vec![Arc::clone(&web)], 2, "1 selected"),
            (vec![Arc::clone(&web), Arc::clone(&db)], 2, "2 selected (1 stopped)"),
            (vec![web, db], 1, "2 selected (1 stopped), 1 not shown"),
        ] {
            assert_eq!(summarize(&selected, &entries[..shown]), summary);
        }
    }
}
