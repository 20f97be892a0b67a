//! The browser half: from the server-rendered page to rows that change as containers do.
//!
//! In: the [`PageData`] the server rendered with, then the frames of `/api/containers/stream`. Out: signals, one per row, that
//! views read. Owned by [`RealtimeProvider`], which wraps the app once; views reach it with [`use_realtime_containers()`].
//!
//! Reading order: [`PageData`] (what the page starts from) → [`Connection`] (a pure machine, with its diagram) → `reader` (does this
//! frame fit what is held?) → [`Rows`] (the only place that is written) → `driver` (carries out what the machine decides) → `exchange`
//! (one stream for all tabs).

mod action;
mod ask;
pub(crate) mod browser;
mod clock;
mod connection;
mod driver;
mod event_stream;
mod exchange;
mod fetch;
mod local_time;
mod measures;
mod page_data;
mod probing;
mod reader;
pub mod realtime_provider;
mod rows;
mod timeline;
mod transport;
mod trend;
mod use_answer;
mod use_diagnosis;
mod use_realtime_containers;
mod watching_cost;

pub use action::{Action, ActionError, act};
pub use ask::{ask, ask_text, refused_stream};
pub use connection::{Connection, ConnectionState, retry_delay};
pub use exchange::{EXCHANGE_SCRIPT, exchange_path};
pub use local_time::{LocalTime, offset_minutes};
pub use measures::StreamMeasures;
pub use page_data::{PageData, PageDataSource, PageSettings};
pub use realtime_provider::RealtimeProvider;
pub use rows::{Row, Rows};
pub use timeline::{Book, Reading, UseTimelineReturn, Wanted, happened, use_timeline};
pub use transport::Transport;
pub use trend::Trend;
pub use use_answer::{Answer, use_answer};
pub use use_diagnosis::{Length, Stage, UseDiagnosisReturn, use_diagnosis};
pub use use_realtime_containers::{UseRealtimeContainersReturn, use_realtime_containers};
pub use watching_cost::use_watching_cost;
