//! Actions on containers from this page: one shared value for the whole app, see [`use_actions`].
//!
//! In: requests from buttons, the menu, the dialog and the palette. Out: pending actions, which
//! rows show until the stream reports their effect; actions that can be undone and refusals, which
//! `toasts` shows. `offer` defines which actions are possible and when they have taken effect.

pub mod offer;

pub use offer::{inverse, needs_confirmation, offered, past, progress, verb};

use super::selection::Selection;
use crate::prelude::*;
use crate::{
    client::{Action, ActionError, PageSettings, Rows, act, use_realtime_containers},
    model::{Container, ContainerKey},
};
use leptos::task::spawn_local;
use std::{sync::Arc, time::Duration};

/// Maximum time a row shows "Stopping…" after the engine reported success: five sampling intervals.
const EFFECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Maximum number of displayed refusals: as many as fit on a phone's screen.
const MAX_REFUSALS: usize = 3;

/// Pending and completed actions, and the open menu or dialog. `Copy`, so that any closure can
/// capture it.
#[derive(Debug, Clone, Copy)]
pub struct Actions {
    rows: Rows,
    settings: PageSettings,
    pending: RwSignal<Vec<TrackedAction>>,
    done: RwSignal<Vec<TrackedAction>>,
    refusals: RwSignal<Vec<Refusal>>,
    menu: RwSignal<Option<Menu>>,
    confirmation: RwSignal<Option<Confirmation>>,
    selection: Selection,
    serial: StoredValue<u64>,
}

/// An action that is pending or completed.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackedAction {
    /// Unique serial number, ascending.
    pub serial: u64,
    /// The requested action.
    pub action: Action,
    /// The container before the action.
    pub before: Arc<Container>,
}

/// An action that failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// Unique serial number.
    pub serial: u64,
    /// The requested action.
    pub action: Action,
    /// The container's name at that time.
    pub name: String,
    /// The reason.
    pub error: ActionError,
}

/// An open menu, and the position of its button on the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Menu {
    /// The container.
    pub key: ContainerKey,
    /// The right edge of the menu's button, in CSS pixels from the left of the window.
    pub right: f64,
    /// The top edge of the menu's button, in CSS pixels from the top of the window.
    pub top: f64,
    /// The bottom edge of the menu's button, in CSS pixels from the top of the window.
    pub bottom: f64,
}

/// An action that must be confirmed.
#[derive(Debug, Clone, PartialEq)]
pub struct Confirmation {
    /// The requested action.
    pub action: Action,
    /// Container on which the action is performed.
    pub container: Arc<Container>,
}

/// Provides [`Actions`]. Called once, inside the `RealtimeProvider`.
///
/// # Server-side
/// The value is provided but never changes.
pub fn provide_actions() {
    let hook = use_realtime_containers();
    let actions = Actions {
        rows: hook.rows,
        settings: hook.settings,
        pending: RwSignal::new(Vec::new()),
        done: RwSignal::new(Vec::new()),
        refusals: RwSignal::new(Vec::new()),
        menu: RwSignal::new(None),
        confirmation: RwSignal::new(None),
        selection: Selection::new(),
        serial: StoredValue::new(0),
    };
    provide_context(actions);
    Effect::new(move |_| {
        // Frames are examined only while an action is pending.
        if !actions.pending.read().is_empty() {
            actions.rows.revision().track();
            actions.settle();
        }
    });
}

/// The provided [`Actions`].
///
/// # Panics
/// Outside the component that called [`provide_actions`].
pub fn use_actions() -> Actions {
    expect_context()
}

impl Actions {
    /// True if the server allows actions.
    pub const fn are_allowed(&self) -> bool {
        self.settings.actions_allowed
    }

    /// A container in its current state; `None` once it is removed.
    pub fn container(&self, key: ContainerKey) -> Option<Arc<Container>> {
        self.rows.keys().track();
        self.rows.get(key).map(|row| row.container.get())
    }

    /// A container's name; with several engines, `web (web-3)`, because another engine may have a
    /// container with the same name.
    pub fn full_name(&self, container: &Container) -> String {
        let Container { name, engine, .. } = container;
        if self.rows.has_several_engines() { format!("{name} ({engine})") } else { name.clone() }
    }

    /// The container's latest pending action.
    pub fn pending(&self, key: ContainerKey) -> Option<Action> {
        self.pending.read().iter().rfind(|pending| pending.before.key() == key).map(|pending| pending.action)
    }

