//! What the stream did on this page, for the summary on `/realtime-test`. Collected in passing, never sent anywhere.

use crate::model::Timestamp;

/// Counted since the page was loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamMeasures {
    /// Frames received, heartbeats included.
    pub frames: u64,
    /// Bytes of their data.
    pub bytes: u64,
    /// Rows, samples and engines changed in the last 60 s.
    pub changes_per_minute: u64,
    /// From the engine's event to the changed row on the screen, in milliseconds: the newest, …
    pub delay_last_millis: Option<u64>,
    /// … the median …
    pub delay_median_millis: Option<u64>,
    /// … and the 99th percentile of the last 256.
    pub delay_p99_millis: Option<u64>,
    /// Streams opened after the first.
    pub reconnects: u64,
    /// Frames that did not fit what was held; each is healed by a snapshot.
    pub misfits: u64,
    /// When the last heartbeat came, on the server's clock; its age is `now` less this.
    pub last_heartbeat: Option<Timestamp>,
    /// The last thing that went wrong, and when, on the server's clock.
    pub last_error: Option<(Timestamp, String)>,
}
