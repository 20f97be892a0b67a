//! Ids as base64 (the alphabet of addresses, without padding): 43 characters for 32 bytes. Deflate makes 32.6 bytes of them, and 36 of 64
//! hexadecimal digits, in which it finds repetitions that are none. Of a container that the reader holds already, the first 8 bytes are enough.

use crate::model::ContainerId;

#[cfg(any(feature = "ssr", test))]
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Characters of an id.
const LENGTH: usize = 43;
/// Characters of its beginning.
const SHORT_LENGTH: usize = 11;

/// The beginning of an id.
pub(super) type Beginning = [u8; 8];

#[cfg(any(feature = "ssr", test))]
pub(super) fn write(id: ContainerId, text: &mut Vec<u8>) {
    write_bytes(id.as_bytes(), text);
}

#[cfg(any(feature = "ssr", test))]
pub(super) fn write_beginning(id: ContainerId, text: &mut Vec<u8>) {
    write_bytes(&id.as_bytes()[..size_of::<Beginning>()], text);
}

#[cfg(any(feature = "ssr", test))]
fn write_bytes(bytes: &[u8], text: &mut Vec<u8>) {
    let digit = |bits: u32| ALPHABET[(bits & 63) as usize];
    for part in bytes.chunks(3) {
        let bits = part.iter().enumerate().fold(0, |bits, (place, byte)| bits | u32::from(*byte) << (16 - 8 * place));
        text.extend((0..=part.len()).map(|place| digit(bits >> (18 - 6 * place))));
    }
}

/// One after another, nothing in between; `None` when it is anything else.
pub(super) fn read_all(text: &str) -> Option<Vec<ContainerId>> {
    let id = |text: &[u8]| Some(ContainerId::from_bytes(read(text, LENGTH)?));
    text.as_bytes().chunks(LENGTH).map(id).collect()
}

/// The same of beginnings.
pub(super) fn read_beginnings(text: &str) -> Option<Vec<Beginning>> {
    text.as_bytes().chunks(SHORT_LENGTH).map(|text| read(text, SHORT_LENGTH)).collect()
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
        fn ids_come_back(ids in prop::collection::vec(any::<[u8; 32]>(), 0..4)) {
            let ids: Vec<_> = ids.into_iter().map(ContainerId::from_bytes).collect();
            let mut text = Vec::new();
            ids.iter().for_each(|id| write(*id, &mut text));
            let text = String::from_utf8(text).unwrap_or_default();
            prop_assert_eq!(text.len(), ids.len() * LENGTH);
            prop_assert_eq!(read_all(&text), Some(ids));
        }

        #[test]
        fn beginnings_come_back(ids in prop::collection::vec(any::<[u8; 32]>(), 0..4)) {
            let mut text = Vec::new();
            ids.iter().for_each(|id| write_beginning(ContainerId::from_bytes(*id), &mut text));
            let beginnings = ids.iter().map(|id| id[..8].try_into().unwrap_or_default()).collect::<Vec<_>>();
            prop_assert_eq!(read_beginnings(&String::from_utf8(text).unwrap_or_default()), Some(beginnings));
        }

        #[test]
        fn what_is_no_id_is_none(text in "[A-Za-z0-9+/=é]{1,42}") {
            prop_assert_eq!(read_all(&text), None);
        }
    }
}
