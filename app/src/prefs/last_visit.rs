//! Detects the end of the last visit. `last_visit_line`, which shows what has happened since, is in
//! its own chunk, so that every page loads only this module.
//!
//! The clock of a page stops while it is hidden, so a jump of the clock means that the user was
//! away. The time of the last visit is kept in the browser for all tabs and for the next visit.

use crate::prelude::*;
use crate::{client::use_realtime_containers, model::Timestamp};
use std::time::Duration;
use web_sys::Storage;

/// Minimum time between two visits.
const MIN_TIME_BETWEEN_VISITS: Duration = Duration::from_secs(5 * 60);
/// Interval in milliseconds at which the time of the visit is stored.
const STORE_INTERVAL_MILLIS: u64 = 10_000;
const KEY: &str = "quaylight-seen";

/// End of the last visit, until it is dismissed.
#[derive(Clone, Copy)]
struct LastVisit(RwSignal<Option<Timestamp>>);

/// Starts to detect the end of a visit.
///
/// # Server-side
/// Always empty.
pub fn provide_last_visit() {
    let ended_at = RwSignal::new(None);
    provide_context(LastVisit(ended_at));
    let now = use_realtime_containers().now;
    let mut last = Timestamp::default();
    Effect::new(move |_| {
        let now = now.get();
        // Not every second, because each access calls into the browser.
        let is_stored = now.as_millis() / STORE_INTERVAL_MILLIS == last.as_millis() / STORE_INTERVAL_MILLIS;
        if let Some(storage) = (!is_stored).then(|| window().local_storage().ok().flatten()).flatten() {
            if now.since(last) >= MIN_TIME_BETWEEN_VISITS
                && let Some(seen) = seen(&storage)
                && now.since(seen) >= MIN_TIME_BETWEEN_VISITS
            {
                ended_at.set(Some(seen));
            }
            let _ = storage.set_item(KEY, &now.as_millis().to_string());
        }
        last = now;
    });
}

/// End of the last visit; cleared when the user dismisses it.
///
/// # Panics
/// Outside the component that called [`provide_last_visit`].
pub fn use_last_visit() -> RwSignal<Option<Timestamp>> {
    let LastVisit(ended_at) = expect_context();
    ended_at
}

fn seen(storage: &Storage) -> Option<Timestamp> {
    storage.get_item(KEY).ok()??.parse().ok().map(Timestamp::from_millis)
}
