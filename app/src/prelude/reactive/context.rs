//! Context values, provided to all components inside.
//!
//! Leptos compiles its search through the owners for every value type. Here Leptos holds a single
//! type, a [`Shelf`], and values on it are found by their `TypeId`. Values that Leptos itself or
//! the server provides are found with Leptos's own search.

use super::held::{Held, held, hold};
use leptos::prelude as leptos_own;
use std::{any::TypeId, sync::Arc};

/// Provided values, newest first.
#[derive(Clone)]
struct Shelf(Arc<Given>);

struct Given {
    of: TypeId,
    value: Held,
    before: Option<Shelf>,
}

/// Leptos's `provide_context`.
pub fn provide_context<T: Send + Sync + 'static>(value: T) {
    give(TypeId::of::<T>(), hold(value));
}

fn give(of: TypeId, value: Held) {
    let before = leptos_own::use_context::<Shelf>();
    leptos_own::provide_context(Shelf(Arc::new(Given { of, value, before })));
}

/// Leptos's `use_context`.
pub fn use_context<T: Clone + 'static>() -> Option<T> {
    let given = find(TypeId::of::<T>()).map(|given| held::<T>(&given.value).clone());
    #[cfg(feature = "ssr")]
    let given = given.or_else(leptos_own::use_context::<T>);
    given
}

fn find(of: TypeId) -> Option<Arc<Given>> {
    let mut next = leptos_own::use_context::<Shelf>();
    while let Some(Shelf(given)) = next {
        if given.of == of {
            return Some(given);
        }
        next = given.before.clone();
    }
    None
}

/// Leptos's `expect_context`.
///
/// # Panics
/// Panics if no value of this type is provided.
pub fn expect_context<T: Clone + 'static>() -> T {
    match use_context() {
        Some(value) => value,
        None => not_given(std::any::type_name::<T>()),
    }
}

#[cold]
fn not_given(name: &str) -> ! {
    unreachable!("a component needs {name}, which no component around it provides")
}
