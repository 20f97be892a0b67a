//! Toasts with the results of actions: refusals with the engine's reason until dismissed, and
//! completed actions for as long as they can be undone.

use super::actions::{Refusal, TrackedAction, past, use_actions, verb};
use crate::prelude::*;
use crate::{
    client::Action,
    format::listed,
    parts::icon::{Glyph, Icon},
};
use std::{sync::Arc, time::Duration};

/// Time during which undo is offered after the last action. Afterwards, the buttons in the row do
/// the same.
const UNDO_TIMEOUT: Duration = Duration::from_secs(10);

/// Actions of one kind, undone together.
type TrackedActions = Arc<Vec<TrackedAction>>;

/// All toasts, the newest kind last.
#[component]
pub fn Toasts() -> Erased {
    let actions = use_actions();
    let kinds = Memo::new(move |_| {
        let mut kinds = Vec::new();
        for tracked in actions.done().get() {
            if !kinds.contains(&tracked.action) {
                kinds.push(tracked.action);
            }
        }
        kinds
    });
    view! {
        <div class="toasts">
            <For each=move || actions.refusals().get() key=|refusal| refusal.serial let:refusal>
                <RefusalToast refusal />
            </For>
            <For each=move || kinds.get() key=|action| *action let:action>
                <DoneToast action />
            </For>
        </div>
    }
    .erased()
}

/// An action that failed.
#[component]
pub fn RefusalToast(
    /// The failed action and the reason.
    refusal: Refusal,
) -> Erased {
    let actions = use_actions();
    let Refusal { serial, action, name, error } = refusal;
    view! {
        <div class="toasts__toast" role="alert">
            <Icon glyph=Glyph::Warning />
            <div class="toasts__text">
                <p class="toasts__title">{verb(action)} " " <bdi>{name}</bdi> " failed"</p>
                <p dir="auto">{error.detail}</p>
                {error.hint.map(|hint| view! { <p class="toasts__hint">{hint}</p> })}
            </div>
            <button type="button" class="icon-button" aria-label="Dismiss" on:click=move |_| actions.dismiss(serial)>
                <Icon glyph=Glyph::Close />
            </button>
        </div>
    }
    .erased()
}

/// Completed actions of one kind. Disappears after a while, except while hovered or focused.
#[component]
fn DoneToast(
    /// The completed action.
    action: Action,
) -> Erased {
    let actions = use_actions();
    let done = actions.done();
    let tracked = Memo::new(move |_| {
        let tracked = done.get().into_iter().filter(|run| run.action == action);
        TrackedActions::new(tracked.collect())
    });
    let is_held = RwSignal::new(false);
    Effect::new(move |_| {
        let tracked = tracked.get();
        if !is_held.get()
            && let Ok(timer) = set_timeout_with_handle(move || actions.dismiss_done(&tracked), UNDO_TIMEOUT)
        {
            on_cleanup(move || timer.clear());
        }
    });
    let undo = move || actions.undo(&tracked.get_untracked());
    let dismiss = move || actions.dismiss_done(&tracked.get_untracked());
    view! {
        <div
            on:pointerenter=move |_| is_held.set(true)
            on:pointerleave=move |_| is_held.set(false)
            on:focusin=move |_| is_held.set(true)
            on:focusout=move |_| is_held.set(false)
        >
            {done_toast(move || summary(&tracked.read()), undo, dismiss)}
        </div>
    }
    .erased()
}

/// Renders the toast. Not a live region, because the announcer announces it.
pub fn done_toast(
    summary: impl Fn() -> String + Send + 'static,
    undo: impl Fn() + Send + 'static,
    dismiss: impl Fn() + Send + 'static,
) -> Erased {
    view! {
        <div class="toasts__toast toasts__toast--done" role="group" aria-label="Done">
            <Icon glyph=Glyph::Check />
            <p class="toasts__text" dir="auto">
                {summary}
            </p>
            <button type="button" class="button" on:click=move |_| undo()>
                "Undo"
            </button>
            <button type="button" class="icon-button" aria-label="Dismiss" on:click=move |_| dismiss()>
                <Icon glyph=Glyph::Close />
            </button>
        </div>
    }
    .erased()
}

/// `Stopped web-1`, `Stopped web-1, db and 3 others`.
pub fn summary(tracked: &[TrackedAction]) -> String {
    let mut named = tracked.iter().map(|run| (run.before.key(), run.before.name.as_str())).collect::<Vec<_>>();
    named.dedup();
    let names = named.into_iter().map(|(_, name)| name).collect::<Vec<_>>();
    tracked.first().map(|run| format!("{} {}", past(run.action), listed(&names))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::ContainerState, samples::container};

    #[test]
    fn the_summary_names_two_containers_and_counts_the_others() {
        let tracked = |names: &[&str]| {
            let run = |(serial, name): (u64, &&str)| {
                let before = Arc::new(container(1, name, ContainerState::Running));
                TrackedAction { serial, action: Action::Stop, before }
            };
            (0..).zip(names).map(run).collect::<Vec<_>>()
        };
        assert_eq!(summary(&tracked(&["web-1"])), "Stopped web-1");
        assert_eq!(summary(&tracked(&["web-1", "db", "a", "b"])), "Stopped web-1, db and 2 others");
        assert_eq!(summary(&tracked(&["web-1", "web-1"])), "Stopped web-1", "the same container twice");
    }
}
