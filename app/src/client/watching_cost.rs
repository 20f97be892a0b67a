//! What watching costs the server and the engine: asked for every 2 s, while a view that shows it is on a visible page.

use super::use_realtime_containers;
use crate::model::{Timestamp, WatchingCost};
use gloo_net::http::Request;
use leptos::{prelude::*, task::spawn_local};
use web_sys::RequestCache;

/// One reading per period.
const PERIOD_MILLIS: u64 = 2_000;

/// `GET /api/cost`; `None` until the first answer, and on the server. An answer that fails leaves the last one.
pub fn use_watching_cost() -> Signal<Option<WatchingCost>> {
    let now = use_realtime_containers().now;
    let cost = RwSignal::new(None);
    // The clock ticks every second while the page is visible, and not at all while it is hidden.
    let period = Memo::new(move |_| now.get().as_millis() / PERIOD_MILLIS);
    Effect::new(move |_: Option<()>| {
        if now.get_untracked() > Timestamp::default() {
            period.track();
            spawn_local(async move {
                if let Some(answer) = fetch().await {
                    cost.try_set(Some(answer));
                }
            });
        }
    });
    cost.into()
}

async fn fetch() -> Option<WatchingCost> {
    let response = Request::get("/api/cost").cache(RequestCache::NoStore).send().await.ok()?;
    if !response.ok() {
        return None;
    }
    serde_json::from_str(&response.text().await.ok()?).ok()
}
