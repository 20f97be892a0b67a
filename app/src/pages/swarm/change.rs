//! Changes of services and nodes from this page: requested, confirmed, sent.
//!
//! In: requests of the tables. Out: one request to the server each; the effect arrives through the
//! stream. What ends or replaces tasks is confirmed in a dialog, which also shows a refusal.

use crate::prelude::*;
use crate::{
    client::{ActionError, post_json, use_realtime_containers},
    parts::dialog::{Dialog, Modal},
};
use leptos::{ev::SubmitEvent, html, task::spawn_local};

/// A change of a service or a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Set the number of replicas; at first the current one.
    Scale {
        /// Number of tasks that should run.
        replicas: u64,
    },
    /// Replace all tasks.
    Restart,
    /// Return to the former specification.
    RollBack,
    /// The node gets tasks.
    Activate,
    /// The node keeps its tasks and gets no others.
    Pause,
    /// The node's tasks are moved.
    Drain,
}

impl Change {
    /// True if it asks first.
    const fn needs_dialog(self) -> bool {
        !matches!(self, Self::Activate | Self::Pause)
    }

    const fn verb(self) -> &'static str {
        match self {
            Self::Scale { .. } => "Scale",
            Self::Restart => "Restart",
            Self::RollBack => "Roll back",
            Self::Activate => "Activate",
            Self::Pause => "Pause",
            Self::Drain => "Drain",
        }
    }

    const fn consequence(self) -> &'static str {
        match self {
            Self::Scale { replicas: 0 } => "All its tasks are stopped.",
            Self::Scale { .. } => "Tasks are started or stopped until this number runs.",
            Self::Restart => "All its tasks are replaced by new ones, as its update settings say.",
            Self::RollBack => "It returns to its former specification, and its tasks are replaced.",
            Self::Activate => "The node gets tasks.",
            Self::Pause => "The node keeps its tasks and gets no others.",
            Self::Drain => "Its tasks are stopped and started on other nodes. It gets no tasks until it is activated.",
        }
    }

    /// Path of the request, and its body.
    fn request(self, Target { cluster, id, .. }: &Target) -> (String, String) {
        let service = |action: &str| format!("/api/swarm/{cluster}/services/{id}/{action}");
        let availability = |word: &str| {
            (format!("/api/swarm/{cluster}/nodes/{id}/availability"), format!(r#"{{"availability":"{word}"}}"#))
        };
        match self {
            Self::Scale { replicas } => (service("scale"), format!(r#"{{"replicas":{replicas}}}"#)),
            Self::Restart => (service("restart"), String::new()),
            Self::RollBack => (service("rollback"), String::new()),
            Self::Activate => availability("active"),
            Self::Pause => availability("pause"),
            Self::Drain => availability("drain"),
        }
    }
}

/// A service or a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Id of its cluster.
    pub cluster: String,
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// The change that waits for confirmation, and the last refusal. `Copy`.
#[derive(Debug, Clone, Copy)]
pub struct Changes {
    is_allowed: bool,
    wanted: RwSignal<Option<(Target, Change)>>,
    is_sending: RwSignal<bool>,
    refusal: RwSignal<Option<ActionError>>,
}

/// Provides the shared value. Called once, by the page.
pub fn provide_changes() {
    provide_context(Changes {
        is_allowed: use_realtime_containers().settings.actions_allowed,
        wanted: RwSignal::new(None),
        is_sending: RwSignal::new(false),
        refusal: RwSignal::new(None),
    });
}

/// The shared value.
///
/// # Panics
/// Outside the page.
pub fn use_changes() -> Changes {
    expect_context()
}

impl Changes {
    /// True if the user may change something.
    pub const fn are_allowed(&self) -> bool {
        self.is_allowed
    }

    /// Makes a change, after a confirmation if it ends tasks.
    pub fn request(&self, target: Target, change: Change) {
        self.refusal.set(None);
        if change.needs_dialog() {
            self.wanted.set(Some((target, change)));
        } else {
            self.send(&target, change, || ());
        }
    }

    /// Sends a change; `done` runs if it was accepted.
    fn send(self, target: &Target, change: Change, done: impl FnOnce() + 'static) {
        if self.is_sending.get_untracked() {
            return;
        }
        self.is_sending.set(true);
        let (url, body) = change.request(target);
        spawn_local(async move {
            let result = post_json(&url, &body).await;
            self.is_sending.try_set(false);
            match result {
                Ok(()) => {
                    self.refusal.try_set(None);
                    done();
                }
                Err(error) => drop(self.refusal.try_set(Some(error))),
            }
        });
    }

    fn refusal_words(self) -> Option<String> {
        let error = self.refusal.get()?;
        Some(match error.hint {
            Some(hint) => format!("{} {hint}", error.detail),
            None => error.detail,
        })
    }
}

/// A refusal that no dialog shows.
#[component]
pub fn Problem() -> Erased {
    let changes = use_changes();
    (move || {
        let words = changes.refusal_words().filter(|_| changes.wanted.read().is_none());
        words
            .map(|words| {
                view! {
                    <p class="swarm-page__problem" role="alert" dir="auto">
                        {words}
                    </p>
                }
            })
            .erased()
    })
    .erased()
}

/// A modal dialog for a change that ends tasks, with the number of replicas to choose. Escape and
/// "Cancel" close it without any effect.
#[component]
pub fn ChangeDialog() -> Erased {
    let changes = use_changes();
    let wanted = changes.wanted;
    let modal = Modal::default();
    let input = NodeRef::<html::Input>::new();
    let change = move || wanted.read().as_ref().map(|(_, change)| *change);
    let confirm = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some((target, change)) = wanted.get_untracked() {
            changes.send(&target, change, move || modal.close());
        }
    };
    let choose = move |event| {
        if let Ok(replicas) = event_target_value(&event).parse() {
            wanted.update(|wanted| {
                if let Some((_, change)) = wanted {
                    *change = Change::Scale { replicas };
                }
            });
        }
    };
    let is_scale = Memo::new(move |_| matches!(change(), Some(Change::Scale { .. })));
    let number = move || {
        is_scale
            .get()
            .then(|| {
                let current = untrack(|| match change() {
                    Some(Change::Scale { replicas }) => replicas.to_string(),
                    _ => String::new(),
                });
                view! {
                    <label class="confirm-dialog__option">
                        "Replicas "
                        <input
                            class="swarm-page__number"
                            type="number"
                            min="0"
                            max="100000"
                            step="1"
                            required
                            value=current
                            node_ref=input
                            on:input=choose
                        />
                    </label>
                }
            })
            .erased()
    };
    let refusal = move || {
        let words = changes.refusal_words();
        words.map(|words| view! { <p class="swarm-page__problem" role="alert" dir="auto">{words}</p> }).erased()
    };
    let is_gentle = move || matches!(change(), Some(Change::Scale { replicas: 1.. }));
    let content = view! {
        <form class="confirm-dialog__form" on:submit=confirm>
            <h2 class="confirm-dialog__title" id="swarm-dialog-title">
                {move || change().map(Change::verb).unwrap_or_default()}
                " "
                <bdi>{move || wanted.read().as_ref().map(|(target, _)| target.name.clone()).unwrap_or_default()}</bdi>
                "?"
            </h2>
            {number}
            <p class="confirm-dialog__consequence" id="swarm-dialog-consequence">
                {move || change().map(Change::consequence).unwrap_or_default()}
            </p>
            {refusal}
            <div class="confirm-dialog__buttons">
                <button type="button" class="button" on:click=move |_| modal.close()>
                    "Cancel"
                </button>
                <button
                    type="submit"
                    class=move || if is_gentle() { "button" } else { "button button--danger" }
                    aria-disabled=move || changes.is_sending.get().then_some("true")
                >
                    {move || change().map(Change::verb).unwrap_or_default()}
                </button>
            </div>
        </form>
    }
    .erased();
    view! {
        <Dialog
            modal
            class="confirm-dialog"
            is_open=Signal::derive(move || wanted.read().is_some())
            on_open=Callback::new(move |()| if let Some(input) = input.get_untracked() { input.select() })
            on_close=Callback::new(move |()| {
                wanted.set(None);
                changes.refusal.set(None);
            })
            labeled_by="swarm-dialog-title"
            described_by="swarm-dialog-consequence"
            content
        />
    }
    .erased()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_has_its_request() {
        let target = Target { cluster: "c1".into(), id: "o1".into(), name: "web".into() };
        let request = |change: Change| {
            let (url, body) = change.request(&target);
            format!("{url} {body}")
        };
        assert_eq!(request(Change::Scale { replicas: 8 }), r#"/api/swarm/c1/services/o1/scale {"replicas":8}"#);
        assert_eq!(request(Change::Restart), "/api/swarm/c1/services/o1/restart ");
        assert_eq!(request(Change::RollBack), "/api/swarm/c1/services/o1/rollback ");
        assert_eq!(request(Change::Drain), r#"/api/swarm/c1/nodes/o1/availability {"availability":"drain"}"#);
    }

    #[test]
    fn what_ends_tasks_is_confirmed() {
        for change in [Change::Scale { replicas: 0 }, Change::Restart, Change::RollBack, Change::Drain] {
            assert!(change.needs_dialog(), "{change:?}");
        }
        assert!(!Change::Activate.needs_dialog() && !Change::Pause.needs_dialog());
    }
}
