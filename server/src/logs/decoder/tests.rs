//! Logs as engines send them; those of dockerd 20.10 are recorded.

#![allow(clippy::unwrap_used, reason = "a test that cannot read its own data has failed")]

use super::*;
use proptest::prelude::*;

const STAMP: &str = "2026-11-23T15:58:44.380760140Z";
const LATER: &str = "2026-11-23T15:58:44.430292265Z";

/// The next line, without errors from the engine.
fn decoder_line(decoder: &mut Decoder) -> Option<Line> {
    match decoder.entry()? {
        Entry::Line(line) => Some(line),
        Entry::Error(_) => decoder_line(decoder),
    }
}

/// Decoded entries of `bytes`; errors from the engine are in brackets.
fn entries_of(framing: Framing, bytes: &[u8], size: usize) -> Vec<String> {
    let mut decoder = Decoder::new(framing, MAX_LINE_BYTES);
    let mut entries = Vec::new();
    let written = |entry: Entry| match entry {
        Entry::Line(line) => String::from_utf8_lossy(&line.text).into_owned(),
        Entry::Error(sentence) => format!("[{sentence}]"),
    };
    for part in bytes.chunks(size.max(1)) {
        decoder.take(Bytes::copy_from_slice(part));
        entries.extend(std::iter::from_fn(|| decoder.entry()).map(written));
    }
    decoder.end();
    entries.extend(std::iter::from_fn(|| decoder.entry()).map(written));
    entries
}

fn frame(kind: u8, message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[kind, 0, 0, 0], &length[..], message].concat()
}

/// Decoded lines of `bytes`, split into parts of `size`.
fn lines_of(framing: Framing, bytes: &[u8], size: usize) -> Vec<Line> {
    let mut decoder = Decoder::new(framing, MAX_LINE_BYTES);
    let mut lines = Vec::new();
    for part in bytes.chunks(size.max(1)) {
        decoder.take(Bytes::copy_from_slice(part));
        lines.extend(std::iter::from_fn(|| decoder_line(&mut decoder)));
    }
    decoder.end();
    lines.extend(std::iter::from_fn(|| decoder_line(&mut decoder)));
    lines
}

fn summaries(lines: &[Line]) -> Vec<(LogStream, String, bool)> {
    lines.iter().map(|line| (line.stream, String::from_utf8_lossy(&line.text).into_owned(), line.truncated)).collect()
}

fn out(text: &str) -> (LogStream, String, bool) {
    (LogStream::Stdout, text.to_owned(), false)
}

#[test]
fn frames_are_decoded_for_any_chunking() {
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
        assert_eq!(summaries(&lines), [out("one"), two, out(""), out("no end")], "{size}");
        assert_eq!(lines[0].time, LogTime(1_795_449_524_380_760_140));
    }
}

#[test]
fn parts_of_a_line_are_joined_by_their_timestamp() {
    // As dockerd sends the output of `head -c 40000 /dev/zero | tr '\0' x; echo`.
    let chunk =
        |stamp: &str, count: usize, end: &str| frame(1, format!("{stamp} {}{end}", "x".repeat(count)).as_bytes());
    let bytes = [
        chunk(STAMP, PART_BYTES, ""),
        frame(2, format!("{LATER} meanwhile\n").as_bytes()),
        chunk(STAMP, PART_BYTES, ""),
        chunk(STAMP, 7_232, "\n"),
        // A run that ended within a line, and the next run.
        chunk(LATER, 3, ""),
        chunk(STAMP, 2, "\n"),
    ]
    .concat();
    let lines = summaries(&lines_of(Framing::Frames, &bytes, 10_000));
    let meanwhile = (LogStream::Stderr, "meanwhile".to_owned(), false);
    assert_eq!(lines, [meanwhile, out(&"x".repeat(40_000)), out("xxx"), out("xx")]);
}

#[test]
fn an_endless_line_is_truncated_and_sent_immediately() {
    let chunk = frame(1, format!("{STAMP} {}", "x".repeat(PART_BYTES)).as_bytes());
    let mut decoder = Decoder::new(Framing::Frames, MAX_LINE_BYTES);
    let mut lines = Vec::new();
    for number in 1..=100 {
        decoder.take(Bytes::from(chunk.clone()));
        lines.extend(std::iter::from_fn(|| decoder_line(&mut decoder)));
        // The fifth part is more than 64 KiB.
        assert_eq!(lines.len(), usize::from(number >= 5));
    }
    decoder.take(frame(1, format!("{STAMP} end\n").as_bytes()).into());
    lines.extend(std::iter::from_fn(|| decoder_line(&mut decoder)));
    decoder.take(frame(1, format!("{LATER} next\n").as_bytes()).into());
    lines.extend(std::iter::from_fn(|| decoder_line(&mut decoder)));
    assert_eq!((lines.len(), lines[0].text.len(), lines[0].truncated), (2, MAX_LINE_BYTES, true));
    assert_eq!(summaries(&lines)[1], out("next"));
}

