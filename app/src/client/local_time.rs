//! Times of day in the reader's zone.
//!
//! The server does not know the zone, and the browser's first render has to be the same as the server's. Until then times are in UTC and
//! say so; from the first effect on they are local. What is shown on hover stays UTC.

use crate::{
    format::{clock_time, date_time, local_clock, local_date},
    model::Timestamp,
    prelude::*,
};

/// Writes times; cheap to copy. Tracks, so that what it wrote is written again once the zone is known.
#[derive(Debug, Clone, Copy)]
pub struct LocalTime(RwSignal<bool>);

impl LocalTime {
    /// UTC at first; local from the first effect on, which runs in browsers only.
    pub(super) fn after_first_render() -> Self {
        let is_known = RwSignal::new(false);
        Effect::new(move |_| is_known.set(true));
        Self(is_known)
    }

    /// UTC for ever.
    #[cfg(any(feature = "ssr", test))]
    pub fn utc() -> Self {
        Self(RwSignal::new(false))
    }

    /// Whether times are local by now.
    pub fn is_known(self) -> bool {
        self.0.get()
    }

    /// `14:03:22`, or `12:03:22 UTC`.
    pub fn clock(self, at: Timestamp) -> String {
        if self.is_known() { local_clock(at, offset_minutes(Some(at))) } else { clock_time(at) }
    }

    /// `2026-11-23 14:03:22`, or `2026-11-23 12:03:22 UTC`.
    pub fn date_time(self, at: Timestamp) -> String {
        if self.is_known() { [self.date(at), self.clock(at)].join(" ") } else { date_time(at) }
    }

    /// `2026-11-23`.
    pub fn date(self, at: Timestamp) -> String {
        local_date(at, if self.is_known() { offset_minutes(Some(at)) } else { 0 })
    }
}

/// Minutes that this browser's zone is east of UTC, at a time or now; 0 on the server.
pub fn offset_minutes(at: Option<Timestamp>) -> i32 {
    if cfg!(feature = "ssr") {
        return 0;
    }
    let date = at.map_or_else(js_sys::Date::new_0, |at| js_sys::Date::new(&(at.as_millis() as f64).into()));
    #[expect(clippy::cast_possible_truncation, reason = "minutes of a day")]
    let west = date.get_timezone_offset() as i32;
    -west
}
