//! The engine's clock: the machine's clock, or one that a test advances manually.
//!
//! Every time shown (events, inspect, stats, the `Date` header) comes from here, so a manual clock
//! makes a run repeatable. Owned by [`crate::SimulatorHandle`], shared by all connections.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use tokio::sync::watch;

/// A point in time: nanoseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

impl Moment {
    /// Creates a moment from nanoseconds since the Unix epoch.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Nanoseconds since the Unix epoch.
    #[must_use]
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1_000_000_000)
    }

    /// This time plus `duration`, at most the last representable one.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(nanos_of(duration)))
    }

    /// This time minus `duration`.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(nanos_of(duration)))
    }

    /// Time passed since `earlier`; zero if that is in the future.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Formats the time as in HTTP's `Date` header.
    #[must_use]
    pub fn http_date(self) -> String {
        self.timestamp().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }

    /// Hours and minutes, as `ps` shows a start time.
    #[must_use]
    pub fn hour_minute(self) -> String {
        self.timestamp().strftime("%H:%M").to_string()
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_nanosecond(i128::from(self.0)).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

/// Formats RFC 3339 in UTC with nine decimals, as in log lines and inspect.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.9}", self.timestamp())
    }
}

fn nanos_of(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

/// Source of time; clones share one clock.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Source>);

#[derive(Debug)]
enum Source {
    Machine { ahead_nanos: AtomicI64 },
    Manual(watch::Sender<Moment>),
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn real() -> Self {
        Self::skewed(0)
    }

    /// A clock that is `ahead_nanos` ahead of the machine's (negative: behind), as on a host with a
    /// wrong clock.
    #[must_use]
    pub fn skewed(ahead_nanos: i64) -> Self {
        Self(Arc::new(Source::Machine { ahead_nanos: AtomicI64::new(ahead_nanos) }))
    }

    /// A clock that stays at `start` until [`Clock::advance`] moves it.
    ///
    /// Calls that wait inside the engine (`stop` with a process that ignores SIGTERM, a stats
    /// stream) also wait on this clock.
    #[must_use]
    pub fn manual(start: Moment) -> Self {
        Self(Arc::new(Source::Manual(watch::Sender::new(start))))
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> Moment {
        match &*self.0 {
            Source::Machine { ahead_nanos } => {
                let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Moment(nanos_of(since_epoch).saturating_add(ahead_nanos.load(Ordering::Relaxed)))
            }
            Source::Manual(now) => *now.borrow(),
        }
    }

    /// Sets the clock to be this much ahead of the machine's, in one step, as when a wrong clock is
    /// corrected. A manual clock is unaffected.
    pub fn set_ahead(&self, nanos: i64) {
        if let Source::Machine { ahead_nanos } = &*self.0 {
            ahead_nanos.store(nanos, Ordering::Relaxed);
        }
    }

    /// True if this clock is manual.
    #[must_use]
    pub fn is_manual(&self) -> bool {
        matches!(&*self.0, Source::Manual(_))
    }

    /// Advances a manual clock; the machine's clock is unaffected.
    pub fn advance(&self, duration: Duration) {
        if let Source::Manual(now) = &*self.0 {
            now.send_modify(|now| *now = now.plus(duration));
        }
    }

    /// Resolves when the clock has reached `moment`. Cancel safe.
    pub async fn sleep_until(&self, moment: Moment) {
        match &*self.0 {
            Source::Machine { .. } => tokio::time::sleep(moment.since(self.now())).await,
            Source::Manual(now) => {
                // `self` holds the sender, so the channel cannot close while this waits.
                let _ = now.subscribe().wait_for(|now| *now >= moment).await;
            }
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::real()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn moments_print_as_the_engine_prints_times() {
        let moment = Moment::from_nanos(1_795_426_609_387_842_386);
        assert_eq!(moment.to_string(), "2026-11-23T09:36:49.387842386Z");
        assert_eq!(moment.http_date(), "Mon, 23 Nov 2026 09:36:49 GMT");
    }

    #[tokio::test]
    async fn advancing_a_manual_clock_wakes_sleepers() {
        let clock = Clock::manual(Moment::from_nanos(0));
        let sleeper = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep_until(Moment::from_nanos(2_000_000_000)).await }
        });
        clock.advance(Duration::from_secs(1));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.advance(Duration::from_secs(1));
        sleeper.await.unwrap();
    }
}
