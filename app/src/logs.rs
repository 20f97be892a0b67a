//! Processing of log lines for the log page; no other page includes this code.
//!
//! In: the events of the streams in `docs/API.md`. Out: lines that are stored within bounds,
//! filtered, searched, measured and formatted. Reading order: [`event`] (parse) → [`Store`] (keep)
//! → [`LineFilter`] (select and search) → [`Heights`] (find the lines in the viewport) →
//! [`readable`] (format a line). Next: [`crate::pages::logs`].

pub mod ansi;
mod condensed;
pub mod event;
mod heights;
pub mod json;
mod level;
mod line;
mod line_filter;
pub mod outcome;
mod positions;
mod query;
pub mod readable;
mod store;
pub mod time_text;
pub mod tree;

pub use heights::Heights;
pub use level::{Level, level_of};
pub use line::{Kind, Line, LineContext};
pub use line_filter::{LineFilter, Tested};
pub use positions::Positions;
pub use query::{LEVELS, LogRef, LogsQuery, MAX_MERGED_LOGS, StreamChoice, TAILS, Zone, ids, merged_path};
pub use store::{MAX_LINES, Store};
