//! Since when nobody has looked: what `away_line` then tells is in a chunk of its own, so that this is all that every page carries.
//!
//! The clock of a page stands still while it is hidden, so a leap of it is an absence. What was last seen is kept in the browser, for
//! all its tabs and for the next visit.

use crate::prelude::*;
use crate::{client::use_realtime_containers, model::Timestamp};
use std::time::Duration;
use web_sys::Storage;

/// Shorter than this, nobody has been away.
const AWAY: Duration = Duration::from_secs(5 * 60);
/// How often it is noted that somebody looks.
const NOTED_MILLIS: u64 = 10_000;
const KEY: &str = "quaylight-seen";

/// Since when, as far as it has not been told yet.
#[derive(Clone, Copy)]
struct LastVisit(RwSignal<Option<Timestamp>>);

/// Notices absences from now on.
///
/// # Server-side
/// Nobody has been away.
pub fn provide_last_visit() {
    let away_since = RwSignal::new(None);
    provide_context(LastVisit(away_since));
    let now = use_realtime_containers().now;
    let mut looked = Timestamp::default();
    Effect::new(move |_| {
        let now = now.get();
        // Once in ten seconds, not every second: each look is a way out to the browser.
        let is_noted = now.as_millis() / NOTED_MILLIS == looked.as_millis() / NOTED_MILLIS;
        if let Some(storage) = (!is_noted).then(|| window().local_storage().ok().flatten()).flatten() {
            if now.since(looked) >= AWAY
                && let Some(seen) = seen(&storage)
                && now.since(seen) >= AWAY
            {
                away_since.set(Some(seen));
            }
            let _ = storage.set_item(KEY, &now.as_millis().to_string());
        }
        looked = now;
    });
}

/// Since when somebody was away; to be emptied once it was told.
///
/// # Panics
/// Outside the component that called [`provide_last_visit`].
pub fn use_last_visit() -> RwSignal<Option<Timestamp>> {
    let LastVisit(away_since) = expect_context();
    away_since
}

fn seen(storage: &Storage) -> Option<Timestamp> {
    storage.get_item(KEY).ok()??.parse().ok().map(Timestamp::from_millis)
}
