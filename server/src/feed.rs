//! Stage 4, sharing: each frame is encoded and compressed once, every viewer pulls the same bytes at its own pace.
//!
//! In: a publication of the store. Out: to each [`Viewer`], the bytes of one server-sent event after another. Nobody waits for
//! a viewer; one that falls behind more than [`RECENT_FRAMES`] is brought to the present by one delta, and counted.
//! Next: [`crate::http`].

mod encode;
mod frame;
mod viewer;

pub use frame::Coding;
pub(crate) use frame::{opening, short as for_one};
pub use viewer::{Format, Viewer};

use crate::{
    metrics::Metrics,
    now,
    store::{Catchup, State},
};
use app::{
    model::Timestamp,
    protocol::{Delta, Revision},
};
use frame::Frame;
use std::{
    borrow::Cow,
    collections::VecDeque,
    sync::{Arc, Mutex, OnceLock},
};
use tokio::{sync::watch, time::Instant};

/// Frames kept encoded: at 20 a second, a viewer may be 0.8 s late before it is caught up by one delta.
const RECENT_FRAMES: usize = 16;

/// Catch-ups kept encoded per publication: a crowd that a proxy cut off comes back at a handful of revisions.
const CATCHUPS_KEPT: usize = 8;

/// Which of the pictures a viewer takes, and how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// JSON with names, as the contract says.
    Whole,
    /// The same without samples: `?stats=false`.
    WithoutStats,
    /// As Quaylight's own pages read it: `?format=compact`.
    Compact,
}

/// By `Shape as usize`.
type PerShape<T> = [T; 3];

/// What one revision brought, encoded when the first viewer asks; `None` where it says nothing in that shape.
#[derive(Debug)]
struct Change {
    delta: Delta,
    frames: PerShape<OnceLock<Option<Frame>>>,
}

impl Change {
    fn frame(&self, epoch: &str, shape: Shape) -> Option<&Frame> {
        let encode = || {
            let delta = match shape {
                Shape::Whole | Shape::Compact => Some(Cow::Borrowed(&self.delta)),
                Shape::WithoutStats => encode::without_stats(&self.delta).map(Cow::Owned),
            };
            delta.map(|delta| Frame::new(encode::delta(epoch, &delta, shape)))
        };
        self.frames[shape as usize].get_or_init(encode).as_ref()
    }
}

/// One revision, ready to be read by anybody.
#[derive(Debug)]
struct Publication {
    state: State,
    recent: VecDeque<Arc<Change>>,
    /// Encoded when a viewer asks, and shared for a moment. Never locked across an await.
    snapshots: PerShape<Mutex<Option<Snapshot>>>,
    /// The compact one for those who hold the same containers from before.
    known_snapshot: Mutex<Option<Snapshot>>,
    /// Which those are.
    fingerprint: OnceLock<Option<u64>>,
    /// What brings a reader of a revision to this one. Never locked across an await.
    catchups: Mutex<VecDeque<CatchupFrame>>,
}

/// A snapshot's frame and when it was made.
type Snapshot = (Instant, Arc<Frame>);

/// The frame for readers of one revision and shape, and when it was made.
type CatchupFrame = (Revision, Shape, Snapshot);

impl Publication {
    fn new(state: State, recent: VecDeque<Arc<Change>>) -> Self {
        Self {
            state,
            recent,
            snapshots: Default::default(),
            known_snapshot: Mutex::default(),
            fingerprint: OnceLock::new(),
            catchups: Mutex::default(),
        }
    }
}

/// Reads what was published; clones share it.
#[derive(Debug, Clone)]
pub struct Feed {
    publications: watch::Receiver<Arc<Publication>>,
    metrics: Metrics,
}

/// The store's end.
#[derive(Debug)]
pub struct Publisher {
    publications: watch::Sender<Arc<Publication>>,
    metrics: Metrics,
}

/// Both ends, beginning with `state`.
pub fn channel(state: State, metrics: Metrics) -> (Publisher, Feed) {
    let first = Publication::new(state, VecDeque::new());
    let (sender, publications) = watch::channel(Arc::new(first));
    (Publisher { publications: sender, metrics: metrics.clone() }, Feed { publications, metrics })
}

impl Publisher {
    /// Publishes what changed since the last time and wakes every viewer.
    pub fn publish(&self, state: &State, event_at: Option<Timestamp>) {
        let last = Arc::clone(&self.publications.borrow());
        let recent = match state.since(last.state.revision(), now()) {
            Catchup::Nothing => return,
            // More went at once than the log of removals holds: nobody is brought here by frames.
            Catchup::Snapshot => VecDeque::new(),
            Catchup::Delta(delta) => {
                let kept = (last.recent.len() + 1).saturating_sub(RECENT_FRAMES);
                let change = Change { delta: Delta { event_at, ..*delta }, frames: Default::default() };
                last.recent.iter().skip(kept).cloned().chain([Arc::new(change)]).collect()
            }
        };
        self.publications.send_replace(Arc::new(Publication::new(state.clone(), recent)));
        self.metrics.frame();
    }
}

/// The state of one publication, borrowed as long as it is looked at.
#[derive(Debug)]
pub struct Held(Arc<Publication>);

impl Held {
    /// When the earliest engine event behind the newest revision happened.
    pub fn event_at(&self) -> Option<Timestamp> {
        self.0.recent.back().and_then(|change| change.delta.event_at)
    }
}

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

    /// What the server holds when that has changed since it was last asked here; `None` when it stops.
    pub async fn changed(&mut self) -> Option<Held> {
        self.publications.changed().await.ok()?;
        Some(Held(Arc::clone(&self.publications.borrow_and_update())))
    }

    /// Waits until the server holds what is wanted; for ever when it stops before that.
    pub async fn until(&self, mut wanted: impl FnMut(&State) -> bool + Send) {
        let mut publications = self.publications.clone();
        if publications.wait_for(|publication| wanted(&publication.state)).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests;
