//! The driver's callbacks: time, paint, network and visibility.

use super::{Driver, parts::Parts};
use crate::prelude::*;
use crate::{
    client::{browser, connection::Input},
    model::Timestamp,
};
use leptos::ev;
use std::time::Duration;
use wasm_bindgen::JsCast;

/// Update interval of `now`; ages are shown in seconds.
const TICK_INTERVAL: Duration = Duration::from_secs(1);

impl Driver {
    /// Listens to network, page and visibility events; on cleanup, releases everything.
    pub(super) fn listen(self) {
        let online = window_event_listener(ev::online, move |_| self.dispatch(Input::Wake));
        let shown = window_event_listener_untyped("pageshow", move |event| {
            // The first event belongs to loading the page; later ones restore it from the browser's
            // cache.
            let event: web_sys::PageTransitionEvent = event.unchecked_into();
            if event.persisted() && !browser::is_hidden() {
                self.dispatch(Input::Show);
            }
        });
        // Leaving early hands the stream to another tab at once, and lets the browser cache the
        // page.
        let left = window_event_listener_untyped("pagehide", move |_| self.dispatch(Input::Leave));
        let visibility = window_event_listener_untyped("visibilitychange", move |_| self.visibility_changed());
        on_cleanup(move || {
            online.remove();
            shown.remove();
            left.remove();
            visibility.remove();
            self.update(Parts::release);
        });
    }

    fn visibility_changed(self) {
        if browser::is_hidden() {
            self.update(Parts::stop_visible_work);
            self.dispatch(Input::Hide);
        } else {
            self.start_ticker();
            self.dispatch(Input::Show);
        }
    }

    /// Updates `now` immediately, and every second while the page is visible.
    pub(super) fn start_ticker(self) {
        self.tick();
        if browser::is_hidden() {
            return;
        }
        let ticker = set_interval_with_handle(move || self.tick(), TICK_INTERVAL).ok();
        self.update(|parts| {
            if let Some(old) = std::mem::replace(&mut parts.ticker, ticker) {
                old.clear();
            }
        });
    }

    fn tick(self) {
        if let Some(now) = self.update(|parts| parts.clock.server_time(browser::local_now())) {
            self.signals.now.try_set(now);
            self.publish_measures();
        }
    }

    /// Sets the timer for the machine's next tick.
    pub(super) fn arm_timer(self, now: Timestamp) {
        self.update(|parts| {
            let due = parts.machine.due();
            if parts.timer.as_ref().map(|(armed_for, _)| *armed_for) == due {
                return;
            }
            if let Some((_, timer)) = parts.timer.take() {
                timer.clear();
            }
            parts.timer = due.and_then(|due| Some((due, self.set_timer(due.since(now))?)));
        });
    }

    fn set_timer(self, wait: Duration) -> Option<TimeoutHandle> {
        let on_timeout = move || {
            self.update(|parts| parts.timer = None);
            self.dispatch(Input::Tick);
        };
        set_timeout_with_handle(on_timeout, wait).ok()
    }

    /// Measures the delay from the engine's event to the paint that shows its change. A hidden page
    /// does not paint.
    pub(super) fn measure_paint(self, event_at: Option<Timestamp>) {
        let Some(event_at) = event_at.filter(|_| !browser::is_hidden()) else {
            return;
        };
        self.update(|parts| {
            parts.unpainted.push(event_at);
            if parts.painting.is_none() {
                parts.painting = request_animation_frame_with_handle(move || self.painted()).ok();
            }
        });
    }

    fn painted(self) {
        self.update(|parts| {
            parts.painting = None;
            let now = parts.clock.server_time(browser::local_now());
            for event_at in std::mem::take(&mut parts.unpainted) {
                parts.meter.painted(u64::try_from(now.since(event_at).as_millis()).unwrap_or(u64::MAX));
            }
        });
        self.publish_measures();
    }
}

impl Parts {
    /// Stops work that only a visible page needs.
    fn stop_visible_work(&mut self) {
        if let Some(ticker) = self.ticker.take() {
            ticker.clear();
        }
        if let Some(painting) = self.painting.take() {
            painting.cancel();
        }
        self.unpainted.clear();
    }

    /// Releases all browser resources.
    fn release(&mut self) {
        self.stop_visible_work();
        if let Some((_, timer)) = self.timer.take() {
            timer.clear();
        }
        self.stream = None;
        self.exchange = None;
    }
}
