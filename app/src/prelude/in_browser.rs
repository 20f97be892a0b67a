//! Values that exist in the browser only.

use leptos::prelude::*;
use std::fmt;

/// A value that is not `Send`, such as callbacks of a stream: empty until an effect sets it, and
/// dropped with the owner of that effect. Stays empty on the server, because pages are rendered on
/// one thread and dropped on another.
pub struct InBrowser<T>(StoredValue<Option<StoredValue<T, LocalStorage>>>);

impl<T> Clone for InBrowser<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for InBrowser<T> {}

impl<T: 'static> Default for InBrowser<T> {
    fn default() -> Self {
        Self(StoredValue::new(None))
    }
}

impl<T: 'static> InBrowser<T> {
    /// Sets the value. Must be called in an effect that runs once.
    pub fn hold(&self, value: T) {
        self.0.set_value(Some(StoredValue::new_local(value)));
    }

    /// Changes the value and returns the closure's result; `None` if there is no value.
    pub fn update<U>(&self, change: impl FnOnce(&mut T) -> U) -> Option<U> {
        self.0.try_get_value().flatten()?.try_update_value(change)
    }
}

impl<T> fmt::Debug for InBrowser<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InBrowser")
    }
}
