//! What the stream did on this page, for the summary on `/realtime-test`. Collected in passing, never sent anywhere.
//!
//! In: what the `driver` sees pass. Out: [`StreamMeasures`]. Bounded: 60 counters and 256 delays.

mod delays;
mod rate;

use super::Transport;
use crate::model::Timestamp;
use delays::Delays;
use rate::Rate;

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
    /// How the stream is had; `None` before it is known.
    pub transport: Option<Transport>,
    /// Streams opened after the first.
    pub reconnects: u64,
    /// Frames that did not fit what was held; each is healed by a snapshot.
    pub misfits: u64,
    /// When the last heartbeat came, on the server's clock; its age is `now` less this.
    pub last_heartbeat: Option<Timestamp>,
    /// The last thing that went wrong, and when, on the server's clock.
    pub last_error: Option<(Timestamp, String)>,
}

/// Collects them.
#[derive(Debug, Default)]
pub(super) struct Meter {
    totals: StreamMeasures,
    changes: Rate,
    delays: Delays,
    streams: u64,
}

impl Meter {
    /// As of `now`.
    pub(super) fn measures(&mut self, now: Timestamp) -> StreamMeasures {
        StreamMeasures { changes_per_minute: self.changes.per_minute(now), ..self.totals.clone() }
    }

    /// An event came, fitting or not.
    pub(super) fn event(&mut self, bytes: usize) {
        self.totals.frames += 1;
        self.totals.bytes += u64::try_from(bytes).unwrap_or(u64::MAX);
    }

    /// A frame changed that many things.
    pub(super) fn changed(&mut self, count: usize, now: Timestamp) {
        self.changes.add(u64::try_from(count).unwrap_or(u64::MAX), now);
    }

    /// A change reached the screen that long after the engine's event.
    pub(super) fn painted(&mut self, delay_millis: u64) {
        self.delays.push(delay_millis);
        self.totals.delay_last_millis = Some(delay_millis);
        self.totals.delay_median_millis = self.delays.percentile(50);
        self.totals.delay_p99_millis = self.delays.percentile(99);
    }

    /// A stream is being opened.
    pub(super) fn opening(&mut self) {
        self.totals.reconnects = self.streams;
        self.streams += 1;
    }

    /// That is how the stream is had now.
    pub(super) fn transport(&mut self, transport: Transport) {
        self.totals.transport = Some(transport);
    }

    /// A frame did not fit.
    pub(super) fn misfit(&mut self) {
        self.totals.misfits += 1;
    }

    /// A heartbeat came.
    pub(super) fn heartbeat(&mut self, now: Timestamp) {
        self.totals.last_heartbeat = Some(now);
    }

    /// Something went wrong.
    pub(super) fn error(&mut self, now: Timestamp, words: String) {
        self.totals.last_error = Some((now, words));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_stream_is_no_reconnect() {
        let mut meter = Meter::default();
        meter.opening();
        assert_eq!(meter.measures(Timestamp::default()).reconnects, 0);
        meter.opening();
        meter.opening();
        assert_eq!(meter.measures(Timestamp::default()).reconnects, 2);
    }

    #[test]
    fn delays_are_unknown_until_a_change_was_painted() {
        let mut meter = Meter::default();
        assert_eq!(meter.measures(Timestamp::default()).delay_p99_millis, None);
        meter.painted(40);
        meter.painted(20);
        let measures = meter.measures(Timestamp::default());
        assert_eq!((measures.delay_last_millis, measures.delay_p99_millis), (Some(20), Some(40)));
    }
}
