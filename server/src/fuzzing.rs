//! Fuzz targets of all parsers of external input, called by `make fuzz` and by the corpus replay.
//!
//! In: arbitrary bytes. Out: nothing, or a panic for a finding. Only in tests and with the feature
//! `fuzzing`. `fuzz/fuzz_targets` has a program per target, and `fuzz/corpus` the inputs found so
//! far. Parsers that the browser shares are in `app::fuzzing`.

use crate::{
    engine::Framing,
    logs::{Decoder, Entry, visible},
};
use bytes::Bytes;

/// Fuzzes headers of requests: `Host`, `Origin`, `Accept-Encoding`, cookies, `Last-Event-ID`.
pub fn headers(bytes: &[u8]) {
    crate::http::fuzzing::headers(bytes);
}

/// Fuzzes the files of cgroups and processes.
pub fn kernel_file(bytes: &[u8]) {
    crate::sampler::kernel_file(bytes);
}

/// Fuzzes responses of the engine: list, inspect, stats, version and info, events.
pub fn engine_response(bytes: &[u8]) {
    crate::engine::fuzzing::response(bytes);
}

/// Fuzzes logs of the engine, which must give the same lines for any chunk size. The first byte
/// selects the chunk size and the framing.
pub fn log_bytes(bytes: &[u8]) {
    let Some((how, log)) = bytes.split_first() else { return };
    let framing = if how % 2 == 0 { Framing::Frames } else { Framing::Terminal };
    let max_line_bytes = if how % 4 < 2 { 64 } else { 64 << 10 };
    let whole = lines(framing, max_line_bytes, std::iter::once(log));
    let chunks = lines(framing, max_line_bytes, log.chunks(usize::from(how / 4) + 1));
    assert_eq!(whole, chunks, "lines depend on where they were cut");
    for entry in &whole {
        let Entry::Line(line) = entry else { continue };
        assert!(line.text.len() <= max_line_bytes, "{} bytes are kept", line.text.len());
        let _ = visible(&line.text);
    }
}

/// Fuzzes the masking of secrets in texts, command lines, labels and whole documents.
pub fn secrets(bytes: &[u8]) {
    crate::secrets::fuzzing::read(bytes);
}

fn lines<'a>(framing: Framing, max_line_bytes: usize, chunks: impl Iterator<Item = &'a [u8]>) -> Vec<Entry> {
    let mut decoder = Decoder::new(framing, max_line_bytes);
    let mut lines = Vec::new();
    for chunk in chunks {
        decoder.take(Bytes::copy_from_slice(chunk));
        lines.extend(std::iter::from_fn(|| decoder.entry()));
    }
    decoder.end();
    lines.extend(std::iter::from_fn(|| decoder.entry()));
    lines
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]

    #[test]
    fn earlier_findings_stay_fixed() {
        type Target = (&'static str, fn(&[u8]));
        let targets: [Target; 5] = [
            ("headers", super::headers),
            ("kernel_file", super::kernel_file),
            ("engine_response", super::engine_response),
            ("log_bytes", super::log_bytes),
            ("secrets", super::secrets),
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

    #[test]
    fn every_parser_takes_linear_time() {
        let targets: [fn(&[u8]); 5] =
            [super::headers, super::kernel_file, super::engine_response, super::log_bytes, super::secrets];
        for target in targets {
            for text in app::cost_check::HOSTILE {
                app::cost_check::check(target, text.as_bytes());
            }
        }
    }
}
