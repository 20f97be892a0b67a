//! The stopped containers, folded away under their number, or offered to be. Links: the address remembers.

use crate::base_path::address;
use crate::prelude::*;
use crate::{
    parts::icon::{Glyph, Icon},
    query::ListQuery,
};

/// So many are worth folding; fewer are no burden.
const MANY: usize = 5;

/// `23 stopped`, at the end of the list: a press shows them, or folds them. Nothing is folded unless somebody did.
#[component]
pub fn StoppedFold(
    /// How many there are, folded or not.
    stopped: Signal<usize>,
    /// The choices, which say whether they are folded.
    query: Signal<ListQuery>,
) -> Erased {
    let folds = Memo::new(move |_| query.read().leaves_out_stopped());
    live(move || {
        let (stopped, folds) = (stopped.get(), folds.get());
        let turned = move || address(&ListQuery { folds_stopped: Some(!folds), ..query.get() }.href());
        let (glyph, verb) = if folds { (Glyph::Folded, "Show") } else { (Glyph::Open, "Fold") };
        let is_offered = if folds { stopped > 0 } else { stopped >= MANY };
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
