//! What a reader holds already, in one number: a snapshot need not tell such a reader the ids and names again, which are half of its bytes.
//!
//! A reader that lost its place says the number ([`fingerprint`]) when it opens a stream. Where the server holds the very same containers
//! under the same names, its snapshot says the number in place of them; a reader that holds others by then refuses the frame, and asks for a whole one.

use crate::model::Container;

/// FNV-1a, 64 bits: ids are random, and nobody gains by making two sets of them alike.
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

/// In the order of a snapshot: neighbours by name are of one project, and most of what a row says, its neighbour said.
pub(super) fn in_order<'a>(containers: impl Iterator<Item = &'a Container>) -> Vec<&'a Container> {
    let mut order: Vec<_> = containers.collect();
    order.sort_unstable_by(|one, other| (&one.name, &one.id).cmp(&(&other.name, &other.id)));
    order
}

/// Of these containers' ids and names; `None` where there are none to spare.
pub fn fingerprint<'a>(containers: impl Iterator<Item = &'a Container>) -> Option<u64> {
    fingerprint_in_order(&in_order(containers))
}

pub(super) fn fingerprint_in_order(order: &[&Container]) -> Option<u64> {
    let bytes = order.iter().flat_map(|each| each.id.as_bytes().iter().chain(each.name.as_bytes()).chain(&[0]));
    let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
    (!order.is_empty()).then(|| bytes.fold(BASIS, fold))
}
