//! Finds proxies between this page and the server, and their effect on streams.
//!
//! ```text
//! bytes ─▶ Frames ─▶ Probe ─▶ Evidence ─▶ judge ─▶ Diagnosis ─▶ texts
//!          split      one stream  several streams    causes       and the setting to change
//! ```
//! Pure: times are arguments, in milliseconds since the request was sent. `client::probing` reads
//! the streams, `pages::realtime_test::diagnosis` shows the result. Next: [`Probe`], then
//! [`judge`].

mod advice;
mod frames;
mod judgement;
mod probe;
mod proxy;

pub use advice::{Setting, explanation, settings, summary, title};
pub use frames::{Frames, SentEvent};
pub use judgement::{Cause, Diagnosis, Finding, Weight, judge};
pub use probe::{Arrival, Begin, Ending, Evidence, Probe, ResponseHead};
pub use proxy::Proxy;