#[test]
fn a_frame_that_is_too_long_is_truncated() {
    let bytes = [
        frame(1, format!("{STAMP} {}\n", "é".repeat(MAX_LINE_BYTES)).as_bytes()),
        frame(1, format!("{LATER} b\n").as_bytes()),
    ];
    let lines = lines_of(Framing::Frames, &bytes.concat(), 4_096);
    assert_eq!((lines.len(), lines[0].truncated), (2, true));
    assert_eq!(String::from_utf8(lines[0].text.clone()).unwrap(), "é".repeat(MAX_LINE_BYTES / 2));
    assert_eq!(summaries(&lines)[1], out("b"));
}

#[test]
fn terminal_lines_may_have_any_bytes() {
    // As dockerd sends `printf "\001\002\377bin\n"` and 40,000 x in a terminal: a timestamp before
    // each part.
    let long = format!(
        "{STAMP} {}{STAMP} {}{STAMP} {}\r\n",
        "x".repeat(PART_BYTES),
        "x".repeat(PART_BYTES),
        "x".repeat(7_232)
    );
    let bytes = [
        format!("{STAMP} hello\r\n").into_bytes(),
        b"2026-11-23T15:58:44.1Z \x01\x02\xffbin\r\n".to_vec(),
        long.into_bytes(),
        format!("{LATER} $ ").into_bytes(),
    ]
    .concat();
    for size in [1, 100, bytes.len()] {
        let lines = summaries(&lines_of(Framing::Terminal, &bytes, size));
        assert_eq!(lines, [out("hello"), out("\u{1}\u{2}\u{fffd}bin"), out(&"x".repeat(40_000)), out("$ ")], "{size}");
    }
}

#[test]
fn an_endless_terminal_line_uses_bounded_memory() {
    let mut decoder = Decoder::new(Framing::Terminal, MAX_LINE_BYTES);
    decoder.take(Bytes::from(format!("{STAMP} ")));
    assert_eq!(decoder.entry(), None);
    let mut lines = Vec::new();
    for number in 1..=200 {
        decoder.take(Bytes::from(vec![b'x'; PART_BYTES]));
        lines.extend(std::iter::from_fn(|| decoder_line(&mut decoder)));
        // The fifth part exceeds 64 KiB: shown immediately, because the line may never end.
        assert_eq!(lines.len(), usize::from(number >= 5));
    }
    decoder.take(Bytes::from(format!("\n{LATER} next\n")));
    lines.extend(std::iter::from_fn(|| decoder_line(&mut decoder)));
    assert_eq!((lines.len(), lines[0].text.len(), lines[0].truncated), (2, MAX_LINE_BYTES, true));
    assert_eq!(summaries(&lines)[1], out("next"));
}

#[test]
fn timestamps_of_all_engines_are_read_and_missing_ones_inherited() {
    let bytes = [frame(1, b"2026-11-23T16:58:44+01:00 podman\n"), frame(1, b"no stamp at all\n"), frame(1, b"\n")];
    let lines = lines_of(Framing::Frames, &bytes.concat(), 64);
    assert_eq!(summaries(&lines), [out("podman"), out("no stamp at all"), out("")]);
    assert!(lines.iter().all(|line| line.time == LogTime(1_795_449_524_000_000_000)));
}

/// As dockerd sends terminal output with only carriage returns: a timestamp before each part, and
/// no line end.
fn progress(writings: usize) -> Vec<u8> {
    let text: String = (0..writings).map(|number| format!("{number:02500}\r")).collect();
    text.as_bytes().chunks(PART_BYTES).flat_map(|chunk| [format!("{STAMP} ").as_bytes(), chunk].concat()).collect()
}

#[test]
fn a_progress_bar_shows_its_newest_text() {
    let bytes = [format!("{STAMP} first\r\n").into_bytes(), progress(2_000)].concat();
    for size in [1_000, PART_BYTES, bytes.len()] {
        let mut decoder = Decoder::new(Framing::Terminal, MAX_LINE_BYTES);
        let mut lines = Vec::new();
        for part in bytes.chunks(size) {
            decoder.take(Bytes::copy_from_slice(part));
            lines.extend(std::iter::from_fn(|| decoder_line(&mut decoder)));
        }
        assert_eq!(summaries(&lines)[0], out("first"), "{size}");
        let numbers: Vec<usize> =
            lines[1..].iter().map(|line| String::from_utf8_lossy(&line.text).parse().unwrap()).collect();
        assert!(numbers.is_sorted() && lines.iter().all(|line| !line.truncated), "{size}");
        // 64 KiB are 26 overwrites.
        assert!(numbers.first().unwrap() <= &26 && numbers.last().unwrap() >= &1_970, "{size}: {numbers:?}");
        // Later lines are known, too.
        assert_eq!(decoder.unfinished().unwrap().text, format!("{:02500}", 1_999).as_bytes());
        decoder.end();
        assert!(decoder_line(&mut decoder).unwrap().text.ends_with(format!("{:02500}", 1_999).as_bytes()));
    }
}

