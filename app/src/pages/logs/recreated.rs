//! Banner above a log whose container was removed while the page was open, with a link to the
//! successor's log.

use super::{choices::LogChoices, sources::Sources};
use crate::prelude::*;
use crate::{
    client::{Rows, use_realtime_containers},
    model::ContainerKey,
    pages::container::{removed::Successor, successor::RemovedContainer},
    parts::icon::{Glyph, Icon},
};

/// Last known state of one container on the page, and whether it was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    id: ContainerKey,
    last: RemovedContainer,
    is_removed: bool,
}

/// One banner for each removed container, with a link to its successor as soon as it exists.
#[component]
pub fn Recreated(
    /// The choices in the URL.
    choices: LogChoices,
    /// The containers.
    sources: Sources,
) -> Erased {
    let rows = use_realtime_containers().rows;
    let known = Memo::new(move |former: Option<&Vec<Known>>| {
        rows.keys().track();
        let known = |id: &ContainerKey| match rows.get(*id) {
            Some(row) => Some(Known { id: *id, last: RemovedContainer::of(&row.container.read()), is_removed: false }),
            None => {
                let before = former?.iter().find(|known| known.id == *id)?;
                Some(Known { is_removed: true, ..before.clone() })
            }
        };
        sources.known.read().iter().filter_map(known).collect::<Vec<_>>()
    });
    let removed = Memo::new(move |_| known.read().iter().filter(|known| known.is_removed).cloned().collect::<Vec<_>>());
    (move || removed.get().into_iter().map(|known| banner(choices, rows, known)).collect_view().erased()).erased()
}

fn banner(choices: LogChoices, rows: Rows, known: Known) -> Erased {
    let Known { id, last, .. } = known;
    let name = last.name.clone();
    // The same page, with the successor instead of this container.
    let href = Callback::new(move |successor| {
        if choices.is_single().get() {
            return choices.query().read().href(&(rows.id_path(successor) + "/logs"));
        }
        let replaced = |other: &ContainerKey| if *other == id { successor } else { *other };
        choices.href(&choices.ids().read().iter().map(replaced).collect::<Vec<_>>())
    });
    view! {
        <section class="gone" aria-label="Removed">
            <Icon glyph=Glyph::Trash />
            <p>
                <bdi class="gone__name">{name}</bdi>
                " was removed together with its log. "
                <Successor of=last href />
            </p>
        </section>
    }
    .erased()
}
