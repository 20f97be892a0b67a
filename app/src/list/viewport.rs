//! The containers of a long list that are in or near the viewport. Only those are rendered in full
//! and update their stats.
//!
//! Every container keeps an element with its name in the document, so that it can be found, linked
//! to and read aloud, and the scroll bar has the right length. In: the entries of a list, and
//! intersection events. Out: a signal for each container.

use crate::prelude::*;
use crate::{
    model::ContainerKey,
    parts::container_element::{IN_LIST, key_of},
    protocol::ByKey,
    query::Entry,
};
use leptos::{
    wasm_bindgen::{JsCast, closure::Closure},
    web_sys::{Element, IntersectionObserver, IntersectionObserverEntry, IntersectionObserverInit},
};
use std::{cell::OnceCell, rc::Rc};

/// Lists up to this length are rendered in full. Measured: their updates take far less than one
/// frame.
const MAX_FULLY_RENDERED: usize = 120;

/// Number of containers of a longer list that are rendered in full until the first intersection
/// event: three screens.
const INITIALLY_RENDERED: usize = 60;

/// Distance outside the viewport at which containers are rendered in advance.
const ROOT_MARGIN: &str = "800px 0px";

/// The visibility of the containers of one list. `Copy`, so that any closure can capture it.
#[derive(Clone, Copy, Debug)]
pub struct Viewport {
    cells: StoredValue<ByKey<ArcRwSignal<bool>>>,
    is_long: Memo<bool>,
    /// True while printing, when everything is rendered and intersection events are ignored.
    is_printed: StoredValue<bool>,
}

/// The browser's observer and its callback.
struct Observer {
    observer: IntersectionObserver,
    _callback: Closure<dyn FnMut(js_sys::Array)>,
}

impl Drop for Observer {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Provides the [`Viewport`] of a list to its rows.
///
/// # Server-side
/// The first containers of a long list count as visible, as in the browser's first render.
pub fn provide_viewport(entries: Memo<Vec<Entry>>) {
    let is_long = Memo::new(move |_| entries.read().len() > MAX_FULLY_RENDERED);
    let cells = StoredValue::new(ByKey::new());
    let viewport = Viewport { cells, is_long, is_printed: StoredValue::new(false) };
    if is_long.get_untracked() {
        let keys = entries.read_untracked().iter().filter_map(container).take(INITIALLY_RENDERED).collect::<Vec<_>>();
        cells.update_value(|cells| {
            for key in keys {
                cells.insert(key, ArcRwSignal::new(true));
            }
        });
    }
    // Owned by the effect, so it is dropped with it and does not exist on the server, which runs no
    // effects: there a page may be dropped on another thread, which a thread-bound value does not
    // allow.
    let observer = Rc::new(OnceCell::<Option<Observer>>::new());
    let printed = Rc::clone(&observer);
    Effect::new(move |_| {
        entries.track();
        if is_long.get() {
            let observer = Rc::clone(&observer);
            // After the rows are in the document.
            request_animation_frame(move || {
                if let Some(observer) = observer.get_or_init(|| viewport.observer()) {
                    observer.observe_all();
                }
                viewport.remove_others(&entries.get_untracked());
            });
        }
    });
    Effect::new(move |_| viewport.add_print_listeners(&printed));
    provide_context(viewport);
}

/// True if a container is rendered in full; always true outside a long list.
pub fn use_in_viewport(key: ContainerKey) -> ArcRwSignal<bool> {
    match use_context::<Viewport>() {
        Some(viewport) => viewport.cell(key),
        None => ArcRwSignal::new(true),
    }
}

fn container(entry: &Entry) -> Option<ContainerKey> {
    match entry {
        Entry::Container(key) => Some(*key),
        Entry::Heading(_) => None,
    }
}

impl Viewport {
    fn cell(self, key: ContainerKey) -> ArcRwSignal<bool> {
        let is_far = self.is_long.get_untracked();
        let cell =
            self.cells.try_update_value(|cells| cells.entry(key).or_insert_with(|| ArcRwSignal::new(!is_far)).clone());
        cell.unwrap_or_else(|| ArcRwSignal::new(true))
    }

    fn observer(self) -> Option<Observer> {
        let callback = Closure::new(move |entries: js_sys::Array| {
            for entry in entries.iter().filter_map(|entry| entry.dyn_into::<IntersectionObserverEntry>().ok()) {
                self.set(&entry.target(), entry.is_intersecting());
            }
        });
        let options = IntersectionObserverInit::new();
        options.set_root_margin(ROOT_MARGIN);
        let observer = IntersectionObserver::new_with_options(callback.as_ref().unchecked_ref(), &options).ok()?;
        Some(Observer { observer, _callback: callback })
    }

    fn set(self, row: &Element, in_viewport: bool) {
        if !in_viewport && self.is_printed.try_get_value().unwrap_or_default() {
            return;
        }
        let cell = key_of(row).and_then(|key| self.cells.try_with_value(|cells| cells.get(&key).cloned()).flatten());
        let Some(cell) = cell else { return };
        // The focused row stays rendered.
        let is_kept = !in_viewport && row.contains(document().active_element().as_deref());
        if cell.get_untracked() != in_viewport && !is_kept {
            cell.set(in_viewport);
        }
    }

    /// Renders everything for printing, and only the visible rows afterwards.
    fn add_print_listeners(self, observer: &Rc<OnceCell<Option<Observer>>>) {
        // The listener's closure outlives the list, so it must not own the observer.
        let observer = Rc::downgrade(observer);
        let before = window_event_listener_untyped("beforeprint", move |_| self.render_all());
        let after = window_event_listener_untyped("afterprint", move |_| {
            self.is_printed.try_set_value(false);
            if let Some(Some(observer)) = observer.upgrade().as_deref().and_then(OnceCell::get) {
                observer.restart();
            }
        });
        on_cleanup(move || {
            before.remove();
            after.remove();
        });
    }

    fn render_all(self) {
        self.is_printed.try_set_value(true);
        let is_far = |cell: &&ArcRwSignal<bool>| !cell.get_untracked();
        let far = self.cells.try_with_value(|cells| cells.values().filter(is_far).cloned().collect::<Vec<_>>());
        for cell in far.unwrap_or_default() {
            cell.set(true);
        }
    }

    fn remove_others(self, entries: &[Entry]) {
        self.cells.try_update_value(|cells| {
            if cells.len() > entries.len() * 2 {
                cells.retain(|key, _| entries.contains(&Entry::Container(*key)));
            }
        });
    }
}

impl Observer {
    /// Requests new intersection events for all rows.
    fn restart(&self) {
        self.observer.disconnect();
        self.observe_all();
    }

    /// Observes all rows; those already observed are unaffected.
    fn observe_all(&self) {
        let Ok(rows) = document().query_selector_all(IN_LIST) else { return };
        for place in 0..rows.length() {
            if let Some(row) = rows.get(place).and_then(|row| row.dyn_into::<Element>().ok()) {
                self.observer.observe(&row);
            }
        }
    }
}
