//! Samples over time as lines: pure geometry, drawn by [`crate::parts::time_chart`].
//!
//! In: the points of a [`crate::model::SampleHistory`]. Out: [`Series`], values at instants, and [`Plot`], where those lie on a
//! drawing of fixed size. What is not known is a gap, never a zero.

pub mod plot;
pub mod series;
pub mod unit;

pub use plot::{HEIGHT, Plot, WIDTH};
pub use series::{Series, Value};
pub use unit::Unit;
