//! A value whose type only those know who put it there.

use std::{
    any::Any,
    fmt,
    marker::PhantomData,
    ops::{Deref, DerefMut},
};

/// What every signal holds.
pub(super) type Held = Box<dyn Any + Send + Sync>;

/// Takes a value in.
pub(super) fn hold<T: Send + Sync + 'static>(value: T) -> Held {
    Box::new(value)
}

/// The value.
pub(super) fn held<T: 'static>(held: &Held) -> &T {
    match (**held).downcast_ref() {
        Some(value) => value,
        None => of_another_type(),
    }
}

/// The value, to be changed.
pub(super) fn held_mut<T: 'static>(held: &mut Held) -> &mut T {
    match (**held).downcast_mut() {
        Some(value) => value,
        None => of_another_type(),
    }
}

/// Handles are typed, so this does not happen.
#[cold]
fn of_another_type() -> ! {
    unreachable!("a signal holds a value of its own type")
}

/// A value that is being read: `G` is Leptos' own guard.
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

/// What every signal that can be read has in common; the names are those of Leptos' traits.
macro_rules! readable {
    ($name:ident) => {
        impl<T: Send + Sync + 'static> $name<T> {
            /// Follows it and reads it.
            ///
            /// # Panics
            /// Once it is disposed of, as the other ways that do not begin with `try_`.
            pub fn read(
                &self,
            ) -> $crate::prelude::reactive::Guard<T, impl std::ops::Deref<Target = $crate::prelude::reactive::held::Held>> {
                $crate::prelude::reactive::Guard::new(leptos::prelude::Read::read(&self.0))
            }

            /// Reads it without following it.
            pub fn read_untracked(
                &self,
            ) -> $crate::prelude::reactive::Guard<T, impl std::ops::Deref<Target = $crate::prelude::reactive::held::Held>> {
                $crate::prelude::reactive::Guard::new(leptos::prelude::ReadUntracked::read_untracked(&self.0))
            }

            /// Follows it.
            pub fn track(&self) {
                leptos::prelude::Track::track(&self.0);
            }

            /// Follows it, for a copy.
            pub fn get(&self) -> T
            where
                T: Clone,
            {
                self.read().clone()
            }

            /// A copy.
            pub fn get_untracked(&self) -> T
            where
                T: Clone,
            {
                self.read_untracked().clone()
            }

            /// Follows it, for a copy; `None` once it is disposed of.
            pub fn try_get(&self) -> Option<T>
            where
                T: Clone,
            {
                leptos::prelude::Read::try_read(&self.0).map(|guard| $crate::prelude::reactive::held::held::<T>(&guard).clone())
            }

            /// A copy; `None` once it is disposed of.
            pub fn try_get_untracked(&self) -> Option<T>
            where
                T: Clone,
            {
                self.try_with_untracked(T::clone)
            }

            /// Follows it and looks at it.
            pub fn with<U>(&self, look: impl FnOnce(&T) -> U) -> U {
                look(&self.read())
            }

            /// Looks at it.
            pub fn with_untracked<U>(&self, look: impl FnOnce(&T) -> U) -> U {
                look(&self.read_untracked())
            }

            /// Looks at it; `None` once it is disposed of.
            pub fn try_with_untracked<U>(&self, look: impl FnOnce(&T) -> U) -> Option<U> {
                leptos::prelude::ReadUntracked::try_read_untracked(&self.0)
                    .map(|guard| look($crate::prelude::reactive::held::held(&guard)))
            }
        }

        impl<T> std::fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}

/// What can be copied about, whatever it holds.
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
