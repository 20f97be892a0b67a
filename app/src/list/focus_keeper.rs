//! Keeps the keyboard's place in a list whose elements go: the focus moves on to the next one, and does not fall back to the
//! page's beginning.

use crate::prelude::*;
use crate::{model::ContainerId, query::Entry};
use leptos::{
    ev::FocusEvent,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement},
};

/// Where the focus goes when the whole list goes.
const HEADING: &str = ".containers-page__title";

/// Remembers which container of a list has the focus. `Copy`: pass it about freely.
#[derive(Debug, Clone, Copy)]
pub struct FocusKeeper(StoredValue<Option<ContainerId>>);

/// Watches over the focus in a list; the list has to tell of each `focusin` and `focusout`.
///
/// # Server-side
/// Nothing happens.
pub fn use_focus_keeper(entries: Signal<Vec<Entry>>) -> FocusKeeper {
    let focused = StoredValue::new(None::<ContainerId>);
    Effect::new(move |former: Option<Vec<Entry>>| {
        let entries = entries.get();
        let gone = focused.get_value().filter(|id| !entries.contains(&Entry::Container(*id)));
        if let (Some(gone), Some(former)) = (gone, former) {
            let heir = neighbour(&former, &entries, gone);
            // At once: it may go, too, before it has the focus.
            focused.set_value(heir);
            match heir {
                Some(id) => focus_if_lost(format!(".container-list [data-container-id=\"{id}\"] .container-name")),
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
    /// Something in the list got the focus.
    pub fn focus_in(self, event: &FocusEvent) {
        self.0.try_set_value(target(event).and_then(|element| container_of(&element)));
    }

    /// Something in the list lost the focus: by choice, unless it is not in the document any more.
    pub fn focus_out(self, event: &FocusEvent) {
        let Some(left) = target(event) else { return };
        request_animation_frame(move || {
            let is_by_choice = left.is_connected() && document().active_element().as_ref() != Some(&left);
            let is_still = self.0.try_get_value().flatten().is_some_and(|id| container_of(&left) == Some(id));
            let has_moved_on = document().active_element().and_then(|element| container_of(&element)).is_some();
            if is_by_choice && is_still && !has_moved_on {
                self.0.try_set_value(None);
            }
        });
    }
}

/// The nearest after the one that is gone, or before it, that is still there.
fn neighbour(former: &[Entry], entries: &[Entry], gone: ContainerId) -> Option<ContainerId> {
    let place = former.iter().position(|entry| *entry == Entry::Container(gone))?;
    let (before, after) = former.split_at(place);
    after.iter().chain(before.iter().rev()).find_map(|entry| match entry {
        Entry::Container(id) if entries.contains(entry) => Some(*id),
        Entry::Container(_) | Entry::Heading(_) => None,
    })
}

/// Once the document shows what has changed.
fn focus_if_lost(selector: String) {
    request_animation_frame(move || {
        let is_lost = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
        let heir =
            document().query_selector(&selector).ok().flatten().and_then(|heir| heir.dyn_into::<HtmlElement>().ok());
        if let Some(heir) = heir.filter(|_| is_lost) {
            let _ = heir.focus();
        }
    });
}

fn target(event: &FocusEvent) -> Option<Element> {
    event.target().and_then(|target| target.dyn_into().ok())
}

fn container_of(element: &Element) -> Option<ContainerId> {
    let row = element.closest(".container-list [data-container-id]").ok().flatten()?;
    row.get_attribute("data-container-id")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::ContainerState, samples::container};

    #[test]
    fn the_focus_goes_to_the_next_that_is_left_or_to_the_one_before() {
        let ids = [1, 2, 3, 4].map(|number| container(number, "", ContainerState::Running).id);
        let entries = |places: &[usize]| places.iter().map(|place| Entry::Container(ids[*place])).collect::<Vec<_>>();
        for (former, now, gone, heir) in [
            (&[0, 1, 2, 3][..], &[0, 2, 3][..], 1, Some(2)),
            (&[0, 1, 2, 3], &[0, 3], 1, Some(3)),
            (&[0, 1, 2, 3], &[0, 1], 3, Some(1)),
            (&[0], &[], 0, None),
        ] {
            let found = neighbour(&entries(former), &entries(now), ids[gone]);
            assert_eq!(found, heir.map(|place: usize| ids[place]), "{former:?} to {now:?}");
        }
    }
}
