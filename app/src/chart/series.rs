//! A value over time.

use crate::model::{SamplePoint, Timestamp};

/// A value at a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Value {
    /// Time of the value.
    pub at: Timestamp,
    /// The value; `None` if unknown.
    pub value: Option<f64>,
}

/// Values, oldest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Series {
    /// At most one value per interval, oldest first.
    pub values: Vec<Value>,
    /// Distance in milliseconds beyond which there is a gap between two values.
    pub gap_millis: u64,
}

/// Number of intervals without a sample that count as a gap: one sample may be late, two in a row
/// are missing.
const GAP_INTERVALS: f64 = 2.5;

impl Series {
    /// Creates a series from sampled values.
    pub fn from_levels(
        samples: &[SamplePoint],
        interval_seconds: f64,
        read: impl Fn(&SamplePoint) -> Option<f64>,
    ) -> Self {
        let values = samples.iter().map(|sample| Value { at: sample.timestamp, value: read(sample) }).collect();
        Self { values, gap_millis: gap_millis(interval_seconds) }
    }

    /// Creates a series from a counter: its growth per second. A value is unknown if the counter
    /// fell, because it was reset.
    pub fn from_rates(
        samples: &[SamplePoint],
        interval_seconds: f64,
        read: impl Fn(&SamplePoint) -> Option<u64>,
    ) -> Self {
        let gap_millis = gap_millis(interval_seconds);
        let values = samples.windows(2).filter_map(|pair| {
            let [before, after] = pair else { return None };
            let millis = after.timestamp.since(before.timestamp).as_millis() as u64;
            let grown = read(after).zip(read(before)).and_then(|(after, before)| after.checked_sub(before));
            let is_known = millis > 0 && millis <= gap_millis;
            let value = grown.filter(|_| is_known).map(|bytes| bytes as f64 * 1_000.0 / millis as f64);
            Some(Value { at: after.timestamp, value })
        });
        Self { values: values.collect(), gap_millis }
    }

    /// Maximum since a time.
    pub fn max_since(&self, from: Timestamp) -> f64 {
        let recent = self.values.iter().filter(|value| value.at >= from);
        recent.filter_map(|value| value.value).fold(0.0, f64::max)
    }

    /// The newest value, if known.
    pub fn last(&self) -> Option<f64> {
        self.values.last().and_then(|value| value.value)
    }

    /// The value nearest to a time; `None` in a gap.
    pub fn near(&self, at: Timestamp) -> Option<Value> {
        let after = self.values.partition_point(|value| value.at < at);
        let candidates = self.values.get(after.saturating_sub(1)..(after + 1).min(self.values.len()))?;
        let nearest = candidates.iter().min_by_key(|value| distance_millis(value.at, at))?;
        (distance_millis(nearest.at, at) <= self.gap_millis).then_some(*nearest)
    }
}

fn gap_millis(interval_seconds: f64) -> u64 {
    (interval_seconds * GAP_INTERVALS * 1_000.0) as u64
}

fn distance_millis(one: Timestamp, other: Timestamp) -> u64 {
    one.as_millis().abs_diff(other.as_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(second: u64, network_rx: Option<u64>) -> SamplePoint {
        SamplePoint {
            timestamp: Timestamp::from_millis(second * 1_000),
            cpu_percent: network_rx.map(|count| count as f64),
            memory_usage: None,
            network_rx,
            network_tx: None,
            block_read: None,
            block_write: None,
            pids: None,
        }
    }

    fn values(series: &Series) -> Vec<(u64, Option<f64>)> {
        series.values.iter().map(|value| (value.at.as_millis() / 1_000, value.value)).collect()
    }

    #[test]
    fn a_rate_is_the_growth_per_second() {
        // 3,000 bytes in 2 s are 1,500 a second.
        let samples = [sample(0, Some(1_000)), sample(2, Some(4_000)), sample(4, Some(4_000))];
        let rates = Series::from_rates(&samples, 2.0, |sample| sample.network_rx);
        assert_eq!(values(&rates), [(2, Some(1_500.0)), (4, Some(0.0))]);
    }

    #[test]
    fn resets_gaps_and_unknown_values_have_no_rate() {
        // At 2 s the counter was reset; from 2 s to 60 s nothing was sampled; at 62 s it was
        // unknown.
        let samples = [sample(0, Some(9_000)), sample(2, Some(10)), sample(60, Some(90)), sample(62, None)];
        let rates = Series::from_rates(&samples, 2.0, |sample| sample.network_rx);
        assert_eq!(values(&rates), [(2, None), (60, None), (62, None)]);
    }

    #[test]
    fn the_nearest_value_is_found_except_in_a_gap() {
        let levels =
            Series::from_levels(&[sample(10, Some(1)), sample(12, Some(2)), sample(60, Some(3))], 2.0, |sample| {
                sample.cpu_percent
            });
        let near = |millis| levels.near(Timestamp::from_millis(millis)).and_then(|value| value.value);
        assert_eq!(near(10_900), Some(1.0));
        assert_eq!(near(11_100), Some(2.0));
        assert_eq!(near(30_000), None);
        assert_eq!(near(61_000), Some(3.0));
        assert_eq!(Series::default().near(Timestamp::from_millis(0)), None);
    }
}
