//! Confirmation dialog for an action that could lose data.

use super::actions::{Actions, Confirmation, use_actions, verb};
use crate::client::Action;
use crate::parts::dialog::{Dialog, Modal};
use crate::prelude::*;
use leptos::{ev::SubmitEvent, html};

/// A modal dialog for the action in `Actions::confirmation`. Escape and "Cancel" close it without
/// any effect.
///
/// # Server-side
/// A closed dialog.
#[component]
pub fn ConfirmDialog() -> Erased {
    let actions = use_actions();
    let confirmation = actions.confirmation();
    let modal = Modal::default();
    let force = NodeRef::<html::Input>::new();
    let volumes = NodeRef::<html::Input>::new();
    let is_checked = |input: NodeRef<html::Input>| input.get_untracked().is_some_and(|input| input.checked());
    let confirm = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(Confirmation { action, container }) = confirmation.get_untracked() {
            let action = match action {
                Action::Remove { .. } => Action::Remove { force: is_checked(force), volumes: is_checked(volumes) },
                other => other,
            };
            actions.perform(action, container);
        }
        modal.close();
    };
    let content = view! {
            <form class="confirm-dialog__form" on:submit=confirm>
                <h2 class="confirm-dialog__title" id="confirm-dialog-title">
                    {move || confirmation.get().map(|confirmation| title(&confirmation, actions)).erased()}
                </h2>
                <p class="confirm-dialog__consequence" id="confirm-dialog-consequence">
                    {move || confirmation.read().as_ref().map(consequence).unwrap_or_default().to_owned()}
                </p>
                {move || {
                    confirmation
                        .get()
                        .filter(|confirmation| matches!(confirmation.action, Action::Remove { .. }))
                        .map(|confirmation| {
                            let runs = confirmation.container.state.has_processes();
                            view! {
                                <label class="confirm-dialog__option">
                                    <input type="checkbox" node_ref=volumes />
                                    "Also remove its anonymous volumes"
                                </label>
                                <label class="confirm-dialog__option">
                                    <input type="checkbox" node_ref=force checked=runs />
                                    "Force: kill it first if it is running"
                                </label>
                            }
                        })
                        .erased()
                }} <div class="confirm-dialog__buttons">
                    <button type="button" class="button" on:click=move |_| modal.close()>
                        "Cancel"
                    </button>
                    <button type="submit" class="button button--danger">
                        {move || confirmation.read().as_ref().map(|confirmation| verb(confirmation.action)).unwrap_or_default().to_owned()}
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
            labeled_by="confirm-dialog-title"
            described_by="confirm-dialog-consequence"
            content
        />
    }
    .erased()
}

fn title(confirmation: &Confirmation, actions: Actions) -> Erased {
    let name = actions.full_name(&confirmation.container);
    view! { {verb(confirmation.action)} " " <bdi>{name}</bdi> "?" }.erased()
}

fn consequence(confirmation: &Confirmation) -> &'static str {
    match confirmation.action {
        Action::Remove { .. } if confirmation.container.state.has_processes() => {
            "It is running and will be killed. All data written inside it is lost. Named volumes are kept."
        }
        Action::Remove { .. } => "All data written inside it is lost. Named volumes are kept.",
        Action::Start | Action::Stop | Action::Restart | Action::Pause | Action::Unpause | Action::Kill => {
            "Its processes are killed immediately. Unsaved data is lost."
        }
    }
}
