//! What the driver asks the browser to be called back for: time, paint, network and visibility.

use super::{Driver, parts::Parts};
use crate::prelude::*;
use crate::{
    client::{browser, connection::Input},
    model::Timestamp,
};
use leptos::ev;
use std::time::Duration;
use wasm_bindgen::JsCast;

/// Ages are shown in seconds.
const TICK: Duration = Duration::from_secs(1);

impl Driver {
    /// Network back, page shown or hidden; and the end of it all.
    pub(super) fn listen(self) {
        let online = window_event_listener(ev::online, move |_| self.tell(Input::Wake));
        let shown = window_event_listener_untyped("pageshow", move |event| {
            // The first one belongs to loading the page; later ones bring it back from the browser's cache.
            let event: web_sys::PageTransitionEvent = event.unchecked_into();
            if event.persisted() && !browser::is_hidden() {
                self.tell(Input::Show);
            }
        });
        // What is let go here is not missed by whoever closes the tab, hands other tabs the stream at once, and lets the browser keep the page.
        let left = window_event_listener_untyped("pagehide", move |_| self.tell(Input::Leave));
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
            self.update(Parts::rest);
            self.tell(Input::Hide);
        } else {
            self.start_ticker();
            self.tell(Input::Show);
        }
    }

    /// Moves `now` at once, and every second while the page is visible.
    pub(super) fn start_ticker(self) {
        self.tick();
        if browser::is_hidden() {
            return;
        }
        let ticker = set_interval_with_handle(move || self.tick(), TICK).ok();
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

    /// Arms the timer for when the machine wants to look again.
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
        let ring = move || {
            self.update(|parts| parts.timer = None);
            self.tell(Input::Tick);
        };
        set_timeout_with_handle(ring, wait).ok()
    }

    /// Measures from the engine's event to the frame that shows its change. A hidden page paints nothing.
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
    /// Stops what only a visible page needs.
    fn rest(&mut self) {
        if let Some(ticker) = self.ticker.take() {
            ticker.clear();
        }
        if let Some(painting) = self.painting.take() {
            painting.cancel();
        }
        self.unpainted.clear();
    }

    /// Gives everything back to the browser.
    fn release(&mut self) {
        self.rest();
        if let Some((_, timer)) = self.timer.take() {
            timer.clear();
        }
        self.stream = None;
        self.exchange = None;
    }
}
