//! Fuzz targets: every parser of external bytes in this crate, with its invariants. `make fuzz` and
//! the replay of its corpus call them.
//!
//! In: any bytes. Out: nothing; a panic is a finding. Compiled for tests and with the feature
//! `fuzzing`. `fuzz/fuzz_targets` has a program for each, `fuzz/corpus` the inputs found so far.

use crate::{
    logs::{LogsQuery, ansi, event, json, level_of, tree},
    model::{ContainerId, Timestamp},
    page_request::PageRequest,
    protocol::{Frame, FrameId, Picture, compact},
    query::{self, ListQuery},
};

/// Fuzzes URLs and searches of the list: written text is read back unchanged, and a suggestion
/// starts at a character boundary.
pub fn address(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let parsed = ListQuery::parse(&text);
    let href = parsed.href();
    let search = href.split_once('?').map_or("", |(_, search)| search);
    assert_eq!(ListQuery::parse(search).href(), href, "an address is read back unchanged");
    assert_eq!(query::decode(&query::encode(&text)), text);
    let remembered = parsed.remembered_words(Some(&href));
    let _ = (ListQuery::home_of(&remembered), ListQuery::parse_over(parsed, &remembered));
    let picture = Picture::default();
    let caret = bytes.first().map_or(0, |byte| usize::from(*byte));
    let (from, _) = query::suggest(&text, caret, &picture);
    assert!(text.is_char_boundary(from), "{from} in {text:?}");
    let _ = LogsQuery::parse(&text).0.for_stream(&|_| 0);
}

/// Fuzzes frames of the stream in both formats; the first byte selects the event.
pub fn frame(bytes: &[u8]) {
    let Some((kind, data)) = bytes.split_first() else { return };
    let event = ["snapshot", "delta", "heartbeat", "other"][usize::from(kind % 4)];
    let text = String::from_utf8_lossy(data);
    let mut picture = Picture::default();
    for read in [compact::read(event, &text, &picture.containers), Frame::parse(event, &text)].into_iter().flatten() {
        picture.apply(read);
    }
    // Ids, as in `Last-Event-ID`.
    if let Ok(id) = text.parse::<FrameId>() {
        assert_eq!(id.to_string().parse::<FrameId>().ok(), Some(id));
    }
    let _ = (text.parse::<ContainerId>(), text.parse::<Timestamp>());
}

/// Fuzzes log lines and the events that carry them: colors, JSON, levels.
pub fn log_line(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let shown: String = ansi::runs(ansi::visible_part(&text)).iter().map(|run| run.text).collect();
    assert_eq!(shown, ansi::plain(&text));
    let fields = json::fields(&text);
    if let Some(fields) = &fields {
        for (name, value) in fields {
            let _ = (json::unescaped(name), value.readable());
        }
    }
    let _ = level_of(&text, fields.is_some());
    let _ = tree::tree(&text);
    let _ = (event::printed(&text), event::ended(&text), event::container(&text), event::gap(&text));
    let folded = crate::format::Folded::new(&text);
    for place in folded.places(&crate::format::fold(text.get(..2).unwrap_or("e"))) {
        assert!(text.get(place).is_some());
    }
}

/// Fuzzes the request headers that pages are rendered from.
pub fn page_headers(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (host, cookies) = text.split_once('\n').unwrap_or((&text, ""));
    let request = PageRequest::from_headers(Some(host), Some(cookies));
    let _ = ListQuery::parse(&request.list);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]

    #[test]
    fn former_fuzzing_findings_pass() {
        type Target = (&'static str, fn(&[u8]));
        let targets: [Target; 4] = [
            ("address", super::address),
            ("frame", super::frame),
            ("log_line", super::log_line),
            ("page_headers", super::page_headers),
        ];
        for (name, target) in targets {
            let folder = format!("{}/../fuzz/corpus/{name}", env!("CARGO_MANIFEST_DIR"));
            let mut replayed = 0;
            for entry in std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder}: {error}")) {
                target(&std::fs::read(entry.unwrap().path()).unwrap());
                replayed += 1;
            }
            assert!(replayed > 0, "{folder} is empty");
        }
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn every_parser_runs_in_linear_time() {
        let targets: [fn(&[u8]); 4] = [super::address, super::frame, super::log_line, super::page_headers];
        for target in targets {
            for text in crate::cost_check::HOSTILE {
                crate::cost_check::check(target, text.as_bytes());
            }
        }
    }
}
