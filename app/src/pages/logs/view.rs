//! The scrolling log with its rendered lines, and the button that returns to the newest line.

use super::{choices::LogChoices, no_lines::NoLines, row::row, sources::Sources, viewer::Viewer};
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

/// Characters in the log's font, used to measure their width.
const PROBE: &str = "00000000000000000000";

/// The scrolling region with the lines.
///
/// # Server-side
/// Empty; lines arrive over the stream.
#[component]
pub fn LogView(
    /// The choices in the URL.
    choices: LogChoices,
    /// The containers.
    sources: Sources,
    /// The lines.
    viewer: Viewer,
    /// Accessible name of the region.
    name: Signal<String>,
) -> Erased {
    let query = choices.query();
    let class = move || {
        let mut class = "log-view__scroller".to_owned();
        if query.read().wrap {
            class.push_str(" log-view__scroller--wraps");
        }
        class
    };
    let follow = move || {
        if viewer.following.get() {
            return None::<Erased>.erased();
        }
        let words = move || match viewer.unseen.get() {
            0 => "Follow".to_owned(),
            1 => "1 new line – Follow".to_owned(),
            unseen => format!("{} new lines – Follow", grouped(unseen)),
        };
        view! {
            <button type="button" class="button log-view__follow" on:click=move |_| viewer.follow()>
                <Icon glyph=Glyph::Down />
                {words}
            </button>
        }
        .erased()
    };
    view! {
        <div class="log-view">
            <div
                class=class
                role="log"
                aria-live="off"
                aria-label=move || name.get()
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
                "Press Enter to move to the lines, arrow keys to move between lines, Escape to return."
            </p>
            <NoLines choices viewer />
            {follow}
        </div>
    }
    .erased()
}

/// Moves the focus between the log and its lines. Other keys scroll as usual, except End: a growing
/// log would have a new end by the time the browser has scrolled to the old one.
fn on_key(event: &KeyboardEvent, viewer: Viewer) {
    let element = |target: Option<web_sys::EventTarget>| target.and_then(|target| target.dyn_into::<Element>().ok());
    let (Some(focused), Some(log)) = (element(event.target()), element(event.current_target())) else { return };
    let key = key(event);
    if key == "End" {
        event.prevent_default();
        viewer.follow();
        return;
    }
    let is_button = focused.matches(".log-line__open").unwrap_or_default();
    let target = match key.as_str() {
        "Enter" if focused == log => first_visible(&log),
        "Escape" if focused != log => Some(log),
        "ArrowDown" if is_button => adjacent(&focused, Element::next_element_sibling),
        "ArrowUp" if is_button => adjacent(&focused, Element::previous_element_sibling),
        _ => return,
    };
    if let Some(target) = target.and_then(|target| target.dyn_into::<HtmlElement>().ok()) {
        event.prevent_default();
        let _ = target.focus();
    }
}

/// The button of the first visible line.
fn first_visible(log: &Element) -> Option<Element> {
    let top = log.get_bounding_client_rect().top();
    let buttons = log.query_selector_all(".log-line__open").ok()?;
    let buttons = (0..buttons.length()).filter_map(|at| buttons.get(at)?.dyn_into::<Element>().ok());
    buttons.into_iter().find(|button| button.get_bounding_client_rect().top() >= top)
}

/// The button of the next line that has one.
fn adjacent(button: &Element, step: fn(&Element) -> Option<Element>) -> Option<Element> {
    let mut row = button.closest(".log-row").ok()??;
    loop {
        row = step(&row)?;
        if let Some(button) = row.query_selector(".log-line__open").ok()? {
            return Some(button);
        }
    }
}
