//! The client in the browser: from the server-rendered page to rows that follow the containers.
//!
//! In: the [`PageData`] of the page, then the frames of `/api/containers/stream`. Out: signals for
//! the views, several per row. Owned by [`RealtimeProvider`], which wraps the app; views call
//! [`use_realtime_containers()`].
//!
//! Reading order: [`PageData`] (initial data) → [`Connection`] (a pure state machine, with its
//! diagram) → `reader` (checks that a frame follows the current state) → [`Rows`] (the only state
//! that is written) → `driver` (runs the machine's commands) → `exchange` (one stream shared by all
//! tabs).

mod action;
pub(crate) mod browser;
mod clock;
mod connection;
mod driver;
mod event_stream;
mod exchange;
mod fetch;
mod local_time;
mod measures;
mod monitoring_cost;
mod page_data;
mod probing;
mod reader;
pub mod realtime_provider;
mod request;
mod rows;
mod timeline;
mod transport;
mod trend;
mod use_diagnosis;
mod use_fetch;
mod use_realtime_containers;

pub use action::{Action, ActionError, act, post_json};
pub use connection::{Connection, ConnectionState, retry_delay};
pub use exchange::{EXCHANGE_SCRIPT, exchange_path};
pub use local_time::{LocalTime, offset_minutes};
pub use measures::StreamMeasures;
pub use monitoring_cost::use_monitoring_cost;
pub use page_data::{PageData, PageDataSource, PageSettings};
pub use realtime_provider::RealtimeProvider;
pub use request::{get_json, get_text, stream_refusal};
pub use rows::{Host, MIN_ID_DIGITS, Row, Rows, api_path, page_path};
pub use timeline::{EventList, TimelineQuery, TimelineState, UseTimelineReturn, fetch_events, use_timeline};
pub use transport::Transport;
pub use trend::Trend;
pub use use_diagnosis::{Length, Stage, UseDiagnosisReturn, use_diagnosis};
pub use use_fetch::{Fetched, use_fetch};
pub use use_realtime_containers::{UseRealtimeContainersReturn, use_realtime_containers};
