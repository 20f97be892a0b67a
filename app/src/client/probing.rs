//! One diagnostic stream, read piece by piece as it comes.
//!
//! In: an address. Out: the [`Probe`], told again with every piece. By `fetch`, since an `EventSource` shows neither the head of an
//! answer nor how it ended. The judgement is `crate::diagnosis`'s.

use super::browser::local_now;
use crate::base_path;
use crate::{
    diagnosis::{Answer, Arrival, Begin, Ending, Frames, Probe, SentEvent},
    model::Timestamp,
};
use gloo_net::http::{Request, Response};
use js_sys::{Array, JSON, Reflect, Uint8Array};
use leptos::wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, ReadableStreamDefaultReader, RequestCache};

/// Reads a stream to its end; `stop` is the page's own end of it.
pub(super) async fn probe(address: &str, stop: AbortSignal, told: impl Fn(&Probe)) {
    let asked_at = local_now();
    let mut probe = Probe::default();
    let request =
        Request::get(&base_path::address(address)).header("accept", "text/event-stream").cache(RequestCache::NoStore);
    if let Ok(response) = request.abort_signal(Some(&stop)).send().await {
        probe.answer = Some(answer(&response, since(asked_at)));
        told(&probe);
        if response.ok() {
            read(&response, asked_at, &mut probe, &told).await;
        }
    }
    if probe.ending == Ending::Open {
        probe.ending = if stop.aborted() { Ending::GivenUp } else { Ending::Cut };
        probe.ended_at = Some(since(asked_at));
    }
    told(&probe);
}

fn since(asked_at: Timestamp) -> u64 {
    local_now().as_millis().saturating_sub(asked_at.as_millis())
}

fn answer(response: &Response, at: u64) -> Answer {
    let headers = response.headers();
    Answer {
        at,
        status: response.status(),
        is_stream: headers.get("content-type").is_some_and(|kind| kind.starts_with("text/event-stream")),
        server: headers.get("server"),
        via: headers.get("via"),
        content_encoding: headers.get("content-encoding"),
        accel_arrived: headers.get("x-accel-buffering").is_some(),
    }
}

async fn read(response: &Response, asked_at: Timestamp, probe: &mut Probe, told: &impl Fn(&Probe)) {
    let Some(reader) = response.body().and_then(|body| ReadableStreamDefaultReader::new(&body).ok()) else { return };
    let mut frames = Frames::default();
    while let Ok(piece) = JsFuture::from(reader.read()).await {
        // `done` comes without a value.
        let Ok(bytes) = get(&piece, "value").dyn_into::<Uint8Array>() else { return };
        let came = since(asked_at);
        for event in frames.take(&bytes.to_vec()) {
            heard(probe, &event, came);
        }
        told(probe);
    }
}

fn heard(probe: &mut Probe, event: &SentEvent, came: u64) {
    let data = JSON::parse(&event.data).unwrap_or_default();
    let number = |name: &str| get(&data, name).as_f64().unwrap_or_default() as u64;
    let stamp = || Arrival { sent: number("sentMillis"), came };
    match event.name.as_str() {
        "begin" => probe.begin = Some(begin(&data, came)),
        "ping" => probe.pings.push(stamp()),
        "padding" => {
            let wanted = probe.begin.as_ref().map(|begin| begin.padding_bytes);
            let came = get(&data, "text").as_string().map(|text| text.len());
            probe.altered = wanted != came;
            probe.padding = Some(stamp());
        }
        "end" => (probe.ending, probe.ended_at) = (Ending::Whole, Some(came)),
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

/// Read by hand, as [`super::use_watching_cost`] does.
fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or_default()
}
