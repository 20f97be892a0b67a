//! Stage 4, sharing: each frame is encoded once, every viewer pulls the same bytes at its own pace.
//!
//! In: a publication of the store. Out: to each [`Viewer`], the bytes of one server-sent event after another. Nobody waits for
//! a viewer; one that falls behind more than [`RECENT_FRAMES`] is brought to the present by one delta, and counted.
//! Next: [`crate::http`].

mod encode;
mod viewer;

pub use viewer::Viewer;

use crate::{
    now,
    store::{Catchup, State},
};
use app::{model::Timestamp, protocol::Revision};
use bytes::Bytes;
use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{sync::watch, time::Instant};

/// Frames kept encoded: at 20 a second, a viewer may be 0.8 s late before it is caught up by one delta.
const RECENT_FRAMES: usize = 16;

/// Which of the two encodings a viewer takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// With samples.
    Included,
    /// `?stats=false`.
    LeftOut,
}

/// One revision's frame in both encodings; `None` where it would say nothing.
#[derive(Debug)]
struct Encoded {
    revision: Revision,
    with_stats: Option<Bytes>,
    without_stats: Option<Bytes>,
}

impl Encoded {
    fn bytes(&self, numbers: Numbers) -> Option<&Bytes> {
        match numbers {
            Numbers::Included => self.with_stats.as_ref(),
            Numbers::LeftOut => self.without_stats.as_ref(),
        }
    }
}

/// One revision, ready to be read by anybody.
#[derive(Debug)]
struct Publication {
    state: State,
    recent: VecDeque<Arc<Encoded>>,
    /// Encoded when a viewer asks, and shared for a moment: with and without numbers. Never locked across an await.
    snapshots: [Mutex<Option<(Instant, Bytes)>>; 2],
}

/// Reads what was published; clones share it.
#[derive(Debug, Clone)]
pub struct Feed {
    publications: watch::Receiver<Arc<Publication>>,
    lagged: Arc<AtomicU64>,
}

/// The store's end.
#[derive(Debug)]
pub struct Publisher(watch::Sender<Arc<Publication>>);

/// Both ends, beginning with `state`.
pub fn channel(state: State) -> (Publisher, Feed) {
    let first = Publication { state, recent: VecDeque::new(), snapshots: Default::default() };
    let (sender, publications) = watch::channel(Arc::new(first));
    (Publisher(sender), Feed { publications, lagged: Arc::default() })
}

impl Publisher {
    /// Encodes what changed since the last publication and wakes every viewer.
    pub fn publish(&self, state: &State, event_at: Option<Timestamp>) {
        let last = Arc::clone(&self.0.borrow());
        let Catchup::Delta(mut delta) = state.since(last.state.revision(), now()) else { return };
        delta.event_at = event_at;
        let mut recent: VecDeque<_> =
            last.recent.iter().skip((last.recent.len() + 1).saturating_sub(RECENT_FRAMES)).cloned().collect();
        recent.push_back(Arc::new(Encoded {
            revision: state.revision(),
            without_stats: encode::without_stats(&delta).map(|delta| encode::delta(state.epoch(), &delta)),
            with_stats: Some(encode::delta(state.epoch(), &delta)),
        }));
        self.0.send_replace(Arc::new(Publication { state: state.clone(), recent, snapshots: Default::default() }));
    }
}

/// The state of one publication, borrowed as long as it is looked at.
#[derive(Debug)]
pub struct Held(Arc<Publication>);

impl std::ops::Deref for Held {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0.state
    }
}

impl Feed {
    /// What the server holds now.
    pub fn state(&self) -> Held {
        Held(Arc::clone(&self.publications.borrow()))
    }

    /// How often a viewer had fallen too far behind for the encoded frames.
    pub fn lagged(&self) -> u64 {
        self.lagged.load(Ordering::Relaxed)
    }
}
