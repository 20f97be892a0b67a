//! Dialog with all shortcuts and the switch that pauses animations.

use crate::parts::dialog::{Dialog, Modal};
use crate::prefs::motion;
use crate::prelude::*;

/// Groups of shortcuts with their descriptions.
const KEYS: [(&str, &[(&str, &str)]); 3] = [
    (
        "Anywhere",
        &[
            ("Ctrl+K, ⌘K", "Command palette"),
            ("/", "Search"),
            ("g c, g e, g t", "Go to Containers, Events, Real-time test"),
            ("?", "Show this help"),
        ],
    ),
    (
        "In the list",
        &[
            ("j, k", "Next or previous container"),
            ("↑ ↓", "Row above or below"),
            ("← →", "Within a row, or between cards"),
            ("Home, End", "First or last container"),
            ("Page Up, Page Down", "One page up or down"),
            ("Enter", "Open the container"),
            ("l", "Open the container's log"),
            ("Tab", "Leave the list"),
        ],
    ),
    ("In menus and dialogs", &[("↑ ↓", "Select"), ("Enter", "Run"), ("Esc", "Close")]),
];

/// A modal dialog with all shortcuts. Escape closes it, and the browser restores the focus.
#[component]
pub fn KeyHelp(
    /// True if the dialog is open.
    is_open: RwSignal<bool>,
) -> Erased {
    let modal = Modal::default();
    let paused = RwSignal::new(false);
    let content = view! {
            <div class="key-help__head">
                <h2 class="key-help__title" id="key-help-title">
                    "Keyboard shortcuts and motion"
                </h2>
                <button type="button" class="button" on:click=move |_| modal.close()>
                    "Close"
                </button>
            </div>
            <div class="key-help__groups">
                {KEYS.into_iter().map(|(title, keys)| group(title, keys)).collect_view()}
            </div>
            <label class="key-help__motion">
                <input
                    type="checkbox"
                    role="switch"
                    prop:checked=move || paused.get()
                    on:change=move |event| {
                        let is_paused = event_target_checked(&event);
                        paused.set(is_paused);
                        motion::pause(is_paused);
                    }
                />
                "Pause motion"
            </label>
    }
    .erased();
    view! {
        <Dialog
            modal
            class="key-help"
            is_open=is_open.into()
            on_open=Callback::new(move |()| paused.set(motion::is_paused()))
            on_close=Callback::new(move |()| is_open.set(false))
            labeled_by="key-help-title"
            content
        />
    }
    .erased()
}

fn group(title: &'static str, keys: &'static [(&'static str, &'static str)]) -> Erased {
    let line = |(keys, description): &'static (&'static str, &'static str)| {
        view! {
            <div class="key-help__line">
                <dt class="key-help__keys">{keys.split(", ").map(|keys| view! { <kbd>{keys}</kbd> " " }).collect_view()}</dt>
                <dd class="key-help__does">{*description}</dd>
            </div>
        }
    };
    view! {
        <section class="key-help__group">
            <h3 class="key-help__heading">{title}</h3>
            <dl>{keys.iter().map(line).collect_view()}</dl>
        </section>
    }
    .erased()
}
