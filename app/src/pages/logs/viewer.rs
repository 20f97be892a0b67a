//! What the page does: reads the stream, keeps its lines, and draws those near the window, once a frame.
//!
//! In: the address's choices, the stream (`linking`), and where somebody scrolls (`drawing`). Out: the signals that views read. What is kept is
//! the `book`, which is pure. Lives in the browser from the first effects to the page's cleanup.

mod book;
mod drawing;
mod linking;

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
    model::{ContainerId, Timestamp},
};
use book::Book;
use leptos::{html, leptos_dom::helpers::window_event_listener_untyped};
use std::{collections::BTreeSet, sync::Arc};

/// How many lines there are, of each sort.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LineCounts {
    /// Kept.
    pub kept: usize,
    /// Let through by the filters.
    pub shown: usize,
    /// Gone, to make room.
    pub left: u64,
    /// Found by the search.
    pub found: usize,
    /// Which of the found ones is looked at, from 1.
    pub rank: Option<usize>,
    /// Kept, dividers left out.
    pub printed: usize,
    /// Let through by the filters, dividers left out.
    pub shown_printed: usize,
    /// Time of the oldest one that is kept.
    pub oldest_at: Option<Timestamp>,
    /// The log has no earlier ones.
    pub is_whole: bool,
    /// Not all were looked at yet.
    pub is_looking: bool,
}

/// The page's handle on its lines. `Copy`: pass it about freely.
#[derive(Clone, Copy)]
pub struct Viewer {
    book: StoredValue<Book>,
    stream: InBrowser<Option<LogStream>>,
    query: Signal<LogsQuery>,
    rows: Rows,
    /// The lines near the window.
    pub lines: RwSignal<Vec<Arc<Line>>>,
    /// Whether the newest line is held in view.
    pub following: RwSignal<bool>,
    /// Lines that came since it is not.
    pub unseen: RwSignal<u64>,
    /// How many lines there are.
    pub counts: RwSignal<LineCounts>,
    /// The found line that is looked at.
    pub current: RwSignal<Option<u64>>,
    /// The lines that are open.
    pub opened: RwSignal<BTreeSet<u64>>,
    /// How the stream is doing.
    pub link: RwSignal<LinkState>,
    /// What is wrong with the regular expression.
    pub invalid: RwSignal<Option<String>>,
    /// What scrolls.
    pub scroller: NodeRef<html::Div>,
    /// As high as all lines together.
    pub sizer: NodeRef<html::Div>,
    /// The drawn lines.
    pub block: NodeRef<html::Div>,
}

/// Lines that come later than this do not move what is read.
const SEEK_MILLIS: u64 = 10_000;

/// What decides which lines are shown, and how high.
type Sieving = (String, bool, bool, crate::logs::StreamChoice, Vec<Option<crate::logs::Level>>, bool);

/// The lines of the sources, as the query wants them.
///
/// # Server-side
/// No lines; nothing is asked.
pub fn use_viewer(choices: LogChoices, sources: Sources) -> Viewer {
    let query = choices.query();
    let viewer = Viewer {
        book: StoredValue::new(Book::default()),
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
    let asked = Memo::new(move |_| {
        let query = query.read();
        query.for_stream(&|at| offset_minutes(query.zone, at))
    });
    let sieving = Memo::new(move |_| -> Sieving {
        let LogsQuery { search, regex, only_found, stream, hidden, wrap, .. } = query.get();
        (search, regex, only_found, stream, hidden, wrap)
    });
    Effect::new(move |_| {
        viewer.stream.hold(None);
        viewer.listen();
    });
    Effect::new(move |_| viewer.begin(sources.known.get(), is_single.get(), asked.get()));
    Effect::new(move |former: Option<Sieving>| {
        let now = sieving.get();
        if former.is_some_and(|former| (&former.0, former.1) != (&now.0, now.1)) {
            viewer.current.set(None);
        }
        viewer.invalid.set(match Pattern::new(&now.0, now.1) {
            Pattern::Invalid(words) => Some(words),
            Pattern::Nothing | Pattern::Words(_) | Pattern::Regex(_) => None,
        });
        viewer.sieve_anew();
        now
    });
    Effect::new(move |_| {
        if viewer.scroller.get().is_some() {
            viewer.draw_soon();
        }
    });
    viewer
}

/// Of the zone that times are told in, at a time or now.
pub fn offset_minutes(zone: Zone, at: Option<Timestamp>) -> i32 {
    if zone == Zone::Utc {
        return 0;
    }
    crate::client::offset_minutes(at)
}

impl Viewer {
    /// Everything chosen but the containers.
    pub fn query(self) -> Signal<LogsQuery> {
        self.query
    }

    fn listen(self) {
        let names = ["resize", "visibilitychange", "online", "pagehide", "pageshow"];
        let handles = names.map(|name| window_event_listener_untyped(name, move |_| self.noticed(name)));
        self.watch();
        on_cleanup(move || {
            for handle in handles {
                handle.remove();
            }
            self.release();
        });
    }

    /// Something happened to the window.
    fn noticed(self, name: &str) {
        match name {
            "resize" if self.query.with_untracked(|query| query.wrap) => self.sieve_anew(),
            "resize" => self.draw_soon(),
            "pagehide" => self.rest(),
            _ => self.look_at_visibility(),
        }
    }

    /// Gives everything back to the browser.
    fn release(self) {
        self.close();
        self.book.try_update_value(Book::stop_timers);
    }

    /// Opens a line, or closes it.
    pub fn toggle(self, number: u64) {
        self.opened.update(|opened| {
            if !opened.remove(&number) {
                opened.insert(number);
            }
        });
        // What is read stays where it is.
        self.unfollow();
        self.draw_soon();
    }

    /// Earlier lines are about to be loaded: what is searched for is shown when it is among them.
    pub fn seek(self) {
        let until = browser::local_now().as_millis().saturating_add(SEEK_MILLIS);
        self.book.try_update_value(|book| book.seeking_until = Some(Timestamp::from_millis(until)));
    }

    /// All of these containers, from the beginning, unless they are read already.
    fn begin(self, ids: Vec<ContainerId>, is_single: bool, asked: String) {
        self.book.update_value(|book| book.begin(ids, is_single, asked));
        self.lines.set(Vec::new());
        self.opened.set(BTreeSet::new());
        self.current.set(None);
        self.unseen.set(0);
        self.following.set(true);
        self.connect();
        self.draw_soon();
    }
}
