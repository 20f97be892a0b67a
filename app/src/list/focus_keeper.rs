//! Moves the focus to the next container when the focused one is removed, instead of losing it to
//! the start of the page.

use crate::prelude::*;
use crate::{
    model::ContainerKey,
    parts::container_element::{key_at, selector},
    query::Entry,
};
use leptos::{
    ev::FocusEvent,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement},
};

/// Selector of the element that gets the focus when the whole list is removed.
const HEADING: &str = ".containers-page__title";

/// Remembers the focused container. `Copy`, so that any closure can capture it.
#[derive(Debug, Clone, Copy)]
pub struct FocusKeeper(StoredValue<Option<ContainerKey>>);

/// Keeps the focus in a list, which must forward each `focusin` and `focusout`.
///
/// # Server-side
/// Does nothing.
pub fn use_focus_keeper(entries: Memo<Vec<Entry>>) -> FocusKeeper {
    let focused = StoredValue::new(None::<ContainerKey>);
    Effect::new(move |former: Option<Vec<Entry>>| {
        let entries = entries.get();
        let removed = focused.get_value().filter(|key| !entries.contains(&Entry::Container(*key)));
        if let (Some(removed), Some(former)) = (removed, former) {
            let next = neighbor(&former, &entries, removed);
            // Immediately, because it may be removed before it receives the focus.
            focused.set_value(next);
            match next {
                Some(key) => focus_if_lost(selector(key) + " .container-name"),
                None => focus_if_lost(HEADING.to_owned()),
            }
        }
        entries
    });
    on_cleanup(move || {
        if focused.try_get_value().flatten().is_some() {
            focus_if_lost(HEADING.to_owned());
        }
    });
    FocusKeeper(focused)
}

impl FocusKeeper {
    /// Handles `focusin`.
    pub fn focus_in(self, event: &FocusEvent) {
        self.0.try_set_value(target(event).and_then(|element| key_at(&element)));
    }

    /// Handles `focusout`: the user moved the focus, unless the element was removed from the
    /// document.
    pub fn focus_out(self, event: &FocusEvent) {
        let Some(left) = target(event) else { return };
        request_animation_frame(move || {
            let is_by_choice = left.is_connected() && document().active_element().as_ref() != Some(&left);
            let is_still = self.0.try_get_value().flatten().is_some_and(|key| key_at(&left) == Some(key));
            let has_moved_on = document().active_element().and_then(|element| key_at(&element)).is_some();
            if is_by_choice && is_still && !has_moved_on {
                self.0.try_set_value(None);
            }
        });
    }
}

/// The nearest remaining container after the removed one, otherwise the nearest before it.
fn neighbor(former: &[Entry], entries: &[Entry], removed: ContainerKey) -> Option<ContainerKey> {
    let place = former.iter().position(|entry| *entry == Entry::Container(removed))?;
    let (before, after) = former.split_at(place);
    after.iter().chain(before.iter().rev()).find_map(|entry| match entry {
        Entry::Container(key) if entries.contains(entry) => Some(*key),
        Entry::Container(_) | Entry::Heading(_) => None,
    })
}

/// Focuses an element after the next render, if nothing else has the focus.
fn focus_if_lost(selector: String) {
    request_animation_frame(move || {
        let is_lost = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
        let next =
            document().query_selector(&selector).ok().flatten().and_then(|next| next.dyn_into::<HtmlElement>().ok());
        if let Some(next) = next.filter(|_| is_lost) {
            let _ = next.focus();
        }
    });
}

fn target(event: &FocusEvent) -> Option<Element> {
    event.target().and_then(|target| target.dyn_into().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::ContainerState, samples::container};

    #[test]
    fn the_focus_moves_to_the_next_remaining_container_or_the_previous_one() {
        let keys = [1, 2, 3, 4].map(|number| container(number, "", ContainerState::Running).key());
        let entries = |places: &[usize]| places.iter().map(|place| Entry::Container(keys[*place])).collect::<Vec<_>>();
        for (former, now, removed, next) in [
            (&[0, 1, 2, 3][..], &[0, 2, 3][..], 1, Some(2)),
            (&[0, 1, 2, 3], &[0, 3], 1, Some(3)),
            (&[0, 1, 2, 3], &[0, 1], 3, Some(1)),
            (&[0], &[], 0, None),
        ] {
            let found = neighbor(&entries(former), &entries(now), keys[removed]);
            assert_eq!(found, next.map(|place: usize| keys[place]), "{former:?} to {now:?}");
        }
    }
}
