//! Age of the stats on this page, as a context. In: the store. Out: a memo for all components that
//! show stats.

use super::{connection_indicator::at_this_moment, freshness::NumbersAges};
use crate::client::use_realtime_containers;
use crate::prelude::*;

/// Provides the age of the newest sample, and that of lost engines.
///
/// # Panics
/// Outside a [`crate::client::RealtimeProvider`].
pub fn provide_numbers_age() {
    let hook = use_realtime_containers();
    provide_context(Memo::new(move |_| at_this_moment(hook, |moment| moment.numbers_ages())));
}

/// The age of the stats; current if it is not provided.
pub fn use_numbers_age() -> Memo<NumbersAges> {
    use_context().unwrap_or_else(|| Memo::new(|_| NumbersAges::default()))
}
