//! The hook: what views see of all this.

use super::{
    Connection, LocalTime, PageData, PageSettings, Rows, StreamMeasures,
    connection::Input,
    driver::{Driver, Signals},
};
use crate::model::{Engine, Timestamp};
use crate::prelude::*;
use std::time::Duration;

/// What is told in minutes may be late by so much.
const SLOW: Duration = Duration::from_secs(15);

/// Live containers, and how live they are.
///
/// # Server-side
/// The rows of the [`PageData`]; the connection reads "Connecting"; no method does anything.
///
/// # Panics
/// Outside a [`super::RealtimeProvider`].
pub fn use_realtime_containers() -> UseRealtimeContainersReturn {
    expect_context()
}

/// What [`use_realtime_containers()`] returns.
#[derive(Debug, Clone, Copy)]
pub struct UseRealtimeContainersReturn {
    /// The containers, a signal per row.
    pub rows: Rows,
    /// The engines and how the server's links to them are doing.
    pub engines: Signal<Vec<Engine>>,
    /// How the link between this page and the server is doing.
    pub connection: Signal<Connection>,
    /// The server's time in the newest frame; `None` before anything was received.
    pub last_update: Signal<Option<Timestamp>>,
    /// When samples were last taken, on the server's clock.
    pub sampled_at: Signal<Option<Timestamp>>,
    /// The server's clock: as rendered at first, then every second while the page is visible.
    pub now: Signal<Timestamp>,
    /// The same, now and then: for what is told in minutes.
    pub slow_now: Signal<Timestamp>,
    /// What the stream did on this page.
    pub measures: Signal<StreamMeasures>,
    /// Times of day in the reader's zone.
    pub local_time: LocalTime,
    /// What this server lets its pages do.
    pub settings: PageSettings,
    /// In the browser only, from the first effect on.
    driver: StoredValue<Option<Driver>>,
}

impl UseRealtimeContainersReturn {
    /// From what the page was rendered with; in the browser, the stream is opened after the first render.
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
        Effect::new(move |_| driver.set_value(Some(Driver::start(signals))));
        Self::over(signals, data.settings, driver, LocalTime::after_first_render())
    }

    /// A picture that stands still, with a link that is as it is told; for the styleguide.
    #[cfg(feature = "ssr")]
    pub fn still(data: PageData, connection: Connection) -> Self {
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
            connection: connection.into(),
            last_update: last_update.into(),
            sampled_at: rows.sampled_at(),
            now: now.into(),
            slow_now: Memo::new(move |former: Option<&Timestamp>| slowed(former.copied(), now.get())).into(),
            measures: measures.into(),
            local_time,
            settings,
            driver,
        }
    }

    /// Opens the stream anew, now; lifts a cut.
    pub fn reconnect(&self) {
        self.tell(Input::Reconnect);
    }

    /// Fetches a snapshot, now; [`Connection::refreshing`] until it is there.
    pub fn refresh(&self) {
        self.tell(Input::Refresh);
    }

    /// Closes the stream and holds it closed until [`Self::restore`] or [`Self::reconnect`].
    pub fn cut(&self) {
        self.tell(Input::Cut);
    }

    /// Ends a cut.
    pub fn restore(&self) {
        self.tell(Input::Restore);
    }

    fn tell(&self, input: Input) {
        if let Some(Some(driver)) = self.driver.try_get_value() {
            driver.tell(input);
        }
    }
}

/// The former until it is old, or the clock was set back.
fn slowed(former: Option<Timestamp>, now: Timestamp) -> Timestamp {
    former.filter(|former| *former <= now && now.since(*former) < SLOW).unwrap_or(now)
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
                leptos::prelude::provide_context(source);
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
    fn the_slow_clock_is_late_by_a_bound_and_follows_a_clock_that_is_set_back() {
        let at = |secs: u64| Timestamp::from_millis(1_000_000 + secs * 1_000);
        assert_eq!(slowed(None, at(0)), at(0));
        assert_eq!(slowed(Some(at(0)), at(14)), at(0));
        assert_eq!(slowed(Some(at(0)), at(15)), at(15));
        assert_eq!(slowed(Some(at(15)), at(3)), at(3));
    }

    #[test]
    fn without_a_source_nothing_is_known_and_nothing_fails() {
        let html = rendered(None);
        assert!(html.contains(&format!("None {}", ConnectionState::Connecting.as_str())), "{html}");
    }
}
