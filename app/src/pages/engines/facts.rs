//! Facts of an engine in words. Pure, but for the badge.

use crate::prelude::*;
use crate::{
    format::{bytes, duration_millis, to_hundredths},
    model::{Engine, EngineHop, EngineKind, EngineLink, EngineName, EngineTraffic},
    parts::icon::{Glyph, Icon},
};

/// Minimum offset of an engine's clock that is shown, in milliseconds.
const MIN_OFFSET_MILLIS: u64 = 1_000;

/// State of the connection, by shape and word.
pub fn link_badge(link: EngineLink) -> Erased {
    let (tone, glyph, word) = match link {
        EngineLink::Up => ("running", Glyph::Disc, "Connected"),
        EngineLink::Connecting => ("restarting", Glyph::Circle, "Connecting"),
        EngineLink::Lost => ("failed", Glyph::Warning, "Connection lost"),
    };
    view! {
        <span class=format!("state-badge state-badge--{tone}")>
            <Icon glyph />
            {word}
        </span>
    }
    .erased()
}

/// State of the connection between another Quaylight and its engine.
pub fn engine_link(engine: &Engine) -> String {
    let words = match engine.engine_link {
        None => "–",
        Some(EngineLink::Up) => "connected to its engine",
        Some(EngineLink::Connecting) => "connecting to its engine",
        Some(EngineLink::Lost) => "connection to its engine lost",
    };
    words.to_owned()
}

/// Product and version: `Docker 28.5.2`.
pub fn version(engine: &Engine) -> String {
    let kind = match engine.kind {
        EngineKind::Docker => "Docker",
        EngineKind::Podman => "Podman",
        EngineKind::Demo => "Demo",
        // The version is its engine's.
        EngineKind::Quaylight => "Quaylight, engine",
    };
    match &engine.version {
        Some(version) => format!("{kind} {version}"),
        None => "–".to_owned(),
    }
}

/// The step on the way to the engine that fails.
pub fn hop_words(engine: &Engine) -> String {
    let words = match engine.hop {
        None => "none",
        Some(EngineHop::Dns) => "name resolution (DNS)",
        Some(EngineHop::Connect) => "connection",
        Some(EngineHop::Tls) => "TLS",
        Some(EngineHop::Ssh) => "SSH",
        Some(EngineHop::Auth) => "authentication",
        Some(EngineHop::Http) => "HTTP",
        Some(EngineHop::Engine) => "engine",
    };
    words.to_owned()
}

/// `Fails at TLS: the certificate expired. Renew it.`; without an error, the notice, or empty.
pub fn notes(engine: &Engine) -> String {
    let Some(error) = &engine.error else { return engine.notice.clone().unwrap_or_default() };
    let step = if engine.hop.is_some() { format!("Fails at {}: ", hop_words(engine)) } else { String::new() };
    format!("{step}{} {}", error.message, error.hint).trim_end().to_owned()
}

/// Round trip to the engine: `12 ms`.
pub fn round_trip(engine: &Engine) -> String {
    engine.round_trip_millis.map_or_else(|| "–".to_owned(), duration_millis)
}

/// Offset of the engine's clock, however small: `2.5 s ahead of the server, ± 40 ms`.
pub fn clock(engine: &Engine) -> String {
    let Some(offset) = engine.clock_offset_millis else { return "–".to_owned() };
    let side = if offset < 0 { "behind" } else { "ahead of" };
    let error = engine.clock_error_millis.map(|error| format!(", ± {}", duration_millis(error)));
    format!("{} {side} the server{}", duration_millis(offset.unsigned_abs()), error.unwrap_or_default())
}

/// Note about the engine's clock, if it differs by more than a second: `Clock 2.5 s ahead of the
/// server, ± 40 ms`.
pub fn clock_words(engine: &Engine) -> Option<String> {
    let offset = engine.clock_offset_millis?;
    (offset.unsigned_abs() > MIN_OFFSET_MILLIS).then(|| format!("Clock {}", clock(engine)))
}

/// `3.5 calls/s, 12 KiB/s received, 512 B/s sent`.
pub fn traffic(engine: &EngineTraffic) -> String {
    let [received, sent] =
        [engine.received_bytes_per_second, engine.sent_bytes_per_second].map(|rate| bytes(rate as u64));
    format!("{} calls/s, {received}/s received, {sent}/s sent", to_hundredths(engine.calls_per_second))
}

/// The names of the engines that have the same id: `web-1, web-2`.
pub fn same_engine(engine: &Engine) -> Option<String> {
    let names: Vec<_> = engine.same_engine_as.iter().copied().map(EngineName::as_str).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{model::EngineProblem, samples::engine};

    #[test]
    fn a_clock_is_mentioned_if_it_differs_by_more_than_a_second() {
        let offset = |millis| Engine { clock_offset_millis: Some(millis), clock_error_millis: Some(40), ..engine() };
        assert_eq!(clock_words(&engine()), None);
        assert_eq!(clock_words(&offset(1_000)), None);
        assert_eq!(clock_words(&offset(2_500)).as_deref(), Some("Clock 2.5 s ahead of the server, ± 40 ms"));
        assert_eq!(clock_words(&offset(-3_600_000)).as_deref(), Some("Clock 3600.0 s behind the server, ± 40 ms"));
    }

    #[test]
    fn an_error_names_its_step_and_what_to_do() {
        let error = EngineProblem {
            code: "tls".to_owned(),
            message: "The certificate expired.".to_owned(),
            hint: "Renew it.".to_owned(),
        };
        let failing = Engine { error: Some(error), hop: Some(EngineHop::Tls), ..engine() };
        assert_eq!(notes(&failing), "Fails at TLS: The certificate expired. Renew it.");
        assert_eq!(notes(&Engine { hop: None, ..failing }), "The certificate expired. Renew it.");
        assert_eq!(notes(&engine()), "");
    }

    #[test]
    fn the_engine_of_another_quaylight_is_named() {
        let far = Engine { kind: EngineKind::Quaylight, engine_link: Some(EngineLink::Lost), ..engine() };
        assert_eq!(version(&far), "Quaylight, engine 28.5.2");
        assert_eq!(engine_link(&far), "connection to its engine lost");
    }

    #[test]
    fn engines_with_the_same_id_are_named() {
        let name = |name| EngineName::new(name).unwrap_or_default();
        let twice = Engine { same_engine_as: vec![name("a"), name("b")], ..engine() };
        assert_eq!(same_engine(&twice).as_deref(), Some("a, b"));
        assert_eq!(same_engine(&engine()), None);
    }

    #[test]
    fn traffic_has_units() {
        let engine = EngineTraffic {
            engine: EngineName::LOCAL,
            calls_per_second: 3.5,
            sent_bytes_per_second: 512.0,
            received_bytes_per_second: 12_288.0,
        };
        assert_eq!(traffic(&engine), "3.5 calls/s, 12 KiB/s received, 512 B/s sent");
    }

    #[test]
    fn unknown_facts_are_a_dash() {
        let new = Engine { version: None, round_trip_millis: None, clock_offset_millis: None, ..engine() };
        assert_eq!([version(&new), round_trip(&new), clock(&new), engine_link(&new)], ["–", "–", "–", "–"]);
        assert_eq!(round_trip(&Engine { round_trip_millis: Some(12), ..engine() }), "12 ms");
    }
}
