//! What is being done to containers from this page: one value for the whole app, reached with [`use_actions`].
//!
//! In: wishes, from buttons, the menu, the dialog and the palette. Out: pending actions, which rows show until the stream brings the effect;
//! what was done and can be undone, and refusals, which `toasts` shows. `offer` says what is possible and when it is done.

pub mod offer;

pub use offer::{asks_first, inverse, offered, past, progress, verb};

use super::selection::Selection;
use crate::prelude::*;
use crate::{
    client::{Action, ActionError, PageSettings, Rows, act, use_realtime_containers},
    model::{Container, ContainerId},
};
use leptos::task::spawn_local;
use std::{sync::Arc, time::Duration};

/// How long a row may say "Stopping…" after the engine called it done and nothing changed: five samples' time.
const PATIENCE: Duration = Duration::from_secs(10);

/// As many refusals as fit a phone's screen.
const MAX_REFUSALS: usize = 3;

/// The shared value. `Copy`: pass it about freely.
#[derive(Debug, Clone, Copy)]
pub struct Actions {
    rows: Rows,
    settings: PageSettings,
    pending: RwSignal<Vec<Deed>>,
    done: RwSignal<Vec<Deed>>,
    refusals: RwSignal<Vec<Refusal>>,
    menu: RwSignal<Option<Menu>>,
    question: RwSignal<Option<Question>>,
    selection: Selection,
    serial: StoredValue<u64>,
}

/// An action that is being done, or was.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed {
    /// Tells deeds apart; the later has the higher.
    pub serial: u64,
    /// What was wished.
    pub action: Action,
    /// The container before.
    pub before: Arc<Container>,
}

/// An action that was not done.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// Tells refusals apart.
    pub serial: u64,
    /// What was wished.
    pub action: Action,
    /// The container's name then.
    pub name: String,
    /// Why not.
    pub error: ActionError,
}

/// A menu of actions, open at a place on the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Menu {
    /// Whose.
    pub id: ContainerId,
    /// The right edge of the button that opened it, in CSS pixels from the left.
    pub right: f64,
    /// The button's top edge, in CSS pixels from the top.
    pub top: f64,
    /// The button's bottom edge.
    pub bottom: f64,
}

/// An action to be confirmed.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// What is wished.
    pub action: Action,
    /// To what.
    pub container: Arc<Container>,
}

/// Puts the shared value into context; once, inside the `RealtimeProvider`.
///
/// # Server-side
/// The value is there and nothing happens to it.
pub fn provide_actions() {
    let hook = use_realtime_containers();
    let actions = Actions {
        rows: hook.rows,
        settings: hook.settings,
        pending: RwSignal::new(Vec::new()),
        done: RwSignal::new(Vec::new()),
        refusals: RwSignal::new(Vec::new()),
        menu: RwSignal::new(None),
        question: RwSignal::new(None),
        selection: Selection::new(),
        serial: StoredValue::new(0),
    };
    provide_context(actions);
    Effect::new(move |_| {
        // Frames are looked at only while something is pending.
        if !actions.pending.read().is_empty() {
            actions.rows.revision().track();
            actions.settle();
        }
    });
}

/// The shared value.
///
/// # Panics
/// Outside the component that called [`provide_actions`].
pub fn use_actions() -> Actions {
    expect_context()
}

impl Actions {
    /// Whether this server lets its pages act.
    pub const fn are_allowed(&self) -> bool {
        self.settings.actions_allowed
    }

    /// A container as it is now; `None` once it is gone.
    pub fn container(&self, id: ContainerId) -> Option<Arc<Container>> {
        self.rows.ids().track();
        self.rows.get(id).map(|row| row.container.get())
    }

    /// What is being done to a container; of two things the later.
    pub fn pending(&self, id: ContainerId) -> Option<Action> {
        self.pending.read().iter().rfind(|pending| pending.before.id == id).map(|pending| pending.action)
    }

    /// Whether an action has to wait for what is being done to the container.
    pub fn has_to_wait(&self, id: ContainerId, action: Action) -> bool {
        self.pending(id).is_some_and(|pending| !offer::interrupts(action, pending))
    }

    /// Refusals not dismissed yet, oldest first.
    pub fn refusals(&self) -> Signal<Vec<Refusal>> {
        self.refusals.into()
    }

    /// What was done of late and can be undone, oldest first.
    pub fn done(&self) -> Signal<Vec<Deed>> {
        self.done.into()
    }

