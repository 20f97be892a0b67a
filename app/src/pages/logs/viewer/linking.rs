//! Lifecycle of the page's stream: opening, events, reconnecting, and closing while the page is
//! hidden.

use super::{Viewer, state::ViewerState};
use crate::prelude::*;
use crate::{
    client::{ActionError, browser, retry_delay},
    logs::event,
    model::{ContainerKey, LogEndReason},
    pages::logs::link::{LinkEvent, LinkState, LogStream, is_final, refusal, stream_url},
};
use leptos::task::spawn_local;
use std::time::Duration;

/// Timeout for silence, after which a stream is dead. The server sends at least one event every 3
/// s.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(10);
/// Interval between checks for silence.
const WATCHDOG_INTERVAL: Duration = Duration::from_secs(2);
/// Time after which a hidden page closes its stream.
const HIDDEN_TIMEOUT: Duration = Duration::from_secs(60);

impl Viewer {
    /// Opens the stream after the last received line.
    pub(super) fn connect(self) {
        self.close();
        let rows = self.rows;
        let opening = self.state.try_update_value(|state| {
            if state.is_paused || state.are_all_complete() {
                return None;
            }
            // The server would refuse a removed container.
            let exists = |key: &ContainerKey| rows.get(*key).is_some();
            let wanted =
                |(source, id): &(usize, &ContainerKey)| !state.is_complete(*source) && (state.is_single || exists(id));
            let ids: Vec<_> = state.ids.iter().enumerate().filter(wanted).map(|(_, id)| *id).collect();
            state.places.request(&ids);
            state.last_event_at = browser::local_now();
            let place = state.places.last_event_id();
            let several = untrack(|| rows.has_several_engines());
            let url = stream_url(state.is_single, &ids, several, &state.stream_query, place.as_deref());
            (!ids.is_empty()).then_some((state.serial, url))
        });
        let Some(Some((serial, url))) = opening else {
            self.set_closed_state();
            return;
        };
        if !matches!(self.link.try_get_untracked(), Some(LinkState::Retrying(_))) {
            self.link.try_set(LinkState::Opening);
        }
        let address = url.clone();
        let opened = LogStream::open(
            &url,
            Box::new(move |event| self.on_event(serial, &event)),
            Box::new(move |was_refused| self.failed(serial, was_refused.then(|| address.clone()))),
        );
        let is_open = opened.is_some();
        drop(self.stream.update(|stream| std::mem::replace(stream, opened)));
        if !is_open {
            self.failed(serial, None);
        }
    }

    /// Sets the state of the link while no stream is open.
    fn set_closed_state(self) {
        let state = self.state.try_with_value(|state| match (state.is_paused, state.are_all_complete()) {
            (true, _) => LinkState::Paused,
            (_, true) => LinkState::Complete,
            _ => LinkState::Idle,
        });
        self.link.try_set(state.unwrap_or_default());
    }

    /// Closes the stream; events still in flight are ignored.
    pub(super) fn close(self) {
        self.state.try_update_value(|state| state.serial += 1);
        drop(self.stream.update(Option::take));
    }

    fn on_event(self, serial: u32, event: &LinkEvent) {
        let handled = self.state.try_update_value(|state| {
            let is_current = state.serial == serial;
            if is_current {
                state.handle(event);
            }
            is_current.then_some(state.are_all_complete())
        });
        let Some(Some(is_complete)) = handled else { return };
        if is_complete {
            self.close();
            self.set_closed_state();
        } else if self.link.try_with_untracked(|link| *link != LinkState::Live) == Some(true) {
            self.link.try_set(LinkState::Live);
        }
        self.draw_soon();
    }

    /// Handles a broken stream. If the server refused it, requests its URL again for the
    /// reason.
    fn failed(self, serial: u32, refused_at: Option<String>) {
        if self.state.try_with_value(|state| state.serial == serial) != Some(true) {
            return;
        }
        self.close();
        let Some(serial) = self.state.try_with_value(|state| state.serial) else { return };
        let Some(url) = refused_at else {
            self.retry_later(None);
            return;
        };
        if !matches!(self.link.try_get_untracked(), Some(LinkState::Retrying(_))) {
            self.link.try_set(LinkState::Retrying(None));
        }
        spawn_local(async move {
            let error = refusal(&url).await;
            let standing =
                self.state.try_with_value(|state| (state.serial == serial).then_some(state.is_single)).flatten();
            match (error, standing) {
                (Some(error), Some(is_single)) if is_final(&error, is_single) => {
                    self.link.try_set(LinkState::Refused(error));
                }
                (error, Some(_)) => self.retry_later(error),
                (_, None) => {}
            }
        });
    }

