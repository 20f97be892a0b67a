//! Server-sent events as bytes.

use app::{
    model::Timestamp,
    protocol::{Delta, FrameId, Heartbeat, Revision, Snapshot},
};
use bytes::Bytes;
use serde::Serialize;

/// Goes before a stream's first event: what the browser waits before it connects again by itself.
pub(super) const RETRY: &str = "retry: 1000\n";

pub(super) fn snapshot(snapshot: &Snapshot) -> Bytes {
    let id = FrameId { epoch: snapshot.epoch.clone(), revision: snapshot.revision };
    event("snapshot", Some(id), snapshot)
}

pub(super) fn delta(epoch: &str, delta: &Delta) -> Bytes {
    event("delta", Some(FrameId { epoch: epoch.to_owned(), revision: delta.revision }), delta)
}

pub(super) fn heartbeat(revision: Revision, server_time: Timestamp) -> Bytes {
    event("heartbeat", None, &Heartbeat { revision, server_time })
}

/// The same without numbers; `None` when nothing else is in it.
pub(super) fn without_stats(delta: &Delta) -> Option<Delta> {
    let says_something = delta.engines.is_some() || !delta.upserted.is_empty() || !delta.removed.is_empty();
    says_something.then(|| Delta { stats: Vec::new(), sampled_at: None, ..delta.clone() })
}

fn event(name: &str, id: Option<FrameId>, data: &impl Serialize) -> Bytes {
    let mut text = format!("event: {name}\n").into_bytes();
    if let Some(id) = id {
        text.extend_from_slice(format!("id: {id}\n").as_bytes());
    }
    text.extend_from_slice(b"data: ");
    // JSON never holds a raw line break, so one data line is enough. Plain structs with string keys always serialise.
    if let Err(error) = serde_json::to_writer(&mut text, data) {
        tracing::error!(%error, name, "a frame could not be encoded");
    }
    text.extend_from_slice(b"\n\n");
    text.into()
}
