//! Resource usage of the server and its engines: fetched every 2 s while a view on a visible page shows it.

use super::use_realtime_containers;
use crate::base_path::address;
use crate::model::{EngineName, EngineTraffic, MonitoringCost, ProcessCost};
use crate::prelude::*;
use gloo_net::http::Request;
use js_sys::{Array, JSON, Reflect};
use leptos::{
    task::spawn_local,
    wasm_bindgen::{JsCast, JsValue},
};
use web_sys::RequestCache;

/// Interval between fetches.
const FETCH_INTERVAL_MILLIS: u64 = 2_000;

/// The response of `GET /api/cost`; `None` until the first response, and on the server. A failed
/// request keeps the last value.
pub fn use_monitoring_cost() -> Signal<Option<MonitoringCost>> {
    let now = use_realtime_containers().now;
    let cost = RwSignal::new(None);
    // The clock ticks every second while the page is visible, and not at all while it is hidden.
    let period = Memo::new(move |_| now.get().as_millis() / FETCH_INTERVAL_MILLIS);
    Effect::new(move |_: Option<()>| {
        // Read, not only tracked: a memo that was never read does not track anything.
        if period.get() > 0 {
            spawn_local(async move {
                if let Some(new) = fetch().await {
                    cost.try_set(Some(new));
                }
            });
        }
    });
    cost.into()
}

async fn fetch() -> Option<MonitoringCost> {
    let response = Request::get(&address("/api/cost")).cache(RequestCache::NoStore).send().await.ok()?;
    if !response.ok() {
        return None;
    }
    let body: JsValue = JSON::parse(&response.text().await.ok()?).ok()?;
    let number = |name: &str| get(&body, name).as_f64();
    let list = |name: &str| -> Array { get(&body, name).dyn_into().unwrap_or_default() };
    let (processes, engines) = (list("engine"), list("engines"));
    let engine = processes.iter().map(|process| ProcessCost {
        name: get(&process, "name").as_string().unwrap_or_default(),
        cpu_percent: get(&process, "cpuPercent").as_f64(),
    });
    let engines = engines.iter().filter_map(|traffic| {
        Some(EngineTraffic {
            engine: EngineName::new(&get(&traffic, "engine").as_string()?).ok()?,
            calls_per_second: get(&traffic, "callsPerSecond").as_f64()?,
            sent_bytes_per_second: get(&traffic, "sentBytesPerSecond").as_f64()?,
            received_bytes_per_second: get(&traffic, "receivedBytesPerSecond").as_f64()?,
        })
    });
    Some(MonitoringCost {
        cpu_percent: number("cpuPercent"),
        memory: number("memory").map(|bytes| bytes as u64),
        engine_calls_per_second: number("engineCallsPerSecond"),
        time_per_sample_micros: number("timePerSampleMicros").map(|micros| micros as u64),
        viewers: number("viewers").unwrap_or_default() as u64,
        engine: engine.collect(),
        engines: engines.collect(),
    })
}

/// Reads a field. By hand, because derived types would add 3 kB to the browser's module.
fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or_default()
}
