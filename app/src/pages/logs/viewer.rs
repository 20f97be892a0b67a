//! Controller of the log page: reads the stream, keeps the lines, and renders those in the viewport
//! once per frame.
//!
//! In: the choices in the URL, the stream (`linking`) and the scroll position (`drawing`). Out:
//! the signals that views read. The lines are kept in `state`, which is pure. Exists in the browser
//! from the first effects to the page's cleanup.

mod drawing;
mod linking;
mod state;

use super::{
    choices::LogChoices,
    link::{LinkState, LogStream},
    pattern::Pattern,
    sources::Sources,
};
use crate::prelude::*;
use crate::{
    client::{Rows, browser, use_realtime_containers},
    logs::{Line, LogsQuery, Zone},
    model::{ContainerKey, Timestamp},
};
use leptos::{html, leptos_dom::helpers::window_event_listener_untyped};
use state::ViewerState;
use std::{collections::BTreeSet, sync::Arc};

/// Numbers of lines, as the status line shows them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LineCounts {
    /// Number of lines kept.
    pub kept: usize,
    /// Number of lines that pass the filters.
    pub shown: usize,
    /// Number of old lines dropped at the limit.
    pub dropped: u64,
    /// Number of lines that match the search.
    pub found: usize,
    /// Position of the current match, from 1.
    pub rank: Option<usize>,
    /// Number of lines kept, without dividers.
    pub printed: usize,
    /// Number of lines that pass the filters, without dividers.
    pub shown_printed: usize,
    /// Time of the oldest line kept.
    pub oldest_at: Option<Timestamp>,
    /// True if the log has no earlier lines.
    pub is_whole: bool,
    /// True until the filters have been applied to all lines.
    pub is_filtering: bool,
}

/// The page's handle on its lines. `Copy`, so that any closure can capture it.
#[derive(Clone, Copy)]
pub struct Viewer {
    state: StoredValue<ViewerState>,
    stream: InBrowser<Option<LogStream>>,
    query: Signal<LogsQuery>,
    rows: Rows,
    /// The lines in and near the viewport.
    pub lines: RwSignal<Vec<Arc<Line>>>,
    /// True if the view stays at the newest line.
    pub following: RwSignal<bool>,
    /// Number of lines received since the view left the newest line.
    pub unseen: RwSignal<u64>,
    /// Line counts.
    pub counts: RwSignal<LineCounts>,
    /// Number of the current match's line.
    pub current: RwSignal<Option<u64>>,
    /// Numbers of the expanded lines.
    pub opened: RwSignal<BTreeSet<u64>>,
    /// State of the stream.
    pub link: RwSignal<LinkState>,
    /// Error in the regular expression.
    pub invalid: RwSignal<Option<String>>,
    /// The scrolling element.
    pub scroller: NodeRef<html::Div>,
    /// An element as tall as all lines together.
    pub sizer: NodeRef<html::Div>,
    /// The container of the rendered lines.
    pub block: NodeRef<html::Div>,
}

/// Time in milliseconds within which a match in earlier lines that arrive scrolls the view.
const SEEK_TIMEOUT_MILLIS: u64 = 10_000;

/// The choices that determine which lines are shown, and their height.
type FilterKey = (String, bool, bool, crate::logs::StreamChoice, Vec<Option<crate::logs::Level>>, bool);

/// Opens the logs of the containers, filtered by the query.
///
/// # Server-side
/// No lines and no requests.
pub fn use_viewer(choices: LogChoices, sources: Sources) -> Viewer {
    let query = choices.query();
    let viewer = Viewer {
        state: StoredValue::new(ViewerState::default()),
        stream: InBrowser::default(),
        query,
        rows: use_realtime_containers().rows,
        lines: RwSignal::new(Vec::new()),
        following: RwSignal::new(true),
        unseen: RwSignal::new(0),
        counts: RwSignal::new(LineCounts::default()),
        current: RwSignal::new(None),
        opened: RwSignal::new(BTreeSet::new()),
        link: RwSignal::new(LinkState::Idle),
        invalid: RwSignal::new(None),
        scroller: NodeRef::new(),
        sizer: NodeRef::new(),
        block: NodeRef::new(),
    };
    let is_single = choices.is_single();
    let stream_query = Memo::new(move |_| {
        let query = query.read();
        query.for_stream(&|at| offset_minutes(query.zone, at))
    });
    let filter_key = Memo::new(move |_| -> FilterKey {
        let LogsQuery { search, regex, only_found, stream, hidden, wrap, .. } = query.get();
        (search, regex, only_found, stream, hidden, wrap)
    });
    Effect::new(move |_| {
        viewer.stream.hold(None);
        viewer.add_listeners();
    });
    Effect::new(move |_| viewer.begin(sources.known.get(), is_single.get(), stream_query.get()));
    Effect::new(move |former: Option<FilterKey>| {
        let now = filter_key.get();
        if former.is_some_and(|former| (&former.0, former.1) != (&now.0, now.1)) {
            viewer.current.set(None);
        }
        viewer.invalid.set(match Pattern::new(&now.0, now.1) {
            Pattern::Invalid(words) => Some(words),
            Pattern::Nothing | Pattern::Words(_) | Pattern::Regex(_) => None,
        });
        viewer.refilter();
        now
    });
    Effect::new(move |_| {
        if viewer.scroller.get().is_some() {
            viewer.draw_soon();
        }
    });
    viewer
}

/// UTC offset of the display time zone, at a given time or now.
pub fn offset_minutes(zone: Zone, at: Option<Timestamp>) -> i32 {
    if zone == Zone::Utc {
        return 0;
    }
    crate::client::offset_minutes(at)
}

impl Viewer {
    /// All choices except the containers.
    pub fn query(self) -> Signal<LogsQuery> {
        self.query
    }

    fn add_listeners(self) {
        let names = ["resize", "visibilitychange", "online", "pagehide", "pageshow"];
        let handles = names.map(|name| window_event_listener_untyped(name, move |_| self.on_window_event(name)));
        self.start_watchdog();
        on_cleanup(move || {
            for handle in handles {
                handle.remove();
            }
            self.release();
        });
    }

    /// Handles an event of the window.
    fn on_window_event(self, name: &str) {
        match name {
            "resize" if self.query.with_untracked(|query| query.wrap) => self.refilter(),
            "resize" => self.draw_soon(),
            "pagehide" => self.pause(),
            _ => self.update_visibility(),
        }
    }

    /// Closes the stream and stops all timers.
    fn release(self) {
        self.close();
        self.state.try_update_value(ViewerState::stop_timers);
    }

    /// Expands or collapses a line.
    pub fn toggle(self, number: u64) {
        self.opened.update(|opened| {
            if !opened.remove(&number) {
                opened.insert(number);
            }
        });
        // Stay at the current position.
        self.unfollow();
        self.draw_soon();
    }

    /// Scrolls to a match among the earlier lines that are about to be loaded.
    pub fn expect_match(self) {
        let until = browser::local_now().as_millis().saturating_add(SEEK_TIMEOUT_MILLIS);
        self.state.try_update_value(|state| state.seeking_until = Some(Timestamp::from_millis(until)));
    }

    /// Starts reading these containers' logs from scratch.
    fn begin(self, ids: Vec<ContainerKey>, is_single: bool, stream_query: String) {
        self.state.update_value(|state| state.begin(ids, is_single, stream_query));
        self.lines.set(Vec::new());
        self.opened.set(BTreeSet::new());
        self.current.set(None);
        self.unseen.set(0);
        self.following.set(true);
        self.connect();
        self.draw_soon();
    }
}
