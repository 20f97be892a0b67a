//! Measurements of this page's stream, shown on `/realtime-test`. Never sent anywhere.
//!
//! In: calls of the `driver`. Out: [`StreamMeasures`]. Bounded: 60 counters and 256 delays.

mod delays;
mod rate;

use super::Transport;
use crate::model::Timestamp;
use delays::Delays;
use rate::Rate;

/// Measurements since the page was loaded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamMeasures {
    /// Number of frames received, including heartbeats.
    pub frames: u64,
    /// Size of the frames' data in bytes.
    pub bytes: u64,
    /// Number of rows, samples and engines changed in the last 60 s.
    pub changes_per_minute: u64,
    /// Latest delay from the engine's event to the changed row on the screen, in milliseconds.
    pub delay_last_millis: Option<u64>,
    /// Median of the last 256 delays, in milliseconds.
    pub delay_median_millis: Option<u64>,
    /// 99th percentile of the last 256 delays, in milliseconds.
    pub delay_p99_millis: Option<u64>,
    /// Transport of the stream; `None` before it is known.
    pub transport: Option<Transport>,
    /// Number of streams opened after the first.
    pub reconnects: u64,
    /// Number of frames that were out of sync; each caused a new snapshot.
    pub resyncs: u64,
    /// Time of the last heartbeat, on the server's clock.
    pub last_heartbeat: Option<Timestamp>,
    /// Last error and its time, on the server's clock.
    pub last_error: Option<(Timestamp, String)>,
}

/// Collects the measurements.
#[derive(Debug, Default)]
pub(super) struct Meter {
    totals: StreamMeasures,
    changes: Rate,
    delays: Delays,
    streams: u64,
}

impl Meter {
    /// The measurements as of `now`.
    pub(super) fn measures(&mut self, now: Timestamp) -> StreamMeasures {
        StreamMeasures { changes_per_minute: self.changes.per_minute(now), ..self.totals.clone() }
    }

    /// Counts a received event.
    pub(super) fn event(&mut self, bytes: usize) {
        self.totals.frames += 1;
        self.totals.bytes += u64::try_from(bytes).unwrap_or(u64::MAX);
    }

    /// Counts changes made by a frame.
    pub(super) fn changed(&mut self, count: usize, now: Timestamp) {
        self.changes.add(u64::try_from(count).unwrap_or(u64::MAX), now);
    }

    /// Adds a delay from the engine's event to the screen.
    pub(super) fn painted(&mut self, delay_millis: u64) {
        self.delays.push(delay_millis);
        self.totals.delay_last_millis = Some(delay_millis);
        self.totals.delay_median_millis = self.delays.percentile(50);
        self.totals.delay_p99_millis = self.delays.percentile(99);
    }

    /// Counts an opened stream.
    pub(super) fn opening(&mut self) {
        self.totals.reconnects = self.streams;
        self.streams += 1;
    }

    /// Sets the transport.
    pub(super) fn transport(&mut self, transport: Transport) {
        self.totals.transport = Some(transport);
    }

    /// Counts a frame that was out of sync.
    pub(super) fn out_of_sync(&mut self) {
        self.totals.resyncs += 1;
    }

    /// Records a heartbeat.
    pub(super) fn heartbeat(&mut self, now: Timestamp) {
        self.totals.last_heartbeat = Some(now);
    }

    /// Records an error.
    pub(super) fn error(&mut self, now: Timestamp, message: String) {
        self.totals.last_error = Some((now, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_stream_is_not_a_reconnect() {
        let mut meter = Meter::default();
        meter.opening();
        assert_eq!(meter.measures(Timestamp::default()).reconnects, 0);
        meter.opening();
        meter.opening();
        assert_eq!(meter.measures(Timestamp::default()).reconnects, 2);
    }

    #[test]
    fn delays_are_unknown_until_a_change_is_painted() {
        let mut meter = Meter::default();
        assert_eq!(meter.measures(Timestamp::default()).delay_p99_millis, None);
        meter.painted(40);
        meter.painted(20);
        let measures = meter.measures(Timestamp::default());
        assert_eq!((measures.delay_last_millis, measures.delay_p99_millis), (Some(20), Some(40)));
    }
}
