//! What only a browser can hold.

use super::{held::copied, stored::StoredValue};
use leptos::{prelude as leptos_own, prelude::LocalStorage};
use std::fmt;

/// A value that may not change threads, as a stream's callbacks: nothing until an effect puts it there, and gone with the owner of that
/// effect. A server renders on one thread and drops on another what was rendered, so it must never hold one.
pub struct InBrowser<T>(StoredValue<Option<leptos_own::StoredValue<T, LocalStorage>>>);

copied!(InBrowser);

impl<T: 'static> Default for InBrowser<T> {
    fn default() -> Self {
        Self(StoredValue::new(None))
    }
}

impl<T: 'static> InBrowser<T> {
    /// Holds it from now on. Call it in an effect that runs once.
    pub fn hold(&self, value: T) {
        self.0.set_value(Some(leptos_own::StoredValue::new_local(value)));
    }

    /// Changes it, and gives back what came of that; `None` where there is none, or none any more.
    pub fn update<U>(&self, change: impl FnOnce(&mut T) -> U) -> Option<U> {
        use leptos_own::UpdateValue as _;
        self.0.try_get_value().flatten()?.try_update_value(change)
    }
}

impl<T> fmt::Debug for InBrowser<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InBrowser")
    }
}