    /// Whether there is anything to ask or to tell.
    pub fn have_something_to_show(&self) -> bool {
        self.menu.read().is_some()
            || self.question.read().is_some()
            || !self.refusals.read().is_empty()
            || !self.done.read().is_empty()
            || self.selection.is_wanted()
    }

    /// The containers selected, to act on all of them.
    pub const fn selection(&self) -> Selection {
        self.selection
    }

    /// The open menu.
    pub const fn menu(&self) -> RwSignal<Option<Menu>> {
        self.menu
    }

    /// The open question.
    pub const fn question(&self) -> RwSignal<Option<Question>> {
        self.question
    }

    /// Does it, after asking where data could be lost.
    pub fn wish(&self, action: Action, container: Arc<Container>) {
        if asks_first(action) {
            self.question.set(Some(Question { action, container }));
        } else {
            self.perform(action, container);
        }
    }

    /// Does it, unless it has to wait for what is being done to that container.
    pub fn perform(&self, action: Action, container: Arc<Container>) {
        if self.has_to_wait(container.id, action) {
            return;
        }
        let name = container.name.clone();
        let deed = self.begin(action, container);
        let this = *self;
        spawn_local(async move {
            match this.follow(&deed).await {
                Ok(()) if inverse(action).is_some() => drop(this.done.try_update(|all| all.push(deed))),
                Ok(()) => {}
                Err(error) => this.refused(Refusal { serial: deed.serial, action, name, error }),
            }
        });
    }

    /// Does it, and says what came of it; until the stream shows the effect, the container's row says that it is being done.
    ///
    /// # Errors
    /// Why it was not done.
    pub async fn carry_out(self, action: Action, container: Arc<Container>) -> Result<(), ActionError> {
        self.follow(&self.begin(action, container)).await
    }

    fn begin(&self, action: Action, before: Arc<Container>) -> Deed {
        let deed = Deed { serial: self.next_serial(), action, before };
        self.pending.try_update(|all| all.push(deed.clone()));
        deed
    }

    async fn follow(self, deed: &Deed) -> Result<(), ActionError> {
        let (result, serial) = (act(deed.before.id, deed.action).await, deed.serial);
        match result {
            Ok(()) => set_timeout(move || self.forget(serial), PATIENCE),
            Err(_) => self.forget(serial),
        }
        result
    }

    /// Does the opposite of what was done, to those that are still there.
    pub fn undo(&self, deeds: &[Deed]) {
        for deed in deeds {
            self.forget(deed.serial);
            if let (Some(action), Some(container)) = (inverse(deed.action), untrack(|| self.container(deed.before.id)))
            {
                self.perform(action, container);
            }
        }
        self.let_be(deeds);
    }

    /// Takes what was done off the screen.
    pub fn let_be(&self, deeds: &[Deed]) {
        self.done.try_update(|all| all.retain(|deed| !deeds.contains(deed)));
    }

    /// Takes a refusal off the screen.
    pub fn dismiss(&self, serial: u64) {
        self.refusals.try_update(|all| all.retain(|refusal| refusal.serial != serial));
    }

    fn refused(&self, refusal: Refusal) {
        self.refusals.try_update(|all| {
            all.push(refusal);
            all.drain(..all.len().saturating_sub(MAX_REFUSALS));
        });
    }

    /// Drops what the stream has shown.
    fn settle(&self) {
        let settled = self.pending.with_untracked(|all| {
            self.rows.with_picture(|picture| {
                let is_settled = |pending: &&Deed| {
                    let now = picture.containers.get(&pending.before.id);
                    offer::has_settled(pending.action, &pending.before, now.map(|now| &**now))
                };
                all.iter().filter(is_settled).map(|pending| pending.serial).collect::<Vec<_>>()
            })
        });
        for serial in settled.unwrap_or_default() {
            self.forget(serial);
        }
    }

    fn forget(&self, serial: u64) {
        let is_there = self.pending.try_with_untracked(|all| all.iter().any(|pending| pending.serial == serial));
        if is_there == Some(true) {
            self.pending.try_update(|all| all.retain(|pending| pending.serial != serial));
        }
    }

    fn next_serial(&self) -> u64 {
        self.serial
            .try_update_value(|serial| {
                *serial += 1;
                *serial
            })
            .unwrap_or_default()
    }
}
