//! Fingerprint of the containers a reader holds. A snapshot for such a reader leaves out ids and
//! names, which are half of its bytes.
//!
//! A reader that needs a snapshot sends the [`fingerprint`] of its containers when it opens a
//! stream. If the server holds the same ids and names, its snapshot contains the fingerprint
//! instead of them. If the reader's containers have changed by then, it rejects the frame and
//! requests a full snapshot.

use crate::model::Container;

/// Offset basis of FNV-1a with 64 bits. A simple hash is enough: ids are random, and a collision
/// gains nothing.
const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

/// Sorts by engine and name, the order of a snapshot. Neighbors belong to one project and have
/// similar values, which compress well.
pub(super) fn in_order<'a>(containers: impl Iterator<Item = &'a Container>) -> Vec<&'a Container> {
    let mut order: Vec<_> = containers.collect();
    order.sort_unstable_by(|one, other| (one.engine, &one.name, &one.id).cmp(&(other.engine, &other.name, &other.id)));
    order
}

/// Fingerprint of the containers' ids and names; `None` if there are no containers. Their engines
/// are part of the frame.
pub fn fingerprint<'a>(containers: impl Iterator<Item = &'a Container>) -> Option<u64> {
    fingerprint_in_order(&in_order(containers))
}

pub(super) fn fingerprint_in_order(order: &[&Container]) -> Option<u64> {
    let bytes = order.iter().flat_map(|each| each.id.as_bytes().iter().chain(each.name.as_bytes()).chain(&[0]));
    let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
    (!order.is_empty()).then(|| bytes.fold(BASIS, fold))
}
