//! How old the numbers on this page are, for all that shows them. In: the hook. Out: a signal in the context.

use super::{connection_indicator::at_this_moment, freshness::NumbersAge};
use crate::client::use_realtime_containers;
use crate::prelude::*;

/// Keeps an eye on the age of the newest sample.
///
/// # Panics
/// Outside a [`crate::client::RealtimeProvider`].
pub fn provide_numbers_age() {
    let hook = use_realtime_containers();
    provide_context(Memo::new(move |_| at_this_moment(hook, |moment| moment.numbers_age())));
}

/// The age of the newest sample; current where nobody keeps an eye on it.
pub fn use_numbers_age() -> Memo<NumbersAge> {
    use_context().unwrap_or_else(|| Memo::new(|_| NumbersAge::Current))
}
