//! Above a log whose container was removed while the page showed it: where the log goes on.

use super::{choices::LogChoices, log_of, sources::Sources};
use crate::prelude::*;
use crate::{
    client::use_realtime_containers,
    model::ContainerId,
    pages::container::{gone::Successor, successor::Gone},
    parts::icon::{Glyph, Icon},
};

/// One container of the page as it was last known, and whether it is there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    id: ContainerId,
    last: Gone,
    is_gone: bool,
}

/// A line for each container that is gone, with a link to the one that has taken its place as soon as there is one.
#[component]
pub fn Recreated(
    /// What the address says.
    choices: LogChoices,
    /// Whose logs.
    sources: Sources,
) -> Erased {
    let rows = use_realtime_containers().rows;
    let known = Memo::new(move |former: Option<&Vec<Known>>| {
        rows.ids().track();
        let known = |id: &ContainerId| match rows.get(*id) {
            Some(row) => Some(Known { id: *id, last: Gone::of(&row.container.read()), is_gone: false }),
            None => {
                let before = former?.iter().find(|known| known.id == *id)?;
                Some(Known { is_gone: true, ..before.clone() })
            }
        };
        sources.known.read().iter().filter_map(known).collect::<Vec<_>>()
    });
    let gone = Memo::new(move |_| known.read().iter().filter(|known| known.is_gone).cloned().collect::<Vec<_>>());
    live(move || gone.get().into_iter().map(|known| band(choices, known)).collect_view().erased()).erased()
}

fn band(choices: LogChoices, known: Known) -> Erased {
    let Known { id, last, .. } = known;
    let name = last.name.clone();
    // The same page, with the successor in the place of this one.
    let href = Callback::new(move |successor| {
        if choices.is_single().get() {
            return choices.query().read().href(&log_of(successor));
        }
        let replaced = |other: &ContainerId| if *other == id { successor } else { *other };
        choices.href(&choices.ids().read().iter().map(replaced).collect::<Vec<_>>())
    });
    view! {
        <section class="gone" aria-label="Removed">
            <Icon glyph=Glyph::Trash />
            <p>
                <bdi class="gone__name">{name}</bdi>
                " was removed, and its log with it. "
                <Successor gone=last href />
            </p>
        </section>
    }
    .erased()
}
