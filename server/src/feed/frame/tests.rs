#![allow(clippy::unwrap_used, reason = "a test that cannot decode has failed")]
use super::*;
use flate2::{Decompress, FlushDecompress};
use proptest::prelude::*;

/// Text that a browser decodes from each part.
fn decoded(parts: &[Bytes]) -> Vec<Vec<u8>> {
    assert_eq!(parts[0][..10], GZIP_HEADER);
    let mut inflate = Decompress::new(false);
    let mut texts = Vec::new();
    for (index, part) in parts.iter().enumerate() {
        let mut rest = if index == 0 { &part[10..] } else { &part[..] };
        let mut text = Vec::new();
        while !rest.is_empty() {
            text.reserve(1 << 16);
            let before = inflate.total_in();
            inflate.decompress_vec(rest, &mut text, FlushDecompress::Sync).unwrap();
            rest = &rest[usize::try_from(inflate.total_in() - before).unwrap()..];
        }
        // The rest in the decoder comes out without more input.
        text.reserve(1 << 20);
        inflate.decompress_vec(&[], &mut text, FlushDecompress::Sync).unwrap();
        texts.push(text);
    }
    texts
}

proptest! {
    #[test]
    fn any_frame_is_readable_as_soon_as_it_arrives(
        texts in prop::collection::vec(prop::collection::vec(prop::num::u8::ANY, 0..2_000), 1..12),
        kinds in prop::collection::vec(any::<bool>(), 12),
    ) {
        let mut parts = vec![preamble("retry: 1000\n", ContentEncoding::Gzip)];
        for (text, shared) in texts.iter().zip(kinds) {
            let plain = Bytes::from(text.clone());
            parts.push(if shared { Frame::new(plain).bytes(ContentEncoding::Gzip) } else { short_frame(plain, ContentEncoding::Gzip) });
        }
        let decoded = decoded(&parts);
        prop_assert_eq!(&decoded[0], b"retry: 1000\n");
        prop_assert_eq!(&decoded[1..], &texts[..]);
    }
}

#[test]
fn long_frames_are_complete() {
    let text: Vec<u8> = (0..300_000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    let plain = Bytes::from(text.clone());
    let parts = [
        preamble("", ContentEncoding::Gzip),
        Frame::new(plain.clone()).bytes(ContentEncoding::Gzip),
        short_frame(plain, ContentEncoding::Gzip),
        Frame::new(Bytes::from(vec![b'x'; 400_000])).bytes(ContentEncoding::Gzip),
    ];
    let decoded = decoded(&parts);
    assert!(decoded[1] == text && decoded[2] == text && decoded[3] == [b'x'; 400_000]);
}

#[test]
fn frames_are_compressed_once_and_smaller() {
    let frame = Frame::new(Bytes::from("a container, and another container, ".repeat(100)));
    let first = frame.bytes(ContentEncoding::Gzip);
    assert!(first.len() < 200);
    assert_eq!(first.as_ptr(), frame.bytes(ContentEncoding::Gzip).as_ptr());
}
