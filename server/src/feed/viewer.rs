//! One open stream: holds its revision and nothing else, and is asked for bytes when its socket can take them.

use super::{CATCHUPS_KEPT, Coding, Feed, Publication, Shape, encode, frame, frame::Frame};
use crate::{demand::Viewing, metrics::Metrics, now, store::Catchup};
use app::{
    model::Timestamp,
    protocol::{Delta, FrameId, Revision, Snapshot, compact},
};
use bytes::Bytes;
use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

/// The contract allows 3 s; this leaves room for a busy machine.
const HEARTBEAT_AFTER: Duration = Duration::from_millis(2_500);

/// How long an encoded snapshot is shared: long enough for a crowd that arrives together, short enough for its `serverTime`.
const SNAPSHOT_KEPT: Duration = Duration::from_millis(250);

/// What a reader wants to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// What is told, and how it is written.
    pub shape: Shape,
    /// Compressed or not.
    pub coding: Coding,
    /// What a reader of [`Shape::Compact`] holds from before ([`compact::fingerprint`]): a snapshot of the
    /// same containers leaves out what they are called.
    pub held: Option<u64>,
}

/// How far a reader has been told.
#[derive(Debug, Clone, Copy)]
enum Told {
    Nothing,
    /// What goes before the first frame.
    Opening,
    Frames,
}

/// One reader of the feed.
#[derive(Debug)]
pub struct Viewer {
    metrics: Metrics,
    publications: watch::Receiver<Arc<Publication>>,
    format: Format,
    /// What the reader holds; `None` before the first frame, unless it resumes.
    held: Option<Revision>,
    told: Told,
    heartbeat_at: Instant,
    stop: CancellationToken,
    _viewing: Viewing,
}

impl Viewer {
    /// A reader that holds nothing, or what `resume` names.
    pub fn new(
        feed: &Feed,
        format: Format,
        resume: Option<&FrameId>,
        viewing: Viewing,
        stop: CancellationToken,
    ) -> Self {
        let publications = feed.publications.clone();
        let epoch_holds = resume.filter(|id| id.epoch == feed.state().epoch());
        Self {
            metrics: feed.metrics.clone(),
            publications,
            format,
            held: epoch_holds.map(|id| id.revision),
            told: Told::Nothing,
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
                    let beat = encode::heartbeat(self.held.unwrap_or_default(), now(), self.format.shape);
                    return Some(frame::short(beat, self.format.coding));
                }
            }
        }
    }

    /// The bytes of a frame are the same for all viewers, so none is copied here.
    fn frame(&mut self, publication: &Publication) -> Option<Bytes> {
        let Format { shape, coding, held: holds } = self.format;
        match std::mem::replace(&mut self.told, Told::Frames) {
            Told::Nothing => {
                self.told = Told::Opening;
                return Some(frame::opening(encode::RETRY, coding));
            }
            Told::Opening => {
                let first = match self.held {
                    Some(held) => publication.catch_up(held, shape, holds),
                    None => publication.snapshot(shape, holds),
                };
                self.held = Some(publication.state.revision());
                return Some(first.bytes(coding));
            }
            Told::Frames => {}
        }
        let held = self.held?;
        // Revisions are consecutive, and each of the newest has its frame.
        let missed = usize::try_from(publication.state.revision().0 - held.0).unwrap_or(usize::MAX);
        if missed > publication.recent.len() {
            self.metrics.lagged();
            self.held = Some(publication.state.revision());
            return Some(publication.catch_up(held, shape, None).bytes(coding));
        }
        publication.recent.iter().skip(publication.recent.len() - missed).find_map(|change| {
            debug_assert!(Some(change.delta.revision) > self.held);
            self.held = Some(change.delta.revision);
            Some(change.frame(publication.state.epoch(), shape)?.bytes(coding))
        })
    }
}

impl Publication {
    /// `holds`: what the reader says it holds from before.
    fn snapshot(&self, shape: Shape, holds: Option<u64>) -> Arc<Frame> {
        let holds = holds.filter(|holds| shape == Shape::Compact && self.fingerprint() == Some(*holds));
        let kept = if holds.is_some() { &self.known_snapshot } else { &self.snapshots[shape as usize] };
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, frame)) = kept.as_ref().filter(|(at, _)| at.elapsed() < SNAPSHOT_KEPT) {
            return Arc::clone(frame);
        }
        let frame = Arc::new(Frame::new(encode::snapshot(&snapshot(&self.state, shape, now()), shape, holds)));
        *kept = Some((Instant::now(), Arc::clone(&frame)));
        frame
    }

    fn fingerprint(&self) -> Option<u64> {
        let containers = || self.state.containers().map(|container| &**container);
        *self.fingerprint.get_or_init(|| compact::fingerprint(containers()))
    }

    /// One delta for a reader of this epoch, a snapshot for one that is too far behind.
    fn catch_up(&self, held: Revision, shape: Shape, holds: Option<u64>) -> Arc<Frame> {
        let mut kept = self.catchups.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(.., (at, _))| at.elapsed() < SNAPSHOT_KEPT);
        if let Some((.., (_, frame))) = kept.iter().find(|(from, with, _)| (*from, *with) == (held, shape)) {
            return Arc::clone(frame);
        }
        let nothing = || Delta::empty(self.state.revision(), now());
        let delta = match self.state.since(held, now()) {
            Catchup::Snapshot => return self.snapshot(shape, holds),
            Catchup::Nothing => nothing(),
            Catchup::Delta(delta) => match shape {
                Shape::Whole | Shape::Compact => *delta,
                Shape::WithoutStats => encode::without_stats(&delta).unwrap_or_else(nothing),
            },
        };
        let frame = Arc::new(Frame::new(encode::delta(self.state.epoch(), &delta, shape)));
        kept.truncate(CATCHUPS_KEPT - 1);
        kept.push_front((held, shape, (Instant::now(), Arc::clone(&frame))));
        frame
    }
}

fn snapshot(state: &crate::store::State, shape: Shape, server_time: Timestamp) -> Snapshot {
    let whole = state.snapshot(server_time);
    match shape {
        Shape::Whole | Shape::Compact => whole,
        Shape::WithoutStats => Snapshot { stats: Vec::new(), sampled_at: None, ..whole },
    }
}
