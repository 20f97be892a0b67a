//! The hook through which views use the client.

use super::{
    Connection, LocalTime, PageData, PageSettings, Rows, StreamMeasures,
    connection::Input,
    driver::{Driver, Signals},
};
use crate::model::{Engine, Timestamp};
use crate::prelude::*;
use std::time::Duration;

/// Update interval of the slow clock.
const SLOW_CLOCK_INTERVAL: Duration = Duration::from_secs(15);

/// The containers, and the state of the connection.
///
/// # Server-side
/// The rows of the [`PageData`]; the connection reads "Connecting"; methods do nothing.
///
/// # Panics
/// Outside a [`super::RealtimeProvider`].
pub fn use_realtime_containers() -> UseRealtimeContainersReturn {
    expect_context()
}

/// Returned by [`use_realtime_containers()`].
#[derive(Debug, Clone, Copy)]
pub struct UseRealtimeContainersReturn {
    /// Containers, with signals per row.
    pub rows: Rows,
    /// Engines, and the state of the server's connections to them.
    pub engines: ReadSignal<Vec<Engine>>,
    /// State of the connection between this page and the server.
    pub connection: ReadSignal<Connection>,
    /// Server time of the newest frame; `None` before the first.
    pub last_update: ReadSignal<Option<Timestamp>>,
    /// Time of the last sampling round, on the server's clock.
    pub sampled_at: ReadSignal<Option<Timestamp>>,
    /// The server's clock: the rendering time at first, then updated every second while the page is
    /// visible.
    pub now: ReadSignal<Timestamp>,
    /// The server's clock, updated every 15 s: for ages shown in minutes.
    pub slow_now: Memo<Timestamp>,
    /// Measurements of this page's stream.
    pub measures: ReadSignal<StreamMeasures>,
    /// Formats times in the user's time zone.
    pub local_time: LocalTime,
    /// Settings of the server.
    pub settings: PageSettings,
    /// The driver. Set in the browser only, by the first effect.
    driver: StoredValue<Option<Driver>>,
}

impl UseRealtimeContainersReturn {
    /// Creates the value from the page's data; in the browser, the stream is opened after the first
    /// render.
    pub(super) fn new(data: PageData) -> Self {
        let server_time = data.snapshot.server_time;
        let signals = Signals {
            last_update: RwSignal::new(data.is_known().then_some(server_time)),
            connection: RwSignal::new(Connection::connecting(server_time)),
            now: RwSignal::new(server_time),
            measures: RwSignal::new(StreamMeasures::default()),
            rows: Rows::new(data.snapshot),
        };
        let driver = StoredValue::new(None);
        let local_time = LocalTime::utc();
        Effect::new(move |_| {
            local_time.set_known();
            driver.set_value(Some(Driver::start(signals)));
        });
        Self::over(signals, data.settings, driver, local_time)
    }

    /// A fixed state without a connection, for the styleguide.
    #[cfg(feature = "ssr")]
    pub fn fixed(data: PageData, connection: Connection) -> Self {
        let server_time = data.snapshot.server_time;
        let signals = Signals {
            last_update: RwSignal::new(Some(server_time)),
            connection: RwSignal::new(connection),
            now: RwSignal::new(server_time),
            measures: RwSignal::new(StreamMeasures::default()),
            rows: Rows::new(data.snapshot),
        };
        Self::over(signals, data.settings, StoredValue::new(None), LocalTime::utc())
    }

    fn over(
        signals: Signals,
        settings: PageSettings,
        driver: StoredValue<Option<Driver>>,
        local_time: LocalTime,
    ) -> Self {
        let Signals { rows, connection, last_update, now, measures } = signals;
        Self {
            rows,
            engines: rows.engines(),
            connection: connection.read_only(),
            last_update: last_update.read_only(),
            sampled_at: rows.sampled_at(),
            now: now.read_only(),
            slow_now: Memo::new(move |former: Option<&Timestamp>| slowed(former.copied(), now.get())),
            measures: measures.read_only(),
            local_time,
            settings,
            driver,
        }
    }

    /// Reopens the stream now; ends a pause.
    pub fn reconnect(&self) {
        self.dispatch(Input::Reconnect);
    }

    /// Fetches a snapshot now; [`Connection::refreshing`] is true until it arrives.
    pub fn refresh(&self) {
        self.dispatch(Input::Refresh);
    }

    /// Closes the stream until [`Self::resume`] or [`Self::reconnect`].
    pub fn pause(&self) {
        self.dispatch(Input::Pause);
    }

    /// Ends a pause.
    pub fn resume(&self) {
        self.dispatch(Input::Resume);
    }

    fn dispatch(&self, input: Input) {
        if let Some(Some(driver)) = self.driver.try_get_value() {
            driver.dispatch(input);
        }
    }
}

/// The former time, until it is older than the interval or the clock was set back; then `now`.
fn slowed(former: Option<Timestamp>, now: Timestamp) -> Timestamp {
    former.filter(|former| *former <= now && now.since(*former) < SLOW_CLOCK_INTERVAL).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ConnectionState, PageDataSource, RealtimeProvider};
    use std::sync::Arc;

    #[component]
    fn Words() -> Erased {
        let page = use_realtime_containers();
        page.reconnect();
        let words = move || format!("{:?} {}", page.last_update.get(), page.connection.get().state.as_str());
        view! { <p>{words}</p> }.erased()
    }

    fn rendered(source: Option<PageDataSource>) -> String {
        Owner::new().with(|| {
            if let Some(source) = source {
                provide_context(source);
            }
            view! { <RealtimeProvider><Words /></RealtimeProvider> }.to_html()
        })
    }

    #[test]
    fn a_page_is_rendered_from_its_source_and_reads_connecting() {
        let mut data = PageData::unknown();
        data.snapshot.epoch = "a".to_owned();
        data.snapshot.server_time = Timestamp::from_millis(7);
        let source = PageDataSource(Arc::new(move || data.clone()));
        let html = rendered(Some(source));
        assert!(html.contains("Some(Timestamp(7)) Connecting"), "{html}");
    }

    #[test]
    fn the_slow_clock_is_late_by_at_most_its_interval_and_follows_a_clock_that_is_set_back() {
        let at = |secs: u64| Timestamp::from_millis(1_000_000 + secs * 1_000);
        assert_eq!(slowed(None, at(0)), at(0));
        assert_eq!(slowed(Some(at(0)), at(14)), at(0));
        assert_eq!(slowed(Some(at(0)), at(15)), at(15));
        assert_eq!(slowed(Some(at(15)), at(3)), at(3));
    }

    #[test]
    fn without_a_source_there_is_no_data_and_no_error() {
        let html = rendered(None);
        assert!(html.contains(&format!("None {}", ConnectionState::Connecting.as_str())), "{html}");
    }
}
