//! Values without reactivity.

use super::held::{Held, copied, held, held_mut, hold};
use leptos::{
    prelude as leptos_own,
    prelude::{ReadValue, WriteValue},
};
use std::{fmt, marker::PhantomData};

/// Leptos's `StoredValue`.
pub struct StoredValue<T>(leptos_own::StoredValue<Held>, PhantomData<fn() -> T>);

copied!(StoredValue);

impl<T: Send + Sync + 'static> StoredValue<T> {
    /// Stores a value.
    pub fn new(value: T) -> Self {
        Self(leptos_own::StoredValue::new(hold(value)), PhantomData)
    }

    /// Reads the value in a closure.
    ///
    /// # Panics
    /// Panics if it is disposed.
    pub fn with_value<U>(&self, read: impl FnOnce(&T) -> U) -> U {
        read(held(&self.0.read_value()))
    }

    /// Reads the value in a closure; `None` if it is disposed.
    pub fn try_with_value<U>(&self, read: impl FnOnce(&T) -> U) -> Option<U> {
        self.0.try_read_value().map(|guard| read(held(&guard)))
    }

    /// Returns a copy.
    ///
    /// # Panics
    /// Panics if it is disposed.
    pub fn get_value(&self) -> T
    where
        T: Clone,
    {
        self.with_value(T::clone)
    }

    /// Returns a copy; `None` if it is disposed.
    pub fn try_get_value(&self) -> Option<T>
    where
        T: Clone,
    {
        self.try_with_value(T::clone)
    }

    /// Changes the value in a closure.
    pub fn update_value(&self, change: impl FnOnce(&mut T)) {
        self.try_update_value(change);
    }

    /// Changes the value in a closure and returns its result; `None` if it is disposed.
    pub fn try_update_value<U>(&self, change: impl FnOnce(&mut T) -> U) -> Option<U> {
        self.0.try_write_value().map(|mut guard| change(held_mut(&mut guard)))
    }

    /// Replaces the value.
    pub fn set_value(&self, value: T) {
        self.try_set_value(value);
    }

    /// Replaces the value; returns it if the storage is disposed.
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
