//! Bytes as engines send them, recorded from dockerd 20.10 where it says so.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]

use super::*;
use proptest::prelude::*;

const STAMP: &str = "2026-11-23T15:58:44.380760140Z";
const LATER: &str = "2026-11-23T15:58:44.430292265Z";

fn frame(kind: u8, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[kind, 0, 0, 0], &length[..], message].concat()
}

/// What comes of `bytes`, cut into parts of `size`: stream, text, whether it was cut.
fn lines_of(framing: Framing, bytes: &[u8], size: usize) -> Vec<Line> {
    let mut decoder = Decoder::new(framing, LONGEST_LINE);
    let mut lines = Vec::new();
    for part in bytes.chunks(size.max(1)) {
        decoder.take(Bytes::copy_from_slice(part));
        lines.extend(std::iter::from_fn(|| decoder.line()));
    }
    decoder.end();
    lines.extend(std::iter::from_fn(|| decoder.line()));
    lines
}

fn told(lines: &[Line]) -> Vec<(LogStream, String, bool)> {
    lines.iter().map(|line| (line.stream, String::from_utf8_lossy(&line.text).into_owned(), line.truncated)).collect()
}

fn out(text: &str) -> (LogStream, String, bool) {
    (LogStream::Stdout, text.to_owned(), false)
}

#[test]
fn frames_become_lines_wherever_the_connection_cuts_them() {
    let bytes = [
        frame(1, format!("{STAMP} one\n").as_bytes()),
        frame(2, format!("{LATER} two\n").as_bytes()),
        frame(1, format!("{LATER} \n").as_bytes()),
        frame(1, &[]),
        frame(1, format!("{LATER} no end").as_bytes()),
    ]
    .concat();
    for size in [1, 7, 8, 9, 41, bytes.len()] {
        let lines = lines_of(Framing::Frames, &bytes, size);
        let two = (LogStream::Stderr, "two".to_owned(), false);
        assert_eq!(told(&lines), [out("one"), two, out(""), out("no end")], "{size}");
        assert_eq!(lines[0].time, LogTime(1_795_449_524_380_760_140));
    }
}

#[test]
fn pieces_of_a_line_are_joined_by_their_stamp() {
    // As dockerd tells `head -c 40000 /dev/zero | tr '\0' x; echo`.
    let piece =
        |stamp: &str, count: usize, end: &str| frame(1, format!("{stamp} {}{end}", "x".repeat(count)).as_bytes());
    let bytes = [
        piece(STAMP, PIECE, ""),
        frame(2, format!("{LATER} meanwhile\n").as_bytes()),
        piece(STAMP, PIECE, ""),
        piece(STAMP, 7_232, "\n"),
        // A run that ended within a line, and the next run.
        piece(LATER, 3, ""),
        piece(STAMP, 2, "\n"),
    ]
    .concat();
    let lines = told(&lines_of(Framing::Frames, &bytes, 10_000));
    let meanwhile = (LogStream::Stderr, "meanwhile".to_owned(), false);
    assert_eq!(lines, [meanwhile, out(&"x".repeat(40_000)), out("xxx"), out("xx")]);
}

#[test]
fn a_line_without_end_is_cut_and_told_at_once() {
    let piece = frame(1, format!("{STAMP} {}", "x".repeat(PIECE)).as_bytes());
    let mut decoder = Decoder::new(Framing::Frames, LONGEST_LINE);
    let mut lines = Vec::new();
    for number in 1..=100 {
        decoder.take(Bytes::from(piece.clone()));
        lines.extend(std::iter::from_fn(|| decoder.line()));
        // The fifth piece is more than 64 KiB.
        assert_eq!(lines.len(), usize::from(number >= 5));
    }
    decoder.take(frame(1, format!("{STAMP} end\n").as_bytes()).into());
    lines.extend(std::iter::from_fn(|| decoder.line()));
    decoder.take(frame(1, format!("{LATER} next\n").as_bytes()).into());
    lines.extend(std::iter::from_fn(|| decoder.line()));
    assert_eq!((lines.len(), lines[0].text.len(), lines[0].truncated), (2, LONGEST_LINE, true));
    assert_eq!(told(&lines)[1], out("next"));
}

