//! Signals that are set.

use super::held::{Guard, Held, copied, held_mut, hold, readable};
use leptos::{
    prelude as leptos_own,
    prelude::{Set, Write},
};
use std::{marker::PhantomData, ops::DerefMut};

/// Leptos' `RwSignal`.
pub struct RwSignal<T>(pub(super) leptos_own::RwSignal<Held>, PhantomData<fn() -> T>);

/// Leptos' `ArcRwSignal`.
pub struct ArcRwSignal<T>(pub(super) leptos_own::ArcRwSignal<Held>, PhantomData<fn() -> T>);

/// Leptos' `ArcReadSignal`.
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
    /// Holds a value.
    pub fn new(value: T) -> Self {
        Self(leptos_own::ArcRwSignal::new(hold(value)), PhantomData)
    }

    /// For those who only read.
    pub fn read_only(&self) -> ArcReadSignal<T> {
        ArcReadSignal(self.0.read_only(), PhantomData)
    }
}

impl<T: Send + Sync + 'static> RwSignal<T> {
    /// Holds a value.
    pub fn new(value: T) -> Self {
        Self(leptos_own::RwSignal::new(hold(value)), PhantomData)
    }
}

macro_rules! writable {
    ($name:ident) => {
        impl<T: Send + Sync + 'static> $name<T> {
            /// Sets it; in vain once it is disposed of, which is reported in debug builds.
            pub fn set(&self, value: T) {
                self.0.set(hold(value));
            }

            /// Sets it; tells what it was given back where it is disposed of.
            pub fn try_set(&self, value: T) -> Option<Refused> {
                self.0.try_set(hold(value)).map(|_| Refused)
            }

            /// Changes it.
            pub fn update(&self, change: impl FnOnce(&mut T)) {
                self.try_update(change);
            }

            /// Changes it, and gives back what came of that; `None` once it is disposed of.
            pub fn try_update<U>(&self, change: impl FnOnce(&mut T) -> U) -> Option<U> {
                self.0.try_write().map(|mut guard| change(held_mut(&mut guard)))
            }

            /// The value, to be changed; who follows it is told afterwards.
            pub fn write(&self) -> Guard<T, impl DerefMut<Target = Held>> {
                Guard::new(self.0.write())
            }
        }
    };
}

writable!(RwSignal);
writable!(ArcRwSignal);

/// It was disposed of, and has taken nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;

impl<T: Send + Sync + 'static> RwSignal<T> {
    /// Changes it where the change says so.
    pub fn maybe_update(&self, change: impl FnOnce(&mut T) -> bool) {
        leptos_own::Update::maybe_update(&self.0, |held| change(held_mut(held)));
    }
}
