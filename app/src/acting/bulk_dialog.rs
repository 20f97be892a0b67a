//! Confirmation dialog for an action on several containers that could lose data. In its own chunk.

use super::actions::{use_actions, verb};
use crate::prelude::*;
use crate::{
    client::Action,
    model::Container,
    parts::dialog::{Dialog, Modal},
};
use leptos::{ev::SubmitEvent, html};
use std::sync::Arc;

/// An action on several containers that must be confirmed.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkConfirmation {
    /// The requested action.
    pub action: Action,
    /// Containers on which the action is performed.
    pub containers: Vec<Arc<Container>>,
}

/// A modal dialog that lists all containers. Escape and "Cancel" close it without any effect.
#[component]
pub fn BulkDialog(
    /// The action to confirm, if there is one.
    confirmation: RwSignal<Option<BulkConfirmation>>,
    /// Called after the confirmation.
    on_confirm: Callback<(Action, Vec<Arc<Container>>)>,
) -> Erased {
    let actions = use_actions();
    let modal = Modal::default();
    let volumes = NodeRef::<html::Input>::new();
    let confirm = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(BulkConfirmation { action, containers }) = confirmation.get_untracked() {
            let action = match action {
                Action::Remove { .. } => Action::Remove {
                    // The dialog shows which containers are running, so the confirmation includes
                    // them.
                    force: true,
                    volumes: volumes.get_untracked().is_some_and(|input| input.checked()),
                },
                other => other,
            };
            on_confirm.run((action, containers));
        }
        modal.close();
    };
    let read =
        move |read: fn(&BulkConfirmation) -> String| move || confirmation.read().as_ref().map(read).unwrap_or_default();
    let names = move || {
        let containers = confirmation.get().map(|confirmation| confirmation.containers).unwrap_or_default();
        let name = |container: Arc<Container>| {
            let runs = container.state.has_processes().then_some(" (running)");
            view! { <li><bdi>{actions.full_name(&container)}</bdi> {runs}</li> }
        };
        containers.into_iter().map(name).collect_view().erased()
    };
    let option = move || {
        confirmation
            .get()
            .filter(|confirmation| matches!(confirmation.action, Action::Remove { .. }))
            .map(|_| {
                view! {
                    <label class="confirm-dialog__option">
                        <input type="checkbox" node_ref=volumes />
                        "Also remove their anonymous volumes"
                    </label>
                }
            })
            .erased()
    };
    let content = view! {
            <form class="confirm-dialog__form" on:submit=confirm>
                <h2 class="confirm-dialog__title" id="bulk-dialog-title">
                    {read(title)}
                </h2>
                <p class="confirm-dialog__consequence" id="bulk-dialog-consequence">
                    {read(consequence)}
                </p>
                <ul class="confirm-dialog__names" role="list" tabindex="0" aria-label="Containers">
                    {names}
                </ul>
                {option}
                <div class="confirm-dialog__buttons">
                    <button type="button" class="button" on:click=move |_| modal.close()>
                        "Cancel"
                    </button>
                    <button type="submit" class="button button--danger">
                        {read(title)}
                    </button>
                </div>
            </form>
    }
    .erased();
    view! {
        <Dialog
            modal
            class="confirm-dialog"
            is_open=Signal::derive(move || confirmation.read().is_some())
            on_close=Callback::new(move |()| confirmation.set(None))
            labeled_by="bulk-dialog-title"
            described_by="bulk-dialog-consequence"
            content
        />
    }
    .erased()
}

/// `Remove 3 containers`.
fn title(confirmation: &BulkConfirmation) -> String {
    let count = confirmation.containers.len();
    format!("{} {count} {}", verb(confirmation.action), if count == 1 { "container" } else { "containers" })
}

fn consequence(confirmation: &BulkConfirmation) -> String {
    let running = confirmation.containers.iter().filter(|container| container.state.has_processes()).count();
    match (confirmation.action, running) {
        (Action::Remove { .. }, 0) => "All data written inside them is lost. Named volumes are kept.".to_owned(),
        (Action::Remove { .. }, running) => format!(
            "{running} of them {} running and will be killed. All data written inside them is lost. Named volumes are kept.",
            if running == 1 { "is" } else { "are" }
        ),
        _ => "Their processes are killed immediately. Unsaved data is lost.".to_owned(),
    }
}
