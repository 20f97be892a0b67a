//! A value with its type erased.

use std::{
    any::Any,
    fmt,
    marker::PhantomData,
    ops::{Deref, DerefMut},
};

/// The value stored by every signal.
pub(super) type Held = Box<dyn Any + Send + Sync>;

/// Boxes a value.
pub(super) fn hold<T: Send + Sync + 'static>(value: T) -> Held {
    Box::new(value)
}

/// Returns the value.
pub(super) fn held<T: 'static>(held: &Held) -> &T {
    match (**held).downcast_ref() {
        Some(value) => value,
        None => of_another_type(),
    }
}

/// Returns the value, mutable.
pub(super) fn held_mut<T: 'static>(held: &mut Held) -> &mut T {
    match (**held).downcast_mut() {
        Some(value) => value,
        None => of_another_type(),
    }
}

/// Cannot happen, since handles are typed.
#[cold]
fn of_another_type() -> ! {
    unreachable!("a signal holds a value of its own type")
}

/// Read access to a value; `G` is Leptos's own guard.
pub struct Guard<T, G>(G, PhantomData<fn() -> T>);

impl<T, G> Guard<T, G> {
    pub(super) const fn new(guard: G) -> Self {
        Self(guard, PhantomData)
    }
}

impl<T: 'static, G: Deref<Target = Held>> Deref for Guard<T, G> {
    type Target = T;

    fn deref(&self) -> &T {
        held(&self.0)
    }
}

impl<T: 'static, G: DerefMut<Target = Held>> DerefMut for Guard<T, G> {
    fn deref_mut(&mut self) -> &mut T {
        held_mut(&mut self.0)
    }
}

impl<T, G> fmt::Debug for Guard<T, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}

/// Methods of every readable signal, named as in Leptos's traits.
macro_rules! readable {
    ($name:ident) => {
        impl<T: Send + Sync + 'static> $name<T> {
            /// Tracks and reads the value.
            ///
            /// # Panics
            /// Panics if the signal is disposed, as do all methods without `try_`.
            pub fn read(
                &self,
            ) -> $crate::prelude::reactive::Guard<T, impl std::ops::Deref<Target = $crate::prelude::reactive::held::Held>> {
                $crate::prelude::reactive::Guard::new(leptos::prelude::Read::read(&self.0))
            }

            /// Reads the value without tracking.
            pub fn read_untracked(
                &self,
            ) -> $crate::prelude::reactive::Guard<T, impl std::ops::Deref<Target = $crate::prelude::reactive::held::Held>> {
                $crate::prelude::reactive::Guard::new(leptos::prelude::ReadUntracked::read_untracked(&self.0))
            }

            /// Tracks the signal.
            pub fn track(&self) {
                leptos::prelude::Track::track(&self.0);
            }

            /// Tracks the signal and returns a copy.
            pub fn get(&self) -> T
            where
                T: Clone,
            {
                self.read().clone()
            }

            /// Returns a copy without tracking.
            pub fn get_untracked(&self) -> T
            where
                T: Clone,
            {
                self.read_untracked().clone()
            }

            /// Tracks the signal and returns a copy; `None` if it is disposed.
            pub fn try_get(&self) -> Option<T>
            where
                T: Clone,
            {
                leptos::prelude::Read::try_read(&self.0).map(|guard| $crate::prelude::reactive::held::held::<T>(&guard).clone())
            }

            /// Returns a copy without tracking; `None` if the signal is disposed.
            pub fn try_get_untracked(&self) -> Option<T>
            where
                T: Clone,
            {
                self.try_with_untracked(T::clone)
            }

            /// Tracks the signal and reads its value in a closure.
            pub fn with<U>(&self, read: impl FnOnce(&T) -> U) -> U {
                read(&self.read())
            }

            /// Reads the value in a closure without tracking.
            pub fn with_untracked<U>(&self, read: impl FnOnce(&T) -> U) -> U {
                read(&self.read_untracked())
            }

            /// Reads the value in a closure without tracking; `None` if the signal is disposed.
            pub fn try_with_untracked<U>(&self, read: impl FnOnce(&T) -> U) -> Option<U> {
                leptos::prelude::ReadUntracked::try_read_untracked(&self.0)
                    .map(|guard| read($crate::prelude::reactive::held::held(&guard)))
            }
        }

        impl<T> std::fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}

/// Implements `Clone` and `Copy` for a handle, whatever its value type.
macro_rules! copied {
    ($name:ident) => {
        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T> Copy for $name<T> {}
    };
}

pub(super) use {copied, readable};
