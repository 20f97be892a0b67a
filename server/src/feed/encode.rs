//! Encodes snapshots, deltas and heartbeats as server-sent events.
//!
//! The compact format is in [`app::protocol::compact`].

use super::StreamFormat;
use app::{
    model::Timestamp,
    protocol::{Delta, FrameId, Heartbeat, Revision, Snapshot, compact},
};
use bytes::Bytes;
use serde::Serialize;

/// Reconnect delay for the browser, sent before the first event.
pub(super) const RETRY: &str = "retry: 1000\n";

/// Encodes a snapshot. `held` is the fingerprint that a client of [`StreamFormat::Compact`] sent.
pub(super) fn snapshot(snapshot: &Snapshot, format: StreamFormat, held: Option<u64>) -> Bytes {
    let id = FrameId { epoch: snapshot.epoch.clone(), revision: snapshot.revision };
    event("snapshot", Some(id), format, snapshot, |snapshot| compact::write_snapshot_for(snapshot, held))
}

pub(super) fn delta(epoch: &str, delta: &Delta, format: StreamFormat) -> Bytes {
    let id = FrameId { epoch: epoch.to_owned(), revision: delta.revision };
    event("delta", Some(id), format, delta, compact::write_delta)
}

pub(super) fn heartbeat(revision: Revision, server_time: Timestamp, format: StreamFormat) -> Bytes {
    let heartbeat = Heartbeat { revision, server_time };
    event("heartbeat", None, format, &heartbeat, |heartbeat| compact::write_heartbeat(*heartbeat))
}

/// Removes the samples; `None` if nothing remains.
pub(super) fn without_stats(delta: &Delta) -> Option<Delta> {
    let says_something = delta.engines.is_some() || !delta.upserted.is_empty() || !delta.removed.is_empty();
    says_something.then(|| Delta { stats: Vec::new(), sampled_at: None, ..delta.clone() })
}

/// Encodes an event; `compact` encodes the data for [`StreamFormat::Compact`].
fn event<T: Serialize>(
    name: &str,
    id: Option<FrameId>,
    format: StreamFormat,
    data: &T,
    compact: impl FnOnce(&T) -> String,
) -> Bytes {
    let mut text = format!("event: {name}\n").into_bytes();
    if let Some(id) = id {
        text.extend_from_slice(format!("id: {id}\n").as_bytes());
    }
    text.extend_from_slice(b"data: ");
    // JSON has no raw line breaks, so one data line is enough. Structs with string keys always
    // serialize.
    if format == StreamFormat::Compact {
        text.extend_from_slice(compact(data).as_bytes());
    } else if let Err(error) = serde_json::to_writer(&mut text, data) {
        tracing::error!(%error, name, "cannot encode a frame");
    }
    text.extend_from_slice(b"\n\n");
    text.into()
}