#[test]
fn one_frame_that_is_too_long_is_cut() {
    let bytes = [
        frame(1, format!("{STAMP} {}\n", "é".repeat(LONGEST_LINE)).as_bytes()),
        frame(1, format!("{LATER} b\n").as_bytes()),
    ];
    let lines = lines_of(Framing::Frames, &bytes.concat(), 4_096);
    assert_eq!((lines.len(), lines[0].truncated), (2, true));
    assert_eq!(String::from_utf8(lines[0].text.clone()).unwrap(), "é".repeat(LONGEST_LINE / 2));
    assert_eq!(told(&lines)[1], out("b"));
}

#[test]
fn a_terminals_lines_hold_any_bytes() {
    // As dockerd tells `printf "\001\002\377bin\n"` and 40,000 x in a terminal: a stamp before each piece.
    let long = format!("{STAMP} {}{STAMP} {}{STAMP} {}\r\n", "x".repeat(PIECE), "x".repeat(PIECE), "x".repeat(7_232));
    let bytes = [
        format!("{STAMP} hello\r\n").into_bytes(),
        b"2026-11-23T15:58:44.1Z \x01\x02\xffbin\r\n".to_vec(),
        long.into_bytes(),
        format!("{LATER} $ ").into_bytes(),
    ]
    .concat();
    for size in [1, 100, bytes.len()] {
        let lines = told(&lines_of(Framing::Terminal, &bytes, size));
        assert_eq!(lines, [out("hello"), out("\u{1}\u{2}\u{fffd}bin"), out(&"x".repeat(40_000)), out("$ ")], "{size}");
    }
}

#[test]
fn a_terminals_line_without_end_takes_no_more_memory_than_another() {
    let mut decoder = Decoder::new(Framing::Terminal, LONGEST_LINE);
    decoder.take(Bytes::from(format!("{STAMP} ")));
    assert_eq!(decoder.line(), None);
    for _ in 0..200 {
        decoder.take(Bytes::from(vec![b'x'; PIECE]));
        assert_eq!(decoder.line(), None);
        assert!(decoder.message.len() < 2 * LONGEST_LINE);
    }
    decoder.take(Bytes::from(format!("\n{LATER} next\n")));
    let lines: Vec<_> = std::iter::from_fn(|| decoder.line()).collect();
    assert_eq!((lines[0].text.len(), lines[0].truncated), (LONGEST_LINE, true));
    assert_eq!(told(&lines)[1], out("next"));
}

#[test]
fn stamps_of_any_engine_are_read_and_what_has_none_has_the_time_before() {
    let bytes = [frame(1, b"2026-11-23T16:58:44+01:00 podman\n"), frame(1, b"no stamp at all\n"), frame(1, b"\n")];
    let lines = lines_of(Framing::Frames, &bytes.concat(), 64);
    assert_eq!(told(&lines), [out("podman"), out("no stamp at all"), out("")]);
    assert!(lines.iter().all(|line| line.time == LogTime(1_795_449_524_000_000_000)));
}

proptest! {
    /// A broken engine, or a container that prints bytes which look like headers, must not bring the server down.
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..2_000), size in 1..50_usize) {
        for framing in [Framing::Frames, Framing::Terminal] {
            for line in lines_of(framing, &bytes, size) {
                prop_assert!(line.text.len() <= LONGEST_LINE);
            }
        }
    }

    #[test]
    fn lines_of_any_text_come_back_as_they_were(
        texts in prop::collection::vec("[^\n]{0,40}", 1..20), size in 1..200_usize, kinds in prop::collection::vec(1..3_u8, 20),
    ) {
        let bytes: Vec<u8> = texts.iter().zip(&kinds).flat_map(|(text, kind)| frame(*kind, format!("{STAMP} {text}\n").as_bytes())).collect();
        let lines = lines_of(Framing::Frames, &bytes, size);
        let read: Vec<_> = lines.iter().map(|line| String::from_utf8(line.text.clone()).unwrap()).collect();
        prop_assert_eq!(read, texts);
    }
}
