//! Runs one diagnostic stream, and reads it chunk by chunk.
//!
//! In: a URL. Out: the [`Probe`], reported again with every chunk. Uses `fetch`, because an
//! `EventSource` shows neither the response headers nor how the stream ended. `crate::diagnosis`
//! interprets the result.

use super::browser::local_now;
use crate::base_path;
use crate::{
    diagnosis::{Arrival, Begin, Ending, Frames, Probe, ResponseHead, SentEvent},
    model::Timestamp,
};
use gloo_net::http::{Request, Response};
use js_sys::{Array, JSON, Reflect, Uint8Array};
use leptos::wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, ReadableStreamDefaultReader, RequestCache};

/// Reads a stream to its end, or until `stop` aborts it. Calls `report` with every chunk.
pub(super) async fn probe(url: &str, stop: AbortSignal, report: impl Fn(&Probe)) {
    let requested_at = local_now();
    let mut probe = Probe::default();
    let request =
        Request::get(&base_path::address(url)).header("accept", "text/event-stream").cache(RequestCache::NoStore);
    if let Ok(response) = request.abort_signal(Some(&stop)).send().await {
        probe.response = Some(response_head(&response, since(requested_at)));
        report(&probe);
        if response.ok() {
            read(&response, requested_at, &mut probe, &report).await;
        }
    }
    if probe.ending == Ending::Open {
        probe.ending = if stop.aborted() { Ending::GivenUp } else { Ending::Cut };
        probe.ended_at = Some(since(requested_at));
    }
    report(&probe);
}

fn since(requested_at: Timestamp) -> u64 {
    local_now().as_millis().saturating_sub(requested_at.as_millis())
}

fn response_head(response: &Response, at: u64) -> ResponseHead {
    let headers = response.headers();
    ResponseHead {
        at,
        status: response.status(),
        is_stream: headers.get("content-type").is_some_and(|kind| kind.starts_with("text/event-stream")),
        server: headers.get("server"),
        via: headers.get("via"),
        content_encoding: headers.get("content-encoding"),
        accel_arrived: headers.get("x-accel-buffering").is_some(),
    }
}

async fn read(response: &Response, requested_at: Timestamp, probe: &mut Probe, report: &impl Fn(&Probe)) {
    let Some(reader) = response.body().and_then(|body| ReadableStreamDefaultReader::new(&body).ok()) else { return };
    let mut frames = Frames::default();
    while let Ok(chunk) = JsFuture::from(reader.read()).await {
        // The last result has no value.
        let Ok(bytes) = get(&chunk, "value").dyn_into::<Uint8Array>() else { return };
        let received = since(requested_at);
        for event in frames.take(&bytes.to_vec()) {
            add_event(probe, &event, received);
        }
        report(probe);
    }
}

fn add_event(probe: &mut Probe, event: &SentEvent, received: u64) {
    let data = JSON::parse(&event.data).unwrap_or_default();
    let number = |name: &str| get(&data, name).as_f64().unwrap_or_default() as u64;
    let stamp = || Arrival { sent: number("sentMillis"), received };
    match event.name.as_str() {
        "begin" => probe.begin = Some(begin(&data, received)),
        "ping" => probe.pings.push(stamp()),
        "padding" => {
            let expected = probe.begin.as_ref().map(|begin| begin.padding_bytes);
            let length = get(&data, "text").as_string().map(|text| text.len());
            probe.altered = expected != length;
            probe.padding = Some(stamp());
        }
        "end" => (probe.ending, probe.ended_at) = (Ending::Whole, Some(received)),
        _ => {}
    }
}

fn begin(data: &JsValue, at: u64) -> Begin {
    let forwarded: Array = get(data, "forwarded").dyn_into().unwrap_or_default();
    Begin {
        at,
        protocol: get(data, "protocol").as_string().unwrap_or_default(),
        via: get(data, "via").as_string(),
        forwarded: forwarded.iter().filter_map(|name| name.as_string()).collect(),
        padding_bytes: get(data, "paddingBytes").as_f64().unwrap_or_default() as usize,
    }
}

/// Reads a field. By hand, as in [`super::use_monitoring_cost`].
fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or_default()
}
