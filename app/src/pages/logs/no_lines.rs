//! Message for a log without visible lines, and buttons that change that.

use super::{
    choices::LogChoices,
    link::LinkState,
    viewer::{LineCounts, Viewer, offset_minutes},
};
use crate::prelude::*;
use crate::{
    client::browser,
    logs::{
        StreamChoice,
        outcome::{Extent, all_hidden, not_found},
        time_text,
    },
};

/// Explains in the middle of an empty log why it is empty, and what to do.
///
/// # Server-side
/// Empty; lines arrive over the stream.
#[component]
pub fn NoLines(
    /// The choices in the URL.
    choices: LogChoices,
    /// The lines.
    viewer: Viewer,
) -> Erased {
    let query = choices.query();
    let words = Memo::new(move |_| {
        let counts = viewer.counts.get();
        if counts.shown_printed > 0 || counts.is_filtering {
            return None;
        }
        if counts.printed > 0 {
            return Some(viewer.extent(&counts, |extent| all_hidden(&query.read(), extent)));
        }
        let is_read = matches!(*viewer.link.read(), LinkState::Live | LinkState::Complete);
        let has_span = query.with(|query| !query.since.is_empty() || !query.until.is_empty());
        let words = if has_span { "No lines in this time range." } else { "No lines yet." };
        (is_read && counts.is_whole).then(|| words.to_owned())
    });
    let is_filtered = Memo::new(move |_| {
        let query = query.read();
        !query.hidden.is_empty() || query.stream != StreamChoice::All || query.only_found
    });
    let clear = move || {
        (is_filtered.get() && viewer.counts.read().printed > 0)
            .then(|| {
                let clear = move |_| {
                    choices.change(|query| {
                        query.hidden = Vec::new();
                        query.stream = StreamChoice::All;
                        query.only_found = false;
                    });
                };
                view! {
                    <button type="button" class="button" on:click=clear>
                        "Clear filters"
                    </button>
                }
            })
            .erased()
    };
    (move || {
        words
            .get()
            .map(|words| {
                let (clear, earlier) = (clear, load_earlier(choices, viewer));
                view! {
                    <div class="log-view__nothing" role="status">
                        <p>{words}</p>
                        <p class="log-view__ways">{clear} {earlier}</p>
                    </div>
                }
            })
            .erased()
    })
    .erased()
}

/// A button that loads lines before the oldest one, if there are any.
pub(super) fn load_earlier(choices: LogChoices, viewer: Viewer) -> Erased {
    let query = choices.query();
    let tail = Memo::new(move |_| {
        let counts = viewer.counts.read();
        query.read().longer_tail().filter(|_| !counts.is_whole && counts.printed > 0)
    });
    let button = move || {
        tail.get().map(|tail| {
            let load = move |_| {
                viewer.expect_match();
                choices.change(|query| query.tail = tail);
            };
            view! {
                <button type="button" class="button log-tools__earlier" on:click=load>
                    "Load earlier lines"
                </button>
            }
        })
    };
    (move || button().erased()).erased()
}

impl Viewer {
    /// The text next to a search without matches.
    pub(super) fn not_found(self, counts: &LineCounts) -> String {
        if counts.is_filtering { "Searching…".to_owned() } else { self.extent(counts, not_found) }
    }

    /// Formats a message about the loaded lines.
    fn extent(self, counts: &LineCounts, say: impl FnOnce(&Extent<'_>) -> String) -> String {
        let query = self.query().get();
        let since = counts
            .oldest_at
            .map(|at| time_text::moment(at, browser::local_now(), offset_minutes(query.zone, Some(at))));
        let has_span = !query.since.is_empty() || !query.until.is_empty();
        let is_whole = counts.is_whole;
        say(&Extent { lines: counts.printed, since: since.as_deref(), is_whole, has_span })
    }
}