    /// True if an action must wait until a pending action on the container has finished.
    pub fn must_wait(&self, key: ContainerKey, action: Action) -> bool {
        self.pending(key).is_some_and(|pending| !offer::interrupts(action, pending))
    }

    /// Refusals that are not dismissed yet, oldest first.
    pub fn refusals(&self) -> ReadSignal<Vec<Refusal>> {
        self.refusals.read_only()
    }

    /// Recently completed actions that can be undone, oldest first.
    pub fn done(&self) -> ReadSignal<Vec<TrackedAction>> {
        self.done.read_only()
    }

    /// True if a menu, a dialog, a toast or the selection bar has to be shown.
    pub fn need_ui(&self) -> bool {
        // Reads all of them, so that each is noticed after a failed fetch.
        [
            self.menu.read().is_some(),
            self.confirmation.read().is_some(),
            !self.refusals.read().is_empty(),
            !self.done.read().is_empty(),
            self.selection.needs_bar(),
        ]
        .contains(&true)
    }

    /// The selected containers.
    pub const fn selection(&self) -> Selection {
        self.selection
    }

    /// The open menu.
    pub const fn menu(&self) -> RwSignal<Option<Menu>> {
        self.menu
    }

    /// The action that waits for confirmation.
    pub const fn confirmation(&self) -> RwSignal<Option<Confirmation>> {
        self.confirmation
    }

    /// Performs the action, after a confirmation if data could be lost.
    pub fn request(&self, action: Action, container: Arc<Container>) {
        if needs_confirmation(action) {
            self.confirmation.set(Some(Confirmation { action, container }));
        } else {
            self.perform(action, container);
        }
    }

    /// Performs the action, unless it must wait for a pending one.
    pub fn perform(&self, action: Action, container: Arc<Container>) {
        if self.must_wait(container.key(), action) {
            return;
        }
        let name = untrack(|| self.full_name(&container));
        let tracked = self.begin(action, container);
        let this = *self;
        spawn_local(async move {
            match this.track(&tracked).await {
                Ok(()) if inverse(action).is_some() => drop(this.done.try_update(|all| all.push(tracked))),
                Ok(()) => {}
                Err(error) => this.refused(Refusal { serial: tracked.serial, action, name, error }),
            }
        });
    }

    /// Performs the action and returns its result. The container's row shows it as pending until
    /// the stream reports the effect.
    ///
    /// # Errors
    /// The reason for the failure.
    pub async fn run(self, action: Action, container: Arc<Container>) -> Result<(), ActionError> {
        self.track(&self.begin(action, container)).await
    }

    fn begin(&self, action: Action, before: Arc<Container>) -> TrackedAction {
        let tracked = TrackedAction { serial: self.next_serial(), action, before };
        self.pending.try_update(|all| all.push(tracked.clone()));
        tracked
    }

    async fn track(self, tracked: &TrackedAction) -> Result<(), ActionError> {
        let container = self.rows.api_path(tracked.before.key());
        let (result, serial) = (act(&container, tracked.action).await, tracked.serial);
        match result {
            Ok(()) => set_timeout(move || self.forget(serial), EFFECT_TIMEOUT),
            Err(_) => self.forget(serial),
        }
        result
    }

    /// Undoes the actions on containers that still exist.
    pub fn undo(&self, actions: &[TrackedAction]) {
        for tracked in actions {
            self.forget(tracked.serial);
            if let (Some(action), Some(container)) =
                (inverse(tracked.action), untrack(|| self.container(tracked.before.key())))
            {
                self.perform(action, container);
            }
        }
        self.dismiss_done(actions);
    }

    /// Removes completed actions from the screen.
    pub fn dismiss_done(&self, actions: &[TrackedAction]) {
        self.done.try_update(|all| all.retain(|tracked| !actions.contains(tracked)));
    }

    /// Removes a refusal from the screen.
    pub fn dismiss(&self, serial: u64) {
        self.refusals.try_update(|all| all.retain(|refusal| refusal.serial != serial));
    }

    fn refused(&self, refusal: Refusal) {
        self.refusals.try_update(|all| {
            all.push(refusal);
            all.drain(..all.len().saturating_sub(MAX_REFUSALS));
        });
    }

    /// Removes pending actions whose effect the stream has reported.
    fn settle(&self) {
        let settled = self.pending.with_untracked(|all| {
            self.rows.with_picture(|picture| {
                let is_settled = |pending: &&TrackedAction| {
                    let now = picture.containers.get(&pending.before.key());
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
        let exists = self.pending.try_with_untracked(|all| all.iter().any(|pending| pending.serial == serial));
        if exists == Some(true) {
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
