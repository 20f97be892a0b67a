//! Logs as a person reads them: the pure half of the page for logs, and only of that page.
//!
//! In: the events of the streams in `docs/API.md`. Out: lines that are kept within bounds, sieved, searched, measured and made readable.
//! Reading order: [`event`] (what comes) → [`Store`] (what is kept) → [`Sieve`] (what of it is shown, and where it was found) →
//! [`Heights`] (which of that is near the window) → [`readable`] (how a line is written). Next: [`crate::pages::logs`].

pub mod ansi;
pub mod event;
pub mod fold;
mod heights;
pub mod json;
mod level;
mod line;
pub mod outcome;
mod places;
mod query;
pub mod readable;
mod sieve;
mod store;
pub mod time_text;
pub mod tree;

pub use heights::Heights;
pub use level::{Level, level_of};
pub use line::{Above, Kind, Line};
pub use places::Places;
pub use query::{LEVELS, LogsQuery, MOST_MERGED, StreamChoice, TAILS, Zone, merged_path};
pub use sieve::{Sieve, Verdict};
pub use store::{MOST_LINES, Store};
