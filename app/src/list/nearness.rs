//! Which containers of a long list are near the window: only those are drawn in full and follow their numbers.
//!
//! Every container keeps its element, with its name, in the document: it can be found, linked to, and read aloud, and scrolling
//! has the list's true length. In: the entries of a list, and what the browser says comes near. Out: a signal per container.

use crate::prelude::*;
use crate::{model::ContainerId, protocol::ById, query::Entry};
use leptos::{
    wasm_bindgen::{JsCast, closure::Closure},
    web_sys::{Element, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit},
};
use std::{cell::OnceCell, rc::Rc};

/// So many containers are drawn in full, always; measured, their updates stay far below one frame.
const SHORT: usize = 120;

/// In a longer list, so many are drawn in full before the browser says which are near: three screens.
const FIRST: usize = 60;

/// How far beyond the window a container counts as near, so that scrolling meets what is drawn already.
const MARGIN: &str = "800px 0px";

/// The containers of one list. `Copy`: pass it about freely.
#[derive(Clone, Copy, Debug)]
pub struct Nearness {
    cells: StoredValue<ById<ArcRwSignal<bool>>>,
    is_long: Memo<bool>,
    /// While the page is printed: on paper nothing comes near, so all is drawn, and what the browser says of nearness waits.
    is_printed: StoredValue<bool>,
}

/// The browser's observer, and what it calls.
struct Observer {
    observer: IntersectionObserver,
    _callback: Closure<dyn FnMut(js_sys::Array)>,
}

impl Drop for Observer {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Provides the [`Nearness`] of a list to its rows.
///
/// # Server-side
/// In a long list the first are near, as they are in the browser's first render.
pub fn provide_nearness(entries: Signal<Vec<Entry>>) {
    let is_long = Memo::new(move |_| entries.read().len() > SHORT);
    let cells = StoredValue::new(ById::new());
    let nearness = Nearness { cells, is_long, is_printed: StoredValue::new(false) };
    if is_long.get_untracked() {
        let ids = entries.read_untracked().iter().filter_map(container).take(FIRST).collect::<Vec<_>>();
        cells.update_value(|cells| {
            for id in ids {
                cells.insert(id, ArcRwSignal::new(true));
            }
        });
    }
    // The effect's own, so that it goes with it, and the server, which runs no effects, has none: a value of one thread would not
    // outlive a page there, whose body may end on another.
    let observer = Rc::new(OnceCell::<Option<Observer>>::new());
    let printed = Rc::clone(&observer);
    Effect::new(move |_| {
        entries.track();
        if is_long.get() {
            let observer = Rc::clone(&observer);
            // Once the rows are in the document.
            request_animation_frame(move || {
                if let Some(observer) = observer.get_or_init(|| nearness.observer()) {
                    observer.observe_all();
                }
                nearness.forget_others(&entries.get_untracked());
            });
        }
    });
    Effect::new(move |_| nearness.follow_printing(&printed));
    provide_context(nearness);
}

/// Whether a container's row has to be drawn in full; always, outside a long list.
pub fn use_is_near(id: ContainerId) -> ArcRwSignal<bool> {
    match use_context::<Nearness>() {
        Some(nearness) => nearness.cell(id),
        None => ArcRwSignal::new(true),
    }
}

fn container(entry: &Entry) -> Option<ContainerId> {
    match entry {
        Entry::Container(id) => Some(*id),
        Entry::Heading(_) => None,
    }
}

impl Nearness {
    fn cell(self, id: ContainerId) -> ArcRwSignal<bool> {
        let is_far = self.is_long.get_untracked();
        let cell =
            self.cells.try_update_value(|cells| cells.entry(id).or_insert_with(|| ArcRwSignal::new(!is_far)).clone());
        cell.unwrap_or_else(|| ArcRwSignal::new(true))
    }

    fn observer(self) -> Option<Observer> {
        let callback = Closure::new(move |entries: js_sys::Array| {
            for entry in entries.iter().filter_map(|entry| entry.dyn_into::<IntersectionObserverEntry>().ok()) {
                self.set(&entry.target(), entry.is_intersecting());
            }
        });
        let options = IntersectionObserverInit::new();
        options.set_root_margin(MARGIN);
        let observer = IntersectionObserver::new_with_options(callback.as_ref().unchecked_ref(), &options).ok()?;
        Some(Observer { observer, _callback: callback })
    }

    fn set(self, row: &Element, is_near: bool) {
        if !is_near && self.is_printed.try_get_value().unwrap_or_default() {
            return;
        }
        let id = row.get_attribute("data-container-id").and_then(|id| id.parse().ok());
        let cell = id.and_then(|id| self.cells.try_with_value(|cells| cells.get(&id).cloned()).flatten());
        let Some(cell) = cell else { return };
        // What has the focus stays.
        let is_kept = !is_near && row.contains(document().active_element().as_deref());
        if cell.get_untracked() != is_near && !is_kept {
            cell.set(is_near);
        }
    }

    /// Draws everything for paper, and lets the far rows go again afterwards.
    fn follow_printing(self, observer: &Rc<OnceCell<Option<Observer>>>) {
        // The browser keeps a listener's closure for longer than the list is there: it must not keep the observer.
        let observer = Rc::downgrade(observer);
        let before = window_event_listener_untyped("beforeprint", move |_| self.draw_all());
        let after = window_event_listener_untyped("afterprint", move |_| {
            self.is_printed.try_set_value(false);
            if let Some(Some(observer)) = observer.upgrade().as_deref().and_then(OnceCell::get) {
                observer.begin_again();
            }
        });
        on_cleanup(move || {
            before.remove();
            after.remove();
        });
    }

    fn draw_all(self) {
        self.is_printed.try_set_value(true);
        let is_far = |cell: &&ArcRwSignal<bool>| !cell.get_untracked();
        let far = self.cells.try_with_value(|cells| cells.values().filter(is_far).cloned().collect::<Vec<_>>());
        for cell in far.unwrap_or_default() {
            cell.set(true);
        }
    }

    fn forget_others(self, entries: &[Entry]) {
        self.cells.try_update_value(|cells| {
            if cells.len() > entries.len() * 2 {
                cells.retain(|id, _| entries.contains(&Entry::Container(*id)));
            }
        });
    }
}

impl Observer {
    /// Has the browser say of every row anew whether it is near.
    fn begin_again(&self) {
        self.observer.disconnect();
        self.observe_all();
    }

    /// What is observed already stays so.
    fn observe_all(&self) {
        let Ok(rows) = document().query_selector_all(".container-list [data-container-id]") else { return };
        for place in 0..rows.length() {
            if let Some(row) = rows.get(place).and_then(|row| row.dyn_into::<Element>().ok()) {
                self.observer.observe(&row);
            }
        }
    }
}
