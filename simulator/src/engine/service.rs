//! Services of scenarios: their log lines, computed from the time since the start.
//!
//! In: a kind, a seed. Out: log lines. Their load is in [`super::load`].

use std::time::Duration;

use super::ident::hash_number;
use super::program::Line;

/// Kind of service, for its log lines and its load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ServiceKind {
    /// An HTTP server.
    Web,
    /// A database.
    Database,
    /// A key-value store in memory.
    Cache,
    /// A worker that takes jobs from a queue, in bursts.
    Worker,
    /// A message broker.
    Queue,
    /// A metrics collector.
    Metrics,
    /// A media server, with high load.
    Transcoder,
    /// A service that does nothing.
    Idle,
}

/// A service: a kind, and a seed that distinguishes it from other services of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// Kind of the service.
    pub kind: ServiceKind,
    /// Seed that varies lines and load.
    pub seed: u64,
}

/// Maximum number of lines per call, so that `logs` without `tail` stays small for a service that
/// has run for days.
const MAX_LINES: u128 = 10_000;

impl Service {
    /// Lines printed in `from <= at < to`, oldest first, at most the newest ten thousand.
    #[must_use]
    pub fn lines(&self, from: Duration, to: Duration) -> Vec<Line> {
        let period = self.period().as_nanos();
        let first = from.as_nanos().div_ceil(period);
        let end = to.as_nanos().div_ceil(period);
        let first = first.max(end.saturating_sub(MAX_LINES));
        (first..end).map(|number| self.line(u64::try_from(number).unwrap_or(u64::MAX))).collect()
    }

    /// Time between two lines.
    fn period(&self) -> Duration {
        let millis = match self.kind {
            ServiceKind::Web => 700,
            ServiceKind::Worker | ServiceKind::Transcoder => 1_500,
            ServiceKind::Queue => 4_000,
            ServiceKind::Metrics => 6_000,
            ServiceKind::Database | ServiceKind::Cache => 15_000,
            ServiceKind::Idle => 60_000,
        };
        Duration::from_millis(millis + self.seed % 200)
    }

    fn line(&self, number: u64) -> Line {
        let hash = hash_number(&format!("{}:{number}", self.seed));
        let (stderr, text) = sentence(self.kind, number, hash);
        let at =
            Duration::from_nanos(u64::try_from(self.period().as_nanos()).unwrap_or(u64::MAX).saturating_mul(number));
        Line { at, stderr, text }
    }
}

fn sentence(kind: ServiceKind, number: u64, hash: u64) -> (bool, String) {
    let (small, millis) = (hash % 97, 1 + hash % 480);
    match kind {
        ServiceKind::Web => web(hash, small, millis),
        ServiceKind::Database => {
            (true, format!("LOG:  checkpoint complete: wrote {small} buffers; write={millis} ms, sync=3 ms"))
        }
        ServiceKind::Cache => (false, format!("1:M * {small} changes in 300 seconds. Saving...")),
        ServiceKind::Worker if hash.is_multiple_of(11) => {
            (true, format!("WARN job {number} failed, attempt 1 of 5: upstream timed out"))
        }
        ServiceKind::Worker => (false, format!("INFO job {number} done in {millis} ms, {small} waiting")),
        ServiceKind::Queue => (false, format!("[info] connection {small} accepted, {} messages ready", hash % 1_200)),
        ServiceKind::Metrics => {
            (false, format!("level=info msg=\"scrape complete\" targets={small} duration={millis}ms"))
        }
        ServiceKind::Transcoder => (true, format!("frame={number} fps={} speed=1.{small:02}x", 20 + hash % 40)),
        ServiceKind::Idle => (false, format!("still here, {number} minutes in")),
    }
}

fn web(hash: u64, small: u64, millis: u64) -> (bool, String) {
    let path = ["/", "/api/items", "/api/cart", "/healthz", "/static/app.css", "/api/orders"]
        [usize::try_from(hash % 6).unwrap_or(0)];
    if hash.is_multiple_of(29) {
        return (true, format!("[error] upstream prematurely closed connection, request: \"GET {path} HTTP/1.1\""));
    }
    let status = if hash.is_multiple_of(17) { 404 } else { 200 };
    (false, format!("10.0.0.{small} - \"GET {path} HTTP/1.1\" {status} {} {millis}ms", 200 + hash % 9_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_time_range_gives_the_same_lines_however_it_is_split() {
        let service = Service { kind: ServiceKind::Web, seed: 7 };
        let at = |millis| Duration::from_millis(millis);
        let whole = service.lines(at(1_000), at(60_000));
        let mut parts = service.lines(at(1_000), at(20_123));
        parts.extend(service.lines(at(20_123), at(60_000)));
        assert!(whole.len() > 50);
        assert_eq!(whole, parts);
    }
}
