//! Time series as lines: pure geometry, drawn by [`crate::parts::time_chart`].
//!
//! In: the points of a [`crate::model::SampleHistory`]. Out: a [`Series`] of values over time, and
//! a [`Plot`] with their coordinates on a drawing of fixed size. Unknown values are gaps, never
//! zeros.

pub mod plot;
pub mod series;
pub mod unit;

pub use plot::{HEIGHT, Plot, WIDTH};
pub use series::{Series, Value};
pub use unit::Unit;
