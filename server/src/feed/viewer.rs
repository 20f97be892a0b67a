//! One open stream. Its only state is the client's revision; it is polled when the socket is
//! writable.
//!
//! In: publications. Out: bytes for [`crate::http`], which owns it.

use super::{ContentEncoding, Feed, MAX_CATCHUPS, Publication, StreamFormat, encode, frame, frame::Frame};
use crate::{
    now,
    process::{demand::ViewerGuard, metrics::Metrics},
    store::Catchup,
};
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

/// Interval of heartbeats. The protocol allows 3 s; this leaves a reserve for a busy machine.
const HEARTBEAT_INTERVAL: Duration = Duration::from_millis(2_500);

/// Lifetime of an encoded snapshot: long enough for clients that arrive together, short enough for
/// its `serverTime`.
const SNAPSHOT_TTL: Duration = Duration::from_millis(250);

/// Options of a stream, chosen by the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamOptions {
    /// Content and format.
    pub format: StreamFormat,
    /// Content encoding.
    pub encoding: ContentEncoding,
    /// Fingerprint of the containers that a client of [`StreamFormat::Compact`] already knows
    /// ([`compact::fingerprint`]). A snapshot of the same containers omits their names.
    pub known: Option<u64>,
}

/// Progress of a stream.
#[derive(Debug, Clone, Copy)]
enum Progress {
    Start,
    /// The preamble was sent.
    Preamble,
    Frames,
}

/// One client of the feed.
#[derive(Debug)]
pub struct Viewer {
    metrics: Metrics,
    publications: watch::Receiver<Arc<Publication>>,
    options: StreamOptions,
    /// Revision that the client has; `None` before the first frame, unless the client resumes.
    held: Option<Revision>,
    progress: Progress,
    heartbeat_at: Instant,
    stop: CancellationToken,
    _viewing: Option<ViewerGuard>,
}

impl Viewer {
    /// Creates a viewer that starts with a snapshot, or resumes at `resume`.
    pub fn new(
        feed: &Feed,
        options: StreamOptions,
        resume: Option<&FrameId>,
        viewing: Option<ViewerGuard>,
        stop: CancellationToken,
    ) -> Self {
        let publications = feed.publications.clone();
        let epoch_holds = resume.filter(|id| id.epoch == feed.state().epoch());
        Self {
            metrics: feed.metrics.clone(),
            publications,
            options,
            held: epoch_holds.map(|id| id.revision),
            progress: Progress::Start,
            heartbeat_at: Instant::now() + HEARTBEAT_INTERVAL,
            stop,
            _viewing: viewing,
        }
    }

    /// Returns the bytes of the next event; `None` on shutdown.
    pub async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.stop.is_cancelled() {
                return None;
            }
            let publication = Arc::clone(&self.publications.borrow_and_update());
            if let Some(bytes) = self.frame(&publication) {
                self.heartbeat_at = Instant::now() + HEARTBEAT_INTERVAL;
                return Some(bytes);
            }
            tokio::select! {
                changed = self.publications.changed() => changed.ok()?,
                () = self.stop.cancelled() => return None,
                () = tokio::time::sleep_until(self.heartbeat_at) => {
                    self.heartbeat_at = Instant::now() + HEARTBEAT_INTERVAL;
                    let beat = encode::heartbeat(self.held.unwrap_or_default(), now(), self.options.format);
                    return Some(frame::short_frame(beat, self.options.encoding));
                }
            }
        }
    }

    /// Returns the next frame. Its bytes are shared by all viewers, not copied.
    fn frame(&mut self, publication: &Publication) -> Option<Bytes> {
        let StreamOptions { format, encoding, known } = self.options;
        match std::mem::replace(&mut self.progress, Progress::Frames) {
            Progress::Start => {
                self.progress = Progress::Preamble;
                return Some(frame::preamble(encode::RETRY, encoding));
            }
            Progress::Preamble => {
                let first = match self.held {
                    Some(held) => publication.catch_up(held, format, known),
                    None => publication.snapshot(format, known),
                };
                self.held = Some(publication.state.revision());
                return Some(first.bytes(encoding));
            }
            Progress::Frames => {}
        }
        let held = self.held?;
        if publication.state.revision() <= held {
            return None;
        }
        let mut missed = publication.recent.iter().skip_while(|change| change.delta.revision <= held).peekable();
        if missed.peek().is_none_or(|first| first.since > held) {
            self.metrics.lagged();
            self.held = Some(publication.state.revision());
            return Some(publication.catch_up(held, format, None).bytes(encoding));
        }
        missed.find_map(|change| {
            self.held = Some(change.delta.revision);
            Some(change.frame(publication.state.epoch(), format)?.bytes(encoding))
        })
    }
}

impl Publication {
    /// Returns a snapshot. `known` is the client's fingerprint.
    fn snapshot(&self, format: StreamFormat, known: Option<u64>) -> Arc<Frame> {
        let known = known.filter(|known| format == StreamFormat::Compact && self.fingerprint() == Some(*known));
        let kept = if known.is_some() { &self.known_snapshot } else { &self.snapshots[format as usize] };
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, frame)) = kept.as_ref().filter(|(at, _)| at.elapsed() < SNAPSHOT_TTL) {
            return Arc::clone(frame);
        }
        let frame = Arc::new(Frame::new(encode::snapshot(&snapshot(&self.state, format, now()), format, known)));
        *kept = Some((Instant::now(), Arc::clone(&frame)));
        frame
    }

    fn fingerprint(&self) -> Option<u64> {
        let containers = || self.state.containers().map(|container| &**container);
        *self.fingerprint.get_or_init(|| compact::fingerprint(containers()))
    }

    /// Returns one delta for a client of this epoch, or a snapshot if it is too far behind.
    fn catch_up(&self, held: Revision, format: StreamFormat, known: Option<u64>) -> Arc<Frame> {
        let mut kept = self.catchups.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(.., (at, _))| at.elapsed() < SNAPSHOT_TTL);
        if let Some((.., (_, frame))) = kept.iter().find(|(from, with, _)| (*from, *with) == (held, format)) {
            return Arc::clone(frame);
        }
        let nothing = || Delta::empty(self.state.revision(), now());
        let delta = match self.state.since(held, now()) {
            Catchup::Snapshot => return self.snapshot(format, known),
            Catchup::UpToDate => nothing(),
            Catchup::Delta(delta) => match format {
                StreamFormat::Json | StreamFormat::Compact => *delta,
                StreamFormat::JsonWithoutStats => encode::without_stats(&delta).unwrap_or_else(nothing),
            },
        };
        let frame = Arc::new(Frame::new(encode::delta(self.state.epoch(), &delta, format)));
        kept.truncate(MAX_CATCHUPS - 1);
        kept.push_front((held, format, (Instant::now(), Arc::clone(&frame))));
        frame
    }
}

fn snapshot(state: &crate::store::State, format: StreamFormat, server_time: Timestamp) -> Snapshot {
    let whole = state.snapshot(server_time);
    match format {
        StreamFormat::Json | StreamFormat::Compact => whole,
        StreamFormat::JsonWithoutStats => Snapshot { stats: Vec::new(), sampled_at: None, ..whole },
    }
}
