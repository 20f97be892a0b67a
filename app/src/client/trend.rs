//! The newest CPU samples of a container, for its sparkline.

/// CPU usage in tenths of a percent of one core, newest last; one minute at the default interval.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trend(Vec<u16>);

impl Trend {
    /// Maximum number of samples; 60 bytes per container.
    pub const CAPACITY: usize = 30;
    const UNKNOWN: u16 = u16::MAX;

    /// Adds a sample in tenths of a percent; limited to 65 cores.
    pub fn push(&mut self, tenths: Option<u64>) {
        if self.0.len() == Self::CAPACITY {
            self.0.remove(0);
        }
        let known = tenths.map(|tenths| u16::try_from(tenths).unwrap_or(Self::UNKNOWN).min(Self::UNKNOWN - 1));
        self.0.push(known.unwrap_or(Self::UNKNOWN));
    }

    /// The samples in tenths of a percent, always [`Self::CAPACITY`] values; `None` before the
    /// first sample.
    pub fn tenths(&self) -> impl Iterator<Item = Option<u64>> {
        let before = std::iter::repeat_n(None, Self::CAPACITY - self.0.len());
        before.chain(self.0.iter().map(|tenths| (*tenths != Self::UNKNOWN).then_some(u64::from(*tenths))))
    }
}
