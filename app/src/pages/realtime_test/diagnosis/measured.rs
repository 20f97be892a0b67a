//! Measurements behind a diagnosis.

use crate::prelude::*;
use crate::{
    diagnosis::{Diagnosis, Ending, Evidence, Proxy},
    format::duration_millis,
};

/// The list of measurements and of the headers that reveal a proxy.
pub fn measured(evidence: &Evidence, diagnosis: &Diagnosis) -> Erased {
    let plain = &evidence.plain;
    let millis = |millis: Option<u64>| millis.map_or_else(|| "–".to_owned(), duration_millis);
    view! {
        <dl class="facts" aria-label="Measurements">
            {fact("First response", millis(plain.response.as_ref().map(|response| response.at)))}
            {fact("Pings", format!("{}, the slowest {} behind the fastest", plain.pings.len(), millis(diagnosis.latest)))}
            {fact("Idle period", silence(evidence, diagnosis))}
            {fact("Compressed in transit", compressed(evidence))}
            {fact("Proxy", between(&diagnosis.proxy))}
            {fact("Evidence", signs(evidence))}
        </dl>
    }
    .erased()
}

fn fact(name: &'static str, value: String) -> Erased {
    view! {
        <div class="facts__row">
            <dt class="facts__name">{name}</dt>
            <dd dir="auto">{value}</dd>
        </div>
    }
    .erased()
}

fn silence(evidence: &Evidence, diagnosis: &Diagnosis) -> String {
    match (diagnosis.silence_endured, evidence.silent.ending, evidence.silent.ended_at) {
        (Some(endured), ..) => format!("{} without a disconnect", duration_millis(endured)),
        (None, Ending::Cut, Some(after)) => format!("closed after {}", duration_millis(after)),
        _ => "–".to_owned(),
    }
}

fn compressed(evidence: &Evidence) -> String {
    let encoding = evidence.plain.response.as_ref().and_then(|response| response.content_encoding.clone());
    encoding.map_or_else(|| "no".to_owned(), |encoding| format!("{encoding}, by a proxy"))
}

fn between(proxy: &Proxy) -> String {
    match proxy {
        Proxy::None => "none detected".to_owned(),
        Proxy::Nginx => "nginx".to_owned(),
        Proxy::Caddy => "Caddy".to_owned(),
        Proxy::Traefik => "Traefik".to_owned(),
        Proxy::Named(name) => name.clone(),
        Proxy::Unnamed => "unidentified".to_owned(),
    }
}

/// Headers and protocol versions that reveal a proxy.
fn signs(evidence: &Evidence) -> String {
    let (response, begin) = (evidence.plain.response.as_ref(), evidence.plain.begin.as_ref());
    let header = |name: &str, value: Option<&String>| value.map(|value| format!("{name}: {value}"));
    let lost = response.is_some_and(|response| response.is_stream && !response.accel_arrived);
    let signs = [
        header("Server", response.and_then(|response| response.server.as_ref())),
        header("Via", response.and_then(|response| response.via.as_ref())),
        header("Via, to the server", begin.and_then(|begin| begin.via.as_ref())),
        begin.filter(|begin| !begin.forwarded.is_empty()).map(|begin| begin.forwarded.join(", ")),
        begin.filter(|begin| begin.protocol != "HTTP/1.1").map(|begin| format!("{} to the server", begin.protocol)),
        lost.then(|| "X-Accel-Buffering removed".to_owned()),
    ];
    let signs: Vec<String> = signs.into_iter().flatten().collect();
    if signs.is_empty() { "none".to_owned() } else { signs.join(" · ") }
}
