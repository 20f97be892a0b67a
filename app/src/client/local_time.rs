//! Times of day in the user's time zone.
//!
//! The server does not know the zone, and the browser's first render must equal the server's. Until
//! then times are in UTC and marked so; from the first effect on they are local. Tooltips stay in
//! UTC.

use crate::{
    format::{clock_time, date_time, local_clock, local_date},
    model::Timestamp,
    prelude::*,
};

/// Formats times in the local time zone, or in UTC before the zone is known. Cheap to copy, and
/// tracked, so that times are rendered again once the zone is known.
#[derive(Debug, Clone, Copy)]
pub struct LocalTime(RwSignal<bool>);

impl LocalTime {
    /// Formats in UTC until [`LocalTime::set_known`].
    pub fn utc() -> Self {
        Self(RwSignal::new(false))
    }

    /// Formats in local time from now on. Must be called after the first render, which has to equal
    /// the server's.
    pub(super) fn set_known(self) {
        self.0.set(true);
    }

    /// True if times are local.
    pub fn is_known(self) -> bool {
        self.0.get()
    }

    /// A time of day: `14:03:22`, or `12:03:22 UTC`.
    pub fn clock(self, at: Timestamp) -> String {
        if self.is_known() { local_clock(at, offset_minutes(Some(at))) } else { clock_time(at) }
    }

    /// A date and time: `2026-11-23 14:03:22`, or `2026-11-23 12:03:22 UTC`.
    pub fn date_time(self, at: Timestamp) -> String {
        if self.is_known() { [self.date(at), self.clock(at)].join(" ") } else { date_time(at) }
    }

    /// A date: `2026-11-23`.
    pub fn date(self, at: Timestamp) -> String {
        local_date(at, if self.is_known() { offset_minutes(Some(at)) } else { 0 })
    }
}

/// Offset of this browser's time zone in minutes east of UTC, at a given time or now; 0 on the
/// server.
pub fn offset_minutes(at: Option<Timestamp>) -> i32 {
    if cfg!(feature = "ssr") {
        return 0;
    }
    let date = at.map_or_else(js_sys::Date::new_0, |at| js_sys::Date::new(&(at.as_millis() as f64).into()));
    #[expect(clippy::cast_possible_truncation, reason = "minutes of a day")]
    let west = date.get_timezone_offset() as i32;
    -west
}
