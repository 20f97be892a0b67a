//! All keys at a glance, and the switch that pauses motion.

use crate::parts::dialog::{Dialog, Modal};
use crate::prefs::motion;
use crate::prelude::*;

/// Keys, and what they do.
const KEYS: [(&str, &[(&str, &str)]); 3] = [
    (
        "Anywhere",
        &[
            ("Ctrl K, ⌘ K", "Commands: go to a container, do something, change the view"),
            ("/", "Search"),
            ("g c, g e, g t", "Go to Containers, Events, Realtime test"),
            ("?", "This help"),
        ],
    ),
    (
        "In the list",
        &[
            ("j, k", "Next and previous container"),
            ("↑ ↓", "The line above and below"),
            ("← →", "Within a row; from card to card"),
            ("Home, End", "First and last"),
            ("Page Up, Page Down", "A page"),
            ("Enter", "Open the container"),
            ("l", "Open its log"),
            ("Tab", "Leave the list"),
        ],
    ),
    ("In menus and dialogs", &[("↑ ↓", "Choose"), ("Enter", "Do it"), ("Esc", "Leave")]),
];

/// A modal dialog; Escape closes it, and the browser puts the focus back.
#[component]
pub fn KeyHelp(
    /// Whether it is open.
    is_open: RwSignal<bool>,
) -> Erased {
    let modal = Modal::default();
    let paused = RwSignal::new(false);
    let content = view! {
            <div class="key-help__head">
                <h2 class="key-help__title" id="key-help-title">
                    "Keys and motion"
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
            labelled_by="key-help-title"
            content
        />
    }
    .erased()
}

fn group(title: &'static str, keys: &'static [(&'static str, &'static str)]) -> Erased {
    let line = |(keys, does): &'static (&'static str, &'static str)| {
        view! {
            <div class="key-help__line">
                <dt class="key-help__keys">{keys.split(", ").map(|keys| view! { <kbd>{keys}</kbd> " " }).collect_view()}</dt>
                <dd class="key-help__does">{*does}</dd>
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
