//! The "More actions" menu. There is one for the whole page, so that a thousand rows do not need a
//! thousand menus, and the `content-visibility` of a row cannot clip it.

use super::{
    action_button::glyph,
    actions::{needs_confirmation, offered, use_actions, verb},
};
use crate::prelude::*;
use crate::{
    client::Action,
    model::Container,
    parts::{icon::Icon, key::key},
};
use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    html,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement, Node},
};
use std::sync::Arc;

/// Space between the menu and its button, and minimum distance to the window's edge, in CSS pixels.
const GAP: f64 = 4.0;

/// The menu's container in its current state; `None` once it is removed.
type Target = Memo<Option<Arc<Container>>>;

/// Shows the menu in `Actions::menu` and updates it with the container's state. The browser closes
/// it on Escape and on a click outside, and restores the focus.
///
/// # Server-side
/// An empty, hidden element.
#[component]
pub fn ActionMenu() -> Erased {
    let actions = use_actions();
    let menu = actions.menu();
    let target = Memo::new(move |_| menu.get().and_then(|menu| actions.container(menu.key)));
    let entries =
        Memo::new(move |_| target.read().as_ref().map(|container| offered(container.state).1).unwrap_or_default());
    let element = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        if let (Some(menu), Some(element)) = (menu.get(), element.get()) {
            let _ = element.show_popover();
            place_at(&element, [menu.right, menu.top, menu.bottom]);
            focus_item(&element, |_, _| 0);
        }
    });
    Effect::new(move |_| {
        let is_empty = entries.read().is_empty();
        match element.get_untracked().filter(|element| is_open(element)) {
            Some(element) if is_empty => drop(element.hide_popover()),
            Some(element) if !has_focus(&element) => focus_item(&element, |_, _| 0),
            _ => {}
        }
    });
    let hide = move || {
        if let Some(element) = element.get_untracked() {
            let _ = element.hide_popover();
        }
    };
    let name = move || target.read().as_ref().map(|container| container.name.clone()).unwrap_or_default();
    let label = move || format!("Actions for {}", name());
    view! {
        <div
            class="action-menu"
            role="menu"
            aria-label=label
            popover="auto"
            node_ref=element
            on:keydown=move |event| {
                if let Some(element) = element.get_untracked() {
                    on_key(&element, &event);
                }
            }
        >
            // Keyed, so that the focus stays on an action that remains.
            <For
                each=move || entries.get().to_vec()
                key=|action| *action
                children=move |action| item(action, target, hide)
            />
        </div>
    }
    .erased()
}

fn item(action: Action, target: Target, hide: impl Fn() + Send + 'static) -> Erased {
    let actions = use_actions();
    let must_wait = move || target.read().as_ref().is_some_and(|container| actions.must_wait(container.key(), action));
    let name = move || target.read().as_ref().map(|container| format!("{} {}", verb(action), container.name));
    view! {
        <button
            type="button"
            class=format!("action-menu__item action-menu__item--{}", action.as_str())
            role="menuitem"
            tabindex="-1"
            aria-label=move || name().unwrap_or_default()
            aria-disabled=move || must_wait().then_some("true")
            on:click=move |_| {
                if let Some(container) = target.get_untracked().filter(|_| !untrack(must_wait)) {
                    hide();
                    actions.request(action, container);
                }
            }
        >
            <Icon glyph=glyph(action) />
            {verb(action)}
            {needs_confirmation(action).then_some("…")}
        </button>
    }
    .erased()
}

fn is_open(element: &HtmlElement) -> bool {
    element.matches(":popover-open").unwrap_or(false)
}

fn has_focus(element: &HtmlElement) -> bool {
    element.contains(document().active_element().as_deref())
}

/// The right, top and bottom edges of the clicked button, in CSS pixels.
pub fn button_edges(event: &MouseEvent) -> Option<[f64; 3]> {
    let button = event.current_target()?.dyn_into::<Element>().ok()?;
    let place = button.get_bounding_client_rect();
    Some([place.right(), place.top(), place.bottom()])
}

/// Places the menu below the button with these edges, or above it if there is no room below.
pub fn place_at(element: &HtmlElement, [right, top, bottom]: [f64; 3]) {
    let (width, height) = (f64::from(element.offset_width()), f64::from(element.offset_height()));
    let window_height = window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(f64::MAX);
    let below = bottom + GAP;
    let top = if below + height + GAP > window_height { (top - GAP - height).max(GAP) } else { below };
    let left = (right - width).max(GAP);
    let style = element.style();
    let _ = style.set_property("left", &pixels(left));
    let _ = style.set_property("top", &pixels(top));
}

fn pixels(length: f64) -> String {
    format!("{}px", length.round() as i64)
}

fn on_key(element: &HtmlElement, event: &KeyboardEvent) {
    match key(event).as_str() {
        "ArrowDown" => focus_item(element, |focused, count| (focused + 1) % count),
        "ArrowUp" => focus_item(element, |focused, count| (focused + count - 1) % count),
        "Home" => focus_item(element, |_, _| 0),
        "End" => focus_item(element, |_, count| count - 1),
        "Tab" => {
            let _ = element.hide_popover();
            return;
        }
        _ => return,
    }
    event.prevent_default();
}

/// Focuses the item whose index `choose` returns for the focused index and the number of items.
fn focus_item(element: &HtmlElement, choose: impl FnOnce(u32, u32) -> u32) {
    let items = element.children();
    let count = items.length();
    if count == 0 {
        return;
    }
    let focused = document().active_element();
    let is_focused = |at: &u32| {
        let item: Option<Node> = items.item(*at).map(Into::into);
        item.as_ref() == focused.as_deref()
    };
    let chosen = choose((0..count).find(is_focused).unwrap_or(count - 1), count);
    if let Some(item) = items.item(chosen).and_then(|item| item.dyn_into::<HtmlElement>().ok()) {
        let _ = item.focus();
    }
}
