//! What came of actions, in a corner of the window: refusals with the engine's own reason, until dismissed; what was done, for as long as
//! somebody may want it undone.

use super::actions::{Deed, Refusal, past, use_actions, verb};
use crate::prelude::*;
use crate::{
    client::Action,
    format::listed,
    parts::icon::{Glyph, Icon},
};
use std::{sync::Arc, time::Duration};

/// Undoing is offered for so long after the last of what it undoes. The row's own button does the same for ever.
const OFFERED_FOR: Duration = Duration::from_secs(10);

/// Deeds of one kind, undone together.
type Deeds = Arc<Vec<Deed>>;

/// All of them, the newest kind last.
#[component]
pub fn Toasts() -> Erased {
    let actions = use_actions();
    let kinds = Memo::new(move |_| {
        let mut kinds = Vec::new();
        for deed in actions.done().get() {
            if !kinds.contains(&deed.action) {
                kinds.push(deed.action);
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

/// Something that was not done.
#[component]
pub fn RefusalToast(
    /// What was refused, and why.
    refusal: Refusal,
) -> Erased {
    let actions = use_actions();
    let Refusal { serial, action, name, error } = refusal;
    view! {
        <div class="toasts__toast" role="alert">
            <Icon glyph=Glyph::Warning />
            <div class="toasts__text">
                <p class="toasts__title">{verb(action)} " " <bdi>{name}</bdi> ": not done"</p>
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

/// What was done to one container or several: goes by itself, but not while somebody is at it.
#[component]
fn DoneToast(
    /// What was done.
    action: Action,
) -> Erased {
    let actions = use_actions();
    let done = actions.done();
    let deeds = Memo::new(move |_| {
        let deeds = done.get().into_iter().filter(|deed| deed.action == action);
        Deeds::new(deeds.collect())
    });
    let is_held = RwSignal::new(false);
    Effect::new(move |_| {
        let deeds = deeds.get();
        if !is_held.get()
            && let Ok(timer) = set_timeout_with_handle(move || actions.let_be(&deeds), OFFERED_FOR)
        {
            on_cleanup(move || timer.clear());
        }
    });
    let undo = move || actions.undo(&deeds.get_untracked());
    let leave = move || actions.let_be(&deeds.get_untracked());
    view! {
        <div
            on:pointerenter=move |_| is_held.set(true)
            on:pointerleave=move |_| is_held.set(false)
            on:focusin=move |_| is_held.set(true)
            on:focusout=move |_| is_held.set(false)
        >
            {done_toast(text(move || said(&deeds.read())), undo, leave)}
        </div>
    }
    .erased()
}

/// Its looks. It is spoken by the announcer, together with what else happens, so it is no live region itself.
pub fn done_toast(said: TextFn, undo: impl Fn() + Send + 'static, leave: impl Fn() + Send + 'static) -> Erased {
    view! {
        <div class="toasts__toast toasts__toast--done" role="group" aria-label="Done">
            <Icon glyph=Glyph::Check />
            <p class="toasts__text" dir="auto">
                {said}
            </p>
            <button type="button" class="button" on:click=move |_| undo()>
                "Undo"
            </button>
            <button type="button" class="icon-button" aria-label="Dismiss" on:click=move |_| leave()>
                <Icon glyph=Glyph::Close />
            </button>
        </div>
    }
    .erased()
}

/// `Stopped web-1`, `Stopped web-1, db and 3 others`.
pub fn said(deeds: &[Deed]) -> String {
    let mut names = deeds.iter().map(|deed| deed.before.name.as_str()).collect::<Vec<_>>();
    names.dedup();
    deeds.first().map(|deed| format!("{} {}", past(deed.action), listed(&names))).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::ContainerState, samples::container};

    #[test]
    fn what_was_done_names_two_and_counts_the_others() {
        let deeds = |names: &[&str]| {
            let deed = |(serial, name): (u64, &&str)| {
                let before = Arc::new(container(1, name, ContainerState::Running));
                Deed { serial, action: Action::Stop, before }
            };
            (0..).zip(names).map(deed).collect::<Vec<_>>()
        };
        assert_eq!(said(&deeds(&["web-1"])), "Stopped web-1");
        assert_eq!(said(&deeds(&["web-1", "db", "a", "b"])), "Stopped web-1, db and 2 others");
        assert_eq!(said(&deeds(&["web-1", "web-1"])), "Stopped web-1", "done again");
    }
}
