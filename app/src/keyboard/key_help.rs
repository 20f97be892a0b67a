//! All keys at a glance, and the switch that pauses motion.

use crate::prefs::motion;
use crate::prelude::*;
use leptos::html;

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
    let dialog = NodeRef::<html::Dialog>::new();
    let paused = RwSignal::new(false);
    Effect::new(move |_| {
        if let (true, Some(dialog)) = (is_open.get(), dialog.get())
            && !dialog.open()
        {
            paused.set(motion::is_paused());
            let _ = dialog.show_modal();
        }
    });
    let close = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    view! {
        <dialog class="key-help" aria-labelledby="key-help-title" node_ref=dialog on:close=move |_| is_open.set(false)>
            <div class="key-help__head">
                <h2 class="key-help__title" id="key-help-title">
                    "Keys and motion"
                </h2>
                <button type="button" class="button" on:click=close>
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
        </dialog>
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
