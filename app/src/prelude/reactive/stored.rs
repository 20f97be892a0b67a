//! What is kept without anybody following it.

use super::held::{Held, copied, held, held_mut, hold};
use leptos::{
    prelude as leptos_own,
    prelude::{ReadValue, WriteValue},
};
use std::{fmt, marker::PhantomData};

/// Leptos' `StoredValue`.
pub struct StoredValue<T>(leptos_own::StoredValue<Held>, PhantomData<fn() -> T>);

copied!(StoredValue);

impl<T: Send + Sync + 'static> StoredValue<T> {
    /// Keeps a value.
    pub fn new(value: T) -> Self {
        Self(leptos_own::StoredValue::new(hold(value)), PhantomData)
    }

    /// Looks at it.
    ///
    /// # Panics
    /// Once it is disposed of.
    pub fn with_value<U>(&self, look: impl FnOnce(&T) -> U) -> U {
        look(held(&self.0.read_value()))
    }

    /// Looks at it; `None` once it is disposed of.
    pub fn try_with_value<U>(&self, look: impl FnOnce(&T) -> U) -> Option<U> {
        self.0.try_read_value().map(|guard| look(held(&guard)))
    }

    /// A copy.
    ///
    /// # Panics
    /// Once it is disposed of.
    pub fn get_value(&self) -> T
    where
        T: Clone,
    {
        self.with_value(T::clone)
    }

    /// A copy; `None` once it is disposed of.
    pub fn try_get_value(&self) -> Option<T>
    where
        T: Clone,
    {
        self.try_with_value(T::clone)
    }

    /// Changes it.
    pub fn update_value(&self, change: impl FnOnce(&mut T)) {
        self.try_update_value(change);
    }

    /// Changes it, and gives back what came of that; `None` once it is disposed of.
    pub fn try_update_value<U>(&self, change: impl FnOnce(&mut T) -> U) -> Option<U> {
        self.0.try_write_value().map(|mut guard| change(held_mut(&mut guard)))
    }

    /// Puts another in its place.
    pub fn set_value(&self, value: T) {
        self.try_set_value(value);
    }

    /// Puts another in its place, or gives it back where it is disposed of.
    pub fn try_set_value(&self, value: T) -> Option<T> {
        match self.0.try_write_value() {
            Some(mut guard) => {
                *held_mut(&mut guard) = value;
                None
            }
            None => Some(value),
        }
    }
}

impl<T> fmt::Debug for StoredValue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredValue")
    }
}
