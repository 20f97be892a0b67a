//! The log itself: what scrolls, the drawn lines in it, and the way back to the newest.

use super::{choices::LogChoices, nothing::Nothing, row::row, sources::Sources, viewer::Viewer};
use crate::prelude::*;
use crate::{
    format::grouped,
    parts::{
        icon::{Glyph, Icon},
        key::key,
    },
};
use leptos::{
    ev::KeyboardEvent,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement},
};

/// Letters of the log's face, to be measured.
const PROBE: &str = "00000000000000000000";

/// The region that scrolls.
///
/// # Server-side
/// Empty; lines come over the stream.
#[component]
pub fn LogView(
    /// What the address says.
    choices: LogChoices,
    /// Whose lines.
    sources: Sources,
    /// The lines.
    viewer: Viewer,
    /// What it is called.
    name: Signal<String>,
) -> Erased {
    let query = choices.query();
    let class = text(move || {
        let mut class = "log-view__scroller".to_owned();
        if query.read().wrap {
            class.push_str(" log-view__scroller--wraps");
        }
        class
    });
    let follow = live(move || {
        if viewer.following.get() {
            return None::<Erased>.erased();
        }
        let words = text(move || match viewer.unseen.get() {
            0 => "Follow".to_owned(),
            1 => "1 new line – Follow".to_owned(),
            unseen => format!("{} new lines – Follow", grouped(unseen)),
        });
        view! {
            <button type="button" class="button log-view__follow" on:click=move |_| viewer.follow()>
                <Icon glyph=Glyph::Down />
                {words}
            </button>
        }
        .erased()
    });
    view! {
        <div class="log-view">
            <div
                class=class
                role="log"
                aria-live="off"
                aria-label=text(move || name.get())
                aria-describedby="log-keys"
                tabindex="0"
                node_ref=viewer.scroller
                on:scroll=move |_| viewer.scrolled()
                on:keydown=move |event| on_key(&event, viewer)
            >
                <span class="log-view__probe" aria-hidden="true">
                    {PROBE}
                </span>
                <div class="log-view__sizer" node_ref=viewer.sizer>
                    <div class="log-view__block" node_ref=viewer.block>
                        <For
                            each=move || viewer.lines.get()
                            key=|line| line.number
                            children=move |line| row(line, query, sources, viewer)
                        />
                    </div>
                </div>
            </div>
            <p class="visually-hidden" id="log-keys">
                "Enter goes to the lines, the arrow keys from line to line, Escape back."
            </p>
            <Nothing choices viewer />
            {follow}
        </div>
    }
    .erased()
}

/// From the log to its lines, from line to line, and back; everything else is the browser's own scrolling, but for End: by the time the
/// browser has scrolled to where the end was, a log that grows has another one.
fn on_key(event: &KeyboardEvent, viewer: Viewer) {
    let element = |target: Option<web_sys::EventTarget>| target.and_then(|target| target.dyn_into::<Element>().ok());
    let (Some(target), Some(log)) = (element(event.target()), element(event.current_target())) else { return };
    let key = key(event);
    if key == "End" {
        event.prevent_default();
        viewer.follow();
        return;
    }
    let is_button = target.matches(".log-line__open").unwrap_or_default();
    let found = match key.as_str() {
        "Enter" if target == log => first_seen(&log),
        "Escape" if target != log => Some(log),
        "ArrowDown" if is_button => beside(&target, Element::next_element_sibling),
        "ArrowUp" if is_button => beside(&target, Element::previous_element_sibling),
        _ => return,
    };
    if let Some(found) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        event.prevent_default();
        let _ = found.focus();
    }
}

/// The button of the first line that is in view.
fn first_seen(log: &Element) -> Option<Element> {
    let top = log.get_bounding_client_rect().top();
    let buttons = log.query_selector_all(".log-line__open").ok()?;
    let buttons = (0..buttons.length()).filter_map(|at| buttons.get(at)?.dyn_into::<Element>().ok());
    buttons.into_iter().find(|button| button.get_bounding_client_rect().top() >= top)
}

/// The button of the next line that has one.
fn beside(button: &Element, step: fn(&Element) -> Option<Element>) -> Option<Element> {
    let mut row = button.closest(".log-row").ok()??;
    loop {
        row = step(&row)?;
        if let Some(button) = row.query_selector(".log-line__open").ok()? {
            return Some(button);
        }
    }
}
