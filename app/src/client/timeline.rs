//! Past and new events of containers, for the pages that show them.
//!
//! In: a [`TimelineQuery`], which may change. Out: an [`EventList`] that grows, and a
//! [`TimelineState`]. The newest events are fetched first (`history`), then a stream follows
//! (`stream`). After a loss it is opened again with increasing, random delays, resuming after the
//! last event received, so that none is missed or repeated (`reader`). A hidden page receives
//! nothing.

mod event_list;
mod history;
mod query;
mod reader;
mod stream;

pub use event_list::EventList;
pub use history::fetch_events;
pub use query::TimelineQuery;

use super::{ActionError, use_realtime_containers};
use crate::prelude::*;
use reader::{Parts, Reader};

/// State of a timeline.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum TimelineState {
    /// Waiting for the first response.
    #[default]
    Loading,
    /// New events arrive as they happen.
    Live,
    /// The page is hidden, or the stream is being opened.
    Waiting,
    /// The stream was lost; retrying.
    Lost,
    /// Nothing could be loaded; retrying.
    Failed(ActionError),
}

/// Returned by [`use_timeline()`]. `Copy`.
#[derive(Debug, Clone, Copy)]
pub struct UseTimelineReturn {
    /// The events so far.
    pub events: Signal<EventList>,
    /// State of the timeline.
    pub state: Signal<TimelineState>,
    reader: Reader,
}

/// Loads the events of a query, and follows them.
///
/// # Server-side
/// Loads nothing.
pub fn use_timeline(query: Signal<TimelineQuery>) -> UseTimelineReturn {
    let reader = Reader {
        query,
        events: RwSignal::new(EventList::default()),
        state: RwSignal::new(TimelineState::default()),
        parts: InBrowser::default(),
    };
    Effect::new(move |_| {
        reader.parts.hold(Parts::default());
        reader.listen();
    });
    Effect::new(move |_| {
        query.track();
        reader.begin();
    });
    let now = use_realtime_containers().now;
    Effect::new(move |_| {
        now.track();
        reader.check_silence();
    });
    UseTimelineReturn { events: reader.events.into(), state: reader.state.into(), reader }
}

impl UseTimelineReturn {
    /// Loads the events before the oldest one.
    pub fn load_older(&self) {
        self.reader.fetch_older();
    }
}
