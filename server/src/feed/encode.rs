//! Server-sent events as bytes.

use super::Shape;
use app::{
    model::Timestamp,
    protocol::{Delta, FrameId, Heartbeat, Revision, Snapshot, compact},
};
use bytes::Bytes;
use serde::Serialize;

/// Goes before a stream's first event: what the browser waits before it connects again by itself.
pub(super) const RETRY: &str = "retry: 1000\n";

/// `held`: what the reader of [`Shape::Compact`] holds, as it says.
pub(super) fn snapshot(snapshot: &Snapshot, shape: Shape, held: Option<u64>) -> Bytes {
    let id = FrameId { epoch: snapshot.epoch.clone(), revision: snapshot.revision };
    event("snapshot", Some(id), shape, snapshot, |snapshot| compact::write_snapshot_for(snapshot, held))
}

pub(super) fn delta(epoch: &str, delta: &Delta, shape: Shape) -> Bytes {
    let id = FrameId { epoch: epoch.to_owned(), revision: delta.revision };
    event("delta", Some(id), shape, delta, compact::write_delta)
}

pub(super) fn heartbeat(revision: Revision, server_time: Timestamp, shape: Shape) -> Bytes {
    let heartbeat = Heartbeat { revision, server_time };
    event("heartbeat", None, shape, &heartbeat, |heartbeat| compact::write_heartbeat(*heartbeat))
}

/// The same without numbers; `None` when nothing else is in it.
pub(super) fn without_stats(delta: &Delta) -> Option<Delta> {
    let says_something = delta.engines.is_some() || !delta.upserted.is_empty() || !delta.removed.is_empty();
    says_something.then(|| Delta { stats: Vec::new(), sampled_at: None, ..delta.clone() })
}

/// `compact` writes it for [`Shape::Compact`].
fn event<T: Serialize>(
    name: &str,
    id: Option<FrameId>,
    shape: Shape,
    data: &T,
    compact: impl FnOnce(&T) -> String,
) -> Bytes {
    let mut text = format!("event: {name}\n").into_bytes();
    if let Some(id) = id {
        text.extend_from_slice(format!("id: {id}\n").as_bytes());
    }
    text.extend_from_slice(b"data: ");
    // JSON never holds a raw line break, so one data line is enough. Plain structs with string keys always serialise.
    if shape == Shape::Compact {
        text.extend_from_slice(compact(data).as_bytes());
    } else if let Err(error) = serde_json::to_writer(&mut text, data) {
        tracing::error!(%error, name, "a frame could not be encoded");
    }
    text.extend_from_slice(b"\n\n");
    text.into()
}