#[test]
fn a_progress_bar_without_a_terminal_shows_its_newest_text() {
    let text: String = (0..100).map(|number| format!("{number:02500}\r")).collect::<String>() + "done";
    let mut frames: Vec<u8> = text
        .as_bytes()
        .chunks(PART_BYTES)
        .flat_map(|chunk| frame(2, &[format!("{STAMP} ").as_bytes(), chunk].concat()))
        .collect();
    frames.extend(frame(2, format!("{STAMP} \n").as_bytes()));
    let lines = lines_of(Framing::Frames, &frames, 10_000);
    assert!(lines.len() > 2 && lines.iter().all(|line| !line.truncated && line.stream == LogStream::Stderr));
    assert!(lines.last().unwrap().text.ends_with(b"\rdone"));
}

#[test]
fn engine_errors_are_not_lines() {
    let sentence = "invalid character 'x' looking for beginning of value";
    let bytes = [
        frame(1, format!("{STAMP} one\n").as_bytes()),
        frame(3, format!("Error grabbing logs: {sentence}\n").as_bytes()),
        frame(3, b"something else\n"),
        frame(3, b""),
        frame(0, format!("{STAMP} typed\n").as_bytes()),
        frame(7, format!("{STAMP} from the future\n").as_bytes()),
        frame(2, format!("{LATER} two\n").as_bytes()),
        frame(3, b"Error grabbing logs: cut off"),
    ]
    .concat();
    let unknown = "[It sent a frame of an unknown stream (7).]".to_owned();
    let expected =
        ["one".to_owned(), format!("[{sentence}]"), "[something else]".to_owned(), "typed".to_owned(), unknown]
            .into_iter()
            .chain(["two".to_owned(), "[cut off]".to_owned()])
            .collect::<Vec<_>>();
    for size in [1, 7, 8, 9, 50, bytes.len()] {
        assert_eq!(entries_of(Framing::Frames, &bytes, size), expected, "{size}");
    }
    // The log of a terminal has no frames: only the message has no timestamp.
    let bytes = format!("{STAMP} one\r\nError grabbing logs: {sentence}\n{STAMP} Error grabbing logs: a line\r\n");
    for size in [1, 13, bytes.len()] {
        let expected = ["one", &format!("[{sentence}]"), "Error grabbing logs: a line"];
        assert_eq!(entries_of(Framing::Terminal, bytes.as_bytes(), size), expected, "{size}");
    }
}

#[test]
fn a_frame_of_absurd_length_does_not_block() {
    let header = |kind: u8| [&[kind, 0, 0, 0][..], &u32::MAX.to_be_bytes()].concat();
    let text = format!("{STAMP} {}", "x".repeat(5 * PART_BYTES));
    let mut decoder = Decoder::new(Framing::Frames, MAX_LINE_BYTES);
    decoder.take([header(1), text.into_bytes()].concat().into());
    assert!(matches!(decoder.entry(), Some(Entry::Line(line)) if line.truncated && line.text.len() == MAX_LINE_BYTES));
    let mut decoder = Decoder::new(Framing::Frames, MAX_LINE_BYTES);
    decoder.take([header(50), vec![b'x'; 10]].concat().into());
    assert!(matches!(decoder.entry(), Some(Entry::Error(_))));
}

proptest! {
    /// A broken engine, or a container that prints bytes which look like headers, must not bring
    /// the server down.
    #[test]
    fn any_bytes_are_handled(bytes in prop::collection::vec(any::<u8>(), 0..2_000), size in 1..50_usize) {
        for framing in [Framing::Frames, Framing::Terminal] {
            for line in lines_of(framing, &bytes, size) {
                prop_assert!(line.text.len() <= MAX_LINE_BYTES);
            }
        }
    }

    #[test]
    fn lines_with_any_text_round_trip(
        texts in prop::collection::vec("[^\n]{0,40}", 1..20), size in 1..200_usize, kinds in prop::collection::vec(1..3_u8, 20),
    ) {
        let bytes: Vec<u8> = texts.iter().zip(&kinds).flat_map(|(text, kind)| frame(*kind, format!("{STAMP} {text}\n").as_bytes())).collect();
        let lines = lines_of(Framing::Frames, &bytes, size);
        let read: Vec<_> = lines.iter().map(|line| String::from_utf8(line.text.clone()).unwrap()).collect();
        // A carriage return before the line feed is part of the line's end.
        let texts: Vec<_> = texts.iter().map(|text| text.strip_suffix('\r').unwrap_or(text)).collect();
        prop_assert_eq!(read, texts);
    }

    #[test]
    fn a_carriage_return_before_the_line_feed_is_part_of_the_line_end(size in 1..60_usize) {
        let bytes = frame(1, format!("{STAMP} line 0\r\n").as_bytes());
        prop_assert_eq!(&lines_of(Framing::Frames, &bytes, size)[0].text, b"line 0");
    }
}
