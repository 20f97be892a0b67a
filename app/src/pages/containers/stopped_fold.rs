//! Link that collapses or expands the stopped containers. The choice is kept in the URL.

use crate::base_path::address;
use crate::prelude::*;
use crate::{
    parts::icon::{Glyph, Icon},
    query::ListQuery,
};

/// Minimum number of stopped containers that can be collapsed.
const MIN_COLLAPSIBLE: usize = 5;

/// A link at the end of the list: `Show 23 stopped` or `Hide 23 stopped`. Expanded by default.
#[component]
pub fn StoppedFold(
    /// Number of stopped containers, shown or not.
    stopped: Memo<usize>,
    /// The query, which says whether stopped containers are collapsed.
    query: Memo<ListQuery>,
) -> Erased {
    let folds = Memo::new(move |_| query.read().hides_stopped());
    (move || {
        let (stopped, folds) = (stopped.get(), folds.get());
        let turned = move || address(&ListQuery { folds_stopped: Some(!folds), ..query.get() }.href());
        let (glyph, verb) = if folds { (Glyph::Folded, "Show") } else { (Glyph::Open, "Hide") };
        let is_offered = if folds { stopped > 0 } else { stopped >= MIN_COLLAPSIBLE };
        is_offered
            .then(|| {
                view! {
                    <p class="containers-page__stopped">
                        <a
                            class="group-heading__fold"
                            href=turned
                            data-noscroll=""
                            aria-expanded=if folds { "false" } else { "true" }
                        >
                            <Icon glyph />
                            <span class="group-heading__name">{format!("{verb} {stopped} stopped")}</span>
                        </a>
                    </p>
                }
            })
            .erased()
    })
    .erased()
}
