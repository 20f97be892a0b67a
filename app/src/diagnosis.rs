//! What stands between this page and the server, and what it does to streams.
//!
//! ```text
//! bytes ─▶ Frames ─▶ Probe ─▶ Evidence ─▶ judge ─▶ Diagnosis ─▶ words
//!          cut       one stream  several streams    causes       and the setting to change
//! ```
//! Pure: times are arguments, in milliseconds since the question left. `client::probing` reads the streams, `pages::realtime_test::diagnosis`
//! shows what came of it. Next: [`Probe`], then [`judge`].

mod advice;
mod frames;
mod judgement;
mod probe;
mod proxy;

pub use advice::{Setting, explanation, settings, summary, title};
pub use frames::{Frames, SentEvent};
pub use judgement::{Cause, Diagnosis, Finding, Weight, judge};
pub use probe::{Answer, Arrival, Begin, Ending, Evidence, Probe};
pub use proxy::Proxy;
