//! Values that exist in the browser only.

use super::{held::copied, stored::StoredValue};
use leptos::{prelude as leptos_own, prelude::LocalStorage};
use std::fmt;

/// A value that is not `Send`, such as callbacks of a stream: empty until an effect sets it, and
/// dropped with the owner of that effect. On the server it stays empty, since pages are rendered on
/// one thread and dropped on another.
pub struct InBrowser<T>(StoredValue<Option<leptos_own::StoredValue<T, LocalStorage>>>);

copied!(InBrowser);

impl<T: 'static> Default for InBrowser<T> {
    fn default() -> Self {
        Self(StoredValue::new(None))
    }
}

impl<T: 'static> InBrowser<T> {
    /// Sets the value. Call it in an effect that runs once.
    pub fn hold(&self, value: T) {
        self.0.set_value(Some(leptos_own::StoredValue::new_local(value)));
    }

    /// Changes the value and returns the closure's result; `None` if there is no value.
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
