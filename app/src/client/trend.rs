//! The newest samples of one figure, for a line as small as a word.

/// CPU of one core, in tenths of a percent, newest last; a minute at the usual interval.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trend(Vec<u16>);

impl Trend {
    /// So many samples, and no more: 60 bytes a container.
    pub const KEPT: usize = 30;
    const UNKNOWN: u16 = u16::MAX;

    /// Adds a sample. More than 65 cores busy are drawn as 65.
    pub fn push(&mut self, tenths: Option<u64>) {
        if self.0.len() == Self::KEPT {
            self.0.remove(0);
        }
        let known = tenths.map(|tenths| u16::try_from(tenths).unwrap_or(Self::UNKNOWN).min(Self::UNKNOWN - 1));
        self.0.push(known.unwrap_or(Self::UNKNOWN));
    }

    /// Always [`Self::KEPT`] values: what was before the first sample is not known.
    pub fn tenths(&self) -> impl Iterator<Item = Option<u64>> {
        let before = std::iter::repeat_n(None, Self::KEPT - self.0.len());
        before.chain(self.0.iter().map(|tenths| (*tenths != Self::UNKNOWN).then_some(u64::from(*tenths))))
    }
}
