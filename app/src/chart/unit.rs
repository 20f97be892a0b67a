//! Units of charts.

use crate::format::{bytes, percent};

/// Formats values, and chooses the end of the scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Percent of one core.
    Percent,
    /// Bytes.
    Bytes,
    /// Bytes per second.
    BytesPerSecond,
}

impl Unit {
    /// Formats a value.
    pub fn text(self, value: f64) -> String {
        match self {
            Self::Percent => percent(value),
            Self::Bytes => bytes(value as u64),
            Self::BytesPerSecond => format!("{}/s", bytes(value as u64)),
        }
    }

    /// The round value at the end of a scale that includes `max`.
    pub fn ceiling(self, max: f64) -> f64 {
        match self {
            Self::Percent => {
                let mut step = 1.0;
                // 1, 2, 5, 10, 20, 50 …
                for factor in [2.0, 2.5, 2.0].into_iter().cycle() {
                    if step >= max {
                        break;
                    }
                    step *= factor;
                }
                step
            }
            Self::Bytes | Self::BytesPerSecond => (max as u64).max(1_024).next_power_of_two() as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_at_round_figures() {
        for (unit, max, ceiling, text) in [
            (Unit::Percent, 0.0, 1.0, "1%"),
            (Unit::Percent, 1.5, 2.0, "2%"),
            (Unit::Percent, 30.0, 50.0, "50%"),
            (Unit::Percent, 101.0, 200.0, "200%"),
            (Unit::Bytes, 0.0, 1_024.0, "1 KiB"),
            (Unit::Bytes, 50_552_832.0, 67_108_864.0, "64 MiB"),
            (Unit::BytesPerSecond, 1_500.0, 2_048.0, "2 KiB/s"),
        ] {
            assert_eq!(unit.ceiling(max), ceiling, "{max}");
            assert_eq!(unit.text(ceiling), text);
        }
    }
}