    /// Schedules a retry with a growing delay.
    fn retry_later(self, why: Option<ActionError>) {
        self.link.try_set(LinkState::Retrying(why));
        self.state.try_update_value(|state| {
            state.failures = state.failures.saturating_add(1);
            let wait = retry_delay(state.failures, browser::random());
            if let Some(timer) = state.retry.take() {
                timer.clear();
            }
            state.retry = set_timeout_with_handle(move || self.connect(), wait).ok();
        });
    }

    /// Retries immediately: on request, or when the network is back.
    pub fn connect_now(self) {
        self.state.try_update_value(|state| state.failures = 0);
        self.connect();
    }

    /// Starts checking for silence.
    pub(super) fn start_watchdog(self) {
        let watchdog = set_interval_with_handle(move || self.check_silence(), WATCHDOG_INTERVAL).ok();
        self.state.try_update_value(|state| state.watchdog = watchdog);
    }

    fn check_silence(self) {
        let is_open = self.link.try_with_untracked(|link| matches!(link, LinkState::Opening | LinkState::Live));
        let silent = self.state.try_with_value(|state| {
            (browser::local_now().since(state.last_event_at) >= SILENCE_TIMEOUT && !state.is_paused)
                .then_some(state.serial)
        });
        if let (Some(true), Some(Some(serial))) = (is_open, silent) {
            self.failed(serial, None);
        }
    }

    /// Pauses when the page has been hidden for [`HIDDEN_TIMEOUT`]; resumes when it is visible or
    /// the network is back.
    pub(super) fn update_visibility(self) {
        let was_paused = self.state.try_update_value(|state| {
            if let Some(timer) = state.hiding.take() {
                timer.clear();
            }
            if browser::is_hidden() {
                state.hiding = set_timeout_with_handle(move || self.pause(), HIDDEN_TIMEOUT).ok();
                return false;
            }
            std::mem::take(&mut state.is_paused)
        });
        let is_waiting =
            self.link.try_with_untracked(|link| matches!(link, LinkState::Retrying(_))).unwrap_or_default();
        if !browser::is_hidden() && (was_paused == Some(true) || is_waiting) {
            self.connect_now();
        }
        self.draw_soon();
    }

    /// Closes the stream.
    pub(super) fn pause(self) {
        let is_complete = self.state.try_update_value(|state| {
            state.is_paused = true;
            if let Some(timer) = state.retry.take() {
                timer.clear();
            }
            state.are_all_complete()
        });
        self.close();
        if is_complete == Some(false)
            && !self.link.try_with_untracked(|link| matches!(link, LinkState::Refused(_))).unwrap_or(true)
        {
            self.link.try_set(LinkState::Paused);
        }
    }

    /// True if the requested time range has ended.
    pub fn ended_by_until(self) -> bool {
        self.state.try_with_value(|state| state.ended_by(LogEndReason::Until)).unwrap_or_default()
    }
}

impl ViewerState {
    fn handle(&mut self, event: &LinkEvent) {
        self.last_event_at = browser::local_now();
        self.failures = 0;
        match event.name.as_str() {
            "log" => {
                if let Some(printed) = event::printed(&event.data) {
                    self.places.note(&event.id);
                    self.take_line(printed);
                }
            }
            "end" => {
                if let Some(ended) = event::ended(&event.data) {
                    self.take_end(ended);
                }
            }
            "gap" => {
                if let Some(gap) = event::gap(&event.data) {
                    self.take_gap(gap);
                }
            }
            "heartbeat" => {
                self.places.note(&event.id);
                self.take_server_time(event::server_time(&event.data));
            }
            "resume" => self.take_resume(event::container(&event.data)),
            _ => {}
        }
    }
}
