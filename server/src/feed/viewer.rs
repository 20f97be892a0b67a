//! One open stream: holds its revision and nothing else, and is asked for bytes when its socket can take them.

use super::{Feed, Numbers, Publication, encode};
use crate::{demand::Viewing, now, store::Catchup};
use app::{
    model::Timestamp,
    protocol::{Delta, FrameId, Revision, Snapshot},
};
use bytes::{Bytes, BytesMut};
use std::{
    sync::{Arc, PoisonError, atomic::Ordering},
    time::Duration,
};
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

/// The contract allows 3 s; this leaves room for a busy machine.
const HEARTBEAT_AFTER: Duration = Duration::from_millis(2_500);

/// How long an encoded snapshot is shared: long enough for a crowd that arrives together, short enough for its `serverTime`.
const SNAPSHOT_KEPT: Duration = Duration::from_millis(250);

/// One reader of the feed.
#[derive(Debug)]
pub struct Viewer {
    feed: Feed,
    publications: watch::Receiver<Arc<Publication>>,
    numbers: Numbers,
    /// What the reader holds; `None` before the first frame, unless it resumes.
    held: Option<Revision>,
    greeted: bool,
    heartbeat_at: Instant,
    stop: CancellationToken,
    _viewing: Viewing,
}

impl Viewer {
    /// A reader that holds nothing, or what `resume` names.
    pub fn new(
        feed: &Feed,
        numbers: Numbers,
        resume: Option<&FrameId>,
        viewing: Viewing,
        stop: CancellationToken,
    ) -> Self {
        let publications = feed.publications.clone();
        let epoch_holds = resume.filter(|id| id.epoch == feed.state().epoch());
        Self {
            feed: feed.clone(),
            publications,
            numbers,
            held: epoch_holds.map(|id| id.revision),
            greeted: false,
            heartbeat_at: Instant::now() + HEARTBEAT_AFTER,
            stop,
            _viewing: viewing,
        }
    }

    /// The next event's bytes; `None` when the server stops.
    pub async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.stop.is_cancelled() {
                return None;
            }
            let publication = Arc::clone(&self.publications.borrow_and_update());
            if let Some(bytes) = self.frame(&publication) {
                self.heartbeat_at = Instant::now() + HEARTBEAT_AFTER;
                return Some(bytes);
            }
            tokio::select! {
                changed = self.publications.changed() => changed.ok()?,
                () = self.stop.cancelled() => return None,
                () = tokio::time::sleep_until(self.heartbeat_at) => {
                    self.heartbeat_at = Instant::now() + HEARTBEAT_AFTER;
                    return Some(encode::heartbeat(self.held.unwrap_or_default(), now()));
                }
            }
        }
    }

    fn frame(&mut self, publication: &Publication) -> Option<Bytes> {
        if !self.greeted {
            self.greeted = true;
            let first = self.first(publication);
            self.held = Some(publication.state.revision());
            return Some([encode::retry(), first].concat().into());
        }
        let held = self.held?;
        let present = publication.state.revision();
        if held == present {
            return None;
        }
        self.held = Some(present);
        // Revisions are consecutive, and each of the newest has its frame.
        let missed = usize::try_from(present.0 - held.0).unwrap_or(usize::MAX);
        if missed > publication.recent.len() {
            self.feed.lagged.fetch_add(1, Ordering::Relaxed);
            return Some(self.catch_up(publication, held));
        }
        let frames = publication.recent.iter().skip(publication.recent.len() - missed);
        debug_assert!(frames.clone().all(|frame| frame.revision > held));
        let mut bytes = frames.filter_map(|frame| frame.bytes(self.numbers));
        let first = bytes.next()?.clone();
        match bytes.next() {
            None => Some(first),
            Some(second) => {
                let mut all = BytesMut::from(first.as_ref());
                all.extend_from_slice(second);
                bytes.for_each(|more| all.extend_from_slice(more));
                Some(all.freeze())
            }
        }
    }

    /// One delta for a reader that resumes, a snapshot for the rest.
    fn first(&self, publication: &Publication) -> Bytes {
        match self.held {
            Some(held) => self.catch_up(publication, held),
            None => publication.snapshot(self.numbers),
        }
    }

    fn catch_up(&self, publication: &Publication, held: Revision) -> Bytes {
        let state = &publication.state;
        let delta = match state.since(held, now()) {
            Catchup::Snapshot => return publication.snapshot(self.numbers),
            Catchup::Nothing => Delta::empty(state.revision(), now()),
            Catchup::Delta(delta) => match self.numbers {
                Numbers::Included => *delta,
                Numbers::LeftOut => {
                    encode::without_stats(&delta).unwrap_or_else(|| Delta::empty(state.revision(), now()))
                }
            },
        };
        encode::delta(state.epoch(), &delta)
    }
}

impl Publication {
    fn snapshot(&self, numbers: Numbers) -> Bytes {
        let slot = &self.snapshots[usize::from(numbers == Numbers::LeftOut)];
        let mut kept = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, bytes)) = kept.as_ref().filter(|(at, _)| at.elapsed() < SNAPSHOT_KEPT) {
            return bytes.clone();
        }
        let bytes = encode::snapshot(&snapshot(&self.state, numbers, now()));
        *kept = Some((Instant::now(), bytes.clone()));
        bytes
    }
}

fn snapshot(state: &crate::store::State, numbers: Numbers, server_time: Timestamp) -> Snapshot {
    let whole = state.snapshot(server_time);
    match numbers {
        Numbers::Included => whole,
        Numbers::LeftOut => Snapshot { stats: Vec::new(), sampled_at: None, ..whole },
    }
}
