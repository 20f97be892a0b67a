//! Container ids as URL-safe base64 without padding: 43 characters for 32 bytes. Deflate needs 32.6
//! bytes for these, and 36 for 64 hex digits. For a container that the reader holds, the first 8
//! bytes are enough.

use crate::model::ContainerId;

#[cfg(any(feature = "ssr", test))]
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Number of characters in an id.
const LENGTH: usize = 43;
/// Number of characters in a prefix.
const PREFIX_LENGTH: usize = 11;

/// The first eight bytes of an id.
pub(super) type Prefix = [u8; 8];

#[cfg(any(feature = "ssr", test))]
pub(super) fn write(id: ContainerId, text: &mut Vec<u8>) {
    write_bytes(id.as_bytes(), text);
}

#[cfg(any(feature = "ssr", test))]
pub(super) fn write_prefix(id: ContainerId, text: &mut Vec<u8>) {
    write_bytes(&id.as_bytes()[..size_of::<Prefix>()], text);
}

#[cfg(any(feature = "ssr", test))]
fn write_bytes(bytes: &[u8], text: &mut Vec<u8>) {
    let digit = |bits: u32| ALPHABET[(bits & 63) as usize];
    for part in bytes.chunks(3) {
        let bits = part.iter().enumerate().fold(0, |bits, (place, byte)| bits | u32::from(*byte) << (16 - 8 * place));
        text.extend((0..=part.len()).map(|place| digit(bits >> (18 - 6 * place))));
    }
}

/// Reads concatenated ids; `None` if the text is anything else.
pub(super) fn read_all(text: &str) -> Option<Vec<ContainerId>> {
    let id = |text: &[u8]| Some(ContainerId::from_bytes(read(text, LENGTH)?));
    text.as_bytes().chunks(LENGTH).map(id).collect()
}

/// Reads concatenated prefixes.
pub(super) fn read_prefixes(text: &str) -> Option<Vec<Prefix>> {
    text.as_bytes().chunks(PREFIX_LENGTH).map(|text| read(text, PREFIX_LENGTH)).collect()
}

fn read<const SIZE: usize>(text: &[u8], length: usize) -> Option<[u8; SIZE]> {
    let mut bytes = [0; SIZE];
    if text.len() != length {
        return None;
    }
    for (part, digits) in bytes.chunks_mut(3).zip(text.chunks(4)) {
        let mut bits = 0;
        for (place, digit) in digits.iter().enumerate() {
            bits |= value(*digit)? << (18 - 6 * place);
        }
        for (place, byte) in part.iter_mut().enumerate() {
            *byte = (bits >> (16 - 8 * place)) as u8;
        }
    }
    Some(bytes)
}

fn value(digit: u8) -> Option<u32> {
    Some(u32::from(match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ids_round_trip(ids in prop::collection::vec(any::<[u8; 32]>(), 0..4)) {
            let ids: Vec<_> = ids.into_iter().map(ContainerId::from_bytes).collect();
            let mut text = Vec::new();
            ids.iter().for_each(|id| write(*id, &mut text));
            let text = String::from_utf8(text).unwrap_or_default();
            prop_assert_eq!(text.len(), ids.len() * LENGTH);
            prop_assert_eq!(read_all(&text), Some(ids));
        }

        #[test]
        fn prefixes_round_trip(ids in prop::collection::vec(any::<[u8; 32]>(), 0..4)) {
            let mut text = Vec::new();
            ids.iter().for_each(|id| write_prefix(ContainerId::from_bytes(*id), &mut text));
            let prefixes = ids.iter().map(|id| id[..8].try_into().unwrap_or_default()).collect::<Vec<_>>();
            prop_assert_eq!(read_prefixes(&String::from_utf8(text).unwrap_or_default()), Some(prefixes));
        }

        #[test]
        fn other_text_is_rejected(text in "[A-Za-z0-9+/=é]{1,42}") {
            prop_assert_eq!(read_all(&text), None);
        }
    }
}
