//! Asks once before data could be lost in several containers. In a chunk of its own.

use super::actions::verb;
use crate::prelude::*;
use crate::{
    client::Action,
    model::Container,
    parts::dialog::{Dialog, Modal},
};
use leptos::{ev::SubmitEvent, html};
use std::sync::Arc;

/// An action on several containers, to be confirmed.
#[derive(Debug, Clone, PartialEq)]
pub struct BulkQuestion {
    /// What is wished.
    pub action: Action,
    /// To which.
    pub containers: Vec<Arc<Container>>,
}

/// Shows the question as a modal dialog that names every container; Escape and "Cancel" leave all as it is.
#[component]
pub fn BulkDialog(
    /// The question, while there is one.
    question: RwSignal<Option<BulkQuestion>>,
    /// Called with what was confirmed.
    on_confirm: Callback<(Action, Vec<Arc<Container>>)>,
) -> Erased {
    let modal = Modal::default();
    let volumes = NodeRef::<html::Input>::new();
    let confirm = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(BulkQuestion { action, containers }) = question.get_untracked() {
            let action = match action {
                Action::Remove { .. } => Action::Remove {
                    // The dialog says which run: confirming it is meant for those, too.
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
        move |read: fn(&BulkQuestion) -> String| text(move || question.read().as_ref().map(read).unwrap_or_default());
    let names = live(move || {
        let containers = question.get().map(|question| question.containers).unwrap_or_default();
        let name = |container: Arc<Container>| {
            let runs = container.state.has_processes().then_some(" (running)");
            view! { <li><bdi>{container.name.clone()}</bdi> {runs}</li> }
        };
        containers.into_iter().map(name).collect_view().erased()
    });
    let option = live(move || {
        question
            .get()
            .filter(|question| matches!(question.action, Action::Remove { .. }))
            .map(|_| {
                view! {
                    <label class="confirm-dialog__option">
                        <input type="checkbox" node_ref=volumes />
                        "Also remove their anonymous volumes"
                    </label>
                }
            })
            .erased()
    });
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
            is_open=Signal::derive(move || question.read().is_some())
            on_close=Callback::new(move |()| question.set(None))
            labelled_by="bulk-dialog-title"
            described_by="bulk-dialog-consequence"
            content
        />
    }
    .erased()
}

/// `Remove 3 containers`.
fn title(question: &BulkQuestion) -> String {
    let count = question.containers.len();
    format!("{} {count} {}", verb(question.action), if count == 1 { "container" } else { "containers" })
}

fn consequence(question: &BulkQuestion) -> String {
    let running = question.containers.iter().filter(|container| container.state.has_processes()).count();
    match (question.action, running) {
        (Action::Remove { .. }, 0) => "Everything written inside them is lost. Volumes with a name stay.".to_owned(),
        (Action::Remove { .. }, running) => format!(
            "{running} of them {}: their processes are ended at once. Everything written inside them is lost. Volumes with a name stay.",
            if running == 1 { "runs" } else { "run" }
        ),
        _ => "Their processes are ended at once, without a chance to save what they hold in memory.".to_owned(),
    }
}
