//! What `make fuzz` and the replay of its corpus call: every reader here of bytes from outside, with what has to hold whatever they are.
//!
//! In: any bytes. Out: nothing; a panic is the finding. Only in tests and with the feature `fuzzing`. `fuzz/fuzz_targets` has a program for
//! each, and `fuzz/corpus` what they found so far. `app::fuzzing` has the readers that the browser has, too.

use crate::logs::{Decoder, Entry, Framing, visible};
use bytes::Bytes;

/// Headers of requests: `Host`, `Origin`, `Accept-Encoding`, cookies, `Last-Event-ID`.
pub fn headers(bytes: &[u8]) {
    crate::http::fuzzing::headers(bytes);
}

/// Files of cgroups and processes.
pub fn kernel_file(bytes: &[u8]) {
    crate::sampler::kernel_file(bytes);
}

/// Answers of the engine: list, inspect, stats, version and info, events.
pub fn engine_answer(bytes: &[u8]) {
    crate::engine::fuzzing::response(bytes);
}

/// Logs as the engine sends them: the same lines however they were cut. The first byte says how, and whether there are headers.
pub fn log_bytes(bytes: &[u8]) {
    let Some((how, log)) = bytes.split_first() else { return };
    let framing = if how % 2 == 0 { Framing::Frames } else { Framing::Terminal };
    let longest = if how % 4 < 2 { 64 } else { 64 << 10 };
    let whole = lines(framing, longest, std::iter::once(log));
    let pieces = lines(framing, longest, log.chunks(usize::from(how / 4) + 1));
    assert_eq!(whole, pieces, "lines depend on where they were cut");
    for entry in &whole {
        let Entry::Line(line) = entry else { continue };
        assert!(line.text.len() <= longest, "{} bytes are kept", line.text.len());
        let _ = visible(&line.text);
    }
}

/// Masking of secrets in texts, command lines, labels and whole documents.
pub fn secrets(bytes: &[u8]) {
    crate::secrets::fuzzing::read(bytes);
}

fn lines<'a>(framing: Framing, longest: usize, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Entry> {
    let mut decoder = Decoder::new(framing, longest);
    let mut lines = Vec::new();
    for piece in pieces {
        decoder.take(Bytes::copy_from_slice(piece));
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
    fn what_was_found_stays_fixed() {
        type Target = (&'static str, fn(&[u8]));
        let targets: [Target; 5] = [
            ("headers", super::headers),
            ("kernel_file", super::kernel_file),
            ("engine_answer", super::engine_answer),
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
    fn every_reader_takes_time_in_proportion_to_its_input() {
        let targets: [fn(&[u8]); 5] =
            [super::headers, super::kernel_file, super::engine_answer, super::log_bytes, super::secrets];
        for target in targets {
            for text in app::cost_check::HOSTILE {
                app::cost_check::check(target, text.as_bytes());
            }
        }
    }
}
