//! Asks before something is done that could lose data.

use super::actions::{Question, use_actions, verb};
use crate::client::Action;
use crate::parts::dialog::{Dialog, Modal};
use crate::prelude::*;
use leptos::{ev::SubmitEvent, html};

/// Shows what `Actions::question` holds as a modal dialog; Escape and "Cancel" leave everything as it is.
///
/// # Server-side
/// A closed dialog.
#[component]
pub fn ConfirmDialog() -> Erased {
    let actions = use_actions();
    let question = actions.question();
    let modal = Modal::default();
    let force = NodeRef::<html::Input>::new();
    let volumes = NodeRef::<html::Input>::new();
    let is_checked = |input: NodeRef<html::Input>| input.get_untracked().is_some_and(|input| input.checked());
    let confirm = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(Question { action, container }) = question.get_untracked() {
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
                    {live(move || question.get().map(|question| title(&question)).erased())}
                </h2>
                <p class="confirm-dialog__consequence" id="confirm-dialog-consequence">
                    {text(move || question.read().as_ref().map(consequence).unwrap_or_default().to_owned())}
                </p>
                {live(move || {
                    question
                        .get()
                        .filter(|question| matches!(question.action, Action::Remove { .. }))
                        .map(|question| {
                            let runs = question.container.state.has_processes();
                            view! {
                                <label class="confirm-dialog__option">
                                    <input type="checkbox" node_ref=volumes />
                                    "Also remove its anonymous volumes"
                                </label>
                                <label class="confirm-dialog__option">
                                    <input type="checkbox" node_ref=force checked=runs />
                                    "Force: end it first if it runs"
                                </label>
                            }
                        })
                        .erased()
                })} <div class="confirm-dialog__buttons">
                    <button type="button" class="button" on:click=move |_| modal.close()>
                        "Cancel"
                    </button>
                    <button type="submit" class="button button--danger">
                        {text(move || question.read().as_ref().map(|question| verb(question.action)).unwrap_or_default().to_owned())}
                    </button>
                </div>
            </form>
    }
    .erased();
    view! {
        <Dialog
            modal
            class="confirm-dialog"
            is_open=Signal::derive(move || question.read().is_some())
            on_close=Callback::new(move |()| question.set(None))
            labelled_by="confirm-dialog-title"
            described_by="confirm-dialog-consequence"
            content
        />
    }
    .erased()
}

fn title(question: &Question) -> Erased {
    let name = question.container.name.clone();
    view! { {verb(question.action)} " " <bdi>{name}</bdi> "?" }.erased()
}

fn consequence(question: &Question) -> &'static str {
    match question.action {
        Action::Remove { .. } if question.container.state.has_processes() => {
            "It is running: its processes are ended at once, and everything written inside it is lost. Volumes with a name stay."
        }
        Action::Remove { .. } => "Everything written inside it is lost. Volumes with a name stay.",
        Action::Start | Action::Stop | Action::Restart | Action::Pause | Action::Unpause | Action::Kill => {
            "Its processes are ended at once, without a chance to save what they hold in memory."
        }
    }
}
