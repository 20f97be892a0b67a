//! Stage 4: distributes changes. Each frame is encoded and compressed once and shared by all
//! viewers.
//!
//! In: publications of the store. Out: server-sent events as bytes, pulled by each [`Viewer`] at
//! its own pace. Owned by the store ([`Publisher`]) and each stream ([`Viewer`]). A slow viewer
//! delays nothing: one that is more than [`MAX_RECENT_FRAMES`] behind is brought up to date by one
//! delta, and counted in the metrics. Read next: [`crate::http`].

mod encode;
mod frame;
mod viewer;

pub use frame::ContentEncoding;
pub(crate) use frame::{preamble, short_frame};
pub use viewer::{StreamOptions, Viewer};

use crate::{
    now,
    process::metrics::Metrics,
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

/// Maximum number of encoded frames kept: at 20 per second, a viewer may be 0.8 s behind before it
/// gets one catch-up delta.
const MAX_RECENT_FRAMES: usize = 16;

/// Maximum number of encoded catch-up deltas per publication; clients cut off together by a proxy
/// return at only a few revisions.
const MAX_CATCHUPS: usize = 8;

/// Content and format of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamFormat {
    /// The documented JSON.
    Json,
    /// JSON without samples: `?stats=false`.
    JsonWithoutStats,
    /// Format of Quaylight's own pages: `?format=compact`.
    Compact,
}

/// One value per format, indexed by `StreamFormat as usize`.
type PerFormat<T> = [T; 3];

/// The changes from one published revision to the next, encoded on first use; `None` if the format
/// has none of them. A narrowed feed may leave revisions out.
#[derive(Debug)]
struct Change {
    since: Revision,
    delta: Delta,
    frames: PerFormat<OnceLock<Option<Frame>>>,
}

impl Change {
    fn frame(&self, epoch: &str, format: StreamFormat) -> Option<&Frame> {
        let encode = || {
            let delta = match format {
                StreamFormat::Json | StreamFormat::Compact => Some(Cow::Borrowed(&self.delta)),
                StreamFormat::JsonWithoutStats => encode::without_stats(&self.delta).map(Cow::Owned),
            };
            delta.map(|delta| Frame::new(encode::delta(epoch, &delta, format)))
        };
        self.frames[format as usize].get_or_init(encode).as_ref()
    }
}

/// One revision with its encoded frames.
#[derive(Debug)]
struct Publication {
    state: State,
    recent: VecDeque<Arc<Change>>,
    /// Snapshots, encoded on demand and shared for a short time. Never locked across an await.
    snapshots: PerFormat<Mutex<Option<Snapshot>>>,
    /// The compact snapshot for clients that already have the same containers.
    known_snapshot: Mutex<Option<Snapshot>>,
    /// Fingerprint of the containers; `None` if there are none.
    fingerprint: OnceLock<Option<u64>>,
    /// Catch-up deltas to this revision. Never locked across an await.
    catchups: Mutex<VecDeque<CatchupFrame>>,
}

/// A frame with the time it was encoded.
type Snapshot = (Instant, Arc<Frame>);

/// A catch-up frame by revision and format.
type CatchupFrame = (Revision, StreamFormat, Snapshot);

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

/// Reading end; clones share it.
#[derive(Debug, Clone)]
pub struct Feed {
    publications: watch::Receiver<Arc<Publication>>,
    metrics: Metrics,
}

/// Writing end, owned by the store.
#[derive(Debug)]
pub struct Publisher {
    publications: watch::Sender<Arc<Publication>>,
    metrics: Metrics,
}

/// Creates both ends with an initial state.
pub fn channel(state: State, metrics: Metrics) -> (Publisher, Feed) {
    let first = Publication::new(state, VecDeque::new());
    let (sender, publications) = watch::channel(Arc::new(first));
    (Publisher { publications: sender, metrics: metrics.clone() }, Feed { publications, metrics })
}

impl Publisher {
    /// Publishes the changes since the last call and wakes all viewers.
    pub fn publish(&self, state: &State, event_at: Option<Timestamp>) {
        let last = Arc::clone(&self.publications.borrow());
        let since = last.state.revision();
        let recent = match state.since(since, now()) {
            Catchup::UpToDate => return,
            // More removals than the log holds, so viewers need a snapshot.
            Catchup::Snapshot => VecDeque::new(),
            Catchup::Delta(delta) => {
                let kept = (last.recent.len() + 1).saturating_sub(MAX_RECENT_FRAMES);
                let change = Change { since, delta: Delta { event_at, ..*delta }, frames: Default::default() };
                last.recent.iter().skip(kept).cloned().chain([Arc::new(change)]).collect()
            }
        };
        self.publications.send_replace(Arc::new(Publication::new(state.clone(), recent)));
        self.metrics.frame();
    }

    /// Creates another reading end.
    pub fn subscribe(&self) -> Feed {
        Feed { publications: self.publications.subscribe(), metrics: self.metrics.clone() }
    }

    /// True if there is no reading end.
    pub fn is_unused(&self) -> bool {
        self.publications.is_closed()
    }

    /// Waits until there is no reading end.
    pub async fn unused(&self) {
        self.publications.closed().await;
    }
}

/// A reference to the state of one publication.
#[derive(Debug)]
pub struct StateRef(Arc<Publication>);

impl StateRef {
    /// Time of the earliest event in the latest revision.
    pub fn event_at(&self) -> Option<Timestamp> {
        self.0.recent.back().and_then(|change| change.delta.event_at)
    }
}

impl std::ops::Deref for StateRef {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0.state
    }
}

impl Feed {
    /// The current state.
    pub fn state(&self) -> StateRef {
        StateRef(Arc::clone(&self.publications.borrow()))
    }

    /// Waits for the next change and returns the state; `None` on shutdown.
    pub async fn changed(&mut self) -> Option<StateRef> {
        self.publications.changed().await.ok()?;
        Some(StateRef(Arc::clone(&self.publications.borrow_and_update())))
    }

    /// Waits until the state satisfies `condition`; forever if the server shuts down before.
    pub async fn wait_until(&self, mut condition: impl FnMut(&State) -> bool + Send) {
        let mut publications = self.publications.clone();
        if publications.wait_for(|publication| condition(&publication.state)).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests;
