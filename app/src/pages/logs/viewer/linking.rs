//! The stream of the page: opened, listened to, opened again where it broke, and let go while nobody looks.

use super::{Viewer, book::Book};
use crate::prelude::*;
use crate::{
    client::{ActionError, browser, retry_delay},
    logs::event,
    model::{ContainerId, LogEndReason},
    pages::logs::link::{LinkEvent, LinkState, LogStream, is_final, refusal, stream_url},
};
use leptos::task::spawn_local;
use std::time::Duration;

/// The contract allows 3 s of silence; a stream that says nothing for so long is dead.
const SILENCE: Duration = Duration::from_secs(10);
/// How often that is looked at.
const WATCH: Duration = Duration::from_secs(2);
/// A page that nobody sees for so long gives up its stream.
const REST_AFTER: Duration = Duration::from_secs(60);

impl Viewer {
    /// Opens the stream, behind the last line that came.
    pub(super) fn connect(self) {
        self.close();
        let rows = self.rows;
        let opening = self.book.try_update_value(|book| {
            if book.is_resting || book.is_all_over() {
                return None;
            }
            // The server knows of none that is gone.
            let is_there =
                |id: &ContainerId| rows.with_picture(|picture| picture.containers.contains_key(id)).unwrap_or_default();
            let wanted =
                |(source, id): &(usize, &ContainerId)| !book.is_over(*source) && (book.is_single || is_there(id));
            let ids: Vec<_> = book.ids.iter().enumerate().filter(wanted).map(|(_, id)| *id).collect();
            book.places.request(&ids);
            book.heard_at = browser::local_now();
            let place = book.places.last_event_id();
            let url = stream_url(book.is_single, &ids, &book.asked, place.as_deref());
            (!ids.is_empty()).then_some((book.serial, url))
        });
        let Some(Some((serial, url))) = opening else {
            self.rest_state();
            return;
        };
        if !matches!(self.link.try_get_untracked(), Some(LinkState::Waiting(_))) {
            self.link.try_set(LinkState::Opening);
        }
        let address = url.clone();
        let opened = LogStream::open(
            &url,
            Box::new(move |event| self.hear(serial, &event)),
            Box::new(move |was_refused| self.failed(serial, was_refused.then(|| address.clone()))),
        );
        let is_open = opened.is_some();
        drop(self.stream.update(|stream| std::mem::replace(stream, opened)));
        if !is_open {
            self.failed(serial, None);
        }
    }

    /// What is said where no stream is wanted.
    fn rest_state(self) {
        let state = self.book.try_with_value(|book| match (book.is_resting, book.is_all_over()) {
            (true, _) => LinkState::Resting,
            (_, true) => LinkState::Over,
            _ => LinkState::Idle,
        });
        self.link.try_set(state.unwrap_or_default());
    }

    /// Closes the stream; what is still on its way is not heard.
    pub(super) fn close(self) {
        self.book.try_update_value(|book| book.serial += 1);
        drop(self.stream.update(Option::take));
    }

    fn hear(self, serial: u32, event: &LinkEvent) {
        let heard = self.book.try_update_value(|book| {
            let is_current = book.serial == serial;
            if is_current {
                book.hear(event);
            }
            is_current.then_some(book.is_all_over())
        });
        let Some(Some(is_over)) = heard else { return };
        if is_over {
            self.close();
            self.rest_state();
        } else if self.link.try_with_untracked(|link| *link != LinkState::Live) == Some(true) {
            self.link.try_set(LinkState::Live);
        }
        self.draw_soon();
    }

    /// The stream broke, or was never one: then its address is asked why.
    fn failed(self, serial: u32, refused_at: Option<String>) {
        if self.book.try_with_value(|book| book.serial == serial) != Some(true) {
            return;
        }
        self.close();
        let Some(serial) = self.book.try_with_value(|book| book.serial) else { return };
        let Some(url) = refused_at else {
            self.try_again(None);
            return;
        };
        if !matches!(self.link.try_get_untracked(), Some(LinkState::Waiting(_))) {
            self.link.try_set(LinkState::Waiting(None));
        }
        spawn_local(async move {
            let error = refusal(&url).await;
            let standing = self.book.try_with_value(|book| (book.serial == serial).then_some(book.is_single)).flatten();
            match (error, standing) {
                (Some(error), Some(is_single)) if is_final(&error, is_single) => {
                    self.link.try_set(LinkState::Refused(error));
                }
                (error, Some(_)) => self.try_again(error),
                (_, None) => {}
            }
        });
    }

    /// Later, and later each time.
    fn try_again(self, why: Option<ActionError>) {
        self.link.try_set(LinkState::Waiting(why));
        self.book.try_update_value(|book| {
            book.failures = book.failures.saturating_add(1);
            let wait = retry_delay(book.failures, browser::random());
            if let Some(timer) = book.retry.take() {
                timer.clear();
            }
            book.retry = set_timeout_with_handle(move || self.connect(), wait).ok();
        });
    }

    /// A person, or the network, says that it may work now.
    pub fn connect_now(self) {
        self.book.try_update_value(|book| book.failures = 0);
        self.connect();
    }

    /// Watches for silence.
    pub(super) fn watch(self) {
        let watchdog = set_interval_with_handle(move || self.listen_for_silence(), WATCH).ok();
        self.book.try_update_value(|book| book.watchdog = watchdog);
    }

    fn listen_for_silence(self) {
        let is_open = self.link.try_with_untracked(|link| matches!(link, LinkState::Opening | LinkState::Live));
        let silent = self.book.try_with_value(|book| {
            (browser::local_now().since(book.heard_at) >= SILENCE && !book.is_resting).then_some(book.serial)
        });
        if let (Some(true), Some(Some(serial))) = (is_open, silent) {
            self.failed(serial, None);
        }
    }

    /// Rests a minute after the page was hidden; goes on when it is shown, or the network is back.
    pub(super) fn look_at_visibility(self) {
        let was_resting = self.book.try_update_value(|book| {
            if let Some(timer) = book.hiding.take() {
                timer.clear();
            }
            if browser::is_hidden() {
                book.hiding = set_timeout_with_handle(move || self.rest(), REST_AFTER).ok();
                return false;
            }
            std::mem::take(&mut book.is_resting)
        });
        let is_waiting = self.link.try_with_untracked(|link| matches!(link, LinkState::Waiting(_))).unwrap_or_default();
        if !browser::is_hidden() && (was_resting == Some(true) || is_waiting) {
            self.connect_now();
        }
        self.draw_soon();
    }

    /// Lets the stream go.
    pub(super) fn rest(self) {
        let is_over = self.book.try_update_value(|book| {
            book.is_resting = true;
            if let Some(timer) = book.retry.take() {
                timer.clear();
            }
            book.is_all_over()
        });
        self.close();
        if is_over == Some(false)
            && !self.link.try_with_untracked(|link| matches!(link, LinkState::Refused(_))).unwrap_or(true)
        {
            self.link.try_set(LinkState::Resting);
        }
    }

    /// Whether it is over because the time asked for is.
    pub fn ended_by_until(self) -> bool {
        self.book.try_with_value(|book| book.ended_by(LogEndReason::Until)).unwrap_or_default()
    }
}

impl Book {
    fn hear(&mut self, event: &LinkEvent) {
        self.heard_at = browser::local_now();
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
            "heartbeat" => self.take_server_time(event::server_time(&event.data)),
            "resume" => self.take_resume(event::container(&event.data)),
            _ => {}
        }
    }
}
