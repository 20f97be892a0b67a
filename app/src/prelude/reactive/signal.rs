//! Writable signals.

use super::held::{Guard, Held, copied, held_mut, hold, readable};
use leptos::{
    prelude as leptos_own,
    prelude::{Set, Write},
};
use std::{marker::PhantomData, ops::DerefMut};

/// Leptos's `RwSignal`.
pub struct RwSignal<T>(pub(super) leptos_own::RwSignal<Held>, PhantomData<fn() -> T>);

/// Leptos's `ArcRwSignal`.
pub struct ArcRwSignal<T>(pub(super) leptos_own::ArcRwSignal<Held>, PhantomData<fn() -> T>);

/// Leptos's `ArcReadSignal`.
pub struct ArcReadSignal<T>(pub(super) leptos_own::ArcReadSignal<Held>, PhantomData<fn() -> T>);

readable!(RwSignal);
readable!(ArcRwSignal);
readable!(ArcReadSignal);
copied!(RwSignal);

impl<T> Clone for ArcRwSignal<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<T> Clone for ArcReadSignal<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}

impl<T: Send + Sync + Default + 'static> Default for RwSignal<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: Send + Sync + Default + 'static> Default for ArcRwSignal<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T: Send + Sync + 'static> ArcRwSignal<T> {
    /// Creates a signal.
    pub fn new(value: T) -> Self {
        Self(leptos_own::ArcRwSignal::new(hold(value)), PhantomData)
    }

    /// A handle that can only read.
    pub fn read_only(&self) -> ArcReadSignal<T> {
        ArcReadSignal(self.0.read_only(), PhantomData)
    }
}

impl<T: Send + Sync + 'static> RwSignal<T> {
    /// Creates a signal.
    pub fn new(value: T) -> Self {
        Self(leptos_own::RwSignal::new(hold(value)), PhantomData)
    }
}

macro_rules! writable {
    ($name:ident) => {
        impl<T: Send + Sync + 'static> $name<T> {
            /// Sets the value; ignored if the signal is disposed, with a warning in debug builds.
            pub fn set(&self, value: T) {
                self.0.set(hold(value));
            }

            /// Sets the value; returns [`Refused`] if the signal is disposed.
            pub fn try_set(&self, value: T) -> Option<Refused> {
                self.0.try_set(hold(value)).map(|_| Refused)
            }

            /// Changes the value in a closure.
            pub fn update(&self, change: impl FnOnce(&mut T)) {
                self.try_update(change);
            }

            /// Changes the value in a closure and returns its result; `None` if the signal is
            /// disposed.
            pub fn try_update<U>(&self, change: impl FnOnce(&mut T) -> U) -> Option<U> {
                self.0.try_write().map(|mut guard| change(held_mut(&mut guard)))
            }

            /// Write access to the value; subscribers are notified when it is dropped.
            pub fn write(&self) -> Guard<T, impl DerefMut<Target = Held>> {
                Guard::new(self.0.write())
            }
        }
    };
}

writable!(RwSignal);
writable!(ArcRwSignal);

/// The signal is disposed, and was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;

impl<T: Send + Sync + 'static> RwSignal<T> {
    /// Changes the value in a closure; subscribers are notified if it returns true.
    pub fn maybe_update(&self, change: impl FnOnce(&mut T) -> bool) {
        leptos_own::Update::maybe_update(&self.0, |held| change(held_mut(held)));
    }
}
